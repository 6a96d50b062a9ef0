#include "app/alert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned named_counter(const char *head, const char *proto, const char *tail)
{
    char *name = NULL;
    if (asprintf(&name, "%s%s%s", head, proto, tail) < 0)
        abort();
    unsigned id = counter_id(name);
    if (counter_name(id) != name)
        free(name);
    return id;
}

static int add_proto(struct stage *s, const struct app_proto *p)
{
    struct app_stage *st = s->state;
    unsigned i = st->proto_count++;
    st->protos[i] = p;
    st->n.flows[i] = named_counter("app_layer.flow.", p->name, "");
    st->n.txs[i] = named_counter("app_layer.tx.", p->name, "");
    st->want[i] = p->record && (s->sink->wanted(s->sink, p->record) || s->sink->wanted(s->sink, p->name));
    if (settings_proto_enabled(s->settings, p->conf) == SWITCH_NO)
        return 0;
    if (p->transports & PROTO_TCP)
        st->enabled[0] |= 1u << i;
    if (p->transports & PROTO_UDP)
        st->enabled[1] |= 1u << i;
    return p->configure ? p->configure(s->settings, &st->configs[i]) : 0;
}

static int app_init(struct stage *s)
{
    struct app_stage *st = calloc(1, sizeof *st);
    if (!st)
        return -ENOMEM;
    s->state = st;
    for (unsigned i = 0; proto_table[i] && i < APP_PROTO_MAX; i++) {
        int rc = add_proto(s, proto_table[i]);
        if (rc != 0)
            return rc;
    }
    int rc = app_files_init(s);
    if (rc != 0)
        return rc;
    st->want_anomaly = s->sink->wanted(s->sink, "anomaly") && settings_anomaly_enabled(s->settings, "applayer");
    st->held_max = s->settings->app_memcap / s->lanes->count;
    st->side_max = s->settings->app_buffer;
    st->n.failed = counter_id("app_layer.flow.failed");
    st->n.held_limit = counter_id("app_layer.held_limit");
    st->n.memuse = counter_id("app_layer.memuse");
    st->n.gaps = counter_id("app_layer.gaps");
    st->n.mismatch = counter_id("decap.host_mismatch");
    st->n.broken = counter_id("app_layer.error.parser");
    return app_rules_init(s);
}

static void app_fini(struct stage *s)
{
    struct app_stage *st = s->state;
    if (st) {
        app_rules_fini(st);
        app_files_fini(st);
    }
    for (unsigned i = 0; st && i < st->proto_count; i++)
        if (st->protos[i]->unconfigure && st->configs[i])
            st->protos[i]->unconfigure(st->configs[i]);
    free(s->state);
    s->state = NULL;
}

static struct app_session *session_of(struct app_stage *st, struct flow_ref *flow)
{
    struct app_session *as = flow->app;
    if (as)
        return as;
    as = calloc(1, sizeof *as);
    if (!as)
        return NULL;
    as->candidates = st->enabled[flow->key.proto == 17];
    buf_init(&as->side[0].held, st->side_max);
    buf_init(&as->side[1].held, st->side_max);
    flow->app = as;
    return as;
}

/* The protocol has just been found: parse what both sides hold, the client's first, then the packet's own bytes. */
static void parse_first(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len)
{
    struct app_session *as = c->session;
    for (int d = 0; d < 2; d++) {
        bool own = (int)dir == d;
        struct app_side *side = &as->side[d];
        bool has = side->held.len || (own && len) || (side->eof && !side->eof_told);
        if (as->mode == APP_PARSING && has)
            app_parse(c, (enum flow_dir)d, own ? data : NULL, own ? len : 0);
        else if (as->mode == APP_TUNNEL && own && len) {
            c->packet->carried = data;
            c->packet->carried_len = (uint32_t)len;
        }
    }
}

static void detect_bytes(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len)
{
    struct app_session *as = c->session;
    bool held = as->side[dir].held.len != 0;
    if (!app_detect(c, dir, data, len, false))
        return;
    /* What was held when the bytes came now holds them as well. */
    parse_first(c, dir, held ? NULL : data, held ? 0 : len);
}

