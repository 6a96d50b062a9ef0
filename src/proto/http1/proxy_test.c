/* Forward proxying and Upgrade: what becomes a channel, what it carries, and what stays the proxy's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/http1/http1.h"
#include "proto/http1/http1_proxy.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Play it every way and compare with what is expected. */
static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_http1, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define ASK(host, path)  "GET http://" host path " HTTP/1.1\r\nHost: " host "\r\nProxy-Connection: keep-alive\r\n\r\n"
#define SEEN(host, path) "GET " path " HTTP/1.1\r\nHost: " host "\r\n\r\n"
#define OK(body, n)      "HTTP/1.1 200 OK\r\nContent-Length: " n "\r\n\r\n" body
#define UP(host, port)   "tunnel http-proxy established " host ":" port " user= code=200 reply=OK reason=-\n"
#define AUTH             "HTTP/1.1 407 Auth\r\nContent-Length: 3\r\n\r\nno!"

static void origins_a_b_a(void **state)
{
    (void)state;
    const struct step s[] = {C(ASK("a.test", "/1")),
                             S(OK("one", "3")),
                             C(ASK("B.test:81", "/2")),
                             S(OK("two", "3")),
                             C(ASK("A.test", "/3")),
                             S(OK("three", "5")),
                             C_EOF,
                             S_EOF};
    expect(s, COUNT(s),
           UP("a.test", "80") UP("B.test", "81") "channel 1 dir0 eof " SEEN("a.test", "/1")
               SEEN("A.test", "/3") "\nchannel 1 dir1 eof " OK("one", "3")
                   OK("three", "5") "\nchannel 2 dir0 eof " SEEN("B.test:81",
                                                                 "/2") "\nchannel 2 dir1 eof " OK("two", "3") "\n");
}

static void pipelined(void **state)
{
    (void)state;
    const struct step s[] = {
        C(ASK("a", "/1") ASK("b", "/2") ASK("a", "/3") "HEAD http://b/4 HTTP/1.1\r\nHost: b\r\n\r\n"),
        S("HTTP/1.1 100 Continue\r\n\r\n" OK(
            "one", "3") "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5;x=y\r\n0\r\n\r\n\r\n0\r\nT: u\r\n\r\n"
                        "HTTP/1.1 204 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")};
    expect(s, COUNT(s),
           UP("a", "80") UP("b", "80") "channel 1 dir0 " SEEN("a", "/1")
               SEEN("a", "/3") "\nchannel 1 dir1 HTTP/1.1 100 Continue\r\n\r\n" OK(
                   "one", "3") "HTTP/1.1 204 OK\r\n\r\n"
                               "\nchannel 2 dir0 " SEEN("b",
                                                        "/2") "HEAD /4 HTTP/1.1\r\nHost: b\r\n\r\n"
                                                              "\nchannel 2 dir1 HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                                                              "chunked\r\n\r\n5;x=y\r\n0\r\n\r\n\r\n0\r\nT: u\r\n\r\n"
                                                              "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\n");
}

static void what_the_origin_sees(void **state)
{
    (void)state;
    const struct step s[] = {C("POST HTTP://alice:pw@[2001:db8::1]?q=http://x HTTP/1.1\nproxy-authorization : Basic "
                               "YWxpY2U6c2VjcmV0\n more\n"
                               "Cookie: a\r\n\tb\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n"),
                             S("HTTP/1.1 100 Continue\r\n\r\n"),
                             C("CONNECT"),
                             S("HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"),
                             C("OPTIONS https://c HTTP/1.1\r\n\r\n"),
                             S("HTTP/1.1 302 \r\n\r\nuntil"),
                             S_EOF};
    expect(s, COUNT(s),
           "tunnel http-proxy established 2001:db8::1:80 user=alice code=201 reply=Made reason=-\n"
           "tunnel http-proxy established c:443 user= code=302 reply= reason=-\n"
           "channel 1 dir0 POST /?q=http://x HTTP/1.1\r\nHost: [2001:db8::1]\r\n"
           "Cookie: a\r\n\tb\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\nCONNECT\n"
           "channel 1 dir1 eof HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n\n"
           "channel 2 dir0 OPTIONS * HTTP/1.1\r\nHost: c:443\r\n\r\n\n"
           "channel 2 dir1 eof HTTP/1.1 302 \r\n\r\nuntil\n");
}

