#include "flow/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "core/poison.h"

/* Position a is before b (RFC 9293 3.4). */
static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static uint64_t cost(const struct piece *p)
{
    return p->size + PIECE_COST;
}

/* The room before a run's bytes is not counted: while they wait nothing is there. */
#define PART_COST (PIECE_RUN_ROOM + 48u)

/* Which of the pool's blocks has room for so much; PIECE_ROOMS: none. */
static unsigned room_of(const struct piece_pool *pool, uint32_t len)
{
    if (!pool)
        return PIECE_ROOMS;
    return len <= PIECE_SHORT_ROOM ? PIECE_SHORT : len <= PIECE_FULL_ROOM ? PIECE_FULL : PIECE_ROOMS;
}

/* Bytes to allocate for len of them. */
static uint32_t size_of(const struct piece_pool *pool, uint32_t len)
{
    unsigned room = room_of(pool, len);
    return room == PIECE_SHORT ? PIECE_SHORT_ROOM : room == PIECE_FULL ? PIECE_FULL_ROOM : len;
}

struct piece *piece_make(struct piece_pool *pool, uint32_t len)
{
    unsigned room = room_of(pool, len);
    uint32_t size = size_of(pool, len);
    struct piece *p = room < PIECE_ROOMS ? pool->free[room] : NULL;
    if (p) {
        poison_lift(p, sizeof *p + len);
        pool->free[room] = p->next;
        pool->count[room]--;
    } else if (!(p = malloc(sizeof *p + size))) {
        return NULL;
    }
    poison_put((uint8_t *)p + sizeof *p + len, size - len);
    *p = (struct piece){.size = size, .pool = room < PIECE_ROOMS ? pool : NULL, .bytes = p->store};
    return p;
}

static struct piece_run *make_run(struct piece_pool *pool)
{
    struct piece_run *r = pool->runs;
    if (r) {
        pool->runs = r->next;
        pool->run_count--;
    } else if (!(r = malloc(sizeof *r + PIECE_RUN_BYTES))) {
        return NULL;
    }
    r->next = NULL;
    r->pool = pool;
    r->used = r->begun = r->pieces = r->part = r->listed = 0;
    poison_put(r->bytes, PIECE_RUN_BYTES);
    return r;
}

static void free_run(struct piece_run *r)
{
    struct piece_pool *pool = r->pool;
    if (pool->run_count >= PIECE_RUNS_MOST) {
        poison_lift(r->bytes, PIECE_RUN_BYTES);
        free(r);
        return;
    }
    r->next = pool->runs;
    pool->runs = r;
    pool->run_count++;
}

void piece_free(struct piece *p)
{
    struct piece_pool *pool = p->pool;
    unsigned room = room_of(pool, p->size);
    if (p->run && --p->run->pieces == 0)
        free_run(p->run);
    if (!pool || pool->count[room] >= PIECE_POOL_MOST) {
        free(p);
        return;
    }
    uint32_t size = p->size;
    p->next = pool->free[room];
    pool->free[room] = p;
    pool->count[room]++;
    poison_put((uint8_t *)p + sizeof p->next, sizeof *p - sizeof p->next + size);
}

void piece_pool_fini(struct piece_pool *pool)
{
    for (unsigned room = 0; room < PIECE_ROOMS; room++) {
        while (pool->free[room]) {
            struct piece *p = pool->free[room];
            pool->free[room] = p->next;
            free(p);
        }
        pool->count[room] = 0;
    }
    while (pool->runs) {
        struct piece_run *r = pool->runs;
        pool->runs = r->next;
        poison_lift(r->bytes, PIECE_RUN_BYTES);
        free(r);
    }
    pool->run_count = 0;
}

bool pieces_new_wins(overlap_rule rule, const struct piece *old, uint32_t from, uint32_t to)
{
    unsigned begin = from == old->from ? 1 : before(from, old->from) ? 0 : 2;
    unsigned end = to == old->to ? 1 : before(to, old->to) ? 0 : 2;
    return rule & OVERLAP_BIT(begin, end);
}

