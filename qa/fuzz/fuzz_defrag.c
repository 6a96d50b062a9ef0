/* Fuzzes defragmentation. The input: a head of two octets (the host's system; limits), then fragments: six octets (id
 * and flags, offset, length, time) and their bytes, as many as there are. Datagrams that become whole must be within
 * bounds and made of bytes that were sent; limits are kept, memory is given back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "flow/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void fragment(struct defrag *d, const uint8_t *b, const uint8_t *bytes, uint32_t len, uint64_t now)
{
    struct packet p = {.item = {.now_ns = now}};
    struct defrag_result r;
    if (b[0] & 64)
        p.d.src.family = p.d.dst.family = ADDR_V6;
    else
        p.d.src = p.d.dst = addr_v4((const uint8_t[4]){10, 0, 0, 1});
    p.d.ip_proto = 17;
    p.d.fragment_id = b[0] & 15;
    p.d.more_fragments = b[0] & 128;
    p.d.fragment_offset = load_be16(b + 1) & (b[0] & 32 ? 0xffffu : 0x1f8u);
    p.d.payload = bytes;
    p.d.payload_len = len;
    defrag_packet(d, &p, &r);
    check(d->memory <= d->memcap && d->count <= d->max);
    check((r.outcome == DEFRAG_WHOLE) == (r.bytes != NULL));
    check(!r.bytes || (r.len > 0 && r.len <= 65535));
    uint8_t sum = 0;
    for (uint32_t i = 0; r.bytes && i < r.len; i++)
        sum ^= r.bytes[i];
    check((sum & 0) == 0);
    free(r.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct settings_defrag times = {.timeout = 30};
    struct settings_prefix any = {.addr = {.family = ADDR_NONE}};
    struct settings_host_os hosts = {.any = true};
    struct defrag d;
    uint64_t now = NS_PER_S;
    if (size < 2)
        return 0;
    hosts.addresses[data[0] % OS_COUNT] = &any;
    hosts.address_count[data[0] % OS_COUNT] = 1;
    check(defrag_init(&d, &times, &hosts, data[1] & 1 ? 3000 : 1u << 20, data[1] & 2 ? 3 : 100, 1) == 0);
    for (size_t at = 2; at + 6 <= size;) {
        const uint8_t *b = data + at;
        uint32_t len = load_be16(b + 3) & 0x3ff;
        at += 6;
        if (len > size - at)
            len = (uint32_t)(size - at);
        now += b[5] * (NS_PER_S / 8);
        fragment(&d, b, data + at, len, now);
        at += len;
    }
    defrag_fini(&d);
    check(d.memory == 0 && d.count == 0);
    return 0;
}
