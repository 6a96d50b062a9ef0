/* For tests: an engine from a text of rules, and random numbers that are the same in each run. */
#ifndef BURROW_DETECT_ENGINE_BENCH_TEST_H
#define BURROW_DETECT_ENGINE_BENCH_TEST_H

#include "config/config.h"
#include "detect/engine/generation.h"

struct bench {
    struct config *config;
    struct detect_memory *memory;
    struct detect_generation *rules;
    struct detect_follow follow;
    struct counters counters;
    struct detect_alerts alerts;
    uint64_t number; /* of the packet */
};

/* The rules that are right; what of transactions is when there, ready says. */
const struct ruleset *bench_begin(struct bench *b, const char *text, detect_ready_fn *ready);
void bench_end(struct bench *b);

/* Is it among the alerts? */
bool bench_alerted(const struct bench *b, const struct rule *r);

/* From 0 to below it. */
unsigned bench_pick(unsigned below);

#endif
