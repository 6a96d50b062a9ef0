/* Rules over reloads: each gid, sid and rev has a number in the run's memory, and each rule set knows which of its
 * rules were there before. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Different rules over all reloads; with more a reload fails. */
#define IDENTITIES_MAX (1u << 24)

static int identity_of(struct detect_memory *m, const struct rule *r, uint32_t *out)
{
    bool fresh;
    if (m->rule_count == m->rule_room) {
        uint32_t room = m->rule_room ? m->rule_room * 2 : 1024;
        struct identity *more = room <= IDENTITIES_MAX ? realloc(m->known, room * sizeof *more) : NULL;
        if (!more)
            return -ENOMEM;
        m->known = more;
        m->rule_room = room;
    }
    uint32_t *index = numbers_put(&m->rules, (uint64_t)r->gid << 32 | r->sid, r->rev, &fresh);
    if (!index)
        return -ENOMEM;
    if (fresh) {
        m->known[m->rule_count] = (struct identity){0};
        *index = m->rule_count++;
    }
    *out = *index;
    return 0;
}

int identity_assign(struct detect *d)
{
    struct detect_memory *m = d->memory;
    uint32_t count = d->set->rule_count;
    d->generation = m->generation + 1;
    d->ids = calloc(count + 1, sizeof *d->ids);
    d->since = calloc(count + 1, sizeof *d->since);
    if (!d->ids || !d->since)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        int r = identity_of(m, d->set->rules[i], &d->ids[i]);
        if (r != 0)
            return r;
        const struct identity *known = &m->known[d->ids[i]];
        bool stays = known->last && known->last == m->generation;
        d->since[i] = stays ? known->since : d->generation;
    }
    d->id_count = m->rule_count;
    d->index_of = malloc((d->id_count + 1) * sizeof *d->index_of);
    if (!d->index_of)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->id_count; i++)
        d->index_of[i] = RULE_GONE;
    for (uint32_t i = 0; i < count; i++)
        d->index_of[d->ids[i]] = i;
    return 0;
}

void identity_commit(struct detect *d)
{
    struct detect_memory *m = d->memory;
    m->generation = d->generation;
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        m->known[d->ids[i]] = (struct identity){.since = d->since[i], .last = d->generation};
}

uint32_t identity_find(const struct detect *d, uint32_t id)
{
    return id < d->id_count ? d->index_of[id] : RULE_GONE;
}
