/* Between the files of the engine. Private to detect/engine/. */
#ifndef BURROW_DETECT_ENGINE_PRIVATE_H
#define BURROW_DETECT_ENGINE_PRIVATE_H

#include <hs/hs.h>

#include "detect/engine/cache.h"
#include "detect/engine/engine.h"
#include "detect/engine/memo.h"
#include "detect/load.h"
#include "item/progress.h"

/* Which packets a rule without a transaction is looked at for. */
enum detect_group { GROUP_TCP, GROUP_UDP, GROUP_OTHER, GROUP_COUNT };

struct look;

struct rule_list {
    uint32_t *rules; /* indices */
    uint32_t count;
    uint32_t room;
};

bool rule_list_add(struct rule_list *l, uint32_t rule);

/* Rules that are looked at for every packet; most ask for flags of TCP that few have. */
struct packet_rule {
    uint32_t rule;
    const struct match_flags *flags; /* NULL: any */
};

struct packet_rules {
    struct packet_rule *at;
    uint64_t flags[4]; /* a bit for each value of the flags that any rule asks for */
    uint32_t plain;    /* rules at the beginning that ask for none */
    uint32_t count;
    uint32_t room;
};

/* A fast pattern of a rule. */
struct slot_entry {
    const uint8_t *p;
    uint16_t len;
    uint16_t at;    /* of what is at one place */
    uint16_t reach; /* of what lies near the beginning, or in small packets: bytes */
    bool nocase;
    uint32_t rule;
    union {
        uint32_t next;    /* of what is at one place: another entry and 1 */
        uint32_t pattern; /* of what is not: its number (patterns.c) */
    };
};

/* Patterns are searched for in as few bytes as can be; and without short ones Vectorscan goes through them in larger
 * steps. */
enum slot_kind {
    SLOT_LONG,
    SLOT_SHORT, /* patterns below SLOT_SHORT_MAX bytes */
    /* of payloads: */
    SLOT_HEAD,   /* these lie in the first `reach` bytes */
    SLOT_SMALL,  /* in packets of at most `reach` bytes */
    SLOT_PLACED, /* at one place each */
    SLOT_KINDS,
    SLOT_OF_TX /* of rules that look at a transaction and at payload */
};
#define SLOT_SHORT_MAX 3u

/* ends.c: bit 0: the packet's source is in the set of addresses that most rules name; bit 1: so is its destination.
 * Beyond these: it can't be said. */
#define ENDS_PAIRS 4u

/* What is searched at once: the fast patterns of all rules for one buffer, changed by the same transforms, of one
 * direction. */
struct slot {
    uint16_t buffer;
    uint8_t dir;
    uint8_t group; /* enum detect_group; of payloads */
    uint8_t klass; /* of ports; of payloads */
    uint8_t kind;  /* enum slot_kind */
    bool packet;   /* of payloads: only the rules that look at a packet besides its stream */
    uint16_t reach;
    uint8_t transform_count;
    const struct transform *transforms;
    uint64_t hash;    /* of what it is for */
    uint64_t apps;    /* that any of its rules is for; 0: all */
    uint32_t longest; /* pattern, bytes */
    struct slot_entry *entries;
    uint32_t count;
    uint32_t room;
    uint32_t *first; /* for each pattern, its first entry; one more than there are patterns */
    uint32_t patterns;
    hs_database_t *db;
    size_t mapped; /* cache.h */
    bool borrowed; /* the database is another slot's, or detect.cached */
    struct placed *placed;
    uint32_t placed_count;
    uint32_t part[ENDS_PAIRS + 1]; /* for each pair of ends the slot that is searched instead, or this one itself */
};
#define NO_PART UINT32_MAX /* no rule can match */

/* Classes of server ports: 0 are those that no rule names, the last those that few do. */
#define PORTS_CLASSES 16u
#define PORTS_OTHER   (PORTS_CLASSES - 1u)

