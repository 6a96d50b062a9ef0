/* The passive DNS cache: what was known when, to whom, and the same in every lane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "decap/names.h"

#define LANES 2u

struct world {
    struct lanes_shared shared;
    struct lane_progress progress[LANES];
    struct inbox inboxes[LANES];
    struct names names[LANES];
    uint64_t realm; /* of whoever learns and asks */
};

static struct addr alice, bob, carol6;

static struct addr text(const char *t)
{
    struct addr a;
    assert_true(addr_parse(t, strlen(t), &a));
    return a;
}

static void begin(struct world *w, unsigned lanes, uint64_t memcap)
{
    memset(w, 0, sizeof *w);
    w->shared = (struct lanes_shared){.count = lanes, .progress = w->progress, .news = w->inboxes};
    for (unsigned i = 0; i < lanes; i++) {
        atomic_init(&w->progress[i].completed, 0);
        inbox_init(&w->inboxes[i]);
        assert_int_equal(names_init(&w->names[i], &w->shared, i, memcap, 42), 0);
    }
    alice = text("10.0.0.1");
    bob = text("10.0.0.2");
    carol6 = text("2001:db8::3");
}

static void receive(struct world *w, unsigned lane)
{
    struct inbox_node *node = inbox_take(&w->inboxes[lane]);
    while (node) {
        struct news *news = (struct news *)node;
        node = node->next;
        names_take(&w->names[lane], news, news_low_water(&w->shared));
        free(news);
    }
}

static void finish(struct world *w)
{
    for (unsigned i = 0; i < w->shared.count; i++) {
        receive(w, i);
        names_fini(&w->names[i]);
        assert_true(w->names[i].memory == 0);
        assert_true(w->names[i].count == 0);
    }
}

/* The lane has done everything up to number and told all that it learned. */
static void complete(struct world *w, unsigned lane, uint64_t number)
{
    atomic_store(&w->progress[lane].completed, number);
    atomic_store(&w->progress[lane].told, number);
}

static void learn(struct world *w, unsigned lane, const char *name, const char *addr, const struct addr *client,
                  uint64_t number, uint32_t ttl)
{
    struct name_answer a = {.name = name, .name_len = strlen(name), .addr = text(addr), .ttl = ttl};
    names_learn(&w->names[lane], &a, client, w->realm, number, number * NS_PER_S);
}

/* The address as text, "" for none. A packet's time is its number in seconds. */
static const char *ask_at(struct world *w, unsigned lane, const char *name, const struct addr *client, uint64_t number,
                          uint64_t time_ns)
{
    static char out[ADDR_TEXT_MAX];
    struct addr a;
    receive(w, lane);
    if (!names_find(&w->names[lane], name, strlen(name), client, w->realm, number, time_ns, &a))
        return "";
    addr_print(&a, false, out);
    return out;
}

static const char *ask(struct world *w, const char *name, const struct addr *client, uint64_t number)
{
    return ask_at(w, 0, name, client, number, number * NS_PER_S);
}

/* Two networks may have the same addresses, and names of their own. */
static void realms_stay_apart(void **state)
{
    (void)state;
    struct world w;
    begin(&w, 1, 1u << 20);
    w.realm = FLOW_CONTEXT_IP | 7;
    learn(&w, 0, "db.test", "203.0.113.7", &alice, 1, 60);
    assert_string_equal(ask(&w, "db.test", &alice, 5), "203.0.113.7");
    w.realm = FLOW_CONTEXT_IP | 8;
    assert_string_equal(ask(&w, "db.test", &alice, 5), "");
    assert_string_equal(ask(&w, "db.test", &bob, 5), "");
    learn(&w, 0, "db.test", "203.0.113.8", &bob, 6, 60);
    assert_string_equal(ask(&w, "db.test", &alice, 9), "203.0.113.8");
    w.realm = 0;
    assert_string_equal(ask(&w, "db.test", &alice, 9), "");
    finish(&w);
}

static void only_earlier_packets_count(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "a.test", "192.0.2.10", &alice, 10, 3600);
    learn(&w, 0, "a.test", "192.0.2.30", &alice, 30, 3600);
    learn(&w, 0, "a.test", "192.0.2.20", &alice, 20, 3600); /* its lane was slower */
    for (uint64_t n = 1; n <= 40; n++) {
        const char *expected = n > 30 ? "192.0.2.30" : n > 20 ? "192.0.2.20" : n > 10 ? "192.0.2.10" : "";
        assert_string_equal(ask(&w, "a.test", &alice, n), expected);
    }
    finish(&w);
}

