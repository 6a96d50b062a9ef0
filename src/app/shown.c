#include "app/shown.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/alert.h"

#define LINK_RAW    12 /* DLT_RAW */
#define PROTO_TCP_6 6

void app_view_init(struct app_view *v)
{
    v->limit = counter_id("detect.payload_memcap");
}

void app_view_fini(struct app_view *v)
{
    buf_fini(&v->masked);
    buf_fini(&v->payload);
    buf_fini(&v->frame);
}

static struct app_rules *rules_of(const struct app_call *c)
{
    return ((struct app_stage *)c->stage->state)->rules;
}

/* Is it of a kind in which secrets stand as text, or not known yet? */
static bool is_text(const struct app_session *as)
{
    static const char *const kinds[] = {"http", "http2", "socks", "websocket", "icap", "proxy-protocol", "sslproxy"};
    if (!as || !as->proto || as->mode == APP_TUNNEL)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(as->proto->name, kinds[i]) == 0)
            return true;
    return false;
}

bool app_shown_wanted(const struct app_alert_options *o)
{
    return o->payload || o->printable || o->packet;
}

void app_shown_destroy(struct app_view *v, struct app_shown **shown)
{
    struct app_shown *s = *shown;
    *shown = NULL;
    if (!s)
        return;
    v->memory -= s->tail[0].room + s->tail[1].room;
    buf_fini(&s->tail[0]);
    buf_fini(&s->tail[1]);
    free(s);
}

/* What is behind may begin inside of a secret. */
static void lost(const struct app_session *as, struct secrets *scan)
{
    if (as && as->proto && is_text(as))
        secrets_lost(scan);
    else
        secrets_middle(scan);
}

/* The flow's, made at its first packet. A connection whose begin is missing may be in the middle of a secret. */
static struct app_shown *shown_of(struct app_call *c)
{
    struct app_session *as = c->session;
    const struct packet *p = c->packet;
    if (as->shown)
        return as->shown;
    struct app_shown *s = as->shown = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    bool middle = p->item.kind == ITEM_PACKET && !(p->d.tcp.flags & TCP_SYN);
    for (int d = 0; d < 2; d++) {
        s->scan[d].show_socks = s->packets[d].show_socks = rules_of(c)->options.show_socks;
        if (middle)
            lost(as, &s->scan[d]);
    }
    return s;
}

/* Append to the stream's last bytes. */
static void keep(struct app_call *c, struct app_shown *s, const struct buf *bytes)
{
    struct app_rules *r = rules_of(c);
    uint32_t most = r->options.payload_most;
    struct buf *tail = &s->tail[c->packet->dir];
    size_t n = bytes->len < most ? bytes->len : most;
    size_t before = tail->room;
    if (tail->len + n > 2u * most)
        buf_drop(tail, tail->len - (most - n));
    bool room = tail->room - tail->len >= n || r->view.memory + 2u * n <= APP_SHOWN_MEMORY;
    if (!room || !buf_add(tail, bytes->data + bytes->len - n, n)) {
        counter_add(c->stage->counters, r->view.limit, 1);
        buf_fini(tail);
    }
    r->view.memory += tail->room;
    r->view.memory -= before;
}

static void mask_in_order(struct app_call *c, struct app_shown *s)
{
    const struct packet *p = c->packet;
    struct secrets *scan = &s->scan[p->dir];
    struct buf *b = &rules_of(c)->view.masked;
    buf_clear(b);
    if (!p->payload_len || !buf_add(b, p->payload, p->payload_len))
        return;
    size_t at = 0;
    bool inside = p->carried_len && p->carried >= p->payload && p->carried < p->payload + p->payload_len;
    if (inside && !s->tunnel[p->dir]) {
        at = (size_t)(p->carried - p->payload);
        secrets_mask(scan, b->data, at);
        secrets_restart(scan);
        s->tunnel[p->dir] = true;
    }
    secrets_mask(scan, b->data + at, b->len - at);
}

