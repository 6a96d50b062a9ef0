#include "app/verdict.h"

#include "app/alert.h"
#include "config/conf.h"
#include "core/bytes.h"

#define IPV4_HEAD 20
#define IPV6_HEAD 40

struct drop {
    const struct app_call *call;
    const struct rule *rule; /* that dropped it; NULL: none did */
    const char *reason;
    uint8_t action; /* enum detect_action */
};

static struct app_rules *rules_of(const struct app_call *c)
{
    return ((struct app_stage *)c->stage->state)->rules;
}

static void read_options(struct app_verdict *v, const struct settings *s)
{
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct settings_eve_type *t = &s->eve.types[i];
        if (strcmp(t->name, "drop") != 0 || !t->options)
            continue;
        v->all = strcmp(conf_get_text(t->options, "flows", "start"), "all") == 0;
        v->alerts = conf_get_bool(t->options, "alerts", false);
        v->verdicts = conf_get_bool(t->options, "verdict", false);
    }
}

void app_verdict_init(struct app_verdict *v, const struct stage *s)
{
    static const char *const names[PACKET_REASONS] = {
        [REASON_FLOW_MEMCAP] = "ips.drop_reason.flow_memcap",
        [REASON_SESSION_MEMCAP] = "ips.drop_reason.stream_memcap",
        [REASON_REASSEMBLY_MEMCAP] = "ips.drop_reason.stream_reassembly",
        [REASON_MIDSTREAM] = "ips.drop_reason.stream_midstream",
        [REASON_DEFRAG_MEMCAP] = "ips.drop_reason.defrag_memcap",
        [REASON_STREAM_ERROR] = "ips.drop_reason.stream_error",
    };
    v->ips = s->settings->ips;
    if (!v->ips)
        return;
    v->want = s->sink->wanted(s->sink, "drop");
    read_options(v, s->settings);
    v->accepted = counter_id("ips.accepted");
    v->blocked = counter_id("ips.blocked");
    v->rejected = counter_id("ips.rejected");
    v->flow_reason = counter_id("ips.drop_reason.flow_drop");
    v->rule_reason = counter_id("ips.drop_reason.rules");
    v->rate_reason = counter_id("ips.drop_reason.threshold_detection_filter");
    for (unsigned i = 0; i < PACKET_REASONS; i++)
        if (names[i])
            v->reasons[i] = counter_id(names[i]);
}

static bool is_reject(enum rule_action a)
{
    return a == RULE_REJECT_SRC || a == RULE_REJECT_DST || a == RULE_REJECT_BOTH;
}

static bool may_reject(const struct rule *r)
{
    bool is = is_reject(r->action);
    for (uint32_t i = 0; i < r->rate_count && !is; i++)
        is = is_reject(r->rates[i].new_action);
    return is;
}

bool app_rules_reject(const struct detect *d)
{
    const struct ruleset *set = detect_rules(d);
    for (uint32_t i = 0; i < set->rule_count; i++)
        if (may_reject(set->rules[i]))
            return true;
    return false;
}

const char *app_alert_action(const struct app_call *c, enum rule_action a)
{
    return is_reject(a) || (a == RULE_DROP && rules_of(c)->verdict.ips) ? "blocked" : "allowed";
}

const char *app_alert_mark(const struct app_call *c, const struct rule *r)
{
    if (r->action == RULE_ALERT || r->action == RULE_PASS || r->action == RULE_CONFIG)
        return "";
    return rules_of(c)->verdict.ips ? "[Drop] " : "[wDrop] ";
}

void app_put_verdict(const struct app_call *c, uint8_t action, struct json *j)
{
    const struct packet *p = c->packet;
    uint8_t proto = c->flow ? c->flow->key.proto : p && p->item.kind == ITEM_PACKET ? p->d.ip_proto : 0;
    uint8_t reject = action & (DETECT_REJECT_SRC | DETECT_REJECT_DST);
    json_open_object(j, "verdict");
    json_str(j, "action", action & DETECT_DROP ? "drop" : action & DETECT_PASS ? "pass" : "alert");
    if (reject) {
        json_str(j, "reject-target",
                 reject == DETECT_REJECT_SRC   ? "to_client"
                 : reject == DETECT_REJECT_DST ? "to_server"
                                               : "both");
        json_open_array(j, "reject");
        json_str(j, NULL, proto == 6 ? "tcp-reset" : "icmp-prohib");
        json_end_array(j);
    }
    json_end_object(j);
}

static void put_ip(const struct decoded *d, struct json *j)
{
    const uint8_t *h = d->ip;
    if (d->src.family == ADDR_V4 && d->ip_len >= IPV4_HEAD) { /* RFC 791 3.1 */
        json_u64(j, "len", load_be16(h + 2));
        json_u64(j, "tos", h[1]);
        json_u64(j, "ttl", h[8]);
        json_u64(j, "ipid", load_be16(h + 4));
    } else if (d->src.family == ADDR_V6 && d->ip_len >= IPV6_HEAD) { /* RFC 8200 3 */
        json_u64(j, "len", load_be16(h + 4));
        json_u64(j, "tc", (unsigned)(load_be16(h) >> 4 & 0xff));
        json_u64(j, "hoplimit", h[7]);
        json_u64(j, "flowlbl", load_be32(h) & 0xfffff);
    }
}

