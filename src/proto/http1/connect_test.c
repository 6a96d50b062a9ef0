/* CONNECT: every way in which a tunnel is asked for, granted, refused or lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/http1/http1.h"
#include "proto/http1/http1_state.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Play it every way and compare with what is expected. */
static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_http1, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define ASK "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
#define REC(id, status)                                                                                                \
#id " {\"hostname\":\"example.com\",\"http_port\":443,\"url\":\"example.com:443\",\"http_method\":\"CONNECT\","    \
        "\"protocol\":\"HTTP/1.1\",\"status\":" #status ",\"length\":0}\n"
#define UP "tunnel http-connect established example.com:443 user= code=200 reply=OK reason=-\n"

static void established(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK), S("HTTP/1.1 200 OK\r\n\r\n"), C("hello"), S("world")};
    expect(s, COUNT(s), REC(0, 200) UP "inner0 hello\ninner1 world\n");
}

static void lf_only(void **state)
{
    (void)state;
    const struct step s[] = {C("CONNECT example.com:443 HTTP/1.1\nHost: example.com:443\n\n"),
                             S("HTTP/1.1 200 OK\nA: b\n\nworld"), C("hello")};
    expect(s, COUNT(s), REC(0, 200) UP "inner0 hello\ninner1 world\n");
}

static void bytes_in_one_segment(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK "early"), S("HTTP/1.0 200 OK\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n\r\n"), C("late")};
    expect(s, COUNT(s), REC(0, 200) UP "inner0 earlylate\ninner1 GET / HTTP/1.1\r\n\r\n\n");
}

static void interim_answers(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK), S("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
                             S("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nin"), C("out")};
    expect(s, COUNT(s), REC(0, 200) UP "inner0 out\ninner1 in\n");
}

static void any_2xx_and_framing_ignored(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK),
                             S("HTTP/1.1 299 Fine\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nin")};
    expect(
        s, COUNT(s),
        REC(0, 299) "tunnel http-connect established example.com:443 user= code=299 reply=Fine reason=-\ninner1 in\n");
}

#define NO "tunnel http-connect refused example.com:443 user= code=407 reply=Auth reason=-\n"

static void after_407_sized(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK), S("HTTP/1.1 407 Auth\r\nContent-Length: 22\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc"),
                             C(ASK), S("HTTP/1.1 200 OK\r\n\r\nin")};
    expect(s, COUNT(s),
           "0 {\"hostname\":\"example.com\",\"http_port\":443,\"url\":\"example.com:443\",\"http_method\":\"CONNECT\","
           "\"protocol\":\"HTTP/1.1\",\"status\":407,\"length\":22}\n" REC(1, 200) NO UP "inner1 in\n");
}

static void after_407_chunked_pipelined(void **state)
{
    (void)state;
    /* The client does not wait, and the server's answers come in one segment. */
    const struct step s[] = {C(ASK ASK "early"),
                             S("HTTP/1.1 407 Auth\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na\nb\nc\r\n0\r\n\r\n"
                               "HTTP/1.1 200 OK\r\n\r\nin")};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(strstr((const char *)out.data, "\"status\":407"));
    assert_non_null(strstr((const char *)out.data, REC(1, 200) NO UP "inner0 early\ninner1 in\n"));
    buf_fini(&out);
}

static void refused_then_get(void **state)
{
    (void)state;
    const struct step s[] = {
        C(ASK "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
        S("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")};
    expect(s, COUNT(s),
           REC(0, 403) "1 {\"hostname\":\"a\",\"url\":\"/x\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\","
                       "\"status\":200,\"length\":2}\n"
                       "tunnel http-connect refused example.com:443 user= code=403 reply=No reason=-\n");
}

static void behind_other_requests(void **state)
{
    (void)state;
    const struct step s[] = {
        C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n" ASK "early"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\nHTTP/1.1 200 OK\r\n\r\n\r\n0\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\n\r\nin")};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(strstr((const char *)out.data, "\"url\":\"/1\""));
    assert_non_null(strstr((const char *)out.data, REC(2, 200) UP "inner0 early\ninner1 in\n"));
    buf_fini(&out);
}

