/* Bytes that wait until they were acknowledged (stream.inline: no). */
#include "flow/test_peer.h"

static struct peer c;

static void start(uint32_t isn_client, uint32_t isn_server)
{
    begin(&c, isn_client, isn_server);
    c.limits.acked = true;
}

/* What was acknowledged goes on, and nothing more, to the byte; numbers wrap in the midst of it. */
static void acknowledged_bytes_go_on(void **state)
{
    (void)state;
    start(0xffffffffu - 150, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    assert_int_equal(c.got[0], 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 130);
    assert_int_equal(c.got[0], 130);
    say(&c, TO_CLIENT, TCP_ACK, 0, 50, 200);
    assert_int_equal(c.got[0], 200);
    assert_int_equal(c.got[1], 0);
    say(&c, TO_SERVER, TCP_ACK, 200, 0, 50);
    assert_int_equal(c.got[1], 50);
    assert_int_equal(c.did & (TCP_DID_GAP | TCP_DID_RETRANSMIT | TCP_DID_BUFFER), 0);
    assert_true(c.memory.held == 0);
    finish(&c);
}

static void end_goes_with_the_last_bytes(void **state)
{
    (void)state;
    start(7, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 40, 0);
    say(&c, TO_SERVER, TCP_ACK | TCP_FIN, 40, 10, 0);
    assert_false(c.eof[0]);
    send_packet(&c, &(struct sent){.dir = TO_CLIENT, .flags = TCP_ACK, .ack = 50, .fin_acked = true});
    assert_int_equal(c.got[0], 50);
    assert_true(c.eof[0]);
    finish(&c);
}

/* A hole that is acknowledged is a gap then; what nobody acknowledged comes at the end, and is none. */
static void holes_and_the_rest(void **state)
{
    (void)state;
    start(7, 9);
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 150, 50, 0);
    say(&c, TO_SERVER, TCP_ACK, 200, 30, 0);
    assert_int_equal(c.missing[0], 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 200);
    assert_int_equal(c.missing[0], 50);
    assert_int_equal(c.got[0], 150);
    assert_int_equal(count(&c, TCP_EVENT_REASSEMBLY_SEQ_GAP), 1);
    flush(&c);
    assert_int_equal(c.got[0], 180);
    assert_int_equal(c.missing[0], 50);
    finish(&c);
}

/* The receiver's rule holds for what it has not acknowledged; then the bytes are its own. */
static void overlaps_by_the_receivers_rule(void **state)
{
    (void)state;
    for (int newer = 0; newer < 2; newer++) {
        start(7, 9);
        c.t.half[0].rule = newer ? OVERLAP_NEW : OVERLAP_OLD;
        shake_hands(&c);
        raw(&c, TO_SERVER, TCP_ACK, 8, 10, newer ? c.stream[1] : c.stream[0], 20);
        assert_int_equal(raw(&c, TO_SERVER, TCP_ACK, 8, 10, newer ? c.stream[0] : c.stream[1], 20) &
                             (TCP_DID_OVERLAP_DIFFERS | TCP_DID_RETRANSMIT),
                         TCP_DID_OVERLAP_DIFFERS | TCP_DID_RETRANSMIT);
        say(&c, TO_CLIENT, TCP_ACK, 0, 0, 20);
        assert_int_equal(c.got[0], 20);
        raw(&c, TO_SERVER, TCP_ACK, 8, 10, c.stream[1], 20);
        assert_int_equal(c.got[0], 20);
        assert_int_equal(count(&c, TCP_EVENT_PKT_SPURIOUS_RETRANSMISSION), 1);
        finish(&c);
    }
}

/* Where nobody is heard who could acknowledge, nothing waits. */
static void one_side_alone_waits_for_nobody(void **state)
{
    (void)state;
    start(7, 9);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    assert_int_equal(c.got[0], 100);
    finish(&c);
    start(7, 9);
    c.limits.async = true;
    say(&c, TO_SERVER, TCP_SYN, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 0, 0);
    say(&c, TO_SERVER, TCP_ACK, 0, 60, 0);
    assert_true(c.t.async);
    assert_int_equal(c.got[0], 60);
    finish(&c);
}

