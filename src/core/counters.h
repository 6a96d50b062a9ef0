/* Counters: one name table for the process, one array of values for each thread.
 *
 * Names are registered while the program starts (one thread); ids are small integers. Each stage thread adds to its own
 * array, relaxed; the stats reader sums over the arrays. Names have Suricata's dotted form ("decoder.pkts"): the dots
 * are the nesting of the stats record. */
#ifndef BURROW_CORE_COUNTERS_H
#define BURROW_CORE_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAX 1024

struct counters {
    _Atomic uint64_t value[COUNTERS_MAX];
};

/* The id of a name, registering it when new. Only before threads run. `name` must outlive the process (a literal).
 * Aborts when the table is full, which is a programming error. */
unsigned counter_id(const char *name);

/* Number of ids given out, and a name by id. */
unsigned counter_count(void);
const char *counter_name(unsigned id);

static inline void counter_add(struct counters *c, unsigned id, uint64_t n)
{
    uint64_t v = atomic_load_explicit(&c->value[id], memory_order_relaxed);
    atomic_store_explicit(&c->value[id], v + n, memory_order_relaxed);
}

static inline void counter_sub(struct counters *c, unsigned id, uint64_t n)
{
    counter_add(c, id, (uint64_t)0 - n);
}

static inline uint64_t counter_get(const struct counters *c, unsigned id)
{
    return atomic_load_explicit(&((struct counters *)(uintptr_t)c)->value[id], memory_order_relaxed);
}

#endif
