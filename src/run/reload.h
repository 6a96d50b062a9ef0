/* Rules loaded anew while the run goes on.
 *
 * A thread of its own loads them; the capturing thread, which gives packets their numbers, links them behind the old
 * ones and so decides from which packet on they count; lanes follow (detect/engine/generation.h); the thread frees the
 * old ones when the last lane has left them. If loading fails, the old ones stay. Asked again meanwhile, it begins
 * again afterwards, once. Private to the room. */
#ifndef BURROW_RUN_RELOAD_H
#define BURROW_RUN_RELOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "detect/engine/generation.h"

enum reload_state {
    RELOAD_IDLE,
    RELOAD_LOADING,
    RELOAD_READY,  /* next is to be linked */
    RELOAD_LINKED, /* lanes follow */
    RELOAD_OVER,   /* the thread can be joined */
};

struct reload {
    struct detect_generation *(*load)(void *arg); /* NULL with a line in the log: it failed */
    void *arg;
    unsigned lanes;
    struct detect_generation **rules;  /* the oldest that is in use: the thread's */
    struct detect_generation *current; /* those for new packets: the capturing thread's; NULL: there are none */
    struct detect_generation *next;
    _Atomic int state; /* enum reload_state */
    atomic_bool leaving;
    bool started;
    pthread_t thread;
    unsigned reloads; /* counter */
    unsigned failures;
};

void reload_init(struct reload *l, struct detect_generation **rules, unsigned lanes,
                 struct detect_generation *(*load)(void *arg), void *arg);

/* Was it asked for? Async-signal-safe. */
void reload_ask(void);

/* One step, if there is one to take: the capturing thread, between two packets. number: of the last packet. */
void reload_step(struct reload *l, uint64_t number, struct counters *counters);

/* The capture is over. */
void reload_fini(struct reload *l);

#endif