/* Is there memory for so much more? */
static bool fits(uint64_t held, uint64_t n, const struct pieces_limits *limits)
{
    return held + n <= limits->memcap;
}

/* Does the piece have the last bytes of its run, and is there room for more in its last part? */
static bool has_room(const struct piece *p, uint32_t len)
{
    const struct piece_run *r = p->run;
    return p->bytes + p->len == r->bytes + r->used && r->begun + PIECE_RUN_ROOM - r->used >= len;
}

/* What of a run counts: the parts that were begun, as those before the last one keep their memory. */
static uint64_t run_cost(const struct piece_run *r)
{
    return (r->part + 1u) * (uint64_t)PART_COST;
}

/* The piece's bytes and its run are one more's. */
static void enter(struct piece *p, struct piece_run *r, unsigned part, uint64_t *held)
{
    p->run = r;
    p->part = (uint8_t)part;
    r->pieces++;
    if (r->listed++ == 0)
        *held += run_cost(r);
}

/* A piece whose bytes come right behind all that wait: in the run of the last one, in a new part of it, or, where there
 * is none or it is full, in a new one. A part holds more than it has, so none is begun from half of the memcap on.
 * NULL: it has to do with a block of its own. */
static struct piece *make_in_run(struct pieces *l, uint32_t len, const struct pieces_limits *limits, uint64_t *held)
{
    const struct piece *last = l->last;
    struct piece_run *r = last ? last->run : NULL;
    bool begins = !r || !has_room(last, len);
    bool other = begins && (!r || !has_room(last, 0) || r->part + 1 == PIECE_RUN_PARTS);
    if (!fits(*held, PIECE_SHORT_ROOM + PIECE_COST, limits) || (begins && *held + PART_COST > limits->memcap / 2))
        return NULL;
    struct piece *p = piece_make(limits->pool, 0);
    if (!p || (other && !(r = make_run(limits->pool)))) {
        if (p)
            piece_free(p);
        return NULL;
    }
    if (begins && !other) { /* the last piece is listed */
        r->part++;
        r->begun = r->used;
        *held += PART_COST;
    }
    poison_lift(r->bytes + r->used, len);
    p->bytes = r->bytes + r->used;
    r->used += len;
    enter(p, r, r->part, held);
    return p;
}

static void uncount(struct pieces *l, uint32_t packets)
{
    l->count = (l->count - packets) & INT32_MAX;
}

/* Where each packet's bytes end but the first one's. */
static uint32_t *ends_of(struct piece *p)
{
    return (uint32_t *)(void *)p->store;
}

/* A piece again for each packet whose bytes p has, as who wins over them depends on its bounds. Where there is no room
 * for that, the rest are taken for one packet's. */
static void part(struct pieces *l, struct piece *p, const struct pieces_limits *limits, uint64_t *held)
{
    const uint32_t *ends = ends_of(p);
    while (p->more) {
        uint32_t begin = p->more > 1 ? ends[p->more - 2] : p->to, end = ends[p->more - 1];
        struct piece *q = fits(*held, PIECE_SHORT_ROOM + PIECE_COST, limits) ? piece_make(p->pool, 0) : NULL;
        if (!q) {
            uncount(l, p->more);
            p->to = end;
            p->more = 0;
            return;
        }
        q->next = p->next;
        q->at = q->from = begin;
        q->to = end;
        q->len = end - begin;
        q->bytes = p->bytes + (begin - p->at);
        enter(q, p->run, p->part, held);
        if (l->last == p)
            l->last = q;
        p->next = q;
        p->len -= q->len;
        p->more--;
        *held += cost(q);
    }
}

