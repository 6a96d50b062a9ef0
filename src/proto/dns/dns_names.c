/* Names for the passive cache: what a response says of the name that was asked for. */
#include <stdlib.h>

#include "core/hash.h"
#include "proto/dns/dns_private.h"

#define DNS_CHAIN_MAX 16 /* CNAMEs that are followed: of a longer chain nothing is reported */

static uint64_t key_of(const struct dns_pending *p, const struct dns_message *m, const struct dns_query *q)
{
    uint64_t what = (uint64_t)m->id << 32 | (uint64_t)q->type << 16 | q->class;
    return hash_bytes(q->name.text, q->name.len, hash_mix(p->seed, what)) | 1;
}

/* The only question, in lower case. False: not one that a host's address can answer. */
static bool question(struct dns_walk *w, struct dns_query *q)
{
    if (w->m->count[DNS_QUERIES] != 1 || dns_opcode(w->m->flags) != 0 || !dns_read_query(w, q))
        return false;
    dns_name_lower(&q->name);
    return q->class == DNS_CLASS_IN && q->name.plain && q->name.len > 0;
}

/* The oldest of few is still waiting: room for more, oldest first. Without memory it is forgotten. */
static void grow(struct dns_pending *p)
{
    p->many = calloc(DNS_PENDING_MAX, sizeof *p->many);
    if (!p->many)
        return;
    for (unsigned i = 0; i < DNS_PENDING_FEW; i++)
        p->many[i] = p->few[(p->next + i) % DNS_PENDING_FEW];
    p->next = DNS_PENDING_FEW;
}

void dns_names_query(struct dns_pending *p, const struct dns_message *m)
{
    struct dns_walk w = dns_begin(m);
    struct dns_query q;
    if (!question(&w, &q))
        return;
    if (!p->many && p->few[p->next])
        grow(p);
    uint64_t *key = p->many ? p->many : p->few;
    key[p->next] = key_of(p, m, &q);
    p->next = (uint8_t)((p->next + 1) % (p->many ? DNS_PENDING_MAX : DNS_PENDING_FEW));
}

static bool take_pending(struct dns_pending *p, uint64_t key)
{
    uint64_t *at = p->many ? p->many : p->few;
    for (unsigned n = p->many ? DNS_PENDING_MAX : DNS_PENDING_FEW; n; n--, at++) {
        if (*at == key) {
            *at = 0;
            return true;
        }
    }
    return false;
}

void dns_names_fini(struct dns_pending *p)
{
    free(p->many);
    p->many = NULL;
}

/* Where the chain from the asked name stands. */
struct chain {
    struct dns_name at;
    uint32_t ttl; /* least so far */
    unsigned hops;
    unsigned reported;
};

static uint32_t least_ttl(uint32_t a, uint32_t b)
{
    if (b > INT32_MAX) /* RFC 2181 8 */
        b = 0;
    return a < b ? a : b;
}

/* One record of the answers whose name is the chain's. */
static void follow(struct dns_walk *w, struct dns_record *rr, struct chain *c, struct name_answer *a,
                   struct proto_io *io)
{
    size_t len = reader_left(&rr->data);
    if (rr->type == DNS_CNAME) {
        if (dns_read_name(w, &rr->data, &c->at)) {
            dns_name_lower(&c->at);
            c->ttl = least_ttl(c->ttl, rr->ttl);
        }
        c->hops++;
        return;
    }
    if (rr->type == DNS_A && len == 4)
        a->addr = addr_v4(rr->data.p);
    else if (rr->type == DNS_AAAA && len == 16)
        a->addr = addr_v6(rr->data.p);
    else
        return;
    a->ttl = least_ttl(c->ttl, rr->ttl);
    io->engine->name(io, a);
    c->reported++;
}

/* Once over the answers, which usually are in the chain's order. */
static void follow_all(struct dns_walk w, struct chain *c, struct name_answer *a, struct proto_io *io)
{
    struct dns_record rr;
    for (unsigned i = 0; i < w.m->count[DNS_ANSWERS] && c->hops <= DNS_CHAIN_MAX; i++) {
        if (!dns_read_record(&w, &rr, true))
            return;
        dns_name_lower(&rr.name);
        if (rr.class == DNS_CLASS_IN && dns_name_equal(&rr.name, &c->at))
            follow(&w, &rr, c, a, io);
    }
}

void dns_names_response(struct dns_pending *p, const struct dns_message *m, struct proto_io *io)
{
    struct dns_walk w = dns_begin(m);
    struct dns_query q;
    if (!question(&w, &q) || !take_pending(p, key_of(p, m, &q)))
        return;
    if ((m->flags & 15) != 0 || m->count[DNS_ANSWERS] == 0)
        return;
    struct name_answer a = {.name = q.name.text, .name_len = q.name.len};
    struct chain c;
    c.at.len = q.name.len;
    memcpy(c.at.text, q.name.text, q.name.len);
    c.ttl = UINT32_MAX;
    c.hops = c.reported = 0;
    unsigned hops;
    do {
        hops = c.hops;
        follow_all(w, &c, &a, io);
    } while (c.reported == 0 && c.hops > hops && c.hops <= DNS_CHAIN_MAX);
}
