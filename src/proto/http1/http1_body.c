#include "proto/http1/http1_body.h"

#include <stdlib.h>
#include <strings.h>

#include "proto/file.h"
#include "proto/http1/http1_coding.h"
#include "proto/http1/http1_config.h"

static struct http1_span span_of(const bstr *b)
{
    return b ? (struct http1_span){bstr_ptr(b), bstr_len(b)} : (struct http1_span){NULL, 0};
}

static struct http1_span header(const htp_table_t *headers, const char *name)
{
    const htp_header_t *h = headers ? htp_table_get_c(headers, name) : NULL;
    return h ? span_of(h->value) : (struct http1_span){NULL, 0};
}

/* A body is looked at each time that so much more of it is there (as Suricata's minimal-inspect-size), and when no more
 * is kept. */
static void tell_growth(struct http1_tx *tx, enum flow_dir role, size_t before, bool full)
{
    size_t now = tx->body[role].len;
    if (before / HTTP1_BODY_STEP != now / HTTP1_BODY_STEP)
        tx->base.looks[role]++;
    if (full && tx->base.progress[role] < TX_BODY)
        tx->base.progress[role] = TX_BODY;
}

/* How many of n bytes are kept of what has room for `most`; a connection's share is bounded, too. */
static void keep(struct http1_state *s, struct buf *b, const uint8_t *p, size_t n, size_t most)
{
    if (b->len >= most)
        return;
    if (n > most - b->len)
        n = most - b->len;
    if (n > HTTP1_BODIES_MAX - s->bodies)
        n = HTTP1_BODIES_MAX - s->bodies;
    if (buf_add(b, p, n))
        s->bodies += n;
}

void http1_body_drop(struct http1_state *s, struct http1_tx *tx)
{
    for (int d = 0; d < 2; d++) {
        if (s)
            s->bodies -= tx->body[d].len + tx->raw[d].len;
        buf_fini(&tx->body[d]);
        buf_fini(&tx->raw[d]);
        http1_coding_destroy(&tx->coding[d]);
    }
    http1_multipart_destroy(tx->multipart);
    tx->multipart = NULL;
}

bool http1_parameter(struct http1_span value, const char *name, struct http1_span *out)
{
    size_t len = strlen(name);
    size_t i = 0;
    bool quoted = false, begin = false;
    for (; i < value.n; i++) {
        uint8_t c = value.p[i];
        if (begin && c != ' ' && c != '\t') {
            begin = false;
            if (value.n - i > len && value.p[i + len] == '=' && strncasecmp((const char *)value.p + i, name, len) == 0)
                break;
        }
        quoted = quoted != (c == '"');
        begin = begin || (c == ';' && !quoted);
    }
    if (i >= value.n)
        return false;
    const uint8_t *p = value.p + i + len + 1, *end = value.p + value.n;
    const uint8_t *stop = p;
    if (p < end && *p == '"') {
        stop = ++p;
        while (stop < end && !(*stop == '"' && stop[-1] != '\\'))
            stop++;
    } else {
        while (stop < end && *stop != ';')
            stop++;
        while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
    }
    *out = (struct http1_span){p, (size_t)(stop - p)};
    return out->n > 0;
}

static bool number(struct reader *r, uint64_t *out)
{
    const uint8_t *begin = r->p;
    uint64_t v = 0;
    while (reader_left(r) && *r->p >= '0' && *r->p <= '9' && r->p - begin < 18)
        v = v * 10 + (uint64_t)(reader_u8(r) - '0');
    *out = v;
    return r->p != begin;
}

bool http1_range_read(const uint8_t *p, size_t n, struct http1_range *out)
{
    struct reader r = reader_of(p, n);
    *out = (struct http1_range){0, 0, 0};
    while (reader_left(&r) && *r.p == ' ')
        r.p++;
    const uint8_t *unit = reader_take(&r, 5);
    if (!unit || strncasecmp((const char *)unit, "bytes", 5) != 0)
        return false;
    while (reader_left(&r) && (*r.p == ' ' || *r.p == '='))
        r.p++;
    if (!number(&r, &out->from) || reader_u8(&r) != '-' || !number(&r, &out->to) || reader_u8(&r) != '/')
        return false;
    if (!number(&r, &out->size))
        out->size = 0;
    return !r.bad;
}

/* The path that was asked for, as libhtp normalised it. */
static struct http1_span path_of(const struct http1_tx *tx)
{
    const htp_uri_t *u = tx->htp->parsed_uri;
    return u ? span_of(u->path) : (struct http1_span){NULL, 0};
}

/* A part of a file, if the reply says so and what it says makes sense. */
static void set_range(struct http1_state *s, struct http1_tx *tx, struct proto_file_begin *b)
{
    struct http1_span value = header(tx->htp->response_headers, "content-range");
    struct http1_range r;
    if (!value.n || !http1_range_read(value.p, value.n, &r) || r.to == 0)
        return;
    if (r.size && r.from == 0 && r.to + 1 == r.size)
        return; /* the whole */
    if (r.from > r.to || (r.size && r.to >= r.size)) {
        http1_raise(s, tx, HTTP1_RANGE_INVALID);
        return;
    }
    b->ranged = true;
    b->start = r.from;
    b->end = r.to;
    b->total = r.size;
}