#define REFUSED "tunnel http-proxy refused a:80 user= code=407 reply=Auth reason=-\n"

static void refused(void **state)
{
    (void)state;
    const struct step alone[] = {C(ASK("a", "/")), S(AUTH), C(ASK("a", "/")), S(AUTH), C_EOF, S_EOF};
    expect(alone, COUNT(alone), REFUSED);
    const struct step then[] = {
        C(ASK("a", "/")),
        S(AUTH),
        C("GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Digest username=\"bo\", x=y\r\n\r\n"),
        S(OK("", "0")),
        C(ASK("b", "/")),
        S(AUTH)};
    expect(then, COUNT(then),
           "tunnel http-proxy established a:80 user=bo code=200 reply=OK reason=-\n"
           "tunnel http-proxy refused b:80 user= code=407 reply=Auth reason=-\n"
           "channel 1 dir0 GET / HTTP/1.1\r\nHost: a\r\n\r\n\nchannel 1 dir1 " OK("", "0") "\n");
    const struct step again[] = {C(ASK("a", "/")), S(AUTH), C(ASK("a", "/")), S("HTTP/1.1 2")};
    expect(again, COUNT(again), "tunnel http-proxy incomplete a:80 user= code=-1 reply= reason=no answer\n");
}

#define CONNECT "CONNECT c:443 HTTP/1.1\r\nHost: c:443\r\n\r\n"
#define REC(id, status)                                                                                                \
#id " {\"hostname\":\"c\",\"http_port\":443,\"url\":\"c:443\",\"http_method\":\"CONNECT\","                        \
        "\"protocol\":\"HTTP/1.1\",\"status\":" #status ",\"length\":"
#define OPEN "tunnel http-connect established c:443 user= code=200 reply=OK reason=-\n"

static void mixed(void **state)
{
    (void)state;
    const struct step s[] = {
        C(CONNECT), S(AUTH), C(ASK("a", "/")), S(OK("x", "1")), C(CONNECT "early"), S("HTTP/1.1 200 OK\r\n\r\nin")};
    static const char want[] = REC(0, 407) "3}\n" REC(
        1, 200) "0}\n"
                "tunnel http-connect refused c:443 user= code=407 reply=Auth reason=-\n" UP("a", "80") OPEN
        "inner0 early\ninner1 in\nchannel 1 dir0 " SEEN("a", "/") "\nchannel 1 dir1 " OK("x",
                                                                                         "1") "\nchannel 1 closed\n";
    expect(s, COUNT(s), want);
    /* All at once; and the first answer's body ends in a gap. */
    const struct step at_once[] = {C(CONNECT ASK("a", "/") CONNECT "early"),
                                   S(AUTH OK("x", "1") "HTTP/1.1 200 OK\r\n\r\nin")};
    expect(at_once, COUNT(at_once), want);
    const struct step torn[] = {C(CONNECT),
                                S("HTTP/1.1 407 Auth\r\nContent-Length: 3\r\n\r\n"),
                                S_GAP(3),
                                C(ASK("a", "/")),
                                S(OK("x", "1")),
                                C(CONNECT "early"),
                                S("HTTP/1.1 200 OK\r\n\r\nin")};
    expect(torn, COUNT(torn), want);
}

#define OWN(id, path, n)                                                                                               \
#id " {\"hostname\":\"p\",\"url\":\"" path "\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\","                 \
        "\"status\":200,\"length\":" n "}\n"

static void own_and_proxied(void **state)
{
    (void)state;
    static const char want[] = OWN(0, "/1", "2") OWN(1, "/2", "1") OWN(2, "/3", "4")
        UP("a", "80") "channel 1 dir0 " SEEN("a", "/") "\nchannel 1 dir1 " OK("x", "1") "\n";
#define GET(path) "GET " path " HTTP/1.1\r\nHost: p\r\n\r\n"
    const struct step s[] = {C(GET("/1")),     S(OK("me", "2")), C(GET("/2")), S(OK("m", "1")),
                             C(ASK("a", "/")), S(OK("x", "1")),  C(GET("/3")), S(OK("meme", "4"))};
    expect(s, COUNT(s), want);
    const struct step at_once[] = {C(GET("/1") GET("/2") ASK("a", "/") GET("/3")),
                                   S(OK("me", "2") OK("m", "1") OK("x", "1") OK("meme", "4"))};
    expect(at_once, COUNT(at_once), want);
    const struct step chunked[] = {
        C(GET("/1") GET("/2") ASK("a", "/")),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nme\r\n0\r\n\r\n" OK("m", "1") OK("x", "1")),
        C(GET("/3")), S(OK("meme", "4"))};
    struct buf out;
    duplex_all_ways(&proto_http1, chunked, COUNT(chunked), &out);
    assert_non_null(strstr((const char *)out.data, strstr(want, "1 {")));
    buf_fini(&out);
}

