/* Reassembly: what is in order goes on, what is early waits, what won't come any more is a gap. */
#include <string.h>

#include "flow/tcp_private.h"

/* RFC 6093 leaves one byte out at a time; what sends more of them than this is told and handled by another policy. */
#define URGENT_MAX 65535u

/* What Suricata keeps in another region of its buffer, which flow records count. */
#define REGION_GAP (256u << 10)

void tcp_drop_waiting(struct tcp_half *h, struct tcp_memory *memory)
{
    pieces_drop(&h->waiting, &memory->held);
    h->tentative = false;
}

void tcp_bypass(struct tcp_track *t, enum flow_dir dir, struct tcp_memory *memory)
{
    t->half[dir].bypass = true;
    tcp_drop_waiting(&t->half[dir], memory);
}

static void append(struct tcp_ready *out, struct piece *p)
{
    if (out->first)
        out->last->next = p;
    else
        out->first = p;
    out->last = p;
}

/* A piece that is nothing but missing bytes. */
static void append_gap(struct tcp_ready *out, uint32_t gap)
{
    struct piece *p = piece_make(NULL, 0);
    if (!p)
        return;
    p->gap = gap;
    append(out, p);
}

/* Number of the urgent byte within [at, at + len), or len. It is settled then. */
static uint32_t urgent_in(struct tcp_half *h, uint32_t at, uint32_t len)
{
    uint32_t offset = h->urgent_at - at;
    if (!h->urgent_set || offset >= len)
        return len;
    h->urgent_set = false;
    h->urgent_told++;
    return offset;
}

/* The bytes behind an urgent one, as a piece of their own. NULL: no memory, and they are lost. */
static struct piece *behind_urgent(bool gap, uint32_t at, const uint8_t *bytes, uint32_t len)
{
    struct piece *p = piece_make(NULL, len);
    if (!p)
        return NULL;
    p->at = at;
    p->len = len;
    p->gap = gap ? 1 : 0;
    if (len)
        memcpy(p->bytes, bytes, len);
    return p;
}

/* Deliver a piece, without its urgent byte. */
static void deliver_piece(struct tcp_half *h, struct piece *p, struct tcp_ready *out)
{
    uint32_t len = p->len;
    bool gap = p->urgent ? p->urgent_gap : h->urgent_gap;
    uint32_t offset = p->urgent ? p->urgent_at - p->at : h->urgent_set ? urgent_in(h, p->at, len) : len;
    if (offset >= len && out->first && piece_join(out->last, p))
        return;
    append(out, p);
    if (offset >= len)
        return;
    p->len = offset;
    struct piece *rest = behind_urgent(gap, p->at + offset + 1, p->bytes + offset + 1, len - offset - 1);
    if (rest)
        append(out, rest);
}

/* And the packet itself, whose bytes are not ours to change. */
static void strip_packet(struct tcp_pass *w, uint32_t at)
{
    struct packet *p = w->p;
    struct tcp_half *h = w->h;
    uint32_t len = p->payload_len;
    uint32_t offset = urgent_in(h, at, len);
    if (offset == len)
        return;
    w->out->flags |= TCP_DID_URGENT;
    p->payload_len = offset;
    if (offset + 1 == len && !h->urgent_gap)
        return;
    struct piece *rest = behind_urgent(h->urgent_gap, at + offset + 1, p->payload + offset + 1, len - offset - 1);
    if (!rest)
        return;
    w->out->after.dir = p->dir;
    append(&w->out->after, rest);
}

/* Take from the front every segment that is now in order. until: what lies before this; NULL: all. */
static void take_ready(struct tcp_half *h, struct tcp_ready *out, struct tcp_memory *memory, const uint32_t *until)
{
    for (const struct piece *first; (first = h->waiting.first) && !tcp_before(h->next, first->at);) {
        if (until && !tcp_before(first->at, *until))
            break;
        bool some = until && tcp_before(*until, first->at + first->len);
        struct piece *p =
            some ? pieces_take_before(&h->waiting, *until, &memory->held) : pieces_take(&h->waiting, &memory->held);
        if (!p)
            break;
        uint32_t old = h->next - p->at;
        if (old >= p->len) {
            piece_free(p);
            continue;
        }
        if (old) {
            p->bytes += old;
            p->len -= old;
            p->at += old;
        }
        h->next += p->len;
        h->delivered += p->len;
        tcp_take_sample(h, p->at, p->bytes, p->len);
        deliver_piece(h, p, out);
    }
}

