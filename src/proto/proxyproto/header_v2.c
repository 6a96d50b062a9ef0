/* Version 2: binary, with type-length-value fields behind the addresses (section 2.2). */
#include "proto/proxyproto/header.h"

#define AUTHORITY_MOST 255u /* bytes of a host name (section 2.2.3) */
#define UNIQUE_ID_MOST 128u /* the specification allows no more */
#define USER_MOST      255u /* bytes that are taken of a certificate's name */

enum { COMMAND_LOCAL = 0, COMMAND_PROXY = 1 };
enum { FAMILY_UNSPEC = 0, FAMILY_INET = 1, FAMILY_INET6 = 2, FAMILY_UNIX = 3 };
enum { TRANSPORT_DGRAM = 2 };
enum { UNIX_PATH = 108 };

enum {
    TLV_AUTHORITY = 0x02,
    TLV_CRC32C = 0x03,
    TLV_UNIQUE_ID = 0x05,
    TLV_SSL = 0x20,
    SSL_CN = 0x22,
};

/* CRC32c (RFC 3309), bit by bit: it is over in one header. */
static uint32_t crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return crc;
}

/* Section 2.2.4: over the whole header, the sum's own four bytes taken as zero. */
static bool checksum_holds(const uint8_t *header, size_t len, const uint8_t *sum)
{
    static const uint8_t zero[4];
    uint32_t crc = crc32c(0xffffffffu, header, (size_t)(sum - header));
    crc = crc32c(crc, zero, sizeof zero);
    crc = ~crc32c(crc, sum + 4, (size_t)(header + len - (sum + 4)));
    return crc == load_be32(sum);
}

struct tlv {
    uint8_t type;
    struct reader value;
};

/* False at the end, and (r->bad) where a field is longer than what is left. */
static bool next_tlv(struct reader *r, struct tlv *out)
{
    if (reader_left(r) == 0)
        return false;
    out->type = reader_u8(r);
    size_t len = reader_be16(r);
    out->value = reader_sub(r, len);
    return !r->bad;
}

/* Section 2.2.6: client flags, verify, then fields in the field. */
static bool read_ssl(struct reader value, struct proxy_header *out)
{
    reader_skip(&value, 5);
    struct tlv t;
    while (next_tlv(&value, &t))
        if (t.type == SSL_CN && !out->user && reader_left(&t.value)) {
            out->user = t.value.p;
            out->user_len = reader_left(&t.value) < USER_MOST ? reader_left(&t.value) : USER_MOST;
        }
    return !value.bad;
}

static void read_tlvs(struct reader r, const uint8_t *header, struct proxy_header *out)
{
    bool good = true;
    struct tlv t;
    while (next_tlv(&r, &t)) {
        size_t len = reader_left(&t.value);
        switch (t.type) {
        case TLV_AUTHORITY:
            good = good && len > 0 && len <= AUTHORITY_MOST;
            if (len > 0 && !out->authority) {
                out->authority = t.value.p;
                out->authority_len = len < AUTHORITY_MOST ? len : AUTHORITY_MOST;
            }
            break;
        case TLV_CRC32C:
            good = good && len == 4;
            if (len == 4 && !checksum_holds(header, out->len, t.value.p))
                out->odd |= PROXY_ODD(PROXY_INVALID_CHECKSUM);
            break;
        case TLV_UNIQUE_ID:
            good = good && len <= UNIQUE_ID_MOST;
            out->unique_id = len ? t.value.p : NULL;
            out->unique_id_len = len < UNIQUE_ID_MOST ? len : UNIQUE_ID_MOST;
            break;
        case TLV_SSL:
            good = read_ssl(t.value, out) && good;
            break;
        default:
            break;
        }
    }
    if (!good || r.bad)
        out->odd |= PROXY_ODD(PROXY_INVALID_TLV);
}

/* False: the length has no room for them. */
static bool read_addresses(struct reader *r, uint8_t family, struct proxy_header *out)
{
    size_t size = family == FAMILY_INET ? 4 : family == FAMILY_INET6 ? 16 : family == FAMILY_UNIX ? UNIX_PATH : 0;
    const uint8_t *client = reader_take(r, size);
    const uint8_t *server = reader_take(r, size);
    if (family != FAMILY_INET && family != FAMILY_INET6)
        return !r->bad;
    out->client_port = reader_be16(r);
    out->server_port = reader_be16(r);
    if (r->bad)
        return false;
    out->client = size == 4 ? addr_v4(client) : addr_v6(client);
    out->server = size == 4 ? addr_v4(server) : addr_v6(server);
    out->named = true;
    return true;
}

static enum proxy_found bad(struct proxy_header *out, enum proxyproto_event event)
{
    out->odd |= PROXY_ODD(event);
    return PROXY_BAD;
}

enum proxy_found proxy_read_v2(const uint8_t *p, size_t n, struct proxy_header *out)
{
    struct reader r = reader_of(p, n);
    reader_skip(&r, 12); /* the signature */
    uint8_t version = reader_u8(&r);
    uint8_t protocol = reader_u8(&r);
    size_t len = reader_be16(&r);
    uint8_t command = version & 15;
    uint8_t family = protocol >> 4;
    if (n > 12 && version >> 4 != 2)
        return bad(out, PROXY_INVALID_VERSION);
    if (n > 12 && command > COMMAND_PROXY)
        return bad(out, PROXY_INVALID_COMMAND);
    if (r.bad || reader_left(&r) < len)
        return PROXY_MORE;
    out->len = PROXY_V2_HEAD + len;
    if (command == COMMAND_LOCAL)
        return PROXY_WHOLE; /* the sender speaks for itself: what else stands there counts for nothing */
    if (family > FAMILY_UNIX || (protocol & 15) > TRANSPORT_DGRAM)
        return bad(out, PROXY_INVALID_FAMILY);
    struct reader rest = reader_sub(&r, len);
    if (!read_addresses(&rest, family, out))
        return bad(out, PROXY_INVALID_LENGTH);
    read_tlvs(rest, p, out);
    return PROXY_WHOLE;
}
