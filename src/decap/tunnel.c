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
    if ((*at)->used >= (1u << FLOW_ID_SUB_BITS) - 1)
        return false;
    *id = flow_id_make(number, ++(*at)->used);
    return true;
}

/* May what this tunnel carries teach names at once? */
static bool teaches(const struct tunnel *t)
{
    return names_at_once(&t->key, depth_of(t->carrier->flow) + 1);
}

/* By number, lowest first: the first one says how far the lane is done, and is the first that can go on. */
static void park_list_add(struct decap_stage *ds, struct tunnel *t)
{
    struct tunnel *at = ds->parked_last;
    while (at && at->number > t->number)
        at = at->prev_parked;
    t->prev_parked = at;
    t->next_parked = at ? at->next_parked : ds->parked_first;
    if (at)
        at->next_parked = t;
    else
        ds->parked_first = t;
    if (t->next_parked)
        t->next_parked->prev_parked = t;
    else
        ds->parked_last = t;
    ds->parked_teaching += teaches(t);
}

static void park_list_remove(struct decap_stage *ds, struct tunnel *t)
{
    ds->parked_teaching -= teaches(t);
    if (t->prev_parked)
        t->prev_parked->next_parked = t->next_parked;
    else
        ds->parked_first = t->next_parked;
    if (t->next_parked)
        t->next_parked->prev_parked = t->prev_parked;
    else
        ds->parked_last = t->prev_parked;
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
    size_t user_len = o->user_len > UINT16_MAX ? UINT16_MAX : o->user_len;
    struct tunnel_link *l = calloc(1, sizeof *l + depth * sizeof l->path[0] + host_len + user_len + 2);
    if (!l)
        return NULL;
    l->depth = depth;
    l->parent_flow_id = carrier->id;
    l->root_flow_id = carrier->link ? carrier->link->root_flow_id : carrier->id;
    l->address_source = t->source;
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
    put_text(at, &l->user, &l->user_len, o->user, o->user ? user_len : 0);
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

static void kill_tunnel(struct tunnel *t, const char *reason)
{
    t->stage = TUNNEL_DEAD;
    t->reason = reason;
}

/* The address is known: ask flow for the child. */
static void ask_for_child(struct stage *s, struct tunnel *t, struct packet *p)
{
    struct child_open *o = calloc(1, sizeof *o);
    struct tunnel_link *link = make_link(t);
    if (!o || !link) {
        free(o);
        free(link);
        kill_tunnel(t, "memcap");
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
    s->reenter(s, &o->item);
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
}

/* Find the target's address. False: other lanes' packets must be done first. */
static bool resolve(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = offer_of(t);
    if (o->addr.family != ADDR_NONE) {
        t->key.dst = o->addr;
        t->source = ADDRESS_REQUEST;
        return true;
    }
    if (o->by_carrier) {
        const struct flow_key *c = &t->carrier->flow->key;
        t->key.dst = o->swap ? c->src : c->dst;
        t->source = ADDRESS_CARRIER;
        return true;
    }
    if (s->settings->decap.names.passive_dns) {
        if (!names_ready(&ds->names, t->number, decap_lowest_teaching(ds)))
            return false;
        names_receive(&ds->names);
        if (names_find(&ds->names, o->host, o->host_len, &t->key.src, t->number, t->open_ns, &t->key.dst)) {
            t->source = ADDRESS_PASSIVE_DNS;
            counter_add(s->counters, ds->n.passive, 1);
            return true;
        }
    }
    use_placeholder(s, t);
    return true;
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
    if (t->channel == 0)
        df->active = t;
    set_key(t);
    return t;
}

void tunnel_report(struct stage *s, struct decap_flow *df, struct note **note, const struct item *item,
                   struct packet *p, uint64_t time_ns)
{
    struct decap_stage *ds = s->state;
    const struct settings_decap *set = &s->settings->decap;
    const struct tunnel_offer *o = &(*note)->tunnel;
    const struct settings_payload *payload = settings_payload(s->settings, o->payload);
    const char *why = o->reason;
    struct tunnel *t = NULL;
    if (!set->enabled || (payload && payload->enabled == SWITCH_NO))
        return;
    if (o->status == TUNNEL_ESTABLISHED) {
        if (depth_of(df->flow) >= set->max_depth) {
            why = "depth";
            counter_add(s->counters, ds->n.depth, 1);
        } else if (df->count >= set->max_tunnels_per_carrier) {
            why = "too many tunnels";
            counter_add(s->counters, ds->n.per_carrier, 1);
        } else {
            t = make_tunnel(s, df, note, item, time_ns);
            why = "memcap";
        }
    }
    if (!t) {
        counter_add(s->counters, o->status == TUNNEL_REFUSED ? ds->n.refused : ds->n.incomplete, 1);
        tunnel_log(s, df->flow, o, NULL, NULL, time_ns, why);
        return;
    }
    counter_add(s->counters, ds->n.opened, 1);
    if (resolve(s, t)) {
        ask_for_child(s, t, p);
        return;
    }
    counter_add(s->counters, ds->n.parked, 1);
    t->stage = TUNNEL_PARKED;
    park_list_add(ds, t);
}

/* What a chunk of len bytes costs, the allocator's share included. */
static uint64_t parked_cost(uint32_t len)
{
    return len + sizeof(struct parked) + 32;
}

static void park_bytes(struct stage *s, struct tunnel *t, const struct parked *like, const uint8_t *bytes)
{
    struct decap_stage *ds = s->state;
    struct parked *k = malloc(sizeof *k);
    uint8_t *copy = malloc(like->len ? like->len : 1);
    if (!k || !copy || ds->parked_bytes + parked_cost(like->len) > ds->parked_max) {
        free(k);
        free(copy);
        counter_add(s->counters, ds->n.parked_memcap, 1);
        t->parked_lost[like->dir] += like->gap + like->len;
        return;
    }
    *k = *like;
    k->gap += t->parked_lost[like->dir];
    t->parked_lost[like->dir] = 0;
    k->next = NULL;
    k->bytes = copy;
    if (like->len)
        memcpy(copy, bytes, like->len);
    ds->parked_bytes += parked_cost(like->len);
    if (t->last)
        t->last->next = k;
    else
        t->first = k;
    t->last = k;
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

void tunnel_feed(struct stage *s, struct tunnel *t, struct packet *p, const struct tunnel_bytes *b)
{
    enum flow_dir child_dir = offer_of(t)->swap ? flow_dir_other(b->dir) : b->dir;
    struct parked like = {.number = p->item.number,
                          .now_ns = p->item.now_ns,
                          .time_ns = p->time_ns,
                          .gap = b->gap,
                          .len = b->len,
                          .dir = child_dir,
                          .flags = b->eof ? PACKET_EOF : 0,
                          .bytes = (uint8_t *)(uintptr_t)b->bytes};
    t->bytes[child_dir] += b->len;
    t->last_ns = p->time_ns;
    if (t->stage == TUNNEL_PARKED)
        park_bytes(s, t, &like, b->bytes);
    struct packet *q = t->stage == TUNNEL_OPENING || t->stage == TUNNEL_OPEN ? pseudo(s, t, &like) : NULL;
    if (!q) {
        free(b->own);
        return;
    }
    q->own = (uint8_t *)b->own;
    q->lender = p;
    p->borrowers++;
    if (b->len && teaches(t))
        decap_mark_teaching(s->state, p);
    s->reenter(s, &q->item);
}

/* Send what was parked. These packets have no lender: they own their bytes and count as out by themselves. */
static void send_parked(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    struct parked *next;
    for (struct parked *k = t->first; k; k = next) {
        next = k->next;
        struct packet *q = t->stage == TUNNEL_OPENING ? pseudo(s, t, k) : NULL;
        ds->parked_bytes -= parked_cost(k->len);
        if (q) {
            q->own = k->bytes;
            decap_open_insert(ds, q);
            if (teaches(t))
                decap_mark_teaching(ds, q);
            s->reenter(s, &q->item);
        } else {
            free(k->bytes);
        }
        free(k);
    }
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
    for (struct tunnel *t = ds->parked_first; t && resolve(s, t); t = next) {
        next = t->next_parked;
        park_list_remove(ds, t);
        ask_for_child(s, t, NULL);
        send_parked(s, t);
        did = true;
        if (t->stage == TUNNEL_DEAD && t->close_wanted) {
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
        kill_tunnel(t, "memcap");
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
    if (t->stage == TUNNEL_DEAD)
        tunnel_ended(s, t, NULL);
    else
        send_close(s, t);
}

void tunnel_close(struct stage *s, struct tunnel *t, enum flow_reason reason, const struct item *item)
{
    if (t->close_wanted)
        return;
    t->close_wanted = true;
    t->close_number = item->number;
    t->close_now_ns = item->now_ns;
    t->end_reason = reason;
    if (t->stage == TUNNEL_OPEN)
        send_close(s, t);
    else if (t->stage == TUNNEL_DEAD)
        tunnel_ended(s, t, NULL);
}

void tunnel_ended(struct stage *s, struct tunnel *t, const struct flow_end *end)
{
    struct decap_flow *df = t->carrier;
    tunnel_log(s, df->flow, offer_of(t), t, end, t->last_ns, t->stage == TUNNEL_DEAD ? t->reason : NULL);
    struct tunnel **at = &df->tunnels;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (df->active == t)
        df->active = NULL;
    free(t->offer);
    free(t);
}
