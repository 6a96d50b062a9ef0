/* The frame layer, header blocks, ordinary requests, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/http2/http2.h"
#include "proto/http2/test_frames.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define GET ":method: GET\n:scheme: http\n:path: /a\n:authority: example.com\n"

static enum proto_probe_result probe(const void *up, size_t up_len, const void *down, size_t down_len)
{
    struct proto_probe p = {.data = {up, down}, .len = {up_len, down_len}};
    return proto_http2.probe(&p);
}

static void probes(void **state)
{
    (void)state;
    static const char empty[] = "\0\0\0\4\0\0\0\0\0";
    static const char full[] = "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64";
    static const char unknown[] = "\0\0\6\4\0\0\0\0\0\7\3\0\0\0\x64";
    static const char ack[] = "\0\0\0\4\1\0\0\0\0";
    for (size_t n = 1; n < 16; n++)
        assert_int_equal(probe(HTTP2_PREFACE, n, NULL, 0), PROBE_MORE);
    assert_int_equal(probe(HTTP2_PREFACE, 24, NULL, 0), PROBE_YES);
    assert_int_equal(probe(NULL, 0, HTTP2_PREFACE, 24), PROBE_YES_REVERSED);
    assert_int_equal(probe("PUT * HTTP/1.1\r\n\r\n", 18, NULL, 0), PROBE_NO);
    assert_int_equal(probe("PRI * HTTP/1.1\r\n\r\n", 18, NULL, 0), PROBE_NO);
    assert_int_equal(probe(NULL, 0, NULL, 0), PROBE_MORE);
    for (size_t n = 1; n < 9; n++)
        assert_int_equal(probe(NULL, 0, empty, n), PROBE_MORE);
    assert_int_equal(probe(NULL, 0, empty, 9), PROBE_YES);
    assert_int_equal(probe(NULL, 0, full, 14), PROBE_MORE);
    assert_int_equal(probe(NULL, 0, full, 15), PROBE_YES);
    assert_int_equal(probe("PRI", 3, full, 15), PROBE_YES);
    assert_int_equal(probe("GET", 3, full, 15), PROBE_NO);
    assert_int_equal(probe(NULL, 0, unknown, 15), PROBE_NO);
    assert_int_equal(probe(NULL, 0, ack, 9), PROBE_NO);
    assert_int_equal(probe(full, 15, NULL, 0), PROBE_NO);
}

static void request(void **state)
{
    (void)state;
    struct talk t;
    struct buf block;
    buf_init(&block, 0);
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    /* padding, priority, and the rest of the block in two continuations, one of them empty */
    buf_add(&block, "\4\0\0\0\0\xf", 6);
    talk_block(&block, GET);
    buf_add(&block, "pad", 4);
    talk_frame(&t, HTTP2_HEADERS, HTTP2_FLAG_END_STREAM | HTTP2_FLAG_PADDED | HTTP2_FLAG_PRIORITY, 1, block.data,
               block.len);
    buf_clear(&block);
    talk_block(&block, "user-agent: curl\nauthorization: Basic secret\n");
    talk_frame(&t, HTTP2_CONTINUATION, 0, 1, block.data, block.len);
    talk_frame(&t, HTTP2_CONTINUATION, HTTP2_FLAG_END_HEADERS, 1, NULL, 0);
    talk_frame(&t, HTTP2_PRIORITY, 0, 1, "\0\0\0\0\1", 5);
    talk_by(&t, TO_CLIENT);
    talk_frame(&t, 0xba, 0xff, 7, "unknown", 7);
    talk_frame(&t, HTTP2_PING, 0, 0, "12345678", 8);
    talk_frame(&t, HTTP2_WINDOW_UPDATE, 0, 1, "\0\0\1\0", 4);
    buf_clear(&block);
    buf_add(&block, "\x3f\xe1\x1f", 3); /* table size 4096 */
    talk_block(&block, ":status: 404\ncontent-type: text/plain; charset=utf-8\nlocation: /b\n");
    talk_frame(&t, HTTP2_HEADERS, HTTP2_FLAG_END_HEADERS, 1, block.data, block.len);
    talk_data(&t, 1, 0, "not");
    talk_data(&t, 1, 0, "here");
    talk_headers(&t, 1, HTTP2_FLAG_END_STREAM, "grpc-status: 0\n");
    talk_frame(&t, HTTP2_GOAWAY, 0, 0,
               "\0\0\0\1\0\0\0\x0b"
               "calm",
               12);
    talk_expect(
        &t, true,
        "0 {\"version\":\"2\",\"http2\":{\"stream_id\":0,\"request\":{\"settings\":[]},\"response\":{}}}\n"
        "1 {\"version\":\"2\",\"http2\":{\"stream_id\":0,\"request\":{},\"response\":{\"settings\":[]}}}\n"
        "2 {\"version\":\"2\",\"request_headers\":[{\"name\":\":method\",\"value\":\"GET\"},{\"name\":\":scheme\","
        "\"value\":\"http\"},{\"name\":\":path\",\"value\":\"/a\"},{\"name\":\":authority\",\"value\":\"example.com\"},"
        "{\"name\":\"user-agent\",\"value\":\"curl\"},{\"name\":\"authorization\",\"value\":\"<hidden>\"}],"
        "\"response_headers\":[{\"table_size_update\":4096},{\"name\":\":status\",\"value\":\"404\"},"
        "{\"name\":\"content-type\",\"value\":\"text/plain; charset=utf-8\"},{\"name\":\"location\",\"value\":\"/b\"},"
        "{\"name\":\"grpc-status\",\"value\":\"0\"}],\"http_method\":\"GET\",\"url\":\"/"
        "a\",\"hostname\":\"example.com\","
        "\"http_user_agent\":\"curl\",\"http_content_type\":\"text/plain\",\"status\":404,\"redirect\":\"/b\","
        "\"length\":7,\"http2\":{\"stream_id\":1,\"request\":{\"priority\":15,\"has_multiple\":\"priority\"},"
        "\"response\":{}}}\n"
        "3 {\"version\":\"2\",\"http2\":{\"stream_id\":0,\"request\":{},\"response\":{\"error_code\":"
        "\"ENHANCEYOURCALM\"}}}\nserver name example.com\n");
    buf_fini(&block);
    talk_fini(&t);
}

