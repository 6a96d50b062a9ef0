/* A proxy's connection: what comes from the proxy. */
#include "proto/http1/http1_body.h"
#include "proto/http1/http1_proxy.h"

static struct http1_tx *find_tx(const struct http1_state *s, uint64_t id)
{
    struct proto_tx *t = s->txs.first;
    while (t && t->id != id)
        t = t->next;
    return (struct http1_tx *)t;
}

/* The reply to the first ask is whole. */
static void reply_over(struct http1_state *s)
{
    struct http1_proxy *p = s->proxy;
    const struct http1_ask *a = http1_ask_first(p);
    struct http1_tx *tx = a->origin < 0 ? find_tx(s, a->tx) : NULL;
    /* libhtp doesn't agree that this was the end, or never got the request's. */
    bool being_sent = p->up.inside && p->count == 1;
    if (tx && !tx->base.complete && !being_sent) {
        s->stale = true;
        http1_body_end(s, tx, TO_CLIENT);
        http1_tx_complete(s, tx);
    }
    p->down.inside = false;
    http1_ask_pop(p);
    http1_proxy_over(s);
}

static enum proto_status give(struct http1_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    const struct http1_side *down = &s->proxy->down;
    if (down->sink == HTTP1_SINK_OWN)
        return http1_own_status(s, htp_connp_res_data(s->connp, NULL, p, n));
    if (down->sink == HTTP1_SINK_CHANNEL)
        io->engine->carry(io, down->channel, io->dir, p, n, false);
    return PROTO_OK;
}

/* A final head: where it is, and the interim ones before it. */
struct reply {
    struct http1_span interim;
    struct http1_span head;
    struct http1_status_line line;
};

/* The answer to a request of the carrier's own: all that it says is libhtp's. */
static enum proto_status own_reply(struct http1_state *s, struct proto_io *io, const struct reply *r)
{
    struct http1_proxy *p = s->proxy;
    const struct http1_ask *a = http1_ask_first(p);
    struct http1_tx *tx = find_tx(s, a->tx);
    bool connect = s->connect && tx == s->connect;
    bool yes = connect && r->line.code >= 200 && r->line.code <= 299;
    p->down.sink = HTTP1_SINK_OWN;
    s->own_reply = connect;
    enum proto_status st = give(s, io, r->head.p, r->head.n);
    s->own_reply = false;
    /* libhtp may be done with the transaction, whatever it says of the head: the answer is told now. And behind a yes
     * it has no say: a head that is full of errors hides no tunnel. */
    bool open = connect && http1_connect_answered(s, io, &r->line);
    if (open && p->gap)
        io->engine->carry_gap(io, 0, flow_dir_other(io->dir), p->gap);
    if (st != PROTO_OK && !yes)
        return st;
    if (yes || r->line.code == 101) {
        if (tx)
            http1_tx_complete(s, tx);
        http1_proxy_end(s, io, "no answer", true);
        if (connect || !tx)
            return open ? PROTO_TUNNEL : PROTO_DONE;
        return http1_upgraded(s, io, tx);
    }
    if (tx && tx->halted) {
        s->stale = true;
        http1_upgrade_refused(s, io, tx, r->line.code);
    }
    return PROTO_OK;
}

/* The answer to a request for an origin. */
static void proxied_reply(struct http1_state *s, struct proto_io *io, const struct reply *r)
{
    struct http1_proxy *p = s->proxy;
    const struct http1_ask *a = http1_ask_first(p);
    int origin = a->origin;
    if (!a->settled && r->line.code == 407) {
        http1_origin_refuse(&p->origins[origin], &r->line);
        http1_proxy_drop(s);
        p->down.sink = HTTP1_SINK_DROP;
        return;
    }
    if (!a->settled)
        http1_proxy_settle(s, io, origin, &r->line);
    p->down.sink = HTTP1_SINK_CHANNEL;
    p->down.channel = p->origins[origin].channel;
    if (r->interim.n)
        give(s, io, r->interim.p, r->interim.n);
    give(s, io, r->head.p, r->head.n);
    if (r->line.code != 101)
        return;
    /* Not HTTP/1 any more, but still this origin's (RFC 9110 7.8). */
    p->raw = p->down.channel;
    if (p->gap)
        io->engine->carry_gap(io, p->raw, flow_dir_other(io->dir), p->gap);
    p->gap = 0;
}

static enum proto_status answered(struct http1_state *s, struct proto_io *io, const struct reply *r)
{
    struct http1_proxy *p = s->proxy;
    const struct http1_ask *a = http1_ask_first(p);
    struct http1_framing f = {.length = 0};
    struct http1_field field;
    struct reader fields = reader_of(r->head.p, r->head.n);
    enum proto_status st = PROTO_OK;
    http1_line(&fields);
    while (http1_field_next(&fields, &field))
        http1_framing_add(&f, &field);
    p->down.body = http1_body_of_reply(&f, r->line.code, a->head);
    io->consumed += r->interim.n + r->head.n;
    if (p->count == 1)
        p->waits = false;
    if (a->origin < 0)
        st = own_reply(s, io, r);
    else
        proxied_reply(s, io, r);
    if (st != PROTO_OK || s->udp)
        return st;
    if (p->down.body.state == HTTP1_BODY_BAD)
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad reply");
    p->down.inside = true;
    return PROTO_OK;
}