static void behind_sized_body(void **state)
{
    (void)state;
    const struct step s[] = {C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" ASK),
                             S("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nHTTP/1.1 500 X\r\n\r\nq"
                               "HTTP/1.1 200 OK\r\n\r\nin")};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(strstr((const char *)out.data, "\"status\":200,\"length\":19}\n" REC(1, 200) UP "inner1 in\n"));
    buf_fini(&out);
}

static void not_in_a_body(void **state)
{
    (void)state;
    const struct step s[] = {C("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 59\r\n\r\n" ASK),
                             S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
    _Static_assert(sizeof(ASK) - 1 == 59, "length");
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_null(strstr((const char *)out.data, "tunnel"));
    buf_fini(&out);
}

static void lost(void **state)
{
    (void)state;
    const struct step silent[] = {C(ASK "early")};
    const struct step torn[] = {C(ASK), S("HTTP/1.1 200"), S_GAP(10), S("OK\r\n\r\n")};
    const struct step bad[] = {C(ASK), S("SSH-2.0-x\r\n")};
    const struct step cut[] = {C(ASK), S("HTTP/1.1 200 OK\r\nA"), S_EOF, C_EOF};
    struct buf out;
    duplex_all_ways(&proto_http1, silent, COUNT(silent), &out);
    assert_non_null(strstr((const char *)out.data, "incomplete example.com:443 user= code=-1 reply= reason=no answer"));
    assert_non_null(strstr((const char *)out.data, "\"http_method\":\"CONNECT\""));
    buf_fini(&out);
    duplex_all_ways(&proto_http1, torn, COUNT(torn), &out);
    assert_non_null(strstr((const char *)out.data, "incomplete example.com:443 user= code=-1 reply= reason=gap"));
    buf_fini(&out);
    duplex_all_ways(&proto_http1, bad, COUNT(bad), &out);
    assert_non_null(strstr((const char *)out.data, "reason=bad reply\nevent CONNECT_REPLY_INVALID\n"));
    buf_fini(&out);
    duplex_all_ways(&proto_http1, cut, COUNT(cut), &out);
    assert_non_null(strstr((const char *)out.data, "reason=no answer"));
    buf_fini(&out);
}

/* The client asks again before the refusal's body was seen to its end, some of which is missing, or not; what is left
 * of the body and the answer come in one segment, or not. */
static void asked_again_within_refusal_body(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.1 407 Auth\r\nContent-Length: 22\r\n\r\nabcd";
    const struct step whole[] = {C(ASK), S(head), C(ASK), S("12345678efghijklmnHTTP/1.1 200 OK\r\n\r\nin")};
    const struct step before[] = {C(ASK), S(head), S_GAP(8), C(ASK), S("efghijklmnHTTP/1.1 200 OK\r\n\r\nin")};
    const struct step after[] = {C(ASK), S(head), C(ASK), S_GAP(8), S("efghijklmnHTTP/1.1 200 OK\r\n\r\nin")};
    const struct step apart[] = {C(ASK), S(head), S_GAP(8), S("efghijklmn"), C(ASK), S("HTTP/1.1 200 OK\r\n\r\nin")};
    static const char want[] =
        "0 {\"hostname\":\"example.com\",\"http_port\":443,\"url\":\"example.com:443\",\"http_method\":\"CONNECT\","
        "\"protocol\":\"HTTP/1.1\",\"status\":407,\"length\":22}\n" REC(1, 200) NO UP "inner1 in\n";
    expect(whole, COUNT(whole), want);
    expect(before, COUNT(before), want);
    expect(after, COUNT(after), want);
    expect(apart, COUNT(apart), want);
}

static void long_head(void **state)
{
    (void)state;
    struct duplex d;
    char line[1000];
    memset(line, 'x', sizeof line);
    memcpy(line, "A: ", 3);
    line[sizeof line - 1] = '\n';
    duplex_init(&d, &proto_http1, false);
    duplex_bytes(&d, TO_SERVER, ASK, strlen(ASK));
    duplex_bytes(&d, TO_CLIENT, "HTTP/1.1 200 OK\r\n", 17);
    for (int i = 0; i < 65; i++)
        duplex_bytes(&d, TO_CLIENT, line, sizeof line);
    assert_false(d.over);
    duplex_bytes(&d, TO_CLIENT, line, sizeof line);
    assert_int_equal(d.status, PROTO_BROKEN);
    duplex_end(&d);
    buf_add_byte(&d.events, 0);
    assert_string_equal((const char *)d.events.data, "event CONNECT_REPLY_TOO_LONG\n");
    duplex_fini(&d);
}

static void targets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL: by address; "!": malformed */
        const char *addr;
        uint16_t port;
    } t[] = {
        {"example.com:443", "example.com", "", 443},
        {"93.184.216.34:80", NULL, "93.184.216.34", 80},
        {"[2001:db8::1]:8443", NULL, "2001:db8::1", 8443},
        {"xn--bcher-kva_x:1", "xn--bcher-kva_x", "", 1},
        {"example.com", "!", "", 0},
        {"example.com:", "!", "", 0},
        {"example.com:0", "!", "", 0},
        {"example.com:65536", "!", "", 0},
        {"example.com:+80", "!", "", 0},
        {":443", "!", "", 0},
        {"[::1]", "!", "", 0},
        {"[1.2.3.4]:80", "!", "", 0},
        {"::1:443", "!", "", 0},
        {"http://example.com:80", "!", "", 0},
        {"user@example.com:80", "!", "", 0},
        {"", "!", "", 0},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        struct http1_target out;
        char addr[ADDR_TEXT_MAX];
        bool good = http1_target_parse((const uint8_t *)t[i].text, strlen(t[i].text), &out);
        bool bad_wanted = t[i].host && t[i].host[0] == '!';
        assert_int_equal(good, !bad_wanted);
        if (!good)
            continue;
        addr_print(&out.addr, false, addr);
        assert_string_equal(addr, t[i].addr);
        assert_int_equal(out.port, t[i].port);
        assert_int_equal(out.host_len, t[i].host ? strlen(t[i].host) : 0);
    }
}

