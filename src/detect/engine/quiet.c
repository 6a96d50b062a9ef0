/* Packets with which nothing comes that a rule could look at. Where rules are few, most of a bulk transfer's are. */
#include "detect/engine/private.h"

/* Is a list that is looked at once for a flow done with, or empty? */
static bool is_done(const struct detect *d, const struct rule_list *list, uint32_t done)
{
    return !list->count || done == d->generation;
}

static bool knows_flow(const struct detect *d, const struct detect_flow *f, enum flow_dir dir, uint8_t app)
{
    bool of_app = app == APP_ANY || (f->whole_app[dir] == app && is_done(d, &d->whole_app[dir], f->whole_app_done[dir]));
    return is_done(d, &d->whole[dir], f->whole_done[dir]) && of_app;
}

static bool has_near(const struct port_class *c)
{
    for (unsigned kind = SLOT_HEAD; kind <= SLOT_KINDS; kind++)
        if (c->at[ENDS_PAIRS][kind])
            return true;
    return c->payload.count;
}

bool detect_quiet(const struct detect_lane *l, const struct detect_flow *f, const struct packet *p, enum detect_app app,
                  bool app_failed)
{
    const struct detect *d = l->d;
    if (p->item.kind != ITEM_PACKET || p->d.ip_proto != 6 || p->payload_len || p->gap || (p->flags & PACKET_GAP) ||
        p->d.event_count || p->seen.event_count || (p->d.layers & LAYER_FRAGMENT))
        return false;
    if (f->passed || f->fresh[p->dir] || f->part[p->dir] || f->tag_count ||
        atomic_load_explicit(&d->memory->hosts_tagged, memory_order_relaxed))
        return false;
    /* Where the stream is searched, its bytes in packets are not; they come later. */
    if (p->d.payload_len && !(d->want_window && (p->flags & PACKET_KEPT)))
        return false;
    const uint8_t *class_of = d->port_class[GROUP_TCP][p->dir];
    const struct port_class *c = &d->classes[GROUP_TCP][p->dir][class_of ? class_of[p->flow->key.dport] : 0];
    if (c->packet.count || (p->d.payload_len && has_near(c)))
        return false;
    return knows_flow(d, f, p->dir, (uint8_t)(app != APP_ANY ? app : app_failed ? DETECT_APP_COUNT : APP_ANY));
}