static void put_transport(const struct decoded *d, struct json *j)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } flags[] = {{TCP_SYN, "syn"}, {TCP_ACK, "ack"}, {TCP_PSH, "psh"},
                 {TCP_RST, "rst"}, {TCP_URG, "urg"}, {TCP_FIN, "fin"}};
    if (d->ip_proto == 6) {
        json_u64(j, "tcpseq", d->tcp.seq);
        json_u64(j, "tcpack", d->tcp.ack);
        json_u64(j, "tcpwin", d->tcp.window);
        for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
            json_bool(j, flags[i].name, d->tcp.flags & flags[i].flag);
        json_u64(j, "tcpres", 0);
        json_u64(j, "tcpurgp", d->tcp.urgent);
    } else if (d->ip_proto == 17) {
        json_u64(j, "udplen", d->payload_len + d->payload_missing + 8u); /* RFC 768 */
    } else if (d->ip_proto == 1 || d->ip_proto == 58) {
        json_u64(j, "icmp_id", d->icmp.id);
        json_u64(j, "icmp_seq", d->icmp.seq);
    }
}

static void write_drop(const struct event *e, struct json *j)
{
    const struct drop *k = e->arg;
    const struct app_call *c = k->call;
    const struct app_verdict *v = &rules_of(c)->verdict;
    const struct decoded *d = &c->packet->d;
    json_open_object(j, "drop");
    if (d->ip && (d->layers & LAYER_IP))
        put_ip(d, j);
    if (d->layers & LAYER_TRANSPORT)
        put_transport(d, j);
    json_str(j, "reason", k->reason);
    json_end_object(j);
    if (v->alerts && k->rule)
        app_put_alert(c, k->rule, c->packet->dir, NULL, j);
    if (v->verdicts)
        app_put_verdict(c, k->action | DETECT_DROP, j);
}

/* Those of a flow that is dropped are told once for each direction, unless all are wanted. */
static bool is_told(const struct app_call *c, const struct app_verdict *v, const struct rule *rule)
{
    struct app_session *as = c->session;
    bool flow = as && as->dropped;
    if (!v->want)
        return false;
    if (v->all || rule || !flow)
        return true;
    uint8_t bit = (uint8_t)(1u << c->packet->dir);
    bool told = as->drop_told & bit;
    as->drop_told |= bit;
    return !told;
}

static void tell(struct app_call *c, const struct drop *k)
{
    const struct app_verdict *v = &rules_of(c)->verdict;
    if (c->packet->item.kind != ITEM_PACKET || !is_told(c, v, k->rule))
        return;
    struct event e = {.type = "drop",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .follow_packet = true,
                      .dir = c->packet->dir,
                      .tx_id = -1,
                      .write = write_drop,
                      .arg = k};
    c->stage->sink->emit(c->stage->sink, &e);
}

static void count(struct app_call *c, unsigned id)
{
    if (c->packet->item.kind == ITEM_PACKET && !(c->packet->flags & PACKET_CARRIER))
        counter_add(c->stage->counters, id, 1);
}

bool app_verdict_before(struct app_call *c)
{
    static const char *const reasons[PACKET_REASONS] = {[REASON_FLOW_MEMCAP] = "flow memcap",
                                                        [REASON_SESSION_MEMCAP] = "stream memcap",
                                                        [REASON_REASSEMBLY_MEMCAP] = "stream reassembly",
                                                        [REASON_MIDSTREAM] = "stream midstream",
                                                        [REASON_DEFRAG_MEMCAP] = "defrag memcap",
                                                        [REASON_STREAM_ERROR] = "stream error"};
    const struct app_verdict *v = &rules_of(c)->verdict;
    struct app_session *as = c->session;
    const struct packet *p = c->packet;
    if (!v->ips)
        return false;
    bool flow = as && as->dropped;
    if (!flow && p->seen.policy != POLICY_DROP && p->seen.policy != POLICY_DROP_FLOW)
        return false;
    const char *why = flow || !reasons[p->seen.reason] ? "flow drop" : reasons[p->seen.reason];
    if (as && p->seen.policy == POLICY_DROP_FLOW)
        as->dropped = true;
    count(c, v->blocked);
    count(c, flow || !reasons[p->seen.reason] ? v->flow_reason : v->reasons[p->seen.reason]);
    tell(c, &(struct drop){.call = c, .reason = why});
    return true;
}

void app_verdict_after(struct app_call *c, const struct detect_alerts *alerts)
{
    const struct app_verdict *v = &rules_of(c)->verdict;
    const struct lanes_shared *lanes = c->stage->lanes;
    struct app_session *as = c->session;
    bool rejects = alerts->action & (DETECT_REJECT_SRC | DETECT_REJECT_DST);
    if (rejects && c->packet && lanes->rejecter)
        lanes->reject(lanes->rejecter, c->stage, c->packet, alerts->action & DETECT_REJECT_SRC,
                      alerts->action & DETECT_REJECT_DST);
    if (!v->ips || !c->packet)
        return;
    if (as && as->detect && detect_flow_action(as->detect) == DETECT_DROP)
        as->dropped = true;
    if (!(alerts->action & DETECT_DROP)) {
        count(c, v->accepted);
        return;
    }
    count(c, rejects ? v->rejected : v->blocked);
    const char *why = alerts->by_rate ? "threshold detection_filter" : "rules";
    count(c, alerts->by_rate ? v->rate_reason : v->rule_reason);
    tell(c, &(struct drop){.call = c, .rule = alerts->drop, .reason = why, .action = alerts->action});
}
