#include "flow/tcp.h"

#include <stdlib.h>
#include <string.h>

/* A direction that has more than this waiting gives its first hole up: no receiver's window is larger in practice. */
#define TCP_WAITING_MAX  (4u << 20)
#define TCP_SEGMENTS_MAX 8192u

/* Bytes beyond the next expected one that are still believed when no window is known. */
#define TCP_WINDOW_DEFAULT (1u << 20)

/* Sequence arithmetic (RFC 9293 3.4): a is before b. */
static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

const char *tcp_state_name(enum tcp_state state)
{
    static const char *const names[] = {"none",      "syn_sent", "syn_recv",   "established", "fin_wait1", "fin_wait2",
                                        "time_wait", "last_ack", "close_wait", "closing",     "closed"};
    return names[state];
}

/* What a waiting segment costs, the allocator's share included. */
static uint64_t segment_cost(const struct tcp_segment *s)
{
    return s->len + sizeof *s + 32;
}

static void segment_free(struct tcp_segment *s)
{
    free(s->bytes);
    free(s);
}

static void drop_segments(struct tcp_half *h, uint64_t *held)
{
    while (h->first) {
        struct tcp_segment *s = h->first;
        h->first = s->next;
        *held -= segment_cost(s);
        segment_free(s);
    }
    h->last = NULL;
    h->waiting = 0;
    h->segments = 0;
}

void tcp_fini(struct tcp_track *t, uint64_t *held)
{
    drop_segments(&t->half[TO_SERVER], held);
    drop_segments(&t->half[TO_CLIENT], held);
}

void tcp_bypass(struct tcp_track *t, enum flow_dir dir, uint64_t *held)
{
    t->half[dir].bypass = true;
    drop_segments(&t->half[dir], held);
}

bool tcp_is_reuse(const struct tcp_track *t, const struct packet *p)
{
    uint8_t flags = p->d.tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN);
    if (flags != TCP_SYN || t->state <= TCP_STATE_SYN_RECV)
        return false;
    const struct tcp_half *h = &t->half[p->dir];
    if (t->state == TCP_STATE_ESTABLISHED || t->state == TCP_STATE_CLOSE_WAIT)
        return false;
    return !h->synced || p->d.tcp.seq != h->isn || p->dir == TO_CLIENT;
}

/* Keep a copy of bytes [seq, seq + len) that don't overlap any segment yet, behind *at. */
static bool insert(struct tcp_half *h, struct tcp_segment **at, uint32_t seq, const uint8_t *bytes, uint32_t len,
                   uint64_t time_ns, const struct tcp_limits *limits, uint64_t *held)
{
    struct tcp_segment *s = h->segments < TCP_SEGMENTS_MAX ? malloc(sizeof *s) : NULL;
    uint8_t *copy = s ? malloc(len) : NULL;
    if (copy)
        *s = (struct tcp_segment){.next = *at, .seq = seq, .len = len, .time_ns = time_ns, .bytes = copy};
    if (!copy || *held + segment_cost(s) > limits->memcap) {
        free(s);
        free(copy);
        return false;
    }
    memcpy(copy, bytes, len);
    if (!s->next)
        h->last = s;
    *at = s;
    *held += segment_cost(s);
    h->waiting += len;
    h->segments++;
    return true;
}

/* Buffer early bytes. Where they overlap what waits already, that stays and only what is new is kept. */
static unsigned buffer_early(struct tcp_half *h, uint32_t seq, const uint8_t *bytes, uint32_t len, uint64_t time_ns,
                             const struct tcp_limits *limits, uint64_t *held)
{
    unsigned did = TCP_DID_BUFFER;
    struct tcp_segment **at = &h->first;
    /* Most come behind all that waits. */
    if (h->last && !before(seq, h->last->seq + h->last->len))
        at = &h->last->next;
    while (len) {
        while (*at && !before(seq, (*at)->seq + (*at)->len))
            at = &(*at)->next;
        struct tcp_segment *s = *at;
        uint32_t fresh = len;
        if (s && before(s->seq, seq + len))
            fresh = before(seq, s->seq) ? s->seq - seq : 0;
        if (fresh) {
            if (!insert(h, at, seq, bytes, fresh, time_ns, limits, held))
                return did | TCP_DID_DROP;
            at = &(*at)->next;
        }
        seq += fresh;
        bytes += fresh;
        len -= fresh;
        if (!len)
            break;
        uint32_t from = seq - s->seq;
        uint32_t same = s->len - from < len ? s->len - from : len;
        if (memcmp(s->bytes + from, bytes, same) != 0)
            did |= TCP_DID_OVERLAP_DIFFERS;
        seq += same;
        bytes += same;
        len -= same;
    }
    return did;
}

