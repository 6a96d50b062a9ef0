/* What the files of this room share: the state of a connection, and who does what with it. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_STATE_H
#define BURROW_PROTO_HTTP1_STATE_H

#include <htp/htp.h>

#include "proto/http1/http1_events.h"
#include "proto/http1/http1_frame.h"
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

/* Bytes of a body that are kept for rules, as Suricata's defaults; of all transactions of a connection together. */
#define HTTP1_BODY_MAX   102400u
#define HTTP1_BODIES_MAX 1048576u
#define HTTP1_BODY_STEP  32768u /* how much a body grows before rules look at it again */

struct http1_coding;
struct http1_multipart;

struct http1_tx {
    struct proto_tx base;
    htp_tx_t *htp;      /* libhtp's, as long as this lives */
    uint64_t raised;    /* events raised so far: each is told once for a transaction */
    bool halted;        /* CONNECT, Upgrade: libhtp was stopped at the end of its head */
    bool unmatched;     /* a reply without a request */
    struct buf body[2]; /* by role; kept when rules look at any */
    bool passed[2];     /* by role: some of the body was not kept, and the rest isn't either */
    struct buf raw[2];  /* by role: header fields as they came; kept when there are rules */
    uint64_t seen[2];   /* by role: bytes of the body, decoded */
    bool begun[2];      /* by role: some of the body came, or is missing */
    struct proto_file *file[2];
    struct http1_coding *coding[2];    /* by role: of the body; NULL: it is as it is */
    struct http1_multipart *multipart; /* of the request; NULL: it is none */
};

struct http1_profile;

/* libhtp's connection that was given up while some of its transactions were not logged yet. */
struct http1_retired {
    struct http1_retired *next;
    htp_connp_t *connp;
};

/* Where libhtp was stopped because what follows is framed by ourselves. */
enum http1_cut {
    HTTP1_CUT_NONE,
    HTTP1_CUT_LINE, /* behind the line of an absolute-form request, which is not libhtp's to read */
    HTTP1_CUT_HEAD, /* behind the head of a CONNECT or an Upgrade, which is */
};

struct http1_proxy;
struct http1_udp;

struct http1_state {
    struct proto_txs txs;
    htp_connp_t *connp;
    const struct http1_profile *profile; /* NULL until the first bytes */
    void *own_config;                    /* where there is none of the lane's */
    struct http1_retired *retired;
    struct proto_io *io;          /* of the call that runs, NULL outside of one */
    struct http1_tx *current;     /* whose events libhtp's messages are */
    struct http1_tx *connect;     /* waits for its answer */
    struct http1_proxy *proxy;    /* messages are framed here; NULL: libhtp frames them */
    struct http1_udp *udp;        /* UDP in capsules is all that follows; NULL: it isn't */
    struct http1_scan scan;       /* of an interim head */
    uint32_t live;                /* transactions not complete */
    uint32_t opened;              /* transactions since the last beginning */
    uint32_t unfreed;             /* of these, those that libhtp did not free */
    unsigned log_options;         /* enum http1_log_option */
    uint32_t messages;            /* libhtp's, since the flow began */
    uint32_t channels;            /* numbers given to channels so far */
    enum http1_cut cut;           /* in this call */
    size_t cut_at;                /* bytes of the call before it */
    enum htp_method_t cut_method; /* of the request whose head that is */
    bool rules;                   /* there are any */
    size_t bodies;                /* bytes kept, of heads and bodies */
    bool reversed;                /* the flow's server is the HTTP client */
    bool own_reply;               /* the head of the CONNECT's reply is being given to libhtp */
    bool stale;                   /* libhtp can't read on: a new connection of it takes over */
    bool closed;                  /* libhtp was told that the connection ended */
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
/* Give up libhtp's connection and begin a new one. What belongs to it stays until it is logged. False: no memory. */
bool http1_reopen(struct http1_state *s);
/* Let go of connections given up whose transactions are gone; all of them when the flow is over. */
void http1_free_retired(struct http1_state *s, bool all);
void http1_close(struct http1_state *s);
void http1_tx_complete(struct http1_state *s, struct http1_tx *tx);
/* Take back the transaction that was begun last, as if it had never been. */
void http1_tx_forget(struct http1_state *s);
void http1_raise(struct http1_state *s, struct http1_tx *tx, enum http1_event event);

/* http1_connect.c: the CONNECT that waits, and replies' heads. */

/* Its answer came: tell of the tunnel. True: it is established and can be followed. */
bool http1_connect_answered(struct http1_state *s, struct proto_io *io, const struct http1_status_line *line);
/* Report the outstanding CONNECT as incomplete. */
void http1_connect_lost(struct http1_state *s, struct proto_io *io, const char *reason);

enum http1_reply {
    HTTP1_REPLY_MORE,     /* the head is not whole */
    HTTP1_REPLY_ORDINARY, /* to be parsed by libhtp from here on */
    HTTP1_REPLY_BROKEN,
};
/* Step over interim answers (RFC 9110 15.2) where a reply begins: libhtp knows one 100 and takes others for the answer.
 */
enum http1_reply http1_skip_interim(struct http1_state *s, struct proto_io *io);
/* How many of n bytes can go to libhtp without passing the end of the reply that it is reading. */
size_t http1_bounded_span(const struct http1_state *s, const uint8_t *p, size_t n);

/* http1_upgrade.c */

/* Does this request ask for a protocol that is followed? */
bool http1_upgrade_asked(struct http1_span value);
/* 101 came for this transaction, whose head libhtp has read. What follows, in both directions, isn't HTTP/1. */
enum proto_status http1_upgraded(struct http1_state *s, struct proto_io *io, struct http1_tx *tx);
/* Another answer came, or none: tell of the UDP that was asked for. */
void http1_upgrade_refused(struct http1_state *s, struct proto_io *io, const struct http1_tx *tx, int code);
void http1_upgrade_lost(struct http1_state *s, struct proto_io *io, const char *reason);
enum proto_status http1_udp_parse(struct http1_state *s, struct proto_io *io);
enum proto_status http1_udp_gap(struct http1_state *s, struct proto_io *io, uint64_t n);
void http1_udp_destroy(struct http1_udp *u);

/* http1_target.c */
struct http1_target {
    struct addr addr; /* ADDR_NONE: asked by name */
    uint16_t port;
    const char *host; /* borrowed; NULL when asked by address */
    size_t host_len;
};
/* Parse authority-form (RFC 9112 3.2.3). False if it is malformed. */
bool http1_target_parse(const uint8_t *p, size_t n, struct http1_target *out);

/* The host that a request is for, NULL: none. libhtp takes the path of a malformed CONNECT for one. */
const bstr *http1_hostname(const htp_tx_t *tx);

/* A host without its port; names and addresses. */
bool http1_host_parse(const uint8_t *p, size_t n, struct http1_target *out);
/* 1 to 65535 in decimal; 0: it is none. */
uint16_t http1_port(const uint8_t *p, size_t n);

/* http1_auth.c: the user of a Proxy-Authorization value. Returns its length in out, 0: there is none. */
size_t http1_auth_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX]);

/* http1_log.c */
unsigned http1_log_options(const struct settings *settings); /* bits of enum http1_log_option */
void http1_log(const void *state, const struct proto_tx *tx, struct json *j);

#endif
