/* The handshake, in the ways that hosts have: three steps, four (RFC 9293 3.5, figure 8), several SYNs and SYN/ACKs of
 * which one counts, data on the SYN, one side not seen at all, the beginning not seen. */
#include <stdlib.h>

#include "flow/tcp_private.h"

struct queued {
    uint32_t seq;
    uint32_t ts;
    uint32_t window;
    uint8_t wscale;
    bool has_ts;
};

/* The oldest makes room. */
struct tcp_queue {
    uint32_t size;
    uint32_t count;
    uint32_t oldest;
    struct queued all[];
};

static size_t queue_bytes(uint32_t size)
{
    return sizeof(struct tcp_queue) + size * sizeof(struct queued);
}

static void queue_free(struct tcp_queue **q, struct tcp_memory *memory)
{
    if (!*q)
        return;
    memory->queues -= queue_bytes((*q)->size);
    free(*q);
    *q = NULL;
}

void tcp_queues_free(struct tcp_track *t, struct tcp_memory *memory)
{
    queue_free(&t->syns, memory);
    queue_free(&t->synacks, memory);
}

static struct queued queued_of(const struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    return (struct queued){.seq = tcp->seq,
                           .ts = tcp->has_timestamps ? tcp->ts_value : 0,
                           .window = tcp->window,
                           .wscale = tcp->wscale,
                           .has_ts = tcp->has_timestamps};
}

/* False: there was no room, and the oldest went; or there is no memory for any. */
static bool queue_put(struct tcp_queue **queue, uint32_t size, struct tcp_pass *w)
{
    struct tcp_queue *q = *queue;
    if (!q) {
        if (!size || w->memory->queues + queue_bytes(size) > w->limits->queue_memcap ||
            !(q = malloc(queue_bytes(size))))
            return false;
        *q = (struct tcp_queue){.size = size};
        *queue = q;
        w->memory->queues += queue_bytes(size);
    }
    struct queued n = queued_of(w);
    for (uint32_t i = 0; i < q->count; i++)
        if (q->all[i].seq == n.seq && q->all[i].ts == n.ts)
            return true;
    if (q->count < q->size) {
        q->all[q->count++] = n;
        return true;
    }
    q->all[q->oldest] = n;
    q->oldest = (q->oldest + 1) % q->size;
    return false;
}

static const struct queued *queue_find(const struct tcp_queue *q, uint32_t seq)
{
    for (uint32_t i = 0; q && i < q->count; i++)
        if (q->all[i].seq == seq)
            return &q->all[i];
    return NULL;
}

/* This SYN is the one: its sender's numbers begin with it, and what was acknowledged of others says nothing of them. */
static void sync_to(struct tcp_half *h, const struct queued *n, struct tcp_memory *memory)
{
    tcp_drop_waiting(h, memory);
    h->acked_seen = false;
    h->isn = n->seq;
    h->next = h->top = n->seq + 1;
    h->wscale = n->wscale;
    h->window = n->window;
    h->ts_seen = n->has_ts;
    h->ts_recent = n->ts;
    h->synced = true;
}

static void sync_syn(struct tcp_pass *w)
{
    struct queued n = queued_of(w);
    sync_to(w->h, &n, w->memory);
    w->h->ts_clock = tcp_clock(w->p->time_ns);
}

/* Numbers of a side whose SYN was not seen, from a packet of its own or what the other acknowledges. */
static void sync_midway(struct tcp_pass *w, struct tcp_half *h, uint32_t number)
{
    tcp_drop_waiting(h, w->memory);
    h->acked_seen = false;
    h->isn = number - 1;
    h->next = h->top = number;
    h->wscale = 255;
    h->synced = true;
}

static void established(struct tcp_pass *w)
{
    w->t->state = TCP_STATE_ESTABLISHED;
    tcp_queues_free(w->t, w->memory);
}

/* The first packet of all is none of a handshake. */
static bool pick_up(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_track *t = w->t;
    if (!w->limits->midstream) {
        if (tcp->flags & TCP_FIN)
            tcp_event(w->out, TCP_EVENT_FIN_BUT_NO_SESSION);
        w->out->flags = TCP_DID_NOT_TRACKED;
        return false;
    }
    t->midstream = true;
    t->state = TCP_STATE_ESTABLISHED;
    sync_midway(w, w->h, tcp->seq);
    if (tcp->flags & TCP_ACK)
        sync_midway(w, w->peer, tcp->ack);
    return true;
}

static bool from_none(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_track *t = w->t;
    if (!(tcp->flags & TCP_SYN))
        return pick_up(w);
    if (tcp->flags & TCP_FIN) {
        tcp_event(w->out, TCP_EVENT_FIN_SYN);
        w->out->flags = TCP_DID_NOT_TRACKED;
        return false;
    }
    sync_syn(w);
    if (!(tcp->flags & TCP_ACK)) {
        t->state = TCP_STATE_SYN_SENT;
        t->opener = (uint8_t)w->p->dir;
        return true;
    }
    t->state = TCP_STATE_SYN_RECV;
    t->answerer = (uint8_t)w->p->dir;
    t->midstream = true;
    sync_midway(w, w->peer, tcp->ack);
    return true;
}

