#include "proto/tls/tls_kit.h"

#include <stdlib.h>

void kit_number(struct buf *b, unsigned width, uint32_t v)
{
    while (width--)
        buf_add_byte(b, (uint8_t)(v >> 8 * width));
}

size_t kit_open(struct buf *b, unsigned width)
{
    kit_number(b, width, 0);
    return b->len;
}

void kit_close(struct buf *b, unsigned width, size_t at)
{
    size_t n = b->len - at;
    for (unsigned i = 0; i < width; i++)
        b->data[at - 1 - i] = (uint8_t)(n >> 8 * i);
}

void kit_der(struct buf *b, uint8_t tag, size_t at)
{
    uint8_t header[4] = {tag, 0x82, (uint8_t)((b->len - at) >> 8), (uint8_t)(b->len - at)};
    size_t n = b->len - at;
    size_t width = 4;
    if (n < 128) {
        header[1] = (uint8_t)n;
        width = 2;
    }
    buf_reserve(b, width);
    memmove(b->data + at + width, b->data + at, n);
    memcpy(b->data + at, header, width);
    b->len += width;
}

void kit_ext(struct buf *b, uint16_t type, const void *p, size_t n)
{
    kit_number(b, 2, type);
    kit_number(b, 2, (uint32_t)n);
    buf_add(b, p, n);
}

void kit_ext_sni(struct buf *b, const char *name)
{
    kit_number(b, 2, 0);
    size_t ext = kit_open(b, 2);
    size_t list = kit_open(b, 2);
    kit_number(b, 1, 0);
    size_t host = kit_open(b, 2);
    buf_add(b, name, strlen(name));
    kit_close(b, 2, host);
    kit_close(b, 2, list);
    kit_close(b, 2, ext);
}

void kit_ext_alpn(struct buf *b, const char *const *names)
{
    kit_number(b, 2, 16);
    size_t ext = kit_open(b, 2);
    size_t list = kit_open(b, 2);
    for (; *names; names++) {
        kit_number(b, 1, (uint32_t)strlen(*names));
        buf_add(b, *names, strlen(*names));
    }
    kit_close(b, 2, list);
    kit_close(b, 2, ext);
}

void kit_ext_numbers(struct buf *b, uint16_t type, unsigned width, const uint16_t *v, size_t n)
{
    kit_number(b, 2, type);
    size_t ext = kit_open(b, 2);
    size_t list = kit_open(b, width);
    for (size_t i = 0; i < n; i++)
        kit_number(b, 2, v[i]);
    kit_close(b, width, list);
    kit_close(b, 2, ext);
}

void kit_message(struct buf *b, uint8_t type, const void *p, size_t n)
{
    kit_number(b, 1, type);
    kit_number(b, 3, (uint32_t)n);
    buf_add(b, p, n);
}

static void add_extensions(struct buf *b, const struct buf *ext)
{
    if (!ext)
        return;
    kit_number(b, 2, (uint32_t)ext->len);
    buf_add(b, ext->data, ext->len);
}

void kit_client_hello(struct buf *b, uint16_t version, const uint16_t *ciphers, size_t n, const struct buf *ext)
{
    kit_number(b, 1, TLS_CLIENT_HELLO);
    size_t body = kit_open(b, 3);
    kit_number(b, 2, version);
    for (unsigned i = 0; i < 32; i++)
        kit_number(b, 1, i);
    kit_number(b, 1, 0); /* session id */
    size_t list = kit_open(b, 2);
    for (size_t i = 0; i < n; i++)
        kit_number(b, 2, ciphers[i]);
    kit_close(b, 2, list);
    kit_number(b, 2, 0x0100); /* no compression */
    add_extensions(b, ext);
    kit_close(b, 3, body);
}

void kit_server_hello(struct buf *b, uint16_t version, uint16_t cipher, bool retry, const struct buf *ext)
{
    static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                             0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                             0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    static const uint8_t plain_random[32] = {1, 2, 3};
    kit_number(b, 1, TLS_SERVER_HELLO);
    size_t body = kit_open(b, 3);
    kit_number(b, 2, version);
    buf_add(b, retry ? retry_random : plain_random, 32);
    kit_number(b, 1, 0);
    kit_number(b, 2, cipher);
    kit_number(b, 1, 0);
    add_extensions(b, ext);
    kit_close(b, 3, body);
}

static void add_element(struct buf *b, uint8_t tag, const void *p, size_t n)
{
    size_t at = b->len;
    buf_add(b, p, n);
    kit_der(b, tag, at);
}

static void add_attribute(struct buf *b, const void *oid, size_t n, uint8_t tag, const char *value)
{
    size_t at = b->len;
    add_element(b, 0x06, oid, n);
    add_element(b, tag, value, strlen(value));
    kit_der(b, 0x30, at);
    kit_der(b, 0x31, at);
}

static void add_alt_names(struct buf *b, const char *alt)
{
    size_t at = b->len;
    while (*alt) {
        size_t n = strcspn(alt, ",");
        add_element(b, 0x82, alt, n);
        alt += n + (alt[n] == ',');
    }
    kit_der(b, 0x30, at);
    kit_der(b, 0x04, at);
    size_t value = at;
    struct buf oid = {0};
    add_element(&oid, 0x06, "\x55\x1d\x11", 3);
    buf_reserve(b, oid.len);
    memmove(b->data + value + oid.len, b->data + value, b->len - value);
    memcpy(b->data + value, oid.data, oid.len);
    b->len += oid.len;
    buf_fini(&oid);
    kit_der(b, 0x30, at);
    kit_der(b, 0x30, at);
    kit_der(b, 0xa3, at);
}

