#include "proto/inflate.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/deflate.h"

struct inflater {
    enum inflate_coding coding;
    bool over; /* the end, or an error */
    bool any;  /* something came out */
    bool raw;  /* deflate without zlib's header, as some servers send it */
    uint64_t in;
    uint64_t made;
    struct deflate *deflate;
    BrotliDecoderState *brotli;
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
    else
        i->deflate = deflate_create(coding == INFLATE_GZIP ? DEFLATE_GZIP : DEFLATE_ZLIB);
    if (!i->brotli && !i->deflate) {
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
    deflate_destroy(&i->deflate);
    free(i);
}

static enum inflate_result give(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    i->any = i->any || n;
    i->made += n;
    if (i->made > INFLATE_BOMB && i->made / INFLATE_RATIO > i->in) {
        i->over = true;
        return INFLATE_IS_BOMB;
    }
    if (n)
        out(arg, p, n);
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
        uint8_t piece[INFLATE_PIECE], *to = piece;
        size_t room = sizeof piece;
        BrotliDecoderResult r = BrotliDecoderDecompressStream(i->brotli, &n, &p, &room, &to, NULL);
        enum inflate_result given = give(i, piece, sizeof piece - room, out, arg);
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
static bool begin_raw(struct inflater *i)
{
    if (i->coding != INFLATE_DEFLATE || i->raw || i->any)
        return false;
    i->raw = true;
    deflate_begin(i->deflate, DEFLATE_RAW);
    return true;
}

static enum inflate_result data_deflate(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    const uint8_t *at = p, *made;
    size_t left = n;
    for (;;) {
        enum deflate_result r = deflate_data(i->deflate, &at, &left);
        size_t waits = deflate_waiting(i->deflate, &made);
        deflate_taken(i->deflate, waits);
        if (r == DEFLATE_BAD && waits == 0 && i->in == n && begin_raw(i)) {
            at = p;
            left = n;
            continue;
        }
        enum inflate_result given = give(i, made, waits, out, arg);
        if (given != INFLATE_OK)
            return given;
        if (r == DEFLATE_BAD)
            return bad(i);
        i->over = r == DEFLATE_END;
        if (r != DEFLATE_FULL)
            return INFLATE_OK;
    }
}

enum inflate_result inflater_data(struct inflater *i, const uint8_t *p, size_t n, inflate_fn out, void *arg)
{
    if (i->over || n == 0)
        return INFLATE_OK;
    i->in += n;
    return i->coding == INFLATE_BROTLI ? data_brotli(i, p, n, out, arg) : data_deflate(i, p, n, out, arg);
}

void inflater_end(struct inflater *i, inflate_fn out, void *arg)
{
    if (i->over || !i->deflate)
        return;
    const uint8_t *made;
    deflate_finish(i->deflate);
    size_t waits = deflate_waiting(i->deflate, &made);
    deflate_taken(i->deflate, waits);
    give(i, made, waits, out, arg);
    i->over = true;
}
