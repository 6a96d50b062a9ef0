/* Handshakes, played whole and in every other way a network can deliver them: each must give the same record, the same
 * offer and the same tunnel bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "proto/socks/socks.h"
#include "proto/socks/test_engine.h"
#include "proto/socks/test_talks.h"

static struct settings_payload payload = {.name = "socks", .enabled = SWITCH_YES, .udp = true, .reverse = true};
static const struct settings settings = {.decap = {.enabled = true, .payload = &payload, .payload_count = 1}};

static enum flow_dir dir_of(const struct test_talk *t, const struct test_line *line)
{
    return line->from_client != t->reversed ? TO_SERVER : TO_CLIENT;
}

static void print_offer(const struct test_engine *e, char *out, size_t room)
{
    static const char *const status[] = {"established", "refused", "incomplete"};
    const struct tunnel_offer *o = &e->offer;
    char addr[ADDR_TEXT_MAX];
    if (e->relays) {
        assert_int_equal(e->offers, 0);
        char relay[ADDR_TEXT_MAX];
        addr_print(&e->relay.client, false, addr);
        addr_print(&e->relay.relay, false, relay);
        snprintf(out, room, "relay %s:%u for %s user=%s", relay, e->relay.port, addr,
                 e->relay.user ? e->relay.user : "");
        return;
    }
    if (e->offers == 0) {
        snprintf(out, room, "none");
        return;
    }
    assert_int_equal(e->offers, 1);
    assert_string_equal(o->payload, "socks");
    addr_print(&o->addr, false, addr);
    int n = snprintf(out, room, "%s %s", o->type, status[o->status]);
    if (o->reason)
        n += snprintf(out + n, room - (size_t)n, " (%s)", o->reason);
    n += snprintf(out + n, room - (size_t)n, o->host ? " %s:%u" : " <%s>:%u", o->host ? o->host : addr, o->port);
    if (o->user)
        n += snprintf(out + n, room - (size_t)n, " user=%s", o->user);
    n += snprintf(out + n, room - (size_t)n, " %d %s", o->reply_code, o->reply ? o->reply : "-");
    if (o->client.family != ADDR_NONE) {
        addr_print(&o->client, false, addr);
        n += snprintf(out + n, room - (size_t)n, " from %s:%u", addr, o->client_port);
    }
    if (o->swap != o->reverse)
        n += snprintf(out + n, room - (size_t)n, " turned");
    if (o->reverse)
        snprintf(out + n, room - (size_t)n, " reverse");
}

static void print_events(const struct test_engine *e, char *out, size_t room)
{
    size_t n = 0;
    out[0] = 0;
    for (unsigned i = 0; i < proto_socks.event_count; i++)
        if (e->events >> i & 1)
            n += (size_t)snprintf(out + n, room - n, "%s%s", n ? " " : "", proto_socks.events[i].name);
}

/* The talk is over: what came of it must be what the talk expects. */
static void check(struct test_engine *e, const struct test_talk *t, const char *how)
{
    char offer[600];
    char events[400];
    if (e->outcome != TEST_TUNNEL)
        test_engine_finish(e);
    print_offer(e, offer, sizeof offer);
    print_events(e, events, sizeof events);
    buf_add_byte(&e->records, 0);
    const char *record = (const char *)e->records.data;
    bool same = strcmp(offer, t->offer) == 0 && strcmp(events, t->events ? t->events : "") == 0 &&
                strcmp(record, t->record) == 0;
    const char *inner[2] = {t->reversed ? t->inner_server : t->inner_client,
                            t->reversed ? t->inner_client : t->inner_server};
    for (int d = 0; d < 2; d++) {
        size_t len = inner[d] ? strlen(inner[d]) : 0;
        same = same && e->tunnel[d].len == len && (len == 0 || memcmp(e->tunnel[d].data, inner[d], len) == 0);
    }
    if (!same)
        fail_msg("%s, %s:\n%s / %s\n%s / %s\n%s%s%zu %zu tunnel bytes", t->name, how, offer, t->offer, events,
                 t->events ? t->events : "", record, t->record, e->tunnel[0].len, e->tunnel[1].len);
    test_engine_fini(e);
}

static void each_talk(void (*play)(const struct test_talk *t))
{
    for (const struct test_talk *t = test_talks; t->name; t++)
        play(t);
}

static void play_whole(const struct test_talk *t)
{
    struct test_engine e;
    test_engine_init(&e, &settings, t->reversed);
    for (const struct test_line *l = t->lines; l->bytes; l++)
        test_engine_feed(&e, dir_of(t, l), l->bytes, l->len, false);
    check(&e, t, "whole");
}

