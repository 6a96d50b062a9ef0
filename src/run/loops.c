/* The two loops of the capturing thread. */
#include "run/run_private.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "core/clock.h"

/* Packets after which every lane is told how far capture has come. */
#define TICK_PACKETS 1024u

/* Packets after which the machine's clock is looked at. */
#define REPORT_PACKETS 8192u

/* The clock of a live run goes on without packets. */
static uint64_t tick_time(const struct run *r)
{
    uint64_t now = capture_now(r->capture);
    if (!r->live)
        return now;
    uint64_t wall = clock_wall_ns();
    return wall > now ? wall : now;
}

static struct tick *make_tick(const struct run *r, bool last)
{
    struct tick *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->item = (struct item){.kind = ITEM_TICK, .number = capture_number(r->capture), .now_ns = tick_time(r)};
    t->last = last;
    return t;
}

static void finish_inline(struct run *r)
{
    struct lane *l = &r->lanes[0];
    struct tick *t = NULL;
    while (!(t = make_tick(r, true)))
        sched_yield(); /* without it no flow would end */
    fifo_add(&l->in[LANE_FLOW], &t->item);
    lane_turn(l);
    for (bool did = lane_tick(l); did || !lane_drained(l); did = lane_tick(l)) {
        if (!did)
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL); /* a look-up is out */
        lane_turn(l);
    }
    lane_turn(l);
}

void run_inline(struct run *r)
{
    struct lane *l = &r->lanes[0];
    l->capture = r->capture;
    uint64_t next_report = REPORT_PACKETS;
    enum capture_result got = CAPTURE_PACKET;
    while (got != CAPTURE_END && got != CAPTURE_BROKEN && !run_stopping()) {
        struct packet *p;
        unsigned n = 0;
        reload_step(&r->reload, capture_number(r->capture), r->counters);
        while (n < LANE_BATCH && (got = capture_next(r->capture, &p)) == CAPTURE_PACKET) {
            fifo_add(&l->in[LANE_FLOW], &p->item);
            n++;
        }
        lane_turn(l);
        run_export(r);
        if (got == CAPTURE_IDLE) {
            struct tick *t = make_tick(r, false);
            if (t)
                fifo_add(&l->in[LANE_FLOW], &t->item);
            lane_turn(l);
            output_sink_flush(l->threads[0].sink);
        }
        if (got == CAPTURE_IDLE || capture_number(r->capture) >= next_report) {
            next_report = capture_number(r->capture) + REPORT_PACKETS;
            run_report(r);
        }
    }
    r->broken = got == CAPTURE_BROKEN;
    finish_inline(r);
}

/* What the capture thread gathers for each lane before it touches the ring. */
struct gathered {
    struct fifo fifo;
    unsigned n;
    uint64_t told; /* number of the last tick */
};

static void flush(struct run *r, struct gathered *g)
{
    for (unsigned i = 0; i < r->lane_count; i++) {
        if (!g[i].n)
            continue;
        lane_push_all(&r->lanes[i].from_capture, &g[i].fifo, &r->lanes[i].threads[0].parking);
        g[i].n = 0;
    }
}

static void tick_all(struct run *r, struct gathered *g, bool last)
{
    for (unsigned i = 0; i < r->lane_count; i++) {
        if (!last && !r->live && g[i].told == capture_number(r->capture))
            continue;
        struct tick *t = make_tick(r, last);
        while (last && !t) {
            sched_yield();
            t = make_tick(r, last);
        }
        if (!t)
            continue;
        g[i].told = t->item.number;
        fifo_add(&g[i].fifo, &t->item);
        g[i].n++;
    }
    flush(r, g);
}

/* Take back what the lanes are done with. False if there was nothing. */
static bool collect(struct run *r)
{
    void *items[LANE_BATCH];
    bool any = false;
    for (unsigned i = 0; i < r->lane_count; i++) {
        uint32_t n;
        while ((n = ring_pop(&r->lanes[i].to_capture, items, LANE_BATCH)) != 0) {
            any = true;
            for (uint32_t k = 0; k < n; k++) {
                struct item *item = items[k];
                if (item->kind == ITEM_PACKET)
                    capture_put(r->capture, (struct packet *)item);
                else
                    free(item);
            }
        }
    }
    return any;
}

static bool lanes_done(const struct run *r)
{
    for (unsigned i = 0; i < r->lane_count; i++)
        if (!atomic_load_explicit(&r->lanes[i].over[LANE_DECAP], memory_order_acquire))
            return false;
    return true;
}

/* Nothing to read or no credit: let the lanes have everything, wait a little. */
static void wait_for_lanes(struct run *r, struct gathered *g)
{
    flush(r, g);
    tick_all(r, g, false);
    for (unsigned spins = 0; !collect(r) && !run_stopping(); spins++) {
        if (spins < 32)
            sched_yield();
        else
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        if (capture_out(r->capture) == 0)
            break;
    }
}

static enum capture_result capture_loop(struct run *r, struct gathered *g)
{
    uint64_t next_tick = TICK_PACKETS;
    uint64_t next_report = REPORT_PACKETS;
    for (;;) {
        struct packet *p;
        if (run_stopping())
            return CAPTURE_END;
        reload_step(&r->reload, capture_number(r->capture), r->counters);
        enum capture_result got = capture_next(r->capture, &p);
        if (got == CAPTURE_END || got == CAPTURE_BROKEN)
            return got;
        if (got == CAPTURE_PACKET) {
            struct gathered *lane = &g[p->lane];
            fifo_add(&lane->fifo, &p->item);
            if (++lane->n >= LANE_BATCH / 2) {
                lane_push_all(&r->lanes[p->lane].from_capture, &lane->fifo, &r->lanes[p->lane].threads[0].parking);
                lane->n = 0;
                collect(r);
            }
        } else if (got == CAPTURE_NO_CREDIT) {
            if (!collect(r))
                wait_for_lanes(r, g);
        } else {
            tick_all(r, g, false);
            collect(r);
            run_report(r);
        }
        if (capture_number(r->capture) >= next_tick) {
            next_tick = capture_number(r->capture) + TICK_PACKETS;
            tick_all(r, g, false);
        }
        if (capture_number(r->capture) >= next_report) {
            next_report = capture_number(r->capture) + REPORT_PACKETS;
            run_report(r);
        }
    }
}

/* The capture is over: let every lane end, and take back what is out. */
static void finish_threaded(struct run *r, struct gathered *g)
{
    flush(r, g);
    tick_all(r, g, true);
    while (!lanes_done(r) || capture_out(r->capture) != 0)
        if (!collect(r))
            nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

int run_threaded(struct run *r)
{
    struct gathered *g = calloc(r->lane_count, sizeof *g);
    if (!g)
        return -ENOMEM;
    _Atomic int gate = LANE_WAIT;
    int error = 0;
    for (unsigned i = 0; i < r->lane_count && error == 0; i++)
        error = lane_start(&r->lanes[i], &gate);
    atomic_store_explicit(&gate, error == 0 ? LANE_GO : LANE_LEAVE, memory_order_release);
    if (error == 0) {
        r->broken = capture_loop(r, g) == CAPTURE_BROKEN;
        finish_threaded(r, g);
    }
    for (unsigned i = 0; i < r->lane_count; i++)
        lane_join(&r->lanes[i]);
    collect(r);
    free(g);
    return error;
}
