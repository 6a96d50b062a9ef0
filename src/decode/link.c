#include "decode/layers.h"

enum {
    ETHERTYPE_MIN = 0x0600, /* below: an IEEE 802.3 length */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_UPSTREAM = 0x8848, /* RFC 5332 */
    ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_MACSEC = 0x88e5,
    ETHERTYPE_8021AH = 0x88e7,
    ETHERTYPE_DCE = 0x8903,
    ETHERTYPE_VNTAG = 0x8926,
    ETHERTYPE_ETAG = 0x893f,
    ETHERTYPE_NSH = 0x894f,
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_ETHERNET = 0x6558,
};

#define ETHERNET_HEADER_LEN 14
#define VLAN_HEADER_LEN     4
#define SNAP_HEADER_LEN     8
#define SLL_HEADER_LEN      16
#define SLL2_HEADER_LEN     20

static bool is_vlan(uint16_t type)
{
    return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

/* IEEE 802.1Q tags, outermost first. A tag beyond DECODE_VLAN_MAX ends decoding. */
static void decode_vlan(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    uint16_t type;
    do {
        if (d->vlan_count == DECODE_VLAN_MAX) {
            decode_event_add(d, DECODE_VLAN_TOO_MANY_LAYERS);
            return;
        }
        const uint8_t *h = reader_take(&r, VLAN_HEADER_LEN);
        if (h == NULL) {
            decode_event_add(d, DECODE_VLAN_HEADER_TOO_SMALL);
            return;
        }
        d->vlan[d->vlan_count++] = load_be16(h) & 0x0fff;
        type = load_be16(h + 2);
    } while (is_vlan(type));
    if (!decode_ethertype(d, type, r.p, (uint32_t)reader_left(&r), how))
        decode_event_add(d, DECODE_VLAN_UNKNOWN_TYPE);
}

/* Types that are seldom seen. */
static bool rare_ethertype(struct decoded *d, uint16_t type, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    switch (type) {
    case ETHERTYPE_NSH:
        decode_nsh(d, p, len);
        return true;
    case ETHERTYPE_VNTAG:
        decode_vntag(d, p, len);
        return true;
    case ETHERTYPE_ETAG:
        decode_etag(d, p, len);
        return true;
    case ETHERTYPE_8021AH:
        decode_8021ah(d, p, len);
        return true;
    case ETHERTYPE_MACSEC:
        decode_macsec(d, p, len);
        return true;
    case ETHERTYPE_DCE:
        decode_dce(d, p, len);
        return true;
    case ETHERTYPE_PPPOE_DISCOVERY:
        decode_header_seen(d, HEADER_PPPOE);
        d->layers |= LAYER_OTHER;
        return true;
    case ETHERTYPE_ETHERNET:
        decode_go_on(d, NEXT_ETHERNET, &r);
        return true;
    default:
        decode_header_seen(d, HEADER_UNKNOWN_ETHERTYPE);
        d->layers |= LAYER_OTHER;
        d->ethertype = type;
        return false;
    }
}

bool decode_ethertype(struct decoded *d, uint16_t type, const uint8_t *p, uint32_t len, unsigned how)
{
    switch (type) {
    case ETHERTYPE_IPV4:
        decode_ipv4(d, p, len, how);
        return true;
    case ETHERTYPE_IPV6:
        decode_ipv6(d, p, len, how);
        return true;
    case ETHERTYPE_ARP:
        decode_arp(d, p, len);
        return true;
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD:
        decode_vlan(d, p, len, how);
        return true;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UPSTREAM:
        decode_mpls(d, p, len, how);
        return true;
    case ETHERTYPE_PPPOE_SESSION:
        decode_pppoe(d, p, len, how);
        return true;
    default:
        return rare_ethertype(d, type, p, len);
    }
}

bool decode_snap(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, SNAP_HEADER_LEN);
    if (h == NULL || h[0] != 0xaa || h[1] != 0xaa || h[2] != 3 || load_be24(h + 3) != 0)
        return false;
    return decode_ethertype(d, load_be16(h + 6), r.p, (uint32_t)reader_left(&r), how);
}

bool decode_looks_ip(const uint8_t *p, uint32_t len, bool whole)
{
    uint32_t total;
    if (len >= 20 && p[0] >> 4 == 4 && (p[0] & 15) >= 5) {
        total = load_be16(p + 2);
        if (total < (p[0] & 15u) * 4)
            return false;
    } else if (len >= 40 && p[0] >> 4 == 6) {
        total = load_be16(p + 4) + 40u;
    } else {
        return false;
    }
    return whole ? total == len : total <= len;
}

