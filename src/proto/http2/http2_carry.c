/* The payload of tunnels: as it is, out of capsules (RFC 9297), out of WebSocket frames (RFC 8441); and what waits for
 * the answer, or until it is known what WebSocket carries. */
#include <stdlib.h>

#include "proto/http2/http2_state.h"

/* The flow's direction for a role, and the other way round. */
static enum flow_dir dir_of(const struct http2_state *s, enum flow_dir role)
{
    return http2_role(s, role);
}

bool http2_carry_framed(struct http2_state *s, struct http2_stream *st)
{
    st->framing = calloc(1, sizeof *st->framing);
    if (!st->framing)
        return false;
    for (int i = 0; i < 2; i++)
        capsule_init(&st->framing->capsule[i]);
    wschannel_init(&st->framing->ws, st->channel, s->reversed);
    return true;
}

void http2_carry_unframe(struct http2_stream *st)
{
    if (!st->framing)
        return;
    for (int i = 0; i < 2; i++)
        capsule_fini(&st->framing->capsule[i]);
    wschannel_fini(&st->framing->ws);
    free(st->framing);
    st->framing = NULL;
}

static void give(struct http2_state *s, const struct http2_stream *st, enum flow_dir role, const uint8_t *p, size_t n,
                 bool end)
{
    s->io->engine->carry(s->io, st->channel, dir_of(s, role), p, n, end);
}

static void hold(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p, size_t n)
{
    if (n == 0)
        return;
    if (st->lost[role] || s->held + n > HTTP2_HELD_ALL_MAX || !buf_add(&st->held[role], p, n)) {
        http2_raise(s, HTTP2_TUNNEL_HELD_LIMIT);
        st->lost[role] += n;
        return;
    }
    s->held += n;
}

void http2_carry_drop(struct http2_state *s, struct http2_stream *st)
{
    for (int i = 0; i < 2; i++) {
        s->held -= st->held[i].len;
        buf_fini(&st->held[i]);
        st->lost[i] = 0;
    }
}

void http2_carry_close(struct http2_state *s, struct http2_stream *st)
{
    if (st->kind != HTTP2_TUNNEL)
        return;
    s->io->engine->close(s->io, st->channel);
    st->kind = HTTP2_OVER;
}

static void carry_datagrams(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p,
                            size_t n)
{
    struct capsule_reader *c = &st->framing->capsule[role];
    struct reader in = reader_of(p, n);
    struct reader udp;
    uint64_t bad = c->bad;
    while (capsule_next(c, &in, &udp))
        if (reader_left(&udp))
            give(s, st, role, udp.p, reader_left(&udp), false);
    if (c->bad != bad)
        http2_raise(s, HTTP2_INVALID_CAPSULE);
}

struct ws_call {
    struct http2_state *s;
    struct http2_stream *st;
};

static void on_ws_offer(struct proto_io *io, void *ctx, uint32_t channel)
{
    struct ws_call *c = ctx;
    (void)io;
    (void)channel;
    http2_connect_recognised(c->s, c->st);
}

static void on_ws_event(struct proto_io *io, void *ctx, unsigned event)
{
    struct ws_call *c = ctx;
    (void)io;
    http2_raise(c->s, event == WSCHANNEL_COMPRESSED ? HTTP2_WEBSOCKET_COMPRESSED : HTTP2_INVALID_WEBSOCKET);
}

static const struct wschannel_user ws_user = {.offer = on_ws_offer, .event = on_ws_event};

/* What the WebSocket has come to is what the stream has. */
static void follow_websocket(struct http2_state *s, struct http2_stream *st, enum wschannel_state is)
{
    if (is < WSCHANNEL_OVER)
        return;
    st->kind = HTTP2_OVER; /* it has closed its channel */
    http2_tx_complete(s, st);
}

static void carry_websocket(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p,
                            size_t n, bool end)
{
    struct ws_call call = {s, st};
    follow_websocket(s, st, wschannel_feed(&st->framing->ws, s->io, dir_of(s, role), p, n, end, &ws_user, &call));
}

void http2_carry(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p, size_t n,
                 bool end)
{
    bool open = st->kind == HTTP2_TUNNEL || st->kind == HTTP2_WATCHED;
    if (st->kind == HTTP2_ASKED)
        hold(s, st, role, p, n);
    else if (st->kind == HTTP2_UNASKED)
        st->lost[role] += n;
    else if (open && st->wish == HTTP2_WISH_UDP)
        carry_datagrams(s, st, role, p, n);
    else if (open && st->wish == HTTP2_WISH_WEBSOCKET)
        carry_websocket(s, st, role, p, n, end);
    else if (open && (n || end))
        give(s, st, role, p, n, end);
}

/* Where the framing inside can't be followed over the gap, the tunnel ends. */
static void gap_framed(struct http2_state *s, struct http2_stream *st, enum flow_dir role, uint64_t n, bool end)
{
    struct ws_call call = {s, st};
    if (st->wish == HTTP2_WISH_UDP) {
        if (!capsule_gap(&st->framing->capsule[role], n))
            http2_carry_close(s, st);
        return;
    }
    follow_websocket(s, st, wschannel_gap(&st->framing->ws, s->io, dir_of(s, role), n, &ws_user, &call));
    if (end && st->kind != HTTP2_OVER)
        carry_websocket(s, st, role, NULL, 0, true);
}

void http2_carry_gap(struct http2_state *s, struct http2_stream *st, enum flow_dir role, uint64_t n, bool end)
{
    bool open = st->kind == HTTP2_TUNNEL || st->kind == HTTP2_WATCHED;
    if (st->kind == HTTP2_ASKED || st->kind == HTTP2_UNASKED) {
        st->lost[role] += n;
    } else if (open && st->wish != HTTP2_WISH_TCP) {
        gap_framed(s, st, role, n, end);
    } else if (open) {
        if (n)
            s->io->engine->carry_gap(s->io, st->channel, dir_of(s, role), n);
        if (end)
            give(s, st, role, NULL, 0, true);
    }
}

void http2_carry_held(struct http2_state *s, struct http2_stream *st)
{
    struct buf held[2];
    uint64_t lost[2];
    for (int i = 0; i < 2; i++) {
        held[i] = st->held[i];
        lost[i] = st->lost[i];
        buf_init(&st->held[i], HTTP2_HELD_MAX);
        st->lost[i] = 0;
        s->held -= held[i].len;
    }
    for (int i = 0; i < 2; i++) {
        enum flow_dir role = (enum flow_dir)i;
        bool end = st->ended[role];
        if (held[i].len || (end && !lost[i]))
            http2_carry(s, st, role, held[i].data, held[i].len, end && !lost[i]);
        if (lost[i])
            http2_carry_gap(s, st, role, lost[i], end);
        buf_fini(&held[i]);
    }
}
