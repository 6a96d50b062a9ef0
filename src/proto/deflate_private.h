/* What the files of the decoder share. Private to deflate*.c. */
#ifndef BURROW_PROTO_DEFLATE_PRIVATE_H
#define BURROW_PROTO_DEFLATE_PRIVATE_H

#include <stdbool.h>

#include "proto/deflate.h"

/* RFC 1951 3.2.5 to 3.2.7. */
#define LIT_SYMBOLS  288u
#define DIST_SYMBOLS 32u
#define PRE_SYMBOLS  19u
#define CODE_BITS    15u /* of the longest code */
#define HISTORY      32768u

/* A code is looked up by its first bits; longer ones go on in a second table behind the first. The sizes are the most
 * that a complete code of so many symbols can need. */
#define LIT_ROOT  11u
#define LIT_ROOM  2342u
#define DIST_ROOT 8u
#define DIST_ROOM 402u
#define PRE_ROOT  7u
#define PRE_ROOM  128u

/* An entry: bits 0..7 how many bits it takes, with the extra ones behind the code; 8..11 how many of these are the
 * code's; 16..31 a literal, the base of a length or distance, or where the second table is. */
#define ENTRY_LITERAL 0x8000u
#define ENTRY_SPECIAL 0x4000u /* neither literal nor length nor distance */
#define ENTRY_SECOND  0x2000u /* special: a second table, of 2^(bits 8..11) entries */
#define ENTRY_END     0x1000u /* special: the block's end; special and neither: no code */

enum deflate_code { CODE_PRE, CODE_LIT, CODE_DIST };

enum deflate_state {
    STATE_HEAD,
    STATE_BLOCK,
    STATE_STORED,
    STATE_COPY,
    STATE_COUNTS,
    STATE_PRE,
    STATE_LENGTHS,
    STATE_SYMBOLS,
    STATE_TRAILER,
    STATE_END,
    STATE_BAD,
};

/* Where a piece ends at the latest, and what may be written behind it. */
#define WINDOW (HISTORY + 32768u)
#define SLACK  (DEFLATE_OVER + 16u)

struct deflate {
    const uint8_t *p, *end; /* input of this call */
    uint64_t bits;          /* taken from it and not used: the lowest first */
    unsigned nbits;
    enum deflate_state state;
    enum deflate_wrap wrap; /* EITHER only until it is known */
    bool last;              /* block */
    uint32_t left;          /* of a stored block, bytes */
    uint32_t given;         /* in the window: made and taken up to here */
    uint32_t checked;       /* in the checksum up to here */
    uint32_t pos;           /* made up to here */
    uint32_t total;         /* made, modulo 2^32 */
    uint32_t check;         /* CRC-32 or Adler-32 */
    struct {
        uint8_t bytes[4]; /* the first */
        uint8_t flags;
        uint32_t at;   /* how many bytes were read */
        uint32_t part; /* of the field that is read */
        uint32_t want;
        uint32_t crc;
    } head;
    uint32_t trailer; /* how many bytes of it were read */
    uint32_t trailer_value;
    unsigned nlit, ndist, npre, have; /* code lengths that are announced, and read */
    uint8_t lens[LIT_SYMBOLS + DIST_SYMBOLS];
    uint32_t pre[PRE_ROOM];
    uint32_t lit[LIT_ROOM];
    uint32_t dist[DIST_ROOM];
    uint8_t window[WINDOW + SLACK];
};

/* deflate_table.c: tables of a code whose symbols have these lengths. False: it is none (as zlib judges). */
bool deflate_table_make(enum deflate_code kind, const uint8_t *lens, unsigned count, uint32_t *table);

/* deflate_wrap.c: each goes on where it was. False: more input is needed, or the state is STATE_BAD. */
bool deflate_head(struct deflate *d);
bool deflate_trailer(struct deflate *d);
/* Counts what was made since it was last called, and adds it to the checksum. */
void deflate_check(struct deflate *d);

/* So many bits, at most 56, are there to be looked at. False: more input is needed. */
static inline bool deflate_need(struct deflate *d, unsigned n)
{
    while (d->nbits < n) {
        if (d->p == d->end)
            return false;
        d->bits |= (uint64_t)*d->p++ << d->nbits;
        d->nbits += 8;
    }
    return true;
}

static inline uint32_t deflate_take(struct deflate *d, unsigned n)
{
    uint32_t v = (uint32_t)(d->bits & (((uint64_t)1 << n) - 1));
    d->bits >>= n;
    d->nbits -= n;
    return v;
}

#endif
