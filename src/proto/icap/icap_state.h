/* What the files of this room share: heads that were read, the sessions of a connection, the state of both sides.
 * Private to the room. */
#ifndef BURROW_PROTO_ICAP_STATE_H
#define BURROW_PROTO_ICAP_STATE_H

#include "proto/chunked.h"
#include "proto/proto.h"

/* An ICAP head, bytes; a longer one ends the parsing. */
#define ICAP_HEAD_MAX 32768u
/* The encapsulated heads of a message together, bytes; with longer ones it is ended, too. */
#define ICAP_PARTS_MAX 65536u
/* Sessions of a connection that are open; one more closes the one that was used longest ago. */
#define ICAP_CHANNELS_MAX 32u
/* Requests whose answer was not seen; with more, answers are no longer followed. */
#define ICAP_AWAITED_MAX 64u
/* Requests without a RESPMOD among them after which none is expected any more. */
#define ICAP_REQMOD_ALONE 8u
/* Bytes that wait for the request they answer; with more, answers are no longer followed. */
#define ICAP_EARLY_MAX 16384u
#define ICAP_HOST_MAX  255u /* bytes of an origin's name (RFC 1035 2.3.4) */
#define ICAP_USER_MAX  256u /* bytes of a user's name that are kept */
/* Missing bytes of a body that are told as a gap; with more, the session ends. */
#define ICAP_GAP_MAX 0xffffffffu

enum icap_event {
    ICAP_INVALID_REQUEST_LINE,
    ICAP_INVALID_STATUS_LINE,
    ICAP_INVALID_ENCAPSULATED,
    ICAP_INVALID_HTTP_HEAD,
    ICAP_INVALID_CHUNK,
    ICAP_HEADER_TOO_LONG,
    ICAP_REQUEST_GAP,
    ICAP_RESPONSE_GAP,
    ICAP_LENGTH_MISMATCH,
    ICAP_NO_ORIGIN,
    ICAP_RESPONSE_WITHOUT_REQUEST,
    ICAP_TOO_MANY_REQUESTS,
    ICAP_TOO_MANY_SESSIONS,
    ICAP_EVENT_COUNT
};

enum icap_method { ICAP_REQMOD, ICAP_RESPMOD, ICAP_OPTIONS, ICAP_OTHER };

/* The Encapsulated header (RFC 3507 4.4.1): lengths of the HTTP heads, and is there a body behind them? */
struct icap_parts {
    size_t request; /* 0: none */
    size_t response;
    bool body;
};

/* Whose session it is, by the extension headers of draft-stecher-icap-subid and squid's. */
struct icap_identity {
    struct addr client; /* ADDR_NONE: not said */
    uint16_t client_port;
    struct addr server; /* the origin's address */
    size_t user_len;
    char user[ICAP_USER_MAX];
};

struct icap_head {
    enum icap_method method; /* of a request */
    int status;              /* of a response */
    bool preview;
    struct icap_parts parts;
    struct icap_identity id;
};

/* An encapsulated request's head. Everything is borrowed from it. */
struct icap_request {
    const uint8_t *method;
    size_t method_len;
    const uint8_t *path; /* in origin-form, up to the head's end; what goes before it in the child is `method`, a blank
                            and, if the target has no path, `root` */
    size_t path_len;     /* of the target alone */
    bool root;           /* a '/' is missing before path */
    const uint8_t *host; /* of the origin, brackets and port excluded; NULL: none was found */
    size_t host_len;
    uint16_t port;
    bool connect;
    bool head;
};

/* How long the body is, by an encapsulated head (RFC 9112 6.3). */
enum icap_framing {
    ICAP_NO_BODY,
    ICAP_LENGTH,  /* Content-Length */
    ICAP_CHUNKED, /* Transfer-Encoding */
    ICAP_CLOSE,   /* until the connection ends; for a request: the head does not say */
};

struct icap_length {
    enum icap_framing framing;
    uint64_t n; /* ICAP_LENGTH */
    bool last;  /* what follows on the connection is not HTTP, or not known to be (1xx) */
};

/* A session between a client and an origin. */
struct icap_channel {
    uint32_t number; /* 0: unused */
    uint64_t used;   /* last, by number of the ICAP request */
    struct addr client;
    uint16_t client_port;
    uint16_t port;
    bool pending;     /* a request whose response did not come */
    bool head;        /* it is a HEAD */
    bool spent;       /* nothing can follow the response */
    uint64_t request; /* hash of the pending request's method and target */
    uint64_t user;    /* hash of the user's name; 0: none */
    size_t host_len;
    char host[ICAP_HOST_MAX];
};

/* A message's body on its way into a session. */
struct icap_writer {
    struct icap_channel *channel; /* NULL: to be skipped */
    enum flow_dir dir;            /* in the child */
    enum icap_framing framing;
    uint64_t left; /* ICAP_LENGTH: bytes to come */
};

