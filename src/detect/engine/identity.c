/* Rules over reloads: each gid, sid and rev has a number in the run's memory, and each rule set knows which of its
 * rules were there before. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Different rules over all reloads; with more a reload fails. */
#define IDENTITIES_MAX (1u << 24)

/* rules: of the rule set. */
static bool add(struct detect_memory *m, const struct rule *r, uint32_t rules, uint32_t *out)
{
    if (m->rule_count == m->rule_room) {
        uint32_t room = m->rule_room ? m->rule_room * 2 : rules;
        struct identity *more = room <= IDENTITIES_MAX ? realloc(m->known, room * sizeof *more) : NULL;
        if (!more)
            return false;
        m->known = more;
        m->rule_room = room;
    }
    *out = m->rule_count++;
    m->known[*out] = (struct identity){.gid = r->gid, .sid = r->sid, .rev = r->rev};
    return true;
}

/* Its place in the table; a new rule has none in known yet. NULL: no memory. */
static uint32_t *find(struct detect_memory *m, uint32_t gid, uint32_t sid, uint32_t rev, bool *fresh)
{
    return numbers_put(&m->rules, (uint64_t)gid << 32 | sid, rev, fresh);
}

static bool fill_table(struct detect_memory *m)
{
    bool fresh;
    for (uint32_t i = (uint32_t)m->rules.count; i < m->rule_count; i++) {
        const struct identity *known = &m->known[i];
        uint32_t *index = find(m, known->gid, known->sid, known->rev, &fresh);
        if (!index)
            return false;
        *index = i;
    }
    return true;
}

/* In a run's first rule set all are new: for a run without reloads nothing is looked for. */
static bool number_rules(struct detect *d)
{
    struct detect_memory *m = d->memory;
    bool first = m->rule_count == 0;
    if (!fill_table(m))
        return false;
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        ruleset_soon(d->set, i);
        const struct rule *r = d->set->rules[i];
        bool fresh = true;
        uint32_t *index = first ? &d->ids[i] : find(m, r->gid, r->sid, r->rev, &fresh);
        if (!index || (fresh && !add(m, r, d->set->rule_count, index)))
            return false;
        d->ids[i] = *index;
    }
    return true;
}

int identity_assign(struct detect *d)
{
    struct detect_memory *m = d->memory;
    uint32_t count = d->set->rule_count;
    d->generation = m->generation + 1;
    d->ids = table_get(count + 1, sizeof *d->ids);
    d->since = table_get(count + 1, sizeof *d->since);
    if (!d->ids || !d->since || !number_rules(d))
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
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
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        struct identity *known = &m->known[d->ids[i]];
        known->since = d->since[i];
        known->last = d->generation;
    }
}

uint32_t identity_find(const struct detect *d, uint32_t id)
{
    return id < d->id_count ? d->index_of[id] : RULE_GONE;
}
