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

/* Entries of a pattern are next to each other; of those that are looked up each counts. */
static uint32_t count_patterns(const struct detect *d, const struct slot *s, unsigned pair, uint32_t *entries)
{
    uint32_t n = 0;
    *entries = 0;
    for (uint32_t p = 0; p < patterns_of(s); p++) {
        uint32_t first = s->first ? s->first[p] : p, end = s->first ? s->first[p + 1] : p + 1, before = *entries;
        for (uint32_t i = first; i < end; i++)
            *entries += is_in(d, &s->entries[i], pair);
        n += *entries > before;
    }
    return n;
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
        for (unsigned pair = 0; pair < ENDS_PAIRS; pair++) {
            uint32_t entries, n = count_patterns(d, &d->slots[i], pair, &entries);
            if (!n)
                d->slots[i].part[pair] = NO_PART;
            else if (n <= LITTLE(patterns_of(&d->slots[i])) && !add_part(d, i, pair, entries))
                return false;
        }
    }
    for (int g = 0; g < GROUP_COUNT; g++)
        for (int dir = 0; dir < 2; dir++)
            for (unsigned c = 0; c < PORTS_CLASSES + APP_CLASSES; c++)
                list_parts(d, &d->classes[g][dir][c]);
    return true;
}
