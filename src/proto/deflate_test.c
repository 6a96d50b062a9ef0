/* The decoder, by either library, against zlib as it is: what was compressed in every way comes out. Of what is broken
 * zlib's makes the same, byte for byte, however it is cut; ISA-L's what deflate.h allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "config.h"
#include "proto/deflate_private.h"
#include "proto/inflate.h"

#define PLAIN_MAX  200000u
#define PACKED_MAX 300000u
#define MUTANTS    3000u
#define MADE_MAX   2400000u

static const struct {
    enum deflate_wrap wrap;
    int bits; /* zlib's name for it */
} wraps[] = {{DEFLATE_RAW, -15}, {DEFLATE_ZLIB, 15}, {DEFLATE_GZIP, 15 + 16}, {DEFLATE_EITHER, 15 + 32}};

static uint32_t seed = 1;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

/* Text that repeats itself near and far, noise, and runs. */
static size_t make_plain(uint8_t *p, size_t n, unsigned kind)
{
    for (size_t i = 0; i < n;) {
        size_t run = 1 + dice(kind == 2 ? 2000 : 20), back = 1 + dice(i > 32767 ? 32768 : (uint32_t)i + 1);
        if (run > n - i)
            run = n - i;
        bool again = kind != 0 && i > 0 && dice(3) > 0 && back <= i;
        for (size_t k = 0; k < run; k++, i++)
            p[i] = again ? p[i - back] : (uint8_t)(kind == 1 ? 'a' + dice(20) : dice(256));
    }
    return n;
}

/* A stream of these bytes; `how` chooses level, strategy, flushes and a gzip header's fields. */
static size_t pack(const uint8_t *plain, size_t n, int bits, unsigned how, uint8_t *out)
{
    z_stream z = {0};
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    assert_int_equal(deflateInit2(&z, (int)(how % 10), Z_DEFLATED, bits > 40 ? 31 : bits, 1 + (int)(how % 9),
                                  strategies[how / 10 % 5]),
                     Z_OK);
    gz_header h = {.text = 1, .name = (Bytef *)"name", .comment = (Bytef *)"comment", .hcrc = 1};
    uint8_t extra[] = {1, 2, 3};
    h.extra = how & 64 ? extra : NULL;
    h.extra_len = sizeof extra;
    if (bits > 15 && (how & 32))
        assert_int_equal(deflateSetHeader(&z, &h), Z_OK);
    z.next_out = out;
    z.avail_out = PACKED_MAX;
    for (size_t at = 0; at < n || n == 0;) {
        size_t part = how & 128 && n - at > 5000 ? 5000 : n - at;
        z.next_in = (Bytef *)(uintptr_t)(plain + at);
        z.avail_in = (unsigned)part;
        at += part;
        int rc = deflate(&z, at < n ? (how & 256 ? Z_FULL_FLUSH : Z_SYNC_FLUSH) : Z_FINISH);
        assert_true(rc == Z_OK || rc == Z_STREAM_END);
        if (n == 0)
            break;
    }
    size_t made = z.total_out;
    deflateEnd(&z);
    return made;
}

static uint8_t theirs[MADE_MAX], ours[MADE_MAX];

#ifdef HAVE_ISAL
static const bool libraries[] = {false, true};
#else
static const bool libraries[] = {false};
#endif
#define LIBRARIES (sizeof libraries / sizeof libraries[0])

struct sides {
    z_stream z;
    struct deflate *d;
    bool isal;
    int rc; /* zlib's last */
    enum deflate_result result;
    size_t n_ours, compared;
    bool over; /* zlib is */
};

static void open_sides(struct sides *s, unsigned w, bool isal)
{
    *s = (struct sides){.isal = isal, .rc = Z_OK, .result = DEFLATE_MORE};
    s->d = deflate_create_by(wraps[w].wrap, isal);
    assert_non_null(s->d);
    assert_int_equal(inflateInit2(&s->z, wraps[w].bits), Z_OK);
    s->z.next_out = theirs;
    s->z.avail_out = MADE_MAX;
}

