#include "capture/capture.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/carriers.h"
#include "capture/fragments.h"
#include "core/clock.h"
#include "core/hash.h"

/* Packets that are looked at to judge a capture's checksums. */
#define SAMPLE_MOST 2000u

#define NO_COUNTER UINT_MAX

struct slot {
    struct packet packet; /* first */
    uint8_t *copy;        /* frames that their source does not keep */
    uint32_t room;
    struct slot *next_free;
};

struct capture_counters {
    unsigned pkts, bytes, invalid, ethernet, ipv4, ipv6, tcp, udp, icmp4, icmp6, arp, vlan, vlan_qinq, unknown_link;
    unsigned events[DECODE_EVENT_COUNT];
    unsigned headers[HEADER_COUNT];
    unsigned tunnels[TUNNEL_TYPE_COUNT]; /* 0: none */
    unsigned carriers, carriers_forced, carriers_memory, reassembled;
    unsigned fragments[2], fragments_whole[2]; /* of IPv4, of IPv6 */
};

struct capture {
    struct capture_source *source;
    struct capture_settings set;
    struct counters *counters;
    struct capture_counters n;
    struct slot *slots;
    struct slot *free;
    uint32_t used; /* slots that were ever taken: the others come after them */
    uint32_t out;
    uint64_t number;
    uint64_t now_ns;
    uint64_t first_ns;
    uint64_t checked;
    uint64_t bad;
    struct carriers *carriers;
    struct fragments *fragments;
    struct slot *inner;           /* was read, and waits for the packets of the tunnels around it; NULL: none */
    unsigned layer;               /* the next of them */
    struct carriers_found around; /* the inner packet */
};

#define DECODE_HEADER_NAME(id, name) [HEADER_##id] = "decoder." name,
static const char *const header_names[HEADER_COUNT] = {DECODE_HEADERS(DECODE_HEADER_NAME)};
#undef DECODE_HEADER_NAME

#define DECODE_TUNNEL_COUNTER(id, name, counter, src) [TUNNEL_##id] = (counter),
static const char *const tunnel_names[TUNNEL_TYPE_COUNT] = {DECODE_TUNNELS(DECODE_TUNNEL_COUNTER)};
#undef DECODE_TUNNEL_COUNTER

/* Suricata's "decoder.event.ipv4.trunc_pkt" for the event "decoder.ipv4.trunc_pkt". */
static unsigned event_counter(enum decode_event e)
{
    char *name = NULL;
    if (asprintf(&name, "decoder.event.%s", decode_event_name(e) + strlen("decoder.")) < 0)
        abort();
    unsigned id = counter_id(name);
    if (counter_name(id) != name)
        free(name);
    return id;
}

static void register_counters(struct capture_counters *n)
{
    n->pkts = counter_id("decoder.pkts");
    n->bytes = counter_id("decoder.bytes");
    n->invalid = counter_id("decoder.invalid");
    n->ethernet = counter_id("decoder.ethernet");
    n->ipv4 = counter_id("decoder.ipv4");
    n->ipv6 = counter_id("decoder.ipv6");
    n->tcp = counter_id("decoder.tcp");
    n->udp = counter_id("decoder.udp");
    n->icmp4 = counter_id("decoder.icmpv4");
    n->icmp6 = counter_id("decoder.icmpv6");
    n->arp = counter_id("decoder.arp");
    n->vlan = counter_id("decoder.vlan");
    n->vlan_qinq = counter_id("decoder.vlan_qinq");
    n->unknown_link = counter_id("decoder.unknown_link_type");
    for (int i = 0; i < HEADER_COUNT; i++)
        n->headers[i] = counter_id(header_names[i]);
    for (int i = 0; i < TUNNEL_TYPE_COUNT; i++)
        n->tunnels[i] = tunnel_names[i] ? counter_id(tunnel_names[i]) : NO_COUNTER;
    n->carriers = counter_id("decoder.tunnel_sessions");
    n->carriers_forced = counter_id("decoder.tunnel_sessions_forced");
    n->reassembled = counter_id("decoder.tunnel_fragments_reassembled");
    n->fragments[0] = counter_id("defrag.ipv4.fragments"); /* flow counts the others */
    n->fragments[1] = counter_id("defrag.ipv6.fragments");
    n->fragments_whole[0] = counter_id("defrag.ipv4.reassembled");
    n->fragments_whole[1] = counter_id("defrag.ipv6.reassembled");
    n->carriers_memory = counter_id("decoder.tunnel_memory_drop");
    for (int i = 0; i < DECODE_EVENT_COUNT; i++)
        n->events[i] = event_counter((enum decode_event)i);
}

