/* GRE: versions 0 (RFC 2784, 2890, 1701) and 1 (PPTP, RFC 2637), with what is told apart by its protocol: ERSPAN
 * (draft-foschiano-erspan), Aruba's access points, WCCP. */
#include "decode/layers.h"

#define GRE_HEADER_LEN 4

/* Flags, in the order of the wire. */
enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_STRICT = 0x0800,
    GRE_RECURSION = 0x0700,
    GRE_ACK = 0x0080, /* version 1 */
    GRE_FLAGS_0 = 0x00f8,
    GRE_FLAGS_1 = 0x0078,
    GRE_VERSION = 0x0007,
};

enum {
    PROTO_IPV4 = 0x0800,
    PROTO_WCCP = 0x883e,
    PROTO_PPP = 0x880b,
    PROTO_ERSPAN_3 = 0x22eb,
    PROTO_ERSPAN_2 = 0x88be, /* and I: without a sequence number there is no header */
    PROTO_ETHERNET = 0x6558, /* RFC 1701: transparent Ethernet bridging */
    PROTO_ARUBA_FIRST = 0x8200,
    PROTO_ARUBA_LAST = 0x82ff,
    PROTO_ETHERNET_OLD = 0x6559,
};

#define ERSPAN_2_LEN 8
#define ERSPAN_3_LEN 12
#define ERSPAN_SUB   8
#define ROUTES_MAX   16

static bool fail(struct decoded *d, enum decode_event e)
{
    decode_event_add(d, e);
    return false;
}

static bool follow(struct decode_next *n, enum decode_next_kind kind, const struct reader *r)
{
    n->kind = (uint8_t)kind;
    n->p = r->p;
    n->len = (uint32_t)reader_left(r);
    return n->len > 0;
}

/* ERSPAN II and III. Its VLAN is that of the frame it mirrors. */
static bool decode_erspan(struct decoded *d, struct reader *r, uint16_t proto, const struct settings_decoder *set,
                          struct decode_next *n)
{
    bool third = proto == PROTO_ERSPAN_3;
    decode_header_seen(d, HEADER_ERSPAN);
    const uint8_t *h = reader_take(r, third ? ERSPAN_3_LEN : ERSPAN_2_LEN);
    if (h == NULL)
        return fail(d, DECODE_ERSPAN_HEADER_TOO_SMALL);
    if (h[0] >> 4 != (third ? 2 : 1))
        return fail(d, DECODE_ERSPAN_UNSUPPORTED_VERSION);
    if (third && (h[11] & 1) && !reader_skip(r, ERSPAN_SUB)) /* a platform's subheader */
        return fail(d, DECODE_ERSPAN_HEADER_TOO_SMALL);
    if (!set->erspan)
        return false;
    n->tunnel = TUNNEL_ERSPAN;
    n->has_id = true;
    n->id = load_be16(h + 2) & 0x3ff;
    n->strict = true;
    /* III says what it carries (FT): 0 Ethernet, 2 an IP packet. */
    return follow(n, third && (h[10] >> 2 & 31) == 2 ? NEXT_IP : NEXT_ETHERNET, r);
}

/* What the protocol says that is inside; r is behind the GRE header. */
static bool decode_carried(struct decoded *d, struct reader *r, uint16_t proto, uint16_t flags,
                           const struct settings_decoder *set, struct decode_next *n)
{
    if (proto == PROTO_ERSPAN_3 || (proto == PROTO_ERSPAN_2 && (flags & GRE_SEQUENCE)))
        return decode_erspan(d, r, proto, set, n);
    if (proto == PROTO_ERSPAN_2) {
        n->tunnel = TUNNEL_ERSPAN;
        decode_header_seen(d, HEADER_ERSPAN);
        return set->erspan && set->erspan_1 && follow(n, NEXT_ETHERNET, r);
    }
    if (proto >= PROTO_ARUBA_FIRST && proto <= PROTO_ARUBA_LAST) {
        n->tunnel = TUNNEL_ARUBA;
        return follow(n, NEXT_WLAN, r);
    }
    switch (proto) {
    case PROTO_PPP:
        return follow(n, NEXT_PPP, r);
    case PROTO_ETHERNET:
    case PROTO_ETHERNET_OLD:
        return follow(n, NEXT_ETHERNET, r);
    case PROTO_WCCP: /* version 2 puts four bytes before the packet */
        if (!decode_looks_ip(r->p, (uint32_t)reader_left(r), false))
            reader_skip(r, 4);
        return follow(n, NEXT_IP, r);
    default:
        n->ethertype = proto;
        n->strict = false;
        return follow(n, NEXT_ETHERTYPE, r);
    }
}

