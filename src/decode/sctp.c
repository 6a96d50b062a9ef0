/* Transports of which only the first header is read: SCTP, and ESP, which tells no more. */
#include "decode/layers.h"

#define SCTP_HEADER_LEN 12
#define ESP_HEADER_LEN  8

/* RFC 9260 3.1 */
void decode_sctp(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, SCTP_HEADER_LEN);
    decode_header_seen(d, HEADER_SCTP);
    if (h == NULL) {
        decode_event_add(d, DECODE_SCTP_PKT_TOO_SMALL);
        return;
    }
    d->layers |= LAYER_TRANSPORT;
    d->sport = load_be16(h);
    d->dport = load_be16(h + 2);
    d->payload = r.p;
    d->payload_len = (uint32_t)reader_left(&r);
}

/* RFC 4303 2: the security association's index, a sequence number. */
void decode_esp(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, ESP_HEADER_LEN);
    decode_header_seen(d, HEADER_ESP);
    if (h == NULL) {
        decode_event_add(d, DECODE_ESP_PKT_TOO_SMALL);
        return;
    }
    d->layers |= LAYER_TRANSPORT;
    d->spi = load_be32(h);
    d->payload = r.p;
    d->payload_len = (uint32_t)reader_left(&r);
}
