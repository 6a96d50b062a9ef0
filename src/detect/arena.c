#include "detect/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)256 << 10)

struct arena_chunk {
    struct arena_chunk *before;
    size_t size; /* of bytes */
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t cap)
{
    *a = (struct arena){.cap = cap};
}

void arena_fini(struct arena *a)
{
    arena_return(a, (struct arena_mark){NULL, 0});
}

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
    size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    size_t all = sizeof(struct arena_chunk) + room;
    if (a->cap && all > a->cap - a->bytes)
        return NULL;
    struct arena_chunk *c = malloc(all);
    if (!c)
        return NULL;
    *c = (struct arena_chunk){.before = a->last, .size = room};
    a->last = c;
    a->bytes += all;
    return c;
}

void *arena_get(struct arena *a, size_t size)
{
    size_t step = alignof(max_align_t);
    struct arena_chunk *c = a->last;
    if (size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    size = (size + step - 1) / step * step;
    if (!c || c->size - c->used < size)
        c = add_chunk(a, size);
    if (!c) {
        a->failed = true;
        return NULL;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    return memset(p, 0, size);
}

char *arena_text(struct arena *a, const char *text, size_t n)
{
    char *p = arena_get(a, n + 1);
    if (p && n)
        memcpy(p, text, n);
    return p;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
    void *to = arena_get(a, n);
    if (to && n && p)
        memcpy(to, p, n);
    return to;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->last, a->last ? a->last->used : 0};
}

void arena_return(struct arena *a, struct arena_mark mark)
{
    while (a->last != mark.chunk) {
        struct arena_chunk *c = a->last;
        a->last = c->before;
        a->bytes -= sizeof *c + c->size;
        free(c);
    }
    if (a->last)
        a->last->used = mark.used;
}
