#include "flow/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"
#include "core/clock.h"
#include "flow/key.h"

/* Flows looked at for time-outs after each batch, and ended at most in one tick. */
#define SWEEP_LOOK 64u
#define FLUSH_MOST 256u

/* Rules that only watch see what the receiver took; who could still stop it, or has no rules, sees it as it comes. */
static bool waits_for_acks(const struct settings *set, bool live)
{
    bool watches = set->detection && !set->ips && !(live && set->rejects);
    return set->stream.inline_ == INLINE_NO || (set->stream.inline_ == INLINE_AUTO && watches);
}

/* outputs.*.eve-log.types.*.anomaly.packethdr */
static bool wants_head(const struct settings *s)
{
    for (size_t i = 0; i < s->eve.type_count; i++)
        if (strcmp(s->eve.types[i].name, "anomaly") == 0)
            return conf_get_bool(s->eve.types[i].options, "packethdr", false);
    return false;
}

static int flow_init(struct stage *s)
{
    const struct settings *set = s->settings;
    struct flow_stage *fs = calloc(1, sizeof *fs);
    if (!fs)
        return -ENOMEM;
    s->state = fs;
    fs->lanes = s->lanes->count;
    fs->memory.pool = &fs->pieces;
    fs->policy[ON_FLOW_MEMCAP] = set->flow.memcap_policy;
    fs->policy[ON_SESSION_MEMCAP] = set->stream.memcap_policy;
    fs->policy[ON_REASSEMBLY_MEMCAP] = set->stream.reassembly_policy;
    fs->policy[ON_MIDSTREAM] = set->stream.midstream_policy;
    fs->policy[ON_DEFRAG_MEMCAP] = set->defrag.memcap_policy;
    flow_counters_init(fs);
    fs->sink = s->sink;
    fs->want_flow = s->sink->wanted(s->sink, "flow");
    fs->want_netflow = s->sink->wanted(s->sink, "netflow");
    fs->want_anomaly = s->sink->wanted(s->sink, "anomaly");
    fs->want_decode = fs->want_anomaly && settings_anomaly_enabled(set, "decode");
    fs->want_stream = fs->want_anomaly && settings_anomaly_enabled(set, "stream");
    fs->want_head = wants_head(set);
    fs->hosts = &set->host_os;
    fs->want_arp = s->sink->wanted(s->sink, "arp");
    fs->want_seen = set->detection;
    fs->want_macs = set->eve.ethernet;
    fs->bypass_at_depth = set->stream.bypass;
    fs->drop_refused = set->ips && set->stream.drop_invalid;
    fs->limits = (struct tcp_limits){.depth = set->stream.depth,
                                     .memcap = set->stream.reassembly_memcap / s->lanes->count,
                                     .queue_memcap = set->stream.memcap / s->lanes->count,
                                     .max_syns = set->stream.max_syn_queued,
                                     .max_synacks = set->stream.max_synack_queued,
                                     .urgent = set->stream.urgent,
                                     .urgent_limit = set->stream.urgent_limit,
                                     .midstream = set->stream.midstream,
                                     .acked = waits_for_acks(set, s->lanes->live),
                                     .async = set->stream.async_oneside,
                                     .liberal_timestamps = set->stream.liberal_timestamps,
                                     .overlap_check = set->stream.overlap_check};
    int r = flow_table_init(&fs->table, set, s->lanes->count, s->hash_seed);
    if (r == 0)
        r = defrag_init(&fs->defrag, &set->defrag, &set->host_os, set->defrag.memcap / s->lanes->count,
                        set->defrag.max_frags, s->hash_seed);
    fs->defrag.any_vlan = set->flow.any_vlan;
    return r;
}

static void flow_fini(struct stage *s)
{
    struct flow_stage *fs = s->state;
    if (!fs)
        return;
    if (fs->table.buckets)
        flow_table_fini(&fs->table);
    if (fs->defrag.buckets)
        defrag_fini(&fs->defrag);
    flow_segments_fini(fs);
    free(fs);
    s->state = NULL;
}

static void count_new(struct stage *s, const struct flow *f)
{
    struct flow_stage *fs = s->state;
    counter_add(s->counters, fs->n.total, 1);
    counter_add(s->counters, fs->n.active, 1);
    if (f->ref.link)
        counter_add(s->counters, fs->n.children, 1);
    switch (f->ref.key.proto) {
    case 6:
        counter_add(s->counters, fs->n.tcp, 1);
        break;
    case 17:
        counter_add(s->counters, fs->n.udp, 1);
        break;
    case 1:
        counter_add(s->counters, fs->n.icmp4, 1);
        break;
    case 58:
        counter_add(s->counters, fs->n.icmp6, 1);
        break;
    default:
        counter_add(s->counters, fs->n.other, 1);
    }
}

