/* Slots: patterns that are searched for together. */
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"

/* Bytes of a content that are searched for; what stands behind them is only compared. */
#define PATTERN_MAX 255u

static bool same_transforms(const struct slot *s, const struct rule_buffer *b)
{
    if (s->transform_count != b->transform_count)
        return false;
    for (unsigned i = 0; i < b->transform_count; i++) {
        const struct transform *x = &s->transforms[i], *y = &b->transforms[i];
        if (x->kind != y->kind || x->len != y->len || x->pcre_id != y->pcre_id || x->offset != y->offset ||
            x->most != y->most || x->has_most != y->has_most || x->truncate != y->truncate || x->mode != y->mode ||
            (x->len && memcmp(x->bytes, y->bytes, x->len) != 0))
            return false;
    }
    return true;
}

static uint64_t slot_hash(const struct rule_buffer *b, struct slot_where w)
{
    uint64_t h = hash_mix((uint64_t)b->buffer << 40 | (uint64_t)w.dir << 32 | (uint64_t)w.group << 24 |
                              (uint64_t)w.klass << 16 | (uint64_t)w.kind << 8 | w.packet,
                          b->transform_count);
    for (unsigned i = 0; i < b->transform_count; i++)
        h = hash_mix(h, (uint64_t)b->transforms[i].kind << 32 | b->transforms[i].len);
    return h;
}

static bool is_slot(const struct slot *s, const struct rule_buffer *b, struct slot_where w)
{
    return s->buffer == b->buffer && s->dir == w.dir && s->group == w.group && s->klass == w.klass &&
           s->kind == w.kind && s->packet == w.packet && same_transforms(s, b);
}

static uint32_t *free_place(uint32_t *table, uint32_t size, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (size - 1);
    while (table[at])
        at = (at + 1) & (size - 1);
    return &table[at];
}

/* Room for one more slot, and for two places in the table for each. */
static bool grow_slots(struct detect *d)
{
    uint32_t room = d->slot_room ? d->slot_room * 2 : 32;
    struct slot *more = realloc(d->slots, room * sizeof *more);
    if (more)
        d->slots = more;
    uint32_t *table = more ? calloc(room * 2, sizeof *table) : NULL;
    if (!table)
        return false;
    for (uint32_t i = 0; i < d->slot_count; i++)
        *free_place(table, room * 2, d->slots[i].hash) = i + 1;
    free(d->slot_table);
    d->slot_table = table;
    d->slot_room = room;
    return true;
}

static struct slot *slot_for(struct detect *d, const struct rule_buffer *b, struct slot_where w)
{
    uint64_t hash = slot_hash(b, w);
    uint32_t mask = d->slot_room * 2 - 1;
    for (uint32_t at = (uint32_t)hash & mask; d->slot_room && d->slot_table[at]; at = (at + 1) & mask) {
        struct slot *s = &d->slots[d->slot_table[at] - 1];
        if (s->hash == hash && is_slot(s, b, w))
            return s;
    }
    if (d->slot_count == d->slot_room && !grow_slots(d))
        return NULL;
    struct slot *s = &d->slots[d->slot_count++];
    *free_place(d->slot_table, d->slot_room * 2, hash) = d->slot_count;
    *s = (struct slot){.buffer = b->buffer,
                       .dir = w.dir,
                       .group = w.group,
                       .klass = w.klass,
                       .kind = w.kind,
                       .packet = w.packet,
                       .hash = hash,
                       .transform_count = b->transform_count,
                       .transforms = b->transforms};
    return s;
}

/* The part of a content that is searched for. */
struct inspect_bytes slot_searchable(const struct match_content *c)
{
    bool part = c->fast_len && c->fast_offset + c->fast_len <= c->len;
    size_t n = part ? c->fast_len : c->len;
    return (struct inspect_bytes){c->bytes + (part ? c->fast_offset : 0), n < PATTERN_MAX ? n : PATTERN_MAX};
}

/* Bodies and payloads are long: there it pays to search for short patterns apart. */
static bool is_long(const struct detect *d, unsigned buffer)
{
    bool is = buffer == BUFFER_PAYLOAD;
    for (unsigned app = 0; app < DETECT_APP_COUNT && !is; app++)
        is = d->ready[app][buffer] == TX_BODY;
    return is;
}

bool slot_add(struct detect *d, const struct rule *r, const struct match_content *c, const struct rule_buffer *b,
              struct slot_where w)
{
    struct inspect_bytes what = slot_searchable(c);
    bool is_short = what.n < SLOT_SHORT_MAX && !w.packet && is_long(d, b->buffer);
    w.kind = w.of_tx         ? SLOT_OF_TX
             : w.place.exact ? SLOT_PLACED
             : w.most        ? SLOT_SMALL
             : w.place.reach ? SLOT_HEAD
             : is_short      ? SLOT_SHORT
                             : SLOT_LONG;
    struct slot *s = slot_for(d, b, w);
    if (!s)
        return false;
    if (s->count == s->room) {
        uint32_t room = s->room ? s->room * 2 : 64;
        struct slot_entry *more = realloc(s->entries, room * sizeof *more);
        if (!more)
            return false;
        s->entries = more;
        s->room = room;
    }
    s->entries[s->count++] = (struct slot_entry){.p = what.p,
                                                 .len = (uint16_t)what.n,
                                                 .at = (uint16_t)(w.place.at + (what.p - c->bytes)),
                                                 .nocase = c->nocase,
                                                 .rule = r->index};
    uint16_t reach = w.kind == SLOT_SMALL ? w.most : w.place.reach;
    if (reach > s->reach)
        s->reach = reach;
    if (what.n > s->longest)
        s->longest = (uint32_t)what.n;
    s->apps = s->count > 1 && !s->apps ? 0 : r->app_set ? s->apps | r->app_set : 0;
    return true;
}
