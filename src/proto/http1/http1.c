#include "proto/http1/http1.h"

#include "proto/http1/http1_state.h"

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct http1_state *s = state;
    s->log_options = http1_log_options(settings);
    s->reversed = reversed;
    return http1_open(s);
}

/* libhtp never gives back what it noted of a connection's past; between two transactions a new one can take over. */
static bool renew(struct http1_state *s)
{
    if (s->opened < HTTP1_RENEW_AFTER && s->unfreed < HTTP1_RENEW_UNFREED)
        return true;
    if (s->live || s->txs.count || s->closed || htp_connp_get_out_tx(s->connp))
        return true;
    http1_close(s);
    return http1_open(s) == 0;
}

/* What libhtp's answer means. */
static enum proto_status status_of(struct http1_state *s, int rc)
{
    if (s->messages > HTTP1_MESSAGES_MAX) {
        http1_raise(s, NULL, HTTP1_TOO_MANY_WARNINGS);
        return PROTO_BROKEN;
    }
    if (s->stop)
        return PROTO_BROKEN;
    switch (rc) {
    case HTP_STREAM_DATA:
        return PROTO_OK;
    case HTP_STREAM_DATA_OTHER:
        return PROTO_OTHER_SIDE;
    case HTP_STREAM_TUNNEL:
        return PROTO_DONE;
    default:
        if (rc == HTP_STREAM_ERROR && !s->told)
            http1_raise(s, s->current, HTTP1_UNKNOWN_ERROR);
        return PROTO_BROKEN;
    }
}

static enum proto_status parse_request(struct http1_state *s, struct proto_io *io)
{
    if (s->connect)
        return io->len ? PROTO_OTHER_SIDE : PROTO_OK;
    if (s->closed)
        return PROTO_DONE;
    if (io->len) {
        int rc = htp_connp_req_data(s->connp, NULL, io->data, io->len);
        /* libhtp gives up a CONNECT with a malformed length, a proxy need not: the answer is read without it. */
        bool waits = rc == HTP_STREAM_DATA_OTHER || (rc == HTP_STREAM_ERROR && s->connect && !s->stop);
        io->consumed = waits ? htp_connp_req_data_consumed(s->connp) : io->len;
        enum proto_status st = status_of(s, waits ? HTP_STREAM_DATA_OTHER : rc);
        /* There is something to wait with only if bytes are left. */
        if (st == PROTO_OTHER_SIDE && io->consumed == io->len)
            return PROTO_OK;
        if (st != PROTO_OK)
            return st;
    }
    if (io->eof)
        htp_connp_req_close(s->connp, NULL);
    return PROTO_OK;
}

/* One step of the server's side: the reply to a CONNECT, or bytes for libhtp. PROTO_OK: go on. */
static enum proto_status step_response(struct http1_state *s, struct proto_io *io, bool *more)
{
    if (s->connect && s->live == 1) {
        switch (http1_connect_reply(s, io)) {
        case HTTP1_REPLY_MORE:
            *more = true;
            return PROTO_OK;
        case HTTP1_REPLY_TUNNEL:
            return PROTO_TUNNEL;
        case HTTP1_REPLY_OPAQUE:
            return PROTO_DONE;
        case HTTP1_REPLY_BROKEN:
            return PROTO_BROKEN;
        case HTTP1_REPLY_ORDINARY:
            break;
        }
    }
    if (!htp_connp_get_out_tx(s->connp)) {
        enum http1_reply r = http1_skip_interim(s, io);
        *more = r == HTTP1_REPLY_MORE;
        if (r != HTTP1_REPLY_ORDINARY)
            return r == HTTP1_REPLY_MORE ? PROTO_OK : PROTO_BROKEN;
    }
    const uint8_t *p = io->data + io->consumed;
    size_t n = io->len - io->consumed;
    if (s->connect || s->stop_at)
        n = http1_bounded_span(s, p, n);
    int rc = htp_connp_res_data(s->connp, NULL, p, n);
    size_t used = rc == HTP_STREAM_DATA_OTHER ? htp_connp_res_data_consumed(s->connp) : n;
    io->consumed += used;
    enum proto_status st = status_of(s, rc);
    /* A request that waits in the other direction can be the one that the bytes that follow here answer. If one is
     * known already there is nothing to wait for: the client may not say anything more before it has these bytes. */
    bool yield = s->yield && s->live == 0 && io->consumed < io->len;
    s->yield = false;
    if (st == PROTO_OTHER_SIDE && used)
        st = PROTO_OK;
    return st == PROTO_OK && yield ? PROTO_OTHER_SIDE : st;
}

