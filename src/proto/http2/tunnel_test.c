/* Tunnels in streams: every way in which one is asked for, granted, refused or lost, and what it carries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/http2/http2.h"
#include "proto/http2/test_frames.h"

#define ASK "tunnel h2-connect "
#define REQ ":method: CONNECT\n:authority: example.com:443\n"
#define UP  "tunnel h2-connect established example.com:443 user= code=200 reply= reason=-\n"

static void established(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_by(&t, TO_SERVER);
    talk_data(&t, 1, 0, "hello");
    talk_data(&t, 1, HTTP2_FLAG_PADDED, "\x03 you\x01\x02\x03");
    talk_by(&t, TO_CLIENT);
    talk_data(&t, 1, 0, "world");
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, "");
    talk_by(&t, TO_SERVER);
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, "!");
    talk_expect(&t, true,
                "0 {\"version\":\"2\",\"http2\":{\"stream_id\":0,\"request\":{\"settings\":[]},\"response\":{}}}\n"
                "1 {\"version\":\"2\",\"http2\":{\"stream_id\":0,\"request\":{},\"response\":{\"settings\":[]}}}\n"
                "2 {\"version\":\"2\",\"request_headers\":[{\"name\":\":method\",\"value\":\"CONNECT\"},"
                "{\"name\":\":authority\",\"value\":\"example.com:443\"}],"
                "\"response_headers\":[{\"name\":\":status\",\"value\":\"200\"}],\"http_method\":\"CONNECT\","
                "\"hostname\":\"example.com:443\",\"status\":200,\"length\":0,"
                "\"http2\":{\"stream_id\":1,\"request\":{},\"response\":{}}}\n" UP
                "channel 1 dir0 eof hello you!\nchannel 1 dir1 eof world\nchannel 1 closed\n");
    talk_fini(&t);
}

static void before_the_answer(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_data(&t, 1, 0, "early");
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, " bird");
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 103\nlink: x\n");
    talk_headers(&t, 1, 0, ":status: 204\n");
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, "worm");
    talk_expect(&t, false,
                ASK "established example.com:443 user= code=204 reply= reason=-\n"
                    "channel 1 dir0 eof early bird\nchannel 1 dir1 eof worm\nchannel 1 closed\n");
    talk_fini(&t);
}

static void answer_first(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_data(&t, 1, 0, "lost");
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_data(&t, 1, 0, "late");
    talk_expect(&t, false, UP "channel 1 dir0 late\nchannel 1 dir1 <gap 4>\n");
    talk_fini(&t);
}

static void refused(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ "proxy-authorization: Basic YWxpY2U6c2VjcmV0\n");
    talk_headers(&t, 3, 0, REQ);
    talk_headers(&t, 5, 0, REQ);
    talk_headers(&t, 7, 0, ":method: CONNECT\n:authority: [2001:db8::1]:22\n");
    talk_headers(&t, 9, 0, ":method: CONNECT\n:authority: nonsense\n");
    talk_headers(&t, 11, 0, ":method: CONNECT\n:protocol: connect-ip\n:authority: p\n:path: /\n");
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 407\n");
    talk_data(&t, 1, HTTP2_FLAG_END_STREAM, "who?");
    talk_frame(&t, HTTP2_RST_STREAM, 0, 3, "\0\0\0\x0a", 4);
    talk_by(&t, TO_SERVER);
    talk_frame(&t, HTTP2_RST_STREAM, 0, 5, "\0\0\0\x08", 4);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 9, 0, ":status: 200\n");
    talk_data(&t, 9, 0, "nobody's");
    talk_headers(&t, 11, 0, ":status: 200\n");
    talk_expect(&t, false,
                ASK "refused example.com:443 user=alice code=407 reply= reason=-\n" ASK
                    "refused example.com:443 user= code=-1 reply= reason=reset\n" ASK
                    "incomplete example.com:443 user= code=-1 reply= reason=reset\n" ASK
                    "incomplete nonsense:0 user= code=200 reply= reason=bad target\n" ASK
                    "incomplete :0 user= code=200 reply= reason=protocol not followed\n  by carrier\n" ASK
                    "incomplete 2001:db8::1:22 user= code=-1 reply= reason=no answer\nevent connect_target_invalid\n");
    talk_fini(&t);
}

static void many_at_once(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_headers(&t, 3, HTTP2_FLAG_END_STREAM, ":method: GET\n:path: /\n:scheme: http\n:authority: a.example\n");
    talk_headers(&t, 5, 0, ":method: CONNECT\n:authority: 10.1.2.3:22\n");
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 5, 0, ":status: 200\n");
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_by(&t, TO_CLIENT);
    talk_data(&t, 5, 0, "SSH-");
    talk_data(&t, 1, 0, "one");
    talk_data(&t, 3, 0, "no");
    talk_data(&t, 5, 0, "2.0");
    talk_headers(&t, 3, HTTP2_FLAG_END_STREAM, ":status: 200\n");
    talk_frame(&t, HTTP2_RST_STREAM, 0, 5, "\0\0\0\x00", 4);
    talk_data(&t, 5, 0, "after");
    talk_expect(&t, false,
                "server name a.example\n" ASK "established 10.1.2.3:22 user= code=200 reply= reason=-\n" UP
                "channel 1 dir0 \nchannel 1 dir1 SSH-2.0\nchannel 1 closed\nchannel 2 dir0 \nchannel 2 dir1 one\n");
    talk_fini(&t);
}

static void gaps(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_frame(&t, HTTP2_DATA, HTTP2_FLAG_PADDED, 1,
               "\x02"
               "abcdefghijpp",
               13);
    t.said.len -= 10; /* "cdefghijp" is missing */
    talk_gap(&t, TO_CLIENT, 9);
    talk_by(&t, TO_CLIENT);
    talk_raw(&t, "p", 1);
    talk_data(&t, 1, 0, "klm");
    talk_frame(&t, HTTP2_SETTINGS, 0, 0, "\0\4\0\0\0\1", 6);
    t.said.len -= 4;
    talk_gap(&t, TO_CLIENT, 3);
    talk_by(&t, TO_CLIENT);
    talk_raw(&t, "\1", 1);
    talk_data(&t, 1, 0, "nop");
    talk_frame(&t, HTTP2_HEADERS, HTTP2_FLAG_END_HEADERS, 3, "xxxx", 4);
    t.said.len -= 4;
    talk_gap(&t, TO_CLIENT, 4);
    talk_expect(&t, false,
                UP "event header_state_lost\nchannel 1 dir0 \nchannel 1 dir1 ab<gap 8>klmnop\nchannel 1 closed\n");
    talk_fini(&t);
}

