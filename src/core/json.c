#include "core/json.h"

#include <math.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/text.h"

static const char hexdigits[] = "0123456789abcdef";

static void put(struct json *j, const void *p, size_t n)
{
    if (!buf_add(j->out, p, n))
        j->failed = true;
}

static void put_byte(struct json *j, char c)
{
    if (!buf_add_byte(j->out, (uint8_t)c))
        j->failed = true;
}

/* Comma and key of the member that follows, and room for n bytes of it: where they go. NULL: there is none. */
static char *lead(struct json *j, const char *key, size_t len, size_t n)
{
    if (!buf_reserve(j->out, len + 4 + n)) {
        j->failed = true;
        return NULL;
    }
    char *p = (char *)j->out->data + j->out->len;
    if (j->comma)
        *p++ = ',';
    j->comma = true;
    if (!key)
        return p;
    *p++ = '"';
    p = text_copy(p, key, len);
    *p++ = '"';
    *p++ = ':';
    return p;
}

static void end(struct json *j, const char *p)
{
    j->out->len = (size_t)((const uint8_t *)p - j->out->data);
}

/* A value of n bytes. */
static void member(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    char *p = lead(j, key, len, n);
    if (p)
        end(j, text_copy(p, v, n));
}

/* A string of n bytes without anything to escape. */
static void quoted(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    char *p = lead(j, key, len, n + 2);
    if (!p)
        return;
    *p++ = '"';
    p = text_copy(p, v, n);
    *p++ = '"';
    end(j, p);
}

/* A string's beginning. */
static void begin(struct json *j, const char *key, size_t len)
{
    member(j, key, len, "\"", 1);
}

void json_open_object_n(struct json *j, const char *key, size_t len)
{
    member(j, key, len, "{", 1);
    j->comma = false;
}

void json_open_array_n(struct json *j, const char *key, size_t len)
{
    member(j, key, len, "[", 1);
    j->comma = false;
}

void json_end_object(struct json *j)
{
    put_byte(j, '}');
    j->comma = true;
}

void json_end_array(struct json *j)
{
    put_byte(j, ']');
    j->comma = true;
}

void json_u64_n(struct json *j, const char *key, size_t len, uint64_t v)
{
    char t[TEXT_U64_MAX];
    member(j, key, len, t, (size_t)(text_u64(t, v) - t));
}

void json_i64_n(struct json *j, const char *key, size_t len, int64_t v)
{
    if (v >= 0) {
        json_u64_n(j, key, len, (uint64_t)v);
        return;
    }
    char t[24];
    int n = snprintf(t, sizeof t, "%lld", (long long)v);
    member(j, key, len, t, (size_t)n);
}

void json_bool_n(struct json *j, const char *key, size_t len, bool v)
{
    member(j, key, len, v ? "true" : "false", v ? 4 : 5);
}

void json_double_n(struct json *j, const char *key, size_t len, double v)
{
    char t[40];
    int n = isfinite(v) ? snprintf(t, sizeof t, "%.6g", v) : snprintf(t, sizeof t, "null");
    member(j, key, len, t, (size_t)n);
}

/* Length of the UTF-8 sequence at p (RFC 3629), 0 if it is none. */
static size_t utf8_len(const uint8_t *p, size_t n)
{
    uint8_t c = p[0];
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c < 0xe0)
        return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c >= 0xe0 && c < 0xf0) {
        if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
            return 0;
        if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] >= 0xa0))
            return 0;
        return 3;
    }
    if (c >= 0xf0 && c < 0xf5) {
        if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80)
            return 0;
        if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] >= 0x90))
            return 0;
        return 4;
    }
    return 0;
}

static bool is_utf8(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t k = utf8_len(p + i, n - i);
        if (k == 0)
            return false;
        i += k;
    }
    return true;
}

