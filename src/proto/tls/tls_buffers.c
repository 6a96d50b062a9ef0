/* What rules look at in a TLS session. */
#include "proto/tls/tls_session.h"

static const struct tls_tx *tx_of(const struct proto_ask *a)
{
    return (const struct tls_tx *)a->tx;
}

static bool span(const struct tls_span *s, struct proto_bytes *out)
{
    *out = (struct proto_bytes){s->p, s->len};
    return s->p && s->len;
}

static bool made(const struct proto_ask *a, const void *text, size_t n, struct proto_bytes *out)
{
    buf_clear(a->work);
    if (!n || !buf_add(a->work, text, n))
        return false;
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return true;
}

static const struct tls_hello *hello_of(const struct proto_ask *a)
{
    return a->dir == TO_SERVER ? &tx_of(a)->client_hello : &tx_of(a)->server_hello;
}

static const struct tls_chain *chain_of(const struct proto_ask *a)
{
    return a->dir == TO_SERVER ? &tx_of(a)->client_chain : &tx_of(a)->server_chain;
}

static const struct tls_cert *cert_of(const struct proto_ask *a)
{
    const struct tls_chain *c = chain_of(a);
    return c->bytes && c->leaf.der.p ? &c->leaf : NULL;
}

static bool sni(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && span(&hello_of(a)->sni, out);
}

static bool subject(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_cert *c = cert_of(a);
    char text[TLS_NAME_MAX];
    return c && made(a, text, tls_name_text(&c->subject, text, sizeof text), out);
}

static bool issuer(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_cert *c = cert_of(a);
    char text[TLS_NAME_MAX];
    return c && made(a, text, tls_name_text(&c->issuer, text, sizeof text), out);
}

static bool serial(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_cert *c = cert_of(a);
    char text[512];
    return c && made(a, text, tls_serial_text(&c->serial, text, sizeof text), out);
}

static bool fingerprint(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_cert *c = cert_of(a);
    char text[TLS_SHA1_SIZE * 3];
    if (!c)
        return false;
    tls_sha1_text(c, text);
    return made(a, text, TLS_SHA1_SIZE * 3 - 1, out);
}

static bool certs(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_chain *c = chain_of(a);
    struct reader at = reader_of(c->bytes, c->len);
    struct tls_span der = {NULL, 0};
    for (unsigned i = 0; i <= a->index; i++)
        if (!c->bytes || !tls_chain_next(&at, &der))
            return false;
    return span(&der, out);
}

static bool alternative(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_cert *c = cert_of(a);
    struct tls_span name = {NULL, 0};
    if (!c || a->index >= TLS_NAMES_MAX)
        return false;
    struct reader at = reader_of(c->names.p, c->names.len);
    for (unsigned i = 0; i <= a->index; i++)
        if (!tls_cert_next_name(&at, &name))
            return false;
    return span(&name, out);
}

static bool alpn(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct tls_hello *h = hello_of(a);
    struct reader at = reader_of(h->alpn.p, h->alpn.len);
    struct tls_span name = {NULL, 0};
    for (unsigned i = 0; i <= a->index; i++)
        if (!h->alpn.p || !tls_alpn_next(&at, &name))
            return false;
    return span(&name, out);
}

static bool random_all(const struct proto_ask *a, struct proto_bytes *out)
{
    return span(&hello_of(a)->random, out);
}

static bool random_time(const struct proto_ask *a, struct proto_bytes *out)
{
    struct tls_span s = hello_of(a)->random;
    s.len = s.len < 4 ? 0 : 4;
    return span(&s, out);
}

static bool random_bytes(const struct proto_ask *a, struct proto_bytes *out)
{
    struct tls_span s = hello_of(a)->random;
    if (s.len < 5)
        return false;
    *out = (struct proto_bytes){s.p + 4, s.len - 4};
    return true;
}

static size_t ja3_text(const struct proto_ask *a, char out[TLS_JA3_MAX])
{
    const struct tls_hello *h = hello_of(a);
    return a->dir == TO_SERVER ? tls_ja3_text(h, out) : tls_ja3s_text(h, out);
}

static bool ja3_string(const struct proto_ask *a, struct proto_bytes *out)
{
    char text[TLS_JA3_MAX];
    return made(a, text, ja3_text(a, text), out);
}

