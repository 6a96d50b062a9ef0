/* The flow between a client and its UDP relay (RFC 1928 section 7): each target is a session of its own. */
#include "proto/socks/udp.h"

#include <errno.h>

#include "proto/socks/socks.h"

/* So many datagrams are looked into for a protocol that makes sure. */
#define UDP_LOOKS 64u

enum udp_event { UDP_INVALID_DATAGRAM, UDP_FRAGMENT_DROPPED, UDP_TOO_MANY_TARGETS, UDP_EVENT_COUNT };

static const struct proto_event_desc events[UDP_EVENT_COUNT] = {
    [UDP_INVALID_DATAGRAM] = {"invalid_datagram", "SOCKS5 relay's datagram without a header that can be read"},
    [UDP_FRAGMENT_DROPPED] = {"fragment_dropped", "SOCKS5 relay's datagram in fragments that don't make a whole"},
    [UDP_TOO_MANY_TARGETS] = {"too_many_targets", "SOCKS5 relay's flow has more targets than are followed"},
};

struct udp_state {
    struct proto_txs txs; /* first member; there are none */
    bool reversed;        /* the flow began with a datagram of the relay */
    bool sure;            /* no chance made these headers */
    struct socks_targets targets;
    struct socks_queue queue[2]; /* by enum flow_dir: of who receives them */
};

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct udp_state *s = state;
    const struct settings_payload *payload = settings_payload(settings, "socks");
    if (payload && (!payload->udp || payload->enabled == SWITCH_NO))
        return -ENOTSUP;
    s->reversed = reversed;
    return 0;
}

/* While it may be something else nothing is said about it. */
static void tell(const struct udp_state *s, struct proto_io *io, enum udp_event event)
{
    if (s->sure)
        io->engine->event(io, event);
}

static bool recognised(const struct udp_state *s, struct proto_io *io, const struct socks_datagram *d)
{
    if (d->len == 0 || s->targets.clock >= UDP_LOOKS)
        return false;
    if (socks_payload_known(d->payload, d->len, d->target.port))
        return true;
    struct proto_probe probe = {
        .final = true, .sport = io->flow->key.sport, .dport = d->target.port, .transport = PROTO_UDP};
    probe.data[io->dir] = d->payload;
    probe.len[io->dir] = d->len;
    return io->engine->recognise(io, &probe) == PROBE_YES;
}

static void offer_session(const struct udp_state *s, struct proto_io *io, const struct socks_target *t)
{
    struct tunnel_offer offer = {
        .type = "socks5-udp",
        .payload = "socks",
        .status = TUNNEL_ESTABLISHED,
        .swap = s->reversed,
        .relay = s->sure ? RELAY_SURE : RELAY_LIKELY,
        .proto = 17,
        .channel = t->channel,
        .port = t->port,
        .reply_code = -1,
        .start_ns = io->time_ns,
    };
    if (t->host_len > 0) {
        offer.host = t->host;
        offer.host_len = t->host_len;
    } else {
        offer.addr = t->addr;
    }
    io->engine->tunnel(io, &offer);
}

/* The session that a whole datagram belongs to, offered if it is new. NULL: it is not followed. */
static struct socks_target *session_of(struct udp_state *s, struct proto_io *io, const struct socks_datagram *d,
                                       bool from_client)
{
    struct socks_targets *all = &s->targets;
    struct socks_target *t =
        from_client ? socks_targets_asked(all, &d->target) : socks_targets_answering(all, &d->target);
    /* The relay names as sender whom the client has asked. */
    if (t && !from_client && t->asked && d->target.host_len == t->host_len)
        s->sure = true;
    if (t)
        return t;
    if (all->count >= (s->sure ? SOCKS_TARGETS_MAX : SOCKS_TARGETS_UNSURE)) {
        tell(s, io, UDP_TOO_MANY_TARGETS);
        return NULL;
    }
    t = socks_targets_add(all, &d->target);
    if (t)
        offer_session(s, io, t);
    return t;
}

static void take_datagram(struct udp_state *s, struct proto_io *io)
{
    struct socks_datagram d;
    bool from_client = (io->dir == TO_SERVER) != s->reversed;
    bool dropped = false;
    if (!socks_datagram_read(&d, io->data, io->len) || d.target.port == 0) {
        tell(s, io, UDP_INVALID_DATAGRAM);
        return;
    }
    s->sure = s->sure || socks_target_named(&d.target);
    struct socks_queue *queue = &s->queue[io->dir];
    enum socks_queued queued = socks_queue_take(queue, &d, io->time_ns, &dropped);
    if (dropped)
        tell(s, io, UDP_FRAGMENT_DROPPED);
    if (queued == SOCKS_QUEUE_WAIT)
        return;
    s->sure = s->sure || recognised(s, io, &d);
    struct socks_target *t = session_of(s, io, &d, from_client);
    s->targets.clock++;
    if (t && from_client)
        t->asked = s->targets.clock;
    else if (t)
        t->answered = s->targets.clock;
    if (t)
        io->engine->carry(io, t->channel, io->dir, d.payload, d.len, false);
    if (queue->highest != 0)
        socks_queue_reset(queue);
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    if (io->len > 0)
        take_datagram(state, io);
    io->consumed = io->len;
    return PROTO_OK;
}

static void finish(void *state, struct proto_io *io)
{
    struct udp_state *s = state;
    if (s->queue[TO_SERVER].highest || s->queue[TO_CLIENT].highest)
        tell(s, io, UDP_FRAGMENT_DROPPED);
}

static void fini(void *state)
{
    struct udp_state *s = state;
    socks_targets_fini(&s->targets);
    socks_queue_reset(&s->queue[TO_SERVER]);
    socks_queue_reset(&s->queue[TO_CLIENT]);
}

const struct app_proto proto_socks_udp = {
    .name = "socks",
    .conf = "socks",
    .transports = PROTO_UDP,
    .state_size = sizeof(struct udp_state),
    .probe = socks_udp_probe,
    .init = init,
    .parse = parse,
    .finish = finish,
    .fini = fini,
    .events = events,
    .event_count = UDP_EVENT_COUNT,
};
