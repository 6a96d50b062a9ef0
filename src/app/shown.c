#include "app/shown.h"

#include <stdlib.h>

#include "app/alert.h"

#define MASK        'X'
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

static bool wants(const struct app_alert_options *o)
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
    bool wire = p->item.kind == ITEM_PACKET && c->flow->key.proto == PROTO_TCP_6;
    for (int d = 0; d < 2; d++) {
        s->scan[d].show_socks = rules_of(c)->options.show_socks;
        if (wire && !(p->d.tcp.flags & TCP_SYN) && p->seen.packets[0] + p->seen.packets[1] <= 1)
            secrets_lost(&s->scan[d]);
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

/* The packet's bytes wait to be acknowledged. */
static void mask_kept(struct app_call *c, struct app_shown *s)
{
    const struct packet *p = c->packet;
    uint32_t seq = p->d.tcp.seq;
    struct buf *b = &rules_of(c)->view.masked;
    struct secrets scan = s->scan[p->dir];
    bool follows = s->ahead_set[p->dir] && seq == s->ahead_end[p->dir];
    if (!buf_add(b, p->d.payload, p->d.payload_len))
        return;
    if (follows && seq != p->kept_after)
        scan = s->ahead[p->dir];
    else if (seq != p->kept_after && is_text(c->session))
        secrets_lost(&scan);
    secrets_mask(&scan, b->data, b->len);
    if (follows || seq == p->kept_after) {
        s->ahead[p->dir] = scan;
        s->ahead_end[p->dir] = seq + p->d.payload_len;
        s->ahead_set[p->dir] = true;
    }
}

void app_shown_packet(struct app_call *c)
{
    struct app_rules *r = rules_of(c);
    struct packet *p = c->packet;
    r->view.of = NULL;
    buf_clear(&r->view.masked);
    if (!c->session || c->flow->key.proto != PROTO_TCP_6 || !wants(&r->options))
        return;
    struct app_shown *s = shown_of(c);
    if (!s)
        return;
    if (p->gap || (p->flags & PACKET_GAP)) {
        buf_clear(&s->tail[p->dir]);
        if (is_text(c->session))
            secrets_lost(&s->scan[p->dir]);
    }
    if (p->item.kind == ITEM_PACKET && (p->flags & PACKET_KEPT) && p->d.payload_len) {
        mask_kept(c, s);
        return;
    }
    mask_in_order(c, s);
    if ((r->options.payload || r->options.printable) && r->view.masked.len)
        keep(c, s, &r->view.masked);
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

/* Bytes that stand alone. */
static void mask_alone(const struct app_call *c, uint8_t *p, size_t n, bool lost)
{
    struct secrets s = {.show_socks = rules_of(c)->options.show_socks};
    if (lost)
        secrets_lost(&s);
    secrets_mask(&s, p, n);
}

/* What was sent again before the bytes in order: as it was masked then, where that is still here. */
static void mask_again(const struct app_call *c, uint8_t *p, size_t n)
{
    const struct app_view *v = &rules_of(c)->view;
    const struct app_shown *s = c->session->shown;
    const struct buf *tail = s ? &s->tail[c->packet->dir] : NULL;
    if (!n)
        return;
    if (tail && tail->len >= n + v->masked.len)
        memcpy(p, tail->data + (tail->len - v->masked.len - n), n);
    else if (is_text(c->session))
        memset(p, MASK, n);
    else
        mask_alone(c, p, n, false);
}

/* A packet of TCP: which of its bytes are in order is known. */
static void mask_segment(const struct app_call *c, struct buf *b)
{
    const struct app_view *v = &rules_of(c)->view;
    const struct packet *p = c->packet;
    const uint8_t *first = p->d.payload;
    bool text = is_text(c->session);
    if ((p->flags & PACKET_KEPT) && v->masked.len == b->len) {
        memcpy(b->data, v->masked.data, b->len);
        return;
    }
    bool in_order = p->payload_len && v->masked.len == p->payload_len && p->payload >= first &&
                    p->payload + p->payload_len <= first + p->d.payload_len;
    if (!in_order) {
        mask_alone(c, b->data, b->len, text);
        return;
    }
    size_t before = (size_t)(p->payload - first), behind = b->len - before - p->payload_len;
    memcpy(b->data + before, v->masked.data, v->masked.len);
    mask_again(c, b->data, before);
    if (behind)
        mask_alone(c, b->data + before + p->payload_len, behind, text);
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
    else if (wire && proto == PROTO_TCP_6 && c->session && p->d.ip_proto == PROTO_TCP_6)
        mask_segment(c, &v->payload);
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
