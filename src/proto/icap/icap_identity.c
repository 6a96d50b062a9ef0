/* Who the encapsulated session belongs to: X-Client-IP and X-Server-IP, X-Authenticated-User
 * (draft-stecher-icap-subid), X-Client-Port, and X-Client-Username (squid's). */
#include "proto/icap/icap_state.h"

static int digit64(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode base64 (RFC 4648 4), up to room bytes. 0: it is not base64 of text. */
static size_t decode64(struct reader in, char *out, size_t room)
{
    uint32_t acc = 0;
    unsigned bits = 0;
    size_t len = 0;
    while (reader_left(&in)) {
        uint8_t c = reader_u8(&in);
        int d = digit64(c);
        if (c == '=' && reader_left(&in) <= 1)
            continue;
        if (d < 0)
            return 0;
        acc = acc << 6 | (uint32_t)d;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        uint8_t b = (uint8_t)(acc >> bits);
        if (b < ' ' || b == 0x7f)
            return 0;
        if (len < room)
            out[len++] = (char)b;
    }
    return len;
}

static void set_user(struct icap_identity *id, const char *p, size_t n)
{
    id->user_len = n < sizeof id->user ? n : sizeof id->user;
    memcpy(id->user, p, id->user_len);
}

/* "Local://user", in base64 or, by some, as it is; the directory's name goes. */
static void read_authenticated(struct reader value, struct icap_identity *id)
{
    char text[ICAP_USER_MAX + 64];
    const char *p = text;
    size_t n = decode64(value, text, sizeof text);
    if (n == 0) {
        p = (const char *)value.p;
        n = reader_left(&value);
    }
    const char *scheme = n ? memmem(p, n, "://", 3) : NULL;
    if (scheme) {
        n -= (size_t)(scheme + 3 - p);
        p = scheme + 3;
    }
    if (n)
        set_user(id, p, n);
}

static struct addr read_addr(struct reader value)
{
    struct addr a;
    if (reader_left(&value) > 2 && value.p[0] == '[' && value.end[-1] == ']') {
        value.p++;
        value.end--;
    }
    if (!addr_parse((const char *)value.p, reader_left(&value), &a))
        return (struct addr){.family = ADDR_NONE};
    return a;
}

static uint16_t read_port(struct reader value)
{
    uint32_t port = 0;
    while (reader_left(&value)) {
        uint8_t c = reader_u8(&value);
        if (c < '0' || c > '9')
            return 0;
        port = port * 10 + (uint32_t)(c - '0');
        if (port > UINT16_MAX)
            return 0;
    }
    return (uint16_t)port;
}

void icap_identity_header(struct reader line, struct icap_identity *id)
{
    struct reader value;
    if (reader_left(&line) == 0 || (line.p[0] | 0x20) != 'x')
        return;
    if (icap_header(line, "X-Client-IP", &value))
        id->client = read_addr(value);
    else if (icap_header(line, "X-Client-Port", &value))
        id->client_port = read_port(value);
    else if (icap_header(line, "X-Server-IP", &value))
        id->server = read_addr(value);
    else if (icap_header(line, "X-Client-Username", &value) && reader_left(&value))
        set_user(id, (const char *)value.p, reader_left(&value));
    else if (icap_header(line, "X-Authenticated-User", &value) && id->user_len == 0)
        read_authenticated(value, id);
}
