#include "proto/http1/http1.h"

#include "proto/file.h"
#include "proto/http1/http1_body.h"
#include "proto/http1/http1_buffers.h"
#include "proto/http1/http1_config.h"
#include "proto/http1/http1_proxy.h"

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct http1_state *s = state;
    s->log_options = http1_log_options(settings);
    s->reversed = reversed;
    s->rules = settings->detection;
    return 0;
}

/* The first call: which server it is says how libhtp is to read it. */
static bool ready(struct http1_state *s, const struct proto_io *io)
{
    if (s->profile)
        return true;
    const struct http1_config *c = io->config;
    if (!c && http1_configure(io->settings, &s->own_config) != 0)
        return false;
    s->profile = http1_profile(c ? c : s->own_config, s->reversed ? &io->flow->key.src : &io->flow->key.dst);
    return http1_open(s) == 0;
}

/* libhtp never gives back what it noted of a connection's past; between two transactions a new one can take over. */
static bool renew(struct http1_state *s)
{
    if (s->opened < HTTP1_RENEW_AFTER && s->unfreed < HTTP1_RENEW_UNFREED)
        return true;
    if (s->live || s->txs.count || s->closed || htp_connp_get_out_tx(s->connp))
        return true;
    return http1_reopen(s);
}

/* What ends the parsing whatever libhtp says. */
static bool over_limits(struct http1_state *s)
{
    if (s->messages > HTTP1_MESSAGES_MAX)
        http1_raise(s, NULL, HTTP1_TOO_MANY_WARNINGS);
    return s->messages > HTTP1_MESSAGES_MAX || s->stop;
}

