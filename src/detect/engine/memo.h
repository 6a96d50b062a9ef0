/* A table of what is remembered for something (a rule, a name) and up to two addresses, shared by all lanes.
 *
 * Fixed in size: made once from a memcap, in buckets of a few entries, each bucket with a lock of its own that is held
 * for a look or a change. An entry is free again once its time is over, judged by the capture's clock. In a full bucket
 * the one whose time is over first goes. Private to detect/engine/. */
#ifndef BURROW_DETECT_ENGINE_MEMO_H
#define BURROW_DETECT_ENGINE_MEMO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMO_KEY     6u
#define MEMO_BUCKET  16u
#define MEMO_FOREVER UINT64_MAX

struct memo {
    uint64_t key[MEMO_KEY];
    uint64_t since_ns;
    uint64_t until_ns; /* of no use from here on */
    uint32_t count;
    uint32_t value;
    bool used;
};

struct memo_bucket {
    atomic_flag lock;
    struct memo at[MEMO_BUCKET];
};

struct memo_table {
    struct memo_bucket *buckets;
    uint64_t seed;
    uint32_t count; /* a power of two */
};

/* As many entries as fit into memcap bytes, at least one bucket's. 0 or -ENOMEM. */
int memo_init(struct memo_table *t, uint64_t memcap, uint64_t seed);
void memo_fini(struct memo_table *t);

/* One look. The bucket is locked from memo_get to memo_put; nothing else may be locked in between. */
struct memo_look {
    struct memo_bucket *bucket;
    struct memo *entry; /* NULL: there is none */
    bool fresh;         /* it was made now: until_ns is to be set */
    bool evicted;       /* in the place of one that was still of use */
};

struct memo_look memo_get(struct memo_table *t, const uint64_t key[MEMO_KEY], bool make, uint64_t now_ns);
void memo_put(struct memo_look *look);

#endif
