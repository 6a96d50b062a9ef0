/* A growable byte buffer with a cap.
 *
 * Owns its bytes (malloc). Growth past `cap` fails and leaves the buffer as it was: the caller counts and decides.
 * Thread: one owner at a time. */
#ifndef BURROW_CORE_BUF_H
#define BURROW_CORE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    uint8_t *data; /* NULL while nothing was written */
    size_t len;    /* bytes in use */
    size_t room;   /* bytes allocated */
    size_t cap;    /* most bytes ever; 0 means no cap */
};

static inline void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap};
}

void buf_free(struct buf *b); /* its bytes; it stays usable */

static inline void buf_fini(struct buf *b)
{
    if (b->data)
        buf_free(b);
}

/* Make room for n more bytes. False if that would pass the cap or memory is short. */
bool buf_grow(struct buf *b, size_t n);

static inline bool buf_reserve(struct buf *b, size_t n)
{
    return b->room - b->len >= n ? true : buf_grow(b, n);
}

/* Append n bytes; false (and nothing appended) when the cap would be passed. */
static inline bool buf_add(struct buf *b, const void *p, size_t n)
{
    if (!buf_reserve(b, n))
        return false;
    if (n)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    return true;
}

static inline bool buf_add_byte(struct buf *b, uint8_t c)
{
    if (!buf_reserve(b, 1))
        return false;
    b->data[b->len++] = c;
    return true;
}

bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drop the first n bytes (n <= len). */
void buf_drop(struct buf *b, size_t n);

static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

#endif