static void gaps(void **state)
{
    (void)state;
    const struct step s[] = {C("PUT http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab"),
                             C_GAP(2),
                             C("ef"),
                             S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab"),
                             S_GAP(6),
                             S("\r\n0\r\n\r\n"),
                             C(ASK("a", "/")),
                             S(OK("123", "3"))};
    expect(s, COUNT(s),
           "tunnel http-proxy established a:80 user= code=-1 reply= reason=-\n"
           "channel 1 dir0 PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab<gap 2>ef" SEEN(
               "a", "/") "\nchannel 1 dir1 HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab<gap "
                         "6>\r\n0\r\n\r\n" OK("123", "3") "\n");
    const struct step head[] = {C(ASK("a", "/")), S(OK("", "0")), S_GAP(10), S("x"), C(ASK("b", "/"))};
    expect(head, COUNT(head),
           UP("a", "80") "event PROXY_FRAMING_LOST\nchannel 1 dir0 " SEEN("a", "/") "\nchannel 1 dir1 " OK(
               "", "0") "\nchannel 1 closed\n");
    const struct step asked[] = {C("GET http://a/ HTTP/1.1\r\nHo"), C_GAP(4), C("x\r\n\r\n")};
    expect(asked, COUNT(asked), "event PROXY_FRAMING_LOST\n");
}

#define NO_CONNECT "HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n"

/* The answer is over before its request is, and libhtp doesn't see the request's end: it passes no gap in a chunk. */
static void answered_before_a_gap(void **state)
{
    (void)state;
    const struct step s[] = {C("CONNECT p:443 HTTP/1.1\r\nHost: p\r\n\r\n"),
                             S(NO_CONNECT),
                             C("POST /u HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabc"),
                             S(OK("", "0")),
                             C_GAP(3),
                             C("\r\n0\r\n\r\n" GET("/2")),
                             S(OK("ab", "2"))};
    struct buf out;
    duplex_all_ways(&proto_http1, s, COUNT(s), &out);
    assert_non_null(strstr((const char *)out.data, "\"url\":\"/u\",\"http_method\":\"POST\""));
    assert_non_null(strstr((const char *)out.data, OWN(2, "/2", "2")));
    buf_fini(&out);
}

static void bad_framing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 1, 2\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nxx\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct step s[] = {C("POST http://a/ HTTP/1.1\r\n"), C(bad[i])};
        struct duplex d;
        duplex_play(&d, &proto_http1, s, COUNT(s), 0);
        assert_int_equal(d.status, PROTO_BROKEN);
        buf_add_byte(&d.events, 0);
        assert_string_equal((const char *)d.events.data, "event PROXY_FRAMING_LOST\n");
        duplex_fini(&d);
    }
    const struct step fine[] = {
        C("POST http://a/ HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: x, chunked\r\n\r\n"
          "0\r\n\r\n" ASK("b", "/"))};
    expect(fine, COUNT(fine),
           "tunnel http-proxy incomplete a:80 user= code=-1 reply= reason=no answer\n"
           "tunnel http-proxy incomplete b:80 user= code=-1 reply= reason=no answer\n");
}

