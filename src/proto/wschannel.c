#include "proto/wschannel.h"

const struct proto_event_desc wschannel_events[WSCHANNEL_EVENT_COUNT] = {
    [WSFRAME_RESERVED_BITS] = {"reserved_bits", "WebSocket frame with a reserved bit set"},
    [WSFRAME_UNKNOWN_OPCODE] = {"unknown_opcode", "WebSocket frame of an unknown kind"},
    [WSFRAME_INVALID_LENGTH] = {"invalid_length", "WebSocket frame longer than one can be"},
    [WSFRAME_LENGTH_NOT_MINIMAL] = {"length_not_minimal", "WebSocket frame's length in more bytes than it needs"},
    [WSFRAME_CONTROL_FRAGMENTED] = {"control_fragmented", "WebSocket control frame in fragments"},
    [WSFRAME_CONTROL_TOO_LONG] = {"control_too_long", "WebSocket control frame of more than 125 bytes"},
    [WSFRAME_NO_MESSAGE] = {"continuation_without_message", "WebSocket fragment that continues nothing"},
    [WSFRAME_MESSAGE_UNFINISHED] = {"message_unfinished", "WebSocket message begins within another"},
    [WSFRAME_WRONG_MASK] = {"wrong_mask", "WebSocket client's frame without a mask, or a server's with one"},
    [WSFRAME_AFTER_CLOSE] = {"data_after_close", "bytes behind a WebSocket close frame"},
    [WSCHANNEL_COMPRESSED] = {"compressed", "compressed WebSocket message: what it carries is not seen"},
    [WSCHANNEL_GAP] = {"frame_gap", "bytes are missing so that WebSocket frames can't be followed"},
};

/* One feeding, as the frames' callbacks see it. */
struct call {
    struct wschannel *w;
    struct proto_io *io;
    enum flow_dir dir;
    const struct wschannel_user *user;
    void *ctx;
};

static void tell(const struct call *c, unsigned event)
{
    if (c->user->event)
        c->user->event(c->io, c->ctx, event);
}

/* Nothing more is of interest, or can be understood. */
static void give_up(const struct call *c, enum wschannel_state state)
{
    struct wschannel *w = c->w;
    if (w->state == WSCHANNEL_CARRYING)
        c->io->engine->close(c->io, w->channel);
    w->state = (uint8_t)state;
    buf_fini(&w->first[0]);
    buf_fini(&w->first[1]);
}

/* It is a tunnel: what was held goes ahead. */
static void open_tunnel(const struct call *c)
{
    struct wschannel *w = c->w;
    w->state = WSCHANNEL_CARRYING;
    c->user->offer(c->io, c->ctx, w->channel);
    for (int d = 0; d < 2; d++) {
        if (w->first[d].len || w->eof[d])
            c->io->engine->carry(c->io, w->channel, (enum flow_dir)d, w->first[d].data, w->first[d].len, w->eof[d]);
        buf_fini(&w->first[d]);
    }
}

static void decide(const struct call *c, bool final)
{
    struct wschannel *w = c->w;
    if (w->state != WSCHANNEL_UNDECIDED || (!final && !w->first[0].len && !w->first[1].len))
        return;
    struct proto_probe probe = {
        .data = {w->first[0].data, w->first[1].data},
        .len = {w->first[0].len, w->first[1].len},
        .eof = {w->eof[0], w->eof[1]},
        .final = final,
        .sport = c->io->flow->key.sport,
        .dport = c->io->flow->key.dport,
        .transport = PROTO_TCP,
    };
    enum proto_probe_result r = c->io->engine->recognise(c->io, &probe);
    if (r == PROBE_YES || r == PROBE_YES_REVERSED)
        open_tunnel(c);
    else if (r == PROBE_NO || final)
        give_up(c, WSCHANNEL_OVER);
}

/* Hold what there is room for; returns how much. */
static size_t hold(const struct call *c, const uint8_t *p, size_t len)
{
    struct buf *b = &c->w->first[c->dir];
    size_t room = WSCHANNEL_HELD_MOST - b->len;
    size_t n = len < room ? len : room;
    if (!buf_add(b, p, n)) {
        give_up(c, WSCHANNEL_OVER);
        return 0;
    }
    if (b->len == WSCHANNEL_HELD_MOST)
        decide(c, true);
    return n;
}

