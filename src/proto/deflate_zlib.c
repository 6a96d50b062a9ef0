#include "proto/deflate_private.h"

#define HEADER_READ 128 /* in data_type, with Z_BLOCK */

/* zlib's own names for what is around the data. */
static int window_bits(enum deflate_wrap wrap)
{
    switch (wrap) {
    case DEFLATE_RAW:
        return -MAX_WBITS;
    case DEFLATE_ZLIB:
        return MAX_WBITS;
    case DEFLATE_GZIP:
        return MAX_WBITS + 16;
    case DEFLATE_EITHER:
        break;
    }
    return MAX_WBITS + 32;
}

bool deflate_zlib_open(struct deflate *d)
{
    d->zlib = (z_stream){0};
    return inflateInit2(&d->zlib, MAX_WBITS) == Z_OK;
}

void deflate_zlib_begin(struct deflate *d, enum deflate_wrap wrap)
{
    inflateReset2(&d->zlib, window_bits(wrap));
}

/* Returns how many bytes it made. */
static uint32_t run(struct deflate *d, const uint8_t **p, size_t *n, uint8_t *out, uint32_t room, int flush)
{
    uint32_t some = *n > UINT32_MAX ? UINT32_MAX : (uint32_t)*n;
    d->zlib.next_in = (Bytef *)(uintptr_t)*p;
    d->zlib.avail_in = some;
    d->zlib.next_out = out;
    d->zlib.avail_out = room;
    int rc = inflate(&d->zlib, flush);
    *p += some - d->zlib.avail_in;
    *n -= some - d->zlib.avail_in;
    if (rc == Z_STREAM_END)
        d->result = DEFLATE_END;
    else if (rc != Z_OK && rc != Z_BUF_ERROR) /* the latter: there was nothing to do */
        d->result = DEFLATE_BAD;
    else
        d->result = d->zlib.avail_out ? DEFLATE_MORE : DEFLATE_FULL;
    return room - d->zlib.avail_out;
}

void deflate_zlib_data(struct deflate *d, const uint8_t **p, size_t *n)
{
    d->made += run(d, p, n, d->piece + d->made, DEFLATE_PIECE + 1 - d->made, Z_SYNC_FLUSH);
}

bool deflate_zlib_head(struct deflate *d, const uint8_t **p, size_t *n)
{
    uint8_t none;
    run(d, p, n, &none, 1, Z_BLOCK);
    return d->result == DEFLATE_MORE && (d->zlib.data_type & HEADER_READ);
}

bool deflate_zlib_first(struct deflate *d, const uint8_t *p, size_t n)
{
    uint8_t first;
    return run(d, &p, &n, &first, 1, Z_SYNC_FLUSH) == 1;
}
