#include "decode/decode.h"

#include "decode/layers.h"

/* Link types (tcpdump.org's LINKTYPE registry, and the DLT numbers that platforms use for raw IP). */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_SERIAL = 50,
    LINK_RAW = 101,
    LINK_CHDLC = 104,
    LINK_WLAN = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_RADIOTAP = 127,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,
};

typedef void (*layer_fn)(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

static layer_fn layer_of(int dlt)
{
    switch (dlt) {
    case LINK_ETHERNET:
        return decode_ethernet;
    case LINK_NULL:
    case LINK_LOOP:
        return decode_null;
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW:
        return decode_raw;
    case LINK_IPV4:
        return decode_ipv4;
    case LINK_IPV6:
        return decode_ipv6;
    case LINK_SLL:
        return decode_sll;
    case LINK_SLL2:
        return decode_sll2;
    case LINK_PPP:
        return decode_ppp;
    case LINK_PPP_SERIAL:
        return decode_ppp_serial;
    case LINK_CHDLC:
        return decode_chdlc;
    case LINK_WLAN:
        return decode_wlan;
    case LINK_RADIOTAP:
        return decode_radiotap;
    default:
        return NULL;
    }
}

const char *decode_link_name(int dlt)
{
    static const struct {
        int dlt;
        const char *name;
    } names[] = {
        {LINK_NULL, "NULL"},   {LINK_ETHERNET, "EN10MB"}, {LINK_PPP, "PPP"},
        {LINK_RAW_BSD, "RAW"}, {LINK_RAW_OPENBSD, "RAW"}, {LINK_PPP_SERIAL, "PPP_SERIAL"},
        {LINK_RAW, "RAW"},     {LINK_CHDLC, "C_HDLC"},    {LINK_WLAN, "IEEE802_11"},
        {LINK_LOOP, "LOOP"},   {LINK_SLL, "LINUX_SLL"},   {LINK_RADIOTAP, "IEEE802_11_RADIO"},
        {LINK_IPV4, "IPV4"},   {LINK_IPV6, "IPV6"},       {LINK_SLL2, "LINUX_SLL2"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].dlt == dlt)
            return names[i].name;
    return NULL;
}

uint32_t decode_link_number(int dlt)
{
    return dlt == LINK_RAW_BSD || dlt == LINK_RAW_OPENBSD ? LINK_RAW : (uint32_t)dlt;
}

bool decode_supports(int dlt)
{
    return layer_of(dlt) != NULL;
}

/* Is there anything the loop could find? The question costs nothing for TCP. */
static inline bool may_be_more(const struct decoded *d)
{
    return d->ip_proto != IP_PROTO_TCP || d->next.kind != NEXT_NONE;
}

static bool decode(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, unsigned how,
                   const struct settings_decoder *set, struct decoded *out)
{
    memset(out, 0, DECODED_CLEARED);
    out->next.kind = NEXT_NONE;
    how |= wirelen > caplen ? DECODE_CUT : 0u;
    out->frame = frame;
    out->frame_len = wirelen;
    if (dlt == LINK_ETHERNET) {
        decode_ethernet(out, frame, caplen, how);
    } else {
        layer_fn layer = layer_of(dlt);
        if (layer == NULL)
            return false;
        layer(out, frame, caplen, how);
    }
    if (may_be_more(out))
        decode_inside(out, how, set);
    return true;
}

bool decode_frame(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, bool check_sums,
                  const struct settings_decoder *set, struct decoded *out)
{
    return decode(dlt, frame, caplen, wirelen, check_sums ? DECODE_SUMS : 0u, set, out);
}

bool decode_frame_sure(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, bool check_sums,
                       const struct settings_decoder *set, struct decoded *out)
{
    return decode(dlt, frame, caplen, wirelen, (check_sums ? DECODE_SUMS : 0u) | DECODE_SURE, set, out);
}

void decode_transport(struct decoded *d, const uint8_t *data, uint32_t len, bool check_sums)
{
    unsigned how = check_sums ? DECODE_SUMS : 0u;
    d->next.kind = NEXT_NONE;
    d->layers &= (uint8_t) ~(LAYER_FRAGMENT | LAYER_TRANSPORT);
    d->more_fragments = false;
    d->fragment_offset = 0;
    d->payload = data;
    d->payload_len = len;
    d->payload_missing = 0;
    if (d->src.family == ADDR_V6)
        decode_ipv6_upper(d, data, len, how);
    else
        decode_ipv4_upper(d, data, len, how);
}
