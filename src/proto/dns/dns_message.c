#include "proto/dns/dns_message.h"

#define DNS_HOST_NAME_MAX 253

bool dns_open(struct dns_message *m, const uint8_t *data, size_t len)
{
    struct reader r = reader_of(data, len);
    m->data = data;
    m->len = len;
    m->id = reader_be16(&r);
    m->flags = reader_be16(&r);
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        m->count[i] = reader_be16(&r);
    return !r.bad;
}

struct dns_walk dns_begin(const struct dns_message *m)
{
    return (struct dns_walk){m, reader_of(m->data + DNS_HEADER_LEN, m->len - DNS_HEADER_LEN), DNS_LABELS_MAX, 0};
}

/* RFC 1035 4.1.4, without following pointers. */
static bool skip_name(struct reader *r)
{
    for (;;) {
        uint8_t len = reader_u8(r);
        if (r->bad)
            return false;
        if (len == 0)
            return true;
        if (len >= 0xc0)
            return reader_skip(r, 1);
        if (len >= 0x40 || !reader_skip(r, len))
            return false;
    }
}

/* One label to the end of the name; what does not fit is cut. */
static void append(struct dns_walk *w, struct dns_name *n, const uint8_t *label, uint8_t len)
{
    size_t room = DNS_NAME_MAX - n->len;
    if (n->len > 0 && room > 0) {
        n->text[n->len++] = '.';
        room--;
    }
    size_t take = len < room ? len : room;
    for (size_t i = 0; i < take; i++) {
        uint8_t c = label[i];
        if (c <= 0x20 || c >= 0x7f || c == '.')
            n->plain = false;
        n->text[n->len + i] = (char)c;
    }
    n->len = (uint16_t)(n->len + take);
    if (take < len) {
        n->truncated = true;
        w->flaws |= DNS_FLAW_NAME_TOO_LONG;
    }
}

/* Expansion of a name: where it is read now, and what was spent. */
struct expansion {
    struct reader r;
    struct reader *after; /* set to the byte behind the name, at the first jump or the end */
    unsigned jumps;
    unsigned labels;
};

/* Follow a pointer. False: malformed. *end: stop here with what there is. */
static bool jump(struct dns_walk *w, struct expansion *e, struct dns_name *n, uint8_t high, bool *end)
{
    size_t to = ((size_t)high & 0x3f) << 8 | reader_u8(&e->r);
    if (e->r.bad || to >= w->m->len)
        return false;
    if (e->jumps == 0)
        *e->after = e->r;
    if (++e->jumps > DNS_NAME_JUMPS_MAX) {
        w->flaws |= DNS_FLAW_LOOP;
        n->truncated = true;
        *end = true;
    }
    e->r = reader_of(w->m->data + to, w->m->len - to);
    return true;
}

/* A label of a name. False: malformed. *end: stop here; once a pointer was followed there is no need to go on when the
 * name is full, as the byte behind it is known. */
static bool label(struct dns_walk *w, struct expansion *e, struct dns_name *n, uint8_t len, bool *end)
{
    const uint8_t *p = reader_take(&e->r, len);
    if (p == NULL)
        return false;
    if (w->labels == 0) {
        w->flaws |= DNS_FLAW_LABELS;
        return false;
    }
    w->labels--;
    if (++e->labels > DNS_NAME_LABELS_MAX) {
        w->flaws |= DNS_FLAW_LABELS;
        n->truncated = true;
    } else if (!n->truncated) {
        append(w, n, p, len);
    }
    *end = n->truncated && e->jumps > 0;
    return true;
}

bool dns_read_name(struct dns_walk *w, struct reader *r, struct dns_name *out)
{
    if (out == NULL)
        return skip_name(r);
    struct expansion e = {.r = *r, .after = r};
    bool end = false;
    out->len = 0;
    out->truncated = false;
    out->plain = true;
    while (!end) {
        uint8_t len = reader_u8(&e.r);
        if (e.r.bad)
            return false;
        if (len == 0)
            break;
        bool good = len >= 0xc0 ? jump(w, &e, out, len, &end) : len < 0x40 && label(w, &e, out, len, &end);
        if (!good)
            return false;
    }
    if (e.jumps == 0)
        *r = e.r;
    if (out->truncated || out->len > DNS_HOST_NAME_MAX)
        out->plain = false;
    return true;
}

