#include "proto/http1/http1_frame.h"

#include <strings.h>

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct http1_span trim(const uint8_t *p, size_t n)
{
    while (n && (is_blank(p[n - 1]) || p[n - 1] == '\r' || p[n - 1] == '\n'))
        n--;
    while (n && is_blank(*p))
        p++, n--;
    return (struct http1_span){p, n};
}

bool http1_span_is(struct http1_span s, const char *text)
{
    return s.n == strlen(text) && strncasecmp((const char *)s.p, text, s.n) == 0;
}

size_t http1_head_length(struct http1_scan *scan, const uint8_t *p, size_t n)
{
    while (scan->at < n) {
        const uint8_t *nl = memchr(p + scan->at, '\n', n - scan->at);
        if (!nl) {
            scan->at = n;
            return 0;
        }
        size_t end = (size_t)(nl - p);
        size_t len = end - scan->line;
        bool empty = len == 0 || (len == 1 && p[scan->line] == '\r');
        scan->line = scan->at = end + 1;
        if (empty)
            return end + 1;
    }
    return 0;
}

struct http1_span http1_line(struct reader *r)
{
    const uint8_t *p = r->p;
    size_t left = reader_left(r);
    const uint8_t *nl = left ? memchr(p, '\n', left) : NULL;
    size_t n = nl ? (size_t)(nl - p) : left;
    reader_skip(r, nl ? n + 1 : n);
    while (n && p[n - 1] == '\r')
        n--;
    return (struct http1_span){p, n};
}

bool http1_request_line(struct http1_span line, struct http1_request_line *out)
{
    line = trim(line.p, line.n);
    size_t method = 0;
    while (method < line.n && !is_blank(line.p[method]))
        method++;
    size_t version = line.n;
    while (version > method && !is_blank(line.p[version - 1]))
        version--;
    if (method == 0 || version <= method || line.n - version < 6 ||
        strncasecmp((const char *)line.p + version, "HTTP/", 5) != 0)
        return false;
    out->method = (struct http1_span){line.p, method};
    out->target = trim(line.p + method, version - method);
    out->version = (struct http1_span){line.p + version, line.n - version};
    return out->target.n != 0;
}

bool http1_status_line(struct http1_span line, struct http1_status_line *out)
{
    line = trim(line.p, line.n);
    struct reader r = reader_of(line.p, line.n);
    const uint8_t *version = reader_take(&r, 5);
    if (!version || memcmp(version, "HTTP/", 5) != 0)
        return false;
    while (reader_left(&r) && !is_blank(*r.p))
        r.p++;
    while (reader_left(&r) && is_blank(*r.p))
        r.p++;
    int code = 0;
    for (int i = 0; i < 3; i++) {
        uint8_t c = reader_u8(&r);
        if (r.bad || c < '0' || c > '9')
            return false;
        code = code * 10 + (c - '0');
    }
    if (reader_left(&r) && reader_u8(&r) != ' ')
        return false;
    *out = (struct http1_status_line){.code = code, .reason = {r.p, reader_left(&r)}};
    return code >= 100;
}

bool http1_field_next(struct reader *r, struct http1_field *out)
{
    const uint8_t *begin = r->p;
    struct http1_span line = http1_line(r);
    if (line.n == 0)
        return false;
    while (reader_left(r) && is_blank(*r->p))
        http1_line(r);
    size_t n = (size_t)(r->p - begin);
    const uint8_t *colon = memchr(begin, ':', line.n);
    size_t name = colon ? (size_t)(colon - begin) : line.n;
    out->raw = (struct http1_span){begin, n};
    out->name = trim(begin, name);
    out->value = colon ? trim(colon + 1, n - name - 1) : (struct http1_span){begin + line.n, 0};
    return true;
}

/* Take a word of a list up to its comma. */
static struct http1_span next_word(struct http1_span *list)
{
    const uint8_t *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
    size_t n = comma ? (size_t)(comma - list->p) : list->n;
    struct http1_span word = trim(list->p, n);
    n += comma != NULL;
    list->p += n;
    list->n -= n;
    return word;
}