static void close_sides(struct sides *s)
{
    inflateEnd(&s->z);
    deflate_destroy(&s->d);
}

static void take(struct sides *s)
{
    const uint8_t *made;
    size_t waits = deflate_waiting(s->d, &made);
    assert_true(waits <= DEFLATE_PIECE + DEFLATE_OVER);
    assert_true(s->n_ours + waits <= MADE_MAX);
    memcpy(ours + s->n_ours, made, waits);
    s->n_ours += waits;
    deflate_taken(s->d, waits);
}

static void same_by_isal(struct sides *s, enum deflate_result said)
{
    size_t n_theirs = s->z.total_out;
    size_t both = s->n_ours < n_theirs ? s->n_ours : n_theirs;
    assert_memory_equal(ours + s->compared, theirs + s->compared, both - s->compared);
    s->compared = both;
    bool sooner = s->result == DEFLATE_BAD && said == DEFLATE_MORE;
    if (n_theirs > 0 && (said == DEFLATE_BAD || sooner)) {
        assert_true(s->n_ours >= n_theirs && (!sooner || s->n_ours == n_theirs));
        return;
    }
    assert_int_equal(s->result, said);
    assert_true(s->n_ours <= n_theirs && s->n_ours + (said == DEFLATE_MORE ? 2 : 0) >= n_theirs);
}

/* The same bytes to both, in a block of just their size; what both say and have made by then is the same. */
static void feed(struct sides *s, const uint8_t *p, size_t n)
{
    size_t before = s->n_ours;
    uint8_t *exact = malloc(n ? n : 1);
    memcpy(exact, p, n);
    s->z.next_in = exact;
    s->z.avail_in = (unsigned)n;
    if (s->rc == Z_OK || s->rc == Z_BUF_ERROR)
        s->rc = inflate(&s->z, Z_SYNC_FLUSH);
    const uint8_t *at = exact;
    do {
        s->result = deflate_data(s->d, &at, &n);
        take(s);
    } while (s->result == DEFLATE_FULL);
    free(exact);
    enum deflate_result said = s->rc == Z_OK || s->rc == Z_BUF_ERROR ? DEFLATE_MORE
                               : s->rc == Z_STREAM_END               ? DEFLATE_END
                                                                     : DEFLATE_BAD;
    if (s->isal) {
        same_by_isal(s, said);
        s->over = said != DEFLATE_MORE;
        return;
    }
    s->over = said != DEFLATE_MORE;
    assert_int_equal(s->result, said);
    assert_int_equal(s->n_ours, s->z.total_out);
    assert_memory_equal(ours + before, theirs + before, s->n_ours - before);
}

/* In pieces of up to so many bytes; 0: at once. */
static enum deflate_result compare_by(bool isal, const uint8_t *p, size_t n, unsigned w, uint32_t piece, size_t *made)
{
    struct sides s;
    open_sides(&s, w, isal);
    for (size_t at = 0; at < n || n == 0;) {
        size_t part = piece ? 1 + dice(piece) : n;
        if (part > n - at)
            part = n - at;
        feed(&s, p + at, part);
        at += part;
        if (n == 0 || s.over)
            break;
    }
    enum deflate_result result = s.result;
    if (!s.over && s.result == DEFLATE_MORE) {
        deflate_finish(s.d);
        take(&s);
        assert_true(s.n_ours >= s.z.total_out && s.n_ours <= s.z.total_out + 2);
        assert_memory_equal(ours, theirs, s.z.total_out);
    }
    *made = s.n_ours;
    close_sides(&s);
    return result;
}

static enum deflate_result compare(const uint8_t *p, size_t n, unsigned w, uint32_t piece, size_t *made)
{
    enum deflate_result result = DEFLATE_MORE;
    for (unsigned i = 0; i < LIBRARIES; i++)
        result = compare_by(libraries[i], p, n, w, piece, made);
    return result;
}

