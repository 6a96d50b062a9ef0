/* What rules look at in an HTTP/2 transaction: the same buffers as in HTTP/1, and what HTTP/2 alone has. */
#include <strings.h>

#include "proto/file.h"
#include "proto/http2/http2_state.h"

static const struct http2_half *half(const struct proto_ask *a)
{
    return &((const struct http2_tx *)a->tx)->half[a->dir];
}

static bool up(const struct proto_ask *a)
{
    return a->dir == TO_SERVER;
}

static bool made(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return a->work->len > 0;
}

/* Names are in lower case on the wire (RFC 9113 8.2.1); those of a request that was HTTP/1's may not be, and then it is
 * there that they are looked at. */
static bool named(const struct proto_ask *a, const char *name, struct proto_bytes *out)
{
    struct reader in = reader_of(half(a)->fields.data, half(a)->fields.len);
    struct http2_field f;
    size_t len = strlen(name);
    while (http2_fields_next(&in, &f))
        if (f.name_len == len && memcmp(name, f.name, len) == 0) {
            *out = (struct proto_bytes){f.value, f.value_len};
            return true;
        }
    return false;
}

static bool raw_host(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && (named(a, ":authority", out) || named(a, "host", out));
}

/* Without user information and port, in lower case. */
static bool host(const struct proto_ask *a, struct proto_bytes *out)
{
    struct proto_bytes raw = {NULL, 0};
    if (!raw_host(a, &raw) || !raw.n || !raw.p)
        return false;
    const uint8_t *at = memrchr(raw.p, '@', raw.n);
    if (at) {
        raw.n -= (size_t)(at + 1 - raw.p);
        raw.p = at + 1;
    }
    const uint8_t *colon = raw.n ? memrchr(raw.p, ':', raw.n) : NULL;
    const uint8_t *bracket = raw.n ? memrchr(raw.p, ']', raw.n) : NULL;
    if (colon && (!bracket || colon > bracket))
        raw.n = (size_t)(colon - raw.p);
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i];
        if (!buf_add_byte(a->work, c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c))
            return false;
    }
    return made(a, out);
}

static bool put_field(struct buf *b, const struct http2_field *f)
{
    return buf_add(b, f->name, f->name_len) && buf_add(b, ": ", 2) && buf_add(b, f->value, f->value_len);
}

static bool header(const struct proto_ask *a, struct proto_bytes *out)
{
    struct reader in = reader_of(half(a)->fields.data, half(a)->fields.len);
    struct http2_field f;
    while (http2_fields_next(&in, &f))
        if (!put_field(a->work, &f) || !buf_add(a->work, "\r\n", 2))
            return false;
    return made(a, out);
}

/* The index-th field; false: there are no more. */
static bool nth(const struct proto_ask *a, struct http2_field *f)
{
    struct reader in = reader_of(half(a)->fields.data, half(a)->fields.len);
    unsigned i = 0;
    while (http2_fields_next(&in, f))
        if (i++ == a->index)
            return true;
    return false;
}

static bool one_header(const struct proto_ask *a, struct proto_bytes *out)
{
    struct http2_field f;
    return nth(a, &f) && put_field(a->work, &f) && made(a, out);
}

static bool request_header(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && one_header(a, out);
}

static bool response_header(const struct proto_ask *a, struct proto_bytes *out)
{
    return !up(a) && one_header(a, out);
}

static bool header_name(const struct proto_ask *a, struct proto_bytes *out)
{
    struct http2_field f;
    if (!nth(a, &f))
        return false;
    *out = (struct proto_bytes){f.name, f.name_len};
    return true;
}

static bool header_names(const struct proto_ask *a, struct proto_bytes *out)
{
    struct reader in = reader_of(half(a)->fields.data, half(a)->fields.len);
    struct http2_field f;
    if (!half(a)->fields.len || !buf_add(a->work, "\r\n", 2))
        return false;
    while (http2_fields_next(&in, &f))
        if (!buf_add(a->work, f.name, f.name_len) || !buf_add(a->work, "\r\n", 2))
            return false;
    return buf_add(a->work, "\r\n", 2) && made(a, out);
}

/* Every transaction has them, as there are no lines. */
static bool protocol(const struct proto_ask *a, struct proto_bytes *out)
{
    (void)a;
    *out = (struct proto_bytes){(const uint8_t *)"HTTP/2", 6};
    return true;
}

static bool stat_msg(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){(const uint8_t *)"", 0};
    return !up(a);
}

static bool request_line(const struct proto_ask *a, struct proto_bytes *out)
{
    struct proto_bytes method, path;
    return up(a) && named(a, ":method", &method) && named(a, ":path", &path) && buf_add(a->work, method.p, method.n) &&
           buf_add_byte(a->work, ' ') && buf_add(a->work, path.p, path.n) && buf_add(a->work, " HTTP/2\r\n", 9) &&
           made(a, out);
}

