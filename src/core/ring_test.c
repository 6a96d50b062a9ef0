/* Rings, inboxes and parking between threads. Also run under the thread sanitizer. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/ring.h"

#define RING_ITEMS 1000000u
#define PRODUCERS  3u
#define PER_SENDER 200000u
#define PINGS      100000u

static void ring_is_bounded_and_in_order(void **state)
{
    (void)state;
    struct ring r;
    int v[16];
    void *in[16];
    void *out[16];
    for (int i = 0; i < 16; i++)
        in[i] = &v[i];
    assert_int_equal(ring_init(&r, 8), 0);
    assert_true(ring_empty(&r));
    assert_int_equal(ring_pop(&r, out, 16), 0);
    assert_int_equal(ring_push(&r, in, 16), 8);
    assert_int_equal(ring_push(&r, in, 1), 0);
    assert_false(ring_empty(&r));
    assert_int_equal(ring_pop(&r, out, 3), 3);
    assert_ptr_equal(out[0], in[0]);
    assert_ptr_equal(out[2], in[2]);
    assert_int_equal(ring_push(&r, in + 8, 8), 3);
    assert_int_equal(ring_pop(&r, out, 16), 8);
    for (int i = 0; i < 8; i++)
        assert_ptr_equal(out[i], in[i + 3]);
    assert_true(ring_empty(&r));
    ring_fini(&r);
}

/* The counters of a ring run over 2^32. */
static void ring_counters_wrap(void **state)
{
    (void)state;
    struct ring r;
    int v[4];
    void *in[4] = {&v[0], &v[1], &v[2], &v[3]};
    void *out[4];
    assert_int_equal(ring_init(&r, 4), 0);
    atomic_store(&r.head, UINT32_MAX - 5);
    atomic_store(&r.tail, UINT32_MAX - 5);
    r.head_seen = r.tail_seen = UINT32_MAX - 5;
    for (int turn = 0; turn < 10; turn++) {
        assert_int_equal(ring_push(&r, in, 3), 3);
        assert_int_equal(ring_push(&r, in, 3), 1);
        assert_int_equal(ring_pop(&r, out, 4), 4);
        assert_ptr_equal(out[2], in[2]);
        assert_ptr_equal(out[3], in[0]);
    }
    ring_fini(&r);
}

static void *ring_producer(void *arg)
{
    struct ring *r = arg;
    uintptr_t next = 1;
    uint32_t noise = 1;
    while (next <= RING_ITEMS) {
        void *batch[64];
        noise = noise * 1664525u + 1013904223u;
        uint32_t n = 1 + (noise >> 16) % 64;
        for (uint32_t i = 0; i < n; i++)
            batch[i] = (void *)(next + i);
        if (next + n - 1 > RING_ITEMS)
            n = (uint32_t)(RING_ITEMS - next + 1);
        uint32_t done = ring_push(r, batch, n);
        if (!done)
            sched_yield();
        next += done;
    }
    return NULL;
}

static void ring_between_threads(void **state)
{
    (void)state;
    struct ring r;
    pthread_t producer;
    assert_int_equal(ring_init(&r, 256), 0);
    assert_int_equal(pthread_create(&producer, NULL, ring_producer, &r), 0);
    uintptr_t expected = 1;
    uint32_t noise = 7;
    while (expected <= RING_ITEMS) {
        void *batch[64];
        noise = noise * 1664525u + 1013904223u;
        uint32_t n = ring_pop(&r, batch, 1 + (noise >> 16) % 64);
        if (!n)
            sched_yield();
        for (uint32_t i = 0; i < n; i++)
            if ((uintptr_t)batch[i] != expected++)
                fail_msg("out of order at %lu", (unsigned long)expected - 1);
    }
    pthread_join(producer, NULL);
    assert_true(ring_empty(&r));
    ring_fini(&r);
}

struct letter {
    struct inbox_node node; /* first */
    uint32_t sender;
    uint32_t number;
};

struct sender {
    struct inbox *inbox;
    struct letter *letters;
    uint32_t id;
    pthread_t thread;
};

static void *send_letters(void *arg)
{
    struct sender *s = arg;
    for (uint32_t i = 0; i < PER_SENDER; i++) {
        s->letters[i] = (struct letter){.sender = s->id, .number = i};
        inbox_push(s->inbox, &s->letters[i].node);
    }
    return NULL;
}

