/* Handshake messages, which may be cut over records and share them (RFC 8446 section 5.1). */
#include "proto/tls/tls_session.h"

#define MESSAGE_HEADER 4

/* Most that is allocated on the word of a message's header alone; beyond it the buffer grows with what comes. */
#define RESERVE_MAX 8192

/* Every message type that TLS, an extension or a draft of it has, a bit each (IANA: TLS HandshakeType; 67 is NPN's). */
static bool known_message(uint8_t type)
{
    const uint64_t known = UINT64_C(0x3f7ff7f); /* 0 to 6, 8 to 18, 20 to 25 */
    return type < 32 ? known >> type & 1 : type == 67 || type == 254;
}

static bool needed_message(uint8_t type)
{
    return type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO || type == TLS_CERTIFICATE;
}

static uint8_t seen_bit(uint8_t type)
{
    return type == TLS_CLIENT_HELLO          ? TLS_SEEN_CLIENT_HELLO
           : type == TLS_SERVER_HELLO        ? TLS_SEEN_SERVER_HELLO
           : type == TLS_CLIENT_KEY_EXCHANGE ? TLS_SEEN_CLIENT_KEYX
           : type == TLS_SERVER_KEY_EXCHANGE ? TLS_SEEN_SERVER_KEYX
                                             : 0;
}

/* owner: the buffer of ours that the message lies in, or NULL. */
static void whole_message(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n, struct buf *owner)
{
    switch (p[0]) {
    case TLS_CLIENT_HELLO:
        tls_client_hello(s, io, p + MESSAGE_HEADER, n - MESSAGE_HEADER);
        break;
    case TLS_SERVER_HELLO:
        tls_server_hello(s, io, p + MESSAGE_HEADER, n - MESSAGE_HEADER);
        break;
    case TLS_CERTIFICATE:
        tls_certificates(s, io, p + MESSAGE_HEADER, n - MESSAGE_HEADER, owner);
        break;
    default:
        break;
    }
}

/* A message's header is there. Returns the length of the message with it; 0 when nobody needs it: then it's stepped
 * over. */
static size_t begin_message(struct tls_session *s, struct proto_io *io, struct tls_half *h, const uint8_t *header)
{
    uint32_t len = load_be24(header + 1);
    bool known = known_message(header[0]);
    s->tx->messages |= seen_bit(header[0]);
    if (!known)
        tls_raise(s, io, TLS_EV_INVALID_SSL_RECORD);
    if (len > TLS_MESSAGE_MAX) {
        tls_raise(s, io, TLS_EV_HANDSHAKE_INVALID_LENGTH);
        if (!known) /* not a message at all: where another begins can't be told */
            h->lost = true;
    }
    if (needed_message(header[0]) && len <= TLS_MESSAGE_MAX)
        return MESSAGE_HEADER + (size_t)len;
    if (io->dir != s->client) {
        if (header[0] == TLS_SERVER_HELLO_DONE)
            s->hello_done = true;
        else if (header[0] == TLS_HELLO_RETRY_REQUEST && !s->tx->server_hello.bytes)
            s->retry = true;
    }
    h->message_skip = len;
    return 0;
}

/* Keep the beginning of a message. Returns how many of the n bytes were taken. */
static size_t keep_part(struct tls_session *s, struct proto_io *io, struct tls_half *h, const uint8_t *p, size_t n)
{
    struct buf *b = &h->message;
    size_t want = MESSAGE_HEADER;
    if (b->len >= MESSAGE_HEADER)
        want += load_be24(b->data + 1);
    size_t take = n < want - b->len ? n : want - b->len;
    size_t room = want - b->len < RESERVE_MAX ? want - b->len : take;
    if (!buf_reserve(b, room) || !buf_add(b, p, take)) {
        h->lost = true; /* memory is short */
        return n;
    }
    if (b->len < want)
        return take;
    if (want == MESSAGE_HEADER) {
        size_t whole = begin_message(s, io, h, b->data);
        if (!whole)
            buf_clear(b);
        if (whole != MESSAGE_HEADER)
            return take;
    }
    whole_message(s, io, b->data, b->len, b);
    buf_clear(b);
    return take;
}

/* The next message, or what is there of it. Returns how many bytes were taken. */
static size_t next_part(struct tls_session *s, struct proto_io *io, struct tls_half *h, const uint8_t *p, size_t n)
{
    if (h->message_skip) {
        size_t take = n < h->message_skip ? n : h->message_skip;
        h->message_skip -= (uint32_t)take;
        return take;
    }
    if (h->message.len || n < MESSAGE_HEADER)
        return keep_part(s, io, h, p, n);
    /* The common case: the message is here, and is read where it is. */
    size_t whole = MESSAGE_HEADER + (size_t)load_be24(p + 1);
    if (whole > n)
        return keep_part(s, io, h, p, n);
    if (begin_message(s, io, h, p))
        whole_message(s, io, p, whole, NULL);
    h->message_skip = 0;
    return whole;
}

void tls_handshake(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct tls_half *h = &s->half[io->dir];
    while (n && !h->lost && !s->over) {
        size_t taken = next_part(s, io, h, p, n);
        p += taken;
        n -= taken;
    }
    if (h->lost)
        buf_fini(&h->message);
}
