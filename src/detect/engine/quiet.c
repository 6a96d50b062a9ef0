/* Packets with which nothing comes that a rule could look at. Where rules are few, most of a bulk transfer's are. */
#include "detect/engine/private.h"

/* Is a list that is looked at once for a flow done with, or empty? */
static bool is_done(const struct detect *d, const struct rule_list *list, uint32_t done)
{
    return !list->count || done == d->generation;
}

static bool knows_flow(const struct detect *d, const struct detect_flow *f, enum flow_dir dir, uint8_t app)
{
    bool of_app =
        app == APP_ANY || (f->whole_app[dir] == app && is_done(d, &d->whole_app[dir], f->whole_app_done[dir]));
    return is_done(d, &d->whole[dir], f->whole_done[dir]) && of_app;
}

static bool has_near(const struct port_class *c)
{
    for (unsigned kind = SLOT_HEAD; kind <= SLOT_KINDS; kind++)
        if (c->at[ENDS_PAIRS][kind])
            return true;
    return c->payload.count;
}

/* Find what the answer depends on as long as the rules and the protocol are these. */
static bool learn(const struct detect *d, const struct detect_flow *f, const struct packet *p, uint8_t app,
                  struct quiet *q)
{
    if (!knows_flow(d, f, p->dir, app))
        return false;
    const uint8_t *class_of = d->port_class[GROUP_TCP][p->dir];
    const struct port_class *c = &d->classes[GROUP_TCP][p->dir][class_of ? class_of[p->flow->key.dport] : 0];
    *q = (struct quiet){c, d->generation, app, has_near(c)};
    return true;
}

bool detect_quiet(const struct detect_lane *l, struct detect_flow *f, const struct packet *p, enum detect_app app,
                  bool app_failed)
{
    const struct detect *d = l->d;
    if (!(p->flags & PACKET_PLAIN) || (p->flags & PACKET_GAP) || f->passed || f->fresh[p->dir] || f->part[p->dir] ||
        f->tag_count || atomic_load_explicit(&d->memory->hosts_tagged, memory_order_relaxed))
        return false;
    struct quiet *q = &f->quiet[p->dir];
    uint8_t app_now = (uint8_t)(app != APP_ANY ? app : app_failed ? DETECT_APP_COUNT : APP_ANY);
    if ((q->generation != d->generation || q->app != app_now) && !learn(d, f, p, app_now, q))
        return false;
    const struct packet_rules *r = &q->class->packet;
    uint8_t flags = p->d.tcp.flags;
    if (r->count && (r->plain || (r->flags[flags >> 6] >> (flags & 63) & 1)))
        return false;
    /* Where the stream is searched, its bytes in packets are not; they come later. */
    return !(p->flags & PACKET_KEPT) || (d->want_window && !q->near);
}
