#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/websocket/websocket.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_websocket, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define CB(b)                                                                                                          \
    {                                                                                                                  \
        TO_SERVER, b, sizeof(b) - 1                                                                                    \
    }
#define SB(b)                                                                                                          \
    {                                                                                                                  \
        TO_CLIENT, b, sizeof(b) - 1                                                                                    \
    }

/* "SSH-2.0-a\r\n" and "more", both under the key 1 2 3 4 */
#define CLIENT_SSH  "\x82\x8b\1\2\3\4\x52\x51\x4b\x29\x33\x2c\x33\x29\x60\x0f\x09"
#define CLIENT_MORE "\x82\x84\1\2\3\4\x6c\x6d\x71\x61"
#define CLIENT_END  "\x88\x82\1\2\3\4\x02\xea"
#define TUNNEL      "tunnel websocket established :0 user= code=-1 reply= reason=-\n  by carrier\n"

static void tunnels(void **state)
{
    (void)state;
    const struct step s[] = {CB(CLIENT_SSH),          SB("\x82\x0bSSH-2.0-b\r\n"), CB(CLIENT_MORE),
                             SB("\x89\x00\x02\x01z"), CB("\x8a\x80\1\2\3\4"),      SB("\x80\x01y")};
    expect(s, COUNT(s), TUNNEL "channel 1 dir0 SSH-2.0-a\r\nmore\nchannel 1 dir1 SSH-2.0-b\r\nzy\n");
    /* the server is first, and in fragments that are no protocol's beginning by themselves */
    const struct step server[] = {SB("\x02\x01S\x89\x01p"), SB("\x00\x00\x80\x04SH-2"), CB(CLIENT_MORE)};
    expect(server, COUNT(server), TUNNEL "channel 1 dir0 more\nchannel 1 dir1 SSH-2\n");
    /* what the client said meanwhile is not lost */
    const struct step both[] = {CB("\x82\x81\0\0\0\0S"), SB("\x82\x01S"), SB("\x82\x03SH-"), CB("\x82\x81\0\0\0\0x")};
    expect(both, COUNT(both), TUNNEL "channel 1 dir0 Sx\nchannel 1 dir1 SSH-\n");
}

static void ends(void **state)
{
    (void)state;
    const struct step closed[] = {CB(CLIENT_SSH CLIENT_END), SB("\x82\x01x"), SB("\x88\x02\x03\xe8"), C_EOF, S_EOF};
    expect(closed, COUNT(closed), TUNNEL "channel 1 dir0 eof SSH-2.0-a\r\n\nchannel 1 dir1 eof x\nchannel 1 closed\n");
    const struct step fin[] = {CB(CLIENT_SSH), C_EOF, SB("\x82\x01x"), S_EOF};
    expect(fin, COUNT(fin), TUNNEL "channel 1 dir0 eof SSH-2.0-a\r\n\nchannel 1 dir1 eof x\nchannel 1 closed\n");
    const struct step after[] = {SB("\x82\x04SSH-\x88\x00yy"), CB(CLIENT_MORE)};
    expect(after, COUNT(after), TUNNEL "event data_after_close\nchannel 1 dir0 more\nchannel 1 dir1 eof SSH-\n");
    const struct step undecided[] = {SB("\x82\x01S\x88\x00"), C_EOF};
    expect(undecided, COUNT(undecided), "");
    const struct step nothing[] = {SB("\x89\x00\x8a\x00"), C_EOF, S_EOF};
    expect(nothing, COUNT(nothing), "");
}

static void not_a_tunnel(void **state)
{
    (void)state;
    const struct step text[] = {SB("\x81\x02{}"), CB("\x81\x82\0\0\0\0{}"), CB(CLIENT_SSH)};
    expect(text, COUNT(text), "");
    const struct step compressed[] = {SB("\xc1\x02xx"), CB(CLIENT_SSH)};
    expect(compressed, COUNT(compressed), "event compressed\n");
    const struct step later[] = {CB(CLIENT_SSH), SB("\xc2\x02xx"), CB(CLIENT_MORE)};
    expect(later, COUNT(later),
           TUNNEL "event compressed\nchannel 1 dir0 SSH-2.0-a\r\n\nchannel 1 dir1 \nchannel 1 closed\n");
}

