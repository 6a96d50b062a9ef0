#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "output/summary.h"

static struct addr proxy(unsigned n)
{
    uint8_t b[4] = {10, 0, (uint8_t)(n >> 8), (uint8_t)n};
    return addr_v4(b);
}

static void add(struct summary *s, const char *type, enum tunnel_status status, uint32_t depth, unsigned n,
                const char *target)
{
    struct addr a = proxy(n);
    summary_tunnel(s, type, status, depth, &a, 1080, target, strlen(target));
}

static char *printed(const struct summary *s, const struct summary_run *run)
{
    char *text = NULL;
    size_t len;
    FILE *f = tmpfile();
    assert_non_null(f);
    summary_print(f, s, run);
    len = (size_t)ftell(f);
    rewind(f);
    text = calloc(1, len + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, len, f), len);
    fclose(f);
    return text;
}

static void says(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("no \"%s\" in:\n%s", line, text);
}

static void a_run_in_words(void **state)
{
    (void)state;
    static struct summary s;
    static struct counters c;
    summary_init(&s);
    for (int i = 0; i < 1200; i++)
        add(&s, "socks5", TUNNEL_ESTABLISHED, 1, 1, "example.com:443");
    add(&s, "socks5", TUNNEL_REFUSED, 1, 2, "example.org:443");
    add(&s, "http-connect", TUNNEL_INCOMPLETE, 2, 2, "bad\x1b[31m.example:1");
    counter_add(&c, counter_id("s.tcp.reassembly_memcap"), 12);
    counter_add(&c, counter_id("s.flow.dropped"), 0);
    counter_add(&c, counter_id("memcap.pressure_max"), 3);
    counter_add(&c, counter_id("s.fine"), 5);
    struct summary_run run = {.packets = 1234567,
                              .bytes = 987654321,
                              .wire_flows = 10,
                              .carried_flows = 7,
                              .alerts = 3,
                              .elapsed_ns = 2500000000,
                              .first_ns = 1,
                              .last_ns = 185000000001,
                              .sets = (const struct counters *const[]){&c},
                              .n_sets = 1,
                              .source = "a.pcap",
                              .note = "a.pcap: byte 5: cut"};
    char *t = printed(&s, &run);
    says(t, "Summary of a.pcap\n");
    says(t, "  packets                1,234,567\n");
    says(t, "987,654,321  over 3 min 05 s\n");
    says(t, "  tunnels                    1,202\n");
    says(t, "2.50 s  493,826 packets/s, 395.1 MB/s\n");
    says(t, "1,200  established, depth 1\n");
    says(t, "1  incomplete, depth 2\n");
    says(t, "10.0.0.1:1080");
    says(t, "bad.[31m.example:1");
    says(t, "Dropped or limited\n  s.tcp.reassembly_memcap                              12\n");
    says(t, "Note: a.pcap: byte 5: cut\n");
    assert_null(strstr(t, "s.fine"));
    assert_null(strstr(t, "pressure"));
    assert_null(strstr(t, "s.flow.dropped"));
    assert_null(strchr(t, '\033'));
    free(t);
}

/* Whatever the threads, the merged tables are those of one. */
static void merged_as_if_by_one(void **state)
{
    (void)state;
    static struct summary one, parts[3], merged;
    summary_init(&one);
    summary_init(&merged);
    for (int i = 0; i < 3; i++)
        summary_init(&parts[i]);
    for (unsigned i = 0; i < 3000; i++) {
        char target[40];
        snprintf(target, sizeof target, "host%u.example:443", i * i % 97);
        add(&one, i % 2 ? "socks5" : "http-connect", TUNNEL_ESTABLISHED, 1 + i % 3, i % 11, target);
        add(&parts[i % 3], i % 2 ? "socks5" : "http-connect", TUNNEL_ESTABLISHED, 1 + i % 3, i % 11, target);
    }
    for (int i = 2; i >= 0; i--)
        summary_merge(&merged, &parts[i]);
    struct summary_run run = {.packets = 1};
    char *a = printed(&one, &run);
    char *b = printed(&merged, &run);
    assert_string_equal(a, b);
    assert_int_equal(summary_tunnel_count(&merged), 3000);
    free(a);
    free(b);
}

/* More targets than there is room for: the frequent one stays, and counts are never too low. */
static void frequent_targets_survive_many_rare_ones(void **state)
{
    (void)state;
    static struct summary s;
    summary_init(&s);
    for (unsigned i = 0; i < 5000; i++) {
        char target[40];
        snprintf(target, sizeof target, "rare%u.example:443", i);
        add(&s, "socks5", TUNNEL_ESTABLISHED, 1, 1, target);
        if (i % 3 == 0)
            add(&s, "socks5", TUNNEL_ESTABLISHED, 1, 1, "often.example:443");
    }
    assert_int_equal(s.targets.used, SUMMARY_TOP_MAX);
    const struct summary_top_entry *often = NULL;
    for (uint32_t i = 0; i < s.targets.used; i++)
        if (strcmp(s.targets.entries[i].text, "often.example:443") == 0)
            often = &s.targets.entries[i];
    assert_non_null(often);
    assert_true(often->count >= 1667);
    assert_true(often->count - often->excess <= 1667);
    struct summary_run run = {.packets = 1};
    char *t = printed(&s, &run);
    says(t, "and at least 251 more");
    free(t);
}

static void too_many_kinds_are_counted_together(void **state)
{
    (void)state;
    static struct summary s;
    summary_init(&s);
    for (unsigned i = 0; i < 200; i++)
        add(&s, "socks5", TUNNEL_ESTABLISHED, i, 1, "x:1");
    assert_int_equal(s.other_kinds, 200 - SUMMARY_KINDS_MAX);
    assert_int_equal(summary_tunnel_count(&s), 200);
}

static void the_progress_line(void **state)
{
    (void)state;
    char text[300] = "";
    FILE *f = fmemopen(text, sizeof text, "w");
    struct progress p = {.packets = 123456,
                         .done = 50000000,
                         .total_bytes = 200000000,
                         .flows = 1000,
                         .tunnels = 12,
                         .elapsed_ns = 1000000000};
    progress_line(f, &p);
    fclose(f);
    assert_string_equal(text, "\r123,456 packets  50.0 MB/s  1,000 flows  12 tunnels  25 %  3.00 s left\033[K");
    f = fmemopen(text, sizeof text, "w");
    progress_line(f, &(struct progress){.packets = 1});
    fclose(f);
    assert_string_equal(text, "\r1 packets  0 B/s  0 flows  0 tunnels\033[K");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_in_words),
        cmocka_unit_test(merged_as_if_by_one),
        cmocka_unit_test(frequent_targets_survive_many_rare_ones),
        cmocka_unit_test(too_many_kinds_are_counted_together),
        cmocka_unit_test(the_progress_line),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
