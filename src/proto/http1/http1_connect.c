/* What is told of a CONNECT's tunnel, and the reading of replies while libhtp still frames them. */
#include "core/bytes.h"
#include "proto/http1/http1_state.h"

/* Of a line before a reply. */
#define BLANKS_MAX 64u
#define TYPE       "http-connect" /* both the tunnel's type and its section under decap.payload */

/* The user given in the request, if any. */
static size_t request_user(const htp_tx_t *tx, char out[HTTP1_USER_MAX])
{
    const htp_header_t *h = htp_table_get_c(tx->request_headers, "proxy-authorization");
    return h && h->value ? http1_auth_user(bstr_ptr(h->value), bstr_len(h->value), out) : 0;
}

/* Tell the engine. Returns whether the target could be read. */
static bool offer(struct http1_state *s, struct proto_io *io, enum tunnel_status status,
                  const struct http1_status_line *line, const char *reason)
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
        .reply = line && line->reason.n ? (const char *)line->reason.p : NULL,
        .reply_len = line ? line->reason.n : 0,
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

bool http1_connect_answered(struct http1_state *s, struct proto_io *io, const struct http1_status_line *line)
{
    bool open = false;
    if (line->code >= 200 && line->code <= 299)
        open = offer(s, io, TUNNEL_ESTABLISHED, line, NULL);
    else if (line->code == 101)
        offer(s, io, TUNNEL_INCOMPLETE, line, "protocol switched");
    else
        offer(s, io, TUNNEL_REFUSED, line, NULL);
    s->connect = NULL;
    return open;
}

/* A line of blanks before a reply, which libhtp would take for its first. False: more is needed. */
static bool skip_blank_line(struct proto_io *io)
{
    const uint8_t *p = io->data + io->consumed;
    size_t n = io->len - io->consumed;
    size_t i = 0;
    while (i < n && i < BLANKS_MAX && (p[i] == ' ' || p[i] == '\t'))
        i++;
    if (i == 0)
        return true;
    size_t end = i + (i < n && p[i] == '\r');
    if (end == n && !io->eof && i < BLANKS_MAX)
        return false;
    if (end < n && p[end] == '\n')
        io->consumed += end + 1;
    return true;
}

enum http1_reply http1_skip_interim(struct http1_state *s, struct proto_io *io)
{
    if (!skip_blank_line(io))
        return HTTP1_REPLY_MORE;
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        /* "HTTP/1.1 1xx": by the tenth byte it is clear for all but 101, which is none */
        if (memcmp(p, "HTTP/1.", n < 7 ? n : 7) != 0 || (n > 9 && (p[8] != ' ' || p[9] != '1')) ||
            (n > 11 && p[10] == '0' && p[11] == '1'))
            break;
        if (n < 12 && !io->eof)
            return HTTP1_REPLY_MORE;
        size_t head = http1_head_length(&s->scan, p, n);
        if (head > HTTP1_REPLY_HEAD_MAX || (head == 0 && n > HTTP1_REPLY_HEAD_MAX)) {
            http1_raise(s, s->current, HTTP1_RESPONSE_FIELD_TOO_LONG);
            return HTTP1_REPLY_BROKEN;
        }
        if (head == 0)
            return io->eof ? HTTP1_REPLY_ORDINARY : HTTP1_REPLY_MORE;
        s->scan = (struct http1_scan){0, 0};
        io->consumed += head;
    }
    s->scan = (struct http1_scan){0, 0};
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
