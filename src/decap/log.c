/* The records of the stage: tunnels, and limits that were met. */
#include "decap/tunnel.h"

#include <stdio.h>

struct tunnel_record {
    const struct tunnel_offer *offer;
    const struct tunnel *tunnel; /* NULL: never established */
    const struct flow_end *end;  /* the child's; NULL: it had none */
    const struct flow_ref *carrier;
    const char *reason;
    enum tunnel_status status;
    uint32_t depth;
    uint64_t end_ns;
};

static void write_reply(const struct tunnel_offer *o, struct json *j)
{
    if (o->reply_code >= 0)
        json_i64(j, "reply_code", o->reply_code);
    if (o->reply)
        json_bytes(j, "reply", o->reply, o->reply_len);
}

static void write_target(const struct tunnel_record *r, struct json *j)
{
    const struct tunnel_offer *o = r->offer;
    const struct tunnel *t = r->tunnel;
    bool resolved = t && t->key.dst.family != ADDR_NONE && t->stage != TUNNEL_PARKED;
    if (o->host)
        json_bytes(j, "host", o->host, o->host_len);
    if (resolved)
        json_addr(j, "dest_ip", &t->key.dst);
    else if (o->addr.family != ADDR_NONE)
        json_addr(j, "dest_ip", &o->addr);
    if (resolved || o->host || o->addr.family != ADDR_NONE)
        json_u64(j, "dest_port", resolved ? t->key.dport : o->port);
    if (resolved)
        json_str(j, "address_source", address_source_name(t->source));
    else if (o->addr.family != ADDR_NONE)
        json_str(j, "address_source", address_source_name(ADDRESS_REQUEST));
    if (t && t->relay_user)
        json_str(j, "user", t->relay_user);
    else if (o->user && o->user_len)
        json_bytes(j, "user", o->user, o->user_len);
}

/* The proxy's own connection to the target. */
static void write_egress(const struct join *join, struct json *j)
{
    const struct join_candidate *k = join->chosen;
    if (!k && join->choice.doubtful)
        json_u64(j, "egress_candidates", join->choice.doubtful);
    if (!k)
        return;
    json_open_object(j, "egress");
    json_u64(j, "flow_id", k->c.flow_id);
    json_addr(j, "src_ip", &k->c.src);
    json_u64(j, "src_port", k->c.sport);
    json_addr(j, "dest_ip", &k->c.dst);
    json_u64(j, "dest_port", k->c.dport);
    json_str(j, "matched_by", join->choice.how == EGRESS_BY_PAYLOAD ? "payload" : "time");
    json_end_object(j);
}

static const char *const status_names[] = {"established", "refused", "incomplete"};

static void write_tunnel(const struct event *e, struct json *j)
{
    const struct tunnel_record *r = e->arg;
    const struct tunnel *t = r->tunnel;
    json_str(j, "type", r->offer->type);
    json_u64(j, "depth", r->depth);
    json_str(j, "status", status_names[r->status]);
    if (r->reason)
        json_str(j, "reason", r->reason);
    write_reply(r->offer, j);
    write_target(r, j);
    if (r->offer->reverse)
        json_bool(j, "reverse", true);
    if (t && t->control_flow_id)
        json_u64(j, "control_flow_id", t->control_flow_id);
    if (t && t->child)
        json_u64(j, "child_flow_id", t->id);
    if (r->end && r->end->app_proto)
        json_str(j, "app_proto", r->end->app_proto);
    const struct flow_more *more = r->end ? r->end->more : NULL;
    if (more && more->inner_host)
        json_str(j, "inner_host", more->inner_host);
    if (more && more->host_mismatch)
        json_bool(j, "host_mismatch", true);
    if (t && t->join)
        write_egress(t->join, j);
    json_u64(j, "bytes_toserver", t ? t->bytes[TO_SERVER] : 0);
    json_u64(j, "bytes_toclient", t ? t->bytes[TO_CLIENT] : 0);
    json_time(j, "start", r->offer->start_ns ? r->offer->start_ns : r->end_ns);
    json_time(j, "end", r->end_ns);
}

static void target_text(const struct tunnel_offer *o, char *out, size_t n)
{
    char addr[ADDR_TEXT_MAX];
    if (o->host) {
        snprintf(out, n, "%.*s:%u", (int)o->host_len, o->host, o->port);
        return;
    }
    addr_print(&o->addr, false, addr);
    snprintf(out, n, o->addr.family == ADDR_V6 ? "[%s]:%u" : "%s:%u", addr, o->port);
}

void tunnel_log(struct stage *s, const struct flow_ref *carrier, const struct tunnel_offer *offer,
                const struct tunnel *t, const struct flow_end *end, uint64_t time_ns, const char *reason)
{
    struct tunnel_record r = {.offer = offer,
                              .tunnel = t,
                              .end = end,
                              .carrier = carrier,
                              .reason = reason,
                              .depth = (carrier->link ? carrier->link->depth : 0) + 1,
                              .end_ns = time_ns};
    bool established = t && t->stage != TUNNEL_DEAD;
    r.status = established ? TUNNEL_ESTABLISHED : offer->status == TUNNEL_REFUSED ? TUNNEL_REFUSED : TUNNEL_INCOMPLETE;
    char target[320];
    target_text(offer, target, sizeof target);
    struct event_tunnel facts = {.type = offer->type, .status = r.status, .depth = r.depth, .target = target};
    struct event e = {.type = "tunnel",
                      .time_ns = time_ns,
                      .flow = carrier,
                      .tx_id = -1,
                      .key = "tunnel",
                      .write = write_tunnel,
                      .arg = &r,
                      .tunnel = &facts};
    s->sink->emit(s->sink, &e);
}

static void write_anomaly(const struct event *e, struct json *j)
{
    json_str(j, "type", "decap");
    json_str(j, "event", e->arg);
}

void decap_anomaly(struct stage *s, struct decap_flow *df, enum decap_event event, uint64_t number, uint64_t time_ns)
{
    static const char *const names[DECAP_EVENT_COUNT] = {
        [DECAP_MAX_DEPTH] = "decap.max_depth",     [DECAP_MAX_TUNNELS] = "decap.max_tunnels",
        [DECAP_MEMCAP] = "decap.memcap",           [DECAP_NAMES_MEMCAP] = "decap.names_memcap",
        [DECAP_MAX_QUERIES] = "decap.max_queries", [DECAP_EGRESS_CONTRADICTION] = "decap.egress_contradiction",
    };
    const struct decap_stage *ds = s->state;
    if (!ds->want_anomaly || (df->told & 1u << event))
        return;
    df->told |= (uint8_t)(1u << event);
    struct event e = {.type = "anomaly",
                      .time_ns = time_ns,
                      .number = number,
                      .flow = df->flow,
                      .follow_packet = true,
                      .dir = TO_SERVER,
                      .tx_id = -1,
                      .key = "anomaly",
                      .write = write_anomaly,
                      .arg = names[event]};
    s->sink->emit(s->sink, &e);
}
