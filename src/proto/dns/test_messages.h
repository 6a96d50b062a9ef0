/* For the tests of this room: messages built piece by piece, and an engine that writes down what it is told. */
#ifndef BURROW_PROTO_DNS_TEST_MESSAGES_H
#define BURROW_PROTO_DNS_TEST_MESSAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/dns/dns.h"
#include "proto/dns/dns_message.h"

struct bytes {
    uint8_t b[70000];
    size_t len;
};

static inline void put(struct bytes *m, const void *p, size_t n)
{
    memcpy(m->b + m->len, p, n);
    m->len += n;
}

#define PUT(m, ...) put(m, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static inline void put16(struct bytes *m, unsigned v)
{
    PUT(m, (uint8_t)(v >> 8), (uint8_t)v);
}

static inline void put_header(struct bytes *m, unsigned id, unsigned flags, unsigned qd, unsigned an, unsigned ns,
                              unsigned ar)
{
    put16(m, id);
    put16(m, flags);
    put16(m, qd);
    put16(m, an);
    put16(m, ns);
    put16(m, ar);
}

/* "www.example.com" as labels. */
static inline void put_name(struct bytes *m, const char *name)
{
    while (*name) {
        size_t n = strcspn(name, ".");
        PUT(m, (uint8_t)n);
        put(m, name, n);
        name += n + (name[n] == '.');
    }
    PUT(m, 0);
}

static inline void put_question(struct bytes *m, const char *name, unsigned type)
{
    put_name(m, name);
    put16(m, type);
    put16(m, 1);
}

static inline void put_record(struct bytes *m, const char *name, unsigned type, uint32_t ttl, const void *data,
                              size_t len)
{
    put_name(m, name);
    put16(m, type);
    put16(m, 1);
    put16(m, ttl >> 16);
    put16(m, ttl & 0xffff);
    put16(m, (unsigned)len);
    put(m, data, len);
}

static inline void put_cname(struct bytes *m, const char *name, uint32_t ttl, const char *target)
{
    struct bytes d = {.len = 0};
    put_name(&d, target);
    put_record(m, name, DNS_CNAME, ttl, d.b, d.len);
}

static inline void query(struct bytes *m, unsigned id, const char *name, unsigned type)
{
    m->len = 0;
    put_header(m, id, DNS_RD, 1, 0, 0, 0);
    put_question(m, name, type);
}

/* A connection or a flow of datagrams, and what the parser told of it. */
struct session {
    void *state;
    struct flow_ref flow;
    struct settings settings;
    char told[4096]; /* a line for each event and name */
    struct bytes held[2];
};

static inline void tell_event(struct proto_io *io, unsigned e)
{
    struct session *s = io->engine_ctx;
    size_t n = strlen(s->told);
    snprintf(s->told + n, sizeof s->told - n, "event %s\n", proto_dns.events[e].name);
}

static inline void tell_name(struct proto_io *io, const struct name_answer *a)
{
    struct session *s = io->engine_ctx;
    char text[ADDR_TEXT_MAX];
    addr_print(&a->addr, false, text);
    size_t n = strlen(s->told);
    snprintf(s->told + n, sizeof s->told - n, "name %.*s %s %u\n", (int)a->name_len, a->name, text, a->ttl);
}

static const struct proto_engine test_engine = {.event = tell_event, .name = tell_name};

/* The session is zeroed, but for settings that the caller wants. */
static inline void session_begin(struct session *s, uint8_t proto, bool reversed)
{
    s->flow.key.proto = proto;
    s->settings.decap.names.passive_dns = true;
    s->state = calloc(1, proto_dns.state_size);
    assert_non_null(s->state);
    assert_int_equal(proto_dns.init(s->state, &s->settings, reversed), 0);
}

static inline void session_open(struct session *s, uint8_t proto, bool reversed)
{
    memset(s, 0, sizeof *s);
    session_begin(s, proto, reversed);
}

static inline struct proto_io session_io(struct session *s, enum flow_dir dir)
{
    return (struct proto_io){
        .dir = dir, .flow = &s->flow, .settings = &s->settings, .engine = &test_engine, .engine_ctx = s};
}

/* Bytes arrive; what the parser leaves is kept and offered again, from a block of just its size. */
static inline enum proto_status feed(struct session *s, enum flow_dir dir, const void *p, size_t n)
{
    struct bytes *h = &s->held[dir];
    put(h, p, n);
    struct proto_io io = session_io(s, dir);
    uint8_t *copy = malloc(h->len ? h->len : 1);
    assert_non_null(copy);
    memcpy(copy, h->b, h->len);
    io.data = copy;
    io.len = h->len;
    enum proto_status status = proto_dns.parse(s->state, &io);
    assert_true(io.consumed <= h->len);
    memmove(h->b, h->b + io.consumed, h->len - io.consumed);
    h->len -= io.consumed;
    free(copy);
    return status;
}

static inline void lose(struct session *s, enum flow_dir dir, uint64_t n)
{
    struct proto_io io = session_io(s, dir);
    s->held[dir].len = 0;
    assert_int_equal(proto_dns.gap(s->state, &io, n), PROTO_OK);
}

/* All transactions whose records are wanted, one a line, then they are gone. */
static inline void records(struct session *s, struct buf *out)
{
    struct proto_txs *txs = s->state;
    buf_init(out, 0);
    while (txs->first) {
        struct proto_tx *tx = txs->first;
        assert_true(tx->complete);
        if (!tx->unlogged) {
            struct json j = json_of(out);
            json_open_object(&j, NULL);
            proto_dns.log(s->state, tx, &j);
            json_end_object(&j);
            assert_false(j.failed);
            buf_add_byte(out, '\n');
        }
        txs->first = tx->next;
        txs->count--;
        free(tx);
    }
    txs->last = NULL;
    buf_add_byte(out, 0);
}

static inline void expect_records(struct session *s, const char *text)
{
    struct buf b;
    records(s, &b);
    assert_string_equal((const char *)b.data, text);
    buf_fini(&b);
}

static inline void expect_told(struct session *s, const char *text)
{
    assert_string_equal(s->told, text);
    s->told[0] = 0;
}

static inline void session_close(struct session *s)
{
    struct buf b;
    records(s, &b);
    buf_fini(&b);
    proto_dns.fini(s->state);
    free(s->state);
}

#endif
