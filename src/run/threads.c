/* The threads' bodies: how each waits, takes and gives. */
#include "run/lane.h"

/* How long an idle thread sleeps at most: the clock of a lane without traffic. */
#define NAP_NS 5000000ull

static bool pull(struct ring *ring, struct fifo *into)
{
    void *items[LANE_BATCH];
    uint32_t n = ring_pop(ring, items, LANE_BATCH);
    for (uint32_t i = 0; i < n; i++)
        fifo_add(into, items[i]);
    return n != 0;
}

static bool pull_reentry(struct lane *l)
{
    struct inbox_node *node = inbox_take(&l->reentry);
    bool any = node != NULL;
    while (node) {
        struct inbox_node *next = node->next;
        fifo_add(&l->in[LANE_FLOW], (struct item *)node);
        node = next;
    }
    return any;
}

static void give_back(struct lane *l)
{
    lane_push_all(&l->to_capture, &l->out[LANE_DECAP], NULL);
}

/* This lane has nothing more of its own. Are all so far? Another may still ask it. The last one wakes the others. */
static bool all_done(struct lane *l)
{
    struct lanes_shared *lanes = l->stages[0].lanes;
    if (!l->done) {
        l->done = true;
        if (atomic_fetch_sub_explicit(&lanes->busy, 1, memory_order_acq_rel) == 1)
            for (unsigned i = 0; i < lanes->count; i++)
                lanes->wake(lanes, i);
    }
    return atomic_load_explicit(&lanes->busy, memory_order_acquire) == 0;
}

void *lane_worker(void *thread)
{
    struct lane_thread *t = thread;
    struct lane *l = t->lane;
    if (!lane_pass_gate(l))
        return NULL;
    for (;;) {
        if (pull(&l->from_capture, &l->in[LANE_FLOW])) {
            lane_turn(l);
            give_back(l);
            continue;
        }
        bool did = lane_tick(l);
        lane_turn(l);
        give_back(l);
        if (did)
            continue;
        if (lane_drained(l) && ring_empty(&l->from_capture) && all_done(l))
            break;
        output_sink_flush(t->sink);
        parking_prepare(&t->parking);
        if (ring_empty(&l->from_capture))
            parking_sleep(&t->parking, NAP_NS);
        else
            parking_cancel(&t->parking);
    }
    output_sink_flush(t->sink);
    atomic_store_explicit(&l->over[LANE_DECAP], true, memory_order_release);
    return NULL;
}

void *lane_pipeline_flow(void *thread)
{
    struct lane_thread *t = thread;
    struct lane *l = t->lane;
    struct stage *s = &l->stages[LANE_FLOW];
    struct parking *app = &l->threads[LANE_APP].parking;
    if (!lane_pass_gate(l))
        return NULL;
    for (;;) {
        /* Re-entry before new capture: what is in the loop ends first. */
        bool got = pull_reentry(l);
        if (!got)
            got = pull(&l->from_capture, &l->in[LANE_FLOW]);
        while (lane_step(t, LANE_FLOW))
            lane_push_all(&l->edge[LANE_APP], &l->out[LANE_FLOW], app);
        if (got)
            continue;
        bool did = s->ops->tick(s);
        lane_push_all(&l->edge[LANE_APP], &l->out[LANE_FLOW], app);
        if (did)
            continue;
        /* Every flow is back and freed, so nothing else is in the loop either. */
        if (s->ops->drained(s) && inbox_empty(&l->reentry))
            break; /* decap stays to answer other lanes */
        output_sink_flush(t->sink);
        parking_prepare(&t->parking);
        if (ring_empty(&l->from_capture) && inbox_empty(&l->reentry))
            parking_sleep(&t->parking, NAP_NS);
        else
            parking_cancel(&t->parking);
    }
    output_sink_flush(t->sink);
    atomic_store_explicit(&l->over[LANE_FLOW], true, memory_order_release);
    parking_wake(app);
    return NULL;
}

/* App and decap: take from the edge, process, give on, until the stage before is over and the edge is empty. */
static void later_stage(struct lane_thread *t, enum lane_stage stage)
{
    struct lane *l = t->lane;
    struct stage *s = &l->stages[stage];
    struct ring *edge = &l->edge[stage];
    _Atomic bool *before = &l->over[stage - 1];
    for (;;) {
        bool got = pull(edge, &l->in[stage]);
        while (lane_step(t, stage))
            if (stage == LANE_APP)
                lane_push_all(&l->edge[LANE_DECAP], &l->out[LANE_APP], &l->threads[LANE_DECAP].parking);
        bool did = got ? false : s->ops->tick(s);
        if (stage == LANE_DECAP) {
            give_back(l);
            if (got || did)
                parking_wake(&l->threads[LANE_FLOW].parking);
        }
        if (got || did)
            continue;
        bool left = atomic_load_explicit(before, memory_order_acquire) && ring_empty(edge);
        if (left && (stage != LANE_DECAP || all_done(l)))
            break;
        output_sink_flush(t->sink);
        parking_prepare(&t->parking);
        if (ring_empty(edge) && (left || !atomic_load_explicit(before, memory_order_acquire)))
            parking_sleep(&t->parking, NAP_NS);
        else
            parking_cancel(&t->parking);
    }
    output_sink_flush(t->sink);
    atomic_store_explicit(&l->over[stage], true, memory_order_release);
    if (stage == LANE_APP)
        parking_wake(&l->threads[LANE_DECAP].parking);
}

void *lane_pipeline_app(void *thread)
{
    if (lane_pass_gate(((struct lane_thread *)thread)->lane))
        later_stage(thread, LANE_APP);
    return NULL;
}

void *lane_pipeline_decap(void *thread)
{
    if (lane_pass_gate(((struct lane_thread *)thread)->lane))
        later_stage(thread, LANE_DECAP);
    return NULL;
}