/* An acknowledgement that was captured before what it acknowledges. */
static void acknowledged_before_it_was_seen(void **state)
{
    (void)state;
    start(7, 9);
    shake_hands(&c);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 80);
    say(&c, TO_SERVER, TCP_ACK, 0, 80, 0);
    assert_int_equal(c.got[0], 80);
    assert_int_equal(c.missing[0], 0);
    finish(&c);
}

/* The memcap counts what waits; where it is reached, bytes in order wait no longer, and others are let go. */
static void memcap_is_kept(void **state)
{
    (void)state;
    start(7, 9);
    c.limits.memcap = 4 * (100 + PIECE_COST) + PIECE_FULL_ROOM;
    shake_hands(&c);
    for (uint32_t i = 0; i < 4; i++)
        say(&c, TO_SERVER, TCP_ACK, i * 100, 100, 0);
    assert_int_equal(c.got[0], 0);
    say(&c, TO_SERVER, TCP_ACK, 400, 100, 0);
    assert_int_equal(c.got[0], 500);
    assert_true((c.did & TCP_DID_NOT_WAIT) && c.memory.held == 0);
    say(&c, TO_SERVER, TCP_ACK, 500, 100, 0); /* there is memory again */
    assert_int_equal(c.got[0], 500);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 600);
    assert_int_equal(c.got[0], 600);
    assert_int_equal(c.did & (TCP_DID_MEMCAP | TCP_DID_GAP), 0);
    for (uint32_t i = 0; i < 30; i++)
        say(&c, TO_SERVER, TCP_ACK, 700 + i * 100, 100, 0);
    assert_true(c.did & TCP_DID_MEMCAP);
    assert_int_equal(c.got[0], 600);
    say(&c, TO_SERVER, TCP_ACK, 600, 100, 0); /* behind it is what was kept */
    assert_true(c.got[0] > 700 && c.missing[0] == 0 && c.memory.held == 0);
    finish(&c);
}

/* Urgent bytes of several segments, none acknowledged yet: each is left out. */
static void urgent_bytes_that_wait(void **state)
{
    (void)state;
    start(7, 9);
    c.limits.urgent = URGENT_OOB;
    shake_hands(&c);
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t with[11];
        memcpy(with, c.stream[0] + i * 10, 4);
        with[4] = '!';
        memcpy(with + 5, c.stream[0] + i * 10 + 4, 6);
        c.with.urgent = 5;
        raw(&c, TO_SERVER, TCP_ACK | TCP_URG, 8 + i * 11, 10, with, 11);
    }
    c.with.urgent = 0;
    raw(&c, TO_CLIENT, TCP_ACK, 10, 8 + 16, NULL, 0); /* just the second one */
    assert_int_equal(c.got[0], 14);
    raw(&c, TO_CLIENT, TCP_ACK, 10, 8 + 33, NULL, 0);
    assert_int_equal(c.got[0], 30);
    assert_int_equal(c.missing[0], 0);
    assert_true(c.did & TCP_DID_URGENT);
    finish(&c);
}

static void depth_counts_what_went_on(void **state)
{
    (void)state;
    start(7, 9);
    c.limits.depth = 150;
    shake_hands(&c);
    say(&c, TO_SERVER, TCP_ACK, 0, 100, 0);
    say(&c, TO_SERVER, TCP_ACK, 100, 100, 0);
    assert_int_equal(c.did & TCP_DID_DEPTH, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 200);
    assert_true(c.did & TCP_DID_DEPTH);
    assert_int_equal(c.got[0], 200);
    say(&c, TO_SERVER, TCP_ACK, 200, 100, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 300);
    assert_int_equal(c.got[0], 200);
    finish(&c);
}

/* A connection in segments of any size, repeated, out of order, acknowledged now and then: all of it comes out, in
 * order, and what is out was acknowledged. */
