#include "decap/tunnel.h"

#include <stdlib.h>
#include <string.h>

static const struct tunnel_offer *offer_of(const struct tunnel *t)
{
    return &t->offer->tunnel;
}

static uint32_t depth_of(const struct flow_ref *carrier)
{
    return carrier->link ? carrier->link->depth : 0;
}

static uint32_t payload_depth_of(const struct flow_ref *carrier)
{
    return carrier->link ? carrier->link->payload_depth : 0;
}

bool tunnel_teaches(const struct tunnel *t)
{
    return names_at_once(&t->key, depth_of(t->carrier->flow) + 1);
}

/* The child's id: the packet's number and which of that packet's children it is. */
static bool next_id(struct decap_stage *ds, uint64_t number, uint64_t *id)
{
    struct origin **at = &ds->origins[number % ORIGIN_BUCKETS];
    while (*at && (*at)->number != number) {
        struct origin *o = *at;
        if (o->number <= ds->completed) {
            *at = o->next;
            free(o);
        } else {
            at = &o->next;
        }
    }
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at)
            return false;
        (*at)->number = number;
    }
    if ((*at)->used >= FLOW_ID_SUB_LAYERS - 1)
        return false;
    *id = flow_id_make(number, ++(*at)->used);
    return true;
}

static char *put_text(char *at, const char **out, uint16_t *out_len, const char *text, size_t len)
{
    if (len)
        memcpy(at, text, len);
    at[len] = 0;
    *out = at;
    *out_len = (uint16_t)len;
    return at + len + 1;
}

static struct tunnel_link *make_link(const struct tunnel *t)
{
    const struct tunnel_offer *o = offer_of(t);
    const struct flow_ref *carrier = t->carrier->flow;
    uint32_t depth = depth_of(carrier) + 1;
    size_t host_len = o->host_len > UINT16_MAX ? UINT16_MAX : o->host_len;
    const char *user = t->relay_user ? t->relay_user : o->user;
    size_t user_len = t->relay_user ? strlen(t->relay_user) : o->user_len;
    user_len = user_len > UINT16_MAX ? UINT16_MAX : user_len;
    struct tunnel_link *l = calloc(1, sizeof *l + depth * sizeof l->path[0] + host_len + user_len + 2);
    if (!l)
        return NULL;
    l->depth = depth;
    l->payload_depth = payload_depth_of(carrier) + 1;
    l->realm = flow_realm(carrier);
    l->parent_flow_id = carrier->id;
    l->root_flow_id = carrier->link ? carrier->link->root_flow_id : carrier->id;
    l->address_source = t->source;
    l->control_flow_id = t->control_flow_id;
    if (carrier->link)
        memcpy(l->path, carrier->link->path, (depth - 1) * sizeof l->path[0]);
    l->path[depth - 1] = (struct tunnel_hop){.type = o->type,
                                             .flow_id = carrier->id,
                                             .src = carrier->key.src,
                                             .dst = carrier->key.dst,
                                             .sport = carrier->key.sport,
                                             .dport = carrier->key.dport,
                                             .proto = carrier->key.proto};
    char *at = (char *)&l->path[depth];
    at = put_text(at, &l->host, &l->host_len, o->host, o->host ? host_len : 0);
    put_text(at, &l->user, &l->user_len, user, user ? user_len : 0);
    return l;
}

static void set_key(struct tunnel *t)
{
    const struct tunnel_offer *o = offer_of(t);
    const struct flow_key *c = &t->carrier->flow->key;
    bool named = o->client.family != ADDR_NONE;
    t->key = (struct flow_key){.src = named     ? o->client
                                      : o->swap ? c->dst
                                                : c->src,
                               .sport = named     ? o->client_port
                                        : o->swap ? c->dport
                                                  : c->sport,
                               .dport = o->port,
                               .proto = o->proto ? o->proto : 6,
                               .context = t->id};
    if (o->by_carrier)
        t->key.dport = o->swap ? c->sport : c->dport;
}

/* There is no room for the child. */
static void kill_tunnel(struct stage *s, struct tunnel *t)
{
    t->stage = TUNNEL_DEAD;
    t->reason = "memcap";
    decap_anomaly(s, t->carrier, DECAP_MEMCAP, t->number, t->open_ns);
}

/* The child is exported from here on; a tunnel that was parked may be over already. */
static void export_open(struct stage *s, struct tunnel *t)
{
    const struct export_child child = {.id = t->id, .number = t->number, .time_ns = t->open_ns, .key = &t->key};
    export_child_opened(s, &child, make_link(t), &t->exported);
    if (t->close_exact)
        export_child_closed(s, t->exported, t->close_number, t->close_now_ns);
}

