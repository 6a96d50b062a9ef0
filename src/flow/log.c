/* The records of the flow stage: flow and anomaly, in Suricata's form. */
#include "flow/stage.h"

#include <stdio.h>

#include "core/clock.h"

#define HEAD_BYTES 32u /* of a packet in anomalies, as in Suricata */

static void hex_flags(struct json *j, const char *key, uint8_t flags)
{
    json_hex(j, key, &flags, 1, 0);
}

static const char *reason_name(enum flow_reason r)
{
    switch (r) {
    case FLOW_TIMEOUT:
        return "timeout";
    case FLOW_FORCED:
        return "forced";
    case FLOW_TCP_REUSE:
        return "tcp_reuse";
    default:
        return "shutdown";
    }
}

static void write_exception(const struct flow_stage *fs, enum flow_exception why, struct json *j)
{
    json_open_array(j, "exception_policy");
    json_open_object(j, NULL);
    json_str(j, "target", flow_exception_name(why));
    json_str(j, "policy", flow_policy_name(fs->policy[why]));
    json_end_object(j);
    json_end_array(j);
}

static void write_flow_object(const struct flow_stage *fs, const struct flow *f, struct json *j)
{
    static const char *const states[] = {"new", "established", "closed", "bypassed"};
    json_open_object(j, "flow");
    json_u64(j, "pkts_toserver", f->packets[TO_SERVER]);
    json_u64(j, "pkts_toclient", f->packets[TO_CLIENT]);
    json_u64(j, "bytes_toserver", f->wire_bytes[TO_SERVER]);
    json_u64(j, "bytes_toclient", f->wire_bytes[TO_CLIENT]);
    json_time(j, "start", f->ref.start_ns);
    json_time(j, "end", f->last_ns);
    uint64_t from = f->ref.start_ns / NS_PER_S;
    uint64_t to = f->last_ns / NS_PER_S;
    json_u64(j, "age", to > from ? to - from : 0);
    json_str(j, "state", states[f->state]);
    json_str(j, "reason", reason_name(f->end.reason));
    json_bool(j, "alerted", f->end.alerted);
    const char *policy = f->policy == POLICY_DROP_FLOW ? "drop" : f->policy == POLICY_PASS ? "pass" : NULL;
    if (policy || f->end.action)
        json_str(j, "action", policy ? policy : f->end.action);
    if (f->exception)
        write_exception(fs, (enum flow_exception)(f->exception - 1), j);
    if (f->end.tx_count)
        json_u64(j, "tx_cnt", f->end.tx_count);
    json_end_object(j);
}

static const struct {
    uint8_t flag;
    const char *name;
} flag_names[] = {{TCP_SYN, "syn"}, {TCP_FIN, "fin"}, {TCP_RST, "rst"}, {TCP_PSH, "psh"},
                  {TCP_ACK, "ack"}, {TCP_URG, "urg"}, {TCP_ECE, "ecn"}, {TCP_CWR, "cwr"}};

static void write_flags(uint8_t flags, struct json *j)
{
    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++)
        if (flags & flag_names[i].flag)
            json_bool(j, flag_names[i].name, true);
}

static void write_tcp_object(const struct tcp_track *t, struct json *j)
{
    uint8_t ts = t->half[TO_SERVER].flags;
    uint8_t tc = t->half[TO_CLIENT].flags;
    json_open_object(j, "tcp");
    hex_flags(j, "tcp_flags", ts | tc);
    hex_flags(j, "tcp_flags_ts", ts);
    hex_flags(j, "tcp_flags_tc", tc);
    write_flags(ts | tc, j);
    json_str(j, "state", tcp_state_name(t->state));
    for (int d = 0; d < 2; d++) {
        const struct tcp_half *h = &t->half[d];
        bool to_server = d == TO_SERVER;
        if (h->gap_told)
            json_bool(j, to_server ? "ts_gap" : "tc_gap", true);
        if (h->depth_told)
            json_bool(j, to_server ? "ts_depth_reached" : "tc_depth_reached", true);
        json_u64(j, to_server ? "ts_max_regions" : "tc_max_regions", h->far_ahead ? 2 : 1);
        if (h->urgent_told)
            json_u64(j, to_server ? "ts_urgent_oob_data" : "tc_urgent_oob_data", h->urgent_told);
    }
    json_end_object(j);
}

