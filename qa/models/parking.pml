/* Parking: a thread that found nothing to do sleeps, whoever gives it work wakes it (core/ring.c, run/threads.c).
 *
 *     spin -a parking.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *     qa/check/models
 *
 * Two producers, each with a ring of its own, and the owner that reads both. A store is seen by others later than it was
 * made: each thread has a store buffer that empties in order and at any time; a read-modify-write empties it first. The
 * sleep has no time-out here, so a wake-up that is lost shows as an owner asleep with work in a ring: an invalid end
 * state.
 *
 * BROKEN_RECHECK: the owner does not look again after it said that it is about to sleep. BROKEN_LOAD: the producer only
 * looks whether the owner sleeps, by a plain read. BROKEN_STORE: the owner says so by a plain store. */

#define GIVEN 2 /* items each producer gives */

byte tail[2]; /* as others see them */
byte asleep;
bool stored[2];   /* a producer's store of its tail is in its buffer */
byte buffered[2]; /* its value */
bool own_stored;  /* the owner's store of asleep */
byte own_value;

/* Buffers empty when they like. */
active [2] proctype memory()
{
    byte me = _pid % 2;
end:
    do
    :: atomic { stored[me] -> tail[me] = buffered[me]; stored[me] = false }
    od
}

active proctype owners_memory()
{
end:
    do
    :: atomic { own_stored -> asleep = own_value; own_stored = false }
    od
}

proctype producer(byte me)
{
    byte n, was;
    do
    :: n < GIVEN ->
        n++;
        atomic { !stored[me] -> stored[me] = true; buffered[me] = n } /* the ring's release store */
#ifdef BROKEN_LOAD
        atomic {
            was = asleep;
            if
            :: was -> asleep = 0
            :: else -> skip
            fi
        }
#else
        atomic { !stored[me] -> was = asleep; asleep = 0 } /* exchange; the futex wakes who sleeps on asleep == 1 */
#endif
    :: else -> break
    od
}

inline look()
{
    did = false;
    if
    :: head[0] != tail[0] -> head[0] = tail[0]; did = true
    :: else -> skip
    fi;
    if
    :: head[1] != tail[1] -> head[1] = tail[1]; did = true
    :: else -> skip
    fi
}

proctype owner()
{
    byte head[2];
    bool did;
    do
    :: head[0] == GIVEN && head[1] == GIVEN -> break
    :: else ->
        look();
        if
        :: did -> skip
        :: else ->
            /* parking_prepare */
#ifdef BROKEN_STORE
            atomic { !own_stored -> own_stored = true; own_value = 1 }
#else
            atomic { !own_stored -> asleep = 1 }
#endif
            /* Look once more, then sleep or cancel. */
#ifdef BROKEN_RECHECK
            skip;
#else
            if
            :: head[0] != tail[0] || head[1] != tail[1] -> goto cancel
            :: else -> skip
            fi;
#endif
            /* The futex goes to sleep only if asleep is still 1, and the kernel's look is ordered. */
            atomic { !own_stored -> skip }
            asleep == 0;
cancel:
            atomic { !own_stored -> own_stored = true; own_value = 0 }
        fi
    od
}

init
{
    atomic {
        run producer(0);
        run producer(1);
        run owner()
    }
}