/* HPACK's state is of all streams: what one adds to the table another uses. */
static void dynamic_table(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    /* A stream number used twice: its block counts for the table, too. */
    talk_headers(&t, 1, HTTP2_FLAG_END_STREAM, GET);
    talk_frame(&t, HTTP2_RST_STREAM, 0, 1, "\0\0\0\x08", 4);
    talk_frame(&t, HTTP2_HEADERS, 5, 1,
               "\x82\x40\x01"
               "a"
               "\x02"
               "bc",
               7);
    talk_frame(&t, HTTP2_HEADERS, 5, 3, "\x82\xbe", 2);
    talk_frame(&t, HTTP2_HEADERS, 5, 0,
               "\x82\x40\x01"
               "d"
               "\x01"
               "e",
               6); /* on no stream */
    talk_frame(&t, HTTP2_HEADERS, 5, 5, "\x82\xbe\xbf", 3);
    struct buf out;
    talk_by(&t, TO_SERVER);
    duplex_all_ways(&proto_http2, t.steps, t.count, &out);
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "\"error_code\":\"CANCEL\""));
    assert_non_null(strstr(text, "[{\"name\":\":method\",\"value\":\"GET\"},{\"name\":\"a\",\"value\":\"bc\"}]"));
    assert_non_null(strstr(text, "{\"name\":\"d\",\"value\":\"e\"},{\"name\":\"a\",\"value\":\"bc\"}]"));
    assert_non_null(strstr(text, "event stream_id_reuse\nevent invalid_frame_header\n"));
    buf_fini(&out);
    talk_fini(&t);
}

