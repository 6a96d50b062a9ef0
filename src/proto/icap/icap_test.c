#include "proto/icap/icap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/duplex_test.h"

#define GET_A  "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define GET_B  "GET /b HTTP/1.1\r\nHost: b.example\r\n\r\n"
#define OK_2   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
#define NO_MOD "ICAP/1.0 204 No modifications needed\r\nISTag: \"x\"\r\n\r\n"

/* An ICAP message: first line and headers, the encapsulated heads, and what follows them as it stands. */
struct message {
    char text[4096];
    struct step step;
};

static const struct step *message(struct message *m, enum flow_dir dir, const char *head, const char *request,
                                  const char *response, const char *body_name, const char *body)
{
    char parts[128] = "";
    size_t at = 0, n = 0;
    if (request) {
        n += (size_t)snprintf(parts, sizeof parts, "req-hdr=0, ");
        at = strlen(request);
    }
    if (response) {
        n += (size_t)snprintf(parts + n, sizeof parts - n, "res-hdr=%zu, ", at);
        at += strlen(response);
    }
    int len = snprintf(m->text, sizeof m->text, "%s\r\nEncapsulated: %s%s=%zu\r\n\r\n%s%s%s", head, parts, body_name,
                       at, request ? request : "", response ? response : "", body ? body : "");
    assert_true(len > 0 && (size_t)len < sizeof m->text);
    m->step = (struct step){dir, m->text, (size_t)len};
    return &m->step;
}

static const struct step *reqmod(struct message *m, const char *headers, const char *request, const char *body)
{
    char head[512];
    snprintf(head, sizeof head, "REQMOD icap://icap.example/req ICAP/1.0\r\nHost: icap.example%s", headers);
    return message(m, TO_SERVER, head, request, NULL, body ? "req-body" : "null-body", body);
}

static const struct step *respmod(struct message *m, const char *headers, const char *request, const char *response,
                                  const char *body)
{
    char head[512];
    snprintf(head, sizeof head, "RESPMOD icap://icap.example/resp ICAP/1.0\r\nHost: icap.example%s", headers);
    return message(m, TO_SERVER, head, request, response, body ? "res-body" : "null-body", body);
}

static void play(const struct step *steps, size_t n, const char *expected)
{
    struct buf out;
    duplex_all_ways(&proto_icap, steps, n, &out);
    assert_string_equal((const char *)out.data, expected);
    buf_fini(&out);
}

#define PLAY(expected, ...)                                                                                            \
    do {                                                                                                               \
        const struct step steps_[] = {__VA_ARGS__};                                                                    \
        play(steps_, sizeof steps_ / sizeof steps_[0], expected);                                                      \
    } while (0)

#define TUNNEL_A "tunnel icap established a.example:80 user= code=-1 reply= reason=-\n"
#define TUNNEL_B "tunnel icap established b.example:80 user= code=-1 reply= reason=-\n"

static struct message m1, m2, m3, m4;

static void test_reqmod(void **s)
{
    (void)s;
    reqmod(&m1, "\r\nX-Client-IP: 10.1.2.3\r\nX-Client-Port: 4242\r\nX-Client-Username: alice",
           "GET http://a.example:8080/a?b#c HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: Basic eDp5\r\n"
           " folded\r\nAccept: */*\r\nProxy-Connection: close\r\n\r\n",
           NULL);
    PLAY("tunnel icap established a.example:8080 user=alice code=-1 reply= reason=-\n"
         "  client 10.1.2.3:4242\n"
         "channel 1 dir0 GET /a?b#c HTTP/1.1\r\nHost: other.example\r\nAccept: */*\r\n\r\n\n"
         "channel 1 dir1 \n",
         m1.step, S(NO_MOD));
}

