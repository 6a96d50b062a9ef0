/* The SOCKS4 memo (Ying-Da Lee) and its extension 4a: one request, one reply. */
#include "proto/socks/negotiation.h"

/* VN, CD, DSTPORT, DSTIP: what stands before the user id. */
#define REQUEST_HEAD 8
#define REPLY_LEN    8

/* DSTIP 0.0.0.x with x not zero: a name follows the user id (SOCKS4a). */
static bool asks_by_name(const uint8_t ip[4])
{
    return ip[0] == 0 && ip[1] == 0 && ip[2] == 0 && ip[3] != 0;
}

enum socks_next socks4_request(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    const uint8_t *head = reader_take(r, REQUEST_HEAD);
    if (!head)
        return STEP_MORE;
    struct socks_tx *tx = socks_begin(s, io, SOCKS_VERSION_4);
    if (!tx) {
        s->step = SOCKS_CLOSED;
        return STEP_BROKEN;
    }
    tx->command = head[1];
    if (tx->command != SOCKS_CONNECT && tx->command != SOCKS_BIND)
        socks_event(io, SOCKS_INVALID_COMMAND);
    tx->target.port = load_be16(head + 2);
    if (asks_by_name(head + 4)) {
        tx->target.atyp = SOCKS_ATYP_DOMAIN;
    } else {
        tx->target.atyp = SOCKS_ATYP_IPV4;
        tx->target.addr = addr_v4(head + 4);
    }
    s->text_len = 0;
    s->step = SOCKS4_USER;
    return STEP_NEXT;
}

enum text_result { TEXT_MORE, TEXT_END, TEXT_ENDLESS };

/* Take what is there of a zero-terminated string; the first SOCKS_TEXT_MAX bytes of it are kept, and too_long is said
 * once when there are more. */
static enum text_result take_text(struct socks_state *s, struct proto_io *io, struct reader *r, char *out,
                                  uint8_t *out_len, enum socks_event too_long)
{
    const uint8_t *zero = memchr(r->p, 0, reader_left(r));
    size_t n = zero ? (size_t)(zero - r->p) : reader_left(r);
    const uint8_t *p = reader_take(r, n);
    size_t room = (size_t)(SOCKS_TEXT_MAX - *out_len);
    size_t keep = n < room ? n : room;
    memcpy(out + *out_len, p, keep);
    *out_len = (uint8_t)(*out_len + keep);
    if (n > keep && s->text_len <= SOCKS_TEXT_MAX)
        socks_event(io, too_long);
    if (n > (size_t)(SOCKS4_TEXT_LIMIT - s->text_len))
        return TEXT_ENDLESS;
    s->text_len = (uint16_t)(s->text_len + n);
    if (!zero)
        return TEXT_MORE;
    reader_skip(r, 1);
    return TEXT_END;
}

enum socks_next socks4_user(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    enum text_result result = take_text(s, io, r, tx->user, &tx->user_len, SOCKS_USER_TOO_LONG);
    if (result == TEXT_ENDLESS)
        return socks_incomplete(s, io, "invalid request", STEP_BROKEN);
    if (result == TEXT_MORE)
        return STEP_NEXT;
    tx->has_user = tx->user_len > 0;
    if (tx->target.atyp == SOCKS_ATYP_DOMAIN) {
        s->text_len = 0;
        s->step = SOCKS4_HOST;
    } else {
        socks_requested(s, io, SOCKS4_REPLY);
    }
    return STEP_NEXT;
}

enum socks_next socks4_host(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_endpoint *target = &s->tx->target;
    enum text_result result = take_text(s, io, r, target->host, &target->host_len, SOCKS_HOST_TOO_LONG);
    if (result == TEXT_ENDLESS)
        return socks_incomplete(s, io, "invalid request", STEP_BROKEN);
    if (result == TEXT_MORE)
        return STEP_NEXT;
    if (target->host_len == 0)
        socks_event(io, SOCKS_EMPTY_HOST);
    socks_requested(s, io, SOCKS4_REPLY);
    return STEP_NEXT;
}

/* VN is 0 in a reply, "the version of the reply code"; some servers repeat the 4 and are understood all the same. The
 * code is kept as soon as it was heard: of a truncated reply it is what finish goes by. STEP_NEXT: whole. */
static enum socks_next take_reply(struct socks_state *s, struct proto_io *io, struct reader *r,
                                  struct socks_endpoint *e, bool *told)
{
    struct socks_tx *tx = s->tx;
    struct reader peek = *r;
    uint8_t version = reader_u8(&peek);
    uint8_t code = reader_u8(&peek);
    if (!peek.bad) {
        tx->reply_code = code;
        *told = true;
    }
    const uint8_t *reply = reader_take(r, REPLY_LEN);
    if (!reply)
        return STEP_MORE;
    e->atyp = SOCKS_ATYP_IPV4;
    e->port = load_be16(reply + 2);
    e->addr = addr_v4(reply + 4);
    if (version != 0)
        socks_event(io, SOCKS_INVALID_REPLY_VERSION);
    if (code < SOCKS4_GRANTED || code > SOCKS4_IDENTD_MISMATCH) {
        socks_event(io, SOCKS_INVALID_REPLY_CODE);
        if (version != 0 && version != SOCKS_VERSION_4)
            return socks_incomplete(s, io, "invalid reply", STEP_BROKEN);
    }
    if (code != SOCKS4_GRANTED && reader_left(r) > 0)
        socks_event(io, SOCKS_TRAILING_BYTES);
    return STEP_NEXT;
}

enum socks_next socks4_reply(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    bool told;
    enum socks_next next = take_reply(s, io, r, &tx->bound, &told);
    return next == STEP_NEXT ? socks_replied(s, io, tx->reply_code == SOCKS4_GRANTED, SOCKS4_PEER) : next;
}

enum socks_next socks4_peer(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    enum socks_next next = take_reply(s, io, r, &tx->peer, &tx->peer_told);
    return next == STEP_NEXT ? socks_peer_came(s, io, tx->reply_code == SOCKS4_GRANTED) : next;
}
