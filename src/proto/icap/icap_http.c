/* The encapsulated HTTP heads: for whom they are, how long their bodies are, and how they look in the session. */
#include "proto/icap/icap_state.h"

#include <strings.h>

#define HTTP_PORT  80u
#define HTTPS_PORT 443u

static bool begins(struct reader r, const char *text)
{
    return reader_left(&r) >= strlen(text) && strncasecmp((const char *)r.p, text, strlen(text)) == 0;
}

/* What can't be part of a name: blanks, controls, and what delimits a URI (RFC 3986 3.2.2). */
static bool name_ok(const uint8_t *p, size_t n)
{
    if (n == 0 || n > ICAP_HOST_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] == 0x7f || strchr("/?#@[]:\\\"<>", p[i]) != NULL)
            return false;
    return true;
}

/* host [":" port] (RFC 3986 3.2), user information before it. */
static bool read_authority(struct reader a, uint16_t port, struct icap_request *out)
{
    const uint8_t *at = reader_left(&a) ? memrchr(a.p, '@', reader_left(&a)) : NULL;
    if (at)
        a.p = at + 1;
    struct reader host = a;
    const uint8_t *bracket = reader_left(&a) && a.p[0] == '[' ? memchr(a.p, ']', reader_left(&a)) : NULL;
    const uint8_t *colon = bracket ? bracket + 1 : reader_left(&a) ? memchr(a.p, ':', reader_left(&a)) : NULL;
    if (bracket) {
        host.p++;
        host.end = bracket;
    } else if (colon) {
        host.end = colon;
    }
    struct addr v6;
    if (bracket ? !addr_parse((const char *)host.p, reader_left(&host), &v6) : !name_ok(host.p, reader_left(&host)))
        return false;
    uint32_t given = 0;
    if (colon && colon < a.end) {
        a.p = colon;
        if (reader_u8(&a) != ':')
            return false;
        while (reader_left(&a) && given <= UINT16_MAX) {
            uint8_t c = reader_u8(&a);
            if (c < '0' || c > '9')
                return false;
            given = given * 10 + (uint32_t)(c - '0');
        }
    }
    if (given > UINT16_MAX)
        return false;
    out->host = host.p;
    out->host_len = reader_left(&host);
    out->port = given ? (uint16_t)given : port;
    return true;
}

/* The request's target (RFC 9112 3.2). Absolute-form names the origin; the others leave it to the Host header. */
static void read_target(struct reader target, struct icap_request *out)
{
    uint16_t port = begins(target, "https://") ? HTTPS_PORT : HTTP_PORT;
    out->path = target.p;
    out->path_len = reader_left(&target);
    if (out->connect) {
        read_authority(target, HTTPS_PORT, out);
        return;
    }
    const uint8_t *scheme = memmem(target.p, out->path_len, "://", 3);
    if (!scheme || target.p[0] == '/')
        return;
    struct reader rest = target;
    reader_skip(&rest, (size_t)(scheme + 3 - target.p));
    struct reader authority = reader_of(rest.p, 0);
    while (reader_left(&rest) && strchr("/?#", rest.p[0] ? rest.p[0] : 'x') == NULL)
        authority.end = ++rest.p;
    read_authority(authority, port, out);
    out->path = rest.p;
    out->path_len = reader_left(&rest);
    out->root = out->path_len == 0 || rest.p[0] != '/';
}

static bool has_coding(struct reader value)
{
    return reader_left(&value) >= 7 && strncasecmp((const char *)value.end - 7, "chunked", 7) == 0;
}

static bool read_number(struct reader value, uint64_t *out)
{
    if (reader_left(&value) == 0)
        return false;
    for (*out = 0; reader_left(&value);) {
        uint8_t c = reader_u8(&value);
        if (c < '0' || c > '9' || *out > UINT64_MAX / 20)
            return false;
        *out = *out * 10 + (uint64_t)(c - '0');
    }
    return true;
}

