/* Is it TLS? Judged by the first record of a direction: type, version and lengths have to fit each other, so that a
 * protocol whose first byte happens to be 0x16 isn't taken for it. */
#include "proto/tls/tls_session.h"

/* Record header, message header, version of the hello. */
#define HELLO_HEAD 11
/* A ClientHello has version, random and three lengths; a ServerHello version, random, a length, cipher and compression.
 */
#define CLIENT_HELLO_LEAST 38
#define SERVER_HELLO_LEAST 38
/* Length bytes, type, version, three lengths. */
#define SSLV2_HEAD 11

enum look { LOOK_NO, LOOK_MORE, LOOK_CLIENT, LOOK_SERVER, LOOK_EITHER };

/* RFC 6101 appendix E: CLIENT-HELLO; its lengths must add up. */
static enum look look_sslv2(struct reader r)
{
    if (reader_left(&r) < 3)
        return LOOK_MORE;
    uint32_t len = reader_be16(&r) & 0x7fffu;
    if (reader_u8(&r) != 1)
        return LOOK_NO;
    if (reader_left(&r) < SSLV2_HEAD - 3)
        return LOOK_MORE;
    uint16_t version = reader_be16(&r);
    uint32_t specs = reader_be16(&r);
    uint32_t id = reader_be16(&r);
    uint32_t challenge = reader_be16(&r);
    bool known = version == TLS_SSLV2_VERSION || (version >= TLS_SSLV3_VERSION && version <= TLS_13_VERSION);
    bool fits = specs && specs % 3 == 0 && (id == 0 || id == 16) && challenge >= 16 && challenge <= 32;
    return known && fits && len == 9 + specs + id + challenge ? LOOK_CLIENT : LOOK_NO;
}

/* RFC 8446 section 6: an alert is two bytes; here in the clear. */
static enum look look_alert(struct reader r, uint32_t record_len)
{
    if (record_len != 2)
        return LOOK_NO;
    if (reader_left(&r) < 2)
        return LOOK_MORE;
    uint8_t level = reader_u8(&r);
    return (level == 1 || level == 2) && reader_u8(&r) <= 121 ? LOOK_EITHER : LOOK_NO;
}

/* The first message, as far as its head is in the first record: it can be cut after any byte. */
static enum look look_handshake(struct reader r, uint32_t record_len)
{
    if (!reader_left(&r))
        return LOOK_MORE;
    uint8_t type = reader_u8(&r);
    if (type != TLS_CLIENT_HELLO && type != TLS_SERVER_HELLO)
        return LOOK_NO;
    enum look found = type == TLS_CLIENT_HELLO ? LOOK_CLIENT : LOOK_SERVER;
    if (record_len < HELLO_HEAD - TLS_RECORD_HEADER)
        return found;
    if (reader_left(&r) < 5)
        return LOOK_MORE;
    uint32_t len = reader_be24(&r);
    uint8_t major = reader_u8(&r);
    uint32_t least = type == TLS_CLIENT_HELLO ? CLIENT_HELLO_LEAST : SERVER_HELLO_LEAST;
    if (type == TLS_SERVER_HELLO && (major == 0x7f || major == 0xfb))
        least -= 2; /* drafts of TLS 1.3: neither session id nor compression */
    else if (major != 3)
        return LOOK_NO;
    return len >= least && len <= TLS_MESSAGE_MAX ? found : LOOK_NO;
}

static enum look look_at(const uint8_t *p, size_t n)
{
    struct reader r = reader_of(p, n);
    if (!n)
        return LOOK_MORE;
    if (p[0] & 0x80)
        return look_sslv2(r);
    if ((p[0] != TLS_HANDSHAKE && p[0] != TLS_ALERT) || (n > 1 && p[1] != 3) ||
        (n > 2 && p[2] > (TLS_13_VERSION & 0xff)))
        return LOOK_NO;
    if (n < TLS_RECORD_HEADER)
        return LOOK_MORE;
    reader_skip(&r, 3);
    uint32_t len = reader_be16(&r);
    if (!len || len > TLS_RECORD_MAX)
        return LOOK_NO;
    return p[0] == TLS_ALERT ? look_alert(r, len) : look_handshake(r, len);
}

enum proto_probe_result tls_probe(const struct proto_probe *p)
{
    enum look up = look_at(p->data[TO_SERVER], p->len[TO_SERVER]);
    enum look down = look_at(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    if (up == LOOK_CLIENT) /* whatever the server answers: it may not speak TLS, or SSLv2 only */
        return PROBE_YES;
    if (up == LOOK_NO || down == LOOK_NO)
        return PROBE_NO;
    if (down == LOOK_SERVER)
        return PROBE_YES;
    if (up == LOOK_SERVER || down == LOOK_CLIENT)
        return PROBE_YES_REVERSED;
    if (up == LOOK_EITHER || down == LOOK_EITHER)
        return PROBE_YES;
    return p->final ? PROBE_NO : PROBE_MORE;
}
