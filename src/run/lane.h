/* A lane: its three stages, and the lists and rings between them. Private to the room. */
#ifndef BURROW_RUN_LANE_H
#define BURROW_RUN_LANE_H

#include <pthread.h>

#include "capture/capture.h"
#include "core/ring.h"
#include "item/stage.h"
#include "output/output.h"

enum lane_stage { LANE_FLOW, LANE_APP, LANE_DECAP, LANE_STAGES };

#define LANE_BATCH 64u

/* First in, first out, linked through the items: an append never fails. One thread. */
struct fifo {
    struct item *first;
    struct item *last;
};

static inline void fifo_add(struct fifo *f, struct item *item)
{
    item->node.next = NULL;
    if (f->last)
        f->last->node.next = &item->node;
    else
        f->first = item;
    f->last = item;
}

static inline struct item *fifo_take(struct fifo *f)
{
    struct item *item = f->first;
    if (item) {
        f->first = (struct item *)item->node.next;
        if (!f->first)
            f->last = NULL;
    }
    return item;
}

enum lane_gate { LANE_WAIT, LANE_GO, LANE_LEAVE };

struct lane;

/* What one thread of a lane has for itself. */
struct lane_thread {
    struct lane *lane;
    enum lane_stage first; /* stages it runs: first to last */
    enum lane_stage last;
    struct counters *counters;
    struct event_sink *sink;
    struct parking parking;
    pthread_t thread;
    bool started;
    uint64_t perturb; /* state of the scheduling noise, 0: none */
};

struct lane {
    unsigned index;
    bool threaded; /* items come and go over rings */
    struct stage stages[LANE_STAGES];
    struct fifo in[LANE_STAGES];  /* each stage's input, of the thread that runs the stage */
    struct fifo out[LANE_STAGES]; /* pipeline: each stage's output, until the batch is done */
    struct ring from_capture;
    struct ring to_capture;
    struct ring edge[LANE_STAGES]; /* pipeline: edge[i] leads into stage i */
    bool done;                     /* of the thread that runs decap: nothing more of its own will come */
    struct inbox reentry;          /* pipeline: decap to flow */
    struct capture *capture;       /* one thread for everything: packets go straight back */
    struct lane_thread threads[LANE_STAGES];
    unsigned thread_count;
    _Atomic int
        *gate; /* LANE_WAIT until every thread of the run exists, then LANE_GO, or LANE_LEAVE if one could not start */
    _Atomic bool over[LANE_STAGES]; /* the stage has given its last item on; a worker's: all of them */
};

struct lane_setup {
    const struct settings *settings;
    struct lanes_shared *shared;
    struct output *output;
    enum settings_topology topology;
    bool threaded;
    uint64_t seed;
    uint64_t perturb;
    uint32_t packets; /* credit: what can be out at most */
};

/* Make a lane's stages, sinks and rings. 0 or -errno; lane_fini in any case. */
int lane_init(struct lane *l, unsigned index, const struct lane_setup *set);
void lane_fini(struct lane *l);

/* Start its threads, which wait at the gate; join those that were started. */
int lane_start(struct lane *l, _Atomic int *gate);
void lane_join(struct lane *l);

/* Take what is in the lists through the stages until nothing is left. The lane's only thread. */
void lane_turn(struct lane *l);

/* One turn of the stages' own clocks. True if something came of it. */
bool lane_tick(struct lane *l);

/* After the last tick: has everything ended? */
bool lane_drained(const struct lane *l);

/* Give a stage up to LANE_BATCH items of its list. False when there are none. */
bool lane_step(struct lane_thread *t, enum lane_stage stage);

/* Wait at the gate. False: leave at once. */
bool lane_pass_gate(const struct lane *l);

/* The threads' bodies. */
void *lane_worker(void *thread);
void *lane_pipeline_flow(void *thread);
void *lane_pipeline_app(void *thread);
void *lane_pipeline_decap(void *thread);

/* Random yields and naps, when asked for. */
void lane_perturb(struct lane_thread *t);

/* Push all, waiting while the ring is full; wake the reader. */
void lane_push_all(struct ring *ring, struct fifo *from, struct parking *reader);

#endif