/* Bytes that stand alone. */
static void mask_alone(const struct app_call *c, uint8_t *p, size_t n, bool middle)
{
    struct secrets s = {.show_socks = rules_of(c)->options.show_socks};
    if (middle)
        lost(c->session, &s);
    secrets_mask(&s, p, n);
}

/* n bytes are missing before the next ones. */
static void skip(const struct app_call *c, struct secrets *scan, uint64_t n)
{
    if (c->session->proto && is_text(c->session))
        secrets_lost(scan);
    else if (is_text(c->session))
        secrets_skip(scan, n);
}

static void note_place(struct app_shown *s, enum flow_dir dir, uint32_t seq)
{
    s->places[dir][s->place[dir]] = (struct app_shown_place){seq, true, s->packets[dir]};
    s->place[dir] = (uint8_t)((s->place[dir] + 1) % APP_SHOWN_PLACES);
}

/* How to look at a packet that is not the next: as at the one that began there, or behind what is missing. */
static struct secrets scan_of(const struct app_call *c, const struct app_shown *s, uint32_t seq)
{
    enum flow_dir dir = c->packet->dir;
    struct secrets scan = {.show_socks = s->packets[dir].show_socks};
    int32_t ahead = (int32_t)(seq - s->next[dir]);
    for (unsigned i = 0; i < APP_SHOWN_PLACES; i++)
        if (s->places[dir][i].set && s->places[dir][i].seq == seq)
            return s->places[dir][i].before;
    if (s->began[dir] && ahead > 0) {
        scan = s->packets[dir];
        skip(c, &scan, (uint32_t)ahead);
    } else if (is_text(c->session)) {
        lost(c->session, &scan);
    }
    return scan;
}

/* A packet of TCP, as it came: behind the one before it, or by itself. */
static void mask_packet(struct app_call *c, struct app_shown *s)
{
    struct app_view *v = &rules_of(c)->view;
    const struct packet *p = c->packet;
    const struct decoded *d = &p->d;
    uint32_t seq = d->tcp.seq + !!(d->tcp.flags & TCP_SYN), len = d->payload_len + d->payload_missing;
    struct secrets *scan = &s->packets[p->dir];
    bool follows = s->began[p->dir] ? seq == s->next[p->dir] : (d->tcp.flags & TCP_SYN) != 0;
    if (!follows && !len)
        return;
    /* What is sent again once more tells nothing of what comes next. */
    bool old = s->began[p->dir] && (int32_t)(seq + len - s->next[p->dir]) <= 0;
    struct secrets other = follows ? *scan : scan_of(c, s, seq);
    if (follows && len)
        note_place(s, p->dir, seq);
    buf_clear(&v->payload);
    if (d->payload_len && buf_add(&v->payload, d->payload, d->payload_len)) {
        secrets_mask(&other, v->payload.data, v->payload.len);
        v->of = p;
    }
    if (d->payload_missing && is_text(c->session))
        lost(c->session, &other);
    if (!old) {
        *scan = other;
        s->next[p->dir] = seq + len;
    }
    s->began[p->dir] = true;
}

/* As in Suricata, what is missing is told in the bytes. */
static void tell_gap(struct app_call *c, struct app_shown *s)
{
    struct buf *tail = &s->tail[c->packet->dir];
    char text[48];
    int n = snprintf(text, sizeof text, "[%u bytes missing]", c->gap);
    size_t before = tail->room;
    if (!c->gap || n < 0 || !buf_add(tail, text, (size_t)n))
        buf_clear(tail);
    rules_of(c)->view.memory += tail->room - before;
}

