/* The record layer (RFC 8446 section 5, RFC 5246 section 6.2, RFC 6101 section 5.2). */
#include "proto/tls/tls_session.h"

/* RFC 6520 section 4: type, payload_length, and at least so much padding. */
#define HEARTBEAT_HEAD    3
#define HEARTBEAT_PADDING 16

/* Encrypted bytes of the application, or of a TLS 1.3 handshake. With the server's hello behind us, nothing that
 * follows is in the clear. Before it they are early data (RFC 8446 section 2.3), unless we can't see the server. */
static void saw_ciphertext(struct tls_session *s, enum flow_dir dir)
{
    bool from_server = dir != s->client;
    bool server_hidden = s->half[flow_dir_other(s->client)].blind;
    if (s->tx->server_hello.bytes || ((from_server || server_hidden) && tls_has_hello(s->tx)))
        tls_complete(s);
}

static bool is_tls13(const struct tls_tx *tx)
{
    return tx->version == TLS_13_VERSION || tx->version >> 8 == 0x7f || tx->version >> 8 == 0xfb;
}

/* RFC 5246 section 7.3: in a full handshake the client changes first, when the certificates are past; in an abbreviated
 * one the server does. In TLS 1.3 the message means nothing (RFC 8446 appendix D.4). A client that changes before the
 * server has said all, or whose segment was seen before the server's, doesn't end it. */
static void saw_change_cipher_spec(struct tls_session *s, enum flow_dir dir)
{
    struct tls_half *h = &s->half[dir];
    const struct tls_half *server = &s->half[flow_dir_other(s->client)];
    bool server_hello = s->tx->server_hello.bytes != NULL;
    if (s->retry)
        return;
    h->ciphered = true;
    if (dir == s->client) {
        if (tls_has_hello(s->tx) && (server->blind || (server_hello && (s->hello_done || server->lost))))
            tls_complete(s);
        return;
    }
    if (!server_hello)
        return;
    if (!is_tls13(s->tx))
        s->tx->resumed = !s->tx->server_chain.bytes && !s->hello_done && !h->lost;
    tls_complete(s);
}

static void saw_alert(struct tls_session *s, struct proto_io *io, const struct tls_half *h)
{
    /* RFC 8446 section 6: level 1 or 2, then the description. Several in one record: TLS 1.2 and before allow it. */
    bool bad_level = h->head_len && (h->head[0] < 1 || h->head[0] > 2);
    if (h->record_len < 2 || h->record_len % 2 || bad_level)
        tls_raise(s, io, TLS_EV_INVALID_ALERT_MESSAGE);
}

static void saw_heartbeat(struct tls_session *s, struct proto_io *io, const struct tls_half *h)
{
    /* RFC 6520 section 3: not to be sent during handshakes. */
    tls_raise(s, io, TLS_EV_HEARTBEAT_MESSAGE);
    if (h->head_lost)
        return;
    if (h->head_len < HEARTBEAT_HEAD || h->head[0] < 1 || h->head[0] > 2) {
        tls_raise(s, io, TLS_EV_INVALID_HEARTBEAT_MESSAGE);
        return;
    }
    uint32_t payload = load_be16(h->head + 1);
    if (payload > h->record_len - HEARTBEAT_HEAD)
        tls_raise(s, io, TLS_EV_OVERFLOW_HEARTBEAT_MESSAGE);
    else if (payload + HEARTBEAT_PADDING > h->record_len - HEARTBEAT_HEAD)
        tls_raise(s, io, TLS_EV_INVALID_HEARTBEAT_MESSAGE);
}

static void end_record(struct tls_session *s, struct proto_io *io)
{
    struct tls_half *h = &s->half[io->dir];
    h->in_record = false;
    switch (h->type) {
    case TLS_CHANGE_CIPHER_SPEC:
        if (h->record_len != 1 || (h->head_len && h->head[0] != 1))
            tls_raise(s, io, TLS_EV_INVALID_SSL_RECORD);
        saw_change_cipher_spec(s, io->dir);
        break;
    case TLS_ALERT:
        if (!h->ciphered)
            saw_alert(s, io, h);
        break;
    case TLS_HEARTBEAT:
        if (!h->ciphered)
            saw_heartbeat(s, io, h);
        break;
    case TLS_SSLV2:
        if (!h->lost)
            tls_sslv2_message(s, io, h->message.data, h->message.len);
        buf_clear(&h->message);
        break;
    default:
        break;
    }
}

/* Is this the header of an SSLv2 record that begins a session (RFC 6101 appendix E)? Two bytes with the top bit set,
 * then the message: 1 is CLIENT-HELLO, 4 SERVER-HELLO, 0 ERROR. */
static bool begins_sslv2(const struct tls_half *h)
{
    return !h->records && (h->header[0] & 0x80) && (h->header[2] == 1 || h->header[2] == 4 || h->header[2] == 0);
}

