#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "output/summary.h"

#define LABEL_WIDTH  17
#define AMOUNT_MAX   32
#define COUNTER_COLS 40

/* 1234567 as "1,234,567". */
static const char *grouped(uint64_t v, char out[AMOUNT_MAX])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    char *p = out;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = 0;
    return out;
}

/* Bytes in the unit that reads best, powers of 1000. */
static const char *sized(double v, char out[AMOUNT_MAX])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    while (v >= 999.5 && u + 1 < sizeof units / sizeof units[0]) {
        v /= 1000;
        u++;
    }
    snprintf(out, AMOUNT_MAX, u ? "%.1f %s" : "%.0f %s", v, units[u]);
    return out;
}

/* Seconds as "0.42 s", "12.3 s", "3 min 05 s", "2 h 03 min". */
static const char *lasting(uint64_t ns, char out[AMOUNT_MAX])
{
    double s = (double)ns / (double)NS_PER_S;
    unsigned long long whole = ns / NS_PER_S;
    if (s < 10)
        snprintf(out, AMOUNT_MAX, "%.2f s", s);
    else if (s < 60)
        snprintf(out, AMOUNT_MAX, "%.1f s", s);
    else if (whole < 3600)
        snprintf(out, AMOUNT_MAX, "%llu min %02llu s", whole / 60, whole % 60);
    else
        snprintf(out, AMOUNT_MAX, "%llu h %02llu min", whole / 3600, whole / 60 % 60);
    return out;
}

static void heading(FILE *out, const char *text)
{
    bool terminal = isatty(fileno(out)) == 1;
    fprintf(out, "%s%s%s\n", terminal ? "\033[1m" : "", text, terminal ? "\033[0m" : "");
}

static void amount(FILE *out, const char *label, uint64_t v)
{
    char t[AMOUNT_MAX];
    fprintf(out, "  %-*s%15s\n", LABEL_WIDTH, label, grouped(v, t));
}

static const char *status_name(enum tunnel_status s)
{
    switch (s) {
    case TUNNEL_ESTABLISHED:
        return "established";
    case TUNNEL_REFUSED:
        return "refused";
    default:
        return "incomplete";
    }
}

static int by_kind(const void *a, const void *b)
{
    const struct summary_kind *x = a, *y = b;
    int c = strcmp(x->type, y->type);
    if (c != 0)
        return c;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return (int)x->status - (int)y->status;
}

static void print_kinds(FILE *out, const struct summary *s)
{
    if (summary_tunnel_count(s) == 0)
        return;
    struct summary_kind kinds[SUMMARY_KINDS_MAX];
    memcpy(kinds, s->kinds, s->kind_count * sizeof kinds[0]);
    qsort(kinds, s->kind_count, sizeof kinds[0], by_kind);
    heading(out, "Tunnels");
    for (uint32_t i = 0; i < s->kind_count; i++) {
        char t[AMOUNT_MAX];
        fprintf(out, "  %-*s%15s  %s, depth %u\n", LABEL_WIDTH, kinds[i].type, grouped(kinds[i].count, t),
                status_name(kinds[i].status), kinds[i].depth);
    }
    if (s->other_kinds)
        amount(out, "others", s->other_kinds);
}

static int by_count(const void *a, const void *b)
{
    const struct summary_top_entry *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->text, y->text);
}

static void print_top(FILE *out, const char *title, const struct summary_top *t)
{
    if (t->used == 0)
        return;
    struct summary_top sorted = *t;
    qsort(sorted.entries, sorted.used, sizeof sorted.entries[0], by_count);
    heading(out, title);
    for (uint32_t i = 0; i < sorted.used && i < SUMMARY_SHOWN; i++) {
        char v[AMOUNT_MAX];
        const struct summary_top_entry *e = &sorted.entries[i];
        fprintf(out, "  %-46s%s%11s\n", e->text, e->excess ? "~" : " ", grouped(e->count, v));
    }
    if (sorted.used > SUMMARY_SHOWN)
        fprintf(out, "  and %s%u more\n", sorted.used == SUMMARY_TOP_MAX ? "at least " : "",
                sorted.used - SUMMARY_SHOWN);
}

