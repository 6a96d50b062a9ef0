#include "decode/checksum.h"
#include "decode/layers.h"

#define IPV4_HEADER_LEN 20
#define AH_LEN_LEAST    12
#define IGMP_LEN_LEAST  8

/* Options (IANA; RFC 791 3.1 unless said). */
enum {
    OPT_EOL = 0x00,
    OPT_NOP = 0x01,
    OPT_RR = 0x07,
    OPT_TS = 0x44,
    OPT_SEC = 0x82, /* RFC 1108 */
    OPT_LSRR = 0x83,
    OPT_ESEC = 0x85,  /* RFC 1108 */
    OPT_CIPSO = 0x86, /* FIPS 188 */
    OPT_SID = 0x88,
    OPT_SSRR = 0x89,
    OPT_RTRALT = 0x94, /* RFC 2113 */
};

/* A route (len, pointer, then addresses): the pointer is 4 or more and on an address's border. */
static bool route_is_sound(const uint8_t *v, uint8_t len)
{
    return len >= 3 && (len - 3) % 4 == 0 && v[0] >= 4 && v[0] % 4 == 0 && v[0] <= len + 1;
}

/* The value's shape. v: what follows the length; len: the whole option's. Sets *bit to the option's own bit. */
static bool option_is_sound(struct decoded *d, uint8_t kind, const uint8_t *v, uint8_t len, unsigned *bit)
{
    enum decode_event wrong = DECODE_IPV4_OPT_INVALID_LEN;
    bool sound = true;
    switch (kind) {
    case OPT_RR:
    case OPT_LSRR:
    case OPT_SSRR:
        *bit = kind == OPT_RR ? 1u : kind == OPT_LSRR ? 2u : 4u;
        wrong = DECODE_IPV4_OPT_MALFORMED;
        sound = route_is_sound(v, len);
        break;
    case OPT_TS:
        *bit = 8;
        wrong = DECODE_IPV4_OPT_MALFORMED;
        sound = len >= 4 && len <= 40 && v[0] >= 5 && v[0] <= len + 1;
        break;
    case OPT_SEC:
        *bit = 16;
        sound = len >= 3 && len <= 11;
        break;
    case OPT_ESEC:
        *bit = 32;
        sound = len >= 3;
        break;
    case OPT_CIPSO:
        *bit = 64;
        wrong = DECODE_IPV4_OPT_MALFORMED;
        sound = len >= 6;
        break;
    case OPT_SID:
        *bit = 128;
        sound = len == 4;
        break;
    case OPT_RTRALT:
        *bit = 256;
        sound = len == 4;
        break;
    default:
        *bit = 0;
        wrong = DECODE_IPV4_OPT_INVALID;
        sound = false;
    }
    if (!sound)
        decode_event_add(d, wrong);
    return sound;
}

/* Options change nothing of what follows: events only. */
static void decode_options(struct decoded *d, const uint8_t *p, uint32_t len)
{
    struct reader r = reader_of(p, len);
    unsigned seen = 0;
    if (len % 8 != 0)
        decode_event_add(d, DECODE_IPV4_OPT_PAD_REQUIRED);
    while (reader_left(&r) > 0) {
        uint8_t kind = reader_u8(&r);
        if (kind == OPT_EOL)
            break;
        if (kind == OPT_NOP)
            continue;
        if (reader_left(&r) == 0) {
            decode_event_add(d, DECODE_IPV4_OPT_EOL_REQUIRED);
            break;
        }
        uint8_t opt_len = reader_u8(&r);
        const uint8_t *v = opt_len >= 2 ? reader_take(&r, opt_len - 2u) : NULL;
        if (v == NULL) {
            decode_event_add(d, DECODE_IPV4_OPT_INVALID_LEN);
            break;
        }
        unsigned bit = 0;
        if (option_is_sound(d, kind, v, opt_len, &bit) && (seen & bit))
            decode_event_add(d, DECODE_IPV4_OPT_DUPLICATE);
        seen |= bit;
    }
}

