/* What is around DEFLATE: zlib's header and Adler-32 (RFC 1950 2.2), gzip's header, CRC-32 and length (RFC 1952 2.3).
 */
#include <zlib.h>

#include "proto/deflate_private.h"

#define METHOD_DEFLATE 8u
#define GZIP_HEAD      10u

enum gzip_flag {
    GZIP_HCRC = 1 << 1,
    GZIP_EXTRA = 1 << 2,
    GZIP_NAME = 1 << 3,
    GZIP_COMMENT = 1 << 4,
    GZIP_RESERVED = 0xe0,
};

/* Fields of a gzip header behind its first ten bytes, in their order. */
enum gzip_part { PART_FIXED, PART_EXTRA_LEN, PART_EXTRA, PART_NAME, PART_COMMENT, PART_CRC, PART_END };

void deflate_check(struct deflate *d)
{
    const uint8_t *p = d->window + d->checked;
    uint32_t n = d->pos - d->checked;
    d->checked = d->pos;
    d->total += n;
    if (d->wrap == DEFLATE_GZIP)
        d->check = (uint32_t)crc32(d->check, p, n);
    else if (d->wrap == DEFLATE_ZLIB)
        d->check = (uint32_t)adler32(d->check, p, n);
}

static bool bad(struct deflate *d)
{
    d->state = STATE_BAD;
    return false;
}

static bool begin_blocks(struct deflate *d)
{
    d->check = d->wrap == DEFLATE_ZLIB ? 1 : 0;
    d->state = STATE_BLOCK;
    return true;
}

/* The part behind this one that the flags name. */
static void next_part(struct deflate *d)
{
    static const uint8_t flag[] = {[PART_EXTRA_LEN] = GZIP_EXTRA,
                                   [PART_EXTRA] = GZIP_EXTRA,
                                   [PART_NAME] = GZIP_NAME,
                                   [PART_COMMENT] = GZIP_COMMENT,
                                   [PART_CRC] = GZIP_HCRC};
    do
        d->head.part++;
    while (d->head.part < PART_END && !(d->head.flags & flag[d->head.part]));
    if (d->head.part == PART_CRC || d->head.part == PART_EXTRA_LEN)
        d->head.want = 0;
    d->head.at = 0;
}

/* One byte of the first ten. */
static bool fixed_byte(struct deflate *d, uint8_t c)
{
    if (d->head.at < sizeof d->head.bytes)
        d->head.bytes[d->head.at] = c;
    d->head.at++;
    if (d->wrap == DEFLATE_ZLIB)
        return true;
    if (d->head.at == 4) {
        d->head.flags = c;
        if (d->head.bytes[2] != METHOD_DEFLATE || (c & GZIP_RESERVED))
            return bad(d);
        d->head.crc = (uint32_t)crc32(0, d->head.bytes, 4);
    } else if (d->head.at > 4) {
        d->head.crc = (uint32_t)crc32(d->head.crc, &c, 1);
    }
    if (d->head.at == GZIP_HEAD)
        next_part(d);
    return true;
}

/* One byte of what is behind them. */
static bool part_byte(struct deflate *d, uint8_t c)
{
    if (d->head.part != PART_CRC && (d->head.flags & GZIP_HCRC))
        d->head.crc = (uint32_t)crc32(d->head.crc, &c, 1);
    uint32_t at = d->head.at++;
    switch ((enum gzip_part)d->head.part) {
    case PART_EXTRA_LEN:
        d->head.want |= (uint32_t)c << (8 * at);
        if (at == 1) {
            next_part(d);
            if (d->head.want == 0)
                next_part(d);
        }
        return true;
    case PART_EXTRA:
        if (d->head.at == d->head.want)
            next_part(d);
        return true;
    case PART_NAME:
    case PART_COMMENT:
        if (c == 0)
            next_part(d);
        return true;
    case PART_CRC:
        d->head.want |= (uint32_t)c << (8 * at);
        if (at == 1 && d->head.want != (d->head.crc & 0xffff))
            return bad(d);
        if (at == 1)
            next_part(d);
        return true;
    case PART_FIXED:
    case PART_END:
        break;
    }
    return true;
}

/* The first two bytes say whose header it is. */
static bool first_bytes(struct deflate *d)
{
    uint8_t a = d->head.bytes[0], b = d->head.bytes[1];
    bool gzip = a == 0x1f && b == 0x8b;
    if (gzip && d->wrap != DEFLATE_ZLIB) {
        d->wrap = DEFLATE_GZIP;
        return true;
    }
    /* The method, a window of 2^(8 + info) bytes. */
    if (d->wrap == DEFLATE_GZIP || (a * 256u + b) % 31 || (a & 0x0f) != METHOD_DEFLATE || a >> 4 > 7)
        return bad(d);
    d->wrap = DEFLATE_ZLIB;
    return true;
}

bool deflate_head(struct deflate *d)
{
    for (;;) {
        if (d->wrap == DEFLATE_RAW || (d->wrap == DEFLATE_GZIP && d->head.part == PART_END))
            return begin_blocks(d);
        if (d->wrap == DEFLATE_ZLIB && d->head.at == 2 && !(d->head.bytes[1] & 0x20))
            return begin_blocks(d);
        if (!deflate_need(d, 8))
            return false;
        uint8_t c = (uint8_t)deflate_take(d, 8);
        if (d->head.part == PART_FIXED ? !fixed_byte(d, c) : !part_byte(d, c))
            return false;
        if (d->head.part == PART_FIXED && d->head.at == 2 && !first_bytes(d))
            return false;
        if (d->wrap == DEFLATE_ZLIB && d->head.at == 6) /* a dictionary that nobody has */
            return bad(d);
    }
}

bool deflate_trailer(struct deflate *d)
{
    deflate_check(d);
    unsigned most = d->wrap == DEFLATE_GZIP ? 8 : d->wrap == DEFLATE_ZLIB ? 4 : 0;
    if (d->trailer == 0)
        deflate_take(d, d->nbits % 8);
    while (d->trailer < most) {
        if (!deflate_need(d, 8))
            return false;
        uint32_t c = deflate_take(d, 8);
        unsigned at = d->trailer++ % 4;
        d->trailer_value |= c << (d->wrap == DEFLATE_GZIP ? 8 * at : 24 - 8 * at);
        if (at < 3)
            continue;
        if (d->trailer_value != (d->trailer <= 4 ? d->check : d->total))
            return bad(d);
        d->trailer_value = 0;
    }
    d->state = STATE_END;
    return true;
}
