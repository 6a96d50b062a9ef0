/* What rules look at in an HTTP/1 transaction. */
#include <stdlib.h>
#include <strings.h>

#include "proto/file.h"
#include "proto/http1/http1_buffers.h"

static const htp_tx_t *tx_of(const struct proto_ask *a)
{
    return ((const struct http1_tx *)a->tx)->htp;
}

static bool up(const struct proto_ask *a)
{
    return a->dir == TO_SERVER;
}

static bool text(const bstr *b, struct proto_bytes *out)
{
    if (!b || !bstr_len(b))
        return false;
    *out = (struct proto_bytes){bstr_ptr(b), bstr_len(b)};
    return true;
}

static bool made(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return a->work->len > 0;
}

static bool add(struct buf *b, const bstr *s)
{
    return !s || buf_add(b, bstr_ptr(s), bstr_len(s));
}

static bool raw_uri(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && text(tx_of(a)->request_uri, out);
}

static bool method(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && text(tx_of(a)->request_method, out);
}

static bool protocol(const struct proto_ask *a, struct proto_bytes *out)
{
    return text(up(a) ? tx_of(a)->request_protocol : tx_of(a)->response_protocol, out);
}

static bool request_line(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && text(tx_of(a)->request_line, out);
}

static bool response_line(const struct proto_ask *a, struct proto_bytes *out)
{
    return !up(a) && text(tx_of(a)->response_line, out);
}

static bool stat_code(const struct proto_ask *a, struct proto_bytes *out)
{
    return !up(a) && text(tx_of(a)->response_status, out);
}

static bool stat_msg(const struct proto_ask *a, struct proto_bytes *out)
{
    return !up(a) && text(tx_of(a)->response_message, out);
}

static const htp_table_t *headers_of(const struct proto_ask *a)
{
    return up(a) ? tx_of(a)->request_headers : tx_of(a)->response_headers;
}

static bool named(const struct proto_ask *a, const char *name, struct proto_bytes *out)
{
    const htp_table_t *t = headers_of(a);
    const htp_header_t *h = t ? htp_table_get_c(t, name) : NULL;
    return h && text(h->value, out);
}

static bool host(const struct proto_ask *a, struct proto_bytes *out)
{
    const bstr *b = http1_hostname(tx_of(a));
    if (!up(a) || !b)
        return false;
    for (size_t i = 0; i < bstr_len(b); i++) {
        uint8_t c = bstr_ptr(b)[i];
        if (!buf_add_byte(a->work, c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c))
            return false;
    }
    return made(a, out);
}

static bool raw_host(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && (named(a, "host", out) || text(http1_hostname(tx_of(a)), out));
}

static bool is_cookie(const struct proto_ask *a, const bstr *name)
{
    return bstr_cmp_c_nocase(name, up(a) ? "cookie" : "set-cookie") == 0;
}

static bool cookie(const struct proto_ask *a, struct proto_bytes *out)
{
    return named(a, up(a) ? "cookie" : "set-cookie", out);
}

static bool put_headers(const struct proto_ask *a, bool cookies)
{
    const htp_table_t *t = headers_of(a);
    size_t n = t ? htp_table_size(t) : 0;
    for (size_t i = 0; i < n; i++) {
        const htp_header_t *h = htp_table_get_index(t, i, NULL);
        if (!h || !h->name || (!cookies && is_cookie(a, h->name)))
            continue;
        if (!add(a->work, h->name) || !buf_add(a->work, ": ", 2) || !add(a->work, h->value) ||
            !buf_add(a->work, "\r\n", 2))
            return false;
    }
    return true;
}

static bool header(const struct proto_ask *a, struct proto_bytes *out)
{
    return put_headers(a, false) && made(a, out);
}

/* As they came; put together where libhtp gave up before the end. */
static bool raw_header(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct buf *b = &((const struct http1_tx *)a->tx)->raw[a->dir];
    if (b->len >= 2 && b->data[b->len - 1] == '\n' && (b->data[b->len - 2] == '\n' || b->data[b->len - 2] == '\r')) {
        *out = (struct proto_bytes){b->data, b->len};
        return true;
    }
    return put_headers(a, true) && a->work->len && buf_add(a->work, "\r\n", 2) && made(a, out);
}

static bool start(const struct proto_ask *a, struct proto_bytes *out)
{
    const htp_tx_t *tx = tx_of(a);
    return add(a->work, up(a) ? tx->request_line : tx->response_line) && a->work->len && buf_add(a->work, "\r\n", 2) &&
           put_headers(a, true) && buf_add(a->work, "\r\n", 2) && made(a, out);
}

