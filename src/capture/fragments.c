#include "capture/fragments.h"

#include <stdlib.h>
#include <string.h>

#define DATAGRAM_MAX 65535u
#define BLOCK        8u /* fragments begin at multiples of it (RFC 791 3.1, RFC 8200 4.5) */

struct datagram {
    struct datagram *older;
    struct datagram *newer;
    struct addr src;
    struct addr dst;
    uint64_t context;
    uint64_t since;
    uint32_t id;
    uint8_t proto;
    bool spoilt;    /* fragments overlapped */
    uint32_t total; /* 0: the last fragment is missing */
    uint32_t have;
    uint32_t room;
    uint8_t *bytes;
    uint64_t blocks[(DATAGRAM_MAX + 1) / BLOCK / 64]; /* bits: what is there */
};

struct fragments {
    struct datagram *oldest;
    struct datagram *newest;
    unsigned count;
    uint64_t timeout_ns;
};

struct fragments *fragments_create(uint64_t timeout_ns)
{
    struct fragments *f = calloc(1, sizeof *f);
    if (f)
        f->timeout_ns = timeout_ns;
    return f;
}

static void drop(struct fragments *f, struct datagram *g)
{
    if (g->older)
        g->older->newer = g->newer;
    else
        f->oldest = g->newer;
    if (g->newer)
        g->newer->older = g->older;
    else
        f->newest = g->older;
    f->count--;
    free(g->bytes);
    free(g);
}

void fragments_destroy(struct fragments **fragments)
{
    struct fragments *f = *fragments;
    *fragments = NULL;
    while (f && f->oldest)
        drop(f, f->oldest);
    free(f);
}

bool fragments_wanted(const struct decoded *d)
{
    static const uint8_t protos[] = {4, 17, 41, 47, 97, 115, 137};
    if (!(d->layers & LAYER_FRAGMENT))
        return false;
    return memchr(protos, d->ip_proto, sizeof protos) != NULL;
}

/* The newest are looked at first: a datagram's fragments come one after the other. */
static struct datagram *find(struct fragments *f, const struct packet *p)
{
    for (struct datagram *g = f->newest; g; g = g->older)
        if (g->id == p->d.fragment_id && g->proto == p->d.ip_proto && g->context == p->context &&
            addr_equal(&g->src, &p->d.src) && addr_equal(&g->dst, &p->d.dst))
            return g;
    return NULL;
}

static struct datagram *make(struct fragments *f, const struct packet *p)
{
    while (f->oldest && (f->count >= FRAGMENTS_DATAGRAMS_MAX || p->item.now_ns - f->oldest->since > f->timeout_ns))
        drop(f, f->oldest);
    struct datagram *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->src = p->d.src;
    g->dst = p->d.dst;
    g->context = p->context;
    g->since = p->item.now_ns;
    g->id = p->d.fragment_id;
    g->proto = p->d.ip_proto;
    g->older = f->newest;
    if (f->newest)
        f->newest->newer = g;
    else
        f->oldest = g;
    f->newest = g;
    f->count++;
    return g;
}

static bool reserve(struct datagram *g, uint32_t end)
{
    if (end <= g->room)
        return true;
    uint32_t room = end < 4096 ? 4096 : end * 2 < DATAGRAM_MAX ? end * 2 : DATAGRAM_MAX;
    uint8_t *bytes = realloc(g->bytes, room);
    if (!bytes)
        return false;
    g->bytes = bytes;
    g->room = room;
    return true;
}

/* Mark the fragment's blocks as there. False: some were. */
static bool mark(struct datagram *g, uint32_t offset, uint32_t n)
{
    for (uint32_t b = offset / BLOCK; b < (offset + n + BLOCK - 1) / BLOCK; b++) {
        uint64_t bit = UINT64_C(1) << b % 64;
        if (g->blocks[b / 64] & bit)
            return false;
        g->blocks[b / 64] |= bit;
    }
    return true;
}

bool fragments_take(struct fragments *f, const struct packet *p, uint8_t **bytes, uint32_t *len)
{
    uint32_t offset = p->d.fragment_offset;
    uint32_t n = p->d.payload_len;
    uint32_t end = offset + n;
    if (n == 0 || end > DATAGRAM_MAX || p->d.payload_missing || (p->d.more_fragments && n % BLOCK))
        return false;
    struct datagram *g = find(f, p);
    if (g && p->item.now_ns - g->since > f->timeout_ns) {
        drop(f, g);
        g = NULL;
    }
    if (!g && !(g = make(f, p)))
        return false;
    bool beyond = g->total && (end > g->total || !p->d.more_fragments);
    if (g->spoilt || beyond || !reserve(g, end) || !mark(g, offset, n)) {
        g->spoilt = true;
        return false;
    }
    memcpy(g->bytes + offset, p->d.payload, n);
    g->have += n;
    if (!p->d.more_fragments)
        g->total = end;
    if (!g->total || g->have < g->total)
        return false;
    bool whole = g->have == g->total;
    *bytes = whole ? g->bytes : NULL;
    *len = g->total;
    if (whole)
        g->bytes = NULL;
    drop(f, g);
    return whole;
}