/* The address is known: ask flow for the child. */
static void ask_for_child(struct stage *s, struct tunnel *t, struct packet *p)
{
    struct decap_stage *ds = s->state;
    if (t->stage == TUNNEL_DEAD)
        return;
    struct child_open *o = calloc(1, sizeof *o);
    struct tunnel_link *link = make_link(t);
    counter_add(s->counters, ds->n.opened, 1);
    if (!o || !link) {
        free(o);
        free(link);
        kill_tunnel(s, t);
        return;
    }
    o->item = (struct item){.kind = ITEM_OPEN, .number = t->number, .now_ns = t->now_ns};
    o->time_ns = t->open_ns;
    o->id = t->id;
    o->key = t->key;
    o->link = link;
    o->tunnel = t;
    o->lender = p;
    if (p)
        p->borrowers++;
    t->stage = TUNNEL_OPENING;
    if (export_wanted(s))
        export_open(s, t);
    s->reenter(s, &o->item);
}

static struct tunnel *make_tunnel(struct stage *s, struct decap_flow *df, struct note **note, const struct item *item,
                                  uint64_t time_ns)
{
    struct decap_stage *ds = s->state;
    struct tunnel *t = calloc(1, sizeof *t);
    uint64_t id;
    if (!t || !next_id(ds, item->number, &id)) {
        free(t);
        return NULL;
    }
    t->offer = *note;
    *note = NULL;
    t->carrier = df;
    t->id = id;
    t->number = item->number;
    t->now_ns = item->now_ns;
    t->open_ns = t->last_ns = time_ns;
    t->next = df->tunnels;
    df->tunnels = t;
    df->count++;
    t->channel = offer_of(t)->channel;
    df->claimed |= offer_of(t)->relay != RELAY_NOT;
    if (t->channel == 0)
        df->active = t;
    set_key(t);
    return t;
}

/* Why an established tunnel gets no child; NULL: it gets one. */
static const char *refusal(struct stage *s, struct decap_flow *df, const struct settings_payload *payload,
                           uint64_t number, uint64_t time_ns)
{
    struct decap_stage *ds = s->state;
    const struct settings_decap *set = &s->settings->decap;
    if (payload && payload->enabled == SWITCH_DETECTION_ONLY)
        return "detection-only";
    if (payload_depth_of(df->flow) >= set->max_depth) {
        counter_add(s->counters, ds->n.depth, 1);
        decap_anomaly(s, df, DECAP_MAX_DEPTH, number, time_ns);
        return "depth";
    }
    if (df->count >= set->max_tunnels_per_carrier) {
        counter_add(s->counters, ds->n.per_carrier, 1);
        decap_anomaly(s, df, DECAP_MAX_TUNNELS, number, time_ns);
        return "too many tunnels";
    }
    return NULL;
}

/* Is this payload switched on, there? A relay that only may be one is not worth a record alone. */
static bool wanted(const struct stage *s, const struct decap_flow *df, const struct tunnel_offer *o,
                   const struct settings_payload *payload)
{
    const struct flow_key *c = &df->flow->key;
    if (!s->settings->decap.enabled || !settings_payload_allows(payload, &c->dst, c->dport))
        return false;
    if (!payload || o->relay == RELAY_NOT)
        return true;
    return payload->udp && (payload->enabled != SWITCH_DETECTION_ONLY || o->relay == RELAY_SURE);
}

void tunnel_report(struct stage *s, struct decap_flow *df, struct note **note, const struct item *item,
                   struct packet *p, uint64_t time_ns)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = &(*note)->tunnel;
    const struct settings_payload *payload = settings_payload(s->settings, o->payload);
    const char *why = o->reason;
    struct tunnel *t = NULL;
    if (!wanted(s, df, o, payload))
        return;
    if (o->status == TUNNEL_ESTABLISHED && !(why = refusal(s, df, payload, item->number, time_ns))) {
        t = make_tunnel(s, df, note, item, time_ns);
        why = "memcap";
    }
    if (!t) {
        counter_add(s->counters, o->status == TUNNEL_REFUSED ? ds->n.refused : ds->n.incomplete, 1);
        tunnel_log(s, df->flow, o, NULL, NULL, time_ns, why);
        return;
    }
    t->join = join_begin(s, t);
    if (tunnel_resolve(s, t)) {
        ask_for_child(s, t, p);
        return;
    }
    counter_add(s->counters, ds->n.parked, 1);
    t->stage = TUNNEL_PARKED;
    tunnel_park(ds, t);
}

