/* Fuzzes DEFLATE, by ISA-L and by zlib: the first octet says how the data is wrapped and who decodes, the second how it
 * is cut. Each piece is in a block of just its size; what is made must be as zlib would make it, until it refuses. Two
 * decoders whose memory held other things before must agree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "proto/deflate_private.h"

#define MADE_MOST 4000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
    struct deflate *d;
    enum deflate_result result;
    uint8_t *made;
    size_t n, room;
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void take(struct side *s)
{
    const uint8_t *p;
    size_t n = deflate_waiting(s->d, &p);
    check(n <= DEFLATE_PIECE + DEFLATE_OVER);
    if (s->n + n > s->room) {
        s->room = 2 * (s->n + n);
        s->made = realloc(s->made, s->room);
    }
    if (n)
        memcpy(s->made + s->n, p, n);
    s->n += n;
    deflate_taken(s->d, n);
}

static void feed(struct side *s, const uint8_t *p, size_t n)
{
    do {
        s->result = deflate_data(s->d, &p, &n);
        take(s);
    } while (s->result == DEFLATE_FULL && s->n < MADE_MOST);
}

static enum deflate_result zlib_says(z_stream *z, uint8_t *p, size_t n, uint8_t *out)
{
    z->next_in = p;
    z->avail_in = (unsigned)n;
    z->next_out = out + z->total_out;
    z->avail_out = MADE_MOST - (unsigned)z->total_out;
    int rc = inflate(z, Z_SYNC_FLUSH);
    return rc == Z_OK || rc == Z_BUF_ERROR ? DEFLATE_MORE : rc == Z_STREAM_END ? DEFLATE_END : DEFLATE_BAD;
}

/* What it decoded before may not show. */
static void open_side(struct side *s, enum deflate_wrap wrap, bool isal, const uint8_t *before, size_t n)
{
    s->d = deflate_create_by(DEFLATE_RAW, isal);
    check(s->d != NULL);
    feed(s, before, n);
    deflate_begin(s->d, wrap);
    s->n = 0;
    s->result = DEFLATE_MORE;
}

static void same(const struct side *s, enum deflate_result said, const uint8_t *theirs, size_t n, bool isal)
{
    bool more = isal && said == DEFLATE_BAD && n > 0;
    bool sooner = isal && s->result == DEFLATE_BAD && said == DEFLATE_MORE && n > 0;
    check(s->result == said || more || sooner);
    check(s->n >= n || (isal && s->result == DEFLATE_MORE && s->n + 2 >= n));
    check(s->n <= n || more);
    check(n == 0 || s->n == 0 || memcmp(s->made, theirs, s->n < n ? s->n : n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t theirs[MADE_MOST];
    static const int bits[] = {-15, 15, 31, 47};
    if (size < 2)
        return 0;
    enum deflate_wrap wrap = (enum deflate_wrap)(data[0] & 3);
    bool isal = !(data[0] & 4);
#ifndef HAVE_ISAL
    isal = false;
#endif
    size_t step = data[1] ? data[1] : size;
    struct side a = {0}, b = {0};
    open_side(&a, wrap, isal, data, size);
    open_side(&b, wrap, isal, data + 2, size - 2);
    z_stream z = {0};
    check(inflateInit2(&z, bits[wrap]) == Z_OK);
    enum deflate_result said = DEFLATE_MORE;
    for (size_t at = 2; at < size && said == DEFLATE_MORE && z.total_out < MADE_MOST; at += step) {
        size_t n = size - at < step ? size - at : step;
        uint8_t *exact = malloc(n);
        memcpy(exact, data + at, n);
        said = zlib_says(&z, exact, n, theirs);
        feed(&a, exact, n);
        feed(&b, exact, n);
        free(exact);
        check(a.result == b.result && a.n == b.n && (a.n == 0 || memcmp(a.made, b.made, a.n) == 0));
        if (z.total_out < MADE_MOST)
            same(&a, said, theirs, z.total_out, isal);
    }
    if (a.result == DEFLATE_MORE && said == DEFLATE_MORE && z.total_out < MADE_MOST) {
        deflate_finish(a.d);
        take(&a);
        check(a.n >= z.total_out && a.n <= z.total_out + 2);
        check(a.n == 0 || memcmp(a.made, theirs, z.total_out) == 0);
    }
    inflateEnd(&z);
    deflate_destroy(&a.d);
    deflate_destroy(&b.d);
    free(a.made);
    free(b.made);
    return 0;
}
