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

/* The root is an empty text. */
static bool give(const struct proto_ask *a, const struct dns_name *n, struct proto_bytes *out)
{
    buf_clear(a->work);
    if (!buf_reserve(a->work, 1) || !buf_add(a->work, n->text, n->len))
        return false;
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return true;
}

/* Where in a message we are: each item is found from the one before, so that all of them cost one walk. */
struct place {
    uint64_t at; /* bytes behind the header */
    uint64_t section;
    uint64_t entry;
    uint64_t labels; /* of the walk */
};

static bool walk_from(const struct dns_message *m, const struct place *pl, struct dns_walk *w)
{
    *w = dns_begin(m);
    if (pl->labels)
        w->labels = (unsigned)pl->labels;
    return reader_skip(&w->r, (size_t)pl->at);
}

static void leave(const struct dns_message *m, const struct dns_walk *w, struct place *pl)
{
    struct dns_walk begin = dns_begin(m);
    pl->at = (uint64_t)(w->r.p - begin.r.p);
    pl->labels = w->labels ? w->labels : 1;
    pl->entry++;
}

/* The next entry of the sections from first to last; with_name: its name, too. False: there is none. */
static bool next_entry(const struct dns_message *m, unsigned last, struct place *pl, struct dns_walk *w, bool with_name,
                       struct dns_record *rr)
{
    while (pl->section <= last && pl->entry >= m->count[pl->section]) {
        pl->section++;
        pl->entry = 0;
    }
    if (pl->section > last || !walk_from(m, pl, w))
        return false;
    if (pl->section != DNS_QUERIES) {
        if (!dns_read_record(w, rr, with_name))
            return false;
    } else {
        struct dns_query q;
        if (!dns_read_query(w, &q))
            return false;
        *rr = (struct dns_record){.name = q.name, .type = q.type, .class = q.class};
    }
    leave(m, w, pl);
    return true;
}

/* The name in a record's data, of those types whose data is one or begins with one. */
static bool name_in_data(struct dns_walk *w, const struct dns_record *rr, struct dns_name *out)
{
    struct reader r = rr->data;
    switch (rr->type) {
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
    case DNS_SOA:
        return reader_left(&r) && dns_read_name(w, &r, out);
    case DNS_MX: /* behind the preference */
        return reader_left(&r) > 2 && reader_skip(&r, 2) && dns_read_name(w, &r, out);
    default:
        return false;
    }
}

/* The cursor's words: the place of the next entry, or with OF_DATA in `entry` that of the one whose data is next. */
#define OF_DATA (UINT64_C(1) << 32)

/* The next name of the sections from first to last; data: those in records' data, too. */
static bool next_name(const struct dns_message *m, unsigned first, unsigned last, bool data, uint64_t cursor[4],
                      struct dns_name *out)
{
    struct dns_walk w;
    struct dns_record rr;
    for (;;) {
        struct place pl = {cursor[0], cursor[1], cursor[2] & ~OF_DATA, cursor[3]};
        bool of_data = cursor[2] & OF_DATA;
        struct place before = pl;
        if (!next_entry(m, last, &pl, &w, !of_data, &rr))
            return false;
        /* next_entry may have gone to the next section first. */
        uint64_t section = pl.section;
        bool wanted = section >= first;
        bool later = wanted && data && !of_data && section != DNS_QUERIES;
        cursor[0] = later ? before.at : pl.at;
        cursor[1] = section;
        cursor[2] = later ? (pl.entry - 1) | OF_DATA : pl.entry;
        cursor[3] = later ? before.labels : pl.labels;
        if (!wanted)
            continue;
        if (!of_data) {
            *out = rr.name;
            return true;
        }
        if (name_in_data(&w, &rr, out))
            return true;
    }
}

/* The index-th name of the sections from first to last. */
static bool name_of(const struct proto_ask *a, enum dns_section first, enum dns_section last, bool data,
                    struct proto_bytes *out)
{
    struct dns_message m;
    struct dns_name name;
    uint64_t own[4] = {0}, *cursor = a->cursor ? a->cursor : own;
    unsigned steps = a->cursor ? 1 : a->index + 1;
    if (!open_message(a, &m))
        return false;
    for (unsigned i = 0; i < steps; i++)
        if (!next_name(&m, first, last, data, cursor, &name))
            return false;
    return give(a, &name, out);
}

static bool query(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && name_of(a, DNS_QUERIES, DNS_QUERIES, false, out);
}

static bool queries(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_QUERIES, DNS_QUERIES, false, out);
}

static bool answers(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_ANSWERS, DNS_ANSWERS, false, out);
}

static bool authorities(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_AUTHORITIES, DNS_AUTHORITIES, false, out);
}

static bool additionals(const struct proto_ask *a, struct proto_bytes *out)
{
    return name_of(a, DNS_ADDITIONALS, DNS_ADDITIONALS, false, out);
}

static bool response(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_CLIENT && name_of(a, DNS_QUERIES, DNS_ADDITIONALS, true, out);
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
    struct dns_walk w;
    struct dns_record rr;
    struct place pl = {0};
    unsigned steps = a->cursor ? 1 : a->index + 1;
    if (!open_message(a, &m))
        return false;
    if (a->cursor)
        pl = (struct place){a->cursor[0], a->cursor[1], a->cursor[2], a->cursor[3]};
    for (unsigned i = 0; i < steps; i++)
        if (!next_entry(&m, DNS_ANSWERS, &pl, &w, false, &rr))
            return false;
    if (a->cursor) {
        a->cursor[0] = pl.at;
        a->cursor[1] = pl.section;
        a->cursor[2] = pl.entry;
        a->cursor[3] = pl.labels;
    }
    *out = rr.type;
    return true;
}

const struct proto_number dns_numbers[] = {
    {"dns.opcode", opcode}, {"dns.rcode", rcode}, {"dns.rrtype", rrtype}, {NULL, NULL}};
