/* Whole sessions: what is recorded, when the parser is done, and that neither splits nor record sizes show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/conf.h"
#include "proto/tls/tls_kit.h"

#define EV(name)   (UINT64_C(1) << (name))
#define PIECES_ALL 1000000

static const uint16_t ciphers[] = {0x0a0a, 0xc02b, 0xc02f, 0x002f};
static const uint16_t groups[] = {0x1a1a, 29, 23};
static const uint16_t offered[] = {0x2a2a, 0x0304, 0x0303};
static const char *const h2_names[] = {"h2", "http/1.1", NULL};
static const char *const h2_only[] = {"h2", NULL};

/* A session in both versions, as bytes on the wire. */
struct wire {
    struct buf hello;    /* ClientHello */
    struct buf flight;   /* what the server answers */
    struct buf finish;   /* client's ChangeCipherSpec and Finished */
    struct buf finish_s; /* server's */
};

static void client_extensions(struct buf *ext)
{
    kit_ext_sni(ext, "www.example.com");
    kit_ext_alpn(ext, h2_names);
    kit_ext_numbers(ext, 10, 2, groups, 3);
    kit_ext(ext, 11, "\x01\x00", 2);
    kit_ext_numbers(ext, 43, 1, offered, 3);
}

static void add_finish(struct buf *b)
{
    buf_add(b, "\x14\x03\x03\x00\x01\x01\x16\x03\x03\x00\x04\x99\x88\x77\x66", 15);
}

static void build(struct wire *w, bool tls13, size_t most)
{
    struct buf ext = {0}, message = {0}, cert = {0};
    *w = (struct wire){0};
    client_extensions(&ext);
    kit_client_hello(&message, 0x0303, ciphers, 4, &ext);
    kit_records(&w->hello, TLS_HANDSHAKE, 0x0301, &message, most);
    buf_clear(&ext);
    buf_clear(&message);
    if (tls13) {
        kit_ext(&ext, 43, "\x03\x04", 2);
        kit_server_hello(&message, 0x0303, 0x1301, false, &ext);
        kit_records(&w->flight, TLS_HANDSHAKE, 0x0303, &message, most);
        buf_add(&w->flight, "\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x02\x99\x88", 13);
    } else {
        kit_ext_alpn(&ext, h2_only);
        kit_server_hello(&message, 0x0303, 0xc02b, false, &ext);
        kit_cert(&cert, "www.example.com", "www.example.com,example.com");
        kit_certificate(&message, &cert);
        kit_message(&message, 12, "key exchange", 12);
        kit_message(&message, 14, NULL, 0);
        kit_records(&w->flight, TLS_HANDSHAKE, 0x0303, &message, most);
    }
    add_finish(&w->finish);
    add_finish(&w->finish_s);
    buf_fini(&ext);
    buf_fini(&message);
    buf_fini(&cert);
}

static void wire_fini(struct wire *w)
{
    buf_fini(&w->hello);
    buf_fini(&w->flight);
    buf_fini(&w->finish);
    buf_fini(&w->finish_s);
}

static const char full_12[] = "{\"subject\":\"CN=www.example.com\",\"issuerdn\":\"C=US, O=Example \\\"CA\\\", "
                              "Email=ca@example.com, OID(1.2.3.4)=x\","
                              "\"subjectaltname\":[\"www.example.com\",\"example.com\"],\"serial\":\"00:97:E6:47\",";
static size_t steps_of(const struct wire *w, struct kit_step *s)
{
    s[0] = (struct kit_step){TO_SERVER, w->hello.data, w->hello.len};
    s[1] = (struct kit_step){TO_CLIENT, w->flight.data, w->flight.len};
    s[2] = (struct kit_step){TO_SERVER, w->finish.data, w->finish.len};
    s[3] = (struct kit_step){TO_CLIENT, w->finish_s.data, w->finish_s.len};
    return 4;
}

