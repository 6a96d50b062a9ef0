#include "decode/layers.h"

#define IPV6_HEADER_LEN 40

/* RFC 8200 3. A payload length of zero means none: jumbograms (RFC 2675) are not followed. */
void decode_ipv6(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, IPV6_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_IPV6_PKT_TOO_SMALL);
        return;
    }
    if (h[0] >> 4 != 6) {
        decode_event_add(d, DECODE_IPV6_WRONG_IP_VERSION);
        return;
    }
    uint32_t plen = load_be16(h + 4);
    uint32_t left = (uint32_t)reader_left(&r);
    if (plen > left) {
        decode_event_add(d, DECODE_IPV6_TRUNC_PKT);
        if (!(how & DECODE_CUT))
            return;
        d->payload_missing = plen - left;
        plen = left;
    }
    d->layers |= LAYER_IP;
    d->ip = p;
    d->ip_len = IPV6_HEADER_LEN + plen;
    d->ttl = h[7];
    d->ip_proto = h[6];
    d->src = addr_v6(h + 8);
    d->dst = addr_v6(h + 24);
    d->payload = r.p;
    d->payload_len = plen;
    decode_ipv6_upper(d, r.p, plen, how);
}
