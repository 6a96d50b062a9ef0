#include "decode/checksum.h"
#include "decode/layers.h"

#define TCP_HEADER_LEN 20
#define TCP_WSCALE_MAX 14 /* RFC 7323 2.3: a larger shift counts as this */

/* Options (IANA). */
enum {
    OPT_EOL = 0,
    OPT_NOP = 1,
    OPT_MSS = 2,
    OPT_WSCALE = 3,
    OPT_SACK_PERMITTED = 4,
    OPT_SACK = 5,
    OPT_TIMESTAMPS = 8,
};

/* One option; false if its length is wrong for its kind. v: what follows the length, len: the whole option's. */
static bool take_option(struct decoded_tcp *t, uint8_t kind, const uint8_t *v, uint8_t len)
{
    switch (kind) {
    case OPT_MSS: /* RFC 9293 3.7.1 */
        if (len != 4)
            return false;
        t->mss = load_be16(v);
        return true;
    case OPT_WSCALE: /* RFC 7323 2.2 */
        if (len != 3)
            return false;
        t->wscale = v[0] < TCP_WSCALE_MAX ? v[0] : TCP_WSCALE_MAX;
        return true;
    case OPT_SACK_PERMITTED: /* RFC 2018 2 */
        if (len != 2)
            return false;
        t->sack_permitted = true;
        return true;
    case OPT_SACK: /* RFC 2018 3: pairs of sequence numbers; hosts do send none, which does no harm */
        return (len - 2) % 8 == 0;
    case OPT_TIMESTAMPS: /* RFC 7323 3.2 */
        if (len != 10)
            return false;
        t->has_timestamps = true;
        t->ts_value = load_be32(v);
        t->ts_echo = load_be32(v + 4);
        return true;
    default:
        return true;
    }
}

/* Of an option that comes twice the first counts. */
static void decode_options(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    unsigned seen = 0;
    while (reader_left(&r) > 0) {
        uint8_t kind = reader_u8(&r);
        if (kind == OPT_EOL)
            break;
        if (kind == OPT_NOP)
            continue;
        uint8_t opt_len = reader_u8(&r);
        const uint8_t *v = opt_len >= 2 ? reader_take(&r, opt_len - 2u) : NULL;
        if (v == NULL) {
            decode_event_add(d, DECODE_TCP_OPT_INVALID_LEN);
            break;
        }
        unsigned bit = kind <= OPT_TIMESTAMPS ? 1u << kind : 0;
        if (seen & bit)
            decode_event_add(d, DECODE_TCP_OPT_DUPLICATE);
        else if (!take_option(&d->tcp, kind, v, opt_len))
            decode_event_add(d, DECODE_TCP_OPT_INVALID_LEN);
        seen |= bit;
    }
}

/* RFC 9293 3.1. */
void decode_tcp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, TCP_HEADER_LEN);
    if (h == NULL) {
        decode_event_add(d, DECODE_TCP_PKT_TOO_SMALL);
        return;
    }
    uint32_t hlen = (h[12] >> 4) * 4u;
    if (hlen < TCP_HEADER_LEN) {
        decode_event_add(d, DECODE_TCP_HLEN_TOO_SMALL);
        return;
    }
    const uint8_t *options = reader_take(&r, hlen - TCP_HEADER_LEN);
    if (options == NULL) {
        decode_event_add(d, DECODE_TCP_PKT_TOO_SMALL);
        return;
    }
    d->layers |= LAYER_TRANSPORT;
    d->sport = load_be16(h);
    d->dport = load_be16(h + 2);
    struct decoded_tcp *t = &d->tcp;
    t->seq = load_be32(h + 4);
    t->ack = load_be32(h + 8);
    t->flags = h[13];
    t->window = load_be16(h + 14);
    t->urgent = load_be16(h + 18);
    t->wscale = 255;
    d->payload = r.p;
    d->payload_len = (uint32_t)reader_left(&r);
    if (hlen == TCP_HEADER_LEN + 12 && load_be32(options) == 0x0101080a) {
        /* RFC 7323 appendix A: what nearly every segment has. */
        t->has_timestamps = true;
        t->ts_value = load_be32(options + 4);
        t->ts_echo = load_be32(options + 8);
    } else if (hlen > TCP_HEADER_LEN) {
        decode_options(d, options, hlen - TCP_HEADER_LEN);
    }
    if ((how & DECODE_SUMS) && d->payload_missing == 0 &&
        checksum_fold(checksum_add(checksum_pseudo(&d->src, &d->dst, IP_PROTO_TCP, len), p, len)) != 0xffff)
        d->bad_checksum = true;
}