static void test_origins(void **s)
{
    (void)s;
    static const struct {
        const char *request;
        const char *expected;
    } cases[] = {
        {"GET http://h.example HTTP/1.1\r\n\r\n", "h.example:80 GET / HTTP/1.1"},
        {"GET http://h.example?q HTTP/1.1\r\n\r\n", "h.example:80 GET /?q HTTP/1.1"},
        {"GET https://u:p@h.example/x HTTP/1.1\r\n\r\n", "h.example:443 GET /x HTTP/1.1"},
        {"GET /x HTTP/1.1\r\nHost: h.example:81\r\n\r\n", "h.example:81 GET /x HTTP/1.1"},
        {"GET /x?u=http://y/ HTTP/1.1\r\nHost: h.example\r\n\r\n", "h.example:80 GET /x?u=http://y/ HTTP/1.1"},
        {"GET http://192.0.2.1/ HTTP/1.1\r\n\r\n", "192.0.2.1:80 GET / HTTP/1.1"},
        {"GET http://[2001:db8::1]:8080/ HTTP/1.1\r\n\r\n", "2001:db8::1:8080 GET / HTTP/1.1"},
        {"GET /x HTTP/1.1\r\nHost: [::1]\r\n\r\n", "::1:80 GET /x HTTP/1.1"},
        {"CONNECT h.example:443 HTTP/1.1\r\n\r\n", "h.example:443 CONNECT h.example:443 HTTP/1.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[512];
        const char *blank = strchr(cases[i].expected, ' ');
        const char *headers = strstr(cases[i].request, "\r\n");
        snprintf(expected, sizeof expected,
                 "tunnel icap established %.*s user= code=-1 reply= reason=-\nchannel 1 dir0 %s%s\nchannel 1 dir1 \n",
                 (int)(blank - cases[i].expected), cases[i].expected, blank + 1, headers);
        reqmod(&m1, "", cases[i].request, NULL);
        PLAY(expected, m1.step);
    }
    reqmod(&m1, "", "GET /x HTTP/1.0\r\n\r\n", NULL);
    PLAY("tunnel icap established :80 user= code=-1 reply= reason=-\n  by carrier\nevent no_origin\n"
         "channel 1 dir0 GET /x HTTP/1.0\r\n\r\n\nchannel 1 dir1 \n",
         m1.step);
    reqmod(&m1, "\r\nX-Server-IP: 192.0.2.7", GET_A, NULL);
    PLAY("tunnel icap established 192.0.2.7a.example:80 user= code=-1 reply= reason=-\n"
         "channel 1 dir0 " GET_A "\nchannel 1 dir1 \n",
         m1.step);
}

static void test_users(void **s)
{
    (void)s;
    static const struct {
        const char *header;
        const char *user;
    } cases[] = {
        {"X-Authenticated-User: TG9jYWw6Ly9ib2I=", "bob"},
        {"x-authenticated-user: V2luTlQ6Ly9DT1JQL2JvYg==", "CORP/bob"},
        {"X-Authenticated-User: Local://bob smith", "bob smith"},
        {"X-Client-Username: DOM\\bob", "DOM\\bob"},
        {"X-Authenticated-User: ", ""},
        {"X-Client-IP: not an address", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[512], header[128];
        snprintf(header, sizeof header, "\r\n%s", cases[i].header);
        snprintf(expected, sizeof expected,
                 "tunnel icap established a.example:80 user=%s code=-1 reply= reason=-\n"
                 "channel 1 dir0 " GET_A "\nchannel 1 dir1 \n",
                 cases[i].user);
        reqmod(&m1, header, GET_A, NULL);
        PLAY(expected, m1.step);
    }
}

static void test_respmod(void **s)
{
    (void)s;
    respmod(&m1, "", GET_A, OK_2, "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "hi\n", m1.step, S(NO_MOD));
    /* What the ICAP server made of it is not what the origin said. */
    message(&m2, TO_CLIENT, "ICAP/1.0 200 OK\r\nISTag: x", NULL, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
            "res-body", "3\r\nbad\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "hi\n", m1.step, m2.step);
}

static void test_keep_alive(void **s)
{
    (void)s;
    respmod(&m1, "", GET_A, OK_2, "1\r\n1\r\n1\r\n1\r\n0\r\n\r\n");
    respmod(&m2, "", GET_B, OK_2, "2\r\n22\r\n0\r\nTrailer: x\r\n\r\n");
    respmod(&m3, "", GET_A, OK_2, "2\r\n33\r\n0\r\n\r\n");
    const char *expected = TUNNEL_A TUNNEL_B "channel 1 dir0 " GET_A GET_A "\nchannel 1 dir1 " OK_2 "11" OK_2 "33\n"
                                             "channel 2 dir0 " GET_B "\nchannel 2 dir1 " OK_2 "22\n";
    PLAY(expected, m1.step, S(NO_MOD), m2.step, S(NO_MOD), m3.step, S(NO_MOD));
    PLAY(expected, m1.step, m2.step, m3.step, S(NO_MOD NO_MOD NO_MOD));
    PLAY(expected, S(NO_MOD), m1.step, m2.step, m3.step);
    /* Another client, another user. */
    respmod(&m2, "\r\nX-Client-IP: 10.0.0.1", GET_A, OK_2, "2\r\n22\r\n0\r\n\r\n");
    respmod(&m3, "\r\nX-Client-Username: u", GET_A, OK_2, "2\r\n33\r\n0\r\n\r\n");
    PLAY(TUNNEL_A TUNNEL_A "  client 10.0.0.1:0\n"
                           "tunnel icap established a.example:80 user=u code=-1 reply= reason=-\n"
                           "channel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "11\n"
                           "channel 2 dir0 " GET_A "\nchannel 2 dir1 " OK_2 "22\n"
                           "channel 3 dir0 " GET_A "\nchannel 3 dir1 " OK_2 "33\n",
         m1.step, m2.step, m3.step);
}

/* Both halves of a transaction on one connection: the request once. */
static void test_both_halves(void **s)
{
    (void)s;
    reqmod(&m1, "", GET_A, NULL);
    respmod(&m2, "", GET_A, OK_2, "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A GET_A "\nchannel 1 dir1 " OK_2 "hi" OK_2 "hi\n", m1.step, S(NO_MOD), m2.step,
         S(NO_MOD), m1.step, m2.step);
    /* A second request there while the first waits has a session of its own, and each gets its own answer. */
    reqmod(&m3, "", "GET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n", NULL);
    respmod(&m4, "", "GET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n", OK_2, "2\r\nyo\r\n0\r\n\r\n");
    PLAY(TUNNEL_A TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "hi\n"
                           "channel 2 dir0 GET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n\nchannel 2 dir1 " OK_2 "yo\n",
         m1.step, m3.step, m4.step, m2.step);
}

#define POST_A "POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\n"

static void test_preview(void **s)
{
    (void)s;
    reqmod(&m1, "\r\nPreview: 4\r\nAllow: 204", POST_A, "4\r\n0123\r\n0\r\n\r\n");
    const char *all = TUNNEL_A "channel 1 dir0 " POST_A "0123456789\nchannel 1 dir1 \n";
    PLAY(all, m1.step, S("ICAP/1.0 100 Continue\r\n\r\n"), C("6\r\n456789\r\n0\r\n\r\n"), S(NO_MOD));
    PLAY(all, m1.step, C("6\r\n456789\r\n0\r\n\r\n"), S("ICAP/1.0 100 Continue\r\n\r\n" NO_MOD));
    /* All of it was in the preview. */
    reqmod(&m2, "\r\nPreview: 1024", POST_A, "a\r\n0123456789\r\n0; ieof\r\n\r\n");
    PLAY(all, m2.step, S(NO_MOD));
    /* The server has seen enough: the rest never comes. */
    reqmod(&m3, "", GET_B, NULL);
    PLAY(TUNNEL_A "channel 1 dir0 " POST_A "0123<gap 6>\nchannel 1 dir1 \n", m1.step, S(NO_MOD));
    PLAY(TUNNEL_A "channel 1 dir0 " POST_A "0123<gap 6>\nchannel 1 dir1 \n", m1.step, C_EOF);
    PLAY(TUNNEL_A TUNNEL_B "channel 1 dir0 " POST_A "0123<gap 6>\nchannel 1 dir1 \n"
                           "channel 2 dir0 " GET_B "\nchannel 2 dir1 \n",
         m1.step, m3.step);
}

static void test_framings(void **s)
{
    (void)s;
    /* Chunks stay chunks. */
    respmod(&m1, "", GET_A, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "2\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "2\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n\n",
         m1.step);
    /* Neither: the session ends with the body. */
    respmod(&m1, "", GET_A, "HTTP/1.1 200 OK\r\n\r\n", "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 HTTP/1.1 200 OK\r\n\r\nhi\nchannel 1 closed\n"
                           "channel 2 dir0 " GET_A "\nchannel 2 dir1 HTTP/1.1 200 OK\r\n\r\nhi\nchannel 2 closed\n",
         m1.step, m1.step);
    /* A request with a body and no length had a coding. */
    reqmod(&m1, "", "POST /p HTTP/1.1\r\nHost: a.example\r\n\r\n", "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 POST /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "2\r\nhi\r\n0\r\n\r\n\nchannel 1 dir1 \n",
         m1.step);
    /* The request's body is not in a RESPMOD. */
    respmod(&m1, "", POST_A, OK_2, "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " POST_A "<gap 10>\nchannel 1 dir1 " OK_2 "hi\n", m1.step);
    respmod(&m1, "", "POST /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n", OK_2,
            "2\r\nhi\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 POST /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n\n"
                  "channel 1 dir1 " OK_2 "hi\nchannel 1 closed\n",
         m1.step);
    /* No body whatever the length says. */
    respmod(&m1, "", "HEAD /h HTTP/1.1\r\nHost: a.example\r\n\r\n", OK_2, NULL);
    PLAY(TUNNEL_A "channel 1 dir0 HEAD /h HTTP/1.1\r\nHost: a.example\r\n\r\n\nchannel 1 dir1 " OK_2 "\n", m1.step);
    respmod(&m1, "", GET_A, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", NULL);
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n\n",
         m1.step);
    respmod(&m1, "", GET_A, "HTTP/1.1 101 Switching Protocols\r\n\r\n", NULL);
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 HTTP/1.1 101 Switching Protocols\r\n\r\n\n"
                  "channel 1 closed\n",
         m1.step);
}

static void test_mismatch(void **s)
{
    (void)s;
    respmod(&m1, "", GET_A, OK_2, "3\r\nhi!\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "event length_mismatch\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "hi\n", m1.step);
    respmod(&m1, "", GET_A, OK_2, "1\r\nh\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "event length_mismatch\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "h<gap 1>\n", m1.step);
}

/* RFC 3507 4.8.2: the answer to a REQMOD is a response. */
static void test_block_page(void **s)
{
    (void)s;
    reqmod(&m1, "", GET_A, NULL);
    message(&m2, TO_CLIENT, "ICAP/1.0 200 OK\r\nISTag: x", NULL, "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\n",
            "res-body", "3\r\nbad\r\n0\r\n\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A GET_A "\nchannel 1 dir1 HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nbad"
                  "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nbad\n",
         m1.step, m2.step, m1.step, m2.step);
    /* A changed request is not. */
    message(&m2, TO_CLIENT, "ICAP/1.0 200 OK\r\nISTag: x", "GET /other HTTP/1.1\r\n\r\n", NULL, "null-body", NULL);
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 \n", m1.step, m2.step);
    /* A CONNECT: its session ends when it may go on. */
    reqmod(&m1, "", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", NULL);
    PLAY("tunnel icap established a.example:443 user= code=-1 reply= reason=-\n"
         "channel 1 dir0 CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\nchannel 1 dir1 \n"
         "channel 1 closed\n",
         m1.step, S(NO_MOD));
}

static void test_no_session(void **s)
{
    (void)s;
    PLAY("", C("OPTIONS icap://icap.example/req ICAP/1.0\r\nHost: icap.example\r\n\r\n"),
         S("ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nEncapsulated: null-body=0\r\n\r\n"),
         C("OPTIONS icap://icap.example/req ICAP/1.0\r\nEncapsulated: opt-body=0\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
         S("ICAP/1.0 200 OK\r\nEncapsulated: opt-body=0\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
}

static void test_wrong(void **s)
{
    (void)s;
    PLAY("event invalid_request_line\n", C("GET / HTTP/1.1\r\n\r\n"));
    PLAY("event invalid_encapsulated\n", C("REQMOD icap://i/ ICAP/1.0\r\nEncapsulated: req-hdr=0\r\n\r\n"));
    PLAY("event invalid_encapsulated\n",
         C("REQMOD icap://i/ ICAP/1.0\r\nEncapsulated: req-hdr=9, null-body=5\r\n\r\n"));
    PLAY("event invalid_encapsulated\n", C("REQMOD icap://i/ ICAP/1.0\r\nEncapsulated: \r\n\r\n"));
    PLAY("event invalid_encapsulated\n",
         C("REQMOD icap://i/ ICAP/1.0\r\nEncapsulated: req-hdr=0, null-body=99999999999999999999\r\n\r\n"));
    PLAY("event invalid_encapsulated\n", C("REQMOD icap://i/ ICAP/1.0\r\n\r\n"));
    PLAY("event invalid_http_head\n",
         C("REQMOD icap://i/ ICAP/1.0\r\nEncapsulated: req-hdr=0, null-body=5\r\n\r\nhello"));
    reqmod(&m1, "", POST_A, "x\r\n");
    PLAY(TUNNEL_A "event invalid_chunk\nchannel 1 dir0 " POST_A "\nchannel 1 dir1 \nchannel 1 closed\n", m1.step);
    reqmod(&m1, "", GET_A, NULL);
    const char *one = TUNNEL_A "event invalid_status_line\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 \n";
    PLAY(one, m1.step, S("HTTP/1.1 200 OK\r\n\r\n"));
    PLAY(TUNNEL_A "event response_without_request\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 \n", m1.step, S(NO_MOD),
         C_EOF, S(NO_MOD));
    static char much[40000];
    memset(much, 'a', sizeof much - 1);
    memcpy(much, "REQMOD icap://", 14);
    PLAY("event header_too_long\n", {TO_SERVER, much, sizeof much});
}

static void test_gaps(void **s)
{
    (void)s;
    respmod(&m1, "", GET_A, OK_2, "2\r\n");
    PLAY(TUNNEL_A "channel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "<gap 1>i\n", m1.step, C_GAP(1),
         C("i\r\n0\r\n\r\n"));
    PLAY(TUNNEL_A "event request_gap\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 " OK_2 "\nchannel 1 closed\n", m1.step,
         C_GAP(3), C("i\r\n0\r\n\r\n"));
    /* The answers are not needed for the requests. */
    reqmod(&m1, "", GET_A, NULL);
    reqmod(&m2, "", GET_B, NULL);
    PLAY(TUNNEL_A TUNNEL_B "event response_gap\nchannel 1 dir0 " GET_A "\nchannel 1 dir1 \n"
                           "channel 2 dir0 " GET_B "\nchannel 2 dir1 \n",
         m1.step, S_GAP(9), S("any"), m2.step, S("thing"));
}

static void test_limits(void **s)
{
    (void)s;
    struct duplex d;
    duplex_init(&d, &proto_icap, false);
    for (unsigned i = 0; i < 70; i++)
        duplex_bytes(&d, TO_SERVER, "OPTIONS icap://i/ ICAP/1.0\r\n\r\n", 30);
    assert_int_equal(d.events.len, strlen("event too_many_requests\n"));
    duplex_end(&d);
    duplex_fini(&d);
}

/* No RESPMOD for long: a request that passed waits for no response. */
static void test_reqmod_alone(void **s)
{
    (void)s;
    struct duplex d;
    duplex_init(&d, &proto_icap, false);
    for (unsigned i = 0; i < 8; i++)
        duplex_bytes(&d, TO_SERVER, "OPTIONS icap://i/ ICAP/1.0\r\n\r\n", 30);
    reqmod(&m1, "", GET_A, NULL);
    duplex_bytes(&d, TO_SERVER, m1.text, m1.step.n);
    assert_false(d.channels[0].closed);
    for (unsigned i = 0; i < 9; i++)
        duplex_bytes(&d, TO_CLIENT, NO_MOD, strlen(NO_MOD));
    assert_true(d.channels[0].closed);
    duplex_end(&d);
    duplex_fini(&d);
}

/* One more session than there is room for closes the one used longest ago. */
static void test_room(void **s)
{
    (void)s;
    struct duplex d;
    duplex_init(&d, &proto_icap, false);
    for (unsigned i = 0; i < 34; i++) {
        char request[64];
        snprintf(request, sizeof request, "GET http://h%u.example/ HTTP/1.1\r\n\r\n", i == 32 ? 0 : i);
        respmod(&m1, "", request, OK_2, "2\r\nhi\r\n0\r\n\r\n");
        duplex_bytes(&d, TO_SERVER, m1.text, m1.step.n);
        duplex_bytes(&d, TO_CLIENT, NO_MOD, strlen(NO_MOD));
    }
    /* The first was used again. */
    for (unsigned i = 0; i < 33; i++)
        assert_true(d.channels[i].closed == (i == 1));
    assert_int_equal(d.events.len, 0);
    duplex_end(&d);
    duplex_fini(&d);
}

/* The flow's server is the ICAP client. */
static void test_reversed(void **s)
{
    (void)s;
    struct duplex d;
    duplex_init(&d, &proto_icap, true);
    respmod(&m1, "", GET_A, OK_2, "2\r\nhi\r\n0\r\n\r\n");
    duplex_bytes(&d, TO_CLIENT, m1.text, m1.step.n);
    duplex_bytes(&d, TO_SERVER, NO_MOD, strlen(NO_MOD));
    assert_int_equal(d.events.len, 0);
    assert_memory_equal(d.tunnels.data + d.tunnels.len - 10, "  swapped\n", 10);
    assert_int_equal(d.channels[0].bytes[TO_CLIENT].len, strlen(GET_A));
    assert_int_equal(d.channels[0].bytes[TO_SERVER].len, strlen(OK_2) + 2);
    duplex_end(&d);
    duplex_fini(&d);
}

static void test_probe(void **s)
{
    (void)s;
    static const struct {
        const char *up;
        const char *down;
        enum proto_probe_result result;
    } cases[] = {
        {"REQMOD icap://h/s ICAP/1.0\r\n", "", PROBE_YES},
        {"RESPMOD icaps://h", "", PROBE_YES},
        {"OPTIONS ICAP://h/s", "", PROBE_YES},
        {"OPTIONS ica", "", PROBE_MORE},
        {"R", "", PROBE_MORE},
        {"", "", PROBE_MORE},
        {"OPTIONS http://", "", PROBE_NO},
        {"GET ", "", PROBE_NO},
        {"", "ICAP/1.0 200 OK", PROBE_YES},
        {"", "ICAP/1.0 2", PROBE_MORE},
        {"", "ICAP/1.0 x00 ", PROBE_NO},
        {"", "REQMOD icap://h", PROBE_YES_REVERSED},
        {"ICAP/1.0 204 No", "", PROBE_YES_REVERSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct proto_probe p = {.data = {(const uint8_t *)cases[i].up, (const uint8_t *)cases[i].down},
                                .len = {strlen(cases[i].up), strlen(cases[i].down)},
                                .transport = PROTO_TCP};
        assert_int_equal(proto_icap.probe(&p), cases[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reqmod),     cmocka_unit_test(test_origins),      cmocka_unit_test(test_users),
        cmocka_unit_test(test_respmod),    cmocka_unit_test(test_keep_alive),   cmocka_unit_test(test_both_halves),
        cmocka_unit_test(test_preview),    cmocka_unit_test(test_framings),     cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_block_page), cmocka_unit_test(test_no_session),   cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_gaps),       cmocka_unit_test(test_limits),       cmocka_unit_test(test_reversed),
        cmocka_unit_test(test_probe),      cmocka_unit_test(test_reqmod_alone), cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
