/* The loop of a lane: capture -> flow -> app -> decap, and back from decap to flow.
 *
 *     spin -a loop.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan            deadlocks, asserts
 *     spin -a loop.pml && cc -O2 -DNP -DNOFAIR -o pan pan.c && ./pan -l    nothing goes on for ever
 *     qa/check/models                                                      all of it, and the broken variants
 *
 * What is modelled: admission by credit; forward edges that are rings of one slot; a re-entry edge that never blocks (a
 * push that would is an assertion); packets that wait in decap until what borrows from them is back; bytes that wait and
 * are copied, whose items go back to flow some time later; tunnels that park until their address is known; the life of a flow, of a child and of a child's
 * child, each ended by a message that comes back; and how the threads stop. What is left out: bytes, time, names.
 *
 * Each BROKEN_ variant takes one rule away; spin must find what it was there for. */

#ifndef PACKETS
#define PACKETS 3
#endif
#ifndef CREDITS
#define CREDITS 2
#endif
#define FLOWS 3 /* a carrier on the wire, its child, its child's child */

/* Every wire packet can cause one pseudo-packet in each layer below; what was copied (segments, parked bytes) makes one
 * more each. Never more items are out than there were packets times layers. */
#define PSEUDO   8
#define ITEMS    (CREDITS + PSEUDO)
#define REENTRY  16
#define NONE     99

mtype = { PACKET, STREAM, SEGMENT, OPEN, CLOSE, END, TICK };
mtype = { CLOSED, PARKED, OPENING, OPENED, CLOSING, DEAD }; /* a tunnel, by the flow it leads to */

chan from_capture = [CREDITS + 1] of { mtype, byte };
chan to_app = [1] of { mtype, byte };
chan to_decap = [1] of { mtype, byte };
chan back = [CREDITS + 1] of { byte };
#ifdef BROKEN_BOUNDED
chan reentry = [1] of { mtype, byte };
#else
chan reentry = [REENTRY] of { mtype, byte };
#endif

/* Packets and pseudo-packets: 0 to CREDITS - 1 are capture's, the others of the pool. */
bool out[ITEMS];
byte flow_of[ITEMS];
byte lender[ITEMS];
byte borrowers[ITEMS];
byte root[ITEMS];    /* the wire packet whose bytes these are; NONE: own bytes */
bool offers[ITEMS];  /* app: these bytes open a tunnel in their flow */
bool carries[ITEMS]; /* app: these bytes belong to the tunnel that is open */
bool segment[ITEMS]; /* flow's own */
bool spent[ITEMS];   /* decap: a segment that it is done with, and that has not gone back yet */
byte spents;

bool alive[FLOWS];    /* flow: made and not freed */
bool hashed[FLOWS];   /* flow: found by packets; not after its end was sent */
bool app_over[FLOWS]; /* app saw the end */
bool app_tunnel[FLOWS];
byte freed[FLOWS];

mtype tunnel[FLOWS];   /* decap: the tunnel that leads to this flow */
bool close_wanted[FLOWS];
bool end_held[FLOWS];  /* decap: the flow's end waits for its child's */
byte parked_bytes[FLOWS];
byte open_lender[FLOWS];
bool refused[FLOWS];

bool flow_done, app_done, decap_done;
byte captured, returned;

inline push_reentry(kind, id)
{
#ifndef BROKEN_BOUNDED
    assert(nfull(reentry));
#endif
    reentry ! kind, id
}

/* Take a pseudo-packet from the pool. */
inline take(q)
{
    q = CREDITS;
    do
    :: q < ITEMS && out[q] -> q++
    :: else -> break
    od;
    assert(q < ITEMS);
    out[q] = true;
    offers[q] = false;
    carries[q] = false;
    segment[q] = false;
    lender[q] = NONE;
    root[q] = NONE
}

active proctype capture()
{
    byte p;
    do
    :: atomic { captured < PACKETS ->
        /* Credit: a packet that is not out. */
        p = 0;
        do
        :: p < CREDITS && out[p] -> p++
        :: else -> break
        od;
        if
        :: p < CREDITS ->
            out[p] = true;
            offers[p] = false;
            carries[p] = false;
            lender[p] = NONE;
            root[p] = p;
            captured++;
            from_capture ! PACKET, p
        :: else ->
            back ? p;
            out[p] = false;
            returned++
        fi;
        p = 0 }
    :: else -> break
    od;
    from_capture ! TICK, 0;
    do
    :: atomic { returned < captured -> back ? p; out[p] = false; returned++; p = 0 }
    :: else -> break
    od;
    /* Everything came back, once. */
    atomic {
        flow_done && app_done && decap_done;
        /* What a refused child had borrowed may come back when flow has stopped: it is freed with the lane. */
#ifndef BROKEN_REST
        do
        :: reentry ? [SEGMENT, _] -> reentry ? SEGMENT, p; assert(segment[p]); out[p] = false
        :: else -> break
        od;
        p = 0;
#endif
        assert(empty(reentry) && empty(to_app) && empty(to_decap) && empty(back) && empty(from_capture));
        do
        :: p < ITEMS -> assert(!out[p]); p++
        :: else -> break
        od;
        p = 0;
        do
        :: p < FLOWS -> assert(!alive[p] && freed[p] <= 1); p++
        :: else -> break
        od
    }
}

