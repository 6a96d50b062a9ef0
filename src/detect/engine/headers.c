/* Headers: thousands of rules share some hundred headers, and each is compared once with what is looked at. */
#include <errno.h>
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"

/* What look_header asks. */
#define FLAGS                                                                                                          \
    (RULE_IPV4 | RULE_IPV6 | RULE_PKTHDR | RULE_ARP | RULE_ETHERNET | RULE_BIDIRECTIONAL | RULE_TRANSACTIONAL |        \
     RULE_TO_SERVER | RULE_TO_CLIENT)

static bool same_ports(const struct rule_ports *a, const struct rule_ports *b)
{
    return a == b || (a->any == b->any && a->count == b->count &&
                      (!a->count || memcmp(a->ranges, b->ranges, a->count * sizeof *a->ranges) == 0));
}

static bool same(const struct rule *a, const struct rule *b)
{
    return (a->flags & FLAGS) == (b->flags & FLAGS) && a->flow == b->flow && a->app_set == b->app_set &&
           a->any_ip_proto == b->any_ip_proto && memcmp(a->ip_protos, b->ip_protos, sizeof a->ip_protos) == 0 &&
           same_ports(a->sport, b->sport) && same_ports(a->dport, b->dport) && rule_addrs_same(a->src, b->src) &&
           rule_addrs_same(a->dst, b->dst);
}

static uint64_t mix_ports(const struct rule_ports *p, uint64_t h)
{
    return p->count ? hash_bytes(p->ranges, p->count * sizeof *p->ranges, h) : hash_mix(h, p->any);
}

static uint64_t mix_addrs(const struct rule_addrs *a, uint64_t h)
{
    h = hash_mix(h, (uint64_t)a->v6_count << 1 | a->any);
    return a->v4_count ? hash_bytes(a->v4, a->v4_count * sizeof *a->v4, h) : h;
}

static uint64_t hash(const struct rule *r)
{
    uint64_t h = hash_mix(r->flags & FLAGS, (uint64_t)r->flow << 32 | r->ip_protos[0]);
    h = hash_mix(h, r->app_set);
    h = mix_ports(r->sport, mix_ports(r->dport, h));
    return mix_addrs(r->src, mix_addrs(r->dst, h));
}

int headers_number(struct detect *d)
{
    uint32_t n = d->set->rule_count, size = 64;
    while (size < n * 2)
        size *= 2;
    uint32_t *table = calloc(size, sizeof *table); /* rule and 1 */
    d->header_of = calloc(n + 1, sizeof *d->header_of);
    if (!table || !d->header_of) {
        free(table);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = d->set->rules[i];
        uint32_t at = (uint32_t)hash(r) & (size - 1);
        while (table[at] && !same(d->set->rules[table[at] - 1], r))
            at = (at + 1) & (size - 1);
        if (!table[at]) {
            table[at] = i + 1;
            d->header_of[i] = d->header_count++;
        } else {
            d->header_of[i] = d->header_of[table[at] - 1];
        }
    }
    free(table);
    return 0;
}
