/* What a session's items become: its handshake, its bytes and their acknowledgements, its close. */
#include <stdlib.h>

#include "core/hash.h"
#include "export/private.h"

/* Full segments before the receiver acknowledges, as real ones do (RFC 9293 3.8.6.3). */
#define ACK_EVERY 2u

/* A longer gap is told as this one: it must stay within the window, or readers take what follows for old bytes. */
#define GAP_MOST (1u << 29)

struct out {
    struct exporter *x;
    uint64_t time_ns;
};

static void take_frame(void *arg, const uint8_t *frame, uint32_t len)
{
    const struct out *o = arg;
    export_write_frame(o->x, o->time_ns, frame, len, len);
}

static void put_segment(struct out *o, struct export_session *c, enum flow_dir dir, uint8_t flags, const uint8_t *bytes,
                        uint32_t len)
{
    enum flow_dir other = flow_dir_other(dir);
    const struct forge_packet p = {.ends = &c->out.ends,
                                   .to_client = dir == TO_CLIENT,
                                   .ip_id = c->out.ip_id[dir]++,
                                   .seq = c->out.next[dir],
                                   .ack = flags & FORGE_ACK ? c->out.next[other] : 0,
                                   .flags = flags,
                                   .payload = bytes,
                                   .len = len};
    if (!forge_tcp(o->x->forge, &p, take_frame, o))
        counter_add(&o->x->counters, o->x->n.unforged, 1);
    c->out.next[dir] += len + (flags & (FORGE_SYN | FORGE_FIN) ? 1 : 0);
}

static void put_ack(struct out *o, struct export_session *c, enum flow_dir dir)
{
    put_segment(o, c, dir, FORGE_ACK, NULL, 0);
}

static void put_handshake(struct out *o, struct export_session *c)
{
    put_segment(o, c, TO_SERVER, FORGE_SYN, NULL, 0);
    put_segment(o, c, TO_CLIENT, FORGE_SYN | FORGE_ACK, NULL, 0);
    put_ack(o, c, TO_SERVER);
}

static void put_fin(struct out *o, struct export_session *c, enum flow_dir dir)
{
    if (c->out.fin[dir])
        return;
    c->out.fin[dir] = true;
    put_segment(o, c, dir, FORGE_FIN | FORGE_ACK, NULL, 0);
    put_ack(o, c, flow_dir_other(dir));
}

static void put_stream(struct out *o, struct export_session *c, const struct export_item *item)
{
    enum flow_dir dir = (enum flow_dir)item->dir;
    uint32_t mss = forge_mss(o->x->forge, &c->out.ends);
    if (c->out.fin[dir]) {
        counter_add(&o->x->counters, o->x->n.after_close, 1);
        return;
    }
    counter_add(&o->x->counters, o->x->n.gaps, item->gap ? 1 : 0);
    c->out.next[dir] += item->gap < GAP_MOST ? item->gap : GAP_MOST;
    uint32_t full = 0;
    for (uint32_t at = 0; at < item->len; at += mss) {
        uint32_t n = item->len - at < mss ? item->len - at : mss;
        bool last = at + n == item->len;
        put_segment(o, c, dir, last ? FORGE_PSH | FORGE_ACK : FORGE_ACK, item->bytes + at, n);
        if (last || ++full % ACK_EVERY == 0)
            put_ack(o, c, flow_dir_other(dir));
    }
    if (item->eof)
        put_fin(o, c, dir);
}

static void put_datagram(struct out *o, struct export_session *c, const struct export_item *item)
{
    if (!item->len)
        return;
    const struct forge_packet p = {.ends = &c->out.ends,
                                   .to_client = item->dir == TO_CLIENT,
                                   .ip_id = c->out.ip_id[item->dir]++,
                                   .payload = item->bytes,
                                   .len = item->len};
    if (!forge_udp(o->x->forge, &p, take_frame, o))
        counter_add(&o->x->counters, o->x->n.unforged, 1);
}

/* An IPv4 client may have asked its proxy for an IPv6 server: a packet has one family only (RFC 4291 2.5.5.2). */
static void map_to_v6(struct addr *a)
{
    if (a->family != ADDR_V4)
        return;
    uint8_t b[16] = {[10] = 0xff, [11] = 0xff};
    memcpy(b + 12, a->b, 4);
    *a = addr_v6(b);
}

