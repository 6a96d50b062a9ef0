#include "flow/tcp.h"

#include "flow/overlap.h"
#include "flow/tcp_private.h"

/* Ports below are for the system's own services (RFC 6335 6). */
#define SERVICE_PORTS 1024

const char *tcp_state_name(enum tcp_state state)
{
    static const char *const names[] = {"none",      "syn_sent", "syn_recv",   "established", "fin_wait1", "fin_wait2",
                                        "time_wait", "last_ack", "close_wait", "closing",     "closed"};
    return names[state];
}

void tcp_fini(struct tcp_track *t, struct tcp_memory *memory)
{
    tcp_drop_waiting(&t->half[TO_SERVER], memory);
    tcp_drop_waiting(&t->half[TO_CLIENT], memory);
    tcp_queues_free(t, memory);
    if (t->counted)
        memory->queues -= sizeof *t;
    t->counted = false;
}

bool tcp_begin(struct tcp_track *t, const struct settings_host_os *hosts, const struct flow_key *key,
               const struct tcp_limits *limits, struct tcp_memory *memory)
{
    t->half[TO_SERVER].rule = overlap_of_segments(settings_os_of(hosts, &key->dst));
    t->half[TO_CLIENT].rule = overlap_of_segments(settings_os_of(hosts, &key->src));
    t->untracked = memory->queues + sizeof *t > limits->queue_memcap;
    t->counted = !t->untracked;
    if (t->counted)
        memory->queues += sizeof *t;
    return t->counted;
}

void tcp_forget(struct tcp_track *t, struct tcp_memory *memory)
{
    tcp_bypass(t, TO_SERVER, memory);
    tcp_bypass(t, TO_CLIENT, memory);
    tcp_queues_free(t, memory);
    t->untracked = true;
}

bool tcp_is_from_server(const struct packet *p)
{
    uint8_t flags = p->d.tcp.flags & (TCP_SYN | TCP_ACK);
    if (flags & TCP_SYN)
        return flags & TCP_ACK;
    /* Its beginning was not seen: the lower ports are those of services. */
    return p->d.sport < SERVICE_PORTS && p->d.dport >= SERVICE_PORTS;
}

bool tcp_is_reuse(const struct tcp_track *t, const struct packet *p)
{
    const struct decoded_tcp *tcp = &p->d.tcp;
    uint8_t flags = tcp->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN);
    if (t->state <= TCP_STATE_SYN_RECV || !(flags & TCP_SYN))
        return false;
    /* The server answers a SYN that came in the midst of the connection: it knows nothing of the old one. */
    if (flags == (TCP_SYN | TCP_ACK))
        return t->again && p->dir == TO_CLIENT && tcp->ack == t->again_isn + 1 && tcp->seq != t->half[TO_CLIENT].isn;
    if (flags != TCP_SYN || t->state == TCP_STATE_ESTABLISHED || t->state == TCP_STATE_CLOSE_WAIT)
        return false;
    const struct tcp_half *h = &t->half[p->dir];
    return !h->synced || tcp->seq != h->isn || p->dir == TO_CLIENT;
}

/* A handshake that a reset seemed to end goes on: the reset was for something else, or nobody's. */
static void resume_handshake(struct tcp_track *t)
{
    if (t->state != TCP_STATE_CLOSED || t->before_reset >= TCP_STATE_ESTABLISHED || t->before_reset == TCP_STATE_NONE)
        return;
    t->state = t->before_reset;
    t->half[TO_SERVER].rst_seen = t->half[TO_CLIENT].rst_seen = false;
}

static void check_depth(struct tcp_pass *w, struct tcp_half *h, enum flow_dir dir)
{
    if (!w->limits->depth || h->bypass || h->delivered < w->limits->depth)
        return;
    h->depth_told = true;
    w->out->flags |= TCP_DID_DEPTH;
    tcp_event(w->out, TCP_EVENT_REASSEMBLY_DEPTH_REACHED);
    tcp_bypass(w->t, dir, w->memory);
}

/* What was done, as events. */
static void tell(struct tcp_pass *w)
{
    unsigned did = w->out->flags;
    if (did & TCP_DID_OVERLAP_DIFFERS)
        tcp_event(w->out, TCP_EVENT_REASSEMBLY_OVERLAP_DIFFERENT_DATA);
    if (did & TCP_DID_GAP) {
        tcp_event(w->out, TCP_EVENT_REASSEMBLY_SEQ_GAP);
        if (w->p->gap || w->out->after.first)
            w->h->gap_told = true;
        else
            w->peer->gap_told = true;
    }
    if (did & TCP_DID_DROP)
        tcp_event(w->out,
                  did & TCP_DID_MEMCAP ? TCP_EVENT_REASSEMBLY_INSERT_MEMCAP : TCP_EVENT_REASSEMBLY_INSERT_LIMIT);
}