/* Is a captured packet's memory still what the item borrowed? */
inline check_bytes(q)
{
    assert(out[q]);
    assert(root[q] == NONE || out[root[q]])
}

active proctype flow()
{
    mtype kind;
    byte id, q;
    byte early = NONE; /* out-of-order bytes that wait: copied, so an item of their own */
    bool last, held;
    do
    :: atomic { reentry ? kind, id ->
        if
        :: kind == STREAM ->
            check_bytes(id);
            /* Decap sends nothing after it asked for the end, so the child is there or was refused. */
            if
            :: hashed[flow_of[id]] -> skip
            :: else -> assert(refused[flow_of[id]]); offers[id] = false; flow_of[id] = NONE
            fi;
            to_app ! STREAM, id
        :: kind == SEGMENT ->
            assert(out[id] && segment[id]);
            segment[id] = false;
            out[id] = false
        :: kind == OPEN ->
            assert(!alive[id] && !freed[id]);
            if
            :: alive[id] = true; hashed[id] = true
            :: refused[id] = true /* memcap */
            fi;
            to_app ! OPEN, id
        :: kind == CLOSE ->
            assert(hashed[id]);
            hashed[id] = false;
            to_app ! END, id
        :: kind == END ->
            assert(alive[id] && !hashed[id] && app_over[id]);
            assert(id == FLOWS - 1 || !alive[id + 1]); /* children first */
            alive[id] = false;
            freed[id]++
        fi;
        kind = TICK;
        id = 0 }
    :: atomic { empty(reentry) && nempty(from_capture) -> from_capture ? kind, id;
        if
        :: kind == TICK -> last = true; to_app ! TICK, 0
        :: else ->
            check_bytes(id);
            if
            :: !alive[0] && !freed[0] -> alive[0] = true; hashed[0] = true; flow_of[id] = 0
            :: hashed[0] -> flow_of[id] = 0
            :: else -> flow_of[id] = NONE /* not IP, broken, or of a flow that is over */
            fi;
            if
            :: flow_of[id] == 0 && early == NONE && !held ->
                /* A hole before it: what came early is copied, and the packet goes on without it. */
#ifdef BROKEN_HOLD
                early = id;
                held = true
#else
                take(q);
                early = q;
                segment[q] = true;
                flow_of[q] = 0;
                flow_of[id] = NONE;
                to_app ! PACKET, id
#endif
            :: to_app ! PACKET, id;
                if
                :: early != NONE ->
                    if
                    :: held -> to_app ! PACKET, early
                    :: else -> to_app ! SEGMENT, early
                    fi;
                    early = NONE
                :: else -> skip
                fi
            fi
        fi;
        kind = TICK;
        id = 0;
        q = 0 }
    /* A carrier on the wire times out, or the capture is over. Its early bytes go first. */
    :: atomic { empty(reentry) && empty(from_capture) && hashed[0] && (last || !held) ->
        hashed[0] = false;
        if
        :: early != NONE && !held -> to_app ! SEGMENT, early; early = NONE
        :: early != NONE && held -> to_app ! PACKET, early; early = NONE
        :: else -> skip
        fi;
        to_app ! END, 0 }
    :: empty(reentry) && last && !alive[0] && !alive[1] && !alive[2] && early == NONE -> break
    od;
    flow_done = true
}

active proctype app()
{
    mtype kind;
    byte id;
    do
    :: atomic { to_app ? kind, id ->
        if
        :: (kind == PACKET || kind == STREAM || kind == SEGMENT) && flow_of[id] != NONE ->
            check_bytes(id);
            assert(!app_over[flow_of[id]]);
            if
            :: flow_of[id] < FLOWS - 1 && !app_tunnel[flow_of[id]] ->
                app_tunnel[flow_of[id]] = true;
                offers[id] = true;
                carries[id] = true
            :: app_tunnel[flow_of[id]] -> carries[id] = true
            :: !app_tunnel[flow_of[id]] -> skip /* of the handshake, or no tunnel at all */
            fi
        :: kind == END -> assert(!app_over[id]); app_over[id] = true
        :: else -> skip
        fi;
        to_decap ! kind, id;
        kind = TICK;
        id = 0 }
    :: flow_done && empty(to_app) -> break
    od;
    app_done = true
}

