/* Bounds-checked reading of wire bytes.
 *
 * Every read of bytes that came from the network goes through a `struct reader`. A read past the end returns zero (or
 * NULL) and sets `bad`, which sticks: a parser may read a whole header and test once. Thread: any, no shared state. The
 * reader borrows the bytes; it never frees them. */
#ifndef BURROW_CORE_BYTES_H
#define BURROW_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *p;   /* next byte */
    const uint8_t *end; /* one past the last byte */
    bool bad;           /* a read went past the end */
};

static inline struct reader reader_of(const void *p, size_t len)
{
    const uint8_t *b = p;
    return (struct reader){b, b ? b + len : b, false};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->p);
}

/* Take n bytes: a pointer to them, or NULL (and bad) if fewer are left. */
static inline const uint8_t *reader_take(struct reader *r, size_t n)
{
    if (r->bad || reader_left(r) < n) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *p = r->p;
    if (n) /* of no bytes at all there is no pointer to add to */
        r->p += n;
    return p;
}

static inline bool reader_skip(struct reader *r, size_t n)
{
    return reader_take(r, n) != NULL;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *p = reader_take(r, 1);
    return p ? p[0] : 0;
}

/* Big-endian loads from bytes whose bounds the caller has already taken. */
static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)((p[0] << 8) | p[1]);
}

static inline uint32_t load_be24(const uint8_t *p)
{
    return ((uint32_t)p[0] << 16) | ((uint32_t)p[1] << 8) | p[2];
}

static inline uint32_t load_be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}

static inline uint64_t load_be64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}

static inline uint16_t reader_be16(struct reader *r)
{
    const uint8_t *p = reader_take(r, 2);
    return p ? load_be16(p) : 0;
}

static inline uint32_t reader_be24(struct reader *r)
{
    const uint8_t *p = reader_take(r, 3);
    return p ? load_be24(p) : 0;
}

static inline uint32_t reader_be32(struct reader *r)
{
    const uint8_t *p = reader_take(r, 4);
    return p ? load_be32(p) : 0;
}

static inline uint64_t reader_be64(struct reader *r)
{
    const uint8_t *p = reader_take(r, 8);
    return p ? load_be64(p) : 0;
}

/* A reader over the next n bytes, which are taken from r. Too few: an empty, bad reader, and r is bad. */
static inline struct reader reader_sub(struct reader *r, size_t n)
{
    const uint8_t *p = reader_take(r, n);
    struct reader s = reader_of(p, p ? n : 0);
    s.bad = p == NULL;
    return s;
}

#endif
