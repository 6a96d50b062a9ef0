#include "proto/duplex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/file.h"

static void on_event(struct proto_io *io, unsigned event)
{
    struct duplex *d = io->engine_ctx;
    assert_true(event < d->proto->event_count);
    buf_printf(&d->events, "event %s\n", d->proto->events[event].name);
}

static struct duplex_channel *channel_of(struct duplex *d, uint32_t number, bool make)
{
    assert_int_not_equal(number, 0);
    for (unsigned i = 0; i < DUPLEX_CHANNELS; i++) {
        struct duplex_channel *c = &d->channels[i];
        if (c->number == number)
            return c;
        if (c->number == 0 && make) {
            c->number = number;
            return c;
        }
    }
    assert_false(make);
    return NULL;
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *o)
{
    static const char *const statuses[] = {"established", "refused", "incomplete"};
    struct duplex *d = io->engine_ctx;
    char addr[ADDR_TEXT_MAX];
    addr_print(&o->addr, false, addr);
    buf_printf(&d->tunnels, "tunnel %s %s %s%.*s:%u user=%.*s code=%d reply=%.*s reason=%s%s\n", o->type,
               statuses[o->status], addr, (int)o->host_len, o->host ? o->host : "", o->port, (int)o->user_len,
               o->user ? o->user : "", o->reply_code, (int)o->reply_len, o->reply ? o->reply : "",
               o->reason ? o->reason : "-", o->reverse ? " reverse" : "");
    if (o->swap != o->reverse)
        buf_printf(&d->tunnels, "  swapped\n");
    if (o->unique_id)
        buf_printf(&d->tunnels, "  unique id %zu\n", o->unique_id_len);
    if (o->by_carrier)
        buf_printf(&d->tunnels, "  by carrier\n");
    if (o->relay)
        buf_printf(&d->tunnels, "  relay %s\n", o->relay == RELAY_SURE ? "sure" : "likely");
    if (o->client.family != ADDR_NONE) {
        addr_print(&o->client, false, addr);
        buf_printf(&d->tunnels, "  client %s:%u\n", addr, o->client_port);
    }
    if (o->channel && o->status == TUNNEL_ESTABLISHED) {
        struct duplex_channel *c = channel_of(d, o->channel, true);
        assert_false(c->established);
        c->established = true;
        c->datagrams = o->proto == 17;
    }
}

static void on_carry(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len, bool eof)
{
    struct duplex_channel *c = channel_of(io->engine_ctx, channel, false);
    assert_true(c && c->established && !c->closed && !c->eof[dir]);
    if (c->datagrams)
        buf_printf(&c->bytes[dir], "[%zu]", len);
    assert_true(buf_add(&c->bytes[dir], p, len));
    c->eof[dir] = eof;
}

static void on_carry_gap(struct proto_io *io, uint32_t channel, enum flow_dir dir, uint64_t n)
{
    struct duplex *d = io->engine_ctx;
    if (channel == 0) { /* before what waits */
        assert_int_equal(d->inner[dir].len, 0);
        buf_printf(&d->inner[dir], "<gap %zu>", (size_t)n);
        return;
    }
    struct duplex_channel *c = channel_of(d, channel, false);
    assert_true(c && c->established && !c->closed);
    c->gap[dir] += n;
    buf_printf(&c->bytes[dir], "<gap %zu>", (size_t)n);
}

static void on_close(struct proto_io *io, uint32_t channel)
{
    struct duplex_channel *c = channel_of(io->engine_ctx, channel, false);
    assert_true(c && c->established && !c->closed);
    c->closed = true;
}

static void on_relay(struct proto_io *io, const struct relay_offer *o)
{
    struct duplex *d = io->engine_ctx;
    char client[ADDR_TEXT_MAX], relay[ADDR_TEXT_MAX];
    addr_print(&o->client, false, client);
    addr_print(&o->relay, false, relay);
    buf_printf(&d->tunnels, "relay %s:%u for %s user=%.*s\n", relay, o->port, client, (int)o->user_len,
               o->user ? o->user : "");
}

static void on_server_name(struct proto_io *io, const char *name, size_t len)
{
    struct duplex *d = io->engine_ctx;
    buf_printf(&d->tunnels, "server name %.*s\n", (int)len, name);
}

static bool on_change(struct proto_io *io, const char *proto, const struct buf *fields)
{
    (void)fields;
    struct duplex *d = io->engine_ctx;
    buf_printf(&d->tunnels, "change %s\n", proto);
    return true;
}

static enum proto_probe_result on_recognise(struct proto_io *io, const struct proto_probe *probe)
{
    static const struct {
        const char *text;
        size_t n;
    } known[] = {{"SSH-", 4}, {"GET ", 4}, {"\x16\x03", 2}, {"\x05\x01\x00", 3}};
    (void)io;
    enum proto_probe_result r = PROBE_NO;
    for (int d = 0; d < 2; d++)
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            size_t n = probe->len[d] < known[i].n ? probe->len[d] : known[i].n;
            if (memcmp(known[i].text, probe->data[d] ? probe->data[d] : (const uint8_t *)"", n) == 0) {
                if (n == known[i].n)
                    return PROBE_YES;
                r = PROBE_MORE;
            }
        }
    return r;
}

