/* What the files of the TCP tracker share. Private to them. */
#ifndef BURROW_FLOW_TCP_PRIVATE_H
#define BURROW_FLOW_TCP_PRIVATE_H

#include <string.h>

#include "flow/tcp.h"

/* A direction that has more than this waiting gives its first hole up: no receiver's window is larger in practice. */
#define TCP_WAITING_MAX  (4u << 20)
#define TCP_SEGMENTS_MAX 8192u

/* Bytes beyond the next expected one that are still believed when no window is known. */
#define TCP_WINDOW_DEFAULT (1u << 20)

/* One packet on its way through. */
struct tcp_pass {
    struct tcp_track *t;
    struct packet *p;
    struct tcp_half *h;    /* of the packet's sender */
    struct tcp_half *peer; /* of its receiver */
    const struct tcp_limits *limits;
    struct tcp_memory *memory;
    struct tcp_result *out;
};

/* Sequence arithmetic (RFC 9293 3.4): a is before b. */
static inline bool tcp_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline uint32_t tcp_later(uint32_t a, uint32_t b)
{
    return tcp_before(a, b) ? b : a;
}

static inline void tcp_event(struct tcp_result *out, enum tcp_event e)
{
    if (out->event_count < TCP_RESULT_EVENTS)
        out->events[out->event_count++] = (uint8_t)e;
}

/* Are windows known well enough to hold a sender to them? Not where a SYN was not seen: the scaling may be missing. */
static inline bool tcp_is_strict(const struct tcp_track *t)
{
    return !t->midstream && !t->async;
}

/* Do the bytes of this packet's sender wait for an acknowledgement? Not where nobody is heard who could give one. */
static inline bool tcp_waits(const struct tcp_pass *w)
{
    return w->limits->acked && !w->t->async && (w->peer->flags || !w->t->midstream);
}

/* Behind the last byte that the sender of h may be sending by now. */
static inline uint32_t tcp_right_edge(const struct tcp_track *t, const struct tcp_half *h)
{
    uint32_t most = h->next + TCP_WINDOW_DEFAULT;
    if (!h->acked_seen)
        return most;
    return tcp_is_strict(t) ? h->edge : tcp_later(h->edge, most);
}

/* The clock of RFC 7323's checks: units of 2^30 ns, a little more than a second. */
static inline uint32_t tcp_clock(uint64_t time_ns)
{
    return (uint32_t)(time_ns >> 30);
}

/* RFC 7323 4.3: TS.Recent is of segments at or before the last acknowledgement. */
static inline void tcp_note_timestamp(struct tcp_half *h, const struct packet *p)
{
    const struct decoded_tcp *tcp = &p->d.tcp;
    h->ts_seen = true;
    if (h->ts_recent && tcp_before(tcp->ts_value, h->ts_recent))
        return;
    if (h->acked_seen ? tcp_before(h->acked, tcp->seq) : tcp_before(h->next, tcp->seq))
        return;
    h->ts_recent = tcp->ts_value;
    h->ts_clock = tcp_clock(p->time_ns);
}

/* The first and last eight bytes of a segment that is delivered straight from its packet, to tell another one in its
 * place from a mere retransmission. */
static inline void tcp_take_sample(struct tcp_half *h, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    h->sample_at = seq;
    h->sample_len = len;
    if (len >= sizeof h->sample[0]) {
        memcpy(&h->sample[0], bytes, sizeof h->sample[0]);
        memcpy(&h->sample[1], bytes + len - sizeof h->sample[1], sizeof h->sample[1]);
    } else {
        memcpy(&h->sample[0], bytes, len);
        memcpy(&h->sample[1], bytes, len);
    }
}

/* tcp_open.c: up to the end of the handshake. False: the packet is left out. */
bool tcp_open(struct tcp_pass *w);
void tcp_queues_free(struct tcp_track *t, struct tcp_memory *memory);

/* tcp_check.c: would the receiver take it? False: the packet is left out, its events are told. */
bool tcp_check(struct tcp_pass *w);

/* Of a segment that answers a SYN: do its time stamps fit? Tells the event. */
bool tcp_answer_timestamps_fit(struct tcp_pass *w);

/* tcp_data.c: reassembly. */
void tcp_take_ack(struct tcp_pass *w);
void tcp_take_data(struct tcp_pass *w, uint32_t seq);
void tcp_take_next(struct tcp_pass *w, uint32_t seq); /* likewise, behind all that was taken: nothing is odd about it */
void tcp_keep_next(struct tcp_pass *w, uint32_t seq); /* likewise, where bytes wait for their acknowledgement */
/* Keep them until it is known whether the receiver took them. */
void tcp_hold_data(struct tcp_pass *w, uint32_t seq, const uint8_t *bytes, uint32_t len);
void tcp_drop_waiting(struct tcp_half *h, struct tcp_memory *memory);
void tcp_tell_missing_tail(struct tcp_half *h, struct tcp_ready *out);
bool tcp_at_eof(struct tcp_half *h);

/* tcp_close.c: FIN and RST, and the states after ESTABLISHED. */
void tcp_take_fin(struct tcp_pass *w, uint32_t number);
void tcp_take_rst(struct tcp_pass *w);
void tcp_on_ack(struct tcp_pass *w);

#endif
