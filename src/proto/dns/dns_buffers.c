/* What rules look at in a DNS message. */
#include "proto/dns/dns_private.h"

static bool open_message(const struct proto_ask *a, struct dns_message *m)
{
    const struct dns_tx *t = (const struct dns_tx *)a->tx;
    if (!dns_open(m, t->data, t->len))
        return false;
    memcpy(m->count, t->count, sizeof m->count);
    return (a->dir == TO_CLIENT) == ((m->flags & DNS_QR) != 0);
}

static bool give(const struct proto_ask *a, const struct dns_name *n, struct proto_bytes *out)
{
    buf_clear(a->work);
    if (!buf_add(a->work, n->text, n->len) || !n->len)
        return false;
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return true;
}

/* The index-th name of the sections from first to last. */
static bool name_of(const struct proto_ask *a, enum dns_section first, enum dns_section last, struct proto_bytes *out)
{
    struct dns_message m;
    unsigned at = 0;
    if (!open_message(a, &m))
        return false;
    struct dns_walk w = dns_begin(&m);
    struct dns_query q;
    struct dns_record rr;
    for (unsigned s = DNS_QUERIES; s <= (unsigned)last; s++)
        for (unsigned i = 0; i < m.count[s]; i++) {
            bool is = s >= (unsigned)first && at++ == a->index;
            if (s == DNS_QUERIES ? !dns_read_query(&w, &q) : !dns_read_record(&w, &rr, is))
                return false;
            if (is)
                return give(a, s == DNS_QUERIES ? &q.name : &rr.name, out);
        }
    return false;
}

static bool query(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && name_of(a, DNS_QUERIES, DNS_QUERIES, out);
}

static bool queries(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_QUERIES, DNS_QUERIES, out);
}

static bool answers(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_ANSWERS, DNS_ANSWERS, out);
}

static bool authorities(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_AUTHORITIES, DNS_AUTHORITIES, out);
}

static bool additionals(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_ADDITIONALS, DNS_ADDITIONALS, out);
}

static bool response(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_CLIENT && name_of(a, DNS_QUERIES, DNS_ADDITIONALS, out);
}

const struct proto_buffer dns_buffers[] = {
    {"dns_query", query},
    {"dns.queries.rrname", queries},
    {"dns.answers.rrname", answers},
    {"dns.authorities.rrname", authorities},
    {"dns.additionals.rrname", additionals},
    {"dns.response.rrname", response},
    {NULL, NULL},
};

static bool opcode(const struct proto_ask *a, uint64_t *out)
{
    struct dns_message m;
    if (a->index || !open_message(a, &m))
        return false;
    *out = dns_opcode(m.flags);
    return true;
}

static bool rcode(const struct proto_ask *a, uint64_t *out)
{
    struct dns_message m;
    if (a->index || a->dir != TO_CLIENT || !open_message(a, &m))
        return false;
    *out = m.flags & 15u;
    return true;
}

/* Types of the questions, then of the answers. */
static bool rrtype(const struct proto_ask *a, uint64_t *out)
{
    struct dns_message m;
    unsigned at = 0;
    if (!open_message(a, &m))
        return false;
    struct dns_walk w = dns_begin(&m);
    struct dns_query q;
    struct dns_record rr;
    for (unsigned i = 0; i < m.count[DNS_QUERIES]; i++, at++) {
        if (!dns_read_query(&w, &q))
            return false;
        *out = q.type;
        if (at == a->index)
            return true;
    }
    for (unsigned i = 0; i < m.count[DNS_ANSWERS]; i++, at++) {
        if (!dns_read_record(&w, &rr, false))
            return false;
        *out = rr.type;
        if (at == a->index)
            return true;
    }
    return false;
}

const struct proto_number dns_numbers[] = {
    {"dns.opcode", opcode}, {"dns.rcode", rcode}, {"dns.rrtype", rrtype}, {NULL, NULL}};
