#include "proto/http1/http1_coding.h"

#include <stdlib.h>
#include <strings.h>

#include "proto/deflate.h"
#include "proto/http1/http1_config.h"
#include "proto/inflate.h"

/* A decoder that fails before anything came out begins anew so often, each time as something else. */
#define TRIES_MAX 3u
/* A bomb's bytes, for each that came in. */
#define BOMB_RATIO 2048u

enum coding { CODING_NONE, CODING_GZIP, CODING_DEFLATE, CODING_LZMA, CODING_BROTLI };

struct layer {
    enum coding coding;
    unsigned tries;
    bool begun;
    bool passes; /* it is not what it says: the bytes are given on */
    struct deflate *deflate;
    htp_decompressor_t *lzma;
    struct inflater *brotli;
};

struct http1_coding {
    struct http1_state *s;
    struct http1_tx *tx;
    enum flow_dir role;
    bool over;
    uint64_t made;     /* bytes of the body */
    unsigned count;    /* of layers */
    unsigned has_lzma; /* the layer whose bytes libhtp gives back, and 1 */
    struct layer layers[HTTP1_CODINGS_MAX];
};

static struct http1_span value_of(const struct http1_tx *tx, enum flow_dir role)
{
    const htp_table_t *headers = role == TO_CLIENT ? tx->htp->response_headers : tx->htp->request_headers;
    const htp_header_t *h = headers ? htp_table_get_c(headers, "content-encoding") : NULL;
    return h && h->value ? (struct http1_span){bstr_ptr(h->value), bstr_len(h->value)} : (struct http1_span){NULL, 0};
}

/* NUL bytes in it don't count, as some clients skip them. */
static bool is(struct http1_span v, const char *name)
{
    size_t at = 0, len = strlen(name);
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == 0)
            continue;
        if (at == len || (v.p[i] | 0x20) != name[at])
            return false;
        at++;
    }
    return at == len;
}

static bool holds(struct http1_span v, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i + len <= v.n; i++)
        if (strncasecmp((const char *)v.p + i, name, len) == 0)
            return true;
    return false;
}

static bool exact(struct http1_span v, const char *name)
{
    return v.n == strlen(name) && memcmp(v.p, name, v.n) == 0;
}

/* A value that is one known name. */
static bool single(struct http1_span v, enum flow_dir role, enum coding *out)
{
    static const struct {
        const char *name;
        enum coding coding;
    } known[] = {{"gzip", CODING_GZIP},         {"x-gzip", CODING_GZIP}, {"deflate", CODING_DEFLATE},
                 {"x-deflate", CODING_DEFLATE}, {"lzma", CODING_LZMA},   {"inflate", CODING_NONE},
                 {"br", CODING_BROTLI}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is(v, known[i].name) && (known[i].coding != CODING_BROTLI || (role == TO_CLIENT && v.n == 2))) {
            *out = known[i].coding;
            return true;
        }
    return false;
}

/* One of several names. */
static enum coding one_of(struct http1_state *s, struct http1_tx *tx, struct http1_span v)
{
    bool gzip = holds(v, "gzip"), deflate = !gzip && holds(v, "deflate");
    if (exact(v, "lzma"))
        return CODING_LZMA;
    bool usual = exact(v, "inflate") || (gzip && (exact(v, "gzip") || exact(v, "x-gzip"))) ||
                 (deflate && (exact(v, "deflate") || exact(v, "x-deflate")));
    if (!usual)
        http1_raise(s, tx, HTTP1_ABNORMAL_CE);
    return gzip ? CODING_GZIP : deflate ? CODING_DEFLATE : CODING_NONE;
}

/* A list, each undone in its turn. Returns how many. */
static unsigned several(struct http1_state *s, struct http1_tx *tx, struct http1_span v, enum coding *out)
{
    unsigned seen = 0, count = 0, lzma = 0, most = s->profile->codings_most;
    for (size_t i = 0; i < v.n;) {
        size_t end = i;
        while (end < v.n && v.p[end] != ',' && v.p[end] != ' ')
            end++;
        struct http1_span name = {v.p + i, end - i};
        i = end + 1;
        if (!name.n)
            continue;
        if ((most && ++seen > most) || count == HTTP1_CODINGS_MAX) {
            http1_raise(s, tx, HTTP1_TOO_MANY_ENCODING_LAYERS);
            break;
        }
        enum coding c = one_of(s, tx, name);
        if (c == CODING_LZMA && ++lzma > s->profile->lzma_most) {
            http1_raise(s, tx, HTTP1_COMPRESSION_BOMB);
            break;
        }
        if (c != CODING_NONE)
            out[count++] = c;
    }
    return count;
}

