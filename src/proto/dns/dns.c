#include "proto/dns/dns.h"

#include <stdlib.h>

#include "core/hash.h"
#include "proto/dns/dns_private.h"

#define DNS_MALFORMED_MAX    8   /* malformed messages of a flow: then it is given up */
#define DNS_TXS_MAX          512 /* transactions that wait to be logged: of more only the names are learned */
#define DNS_PREFIX_LEN       2   /* a message's length over TCP, RFC 1035 4.2.2 */
#define DNS_OPCODE_UNDEFINED 7   /* the first that has no meaning */
#define DNS_IP_PROTO_TCP     6

enum dns_event {
    EVENT_MALFORMED_DATA,
    EVENT_NOT_REQUEST,
    EVENT_NOT_RESPONSE,
    EVENT_Z_FLAG_SET,
    EVENT_INVALID_OPCODE,
    EVENT_NAME_TOO_LONG,
    EVENT_INFINITE_LOOP,
    EVENT_TOO_MANY_LABELS,
    EVENT_INVALID_ADDITIONALS,
    EVENT_INVALID_AUTHORITIES,
    EVENT_TOO_MANY_RECORDS,
    EVENT_TOO_MANY_TRANSACTIONS,
    EVENT_COUNT
};

static const struct proto_event_desc events[EVENT_COUNT] = {
    [EVENT_MALFORMED_DATA] = {"malformed_data", "a DNS message can't be read"},
    [EVENT_NOT_REQUEST] = {"not_request", "a DNS response was sent to the server"},
    [EVENT_NOT_RESPONSE] = {"not_response", "a DNS request was sent to the client"},
    [EVENT_Z_FLAG_SET] = {"z_flag_set", "the reserved bit of a DNS header is set"},
    [EVENT_INVALID_OPCODE] = {"invalid_opcode", "a DNS header has an opcode without meaning"},
    [EVENT_NAME_TOO_LONG] = {"name_too_long", "a name is longer than 1025 characters"},
    [EVENT_INFINITE_LOOP] = {"infinite_loop", "a name's compression pointers don't end"},
    [EVENT_TOO_MANY_LABELS] = {"too_many_labels", "a name, or all names of a message, have too many labels"},
    [EVENT_INVALID_ADDITIONALS] = {"invalid_additionals", "the additional records can't be read"},
    [EVENT_INVALID_AUTHORITIES] = {"invalid_authorities", "the authority records can't be read"},
    [EVENT_TOO_MANY_RECORDS] = {"too_many_records", "a section has more records than are read"},
    [EVENT_TOO_MANY_TRANSACTIONS] = {"too_many_transactions", "more messages at once than are logged"},
};

static void tell(struct proto_io *io, enum dns_event e)
{
    io->engine->event(io, e);
}

static void tell_flaws(struct proto_io *io, unsigned flaws)
{
    static const struct {
        unsigned flaw;
        enum dns_event event;
    } table[] = {
        {DNS_FLAW_NAME_TOO_LONG, EVENT_NAME_TOO_LONG},     {DNS_FLAW_LOOP, EVENT_INFINITE_LOOP},
        {DNS_FLAW_LABELS, EVENT_TOO_MANY_LABELS},          {DNS_FLAW_ADDITIONALS, EVENT_INVALID_ADDITIONALS},
        {DNS_FLAW_AUTHORITIES, EVENT_INVALID_AUTHORITIES}, {DNS_FLAW_RECORDS, EVENT_TOO_MANY_RECORDS},
    };
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        if (flaws & table[i].flaw)
            tell(io, table[i].event);
}

static void tell_header(const struct dns_state *s, struct proto_io *io, uint16_t flags)
{
    bool response = (flags & DNS_QR) != 0;
    bool to_server = (io->dir == TO_SERVER) != s->reversed;
    if (response && to_server)
        tell(io, EVENT_NOT_REQUEST);
    if (!response && !to_server)
        tell(io, EVENT_NOT_RESPONSE);
    if (flags & DNS_Z)
        tell(io, EVENT_Z_FLAG_SET);
    if (dns_opcode(flags) >= DNS_OPCODE_UNDEFINED)
        tell(io, EVENT_INVALID_OPCODE);
}

/* Which logs want a record of it? */
static void note_wishes(const struct dns_state *s, struct dns_tx *t, const struct dns_message *m)
{
    t->tx.unlogged = true;
    for (unsigned log = 0; log < s->options->logs; log++) {
        bool wants = dns_record_wanted(&s->options[log], m);
        t->tx.unlogged &= !wants;
        t->tx.not_in |= (uint32_t)!wants << log;
    }
}

static void add_tx(struct dns_state *s, struct proto_io *io, const struct dns_message *m)
{
    if (s->txs.count >= DNS_TXS_MAX) {
        tell(io, EVENT_TOO_MANY_TRANSACTIONS);
        return;
    }
    struct dns_tx *t = proto_tx_add(&s->txs, sizeof *t + m->len, io->time_ns);
    if (t == NULL)
        return;
    memcpy(t->count, m->count, sizeof t->count);
    t->len = (uint32_t)m->len;
    memcpy(t->data, m->data, m->len);
    note_wishes(s, t, m);
    /* A record of version 3 has the addresses of the message, one of version 2 the client's first. */
    t->tx.from_server = s->options->version == 2 ? s->reversed : io->dir == TO_CLIENT;
    t->tx.came = (uint8_t)io->dir;
    t->tx.complete = true;
}

