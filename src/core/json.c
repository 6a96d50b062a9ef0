#include "core/json.h"

#include <math.h>
#include <stdio.h>

#include "core/clock.h"

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

/* Comma and key of the member that follows. */
static void lead(struct json *j, const char *key)
{
    size_t n = key ? strlen(key) : 0;
    if (!buf_reserve(j->out, n + 4)) {
        j->failed = true;
        return;
    }
    uint8_t *p = j->out->data + j->out->len;
    if (j->comma)
        *p++ = ',';
    if (key) {
        *p++ = '"';
        memcpy(p, key, n);
        p += n;
        *p++ = '"';
        *p++ = ':';
    }
    j->out->len = (size_t)(p - j->out->data);
    j->comma = true;
}

void json_open_object(struct json *j, const char *key)
{
    lead(j, key);
    put_byte(j, '{');
    j->comma = false;
}

void json_open_array(struct json *j, const char *key)
{
    lead(j, key);
    put_byte(j, '[');
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

void json_u64(struct json *j, const char *key, uint64_t v)
{
    char t[20];
    char *p = t + sizeof t;
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    lead(j, key);
    put(j, p, (size_t)(t + sizeof t - p));
}

void json_i64(struct json *j, const char *key, int64_t v)
{
    if (v >= 0) {
        json_u64(j, key, (uint64_t)v);
        return;
    }
    char t[24];
    int n = snprintf(t, sizeof t, "%lld", (long long)v);
    lead(j, key);
    put(j, t, (size_t)n);
}

void json_bool(struct json *j, const char *key, bool v)
{
    lead(j, key);
    put(j, v ? "true" : "false", v ? 4 : 5);
}

void json_put_null(struct json *j, const char *key)
{
    lead(j, key);
    put(j, "null", 4);
}

void json_double(struct json *j, const char *key, double v)
{
    char t[40];
    int n = isfinite(v) ? snprintf(t, sizeof t, "%.6g", v) : snprintf(t, sizeof t, "null");
    lead(j, key);
    put(j, t, (size_t)n);
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

void json_bytes(struct json *j, const char *key, const void *v, size_t n)
{
    const uint8_t *p = v;
    size_t run = 0;
    lead(j, key);
    put_byte(j, '"');
    while (run < n && plain(p[run]) && p[run] < 0x80)
        run++;
    bool text = run == n || is_utf8(p + run, n - run);
    size_t i = run;
    put(j, p, run);
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

void json_str(struct json *j, const char *key, const char *v)
{
    json_bytes(j, key, v, strlen(v));
}

void json_printable(struct json *j, const char *key, const void *v, size_t n)
{
    const uint8_t *p = v;
    lead(j, key);
    put_byte(j, '"');
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\' || p[i] == '\n' || p[i] == '\r')
            escape(j, p[i]);
        else
            put_byte(j, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
    }
    put_byte(j, '"');
}

void json_base64(struct json *j, const char *key, const void *v, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = v;
    lead(j, key);
    put_byte(j, '"');
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t w = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        char t[4] = {set[w >> 18], set[(w >> 12) & 63], left > 1 ? set[(w >> 6) & 63] : '=',
                     left > 2 ? set[w & 63] : '='};
        put(j, t, 4);
    }
    put_byte(j, '"');
}

void json_hex(struct json *j, const char *key, const void *v, size_t n, char sep)
{
    const uint8_t *p = v;
    lead(j, key);
    put_byte(j, '"');
    for (size_t i = 0; i < n; i++) {
        char t[3] = {sep, hexdigits[p[i] >> 4], hexdigits[p[i] & 15]};
        bool with = sep && i;
        put(j, with ? t : t + 1, with ? 3 : 2);
    }
    put_byte(j, '"');
}

void json_addr(struct json *j, const char *key, const struct addr *a)
{
    char t[ADDR_TEXT_MAX];
    size_t n = addr_print(a, true, t);
    lead(j, key);
    put_byte(j, '"');
    put(j, t, n);
    put_byte(j, '"');
}

void json_time(struct json *j, const char *key, uint64_t time_ns)
{
    char t[CLOCK_TEXT_MAX];
    size_t n = clock_print(time_ns, t);
    lead(j, key);
    put_byte(j, '"');
    put(j, t, n);
    put_byte(j, '"');
}

void json_raw(struct json *j, const char *key, const void *v, size_t n)
{
    lead(j, key);
    put(j, v, n);
}
