/* Capsules in every piece size, odd ones, gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/capsule.h"

/* Read p in pieces; what comes out is "[payload][payload]". */
static void read_all(struct capsule_reader *c, const void *p, size_t n, size_t piece, struct buf *out)
{
    for (size_t at = 0; at < n;) {
        size_t k = piece && piece < n - at ? piece : n - at;
        uint8_t *copy = malloc(k);
        assert_non_null(copy);
        memcpy(copy, (const uint8_t *)p + at, k);
        struct reader in = reader_of(copy, k);
        struct reader udp;
        while (capsule_next(c, &in, &udp))
            buf_printf(out, "[%.*s]", (int)reader_left(&udp), (const char *)udp.p);
        assert_int_equal(reader_left(&in), 0);
        free(copy);
        at += k;
    }
}

static void expect(const void *p, size_t n, const char *text, uint64_t other, uint64_t bad)
{
    for (size_t piece = 0; piece < 9; piece++) {
        struct capsule_reader c;
        struct buf out;
        capsule_init(&c);
        buf_init(&out, 0);
        read_all(&c, p, n, piece, &out);
        buf_add_byte(&out, 0);
        assert_string_equal((const char *)out.data, text);
        assert_int_equal(c.other, other);
        assert_int_equal(c.bad, bad);
        buf_fini(&out);
        capsule_fini(&c);
    }
}

#define EXPECT(bytes, text, other, bad) expect(bytes, sizeof(bytes) - 1, text, other, bad)

static void datagrams(void **state)
{
    (void)state;
    EXPECT("\x00\x04\x00"
           "abc\x00\x02\x00"
           "d\x00\x01\x00",
           "[abc][d][]", 0, 0);
    /* longer forms of the same integers (RFC 9000 16) */
    EXPECT("\x40\x00\x80\x00\x00\x04\x00"
           "abc"
           "\xc0\x00\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x05\x40\x00"
           "xyz",
           "[abc][xyz]", 0, 0);
}

static void others_are_stepped_over(void **state)
{
    (void)state;
    EXPECT("\x29\x03"
           "xxx\x00\x03\x02"
           "no\x40\xff\x00\x00\x03\x00ok",
           "[ok]", 3, 0);
}

static void malformed(void **state)
{
    (void)state;
    EXPECT("\x00\x00"
           "\x00\x01\x40"
           "\x00\x02\x00"
           "k",
           "[k]", 0, 2);
}

static void longest(void **state)
{
    (void)state;
    const size_t lens[] = {CAPSULE_UDP_MAX, CAPSULE_UDP_MAX + 1, CAPSULE_UDP_MAX + 100};
    for (size_t i = 0; i < 3; i++) {
        size_t n = lens[i];
        uint8_t *p = calloc(1, n + 10);
        assert_non_null(p);
        p[1] = 0x80;
        p[2] = (uint8_t)((n + 1) >> 16);
        p[3] = (uint8_t)((n + 1) >> 8);
        p[4] = (uint8_t)(n + 1);
        memset(p + 6, 'a', n);
        memcpy(p + 6 + n,
               "\x00\x02\x00"
               "b",
               4);
        struct capsule_reader c;
        capsule_init(&c);
        size_t found = 0, last = 0;
        for (size_t at = 0; at < n + 10; at += 1000) {
            struct reader in = reader_of(p + at, n + 10 - at < 1000 ? n + 10 - at : 1000);
            struct reader udp;
            while (capsule_next(&c, &in, &udp)) {
                found++;
                last = reader_left(&udp);
                if (found == 1 && i == 0)
                    assert_int_equal(last, CAPSULE_UDP_MAX);
            }
        }
        assert_int_equal(found, i == 0 ? 2 : 1);
        assert_int_equal(last, 1);
        assert_int_equal(c.bad, i != 0);
        capsule_fini(&c);
        free(p);
    }
}

static void gaps(void **state)
{
    (void)state;
    static const char first[] = "\x00\x02\x00"
                                "a\x00\x06\x00"
                                "bc";
    struct capsule_reader c;
    struct buf out;
    capsule_init(&c);
    buf_init(&out, 0);
    read_all(&c, first, sizeof first - 1, 2, &out);
    assert_false(capsule_gap(&c, 4));
    assert_true(capsule_gap(&c, 2));
    read_all(&c, "d\x00\x02\x00z", 5, 0, &out);
    assert_false(capsule_gap(&c, 1)); /* between two */
    buf_add_byte(&out, 0);
    assert_string_equal((const char *)out.data, "[a][z]");
    assert_int_equal(c.bad, 1);
    buf_fini(&out);
    capsule_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams), cmocka_unit_test(others_are_stepped_over),
        cmocka_unit_test(malformed), cmocka_unit_test(longest),
        cmocka_unit_test(gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
