/* Of the set of addresses that most rules name, mostly the own networks or all others, a packet's source and
 * destination are each in it or not: that leaves four pairs of ends, and most rules can match one of them only. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Where a rule's addresses may be. */
enum { INSIDE = 1, OUTSIDE = 2 };

static unsigned where4(const struct rule_addrs *in, const struct rule_range4 *r)
{
    for (uint32_t i = 0; i < in->v4_count; i++) {
        if (r->first >= in->v4[i].first && r->last <= in->v4[i].last)
            return INSIDE;
        if (r->first <= in->v4[i].last && r->last >= in->v4[i].first)
            return INSIDE | OUTSIDE;
    }
    return OUTSIDE;
}

static unsigned where6(const struct rule_addrs *in, const struct rule_range6 *r)
{
    const uint8_t *first = r->first.b, *last = r->last.b;
    for (uint32_t i = 0; i < in->v6_count; i++) {
        if (memcmp(first, in->v6[i].first.b, 16) >= 0 && memcmp(last, in->v6[i].last.b, 16) <= 0)
            return INSIDE;
        if (memcmp(first, in->v6[i].last.b, 16) <= 0 && memcmp(last, in->v6[i].first.b, 16) >= 0)
            return INSIDE | OUTSIDE;
    }
    return OUTSIDE;
}

static unsigned where(const struct rule_addrs *in, const struct rule_addrs *set)
{
    unsigned w = set->any ? INSIDE | OUTSIDE : 0;
    for (uint32_t i = 0; i < set->v4_count && w != (INSIDE | OUTSIDE); i++)
        w |= where4(in, &set->v4[i]);
    for (uint32_t i = 0; i < set->v6_count && w != (INSIDE | OUTSIDE); i++)
        w |= where6(in, &set->v6[i]);
    return w;
}

/* A set that rules name: one for each number of sets. */
struct named {
    const struct rule_addrs *set; /* NULL: no rule does */
    uint32_t rules;
    uint32_t first; /* of the rules' ends that are it */
    unsigned where;
};

static void count(struct named *named, const struct rule_addrs *set, uint32_t end, uint32_t rules)
{
    struct named *n = &named[set->number];
    if (!n->set)
        *n = (struct named){.set = set, .first = end};
    n->rules += rules;
}

/* Of several the one that was named first. NULL: all are for any address. */
static const struct rule_addrs *most_named(const struct named *named, uint32_t sets)
{
    const struct named *best = NULL;
    for (uint32_t i = 0; i < sets; i++) {
        const struct named *n = &named[i];
        if (n->set && !n->set->any &&
            (!best || n->rules > best->rules || (n->rules == best->rules && n->first < best->first)))
            best = n;
    }
    return best ? best->set : NULL;
}

/* The header of a rule that goes both ways, or is about requests and responses at once, may stand turned. What does not
 * look at addresses matches whatever they are. */
static uint8_t pairs_of(const struct named *named, const struct rule *r)
{
    unsigned src = named[r->src->number].where, dst = named[r->dst->number].where;
    bool turned = r->flags & (RULE_BIDIRECTIONAL | RULE_TRANSACTIONAL), any = r->flags & RULE_PKTHDR;
    uint8_t pairs = 0;
    for (unsigned pair = 0; pair < ENDS_PAIRS; pair++) {
        unsigned s = pair & 1 ? INSIDE : OUTSIDE, d = pair & 2 ? INSIDE : OUTSIDE;
        if (any || (src & s && dst & d) || (turned && src & d && dst & s))
            pairs |= (uint8_t)(1u << pair);
    }
    return pairs;
}

/* A header (headers.c) that rules have; they can match the same pairs of ends. */
struct shared {
    uint32_t first; /* of them */
    uint32_t rules;
    uint8_t pairs;
};

static void divide(struct detect *d, struct shared *headers, struct named *named)
{
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        struct shared *h = &headers[d->header_of[i]];
        if (!h->rules++)
            h->first = i;
    }
    for (uint32_t i = 0; i < d->header_count; i++) {
        const struct rule *r = d->set->rules[headers[i].first];
        count(named, r->src, headers[i].first * 2, headers[i].rules);
        count(named, r->dst, headers[i].first * 2 + 1, headers[i].rules);
    }
    d->home = most_named(named, d->set->set_count);
    for (uint32_t i = 0; i < d->set->set_count && d->home; i++)
        if (named[i].set)
            named[i].where = where(d->home, named[i].set);
    for (uint32_t i = 0; i < d->header_count; i++)
        headers[i].pairs = d->home ? pairs_of(named, d->set->rules[headers[i].first]) : (1u << ENDS_PAIRS) - 1;
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        d->pairs[i] = headers[d->header_of[i]].pairs;
}

int ends_divide(struct detect *d)
{
    struct named *named = calloc(d->set->set_count + 1, sizeof *named);
    struct shared *headers = calloc(d->header_count + 1, sizeof *headers);
    d->pairs = malloc(d->set->rule_count + 1);
    bool ok = named && headers && d->pairs;
    if (ok)
        divide(d, headers, named);
    free(named);
    free(headers);
    return ok ? 0 : -ENOMEM;
}

uint8_t ends_pair(const struct detect *d, const struct look *k)
{
    if (!d->home || !k->src || k->src->family == ADDR_NONE)
        return ENDS_PAIRS;
    return (uint8_t)(rule_addrs_match(d->home, k->src) | rule_addrs_match(d->home, k->dst) << 1);
}