static void test_full_handshake(void **state)
{
    (void)state;
    struct wire w;
    struct kit_step s[4];
    struct kit_result r;
    build(&w, false, 16384);
    kit_replay(s, steps_of(&w, s), PIECES_ALL, &r);
    assert_memory_equal(r.record, full_12, sizeof(full_12) - 1);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.2\""));
    assert_non_null(strstr(r.record, "\"sni\":\"www.example.com\""));
    assert_non_null(strstr(r.record, "\"notbefore\":\"2016-03-22T17:47:38\",\"notafter\":\"2055-03-01T00:00:00\""));
    assert_non_null(strstr(r.record, "\"string\":\"771,49195-49199-47,0-16-10-11-43,29-23,0\""));
    assert_non_null(strstr(r.record, "\"string\":\"771,49195,16\""));
    assert_non_null(strstr(r.record, "\"client_alpns\":[\"h2\",\"http/1.1\"],\"server_alpns\":[\"h2\"]"));
    assert_null(strstr(r.record, "session_resumed"));
    assert_int_equal(r.events, 0);
    assert_int_equal(r.status, PROTO_DONE);
    assert_int_equal(r.done_after, 3); /* at the client's ChangeCipherSpec */
    wire_fini(&w);
}

static void test_tls13(void **state)
{
    (void)state;
    struct wire w;
    struct kit_step s[4];
    struct kit_result r;
    build(&w, true, 16384);
    kit_replay(s, steps_of(&w, s), PIECES_ALL, &r);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.3\""));
    assert_null(strstr(r.record, "subject"));
    assert_null(strstr(r.record, "session_resumed"));
    assert_int_equal(r.done_after, 2);
    assert_int_equal(r.events, 0);
    wire_fini(&w);
}

/* However records are cut and segments split, the record is the same. */
static void test_splits(void **state)
{
    (void)state;
    static const size_t record_sizes[] = {1, 2, 3, 4, 5, 7, 64, 100, 16384};
    for (unsigned version = 0; version < 2; version++) {
        struct kit_result whole;
        for (size_t k = 0; k < sizeof(record_sizes) / sizeof(*record_sizes); k++) {
            struct wire w;
            struct kit_step s[8];
            struct kit_result r;
            build(&w, version == 1, record_sizes[k]);
            size_t n = steps_of(&w, s);
            if (!k)
                kit_replay(s, n, PIECES_ALL, &whole);
            for (size_t piece = 1; piece < 12; piece++) {
                kit_replay(s, n, piece, &r);
                assert_string_equal(r.record, whole.record);
                assert_int_equal(r.events, 0);
                assert_int_equal(r.status, PROTO_DONE);
            }
            for (size_t at = 1; at < w.flight.len; at++) { /* every split in two */
                struct kit_step t[] = {s[0], s[1], s[1], s[2], s[3]};
                t[1].len = at;
                t[2].data = w.flight.data + at;
                t[2].len = w.flight.len - at;
                kit_replay(t, 5, PIECES_ALL, &r);
                assert_string_equal(r.record, whole.record);
            }
            wire_fini(&w);
        }
    }
}

static void test_resumption(void **state)
{
    (void)state;
    struct wire w;
    struct buf message = {0}, server = {0};
    struct kit_result r;
    build(&w, false, 16384);
    kit_server_hello(&message, 0x0303, 0xc02b, false, NULL);
    kit_records(&server, TLS_HANDSHAKE, 0x0303, &message, 16384);
    add_finish(&server);
    const struct kit_step s[] = {{TO_SERVER, w.hello.data, w.hello.len}, {TO_CLIENT, server.data, server.len}};
    kit_replay(s, 2, PIECES_ALL, &r);
    assert_non_null(strstr(r.record, "{\"session_resumed\":true,"));
    assert_int_equal(r.done_after, 2);

    struct settings_eve_type type = {.name = "tls", .enabled = true};
    struct settings bare = {.eve = {.types = &type, .type_count = 1}};
    kit_replay_with(s, 2, PIECES_ALL, &bare, &r); /* `- tls` alone: no record of resumed sessions */
    assert_string_equal(r.record, "");
    assert_int_equal(r.status, PROTO_DONE);
    buf_fini(&message);
    buf_fini(&server);
    wire_fini(&w);
}

