/* Fuzzes decoding. The first byte chooses the link type, the second says how many bytes were cut off. */
#include <stdint.h>
#include <stdlib.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int links[] = {1, 0, 108, 12, 101, 228, 229, 113, 276, 9, 50, 104, 105, 127};

static struct settings_decoder set = {.teredo_anywhere = true, .erspan = true, .erspan_1 = true, .max_layers = 16};

/* Every tunnel on its own port. */
static void set_up(void)
{
    static const uint16_t ports[UDP_TUNNEL_COUNT] = {4789, 4790, 6081, 3544, 5072, 2152, 1701, 4754, 6635};
    for (int t = 0; t < UDP_TUNNEL_COUNT; t++) {
        set.udp[t] = (struct settings_udp_ports){.ports = {ports[t]}, .count = 1};
        set.udp_known[ports[t] / 64] |= UINT64_C(1) << ports[t] % 64;
    }
}

static void check(const struct decoded *d, const uint8_t *p, size_t len)
{
    if (d->event_count > sizeof d->events || d->vlan_count > DECODE_VLAN_MAX)
        abort();
    if (d->tunnel_count > DECODE_TUNNELS_MAX || d->next.kind != NEXT_NONE || d->headers >> HEADER_COUNT)
        abort();
    for (unsigned i = 0; i < d->tunnel_count; i++)
        if (!*decode_tunnel_name(d->tunnels[i].type) || d->tunnels[i].src.family != d->tunnels[i].dst.family ||
            d->tunnels[i].src.family == ADDR_NONE || d->tunnels[i].vlan_count > DECODE_VLAN_MAX)
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
    int link = links[data[0] % (sizeof links / sizeof *links)];
    struct decoded d;
    if (!set.udp[0].count)
        set_up();
    if (!decode_frame_sure(link, p, len, len + data[1], true, &set, &d))
        abort();
    check(&d, p, len);
    if (!decode_frame(link, p, len, len + data[1], true, &set, &d))
        abort();
    check(&d, p, len);
    if (d.layers & LAYER_FRAGMENT) {
        decode_transport(&d, d.payload, d.payload_len, true);
        if (d.layers & LAYER_FRAGMENT)
            decode_transport(&d, d.payload, d.payload_len, true);
        if (d.payload + d.payload_len > p + len)
            abort();
        decode_tunnels(&d, true, &set);
        check(&d, p, len);
    }
    return 0;
}