/* A copy of bytes, as a piece with the bounds from and to, behind *at. NULL: a limit, told in *did. */
static struct piece *insert(struct pieces *l, struct piece **at, const struct piece_new *n,
                            const struct pieces_limits *limits, uint64_t *held, unsigned *did)
{
    if (l->count >= limits->most) {
        *did |= PIECES_LIMIT;
        return NULL;
    }
    struct piece *p = NULL;
    bool follows = limits->pool && !*at && n->len <= PIECE_FULL_ROOM &&
                   (l->last ? pieces_end(l, 0) == n->at : l->flows && n->len > PIECE_SHORT_ROOM);
    if (follows) {
        l->flows = true;
        p = make_in_run(l, n->len, limits, held);
    }
    if (!p && fits(*held, size_of(limits->pool, n->len) + PIECE_COST, limits))
        p = piece_make(limits->pool, n->len);
    if (!p) {
        *did |= PIECES_MEMCAP;
        return NULL;
    }
    p->next = *at;
    p->at = n->at;
    p->len = n->len;
    p->from = n->from;
    p->to = n->to;
    memcpy(p->bytes, n->bytes, n->len);
    if (!p->next)
        l->last = p;
    *at = p;
    *held += cost(p);
    l->bytes += p->len;
    l->count++;
    return p;
}

/* The newer bytes win over p's bytes [from, from + len) of p, an offset: they become a piece of their own, with what is
 * left of p on both sides of it. Where there is no room for that, p takes the bytes and keeps its bounds. Returns the
 * piece that holds the newer bytes. */
static struct piece *replace(struct pieces *l, struct piece *p, const struct piece_new *n, uint32_t from,
                             const struct pieces_limits *limits, uint64_t *held)
{
    uint32_t left = from;
    uint32_t right = p->len - from - n->len;
    unsigned ignored = 0;
    memcpy(p->bytes + from, n->bytes, n->len);
    if (right) {
        struct piece_new rest = {
            .at = p->at + from + n->len, .len = right, .from = p->from, .to = p->to, .bytes = p->bytes + from + n->len};
        if (!insert(l, &p->next, &rest, limits, held, &ignored))
            return p;
        p->len -= right;
        l->bytes -= right;
    }
    if (left) {
        struct piece *own = insert(l, &p->next, n, limits, held, &ignored);
        if (!own)
            return p;
        p->len -= n->len;
        l->bytes -= n->len;
        return own;
    }
    p->from = n->from;
    p->to = n->to;
    return p;
}

bool pieces_grow(struct pieces *l, const struct piece_new *n, uint32_t most)
{
    struct piece *p = l->last;
    struct piece_run *r = p ? p->run : NULL;
    if (!r || n->apart || p->urgent || n->at != p->at + p->len || n->from != n->at || n->to != n->at + n->len)
        return false;
    if (p->more == PIECE_MORE_MOST || (!p->more && p->to != n->at) || l->count >= most || n->len > PIECE_FULL_ROOM ||
        !has_room(p, n->len))
        return false;
    uint32_t *end = ends_of(p) + p->more++;
    poison_lift(end, sizeof *end);
    poison_lift(r->bytes + r->used, n->len);
    *end = n->to;
    memcpy(r->bytes + r->used, n->bytes, n->len);
    r->used += n->len;
    p->len += n->len;
    l->bytes += n->len;
    l->count++;
    return true;
}

unsigned pieces_put(struct pieces *l, const struct piece_new *n, const struct pieces_limits *limits, uint64_t *held)
{
    unsigned did = 0;
    struct piece_new rest = *n;
    struct piece **at = &l->first;
    /* Most come behind all that waits. */
    if (rest.len && !before(rest.at, pieces_end(l, rest.at))) {
        if (!pieces_grow(l, n, limits->most))
            insert(l, l->last ? &l->last->next : at, n, limits, held, &did);
        return did;
    }
    while (rest.len) {
        while (*at && !before(rest.at, (*at)->at + (*at)->len))
            at = &(*at)->next;
        struct piece *p = *at;
        struct piece_new some = rest;
        if (p && before(p->at, rest.at + rest.len)) {
            if (p->more) {
                part(l, p, limits, held);
                continue;
            }
            some.len = before(rest.at, p->at) ? p->at - rest.at : 0;
        }
        if (some.len) {
            if (!insert(l, at, &some, limits, held, &did))
                return did;
            at = &(*at)->next;
        } else {
            uint32_t from = rest.at - p->at;
            some.len = p->len - from < rest.len ? p->len - from : rest.len;
            did |= PIECES_OVERLAP;
            if (memcmp(p->bytes + from, some.bytes, some.len) != 0)
                did |= PIECES_DIFFER;
            if (pieces_new_wins(rest.rule, p, rest.from, rest.to))
                at = &replace(l, p, &some, from, limits, held)->next;
        }
        rest.at += some.len;
        rest.bytes += some.len;
        rest.len -= some.len;
    }
    return did;
}