/* Give up the hole before the first waiting segment. */
static void give_up_hole(struct tcp_half *h, struct tcp_ready *out, struct tcp_memory *memory, const uint32_t *until)
{
    uint32_t gap = h->waiting.first->at - h->next;
    h->tentative = false;
    h->waiting.first->gap = gap;
    h->next += gap;
    take_ready(h, out, memory, until);
}

bool tcp_at_eof(struct tcp_half *h)
{
    if (!h->fin_seen || h->eof_told || tcp_before(h->next, h->fin))
        return false;
    h->eof_told = true;
    return true;
}

/* Bytes at the end that were sent but never seen: their number is known from the FIN, or from what the other side
 * acknowledged. They are told as a gap with nothing behind it. */
void tcp_tell_missing_tail(struct tcp_half *h, struct tcp_ready *out)
{
    uint32_t end = h->fin_seen ? h->fin : h->acked;
    uint32_t missing = end - h->next;
    /* One more than was sent, and no FIN: the FIN itself was not captured. */
    if ((!h->fin_seen && (!h->acked_seen || missing == 1)) || !tcp_before(h->next, end) || h->bypass)
        return;
    append_gap(out, missing);
    if (h->acked_seen && tcp_before(h->next, h->acked))
        out->lost = true;
    h->next = end;
}

void tcp_flush(struct tcp_track *t, enum flow_dir dir, struct tcp_memory *memory, struct tcp_ready *out)
{
    struct tcp_half *h = &t->half[dir];
    *out = (struct tcp_ready){.dir = dir};
    /* What came with a SYN that nobody answered was never anybody's. */
    if (h->tentative && t->state == TCP_STATE_SYN_SENT && !(h->flags & TCP_ACK))
        tcp_drop_waiting(h, memory);
    while (h->waiting.first)
        give_up_hole(h, out, memory, NULL);
    if (h->synced)
        tcp_tell_missing_tail(h, out);
    out->eof = out->first && tcp_at_eof(h);
}

/* What the receiver has acknowledged goes on, and a hole in it will not be filled. */
static void take_acked(struct tcp_pass *w, struct tcp_half *h, struct tcp_ready *out)
{
    const uint32_t *until = w->limits->acked ? &h->acked : NULL;
    if (tcp_before(h->next, h->acked) && (h->tentative || until)) {
        h->tentative = false;
        take_ready(h, out, w->memory, until);
    }
    while (h->waiting.first && tcp_before(h->waiting.first->at, h->acked)) {
        give_up_hole(h, out, w->memory, until);
        w->out->flags |= TCP_DID_GAP;
    }
}

/* The acknowledgement that p carries is about the other direction's bytes. A hole below it will not be filled. */
void tcp_take_ack(struct tcp_pass *w)
{
    struct tcp_half *h = w->peer;
    uint32_t ack = w->p->d.tcp.ack;
    if (!h->synced)
        return;
    /* An acknowledgement far beyond anything sent is not believed (it would turn later data into gaps). */
    if (tcp_before(h->next + TCP_WAITING_MAX, ack) && tcp_before(h->top, ack))
        return;
    if (tcp_before(h->top, ack)) {
        w->out->flags |= TCP_DID_UNSEEN_ACK;
        h->top = ack;
    }
    if (!h->acked_seen) {
        h->acked_seen = true;
        h->acked = ack;
        h->edge = ack + w->h->window;
    } else {
        h->acked = tcp_later(h->acked, ack);
        h->edge = tcp_later(h->edge, ack + w->h->window);
    }
    struct tcp_ready *out = &w->out->before;
    out->dir = flow_dir_other(w->p->dir);
    bool tail = h->fin_seen && !tcp_before(h->acked, h->fin) && tcp_before(h->next, h->fin);
    if (!h->waiting.first && !tail)
        return;
    uint16_t urgent = h->urgent_told;
    take_acked(w, h, out);
    if (h->urgent_told != urgent)
        w->out->flags |= TCP_DID_URGENT;
    if (tail && tcp_before(h->next, h->fin)) {
        tcp_tell_missing_tail(h, out);
        w->out->flags |= TCP_DID_GAP;
    }
    out->eof = out->first && tcp_at_eof(h);
}

