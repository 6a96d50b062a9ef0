/* EVE records, from events to the file.
 *
 * Each thread that has something to say has a sink of its own: it formats an event at once into the sink's chunk of
 * text. Full chunks go to the writer over a ring, empty ones come back over another: no locks, and a stage never waits
 * for the disk unless the run is offline and the writer is far behind. Live, records that find no room are dropped and
 * counted. With `direct` (a run of one thread) the sink writes its chunks itself.
 *
 * Threads: output_create, output_sink_create, output_sink_destroy and output_destroy while no other thread uses them; a
 * sink's functions by the sink's thread; output_write_pending by one thread, the writer. */
#ifndef BURROW_OUTPUT_OUTPUT_H
#define BURROW_OUTPUT_OUTPUT_H

#include "config/settings.h"
#include "core/counters.h"
#include "item/event.h"

#define OUTPUT_CHUNK      (64u * 1024)       /* bytes after which a chunk is handed over */
#define OUTPUT_RECORD_MAX (4u * 1024 * 1024) /* a longer record is dropped and counted */
#define OUTPUT_CHUNKS     16                 /* of a sink: what can wait for the writer */
#define OUTPUT_SINKS_MAX  512

enum output_mode {
    OUTPUT_DIRECT, /* sinks write by themselves */
    OUTPUT_WAIT,   /* a writer thread; a sink without room waits for it (offline) */
    OUTPUT_DROP,   /* a writer thread; a sink without room drops and counts (live) */
};

struct output;

/* Open the files below log_dir. 0 or -errno, with one line in error (n bytes). */
int output_create(const struct settings *s, const char *log_dir, enum output_mode mode, struct output **out,
                  char *error, size_t n);

/* A sink for one thread; c: that thread's counters. NULL: no memory, or more than OUTPUT_SINKS_MAX. An event's `write`
 * is called at most once for each emit and EVE log. */
struct event_sink *output_sink_create(struct output *o, struct counters *c);

/* Hand over what there is, full chunk or not: when the thread has nothing to do, and at its end. */
void output_sink_flush(struct event_sink *sink);

/* Write what sinks handed over. True if anything was written. */
bool output_write_pending(struct output *o);

/* What the writer counts: one more set for output_stats and the summary. */
const struct counters *output_counters(const struct output *o);

/* Add what all sinks were told of tunnels, while no sink is in use. */
struct summary;
void output_summary(const struct output *o, struct summary *into);

/* The file that packets come from, for pcap_filename; kept by pointer, any thread. */
void output_set_capture_name(struct output *o, const char *name);

/* Ask the writer to open the files anew, after they were moved away. Async-signal-safe. */
void output_reopen(struct output *o);

/* Write what is left in the sink, free it. */
void output_sink_destroy(struct event_sink **sink);

/* Frees sinks that are left, too. */
void output_destroy(struct output **o);

/* The rules as they were loaded last, for `stats.detect.engines`. */
struct output_rules {
    uint64_t loaded_ns;
    uint32_t loaded;
    uint32_t failed;
    uint32_t skipped;
};

/* The `stats` record: the counters summed over n sets, nested at the dots of their names. rules: NULL: there are none.
 */
void output_stats(struct event_sink *sink, const struct counters *const *sets, size_t n,
                  const struct output_rules *rules, uint64_t uptime_s, uint64_t time_ns);

#endif
