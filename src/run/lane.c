#include "run/lane.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "app/app.h"
#include "decap/decap.h"
#include "flow/flow.h"

static struct lane *lane_of(struct stage *s)
{
    return s->run;
}

static void to_app(struct stage *s, struct item *item)
{
    fifo_add(&lane_of(s)->in[LANE_APP], item);
}

static void to_decap(struct stage *s, struct item *item)
{
    fifo_add(&lane_of(s)->in[LANE_DECAP], item);
}

static void to_flow(struct stage *s, struct item *item)
{
    fifo_add(&lane_of(s)->in[LANE_FLOW], item);
}

static void flow_out(struct stage *s, struct item *item)
{
    fifo_add(&lane_of(s)->out[LANE_FLOW], item);
}

static void app_out(struct stage *s, struct item *item)
{
    fifo_add(&lane_of(s)->out[LANE_APP], item);
}

static void reenter_inbox(struct stage *s, struct item *item)
{
    inbox_push(&lane_of(s)->reentry, &item->node);
}

static void back_to_capture(struct stage *s, struct item *item)
{
    struct lane *l = lane_of(s);
    if (l->capture && item->kind == ITEM_PACKET)
        capture_put(l->capture, (struct packet *)item);
    else if (l->capture)
        free(item);
    else
        fifo_add(&l->out[LANE_DECAP], item);
}

static const struct stage_ops *const ops[LANE_STAGES] = {&flow_stage_ops, &app_stage_ops, &decap_stage_ops};

static void wire_stage(struct lane *l, enum lane_stage i, bool pipeline)
{
    struct stage *s = &l->stages[i];
    switch (i) {
    case LANE_FLOW:
        s->emit = pipeline ? flow_out : to_app;
        break;
    case LANE_APP:
        s->emit = pipeline ? app_out : to_decap;
        break;
    default:
        s->emit = back_to_capture;
        s->reenter = pipeline ? reenter_inbox : to_flow;
    }
}

static int init_thread(struct lane *l, unsigned index, enum lane_stage first, enum lane_stage last,
                       const struct lane_setup *set)
{
    struct lane_thread *t = &l->threads[index];
    *t = (struct lane_thread){.lane = l, .first = first, .last = last};
    t->perturb = set->perturb ? set->perturb * 2654435761u + l->index * 97u + index + 1 : 0;
    parking_init(&t->parking);
    t->counters = aligned_alloc(CACHE_LINE, sizeof *t->counters);
    if (!t->counters)
        return -ENOMEM;
    for (unsigned i = 0; i < COUNTERS_MAX; i++)
        atomic_init(&t->counters->value[i], 0);
    t->sink = output_sink_create(set->output, t->counters);
    if (!t->sink)
        return -ENOMEM;
    l->thread_count = index + 1;
    for (int i = (int)first; i <= (int)last; i++) {
        struct stage *s = &l->stages[i];
        s->counters = t->counters;
        s->sink = t->sink;
        int r = s->ops->thread_init(s);
        if (r != 0)
            return r;
    }
    return 0;
}

/* The next power of two that holds n. */
static uint32_t ring_size(uint32_t n)
{
    uint32_t size = 64;
    while (size < n)
        size *= 2;
    return size;
}

static int init_rings(struct lane *l, const struct lane_setup *set, bool pipeline)
{
    uint32_t all = ring_size(set->packets + 64);
    int r = ring_init(&l->from_capture, all);
    if (r == 0)
        r = ring_init(&l->to_capture, all * 2);
    for (int i = LANE_APP; r == 0 && pipeline && i < LANE_STAGES; i++)
        r = ring_init(&l->edge[i], 1024);
    return r;
}

int lane_init(struct lane *l, unsigned index, const struct lane_setup *set)
{
    bool pipeline = set->topology == TOPOLOGY_PIPELINE;
    *l = (struct lane){.index = index, .threaded = set->threaded};
    inbox_init(&l->reentry);
    for (int i = 0; i < LANE_STAGES; i++) {
        l->stages[i] = (struct stage){.ops = ops[i],
                                      .settings = set->settings,
                                      .lanes = set->shared,
                                      .lane = index,
                                      .hash_seed = set->seed,
                                      .run = l};
        wire_stage(l, (enum lane_stage)i, pipeline);
    }
    int r = set->threaded ? init_rings(l, set, pipeline) : 0;
    if (r != 0)
        return r;
    if (!pipeline)
        return init_thread(l, 0, LANE_FLOW, LANE_DECAP, set);
    for (unsigned i = 0; r == 0 && i < LANE_STAGES; i++)
        r = init_thread(l, i, (enum lane_stage)i, (enum lane_stage)i, set);
    return r;
}