static enum proto_status bad_reply(struct http1_state *s, struct proto_io *io, bool too_long)
{
    enum http1_event event = too_long ? HTTP1_RESPONSE_FIELD_TOO_LONG : HTTP1_PROXY_FRAMING_LOST;
    if (s->connect && http1_ask_first(s->proxy)->tx == s->connect->base.id)
        event = too_long ? HTTP1_CONNECT_REPLY_TOO_LONG : HTTP1_CONNECT_REPLY_INVALID;
    return http1_proxy_lost(s, io, event, "bad reply");
}

/* Bytes that no request asked for: the request may still be on its way to us. */
static enum proto_status nobody_asked(struct http1_state *s, struct proto_io *io)
{
    while (io->consumed < io->len && (io->data[io->consumed] == '\r' || io->data[io->consumed] == '\n'))
        io->consumed++;
    if (io->consumed == io->len)
        return PROTO_OK;
    s->proxy->unasked = true;
    return PROTO_OTHER_SIDE;
}

static enum proto_status next_reply(struct http1_state *s, struct proto_io *io, bool *more)
{
    struct http1_proxy *p = s->proxy;
    p->unasked = false;
    if (!p->count)
        return nobody_asked(s, io);
    for (;;) {
        const uint8_t *begin = io->data + io->consumed;
        const uint8_t *at = begin + p->interim;
        size_t n = io->len - io->consumed - p->interim;
        if (p->interim == 0 && p->down.scan.at == 0 && n && (*at == '\r' || *at == '\n')) {
            io->consumed++;
            continue;
        }
        *more = true;
        if (memcmp(at, "HTTP/", n < 5 ? n : 5) != 0)
            return bad_reply(s, io, false);
        size_t head = http1_head_length(&p->down.scan, at, n);
        if (p->interim + (head ? head : n) > HTTP1_REPLY_HEAD_MAX)
            return bad_reply(s, io, true);
        if (head == 0)
            return PROTO_OK;
        *more = false;
        p->down.scan = (struct http1_scan){0, 0};
        struct reader r = reader_of(at, head);
        struct reply reply = {.interim = {begin, p->interim}, .head = {at, head}};
        if (!http1_status_line(http1_line(&r), &reply.line))
            return bad_reply(s, io, false);
        /* Interim answers (RFC 9110 15.2); 101 is none: it ends HTTP/1 on this connection (15.2.2). */
        if (reply.line.code >= 200 || reply.line.code == 101) {
            p->interim = 0;
            return answered(s, io, &reply);
        }
        p->interim += head;
    }
}

static enum proto_status reply_body(struct http1_state *s, struct proto_io *io)
{
    struct http1_proxy *p = s->proxy;
    const uint8_t *at = io->data + io->consumed;
    size_t n = http1_body_take(&p->down.body, at, io->len - io->consumed);
    io->consumed += n;
    if (p->down.body.state == HTTP1_BODY_BAD)
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad reply");
    return n ? give(s, io, at, n) : PROTO_OK;
}

enum proto_status http1_proxy_reply(struct http1_state *s, struct proto_io *io)
{
    struct http1_proxy *p = s->proxy;
    enum proto_status st = PROTO_OK;
    bool more = false;
    while (st == PROTO_OK && !more && io->consumed < io->len) {
        if (p->raw) {
            io->engine->carry(io, p->raw, io->dir, io->data + io->consumed, io->len - io->consumed, false);
            io->consumed = io->len;
            break;
        }
        st = p->down.inside ? reply_body(s, io) : next_reply(s, io, &more);
        if (st == PROTO_OK && p->down.inside && p->down.body.state == HTTP1_BODY_DONE)
            reply_over(s);
    }
    if (st != PROTO_OK || !io->eof)
        return st;
    http1_proxy_eof(s, io, &p->down);
    if (p->down.inside && p->down.body.state == HTTP1_BODY_CLOSE)
        reply_over(s);
    return PROTO_OK;
}

enum proto_status http1_reply_gap(struct http1_state *s, struct proto_io *io, uint64_t n)
{
    struct http1_proxy *p = s->proxy;
    enum proto_status st = PROTO_OK;
    if (!p->down.inside || !http1_body_gap(&p->down.body, n))
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "gap");
    if (p->down.sink == HTTP1_SINK_OWN)
        st = http1_own_status(s, htp_connp_res_data(s->connp, NULL, NULL, (size_t)n));
    else if (p->down.sink == HTTP1_SINK_CHANNEL)
        io->engine->carry_gap(io, p->down.channel, io->dir, n);
    if (st == PROTO_OK && p->down.body.state == HTTP1_BODY_DONE)
        reply_over(s);
    return st;
}