/* Take from the front every segment that is now in order. */
static void take_ready(struct tcp_half *h, struct tcp_ready *out, uint64_t *held)
{
    struct tcp_segment **end = &out->first;
    while (*end)
        end = &(*end)->next;
    while (h->first && !before(h->next, h->first->seq)) {
        struct tcp_segment *s = h->first;
        h->first = s->next;
        if (!h->first)
            h->last = NULL;
        *held -= segment_cost(s);
        h->waiting -= s->len;
        h->segments--;
        uint32_t old = h->next - s->seq;
        s->next = NULL;
        if (old >= s->len) {
            segment_free(s);
            continue;
        }
        if (old) {
            memmove(s->bytes, s->bytes + old, s->len - old);
            s->len -= old;
            s->seq += old;
        }
        h->next += s->len;
        h->delivered += s->len;
        *end = s;
        end = &s->next;
    }
}

/* Give up the hole before the first waiting segment. */
static void give_up_hole(struct tcp_half *h, struct tcp_ready *out, uint64_t *held)
{
    h->first->gap = h->first->seq - h->next;
    h->next = h->first->seq;
    take_ready(h, out, held);
}

static bool at_eof(struct tcp_half *h)
{
    if (!h->fin_seen || h->eof_told || before(h->next, h->fin))
        return false;
    h->eof_told = true;
    return true;
}

/* Bytes at the end that were sent but never seen: their number is known from the FIN, or from what the other side
 * acknowledged. They are told as a gap with nothing behind it. */
static void tell_missing_tail(struct tcp_half *h, struct tcp_ready *out)
{
    uint32_t end = h->fin_seen ? h->fin : h->acked;
    uint32_t missing = end - h->next;
    /* One more than was sent, and no FIN: the FIN itself was not captured. */
    if ((!h->fin_seen && (!h->acked_seen || missing == 1)) || !before(h->next, end) || h->bypass)
        return;
    struct tcp_segment *s = calloc(1, sizeof *s);
    if (!s)
        return;
    s->gap = missing;
    h->next = end;
    struct tcp_segment **at = &out->first;
    while (*at)
        at = &(*at)->next;
    *at = s;
}

void tcp_flush(struct tcp_track *t, enum flow_dir dir, uint64_t *held, struct tcp_ready *out)
{
    struct tcp_half *h = &t->half[dir];
    *out = (struct tcp_ready){.dir = dir};
    while (h->first)
        give_up_hole(h, out, held);
    if (h->synced)
        tell_missing_tail(h, out);
    out->eof = out->first && at_eof(h);
}

/* The acknowledgement that p carries is about the other direction's bytes. A hole below it will not be filled. */
static void take_ack(struct tcp_track *t, const struct packet *p, struct tcp_result *out, uint64_t *held)
{
    struct tcp_half *peer = &t->half[flow_dir_other(p->dir)];
    uint32_t ack = p->d.tcp.ack;
    if (!peer->synced)
        return;
    if (!peer->acked_seen || before(peer->acked, ack)) {
        /* An acknowledgement far beyond anything sent is not believed (it would turn later data into gaps). */
        if (before(peer->next + TCP_WAITING_MAX, ack))
            return;
        peer->acked = ack;
        peer->acked_seen = true;
    }
    out->before.dir = flow_dir_other(p->dir);
    bool tail = peer->fin_seen && !before(peer->acked, peer->fin) && before(peer->next, peer->fin);
    if (!peer->first && !tail)
        return;
    while (peer->first && before(peer->first->seq, peer->acked)) {
        give_up_hole(peer, &out->before, held);
        out->flags |= TCP_DID_GAP;
    }
    if (tail && before(peer->next, peer->fin)) {
        tell_missing_tail(peer, &out->before);
        out->flags |= TCP_DID_GAP;
    }
    out->before.eof = out->before.first && at_eof(peer);
}

