#include "proto/wsframe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/buf.h"

struct told {
    struct buf text; /* payload, with heads and events in brackets */
    const uint8_t *fed;
    size_t fed_len;
    bool in_place; /* every piece lay in the bytes that were fed */
};

static void on_frame(void *ctx, const struct wsframe_head *h)
{
    struct told *t = ctx;
    buf_printf(&t->text, "{%u%s%s %llu}", h->opcode, h->fin ? "f" : "", h->compressed ? "z" : "",
               (unsigned long long)h->len);
}

static void on_data(void *ctx, const uint8_t *p, size_t len)
{
    struct told *t = ctx;
    assert_true(len > 0);
    t->in_place = t->in_place && t->fed && p >= t->fed && p + len <= t->fed + t->fed_len;
    assert_true(buf_add(&t->text, p, len));
}

static void on_event(void *ctx, enum wsframe_event event)
{
    struct told *t = ctx;
    buf_printf(&t->text, "<%u>", event);
}

static const struct wsframe_user user = {.frame = on_frame, .data = on_data, .event = on_event};

/* Feed in pieces, each in memory of its own so that a read past its end is seen. */
static enum wsframe_result play(struct told *t, bool client, const void *bytes, size_t n, size_t piece)
{
    struct wsframe w = {.client = client};
    enum wsframe_result r = WSFRAME_OK;
    *t = (struct told){.in_place = true};
    buf_init(&t->text, 0);
    for (size_t at = 0; at < n;) {
        size_t k = piece && piece < n - at ? piece : n - at;
        uint8_t *copy = malloc(k);
        assert_non_null(copy);
        memcpy(copy, (const uint8_t *)bytes + at, k);
        t->fed = copy;
        t->fed_len = k;
        r = wsframe_feed(&w, copy, k, &user, t);
        free(copy);
        at += k;
    }
    buf_add_byte(&t->text, 0);
    return r;
}

static void expect(bool client, const void *bytes, size_t n, enum wsframe_result result, const char *text)
{
    static const size_t pieces[] = {0, 1, 2, 3, 5, 7};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct told t;
        assert_int_equal(play(&t, client, bytes, n, pieces[i]), result);
        assert_string_equal((const char *)t.text.data, text);
        if (!client)
            assert_true(t.in_place);
        buf_fini(&t.text);
    }
}

#define SERVER(bytes, result, text) expect(false, bytes, sizeof(bytes) - 1, result, text)
#define CLIENT(bytes, result, text) expect(true, bytes, sizeof(bytes) - 1, result, text)

/* The examples of RFC 6455 section 5.7. */
static void examples(void **state)
{
    (void)state;
    SERVER("\x81\x05Hello", WSFRAME_OK, "{1f 5}Hello");
    CLIENT("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", WSFRAME_OK, "{1f 5}Hello");
    SERVER("\x01\x03Hel\x80\x02lo", WSFRAME_OK, "{1 3}Hel{0f 2}lo");
    SERVER("\x89\x05Hello", WSFRAME_OK, "{9f 5}");
    CLIENT("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", WSFRAME_OK, "{10f 5}");
}

static void messages(void **state)
{
    (void)state;
    /* control frames between fragments; empty frames */
    SERVER("\x02\x02"
           "ab"
           "\x89\x01x\x00\x00\x8a\x00\x80\x01"
           "c"
           "\x82\x00\x82\x01"
           "d",
           WSFRAME_OK, "{2 2}ab{9f 1}{0 0}{10f 0}{0f 1}c{2f 0}{2f 1}d");
    /* compressed: neither it nor its continuation is given on, the next message is */
    SERVER("\x41\x02xx\x80\x02yy\x81\x01z", WSFRAME_OK, "{1z 2}{0fz 2}{1f 1}z");
    SERVER("\x82\x01"
           "a"
           "\x88\x02\x03\xe8",
           WSFRAME_CLOSED, "{2f 1}a{8f 2}");
    SERVER("\x88\x00more", WSFRAME_CLOSED, "{8f 0}<9>");
}

static void lengths(void **state)
{
    (void)state;
    uint8_t big[70000 + 14];
    memset(big, 'x', sizeof big);
    static const struct {
        uint64_t len;
        uint8_t form;
    } cases[] = {{125, 125}, {126, 126}, {65535, 126}, {65536, 127}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t head = cases[i].form == 125 ? 2 : cases[i].form == 126 ? 4 : 10;
        big[0] = 0x82;
        big[1] = cases[i].form;
        for (size_t k = 2; k < head; k++)
            big[k] = (uint8_t)(cases[i].len >> 8 * (head - 1 - k));
        size_t n = head + (size_t)cases[i].len;
        for (size_t piece = 0; piece < 3; piece++) {
            struct told t;
            assert_int_equal(play(&t, false, big, n, piece * 1000), WSFRAME_OK);
            char want[32];
            int w = snprintf(want, sizeof want, "{2f %u}", (unsigned)cases[i].len);
            assert_int_equal(t.text.len, (size_t)w + cases[i].len + 1);
            assert_memory_equal(t.text.data, want, (size_t)w);
            assert_int_equal(t.text.data[t.text.len - 2], 'x');
            buf_fini(&t.text);
        }
    }
    SERVER("\x82\x7e\x00\x01"
           "a",
           WSFRAME_OK, "<3>{2f 1}a");
    SERVER("\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01"
           "a",
           WSFRAME_OK, "<3>{2f 1}a");
    SERVER("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x01"
           "a",
           WSFRAME_BROKEN, "<2>");
    SERVER("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
           "ab",
           WSFRAME_OK, "{2f 9223372036854775807}ab");
}

