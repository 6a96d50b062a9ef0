#include "run/reject.h"

#include <errno.h>
#include <libnet.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/log.h"

#define TTL         64
#define QUOTED      8  /* bytes of the transport that an ICMP error quotes (RFC 792) */
#define QUOTED_MOST 68 /* with the longest IPv4 header */
#define LINK_ETHER  1  /* DLT_EN10MB */

struct reject_lane {
    libnet_t *net;
    uint64_t second;
    unsigned sent;
};

struct rejecter {
    unsigned count;
    unsigned n_sent, n_limited, n_impossible, n_failed;
    struct reject_lane lanes[];
};

/* The answer's ends. */
struct answer {
    const struct decoded *d;
    bool back; /* to the packet's source */
};

int reject_create(const char *interface, unsigned lanes, struct rejecter **out, char *error, size_t n)
{
    char why[LIBNET_ERRBUF_SIZE] = "out of memory";
    struct rejecter *r = calloc(1, sizeof *r + lanes * sizeof r->lanes[0]);
    *out = NULL;
    for (; r && r->count < lanes; r->count++) {
        r->lanes[r->count].net = libnet_init(LIBNET_LINK, interface, why);
        if (!r->lanes[r->count].net)
            break;
    }
    if (!r || r->count < lanes) {
        why[strcspn(why, "\n")] = 0;
        snprintf(error, n, "%s: can't send what rules reject: %s", interface, why);
        reject_destroy(&r);
        return -EPERM;
    }
    r->n_sent = counter_id("reject.sent");
    r->n_limited = counter_id("reject.limited");
    r->n_impossible = counter_id("reject.impossible");
    r->n_failed = counter_id("reject.failed");
    *out = r;
    return 0;
}

void reject_destroy(struct rejecter **rejecter)
{
    struct rejecter *r = *rejecter;
    *rejecter = NULL;
    if (!r)
        return;
    for (unsigned i = 0; i < r->count; i++)
        libnet_destroy(r->lanes[i].net);
    free(r);
}

/* RFC 9293 3.5.2: a reset counts where it is the next byte that the other side expects. Its own bytes a host expects
 * behind what it has acknowledged; the packet is taken to have arrived. */
static bool build_reset(libnet_t *l, const struct answer *a)
{
    const struct decoded *d = a->d;
    uint32_t len = d->payload_len + d->payload_missing + !!(d->tcp.flags & TCP_SYN) + !!(d->tcp.flags & TCP_FIN);
    uint32_t next = d->tcp.seq + len;
    uint32_t seq = a->back ? d->tcp.ack : next, ack = a->back ? next : d->tcp.ack;
    return libnet_build_tcp(a->back ? d->dport : d->sport, a->back ? d->sport : d->dport, seq, ack, TH_RST | TH_ACK, 0,
                            0, 0, LIBNET_TCP_H, NULL, 0, l, 0) >= 0;
}

/* RFC 1812 5.2.7.1, RFC 4443 3.1: communication with the host is administratively prohibited. */
static bool build_icmp(libnet_t *l, const struct answer *a, const uint8_t *quote, uint32_t len)
{
    if (a->d->src.family == ADDR_V4)
        return libnet_build_icmpv4_unreach(ICMP_UNREACH, ICMP_UNREACH_HOST_PROHIB, 0, quote, len, l, 0) >= 0;
    uint8_t copy[QUOTED_MOST];
    memcpy(copy, quote, len);
    return libnet_build_icmpv6_unreach(ICMP6_UNREACH, ICMP6_ADM_PROHIBITED, 0, copy, len, l, 0) >= 0;
}