static void upgraded(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_by(&t, TO_CLIENT);
    talk_frame(&t, HTTP2_SETTINGS, 0, 0, NULL, 0);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, "hello");
    talk_by(&t, TO_SERVER);
    talk_raw(&t, HTTP2_PREFACE, HTTP2_PREFACE_LEN);
    talk_frame(&t, HTTP2_SETTINGS, 0, 0, NULL, 0);
    talk_headers(&t, 3, HTTP2_FLAG_END_STREAM, GET);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 3, HTTP2_FLAG_END_STREAM, ":status: 204\n");
    struct buf out;
    talk_by(&t, TO_CLIENT);
    duplex_all_ways(&proto_http2, t.steps, t.count, &out);
    assert_non_null(strstr((const char *)out.data, "\"status\":200,\"length\":5,\"http2\":{\"stream_id\":1"));
    assert_non_null(strstr((const char *)out.data, "\"status\":204,\"length\":0,\"http2\":{\"stream_id\":3"));
    buf_fini(&out);
    talk_fini(&t);
}

static void pushed(void **state)
{
    (void)state;
    struct talk t;
    struct buf block;
    buf_init(&block, 0);
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, HTTP2_FLAG_END_STREAM, GET);
    talk_by(&t, TO_CLIENT);
    buf_add(&block, "\0\0\0\2", 4);
    talk_block(&block, ":method: GET\n:path: /pushed\n");
    talk_frame(&t, HTTP2_PUSH_PROMISE, HTTP2_FLAG_END_HEADERS, 1, block.data, block.len);
    talk_headers(&t, 1, HTTP2_FLAG_END_STREAM, ":status: 200\n");
    talk_headers(&t, 2, 0, ":status: 200\n");
    talk_data(&t, 2, HTTP2_FLAG_END_STREAM, "hi");
    struct buf out;
    talk_by(&t, TO_CLIENT);
    duplex_all_ways(&proto_http2, t.steps, t.count, &out);
    assert_non_null(strstr((const char *)out.data, "\"url\":\"/pushed\",\"status\":200,\"length\":2"));
    buf_fini(&out);
    buf_fini(&block);
    talk_fini(&t);
}

/* One frame that breaks the connection, or not, and the event that it gives. */
static void odd_frames(void **state)
{
    (void)state;
    static const struct {
        enum flow_dir dir;
        uint8_t type, flags;
        uint32_t stream;
        const char *body;
        size_t n;
        const char *event;
        bool broken;
    } f[] = {
        {TO_SERVER, HTTP2_DATA, 0, 0, "x", 1, "invalid_frame_header", false},
        {TO_SERVER, HTTP2_DATA, HTTP2_FLAG_PADDED, 1, "", 0, "invalid_frame_length", false},
        {TO_SERVER, HTTP2_DATA, HTTP2_FLAG_PADDED, 1, "\5x", 2, "invalid_frame_data", false},
        {TO_SERVER, HTTP2_SETTINGS, 0, 1, "", 0, "invalid_frame_header", false},
        {TO_SERVER, HTTP2_SETTINGS, 0, 0, "12345", 5, "invalid_frame_length", false},
        {TO_SERVER, HTTP2_PING, 0, 0, "1", 1, "invalid_frame_length", false},
        {TO_SERVER, HTTP2_RST_STREAM, 0, 1, "1", 1, "invalid_frame_length", false},
        {TO_SERVER, HTTP2_CONTINUATION, 4, 1, "", 0, "invalid_frame_header", true},
        {TO_SERVER, HTTP2_PUSH_PROMISE, 4, 1, "\0\0\0\2\x82", 5, "invalid_frame_header", false},
        {TO_SERVER, HTTP2_HEADERS, 5, 1, "\x82\xff", 2, "invalid_header", true},
        {TO_SERVER, HTTP2_HEADERS, 5, 1, "\xc0", 1, "invalid_header", true},
        {TO_SERVER, HTTP2_HEADERS, 5, 1, "\x3f\xe1\xff\x7f", 4, "invalid_header", true}, /* table of 2 MB */
        {TO_SERVER, HTTP2_HEADERS, 13, 1, "\5\x82", 2, "invalid_frame_data", true},
        {TO_SERVER, HTTP2_HEADERS, 5, 2, "\x82", 1, "invalid_frame_header", false},
        {TO_CLIENT, HTTP2_HEADERS, 5, 1, "\x82", 1, "invalid_header", false}, /* no status */
    };
    for (size_t i = 0; i < sizeof f / sizeof f[0]; i++) {
        struct talk t;
        struct duplex d;
        char want[64];
        talk_init(&t);
        talk_begin(&t);
        talk_by(&t, f[i].dir);
        talk_frame(&t, f[i].type, f[i].flags, f[i].stream, f[i].body, f[i].n);
        talk_by(&t, f[i].dir);
        duplex_play(&d, &proto_http2, t.steps, t.count, 0);
        buf_add_byte(&d.events, 0);
        snprintf(want, sizeof want, "event %s\n", f[i].event);
        assert_string_equal((const char *)d.events.data, want);
        assert_int_equal(d.status == PROTO_BROKEN, f[i].broken);
        duplex_fini(&d);
        talk_fini(&t);
    }
}

