#include "proto/socks/test_engine.h"

#include "proto/socks/socks.h"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

static struct test_engine *engine_of(struct proto_io *io)
{
    return io->engine_ctx;
}

static void on_event(struct proto_io *io, unsigned event)
{
    assert(event < proto_socks.event_count && proto_socks.events[event].name);
    engine_of(io)->events |= UINT64_C(1) << event;
}

static const char *keep(char *out, const char *p, size_t n)
{
    assert(n < TEST_TEXT_MAX && (p || n == 0));
    if (n > 0)
        memcpy(out, p, n);
    out[n] = 0;
    return p ? out : NULL;
}

static void on_tunnel(struct proto_io *io, const struct tunnel_offer *offer)
{
    struct test_engine *e = engine_of(io);
    e->offers++;
    e->offer = *offer;
    e->offer.host = keep(e->host, offer->host, offer->host_len);
    e->offer.user = keep(e->user, offer->user, offer->user_len);
    e->offer.reply = keep(e->reply, offer->reply, offer->reply_len);
}

static void on_relay(struct proto_io *io, const struct relay_offer *offer)
{
    struct test_engine *e = engine_of(io);
    assert(offer->relay.family != ADDR_NONE && offer->client.family != ADDR_NONE && offer->port != 0);
    e->relays++;
    e->relay = *offer;
    e->relay.user = keep(e->user, offer->user, offer->user_len);
}

void test_engine_init(struct test_engine *e, const struct settings *settings, bool reversed)
{
    *e = (struct test_engine){.ops = {.event = on_event, .tunnel = on_tunnel, .relay = on_relay}, .settings = settings};
    e->reversed = reversed;
    e->flow.key = (struct flow_key){.src = addr_v4((const uint8_t[]){10, 0, 0, 1}),
                                    .dst = addr_v4((const uint8_t[]){10, 0, 0, 9}),
                                    .sport = 50000,
                                    .dport = 1080,
                                    .proto = 6};
    e->state = calloc(1, proto_socks.state_size);
    assert(e->state && proto_socks.init(e->state, settings, reversed) == 0);
    for (int d = 0; d < 2; d++) {
        buf_init(&e->held[d], 0);
        buf_init(&e->tunnel[d], 0);
    }
    buf_init(&e->records, 0);
}

/* Log and free what is complete, as the app stage does after every call. */
static void log_complete(struct test_engine *e, bool all)
{
    struct proto_txs *txs = e->state;
    struct proto_tx **at = &txs->first;
    txs->last = NULL;
    while (*at) {
        struct proto_tx *tx = *at;
        if (!tx->complete && !all) {
            txs->last = tx;
            at = &tx->next;
            continue;
        }
        if (tx->complete) {
            struct json j = json_of(&e->records);
            json_open_object(&j, NULL);
            proto_socks.log(e->state, tx, &j);
            json_end_object(&j);
            buf_add_byte(&e->records, '\n');
        }
        *at = tx->next;
        txs->count--;
        free(tx);
    }
}

void test_engine_fini(struct test_engine *e)
{
    log_complete(e, true);
    free(e->state);
    for (int d = 0; d < 2; d++) {
        buf_fini(&e->held[d]);
        buf_fini(&e->tunnel[d]);
    }
    buf_fini(&e->records);
}

static void settle(struct test_engine *e, enum flow_dir dir, enum proto_status status)
{
    switch (status) {
    case PROTO_OK:
    case PROTO_OTHER_SIDE:
        e->waiting[dir] = status == PROTO_OTHER_SIDE;
        break;
    case PROTO_TUNNEL:
        assert(e->offers == 1 && e->offer.status == TUNNEL_ESTABLISHED);
        e->outcome = TEST_TUNNEL;
        for (int d = 0; d < 2; d++)
            buf_add(&e->tunnel[d], e->held[d].data, e->held[d].len);
        break;
    case PROTO_DONE:
        e->outcome = TEST_DONE;
        break;
    case PROTO_BROKEN:
        e->outcome = TEST_BROKEN;
        break;
    case PROTO_CHANGE:
        assert(false);
    }
    assert(status == PROTO_TUNNEL || e->offers == 0 || e->offer.status != TUNNEL_ESTABLISHED);
    log_complete(e, false);
}

static struct proto_io io_of(struct test_engine *e, enum flow_dir dir)
{
    return (struct proto_io){
        .dir = dir,
        .eof = e->eof[dir],
        .time_ns = ++e->time_ns,
        .flow = &e->flow,
        .settings = e->settings,
        .engine = &e->ops,
        .engine_ctx = e,
    };
}

/* One call; true if the parser took something. The bytes are a copy of their exact size: reads past them are found. */
static bool call(struct test_engine *e, enum flow_dir dir)
{
    size_t len = e->held[dir].len;
    uint8_t *copy = malloc(len ? len : 1);
    assert(copy);
    if (len)
        memcpy(copy, e->held[dir].data, len);
    struct proto_io io = io_of(e, dir);
    io.data = copy;
    io.len = len;
    enum proto_status status = proto_socks.parse(e->state, &io);
    assert(io.consumed <= len);
    free(copy);
    buf_drop(&e->held[dir], io.consumed);
    settle(e, dir, status);
    return io.consumed > 0;
}

void test_engine_feed(struct test_engine *e, enum flow_dir dir, const void *p, size_t n, bool eof)
{
    e->eof[dir] |= eof;
    if (e->outcome == TEST_TUNNEL)
        buf_add(&e->tunnel[dir], p, n);
    if (e->outcome != TEST_RUNNING)
        return;
    buf_add(&e->held[dir], p, n);
    if (e->waiting[dir])
        return;
    /* When one side was parsed it is the waiting other's turn, to and fro while that leads anywhere. */
    call(e, dir);
    for (enum flow_dir d = flow_dir_other(dir); e->outcome == TEST_RUNNING && e->waiting[d]; d = flow_dir_other(d)) {
        e->waiting[d] = false;
        if (!call(e, d))
            break;
    }
}

void test_engine_gap(struct test_engine *e, enum flow_dir dir, uint64_t n)
{
    if (e->outcome != TEST_RUNNING)
        return;
    buf_clear(&e->held[dir]);
    struct proto_io io = io_of(e, dir);
    settle(e, dir, proto_socks.gap(e->state, &io, n));
}

void test_engine_finish(struct test_engine *e)
{
    struct proto_io io = io_of(e, TO_SERVER);
    proto_socks.finish(e->state, &io);
    log_complete(e, false);
}
