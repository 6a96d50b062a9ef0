/* CONNECT (RFC 9113 8.5), with :protocol (RFC 8441): what is asked for, what is answered, and what is told of it. */
#include "proto/http2/http2_state.h"

#define TYPE_CONNECT   "h2-connect" /* both the tunnel's type and its section under decap.payload */
#define TYPE_UDP       "connect-udp"
#define TYPE_WEBSOCKET "websocket"

bool http2_is_connect(const struct buf *fields)
{
    struct http2_field f;
    return http2_fields_find(fields, ":method", &f) && http2_field_is(&f, "CONNECT");
}

static enum http2_wish wish_of(const struct buf *fields)
{
    struct http2_field f;
    if (!http2_fields_find(fields, ":protocol", &f))
        return HTTP2_WISH_TCP;
    if (http2_field_is(&f, "connect-udp"))
        return HTTP2_WISH_UDP;
    if (http2_field_is(&f, "websocket"))
        return HTTP2_WISH_WEBSOCKET;
    return HTTP2_WISH_OTHER;
}

/* False: it can't be read. What can be shown of it is in the target then. */
static bool target_of(const struct buf *fields, enum http2_wish wish, struct http2_target *out)
{
    struct http2_field f;
    *out = (struct http2_target){.port = 0};
    if (!http2_fields_find(fields, wish == HTTP2_WISH_UDP ? ":path" : ":authority", &f))
        return false;
    bool good = wish == HTTP2_WISH_UDP ? http2_target_masque(f.value, f.value_len, out)
                                       : http2_target_authority(f.value, f.value_len, out);
    if (good)
        return true;
    *out = (struct http2_target){.host = (const char *)f.value, .host_len = f.value_len};
    if (out->host_len > HTTP2_HOST_MAX)
        out->host_len = HTTP2_HOST_MAX;
    return false;
}

struct offer {
    enum http2_wish wish;
    enum tunnel_status status;
    const char *reason;
    int reply_code;
    uint32_t channel;
    uint64_t start_ns;
};

static size_t user_of(const struct buf *fields, char out[HTTP2_USER_MAX])
{
    struct http2_field f;
    return http2_fields_find(fields, "proxy-authorization", &f) ? http2_basic_user(f.value, f.value_len, out) : 0;
}

/* Of the carrier's server, which stands in where no target is named. */
static uint16_t carrier_port(const struct http2_state *s)
{
    const struct flow_key *key = &s->io->flow->key;
    return s->reversed ? key->sport : key->dport;
}

/* Tell the engine. Returns whether it was told of an open tunnel. */
static bool tell(struct http2_state *s, const struct buf *fields, struct offer of)
{
    static const char *const types[] = {[HTTP2_WISH_TCP] = TYPE_CONNECT,
                                        [HTTP2_WISH_UDP] = TYPE_UDP,
                                        [HTTP2_WISH_WEBSOCKET] = TYPE_WEBSOCKET,
                                        [HTTP2_WISH_OTHER] = TYPE_CONNECT};
    char user[HTTP2_USER_MAX];
    struct http2_target target = {.port = 0};
    bool names_target = of.wish == HTTP2_WISH_TCP || of.wish == HTTP2_WISH_UDP;
    if (names_target && !target_of(fields, of.wish, &target)) {
        http2_raise(s, HTTP2_CONNECT_TARGET_INVALID);
        if (of.status == TUNNEL_ESTABLISHED) {
            of.status = TUNNEL_INCOMPLETE;
            of.reason = "bad target";
        }
    }
    size_t user_len = user_of(fields, user);
    struct tunnel_offer o = {
        .type = types[of.wish],
        .payload = types[of.wish],
        .status = of.status,
        .reason = of.reason,
        .reverse = s->reversed,
        .swap = s->reversed,
        .by_carrier = !names_target,
        .proto = of.wish == HTTP2_WISH_UDP ? 17 : 6,
        .channel = of.status == TUNNEL_ESTABLISHED ? of.channel : 0,
        .addr = target.addr,
        .port = names_target ? target.port : carrier_port(s),
        .host = target.host,
        .host_len = target.host_len,
        .user = user_len ? user : NULL,
        .user_len = user_len,
        .reply_code = of.reply_code,
        .start_ns = of.start_ns,
    };
    s->io->engine->tunnel(s->io, &o);
    return of.status == TUNNEL_ESTABLISHED;
}

