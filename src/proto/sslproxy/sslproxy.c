#include "proto/sslproxy/sslproxy.h"

#include "proto/sslproxy/line.h"

#define TYPE "sslproxy" /* both the tunnel's type and its section under decap.payload */
/* What a server may say before the client's line is waited for no more, bytes: a banner. */
#define SERVER_FIRST_MOST 256u
/* The tunnel's number where the line stands behind a request line, so that it must be taken out. */
#define CHANNEL 1u

enum sslproxy_event { SSLPROXY_INVALID_LINE, SSLPROXY_LINE_GAP, SSLPROXY_EVENT_COUNT };

static const struct proto_event_desc events[SSLPROXY_EVENT_COUNT] = {
    [SSLPROXY_INVALID_LINE] = {"invalid_line", "SSLproxy line that is not of the form it must have"},
    [SSLPROXY_LINE_GAP] = {"line_gap", "bytes are missing in the SSLproxy line"},
};

struct sslproxy_state {
    struct proto_txs txs;
    uint64_t start_ns; /* of the line's first byte; 0: none came */
    bool carrying;     /* what comes is the channel's */
    bool over;
};

static enum proto_probe_result probe(const struct proto_probe *p)
{
    struct sslproxy_place place;
    enum proto_probe_result r = sslproxy_find(p->data[TO_SERVER], p->len[TO_SERVER], &place);
    bool late = p->len[TO_SERVER] == 0 && p->len[TO_CLIENT] > SERVER_FIRST_MOST;
    return r == PROBE_MORE && (late || p->final || p->eof[TO_SERVER]) ? PROBE_NO : r;
}

static void incomplete(struct sslproxy_state *s, struct proto_io *io, const char *reason)
{
    io->engine->tunnel(io, &(struct tunnel_offer){.type = TYPE,
                                                  .payload = TYPE,
                                                  .status = TUNNEL_INCOMPLETE,
                                                  .reason = reason,
                                                  .reply_code = -1,
                                                  .start_ns = s->start_ns});
    s->over = true;
}

static void established(struct sslproxy_state *s, struct proto_io *io, const struct sslproxy_line *line,
                        uint32_t channel)
{
    io->engine->tunnel(io, &(struct tunnel_offer){.type = TYPE,
                                                  .payload = TYPE,
                                                  .status = TUNNEL_ESTABLISHED,
                                                  .rewritten = channel != 0,
                                                  .channel = channel,
                                                  .addr = line->server,
                                                  .port = line->server_port,
                                                  .client = line->client,
                                                  .client_port = line->client_port,
                                                  .user = line->user,
                                                  .user_len = line->user_len,
                                                  .reply_code = -1,
                                                  .start_ns = s->start_ns});
    s->over = true;
}

/* Behind a request line a bad divert line may be anyone's header: it is HTTP after all. */
static enum proto_status bad_line(struct sslproxy_state *s, struct proto_io *io, bool header)
{
    io->engine->event(io, SSLPROXY_INVALID_LINE);
    if (header && io->engine->change(io, "http", NULL)) {
        s->over = true;
        return PROTO_CHANGE;
    }
    incomplete(s, io, "invalid line");
    return PROTO_BROKEN;
}

static enum proto_status carry(struct proto_io *io)
{
    if (io->len > io->consumed || io->eof)
        io->engine->carry(io, CHANNEL, io->dir, io->data + io->consumed, io->len - io->consumed, io->eof);
    io->consumed = io->len;
    return PROTO_OK;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct sslproxy_state *s = state;
    if (s->carrying)
        return carry(io);
    if (io->dir == TO_CLIENT)
        return PROTO_OTHER_SIDE;
    if (io->len == 0)
        return PROTO_OK;
    if (s->start_ns == 0)
        s->start_ns = io->time_ns;
    struct sslproxy_place place;
    enum proto_probe_result found = sslproxy_find(io->data, io->len, &place);
    if (found == PROBE_MORE)
        return PROTO_OK;
    bool header = place.at > 0;
    if (found == PROBE_NO)
        return bad_line(s, io, header);
    if (place.len == 0)
        return io->len - place.at < SSLPROXY_LINE_MOST ? PROTO_OK : bad_line(s, io, header);
    const uint8_t *text = io->data + place.at;
    size_t len = place.len - 1;
    if (len && text[len - 1] == '\r')
        len--;
    struct sslproxy_line line;
    if (!sslproxy_read(text, len, &line))
        return bad_line(s, io, header);
    established(s, io, &line, header ? CHANNEL : 0);
    if (!header) {
        io->consumed = place.len;
        return PROTO_TUNNEL;
    }
    s->carrying = true;
    io->engine->carry(io, CHANNEL, io->dir, io->data, place.at, false);
    io->consumed = place.at + place.len;
    return carry(io);
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct sslproxy_state *s = state;
    if (s->carrying) {
        io->engine->carry_gap(io, CHANNEL, io->dir, n);
        return PROTO_OK;
    }
    io->engine->event(io, SSLPROXY_LINE_GAP);
    incomplete(s, io, "gap");
    return PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    struct sslproxy_state *s = state;
    if (!s->over)
        incomplete(s, io, "truncated line");
}

const struct app_proto proto_sslproxy = {
    .name = "sslproxy",
    .conf = "sslproxy",
    .transports = PROTO_TCP,
    .sure = true,
    .first = true,
    .state_size = sizeof(struct sslproxy_state),
    .probe = probe,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .events = events,
    .event_count = SSLPROXY_EVENT_COUNT,
};