bool decode_looks_ethernet(const uint8_t *p, uint32_t len)
{
    if (len < ETHERNET_HEADER_LEN + VLAN_HEADER_LEN)
        return false;
    uint32_t at = 12;
    if (load_be16(p + at) == ETHERTYPE_VLAN)
        at += VLAN_HEADER_LEN;
    uint16_t type = load_be16(p + at);
    at += 2;
    if (type == ETHERTYPE_ARP)
        return len - at >= 28 && load_be32(p + at) == 0x00010800; /* RFC 826: Ethernet, IPv4 */
    return (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) && decode_looks_ip(p + at, len - at, false) &&
           p[at] >> 4 == (type == ETHERTYPE_IPV4 ? 4 : 6);
}

void decode_ethernet(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, ETHERNET_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_ETHERNET_PKT_TOO_SMALL);
        return;
    }
    memcpy(d->dst_mac, h, 6);
    memcpy(d->src_mac, h + 6, 6);
    d->has_mac = true;
    d->ethernet_count++;
    uint16_t type = load_be16(h + 12);
    uint32_t left = (uint32_t)reader_left(&r);
    if (type == ETHERTYPE_IPV4) {
        decode_ipv4(d, r.p, left, how);
    } else if (type < ETHERTYPE_MIN) {
        if (!decode_snap(d, r.p, left, how))
            d->layers |= LAYER_OTHER;
    } else if (!decode_ethertype(d, type, r.p, left, how)) {
        decode_event_add(d, DECODE_ETHERNET_UNKNOWN_TYPE);
    }
}

/* Linux "cooked" captures (tcpdump.org, LINKTYPE_LINUX_SLL): the EtherType is the header's last field. */
void decode_sll(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    decode_header_seen(d, HEADER_SLL);
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, SLL_HEADER_LEN);
    if (h == NULL)
        decode_event_add(d, DECODE_SLL_PKT_TOO_SMALL);
    else
        decode_ethertype(d, load_be16(h + 14), r.p, (uint32_t)reader_left(&r), how);
}

/* LINKTYPE_LINUX_SLL2: the EtherType is the first field. */
void decode_sll2(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    decode_header_seen(d, HEADER_SLL2);
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, SLL2_HEADER_LEN);
    if (h == NULL)
        decode_event_add(d, DECODE_SLL2_PKT_TOO_SMALL);
    else
        decode_ethertype(d, load_be16(h), r.p, (uint32_t)reader_left(&r), how);
}

/* BSD loopback: an address family in the byte order of the host that captured (LINKTYPE_NULL), or of the network
 * (LINKTYPE_LOOP). All families are below 256, so whichever order gives such a number is the right one. AF_INET is 2
 * everywhere; AF_INET6 differs from system to system. */
void decode_null(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    decode_header_seen(d, HEADER_NULL_);
    struct reader r = reader_of(p, len);
    uint32_t family = reader_be32(&r);
    if (r.bad) {
        decode_event_add(d, DECODE_LTNULL_PKT_TOO_SMALL);
        return;
    }
    if (family > 0xff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
        decode_ipv4(d, r.p, (uint32_t)reader_left(&r), how);
        break;
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        decode_ipv6(d, r.p, (uint32_t)reader_left(&r), how);
        break;
    default:
        decode_event_add(d, DECODE_LTNULL_UNSUPPORTED_TYPE);
    }
}

void decode_raw(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    decode_header_seen(d, HEADER_RAW);
    struct reader r = reader_of(p, len);
    switch (reader_u8(&r) >> 4) {
    case 4:
        decode_ipv4(d, p, len, how);
        break;
    case 6:
        decode_ipv6(d, p, len, how);
        break;
    default:
        decode_event_add(d, DECODE_RAW_INVALID_IP_VERSION);
    }
}

/* Cisco HDLC: address, control, EtherType. */
void decode_chdlc(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    decode_header_seen(d, HEADER_CHDLC);
    struct reader r = reader_of(p, len);
    reader_skip(&r, 2);
    uint16_t type = reader_be16(&r);
    if (r.bad)
        decode_event_add(d, DECODE_CHDLC_PKT_TOO_SMALL);
    else
        decode_ethertype(d, type, r.p, (uint32_t)reader_left(&r), how);
}