static void on_data(void *ctx, const uint8_t *p, size_t len)
{
    const struct call *c = ctx;
    struct wschannel *w = c->w;
    if (w->state == WSCHANNEL_UNDECIDED) {
        size_t n = hold(c, p, len);
        p += n;
        len -= n;
    }
    if (w->state == WSCHANNEL_CARRYING && len)
        c->io->engine->carry(c->io, w->channel, c->dir, p, len, false);
}

static void on_frame(void *ctx, const struct wsframe_head *head)
{
    const struct call *c = ctx;
    if (!head->compressed || head->len == 0 || c->w->state >= WSCHANNEL_OVER)
        return;
    tell(c, WSCHANNEL_COMPRESSED);
    give_up(c, WSCHANNEL_OVER);
}

static void on_event(void *ctx, enum wsframe_event event)
{
    const struct call *c = ctx;
    if (c->w->state < WSCHANNEL_OVER)
        tell(c, event);
}

static const struct wsframe_user frame_user = {.frame = on_frame, .data = on_data, .event = on_event};

/* No more comes in this direction: its sender closed the WebSocket, or the stream below. */
static void end_direction(const struct call *c)
{
    struct wschannel *w = c->w;
    if (w->eof[c->dir])
        return;
    w->eof[c->dir] = true;
    if (w->state == WSCHANNEL_CARRYING)
        c->io->engine->carry(c->io, w->channel, c->dir, NULL, 0, true);
    bool over = w->eof[0] && w->eof[1];
    decide(c, over);
    if (over && w->state < WSCHANNEL_OVER)
        give_up(c, WSCHANNEL_OVER);
}

void wschannel_init(struct wschannel *w, uint32_t channel, bool reversed)
{
    *w = (struct wschannel){.channel = channel};
    w->frames[reversed ? TO_CLIENT : TO_SERVER].client = true;
    buf_init(&w->first[0], WSCHANNEL_HELD_MOST);
    buf_init(&w->first[1], WSCHANNEL_HELD_MOST);
}

void wschannel_fini(struct wschannel *w)
{
    buf_fini(&w->first[0]);
    buf_fini(&w->first[1]);
}

enum wschannel_state wschannel_feed(struct wschannel *w, struct proto_io *io, enum flow_dir dir, const uint8_t *p,
                                    size_t len, bool eof, const struct wschannel_user *user, void *ctx)
{
    struct call c = {.w = w, .io = io, .dir = dir, .user = user, .ctx = ctx};
    if (w->state >= WSCHANNEL_OVER)
        return (enum wschannel_state)w->state;
    enum wsframe_result r = wsframe_feed(&w->frames[dir], p, len, &frame_user, &c);
    decide(&c, false);
    if (r == WSFRAME_BROKEN && w->state < WSCHANNEL_OVER)
        give_up(&c, WSCHANNEL_BROKEN);
    if (r == WSFRAME_CLOSED || eof)
        end_direction(&c);
    return (enum wschannel_state)w->state;
}

enum wschannel_state wschannel_gap(struct wschannel *w, struct proto_io *io, enum flow_dir dir, uint64_t n,
                                   const struct wschannel_user *user, void *ctx)
{
    struct call c = {.w = w, .io = io, .dir = dir, .user = user, .ctx = ctx};
    if (w->state >= WSCHANNEL_OVER)
        return (enum wschannel_state)w->state;
    uint64_t lost;
    if (!wsframe_gap(&w->frames[dir], n, &lost)) {
        tell(&c, WSCHANNEL_GAP);
        give_up(&c, WSCHANNEL_BROKEN);
        return WSCHANNEL_BROKEN;
    }
    if (lost) {
        decide(&c, true); /* what follows the gap says nothing of how it began */
        if (w->state == WSCHANNEL_CARRYING)
            io->engine->carry_gap(io, w->channel, dir, lost);
    }
    if (w->frames[dir].result == WSFRAME_CLOSED)
        end_direction(&c);
    return (enum wschannel_state)w->state;
}