/* One whole message. */
static void take_message(struct dns_state *s, struct proto_io *io, const uint8_t *data, size_t len)
{
    struct dns_message m;
    bool open = dns_open(&m, data, len);
    unsigned flaws = open ? dns_check(&m) : DNS_FLAW_MALFORMED;
    if (flaws & DNS_FLAW_MALFORMED) {
        s->malformed++;
        tell(io, EVENT_MALFORMED_DATA);
        tell_flaws(io, flaws);
        return;
    }
    add_tx(s, io, &m);
    tell_header(s, io, m.flags);
    tell_flaws(io, flaws);
    if (!io->settings->decap.names.passive_dns)
        return;
    if (m.flags & DNS_QR)
        dns_names_response(&s->pending, &m, io);
    else
        dns_names_query(&s->pending, &m);
}

/* What is of no use at the beginning of io's bytes: the rest of a message with a hole, or all while messages can't be
 * told. Returns where to go on; io->len: nothing is left. */
static size_t resume(struct dns_stream *st, struct proto_io *io)
{
    size_t at = st->skip < io->len ? st->skip : io->len;
    st->skip -= (uint32_t)at;
    if (!st->lost || at == io->len)
        return at;
    /* Messages mostly begin with a segment. What may be one is not waited for: it may be the end of another. */
    if (dns_probe_stream(io->data + at, io->len - at) != PROBE_YES)
        return io->len;
    st->lost = false;
    return at;
}

/* Whole messages of a stream; what is left is offered again. */
static void take_stream(struct dns_state *s, struct proto_io *io)
{
    struct dns_stream *st = &s->stream[io->dir];
    struct reader r = reader_of(io->data, io->len);
    reader_skip(&r, resume(st, io));
    st->need = 0;
    while (!st->lost && s->malformed < DNS_MALFORMED_MAX) {
        struct reader ahead = r;
        size_t len = reader_be16(&ahead);
        if (ahead.bad)
            break;
        const uint8_t *data = reader_take(&ahead, len);
        if (data == NULL) {
            st->need = (uint32_t)len + DNS_PREFIX_LEN;
            break;
        }
        r = ahead;
        if (len > 0)
            take_message(s, io, data, len);
    }
    io->consumed = io->eof ? io->len : io->len - reader_left(&r);
    st->held = (uint32_t)(io->len - io->consumed);
}

/* The first call. */
static bool ready(struct dns_state *s, const struct proto_io *io)
{
    void *own = NULL;
    if (!s->options && !io->config && dns_configure(io->settings, &own) == 0)
        s->options = s->own_options = own;
    else if (!s->options)
        s->options = io->config;
    return s->options != NULL;
}

static enum proto_status dns_parse(void *state, struct proto_io *io)
{
    struct dns_state *s = state;
    if (!ready(s, io))
        return PROTO_BROKEN;
    if (io->flow->key.proto != DNS_IP_PROTO_TCP) {
        if (io->len > 0)
            take_message(s, io, io->data, io->len);
        io->consumed = io->len;
    } else {
        take_stream(s, io);
    }
    return s->malformed >= DNS_MALFORMED_MAX ? PROTO_BROKEN : PROTO_OK;
}

static enum proto_status dns_gap(void *state, struct proto_io *io, uint64_t n)
{
    struct dns_state *s = state;
    struct dns_stream *st = &s->stream[io->dir];
    uint64_t left = st->skip + (uint64_t)(st->need > st->held ? st->need - st->held : 0);
    if (left >= n && left > 0) {
        st->skip = (uint32_t)(left - n);
    } else {
        st->skip = 0;
        st->lost = true;
    }
    st->held = st->need = 0;
    return PROTO_OK;
}

static int dns_init(void *state, const struct settings *settings, bool reversed)
{
    struct dns_state *s = state;
    s->reversed = reversed;
    (void)settings;
    /* Where the heap and the program are is random and costs no system call. */
    s->pending.seed = hash_mix((uint64_t)(uintptr_t)state, (uint64_t)(uintptr_t)&proto_dns);
    return 0;
}

static void dns_fini(void *state)
{
    struct dns_state *s = state;
    dns_names_fini(&s->pending);
    free(s->own_options);
}

const struct app_proto proto_dns = {
    .name = "dns",
    .conf = "dns",
    .record = "dns",
    .transports = PROTO_TCP | PROTO_UDP,
    .messages = true,
    .state_size = sizeof(struct dns_state),
    .probe = dns_probe,
    .configure = dns_configure,
    .unconfigure = free,
    .init = dns_init,
    .parse = dns_parse,
    .gap = dns_gap,
    .fini = dns_fini,
    .log = dns_log,
    .log_alert = dns_log_alert,
    .events = events,
    .event_count = EVENT_COUNT,
    .buffers = dns_buffers,
    .numbers = dns_numbers,
};
