#include "capture/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* Packets that are looked at to judge a capture's checksums. */
#define SAMPLE_MOST 2000u

struct slot {
    struct packet packet; /* first */
    uint8_t *copy;        /* frames that their source does not keep */
    uint32_t room;
    struct slot *next_free;
};

struct capture_counters {
    unsigned pkts, bytes, invalid, ethernet, ipv4, ipv6, tcp, udp, icmp4, icmp6, arp, vlan, vlan_qinq, unknown_link;
    unsigned events[DECODE_EVENT_COUNT];
};

struct capture {
    struct capture_source *source;
    struct capture_settings set;
    struct counters *counters;
    struct capture_counters n;
    struct slot *slots;
    struct slot *free;
    uint32_t out;
    uint64_t number;
    uint64_t now_ns;
    uint64_t first_ns;
    uint64_t checked;
    uint64_t bad;
};

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
    if (!c->slots) {
        free(c);
        return -ENOMEM;
    }
    for (uint32_t i = set->packets; i > 0; i--) {
        c->slots[i - 1].next_free = c->free;
        c->free = &c->slots[i - 1];
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
    for (uint32_t i = 0; i < c->set.packets; i++)
        free(c->slots[i].copy);
    free(c->slots);
    free(c);
}

/* The two addresses alone, in either order: fragments, ICMP errors and a proxy's UDP relay land where the flow is. */
static unsigned lane_of(const struct capture *c, const struct decoded *d)
{
    if (c->set.lanes == 1 || !(d->layers & LAYER_IP))
        return 0;
    uint64_t a = hash_mix(d->src.q[0], d->src.q[1]) + hash_mix(d->dst.q[0], d->dst.q[1]);
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

static void count(struct capture *c, const struct packet *p)
{
    const struct decoded *d = &p->d;
    counter_add(c->counters, c->n.pkts, 1);
    counter_add(c->counters, c->n.bytes, p->wire_len);
    if (d->has_mac)
        counter_add(c->counters, c->n.ethernet, 1);
    if (d->event_count) {
        counter_add(c->counters, c->n.invalid, 1);
        for (unsigned i = 0; i < d->event_count; i++)
            counter_add(c->counters, c->n.events[d->events[i]], 1);
    }
    if (d->vlan_count)
        counter_add(c->counters, d->vlan_count > 1 ? c->n.vlan_qinq : c->n.vlan, 1);
    if (d->layers & LAYER_ARP)
        counter_add(c->counters, c->n.arp, 1);
    if (!(d->layers & LAYER_IP))
        return;
    counter_add(c->counters, d->src.family == ADDR_V4 ? c->n.ipv4 : c->n.ipv6, 1);
    if (!(d->layers & LAYER_TRANSPORT))
        return;
    unsigned id = d->ip_proto == 6    ? c->n.tcp
                  : d->ip_proto == 17 ? c->n.udp
                  : d->ip_proto == 1  ? c->n.icmp4
                                      : c->n.icmp6;
    counter_add(c->counters, id, 1);
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
    bool check = c->set.checksums != CHECKSUMS_NONE;
    if (!decode_frame(f->dlt, p->frame, p->frame_len, f->wirelen, check, &p->d)) {
        memset(&p->d, 0, sizeof p->d);
        counter_add(c->counters, c->n.unknown_link, 1);
    }
    if (check && (p->d.layers & LAYER_TRANSPORT))
        judge_checksum(c, &p->d);
    p->lane = (uint16_t)lane_of(c, &p->d);
    count(c, p);
}

enum capture_result capture_next(struct capture *c, struct packet **out)
{
    if (!c->free)
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
    struct slot *s = c->free;
    c->free = s->next_free;
    c->out++;
    fill(c, s, &f);
    *out = &s->packet;
    return CAPTURE_PACKET;
}

void capture_put(struct capture *c, struct packet *p)
{
    struct slot *s = (struct slot *)p;
    s->next_free = c->free;
    c->free = s;
    c->out--;
}

uint32_t capture_out(const struct capture *c)
{
    return c->out;
}

uint64_t capture_number(const struct capture *c)
{
    return c->number;
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
        if (!decode_frame(f.dlt, f.data, f.caplen, f.wirelen, true, &d) || !(d.layers & LAYER_TRANSPORT))
            continue;
        *sampled += 1;
        *bad += d.bad_checksum;
    }
}
