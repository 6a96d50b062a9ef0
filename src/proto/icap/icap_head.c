/* ICAP heads: the first line, and the headers that matter here (RFC 3507 section 4.3). */
#include "proto/icap/icap_state.h"

#include <strings.h>

/* Entries of an Encapsulated header that are read: two heads and a body at most (RFC 3507 4.4.1). */
#define ENTRIES_MAX 3u

size_t icap_head_end(const uint8_t *p, size_t n, size_t *scanned)
{
    size_t at = *scanned;
    const uint8_t *lf;
    while (at < n && (lf = memchr(p + at, '\n', n - at)) != NULL) {
        at = (size_t)(lf - p);
        size_t next = at + 1;
        if (next < n && p[next] == '\r')
            next++;
        if (next < n && p[next] == '\n')
            return next + 1;
        if (next >= n) {
            *scanned = at;
            return 0;
        }
        at++;
    }
    *scanned = n;
    return 0;
}

bool icap_line(struct reader *r, struct reader *line)
{
    size_t n = reader_left(r);
    if (n == 0)
        return false;
    const uint8_t *lf = memchr(r->p, '\n', n);
    *line = reader_sub(r, lf ? (size_t)(lf - r->p) : n);
    if (lf)
        reader_skip(r, 1);
    if (reader_left(line) && line->end[-1] == '\r')
        line->end--;
    return true;
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static void trim(struct reader *r)
{
    while (reader_left(r) && blank(r->p[0]))
        r->p++;
    while (reader_left(r) && blank(r->end[-1]))
        r->end--;
}

bool icap_header(struct reader line, const char *name, struct reader *value)
{
    size_t len = strlen(name);
    const uint8_t *at = reader_take(&line, len);
    if (!at || strncasecmp((const char *)at, name, len) != 0)
        return false;
    while (reader_left(&line) && blank(line.p[0]))
        line.p++;
    if (reader_u8(&line) != ':')
        return false;
    trim(&line);
    *value = line;
    return true;
}

/* Up to what ends a word of the first line; the blanks behind it are taken, too. */
static struct reader word(struct reader *line)
{
    struct reader w = reader_of(line->p, 0);
    while (reader_left(line) && !blank(line->p[0]))
        w.end = ++line->p;
    trim(line);
    return w;
}

static bool is(struct reader w, const char *text)
{
    return reader_left(&w) == strlen(text) && strncasecmp((const char *)w.p, text, strlen(text)) == 0;
}

static bool begins(struct reader w, const char *text)
{
    return reader_left(&w) >= strlen(text) && strncasecmp((const char *)w.p, text, strlen(text)) == 0;
}

struct entry {
    struct reader name;
    size_t offset;
};

/* "name=offset" up to a comma. */
static bool take_entry(struct reader *list, struct entry *out)
{
    trim(list);
    out->name = reader_of(list->p, 0);
    while (reader_left(list) && list->p[0] != '=' && list->p[0] != ',' && !blank(list->p[0]))
        out->name.end = ++list->p;
    trim(list);
    if (reader_u8(list) != '=')
        return false;
    trim(list);
    bool digits = false;
    for (out->offset = 0; reader_left(list) && list->p[0] >= '0' && list->p[0] <= '9'; digits = true) {
        out->offset = out->offset * 10 + (size_t)(reader_u8(list) - '0');
        if (out->offset > ICAP_PARTS_MAX)
            return false;
    }
    trim(list);
    return digits && (reader_left(list) == 0 || reader_u8(list) == ',');
}

/* RFC 3507 4.4.1: offsets of heads, ascending from 0, and of what follows them. */
static bool read_parts(struct reader list, struct icap_parts *out)
{
    size_t *last = NULL; /* head that ends where the next entry begins */
    size_t from = 0;
    bool done = false;
    *out = (struct icap_parts){.request = 0};
    for (unsigned i = 0; reader_left(&list); i++) {
        struct entry e;
        if (done || i == ENTRIES_MAX || !take_entry(&list, &e) || e.offset < from || (i == 0 && e.offset != 0))
            return false;
        if (last)
            *last = e.offset - from;
        from = e.offset;
        last = NULL;
        if (is(e.name, "req-hdr") && out->request == 0)
            last = &out->request;
        else if (is(e.name, "res-hdr") && out->response == 0)
            last = &out->response;
        else if (is(e.name, "req-body") || is(e.name, "res-body") || is(e.name, "opt-body"))
            out->body = done = true;
        else if (is(e.name, "null-body"))
            done = true;
        else
            return false;
    }
    return done;
}

static void read_headers(struct reader head, struct icap_head *out, bool *bad_parts)
{
    struct reader line, value;
    bool seen = false;
    while (icap_line(&head, &line)) {
        if (icap_header(line, "Encapsulated", &value) && !seen) {
            seen = true;
            *bad_parts = !read_parts(value, &out->parts);
        } else if (icap_header(line, "Preview", &value)) {
            out->preview = true;
        } else {
            icap_identity_header(line, &out->id);
        }
    }
}

bool icap_head_request(struct reader head, struct icap_head *out, bool *bad_parts)
{
    struct reader line;
    *out = (struct icap_head){.method = ICAP_OTHER};
    *bad_parts = false;
    if (!icap_line(&head, &line))
        return false;
    struct reader method = word(&line);
    struct reader uri = word(&line);
    if (reader_left(&method) == 0 || reader_left(&uri) == 0 || !begins(line, "ICAP/1."))
        return false;
    if (is(method, "REQMOD"))
        out->method = ICAP_REQMOD;
    else if (is(method, "RESPMOD"))
        out->method = ICAP_RESPMOD;
    else if (is(method, "OPTIONS"))
        out->method = ICAP_OPTIONS;
    read_headers(head, out, bad_parts);
    return true;
}

bool icap_head_response(struct reader head, struct icap_head *out, bool *bad_parts)
{
    struct reader line;
    *out = (struct icap_head){.method = ICAP_OTHER};
    *bad_parts = false;
    if (!icap_line(&head, &line) || !begins(line, "ICAP/1."))
        return false;
    word(&line);
    struct reader status = word(&line);
    if (reader_left(&status) != 3)
        return false;
    while (reader_left(&status)) {
        uint8_t c = reader_u8(&status);
        if (c < '0' || c > '9')
            return false;
        out->status = out->status * 10 + (c - '0');
    }
    read_headers(head, out, bad_parts);
    return true;
}
