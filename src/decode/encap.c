/* Tunnels in UDP: VXLAN, Geneve, Teredo, AYIYA, GTP-U, L2TP, GRE, MPLS. */
#include "decode/layers.h"

#define VXLAN_LEN    8
#define GENEVE_LEN   8
#define GTP_LEN      8
#define GTP0_LEN     20
#define GTP_G_PDU    255
#define AYIYA_LEN    8
#define L2TP_VERSION 0x000f

static bool fail(struct decoded *d, enum decode_event e)
{
    decode_event_add(d, e);
    return false;
}

static bool follow(struct decode_next *n, enum decode_tunnel_type tunnel, enum decode_next_kind kind,
                   const struct reader *r)
{
    n->tunnel = (uint8_t)tunnel;
    n->kind = (uint8_t)kind;
    n->p = r->p;
    n->len = (uint32_t)reader_left(r);
    return !r->bad && n->len > 0;
}

/* RFC 7348 5. Reserved bits are to be ignored, and are used by extensions; they are not by what is no VXLAN. */
static bool decode_vxlan(struct reader *r, struct decode_next *n)
{
    const uint8_t *h = reader_take(r, VXLAN_LEN);
    if (h == NULL || !(h[0] & 0x08))
        return false;
    n->has_id = true;
    n->id = load_be24(h + 4);
    n->strict = h[0] == 0x08 && h[1] == 0 && load_be16(h + 2) == 0 && h[7] == 0;
    return follow(n, TUNNEL_VXLAN, NEXT_ETHERNET, r);
}

/* draft-ietf-nvo3-vxlan-gpe 3: with the P bit the next protocol is told. */
static bool decode_vxlan_gpe(struct decoded *d, struct reader *r, struct decode_next *n)
{
    static const uint8_t kinds[] = {
        [1] = NEXT_IPV4, [2] = NEXT_IPV6, [3] = NEXT_ETHERNET, [4] = NEXT_ETHERTYPE, [5] = NEXT_MPLS};
    const uint8_t *h = reader_take(r, VXLAN_LEN);
    if (h == NULL || !(h[0] & 0x08) || h[0] >> 4 != 0)
        return false;
    n->has_id = true;
    n->id = load_be24(h + 4);
    n->ethertype = 0x894f; /* NSH */
    uint8_t next = h[0] & 0x04 ? h[3] : 3;
    if (h[0] & 0x01) /* O: operations, no tenant's packet */
        return false;
    if (next >= sizeof kinds || kinds[next] == NEXT_NONE)
        return fail(d, DECODE_VXLAN_UNKNOWN_PAYLOAD_TYPE);
    return follow(n, TUNNEL_VXLAN_GPE, (enum decode_next_kind)kinds[next], r);
}

/* RFC 8926 3.4 */
static bool decode_geneve(struct decoded *d, struct reader *r, struct decode_next *n)
{
    const uint8_t *h = reader_take(r, GENEVE_LEN);
    if (h == NULL || h[0] >> 6 != 0 || !reader_skip(r, (h[0] & 0x3fu) * 4))
        return false;
    n->has_id = true;
    n->id = load_be24(h + 4);
    n->strict = (h[1] & 0x3f) == 0 && h[7] == 0;
    n->ethertype = load_be16(h + 2);
    switch (n->ethertype) {
    case 0x6558:
        return follow(n, TUNNEL_GENEVE, NEXT_ETHERNET, r);
    case 0x0800:
        return follow(n, TUNNEL_GENEVE, NEXT_IPV4, r);
    case 0x86dd:
        return follow(n, TUNNEL_GENEVE, NEXT_IPV6, r);
    case 0x8847:
    case 0x894f:
        return follow(n, TUNNEL_GENEVE, NEXT_ETHERTYPE, r);
    default:
        return n->strict && fail(d, DECODE_GENEVE_UNKNOWN_PAYLOAD_TYPE);
    }
}

/* RFC 4380 4: 2001::/32 */
static bool is_teredo(const uint8_t *address)
{
    return load_be32(address) == 0x20010000;
}

