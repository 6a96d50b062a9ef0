/* SOCKS5 authentication: user name and password (RFC 1929), GSSAPI (RFC 1961). */
#include "proto/socks/negotiation.h"

/* RFC 1929 section 2: the sub-negotiation has a version of its own */
#define USER_VERSION 1

/* RFC 1961 section 3: "ver" and "mtyp" of a message */
#define GSSAPI_VERSION 1
enum gssapi_type { GSSAPI_AUTHENTICATION = 1, GSSAPI_PROTECTION = 2, GSSAPI_ENCAPSULATED = 3, GSSAPI_ABORT = 0xff };

enum socks_next socks5_auth(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    struct socks_tx *tx = s->tx;
    /* RFC 1929 section 2: VER, ULEN, UNAME, PLEN, PASSWD */
    if (reader_u8(r) != USER_VERSION) {
        socks_event(io, SOCKS_INVALID_AUTH_VERSION);
        return socks_incomplete(s, io, "invalid request", STEP_BROKEN);
    }
    uint8_t user_len = reader_u8(r);
    const uint8_t *user = reader_take(r, user_len);
    uint8_t password_len = reader_u8(r);
    const uint8_t *password = reader_take(r, password_len);
    if (r->bad)
        return STEP_MORE;
    memcpy(tx->user, user, user_len);
    tx->user_len = user_len;
    tx->has_user = true;
    if (s->log_passwords) {
        memcpy(tx->password, password, password_len);
        tx->password_len = password_len;
        tx->has_password = true;
    }
    s->step = SOCKS5_AUTH_STATUS;
    return STEP_NEXT;
}

enum socks_next socks5_auth_status(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    /* RFC 1929 section 2: VER, STATUS. Some servers say 5 here; clients look at the status only. */
    uint8_t version = reader_u8(r);
    uint8_t status = reader_u8(r);
    if (r->bad)
        return STEP_MORE;
    if (version != USER_VERSION)
        socks_event(io, SOCKS_INVALID_REPLY_VERSION);
    if (status != 0) {
        s->tx->auth = SOCKS_AUTH_FAILURE;
        if (reader_left(r) > 0)
            socks_event(io, SOCKS_TRAILING_BYTES);
        return socks_refused(s, io, "authentication failed");
    }
    s->tx->auth = SOCKS_AUTH_SUCCESS;
    s->step = SOCKS5_REQUEST;
    return STEP_NEXT;
}

/* Take what is there of a token: nothing in it is read. */
static enum socks_next skip_token(struct socks_state *s, enum socks_side side, struct reader *r)
{
    size_t n = reader_left(r) < s->skip[side] ? reader_left(r) : s->skip[side];
    reader_skip(r, n);
    s->skip[side] -= (uint32_t)n;
    return STEP_NEXT;
}

/* Tokens go to and fro, as many as the mechanism needs. Without protection the request follows in clear: then the
 * client says 5. The server's tokens and the client's are taken as they come, since neither is read. */
enum socks_next socks5_gssapi(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    enum socks_side side = socks_side_of(s, io->dir);
    if (s->skip[side] > 0)
        return skip_token(s, side, r);
    uint8_t version = *r->p;
    if (version == SOCKS_VERSION_5) {
        if (side == SOCKS_SERVER)
            return STEP_WAIT; /* the reply, and the request was not heard yet */
        s->tx->auth = SOCKS_AUTH_SUCCESS;
        s->step = SOCKS5_REQUEST;
        return STEP_NEXT;
    }
    if (version != GSSAPI_VERSION) {
        socks_event(io, SOCKS_INVALID_AUTH_VERSION);
        return socks_incomplete(s, io, "invalid authentication message", STEP_BROKEN);
    }
    /* RFC 1961 sections 3.4 and 4: ver, mtyp, len, token; an abort ends after mtyp */
    reader_skip(r, 1);
    uint8_t type = reader_u8(r);
    if (r->bad)
        return STEP_MORE;
    if (type == GSSAPI_ABORT) {
        s->tx->auth = SOCKS_AUTH_FAILURE;
        return socks_refused(s, io, "authentication failed");
    }
    if (type == GSSAPI_ENCAPSULATED) {
        s->tx->auth = SOCKS_AUTH_SUCCESS;
        return socks_incomplete(s, io, "encapsulated by GSSAPI", STEP_DONE);
    }
    if (type != GSSAPI_AUTHENTICATION && type != GSSAPI_PROTECTION) {
        socks_event(io, SOCKS_INVALID_AUTH_MESSAGE);
        return socks_incomplete(s, io, "invalid authentication message", STEP_BROKEN);
    }
    uint16_t len = reader_be16(r);
    if (r->bad)
        return STEP_MORE;
    s->skip[side] = len;
    return STEP_NEXT;
}
