/* What the files of the app stage share: a flow's session. Private to the room. */
#ifndef BURROW_APP_SESSION_H
#define BURROW_APP_SESSION_H

#include "app/app.h"
#include "app/files.h"
#include "app/ranges.h"
#include "core/buf.h"
#include "detect/engine/engine.h"
#include "proto/proto.h"

#define APP_PROTO_MAX 32

/* Events of one packet that rules are told of; of more the first. */
#define APP_EVENTS_MAX 16

/* Datagrams of a flow that are put to the probes. */
#define DATAGRAM_PROBES 4u

enum app_mode {
    APP_DETECTING, /* no protocol yet */
    APP_PARSING,
    APP_TUNNEL, /* every byte is decap's */
    APP_DONE,   /* nothing more is of interest */
    APP_FAILED, /* no protocol was found, or it broke */
};

struct app_side {
    struct buf held; /* bytes not consumed yet */
    bool waiting;    /* the parser wants the other side first */
    bool eof;
    bool eof_told;
    bool lost; /* a gap came before the protocol was known: nothing to probe here */
};

/* A flow's app slot. */
struct app_session {
    const struct app_proto *proto; /* NULL while detecting or when none was found */
    void *state;                   /* begins with struct proto_txs; NULL, with a proto: nothing more is parsed */
    uint64_t tx_count;             /* once the state is gone */
    enum app_mode mode;
    uint32_t candidates; /* bits of proto_table that may still be it */
    uint8_t proto_index;
    bool reversed; /* the flow's server plays the protocol's client */
    bool seen_payload;
    bool bypass_told;
    bool host_mismatch;
    bool changed; /* in this call: what both sides hold is the new protocol's */
    uint8_t changes;
    uint8_t probed;       /* datagrams that no probe knew */
    bool datagrams;       /* some channel's payload is datagrams: pieces are not gathered */
    uint8_t store;        /* bit for each role whose files rules want stored */
    uint32_t stored;      /* files */
    uint32_t ranges_held; /* bytes */
    struct app_range *ranges;
    uint64_t events_told; /* events of no transaction: each once a flow */
    char *server_name;    /* the inner SNI or Host of a child, the first that differs or else the first; NULL: none */
    bool alerted;
    uint8_t unshown;            /* bit for each direction whose packets may still bring transactions further */
    bool carries;               /* some of its packets had bytes of tunnels */
    struct detect_flow *detect; /* NULL: there are no rules */
    bool dropped;               /* as an inline sensor would have */
    uint8_t drop_told;          /* bit for each direction */
    struct app_shown *shown;    /* what alerts may show of the payload; NULL: nothing yet */
    const char *first_proto;    /* before the first change; NULL: there was none */
    struct app_side side[2];
};

struct app_counters {
    unsigned flows[APP_PROTO_MAX];
    unsigned txs[APP_PROTO_MAX];
    unsigned failed, held_limit, memuse, gaps, broken, mismatch;
};

struct app_stage {
    const struct app_proto *protos[APP_PROTO_MAX];
    unsigned proto_count;
    uint32_t enabled[2]; /* bits of protos: [0] TCP, [1] UDP */
    bool want[APP_PROTO_MAX];
    bool want_anomaly;
    struct app_rules *rules; /* NULL: there are none */
    struct detect_app_event events[APP_EVENTS_MAX];
    uint64_t held; /* bytes held back by all sessions of the lane */
    uint64_t held_max;
    uint32_t side_max;
    struct app_files files;
    void *configs[APP_PROTO_MAX]; /* app_proto.configure's */
    struct app_counters n;
};

/* One call's surroundings, behind proto_io.engine_ctx. */
struct app_call {
    struct stage *stage;
    struct app_session *session;
    struct flow_ref *flow;
    struct item *item;     /* notes go here */
    struct packet *packet; /* NULL at the flow's end */
    uint64_t time_ns;
    uint64_t number;                 /* of the packet; at the end, of the flow's last */
    struct detect_app_event *events; /* raised in this call, for rules: APP_EVENTS_MAX of the stage's */
    unsigned event_count;
    uint32_t gap;         /* the packet's, which parsing takes away */
    bool encrypted;       /* all of the packet's payload is */
    struct buf inherited; /* what the next protocol gets of this one; its own to free */
    unsigned next;        /* index, from 1, of the protocol that the parser wants the flow to go on as */
    struct buf small;     /* small pieces of a channel's payload, until they are worth a note */
    uint32_t small_channel;
    enum flow_dir small_dir;
};

