/* What lanes wait for from each other (src/decap/news.h, join.c): tunnels that are parked, and how far lanes have told.
 *
 *     spin -a news.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan            deadlocks
 *     qa/check/models                                                      and the broken variants
 *
 * What is modelled: two lanes that take numbered packets in order, each at its own speed; any packet may open a tunnel,
 * which is parked. One that could teach names waits for all that has a lower number; one that waits for its payload waits
 * for what comes later, WAIT packets at most. Each lane says up to which number it has told all it will, which what
 * teaches holds back. Every order of kinds, lanes and steps. A lane ends when nothing is parked.
 *
 * Each BROKEN_ variant takes one rule away; spin must find what it was there for. */

#define PACKETS 5
#define WAIT    2
#define ALL     99

#ifdef BROKEN_LAST
#define AFTER_LAST PACKETS /* after the last packet some number never comes */
#else
#define AFTER_LAST ALL
#endif

mtype = { NOTHING, TEACHES, WAITS };

mtype kind[PACKETS + 1];
bool in_second[PACKETS + 1]; /* the packet's lane */

bool parked[2 * (PACKETS + 1)];
byte seen[2];
byte told[2];
byte lowest[2]; /* the lowest packet that may still teach */
byte lanes_over;

#define PARKED(n) parked[me * (PACKETS + 1) + n]

inline publish()
{
    n = 1;
    lowest[me] = ALL;
    do
    :: n <= PACKETS && lowest[me] == ALL && PARKED(n) && kind[n] == TEACHES -> lowest[me] = n
    :: n <= PACKETS && !(lowest[me] == ALL && PARKED(n) && kind[n] == TEACHES) -> n++
    :: n > PACKETS -> break
    od;
#ifdef BROKEN_LOWEST
    /* While anything parked teaches, whatever is parked first holds back. */
    n = 1;
    do
    :: n <= PACKETS && !PARKED(n) -> n++
    :: else -> break
    od;
    if
    :: lowest[me] != ALL && n < lowest[me] -> lowest[me] = n
    :: else
    fi;
#endif
    told[me] = (lowest[me] <= seen[me] -> lowest[me] - 1 : seen[me]);
    n = 0
}

#define TEACHES_READY(n) (kind[n] == TEACHES && lowest[me] >= n && told[1 - me] + 1 >= n)
#define WAITS_READY(n)   (kind[n] == WAITS && seen[me] >= n + WAIT && told[1 - me] >= n + WAIT)
#define TRY(n)                                                                                                         \
    ::atomic { PARKED(n) && (TEACHES_READY(n) || WAITS_READY(n)) -> PARKED(n) = false; publish() }

proctype lane(byte me)
{
    byte next = 1, n;
    do
    :: atomic { next <= PACKETS ->
        if
        :: kind[next] != NOTHING && in_second[next] == me -> PARKED(next) = true
        :: else
        fi;
        seen[me] = next;
        next++;
        publish() }
    :: atomic { next == PACKETS + 1 -> seen[me] = AFTER_LAST; next++; publish() }
    TRY(1)
    TRY(2)
    TRY(3)
    TRY(4)
    TRY(5)
    :: atomic { next > PACKETS + 1 && !PARKED(1) && !PARKED(2) && !PARKED(3) && !PARKED(4) && !PARKED(5) ->
        lanes_over++;
        break }
    od
}

init {
    byte n = 1;
    do
    :: n <= PACKETS ->
        if
        :: kind[n] = NOTHING
        :: kind[n] = TEACHES
        :: kind[n] = WAITS
        fi;
        if
        :: in_second[n] = true
        :: in_second[n] = false
        fi;
        n++
    :: else -> break
    od;
    atomic { n = 0; run lane(0); run lane(1) };
    lanes_over == 2
}