static void whole(void **state)
{
    (void)state;
    each_talk(play_whole);
}

static void play_split(const struct test_talk *t)
{
    for (const struct test_line *at = t->lines; at->bytes; at++) {
        for (size_t k = 1; k < at->len; k++) {
            struct test_engine e;
            test_engine_init(&e, &settings, t->reversed);
            for (const struct test_line *l = t->lines; l->bytes; l++) {
                size_t first = l == at ? k : l->len;
                test_engine_feed(&e, dir_of(t, l), l->bytes, first, false);
                if (first < l->len)
                    test_engine_feed(&e, dir_of(t, l), l->bytes + first, l->len - first, false);
            }
            char how[64];
            snprintf(how, sizeof how, "line %d split at %zu", (int)(at - t->lines), k);
            check(&e, t, how);
        }
    }
}

static void split_at_every_byte(void **state)
{
    (void)state;
    each_talk(play_split);
}

static void play_bytes(const struct test_talk *t)
{
    struct test_engine e;
    test_engine_init(&e, &settings, t->reversed);
    for (const struct test_line *l = t->lines; l->bytes; l++)
        for (size_t i = 0; i < l->len; i++)
            test_engine_feed(&e, dir_of(t, l), l->bytes + i, 1, false);
    check(&e, t, "byte by byte");
}

static void byte_by_byte(void **state)
{
    (void)state;
    each_talk(play_bytes);
}

/* All that one side says in one segment, before the other side is heard at all. */
static void play_side_first(const struct test_talk *t, bool client_first)
{
    struct test_engine e;
    test_engine_init(&e, &settings, t->reversed);
    for (int turn = 0; turn < 2; turn++) {
        struct buf all;
        buf_init(&all, 0);
        bool client = client_first == (turn == 0);
        const struct test_line *one = NULL;
        for (const struct test_line *l = t->lines; l->bytes; l++) {
            if (l->from_client != client)
                continue;
            buf_add(&all, l->bytes, l->len);
            one = l;
        }
        if (one)
            test_engine_feed(&e, dir_of(t, one), all.data, all.len, false);
        buf_fini(&all);
    }
    check(&e, t, client_first ? "client at once" : "server first");
}

static void play_at_once(const struct test_talk *t)
{
    if (!t->in_order_only)
        play_side_first(t, true);
}

static void play_server_first(const struct test_talk *t)
{
    if (!t->in_order_only)
        play_side_first(t, false);
}

static void everything_at_once(void **state)
{
    (void)state;
    each_talk(play_at_once);
}

static void server_heard_first(void **state)
{
    (void)state;
    each_talk(play_server_first);
}

/* Lose n bytes from byte k of a line on: then there is no tunnel, and it is said why. */
static void play_gap(const struct test_talk *t, const struct test_line *lost, size_t k, size_t n)
{
    struct test_engine e;
    test_engine_init(&e, &settings, t->reversed);
    bool in_handshake = true;
    for (const struct test_line *l = t->lines; l->bytes; l++) {
        enum flow_dir dir = dir_of(t, l);
        if (l != lost) {
            test_engine_feed(&e, dir, l->bytes, l->len, false);
            continue;
        }
        test_engine_feed(&e, dir, l->bytes, k, false);
        in_handshake = e.outcome == TEST_RUNNING;
        test_engine_gap(&e, dir, n);
        test_engine_feed(&e, dir, l->bytes + k + n, l->len - k - n, false);
    }
    if (e.outcome != TEST_TUNNEL)
        test_engine_finish(&e);
    if (in_handshake) {
        char events[400];
        print_events(&e, events, sizeof events);
        assert_non_null(strstr(events, "negotiation_gap"));
        assert_int_equal(e.outcome, TEST_BROKEN);
        assert_true(e.offers <= 1);
        if (e.offers == 1) {
            assert_int_equal(e.offer.status, TUNNEL_INCOMPLETE);
            assert_string_equal(e.offer.reason, "gap");
            assert_true(e.records.len > 0);
        } else {
            assert_ptr_equal(lost, t->lines); /* nothing was understood before it */
        }
    }
    test_engine_fini(&e);
}

static void play_gaps(const struct test_talk *t)
{
    for (const struct test_line *l = t->lines; l->bytes; l++)
        for (size_t k = 0; k < l->len; k++) {
            play_gap(t, l, k, 1);
            play_gap(t, l, k, l->len - k);
        }
}

static void gaps_everywhere(void **state)
{
    (void)state;
    each_talk(play_gaps);
}

