/* SOCKS UDP associations: control connections and the flows of the relays that they announced.
 *
 * An association ends with its control connection (RFC 1928 section 7). That is applied where both are on the wire
 * between the same two hosts, which puts them into one lane and so in order; else the children end with the relay's
 * flow. A server may announce one relay to a client several times: then the last of those that a child's first datagram
 * may belong to ends it. */
#include <stdlib.h>

#include "core/hash.h"
#include "decap/tunnel.h"

static struct decap_flow **bucket_of(struct decap_stage *ds, const struct addr *client, const struct addr *relay,
                                     uint16_t port)
{
    uint64_t h = hash_mix(client->q[0] ^ client->q[1], relay->q[0] ^ relay->q[1] ^ port);
    return &ds->relayed[h % RELAYED_BUCKETS];
}

static struct decap_flow **bucket_of_flow(struct decap_stage *ds, const struct flow_ref *flow)
{
    return bucket_of(ds, &flow->key.src, &flow->key.dst, flow->key.dport);
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

/* What ended the tunnel's association; NULL: nothing yet. */
static const struct relay *ended_by(const struct decap_stage *ds, const struct tunnel *t)
{
    const struct flow_key *c = &t->carrier->flow->key;
    return t->bounded ? relays_over(&ds->relays, flow_realm(t->carrier->flow), &c->src, &c->dst, c->dport, t->number)
                      : NULL;
}

/* Children of a relay's flow whose association is over end. */
static void end_children(struct stage *s, struct decap_flow *df, const struct item *item)
{
    struct tunnel *next;
    for (struct tunnel *t = df->tunnels; t; t = next) {
        next = t->next;
        const struct relay *e = t->close_wanted ? NULL : ended_by(s->state, t);
        if (!e)
            continue;
        t->until = e->until;
        tunnel_close(s, t, FLOW_TIMEOUT, item, item->number);
    }
}

void relayed_end(struct stage *s, struct decap_flow *control, const struct item *item)
{
    struct decap_stage *ds = s->state;
    struct note *note = control->relay;
    const struct relay_offer *o = &note->relay;
    /* It counts as late as what it ends. */
    uint64_t delay = control->flow->link ? NEWS_DELAY : 0;
    control->relay = NULL;
    relays_end(&ds->relays, o, control->flow, item->number + delay, item->now_ns);
    decap_receive(s);
    struct decap_flow *next;
    for (struct decap_flow *df = *bucket_of(ds, &o->client, &o->relay, o->port); df; df = next) {
        next = df->next_relayed;
        const struct flow_key *k = &df->flow->key;
        if (addr_equal(&k->src, &o->client) && addr_equal(&k->dst, &o->relay) && k->dport == o->port)
            end_children(s, df, item);
    }
    free(note);
}

bool relayed_add(struct decap_stage *ds, struct decap_flow *df, const struct relay *relay)
{
    if (df->flow->link || !relay_same_pair(relay))
        return false;
    if (!df->relayed) {
        struct decap_flow **at = bucket_of_flow(ds, df->flow);
        df->relayed = true;
        df->next_relayed = *at;
        *at = df;
    }
    return true;
}

void relayed_catch_up(struct decap_stage *ds, struct tunnel *t)
{
    const struct relay *e = ended_by(ds, t);
    if (!e)
        return;
    t->until = e->until;
    /* An end with the same number came after the packet. */
    if (t->close_wanted && t->close_number < e->until)
        return;
    if (!t->close_wanted)
        t->carrier->count--;
    t->close_wanted = true;
    t->close_number = e->until;
    t->close_now_ns = e->until_now_ns;
    t->close_exact = true;
    t->end_reason = FLOW_TIMEOUT;
}

void relayed_remove(struct decap_stage *ds, struct decap_flow *df)
{
    if (!df->relayed)
        return;
    struct decap_flow **at = bucket_of_flow(ds, df->flow);
    while (*at != df)
        at = &(*at)->next_relayed;
    *at = df->next_relayed;
    df->relayed = false;
}
