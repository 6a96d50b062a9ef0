#include "run/run_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "core/clock.h"
#include "core/hash.h"
#include "decap/hosts.h"

#define PROGRESS_NS (NS_PER_S / 4)

static atomic_bool stopping;

/* For run_reopen: the outputs of the run, while there is one. */
static _Atomic(struct output *) reopenable;
static _Atomic(struct exporter *) reopenable_export;

void run_reopen(void)
{
    struct output *o = atomic_load(&reopenable);
    if (o)
        output_reopen(o);
    struct exporter *x = atomic_load(&reopenable_export);
    if (x)
        export_reopen(x);
}

void run_stop(void)
{
    atomic_store(&stopping, true);
}

bool run_stopping(void)
{
    return atomic_load_explicit(&stopping, memory_order_relaxed);
}

unsigned run_lanes(const struct settings *s)
{
    return s->lanes ? s->lanes : 1;
}

enum settings_topology run_topology(const struct settings *s)
{
    return s->topology == TOPOLOGY_AUTO ? TOPOLOGY_WORKERS : s->topology;
}

static int open_source(struct run *r, char *error, size_t n)
{
    const struct run_options *o = r->options;
    struct stat st;
    if (o->interface)
        return source_open_live(o->interface, 0, o->filter, &r->source, error, n);
    if (strcmp(o->file, "-") != 0 && stat(o->file, &st) == 0 && S_ISDIR(st.st_mode))
        return source_open_dir(o->file, o->filter, &r->source, error, n);
    return source_open_file(o->file, o->filter, &r->source, error, n);
}

/* With checksums on auto, a look at the head of a file that can be opened twice. */
static void sample_checksums(struct run *r, struct capture_settings *set)
{
    const char *file = r->options->file;
    struct capture_source *again = NULL;
    struct stat st;
    char error[256];
    if (r->live || set->checksums != CHECKSUMS_AUTO || strcmp(file, "-") == 0 || stat(file, &st) != 0)
        return;
    int e = S_ISDIR(st.st_mode)   ? source_open_dir(file, r->options->filter, &again, error, sizeof error)
            : S_ISREG(st.st_mode) ? source_open_file(file, r->options->filter, &again, error, sizeof error)
                                  : -EINVAL;
    if (e != 0)
        return;
    capture_sample(again, &set->sampled, &set->sampled_bad);
    source_close(&again);
}

static int make_capture(struct run *r)
{
    struct capture_settings set = {.lanes = r->lane_count,
                                   .packets = r->settings->max_pending_packets,
                                   .live = r->live,
                                   .checksums = r->settings->checksums,
                                   .settings = r->settings};
    sample_checksums(r, &set);
    r->counters = aligned_alloc(CACHE_LINE, sizeof *r->counters);
    if (!r->counters)
        return -ENOMEM;
    for (unsigned i = 0; i < COUNTERS_MAX; i++)
        atomic_init(&r->counters->value[i], 0);
    return capture_create(r->source, &set, r->counters, &r->capture);
}

static void wake_lane(const struct lanes_shared *lanes, unsigned lane)
{
    struct run *r = lanes->run;
    struct lane *l = &r->lanes[lane];
    if (r->threaded)
        parking_wake(&l->threads[l->thread_count - 1].parking);
}

static int make_lanes(struct run *r)
{
    r->shared.run = r;
    r->shared.wake = wake_lane;
    atomic_init(&r->shared.busy, r->lane_count);
    r->shared.progress = aligned_alloc(CACHE_LINE, r->lane_count * sizeof *r->shared.progress);
    r->shared.news = aligned_alloc(CACHE_LINE, r->lane_count * sizeof *r->shared.news);
    r->lanes = aligned_alloc(CACHE_LINE, r->lane_count * sizeof *r->lanes);
    if (!r->shared.progress || !r->shared.news || !r->lanes)
        return -ENOMEM;
    memset(r->lanes, 0, r->lane_count * sizeof *r->lanes);
    for (unsigned i = 0; i < r->lane_count; i++) {
        atomic_init(&r->shared.progress[i].completed, 0);
        atomic_init(&r->shared.progress[i].told, 0);
        inbox_init(&r->shared.news[i]);
    }
    const char *perturb = getenv("BURROW_PERTURB");
    struct lane_setup set = {.settings = r->settings,
                             .shared = &r->shared,
                             .output = r->output,
                             .topology = r->topology,
                             .threaded = r->threaded,
                             .seed = hash_seed(),
                             .perturb = perturb ? strtoull(perturb, NULL, 10) : 0,
                             .packets = r->settings->max_pending_packets};
    for (unsigned i = 0; i < r->lane_count; i++) {
        int e = lane_init(&r->lanes[i], i, &set);
        if (e != 0)
            return e;
    }
    return 0;
}

