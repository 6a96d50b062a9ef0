#include "export/forge.h"

#include <libnet.h>
#include <stdlib.h>
#include <string.h>

#define TTL            64
#define WINDOW         65535
#define DONT_FRAGMENT  0x4000
#define MORE_FRAGMENTS 0x2000 /* IPv4; IPv6 has the flag in the lowest bit (RFC 8200 4.5) */
#define SYN_OPTIONS    8u

struct forge {
    libnet_t *net;
    uint32_t mtu;
};

const char *forge_library(void)
{
    return libnet_version();
}

struct forge *forge_create(uint32_t mtu)
{
    char error[LIBNET_ERRBUF_SIZE];
    struct forge *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->mtu = mtu;
    f->net = libnet_init(LIBNET_NONE, NULL, error);
    if (!f->net)
        forge_destroy(&f);
    return f;
}

void forge_destroy(struct forge **f)
{
    if (!*f)
        return;
    if ((*f)->net)
        libnet_destroy((*f)->net);
    free(*f);
    *f = NULL;
}

static uint32_t ip_header(const struct export_ends *e)
{
    return e->src.family == ADDR_V6 ? LIBNET_IPV6_H : LIBNET_IPV4_H;
}

uint32_t forge_mss(const struct forge *f, const struct export_ends *ends)
{
    return f->mtu - ip_header(ends) - LIBNET_TCP_H;
}

/* 02: locally administered, one station (IEEE 802 8.2). */
static void mac_of(const struct addr *a, uint8_t out[6])
{
    out[0] = 2;
    out[1] = a->family;
    if (a->family == ADDR_V6)
        for (int i = 0; i < 4; i++)
            out[2 + i] = a->b[i] ^ a->b[4 + i] ^ a->b[8 + i] ^ a->b[12 + i];
    else
        memcpy(out + 2, a->b, 4);
}

void forge_ethernet(const struct addr *src, const struct addr *dst, uint8_t out[FORGE_ETHERNET])
{
    bool v6 = src->family == ADDR_V6;
    mac_of(dst, out);
    mac_of(src, out + 6);
    out[12] = v6 ? 0x86 : 0x08;
    out[13] = v6 ? 0xdd : 0x00;
}

/* The packet's own source and destination. */
static const struct addr *from(const struct forge_packet *p)
{
    return p->to_client ? &p->ends->dst : &p->ends->src;
}

static const struct addr *to(const struct forge_packet *p)
{
    return p->to_client ? &p->ends->src : &p->ends->dst;
}

/* What goes around an upper layer that is built already or comes as `bytes`. */
static bool build_ip(struct forge *f, const struct forge_packet *p, uint8_t proto, uint16_t frag, const uint8_t *bytes,
                     uint32_t len)
{
    libnet_t *l = f->net;
    const struct addr *src = from(p);
    const struct addr *dst = to(p);
    uint8_t mac[FORGE_ETHERNET];
    int r;
    if (src->family == ADDR_V6) {
        struct libnet_in6_addr a, b;
        memcpy(&a, src->b, 16);
        memcpy(&b, dst->b, 16);
        r = libnet_build_ipv6(0, 0, (uint16_t)len, proto, TTL, a, b, bytes, bytes ? len : 0, l, 0);
    } else {
        r = libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + len), 0, p->ip_id, frag, TTL, proto, 0, src->w[0], dst->w[0],
                              bytes, bytes ? len : 0, l, 0);
    }
    forge_ethernet(src, dst, mac);
    uint16_t type = src->family == ADDR_V6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
    return r >= 0 && libnet_build_ethernet(mac, mac + 6, type, NULL, 0, l, 0) >= 0;
}

/* Put together what was built. NULL: it could not be. */
static uint8_t *assemble(struct forge *f, bool built, uint32_t *len)
{
    uint8_t *frame = NULL;
    if (built && libnet_pblock_coalesce(f->net, &frame, len) < 0)
        frame = NULL;
    libnet_clear_packet(f->net);
    return frame;
}

