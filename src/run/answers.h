/* What the resolver knows, and what it has asked for: one entry for each name and address family.
 *
 * An entry is pending from the question on, late from the deadline on, and known once the answer came or the library
 * gave up, while its TTL lasts. Lookups that wait for a pending entry are in its list; nobody waits for a late one.
 * Known entries are bounded by a memcap: those that came first go first. Times are machine times. Thread: the
 * resolver's. */
#ifndef BURROW_RUN_ANSWERS_H
#define BURROW_RUN_ANSWERS_H

#include "decap/lookup.h"

/* Seconds that an answer is kept: TTLs are held to these, "no such name" and "no answer" have their own. */
#define ANSWER_TTL_LEAST 1u
#define ANSWER_TTL_MOST  86400u
#define ANSWER_TTL_NONE  60u
#define ANSWER_TTL_FAIL  5u

enum answer_state { ANSWER_PENDING, ANSWER_LATE, ANSWER_KNOWN, ANSWER_STATES };

struct answer {
    struct answer *hash_next;
    struct answer *older; /* of those in this state */
    struct answer *newer;
    struct inbox_node *waiting; /* lookups, linked through their news */
    uint64_t until_ns;          /* pending: when those that wait are told; known: end of its life */
    struct addr addr;
    enum lookup_result result;
    enum answer_state state;
    uint8_t family;
    uint8_t len;
    char name[]; /* zero-terminated */
};

struct answer_list {
    struct answer *oldest;
    struct answer *newest;
    uint32_t count;
};

struct answers {
    struct answer **buckets;
    struct answer_list lists[ANSWER_STATES]; /* the pending ones by deadline */
    uint64_t seed;
    uint64_t memory; /* of the known ones */
    uint64_t memcap;
};

/* 0 or -ENOMEM. */
int answers_init(struct answers *a, uint64_t memcap);

/* Nobody may wait any more. */
void answers_fini(struct answers *a);

/* The entry of a lookup's name and family, known entries only while they live; NULL: there is none. */
struct answer *answers_find(struct answers *a, const struct lookup *k, uint64_t now_ns);

/* A new pending entry; NULL: no memory. Deadlines must not go back. */
struct answer *answers_add(struct answers *a, const struct lookup *k, uint64_t deadline_ns);

/* A pending or late entry becomes a known one, for ttl seconds. It can be gone after this. */
void answers_settle(struct answers *a, struct answer *e, enum lookup_result result, const struct addr *addr,
                    uint32_t ttl, uint64_t now_ns);

/* A pending entry whose deadline has passed, which is a late one now: whoever waits is to be told. NULL: none. */
struct answer *answers_overdue(struct answers *a, uint64_t now_ns);

/* When the next deadline is; UINT64_MAX: none. */
uint64_t answers_deadline(const struct answers *a);

/* Names that were asked for and are not known yet. */
uint32_t answers_busy(const struct answers *a);

#endif