static enum proto_status status_of(struct http1_state *s, int rc)
{
    if (over_limits(s))
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

enum proto_status http1_own_status(struct http1_state *s, int rc)
{
    if (over_limits(s))
        return PROTO_BROKEN;
    if (rc == HTP_STREAM_DATA || rc == HTP_STREAM_DATA_OTHER)
        return PROTO_OK;
    if (rc == HTP_STREAM_ERROR && !s->told && !s->stale)
        http1_raise(s, s->current, HTTP1_UNKNOWN_ERROR);
    s->stale = true;
    return PROTO_OK;
}

/* libhtp reads what was begun before messages were framed here; the last of it is over now? */
static bool drained(const struct http1_state *s)
{
    return s->live == (s->proxy->own ? 1u : 0u);
}

/* libhtp was stopped by a hook: from here on messages are framed by ourselves. */
static enum proto_status take_over(struct http1_state *s, struct proto_io *io)
{
    io->consumed = s->cut_at;
    if (over_limits(s))
        return PROTO_BROKEN;
    struct http1_proxy *p = s->proxy = http1_proxy_create();
    if (!p)
        return PROTO_BROKEN;
    const struct http1_tx *last = (const struct http1_tx *)s->txs.last;
    if (s->cut == HTTP1_CUT_LINE) {
        const bstr *line = last->htp->request_line;
        if (!buf_add(&p->line, bstr_ptr(line), bstr_len(line)) || !buf_add(&p->line, "\r\n", 2))
            return PROTO_BROKEN;
        http1_tx_forget(s);
        s->stale = true;
    } else {
        struct http1_ask *a = http1_ask_push(p);
        if (!a)
            return PROTO_BROKEN;
        a->tx = last->base.id;
        a->time_ns = last->base.time_ns;
        p->waits = p->own = true;
        htp_tx_req_set_method_number(last->htp, s->cut_method);
    }
    p->draining = !drained(s);
    return http1_proxy_request(s, io);
}

static enum proto_status parse_request(struct http1_state *s, struct proto_io *io)
{
    if (s->proxy)
        return http1_proxy_request(s, io);
    if (s->closed)
        return PROTO_DONE;
    if (io->len) {
        s->cut = HTTP1_CUT_NONE;
        int rc = htp_connp_req_data(s->connp, NULL, io->data, io->len);
        if (s->cut != HTTP1_CUT_NONE)
            return take_over(s, io);
        io->consumed = rc == HTP_STREAM_DATA_OTHER ? htp_connp_req_data_consumed(s->connp) : io->len;
        enum proto_status st = status_of(s, rc);
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

/* libhtp found a 101 where no request without a body had asked for it. */
static enum proto_status switched(struct http1_state *s, struct proto_io *io)
{
    struct http1_tx *tx = s->current;
    io->consumed += htp_connp_res_data_consumed(s->connp);
    if (!tx || s->live != 1 || tx->htp->response_status_number != 101)
        return PROTO_DONE;
    http1_tx_complete(s, tx);
    return http1_upgraded(s, io, tx);
}

/* One step of the server's side while libhtp frames it. PROTO_OK: go on. */
static enum proto_status step_response(struct http1_state *s, struct proto_io *io, bool *more)
{
    if (!htp_connp_get_out_tx(s->connp)) {
        enum http1_reply r = http1_skip_interim(s, io);
        *more = r == HTTP1_REPLY_MORE;
        if (r != HTTP1_REPLY_ORDINARY)
            return r == HTTP1_REPLY_MORE ? PROTO_OK : PROTO_BROKEN;
    }
    const uint8_t *p = io->data + io->consumed;
    size_t n = io->len - io->consumed;
    if (s->proxy)
        n = http1_bounded_span(s, p, n);
    int rc = htp_connp_res_data(s->connp, NULL, p, n);
    if (rc == HTP_STREAM_TUNNEL && !s->proxy && !over_limits(s))
        return switched(s, io);
    size_t used = rc == HTP_STREAM_DATA_OTHER ? htp_connp_res_data_consumed(s->connp) : n;
    io->consumed += used;
    enum proto_status st = status_of(s, rc);
    return st == PROTO_OTHER_SIDE && used ? PROTO_OK : st;
}

static enum proto_status parse_response(struct http1_state *s, struct proto_io *io)
{
    bool more = false;
    if (s->closed)
        return PROTO_DONE;
    while (io->consumed < io->len && !more) {
        if (s->proxy && s->proxy->draining)
            s->proxy->draining = !drained(s);
        if (s->proxy && !s->proxy->draining)
            break;
        enum proto_status st = step_response(s, io, &more);
        if (st != PROTO_OK)
            return st;
    }
    if (s->proxy)
        return s->proxy->draining ? PROTO_OK : http1_proxy_reply(s, io);
    if (io->eof) {
        s->closed = true;
        htp_connp_close(s->connp, NULL);
    }
    return PROTO_OK;
}

static enum proto_status leave(struct http1_state *s, struct proto_io *io, enum proto_status st)
{
    if (s->desync)
        http1_connect_lost(s, io, "bad reply");
    if (st == PROTO_BROKEN) {
        s->broken = true;
        if (s->proxy)
            http1_proxy_end(s, io, "bad reply", true);
    }
    if (st == PROTO_DONE || st == PROTO_TUNNEL || st == PROTO_CHANGE)
        s->closed = true;
    s->io = NULL;
    return st;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct http1_state *s = state;
    s->io = io;
    s->told = false;
    if (s->retired)
        http1_free_retired(s, false);
    if (s->udp)
        return leave(s, io, http1_udp_parse(s, io));
    if (!ready(s, io) || !renew(s)) {
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

/* libhtp lets a gap pass inside a body of known length or one that ends with the connection. While it reads what came
 * before the messages that are framed here, only the first is certain. */
static enum proto_status libhtp_gap(struct http1_state *s, struct proto_io *io, uint64_t n)
{
    bool request = http1_role(s, io->dir) == TO_SERVER;
    if (s->proxy) {
        const htp_tx_t *out = htp_connp_get_out_tx(s->connp);
        bool inside = out && out->response_progress == HTP_RESPONSE_BODY && out->response_content_length > 0 &&
                      n < (uint64_t)(out->response_content_length - out->response_message_len);
        if (!inside)
            return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "gap");
    }
    bool whole = ends_body(s, request, n);
    int rc = request ? htp_connp_req_data(s->connp, NULL, NULL, (size_t)n)
                     : htp_connp_res_data(s->connp, NULL, NULL, (size_t)n);
    if (whole && rc == HTP_STREAM_CLOSED) /* it finds the next message's beginning missing, too: it is not */
        rc = HTP_STREAM_DATA;
    return status_of(s, rc);
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct http1_state *s = state;
    bool request = http1_role(s, io->dir) == TO_SERVER;
    s->io = io;
    s->told = false;
    if (s->udp)
        return leave(s, io, http1_udp_gap(s, io, n));
    if (s->closed)
        return leave(s, io, PROTO_DONE);
    if (!ready(s, io))
        return leave(s, io, PROTO_BROKEN);
    bool framed = s->proxy && (request || !s->proxy->draining);
    return leave(s, io, framed ? http1_proxy_gap(s, io, n) : libhtp_gap(s, io, n));
}

static void finish(void *state, struct proto_io *io)
{
    struct http1_state *s = state;
    s->io = io;
    http1_connect_lost(s, io, "no answer");
    if (s->proxy) {
        if (s->proxy->unasked)
            http1_raise(s, NULL, HTTP1_UNABLE_TO_MATCH);
        http1_proxy_end(s, io, "no answer", false);
    }
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

static bool idle(const void *state)
{
    const struct http1_state *s = state;
    return !s->connect && !s->live && !s->udp && !(s->proxy && (s->proxy->unasked || !http1_proxy_quiet(s->proxy)));
}

static void fini(void *state)
{
    struct http1_state *s = state;
    http1_proxy_destroy(s->proxy);
    http1_udp_destroy(s->udp);
    http1_free_retired(s, true);
    http1_close(s);
    http1_unconfigure(s->own_config);
}

static void tx_fini(struct proto_tx *base)
{
    struct http1_tx *tx = (struct http1_tx *)base;
    struct http1_state *s = htp_connp_get_user_data(tx->htp->connp);
    htp_tx_set_user_data(tx->htp, NULL);
    http1_body_drop(s, tx);
    if (s->current == tx)
        s->current = NULL;
    if (s->connect == tx)
        s->connect = NULL;
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
    .configure = http1_configure,
    .unconfigure = http1_unconfigure,
    .init = init,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .idle = idle,
    .fini = fini,
    .tx_fini = tx_fini,
    .log = http1_log,
    .buffers = http1_buffers,
    .ready = http1_ready,
    .events = http1_events,
    .event_count = HTTP1_EVENT_COUNT,
};
