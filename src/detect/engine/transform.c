#include "detect/engine/inspect.h"

#include <libpsl.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <zlib.h>

/* Bytes of a domain name as text (RFC 1035 2.3.4). */
#define NAME_MAX_BYTES 255u

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int base64_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 3.2: the text is filled up with '=' to groups of four, and ends there. */
static bool is_padded(const uint8_t *p, size_t at, size_t n, unsigned have)
{
    if (n - at != (have ? 4 - have : 0) || have == 1)
        return false;
    for (; at < n; at++)
        if (p[at] != '=')
            return false;
    return true;
}

bool inspect_base64(const uint8_t *p, size_t n, enum base64_mode mode, struct buf *out)
{
    uint32_t word = 0;
    unsigned have = 0;
    size_t i = 0;
    for (; i < n && p[i] != '='; i++) {
        int v = base64_of(p[i]);
        if (v < 0 && mode == BASE64_RFC2045)
            continue;
        if (v < 0 && mode == BASE64_STRICT)
            return false;
        if (v < 0)
            break;
        word = word << 6 | (uint32_t)v;
        if (++have < 4)
            continue;
        have = 0;
        if (!buf_reserve(out, 3) || out->len > INSPECT_BASE64_MAX)
            return false;
        for (int shift = 16; shift >= 0; shift -= 8)
            buf_add_byte(out, (uint8_t)(word >> shift));
    }
    if (mode == BASE64_STRICT && !is_padded(p, i, n, have))
        return false;
    if (have == 2)
        return buf_add_byte(out, (uint8_t)(word >> 4));
    if (have == 3)
        return buf_add_byte(out, (uint8_t)(word >> 10)) && buf_add_byte(out, (uint8_t)(word >> 2));
    return true;
}

static bool each_byte(const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    bool after_blank = false;
    if (!buf_reserve(out, b->n + 1))
        return false;
    if (t->kind == TRANSFORM_DOTPREFIX)
        buf_add_byte(out, '.');
    for (size_t i = 0; i < b->n; i++) {
        uint8_t c = b->p[i];
        bool blank = is_blank(c);
        if (blank &&
            (t->kind == TRANSFORM_STRIP_WHITESPACE || (t->kind == TRANSFORM_COMPRESS_WHITESPACE && after_blank)))
            continue;
        after_blank = blank;
        if (blank && t->kind == TRANSFORM_COMPRESS_WHITESPACE)
            c = ' ';
        if (t->kind == TRANSFORM_TO_LOWER && c >= 'A' && c <= 'Z')
            c |= 0x20;
        else if (t->kind == TRANSFORM_TO_UPPER && c >= 'a' && c <= 'z')
            c &= 0xdf;
        buf_add_byte(out, c);
    }
    return true;
}

/* The key is the rule's, or lies in the buffer; what stands before the offset stays as it is. */
static bool exclusive_or(const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    const uint8_t *key = t->bytes;
    size_t key_len = t->len, begin = t->offset > 0 ? (size_t)t->offset : 0;
    if (t->has_most) {
        key_len = t->most;
        if (t->key_at > b->n || key_len > b->n - t->key_at)
            return false;
        key = b->p + t->key_at;
    }
    if (!key_len || !buf_reserve(out, b->n))
        return false;
    for (size_t i = 0; i < b->n; i++)
        buf_add_byte(out, i < begin ? b->p[i] : b->p[i] ^ key[(i - begin) % key_len]);
    return true;
}

