#include "detect/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)256 << 10) /* of the first: few rules need no more */
#define HUGE_BYTES  ((size_t)2 << 20)   /* of those that follow: a large page */
#define STEP        ((size_t)8)         /* alignment */

void arena_init(struct arena *a, size_t cap)
{
    *a = (struct arena){.cap = cap};
}

void arena_fini(struct arena *a)
{
    arena_return(a, (struct arena_mark){0});
}

/* Page by page, having memory costs more than filling it; where the system has larger pages a chunk is one. */
static struct arena_chunk *get_huge(void)
{
    struct arena_chunk *c = aligned_alloc(HUGE_BYTES, HUGE_BYTES);
#ifdef MADV_HUGEPAGE
    if (c)
        madvise(c, HUGE_BYTES, MADV_HUGEPAGE);
#endif
    return c;
}

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
    size_t all = a->last ? HUGE_BYTES : CHUNK_BYTES, least = sizeof(struct arena_chunk) + size;
    if (all < least)
        all = least;
    if (a->cap && all > a->cap - a->bytes)
        return NULL;
    struct arena_chunk *c = all == HUGE_BYTES ? get_huge() : malloc(all);
    if (!c)
        return NULL;
    *c = (struct arena_chunk){.before = a->last, .size = all - sizeof *c};
    a->last = c;
    a->bytes += all;
    return c;
}

struct arena_chunk *arena_chunk_for(struct arena *a, size_t size)
{
    struct arena_chunk *c = size < SIZE_MAX / 2 ? add_chunk(a, size + STEP) : NULL;
    a->failed = a->failed || !c;
    return c;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
    void *to = arena_take(a, n);
    return to && n ? memcpy(to, p, n) : to;
}

void arena_trim(struct arena *a)
{
    struct arena_chunk *c = a->last;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (!c)
        return;
    uintptr_t first = ((uintptr_t)c->bytes + c->used + page - 1) & -page,
              end = ((uintptr_t)c->bytes + c->size - c->texts) & -page;
    if (first < end)
        madvise((void *)first, end - first, MADV_DONTNEED);
}

struct arena_mark arena_mark(const struct arena *a)
{
    return a->last ? (struct arena_mark){a->last, a->last->used, a->last->texts} : (struct arena_mark){0};
}

void arena_return(struct arena *a, struct arena_mark mark)
{
    while (a->last != mark.chunk) {
        struct arena_chunk *c = a->last;
        a->last = c->before;
        a->bytes -= sizeof *c + c->size;
        free(c);
    }
    if (a->last) {
        a->last->used = mark.used;
        a->last->texts = mark.texts;
    }
}
