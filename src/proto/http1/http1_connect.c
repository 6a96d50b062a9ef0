/* The heads of replies that are read by ourselves (http1.h says why): the answer to a CONNECT, interim answers; and
 * what is told of the tunnel. */
#include "core/bytes.h"
#include "proto/http1/http1_state.h"

#define TYPE "http-connect" /* both the tunnel's type and its section under decap.payload */

struct status_line {
    int code;
    const uint8_t *reason;
    size_t reason_len;
};

/* RFC 9112 4: HTTP-version SP 3DIGIT SP [reason-phrase]. Several blanks and a missing reason pass. */
static bool parse_status_line(const uint8_t *p, size_t n, struct status_line *out)
{
    while (n && (p[n - 1] == '\r' || p[n - 1] == '\n' || p[n - 1] == ' '))
        n--;
    struct reader r = reader_of(p, n);
    const uint8_t *version = reader_take(&r, 5);
    if (!version || memcmp(version, "HTTP/", 5) != 0)
        return false;
    while (reader_left(&r) && *r.p != ' ' && *r.p != '\t')
        r.p++;
    while (reader_left(&r) && (*r.p == ' ' || *r.p == '\t'))
        r.p++;
    int code = 0;
    for (int i = 0; i < 3; i++) {
        uint8_t c = reader_u8(&r);
        if (r.bad || c < '0' || c > '9')
            return false;
        code = code * 10 + (c - '0');
    }
    if (reader_left(&r) && reader_u8(&r) != ' ')
        return false;
    *out = (struct status_line){.code = code, .reason = r.p, .reason_len = reader_left(&r)};
    return code >= 100;
}

/* Can these bytes begin a status line? */
static bool can_be_reply(const uint8_t *p, size_t n)
{
    return memcmp(p, "HTTP/", n < 5 ? n : 5) == 0;
}

/* Find the end of the head at p: its length with the empty line, or 0 when more is needed. A line ends at LF, with or
 * without CR (RFC 9112 2.2). What was looked at is remembered. */
static size_t head_length(struct http1_state *s, const uint8_t *p, size_t n)
{
    while (s->scanned < n) {
        const uint8_t *nl = memchr(p + s->scanned, '\n', n - s->scanned);
        if (!nl) {
            s->scanned = n;
            return 0;
        }
        size_t end = (size_t)(nl - p);
        size_t len = end - s->line;
        bool empty = len == 0 || (len == 1 && p[s->line] == '\r');
        s->line = s->scanned = end + 1;
        if (empty)
            return end + 1;
    }
    return 0;
}

/* The user given in the request, if any. */
static size_t request_user(const htp_tx_t *tx, char out[HTTP1_USER_MAX])
{
    const htp_header_t *h = htp_table_get_c(tx->request_headers, "proxy-authorization");
    return h && h->value ? http1_auth_user(bstr_ptr(h->value), bstr_len(h->value), out) : 0;
}

/* Tell the engine. Returns whether the target could be read. */
static bool offer(struct http1_state *s, struct proto_io *io, enum tunnel_status status, const struct status_line *line,
                  const char *reason)
{
    const htp_tx_t *tx = s->connect->htp;
    char user[HTTP1_USER_MAX];
    struct http1_target target = {.port = 0};
    const uint8_t *uri = tx->request_uri ? bstr_ptr(tx->request_uri) : NULL;
    size_t uri_len = tx->request_uri ? bstr_len(tx->request_uri) : 0;
    bool good = http1_target_parse(uri, uri_len, &target);
    if (!good) {
        target = (struct http1_target){.host = (const char *)uri, .host_len = uri_len};
        if (target.host_len > HTTP1_HOST_MAX)
            target.host_len = HTTP1_HOST_MAX;
        http1_raise(s, s->connect, HTTP1_CONNECT_TARGET_INVALID);
        if (status == TUNNEL_ESTABLISHED) {
            status = TUNNEL_INCOMPLETE;
            reason = "bad target";
        }
    }
    size_t user_len = request_user(tx, user);
    struct tunnel_offer o = {
        .type = TYPE,
        .payload = TYPE,
        .status = status,
        .reason = reason,
        .reverse = s->reversed,
        .swap = s->reversed,
        .addr = target.addr,
        .port = target.port,
        .host = target.host,
        .host_len = target.host_len,
        .user = user_len ? user : NULL,
        .user_len = user_len,
        .reply_code = line ? line->code : -1,
        .reply = line && line->reason_len ? (const char *)line->reason : NULL,
        .reply_len = line ? line->reason_len : 0,
        .start_ns = s->connect->base.time_ns,
    };
    io->engine->tunnel(io, &o);
    return good;
}

