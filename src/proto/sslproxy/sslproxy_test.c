#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/sslproxy/sslproxy.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_sslproxy, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define LINE "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:465,s,soner"
#define TUNNEL                                                                                                         \
    "tunnel sslproxy established 198.51.100.108:465 user=soner code=-1 reply= reason=-\n"                              \
    "  client 192.0.2.24:47286\n"
#define INCOMPLETE(why) "tunnel sslproxy incomplete :0 user= code=-1 reply= reason=" why "\n"

static void first_line(void **state)
{
    (void)state;
    const struct step s[] = {C(LINE "\r\nEHLO x\r\n"), S("220 y\r\n"), C("QUIT\r\n")};
    const struct step early[] = {S("220 y\r\n"), C(LINE "\nEHLO x\r\n")};
    const struct step v6[] = {C("SSLproxy: [::1]:1,[2001:db8::1]:2,[2001:db8::2]:3,p\r\nx")};
    const struct step no_user[] = {C("SSLproxy: [::1]:1,[192.0.2.1]:2,[192.0.2.2]:65535,s,\r\nx")};
    expect(s, COUNT(s), TUNNEL "inner0 EHLO x\r\nQUIT\r\n\ninner1 220 y\r\n\n");
    expect(early, COUNT(early), TUNNEL "inner0 EHLO x\r\n\ninner1 220 y\r\n\n");
    expect(v6, COUNT(v6),
           "tunnel sslproxy established 2001:db8::2:3 user= code=-1 reply= reason=-\n"
           "  client 2001:db8::1:2\ninner0 x\n");
    expect(no_user, COUNT(no_user),
           "tunnel sslproxy established 192.0.2.2:65535 user= code=-1 reply= reason=-\n"
           "  client 192.0.2.1:2\ninner0 x\n");
}

static void header(void **state)
{
    (void)state;
    const struct step s[] = {C("GET / HTTP/1.1\r\n" LINE "\r\nHost: a\r\n\r\n"),
                             S("HTTP/1.1 204 No\r\n\r\n"),
                             C("GET /2 HTTP/1.1\r\n"),
                             C_GAP(4),
                             C("\r\n"),
                             C_EOF,
                             S_EOF};
    const struct step early[] = {S("HTTP/1.1 408 Slow\r\n\r\n"), C("GET / HTTP/1.0\n" LINE "\n\n")};
    expect(s, COUNT(s),
           TUNNEL "channel 1 dir0 eof GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n<gap 4>\r\n\n"
                  "channel 1 dir1 eof HTTP/1.1 204 No\r\n\r\n\n");
    expect(early, COUNT(early), TUNNEL "channel 1 dir0 GET / HTTP/1.0\n\n\nchannel 1 dir1 HTTP/1.1 408 Slow\r\n\r\n\n");
}

static void malformed(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:465\r\n",
        "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:465,x\r\n",
        "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:65536,s\r\n",
        "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:,[198.51.100.108]:1,s\r\n",
        "SSLproxy: [127.0.0.1]:34649,[host.example]:1,[198.51.100.108]:1,s\r\n",
        "SSLproxy: [127.0.0.1]:34649 [192.0.2.24]:1,[198.51.100.108]:1,s\r\n",
        "SSLproxy: [127.0.0.1]34649,[192.0.2.24]:1,[198.51.100.108]:1,s\r\n",
        "SSLproxy: [127.0.0.1:34649,192.0.2.24:1,198.51.100.108:1,s\r\n",
        "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:1,[198.51.100.108]:1,sx\r\n",
        "SSLproxy: []:34649,[192.0.2.24]:1,[198.51.100.108]:1,s\r\n",
        "SSLproxy: [\r\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        const struct step s[] = {C(lines[i])};
        expect(s, 1, INCOMPLETE("invalid line") "event invalid_line\n");
    }
    /* As a header it may be anyone's: HTTP goes on from the first byte. */
    const struct step http[] = {C("GET / HTTP/1.1\r\nSSLproxy: [x\r\n\r\n"), S("HTTP/1.1 400 No\r\n\r\n")};
    expect(http, COUNT(http),
           "change http\nevent invalid_line\ninner0 GET / HTTP/1.1\r\nSSLproxy: [x\r\n\r\n\n"
           "inner1 HTTP/1.1 400 No\r\n\r\n\n");
}

static void unfinished(void **state)
{
    (void)state;
    const struct step torn[] = {C("SSLproxy: [127.0.0.1]"), C_GAP(3), C("x")};
    const struct step ended[] = {C("SSLproxy: [127.0.0.1]"), C_EOF};
    expect(torn, COUNT(torn), INCOMPLETE("gap") "event line_gap\n");
    expect(ended, COUNT(ended), INCOMPLETE("truncated line"));
    char line[600];
    memset(line, 'a', sizeof line);
    memcpy(line, LINE, strlen(LINE));
    line[sizeof line - 1] = 0;
    const struct step endless[] = {C(line)};
    expect(endless, 1, INCOMPLETE("invalid line") "event invalid_line\n");
}

static enum proto_probe_result ask(const char *up, bool final)
{
    struct proto_probe p = {.data = {(const uint8_t *)up, NULL}, .len = {strlen(up), 0}, .final = final};
    return proto_sslproxy.probe(&p);
}

static void probing(void **state)
{
    (void)state;
    static const char first[] = LINE;
    for (size_t n = 0; n < sizeof first; n++) {
        char text[sizeof first + 1] = {0};
        memcpy(text, first, n);
        assert_int_equal(ask(text, false), n < 11 ? PROBE_MORE : PROBE_YES);
        assert_int_equal(ask(text, true), n < 11 ? PROBE_NO : PROBE_YES);
    }
    static const char second[] = "POST /a?b=c HTTP/1.1\r\nSSLproxy: [";
    for (size_t n = 0; n < sizeof second; n++) {
        char text[sizeof second + 1] = {0};
        memcpy(text, second, n);
        assert_int_equal(ask(text, false), n < sizeof second - 1 ? PROBE_MORE : PROBE_YES);
    }
    static const char *const others[] = {"SSLproxy: 1",
                                         "SSLproxy:[",
                                         "sslproxy: [",
                                         "GET / HTTP/1.1\r\nH",
                                         "GET / HTTP/1.1\r\n\r\n",
                                         "GET / RTSP/1.0\r\nSSLproxy: [",
                                         "GET /\r\nSSLproxy: [",
                                         "get ",
                                         "\x16\x03\x01",
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                         "EHLO x\r\n",
                                         "GET / \x01",
                                         " HTTP/1.1\r\nSSLproxy: ["};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(ask(others[i], false), PROBE_NO);
}

static void server_first(void **state)
{
    (void)state;
    uint8_t banner[257] = {0};
    struct proto_probe p = {.data = {NULL, banner}, .len = {0, 256}};
    assert_int_equal(proto_sslproxy.probe(&p), PROBE_MORE);
    p.len[TO_CLIENT] = 257;
    assert_int_equal(proto_sslproxy.probe(&p), PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_line), cmocka_unit_test(header),  cmocka_unit_test(malformed),
        cmocka_unit_test(unfinished), cmocka_unit_test(probing), cmocka_unit_test(server_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