static void on_name(struct proto_io *io, const struct name_answer *answer)
{
    struct duplex *d = io->engine_ctx;
    buf_printf(&d->tunnels, "name %.*s\n", (int)answer->name_len, answer->name);
}

static struct proto_file *on_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    const struct duplex *d = io->engine_ctx;
    struct proto_file **at = &tx->files;
    if (!d->files)
        return NULL;
    while (*at)
        at = &(*at)->next;
    struct proto_file *f = calloc(1, sizeof *f + b->name_len);
    assert_non_null(f);
    f->role = (uint8_t)b->role;
    f->name_len = b->name_len;
    memcpy(f->name, b->name, b->name_len);
    return *at = f;
}

static void on_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    (void)io;
    assert_true(buf_add(&f->data, p, n));
    f->size += n;
}

static void on_file_close(struct proto_io *io, struct proto_file *f, unsigned state)
{
    (void)io;
    f->state = (uint8_t)state;
}

static const struct proto_engine engine = {
    .event = on_event,
    .tunnel = on_tunnel,
    .carry = on_carry,
    .carry_gap = on_carry_gap,
    .close = on_close,
    .name = on_name,
    .relay = on_relay,
    .server_name = on_server_name,
    .change = on_change,
    .recognise = on_recognise,
    .file_open = on_file_open,
    .file_data = on_file_data,
    .file_close = on_file_close,
};

static void init(struct duplex *d, const struct app_proto *proto, bool reversed, bool files)
{
    memset(d, 0, sizeof *d);
    d->files = d->settings.detection = files;
    d->proto = proto;
    d->state = calloc(1, proto->state_size);
    assert_non_null(d->state);
    d->txs = d->state;
    d->now = 1000;
    d->settings.decap.enabled = true;
    if (proto->init)
        assert_int_equal(proto->init(d->state, &d->settings, reversed), 0);
}

void duplex_init(struct duplex *d, const struct app_proto *proto, bool reversed)
{
    init(d, proto, reversed, false);
}

void duplex_init_files(struct duplex *d, const struct app_proto *proto, bool reversed)
{
    init(d, proto, reversed, true);
}

/* Name, size, state and bytes of each. */
static void log_files(struct duplex *d, const struct proto_tx *tx)
{
    static const char *const states[] = {"open", "closed", "truncated", "error"};
    for (const struct proto_file *f = tx->files; f; f = f->next)
        buf_printf(&d->records, "file dir%u %.*s %zu %s%s: %.*s\n", f->role, (int)f->name_len, (const char *)f->name,
                   (size_t)f->size, states[f->state], f->gaps ? " gaps" : "", (int)f->data.len,
                   (const char *)f->data.data);
}

static void free_tx(struct duplex *d, struct proto_tx *tx)
{
    for (struct proto_file *f = tx->files, *next; f; f = next) {
        next = f->next;
        buf_fini(&f->data);
        free(f);
    }
    if (d->proto->tx_fini)
        d->proto->tx_fini(tx);
    free(tx);
}

static void log_tx(struct duplex *d, struct proto_tx *tx)
{
    struct buf b;
    buf_init(&b, 0);
    struct json j = json_of(&b);
    json_open_object(&j, NULL);
    d->proto->log(d->state, tx, &j);
    json_end_object(&j);
    buf_printf(&d->records, "%u %.*s\n", (unsigned)tx->id, (int)b.len, (const char *)b.data);
    buf_fini(&b);
    log_files(d, tx);
    d->logged++;
}

/* Log and free what is complete, as the engine does after every call. */
static void reap(struct duplex *d, bool all)
{
    struct proto_tx **link = &d->txs->first;
    struct proto_tx *prev = NULL;
    while (*link) {
        struct proto_tx *tx = *link;
        if (tx->complete)
            log_tx(d, tx);
        if (!tx->complete && !all) {
            prev = tx;
            link = &tx->next;
            continue;
        }
        *link = tx->next;
        if (d->txs->last == tx)
            d->txs->last = prev;
        d->txs->count--;
        free_tx(d, tx);
    }
}

static struct proto_io io_of(struct duplex *d, enum flow_dir dir)
{
    return (struct proto_io){.dir = dir,
                             .eof = d->eof[dir],
                             .bodies = d->bodies,
                             .time_ns = d->now++,
                             .flow = &d->flow,
                             .settings = &d->settings,
                             .engine = &engine,
                             .engine_ctx = d};
}

static void take_status(struct duplex *d, enum flow_dir dir, enum proto_status st)
{
    d->status = st;
    d->waits[dir] = st == PROTO_OTHER_SIDE;
    bool all_inner = st == PROTO_TUNNEL || st == PROTO_CHANGE;
    d->over = all_inner || st == PROTO_DONE || st == PROTO_BROKEN;
    if (all_inner)
        for (int i = 0; i < 2; i++)
            buf_add(&d->inner[i], d->pending[i].data, d->pending[i].len);
}

