/* Application protocols: what a parser is given and what it answers.
 *
 * A protocol is one folder with one `const struct app_proto`, listed in proto/table.c. A parser sees bytes of one
 * direction at a time, in order, with gaps told; never a packet, a ring or a thread. Its state is allocated by the app
 * stage (zeroed, state_size bytes); the first member of the state is a `struct proto_txs`. Odd traffic is an event, not
 * an error. Whatever it keeps is bounded by constants of its own. Called by the lane's app thread only. */
#ifndef BURROW_PROTO_PROTO_H
#define BURROW_PROTO_PROTO_H

#include "config/settings.h"
#include "core/json.h"
#include "item/flow_ref.h"
#include "item/note.h"
#include "item/progress.h"

enum proto_transport { PROTO_TCP = 1, PROTO_UDP = 2 };

enum proto_probe_result {
    PROBE_NO,           /* never this protocol */
    PROBE_MORE,         /* can be; ask again with more bytes */
    PROBE_YES,          /* it is */
    PROBE_YES_REVERSED, /* it is, and the roles are the other way round: the flow's server is the protocol's client */
};

/* The first bytes of each direction, as far as they were seen and no gap was before them. */
struct proto_probe {
    const uint8_t *data[2]; /* by enum flow_dir */
    size_t len[2];
    bool eof[2];       /* no more will come in this direction */
    bool final;        /* the last time of asking: the flow ends or a limit was reached; PROBE_MORE counts as no */
    uint16_t sport;    /* client's port */
    uint16_t dport;    /* server's port: a hint, never a proof */
    uint8_t transport; /* enum proto_transport */
};

enum proto_status {
    PROTO_OK,         /* go on. What was not consumed is kept and offered again together with what follows */
    PROTO_OTHER_SIDE, /* keep what was not consumed; don't call again for this direction before the other was parsed */
    PROTO_TUNNEL, /* established: the bytes not consumed, in both directions, and all that follows are the tunnel's */
    PROTO_DONE,   /* nothing more of this flow is of interest */
    PROTO_BROKEN, /* can't be parsed on: no more calls but finish and fini */
    PROTO_CHANGE, /* the bytes not consumed, in both directions, and all that follow are engine->change's protocol's */
};

struct proto_io;
struct proto_tx;
struct proto_file;
struct proto_file_begin;

/* What a parser may tell the engine during a call.
 *
 * Tunnels come in two forms. Where all that follows is the tunnel's, the parser offers it with channel 0 and answers
 * PROTO_TUNNEL; if bytes are missing before those that wait, it tells them in between, as a gap of channel 0. Where the
 * payload stands in a framing (WebSocket, HTTP/2, datagrams of a relay...), or a flow carries several, the parser
 * stays: it offers each with a channel number of its own, above 0 and never used again, and gives the payload with
 * `carry`, in order, once the offer said established. Offers that were refused or incomplete carry nothing. What is
 * still open when the flow ends is closed then. */
struct proto_engine {
    void (*event)(struct proto_io *io, unsigned event); /* index into the protocol's event table */
    void (*tunnel)(struct proto_io *io, const struct tunnel_offer *offer);
    /* Payload of a channel; dir is the carrier's. len may be 0 (with eof). Bytes inside io->data are not copied. A
     * channel of protocol 17: one datagram. Not from finish. */
    void (*carry)(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len, bool eof);
    /* n payload bytes of the channel are missing here. Not from finish. */
    void (*carry_gap)(struct proto_io *io, uint32_t channel, enum flow_dir dir, uint64_t n);
    /* The channel is over in both directions; its child ends. */
    void (*close)(struct proto_io *io, uint32_t channel);
    void (*name)(struct proto_io *io, const struct name_answer *answer);
    /* Datagrams to this address from this client will be SOCKS'. */
    void (*relay)(struct proto_io *io, const struct relay_offer *offer);
    /* The host that this session says it is for: SNI, Host. Compared with what the tunnel was asked for. */
    void (*server_name)(struct proto_io *io, const char *name, size_t len);
    /* Which protocol goes on after PROTO_CHANGE: a name of the table, which is asked init only. False: there is none,
     * or it is switched off. Transactions must be complete. fields: what it is to inherit, copied; NULL: nothing. */
    bool (*change)(struct proto_io *io, const char *proto, const struct buf *fields);
    /* Is the payload that a framing carries a protocol whose probe is sure of itself (app_proto.sure)? */
    enum proto_probe_result (*recognise)(struct proto_io *io, const struct proto_probe *probe);
    /* Files in transactions, by way of proto/file.h. NULL, or file_open gives NULL: nobody wants any. */
    struct proto_file *(*file_open)(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b);
    void (*file_data)(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n);
    void (*file_close)(struct proto_io *io, struct proto_file *f, unsigned state); /* enum proto_file_state */
};