/* Where the sender may be by now: its window as the other side announced it, with room for scaling we did not see. */
static uint32_t window_of(const struct tcp_track *t, enum flow_dir dir)
{
    uint32_t w = t->half[flow_dir_other(dir)].window;
    return w > TCP_WINDOW_DEFAULT ? w : TCP_WINDOW_DEFAULT;
}

/* Place the payload of p, whose first byte has number seq. */
static void take_data(struct tcp_track *t, struct packet *p, uint32_t seq, const struct tcp_limits *limits,
                      struct tcp_result *out, uint64_t *held)
{
    struct tcp_half *h = &t->half[p->dir];
    const uint8_t *bytes = p->d.payload;
    uint32_t len = p->d.payload_len;
    if (before(seq, h->next)) {
        uint32_t old = h->next - seq;
        if (old >= len) {
            out->flags |= TCP_DID_RETRANSMIT;
            return;
        }
        bytes += old;
        len -= old;
        seq = h->next;
    }
    uint32_t ahead = seq - h->next;
    if (ahead > window_of(t, p->dir)) {
        out->flags |= TCP_DID_OUT_OF_WINDOW;
        return;
    }
    if (ahead) {
        bool lost = h->acked_seen && !before(h->acked, seq) && (!h->first || !before(h->first->seq, seq));
        if (!lost) {
            out->flags |= buffer_early(h, seq, bytes, len, p->time_ns, limits, held);
            if (h->waiting > TCP_WAITING_MAX || h->segments >= TCP_SEGMENTS_MAX) {
                out->after.dir = p->dir;
                give_up_hole(h, &out->after, held);
                out->flags |= TCP_DID_GAP;
            }
            return;
        }
        p->gap = ahead;
        out->flags |= TCP_DID_GAP;
    }
    if (h->first && before(h->first->seq, seq + len)) {
        /* What waits came first and stays; of the rest of this, what is new waits with it for a moment. */
        uint32_t cut = h->first->seq - seq;
        out->flags |=
            buffer_early(h, seq + cut, bytes + cut, len - cut, p->time_ns, limits, held) & ~(unsigned)TCP_DID_BUFFER;
        len = cut;
    }
    p->payload = bytes;
    p->payload_len = len;
    h->next = seq + len;
    h->delivered += len;
    if (h->first) {
        out->after.dir = p->dir;
        take_ready(h, &out->after, held);
    }
}

static void check_depth(struct tcp_track *t, enum flow_dir dir, const struct tcp_limits *limits, struct tcp_result *out,
                        uint64_t *held)
{
    if (limits->depth && t->half[dir].delivered >= limits->depth) {
        out->flags |= TCP_DID_DEPTH;
        tcp_bypass(t, dir, held);
    }
}

static void on_fin(struct tcp_track *t, enum flow_dir dir)
{
    switch (t->state) {
    case TCP_STATE_SYN_RECV:
    case TCP_STATE_ESTABLISHED:
        t->state = dir == TO_SERVER ? TCP_STATE_CLOSE_WAIT : TCP_STATE_FIN_WAIT1;
        break;
    case TCP_STATE_CLOSE_WAIT:
        if (dir == TO_CLIENT)
            t->state = TCP_STATE_LAST_ACK;
        break;
    case TCP_STATE_FIN_WAIT1:
        if (dir == TO_SERVER)
            t->state = TCP_STATE_CLOSING;
        break;
    case TCP_STATE_FIN_WAIT2:
        if (dir == TO_SERVER)
            t->state = TCP_STATE_TIME_WAIT;
        break;
    default:
        break;
    }
}