/* Behind them classes of rules for one application protocol each, whatever their ports are: they are searched for in
 * the streams of its flows. Rules for more protocols than there is room for are with the others. */
#define APP_CLASSES 8u

struct port_class {
    int32_t slot[SLOT_KINDS]; /* payloads; -1: none */
    int32_t beside;           /* packets, whether their stream is searched or not */
    /* For each pair of ends what is searched of them: by kind, and the last is `beside`. NULL: nothing. */
    const struct slot *at[ENDS_PAIRS + 1][SLOT_KINDS + 1];
    struct packet_rules packet; /* looked at for every packet */
    struct rule_list payload;   /* for every one that has payload, or brings more of the stream */
};

/* ports.c: a set of ports that so many rules ask for. */
struct ports_asked {
    const struct rule_ports *ports;
    uint32_t rules;
};
bool ports_narrow(const struct rule_ports *p);
/* A class below PORTS_CLASSES for each port. 0 or -ENOMEM. */
int ports_classify(const struct ports_asked *asked, uint32_t count, uint8_t **class_of);

/* What a rule for transactions must find in payload is searched for: SOUGHT_DECIDES if nothing else of the rule counts
 * where that is not there. */
enum tx_sought { NOT_SOUGHT, SOUGHT, SOUGHT_DECIDES };

struct detect {
    const struct ruleset *set;
    struct slot *slots;
    uint32_t slot_count;
    uint32_t slot_room;
    uint32_t *slot_table; /* numbers of slots and 1, by what they are for; two places for each that has room */
    struct detect_cache_map cached;      /* databases of all slots from one file */
    hs_scratch_t *scratch;               /* large enough for all databases; lanes have copies */
    uint8_t *port_class[GROUP_COUNT][2]; /* of each server port; NULL: all are of class 0 */
    struct port_class classes[GROUP_COUNT][2][PORTS_CLASSES + APP_CLASSES];
    uint64_t app_class[APP_CLASSES];      /* the protocols in the headers of its rules; 0: none is in use */
    uint8_t classes_of[DETECT_APP_COUNT]; /* a bit for each of them that counts for a flow of this protocol */
    struct rule_list whole[2];            /* once for each direction of a flow */
    struct rule_list whole_app[2];        /* once the protocol is known */
    struct rule_list events;              /* for packets that have an event */
    struct rule_list app_events;
    struct rule_list tx[DETECT_APP_COUNT][2][TX_PROGRESS_COUNT]; /* without a fast pattern, by what they wait for */
    struct rule_list tx_slots[DETECT_APP_COUNT][2]; /* what is searched in transactions: indices of slots */
    int32_t tx_payload[2];                          /* slot of what such rules must find in payload; -1: none */
    uint8_t *tx_sought;                             /* of each rule: is it in that slot? enum tx_sought */
    uint64_t app_is[DETECT_APP_COUNT];              /* the protocols that a flow of this one counts as */
    uint8_t *ready[DETECT_APP_COUNT];               /* of each buffer: enum tx_progress; 0: the protocol has no such */
    bool *uses;
    uint8_t *scopes;     /* of each rule: enum rule_scope */
    uint32_t *header_of; /* of each rule: rules with equal headers have the same number */
    uint32_t header_count;
    const struct rule_addrs *home; /* the set of addresses that most rules name; NULL: none does */
    uint8_t *pairs;                /* of each rule: a bit for each pair of ends that it can match */
    bool *late;                    /* rules with a condition on the whole transaction */
    bool want_window;
    bool crosses_flows;
    struct detect_memory *memory;
    uint32_t generation; /* from 1: the how manyth rule set of the run this is */
    uint32_t *ids;       /* of each rule: its number in the memory */
    uint32_t *since;     /* of each rule: the generation since which it was in every one */
    uint32_t *index_of;  /* of each number: the rule's index, or RULE_GONE */
    uint32_t id_count;
    uint32_t *names[NAME_KIND_COUNT];    /* of the rule set's numbers: the memory's */
    uint32_t name_room[NAME_KIND_COUNT]; /* numbers that the memory had given when this was made */
};

