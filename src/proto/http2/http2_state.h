/* What the files of this room share: the state of a connection, and who does what with it. Private to the room.
 *
 * "Role" is an enum flow_dir as the protocol sees it: TO_SERVER carries requests. It differs from the flow's direction
 * where the roles are reversed. */
#ifndef BURROW_PROTO_HTTP2_STATE_H
#define BURROW_PROTO_HTTP2_STATE_H

#include <nghttp2/nghttp2.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "proto/capsule.h"
#include "proto/http2/http2_events.h"
#include "proto/proto.h"
#include "proto/wschannel.h"

/* Streams that are followed at a time; those above get no record, and a tunnel among them is incomplete. */
#define HTTP2_STREAMS_MAX 1024u
#define HTTP2_BUCKETS     256u
/* A frame that is read whole, bytes: all but DATA and unknown ones. */
#define HTTP2_HELD_FRAME_MAX 65536u
/* A header block as it comes, bytes; longer ones are decoded, but no field behind that is kept (Suricata's
 * max-reassembly-size). */
#define HTTP2_BLOCK_MAX 102400u
/* What is kept of one header block, bytes of names and values; the rest is left out. */
#define HTTP2_LIST_MAX 32768u
/* The same of all unfinished streams; at it, only what tunnels and records need is kept. */
#define HTTP2_STORED_MAX  (1u << 20)
#define HTTP2_NEEDED_MAX  1024u /* bytes of one such field */
#define HTTP2_NEEDED_MOST 16u   /* of them in a header block */
/* HPACK's table (Suricata's max-table-size): more in a table size update is an error. */
#define HTTP2_TABLE_MAX 65536u
/* Payload that waits for a tunnel's answer, bytes: of one direction, of the connection. More is a gap of the tunnel. */
#define HTTP2_HELD_MAX     65536u
#define HTTP2_HELD_ALL_MAX (1u << 20)
/* Bytes of a body that rules look at. */
#define HTTP2_BODY_MAX     102400u
#define HTTP2_WINDOWS_MAX  4u  /* WINDOW_UPDATE frames of a stream's side that rules see */
#define HTTP2_SETTINGS_MAX 32u /* kept of one SETTINGS frame */
#define HTTP2_HOST_MAX     255u
#define HTTP2_USER_MAX     256u

/* RFC 9113 6 */
enum http2_frame_type {
    HTTP2_DATA = 0,
    HTTP2_HEADERS = 1,
    HTTP2_PRIORITY = 2,
    HTTP2_RST_STREAM = 3,
    HTTP2_SETTINGS = 4,
    HTTP2_PUSH_PROMISE = 5,
    HTTP2_PING = 6,
    HTTP2_GOAWAY = 7,
    HTTP2_WINDOW_UPDATE = 8,
    HTTP2_CONTINUATION = 9,
};

#define HTTP2_FLAG_END_STREAM  0x01u
#define HTTP2_FLAG_ACK         0x01u
#define HTTP2_FLAG_END_HEADERS 0x04u
#define HTTP2_FLAG_PADDED      0x08u
#define HTTP2_FLAG_PRIORITY    0x20u

struct http2_setting {
    uint16_t id;
    uint32_t value;
};

/* What one side said in a transaction. */
struct http2_half {
    struct buf fields;        /* http2_fields.c */
    int64_t table_size;       /* of the first table size update, -1: none */
    uint64_t body;            /* DATA, bytes */
    const char *has_multiple; /* what came more than once: "error_code", "priority"; NULL: nothing */
    uint32_t error_code;
    uint8_t priority; /* weight as sent */
    uint32_t windows[HTTP2_WINDOWS_MAX];
    uint16_t frame_types; /* bits of enum http2_frame_type: those that were there */
    uint8_t window_count;
    bool body_begun;
    struct proto_file *file;   /* the body; NULL: there is none that is followed */
    struct inflater *inflater; /* owned; NULL: the body is as it is */
    bool has_error;
    bool has_priority;
    bool has_settings;
    uint8_t setting_count;
    struct http2_setting *settings; /* owned */
};

struct http2_tx {
    struct proto_tx base;
    uint32_t stream_id; /* 0: of the connection */
    struct http2_half half[2];
};

enum http2_kind {
    HTTP2_UNASKED,  /* its request was not seen (yet) */
    HTTP2_ORDINARY, /* DATA is a body */
    HTTP2_ASKED,    /* a tunnel was asked for, the answer is to come */
    HTTP2_WATCHED,  /* WebSocket: what is it that it carries? */
    HTTP2_TUNNEL,   /* open: its channel says which */
    HTTP2_OVER,     /* refused, or not followed any more */
};

/* What a CONNECT asks for: the :protocol of RFC 8441, if any. */
enum http2_wish { HTTP2_WISH_TCP, HTTP2_WISH_UDP, HTTP2_WISH_WEBSOCKET, HTTP2_WISH_OTHER };

