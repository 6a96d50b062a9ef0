/* What the files of the decoder share. Private to deflate*.c, their test and their fuzzer. */
#ifndef BURROW_PROTO_DEFLATE_PRIVATE_H
#define BURROW_PROTO_DEFLATE_PRIVATE_H

#include <stdbool.h>
#include <zlib.h>

#include "proto/deflate.h"

/* ISA-L reads no header and is told nothing that zlib would refuse before it made a byte. */
enum deflate_stage {
    STAGE_HEAD,  /* zlib reads zlib's or gzip's header */
    STAGE_FIRST, /* both read, until zlib made a byte */
    STAGE_REST,  /* ISA-L alone */
    STAGE_ZLIB,  /* zlib alone, from the beginning */
};

struct inflate_state; /* of ISA-L */

struct deflate {
    enum deflate_result result; /* the last; END and BAD are final */
    enum deflate_stage stage;
    bool failed;          /* ISA-L: what it made before may still be in there */
    uint32_t given, made; /* in the piece: taken, and made, up to here */
    z_stream zlib;
    struct inflate_state *isal; /* NULL: all is zlib's */
    struct deflate *next;       /* of those that are kept for later */
    uint8_t piece[DEFLATE_PIECE + DEFLATE_OVER];
};

/* As deflate_create, with ISA-L or without. NULL: no memory, too many, or this build has no ISA-L. */
struct deflate *deflate_create_by(enum deflate_wrap wrap, bool isal);

/* deflate_zlib.c */
bool deflate_zlib_open(struct deflate *d);
void deflate_zlib_begin(struct deflate *d, enum deflate_wrap wrap);
void deflate_zlib_data(struct deflate *d, const uint8_t **p, size_t *n);
/* True: the header is read. */
bool deflate_zlib_head(struct deflate *d, const uint8_t **p, size_t *n);
/* True: the first byte can be made of these. */
bool deflate_zlib_first(struct deflate *d, const uint8_t *p, size_t n);

/* deflate_isal.c: what is behind the header. */
bool deflate_isal_open(struct deflate *d);
void deflate_isal_begin(struct deflate *d, enum deflate_wrap wrap);
void deflate_isal_data(struct deflate *d, const uint8_t **p, size_t *n);
/* No more comes: what can be made of the bits that are left. */
void deflate_isal_finish(struct deflate *d);

#endif
