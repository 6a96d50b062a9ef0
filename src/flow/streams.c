/* TCP between the flow table and the tracker: what a packet did is counted and told, what it set free goes on. */
#include "flow/stage.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Stream events of one flow that are recorded; more are counted. */
#define RECORDS_MAX 64

/* Segments that are kept to be used again; more are the heap's. */
#define SEGMENTS_KEPT 512u

/* For records: the MAC addresses are those of the packet that set the bytes free, as seen from them. */
static void copy_macs(struct packet *to, const struct packet *from)
{
    if (!from->d.has_mac)
        return;
    bool back = to->dir != from->dir;
    memcpy(to->d.src_mac, back ? from->d.dst_mac : from->d.src_mac, sizeof to->d.src_mac);
    memcpy(to->d.dst_mac, back ? from->d.src_mac : from->d.dst_mac, sizeof to->d.dst_mac);
    to->d.has_mac = true;
}

/* Nothing is ever written behind `d` but addresses, or what is set here. */
static struct packet *take_segment(struct flow_stage *fs)
{
    struct packet *p = fs->segments;
    if (!p)
        return calloc(1, sizeof *p);
    fs->segments = p->next_open;
    fs->segment_count--;
    memset(p, 0, offsetof(struct packet, d));
    p->d.has_mac = false;
    p->head = NULL;
    return p;
}

void flow_segments_back(struct flow_stage *fs, struct packet *first)
{
    struct packet *next;
    for (struct packet *p = first; p; p = next) {
        next = p->next_open;
        if (p->piece)
            piece_free(p->piece);
        if (p->left)
            piece_free(p->left);
        p->piece = p->left = NULL;
        if (fs->segment_count >= SEGMENTS_KEPT) {
            free(p);
            continue;
        }
        p->next_open = fs->segments;
        fs->segments = p;
        fs->segment_count++;
    }
}

void flow_segments_fini(struct flow_stage *fs)
{
    while (fs->segments) {
        struct packet *p = fs->segments;
        fs->segments = p->next_open;
        free(p);
    }
    piece_pool_fini(&fs->pieces);
}

static struct packet *make_segment(struct flow_stage *fs, struct flow *f, const struct packet *cause, enum flow_dir dir)
{
    struct packet *p = take_segment(fs);
    if (!p)
        return NULL;
    p->item.kind = ITEM_SEGMENT;
    p->item.number = cause->item.number;
    p->item.now_ns = cause->item.now_ns;
    p->time_ns = cause->time_ns;
    p->flow = &f->ref;
    p->dir = dir;
    p->flags = cause->flags & PACKET_LATE;
    copy_macs(p, cause);
    return p;
}

/* Stream bytes that waited go on as an item of their own, and the piece that has them with it. */
static void emit_segments(struct stage *s, struct flow *f, const struct packet *cause, struct tcp_ready *ready,
                          bool more)
{
    struct flow_stage *fs = s->state;
    bool late = cause->flags & PACKET_LATE;
    bool acked = fs->limits.acked && ready->dir != cause->dir && !late;
    if (ready->first)
        f->unseen = (uint8_t)((f->unseen & ~(1u << ready->dir)) | (unsigned)acked << ready->dir);
    struct piece *next;
    for (struct piece *seg = ready->first; seg; seg = next) {
        next = seg->next;
        struct packet *p = make_segment(fs, f, cause, ready->dir);
        if (!p) {
            piece_free(seg);
            continue;
        }
        p->gap = seg->gap;
        p->piece = seg;
        p->head = acked ? piece_head(seg) : NULL;
        p->payload = seg->bytes;
        p->payload_len = seg->len;
        p->flags |= (uint16_t)((next || more ? PACKET_MORE : 0) | (!next && ready->eof ? PACKET_EOF : 0) |
                               (acked ? PACKET_ACKED : 0));
        f->bytes[p->dir] += seg->len;
        flow_set_seen(fs, p, f);
        if (late && !next && ready->lost)
            p->seen.events[p->seen.event_count++] = tcp_event_name(TCP_EVENT_REASSEMBLY_SEQ_GAP);
        s->emit(s, &p->item);
    }
    ready->first = NULL;
}

