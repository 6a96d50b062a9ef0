/* A run: stages, lanes and threads put together, from the first packet to the last record.
 *
 * The only room that knows threads. Two topologies over the same stage code: `workers`, one thread for each lane that
 * takes every packet through all stages (with one lane: one thread for everything), and `pipeline`, one thread for each
 * stage of each lane, joined by rings. The calling thread captures. */
#ifndef BURROW_RUN_RUN_H
#define BURROW_RUN_RUN_H

#include <signal.h>

#include "config/settings.h"

struct run_options {
    const struct settings *settings;
    const char *file;      /* capture file, folder or "-"; NULL: live */
    const char *interface; /* live */
    const char *filter;    /* BPF, "" for none */
    const char *log_dir;
    const struct detect *detect; /* the rules; NULL: none */
    bool progress;               /* a progress line on stderr */
    bool summary;                /* a summary on stdout at the end of a file */
    /* Called once all files and the capture are open and before any thread runs, to give up what was needed for that.
     * False, with one line in error: the run ends. May be NULL. */
    bool (*opened)(const struct settings *s, char *error, size_t error_len);
};

/* Run until the capture ends or run_stop is called. 0, or -errno with one line in error: the capture was broken (what
 * could be read was processed) or the run could not begin. */
int run_capture(const struct run_options *o, char *error, size_t error_len);

/* Stop capturing, finish what is under way. Async-signal-safe. */
void run_stop(void);

/* Open the record files anew, after they were moved away. Async-signal-safe. */
void run_reopen(void);

/* The topology and number of lanes that settings and this machine give. */
enum settings_topology run_topology(const struct settings *s);
unsigned run_lanes(const struct settings *s);

#endif