/* Keep early bytes, which are [seq, seq + len) of a packet that reaches from `from` to `to`. */
static void keep_within(struct tcp_pass *w, uint64_t memcap, uint32_t seq, const uint8_t *bytes, uint32_t len,
                        uint32_t from, overlap_rule rule)
{
    struct piece_new n = {.at = seq, .len = len, .from = from, .to = seq + len, .bytes = bytes, .rule = rule};
    n.apart = w->h->urgent_set || w->h->tentative;
    const struct pieces_limits limits = {.memcap = memcap, .most = TCP_SEGMENTS_MAX, .pool = w->memory->pool};
    unsigned did = pieces_put(&w->h->waiting, &n, &limits, &w->memory->held);
    if (did & PIECES_OVERLAP)
        w->out->flags |= TCP_DID_OVERLAP;
    if ((did & PIECES_DIFFER) && w->limits->overlap_check)
        w->out->flags |= TCP_DID_OVERLAP_DIFFERS;
    if (did & (PIECES_MEMCAP | PIECES_LIMIT))
        w->out->flags |= TCP_DID_DROP | (did & PIECES_MEMCAP ? TCP_DID_MEMCAP : 0);
}

static void keep(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len, uint32_t from, overlap_rule rule)
{
    keep_within(w, w->limits->memcap, seq, bytes, len, from, rule);
}

void tcp_hold_data(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    struct tcp_half *h = w->h;
    if (!h->synced || h->bypass || tcp_before(seq, h->next) || tcp_before(tcp_right_edge(w->t, h), seq))
        return;
    h->tentative = true;
    keep(w, seq, bytes, len, seq, h->rule);
    h->top = tcp_later(h->top, seq + len);
    w->out->flags |= TCP_DID_BUFFER;
}

/* The urgent pointer (RFC 6093 2.1: it points behind the byte). False: the packet's bytes are not taken at all. */
static bool take_urgent(struct tcp_pass *w, uint32_t seq)
{
    struct tcp_half *h = w->h;
    enum settings_urgent policy = w->limits->urgent;
    if (policy == URGENT_OOB && h->urgent_told >= URGENT_MAX) {
        if (h->urgent_told == URGENT_MAX)
            tcp_event(w->out, TCP_EVENT_REASSEMBLY_URGENT_OOB_LIMIT_REACHED);
        policy = w->limits->urgent_limit;
    }
    if (policy == URGENT_DROP)
        return false;
    if (policy == URGENT_INLINE || w->p->d.tcp.urgent == 0)
        return true;
    uint32_t at = seq + w->p->d.tcp.urgent - 1;
    /* One at a time: as hosts have it, an older one that was not reached yet becomes part of the stream. */
    if (!tcp_before(at, h->next)) {
        h->urgent_at = at;
        h->urgent_set = true;
        h->urgent_gap = policy == URGENT_GAP;
    }
    return true;
}

/* Are the bytes at `at`, n of them, what the segment [seq, seq + len) has there? True where it has none. */
static bool sample_fits(const uint8_t *sample, uint32_t at, uint32_t n, uint32_t seq, const uint8_t *bytes,
                        uint32_t len)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t offset = at + i - seq;
        if (offset < len && bytes[offset] != sample[i])
            return false;
    }
    return true;
}

static void compare_delivered(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    const struct tcp_half *h = w->h;
    uint32_t n = h->sample_len < 8 ? h->sample_len : 8;
    w->out->flags |= TCP_DID_OVERLAP;
    if (!w->limits->overlap_check || !n)
        return;
    if (!sample_fits((const uint8_t *)&h->sample[0], h->sample_at, n, seq, bytes, len) ||
        !sample_fits((const uint8_t *)&h->sample[1], h->sample_at + h->sample_len - n, n, seq, bytes, len))
        w->out->flags |= TCP_DID_OVERLAP_DIFFERS;
}

/* Nothing in it is new. */
static void take_old(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    const struct tcp_half *h = w->h;
    uint32_t end = seq + len;
    if (len == 1 && end == h->next) {
        w->out->flags |= TCP_DID_KEEP_ALIVE; /* RFC 9293 3.8.4 */
        return;
    }
    w->out->flags |= TCP_DID_RETRANSMIT;
    if (tcp_before(seq, h->isn) && !w->t->midstream)
        tcp_event(w->out, TCP_EVENT_REASSEMBLY_SEGMENT_BEFORE_BASE_SEQ);
    bool had = h->acked_seen && !tcp_before(h->acked, end);
    tcp_event(w->out, had ? TCP_EVENT_PKT_SPURIOUS_RETRANSMISSION : TCP_EVENT_PKT_RETRANSMISSION);
    if (had && tcp_before(end + w->peer->window, h->acked))
        tcp_event(w->out, w->t->state == TCP_STATE_CLOSE_WAIT ? TCP_EVENT_CLOSEWAIT_PKT_BEFORE_LAST_ACK
                                                              : TCP_EVENT_EST_PKT_BEFORE_LAST_ACK);
    compare_delivered(w, seq, bytes, len);
}

