/* Fingerprints: JA3 and JA3S (Salesforce, 2017), JA4 (FoxIO, 2023; only its TLS client part). Made from the bytes that
 * a hello kept, on the stack. */
#include <nettle/md5.h>
#include <nettle/sha2.h>

#include "proto/tls/tls_session.h"

/* JA4 gives this many digits of a SHA-256, and counts no further than two decimal digits go. */
#define JA4_HASH_DIGITS 12
#define JA4_COUNT_MAX   99

/* Extensions that JA4 counts but doesn't hash: a client has them or not by where it goes. */
#define EXT_SNI  0
#define EXT_ALPN 16

/* "abcd," or "ffff-" or "65535-" each. */
#define LIST_TEXT_MAX (TLS_HELLO_ITEMS_MAX * 5)

static char *put_number(char *o, unsigned v)
{
    char digits[5];
    unsigned n = 0;
    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n)
        *o++ = digits[--n];
    return o;
}

/* "1-2-3", without GREASE. Each number is preceded by what stands before it: nothing before the first. */
static char *put_numbers(char *o, const struct tls_span *list)
{
    struct reader r = reader_of(list->p, list->len);
    bool first = true;
    while (reader_left(&r) >= 2) {
        uint16_t v = reader_be16(&r);
        if (tls_is_grease(v))
            continue;
        if (!first)
            *o++ = '-';
        o = put_number(o, v);
        first = false;
    }
    return o;
}

static char *put_bytes(char *o, const struct tls_span *list)
{
    struct reader r = reader_of(list->p, list->len);
    for (bool first = true; reader_left(&r); first = false) {
        if (!first)
            *o++ = '-';
        o = put_number(o, reader_u8(&r));
    }
    return o;
}

unsigned tls_extension_types(const struct tls_hello *h, uint16_t out[TLS_HELLO_ITEMS_MAX])
{
    struct reader r = reader_of(h->extensions.p, h->extensions.len);
    unsigned n = 0;
    while (reader_left(&r) && n < TLS_HELLO_ITEMS_MAX) {
        uint16_t type = reader_be16(&r);
        reader_skip(&r, reader_be16(&r));
        if (r.bad)
            break;
        if (!tls_is_grease(type))
            out[n++] = type;
    }
    return n;
}

static char *put_types(char *o, const struct tls_hello *h)
{
    uint16_t types[TLS_HELLO_ITEMS_MAX];
    unsigned n = tls_extension_types(h, types);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            *o++ = '-';
        o = put_number(o, types[i]);
    }
    return o;
}

static bool has_print(const struct tls_hello *h)
{
    return h->bytes && !h->sslv2 && !h->malformed && !h->too_many;
}

size_t tls_ja3_text(const struct tls_hello *client, char out[TLS_JA3_MAX])
{
    char *o = out;
    if (has_print(client)) {
        o = put_number(o, client->version);
        *o++ = ',';
        o = put_numbers(o, &client->ciphers);
        *o++ = ',';
        o = put_types(o, client);
        *o++ = ',';
        o = put_numbers(o, &client->groups);
        *o++ = ',';
        o = put_bytes(o, &client->formats);
    }
    *o = 0;
    return (size_t)(o - out);
}

size_t tls_ja3s_text(const struct tls_hello *server, char out[TLS_JA3_MAX])
{
    char *o = out;
    if (has_print(server)) {
        o = put_number(o, server->version);
        *o++ = ',';
        o = put_number(o, server->cipher);
        *o++ = ',';
        o = put_types(o, server);
    }
    *o = 0;
    return (size_t)(o - out);
}

static void put_hex(char *o, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        o[2 * i] = "0123456789abcdef"[p[i] >> 4];
        o[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    }
}

void tls_ja3_hash(const char *text, size_t len, char out[TLS_JA3_HASH_SIZE])
{
    uint8_t digest[MD5_DIGEST_SIZE];
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, len, (const uint8_t *)text);
    md5_digest(&md5, sizeof(digest), digest);
    put_hex(out, digest, sizeof(digest));
    out[TLS_JA3_HASH_SIZE - 1] = 0;
}

