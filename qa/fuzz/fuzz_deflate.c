/* Fuzzes the decoder of DEFLATE: zlib's, fed the same, says and makes the same after each piece. The first octet's low
 * bits choose the wrapping, its high bits the size of the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/deflate.h"

#define MADE_MAX (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t theirs[MADE_MAX];

static void check(int good)
{
    if (!good)
        abort();
}

/* What ours made of one piece is what zlib's made. Returns the sum so far. */
static size_t compare(struct deflate *d, const uint8_t *p, size_t n, enum deflate_result *result, size_t made)
{
    const uint8_t *out;
    do {
        *result = deflate_data(d, &p, &n);
        size_t waits = deflate_waiting(d, &out);
        check(waits <= DEFLATE_PIECE + DEFLATE_OVER && made + waits <= MADE_MAX);
        check(memcmp(out, theirs + made, waits) == 0);
        deflate_taken(d, waits);
        made += waits;
    } while (*result == DEFLATE_FULL);
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int bits[] = {-15, 15, 15 + 16, 15 + 32};
    static const enum deflate_wrap wraps[] = {DEFLATE_RAW, DEFLATE_ZLIB, DEFLATE_GZIP, DEFLATE_EITHER};
    if (size < 2)
        return 0;
    unsigned w = data[0] & 3;
    size_t piece = data[0] >> 2 ? data[0] >> 2 : size, made = 0;
    z_stream z = {.next_out = theirs, .avail_out = MADE_MAX};
    struct deflate *d = deflate_create(wraps[w]);
    check(d && inflateInit2(&z, bits[w]) == Z_OK);
    for (size_t i = 1; i < size; i += piece) {
        size_t n = size - i < piece ? size - i : piece;
        uint8_t *exact = malloc(n);
        check(exact != NULL);
        memcpy(exact, data + i, n);
        z.next_in = exact;
        z.avail_in = (unsigned)n;
        int rc = inflate(&z, Z_SYNC_FLUSH);
        if (z.avail_out == 0) {
            free(exact);
            break;
        }
        enum deflate_result r;
        made = compare(d, exact, n, &r, made);
        free(exact);
        check(made == z.total_out);
        check(r == (rc == Z_OK || rc == Z_BUF_ERROR ? DEFLATE_MORE : rc == Z_STREAM_END ? DEFLATE_END : DEFLATE_BAD));
        if (r != DEFLATE_MORE)
            break;
    }
    inflateEnd(&z);
    deflate_destroy(&d);
    return 0;
}