static void not_for_another(void **state)
{
    (void)state;
    static const char *const own[] = {
        "GET http://10.0.0.9:8080/x HTTP/1.1\r\nHost: 10.0.0.9:8080\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 29\r\n\r\nGET http://a/ HTTP/1.1\r\n\r\n\r\n\r\n",
        "GET urn:x HTTP/1.1\r\nHost: p\r\n\r\n",
        "GET /?http://a/ HTTP/1.1\r\nHost: p\r\n\r\n",
        "GET http:/// HTTP/1.1\r\nHost: p\r\n\r\n",
    };
    struct tunnel_link *link = calloc(1, sizeof *link + sizeof link->path[0]);
    assert_non_null(link);
    link->depth = 1;
    link->host = "";
    link->path[0].type = "http-proxy";
    for (size_t i = 0; i <= COUNT(own); i++) {
        struct duplex d;
        duplex_init(&d, &proto_http1, false);
        addr_parse("10.0.0.9", 8, &d.flow.key.dst);
        d.flow.key.dport = 8080;
        if (i == COUNT(own))
            d.flow.link = link;
        const char *text = i == COUNT(own) ? ASK("a", "/") : own[i];
        duplex_bytes(&d, TO_SERVER, text, strlen(text));
        duplex_bytes(&d, TO_CLIENT, OK("", "0"), strlen(OK("", "0")));
        duplex_end(&d);
        assert_int_equal(d.logged, 1);
        buf_add_byte(&d.tunnels, 0);
        assert_null(strstr((const char *)d.tunnels.data, "tunnel "));
        duplex_fini(&d);
    }
    free(link);
}

static void many_origins(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    for (unsigned i = 0; i < 3 * HTTP1_ORIGINS_MAX; i++) {
        char text[100];
        int n = snprintf(text, sizeof text, "GET http://h%u/ HTTP/1.1\r\n\r\n", i);
        duplex_bytes(&d, TO_SERVER, text, (size_t)n);
        duplex_bytes(&d, TO_CLIENT, AUTH, strlen(AUTH));
    }
    assert_false(d.over);
    duplex_end(&d);
    unsigned lines = 0;
    for (size_t i = 0; i < d.tunnels.len; i++)
        lines += d.tunnels.data[i] == '\n';
    assert_int_equal(lines, 3 * HTTP1_ORIGINS_MAX);
    duplex_fini(&d);
}

static void large_upload(void **state)
{
    (void)state;
    static const char head[] = "PUT http://a/ HTTP/1.1\r\nContent-Length: 100000\r\n\r\n";
    static const char seen[] = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    struct duplex d;
    char body[1000];
    memset(body, 'x', sizeof body);
    duplex_init(&d, &proto_http1, false);
    duplex_bytes(&d, TO_SERVER, head, sizeof head - 1);
    for (int i = 0; i < 100; i++)
        duplex_bytes(&d, TO_SERVER, body, sizeof body);
    duplex_bytes(&d, TO_CLIENT, AUTH, strlen(AUTH));
    duplex_end(&d);
    assert_int_equal(d.channels[0].bytes[0].len, sizeof seen - 1 + 100000);
    assert_memory_equal(d.channels[0].bytes[0].data, seen, sizeof seen - 1);
    assert_int_equal(d.channels[0].bytes[1].len, strlen(AUTH)); /* too late to keep it out */
    duplex_fini(&d);
}

#define WS         "GET /chat HTTP/1.1\r\nHost: p\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
#define SWITCH(to) "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " to "\r\n\r\n"
#define WS_REC                                                                                                         \
    "0 {\"hostname\":\"p\",\"url\":\"/chat\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\",\"status\":101,"        \
    "\"length\":0}\n"

static void upgrades(void **state)
{
    (void)state;
    const struct step ws[] = {C(WS "\x82\x01x"), S(SWITCH("WebSocket") "\x82\x01y"), C("late")};
    expect(ws, COUNT(ws), WS_REC "change websocket\ninner0 \x82\x01xlate\ninner1 \x82\x01y\n");
    /* Asked for and not granted, as many clients do: HTTP/1 goes on. */
    const struct step no[] = {C("GET /1 HTTP/1.1\r\nHost: p\r\nUpgrade: h2c\r\n\r\n" GET("/2")), S(OK("me", "2")),
                              S(OK("m", "1"))};
    expect(no, COUNT(no), OWN(0, "/1", "2") OWN(1, "/2", "1"));
    const struct step body[] = {C("POST /chat HTTP/1.1\r\nHost: p\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc"),
                                S(SWITCH("h2c") "\x01"), C("PRI")};
    struct buf out;
    duplex_all_ways(&proto_http1, body, COUNT(body), &out);
    assert_non_null(strstr((const char *)out.data, "\"status\":101"));
    assert_non_null(strstr((const char *)out.data, "change http2\ninner0 PRI\ninner1 \x01\n"));
    buf_fini(&out);
    const struct step through[] = {C("GET ws://a/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x82\x01x"),
                                   S(SWITCH("websocket") "\x82\x01y"),
                                   C("z"),
                                   C_GAP(3),
                                   C("z"),
                                   S_EOF};
    expect(through, COUNT(through),
           "tunnel http-proxy established a:80 user= code=101 reply=Switching Protocols reason=-\n"
           "channel 1 dir0 GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x82\x01xz<gap 3>z\n"
           "channel 1 dir1 eof " SWITCH("websocket") "\x82\x01y\n");
    /* The new protocol's first bytes are missing. */
    const struct step gap[] = {C(WS "\x82"), C_GAP(3), C("x"), S(SWITCH("WebSocket") "\x82\x01y")};
    expect(gap, COUNT(gap), WS_REC "event PROXY_FRAMING_LOST\n");
}