static void write_changes(const struct event *e, struct json *j)
{
    const struct flow_key *k = &e->flow->key;
    const struct export_ends *ends = e->arg;
    if (!addr_equal(&k->src, &ends->src))
        json_addr(j, "src_ip", &ends->src);
    if (k->sport != ends->sport)
        json_u64(j, "src_port", ends->sport);
    if (!addr_equal(&k->dst, &ends->dst))
        json_addr(j, "dest_ip", &ends->dst);
}

/* The session's packets have not quite its own ends: say which record belongs to which packets. */
static void record_changes(struct exporter *x, const struct export_session *c)
{
    if (!x->records || !c->link)
        return;
    const struct flow_ref flow = {.id = c->id, .start_ns = c->open_ns, .key = c->key, .link = c->link};
    const struct event e = {.type = "export",
                            .time_ns = c->open_ns,
                            .number = c->number,
                            .flow = &flow,
                            .tx_id = -1,
                            .key = "export",
                            .write = write_changes,
                            .arg = &c->out.ends};
    x->turn_records++;
    x->sink->emit(x->sink, &e);
}

static void begin_session(struct out *o, struct export_session *c)
{
    struct exporter *x = o->x;
    struct export_ends *e = &c->out.ends;
    bool v4 = c->key.src.family == ADDR_V4 && c->key.dst.family == ADDR_V4;
    *e = (struct export_ends){
        .src = c->key.src, .dst = c->key.dst, .sport = c->key.sport, .dport = c->key.dport, .proto = c->key.proto};
    if (!v4) {
        map_to_v6(&e->src);
        map_to_v6(&e->dst);
    }
    bool whole = e->src.family != ADDR_NONE && e->dst.family != ADDR_NONE;
    enum ports_result got = whole ? ports_take(x->ports, e) : PORTS_NONE;
    c->out.mute = got == PORTS_NONE || (e->proto != 6 && e->proto != 17);
    if (c->out.mute) {
        counter_add(&x->counters, x->n.no_port, 1);
        return;
    }
    counter_add(&x->counters, x->n.sessions, 1);
    if (got == PORTS_CHANGED)
        counter_add(&x->counters, x->n.changed, 1);
    if (got == PORTS_CHANGED || !addr_equal(&e->src, &c->key.src) || !addr_equal(&e->dst, &c->key.dst))
        record_changes(x, c);
    /* Any number does to begin with, if it is the same in every run. */
    for (int d = 0; d < 2; d++) {
        c->out.next[d] = (uint32_t)hash_mix(c->id, (uint64_t)d);
        c->out.ip_id[d] = (uint16_t)hash_mix(c->id, (uint64_t)d + 2);
    }
    if (e->proto == 6)
        put_handshake(o, c);
}

static void end_session(struct out *o, struct export_session *c)
{
    if (c->out.mute || c->out.ends.proto != 6)
        return;
    put_fin(o, c, TO_SERVER);
    put_fin(o, c, TO_CLIENT);
}

void export_session_free(struct export_session *c)
{
    free(c->link);
    free(c);
}

static void put_wire(struct out *o, const struct export_item *item)
{
    if (item->begins && !ports_note(o->x->ports, &item->ends))
        counter_add(&o->x->counters, o->x->n.wire_shared, 1);
    export_write_frame(o->x, item->time_ns, item->bytes, item->len, item->wire_len);
}

void export_write_item(struct exporter *x, const struct export_item *item)
{
    struct export_session *c = item->session;
    struct out o = {.x = x, .time_ns = item->time_ns};
    switch ((enum export_kind)item->kind) {
    case EXPORT_FRAME:
        put_wire(&o, item);
        break;
    case EXPORT_OPEN:
        begin_session(&o, c);
        free(c->link);
        c->link = NULL;
        break;
    case EXPORT_BYTES:
        if (!c->out.mute && c->out.ends.proto == 6)
            put_stream(&o, c, item);
        else if (!c->out.mute)
            put_datagram(&o, c, item);
        break;
    case EXPORT_CLOSE:
        end_session(&o, c);
        break;
    case EXPORT_OVER:
        if (item->finish)
            end_session(&o, c);
        export_session_free(c);
        break;
    }
}