/* RFC 9112 6.3, of one header: a transfer coding goes before a length, the first length before others. */
static void read_length(struct reader line, struct icap_length *length)
{
    struct reader value;
    uint64_t n;
    if (icap_header(line, "Transfer-Encoding", &value) && has_coding(value))
        length->framing = ICAP_CHUNKED;
    else if (length->framing == ICAP_CLOSE && icap_header(line, "Content-Length", &value) && read_number(value, &n))
        *length = (struct icap_length){.framing = ICAP_LENGTH, .n = n};
}

bool icap_http_request(struct reader head, struct icap_request *out, struct icap_length *length)
{
    struct reader line, value;
    *out = (struct icap_request){.port = HTTP_PORT};
    *length = (struct icap_length){.framing = ICAP_CLOSE};
    if (!icap_line(&head, &line))
        return false;
    const uint8_t *end = memmem(line.p, reader_left(&line), " HTTP/1.", 8);
    const uint8_t *blank = memchr(line.p, ' ', reader_left(&line));
    if (!end || !blank || blank == line.p || blank + 1 >= end)
        return false;
    out->method = line.p;
    out->method_len = (size_t)(blank - line.p);
    struct reader method = reader_of(line.p, out->method_len);
    out->connect = out->method_len == 7 && begins(method, "CONNECT");
    out->head = out->method_len == 4 && begins(method, "HEAD");
    read_target(reader_of(blank + 1, (size_t)(end - blank - 1)), out);
    while (icap_line(&head, &line)) {
        if (!out->host && icap_header(line, "Host", &value))
            read_authority(value, HTTP_PORT, out);
        read_length(line, length);
    }
    return true;
}

bool icap_http_response(struct reader head, struct icap_length *length)
{
    struct reader line;
    *length = (struct icap_length){.framing = ICAP_CLOSE};
    if (!icap_line(&head, &line) || !begins(line, "HTTP/1.") || reader_left(&line) < 12)
        return false;
    const uint8_t *status = line.p + 9;
    bool none = status[0] == '1' || memcmp(status, "204", 3) == 0 || memcmp(status, "304", 3) == 0;
    while (icap_line(&head, &line))
        read_length(line, length);
    if (none)
        *length = (struct icap_length){.framing = ICAP_NO_BODY, .last = status[0] == '1'};
    return true;
}

/* Said to the proxy: passwords, and no part of the session. */
static bool for_proxy(struct reader line)
{
    struct reader value;
    return icap_header(line, "Proxy-Authorization", &value) || icap_header(line, "Proxy-Connection", &value);
}

struct out {
    struct proto_io *io;
    uint32_t channel;
    enum flow_dir dir;
};

static void put(const struct out *o, const uint8_t *from, const uint8_t *end)
{
    if (from < end)
        o->io->engine->carry(o->io, o->channel, o->dir, from, (size_t)(end - from), false);
}

static void put_text(const struct out *o, const char *text)
{
    put(o, (const uint8_t *)text, (const uint8_t *)text + strlen(text));
}

void icap_http_write_request(struct proto_io *io, uint32_t channel, enum flow_dir dir, struct reader head,
                             const struct icap_request *req, bool add_coding)
{
    struct out o = {io, channel, dir};
    put(&o, req->method, req->method + req->method_len);
    put_text(&o, req->root ? " /" : " ");
    const uint8_t *from = req->path;
    struct reader line;
    bool dropped = false;
    icap_line(&head, &line);
    while (reader_left(&head)) {
        const uint8_t *at = head.p;
        icap_line(&head, &line);
        bool folded = reader_left(&line) && (line.p[0] == ' ' || line.p[0] == '\t');
        bool drop = folded ? dropped : for_proxy(line);
        bool coding = add_coding && reader_left(&line) == 0;
        if (drop || coding) {
            put(&o, from, at);
            from = drop ? head.p : at;
        }
        if (coding)
            put_text(&o, "Transfer-Encoding: chunked\r\n");
        add_coding = add_coding && !coding;
        dropped = drop;
    }
    put(&o, from, head.p);
}