static void any_segmentation(void **state)
{
    (void)state;
    struct piece_pool pool = {.run_count = 0};
    uint64_t seed = 1;
    for (int round = 0; round < 4000; round++) {
        uint32_t most = 0, acked = 0;
        start((uint32_t)round * 7919u, 9);
        c.memory.pool = round & 1 ? &pool : NULL;
        shake_hands(&c);
        for (int i = 0; i < 60 && acked < 2000; i++) {
            uint32_t at = acked + next_random(&seed) % 300, len = 1 + next_random(&seed) % 200;
            at = at > 2000 ? 2000 : at;
            say(&c, TO_SERVER, TCP_ACK, at, len, 0);
            most = at <= most && at + len > most ? at + len : most;
            if (next_random(&seed) % 4 == 0) { /* never what did not come: no gaps */
                acked = acked + next_random(&seed) % (most - acked + 1);
                say(&c, TO_CLIENT, TCP_ACK, 0, 0, acked);
            }
            assert_true(c.got[0] <= acked && c.missing[0] == 0);
            assert_true(c.got[0] == acked);
        }
        finish(&c);
        assert_true(c.memory.held == 0);
    }
    assert_true(pool.run_count > 0);
    piece_pool_fini(&pool);
}

/* Segments of n bytes each, behind one another, and then their acknowledgement. Returns in how many pieces they came.
 */
static unsigned burst(uint32_t at, unsigned segments, uint32_t n)
{
    unsigned before = c.pieces[0];
    for (unsigned i = 0; i < segments; i++)
        say(&c, TO_SERVER, TCP_ACK, at + i * n, n, 0);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, at + segments * n);
    assert_int_equal(c.got[0], at + segments * n);
    assert_true(c.memory.held == 0);
    return c.pieces[0] - before;
}

/* What follows at once goes on as one; a hole, a filled one, or half of the memory being in use, parts it. */
static void bursts_go_on_as_one(void **state)
{
    (void)state;
    struct piece_pool pool = {.run_count = 0};
    start(7, 9);
    c.memory.pool = &pool;
    shake_hands(&c);
    assert_int_equal(burst(0, 4, 200), 2); /* the first didn't know of the second */
    assert_int_equal(burst(800, 4, 200), 1);
    assert_int_equal(burst(1600, 4, 50), 2); /* short ones are mostly alone */
    assert_int_equal(pool.run_count, 1);
    unsigned before = c.pieces[0];
    say(&c, TO_SERVER, TCP_ACK, 1800, 200, 0);
    say(&c, TO_SERVER, TCP_ACK, 2200, 200, 0);
    say(&c, TO_SERVER, TCP_ACK, 2000, 200, 0);
    assert_true(c.memory.held > PIECE_RUN_ROOM);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 1870); /* in the midst of a piece */
    assert_int_equal(c.got[0], 1870);
    say(&c, TO_CLIENT, TCP_ACK, 0, 0, 2400);
    assert_int_equal(c.got[0], 2400);
    assert_int_equal(c.pieces[0] - before, 4);
    c.limits.memcap = PIECE_RUN_ROOM;
    assert_int_equal(burst(2400, 4, 200), 4);
    finish(&c);
    piece_pool_fini(&pool);
}

static void assert_same(const struct peer *a, const struct peer *b)
{
    for (int d = 0; d < 2; d++) {
        struct tcp_half x = a->t.half[d], y = b->t.half[d];
        x.waiting.first = y.waiting.first = x.waiting.last = y.waiting.last = NULL;
        assert_memory_equal(&x, &y, sizeof x);
        assert_true(a->got[d] == b->got[d] && a->missing[d] == b->missing[d] && a->eof[d] == b->eof[d]);
    }
    assert_int_equal(a->t.state, b->t.state);
    assert_true(a->memory.held == b->memory.held);
    assert_int_equal(a->did, b->did);
    assert_memory_equal(a->events, b->events, sizeof a->events);
}