static void test_retry(void **state)
{
    (void)state;
    struct wire w;
    struct buf message = {0}, retry = {0}, ext = {0}, ccs = {0};
    struct kit_result r;
    build(&w, true, 16384);
    kit_ext(&ext, 43, "\x03\x04", 2);
    kit_server_hello(&message, 0x0303, 0x1301, true, &ext);
    kit_records(&retry, TLS_HANDSHAKE, 0x0303, &message, 16384);
    buf_add(&ccs, "\x14\x03\x03\x00\x01\x01", 6);
    buf_add(&retry, ccs.data, ccs.len);
    const struct kit_step s[] = {
        {TO_SERVER, w.hello.data, w.hello.len}, {TO_SERVER, ccs.data, ccs.len},
        {TO_CLIENT, retry.data, retry.len},     {TO_SERVER, ccs.data, ccs.len},
        {TO_SERVER, w.hello.data, w.hello.len}, {TO_CLIENT, w.flight.data, w.flight.len},
    };
    kit_replay(s, 6, 3, &r);
    assert_int_equal(r.done_after, 6);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.3\""));
    assert_non_null(strstr(r.record, "\"ja3s\""));
    kit_replay(s, 5, 3,
               &r); /* only the retry came: a hello was seen, so there is a record, without the server's part */
    assert_int_equal(r.done_after, 0);
    assert_null(strstr(r.record, "\"ja3s\""));
    assert_non_null(strstr(r.record, "\"sni\""));
    buf_fini(&message);
    buf_fini(&retry);
    buf_fini(&ext);
    buf_fini(&ccs);
    wire_fini(&w);
}

static void test_client_certificate(void **state)
{
    (void)state;
    struct wire w;
    struct kit_step s[4];
    struct kit_result r;
    struct buf cert = {0}, message = {0}, out = {0};
    build(&w, false, 16384);
    kit_cert(&cert, "alice", NULL);
    kit_certificate(&message, &cert);
    kit_records(&out, TLS_HANDSHAKE, 0x0303, &message, 50);
    add_finish(&out);
    size_t n = steps_of(&w, s);
    s[2] = (struct kit_step){TO_SERVER, out.data, out.len};
    kit_replay(s, n, 5, &r);
    assert_non_null(strstr(r.record, "\"client\":{\"subject\":\"CN=alice\",\"issuerdn\":\"C=US"));
    assert_memory_equal(r.record, full_12, sizeof(full_12) - 1);
    buf_fini(&cert);
    buf_fini(&message);
    buf_fini(&out);
    wire_fini(&w);
}

/* A gap inside a record loses the message; one over a record's end loses the direction; the rest is still recorded. */
static void test_gaps(void **state)
{
    (void)state;
    struct wire w;
    struct kit_step s[4];
    struct kit_result r;
    build(&w, false, 16384);
    steps_of(&w, s);
    const size_t cut = 100;
    struct kit_step inside[] = {s[0],
                                {TO_CLIENT, w.flight.data, cut},
                                {TO_CLIENT, NULL, 50},
                                {TO_CLIENT, w.flight.data + cut + 50, w.flight.len - cut - 50},
                                s[2],
                                s[3]};
    kit_replay(inside, 6, 9, &r);
    assert_int_equal(r.done_after, 5);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.2\""));
    assert_null(strstr(r.record, "subject"));
    assert_null(strstr(r.record, "session_resumed"));
    assert_int_equal(r.events, 0);
    struct kit_step one_sided[] = {s[0], inside[1], inside[2], inside[3], s[3]};
    /* The server's half alone: the certificate is missing, but not because a session was resumed. */
    kit_replay(one_sided, 5, 9, &r);
    assert_int_equal(r.done_after, 5);
    assert_null(strstr(r.record, "session_resumed"));
    inside[2].len = 100000; /* more than the record */
    kit_replay(inside, 6, 9, &r);
    assert_int_equal(r.done_after, 5);
    assert_non_null(strstr(r.record, "\"sni\""));
    struct kit_step both[] = {s[0], {TO_CLIENT, NULL, 10}, {TO_SERVER, NULL, 10}, s[1]};
    kit_replay(both, 4, 9, &r);
    assert_int_equal(r.done_after, 3);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.2\""));
    for (size_t at = 0; at <= w.flight.len; at++) { /* anywhere: a record all the same */
        struct kit_step any[] = {s[0], {TO_CLIENT, w.flight.data, at}, {TO_CLIENT, NULL, 1}, s[2], s[3]};
        kit_replay(any, 5, PIECES_ALL, &r);
        assert_non_null(strstr(r.record, "\"sni\":\"www.example.com\""));
    }
    wire_fini(&w);
}