static void take_stream(struct app_call *c, struct packet *p)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    struct app_side *side = &as->side[p->dir];
    if (p->gap) {
        if (as->mode == APP_PARSING && as->state)
            app_gap(c, p->dir, p->gap);
        else if (as->mode == APP_DETECTING) {
            app_release(st, side);
            side->lost = true;
        }
        /* Only a tunnel's bytes go on with the gap. */
        if (as->mode != APP_TUNNEL) {
            p->gap = 0;
            p->flags |= PACKET_GAP;
        }
    }
    if (p->flags & PACKET_EOF)
        side->eof = true;
    if (p->payload_len)
        as->seen_payload = true;
    bool eof = side->eof && !side->eof_told;
    if (as->mode == APP_DETECTING && (p->payload_len || eof))
        detect_bytes(c, p->dir, p->payload, p->payload_len);
    else if (as->mode == APP_PARSING && as->state && (p->payload_len || eof))
        app_parse(c, p->dir, p->payload, p->payload_len);
    else if (as->mode == APP_TUNNEL) {
        p->carried = p->payload;
        p->carried_len = p->payload_len;
    }
}

/* One datagram of noise before a protocol must not hide it. */
static void ask_again(struct app_call *c)
{
    const struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    as->mode = APP_DETECTING;
    as->candidates = st->enabled[1];
}

static void take_datagram(struct app_call *c, struct packet *p)
{
    struct app_session *as = c->session;
    if (!p->payload_len)
        return;
    as->seen_payload = true;
    if (as->mode == APP_DETECTING && app_detect(c, p->dir, p->payload, p->payload_len, true))
        as->mode = APP_PARSING;
    else if (as->mode == APP_FAILED && !as->proto && ++as->probed < DATAGRAM_PROBES)
        ask_again(c);
    if (as->mode != APP_PARSING)
        return;
    app_parse(c, p->dir, p->payload, p->payload_len);
    /* A datagram stands alone: nothing of it waits for the next. */
    app_release(c->stage->state, &as->side[p->dir]);
    as->side[p->dir].waiting = false;
}

/* Find the protocol, parse. */
static void parse_packet(struct app_call *c)
{
    struct app_session *as = c->session;
    struct packet *p = c->packet;
    bool tcp = p->flow->key.proto == 6;
    if (tcp)
        take_stream(c, p);
    else
        take_datagram(c, p);
    while (as->changed) {
        as->changed = false;
        parse_first(c, p->dir, NULL, 0);
    }
    buf_fini(&c->small);
    bool over = (as->mode == APP_DONE || as->mode == APP_FAILED) && !app_rules_want_stream(c);
    if (over && !as->bypass_told && tcp) {
        as->bypass_told = true;
        p->flags |= PACKET_BYPASS;
    }
}

/* Field by field, which for every packet is cheaper than to clear it all. */
static void begin_call(struct app_call *c, struct stage *s, struct app_session *as, struct packet *p)
{
    c->stage = s;
    c->events = ((struct app_stage *)s->state)->events;
    c->event_count = 0;
    c->session = as;
    c->flow = p->flow;
    c->item = &p->item;
    c->packet = p;
    c->gap = p->gap;
    c->time_ns = p->time_ns;
    /* No record names a packet whose number is when a time-out was noticed. */
    c->number = p->flags & PACKET_LATE ? 0 : p->item.number;
    c->encrypted = as && as->mode == APP_DONE && as->proto && as->proto->ciphers;
    c->next = 0;
    buf_init(&c->inherited, 0);
    buf_init(&c->small, 0);
    c->small_channel = 0;
    c->small_dir = TO_SERVER;
}

