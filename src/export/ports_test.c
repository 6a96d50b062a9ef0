/* Ends of sessions: kept, changed, forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "export/ports.h"

static struct export_ends ends(uint8_t client, uint16_t sport)
{
    return (struct export_ends){.src = addr_v4((const uint8_t[]){10, 0, 0, client}),
                                .dst = addr_v4((const uint8_t[]){192, 0, 2, 1}),
                                .sport = sport,
                                .dport = 443,
                                .proto = 6};
}

static struct export_ends reversed(struct export_ends e)
{
    return (struct export_ends){.src = e.dst, .dst = e.src, .sport = e.dport, .dport = e.sport, .proto = e.proto};
}

static void test_change(void **state)
{
    (void)state;
    struct ports *p = ports_create(PORTS_MOST);
    struct export_ends e = ends(1, 40000);
    assert_int_equal(ports_take(p, &e), PORTS_KEPT);
    for (uint16_t i = 0; i < 3000; i++) {
        e = ends(1, 40000);
        assert_int_equal(ports_take(p, &e), PORTS_CHANGED);
        assert_int_equal(e.sport, 65535 - i);
    }
    e = ends(1, 65000); /* one that was given away */
    assert_int_equal(ports_take(p, &e), PORTS_CHANGED);
    assert_int_equal(e.sport, 65535 - 3000);
    e = ends(2, 40000);
    assert_int_equal(ports_take(p, &e), PORTS_KEPT);
    e = ends(1, 40000);
    e.proto = 17;
    assert_int_equal(ports_take(p, &e), PORTS_KEPT);
    e = ends(1, 40000);
    e.dport = 80;
    assert_int_equal(ports_take(p, &e), PORTS_KEPT);
    assert_int_equal(ports_forgotten(p), 0);
    ports_destroy(&p);
    assert_null(p);
}

static void test_both_ways(void **state)
{
    (void)state;
    struct ports *p = ports_create(PORTS_MOST);
    struct export_ends e = ends(1, 40000);
    assert_true(ports_note(p, &e));
    assert_false(ports_note(p, &e));
    e = reversed(e);
    assert_false(ports_note(p, &e));
    assert_int_equal(ports_take(p, &e), PORTS_CHANGED);
    assert_int_equal(e.dport, 40000);
    ports_destroy(&p);
}

static void test_none_free(void **state)
{
    (void)state;
    struct ports *p = ports_create(PORTS_MOST);
    for (uint32_t port = 1; port <= UINT16_MAX; port++) {
        struct export_ends e = ends(1, (uint16_t)port);
        assert_true(ports_note(p, &e));
    }
    struct export_ends e = ends(1, 40000);
    assert_int_equal(ports_take(p, &e), PORTS_NONE);
    ports_destroy(&p);
}

static void test_forget(void **state)
{
    (void)state;
    struct ports *p = ports_create(1000);
    for (uint16_t port = 1; port <= 1500; port++) {
        struct export_ends e = ends(1, port);
        assert_true(ports_note(p, &e));
    }
    assert_int_equal(ports_forgotten(p), 500);
    struct export_ends old = ends(1, 500), young = ends(1, 502);
    assert_false(ports_note(p, &young));
    assert_true(ports_note(p, &old));
    assert_int_equal(ports_forgotten(p), 501);
    ports_destroy(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_none_free),
        cmocka_unit_test(test_forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