/* RFC 1701: source routes, each with its address family and length, up to one of length 0. */
static bool skip_routes(struct reader *r)
{
    for (unsigned i = 0; i < ROUTES_MAX; i++) {
        const uint8_t *h = reader_take(r, 4);
        if (h == NULL)
            return false;
        if (load_be16(h) == 0 && h[3] == 0)
            return true;
        if (!reader_skip(r, h[3]))
            return false;
    }
    return false;
}

static bool decode_version_0(struct decoded *d, struct reader *r, uint16_t flags, struct decode_next *n)
{
    if (flags & GRE_RECURSION)
        return fail(d, DECODE_GRE_VERSION0_RECUR);
    if (flags & GRE_FLAGS_0)
        return fail(d, DECODE_GRE_VERSION0_FLAGS);
    if (flags & (GRE_CHECKSUM | GRE_ROUTING))
        reader_skip(r, 4);
    if (flags & GRE_KEY) {
        n->has_id = true;
        n->id = reader_be32(r);
    }
    if (flags & GRE_SEQUENCE)
        reader_skip(r, 4);
    if (r->bad)
        return fail(d, DECODE_GRE_VERSION0_HDR_TOO_BIG);
    if ((flags & GRE_ROUTING) && !skip_routes(r))
        return fail(d, DECODE_GRE_VERSION0_MALFORMED_SRE_HDR);
    return true;
}

/* RFC 2637 4.1: the key is a length and the receiver's call id. */
static bool decode_version_1(struct decoded *d, struct reader *r, uint16_t flags, uint16_t proto)
{
    static const struct {
        uint16_t flag;
        enum decode_event event;
    } wrong[] = {{GRE_CHECKSUM, DECODE_GRE_VERSION1_CHKSUM},
                 {GRE_ROUTING, DECODE_GRE_VERSION1_ROUTE},
                 {GRE_STRICT, DECODE_GRE_VERSION1_SSR},
                 {GRE_RECURSION, DECODE_GRE_VERSION1_RECUR},
                 {GRE_FLAGS_1, DECODE_GRE_VERSION1_FLAGS}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (flags & wrong[i].flag)
            return fail(d, wrong[i].event);
    if (proto != PROTO_PPP)
        return fail(d, DECODE_GRE_VERSION1_WRONG_PROTOCOL);
    if (!(flags & GRE_KEY))
        return fail(d, DECODE_GRE_VERSION1_NO_KEY);
    uint16_t length = reader_be16(r);
    reader_skip(r, 2);
    if (flags & GRE_SEQUENCE)
        reader_skip(r, 4);
    if (flags & GRE_ACK)
        reader_skip(r, 4);
    if (r->bad)
        return fail(d, DECODE_GRE_VERSION1_HDR_TOO_BIG);
    if (length < reader_left(r))
        *r = reader_of(r->p, length);
    return true;
}

bool decode_gre(struct decoded *d, const uint8_t *p, uint32_t len, const struct settings_decoder *set,
                struct decode_next *n)
{
    struct reader r = reader_of(p, len);
    decode_header_seen(d, HEADER_GRE);
    const uint8_t *h = reader_take(&r, GRE_HEADER_LEN);
    if (h == NULL)
        return fail(d, DECODE_GRE_PKT_TOO_SMALL);
    uint16_t flags = load_be16(h);
    uint16_t proto = load_be16(h + 2);
    n->strict = true;
    switch (flags & GRE_VERSION) {
    case 0:
        n->tunnel = TUNNEL_GRE;
        return decode_version_0(d, &r, flags, n) && decode_carried(d, &r, proto, flags, set, n);
    case 1:
        n->tunnel = TUNNEL_PPTP;
        return decode_version_1(d, &r, flags, proto) && decode_carried(d, &r, proto, flags, set, n);
    default:
        return fail(d, DECODE_GRE_WRONG_VERSION);
    }
}
