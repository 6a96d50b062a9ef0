/* Where does a tunnel lead? Each source of addresses is asked in turn. */
#include <stdlib.h>
#include <string.h>

#include "decap/hosts.h"
#include "decap/tunnel.h"

enum answer {
    ANSWER_FOUND, /* the tunnel's key has the address */
    ANSWER_NONE,  /* this source will never know */
    ANSWER_WAIT,  /* ask again: other packets must be done first, or a DNS server be heard */
};

static const struct tunnel_offer *offer_of(const struct tunnel *t)
{
    return &t->offer->tunnel;
}

/* If it is not so for one tunnel, then for none that came later either. */
static bool all_told(struct stage *s, const struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    bool told = news_ready(s->lanes, s->lane, t->number, decap_lowest_teaching(ds));
    ds->untold = !told;
    return told;
}

static enum answer ask_passive_dns(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = offer_of(t);
    if (!all_told(s, t))
        return ANSWER_WAIT;
    decap_receive(s);
    if (!names_find(&ds->names, o->host, o->host_len, &t->key.src, flow_realm(t->carrier->flow), t->number, t->open_ns,
                    &t->key.dst))
        return ANSWER_NONE;
    t->source = ADDRESS_PASSIVE_DNS;
    counter_add(s->counters, ds->n.passive, 1);
    return ANSWER_FOUND;
}

static enum answer ask_egress(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    struct addr found;
    if (!t->join)
        return ANSWER_NONE;
    if (!join_address(s, t->join, &found))
        return ANSWER_WAIT;
    if (found.family == ADDR_NONE)
        return ANSWER_NONE;
    t->key.dst = found;
    t->source = ADDRESS_EGRESS;
    counter_add(s->counters, ds->n.egress, 1);
    return ANSWER_FOUND;
}

static enum answer ask_hosts(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = offer_of(t);
    enum addr_family family = (enum addr_family)t->key.src.family;
    if (!hosts_find(s->lanes->hosts, o->host, o->host_len, family, &t->key.dst))
        return ANSWER_NONE;
    t->source = ADDRESS_HOSTS;
    counter_add(s->counters, ds->n.hosts, 1);
    return ANSWER_FOUND;
}

/* Too many look-ups are out for this one. */
static void over_limit(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    counter_add(s->counters, ds->n.lookup_limit, 1);
    decap_anomaly(s, t->carrier, DECAP_MAX_QUERIES, t->number, t->open_ns);
}

/* The tunnel has a look-up that is back. */
static enum answer take_lookup(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    enum lookup_result result = t->lookup->result;
    if (result == LOOKUP_FOUND) {
        t->key.dst = t->lookup->addr;
        t->source = ADDRESS_DNS;
        counter_add(s->counters, ds->n.active, 1);
    } else if (result == LOOKUP_LIMIT) {
        over_limit(s, t);
    } else if (result == LOOKUP_TIMEOUT) {
        counter_add(s->counters, ds->n.lookup_timeout, 1);
    }
    free(t->lookup);
    t->lookup = NULL;
    return result == LOOKUP_FOUND ? ANSWER_FOUND : ANSWER_NONE;
}

static enum answer ask_active(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = offer_of(t);
    enum lookup_result result;
    if (t->lookup)
        return t->lookup->back ? take_lookup(s, t) : ANSWER_WAIT;
    t->lookup =
        lookup_ask(s->lanes->lookups, s->lane, o->host, o->host_len, (enum addr_family)t->key.src.family, &result);
    if (t->lookup)
        counter_add(s->counters, ds->n.lookups, 1);
    else if (result == LOOKUP_LIMIT)
        over_limit(s, t);
    return t->lookup ? ANSWER_WAIT : ANSWER_NONE;
}

static void use_placeholder(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct settings_names *n = &s->settings->decap.names;
    const struct tunnel_offer *o = offer_of(t);
    bool v6 = t->key.src.family == ADDR_V6;
    t->key.dst = names_placeholder(o->host, o->host_len, v6 ? &n->placeholder_v6 : &n->placeholder_v4,
                                   v6 ? n->placeholder_v6_bits : n->placeholder_v4_bits);
    t->source = ADDRESS_PLACEHOLDER;
    counter_add(s->counters, ds->n.placeholder, 1);
    /* The name may be one of those that had to go. */
    if (ds->names.evicted)
        decap_anomaly(s, t->carrier, DECAP_NAMES_MEMCAP, t->number, t->open_ns);
}

/* What the handshake itself says. */
static bool from_handshake(struct tunnel *t)
{
    const struct tunnel_offer *o = offer_of(t);
    const struct flow_key *c = &t->carrier->flow->key;
    if (o->addr.family != ADDR_NONE) {
        t->key.dst = o->addr;
        t->source = ADDRESS_REQUEST;
        return true;
    }
    if (o->by_carrier) {
        t->key.dst = o->swap ? c->src : c->dst;
        t->source = ADDRESS_CARRIER;
        return true;
    }
    return false;
}

/* Was this relay announced? One that only looks like a relay must have been. */
static enum answer ask_relay(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct flow_key *c = &t->carrier->flow->key;
    if (!all_told(s, t))
        return ANSWER_WAIT;
    decap_receive(s);
    t->relay_known = true;
    const struct relay *r =
        relays_find(&ds->relays, flow_realm(t->carrier->flow), &c->src, &c->dst, c->dport, t->number);
    if (r) {
        t->bounded = relayed_add(s->state, t->carrier, r);
        t->control_flow_id = r->control_flow_id;
        if (r->user_len && !offer_of(t)->user)
            t->relay_user = strdup(r->user);
    } else if (offer_of(t)->relay == RELAY_LIKELY) {
        counter_add(s->counters, ds->n.not_relay, 1);
        t->stage = TUNNEL_DEAD;
        t->disbelieved = true;
        return ANSWER_NONE;
    }
    t->carrier->believed = true;
    return ANSWER_FOUND;
}

bool tunnel_resolve(struct stage *s, struct tunnel *t)
{
    static enum answer (*const sources[NAMES_SOURCE_COUNT])(struct stage *, struct tunnel *) = {
        [NAMES_PASSIVE_DNS] = ask_passive_dns,
        [NAMES_EGRESS] = ask_egress,
        [NAMES_HOSTS] = ask_hosts,
        [NAMES_ACTIVE] = ask_active,
    };
    const struct settings_names *n = &s->settings->decap.names;
    if (offer_of(t)->relay != RELAY_NOT && !t->relay_known) {
        enum answer a = ask_relay(s, t);
        if (a != ANSWER_FOUND)
            return a == ANSWER_NONE;
    }
    if (from_handshake(t))
        return true;
    for (; t->asked < n->order_count; t->asked++) {
        enum answer (*ask)(struct stage *, struct tunnel *) = sources[n->order[t->asked]];
        enum answer a = ask(s, t);
        if (a != ANSWER_NONE)
            return a == ANSWER_FOUND;
    }
    use_placeholder(s, t);
    return true;
}