void kit_cert(struct buf *b, const char *common_name, const char *alt)
{
    size_t all = b->len;
    size_t at;
    add_element(b, 0x02, "\x02", 1);
    kit_der(b, 0xa0, all);
    add_element(b, 0x02, "\x00\x97\xe6\x47", 4);
    add_element(b, 0x30, "\x06\x03\x2a\x03\x04", 5);
    at = b->len;
    add_attribute(b, "\x55\x04\x06", 3, 0x13, "US");
    add_attribute(b, "\x55\x04\x0a", 3, 0x0c, "Example \"CA\"");
    add_attribute(b, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9, 0x16, "ca@example.com");
    add_attribute(b, "\x2a\x03\x04", 3, 0x0c, "x");
    kit_der(b, 0x30, at);
    at = b->len;
    add_element(b, 0x17, "160322174738Z", 13);
    add_element(b, 0x18, "20550301000000Z", 15);
    kit_der(b, 0x30, at);
    at = b->len;
    add_attribute(b, "\x55\x04\x03", 3, 0x0c, common_name);
    kit_der(b, 0x30, at);
    add_element(b, 0x30, "\x03\x02\x00\x01", 4);
    if (alt)
        add_alt_names(b, alt);
    kit_der(b, 0x30, all);
    add_element(b, 0x30, "\x06\x03\x2a\x03\x04", 5);
    add_element(b, 0x03, "\x00\x55", 2);
    kit_der(b, 0x30, all);
}

void kit_certificate(struct buf *b, const struct buf *cert)
{
    kit_number(b, 1, TLS_CERTIFICATE);
    size_t body = kit_open(b, 3);
    size_t list = kit_open(b, 3);
    size_t one = kit_open(b, 3);
    buf_add(b, cert->data, cert->len);
    kit_close(b, 3, one);
    kit_close(b, 3, list);
    kit_close(b, 3, body);
}

void kit_records(struct buf *b, uint8_t type, uint16_t version, const struct buf *body, size_t most)
{
    for (size_t at = 0; at < body->len || !body->len;) {
        size_t n = body->len - at < most ? body->len - at : most;
        kit_number(b, 1, type);
        kit_number(b, 2, version);
        kit_number(b, 2, (uint32_t)n);
        buf_add(b, body->data + at, n);
        at += n;
        if (!body->len)
            break;
    }
}

static void note_event(struct proto_io *io, unsigned event)
{
    struct kit_result *r = io->engine_ctx;
    r->events |= UINT64_C(1) << event;
}

static void ignore_name(struct proto_io *io, const char *name, size_t len)
{
    (void)io;
    (void)name;
    (void)len;
}

static const struct proto_engine engine = {.event = note_event, .server_name = ignore_name};

static void step(void *state, const struct kit_step *s, size_t piece, const struct settings *settings,
                 struct kit_result *r)
{
    size_t at = 0;
    while (at < s->len && r->status == PROTO_OK) {
        struct proto_io io = {.dir = s->dir, .settings = settings, .engine = &engine, .engine_ctx = r};
        if (!s->data) {
            r->status = proto_tls.gap(state, &io, s->len);
            return;
        }
        size_t n = s->len - at < piece ? s->len - at : piece;
        uint8_t *copy = malloc(n); /* of its own, so that a read past the end is seen */
        memcpy(copy, (const uint8_t *)s->data + at, n);
        io.data = copy;
        io.len = n;
        r->status = proto_tls.parse(state, &io);
        free(copy);
        if (io.consumed != n)
            abort(); /* nothing is ever left with the engine */
        at += n;
    }
}

void kit_replay_with(const struct kit_step *steps, size_t n, size_t piece, const struct settings *settings,
                     struct kit_result *r)
{
    void *state = calloc(1, proto_tls.state_size);
    *r = (struct kit_result){.status = PROTO_OK};
    proto_tls.init(state, settings, false);
    for (size_t i = 0; i < n; i++) {
        step(state, &steps[i], piece, settings, r);
        if (r->status == PROTO_DONE && !r->done_after)
            r->done_after = i + 1;
    }
    struct proto_io io = {.engine = &engine, .engine_ctx = r};
    proto_tls.finish(state, &io);
    struct buf out;
    buf_init(&out, sizeof(r->record) - 1);
    struct proto_txs *txs = state;
    for (struct proto_tx *tx = txs->first, *next; tx; tx = next) {
        next = tx->next;
        struct json j = json_of(&out);
        if (tx->complete) {
            json_open_object(&j, NULL);
            proto_tls.log(state, tx, &j);
            json_end_object(&j);
        }
        proto_tls.tx_fini(tx);
        free(tx);
    }
    if (out.len)
        memcpy(r->record, out.data, out.len);
    buf_fini(&out);
    proto_tls.fini(state);
    free(state);
}

void kit_replay(const struct kit_step *steps, size_t n, size_t piece, struct kit_result *r)
{
    kit_replay_with(steps, n, piece, NULL, r);
}
