/* Fuzzes the SOCKS room: probe and parser, both directions interleaved, gaps and ends anywhere.
 *
 * Input: a head octet (bit 0: roles reversed, bit 1: passwords are kept, bit 2: the probe's last time of asking, bit 3:
 * reversed roles are only recorded, bit 4: no UDP relays), then chunks: an octet (bit 7: direction, bits 0-6: length;
 * 0: a gap in that direction) and that many bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "proto/socks/socks.h"
#include "proto/socks/test_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the probe is shown: the first bytes of each direction. */
static void probe(const struct test_engine *e, const struct buf seen[2], bool final)
{
    struct proto_probe p = {
        .data = {seen[0].data, seen[1].data},
        .len = {seen[0].len, seen[1].len},
        .eof = {e->eof[0], e->eof[1]},
        .final = final,
        .sport = 40000,
        .dport = 1080,
        .transport = PROTO_TCP,
    };
    enum proto_probe_result result = proto_socks.probe(&p);
    if (final && result == PROBE_MORE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_of(data, size);
    uint8_t head = reader_u8(&r);
    struct settings_payload payload = {
        .name = "socks", .enabled = SWITCH_YES, .log_passwords = head & 2, .udp = !(head & 16), .reverse = !(head & 8)};
    struct settings settings = {.decap = {.enabled = true, .payload = &payload, .payload_count = 1}};
    struct test_engine e;
    struct buf seen[2];
    test_engine_init(&e, &settings, head & 1);
    buf_init(&seen[0], 0);
    buf_init(&seen[1], 0);
    while (reader_left(&r) > 0) {
        uint8_t chunk = reader_u8(&r);
        enum flow_dir dir = chunk & 0x80 ? TO_CLIENT : TO_SERVER;
        size_t len = chunk & 0x7f;
        if (len == 0) {
            test_engine_gap(&e, dir, 1);
            continue;
        }
        if (len > reader_left(&r))
            len = reader_left(&r);
        const uint8_t *p = reader_take(&r, len);
        test_engine_feed(&e, dir, p, len, reader_left(&r) == 0);
        buf_add(&seen[dir], p, len);
        probe(&e, seen, false);
    }
    probe(&e, seen, head & 4);
    bool established = e.outcome == TEST_TUNNEL;
    test_engine_finish(&e);
    if (e.offers > 1 || (e.offers == 1 && (e.offer.status == TUNNEL_ESTABLISHED) != established))
        abort();
    buf_fini(&seen[0]);
    buf_fini(&seen[1]);
    test_engine_fini(&e);
    return 0;
}