/* Shortest SSLv2 messages that we read: a hello has fixed fields of 9 and 11 bytes, ERROR has three in all. */
static bool begin_sslv2_record(struct tls_session *s, struct proto_io *io, struct tls_half *h)
{
    const unsigned message_read = TLS_RECORD_HEADER - 2;
    h->type = TLS_SSLV2;
    h->version = TLS_SSLV2_VERSION;
    h->record_len = load_be16(h->header) & 0x7fff;
    unsigned least = h->header[2] == 0 ? 3 : 9;
    if (h->record_len < least || !buf_add(&h->message, h->header + 2, message_read)) {
        tls_raise(s, io, TLS_EV_INVALID_SSLV2_HEADER);
        return false;
    }
    h->record_left = h->record_len - message_read;
    return true;
}

static bool begin_tls_record(struct tls_session *s, struct proto_io *io, struct tls_half *h)
{
    h->type = h->header[0];
    h->version = load_be16(h->header + 1);
    h->record_len = load_be16(h->header + 3);
    h->record_left = h->record_len;
    if (h->type < TLS_CHANGE_CIPHER_SPEC || h->type > TLS_HEARTBEAT) {
        tls_raise(s, io, TLS_EV_INVALID_RECORD_TYPE);
        return false;
    }
    if (h->version >> 8 != 3 || h->version > TLS_13_VERSION) {
        tls_raise(s, io, TLS_EV_INVALID_RECORD_VERSION);
        if (h->version >> 8 != 3)
            return false;
    }
    if (h->record_len > TLS_RECORD_MAX) {
        tls_raise(s, io, TLS_EV_INVALID_TLS_HEADER);
        return false;
    }
    return true;
}

static void begin_record(struct tls_session *s, struct proto_io *io, struct tls_half *h)
{
    h->header_len = 0;
    h->head_len = 0;
    h->head_lost = false;
    h->in_record = true;
    bool ok = begins_sslv2(h) ? begin_sslv2_record(s, io, h) : begin_tls_record(s, io, h);
    if (!ok) {
        s->broken = true;
        return;
    }
    if (++h->records > TLS_RECORDS_MANY)
        tls_raise(s, io, TLS_EV_TOO_MANY_RECORDS);
    if (h->type == TLS_APPLICATION_DATA)
        saw_ciphertext(s, io->dir);
    if (!h->record_left && !s->over)
        end_record(s, io);
}

static void record_bytes(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct tls_half *h = &s->half[io->dir];
    switch (h->type) {
    case TLS_HANDSHAKE:
        if (!h->ciphered)
            tls_handshake(s, io, p, n);
        break;
    case TLS_SSLV2:
        if (!h->lost)
            buf_add(&h->message, p, n); /* at most 32 KB, which the buffer's cap allows */
        break;
    case TLS_APPLICATION_DATA:
        break;
    default:
        while (n-- && h->head_len < sizeof(h->head) && !h->head_lost)
            h->head[h->head_len++] = *p++;
        break;
    }
}

void tls_records(struct tls_session *s, struct proto_io *io)
{
    struct tls_half *h = &s->half[io->dir];
    struct reader r = reader_of(io->data, io->len);
    while (reader_left(&r) && !s->over && !s->broken && !h->blind) {
        if (!h->in_record) {
            h->header[h->header_len++] = reader_u8(&r);
            if (h->header_len == TLS_RECORD_HEADER)
                begin_record(s, io, h);
            continue;
        }
        size_t n = reader_left(&r) < h->record_left ? reader_left(&r) : h->record_left;
        record_bytes(s, io, reader_take(&r, n), n);
        h->record_left -= (uint32_t)n;
        if (!h->record_left && !s->over)
            end_record(s, io);
    }
}

/* Nothing more of this direction can be read. When that is so of both, what we have is all we will get. */
static void go_blind(struct tls_session *s, struct tls_half *h)
{
    h->blind = true;
    buf_fini(&h->message);
    if (!s->half[TO_SERVER].blind || !s->half[TO_CLIENT].blind)
        return;
    if (tls_has_hello(s->tx))
        tls_complete(s);
    s->over = true;
}

void tls_records_gap(struct tls_session *s, struct proto_io *io, uint64_t n)
{
    struct tls_half *h = &s->half[io->dir];
    if (h->blind)
        return;
    if (!h->in_record || n > h->record_left) {
        go_blind(s, h);
        return;
    }
    if (h->type == TLS_SSLV2 || (h->type == TLS_HANDSHAKE && !h->ciphered)) {
        h->lost = true;
        buf_fini(&h->message);
    }
    h->head_lost = h->head_len < sizeof(h->head);
    h->record_left -= (uint32_t)n;
    if (!h->record_left)
        end_record(s, io);
}
