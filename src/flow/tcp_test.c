/* Reassembly against a known stream: whatever the segmentation, every byte comes out once, at its place, or is told as
 * missing. And the states, resets and limits of a connection. */
#include "flow/test_peer.h"

#define SENT_MOST 1500u
#define TIGHT     900u /* a memcap for a few segments */

/* Cut a stream into segments with overlaps and duplicates, out of order within a window. Returns how many. */
static size_t segment(uint64_t *seed, enum flow_dir dir, uint32_t total, bool fin, struct sent *out)
{
    size_t n = 0;
    uint32_t at = 0;
    while (at < total && n < SENT_MOST / 2) {
        uint32_t len = 1 + next_random(seed) % (next_random(seed) % 4 ? 60 : 600);
        if (len > total - at)
            len = total - at;
        uint32_t back = next_random(seed) % 5 ? 0 : next_random(seed) % (at + 1);
        out[n++] = (struct sent){.dir = dir, .flags = TCP_ACK, .at = at - back, .len = len + back};
        if (next_random(seed) % 10 == 0) {
            out[n] = out[next_random(seed) % n];
            n++;
        }
        at += len;
    }
    if (fin)
        out[n++] = (struct sent){.dir = dir, .flags = TCP_ACK | TCP_FIN, .at = total};
    uint32_t reach = next_random(seed) % 12;
    for (size_t i = 0; reach && i < n; i++) {
        size_t k = i + next_random(seed) % reach;
        if (k < n) {
            struct sent swap = out[i];
            out[i] = out[k];
            out[k] = swap;
        }
    }
    return n;
}

/* Weave both directions into one order. */
static size_t weave(uint64_t *seed, const struct sent *a, size_t na, const struct sent *b, size_t nb, struct sent *out)
{
    size_t n = 0;
    while (na || nb) {
        bool first = na && (!nb || next_random(seed) % (na + nb) < na);
        out[n++] = first ? *a++ : *b++;
        if (first)
            na--;
        else
            nb--;
    }
    return n;
}

struct plan {
    struct sent all[2 * SENT_MOST];
    size_t n;
    uint32_t total[2];
    bool fin;
};

static void make_plan(uint64_t *seed, struct plan *p)
{
    static struct sent a[SENT_MOST], b[SENT_MOST];
    p->total[0] = next_random(seed) % STREAM_MOST;
    p->total[1] = next_random(seed) % STREAM_MOST;
    p->fin = next_random(seed) % 4 != 0;
    size_t na = segment(seed, TO_SERVER, p->total[0], p->fin, a);
    size_t nb = segment(seed, TO_CLIENT, p->total[1], p->fin, b);
    p->n = weave(seed, a, na, b, nb, p->all);
}

/* Nothing is lost: all of it must come out, without a gap, before anything is flushed. */
static void any_segmentation_gives_the_stream(void **state)
{
    (void)state;
    static struct plan plan;
    static struct peer c;
    for (uint64_t run = 1; run <= 3000; run++) {
        uint64_t seed = run;
        /* Every other run wraps around 2^32. */
        uint32_t isn = run & 1 ? next_random(&seed) : UINT32_MAX - next_random(&seed) % STREAM_MOST;
        begin(&c, isn, isn ^ 0x12345u);
        shake_hands(&c);
        make_plan(&seed, &plan);
        for (size_t i = 0; i < plan.n; i++)
            send_packet(&c, &plan.all[i]);
        for (int d = 0; d < 2; d++) {
            assert_true(c.got[d] == plan.total[d]);
            assert_true(c.missing[d] == 0);
            assert_int_equal(c.eof[d], plan.fin);
        }
        assert_true(c.memory.held == 0);
        assert_false(c.did & (TCP_DID_OVERLAP_DIFFERS | TCP_DID_GAP | TCP_DID_DROP | TCP_DID_OUT_OF_WINDOW));
        finish(&c);
    }
}

/* Packets are lost for the sensor, and acknowledged or not. What comes out plus what is told as missing is the stream:
 * up to the FIN, or the highest byte that was seen or acknowledged. */