/* RFC 4380 5.1.1: authentication, then origin, then the IPv6 packet. Without content it is a bubble. */
static bool decode_teredo(struct reader *r, bool by_port, struct decode_next *n)
{
    if (reader_left(r) >= 4 && r->p[0] == 0 && r->p[1] == 1)
        reader_skip(r, 13u + r->p[2] + r->p[3]); /* both lengths, nonce, confirmation */
    if (reader_left(r) >= 8 && r->p[0] == 0 && r->p[1] == 0)
        reader_skip(r, 8);
    uint32_t left = (uint32_t)reader_left(r);
    if (r->bad || left < 40 || r->p[0] >> 4 != 6 || !decode_looks_ip(r->p, left, true))
        return false;
    if (!by_port && !is_teredo(r->p + 8) && !is_teredo(r->p + 24))
        return false;
    n->doubtful = !by_port;
    return follow(n, TUNNEL_TEREDO, NEXT_IPV6, r);
}

/* draft-massar-v6ops-ayiya 3: lengths of identity (a power of two) and signature, then what was done. */
static bool decode_ayiya(struct reader *r, struct decode_next *n)
{
    const uint8_t *h = reader_take(r, AYIYA_LEN);
    if (h == NULL || (h[2] & 15) != 1) /* forward */
        return false;
    reader_skip(r, (size_t)1 << (h[0] >> 4));
    reader_skip(r, (h[1] >> 4) * 4u);
    if (h[3] != IP_PROTO_IPV6 && h[3] != IP_PROTO_IPIP)
        return false;
    return follow(n, TUNNEL_AYIYA, h[3] == IP_PROTO_IPV6 ? NEXT_IPV6 : NEXT_IPV4, r);
}

static bool follow_gtp(struct reader *r, struct decode_next *n)
{
    if (r->bad || !decode_looks_ip(r->p, (uint32_t)reader_left(r), false))
        return false;
    return follow(n, TUNNEL_GTP, NEXT_IP, r);
}

/* 3GPP TS 09.60 6: version 0, whose header has always the same length; the bits behind the protocol type are ones. */
static bool decode_gtp0(struct reader *r, struct decode_next *n)
{
    const uint8_t *h = reader_take(r, GTP0_LEN);
    return h != NULL && h[1] == GTP_G_PDU && follow_gtp(r, n);
}

/* 3GPP TS 29.281 5: version 1, protocol type GTP; of its messages only G-PDUs carry packets. */
static bool decode_gtp(struct reader *r, struct decode_next *n)
{
    if (reader_left(r) && (r->p[0] & 0xfe) == 0x1e)
        return decode_gtp0(r, n);
    const uint8_t *h = reader_take(r, GTP_LEN);
    if (h == NULL || h[0] >> 4 != 3 || h[1] != GTP_G_PDU)
        return false;
    if (h[0] & 0x07) { /* E, S, PN: all three fields are there if one is */
        const uint8_t *more = reader_take(r, 4);
        uint8_t type = more != NULL && (h[0] & 0x04) ? more[3] : 0;
        while (type != 0) { /* extension headers, in four bytes, the next one's type last */
            const uint8_t *length = reader_take(r, 1);
            const uint8_t *ext = length != NULL && *length ? reader_take(r, *length * 4u - 1) : NULL;
            if (ext == NULL)
                return false;
            type = ext[*length * 4u - 2];
        }
    }
    return follow_gtp(r, n);
}

/* RFC 3931 4.1: a session id, a cookie of 0, 4 or 8 bytes and perhaps a sublayer of four. How long the cookie is, only
 * the ends know: taken is the first length behind which a frame makes sense. */
bool decode_l2tpv3(const uint8_t *p, uint32_t len, struct decode_next *n)
{
    struct reader r = reader_of(p, len);
    if (reader_be32(&r) == 0 || r.bad) /* a control message */
        return false;
    for (uint32_t skip = 0; skip <= 12; skip += 4) {
        struct reader at = r;
        if (!reader_skip(&at, skip))
            return false;
        uint32_t left = (uint32_t)reader_left(&at);
        if (decode_looks_ethernet(at.p, left))
            return follow(n, TUNNEL_L2TP, NEXT_ETHERNET, &at);
        if (decode_looks_ip(at.p, left, true))
            return follow(n, TUNNEL_L2TP, NEXT_IP, &at);
        if (left > 4 && load_be16(at.p) == 0xff03 && (load_be16(at.p + 2) & 0xfe01) == 1)
            return follow(n, TUNNEL_L2TP, NEXT_PPP, &at);
    }
    return false;
}