struct http2_stream {
    struct http2_stream *in_bucket; /* next of the same bucket */
    struct http2_stream *prev;      /* in order of their beginning */
    struct http2_stream *next;
    uint32_t id;
    uint8_t kind;                  /* enum http2_kind */
    uint8_t wish;                  /* enum http2_wish */
    bool request_seen;             /* its first header block */
    bool ended[2];                 /* END_STREAM, by role */
    uint16_t status;               /* final status; 0: none yet */
    uint32_t channel;              /* of the tunnel */
    uint64_t start_ns;             /* when it was asked for */
    struct http2_tx *tx;           /* NULL: complete */
    struct buf held[2];            /* by role: payload that waits */
    uint64_t lost[2];              /* bytes missing behind it */
    struct http2_framing *framing; /* inside DATA; NULL: none */
};

/* Framing inside the DATA of a stream: of its wish. */
struct http2_framing {
    struct capsule_reader capsule[2]; /* by role */
    struct wschannel ws;
};

enum http2_phase { HTTP2_AT_PREFACE, HTTP2_AT_FRAME, HTTP2_IN_FRAME };

/* One direction, by role. */
struct http2_side {
    uint8_t phase; /* enum http2_phase */
    uint8_t type;  /* the frame that is being read */
    uint8_t flags;
    uint8_t pad;        /* bytes of padding at its end */
    bool pad_wait;      /* their number is to come */
    bool skip;          /* the rest of the frame is of no interest */
    bool end_due;       /* END_STREAM to be told with the last payload byte */
    uint32_t stream;    /* the frame's */
    uint32_t left;      /* of its body, bytes not consumed */
    uint32_t need;      /* of these, bytes that are read at once */
    uint32_t offered;   /* of these, bytes that the engine holds */
    uint32_t max_frame; /* what the other side takes, as it said */

    nghttp2_hd_inflater *inflater;
    bool in_block;         /* a header block goes on in the next frame */
    bool block_end_stream; /* the block's first frame had END_STREAM */
    bool block_started;    /* its first byte was seen */
    bool block_priority;
    uint8_t block_weight;
    uint32_t block_on;     /* the stream of its frames */
    uint32_t block_stream; /* whose it is; of PUSH_PROMISE the promised one */
    bool block_promise;
    uint32_t block_len; /* bytes so far */
    uint32_t list_len;  /* of names and values */
    int64_t table_size; /* its table size update, -1: none */
    struct buf fields;  /* what was decoded */
};

struct http2_state {
    struct proto_txs txs;
    struct proto_io *io; /* of the call that runs */
    struct http2_side side[2];
    struct http2_stream *first;
    struct http2_stream *last;
    struct http2_stream **buckets; /* NULL until there is a stream */
    uint32_t stream_count;
    uint32_t last_client; /* highest stream that the client opened */
    uint32_t last_server; /* and the server, by promise */
    uint32_t channels;    /* how many were given out */
    size_t stored;        /* bytes of fields in unfinished streams */
    size_t held;          /* bytes of payload in unopened tunnels */
    bool follow_bodies;   /* somebody wants files */
    bool rules;           /* there are some */
    bool reversed;
    bool broken;
};

static inline enum flow_dir http2_role(const struct http2_state *s, enum flow_dir dir)
{
    return s->reversed ? flow_dir_other(dir) : dir;
}

static inline void http2_half_saw(struct http2_half *h, enum http2_frame_type type)
{
    h->frame_types = (uint16_t)(h->frame_types | 1u << type);
}

static inline void http2_raise(struct http2_state *s, enum http2_event event)
{
    s->io->engine->event(s->io, event);
}

/* The event is this transaction's. */
static inline void http2_raise_in(struct http2_state *s, const struct proto_tx *tx, enum http2_event event)
{
    s->io->about = tx;
    s->io->engine->event(s->io, event);
    s->io->about = NULL;
}

/* http2_probe.c */
#define HTTP2_PREFACE     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" /* RFC 9113 3.4 */
#define HTTP2_PREFACE_LEN (sizeof(HTTP2_PREFACE) - 1)
enum proto_probe_result http2_probe(const struct proto_probe *p);

/* http2_frame.c: read one step of a direction. */
enum http2_result { HTTP2_GO_ON, HTTP2_NEED_MORE, HTTP2_BROKEN };
enum http2_result http2_step(struct http2_state *s, struct http2_side *side, enum flow_dir role);
/* n bytes of the direction are missing. False: nothing more can be read. */
bool http2_frame_gap(struct http2_state *s, struct http2_side *side, enum flow_dir role, uint64_t n);

/* The settings of a frame, or of HTTP/1's head; the flag ACK is not set. */
void http2_settings(struct http2_state *s, enum flow_dir role, struct reader body);

/* http2_headers.c: a header block, in pieces. begin and a last piece with `final`; false: HPACK's state is lost. */
void http2_block_begin(struct http2_side *side, uint32_t stream);
bool http2_block_piece(struct http2_state *s, struct http2_side *side, struct reader piece, bool final);

