/* The detection engine: rules matched against packets, streams and transactions.
 *
 * `struct detect` is made once from a rule set and read only then: all lanes share it. Each lane's app thread has a
 * `struct detect_lane` (scratch memory, compiled patterns) and each flow a `struct detect_flow`. Two questions are
 * asked: detect_packet for each packet, with the bytes that are in order behind it, and detect_transaction for each
 * direction of a transaction that came further. What matched is gathered, and detect_finish says, when all of a packet
 * was asked, which rules alert, in the order of their actions and priorities. Nothing here writes records or knows
 * parsers.
 *
 * What rules remember beyond a flow is in a `struct detect_memory` (memory.h), which all lanes share and which outlives
 * the rule set. */
#ifndef BURROW_DETECT_ENGINE_ENGINE_H
#define BURROW_DETECT_ENGINE_ENGINE_H

#include "core/counters.h"
#include "detect/engine/inspect.h"
#include "detect/engine/memory.h"
#include "item/packet.h"

/* Matches of one packet, before they are put in order. Of more alerts than packet-alert-max the rest is dropped
 * (counter detect.alert_queue_overflow), as in Suricata. */
#define DETECT_QUEUE_MAX 256u
/* Bytes of each direction's stream that are kept for contents that lie across packets. */
#define DETECT_WINDOW 2560u
/* Stream bytes that wait to be looked at with the next packet of their direction; of more they are not kept waiting. */
#define DETECT_FRESH_MAX 65536u
/* Bytes of a direction of a stream that rules' payload patterns are searched for in, as Suricata's default
 * stream.reassembly.depth. */
#define DETECT_STREAM_DEPTH (1u << 20)
/* Variables that pcre's captures set in one flow, one packet, one look at a rule; and bytes of each. */
#define DETECT_VARS_MAX 32u
#define DETECT_VAR_LEN  256u

/* Objects of datasets that the alerts of one packet carry, and bytes of them; of more the first. */
#define DETECT_CONTEXTS_MAX  256u
#define DETECT_CONTEXT_BYTES (1u << 20)

struct detect;
struct detect_lane;
struct detect_flow;

/* When a protocol's buffer is final: enum tx_progress; TX_STARTED: it has none. */
typedef uint8_t detect_ready_fn(enum detect_app app, unsigned buffer);

/* Make the engine for a rule set; that and the memory must outlive it. cache: a folder for compiled databases, NULL:
 * none. 0, or -errno with one line in error. */
int detect_create(const struct ruleset *set, struct detect_memory *memory, detect_ready_fn *ready, const char *cache,
                  struct detect **out, char *error, size_t error_len);
void detect_destroy(struct detect **d);

const struct ruleset *detect_rules(const struct detect *d);

/* Is this buffer used by any rule? What is not need not be kept. */
bool detect_uses(const struct detect *d, unsigned buffer);

/* Do its rules remember what other flows did? Then results depend on the order of packets of different flows. */
bool detect_crosses_flows(const struct detect *d);

/* NULL: no memory. */
struct detect_lane *detect_lane_create(const struct detect *d);
void detect_lane_destroy(struct detect_lane **l);
/* The engine that it was made for. */
const struct detect *detect_of(const struct detect_lane *l);

/* Call once before threads run. */
void detect_counters_init(void);

/* Streams whose last bytes lie in what is kept of segments: a lane's, all zero at first. */
#define DETECT_LENT_MOST 8u
struct detect_windows {
    struct lent *oldest, *newest;
    unsigned count;
};

/* Made at a flow's first packet. NULL: no memory. */
struct detect_flow *detect_flow_create(struct detect_windows *windows);
void detect_flow_destroy(struct detect_flow **f);

/* What is remembered of a transaction while it lives: rules that wait for more of it. Made when there is need. */
struct detect_tx_state;
void detect_tx_state_destroy(struct detect_tx_state **state);
/* Does a rule wait for payload of this direction? Then each packet is a reason to show the transaction. */
bool detect_tx_wants(const struct detect_tx_state *s, enum flow_dir dir);

