/* A connection whose messages are framed by ourselves: from its first CONNECT, absolute-form request or Upgrade on.
 * What is the carrier's own goes to libhtp message by message, what is an origin's goes to that origin's channel.
 * Private to the room. */
#ifndef BURROW_PROTO_HTTP1_PROXY_H
#define BURROW_PROTO_HTTP1_PROXY_H

#include "core/buf.h"
#include "proto/http1/http1_frame.h"
#include "proto/http1/http1_state.h"

/* Origins of one connection that are remembered; for one more, the one that was idle longest is closed. */
#define HTTP1_ORIGINS_MAX 64u
/* Bytes of requests that wait for their proxy's first answer; with more the channels open without it. */
#define HTTP1_HOLD_MAX 65536u
/* A request's head, bytes. */
#define HTTP1_REQUEST_HEAD_MAX 65536u
#define HTTP1_REASON_MAX       64u /* bytes of a refusal's reason phrase */

/* One host and port that were asked for. */
struct http1_origin {
    struct http1_target target; /* its host is `name` */
    char *name;                 /* NULL: by address */
    char *user;                 /* of the last request that named one; NULL: none did */
    size_t user_len;
    uint32_t channel; /* 0: not open */
    uint32_t asks;    /* requests without a whole reply */
    uint64_t used;    /* when last, in requests */
    uint64_t time_ns; /* of the last request while it is not open */
    int refused;      /* status of the last refusal since it was last open; 0: none */
    char reason[HTTP1_REASON_MAX];
    size_t reason_len;
};

/* Whose is what is being read? */
enum http1_sink {
    HTTP1_SINK_OWN,     /* the carrier's: libhtp's */
    HTTP1_SINK_HOLD,    /* an origin's that isn't open: kept */
    HTTP1_SINK_CHANNEL, /* an origin's */
    HTTP1_SINK_DROP,    /* an origin's that the proxy refused */
};

/* A request whose reply isn't over. */
struct http1_ask {
    uint64_t time_ns;
    uint64_t tx;  /* the carrier's own: its transaction */
    size_t held;  /* bytes of it in `hold` */
    int origin;   /* index; -1: the carrier's own */
    bool head;    /* the method is HEAD */
    bool settled; /* an origin's: it isn't held */
};

struct http1_side {
    struct http1_scan scan;
    struct http1_body body;
    bool inside; /* the head was read, the body is being read */
    enum http1_sink sink;
    uint32_t channel;
    bool eof;
};

struct http1_proxy {
    struct buf line;    /* the request line that libhtp had taken, before the bytes that come */
    struct buf head;    /* a head behind that line */
    struct buf scratch; /* a head as the origin sees it */
    struct buf hold;    /* requests that wait, in order */
    struct http1_side up;
    struct http1_side down;
    size_t interim;         /* down: bytes of interim heads before the one that is being read */
    struct http1_ask *asks; /* ring */
    unsigned first;
    unsigned count;
    unsigned room; /* a power of two */
    struct http1_origin *origins;
    unsigned origin_count;
    unsigned origin_room;
    uint64_t requests;
    uint32_t raw;  /* 101 came through: all that follows is this channel's */
    bool own;      /* the first request that was framed here is one of libhtp's as well */
    bool draining; /* libhtp still reads replies to what came before */
    bool waits;    /* what follows the last request depends on its answer */
    bool unasked;  /* bytes of the proxy wait for a request */
    uint64_t gap;  /* bytes that are missing of that */
    char user[HTTP1_USER_MAX];
    size_t user_len; /* whom NTLM made the connection's user */
};

struct http1_proxy *http1_proxy_create(void);
void http1_proxy_destroy(struct http1_proxy *p);

/* Each direction's bytes, once libhtp doesn't frame any more; and what is missing of them. */
enum proto_status http1_proxy_request(struct http1_state *s, struct proto_io *io);
enum proto_status http1_proxy_reply(struct http1_state *s, struct proto_io *io);
enum proto_status http1_proxy_gap(struct http1_state *s, struct proto_io *io, uint64_t n);

enum proto_status http1_reply_gap(struct http1_state *s, struct proto_io *io, uint64_t n);

/* What libhtp's answer means here, where it doesn't frame: it can be begun anew. */
enum proto_status http1_own_status(struct http1_state *s, int rc);

/* No more will come in io->dir: tell the channels. */
void http1_proxy_eof(struct http1_state *s, struct proto_io *io, struct http1_side *side);

/* Is this a request for another host than the proxy itself? */
bool http1_for_origin(const struct http1_state *s, const struct proto_io *io, struct http1_span target,
                      struct http1_target *out, struct http1_span *path);

/* Framing is over: tell of the origins that were never reached; close the channels, unless the flow ends. */
void http1_proxy_end(struct http1_state *s, struct proto_io *io, const char *reason, bool close);

/* Would that tell of nothing? */
bool http1_proxy_quiet(const struct http1_proxy *p);

/* Messages can't be told apart any more. */
enum proto_status http1_proxy_lost(struct http1_state *s, struct proto_io *io, enum http1_event event,
                                   const char *reason);

/* One more ask at the end; NULL at HTTP1_LIVE_MAX or without memory. */
struct http1_ask *http1_ask_push(struct http1_proxy *p);
struct http1_ask *http1_ask_first(struct http1_proxy *p); /* NULL: there is none */
void http1_ask_pop(struct http1_proxy *p);

/* A message is over. If it was the last of those begun, what libhtp still takes for open isn't: no byte will end it. */
void http1_proxy_over(struct http1_state *s);

/* Open the origin's channel and give it all its requests that wait. line NULL: no answer was seen. */
void http1_proxy_settle(struct http1_state *s, struct proto_io *io, int origin, const struct http1_status_line *line);
/* Forget the first request that waits: the proxy refused it. */
void http1_proxy_drop(struct http1_state *s);

/* http1_origin.c */

/* RFC 9112 3.2.2, of the schemes that have a port of their own. *path: what the origin is asked for. */
bool http1_absolute_form(struct http1_span target, struct http1_target *out, struct http1_span *path);

/* The origin's index, made if it is new; -1: no memory, or all are in use. */
int http1_origin_find(struct http1_state *s, struct proto_io *io, const struct http1_target *target);
void http1_origin_user(struct http1_origin *o, const char *user, size_t n);

/* Open the origin's channel; line NULL: no answer was seen. */
void http1_origin_open(struct http1_state *s, struct proto_io *io, struct http1_origin *o, uint64_t time_ns,
                       const struct http1_status_line *line);
void http1_origin_refuse(struct http1_origin *o, const struct http1_status_line *line);
/* Report what never came to a channel. */
void http1_origin_report(struct http1_state *s, struct proto_io *io, const struct http1_origin *o, const char *reason);
void http1_origin_fini(struct http1_origin *o);

/* The head that the origin sees: origin-form, without what is for the proxy alone, with a Host. False: no memory. */
bool http1_origin_head(struct buf *out, const struct http1_request_line *line, struct http1_span path,
                       struct reader fields, const struct http1_target *target);

#endif