static void losses_are_told(void **state)
{
    (void)state;
    static struct plan plan;
    static struct peer c;
    for (uint64_t run = 1; run <= 3000; run++) {
        uint64_t seed = run * 77;
        uint32_t isn = run & 1 ? next_random(&seed) : UINT32_MAX - next_random(&seed) % STREAM_MOST;
        begin(&c, isn, ~isn);
        if (run % 7 == 0)
            c.limits.memcap = TIGHT;
        shake_hands(&c);
        make_plan(&seed, &plan);
        uint32_t seen[2] = {0, 0};
        bool fin[2] = {false, false};
        unsigned loss = 1 + next_random(&seed) % 30;
        bool acks = next_random(&seed) % 2;
        for (size_t i = 0; i < plan.n; i++) {
            struct sent *s = &plan.all[i];
            uint32_t end = s->at + s->len;
            if (next_random(&seed) % 100 < loss)
                continue;
            if (acks && next_random(&seed) % 3 == 0)
                s->ack = next_random(&seed) % (plan.total[flow_dir_other(s->dir)] + 1);
            send_packet(&c, s);
            seen[s->dir] = end > seen[s->dir] ? end : seen[s->dir];
            fin[s->dir] = fin[s->dir] || (s->flags & TCP_FIN);
        }
        flush(&c);
        for (int d = 0; d < 2; d++) {
            assert_true(c.got[d] + c.missing[d] == c.at[d]);
            assert_true(c.at[d] <= plan.total[d]);
            if (fin[d]) {
                assert_true(c.at[d] == plan.total[d]);
                assert_true(c.eof[d]);
            } else if (c.limits.memcap > TIGHT) {
                assert_true(c.at[d] >= seen[d]);
            }
        }
        assert_true(c.memory.held == 0);
        finish(&c);
    }
}

static void memcap_is_kept_and_let_go(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1, 2);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    uint64_t one = c.memory.held;
    assert_true(one > 100);
    c.limits.memcap = 5 * one;
    for (uint32_t at = 200; at + 100 < 2000; at += 100)
        say(&c, TO_SERVER, TCP_ACK, at, 100, 0);
    assert_true(c.did & TCP_DID_DROP);
    assert_true(c.held_most == 5 * one);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.got[0] == 600);
    assert_true(c.memory.held == 0);
    say(&c, TO_SERVER, TCP_ACK, 700, 100, 0);
    assert_true(c.memory.held == one);
    finish(&c);
}

static void acknowledged_hole_is_a_gap(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, UINT32_MAX - 150, 2);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(say(&c, TO_SERVER, TCP_ACK, 200, 100, 0), TCP_DID_BUFFER);
    assert_int_equal(say(&c, TO_CLIENT, TCP_ACK, 0, 0, 100), 0); /* not acknowledged: may still come */
    assert_int_equal(say(&c, TO_CLIENT, TCP_ACK, 0, 0, 300), TCP_DID_GAP);
    assert_true(c.at[0] == 300);
    assert_true(c.missing[0] == 100);
    /* Late, and of no use any more. */
    assert_int_equal(say(&c, TO_SERVER, TCP_ACK, 100, 100, 0), TCP_DID_RETRANSMIT | TCP_DID_OVERLAP);
    finish(&c);
}

static void missing_tail_is_told(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 150, 0, 0);
    assert_false(c.eof[0]);
    /* The server has it all. */
    send_packet(&c, &(struct sent){.dir = TO_CLIENT, .flags = TCP_ACK, .ack = 150, .fin_acked = true});
    assert_true(c.eof[0]);
    assert_true(c.at[0] == 150 && c.missing[0] == 50);
    /* The other side: acknowledged and never seen, no FIN either. */
    say(&c, TO_SERVER, TCP_ACK, 150, 0, 40);
    assert_true(c.at[1] == 0);
    flush(&c);
    assert_true(c.at[1] == 40 && c.missing[1] == 40);
    finish(&c);
}