static void escape(struct json *j, uint8_t c)
{
    switch (c) {
    case '"':
        put(j, "\\\"", 2);
        return;
    case '\\':
        put(j, "\\\\", 2);
        return;
    case '\n':
        put(j, "\\n", 2);
        return;
    case '\r':
        put(j, "\\r", 2);
        return;
    case '\t':
        put(j, "\\t", 2);
        return;
    case '\b':
        put(j, "\\b", 2);
        return;
    case '\f':
        put(j, "\\f", 2);
        return;
    default: {
        char t[6] = {'\\', 'u', '0', '0', hexdigits[c >> 4], hexdigits[c & 15]};
        put(j, t, 6);
    }
    }
}

static bool plain(uint8_t c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Is one of eight bytes not plain ASCII? Of a word w, (w - EACH(1)) & ~w has the top bit of a byte set that is zero. */
static inline bool odd_word(uint64_t w)
{
    uint64_t quote = w ^ EACH('"'), slash = w ^ EACH('\\'), del = w ^ EACH(0x7f);
    uint64_t odd = w | ((w - EACH(0x20)) & ~w) | ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) |
                   ((del - EACH(1)) & ~del);
    return odd & EACH(0x80);
}

/* How many bytes at the beginning need nothing done. */
static size_t plain_run(const uint8_t *p, size_t n)
{
    size_t i = 0;
    uint64_t w;
    for (; n - i >= sizeof w; i += sizeof w) {
        memcpy(&w, p + i, sizeof w);
        if (odd_word(w))
            break;
    }
    if (i < n && n >= sizeof w && n - i < sizeof w) { /* what is left, with some that were looked at */
        memcpy(&w, p + n - sizeof w, sizeof w);
        if (!odd_word(w))
            return n;
    }
    while (i < n && plain(p[i]) && p[i] < 0x80)
        i++;
    return i;
}

void json_bytes_n(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    const uint8_t *p = v;
    size_t i = plain_run(p, n);
    if (i == n) {
        quoted(j, key, len, p, n);
        return;
    }
    bool text = is_utf8(p + i, n - i);
    begin(j, key, len);
    put(j, p, i);
    while (i < n) {
        size_t from = i;
        while (i < n && plain(p[i]) && (text || p[i] < 0x80))
            i++;
        put(j, p + from, i - from);
        if (i == n)
            break;
        if (text || p[i] < 0x80) {
            escape(j, p[i]);
        } else {
            char t[5] = {'\\', '\\', 'x', hexdigits[p[i] >> 4], hexdigits[p[i] & 15]};
            put(j, t, 5);
        }
        i++;
    }
    put_byte(j, '"');
}

void json_printable_n(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    const uint8_t *p = v;
    begin(j, key, len);
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\' || p[i] == '\n' || p[i] == '\r')
            escape(j, p[i]);
        else
            put_byte(j, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
    }
    put_byte(j, '"');
}

void json_base64_n(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = v;
    begin(j, key, len);
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t w = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        char t[4] = {set[w >> 18], set[(w >> 12) & 63], left > 1 ? set[(w >> 6) & 63] : '=',
                     left > 2 ? set[w & 63] : '='};
        put(j, t, 4);
    }
    put_byte(j, '"');
}

void json_hex_n(struct json *j, const char *key, size_t len, const void *v, size_t n, char sep)
{
    const uint8_t *p = v;
    begin(j, key, len);
    for (size_t i = 0; i < n; i++) {
        char t[3] = {sep, hexdigits[p[i] >> 4], hexdigits[p[i] & 15]};
        bool with = sep && i;
        put(j, with ? t : t + 1, with ? 3 : 2);
    }
    put_byte(j, '"');
}

void json_addr_n(struct json *j, const char *key, size_t len, const struct addr *a)
{
    char t[ADDR_TEXT_MAX];
    quoted(j, key, len, t, addr_print(a, true, t));
}

void json_time_n(struct json *j, const char *key, size_t len, uint64_t time_ns)
{
    char t[CLOCK_TEXT_MAX];
    quoted(j, key, len, t, clock_print(time_ns, t));
}

void json_raw_n(struct json *j, const char *key, size_t len, const void *v, size_t n)
{
    member(j, key, len, v, n);
}
