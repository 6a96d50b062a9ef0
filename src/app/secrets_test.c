/* What is masked, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "app/secrets.h"

/* Mask the bytes in pieces of `step`. */
static void mask(struct secrets *s, uint8_t *p, size_t n, size_t step)
{
    for (size_t at = 0; at < n; at += step)
        secrets_mask(s, p + at, n - at < step ? n - at : step);
}

/* '#' in want stands for a masked byte. */
static void becomes(const char *have, size_t n, const char *want)
{
    uint8_t buf[512], text[512];
    for (size_t i = 0; i < n; i++)
        text[i] = want[i] == '#' ? 'X' : (uint8_t)want[i];
    for (size_t step = 1; step <= n; step++) {
        struct secrets s = {0};
        memcpy(buf, have, n);
        mask(&s, buf, n, step);
        assert_memory_equal(buf, text, n);
    }
}

#define BECOMES(have, want)                                                                                            \
    do {                                                                                                               \
        assert_int_equal(sizeof(have), sizeof(want));                                                                  \
        becomes(have, sizeof(have) - 1, want);                                                                         \
    } while (0)

static void credentials_of_http(void **state)
{
    (void)state;
    BECOMES("GET / HTTP/1.1\r\nAuthorization: Basic dXNlcg==\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nAuthorization: Basic ########\r\nHost: a\r\n\r\n");
    BECOMES("CONNECT a:1 HTTP/1.1\r\nproxy-AUTHORIZATION:\tbearer a.b c\n\n",
            "CONNECT a:1 HTTP/1.1\r\nproxy-AUTHORIZATION:\tbearer #####\n\n");
    BECOMES("GET / HTTP/1.1\r\nAuthorization : secret\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization : ######\r\n\r\n");
    BECOMES("GET / HTTP/1.1\r\nAuthorization: Base\r\nAuthorizations: x\r\n\r\n",
            "GET / HTTP/1.1\r\nAuthorization: Bas#\r\nAuthorizations: x\r\n\r\n");
}

static void folded_lines_and_bodies(void **state)
{
    (void)state;
    BECOMES("A: b\r\nAuthorization: Digest user=1,\r\n response=2\r\nX: y\r\n\r\nAuthorization: z",
            "A: b\r\nAuthorization: Digest #######\r\n ##########\r\nX: y\r\n\r\nAuthorization: #");
    BECOMES("Authorization: Basic\r\nauthorizatio: Basic a\r\n", "Authorization: Basic\r\nauthorizatio: Basic a\r\n");
}

static void socks_passwords(void **state)
{
    (void)state;
    BECOMES("\5\2\0\2\1\3bob\6secret\5\1\0\1\1\2\3\4\0\120GET / HTTP/1.0\r\nAuthorization: q\r\n",
            "\5\2\0\2\1\3bob\6######\5\1\0\1\1\2\3\4\0\120GET / HTTP/1.0\r\nAuthorization: #\r\n");
    /* One tunnel inside the other. */
    BECOMES("CONNECT p:1 HTTP/1.1\r\n\r\n\5\1\2\1\1u\2pw\5\1\0\3\1h\0\1\5\1\2\1\1v\1p",
            "CONNECT p:1 HTTP/1.1\r\n\r\n\5\1\2\1\1u\2##\5\1\0\3\1h\0\1\5\1\2\1\1v\1#");
    /* The answers of a server; a body that is none of this. */
    BECOMES("\5\2\1\0\5\0\0\1\1\2\3\4\0\120\5\1\2\1\1v\1p", "\5\2\1\0\5\0\0\1\1\2\3\4\0\120\5\1\2\1\1v\1#");
    BECOMES("\5\1\12\1\1v\1p", "\5\1\12\1\1v\1p");
    struct secrets s = {.show_socks = true};
    uint8_t shown[] = "\5\1\2\1\1u\2pw";
    secrets_mask(&s, shown, sizeof shown - 1);
    assert_memory_equal(shown, "\5\1\2\1\1u\2pw", sizeof shown - 1);
}

static void headers_of_http2(void **state)
{
    (void)state;
    BECOMES(
        "PRI * "
        "HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\3\1\4\0\0\0\1abc\0\0\1\11\4\0\0\0\1d\0\0\2\0\0\0\0\0\1ef",
        "PRI * "
        "HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\3\1\4\0\0\0\1###\0\0\1\11\4\0\0\0\1#\0\0\2\0\0\0\0\0\1ef");
}

static void behind_a_gap(void **state)
{
    (void)state;
    uint8_t text[] = "lcmV0\r\nHost: a\r\n";
    struct secrets s = {0};
    secrets_lost(&s);
    secrets_mask(&s, text, sizeof text - 1);
    assert_memory_equal(text, "XXXXXX\nHost: a\r\n", sizeof text - 1);
}