/* Bytes that wait at `next` were held because the receiver may not have taken them. What the sender sends now says
 * more: the same place again, and they count for nothing; a place behind them, and they were taken. */
static void settle_held(struct tcp_pass *w, uint32_t seq, uint32_t len)
{
    struct tcp_half *h = w->h;
    h->tentative = false;
    while (seq == h->next && h->waiting.first && tcp_before(h->waiting.first->at, seq + len) &&
           !tcp_before(seq + len, h->waiting.first->at + h->waiting.first->len))
        piece_free(pieces_take(&h->waiting, &w->memory->held));
}

/* Bytes that came before their turn. */
static void take_early(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len, uint32_t from)
{
    struct tcp_half *h = w->h;
    w->out->flags |= TCP_DID_BUFFER;
    if (seq - h->next >= REGION_GAP)
        h->far_ahead = true;
    keep(w, seq, bytes, len, from, h->rule);
    w->out->after.dir = w->p->dir;
    take_ready(h, &w->out->after, w->memory, NULL);
    if (h->waiting.first && (h->waiting.bytes > TCP_WAITING_MAX || h->waiting.count >= TCP_SEGMENTS_MAX)) {
        give_up_hole(h, &w->out->after, w->memory, NULL);
        w->out->flags |= TCP_DID_GAP;
    }
}

/* The urgent byte is among those that wait: it is settled with its piece, as more of them may come before that goes. */
static void mark_urgent(struct tcp_half *h, uint32_t seq, uint32_t len)
{
    if (!h->urgent_set || h->urgent_at - seq >= len)
        return;
    for (struct piece *p = h->waiting.first; p; p = p->next) {
        if (h->urgent_at - p->at >= p->len)
            continue;
        if (!p->urgent)
            h->urgent_told++;
        p->urgent = true;
        p->urgent_at = h->urgent_at;
        p->urgent_gap = h->urgent_gap;
        h->urgent_set = false;
        return;
    }
}

/* Is there no memory for these bytes, which are the next in order or right behind what waits without a hole? */
static bool can_not_wait(const struct tcp_pass *w, uint32_t seq, uint32_t len)
{
    const struct tcp_half *h = w->h;
    if (w->memory->held + len + PIECE_FULL_ROOM + PIECE_COST <= w->limits->memcap)
        return false;
    return seq == h->next || (seq - h->next == h->waiting.bytes && seq == pieces_end(&h->waiting, h->next));
}

/* Bytes that are not acknowledged yet, or were before they came here. Those for which there is no memory go on at once,
 * as with stream.inline: who fills it with segments behind holes makes us blind for nobody else. */
static void take_unacked(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    struct tcp_half *h = w->h;
    uint32_t end = pieces_end(&h->waiting, h->next);
    uint32_t had = h->waiting.bytes;
    if (tcp_before(end, seq)) {
        w->out->flags |= TCP_DID_BUFFER;
        if (seq - end >= REGION_GAP)
            h->far_ahead = true;
    }
    bool at_once = can_not_wait(w, seq, len);
    keep_within(w, at_once ? UINT64_MAX : w->limits->memcap, seq, bytes, len, seq, h->rule);
    if (!(w->out->flags & TCP_DID_DROP))
        w->p->flags |= PACKET_KEPT;
    w->p->kept_after = h->next;
    uint16_t urgent = h->urgent_told;
    mark_urgent(h, seq, len);
    if (h->urgent_told != urgent)
        w->out->flags |= TCP_DID_URGENT;
    if (h->waiting.bytes == had && !(w->out->flags & TCP_DID_DROP)) {
        w->out->flags |= TCP_DID_RETRANSMIT;
        tcp_event(w->out, TCP_EVENT_PKT_RETRANSMISSION);
    }
    w->out->after.dir = w->p->dir;
    if (at_once) {
        w->out->flags |= TCP_DID_NOT_WAIT;
        take_ready(h, &w->out->after, w->memory, NULL);
    }
    if (h->acked_seen && h->waiting.first)
        take_acked(w, h, &w->out->after);
    if (h->waiting.bytes > TCP_WAITING_MAX || h->waiting.count >= TCP_SEGMENTS_MAX) {
        w->out->flags |= h->next != h->waiting.first->at ? TCP_DID_GAP : 0u;
        give_up_hole(h, &w->out->after, w->memory, NULL);
    }
}

