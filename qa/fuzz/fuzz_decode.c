/* Fuzzes decoding. The first byte chooses the link type, the second says how many bytes were cut off. */
#include <stdint.h>
#include <stdlib.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int links[] = {1, 0, 108, 12, 101, 228, 229, 113, 276, 9, 50, 104};

static void check(const struct decoded *d, const uint8_t *p, size_t len)
{
    if (d->event_count > sizeof d->events || d->vlan_count > DECODE_VLAN_MAX)
        abort();
    if ((d->layers & LAYER_TRANSPORT) && (!(d->layers & LAYER_IP) || (d->layers & LAYER_FRAGMENT)))
        abort();
    if (d->layers & LAYER_IP) {
        if (d->ip < p || d->ip + d->ip_len > p + len || d->payload < d->ip)
            abort();
        if (d->payload + d->payload_len > d->ip + d->ip_len)
            abort();
    }
    for (unsigned i = 0; i < d->event_count; i++)
        if (decode_event_name(d->events[i])[0] == 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const uint8_t *p = data + 2;
    uint32_t len = (uint32_t)size - 2;
    struct decoded d;
    if (!decode_frame(links[data[0] % (sizeof links / sizeof *links)], p, len, len + data[1], true, NULL, &d))
        abort();
    check(&d, p, len);
    if (d.layers & LAYER_FRAGMENT) {
        decode_transport(&d, d.payload, d.payload_len, true);
        if (d.layers & LAYER_FRAGMENT)
            decode_transport(&d, d.payload, d.payload_len, true);
        if (d.payload + d.payload_len > p + len)
            abort();
    }
    return 0;
}