int capture_create(struct capture_source *source, const struct capture_settings *set, struct counters *counters,
                   struct capture **out)
{
    struct capture *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->source = source;
    c->set = *set;
    c->counters = counters;
    c->checked = set->sampled;
    c->bad = set->sampled_bad;
    register_counters(&c->n);
    c->slots = calloc(set->packets, sizeof *c->slots);
    c->carriers = carriers_create(set->settings);
    c->fragments = fragments_create(set->settings->defrag.timeout * NS_PER_S);
    if (!c->slots || !c->carriers || !c->fragments) {
        fragments_destroy(&c->fragments);
        carriers_destroy(&c->carriers);
        free(c->slots);
        free(c);
        return -ENOMEM;
    }
    *out = c;
    return 0;
}

void capture_destroy(struct capture **capture)
{
    struct capture *c = *capture;
    *capture = NULL;
    if (!c)
        return;
    if (c->inner) {
        carriers_put(c->inner->packet.link);
        carriers_let_go(&c->around);
    }
    fragments_destroy(&c->fragments);
    carriers_destroy(&c->carriers);
    for (uint32_t i = 0; i < c->set.packets; i++)
        free(c->slots[i].copy);
    free(c->slots);
    free(c);
}

/* The two addresses alone, in either order: fragments and a proxy's UDP relay land where the flow is, and so do ICMP
 * errors by the addresses of the packet that they speak of. */
static inline unsigned lane_of(const struct capture *c, const struct decoded *d)
{
    if (c->set.lanes == 1 || !(d->layers & LAYER_IP))
        return 0;
    bool icmp = (d->layers & LAYER_TRANSPORT) && (d->ip_proto == 1 || d->ip_proto == 58);
    bool quotes = icmp && d->icmp.has_embedded;
    const struct addr *src = quotes ? &d->embedded.src : &d->src;
    const struct addr *dst = quotes ? &d->embedded.dst : &d->dst;
    uint64_t a = hash_mix(src->q[0], src->q[1]) + hash_mix(dst->q[0], dst->q[1]);
    return (unsigned)(hash_mix(a, 0) >> 32) % c->set.lanes;
}

/* With CHECKSUMS_AUTO wrong sums count only while they are few: on the host that sends, its packets are captured before
 * the network card fills them in. */
static void judge_checksum(struct capture *c, struct decoded *d)
{
    c->checked++;
    if (!d->bad_checksum)
        return;
    c->bad++;
    if (c->set.checksums == CHECKSUMS_AUTO && c->bad * 4 > c->checked)
        d->bad_checksum = false;
}

static void count_transport(struct capture *c, uint8_t proto)
{
    switch (proto) {
    case 6:
        counter_add(c->counters, c->n.tcp, 1);
        break;
    case 17:
        counter_add(c->counters, c->n.udp, 1);
        break;
    case 1:
        counter_add(c->counters, c->n.icmp4, 1);
        break;
    case 58:
        counter_add(c->counters, c->n.icmp6, 1);
        break;
    default:
        break;
    }
}

/* Tunnels and what else most packets have not. */
static void count_rare(struct capture *c, const struct decoded *d)
{
    for (unsigned i = 0; i < d->event_count; i++)
        counter_add(c->counters, c->n.events[d->events[i]], 1);
    if (d->event_count)
        counter_add(c->counters, c->n.invalid, 1);
    for (uint32_t bits = d->headers; bits; bits &= bits - 1)
        counter_add(c->counters, c->n.headers[__builtin_ctz(bits)], 1);
    for (unsigned i = 0; i < d->tunnel_count; i++) {
        const struct decode_tunnel *t = &d->tunnels[i];
        counter_add(c->counters, t->src.family == ADDR_V4 ? c->n.ipv4 : c->n.ipv6, 1);
        if (t->proto == 17)
            counter_add(c->counters, c->n.udp, 1);
        if (c->n.tunnels[t->type] != NO_COUNTER)
            counter_add(c->counters, c->n.tunnels[t->type], 1);
    }
}

static void count(struct capture *c, const struct packet *p, uint32_t wire_len)
{
    const struct decoded *d = &p->d;
    counter_add(c->counters, c->n.pkts, 1);
    counter_add(c->counters, c->n.bytes, wire_len);
    if (d->ethernet_count)
        counter_add(c->counters, c->n.ethernet, d->ethernet_count);
    if (d->event_count || d->headers || d->tunnel_count)
        count_rare(c, d);
    if (d->vlan_count)
        counter_add(c->counters, d->vlan_count > 1 ? c->n.vlan_qinq : c->n.vlan, 1);
    if (d->layers & LAYER_ARP)
        counter_add(c->counters, c->n.arp, 1);
    if (!(d->layers & LAYER_IP))
        return;
    counter_add(c->counters, d->src.family == ADDR_V4 ? c->n.ipv4 : c->n.ipv6, 1);
    if (d->layers & LAYER_TRANSPORT)
        count_transport(c, d->ip_proto);
}

