#include "core/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "core/text.h"

int addr_compare(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->b, b->b, sizeof a->b);
}

static size_t print_v4(const uint8_t *b, char *out)
{
    char *p = out;
    for (int i = 0; i < 4; i++) {
        unsigned v = b[i];
        if (i)
            *p++ = '.';
        if (v >= 100) {
            *p++ = (char)('0' + v / 100);
            p = text_two(p, v % 100);
        } else if (v >= 10) {
            p = text_two(p, v);
        } else {
            *p++ = (char)('0' + v);
        }
    }
    *p = 0;
    return (size_t)(p - out);
}

static size_t print_v6_full(const uint8_t *b, char *out)
{
    static const char hex[] = "0123456789abcdef";
    char *p = out;
    for (int i = 0; i < 16; i += 2) {
        if (i)
            *p++ = ':';
        *p++ = hex[b[i] >> 4];
        *p++ = hex[b[i] & 15];
        *p++ = hex[b[i + 1] >> 4];
        *p++ = hex[b[i + 1] & 15];
    }
    *p = 0;
    return (size_t)(p - out);
}

size_t addr_print(const struct addr *a, bool full, char out[ADDR_TEXT_MAX])
{
    out[0] = 0;
    if (a->family == ADDR_V4)
        return print_v4(a->b, out);
    if (a->family != ADDR_V6)
        return 0;
    if (full)
        return print_v6_full(a->b, out);
    return inet_ntop(AF_INET6, a->b, out, ADDR_TEXT_MAX) ? strlen(out) : 0;
}

bool addr_parse(const char *text, size_t len, struct addr *out)
{
    char z[ADDR_TEXT_MAX];
    if (len == 0 || len >= sizeof z || memchr(text, 0, len))
        return false;
    memcpy(z, text, len);
    z[len] = 0;
    uint8_t b[16];
    if (inet_pton(AF_INET, z, b) == 1) {
        *out = addr_v4(b);
        return true;
    }
    if (inet_pton(AF_INET6, z, b) == 1) {
        *out = addr_v6(b);
        return true;
    }
    return false;
}

bool addr_parse_prefix(const char *text, struct addr *out, unsigned *bits)
{
    const char *slash = strchr(text, '/');
    if (!addr_parse(text, slash ? (size_t)(slash - text) : strlen(text), out))
        return false;
    unsigned most = out->family == ADDR_V4 ? 32 : 128;
    *bits = most;
    if (!slash)
        return true;
    char *end;
    unsigned long v = strtoul(slash + 1, &end, 10);
    if (end == slash + 1 || *end || v > most)
        return false;
    *bits = (unsigned)v;
    return true;
}

bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned bits)
{
    if (a->family != prefix->family)
        return false;
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;
    if (memcmp(a->b, prefix->b, whole) != 0)
        return false;
    return rest == 0 || ((a->b[whole] ^ prefix->b[whole]) >> (8 - rest)) == 0;
}
