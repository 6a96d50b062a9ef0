#include "proto/inflate.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* Window bits: gzip alone, zlib, raw deflate. */
#define GZIP_BITS (15 + 16)
#define ZLIB_BITS 15
#define RAW_BITS  (-15)

struct inflater {
    enum inflate_coding coding;
    bool over; /* the end, or an error */
    bool raw;  /* deflate without zlib's header, as some servers send it */
    bool any;  /* something came out */
    uint64_t in;
    uint64_t made;
    z_stream z;
    BrotliDecoderState *brotli;
    uint8_t piece[INFLATE_PIECE];
};

enum inflate_coding inflate_coding_of(const uint8_t *name, size_t n)
{
    static const struct {
        const char *name;
        enum inflate_coding coding;
    } known[] = {
        {"gzip", INFLATE_GZIP}, {"x-gzip", INFLATE_GZIP}, {"deflate", INFLATE_DEFLATE}, {"br", INFLATE_BROTLI}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].name) == n && strncasecmp(known[i].name, (const char *)name, n) == 0)
            return known[i].coding;
    return INFLATE_NONE;
}

struct inflater *inflater_create(enum inflate_coding coding)
{
    struct inflater *i = calloc(1, sizeof *i);
    if (!i)
        return NULL;
    i->coding = coding;
    if (coding == INFLATE_BROTLI)
        i->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    bool ok = coding == INFLATE_BROTLI ? i->brotli != NULL
                                       : inflateInit2(&i->z, coding == INFLATE_GZIP ? GZIP_BITS : ZLIB_BITS) == Z_OK;
    if (!ok) {
        free(i);
        return NULL;
    }
    return i;
}

void inflater_destroy(struct inflater **inflater)
{
    struct inflater *i = *inflater;
    *inflater = NULL;
    if (!i)
        return;
    if (i->brotli)
        BrotliDecoderDestroyInstance(i->brotli);
    else
        inflateEnd(&i->z);
    free(i);
}

static enum inflate_result give(struct inflater *i, size_t n, inflate_fn out, void *arg)
{
    i->any = i->any || n;
    i->made += n;
    if (i->made > INFLATE_BOMB && i->made / INFLATE_RATIO > i->in) {
        i->over = true;
        return INFLATE_IS_BOMB;
    }
    if (n)
        out(arg, i->piece, n);
    return INFLATE_OK;
}

static enum inflate_result bad(struct inflater *i)
{
    i->over = true;
    return INFLATE_BAD;
}

static enum inflate_result data_brotli(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    for (;;) {
        uint8_t *to = i->piece;
        size_t room = sizeof i->piece;
        BrotliDecoderResult r = BrotliDecoderDecompressStream(i->brotli, &n, &p, &room, &to, NULL);
        enum inflate_result given = give(i, sizeof i->piece - room, out, arg);
        if (given != INFLATE_OK)
            return given;
        if (r == BROTLI_DECODER_RESULT_ERROR)
            return bad(i);
        i->over = r == BROTLI_DECODER_RESULT_SUCCESS;
        if (r != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT)
            return INFLATE_OK;
    }
}

/* The first bytes don't begin as zlib's do: they are tried once more without its header. */
static bool begin_raw(struct inflater *i, const uint8_t *p, size_t n)
{
    if (i->coding != INFLATE_DEFLATE || i->raw || i->any || inflateReset2(&i->z, RAW_BITS) != Z_OK)
        return false;
    i->raw = true;
    i->z.next_in = (uint8_t *)(uintptr_t)p;
    i->z.avail_in = (unsigned)n;
    return true;
}

static enum inflate_result data_zlib(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    i->z.next_in = (uint8_t *)(uintptr_t)p; /* zlib only reads them */
    i->z.avail_in = (unsigned)n;
    for (;;) {
        i->z.next_out = i->piece;
        i->z.avail_out = sizeof i->piece;
        int rc = inflate(&i->z, Z_SYNC_FLUSH);
        if (rc == Z_DATA_ERROR && i->in == n && begin_raw(i, p, n))
            continue;
        enum inflate_result given = give(i, sizeof i->piece - i->z.avail_out, out, arg);
        if (given != INFLATE_OK)
            return given;
        i->over = rc == Z_STREAM_END;
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return bad(i);
        if (i->over || i->z.avail_out)
            return INFLATE_OK;
    }
}

enum inflate_result inflater_data(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    if (i->over || n == 0 || n > UINT32_MAX)
        return INFLATE_OK;
    i->in += n;
    return i->coding == INFLATE_BROTLI ? data_brotli(i, p, n, out, arg) : data_zlib(i, p, n, out, arg);
}
