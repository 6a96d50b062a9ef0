/* Memory of a rule set: allocated piece by piece, freed all at once.
 *
 * Rules are thousands of small things of one life. A mark taken before a rule and returned to when the rule is refused
 * gives its memory back. Thread: who loads; read only afterwards. */
#ifndef BURROW_DETECT_ARENA_H
#define BURROW_DETECT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

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

/* Zeroed memory, aligned to 8 bytes; NULL (and failed) when there is none. */
void *arena_get(struct arena *a, size_t size);

/* A copy of n bytes, with a zero byte after them; not aligned. */
char *arena_text(struct arena *a, const char *text, size_t n);

/* A copy of n bytes; p NULL with n 0 gives memory, too. */
void *arena_copy(struct arena *a, const void *p, size_t n);

struct arena_mark arena_mark(const struct arena *a);

/* Free all that was got since the mark. */
void arena_return(struct arena *a, struct arena_mark mark);

#endif
