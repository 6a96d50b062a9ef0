/* Each odd thing a connection can show, and the event that tells it: by what a receiver would not take, left out of the
 * stream. */
#include "flow/test_peer.h"

#include "core/clock.h"

static unsigned all_events(const struct peer *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < TCP_EVENT_COUNT; i++)
        n += c->events[i];
    return n;
}

static void healthy_connection_has_none(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK | TCP_PSH, 0, 100, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 100);
    say(&c, TO_CLIENT, TCP_ACK, 0, 300, 100);
    say(&c, TO_SERVER, TCP_ACK, 100, 0, 300);
    /* A keep-alive (RFC 9293 3.8.4): the last byte again, or none of it. */
    assert_int_equal(say(&c, TO_SERVER, TCP_ACK, 99, 1, 300), TCP_DID_KEEP_ALIVE);
    assert_int_equal(say(&c, TO_SERVER, TCP_ACK, 99, 0, 300), 0);
    say(&c, TO_CLIENT, TCP_ACK, 300, 0, 100);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 100, 0, 300);
    send_packet(&c,
                &(struct sent){.dir = TO_CLIENT, .flags = TCP_ACK | TCP_FIN, .at = 300, .ack = 100, .fin_acked = true});
    send_packet(&c, &(struct sent){.dir = TO_SERVER, .flags = TCP_ACK, .at = 101, .ack = 300, .fin_acked = true});
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    assert_int_equal(all_events(&c), 0);
    assert_true(c.at[0] == 100 && c.at[1] == 300 && c.eof[0] && c.eof[1]);
    finish(&c);
}

/* PAWS (RFC 7323 5): an old time stamp in a number that fits. */
static void old_timestamps_are_left_out(void **state)
{
    (void)state;
    static struct peer c;
    uint8_t evil[100];
    memset(evil, 'x', sizeof evil);
    for (int liberal = 0; liberal < 2; liberal++) {
        begin(&c, 7, 9);
        c.limits.liberal_timestamps = liberal;
        c.with.has_timestamps = true;
        c.with.ts_value = 1000;
        say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
        c.with.ts_echo = 1000;
        say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
        say(&c, TO_SERVER, TCP_ACK, 0, 0, 0);
        c.with.ts_value = 999;
        if (liberal)
            say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
        else
            raw(&c, TO_SERVER, TCP_ACK, 8, 10, evil, 100);
        c.with.ts_value = 1001;
        say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
        assert_true(c.at[0] == 100);
        assert_int_equal(count(&c, TCP_EVENT_PKT_INVALID_TIMESTAMP), 1);
        finish(&c);
    }
    /* A segment that was overtaken on its way is older, and still good: only what is in order counts. */
    begin(&c, 7, 9);
    c.with.has_timestamps = true;
    c.with.ts_value = c.with.ts_echo = 1000;
    shake_hands(&c);
    c.with.ts_value = 1009;
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    c.with.ts_value = 1005;
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 200);
    assert_int_equal(all_events(&c), 0);
    finish(&c);
}

/* A SYN without the option is never answered with it; one with it is echoed. */
static void answers_to_a_syn_must_echo(void **state)
{
    (void)state;
    static struct peer c;
    for (int with = 0; with < 2; with++) {
        begin(&c, 7, 9);
        c.with.has_timestamps = with;
        c.with.ts_value = 5000;
        say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
        c.with.has_timestamps = true;
        c.with.ts_value = c.with.ts_echo = 100;
        assert_int_equal(raw(&c, TO_CLIENT, TCP_RST | TCP_ACK, 0, 8, NULL, 0), TCP_DID_BAD_RST);
        raw(&c, TO_CLIENT, TCP_FIN | TCP_ACK, 0, 8, NULL, 0);
        assert_int_equal(count(&c, TCP_EVENT_PKT_INVALID_TIMESTAMP), 2);
        c.with.has_timestamps = with;
        c.with.ts_echo = 5000;
        say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
        c.with.ts_value = 5001;
        say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
        assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
        assert_true(c.at[0] == 100);
        finish(&c);
    }
}