static void held_limit(void **state)
{
    (void)state;
    struct talk t;
    struct duplex d;
    static char body[16000];
    memset(body, 'x', sizeof body - 1);
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    for (int i = 0; i < 5; i++)
        talk_data(&t, 1, 0, body);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_by(&t, TO_SERVER);
    duplex_play(&d, &proto_http2, t.steps, t.count, 0);
    assert_int_equal(d.channels[0].gap[TO_SERVER] % 15999, 0);
    assert_int_equal(d.channels[0].gap[TO_SERVER], 15999);
    assert_memory_equal(d.events.data, "event tunnel_held_limit\n", 24);
    duplex_fini(&d);
    talk_fini(&t);
}

#define UDP ":method: CONNECT\n:protocol: connect-udp\n:scheme: https\n:authority: p.example\n"

static void datagrams(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, UDP ":path: /.well-known/masque/udp/192.0.2.6/443/\ncapsule-protocol: ?1\n");
    talk_headers(&t, 3, 0, UDP ":path: /.well-known/masque/udp/2001%3Adb8%3A%3A42/53/\n");
    talk_headers(&t, 5, 0, UDP ":path: /elsewhere?h=a&p=1\n");
    talk_frame(&t, HTTP2_DATA, 0, 1, "\0\4\0abc\0\3", 8);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_headers(&t, 3, 0, ":status: 200\n");
    talk_headers(&t, 5, 0, ":status: 200\n");
    talk_frame(&t, HTTP2_DATA, 0, 1, "\0\2\0x\0\1\0\x17\2zz\0\3\0yy", 16);
    talk_by(&t, TO_SERVER);
    talk_frame(&t, HTTP2_DATA, HTTP2_FLAG_END_STREAM, 1, "\0de", 3);
    talk_expect(
        &t, false,
        "tunnel connect-udp established 192.0.2.6:443 user= code=200 reply= reason=-\n"
        "tunnel connect-udp established 2001:db8::42:53 user= code=200 reply= reason=-\n"
        "tunnel connect-udp incomplete /elsewhere?h=a&p=1:0 user= code=200 reply= reason=bad target\n"
        "event connect_target_invalid\n"
        "channel 1 dir0 [3]abc[2]de\nchannel 1 dir1 [1]x[2]yy\nchannel 1 closed\nchannel 2 dir0 \nchannel 2 dir1 \n");
    talk_fini(&t);
}

