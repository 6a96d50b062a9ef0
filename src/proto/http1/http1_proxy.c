/* A proxy's connection: what comes from the client, and the bookkeeping of both directions. */
#include "proto/http1/http1_body.h"
#include "proto/http1/http1_proxy.h"

#include <stdlib.h>
#include <strings.h>

struct http1_proxy *http1_proxy_create(void)
{
    struct http1_proxy *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    buf_init(&p->line, HTTP1_REQUEST_HEAD_MAX);
    buf_init(&p->head, 2 * HTTP1_REQUEST_HEAD_MAX);
    buf_init(&p->scratch, 2 * HTTP1_REQUEST_HEAD_MAX);
    buf_init(&p->hold, 3 * HTTP1_HOLD_MAX);
    return p;
}

void http1_proxy_destroy(struct http1_proxy *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->origin_count; i++)
        http1_origin_fini(&p->origins[i]);
    buf_fini(&p->line);
    buf_fini(&p->head);
    buf_fini(&p->scratch);
    buf_fini(&p->hold);
    free(p->origins);
    free(p->asks);
    free(p);
}

static struct http1_ask *ask_at(struct http1_proxy *p, unsigned i)
{
    return &p->asks[(p->first + i) & (p->room - 1)];
}

static bool more_room(struct http1_proxy *p)
{
    unsigned room = p->room ? 2 * p->room : 4;
    struct http1_ask *more = room <= HTTP1_LIVE_MAX ? calloc(room, sizeof *more) : NULL;
    if (!more)
        return false;
    for (unsigned i = 0; i < p->count; i++)
        more[i] = *ask_at(p, i);
    free(p->asks);
    p->asks = more;
    p->first = 0;
    p->room = room;
    return true;
}

struct http1_ask *http1_ask_push(struct http1_proxy *p)
{
    if (p->count == p->room && !more_room(p))
        return NULL;
    struct http1_ask *a = ask_at(p, p->count++);
    *a = (struct http1_ask){.origin = -1};
    return a;
}

struct http1_ask *http1_ask_first(struct http1_proxy *p)
{
    return p->count ? ask_at(p, 0) : NULL;
}

void http1_ask_pop(struct http1_proxy *p)
{
    struct http1_ask *a = ask_at(p, 0);
    if (a->origin >= 0)
        p->origins[a->origin].asks--;
    p->first = (p->first + 1) & (p->room - 1);
    p->count--;
}

void http1_proxy_over(struct http1_state *s)
{
    const struct http1_proxy *p = s->proxy;
    if (!s->live || p->count || p->up.inside || p->draining)
        return;
    for (struct proto_tx *t = s->txs.first; t; t = t->next) {
        struct http1_tx *tx = (struct http1_tx *)t;
        if (t->complete)
            continue;
        s->stale = true;
        http1_body_end(s, tx, TO_SERVER);
        http1_body_end(s, tx, TO_CLIENT);
        http1_tx_complete(s, tx);
    }
}

static enum flow_dir request_dir(const struct http1_state *s)
{
    return s->reversed ? TO_CLIENT : TO_SERVER;
}

static void hold_remove(struct buf *b, size_t at, size_t n)
{
    if (n)
        memmove(b->data + at, b->data + at + n, b->len - at - n);
    b->len -= n;
}

void http1_proxy_settle(struct http1_state *s, struct proto_io *io, int origin, const struct http1_status_line *line)
{
    struct http1_proxy *p = s->proxy;
    struct http1_origin *o = &p->origins[origin];
    size_t at = 0;
    for (unsigned i = 0; i < p->count; i++) {
        struct http1_ask *a = ask_at(p, i);
        if (a->origin != origin || a->settled) {
            at += a->held;
            continue;
        }
        if (!o->channel)
            http1_origin_open(s, io, o, a->time_ns, line);
        if (a->held)
            io->engine->carry(io, o->channel, request_dir(s), p->hold.data + at, a->held, false);
        hold_remove(&p->hold, at, a->held);
        a->held = 0;
        a->settled = true;
        if (i + 1 == p->count && p->up.inside) {
            p->up.sink = HTTP1_SINK_CHANNEL;
            p->up.channel = o->channel;
        }
    }
    if (p->up.eof)
        io->engine->carry(io, o->channel, request_dir(s), NULL, 0, true);
    if (p->down.eof)
        io->engine->carry(io, o->channel, flow_dir_other(request_dir(s)), NULL, 0, true);
}

