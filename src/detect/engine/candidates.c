/* A lane's candidates: rules that may match what is looked at, as their headers do. */
#include "detect/engine/private.h"

/* The header of a rule with => is the request's. */
static bool request_header(struct look k)
{
    k.dir = TO_SERVER;
    look_ends(&k);
    return look_header_ends(&k) && look_header_packet(&k);
}

static bool ends_match(struct detect_lane *l, const struct look *k, uint32_t header)
{
    uint32_t *known = &l->ends->known[header];
    if (*known >> 1 != l->ends->epoch)
        *known = l->ends->epoch << 1 | look_header_ends(k);
    return *known & 1;
}

static bool header_matches(struct detect_lane *l, uint32_t rule)
{
    uint32_t header = l->d->header_of[rule];
    uint32_t *known = &l->headers[header];
    if (*known >> 1 != l->epoch) {
        struct look *k = l->look;
        k->rule = l->d->set->rules[rule];
        bool turned = (k->rule->flags & RULE_TRANSACTIONAL) && k->dir == TO_CLIENT;
        bool is = turned ? request_header(*k) : ends_match(l, k, header) && look_header_packet(k);
        *known = l->epoch << 1 | is;
    }
    return *known & 1;
}

void lane_candidate(struct detect_lane *l, uint32_t rule)
{
    if (l->marks[rule] == l->epoch)
        return;
    l->marks[rule] = l->epoch;
    if (!header_matches(l, rule))
        return;
    l->candidates[l->candidate_count++] = rule;
}

void lane_candidates(struct detect_lane *l, const struct rule_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        lane_candidate(l, list->rules[i]);
}

struct found {
    struct detect_lane *l;
    const struct slot *s;
};

/* Of no pattern of the slot (prefilter.c): where its entries end. */
static uint32_t first_entry(const struct slot *s, unsigned pattern)
{
    return s->first[pattern < s->patterns ? pattern : s->patterns];
}

static int on_found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    struct found *f = arg;
    (void)from;
    (void)to;
    (void)flags;
    for (uint32_t i = first_entry(f->s, id); i < first_entry(f->s, id + 1); i++)
        lane_candidate(f->l, f->s->entries[i].rule);
    return 0;
}

void lane_search(struct detect_lane *l, const struct slot *s, struct inspect_bytes b)
{
    struct found f = {l, s};
    if (b.n && b.n <= UINT32_MAX)
        hs_scan(s->db, (const char *)b.p, (unsigned)b.n, 0, l->scratch, on_found, &f);
}

const struct slot *lane_slot(const struct detect_lane *l, uint32_t slot)
{
    uint32_t part = l->d->slots[slot].part[l->ends->pair];
    return part == NO_PART ? NULL : &l->d->slots[part];
}

static int on_seen(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    struct found *f = arg;
    (void)from;
    (void)to;
    (void)flags;
    for (uint32_t i = first_entry(f->s, id); i < first_entry(f->s, id + 1); i++)
        f->l->seen[f->s->entries[i].rule] = f->l->epoch;
    return 0;
}

/* Once for all of them: those that wait in a transaction are many, and are looked at with each packet. */
static void see_payload(const struct look *k, struct inspect_bytes b)
{
    struct detect_lane *l = k->l;
    const struct slot *s = lane_slot(l, (uint32_t)l->d->tx_payload[k->dir]);
    struct found f = {l, s};
    if (s && b.n && b.n <= UINT32_MAX)
        hs_scan(s->db, (const char *)b.p, (unsigned)b.n, 0, l->scratch, on_seen, &f);
}

bool lane_lacks(const struct look *k, uint32_t rule)
{
    struct detect_lane *l = k->l;
    if (!l->d->tx_sought[rule])
        return false;
    if (l->seen_epoch != l->epoch) {
        l->seen_epoch = l->epoch;
        see_payload(k, k->payload);
        see_payload(k, k->stream);
    }
    return l->seen[rule] != l->epoch;
}

static void begin_ends(struct detect_lane *l, const struct look *k)
{
    struct lane_ends *e = l->ends = &l->ends_in[k->dir];
    uint64_t flow = k->in->flow ? k->in->flow->id : 0;
    uint32_t how = (uint32_t)k->in->app << 1 | (k->tx && k->in->reversed);
    if (flow && flow == e->flow && how == e->how)
        return;
    e->flow = flow;
    e->how = how;
    e->pair = ends_pair(l->d, k);
    if (++e->epoch > INT32_MAX) {
        memset(e->known, 0, l->d->header_count * sizeof *e->known);
        e->epoch = 1;
    }
}

void lane_begin(struct detect_lane *l, struct look *k)
{
    l->candidate_count = 0;
    l->look = k;
    begin_ends(l, k);
    if (++l->epoch > INT32_MAX) {
        memset(l->marks, 0, l->d->set->rule_count * sizeof *l->marks);
        memset(l->seen, 0, l->d->set->rule_count * sizeof *l->seen);
        l->seen_epoch = 0;
        memset(l->headers, 0, l->d->header_count * sizeof *l->headers);
        l->epoch = 1;
    }
}
