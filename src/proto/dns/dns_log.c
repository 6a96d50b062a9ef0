/* The members of a dns record: of version 3, and of version 2, which tells less of requests. */
#include "proto/dns/dns_private.h"
#include "proto/dns/dns_text.h"

#define DNS_GROUPS_MAX 16 /* types that `grouped` tells apart; others are in `answers` only */

static void log_name(struct json *j, const char *key, const char *truncated_key, const struct dns_name *n)
{
    json_bytes(j, key, n->text, n->len);
    if (n->truncated)
        json_bool(j, truncated_key, true);
}

static void log_type(struct json *j, uint16_t type)
{
    char text[DNS_TEXT_MAX];
    json_str(j, "rrtype", dns_type_text(type, text));
}

/* Of a length that is none of an address: an empty text. */
static void log_address(struct json *j, const char *key, const struct reader *data, uint16_t type)
{
    struct addr a = {.family = ADDR_NONE};
    if (type == DNS_A && reader_left(data) == 4)
        a = addr_v4(data->p);
    else if (type == DNS_AAAA && reader_left(data) == 16)
        a = addr_v6(data->p);
    char text[ADDR_TEXT_MAX];
    addr_print(&a, true, text);
    json_str(j, key, text);
}

static void log_soa(struct json *j, const char *key, struct dns_walk *w, struct reader r)
{
    static const char *const numbers[] = {"serial", "refresh", "retry", "expire", "minimum"};
    struct dns_name n;
    json_open_object(j, key);
    if (dns_read_name(w, &r, &n))
        log_name(j, "mname", "mname_truncated", &n);
    if (dns_read_name(w, &r, &n))
        log_name(j, "rname", "rname_truncated", &n);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_u64(j, numbers[i], reader_be32(&r));
    json_end_object(j);
}

static void log_srv(struct json *j, const char *key, struct dns_walk *w, struct reader r)
{
    struct dns_name n;
    json_open_object(j, key);
    json_u64(j, "priority", reader_be16(&r));
    json_u64(j, "weight", reader_be16(&r));
    json_u64(j, "port", reader_be16(&r));
    if (dns_read_name(w, &r, &n))
        json_bytes(j, "name", n.text, n.len);
    json_end_object(j);
}

static void log_sshfp(struct json *j, const char *key, struct reader r)
{
    uint8_t algo = reader_u8(&r), type = reader_u8(&r);
    json_open_object(j, key);
    json_hex(j, "fingerprint", r.p, reader_left(&r), ':');
    json_u64(j, "algo", algo);
    json_u64(j, "type", type);
    json_end_object(j);
}

static void log_options(struct json *j, struct reader r)
{
    json_open_array(j, "opt");
    while (reader_left(&r) > 0) {
        uint16_t code = reader_be16(&r);
        struct reader data = reader_sub(&r, reader_be16(&r));
        if (r.bad)
            break;
        json_open_object(j, NULL);
        json_u64(j, "code", code);
        json_hex(j, "data", data.p, reader_left(&data), 0);
        json_end_object(j);
    }
    json_end_array(j);
}

/* The value of a record as one member; grouped ones have no key and no flags. False: the type has none. */
static bool log_value(struct json *j, bool grouped, struct dns_walk *w, const struct dns_record *rr)
{
    struct reader r = rr->data;
    struct dns_name n;
    if (reader_left(&r) == 0 && rr->type != DNS_NULL)
        return false;
    switch (rr->type) {
    case DNS_A:
    case DNS_AAAA:
        log_address(j, grouped ? NULL : "rdata", &r, rr->type);
        return true;
    case DNS_MX:
        reader_skip(&r, 2); /* the preference */
        /* fallthrough */
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
        if (!dns_read_name(w, &r, &n))
            return false;
        json_bytes(j, grouped ? NULL : "rdata", n.text, n.len);
        if (n.truncated && !grouped)
            json_bool(j, "rdata_truncated", true);
        return true;
    case DNS_NULL:
        json_bytes(j, grouped ? NULL : "rdata", r.p, reader_left(&r));
        return true;
    case DNS_SOA:
        log_soa(j, grouped ? NULL : "soa", w, r);
        return true;
    case DNS_SRV:
        log_srv(j, grouped ? NULL : "srv", w, r);
        return true;
    case DNS_SSHFP:
        log_sshfp(j, grouped ? NULL : "sshfp", r);
        return true;
    default:
        return false;
    }
}