static bool build_ip(libnet_t *l, const struct answer *a, uint8_t proto, uint16_t len)
{
    const struct addr *src = a->back ? &a->d->dst : &a->d->src, *dst = a->back ? &a->d->src : &a->d->dst;
    if (src->family == ADDR_V4)
        return libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + len), 0, 0, IP_DF, TTL, proto, 0, src->w[0], dst->w[0],
                                 NULL, 0, l, 0) >= 0;
    struct libnet_in6_addr s, t;
    memcpy(&s, src->b, sizeof s);
    memcpy(&t, dst->b, sizeof t);
    return libnet_build_ipv6(0, 0, len, proto, TTL, s, t, NULL, 0, l, 0) >= 0;
}

static bool build_link(libnet_t *l, const struct answer *a)
{
    const struct decoded *d = a->d;
    const uint8_t *src = a->back ? d->dst_mac : d->src_mac, *dst = a->back ? d->src_mac : d->dst_mac;
    uint16_t type = d->src.family == ADDR_V4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
    if (d->vlan_count)
        return libnet_build_802_1q(dst, src, ETHERTYPE_VLAN, 0, 0, d->vlan[0], type, NULL, 0, l, 0) >= 0;
    return libnet_build_ethernet(dst, src, type, NULL, 0, l, 0) >= 0;
}

static bool send_one(libnet_t *l, const struct answer *a)
{
    const struct decoded *d = a->d;
    bool v4 = d->src.family == ADDR_V4, tcp = d->ip_proto == 6, built;
    if (tcp) {
        built = build_reset(l, a) && build_ip(l, a, IPPROTO_TCP, LIBNET_TCP_H);
    } else {
        uint32_t head = v4 ? (d->ip[0] & 15u) * 4u : LIBNET_IPV6_H, len = head + QUOTED;
        if (len > d->ip_len)
            len = d->ip_len;
        built = len <= QUOTED_MOST && build_icmp(l, a, d->ip, len) &&
                build_ip(l, a, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, (uint16_t)(LIBNET_ICMPV4_UNREACH_H + len));
    }
    bool ok = built && build_link(l, a) && libnet_write(l) >= 0;
    libnet_clear_packet(l);
    return ok;
}

/* ICMP errors are not answered (RFC 1122 3.2.2), nor is what goes to many. */
static bool can_answer(const struct packet *p)
{
    const struct decoded *d = &p->d;
    bool error = (d->ip_proto == 1 || d->ip_proto == 58) && d->icmp.is_error;
    bool many = d->src.family == ADDR_V4 ? d->dst.b[0] >= 224 : d->dst.b[0] == 0xff;
    bool reset = d->ip_proto == 6 && d->tcp.flags & TCP_RST;
    return p->item.kind == ITEM_PACKET && !p->link && p->dlt == LINK_ETHER && d->has_mac && d->vlan_count <= 1 &&
           d->ip && d->layers & LAYER_TRANSPORT && !(d->dst_mac[0] & 1) && !error && !many && !reset;
}

/* The packet of the wire that p came in: a carried session has no packets of its own, so what is ended is its carrier.
 * NULL: its bytes waited, and the packet is gone. */
static const struct packet *on_wire(const struct packet *p)
{
    while (p && p->item.kind != ITEM_PACKET)
        p = p->lender;
    return p;
}

static bool may_send(struct reject_lane *l)
{
    uint64_t second = clock_monotonic_ns() / NS_PER_S;
    if (l->second != second) {
        l->second = second;
        l->sent = 0;
    }
    return l->sent++ < REJECTS_PER_SECOND;
}

void reject_packet(struct rejecter *r, const struct stage *s, const struct packet *p, bool to_src, bool to_dst)
{
    struct reject_lane *l = &r->lanes[s->lane];
    const struct packet *w = on_wire(p);
    if (!w || !can_answer(w)) {
        counter_add(s->counters, r->n_impossible, 1);
        return;
    }
    for (int back = 0; back < 2; back++) {
        const struct answer a = {.d = &w->d, .back = back};
        if (back ? !to_src : !to_dst)
            continue;
        if (!may_send(l))
            counter_add(s->counters, r->n_limited, 1);
        else
            counter_add(s->counters, send_one(l->net, &a) ? r->n_sent : r->n_failed, 1);
    }
}
