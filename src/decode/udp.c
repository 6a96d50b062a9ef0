#include "decode/checksum.h"
#include "decode/layers.h"

#define UDP_HEADER_LEN 8

/* RFC 768. What follows the length that the header says is no payload. */
void decode_udp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, UDP_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_UDP_PKT_TOO_SMALL);
        return;
    }
    uint32_t total = load_be16(h + 4);
    if (total < UDP_HEADER_LEN) {
        decode_event_add(d, DECODE_UDP_LEN_INVALID);
        return;
    }
    if (total > len + d->payload_missing) {
        decode_event_add(d, DECODE_UDP_PKT_TOO_SMALL);
        return;
    }
    d->payload_missing = total > len ? total - len : 0;
    if (total > len)
        total = len;
    d->layers |= LAYER_TRANSPORT;
    d->sport = load_be16(h);
    d->dport = load_be16(h + 2);
    d->payload = r.p;
    d->payload_len = total - UDP_HEADER_LEN;
    /* Zero: none was computed. IPv6 allows that for tunnels (RFC 6935). */
    if ((how & DECODE_SUMS) && d->payload_missing == 0 && load_be16(h + 6) != 0 &&
        checksum_fold(checksum_add(checksum_pseudo(&d->src, &d->dst, IP_PROTO_UDP, total), p, total)) != 0xffff)
        d->bad_checksum = true;
}
