/* The flow table of one lane: a hash of both directions, pools, and lists by time-out.
 *
 * Time is the capture's own and never goes back (item.now_ns). A flow's time-out is judged when a packet meets it and
 * by a sweep that only frees what no later packet could meet, so the sweep's timing never shows. Thread: the lane's
 * flow thread. */
#ifndef BURROW_FLOW_TABLE_H
#define BURROW_FLOW_TABLE_H

#include "flow/tcp.h"
#include "item/stage.h"

enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_CLOSED, FLOW_BYPASSED, FLOW_STATE_COUNT };

/* What a policy is for. */
enum flow_exception {
    ON_FLOW_MEMCAP,
    ON_SESSION_MEMCAP,
    ON_REASSEMBLY_MEMCAP,
    ON_MIDSTREAM,
    ON_DEFRAG_MEMCAP,
    ON_COUNT
};

struct flow {
    struct flow_ref ref; /* first: a flow_ref of this lane is a flow */
    uint64_t hash;
    struct flow *hash_next;
    uint64_t last_ns;     /* time of the last packet */
    uint64_t last_number; /* number of the last packet */
    uint64_t last_now;    /* item.now_ns of the last packet */
    uint64_t listed_now;  /* last_now when it was put at the end of its list */
    uint64_t packets[2];
    uint64_t wire_bytes[2];
    uint64_t bytes[2]; /* payload given on */
    uint8_t state;     /* enum flow_state */
    uint8_t class_;    /* enum settings_flow_class */
    bool carrier;      /* of an IP tunnel */
    bool plain;        /* it had packets that were no tunnel's */
    bool hashed;
    bool listed;
    bool child;           /* of a payload tunnel: ends with its carrier, never by time */
    uint8_t unseen;       /* bits 1 << enum flow_dir: bytes were acknowledged and no packet of theirs came since */
    bool bypassed;        /* nothing more of it is looked at */
    uint8_t anomalies;    /* stream events that were recorded */
    uint8_t policy;       /* enum packet_policy, for all packets that follow */
    uint8_t exception;    /* enum flow_exception of the first policy that was asked, plus one; 0: none */
    uint8_t ttl_least[2]; /* of packets in each direction, when records are to have them; 0: none came */
    uint8_t ttl_most[2];
    struct flow *list_prev; /* by time-out class and state, oldest first (roughly) */
    struct flow *list_next;
    struct flow_macs *macs; /* when records are to have them (flow/macs.h) */
    struct flow_end end;
    struct tcp_track tcp; /* last: only those that flow_has_tcp are this long */
};

/* A wire flow of TCP, of a tunnel's inside too; children of payload tunnels have no segments. */
static inline bool flow_has_tcp(const struct flow *f)
{
    return f->ref.key.proto == 6 && !f->child;
}

struct flow_list {
    struct flow *first;
    struct flow *last;
};

/* Bytes that other stages keep for each flow, as the memcap counts them. */
#define FLOW_BESIDE           128u
#define FLOW_BESIDE_RULES     256u /* more with rules: what they note of the flow */
#define FLOW_BESIDE_RULES_TCP 512u /* and the session that it is noted in, which TCP's has from its first packet on */

struct flow_table {
    struct flow **buckets;
    uint64_t mask;
    uint64_t seed;
    struct flow *free[2]; /* those without a tracker, with one */
    struct flow_block *blocks;
    uint32_t beside[2]; /* FLOW_BESIDE and what rules add, without a tracker and with one */
    uint64_t memory;    /* bytes of flows in use, and `beside` for each */
    uint64_t memcap;
    bool any_vlan;  /* flows are told apart without their VLANs */
    uint64_t count; /* flows alive, those that are ending included */
    uint64_t timeout_ns[FLOW_CLASS_COUNT][FLOW_STATE_COUNT];
    struct flow_list lists[FLOW_CLASS_COUNT][FLOW_STATE_COUNT];
    struct flow_list children;
};

/* 0 or -ENOMEM. */
int flow_table_init(struct flow_table *t, const struct settings *s, unsigned lanes, uint64_t seed);
void flow_table_fini(struct flow_table *t);

/* The same for both directions of a key. */
uint64_t flow_table_hash(const struct flow_table *t, const struct flow_key *key);

static inline void flow_table_prefetch(const struct flow_table *t, uint64_t hash)
{
    __builtin_prefetch(&t->buckets[hash & t->mask]);
}

/* The flow of a key in either direction; *dir says in which. NULL: there is none. */
struct flow *flow_table_find(const struct flow_table *t, const struct flow_key *key, uint64_t hash, enum flow_dir *dir);

/* A new flow, hashed, in state FLOW_NEW. NULL: memcap or no memory. */
struct flow *flow_table_make(struct flow_table *t, const struct flow_key *key, uint64_t hash, uint64_t now_ns,
                             bool child);

/* Move to another state's list. */
void flow_table_set_state(struct flow_table *t, struct flow *f, enum flow_state state);

/* A packet of a flow that is hashed came at now_ns: is the flow too old for it? */
bool flow_table_expired(const struct flow_table *t, const struct flow *f, uint64_t now_ns);

/* A flow that is over by now_ns, at most `look` flows looked at; NULL: none found. */
struct flow *flow_table_next_expired(struct flow_table *t, uint64_t now_ns, unsigned *look);

/* The flow to end first when memory is short or the run is over; never a child. NULL: none. */
struct flow *flow_table_oldest(struct flow_table *t);

/* The flow is over: a packet of the same tuple begins a new one. It stays in memory until flow_table_free. */
void flow_table_unhash(struct flow_table *t, struct flow *f);

void flow_table_free(struct flow_table *t, struct flow **f);

#endif
