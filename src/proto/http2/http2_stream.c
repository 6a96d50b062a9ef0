/* Streams (RFC 9113 5, 8): which there are, what came on them, and when a transaction is complete. */
#include <stdlib.h>
#include <strings.h>

#include "proto/http2/http2_state.h"
#include "proto/inflate.h"

static struct http2_stream **bucket_of(const struct http2_state *s, uint32_t id)
{
    uint64_t h = (id ^ (uintptr_t)s) * 0x9e3779b97f4a7c15ull;
    return &s->buckets[(h >> 32) % HTTP2_BUCKETS];
}

struct http2_stream *http2_stream_find(const struct http2_state *s, uint32_t id)
{
    struct http2_stream *st = s->buckets ? *bucket_of(s, id) : NULL;
    while (st && st->id != id)
        st = st->in_bucket;
    return st;
}

struct http2_stream *http2_stream_open(struct http2_state *s, uint32_t id)
{
    if (!s->buckets)
        s->buckets = calloc(HTTP2_BUCKETS, sizeof(struct http2_stream *));
    if (!s->buckets)
        return NULL;
    if (s->stream_count >= HTTP2_STREAMS_MAX) {
        http2_raise(s, HTTP2_TOO_MANY_STREAMS);
        return NULL;
    }
    struct http2_stream *st = calloc(1, sizeof *st);
    struct http2_tx *tx = st ? proto_tx_add(&s->txs, sizeof *tx, s->io->time_ns) : NULL;
    if (!tx) {
        free(st);
        return NULL;
    }
    tx->stream_id = id;
    for (int i = 0; i < 2; i++)
        tx->half[i].table_size = -1;
    st->id = id;
    st->tx = tx;
    st->start_ns = s->io->time_ns;
    for (int i = 0; i < 2; i++)
        buf_init(&st->held[i], HTTP2_HELD_MAX);
    st->in_bucket = *bucket_of(s, id);
    *bucket_of(s, id) = st;
    st->prev = s->last;
    if (s->last)
        s->last->next = st;
    else
        s->first = st;
    s->last = st;
    s->stream_count++;
    return st;
}

/* Rules look at what is final. */
static void progress(struct http2_stream *st, enum flow_dir role, enum tx_progress p)
{
    if (st->tx && st->tx->base.progress[role] < p)
        st->tx->base.progress[role] = (uint8_t)p;
}

void http2_tx_complete(struct http2_state *s, struct http2_stream *st)
{
    if (!st->tx)
        return;
    for (int i = 0; i < 2; i++)
        s->stored -= st->tx->half[i].fields.len;
    st->tx->base.complete = true;
    st->tx = NULL;
}

void http2_stream_drop(struct http2_state *s, struct http2_stream *st)
{
    struct http2_stream **at = bucket_of(s, st->id);
    while (*at != st)
        at = &(*at)->in_bucket;
    *at = st->in_bucket;
    *(st->prev ? &st->prev->next : &s->first) = st->next;
    *(st->next ? &st->next->prev : &s->last) = st->prev;
    s->stream_count--;
    http2_tx_complete(s, st);
    http2_carry_drop(s, st);
    http2_carry_unframe(st);
    free(st);
}

void http2_streams_give_up(struct http2_state *s, const char *reason)
{
    s->broken = true;
    while (s->first) {
        if (s->first->kind == HTTP2_ASKED)
            http2_connect_lost(s, s->first, TUNNEL_INCOMPLETE, reason);
        http2_carry_close(s, s->first);
        http2_stream_drop(s, s->first);
    }
}