void flow_set_seen(const struct flow_stage *fs, struct packet *p, const struct flow *f)
{
    if (!fs->want_seen) /* rules alone ask */
        return;
    p->seen.established = f->state == FLOW_ESTABLISHED || f->state == FLOW_CLOSED;
    /* Not in a loop over both: read as pairs, what was just written would have to reach memory first. */
    enum flow_dir dir = p->dir, other = flow_dir_other(dir);
    p->seen.packets[dir] = f->packets[dir];
    p->seen.wire_bytes[dir] = f->wire_bytes[dir];
    p->seen.bytes[dir] = f->bytes[dir];
    p->seen.packets[other] = f->packets[other];
    p->seen.wire_bytes[other] = f->wire_bytes[other];
    p->seen.bytes[other] = f->bytes[other];
}

/* Unhash a flow and send its end message through the stages. more: a packet with this number is still to come. */
static void end_flow(struct stage *s, struct flow *f, enum flow_reason reason, uint64_t number, uint64_t now_ns,
                     bool more)
{
    struct flow_stage *fs = s->state;
    flow_table_unhash(&fs->table, f);
    if (flow_has_tcp(f)) {
        struct packet cause = {.item = {.number = number, .now_ns = now_ns},
                               .time_ns = f->last_ns,
                               .flags = reason == FLOW_TCP_REUSE ? 0 : PACKET_LATE};
        flow_macs_copy(f->macs, &cause);
        flow_stream_flush(s, f, &cause, more);
    }
    f->end = (struct flow_end){.item = {.kind = ITEM_END, .number = number, .now_ns = now_ns},
                               .flow = &f->ref,
                               .reason = reason,
                               .bytes = {f->bytes[0], f->bytes[1]},
                               .last_ns = f->last_ns,
                               .last_number = f->last_number,
                               .macs = flow_macs_ends(f->macs)};
    s->emit(s, &f->end.item);
}

/* The end message came back: every later stage has let go. */
static void free_flow(struct stage *s, struct flow *f)
{
    struct flow_stage *fs = s->state;
    flow_log_end(fs, f);
    flow_end_free_more(&f->end);
    for (int d = 0; d < 2; d++)
        if (f->end.kept[d])
            piece_free(f->end.kept[d]);
    if (flow_has_tcp(f))
        tcp_fini(&f->tcp, &fs->memory);
    counter_sub(s->counters, fs->n.active, 1);
    flow_table_free(&fs->table, &f);
}

/* Memory is short: let go the flow that is worth least. Its memory comes back when its end message does. */
static void relieve(struct stage *s, const struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct flow *f = flow_table_oldest(&fs->table);
    if (!f)
        return;
    counter_add(s->counters, fs->n.forced, 1);
    end_flow(s, f, FLOW_FORCED, p->item.number, p->item.now_ns, true);
}

static struct flow *new_flow(struct stage *s, struct packet *p, struct flow_key *key, uint64_t hash)
{
    struct flow_stage *fs = s->state;
    bool swap = key->proto == 6 && tcp_is_from_server(p);
    if (swap) {
        struct addr a = key->src;
        uint16_t port = key->sport;
        key->src = key->dst;
        key->sport = key->dport;
        key->dst = a;
        key->dport = port;
    }
    if (fs->table.memory > fs->table.memcap / 10 * 9)
        relieve(s, p);
    struct flow *f = flow_table_make(&fs->table, key, hash, p->item.now_ns, false);
    if (!f) {
        counter_add(s->counters, fs->n.memcap, 1);
        flow_apply_policy(s, NULL, p, ON_FLOW_MEMCAP);
        return NULL;
    }
    f->ref.id = p->flow_id ? p->flow_id : flow_id_make(p->item.number, 0);
    f->ref.start_ns = p->time_ns;
    f->ref.link = flow_link_copy(p->link);
    p->dir = swap ? TO_CLIENT : TO_SERVER;
    count_new(s, f);
    if (key->proto == 6)
        flow_stream_begin(s, f);
    return f;
}

/* Why a flow that a packet met by its key is not the packet's; FLOW_OPEN: it is. */
static enum flow_reason over_for(struct flow_stage *fs, const struct flow *f, const struct packet *p)
{
    bool named = p->flow_id && (!p->link || (p->flags & PACKET_CARRIER));
    if (named) /* capture knows best which session of a tunnel it is */
        return f->ref.id == p->flow_id ? FLOW_OPEN : FLOW_TIMEOUT;
    if (flow_table_expired(&fs->table, f, p->item.now_ns))
        return FLOW_TIMEOUT;
    return flow_has_tcp(f) && tcp_is_reuse(&f->tcp, p) ? FLOW_TCP_REUSE : FLOW_OPEN;
}

