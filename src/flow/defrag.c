#include "flow/defrag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "decode/checksum.h"
#include "flow/overlap.h"

#define DEFRAG_BUCKETS 1024
#define DATAGRAM_MAX   65535u
#define HEAD_MAX       512u  /* bytes of headers that are kept; of more, none */
#define FRAGMENTS_MAX  8192u /* of one datagram: as many as it can have without overlaps */

struct datagram {
    struct datagram *hash_next;
    struct datagram *older;
    struct datagram *newer;
    struct pieces pieces;
    struct addr src;
    struct addr dst;
    uint32_t id;
    uint64_t context; /* of the IP tunnel that it came in */
    uint8_t proto;
    uint8_t vlan_count;
    uint16_t vlan[DECODE_VLAN_MAX];
    uint64_t hash;
    uint64_t until;    /* item.now_ns of the first fragment and the time-out */
    uint32_t furthest; /* end of the fragment that reaches furthest */
    uint32_t total;    /* bytes of the whole datagram, with end_known */
    bool end_known;    /* the last fragment came */
    overlap_rule rule;
    uint8_t *head; /* of the fragment that is the beginning, without the fragment header; NULL: not there */
    uint32_t head_len;
    uint32_t ip_at;
};

int defrag_init(struct defrag *d, const struct settings_defrag *s, const struct settings_host_os *hosts,
                uint64_t memcap, uint32_t max, uint64_t seed)
{
    *d = (struct defrag){.memcap = memcap, .max = max, .times = s, .hosts = hosts, .seed = seed};
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
    pieces_drop(&g->pieces, &d->memory);
    d->memory -= sizeof *g + g->head_len;
    free(g->head);
    free(g);
}

void defrag_fini(struct defrag *d)
{
    while (d->oldest)
        free_datagram(d, d->oldest);
    free(d->buckets);
    d->buckets = NULL;
}

static uint8_t vlans_of(const struct decoded *d)
{
    return d->vlan_count < DECODE_VLAN_MAX ? d->vlan_count : DECODE_VLAN_MAX;
}

static bool belongs(const struct defrag *d, const struct datagram *g, const struct decoded *p, uint64_t context)
{
    if (g->context != context)
        return false;
    if (g->id != p->fragment_id || g->proto != p->ip_proto)
        return false;
    if (!d->any_vlan && (g->vlan_count != vlans_of(p) || memcmp(g->vlan, p->vlan, g->vlan_count * sizeof g->vlan[0])))
        return false;
    return addr_equal(&g->src, &p->src) && addr_equal(&g->dst, &p->dst);
}