/* Is it over? Then let go of it. */
static void settle(struct http2_state *s, struct http2_stream *st)
{
    bool both = st->ended[TO_SERVER] && st->ended[TO_CLIENT];
    bool over = both;
    switch (st->kind) {
    case HTTP2_TUNNEL:
        over = both || (st->wish == HTTP2_WISH_UDP && (st->ended[TO_SERVER] || st->ended[TO_CLIENT]));
        if (over)
            http2_carry_close(s, st);
        break;
    case HTTP2_ASKED:
        over = st->ended[TO_CLIENT];
        if (over)
            http2_connect_lost(s, st, TUNNEL_INCOMPLETE, "no answer");
        break;
    case HTTP2_OVER:
    case HTTP2_UNASKED:
        over = st->ended[TO_CLIENT];
        break;
    default:
        break;
    }
    if (over)
        http2_stream_drop(s, st);
}

/* What tunnels and records can't do without, when much is stored already. */
static bool needed(const struct http2_field *f)
{
    bool known = (f->name_len && f->name[0] == ':') ||
                 (f->name_len == 4 && strncasecmp("host", (const char *)f->name, 4) == 0) ||
                 (f->name_len == 19 && strncasecmp("proxy-authorization", (const char *)f->name, 19) == 0);
    return known && f->name_len + f->value_len <= HTTP2_NEEDED_MAX;
}

static void keep_needed(struct buf *to, const struct buf *from)
{
    struct reader in = reader_of(from->data, from->len);
    struct http2_field f;
    unsigned n = 0;
    while (n < HTTP2_NEEDED_MOST && http2_fields_next(&in, &f))
        if (needed(&f)) {
            http2_fields_add(to, f.name, f.name_len, f.value, f.value_len);
            n++;
        }
}

/* The block's fields become the transaction's. */
static void keep_fields(struct http2_state *s, struct http2_stream *st, struct http2_side *side, enum flow_dir role)
{
    struct http2_half *h = st->tx ? &st->tx->half[role] : NULL;
    if (!h)
        return;
    http2_half_saw(h, side->block_promise ? HTTP2_PUSH_PROMISE : HTTP2_HEADERS);
    if (h->table_size < 0)
        h->table_size = side->table_size;
    if (side->block_priority)
        http2_stream_priority(s, role, st->id, side->block_weight);
    size_t had = h->fields.len;
    if (s->stored + side->fields.len > HTTP2_STORED_MAX || had + side->fields.len > 2 * HTTP2_LIST_MAX) {
        http2_raise(s, HTTP2_TOO_MANY_HEADERS);
        if (had == 0)
            keep_needed(&h->fields, &side->fields);
    } else if (h->fields.data == NULL) {
        h->fields = side->fields;
        buf_init(&side->fields, 0);
    } else {
        buf_add(&h->fields, side->fields.data, side->fields.len);
    }
    s->stored += h->fields.len - had;
}

/* What a request's authority says that is worth an event, and whom it is for. */
static void look_at_authority(struct http2_state *s, const struct buf *fields)
{
    struct http2_field authority, host;
    bool has_authority = http2_fields_find(fields, ":authority", &authority);
    bool has_host = http2_fields_find(fields, "host", &host);
    if (has_authority && has_host &&
        (authority.value_len != host.value_len ||
         strncasecmp((const char *)authority.value, (const char *)host.value, host.value_len) != 0))
        http2_raise(s, HTTP2_AUTHORITY_HOST_MISMATCH);
    if (has_authority && authority.value_len && memchr(authority.value, '@', authority.value_len))
        http2_raise(s, HTTP2_USERINFO_IN_URI);
    if (http2_is_connect(fields))
        return;
    if (has_authority)
        s->io->engine->server_name(s->io, (const char *)authority.value, authority.value_len);
    else if (has_host)
        s->io->engine->server_name(s->io, (const char *)host.value, host.value_len);
}

/* Its request is known now, its answer perhaps. */
static void take_request(struct http2_state *s, struct http2_stream *st)
{
    if (!st->tx)
        return;
    const struct buf *fields = &st->tx->half[TO_SERVER].fields;
    look_at_authority(s, fields);
    if (!http2_is_connect(fields)) {
        st->kind = HTTP2_ORDINARY;
        return;
    }
    http2_connect_asked(s, st);
    if (st->status)
        http2_connect_answered(s, st);
}

