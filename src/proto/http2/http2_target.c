/* What a tunnel is asked for, and by whom. */
#include <strings.h>

#include "proto/http2/http2_state.h"

/* Longest decoded credentials that are looked at, bytes. */
#define TOKEN_MAX 1024

/* 1 to 65535 in decimal; 0 if it is none. */
static uint16_t port_of(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    if (n == 0 || n > 5)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return 0;
        v = v * 10 + (uint32_t)(p[i] - '0');
    }
    return v <= 65535 ? (uint16_t)v : 0;
}

/* What can't be part of a name: blanks, controls, and what delimits a URI (RFC 3986 3.2.2). */
static bool name_ok(const uint8_t *p, size_t n)
{
    if (n == 0 || n > HTTP2_HOST_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] == 0x7f || strchr("/?#@[]:\\\"<>", p[i]) != NULL)
            return false;
    return true;
}

bool http2_target_authority(const uint8_t *p, size_t n, struct http2_target *out)
{
    out->addr = (struct addr){.family = ADDR_NONE};
    out->host = NULL;
    out->host_len = 0;
    out->port = 0;
    const uint8_t *colon = n ? memrchr(p, ':', n) : NULL;
    if (!colon)
        return false;
    size_t host = (size_t)(colon - p);
    out->port = port_of(colon + 1, n - host - 1);
    if (out->port == 0)
        return false;
    if (host >= 2 && p[0] == '[' && p[host - 1] == ']')
        return addr_parse((const char *)p + 1, host - 2, &out->addr) && out->addr.family == ADDR_V6;
    if (addr_parse((const char *)p, host, &out->addr))
        return out->addr.family == ADDR_V4; /* IPv6 without brackets is ambiguous */
    out->addr = (struct addr){.family = ADDR_NONE};
    if (!name_ok(p, host))
        return false;
    out->host = (const char *)p;
    out->host_len = host;
    return true;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decode up to the next slash (RFC 3986 2.1). Returns the length, 0: empty, too long or malformed. */
static size_t segment(struct reader *r, char *out, size_t room)
{
    size_t len = 0;
    while (reader_left(r)) {
        uint8_t c = reader_u8(r);
        if (c == '/')
            return len;
        if (c == '%') {
            int high = hex_digit(reader_u8(r));
            int low = hex_digit(reader_u8(r));
            if (r->bad || high < 0 || low < 0)
                return 0;
            c = (uint8_t)(high << 4 | low);
        }
        if (len == room)
            return 0;
        out[len++] = (char)c;
    }
    return len;
}

bool http2_target_masque(const uint8_t *p, size_t n, struct http2_target *out)
{
    static const char base[] = "/.well-known/masque/udp/";
    char port[6];
    struct reader r = reader_of(p, n);
    *out = (struct http2_target){.port = 0};
    const uint8_t *head = reader_take(&r, sizeof base - 1);
    if (!head || memcmp(head, base, sizeof base - 1) != 0)
        return false;
    size_t host_len = segment(&r, out->text, HTTP2_HOST_MAX);
    size_t port_len = segment(&r, port, sizeof port);
    out->port = port_of((const uint8_t *)port, port_len);
    if (host_len == 0 || out->port == 0 || reader_left(&r) != 0)
        return false;
    if (addr_parse(out->text, host_len, &out->addr))
        return true;
    out->addr = (struct addr){.family = ADDR_NONE};
    if (!name_ok((const uint8_t *)out->text, host_len))
        return false;
    out->host = out->text;
    out->host_len = host_len;
    return true;
}

static int digit64(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t http2_basic_user(const uint8_t *p, size_t n, char out[HTTP2_USER_MAX])
{
    uint8_t token[TOKEN_MAX];
    size_t len = 0;
    uint32_t acc = 0;
    unsigned bits = 0;
    struct reader r = reader_of(p, n);
    const uint8_t *scheme = reader_take(&r, 6);
    if (!scheme || strncasecmp((const char *)scheme, "Basic ", 6) != 0)
        return 0;
    while (reader_left(&r) && *r.p == ' ')
        reader_skip(&r, 1);
    while (reader_left(&r) && len < sizeof token) {
        int d = digit64(reader_u8(&r));
        if (d < 0)
            break;
        acc = acc << 6 | (uint32_t)d;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            token[len++] = (uint8_t)(acc >> bits);
        }
    }
    const uint8_t *colon = len ? memchr(token, ':', len) : NULL;
    size_t user = colon ? (size_t)(colon - token) : 0;
    if (user > HTTP2_USER_MAX)
        user = HTTP2_USER_MAX;
    memcpy(out, token, user);
    explicit_bzero(token, sizeof token);
    return user;
}
