/* HTTP/1 but for CONNECT: probing, records, bodies, gaps, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "config/conf.h"
#include "proto/duplex_test.h"
#include "proto/http1/http1.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_http1, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

static void expect_part(const struct step *steps, size_t n, const char *part)
{
    struct buf out;
    duplex_all_ways(&proto_http1, steps, n, &out);
    assert_non_null(strstr((const char *)out.data, part));
    buf_fini(&out);
}

#define GET  "GET /a?b=c HTTP/1.1\r\nHost: Example.COM:8080\r\n\r\n"
#define GOT  "{\"hostname\":\"Example.COM\",\"http_port\":8080,\"url\":\"/a?b=c\","
#define TAIL "\"http_method\":\"GET\",\"protocol\":\"HTTP/1.1\""

static void all_members(void **state)
{
    (void)state;
    const struct step s[] = {C("GET /x HTTP/1.1\r\nHost: Example.com:81\r\nUser-Agent: t\"1\r\nReferer: /r\r\n\r\n"),
                             S("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Type: text/html; charset=x\r\n"
                               "Content-Range: bytes 2-5/100\r\nContent-Length: 4\r\n\r\nbody")};
    expect(s, COUNT(s),
           "0 {\"hostname\":\"Example.com\",\"http_port\":81,\"url\":\"/x\","
           "\"http_user_agent\":\"t\\\"1\",\"http_content_type\":\"text/html\","
           "\"content_range\":{\"raw\":\"bytes 2-5/100\",\"start\":2,\"end\":5,\"size\":100},"
           "\"http_refer\":\"/r\"," TAIL ",\"status\":302,\"redirect\":\"/y\",\"length\":4}\n");
}

static void log_options(void **state)
{
    (void)state;
    static const char request[] = "GET / HTTP/1.0\r\nAuthorization: Basic c2VjcmV0\r\n\r\n";
    static const char reply[] = "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n\r\n";
    struct conf_node dump = {.kind = CONF_SCALAR, .key = "dump-all-headers", .text = "both"};
    struct conf_node extended = {.kind = CONF_SCALAR, .key = "extended", .text = "no", .next = &dump};
    struct conf_node options = {.kind = CONF_MAPPING, .first = &extended};
    struct settings_eve_type types[] = {{.name = "dns"}, {.name = "http", .options = &options}};
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    proto_http1.fini(d.state);
    d.settings.eve.types = types;
    d.settings.eve.type_count = 2;
    memset(d.state, 0, proto_http1.state_size);
    assert_int_equal(proto_http1.init(d.state, &d.settings, false), 0);
    duplex_bytes(&d, TO_SERVER, request, sizeof request - 1);
    duplex_bytes(&d, TO_CLIENT, reply, sizeof reply - 1);
    duplex_end(&d);
    buf_add_byte(&d.records, 0);
    assert_string_equal((const char *)d.records.data,
                        "0 {\"url\":\"/\",\"request_headers\":[{\"name\":\"Authorization\",\"value\":\"<hidden>\"}],"
                        "\"response_headers\":[{\"name\":\"X\",\"value\":\"y\"},"
                        "{\"name\":\"Content-Length\",\"value\":\"0\"}]}\n");
    duplex_fini(&d);
}

static void ranges(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *text;
    } t[] = {
        {"bytes */77", "{\"raw\":\"bytes */77\",\"size\":77}"},
        {"bytes 0-9/*", "{\"raw\":\"bytes 0-9/*\",\"start\":0,\"end\":9}"},
        {"bytes 0-", "{\"raw\":\"bytes 0-\"}"},
        {"lines 1-2/3", "{\"raw\":\"lines 1-2/3\"}"},
        {"b", "{\"raw\":\"b\"}"},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        char reply[200];
        snprintf(reply, sizeof reply, "HTTP/1.1 206 P\r\nContent-Range: %s\r\nContent-Length: 0\r\n\r\n", t[i].value);
        const struct step s[] = {C(GET), S(reply)};
        expect_part(s, COUNT(s), t[i].text);
    }
}

static void keep_alive(void **state)
{
    (void)state;
    const struct step s[] = {C(GET), S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
                             C(GET), S("HTTP/1.1 204 No\r\n\r\n"),
                             C(GET), S("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")};
    expect(s, COUNT(s),
           "0 " GOT TAIL ",\"status\":200,\"length\":2}\n1 " GOT TAIL ",\"status\":204,\"length\":0}\n"
           "2 " GOT TAIL ",\"status\":404,\"length\":0}\n");
}

