/* Of the set of addresses that most rules name, mostly the own networks or all others, a packet's source and
 * destination are each in it or not: that leaves four pairs of ends, and most rules can match one of them only. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Sets that are counted; of more the rest is not. */
#define SETS_MAX 256u

struct named {
    const struct rule_addrs *set;
    uint32_t rules;
};

static void count_set(struct named *n, uint32_t *count, const struct rule_addrs *set)
{
    uint32_t i = 0;
    while (i < *count && !rule_addrs_same(n[i].set, set))
        i++;
    if (set->any || i == SETS_MAX)
        return;
    if (i == *count)
        n[(*count)++] = (struct named){set, 0};
    n[i].rules++;
}

/* NULL: all are for any address. */
static const struct rule_addrs *most_named(const struct ruleset *set)
{
    struct named n[SETS_MAX];
    uint32_t count = 0, best = 0;
    for (uint32_t i = 0; i < set->rule_count; i++) {
        count_set(n, &count, set->rules[i]->src);
        count_set(n, &count, set->rules[i]->dst);
    }
    for (uint32_t i = 1; i < count; i++)
        if (n[i].rules > n[best].rules)
            best = i;
    return count ? n[best].set : NULL;
}

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

/* The header of a rule that goes both ways, or is about requests and responses at once, may stand turned. What does not
 * look at addresses matches whatever they are. */
static uint8_t pairs_of(const struct rule_addrs *in, const struct rule *r)
{
    unsigned src = where(in, r->src), dst = where(in, r->dst);
    bool turned = r->flags & (RULE_BIDIRECTIONAL | RULE_TRANSACTIONAL), any = r->flags & RULE_PKTHDR;
    uint8_t pairs = 0;
    for (unsigned pair = 0; pair < ENDS_PAIRS; pair++) {
        unsigned s = pair & 1 ? INSIDE : OUTSIDE, d = pair & 2 ? INSIDE : OUTSIDE;
        if (any || (src & s && dst & d) || (turned && src & d && dst & s))
            pairs |= (uint8_t)(1u << pair);
    }
    return pairs;
}

int ends_divide(struct detect *d)
{
    d->home = most_named(d->set);
    d->pairs = malloc(d->set->rule_count + 1);
    if (!d->pairs)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        d->pairs[i] = d->home ? pairs_of(d->home, d->set->rules[i]) : (1u << ENDS_PAIRS) - 1;
    return 0;
}

uint8_t ends_pair(const struct detect *d, const struct look *k)
{
    if (!d->home || !k->src || k->src->family == ADDR_NONE)
        return ENDS_PAIRS;
    return (uint8_t)(rule_addrs_match(d->home, k->src) | rule_addrs_match(d->home, k->dst) << 1);
}
