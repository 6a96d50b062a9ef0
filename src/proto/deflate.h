/* DEFLATE undone as bytes come (RFC 1951): bare, or wrapped as zlib (RFC 1950) or gzip (RFC 1952) do.
 *
 * ISA-L decodes if this build has it, as it takes half of zlib's time; zlib does otherwise, and for those beyond
 * DEFLATE_ISAL_MOST. Until a byte was made, what is refused is zlib's judgement either way. Then ISA-L makes all that
 * zlib makes, and of what is malformed it may make more: it takes incomplete codes (RFC 1951 3.2.7), and for a distance
 * that is none it makes up to 258 bytes that mean nothing. It makes up to two literals only with the bits behind them,
 * tells a wrong CRC-32 when the length behind it is there, too, and some bad headers of blocks before all of them is
 * there. No input is owned beyond a call. Any lane's thread. */
#ifndef BURROW_PROTO_DEFLATE_H
#define BURROW_PROTO_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* When more than these wait they must be taken before more is made; there may be up to DEFLATE_OVER more. An end or an
 * error right behind the last of them is so told with them, as by zlib with a buffer of this size. */
#define DEFLATE_PIECE 8192u
#define DEFLATE_OVER  2u

/* How many there are at most, of which with ISA-L's (130 KB each, others 50 KB), and how many are kept for later. */
#define DEFLATE_MOST      8192u
#define DEFLATE_ISAL_MOST 1024u
#define DEFLATE_KEPT      32u

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

/* NULL: no memory, or DEFLATE_MOST are there. */
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

/* No more comes, though the end was not seen: up to two bytes may wait that the last bits make. It is over then. */
void deflate_finish(struct deflate *d);

#endif
