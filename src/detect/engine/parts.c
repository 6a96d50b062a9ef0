/* Parts of slots: what of a slot can match between the ends of a flow (ends.c) is a slot of its own if it is little. */
#include <stdlib.h>

#include "detect/engine/private.h"

/* A part of that many patterns in all is searched faster, and its database is small. */
#define LITTLE(patterns) ((patterns) / 3)

static uint32_t patterns_of(const struct slot *s)
{
    return s->kind == SLOT_PLACED ? s->count : s->patterns;
}

static bool is_in(const struct detect *d, const struct slot_entry *e, unsigned pair)
{
    return d->pairs[e->rule] >> pair & 1;
}

/* What of a slot can match between each pair of ends. */
struct counts {
    uint32_t patterns[ENDS_PAIRS];
    uint32_t entries[ENDS_PAIRS];
};

/* Entries of a pattern are next to each other; of those that are looked up each counts. They are counted by the pairs
 * that they can match, of which there are few different sets. */
static struct counts count(const struct detect *d, const struct slot *s)
{
    uint32_t patterns[1u << ENDS_PAIRS] = {0}, entries[1u << ENDS_PAIRS] = {0};
    for (uint32_t p = 0; p < patterns_of(s); p++) {
        uint32_t first = s->first ? s->first[p] : p, end = s->first ? s->first[p + 1] : p + 1;
        uint8_t any = 0;
        for (uint32_t i = first; i < end; i++) {
            entries[d->pairs[s->entries[i].rule]]++;
            any |= d->pairs[s->entries[i].rule];
        }
        patterns[any]++;
    }
    struct counts c = {{0}, {0}};
    for (unsigned set = 0; set < 1u << ENDS_PAIRS; set++)
        for (unsigned pair = 0; pair < ENDS_PAIRS; pair++) {
            c.patterns[pair] += set >> pair & 1 ? patterns[set] : 0;
            c.entries[pair] += set >> pair & 1 ? entries[set] : 0;
        }
    return c;
}

/* False: no memory. */
static bool take(const struct detect *d, const struct slot *s, unsigned pair, uint32_t entries, struct slot *part)
{
    *part = *s;
    part->first = NULL;
    part->patterns = part->longest = part->count = part->reach = 0;
    part->entries = malloc(entries * sizeof *part->entries);
    part->room = entries;
    for (uint32_t i = 0; part->entries && i < s->count; i++) {
        const struct slot_entry *e = &s->entries[i];
        if (!is_in(d, e, pair))
            continue;
        part->entries[part->count++] = *e;
        part->longest = e->len > part->longest ? e->len : part->longest;
        part->reach = e->reach > part->reach ? e->reach : part->reach;
    }
    return part->entries != NULL;
}

static bool add_part(struct detect *d, uint32_t slot, unsigned pair, uint32_t entries)
{
    if (d->slot_count == d->slot_room) {
        uint32_t room = d->slot_room * 2;
        struct slot *more = realloc(d->slots, room * sizeof *more);
        if (!more)
            return false;
        d->slots = more;
        d->slot_room = room;
    }
    struct slot *part = &d->slots[d->slot_count];
    if (!take(d, &d->slots[slot], pair, entries, part))
        return false;
    d->slots[slot].part[pair] = d->slot_count++;
    return true;
}

static const struct slot *part_of(const struct detect *d, int32_t slot, unsigned pair)
{
    uint32_t part = slot < 0 ? NO_PART : d->slots[slot].part[pair];
    return part == NO_PART ? NULL : &d->slots[part];
}

/* No slot comes after these, and none moves. */
static void list_parts(struct detect *d, struct port_class *c)
{
    for (unsigned pair = 0; pair <= ENDS_PAIRS; pair++) {
        for (unsigned kind = 0; kind < SLOT_KINDS; kind++)
            c->at[pair][kind] = part_of(d, c->slot[kind], pair);
        c->at[pair][SLOT_KINDS] = part_of(d, c->beside, pair);
    }
}

bool parts_make(struct detect *d)
{
    uint32_t whole = d->slot_count;
    for (uint32_t i = 0; i < whole; i++) {
        for (unsigned pair = 0; pair <= ENDS_PAIRS; pair++)
            d->slots[i].part[pair] = i;
        struct counts c = count(d, &d->slots[i]);
        for (unsigned pair = 0; pair < ENDS_PAIRS; pair++) {
            if (!c.patterns[pair])
                d->slots[i].part[pair] = NO_PART;
            else if (c.patterns[pair] <= LITTLE(patterns_of(&d->slots[i])) && !add_part(d, i, pair, c.entries[pair]))
                return false;
        }
    }
    for (int g = 0; g < GROUP_COUNT; g++)
        for (int dir = 0; dir < 2; dir++)
            for (unsigned c = 0; c < PORTS_CLASSES + APP_CLASSES; c++)
                list_parts(d, &d->classes[g][dir][c]);
    return true;
}