/* RFC 2661 3.1, RFC 3931 4.1.2.1: T is for control messages. */
static bool decode_l2tp(struct reader *r, struct decode_next *n)
{
    uint16_t flags = reader_be16(r);
    if (r->bad || (flags & 0x8000))
        return false;
    if ((flags & L2TP_VERSION) == 3)
        return reader_skip(r, 2) && decode_l2tpv3(r->p, (uint32_t)reader_left(r), n);
    if ((flags & L2TP_VERSION) != 2 || (flags & 0x30f0) != 0)
        return false;
    uint32_t before = 2;
    if (flags & 0x4000) { /* L */
        uint16_t length = reader_be16(r);
        before += 2;
        if (r->bad || length < before || length - before > reader_left(r))
            return false;
        *r = reader_of(r->p, length - before);
    }
    reader_skip(r, 4);  /* tunnel, session */
    if (flags & 0x0800) /* S */
        reader_skip(r, 4);
    if (flags & 0x0200) { /* O */
        uint16_t offset = reader_be16(r);
        reader_skip(r, offset);
    }
    return follow(n, TUNNEL_L2TP, NEXT_PPP, r);
}

static bool is_port(const struct settings_decoder *set, enum settings_udp_tunnel t, uint16_t port)
{
    const struct settings_udp_ports *u = &set->udp[t];
    for (unsigned i = 0; i < u->count; i++)
        if (u->ports[i] == port)
            return true;
    return false;
}

/* Tunnels that are known by the destination's port: the source's is the inner flow's hash (RFC 7348 5). */
static bool by_destination(struct decoded *d, struct reader *r, const struct settings_decoder *set,
                           struct decode_next *n)
{
    if (is_port(set, UDP_TUNNEL_VXLAN, d->dport))
        return decode_vxlan(r, n);
    if (is_port(set, UDP_TUNNEL_GENEVE, d->dport))
        return decode_geneve(d, r, n);
    if (is_port(set, UDP_TUNNEL_VXLAN_GPE, d->dport))
        return decode_vxlan_gpe(d, r, n);
    if (is_port(set, UDP_TUNNEL_GRE, d->dport)) { /* RFC 8086 */
        bool found = decode_gre(d, r->p, (uint32_t)reader_left(r), set, n);
        n->tunnel = n->tunnel == TUNNEL_GRE ? TUNNEL_GRE_UDP : n->tunnel;
        return found;
    }
    if (is_port(set, UDP_TUNNEL_MPLS, d->dport)) /* RFC 7510 */
        return follow(n, TUNNEL_MPLS_UDP, NEXT_MPLS, r);
    return false;
}

static bool either(const struct decoded *d, const struct settings_decoder *set, enum settings_udp_tunnel t)
{
    return is_port(set, t, d->dport) || is_port(set, t, d->sport);
}

bool decode_encap_udp(struct decoded *d, unsigned how, const struct settings_decoder *set, struct decode_next *n)
{
    struct reader r = reader_of(d->payload, d->payload_len);
    bool known =
        (set->udp_known[d->dport / 64] >> d->dport % 64 & 1) | (set->udp_known[d->sport / 64] >> d->sport % 64 & 1);
    if (!known)
        return set->teredo_anywhere && !(how & DECODE_SURE) && d->payload_len >= 40 && d->src.family == ADDR_V4 &&
               (d->payload[0] >> 4 == 6 || d->payload[0] == 0) && decode_teredo(&r, false, n);
    if (by_destination(d, &r, set, n))
        return true;
    *n = (struct decode_next){.kind = NEXT_NONE};
    r = reader_of(d->payload, d->payload_len);
    if (either(d, set, UDP_TUNNEL_TEREDO))
        return d->src.family == ADDR_V4 && decode_teredo(&r, true, n);
    if (either(d, set, UDP_TUNNEL_GTP))
        return decode_gtp(&r, n);
    if (either(d, set, UDP_TUNNEL_AYIYA))
        return decode_ayiya(&r, n);
    return either(d, set, UDP_TUNNEL_L2TP) && decode_l2tp(&r, n);
}