/* Segments whose bytes a refused child had borrowed: they may come back when the flow stage has stopped. */
static void take_rest(struct lane *l)
{
    struct stage *flow = &l->stages[LANE_FLOW];
    struct inbox_node *next;
    for (struct inbox_node *node = inbox_take(&l->reentry); node; node = next) {
        next = node->next;
        struct item *item = (struct item *)node;
        flow->ops->process(flow, &item, 1);
    }
}

void lane_fini(struct lane *l)
{
    take_rest(l);
    for (unsigned i = 0; i < LANE_STAGES; i++) {
        struct lane_thread *t = &l->threads[i];
        for (int k = (int)t->first; t->lane && k <= (int)t->last; k++)
            if (l->stages[k].state)
                l->stages[k].ops->thread_fini(&l->stages[k]);
        if (t->sink)
            output_sink_destroy(&t->sink);
        free(t->counters);
    }
    ring_fini(&l->from_capture);
    ring_fini(&l->to_capture);
    for (int i = 0; i < LANE_STAGES; i++)
        ring_fini(&l->edge[i]);
}

int lane_start(struct lane *l, _Atomic int *gate)
{
    static void *(*const bodies[LANE_STAGES])(void *) = {lane_pipeline_flow, lane_pipeline_app, lane_pipeline_decap};
    bool pipeline = l->thread_count > 1;
    l->gate = gate;
    for (unsigned i = 0; i < l->thread_count; i++) {
        int r = pthread_create(&l->threads[i].thread, NULL, pipeline ? bodies[i] : lane_worker, &l->threads[i]);
        if (r != 0)
            return -r;
        l->threads[i].started = true;
    }
    return 0;
}

bool lane_pass_gate(const struct lane *l)
{
    int at;
    while ((at = atomic_load_explicit(l->gate, memory_order_acquire)) == LANE_WAIT)
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    return at == LANE_GO;
}

void lane_join(struct lane *l)
{
    for (unsigned i = 0; i < l->thread_count; i++)
        if (l->threads[i].started)
            pthread_join(l->threads[i].thread, NULL);
}

void lane_perturb(struct lane_thread *t)
{
    if (!t->perturb)
        return;
    t->perturb ^= t->perturb << 13;
    t->perturb ^= t->perturb >> 7;
    t->perturb ^= t->perturb << 17;
    if (t->perturb % 5 == 0)
        sched_yield();
    if (t->perturb % 61 == 0)
        nanosleep(&(struct timespec){.tv_nsec = (long)(t->perturb % 300000)}, NULL);
}

bool lane_step(struct lane_thread *t, enum lane_stage stage)
{
    struct item *batch[LANE_BATCH];
    struct fifo *in = &t->lane->in[stage];
    unsigned most = t->perturb ? 1 + (unsigned)(t->perturb >> 20) % LANE_BATCH : LANE_BATCH;
    unsigned n = 0;
    while (n < most && in->first)
        batch[n++] = fifo_take(in);
    if (n == 0)
        return false;
    lane_perturb(t);
    struct stage *s = &t->lane->stages[stage];
    s->ops->process(s, batch, n);
    return true;
}

void lane_turn(struct lane *l)
{
    struct lane_thread *t = &l->threads[0];
    bool did = true;
    while (did) {
        did = lane_step(t, LANE_FLOW);
        while (lane_step(t, LANE_APP))
            did = true;
        while (lane_step(t, LANE_DECAP))
            did = true;
    }
}

bool lane_tick(struct lane *l)
{
    bool did = false;
    for (int i = 0; i < LANE_STAGES; i++)
        did = l->stages[i].ops->tick(&l->stages[i]) || did;
    return did;
}

bool lane_drained(const struct lane *l)
{
    for (int i = 0; i < LANE_STAGES; i++)
        if (!l->stages[i].ops->drained(&l->stages[i]))
            return false;
    return true;
}

void lane_push_all(struct ring *ring, struct fifo *from, struct parking *reader)
{
    void *items[LANE_BATCH];
    bool any = false;
    while (from->first) {
        uint32_t n = 0;
        while (n < LANE_BATCH && from->first)
            items[n++] = fifo_take(from);
        uint32_t done = 0;
        unsigned spins = 0;
        while (done < n) {
            done += ring_push(ring, items + done, n - done);
            if (done == n)
                break;
            if (reader)
                parking_wake(reader);
            if (++spins > 16)
                nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
            else
                sched_yield();
        }
        any = true;
    }
    if (any && reader)
        parking_wake(reader);
}
