#include "core/ring.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int ring_init(struct ring *r, uint32_t size)
{
    *r = (struct ring){.mask = size - 1};
    r->slots = calloc(size, sizeof *r->slots);
    return r->slots ? 0 : -ENOMEM;
}

void ring_fini(struct ring *r)
{
    free(r->slots);
    r->slots = NULL;
}

uint32_t ring_push(struct ring *r, void *const *items, uint32_t n)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint32_t room = r->mask + 1 - (tail - r->head_seen);
    if (room < n) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        room = r->mask + 1 - (tail - r->head_seen);
    }
    if (n > room)
        n = room;
    for (uint32_t i = 0; i < n; i++)
        r->slots[(tail + i) & r->mask] = items[i];
    if (n)
        atomic_store_explicit(&r->tail, tail + n, memory_order_release);
    return n;
}

uint32_t ring_pop(struct ring *r, void **items, uint32_t n)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    uint32_t have = r->tail_seen - head;
    if (have < n) {
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
        have = r->tail_seen - head;
    }
    if (n > have)
        n = have;
    for (uint32_t i = 0; i < n; i++)
        items[i] = r->slots[(head + i) & r->mask];
    if (n)
        atomic_store_explicit(&r->head, head + n, memory_order_release);
    return n;
}

bool ring_empty(struct ring *r)
{
    return atomic_load_explicit(&r->head, memory_order_relaxed) == atomic_load_explicit(&r->tail, memory_order_acquire);
}

void inbox_init(struct inbox *q)
{
    atomic_init(&q->newest, NULL);
}

void inbox_push(struct inbox *q, struct inbox_node *node)
{
    struct inbox_node *newest = atomic_load_explicit(&q->newest, memory_order_relaxed);
    do
        node->next = newest;
    while (
        !atomic_compare_exchange_weak_explicit(&q->newest, &newest, node, memory_order_release, memory_order_relaxed));
}

struct inbox_node *inbox_take(struct inbox *q)
{
    if (atomic_load_explicit(&q->newest, memory_order_relaxed) == NULL)
        return NULL;
    struct inbox_node *newest = atomic_exchange_explicit(&q->newest, NULL, memory_order_acquire);
    struct inbox_node *oldest = NULL;
    while (newest) {
        struct inbox_node *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

bool inbox_empty(struct inbox *q)
{
    return atomic_load_explicit(&q->newest, memory_order_acquire) == NULL;
}

void parking_init(struct parking *p)
{
    atomic_init(&p->asleep, 0);
}

/* Owner and waker meet on this one variable with read-modify-writes. Whichever comes second sees the first: either the
 * waker finds 1 and wakes, or the owner's later look sees what the waker had pushed before. */
void parking_prepare(struct parking *p)
{
    atomic_exchange_explicit(&p->asleep, 1, memory_order_acq_rel);
}

void parking_cancel(struct parking *p)
{
    atomic_store_explicit(&p->asleep, 0, memory_order_relaxed);
}

void parking_sleep(struct parking *p, uint64_t ns)
{
    struct timespec ts = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    syscall(SYS_futex, &p->asleep, FUTEX_WAIT_PRIVATE, 1, &ts, NULL, 0);
    parking_cancel(p);
}

void parking_wake(struct parking *p)
{
    if (atomic_exchange_explicit(&p->asleep, 0, memory_order_acq_rel) == 1)
        syscall(SYS_futex, &p->asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
