/* For fuzz targets of protocols that carry tunnels: a parser driven as the app stage does it, held to its contract.
 *
 * The input: a head octet (bit 0: roles reversed), then chunks: an octet (bit 7: direction,
 * bits 0-6: length) and that many bytes. Length 0: the next octet says what (bit 0: the direction ends, else as many
 * bytes as it says, and one, are missing). What is not consumed is offered again, in memory of exactly that size;
 * waiting is obeyed; each channel is offered once, before its first byte, and carries nothing behind its end. */
#ifndef BURROW_FUZZ_DRIVE_H
#define BURROW_FUZZ_DRIVE_H

#include <stdlib.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "proto/proto.h"

#define DRIVE_HELD_MOST 131072u
#define DRIVE_PROBED    4096u

struct drive_run {
    const struct app_proto *proto;
    void *state;
    struct buf held[2];
    struct buf seen[2]; /* for the probe */
    bool waits[2];
    bool eof[2];
    bool over;
    bool finishing;
    bool offered; /* channel 0 or 1, established */
    bool closed;
    bool carried_eof[2];
    uint64_t fed;
    uint64_t carried;
    uint64_t events;
    struct buf text;
    uint64_t now;
};

static inline void drive_check(bool good)
{
    if (!good)
        abort();
}

static inline void drive_event(struct proto_io *io, unsigned event)
{
    struct drive_run *r = io->engine_ctx;
    drive_check(event < r->proto->event_count && r->proto->events[event].name != NULL);
    r->events |= 1ull << event;
}

static inline void drive_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    struct drive_run *r = io->engine_ctx;
    drive_check(!r->offered && o->type && o->payload);
    drive_check(o->host_len == 0 || o->host != NULL);
    buf_clear(&r->text);
    buf_add(&r->text, o->host, o->host_len);
    buf_add(&r->text, o->user, o->user_len);
    drive_check(o->host_len <= 255 && o->user_len <= 255);
    if (o->status != TUNNEL_ESTABLISHED)
        return;
    drive_check(!r->finishing);
    drive_check(o->by_carrier == (o->addr.family == ADDR_NONE));
    r->offered = true;
}

static inline void drive_carry(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len,
                               bool eof)
{
    struct drive_run *r = io->engine_ctx;
    drive_check(r->offered && !r->closed && !r->finishing && channel == 1 && !r->carried_eof[dir]);
    buf_clear(&r->text);
    buf_add(&r->text, p, len);
    r->carried += len;
    r->carried_eof[dir] = eof;
}

static inline void drive_carry_gap(struct proto_io *io, uint32_t channel, enum flow_dir dir, uint64_t n)
{
    struct drive_run *r = io->engine_ctx;
    drive_check(r->offered && !r->closed && !r->finishing && channel == 1 && !r->carried_eof[dir] && n > 0);
}

static inline void drive_close(struct proto_io *io, uint32_t channel)
{
    struct drive_run *r = io->engine_ctx;
    drive_check(r->offered && !r->closed && channel == 1);
    r->closed = true;
}

static inline bool drive_change(struct proto_io *io, const char *name)
{
    (void)io;
    return name[0] == 'h';
}

/* Payload that begins with an S is a protocol; one more letter of it may be needed. */
static inline enum proto_probe_result drive_recognise(struct proto_io *io, const struct proto_probe *p)
{
    (void)io;
    for (int d = 0; d < 2; d++) {
        buf_clear(&((struct drive_run *)io->engine_ctx)->text);
        buf_add(&((struct drive_run *)io->engine_ctx)->text, p->data[d], p->len[d]);
        if (p->len[d] && p->data[d][0] == 'S')
            return p->len[d] > 1 || p->final ? PROBE_YES : PROBE_MORE;
    }
    return p->len[0] && p->len[1] ? PROBE_NO : PROBE_MORE;
}

static const struct proto_engine drive_engine = {
    .event = drive_event,
    .tunnel = drive_tunnel,
    .carry = drive_carry,
    .carry_gap = drive_carry_gap,
    .close = drive_close,
    .change = drive_change,
    .recognise = drive_recognise,
};

static const struct flow_ref drive_flow = {.key = {.sport = 40000, .dport = 80, .proto = 6}};
static const struct settings drive_settings;

static inline struct proto_io drive_io(struct drive_run *r, enum flow_dir dir)
{
    return (struct proto_io){.dir = dir,
                             .eof = r->eof[dir],
                             .time_ns = ++r->now,
                             .flow = &drive_flow,
                             .settings = &drive_settings,
                             .engine = &drive_engine,
                             .engine_ctx = r};
}

