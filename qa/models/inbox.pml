/* The inbox: many producers push nodes of their own, one consumer takes all at once (core/ring.c). It is what the re-entry
 * edge is made of.
 *
 *     spin -a inbox.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *     qa/check/models
 *
 * Nothing is lost or taken twice, and each producer's nodes come in the order in which they were pushed. As only the whole
 * list is ever taken, a node that comes back and is pushed again can't be mistaken.
 *
 * BROKEN_PUSH: a push stores instead of comparing and exchanging. */

/* Items 1 and 2 are of one producer, 3 and 4 of the other; next as in the items, 0 for none. */
byte newest;
byte next[5];
bool taken[5];
byte pushed;

proctype push(byte first)
{
    byte item = first, was;
    do
    :: item < first + 2 ->
        was = newest;
again:
        next[item] = was;
#ifdef BROKEN_PUSH
        newest = item;
#else
        atomic {
            if
            :: newest == was -> newest = item
            :: else -> was = newest; goto again
            fi
        }
#endif
        item++
    :: else -> break
    od;
    pushed++
}

proctype consume()
{
    byte list, oldest, older, got, last[2];
    do
    :: got < 4 && (newest != 0 || pushed < 2) ->
        if
        :: newest == 0 -> skip
        :: else ->
            atomic { list = newest; newest = 0 }
            oldest = 0;
            do
            :: list != 0 -> older = next[list]; next[list] = oldest; oldest = list; list = older
            :: else -> break
            od;
            do
            :: oldest != 0 ->
                assert(!taken[oldest]);
                taken[oldest] = true;
                got++;
                /* In the order of each producer. */
                assert(oldest > last[(oldest - 1) / 2]);
                last[(oldest - 1) / 2] = oldest;
                oldest = next[oldest]
            :: else -> break
            od
        fi
    :: else -> break
    od;
    assert(got == 4)
}

init
{
    atomic {
        run push(1);
        run push(3);
        run consume()
    }
}