static struct packet *pseudo(struct stage *s, struct tunnel *t, const struct parked *like)
{
    struct decap_stage *ds = s->state;
    struct packet *q = decap_take(ds);
    if (!q)
        return NULL;
    q->item.kind = t->key.proto == 17 ? ITEM_DATAGRAM : ITEM_STREAM;
    q->item.number = like->number;
    q->item.now_ns = like->now_ns;
    q->time_ns = like->time_ns;
    q->flow = t->child;
    if (!t->child)
        q->key = t->key;
    q->dir = like->dir;
    q->gap = like->gap;
    q->flags = like->flags;
    q->payload = like->bytes;
    q->payload_len = like->len;
    counter_add(s->counters, ds->n.pseudo, 1);
    export_child_bytes(s, t->exported, q);
    return q;
}

struct tunnel *tunnel_find(struct decap_flow *df, uint32_t channel)
{
    struct tunnel **at = &df->tunnels;
    while (*at && ((*at)->channel != channel || (*at)->close_wanted))
        at = &(*at)->next;
    struct tunnel *t = *at;
    if (t) {
        *at = t->next;
        t->next = df->tunnels;
        df->tunnels = t;
    }
    return t;
}

/* Datagrams of a relay whose association is over. */
static bool late(const struct tunnel *t, uint64_t number)
{
    return t->until && number > t->until;
}

void tunnel_feed(struct stage *s, struct tunnel *t, struct packet *p, const struct tunnel_bytes *b)
{
    enum flow_dir child_dir = offer_of(t)->swap ? flow_dir_other(b->dir) : b->dir;
    struct parked like = {.number = p->item.number,
                          .now_ns = p->item.now_ns,
                          .time_ns = p->time_ns,
                          .gap = b->gap,
                          .len = b->len,
                          .dir = child_dir,
                          .flags = (uint16_t)((b->eof ? PACKET_EOF : 0) | (p->flags & PACKET_LATE)),
                          .bytes = (uint8_t *)(uintptr_t)b->bytes};
    if (late(t, p->item.number)) {
        free(b->own);
        return;
    }
    if (t->join && t->stage != TUNNEL_DEAD)
        join_bytes(t->join, child_dir, p->item.number, b);
    t->bytes[child_dir] += b->len;
    t->last_ns = p->time_ns;
    if (t->stage == TUNNEL_PARKED)
        tunnel_park_bytes(s, t, &like, b->bytes);
    struct packet *q = t->stage == TUNNEL_OPENING || t->stage == TUNNEL_OPEN ? pseudo(s, t, &like) : NULL;
    if (!q) {
        free(b->own);
        return;
    }
    q->own = (uint8_t *)b->own;
    q->lender = p;
    p->borrowers++;
    if (b->len && tunnel_teaches(t))
        decap_mark_teaching(s->state, p);
    s->reenter(s, &q->item);
}

/* Send what was parked. These packets have no lender: they own their bytes and count as out by themselves. */
static void send_parked(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    struct parked *next;
    uint64_t last_ns = t->open_ns;
    for (struct parked *k = t->first; k; k = next) {
        next = k->next;
        bool drop = late(t, k->number);
        struct packet *q = t->stage == TUNNEL_OPENING && !drop ? pseudo(s, t, k) : NULL;
        if (drop)
            t->bytes[k->dir] -= k->len;
        else
            last_ns = k->time_ns;
        ds->parked_bytes -= tunnel_parked_cost(k->len);
        if (q) {
            q->own = k->bytes;
            decap_open_insert(ds, q);
            if (tunnel_teaches(t))
                decap_mark_teaching(ds, q);
            s->reenter(s, &q->item);
        } else {
            free(k->bytes);
        }
        free(k);
    }
    if (t->until)
        t->last_ns = last_ns;
    t->first = t->last = NULL;
}

static void send_close(struct stage *s, struct tunnel *t)
{
    struct child_close *c = calloc(1, sizeof *c);
    if (!c)
        abort(); /* the child could never be freed */
    c->item = (struct item){.kind = ITEM_CLOSE, .number = t->close_number, .now_ns = t->close_now_ns};
    c->flow = t->child;
    c->reason = t->end_reason;
    t->stage = TUNNEL_CLOSING;
    s->reenter(s, &c->item);
}

