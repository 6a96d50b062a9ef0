#include "proto/dns/dns_private.h"

/* Ports (IANA). */
enum { PORT_DNS = 53, PORT_NETBIOS_NS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };

#define DNS_QUESTION_MIN 5   /* the root, a type and a class */
#define DNS_WIRE_MAX     255 /* characters of a name, RFC 1035 2.3.4 */

static bool is_cousin(uint16_t port)
{
    return port == PORT_NETBIOS_NS || port == PORT_MDNS || port == PORT_LLMNR;
}

/* The flags of a message that an ordinary client or server sends. Z is let pass: it has its own event. */
static bool flags_are_ordinary(uint16_t flags)
{
    unsigned op = dns_opcode(flags);
    if (op == 3 || op > 6) /* RFC 1035 4.1.1, 1996, 2136, 8490 */
        return false;
    return (flags & DNS_QR) != 0 || (flags & (DNS_AA | DNS_RA | 15)) == 0;
}

/* Counts that such a message has: one question, and in a query nothing that only answers have. */
static bool counts_are_ordinary(const struct dns_message *m)
{
    if (m->count[DNS_QUERIES] != 1)
        return false;
    if ((m->flags & DNS_QR) != 0 || dns_opcode(m->flags) != 0)
        return true;
    /* IXFR has an authority (RFC 1995 3); additionals are OPT, TSIG or SIG(0). */
    return m->count[DNS_ANSWERS] == 0 && m->count[DNS_AUTHORITIES] <= 1 && m->count[DNS_ADDITIONALS] <= 2;
}

static bool question_is_ordinary(const struct dns_query *q)
{
    if (q->name.truncated || q->name.len > DNS_WIRE_MAX || q->type == 0 || q->type == DNS_NB)
        return false;
    return q->class == DNS_CLASS_IN || q->class == DNS_CLASS_CH || q->class == DNS_CLASS_HS ||
           q->class == DNS_CLASS_ANY;
}

/* On the protocol's own port a broken message is a broken message of this protocol. The header must still be able to be
 * true: at least two bytes for each entry, no bytes behind an empty message, a question in a query. */
static enum proto_probe_result probe_known_port(const struct dns_message *m)
{
    size_t entries = 0;
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        entries += m->count[i];
    if (2 * entries > m->len || (entries == 0 && m->len > DNS_HEADER_LEN))
        return PROBE_NO;
    return m->count[DNS_QUERIES] == 0 && (m->flags & DNS_QR) == 0 ? PROBE_NO : PROBE_YES;
}

/* A datagram on any port: all of it must be a message. */
static enum proto_probe_result probe_datagram(const uint8_t *data, size_t len, bool known_port)
{
    struct dns_message m;
    struct dns_query q;
    if (!dns_open(&m, data, len))
        return PROBE_NO;
    if (known_port)
        return probe_known_port(&m);
    if (!flags_are_ordinary(m.flags) || !counts_are_ordinary(&m))
        return PROBE_NO;
    struct dns_walk w = dns_begin(&m);
    if (!dns_read_query(&w, &q) || !question_is_ordinary(&q))
        return PROBE_NO;
    return dns_check(&m) == 0 ? PROBE_YES : PROBE_NO;
}

enum proto_probe_result dns_probe_stream(const uint8_t *data, size_t len)
{
    struct reader r = reader_of(data, len);
    size_t size = reader_be16(&r);
    if (r.bad)
        return PROBE_MORE;
    if (size < DNS_HEADER_LEN + DNS_QUESTION_MIN)
        return PROBE_NO;
    struct dns_message m;
    if (!dns_open(&m, r.p, reader_left(&r) < size ? reader_left(&r) : size)) {
        /* What is there may say no already. */
        if (len >= 6 && !flags_are_ordinary(load_be16(data + 4)))
            return PROBE_NO;
        return len >= 8 && load_be16(data + 6) != 1 ? PROBE_NO : PROBE_MORE;
    }
    if (!flags_are_ordinary(m.flags) || !counts_are_ordinary(&m))
        return PROBE_NO;
    struct dns_walk w = dns_begin(&m);
    struct dns_query q;
    if (!dns_read_query(&w, &q)) {
        /* Cut short, and not yet longer than a question can be? */
        bool more = m.len < size && m.len <= DNS_HEADER_LEN + DNS_WIRE_MAX + 4;
        return more ? PROBE_MORE : PROBE_NO;
    }
    if (!question_is_ordinary(&q))
        return PROBE_NO;
    bool alone = m.count[DNS_ANSWERS] + m.count[DNS_AUTHORITIES] + m.count[DNS_ADDITIONALS] == 0;
    size_t end = (size_t)(w.r.p - m.data);
    return alone && end != size ? PROBE_NO : PROBE_YES;
}

static enum proto_probe_result probe_side(const struct proto_probe *p, enum flow_dir d, bool known_port)
{
    if (p->transport == PROTO_UDP)
        return probe_datagram(p->data[d], p->len[d], known_port);
    enum proto_probe_result r = dns_probe_stream(p->data[d], p->len[d]);
    if (r == PROBE_NO && known_port && p->len[d] >= 2 + DNS_HEADER_LEN) {
        struct dns_message m;
        size_t size = load_be16(p->data[d]);
        if (size >= DNS_HEADER_LEN && dns_open(&m, p->data[d] + 2, DNS_HEADER_LEN)) {
            m.len = size;
            r = probe_known_port(&m);
        }
    }
    return r;
}

enum proto_probe_result dns_probe(const struct proto_probe *p)
{
    bool known_port = p->sport == PORT_DNS || p->dport == PORT_DNS;
    if (p->transport == PROTO_UDP && !known_port && (is_cousin(p->sport) || is_cousin(p->dport)))
        return PROBE_NO;
    enum proto_probe_result result = PROBE_MORE;
    for (unsigned d = 0; d < 2; d++) {
        if (p->len[d] == 0)
            continue;
        enum proto_probe_result r = probe_side(p, (enum flow_dir)d, known_port);
        if (r == PROBE_NO)
            return PROBE_NO;
        if (r != PROBE_YES || result != PROBE_MORE)
            continue;
        size_t flags_at = p->transport == PROTO_UDP ? 2 : 4;
        bool response = (load_be16(p->data[d] + flags_at) & DNS_QR) != 0;
        result = response == (d == TO_CLIENT) ? PROBE_YES : PROBE_YES_REVERSED;
    }
    return result;
}