#define WS ":method: CONNECT\n:protocol: websocket\n:scheme: http\n:authority: p.example\n:path: /\n"

static void websocket(void **state)
{
    (void)state;
    struct talk t;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, WS);
    talk_headers(&t, 3, 0, WS);
    talk_frame(&t, HTTP2_DATA, 0, 1,
               "\x82\x88\1\2\3\4"
               "RQK)3,3.",
               14);
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_headers(&t, 3, 0, ":status: 200\n");
    talk_frame(&t, HTTP2_DATA, 0, 3,
               "\x82\x04"
               "chat",
               6);
    talk_frame(&t, HTTP2_DATA, 0, 1,
               "\x82\x07"
               "SSH-2.0",
               9);
    talk_frame(&t, HTTP2_DATA, HTTP2_FLAG_END_STREAM, 1,
               "\x82\x02"
               "-x\x88\x00",
               6);
    talk_by(&t, TO_SERVER);
    talk_frame(&t, HTTP2_DATA, HTTP2_FLAG_END_STREAM, 1, NULL, 0);
    talk_expect(&t, false,
                "tunnel websocket established :0 user= code=200 reply= reason=-\n  by carrier\n"
                "channel 1 dir0 eof SSH-2.0*\nchannel 1 dir1 eof SSH-2.0-x\nchannel 1 closed\n");
    talk_fini(&t);
}

static void reversed_roles(void **state)
{
    (void)state;
    struct talk t;
    struct duplex d;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    talk_headers(&t, 1, 0, REQ);
    talk_data(&t, 1, 0, "up");
    talk_by(&t, TO_CLIENT);
    talk_headers(&t, 1, 0, ":status: 200\n");
    talk_by(&t, TO_SERVER);
    duplex_init(&d, &proto_http2, true);
    for (size_t i = 0; i < t.count; i++)
        duplex_bytes(&d, flow_dir_other(t.steps[i].dir), t.steps[i].text, t.steps[i].n);
    duplex_end(&d);
    buf_add_byte(&d.tunnels, 0);
    assert_non_null(strstr((const char *)d.tunnels.data, "reason=- reverse\n"));
    assert_int_equal(d.channels[0].bytes[TO_CLIENT].len, 2);
    duplex_fini(&d);
    talk_fini(&t);
}

/* More streams than are followed: each is told of. */
static void too_many(void **state)
{
    (void)state;
    struct talk t;
    struct duplex d;
    talk_init(&t);
    talk_begin(&t);
    talk_by(&t, TO_SERVER);
    for (uint32_t i = 0; i < HTTP2_STREAMS_MAX + 2; i++)
        talk_headers(&t, 1 + 2 * i, 0, REQ);
    talk_by(&t, TO_SERVER);
    duplex_play(&d, &proto_http2, t.steps, t.count, 0);
    buf_add_byte(&d.tunnels, 0);
    unsigned unfollowed = 0, unanswered = 0;
    for (const char *p = (const char *)d.tunnels.data; *p; p = strchr(p, '\n') + 1) {
        const char *reason = strstr(p, "reason=");
        unfollowed += strncmp(reason, "reason=too many streams\n", 24) == 0;
        unanswered += strncmp(reason, "reason=no answer\n", 17) == 0;
    }
    assert_int_equal(unfollowed, 2);
    assert_int_equal(unanswered, HTTP2_STREAMS_MAX);
    assert_int_equal(d.logged, HTTP2_STREAMS_MAX + 2);
    duplex_fini(&d);
    talk_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(established),    cmocka_unit_test(before_the_answer), cmocka_unit_test(answer_first),
        cmocka_unit_test(refused),        cmocka_unit_test(many_at_once),      cmocka_unit_test(gaps),
        cmocka_unit_test(held_limit),     cmocka_unit_test(datagrams),         cmocka_unit_test(websocket),
        cmocka_unit_test(reversed_roles), cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
