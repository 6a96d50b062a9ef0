/* A WebSocket as a carrier: both directions' frames, and the tunnel that their payload may be.
 *
 * Shared by the websocket parser and HTTP/2. The first payload of both directions is held back, up to a cap, until
 * engine->recognise knows what it is. If it is a protocol: the user offers the tunnel, and all payload is carried as
 * one stream, without messages' ends, as websockify, wstunnel and chisel mean it. If it is none: nothing more is of
 * interest. Compressed messages (RFC 7692) can't be recognised, and end a tunnel. NOTES.md of proto/websocket has the
 * limits. Owns the held payload: fini frees it. Thread: the lane's app thread. */
#ifndef BURROW_PROTO_WSCHANNEL_H
#define BURROW_PROTO_WSCHANNEL_H

#include "core/buf.h"
#include "proto/proto.h"
#include "proto/wsframe.h"

/* Payload of one direction that is held back at most, bytes. */
#define WSCHANNEL_HELD_MOST 4096u

/* What is told beside the frames' own events; the descriptions of both are in wschannel_events. */
enum wschannel_event {
    WSCHANNEL_COMPRESSED = WSFRAME_EVENT_COUNT, /* a compressed message: what it carries is not seen */
    WSCHANNEL_GAP,                              /* bytes are missing so that frames can't be followed */
    WSCHANNEL_EVENT_COUNT,
};
extern const struct proto_event_desc wschannel_events[WSCHANNEL_EVENT_COUNT];

/* Who uses it: called within feed and gap. */
struct wschannel_user {
    /* It is a tunnel: offer it as established, with the channel's number. */
    void (*offer)(struct proto_io *io, void *ctx, uint32_t channel);
    /* enum wschannel_event or wsframe_event. May be NULL. */
    void (*event)(struct proto_io *io, void *ctx, unsigned event);
};

enum wschannel_state {
    WSCHANNEL_UNDECIDED,
    WSCHANNEL_CARRYING,
    WSCHANNEL_OVER,   /* no tunnel, or no more of it: nothing is of interest */
    WSCHANNEL_BROKEN, /* frames can't be followed; what was carried is closed */
};

struct wschannel {
    struct wsframe frames[2]; /* by enum flow_dir */
    struct buf first[2];      /* payload while undecided */
    bool eof[2];
    uint32_t channel;
    uint8_t state; /* enum wschannel_state */
};

/* reversed: the WebSocket's client is the flow's server. */
void wschannel_init(struct wschannel *w, uint32_t channel, bool reversed);
void wschannel_fini(struct wschannel *w);

/* Bytes of one direction, all of which are taken; eof: no more will come. */
enum wschannel_state wschannel_feed(struct wschannel *w, struct proto_io *io, enum flow_dir dir, const uint8_t *p,
                                    size_t len, bool eof, const struct wschannel_user *user, void *ctx);

/* n bytes are missing. */
enum wschannel_state wschannel_gap(struct wschannel *w, struct proto_io *io, enum flow_dir dir, uint64_t n,
                                   const struct wschannel_user *user, void *ctx);

#endif