enum icap_step {
    ICAP_STEP_HEAD,
    ICAP_STEP_PARTS, /* the encapsulated heads */
    ICAP_STEP_BODY,
    ICAP_STEP_PREVIEWED, /* a preview ended: chunks follow, or the next request */
    ICAP_STEP_LOST,      /* server's side: no longer followed */
};

/* One direction. */
struct icap_side {
    enum icap_step step;
    size_t scanned; /* how far the head was looked at for its end */
    struct icap_head head;
    struct chunked chunked;
    struct icap_writer writer;
};

/* A request that was not answered. */
struct icap_awaited {
    enum icap_method method;
    uint32_t channel; /* of a REQMOD; 0: none */
};

struct icap_state {
    struct proto_txs txs;
    bool reversed;
    bool continued; /* the oldest request that is awaited had its 100 */
    bool refused;   /* the request that is being read had its answer before the rest of its body was asked for */
    bool respmod;   /* there was one */
    bool client_eof;
    uint32_t channels_opened;
    uint64_t requests; /* begun by the client */
    uint64_t answers;  /* of them, those that had their final answer; the ring holds the others */
    struct icap_side client;
    struct icap_side server;
    struct icap_awaited awaited[ICAP_AWAITED_MAX]; /* by number modulo the size */
    struct icap_channel channels[ICAP_CHANNELS_MAX];
};

/* icap_probe.c */
enum proto_probe_result icap_probe(const struct proto_probe *p);

/* icap_head.c */

/* Where a head that begins at p ends, the blank line included; 0: not in these n bytes. *scanned is where to go on. */
size_t icap_head_end(const uint8_t *p, size_t n, size_t *scanned);
/* Take a line without its end; false: none is left. */
bool icap_line(struct reader *r, struct reader *line);
/* The value of a header's line if that is its name. */
bool icap_header(struct reader line, const char *name, struct reader *value);
/* Read a whole head. False: its first line is wrong. *bad_parts: its Encapsulated header is, or its heads are too long.
 */
bool icap_head_request(struct reader head, struct icap_head *out, bool *bad_parts);
bool icap_head_response(struct reader head, struct icap_head *out, bool *bad_parts);

/* icap_identity.c: a header that may tell whose session it is. */
void icap_identity_header(struct reader line, struct icap_identity *id);

/* icap_http.c: encapsulated HTTP heads, which end with an empty line. False: not HTTP. */
bool icap_http_request(struct reader head, struct icap_request *out, struct icap_length *length);
bool icap_http_response(struct reader head, struct icap_length *length);
/* Give the request's head to a session: in origin-form, without what is said to the proxy alone; with a
 * Transfer-Encoding if `add_coding`. */
void icap_http_write_request(struct proto_io *io, uint32_t channel, enum flow_dir dir, struct reader head,
                             const struct icap_request *req, bool add_coding);

/* icap_channel.c */

/* The session for a request, opened if there is none. `repeated`: it comes with its response and may have been carried
 * before; it was if the session is pending. */
struct icap_channel *icap_channel_for(struct icap_state *s, struct proto_io *io, const struct icap_identity *id,
                                      const struct icap_request *req, bool repeated);
struct icap_channel *icap_channel_find(struct icap_state *s, uint32_t number);
void icap_channel_close(struct icap_state *s, struct proto_io *io, struct icap_channel *c);
void icap_channel_close_all(struct icap_state *s, struct proto_io *io);
/* The carrier's direction of what a session's client or server says. */
static inline enum flow_dir icap_dir(const struct icap_state *s, enum flow_dir dir)
{
    return s->reversed ? flow_dir_other(dir) : dir;
}

/* icap_body.c: what a writer does with a body's pieces. */
void icap_body_begin(struct icap_writer *w, struct icap_channel *c, enum flow_dir dir,
                     const struct icap_length *length);
/* n bytes of the chunk are missing. */
void icap_body_gap(struct icap_state *s, struct proto_io *io, struct icap_side *side, uint64_t n);
/* The message is over; `whole`: its body came to its end. */
void icap_body_end(struct icap_state *s, struct proto_io *io, struct icap_writer *w, bool whole);
/* Read chunks up to the body's end; CHUNKED_END or a failure, else CHUNKED_MORE. */
enum chunked_result icap_body_read(struct icap_state *s, struct proto_io *io, struct icap_side *side);

/* icap_request.c, icap_response.c: bytes of the client's and of the server's side. */
enum proto_status icap_request_parse(struct icap_state *s, struct proto_io *io);
enum proto_status icap_response_parse(struct icap_state *s, struct proto_io *io);
/* What the server says is no longer understood. */
void icap_response_lost(struct icap_state *s, struct proto_io *io);
/* The request that is being read ends here: what its preview left out is not coming. */
void icap_request_cut(struct icap_state *s, struct proto_io *io);
/* Carry an encapsulated response. */
void icap_carry_response(struct icap_state *s, struct proto_io *io, struct icap_side *side, struct icap_channel *c,
                         struct reader head);

static inline void icap_tell(struct proto_io *io, enum icap_event event)
{
    io->engine->event(io, event);
}

#endif
