/* libhtp: its connections, and what it calls. */
#include <errno.h>
#include <stdlib.h>

#include "proto/http1/http1_body.h"
#include "proto/http1/http1_coding.h"
#include "proto/http1/http1_config.h"
#include "proto/http1/http1_proxy.h"

static struct http1_state *state_of(const htp_tx_t *tx)
{
    return htp_connp_get_user_data(tx->connp);
}

void http1_raise(struct http1_state *s, struct http1_tx *tx, enum http1_event event)
{
    uint64_t bit = (uint64_t)1 << event;
    if (!s->io || (tx && (tx->raised & bit)))
        return;
    if (tx)
        tx->raised |= bit;
    s->io->about = tx ? &tx->base : NULL;
    s->io->engine->event(s->io, event);
    s->io->about = NULL;
}

void http1_tx_complete(struct http1_state *s, struct http1_tx *tx)
{
    if (tx->base.complete)
        return;
    /* One whose answer libhtp began by itself is told when the call ends. */
    if (tx == s->connect && !s->own_reply && !s->desync)
        s->connect = NULL;
    tx->base.complete = true;
    s->live--;
}

/* When it can't be begun, `stop` is set: libhtp must not be told by the hooks at a transaction's start, it would call
 * them again for ever. */
static struct http1_tx *begin(struct http1_state *s, htp_tx_t *htp)
{
    bool full = s->live >= s->profile->max_tx;
    struct http1_tx *tx = full || s->stop ? NULL : proto_tx_add(&s->txs, sizeof *tx, s->io->time_ns);
    if (full && !s->stop)
        http1_raise(s, NULL, HTTP1_TOO_MANY_TRANSACTIONS);
    if (!tx) {
        s->stop = true;
        return NULL;
    }
    tx->htp = htp;
    htp_tx_set_user_data(htp, tx);
    s->live++;
    s->opened++;
    s->current = tx;
    return tx;
}

void http1_tx_forget(struct http1_state *s)
{
    struct proto_tx *last = s->txs.last;
    struct proto_tx *before = NULL;
    for (struct proto_tx *t = s->txs.first; t != last; t = t->next)
        before = t;
    if (before)
        before->next = NULL;
    else
        s->txs.first = NULL;
    s->txs.last = before;
    s->txs.count--;
    s->txs.next_id--;
    s->live--;
    s->current = NULL;
    htp_tx_set_user_data(((struct http1_tx *)last)->htp, NULL);
    http1_body_drop(s, (struct http1_tx *)last);
    free(last);
}

static int on_request_start(htp_tx_t *htp)
{
    begin(state_of(htp), htp);
    return HTP_OK;
}

static struct http1_span span_of(const bstr *b)
{
    return b ? (struct http1_span){bstr_ptr(b), bstr_len(b)} : (struct http1_span){NULL, 0};
}

/* Rules look at what is final. */
static void progress(htp_tx_t *htp, enum flow_dir role, enum tx_progress p)
{
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    if (tx)
        tx->base.progress[role] = (uint8_t)p;
}

/* libhtp stops here: the rest of the call is ours to frame. */
static void cut(struct http1_state *s, enum http1_cut how)
{
    s->cut = how;
    s->cut_at = htp_connp_req_data_consumed(s->connp);
}

/* HTTP/0.9 has a line and nothing more: where lines follow at once, it is the version that is missing. */
static void look_for_protocol(struct http1_state *s, htp_tx_t *htp)
{
    if (!htp->is_protocol_0_9 || s->proxy || !s->io || http1_role(s, s->io->dir) != TO_SERVER)
        return;
    size_t at = htp_connp_req_data_consumed(s->connp);
    if (at >= s->io->len || s->io->data[at] == '\r' || s->io->data[at] == '\n')
        return;
    htp->is_protocol_0_9 = 0;
    http1_raise(s, htp_tx_get_user_data(htp), HTTP1_REQUEST_LINE_MISSING_PROTOCOL);
}