/* This flow is a proxy's other leg. */
static void write_proxied_for(const struct proxied_for *p, struct json *j)
{
    json_open_object(j, "proxied_for");
    json_u64(j, "flow_id", p->flow_id);
    json_addr(j, "src_ip", &p->src);
    json_u64(j, "src_port", p->sport);
    json_end_object(j);
}

static void write_end(const struct event *e, struct json *j)
{
    const struct flow *f = e->arg;
    const struct flow_more *more = f->end.more;
    flow_macs_write(f->macs, j);
    if (f->end.app_proto_ts)
        json_str(j, "app_proto_ts", f->end.app_proto_ts);
    if (f->end.app_proto_tc)
        json_str(j, "app_proto_tc", f->end.app_proto_tc);
    if (more && more->app_proto_orig)
        json_str(j, "app_proto_orig", more->app_proto_orig);
    if (more && more->traffic)
        json_raw(j, "traffic", more->traffic, strlen(more->traffic));
    if (more && more->metadata)
        json_raw(j, "metadata", more->metadata, strlen(more->metadata));
    write_flow_object(e->arg2, f, j);
    if (flow_has_tcp(f))
        write_tcp_object(&f->tcp, j);
    if (more && more->proxied_for)
        write_proxied_for(more->proxied_for, j);
}

/* One direction of a flow. */
static void write_netflow(const struct event *e, struct json *j)
{
    const struct flow *f = e->arg;
    uint64_t from = f->ref.start_ns / NS_PER_S, to = f->last_ns / NS_PER_S;
    json_open_object(j, "netflow");
    json_u64(j, "pkts", f->packets[e->dir]);
    json_u64(j, "bytes", f->wire_bytes[e->dir]);
    json_time(j, "start", f->ref.start_ns);
    json_time(j, "end", f->last_ns);
    json_u64(j, "age", to > from ? to - from : 0);
    json_u64(j, "min_ttl", f->ttl_least[e->dir]);
    json_u64(j, "max_ttl", f->ttl_most[e->dir]);
    json_end_object(j);
    if (!flow_has_tcp(f))
        return;
    json_open_object(j, "tcp");
    hex_flags(j, "tcp_flags", f->tcp.half[e->dir].flags);
    write_flags(f->tcp.half[e->dir].flags, j);
    json_end_object(j);
}

/* The other direction only if it was used, as in Suricata. */
static void log_netflow(struct flow_stage *fs, const struct flow *f, const struct flow_ref *ref)
{
    struct event e = {.type = "netflow",
                      .time_ns = f->last_ns,
                      .flow = ref,
                      .follow_packet = true,
                      .app_proto = f->end.app_proto,
                      .tx_id = -1,
                      .write = write_netflow,
                      .arg = f};
    fs->sink->emit(fs->sink, &e);
    e.dir = TO_CLIENT;
    if (f->packets[TO_CLIENT])
        fs->sink->emit(fs->sink, &e);
}

void flow_log_end(struct flow_stage *fs, const struct flow *f)
{
    /* As in Suricata, GRE around other packets has no flow record. */
    bool gre = f->ref.key.proto == 47 && f->carrier && !f->plain;
    if (!(fs->want_flow || fs->want_netflow) || gre)
        return;
    struct flow_ref ref = f->ref;
    if (f->end.more && f->end.more->true_dst.family != ADDR_NONE)
        ref.key.dst = f->end.more->true_dst;
    struct event e = {.type = "flow",
                      .time_ns = f->last_ns,
                      .flow = &ref,
                      .app_proto = f->end.app_proto,
                      .tx_id = -1,
                      .write = write_end,
                      .arg = f,
                      .arg2 = fs};
    if (fs->want_flow)
        fs->sink->emit(fs->sink, &e);
    if (fs->want_netflow)
        log_netflow(fs, f, &ref);
}

