#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/output.h"
#include "output/summary.h"

static char folder[] = "/tmp/burrow-output-XXXXXX";
static struct counters counters;
static struct settings settings;
static struct settings_eve_type types[] = {{.name = "http", .enabled = true}, {.name = "dns", .enabled = false}};

static uint64_t count(const char *name)
{
    return counter_get(&counters, counter_id(name));
}

static struct output *create(enum output_mode mode)
{
    char error[300];
    struct output *o;
    memset(&counters, 0, sizeof counters);
    settings = (struct settings){0};
    settings.eve = (struct settings_eve){.enabled = true, .filename = "eve.json", .types = types, .type_count = 2};
    assert_int_equal(output_create(&settings, folder, mode, &o, error, sizeof error), 0);
    return o;
}

/* The member that tests look at: {"test":{"n":N,"fill":"xxx"}}. */
struct load {
    uint64_t n;
    size_t fill;
};

static void write_load(const struct event *e, struct json *j)
{
    const struct load *l = e->arg;
    char *fill = malloc(l->fill + 1);
    assert_non_null(fill);
    memset(fill, 'x', l->fill);
    json_u64(j, "n", l->n);
    json_bytes(j, "fill", fill, l->fill);
    free(fill);
}

static void emit(struct event_sink *sink, uint64_t n, size_t fill)
{
    struct load l = {.n = n, .fill = fill};
    struct event e = {.type = "http", .time_ns = 1, .tx_id = -1, .key = "test", .write = write_load, .arg = &l};
    sink->emit(sink, &e);
}