/* The flow of a wire packet, found or made. */
static struct flow *flow_of(struct stage *s, struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct flow_key key;
    flow_key_of(p, &key);
    uint64_t hash = flow_table_hash(&fs->table, &key);
    struct flow *f = flow_table_find(&fs->table, &key, hash, &p->dir);
    if (f) {
        enum flow_reason why = over_for(fs, f, p);
        if (why == FLOW_OPEN)
            return f;
        if (why == FLOW_TCP_REUSE)
            counter_add(s->counters, fs->n.tcp_reuse, 1);
        end_flow(s, f, why, p->item.number, p->item.now_ns, true);
    }
    return new_flow(s, p, &key, hash);
}

/* The flow that an ICMP error speaks of: the packet that it quotes went the other way. NULL: not known. */
static struct flow *quoted_flow(struct stage *s, struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct flow_key key;
    if (!flow_key_quoted(p, &key))
        return NULL;
    enum flow_dir dir;
    struct flow *f = flow_table_find(&fs->table, &key, flow_table_hash(&fs->table, &key), &dir);
    if (!f || flow_table_expired(&fs->table, f, p->item.now_ns))
        return NULL;
    p->dir = flow_dir_other(dir);
    return f;
}

/* An ICMP error belongs to the flow that it speaks of; of ICMPv4 without one it has none, as in Suricata. */
static struct flow *flow_of_error(struct stage *s, struct packet *p)
{
    struct flow *f = quoted_flow(s, p);
    return f || p->d.ip_proto == 1 ? f : flow_of(s, p);
}

static void note_ttl(struct flow *f, const struct packet *p)
{
    uint8_t *least = &f->ttl_least[p->dir], *most = &f->ttl_most[p->dir], ttl = p->d.ttl;
    *least = f->packets[p->dir] == 1 || ttl < *least ? ttl : *least;
    *most = ttl > *most ? ttl : *most;
}

static void process_wire(struct stage *s, struct packet *p)
{
    struct flow_stage *fs = s->state;
    p->flow = NULL;
    p->payload = NULL;
    p->payload_len = p->gap = 0;
    p->seen.event_count = 0;
    p->seen.established = false;
    p->seen.policy = POLICY_NONE;
    p->seen.reason = REASON_FLOW;
    p->dir = TO_SERVER;
    for (unsigned i = 0; i < p->d.event_count; i++)
        flow_log_anomaly(fs, p, "decode", decode_event_name(p->d.events[i]));
    bool usable = (p->d.layers & LAYER_IP) && !p->d.bad_checksum;
    if (p->d.bad_checksum)
        counter_add(s->counters, fs->n.checksum, 1);
    if (usable && (p->d.layers & LAYER_FRAGMENT))
        usable = flow_defragment(s, p);
    if (usable && (p->d.ip_proto == 6 || p->d.ip_proto == 17 || p->d.ip_proto == 1 || p->d.ip_proto == 58))
        usable = p->d.layers & LAYER_TRANSPORT;
    if (p->d.ip_proto == 59) /* nothing at all: a Teredo bubble */
        usable = false;
    bool error = usable && flow_is_icmp_error(p);
    struct flow *f = !usable ? NULL : error ? flow_of_error(s, p) : flow_of(s, p);
    if (p->d.layers & LAYER_ARP)
        flow_log_arp(fs, p);
    if (!f) {
        counter_add(s->counters, fs->n.no_flow, 1);
        s->emit(s, &p->item);
        return;
    }
    p->flow = &f->ref;
    f->last_ns = p->time_ns;
    f->last_now = p->item.now_ns;
    f->last_number = p->item.number;
    f->packets[p->dir]++;
    f->wire_bytes[p->dir] += p->wire_len;
    if (fs->want_netflow)
        note_ttl(f, p);
    if (fs->want_macs)
        flow_macs_note(&f->macs, p);
    p->seen.policy = f->bypassed && f->exception ? POLICY_PASS : f->policy;
    f->carrier |= (p->flags & PACKET_CARRIER) != 0;
    f->plain |= !(p->flags & PACKET_CARRIER);
    if (f->ref.key.proto == 6 && !error) {
        flow_stream_packet(s, f, p);
        return;
    }
    if (f->ref.key.proto != 6 && f->state == FLOW_NEW && f->packets[0] && f->packets[1])
        flow_table_set_state(&fs->table, f, FLOW_ESTABLISHED);
    if (!error) { /* an error is nothing that the flow's own protocol said */
        p->payload = p->d.payload;
        p->payload_len = p->d.payload_len;
        f->bytes[p->dir] += p->payload_len;
    }
    flow_set_seen(fs, p, f);
    s->emit(s, &p->item);
}

/* A pseudo-packet: its bytes are in order already. Decap sends the first ones before it knows the child that it asked
 * for; if that was refused they are only passed on. */
