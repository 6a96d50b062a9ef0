#include "proto/websocket/websocket.h"

#include "proto/wschannel.h"

#define TYPE "websocket" /* both the tunnel's type and its section under decap.payload */
/* A connection is one WebSocket. */
#define CHANNEL 1u

struct websocket_state {
    struct proto_txs txs;
    struct wschannel ws;
    uint64_t start_ns; /* of the first bytes; 0: none came */
    bool reversed;     /* the flow's server is the WebSocket's client */
};

static void offer(struct proto_io *io, void *ctx, uint32_t channel)
{
    const struct websocket_state *s = ctx;
    io->engine->tunnel(io, &(struct tunnel_offer){.type = TYPE,
                                                  .payload = TYPE,
                                                  .status = TUNNEL_ESTABLISHED,
                                                  .reverse = s->reversed,
                                                  .swap = s->reversed,
                                                  .by_carrier = true,
                                                  .channel = channel,
                                                  .port = s->reversed ? io->flow->key.sport : io->flow->key.dport,
                                                  .reply_code = -1,
                                                  .start_ns = s->start_ns});
}

static void event(struct proto_io *io, void *ctx, unsigned event)
{
    (void)ctx;
    io->engine->event(io, event);
}

static const struct wschannel_user user = {.offer = offer, .event = event};

/* Only a handshake tells WebSocket from other bytes. */
static enum proto_probe_result probe(const struct proto_probe *p)
{
    (void)p;
    return PROBE_NO;
}

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct websocket_state *s = state;
    (void)settings;
    s->reversed = reversed;
    wschannel_init(&s->ws, CHANNEL, reversed);
    return 0;
}

static enum proto_status status_of(enum wschannel_state state)
{
    switch (state) {
    case WSCHANNEL_OVER:
        return PROTO_DONE;
    case WSCHANNEL_BROKEN:
        return PROTO_BROKEN;
    default:
        return PROTO_OK;
    }
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct websocket_state *s = state;
    if (s->start_ns == 0)
        s->start_ns = io->time_ns;
    io->consumed = io->len;
    return status_of(wschannel_feed(&s->ws, io, io->dir, io->data, io->len, io->eof, &user, s));
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct websocket_state *s = state;
    return status_of(wschannel_gap(&s->ws, io, io->dir, n, &user, s));
}

static void fini(void *state)
{
    struct websocket_state *s = state;
    wschannel_fini(&s->ws);
}

const struct app_proto proto_websocket = {
    .name = "websocket",
    .conf = "websocket",
    .transports = PROTO_TCP,
    .state_size = sizeof(struct websocket_state),
    .probe = probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .fini = fini,
    .events = wschannel_events,
    .event_count = WSCHANNEL_EVENT_COUNT,
};