static void test_garbage(void **state)
{
    (void)state;
    struct wire w;
    struct kit_result r;
    build(&w, false, 16384);
    const struct kit_step plain[] = {{TO_SERVER, w.hello.data, w.hello.len}, {TO_CLIENT, "HTTP/1.1 400 Bad\r\n", 18}};
    kit_replay(plain, 2, 1, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_RECORD_TYPE));
    assert_int_equal(r.status, PROTO_BROKEN);
    assert_non_null(strstr(r.record, "\"sni\""));
    const struct kit_step version[] = {{TO_SERVER, "\x16\x04\x01\x00\x10", 5}};
    kit_replay(version, 1, 5, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_RECORD_VERSION));
    assert_string_equal(r.record, "");
    const struct kit_step longer[] = {{TO_SERVER, "\x16\x03\x01\xff\xff", 5}};
    kit_replay(longer, 1, 5, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_TLS_HEADER));
    const struct kit_step huge[] = {{TO_SERVER, "\x16\x03\x01\x00\x05\x01\xff\xff\xff\x03", 10}};
    kit_replay(huge, 1, 5, &r);
    assert_int_equal(r.events, EV(TLS_EV_HANDSHAKE_INVALID_LENGTH));
    assert_int_equal(r.status, PROTO_OK);
    const struct kit_step unknown[] = {{TO_SERVER, "\x16\x03\x01\x00\x05\x41\x41\x41\x41\x41", 10}};
    kit_replay(unknown, 1, 5, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_SSL_RECORD) | EV(TLS_EV_HANDSHAKE_INVALID_LENGTH));
    wire_fini(&w);
}

/* Every prefix of a hello, with a length that says it's all: never more than an event. */
static void test_cut_hello(void **state)
{
    (void)state;
    struct buf ext = {0}, message = {0};
    client_extensions(&ext);
    kit_client_hello(&message, 0x0303, ciphers, 4, &ext);
    for (size_t n = 4; n < message.len; n++) {
        struct buf cut = {0}, out = {0};
        struct kit_result r;
        kit_message(&cut, TLS_CLIENT_HELLO, message.data + 4, n - 4);
        kit_records(&out, TLS_HANDSHAKE, 0x0301, &cut, 16384);
        const struct kit_step s[] = {{TO_SERVER, out.data, out.len}};
        kit_replay(s, 1, PIECES_ALL, &r);
        size_t no_extensions = message.len - ext.len - 2; /* a hello that ends before them is whole */
        assert_int_equal(r.events, n == no_extensions ? 0 : EV(TLS_EV_INVALID_HANDSHAKE_MESSAGE));
        assert_int_equal(strstr(r.record, "ja3") != NULL, n == no_extensions);
        buf_fini(&cut);
        buf_fini(&out);
    }
    buf_fini(&ext);
    buf_fini(&message);
}

static void one_message(const struct buf *ext, struct kit_result *r)
{
    struct buf message = {0}, out = {0};
    kit_client_hello(&message, 0x0303, ciphers, 4, ext);
    kit_records(&out, TLS_HANDSHAKE, 0x0301, &message, 16384);
    const struct kit_step s[] = {{TO_SERVER, out.data, out.len}};
    kit_replay(s, 1, PIECES_ALL, r);
    buf_fini(&message);
    buf_fini(&out);
}

static void test_server_name(void **state)
{
    (void)state;
    struct buf ext = {0};
    struct kit_result r;
    kit_ext_sni(&ext, "a.example");
    kit_ext_sni(&ext, "b.example");
    one_message(&ext, &r);
    assert_int_equal(r.events, EV(TLS_EV_MULTIPLE_SNI_EXTENSIONS));
    assert_non_null(strstr(r.record, "\"sni\":\"a.example\""));
    buf_clear(&ext);
    kit_ext(&ext, 0, "\x00\x04\x01\x00\x01x", 6);
    one_message(&ext, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_SNI_TYPE));
    assert_null(strstr(r.record, "\"sni\""));
    buf_clear(&ext);
    kit_ext(&ext, 0, "\x00\x04\x00\x00\x09x", 6);
    one_message(&ext, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_SNI_LENGTH));
    buf_fini(&ext);
}