/* Insertion: lists are short, and most clients have them in half an order already. */
static void sort(uint16_t *v, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        uint16_t x = v[i];
        unsigned k = i;
        for (; k && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

static unsigned numbers_of(const struct tls_span *list, uint16_t out[TLS_HELLO_ITEMS_MAX])
{
    struct reader r = reader_of(list->p, list->len);
    unsigned n = 0;
    while (reader_left(&r) >= 2 && n < TLS_HELLO_ITEMS_MAX) {
        uint16_t v = reader_be16(&r);
        if (!tls_is_grease(v))
            out[n++] = v;
    }
    return n;
}

/* "c02b,c02f" */
static char *put_hex_numbers(char *o, const uint16_t *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const uint8_t be[2] = {(uint8_t)(v[i] >> 8), (uint8_t)v[i]};
        if (i)
            *o++ = ',';
        put_hex(o, be, 2);
        o += 4;
    }
    return o;
}

static void put_ja4_hash(char out[JA4_HASH_DIGITS], const char *text, size_t len)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx sha;
    if (!len) {
        memset(out, '0', JA4_HASH_DIGITS);
        return;
    }
    sha256_init(&sha);
    sha256_update(&sha, len, (const uint8_t *)text);
    sha256_digest(&sha, sizeof(digest), digest);
    put_hex(out, digest, JA4_HASH_DIGITS / 2);
}

uint16_t tls_hello_version(const struct tls_hello *h)
{
    uint16_t best = h->selected ? h->selected : h->version;
    struct reader r = reader_of(h->versions.p, h->versions.len);
    if (reader_left(&r) >= 2)
        best = 0;
    while (reader_left(&r) >= 2) {
        uint16_t v = reader_be16(&r);
        if (!tls_is_grease(v) && v > best)
            best = v;
    }
    return best;
}

static const char *ja4_version(const struct tls_hello *h)
{
    switch (tls_hello_version(h)) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    default:
        return "00";
    }
}

static bool alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last character of the first ALPN name; of its hexadecimal form when one of them is neither letter nor
 * digit. */
static void put_alpn(char out[2], const struct tls_hello *h)
{
    struct reader at = reader_of(h->alpn.p, h->alpn.len);
    struct tls_span name;
    out[0] = out[1] = '0';
    if (!tls_alpn_next(&at, &name) || !name.len)
        return;
    uint8_t first = name.p[0];
    uint8_t last = name.p[name.len - 1];
    if (alphanumeric(first) && alphanumeric(last)) {
        out[0] = (char)first;
        out[1] = (char)last;
        return;
    }
    out[0] = "0123456789abcdef"[first >> 4];
    out[1] = "0123456789abcdef"[last & 15];
}

static char *put_count(char *o, unsigned n)
{
    if (n > JA4_COUNT_MAX)
        n = JA4_COUNT_MAX;
    *o++ = (char)('0' + n / 10);
    *o++ = (char)('0' + n % 10);
    return o;
}

bool tls_ja4(const struct tls_hello *client, char out[TLS_JA4_SIZE])
{
    uint16_t v[TLS_HELLO_ITEMS_MAX];
    char text[2 * LIST_TEXT_MAX];
    char *o = out;
    out[0] = 0;
    if (!has_print(client))
        return false;
    *o++ = 't';
    memcpy(o, ja4_version(client), 2);
    o += 2;
    *o++ = client->has_sni ? 'd' : 'i';

    unsigned n = numbers_of(&client->ciphers, v);
    o = put_count(o, n);
    sort(v, n);
    char cipher_hash[JA4_HASH_DIGITS];
    put_ja4_hash(cipher_hash, text, (size_t)(put_hex_numbers(text, v, n) - text));

    n = tls_extension_types(client, v);
    o = put_count(o, n);
    put_alpn(o, client);
    o += 2;
    *o++ = '_';
    memcpy(o, cipher_hash, JA4_HASH_DIGITS);
    o += JA4_HASH_DIGITS;
    *o++ = '_';

    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (v[i] != EXT_SNI && v[i] != EXT_ALPN)
            v[kept++] = v[i];
    sort(v, kept);
    char *t = put_hex_numbers(text, v, kept);
    n = numbers_of(&client->sig_algs, v);
    if (kept || n) /* the underscore stands there without signature algorithms too, as Suricata has it */
        *t++ = '_';
    t = put_hex_numbers(t, v, n);
    put_ja4_hash(o, text, (size_t)(t - text));
    o[JA4_HASH_DIGITS] = 0;
    return true;
}
