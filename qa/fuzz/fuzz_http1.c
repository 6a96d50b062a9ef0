/* HTTP/1, CONNECT, forward proxying and Upgrade, with both directions interleaved as the input says.
 *
 * The input: one byte (bit 0: roles reversed, bit 1: protocols to change to are there, bit 2: it is a child, bit 3: no
 * rule looks at bodies), then a series of one byte (bit 0 direction, bit 1 gap, bit 2 end of the direction, bit 3 two
 * bytes of length), one or two bytes of length, and that many bytes (a gap has none). It drives
 * the parser as the app stage does: what is not consumed is offered again, waiting is obeyed, complete transactions are
 * logged and freed. Channels are checked: offered once, nothing before that, after their close or after an end. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "files.h"
#include "proto/http1/http1.h"

#define HELD_MAX     131072
#define CHANNELS_MAX 8192u

struct side {
    struct buf held;
    bool waits;
    bool eof;
};

struct channel {
    bool open;
    bool datagrams;
    bool eof[2];
};

struct run {
    void *state;
    struct channel channels[CHANNELS_MAX]; /* by number */
    uint64_t carried;
    bool changes;
    bool child;
    bool bodies;
    bool finishing;
    bool changed;
    bool opened; /* a tunnel that is all of the flow from here on */
    struct side side[2];
    struct buf out;
    bool over;
    uint64_t now;
};

static const struct tunnel_link link = {
    .depth = 1, .host = "a", .host_len = 1, .user = "", .path = {{.type = "socks5"}}};
static const struct flow_ref flow;
static const struct flow_ref child = {.link = &link};
static const struct settings settings = {.decap.enabled = true, .detection = true};

static void check(bool good)
{
    if (!good)
        abort();
}

static void on_event(struct proto_io *io, unsigned event)
{
    (void)io;
    check(event < proto_http1.event_count && proto_http1.events[event].name != NULL);
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    struct run *r = io->engine_ctx;
    buf_clear(&r->out);
    buf_add(&r->out, o->host, o->host_len);
    buf_add(&r->out, o->user, o->user_len);
    buf_add(&r->out, o->reply, o->reply_len);
    check(o->status != TUNNEL_ESTABLISHED || o->port != 0);
    check(o->status != TUNNEL_ESTABLISHED || (o->host_len != 0) == (o->addr.family == ADDR_NONE));
    check(o->status != TUNNEL_ESTABLISHED || !r->opened);
    if (!o->channel) {
        r->opened = r->opened || o->status == TUNNEL_ESTABLISHED;
        return;
    }
    check(o->status == TUNNEL_ESTABLISHED && o->channel < CHANNELS_MAX && !r->finishing);
    struct channel *c = &r->channels[o->channel];
    check(!c->open && !c->datagrams && !c->eof[0] && !c->eof[1]);
    *c = (struct channel){.open = true, .datagrams = o->proto == 17};
}

static struct channel *channel_of(struct proto_io *io, uint32_t number)
{
    struct run *r = io->engine_ctx;
    check(number != 0 && !r->finishing && number < CHANNELS_MAX && r->channels[number].open);
    return &r->channels[number];
}

static void on_carry(struct proto_io *io, uint32_t number, enum flow_dir dir, const uint8_t *p, size_t len, bool eof)
{
    struct channel *c = channel_of(io, number);
    struct run *r = io->engine_ctx;
    check(!c->eof[dir] && (len || eof || c->datagrams) && (!c->datagrams || len <= 65527));
    buf_clear(&r->out);
    check(buf_add(&r->out, p, len));
    c->eof[dir] = eof;
    r->carried += len;
}

static void on_carry_gap(struct proto_io *io, uint32_t number, enum flow_dir dir, uint64_t n)
{
    const struct run *r = io->engine_ctx;
    check(n && (number ? !channel_of(io, number)->eof[dir] : r->opened));
}

static void on_close(struct proto_io *io, uint32_t number)
{
    channel_of(io, number)->open = false;
}

static void on_server_name(struct proto_io *io, const char *name, size_t len)
{
    struct run *r = io->engine_ctx;
    buf_clear(&r->out);
    buf_add(&r->out, name, len);
}

static bool on_change(struct proto_io *io, const char *proto, const struct buf *fields)
{
    (void)fields;
    struct run *r = io->engine_ctx;
    check(proto != NULL);
    r->changed = r->changes;
    return r->changes;
}

static const struct proto_engine engine = {.event = on_event,
                                           .tunnel = on_tunnel,
                                           .carry = on_carry,
                                           .carry_gap = on_carry_gap,
                                           .close = on_close,
                                           .server_name = on_server_name,
                                           .change = on_change,
                                           .file_open = files_open,
                                           .file_data = files_data,
                                           .file_close = files_close};