/* Does the counter tell of something that was lost or cut short? By its name, so that rooms need not register here. */
static bool tells_of_loss(const char *name)
{
    static const char *const words[] = {"drop",         "memcap",  "limit", "too_long",      "too_many", "overflow",
                                        "write_errors", "evicted", "_max",  "depth_reached", "no_room",  "truncated"};
    if (strncmp(name, "memcap.pressure", 15) == 0)
        return false; /* how full the tables are, in percent */
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(name, words[i]))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(counter_name(*(const unsigned *)a), counter_name(*(const unsigned *)b));
}

static void print_losses(FILE *out, const struct summary_run *run)
{
    unsigned ids[COUNTERS_MAX];
    unsigned n = counter_count();
    for (unsigned i = 0; i < n; i++)
        ids[i] = i;
    qsort(ids, n, sizeof ids[0], by_name);
    bool begun = false;
    for (unsigned i = 0; i < n; i++) {
        uint64_t sum = 0;
        for (size_t k = 0; k < run->n_sets; k++)
            sum += counter_get(run->sets[k], ids[i]);
        if (sum == 0 || !tells_of_loss(counter_name(ids[i])))
            continue;
        if (!begun)
            heading(out, "Dropped or limited");
        begun = true;
        char t[AMOUNT_MAX];
        fprintf(out, "  %-*s%15s\n", COUNTER_COLS, counter_name(ids[i]), grouped(sum, t));
    }
}

static void print_rate(FILE *out, const struct summary_run *run)
{
    char a[AMOUNT_MAX], b[AMOUNT_MAX], c[AMOUNT_MAX];
    double s = (double)run->elapsed_ns / (double)NS_PER_S;
    double per = s > 0 ? 1 / s : 0;
    fprintf(out, "  %-*s%15s  %s packets/s, %s/s\n", LABEL_WIDTH, "time", lasting(run->elapsed_ns, a),
            grouped((uint64_t)((double)run->packets * per), b), sized((double)run->bytes * per, c));
}

void summary_print(FILE *out, const struct summary *s, const struct summary_run *run)
{
    char t[AMOUNT_MAX], title[512];
    snprintf(title, sizeof title, "Summary of %s", run->source && *run->source ? run->source : "the run");
    heading(out, title);
    amount(out, "packets", run->packets);
    fprintf(out, "  %-*s%15s", LABEL_WIDTH, "bytes", grouped(run->bytes, t));
    if (run->last_ns > run->first_ns)
        fprintf(out, "  over %s", lasting(run->last_ns - run->first_ns, t));
    fputc('\n', out);
    amount(out, "wire flows", run->wire_flows);
    amount(out, "carried flows", run->carried_flows);
    amount(out, "tunnels", summary_tunnel_count(s));
    amount(out, "alerts", run->alerts);
    print_rate(out, run);
    print_kinds(out, s);
    print_top(out, "Busiest proxies", &s->proxies);
    print_top(out, "Busiest targets", &s->targets);
    print_losses(out, run);
    if (run->note && *run->note)
        fprintf(out, "Note: %s\n", run->note);
    fflush(out);
}

void progress_line(FILE *out, const struct progress *p)
{
    char packets[AMOUNT_MAX], rate[AMOUNT_MAX], flows[AMOUNT_MAX], tunnels[AMOUNT_MAX], left[AMOUNT_MAX];
    double s = (double)p->elapsed_ns / (double)NS_PER_S;
    double bytes_per_s = s > 0 ? (double)p->done / s : 0;
    fprintf(out, "\r%s packets  %s/s  %s flows  %s tunnels", grouped(p->packets, packets), sized(bytes_per_s, rate),
            grouped(p->flows, flows), grouped(p->tunnels, tunnels));
    if (p->total_bytes && p->done <= p->total_bytes) {
        fprintf(out, "  %u %%", (unsigned)((double)p->done * 100 / (double)p->total_bytes));
        if (bytes_per_s > 0) {
            double seconds = (double)(p->total_bytes - p->done) / bytes_per_s;
            uint64_t whole = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 1000000000u;
            fprintf(out, "  %s left", lasting(whole * NS_PER_S, left));
        }
    }
    fputs("\033[K", out); /* the line that was there may have been longer */
    fflush(out);
}

void progress_clear(FILE *out)
{
    fputs("\r\033[K", out);
    fflush(out);
}
