/* The patterns of all slots, numbered by their place in one order of all: so slots are sorted, and what is in them is
 * told apart, by numbers. */
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"
#include "detect/order.h"

/* Of a pattern's bytes those that are in the number which it is ordered by; its length, and its case, have one each. */
#define KEY_BYTES 6u

struct pattern {
    const uint8_t *p;
    uint16_t len;
    bool nocase;
    struct pattern_hash hash;
};

struct numbering {
    struct pattern *patterns;
    uint32_t count, room;
    uint32_t *table; /* pattern and 1, by its hash */
    uint32_t size;
    uint32_t *of_rule; /* pattern and 1: the fast pattern of a rule is the same in all slots */
};

/* As a rule there are no more patterns than rules. */
static bool make_room(struct numbering *n, uint32_t rules)
{
    if (n->count < n->room)
        return true;
    uint32_t room = n->room ? n->room * 2 : 256;
    while (room < rules)
        room *= 2;
    struct pattern *more = realloc(n->patterns, room * sizeof *more);
    if (more)
        n->patterns = more;
    uint32_t *table = more ? table_get(room * 2, sizeof *table) : NULL;
    if (!table)
        return false;
    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t at = (uint32_t)n->patterns[i].hash.a & (room * 2 - 1);
        while (table[at])
            at = (at + 1) & (room * 2 - 1);
        table[at] = i + 1;
    }
    free(n->table);
    n->table = table;
    n->size = room * 2;
    n->room = room;
    return true;
}

static bool same(const struct pattern *x, const struct slot_entry *e)
{
    return x->len == e->len && x->nocase == e->nocase && (x->p == e->p || memcmp(x->p, e->p, e->len) == 0);
}

static bool number(struct numbering *n, struct slot_entry *e, uint32_t rules)
{
    uint32_t known = n->of_rule[e->rule];
    if (known && same(&n->patterns[known - 1], e)) {
        e->pattern = known - 1;
        return true;
    }
    if (!make_room(n, rules))
        return false;
    struct pattern_hash h = {hash_bytes(e->p, e->len, e->nocase ? UINT64_MAX : 0), 0};
    uint32_t at = (uint32_t)h.a & (n->size - 1);
    while (n->table[at] && (n->patterns[n->table[at] - 1].hash.a != h.a || !same(&n->patterns[n->table[at] - 1], e)))
        at = (at + 1) & (n->size - 1);
    if (!n->table[at]) {
        h.b = hash_bytes(e->p, e->len, h.a);
        n->patterns[n->count++] = (struct pattern){e->p, e->len, e->nocase, h};
        n->table[at] = n->count;
    }
    n->of_rule[e->rule] = n->table[at];
    e->pattern = n->table[at] - 1;
    return true;
}

static uint64_t key_of(const struct pattern *p)
{
    uint64_t key = p->len;
    for (uint16_t i = 0; i < KEY_BYTES; i++)
        key = key << 8 | (i < p->len ? p->p[i] : 0);
    return key << 8 | p->nocase;
}

static int by_rest(const void *a, const void *b, void *patterns)
{
    const struct pattern *x = (const struct pattern *)patterns + ((const struct ordered *)a)->at,
                         *y = (const struct pattern *)patterns + ((const struct ordered *)b)->at;
    return memcmp(x->p, y->p, x->len);
}

/* By length, first bytes, case, and the rest. NULL: no memory. */
static struct ordered *in_order(const struct numbering *n)
{
    struct ordered *o = malloc((n->count + 1) * 2 * sizeof *o);
    if (!o)
        return NULL;
    for (uint32_t i = 0; i < n->count; i++)
        o[i] = (struct ordered){key_of(&n->patterns[i]), i};
    order_by_key(o, o + n->count, n->count);
    for (uint32_t i = 0, end; i < n->count; i = end) {
        for (end = i + 1; end < n->count && o[end].key == o[i].key;)
            end++;
        if (end - i > 1)
            qsort_r(o + i, end - i, sizeof *o, by_rest, n->patterns);
    }
    return o;
}

static bool has_numbers(const struct slot *s)
{
    return s->kind != SLOT_PLACED;
}

/* What a slot is sorted with: room for the largest one. */
struct spare {
    struct ordered *order; /* twice as many */
    struct slot_entry *entries;
};

/* By their patterns; of one pattern as they were, which is by rule. rank: of each pattern as it was numbered first. */
static void sort_entries(struct slot *s, const uint32_t *rank, struct spare *spare)
{
    for (uint32_t i = 0; i < s->count; i++) {
        s->entries[i].pattern = rank[s->entries[i].pattern];
        spare->order[i] = (struct ordered){s->entries[i].pattern, i};
    }
    order_by_key(spare->order, spare->order + s->count, s->count);
    for (uint32_t i = 0; i < s->count; i++)
        spare->entries[i] = s->entries[spare->order[i].at];
    memcpy(s->entries, spare->entries, s->count * sizeof *s->entries);
}

static bool sort_slots(struct detect *d, const uint32_t *rank)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < d->slot_count; i++)
        if (has_numbers(&d->slots[i]) && d->slots[i].count > most)
            most = d->slots[i].count;
    struct spare spare = {malloc(most * 2 * sizeof *spare.order), malloc(most * sizeof *spare.entries)};
    bool ok = spare.order && spare.entries;
    for (uint32_t i = 0; i < d->slot_count && ok; i++)
        if (has_numbers(&d->slots[i]))
            sort_entries(&d->slots[i], rank, &spare);
    free(spare.order);
    free(spare.entries);
    return ok;
}

static bool number_all(struct detect *d, struct numbering *n)
{
    n->of_rule = table_get(d->set->rule_count + 1, sizeof *n->of_rule);
    bool ok = n->of_rule != NULL;
    for (uint32_t i = 0; i < d->slot_count && ok; i++)
        for (uint32_t k = 0; has_numbers(&d->slots[i]) && k < d->slots[i].count && ok; k++)
            ok = number(n, &d->slots[i].entries[k], d->set->rule_count);
    return ok;
}

static void numbering_fini(struct numbering *n)
{
    free(n->patterns);
    free(n->table);
    free(n->of_rule);
}

/* Of each pattern, as it was numbered first, its place in the order; and of each place the hashes. NULL: no memory. */
static uint32_t *rank_all(struct detect *d, struct pattern_hash **hashes)
{
    struct numbering n = {0};
    struct ordered *order = number_all(d, &n) ? in_order(&n) : NULL;
    uint32_t *rank = malloc((n.count + 1) * sizeof *rank);
    *hashes = malloc((n.count + 1) * sizeof **hashes);
    bool ok = order && rank && *hashes;
    for (uint32_t i = 0; i < n.count && ok; i++) {
        rank[order[i].at] = i;
        (*hashes)[i] = n.patterns[order[i].at].hash;
    }
    free(order);
    numbering_fini(&n);
    if (ok)
        return rank;
    free(rank);
    return NULL;
}

bool patterns_order(struct detect *d, struct pattern_hash **hashes)
{
    uint32_t *rank = rank_all(d, hashes);
    bool ok = rank && sort_slots(d, rank);
    free(rank);
    return ok;
}