static struct datagram *make_datagram(struct defrag *d, const struct packet *p, uint64_t hash, unsigned *did)
{
    if (d->count >= d->max || d->memory + sizeof(struct datagram) > d->memcap) {
        *did |= DEFRAG_EVICTED;
        if (d->oldest)
            free_datagram(d, d->oldest);
    }
    if (d->count >= d->max || d->memory + sizeof(struct datagram) > d->memcap)
        return NULL;
    struct datagram *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->src = p->d.src;
    g->dst = p->d.dst;
    g->id = p->d.fragment_id;
    g->proto = p->d.ip_proto;
    g->context = p->context;
    g->vlan_count = vlans_of(&p->d);
    memcpy(g->vlan, p->d.vlan, sizeof g->vlan);
    g->hash = hash;
    g->until = p->item.now_ns + settings_defrag_timeout(d->times, &p->d.dst) * NS_PER_S;
    g->rule = overlap_of_fragments(settings_os_of(d->hosts, &p->d.dst));
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
static struct datagram *find_datagram(struct defrag *d, const struct packet *p, unsigned *did)
{
    uint64_t h = hash_mix(p->d.src.q[0] ^ d->seed, p->d.src.q[1] ^ p->d.fragment_id);
    h = hash_mix(h ^ p->d.dst.q[0], p->d.dst.q[1] ^ p->d.ip_proto);
    for (struct datagram *g = d->buckets[h % DEFRAG_BUCKETS]; g; g = g->hash_next) {
        if (g->hash != h || !belongs(d, g, &p->d, p->context))
            continue;
        if (p->item.now_ns <= g->until)
            return g;
        *did |= DEFRAG_EXPIRED;
        free_datagram(d, g);
        break;
    }
    return make_datagram(d, p, h, did);
}

/* Bytes from the beginning on without a hole. */
static bool is_whole(const struct datagram *g)
{
    uint32_t at = 0;
    if (!g->end_known || g->pieces.bytes < g->total)
        return false;
    for (const struct piece *p = g->pieces.first; p; p = p->next) {
        if (p->at != at)
            return false;
        at += p->len;
    }
    return at == g->total;
}

/* Keep the headers of the fragment that is the datagram's beginning. */
static void keep_head(struct defrag *d, struct datagram *g, const struct packet *p)
{
    const struct decoded *k = &p->d;
    const uint8_t *from = p->link || p->own ? k->ip : p->frame;
    bool v6 = k->src.family == ADDR_V6;
    if (g->head || k->fragment_offset || !from || !k->ip || k->payload < k->ip || k->ip < from)
        return;
    size_t len = (size_t)(k->payload - from);
    if (len > HEAD_MAX || len > d->memcap - d->memory || (v6 && (len < 48 || !k->fragment_named)))
        return;
    if (!(g->head = malloc(len)))
        return;
    memcpy(g->head, from, len);
    g->ip_at = (uint32_t)(k->ip - from);
    g->head_len = (uint32_t)len;
    if (v6) { /* RFC 8200 4.5: the header before names what followed the fragment header */
        g->head_len -= 8;
        g->head[g->ip_at + k->fragment_named] = g->head[g->head_len];
    }
    d->memory += g->head_len;
}

static void store_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Make the headers say that it came whole. */
static void mend_head(const struct datagram *g, uint8_t *ip)
{
    uint32_t head = g->head_len - g->ip_at;
    if (g->src.family == ADDR_V6) {
        store_be16(ip + 4, head - 40 + g->total);
        return;
    }
    store_be16(ip + 2, head + g->total < DATAGRAM_MAX ? head + g->total : DATAGRAM_MAX);
    store_be16(ip + 6, 0);
    store_be16(ip + 10, 0);
    uint16_t sum = (uint16_t)~checksum_fold(checksum_add(0, ip, head)); /* in the machine's byte order */
    memcpy(ip + 10, &sum, sizeof sum);
}

static uint8_t *join(const struct datagram *g)
{
    uint8_t *all = malloc(g->head_len + g->total);
    if (!all)
        return NULL;
    if (g->head) {
        memcpy(all, g->head, g->head_len);
        mend_head(g, all + g->ip_at);
    }
    for (const struct piece *p = g->pieces.first; p; p = p->next)
        memcpy(all + g->head_len + p->at, p->bytes, p->len);
    return all;
}

/* What can't be part of any datagram. */
static unsigned senseless(const struct packet *p)
{
    uint32_t n = p->d.payload_len;
    if (p->d.fragment_offset + n > DATAGRAM_MAX)
        return DEFRAG_TOO_LARGE;
    if (n == 0)
        return DEFRAG_IGNORED;
    /* RFC 8200 4.5: to be discarded. IPv4 hosts take it. */
    if (p->d.more_fragments && n % 8 != 0 && p->d.src.family == ADDR_V6)
        return DEFRAG_BAD_LENGTH;
    return 0;
}

/* Where the datagram ends, by this fragment. False: not where others say. */
static bool take_end(struct datagram *g, const struct packet *p)
{
    uint32_t end = p->d.fragment_offset + p->d.payload_len;
    if (!p->d.more_fragments) {
        if (g->end_known ? end != g->total : end < g->furthest)
            return false;
        g->total = end;
        g->end_known = true;
    } else if (g->end_known && end > g->total) {
        return false;
    }
    g->furthest = end > g->furthest ? end : g->furthest;
    return true;
}

void defrag_packet(struct defrag *d, const struct packet *p, struct defrag_result *out)
{
    *out = (struct defrag_result){.outcome = DEFRAG_DROPPED, .did = senseless(p)};
    if (out->did)
        return;
    struct datagram *g = find_datagram(d, p, &out->did);
    if (!g) {
        out->did |= DEFRAG_MEMCAP;
        return;
    }
    /* The first end that is told counts: another one is left out, and so is what lies behind it. */
    if (!take_end(g, p)) {
        out->did |= DEFRAG_IGNORED;
        return;
    }
    uint32_t offset = p->d.fragment_offset;
    const struct piece_new n = {.at = offset,
                                .len = p->d.payload_len,
                                .from = offset,
                                .to = offset + p->d.payload_len,
                                .bytes = p->d.payload,
                                .rule = g->rule};
    const struct pieces_limits limits = {.memcap = d->memcap, .most = FRAGMENTS_MAX};
    while (d->memory + n.len + PIECE_COST > d->memcap && d->oldest != g) {
        free_datagram(d, d->oldest);
        out->did |= DEFRAG_EVICTED;
    }
    unsigned did = pieces_put(&g->pieces, &n, &limits, &d->memory);
    if (did & PIECES_OVERLAP)
        out->did |= DEFRAG_OVERLAP | (did & PIECES_DIFFER ? DEFRAG_DIFFERS : 0);
    if (did & (PIECES_MEMCAP | PIECES_LIMIT)) {
        out->did |= DEFRAG_MEMCAP;
        free_datagram(d, g);
        return;
    }
    keep_head(d, g, p);
    out->outcome = DEFRAG_KEPT;
    if (!is_whole(g))
        return;
    out->len = g->total;
    out->head = g->head_len;
    out->ip_at = g->ip_at;
    out->bytes = join(g);
    out->outcome = out->bytes ? DEFRAG_WHOLE : DEFRAG_DROPPED;
    free_datagram(d, g);
}