bool http1_value_has(struct http1_span value, const char *word)
{
    while (value.n)
        if (http1_span_is(next_word(&value), word))
            return true;
    return false;
}

/* RFC 9110 8.6: a number, or the same number several times. */
static void add_length(struct http1_framing *f, struct http1_span value)
{
    do {
        struct http1_span word = next_word(&value);
        uint64_t v = 0;
        if (word.n == 0 || word.n > 18)
            f->bad = true;
        for (size_t i = 0; i < word.n && !f->bad; i++) {
            if (word.p[i] < '0' || word.p[i] > '9')
                f->bad = true;
            v = v * 10 + (uint64_t)(word.p[i] - '0');
        }
        if (f->sized && f->length != v)
            f->bad = true;
        f->sized = true;
        f->length = v;
    } while (value.n);
}

void http1_framing_add(struct http1_framing *f, const struct http1_field *field)
{
    if (http1_span_is(field->name, "content-length")) {
        add_length(f, field->value);
    } else if (http1_span_is(field->name, "transfer-encoding")) {
        struct http1_span list = field->value;
        f->coded = true;
        do
            f->chunked = http1_span_is(next_word(&list), "chunked");
        while (list.n);
    }
}

static struct http1_body body_of(enum http1_body_state state, uint64_t left)
{
    if (state == HTTP1_BODY_LENGTH && left == 0)
        state = HTTP1_BODY_DONE;
    return (struct http1_body){.state = state, .left = left};
}

struct http1_body http1_body_of_request(const struct http1_framing *f)
{
    if (f->coded)
        return body_of(f->chunked ? HTTP1_BODY_CHUNKED : HTTP1_BODY_BAD, 0);
    if (f->bad)
        return body_of(HTTP1_BODY_BAD, 0);
    return body_of(HTTP1_BODY_LENGTH, f->sized ? f->length : 0);
}

struct http1_body http1_body_of_reply(const struct http1_framing *f, int code, bool to_head)
{
    if (to_head || code < 200 || code == 204 || code == 304)
        return body_of(HTTP1_BODY_DONE, 0);
    if (f->coded)
        return body_of(f->chunked ? HTTP1_BODY_CHUNKED : HTTP1_BODY_CLOSE, 0);
    if (f->bad)
        return body_of(HTTP1_BODY_BAD, 0);
    return body_of(f->sized ? HTTP1_BODY_LENGTH : HTTP1_BODY_CLOSE, f->length);
}

static size_t take_chunked(struct http1_body *b, const uint8_t *p, size_t n)
{
    struct reader r = reader_of(p, n);
    while (b->state == HTTP1_BODY_CHUNKED) {
        switch (chunked_next(&b->chunked, &r)) {
        case CHUNKED_MORE:
            return n;
        case CHUNKED_END:
            b->state = HTTP1_BODY_DONE;
            break;
        case CHUNKED_BAD:
        case CHUNKED_TOO_LONG:
            b->state = HTTP1_BODY_BAD;
            break;
        case CHUNKED_CHUNK:
        case CHUNKED_DATA:
        case CHUNKED_LAST:
            break;
        }
    }
    return n - reader_left(&r);
}

size_t http1_body_take(struct http1_body *b, const uint8_t *p, size_t n)
{
    switch (b->state) {
    case HTTP1_BODY_DONE:
    case HTTP1_BODY_BAD:
        return 0;
    case HTTP1_BODY_CHUNKED:
        return take_chunked(b, p, n);
    case HTTP1_BODY_CLOSE:
        return n;
    case HTTP1_BODY_LENGTH:
        break;
    }
    n = b->left < n ? (size_t)b->left : n;
    b->left -= n;
    if (b->left == 0)
        b->state = HTTP1_BODY_DONE;
    return n;
}

bool http1_body_gap(struct http1_body *b, uint64_t n)
{
    if (b->state == HTTP1_BODY_CHUNKED)
        return chunked_gap(&b->chunked, n);
    if (b->state == HTTP1_BODY_CLOSE)
        return true;
    if (b->state != HTTP1_BODY_LENGTH || n > b->left)
        return false;
    b->left -= n;
    if (b->left == 0)
        b->state = HTTP1_BODY_DONE;
    return true;
}