static uint8_t plain[PLAIN_MAX], packed[PACKED_MAX];

static void whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 300, 8191, 8192, 8193, 32768, 40000, 70000, PLAIN_MAX};
    static const uint32_t pieces[] = {0, 1, 7, 1400, 20000};
    for (unsigned i = 0; i < 200; i++) {
        size_t n = make_plain(plain, sizes[i % 11], i % 3), made;
        unsigned w = i % 4;
        size_t z = pack(plain, n, w == 3 ? (i & 4 ? 31 : 15) : wraps[w].bits, i * 37, packed);
        assert_int_equal(compare(packed, z, w, pieces[i / 3 % 5], &made), DEFLATE_END);
        assert_int_equal(made, n);
    }
}

/* Something changed in a stream that was whole: bytes, order, length; headers more often than the rest. */
static size_t mutate(uint8_t *p, size_t n)
{
    for (uint32_t times = 1 + dice(3); times && n > 1; times--) {
        size_t at = dice(2) ? dice((uint32_t)(n < 40 ? n : 40)) : dice((uint32_t)n);
        switch (dice(5)) {
        case 0:
            p[at] = (uint8_t)dice(256);
            break;
        case 1:
            p[at] ^= (uint8_t)(1 << dice(8));
            break;
        case 2:
            n = 1 + dice((uint32_t)n);
            break;
        case 3:
            memmove(p + at, p + at + 1, n - at - 1);
            n--;
            break;
        default:
            memset(p + at, (int)dice(256), 1 + dice((uint32_t)(n - at < 16 ? n - at : 16)));
        }
    }
    return n;
}

static void broken(void **state)
{
    (void)state;
    static const uint32_t pieces[] = {0, 1, 30, 1400};
    unsigned ended = 0, bad = 0;
    for (unsigned i = 0; i < MUTANTS; i++) {
        size_t n = make_plain(plain, dice(2) ? dice(600) : dice(20000), i % 3), made;
        unsigned w = dice(4);
        size_t z = pack(plain, n, w == 3 ? (dice(2) ? 31 : 15) : wraps[w].bits, dice(1000), packed);
        z = mutate(packed, z);
        enum deflate_result r = compare(packed, z, w, pieces[dice(4)], &made);
        ended += r == DEFLATE_END;
        bad += r == DEFLATE_BAD;
    }
    assert_true(ended > MUTANTS / 100 && bad > MUTANTS / 10);
}

/* Code lengths as nobody makes them: blocks of noise behind a beginning that says dynamic, and noise alone. */
static void noise(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MUTANTS; i++) {
        size_t n = 2 + dice(300), made;
        for (size_t k = 0; k < n; k++)
            packed[k] = (uint8_t)(dice(3) ? dice(256) : 0);
        packed[0] = (uint8_t)((packed[0] & 0xf8) | (dice(4) ? 5 : dice(8)));
        compare(packed, n, 0, dice(2) ? 0 : 1 + dice(20), &made);
    }
}

/* RFC 1951 3.2.7: a code of one symbol may be one bit long; its other bit is no code. */
static void single_codes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MUTANTS; i++) {
        uint64_t bits = 5, n = 3; /* last, dynamic */
        unsigned nlit = 0, ndist = dice(3), at = 0;
        bits |= (uint64_t)nlit << n | (uint64_t)ndist << (n + 5) | (uint64_t)14 << (n + 10);
        n += 14;
        memset(packed, 0, 64);
        /* 18 and 1 have a bit each; 0, and 17, sometimes two. */
        static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1};
        for (size_t k = 0; k < sizeof order; k++) {
            unsigned len = order[k] == 18 || order[k] == 1 ? 1 + dice(2) : order[k] == 0 ? dice(3) : 0;
            for (unsigned b = 0; b < 3; b++, at++)
                packed[(n + at) / 8] |= (uint8_t)((len >> b & 1) << (n + at) % 8);
        }
        for (unsigned b = 0; b < n; b++)
            packed[b / 8] |= (uint8_t)((bits >> b & 1) << b % 8);
        size_t made;
        for (size_t k = (n + at) / 8 + 1; k < 40; k++)
            packed[k] = (uint8_t)dice(256);
        compare(packed, 40, 0, dice(3), &made);
    }
}