static bool header_names(const struct proto_ask *a, struct proto_bytes *out)
{
    const htp_table_t *t = headers_of(a);
    size_t n = t ? htp_table_size(t) : 0;
    if (n == 0 || !buf_add(a->work, "\r\n", 2))
        return false;
    for (size_t i = 0; i < n; i++) {
        const htp_header_t *h = htp_table_get_index(t, i, NULL);
        if (h && (!add(a->work, h->name) || !buf_add(a->work, "\r\n", 2)))
            return false;
    }
    return buf_add(a->work, "\r\n", 2) && made(a, out);
}

/* The index-th header, "name: value". */
static bool one_header(const struct proto_ask *a, struct proto_bytes *out)
{
    const htp_table_t *t = headers_of(a);
    const htp_header_t *h = t && a->index < htp_table_size(t) ? htp_table_get_index(t, a->index, NULL) : NULL;
    return h && add(a->work, h->name) && buf_add(a->work, ": ", 2) && add(a->work, h->value) && made(a, out);
}

static bool request_header(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && one_header(a, out);
}

static bool response_header(const struct proto_ask *a, struct proto_bytes *out)
{
    return !up(a) && one_header(a, out);
}

static bool body(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct buf *b = &((const struct http1_tx *)a->tx)->body[a->dir];
    *out = (struct proto_bytes){b->data, b->len};
    return a->index == 0 && b->len > 0;
}

static bool client_body(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && body(a, out);
}

/* To the client the body, be it a file or not. */
static bool file_data(const struct proto_ask *a, struct proto_bytes *out)
{
    /* Behind the body: a file of which it was the last range. */
    return up(a) || a->index ? proto_file_ask_data(a, out) : body(a, out);
}

#define NAMED(function, name, where)                                                                                   \
    static bool function(const struct proto_ask *a, struct proto_bytes *out)                                           \
    {                                                                                                                  \
        return (where) && named(a, name, out);                                                                         \
    }
NAMED(user_agent, "user-agent", up(a))
NAMED(accept, "accept", up(a))
NAMED(accept_lang, "accept-language", up(a))
NAMED(accept_enc, "accept-encoding", up(a))
NAMED(referer, "referer", up(a))
NAMED(connection, "connection", true)
NAMED(content_type, "content-type", true)
NAMED(content_len, "content-length", true)
NAMED(server, "server", !up(a))
NAMED(location, "location", !up(a))
#undef NAMED

const struct proto_buffer http1_buffers[] = {
    {"http_uri", http1_uri},
    {"http_raw_uri", raw_uri},
    {"http_method", method},
    {"http_protocol", protocol},
    {"http_request_line", request_line},
    {"http_response_line", response_line},
    {"http_header", header},
    {"http_raw_header", raw_header},
    {"http_cookie", cookie},
    {"http_user_agent", user_agent},
    {"http_host", host},
    {"http_raw_host", raw_host},
    {"http_client_body", client_body},
    {"http_stat_code", stat_code},
    {"http_stat_msg", stat_msg},
    {"http_accept", accept},
    {"http_accept_lang", accept_lang},
    {"http_accept_enc", accept_enc},
    {"http_referer", referer},
    {"http_connection", connection},
    {"http_content_type", content_type},
    {"http_content_len", content_len},
    {"http_start", start},
    {"http_header_names", header_names},
    {"http.server", server},
    {"http.location", location},
    {"http_request_header", request_header},
    {"http_response_header", response_header},
    {"file_data", file_data},
    {"file_name", proto_file_ask_name},
    {"file_magic", proto_file_ask_magic},
    {NULL, NULL},
};

const struct proto_ready http1_ready[] = {
    {"http_uri", TX_LINE},
    {"http_raw_uri", TX_LINE},
    {"http_method", TX_LINE},
    {"http_protocol", TX_LINE},
    {"http_request_line", TX_LINE},
    {"http_response_line", TX_LINE},
    {"http_stat_code", TX_LINE},
    {"http_stat_msg", TX_LINE},
    {"http_header", TX_HEADERS},
    {"http_raw_header", TX_HEADERS},
    {"http_cookie", TX_HEADERS},
    {"http_user_agent", TX_HEADERS},
    {"http_host", TX_HEADERS},
    {"http_raw_host", TX_HEADERS},
    {"http_accept", TX_HEADERS},
    {"http_accept_lang", TX_HEADERS},
    {"http_accept_enc", TX_HEADERS},
    {"http_referer", TX_HEADERS},
    {"http_connection", TX_HEADERS},
    {"http_content_type", TX_HEADERS},
    {"http_content_len", TX_HEADERS},
    {"http_start", TX_HEADERS},
    {"http_header_names", TX_HEADERS},
    {"http.server", TX_HEADERS},
    {"http.location", TX_HEADERS},
    {"http_request_header", TX_HEADERS},
    {"http_response_header", TX_HEADERS},
    {"http_client_body", TX_BODY},
    {"file_data", TX_BODY},
    {NULL, TX_STARTED},
};
