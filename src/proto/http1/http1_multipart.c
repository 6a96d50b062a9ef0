/* Forms with files (RFC 7578, RFC 2046 5.1). What may be a boundary's beginning is held back; all else goes on at once.
 */
#include "proto/http1/http1_body.h"

#include <stdlib.h>

#include "proto/file.h"

/* Blanks behind a boundary (RFC 2046 5.1.1), bytes. */
#define PADDING_MAX 256u

enum multipart_phase { AT_PREAMBLE, BEHIND_BOUNDARY, IN_HEAD, IN_BODY, IN_EPILOGUE };

struct http1_multipart {
    enum multipart_phase phase;
    struct buf held;
    struct proto_file *file; /* NULL: the part is none */
    bool gaps;               /* something is missing: a file may be that was not seen */
    size_t skip;             /* of what is held: not the part's data */
    size_t mark_len;
    char mark[HTTP1_BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
};

struct http1_multipart *http1_multipart_create(struct http1_span content_type)
{
    struct http1_span boundary;
    if (!http1_parameter(content_type, "boundary", &boundary) || boundary.n > HTTP1_BOUNDARY_MAX)
        return NULL;
    struct http1_multipart *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    memcpy(m->mark, "\r\n--", 4);
    memcpy(m->mark + 4, boundary.p, boundary.n);
    m->mark_len = boundary.n + 4;
    return m;
}

void http1_multipart_destroy(struct http1_multipart *m)
{
    if (m)
        buf_fini(&m->held);
    free(m);
}

static bool failed(struct http1_state *s, struct http1_tx *tx, enum http1_event event)
{
    struct http1_multipart *m = tx->multipart;
    http1_raise(s, tx, event);
    proto_file_close(s->io, m->file, PROTO_FILE_TRUNCATED);
    m->file = NULL;
    m->phase = IN_EPILOGUE;
    return true;
}

/* The steps answer whether there may be more to do with what is held. */

static bool preamble(struct http1_multipart *m)
{
    const char *mark = m->mark + 2;
    size_t len = m->mark_len - 2;
    const uint8_t *at = m->held.len ? memmem(m->held.data, m->held.len, mark, len) : NULL;
    if (!at) {
        if (m->held.len >= len)
            buf_drop(&m->held, m->held.len - (len - 1));
        return false;
    }
    buf_drop(&m->held, (size_t)(at - m->held.data) + len);
    m->phase = BEHIND_BOUNDARY;
    return true;
}

static bool behind_boundary(struct http1_state *s, struct http1_tx *tx)
{
    struct http1_multipart *m = tx->multipart;
    const uint8_t *p = m->held.data;
    if (m->held.len < 2)
        return false;
    if (p[0] == '-' && p[1] == '-') {
        m->phase = IN_EPILOGUE;
        return true;
    }
    const uint8_t *nl = memchr(p, '\n', m->held.len);
    if (!nl)
        return m->held.len > PADDING_MAX && failed(s, tx, HTTP1_MULTIPART_GENERIC_ERROR);
    buf_drop(&m->held, (size_t)(nl - p) + 1);
    m->phase = IN_HEAD;
    return true;
}

/* Of a part's header the name of the file, if it has one. */
static void begin_part(struct http1_state *s, struct http1_tx *tx, const uint8_t *p, size_t n)
{
    struct reader r = reader_of(p, n);
    struct http1_field f;
    struct http1_span name;
    bool named = false;
    while (!named && http1_field_next(&r, &f)) {
        if (f.value.p == f.name.p + f.name.n)
            http1_raise(s, tx, HTTP1_MULTIPART_INVALID_HEADER);
        named = http1_span_is(f.name, "content-disposition") && http1_parameter(f.value, "filename", &name);
    }
    tx->multipart->file = NULL;
    if (!named)
        return;
    struct proto_file_begin b = {.role = TO_SERVER, .name = name.p, .name_len = name.n, .data_most = HTTP1_BODY_MAX};
    if (name.n > PROTO_FILE_NAME_MAX)
        http1_raise(s, tx, HTTP1_FILE_NAME_TOO_LONG);
    tx->multipart->file = proto_file_open(s->io, &tx->base, &b);
}

static bool part_head(struct http1_state *s, struct http1_tx *tx)
{
    struct http1_multipart *m = tx->multipart;
    struct http1_scan scan = {0, 0};
    size_t n = m->held.len ? http1_head_length(&scan, m->held.data, m->held.len) : 0;
    if (n > HTTP1_PART_HEAD_MAX || (!n && m->held.len > HTTP1_PART_HEAD_MAX))
        return failed(s, tx, HTTP1_MULTIPART_INVALID_HEADER);
    if (!n)
        return false;
    begin_part(s, tx, m->held.data, n);
    /* An empty part may have its boundary on the empty line's place: keep that line's end. */
    m->skip = n >= 2 && m->held.data[n - 2] == '\r' ? 2 : 0;
    buf_drop(&m->held, n - m->skip);
    m->phase = IN_BODY;
    return true;
}

static void part_data(struct http1_state *s, struct http1_multipart *m, size_t n)
{
    size_t skip = m->skip < n ? m->skip : n;
    m->skip -= skip;
    proto_file_data(s->io, m->file, m->held.data + skip, n - skip);
    buf_drop(&m->held, n);
}

static bool part_body(struct http1_state *s, struct http1_tx *tx)
{
    struct http1_multipart *m = tx->multipart;
    const uint8_t *at = m->held.len ? memmem(m->held.data, m->held.len, m->mark, m->mark_len) : NULL;
    if (!at) {
        if (m->held.len >= m->mark_len)
            part_data(s, m, m->held.len - (m->mark_len - 1));
        return false;
    }
    part_data(s, m, (size_t)(at - m->held.data));
    proto_file_close(s->io, m->file, PROTO_FILE_CLOSED);
    m->file = NULL;
    buf_drop(&m->held, m->mark_len);
    m->phase = BEHIND_BOUNDARY;
    return true;
}

static bool step(struct http1_state *s, struct http1_tx *tx)
{
    switch (tx->multipart->phase) {
    case AT_PREAMBLE:
        return preamble(tx->multipart);
    case BEHIND_BOUNDARY:
        return behind_boundary(s, tx);
    case IN_HEAD:
        return part_head(s, tx);
    case IN_BODY:
        return part_body(s, tx);
    case IN_EPILOGUE:
        buf_clear(&tx->multipart->held);
        return false;
    }
    return false;
}

void http1_multipart_data(struct http1_state *s, struct http1_tx *tx, const uint8_t *p, size_t n)
{
    struct http1_multipart *m = tx->multipart;
    if (m->phase == IN_EPILOGUE || !buf_add(&m->held, p, n))
        return;
    while (step(s, tx))
        ;
}

void http1_multipart_gap(struct http1_state *s, struct http1_tx *tx, uint64_t n)
{
    struct http1_multipart *m = tx->multipart;
    m->gaps = true;
    if (m->phase == IN_BODY) {
        part_data(s, m, m->held.len);
        proto_file_gap(s->io, m->file, n);
    } else if (m->phase == IN_HEAD || m->phase == BEHIND_BOUNDARY) {
        m->phase = AT_PREAMBLE; /* the next boundary is where something is known again */
    }
    buf_clear(&m->held);
}

void http1_multipart_end(struct http1_state *s, struct http1_tx *tx)
{
    struct http1_multipart *m = tx->multipart;
    if (m->phase == IN_BODY)
        part_data(s, m, m->held.len);
    if (!m->gaps && (m->phase == AT_PREAMBLE || m->phase == IN_HEAD))
        http1_raise(s, tx, HTTP1_MULTIPART_NO_FILEDATA);
    proto_file_close(s->io, m->file, PROTO_FILE_CLOSED);
    m->file = NULL;
    m->phase = IN_EPILOGUE;
    buf_clear(&m->held);
}