/* Digests that rules ask of files: bits 1 MD5, 2 SHA-1, 4 SHA-256. */
unsigned detect_file_hashes(const struct detect *d);
/* Does any of the rules look at bodies of HTTP, or at files? */
bool detect_wants_bodies(const struct detect *d);

/* Does any rule want files stored? */
bool detect_stores_files(const struct detect *d);

/* A file of a transaction, as far as it was seen. */
struct detect_file {
    uint64_t size;
    const uint8_t *digest[3]; /* MD5, SHA-1, SHA-256; NULL: it isn't known */
};

/* A transaction, as the lane's app stage shows it. */
struct detect_tx {
    uint64_t id;
    uint8_t progress[2]; /* enum tx_progress */
    uint8_t shown[2];    /* when it was shown before */
    bool grew;           /* the body of this direction did */
    struct detect_tx_state **state;
    /* The instance-th buffer of this id and direction (as the protocol has it); work: room for what must be put
     * together. False: there is none. */
    bool (*buffer)(const struct detect_tx *tx, unsigned buffer, enum flow_dir dir, unsigned instance, struct buf *work,
                   struct inspect_bytes *out);
    bool (*number)(const struct detect_tx *tx, enum detect_field field, enum flow_dir dir, unsigned instance,
                   uint64_t *out);
    /* A rule wants files stored: of these directions (DETECT_TO_SERVER and the other's bits) all of the transaction or,
     * with flow, of the flow. file: only the one of that number, and one direction. NULL: there are no files. */
    void (*store)(const struct detect_tx *tx, unsigned dirs, bool flow, int file);
    /* The instance-th file of that direction. False: there is none. NULL: there are no files. */
    bool (*file)(const struct detect_tx *tx, enum flow_dir dir, unsigned instance, struct detect_file *out);
    const void *arg[3];
};

/* What is looked at. */
struct detect_input {
    const struct packet *packet; /* NULL: at the flow's end */
    const struct flow_ref *flow; /* NULL: none */
    struct detect_flow *state;   /* NULL without a flow */
    enum flow_dir dir;
    uint64_t time_ns;
    enum detect_app app;       /* APP_ANY: not known */
    enum detect_app app_first; /* before it changed; APP_ANY: it did not */
    bool app_failed;
    bool ips;           /* what is dropped is: else such rules alert only */
    bool reversed;      /* the flow's server plays the protocol's client */
    bool hidden;        /* the payload is carried flows', and matched there; or it is encrypted */
    bool unseen_only;   /* not the packet's bytes, but those that waited for it */
    bool host_mismatch; /* of the tunnel's host and the inner one */
    const struct detect_app_event *app_events; /* that the parser raised: in this packet, or in this transaction */
    unsigned app_event_count;
};

struct detect_app_event {
    const char *name;
    const void *tx; /* as in detect_alert */
};

/* What rules did to a packet or flow, as bits. */
enum detect_action {
    DETECT_PASS = 1,
    DETECT_DROP = 2, /* with a reject, too */
    DETECT_REJECT_SRC = 4,
    DETECT_REJECT_DST = 8,
};

struct detect_alert {
    const struct rule *rule;
    enum flow_dir dir; /* the packet's, as the rule matched */
    bool in_stream;
    enum rule_action action; /* the rule's, or that of a rate_filter */
    const void *tx;          /* detect_tx.arg[1] of the transaction that it is about; NULL: none */
    uint64_t tx_id;
    uint16_t context_first; /* objects of datasets: detect_context */
    uint16_t context_count;
    uint32_t first_var; /* the engine's: what the rule captured for its alert */
    uint32_t var_count;
};

/* What a pattern captured. */
struct detect_var {
    uint8_t kind; /* enum capture_kind */
    uint16_t len;
    uint32_t name;
    uint8_t bytes[DETECT_VAR_LEN];
};

/* The i-th object that a dataset has of a value which was found for the alert: its text, until the lane is asked of the
 * next packet. */