/* More items than fingerprints are made of: everything else is still there. */
static void test_too_many(void **state)
{
    (void)state;
    struct buf message = {0}, out = {0}, ext = {0};
    uint16_t many[TLS_HELLO_ITEMS_MAX + 1] = {0};
    struct kit_result r;
    kit_ext_sni(&ext, "a.example");
    for (size_t n = TLS_HELLO_ITEMS_MAX - 1; n <= TLS_HELLO_ITEMS_MAX; n++) {
        buf_clear(&message);
        buf_clear(&out);
        kit_client_hello(&message, 0x0303, many, n, &ext);
        kit_records(&out, TLS_HANDSHAKE, 0x0301, &message, 16384);
        const struct kit_step s[] = {{TO_SERVER, out.data, out.len}};
        kit_replay(s, 1, 100, &r);
        bool over = n == TLS_HELLO_ITEMS_MAX;
        assert_int_equal(r.events, over ? EV(TLS_EV_HELLO_LIST_TOO_LONG) : 0);
        assert_int_equal(strstr(r.record, "ja3") == NULL, over);
        assert_int_equal(strstr(r.record, "ja4") == NULL, over);
        assert_non_null(strstr(r.record, "\"sni\":\"a.example\""));
    }
    buf_fini(&message);
    buf_fini(&out);
    buf_fini(&ext);
}

static void test_alert_and_heartbeat(void **state)
{
    (void)state;
    struct wire w;
    struct kit_result r;
    build(&w, false, 16384);
    struct kit_step s[] = {{TO_SERVER, w.hello.data, w.hello.len}, {TO_CLIENT, "\x15\x03\x02\x00\x02\x02\x28", 7}};
    kit_replay(s, 2, 1, &r);
    assert_int_equal(r.events, 0);
    assert_non_null(strstr(r.record, "\"version\":\"TLS 1.1\"")); /* as the server's record has it */
    s[1] = (struct kit_step){TO_CLIENT, "\x15\x03\x02\x00\x02\x07\x28", 7};
    kit_replay(s, 2, 1, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_ALERT_MESSAGE));
    s[1] = (struct kit_step){TO_SERVER, "\x18\x03\x02\x00\x03\x01\x40\x00", 8};
    kit_replay(s, 2, 1, &r);
    assert_int_equal(r.events, EV(TLS_EV_HEARTBEAT_MESSAGE) | EV(TLS_EV_OVERFLOW_HEARTBEAT_MESSAGE));
    s[1] = (struct kit_step){TO_SERVER, "\x18\x03\x02\x00\x05\x01\x00\x02\x00\x00", 10};
    kit_replay(s, 2, 1, &r);
    assert_int_equal(r.events, EV(TLS_EV_HEARTBEAT_MESSAGE) | EV(TLS_EV_INVALID_HEARTBEAT_MESSAGE));
    /* What is missing isn't wrong. */
    struct kit_step gap[] = {
        s[0], {TO_CLIENT, "\x15\x03\x02\x00\x02", 5}, {TO_CLIENT, NULL, 1}, {TO_CLIENT, "\x28", 1}};
    kit_replay(gap, 4, 1, &r);
    assert_int_equal(r.events, 0);
    gap[1].data = "\x14\x03\x02\x00\x01";
    kit_replay(gap, 3, 1, &r);
    assert_int_equal(r.events, 0);
    gap[1] = (struct kit_step){TO_CLIENT, "\x18\x03\x02\x00\x05\x01", 6};
    gap[2].len = 3;
    kit_replay(gap, 4, 1, &r);
    assert_int_equal(r.events, EV(TLS_EV_HEARTBEAT_MESSAGE));
    wire_fini(&w);
}