static struct proto_io io_of(struct run *r, unsigned dir)
{
    return (struct proto_io){.dir = dir ? TO_CLIENT : TO_SERVER,
                             .eof = r->side[dir].eof,
                             .bodies = r->bodies,
                             .time_ns = r->now++,
                             .flow = r->child ? &child : &flow,
                             .settings = &settings,
                             .engine = &engine,
                             .engine_ctx = r};
}

static void reap(struct run *r, bool all)
{
    struct proto_txs *txs = r->state;
    struct proto_tx **at = &txs->first;
    txs->last = NULL;
    while (*at) {
        struct proto_tx *tx = *at;
        if (!tx->complete && !all) {
            txs->last = tx;
            at = &tx->next;
            continue;
        }
        if (tx->complete) {
            buf_clear(&r->out);
            struct json j = json_of(&r->out);
            json_open_object(&j, NULL);
            proto_http1.log(r->state, tx, &j);
            json_end_object(&j);
        }
        *at = tx->next;
        txs->count--;
        files_end(&proto_http1, r->state, tx);
        proto_http1.tx_fini(tx);
        free(tx);
    }
}

static void take(struct run *r, unsigned dir, enum proto_status st)
{
    r->side[dir].waits = st == PROTO_OTHER_SIDE;
    if (st == PROTO_TUNNEL || st == PROTO_DONE || st == PROTO_BROKEN || st == PROTO_CHANGE)
        r->over = true;
    check((st == PROTO_CHANGE) == r->changed);
    check((st == PROTO_TUNNEL) == r->opened);
}

/* One call with all that the side holds, in memory of exactly that size. Returns whether bytes were consumed. */
static bool parse(struct run *r, unsigned dir)
{
    struct side *s = &r->side[dir];
    struct proto_io io = io_of(r, dir);
    uint8_t *copy = malloc(s->held.len ? s->held.len : 1);
    check(copy != NULL);
    if (s->held.len)
        memcpy(copy, s->held.data, s->held.len);
    io.data = copy;
    io.len = s->held.len;
    enum proto_status st = proto_http1.parse(r->state, &io);
    free(copy);
    check(io.consumed <= io.len);
    if (io.consumed)
        buf_drop(&s->held, io.consumed);
    take(r, dir, st);
    return io.consumed != 0;
}

/* Both sides in turn while the one that waited goes on. */
static void settle(struct run *r, unsigned dir)
{
    parse(r, dir);
    for (unsigned idle = 0; !r->over && idle < 2;) {
        dir = !dir;
        bool due = r->side[dir].waits && r->side[dir].held.len;
        idle = due && parse(r, dir) ? 0 : idle + 1;
    }
    /* Nothing but the end would ever be read then. */
    check(r->over || !(r->side[0].waits && r->side[0].held.len && r->side[1].waits && r->side[1].held.len));
}

static void step(struct run *r, struct reader *in)
{
    uint8_t what = reader_u8(in);
    unsigned dir = what & 1;
    size_t n = what & 8 ? reader_be16(in) : reader_u8(in);
    struct side *s = &r->side[dir];
    if (s->eof)
        return;
    if (what & 2) {
        struct proto_io io = io_of(r, dir);
        if (!n) /* no gap: nothing that is held is lost */
            return;
        buf_clear(&s->held);
        take(r, dir, proto_http1.gap(r->state, &io, n));
        reap(r, false);
        return;
    }
    if (n > reader_left(in))
        n = reader_left(in);
    if (n && !buf_add(&s->held, reader_take(in, n), n)) {
        r->over = true;
        return;
    }
    s->eof = what & 4;
    if (!s->waits)
        settle(r, dir);
    reap(r, false); /* as the app stage does: not between two calls for one packet */
}

static void probe(const uint8_t *data, size_t size)
{
    struct proto_probe p = {.data = {data, data + size / 2}, .len = {size / 2, size - size / 2}};
    proto_http1.probe(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run r;
    r = (struct run){.now = 1};
    struct reader in = reader_of(data, size);
    if (size)
        probe(data, size);
    uint8_t how = reader_u8(&in);
    bool reversed = how & 1;
    r.changes = how & 2;
    r.child = how & 4;
    r.bodies = !(how & 8);
    r.state = calloc(1, proto_http1.state_size);
    check(r.state != NULL);
    buf_init(&r.side[0].held, HELD_MAX);
    buf_init(&r.side[1].held, HELD_MAX);
    buf_init(&r.out, 0);
    if (proto_http1.init(r.state, &settings, reversed) == 0) {
        while (!r.over && reader_left(&in) > 1)
            step(&r, &in);
        struct proto_io io = io_of(&r, 0);
        r.finishing = true;
        if (!r.changed)
            proto_http1.finish(r.state, &io);
        reap(&r, true);
        proto_http1.fini(r.state);
    }
    free(r.state);
    buf_fini(&r.side[0].held);
    buf_fini(&r.side[1].held);
    buf_fini(&r.out);
    return 0;
}