enum rule_scope { SCOPE_PACKET, SCOPE_TX, SCOPE_EVENT, SCOPE_APP_EVENT, SCOPE_NEVER };

/* patterns.c: number the patterns of all slots but the placed ones, and put their entries in the patterns' order. Equal
 * ones have one number. hashes: two of each, by its bytes and its case; the caller frees. False: no memory. */
struct pattern_hash {
    uint64_t a;
    uint64_t b;
};
bool patterns_order(struct detect *d, struct pattern_hash **hashes);

/* headers.c: number the headers. 0 or -ENOMEM. */
int headers_number(struct detect *d);

/* ends.c: find `home` and `pairs`, 0 or -ENOMEM, when the headers are numbered; the pair of a packet. */
int ends_divide(struct detect *d);
uint8_t ends_pair(const struct detect *d, const struct look *k);

/* place.c: what a rule says of where in a payload its pattern lies, if that is near its beginning. Most of a payload is
 * farther away, and small ones are much smaller. */
#define PLACE_MAX   640
#define PLACE_SMALL 320
/* Each place up to this is looked at for itself, if a pattern can begin at no more than so many; for what may lie
 * elsewhere is searched. */
#define PLACE_LAST       24
#define PLACE_STARTS_MAX 6
struct pattern_place {
    uint16_t reach; /* it ends within so many bytes; 0: it may lie anywhere */
    uint16_t at;    /* where it begins, or one of the places behind that: */
    uint8_t starts; /* so many in all; 0: too many, or too far */
};
struct pattern_place place_of(const struct rule_buffer *b, const struct match_content *wanted);
/* The longest payload that the rule allows, if it is at most PLACE_SMALL; otherwise 0. */
uint16_t place_payload_most(const struct rule *r);

/* placed.c: make the slot's tables (0 or -ENOMEM), free them, and search; before: bytes of the stream that were before
 * b. */
int placed_make(struct slot *s);
void placed_free(struct slot *s);
void placed_search(struct detect_lane *l, const struct slot *s, struct inspect_bytes b, uint64_t before);

/* slots.c */
/* What a pattern is searched for in, besides its buffer. */
struct slot_where {
    uint8_t dir;
    uint8_t group;
    uint8_t klass;
    uint8_t kind;
    bool packet;
    struct pattern_place place;
    uint16_t most; /* bytes of a packet's payload; 0: any number */
    bool of_app;   /* in streams it is searched for in a class of its protocol */
    bool of_tx;
};
/* The part of a content that is searched for. */
struct inspect_bytes slot_searchable(const struct match_content *c);
/* Search for the content of a rule there. False: no memory. */
bool slot_add(struct detect *d, const struct rule *r, const struct match_content *c, const struct rule_buffer *b,
              struct slot_where w);

/* parts.c: for each pair of ends what is to be searched of each slot. False: no memory. */
bool parts_make(struct detect *d);

/* groups.c, prefilter.c */
int detect_group_rules(struct detect *d, detect_ready_fn *ready);
int detect_compile(struct detect *d, const char *cache, char *error, size_t error_len);

#define MEMORY_NS 1000000000ull

#define RULE_GONE UINT32_MAX

/* A rule over reloads: the generation since which it was in every one, and the last it was in. */
struct identity {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t since;
    uint32_t last;
};

/* Of a run; names are numbers that stay the same over reloads. */
struct detect_memory {
    struct memo_table thresholds;
    struct memo_table bits;
    struct memo_table tags; /* of hosts */
    atomic_bool hosts_tagged;
    struct words names[NAME_KIND_COUNT];
    struct numbers rules;   /* gid, sid and rev to index of known; what is known is added when it is looked for */
    struct identity *known; /* of each rule that there was */
    uint32_t rule_count;
    uint32_t rule_room;
    uint32_t generation; /* the last one that was made */
    struct arena texts;
};

