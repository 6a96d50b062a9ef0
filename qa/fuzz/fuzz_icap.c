/* ICAP and the chunked coding, both directions interleaved as the input says.
 *
 * The input: one byte (bit 0: roles reversed), then a series of one byte (bit 0 direction, bit 1 gap, bit 2 end of the
 * direction, bit 3 two bytes of length), one or two bytes of length, and that many bytes (a gap has none). It is played
 * twice, as it is and each byte by itself: the same sessions with the same bytes must come of it, unless an answer was
 * before its request. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "proto/icap/icap.h"

#define HELD_MAX     131072
#define CHANNELS_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
    struct buf held;
    bool waits;
    bool eof;
};

struct channel {
    bool closed;
    uint64_t bytes[2]; /* hash of what was carried */
};

struct run {
    void *state;
    struct side side[2];
    struct channel *channels;
    uint32_t opened;
    uint32_t open;
    uint64_t events;
    bool over;
    bool waited; /* an answer came before its request: what it meets there depends on the pieces */
    uint64_t now;
};

static const struct flow_ref flow;
static const struct settings settings;

static void check(bool good)
{
    if (!good)
        abort();
}

static void add(uint64_t *hash, uint64_t value)
{
    *hash = (*hash ^ value) * 0x100000001b3ull;
}

static void on_event(struct proto_io *io, unsigned event)
{
    struct run *r = io->engine_ctx;
    check(event < proto_icap.event_count && proto_icap.events[event].name != NULL);
    r->events |= 1ull << event;
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    struct run *r = io->engine_ctx;
    uint64_t h = 0;
    check(o->channel == ++r->opened && o->status == TUNNEL_ESTABLISHED);
    check(o->by_carrier || o->port != 0);
    check(o->by_carrier || o->host_len != 0 || o->addr.family != ADDR_NONE);
    check(++r->open <= 32);
    for (size_t i = 0; i < o->host_len; i++)
        add(&h, (uint8_t)o->host[i]);
    for (size_t i = 0; i < o->user_len; i++)
        add(&h, (uint8_t)o->user[i]);
    if (o->channel < CHANNELS_MAX)
        r->channels[o->channel].bytes[0] = h;
}

static struct channel *find(struct proto_io *io, uint32_t number)
{
    struct run *r = io->engine_ctx;
    check(number != 0 && number <= r->opened);
    struct channel *c = &r->channels[number < CHANNELS_MAX ? number : 0];
    check(number >= CHANNELS_MAX || !c->closed);
    return c;
}

static void on_carry(struct proto_io *io, uint32_t number, enum flow_dir dir, const uint8_t *p, size_t len, bool eof)
{
    struct channel *c = find(io, number);
    check(!eof);
    for (size_t i = 0; i < len; i++)
        add(&c->bytes[dir], p[i]);
}

static void on_carry_gap(struct proto_io *io, uint32_t number, enum flow_dir dir, uint64_t n)
{
    struct channel *c = find(io, number);
    check(n != 0 && n <= UINT32_MAX);
    add(&c->bytes[dir], n << 8 | 1);
}

static void on_close(struct proto_io *io, uint32_t number)
{
    struct run *r = io->engine_ctx;
    struct channel *c = find(io, number);
    c->closed = number < CHANNELS_MAX;
    r->open--;
}

static const struct proto_engine engine = {
    .event = on_event, .tunnel = on_tunnel, .carry = on_carry, .carry_gap = on_carry_gap, .close = on_close};

static struct proto_io io_of(struct run *r, unsigned dir)
{
    return (struct proto_io){.dir = dir ? TO_CLIENT : TO_SERVER,
                             .eof = r->side[dir].eof,
                             .time_ns = r->now++,
                             .flow = &flow,
                             .settings = &settings,
                             .engine = &engine,
                             .engine_ctx = r};
}

static void take(struct run *r, unsigned dir, enum proto_status st)
{
    check(st == PROTO_OK || st == PROTO_OTHER_SIDE || st == PROTO_BROKEN);
    r->side[dir].waits = st == PROTO_OTHER_SIDE;
    r->waited |= st == PROTO_OTHER_SIDE;
    r->over = st == PROTO_BROKEN;
    check(!r->over || r->open == 0);
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
    enum proto_status st = proto_icap.parse(r->state, &io);
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
    if (!r->side[dir].waits)
        parse(r, dir);
    for (unsigned idle = 0; !r->over && idle < 2;) {
        dir = !dir;
        bool due = r->side[dir].waits && r->side[dir].held.len;
        idle = due && parse(r, dir) ? 0 : idle + 1;
    }
}

static void gap(struct run *r, unsigned dir, size_t n)
{
    struct proto_io io = io_of(r, dir);
    buf_clear(&r->side[dir].held);
    take(r, dir, proto_icap.gap(r->state, &io, n ? n : 1));
}

static void give(struct run *r, unsigned dir, const uint8_t *p, size_t n)
{
    if (!buf_add(&r->side[dir].held, p, n))
        r->over = true;
    else
        settle(r, dir);
}

static void step(struct run *r, struct reader *in, bool single)
{
    uint8_t what = reader_u8(in);
    unsigned dir = what & 1;
    size_t n = what & 8 ? reader_be16(in) : reader_u8(in);
    if (r->side[dir].eof)
        return;
    if (what & 2) {
        gap(r, dir, n);
        return;
    }
    n = n < reader_left(in) ? n : reader_left(in);
    const uint8_t *p = reader_take(in, n);
    for (size_t i = 0; i < n && single && !r->over; i++)
        give(r, dir, p + i, 1);
    if (!single && n)
        give(r, dir, p, n);
    if (what & 4 && !r->over) {
        r->side[dir].eof = true;
        settle(r, dir);
    }
}

/* Play it; the sum of all that came of it. 0: it depends on the pieces. */
static uint64_t play(struct reader in, bool single)
{
    uint8_t head = reader_u8(&in);
    struct run r = {.now = 1};
    uint64_t sum = 0;
    r.state = calloc(1, proto_icap.state_size);
    r.channels = calloc(CHANNELS_MAX, sizeof *r.channels);
    check(r.state && r.channels && proto_icap.init(r.state, &settings, head & 1) == 0);
    for (int i = 0; i < 2; i++)
        buf_init(&r.side[i].held, HELD_MAX);
    while (reader_left(&in) && !in.bad && !r.over)
        step(&r, &in, single);
    for (uint32_t i = 1; i <= r.opened && i < CHANNELS_MAX; i++) {
        add(&sum, r.channels[i].bytes[0]);
        add(&sum, r.channels[i].bytes[1]);
        add(&sum, r.channels[i].closed);
    }
    add(&sum, r.events);
    add(&sum, r.opened);
    for (int i = 0; i < 2; i++)
        buf_fini(&r.side[i].held);
    free(r.channels);
    free(r.state);
    return r.waited ? 0 : sum;
}

static void probe(const uint8_t *data, size_t size)
{
    for (int final = 0; final < 2; final++) {
        struct proto_probe p = {.data = {data, data + size / 2},
                                .len = {size / 2, size - size / 2},
                                .final = final,
                                .transport = PROTO_TCP};
        proto_icap.probe(&p);
        p.len[1] = 0;
        proto_icap.probe(&p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    probe(data, size);
    uint64_t whole = play(reader_of(data, size), false);
    uint64_t single = play(reader_of(data, size), true);
    check(whole == single || whole == 0 || single == 0);
    return 0;
}
