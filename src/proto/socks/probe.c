/* Is it SOCKS? Few bytes decide, and many protocols begin with a 4 or a 5: it takes the answer to be sure. */
#include "proto/socks/negotiation.h"

/* A SOCKS4 string longer than that is none. */
#define PROBE_TEXT_MAX 512

enum match { MATCH_NO, MATCH_PART, MATCH_WHOLE };

/* What the two sides of a negotiation said, by their roles in it. */
struct talk {
    struct reader client;
    struct reader server;
};

static bool is_socks_port(uint16_t port)
{
    return (port >= 1080 && port <= 1089) || port == 9050 || port == 9150;
}

static bool printable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] == 0x7f)
            return false;
    return true;
}

/* A zero-terminated string without control characters. */
static enum match match_text(struct reader *r)
{
    size_t left = reader_left(r);
    size_t most = left < PROBE_TEXT_MAX ? left : PROBE_TEXT_MAX;
    const uint8_t *zero = memchr(r->p, 0, most);
    size_t n = zero ? (size_t)(zero - r->p) : most;
    if (!printable(r->p, n))
        return MATCH_NO;
    if (!zero)
        return n == PROBE_TEXT_MAX ? MATCH_NO : MATCH_PART;
    reader_skip(r, n + 1);
    return MATCH_WHOLE;
}

/* SOCKS4: VN, CD, DSTPORT, DSTIP, user id, and the host if DSTIP is 0.0.0.x */
static enum match match_request4(struct reader *r, uint8_t *command)
{
    size_t left = reader_left(r);
    uint8_t version = reader_u8(r);
    *command = reader_u8(r);
    uint16_t port = reader_be16(r);
    uint32_t ip = reader_be32(r);
    if (left >= 1 && version != SOCKS_VERSION_4)
        return MATCH_NO;
    if (left >= 2 && *command != SOCKS_CONNECT && *command != SOCKS_BIND)
        return MATCH_NO;
    if (left >= 4 && *command == SOCKS_CONNECT && port == 0)
        return MATCH_NO;
    if (r->bad)
        return MATCH_PART;
    enum match user = match_text(r);
    if (user != MATCH_WHOLE)
        return user;
    if (ip == 0 || ip > 0xff)
        return MATCH_WHOLE;
    if (reader_left(r) > 0 && *r->p == 0)
        return MATCH_NO; /* a name that is none */
    return match_text(r);
}

static enum match match_reply4(struct reader *r)
{
    size_t left = reader_left(r);
    uint8_t version = reader_u8(r);
    uint8_t code = reader_u8(r);
    if (left >= 1 && version != 0 && version != SOCKS_VERSION_4)
        return MATCH_NO;
    if (left >= 2 && (code < SOCKS4_GRANTED || code > SOCKS4_IDENTD_MISMATCH))
        return MATCH_NO;
    return left < 8 ? MATCH_PART : MATCH_WHOLE;
}

static enum proto_probe_result probe4(const struct talk *talk, const struct proto_probe *p, bool final)
{
    struct reader client = talk->client;
    struct reader server = talk->server;
    uint8_t command;
    enum match request = match_request4(&client, &command);
    enum match reply = match_reply4(&server);
    if (request == MATCH_NO || reply == MATCH_NO)
        return PROBE_NO;
    if (request == MATCH_WHOLE && reply == MATCH_WHOLE)
        return PROBE_YES;
    if (final && request == MATCH_WHOLE && (command == SOCKS_CONNECT || is_socks_port(p->dport)))
        return PROBE_YES;
    return PROBE_MORE;
}

/* RFC 1928 section 3: VER, NMETHODS, METHODS; FF can't be offered */
static enum match match_greeting(struct reader *r, struct reader *methods)
{
    size_t left = reader_left(r);
    uint8_t version = reader_u8(r);
    uint8_t count = reader_u8(r);
    if (left >= 1 && version != SOCKS_VERSION_5)
        return MATCH_NO;
    if (left >= 2 && count == 0)
        return MATCH_NO;
    if (r->bad)
        return MATCH_PART;
    size_t there = reader_left(r) < count ? reader_left(r) : count;
    *methods = reader_sub(r, there);
    if (there > 0 && memchr(methods->p, SOCKS_METHOD_UNACCEPTABLE, there))
        return MATCH_NO;
    return there < count ? MATCH_PART : MATCH_WHOLE;
}

/* The server's answer: a method out of the list; what follows it must be what that method lets the server say next. */
static enum match match_method(struct reader *r, const struct reader *methods, bool whole)
{
    size_t left = reader_left(r);
    uint8_t version = reader_u8(r);
    uint8_t method = reader_u8(r);
    if (left >= 1 && version != SOCKS_VERSION_5)
        return MATCH_NO;
    if (r->bad)
        return MATCH_PART;
    if (whole && method != SOCKS_METHOD_UNACCEPTABLE && !memchr(methods->p, method, reader_left(methods)))
        return MATCH_NO;
    if (reader_left(r) == 0)
        return MATCH_WHOLE;
    uint8_t next = *r->p;
    if (method == SOCKS_METHOD_NONE)
        return next == SOCKS_VERSION_5 ? MATCH_WHOLE : MATCH_NO;
    if (method == SOCKS_METHOD_GSSAPI)
        return next == 1 ? MATCH_WHOLE : MATCH_NO;
    if (method == SOCKS_METHOD_USER) /* some servers answer 5 to the user name */
        return next == 1 || next == SOCKS_VERSION_5 ? MATCH_WHOLE : MATCH_NO;
    return MATCH_WHOLE;
}

