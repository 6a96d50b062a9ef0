#include "run/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"

#define ANSWER_BUCKETS 4096u

int answers_init(struct answers *a, uint64_t memcap)
{
    *a = (struct answers){.memcap = memcap, .seed = hash_seed()};
    a->buckets = calloc(ANSWER_BUCKETS, sizeof *a->buckets);
    return a->buckets ? 0 : -ENOMEM;
}

static void list_add(struct answers *a, struct answer *e, enum answer_state state)
{
    struct answer_list *l = &a->lists[state];
    e->state = state;
    e->older = l->newest;
    e->newer = NULL;
    if (l->newest)
        l->newest->newer = e;
    else
        l->oldest = e;
    l->newest = e;
    l->count++;
}

static void list_remove(struct answers *a, struct answer *e)
{
    struct answer_list *l = &a->lists[e->state];
    if (e->older)
        e->older->newer = e->newer;
    else
        l->oldest = e->newer;
    if (e->newer)
        e->newer->older = e->older;
    else
        l->newest = e->older;
    l->count--;
}

static uint64_t cost(const struct answer *e)
{
    return sizeof *e + e->len + 1u;
}

static struct answer **bucket_of(const struct answers *a, const char *name, size_t len, uint8_t family)
{
    return &a->buckets[hash_bytes(name, len, a->seed ^ family) % ANSWER_BUCKETS];
}

static void forget(struct answers *a, struct answer *e)
{
    struct answer **at = bucket_of(a, e->name, e->len, e->family);
    while (*at != e)
        at = &(*at)->hash_next;
    *at = e->hash_next;
    list_remove(a, e);
    if (e->state == ANSWER_KNOWN)
        a->memory -= cost(e);
    free(e);
}

void answers_fini(struct answers *a)
{
    if (!a->buckets)
        return;
    for (int i = 0; i < ANSWER_STATES; i++)
        while (a->lists[i].oldest)
            forget(a, a->lists[i].oldest);
    free(a->buckets);
    a->buckets = NULL;
}

struct answer *answers_find(struct answers *a, const struct lookup *k, uint64_t now_ns)
{
    struct answer *e = *bucket_of(a, k->name, k->len, k->family);
    while (e && (e->family != k->family || e->len != k->len || memcmp(e->name, k->name, k->len) != 0))
        e = e->hash_next;
    if (!e || e->state != ANSWER_KNOWN || e->until_ns > now_ns)
        return e;
    forget(a, e);
    return NULL;
}

struct answer *answers_add(struct answers *a, const struct lookup *k, uint64_t deadline_ns)
{
    struct answer *e = calloc(1, sizeof *e + k->len + 1u);
    if (!e)
        return NULL;
    e->family = k->family;
    e->len = k->len;
    memcpy(e->name, k->name, k->len);
    e->until_ns = deadline_ns;
    struct answer **bucket = bucket_of(a, e->name, e->len, e->family);
    e->hash_next = *bucket;
    *bucket = e;
    list_add(a, e, ANSWER_PENDING);
    return e;
}

void answers_settle(struct answers *a, struct answer *e, enum lookup_result result, const struct addr *addr,
                    uint32_t ttl, uint64_t now_ns)
{
    list_remove(a, e);
    list_add(a, e, ANSWER_KNOWN);
    e->result = result;
    if (addr)
        e->addr = *addr;
    e->until_ns = now_ns + ttl * NS_PER_S;
    a->memory += cost(e);
    while (a->lists[ANSWER_KNOWN].oldest && a->memory > a->memcap)
        forget(a, a->lists[ANSWER_KNOWN].oldest);
}

struct answer *answers_overdue(struct answers *a, uint64_t now_ns)
{
    struct answer *e = a->lists[ANSWER_PENDING].oldest;
    if (!e || e->until_ns > now_ns)
        return NULL;
    list_remove(a, e);
    list_add(a, e, ANSWER_LATE);
    return e;
}

uint64_t answers_deadline(const struct answers *a)
{
    const struct answer *e = a->lists[ANSWER_PENDING].oldest;
    return e ? e->until_ns : UINT64_MAX;
}

uint32_t answers_busy(const struct answers *a)
{
    return a->lists[ANSWER_PENDING].count + a->lists[ANSWER_LATE].count;
}
