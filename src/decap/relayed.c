/* SOCKS UDP associations: a control connection and the flows of the relay that it announced.
 *
 * An association ends with its control connection (RFC 1928 section 7). That is applied where both are on the wire
 * between the same two hosts, which puts them into one lane and so in order; else the children end with the relay's
 * flow. */
#include <stdlib.h>

#include "decap/tunnel.h"

static struct decap_flow **bucket_of(struct decap_stage *ds, uint64_t control_flow_id)
{
    return &ds->relayed[(control_flow_id >> FLOW_ID_SUB_BITS) % RELAYED_BUCKETS];
}

void relayed_announce(struct stage *s, struct flow_ref *flow, struct note **note, const struct item *item)
{
    struct decap_stage *ds = s->state;
    const struct settings_payload *payload = settings_payload(s->settings, "socks");
    struct decap_flow *df = decap_flow_of(flow);
    bool wanted = s->settings->decap.enabled && (!payload || (payload->enabled != SWITCH_NO && payload->udp));
    if (!df || df->relay || !wanted)
        return;
    uint64_t delay = flow->link ? NEWS_DELAY : 0;
    df->relay = *note;
    *note = NULL;
    relays_learn(&ds->relays, &df->relay->relay, flow, item->number + delay);
    counter_add(s->counters, ds->n.relays, 1);
}

void relayed_end(struct stage *s, struct decap_flow *control, const struct item *item)
{
    struct decap_stage *ds = s->state;
    uint64_t id = control->flow->id;
    /* It counts as late as what it ends. */
    uint64_t delay = control->flow->link ? NEWS_DELAY : 0;
    relays_end(&ds->relays, &control->relay->relay, control->flow, item->number + delay, item->now_ns);
    free(control->relay);
    control->relay = NULL;
    for (struct decap_flow *df = *bucket_of(ds, id); df; df = df->next_relayed) {
        if (df->control_flow_id != id || df->relay_until)
            continue;
        df->relay_until = item->number;
        df->relay_until_now_ns = item->now_ns;
        struct tunnel *next;
        for (struct tunnel *t = df->tunnels; t; t = next) {
            next = t->next;
            tunnel_close(s, t, FLOW_TIMEOUT, item, item->number);
        }
    }
}

/* Are control connection and relay between the same two hosts, both on the wire? */
static bool same_pair(const struct flow_ref *flow, const struct relay *relay)
{
    return !flow->link && !relay->carried && addr_equal(&relay->server, &relay->relay);
}

void relayed_add(struct decap_stage *ds, struct decap_flow *df, const struct relay *relay)
{
    if (df->control_flow_id || !same_pair(df->flow, relay))
        return;
    struct decap_flow **at = bucket_of(ds, relay->control_flow_id);
    df->control_flow_id = relay->control_flow_id;
    df->next_relayed = *at;
    *at = df;
    if (relay->until != UINT64_MAX) {
        df->relay_until = relay->until;
        df->relay_until_now_ns = relay->until_now_ns;
    }
}

void relayed_catch_up(struct tunnel *t)
{
    const struct decap_flow *df = t->carrier;
    if (!df->relay_until || (t->close_wanted && t->close_number <= df->relay_until))
        return;
    if (!t->close_wanted)
        t->carrier->count--;
    t->close_wanted = true;
    t->close_number = df->relay_until;
    t->close_now_ns = df->relay_until_now_ns;
    t->end_reason = FLOW_TIMEOUT;
}

void relayed_remove(struct decap_stage *ds, struct decap_flow *df)
{
    if (!df->control_flow_id)
        return;
    struct decap_flow **at = bucket_of(ds, df->control_flow_id);
    while (*at != df)
        at = &(*at)->next_relayed;
    *at = df->next_relayed;
    df->control_flow_id = 0;
}
