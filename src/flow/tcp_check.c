/* What a receiver would not take is left out: it is how a stream is slipped past who believes everything. */
#include "core/clock.h"
#include "flow/tcp_private.h"

/* RFC 7323 5.5: TS.Recent is of no use after a silence of 24 days. */
#define TIMESTAMP_AGE tcp_clock(24ull * 86400 * NS_PER_S)

/* So many packets in a row that nobody would take, and none between that one would: more likely the sensor missed
 * something. What comes next is believed. */
#define DOUBT_MOST 16

/* The event of a number or an acknowledgement that can't be, by state and for a FIN. */
static enum tcp_event number_event(const struct tcp_track *t, bool fin)
{
    switch (t->state) {
    case TCP_STATE_FIN_WAIT1:
        return fin ? TCP_EVENT_FIN1_FIN_WRONG_SEQ : TCP_EVENT_FIN1_ACK_WRONG_SEQ;
    case TCP_STATE_FIN_WAIT2:
        return fin ? TCP_EVENT_FIN2_FIN_WRONG_SEQ : TCP_EVENT_FIN2_ACK_WRONG_SEQ;
    case TCP_STATE_CLOSING:
        return TCP_EVENT_CLOSING_ACK_WRONG_SEQ;
    case TCP_STATE_CLOSE_WAIT:
        return fin ? TCP_EVENT_CLOSEWAIT_FIN_OUT_OF_WINDOW : TCP_EVENT_CLOSEWAIT_ACK_OUT_OF_WINDOW;
    case TCP_STATE_LAST_ACK:
        return TCP_EVENT_LASTACK_ACK_WRONG_SEQ;
    case TCP_STATE_TIME_WAIT:
        return TCP_EVENT_TIMEWAIT_ACK_WRONG_SEQ;
    default:
        return fin ? TCP_EVENT_FIN_OUT_OF_WINDOW : TCP_EVENT_EST_PACKET_OUT_OF_WINDOW;
    }
}

static enum tcp_event ack_event(const struct tcp_track *t, bool fin)
{
    switch (t->state) {
    case TCP_STATE_FIN_WAIT1:
        return TCP_EVENT_FIN1_INVALID_ACK;
    case TCP_STATE_FIN_WAIT2:
        return TCP_EVENT_FIN2_INVALID_ACK;
    case TCP_STATE_CLOSING:
        return TCP_EVENT_CLOSING_INVALID_ACK;
    case TCP_STATE_CLOSE_WAIT:
        return TCP_EVENT_CLOSEWAIT_INVALID_ACK;
    case TCP_STATE_LAST_ACK:
        return TCP_EVENT_LASTACK_INVALID_ACK;
    case TCP_STATE_TIME_WAIT:
        return TCP_EVENT_TIMEWAIT_INVALID_ACK;
    default:
        return fin ? TCP_EVENT_FIN_INVALID_ACK : TCP_EVENT_EST_INVALID_ACK;
    }
}

/* False: once more that nobody would take it. */
static bool doubt(struct tcp_pass *w)
{
    if (w->h->doubted < DOUBT_MOST) {
        w->h->doubted++;
        w->out->flags |= TCP_DID_REFUSE;
        return false;
    }
    return true;
}

/* PAWS (RFC 7323 5.3). */
static bool timestamp_is_old(const struct tcp_pass *w)
{
    const struct tcp_half *h = w->h;
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    if (!tcp->has_timestamps || !w->peer->ts_seen || !h->ts_recent)
        return false;
    return tcp_before(tcp->ts_value, h->ts_recent) && tcp_clock(w->p->time_ns) - h->ts_clock < TIMESTAMP_AGE;
}

bool tcp_answer_timestamps_fit(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    if (!tcp->has_timestamps)
        return true;
    /* The option only answers one (RFC 7323 3.2), and echoes what was sent; the SYN may have been sent again. */
    bool echo = w->peer->ts_seen && (tcp->ts_echo == 0 || !tcp_before(tcp->ts_echo, w->peer->ts_recent));
    if (echo)
        return true;
    tcp_event(w->out, TCP_EVENT_PKT_INVALID_TIMESTAMP);
    return false;
}

/* RFC 9293 3.10.7.4: what acknowledges bytes that were never sent is answered and dropped. */
static bool ack_fits(const struct tcp_pass *w)
{
    const struct tcp_half *peer = w->peer;
    uint32_t ack = w->p->d.tcp.ack;
    if (!peer->synced || !tcp_is_strict(w->t))
        return true;
    uint32_t most = tcp_later(peer->top, tcp_right_edge(w->t, peer)) + 1;
    return !tcp_before(most, ack) && !tcp_before(ack, peer->isn);
}

