/* Headers: thousands of rules share some hundred headers, and each is compared once with what is looked at. */
#include <errno.h>
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"

/* What look_header asks. */
#define FLAGS                                                                                                          \
    (RULE_IPV4 | RULE_IPV6 | RULE_PKTHDR | RULE_ARP | RULE_ETHERNET | RULE_BIDIRECTIONAL | RULE_TRANSACTIONAL |        \
     RULE_TO_SERVER | RULE_TO_CLIENT)

/* Equal sets of addresses or ports are one. */
static bool same(const struct rule *a, const struct rule *b)
{
    return (a->flags & FLAGS) == (b->flags & FLAGS) && a->flow == b->flow && a->app_set == b->app_set &&
           a->any_ip_proto == b->any_ip_proto && a->sport == b->sport && a->dport == b->dport && a->src == b->src &&
           a->dst == b->dst && memcmp(a->ip_protos, b->ip_protos, sizeof a->ip_protos) == 0;
}

static uint64_t hash(const struct rule *r)
{
    uint64_t h = hash_mix(r->flags & FLAGS, (uint64_t)r->flow << 32 | r->ip_protos[0]);
    h = hash_mix(h ^ r->app_set, (uint64_t)r->sport->number << 32 | r->dport->number);
    return hash_mix(h, (uint64_t)r->src->number << 32 | r->dst->number);
}

int headers_number(struct detect *d)
{
    uint32_t n = d->set->rule_count, size = 64;
    while (size < n * 2)
        size *= 2;
    uint32_t *table = table_get(size, sizeof *table); /* rule and 1 */
    d->header_of = table_get(n + 1, sizeof *d->header_of);
    if (!table || !d->header_of) {
        free(table);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        ruleset_soon(d->set, i);
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
