#include "flow/defrag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

#define DEFRAG_BUCKETS 1024
#define DATAGRAM_MAX   65535u
#define FRAGMENTS_MAX  256u /* of one datagram */

struct fragment {
    struct fragment *next; /* by offset, no overlaps */
    uint32_t offset;
    uint32_t len;
    uint8_t bytes[];
};

struct datagram {
    struct datagram *hash_next;
    struct datagram *older;
    struct datagram *newer;
    struct fragment *first;
    struct addr src;
    struct addr dst;
    uint32_t id;
    uint8_t proto;
    uint8_t vlan_count;
    uint16_t vlan[DECODE_VLAN_MAX];
    uint64_t hash;
    uint64_t since;    /* item.now_ns of the first fragment */
    uint32_t have;     /* bytes */
    uint32_t furthest; /* end of the fragment that reaches furthest */
    uint32_t total;    /* bytes of the whole datagram; 0 while the last fragment is missing */
    uint32_t fragments;
};

int defrag_init(struct defrag *d, uint64_t memcap, uint32_t max, uint64_t timeout_ns, uint64_t seed)
{
    *d = (struct defrag){.memcap = memcap, .max = max, .timeout_ns = timeout_ns, .seed = seed};
    d->buckets = calloc(DEFRAG_BUCKETS, sizeof *d->buckets);
    return d->buckets ? 0 : -ENOMEM;
}

static void unlink_datagram(struct defrag *d, struct datagram *g)
{
    struct datagram **at = &d->buckets[g->hash % DEFRAG_BUCKETS];
    while (*at != g)
        at = &(*at)->hash_next;
    *at = g->hash_next;
    if (g->older)
        g->older->newer = g->newer;
    else
        d->oldest = g->newer;
    if (g->newer)
        g->newer->older = g->older;
    else
        d->newest = g->older;
    d->count--;
}

static void free_datagram(struct defrag *d, struct datagram *g)
{
    unlink_datagram(d, g);
    while (g->first) {
        struct fragment *f = g->first;
        g->first = f->next;
        d->memory -= sizeof *f + f->len;
        free(f);
    }
    d->memory -= sizeof *g;
    free(g);
}

void defrag_fini(struct defrag *d)
{
    while (d->oldest)
        free_datagram(d, d->oldest);
    free(d->buckets);
    d->buckets = NULL;
}

static bool belongs(const struct datagram *g, const struct decoded *p)
{
    if (g->id != p->fragment_id || g->proto != p->ip_proto || g->vlan_count != p->vlan_count)
        return false;
    if (memcmp(g->vlan, p->vlan, g->vlan_count * sizeof g->vlan[0]) != 0)
        return false;
    return addr_equal(&g->src, &p->src) && addr_equal(&g->dst, &p->dst);
}

static struct datagram *make_datagram(struct defrag *d, const struct packet *p, uint64_t hash)
{
    if (d->count >= d->max || d->memory + sizeof(struct datagram) > d->memcap) {
        if (!d->oldest)
            return NULL;
        free_datagram(d, d->oldest);
    }
    struct datagram *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->src = p->d.src;
    g->dst = p->d.dst;
    g->id = p->d.fragment_id;
    g->proto = p->d.ip_proto;
    g->vlan_count = p->d.vlan_count < DECODE_VLAN_MAX ? p->d.vlan_count : DECODE_VLAN_MAX;
    memcpy(g->vlan, p->d.vlan, sizeof g->vlan);
    g->hash = hash;
    g->since = p->item.now_ns;
    g->hash_next = d->buckets[hash % DEFRAG_BUCKETS];
    d->buckets[hash % DEFRAG_BUCKETS] = g;
    g->older = d->newest;
    if (d->newest)
        d->newest->newer = g;
    else
        d->oldest = g;
    d->newest = g;
    d->count++;
    d->memory += sizeof *g;
    return g;
}

/* The datagram of a fragment, made when it is the first of it. One that took too long is begun anew. */
static struct datagram *find_datagram(struct defrag *d, const struct packet *p)
{
    uint64_t h = hash_mix(p->d.src.q[0] ^ d->seed, p->d.src.q[1] ^ p->d.fragment_id);
    h = hash_mix(h ^ p->d.dst.q[0], p->d.dst.q[1] ^ p->d.ip_proto);
    for (struct datagram *g = d->buckets[h % DEFRAG_BUCKETS]; g; g = g->hash_next) {
        if (g->hash != h || !belongs(g, &p->d))
            continue;
        if (p->item.now_ns - g->since <= d->timeout_ns)
            return g;
        free_datagram(d, g);
        break;
    }
    return make_datagram(d, p, h);
}

static bool add_piece(struct defrag *d, struct datagram *g, struct fragment **at, uint32_t offset, const uint8_t *bytes,
                      uint32_t len)
{
    if (g->fragments >= FRAGMENTS_MAX || d->memory + sizeof(struct fragment) + len > d->memcap)
        return false;
    struct fragment *f = malloc(sizeof *f + len);
    if (!f)
        return false;
    f->offset = offset;
    f->len = len;
    memcpy(f->bytes, bytes, len);
    f->next = *at;
    *at = f;
    g->have += len;
    g->fragments++;
    d->memory += sizeof *f + len;
    return true;
}

/* Put the fragment's bytes where nothing is yet. */
static bool place(struct defrag *d, struct datagram *g, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
    struct fragment **at = &g->first;
    while (len) {
        while (*at && (*at)->offset + (*at)->len <= offset)
            at = &(*at)->next;
        struct fragment *f = *at;
        uint32_t fresh = len;
        if (f && f->offset < offset + len)
            fresh = f->offset > offset ? f->offset - offset : 0;
        if (fresh) {
            if (!add_piece(d, g, at, offset, bytes, fresh))
                return false;
            at = &(*at)->next;
        }
        uint32_t skip = fresh;
        if (fresh < len) {
            uint32_t end = f->offset + f->len;
            skip = end - offset < len ? end - offset : len;
        }
        offset += skip;
        bytes += skip;
        len -= skip;
    }
    return true;
}

static uint8_t *join(const struct datagram *g)
{
    uint8_t *all = calloc(1, g->total);
    if (!all)
        return NULL;
    for (const struct fragment *f = g->first; f; f = f->next)
        if (f->offset < g->total) {
            uint32_t n = g->total - f->offset < f->len ? g->total - f->offset : f->len;
            memcpy(all + f->offset, f->bytes, n);
        }
    return all;
}

enum defrag_result defrag_packet(struct defrag *d, const struct packet *p, uint8_t **bytes, uint32_t *len)
{
    uint32_t n = p->d.payload_len;
    uint32_t end = p->d.fragment_offset + n;
    if (end > DATAGRAM_MAX || n == 0)
        return DEFRAG_DROPPED;
    struct datagram *g = find_datagram(d, p);
    if (!g)
        return DEFRAG_DROPPED;
    if (!p->d.more_fragments && !g->total)
        g->total = end;
    g->furthest = end > g->furthest ? end : g->furthest;
    if (g->total && g->furthest > g->total) {
        free_datagram(d, g);
        return DEFRAG_DROPPED;
    }
    if (!place(d, g, p->d.fragment_offset, p->d.payload, n)) {
        free_datagram(d, g);
        return DEFRAG_DROPPED;
    }
    if (!g->total || g->have < g->total)
        return DEFRAG_KEPT;
    *len = g->total;
    *bytes = join(g);
    free_datagram(d, g);
    return *bytes ? DEFRAG_WHOLE : DEFRAG_DROPPED;
}
