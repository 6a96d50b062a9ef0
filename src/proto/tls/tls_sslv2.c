/* SSLv2's messages (RFC 6101 appendix E for the hello that also starts later versions; the Netscape draft for the
 * rest). */
#include <stdlib.h>

#include "proto/tls/tls_session.h"

enum { SSLV2_ERROR = 0, SSLV2_CLIENT_HELLO = 1, SSLV2_SERVER_HELLO = 4 };

/* type, version, three lengths; then cipher specs of three bytes, session id, challenge. */
static bool read_client_hello(struct tls_hello *h, const uint8_t *p, size_t n)
{
    h->bytes = malloc(n);
    if (!h->bytes)
        return false;
    memcpy(h->bytes, p, n);
    h->len = (uint32_t)n;
    h->sslv2 = true;
    struct reader r = reader_of(h->bytes, n);
    reader_skip(&r, 1);
    h->version = reader_be16(&r);
    size_t specs = reader_be16(&r);
    size_t id = reader_be16(&r);
    size_t challenge = reader_be16(&r);
    const uint8_t *q = reader_take(&r, specs);
    h->ciphers = (struct tls_span){q, q ? (uint32_t)specs : 0};
    q = reader_take(&r, id);
    h->session_id = (struct tls_span){q, q ? (uint32_t)id : 0};
    q = reader_take(&r, challenge);
    h->random = (struct tls_span){q, q ? (uint32_t)challenge : 0};
    h->malformed = r.bad || specs % 3 || reader_left(&r);
    return true;
}

/* type, session id hit, certificate type, version, three lengths; then the certificate. Makes the chain of one that
 * later versions send (24-bit length, certificate), so that the rest of the room needn't know. */
static bool read_server_hello(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct reader r = reader_of(p, n);
    reader_skip(&r, 1);
    uint8_t hit = reader_u8(&r);
    reader_skip(&r, 1);
    uint16_t version = reader_be16(&r);
    size_t len = reader_be16(&r);
    reader_skip(&r, 4); /* lengths of cipher specs and connection id */
    const uint8_t *cert = reader_take(&r, len);
    if (!cert)
        return false;
    s->tx->version = version;
    s->tx->resumed = hit != 0;
    struct buf list = {.cap = TLS_MESSAGE_MAX};
    const uint8_t head[6] = {0, (uint8_t)((len + 3) >> 8), (uint8_t)(len + 3), 0, (uint8_t)(len >> 8), (uint8_t)len};
    if (len && buf_add(&list, head, sizeof(head)) && buf_add(&list, cert, len))
        tls_certificates(s, io, list.data, list.len, &list);
    buf_fini(&list);
    return true;
}

static bool client_hello(struct tls_session *s, enum flow_dir client, const uint8_t *p, size_t n)
{
    struct tls_hello *h = &s->tx->client_hello;
    s->client = client;
    s->client_known = true;
    if (h->bytes)
        return false;
    if (!read_client_hello(h, p, n))
        s->broken = true;
    return !h->malformed;
}

void tls_sslv2_message(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    bool good = true;
    bool last = false;
    switch (p[0]) {
    case SSLV2_CLIENT_HELLO:
        good = client_hello(s, io->dir, p, n);
        break;
    case SSLV2_SERVER_HELLO:
        s->client = flow_dir_other(io->dir);
        s->client_known = true;
        good = read_server_hello(s, io, p, n);
        last = good || tls_has_hello(s->tx);
        break;
    default:
        tls_raise(s, io, TLS_EV_ERROR_MESSAGE_ENCOUNTERED);
        break;
    }
    if (!good)
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
    if (last) /* but for the client's key, all that follows is encrypted */
        tls_complete(s);
}
