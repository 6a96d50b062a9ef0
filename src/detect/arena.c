#include "detect/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_BYTES ((size_t)256 << 10) /* of the first: few rules need no more */
#define HUGE_BYTES  ((size_t)2 << 20)   /* of those that follow: a large page */
#define STEP        ((size_t)8)         /* alignment */

struct arena_chunk {
    struct arena_chunk *before;
    size_t size;  /* of bytes */
    size_t used;  /* from the begin */
    size_t texts; /* from the end */
    alignas(max_align_t) unsigned char bytes[];
};

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

/* Structures are put at a chunk's begin, one after the other; texts, which need no alignment, at its end, each before
 * the one before it. */
static void *take(struct arena *a, size_t size, bool text)
{
    struct arena_chunk *c = a->last;
    if (size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    if (!text)
        size = (size + STEP - 1) / STEP * STEP;
    if (!c || c->size - c->used - c->texts < size)
        c = add_chunk(a, size);
    if (!c) {
        a->failed = true;
        return NULL;
    }
    if (text) {
        c->texts += size;
        return c->bytes + c->size - c->texts;
    }
    c->used += size;
    return c->bytes + c->used - size;
}

void *arena_get(struct arena *a, size_t size)
{
    void *p = take(a, size, false);
    return p ? memset(p, 0, size) : NULL;
}

char *arena_text(struct arena *a, const char *text, size_t n)
{
    char *p = take(a, n + 1, true);
    if (!p)
        return NULL;
    if (n)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
    void *to = take(a, n, false);
    if (!to)
        return NULL;
    return p ? memcpy(to, p, n) : memset(to, 0, n);
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