bool tunnel_unpark(struct stage *s)
{
    struct decap_stage *ds = s->state;
    bool did = false;
    struct tunnel *next;
    ds->untold = false;
    for (struct tunnel *t = ds->parked_first; t; t = next) {
        next = t->next_parked;
        if (!tunnel_resolve(s, t)) {
            if (ds->untold)
                break;
            continue; /* those behind it may be heard sooner */
        }
        tunnel_unpark_one(ds, t);
        relayed_catch_up(ds, t);
        ask_for_child(s, t, NULL);
        send_parked(s, t);
        did = true;
        if (t->stage == TUNNEL_DEAD && t->close_wanted && ending_ready(s, t, NULL)) {
            struct decap_flow *carrier = t->carrier;
            tunnel_ended(s, t, NULL);
            decap_settle(s, carrier);
        }
    }
    return did;
}

void tunnel_opened(struct stage *s, struct child_open *o)
{
    struct tunnel *t = o->tunnel;
    if (!o->flow) {
        free(o->link);
        kill_tunnel(s, t);
    } else {
        struct decap_flow *df = decap_flow_of(o->flow);
        t->child = o->flow;
        t->stage = TUNNEL_OPEN;
        if (!df)
            abort(); /* the child's end could never be told */
        df->as_child = t;
    }
    if (o->lender)
        decap_return(s, o->lender);
    free(o);
    if (!t->close_wanted)
        return;
    if (t->stage != TUNNEL_DEAD)
        send_close(s, t);
    else if (ending_ready(s, t, NULL))
        tunnel_ended(s, t, NULL);
}

/* Not so what a flow lets go when it times out, whenever that is noticed. */
static bool has_place(const struct item *item)
{
    return item->kind <= ITEM_DATAGRAM && !(((const struct packet *)item)->flags & PACKET_LATE);
}

void tunnel_close(struct stage *s, struct tunnel *t, enum flow_reason reason, const struct item *item, uint64_t as_of)
{
    if (t->close_wanted)
        return;
    t->close_wanted = true;
    t->close_number = item->number;
    t->close_now_ns = item->now_ns;
    t->as_of = as_of;
    t->close_exact = has_place(item);
    t->end_reason = reason;
    t->carrier->count--;
    if (t->close_exact)
        export_child_closed(s, t->exported, t->close_number, t->close_now_ns);
    if (t->stage == TUNNEL_OPEN)
        send_close(s, t);
    else if (t->stage == TUNNEL_DEAD && ending_ready(s, t, NULL))
        tunnel_ended(s, t, NULL);
}

/* What the search for the other leg came to: the counters, the anomaly, and the child's true address where it was
 * opened before that was known. */
static void tell_join(struct stage *s, struct tunnel *t, struct flow_end *end)
{
    struct decap_stage *ds = s->state;
    const struct join *j = t->join;
    const struct join_candidate *k = j->chosen;
    if (!k && j->choice.doubtful)
        counter_add(s->counters, ds->n.ambiguous, 1);
    if (k)
        counter_add(s->counters, ds->n.joined, 1);
    bool other = k && j->choice.how == EGRESS_BY_PAYLOAD && !addr_equal(&k->c.dst, &t->key.dst);
    bool known = t->source != ADDRESS_PLACEHOLDER;
    if ((t->source == ADDRESS_EGRESS && j->choice.contradicted) || (other && known)) {
        counter_add(s->counters, ds->n.contradicted, 1);
        decap_anomaly(s, t->carrier, DECAP_EGRESS_CONTRADICTION, 0, t->last_ns);
    }
    if (k && end && !addr_equal(&k->c.dst, &t->key.dst) && (other || !known) && flow_end_more(end)) {
        end->more->true_dst = k->c.dst;
        t->key.dst = k->c.dst;
        t->source = ADDRESS_EGRESS;
    }
}

void tunnel_ended(struct stage *s, struct tunnel *t, struct flow_end *end)
{
    struct decap_flow *df = t->carrier;
    export_child_over(s, &t->exported);
    if (t->join)
        tell_join(s, t, end);
    if (!t->disbelieved)
        tunnel_log(s, df->flow, offer_of(t), t, end, t->last_ns, t->stage == TUNNEL_DEAD ? t->reason : NULL);
    if (t->join)
        join_end(s, &t->join);
    struct tunnel **at = &df->tunnels;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (df->active == t)
        df->active = NULL;
    free(t->offer);
    free(t->relay_user);
    free(t);
}