/* More waits than is kept: take what waits for established. */
static void settle_all(struct http1_state *s, struct proto_io *io)
{
    for (unsigned i = 0; i < s->proxy->count; i++) {
        struct http1_ask *a = ask_at(s->proxy, i);
        if (a->origin >= 0 && !a->settled)
            http1_proxy_settle(s, io, a->origin, NULL);
    }
}

void http1_proxy_drop(struct http1_state *s)
{
    struct http1_proxy *p = s->proxy;
    struct http1_ask *a = ask_at(p, 0);
    if (a->held)
        buf_drop(&p->hold, a->held);
    a->held = 0;
    a->settled = true;
    if (p->count == 1 && p->up.inside)
        p->up.sink = HTTP1_SINK_DROP;
}

void http1_proxy_end(struct http1_state *s, struct proto_io *io, const char *reason, bool close)
{
    struct http1_proxy *p = s->proxy;
    if (p->waits)
        http1_upgrade_lost(s, io, reason);
    p->waits = false;
    for (unsigned i = 0; i < p->origin_count; i++) {
        struct http1_origin *o = &p->origins[i];
        if (o->channel && close)
            io->engine->close(io, o->channel);
        http1_origin_report(s, io, o, reason);
        http1_origin_fini(o);
    }
    p->origin_count = 0;
    p->count = 0;
}

bool http1_proxy_quiet(const struct http1_proxy *p)
{
    for (unsigned i = 0; i < p->origin_count; i++)
        if (!p->origins[i].channel)
            return false;
    return !p->waits;
}

enum proto_status http1_proxy_lost(struct http1_state *s, struct proto_io *io, enum http1_event event,
                                   const char *reason)
{
    http1_raise(s, NULL, event);
    http1_connect_lost(s, io, reason);
    http1_proxy_end(s, io, reason, true);
    return PROTO_BROKEN;
}

/* Give a piece of a request to whom it belongs. */
static enum proto_status give(struct http1_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct http1_proxy *px = s->proxy;
    switch (px->up.sink) {
    case HTTP1_SINK_OWN:
        if (s->stale)
            return PROTO_OK;
        return http1_own_status(s, htp_connp_req_data(s->connp, NULL, p, n));
    case HTTP1_SINK_HOLD:
        if (px->hold.len + n <= HTTP1_HOLD_MAX && buf_add(&px->hold, p, n)) {
            ask_at(px, px->count - 1)->held += n;
            return PROTO_OK;
        }
        settle_all(s, io);
        px->up.channel = px->origins[ask_at(px, px->count - 1)->origin].channel;
        /* fall through */
    case HTTP1_SINK_CHANNEL:
        io->engine->carry(io, px->up.channel, io->dir, p, n, false);
        break;
    case HTTP1_SINK_DROP:
        break;
    }
    return PROTO_OK;
}

/* A request's head, taken apart. */
struct request {
    struct http1_span head; /* as it came */
    struct reader fields;
    struct http1_request_line line;
    struct http1_framing framing;
    struct http1_span user; /* Proxy-Authorization */
    struct http1_target target;
    struct http1_span path;
    bool absolute; /* for another host than the proxy itself */
    bool upgrade;  /* to what is followed */
    bool udp;      /* to UDP: meant for the proxy, whatever the form of its target (RFC 9298 3.2) */
};

/* An address literal that is the server's own names no other origin (RFC 9112 3.2.2). */
static bool is_self(const struct http1_state *s, const struct proto_io *io, const struct http1_target *t)
{
    const struct flow_key *k = &io->flow->key;
    return t->port == (s->reversed ? k->sport : k->dport) && addr_equal(&t->addr, s->reversed ? &k->src : &k->dst);
}

bool http1_for_origin(const struct http1_state *s, const struct proto_io *io, struct http1_span target,
                      struct http1_target *out, struct http1_span *path)
{
    const struct tunnel_link *link = io->flow->link;
    if (link && strcmp(link->path[link->depth - 1].type, "http-proxy") == 0)
        return false;
    if (!http1_absolute_form(target, out, path) || is_self(s, io, out))
        return false;
    /* Where it is switched off, libhtp's records are all there are. */
    const struct flow_key *k = &io->flow->key;
    return io->settings->decap.enabled &&
           settings_payload_allows(settings_payload(io->settings, "http-proxy"), &k->dst, k->dport);
}

static bool take_apart(const struct http1_state *s, const struct proto_io *io, struct request *q)
{
    struct reader r = reader_of(q->head.p, q->head.n);
    struct http1_field f;
    if (!http1_request_line(http1_line(&r), &q->line))
        return false;
    q->fields = r;
    while (http1_field_next(&r, &f)) {
        http1_framing_add(&q->framing, &f);
        if (http1_span_is(f.name, "proxy-authorization"))
            q->user = f.value;
        if (http1_span_is(f.name, "upgrade")) {
            q->upgrade = q->upgrade || http1_upgrade_asked(f.value);
            q->udp = q->udp || http1_value_has(f.value, "connect-udp");
        }
    }
    q->absolute = !q->udp && !http1_span_is(q->line.method, "connect") &&
                  http1_for_origin(s, io, q->line.target, &q->target, &q->path);
    return true;
}

