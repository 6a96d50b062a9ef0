/* RFC 1928: greeting, method, request, reply. What stands between method and request is in auth5.c. */
#include "proto/socks/negotiation.h"

enum socks_next socks5_greeting(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    /* RFC 1928 section 3: VER, NMETHODS, METHODS */
    reader_skip(r, 1);
    uint8_t count = reader_u8(r);
    const uint8_t *methods = reader_take(r, count);
    if (r->bad)
        return STEP_MORE;
    struct socks_tx *tx = socks_begin(s, io, SOCKS_VERSION_5);
    if (!tx) {
        s->step = SOCKS_CLOSED;
        return STEP_BROKEN;
    }
    for (unsigned i = 0; i < count; i++)
        tx->methods[methods[i] / 8] |= (uint8_t)(1u << methods[i] % 8);
    s->step = SOCKS5_METHOD;
    return STEP_NEXT;
}

static bool was_offered(const struct socks_tx *tx, uint8_t method)
{
    return tx->methods[method / 8] >> method % 8 & 1;
}

enum socks_next socks5_method(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    /* RFC 1928 section 3: VER, METHOD */
    uint8_t version = reader_u8(r);
    uint8_t method = reader_u8(r);
    if (r->bad)
        return STEP_MORE;
    if (version != SOCKS_VERSION_5) {
        socks_event(io, SOCKS_INVALID_REPLY_VERSION);
        return socks_incomplete(s, io, "invalid reply", STEP_BROKEN);
    }
    tx->method_chosen = true;
    tx->method = method;
    if (method == SOCKS_METHOD_UNACCEPTABLE) {
        if (reader_left(r) > 0)
            socks_event(io, SOCKS_TRAILING_BYTES);
        return socks_refused(s, io, "no acceptable methods");
    }
    if (!was_offered(tx, method))
        socks_event(io, SOCKS_INVALID_METHOD);
    switch (method) {
    case SOCKS_METHOD_NONE:
        s->step = SOCKS5_REQUEST;
        return STEP_NEXT;
    case SOCKS_METHOD_USER:
        s->step = SOCKS5_AUTH;
        return STEP_NEXT;
    case SOCKS_METHOD_GSSAPI:
        s->step = SOCKS5_GSSAPI;
        return STEP_NEXT;
    default:
        return socks_incomplete(s, io, "unknown authentication method", STEP_DONE);
    }
}

/* RFC 1928 section 5: ATYP, address, port; kept, the name too */
static enum socks_take take_endpoint(struct reader *r, struct socks_endpoint *e)
{
    struct socks_address a;
    enum socks_take result = socks_address_take(r, &a);
    if (result != SOCKS_TAKE_WHOLE)
        return result;
    e->atyp = a.atyp;
    e->port = a.port;
    e->addr = a.addr;
    e->host_len = a.host_len;
    if (a.host_len > 0)
        memcpy(e->host, a.host, a.host_len);
    return result;
}

enum socks_next socks5_request(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    /* RFC 1928 section 4: VER, CMD, RSV, then the target */
    uint8_t version = reader_u8(r);
    uint8_t command = reader_u8(r);
    uint8_t reserved = reader_u8(r);
    if (version != SOCKS_VERSION_5) {
        socks_event(io, SOCKS_INVALID_VERSION);
        return socks_incomplete(s, io, "invalid request", STEP_BROKEN);
    }
    enum socks_take result = take_endpoint(r, &tx->target);
    if (result == SOCKS_TAKE_MORE)
        return STEP_MORE;
    tx->command = command;
    if (result == SOCKS_TAKE_INVALID) {
        socks_event(io, SOCKS_INVALID_ADDRESS_TYPE);
        return socks_incomplete(s, io, "invalid request", STEP_BROKEN);
    }
    if (command < SOCKS_CONNECT || command > SOCKS_UDP_ASSOCIATE)
        socks_event(io, SOCKS_INVALID_COMMAND);
    if (reserved != 0)
        socks_event(io, SOCKS_INVALID_RESERVED);
    if (tx->target.atyp == SOCKS_ATYP_DOMAIN && tx->target.host_len == 0)
        socks_event(io, SOCKS_EMPTY_HOST);
    socks_requested(s, io, SOCKS5_REPLY);
    return STEP_NEXT;
}

/* RFC 1928 section 6: VER, REP, RSV, then an address. What *code holds is the reply's, as soon as it was heard: of a
 * truncated reply it is what finish goes by. STEP_NEXT: whole. */
static enum socks_next take_reply(struct socks_state *s, struct proto_io *io, struct reader *r,
                                  struct socks_endpoint *e, bool *told)
{
    struct socks_tx *tx = s->tx;
    uint8_t version = reader_u8(r);
    uint8_t code = reader_u8(r);
    if (version != SOCKS_VERSION_5) {
        socks_event(io, SOCKS_INVALID_REPLY_VERSION);
        return socks_incomplete(s, io, "invalid reply", STEP_BROKEN);
    }
    if (!r->bad) {
        tx->reply_code = code;
        *told = true;
    }
    uint8_t reserved = reader_u8(r);
    enum socks_take result = take_endpoint(r, e);
    if (result == SOCKS_TAKE_MORE)
        return STEP_MORE;
    if (reserved != 0)
        socks_event(io, SOCKS_INVALID_RESERVED);
    if (result == SOCKS_TAKE_INVALID) {
        socks_event(io, SOCKS_INVALID_ADDRESS_TYPE);
        if (code == 0)
            return socks_incomplete(s, io, "invalid reply", STEP_BROKEN);
    } else if (code != 0 && reader_left(r) > 0) {
        socks_event(io, SOCKS_TRAILING_BYTES);
    }
    return STEP_NEXT;
}

enum socks_next socks5_reply(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    bool told;
    /* The last GSSAPI message may be heard after the request that answers it. */
    if (tx->method == SOCKS_METHOD_GSSAPI && (s->skip[SOCKS_SERVER] > 0 || *r->p == 1))
        return socks5_gssapi(s, io, r);
    enum socks_next next = take_reply(s, io, r, &tx->bound, &told);
    return next == STEP_NEXT ? socks_replied(s, io, tx->reply_code == 0, SOCKS5_PEER) : next;
}

enum socks_next socks5_peer(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    enum socks_next next = take_reply(s, io, r, &tx->peer, &tx->peer_told);
    return next == STEP_NEXT ? socks_peer_came(s, io, tx->reply_code == 0) : next;
}