static void again(void **state)
{
    (void)state;
    size_t n = make_plain(plain, 50000, 1), z = pack(plain, n, 31, 6, packed), left = z;
    struct deflate *d = deflate_create(DEFLATE_RAW);
    const uint8_t *p = packed, *made;
    assert_int_equal(deflate_data(d, &p, &left), DEFLATE_BAD);
    deflate_begin(d, DEFLATE_EITHER);
    assert_int_equal(deflate_waiting(d, &made), 0);
    p = packed;
    left = z;
    size_t total = 0;
    enum deflate_result r;
    do {
        r = deflate_data(d, &p, &left);
        size_t waits = deflate_waiting(d, &made);
        assert_memory_equal(made, plain + total, waits);
        total += waits;
        deflate_taken(d, waits);
    } while (r == DEFLATE_FULL);
    assert_int_equal(r, DEFLATE_END);
    assert_int_equal(total, n);
    deflate_destroy(&d);
    assert_null(d);
}

/* ISA-L's are not for all; zlib's are for more, but not without end; one that is done makes room. */
static void limits(void **state)
{
    (void)state;
    static struct deflate *open[DEFLATE_MOST];
    unsigned by_isal = 0;
    for (unsigned i = 0; i < DEFLATE_MOST; i++) {
        open[i] = deflate_create(DEFLATE_GZIP);
        assert_non_null(open[i]);
        by_isal += open[i]->isal != NULL;
    }
    assert_int_equal(by_isal, LIBRARIES == 2 ? DEFLATE_ISAL_MOST : 0);
    assert_null(deflate_create(DEFLATE_GZIP));
    deflate_destroy(&open[0]);
    open[0] = deflate_create(DEFLATE_GZIP);
    assert_non_null(open[0]);
    assert_int_equal(open[0]->isal != NULL, LIBRARIES == 2);
    for (unsigned i = 0; i < DEFLATE_MOST; i++)
        deflate_destroy(&open[i]);
}

struct got {
    uint8_t bytes[1000];
    size_t n;
};

static void on_made(void *arg, const uint8_t *p, size_t n)
{
    struct got *g = arg;
    assert_true(g->n + n <= sizeof g->bytes);
    memcpy(g->bytes + g->n, p, n);
    g->n += n;
}

/* Where a body stops, all that its bits say comes out at its end. */
static void cut_everywhere(unsigned kind, unsigned how)
{
    size_t n = make_plain(plain, 900, kind), z = pack(plain, n, 31, how, packed);
    for (size_t cut = 0; cut < z; cut++) {
        struct got g = {.n = 0};
        struct inflater *i = inflater_create(INFLATE_GZIP);
        z_stream t = {.next_in = packed, .avail_in = (unsigned)cut, .next_out = theirs, .avail_out = MADE_MAX};
        assert_non_null(i);
        assert_int_equal(inflateInit2(&t, 31), Z_OK);
        inflate(&t, Z_SYNC_FLUSH);
        assert_int_equal(inflater_data(i, packed, cut, on_made, &g), INFLATE_OK);
        inflater_end(i, on_made, &g);
        assert_true(g.n >= t.total_out && g.n <= t.total_out + 2);
        assert_memory_equal(g.bytes, theirs, t.total_out);
        inflateEnd(&t);
        inflater_destroy(&i);
    }
}

static void cut_off(void **state)
{
    (void)state;
    for (unsigned how = 1; how < 50; how += 3)
        for (unsigned kind = 0; kind < 3; kind++)
            cut_everywhere(kind, how);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole), cmocka_unit_test(broken), cmocka_unit_test(noise),   cmocka_unit_test(single_codes),
        cmocka_unit_test(again), cmocka_unit_test(limits), cmocka_unit_test(cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
