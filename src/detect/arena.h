/* Memory of a rule set: allocated piece by piece, freed all at once.
 *
 * Rules are thousands of small things of one life. A mark taken before a rule and returned to when the rule is refused
 * gives its memory back. Thread: who loads; read only afterwards. */
#ifndef BURROW_DETECT_ARENA_H
#define BURROW_DETECT_ARENA_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Structures are put at a chunk's begin, one after the other; texts, which need no alignment, at its end, each before
 * the one before it. */
struct arena_chunk {
    struct arena_chunk *before;
    size_t size;  /* of bytes */
    size_t used;  /* from the begin */
    size_t texts; /* from the end */
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct arena_chunk *last;
    size_t bytes; /* taken from the system */
    size_t cap;   /* most of them; 0: no cap */
    bool failed;  /* memory was short, or the cap was reached; sticks */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
    size_t texts;
};

void arena_init(struct arena *a, size_t cap);
void arena_fini(struct arena *a);

/* For those below: a chunk with room for so many bytes more; NULL (and failed) when there is none. */
struct arena_chunk *arena_chunk_for(struct arena *a, size_t size);

/* Memory that is aligned to 8 bytes; what is in it is not said. NULL (and failed): there is none. */
static inline void *arena_take(struct arena *a, size_t size)
{
    struct arena_chunk *c = a->last;
    size_t room = (size + 7) & ~(size_t)7;
    if (!c || room < size || c->size - c->used - c->texts < room)
        c = arena_chunk_for(a, size);
    if (!c)
        return NULL;
    c->used += room;
    return c->bytes + c->used - room;
}

/* The same, zeroed. */
static inline void *arena_get(struct arena *a, size_t size)
{
    void *p = arena_take(a, size);
    return p ? memset(p, 0, size) : NULL;
}

/* A copy of n bytes, with a zero byte after them; not aligned. */
static inline char *arena_text(struct arena *a, const char *text, size_t n)
{
    struct arena_chunk *c = a->last;
    if (!c || c->size - c->used - c->texts <= n)
        c = arena_chunk_for(a, n + 1);
    if (!c)
        return NULL;
    c->texts += n + 1;
    char *p = (char *)c->bytes + c->size - c->texts;
    if (n)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

/* A copy of n bytes; p NULL with n 0 gives memory, too. */
void *arena_copy(struct arena *a, const void *p, size_t n);

/* Nothing more will be got for long: the system gets back what is not used. */
void arena_trim(struct arena *a);

struct arena_mark arena_mark(const struct arena *a);

/* Free all that was got since the mark. */
void arena_return(struct arena *a, struct arena_mark mark);

#endif