/* A FIN counts if it is not before what was delivered and not beyond the window. */
static void take_fin(struct tcp_track *t, enum flow_dir dir, uint32_t number, struct tcp_result *out)
{
    struct tcp_half *h = &t->half[dir];
    if (before(number, h->next) || number - h->next > window_of(t, dir)) {
        out->flags |= TCP_DID_OUT_OF_WINDOW;
        return;
    }
    h->fin_seen = true;
    h->fin = number;
    on_fin(t, dir);
}

/* An acknowledgement without SYN or FIN may complete the handshake or the close. */
static void on_ack(struct tcp_track *t, enum flow_dir dir)
{
    const struct tcp_half *peer = &t->half[flow_dir_other(dir)];
    bool fin_acked = peer->fin_seen && peer->acked_seen && before(peer->fin, peer->acked);
    switch (t->state) {
    case TCP_STATE_SYN_RECV:
        if (dir == TO_SERVER)
            t->state = TCP_STATE_ESTABLISHED;
        break;
    case TCP_STATE_FIN_WAIT1:
        if (dir == TO_SERVER && fin_acked)
            t->state = TCP_STATE_FIN_WAIT2;
        break;
    case TCP_STATE_CLOSING:
        if (dir == TO_CLIENT && fin_acked)
            t->state = TCP_STATE_TIME_WAIT;
        break;
    case TCP_STATE_LAST_ACK:
        if (dir == TO_SERVER && fin_acked)
            t->state = TCP_STATE_CLOSED;
        break;
    case TCP_STATE_TIME_WAIT:
        if (dir == TO_CLIENT && fin_acked)
            t->state = TCP_STATE_CLOSED;
        break;
    default:
        break;
    }
}

/* RFC 9293 3.10.7.3 and 3.10.7.4: a reset counts if its number is in the window, or, from a side not heard of yet, if
 * it acknowledges what was sent to it. */
static bool rst_is_valid(const struct tcp_track *t, const struct packet *p)
{
    const struct tcp_half *h = &t->half[p->dir];
    const struct tcp_half *peer = &t->half[flow_dir_other(p->dir)];
    if (!h->synced)
        return (p->d.tcp.flags & TCP_ACK) && peer->synced && p->d.tcp.ack == peer->next;
    uint32_t least = h->acked_seen && before(h->acked, h->next) ? h->acked : h->next;
    return !before(p->d.tcp.seq, least - 1) && !before(h->next + window_of(t, p->dir), p->d.tcp.seq);
}

/* Nothing more comes from the sender: what waits goes first. */
static void take_rst(struct tcp_track *t, struct packet *p, uint64_t *held, struct tcp_result *out)
{
    struct tcp_half *h = &t->half[p->dir];
    if (t->state == TCP_STATE_NONE) {
        out->flags = TCP_DID_NOT_TRACKED;
        return;
    }
    if (!rst_is_valid(t, p)) {
        out->flags = TCP_DID_BAD_RST;
        return;
    }
    t->state = TCP_STATE_CLOSED;
    p->flags |= PACKET_EOF;
    out->before.dir = p->dir;
    while (h->first) {
        give_up_hole(h, &out->before, held);
        out->flags |= TCP_DID_GAP;
    }
}

static void sync_half(struct tcp_half *h, const struct decoded_tcp *tcp)
{
    h->isn = tcp->seq;
    h->next = tcp->seq + (tcp->flags & TCP_SYN ? 1 : 0);
    h->wscale = tcp->flags & TCP_SYN ? tcp->wscale : 255;
    h->synced = true;
}

/* Does a SYN/ACK acknowledge something that was sent? (RFC 9293 3.10.7.3) Without the SYN, it can't be told. */
static bool answers_syn(const struct tcp_track *t, const struct packet *p)
{
    const struct tcp_half *peer = &t->half[flow_dir_other(p->dir)];
    if (t->state != TCP_STATE_SYN_SENT || !peer->synced)
        return true;
    return before(peer->isn, p->d.tcp.ack) && !before(peer->next, p->d.tcp.ack);
}