static void log_record_head(struct json *j, const struct dns_record *rr)
{
    json_open_object(j, NULL);
    log_name(j, "rrname", "rrname_truncated", &rr->name);
    log_type(j, rr->type);
    json_u64(j, "ttl", rr->ttl);
}

/* One object; of a TXT record one for each of its strings. */
static void log_record(struct json *j, struct dns_walk *w, const struct dns_record *rr)
{
    if (rr->type != DNS_TXT) {
        log_record_head(j, rr);
        if (rr->type == DNS_OPT)
            log_options(j, rr->data);
        else
            log_value(j, false, w, rr);
        json_end_object(j);
        return;
    }
    struct reader r = rr->data;
    while (reader_left(&r) > 0) {
        struct reader text = reader_sub(&r, reader_u8(&r));
        if (r.bad)
            break;
        log_record_head(j, rr);
        json_bytes(j, "rdata", text.p, reader_left(&text));
        json_end_object(j);
    }
}

/* A section that holds at least one entry. An OPT without options is not written, as it says nothing. */
static void log_section(struct json *j, const char *key, struct dns_walk *w, unsigned count)
{
    bool open = false;
    struct dns_record rr;
    for (unsigned i = 0; i < count && dns_read_record(w, &rr, true); i++) {
        if (rr.type == DNS_OPT && reader_left(&rr.data) == 0)
            continue;
        if (!open)
            json_open_array(j, key);
        open = true;
        log_record(j, w, &rr);
    }
    if (open)
        json_end_array(j);
}

static void skip_section(struct dns_walk *w, unsigned count)
{
    struct dns_record rr;
    for (unsigned i = 0; i < count && dns_read_record(w, &rr, false); i++)
        ;
}

static bool is_grouped(uint16_t type)
{
    switch (type) {
    case DNS_A:
    case DNS_AAAA:
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
    case DNS_MX:
    case DNS_NULL:
    case DNS_SOA:
    case DNS_SRV:
    case DNS_SSHFP:
    case DNS_TXT:
        return true;
    default:
        return false;
    }
}

static void log_group(struct json *j, struct dns_walk w, unsigned count, uint16_t type)
{
    char text[DNS_TEXT_MAX];
    struct dns_record rr;
    json_open_array(j, dns_type_text(type, text));
    for (unsigned i = 0; i < count && dns_read_record(&w, &rr, false); i++) {
        if (rr.type != type)
            continue;
        if (type != DNS_TXT) {
            log_value(j, true, &w, &rr);
            continue;
        }
        while (reader_left(&rr.data) > 0) {
            struct reader string = reader_sub(&rr.data, reader_u8(&rr.data));
            json_bytes(j, NULL, string.p, reader_left(&string));
        }
    }
    json_end_array(j);
}

/* The answers' values by type, in order of the types' first appearance. */
static void log_grouped(struct json *j, struct dns_walk w, unsigned count)
{
    uint16_t types[DNS_GROUPS_MAX];
    unsigned n = 0;
    struct dns_walk first = w;
    struct dns_record rr;
    for (unsigned i = 0; i < count && dns_read_record(&w, &rr, false); i++) {
        unsigned k = 0;
        while (k < n && types[k] != rr.type)
            k++;
        if (k == n && n < DNS_GROUPS_MAX && is_grouped(rr.type))
            types[n++] = rr.type;
    }
    json_open_object(j, "grouped");
    for (unsigned k = 0; k < n; k++)
        log_group(j, first, count, types[k]);
    json_end_object(j);
}

static void log_header(struct json *j, const struct dns_message *m)
{
    static const struct {
        uint16_t bit;
        const char *key;
    } bits[] = {{DNS_QR, "qr"}, {DNS_AA, "aa"}, {DNS_TC, "tc"}, {DNS_RD, "rd"}, {DNS_RA, "ra"}, {DNS_Z, "z"}};
    static const char digits[] = "0123456789abcdef";
    char flags[5];
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4)
        if (n > 0 || shift == 0 || m->flags >> shift)
            flags[n++] = digits[m->flags >> shift & 15];
    flags[n] = 0;
    json_u64(j, "id", m->id);
    json_str(j, "flags", flags);
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
        if (m->flags & bits[i].bit)
            json_bool(j, bits[i].key, true);
    char rcode[DNS_TEXT_MAX];
    json_u64(j, "opcode", dns_opcode(m->flags));
    json_str(j, "rcode", dns_rcode_text(m->flags & 15u, rcode));
}

