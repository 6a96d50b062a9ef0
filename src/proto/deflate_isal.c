#include <isa-l.h>
#include <stdlib.h>
#include <string.h>

#include "proto/deflate_private.h"

/* One look-up of ISA-L is of up to three symbols; without all their bits it makes none of them. */
#define HELD_BACK 2u

bool deflate_isal_open(struct deflate *d)
{
    d->isal = calloc(1, sizeof *d->isal);
    return d->isal != NULL;
}

/* A length whose distance is none counts as made, though nothing was written: no bytes of other streams are there. */
static void forget(struct inflate_state *s)
{
    size_t used = sizeof s->tmp_out_buffer;
    if (s->tmp_out_valid < ISAL_DEF_HIST_SIZE) /* as long as nothing moved to its front */
        used = (size_t)s->tmp_out_valid + ISAL_LOOK_AHEAD;
    memset(s->tmp_out_buffer, 0, used);
}

void deflate_isal_begin(struct deflate *d, enum deflate_wrap wrap)
{
    forget(d->isal);
    isal_inflate_init(d->isal);
    d->isal->crc_flag = wrap == DEFLATE_RAW    ? ISAL_DEFLATE
                        : wrap == DEFLATE_GZIP ? ISAL_GZIP_NO_HDR_VER
                                               : ISAL_ZLIB_NO_HDR_VER;
    d->failed = false;
}

/* What it made before an error and did not give out. */
static void drain(struct deflate *d)
{
    struct inflate_state *s = d->isal;
    int32_t n = s->tmp_out_valid - s->tmp_out_processed, room = (int32_t)(DEFLATE_PIECE + 1 - d->made);
    if (n > room)
        n = room;
    memcpy(d->piece + d->made, s->tmp_out_buffer + s->tmp_out_processed, (size_t)n);
    s->tmp_out_processed += n;
    d->made += (uint32_t)n;
    d->result = s->tmp_out_processed < s->tmp_out_valid ? DEFLATE_FULL : DEFLATE_BAD;
}

/* False: nothing is to be done with what there is. */
static bool turn(struct deflate *d, const uint8_t **p, size_t *n)
{
    struct inflate_state *s = d->isal;
    uint32_t some = *n > UINT32_MAX ? UINT32_MAX : (uint32_t)*n, room = DEFLATE_PIECE + 1 - d->made;
    s->next_in = (uint8_t *)(uintptr_t)*p;
    s->avail_in = some;
    s->next_out = d->piece + d->made;
    s->avail_out = room;
    d->failed = isal_inflate(s) < 0;
    *p += some - s->avail_in;
    *n -= some - s->avail_in;
    d->made += room - s->avail_out;
    if (d->failed) {
        drain(d);
        return false;
    }
    d->result = s->block_state == ISAL_BLOCK_FINISH ? DEFLATE_END : s->avail_out == 0 ? DEFLATE_FULL : DEFLATE_MORE;
    return d->result == DEFLATE_MORE && (s->avail_in < some || s->avail_out < room);
}

void deflate_isal_data(struct deflate *d, const uint8_t **p, size_t *n)
{
    if (d->failed)
        drain(d);
    else
        while (turn(d, p, n) && *n)
            ;
}

/* The first bytes that it makes if all bits that come are the same. */
static uint32_t made_with(struct inflate_state *s, int bits, uint8_t *out)
{
    uint8_t more[8];
    memset(more, bits, sizeof more);
    s->next_in = more;
    s->avail_in = sizeof more;
    s->next_out = out;
    s->avail_out = HELD_BACK;
    isal_inflate(s);
    return HELD_BACK - s->avail_out;
}

/* A symbol whose bits are all there is the same whatever follows; one that lacks some is not. */
void deflate_isal_finish(struct deflate *d)
{
    struct inflate_state *s = d->isal, *copy;
    if (s->block_state != ISAL_BLOCK_CODED || s->read_in_length <= 0 || !(copy = malloc(sizeof *copy)))
        return;
    *copy = *s;
    uint8_t zeros[HELD_BACK], ones[HELD_BACK];
    uint32_t n = made_with(copy, 0, zeros), most = made_with(s, 0xff, ones);
    free(copy);
    for (uint32_t i = 0; i < n && i < most && zeros[i] == ones[i]; i++)
        d->piece[d->made++] = zeros[i];
}
