/* WebSocket frames (RFC 6455 section 5) of one direction, taken apart as they come.
 *
 * Shared by the protocols that carry WebSocket: the websocket parser (after a 101) and HTTP/2 (RFC 8441). It takes
 * every byte that it is given and holds none but a frame's head (14 bytes at most), so nothing is to be offered twice.
 * The payload of text and binary messages is given on in pieces, unmasked; fragments follow each other without a mark.
 * Pieces of frames without a mask point into the bytes that were fed, others are copied. What must not be is told as an
 * event and understood as far as it can be. Payload of compressed messages (RFC 7692) is passed over. No allocation;
 * thread: the one that calls. */
#ifndef BURROW_PROTO_WSFRAME_H
#define BURROW_PROTO_WSFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSFRAME_HEAD_MAX 14u

/* RFC 6455 section 5.2 */
enum wsframe_opcode {
    WSFRAME_CONTINUATION = 0,
    WSFRAME_TEXT = 1,
    WSFRAME_BINARY = 2,
    WSFRAME_CLOSE = 8,
    WSFRAME_PING = 9,
    WSFRAME_PONG = 10,
};

enum wsframe_event {
    WSFRAME_RESERVED_BITS,      /* RSV2 or RSV3, or RSV1 where a message doesn't begin: broken */
    WSFRAME_UNKNOWN_OPCODE,     /* broken */
    WSFRAME_INVALID_LENGTH,     /* 63 bits are the most: broken */
    WSFRAME_LENGTH_NOT_MINIMAL, /* a length in more bytes than it needs */
    WSFRAME_CONTROL_FRAGMENTED, /* a control frame without FIN */
    WSFRAME_CONTROL_TOO_LONG,   /* a control frame of more than 125 bytes */
    WSFRAME_NO_MESSAGE,         /* a continuation of nothing */
    WSFRAME_MESSAGE_UNFINISHED, /* a message begins before the last one's end */
    WSFRAME_WRONG_MASK,         /* a client's frame without a mask, or a server's with one */
    WSFRAME_AFTER_CLOSE,        /* bytes behind a close frame: passed over */
    WSFRAME_EVENT_COUNT,
};

struct wsframe_head {
    uint8_t opcode; /* enum wsframe_opcode */
    bool fin;
    bool masked;
    bool compressed; /* it belongs to a message that is: its payload is not given on */
    uint64_t len;    /* of the payload, bytes */
};

/* Who is told. All but data may be NULL. */
struct wsframe_user {
    void (*frame)(void *ctx, const struct wsframe_head *head); /* before its payload */
    void (*data)(void *ctx, const uint8_t *p, size_t len);     /* payload of messages; valid during the call */
    void (*event)(void *ctx, enum wsframe_event event);
};

enum wsframe_result {
    WSFRAME_OK,
    WSFRAME_CLOSED, /* a close frame came: all that follows is passed over */
    WSFRAME_BROKEN, /* out of step, for good */
};

/* One direction. Zeroed is ready; set `client` for the bytes that the WebSocket's client sends. */
struct wsframe {
    bool client;
    bool message;              /* a message is unfinished */
    bool compressed;           /* it is compressed */
    bool payload;              /* inside a frame's payload (left > 0) */
    bool after_close;          /* told */
    uint8_t result;            /* enum wsframe_result */
    uint8_t head_len;          /* of head, bytes */
    uint8_t phase;             /* which octet of the mask is next */
    uint8_t mask[4];           /* zero: none */
    struct wsframe_head frame; /* the one whose payload it is */
    uint64_t left;             /* of its payload, bytes */
    uint8_t head[WSFRAME_HEAD_MAX];
};

enum wsframe_result wsframe_feed(struct wsframe *w, const uint8_t *p, size_t len, const struct wsframe_user *user,
                                 void *ctx);

/* n bytes are missing here. True if they all are payload of one frame: *lost is how many of them were a message's that
 * would have been given on. False: out of step, for good. */
bool wsframe_gap(struct wsframe *w, uint64_t n, uint64_t *lost);

/* Did the bytes end inside a frame? */
bool wsframe_torn(const struct wsframe *w);

#endif