static bool response_line(const struct proto_ask *a, struct proto_bytes *out)
{
    struct proto_bytes status;
    return !up(a) && named(a, ":status", &status) && buf_add(a->work, "HTTP/2 ", 7) &&
           buf_add(a->work, status.p, status.n) && buf_add(a->work, "\r\n", 2) && made(a, out);
}

static bool cookie(const struct proto_ask *a, struct proto_bytes *out)
{
    return named(a, up(a) ? "cookie" : "set-cookie", out);
}

static bool client_body(const struct proto_ask *a, struct proto_bytes *out)
{
    return up(a) && a->index == 0 && proto_file_ask_data(a, out);
}

#define NAMED(function, name, where)                                                                                   \
    static bool function(const struct proto_ask *a, struct proto_bytes *out)                                           \
    {                                                                                                                  \
        return (where) && named(a, name, out);                                                                         \
    }
NAMED(uri, ":path", up(a))
NAMED(method, ":method", up(a))
NAMED(stat_code, ":status", !up(a))
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

const struct proto_buffer http2_buffers[] = {
    {"http_uri", uri},
    {"http_raw_uri", uri},
    {"http_method", method},
    {"http_protocol", protocol},
    {"http_request_line", request_line},
    {"http_response_line", response_line},
    {"http_header", header},
    {"http_raw_header", header},
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
    {"http_header_names", header_names},
    {"http.server", server},
    {"http.location", location},
    {"http_request_header", request_header},
    {"http_response_header", response_header},
    {"http2_header_name", header_name},
    {"file_data", proto_file_ask_data},
    {"file_name", proto_file_ask_name},
    {"file_magic", proto_file_ask_magic},
    {NULL, NULL},
};

const struct proto_ready http2_ready[] = {
    {"http_uri", TX_HEADERS},
    {"http_raw_uri", TX_HEADERS},
    {"http_method", TX_HEADERS},
    {"http_protocol", TX_HEADERS},
    {"http_request_line", TX_HEADERS},
    {"http_response_line", TX_HEADERS},
    {"http_header", TX_HEADERS},
    {"http_raw_header", TX_HEADERS},
    {"http_cookie", TX_HEADERS},
    {"http_user_agent", TX_HEADERS},
    {"http_host", TX_HEADERS},
    {"http_raw_host", TX_HEADERS},
    {"http_stat_code", TX_HEADERS},
    {"http_stat_msg", TX_HEADERS},
    {"http_accept", TX_HEADERS},
    {"http_accept_lang", TX_HEADERS},
    {"http_accept_enc", TX_HEADERS},
    {"http_referer", TX_HEADERS},
    {"http_connection", TX_HEADERS},
    {"http_content_type", TX_HEADERS},
    {"http_content_len", TX_HEADERS},
    {"http.server", TX_HEADERS},
    {"http.location", TX_HEADERS},
    {"http_header_names", TX_HEADERS},
    {"http_request_header", TX_HEADERS},
    {"http_response_header", TX_HEADERS},
    {"http2_header_name", TX_HEADERS},
    {NULL, TX_STARTED},
};

static bool error_code(const struct proto_ask *a, uint64_t *out)
{
    *out = half(a)->error_code;
    return a->index == 0 && half(a)->has_error;
}

static bool priority(const struct proto_ask *a, uint64_t *out)
{
    *out = half(a)->priority;
    return a->index == 0 && half(a)->has_priority;
}

static bool size_update(const struct proto_ask *a, uint64_t *out)
{
    *out = (uint64_t)half(a)->table_size;
    return a->index == 0 && half(a)->table_size >= 0;
}

static bool window(const struct proto_ask *a, uint64_t *out)
{
    if (a->index >= half(a)->window_count)
        return false;
    *out = half(a)->windows[a->index];
    return true;
}

/* The index-th of the types that were there. */
static bool frame_type(const struct proto_ask *a, uint64_t *out)
{
    unsigned left = a->index;
    for (unsigned type = 0; type <= HTTP2_CONTINUATION; type++)
        if ((half(a)->frame_types & 1u << type) && left-- == 0) {
            *out = type;
            return true;
        }
    return false;
}

static bool setting(const struct proto_ask *a, uint64_t *out)
{
    if (a->index >= half(a)->setting_count)
        return false;
    *out = (uint64_t)half(a)->settings[a->index].id << 32 | half(a)->settings[a->index].value;
    return true;
}

const struct proto_number http2_numbers[] = {
    {"http2.errorcode", error_code},
    {"http2.priority", priority},
    {"http2.size_update", size_update},
    {"http2.window", window},
    {"http2.frametype", frame_type},
    {"http2.settings", setting},
    {NULL, NULL},
};
