#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fd.h"
#include "core/log.h"
#include "output/output_private.h"

#define WRITE_BATCH OUTPUT_CHUNKS

static char *path_of(const char *dir, const char *name)
{
    bool absolute = name[0] == '/' || dir[0] == 0;
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s%s%s", absolute ? "" : dir, absolute ? "" : "/", name);
    return path;
}

static int open_file(const char *path, bool append)
{
    return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0644);
}

static void set_up_counters(struct output *o)
{
    o->records_counter = counter_id("output.eve.records");
    o->dropped_counter = counter_id("output.eve.dropped");
    o->too_long_counter = counter_id("output.eve.dropped_too_long");
    o->errors_counter = counter_id("output.eve.write_errors");
}

static int open_logs(struct output *o, const char *log_dir, char *error, size_t n)
{
    for (unsigned i = 0; i < settings_eve_logs(o->settings); i++) {
        struct output_log *log = &o->logs[o->log_count];
        log->settings = settings_eve_log(o->settings, i);
        log->path = path_of(log_dir, log->settings->filename);
        log->fd = log->path ? open_file(log->path, log->settings->append) : -1;
        if (log->fd < 0) {
            int code = log->path ? -errno : -ENOMEM;
            snprintf(error, n, "%s: %s", log->path ? log->path : "output", strerror(-code));
            free(log->path);
            return code;
        }
        o->log_count++;
    }
    return 0;
}

int output_create(const struct settings *s, const char *log_dir, enum output_mode mode, struct output **out,
                  char *error, size_t n)
{
    *out = NULL;
    struct output *o = calloc(1, sizeof *o);
    if (!o) {
        snprintf(error, n, "output: out of memory");
        return -ENOMEM;
    }
    o->mode = mode;
    o->settings = s;
    o->fast_fd = -1;
    set_up_counters(o);
    int e = open_logs(o, log_dir, error, n);
    if (e == 0)
        e = output_fast_open(o, log_dir, error, n);
    if (e != 0) {
        output_destroy(&o);
        return e;
    }
    *out = o;
    return 0;
}

/* The old file stays in use if the new one can't be made. */
static void reopen(struct output_log *log)
{
    int fd = open_file(log->path, true);
    if (fd < 0) {
        log_error("%s: %s; the file that was open is still written to", log->path, strerror(errno));
        return;
    }
    close(log->fd);
    log->fd = fd;
}

static void write_failed(struct output *o, const char *path)
{
    if (!o->failing)
        log_error("%s: %s; records are lost until it can be written to again", path, strerror(errno));
    o->failing = true;
    counter_add(&o->counters, o->errors_counter, 1);
}

static void write_text(struct output *o, int fd, const char *path, struct buf *text)
{
    if (fd >= 0 && text->len) {
        if (fd_write_all(fd, text->data, text->len))
            o->failing = false;
        else
            write_failed(o, path);
    }
    buf_clear(text);
    if (text->room > CHUNK_KEEP)
        buf_fini(text);
}

void output_write_chunk(struct output *o, struct chunk *chunk)
{
    if (atomic_exchange_explicit(&o->reopen, false, memory_order_relaxed)) {
        for (unsigned i = 0; i < o->log_count; i++)
            reopen(&o->logs[i]);
        output_fast_reopen(o);
    }
    for (unsigned i = 0; i < o->log_count; i++)
        write_text(o, o->logs[i].fd, o->logs[i].path, &chunk->text[i]);
    write_text(o, o->fast_fd, o->fast_path, &chunk->fast);
}

static bool write_sink(struct output *o, struct sink *sink)
{
    void *chunks[WRITE_BATCH];
    uint32_t n = ring_pop(&sink->full, chunks, WRITE_BATCH);
    for (uint32_t i = 0; i < n; i++) {
        output_write_chunk(o, chunks[i]);
        ring_push(&sink->empty, &chunks[i], 1); /* never full: it holds all of the sink's chunks */
    }
    return n != 0;
}

bool output_write_pending(struct output *o)
{
    bool wrote = false;
    for (size_t i = 0; i < o->sink_count; i++)
        wrote |= write_sink(o, o->sinks[i]);
    return wrote;
}

const struct counters *output_counters(const struct output *o)
{
    return &o->counters;
}

void output_set_capture_name(struct output *o, const char *name)
{
    atomic_store_explicit(&o->capture_name, name, memory_order_relaxed);
}

void output_reopen(struct output *o)
{
    atomic_store_explicit(&o->reopen, true, memory_order_relaxed);
}

void output_destroy(struct output **out)
{
    struct output *o = *out;
    if (!o)
        return;
    while (o->sink_count) {
        struct event_sink *sink = &o->sinks[o->sink_count - 1]->face;
        output_sink_destroy(&sink);
    }
    for (unsigned i = 0; i < o->log_count; i++) {
        if (close(o->logs[i].fd) != 0)
            log_error("%s: %s", o->logs[i].path, strerror(errno));
        free(o->logs[i].path);
    }
    if (o->fast_fd >= 0)
        close(o->fast_fd);
    free(o->fast_path);
    free(o);
    *out = NULL;
}