/* Methods are case-sensitive (RFC 9110 9.1), but not every proxy is: whether "connect" was one, its answer tells. */
static int on_request_line(htp_tx_t *htp)
{
    struct http1_state *s = state_of(htp);
    if (htp->request_method_number == HTP_M_UNKNOWN && htp->request_method &&
        bstr_cmp_c_nocase(htp->request_method, "CONNECT") == 0)
        htp_tx_req_set_method_number(htp, HTP_M_CONNECT);
    progress(htp, TO_SERVER, TX_LINE);
    look_for_protocol(s, htp);
    struct http1_span uri = span_of(htp->request_uri);
    struct http1_target target;
    struct http1_span path;
    if (s->proxy || !uri.n || uri.p[0] == '/' || htp->request_method_number == HTP_M_CONNECT || !htp->request_protocol)
        return HTP_OK;
    if (!s->io || !htp_tx_get_user_data(htp) || !http1_for_origin(s, s->io, uri, &target, &path))
        return HTP_OK;
    progress(htp, TO_SERVER, TX_STARTED);
    cut(s, HTTP1_CUT_LINE);
    return HTP_ERROR;
}

static void raise_flags(struct http1_state *s, struct http1_tx *tx)
{
    static const struct {
        uint64_t flag;
        enum http1_event event;
    } map[] = {
        {HTP_REQUEST_INVALID_T_E, HTTP1_INVALID_TE_REQUEST},
        {HTP_REQUEST_INVALID_C_L, HTTP1_INVALID_CL_REQUEST},
        {HTP_HOST_MISSING, HTTP1_MISSING_HOST},
        {HTP_HOST_AMBIGUOUS, HTTP1_HOST_AMBIGUOUS},
        {HTP_HOSTU_INVALID, HTTP1_URI_HOST_INVALID},
        {HTP_HOSTH_INVALID, HTTP1_HEADER_HOST_INVALID},
    };
    for (size_t i = 0; tx->htp->flags && i < sizeof map / sizeof map[0]; i++)
        if (tx->htp->flags & map[i].flag)
            http1_raise(s, tx, map[i].event);
    if (tx->htp->request_auth_type == HTP_AUTH_UNRECOGNIZED)
        http1_raise(s, tx, HTTP1_REQUEST_AUTH_UNRECOGNIZED);
}

/* An Upgrade without a body: as with CONNECT, what the client's bytes behind it are, the answer tells. Those with a
 * body stay libhtp's, which reads it. */
static bool asks_for_upgrade(const htp_tx_t *htp)
{
    static const char name[] = "upgrade";
    size_t n = htp->request_transfer_coding == HTP_CODING_NO_BODY ? htp_table_size(htp->request_headers) : 0;
    for (size_t i = 0; i < n; i++) {
        const htp_header_t *h = htp_table_get_index(htp->request_headers, i, NULL);
        if (h && bstr_len(h->name) == sizeof name - 1 && http1_span_is(span_of(h->name), name) &&
            http1_upgrade_asked(span_of(h->value)))
            return true;
    }
    return false;
}

static int on_request_headers(htp_tx_t *htp)
{
    struct http1_state *s = state_of(htp);
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    if (!tx)
        return s->stop ? HTP_ERROR : HTP_OK;
    progress(htp, TO_SERVER, TX_HEADERS);
    raise_flags(s, tx);
    http1_coding_begin(s, tx, TO_SERVER);
    bool connect = htp->request_method_number == HTP_M_CONNECT;
    if (!connect && s->io && s->io->flow->link && htp->request_hostname)
        s->io->engine->server_name(s->io, (const char *)bstr_ptr(htp->request_hostname),
                                   bstr_len(htp->request_hostname));
    if (!connect && !asks_for_upgrade(htp))
        return HTP_OK;
    tx->halted = true;
    progress(htp, TO_SERVER, TX_DONE);
    if (connect)
        s->connect = tx;
    if (s->proxy)
        return HTP_OK;
    /* libhtp took a reply for this request before it was whole: ours to frame is none any more. */
    if (htp->response_progress != HTP_RESPONSE_NOT_STARTED && s->io)
        http1_connect_lost(s, s->io, "answered too early");
    else
        cut(s, HTTP1_CUT_HEAD);
    s->cut_method = htp->request_method_number;
    htp_tx_req_set_method_number(htp, HTP_M_CONNECT); /* libhtp stops behind such a head, and only such */
    return HTP_OK;
}

