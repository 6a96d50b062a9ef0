#include "detect/engine/memo.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

int memo_init(struct memo_table *t, uint64_t memcap, uint64_t seed)
{
    uint32_t count = 1;
    while (count < 1u << 26 && (uint64_t)count * 2 * sizeof *t->buckets <= memcap)
        count *= 2;
    *t = (struct memo_table){.buckets = calloc(count, sizeof *t->buckets), .seed = seed, .count = count};
    return t->buckets ? 0 : -ENOMEM;
}

void memo_fini(struct memo_table *t)
{
    free(t->buckets);
    *t = (struct memo_table){0};
}

static void lock(struct memo_bucket *b)
{
    for (unsigned spins = 0; atomic_flag_test_and_set_explicit(&b->lock, memory_order_acquire); spins++)
        if (spins > 64)
            sched_yield(); /* who holds it was interrupted */
}

/* The place for a new entry: a free one, or that of the entry which ends first. */
static struct memo *place(struct memo_bucket *b, uint64_t now_ns)
{
    struct memo *first = &b->at[0];
    for (unsigned i = 0; i < MEMO_BUCKET; i++) {
        struct memo *m = &b->at[i];
        if (!m->used || m->until_ns < now_ns)
            return m;
        if (m->until_ns < first->until_ns || (m->until_ns == first->until_ns && m->since_ns < first->since_ns))
            first = m;
    }
    return first;
}

struct memo_look memo_get(struct memo_table *t, const uint64_t key[MEMO_KEY], bool make, uint64_t now_ns)
{
    uint64_t h = hash_bytes(key, MEMO_KEY * sizeof *key, t->seed);
    struct memo_look look = {.bucket = &t->buckets[h & (t->count - 1)]};
    lock(look.bucket);
    for (unsigned i = 0; i < MEMO_BUCKET && !look.entry; i++) {
        struct memo *m = &look.bucket->at[i];
        if (m->used && memcmp(m->key, key, sizeof m->key) == 0)
            look.entry = m;
    }
    if (look.entry || !make)
        return look;
    struct memo *m = look.entry = place(look.bucket, now_ns);
    look.evicted = m->used && m->until_ns >= now_ns;
    look.fresh = true;
    *m = (struct memo){.used = true, .since_ns = now_ns, .until_ns = now_ns};
    memcpy(m->key, key, sizeof m->key);
    return look;
}

void memo_put(struct memo_look *look)
{
    atomic_flag_clear_explicit(&look->bucket->lock, memory_order_release);
    look->bucket = NULL;
    look->entry = NULL;
}