/* Does it acknowledge a SYN that was sent, and no more than went with it? A SYN of the queue becomes the one. */
static bool answers_syn(struct tcp_pass *w)
{
    struct tcp_half *peer = w->peer;
    uint32_t ack = w->p->d.tcp.ack;
    if (tcp_before(peer->isn, ack) && !tcp_before(peer->top, ack))
        return true;
    const struct queued *other = queue_find(w->t->syns, ack - 1);
    if (!other)
        return false;
    sync_to(peer, other, w->memory);
    return true;
}

/* A SYN in SYN_SENT: again, another, or the other side's own. */
static bool syn_in_syn_sent(struct tcp_pass *w)
{
    struct tcp_half *h = w->h;
    if (!h->synced) {
        /* RFC 9293 3.5: both open at the same time, or an answer in four steps. */
        w->t->four_way = true;
        sync_syn(w);
        return true;
    }
    struct queued n = queued_of(w);
    if (n.seq == h->isn && (n.ts == h->ts_recent || !n.has_ts || h->waiting.first))
        return false;
    if (!queue_put(&w->t->syns, w->limits->max_syns, w)) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYN_FLOOD);
        if (!w->t->syns)
            sync_syn(w); /* none are remembered: the last one counts */
    }
    return false;
}

/* Data of the SYN that its answer does not acknowledge was not taken (RFC 7413 4.2.2). */
static void check_syn_data(struct tcp_pass *w)
{
    struct tcp_half *peer = w->peer;
    if (!peer->tentative || w->p->d.tcp.ack != peer->isn + 1)
        return;
    tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_TFO_DATA_IGNORED);
    tcp_drop_waiting(peer, w->memory);
    peer->top = peer->next;
}

static bool synack_in_syn_sent(struct tcp_pass *w)
{
    struct tcp_track *t = w->t;
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    bool opener = w->p->dir == (enum flow_dir)t->opener;
    if (opener && !t->four_way) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_IN_WRONG_DIRECTION);
        return false;
    }
    if (!answers_syn(w)) {
        tcp_event(w->out, t->four_way ? TCP_EVENT_4WHS_SYNACK_WITH_WRONG_ACK : TCP_EVENT_3WHS_SYNACK_WITH_WRONG_ACK);
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        return false;
    }
    if (t->four_way && tcp->seq != w->h->isn) {
        if (opener) {
            tcp_event(w->out, TCP_EVENT_4WHS_SYNACK_WITH_WRONG_SYN);
            return false;
        }
        t->four_way = false; /* three steps after all */
    }
    tcp_answer_timestamps_fit(w);
    check_syn_data(w);
    if (!opener)
        sync_syn(w);
    t->state = TCP_STATE_SYN_RECV;
    t->answerer = (uint8_t)w->p->dir;
    return true;
}

/* The SYN's sender goes on, and no answer was seen. */
static bool client_in_syn_sent(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_half *h = w->h;
    if (!w->limits->async) {
        /* Without an answer nobody takes it: it waits to be acknowledged. */
        if (w->p->d.payload_len)
            tcp_hold_data(w, tcp->seq, w->p->d.payload, w->p->d.payload_len);
        return false;
    }
    if (tcp->seq != h->next && tcp->seq != h->top) {
        tcp_event(w->out, TCP_EVENT_3WHS_ASYNC_WRONG_SEQ);
        return false;
    }
    w->t->async = true;
    if (tcp->flags & TCP_ACK)
        sync_midway(w, w->peer, tcp->ack);
    established(w);
    return true;
}

static bool from_syn_sent(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    if (tcp->flags & TCP_SYN)
        return tcp->flags & TCP_ACK ? synack_in_syn_sent(w) : syn_in_syn_sent(w);
    if (w->p->dir == (enum flow_dir)w->t->opener)
        return client_in_syn_sent(w);
    /* The answer was not seen, but for this. */
    if (!tcp_answer_timestamps_fit(w))
        return false;
    if (!(tcp->flags & TCP_ACK) || !answers_syn(w)) {
        tcp_event(w->out, tcp->flags & TCP_ACK ? TCP_EVENT_PKT_INVALID_ACK : TCP_EVENT_PKT_BROKEN_ACK);
        return false;
    }
    w->t->midstream = true;
    if (!w->h->synced)
        sync_midway(w, w->h, tcp->seq);
    established(w);
    return true;
}

