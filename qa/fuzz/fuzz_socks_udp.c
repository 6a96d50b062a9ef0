/* Fuzzes the datagrams of SOCKS5's UDP relays: probe and parser, both directions, time passing.
 *
 * Input: a head octet (bit 0: the flow began with the relay), then datagrams: an octet (bit 7: direction; bits 0-6:
 * length), an octet of seconds that pass before it, and that many bytes. A length of 127 is repeated 64 times over. */
#include <stdint.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "core/buf.h"
#include "proto/socks/socks.h"
#include "proto/socks/udp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LONG_TIMES 64

/* What was offered: channels count up and carry nothing before. */
struct seen {
    uint32_t channels;
    uint64_t carried;
};

static void on_event(struct proto_io *io, unsigned event)
{
    (void)io;
    if (event >= proto_socks_udp.event_count)
        abort();
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    struct seen *seen = io->engine_ctx;
    if (o->channel != ++seen->channels || o->channel > SOCKS_TARGETS_MAX || o->port == 0 || o->proto != 17)
        abort();
    if ((o->addr.family == ADDR_NONE) != (o->host != NULL && o->host_len > 0) || o->relay == RELAY_NOT)
        abort();
}

static void on_carry(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len, bool eof)
{
    struct seen *seen = io->engine_ctx;
    uint8_t sum = 0;
    if (channel == 0 || channel > seen->channels || dir != io->dir || eof)
        abort();
    for (size_t i = 0; i < len; i++)
        sum ^= p[i]; /* all of it can be read */
    seen->carried += len + (sum & 1);
}

static enum proto_probe_result on_recognise(struct proto_io *io, const struct proto_probe *probe)
{
    (void)io;
    return probe->len[0] + probe->len[1] > 100 ? PROBE_YES : PROBE_NO;
}

/* The bytes are a copy of their exact size: reads past them are found. */
static void feed(void *state, struct proto_io *io, const struct buf *bytes)
{
    uint8_t *copy = malloc(bytes->len ? bytes->len : 1);
    if (!copy)
        abort();
    if (bytes->len)
        memcpy(copy, bytes->data, bytes->len);
    struct proto_probe p = {.final = true, .sport = 40000, .dport = 1080, .transport = PROTO_UDP};
    p.data[io->dir] = copy;
    p.len[io->dir] = bytes->len;
    if (proto_socks_udp.probe(&p) == PROBE_MORE)
        abort();
    io->data = copy;
    io->len = bytes->len;
    io->consumed = 0;
    if (proto_socks_udp.parse(state, io) != PROTO_OK || io->consumed != io->len)
        abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct proto_engine engine = {
        .event = on_event, .tunnel = on_tunnel, .carry = on_carry, .recognise = on_recognise};
    static const struct settings settings = {.decap = {.enabled = true}};
    static const struct flow_ref flow = {.id = 1};
    struct reader r = reader_of(data, size);
    struct seen seen = {.channels = 0};
    void *state = calloc(1, proto_socks_udp.state_size);
    if (!state || proto_socks_udp.init(state, &settings, reader_u8(&r) & 1) != 0)
        abort();
    struct proto_io io = {.flow = &flow, .settings = &settings, .engine = &engine, .engine_ctx = &seen};
    while (reader_left(&r) > 0) {
        uint8_t head = reader_u8(&r);
        io.dir = head & 0x80 ? TO_CLIENT : TO_SERVER;
        io.time_ns += reader_u8(&r) * UINT64_C(1000000000);
        size_t len = head & 0x7f;
        size_t there = len < reader_left(&r) ? len : reader_left(&r);
        const uint8_t *p = reader_take(&r, there);
        struct buf bytes;
        buf_init(&bytes, 0);
        for (int i = 0; p && i < (len == 0x7f ? LONG_TIMES : 1); i++)
            buf_add(&bytes, p, there);
        feed(state, &io, &bytes);
        buf_fini(&bytes);
    }
    proto_socks_udp.finish(state, &io);
    proto_socks_udp.fini(state);
    free(state);
    return 0;
}