static void inbox_keeps_each_senders_order(void **state)
{
    (void)state;
    struct inbox inbox;
    struct sender senders[PRODUCERS];
    uint32_t next[PRODUCERS] = {0};
    inbox_init(&inbox);
    assert_true(inbox_empty(&inbox));
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        senders[i] = (struct sender){.inbox = &inbox, .id = i, .letters = calloc(PER_SENDER, sizeof(struct letter))};
        assert_non_null(senders[i].letters);
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_letters, &senders[i]), 0);
    }
    uint32_t got = 0;
    while (got < PRODUCERS * PER_SENDER) {
        struct inbox_node *n = inbox_take(&inbox);
        if (!n)
            sched_yield();
        for (; n; n = n->next, got++) {
            const struct letter *l = (const struct letter *)n;
            if (l->number != next[l->sender]++)
                fail_msg("sender %u: %u came instead of %u", l->sender, l->number, next[l->sender] - 1);
        }
    }
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        pthread_join(senders[i].thread, NULL);
        free(senders[i].letters);
    }
    assert_true(inbox_empty(&inbox));
    assert_null(inbox_take(&inbox));
}

/* Two threads that hand a ball to each other and sleep without a limit worth the name in between: one lost wake-up and
 * the time is over. */
struct player {
    struct ring in;
    struct parking parking;
    struct player *other;
    _Atomic uint32_t *slept_too_long;
    uint32_t hits;
};

#define LONG_SLEEP_NS (2 * NS_PER_S)

static void wait_for_ball(struct player *p)
{
    void *ball;
    while (!ring_pop(&p->in, &ball, 1)) {
        parking_prepare(&p->parking);
        if (!ring_empty(&p->in)) {
            parking_cancel(&p->parking);
            continue;
        }
        uint64_t before = clock_monotonic_ns();
        parking_sleep(&p->parking, LONG_SLEEP_NS);
        if (clock_monotonic_ns() - before >= LONG_SLEEP_NS && !ring_empty(&p->in))
            atomic_fetch_add(p->slept_too_long, 1);
    }
}

static void hit_ball(struct player *p)
{
    void *ball = p;
    while (!ring_push(&p->other->in, &ball, 1))
        sched_yield();
    parking_wake(&p->other->parking);
}

static void *play(void *arg)
{
    struct player *p = arg;
    for (uint32_t i = 0; i < PINGS && !atomic_load(p->slept_too_long); i++) {
        wait_for_ball(p);
        p->hits++;
        hit_ball(p);
    }
    return NULL;
}

static void no_wake_up_is_lost(void **state)
{
    (void)state;
    static struct player a, b;
    _Atomic uint32_t slept_too_long = 0;
    a = (struct player){.other = &b, .slept_too_long = &slept_too_long};
    b = (struct player){.other = &a, .slept_too_long = &slept_too_long};
    assert_int_equal(ring_init(&a.in, 4), 0);
    assert_int_equal(ring_init(&b.in, 4), 0);
    parking_init(&a.parking);
    parking_init(&b.parking);
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, play, &b), 0);
    hit_ball(&a);
    play(&a);
    hit_ball(&a); /* in case the other gave up waiting */
    pthread_join(other, NULL);
    assert_int_equal(atomic_load(&slept_too_long), 0);
    assert_int_equal(a.hits, PINGS);
    assert_int_equal(b.hits, PINGS);
    ring_fini(&a.in);
    ring_fini(&b.in);
}

static void a_sleep_ends_by_itself(void **state)
{
    (void)state;
    struct parking p;
    parking_init(&p);
    parking_prepare(&p);
    uint64_t before = clock_monotonic_ns();
    parking_sleep(&p, 2000000);
    assert_true(clock_monotonic_ns() - before >= 1900000);
    /* Woken between prepare and sleep: no sleep at all. */
    parking_prepare(&p);
    parking_wake(&p);
    before = clock_monotonic_ns();
    parking_sleep(&p, 10 * NS_PER_S);
    assert_true(clock_monotonic_ns() - before < 5 * NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_is_bounded_and_in_order), cmocka_unit_test(ring_counters_wrap),
        cmocka_unit_test(ring_between_threads),         cmocka_unit_test(inbox_keeps_each_senders_order),
        cmocka_unit_test(no_wake_up_is_lost),           cmocka_unit_test(a_sleep_ends_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
