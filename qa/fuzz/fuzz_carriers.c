/* Fuzzes the sessions of IP tunnels and the fragments of outer packets, as capture drives them. The input: packets of
 * three octets (time, length) and a frame of that length, as many as there are. What is around a packet must be found
 * for each of its tunnels, links live as long as somebody has them, and all memory is given back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/carriers.h"
#include "capture/fragments.h"
#include "core/bytes.h"
#include "core/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Packets whose links are still out, as those that other threads work on are. */
#define OUT_MOST 8

struct world {
    struct settings set;
    struct carriers *carriers;
    struct fragments *fragments;
    const struct tunnel_link *out[OUT_MOST];
    uint64_t number;
    uint64_t now;
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void set_up(struct settings *set)
{
    static const uint16_t ports[UDP_TUNNEL_COUNT] = {4789, 4790, 6081, 3544, 5072, 2152, 1701, 4754, 6635};
    struct settings_decoder *d = &set->decoder;
    *d = (struct settings_decoder){
        .teredo_anywhere = true, .erspan = true, .erspan_1 = true, .max_layers = 16, .track_tunnels = true};
    for (int t = 0; t < UDP_TUNNEL_COUNT; t++) {
        d->udp[t] = (struct settings_udp_ports){.ports = {ports[t]}, .count = 1};
        d->udp_known[ports[t] / 64] |= UINT64_C(1) << ports[t] % 64;
    }
    for (int c = 0; c < FLOW_CLASS_COUNT; c++)
        set->flow.timeouts[c] = (struct settings_timeouts){.new_ = 30, .established = 300, .closed = 10};
}

/* Take what is around the packet, and give back the link of one that came before. */
static void look_around(struct world *w, struct packet *p)
{
    struct carriers_found found = {.count = 0};
    if (carriers_find(w->carriers, &p->d, w->number, w->now, &found) != CARRIERS_KNOWN)
        return;
    check(found.count == p->d.tunnel_count);
    const struct tunnel_link **slot = &w->out[w->number % OUT_MOST];
    struct carrier_inside *in = found.inside[found.count - 1];
    carriers_put(*slot);
    *slot = carriers_link(in);
    check(*slot && (*slot)->depth == found.count);
    for (unsigned i = 0; i < found.count; i++)
        check(found.id[i] == (*slot)->path[i].flow_id && (*slot)->path[i].type[0]);
    p->context = carriers_context(in);
    carriers_let_go(&found);
}

/* False: it does not complete a tunnel's packet. */
static bool reassemble(struct world *w, struct packet *p)
{
    uint8_t *bytes;
    uint32_t len;
    if (!fragments_take(w->fragments, p, &bytes, &len))
        return false;
    struct decoded whole = p->d;
    decode_transport(&whole, bytes, len, false);
    decode_tunnels(&whole, false, &w->set.decoder);
    if (whole.tunnel_count == p->d.tunnel_count) {
        free(bytes);
        return false;
    }
    check(whole.tunnel_count > p->d.tunnel_count);
    p->d = whole;
    free(p->own);
    p->own = bytes;
    look_around(w, p);
    return true;
}

static void frame(struct world *w, const uint8_t *bytes, uint32_t len)
{
    struct packet p = {.item = {.number = ++w->number, .now_ns = w->now}, .frame = bytes, .frame_len = len};
    if (!decode_frame(1, bytes, len, len, false, &w->set.decoder, &p.d))
        return;
    if (p.d.tunnel_count)
        look_around(w, &p);
    while ((p.d.layers & LAYER_FRAGMENT) && fragments_wanted(&p.d) && reassemble(w, &p))
        continue;
    free(p.own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {.now = NS_PER_S};
    set_up(&w.set);
    w.carriers = carriers_create(&w.set);
    w.fragments = fragments_create(30 * NS_PER_S);
    check(w.carriers && w.fragments);
    for (size_t at = 0; at + 3 <= size;) {
        uint32_t len = load_be16(data + at + 1);
        w.now += data[at] * (NS_PER_S / 4);
        at += 3;
        if (len > size - at)
            len = (uint32_t)(size - at);
        frame(&w, data + at, len);
        check(carriers_count(w.carriers) <= CARRIERS_MAX);
        at += len;
    }
    for (unsigned i = 0; i < OUT_MOST; i++)
        carriers_put(w.out[i]);
    fragments_destroy(&w.fragments);
    carriers_destroy(&w.carriers);
    return 0;
}