static void numbers_outside_the_window(void **state)
{
    (void)state;
    static struct peer c;
    uint8_t evil[100];
    memset(evil, 'x', sizeof evil);
    begin(&c, 7, 9);
    c.with.window = 500;
    shake_hands(&c);
    raw(&c, TO_SERVER, TCP_ACK, 8 + 501, 10, evil, 100);
    assert_int_equal(count(&c, TCP_EVENT_EST_PACKET_OUT_OF_WINDOW), 1);
    raw(&c, TO_SERVER, TCP_ACK, 8, 10 + 502, evil, 100);
    assert_int_equal(count(&c, TCP_EVENT_EST_INVALID_ACK), 1);
    assert_int_equal(count(&c, TCP_EVENT_PKT_INVALID_ACK), 1);
    raw(&c, TO_SERVER, 0, 8, 77, evil, 100);
    assert_int_equal(count(&c, TCP_EVENT_PKT_BROKEN_ACK), 1);
    for (uint32_t at = 0; at < 1000; at += 100) {
        say(&c, TO_SERVER, TCP_ACK, at, 100, 0);
        say(&c, TO_CLIENT, TCP_ACK, 0, 0, at + 100);
    }
    assert_true(c.at[0] == 1000 && c.missing[0] == 0);
    finish(&c);
}

/* The sensor missed more than a window of both directions: it finds back. */
static void long_blindness_is_survived(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    c.with.window = 100;
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    for (uint32_t at = 2000; at < 3900; at += 50) {
        say(&c, TO_SERVER, TCP_ACK, at, 50, 0);
        say(&c, TO_CLIENT, TCP_ACK, 0, 0, at + 50);
    }
    assert_true(c.at[0] == 3900);
    assert_true(c.got[0] > 500);
    finish(&c);
}

static void queues_of_a_handshake(void **state)
{
    (void)state;
    static struct peer c;
    /* Twelve more SYNs, of which ten are remembered; the last but one is answered. */
    begin(&c, 40000, 9);
    raw(&c, TO_SERVER, TCP_SYN, 1, 0, NULL, 0);
    for (uint32_t i = 0; i < 11; i++)
        raw(&c, TO_SERVER, TCP_SYN, 100 + i, 0, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYN_FLOOD), 1);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    raw(&c, TO_SERVER, TCP_SYN, 777, 0, NULL, 0);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100 && c.missing[0] == 0);
    assert_true(c.memory.queues == 0);
    finish(&c);

    /* Three SYN/ACKs, and the client takes the second. */
    begin(&c, 7, 5000);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 900, 8, NULL, 0);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 90000, 8, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_RESEND_WITH_DIFF_SEQ), 2);
    assert_true(c.memory.queues > 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 100, 100);
    assert_true(c.at[0] == 100 && c.at[1] == 100);
    assert_true(c.memory.queues == 0);
    finish(&c);
}

static void wrong_steps(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    raw(&c, TO_SERVER, TCP_SYN, 7, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 7, 55, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_IN_WRONG_DIRECTION), 1);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 9, 55, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_WITH_WRONG_ACK), 1);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 7, 10, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_TOSERVER_ON_SYN_RECV), 1);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 9, 99, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK), 1);
    raw(&c, TO_CLIENT, TCP_SYN, 4, 0, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYN_TOCLIENT_ON_SYN_RECV), 1);
    raw(&c, TO_SERVER, TCP_SYN, 4, 0, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV), 1);
    raw(&c, TO_SERVER, TCP_ACK, 8, 500000, c.stream[1], 10);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION), 1);
    raw(&c, TO_SERVER, TCP_ACK, 900000, 500000, c.stream[1], 10);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_WRONG_SEQ_WRONG_ACK), 1);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_ACK_IN_WRONG_DIR), 1);
    say(&c, TO_CLIENT, TCP_ACK, 0, 50, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_ACK_DATA_INJECT), 1);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 50);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[0] == 100 && c.at[1] == 50);
    /* And once it is there. */
    raw(&c, TO_SERVER, TCP_SYN, 7, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_SYN, 70, 0, NULL, 0);
    raw(&c, TO_CLIENT, TCP_SYN, 70, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 70, 0, NULL, 0);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 9, 8, NULL, 0);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 9, 80, NULL, 0);
    raw(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 90, 8, NULL, 0);
    static const enum tcp_event each[] = {TCP_EVENT_EST_SYN_RESEND,
                                          TCP_EVENT_EST_SYN_RESEND_DIFF_SEQ,
                                          TCP_EVENT_EST_SYN_TOCLIENT,
                                          TCP_EVENT_EST_SYNACK_TOSERVER,
                                          TCP_EVENT_EST_SYNACK_RESEND,
                                          TCP_EVENT_EST_SYNACK_RESEND_WITH_DIFFERENT_ACK,
                                          TCP_EVENT_EST_SYNACK_RESEND_WITH_DIFF_SEQ};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        assert_int_equal(count(&c, each[i]), 1);
    finish(&c);
}