struct piece *pieces_take(struct pieces *l, uint64_t *held)
{
    struct piece *p = l->first;
    l->first = p->next;
    if (!l->first)
        l->last = NULL;
    *held -= cost(p);
    if (p->run && --p->run->listed == 0)
        *held -= run_cost(p->run);
    l->bytes -= p->len;
    uncount(l, 1u + p->more);
    p->next = NULL;
    return p;
}

bool piece_join(struct piece *last, struct piece *p)
{
    if (!p->run || last->run != p->run || last->part != p->part || last->bytes + last->len != p->bytes ||
        last->at + last->len != p->at || p->gap)
        return false;
    last->len += p->len;
    last->to = p->to;
    piece_free(p);
    return true;
}

/* Of a piece with a block of its own, the bytes from `at` on get another. */
static bool split(struct pieces *l, uint32_t at, uint64_t *held)
{
    struct piece *p = l->first;
    const struct pieces_limits none = {.memcap = UINT64_MAX, .most = UINT32_MAX, .pool = p->pool};
    uint32_t left = at - p->at;
    unsigned ignored = 0;
    const struct piece_new rest = {
        .at = at, .len = p->len - left, .from = p->from, .to = p->to, .bytes = p->bytes + left};
    if (!insert(l, &p->next, &rest, &none, held, &ignored))
        return false;
    p->len = left;
    l->bytes -= rest.len;
    if (p->urgent && !before(p->urgent_at, at)) {
        p->next->urgent = true;
        p->next->urgent_at = p->urgent_at;
        p->next->urgent_gap = p->urgent_gap;
        p->urgent = false;
    }
    return true;
}

/* Packets of which p's bytes before `at` are all that it has leave it. */
static void leave_packets(struct pieces *l, struct piece *p, uint32_t at)
{
    uint32_t *ends = ends_of(p), n = 0;
    while (n < p->more && !before(at, n ? ends[n - 1] : p->to))
        n++;
    if (!n)
        return;
    p->from = n > 1 ? ends[n - 2] : p->to;
    p->to = ends[n - 1];
    p->more = (uint16_t)(p->more - n);
    memmove(ends, ends + n, p->more * sizeof *ends);
    uncount(l, n);
}

struct piece *pieces_take_before(struct pieces *l, uint32_t at, uint64_t *held)
{
    struct piece *p = l->first;
    if (!p->run)
        return split(l, at, held) ? pieces_take(l, held) : NULL;
    struct piece *q = piece_make(p->pool, 0);
    if (!q)
        return NULL;
    q->at = p->at;
    q->len = at - p->at;
    q->gap = p->gap;
    p->gap = 0;
    q->bytes = p->bytes;
    q->run = p->run;
    q->part = p->part;
    q->run->pieces++;
    if (p->urgent && before(p->urgent_at, at)) {
        q->urgent = true;
        q->urgent_at = p->urgent_at;
        q->urgent_gap = p->urgent_gap;
        p->urgent = false;
    }
    leave_packets(l, p, at);
    p->at = at;
    p->bytes += q->len;
    p->len -= q->len;
    l->bytes -= q->len;
    return q;
}

uint8_t *piece_head(const struct piece *p)
{
    struct piece_run *r = p->run;
    return r && p->bytes == r->bytes ? r->head : NULL;
}

void pieces_drop(struct pieces *l, uint64_t *held)
{
    while (l->first)
        piece_free(pieces_take(l, held));
}