/* Bring the connection's state forward by a SYN, a SYN/ACK or the first packet of a midstream pick-up. False: the
 * packet belongs to no connection that is tracked. */
static bool open_state(struct tcp_track *t, const struct packet *p, const struct tcp_limits *limits, uint64_t *held)
{
    struct tcp_half *h = &t->half[p->dir];
    const struct decoded_tcp *tcp = &p->d.tcp;
    if (tcp->flags & TCP_SYN) {
        /* A SYN again, with another number, before any answer: the sender has started over. */
        if (!h->synced || (t->state == TCP_STATE_SYN_SENT && h->delivered == 0 && h->isn != tcp->seq)) {
            drop_segments(h, held);
            sync_half(h, tcp);
        }
        if (!(tcp->flags & TCP_ACK)) {
            if (t->state == TCP_STATE_NONE)
                t->state = TCP_STATE_SYN_SENT;
        } else if (t->state <= TCP_STATE_SYN_SENT) {
            struct tcp_half *peer = &t->half[flow_dir_other(p->dir)];
            if (!peer->synced) {
                peer->next = peer->isn = tcp->ack;
                peer->wscale = 255;
                peer->synced = true;
                t->midstream = true;
            }
            t->state = TCP_STATE_SYN_RECV;
        }
        return true;
    }
    if (h->synced)
        return true;
    if (t->state == TCP_STATE_NONE && !limits->midstream)
        return false;
    if (t->state == TCP_STATE_NONE) {
        t->midstream = true;
        t->state = TCP_STATE_ESTABLISHED;
    }
    sync_half(h, tcp);
    struct tcp_half *peer = &t->half[flow_dir_other(p->dir)];
    if (!peer->synced && (tcp->flags & TCP_ACK)) {
        peer->next = peer->isn = tcp->ack;
        peer->wscale = 255;
        peer->synced = true;
    }
    return true;
}

void tcp_packet(struct tcp_track *t, struct packet *p, const struct tcp_limits *limits, uint64_t *held,
                struct tcp_result *out)
{
    struct tcp_half *h = &t->half[p->dir];
    const struct decoded_tcp *tcp = &p->d.tcp;
    out->flags = 0;
    out->before.first = out->after.first = NULL;
    out->before.eof = out->after.eof = false;
    h->flags |= tcp->flags;
    if (tcp->flags & TCP_RST) {
        take_rst(t, p, held, out);
        return;
    }
    if ((tcp->flags & TCP_SYN) && (tcp->flags & TCP_ACK) && !answers_syn(t, p)) {
        out->flags = TCP_DID_OUT_OF_WINDOW;
        return;
    }
    if (!open_state(t, p, limits, held)) {
        out->flags = TCP_DID_NOT_TRACKED;
        return;
    }
    bool scaled = h->wscale <= 14 && t->half[flow_dir_other(p->dir)].wscale <= 14 && !(tcp->flags & TCP_SYN);
    h->window = scaled ? (uint32_t)tcp->window << h->wscale : tcp->window;
    if (tcp->flags & TCP_ACK)
        take_ack(t, p, out, held);
    uint32_t seq = tcp->seq + (tcp->flags & TCP_SYN ? 1 : 0);
    if (p->d.payload_len && !h->bypass) {
        take_data(t, p, seq, limits, out, held);
        if (limits->depth)
            check_depth(t, p->dir, limits, out, held);
    } else if (h->bypass && before(h->next, seq + p->d.payload_len) && !before(h->next + window_of(t, p->dir), seq)) {
        h->next = seq + p->d.payload_len;
    }
    if ((tcp->flags & TCP_FIN) && !h->fin_seen)
        take_fin(t, p->dir, seq + p->d.payload_len, out);
    if (tcp->flags & TCP_ACK)
        on_ack(t, p->dir);
    if (h->fin_seen && at_eof(h)) {
        if (out->after.first)
            out->after.eof = true;
        else
            p->flags |= PACKET_EOF;
    }
}
