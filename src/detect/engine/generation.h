/* Rule sets of a run, one after the other: each counts from a packet's number on.
 *
 * The run makes one, links it behind the one before with the number of the first packet that it is for, and frees the
 * older when all lanes have left it. A lane looks at each packet with the rules that count for its number, whatever
 * came meanwhile, and leaves the older ones when nothing of before can come any more. */
#ifndef BURROW_DETECT_ENGINE_GENERATION_H
#define BURROW_DETECT_ENGINE_GENERATION_H

#include <stdatomic.h>

#include "detect/engine/engine.h"

struct detect_generation {
    struct ruleset *rules;
    struct detect *detect;
    uint64_t from; /* number of the first packet; set before it is linked */
    _Atomic(struct detect_generation *) next;
    atomic_uint users;          /* lanes that have not left it */
    struct detect_lane **lanes; /* one for each lane, which takes it when it begins with these rules */
    unsigned lane_count;
    /* For the operator. */
    uint64_t loaded_ns;
    uint32_t loaded;
    uint32_t failed;
    uint32_t skipped;
};

/* Takes rules and engine. NULL: no memory, nothing is taken. */
struct detect_generation *detect_generation_create(struct ruleset **rules, struct detect **d);

/* Make what the lanes need. 0 or -ENOMEM. */
int detect_generation_prepare(struct detect_generation *g, unsigned lanes);

/* And all that are linked behind it. */
void detect_generation_destroy(struct detect_generation **g);

/* What a lane has of them. Its app thread. */
struct detect_follow {
    struct detect_generation *now;
    struct detect_lane *lane;
    struct detect_generation *after; /* begun already, while packets of before may come; NULL: none */
    struct detect_lane *after_lane;
};

void detect_follow_begin(struct detect_follow *f, struct detect_generation *g, unsigned lane,
                         struct counters *counters);
void detect_follow_end(struct detect_follow *f);

/* Is there nothing but one set of rules? */
static inline bool detect_follow_settled(const struct detect_follow *f)
{
    return !f->after && !atomic_load_explicit(&f->now->next, memory_order_acquire);
}

/* The lane for a packet's number. completed: packets up to it are done, and all that followed from them. */
struct detect_lane *detect_follow_lane(struct detect_follow *f, unsigned lane, uint64_t number, uint64_t completed,
                                       struct counters *counters);

#endif