static void close_walks_the_states(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 0, 0, 0);
    assert_int_equal(c.t.state, TCP_STATE_CLOSE_WAIT);
    assert_true(c.eof[0]);
    send_packet(&c, &(struct sent){.dir = TO_CLIENT, .flags = TCP_ACK | TCP_FIN, .fin_acked = true});
    assert_int_equal(c.t.state, TCP_STATE_LAST_ACK);
    send_packet(&c, &(struct sent){.dir = TO_SERVER, .flags = TCP_ACK, .at = 1, .fin_acked = true});
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    finish(&c);

    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_CLIENT, TCP_ACK | TCP_FIN, 0, 0, 0);
    assert_int_equal(c.t.state, TCP_STATE_FIN_WAIT1);
    send_packet(&c, &(struct sent){.dir = TO_SERVER, .flags = TCP_ACK, .fin_acked = true});
    assert_int_equal(c.t.state, TCP_STATE_FIN_WAIT2);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 0, 10, 0);
    assert_int_equal(c.t.state, TCP_STATE_TIME_WAIT);
    assert_true(c.eof[0] && c.eof[1] && c.at[0] == 10);
    finish(&c);
}

static void fin_waits_for_its_bytes(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 100, 50, 0);
    assert_false(c.eof[0]);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.eof[0] && c.at[0] == 150);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 100, 50, 0); /* again: told once */
    finish(&c);
}

static void resets_must_be_in_the_window(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 5, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(raw(&c, TO_SERVER, TCP_RST, c.isn[0] + 0x20000000u, 0, NULL, 0), TCP_DID_BAD_RST);
    assert_int_equal(raw(&c, TO_SERVER, TCP_RST, c.isn[0] - 1000, 0, NULL, 0), TCP_DID_BAD_RST);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_int_equal(raw(&c, TO_SERVER, TCP_RST, c.isn[0] + 101, 0, NULL, 0), 0);
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    assert_false(c.eof[0]); /* it may have been anybody's */
    finish(&c);
    /* Refused: the answer to a SYN. */
    begin(&c, 5, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    assert_int_equal(raw(&c, TO_CLIENT, TCP_RST | TCP_ACK, 0, 6, NULL, 0), 0);
    assert_int_equal(c.t.state, TCP_STATE_CLOSED);
    finish(&c);
}

static void syn_again_starts_over(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    raw(&c, TO_SERVER, TCP_SYN, 77777, 0, NULL, 0);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100);
    finish(&c);
    /* The same number again changes nothing. */
    begin(&c, 1000, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100);
    finish(&c);
}

/* Of the SYN before the one that counts more was acknowledged than ever came: that is forgotten with it. */
static void another_syn_was_acknowledged(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 10, 3000);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    raw(&c, TO_CLIENT, TCP_SYN, 1000, 0, NULL, 0);
    raw(&c, TO_SERVER, TCP_RST, 11, 0, NULL, 0);
    assert_int_equal(raw(&c, TO_SERVER, TCP_ACK, 11, 6001, NULL, 0), TCP_DID_UNSEEN_ACK);
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 0, 0);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    assert_int_equal(c.t.half[TO_CLIENT].acked, 3001);
    assert_true(raw(&c, TO_SERVER, TCP_ACK, 11, 3001 - 20000u, c.stream[0], 100) & TCP_DID_OUT_OF_WINDOW);
    assert_true(c.at[0] == 0);
    finish(&c);
}

static void midstream_and_answer_first(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 50, 100);
    assert_true(c.t.midstream && c.at[0] == 100 && c.at[1] == 50);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    finish(&c);

    begin(&c, 1000, 6);
    c.limits.midstream = false;
    assert_int_equal(say(&c, TO_SERVER, TCP_ACK, 0, 100, 0), TCP_DID_NOT_TRACKED);
    assert_true(c.at[0] == 0);
    assert_int_equal(c.t.state, TCP_STATE_NONE);
    /* A SYN/ACK is as good as a SYN. */
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100);
    assert_int_equal(c.t.state, TCP_STATE_ESTABLISHED);
    finish(&c);
}

