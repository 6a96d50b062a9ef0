/* ClientHello and ServerHello (RFC 8446 section 4.1, RFC 5246 section 7.4.1) with the extensions that matter here. */
#include <stdlib.h>

#include "proto/tls/tls_session.h"

#define RANDOM_SIZE    32
#define SESSION_ID_MAX 32
/* RFC 1035 section 2.3.4: a host name has at most 255 bytes. */
#define SNI_MAX 255

enum extension {
    EXT_SERVER_NAME = 0,           /* RFC 6066 section 3 */
    EXT_SUPPORTED_GROUPS = 10,     /* RFC 8422 section 5.1.1 */
    EXT_EC_POINT_FORMATS = 11,     /* RFC 8422 section 5.1.2 */
    EXT_SIGNATURE_ALGORITHMS = 13, /* RFC 8446 section 4.2.3 */
    EXT_ALPN = 16,                 /* RFC 7301 section 3.1 */
    EXT_PRE_SHARED_KEY = 41,       /* RFC 8446 section 4.2.11 */
    EXT_SUPPORTED_VERSIONS = 43,   /* RFC 8446 section 4.2.1 */
};

/* The random of a ServerHello that is a HelloRetryRequest: SHA-256 of that word (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[RANDOM_SIZE] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

static struct tls_span take_span(struct reader *r, size_t n)
{
    const uint8_t *p = reader_take(r, n);
    return (struct tls_span){p, p ? (uint32_t)n : 0};
}

static struct tls_span rest_span(const struct reader *r)
{
    return (struct tls_span){r->p, (uint32_t)reader_left(r)};
}

/* The list behind a 16-bit (or, `narrow`, 8-bit) length that fills the extension. Otherwise an empty span, and *bad. */
static struct tls_span list_span(struct reader ext, bool narrow, bool *bad)
{
    size_t n = narrow ? reader_u8(&ext) : reader_be16(&ext);
    struct tls_span list = take_span(&ext, n);
    if (!ext.bad && !reader_left(&ext))
        return list;
    *bad = true;
    return (struct tls_span){NULL, 0};
}

/* A list of 16-bit numbers. */
static struct tls_span number_span(struct reader ext, bool narrow, bool *bad)
{
    struct tls_span list = list_span(ext, narrow, bad);
    if (list.len % 2)
        *bad = true;
    list.len &= ~1u;
    return list;
}

/* RFC 6066 section 3: a list of names, of which only host names (type 0) exist, at most one of them. */
static void read_server_name(struct tls_hello *h, struct reader ext, struct tls_session *s, struct proto_io *io)
{
    if (h->has_sni)
        tls_raise(s, io, TLS_EV_MULTIPLE_SNI_EXTENSIONS);
    h->has_sni = true;
    if (!reader_left(&ext)) /* as a server answers; from clients: nothing to say */
        return;
    struct reader list = reader_sub(&ext, reader_be16(&ext));
    if (ext.bad || reader_left(&ext)) {
        tls_raise(s, io, TLS_EV_INVALID_SNI_LENGTH);
        return;
    }
    while (reader_left(&list)) {
        uint8_t type = reader_u8(&list);
        struct tls_span name = take_span(&list, reader_be16(&list));
        if (list.bad) {
            tls_raise(s, io, TLS_EV_INVALID_SNI_LENGTH);
            return;
        }
        if (type != 0) {
            tls_raise(s, io, TLS_EV_INVALID_SNI_TYPE);
            continue;
        }
        if (!name.len || name.len > SNI_MAX)
            tls_raise(s, io, TLS_EV_INVALID_SNI_LENGTH);
        if (!h->sni.p && name.len && name.len <= SNI_MAX)
            h->sni = name;
    }
}

/* RFC 7301 section 3.1: the list of names, checked so that tls_alpn_next can't stumble. */
static struct tls_span alpn_span(struct reader ext, bool *bad)
{
    struct tls_span list = list_span(ext, false, bad);
    struct reader at = reader_of(list.p, list.len);
    while (reader_left(&at))
        if (!reader_skip(&at, reader_u8(&at))) {
            *bad = true;
            return (struct tls_span){NULL, 0};
        }
    return list;
}

static void read_extension(struct tls_hello *h, bool server, uint16_t type, struct reader ext, struct tls_session *s,
                           struct proto_io *io)
{
    bool bad = false;
    switch (type) {
    case EXT_SERVER_NAME:
        read_server_name(h, ext, s, io);
        break;
    case EXT_SUPPORTED_GROUPS:
        h->groups = number_span(ext, false, &bad);
        break;
    case EXT_EC_POINT_FORMATS:
        h->formats = list_span(ext, true, &bad);
        break;
    case EXT_SIGNATURE_ALGORITHMS:
        h->sig_algs = number_span(ext, false, &bad);
        break;
    case EXT_ALPN:
        h->alpn = alpn_span(ext, &bad);
        break;
    case EXT_PRE_SHARED_KEY:
        h->has_psk = true;
        break;
    case EXT_SUPPORTED_VERSIONS:
        if (server)
            h->selected = reader_be16(&ext);
        else
            h->versions = number_span(ext, true, &bad);
        break;
    default:
        break;
    }
    if (bad || ext.bad)
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
}

