/* Addresses and ports of headers, through whole rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "detect/load_test.h"

static bool holds(const struct rule_addrs *set, const char *text)
{
    struct addr a;
    assert_true(addr_parse(text, strlen(text), &a));
    return rule_addrs_match(set, &a);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        const char *in;
        const char *out;
    } rows[] = {{"any", "192.0.2.1", NULL},
                {"any", "2001:db8::1", NULL},
                {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
                {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
                {"192.0.2.0/255.255.255.0", "192.0.2.7", "192.0.1.255"},
                {"192.0.2.7/24", "192.0.2.1", "192.0.3.1"},
                {"!192.0.2.0/24", "192.0.3.0", "192.0.2.0"},
                {"!192.0.2.0/24", "2001:db8::1", "192.0.2.9"},
                {"[192.0.2.0/24,!192.0.2.7]", "192.0.2.8", "192.0.2.7"},
                {"[192.0.2.1,2001:db8::/32]", "2001:db8:ffff::1", "2001:db9::"},
                {"[2001:db8::1-2001:db8::ff]", "2001:db8::80", "2001:db8::100"},
                {"[10.0.0.0/8,[192.0.2.0/24,!192.0.2.1]]", "192.0.2.2", "192.0.2.1"},
                {"![10.0.0.0/8,!10.1.0.0/16]", "10.1.2.3", "10.2.0.0"},
                {"[![192.0.2.1,192.0.2.2],192.0.2.0/29]", "192.0.2.3", "192.0.2.2"},
                {"[[!192.0.2.1],192.0.2.0/30]", "192.0.2.2", "192.0.2.1"},
                {"0.0.0.0/0", "255.255.255.255", "::1"},
                {"$HOME", "10.1.1.1", "192.0.2.1"},
                {"!$HOME", "192.0.2.1", "10.1.1.1"},
                {"[$OUTSIDE,!192.0.2.1]", "192.0.2.2", "192.0.2.1"},
                {"$LIST", "198.51.100.1", "198.51.100.9"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "alert ip %s any -> any any (sid:1;)", rows[i].set);
        struct ruleset *set = load_text_test(text, 1, NULL);
        const struct rule_addrs *a = set->rules[0]->src;
        if (!holds(a, rows[i].in) || (rows[i].out && holds(a, rows[i].out)))
            fail_msg("%s", rows[i].set);
        ruleset_destroy(&set);
    }
}

static void test_ports(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        int in[3];
        int out[3];
    } rows[] = {{"any", {0, 80, 65535}, {-1}},
                {"80", {80, -1}, {79, 81, -1}},
                {":1023", {0, 1023, -1}, {1024, -1}},
                {"1024:", {1024, 65535, -1}, {1023, -1}},
                {"80:90", {80, 85, 90}, {79, 91, -1}},
                {"!80", {79, 81, -1}, {80, -1}},
                {"[1:100,!80,!90:95]", {79, 89, 96}, {80, 90, 95}},
                {"![80,443]", {81, 442, 0}, {80, 443, -1}},
                {"[$WEB,!8080]", {80, 8081, -1}, {8080, 79, -1}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "alert tcp any any -> any %s (sid:1;)", rows[i].set);
        struct ruleset *set = load_text_test(text, 1, NULL);
        for (int k = 0; k < 3 && rows[i].in[k] >= 0; k++)
            assert_true(rule_ports_match(set->rules[0]->dport, (uint16_t)rows[i].in[k]));
        for (int k = 0; k < 3 && rows[i].out[k] >= 0; k++)
            assert_false(rule_ports_match(set->rules[0]->dport, (uint16_t)rows[i].out[k]));
        ruleset_destroy(&set);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"[]",
                                       "[192.0.2.1",
                                       "192.0.2.1]",
                                       "!any",
                                       "$NONE",
                                       "$LOOP",
                                       "[a]",
                                       "192.0.2.0/33",
                                       "[,]",
                                       "[1.1.1.1,]",
                                       "1.2.3",
                                       "192.0.2.9-192.0.2.1",
                                       "[::1-1.1.1.1]",
                                       "1.1.1.1/255.0.255.0",
                                       "[1.1.1.1,!1.1.1.1]",
                                       "[[[[[[[[[[[[[[[[[[1.1.1.1]]]]]]]]]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "alert ip %s any -> any any (sid:1;)", rows[i]);
        struct ruleset *set = load_text_test(text, 0, NULL);
        if (set->refused != 1)
            fail_msg("%s", rows[i]);
        ruleset_destroy(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
