/* For tests of protocols: a flow's two directions played to a parser as the app stage does it.
 *
 * Held bytes are offered again, PROTO_OTHER_SIDE is obeyed, transactions are logged once and freed. All that the parser
 * says is collected as text, one line each, so that two plays can be compared: records sorted by transaction, then
 * tunnels, names, relays, server names and changes, then events, then what each channel carried. Payload that begins
 * as SSH, HTTP, TLS or SOCKS does is recognised. */
#ifndef BURROW_PROTO_DUPLEX_TEST_H
#define BURROW_PROTO_DUPLEX_TEST_H

#include "core/buf.h"
#include "proto/proto.h"

/* One thing that happens on the wire. text NULL: a gap of n bytes, or the end of the direction when n is 0. */
struct step {
    enum flow_dir dir;
    const char *text;
    size_t n; /* of text; 0 with text: its strlen */
};

#define C(t)                                                                                                           \
    {                                                                                                                  \
        TO_SERVER, t, 0                                                                                                \
    }
#define S(t)                                                                                                           \
    {                                                                                                                  \
        TO_CLIENT, t, 0                                                                                                \
    }
#define C_GAP(n)                                                                                                       \
    {                                                                                                                  \
        TO_SERVER, NULL, n                                                                                             \
    }
#define S_GAP(n)                                                                                                       \
    {                                                                                                                  \
        TO_CLIENT, NULL, n                                                                                             \
    }
#define C_EOF                                                                                                          \
    {                                                                                                                  \
        TO_SERVER, NULL, 0                                                                                             \
    }
#define S_EOF                                                                                                          \
    {                                                                                                                  \
        TO_CLIENT, NULL, 0                                                                                             \
    }

#define DUPLEX_CHANNELS 40u

/* What a parser carried in a channel: stream bytes, or datagrams with their lengths. */
struct duplex_channel {
    uint32_t number; /* 0: unused */
    bool established;
    bool closed;
    bool datagrams;
    bool eof[2];
    uint64_t gap[2];
    struct buf bytes[2];
};

struct duplex {
    const struct app_proto *proto;
    void *state;
    struct proto_txs *txs;
    struct buf pending[2];
    bool waits[2];
    bool eof[2];
    bool over; /* tunnel, done or broken */
    enum proto_status status;
    bool bodies; /* proto_io.bodies */
    uint64_t now;
    unsigned logged;
    bool files; /* they are wanted */
    struct buf records;
    struct buf tunnels;
    struct buf events;
    struct buf inner[2]; /* bytes of the tunnel, once open, or of the protocol changed to */
    struct duplex_channel channels[DUPLEX_CHANNELS];
    struct flow_ref flow;
    struct settings settings;
};

void duplex_init(struct duplex *d, const struct app_proto *proto, bool reversed);
/* There is somebody who wants files: they stand behind their transaction's record. */
void duplex_init_files(struct duplex *d, const struct app_proto *proto, bool reversed);
void duplex_bytes(struct duplex *d, enum flow_dir dir, const void *p, size_t n);
void duplex_gap(struct duplex *d, enum flow_dir dir, size_t n);
void duplex_eof(struct duplex *d, enum flow_dir dir);
/* The flow ends: finish, log, fini. What was collected stays until duplex_fini. */
void duplex_end(struct duplex *d);
void duplex_fini(struct duplex *d);

/* Play all steps, each in pieces of `piece` bytes (0: whole), to the end. */
void duplex_play(struct duplex *d, const struct app_proto *proto, const struct step *steps, size_t n, size_t piece);

/* Play whole, in pieces of 1, 2, 3 and 7 bytes: the same must come out. Returns the text of the whole play in `out`,
 * which the caller frees with buf_fini. Zero-terminated. */
void duplex_all_ways(const struct app_proto *proto, const struct step *steps, size_t n, struct buf *out);

#endif