static void open_file(struct http1_state *s, struct http1_tx *tx, enum flow_dir role)
{
    struct http1_span name;
    struct proto_file_begin b = {.role = role, .data_most = role == TO_SERVER ? HTTP1_BODY_MAX : 0};
    if (role == TO_SERVER ||
        !http1_parameter(header(tx->htp->response_headers, "content-disposition"), "filename", &name))
        name = path_of(tx);
    if (!name.n)
        return;
    if (name.n > PROTO_FILE_NAME_MAX)
        http1_raise(s, tx, HTTP1_FILE_NAME_TOO_LONG);
    if (role == TO_CLIENT)
        set_range(s, tx, &b);
    b.name = name.p;
    b.name_len = name.n;
    tx->file[role] = proto_file_open(s->io, &tx->base, &b);
}

/* The first bytes of a request's body: is it a file, or a form with some? */
static void begin_request(struct http1_state *s, struct http1_tx *tx)
{
    struct http1_span type = header(tx->htp->request_headers, "content-type");
    static const char form[] = "multipart/form-data";
    if (tx->htp->request_method_number == HTP_M_POST && type.n > sizeof form &&
        strncasecmp((const char *)type.p, form, sizeof form - 1) == 0)
        tx->multipart = http1_multipart_create(type);
    bool file = tx->htp->request_method_number == HTP_M_POST || tx->htp->request_method_number == HTP_M_PUT;
    if (!tx->multipart && file)
        open_file(s, tx, TO_SERVER);
}

static void begin(struct http1_state *s, struct http1_tx *tx, enum flow_dir role)
{
    if (tx->begun[role])
        return;
    tx->begun[role] = true;
    if (role == TO_SERVER)
        begin_request(s, tx);
    else
        open_file(s, tx, role);
}

/* Missing bytes don't count for the limit. */
static void body_gap(struct http1_state *s, struct http1_tx *tx, enum flow_dir role, uint64_t n)
{
    begin(s, tx, role);
    if (role == TO_SERVER && tx->multipart)
        http1_multipart_gap(s, tx, n);
    else
        proto_file_gap(s->io, tx->file[role], n);
}

static void body_data(struct http1_state *s, struct http1_tx *tx, enum flow_dir role, const uint8_t *p, size_t n)
{
    uint64_t limit = s->profile->body_limit[role];
    if (limit && tx->seen[role] >= limit) {
        proto_file_close(s->io, tx->file[role], PROTO_FILE_TRUNCATED);
        return;
    }
    if (limit && n > limit - tx->seen[role])
        n = (size_t)(limit - tx->seen[role]);
    tx->seen[role] += n;
    begin(s, tx, role);
    tx->passed[role] |= !s->io->bodies;
    size_t before = tx->body[role].len;
    if (!tx->passed[role])
        keep(s, &tx->body[role], p, n, limit && limit < HTTP1_BODIES_MAX ? (size_t)limit : HTTP1_BODIES_MAX);
    if (role == TO_SERVER && tx->multipart)
        http1_multipart_data(s, tx, p, n);
    else
        proto_file_data(s->io, tx->file[role], p, n);
    if (!tx->passed[role])
        tell_growth(tx, role, before, tx->body[role].len - before < n || (limit && tx->seen[role] >= limit));
}

bool http1_body_decoded(struct http1_state *s, struct http1_tx *tx, enum flow_dir role, const uint8_t *p, size_t n)
{
    uint64_t limit = s->profile->body_limit[role];
    bool full = limit && tx->seen[role] >= limit; /* that there is more is known only now */
    body_data(s, tx, role, p, n);
    return !full;
}

/* libhtp tells missing bytes, and the end, without data. What is coded can't be read on behind a gap. */
static int on_body(htp_tx_data_t *d, enum flow_dir role)
{
    struct http1_state *s = htp_connp_get_user_data(d->tx->connp);
    struct http1_tx *tx = htp_tx_get_user_data(d->tx);
    if (!tx || !s->io)
        return HTP_OK;
    struct http1_coding *coding = tx->coding[role];
    if (d->data && d->len && coding)
        http1_coding_data(coding, d->data, d->len);
    else if (d->data && d->len)
        body_data(s, tx, role, d->data, d->len);
    else if (coding)
        http1_coding_end(coding);
    if (!d->data && d->len)
        body_gap(s, tx, role, d->len);
    return HTP_OK;
}

static int on_request_body(htp_tx_data_t *d)
{
    return on_body(d, TO_SERVER);
}

static int on_response_body(htp_tx_data_t *d)
{
    return on_body(d, TO_CLIENT);
}

static int on_raw(htp_tx_data_t *d, enum flow_dir role)
{
    struct http1_state *s = htp_connp_get_user_data(d->tx->connp);
    struct http1_tx *tx = htp_tx_get_user_data(d->tx);
    if (tx && s->rules && d->data && d->len)
        keep(s, &tx->raw[role], d->data, d->len, HTTP1_RAW_MAX);
    return HTP_OK;
}

static int on_request_raw(htp_tx_data_t *d)
{
    return on_raw(d, TO_SERVER);
}

static int on_response_raw(htp_tx_data_t *d)
{
    return on_raw(d, TO_CLIENT);
}

void http1_register_body_hooks(htp_cfg_t *c)
{
    htp_config_register_request_body_data(c, on_request_body);
    htp_config_register_response_body_data(c, on_response_body);
    htp_config_register_request_header_data(c, on_request_raw);
    htp_config_register_response_header_data(c, on_response_raw);
    htp_config_register_request_trailer_data(c, on_request_raw);
    htp_config_register_response_trailer_data(c, on_response_raw);
}

void http1_body_end(struct http1_state *s, struct http1_tx *tx, enum flow_dir role)
{
    if (!tx || !s->io)
        return;
    if (role == TO_SERVER && tx->multipart)
        http1_multipart_end(s, tx);
    else
        proto_file_close(s->io, tx->file[role], PROTO_FILE_CLOSED);
}