static void first_address_of_a_packet_counts(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "a.test", "192.0.2.1", &alice, 10, 3600);
    learn(&w, 0, "a.test", "192.0.2.2", &alice, 10, 3600);
    learn(&w, 0, "a.test", "2001:db8::1", &alice, 10, 3600);
    assert_string_equal(ask(&w, "a.test", &alice, 11), "192.0.2.1");
    finish(&w);
}

static void answers_live_as_long_as_their_ttl(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "a.test", "192.0.2.1", &alice, 10, 5);
    assert_string_equal(ask_at(&w, 0, "a.test", &alice, 11, 15 * NS_PER_S), "192.0.2.1");
    assert_string_equal(ask_at(&w, 0, "a.test", &alice, 11, 15 * NS_PER_S + 1), "");
    /* None at all still lasts for the connection that follows at once. */
    learn(&w, 0, "b.test", "192.0.2.2", &alice, 10, 0);
    assert_string_equal(ask_at(&w, 0, "b.test", &alice, 11, 11 * NS_PER_S), "192.0.2.2");
    assert_string_equal(ask_at(&w, 0, "b.test", &alice, 11, 12 * NS_PER_S), "");
    /* The longest does not wrap. */
    learn(&w, 0, "c.test", "192.0.2.3", &alice, 10, UINT32_MAX);
    assert_string_equal(ask_at(&w, 0, "c.test", &alice, 11, 4000000000u * NS_PER_S), "192.0.2.3");
    finish(&w);
}

static void own_answers_first(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "a.test", "192.0.2.1", &alice, 10, 100);
    learn(&w, 0, "a.test", "192.0.2.2", &bob, 20, 1000);
    assert_string_equal(ask(&w, "a.test", &alice, 30), "192.0.2.1");
    assert_string_equal(ask(&w, "a.test", &bob, 30), "192.0.2.2");
    struct addr dave = text("10.0.0.4");
    assert_string_equal(ask(&w, "a.test", &dave, 30), "192.0.2.2"); /* anyone's newest */
    assert_string_equal(ask(&w, "a.test", &dave, 15), "192.0.2.1");
    assert_string_equal(ask(&w, "a.test", &alice, 200), "192.0.2.2"); /* her own is too old */
    finish(&w);
}

static void the_clients_family_counts(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "a.test", "192.0.2.1", &alice, 10, 1000);
    assert_string_equal(ask(&w, "a.test", &carol6, 20), "");
    learn(&w, 0, "a.test", "2001:db8::1", &alice, 20, 1000);
    assert_string_equal(ask(&w, "a.test", &carol6, 30), "2001:db8::1");
    assert_string_equal(ask(&w, "a.test", &alice, 30), "192.0.2.1");
    finish(&w);
}

static void case_and_final_dot_do_not_matter(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    learn(&w, 0, "WWW.Example.COM.", "192.0.2.1", &alice, 10, 1000);
    assert_string_equal(ask(&w, "www.example.com", &alice, 20), "192.0.2.1");
    assert_string_equal(ask(&w, "wwW.eXample.com.", &alice, 20), "192.0.2.1");
    assert_string_equal(ask(&w, "ww.example.com", &alice, 20), "");
    assert_string_equal(ask(&w, "", &alice, 20), "");
    assert_string_equal(ask(&w, ".", &alice, 20), "");
    finish(&w);
}

static void names_that_are_too_long(void **state)
{
    (void)state;
    static struct world w;
    char name[301];
    begin(&w, 1, 1 << 20);
    memset(name, 'x', 300);
    name[300] = 0;
    learn(&w, 0, name, "192.0.2.1", &alice, 10, 1000);
    assert_string_equal(ask(&w, name, &alice, 20), "");
    name[255] = 0;
    learn(&w, 0, name, "192.0.2.1", &alice, 10, 1000);
    assert_string_equal(ask(&w, name, &alice, 20), "192.0.2.1");
    finish(&w);
}