static void pipelined(void **state)
{
    (void)state;
    const struct step s[] = {C(GET GET), S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 201 OK\r\n"
                                           "Content-Length: 3\r\n\r\nabc")};
    expect(s, COUNT(s), "0 " GOT TAIL ",\"status\":200,\"length\":2}\n1 " GOT TAIL ",\"status\":201,\"length\":3}\n");
}

static void interim_answers(void **state)
{
    (void)state;
    const struct step s[] = {C(GET), S("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
                             S("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")};
    const struct step torn[] = {C(GET), S("HTTP/1.1 1"), S_EOF, C_EOF};
    const struct step open[] = {C(GET), S("HTTP/1.1 100 Continue\r\nA"), S_EOF, C_EOF};
    expect(s, COUNT(s), "0 " GOT TAIL ",\"status\":200,\"length\":2}\n");
    expect_part(torn, COUNT(torn), TAIL);
    expect_part(open, COUNT(open), TAIL);
}

static void until_the_end(void **state)
{
    (void)state;
    const struct step s[] = {C("GET / HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\n\r\nsome bytes"), S_EOF, C_EOF};
    expect(s, COUNT(s),
           "0 {\"url\":\"/\",\"http_method\":\"GET\",\"protocol\":\"HTTP/1.0\",\"status\":200,\"length\":10}\n");
}

static void unanswered(void **state)
{
    (void)state;
    const struct step s[] = {C(GET)};
    const struct step part[] = {C("GET / HT")};
    expect(s, COUNT(s), "0 " GOT TAIL ",\"length\":0}\n");
    expect(part, COUNT(part), "0 {\"url\":\"/\",\"http_method\":\"GET\",\"protocol\":\"HT\",\"length\":0}\n");
}

static void nobody_asked(void **state)
{
    (void)state;
    const struct step s[] = {S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
                             S("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")};
    expect(s, COUNT(s),
           "0 {\"url\":\"/libhtp::request_uri_not_seen\",\"status\":200,\"length\":2}\n"
           "1 {\"url\":\"/libhtp::request_uri_not_seen\",\"status\":404,\"length\":0}\n"
           "event UNABLE_TO_MATCH_RESPONSE_TO_REQUEST\nevent UNABLE_TO_MATCH_RESPONSE_TO_REQUEST\n");
}

static void gap_in_a_body(void **state)
{
    (void)state;
    const struct step s[] = {C(GET),    S("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"),
                             S_GAP(80), S("0123456789"),
                             C(GET),    S("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")};
    expect(s, COUNT(s), "0 " GOT TAIL ",\"status\":200,\"length\":100}\n1 " GOT TAIL ",\"status\":404,\"length\":0}\n");
    /* Just to its end, of both sides. */
    const struct step t[] = {C("POST /a HTTP/1.1\r\nHost: example.com\r\nContent-Length: 20\r\n\r\n0123456789"),
                             C_GAP(10),
                             S("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"),
                             S_GAP(90),
                             C(GET),
                             S("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")};
    expect(t, COUNT(t),
           "0 {\"hostname\":\"example.com\",\"url\":\"/a\",\"http_method\":\"POST\",\"protocol\":\"HTTP/1.1\","
           "\"status\":200,\"length\":100}\n1 " GOT TAIL ",\"status\":404,\"length\":0}\n");
}

static void gap_in_a_head(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
    duplex_bytes(&d, TO_CLIENT, "HTTP/1.1 200 OK\r\nCont", 21);
    duplex_gap(&d, TO_CLIENT, 5);
    assert_int_equal(d.status, PROTO_BROKEN);
    duplex_end(&d);
    assert_int_equal(d.logged, 1);
    duplex_fini(&d);
}

/* 100 bytes of 'a' in gzip. */
static const char gzipped[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x4c\xa4\x3d\x00\x00\x64\x7a\x70\xaf\x64\x00\x00\x00";

static void compressed(void **state)
{
    (void)state;
    struct duplex d;
    char head[100];
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                     sizeof gzipped - 1);
    duplex_init(&d, &proto_http1, false);
    duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
    duplex_bytes(&d, TO_CLIENT, head, (size_t)n);
    duplex_bytes(&d, TO_CLIENT, gzipped, sizeof gzipped - 1);
    duplex_end(&d);
    assert_int_equal(d.logged, 1);
    assert_int_equal(d.events.len, 0);
    duplex_fini(&d);
}

/* A body's first bytes are missing: its file says so. */
static void gap_before_a_body(void **state)
{
    (void)state;
    static const char *const heads[] = {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Encoding: gzip\r\n\r\n"};
    static const char *const files[] = {"file dir1 /a 6 truncated gaps: cdef\n", "file dir1 /a 2 truncated gaps: \n"};
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct duplex d;
        duplex_init_files(&d, &proto_http1, false);
        duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
        duplex_bytes(&d, TO_CLIENT, heads[i], strlen(heads[i]));
        duplex_gap(&d, TO_CLIENT, 2);
        duplex_bytes(&d, TO_CLIENT, "cdef", 4);
        duplex_end(&d);
        buf_add_byte(&d.records, 0);
        assert_non_null(strstr((const char *)d.records.data, files[i]));
        assert_int_equal(d.events.len, 0);
        duplex_fini(&d);
    }
}

/* A form in which a file may be that was not seen: only one that is whole can have none. */
static void gap_in_a_form(void **state)
{
    (void)state;
    static const char head[] = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                               "Content-Length: 9\r\n\r\n";
    for (unsigned missing = 0; missing < 2; missing++) {
        struct duplex d;
        duplex_init_files(&d, &proto_http1, false);
        duplex_bytes(&d, TO_SERVER, head, sizeof head - 1);
        if (missing)
            duplex_gap(&d, TO_SERVER, 3);
        else
            duplex_bytes(&d, TO_SERVER, "abc", 3);
        duplex_bytes(&d, TO_SERVER, "defghi", 6);
        duplex_bytes(&d, TO_CLIENT, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
        duplex_end(&d);
        buf_add_byte(&d.events, 0);
        assert_string_equal((const char *)d.events.data, missing ? "" : "event MULTIPART_NO_FILEDATA\n");
        duplex_fini(&d);
    }
}

static void switched_protocols(void **state)
{
    (void)state;
    const struct step s[] = {C("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n"),
                             S("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n\1\2\3"), C("\4\5")};
    expect_part(s, COUNT(s), "\"status\":101");
}

static void odd_traffic(void **state)
{
    (void)state;
    const struct step hostless[] = {C("GET / HTTP/1.1\r\n\r\n")};
    const struct step twice[] = {C("GET gopher://a/ HTTP/1.1\r\nHost: b\r\n\r\n")};
    const struct step colon[] = {C("GET / HTTP/1.1\r\nHost: b\r\nnothing\r\n\r\n")};
    const struct step status[] = {C(GET), S("HTTP/1.1 2XX OK\r\nContent-Length: 0\r\n\r\n")};
    const struct step chunk[] = {C(GET), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")};
    expect_part(hostless, COUNT(hostless), "event MISSING_HOST_HEADER\n");
    expect_part(twice, COUNT(twice), "event HOST_HEADER_AMBIGUOUS\n");
    expect_part(colon, COUNT(colon), "event REQUEST_FIELD_MISSING_COLON\n");
    expect_part(status, COUNT(status), "\"status_string\":\"2XX\"");
    expect_part(status, COUNT(status), "event RESPONSE_INVALID_STATUS\n");
    /* What libhtp makes of the rest depends on how it comes. */
    struct duplex d;
    duplex_play(&d, &proto_http1, chunk, COUNT(chunk), 0);
    buf_add_byte(&d.events, 0);
    assert_string_equal((const char *)d.events.data, "event INVALID_RESPONSE_CHUNK_LEN\n");
    duplex_fini(&d);
}

static void too_many_unanswered(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    for (int i = 0; i < 512; i++)
        duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
    assert_false(d.over);
    duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
    assert_int_equal(d.status, PROTO_BROKEN);
    duplex_end(&d);
    buf_add_byte(&d.events, 0);
    assert_string_equal((const char *)d.events.data, "event TOO_MANY_TRANSACTIONS\n");
    assert_int_equal(d.logged, 512);
    duplex_fini(&d);
}

static void long_connection(void **state)
{
    (void)state;
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    struct duplex d;
    duplex_init(&d, &proto_http1, false);
    for (int i = 0; i < 10000; i++) {
        duplex_bytes(&d, TO_SERVER, GET, strlen(GET));
        duplex_bytes(&d, TO_CLIENT, reply, sizeof reply - 1);
    }
    assert_false(d.over);
    duplex_end(&d);
    assert_int_equal(d.logged, 10000);
    assert_int_equal(d.events.len, 0);
    duplex_fini(&d);
}

static enum proto_probe_result ask(const char *up, const char *down)
{
    struct proto_probe p = {.data = {(const uint8_t *)up, (const uint8_t *)down}, .len = {strlen(up), strlen(down)}};
    return proto_http1.probe(&p);
}

static void probing(void **state)
{
    (void)state;
    assert_int_equal(ask("GET ", ""), PROBE_YES);
    assert_int_equal(ask("GET", ""), PROBE_MORE);
    assert_int_equal(ask("\r\nCONNECT a:1", ""), PROBE_YES);
    assert_int_equal(ask("PROPFIND /", ""), PROBE_YES);
    assert_int_equal(ask("", "HTTP/1."), PROBE_YES);
    assert_int_equal(ask("", "HTTP/0.9"), PROBE_YES);
    assert_int_equal(ask("", "HTTP/"), PROBE_MORE);
    assert_int_equal(ask("", "HTTP/2.0 "), PROBE_NO);
    assert_int_equal(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x01"), PROBE_NO);
    assert_int_equal(ask("get / HTTP/1.1\r\n", ""), PROBE_YES);
    assert_int_equal(ask("FOO / HTTP/1.0\r\n", ""), PROBE_YES);
    assert_int_equal(ask("FOO / HT", ""), PROBE_MORE);
    assert_int_equal(ask("USER x\r\n", "2"), PROBE_NO);
    assert_int_equal(ask("OPTIONS rtsp://a/ RTSP/1.0\r\n", "RTSP/1.0"), PROBE_NO);
    assert_int_equal(ask("HTTP/1.1 200", ""), PROBE_YES_REVERSED);
    assert_int_equal(ask("", "POST / HTTP/1.1"), PROBE_YES_REVERSED);
    assert_int_equal(ask("\x16\x03\x01", "\x16"), PROBE_NO);
    assert_int_equal(ask("G%T / HTTP/1.1\r\n", "\x16"), PROBE_NO);
    assert_int_equal(ask("\x85", ""), PROBE_MORE);
    assert_int_equal(ask("\x85", "HTTP/1.0 400"), PROBE_YES);
    assert_int_equal(ask("", ""), PROBE_MORE);
}

static bool response_body(const struct duplex *d, struct proto_bytes *out)
{
    const struct proto_ask ask = {.state = d->state, .tx = d->txs->first, .dir = TO_CLIENT};
    const struct proto_buffer *b = proto_http1.buffers;
    while (strcmp(b->key, "file_data") != 0)
        b++;
    return b->get(&ask, out);
}

/* Bodies are kept for rules that look at them: all of one or nothing. */
static void bodies_are_kept_if_wanted(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    for (unsigned from = 0; from < 3; from++) { /* wanted from the beginning, from the middle, never */
        struct duplex d;
        struct proto_bytes got = {NULL, 0};
        duplex_init(&d, &proto_http1, false);
        d.bodies = from == 0;
        duplex_bytes(&d, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27);
        duplex_bytes(&d, TO_CLIENT, head, sizeof head - 1);
        assert_true(response_body(&d, &got) == (from == 0));
        d.bodies = from < 2;
        duplex_bytes(&d, TO_CLIENT, "def", 3);
        assert_true(response_body(&d, &got) == (from == 0));
        if (from == 0)
            assert_true(got.n == 6 && memcmp(got.p, "abcdef", 6) == 0);
        duplex_bytes(&d, TO_CLIENT, "ghi", 3);
        assert_int_equal(d.logged, 1);
        duplex_end(&d);
        duplex_fini(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members),
        cmocka_unit_test(log_options),
        cmocka_unit_test(ranges),
        cmocka_unit_test(keep_alive),
        cmocka_unit_test(pipelined),
        cmocka_unit_test(interim_answers),
        cmocka_unit_test(until_the_end),
        cmocka_unit_test(unanswered),
        cmocka_unit_test(nobody_asked),
        cmocka_unit_test(gap_in_a_body),
        cmocka_unit_test(gap_in_a_head),
        cmocka_unit_test(compressed),
        cmocka_unit_test(gap_before_a_body),
        cmocka_unit_test(gap_in_a_form),
        cmocka_unit_test(switched_protocols),
        cmocka_unit_test(odd_traffic),
        cmocka_unit_test(too_many_unanswered),
        cmocka_unit_test(long_connection),
        cmocka_unit_test(probing),
        cmocka_unit_test(bodies_are_kept_if_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
