/* The JSON writer, byte by byte. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json.h"

struct doc {
    struct buf out;
    struct json j;
};

static void begin(struct doc *d)
{
    buf_init(&d->out, 0);
    d->j = json_of(&d->out);
}

static void expect(struct doc *d, const char *text)
{
    assert_false(d->j.failed);
    assert_true(buf_add_byte(&d->out, 0));
    assert_string_equal((const char *)d->out.data, text);
    buf_fini(&d->out);
}

static void expect_bytes(const char *bytes, size_t n, const char *text)
{
    struct doc d;
    begin(&d);
    /* A copy of just this length: reading behind it is seen by the sanitizer. */
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    json_bytes(&d.j, NULL, copy, n);
    free(copy);
    expect(&d, text);
}

#define EXPECT_BYTES(literal, text) expect_bytes(literal, sizeof(literal) - 1, text)

static void nesting_and_commas(void **state)
{
    (void)state;
    struct doc d;
    begin(&d);
    json_open_object(&d.j, NULL);
    json_u64(&d.j, "a", 1);
    json_open_object(&d.j, "b");
    json_end_object(&d.j);
    json_open_array(&d.j, "c");
    json_u64(&d.j, NULL, 1);
    json_str(&d.j, NULL, "x");
    json_open_object(&d.j, NULL);
    json_bool(&d.j, "t", true);
    json_bool(&d.j, "f", false);
    json_end_object(&d.j);
    json_open_array(&d.j, NULL);
    json_end_array(&d.j);
    json_end_array(&d.j);
    json_put_null(&d.j, "n");
    json_raw(&d.j, "r", "[1]", 3);
    json_end_object(&d.j);
    expect(&d, "{\"a\":1,\"b\":{},\"c\":[1,\"x\",{\"t\":true,\"f\":false},[]],\"n\":null,\"r\":[1]}");
}

static void numbers(void **state)
{
    (void)state;
    struct doc d;
    begin(&d);
    json_open_array(&d.j, NULL);
    json_u64(&d.j, NULL, 0);
    json_u64(&d.j, NULL, UINT64_MAX);
    json_i64(&d.j, NULL, INT64_MIN);
    json_i64(&d.j, NULL, INT64_MAX);
    json_i64(&d.j, NULL, -1);
    json_double(&d.j, NULL, 0.5);
    json_double(&d.j, NULL, (double)NAN);
    json_double(&d.j, NULL, (double)INFINITY);
    json_end_array(&d.j);
    expect(&d, "[0,18446744073709551615,-9223372036854775808,9223372036854775807,-1,0.5,null,null]");
}

static void text_is_escaped(void **state)
{
    (void)state;
    EXPECT_BYTES("", "\"\"");
    EXPECT_BYTES("plain", "\"plain\"");
    EXPECT_BYTES("a\"b\\c/", "\"a\\\"b\\\\c/\"");
    EXPECT_BYTES("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    EXPECT_BYTES("\0\x01\x1f", "\"\\u0000\\u0001\\u001f\"");
    EXPECT_BYTES("\"", "\"\\\"\"");
}