void http1_coding_begin(struct http1_state *s, struct http1_tx *tx, enum flow_dir role)
{
    enum coding codings[HTTP1_CODINGS_MAX] = {CODING_NONE};
    struct http1_span v = value_of(tx, role);
    http1_coding_destroy(&tx->coding[role]);
    if (!v.p || !s->profile->inflate)
        return;
    unsigned count = 0;
    if (single(v, role, &codings[0]))
        count = codings[0] != CODING_NONE;
    else if (role == TO_CLIENT)
        count = several(s, tx, v, codings);
    struct http1_coding *c = count ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return;
    *c = (struct http1_coding){.s = s, .tx = tx, .role = role, .count = count};
    for (unsigned i = 0; i < count; i++)
        c->layers[i].coding = codings[i];
    tx->coding[role] = c;
}

static void drop(struct layer *l)
{
    deflate_destroy(&l->deflate);
    inflater_destroy(&l->brotli);
    if (l->lzma)
        htp_gzip_decompressor_destroy(l->lzma);
    l->lzma = NULL;
}

void http1_coding_destroy(struct http1_coding **coding)
{
    struct http1_coding *c = *coding;
    *coding = NULL;
    for (unsigned i = 0; c && i < c->count; i++)
        drop(&c->layers[i]);
    free(c);
}

/* DEFLATE alone makes at most 1,032 bytes of one, which is no bomb: then nothing is lost by ending early. */
static bool may_end(const struct http1_coding *c)
{
    return c->count == 1 && (c->layers[0].coding == CODING_GZIP || c->layers[0].coding == CODING_DEFLATE);
}

/* Bytes of the body. */
static void come_out(struct http1_coding *c, const uint8_t *p, size_t n)
{
    if (!n || c->over)
        return;
    c->made += n;
    bool wanted = http1_body_decoded(c->s, c->tx, c->role, p, n);
    int64_t in = c->role == TO_CLIENT ? c->tx->htp->response_message_len : c->tx->htp->request_message_len;
    if (c->made > c->s->profile->bomb_limit && c->made / BOMB_RATIO > (uint64_t)in) {
        http1_raise(c->s, c->tx, HTTP1_COMPRESSION_BOMB);
        c->over = true;
    }
    if (!wanted && may_end(c))
        c->over = true;
}

static void layer_data(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n);

/* What layer i made. There are HTTP1_CODINGS_MAX of them at most, so this goes no deeper. */
static void give(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    if (i + 1 < c->count)
        layer_data(c, i + 1, p, n);
    else
        come_out(c, p, n);
}

/* What waits beyond `keep` bytes, in pieces as they come from libhtp. */
static void give_waiting(struct http1_coding *c, unsigned i, size_t keep)
{
    struct deflate *d = c->layers[i].deflate;
    const uint8_t *p;
    size_t n;
    while (!c->over && (n = deflate_waiting(d, &p)) > keep) {
        if (n > DEFLATE_PIECE)
            n = DEFLATE_PIECE;
        deflate_taken(d, n);
        give(c, i, p, n);
    }
}

static enum deflate_result decode(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    enum deflate_result r;
    give_waiting(c, i, DEFLATE_PIECE - 1); /* a whole piece waits for no more than the next bytes */
    do {
        r = deflate_data(c->layers[i].deflate, &p, &n);
        give_waiting(c, i, DEFLATE_PIECE);
    } while (r == DEFLATE_FULL && !c->over);
    return r;
}

/* Where a gzip header may end that was not taken as one. */
static size_t behind_header(const uint8_t *p, size_t n)
{
    if (n < 4 || p[0] != 0x1f || p[1] != 0x8b || p[3] == 0)
        return 0;
    size_t at = p[3] & 0x02 ? 12 : 10;
    if (p[3] & 0x18) { /* a name or a comment, which end in a NUL */
        for (at = 10; at < n && p[at]; at++)
            ;
        at++;
    }
    return at > n ? 0 : at;
}

/* The next thing that it may be: what it was, without a header; then the other, and once more the first. */
static bool begin_again(struct layer *l)
{
    if (l->tries == TRIES_MAX)
        return false;
    if (l->tries > 0)
        l->coding = l->coding == CODING_GZIP ? CODING_DEFLATE : CODING_GZIP;
    l->tries++;
    deflate_begin(l->deflate, l->coding == CODING_GZIP ? DEFLATE_EITHER : DEFLATE_RAW);
    return true;
}