bool dns_read_query(struct dns_walk *w, struct dns_query *q)
{
    if (!dns_read_name(w, &w->r, &q->name))
        return false;
    q->type = reader_be16(&w->r);
    q->class = reader_be16(&w->r);
    return !w->r.bad;
}

bool dns_read_record(struct dns_walk *w, struct dns_record *rr, bool with_name)
{
    if (!dns_read_name(w, &w->r, with_name ? &rr->name : NULL))
        return false;
    rr->type = reader_be16(&w->r);
    rr->class = reader_be16(&w->r);
    rr->ttl = reader_be32(&w->r);
    rr->data = reader_sub(&w->r, reader_be16(&w->r));
    return !w->r.bad;
}

void dns_name_lower(struct dns_name *n)
{
    for (size_t i = 0; i < n->len; i++)
        if (n->text[i] >= 'A' && n->text[i] <= 'Z')
            n->text[i] = (char)(n->text[i] + 32);
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Units of a byte count and its bytes (TXT, RFC 1035 3.3.14), or of a code, a count and its bytes (OPT, RFC
 * 6891 6.1.2). */
static bool units_are_sound(struct reader r, bool options)
{
    while (reader_left(&r) > 0 && !r.bad) {
        if (options)
            reader_skip(&r, 2);
        reader_skip(&r, options ? reader_be16(&r) : reader_u8(&r));
    }
    return !r.bad;
}

/* Can the record's data be read as its type says? Empty data is sound: updates have it (RFC 2136 2.4). */
static bool data_is_sound(struct dns_walk *w, const struct dns_record *rr, struct dns_name *scratch)
{
    struct reader r = rr->data;
    if (reader_left(&r) == 0)
        return true;
    switch (rr->type) {
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
        return dns_read_name(w, &r, scratch);
    case DNS_MX: /* RFC 1035 3.3.9 */
        return reader_skip(&r, 2) && dns_read_name(w, &r, scratch);
    case DNS_SRV: /* RFC 2782 */
        return reader_skip(&r, 6) && dns_read_name(w, &r, scratch);
    case DNS_SOA: /* RFC 1035 3.3.13 */
        return dns_read_name(w, &r, scratch) && dns_read_name(w, &r, scratch) && reader_skip(&r, 20);
    case DNS_SSHFP: /* RFC 4255 3.1 */
        return reader_skip(&r, 2);
    case DNS_TXT:
        return units_are_sound(r, false);
    case DNS_OPT:
        return units_are_sound(r, true);
    default:
        return true;
    }
}

/* Read n entries of a section. Returns how many can be. */
static unsigned check_section(struct dns_walk *w, unsigned section, unsigned n)
{
    struct dns_query q;
    struct dns_record rr;
    for (unsigned i = 0; i < n; i++) {
        bool good = section == DNS_QUERIES ? dns_read_query(w, &q)
                                           : dns_read_record(w, &rr, true) && data_is_sound(w, &rr, &rr.name);
        if (!good)
            return i;
    }
    return n;
}

unsigned dns_check(struct dns_message *m)
{
    static const unsigned section_flaw[DNS_SECTIONS] = {DNS_FLAW_MALFORMED, DNS_FLAW_MALFORMED, DNS_FLAW_AUTHORITIES,
                                                        DNS_FLAW_ADDITIONALS};
    struct dns_walk w = dns_begin(m);
    bool over = false;
    for (unsigned s = 0; s < DNS_SECTIONS; s++) {
        unsigned want = over ? 0 : m->count[s] < DNS_RECORDS_MAX ? m->count[s] : DNS_RECORDS_MAX;
        unsigned got = check_section(&w, s, want);
        if (got < want)
            w.flaws |= section_flaw[s];
        else if (!over && got < m->count[s])
            w.flaws |= DNS_FLAW_RECORDS;
        over = over || got < m->count[s];
        m->count[s] = (uint16_t)got;
    }
    return w.flaws;
}