static void write_anomaly(const struct event *e, struct json *j)
{
    json_open_object(j, "anomaly");
    json_str(j, "type", e->arg);
    json_str(j, "event", e->arg2);
    json_end_object(j);
}

/* Headers alone: what comes behind them may be secret. */
static void write_anomaly_with_head(const struct event *e, struct json *j)
{
    const struct packet *p = e->packet;
    write_anomaly(e, j);
    if (p->item.kind != ITEM_PACKET || !p->frame)
        return;
    json_base64(j, "packet", p->frame, p->frame_len < HEAD_BYTES ? p->frame_len : HEAD_BYTES);
    json_open_object(j, "packet_info");
    json_u64(j, "linktype", (uint64_t)p->dlt);
    json_end_object(j);
}

void flow_log_anomaly(struct flow_stage *fs, const struct packet *p, const char *type, const char *name)
{
    if (strcmp(type, "decode") == 0 ? !fs->want_decode : !fs->want_stream)
        return;
    struct event e = {.type = "anomaly",
                      .time_ns = p->time_ns,
                      .number = p->item.number,
                      .flow = p->flow,
                      .packet = p,
                      .follow_packet = true,
                      .dir = p->dir,
                      .tx_id = -1,
                      .write = fs->want_head ? write_anomaly_with_head : write_anomaly,
                      .arg = type,
                      .arg2 = name};
    fs->sink->emit(fs->sink, &e);
}

static void arp_mac(struct json *j, const char *key, const uint8_t m[6])
{
    char t[18];
    snprintf(t, sizeof t, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
    json_str(j, key, t);
}

static void write_arp(const struct event *e, struct json *j)
{
    static const char *const opcodes[] = {"unknown",        "request",      "reply",        "request_reverse",
                                          "reply_reverse",  "dyn_rarp_req", "dyn_rarp_rep", "dyn_rarp_err",
                                          "in_arp_request", "in_arp_reply", "arp_nak"};
    const struct decoded_arp *a = e->arg;
    json_str(j, "hw_type", "ethernet");
    json_str(j, "proto_type", "ipv4");
    json_str(j, "opcode", opcodes[a->opcode < sizeof opcodes / sizeof opcodes[0] ? a->opcode : 0]);
    arp_mac(j, "src_mac", a->src_mac);
    json_addr(j, "src_ip", &a->src);
    arp_mac(j, "dest_mac", a->dst_mac);
    json_addr(j, "dest_ip", &a->dst);
}

void flow_log_arp(struct flow_stage *fs, const struct packet *p)
{
    if (!fs->want_arp)
        return;
    struct event e = {.type = "arp",
                      .time_ns = p->time_ns,
                      .number = p->item.number,
                      .packet = p,
                      .tx_id = -1,
                      .key = "arp",
                      .write = write_arp,
                      .arg = &p->d.arp};
    fs->sink->emit(fs->sink, &e);
}

void flow_counters_init(struct flow_stage *fs)
{
    struct flow_counters *n = &fs->n;
    n->total = counter_id("flow.total");
    n->active = counter_id("flow.active");
    n->tcp = counter_id("flow.tcp");
    n->udp = counter_id("flow.udp");
    n->icmp4 = counter_id("flow.icmpv4");
    n->icmp6 = counter_id("flow.icmpv6");
    n->other = counter_id("flow.other");
    n->children = counter_id("flow.carried");
    n->memcap = counter_id("flow.memcap");
    n->forced = counter_id("flow.memcap_forced");
    n->no_flow = counter_id("flow.packets_without_flow");
    n->no_child = counter_id("flow.pseudo_packets_without_child");
    flow_policy_counters(fs);
    flow_stream_counters(n);
    flow_fragment_counters(n);
    n->checksum = counter_id("decoder.bad_checksum");
}