static void syn_may_carry_data(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, UINT32_MAX, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 20, 0);
    assert_true(c.at[0] == 0); /* not before the server says that it took it */
    say(&c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 20);
    assert_true(c.at[0] == 20);
    say(&c, TO_SERVER, TCP_ACK, 20, 20, 0);
    assert_true(c.at[0] == 40);
    finish(&c);
}

static bool is_reuse(struct peer *c, enum flow_dir dir, uint32_t seq)
{
    struct packet p = {.dir = dir};
    p.d.tcp = (struct decoded_tcp){.seq = seq, .flags = TCP_SYN};
    return tcp_is_reuse(&c->t, &p);
}

static void reuse_of_a_tuple(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    assert_false(is_reuse(&c, TO_SERVER, 4711));
    shake_hands(&c);
    assert_false(is_reuse(&c, TO_SERVER, 4711));
    raw(&c, TO_SERVER, TCP_RST, 1001, 0, NULL, 0);
    assert_true(is_reuse(&c, TO_SERVER, 4711));
    assert_false(is_reuse(&c, TO_SERVER, 1000)); /* the old SYN, late */
    assert_true(is_reuse(&c, TO_CLIENT, 4711));
    finish(&c);
}

static void depth_ends_reassembly(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    c.limits.depth = 150;
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 300, 100, 0);
    assert_true(say(&c, TO_SERVER, TCP_ACK, 100, 100, 0) & TCP_DID_DEPTH);
    assert_true(c.at[0] == 200 && c.memory.held == 0);
    say(&c, TO_SERVER, TCP_ACK, 200, 100, 0);
    assert_true(c.at[0] == 200);
    say(&c, TO_CLIENT, TCP_ACK, 0, 100, 300); /* the other direction has its own depth */
    assert_true(c.at[1] == 100 && c.missing[0] == 0);
    finish(&c);
}

static void bypass_lets_go(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    assert_true(c.memory.held > 100);
    tcp_bypass(&c.t, TO_SERVER, &c.memory);
    assert_true(c.memory.held == 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 200, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 100, 200);
    assert_true(c.at[0] == 0 && c.at[1] == 100);
    flush(&c);
    assert_true(c.at[0] == 0);
    finish(&c);
}

static void far_ahead_is_not_believed(void **state)
{
    (void)state;
    static struct peer c;
    begin(&c, 1000, 6);
    shake_hands(&c);
    assert_int_equal(raw(&c, TO_SERVER, TCP_ACK, 1001 + (64u << 20), 7, c.stream[0], 100),
                     TCP_DID_OUT_OF_WINDOW | TCP_DID_REFUSE);
    /* Nor is an acknowledgement of what was never sent. */
    assert_int_equal(raw(&c, TO_CLIENT, TCP_ACK, 7, 1001 + (64u << 20), NULL, 0),
                     TCP_DID_OUT_OF_WINDOW | TCP_DID_REFUSE);
    assert_int_equal(c.events[TCP_EVENT_EST_INVALID_ACK], 1);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_true(c.at[0] == 100 && c.missing[0] == 0);
    finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_segmentation_gives_the_stream),
        cmocka_unit_test(losses_are_told),
        cmocka_unit_test(memcap_is_kept_and_let_go),
        cmocka_unit_test(acknowledged_hole_is_a_gap),
        cmocka_unit_test(missing_tail_is_told),
        cmocka_unit_test(close_walks_the_states),
        cmocka_unit_test(fin_waits_for_its_bytes),
        cmocka_unit_test(resets_must_be_in_the_window),
        cmocka_unit_test(syn_again_starts_over),
        cmocka_unit_test(another_syn_was_acknowledged),
        cmocka_unit_test(midstream_and_answer_first),
        cmocka_unit_test(syn_may_carry_data),
        cmocka_unit_test(reuse_of_a_tuple),
        cmocka_unit_test(depth_ends_reassembly),
        cmocka_unit_test(bypass_lets_go),
        cmocka_unit_test(far_ahead_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