/* JSON of a value that was found in a dataset: where in a lane's context_text. */
struct detect_context {
    const char *key;
    uint32_t at;
    uint32_t len;
};

struct detect_vars {
    uint32_t count;
    struct detect_var at[DETECT_VARS_MAX];
};

/* What of headers stays as it is in one direction of a flow: mostly what is looked at is of the flow that something was
 * of just before. */
struct lane_ends {
    uint32_t *known; /* of each header, like detect_lane's headers */
    uint32_t epoch;
    uint32_t how;  /* the protocol, and whether it is turned */
    uint64_t flow; /* 0: none */
    uint8_t pair;
};

struct detect_lane {
    const struct detect *d;
    struct counters *counters;
    hs_scratch_t *scratch;
    struct inspect_pcres pcres;
    struct inspect_place *places;
    uint64_t vars[RULE_VARS_MAX];
    struct buf base64;
    struct buf base64_work[2]; /* for transforms of it, while the buffer around it is in work */
    struct buf work[2];
    struct buf made; /* a buffer that was put together */
    struct buf json; /* of a value of a set */
    struct buf context_text;
    struct detect_context *contexts; /* that the packet's alerts carry, DETECT_CONTEXTS_MAX at most; behind `kept` those
                                        of the rule that is looked at */
    uint16_t context_count, contexts_kept;
    size_t context_text_kept;
    struct look *look; /* whose candidates they are */
    uint32_t *headers; /* of each: the epoch, times two, in which it was compared, and whether it matches */
    struct lane_ends ends_in[2], *ends; /* of each direction, and that which is looked at */
    uint32_t *marks;                    /* of each rule: the epoch in which it became a candidate */
    uint32_t *seen;                     /* likewise: in which tx_payload had it */
    uint32_t seen_epoch;                /* in which that was searched */
    uint32_t epoch;
    uint32_t *candidates;
    uint32_t candidate_count;
    struct detect_vars vars_new; /* of the rule that is looked at */
    struct detect_vars vars_packet;
    struct detect_vars vars_alert;
    uint64_t vars_number; /* the packet and the flow that vars_packet is of */
    uint64_t vars_flow;
};

struct flow_int {
    uint32_t value;
    bool set;
};

/* Tags of one flow; of more the rest is not set. How often a rule begins its count again. How long a host is tagged for
 * a number of packets or bytes at most, in seconds. */
#define TAGS_MAX         10u
#define TAG_MATCHES_MAX  10u
#define TAG_HOST_SECONDS 3600u

struct flow_tag {
    uint64_t since_ns;
    uint64_t bytes;
    uint32_t packets;
    uint32_t id; /* of the rule */
    uint32_t count;
    uint8_t metric;
    uint8_t matches;
};

/* Of a flow's direction: nothing that is looked at once is left, and what is looked at in each packet. */
struct quiet {
    const struct port_class *class; /* of the generation's rules */
    uint32_t generation;            /* 0: not known */
    uint8_t app;                    /* enum detect_app; DETECT_APP_COUNT: none was found */
    bool near;                      /* payload of packets is searched besides their stream */
};

/* The last bytes of a direction of a stream. They lie where a segment has them, or are copied. */
struct window {
    uint8_t *data;
    uint8_t *own;      /* memory of our own; NULL: none yet */
    struct lent *lent; /* what is kept of a segment; NULL: nothing */
    uint32_t len;
    uint32_t room; /* bytes of `own` */
};