static void bad_target(void **state)
{
    (void)state;
    const struct step s[] = {C("CONNECT example.com HTTP/1.1\r\nHost: example.com\r\n\r\n"),
                             S("HTTP/1.1 200 OK\r\n\r\nin")};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(
        strstr((const char *)out.data, "incomplete example.com:0 user= code=200 reply=OK reason=bad target"));
    assert_non_null(strstr((const char *)out.data, "event CONNECT_TARGET_INVALID"));
    buf_fini(&out);
}

static void users(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *user;
    } t[] = {
        {"Basic YWxpY2U6c2VjcmV0", "alice"},
        {"basic   YWxpY2U6", "alice"},
        {"Basic YWxpY2U=", ""},
        {"Basic ", ""},
        {"Basic !!!!", ""},
        {"Bearer YWxpY2U6c2VjcmV0", ""},
        {"Digest realm=\"a, username=\\\"x\\\"\", username=\"bo\\\"b\", uri=\"/\"", "bo\"b"},
        {"Digest xusername=\"no\",Username=bob,nc=1", "bob"},
        /* Type 3, unicode flag, user "Bj\u00f6rn" at 64 */
        {"NTLM TlRMTVNTUAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACgAKAEAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAEIAagD2AHIAbgA=",
         "Bj\xc3\xb6rn"},
        /* the same, user beyond the end */
        {"NTLM TlRMTVNTUAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACgAKAPD///8AAAAAAAAAAAAAAAAAAAAAAQAAAEIAagD2AHIAbgA=",
         ""},
        {"NTLM TlRMTVNTUAABAAAA", ""},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        char out[HTTP1_USER_MAX];
        size_t n = http1_auth_user((const uint8_t *)t[i].value, strlen(t[i].value), out);
        assert_true(n == strlen(t[i].user));
        assert_true(memcmp(out, t[i].user, n) == 0);
    }
}