void http1_connect_lost(struct http1_state *s, struct proto_io *io, const char *reason)
{
    if (!s->connect)
        return;
    offer(s, io, TUNNEL_INCOMPLETE, NULL, reason);
    s->connect = NULL;
}

static enum http1_reply broken(struct http1_state *s, struct proto_io *io, enum http1_event event)
{
    http1_raise(s, s->connect, event);
    http1_connect_lost(s, io, "bad reply");
    return HTTP1_REPLY_BROKEN;
}

/* The head goes to libhtp alone, so that the record and the rules have it; libhtp sees no byte after it. */
static enum http1_reply accepted(struct http1_state *s, struct proto_io *io, size_t head,
                                 const struct status_line *line)
{
    struct http1_tx *tx = s->connect;
    s->own_reply = true;
    htp_connp_res_data(s->connp, NULL, io->data + io->consumed, head);
    s->own_reply = false;
    io->consumed += head;
    bool good = offer(s, io, TUNNEL_ESTABLISHED, line, NULL);
    s->connect = NULL;
    http1_tx_complete(s, tx);
    return good ? HTTP1_REPLY_TUNNEL : HTTP1_REPLY_OPAQUE;
}

enum http1_reply http1_connect_reply(struct http1_state *s, struct proto_io *io)
{
    struct status_line line;
    size_t head;
    for (;;) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        while (s->scanned == 0 && n && (p[0] == '\r' || p[0] == '\n')) {
            p++, n--;
            io->consumed++;
        }
        if (n == 0)
            return HTTP1_REPLY_MORE;
        if (!can_be_reply(p, n))
            return broken(s, io, HTTP1_CONNECT_REPLY_INVALID);
        head = head_length(s, p, n);
        if (head > HTTP1_REPLY_HEAD_MAX || (head == 0 && n > HTTP1_REPLY_HEAD_MAX))
            return broken(s, io, HTTP1_CONNECT_REPLY_TOO_LONG);
        if (head == 0)
            return HTTP1_REPLY_MORE;
        s->line = s->scanned = 0;
        const uint8_t *nl = memchr(p, '\n', head);
        if (!parse_status_line(p, (size_t)(nl - p), &line))
            return broken(s, io, HTTP1_CONNECT_REPLY_INVALID);
        /* Interim answers (RFC 9110 15.2); 101 is none: it ends HTTP on this connection (15.2.2). */
        if (line.code >= 200 || line.code == 101)
            break;
        io->consumed += head;
        if (io->consumed == io->len)
            return HTTP1_REPLY_MORE;
    }
    if (line.code >= 200 && line.code <= 299)
        return accepted(s, io, head, &line);
    if (line.code == 101)
        offer(s, io, TUNNEL_INCOMPLETE, &line, "protocol switched");
    else
        offer(s, io, TUNNEL_REFUSED, &line, NULL);
    s->stop_at = s->connect;
    s->connect = NULL;
    return HTTP1_REPLY_ORDINARY;
}

enum http1_reply http1_skip_interim(struct http1_state *s, struct proto_io *io)
{
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        /* "HTTP/1.1 1xx": by the tenth byte it is clear for all but 101, which is none */
        if (memcmp(p, "HTTP/1.", n < 7 ? n : 7) != 0 || (n > 9 && (p[8] != ' ' || p[9] != '1')) ||
            (n > 11 && p[10] == '0' && p[11] == '1'))
            break;
        if (n < 12 && !io->eof)
            return HTTP1_REPLY_MORE;
        size_t head = head_length(s, p, n);
        if (head > HTTP1_REPLY_HEAD_MAX || (head == 0 && n > HTTP1_REPLY_HEAD_MAX)) {
            http1_raise(s, s->current, HTTP1_RESPONSE_FIELD_TOO_LONG);
            return HTTP1_REPLY_BROKEN;
        }
        if (head == 0)
            return io->eof ? HTTP1_REPLY_ORDINARY : HTTP1_REPLY_MORE;
        s->line = s->scanned = 0;
        io->consumed += head;
    }
    s->line = s->scanned = 0;
    return io->consumed < io->len ? HTTP1_REPLY_ORDINARY : HTTP1_REPLY_MORE;
}

/* An identity body of known length ends with its last byte; a head and a chunked body end with an LF. */
size_t http1_bounded_span(const struct http1_state *s, const uint8_t *p, size_t n)
{
    const htp_tx_t *out = htp_connp_get_out_tx(s->connp);
    if (out && out->response_progress == HTP_RESPONSE_BODY && out->response_content_length > 0 &&
        out->response_transfer_coding == HTP_CODING_IDENTITY) {
        int64_t left = out->response_content_length - out->response_message_len;
        if (left > 0)
            return (uint64_t)left < n ? (size_t)left : n;
    }
    const uint8_t *nl = memchr(p, '\n', n);
    return nl ? (size_t)(nl - p) + 1 : n;
}