static bool ja3_hash(const struct proto_ask *a, struct proto_bytes *out)
{
    char text[TLS_JA3_MAX], hash[TLS_JA3_HASH_SIZE];
    size_t n = ja3_text(a, text);
    if (!n)
        return false;
    tls_ja3_hash(text, n, hash);
    return made(a, hash, TLS_JA3_HASH_SIZE - 1, out);
}

static bool up_only(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && ja3_hash(a, out);
}

static bool up_string(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && ja3_string(a, out);
}

static bool down_only(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_CLIENT && ja3_hash(a, out);
}

static bool down_string(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_CLIENT && ja3_string(a, out);
}

static bool ja4(const struct proto_ask *a, struct proto_bytes *out)
{
    char text[TLS_JA4_SIZE];
    return a->dir == TO_SERVER && tls_ja4(hello_of(a), text) && made(a, text, TLS_JA4_SIZE - 1, out);
}

const struct proto_buffer tls_buffers[] = {
    {"tls.sni", sni},
    {"tls.cert_subject", subject},
    {"tls.cert_issuer", issuer},
    {"tls.cert_serial", serial},
    {"tls.cert_fingerprint", fingerprint},
    {"tls.certs", certs},
    {"tls.subjectaltname", alternative},
    {"tls.alpn", alpn},
    {"tls.random", random_all},
    {"tls.random_time", random_time},
    {"tls.random_bytes", random_bytes},
    {"ja3.hash", up_only},
    {"ja3.string", up_string},
    {"ja3s.hash", down_only},
    {"ja3s.string", down_string},
    {"ja4.hash", ja4},
    {NULL, NULL},
};

static bool chain_len(const struct proto_ask *a, uint64_t *out)
{
    *out = chain_of(a)->count;
    return a->index == 0 && chain_of(a)->bytes;
}

static bool version(const struct proto_ask *a, uint64_t *out)
{
    const struct tls_tx *tx = tx_of(a);
    *out = tx->version ? tx->version : tx->client_hello.version;
    return a->index == 0 && *out;
}

/* As this side's hello has it; what TLS 1.3 agreed on stands in an extension of the server's. */
static bool own_version(const struct proto_ask *a, uint64_t *out)
{
    const struct tls_hello *h = hello_of(a);
    if (!h->bytes || a->index)
        return false;
    *out = h->selected ? h->selected : h->version;
    return true;
}

static bool messages(const struct proto_ask *a, uint64_t *out)
{
    *out = tx_of(a)->messages;
    return a->index == 0;
}

static bool date(const struct proto_ask *a, int64_t seconds, uint64_t *out)
{
    const struct tls_cert *c = cert_of(a);
    *out = seconds < 0 ? 0 : (uint64_t)seconds;
    return c && c->has_times && a->index == 0;
}

static bool not_before(const struct proto_ask *a, uint64_t *out)
{
    return date(a, chain_of(a)->leaf.not_before, out);
}

static bool not_after(const struct proto_ask *a, uint64_t *out)
{
    return date(a, chain_of(a)->leaf.not_after, out);
}

const struct proto_number tls_numbers[] = {
    {"tls.cert_chain_len", chain_len},
    {"tls.version", version},
    {"ssl_version", own_version},
    {"ssl_state", messages},
    {"tls_cert_notbefore", not_before},
    {"tls_cert_notafter", not_after},
    {NULL, NULL},
};

const struct proto_ready tls_ready[] = {
    {"tls.sni", TX_LINE},
    {"tls.alpn", TX_LINE},
    {"tls.random", TX_LINE},
    {"tls.random_time", TX_LINE},
    {"tls.random_bytes", TX_LINE},
    {"ja3.hash", TX_LINE},
    {"ja3.string", TX_LINE},
    {"ja3s.hash", TX_LINE},
    {"ja3s.string", TX_LINE},
    {"ja4.hash", TX_LINE},
    {"tls.cert_subject", TX_HEADERS},
    {"tls.cert_issuer", TX_HEADERS},
    {"tls.cert_serial", TX_HEADERS},
    {"tls.cert_fingerprint", TX_HEADERS},
    {"tls.certs", TX_HEADERS},
    {"tls.subjectaltname", TX_HEADERS},
    {NULL, TX_STARTED},
};