/* Cut off after any byte: never a tunnel that was not granted, never two offers, one record at most. */
static void play_cut(const struct test_talk *t)
{
    for (const struct test_line *at = t->lines; at->bytes; at++) {
        for (size_t k = 0; k < at->len; k++) {
            struct test_engine e;
            test_engine_init(&e, &settings, t->reversed);
            for (const struct test_line *l = t->lines; l < at; l++)
                test_engine_feed(&e, dir_of(t, l), l->bytes, l->len, false);
            test_engine_feed(&e, dir_of(t, at), at->bytes, k, true);
            bool established = e.outcome == TEST_TUNNEL;
            test_engine_finish(&e);
            assert_true(e.offers <= 1);
            assert_int_equal(e.offers == 1 && e.offer.status == TUNNEL_ESTABLISHED, established);
            const uint8_t *line = e.records.len ? memchr(e.records.data, '\n', e.records.len) : NULL;
            assert_true(!line || line + 1 == e.records.data + e.records.len);
            test_engine_fini(&e);
        }
    }
}

static void cut_everywhere(void **state)
{
    (void)state;
    each_talk(play_cut);
}

static void passwords_only_if_asked_for(void **state)
{
    (void)state;
    payload.log_passwords = true;
    struct test_engine e;
    test_engine_init(&e, &settings, false);
    test_engine_feed(&e, TO_SERVER, "\5\1\2", 3, false);
    test_engine_feed(&e, TO_CLIENT, "\5\2", 2, false);
    test_engine_feed(&e, TO_SERVER, "\1\5alice\6secret", 14, false);
    test_engine_feed(&e, TO_CLIENT, "\1\1", 2, false);
    buf_add_byte(&e.records, 0);
    assert_string_equal(e.records.data, "{\"version\":5,\"auth_methods\":[\"user_password\"],\"auth_method\":"
                                        "\"user_password\",\"auth_status\":\"failure\",\"user\":\"alice\","
                                        "\"password\":\"secret\"}\n");
    test_engine_fini(&e);
    payload.log_passwords = false;
}

/* Behind a refusal, in its segment. */
static void trailing_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes[2]; /* of the client and the server */
        size_t len[2];
    } talks[] = {
        {{"\5\1\0", "\5\xff!"}, {3, 3}},
        {{"\5\1\2\1\1u\1p", "\5\2\1\1!"}, {8, 5}},
        {{"\5\1\0\5\1\0\1\1\1\1\1\0\x50", "\5\0\5\1\0\1\0\0\0\0\0\0!"}, {13, 13}},
        {{"\4\1\0\x50\1\1\1\1\0", "\0\x5b\0\0\0\0\0\0!"}, {9, 9}},
    };
    for (size_t i = 0; i < 4; i++) {
        for (size_t more = 0; more < 2; more++) {
            struct test_engine e;
            char events[400];
            test_engine_init(&e, &settings, false);
            test_engine_feed(&e, TO_SERVER, talks[i].bytes[0], talks[i].len[0], false);
            test_engine_feed(&e, TO_CLIENT, talks[i].bytes[1], talks[i].len[1] - 1 + more, false);
            print_events(&e, events, sizeof events);
            assert_string_equal(events, more ? "trailing_bytes" : "");
            assert_int_equal(e.outcome, TEST_DONE);
            assert_int_equal(e.offer.status, TUNNEL_REFUSED);
            test_engine_fini(&e);
        }
    }
}

/* A tunnel begins with its request, not with the greeting or the reply. */
static void start_is_the_request(void **state)
{
    (void)state;
    struct test_engine e;
    test_engine_init(&e, &settings, false);
    e.time_ns = 1000;
    test_engine_feed(&e, TO_SERVER, "\5\1\0", 3, false);
    e.time_ns = 2000;
    test_engine_feed(&e, TO_CLIENT, "\5\0", 2, false);
    e.time_ns = 3000;
    test_engine_feed(&e, TO_SERVER, "\5\1\0\1\1\1\1\1\0\x50", 10, false);
    e.time_ns = 4000;
    test_engine_feed(&e, TO_CLIENT, "\5\0\0\1\0\0\0\0\0\0", 10, false);
    assert_int_equal(e.offer.start_ns, 3001);
    test_engine_fini(&e);
}

static void reverse_can_be_switched_off(void **state)
{
    (void)state;
    for (int wanted = 0; wanted < 2; wanted++) {
        struct test_engine e;
        payload.reverse = wanted;
        test_engine_init(&e, &settings, true);
        test_engine_feed(&e, TO_CLIENT, "\4\1\0\x50\x0a\0\0\1\0", 9, false);
        test_engine_feed(&e, TO_SERVER, "\0\x5a\0\0\0\0\0", 8, false);
        assert_int_equal(e.outcome, wanted ? TEST_TUNNEL : TEST_DONE);
        assert_int_equal(e.offers, wanted);
        assert_true(e.records.len > 0);
        test_engine_fini(&e);
    }
}