static void utf8_is_kept(void **state)
{
    (void)state;
    EXPECT_BYTES("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
    EXPECT_BYTES("\xe2\x82\xac", "\"\xe2\x82\xac\"");
    EXPECT_BYTES("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
    EXPECT_BYTES("\xc3\xa9\n", "\"\xc3\xa9\\n\"");
    EXPECT_BYTES("\xed\x9f\xbf", "\"\xed\x9f\xbf\""); /* the last before the surrogates */
    EXPECT_BYTES("\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"");
}

/* RFC 3629 3: what is not UTF-8 must not come out as if it were. */
static void other_bytes_are_written_in_hex(void **state)
{
    (void)state;
    EXPECT_BYTES("\xff", "\"\\\\xff\"");
    EXPECT_BYTES("a\x80z", "\"a\\\\x80z\"");
    EXPECT_BYTES("\xc0\xaf", "\"\\\\xc0\\\\xaf\"");                       /* overlong */
    EXPECT_BYTES("\xe0\x80\x80", "\"\\\\xe0\\\\x80\\\\x80\"");            /* overlong */
    EXPECT_BYTES("\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"");            /* a surrogate */
    EXPECT_BYTES("\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\""); /* beyond U+10FFFF */
    EXPECT_BYTES("\xc3", "\"\\\\xc3\"");                                  /* cut */
    EXPECT_BYTES("\xe2\x82", "\"\\\\xe2\\\\x82\"");
    EXPECT_BYTES("\xf0\x9f\x98", "\"\\\\xf0\\\\x9f\\\\x98\"");
    EXPECT_BYTES("\xc3\xbc\xff", "\"\\\\xc3\\\\xbc\\\\xff\""); /* one bad byte and none is taken for text */
    EXPECT_BYTES("\x01\xff\"\\", "\"\\u0001\\\\xff\\\"\\\\\"");
    EXPECT_BYTES("\r\n\xfe", "\"\\r\\n\\\\xfe\"");
}

static void printable_base64_and_hex(void **state)
{
    (void)state;
    struct doc d;
    begin(&d);
    json_open_array(&d.j, NULL);
    json_printable(&d.j, NULL, "a\x01\x7f\xff \"\\\r\n", 9);
    json_base64(&d.j, NULL, "", 0);
    json_base64(&d.j, NULL, "f", 1);
    json_base64(&d.j, NULL, "fo", 2);
    json_base64(&d.j, NULL, "foo", 3);
    json_base64(&d.j, NULL, "\xff\xfe\xfd\xfc", 4);
    json_hex(&d.j, NULL, "\x00\xab", 2, 0);
    json_hex(&d.j, NULL, "\x00\xab\x0c", 3, ':');
    json_hex(&d.j, NULL, "", 0, ':');
    json_end_array(&d.j);
    expect(&d, "[\"a... \\\"\\\\\\r\\n\",\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"//79/A==\",\"00ab\",\"00:ab:0c\",\"\"]");
}

static void addresses_and_times(void **state)
{
    (void)state;
    struct doc d;
    struct addr v4 = addr_v4((const uint8_t[4]){192, 0, 2, 1});
    struct addr v6 = addr_v6((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, [15] = 1});
    begin(&d);
    json_open_object(&d.j, NULL);
    json_addr(&d.j, "a", &v4);
    json_addr(&d.j, "b", &v6);
    json_time(&d.j, "t", 1468449727123456789u);
    json_end_object(&d.j);
    expect(&d, "{\"a\":\"192.0.2.1\",\"b\":\"2001:0db8:0000:0000:0000:0000:0000:0001\","
               "\"t\":\"2016-07-13T22:42:07.123456+0000\"}");
}

/* Whatever the cap, nothing is written beyond it and the writer says so. */
static void a_full_buffer_fails(void **state)
{
    (void)state;
    for (size_t cap = 1; cap < 80; cap++) {
        struct buf out;
        buf_init(&out, cap);
        struct json j = json_of(&out);
        json_open_object(&j, NULL);
        json_bytes(&j, "key", "text\xff\n", 6);
        json_u64(&j, "number", 12345);
        json_base64(&j, "b", "abcdef", 6);
        json_end_object(&j);
        assert_true(out.len <= cap);
        if (cap < 51)
            assert_true(j.failed);
        if (cap >= 60)
            assert_false(j.failed);
        buf_fini(&out);
    }
}

/* What one byte becomes hangs neither on its place nor on how many are around it: they are looked at several at once.
 */
static void every_byte_at_every_place(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 0x80; c++) {
        struct doc alone;
        char byte = (char)c;
        begin(&alone);
        json_bytes(&alone.j, NULL, &byte, 1);
        size_t len = alone.out.len - 2;
        for (size_t n = 1; n < 20; n++) {
            for (size_t at = 0; at < n; at++) {
                char bytes[20], text[40];
                memset(bytes, 'x', n);
                memset(text, 'x', sizeof text);
                bytes[at] = byte;
                text[0] = '"';
                memcpy(text + 1 + at, alone.out.data + 1, len);
                memcpy(text + n + len, "\"", 2);
                expect_bytes(bytes, n, text);
            }
        }
        buf_fini(&alone.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_and_commas),        cmocka_unit_test(numbers),
        cmocka_unit_test(text_is_escaped),           cmocka_unit_test(utf8_is_kept),
        cmocka_unit_test(every_byte_at_every_place), cmocka_unit_test(other_bytes_are_written_in_hex),
        cmocka_unit_test(printable_base64_and_hex),  cmocka_unit_test(addresses_and_times),
        cmocka_unit_test(a_full_buffer_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