/* One borrower less; what has none left goes back to where it came from, and its lender has one less. */
inline give_back(p)
{
    b = p;
    do
    :: b != NONE ->
        assert(borrowers[b] > 0);
        borrowers[b]--;
        if
        :: borrowers[b] == 0 ->
            q = lender[b];
            if
            :: b < CREDITS -> back ! b
            :: b >= CREDITS && segment[b] -> spent[b] = true; spents++
            :: else -> out[b] = false
            fi;
            b = q
        :: else -> break
        fi
    :: else -> break
    od
}

/* Segments are flow's. */
inline give_segments_back()
{
    b = CREDITS;
    do
    :: b < ITEMS && spent[b] -> push_reentry(SEGMENT, b); spent[b] = false; spents--; b++
    :: b < ITEMS && !spent[b] -> b++
    :: else -> break
    od
}

/* Ask flow for the child; packet p waits until the answer is back. */
inline ask_for_child(t, p)
{
    tunnel[t] = OPENING;
    open_lender[t] = p;
    if
    :: p != NONE -> borrowers[p]++
    :: else -> skip
    fi;
    push_reentry(OPEN, t)
}

/* The tunnel to flow t is over: its carrier's end may go on, and that carrier's carrier's. */
inline tunnel_ended(t)
{
    tunnel[t] = CLOSED;
    c = t - 1;
    do
    :: end_held[c] && tunnel[c + 1] == CLOSED ->
        end_held[c] = false;
        push_reentry(END, c);
        if
        :: c > 0 -> tunnel[c] = CLOSED; c--
        :: else -> break
        fi
    :: else -> break
    od
}

inline close_child(t)
{
    tunnel[t] = CLOSING;
    push_reentry(CLOSE, t)
}

active proctype decap()
{
    mtype kind;
    byte id, q, b, c, t;
    do
    :: atomic { to_decap ? kind, id ->
        if
        :: kind == PACKET || kind == STREAM || kind == SEGMENT ->
            check_bytes(id);
            borrowers[id] = 1;
            t = FLOWS;
            if
            :: flow_of[id] < FLOWS - 1 -> t = flow_of[id] + 1
            :: else -> skip
            fi;
            if
            :: t < FLOWS && offers[id] ->
                if
                :: ask_for_child(t, id)
                :: tunnel[t] = PARKED /* its name's address is not known yet */
                fi
            :: else -> skip
            fi;
            if
            :: t < FLOWS && carries[id] ->
                if
                :: tunnel[t] == OPENING || tunnel[t] == OPENED ->
                    take(q);
                    flow_of[q] = t;
                    root[q] = root[id];
                    lender[q] = id;
                    borrowers[id]++;
                    push_reentry(STREAM, q)
                :: tunnel[t] == PARKED -> parked_bytes[t]++ /* copied */
                :: tunnel[t] == DEAD -> skip
                :: else -> assert(false)
                fi
            :: else -> skip
            fi;
#ifdef BROKEN_BORROW
            if
            :: id < CREDITS && borrowers[id] > 1 -> borrowers[id] = 1
            :: else -> skip
            fi;
#endif
            give_back(id)
        :: kind == OPEN ->
            if
            :: refused[id] -> tunnel[id] = DEAD
            :: else -> tunnel[id] = OPENED
            fi;
            give_back(open_lender[id]);
            if
            :: close_wanted[id] && tunnel[id] == DEAD -> tunnel_ended(id)
            :: close_wanted[id] && tunnel[id] == OPENED -> close_child(id)
            :: else -> skip
            fi
        :: kind == END ->
            t = id + 1;
#ifndef BROKEN_END
            if
            :: t < FLOWS && tunnel[t] != 0 && tunnel[t] != CLOSED ->
                end_held[id] = true;
                close_wanted[t] = true;
                if
                :: tunnel[t] == OPENED -> close_child(t)
                :: tunnel[t] == DEAD -> tunnel_ended(t)
                :: else -> skip /* its child is on its way */
                fi
            :: else ->
#endif
                push_reentry(END, id);
                if
                :: id > 0 -> tunnel_ended(id)
                :: else -> skip
                fi
#ifndef BROKEN_END
            fi
#endif
        :: kind == TICK -> skip
        fi;
        if
        :: spents > 0 && empty(to_decap) -> give_segments_back() /* the batch is done */
        :: spents == 0 || nempty(to_decap) -> skip
        fi;
        kind = TICK;
        id = 0; q = 0; b = 0; c = 0; t = 0 }
    /* The other lanes have come far enough: the address is known. */
    :: atomic { tunnel[1] == PARKED || tunnel[2] == PARKED ->
        t = (tunnel[1] == PARKED -> 1 : 2);
        ask_for_child(t, NONE);
        do
        :: parked_bytes[t] > 0 ->
            take(q);
            flow_of[q] = t;
            parked_bytes[t]--;
            push_reentry(STREAM, q)
        :: else -> break
        od;
        q = 0; t = 0 }
#ifdef BROKEN_STOP
    :: flow_done && empty(to_decap) -> break
#else
    :: app_done && empty(to_decap) -> break
#endif
    od;
    decap_done = true
}
