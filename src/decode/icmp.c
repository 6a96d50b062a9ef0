#include "decode/checksum.h"
#include "decode/layers.h"

#define ICMP_HEADER_LEN 8
#define IPV4_HEADER_LEN 20
#define IPV6_HEADER_LEN 40

/* Highest code of each known type of ICMP (IANA), -1: the type is unknown. */
static const int8_t icmpv4_codes[] = {
    [0] = 0,  [1] = -1, [2] = -1, [3] = 15,  [4] = 0,   [5] = 3,   [6] = -1,  [7] = -1,
    [8] = 0,  [9] = 16, [10] = 0, [11] = 1,  [12] = 2,  [13] = 0,  [14] = 0,  [15] = 0,
    [16] = 0, [17] = 0, [18] = 0, [19] = -1, [20] = -1, [21] = -1, [22] = -1,
};

static void fill(struct decoded *d, struct reader *r, const uint8_t *h, bool echo)
{
    d->layers |= LAYER_TRANSPORT;
    d->icmp.type = h[0];
    d->icmp.code = h[1];
    if (echo) {
        d->icmp.id = load_be16(h + 4);
        d->icmp.seq = load_be16(h + 6);
    }
    d->payload = r->p;
    d->payload_len = (uint32_t)reader_left(r);
}

/* The packet that an error quotes: addresses, and of its transport the first eight bytes (RFC 792), which are enough
 * for ports. */
static void read_embedded(struct decoded *d, bool v6)
{
    struct decoded_embedded *e = &d->embedded;
    struct reader r = reader_of(d->payload, d->payload_len);
    const uint8_t *h = reader_take(&r, v6 ? IPV6_HEADER_LEN : IPV4_HEADER_LEN);
    d->icmp.is_error = true;
    if (h == NULL || h[0] >> 4 != (v6 ? 6 : 4))
        return;
    if (v6) {
        e->src = addr_v6(h + 8);
        e->dst = addr_v6(h + 24);
        e->proto = h[6];
    } else {
        e->src = addr_v4(h + 12);
        e->dst = addr_v4(h + 16);
        e->proto = h[9];
        uint32_t hlen = (h[0] & 15u) * 4;
        if (hlen < IPV4_HEADER_LEN || (load_be16(h + 6) & 0x1fff) || !reader_skip(&r, hlen - IPV4_HEADER_LEN))
            return;
    }
    const uint8_t *t = reader_take(&r, 8);
    if (t == NULL)
        return;
    bool icmp = e->proto == (v6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP);
    if (!icmp && e->proto != IP_PROTO_TCP && e->proto != IP_PROTO_UDP && e->proto != IP_PROTO_SCTP)
        return;
    e->sport = icmp ? t[0] : load_be16(t);
    e->dport = icmp ? 0 : load_be16(t + 2);
    e->icmp_id = icmp ? load_be16(t + 4) : 0;
    d->icmp.has_embedded = true;
}

static void check_v4_type(struct decoded *d)
{
    int type = d->icmp.type;
    int most = type < (int)sizeof icmpv4_codes ? icmpv4_codes[type] : -1;
    if (most < 0)
        decode_event_add(d, DECODE_ICMPV4_UNKNOWN_TYPE);
    else if (d->icmp.code > most)
        decode_event_add(d, DECODE_ICMPV4_UNKNOWN_CODE);
    /* Errors quote the packet that caused them (RFC 792): at least its IP header. */
    if (type == 3 || type == 4 || type == 5 || type == 11 || type == 12) {
        read_embedded(d, false);
        if (d->icmp.code > most)
            return; /* one event is enough */
        if (d->payload_len < IPV4_HEADER_LEN)
            decode_event_add(d, DECODE_ICMPV4_IPV4_TRUNC_PKT);
        else if (d->payload[0] >> 4 != 4)
            decode_event_add(d, DECODE_ICMPV4_IPV4_UNKNOWN_VER);
    }
}

/* Bytes that the header of some types has behind the first eight: a router's addresses (RFC 1256 3), time stamps
 * (RFC 792), an address mask (RFC 950). */
static uint32_t icmpv4_more(const uint8_t *h)
{
    switch (h[0]) {
    case 9:
        return h[4] * (uint32_t)h[5] * 4;
    case 13:
    case 14:
        return 12;
    case 17:
    case 18:
        return 4;
    default:
        return 0;
    }
}

/* RFC 792. */
void decode_icmpv4(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, ICMP_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_ICMPV4_PKT_TOO_SMALL);
        return;
    }
    reader_skip(&r, icmpv4_more(h)); /* all or, of what was cut short, nothing */
    fill(d, &r, h, h[0] == 0 || h[0] == 8);
    check_v4_type(d);
    if ((how & DECODE_SUMS) && d->payload_missing == 0 && checksum_fold(checksum_add(0, p, len)) != 0xffff)
        d->bad_checksum = true;
}

/* Highest code of an ICMPv6 type (IANA), -1: the type is unknown. */
static int icmpv6_most(uint8_t type)
{
    switch (type) {
    case 1:
        return 8;
    case 3:
        return 1;
    case 4:
        return 10;
    case 138: /* router renumbering, RFC 2894: 255 resets */
        return 255;
    case 139: /* node information, RFC 4620 */
    case 140:
        return 2;
    case 157: /* duplicate address request and confirmation, RFC 6775, 8505: a lifetime's form */
    case 158:
        return 255;
    default:
        return type == 2 || (type >= 128 && type <= 155) || type == 159 || type == 160 || type == 161 ? 0 : -1;
    }
}

static void check_v6_type(struct decoded *d)
{
    uint8_t type = d->icmp.type;
    int most = icmpv6_most(type);
    if (type == 100 || type == 101 || type == 200 || type == 201)
        decode_event_add(d, DECODE_ICMPV6_EXPERIMENTATION_TYPE); /* RFC 4443 2.1 */
    else if (most < 0 && type >= 5 && type < 127)
        decode_event_add(d, DECODE_ICMPV6_UNASSIGNED_TYPE);
    else if (most < 0)
        decode_event_add(d, DECODE_ICMPV6_UNKNOWN_TYPE);
    else if (d->icmp.code > most)
        decode_event_add(d, DECODE_ICMPV6_UNKNOWN_CODE);
    /* RFC 2710 3: listener messages never cross a router. */
    if (type >= 130 && type <= 132 && d->ttl != 1)
        decode_event_add(d, DECODE_ICMPV6_MLD_INVALID_HL);
    if (type >= 1 && type <= 4) {
        read_embedded(d, true);
        if (d->payload_len < IPV6_HEADER_LEN)
            decode_event_add(d, DECODE_ICMPV6_IPV6_TRUNC_PKT);
        else if (d->payload[0] >> 4 != 6)
            decode_event_add(d, DECODE_ICMPV6_IPV6_UNKNOWN_VER);
    }
}

/* RFC 4443. */
void decode_icmpv6(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, ICMP_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_ICMPV6_PKT_TOO_SMALL);
        return;
    }
    fill(d, &r, h, h[0] == 128 || h[0] == 129);
    check_v6_type(d);
    if ((how & DECODE_SUMS) && d->payload_missing == 0 &&
        checksum_fold(checksum_add(checksum_pseudo(&d->src, &d->dst, IP_PROTO_ICMPV6, len), p, len)) != 0xffff)
        d->bad_checksum = true;
}