static void process_pseudo(struct stage *s, struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct flow *f = (struct flow *)p->flow;
    if (!f) {
        enum flow_dir ignored;
        f = flow_table_find(&fs->table, &p->key, flow_table_hash(&fs->table, &p->key), &ignored);
    }
    if (!f) {
        counter_add(s->counters, fs->n.no_child, 1);
        p->payload_len = 0;
        s->emit(s, &p->item);
        return;
    }
    p->flow = &f->ref;
    f->last_ns = p->time_ns;
    f->last_now = p->item.now_ns;
    f->last_number = p->item.number;
    if (p->payload_len)
        f->packets[p->dir]++;
    f->wire_bytes[p->dir] += p->payload_len;
    f->bytes[p->dir] += p->payload_len;
    flow_set_seen(fs, p, f);
    s->emit(s, &p->item);
}

static void open_child(struct stage *s, struct child_open *o)
{
    struct flow_stage *fs = s->state;
    uint64_t hash = flow_table_hash(&fs->table, &o->key);
    struct flow *f = flow_table_make(&fs->table, &o->key, hash, o->item.now_ns, true);
    if (f) {
        f->ref.id = o->id;
        f->ref.start_ns = f->last_ns = o->time_ns;
        f->ref.link = o->link;
        o->link = NULL;
        f->state = FLOW_ESTABLISHED;
        count_new(s, f);
        o->flow = &f->ref;
    } else {
        counter_add(s->counters, fs->n.memcap, 1);
    }
    s->emit(s, &o->item);
}

static void apply_control(struct stage *s, struct flow_control *c)
{
    struct flow_stage *fs = s->state;
    struct flow *f = (struct flow *)c->flow;
    /* Advice that comes when it comes: offline, where timing must not show, it is not taken. */
    if (s->lanes->live && flow_has_tcp(f)) {
        tcp_bypass(&f->tcp, TO_SERVER, &fs->memory);
        tcp_bypass(&f->tcp, TO_CLIENT, &fs->memory);
        flow_stream_bypass(s, f);
    }
    free(c);
}

static void process_one(struct stage *s, struct item *item)
{
    struct flow_stage *fs = s->state;
    switch ((enum item_kind)item->kind) {
    case ITEM_PACKET:
        fs->now_ns = item->now_ns;
        fs->number = item->number;
        process_wire(s, (struct packet *)item);
        break;
    case ITEM_STREAM:
    case ITEM_DATAGRAM:
        process_pseudo(s, (struct packet *)item);
        break;
    case ITEM_OPEN:
        open_child(s, (struct child_open *)item);
        break;
    case ITEM_CLOSE: {
        struct child_close *c = (struct child_close *)item;
        struct flow *f = (struct flow *)c->flow;
        end_flow(s, f, c->reason, item->number, item->now_ns, false);
        free(c);
        break;
    }
    case ITEM_END:
        free_flow(s, (struct flow *)((struct flow_end *)item)->flow);
        break;
    case ITEM_CONTROL:
        apply_control(s, (struct flow_control *)item);
        break;
    case ITEM_TICK:
        fs->last = fs->last || ((struct tick *)item)->last;
        fs->now_ns = item->now_ns;
        fs->number = item->number;
        flow_note_pressure(s);
        s->emit(s, item);
        break;
    case ITEM_SEGMENT:
        flow_segments_back(fs, (struct packet *)item);
        break;
    }
}

static void sweep(struct stage *s)
{
    struct flow_stage *fs = s->state;
    unsigned look = SWEEP_LOOK;
    struct flow *f;
    while ((f = flow_table_next_expired(&fs->table, fs->now_ns, &look)) != NULL)
        end_flow(s, f, FLOW_TIMEOUT, fs->number, fs->now_ns, false);
}

static void flow_process(struct stage *s, struct item **batch, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        process_one(s, batch[i]);
    sweep(s);
    flow_stream_gauges(s);
}

/* After the last packet: end what is left, a few at a time so that the loop keeps turning. */
static bool flow_tick(struct stage *s)
{
    struct flow_stage *fs = s->state;
    if (!fs->last)
        return false;
    bool did = false;
    for (unsigned i = 0; i < FLUSH_MOST; i++) {
        struct flow *f = flow_table_oldest(&fs->table);
        if (!f)
            break;
        bool old = flow_table_expired(&fs->table, f, fs->now_ns);
        end_flow(s, f, old ? FLOW_TIMEOUT : FLOW_SHUTDOWN, fs->number, fs->now_ns, false);
        did = true;
    }
    return did;
}

static bool flow_drained(const struct stage *s)
{
    const struct flow_stage *fs = s->state;
    return fs->last && fs->table.count == 0;
}

const struct stage_ops flow_stage_ops = {
    .name = "flow",
    .thread_init = flow_init,
    .process = flow_process,
    .tick = flow_tick,
    .drained = flow_drained,
    .thread_fini = flow_fini,
};
