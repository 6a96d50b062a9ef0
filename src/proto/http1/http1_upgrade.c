/* 101: what the connection becomes (RFC 9110 7.8), and UDP in capsules (RFC 9298). */
#include "proto/capsule.h"
#include "proto/http1/http1_proxy.h"

#include <stdlib.h>

#define TYPE "connect-udp" /* both the tunnel's type and its section under decap.payload */

/* What the next protocol gets of a request, bytes; of a longer one nothing. */
#define INHERITED_MAX 65536u

struct http1_udp {
    uint32_t channel;
    struct capsule_reader side[2]; /* by enum flow_dir */
};

/* Names of Upgrade, and the protocol that goes on. */
static const struct {
    const char *token;
    const char *proto; /* NULL: it stays with us */
} upgrades[] = {{"websocket", "websocket"}, {"h2c", "http2"}, {"connect-udp", NULL}};

bool http1_upgrade_asked(struct http1_span value)
{
    for (size_t i = 0; i < sizeof upgrades / sizeof upgrades[0]; i++)
        if (http1_value_has(value, upgrades[i].token))
            return true;
    return false;
}

static struct http1_span field_of(const htp_table_t *fields, const char *name)
{
    const htp_header_t *h = fields ? htp_table_get_c(fields, name) : NULL;
    return h && h->value ? (struct http1_span){bstr_ptr(h->value), bstr_len(h->value)} : (struct http1_span){NULL, 0};
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.1. 0: malformed, or longer than room. */
static size_t percent_decode(struct http1_span in, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        int c = in.p[i];
        if (c == '%') {
            int high = i + 2 < in.n ? hex(in.p[i + 1]) : -1;
            int low = high >= 0 ? hex(in.p[i + 2]) : -1;
            if (low < 0)
                return 0;
            c = high << 4 | low;
            i += 2;
        }
        if (n == room)
            return 0;
        out[n++] = (uint8_t)c;
    }
    return n;
}

static struct http1_span up_to(struct http1_span s, const char *ends)
{
    size_t n = 0;
    while (n < s.n && strchr(ends, s.p[n]) == NULL)
        n++;
    return (struct http1_span){s.p, n};
}

static struct http1_span after(struct http1_span s, size_t n)
{
    n = n < s.n ? n : s.n;
    return (struct http1_span){s.p + n, s.n - n};
}

/* The value of a parameter of the query. */
static bool query_value(struct http1_span uri, const char *name, struct http1_span *out)
{
    struct http1_span rest = after(uri, up_to(uri, "?").n + 1);
    size_t n = strlen(name);
    while (rest.n) {
        struct http1_span one = up_to(rest, "&#");
        if (one.n > n && memcmp(one.p, name, n) == 0 && one.p[n] == '=') {
            *out = after(one, n + 1);
            return true;
        }
        rest = after(rest, one.n + 1);
    }
    return false;
}

/* RFC 9298 2: the default template, /.well-known/masque/udp/{target_host}/{target_port}/, or the variables in the
 * query. `text` keeps the host. */
static bool udp_target(struct http1_span uri, uint8_t text[HTTP1_HOST_MAX], struct http1_target *out)
{
    static const char path[] = "/.well-known/masque/udp/";
    struct http1_span host, port;
    const uint8_t *at = uri.n ? memmem(uri.p, up_to(uri, "?").n, path, sizeof path - 1) : NULL;
    if (at) {
        struct http1_span rest = after(uri, (size_t)(at - uri.p) + sizeof path - 1);
        host = up_to(rest, "/?#");
        port = up_to(after(rest, host.n + 1), "/?#");
    } else if (!query_value(uri, "target_host", &host) || !query_value(uri, "target_port", &port)) {
        return false;
    }
    *out = (struct http1_target){.port = http1_port(port.p, port.n)};
    size_t n = percent_decode(host, text, HTTP1_HOST_MAX);
    if (n && addr_parse((const char *)text, n, &out->addr)) /* IPv6 stands without brackets (2) */
        return out->port != 0;
    out->addr = (struct addr){.family = ADDR_NONE};
    return n && out->port && http1_host_parse(text, n, out);
}

/* Tell of the tunnel that a request asked for; code -1: no answer came. Returns its status. */
static enum tunnel_status udp_offer(struct http1_state *s, struct proto_io *io, const struct http1_tx *tx,
                                    enum tunnel_status status, const char *reason, int code)
{
    uint8_t text[HTTP1_HOST_MAX];
    char user[HTTP1_USER_MAX];
    struct http1_target target = {.port = 0};
    const htp_tx_t *htp = tx->htp;
    struct http1_span auth = field_of(htp->request_headers, "proxy-authorization");
    bool good = htp->request_uri &&
                udp_target((struct http1_span){bstr_ptr(htp->request_uri), bstr_len(htp->request_uri)}, text, &target);
    if (!good)
        http1_raise(s, NULL, HTTP1_CONNECT_TARGET_INVALID);
    if (status == TUNNEL_ESTABLISHED && good && !(s->udp = calloc(1, sizeof *s->udp)))
        reason = "memcap";
    if (status == TUNNEL_ESTABLISHED && !s->udp) {
        status = TUNNEL_INCOMPLETE;
        reason = good ? reason : "bad target";
    }
    struct tunnel_offer o = {.type = TYPE,
                             .payload = TYPE,
                             .status = status,
                             .reason = reason,
                             .reverse = s->reversed,
                             .swap = s->reversed,
                             .proto = 17,
                             .channel = s->udp ? ++s->channels : 0,
                             .addr = target.addr,
                             .port = target.port,
                             .host = target.host,
                             .host_len = target.host_len,
                             .user = user,
                             .reply_code = code,
                             .start_ns = tx->base.time_ns};
    if (auth.n)
        o.user_len = http1_auth_user(auth.p, auth.n, user);
    if (!o.user_len)
        o.user = NULL;
    if (code >= 0 && htp->response_message && bstr_len(htp->response_message)) {
        o.reply = (const char *)bstr_ptr(htp->response_message);
        o.reply_len = bstr_len(htp->response_message);
    }
    if (s->udp) {
        s->udp->channel = o.channel;
        capsule_init(&s->udp->side[0]);
        capsule_init(&s->udp->side[1]);
    }
    io->engine->tunnel(io, &o);
    return status;
}

