/* The ring between two threads (core/ring.c).
 *
 *     spin -a ring.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *     qa/check/models
 *
 * The ring has two slots and counts modulo four, so that the indices wrap. Memory is weak: a plain store is pending until
 * it is seen, in any order with other pending ones; a release store waits for all that were made before it. Both sides
 * keep their last look at the other's index, as the code does. Items come out once and in order.
 *
 * BROKEN_RELEASE: the tail is stored plainly. BROKEN_EARLY_HEAD: the consumer frees a slot before it read it. */

#define SLOTS 2
#define WRAP  4
#define ITEMS 5

byte slot[SLOTS];
byte head, tail;
bool slot_pending[SLOTS];
byte slot_value[SLOTS];
bool tail_pending;
byte tail_value;

active proctype memory()
{
end:
    do
    :: atomic { slot_pending[0] -> slot[0] = slot_value[0]; slot_pending[0] = false }
    :: atomic { slot_pending[1] -> slot[1] = slot_value[1]; slot_pending[1] = false }
    :: atomic { tail_pending -> tail = tail_value; tail_pending = false }
    od
}

active proctype ring_push()
{
    byte n = 1, mine, seen;
    do
    :: n <= ITEMS ->
        if
        :: (mine + WRAP - seen) % WRAP == SLOTS -> seen = head /* full, as far as was seen: look again */
        :: else ->
            atomic { !slot_pending[mine % SLOTS] -> slot_pending[mine % SLOTS] = true; slot_value[mine % SLOTS] = n }
            mine = (mine + 1) % WRAP;
#ifdef BROKEN_RELEASE
            atomic { !tail_pending -> tail_pending = true; tail_value = mine }
#else
            atomic { !tail_pending && !slot_pending[0] && !slot_pending[1] -> tail_pending = true; tail_value = mine }
#endif
            n++
        fi
    :: else -> break
    od
}

active proctype ring_pop()
{
    byte expected = 1, mine, seen;
    do
    :: expected <= ITEMS ->
        if
        :: mine == seen -> seen = tail
        :: else ->
#ifdef BROKEN_EARLY_HEAD
            head = (mine + 1) % WRAP;
            assert(slot[mine % SLOTS] == expected);
            mine = (mine + 1) % WRAP;
#else
            assert(slot[mine % SLOTS] == expected);
            mine = (mine + 1) % WRAP;
            head = mine;
#endif
            expected++
        fi
    :: else -> break
    od
}
