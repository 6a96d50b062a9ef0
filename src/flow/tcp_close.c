/* The end of a connection: FIN, RST, and the states that follow. */
#include "flow/tcp_private.h"

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

static enum tcp_event fin_event(const struct tcp_track *t)
{
    switch (t->state) {
    case TCP_STATE_FIN_WAIT1:
        return TCP_EVENT_FIN1_FIN_WRONG_SEQ;
    case TCP_STATE_FIN_WAIT2:
        return TCP_EVENT_FIN2_FIN_WRONG_SEQ;
    case TCP_STATE_CLOSE_WAIT:
        return TCP_EVENT_CLOSEWAIT_FIN_OUT_OF_WINDOW;
    default:
        return TCP_EVENT_FIN_OUT_OF_WINDOW;
    }
}

/* A FIN counts if it is not before what was delivered and not beyond the window. */
void tcp_take_fin(struct tcp_pass *w, uint32_t number)
{
    struct tcp_half *h = w->h;
    uint32_t edge = tcp_later(tcp_right_edge(w->t, h), h->top) + 1;
    if (tcp_before(number, h->next) || tcp_before(edge, number)) {
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        tcp_event(w->out, fin_event(w->t));
        return;
    }
    h->fin_seen = true;
    h->fin = number;
    h->top = tcp_later(h->top, number + 1);
    on_fin(w->t, w->p->dir);
}

/* An acknowledgement without SYN or FIN may complete the close. */
void tcp_on_ack(struct tcp_pass *w)
{
    struct tcp_track *t = w->t;
    enum flow_dir dir = w->p->dir;
    bool fin_acked = w->peer->fin_seen && w->peer->acked_seen && tcp_before(w->peer->fin, w->peer->acked);
    switch (t->state) {
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
static bool rst_is_valid(struct tcp_pass *w)
{
    const struct tcp_half *h = w->h;
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    if (!h->synced)
        return (tcp->flags & TCP_ACK) && w->peer->synced && tcp_before(w->peer->isn, tcp->ack) &&
               !tcp_before(w->peer->top, tcp->ack);
    uint32_t least = h->acked_seen && tcp_before(h->acked, h->next) ? h->acked : h->next;
    uint32_t most = tcp_later(tcp_right_edge(w->t, h), h->top);
    return !tcp_before(tcp->seq, least - 1) && !tcp_before(most, tcp->seq);
}

/* A reset may be anybody's, so what waits for a hole waits on: the end of the flow lets it go, and what its sender says
 * after it is taken as ever (tcp_check). */
void tcp_take_rst(struct tcp_pass *w)
{
    struct tcp_track *t = w->t;
    if (t->state == TCP_STATE_NONE) {
        w->out->flags = TCP_DID_NOT_TRACKED;
        tcp_event(w->out, TCP_EVENT_RST_BUT_NO_SESSION);
        return;
    }
    if (t->state == TCP_STATE_SYN_SENT && !w->h->synced && !tcp_answer_timestamps_fit(w)) {
        w->out->flags = TCP_DID_BAD_RST;
        return;
    }
    if (!rst_is_valid(w)) {
        w->out->flags = TCP_DID_BAD_RST;
        tcp_event(w->out, TCP_EVENT_RST_INVALID_ACK);
        return;
    }
    if (t->state != TCP_STATE_CLOSED) {
        t->before_reset = t->state;
        t->state = TCP_STATE_CLOSED;
    }
    w->h->rst_seen = true;
}