static bool asks_for_udp(const struct http1_tx *tx)
{
    return tx->halted && http1_value_has(field_of(tx->htp->request_headers, "upgrade"), "connect-udp");
}

void http1_upgrade_refused(struct http1_state *s, struct proto_io *io, const struct http1_tx *tx, int code)
{
    if (asks_for_udp(tx))
        udp_offer(s, io, tx, TUNNEL_REFUSED, NULL, code);
}

void http1_upgrade_lost(struct http1_state *s, struct proto_io *io, const char *reason)
{
    for (const struct proto_tx *t = s->txs.first; t; t = t->next) {
        const struct http1_tx *tx = (const struct http1_tx *)t;
        if (!t->complete && asks_for_udp(tx) && tx->htp->response_progress == HTP_RESPONSE_NOT_STARTED)
            udp_offer(s, io, tx, TUNNEL_INCOMPLETE, reason, -1);
    }
}

static bool put(struct buf *b, struct http1_span name, struct http1_span value)
{
    uint8_t head[8];
    for (int i = 0; i < 4; i++) {
        head[i] = (uint8_t)(name.n >> (24 - 8 * i));
        head[4 + i] = (uint8_t)(value.n >> (24 - 8 * i));
    }
    return buf_add(b, head, sizeof head) && buf_add(b, name.p, name.n) && buf_add(b, value.p, value.n);
}

static struct http1_span span_of(const bstr *b)
{
    return b ? (struct http1_span){bstr_ptr(b), bstr_len(b)} : (struct http1_span){(const uint8_t *)"", 0};
}

/* The request, for HTTP/2: it is stream 1's there (RFC 7540 3.2). */
static bool put_request(struct buf *b, const htp_tx_t *tx)
{
    size_t n = tx->request_headers ? htp_table_size(tx->request_headers) : 0;
    bool ok = put(b, (struct http1_span){(const uint8_t *)":method", 7}, span_of(tx->request_method)) &&
              put(b, (struct http1_span){(const uint8_t *)":path", 5}, span_of(tx->request_uri));
    for (size_t i = 0; ok && i < n; i++) {
        const htp_header_t *h = htp_table_get_index(tx->request_headers, i, NULL);
        ok = !h || put(b, span_of(h->name), span_of(h->value));
    }
    return ok;
}

static enum proto_status changed(struct proto_io *io, const struct http1_tx *tx, const char *proto)
{
    struct buf fields;
    buf_init(&fields, INHERITED_MAX);
    bool whole = put_request(&fields, tx->htp);
    bool known = io->engine->change(io, proto, whole ? &fields : NULL);
    buf_fini(&fields);
    return known ? PROTO_CHANGE : PROTO_DONE;
}

enum proto_status http1_upgraded(struct http1_state *s, struct proto_io *io, struct http1_tx *tx)
{
    struct http1_span value = field_of(tx->htp->response_headers, "upgrade");
    if (!value.n)
        value = field_of(tx->htp->request_headers, "upgrade");
    if (s->proxy && s->proxy->gap) { /* of the client's first bytes in the new protocol */
        http1_raise(s, NULL, HTTP1_PROXY_FRAMING_LOST);
        if (asks_for_udp(tx))
            udp_offer(s, io, tx, TUNNEL_INCOMPLETE, "gap", 101);
        return PROTO_BROKEN;
    }
    for (size_t i = 0; i < sizeof upgrades / sizeof upgrades[0]; i++) {
        if (!http1_value_has(value, upgrades[i].token))
            continue;
        if (!upgrades[i].proto)
            return udp_offer(s, io, tx, TUNNEL_ESTABLISHED, NULL, 101) == TUNNEL_ESTABLISHED ? http1_udp_parse(s, io)
                                                                                             : PROTO_DONE;
        return changed(io, tx, upgrades[i].proto);
    }
    return PROTO_DONE;
}

enum proto_status http1_udp_parse(struct http1_state *s, struct proto_io *io)
{
    struct http1_udp *u = s->udp;
    struct reader in = reader_of(io->len ? io->data + io->consumed : NULL, io->len - io->consumed);
    struct reader udp;
    while (capsule_next(&u->side[io->dir], &in, &udp))
        io->engine->carry(io, u->channel, io->dir, udp.p, reader_left(&udp), false);
    io->consumed = io->len;
    if (u->side[io->dir].bad)
        http1_raise(s, NULL, HTTP1_CAPSULE_INVALID);
    return PROTO_OK;
}

enum proto_status http1_udp_gap(struct http1_state *s, struct proto_io *io, uint64_t n)
{
    if (capsule_gap(&s->udp->side[io->dir], n))
        return PROTO_OK;
    http1_raise(s, NULL, HTTP1_CAPSULE_INVALID);
    io->engine->close(io, s->udp->channel);
    return PROTO_BROKEN;
}

void http1_udp_destroy(struct http1_udp *u)
{
    if (!u)
        return;
    capsule_fini(&u->side[0]);
    capsule_fini(&u->side[1]);
    free(u);
}
