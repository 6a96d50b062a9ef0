/* What the files of this room share: the state of a connection, and who does what with it. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_STATE_H
#define BURROW_PROTO_HTTP1_STATE_H

#include <htp/htp.h>

#include "proto/http1/http1_events.h"
#include "proto/proto.h"

/* Transactions of one connection that wait for their end; more end the parsing (Suricata's max-tx). */
#define HTTP1_LIVE_MAX 512
/* libhtp messages of one connection; more end the parsing. */
#define HTTP1_MESSAGES_MAX 512
/* A reply's head while a CONNECT waits for it, bytes. */
#define HTTP1_REPLY_HEAD_MAX 65536
/* libhtp keeps a pointer for every transaction that ever was: begin anew after so many. */
#define HTTP1_RENEW_AFTER 4096
/* Transactions that libhtp did not let go of because it never saw the request's end: begin anew after so many. */
#define HTTP1_RENEW_UNFREED 16
#define HTTP1_HOST_MAX      255 /* bytes of a CONNECT's target name (RFC 1035 2.3.4) */
#define HTTP1_USER_MAX      256 /* bytes of a proxy user's name */

enum http1_log_option {
    HTTP1_LOG_EXTENDED = 1 << 0,         /* extended: yes */
    HTTP1_LOG_REQUEST_HEADERS = 1 << 1,  /* dump-all-headers: both|request */
    HTTP1_LOG_RESPONSE_HEADERS = 1 << 2, /* dump-all-headers: both|response */
};

struct http1_tx {
    struct proto_tx base;
    htp_tx_t *htp;   /* libhtp's, as long as this lives */
    uint64_t raised; /* events raised so far: each is told once for a transaction */
    bool connect;
    bool unmatched; /* a reply without a request */
};

struct http1_state {
    struct proto_txs txs;
    htp_connp_t *connp;
    struct proto_io *io;      /* of the call that runs, NULL outside of one */
    struct http1_tx *current; /* whose events libhtp's messages are */
    struct http1_tx *connect; /* waits for its answer; nothing of the client goes to libhtp until it came */
    struct http1_tx *stop_at; /* a refused CONNECT: at its reply's end the client's side goes first */
    size_t line;              /* head read by ourselves: where the line begins that is being read */
    size_t scanned;           /* and how far it was looked at */
    uint32_t live;            /* transactions not complete */
    uint32_t opened;          /* transactions since the last beginning */
    uint32_t unfreed;         /* of these, those that libhtp did not free */
    unsigned log_options;     /* enum http1_log_option */
    uint32_t messages;        /* libhtp's, since the flow began */
    bool reversed;            /* the flow's server is the HTTP client */
    bool own_reply;           /* the head of the CONNECT's reply is being given to libhtp */
    bool yield;               /* the reply of stop_at ended */
    bool closed;              /* libhtp was told that the connection ended */
    bool broken;
    bool stop;   /* a hook found that parsing can't go on */
    bool told;   /* libhtp had something to say in this call */
    bool desync; /* libhtp began on the CONNECT's reply by itself */
};

/* The role of a direction: TO_SERVER carries requests. */
static inline enum flow_dir http1_role(const struct http1_state *s, enum flow_dir dir)
{
    return s->reversed ? flow_dir_other(dir) : dir;
}

/* http1_probe.c */
enum proto_probe_result http1_probe(const struct proto_probe *p);

/* http1_hooks.c: libhtp's configuration and what it calls. */
int http1_open(struct http1_state *s); /* 0 or -ENOMEM */
/* Give up libhtp's connection with all of its transactions. Ours must be gone before. */
void http1_close(struct http1_state *s);
void http1_tx_complete(struct http1_state *s, struct http1_tx *tx);
void http1_raise(struct http1_state *s, struct http1_tx *tx, enum http1_event event);

/* http1_connect.c */
enum http1_reply {
    HTTP1_REPLY_MORE,     /* the head is not whole */
    HTTP1_REPLY_TUNNEL,   /* established; consumed stands after the head */
    HTTP1_REPLY_ORDINARY, /* to be parsed by libhtp from here on */
    HTTP1_REPLY_OPAQUE,   /* accepted, but what follows can't be followed */
    HTTP1_REPLY_BROKEN,
};
enum http1_reply http1_connect_reply(struct http1_state *s, struct proto_io *io);
/* Step over interim answers (RFC 9110 15.2) where a reply begins: libhtp knows one 100 and takes others for the answer.
 * HTTP1_REPLY_MORE, HTTP1_REPLY_ORDINARY or HTTP1_REPLY_BROKEN. */
enum http1_reply http1_skip_interim(struct http1_state *s, struct proto_io *io);
/* Report the outstanding CONNECT as incomplete. */
void http1_connect_lost(struct http1_state *s, struct proto_io *io, const char *reason);
/* How many of n bytes can go to libhtp without passing the end of the reply that it is reading. */
size_t http1_bounded_span(const struct http1_state *s, const uint8_t *p, size_t n);

/* http1_target.c */
struct http1_target {
    struct addr addr; /* ADDR_NONE: asked by name */
    uint16_t port;
    const char *host; /* borrowed; NULL when asked by address */
    size_t host_len;
};
/* Parse authority-form (RFC 9112 3.2.3). False if it is malformed. */
bool http1_target_parse(const uint8_t *p, size_t n, struct http1_target *out);

/* http1_auth.c: the user of a Proxy-Authorization value. Returns its length in out, 0: there is none. */
size_t http1_auth_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX]);

/* http1_log.c */
unsigned http1_log_options(const struct settings *settings); /* bits of enum http1_log_option */
void http1_log(const void *state, const struct proto_tx *tx, struct json *j);

#endif