/* RFC 9293 3.5: the server answers with a SYN of its own. */
static void four_steps(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 3000);
    raw(&c, TO_SERVER, TCP_SYN, 1000, 0, NULL, 0);
    raw(&c, TO_CLIENT, TCP_SYN, 3000, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 1000, 4711, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_4WHS_SYNACK_WITH_WRONG_ACK), 1);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 1234, 3001, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_4WHS_SYNACK_WITH_WRONG_SYN), 1);
    raw(&c, TO_SERVER, TCP_SYN | TCP_ACK, 1000, 3001, NULL, 0);
    raw(&c, TO_CLIENT, TCP_ACK, 3001, 999999, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_4WHS_INVALID_ACK), 1);
    raw(&c, TO_CLIENT, TCP_ACK, 999999, 1001, NULL, 0);
    assert_int_equal(count(&c, TCP_EVENT_4WHS_WRONG_SEQ), 1);
    raw(&c, TO_CLIENT, TCP_ACK, 3001, 1001, NULL, 0);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    say(&c, TO_SERVER, TCP_ACK, 0, 4, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 9, 4);
    assert_true(c.at[0] == 4 && c.at[1] == 9);
    finish(&c);
}

/* RFC 7413: the server did not take what came with the SYN, and the client sends it again: other bytes, for all we
 * know. */
static void refused_syn_data_does_not_count(void **state)
{
    (void)state;
    static struct peer c;
    uint8_t other[20];
    begin(&c, 7, 9);
    memset(other, 'x', sizeof other);
    raw(&c, TO_SERVER, TCP_SYN, 7, 0, other, sizeof other);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_SYNACK_TFO_DATA_IGNORED), 1);
    say(&c, TO_SERVER, TCP_ACK, 0, 50, 0);
    assert_true(c.at[0] == 50);
    finish(&c);
}

/* The answer was not seen: what the client sends waits until something tells that it was taken. */
static void one_side_alone(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    assert_true(c.at[0] == 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 30, 200);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[0] == 200 && c.at[1] == 30);
    finish(&c);

    begin(&c, 7, 9);
    c.limits.async = true;
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    raw(&c, TO_SERVER, TCP_ACK, 80, 10, c.stream[0], 10);
    assert_int_equal(count(&c, TCP_EVENT_3WHS_ASYNC_WRONG_SEQ), 1);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100 && c.t.async);
    finish(&c);
}

/* A reset that was not the sender's own, and what that goes on to say. */
static void injected_reset(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    raw(&c, TO_SERVER, TCP_RST, 108, 0, NULL, 0);
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 100); /* was on its way */
    assert_int_equal(all_events(&c), 0);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    assert_int_equal(count(&c, TCP_EVENT_SUSPECTED_RST_INJECT), 1);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_true(c.at[0] == 200 && !c.eof[0]);
    finish(&c);

    /* In the handshake, too. */
    begin(&c, 7, 9);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    raw(&c, TO_SERVER, TCP_RST, 8, 0, NULL, 0);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100);
    finish(&c);
}

/* Another byte in a probe of a closed window: if the receiver did not take it, it counts for nothing. */
static void probes_of_a_closed_window(void **state)
{
    (void)state;
    static struct peer c;
    for (int taken = 0; taken < 2; taken++) {
        begin(&c, 7, 9);
        shake_hands(&c);
        say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
        c.with.window = 0;
        /* All that it had allowed was sent. */
        c.t.half[0].edge = 108;
        raw(&c, TO_CLIENT, TCP_ACK, 10, 108, NULL, 0);
        c.with.window = 5000;
        uint8_t byte = taken ? c.stream[0][100] : (uint8_t)~c.stream[0][100];
        assert_true(raw(&c, TO_SERVER, TCP_ACK, 108, 10, &byte, 1) & TCP_DID_ZERO_WINDOW);
        assert_true(c.at[0] == 100);
        say(&c, TO_CLIENT, TCP_ACK, 0, 0, taken ? 101 : 100);
        assert_true(c.at[0] == (taken ? 101u : 100u));
        say(&c, TO_SERVER, TCP_ACK, taken ? 101 : 100, 100, 0);
        assert_true(c.at[0] == (taken ? 201u : 200u) && c.missing[0] == 0);
        finish(&c);
    }
}