size_t run_counters(const struct run *r, const struct counters **out, size_t most)
{
    size_t n = 0;
    out[n++] = r->counters;
    out[n++] = output_counters(r->output);
    if (r->exporter)
        out[n++] = export_counters(r->exporter);
    for (unsigned i = 0; i < r->lane_count; i++)
        for (unsigned k = 0; k < r->lanes[i].thread_count && n < most; k++)
            out[n++] = r->lanes[i].threads[k].counters;
    return n;
}

static uint64_t total(const struct run *r, const char *name)
{
    const struct counters *sets[RUN_SETS_MAX];
    size_t n = run_counters(r, sets, RUN_SETS_MAX);
    unsigned id = counter_id(name);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += counter_get(sets[i], id);
    return sum;
}

static void write_stats(struct run *r)
{
    const struct counters *sets[RUN_SETS_MAX];
    size_t n = run_counters(r, sets, RUN_SETS_MAX);
    uint64_t up = (clock_monotonic_ns() - r->begun_ns) / NS_PER_S;
    uint64_t at = r->live ? clock_wall_ns() : capture_now(r->capture);
    output_stats(r->sink, sets, n, up, at);
    output_sink_flush(r->sink);
}

void run_report(struct run *r)
{
    uint64_t now = clock_monotonic_ns();
    output_set_capture_name(r->output, source_file(r->source));
    if (r->live && r->settings->stats.enabled && now >= r->next_stats_ns) {
        r->next_stats_ns = now + r->settings->stats.interval * NS_PER_S;
        write_stats(r);
    }
    if (!r->options->progress || now < r->next_report_ns)
        return;
    r->next_report_ns = now + PROGRESS_NS;
    struct progress p = {.packets = capture_number(r->capture),
                         .done = source_bytes_read(r->source),
                         .total_bytes = source_bytes_total(r->source),
                         .flows = total(r, "flow.total"),
                         .tunnels = total(r, "decap.tunnels_opened"),
                         .elapsed_ns = now - r->begun_ns};
    progress_line(stderr, &p);
}

static atomic_bool writer_over;

/* Records of the export go through the writer's own sink: as many as one turn makes fit in. */
static bool write_some(struct run *r)
{
    bool more = r->exporter && export_turn(r->exporter);
    if (r->exporter)
        output_sink_flush(r->export_sink);
    return output_write_pending(r->output) || more;
}

void run_export(struct run *r)
{
    while (r->exporter && export_turn(r->exporter))
        ;
}

/* Everything that was exported, once the lanes are done and there is no writer. */
static void finish_export(struct run *r)
{
    bool more = r->exporter != NULL;
    while (more) {
        more = export_finish(r->exporter);
        output_sink_flush(r->export_sink);
        while (output_write_pending(r->output))
            ;
    }
}

