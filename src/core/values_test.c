/* Readers, buffers, addresses and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/addr.h"
#include "core/buf.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/text.h"

static void reader_reads_in_order(void **state)
{
    (void)state;
    static const uint8_t wire[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
    struct reader r = reader_of(wire, sizeof wire);
    assert_int_equal(reader_u8(&r), 1);
    assert_int_equal(reader_be16(&r), 0x0203);
    assert_int_equal(reader_be24(&r), 0x040506);
    assert_int_equal(reader_be32(&r), 0x0708090a);
    assert_true(reader_be64(&r) == 0x0b0c0d0e0f101112u);
    assert_int_equal(reader_left(&r), 0);
    assert_false(r.bad);
}

static void reader_past_the_end_sticks(void **state)
{
    (void)state;
    uint8_t *wire = malloc(3);
    assert_non_null(wire);
    memcpy(wire, "\x01\x02\x03", 3);
    struct reader r = reader_of(wire, 3);
    assert_int_equal(reader_be32(&r), 0);
    assert_true(r.bad);
    /* Three bytes are there, but what follows a failed read is not trusted. */
    assert_int_equal(reader_u8(&r), 0);
    assert_null(reader_take(&r, 0));
    assert_false(reader_skip(&r, 1));
    free(wire);
}

static void reader_of_nothing(void **state)
{
    (void)state;
    struct reader r = reader_of(NULL, 0);
    assert_int_equal(reader_left(&r), 0);
    assert_int_equal(reader_be16(&r), 0);
    assert_true(r.bad);
}

static void reader_sub_is_bounded(void **state)
{
    (void)state;
    static const uint8_t wire[] = {1, 2, 3, 4};
    struct reader r = reader_of(wire, sizeof wire);
    struct reader s = reader_sub(&r, 2);
    assert_int_equal(reader_be16(&s), 0x0102);
    assert_int_equal(reader_u8(&s), 0);
    assert_true(s.bad);
    assert_false(r.bad);
    struct reader t = reader_sub(&r, 3);
    assert_true(t.bad);
    assert_true(r.bad);
    assert_int_equal(reader_left(&t), 0);
}

static void buf_keeps_its_cap(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    char text[100];
    memset(text, 'x', sizeof text);
    assert_true(buf_add(&b, text, 99));
    assert_false(buf_add(&b, text, 2));
    assert_int_equal(b.len, 99);
    assert_true(buf_add_byte(&b, 'y'));
    assert_false(buf_add_byte(&b, 'z'));
    assert_int_equal(b.len, 100);
    assert_true(b.room <= 100);
    assert_int_equal(b.data[99], 'y');
    assert_false(buf_grow(&b, SIZE_MAX - 50));
    buf_drop(&b, 99);
    assert_int_equal(b.len, 1);
    assert_int_equal(b.data[0], 'y');
    buf_drop(&b, 1);
    assert_int_equal(b.len, 0);
    assert_true(buf_add(&b, NULL, 0));
    buf_fini(&b);
    assert_null(b.data);
}

static void buf_prints_and_grows(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(buf_printf(&b, "%04d,", i));
    assert_int_equal(b.len, 5000);
    assert_memory_equal(b.data + 4995, "0999,", 5);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    buf_fini(&b);
}

static bool parse(const char *text, struct addr *out)
{
    return addr_parse(text, strlen(text), out);
}

static void check_print(const char *text, const char *shortest, const char *full)
{
    struct addr a;
    char out[ADDR_TEXT_MAX];
    assert_true(parse(text, &a));
    assert_int_equal(addr_print(&a, false, out), strlen(shortest));
    assert_string_equal(out, shortest);
    assert_int_equal(addr_print(&a, true, out), strlen(full));
    assert_string_equal(out, full);
}

static void addresses_print(void **state)
{
    (void)state;
    check_print("0.0.0.0", "0.0.0.0", "0.0.0.0");
    check_print("255.10.9.100", "255.10.9.100", "255.10.9.100");
    check_print("::", "::", "0000:0000:0000:0000:0000:0000:0000:0000");
    check_print("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:0db8:0000:0000:0001:0000:0000:0001");
    struct addr none = {.family = ADDR_NONE};
    char out[ADDR_TEXT_MAX] = "x";
    assert_int_equal(addr_print(&none, true, out), 0);
    assert_string_equal(out, "");
}

static void addresses_refuse_other_text(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "1.2.3",     "1.2.3.4.5", "256.1.1.1",
        "1.2.3.4 ", "[::1]",     "fe80::1%0", "example.com",
        "::1::",    "1.2.3.4/8", ":",         "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"};
    struct addr a;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(parse(bad[i], &a));
    assert_false(addr_parse("1.2.3.4\0x", 9, &a));
    assert_true(addr_parse("1.2.3.45", 7, &a)); /* the length counts, not a terminator */
    assert_int_equal(a.b[3], 4);
}