static void tell_event(struct stage *s, struct flow *f, struct packet *p, enum tcp_event e)
{
    struct flow_stage *fs = s->state;
    counter_add(s->counters, fs->n.stream[e], 1);
    if (p->seen.event_count < PACKET_EVENTS_MAX)
        p->seen.events[p->seen.event_count++] = tcp_event_name(e);
    if (tcp_event_is_quiet(e))
        return;
    if (f->anomalies >= RECORDS_MAX) {
        counter_add(s->counters, fs->n.tcp_untold, 1);
        return;
    }
    f->anomalies++;
    flow_log_anomaly(fs, p, "stream", tcp_event_name(e));
}

static void count_did(struct stage *s, unsigned did)
{
    struct flow_stage *fs = s->state;
    const struct {
        unsigned flag;
        unsigned id;
    } ids[] = {{TCP_DID_RETRANSMIT, fs->n.tcp_retransmit},
               {TCP_DID_BUFFER, fs->n.tcp_early},
               {TCP_DID_GAP, fs->n.tcp_gap},
               {TCP_DID_DROP, fs->n.tcp_memcap},
               {TCP_DID_NOT_WAIT, fs->n.tcp_not_waited},
               {TCP_DID_OUT_OF_WINDOW, fs->n.tcp_out_of_window},
               {TCP_DID_OVERLAP, fs->n.tcp_overlap},
               {TCP_DID_OVERLAP_DIFFERS, fs->n.tcp_overlap_differs},
               {TCP_DID_BAD_RST, fs->n.tcp_bad_rst},
               {TCP_DID_DEPTH, fs->n.tcp_depth},
               {TCP_DID_NOT_TRACKED, fs->n.tcp_untracked},
               {TCP_DID_KEEP_ALIVE, fs->n.tcp_keep_alive},
               {TCP_DID_ZERO_WINDOW, fs->n.tcp_zero_window},
               {TCP_DID_UNSEEN_ACK, fs->n.tcp_unseen_ack},
               {TCP_DID_URGENT, fs->n.tcp_urgent}};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (did & ids[i].flag)
            counter_add(s->counters, ids[i].id, 1);
}

static void count_flags(struct stage *s, const struct packet *p, bool opened, bool midstream)
{
    struct flow_stage *fs = s->state;
    uint8_t flags = p->d.tcp.flags & (TCP_SYN | TCP_ACK);
    if (flags == TCP_SYN)
        counter_add(s->counters, fs->n.tcp_syn, 1);
    else if (flags == (TCP_SYN | TCP_ACK))
        counter_add(s->counters, fs->n.tcp_synack, 1);
    if (p->d.tcp.flags & TCP_RST)
        counter_add(s->counters, fs->n.tcp_rst, 1);
    if (p->d.tcp.flags & TCP_URG)
        counter_add(s->counters, fs->n.tcp_urg, 1);
    if (opened)
        counter_add(s->counters, midstream ? fs->n.tcp_midstream : fs->n.tcp_sessions, 1);
}

/* Suricata's mapping of TCP states to flow states. */
static enum flow_state state_of(const struct flow *f)
{
    if (f->bypassed)
        return FLOW_BYPASSED;
    switch (f->tcp.state) {
    case TCP_STATE_NONE:
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_SYN_RECV:
        return FLOW_NEW;
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_CLOSED:
        return FLOW_CLOSED;
    default:
        return FLOW_ESTABLISHED;
    }
}

void flow_stream_begin(struct stage *s, struct flow *f)
{
    struct flow_stage *fs = s->state;
    if (tcp_begin(&f->tcp, fs->hosts, &f->ref.key, &fs->limits, &fs->memory))
        return;
    counter_add(s->counters, fs->n.tcp_session_memcap, 1);
    flow_apply_policy(s, f, NULL, ON_SESSION_MEMCAP);
}

