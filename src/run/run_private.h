/* A run's parts, shared by its two loops. Private to the room. */
#ifndef BURROW_RUN_RUN_PRIVATE_H
#define BURROW_RUN_RUN_PRIVATE_H

#include "export/export.h"
#include "output/summary.h"
#include "run/lane.h"
#include "run/reject.h"
#include "run/reload.h"
#include "run/resolver.h"
#include "run/run.h"

struct run {
    const struct run_options *options;
    const struct settings *settings;
    struct capture_source *source;
    struct capture *capture;
    struct output *output;
    struct counters *counters;      /* the capture thread's */
    struct event_sink *sink;        /* the capture thread's */
    struct exporter *exporter;      /* NULL: nothing is exported */
    struct event_sink *export_sink; /* of the thread that writes */
    struct lanes_shared shared;
    struct resolver *resolver; /* NULL: no active look-ups */
    struct reload reload;
    struct lane *lanes;
    unsigned lane_count;
    enum settings_topology topology;
    bool threaded;
    bool live;
    bool broken; /* the capture could not be read to its end */
    uint64_t begun_ns;
    uint64_t first_ns;
    uint64_t next_report_ns; /* machine time of the next progress line or stats record */
    uint64_t next_stats_ns;
};

/* Was the run told to stop? */
bool run_stopping(void);

/* The loop of a run with one thread, and of the capture thread of a run with several. Both end when every flow has
 * ended. */
void run_inline(struct run *r);
int run_threaded(struct run *r);

/* Progress line and stats record, when they are due; looks at the machine's clock. */
void run_report(struct run *r);

/* Write exported packets that are due; without a writer's thread. */
void run_export(struct run *r);

/* The counters of all threads. Returns how many sets were put into out (room for `most`). */
size_t run_counters(const struct run *r, const struct counters **out, size_t most);

#define RUN_SETS_MAX 512

#endif