/* Play it once where files are wanted. What came of stream 1 must be this, and nothing is wrong. */
static void expect_file(struct talk *t, const char *text)
{
    struct duplex d;
    talk_by(t, TO_SERVER);
    duplex_init_files(&d, &proto_http2, false);
    for (size_t i = 0; i < t->count; i++) {
        const struct step *s = &t->steps[i];
        if (s->text)
            duplex_bytes(&d, s->dir, s->text, s->n);
        else
            duplex_gap(&d, s->dir, s->n);
    }
    duplex_end(&d);
    buf_add_byte(&d.records, 0);
    assert_non_null(strstr((const char *)d.records.data, text));
    assert_int_equal(d.events.len, 0);
    duplex_fini(&d);
}

/* Bytes of a body are missing: its file says so; of one that is coded it ends there, and what follows is no error. */
static void gaps_in_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        size_t before; /* bytes of the body in front of the gap */
        const char *file;
    } t[] = {
        {":status: 200\n", 0, "file dir1 /a 7 truncated gaps: cdefg\n"},
        {":status: 200\n", 3, "file dir1 /a 7 truncated gaps: abcfg\n"},
        {":status: 200\ncontent-encoding: gzip\n", 0, "file dir1 /a 2 truncated gaps: \n"},
        {":status: 200\ncontent-encoding: gzip\n", 3, "file dir1 /a 2 truncated gaps: \n"},
    };
    for (size_t i = 0; i < COUNT(t); i++) {
        bool coded = strstr(t[i].fields, "gzip") != NULL;
        const char *body = coded ? "\x1f\x8b\x08yzuv" : "abcdefg";
        struct talk k;
        talk_init(&k);
        talk_begin(&k);
        talk_by(&k, TO_SERVER);
        talk_headers(&k, 1, HTTP2_FLAG_END_STREAM, GET);
        talk_by(&k, TO_CLIENT);
        talk_headers(&k, 1, 0, t[i].fields);
        talk_frame(&k, HTTP2_DATA, 0, 1, body, 7);
        k.said.len -= 7 - t[i].before;
        talk_gap(&k, TO_CLIENT, 2);
        talk_by(&k, TO_CLIENT);
        talk_raw(&k, body + t[i].before + 2, 5 - t[i].before);
        talk_frame(&k, HTTP2_DATA, HTTP2_FLAG_END_STREAM, 1, NULL, 0);
        expect_file(&k, t[i].file);
        talk_fini(&k);
    }
}

static void bad_preface(void **state)
{
    (void)state;
    const struct step s[] = {C("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")};
    struct duplex d;
    duplex_play(&d, &proto_http2, s, 1, 0);
    assert_int_equal(d.status, PROTO_BROKEN);
    assert_memory_equal(d.events.data, "event invalid_client_magic\n", 27);
    duplex_fini(&d);
}

