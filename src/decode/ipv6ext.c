/* IPv6 extension headers (RFC 8200 4). */
#include "decode/layers.h"

/* Headers of a packet that are walked; more end decoding with an event. */
#define IPV6_EXT_MAX 16

/* Which headers were seen: bits, for what may occur once (RFC 8200 4.1; destination options twice). */
struct chain {
    struct reader r;
    const uint8_t *named; /* the byte that says what header comes next */
    unsigned count;
    bool hop;
    bool routing;
    bool fragment;
    bool ah;
    uint8_t dst;
};

/* Options of a hop-by-hop or destination header (RFC 8200 4.2): events only. */
static void ext_options(struct decoded *d, const uint8_t *p, uint32_t len, bool hop)
{
    struct reader r = reader_of(p, len);
    bool only_padding = true;
    while (reader_left(&r) > 0) {
        uint8_t type = reader_u8(&r);
        if (type == 0x00) /* Pad1 */
            continue;
        uint8_t opt_len = reader_u8(&r);
        if (!reader_skip(&r, opt_len)) {
            decode_event_add(d, DECODE_IPV6_EXTHDR_INVALID_OPTLEN);
            return;
        }
        if (type == 0x01) { /* PadN */
            if (opt_len == 0)
                decode_event_add(d, DECODE_IPV6_ZERO_LEN_PADN);
            continue;
        }
        only_padding = false;
        switch (type) {
        case 0x04: /* tunnel encapsulation limit, RFC 2473 */
        case 0x05: /* router alert, RFC 2711 */
        case 0x07: /* CALIPSO, RFC 5570 */
        case 0x1e: /* experiments, RFC 4727 */
        case 0x30: /* path MTU, RFC 9268 */
        case 0x63: /* RPL, RFC 6553 */
        case 0xc2: /* jumbo payload, RFC 2675 */
        case 0xc9: /* home address, RFC 6275 */
            break;
        default:
            decode_event_add(d, hop ? DECODE_IPV6_HOPOPTS_UNKNOWN_OPT : DECODE_IPV6_DSTOPTS_UNKNOWN_OPT);
        }
    }
    if (only_padding)
        decode_event_add(d, hop ? DECODE_IPV6_HOPOPTS_ONLY_PADDING : DECODE_IPV6_DSTOPTS_ONLY_PADDING);
}

/* A header of the common shape: next header, length in 8 bytes without the first 8. NULL: cut short. */
static const uint8_t *ext_take(struct decoded *d, struct chain *c, uint32_t *len)
{
    const uint8_t *h = c->r.p;
    *len = reader_left(&c->r) >= 2 ? (h[1] + 1u) * 8 : 8;
    h = reader_take(&c->r, *len);
    if (h == NULL)
        decode_event_add(d, DECODE_IPV6_TRUNC_EXTHDR);
    return h;
}

static bool ext_generic(struct decoded *d, struct chain *c)
{
    uint32_t len;
    uint8_t kind = d->ip_proto;
    const uint8_t *h = ext_take(d, c, &len);
    if (h == NULL)
        return false;
    d->ip_proto = h[0];
    c->named = h;
    if (kind == IP_PROTO_HOPOPTS) {
        if (c->hop)
            decode_event_add(d, DECODE_IPV6_EXTHDR_DUPL_HH);
        c->hop = true;
        ext_options(d, h + 2, len - 2, true);
    } else if (kind == IP_PROTO_DSTOPTS) {
        if (c->dst++ == 2)
            decode_event_add(d, DECODE_IPV6_EXTHDR_DUPL_DH);
        ext_options(d, h + 2, len - 2, false);
    } else if (kind == IP_PROTO_ROUTING) {
        if (c->routing)
            decode_event_add(d, DECODE_IPV6_EXTHDR_DUPL_RH);
        c->routing = true;
        if (h[2] == 0)
            decode_event_add(d, DECODE_IPV6_RH_TYPE_0); /* RFC 5095 */
    }
    return true;
}

/* RFC 4302 2: the length is in 4 bytes, without the first 8. */
static bool ext_ah(struct decoded *d, struct chain *c)
{
    const uint8_t *h = c->r.p;
    uint32_t len = reader_left(&c->r) >= 2 ? (h[1] + 2u) * 4 : 12;
    h = len >= 12 ? reader_take(&c->r, len) : NULL;
    if (h == NULL) {
        decode_event_add(d, DECODE_IPV6_TRUNC_EXTHDR);
        return false;
    }
    decode_header_seen(d, HEADER_AH);
    if (c->ah)
        decode_event_add(d, DECODE_IPV6_EXTHDR_DUPL_AH);
    c->ah = true;
    if (load_be16(h + 2) != 0)
        decode_event_add(d, DECODE_IPV6_EXTHDR_AH_RES_NOT_NULL);
    d->ip_proto = h[0];
    c->named = h;
    return true;
}