/* NTLM and Negotiate are for the connection, of the others each request speaks for itself. */
static void note_user(struct http1_proxy *p, struct http1_origin *o, struct http1_span value)
{
    char user[HTTP1_USER_MAX];
    size_t n = value.n ? http1_auth_user(value.p, value.n, user) : 0;
    if (n && (value.p[0] | 0x20) == 'n') {
        memcpy(p->user, user, n);
        p->user_len = n;
    }
    if (n)
        http1_origin_user(o, user, n);
    else if (!value.n && p->user_len)
        http1_origin_user(o, p->user, p->user_len);
}

/* A request that is for an origin. */
static enum proto_status begin_proxied(struct http1_state *s, struct proto_io *io, const struct request *q,
                                       struct http1_ask *a)
{
    struct http1_proxy *p = s->proxy;
    int i = http1_origin_find(s, io, &q->target);
    if (i < 0)
        return http1_proxy_lost(s, io, HTTP1_TOO_MANY_TRANSACTIONS, "memcap");
    struct http1_origin *o = &p->origins[i];
    a->origin = i;
    a->settled = o->channel != 0;
    o->asks++;
    o->used = ++p->requests;
    o->time_ns = a->time_ns;
    note_user(p, o, q->user);
    buf_clear(&p->scratch);
    if (!http1_origin_head(&p->scratch, &q->line, q->path, q->fields, &q->target))
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "memcap");
    p->up.sink = o->channel ? HTTP1_SINK_CHANNEL : HTTP1_SINK_HOLD;
    p->up.channel = o->channel;
    return give(s, io, p->scratch.data, p->scratch.len);
}

/* A request that is for the proxy itself: libhtp's. PROTO_OTHER_SIDE: it must be begun anew, and can't yet. */
static enum proto_status begin_own(struct http1_state *s, const struct request *q, struct http1_ask *a)
{
    uint64_t id = s->txs.next_id;
    s->proxy->up.sink = HTTP1_SINK_OWN;
    enum proto_status st = http1_own_status(s, htp_connp_req_data(s->connp, NULL, q->head.p, q->head.n));
    if (s->txs.next_id == id)
        s->stale = true; /* libhtp took it for something else: there is no record of it */
    a->tx = id;
    return st;
}

static enum proto_status begin(struct http1_state *s, struct proto_io *io, struct request *q)
{
    struct http1_proxy *p = s->proxy;
    p->up.body = http1_body_of_request(&q->framing);
    bool connect = http1_span_is(q->line.method, "connect");
    if (connect)
        p->up.body = (struct http1_body){.state = HTTP1_BODY_DONE};
    if (p->up.body.state == HTTP1_BODY_BAD)
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad request");
    struct http1_ask *a = http1_ask_push(p);
    if (!a)
        return http1_proxy_lost(s, io, HTTP1_TOO_MANY_TRANSACTIONS, "too many requests");
    a->time_ns = io->time_ns;
    a->head = http1_span_is(q->line.method, "head");
    p->up.inside = true;
    enum proto_status st = q->absolute ? begin_proxied(s, io, q, a) : begin_own(s, q, a);
    p->waits = connect || q->upgrade;
    if (st == PROTO_OK && connect != (s->connect != NULL))
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad request");
    return st;
}

static size_t skip_empty_lines(const struct proto_io *io)
{
    size_t n = 0;
    while (io->consumed + n < io->len && (io->data[io->consumed + n] == '\r' || io->data[io->consumed + n] == '\n'))
        n++;
    return n;
}

/* libhtp is ready for a request, or a new one of it is. */
static enum proto_status make_ready(struct http1_state *s)
{
    if (!s->stale)
        return PROTO_OK;
    if (s->live)
        return PROTO_OTHER_SIDE;
    s->proxy->draining = false;
    return http1_reopen(s) ? PROTO_OK : PROTO_BROKEN;
}