static inline void drive_take(struct drive_run *r, enum flow_dir dir, enum proto_status st)
{
    r->waits[dir] = st == PROTO_OTHER_SIDE;
    r->over = st != PROTO_OK && st != PROTO_OTHER_SIDE;
    if (st == PROTO_TUNNEL)
        drive_check(r->offered);
}

static inline void drive_parse(struct drive_run *r, enum flow_dir dir)
{
    struct buf *held = &r->held[dir];
    struct proto_io io = drive_io(r, dir);
    uint8_t *copy = malloc(held->len ? held->len : 1);
    drive_check(copy != NULL);
    if (held->len)
        memcpy(copy, held->data, held->len);
    io.data = copy;
    io.len = held->len;
    enum proto_status st = r->proto->parse(r->state, &io);
    free(copy);
    drive_check(io.consumed <= io.len);
    buf_drop(held, io.consumed);
    drive_take(r, dir, st);
}

static inline void drive_feed(struct drive_run *r, enum flow_dir dir, const uint8_t *p, size_t len)
{
    enum flow_dir other = flow_dir_other(dir);
    if (r->seen[dir].len + len <= DRIVE_PROBED)
        buf_add(&r->seen[dir], p, len);
    r->fed += len;
    if (r->over || r->eof[dir])
        return;
    buf_add(&r->held[dir], p, len);
    drive_check(r->held[dir].len <= DRIVE_HELD_MOST);
    if (r->waits[dir])
        return;
    drive_parse(r, dir);
    if (!r->over && r->waits[other])
        drive_parse(r, other);
}

static inline void drive_end(struct drive_run *r, enum flow_dir dir)
{
    if (r->eof[dir])
        return;
    drive_feed(r, dir, NULL, 0);
    r->eof[dir] = true;
    if (!r->over && !r->waits[dir])
        drive_parse(r, dir);
}

static inline void drive_gap(struct drive_run *r, enum flow_dir dir, uint64_t n)
{
    if (r->over || r->eof[dir])
        return;
    struct proto_io io = drive_io(r, dir);
    buf_clear(&r->held[dir]);
    drive_take(r, dir, r->proto->gap(r->state, &io, n));
}

/* The probe over what was seen: a yes stays one, and PROBE_MORE is none in the end. */
static inline enum proto_probe_result drive_probe(const struct drive_run *r, bool final)
{
    struct proto_probe p = {.data = {r->seen[0].data, r->seen[1].data},
                            .len = {r->seen[0].len, r->seen[1].len},
                            .final = final,
                            .sport = 40000,
                            .dport = 80,
                            .transport = PROTO_TCP};
    enum proto_probe_result result = r->proto->probe(&p);
    drive_check(!final || result != PROBE_MORE);
    return result;
}

static inline void drive_chunk(struct drive_run *r, struct reader *in)
{
    uint8_t chunk = reader_u8(in);
    enum flow_dir dir = chunk & 0x80 ? TO_CLIENT : TO_SERVER;
    size_t len = chunk & 0x7f;
    if (len == 0) {
        uint8_t what = reader_u8(in);
        if (what & 1)
            drive_end(r, dir);
        else
            drive_gap(r, dir, (uint64_t)what + 1);
        return;
    }
    if (len > reader_left(in))
        len = reader_left(in);
    const uint8_t *p = reader_take(in, len);
    if (p)
        drive_feed(r, dir, p, len);
}

static inline void drive(const struct app_proto *proto, const uint8_t *data, size_t size)
{
    struct reader in = reader_of(data, size);
    uint8_t head = reader_u8(&in);
    struct drive_run r = {.proto = proto, .state = calloc(1, proto->state_size)};
    drive_check(r.state != NULL);
    if (proto->init)
        drive_check(proto->init(r.state, &drive_settings, head & 1) == 0);
    enum proto_probe_result answer = PROBE_MORE;
    while (reader_left(&in) > 0) {
        drive_chunk(&r, &in);
        enum proto_probe_result next = drive_probe(&r, false);
        drive_check(answer != PROBE_YES || next == PROBE_YES);
        answer = next;
    }
    drive_probe(&r, true);
    drive_check(r.carried <= r.fed);
    r.finishing = true;
    struct proto_io io = drive_io(&r, TO_SERVER);
    if (proto->finish)
        proto->finish(r.state, &io);
    if (proto->fini)
        proto->fini(r.state);
    free(r.state);
    for (int d = 0; d < 2; d++) {
        buf_fini(&r.held[d]);
        buf_fini(&r.seen[d]);
    }
    buf_fini(&r.text);
}

#endif