void flow_stream_bypass(struct stage *s, struct flow *f)
{
    struct flow_stage *fs = s->state;
    f->bypassed = true;
    if (f->hashed)
        flow_table_set_state(&fs->table, f, FLOW_BYPASSED);
}

/* Count and tell what the tracker found. */
static void account(struct stage *s, struct flow *f, struct packet *p, bool fresh, const struct tcp_result *r)
{
    bool opened = fresh && f->tcp.state != TCP_STATE_NONE;
    if ((p->d.tcp.flags & (TCP_SYN | TCP_RST | TCP_URG)) || fresh)
        count_flags(s, p, opened, f->tcp.midstream);
    if (r->flags)
        count_did(s, r->flags);
    for (unsigned i = 0; i < r->event_count; i++)
        tell_event(s, f, p, (enum tcp_event)r->events[i]);
    if (f->tcp.untracked)
        return;
    struct flow_stage *fs = s->state;
    if ((r->flags & (TCP_DID_REFUSE | TCP_DID_BAD_RST)) && fs->drop_refused && p->seen.policy == POLICY_NONE) {
        p->seen.policy = POLICY_DROP;
        p->seen.reason = REASON_STREAM_ERROR;
    }
    if ((r->flags & TCP_DID_DEPTH) && fs->bypass_at_depth && f->tcp.half[0].bypass && f->tcp.half[1].bypass)
        flow_stream_bypass(s, f);
    if (fresh && (r->flags & TCP_DID_NOT_TRACKED || f->tcp.midstream))
        flow_apply_policy(s, f, p, ON_MIDSTREAM);
    if (r->flags & TCP_DID_MEMCAP)
        flow_apply_policy(s, f, p, ON_REASSEMBLY_MEMCAP);
}

/* Of most packets rules need not look at more than this. */
static bool is_plain(const struct packet *p)
{
    bool later = (p->flags & PACKET_KEPT) || !p->d.payload_len;
    return later && !p->payload_len && !p->gap && !p->d.event_count && !p->seen.event_count &&
           !(p->d.layers & LAYER_FRAGMENT) && p->d.ip_proto == 6;
}

void flow_stream_packet(struct stage *s, struct flow *f, struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct tcp_result r;
    bool fresh = f->tcp.state == TCP_STATE_NONE;
    if (f->bypassed) {
        counter_add(s->counters, fs->n.bypassed_packets, 1);
        counter_add(s->counters, fs->n.bypassed_bytes, p->wire_len);
    }
    if (f->tcp.untracked && f->policy == POLICY_PASS)
        counter_add(s->counters, fs->n.policy[f->exception - 1], 1);
    bool established = f->state == FLOW_ESTABLISHED || f->state == FLOW_CLOSED;
    tcp_packet(&f->tcp, p, &fs->limits, &fs->memory, &r);
    if (r.flags || r.event_count || fresh || (p->d.tcp.flags & (TCP_SYN | TCP_RST | TCP_URG)))
        account(s, f, p, fresh, &r);
    enum flow_state state = state_of(f);
    if (f->state != (uint8_t)state)
        flow_table_set_state(&fs->table, f, state);
    f->bytes[p->dir] += p->payload_len;
    flow_set_seen(s->state, p, f);
    f->unseen &= (uint8_t) ~(1u << p->dir);
    p->seen.established = established; /* before it */
    if (fs->want_seen && is_plain(p))
        p->flags |= PACKET_PLAIN;
    if (r.before.first)
        emit_segments(s, f, p, &r.before, true);
    if (!r.after.first) {
        s->emit(s, &p->item);
        return;
    }
    /* Once it is emitted the packet is another's: what the segments need of it is copied. */
    struct packet cause = {
        .item = {.number = p->item.number, .now_ns = p->item.now_ns}, .time_ns = p->time_ns, .dir = p->dir};
    copy_macs(&cause, p);
    p->flags |= PACKET_MORE;
    s->emit(s, &p->item);
    emit_segments(s, f, &cause, &r.after, false);
}