static void log_question(struct json *j, const struct dns_query *q)
{
    json_bytes(j, "rrname", q->name.text, q->name.len);
    log_type(j, q->type);
    if (q->name.truncated)
        json_bool(j, "rrname_truncated", true);
}

static void log_queries(struct json *j, struct dns_walk *w, unsigned count)
{
    struct dns_query q;
    json_open_array(j, "queries");
    for (unsigned i = 0; i < count && dns_read_query(w, &q); i++) {
        json_open_object(j, NULL);
        log_question(j, &q);
        json_end_object(j);
    }
    json_end_array(j);
}

/* The sections behind the questions. */
static void log_answers(struct json *j, const struct dns_options *o, struct dns_walk *w)
{
    const uint16_t *count = w->m->count;
    struct dns_walk answers = *w;
    if (o->detailed)
        log_section(j, "answers", w, count[DNS_ANSWERS]);
    else
        skip_section(w, count[DNS_ANSWERS]);
    if (o->grouped && count[DNS_ANSWERS] > 0)
        log_grouped(j, answers, count[DNS_ANSWERS]);
    log_section(j, "authorities", w, count[DNS_AUTHORITIES]);
    log_section(j, "additionals", w, count[DNS_ADDITIONALS]);
}

/* A request of version 2: the first question that is of interest. */
static void log_query_v2(struct json *j, const struct dns_options *o, const struct dns_message *m, uint64_t tx_id)
{
    struct dns_walk w = dns_begin(m);
    struct dns_query q;
    json_str(j, "type", "query");
    json_u64(j, "id", m->id);
    for (unsigned i = 0; i < m->count[DNS_QUERIES] && dns_read_query(&w, &q); i++) {
        if (dns_type_wanted(o, q.type)) {
            log_question(j, &q);
            break;
        }
    }
    json_u64(j, "tx_id", tx_id);
    if (m->flags & DNS_Z)
        json_bool(j, "z", true);
    json_u64(j, "opcode", dns_opcode(m->flags));
}

/* A response of version 2: of its questions, of which there is one, the first. */
static void log_answer_v2(struct json *j, const struct dns_options *o, const struct dns_message *m)
{
    struct dns_walk w = dns_begin(m);
    struct dns_query q;
    json_u64(j, "version", 2);
    json_str(j, "type", "answer");
    log_header(j, m);
    for (unsigned i = 0; i < m->count[DNS_QUERIES] && dns_read_query(&w, &q); i++)
        if (i == 0)
            log_question(j, &q);
    log_answers(j, o, &w);
}

static void log_v3(struct json *j, const struct dns_options *o, const struct dns_message *m, uint64_t tx_id)
{
    json_u64(j, "version", 3);
    json_str(j, "type", m->flags & DNS_QR ? "response" : "request");
    json_u64(j, "tx_id", tx_id);
    log_header(j, m);
    struct dns_walk w = dns_begin(m);
    if (m->count[DNS_QUERIES] > 0)
        log_queries(j, &w, m->count[DNS_QUERIES]);
    log_answers(j, o, &w);
}

static bool open_tx(const struct proto_tx *tx, struct dns_message *m)
{
    const struct dns_tx *t = (const struct dns_tx *)tx;
    if (!dns_open(m, t->data, t->len))
        return false;
    memcpy(m->count, t->count, sizeof m->count);
    return true;
}

void dns_log(const void *state, const struct proto_tx *tx, struct json *j)
{
    const struct dns_options *o = &((const struct dns_state *)state)->options[j->log];
    struct dns_message m;
    if (!open_tx(tx, &m))
        return;
    if (o->version != 2)
        log_v3(j, o, &m, tx->id);
    else if (m.flags & DNS_QR)
        log_answer_v2(j, o, &m);
    else
        log_query_v2(j, o, &m, tx->id);
}

void dns_log_alert(const void *state, const struct proto_tx *tx, struct json *j)
{
    const struct dns_options *o = &((const struct dns_state *)state)->options[j->log];
    struct dns_message m;
    if (open_tx(tx, &m))
        log_v3(j, o, &m, tx->id);
}
