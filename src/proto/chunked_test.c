#include "proto/chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/buf.h"

/* Read text in pieces of `piece` bytes; what was told, as text: "(size)" data "." last ";" ieof "$" end "!" bad "#"
 * long. Returns how many bytes were not the body's. */
static size_t tell(const char *text, size_t len, size_t piece, struct buf *out)
{
    struct chunked c = {0};
    buf_init(out, 0);
    for (size_t at = 0; at < len;) {
        size_t n = piece && piece < len - at ? piece : len - at;
        uint8_t *copy = malloc(n);
        assert_non_null(copy);
        memcpy(copy, text + at, n);
        struct reader r = reader_of(copy, n);
        enum chunked_result result;
        while ((result = chunked_next(&c, &r)) != CHUNKED_MORE) {
            if (result == CHUNKED_CHUNK)
                buf_printf(out, "(%u)", (unsigned)c.size);
            else if (result == CHUNKED_DATA)
                buf_add(out, c.data, c.len);
            else if (result == CHUNKED_LAST)
                buf_printf(out, ".%s", c.ieof ? ";" : "");
            else
                break;
        }
        size_t left = reader_left(&r);
        free(copy);
        at += n - left;
        if (result != CHUNKED_MORE) {
            buf_printf(out, "%s%s",
                       result == CHUNKED_END   ? "$"
                       : result == CHUNKED_BAD ? "!"
                                               : "#",
                       c.trailers ? "t" : "");
            buf_add_byte(out, 0);
            return len - at;
        }
    }
    buf_add_byte(out, 0);
    return 0;
}

static void check_bytes(const char *text, size_t len, const char *expected, size_t expected_left)
{
    static const size_t pieces[] = {0, 1, 2, 3, 5};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf out;
        size_t left = tell(text, len, pieces[i], &out);
        assert_string_equal((const char *)out.data, expected);
        if (expected_left != SIZE_MAX)
            assert_int_equal(left, expected_left);
        buf_fini(&out);
    }
}

static void check(const char *text, const char *expected, size_t left)
{
    check_bytes(text, strlen(text), expected, left);
}

static void test_body(void **s)
{
    (void)s;
    check("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET", "(5)hello(6) world.$", 3);
    check("0\r\n\r\n", ".$", 0);
    check("1d\r\nis that a legal article now?\n\r\n0000\r\n\r\n", "(29)is that a legal article now?\n.$", 0);
    check("A;a=b\r\n0123456789\r\n00\r\n\r\n", "(10)0123456789.$", 0);
    check("5\r\nhel", "(5)hel", 0);
}

static void test_ieof(void **s)
{
    (void)s;
    check("3\r\nabc\r\n0; ieof\r\n\r\n", "(3)abc.;$", 0);
    check("0;ieof\r\n\r\n", ".;$", 0);
    check("0 ; IEOF ; x\r\n\r\n", ".;$", 0);
    check("0; a=1;ieof\r\n\r\n", ".;$", 0);
    check("0; ieofx\r\n\r\n", ".$", 0);
    check("0; ieo\r\n\r\n", ".$", 0);
    check("0; xieof\r\n\r\n", ".$", 0);
    check("0; a=ieof\r\n\r\n", ".$", 0);
    check("0; a=\"x;ieof\\\";ieof\"\r\n\r\n", ".$", 0);
    check("0; use-original-body=20\r\n\r\n", ".$", 0);
}

static void test_trailers(void **s)
{
    (void)s;
    check("0\r\nA: b\r\nC: d\r\n\r\nrest", ".$t", 4);
    check("0\n\nrest", ".$", 4);
    check("2\nhi\n0\nA: b\n\n", "(2)hi.$t", 0);
}

static void test_bad(void **s)
{
    (void)s;
    check("\r\n", "!", SIZE_MAX);
    check("x\r\n", "!", SIZE_MAX);
    check("-1\r\n", "!", SIZE_MAX);
    check("5\r\nhelloX", "(5)hello!", SIZE_MAX);
    check("5\rX", "!", SIZE_MAX);
    check("5 5\r\n", "!", SIZE_MAX);
    check("5x\r\n", "!", SIZE_MAX);
    check("0\r\n\rX", ".!", SIZE_MAX);
    check("fffffffffffffffff\r\n", "!", SIZE_MAX);
    check("0; a=\"\n", "!", SIZE_MAX);
}

static void test_limits(void **s)
{
    (void)s;
    static char line[CHUNKED_TRAILERS_MAX + 64];
    memset(line, '0', sizeof line);
    check_bytes(line, sizeof line, "#", SIZE_MAX);
    memset(line, 'a', sizeof line);
    memcpy(line, "0\r\n", 3);
    check_bytes(line, sizeof line, ".#t", SIZE_MAX);
}

static void test_gap(void **s)
{
    (void)s;
    struct chunked c = {0};
    struct reader r = reader_of("a\r\nab", 5);
    assert_false(chunked_gap(&c, 1));
    assert_int_equal(chunked_next(&c, &r), CHUNKED_CHUNK);
    assert_int_equal(chunked_next(&c, &r), CHUNKED_DATA);
    assert_int_equal(c.left, 8);
    assert_false(chunked_gap(&c, 9));
    assert_true(chunked_gap(&c, 8));
    assert_false(chunked_gap(&c, 1));
    r = reader_of("\r\n0\r\n\r\n", 7);
    assert_int_equal(chunked_next(&c, &r), CHUNKED_LAST);
    assert_int_equal(chunked_next(&c, &r), CHUNKED_END);
    assert_int_equal(c.total, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body), cmocka_unit_test(test_ieof),   cmocka_unit_test(test_trailers),
        cmocka_unit_test(test_bad),  cmocka_unit_test(test_limits), cmocka_unit_test(test_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