/* '#' in want stands for a masked byte. */
static void becomes_in_middle(const char *have, size_t n, const char *want)
{
    uint8_t buf[512];
    struct secrets s = {0};
    secrets_middle(&s);
    memcpy(buf, have, n);
    secrets_mask(&s, buf, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(buf[i], want[i] == '#' ? 'X' : (uint8_t)want[i]);
}

#define IN_MIDDLE(have, want)                                                                                          \
    do {                                                                                                               \
        assert_int_equal(sizeof(have), sizeof(want));                                                                  \
        becomes_in_middle(have, sizeof(have) - 1, want);                                                               \
    } while (0)

static void rests_of_credentials(void **state)
{
    (void)state;
    IN_MIDDLE("lcmV0\r\nHost: a\r\n", "#####\r\nHost: a\r\n");
    IN_MIDDLE("dXNl+/~.-_==", "############");
    IN_MIDDLE("ation: Basic dXNlcg==\r\nok", "ation: Basic ########\r\nok");
    IN_MIDDLE("Proxy-authorization: a b\n more\nok", "Proxy-authorization: ###\n ####\nok");
    IN_MIDDLE(": Bearer a b", ": Bearer ###");
    IN_MIDDLE("rer ab\r\nok", "rer ##\r\nok");
    IN_MIDDLE(" ab\r\nok", " ##\r\nok");
    IN_MIDDLE("a.b\", response=\"c\", nc=1\r\nok", "########################\r\nok");
    IN_MIDDLE("nse=\"c\", nc=1\r\nok", "#############\r\nok");
    IN_MIDDLE("4ef1\"\r\nok", "#####\r\nok");
    IN_MIDDLE("4ef1\", opaque=x\r\nok", "###############\r\nok");
}

static void rests_of_socks(void **state)
{
    (void)state;
    IN_MIDDLE("\1\3bob\4p w!", "\1\3bob\4####");
    IN_MIDDLE("ob\4p w!", "ob\4####");
    IN_MIDDLE("p{w}!", "#####");
    IN_MIDDLE("\5\1\2\1\1v\1p", "\5\1\2\1\1v\1#");
    uint8_t shown[] = "p{w}!";
    struct secrets s = {.show_socks = true};
    secrets_middle(&s);
    secrets_mask(&s, shown, sizeof shown - 1);
    assert_string_equal(shown, "p{w}!");
}

static void headers_in_middle(void **state)
{
    (void)state;
    IN_MIDDLE("\0\0\4\1\4\0\0\0\1abcd\0\0\1\0\0\0\0\0\1x", "\0\0\4\1\4\0\0\0\1####\0\0\1\0\0\0\0\0\1x");
    IN_MIDDLE("\0\0\4\1\102\0\0\0\1abcd", "\0\0\4\1\102\0\0\0\1abcd");
}

static void no_rests(void **state)
{
    (void)state;
    IN_MIDDLE("GET / HTTP/1.1\r\nA: b\r\n", "GET / HTTP/1.1\r\nA: b\r\n");
    IN_MIDDLE("hello world\r\n", "hello world\r\n");
    IN_MIDDLE("220 ready", "220 ready");
    IN_MIDDLE("ab\" href=x>\n", "ab\" href=x>\n");
    IN_MIDDLE("abc\0\0", "abc\0\0");
    IN_MIDDLE("response: ok\r\n", "response: ok\r\n");
    uint8_t filler[64];
    struct secrets s = {0};
    secrets_middle(&s);
    memset(filler, 'A', sizeof filler);
    secrets_mask(&s, filler, sizeof filler);
    assert_int_equal(filler[0], 'A');
}

/* A token goes on in the next piece, up to a bound. */
static void rest_in_pieces(void **state)
{
    (void)state;
    uint8_t one[] = "abcd", two[] = "efgh\r\nok";
    struct secrets s = {0};
    secrets_middle(&s);
    secrets_mask(&s, one, 4);
    secrets_mask(&s, two, 9);
    assert_string_equal(one, "XXXX");
    assert_string_equal(two, "XXXX\r\nok");
    secrets_middle(&s);
    for (unsigned at = 0; at < 9000; at += 10) {
        uint8_t piece[] = "0123456789";
        secrets_mask(&s, piece, 10);
        assert_int_equal(piece[9], at < 8190 ? 'X' : '9');
    }
}

/* Few missing bytes hide no name; more may. */
static void behind_a_small_gap(void **state)
{
    (void)state;
    for (unsigned missing = 4; missing <= 15; missing += 11) {
        uint8_t text[] = "DATA";
        struct secrets s = {0};
        secrets_mask(&s, (uint8_t[]){'V', 'E'}, 2);
        secrets_skip(&s, missing);
        secrets_mask(&s, text, sizeof text - 1);
        assert_string_equal(text, missing < 15 ? "DATA" : "XXXX");
    }
    uint8_t rest[] = "cret\n";
    struct secrets s = {0};
    secrets_mask(&s, (uint8_t[]){'\n', 'a', 'u'}, 3);
    secrets_skip(&s, 4);
    secrets_mask(&s, rest, sizeof rest - 1);
    assert_string_equal(rest, "XXXX\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(credentials_of_http),
                                       cmocka_unit_test(folded_lines_and_bodies),
                                       cmocka_unit_test(socks_passwords),
                                       cmocka_unit_test(headers_of_http2),
                                       cmocka_unit_test(behind_a_gap),
                                       cmocka_unit_test(rests_of_credentials),
                                       cmocka_unit_test(rests_of_socks),
                                       cmocka_unit_test(headers_in_middle),
                                       cmocka_unit_test(no_rests),
                                       cmocka_unit_test(rest_in_pieces),
                                       cmocka_unit_test(behind_a_small_gap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
