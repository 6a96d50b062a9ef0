/* What must not be believed: resets, FINs and answers that nobody in the connection can have sent; and what a lane
 * keeps to when bytes overlap, wait or are left behind by an attempt that was given up. */
#include "flow/test_peer.h"

static void blind_reset_does_not_close(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    /* RFC 9293 3.10.7.3: in SYN-SENT a reset must acknowledge the SYN. */
    assert_int_equal(raw(&c, TO_CLIENT, TCP_RST | TCP_ACK, 0, 77, NULL, 0), TCP_DID_BAD_RST);
    assert_int_equal(raw(&c, TO_CLIENT, TCP_RST | TCP_ACK, 0, 5, NULL, 0), TCP_DID_BAD_RST);
    assert_int_equal(raw(&c, TO_CLIENT, TCP_RST, 0, 6, NULL, 0), TCP_DID_BAD_RST);
    assert_int_equal(c.t.state, TCP_STATE_SYN_SENT);
    assert_false(c.eof[1]);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[0] == 100);
    finish(&c);
}

static void fin_outside_the_window_is_ignored(void **state)
{
    (void)state;
    static struct peer c;
    static const uint32_t away[] = {0x10000000u, 0u - 0x10000000u, 0u - 50u};
    for (size_t i = 0; i < sizeof away / sizeof away[0]; i++) {
        begin(&c, 0x50000000, 6);
        shake_hands(&c);
        say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
        unsigned did = raw(&c, TO_SERVER, TCP_FIN | TCP_ACK, c.isn[0] + 101 + away[i], 7, NULL, 0);
        assert_int_equal(did & ~(unsigned)TCP_DID_REFUSE, TCP_DID_OUT_OF_WINDOW);
        assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
        assert_false(c.eof[0]);
        /* Nor does it stand in the way of the real one. */
        say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
        assert_true(c.at[0] == 200);
        say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 200, 100, 0);
        assert_true(c.at[0] == 300 && c.missing[0] == 0);
        assert_true(c.eof[0]);
        assert_int_equal(c.t.state, TCP_STATE_CLOSE_WAIT);
        finish(&c);
    }
}

/* deliver() compares with the stream, of which the bytes that differ are none. */
static void old_bytes_win_where_they_do(void **state)
{
    (void)state;
    static struct peer c;
    uint8_t other[150];
    begin(&c, 5, 6);
    c.t.half[0].rule = OVERLAP_OLD;
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 50, 50, 0);
    memcpy(other, c.stream[0], sizeof other);
    for (size_t i = 50; i < 100; i++)
        other[i] ^= 0xff;
    /* It fills the hole, covers what waits with other bytes, and goes on behind it. */
    assert_true(raw(&c, TO_SERVER, TCP_ACK, 6, 7, other, sizeof other) & TCP_DID_OVERLAP_DIFFERS);
    assert_true(c.at[0] == 150 && c.missing[0] == 0);
    assert_true(c.memory.held == 0);
    finish(&c);

    /* The same bytes again are no difference. */
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 50, 50, 0);
    assert_false(say(&c, TO_SERVER, TCP_ACK, 0, 150, 0) & TCP_DID_OVERLAP_DIFFERS);
    assert_true(c.at[0] == 150 && c.memory.held == 0);
    finish(&c);
}

static void end_after_reset_delivers_what_waited(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 50, 50, 0);
    say(&c, TO_SERVER, TCP_ACK, 120, 30, 0);
    assert_int_equal(raw(&c, TO_SERVER, TCP_RST, c.isn[0] + 151, 0, NULL, 0), 0);
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    flush(&c);
    assert_true(c.at[0] == 150 && c.got[0] == 80 && c.missing[0] == 70);
    assert_true(c.memory.held == 0);
    flush(&c); /* nothing behind the end */
    assert_true(c.at[0] == 150);
    finish(&c);
}

static void new_isn_drops_the_old_attempt(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    raw(&c, TO_SERVER, TCP_SYN, 77777, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_ACK, 77777 + 101, 7, c.stream[0], 50);
    assert_true(c.memory.held > 0);
    shake_hands(&c);
    assert_true(c.memory.held == 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    flush(&c);
    assert_true(c.at[0] == 100 && c.missing[0] == 0);
    finish(&c);
}

static void wrong_syn_ack_is_ignored(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    /* Acknowledgements of what was not sent, and of nothing. */
    assert_int_equal(raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 99999, 4242, NULL, 0), TCP_DID_OUT_OF_WINDOW);
    assert_int_equal(raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 99999, 1000, NULL, 0), TCP_DID_OUT_OF_WINDOW);
    assert_int_equal(c.t.state, TCP_STATE_SYN_SENT);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 0, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 100, 0);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[1] == 100 && c.missing[1] == 0);
    finish(&c);
}

/* A tuple whose first packet was of no handshake, and then its server opens a connection. */
static void either_side_may_open(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    c.limits.midstream = false;
    assert_int_equal(raw(&c, TO_SERVER, TCP_ACK, 70000, 1, c.stream[0], 10), TCP_DID_NOT_TRACKED);
    say(&c, TO_CLIENT, TCP_SYN, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 10, 0); /* an answer, if what is before it was not seen */
    assert_true(c.at[0] == 10);
    say(&c, TO_CLIENT, TCP_ACK, 0, 20, 10);
    assert_true(c.at[1] == 20);
    finish(&c);

    begin(&c, 5, 6);
    c.limits.midstream = false;
    say(&c, TO_CLIENT, TCP_SYN, 0, 0, 0);
    say(&c, TO_SERVER, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 20, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 10, 20);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[0] == 10 && c.at[1] == 20);
    finish(&c);
}

static void memcap_counts_overhead(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    shake_hands(&c);
    for (uint32_t i = 1; i < 1000; i++)
        say(&c, TO_SERVER, TCP_ACK, i * 2 - 1, 1, 0);
    assert_false(c.did & TCP_DID_DROP);
    assert_true(c.memory.held >= 999 * (sizeof(struct piece) + 1));
    finish(&c);

    /* So bytes that come one by one are limited long before the memcap in bytes of payload. */
    begin(&c, 1000, 6);
    c.limits.memcap = 1000;
    shake_hands(&c);
    for (uint32_t i = 1; i < 100; i++)
        say(&c, TO_SERVER, TCP_ACK, i * 2 - 1, 1, 0);
    assert_true(c.did & TCP_DID_DROP);
    assert_true(c.t.half[0].waiting.count <= 1000 / sizeof(struct piece));
    finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blind_reset_does_not_close),    cmocka_unit_test(fin_outside_the_window_is_ignored),
        cmocka_unit_test(old_bytes_win_where_they_do),   cmocka_unit_test(end_after_reset_delivers_what_waited),
        cmocka_unit_test(new_isn_drops_the_old_attempt), cmocka_unit_test(wrong_syn_ack_is_ignored),
        cmocka_unit_test(either_side_may_open),          cmocka_unit_test(memcap_counts_overhead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