struct detect_flow {
    struct detect_windows *windows;
    struct flow_tag *tags; /* TAGS_MAX; NULL: there were none */
    uint8_t tag_count;
    uint8_t *bits;         /* one a flowbit, by its number in detect_memory */
    struct flow_int *ints; /* likewise */
    uint32_t bits_room;    /* bytes */
    uint32_t ints_room;
    struct detect_vars *vars; /* NULL: none was set */
    uint32_t whole_done[2];   /* generation of the rules that were looked at; 0: none yet */
    uint32_t whole_app_done[2];
    uint8_t whole_app[2]; /* enum detect_app that they were looked at for; DETECT_APP_COUNT: none was found */
    struct quiet quiet[2];
    bool passed;
    uint8_t action; /* DETECT_PASS, DETECT_DROP, 0 */
    struct window window[2];
    uint32_t fresh[2];        /* bytes at its end that no rule has looked at */
    uint32_t part[2];         /* among those, what bytes are missing behind ends here; 0: nothing is missing */
    uint64_t stream[2];       /* bytes of it so far */
    bool depth_told[2];       /* no more of it is searched: that was counted */
    bool app_searched[2];     /* with the patterns of its protocol */
    struct recent *recent[2]; /* RECENT_MAX; NULL: there were none */
    uint8_t recent_count[2];
    uint32_t research[2]; /* for so many bytes the whole window is searched: there were too many */
};

/* A rule whose fast pattern lies in the window while other parts of it may still come. */
#define RECENT_MAX 16u
struct recent {
    uint32_t id;
    uint32_t left; /* bytes of the stream after which it is out of the window */
};

/* One look at one rule. */
struct look {
    struct detect_lane *l;
    const struct detect_input *in;
    const struct detect_tx *tx; /* NULL: of the packet */
    const struct rule *rule;
    enum flow_dir dir;
    const struct addr *src, *dst;
    uint16_t sport, dport;
    uint8_t ip_proto;
    struct inspect_bytes payload; /* of the packet */
    struct inspect_bytes stream;  /* window and new bytes */
    uint32_t stream_old;          /* bytes of it that were there before */
    bool has_stream;
    bool base64_matched;
    bool in_stream;       /* out */
    const void *event_tx; /* out: whose event it was */
    bool near;            /* out: but for its buffers the rule would match */
    bool wants_payload;   /* out: it was not in this packet's */
    uint32_t body;        /* bytes of the transaction's body so far */
};

enum look_result { LOOK_NO, LOOK_YES, LOOK_LATER /* when more of the transaction is there */ };

/* candidates.c */
void lane_begin(struct detect_lane *l, struct look *k);
void lane_candidate(struct detect_lane *l, uint32_t rule);
void lane_candidates(struct detect_lane *l, const struct rule_list *list);
void lane_search(struct detect_lane *l, const struct slot *s, struct inspect_bytes b);
/* Is what a rule for transactions must find in the payload, or the stream, not there? */
bool lane_lacks(const struct look *k, uint32_t rule);
/* What of a slot is to be searched; NULL: no rule of it can match. */
const struct slot *lane_slot(const struct detect_lane *l, uint32_t slot);
/* The addresses as the packet, or what stands for it, has them. */
void look_ends(struct look *k);
void look_payload(struct look *k);
/* Does the rule match? */
enum look_result look_rule(struct look *k);
/* It did. */
void look_matched(struct look *k, struct detect_alerts *out);
/* Look at all candidates, in the rules' order. */
void look_all(struct look *k, struct detect_alerts *out);

/* stream.c: the window, and what is searched in it. */
void stream_add(struct look *k, const struct packet *p);
void stream_search(struct look *k, const struct slot *s, bool whole);
void payload_search(struct look *k, const struct slot *s);
/* What lies in the window has so many bytes of the stream before it. */
uint64_t stream_before(const struct look *k);
void stream_recent(struct look *k);   /* rules that were nearly found are candidates again */
void stream_remember(struct look *k); /* this one was nearly found */

/* transaction.c */
void look_transaction(struct look *k, struct detect_alerts *out);
/* Do rules wait with the transaction, or have fired there? */
bool detect_tx_waits(const struct detect_tx_state *s);

