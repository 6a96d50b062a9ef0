/* Which header it is, and version 1: a line of text. */
#include "proto/proxyproto/header.h"

#define PORT_MOST 65535u

/* Section 2.2: what no other protocol begins with. */
static const uint8_t signature[12] = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

/* Section 2.1. An UNKNOWN line may end there or go on with anything. */
static const char *const lines[] = {"PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN\r", "PROXY UNKNOWN "};

static enum proto_probe_result compare(const uint8_t *p, size_t n, const void *want, size_t len)
{
    if (memcmp(p, want, n < len ? n : len) != 0)
        return PROBE_NO;
    return n < len ? PROBE_MORE : PROBE_YES;
}

enum proto_probe_result proxy_begins(const uint8_t *p, size_t n)
{
    if (n == 0)
        return PROBE_MORE;
    if (p[0] != signature[0] && p[0] != (uint8_t)lines[0][0]) /* as all of them begin: most flows have none */
        return PROBE_NO;
    enum proto_probe_result best = compare(p, n, signature, sizeof signature);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] && best == PROBE_NO; i++)
        best = compare(p, n, lines[i], strlen(lines[i]));
    return best;
}

/* One field of the line: up to the blank, or to the line's end for the last. */
static bool take_field(struct reader *r, bool last, const char **text, size_t *len)
{
    size_t left = reader_left(r);
    const uint8_t *blank = left ? memchr(r->p, ' ', left) : NULL;
    *len = blank ? (size_t)(blank - r->p) : left;
    if (last ? blank != NULL : blank == NULL)
        return false;
    *text = (const char *)reader_take(r, *len);
    if (!last)
        reader_skip(r, 1);
    return *text && *len > 0;
}

static bool take_address(struct reader *r, uint8_t family, struct addr *out)
{
    const char *text;
    size_t len;
    return take_field(r, false, &text, &len) && addr_parse(text, len, out) && out->family == family;
}

/* Decimal, without a leading zero. */
static bool take_port(struct reader *r, bool last, uint16_t *out)
{
    const char *text;
    size_t len;
    if (!take_field(r, last, &text, &len) || len > 5 || (text[0] == '0' && len > 1))
        return false;
    uint32_t port = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    *out = (uint16_t)port;
    return port <= PORT_MOST;
}

static enum proxy_found bad(struct proxy_header *out)
{
    out->odd |= PROXY_ODD(PROXY_INVALID_HEADER);
    return PROXY_BAD;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n" */
static enum proxy_found read_v1(const uint8_t *p, size_t n, struct proxy_header *out)
{
    size_t most = n < PROXY_V1_MOST ? n : PROXY_V1_MOST;
    const uint8_t *cr = memchr(p, '\r', most);
    const uint8_t *nl = memchr(p, '\n', most);
    if (nl && (nl == p || nl[-1] != '\r'))
        return bad(out);
    if (cr && cr + 1 < p + most && cr[1] != '\n')
        return bad(out);
    if (!nl && n < PROXY_V1_MOST)
        return PROXY_MORE;
    if (!nl) {
        out->odd |= PROXY_ODD(PROXY_INVALID_LENGTH);
        return PROXY_BAD;
    }
    out->len = (size_t)(nl - p) + 1;
    if (p[6] == 'U')
        return PROXY_WHOLE;
    uint8_t family = p[9] == '4' ? ADDR_V4 : ADDR_V6;
    struct reader r = reader_of(p, out->len - 2);
    reader_skip(&r, strlen(lines[0]));
    out->named = take_address(&r, family, &out->client) && take_address(&r, family, &out->server) &&
                 take_port(&r, false, &out->client_port) && take_port(&r, true, &out->server_port);
    return out->named ? PROXY_WHOLE : bad(out);
}

enum proxy_found proxy_read(const uint8_t *p, size_t n, struct proxy_header *out)
{
    *out = (struct proxy_header){.len = 0};
    enum proto_probe_result begins = proxy_begins(p, n);
    if (begins == PROBE_NO)
        return bad(out);
    if (begins == PROBE_MORE)
        return PROXY_MORE;
    return p[0] == 'P' ? read_v1(p, n, out) : proxy_read_v2(p, n, out);
}