static void ready_when_all_lanes_have_told(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 2, 1 << 20);
    assert_true(news_ready(&w.shared, 0, 1, UINT64_MAX));
    assert_false(news_ready(&w.shared, 0, 2, UINT64_MAX));
    complete(&w, 0, 99);
    complete(&w, 1, 98);
    assert_true(news_ready(&w.shared, 0, 99, UINT64_MAX));
    assert_false(news_ready(&w.shared, 0, 100, UINT64_MAX));
    assert_true(news_ready(&w.shared, 1, 100, UINT64_MAX));
    complete(&w, 1, 99);
    assert_true(news_ready(&w.shared, 0, 100, UINT64_MAX));
    /* A packet of the lane's own may still teach. */
    assert_false(news_ready(&w.shared, 0, 100, 99));
    assert_true(news_ready(&w.shared, 0, 100, 100));
    w.shared.live = true;
    assert_true(news_ready(&w.shared, 0, 1000, 1));
    finish(&w);
}

/* What counts later is waited for later: until then a lane need not be done, it must only have told. */
static void done_or_far_enough(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 2, 1 << 20);
    atomic_store(&w.progress[0].told, 10000);
    atomic_store(&w.progress[1].told, 10000);
    assert_true(news_ready(&w.shared, 0, NEWS_DELAY, UINT64_MAX));
    assert_false(news_ready(&w.shared, 0, NEWS_DELAY + 1, UINT64_MAX));
    atomic_store(&w.progress[0].completed, 1);
    assert_false(news_ready(&w.shared, 0, NEWS_DELAY + 1, UINT64_MAX));
    atomic_store(&w.progress[1].completed, 1);
    assert_true(news_ready(&w.shared, 0, NEWS_DELAY + 1, UINT64_MAX));
    finish(&w);
    struct flow_key dns = {.dport = 53};
    struct flow_key other = {.dport = 5353};
    assert_true(names_at_once(&dns, 0) && names_at_once(&other, 0));
    assert_true(names_at_once(&dns, 1) && !names_at_once(&other, 1));
    assert_false(names_at_once(&dns, 2) || names_at_once(&other, 2));
}

struct told {
    unsigned lane;
    uint64_t number;
    char addr[16];
    bool by_bob;
};

#define TOLD 200u

/* Two lanes learn in their own order and get each other's news whenever: what a lane answers at a number that all are
 * past is the same, also when old versions were let go meanwhile. */
static void lanes_answer_alike(void **state)
{
    (void)state;
    static struct world w;
    static struct told told[TOLD];
    static char answers[TOLD][2][ADDR_TEXT_MAX];
    for (uint32_t run = 0; run < 200; run++) {
        uint32_t x = run * 2654435761u + 1;
        uint32_t plan = 12345; /* the same traffic every time */
        for (uint32_t i = 0; i < TOLD; i++) {
            plan = plan * 1664525u + 1013904223u;
            told[i] = (struct told){.lane = plan >> 31, .number = i + 1, .by_bob = plan >> 30 & 1};
            snprintf(told[i].addr, sizeof told[i].addr, "192.0.2.%u", i);
        }
        begin(&w, 2, 1 << 20);
        uint32_t next[2] = {0, 0};
        uint32_t asked = 0;
        while (asked < TOLD) {
            x = x * 1664525u + 1013904223u;
            unsigned lane = x >> 31;
            while (next[lane] < TOLD && told[next[lane]].lane != lane)
                next[lane]++;
            if (next[lane] < TOLD) {
                const struct told *k = &told[next[lane]++];
                learn(&w, lane, "a.test", k->addr, k->by_bob ? &bob : &alice, k->number, 3 + (uint32_t)k->number % 40);
            }
            /* Told further than done: a question that waits holds its lane back. */
            uint64_t past = next[lane] < TOLD ? told[next[lane]].number - 1 : TOLD;
            complete(&w, lane, past);
            atomic_store(&w.progress[lane].completed, past < asked ? past : asked);
            if (x >> 20 & 1)
                receive(&w, lane);
            for (; asked < TOLD && news_ready(&w.shared, 0, asked + 1, UINT64_MAX) &&
                   news_ready(&w.shared, 1, asked + 1, UINT64_MAX);
                 asked++)
                for (unsigned who = 0; who < 2; who++) {
                    unsigned by = (x >> 10 ^ asked) & 1;
                    const char *a = ask_at(&w, by, "a.test", who ? &bob : &alice, asked + 1, (asked + 1) * NS_PER_S);
                    if (run == 0)
                        snprintf(answers[asked][who], ADDR_TEXT_MAX, "%s", a);
                    assert_string_equal(a, answers[asked][who]);
                }
        }
        finish(&w);
    }
    assert_string_not_equal(answers[TOLD - 1][0], "");
}