static enum proto_status parse_response(struct http1_state *s, struct proto_io *io)
{
    bool more = false;
    if (s->closed)
        return PROTO_DONE;
    while (io->consumed < io->len && !more) {
        enum proto_status st = step_response(s, io, &more);
        if (st != PROTO_OK)
            return st;
    }
    if (io->eof && !s->connect) {
        s->closed = true;
        htp_connp_close(s->connp, NULL);
    }
    return PROTO_OK;
}

static enum proto_status leave(struct http1_state *s, struct proto_io *io, enum proto_status st)
{
    if (s->desync)
        http1_connect_lost(s, io, "bad reply");
    if (st == PROTO_BROKEN)
        s->broken = true;
    if (st == PROTO_DONE || st == PROTO_TUNNEL)
        s->closed = true;
    s->io = NULL;
    return st;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct http1_state *s = state;
    s->io = io;
    s->told = false;
    if (!renew(s)) {
        s->broken = true;
        return leave(s, io, PROTO_BROKEN);
    }
    bool request = http1_role(s, io->dir) == TO_SERVER;
    return leave(s, io, request ? parse_request(s, io) : parse_response(s, io));
}

/* Do n missing bytes end just where a body of known length does? */
static bool ends_body(const struct http1_state *s, bool request, uint64_t n)
{
    const htp_tx_t *tx = request ? htp_connp_get_in_tx(s->connp) : htp_connp_get_out_tx(s->connp);
    if (!tx)
        return false;
    bool body = request ? tx->request_progress == HTP_REQUEST_BODY : tx->response_progress == HTP_RESPONSE_BODY;
    int64_t left = request ? tx->request_content_length - tx->request_message_len
                           : tx->response_content_length - tx->response_message_len;
    return body && left > 0 && n == (uint64_t)left;
}

/* libhtp lets a gap pass inside a body of known length or one that ends with the connection. */
static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct http1_state *s = state;
    bool request = http1_role(s, io->dir) == TO_SERVER;
    s->io = io;
    s->told = false;
    if (s->closed)
        return leave(s, io, PROTO_DONE);
    if (s->connect && request)
        return leave(s, io, PROTO_OTHER_SIDE); /* of the tunnel's bytes, should it open */
    if (s->connect && s->live == 1) {
        http1_connect_lost(s, io, "gap");
        return leave(s, io, PROTO_BROKEN);
    }
    if (s->connect || s->stop_at) {
        const htp_tx_t *out = htp_connp_get_out_tx(s->connp);
        bool inside = out && out->response_progress == HTP_RESPONSE_BODY && out->response_content_length > 0 &&
                      n < (uint64_t)(out->response_content_length - out->response_message_len);
        if (!request && !inside) {
            http1_connect_lost(s, io, "gap");
            return leave(s, io, PROTO_BROKEN);
        }
    }
    bool whole = ends_body(s, request, n);
    int rc = request ? htp_connp_req_data(s->connp, NULL, NULL, (size_t)n)
                     : htp_connp_res_data(s->connp, NULL, NULL, (size_t)n);
    if (whole && rc == HTP_STREAM_CLOSED) /* it finds the next message's beginning missing, too: it is not */
        rc = HTP_STREAM_DATA;
    return leave(s, io, status_of(s, rc));
}

static void finish(void *state, struct proto_io *io)
{
    struct http1_state *s = state;
    s->io = io;
    http1_connect_lost(s, io, "no answer");
    if (s->live && !s->broken && !s->closed) {
        s->closed = true;
        htp_connp_close(s->connp, NULL);
    }
    for (struct proto_tx *t = s->txs.first; t; t = t->next) {
        struct http1_tx *tx = (struct http1_tx *)t;
        if (tx->htp->request_line || tx->htp->response_line)
            http1_tx_complete(s, tx);
    }
    s->io = NULL;
}

static void fini(void *state)
{
    http1_close(state);
}

static void tx_fini(struct proto_tx *base)
{
    struct http1_tx *tx = (struct http1_tx *)base;
    struct http1_state *s = htp_connp_get_user_data(tx->htp->connp);
    htp_tx_set_user_data(tx->htp, NULL);
    if (s->current == tx)
        s->current = NULL;
    if (htp_tx_destroy(tx->htp) != HTP_OK)
        s->unfreed++;
}

const struct app_proto proto_http1 = {
    .name = "http",
    .conf = "http",
    .record = "http",
    .transports = PROTO_TCP,
    .sure = true,
    .state_size = sizeof(struct http1_state),
    .probe = http1_probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .fini = fini,
    .tx_fini = tx_fini,
    .log = http1_log,
    .events = http1_events,
    .event_count = HTTP1_EVENT_COUNT,
};
