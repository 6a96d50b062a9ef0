#include "proto/proxyproto/proxyproto.h"

#include "proto/proxyproto/header.h"

#define TYPE "proxy-protocol" /* both the tunnel's type and its section under decap.payload */
/* What a server may say before the client's header is waited for no more, bytes: a banner. */
#define SERVER_FIRST_MOST 256u

static const struct proto_event_desc events[PROXY_EVENT_COUNT] = {
    [PROXY_INVALID_HEADER] = {"invalid_header", "PROXY line that is not of the form it must have"},
    [PROXY_INVALID_LENGTH] = {"invalid_length", "PROXY header too long, or too short for its addresses"},
    [PROXY_INVALID_VERSION] = {"invalid_version", "PROXY header of an unknown version"},
    [PROXY_INVALID_COMMAND] = {"invalid_command", "PROXY header with an unknown command"},
    [PROXY_INVALID_FAMILY] = {"invalid_family", "PROXY header with an unknown address family or transport"},
    [PROXY_INVALID_TLV] = {"invalid_tlv", "PROXY header's field longer or shorter than it can be"},
    [PROXY_INVALID_CHECKSUM] = {"invalid_checksum", "PROXY header's checksum is wrong"},
    [PROXY_HEADER_GAP] = {"header_gap", "bytes are missing in the PROXY header"},
};

struct proxyproto_state {
    struct proto_txs txs;
    uint64_t start_ns; /* of the header's first byte; 0: none came */
    bool over;
};

static enum proto_probe_result probe(const struct proto_probe *p)
{
    enum proto_probe_result r = proxy_begins(p->data[TO_SERVER], p->len[TO_SERVER]);
    bool late = p->len[TO_SERVER] == 0 && p->len[TO_CLIENT] > SERVER_FIRST_MOST;
    return r == PROBE_MORE && (late || p->final || p->eof[TO_SERVER]) ? PROBE_NO : r;
}

static void incomplete(struct proxyproto_state *s, struct proto_io *io, const char *reason)
{
    io->engine->tunnel(io, &(struct tunnel_offer){.type = TYPE,
                                                  .payload = TYPE,
                                                  .status = TUNNEL_INCOMPLETE,
                                                  .reason = reason,
                                                  .reply_code = -1,
                                                  .start_ns = s->start_ns});
    s->over = true;
}

static void established(struct proxyproto_state *s, struct proto_io *io, const struct proxy_header *h)
{
    io->engine->tunnel(io, &(struct tunnel_offer){.type = TYPE,
                                                  .payload = TYPE,
                                                  .status = TUNNEL_ESTABLISHED,
                                                  .by_carrier = !h->named,
                                                  .addr = h->server,
                                                  .port = h->named ? h->server_port : io->flow->key.dport,
                                                  .client = h->client,
                                                  .client_port = h->client_port,
                                                  .host = (const char *)h->authority,
                                                  .host_len = h->authority_len,
                                                  .user = (const char *)h->user,
                                                  .user_len = h->user_len,
                                                  .unique_id = (const char *)h->unique_id,
                                                  .unique_id_len = h->unique_id_len,
                                                  .reply_code = -1,
                                                  .start_ns = s->start_ns});
    s->over = true;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct proxyproto_state *s = state;
    if (io->dir == TO_CLIENT)
        return PROTO_OTHER_SIDE;
    if (io->len == 0)
        return PROTO_OK;
    if (s->start_ns == 0)
        s->start_ns = io->time_ns;
    struct proxy_header h;
    enum proxy_found found = proxy_read(io->data, io->len, &h);
    for (unsigned e = 0; e < PROXY_EVENT_COUNT; e++)
        if (h.odd & PROXY_ODD(e))
            io->engine->event(io, e);
    if (found == PROXY_MORE)
        return PROTO_OK;
    if (found == PROXY_BAD) {
        incomplete(s, io, "invalid header");
        return PROTO_BROKEN;
    }
    io->consumed = h.len;
    established(s, io, &h);
    return PROTO_TUNNEL;
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct proxyproto_state *s = state;
    (void)n;
    io->engine->event(io, PROXY_HEADER_GAP);
    incomplete(s, io, "gap");
    return PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    struct proxyproto_state *s = state;
    if (!s->over)
        incomplete(s, io, "truncated header");
}

const struct app_proto proto_proxyproto = {
    .name = "proxy-protocol",
    .conf = "proxy-protocol",
    .transports = PROTO_TCP,
    .sure = true,
    .first = true,
    .state_size = sizeof(struct proxyproto_state),
    .probe = probe,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .events = events,
    .event_count = PROXY_EVENT_COUNT,
};