/* The path for plain packets does what the other does, which a depth that is never reached leads to; so does a pool. */
static void plain_packets_are_as_any(void **state)
{
    (void)state;
    static struct peer plain, other;
    static struct piece_pool pool[2];
    uint64_t seed = 3;
    for (uint32_t round = 0; round < 3000; round++) {
        begin(&plain, round * 104729u, 0xfffffc00u);
        begin(&other, round * 104729u, 0xfffffc00u);
        plain.limits.acked = other.limits.acked = round & 1;
        other.limits.depth = UINT64_MAX;
        plain.limits.memcap = other.limits.memcap = round % 5 == 0 ? 1000 : 1u << 20;
        plain.memory.pool = round & 2 ? &pool[0] : NULL;
        other.memory.pool = round & 2 ? &pool[1] : NULL;
        uint32_t window = round % 3 ? 65535 : 100; /* a small one is full now and then, and probed */
        plain.with.window = other.with.window = (uint16_t)window;
        shake_hands(&plain);
        shake_hands(&other);
        uint32_t sent[2] = {0, 0}, acked[2] = {0, 0};
        for (int i = 0; i < 40; i++) {
            enum flow_dir d = (enum flow_dir)(next_random(&seed) & 1), o = flow_dir_other(d);
            uint32_t odd = next_random(&seed) % 12, len = next_random(&seed) % 3 ? next_random(&seed) % 100 : 0;
            len = round % 3 ? len : len / 50 * 50;
            uint32_t at = odd == 0 && sent[d] > 30 ? sent[d] - 30 : odd == 1 ? sent[d] + 20 : sent[d];
            if (next_random(&seed) % 2)
                acked[o] += next_random(&seed) % (sent[o] - acked[o] + 1);
            plain.with.window = other.with.window = (uint16_t)(odd == 2                   ? 0
                                                               : odd == 3                 ? 50
                                                               : odd % 2 && window == 100 ? 0
                                                                                          : window);
            uint8_t flags = (uint8_t)(TCP_ACK | (odd == 4 ? TCP_PSH : 0) | (odd == 5 && i > 30 ? TCP_FIN : 0));
            say(&plain, d, flags, at, len, acked[o]);
            say(&other, d, flags, at, len, acked[o]);
            sent[d] = at + len > sent[d] ? at + len : sent[d];
            assert_same(&plain, &other);
        }
        flush(&plain);
        flush(&other);
        assert_same(&plain, &other);
        finish(&plain);
        finish(&other);
    }
    assert_true(pool[0].count[PIECE_SHORT] > 0 && pool[0].count[PIECE_SHORT] <= PIECE_POOL_MOST);
    piece_pool_fini(&pool[0]);
    piece_pool_fini(&pool[1]);
    assert_null(pool[0].free[PIECE_SHORT]);
}

/* Each piece has room for its bytes, and its block is used again; what is longer, or too many, is the heap's. */
static void pool_has_rooms(void **state)
{
    (void)state;
    static struct piece *all[PIECE_POOL_MOST + 10];
    struct piece_pool pool = {.count = {0}};
    const uint32_t lens[] = {0, 1, PIECE_SHORT_ROOM, PIECE_SHORT_ROOM + 1, PIECE_FULL_ROOM, PIECE_FULL_ROOM + 1, 65536};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct piece *p = piece_make(&pool, lens[i]);
        assert_non_null(p);
        assert_true(p->size >= lens[i] && p->bytes == p->store);
        memset(p->bytes, 0xaa, lens[i]);
        piece_free(p);
        struct piece *again = piece_make(&pool, lens[i]);
        assert_true(lens[i] > PIECE_FULL_ROOM || again == p);
        assert_true(again->len == 0 && !again->urgent && !again->next);
        piece_free(again);
    }
    assert_true(pool.count[PIECE_SHORT] == 1 && pool.count[PIECE_FULL] == 1);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        all[i] = piece_make(&pool, 100);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        piece_free(all[i]);
    assert_int_equal(pool.count[PIECE_SHORT], PIECE_POOL_MOST);
    piece_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledged_bytes_go_on),
        cmocka_unit_test(end_goes_with_the_last_bytes),
        cmocka_unit_test(holes_and_the_rest),
        cmocka_unit_test(overlaps_by_the_receivers_rule),
        cmocka_unit_test(one_side_alone_waits_for_nobody),
        cmocka_unit_test(acknowledged_before_it_was_seen),
        cmocka_unit_test(memcap_is_kept),
        cmocka_unit_test(urgent_bytes_that_wait),
        cmocka_unit_test(depth_counts_what_went_on),
        cmocka_unit_test(any_segmentation),
        cmocka_unit_test(bursts_go_on_as_one),
        cmocka_unit_test(plain_packets_are_as_any),
        cmocka_unit_test(pool_has_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
