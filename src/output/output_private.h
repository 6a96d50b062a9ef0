/* Sinks and chunks, as the writer sees them. Private to output. */
#ifndef BURROW_OUTPUT_OUTPUT_PRIVATE_H
#define BURROW_OUTPUT_OUTPUT_PRIVATE_H

#include <stdatomic.h>

#include "core/buf.h"
#include "core/ring.h"
#include "output/output.h"
#include "output/summary.h"

/* A chunk that a long record made larger than this gives its memory back. */
#define CHUNK_KEEP (2 * OUTPUT_CHUNK)

struct chunk {
    struct buf text[SETTINGS_EVE_LOGS_MAX]; /* for each EVE log */
    struct buf fast;                        /* lines of the log of alerts */
};

struct sink {
    struct event_sink face; /* first member */
    struct output *output;
    struct counters *counters;
    struct summary *summary; /* of the tunnels it was told of; NULL: none yet */
    struct chunk *current;
    unsigned made;     /* chunks that exist, at most OUTPUT_CHUNKS */
    struct ring full;  /* to the writer */
    struct ring empty; /* from the writer */
};

/* An EVE log's file. */
struct output_log {
    const struct settings_eve *settings;
    char *path;
    int fd;
};

struct output {
    enum output_mode mode;
    const struct settings *settings;
    struct output_log logs[SETTINGS_EVE_LOGS_MAX];
    unsigned log_count; /* 0: nothing is written */
    char *fast_path;
    int fast_fd;  /* the line-based log of alerts, -1: none */
    bool failing; /* the last write failed: said once */
    atomic_bool reopen;
    const char *_Atomic capture_name;
    struct sink *sinks[OUTPUT_SINKS_MAX];
    size_t sink_count;
    struct counters counters; /* the writer's */
    unsigned records_counter; /* ids */
    unsigned dropped_counter;
    unsigned too_long_counter;
    unsigned errors_counter;
};

/* fast.c: the line-based log of alerts. Lines go the way that records go, so that their order is the same. */
int output_fast_open(struct output *o, const char *log_dir, char *error, size_t n); /* 0 or -errno */
void output_fast_reopen(struct output *o);
void output_fast_add(struct sink *s, const struct event *e);

/* Write a chunk's text and empty it: the writer, or with OUTPUT_DIRECT the only thread. */
void output_write_chunk(struct output *o, struct chunk *chunk);

#endif