static void memcap_evicts_the_oldest(void **state)
{
    (void)state;
    static struct world w;
    char name[32];
    begin(&w, 1, 4000);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "host%u.test", i);
        learn(&w, 0, name, "192.0.2.1", &alice, i + 1, 10000);
        assert_string_equal(ask(&w, name, &alice, i + 2), "192.0.2.1");
        assert_true(w.names[0].memory <= 4000);
    }
    assert_true(w.names[0].evicted > 0);
    assert_true(w.names[0].evicted + w.names[0].count == 1000); /* for the client and for anyone */
    assert_string_equal(ask(&w, "host0.test", &alice, 600), "");
    assert_string_equal(ask(&w, "host499.test", &alice, 600), "192.0.2.1");
    finish(&w);
    /* News keeps a name. */
    begin(&w, 1, 4000);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "host%u.test", i);
        learn(&w, 0, name, "192.0.2.1", &alice, i + 1, 10000);
        learn(&w, 0, "kept.test", "192.0.2.9", &alice, i + 1, 10000);
        complete(&w, 0, i + 1);
    }
    assert_string_equal(ask(&w, "kept.test", &alice, 501), "192.0.2.9");
    finish(&w);
}

/* A name that is asked for all the time keeps no history that nobody can reach. */
static void old_versions_go(void **state)
{
    (void)state;
    static struct world w;
    begin(&w, 1, 1 << 20);
    for (unsigned i = 1; i <= 1000; i++) {
        learn(&w, 0, "a.test", "192.0.2.1", &alice, i, 10000);
        complete(&w, 0, i);
        receive(&w, 0);
    }
    assert_true(w.names[0].memory < 1000);
    assert_string_equal(ask(&w, "a.test", &alice, 1001), "192.0.2.1");
    finish(&w);
}

static void placeholders(void **state)
{
    (void)state;
    struct addr v4 = text("240.0.0.0");
    struct addr v6 = text("100::");
    struct addr a = names_placeholder("example.com", 11, &v4, 4);
    struct addr b = names_placeholder("EXAMPLE.com.", 12, &v4, 4);
    assert_true(addr_equal(&a, &b));
    unsigned same = 0;
    for (unsigned i = 0; i < 2000; i++) {
        char name[32];
        int n = snprintf(name, sizeof name, "host%u.test", i);
        struct addr c = names_placeholder(name, (size_t)n, &v4, 4);
        struct addr d = names_placeholder(name, (size_t)n, &v6, 64);
        assert_true(addr_in_prefix(&c, &v4, 4));
        assert_true(addr_in_prefix(&d, &v6, 64));
        assert_true(c.b[3] != 0 && c.b[3] != 255);
        same += addr_equal(&a, &c);
        struct addr again = names_placeholder(name, (size_t)n, &v6, 64);
        assert_true(addr_equal(&d, &again));
    }
    assert_int_equal(same, 0);
    /* The same in every release: records of two runs can be compared. */
    char out[ADDR_TEXT_MAX];
    addr_print(&a, false, out);
    assert_string_equal(out, "251.131.69.65");
    /* A prefix with no room for a choice. */
    struct addr whole = text("192.0.2.255");
    a = names_placeholder("example.com", 11, &whole, 32);
    assert_true(addr_equal(&a, &whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(realms_stay_apart),
        cmocka_unit_test(only_earlier_packets_count),
        cmocka_unit_test(first_address_of_a_packet_counts),
        cmocka_unit_test(answers_live_as_long_as_their_ttl),
        cmocka_unit_test(own_answers_first),
        cmocka_unit_test(the_clients_family_counts),
        cmocka_unit_test(case_and_final_dot_do_not_matter),
        cmocka_unit_test(names_that_are_too_long),
        cmocka_unit_test(ready_when_all_lanes_have_told),
        cmocka_unit_test(done_or_far_enough),
        cmocka_unit_test(lanes_answer_alike),
        cmocka_unit_test(memcap_evicts_the_oldest),
        cmocka_unit_test(old_versions_go),
        cmocka_unit_test(placeholders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