/* HPACK's amplification (RFC 9113 10.5.1): one entry of 4,000 bytes, used 10,000 times; and an endless block. */
static void header_bombs(void **state)
{
    (void)state;
    struct talk t;
    struct duplex d;
    static uint8_t refs[16000];
    static char value[4000];
    memset(refs, 0xbe, sizeof refs);
    memset(value, 'v', sizeof value - 1);
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    struct buf block;
    buf_init(&block, 0);
    talk_block(&block, GET);
    buf_add(&block, "\x40\1x\x7f\xa0\x1e", 6); /* 127 + 3872 */
    buf_add(&block, value, sizeof value - 1);
    talk_frame(&t, HTTP2_HEADERS, HTTP2_FLAG_END_STREAM, 1, block.data, block.len);
    for (int i = 0; i < 40; i++)
        talk_frame(&t, HTTP2_CONTINUATION, i == 39 ? HTTP2_FLAG_END_HEADERS : 0, 1, refs, sizeof refs);
    talk_by(&t, TO_SERVER);
    duplex_play(&d, &proto_http2, t.steps, t.count, 0);
    buf_add_byte(&d.events, 0);
    assert_true(d.records.len < 2 * HTTP2_LIST_MAX);
    assert_int_equal(d.status, PROTO_OK);
    assert_non_null(strstr((const char *)d.events.data, "event too_many_headers\n"));
    assert_non_null(strstr((const char *)d.events.data, "event reassembly_limit_reached\n"));
    duplex_fini(&d);
    /* The same on many streams at once: what is stored of all is bounded, and targets are still known. */
    struct buf more;
    buf_init(&more, 0);
    talk_block(&more, ":method: CONNECT\n:authority: example.com:443\n");
    buf_add(&more, refs, 8);
    for (uint32_t i = 0; i < 100; i++)
        talk_frame(&t, HTTP2_HEADERS, HTTP2_FLAG_END_HEADERS, 3 + 2 * i, more.data, more.len);
    talk_by(&t, TO_SERVER);
    duplex_play(&d, &proto_http2, t.steps, t.count, 0);
    assert_true(d.records.len < 4 * HTTP2_STORED_MAX);
    unsigned asked = 0;
    buf_add_byte(&d.tunnels, 0);
    for (const char *p = (const char *)d.tunnels.data; (p = strstr(p, "incomplete example.com:443")); p++)
        asked++;
    assert_int_equal(asked, 100);
    duplex_fini(&d);
    buf_fini(&block);
    buf_fini(&more);
    talk_fini(&t);
}

/* Streams come and go: nothing of them stays. */
static void many_streams(void **state)
{
    (void)state;
    struct duplex d;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    duplex_init(&d, &proto_http2, false);
    for (size_t i = 0; i < t.count; i++)
        duplex_bytes(&d, t.steps[i].dir, t.steps[i].text, t.steps[i].n);
    for (uint32_t i = 0; i < 5000; i++) {
        talk_headers(&t, 1 + 2 * i, HTTP2_FLAG_END_STREAM, GET);
        duplex_bytes(&d, TO_SERVER, t.said.data, t.said.len);
        buf_clear(&t.said);
        talk_headers(&t, 1 + 2 * i, HTTP2_FLAG_END_STREAM, ":status: 200\n");
        duplex_bytes(&d, TO_CLIENT, t.said.data, t.said.len);
        buf_clear(&t.said);
    }
    const struct http2_state *s = d.state;
    assert_int_equal(d.logged, 5002);
    assert_int_equal(s->stream_count, 0);
    assert_int_equal(s->stored, 0);
    assert_int_equal(s->held, 0);
    duplex_end(&d);
    duplex_fini(&d);
    buf_fini(&t.said);
    talk_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes),         cmocka_unit_test(request),      cmocka_unit_test(dynamic_table),
        cmocka_unit_test(upgraded),       cmocka_unit_test(pushed),       cmocka_unit_test(odd_frames),
        cmocka_unit_test(bad_preface),    cmocka_unit_test(header_bombs), cmocka_unit_test(many_streams),
        cmocka_unit_test(gaps_in_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
