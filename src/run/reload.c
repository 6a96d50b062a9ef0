#include "run/reload.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/log.h"

/* How often the thread looks whether all lanes have left the old rules. */
#define LOOK_NS 5000000

static atomic_bool asked;

void reload_ask(void)
{
    atomic_store(&asked, true);
}

void reload_init(struct reload *l, struct detect_generation **rules, unsigned lanes,
                 struct detect_generation *(*load)(void *arg), void *arg)
{
    *l = (struct reload){.load = load, .arg = arg, .lanes = lanes, .rules = rules, .current = *rules};
    atomic_init(&l->state, RELOAD_IDLE);
    atomic_init(&l->leaving, false);
    l->reloads = counter_id("detect.reloads");
    l->failures = counter_id("detect.reload_failures");
}

static void wait_until(struct reload *l, int state)
{
    while (atomic_load_explicit(&l->state, memory_order_acquire) < state && !atomic_load(&l->leaving))
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
}

/* Free the rules that were replaced, once nobody looks at them. What is not free when the run ends goes with the rest.
 */
static void free_old(struct reload *l)
{
    struct detect_generation *old = *l->rules;
    while (atomic_load_explicit(&old->users, memory_order_acquire) != 0) {
        if (atomic_load(&l->leaving))
            return;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    *l->rules = atomic_load(&old->next);
    atomic_store(&old->next, NULL);
    detect_generation_destroy(&old);
}

static void *reload_thread(void *arg)
{
    struct reload *l = arg;
    struct detect_generation *next = l->load(l->arg);
    if (next && detect_generation_prepare(next, l->lanes) != 0) {
        log_error("rules not reloaded, those before stay: out of memory");
        detect_generation_destroy(&next);
    }
    l->next = next;
    if (next) {
        atomic_store_explicit(&l->state, RELOAD_READY, memory_order_release);
        wait_until(l, RELOAD_LINKED);
        if (atomic_load_explicit(&l->state, memory_order_acquire) == RELOAD_LINKED)
            free_old(l);
        else
            detect_generation_destroy(&l->next);
    }
    atomic_store_explicit(&l->state, RELOAD_OVER, memory_order_release);
    return NULL;
}

static void begin(struct reload *l)
{
    atomic_store(&asked, false);
    if (!l->current || !l->load) {
        log_warning("rules not reloaded: this run has none");
        return;
    }
    atomic_store(&l->state, RELOAD_LOADING);
    int e = pthread_create(&l->thread, NULL, reload_thread, l);
    l->started = e == 0;
    if (e == 0)
        return;
    atomic_store(&l->state, RELOAD_IDLE);
    log_error("rules not reloaded, those before stay: no thread: %s", strerror(e));
}

static void link_next(struct reload *l, uint64_t number, struct counters *counters)
{
    struct detect_generation *g = l->next;
    g->from = number + 1;
    log_notice("rules reloaded: %u loaded, %u refused; from packet %llu on", g->loaded, g->failed,
               (unsigned long long)g->from);
    atomic_store_explicit(&l->current->next, g, memory_order_release);
    l->current = g;
    atomic_store_explicit(&l->state, RELOAD_LINKED, memory_order_release);
    counter_add(counters, l->reloads, 1);
}

void reload_step(struct reload *l, uint64_t number, struct counters *counters)
{
    switch (atomic_load_explicit(&l->state, memory_order_acquire)) {
    case RELOAD_IDLE:
        if (atomic_load_explicit(&asked, memory_order_relaxed))
            begin(l);
        return;
    case RELOAD_READY:
        link_next(l, number, counters);
        return;
    case RELOAD_OVER:
        pthread_join(l->thread, NULL);
        l->started = false;
        if (!l->next)
            counter_add(counters, l->failures, 1);
        l->next = NULL;
        atomic_store(&l->state, RELOAD_IDLE);
        return;
    default:
        return;
    }
}

void reload_fini(struct reload *l)
{
    atomic_store(&l->leaving, true);
    if (l->started)
        pthread_join(l->thread, NULL);
    l->started = false;
    atomic_store(&asked, false);
}