/* http2_fields.c: header fields in a buffer, in order. */
bool http2_fields_add(struct buf *b, const void *name, size_t name_len, const void *value, size_t value_len);
struct http2_field {
    const uint8_t *name;
    size_t name_len;
    const uint8_t *value;
    size_t value_len;
};
/* The next field from `in`, a reader over the buffer; false: there are no more. */
bool http2_fields_next(struct reader *in, struct http2_field *out);
/* The first of that name (lower case, as on the wire); false: none. */
bool http2_fields_find(const struct buf *b, const char *name, struct http2_field *out);
bool http2_field_is(const struct http2_field *f, const char *value); /* whatever the case */

/* http2_stream.c */
struct http2_stream *http2_stream_find(const struct http2_state *s, uint32_t id);
struct http2_stream *http2_stream_open(struct http2_state *s, uint32_t id); /* NULL: limit, or no memory */
/* Its header block is whole: of role's side, in side->fields. */
void http2_stream_headers(struct http2_state *s, struct http2_side *side, enum flow_dir role);
void http2_stream_data(struct http2_state *s, enum flow_dir role, uint32_t id, const uint8_t *p, size_t n, bool end);
void http2_stream_data_gap(struct http2_state *s, enum flow_dir role, uint32_t id, uint64_t n, bool end);
void http2_stream_reset(struct http2_state *s, enum flow_dir role, uint32_t id, uint32_t error_code);
void http2_stream_priority(struct http2_state *s, enum flow_dir role, uint32_t id, uint8_t weight);
/* Let go of it; its transaction is complete. */
void http2_stream_drop(struct http2_state *s, struct http2_stream *st);
/* Nothing more can be read: tunnels are closed, those that were asked for incomplete with the reason; all go. */
void http2_streams_give_up(struct http2_state *s, const char *reason);
void http2_tx_complete(struct http2_state *s, struct http2_stream *st);
/* A transaction of the connection itself, for one frame. NULL: no memory. */
struct http2_tx *http2_tx_global(struct http2_state *s);
void http2_half_error(struct http2_half *h, uint32_t error_code);
void http2_tx_fini(struct proto_tx *tx);

/* http2_body.c: DATA that is a body. */
void http2_body_data(struct http2_state *s, struct http2_tx *tx, enum flow_dir role, const uint8_t *p, size_t n,
                     bool end);
void http2_body_gap(struct http2_state *s, struct http2_tx *tx, enum flow_dir role, uint64_t n, bool end);

/* http2_buffers.c */
extern const struct proto_buffer http2_buffers[];
extern const struct proto_ready http2_ready[];
extern const struct proto_number http2_numbers[];

/* http2_inherit.c: app_proto.inherit. */
void http2_inherit(void *state, struct proto_io *io, const struct buf *fields);

/* http2_connect.c: asking for a tunnel, and the answer. */
void http2_connect_asked(struct http2_state *s, struct http2_stream *st);
void http2_connect_answered(struct http2_state *s, struct http2_stream *st);
/* No answer will come. status says who ended it. */
void http2_connect_lost(struct http2_state *s, struct http2_stream *st, enum tunnel_status status, const char *reason);
/* A CONNECT on a stream that is not followed. */
void http2_connect_unfollowed(struct http2_state *s, const struct buf *fields);
bool http2_is_connect(const struct buf *fields);
/* WebSocket: the payload that waits was recognised. */
void http2_connect_recognised(struct http2_state *s, struct http2_stream *st);

/* http2_carry.c: payload of tunnels, opened or not. */
void http2_carry(struct http2_state *s, struct http2_stream *st, enum flow_dir role, const uint8_t *p, size_t n,
                 bool end);
void http2_carry_gap(struct http2_state *s, struct http2_stream *st, enum flow_dir role, uint64_t n, bool end);
/* What was held goes on: the tunnel has just been opened. */
void http2_carry_held(struct http2_state *s, struct http2_stream *st);
void http2_carry_drop(struct http2_state *s, struct http2_stream *st); /* what was held is of no use any more */
void http2_carry_close(struct http2_state *s, struct http2_stream *st);
/* DATA is framed inside: of the stream's wish. False: no memory. */
bool http2_carry_framed(struct http2_state *s, struct http2_stream *st);
void http2_carry_unframe(struct http2_stream *st);

/* http2_target.c */
struct http2_target {
    struct addr addr; /* ADDR_NONE: asked by name */
    uint16_t port;
    const char *host; /* NULL when asked by address; borrowed, or from `text` */
    size_t host_len;
    char text[HTTP2_HOST_MAX + 1]; /* a host that had to be decoded */
};
/* host ":" port (RFC 9113 8.5). False: malformed. */
bool http2_target_authority(const uint8_t *p, size_t n, struct http2_target *out);
/* The default template of RFC 9298 2. False: malformed. */
bool http2_target_masque(const uint8_t *p, size_t n, struct http2_target *out);
/* The user of a Basic Proxy-Authorization value (RFC 7617 2). Returns its length in out, 0: there is none. */
size_t http2_basic_user(const uint8_t *p, size_t n, char out[HTTP2_USER_MAX]);

/* http2_log.c */
void http2_log(const void *state, const struct proto_tx *tx, struct json *j);

#endif
