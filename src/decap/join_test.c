/* A proxy's other leg: what an index tells, and what a join makes of it, as of which packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "decap/tunnel.h"

#define LEGS 40u

/* One lane, a tunnel that was opened with packet 100, and connections. */
struct world {
    struct settings settings;
    struct lane_progress progress[2];
    struct inbox inboxes[2];
    struct lanes_shared lanes;
    struct decap_stage ds;
    struct stage stage;
    struct flow_ref carrier;
    struct decap_flow df;
    struct tunnel tunnel;
    struct flow_ref legs[LEGS];
    struct flow_end ends[LEGS];
};

static struct addr text(const char *t)
{
    struct addr a;
    assert_true(addr_parse(t, strlen(t), &a));
    return a;
}

static void nobody_to_wake(const struct lanes_shared *lanes, unsigned lane)
{
    (void)lanes;
    (void)lane;
}

static struct world *begin(unsigned lanes)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->settings.decap.names.egress = true;
    for (unsigned i = 0; i < lanes; i++)
        inbox_init(&w->inboxes[i]);
    w->lanes =
        (struct lanes_shared){.count = lanes, .progress = w->progress, .news = w->inboxes, .wake = nobody_to_wake};
    w->stage = (struct stage){.state = &w->ds, .settings = &w->settings, .lanes = &w->lanes};
    assert_int_equal(egress_init(&w->ds.egress, &w->lanes, 0, 1 << 20, 60 * NS_PER_S), 0);
    w->carrier.key =
        (struct flow_key){.src = text("10.0.0.1"), .sport = 5000, .dst = text("10.0.0.9"), .dport = 1080, .proto = 6};
    w->df.flow = &w->carrier;
    return w;
}

/* All lanes are done up to this packet. */
static void pass(struct world *w, uint64_t number)
{
    w->ds.seen = number;
    for (unsigned i = 0; i < w->lanes.count; i++) {
        atomic_store(&w->progress[i].completed, number);
        atomic_store(&w->progress[i].told, number);
    }
}

static void open_tunnel(struct world *w, uint64_t number)
{
    struct tunnel_offer o = {.type = "socks5", .host = "a.test", .host_len = 6, .port = 80, .start_ns = 10};
    w->tunnel = (struct tunnel){.carrier = &w->df,
                                .offer = note_tunnel(&o),
                                .id = flow_id_make(number, 1),
                                .number = number,
                                .open_ns = number,
                                .key = {.src = w->carrier.key.src, .sport = 5000, .dport = 80, .proto = 6}};
    assert_non_null(w->tunnel.offer);
    w->tunnel.join = join_begin(&w->stage, &w->tunnel);
    assert_non_null(w->tunnel.join);
}

static void finish(struct world *w)
{
    if (w->tunnel.join)
        join_end(&w->stage, &w->tunnel.join);
    free(w->tunnel.offer);
    joins_fini(&w->stage);
    decap_receive(&w->stage);
    assert_int_equal(w->ds.left, 0);
    for (unsigned i = 0; i < JOIN_BUCKETS; i++)
        assert_null(w->ds.joins[i]);
    egress_fini(&w->ds.egress);
    free(w);
}

static void packet(struct world *w, unsigned leg, uint64_t number, enum flow_dir dir, const char *bytes, uint16_t flags,
                   uint8_t tcp)
{
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = number}, .time_ns = number, .dir = dir, .flags = flags};
    p.flow = &w->legs[leg];
    p.payload = (const uint8_t *)bytes;
    p.payload_len = bytes ? (uint32_t)strlen(bytes) : 0;
    p.d.tcp.flags = tcp;
    egress_see(&w->ds.egress, &p);
    egress_tell(&w->ds.egress, &p, decap_send_egress, &w->stage);
}

static void leg(struct world *w, unsigned i, uint64_t number, const char *from, const char *to)
{
    w->legs[i] =
        (struct flow_ref){.id = flow_id_make(number, 0), .key = {.src = text(from), .dst = text(to), .proto = 6}};
    w->legs[i].key.sport = (uint16_t)(6000 + i);
    w->legs[i].key.dport = 80;
    packet(w, i, number, TO_SERVER, NULL, 0, TCP_SYN);
}

