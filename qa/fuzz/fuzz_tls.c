/* Fuzzes TLS sessions. Input: steps of one byte (bit 0: direction, bit 1: a gap instead of bytes), a 16-bit length, and
 * the bytes. Each session is parsed twice, whole and byte by byte: record, events and outcome must be the same, and
 * nothing may be left unconsumed. */
#include <stdint.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "proto/tls/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    uint64_t events;
    enum proto_status status;
    struct buf record;
};

static void note_event(struct proto_io *io, unsigned event)
{
    struct outcome *o = io->engine_ctx;
    if (event >= proto_tls.event_count || !proto_tls.events[event].name)
        abort();
    o->events |= UINT64_C(1) << event;
}

static void ignore_name(struct proto_io *io, const char *name, size_t len)
{
    (void)io;
    (void)name;
    (void)len;
}

static const struct proto_engine engine = {.event = note_event, .server_name = ignore_name};

static void give(void *state, enum flow_dir dir, const uint8_t *p, size_t n, struct outcome *o)
{
    struct proto_io io = {.dir = dir, .data = p, .len = n, .engine = &engine, .engine_ctx = o};
    o->status = proto_tls.parse(state, &io);
    if (io.consumed != n)
        abort();
}

static void run(const uint8_t *data, size_t size, bool bytewise, struct outcome *o)
{
    struct reader r = reader_of(data, size);
    void *state = calloc(1, proto_tls.state_size);
    struct proto_io end = {.engine = &engine, .engine_ctx = o};
    if (!state)
        abort();
    *o = (struct outcome){.status = PROTO_OK};
    proto_tls.init(state, NULL, false);
    while (reader_left(&r) > 3 && o->status == PROTO_OK) {
        uint8_t op = reader_u8(&r);
        size_t n = reader_be16(&r);
        enum flow_dir dir = op & 1 ? TO_CLIENT : TO_SERVER;
        if (op & 2) {
            struct proto_io io = {.dir = dir, .engine = &engine, .engine_ctx = o};
            o->status = proto_tls.gap(state, &io, n + 1);
            continue;
        }
        n = n < reader_left(&r) ? n : reader_left(&r);
        const uint8_t *p = reader_take(&r, n);
        if (!bytewise)
            give(state, dir, p, n, o);
        for (size_t i = 0; bytewise && i < n && o->status == PROTO_OK; i++)
            give(state, dir, p + i, 1, o);
    }
    proto_tls.finish(state, &end);
    buf_init(&o->record, 0);
    struct json j = json_of(&o->record);
    struct proto_txs *txs = state;
    for (struct proto_tx *tx = txs->first, *next; tx; tx = next) {
        next = tx->next;
        if (tx->complete)
            proto_tls.log(state, tx, &j);
        proto_tls.tx_fini(tx);
        free(tx);
    }
    proto_tls.fini(state);
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole;
    struct outcome bytes;
    struct proto_probe p = {.data = {data, data + size / 2}, .len = {size / 2, size - size / 2}, .final = size & 1};
    (void)proto_tls.probe(&p);
    run(data, size, false, &whole);
    run(data, size, true, &bytes);
    if (whole.events != bytes.events || whole.status != bytes.status || whole.record.len != bytes.record.len ||
        (whole.record.len && memcmp(whole.record.data, bytes.record.data, whole.record.len) != 0))
        abort();
    buf_fini(&whole.record);
    buf_fini(&bytes.record);
    return 0;
}