static void process_packet(struct stage *s, struct packet *p)
{
    struct app_stage *st = s->state;
    p->carried = NULL;
    p->carried_len = 0;
    uint8_t proto = p->flow ? p->flow->key.proto : 0;
    bool parses = (proto == 6 || proto == 17) && (p->payload_len || p->gap || (p->flags & PACKET_EOF));
    if (!parses && !st->rules)
        return;
    struct app_session *as = p->flow ? session_of(st, p->flow) : NULL;
    if (p->flow && !as)
        return;
    if (!parses && as && app_rules_pass_over(s, as, p))
        return;
    struct app_call c;
    begin_call(&c, s, as, p);
    if (st->rules && app_verdict_before(&c))
        return;
    if (parses) {
        parse_packet(&c);
        as->unshown = 1 << TO_SERVER | 1 << TO_CLIENT;
    }
    if (st->rules)
        app_shown_packet(&c);
    /* The packet that set a segment free follows at once: transactions wait for it. */
    if (st->rules && (p->flags & PACKET_ACKED) && app_rules_later(&c))
        return;
    if (st->rules)
        app_rules_packet(&c);
    if (as && as->state) {
        if (((struct proto_txs *)as->state)->first)
            app_log_txs(&c);
        app_retire(&c);
    }
}

/* The last asking of a flow whose protocol is still open: a request that never got an answer may say enough. */
static void detect_at_end(struct app_call *c)
{
    if (app_detect(c, TO_SERVER, NULL, 0, true))
        parse_first(c, TO_SERVER, NULL, 0);
}

static void tell_more(struct flow_end *end, struct app_session *as, struct app_vars vars)
{
    bool any = as->server_name || as->first_proto || vars.metadata || vars.traffic;
    struct flow_more *more = any ? flow_end_more(end) : NULL;
    if (!more) {
        free(as->server_name);
        app_vars_free(&vars);
        return;
    }
    more->metadata = vars.metadata;
    more->traffic = vars.traffic;
    more->host_mismatch = as->host_mismatch;
    more->inner_host = as->server_name;
    more->app_proto_orig = as->first_proto;
}

static void end_session(struct stage *s, struct flow_end *end)
{
    struct flow_ref *flow = end->flow;
    struct app_session *as = flow->app;
    if (!as)
        return;
    struct app_call c = {.stage = s,
                         .events = ((struct app_stage *)s->state)->events,
                         .session = as,
                         .flow = flow,
                         .item = &end->item,
                         .time_ns = end->last_ns,
                         .number = end->last_number};
    if (as->mode == APP_DETECTING && (as->side[0].held.len || as->side[1].held.len))
        detect_at_end(&c);
    end->tx_count = as->state ? ((struct proto_txs *)as->state)->next_id : as->tx_count;
    if (as->proto)
        end->app_proto = as->proto->name;
    else if (as->seen_payload)
        end->app_proto = "failed";
    app_finish(&c);
    end->alerted = as->alerted;
    uint8_t action = detect_flow_action(as->detect);
    end->action = action == DETECT_PASS ? "pass" : action == DETECT_DROP ? "drop" : NULL;
    for (int d = 0; as->detect && d < 2; d++)
        end->kept[d] = detect_take_kept(as->detect, (enum flow_dir)d);
    struct app_vars vars = app_vars_of(s->state, as, NULL);
    app_rules_end(s->state, as);
    tell_more(end, as, vars);
    buf_fini(&c.small);
    app_ranges_free(s->state, as);
    free(as);
    flow->app = NULL;
}

static void app_process(struct stage *s, struct item **batch, unsigned n)
{
    struct app_stage *st = s->state;
    for (unsigned i = 0; i < n; i++) {
        struct item *item = batch[i];
        if (item->kind == ITEM_END)
            end_session(s, (struct flow_end *)item);
        else if (item->kind <= ITEM_DATAGRAM)
            process_packet(s, (struct packet *)item);
        s->emit(s, item);
    }
    atomic_store_explicit(&s->counters->value[st->n.memuse], st->held, memory_order_relaxed);
}

static bool app_tick(struct stage *s)
{
    app_rules_tick(s);
    return false;
}

static bool app_drained(const struct stage *s)
{
    (void)s;
    return true;
}

const struct stage_ops app_stage_ops = {
    .name = "app",
    .thread_init = app_init,
    .process = app_process,
    .tick = app_tick,
    .drained = app_drained,
    .thread_fini = app_fini,
};