/* RFC 6093: the byte before the urgent pointer is not part of the stream, in order or not. */
static void urgent_bytes(void **state)
{
    (void)state;
    static struct peer c;
    static const struct {
        enum settings_urgent policy;
        uint32_t got;
        uint32_t missing;
    } policies[] = {{URGENT_OOB, 9, 0}, {URGENT_INLINE, 10, 0}, {URGENT_DROP, 0, 10}, {URGENT_GAP, 9, 1}};
    for (size_t i = 0; i < 4; i++)
        for (uint16_t at = 1; at <= 10; at++)
            for (int late = 0; late < 2; late++) {
                uint8_t with[10];
                uint32_t n = 0;
                begin(&c, 7, 9);
                c.limits.urgent = policies[i].policy;
                shake_hands(&c);
                for (uint32_t k = 0; k < 10; k++) /* the stream as it should come out, and one byte in its midst */
                    with[k] =
                        policies[i].policy == URGENT_OOB ? (k == at - 1u ? '!' : c.stream[0][n++]) : c.stream[0][k];
                if (late)
                    raw(&c, TO_SERVER, TCP_ACK, 18, 10, c.stream[0] + policies[i].got + policies[i].missing, 20);
                c.with.urgent = at;
                raw(&c, TO_SERVER, TCP_ACK | TCP_URG, 8, 10, with, 10);
                c.with.urgent = 0;
                if (!late)
                    raw(&c, TO_SERVER, TCP_ACK, 18, 10, c.stream[0] + policies[i].got + policies[i].missing, 20);
                raw(&c, TO_CLIENT, TCP_ACK, 10, 38, NULL, 0);
                assert_int_equal(c.missing[0], policies[i].missing);
                assert_int_equal(c.got[0], policies[i].got + 20);
                finish(&c);
            }
}

/* What a retransmission changes is told, though what was delivered stays. */
static void other_bytes_in_a_retransmission(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 7, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(count(&c, TCP_EVENT_PKT_RETRANSMISSION), 1);
    assert_int_equal(count(&c, TCP_EVENT_REASSEMBLY_OVERLAP_DIFFERENT_DATA), 0);
    raw(&c, TO_SERVER, TCP_ACK, 8, 10, c.stream[1], 100);
    assert_int_equal(count(&c, TCP_EVENT_REASSEMBLY_OVERLAP_DIFFERENT_DATA), 1);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 100);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(count(&c, TCP_EVENT_PKT_SPURIOUS_RETRANSMISSION), 1);
    assert_true(c.at[0] == 100);
    finish(&c);
}

/* The server knows nothing of the old connection and answers a SYN in its midst. */
static void answered_syn_is_a_new_connection(void **state)
{
    (void)state;
    static struct peer c;
    struct packet p = {.dir = TO_CLIENT};
    begin(&c, 7, 9);
    shake_hands(&c);
    p.d.tcp = (struct decoded_tcp){.seq = 555, .ack = 4712, .flags = TCP_SYN | TCP_ACK};
    assert_false(tcp_is_reuse(&c.t, &p));
    raw(&c, TO_SERVER, TCP_SYN, 4711, 0, NULL, 0);
    assert_true(tcp_is_reuse(&c.t, &p));
    p.d.tcp.ack = 4713;
    assert_false(tcp_is_reuse(&c.t, &p));
    finish(&c);
}

static void names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TCP_EVENT_COUNT; i++)
        assert_int_equal(strncmp(tcp_event_name((enum tcp_event)i), "stream.", 7), 0);
    assert_string_equal(tcp_event_name(TCP_EVENT_PKT_INVALID_ACK), "stream.pkt_invalid_ack");
    assert_true(tcp_event_is_quiet(TCP_EVENT_PKT_RETRANSMISSION));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(healthy_connection_has_none),
        cmocka_unit_test(old_timestamps_are_left_out),
        cmocka_unit_test(answers_to_a_syn_must_echo),
        cmocka_unit_test(numbers_outside_the_window),
        cmocka_unit_test(long_blindness_is_survived),
        cmocka_unit_test(queues_of_a_handshake),
        cmocka_unit_test(wrong_steps),
        cmocka_unit_test(four_steps),
        cmocka_unit_test(refused_syn_data_does_not_count),
        cmocka_unit_test(one_side_alone),
        cmocka_unit_test(injected_reset),
        cmocka_unit_test(probes_of_a_closed_window),
        cmocka_unit_test(urgent_bytes),
        cmocka_unit_test(other_bytes_in_a_retransmission),
        cmocka_unit_test(answered_syn_is_a_new_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