/* The payload of a packet that was found good. */
static void take_payload(struct tcp_pass *w, uint32_t seq)
{
    struct tcp_half *h = w->h;
    uint32_t end = seq + w->p->d.payload_len;
    if (h->bypass) {
        if (tcp_before(h->next, end) && !tcp_before(tcp_right_edge(w->t, h), seq))
            h->next = h->top = end;
    } else if (w->p->d.tcp.flags & TCP_SYN) {
        tcp_hold_data(w, seq, w->p->d.payload, w->p->d.payload_len);
    } else {
        tcp_take_data(w, seq);
        check_depth(w, h, w->p->dir);
    }
}

/* What nearly every packet is: the next bytes of an established connection, or none. It does what the rest would,
 * without the questions whose answers are known. False: nothing was done. */
static bool take_plain(struct tcp_pass *w)
{
    const struct tcp_track *t = w->t;
    const struct tcp_limits *limits = w->limits;
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_half *h = w->h, *peer = w->peer;
    uint32_t len = w->p->d.payload_len;
    bool waits = limits->acked && !t->async;
    if (t->state != TCP_STATE_ESTABLISHED || (tcp->flags & ~TCP_PSH) != TCP_ACK ||
        tcp->seq != (waits ? pieces_end(&h->waiting, h->next) : h->next) ||
        tcp->ack - peer->acked > peer->top - peer->acked || (h->waiting.first && !waits))
        return false;
    if (!h->acked_seen || !peer->acked_seen || h->doubted || peer->doubted || h->rst_seen || h->bypass ||
        h->urgent_set || h->tentative || h->fin_seen || peer->fin_seen || limits->depth || t->untracked ||
        tcp_before(h->edge, tcp->seq) || (len && (peer->window == 0 || (limits->acked && !waits))))
        return false;
    if (tcp->has_timestamps) {
        if (tcp_before(tcp->ts_value, h->ts_recent))
            return false;
        tcp_note_timestamp(h, w->p);
    }
    h->flags |= tcp->flags;
    h->window = h->wscale <= 14 && peer->wscale <= 14 ? (uint32_t)tcp->window << h->wscale : tcp->window;
    if (peer->waiting.first) {
        tcp_take_ack(w);
    } else {
        peer->acked = tcp->ack;
        peer->edge = tcp_later(peer->edge, tcp->ack + h->window);
    }
    if (len && tcp_waits(w))
        tcp_keep_next(w, tcp->seq);
    else if (len)
        tcp_take_next(w, tcp->seq);
    return true;
}

void tcp_packet(struct tcp_track *t, struct packet *p, const struct tcp_limits *limits, struct tcp_memory *memory,
                struct tcp_result *out)
{
    const struct decoded_tcp *tcp = &p->d.tcp;
    struct tcp_half *h = &t->half[p->dir];
    out->flags = 0;
    out->event_count = 0;
    out->before.first = out->after.first = NULL;
    out->before.eof = out->after.eof = false;
    struct tcp_pass w = {t, p, h, &t->half[flow_dir_other(p->dir)], limits, memory, out};
    if (take_plain(&w)) {
        if (out->flags)
            tell(&w);
        return;
    }
    h->flags |= tcp->flags;
    if (t->untracked)
        return;
    if (tcp->flags & TCP_RST) {
        tcp_take_rst(&w);
        return;
    }
    if (tcp->flags & TCP_SYN)
        resume_handshake(t);
    if (!(t->state < TCP_STATE_ESTABLISHED ? tcp_open(&w) : tcp_check(&w))) {
        if (out->flags & (TCP_DID_OVERLAP_DIFFERS | TCP_DID_DROP))
            tell(&w);
        return;
    }
    bool scaled = h->wscale <= 14 && w.peer->wscale <= 14 && !(tcp->flags & TCP_SYN);
    h->window = scaled ? (uint32_t)tcp->window << h->wscale : tcp->window;
    if (tcp->flags & TCP_ACK) {
        tcp_take_ack(&w);
        if (out->before.first)
            check_depth(&w, w.peer, flow_dir_other(p->dir));
    }
    uint32_t seq = tcp->seq + (tcp->flags & TCP_SYN ? 1 : 0);
    if (p->d.payload_len)
        take_payload(&w, seq);
    if ((tcp->flags & TCP_FIN) && !h->fin_seen)
        tcp_take_fin(&w, seq + p->d.payload_len);
    if ((tcp->flags & TCP_ACK) && t->state > TCP_STATE_ESTABLISHED)
        tcp_on_ack(&w);
    if (h->fin_seen && tcp_at_eof(h)) {
        if (out->after.first)
            out->after.eof = true;
        else
            p->flags |= PACKET_EOF;
    }
    if (out->flags)
        tell(&w);
}