/* RFC 4302 2: what it protects follows, unencrypted. False: cut short. */
static bool skip_ah(struct decoded *d, const uint8_t **p, uint32_t *len)
{
    uint32_t n = *len >= 2 ? ((*p)[1] + 2u) * 4 : AH_LEN_LEAST;
    decode_header_seen(d, HEADER_AH);
    if (n < AH_LEN_LEAST || n > *len) {
        decode_event_add(d, DECODE_IPV4_AH_TRUNC);
        return false;
    }
    d->ip_proto = (*p)[0];
    *p += n;
    *len -= n;
    d->payload = *p;
    d->payload_len = *len;
    return true;
}

void decode_ipv4_upper(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    if (d->ip_proto == IP_PROTO_AH && !skip_ah(d, &p, &len))
        return;
    d->transport = p;
    d->transport_len = len;
    switch (d->ip_proto) {
    case IP_PROTO_TCP:
        decode_tcp(d, p, len, how);
        break;
    case IP_PROTO_UDP:
        decode_udp(d, p, len, how);
        break;
    case IP_PROTO_ICMP:
        decode_icmpv4(d, p, len, how);
        break;
    case IP_PROTO_ICMPV6:
        decode_event_add(d, DECODE_IPV4_ICMPV6);
        break;
    case IP_PROTO_SCTP:
        decode_sctp(d, p, len);
        break;
    case IP_PROTO_ESP:
        decode_esp(d, p, len);
        break;
    case IP_PROTO_IGMP: /* RFC 9776: at least eight bytes */
        decode_header_seen(d, HEADER_IGMP);
        if (len < IGMP_LEN_LEAST)
            decode_event_add(d, DECODE_IGMP_PKT_TOO_SMALL);
        break;
    default:
        break;
    }
}

/* What is wrong with the fixed header (RFC 791 3.1), DECODE_EVENT_COUNT if nothing. */
static enum decode_event header_fault(const uint8_t *h, uint32_t len, unsigned how)
{
    if (h == NULL)
        return DECODE_IPV4_PKT_TOO_SMALL;
    if (h[0] >> 4 != 4)
        return DECODE_IPV4_WRONG_IP_VERSION;
    uint32_t hlen = (h[0] & 15u) * 4;
    uint32_t total = load_be16(h + 2);
    if (hlen < IPV4_HEADER_LEN)
        return DECODE_IPV4_HLEN_TOO_SMALL;
    if (total < hlen)
        return DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN;
    if (hlen > len || (total > len && !(how & DECODE_CUT)))
        return DECODE_IPV4_TRUNC_PKT;
    return DECODE_EVENT_COUNT;
}

void decode_ipv4(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    const uint8_t *h = reader_take(&r, IPV4_HEADER_LEN);
    enum decode_event fault = header_fault(h, len, how);
    if (h == NULL || fault != DECODE_EVENT_COUNT) {
        decode_event_add(d, fault);
        return;
    }
    uint32_t hlen = (h[0] & 15u) * 4;
    uint32_t total = load_be16(h + 2);
    const uint8_t *options = reader_take(&r, hlen - IPV4_HEADER_LEN);
    if (total > len) {
        decode_event_add(d, DECODE_IPV4_TRUNC_PKT);
        d->payload_missing = total - len;
        total = len;
    }
    d->layers |= LAYER_IP;
    d->ip = p;
    d->ip_len = total;
    d->ttl = h[8];
    d->ip_proto = h[9];
    memcpy(d->src.b, h + 12, 4);
    memcpy(d->dst.b, h + 16, 4);
    d->src.family = d->dst.family = ADDR_V4;
    d->payload = r.p;
    d->payload_len = total - hlen;
    if (hlen > IPV4_HEADER_LEN)
        decode_options(d, options, hlen - IPV4_HEADER_LEN);
    if ((how & DECODE_SUMS) && checksum_fold(checksum_add(0, p, hlen)) != 0xffff)
        d->bad_checksum = true;

    uint16_t fragment = load_be16(h + 6);
    if (__builtin_expect((fragment & 0x3fff) != 0, 0)) { /* MF or an offset */
        d->layers |= LAYER_FRAGMENT;
        d->more_fragments = (fragment & 0x2000) != 0;
        d->fragment_offset = (fragment & 0x1fffu) * 8;
        d->fragment_id = load_be16(h + 4);
        return;
    }
    decode_ipv4_upper(d, d->payload, d->payload_len, how);
}
