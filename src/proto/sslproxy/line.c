#include "proto/sslproxy/line.h"

#define HEAD      "SSLproxy: ["
#define KEY       "SSLproxy: "
#define USER_MOST 255u /* bytes */
/* A method of this many letters at most. */
#define METHOD_MOST 20u

/* Can it be a request line of HTTP/1? With `whole`, without its line's end: is it one? */
static bool is_request(const uint8_t *p, size_t n, bool whole)
{
    static const char version[] = " HTTP/1.";
    size_t method = 0;
    while (method < n && method <= METHOD_MOST && p[method] >= 'A' && p[method] <= 'Z')
        method++;
    if (method > METHOD_MOST || (method < n && (method == 0 || p[method] != ' ')))
        return false;
    for (size_t i = method; i < n; i++)
        if (p[i] < ' ' && p[i] != '\r')
            return false;
    if (!whole)
        return true;
    while (n && p[n - 1] == '\r')
        n--;
    const size_t tail = sizeof version; /* with the minor version's digit */
    return n > method + tail && memcmp(p + n - tail, version, sizeof version - 1) == 0;
}

/* The line itself begins at `at`. */
static enum proto_probe_result find_at(const uint8_t *p, size_t n, size_t at, struct sslproxy_place *place)
{
    const size_t want = sizeof HEAD - 1;
    size_t left = n - at;
    if (left && memcmp(p + at, HEAD, left < want ? left : want) != 0)
        return PROBE_NO;
    if (left < want)
        return PROBE_MORE;
    const uint8_t *nl = memchr(p + at, '\n', left < SSLPROXY_LINE_MOST ? left : SSLPROXY_LINE_MOST);
    place->at = at;
    place->len = nl ? (size_t)(nl - (p + at)) + 1 : 0;
    return PROBE_YES;
}

enum proto_probe_result sslproxy_find(const uint8_t *p, size_t n, struct sslproxy_place *place)
{
    *place = (struct sslproxy_place){0, 0};
    if (n == 0)
        return PROBE_MORE;
    enum proto_probe_result first = find_at(p, n, 0, place);
    if (first != PROBE_NO)
        return first;
    const uint8_t *nl = memchr(p, '\n', n < SSLPROXY_REQUEST_MOST ? n : SSLPROXY_REQUEST_MOST);
    if (!nl)
        return n < SSLPROXY_REQUEST_MOST && is_request(p, n, false) ? PROBE_MORE : PROBE_NO;
    size_t request = (size_t)(nl - p) + 1;
    /* Most requests end here: the next line is another one. */
    enum proto_probe_result second = find_at(p, n, request, place);
    return second != PROBE_NO && is_request(p, request - 1, true) ? second : PROBE_NO;
}

/* "[address]:port" */
static bool take_endpoint(struct reader *r, struct addr *addr, uint16_t *port)
{
    if (reader_u8(r) != '[')
        return false;
    const uint8_t *end = reader_left(r) ? memchr(r->p, ']', reader_left(r)) : NULL;
    if (!end || !addr_parse((const char *)r->p, (size_t)(end - r->p), addr))
        return false;
    reader_skip(r, (size_t)(end - r->p) + 1);
    if (reader_u8(r) != ':')
        return false;
    uint32_t value = 0;
    unsigned digits = 0;
    for (; reader_left(r) && *r->p >= '0' && *r->p <= '9' && digits < 6; digits++)
        value = value * 10 + (uint32_t)(reader_u8(r) - '0');
    *port = (uint16_t)value;
    return digits > 0 && value <= 65535;
}

bool sslproxy_read(const uint8_t *p, size_t n, struct sslproxy_line *out)
{
    struct addr back;
    uint16_t back_port;
    *out = (struct sslproxy_line){.user = NULL};
    struct reader r = reader_of(p, n);
    reader_skip(&r, sizeof KEY - 1);
    if (r.bad || !take_endpoint(&r, &back, &back_port) || reader_u8(&r) != ',' ||
        !take_endpoint(&r, &out->client, &out->client_port) || reader_u8(&r) != ',' ||
        !take_endpoint(&r, &out->server, &out->server_port) || reader_u8(&r) != ',')
        return false;
    uint8_t kind = reader_u8(&r);
    out->tls = kind == 's';
    if (kind != 's' && kind != 'p')
        return false;
    if (reader_left(&r) == 0)
        return true;
    if (reader_u8(&r) != ',')
        return false;
    out->user_len = reader_left(&r) < USER_MOST ? reader_left(&r) : USER_MOST;
    out->user = out->user_len ? (const char *)r.p : NULL;
    return true;
}
