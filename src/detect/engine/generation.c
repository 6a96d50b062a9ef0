#include "detect/engine/generation.h"

#include <errno.h>
#include <stdlib.h>

#include "core/clock.h"
#include "detect/engine/private.h"

struct detect_generation *detect_generation_create(struct ruleset **rules, struct detect **d)
{
    struct detect_generation *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    atomic_init(&g->next, NULL);
    atomic_init(&g->users, 0);
    g->loaded_ns = clock_wall_ns();
    g->loaded = (*rules)->rule_count;
    g->failed = (*rules)->refused;
    g->skipped = (*rules)->skipped;
    g->rules = *rules;
    g->detect = *d;
    *rules = NULL;
    *d = NULL;
    return g;
}

int detect_generation_prepare(struct detect_generation *g, unsigned lanes)
{
    g->lanes = calloc(lanes, sizeof(struct detect_lane *));
    if (!g->lanes)
        return -ENOMEM;
    g->lane_count = lanes;
    for (unsigned i = 0; i < lanes; i++)
        if (!(g->lanes[i] = detect_lane_create(g->detect)))
            return -ENOMEM;
    atomic_store(&g->users, lanes);
    return 0;
}

void detect_generation_destroy(struct detect_generation **generation)
{
    struct detect_generation *g = *generation;
    *generation = NULL;
    while (g) {
        struct detect_generation *next = atomic_load(&g->next);
        for (unsigned i = 0; i < g->lane_count; i++)
            detect_lane_destroy(&g->lanes[i]);
        free(g->lanes);
        detect_destroy(&g->detect);
        ruleset_destroy(&g->rules);
        free(g);
        g = next;
    }
}

static struct detect_lane *take(struct detect_generation *g, unsigned lane, struct counters *counters)
{
    struct detect_lane *l = g->lanes[lane];
    g->lanes[lane] = NULL;
    l->counters = counters;
    return l;
}

void detect_follow_begin(struct detect_follow *f, struct detect_generation *g, unsigned lane, struct counters *counters)
{
    *f = (struct detect_follow){.now = g, .lane = take(g, lane, counters)};
}

static void leave(struct detect_generation *g, struct detect_lane **l)
{
    detect_lane_destroy(l);
    atomic_fetch_sub_explicit(&g->users, 1, memory_order_release);
}

void detect_follow_end(struct detect_follow *f)
{
    if (f->after)
        leave(f->after, &f->after_lane);
    if (f->now)
        leave(f->now, &f->lane);
    f->now = f->after = NULL;
}

struct detect_lane *detect_follow_lane(struct detect_follow *f, unsigned lane, uint64_t number, uint64_t completed,
                                       struct counters *counters)
{
    if (!f->after) {
        f->after = atomic_load_explicit(&f->now->next, memory_order_acquire);
        if (!f->after)
            return f->lane;
        f->after_lane = take(f->after, lane, counters);
    }
    if (completed + 1 >= f->after->from) {
        leave(f->now, &f->lane);
        f->now = f->after;
        f->lane = f->after_lane;
        f->after = NULL;
        f->after_lane = NULL;
        return f->lane;
    }
    return number < f->after->from ? f->lane : f->after_lane;
}