/* conditions.c: header: what stays as it is in a flow's direction, and what the packet decides; and conditions on the
 * packet, its flow, and state. */
bool look_header_ends(const struct look *k);
bool look_header_packet(const struct look *k);
bool look_conditions(struct look *k);

/* files.c: what is asked of one file, of which there must be one that has it all. */
bool look_files(const struct look *k);
/* filestore: does the rule have it, does it still wait for a file; what it says is done. */
bool files_stores(const struct rule *r);
bool look_wants_file(const struct look *k);
void look_store(const struct look *k);
/* numbers.c: conditions on one number, or the flags of a header. */
bool look_field(struct look *k, const struct match_field *f);
bool look_compare(enum uint_op op, uint64_t v, uint64_t w);
bool look_tcp_flags(const struct look *k, const struct match_flags *m);
bool look_flags_match(const struct match_flags *m, uint8_t flags);
bool look_fragbits(const struct look *k, const struct match_flags *m);
bool look_fragoffset(const struct look *k, const struct match_fragoffset *m);
bool look_ip_option(const struct decoded *d, uint8_t number);
bool look_checksum(const struct look *k, const struct match_text *m);

/* buffers.c: all uses of buffers. */
enum look_result look_buffers(struct look *k);
/* Does the rule look at a packet whose bytes are looked at in a stream? */
bool look_beside_stream(const struct rule *r, const struct rule_buffer *b);
/* Or at the stream? */
bool look_in_stream(const struct rule *r);
/* Is this such a packet? */
bool look_has_stream(const struct look *k);

/* identity.c: give the rules their numbers, 0 or -ENOMEM; they are the memory's last rule set now; the rule of a
 * number, or RULE_GONE. */
int identity_assign(struct detect *d);
void identity_commit(struct detect *d);
uint32_t identity_find(const struct detect *d, uint32_t id);

/* memory.c */
/* Do rules remember what other flows did? */
bool memory_crosses_flows(const struct ruleset *set);
void look_post(struct look *k);
bool memory_bits(struct look *k, const struct match_bits *m, enum match_kind kind);
bool memory_flowint(struct look *k, const struct match_flowint *m);
/* Give the rule set's names the memory's numbers. 0 or -ENOMEM. */
int memory_names(struct detect *d);
/* An address, or both whichever way round, into a key; its second word gets a bit for IPv6. */
void memory_put_addr(uint64_t *key, unsigned at, const struct addr *a);
void memory_put_pair(uint64_t *key, unsigned at, const struct look *k);

/* hosts.c */
bool memory_host_bits(struct look *k, const struct match_bits *m, enum match_kind kind);

/* known.c */
bool known_iprep(const struct look *k, const struct match_iprep *m);
bool known_geoip(const struct look *k, const struct match_geoip *m);

/* tags.c: what the rule, which alerts, wants recorded */
void tags_set(struct look *k);

/* values.c */
bool memory_dataset(struct look *k, const struct match_dataset *m, const uint8_t *p, size_t n);

/* thresholds.c: what is to become of a rule that matched. */
enum memory_verdict {
    MEMORY_NOTHING, /* as if it had not */
    MEMORY_ALERT,
    MEMORY_QUIET, /* its action without its alert */
};
/* action: the rule's, or that of a rate_filter. */
enum memory_verdict memory_allows(struct look *k, enum rule_action *action);

/* vars.c: captures count once the rule matched. */
void vars_begin(struct look *k);
void vars_capture(struct look *k, const struct pcre_capture *to, const uint8_t *p, size_t n);
void vars_keep(struct look *k);
void vars_alert(struct look *k, struct detect_alert *alert, bool first);
bool vars_match(const struct look *k, const struct match_var *m, bool packet);

struct detect_counters {
    unsigned alerts, overflow, suppressed, steps, pcre, checked, waiting, thresholds_full, bits_full, dataset_full,
        depth;
};
extern struct detect_counters detect_n;

#endif