/* For records without a packet: the flow's MAC addresses; NULL: they aren't known. */
static inline const uint8_t (*app_macs(const struct app_call *c))[6]
{
    return c->item && c->item->kind == ITEM_END ? ((const struct flow_end *)c->item)->macs : NULL;
}

/* The flow goes on as another protocol. False: its state can't be made. */
bool app_begin(struct app_call *c, unsigned index);

/* The protocol is over: log and free its transactions and its state. */
void app_leave_proto(struct app_call *c);

/* Let go of the state, if the parser has nothing more to do or to say. */
void app_retire(struct app_call *c);

/* Give on what engine->carry gathered. */
void app_flush_carried(struct app_call *c);

/* Detection: give the first bytes of a direction. True when the protocol is known now; mode is APP_FAILED when none can
 * be found any more. data are the new bytes, behind what the side holds already. */
bool app_detect(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len, bool final);

/* Parse new bytes of a direction and whatever the other side held for them. */
void app_parse(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len);

/* Tell the parser of missing bytes. */
void app_gap(struct app_call *c, enum flow_dir dir, uint64_t n);

/* The flow ends. */
void app_finish(struct app_call *c);

/* Hold back bytes that were not consumed; false at a limit (the session is then broken). */
bool app_hold(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len);

/* Let go what a side holds. */
void app_release(struct app_stage *as, struct app_side *side);

/* An event of this flow, of the transaction tx (NULL: none): rules are told, and an anomaly is written, each name once
 * a flow. */
void app_event(struct app_call *c, const char *name, unsigned bit, struct proto_tx *tx);

/* Write the anomaly of a tunnel that was asked for another host than the session in it names. */
void app_mismatch(struct app_call *c);

/* Write what the protocol says of a transaction: its object, and what stands beside it. own: in the protocol's record.
 * Nothing for a protocol without records. */
void app_put_tx(const struct app_session *as, const struct proto_tx *tx, bool own, struct json *j);

/* Log what is complete, free what was logged. */
void app_log_txs(struct app_call *c);
void app_tx_free(const struct app_proto *proto, struct proto_tx *tx);

extern const struct proto_engine app_engine;

/* alert.c, alert_log.c: rules. All do nothing without any. */
struct app_alert;
int app_rules_init(struct stage *s); /* 0 or -errno */
void app_rules_fini(struct app_stage *st);
/* Of bytes that were acknowledged (PACKET_ACKED): are they looked at with a later packet? Then that is noted. */
bool app_rules_later(struct app_call *c);
/* May a later alert be about the transaction, which is over? Then it stays until its bytes were looked at. */
bool app_rules_hold_tx(const struct app_call *c, const struct proto_tx *tx);
/* Now and then: rules that were replaced can be left. */
void app_rules_tick(struct stage *s);
/* Show a packet, and what came further in transactions, to the rules; write the alerts. */
void app_rules_packet(struct app_call *c);
/* Is it, of a session and with nothing to parse, surely nothing to them, nor to anybody else? */
bool app_rules_pass_over(struct stage *s, struct app_session *as, const struct packet *p);
/* Do they look at the stream's bytes, whatever the parser thinks of them? */
bool app_rules_want_stream(const struct app_call *c);
/* The protocol is over, and so are all transactions: show what is left of them. */
void app_rules_last(struct app_call *c);
void app_rules_end(struct app_stage *st, struct app_session *as);

/* vars.c: what rules noted of the flow, as JSON objects on the heap; NULL: nothing. */
struct app_vars {
    char *metadata;
    char *traffic;
};
/* in: the packet that is looked at, NULL: none. */
struct app_vars app_vars_of(const struct app_stage *st, const struct app_session *as, const struct detect_input *in);
void app_vars_free(struct app_vars *v);
/* The members of a record. */
void app_put_vars(const struct app_call *c, const struct detect_input *in, struct json *j);

void app_alert_write(const struct event *e, struct json *j);

#endif