static void request_block(struct http2_state *s, struct http2_side *side, struct http2_stream *st)
{
    struct http2_field method;
    bool opens = http2_fields_find(&side->fields, ":method", &method);
    if (!st && (side->block_stream & 1) == 0) {
        http2_raise(s, HTTP2_INVALID_FRAME_HEADER);
        return;
    }
    if (!st && side->block_stream <= s->last_client) {
        if (opens)
            http2_raise(s, HTTP2_STREAM_ID_REUSE);
        return;
    }
    if (side->block_stream > s->last_client)
        s->last_client = side->block_stream;
    if (!st)
        st = http2_stream_open(s, side->block_stream);
    if (!st) {
        http2_connect_unfollowed(s, &side->fields);
        return;
    }
    bool first = !st->request_seen;
    st->request_seen = true;
    if (!first && opens)
        http2_raise(s, HTTP2_EXTRA_HEADER_DATA);
    else
        keep_fields(s, st, side, TO_SERVER);
    progress(st, TO_SERVER, TX_HEADERS);
    if (first)
        take_request(s, st);
    if (side->block_end_stream)
        http2_stream_data(s, TO_SERVER, side->block_stream, NULL, 0, true);
    else
        settle(s, st);
}

/* Three digits; 0: there is none. */
static uint16_t status_of(const struct buf *fields)
{
    struct http2_field f;
    uint16_t v = 0;
    if (!http2_fields_find(fields, ":status", &f) || f.value_len != 3)
        return 0;
    for (int i = 0; i < 3; i++) {
        if (f.value[i] < '0' || f.value[i] > '9')
            return 0;
        v = (uint16_t)(v * 10 + f.value[i] - '0');
    }
    return v >= 100 ? v : 0;
}

static void response_block(struct http2_state *s, struct http2_side *side, struct http2_stream *st)
{
    uint16_t status = status_of(&side->fields);
    bool interim = status >= 100 && status < 200; /* 8.1; there is no 101 (8.6) */
    if (!st && side->block_stream > s->last_client && (side->block_stream & 1)) {
        /* The request was not seen: of an HTTP/1.1 Upgrade (RFC 7540 3.2), or it is still to come. */
        s->last_client = side->block_stream;
        st = http2_stream_open(s, side->block_stream);
    }
    if (!st || interim)
        return;
    bool first = st->status == 0;
    if (first && status == 0)
        http2_raise(s, HTTP2_INVALID_HEADER);
    if (!first && status)
        http2_raise(s, HTTP2_EXTRA_HEADER_DATA);
    else
        keep_fields(s, st, side, TO_CLIENT);
    progress(st, TO_CLIENT, TX_HEADERS);
    if (first && status) {
        st->status = status;
        if (st->kind == HTTP2_ASKED)
            http2_connect_answered(s, st);
    }
    if (side->block_end_stream)
        http2_stream_data(s, TO_CLIENT, side->block_stream, NULL, 0, true);
    else
        settle(s, st);
}

/* 8.4: a request that the server makes up, on a stream of its own. */
static void promise_block(struct http2_state *s, struct http2_side *side, struct http2_stream *st)
{
    if (st || (side->block_stream & 1) || side->block_stream <= s->last_server) {
        http2_raise(s, HTTP2_STREAM_ID_REUSE);
        return;
    }
    s->last_server = side->block_stream;
    st = http2_stream_open(s, side->block_stream);
    if (!st)
        return;
    st->request_seen = true;
    st->ended[TO_SERVER] = true;
    st->kind = HTTP2_ORDINARY;
    keep_fields(s, st, side, TO_SERVER);
    progress(st, TO_SERVER, TX_DONE);
}