static void say(struct world *w, unsigned i, uint64_t number, enum flow_dir dir, const char *bytes, uint16_t flags)
{
    packet(w, i, number, dir, bytes, flags, TCP_ACK);
}

static void hear(struct world *w, uint64_t number, enum flow_dir dir, const char *bytes, bool eof)
{
    struct tunnel_bytes b = {
        .dir = dir, .len = (uint32_t)strlen(bytes), .bytes = (const uint8_t *)bytes, .eof = eof, .own = NULL};
    join_bytes(w->tunnel.join, dir, number, &b);
}

/* The address to open the child with: "" for none, "wait". */
static const char *address(struct world *w)
{
    static char out[ADDR_TEXT_MAX];
    struct addr a;
    if (!join_address(&w->stage, w->tunnel.join, &a))
        return "wait";
    addr_print(&a, false, out);
    return out;
}

static const struct join *conclude(struct world *w, uint64_t number)
{
    assert_true(join_conclude(&w->stage, w->tunnel.join, number));
    return w->tunnel.join;
}

#define GET   "GET / HTTP/1.1\r\nUser-Agent: someone that many are....\r\n"
#define OTHER "GET /other HTTP/1.1\r\nUser-Agent: someone that many are\r\n"
#define RANDOM                                                                                                         \
    "\x16\x03\x01\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8\x89\x9a\xab\xbc\xcd\xde\xef and more, up to forty-eight bytes"

static void the_only_one_is_it(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
    open_tunnel(w, 100);
    assert_string_equal(address(w), "192.0.2.1");
    pass(w, 200);
    const struct join *j = conclude(w, 150);
    assert_ptr_equal(j->chosen, &j->candidates[0]);
    assert_int_equal(j->choice.how, EGRESS_BY_TIME);
    finish(w);
}

static void two_are_in_doubt(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
    leg(w, 1, 60, "10.0.0.9", "192.0.2.2");
    open_tunnel(w, 100);
    pass(w, 100);
    assert_string_equal(address(w), "wait");
    pass(w, 100 + JOIN_WAIT_ALL);
    assert_string_equal(address(w), "");
    const struct join *j = conclude(w, 150);
    assert_null(j->chosen);
    assert_int_equal(j->choice.doubtful, 2);
    finish(w);
}

static void two_of_one_address_are_not(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
    leg(w, 1, 60, "10.0.0.9", "192.0.2.1");
    open_tunnel(w, 100);
    assert_string_equal(address(w), "192.0.2.1");
    finish(w);
}

/* Begun too late, before it was asked, by the client, to another port, or refused. */
static void some_are_no_candidates(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 5, "10.0.0.9", "192.0.2.1");
    leg(w, 1, 20, "10.0.0.1", "192.0.2.2");
    leg(w, 2, 30, "10.0.0.9", "192.0.2.3");
    say(w, 2, 31, TO_CLIENT, NULL, PACKET_EOF);
    leg(w, 3, 120, "10.0.0.9", "192.0.2.4");
    open_tunnel(w, 100);
    assert_int_equal(w->tunnel.join->count, 0);
    assert_string_equal(address(w), "");
    finish(w);
}

static void random_bytes_are_proof(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "192.0.2.99", "192.0.2.1"); /* the proxy's other address */
    leg(w, 1, 60, "10.0.0.9", "192.0.2.2");
    leg(w, 2, 70, "10.0.0.8", "192.0.2.3");
    open_tunnel(w, 100);
    hear(w, 101, TO_SERVER, RANDOM, false);
    say(w, 0, 102, TO_SERVER, RANDOM, 0);
    pass(w, 101);
    assert_string_equal(address(w), "wait"); /* packet 102 doesn't count yet */
    pass(w, 102);
    assert_string_equal(address(w), "192.0.2.1");
    const struct join *j = conclude(w, 103);
    assert_int_equal(j->chosen->c.flow_id, flow_id_make(50, 0));
    assert_int_equal(j->choice.how, EGRESS_BY_PAYLOAD);
    finish(w);
}