/* RFC 8200 4.5. True: go on, as the packet is whole (RFC 6946: an atomic fragment). */
static bool ext_fragment(struct decoded *d, struct chain *c)
{
    const uint8_t *h = reader_take(&c->r, 8);
    if (h == NULL) {
        decode_event_add(d, DECODE_IPV6_TRUNC_EXTHDR);
        return false;
    }
    if (c->fragment) {
        decode_event_add(d, DECODE_IPV6_EXTHDR_DUPL_FH);
        return false;
    }
    c->fragment = true;
    uint16_t where = load_be16(h + 2);
    if (h[1] != 0 || (where & 6) != 0)
        decode_event_add(d, DECODE_IPV6_FH_NON_ZERO_RESERVED_FIELD);
    d->ip_proto = h[0];
    if ((where & 0xfff9) == 0) {
        decode_event_add(d, DECODE_IPV6_EXTHDR_USELESS_FH);
        c->named = h;
        return true;
    }
    d->layers |= LAYER_FRAGMENT;
    d->more_fragments = (where & 1) != 0;
    d->fragment_offset = where & 0xfff8u;
    d->fragment_id = load_be32(h + 4);
    /* Of what was put together from fragments the bytes may lie elsewhere: 0, not known. */
    uintptr_t named = (uintptr_t)c->named - (uintptr_t)d->ip;
    d->fragment_named = named < d->ip_len && named <= UINT16_MAX ? (uint16_t)named : 0;
    d->payload = c->r.p;
    d->payload_len = (uint32_t)reader_left(&c->r);
    if (d->more_fragments && (d->payload_len + d->payload_missing) % 8 != 0)
        decode_event_add(d, DECODE_IPV6_FRAG_INVALID_LENGTH);
    return false;
}

/* One extension header; true while there may be more. d->ip_proto becomes that of what follows. */
static bool ext_next(struct decoded *d, struct chain *c)
{
    switch (d->ip_proto) {
    case IP_PROTO_HOPOPTS:
    case IP_PROTO_ROUTING:
    case IP_PROTO_DSTOPTS:
    case IP_PROTO_MOBILITY:
    case IP_PROTO_HIP:
    case IP_PROTO_SHIM6:
        return ext_generic(d, c);
    case IP_PROTO_FRAGMENT:
        return ext_fragment(d, c);
    case IP_PROTO_AH:
        return ext_ah(d, c);
    default:
        return false;
    }
}

static bool is_extension(uint8_t proto)
{
    switch (proto) {
    case IP_PROTO_HOPOPTS:
    case IP_PROTO_ROUTING:
    case IP_PROTO_FRAGMENT:
    case IP_PROTO_AH:
    case IP_PROTO_DSTOPTS:
    case IP_PROTO_MOBILITY:
    case IP_PROTO_HIP:
    case IP_PROTO_SHIM6:
        return true;
    default:
        return false;
    }
}

static void upper(struct decoded *d, unsigned how)
{
    d->transport = d->payload;
    d->transport_len = d->payload_len;
    switch (d->ip_proto) {
    case IP_PROTO_TCP:
        decode_tcp(d, d->payload, d->payload_len, how);
        break;
    case IP_PROTO_UDP:
        decode_udp(d, d->payload, d->payload_len, how);
        break;
    case IP_PROTO_ICMPV6:
        decode_icmpv6(d, d->payload, d->payload_len, how);
        break;
    case IP_PROTO_ICMP:
        decode_event_add(d, DECODE_IPV6_ICMPV4);
        break;
    case IP_PROTO_NONE:
        if (d->payload_len > 0)
            decode_event_add(d, DECODE_IPV6_DATA_AFTER_NONE_HEADER);
        break;
    case IP_PROTO_SCTP:
        decode_sctp(d, d->payload, d->payload_len);
        break;
    case IP_PROTO_ESP:
        decode_esp(d, d->payload, d->payload_len);
        break;
    case IP_PROTO_IPIP:
    case IP_PROTO_IPV6:
    case IP_PROTO_GRE:
    case IP_PROTO_L2TP:
    case IP_PROTO_ETHERIP:
    case IP_PROTO_MPLS:
        break;
    default:
        decode_event_add(d, DECODE_IPV6_UNKNOWN_NEXT_HEADER);
    }
}

void decode_ipv6_upper(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    if (is_extension(d->ip_proto)) {
        struct chain c = {.r = reader_of(p, len), .named = d->ip ? d->ip + 6 : NULL};
        while (is_extension(d->ip_proto)) {
            if (c.count++ == IPV6_EXT_MAX) {
                decode_event_add(d, DECODE_TOO_MANY_LAYERS);
                return;
            }
            if (!ext_next(d, &c))
                return;
            d->payload = c.r.p;
            d->payload_len = (uint32_t)reader_left(&c.r);
        }
        if (d->payload_len < 2 && d->ip_proto != IP_PROTO_NONE) { /* less than any header that could follow */
            decode_event_add(d, DECODE_IPV6_TRUNC_EXTHDR);
            return;
        }
    }
    upper(d, how);
}