/* A SOCKS4 user id has no length octet: what is too long is cut, said, and at the limit given up. */
static void long_user_ids(void **state)
{
    (void)state;
    static const char head[] = {4, 1, 0, 80, 10, 0, 0, 1};
    static const size_t lengths[] = {255, 256, 4096, 4097};
    char user[4097];
    memset(user, 'u', sizeof user);
    for (size_t i = 0; i < 4; i++) {
        for (size_t step = 1; step <= 4097; step += 4096) {
            struct test_engine e;
            char events[400];
            test_engine_init(&e, &settings, false);
            test_engine_feed(&e, TO_SERVER, head, 8, false);
            for (size_t at = 0; at < lengths[i]; at += step)
                test_engine_feed(&e, TO_SERVER, user, lengths[i] - at < step ? lengths[i] - at : step, false);
            test_engine_feed(&e, TO_SERVER, "", 1, false);
            test_engine_feed(&e, TO_CLIENT, "\0\x5a\0\0\0\0\0", 8, false);
            print_events(&e, events, sizeof events);
            assert_string_equal(events, lengths[i] > 255 ? "user_too_long" : "");
            assert_int_equal(e.outcome, lengths[i] > 4096 ? TEST_BROKEN : TEST_TUNNEL);
            assert_int_equal(e.offers, 1);
            assert_int_equal(e.offer.user_len, lengths[i] > 4096 ? 0 : 255);
            test_engine_fini(&e);
        }
    }
}

static void other_versions_are_broken(void **state)
{
    (void)state;
    struct test_engine e;
    char events[400];
    test_engine_init(&e, &settings, false);
    test_engine_feed(&e, TO_SERVER, "GET / HTTP/1.0\r\n\r\n", 18, false);
    print_events(&e, events, sizeof events);
    assert_string_equal(events, "invalid_version");
    assert_int_equal(e.outcome, TEST_BROKEN);
    test_engine_finish(&e);
    assert_int_equal(e.offers, 0);
    assert_int_equal(e.records.len, 0);
    test_engine_fini(&e);
}

static const char association[] = "\5\1\0\5\3\0\1\0\0\0\0\0\0";
static const char associated[] = "\5\0\5\0\0\1\0\0\0\0\x10\x92";

/* The connection of a relay lasts, whatever is or is not said on it. */
static void a_relay_lasts(void **state)
{
    (void)state;
    struct test_engine e;
    test_engine_init(&e, &settings, false);
    test_engine_feed(&e, TO_SERVER, association, sizeof association - 1, false);
    test_engine_feed(&e, TO_CLIENT, associated, sizeof associated - 1, false);
    for (int d = 0; d < 2; d++) {
        test_engine_feed(&e, (enum flow_dir)d, "noise", 5, false);
        test_engine_gap(&e, (enum flow_dir)d, 7);
        assert_int_equal(e.held[d].len, 0);
    }
    test_engine_feed(&e, TO_SERVER, "", 0, true);
    assert_int_equal(e.outcome, TEST_RUNNING);
    test_engine_finish(&e);
    assert_int_equal(e.relays, 1);
    assert_int_equal(e.offers, 0);
    assert_int_equal(e.events, 0);
    test_engine_fini(&e);
}

static void relays_can_be_switched_off(void **state)
{
    (void)state;
    struct test_engine e;
    payload.udp = false;
    test_engine_init(&e, &settings, false);
    test_engine_feed(&e, TO_SERVER, association, sizeof association - 1, false);
    test_engine_feed(&e, TO_CLIENT, associated, sizeof associated - 1, false);
    payload.udp = true;
    assert_int_equal(e.outcome, TEST_DONE);
    assert_int_equal(e.relays, 0);
    assert_string_equal(e.offer.reason, "command not followed");
    test_engine_fini(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(split_at_every_byte),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(everything_at_once),
        cmocka_unit_test(server_heard_first),
        cmocka_unit_test(gaps_everywhere),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(passwords_only_if_asked_for),
        cmocka_unit_test(trailing_bytes),
        cmocka_unit_test(start_is_the_request),
        cmocka_unit_test(reverse_can_be_switched_off),
        cmocka_unit_test(a_relay_lasts),
        cmocka_unit_test(relays_can_be_switched_off),
        cmocka_unit_test(long_user_ids),
        cmocka_unit_test(other_versions_are_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