static enum proto_status next_request(struct http1_state *s, struct proto_io *io, bool *more)
{
    struct http1_proxy *p = s->proxy;
    if (!p->line.len && p->up.scan.at == 0) /* RFC 9112 2.2 */
        io->consumed += skip_empty_lines(io);
    const uint8_t *at = io->data + io->consumed;
    size_t n = io->len - io->consumed;
    size_t head = http1_head_length(&p->up.scan, at, n);
    *more = head == 0 && n <= HTTP1_REQUEST_HEAD_MAX;
    if (*more)
        return PROTO_OK;
    if (head == 0 || head > HTTP1_REQUEST_HEAD_MAX)
        return http1_proxy_lost(s, io, HTTP1_REQUEST_FIELD_TOO_LONG, "bad request");
    p->up.scan = (struct http1_scan){0, 0};
    struct request q = {.head = {at, head}};
    if (p->line.len) {
        buf_clear(&p->head);
        if (!buf_add(&p->head, p->line.data, p->line.len) || !buf_add(&p->head, at, head))
            return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "memcap");
        q.head = (struct http1_span){p->head.data, p->head.len};
    }
    if (!take_apart(s, io, &q))
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad request");
    enum proto_status st = q.absolute ? PROTO_OK : make_ready(s);
    if (st != PROTO_OK)
        return st;
    io->consumed += head;
    buf_clear(&p->line);
    return begin(s, io, &q);
}

static enum proto_status request_body(struct http1_state *s, struct proto_io *io)
{
    struct http1_proxy *p = s->proxy;
    const uint8_t *at = io->data + io->consumed;
    size_t n = http1_body_take(&p->up.body, at, io->len - io->consumed);
    io->consumed += n;
    if (p->up.body.state == HTTP1_BODY_BAD)
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "bad request");
    return n ? give(s, io, at, n) : PROTO_OK;
}

void http1_proxy_eof(struct http1_state *s, struct proto_io *io, struct http1_side *side)
{
    struct http1_proxy *p = s->proxy;
    for (unsigned i = 0; !side->eof && i < p->origin_count; i++)
        if (p->origins[i].channel)
            io->engine->carry(io, p->origins[i].channel, io->dir, NULL, 0, true);
    side->eof = true;
}

enum proto_status http1_proxy_request(struct http1_state *s, struct proto_io *io)
{
    struct http1_proxy *p = s->proxy;
    enum proto_status st = PROTO_OK;
    bool more = false;
    while (st == PROTO_OK && !more && io->consumed < io->len) {
        if (p->raw) {
            io->engine->carry(io, p->raw, io->dir, io->data + io->consumed, io->len - io->consumed, false);
            io->consumed = io->len;
            break;
        }
        if (!p->up.inside && p->waits)
            return PROTO_OTHER_SIDE;
        if (p->gap)
            return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "gap");
        st = p->up.inside ? request_body(s, io) : next_request(s, io, &more);
        if (p->up.inside && p->up.body.state == HTTP1_BODY_DONE) {
            p->up.inside = false;
            if (st == PROTO_OK)
                http1_proxy_over(s);
        }
    }
    if (st == PROTO_OK && io->eof)
        http1_proxy_eof(s, io, &p->up);
    return st;
}

static enum proto_status request_gap(struct http1_state *s, struct proto_io *io, uint64_t n)
{
    struct http1_proxy *p = s->proxy;
    if (!p->up.inside && p->waits) {
        p->gap += n; /* of what follows the request, whatever that will be */
        return PROTO_OTHER_SIDE;
    }
    if (!p->up.inside || !http1_body_gap(&p->up.body, n))
        return http1_proxy_lost(s, io, HTTP1_PROXY_FRAMING_LOST, "gap");
    p->up.inside = p->up.body.state != HTTP1_BODY_DONE;
    if (p->up.sink == HTTP1_SINK_OWN) {
        enum proto_status st =
            s->stale ? PROTO_OK : http1_own_status(s, htp_connp_req_data(s->connp, NULL, NULL, (size_t)n));
        if (st == PROTO_OK)
            http1_proxy_over(s);
        return st;
    }
    if (p->up.sink == HTTP1_SINK_HOLD) {
        p->up.inside = true; /* settling looks for the request that is being read */
        settle_all(s, io);
        p->up.inside = p->up.body.state != HTTP1_BODY_DONE;
    }
    if (p->up.sink == HTTP1_SINK_CHANNEL)
        io->engine->carry_gap(io, p->up.channel, io->dir, n);
    return PROTO_OK;
}

enum proto_status http1_proxy_gap(struct http1_state *s, struct proto_io *io, uint64_t n)
{
    struct http1_proxy *p = s->proxy;
    if (p->raw) {
        io->engine->carry_gap(io, p->raw, io->dir, n);
        return PROTO_OK;
    }
    return http1_role(s, io->dir) == TO_SERVER ? request_gap(s, io, n) : http1_reply_gap(s, io, n);
}