/* The extension block, if there is one (before TLS 1.2 it may be missing). Returns how many extensions there are. */
static uint32_t read_extensions(struct tls_hello *h, bool server, struct reader *r, struct tls_session *s,
                                struct proto_io *io)
{
    uint32_t count = 0;
    if (!reader_left(r))
        return 0;
    struct reader block = reader_sub(r, reader_be16(r));
    h->extensions = rest_span(&block);
    if (reader_left(r)) /* nothing may follow */
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
    while (reader_left(&block)) {
        uint16_t type = reader_be16(&block);
        struct reader ext = reader_sub(&block, reader_be16(&block));
        if (block.bad) {
            r->bad = true;
            break;
        }
        read_extension(h, server, type, ext, s, io);
        count++;
    }
    return count;
}

static bool keep_copy(struct tls_hello *h, const uint8_t *p, size_t n)
{
    h->bytes = malloc(n ? n : 1);
    if (!h->bytes)
        return false;
    if (n)
        memcpy(h->bytes, p, n);
    h->len = (uint32_t)n;
    return true;
}

/* What is wrong with the whole of a hello. */
static void judge(struct tls_hello *h, const struct reader *r, uint32_t items, struct tls_session *s,
                  struct proto_io *io)
{
    if (r->bad)
        h->malformed = true;
    if (h->malformed)
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
    items += h->ciphers.len / 2 + h->groups.len / 2 + h->formats.len + h->sig_algs.len / 2;
    if (items > TLS_HELLO_ITEMS_MAX) {
        h->too_many = true;
        tls_raise(s, io, TLS_EV_HELLO_LIST_TOO_LONG);
    }
}

static void read_session_id(struct tls_hello *h, struct reader *r)
{
    h->random = take_span(r, RANDOM_SIZE);
    h->session_id = take_span(r, reader_u8(r));
    if (h->session_id.len > SESSION_ID_MAX)
        h->malformed = true;
}

bool tls_hello_read_client(struct tls_hello *h, const uint8_t *p, size_t n, struct tls_session *s, struct proto_io *io)
{
    if (!keep_copy(h, p, n))
        return false;
    struct reader r = reader_of(h->bytes, h->len);
    h->version = reader_be16(&r);
    read_session_id(h, &r);
    h->ciphers = take_span(&r, reader_be16(&r));
    if (h->ciphers.len % 2) {
        h->malformed = true;
        h->ciphers.len--;
    }
    reader_skip(&r, reader_u8(&r)); /* compression methods */
    uint32_t count = r.bad ? 0 : read_extensions(h, false, &r, s, io);
    judge(h, &r, count, s, io);
    return true;
}

static bool read_server(struct tls_hello *h, const uint8_t *p, size_t n, struct tls_session *s, struct proto_io *io)
{
    if (!keep_copy(h, p, n))
        return false;
    struct reader r = reader_of(h->bytes, h->len);
    h->version = reader_be16(&r);
    if ((h->version >> 8 == 0x7f || h->version >> 8 == 0xfb) && (h->version & 0xff) < 22) {
        /* Drafts of TLS 1.3 up to 21 have neither session id nor compression. */
        h->random = take_span(&r, RANDOM_SIZE);
        h->cipher = reader_be16(&r);
    } else {
        read_session_id(h, &r);
        h->cipher = reader_be16(&r);
        reader_skip(&r, 1); /* compression method */
    }
    uint32_t count = r.bad ? 0 : read_extensions(h, true, &r, s, io);
    judge(h, &r, count, s, io);
    return true;
}

/* A hello says who is who, once. */
static bool take_role(struct tls_session *s, struct proto_io *io, enum flow_dir client)
{
    if (s->client_known && s->client != client) {
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
        return false;
    }
    s->client = client;
    s->client_known = true;
    return true;
}

void tls_client_hello(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    if (!take_role(s, io, io->dir) || s->tx->client_hello.bytes)
        return; /* the second one after a HelloRetryRequest brings nothing new */
    struct tls_hello *h = &s->tx->client_hello;
    if (!tls_hello_read_client(h, p, n, s, io))
        s->broken = true;
    else if (h->sni.p)
        io->engine->server_name(io, (const char *)h->sni.p, h->sni.len);
    s->tx->tx.progress[TO_SERVER] = TX_LINE;
}

void tls_server_hello(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    if (!take_role(s, io, flow_dir_other(io->dir)) || s->tx->server_hello.bytes)
        return;
    if (n >= 2 + RANDOM_SIZE && !memcmp(p + 2, retry_random, RANDOM_SIZE)) {
        s->retry = true;
        return;
    }
    struct tls_hello *h = &s->tx->server_hello;
    if (!read_server(h, p, n, s, io)) {
        s->broken = true;
        return;
    }
    s->retry = false;
    s->tx->tx.progress[TO_CLIENT] = TX_LINE;
    s->tx->version = h->selected ? h->selected : h->version;
    if (s->tx->version >= TLS_13_VERSION)
        s->tx->resumed = h->has_psk;
}