static void syn_in_syn_recv(struct tcp_pass *w)
{
    bool answerer = w->p->dir == (enum flow_dir)w->t->answerer;
    if (answerer && !w->t->four_way) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYN_TOCLIENT_ON_SYN_RECV);
    } else if (w->p->d.tcp.seq != w->h->isn) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV);
        if (!queue_put(&w->t->syns, w->limits->max_syns, w))
            tcp_event(w->out, TCP_EVENT_3WHS_SYN_FLOOD);
    }
}

/* Another SYN/ACK: which one counts shows when it is acknowledged. */
static void synack_in_syn_recv(struct tcp_pass *w)
{
    struct tcp_half *peer = w->peer;
    uint32_t ack = w->p->d.tcp.ack;
    if (w->p->dir != (enum flow_dir)w->t->answerer) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_TOSERVER_ON_SYN_RECV);
        return;
    }
    bool fits = tcp_before(peer->isn, ack) && !tcp_before(peer->top, ack);
    if (!fits) {
        tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK);
        if (!answers_syn(w))
            return;
        sync_syn(w); /* the answer to another SYN of the queue */
        return;
    }
    if (w->p->d.tcp.seq == w->h->isn)
        return;
    tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_RESEND_WITH_DIFF_SEQ);
    if (!queue_put(&w->t->synacks, w->limits->max_synacks, w))
        tcp_event(w->out, TCP_EVENT_3WHS_SYNACK_FLOOD);
}

/* Does the third step acknowledge the SYN/ACK, or one of the queue? */
static bool acks_synack(struct tcp_pass *w)
{
    struct tcp_half *peer = w->peer;
    uint32_t ack = w->p->d.tcp.ack;
    if (w->t->midstream && !tcp_before(ack, peer->isn))
        return true;
    /* What it could have sent by now, by the window in the SYN. */
    uint32_t most = tcp_later(peer->top, peer->isn + 1 + w->h->window);
    if (tcp_before(peer->isn, ack) && !tcp_before(most, ack) && !queue_find(w->t->synacks, ack - 1))
        return true;
    const struct queued *other = queue_find(w->t->synacks, ack - 1);
    if (!other)
        return false;
    sync_to(peer, other, w->memory);
    return true;
}

static bool initiator_in_syn_recv(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    struct tcp_half *h = w->h;
    bool four = w->t->four_way;
    bool fits = !tcp_before(tcp->seq, h->next) && !tcp_before(tcp_later(tcp_right_edge(w->t, h), h->top), tcp->seq);
    if (!acks_synack(w)) {
        tcp_event(w->out, four   ? TCP_EVENT_4WHS_INVALID_ACK
                          : fits ? TCP_EVENT_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION
                                 : TCP_EVENT_3WHS_WRONG_SEQ_WRONG_ACK);
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        return false;
    }
    if (!fits) {
        tcp_event(w->out, four ? TCP_EVENT_4WHS_WRONG_SEQ : TCP_EVENT_EST_PACKET_OUT_OF_WINDOW);
        w->out->flags |= TCP_DID_OUT_OF_WINDOW;
        return false;
    }
    established(w);
    return true;
}

/* Whoever sent the SYN/ACK speaks before it was acknowledged; or its acknowledgement was not seen. */
static bool answerer_in_syn_recv(struct tcp_pass *w)
{
    uint32_t ack = w->p->d.tcp.ack;
    if (tcp_before(w->peer->top, ack)) {
        established(w);
        return tcp_check(w);
    }
    bool early = w->peer->top == w->peer->isn + 1 && !w->t->midstream && !w->t->async;
    if (early && w->p->d.payload_len == 0 && !(w->p->d.tcp.flags & TCP_FIN)) {
        tcp_event(w->out, TCP_EVENT_3WHS_ACK_IN_WRONG_DIR);
        return false;
    }
    if (early)
        tcp_event(w->out, TCP_EVENT_3WHS_ACK_DATA_INJECT);
    uint8_t state = w->t->state;
    bool take = tcp_check(w);
    w->t->state = state;
    return take;
}

static bool from_syn_recv(struct tcp_pass *w)
{
    const struct decoded_tcp *tcp = &w->p->d.tcp;
    if (tcp->flags & TCP_SYN) {
        if (tcp->flags & TCP_ACK)
            synack_in_syn_recv(w);
        else
            syn_in_syn_recv(w);
        return false;
    }
    if (!(tcp->flags & TCP_ACK)) {
        tcp_event(w->out, TCP_EVENT_PKT_BROKEN_ACK);
        return false;
    }
    return w->p->dir == (enum flow_dir)w->t->answerer ? answerer_in_syn_recv(w) : initiator_in_syn_recv(w);
}

bool tcp_open(struct tcp_pass *w)
{
    if (w->t->state == TCP_STATE_NONE)
        return from_none(w);
    return w->t->state == TCP_STATE_SYN_SENT ? from_syn_sent(w) : from_syn_recv(w);
}
