/* DEFLATE undone as bytes come (RFC 1951): bare, or wrapped as zlib (RFC 1950) or gzip (RFC 1952) do.
 *
 * A decoder of our own, because HTTP bodies are most of what is looked at and zlib takes twice the time. It takes and
 * refuses what zlib does, at the same byte, which deflate_test.c compares. What it makes stays in its window until it
 * is taken: nothing is copied. It owns no input beyond a call but some bits. Any lane's thread; no state is shared. */
#ifndef BURROW_PROTO_DEFLATE_H
#define BURROW_PROTO_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* When more than these wait they must be taken before more is made; there may be up to DEFLATE_OVER more. That is not
 * sooner, so that an end or an error behind the last of them is told with them, as by zlib with a buffer of this size.
 */
#define DEFLATE_PIECE 8192u
#define DEFLATE_OVER  260u

enum deflate_wrap {
    DEFLATE_RAW,
    DEFLATE_ZLIB,
    DEFLATE_GZIP,
    DEFLATE_EITHER, /* gzip's or zlib's, as it begins */
};

enum deflate_result {
    DEFLATE_MORE, /* all input is used */
    DEFLATE_FULL, /* more than DEFLATE_PIECE bytes wait: take them and go on */
    DEFLATE_END,  /* of the first member of gzip, too: what is behind it is not read */
    DEFLATE_BAD,  /* malformed, a checksum is wrong, or a dictionary is wanted; what was made before may wait */
};

struct deflate;

/* NULL: no memory. */
struct deflate *deflate_create(enum deflate_wrap wrap);
void deflate_destroy(struct deflate **d);

/* From the beginning; what waits is dropped. */
void deflate_begin(struct deflate *d, enum deflate_wrap wrap);

/* Reads of the *n bytes at *p, which are moved on. After the end or an error it says the same again; what is left of
 * the input then means nothing. */
enum deflate_result deflate_data(struct deflate *d, const uint8_t **p, size_t *n);

/* How many bytes wait, from *p on; they stay there until the next call of deflate_data. */
size_t deflate_waiting(const struct deflate *d, const uint8_t **p);
void deflate_taken(struct deflate *d, size_t n);

#endif
