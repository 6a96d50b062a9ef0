/* Lines, fields and bodies, apart from any connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/http1/http1_frame.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct http1_span span(const char *text)
{
    return (struct http1_span){(const uint8_t *)text, strlen(text)};
}

static void assert_span(struct http1_span s, const char *text)
{
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

static void heads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n; /* 0: not whole */
    } t[] = {{"A\r\n\r\nx", 5}, {"A\n\nx", 3},     {"A\r\nB: c\r\n\n", 10}, {"\r\n", 2},
             {"A\r\n\r", 0},    {"A\r\n \r\n", 0}, {"A\r\r\n\n", 5},        {"", 0}};
    for (size_t i = 0; i < COUNT(t); i++) {
        size_t len = strlen(t[i].text);
        struct http1_scan whole = {0, 0}, piece = {0, 0};
        assert_int_equal(http1_head_length(&whole, (const uint8_t *)t[i].text, len), t[i].n);
        size_t found = 0;
        for (size_t n = 1; n <= len && !found; n++)
            found = http1_head_length(&piece, (const uint8_t *)t[i].text, n);
        assert_int_equal(found, t[i].n);
    }
}

static void request_lines(void **state)
{
    (void)state;
    struct http1_request_line l;
    assert_true(http1_request_line(span("GET /a HTTP/1.1\r"), &l));
    assert_span(l.method, "GET");
    assert_span(l.target, "/a");
    assert_span(l.version, "HTTP/1.1");
    assert_true(http1_request_line(span(" \tGET\t  /a b \t http/1.0  "), &l));
    assert_span(l.target, "/a b");
    static const char *const bad[] = {"", "GET", "GET /a", "GET HTTP/1.1", "GET /a HTTP/", "GET /a XTTP/1.1", " "};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(http1_request_line(span(bad[i]), &l));
}

static void status_lines(void **state)
{
    (void)state;
    struct http1_status_line l;
    assert_true(http1_status_line(span("HTTP/1.1 200 Very good\r"), &l));
    assert_int_equal(l.code, 200);
    assert_span(l.reason, "Very good");
    assert_true(http1_status_line(span("HTTP/1.0\t 204"), &l));
    assert_int_equal(l.reason.n, 0);
    static const char *const bad[] = {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 099 x", "ICY 200 OK"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(http1_status_line(span(bad[i]), &l));
}

static void fields(void **state)
{
    (void)state;
    static const char text[] = "A: b\r\nC  :\r\nD:e\r\n\tf \r\nnothing\n\r\nX: y\r\n";
    struct reader r = reader_of(text, sizeof text - 1);
    struct http1_field f;
    assert_true(http1_field_next(&r, &f));
    assert_span(f.name, "A");
    assert_span(f.value, "b");
    assert_span(f.raw, "A: b\r\n");
    assert_true(http1_field_next(&r, &f));
    assert_span(f.name, "C");
    assert_span(f.value, "");
    assert_true(http1_field_next(&r, &f));
    assert_span(f.value, "e\r\n\tf");
    assert_span(f.raw, "D:e\r\n\tf \r\n");
    assert_true(http1_field_next(&r, &f));
    assert_span(f.name, "nothing");
    assert_false(http1_field_next(&r, &f));
    assert_true(http1_value_has(span("a, WebSocket ,b"), "websocket"));
    assert_false(http1_value_has(span("websocketx"), "websocket"));
    assert_false(http1_value_has(span(""), "websocket"));
}

/* What the fields say: state and length of a request's body, of a 200's. */
static void framings(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        enum http1_body_state request;
        enum http1_body_state reply;
        uint64_t left;
    } t[] = {
        {"", HTTP1_BODY_DONE, HTTP1_BODY_CLOSE, 0},
        {"Content-Length: 0\n", HTTP1_BODY_DONE, HTTP1_BODY_DONE, 0},
        {"content-length:7\n", HTTP1_BODY_LENGTH, HTTP1_BODY_LENGTH, 7},
        {"Content-Length: 7, 7\nContent-Length: 7\n", HTTP1_BODY_LENGTH, HTTP1_BODY_LENGTH, 7},
        {"Content-Length: 7\nContent-Length: 8\n", HTTP1_BODY_BAD, HTTP1_BODY_BAD, 0},
        {"Content-Length:\n", HTTP1_BODY_BAD, HTTP1_BODY_BAD, 0},
        {"Content-Length: +7\n", HTTP1_BODY_BAD, HTTP1_BODY_BAD, 0},
        {"Content-Length: 1234567890123456789\n", HTTP1_BODY_BAD, HTTP1_BODY_BAD, 0},
        {"Transfer-Encoding: gzip, Chunked\nContent-Length: x\n", HTTP1_BODY_CHUNKED, HTTP1_BODY_CHUNKED, 0},
        {"Transfer-Encoding: chunked, gzip\n", HTTP1_BODY_BAD, HTTP1_BODY_CLOSE, 0},
        {"Transfer-Encoding: gzip\nTransfer-Encoding: chunked\n", HTTP1_BODY_CHUNKED, HTTP1_BODY_CHUNKED, 0},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        struct reader r = reader_of(t[i].fields, strlen(t[i].fields));
        struct http1_framing f = {.length = 0};
        struct http1_field field;
        while (http1_field_next(&r, &field))
            http1_framing_add(&f, &field);
        struct http1_body up = http1_body_of_request(&f);
        struct http1_body down = http1_body_of_reply(&f, 200, false);
        assert_int_equal(up.state, t[i].request);
        assert_int_equal(down.state, t[i].reply);
        if (up.state == HTTP1_BODY_LENGTH)
            assert_int_equal(up.left, t[i].left);
        assert_int_equal(http1_body_of_reply(&f, 200, true).state, HTTP1_BODY_DONE);
        assert_int_equal(http1_body_of_reply(&f, 304, false).state, HTTP1_BODY_DONE);
    }
}

static void bodies(void **state)
{
    (void)state;
    struct http1_body b = {.state = HTTP1_BODY_LENGTH, .left = 5};
    assert_int_equal(http1_body_take(&b, (const uint8_t *)"abc", 3), 3);
    assert_false(http1_body_gap(&b, 3));
    assert_true(http1_body_gap(&b, 1));
    assert_int_equal(http1_body_take(&b, (const uint8_t *)"abc", 3), 1);
    assert_int_equal(b.state, HTTP1_BODY_DONE);
    assert_int_equal(http1_body_take(&b, (const uint8_t *)"abc", 3), 0);
    assert_false(http1_body_gap(&b, 1));
    static const char chunks[] = "3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\nGET";
    for (size_t piece = 1; piece < sizeof chunks; piece++) {
        struct http1_body c = {.state = HTTP1_BODY_CHUNKED};
        size_t at = 0;
        while (c.state == HTTP1_BODY_CHUNKED) {
            size_t left = sizeof chunks - 1 - at;
            at += http1_body_take(&c, (const uint8_t *)chunks + at, piece < left ? piece : left);
        }
        assert_int_equal(c.state, HTTP1_BODY_DONE);
        assert_int_equal(at, sizeof chunks - 1 - 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),  cmocka_unit_test(request_lines), cmocka_unit_test(status_lines),
        cmocka_unit_test(fields), cmocka_unit_test(framings),      cmocka_unit_test(bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