static void show(struct app_call *c)
{
    const struct app_rules *r = rules_of(c);
    const struct packet *p = c->packet;
    struct app_shown *s = shown_of(c);
    if (!s)
        return;
    if (p->item.kind == ITEM_PACKET && p->d.ip_proto == PROTO_TCP_6 && (p->d.layers & LAYER_TRANSPORT))
        mask_packet(c, s);
    if (p->gap || (p->flags & PACKET_GAP)) {
        if (r->options.payload || r->options.printable)
            tell_gap(c, s);
        skip(c, &s->scan[p->dir], c->gap ? c->gap : UINT64_MAX);
    }
    mask_in_order(c, s);
    if ((r->options.payload || r->options.printable) && r->view.masked.len)
        keep(c, s, &r->view.masked);
}

void app_shown_packet(struct app_call *c)
{
    struct app_rules *r = rules_of(c);
    r->view.of = NULL;
    buf_clear(&r->view.masked);
    if (app_shown_wanted(&r->options) && c->session && c->flow->key.proto == PROTO_TCP_6)
        show(c);
}

struct inspect_bytes app_shown_stream(const struct app_call *c, int dir)
{
    const struct app_shown *s = c->session ? c->session->shown : NULL;
    if (!s || !s->tail[dir].len)
        return (struct inspect_bytes){NULL, 0};
    const struct buf *t = &s->tail[dir];
    size_t most = rules_of(c)->options.payload_most;
    size_t n = t->len < most ? t->len : most;
    return (struct inspect_bytes){t->data + t->len - n, n};
}

struct inspect_bytes app_shown_payload(const struct app_call *c)
{
    struct app_view *v = &rules_of(c)->view;
    const struct packet *p = c->packet;
    bool wire = p->item.kind == ITEM_PACKET;
    const uint8_t *from = wire ? p->d.payload : p->payload;
    size_t n = wire ? p->d.payload_len : p->payload_len;
    if (v->of == p)
        return (struct inspect_bytes){v->payload.data, v->payload.len};
    buf_clear(&v->payload);
    if (!n || !from || !buf_add(&v->payload, from, n))
        return (struct inspect_bytes){NULL, 0};
    uint8_t proto = c->flow ? c->flow->key.proto : wire ? p->d.ip_proto : 0;
    if (!wire && proto == PROTO_TCP_6 && v->masked.len == n)
        memcpy(v->payload.data, v->masked.data, n);
    else
        mask_alone(c, v->payload.data, n, proto == PROTO_TCP_6);
    v->of = p;
    return (struct inspect_bytes){v->payload.data, v->payload.len};
}

struct inspect_bytes app_shown_frame(const struct app_call *c, int *linktype)
{
    struct app_view *v = &rules_of(c)->view;
    const struct packet *p = c->packet;
    const struct inspect_bytes none = {NULL, 0};
    if (p->item.kind != ITEM_PACKET)
        return none;
    bool inner = p->link && p->link->depth && !(p->flags & PACKET_CARRIER);
    bool whole = p->d.ip && p->frame && p->d.ip >= p->frame && p->d.ip < p->frame + p->frame_len;
    bool raw = p->d.ip && (inner || !whole);
    /* Of a datagram that was put together there is no frame, and what is in its last fragment can't be told. */
    if (!p->d.ip && (p->d.layers & LAYER_TRANSPORT))
        return none;
    const uint8_t *from = raw ? p->d.ip : p->frame;
    size_t n = raw ? p->d.ip_len : p->frame_len;
    *linktype = raw ? LINK_RAW : p->dlt;
    buf_clear(&v->frame);
    if (!from || !buf_add(&v->frame, from, n))
        return none;
    const uint8_t *payload = p->d.payload;
    if (payload && p->d.payload_len && payload >= from && payload + p->d.payload_len <= from + n) {
        struct inspect_bytes masked = app_shown_payload(c);
        if (masked.n == p->d.payload_len)
            memcpy(v->frame.data + (payload - from), masked.p, masked.n);
        else
            mask_alone(c, v->frame.data + (payload - from), p->d.payload_len, true);
    } else {
        mask_alone(c, v->frame.data, n, false);
    }
    return (struct inspect_bytes){v->frame.data, v->frame.len};
}