/* RFC 1929 section 2: VER, ULEN, UNAME, PLEN, PASSWD, when the client sends it unasked */
static enum match match_user(struct reader *r)
{
    reader_skip(r, 1);
    reader_skip(r, reader_u8(r));
    reader_skip(r, reader_u8(r));
    return r->bad ? MATCH_PART : MATCH_WHOLE;
}

/* RFC 1928 section 4: VER, CMD, RSV, ATYP, DST.ADDR, DST.PORT */
static enum match match_request5(struct reader *r)
{
    size_t left = reader_left(r);
    uint8_t version = reader_u8(r);
    uint8_t command = reader_u8(r);
    uint8_t reserved = reader_u8(r);
    uint8_t atyp = reader_u8(r);
    if (left >= 1 && version != SOCKS_VERSION_5)
        return MATCH_NO;
    if (left >= 2 && (command < SOCKS_CONNECT || command > SOCKS_UDP_ASSOCIATE))
        return MATCH_NO;
    if (left >= 3 && reserved != 0)
        return MATCH_NO;
    if (left >= 4 && atyp != SOCKS_ATYP_IPV4 && atyp != SOCKS_ATYP_DOMAIN && atyp != SOCKS_ATYP_IPV6)
        return MATCH_NO;
    if (atyp == SOCKS_ATYP_DOMAIN) {
        uint8_t len = reader_u8(r);
        const uint8_t *name = reader_take(r, len);
        if (name && (len == 0 || !printable(name, len)))
            return MATCH_NO;
    } else {
        reader_skip(r, atyp == SOCKS_ATYP_IPV4 ? 4 : 16);
    }
    uint16_t port = reader_be16(r);
    if (r->bad)
        return MATCH_PART;
    return port == 0 && command == SOCKS_CONNECT ? MATCH_NO : MATCH_WHOLE;
}

/* What a client sent behind its greeting without waiting: MATCH_WHOLE when the request is there. */
static enum match match_pipelined(struct reader *r)
{
    if (reader_left(r) == 0)
        return MATCH_PART;
    if (*r->p == 1) {
        enum match user = match_user(r);
        if (user != MATCH_WHOLE)
            return user;
    }
    return match_request5(r);
}

/* The client's next message begins with 5, or with 1 when it authenticates; private methods begin as they like. */
static bool plausible_next(const struct reader *client, const struct reader *answer)
{
    if (reader_left(client) == 0 || reader_left(answer) < 2)
        return true;
    return answer->p[1] > SOCKS_METHOD_USER || *client->p == 1 || *client->p == SOCKS_VERSION_5;
}

static enum proto_probe_result probe5(const struct talk *talk, const struct proto_probe *p, bool final)
{
    struct reader client = talk->client;
    struct reader server = talk->server;
    struct reader methods = reader_of(NULL, 0);
    enum match greeting = match_greeting(&client, &methods);
    if (greeting == MATCH_NO)
        return PROBE_NO;
    enum match answer = match_method(&server, &methods, greeting == MATCH_WHOLE);
    if (answer == MATCH_NO || (greeting == MATCH_WHOLE && !plausible_next(&client, &talk->server)))
        return PROBE_NO;
    if (greeting == MATCH_WHOLE && answer == MATCH_WHOLE)
        return PROBE_YES;
    if (!final || greeting != MATCH_WHOLE)
        return PROBE_MORE;
    enum match rest = match_pipelined(&client);
    if (rest == MATCH_WHOLE || (rest == MATCH_PART && is_socks_port(p->dport)))
        return PROBE_YES;
    return PROBE_MORE;
}

static enum proto_probe_result probe_roles(const struct talk *talk, const struct proto_probe *p, bool final)
{
    if (reader_left(&talk->client) > 0)
        return *talk->client.p == SOCKS_VERSION_4   ? probe4(talk, p, final)
               : *talk->client.p == SOCKS_VERSION_5 ? probe5(talk, p, final)
                                                    : PROBE_NO;
    /* Only the server was heard: it can be an answer, but is no proof. */
    struct reader server = talk->server;
    struct reader none = reader_of(NULL, 0);
    if (match_reply4(&server) != MATCH_NO)
        return PROBE_MORE;
    server = talk->server;
    return match_method(&server, &none, false) != MATCH_NO ? PROBE_MORE : PROBE_NO;
}

enum proto_probe_result socks_probe(const struct proto_probe *p)
{
    struct reader to_server = reader_of(p->data[TO_SERVER], p->len[TO_SERVER]);
    struct reader to_client = reader_of(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    struct talk plain = {to_server, to_client};
    enum proto_probe_result result = probe_roles(&plain, p, p->final);
    if (result == PROBE_YES)
        return result;
    /* The other way round only an answer counts, whatever the port. */
    struct talk turned = {to_client, to_server};
    enum proto_probe_result reversed = probe_roles(&turned, p, false);
    if (reversed == PROBE_YES)
        return PROBE_YES_REVERSED;
    if (result == PROBE_NO && reversed == PROBE_NO)
        return PROBE_NO;
    return p->final ? PROBE_NO : PROBE_MORE;
}
