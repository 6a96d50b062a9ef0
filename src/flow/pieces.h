/* Bytes that came before their turn, of a TCP stream or a datagram, and who wins where they overlap.
 *
 * Operating systems differ in what they keep of overlapping segments and fragments (Ptacek and Newsham 1998; Shankar
 * and Paxson, "Active Mapping", 2003; Novak, "Target-Based Fragmentation Reassembly", 2005; Novak and Sturges,
 * "Target-Based TCP Stream Reassembly", 2007). All of their rules look only at how the newer one lies to the older one:
 * it begins before, with or after it, and ends before, with or after it. So a rule is nine bits. Bounds are those of
 * the packet that brought the bytes, whatever became of its other bytes. Positions are modulo 2^32. A piece and its
 * bytes are one block, of the heap or of a pool, which is one thread's; those of pieces that come right behind one
 * another lie so in a run, and can go on as one. */
#ifndef BURROW_FLOW_PIECES_H
#define BURROW_FLOW_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bit 3 * begin + end, with 0 before, 1 the same, 2 after: set where the newer one wins. */
typedef uint16_t overlap_rule;

enum {
    OVERLAP_OLD = 0,
    OVERLAP_NEW = 0x1ff,
    OVERLAP_BEGINS_BEFORE = 7 << 0,
    OVERLAP_BEGINS_SAME = 7 << 3,
    OVERLAP_BEGINS_AFTER = 7 << 6,
};
#define OVERLAP_BIT(begin, end) (1u << (3 * (begin) + (end)))

struct piece {
    struct piece *next; /* by position, no overlaps */
    uint32_t at;
    uint32_t len;
    uint32_t from; /* the packet it came in: first position and the one behind the last */
    uint32_t to;
    uint32_t gap;       /* bytes missing before it, known when it is delivered */
    uint32_t size;      /* bytes allocated */
    uint32_t urgent_at; /* with urgent: number of a byte that is not part of the stream */
    uint16_t more; /* packets that brought bytes right behind the first one's; `store` has where each of them ends */
    bool urgent;
    bool urgent_gap;         /* and is told as missing */
    uint8_t part;            /* of the run */
    uint8_t *bytes;          /* in `store` or in `run` */
    struct piece_run *run;   /* NULL: in `store` */
    struct piece_pool *pool; /* where it goes back to; NULL: the heap */
    _Alignas(uint32_t) uint8_t store[];
};

/* What a piece costs beside its bytes, the allocator's share included. */
#define PIECE_COST (sizeof(struct piece) + 16)

/* Room of the blocks that a pool keeps: most of what waits is a short message or a whole Ethernet frame's. */
enum { PIECE_SHORT, PIECE_FULL, PIECE_ROOMS };
#define PIECE_SHORT_ROOM (256u - (uint32_t)sizeof(struct piece))
#define PIECE_FULL_ROOM  (1536u - (uint32_t)sizeof(struct piece))
/* Packets behind the first that one piece can have bytes of. */
#define PIECE_MORE_MOST (PIECE_SHORT_ROOM / (uint32_t)sizeof(uint32_t))

/* Blocks of each room, and runs, that a pool keeps at most; more go back to the heap. */
#define PIECE_POOL_MOST 512u
#define PIECE_RUNS_MOST 32u
/* Bytes of a part of a run, and parts of it. */
#define PIECE_RUN_ROOM  16352u
#define PIECE_RUN_PARTS 6u
/* Bytes before those of a run, for whoever reads them and what came before at once. */
#define PIECE_RUN_HEAD 8192u

/* Bytes of several pieces, back to back, in parts: what goes on as one is of one part. The memory of the parts that
 * were begun counts as held while a piece is on a list. */
struct piece_run {
    struct piece_run *next; /* in the pool */
    struct piece_pool *pool;
    uint32_t used;   /* bytes that were given away, from the first on */
    uint32_t begun;  /* of these, those before the last part */
    uint32_t part;   /* the last one */
    uint32_t pieces; /* that have theirs here */
    uint32_t listed; /* and are on a list */
    uint8_t head[PIECE_RUN_HEAD];
    _Alignas(uint64_t) uint8_t bytes[];
};
#define PIECE_RUN_BYTES (PIECE_RUN_PARTS * PIECE_RUN_ROOM)

/* Blocks to be used again. They are nobody's memory: only what is in use is counted. */
struct piece_pool {
    struct piece *free[PIECE_ROOMS];
    uint32_t count[PIECE_ROOMS];
    struct piece_run *runs;
    uint32_t run_count;
};

struct pieces {
    struct piece *first;
    struct piece *last;
    uint32_t bytes;
    uint32_t count : 31; /* of packets' bytes: a piece with those of several counts for each */
    uint32_t flows : 1;  /* pieces came right behind one another: the next may, too */
};

/* New bytes: at their place, of a packet that reaches from `from` to `to`. */
struct piece_new {
    uint32_t at;
    uint32_t len;
    uint32_t from;
    uint32_t to;
    const uint8_t *bytes;
    overlap_rule rule;
    bool apart; /* in a piece of its own */
};

enum pieces_did {
    PIECES_OVERLAP = 1 << 0, /* some of it was there already */
    PIECES_DIFFER = 1 << 1,  /* and was not the same */
    PIECES_MEMCAP = 1 << 2,  /* something had to be let go: memory */
    PIECES_LIMIT = 1 << 3,   /* likewise: number of pieces */
};

struct pieces_limits {
    uint64_t memcap;         /* of *held */
    uint32_t most;           /* pieces.count */
    struct piece_pool *pool; /* for new ones; NULL: the heap */
};

/* Put bytes where they belong. *held counts the bytes of memory of all lists together. Returns enum pieces_did. At a
 * limit what did not fit is let go, and older bytes stay where newer ones would have won and could not be kept apart.
 */
unsigned pieces_put(struct pieces *l, const struct piece_new *n, const struct pieces_limits *limits, uint64_t *held);

/* Put bytes of a whole packet that come right behind the last piece's, and right behind them in its run, to them: the
 * list counts fewer than `most` before. That takes no more memory. False: nothing was done. */
bool pieces_grow(struct pieces *l, const struct piece_new *n, uint32_t most);

/* Behind the last one's last byte; from: where there is none. */
static inline uint32_t pieces_end(const struct pieces *l, uint32_t from)
{
    return l->last ? l->last->at + l->last->len : from;
}

/* Take the first piece off the list; it is the caller's, and no longer counted. */
struct piece *pieces_take(struct pieces *l, uint64_t *held);

/* Do p's bytes lie right behind those of `last`, and belong there? Then they become its, and p is freed. */
bool piece_join(struct piece *last, struct piece *p);

/* Likewise what the first piece, which reaches beyond `at`, has before that. NULL: no memory. */
struct piece *pieces_take_before(struct pieces *l, uint32_t at, uint64_t *held);

void pieces_drop(struct pieces *l, uint64_t *held);

/* A piece with room for len bytes, all else zero. NULL: no memory. */
struct piece *piece_make(struct piece_pool *pool, uint32_t len);
void piece_free(struct piece *p);

/* The room before the first bytes of a run; NULL: there is none. */
uint8_t *piece_head(const struct piece *p);

/* Let go what the pool keeps; no piece of it may be in use. */
void piece_pool_fini(struct piece_pool *pool);

/* Does the newer packet [from, to) win over an older one? */
bool pieces_new_wins(overlap_rule rule, const struct piece *old, uint32_t from, uint32_t to);

#endif