/* RFC 9293 3.4: does it begin inside the window? Old data is for reassembly to say. */
static bool number_fits(const struct tcp_pass *w)
{
    const struct tcp_half *h = w->h;
    uint32_t seq = w->p->d.tcp.seq;
    uint32_t edge = tcp_later(tcp_right_edge(w->t, h), h->next);
    return !tcp_before(edge, seq);
}

/* The window shrinks in a segment that is ahead on both sides: something is missing that it belongs to. */
static bool is_bad_window_update(const struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    return w->p->d.payload_len == 0 && !(tcp->flags & TCP_FIN) && tcp->window == 0 && w->h->window != 0 &&
           tcp_before(w->h->top, tcp->seq) && tcp_before(w->peer->top, tcp->ack) && tcp_is_strict(w->t);
}

/* A SYN in a connection that is there. A new one on the same tuple was found before (tcp_is_reuse). */
static void syn_again(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    const struct tcp_track *t = w->t;
    struct tcp_result *out = w->out;
    bool to_server = w->p->dir == TO_SERVER;
    if (tcp->flags & TCP_FIN)
        tcp_event(out, TCP_EVENT_FIN_SYN);
    if (t->state != TCP_STATE_ESTABLISHED) {
        tcp_event(out, TCP_EVENT_SHUTDOWN_SYN_RESEND);
    } else if (tcp->flags & TCP_ACK) {
        if (to_server && !t->four_way)
            tcp_event(out, TCP_EVENT_EST_SYNACK_TOSERVER);
        else if (tcp->seq != w->h->isn)
            tcp_event(out, TCP_EVENT_EST_SYNACK_RESEND_WITH_DIFF_SEQ);
        else if (tcp->ack != w->peer->isn + 1 && tcp_is_strict(t))
            tcp_event(out, TCP_EVENT_EST_SYNACK_RESEND_WITH_DIFFERENT_ACK);
        else
            tcp_event(out, TCP_EVENT_EST_SYNACK_RESEND);
    } else if (!to_server && !t->four_way) {
        tcp_event(out, TCP_EVENT_EST_SYN_TOCLIENT);
    } else {
        tcp_event(out, tcp->seq == w->h->isn ? TCP_EVENT_EST_SYN_RESEND : TCP_EVENT_EST_SYN_RESEND_DIFF_SEQ);
    }
    if (to_server && !(tcp->flags & TCP_ACK) && tcp->seq != w->h->isn) {
        w->t->again_isn = tcp->seq;
        w->t->again = true;
    }
}

/* RST, and then its sender goes on as if it had not sent it: most likely somebody else did. */
static void check_reset(struct tcp_pass *w)
{
    if (!w->h->rst_seen || w->t->state != TCP_STATE_CLOSED)
        return;
    tcp_event(w->out, TCP_EVENT_SUSPECTED_RST_INJECT);
    w->h->rst_seen = false;
    w->t->state = w->t->before_reset;
}

/* An odd one: say which check it fails, and whether it is left out all the same. */
static bool check_numbers(struct tcp_pass *w)
{
    bool fin = w->p->d.tcp.flags & TCP_FIN;
    if ((w->p->d.tcp.flags & TCP_ACK) && !ack_fits(w)) {
        tcp_event(w->out, ack_event(w->t, fin));
        tcp_event(w->out, TCP_EVENT_PKT_INVALID_ACK);
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        return doubt(w);
    }
    if (!number_fits(w)) {
        tcp_event(w->out, number_event(w->t, fin));
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        return doubt(w);
    }
    if (is_bad_window_update(w)) {
        tcp_event(w->out, TCP_EVENT_PKT_BAD_WINDOW_UPDATE);
        return doubt(w);
    }
    return true;
}

bool tcp_check(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_half *h = w->h;
    if (tcp->flags & TCP_SYN) {
        syn_again(w);
        return false;
    }
    /* RFC 9293 3.10.7.4: without ACK it is dropped. */
    if (!(tcp->flags & TCP_ACK)) {
        if (tcp->ack || w->p->d.payload_len)
            tcp_event(w->out, TCP_EVENT_PKT_BROKEN_ACK);
        if (tcp_is_strict(w->t)) {
            w->out->flags |= TCP_DID_REFUSE;
            return false;
        }
    }
    if (timestamp_is_old(w)) {
        tcp_event(w->out, TCP_EVENT_PKT_INVALID_TIMESTAMP);
        if (!w->limits->liberal_timestamps) {
            if (!doubt(w))
                return false;
            h->ts_recent = 0;
        }
    }
    if (!check_numbers(w))
        return false;
    h->doubted = w->peer->doubted = 0;
    if (h->rst_seen)
        check_reset(w);
    if (tcp->has_timestamps)
        tcp_note_timestamp(h, w->p);
    return true;
}