static bool digest(enum transform_kind kind, const struct inspect_bytes *b, struct buf *out)
{
    uint8_t d[SHA256_DIGEST_SIZE];
    if (kind == TRANSFORM_MD5) {
        struct md5_ctx c;
        md5_init(&c);
        md5_update(&c, b->n, b->p);
        md5_digest(&c, MD5_DIGEST_SIZE, d);
        return buf_add(out, d, MD5_DIGEST_SIZE);
    }
    if (kind == TRANSFORM_SHA1) {
        struct sha1_ctx c;
        sha1_init(&c);
        sha1_update(&c, b->n, b->p);
        sha1_digest(&c, SHA1_DIGEST_SIZE, d);
        return buf_add(out, d, SHA1_DIGEST_SIZE);
    }
    struct sha256_ctx c;
    sha256_init(&c);
    sha256_update(&c, b->n, b->p);
    sha256_digest(&c, SHA256_DIGEST_SIZE, d);
    return buf_add(out, d, SHA256_DIGEST_SIZE);
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool url_decode(const struct inspect_bytes *b, struct buf *out)
{
    if (!buf_reserve(out, b->n))
        return false;
    for (size_t i = 0; i < b->n; i++) {
        uint8_t c = b->p[i];
        if (c == '%' && i + 2 < b->n && hex(b->p[i + 1]) >= 0 && hex(b->p[i + 2]) >= 0) {
            c = (uint8_t)(hex(b->p[i + 1]) << 4 | hex(b->p[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buf_add_byte(out, c);
    }
    return true;
}

/* Names of headers to lower case: up to the colon of each line. */
static bool header_lower(const struct inspect_bytes *b, struct buf *out)
{
    bool name = true;
    if (!buf_reserve(out, b->n))
        return false;
    for (size_t i = 0; i < b->n; i++) {
        uint8_t c = b->p[i];
        if (c == '\n')
            name = true;
        else if (c == ':')
            name = false;
        if (name && c >= 'A' && c <= 'Z')
            c |= 0x20;
        buf_add_byte(out, c);
    }
    return true;
}

/* Lines that begin with ':' (HTTP/2's pseudo headers) go. */
static bool strip_pseudo(const struct inspect_bytes *b, struct buf *out)
{
    bool first = true, skip = false;
    if (!buf_reserve(out, b->n))
        return false;
    for (size_t i = 0; i < b->n; i++) {
        if (first)
            skip = b->p[i] == ':';
        first = b->p[i] == '\n';
        if (!skip)
            buf_add_byte(out, b->p[i]);
    }
    return true;
}

static bool pcre_part(struct inspect_pcres *pcres, const struct transform *t, const struct inspect_bytes *b,
                      struct buf *out)
{
    pcre2_code *code = inspect_pcre(pcres, t->pcre_id);
    int r = code ? pcre2_match(code, b->p ? b->p : (PCRE2_SPTR) "", b->n, 0, 0, pcres->found, pcres->limits) : -1;
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(pcres->found);
    if (r < 2 || v[2] == PCRE2_UNSET || v[3] < v[2])
        return false;
    return buf_add(out, b->p + v[2], v[3] - v[2]);
}

static bool subslice(const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    int64_t n = (int64_t)b->n;
    int64_t begin = t->offset < 0 ? n + t->offset : t->offset;
    if (begin < 0)
        begin = 0;
    int64_t end = t->has_most ? begin + t->most : n;
    if (end > n && !t->truncate && t->has_most)
        return false;
    if (end > n)
        end = n;
    return begin < end && buf_add(out, b->p + begin, (size_t)(end - begin));
}

static bool from_base64(const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    size_t begin = t->offset > 0 ? (size_t)t->offset : 0;
    if (begin >= b->n)
        return false;
    size_t n = b->n - begin;
    if (t->most && t->most < n)
        n = t->most;
    return inspect_base64(b->p + begin, n, (enum base64_mode)t->mode, out) && out->len;
}

/* The registered domain, or the suffix under which it was registered. The buffer's own bytes are kept: only the list
 * is asked in lower case. Without one (an address, a suffix alone) the buffer stays as it is. */
static bool domain(enum transform_kind kind, const struct inspect_bytes *b, struct buf *out)
{
    char name[NAME_MAX_BYTES + 1];
    size_t n = b->n;
    if (n > 0 && b->p[n - 1] == '.')
        n--;
    if (n == 0 || n > NAME_MAX_BYTES || memchr(b->p, 0, n))
        return buf_add(out, b->p, b->n);
    for (size_t i = 0; i < n; i++)
        name[i] = (char)(b->p[i] >= 'A' && b->p[i] <= 'Z' ? b->p[i] | 0x20 : b->p[i]);
    name[n] = '\0';
    const char *part = kind == TRANSFORM_DOMAIN ? psl_registrable_domain(psl_builtin(), name)
                                                : psl_unregistrable_domain(psl_builtin(), name);
    if (!part || part < name || part > name + n)
        return buf_add(out, b->p, b->n);
    return buf_add(out, b->p + (part - name), n - (size_t)(part - name));
}

/* Window bits for zlib: with 16, the stream has gzip's header (RFC 1952), without zlib's (RFC 1950). What was unpacked
 * before an error or the limit is what is looked into. */
static bool unpack(const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)b->p};
    if (b->n > UINT32_MAX || inflateInit2(&z, MAX_WBITS + (t->kind == TRANSFORM_GUNZIP ? 16 : 0)) != Z_OK)
        return false;
    z.avail_in = (uInt)b->n;
    int r = Z_OK;
    while (r == Z_OK && out->len < t->most) {
        uint8_t piece[1024];
        size_t room = t->most - out->len < sizeof piece ? t->most - out->len : sizeof piece;
        z.next_out = piece;
        z.avail_out = (uInt)room;
        r = inflate(&z, Z_NO_FLUSH);
        if (!buf_add(out, piece, room - z.avail_out))
            break;
    }
    inflateEnd(&z);
    return out->len > 0;
}

static bool one(struct inspect_pcres *pcres, const struct transform *t, const struct inspect_bytes *b, struct buf *out)
{
    switch (t->kind) {
    case TRANSFORM_STRIP_WHITESPACE:
    case TRANSFORM_COMPRESS_WHITESPACE:
    case TRANSFORM_TO_LOWER:
    case TRANSFORM_TO_UPPER:
    case TRANSFORM_DOTPREFIX:
        return each_byte(t, b, out);
    case TRANSFORM_XOR:
        return exclusive_or(t, b, out);
    case TRANSFORM_MD5:
    case TRANSFORM_SHA1:
    case TRANSFORM_SHA256:
        return digest(t->kind, b, out);
    case TRANSFORM_URL_DECODE:
        return url_decode(b, out);
    case TRANSFORM_HEADER_LOWER:
        return header_lower(b, out);
    case TRANSFORM_STRIP_PSEUDO:
        return strip_pseudo(b, out);
    case TRANSFORM_PCRE:
        return pcre_part(pcres, t, b, out);
    case TRANSFORM_SUBSLICE:
        return subslice(t, b, out);
    case TRANSFORM_FROM_BASE64:
        return from_base64(t, b, out);
    case TRANSFORM_DOMAIN:
    case TRANSFORM_TLD:
        return domain(t->kind, b, out);
    case TRANSFORM_GUNZIP:
    case TRANSFORM_ZLIB_DEFLATE:
        return unpack(t, b, out);
    }
    return false;
}

bool inspect_transform(struct inspect_pcres *pcres, const struct transform *t, unsigned count, struct buf work[2],
                       struct inspect_bytes *bytes)
{
    for (unsigned i = 0; i < count; i++) {
        struct buf *out = &work[i & 1];
        buf_clear(out);
        if (!one(pcres, &t[i], bytes, out))
            return false;
        *bytes = (struct inspect_bytes){out->data, out->len};
    }
    return true;
}