static struct offer offer_of(const struct http2_stream *st, enum tunnel_status status, const char *reason)
{
    return (struct offer){.wish = (enum http2_wish)st->wish,
                          .status = status,
                          .reason = reason,
                          .reply_code = st->status ? st->status : -1,
                          .channel = st->channel,
                          .start_ns = st->start_ns};
}

/* The request's fields: kept as long as the transaction is unfinished. */
static const struct buf *request_of(const struct http2_stream *st)
{
    return &st->tx->half[TO_SERVER].fields;
}

void http2_connect_asked(struct http2_state *s, struct http2_stream *st)
{
    (void)s;
    st->kind = HTTP2_ASKED;
    st->wish = (uint8_t)wish_of(request_of(st));
}

static void open_tunnel(struct http2_state *s, struct http2_stream *st)
{
    bool framed = st->wish != HTTP2_WISH_TCP;
    st->channel = ++s->channels;
    if (framed && !http2_carry_framed(s, st)) {
        tell(s, request_of(st), offer_of(st, TUNNEL_INCOMPLETE, "memory"));
        st->kind = HTTP2_OVER;
        return;
    }
    st->kind = HTTP2_TUNNEL;
    /* Of WebSocket nothing is told before it is known that a tunnel is in it. */
    if (st->wish == HTTP2_WISH_WEBSOCKET)
        st->kind = HTTP2_WATCHED;
    else if (!tell(s, request_of(st), offer_of(st, TUNNEL_ESTABLISHED, NULL)))
        st->kind = HTTP2_OVER;
}

void http2_connect_answered(struct http2_state *s, struct http2_stream *st)
{
    bool yes = st->status >= 200 && st->status <= 299;
    if (!st->tx)
        return;
    if (yes && st->wish == HTTP2_WISH_OTHER) {
        tell(s, request_of(st), offer_of(st, TUNNEL_INCOMPLETE, "protocol not followed"));
        st->kind = HTTP2_OVER;
    } else if (yes) {
        open_tunnel(s, st);
    } else {
        if (st->wish != HTTP2_WISH_WEBSOCKET)
            tell(s, request_of(st), offer_of(st, TUNNEL_REFUSED, NULL));
        st->kind = HTTP2_OVER;
    }
    if (yes && st->kind != HTTP2_WATCHED)
        http2_tx_complete(s, st);
    if (st->kind == HTTP2_OVER)
        http2_carry_drop(s, st);
    else
        http2_carry_held(s, st);
}

void http2_connect_lost(struct http2_state *s, struct http2_stream *st, enum tunnel_status status, const char *reason)
{
    if (st->tx && st->wish != HTTP2_WISH_WEBSOCKET)
        tell(s, request_of(st), offer_of(st, status, reason));
    st->kind = HTTP2_OVER;
}

void http2_connect_unfollowed(struct http2_state *s, const struct buf *fields)
{
    if (!http2_is_connect(fields))
        return;
    struct offer of = {.wish = wish_of(fields),
                       .status = TUNNEL_INCOMPLETE,
                       .reason = "too many streams",
                       .reply_code = -1,
                       .start_ns = s->io->time_ns};
    if (of.wish != HTTP2_WISH_WEBSOCKET)
        tell(s, fields, of);
}

void http2_connect_recognised(struct http2_state *s, struct http2_stream *st)
{
    tell(s, request_of(st), offer_of(st, TUNNEL_ESTABLISHED, NULL));
    st->kind = HTTP2_TUNNEL;
    http2_tx_complete(s, st);
}