struct proto_io {
    enum flow_dir dir;
    const uint8_t *data; /* bytes of this direction that were not consumed so far; when parsing never NULL */
    size_t len;
    bool eof;                    /* no more will come after these; also called with len 0 */
    bool bodies;                 /* rules look at bodies of HTTP: they are to be kept */
    uint64_t time_ns;            /* of the packet */
    size_t consumed;             /* out: how many of data are done with (0 when the call begins) */
    const struct flow_ref *flow; /* read only */
    const struct settings *settings;
    const void *config; /* what app_proto.configure made; NULL: nothing */
    const struct proto_engine *engine;
    void *engine_ctx;             /* the engine's own */
    const struct proto_tx *about; /* the transaction that events are of; NULL: the one that was begun last */
};

/* A transaction: header of every protocol's own. */
struct proto_tx {
    struct proto_tx *next;
    uint64_t id;      /* from 0, in order of their beginning */
    uint64_t time_ns; /* when it began */
    bool complete;    /* the parser has all of it: it will be logged once and then freed */
    bool logged;      /* the engine's */
    bool unlogged;    /* no record of it is wanted */
    uint8_t came;     /* enum flow_dir of the message; of protocols with app_proto.messages */
    uint32_t not_in;  /* bit for each EVE log that wants none of it */
    bool from_server; /* the source of its record is the flow's server, where it came from; unset: the client */
    /* By role, TO_SERVER is what the protocol's client sent. A direction whose progress the parser doesn't tell is done
     * when the transaction is complete. */
    uint8_t progress[2]; /* enum tx_progress */
    uint8_t looks[2];    /* counts how often the body had grown by so much that it is worth a look */
    /* The engine's, for rules. */
    uint8_t shown[2];
    uint8_t looked[2];
    uint64_t events; /* that were raised: bits of app_proto.events */
    struct detect_tx_state *waiting;
    struct proto_file *files; /* proto/file.h; the engine's */
    uint8_t store;            /* the engine's: bit for each role whose files are to be stored */
};

struct proto_txs {
    struct proto_tx *first;
    struct proto_tx *last;
    uint64_t next_id; /* also: how many there were */
    uint32_t count;   /* in the list now */
};

/* Append a zeroed transaction of size bytes (its header first). NULL when memory is short. */
void *proto_tx_add(struct proto_txs *txs, size_t size, uint64_t time_ns);

struct proto_event_desc {
    const char *name; /* as in rules and anomaly records: "invalid_handshake_message" */
    const char *text; /* for people */
};

/* What rules look at in a transaction: buffers and numbers by name. A buffer is asked for when the progress of its
 * direction is what the protocol says; numbers when the direction is done. Bytes stay until the next question. */
struct proto_ask {
    const void *state;
    const struct proto_tx *tx;
    enum flow_dir dir; /* TO_SERVER: what the protocol's client sent */
    unsigned index;    /* from 0; all but those that may be several know 0 alone */
    struct buf *work;  /* room for what must be put together; empty */
    uint64_t *cursor;  /* four words of the parser's: zero at index 0, then as it left them for the index before. NULL:
                          indices come in any order */
};