static void test_sslv2(void **state)
{
    (void)state;
    static const uint8_t hello[] = "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10\x01\x00\x80\x00\x00\x2f"
                                   "0123456789abcdef";
    struct wire w;
    struct kit_result r;
    build(&w, false, 16384);
    const struct kit_step s[] = {
        {TO_SERVER, hello, 33}, {TO_CLIENT, w.flight.data, w.flight.len}, {TO_SERVER, w.finish.data, w.finish.len}};
    for (size_t piece = 1; piece < 8; piece++) {
        kit_replay(s, 3, piece, &r);
        assert_int_equal(r.events, 0);
        assert_int_equal(r.done_after, 3);
        assert_memory_equal(r.record, full_12, sizeof(full_12) - 1);
        assert_null(strstr(r.record, "\"ja3\""));
    }
    struct buf cert = {0}, answer = {0};
    kit_cert(&cert, "old", NULL);
    kit_number(&answer, 2, (uint32_t)(0x8000 | (11 + cert.len + 3 + 16)));
    kit_number(&answer, 3, 0x040001);
    kit_number(&answer, 2, 2);
    kit_number(&answer, 2, (uint32_t)cert.len);
    kit_number(&answer, 2, 3);
    kit_number(&answer, 2, 16);
    buf_add(&answer, cert.data, cert.len);
    buf_add(&answer,
            "\x01\x00\x80"
            "0123456789abcdef",
            19);
    const struct kit_step old[] = {{TO_SERVER, hello, 33}, {TO_CLIENT, answer.data, answer.len}};
    kit_replay(old, 2, 3, &r);
    assert_int_equal(r.events, 0);
    assert_int_equal(r.done_after, 2);
    assert_non_null(strstr(r.record, "{\"subject\":\"CN=old\""));
    assert_non_null(strstr(r.record, "\"version\":\"SSLv2\""));
    const struct kit_step tiny[] = {{TO_SERVER, "\x80\x04\x01\x03\x01", 5}};
    kit_replay(tiny, 1, 5, &r);
    assert_int_equal(r.events, EV(TLS_EV_INVALID_SSLV2_HEADER));
    buf_fini(&cert);
    buf_fini(&answer);
    wire_fini(&w);
}

static void test_custom_fields(void **state)
{
    (void)state;
    struct wire w;
    struct kit_step s[4];
    struct kit_result r;
    struct conf_node item = {.kind = CONF_SCALAR, .key = "", .text = "server_handshake"};
    struct conf_node first = {.kind = CONF_SCALAR, .key = "", .text = "sni", .next = &item};
    struct conf_node custom = {.kind = CONF_SEQUENCE, .key = "custom", .text = "", .first = &first, .count = 2};
    struct conf_node options = {.kind = CONF_MAPPING, .key = "tls", .text = "", .first = &custom, .count = 1};
    struct settings_eve_type type = {.name = "tls", .enabled = true, .options = &options};
    struct settings settings = {.eve = {.types = &type, .type_count = 1}};
    build(&w, false, 16384);
    size_t n = steps_of(&w, s);
    kit_replay_with(s, n, PIECES_ALL, &settings, &r);
    assert_string_equal(r.record, "{\"sni\":\"www.example.com\",\"server_handshake\":{\"version\":\"TLS 1.2\","
                                  "\"cipher\":49195,\"exts\":[16]}}");
    item.text = "client_handshake";
    kit_replay_with(s, n, PIECES_ALL, &settings, &r);
    assert_string_equal(r.record, "{\"sni\":\"www.example.com\",\"client_handshake\":{\"version\":\"TLS 1.3\","
                                  "\"ciphers\":[49195,49199,47],\"exts\":[0,16,10,11,43],\"sig_algs\":[]}}");
    wire_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_handshake), cmocka_unit_test(test_tls13),
        cmocka_unit_test(test_splits),         cmocka_unit_test(test_resumption),
        cmocka_unit_test(test_retry),          cmocka_unit_test(test_client_certificate),
        cmocka_unit_test(test_gaps),           cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_cut_hello),      cmocka_unit_test(test_server_name),
        cmocka_unit_test(test_too_many),       cmocka_unit_test(test_alert_and_heartbeat),
        cmocka_unit_test(test_sslv2),          cmocka_unit_test(test_custom_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
