#include "core/bytes.h"
#include "proto/http1/http1_state.h"

/* A request line that is not whole by then is no longer waited for, bytes. */
#define LINE_MAX_BYTES 2048
/* Empty lines before a request (RFC 9112 2.2), bytes. */
#define LEAD_MAX 8

enum found { FOUND_NONE, FOUND_MORE, FOUND_REQUEST, FOUND_RESPONSE };

static const char *const methods[] = {
    "GET",         "POST",     "HEAD",       "PUT",
    "CONNECT",     "OPTIONS",  "DELETE",     "TRACE",
    "PATCH",       "COPY",     "MOVE",       "LOCK",
    "UNLOCK",      "PROPFIND", "PROPPATCH",  "MKCOL",
    "MERGE",       "LABEL",    "REPORT",     "UPDATE",
    "CHECKIN",     "CHECKOUT", "UNCHECKOUT", "VERSION-CONTROL",
    "MKACTIVITY",  "SEARCH",   "BIND",       "BASELINE-CONTROL",
    "MKWORKSPACE", "ACL",      "INVALID",
};

static bool contains(const uint8_t *p, size_t n, const char *what)
{
    return memmem(p, n, what, strlen(what)) != NULL;
}

/* Of all that a token may hold (RFC 9110 5.6.2), what methods are made of (18.2). */
static bool is_method_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* Of a known method followed by a blank: FOUND_REQUEST; of what can become one: FOUND_MORE. */
static enum found known_method(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (p[0] != (uint8_t)methods[i][0])
            continue;
        size_t m = strlen(methods[i]);
        if (memcmp(p, methods[i], n < m ? n : m) != 0)
            continue;
        if (n <= m)
            return FOUND_MORE;
        if (p[m] == ' ' || p[m] == '\t')
            return FOUND_REQUEST;
    }
    return FOUND_NONE;
}

/* A word that is no known method is a request only if the first line names the protocol. */
static enum found odd_request(const uint8_t *p, size_t n, bool whole)
{
    size_t i = 0;
    while (i < n && is_method_char(p[i]))
        i++;
    if (i == 0 || (i < n && p[i] != ' '))
        return FOUND_NONE;
    if (contains(p, n, " HTTP/1."))
        return FOUND_REQUEST;
    return whole || n >= LINE_MAX_BYTES ? FOUND_NONE : FOUND_MORE;
}

static enum found look(const uint8_t *p, size_t n)
{
    size_t lead = 0;
    if (n == 0)
        return FOUND_MORE;
    while (lead < n && lead < LEAD_MAX && (p[lead] == '\r' || p[lead] == '\n'))
        lead++;
    p += lead;
    n -= lead;
    if (n == 0)
        return FOUND_MORE;
    size_t v = n < 7 ? n : 7;
    if (memcmp(p, "HTTP/1.", v) == 0 || memcmp(p, "HTTP/0.", v) == 0)
        return v == 7 ? FOUND_RESPONSE : FOUND_MORE;

    const uint8_t *nl = memchr(p, '\n', n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES);
    size_t line = nl ? (size_t)(nl - p) : n;
    enum found f = known_method(p, n);
    /* RTSP and SIP share methods with HTTP (RFC 2326 6.1, RFC 3261 7.1). */
    if (f == FOUND_REQUEST && nl && (contains(p, line, " RTSP/") || contains(p, line, " SIP/")))
        return FOUND_NONE;
    /* ICAP has OPTIONS, too (RFC 3507 4.10); its target says so. */
    size_t o = n < 12 ? n : 12;
    if (f == FOUND_REQUEST && memcmp(p, "OPTIONS icap", o) == 0)
        return o == 12 ? FOUND_NONE : FOUND_MORE;
    if (f == FOUND_NONE)
        f = odd_request(p, line, nl != NULL);
    return f;
}

enum proto_probe_result http1_probe(const struct proto_probe *p)
{
    enum found up = look(p->data[TO_SERVER], p->len[TO_SERVER]);
    enum found down = look(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    if (up == FOUND_REQUEST)
        return PROBE_YES;
    if (down == FOUND_RESPONSE)
        return PROBE_YES;
    if (up == FOUND_RESPONSE || down == FOUND_REQUEST)
        return PROBE_YES_REVERSED;
    /* Whatever the client sent, an answer in HTTP makes it a request. */
    bool answer_due = p->len[TO_CLIENT] == 0 && !p->eof[TO_CLIENT] && p->len[TO_SERVER] < LINE_MAX_BYTES;
    if (down == FOUND_NONE || (up == FOUND_NONE && !answer_due))
        return PROBE_NO;
    return PROBE_MORE;
}