struct proto_bytes {
    const uint8_t *p;
    size_t n;
};

struct proto_buffer {
    const char *key; /* as in detect/buffers.c: "http_uri" */
    bool (*get)(const struct proto_ask *ask, struct proto_bytes *out);
};

/* From which progress of its direction on a buffer's bytes are final. One of TX_BODY may be asked for before, each time
 * that the transaction's `looks` say it: what came of it so far. */
struct proto_ready {
    const char *key;
    enum tx_progress progress;
};

struct proto_number {
    const char *key; /* the keyword: "dns.opcode" */
    bool (*get)(const struct proto_ask *ask, uint64_t *out);
};

struct app_proto {
    const char *name;   /* app_proto in records: "tls" */
    const char *conf;   /* its name under app-layer.protocols */
    const char *record; /* event_type and key of its records; NULL: it has none */
    uint8_t transports; /* enum proto_transport bits */
    bool sure;          /* its probe is not taken in by chance: may tell what a framing carries (engine->recognise) */
    bool ciphers;       /* what follows PROTO_DONE is encrypted: rules have nothing to look for in it */
    bool messages;      /* each message is a transaction of its own, complete at once */
    bool first;         /* while its probe says PROBE_MORE to what the client sent, those behind it wait */
    bool files_last;    /* records of files are written with the transaction's, which has more to say then */
    size_t state_size;
    enum proto_probe_result (*probe)(const struct proto_probe *p);
    /* What all its parsers of a lane share, from the settings: given to them as io->config. 0 or -errno; may be NULL.
     */
    int (*configure)(const struct settings *settings, void **out);
    void (*unconfigure)(void *config);
    int (*init)(void *state, const struct settings *settings, bool reversed); /* 0 or -errno; may be NULL */
    /* The flow was another protocol's before, whose parser left these fields of its request: for each the lengths of
     * name and value (four bytes each, most significant first), name, value. Before the first parse; may be NULL. */
    void (*inherit)(void *state, struct proto_io *io, const struct buf *fields);
    enum proto_status (*parse)(void *state, struct proto_io *io);
    /* n bytes of io->dir are missing from here. What was held back of that direction is gone. May be NULL: BROKEN. */
    enum proto_status (*gap)(void *state, struct proto_io *io, uint64_t n);
    /* The flow ends: mark what should still be logged as complete, report what stays incomplete. May be NULL. */
    void (*finish)(void *state, struct proto_io *io);
    /* No transaction is left, and both directions are over or nothing more is parsed: would finish do nothing? Then the
     * state can go before the flow does. NULL: it stays. */
    bool (*idle)(const void *state);
    /* Free what the state holds, but not the state. The transactions are gone already. May be NULL. */
    void (*fini)(void *state);
    /* Free what the transaction holds, but not the transaction. May be NULL. */
    void (*tx_fini)(struct proto_tx *tx);
    /* Write the members of the record's object. */
    void (*log)(const void *state, const struct proto_tx *tx, struct json *j);
    /* Likewise of the object in an alert. NULL: as log. */
    void (*log_alert)(const void *state, const struct proto_tx *tx, struct json *j);
    /* Write the members that stand beside that object; own: in the protocol's record, not in another one about the
     * transaction. May be NULL. */
    void (*log_beside)(const void *state, const struct proto_tx *tx, bool own, struct json *j);
    const struct proto_event_desc *events;
    unsigned event_count;
    const struct proto_buffer *buffers; /* up to one without a key; NULL: none */
    const struct proto_number *numbers;
    const struct proto_ready *ready; /* of those buffers for which it is not TX_DONE; up to one without a key */
};

/* All protocols, in order of probing; NULL-terminated. */
extern const struct app_proto *const proto_table[];

#endif
