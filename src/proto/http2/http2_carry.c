/* The payload of tunnels: as it is, out of capsules (RFC 9297), out of WebSocket frames (RFC 8441); and what waits for
 * the answer, or until it is known what WebSocket carries. */
#include <stdlib.h>

#include "proto/http2/http2_state.h"

/* The flow's direction for a role, and the other way round. */
static enum flow_dir dir_of(const struct http2_state *s, enum flow_dir role)
{
    return http2_role(s, role);
}

bool http2_carry_framed(struct http2_stream *st)
{
    st->framing = calloc(1, sizeof *st->framing);
    if (!st->framing)
        return false;
    for (int i = 0; i < 2; i++)
        capsule_init(&st->framing->capsule[i]);
    st->framing->ws[TO_SERVER].client = true;
    return true;
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
    enum flow_dir role;
};

/* What does the WebSocket carry, as far as it was seen? */
static void recognise(struct http2_state *s, struct http2_stream *st)
{
    struct proto_probe probe = {
        .sport = s->io->flow->key.sport, .dport = s->io->flow->key.dport, .transport = PROTO_TCP};
    for (int r = 0; r < 2; r++) {
        probe.data[r] = st->held[r].data;
        probe.len[r] = st->held[r].len;
        probe.eof[r] = st->framing->eof[r];
        probe.final |= st->held[r].len >= HTTP2_WATCHED_MAX || st->lost[r];
    }
    probe.final |= probe.eof[0] && probe.eof[1];
    enum proto_probe_result is = s->io->engine->recognise(s->io, &probe);
    if (is == PROBE_MORE && !probe.final)
        return;
    if (is == PROBE_YES) {
        http2_connect_recognised(s, st);
    } else {
        st->kind = HTTP2_OVER;
        http2_tx_complete(s, st);
    }
    for (int r = 0; r < 2 && st->kind == HTTP2_TUNNEL; r++) {
        bool eof = st->framing->eof[r];
        if (st->held[r].len || (eof && !st->lost[r]))
            give(s, st, (enum flow_dir)r, st->held[r].data, st->held[r].len, eof && !st->lost[r]);
        if (st->lost[r]) {
            s->io->engine->carry_gap(s->io, st->channel, dir_of(s, (enum flow_dir)r), st->lost[r]);
            if (eof)
                give(s, st, (enum flow_dir)r, NULL, 0, true);
        }
    }
    http2_carry_drop(s, st);
}

static void on_ws_data(void *ctx, const uint8_t *p, size_t n)
{
    struct ws_call *c = ctx;
    if (c->st->kind == HTTP2_TUNNEL) {
        give(c->s, c->st, c->role, p, n, false);
    } else if (c->st->kind == HTTP2_WATCHED) {
        hold(c->s, c->st, c->role, p, n);
        recognise(c->s, c->st);
    }
}

static void on_ws_event(void *ctx, enum wsframe_event event)
{
    struct ws_call *c = ctx;
    (void)event;
    http2_raise(c->s, HTTP2_INVALID_WEBSOCKET);
}

/* The payload of one direction ended, by a close frame or with the stream. */
static void end_websocket(struct http2_state *s, struct http2_stream *st, enum flow_dir role)
{
    if (st->framing->eof[role])
        return;
    st->framing->eof[role] = true;
    if (st->kind == HTTP2_TUNNEL)
        give(s, st, role, NULL, 0, true);
    else if (st->kind == HTTP2_WATCHED)
        recognise(s, st);
}

static void carry_websocket(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p,
                            size_t n, bool end)
{
    static const struct wsframe_user user = {.data = on_ws_data, .event = on_ws_event};
    struct ws_call call = {s, st, role};
    enum wsframe_result r = WSFRAME_OK;
    if (n)
        r = wsframe_feed(&st->framing->ws[role], p, n, &user, &call);
    if (r == WSFRAME_BROKEN) {
        http2_carry_close(s, st);
        st->kind = HTTP2_OVER;
    } else if (r == WSFRAME_CLOSED || end) {
        end_websocket(s, st, role);
    }
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
    uint64_t lost = 0;
    bool udp = st->wish == HTTP2_WISH_UDP;
    bool good = udp ? capsule_gap(&st->framing->capsule[role], n) : wsframe_gap(&st->framing->ws[role], n, &lost);
    if (!good || (lost && st->kind == HTTP2_WATCHED)) {
        http2_carry_close(s, st);
        st->kind = HTTP2_OVER;
        return;
    }
    if (lost)
        s->io->engine->carry_gap(s->io, st->channel, dir_of(s, role), lost);
    if (end && !udp)
        end_websocket(s, st, role);
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