static void odd_frames(void **state)
{
    (void)state;
    const struct step odd[] = {CB(CLIENT_SSH), SB("\x80\x01x"), SB("\x83\x01x"), CB(CLIENT_MORE)};
    expect(odd, COUNT(odd),
           TUNNEL "event continuation_without_message\nevent unknown_opcode\n"
                  "channel 1 dir0 SSH-2.0-a\r\n\nchannel 1 dir1 x\nchannel 1 closed\n");
    const struct step mask[] = {CB("\x82\x04SSH-"), SB("\x82\x81\0\0\0\0x")};
    expect(mask, COUNT(mask), TUNNEL "event wrong_mask\nevent wrong_mask\nchannel 1 dir0 SSH-\nchannel 1 dir1 x\n");
}

static void gaps(void **state)
{
    (void)state;
    const struct step inside[] = {SB("\x82\x0aSSH-2"), S_GAP(3), S("ab\x82\x01x"), CB(CLIENT_MORE)};
    expect(inside, COUNT(inside), TUNNEL "channel 1 dir0 more\nchannel 1 dir1 SSH-2<gap 3>abx\n");
    const struct step head[] = {SB("\x82\x04SSH-"), S_GAP(1), SB("\x82\x01x")};
    expect(head, COUNT(head), TUNNEL "event frame_gap\nchannel 1 dir0 \nchannel 1 dir1 SSH-\nchannel 1 closed\n");
    const struct step early[] = {SB("\x82\x0aS"), S_GAP(3), S("SSH-2.0-a")};
    expect(early, COUNT(early), "");
    const struct step close[] = {SB("\x82\x04SSH-\x88\x02"), S_GAP(2)};
    expect(close, COUNT(close), TUNNEL "channel 1 dir0 \nchannel 1 dir1 eof SSH-\n");
}

static void limit(void **state)
{
    (void)state;
    enum { N = 5000 };
    uint8_t big[4 + N] = {0x82, 126, N >> 8, N & 255};
    memset(big + 4, 'S', N); /* never a whole "SSH-" */
    memcpy(big + 4, "SSH-", 4);
    struct duplex d;
    const struct step known[] = {{TO_CLIENT, (const char *)big, sizeof big}};
    duplex_play(&d, &proto_websocket, known, 1, 0);
    assert_int_equal(d.channels[0].bytes[TO_CLIENT].len, N);
    duplex_fini(&d);
    /* as much again, but not recognised by then: no more is held */
    duplex_init(&d, &proto_websocket, false);
    duplex_bytes(&d, TO_CLIENT,
                 "\x82\x7e\x13\x88"
                 "{}",
                 6);
    for (unsigned i = 0; i < 4093; i++)
        duplex_bytes(&d, TO_CLIENT, "z", 1);
    assert_false(d.over);
    duplex_bytes(&d, TO_CLIENT, "z", 1);
    assert_true(d.over);
    assert_int_equal(d.status, PROTO_DONE);
    duplex_end(&d);
    assert_int_equal(d.tunnels.len + d.events.len, 0);
    duplex_fini(&d);
}

static void reversed(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_websocket, true);
    duplex_bytes(&d, TO_CLIENT, CLIENT_SSH, sizeof CLIENT_SSH - 1);
    duplex_bytes(&d, TO_SERVER, "\x82\x01x", 3);
    buf_add_byte(&d.tunnels, 0);
    assert_string_equal((const char *)d.tunnels.data,
                        "tunnel websocket established :0 user= code=-1 reply= reason=- reverse\n  by carrier\n");
    assert_int_equal(d.events.len, 0);
    assert_int_equal(d.channels[0].bytes[TO_CLIENT].len, 11);
    duplex_end(&d);
    duplex_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tunnels),    cmocka_unit_test(ends), cmocka_unit_test(not_a_tunnel),
        cmocka_unit_test(odd_frames), cmocka_unit_test(gaps), cmocka_unit_test(limit),
        cmocka_unit_test(reversed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