static void odd_requests(void **state)
{
    (void)state;
    static const char *const ask[] = {
        "connect example.com:443 HTTP/1.1\r\n\r\nearly",
        "\r\nCONNECT example.com:443 HTTP/1.0\r\n\r\nearly",
        "CONNECT  example.com:443\tHTTP/1.1\n\nearly",
        "CONNECT example.com:443\r\nHost: example.com:443\r\n\r\nearly",
        "CONNECT example.com:443 HTTP/1.1\r\nTransfer-Encoding: bad\r\nContent-Length: x\r\n\r\nearly",
        "CONNECT example.com:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nearly",
    };
    for (size_t i = 0; i < COUNT(ask); i++) {
        const struct step s[] = {C(ask[i]), S("HTTP/1.1 200 OK\r\n\r\nin"), C("late")};
        struct duplex d;
        duplex_play(&d, &proto_http1, s, COUNT(s), 0);
        assert_int_equal(d.status, PROTO_TUNNEL);
        assert_int_equal(d.logged, 1);
        assert_int_equal(d.inner[0].len, 9);
        assert_memory_equal(d.inner[0].data, "earlylate", 9);
        assert_int_equal(d.inner[1].len, 2);
        assert_memory_equal(d.tunnels.data, UP, strlen(UP));
        duplex_fini(&d);
    }
}

static void user_is_told_and_password_is_not(void **state)
{
    (void)state;
    const struct step s[] = {
        C("CONNECT 10.1.2.3:22 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\nHost: 10.1.2.3:22\r\n\r\n"),
        S("HTTP/1.1 200 Connection established\r\n\r\n")};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(strstr((const char *)out.data,
                           "established 10.1.2.3:22 user=alice code=200 reply=Connection established reason=-"));
    assert_null(strstr((const char *)out.data, "secret"));
    buf_fini(&out);
}

static void many_refusals(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    for (int i = 0; i < 5000; i++) {
        static const char no[] = "HTTP/1.1 407 Auth\r\nContent-Length: 3\r\n\r\nno!";
        duplex_bytes(&d, TO_SERVER, ASK, strlen(ASK));
        duplex_bytes(&d, TO_CLIENT, no, sizeof no - 1);
    }
    assert_false(d.over);
    assert_int_equal(d.logged, 5000);
    duplex_end(&d);
    duplex_fini(&d);
}

