/* The passive DNS cache of one lane: what clients were told a name's address is, as seen on the wire.
 *
 * Every lane has all that any lane learned (decap/news.h). Asking at number n means: the newest answer with a lower
 * number. Answers on the wire, and those inside one tunnel to port 53, count from their packet on; others (deeper, or
 * on odd ports) NEWS_DELAY packets later. The same client's answers come first, then anyone's of its realm. An answer
 * is used while its TTL lasts. Bounded by a memcap: the entry longest without news goes first. Thread: the lane's decap
 * thread. */
#ifndef BURROW_DECAP_NAMES_H
#define BURROW_DECAP_NAMES_H

#include "decap/news.h"
#include "item/note.h"

/* Longest name, in its text form without the final dot (RFC 1035 section 2.3.4 allows 253). */
#define NAME_LEN_MAX 255u

struct name_entry;

struct names {
    struct lanes_shared *lanes;
    unsigned lane;
    struct name_entry **buckets;
    struct name_entry *oldest; /* by last news */
    struct name_entry *newest;
    uint64_t seed;
    uint64_t memory;
    uint64_t memcap;
    uint64_t count;
    uint64_t evicted;
};

int names_init(struct names *n, struct lanes_shared *lanes, unsigned lane, uint64_t memcap, uint64_t seed);
void names_fini(struct names *n);

/* Tell every lane of an answer that `client`, of this realm (flow_realm), got in packet `number`. */
void names_learn(struct names *n, const struct name_answer *answer, const struct addr *client, uint64_t realm,
                 uint64_t number, uint64_t time_ns);

/* Take in a NEWS_NAME; the caller frees it. low: every packet below is done in every lane. */
void names_take(struct names *n, const struct news *news, uint64_t low);

/* A name in lower case and without its final dot: its length, 0 if it is too long. */
size_t names_fold(const char *name, size_t len, char out[NAME_LEN_MAX]);

/* Does a flow's DNS count from its packet on? */
bool names_at_once(const struct flow_key *key, uint32_t depth);

/* The address of a name (any case, no final dot) for a client, of the client's family, as known in its realm before
 * packet `number` at time_ns. False: not known. */
bool names_find(const struct names *n, const char *name, size_t len, const struct addr *client, uint64_t realm,
                uint64_t number, uint64_t time_ns, struct addr *out);

/* A stable address for a name that is nobody's: inside prefix/bits, the same in every run. */
struct addr names_placeholder(const char *name, size_t len, const struct addr *prefix, unsigned bits);

#endif