static bool give(struct forge *f, bool built, forge_fn out, void *arg)
{
    uint32_t len = 0;
    uint8_t *frame = assemble(f, built, &len);
    if (!frame)
        return false;
    out(arg, frame, len);
    libnet_adv_free_packet(f->net, frame);
    return true;
}

bool forge_tcp(struct forge *f, const struct forge_packet *p, forge_fn out, void *arg)
{
    libnet_t *l = f->net;
    const struct export_ends *e = p->ends;
    uint32_t len = LIBNET_TCP_H + p->len;
    bool ok = true;
    if (p->flags & FORGE_SYN) {
        uint32_t mss = forge_mss(f, e);
        /* Maximum segment size (RFC 9293 3.7.1), no operation, window scale (RFC 7323 2.2). */
        const uint8_t options[SYN_OPTIONS] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 1, 3, 3, FORGE_WSCALE};
        len += SYN_OPTIONS;
        ok = libnet_build_tcp_options(options, SYN_OPTIONS, l, 0) >= 0;
    }
    ok = ok && libnet_build_tcp(p->to_client ? e->dport : e->sport, p->to_client ? e->sport : e->dport, p->seq, p->ack,
                                p->flags, WINDOW, 0, 0, (uint16_t)len, p->len ? p->payload : NULL, p->len, l, 0) >= 0;
    ok = ok && build_ip(f, p, IPPROTO_TCP, DONT_FRAGMENT, NULL, len);
    return give(f, ok, out, arg);
}

/* A datagram longer than the MTU: `udp` is its header and payload, the sum in it is right. */
static bool fragments(struct forge *f, const struct forge_packet *p, const uint8_t *udp, uint32_t len, forge_fn out,
                      void *arg)
{
    bool v6 = p->ends->src.family == ADDR_V6;
    uint32_t room = f->mtu - ip_header(p->ends) - (v6 ? LIBNET_IPV6_FRAG_H : 0);
    room -= room % 8;
    for (uint32_t at = 0; at < len; at += room) {
        uint32_t n = len - at < room ? len - at : room;
        bool more = at + n < len;
        bool ok;
        if (v6) {
            /* The offset's unit, eight bytes, is in its place. Of this header libnet wants the network's byte order. */
            uint16_t frag = (uint16_t)(at | (more ? 1 : 0));
            ok = libnet_build_ipv6_frag(IPPROTO_UDP, 0, htons(frag), htonl(p->ip_id), udp + at, n, f->net, 0) >= 0 &&
                 build_ip(f, p, IPPROTO_FRAGMENT, 0, NULL, LIBNET_IPV6_FRAG_H + n);
        } else {
            uint16_t frag = (uint16_t)(at / 8 | (more ? MORE_FRAGMENTS : 0));
            ok = build_ip(f, p, IPPROTO_UDP, frag, udp + at, n);
        }
        if (!give(f, ok, out, arg))
            return false;
    }
    return true;
}

bool forge_udp(struct forge *f, const struct forge_packet *p, forge_fn out, void *arg)
{
    const struct export_ends *e = p->ends;
    uint32_t header = FORGE_ETHERNET + ip_header(e);
    uint32_t len = LIBNET_UDP_H + p->len;
    if (p->len > FORGE_UDP_MOST)
        return false;
    bool ok = libnet_build_udp(p->to_client ? e->dport : e->sport, p->to_client ? e->sport : e->dport, (uint16_t)len, 0,
                               p->len ? p->payload : NULL, p->len, f->net, 0) >= 0 &&
              build_ip(f, p, IPPROTO_UDP, DONT_FRAGMENT, NULL, len);
    uint32_t size = 0;
    uint8_t *frame = assemble(f, ok, &size);
    if (!frame)
        return false;
    /* A sum of zero is sent as its other form: zero says that there is none (RFC 768). */
    uint8_t *sum = frame + header + 6;
    if (sum[0] == 0 && sum[1] == 0)
        sum[0] = sum[1] = 0xff;
    if (size - FORGE_ETHERNET <= f->mtu)
        out(arg, frame, size);
    else
        ok = fragments(f, p, frame + header, len, out, arg);
    libnet_adv_free_packet(f->net, frame);
    return ok;
}
