/* HTTP/2 with its tunnels, both directions interleaved as the input says.
 *
 * The input: one byte (bit 0: roles reversed, bit 1: the client's preface is said already), then a series of one byte
 * (bit 0 direction, bit 1 gap, bit 2 end of the direction, bit 3 two bytes of length), one or two bytes of length, and
 * that many bytes (a gap has none). What is not consumed is offered again, complete transactions are logged and freed.
 * Checked: channels are offered once, carry nothing before that and after their close, and one end of a direction. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "files.h"
#include "proto/http2/http2.h"

#define HELD_MAX     131072
#define CHANNELS_MAX 65536

enum { OFFERED = 1, ENDED = 2, CLOSED = 8 };

struct run {
    void *state;
    struct buf held[2];
    bool eof[2];
    struct buf out;
    bool over;
    bool finishing;
    uint64_t now;
    uint8_t channels[CHANNELS_MAX];
};

static const struct flow_ref flow;
static const struct settings settings = {.detection = true};
static struct run run;

static void check(bool good)
{
    if (!good)
        abort();
}

static uint8_t *channel_of(uint32_t channel)
{
    check(channel > 0 && channel < CHANNELS_MAX && !run.finishing);
    return &run.channels[channel];
}

static void on_event(struct proto_io *io, unsigned event)
{
    (void)io;
    check(event < proto_http2.event_count && proto_http2.events[event].name != NULL);
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    (void)io;
    buf_clear(&run.out);
    buf_add(&run.out, o->host, o->host_len);
    buf_add(&run.out, o->user, o->user_len);
    check((o->status == TUNNEL_ESTABLISHED) == (o->channel != 0));
    if (o->status != TUNNEL_ESTABLISHED)
        return;
    check(o->by_carrier || o->port != 0);
    check(o->by_carrier || (o->host_len != 0) == (o->addr.family == ADDR_NONE));
    check(*channel_of(o->channel) == 0);
    *channel_of(o->channel) = OFFERED;
}

static void on_carry(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len, bool eof)
{
    uint8_t *c = channel_of(channel);
    (void)io;
    check((*c & OFFERED) && !(*c & CLOSED) && !(*c & (ENDED << dir)));
    buf_clear(&run.out);
    buf_add(&run.out, p, len);
    if (eof)
        *c |= (uint8_t)(ENDED << dir);
}

static void on_carry_gap(struct proto_io *io, uint32_t channel, enum flow_dir dir, uint64_t n)
{
    uint8_t *c = channel_of(channel);
    (void)io;
    check(n && (*c & OFFERED) && !(*c & CLOSED) && !(*c & (ENDED << dir)));
}

static void on_close(struct proto_io *io, uint32_t channel)
{
    uint8_t *c = channel_of(channel);
    (void)io;
    check((*c & OFFERED) && !(*c & CLOSED));
    *c |= CLOSED;
}

static void on_server_name(struct proto_io *io, const char *name, size_t len)
{
    (void)io;
    buf_clear(&run.out);
    buf_add(&run.out, name, len);
}

static enum proto_probe_result on_recognise(struct proto_io *io, const struct proto_probe *probe)
{
    (void)io;
    for (int d = 0; d < 2; d++)
        if (probe->len[d] >= 4)
            return memcmp(probe->data[d], "SSH-", 4) == 0 ? PROBE_YES : PROBE_NO;
    return PROBE_MORE;
}

static const struct proto_engine engine = {.event = on_event,
                                           .tunnel = on_tunnel,
                                           .carry = on_carry,
                                           .carry_gap = on_carry_gap,
                                           .close = on_close,
                                           .server_name = on_server_name,
                                           .recognise = on_recognise,
                                           .file_open = files_open,
                                           .file_data = files_data,
                                           .file_close = files_close};

static struct proto_io io_of(unsigned dir)
{
    return (struct proto_io){.dir = dir ? TO_CLIENT : TO_SERVER,
                             .eof = run.eof[dir],
                             .time_ns = run.now++,
                             .flow = &flow,
                             .settings = &settings,
                             .engine = &engine};
}

static void reap(bool all)
{
    struct proto_txs *txs = run.state;
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
            buf_clear(&run.out);
            struct json j = json_of(&run.out);
            json_open_object(&j, NULL);
            proto_http2.log(run.state, tx, &j);
            json_end_object(&j);
        }
        *at = tx->next;
        txs->count--;
        files_end(&proto_http2, run.state, tx);
        proto_http2.tx_fini(tx);
        free(tx);
    }
}

static void take(enum proto_status st)
{
    if (st == PROTO_DONE || st == PROTO_BROKEN)
        run.over = true;
    reap(false);
}

/* One call with all that the side holds, in memory of exactly that size. */
static void parse(unsigned dir)
{
    struct proto_io io = io_of(dir);
    uint8_t *copy = malloc(run.held[dir].len ? run.held[dir].len : 1);
    check(copy != NULL);
    if (run.held[dir].len)
        memcpy(copy, run.held[dir].data, run.held[dir].len);
    io.data = copy;
    io.len = run.held[dir].len;
    enum proto_status st = proto_http2.parse(run.state, &io);
    free(copy);
    check(io.consumed <= io.len);
    if (io.consumed)
        buf_drop(&run.held[dir], io.consumed);
    take(st);
}

static void step(struct reader *in)
{
    uint8_t what = reader_u8(in);
    unsigned dir = what & 1;
    size_t n = what & 8 ? reader_be16(in) : reader_u8(in);
    if (run.eof[dir])
        return;
    if (what & 2) {
        struct proto_io io = io_of(dir);
        buf_clear(&run.held[dir]);
        if (n)
            take(proto_http2.gap(run.state, &io, n));
        return;
    }
    if (n > reader_left(in))
        n = reader_left(in);
    if (n && !buf_add(&run.held[dir], reader_take(in, n), n)) {
        run.over = true;
        return;
    }
    run.eof[dir] = what & 4;
    parse(dir);
}

static void probe(const uint8_t *data, size_t size)
{
    struct proto_probe p = {.data = {data, data + size / 2}, .len = {size / 2, size - size / 2}};
    proto_http2.probe(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    struct reader in = reader_of(data, size);
    memset(&run, 0, sizeof run);
    if (size)
        probe(data, size);
    uint8_t flags = reader_u8(&in);
    run.state = calloc(1, proto_http2.state_size);
    check(run.state != NULL);
    buf_init(&run.held[0], HELD_MAX);
    buf_init(&run.held[1], HELD_MAX);
    if (proto_http2.init(run.state, &settings, flags & 1) == 0) {
        if (flags & 2) {
            buf_add(&run.held[flags & 1], preface, sizeof preface - 1);
            parse(flags & 1);
        }
        while (!run.over && reader_left(&in) > 1)
            step(&in);
        struct proto_io io = io_of(0);
        run.finishing = true;
        proto_http2.finish(run.state, &io);
        reap(true);
        proto_http2.fini(run.state);
    }
    free(run.state);
    buf_fini(&run.held[0]);
    buf_fini(&run.held[1]);
    buf_fini(&run.out);
    return 0;
}