/* That of another tunnel, which was faster, says the same. */
static void text_counts_against_all_others(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "192.0.2.99", "192.0.2.1");
    leg(w, 1, 60, "192.0.2.99", "192.0.2.2");
    open_tunnel(w, 100);
    hear(w, 101, TO_SERVER, GET, false);
    say(w, 1, 102, TO_SERVER, GET, 0);
    pass(w, 110);
    assert_string_equal(address(w), "wait");
    say(w, 0, 111, TO_SERVER, GET, 0);
    pass(w, 101 + JOIN_WAIT);
    assert_string_equal(address(w), "");
    const struct join *j = conclude(w, 200);
    assert_null(j->chosen);
    assert_int_equal(j->choice.doubtful, 2);
    finish(w);
}

static void text_alone_is_it(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "192.0.2.99", "192.0.2.1");
    leg(w, 1, 60, "192.0.2.99", "192.0.2.2");
    open_tunnel(w, 100);
    hear(w, 101, TO_SERVER, GET, false);
    say(w, 1, 102, TO_SERVER, GET, 0);
    say(w, 0, 103, TO_SERVER, OTHER, 0);
    pass(w, 102);
    assert_string_equal(address(w), "wait");
    pass(w, 103);
    assert_string_equal(address(w), "192.0.2.2");
    finish(w);
}

/* What was said there first did not pass the proxy. */
static void text_in_the_wrong_order_is_not_it(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "192.0.2.99", "192.0.2.1");
    open_tunnel(w, 100);
    say(w, 0, 101, TO_SERVER, GET, 0);
    hear(w, 102, TO_SERVER, GET, false);
    pass(w, 4000);
    assert_string_equal(address(w), "");
    assert_null(conclude(w, 200)->chosen);
    finish(w);
}

/* An end in the other order is no matter: either side may close first. */
static void short_text_counts_if_both_end_there(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "192.0.2.99", "192.0.2.1");
    open_tunnel(w, 100);
    hear(w, 101, TO_SERVER, "PING\n", false);
    say(w, 0, 102, TO_SERVER, "PING\n", 0);
    pass(w, 110);
    assert_string_equal(address(w), "wait");
    say(w, 0, 111, TO_SERVER, NULL, PACKET_EOF);
    hear(w, 112, TO_SERVER, "", true);
    pass(w, 112);
    assert_string_equal(address(w), "192.0.2.1");
    finish(w);
}

static void bytes_after_a_gap_are_not_compared(void **state)
{
    (void)state;
    struct world *w = begin(1);
    leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
    open_tunnel(w, 100);
    hear(w, 101, TO_SERVER, GET, false);
    say(w, 0, 102, TO_SERVER, "GET / ", 0);
    say(w, 0, 103, TO_SERVER, "many are, and so much more of it that it fills all", PACKET_GAP);
    pass(w, 200);
    const struct join *j = conclude(w, 150);
    assert_non_null(j->chosen);
    assert_int_equal(j->choice.how, EGRESS_BY_TIME);
    assert_false(j->choice.contradicted);
    finish(w);
}

/* Every tunnel that is being opened may watch, and more connections than are told of put all but proof in doubt. */
static void many_are_in_doubt(void **state)
{
    (void)state;
    struct world *w = begin(1);
    for (unsigned i = 0; i < LEGS; i++)
        leg(w, i, 20 + i, "10.0.0.9", "192.0.2.1");
    open_tunnel(w, 100);
    assert_int_equal(w->tunnel.join->total, LEGS);
    assert_int_equal(w->tunnel.join->count, EGRESS_CANDIDATES);
    pass(w, 5000);
    assert_string_equal(address(w), "");
    assert_int_equal(conclude(w, 150)->choice.doubtful, LEGS);
    finish(w);
}

static struct flow_end *end(struct world *w, unsigned i, uint64_t number, uint64_t last)
{
    w->ends[i] =
        (struct flow_end){.item = {.kind = ITEM_END, .number = number}, .flow = &w->legs[i], .last_number = last};
    return &w->ends[i];
}

static struct flow_end *release(struct world *w)
{
    return egress_release(&w->ds.egress, w->ds.seen, decap_send_egress, &w->stage);
}

