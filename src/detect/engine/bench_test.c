#include "detect/engine/bench_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/load_test.h"

const struct ruleset *bench_begin(struct bench *b, const char *text, detect_ready_fn *ready)
{
    char error[512];
    struct detect *d = NULL;
    *b = (struct bench){0};
    assert_int_equal(config_create(NULL, NULL, 0, &b->config, error, sizeof error), 0);
    b->memory = detect_memory_create(config_settings(b->config));
    struct ruleset *set = load_some_test(text, NULL);
    assert_int_equal(detect_create(set, b->memory, ready, NULL, &d, error, sizeof error), 0);
    b->rules = detect_generation_create(&set, &d);
    assert_int_equal(detect_generation_prepare(b->rules, 1), 0);
    detect_counters_init();
    detect_follow_begin(&b->follow, b->rules, 0, &b->counters);
    return detect_rules(detect_of(b->follow.lane));
}

void bench_end(struct bench *b)
{
    detect_follow_end(&b->follow);
    detect_generation_destroy(&b->rules);
    detect_memory_destroy(&b->memory);
    config_destroy(&b->config);
}

bool bench_alerted(const struct bench *b, const struct rule *r)
{
    for (unsigned i = 0; i < b->alerts.count; i++)
        if (b->alerts.alert[i].rule == r)
            return true;
    return false;
}

unsigned bench_pick(unsigned below)
{
    static uint64_t state = 0x2545f4914f6cdd1d;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % below;
}