/* Bytes in order, with `gap` missing before them; what waits may reach into them. */
static void take_in_order(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    struct tcp_half *h = w->h;
    if (h->waiting.first && tcp_before(h->waiting.first->at, seq + len)) {
        /* Whoever wins there: the rest of this waits with them for a moment. */
        uint32_t cut = h->waiting.first->at - seq;
        keep(w, seq + cut, bytes + cut, len - cut, seq, h->rule);
        len = cut;
    }
    w->p->payload = bytes;
    w->p->payload_len = len;
    h->next = seq + len;
    h->delivered += len;
    if (len)
        tcp_take_sample(h, seq, bytes, len);
    if (h->urgent_set)
        strip_packet(w, seq);
    if (h->waiting.first) {
        w->out->after.dir = w->p->dir;
        take_ready(h, &w->out->after, w->memory, NULL);
    }
}

/* Place the payload, whose first byte has number seq. */
void tcp_take_data(struct tcp_pass *w, uint32_t seq)
{
    struct tcp_half *h = w->h;
    const uint8_t *bytes = w->p->d.payload;
    uint32_t len = w->p->d.payload_len;
    if ((w->p->d.tcp.flags & TCP_URG) && !take_urgent(w, seq))
        return;
    if (tcp_before(seq, h->next)) {
        uint32_t old = h->next - seq;
        if (old >= len) {
            take_old(w, seq, bytes, len);
            return;
        }
        compare_delivered(w, seq, bytes, old);
        bytes += old;
        len -= old;
        seq = h->next;
    }
    if (h->tentative)
        settle_held(w, seq, len);
    uint32_t ahead = seq - h->next;
    if (ahead == 0 && w->peer->window == 0 && h->acked_seen && h->edge == seq && tcp_is_strict(w->t)) {
        /* A window probe (RFC 9293 3.8.6.1): some receivers take its byte, and others don't. */
        w->out->flags |= TCP_DID_ZERO_WINDOW;
        tcp_hold_data(w, seq, bytes, len);
        return;
    }
    h->top = tcp_later(h->top, seq + len);
    if (tcp_waits(w)) {
        take_unacked(w, seq, bytes, len);
        return;
    }
    if (ahead) {
        bool lost = h->acked_seen && !tcp_before(h->acked, seq) &&
                    (!h->waiting.first || !tcp_before(h->waiting.first->at, seq));
        if (!lost) {
            take_early(w, seq, bytes, len, seq);
            return;
        }
        w->p->gap = ahead;
        w->out->flags |= TCP_DID_GAP;
    }
    take_in_order(w, seq, bytes, len);
}

/* What take_unacked does with bytes right behind all that waits, if they go there. */
static bool take_behind(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    struct tcp_half *h = w->h;
    const struct piece_new n = {.at = seq, .len = len, .from = seq, .to = seq + len, .bytes = bytes};
    if (!h->waiting.last || !h->waiting.last->run || h->urgent_set || h->tentative ||
        h->waiting.bytes + len > TCP_WAITING_MAX || can_not_wait(w, seq, len) ||
        !pieces_grow(&h->waiting, &n, TCP_SEGMENTS_MAX - 1))
        return false;
    w->p->flags |= PACKET_KEPT;
    w->p->kept_after = h->next;
    w->out->after.dir = w->p->dir;
    if (tcp_before(h->waiting.first->at, h->acked))
        take_acked(w, h, &w->out->after);
    return true;
}

void tcp_take_next(struct tcp_pass *w, uint32_t seq)
{
    uint32_t len = w->p->d.payload_len;
    w->h->top = tcp_later(w->h->top, seq + len);
    take_in_order(w, seq, w->p->d.payload, len);
}

void tcp_keep_next(struct tcp_pass *w, uint32_t seq)
{
    uint32_t len = w->p->d.payload_len;
    w->h->top = tcp_later(w->h->top, seq + len);
    if (!take_behind(w, seq, w->p->d.payload, len))
        take_unacked(w, seq, w->p->d.payload, len);
}
