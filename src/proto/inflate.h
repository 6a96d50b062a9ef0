/* Content codings undone as bytes come (RFC 9110 8.4.1): gzip, deflate, br.
 *
 * What comes out is given on in pieces of at most INFLATE_PIECE bytes. A bomb ends it: more than INFLATE_BOMB bytes
 * that are also more than INFLATE_RATIO times what went in. */
#ifndef BURROW_PROTO_INFLATE_H
#define BURROW_PROTO_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INFLATE_PIECE 16384u
#define INFLATE_BOMB  1048576u
#define INFLATE_RATIO 2048u

enum inflate_coding { INFLATE_NONE, INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_BROTLI };

/* The coding of this name; INFLATE_NONE: none that is known here. */
enum inflate_coding inflate_coding_of(const uint8_t *name, size_t n);

enum inflate_result { INFLATE_OK, INFLATE_BAD, INFLATE_IS_BOMB };

struct inflater;

/* NULL: no memory. */
struct inflater *inflater_create(enum inflate_coding coding);
void inflater_destroy(struct inflater **i);

typedef void (*inflate_fn)(void *arg, const uint8_t *p, size_t n);

/* All but INFLATE_OK is final: nothing more comes out. Bytes behind the end of the coded data are left out. */
enum inflate_result inflater_data(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg);

/* No more comes, though the coded data may be cut off: what was held back comes out. Nothing does after it. */
void inflater_end(struct inflater *i, inflate_fn out, void *arg);

#endif
