#include <stdlib.h>
#include <string.h>

#include "output/output_private.h"

#define LEVELS_MAX 8  /* parts of a counter's name; more are one key */
#define KEY_MAX    64 /* bytes of a part */

struct stats_arg {
    const struct counters *const *sets;
    size_t n;
    const struct output_rules *rules;
    uint64_t uptime_s;
    bool zeros; /* counters that are 0 are written, too */
};

/* As Suricata tells of its detection engines; there is one. */
static void put_engines(const struct output_rules *r, struct json *j)
{
    json_open_array(j, "engines");
    json_open_object(j, NULL);
    json_u64(j, "id", 0);
    json_time(j, "last_reload", r->loaded_ns);
    json_u64(j, "rules_loaded", r->loaded);
    json_u64(j, "rules_failed", r->failed);
    json_u64(j, "rules_skipped", r->skipped);
    json_end_object(j);
    json_end_array(j);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(counter_name(*(const unsigned *)a), counter_name(*(const unsigned *)b));
}

/* Bytes of name up to the end of its first `levels` parts, the dot not included. */
static size_t part_end(const char *name, unsigned levels)
{
    const char *p = name;
    for (unsigned i = 0; i < levels; i++) {
        const char *dot = strchr(i ? p + 1 : p, '.');
        if (!dot)
            return strlen(name);
        p = dot;
    }
    return (size_t)(p - name);
}

static unsigned levels_of(const char *name)
{
    unsigned n = 0;
    for (const char *p = strchr(name, '.'); p && n < LEVELS_MAX - 1; p = strchr(p + 1, '.'))
        n++;
    return n;
}

/* How many of the first `most` parts two names share, dots included. */
static unsigned shared_levels(const char *a, const char *b, unsigned most)
{
    unsigned n = 0;
    while (n < most) {
        size_t end = part_end(a, n + 1);
        if (end != part_end(b, n + 1) || memcmp(a, b, end) != 0)
            break;
        n++;
    }
    return n;
}

/* The part after the first `levels`, zero-terminated; `whole`: all that is left. */
static void part_copy(const char *name, unsigned levels, bool whole, char out[KEY_MAX])
{
    size_t from = levels ? part_end(name, levels) + 1 : 0;
    size_t to = whole ? strlen(name) : part_end(name, levels + 1);
    size_t n = to - from < KEY_MAX - 1 ? to - from : KEY_MAX - 1;
    memcpy(out, name + from, n);
    out[n] = 0;
}

static uint64_t sum_of(const struct stats_arg *a, unsigned id)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += counter_get(a->sets[i], id);
    return sum;
}

/* What is written of them, sorted by name. */
static unsigned sorted(const struct stats_arg *a, unsigned ids[COUNTERS_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; i < counter_count(); i++)
        if (a->zeros || sum_of(a, i))
            ids[n++] = i;
    qsort(ids, n, sizeof ids[0], by_name);
    return n;
}

/* Sorted by name, counters of one object stand together: close what is over, open what begins. */
static void write_stats(const struct event *e, struct json *j)
{
    const struct stats_arg *a = e->arg;
    unsigned ids[COUNTERS_MAX];
    unsigned n = sorted(a, ids);
    json_u64(j, "uptime", a->uptime_s);
    const char *before = "";
    unsigned open = 0;
    char key[KEY_MAX];
    for (unsigned i = 0; i < n; i++) {
        const char *name = counter_name(ids[i]);
        unsigned levels = levels_of(name);
        unsigned keep = shared_levels(name, before, open < levels ? open : levels);
        for (; open > keep; open--)
            json_end_object(j);
        for (; open < levels; open++) {
            part_copy(name, open, false, key);
            json_open_object(j, key);
            if (!open && a->rules && strcmp(key, "detect") == 0)
                put_engines(a->rules, j);
        }
        part_copy(name, levels, true, key);
        json_u64(j, key, sum_of(a, ids[i]));
        before = name;
    }
    for (; open; open--)
        json_end_object(j);
}

void output_stats(struct event_sink *sink, const struct counters *const *sets, size_t n,
                  const struct output_rules *rules, uint64_t uptime_s, uint64_t time_ns)
{
    struct stats_arg a = {.sets = sets, .n = n, .rules = rules, .uptime_s = uptime_s};
    a.zeros = !((const struct sink *)sink)->output->settings->eve.no_zeros;
    struct event e = {
        .type = "stats", .time_ns = time_ns, .tx_id = -1, .key = "stats", .write = write_stats, .arg = &a};
    sink->emit(sink, &e);
}