void http2_stream_headers(struct http2_state *s, struct http2_side *side, enum flow_dir role)
{
    struct http2_stream *st = http2_stream_find(s, side->block_stream);
    if (side->block_stream == 0)
        http2_raise(s, HTTP2_INVALID_FRAME_HEADER);
    else if (side->block_promise)
        promise_block(s, side, st);
    else if (role == TO_SERVER)
        request_block(s, side, st);
    else
        response_block(s, side, st);
    buf_clear(&side->fields);
}

void http2_stream_data(struct http2_state *s, enum flow_dir role, uint32_t id, const uint8_t *p, size_t n, bool end)
{
    struct http2_stream *st = http2_stream_find(s, id);
    if (!st || st->ended[role])
        return;
    if (st->tx)
        st->tx->half[role].body += n;
    st->ended[role] = end;
    if (st->tx && n)
        http2_half_saw(&st->tx->half[role], HTTP2_DATA);
    if (st->tx && st->kind == HTTP2_ORDINARY)
        http2_body_data(s, st->tx, role, p, n, end);
    if (end)
        progress(st, role, TX_DONE);
    http2_carry(s, st, role, p, n, end);
    settle(s, st);
}

void http2_stream_data_gap(struct http2_state *s, enum flow_dir role, uint32_t id, uint64_t n, bool end)
{
    struct http2_stream *st = http2_stream_find(s, id);
    if (!st || st->ended[role])
        return;
    if (st->tx)
        st->tx->half[role].body += n;
    st->ended[role] = end;
    if (end)
        progress(st, role, TX_DONE);
    if (st->tx && st->kind == HTTP2_ORDINARY)
        http2_body_gap(s, st->tx, role, n, end);
    http2_carry_gap(s, st, role, n, end);
    settle(s, st);
}

void http2_half_error(struct http2_half *h, uint32_t error_code)
{
    if (h->has_error) {
        if (!h->has_multiple)
            h->has_multiple = "error_code";
        return;
    }
    h->has_error = true;
    h->error_code = error_code;
}

void http2_stream_reset(struct http2_state *s, enum flow_dir role, uint32_t id, uint32_t error_code)
{
    struct http2_stream *st = http2_stream_find(s, id);
    if (!st)
        return;
    if (st->tx)
        http2_half_error(&st->tx->half[role], error_code);
    if (st->tx)
        http2_half_saw(&st->tx->half[role], HTTP2_RST_STREAM);
    if (st->kind == HTTP2_ASKED)
        http2_connect_lost(s, st, role == TO_CLIENT ? TUNNEL_REFUSED : TUNNEL_INCOMPLETE, "reset");
    http2_carry_close(s, st);
    http2_stream_drop(s, st);
}

void http2_stream_priority(struct http2_state *s, enum flow_dir role, uint32_t id, uint8_t weight)
{
    struct http2_stream *st = http2_stream_find(s, id);
    struct http2_half *h = st && st->tx ? &st->tx->half[role] : NULL;
    if (!h)
        return;
    if (h->has_priority) {
        if (!h->has_multiple)
            h->has_multiple = "priority";
        return;
    }
    h->has_priority = true;
    http2_half_saw(h, HTTP2_PRIORITY);
    h->priority = weight;
}

struct http2_tx *http2_tx_global(struct http2_state *s)
{
    struct http2_tx *tx = proto_tx_add(&s->txs, sizeof *tx, s->io->time_ns);
    if (!tx)
        return NULL;
    for (int i = 0; i < 2; i++)
        tx->half[i].table_size = -1;
    tx->base.complete = true;
    return tx;
}

void http2_tx_fini(struct proto_tx *base)
{
    struct http2_tx *tx = (struct http2_tx *)base;
    for (int i = 0; i < 2; i++) {
        buf_fini(&tx->half[i].fields);
        inflater_destroy(&tx->half[i].inflater);
        free(tx->half[i].settings);
    }
}
