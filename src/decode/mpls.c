/* MPLS label stacks (RFC 3032). Labels say nothing of what they carry, except for the reserved ones: its first four
 * bits must do (RFC 4928 3), and what an Ethernet frame would look like. */
#include "decode/layers.h"

/* Labels of a stack that are walked; more end decoding with an event. */
#define MPLS_LABELS_MAX 16

/* RFC 3032 2.1 */
enum {
    LABEL_IPV4_NULL = 0,
    LABEL_ROUTER_ALERT = 1,
    LABEL_IPV6_NULL = 2,
    LABEL_IMPLICIT_NULL = 3,
    LABEL_ENTROPY = 7,      /* RFC 6790 */
    LABEL_OAM_ALERT = 14,   /* RFC 3429 */
    LABEL_RESERVED_END = 16 /* the first that is not reserved */
};

/* What is wrong with the label at the bottom of the stack, DECODE_EVENT_COUNT if nothing. */
static enum decode_event label_fault(uint32_t label)
{
    if (label == LABEL_ROUTER_ALERT)
        return DECODE_MPLS_BAD_LABEL_ROUTER_ALERT;
    if (label == LABEL_IMPLICIT_NULL)
        return DECODE_MPLS_BAD_LABEL_IMPLICIT_NULL;
    if (label > LABEL_IMPLICIT_NULL && label < LABEL_RESERVED_END && label != LABEL_ENTROPY && label != LABEL_OAM_ALERT)
        return DECODE_MPLS_BAD_LABEL_RESERVED;
    return DECODE_EVENT_COUNT;
}

/* What the labels carry begins at r. */
static void decode_carried(struct decoded *d, struct reader *r, unsigned how)
{
    const uint8_t *p = r->p;
    uint32_t len = (uint32_t)reader_left(r);
    uint8_t first = reader_u8(r);
    if (r->bad) {
        decode_event_add(d, DECODE_MPLS_PKT_TOO_SMALL);
        return;
    }
    struct reader frame = reader_of(p, len);
    bool ethernet = decode_looks_ethernet(p, len); /* RFC 4448 without a control word */
    switch (first >> 4) {
    case 4:
    case 6:
        /* A MAC address may begin like this, too. */
        if (ethernet && !decode_looks_ip(p, len, false))
            decode_go_on(d, NEXT_ETHERNET, &frame);
        else if (first >> 4 == 4)
            decode_ipv4(d, p, len, how);
        else
            decode_ipv6(d, p, len, how);
        break;
    case 0: /* RFC 4385 3: a control word of four bytes, then Ethernet (RFC 4448) */
        if (ethernet && (len < 4 || !decode_looks_ethernet(p + 4, len - 4))) {
            decode_go_on(d, NEXT_ETHERNET, &frame);
        } else if (!reader_skip(r, 3)) {
            decode_event_add(d, DECODE_MPLS_PKT_TOO_SMALL);
        } else {
            decode_go_on(d, NEXT_ETHERNET, r);
        }
        break;
    default:
        if (ethernet)
            decode_go_on(d, NEXT_ETHERNET, &frame);
        else
            decode_event_add(d, DECODE_MPLS_UNKNOWN_PAYLOAD_TYPE);
    }
}

void decode_mpls(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    uint32_t entry;
    decode_header_seen(d, HEADER_MPLS);
    unsigned count = 0;
    do {
        if (count++ == MPLS_LABELS_MAX) {
            decode_event_add(d, DECODE_TOO_MANY_LAYERS);
            return;
        }
        entry = reader_be32(&r);
        if (r.bad) {
            decode_event_add(d, DECODE_MPLS_HEADER_TOO_SMALL);
            return;
        }
    } while ((entry & 0x100) == 0); /* the bottom of the stack */
    uint32_t label = entry >> 12;
    enum decode_event fault = label_fault(label);
    if (fault != DECODE_EVENT_COUNT)
        decode_event_add(d, fault);
    else if (label == LABEL_IPV4_NULL)
        decode_ipv4(d, r.p, (uint32_t)reader_left(&r), how);
    else if (label == LABEL_IPV6_NULL)
        decode_ipv6(d, r.p, (uint32_t)reader_left(&r), how);
    else
        decode_carried(d, &r, how);
}