static void deflate_layer(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    struct layer *l = &c->layers[i];
    const uint8_t *made;
    for (size_t skip = 0;; skip = behind_header(p, n)) {
        enum deflate_result r = decode(c, i, p + skip, n - skip);
        if (c->over || r == DEFLATE_MORE)
            return;
        bool any = deflate_waiting(l->deflate, &made) > 0;
        give_waiting(c, i, 0);
        if (r == DEFLATE_END)
            return;
        http1_raise(c->s, c->tx, HTTP1_GZIP_DECOMPRESSION_FAILED);
        if (any)
            return;
        if (!begin_again(l))
            break;
    }
    l->passes = true;
    come_out(c, p, n);
}

static void lzma_layer(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    htp_tx_data_t d = {.tx = c->tx->htp, .data = p, .len = n};
    c->has_lzma = i + 1;
    htp_gzip_decompressor_decompress(c->layers[i].lzma, &d);
    c->has_lzma = 0;
}

/* What libhtp made. */
static htp_status_t lzma_made(htp_tx_data_t *d)
{
    struct http1_tx *tx = htp_tx_get_user_data(d->tx);
    for (int role = 0; tx && d->data && role < 2; role++) {
        struct http1_coding *c = tx->coding[role];
        if (c && c->has_lzma)
            give(c, c->has_lzma - 1, d->data, d->len);
        if (c && c->over)
            return HTP_ERROR;
    }
    return HTP_OK;
}

struct to_layer {
    struct http1_coding *c;
    unsigned i;
};

static void brotli_made(void *arg, const uint8_t *p, size_t n)
{
    struct to_layer *to = arg;
    give(to->c, to->i, p, n);
}

static void brotli_layer(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    struct to_layer to = {c, i};
    switch (inflater_data(c->layers[i].brotli, p, n, brotli_made, &to)) {
    case INFLATE_OK:
        return;
    case INFLATE_BAD:
        http1_raise(c->s, c->tx, HTTP1_GZIP_DECOMPRESSION_FAILED);
        return;
    case INFLATE_IS_BOMB:
        http1_raise(c->s, c->tx, HTTP1_COMPRESSION_BOMB);
        return;
    }
}

/* The first bytes: what undoes them. Without memory, and if too many are open, they pass. */
static void begin_layer(struct http1_coding *c, struct layer *l)
{
    l->begun = true;
    switch (l->coding) {
    case CODING_GZIP:
        l->deflate = deflate_create(DEFLATE_EITHER);
        break;
    case CODING_DEFLATE:
        l->deflate = deflate_create(DEFLATE_RAW);
        break;
    case CODING_LZMA:
        l->lzma = htp_gzip_decompressor_create(c->tx->htp->connp, HTP_COMPRESSION_LZMA);
        if (l->lzma)
            l->lzma->callback = lzma_made;
        break;
    case CODING_BROTLI:
        l->brotli = inflater_create(INFLATE_BROTLI);
        break;
    case CODING_NONE:
        break;
    }
    l->passes = !l->deflate && !l->lzma && !l->brotli;
    if (l->passes)
        http1_raise(c->s, c->tx, HTTP1_GZIP_DECOMPRESSION_FAILED);
}

static void layer_data(struct http1_coding *c, unsigned i, const uint8_t *p, size_t n)
{
    struct layer *l = &c->layers[i];
    if (!l->begun)
        begin_layer(c, l);
    if (l->passes)
        come_out(c, p, n);
    else if (l->deflate)
        deflate_layer(c, i, p, n);
    else if (l->lzma)
        lzma_layer(c, i, p, n);
    else
        brotli_layer(c, i, p, n);
}

void http1_coding_data(struct http1_coding *c, const uint8_t *p, size_t n)
{
    if (c->over || !n)
        return;
    layer_data(c, 0, p, n);
    for (unsigned i = 0; c->over && i < c->count; i++)
        drop(&c->layers[i]);
}

void http1_coding_end(struct http1_coding *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        struct layer *l = &c->layers[i];
        if (!c->over && l->deflate) {
            deflate_finish(l->deflate);
            give_waiting(c, i, 0);
        }
        if (!c->over && l->lzma)
            lzma_layer(c, i, NULL, 0);
        drop(l);
    }
    c->over = true;
}
