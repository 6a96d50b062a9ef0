/* Headers between Ethernet and the network layer, and ARP. */
#include "decode/layers.h"

#define VNTAG_LEN     4
#define ETAG_LEN      6
#define ISID_LEN      16 /* I-TAG without its EtherType: four bytes and the customer's two addresses */
#define MACSEC_LEN    6  /* SecTAG without its EtherType */
#define MACSEC_SCI    8
#define MACSEC_ICV    16
#define DCE_LEN       2
#define ARP_FIXED_LEN 8
#define ARP_LEN       28

/* RFC 8300 2.1 */
enum {
    NSH_BASE_LEN = 8,
    NSH_FIXED_LEN = 24,
    NSH_MD_RESERVED = 0,
    NSH_MD_FIXED = 1,
    NSH_MD_VARIABLE = 2,
    NSH_MD_TEST = 15
};

/* RFC 8300 2.2, and what VXLAN-GPE has in common with it. */
enum { NSH_IPV4 = 1, NSH_IPV6 = 2, NSH_ETHERNET = 3, NSH_NSH = 4, NSH_MPLS = 5 };

/* What is wrong with the base header; DECODE_EVENT_COUNT if nothing. */
static enum decode_event nsh_fault(const uint8_t *h, uint32_t length, uint32_t len)
{
    uint8_t md = h[2] & 15;
    if (h[0] >> 6 != 0)
        return DECODE_NSH_UNSUPPORTED_VERSION;
    if (length > len || length < NSH_BASE_LEN)
        return DECODE_NSH_BAD_HEADER_LENGTH;
    if (md == NSH_MD_RESERVED)
        return DECODE_NSH_RESERVED_TYPE;
    if (md != NSH_MD_FIXED && md != NSH_MD_VARIABLE && md != NSH_MD_TEST)
        return DECODE_NSH_UNSUPPORTED_TYPE;
    if (md == NSH_MD_FIXED && length != NSH_FIXED_LEN)
        return DECODE_NSH_BAD_HEADER_LENGTH;
    return DECODE_EVENT_COUNT;
}

void decode_nsh(struct decoded *d, const uint8_t *p, uint32_t len)
{
    decode_header_seen(d, HEADER_NSH);
    if (len < NSH_BASE_LEN) {
        decode_event_add(d, DECODE_NSH_HEADER_TOO_SMALL);
        return;
    }
    uint32_t length = (load_be16(p) & 0x3fu) * 4; /* the last six bits */
    enum decode_event fault = nsh_fault(p, length, len);
    if (fault != DECODE_EVENT_COUNT) {
        decode_event_add(d, fault);
        return;
    }
    struct reader r = reader_of(p + length, len - length);
    switch (p[3]) {
    case NSH_IPV4:
        decode_go_on(d, NEXT_IPV4, &r);
        break;
    case NSH_IPV6:
        decode_go_on(d, NEXT_IPV6, &r);
        break;
    case NSH_ETHERNET:
        decode_go_on(d, NEXT_ETHERNET, &r);
        break;
    case NSH_NSH:
        decode_go_on_as(d, 0x894f, &r);
        break;
    case NSH_MPLS:
        decode_go_on(d, NEXT_MPLS, &r);
        break;
    default:
        decode_event_add(d, DECODE_NSH_UNKNOWN_PAYLOAD);
    }
}

/* A tag of n bytes, and the EtherType behind it. False: cut short. */
static bool skip_tag(struct decoded *d, const uint8_t *p, uint32_t len, uint32_t n, enum decode_event small)
{
    struct reader r = reader_of(p, len);
    reader_skip(&r, n);
    uint16_t type = reader_be16(&r);
    if (r.bad) {
        decode_event_add(d, small);
        return false;
    }
    decode_go_on_as(d, type, &r);
    return true;
}

/* Cisco's VN-Tag (Ethertype 8926). */
void decode_vntag(struct decoded *d, const uint8_t *p, uint32_t len)
{
    decode_header_seen(d, HEADER_VNTAG);
    skip_tag(d, p, len, VNTAG_LEN, DECODE_VNTAG_HEADER_TOO_SMALL);
}

/* IEEE 802.1BR's E-TAG. */
void decode_etag(struct decoded *d, const uint8_t *p, uint32_t len)
{
    decode_header_seen(d, HEADER_ETAG);
    skip_tag(d, p, len, ETAG_LEN, DECODE_ETAG_HEADER_TOO_SMALL);
}

/* IEEE 802.1ah, a provider's backbone: the customer's frame follows its I-TAG. */
void decode_8021ah(struct decoded *d, const uint8_t *p, uint32_t len)
{
    decode_header_seen(d, HEADER_IEEE8021AH);
    skip_tag(d, p, len, ISID_LEN, DECODE_IEEE8021AH_HEADER_TOO_SMALL);
}

/* IEEE 802.1AE: what is only signed can be read; the signature at the end is beyond the packet's own length. */
void decode_macsec(struct decoded *d, const uint8_t *p, uint32_t len)
{
    decode_header_seen(d, HEADER_MACSEC);
    if (len < MACSEC_LEN) {
        decode_event_add(d, DECODE_MACSEC_PKT_TOO_SMALL);
        return;
    }
    if (p[0] & 0x0c) /* E, C: the text is encrypted, or changed */
        d->layers |= LAYER_OTHER;
    else
        skip_tag(d, p, len > MACSEC_ICV ? len - MACSEC_ICV : len, MACSEC_LEN + (p[0] & 0x20 ? MACSEC_SCI : 0u),
                 DECODE_MACSEC_PKT_TOO_SMALL);
}

/* Cisco's FabricPath: an Ethernet header around the frame, whose type is 8903, and a tag of two bytes. */
void decode_dce(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    if (!reader_skip(&r, DCE_LEN))
        decode_event_add(d, DECODE_DCE_PKT_TOO_SMALL);
    else
        decode_go_on(d, NEXT_ETHERNET, &r);
}

/* RFC 826, of Ethernet and IPv4; others are no news but an event. */
void decode_arp(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, ARP_FIXED_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_ARP_PKT_TOO_SMALL);
        return;
    }
    d->layers |= LAYER_OTHER;
    if (load_be16(h) != 1) {
        decode_event_add(d, DECODE_ARP_UNSUPPORTED_HARDWARE);
    } else if (load_be16(h + 2) != 0x0800) {
        decode_event_add(d, DECODE_ARP_UNSUPPORTED_PROTOCOL);
    } else if (h[4] != 6) {
        decode_event_add(d, DECODE_ARP_INVALID_HARDWARE_SIZE);
    } else if (h[5] != 4) {
        decode_event_add(d, DECODE_ARP_INVALID_PROTOCOL_SIZE);
    } else if (!reader_skip(&r, ARP_LEN - ARP_FIXED_LEN)) {
        d->layers &= (uint8_t)~LAYER_OTHER;
        decode_event_add(d, DECODE_ARP_PKT_TOO_SMALL);
    } else {
        d->layers = (uint8_t)((d->layers & ~LAYER_OTHER) | LAYER_ARP);
        d->arp.opcode = load_be16(h + 6);
        memcpy(d->arp.src_mac, p + 8, 6);
        d->arp.src = addr_v4(p + 14);
        memcpy(d->arp.dst_mac, p + 18, 6);
        d->arp.dst = addr_v4(p + 24);
        if (d->arp.opcode == 0 || d->arp.opcode > 10) /* IANA; Suricata knows as many */
            decode_event_add(d, DECODE_ARP_UNSUPPORTED_OPCODE);
    }
}
