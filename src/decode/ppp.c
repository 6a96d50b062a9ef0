#include "decode/layers.h"

/* PPP's protocol numbers (IANA; RFC 1661 2). */
enum {
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_NETWORK_END = 0x4000, /* below: network layers; above: low-volume and control protocols */
};

#define PPPOE_HEADER_LEN 6
#define IPV4_HEADER_LEN  20
#define IPV6_HEADER_LEN  40

/* From the protocol field on. RFC 1661 6.5: it may be compressed to one byte, which is then odd. */
static void decode_ppp_protocol(struct decoded *d, struct reader *r, unsigned how)
{
    decode_header_seen(d, HEADER_PPP);
    uint16_t proto = reader_u8(r);
    if ((proto & 1) == 0)
        proto = (uint16_t)(proto << 8 | reader_u8(r));
    if (r->bad) {
        decode_event_add(d, DECODE_PPP_PKT_TOO_SMALL);
        return;
    }
    uint32_t left = (uint32_t)reader_left(r);
    if (proto == PPP_IPV4) {
        if (left < IPV4_HEADER_LEN)
            decode_event_add(d, DECODE_PPP_IP4_PKT_TOO_SMALL);
        else
            decode_ipv4(d, r->p, left, how);
    } else if (proto == PPP_IPV6) {
        if (left < IPV6_HEADER_LEN)
            decode_event_add(d, DECODE_PPP_IP6_PKT_TOO_SMALL);
        else
            decode_ipv6(d, r->p, left, how);
    } else if ((proto & 1) == 0) {
        decode_event_add(d, DECODE_PPP_WRONG_TYPE);
    } else if (proto < PPP_NETWORK_END) {
        decode_event_add(d, DECODE_PPP_UNSUP_PROTO);
    } else {
        /* Control protocols (LCP, IPCP, PAP, CHAP...) are part of every session and no news. */
        d->layers |= LAYER_OTHER;
    }
}

/* RFC 1661 and 1662: address and control (ff 03) may be left out (RFC 1661 6.6). */
void decode_ppp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    if (len >= 2 && p[0] == 0xff && p[1] == 0x03)
        reader_skip(&r, 2);
    decode_ppp_protocol(d, &r, how);
}

/* LINKTYPE_PPP_HDLC: PPP in HDLC-like framing, or Cisco's HDLC, which begins with 0f (unicast) or 8f (multicast). */
void decode_ppp_serial(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    if (len >= 2 && (p[0] == 0x0f || p[0] == 0x8f) && p[1] == 0)
        decode_chdlc(d, p, len, how);
    else
        decode_ppp(d, p, len, how);
}

/* A PPPoE session's packet (RFC 2516 4): version and type 1, code 0, session, length, PPP from the protocol field on.
 */
void decode_pppoe(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    decode_header_seen(d, HEADER_PPPOE);
    const uint8_t *h = reader_take(&r, PPPOE_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_PPPOE_PKT_TOO_SMALL);
        return;
    }
    if (h[0] != 0x11 || h[1] != 0) {
        decode_event_add(d, DECODE_PPPOE_WRONG_CODE);
        return;
    }
    uint32_t length = load_be16(h + 4);
    uint32_t left = (uint32_t)reader_left(&r);
    if (length > left && !(how & DECODE_CUT)) {
        decode_event_add(d, DECODE_PPPOE_PKT_TOO_SMALL);
        return;
    }
    struct reader session = reader_sub(&r, length < left ? length : left);
    decode_ppp_protocol(d, &session, how);
}