const char *detect_context(const struct detect_lane *l, const struct detect_alert *a, unsigned i, const char **key,
                           size_t *len);

struct detect_alerts {
    struct detect_alert alert[DETECT_QUEUE_MAX];
    unsigned count;
    /* Set by detect_finish. */
    uint8_t action;          /* enum detect_action: what was done to the packet */
    const struct rule *drop; /* the first rule that drops or rejects; NULL: none */
    bool flow;               /* what was done was done to the flow */
    bool by_rate;            /* it drops since a rate_filter says so */
};

/* Are there bytes of the stream that no rule has looked at? */
bool detect_unseen(const struct detect_flow *f, enum flow_dir dir);

/* Are bytes missing among them? They are then looked at by themselves, first what is before, then what is behind. */
bool detect_parted(const struct detect_flow *f, enum flow_dir dir);

/* Keep a segment's bytes to be looked at with the next packet of its direction. False: look at it now. Where they have
 * room before them they stay where they are, and the segment's piece is kept. */
bool detect_later(const struct detect *d, struct detect_flow *f, struct packet *p);
/* The bytes of a segment that comes are not to be looked at: what is kept of another goes with it. */
void detect_leave(struct detect_flow *f, struct packet *p);
/* The flow ends: what is kept of a segment is the caller's. NULL: nothing. */
void *detect_take_kept(struct detect_flow *f, enum flow_dir dir);

/* What rules noted of the flow: flowbits and flowints. */
enum detect_note_kind { DETECT_NOTE_BIT, DETECT_NOTE_INT };
struct detect_note {
    enum detect_note_kind kind;
    const char *name;
    uint32_t value; /* of an int */
};
typedef void detect_note_fn(void *arg, const struct detect_note *note);
/* Is there anything? NULL: no. */
bool detect_has_notes(const struct detect_flow *f);
/* Call `note` for each that is set, in the order of the rule set's names. */
void detect_each_note(const struct detect *d, const struct detect_flow *f, detect_note_fn *note, void *arg);

/* What was done to the flow, by the first rule that did: DETECT_PASS, DETECT_DROP or 0. */
uint8_t detect_flow_action(const struct detect_flow *f);

/* Is the packet, of a flow, surely nothing to detect_packet, which then need not be called? Events of the application
 * are the caller's to know of. */
bool detect_quiet(const struct detect_lane *l, struct detect_flow *f, const struct packet *p, enum detect_app app,
                  bool app_failed);

/* Both add to out, whose count is 0 at first. */
void detect_packet(struct detect_lane *l, const struct detect_input *in, struct detect_alerts *out);
/* One direction: in->dir, of the protocol's roles. */
void detect_transaction(struct detect_lane *l, const struct detect_input *in, const struct detect_tx *tx,
                        struct detect_alerts *out);
/* Leaves in out what is to be reported: in order, without what a rule that passes or a threshold keeps back. */
void detect_finish(struct detect_lane *l, const struct detect_input *in, struct detect_alerts *out);

/* Variables, by number from 0; NULL: no more. Those of an alert stand until the lane looks at something else. */
const struct detect_var *detect_flow_var(const struct detect_flow *f, unsigned i);
const struct detect_var *detect_packet_var(const struct detect_lane *l, const struct detect_input *in, unsigned i);
const struct detect_var *detect_alert_var(const struct detect_lane *l, const struct detect_alert *a, unsigned i);
/* NULL: no rule of the set has that name. */
const char *detect_var_name(const struct detect *d, const struct detect_var *v);
/* Do rules still look at the stream's bytes? */
bool detect_wants_stream(const struct detect *d, const struct detect_flow *f);

/* Is the packet one that follows an alert and is to be recorded (tag)? Once for each packet, before detect_finish. */
bool detect_tagged(struct detect_lane *l, const struct detect_input *in);

/* The stream as it stands before this packet's bytes, for records. */
struct inspect_bytes detect_stream(const struct detect_flow *f, enum flow_dir dir);

#endif