static unsigned count_of(const struct duplex *d, const char *what)
{
    unsigned n = 0;
    for (const char *at = (const char *)d->tunnels.data; (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* At most n times asked and refused, with heads that libhtp warns of. Returns how often until it was over. */
static unsigned refused_with_warnings(struct duplex *d, unsigned n)
{
    static const char no[] = "HTTP/1.1 407 Auth\r\nbad\r\nContent-Length: 0\r\n\r\n";
    unsigned i = 0;
    duplex_init(d, &proto_http1, false);
    for (; i < n && !d->over; i++) {
        duplex_bytes(d, TO_SERVER, ASK, strlen(ASK));
        duplex_bytes(d, TO_CLIENT, no, sizeof no - 1);
    }
    return i;
}

/* Each answer is told, also the one that was too much; and if that is a yes, what is behind it is still a tunnel. */
static void too_many_warnings(void **state)
{
    (void)state;
    static const char yes[] = "HTTP/1.1 200 OK\r\nbad\r\n\r\nin";
    struct duplex d;
    unsigned n = refused_with_warnings(&d, HTTP1_MESSAGES_MAX + 1);
    assert_true(n > 1 && d.over);
    duplex_end(&d);
    buf_add_byte(&d.tunnels, 0);
    assert_int_equal(count_of(&d, "refused"), n);
    assert_int_equal(count_of(&d, "tunnel"), n);
    duplex_fini(&d);
    refused_with_warnings(&d, n - 1);
    assert_false(d.over);
    duplex_bytes(&d, TO_SERVER, ASK, strlen(ASK));
    duplex_bytes(&d, TO_CLIENT, yes, sizeof yes - 1);
    assert_int_equal(d.status, PROTO_TUNNEL);
    assert_int_equal(d.inner[TO_CLIENT].len, 2);
    duplex_end(&d);
    buf_add_byte(&d.tunnels, 0);
    assert_int_equal(count_of(&d, "established"), 1);
    assert_int_equal(count_of(&d, "tunnel"), n);
    duplex_fini(&d);
}

/* What the client sends before it has the answer, and some of that is missing. */
static void gap_before_the_answer(void **state)
{
    (void)state;
    const struct step yes[] = {C(ASK), C_GAP(3), C("hello"), S("HTTP/1.1 200 OK\r\n\r\nin"), C("late")};
    expect(yes, COUNT(yes), REC(0, 200) UP "inner0 <gap 3>hellolate\ninner1 in\n");
    const struct step no[] = {C(ASK), C_GAP(3), C("hello"), S("HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n")};
    expect(no, COUNT(no), REC(0, 407) NO "event PROXY_FRAMING_LOST\n");
}

/* Where libhtp begins on the answer by itself, and ends in the same call. */
static void answer_behind_noise(void **state)
{
    (void)state;
    const struct step s[] = {
        C("CONNECT ex"), S("\b"), S("\n"), S("\nCT/\nht/tp"), C("ample.com:443 HTTP/1.1\r\n\r\nhi"), S("\nT\n")};
    struct duplex d;
    duplex_play(&d, &proto_http1, s, COUNT(s), 0);
    assert_int_equal(d.status, PROTO_BROKEN);
    buf_add_byte(&d.tunnels, 0);
    assert_non_null(
        strstr((const char *)d.tunnels.data, "incomplete example.com:443 user= code=-1 reply= reason=bad reply"));
    duplex_fini(&d);
}

static void reversed_roles(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, true);
    duplex_bytes(&d, TO_CLIENT, ASK, strlen(ASK));
    duplex_bytes(&d, TO_SERVER, "HTTP/1.1 200 OK\r\n\r\nx", 20);
    assert_int_equal(d.status, PROTO_TUNNEL);
    assert_int_equal(d.inner[TO_SERVER].len, 1);
    duplex_end(&d);
    buf_add_byte(&d.tunnels, 0);
    assert_non_null(strstr((const char *)d.tunnels.data, "reason=- reverse"));
    duplex_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(established),
        cmocka_unit_test(lf_only),
        cmocka_unit_test(bytes_in_one_segment),
        cmocka_unit_test(interim_answers),
        cmocka_unit_test(any_2xx_and_framing_ignored),
        cmocka_unit_test(after_407_sized),
        cmocka_unit_test(after_407_chunked_pipelined),
        cmocka_unit_test(refused_then_get),
        cmocka_unit_test(behind_other_requests),
        cmocka_unit_test(behind_sized_body),
        cmocka_unit_test(not_in_a_body),
        cmocka_unit_test(lost),
        cmocka_unit_test(asked_again_within_refusal_body),
        cmocka_unit_test(long_head),
        cmocka_unit_test(targets),
        cmocka_unit_test(bad_target),
        cmocka_unit_test(odd_requests),
        cmocka_unit_test(users),
        cmocka_unit_test(user_is_told_and_password_is_not),
        cmocka_unit_test(many_refusals),
        cmocka_unit_test(too_many_warnings),
        cmocka_unit_test(gap_before_the_answer),
        cmocka_unit_test(answer_behind_noise),
        cmocka_unit_test(reversed_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