/* One call of parse with all that is held. The bytes are copied so that a read past their end is seen. */
static void call(struct duplex *d, enum flow_dir dir)
{
    struct proto_io io = io_of(d, dir);
    io.len = d->pending[dir].len;
    uint8_t *copy = malloc(io.len ? io.len : 1);
    assert_non_null(copy);
    if (io.len)
        memcpy(copy, d->pending[dir].data, io.len);
    io.data = copy;
    d->waits[flow_dir_other(dir)] = false;
    enum proto_status st = d->proto->parse(d->state, &io);
    free(copy);
    assert_true(io.consumed <= io.len);
    if (io.consumed)
        buf_drop(&d->pending[dir], io.consumed);
    take_status(d, dir, st);
    reap(d, false);
}

static void run(struct duplex *d, enum flow_dir dir)
{
    for (int turn = 0; turn < 1000 && !d->over; turn++) {
        enum flow_dir other = flow_dir_other(dir);
        bool waited = d->waits[other];
        if (!d->waits[dir])
            call(d, dir);
        if (d->over || !waited || d->waits[other] || !d->pending[other].len)
            return;
        dir = other;
    }
    assert_true(d->over);
}

void duplex_bytes(struct duplex *d, enum flow_dir dir, const void *p, size_t n)
{
    if (d->over) {
        if (d->status == PROTO_TUNNEL || d->status == PROTO_CHANGE)
            buf_add(&d->inner[dir], p, n);
        return;
    }
    assert_true(buf_add(&d->pending[dir], p, n));
    run(d, dir);
}

void duplex_gap(struct duplex *d, enum flow_dir dir, size_t n)
{
    if (d->over)
        return;
    struct proto_io io = io_of(d, dir);
    buf_clear(&d->pending[dir]);
    take_status(d, dir, d->proto->gap ? d->proto->gap(d->state, &io, n) : PROTO_BROKEN);
    reap(d, false);
}

void duplex_eof(struct duplex *d, enum flow_dir dir)
{
    d->eof[dir] = true;
    if (!d->over)
        run(d, dir);
}

void duplex_end(struct duplex *d)
{
    struct proto_io io = io_of(d, TO_SERVER);
    if (d->proto->finish)
        d->proto->finish(d->state, &io);
    reap(d, true);
    if (d->proto->fini)
        d->proto->fini(d->state);
    free(d->state);
    d->state = NULL;
}

void duplex_fini(struct duplex *d)
{
    for (int i = 0; i < 2; i++) {
        buf_fini(&d->pending[i]);
        buf_fini(&d->inner[i]);
        for (unsigned k = 0; k < DUPLEX_CHANNELS; k++)
            buf_fini(&d->channels[k].bytes[i]);
    }
    buf_fini(&d->records);
    buf_fini(&d->tunnels);
    buf_fini(&d->events);
}

void duplex_play(struct duplex *d, const struct app_proto *proto, const struct step *steps, size_t n, size_t piece)
{
    duplex_init(d, proto, false);
    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        size_t len = s->text && !s->n ? strlen(s->text) : s->n;
        if (!s->text && len)
            duplex_gap(d, s->dir, len);
        else if (!s->text)
            duplex_eof(d, s->dir);
        for (size_t at = 0; s->text && at < len;) {
            size_t k = piece && piece < len - at ? piece : len - at;
            duplex_bytes(d, s->dir, s->text + at, k);
            at += k;
        }
    }
    duplex_end(d);
}

static void text_of(const struct duplex *d, struct buf *out)
{
    buf_add(out, d->records.data, d->records.len);
    buf_add(out, d->tunnels.data, d->tunnels.len);
    buf_add(out, d->events.data, d->events.len);
    for (int i = 0; i < 2; i++)
        if (d->inner[i].len)
            buf_printf(out, "inner%d %.*s\n", i, (int)d->inner[i].len, (const char *)d->inner[i].data);
    for (unsigned k = 0; k < DUPLEX_CHANNELS && d->channels[k].number; k++) {
        const struct duplex_channel *c = &d->channels[k];
        for (int i = 0; i < 2; i++)
            buf_printf(out, "channel %u dir%d%s %.*s\n", c->number, i, c->eof[i] ? " eof" : "", (int)c->bytes[i].len,
                       c->bytes[i].data ? (const char *)c->bytes[i].data : "");
        if (c->closed)
            buf_printf(out, "channel %u closed\n", c->number);
    }
    buf_add_byte(out, 0);
}

void duplex_all_ways(const struct app_proto *proto, const struct step *steps, size_t n, struct buf *out)
{
    static const size_t pieces[] = {0, 1, 2, 3, 7};
    buf_init(out, 0);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct duplex d;
        struct buf text;
        buf_init(&text, 0);
        duplex_play(&d, proto, steps, n, pieces[i]);
        text_of(&d, &text);
        if (i == 0)
            buf_add(out, text.data, text.len);
        else
            assert_string_equal((const char *)text.data, (const char *)out->data);
        buf_fini(&text);
        duplex_fini(&d);
    }
}
