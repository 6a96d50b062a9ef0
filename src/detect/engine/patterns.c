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

static bool make_room(struct numbering *n)
{
    if (n->count < n->room)
        return true;
    uint32_t room = n->room ? n->room * 2 : 256;
    struct pattern *more = realloc(n->patterns, room * sizeof *more);
    if (more)
        n->patterns = more;
    uint32_t *table = more ? calloc(room * 2, sizeof *table) : NULL;
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

static bool number(struct numbering *n, struct slot_entry *e)
{
    uint32_t known = n->of_rule[e->rule];
    if (known && same(&n->patterns[known - 1], e)) {
        e->pattern = known - 1;
        return true;
    }
    if (!make_room(n))
        return false;
    struct pattern_hash h = {hash_bytes(e->p, e->len, e->nocase), 0};
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

/* Where an entry is. */
struct place {
    uint32_t slot;
    uint32_t entry;
};

static bool has_numbers(const struct slot *s)
{
    return s->kind != SLOT_PLACED;
}

/* All entries by their patterns, of one pattern as they were, which is by slot and rule. at: of each pattern its first
 * place in the order. */
static void list_places(const struct detect *d, uint32_t *at, struct place *order)
{
    for (uint32_t i = 0; i < d->slot_count; i++)
        for (uint32_t k = 0; has_numbers(&d->slots[i]) && k < d->slots[i].count; k++)
            order[at[d->slots[i].entries[k].pattern]++] = (struct place){i, k};
}

/* Write a slot's entries anew, all slots at once. */
static bool put_in_order(struct detect *d, const struct place *order, uint32_t entries)
{
    struct slot_entry **sorted = calloc(d->slot_count + 1, sizeof *sorted);
    bool ok = sorted != NULL;
    for (uint32_t i = 0; i < d->slot_count && ok; i++)
        ok = !has_numbers(&d->slots[i]) || (sorted[i] = malloc(d->slots[i].count * sizeof **sorted)) != NULL;
    for (uint32_t i = 0; i < d->slot_count && ok; i++)
        if (has_numbers(&d->slots[i]))
            d->slots[i].room = 0;
    for (uint32_t i = 0; i < entries && ok; i++) {
        struct slot *s = &d->slots[order[i].slot];
        sorted[order[i].slot][s->room++] = s->entries[order[i].entry];
    }
    for (uint32_t i = 0; i < d->slot_count && sorted; i++) {
        struct slot_entry *old = d->slots[i].entries;
        if (ok && sorted[i])
            d->slots[i].entries = sorted[i];
        free(ok && sorted[i] ? old : sorted[i]);
    }
    free(sorted);
    return ok;
}

/* rank: of each pattern as it was numbered first. */
static bool sort_entries(struct detect *d, const uint32_t *rank, uint32_t patterns)
{
    uint32_t *at = calloc(patterns + 1, sizeof *at), entries = 0;
    for (uint32_t i = 0; i < d->slot_count && at; i++)
        for (uint32_t k = 0; has_numbers(&d->slots[i]) && k < d->slots[i].count; k++, entries++) {
            struct slot_entry *e = &d->slots[i].entries[k];
            e->pattern = rank[e->pattern];
            at[e->pattern + 1]++;
        }
    for (uint32_t i = 0; i < patterns && at; i++)
        at[i + 1] += at[i];
    struct place *order = malloc((entries + 1) * sizeof *order);
    bool ok = at && order;
    if (ok) {
        list_places(d, at, order);
        ok = put_in_order(d, order, entries);
    }
    free(at);
    free(order);
    return ok;
}

static bool number_all(struct detect *d, struct numbering *n)
{
    n->of_rule = calloc(d->set->rule_count + 1, sizeof *n->of_rule);
    bool ok = n->of_rule != NULL;
    for (uint32_t i = 0; i < d->slot_count && ok; i++)
        for (uint32_t k = 0; has_numbers(&d->slots[i]) && k < d->slots[i].count && ok; k++)
            ok = number(n, &d->slots[i].entries[k]);
    return ok;
}

bool patterns_order(struct detect *d, struct pattern_hash **hashes)
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
    ok = ok && sort_entries(d, rank, n.count);
    free(rank);
    free(order);
    free(n.patterns);
    free(n.table);
    free(n.of_rule);
    return ok;
}