static void addresses_compare(void **state)
{
    (void)state;
    struct addr a, b, c;
    assert_true(parse("10.0.0.1", &a));
    assert_true(parse("10.0.0.2", &b));
    assert_true(parse("a00:1::", &c)); /* the same first four bytes as 10.0.0.1 */
    assert_memory_equal(a.b, c.b, 4);
    assert_true(addr_compare(&a, &b) < 0);
    assert_true(addr_compare(&b, &a) > 0);
    assert_int_equal(addr_compare(&a, &a), 0);
    assert_true(addr_compare(&a, &c) < 0);
    assert_false(addr_equal(&a, &c));
    assert_true(addr_equal(&a, &a));
}

static void check_prefix(const char *prefix, const char *inside, const char *outside)
{
    struct addr p, a;
    unsigned bits;
    assert_true(addr_parse_prefix(prefix, &p, &bits));
    if (inside) {
        assert_true(parse(inside, &a));
        assert_true(addr_in_prefix(&a, &p, bits));
    }
    if (outside) {
        assert_true(parse(outside, &a));
        assert_false(addr_in_prefix(&a, &p, bits));
    }
}

static void prefixes(void **state)
{
    (void)state;
    check_prefix("10.0.0.0/8", "10.255.1.2", "11.0.0.0");
    check_prefix("192.168.1.128/25", "192.168.1.255", "192.168.1.127");
    check_prefix("0.0.0.0/0", "255.255.255.255", "::");
    check_prefix("1.2.3.4", "1.2.3.4", "1.2.3.5");
    check_prefix("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1");
    check_prefix("::/0", "ffff::", "1.2.3.4");
    check_prefix("::1/128", "::1", "::");
    struct addr p;
    unsigned bits;
    static const char *const bad[] = {"1.2.3.4/33", "::/129", "1.2.3.4/",  "1.2.3.4/x",
                                      "1.2.3.4/8x", "/8",     "1.2.3.4/-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(addr_parse_prefix(bad[i], &p, &bits));
}

static void check_time(uint64_t ns, const char *text)
{
    char out[CLOCK_TEXT_MAX];
    size_t n = clock_print(ns, out);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(out, text, n);
}

static void times_print(void **state)
{
    (void)state;
    check_time(0, "1970-01-01T00:00:00.000000+0000");
    check_time(999, "1970-01-01T00:00:00.000000+0000");
    check_time(1468449727123456789u, "2016-07-13T22:42:07.123456+0000");
    check_time(1468449727999999999u, "2016-07-13T22:42:07.999999+0000"); /* the same second, kept */
    check_time(1468449728000001000u, "2016-07-13T22:42:08.000001+0000");
    check_time(1709164800ull * NS_PER_S, "2024-02-29T00:00:00.000000+0000");
    check_time(UINT64_MAX, "2554-07-21T23:34:33.709551+0000");
}

static void hashes_read_no_further(void **state)
{
    (void)state;
    /* Exactly as long as said, so that a sanitizer sees a read behind the end; and every byte counts. */
    for (size_t n = 1; n < 70; n++) {
        uint8_t *key = malloc(n);
        assert_non_null(key);
        memset(key, 0, n);
        uint64_t zero = hash_bytes(key, n, 1);
        for (size_t i = 0; i < n; i++) {
            key[i] = 1;
            assert_true(hash_bytes(key, n, 1) != zero);
            key[i] = 0;
        }
        assert_true(hash_bytes(key, n, 1) == zero);
        assert_true(hash_bytes(key, n, 2) != zero);
        free(key);
    }
}

static void check_number(uint64_t v)
{
    char expect[32], got[TEXT_U64_MAX];
    int n = snprintf(expect, sizeof expect, "%llu", (unsigned long long)v);
    assert_int_equal(text_u64(got, v) - got, n);
    assert_memory_equal(got, expect, (size_t)n);
}

/* On both sides of every power of two and ten. */
static void numbers_print(void **state)
{
    (void)state;
    check_number(0);
    check_number(UINT64_MAX);
    for (unsigned bit = 0; bit < 64; bit++) {
        check_number(UINT64_C(1) << bit);
        check_number((UINT64_C(1) << bit) - 1);
    }
    uint64_t ten = 10;
    for (unsigned i = 1; i < TEXT_U64_MAX; i++, ten *= 10) {
        check_number(ten);
        check_number(ten - 1);
        check_number(ten + 1);
    }
}

static void texts_copy(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        char *from = malloc(n + 1), *to = malloc(n + 1); /* as long as said: a sanitizer sees more */
        assert_non_null(from);
        assert_non_null(to);
        for (size_t i = 0; i < n; i++)
            from[i] = (char)('a' + i);
        to[n] = '!';
        assert_ptr_equal(text_copy(to, from, n), to + n);
        assert_memory_equal(to, from, n);
        assert_int_equal(to[n], '!');
        free(from);
        free(to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_reads_in_order), cmocka_unit_test(reader_past_the_end_sticks),
        cmocka_unit_test(reader_of_nothing),     cmocka_unit_test(reader_sub_is_bounded),
        cmocka_unit_test(buf_keeps_its_cap),     cmocka_unit_test(buf_prints_and_grows),
        cmocka_unit_test(addresses_print),       cmocka_unit_test(addresses_refuse_other_text),
        cmocka_unit_test(addresses_compare),     cmocka_unit_test(prefixes),
        cmocka_unit_test(times_print),           cmocka_unit_test(hashes_read_no_further),
        cmocka_unit_test(numbers_print),         cmocka_unit_test(texts_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