/* The verdict is as of the connection's end, whether it is asked for before or after the tunnel's. */
static void the_verdict_is_of_the_end(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct world *w = begin(1);
        leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
        leg(w, 1, 60, "10.0.0.9", "192.0.2.2");
        open_tunnel(w, 100);
        hear(w, 101, TO_SERVER, RANDOM, false);
        say(w, 0, 102, TO_SERVER, RANDOM, 0);
        struct flow_end *e[2] = {end(w, 0, 120, 103), end(w, 1, 120, 70)};
        for (int i = 0; i < 2; i++)
            assert_true(egress_hold(&w->ds.egress, e[i]));
        assert_null(release(w));
        pass(w, 130);
        if (later) {
            conclude(w, 110);
            join_end(&w->stage, &w->tunnel.join);
            assert_int_equal(w->ds.left, 1);
        }
        assert_ptr_equal(release(w), e[0]);
        assert_non_null(e[0]->more->proxied_for);
        assert_int_equal(e[0]->more->proxied_for->flow_id, w->tunnel.id);
        flow_end_free_more(e[0]);
        assert_ptr_equal(release(w), e[1]);
        assert_null(e[1]->more);
        assert_int_equal(w->ds.left, 0);
        finish(w);
    }
}

/* Another lane's answer is waited for, and what it listed comes in the same order. */
static void lanes_answer(void **state)
{
    (void)state;
    struct world *w = begin(2);
    leg(w, 0, 50, "10.0.0.9", "192.0.2.1");
    open_tunnel(w, 100);
    pass(w, 5000);
    assert_string_equal(address(w), "wait");
    assert_false(join_conclude(&w->stage, w->tunnel.join, 150));
    struct egress_news *found = calloc(1, sizeof *found + sizeof found->found[0]);
    assert_non_null(found);
    found->news = (struct news){.number = 100, .kind = NEWS_EGRESS_FOUND};
    found->from = 1;
    found->join = w->tunnel.id;
    found->count = found->listed = 1;
    found->found[0] = (struct egress_candidate){.flow_id = 7,
                                                .number = 60,
                                                .src = text("10.0.0.9"),
                                                .dst = text("192.0.2.2"),
                                                .lane = 1,
                                                .slot = 1,
                                                .own = true};
    news_send(&w->lanes, 0, &found->news);
    decap_receive(&w->stage);
    assert_int_equal(w->tunnel.join->candidates[0].c.flow_id, 7);
    assert_string_equal(address(w), "");
    conclude(w, 150);
    finish(w);
}

/* A parked tunnel that teaches holds back no more than itself. */
static void what_teaches_is_told_exactly(void **state)
{
    (void)state;
    struct world *w = begin(1);
    open_tunnel(w, 100);
    struct tunnel dns = w->tunnel;
    dns.number = 150;
    dns.key.dport = 53;
    tunnel_park(&w->ds, &w->tunnel);
    assert_true(decap_lowest_teaching(&w->ds) == UINT64_MAX);
    tunnel_park(&w->ds, &dns);
    assert_int_equal(decap_lowest_teaching(&w->ds), 150);
    tunnel_unpark_one(&w->ds, &dns);
    tunnel_unpark_one(&w->ds, &w->tunnel);
    finish(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_one_is_it),
        cmocka_unit_test(two_are_in_doubt),
        cmocka_unit_test(two_of_one_address_are_not),
        cmocka_unit_test(some_are_no_candidates),
        cmocka_unit_test(random_bytes_are_proof),
        cmocka_unit_test(text_counts_against_all_others),
        cmocka_unit_test(text_alone_is_it),
        cmocka_unit_test(text_in_the_wrong_order_is_not_it),
        cmocka_unit_test(short_text_counts_if_both_end_there),
        cmocka_unit_test(bytes_after_a_gap_are_not_compared),
        cmocka_unit_test(many_are_in_doubt),
        cmocka_unit_test(the_verdict_is_of_the_end),
        cmocka_unit_test(lanes_answer),
        cmocka_unit_test(what_teaches_is_told_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
