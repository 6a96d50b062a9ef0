/* What is SOCKS and what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/socks/socks.h"
#include "proto/socks/test_talks.h"

#define ELSEWHERE  4444 /* a port that hints at nothing */
#define SOCKS_PORT 1080

/* What the flow's client and server said, as literals with their lengths. */
#define SAID(client, server) (client), sizeof(client) - 1, (server), sizeof(server) - 1

static enum proto_probe_result probe(const void *client, size_t client_len, const void *server, size_t server_len,
                                     uint16_t dport, bool final)
{
    struct proto_probe p = {
        .data = {client, server},
        .len = {client_len, server_len},
        .final = final,
        .sport = 50000,
        .dport = dport,
        .transport = PROTO_TCP,
    };
    return proto_socks.probe(&p);
}

/* MORE while the flow goes on, and `last` if it ends here, with and without the hint of a port. */
static void unsure(const void *client, size_t client_len, const void *server, size_t server_len,
                   enum proto_probe_result on_port, enum proto_probe_result elsewhere)
{
    assert_int_equal(probe(client, client_len, server, server_len, SOCKS_PORT, false), PROBE_MORE);
    assert_int_equal(probe(client, client_len, server, server_len, ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe(client, client_len, server, server_len, SOCKS_PORT, true), on_port);
    assert_int_equal(probe(client, client_len, server, server_len, ELSEWHERE, true), elsewhere);
}

static void always(const void *client, size_t client_len, const void *server, size_t server_len,
                   enum proto_probe_result result)
{
    for (int final = 0; final < 2; final++) {
        assert_int_equal(probe(client, client_len, server, server_len, SOCKS_PORT, final), result);
        assert_int_equal(probe(client, client_len, server, server_len, ELSEWHERE, final), result);
    }
}

static void answered(void **state)
{
    (void)state;
    always(SAID("\5\1\0", "\5\0"), PROBE_YES);
    always(SAID("\5\1\0", "\5\xff"), PROBE_YES);
    always(SAID("\5\3\0\1\2", "\5\2"), PROBE_YES);
    always(SAID("\5\2\0\x80", "\5\x80whatever"), PROBE_YES);
    always(SAID("\5\1\2\1\1u\1p", "\5\2\1\0"), PROBE_YES);
    always(SAID("\5\1\0\5\1\0\1\x7f\0\0\1\0\x50GET", "\5\0\5\0\0\1\0\0\0\0\0\0"), PROBE_YES);
    always(SAID("\4\1\0\x50\x0a\0\0\1\0", "\0\x5a\0\0\0\0\0\0"), PROBE_YES);
    always(SAID("\4\1\0\x50\x0a\0\0\1user\0", "\4\x5b\0\0\0\0\0\0"), PROBE_YES);
    always(SAID("\4\2\0\x50\0\0\0\1user\0host\0early", "\0\x5a\0\0\0\0\0\0more"), PROBE_YES);
}

/* Every prefix of both sides is no more than possible, until the answer is there. */
static void in_pieces(void **state)
{
    (void)state;
    static const char client[] = "\4\1\0\x50\0\0\0\1u\0h";
    for (size_t n = 0; n < sizeof client; n++)
        assert_int_equal(probe(client, n, "", 0, ELSEWHERE, false), PROBE_MORE);
    for (size_t n = 0; n < 8; n++)
        assert_int_equal(probe(client, sizeof client, "\0\x5a\0\0\0\0\0", n, ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe(client, sizeof client, "\0\x5a\0\0\0\0\0", 8, ELSEWHERE, false), PROBE_YES);
    for (size_t n = 0; n <= 4; n++)
        assert_int_equal(probe("\5\2\0\2", n, "", 0, ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe("\5\2\0\2", 4, "\5", 1, ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe("\5\2\0\2", 4, "\5\2", 2, ELSEWHERE, false), PROBE_YES);
}

static void unanswered(void **state)
{
    (void)state;
    unsure(SAID("\5\1\0", ""), PROBE_YES, PROBE_NO);
    unsure(SAID("\5\1\0", "\5"), PROBE_YES, PROBE_NO);
    unsure(SAID("\5\2\0", ""), PROBE_NO, PROBE_NO);
    unsure(SAID("\5\1\0\5\1\0\1\x7f\0\0\1\0\x50", ""), PROBE_YES, PROBE_YES);
    unsure(SAID("\5\1\2\1\1u\1p\5\1\0\3\1h\0\x50", ""), PROBE_YES, PROBE_YES);
    unsure(SAID("\5\1\0\5\1\0\1\x7f", ""), PROBE_YES, PROBE_NO);
    unsure(SAID("\5\1\0random bytes", ""), PROBE_NO, PROBE_NO);
    unsure(SAID("\5\1\0\5\1\0\1\x7f\0\0\1\0\0", ""), PROBE_NO, PROBE_NO);
    unsure(SAID("\5\1\0\5\3\0\1\0\0\0\0\0\0", ""), PROBE_YES, PROBE_YES);
    unsure(SAID("\4\1\0\x50\x0a\0\0\1\0", ""), PROBE_YES, PROBE_YES);
    unsure(SAID("\4\2\0\x50\x0a\0\0\1\0", ""), PROBE_YES, PROBE_NO);
    unsure(SAID("\4\1\0\x50\x0a\0\0\1user", ""), PROBE_NO, PROBE_NO);
    unsure(SAID("", ""), PROBE_NO, PROBE_NO);
    unsure(SAID("", "\5\0"), PROBE_NO, PROBE_NO);
    unsure(SAID("", "\0\x5a\0\0\0\0\0\0"), PROBE_NO, PROBE_NO);
}

static void look_alikes(void **state)
{
    (void)state;
    /* DCE/RPC bind and its answer */
    always(SAID("\5\0\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0", ""), PROBE_NO);
    always(SAID("\5\0\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0", "\5\0\x0c\3\x10\0\0\0"), PROBE_NO);
    always(SAID("\5\1\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0", "\5\1\x0c\3\x10\0\0\0"), PROBE_NO);
    /* TLS */
    always(SAID("\x16\3\1\0\xa5\1\0\0\xa1\3\3", ""), PROBE_NO);
    always(SAID("\x16\3\1\0\xa5\1\0\0\xa1\3\3", "\x16\3\3\0\x31\2"), PROBE_NO);
    /* others that speak first */
    always(SAID("", "220 mail.example ESMTP\r\n"), PROBE_NO);
    always(SAID("GET / HTTP/1.1\r\n", ""), PROBE_NO);
    /* the right greeting, another answer */
    always(SAID("\5\1\0", "\5\2"), PROBE_NO);
    always(SAID("\5\1\0", "HTTP/1.1 400 Bad Request\r\n"), PROBE_NO);
    always(SAID("\5\1\0", "\5\0\0\0"), PROBE_NO);
    always(SAID("\5\1\0\x99", "\5\0"), PROBE_NO);
    always(SAID("\5\1\xff", "\5\xff"), PROBE_NO);
    always(SAID("\5\1\0\x8f\x3a\x11", "\x77\x01\x9c"), PROBE_NO);
    always(SAID("\5\0\x0b\0\x10\0\0\0\x48\0\0\0\1\0\0\0", "\5\0\x0c\0\x10\0\0\0"), PROBE_NO);
    always(SAID("\5\1\0\5\4\0\1\1\2\3\4\0\x50", "\0\0\0\0"), PROBE_NO);
    /* not quite SOCKS4 */
    always(SAID("\4\3\0\x50\x0a\0\0\1\0", "\0\x5a\0\0\0\0\0\0"), PROBE_NO);
    always(SAID("\4\1\0\0\x0a\0\0\1\0", "\0\x5a\0\0\0\0\0\0"), PROBE_NO);
    always(SAID("\4\1\0\x50\x0a\0\0\1u\1\0", "\0\x5a\0\0\0\0\0\0"), PROBE_NO);
    always(SAID("\4\1\0\x50\0\0\0\1u\0\0", "\0\x5a\0\0\0\0\0\0"), PROBE_NO);
    always(SAID("\4\1\0\x50\x0a\0\0\1\0", "\0\x5e\0\0\0\0\0\0"), PROBE_NO);
    always(SAID("\4\1\0\x50\x0a\0\0\1\0", "\4\1\0\x50\x0a\0\0\1\0"), PROBE_NO);
}

static void endless_user_id(void **state)
{
    (void)state;
    char bytes[600] = {4, 1, 0, 80, 10, 0, 0, 1};
    memset(bytes + 8, 'u', sizeof bytes - 8);
    assert_int_equal(probe(bytes, 8 + 511, "", 0, ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe(bytes, 8 + 512, "", 0, ELSEWHERE, false), PROBE_NO);
}

static void reversed(void **state)
{
    (void)state;
    assert_int_equal(probe(SAID("", "\5\1\0"), ELSEWHERE, false), PROBE_MORE);
    assert_int_equal(probe(SAID("\5", "\5\1\0"), ELSEWHERE, false), PROBE_MORE);
    always(SAID("\5\0", "\5\1\0"), PROBE_YES_REVERSED);
    always(SAID("\5\2", "\5\1\2"), PROBE_YES_REVERSED);
    always(SAID("\0\x5a\0\0\0\0\0\0", "\4\1\0\x50\x0a\0\0\1\0"), PROBE_YES_REVERSED);
    /* Without an answer it is nothing, whatever the port: the port is the flow's server's. */
    assert_int_equal(probe(SAID("", "\4\1\0\x50\x0a\0\0\1\0"), SOCKS_PORT, true), PROBE_NO);
    /* A method answer and a user name's that could be a greeting, heard late. */
    always(SAID("\5\2\1\0\5\0\0\1\0\0\0\0\0\0", "\5\1\2\1\1u\1p\5\1\0\3\1h\0\x50"), PROBE_YES_REVERSED);
}

/* What the parser's tests play, if it is SOCKS at all, is found, and the right way round. */
static void talks_are_found(void **state)
{
    (void)state;
    for (const struct test_talk *t = test_talks; t->name; t++) {
        const struct test_line *c = &t->lines[0];
        const struct test_line *s = &t->lines[1];
        if (!s->bytes || t->strange)
            continue;
        enum proto_probe_result result = t->reversed ? probe(s->bytes, s->len, c->bytes, c->len, ELSEWHERE, false)
                                                     : probe(c->bytes, c->len, s->bytes, s->len, ELSEWHERE, false);
        if (result != (t->reversed ? PROBE_YES_REVERSED : PROBE_YES))
            fail_msg("%s: %d", t->name, result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answered),        cmocka_unit_test(in_pieces),       cmocka_unit_test(unanswered),
        cmocka_unit_test(look_alikes),     cmocka_unit_test(endless_user_id), cmocka_unit_test(reversed),
        cmocka_unit_test(talks_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