static int on_request_complete(htp_tx_t *htp)
{
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    progress(htp, TO_SERVER, TX_DONE);
    http1_body_end(state_of(htp), tx, TO_SERVER);
    if (tx && htp->response_progress == HTP_RESPONSE_COMPLETE)
        http1_tx_complete(state_of(htp), tx);
    return HTP_OK;
}

static int on_response_start(htp_tx_t *htp)
{
    struct http1_state *s = state_of(htp);
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    if (!tx) {
        tx = begin(s, htp);
        if (!tx)
            return HTP_OK;
        tx->unmatched = true;
    }
    s->current = tx;
    if (tx == s->connect && !s->own_reply) {
        s->desync = true;
        s->stop = true;
    }
    return HTP_OK;
}

static int on_response_headers(htp_tx_t *htp)
{
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    progress(htp, TO_CLIENT, TX_HEADERS);
    if (tx)
        http1_coding_begin(state_of(htp), tx, TO_CLIENT);
    return HTP_OK;
}

static int on_response_complete(htp_tx_t *htp)
{
    struct http1_state *s = state_of(htp);
    struct http1_tx *tx = htp_tx_get_user_data(htp);
    if (!tx)
        return HTP_OK;
    progress(htp, TO_CLIENT, TX_DONE);
    http1_body_end(s, tx, TO_CLIENT);
    /* libhtp looks at the end of such a request only when more of the client comes, and a reply that nobody asked for
     * has no request. */
    if (htp->request_progress == HTP_REQUEST_COMPLETE || tx->halted || tx->unmatched)
        http1_tx_complete(s, tx);
    return HTP_OK;
}

static int on_message(htp_log_t *log)
{
    struct http1_state *s = log->connp ? htp_connp_get_user_data(log->connp) : NULL;
    if (!s || !s->io || !log->msg)
        return HTP_OK;
    s->told = true;
    if (++s->messages > HTTP1_MESSAGES_MAX)
        return HTP_OK;
    bool of_response = http1_role(s, s->io->dir) == TO_CLIENT;
    struct http1_tx *tx = log->tx ? htp_tx_get_user_data(log->tx) : NULL;
    enum http1_event event = http1_event_of_message(log->msg, of_response);
    if (event != HTTP1_EVENT_COUNT)
        http1_raise(s, tx ? tx : s->current, event);
    return HTP_OK;
}

void http1_register_hooks(htp_cfg_t *c)
{
    htp_config_register_log(c, on_message);
    htp_config_register_request_start(c, on_request_start);
    htp_config_register_request_line(c, on_request_line);
    htp_config_register_request_headers(c, on_request_headers);
    htp_config_register_request_complete(c, on_request_complete);
    htp_config_register_response_start(c, on_response_start);
    htp_config_register_response_headers(c, on_response_headers);
    htp_config_register_response_complete(c, on_response_complete);
    http1_register_body_hooks(c);
}

int http1_open(struct http1_state *s)
{
    s->connp = htp_connp_create(s->profile->cfg);
    if (!s->connp)
        return -ENOMEM;
    htp_connp_set_user_data(s->connp, s);
    htp_connp_open(s->connp, NULL, 0, NULL, 0, NULL);
    s->opened = s->unfreed = 0;
    return 0;
}

void http1_free_retired(struct http1_state *s, bool all)
{
    struct http1_retired **at = &s->retired;
    while (*at) {
        struct http1_retired *r = *at;
        bool used = false;
        for (const struct proto_tx *t = s->txs.first; t && !all && !used; t = t->next)
            used = ((const struct http1_tx *)t)->htp->connp == r->connp;
        if (used) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        htp_connp_destroy_all(r->connp);
        free(r);
    }
}

bool http1_reopen(struct http1_state *s)
{
    struct http1_retired *r = calloc(1, sizeof *r);
    if (!r)
        return false;
    *r = (struct http1_retired){s->retired, s->connp};
    s->retired = r;
    s->connp = NULL;
    s->current = NULL;
    s->stale = false;
    http1_free_retired(s, false);
    return http1_open(s) == 0;
}

void http1_close(struct http1_state *s)
{
    if (s->connp)
        htp_connp_destroy_all(s->connp);
    s->connp = NULL;
    s->current = NULL;
}