/* Bytes went on that no packet of their direction followed: rules look at them now. */
static void emit_nothing(struct stage *s, struct flow *f, const struct packet *cause, enum flow_dir dir, bool more)
{
    struct packet *p = make_segment(s->state, f, cause, dir);
    if (!p)
        return;
    p->flags |= more ? PACKET_MORE : 0;
    flow_set_seen(s->state, p, f);
    s->emit(s, &p->item);
}

void flow_stream_flush(struct stage *s, struct flow *f, const struct packet *cause, bool more)
{
    struct flow_stage *fs = s->state;
    for (int d = 0; d < 2; d++) {
        struct tcp_ready ready;
        tcp_flush(&f->tcp, (enum flow_dir)d, &fs->memory, &ready);
        if (ready.lost) {
            struct packet p = *cause;
            p.flow = &f->ref;
            p.dir = (enum flow_dir)d;
            counter_add(s->counters, fs->n.tcp_gap, 1);
            tell_event(s, f, &p, TCP_EVENT_REASSEMBLY_SEQ_GAP);
        }
        emit_segments(s, f, cause, &ready, more);
        if (f->unseen & 1u << d)
            emit_nothing(s, f, cause, (enum flow_dir)d, more);
    }
}

void flow_stream_gauges(struct stage *s)
{
    struct flow_stage *fs = s->state;
    atomic_store_explicit(&s->counters->value[fs->n.tcp_held], fs->memory.held, memory_order_relaxed);
    atomic_store_explicit(&s->counters->value[fs->n.tcp_memuse], fs->memory.queues, memory_order_relaxed);
    atomic_store_explicit(&s->counters->value[fs->n.frag_memuse], fs->defrag.memory, memory_order_relaxed);
}

void flow_stream_counters(struct flow_counters *n)
{
    n->tcp_sessions = counter_id("tcp.sessions");
    n->tcp_syn = counter_id("tcp.syn");
    n->tcp_synack = counter_id("tcp.synack");
    n->tcp_rst = counter_id("tcp.rst");
    n->tcp_urg = counter_id("tcp.urg");
    n->tcp_midstream = counter_id("tcp.midstream_pickups");
    n->tcp_untracked = counter_id("tcp.untracked");
    n->tcp_gap = counter_id("tcp.reassembly_gap");
    n->tcp_early = counter_id("tcp.early_segments");
    n->tcp_retransmit = counter_id("tcp.retransmissions");
    n->tcp_memcap = counter_id("tcp.segment_memcap_drop");
    n->tcp_not_waited = counter_id("tcp.unacked_memcap");
    n->tcp_out_of_window = counter_id("tcp.out_of_window");
    n->tcp_overlap = counter_id("tcp.overlap");
    n->tcp_overlap_differs = counter_id("tcp.overlap_diff_data");
    n->tcp_bad_rst = counter_id("tcp.invalid_rst");
    n->tcp_depth = counter_id("tcp.stream_depth_reached");
    n->tcp_held = counter_id("tcp.reassembly_memuse");
    n->tcp_memuse = counter_id("tcp.memuse");
    n->tcp_session_memcap = counter_id("tcp.ssn_memcap_drop");
    n->tcp_keep_alive = counter_id("tcp.keep_alives");
    n->tcp_zero_window = counter_id("tcp.zero_window_probes");
    n->tcp_unseen_ack = counter_id("tcp.ack_unseen_data");
    n->tcp_urgent = counter_id("tcp.urgent_oob_data");
    n->tcp_untold = counter_id("tcp.events_not_recorded");
    n->tcp_reuse = counter_id("flow.tcp_reuse");
    n->bypassed_packets = counter_id("flow_bypassed.local_pkts");
    n->bypassed_bytes = counter_id("flow_bypassed.local_bytes");
    for (unsigned i = 0; i < TCP_EVENT_COUNT; i++)
        n->stream[i] = counter_id(tcp_event_name((enum tcp_event)i));
}