static bool keep_frame(struct slot *s, const struct capture_frame *f)
{
    if (s->room < f->caplen) {
        uint8_t *copy = realloc(s->copy, f->caplen);
        if (!copy)
            return false;
        s->copy = copy;
        s->room = f->caplen;
    }
    if (f->caplen)
        memcpy(s->copy, f->data, f->caplen);
    s->packet.frame = s->copy;
    return true;
}

/* The packet is in tunnels: find out which sessions', so that its flow can be told from others. False: what was found
 * by content is not believed yet. */
static bool find_around(struct capture *c, struct packet *p)
{
    switch (carriers_find(c->carriers, &p->d, p->item.number, p->item.now_ns, &c->around)) {
    case CARRIERS_KNOWN:
        p->context = carriers_context(c->around.inside[c->around.count - 1]);
        p->link = carriers_link(c->around.inside[c->around.count - 1]);
        p->flow_id = flow_id_make(p->item.number, FLOW_ID_SUB_LAYERS + c->around.count);
        p->wire_len = p->d.frame_len;
        break;
    case CARRIERS_DOUBT:
        return false;
    case CARRIERS_FULL:
        counter_add(c->counters, c->n.carriers_memory, 1);
        memset(&p->d, 0, DECODED_CLEARED);
        break;
    }
    atomic_store_explicit(&c->counters->value[c->n.carriers], carriers_count(c->carriers), memory_order_relaxed);
    atomic_store_explicit(&c->counters->value[c->n.carriers_forced], carriers_forced(c->carriers),
                          memory_order_relaxed);
    return true;
}

/* A fragment that completes an outer packet with a tunnel in it becomes the inner packet. Others go on as they are,
 * which is false. */
static bool reassemble(struct capture *c, struct packet *p)
{
    uint8_t *bytes;
    uint32_t len;
    if (!fragments_take(c->fragments, p, &bytes, &len))
        return false;
    struct decoded whole = p->d;
    decode_transport(&whole, bytes, len, false);
    decode_tunnels(&whole, false, &c->set.settings->decoder);
    if (whole.tunnel_count == p->d.tunnel_count) {
        free(bytes);
        return false;
    }
    bool v6 = p->d.src.family == ADDR_V6;
    counter_add(c->counters, c->n.fragments[v6], 1);
    counter_add(c->counters, c->n.fragments_whole[v6], 1);
    carriers_put(p->link);
    p->link = NULL;
    carriers_let_go(&c->around);
    p->d = whole;
    free(p->own);
    p->own = bytes;
    counter_add(c->counters, c->n.reassembled, 1);
    find_around(c, p);
    return true;
}

static void decode(struct capture *c, struct packet *p, uint32_t wire_len)
{
    bool check = c->set.checksums != CHECKSUMS_NONE;
    const struct settings_decoder *set = &c->set.settings->decoder;
    if (!decode_frame(p->dlt, p->frame, p->frame_len, wire_len, check, set, &p->d)) {
        memset(&p->d, 0, DECODED_CLEARED);
        counter_add(c->counters, c->n.unknown_link, 1);
    }
    if (p->d.tunnel_count && !find_around(c, p)) {
        uint64_t id = c->around.doubtful_id;
        decode_frame_sure(p->dlt, p->frame, p->frame_len, wire_len, check, set, &p->d);
        if (p->d.tunnel_count)
            find_around(c, p);
        p->flow_id = id;
    }
    if (check && (p->d.layers & LAYER_TRANSPORT))
        judge_checksum(c, &p->d);
    /* What was put together may be a fragment itself, of a packet further in; each turn is a tunnel more. */
    while ((p->d.layers & LAYER_FRAGMENT) && fragments_wanted(&p->d) && !p->d.bad_checksum && reassemble(c, p))
        continue;
}

static void fill(struct capture *c, struct slot *s, const struct capture_frame *f)
{
    struct packet *p = &s->packet;
    p->item = (struct item){.kind = ITEM_PACKET, .number = ++c->number};
    p->frame = f->data;
    p->frame_len = f->caplen;
    if (!f->stable && !keep_frame(s, f))
        p->frame_len = 0;
    p->time_ns = f->time_ns;
    if (c->number == 1)
        c->first_ns = f->time_ns;
    if (f->time_ns > c->now_ns)
        c->now_ns = f->time_ns;
    p->item.now_ns = c->now_ns;
    p->wire_len = f->wirelen;
    p->dlt = (int16_t)f->dlt;
    p->flags = 0;
    p->lender = NULL;
    p->own = NULL;
    p->context = p->flow_id = 0;
    p->link = NULL;
    decode(c, p, f->wirelen);
    p->lane = (uint16_t)lane_of(c, &p->d);
    count(c, p, f->wirelen);
}