/* What the file has: every line whole, its number told to `seen`. Returns the number of lines. */
static size_t read_back(void (*seen)(uint64_t n, void *ctx), void *ctx)
{
    char path[300];
    snprintf(path, sizeof path, "%s/eve.json", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char *line = NULL;
    size_t room = 0, lines = 0;
    ssize_t len;
    while ((len = getline(&line, &room, f)) > 0) {
        assert_true(strncmp(line, "{\"timestamp\":\"1970-", 19) == 0);
        assert_true(len > 4 && strcmp(line + len - 4, "\"}}\n") == 0);
        const char *n = strstr(line, "\"test\":{\"n\":");
        assert_non_null(n);
        if (seen)
            seen(strtoull(n + 12, NULL, 10), ctx);
        lines++;
    }
    free(line);
    fclose(f);
    return lines;
}

static void in_order(uint64_t n, void *ctx)
{
    uint64_t *next = ctx;
    assert_int_equal(n, *next);
    (*next)++;
}

static void types_that_are_wanted(void **state)
{
    (void)state;
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sink = output_sink_create(o, &counters);
    assert_true(sink->wanted(sink, "http"));
    assert_false(sink->wanted(sink, "dns"));
    assert_false(sink->wanted(sink, "smtp"));
    output_destroy(&o);
    assert_null(o);
    settings.eve.enabled = false;
    char error[300];
    assert_int_equal(output_create(&settings, "/nonexistent", OUTPUT_DIRECT, &o, error, sizeof error), 0);
    sink = output_sink_create(o, &counters);
    assert_false(sink->wanted(sink, "http"));
    emit(sink, 1, 10);
    output_destroy(&o);
    settings.eve.enabled = true;
    assert_int_not_equal(output_create(&settings, "/nonexistent", OUTPUT_DIRECT, &o, error, sizeof error), 0);
    assert_non_null(strstr(error, "/nonexistent/eve.json"));
}

/* Records of every length around the chunk's, one after another. */
static void direct_over_chunk_boundaries(void **state)
{
    (void)state;
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sink = output_sink_create(o, &counters);
    for (uint64_t i = 0; i < 3000; i++)
        emit(sink, i, i * 7 % 900);
    for (uint64_t i = 3000; i < 3100; i++)
        emit(sink, i, OUTPUT_CHUNK - 200 + i % 100 * 4);
    output_sink_flush(sink);
    uint64_t next = 0;
    assert_int_equal(read_back(in_order, &next), 3100);
    assert_int_equal(count("output.eve.records"), 3100);
    output_destroy(&o);
}

static void long_records(void **state)
{
    (void)state;
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sink = output_sink_create(o, &counters);
    emit(sink, 0, 10);
    emit(sink, 1, 10 * OUTPUT_CHUNK);
    emit(sink, 99, OUTPUT_RECORD_MAX);
    emit(sink, 2, OUTPUT_RECORD_MAX - 2000);
    emit(sink, 3, 10);
    output_destroy(&o);
    uint64_t next = 0;
    assert_int_equal(read_back(in_order, &next), 4);
    assert_int_equal(count("output.eve.dropped_too_long"), 1);
    assert_int_equal(count("output.eve.records"), 4);
}

static void live_without_a_writer_drops(void **state)
{
    (void)state;
    struct output *o = create(OUTPUT_DROP);
    struct event_sink *sink = output_sink_create(o, &counters);
    for (uint64_t i = 0; i < 5000; i++)
        emit(sink, i, 1000);
    uint64_t dropped = count("output.eve.dropped");
    uint64_t kept = count("output.eve.records");
    assert_int_equal(kept + dropped, 5000);
    assert_in_range(kept, OUTPUT_CHUNKS * OUTPUT_CHUNK / 1200, OUTPUT_CHUNKS * (OUTPUT_CHUNK / 1000 + 2));
    assert_true(output_write_pending(o));
    assert_false(output_write_pending(o));
    emit(sink, kept, 10);
    assert_int_equal(count("output.eve.dropped"), dropped);
    output_sink_flush(sink);
    assert_true(output_write_pending(o));
    uint64_t next = 0;
    assert_int_equal(read_back(in_order, &next), kept + 1);
    output_destroy(&o);
}

struct threads {
    struct output *output;
    atomic_bool stop;
    struct event_sink *sinks[2];
};

#define EACH 40000

static void *produce(void *arg)
{
    struct event_sink *sink = arg;
    for (uint64_t i = 0; i < EACH; i++)
        emit(sink, i, i % 300);
    output_sink_flush(sink);
    return NULL;
}

static void *consume(void *arg)
{
    struct threads *t = arg;
    for (;;) {
        bool stop = atomic_load(&t->stop);
        if (!output_write_pending(t->output) && stop)
            return NULL;
    }
}

static void tally(uint64_t n, void *ctx)
{
    ((unsigned char *)ctx)[n]++;
}

static void offline_waits_for_the_writer(void **state)
{
    (void)state;
    static struct counters of[2];
    static unsigned char seen[EACH];
    struct threads t = {.output = create(OUTPUT_WAIT)};
    pthread_t producers[2], consumer;
    for (int i = 0; i < 2; i++) {
        t.sinks[i] = output_sink_create(t.output, &of[i]);
        assert_non_null(t.sinks[i]);
    }
    assert_int_equal(pthread_create(&consumer, NULL, consume, &t), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&producers[i], NULL, produce, t.sinks[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(producers[i], NULL);
    atomic_store(&t.stop, true);
    pthread_join(consumer, NULL);
    output_destroy(&t.output);
    assert_int_equal(read_back(tally, seen), 2 * EACH);
    for (size_t i = 0; i < EACH; i++)
        assert_int_equal(seen[i], 2);
}

static void a_full_disk_is_counted(void **state)
{
    (void)state;
    char error[300];
    struct output *o = create(OUTPUT_DIRECT);
    output_destroy(&o);
    settings.eve.filename = "/dev/full";
    assert_int_equal(output_create(&settings, folder, OUTPUT_DIRECT, &o, error, sizeof error), 0);
    struct event_sink *sink = output_sink_create(o, &counters);
    emit(sink, 0, 10);
    output_sink_flush(sink);
    emit(sink, 1, 10);
    output_sink_flush(sink);
    assert_int_equal(counter_get(output_counters(o), counter_id("output.eve.write_errors")), 2);
    output_destroy(&o);
}

static void reopened_after_it_was_moved(void **state)
{
    (void)state;
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sink = output_sink_create(o, &counters);
    char from[300], to[300];
    snprintf(from, sizeof from, "%s/eve.json", folder);
    snprintf(to, sizeof to, "%s/eve.json.1", folder);
    emit(sink, 0, 10);
    output_sink_flush(sink);
    assert_int_equal(rename(from, to), 0);
    output_reopen(o);
    emit(sink, 7, 10);
    output_destroy(&o);
    uint64_t next = 7;
    assert_int_equal(read_back(in_order, &next), 1);
}

/* The closing summary hears of tunnels whether their records are written or not. */
static void tunnels_reach_the_summary(void **state)
{
    (void)state;
    static struct summary all;
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sinks[2] = {output_sink_create(o, &counters), output_sink_create(o, &counters)};
    struct flow_ref carrier = {.key = {.src = addr_v4((uint8_t[]){10, 0, 0, 1}),
                                       .dst = addr_v4((uint8_t[]){10, 0, 0, 2}),
                                       .dport = 1080,
                                       .proto = 6}};
    struct event_tunnel t = {.type = "socks5", .status = TUNNEL_REFUSED, .depth = 1, .target = "a.example:443"};
    struct event e = {.type = "tunnel", .time_ns = 1, .tx_id = -1, .flow = &carrier, .tunnel = &t};
    for (int i = 0; i < 4; i++)
        sinks[i % 2]->emit(sinks[i % 2], &e);
    summary_init(&all);
    output_summary(o, &all);
    output_destroy(&o);
    assert_int_equal(read_back(NULL, NULL), 0);
    assert_int_equal(all.kind_count, 1);
    assert_int_equal(all.kinds[0].count, 4);
    assert_int_equal(all.kinds[0].status, TUNNEL_REFUSED);
    assert_string_equal(all.proxies.entries[0].text, "10.0.0.2:1080");
    assert_string_equal(all.targets.entries[0].text, "a.example:443");
}

static char *stats_text(const struct counters *const *sets, size_t n)
{
    struct output *o = create(OUTPUT_DIRECT);
    struct event_sink *sink = output_sink_create(o, &counters);
    output_stats(sink, sets, n, NULL, 5, 0);
    output_destroy(&o);
    char path[300];
    snprintf(path, sizeof path, "%s/eve.json", folder);
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    assert_true(getline(&line, &room, f) > 0);
    fclose(f);
    return line;
}

static void stats_are_nested_and_summed(void **state)
{
    (void)state;
    static struct counters a, b;
    counter_add(&a, counter_id("t.tcp.sessions"), 3);
    counter_add(&b, counter_id("t.tcp.sessions"), 4);
    counter_add(&b, counter_id("t.app.tx.dns_udp"), 1);
    counter_add(&a, counter_id("t.app.flow.dns_udp"), 2);
    counter_add(&a, counter_id("t.tcp_more"), 9);
    counter_add(&a, counter_id("zz_last"), 8);
    char *line = stats_text((const struct counters *const[]){&a, &b}, 2);
    assert_non_null(strstr(line, "{\"timestamp\":\"1970-01-01T00:00:00.000000+0000\",\"event_type\":\"stats\","
                                 "\"stats\":{\"uptime\":5,"));
    assert_non_null(strstr(line, "\"t\":{\"app\":{\"flow\":{\"dns_udp\":2},\"tx\":{\"dns_udp\":1}},"
                                 "\"tcp\":{\"sessions\":7},\"tcp_more\":9},\"zz_last\":8}}\n"));
    free(line);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_that_are_wanted),
        cmocka_unit_test(direct_over_chunk_boundaries),
        cmocka_unit_test(long_records),
        cmocka_unit_test(live_without_a_writer_drops),
        cmocka_unit_test(offline_waits_for_the_writer),
        cmocka_unit_test(a_full_disk_is_counted),
        cmocka_unit_test(reopened_after_it_was_moved),
        cmocka_unit_test(tunnels_reach_the_summary),
        cmocka_unit_test(stats_are_nested_and_summed),
    };
    return cmocka_run_group_tests_name("output", tests, set_up, tear_down);
}