static void *writer(void *run)
{
    bool over = false;
    while (!over) {
        over = atomic_load_explicit(&writer_over, memory_order_acquire);
        while (write_some(run))
            ;
        if (!over)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

static void print_summary(struct run *r, const char *note)
{
    const struct counters *sets[RUN_SETS_MAX];
    struct summary *all = calloc(1, sizeof *all);
    if (!all)
        return;
    summary_init(all);
    output_summary(r->output, all);
    uint64_t carried = total(r, "flow.carried");
    struct summary_run run = {.packets = total(r, "decoder.pkts"),
                              .bytes = total(r, "decoder.bytes"),
                              .wire_flows = total(r, "flow.total") - carried,
                              .carried_flows = carried,
                              .alerts = total(r, "detect.alert"),
                              .elapsed_ns = clock_monotonic_ns() - r->begun_ns,
                              .first_ns = capture_first(r->capture),
                              .last_ns = capture_now(r->capture),
                              .sets = sets,
                              .source = r->options->file,
                              .note = note};
    run.n_sets = run_counters(r, sets, RUN_SETS_MAX);
    summary_print(stdout, all, &run);
    free(all);
}

static int run_lanes_to_end(struct run *r)
{
    pthread_t writing;
    int e = r->resolver ? resolver_start(r->resolver) : 0;
    if (e != 0)
        return e;
    if (r->threaded) {
        atomic_store(&writer_over, false);
        if (pthread_create(&writing, NULL, writer, r) != 0)
            return -EAGAIN;
        e = run_threaded(r);
        output_sink_flush(r->sink);
        atomic_store_explicit(&writer_over, true, memory_order_release);
        pthread_join(writing, NULL);
    } else {
        run_inline(r);
    }
    finish_export(r);
    if (r->settings->stats.enabled)
        write_stats(r);
    return e;
}

static void run_fini(struct run *r)
{
    atomic_store(&reopenable, NULL);
    atomic_store(&reopenable_export, NULL);
    for (unsigned i = 0; r->lanes && i < r->lane_count; i++)
        lane_fini(&r->lanes[i]);
    resolver_destroy(&r->resolver);
    reject_destroy(&r->shared.rejecter);
    export_destroy(&r->exporter);
    if (r->export_sink)
        output_sink_destroy(&r->export_sink);
    if (r->sink)
        output_sink_destroy(&r->sink);
    if (r->output)
        output_destroy(&r->output);
    capture_destroy(&r->capture);
    if (r->source)
        source_close(&r->source);
    free(r->lanes);
    free(r->shared.progress);
    free(r->shared.news);
    hosts_destroy(&r->shared.hosts);
    free(r->counters);
}

/* What names are looked up in, besides what the traffic tells. */
static int make_sources(struct run *r, char *error, size_t n)
{
    const struct settings_names *names = &r->settings->decap.names;
    int e = 0;
    if (settings_names_has(names, NAMES_HOSTS))
        e = hosts_load(names->hosts_file, &r->shared.hosts, error, n);
    if (e == 0 && settings_names_has(names, NAMES_ACTIVE))
        e = resolver_create(&names->active, &r->shared, &r->resolver, error, n);
    return e;
}

static int open_export(struct run *r, char *error, size_t n)
{
    r->shared.count = r->lane_count;
    r->shared.live = r->live;
    r->shared.detect = r->options->detect;
    const struct export_setup set = {.settings = r->settings,
                                     .lanes = &r->shared,
                                     .log_dir = r->options->log_dir,
                                     .capture_file = r->options->file,
                                     .capture_interface = r->options->interface,
                                     .threaded = r->threaded};
    int e = export_create(&set, &r->exporter, error, n);
    r->shared.exporter = r->exporter;
    return e;
}

/* Rules that reject need a way to send, and the right to. */
static void open_reject(struct run *r, char *error, size_t n)
{
    r->shared.reject = reject_packet;
    if (!r->live || !r->options->detect || !app_rules_reject(r->options->detect))
        return;
    if (reject_create(r->options->interface, r->lane_count, &r->shared.rejecter, error, n) != 0)
        log_warning("%s; rules that reject only alert", error);
}

static int make_export_sink(struct run *r)
{
    if (!r->exporter)
        return 0;
    r->export_sink = output_sink_create(r->output, export_counters(r->exporter));
    if (!r->export_sink)
        return -ENOMEM;
    export_set_sink(r->exporter, r->export_sink);
    return 0;
}

static void tell_rules(struct run *r)
{
    uint32_t n[3];
    if (!r->options->detect)
        return;
    app_rules_count(r->options->detect, n);
    output_set_rules(
        r->output, &(struct output_rules){.loaded = n[0], .failed = n[1], .skipped = n[2], .time_ns = clock_wall_ns()});
}

static int run_init(struct run *r, char *error, size_t n)
{
    r->lane_count = run_lanes(r->settings);
    r->topology = run_topology(r->settings);
    r->threaded = r->lane_count > 1 || r->topology == TOPOLOGY_PIPELINE;
    r->live = r->options->interface != NULL;
    int e = open_source(r, error, n);
    if (e != 0)
        return e;
    e = make_sources(r, error, n);
    if (e != 0)
        return e;
    enum output_mode mode = !r->threaded ? OUTPUT_DIRECT : r->live ? OUTPUT_DROP : OUTPUT_WAIT;
    e = output_create(r->settings, r->options->log_dir, mode, &r->output, error, n);
    if (e != 0)
        return e;
    output_set_capture_name(r->output, source_file(r->source));
    tell_rules(r);
    e = open_export(r, error, n);
    if (e != 0)
        return e;
    open_reject(r, error, n);
    if (r->options->opened && !r->options->opened(r->settings, error, n))
        return -EPERM;
    atomic_store(&reopenable, r->output);
    atomic_store(&reopenable_export, r->exporter);
    e = make_capture(r);
    if (e == 0)
        e = make_lanes(r);
    if (e == 0 && !(r->sink = output_sink_create(r->output, r->counters)))
        e = -ENOMEM;
    if (e == 0)
        e = make_export_sink(r);
    if (e != 0)
        snprintf(error, n, "can't set up %u lanes: %s; lower threading.lanes or max-pending-packets", r->lane_count,
                 strerror(-e));
    return e;
}

int run_capture(const struct run_options *o, char *error, size_t error_len)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(error, error_len, "out of memory");
        return -ENOMEM;
    }
    r->options = o;
    r->settings = o->settings;
    r->begun_ns = clock_monotonic_ns();
    r->next_stats_ns = r->begun_ns + r->settings->stats.interval * NS_PER_S;
    int e = run_init(r, error, error_len);
    if (e == 0) {
        e = run_lanes_to_end(r);
        if (e != 0)
            snprintf(error, error_len, "can't start the threads of %u lanes: %s; lower threading.lanes", r->lane_count,
                     strerror(-e));
        if (o->progress)
            progress_clear(stderr);
        if (e == 0 && r->broken) {
            snprintf(error, error_len, "%s", source_error(r->source));
            e = -EIO;
        }
        if (o->summary)
            print_summary(r, r->broken ? source_error(r->source) : NULL);
    }
    run_fini(r);
    free(r);
    return e;
}
