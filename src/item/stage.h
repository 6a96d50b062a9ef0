/* A stage: functions over batches of items, and what they are given to work with.
 *
 * A stage never blocks, never locks and never sees a ring: `emit` and `reenter` either push a ring or append to the
 * next stage's work list; run/ decides which. One `struct stage` per stage and lane; its functions are called by one
 * thread at a time. */
#ifndef BURROW_ITEM_STAGE_H
#define BURROW_ITEM_STAGE_H

#include "config/settings.h"
#include "core/counters.h"
#include "item/event.h"

struct stage;

struct stage_ops {
    const char *name;
    int (*thread_init)(struct stage *s); /* 0 or -errno */
    void (*process)(struct stage *s, struct item **batch, unsigned n);
    /* Called when there is nothing to process, and now and then otherwise. True if it emitted something. */
    bool (*tick)(struct stage *s);
    /* Nothing is held any more (asked after the last tick): the lane may stop. */
    bool (*drained)(const struct stage *s);
    void (*thread_fini)(struct stage *s);
};

/* How far a lane has come. Written by the lane's decap, read by all. */
struct lane_progress {
    _Alignas(CACHE_LINE) _Atomic uint64_t completed; /* packets up to this, and all that followed from them, are done */
    _Atomic uint64_t told; /* all that packets up to this teach at once (decap/news.h) has been told */
};

struct exporter;
struct detect_generation;
struct hosts;
struct lookups;
struct rejecter;

struct lanes_shared {
    unsigned count;
    bool live;                      /* nobody waits for another lane */
    struct lane_progress *progress; /* count of them */
    _Atomic unsigned busy;          /* lanes that have flows, or may get some: none leaves before the others are done */
    void (*wake)(const struct lanes_shared *lanes, unsigned lane); /* its decap has news that others wait for */
    void *run;                                                     /* run/'s own */
    struct inbox *news;              /* count: what lanes tell each other, for each lane's decap (struct news) */
    struct hosts *hosts;             /* the hosts file (decap/hosts.h); NULL: there is none */
    struct lookups *lookups;         /* active look-ups (decap/lookup.h); NULL: they are off */
    struct detect_generation *rules; /* first ones (detect/engine/generation.h); NULL: there are none */
    struct rejecter *rejecter;       /* answers what rules reject, by the next (run/reject.h); NULL: nothing is sent */
    void (*reject)(struct rejecter *r, const struct stage *s, const struct packet *p, bool to_src, bool to_dst);
    struct exporter *exporter; /* carried sessions are copied to it (export/export.h); NULL: they aren't */
};

struct stage {
    const struct stage_ops *ops;
    void *state; /* the stage's own */
    const struct settings *settings;
    struct counters *counters; /* of the thread that runs it */
    struct event_sink *sink;   /* of the thread that runs it */
    struct lanes_shared *lanes;
    unsigned lane;
    uint64_t hash_seed;
    void (*emit)(struct stage *s, struct item *item);    /* to the next stage; decap: back to capture */
    void (*reenter)(struct stage *s, struct item *item); /* decap only: back to flow; never fails */
    void *run;                                           /* run/'s own */
};

#endif