#define UDP(target) "GET " target " HTTP/1.1\r\nHost: p\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\n\r\n"

static void datagrams(void **state)
{
    (void)state;
    static const struct {
        const char *ask;
        const char *offer;
    } t[] = {
        {UDP("/.well-known/masque/udp/192.0.2.6/443/"), "established 192.0.2.6:443"},
        {UDP("/.well-known/masque/udp/2001%3Adb8%3a%3A1/53/"), "established 2001:db8::1:53"},
        {UDP("https://p/.well-known/masque/udp/dns.test/53/"), "established dns.test:53"},
        {UDP("/masque?target_host=dns.test&target_port=53"), "established dns.test:53"},
        {UDP("/masque?x=1&target_port=53&target_host=%3A%3a1"), "established ::1:53"},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        static const char down[] = SWITCH("connect-udp") "\0\4\0abc";
        const struct step s[] = {C(t[i].ask),
                                 {TO_SERVER, "\0\3\0xy", 5},
                                 {TO_CLIENT, down, sizeof down - 1},
                                 {TO_SERVER, "\x29\1?\0\1\0", 6}};
        struct buf out;
        duplex_all_ways(&proto_http1, s, COUNT(s), &out);
        assert_non_null(strstr((const char *)out.data, t[i].offer));
        assert_non_null(strstr((const char *)out.data, "channel 1 dir0 [2]xy[0]\nchannel 1 dir1 [3]abc\n"));
        buf_fini(&out);
    }
    const struct step gap[] = {C(t[0].ask), C_GAP(3), C("x"), S(SWITCH("connect-udp"))};
    struct buf out;
    duplex_all_ways(&proto_http1, gap, COUNT(gap), &out);
    assert_non_null(strstr((const char *)out.data, "incomplete 192.0.2.6:443 user= code=101 reply=Switching Protocols "
                                                   "reason=gap\nevent PROXY_FRAMING_LOST\n"));
    buf_fini(&out);
    static const char *const bad[] = {UDP("/"), UDP("/.well-known/masque/udp/192.0.2.6/0/"),
                                      UDP("/.well-known/masque/udp/a%2/53/"), UDP("/.well-known/masque/udp//53/")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct step s[] = {C(bad[i]), S(SWITCH("connect-udp"))};
        struct duplex d;
        duplex_play(&d, &proto_http1, s, COUNT(s), 0);
        assert_int_equal(d.status, PROTO_DONE);
        buf_add_byte(&d.tunnels, 0);
        assert_non_null(strstr((const char *)d.tunnels.data, "reason=bad target"));
        duplex_fini(&d);
    }
}

static void reversed_roles(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, true);
    duplex_bytes(&d, TO_CLIENT, ASK("a", "/"), strlen(ASK("a", "/")));
    duplex_bytes(&d, TO_SERVER, OK("x", "1"), strlen(OK("x", "1")));
    assert_int_equal(d.channels[0].bytes[TO_CLIENT].len, strlen(SEEN("a", "/")));
    assert_int_equal(d.channels[0].bytes[TO_SERVER].len, strlen(OK("x", "1")));
    duplex_end(&d);
    duplex_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_a_b_a), cmocka_unit_test(pipelined),      cmocka_unit_test(what_the_origin_sees),
        cmocka_unit_test(refused),       cmocka_unit_test(mixed),          cmocka_unit_test(own_and_proxied),
        cmocka_unit_test(gaps),          cmocka_unit_test(bad_framing),    cmocka_unit_test(not_for_another),
        cmocka_unit_test(many_origins),  cmocka_unit_test(large_upload),   cmocka_unit_test(upgrades),
        cmocka_unit_test(datagrams),     cmocka_unit_test(reversed_roles), cmocka_unit_test(answered_before_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
