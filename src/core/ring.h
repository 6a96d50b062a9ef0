/* Lock-free queues between threads, and parking.
 *
 * `struct ring`: bounded, one producer, one consumer, of pointers; a batch costs one release store.
 * `struct inbox`: unbounded, intrusive, in order. A push never fails and never allocates, since the node is in the
 * item: it is what the re-entry edge is made of. The consumer takes everything at once. `struct parking`: where a
 * thread with nothing to do sleeps (futex); whoever gave it work wakes it. Models: qa/models/. */
#ifndef BURROW_CORE_RING_H
#define BURROW_CORE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64

struct ring {
    _Alignas(CACHE_LINE) _Atomic uint32_t head; /* next to read: written by the consumer */
    uint32_t tail_seen;                         /* the consumer's last look at tail */
    _Alignas(CACHE_LINE) _Atomic uint32_t tail; /* next to write: written by the producer */
    uint32_t head_seen;                         /* the producer's last look at head */
    _Alignas(CACHE_LINE) uint32_t mask;
    void **slots;
};

/* size: a power of two. 0 or -ENOMEM. */
int ring_init(struct ring *r, uint32_t size);
void ring_fini(struct ring *r);

/* Producer: push up to n pointers in order; returns how many fitted. */
uint32_t ring_push(struct ring *r, void *const *items, uint32_t n);

/* Consumer: pop up to n pointers in order; returns how many. */
uint32_t ring_pop(struct ring *r, void **items, uint32_t n);

/* A moment's view: consumer only. */
bool ring_empty(struct ring *r);

struct inbox_node {
    struct inbox_node *next;
};

struct inbox {
    _Alignas(CACHE_LINE) _Atomic(struct inbox_node *) newest;
};

void inbox_init(struct inbox *q);

/* Any thread: append the node. Ownership passes to the consumer. */
void inbox_push(struct inbox *q, struct inbox_node *node);

/* Consumer: everything pushed so far, oldest first, linked by next; NULL when empty. */
struct inbox_node *inbox_take(struct inbox *q);

bool inbox_empty(struct inbox *q);

struct parking {
    _Alignas(CACHE_LINE) _Atomic uint32_t asleep; /* 1: the owner sleeps or is about to */
};

void parking_init(struct parking *p);

/* Owner: say that it is about to sleep. It must look at all its inputs once more after this, then either sleep or
 * cancel. */
void parking_prepare(struct parking *p);
void parking_cancel(struct parking *p);

/* Owner: sleep until woken or for at most ns nanoseconds. */
void parking_sleep(struct parking *p, uint64_t ns);

/* Anyone, after giving the owner work: wake it if it sleeps. */
void parking_wake(struct parking *p);

#endif