static void long_masked(void **state)
{
    (void)state;
    enum { N = 10001 };
    static uint8_t frame[8 + N];
    static const uint8_t key[4] = {1, 2, 3, 4};
    memcpy(frame, "\x82\xfe\x27\x11\1\2\3\4", 8);
    for (size_t i = 0; i < N; i++)
        frame[8 + i] = (uint8_t)('a' + i % 26) ^ key[i & 3];
    for (size_t piece = 0; piece < 50; piece++) {
        struct told t;
        assert_int_equal(play(&t, true, frame, sizeof frame, piece * 97), WSFRAME_OK);
        assert_int_equal(t.text.len, strlen("{2f 10001}") + N + 1);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(t.text.data[strlen("{2f 10001}") + i], 'a' + i % 26);
        buf_fini(&t.text);
    }
}

static void odd(void **state)
{
    (void)state;
    SERVER("\x92\x01"
           "a",
           WSFRAME_BROKEN, "<0>");
    SERVER("\xc9\x00\x82\x01"
           "a",
           WSFRAME_BROKEN, "<0>");
    SERVER("\x02\x01"
           "a"
           "\xc0\x01"
           "b",
           WSFRAME_BROKEN, "{2 1}a<0>");
    SERVER("\x83\x01"
           "a",
           WSFRAME_BROKEN, "<1>");
    SERVER("\x8b\x01"
           "a",
           WSFRAME_BROKEN, "<1>");
    SERVER("\x09\x01x", WSFRAME_OK, "<4>{9 1}");
    SERVER("\x80\x01"
           "a",
           WSFRAME_OK, "<6>{0f 1}a");
    SERVER("\x02\x01"
           "a"
           "\x82\x01"
           "b",
           WSFRAME_OK, "{2 1}a<7>{2f 1}b");
    CLIENT("\x82\x01"
           "a",
           WSFRAME_OK, "<8>{2f 1}a");
    /* a continuation of nothing, after a compressed message's end */
    SERVER("\xc1\x01x\x80\x01"
           "a",
           WSFRAME_OK, "{1fz 1}<6>{0f 1}a");
    struct told t;
    uint8_t ping[4 + 126] = {0x89, 126, 0, 126};
    assert_int_equal(play(&t, false, ping, sizeof ping, 0), WSFRAME_OK);
    assert_string_equal((const char *)t.text.data, "<5>{9f 126}");
    buf_fini(&t.text);
    assert_int_equal(play(&t, false, "\x82\x81\0\0\0\0a", 7, 0), WSFRAME_OK);
    assert_string_equal((const char *)t.text.data, "<8>{2f 1}a");
    buf_fini(&t.text);
}

static void gaps(void **state)
{
    (void)state;
    struct told t = {.in_place = true};
    struct wsframe w = {.client = true};
    uint64_t lost;
    /* "abcdef" under the key 1 2 3 4, without its third and fourth byte */
    assert_int_equal(wsframe_feed(&w, (const uint8_t *)"\x82\x86\1\2\3\4\x60\x60", 8, &user, &t), WSFRAME_OK);
    assert_true(wsframe_torn(&w));
    assert_true(wsframe_gap(&w, 2, &lost));
    assert_int_equal(lost, 2);
    assert_int_equal(wsframe_feed(&w, (const uint8_t *)"\x64\x64\x89\x82\0\0\0\0", 8, &user, &t), WSFRAME_OK);
    assert_true(wsframe_gap(&w, 2, &lost)); /* of a ping */
    assert_int_equal(lost, 0);
    assert_false(wsframe_torn(&w));
    buf_add_byte(&t.text, 0);
    assert_string_equal((const char *)t.text.data, "{2f 6}abef{9f 2}");
    assert_false(wsframe_gap(&w, 1, &lost)); /* between frames */
    assert_int_equal(wsframe_feed(&w, (const uint8_t *)"\x82\x00", 2, &user, &t), WSFRAME_BROKEN);
    buf_fini(&t.text);

    struct wsframe more = {0};
    t = (struct told){.in_place = true};
    wsframe_feed(&more, (const uint8_t *)"\x82\x05", 2, &user, &t);
    assert_false(wsframe_gap(&more, 6, &lost)); /* reaches into the next head */
    buf_fini(&t.text);
    struct wsframe closed = {.result = WSFRAME_CLOSED};
    assert_true(wsframe_gap(&closed, 6, &lost));
    assert_int_equal(lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),    cmocka_unit_test(messages), cmocka_unit_test(lengths),
        cmocka_unit_test(long_masked), cmocka_unit_test(odd),      cmocka_unit_test(gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