/* A packet that stands for the tunnel at `layer` around the inner one: addresses and lengths, and no payload. */
static void fill_carrier(struct capture *c, struct slot *s, unsigned layer)
{
    const struct packet *inner = &c->inner->packet;
    const struct decode_tunnel *t = &inner->d.tunnels[layer];
    struct carrier_inside *around = layer ? c->around.inside[layer - 1] : NULL;
    struct packet *p = &s->packet;
    p->item = inner->item;
    p->time_ns = inner->time_ns;
    p->frame = NULL;
    p->frame_len = 0;
    p->dlt = inner->dlt;
    p->flags = PACKET_CARRIER | PACKET_MORE;
    p->lender = NULL;
    p->own = NULL;
    p->wire_len = t->len;
    p->context = around ? carriers_context(around) : 0;
    p->link = carriers_link(around);
    p->flow_id = c->around.id[layer];
    struct decoded *d = &p->d;
    memset(d, 0, DECODED_CLEARED);
    d->layers = LAYER_IP | (t->proto == 17 ? LAYER_TRANSPORT : 0);
    d->ip_proto = t->proto;
    d->vlan_count = t->vlan_count;
    memcpy(d->vlan, t->vlan, sizeof d->vlan);
    d->sport = t->sport;
    d->dport = t->dport;
    d->src = t->src;
    d->dst = t->dst;
    p->lane = (uint16_t)lane_of(c, d);
}

static bool has_slot(const struct capture *c)
{
    return c->free || c->used < c->set.packets;
}

static struct slot *take_slot(struct capture *c)
{
    struct slot *s = c->free;
    if (s)
        c->free = s->next_free;
    else
        s = &c->slots[c->used++]; /* so that memory is touched when it is needed */
    c->out++;
    return s;
}

/* What is still to come of the frame that was read last. */
static enum capture_result next_layer(struct capture *c, struct packet **out)
{
    /* With one packet in all there is never another to stand for a tunnel. */
    if (c->layer < c->around.count && c->set.packets > 1) {
        if (!has_slot(c))
            return CAPTURE_NO_CREDIT;
        struct slot *s = take_slot(c);
        fill_carrier(c, s, c->layer++);
        *out = &s->packet;
        return CAPTURE_PACKET;
    }
    *out = &c->inner->packet;
    c->inner = NULL;
    carriers_let_go(&c->around);
    return CAPTURE_PACKET;
}

enum capture_result capture_next(struct capture *c, struct packet **out)
{
    if (c->inner)
        return next_layer(c, out);
    if (!has_slot(c))
        return CAPTURE_NO_CREDIT;
    struct capture_frame f;
    switch (source_next(c->source, &f)) {
    case SOURCE_IDLE:
        return CAPTURE_IDLE;
    case SOURCE_END:
        return CAPTURE_END;
    case SOURCE_BROKEN:
        return CAPTURE_BROKEN;
    case SOURCE_FRAME:
        break;
    }
    struct slot *s = take_slot(c);
    fill(c, s, &f);
    if (s->packet.link) {
        c->inner = s;
        c->layer = 0;
        return next_layer(c, out);
    }
    *out = &s->packet;
    return CAPTURE_PACKET;
}

void capture_put(struct capture *c, struct packet *p)
{
    struct slot *s = (struct slot *)p;
    if (p->link) {
        carriers_put(p->link);
        p->link = NULL;
    }
    s->next_free = c->free;
    c->free = s;
    c->out--;
}

uint32_t capture_out(const struct capture *c)
{
    return c->out - (c->inner != NULL);
}

uint64_t capture_number(const struct capture *c)
{
    return c->number - (c->inner != NULL);
}

uint64_t capture_first(const struct capture *c)
{
    return c->first_ns;
}

uint64_t capture_now(const struct capture *c)
{
    return c->now_ns;
}

void capture_sample(struct capture_source *source, uint64_t *sampled, uint64_t *bad)
{
    struct capture_frame f;
    struct decoded d;
    *sampled = *bad = 0;
    for (unsigned i = 0; i < SAMPLE_MOST && source_next(source, &f) == SOURCE_FRAME; i++) {
        if (!decode_frame(f.dlt, f.data, f.caplen, f.wirelen, true, NULL, &d) || !(d.layers & LAYER_TRANSPORT))
            continue;
        *sampled += 1;
        *bad += d.bad_checksum;
    }
}
