/* Relays of datagrams: who announced which, when, and when that was over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decap/relays.h"

struct world {
    struct lanes_shared lanes;
    struct lane_progress progress;
    struct inbox inbox;
    struct relays relays;
    struct addr client, server, other;
};

static struct addr text(const char *t)
{
    struct addr a;
    assert_true(addr_parse(t, strlen(t), &a));
    return a;
}

static void begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    inbox_init(&w->inbox);
    w->lanes = (struct lanes_shared){.count = 1, .progress = &w->progress, .news = &w->inbox};
    relays_init(&w->relays, &w->lanes);
    w->client = text("10.0.0.1");
    w->server = text("10.0.0.9");
    w->other = text("10.0.0.10");
}

static void receive(struct world *w)
{
    struct inbox_node *node = inbox_take(&w->inbox);
    while (node) {
        struct news *news = (struct news *)node;
        node = node->next;
        relays_take(&w->relays, news);
        free(news);
    }
}

static void finish(struct world *w)
{
    relays_fini(&w->relays);
    assert_int_equal(w->relays.count, 0);
}

/* Control connection `id` to the server announces a relay, or is over. */
static void control(struct world *w, uint64_t id, const struct addr *relay, bool carried, uint64_t number, bool over)
{
    static const struct tunnel_link link;
    struct flow_ref flow = {.id = id, .key = {.src = w->client, .dst = w->server}, .link = carried ? &link : NULL};
    struct relay_offer o = {.client = w->client, .relay = *relay, .port = 4000, .user = "me", .user_len = 2};
    if (over)
        relays_end(&w->relays, &o, &flow, number, number);
    else
        relays_learn(&w->relays, &o, &flow, number);
    receive(w);
}

static uint64_t find(const struct world *w, const struct addr *relay, uint64_t number)
{
    const struct relay *e = relays_find(&w->relays, 0, &w->client, relay, 4000, number);
    return e ? e->control_flow_id : 0;
}

static uint64_t over(const struct world *w, const struct addr *relay, uint64_t number)
{
    const struct relay *e = relays_over(&w->relays, 0, &w->client, relay, 4000, number);
    return e ? e->until : 0;
}

static void the_newest_before_counts(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    control(&w, 1, &w.server, false, 10, false);
    control(&w, 2, &w.server, false, 20, false);
    assert_int_equal(find(&w, &w.server, 10), 0);
    assert_int_equal(find(&w, &w.server, 11), 1);
    assert_int_equal(find(&w, &w.server, 21), 2);
    assert_int_equal(find(&w, &w.other, 21), 0);
    const struct relay *e = relays_find(&w.relays, 0, &w.client, &w.server, 4000, 11);
    assert_string_equal(e->user, "me");
    assert_null(relays_find(&w.relays, 0, &w.other, &w.server, 4000, 11));
    assert_null(relays_find(&w.relays, 0, &w.client, &w.server, 4001, 11));
    control(&w, 2, &w.server, false, 30, true);
    assert_int_equal(find(&w, &w.server, 30), 2);
    assert_int_equal(find(&w, &w.server, 31), 1);
    finish(&w);
}

/* Two announced the same relay: what may be either's ends with the last. */
static void the_last_ends_it(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    control(&w, 1, &w.server, false, 10, false);
    control(&w, 2, &w.server, false, 20, false);
    assert_int_equal(over(&w, &w.server, 25), 0);
    control(&w, 2, &w.server, false, 30, true);
    assert_int_equal(over(&w, &w.server, 25), 0);
    control(&w, 1, &w.server, false, 40, true);
    assert_int_equal(over(&w, &w.server, 15), 40);
    assert_int_equal(over(&w, &w.server, 25), 40);
    control(&w, 3, &w.server, false, 50, false);
    assert_int_equal(over(&w, &w.server, 25), 40);
    assert_int_equal(over(&w, &w.server, 51), 0);
    finish(&w);
}

/* Where the two are not in order, the end of one doesn't end the other. */
static void other_pairs_do_not_end(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    control(&w, 1, &w.other, false, 10, false);
    control(&w, 1, &w.other, false, 30, true);
    assert_int_equal(find(&w, &w.other, 20), 1);
    assert_int_equal(over(&w, &w.other, 20), 0);
    control(&w, 2, &w.server, true, 10, false);
    control(&w, 2, &w.server, true, 30, true);
    assert_int_equal(find(&w, &w.server, 20), 2);
    assert_int_equal(over(&w, &w.server, 20), 0);
    finish(&w);
}

static void the_oldest_goes(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (uint64_t i = 1; i <= RELAYS_MAX + 1; i++)
        control(&w, i, &w.server, false, i, false);
    assert_int_equal(w.relays.count, RELAYS_MAX);
    assert_int_equal(w.relays.evicted, 1);
    assert_int_equal(find(&w, &w.server, 2), 0);
    assert_int_equal(find(&w, &w.server, 3), 2);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_before_counts),
        cmocka_unit_test(the_last_ends_it),
        cmocka_unit_test(other_pairs_do_not_end),
        cmocka_unit_test(the_oldest_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
