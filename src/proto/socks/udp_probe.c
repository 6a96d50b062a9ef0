/* Is it a relay's datagram? RFC 1928's header is ten bytes of which four are nearly always the same: that a datagram
 * has it is no proof. What stands in it or behind it can be one. */
#include "proto/socks/udp.h"

enum { PORT_DNS = 53, PORT_NTP = 123 };

bool socks_datagram_read(struct socks_datagram *d, const uint8_t *p, size_t len)
{
    struct reader r = reader_of(p, len);
    /* RFC 1928 section 7: RSV (0), FRAG, ATYP, DST.ADDR, DST.PORT, DATA */
    uint16_t reserved = reader_be16(&r);
    d->frag = reader_u8(&r);
    struct socks_address *a = &d->target;
    if (r.bad || reserved != 0 || socks_address_take(&r, a) != SOCKS_TAKE_WHOLE)
        return false;
    if (a->atyp == SOCKS_ATYP_DOMAIN && a->host_len == 0)
        return false;
    if (a->atyp == SOCKS_ATYP_DOMAIN && socks_literal(a->host, a->host_len, &a->addr)) {
        a->host = NULL;
        a->host_len = 0;
    }
    a->addr = socks_unmapped(&a->addr);
    d->payload = r.p;
    d->len = reader_left(&r);
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_host_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool host_chars(const struct socks_address *a)
{
    for (unsigned i = 0; i < a->host_len; i++)
        if (!is_host_char(a->host[i]))
            return false;
    return true;
}

/* Unicast, and not of this host's network. */
static bool plausible_addr(const struct addr *a)
{
    if (a->family == ADDR_V4)
        return a->b[0] != 0 && a->b[0] < 224;
    /* RFC 4291, RFC 4193: global, unique local, link-local */
    return (a->b[0] & 0xe0) == 0x20 || (a->b[0] & 0xfe) == 0xfc || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
}

bool socks_target_plausible(const struct socks_address *a)
{
    return a->port != 0 && (a->host_len > 0 ? host_chars(a) : plausible_addr(&a->addr));
}

bool socks_target_named(const struct socks_address *a)
{
    unsigned label = 0; /* its length so far */
    bool letters = true;
    unsigned dots = 0;
    if (a->host_len < 4 || a->port == 0 || !host_chars(a))
        return false;
    for (unsigned i = 0; i < a->host_len; i++) {
        if (a->host[i] == '.') {
            if (label == 0 || label > 63)
                return false;
            dots++;
            label = 0;
            letters = true;
        } else {
            label++;
            letters = letters && is_letter(a->host[i]);
        }
    }
    return dots > 0 && letters && label >= 2 && label <= 63;
}

/* One question and nothing that a query or an answer would not have (RFC 1035 section 4.1). */
static bool is_dns(const uint8_t *p, size_t len, bool *response)
{
    struct reader r = reader_of(p, len);
    reader_skip(&r, 2);
    uint16_t flags = reader_be16(&r);
    uint16_t questions = reader_be16(&r);
    uint16_t answers = reader_be16(&r);
    uint16_t authorities = reader_be16(&r);
    uint16_t additionals = reader_be16(&r);
    *response = flags & 0x8000;
    if (r.bad || (flags & 0x7800) != 0 || questions != 1)
        return false;
    if (!*response && (answers != 0 || authorities > 1 || additionals > 2))
        return false;
    size_t name = 0;
    for (uint8_t label = reader_u8(&r); label != 0; label = reader_u8(&r)) {
        name += label + 1u;
        if (label > 63 || name > 254 || !reader_skip(&r, label))
            return false;
    }
    uint16_t type = reader_be16(&r);
    uint16_t class = reader_be16(&r);
    if (r.bad || type == 0 || (class != 1 && class != 255))
        return false;
    return reader_left(&r) == 0 || answers != 0 || authorities != 0 || additionals != 0;
}

/* RFC 9000 section 17.2.2, RFC 9369: a long header of a known version in a datagram of the least size (14.1) */
static bool is_quic(const uint8_t *p, size_t len)
{
    struct reader r = reader_of(p, len);
    uint8_t first = reader_u8(&r);
    uint32_t version = reader_be32(&r);
    uint8_t id_len = reader_u8(&r);
    return len >= 1200 && (first & 0xc0) == 0xc0 && id_len <= 20 &&
           (version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000);
}

/* RFC 8489 section 5: the first two bits, the length, the magic cookie */
static bool is_stun(const uint8_t *p, size_t len)
{
    struct reader r = reader_of(p, len);
    uint16_t type = reader_be16(&r);
    uint16_t length = reader_be16(&r);
    uint32_t cookie = reader_be32(&r);
    return len >= 20 && type < 0x4000 && length == len - 20 && cookie == 0x2112a442;
}

/* RFC 6347 section 4.1: a handshake record of epoch 0 with one of the first three messages of each side */
static bool is_dtls(const uint8_t *p, size_t len)
{
    struct reader r = reader_of(p, len);
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_be16(&r);
    uint16_t epoch = reader_be16(&r);
    reader_skip(&r, 6);
    uint16_t length = reader_be16(&r);
    uint8_t message = reader_u8(&r);
    return !r.bad && type == 22 && (version == 0xfeff || version == 0xfefd) && epoch == 0 && length >= 12 &&
           length <= len - 13 && message >= 1 && message <= 3;
}

/* BEP 5: a bencoded query or response */
static bool is_dht(const uint8_t *p, size_t len)
{
    struct reader r = reader_of(p, len);
    const uint8_t *head = reader_take(&r, 12);
    return head && (memcmp(head, "d1:ad2:id20:", 12) == 0 || memcmp(head, "d1:rd2:id20:", 12) == 0);
}

/* RFC 5905 section 7.3: version 3 or 4, client or server, on its port */
static bool is_ntp(const uint8_t *p, size_t len, uint16_t port)
{
    struct reader r = reader_of(p, len);
    uint8_t first = reader_u8(&r);
    unsigned version = first >> 3 & 7u;
    unsigned mode = first & 7u;
    return port == PORT_NTP && len == 48 && (version == 3 || version == 4) && (mode == 3 || mode == 4);
}

bool socks_payload_known(const uint8_t *p, size_t len, uint16_t port)
{
    bool response;
    return is_dns(p, len, &response) || is_quic(p, len) || is_stun(p, len) || is_dtls(p, len) || is_dht(p, len) ||
           is_ntp(p, len, port);
}

/* The first datagram of a flow is the client's, unless it brings a DNS server's response. */
static bool from_relay(const struct socks_datagram *d, enum flow_dir dir)
{
    bool response;
    if (d->frag == 0 && d->target.port == PORT_DNS && is_dns(d->payload, d->len, &response))
        return response == (dir == TO_SERVER);
    return false;
}

enum proto_probe_result socks_udp_probe(const struct proto_probe *p)
{
    struct socks_datagram d;
    enum flow_dir dir = p->len[TO_SERVER] ? TO_SERVER : TO_CLIENT;
    if (p->transport != PROTO_UDP || !socks_datagram_read(&d, p->data[dir], p->len[dir]))
        return PROBE_NO;
    /* It stands alone or begins a sequence. */
    if ((d.frag != 0 && (d.frag & SOCKS_FRAG_POSITION) != 1) || !socks_target_plausible(&d.target))
        return PROBE_NO;
    return from_relay(&d, dir) ? PROBE_YES_REVERSED : PROBE_YES;
}
