#include "export/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "export/private.h"

static void set_up_counters(struct exporter *x)
{
    struct export_counters *n = &x->n;
    n->sessions = counter_id("output.export.sessions");
    n->packets = counter_id("output.export.packets");
    n->bytes = counter_id("output.export.bytes");
    n->changed = counter_id("output.export.ports_changed");
    n->no_port = counter_id("output.export.sessions_without_port");
    n->forgotten = counter_id("output.export.ports_forgotten");
    n->wire_shared = counter_id("output.export.wire_ports_taken");
    n->unforged = counter_id("output.export.packets_not_made");
    n->after_close = counter_id("output.export.bytes_after_close");
    n->gaps = counter_id("output.export.gaps");
    n->dropped = counter_id("output.export.memcap_drop");
    n->sessions_dropped = counter_id("output.export.sessions_memcap_drop");
    n->unclosed = counter_id("output.export.sessions_unclosed");
    n->unframed = counter_id("output.export.wire_not_framed");
    n->write_errors = counter_id("output.export.write_errors");
    n->inject_errors = counter_id("output.export.inject_errors");
    for (unsigned i = 0; i < COUNTERS_MAX; i++)
        atomic_init(&x->counters.value[i], 0);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The file that is written must not be one that is read. */
static int check_path(const struct export_setup *set, const char *path, char *error, size_t n)
{
    struct stat read, target;
    char folder[4096];
    if (!set->capture_file || stat(set->capture_file, &read) != 0)
        return 0;
    if (stat(path, &target) == 0 && same_file(&read, &target)) {
        snprintf(error, n, "%.900s: packets can't be written to the capture that is read", path);
        return -EINVAL;
    }
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    if (S_ISDIR(read.st_mode) && stat(slash ? folder : ".", &target) == 0 && same_file(&read, &target)) {
        snprintf(error, n, "%.900s: packets can't be written to the folder that is read", path);
        return -EINVAL;
    }
    return 0;
}

static int open_file(struct exporter *x, const struct export_setup *set, char *error, size_t n)
{
    const struct settings_tunnel_pcap *t = x->settings;
    char path[4096];
    bool as_is = t->filename[0] == '/' || t->from_command_line;
    int len = snprintf(path, sizeof path, "%s%s%s", as_is ? "" : set->log_dir, as_is ? "" : "/", t->filename);
    if (len < 0 || (size_t)len >= sizeof path) {
        snprintf(error, n, "outputs.#.tunnel-pcap.filename: longer than %zu bytes", sizeof path);
        return -ENAMETOOLONG;
    }
    int code = check_path(set, path, error, n);
    return code == 0 ? pcapout_open(path, &x->file, error, n) : code;
}

static int open_interface(struct exporter *x, const struct export_setup *set, char *error, size_t n)
{
    const char *name = x->settings->interface;
    const char *captured = set->capture_interface;
    if (captured && (strcmp(captured, name) == 0 || strcmp(captured, "any") == 0)) {
        snprintf(error, n, "%s: packets can't be sent to the interface that is captured: they would come back", name);
        return -EINVAL;
    }
    return inject_open(name, x->settings->mtu, &x->inject, error, n);
}

static int make_parts(struct exporter *x, char *error, size_t n)
{
    x->inboxes = aligned_alloc(CACHE_LINE, x->lanes->count * sizeof *x->inboxes);
    x->ports = ports_create(PORTS_MOST);
    x->forge = forge_create(x->settings->mtu);
    if (!x->inboxes || !x->ports || !x->forge) {
        snprintf(error, n, "export: out of memory");
        return -ENOMEM;
    }
    for (unsigned i = 0; i < x->lanes->count; i++)
        inbox_init(&x->inboxes[i]);
    return 0;
}

int export_create(const struct export_setup *set, struct exporter **out, char *error, size_t n)
{
    const struct settings_tunnel_pcap *t = &set->settings->tunnel_pcap;
    *out = NULL;
    if (!t->enabled)
        return 0;
    if (!t->filename[0] && !t->interface[0]) {
        snprintf(error, n, "outputs.#.tunnel-pcap: neither a filename nor an interface: give one, or disable it");
        return -EINVAL;
    }
    struct exporter *x = calloc(1, sizeof *x);
    if (!x) {
        snprintf(error, n, "export: out of memory");
        return -ENOMEM;
    }
    x->settings = t;
    x->lanes = set->lanes;
    x->threaded = set->threaded;
    set_up_counters(x);
    int code = make_parts(x, error, n);
    if (code == 0 && t->interface[0])
        code = open_interface(x, set, error, n);
    if (code == 0 && t->filename[0])
        code = open_file(x, set, error, n);
    if (code == 0)
        *out = x;
    else
        export_destroy(&x);
    return code;
}

void export_set_sink(struct exporter *x, struct event_sink *sink)
{
    x->sink = sink;
    x->records = sink->wanted(sink, "export");
}

const char *export_library(void)
{
    return forge_library();
}

struct counters *export_counters(struct exporter *x)
{
    return &x->counters;
}

void export_reopen(struct exporter *x)
{
    if (x->file)
        pcapout_reopen(x->file);
}

void export_write_frame(struct exporter *x, uint64_t time_ns, const uint8_t *frame, uint32_t len, uint32_t wire_len)
{
    if (time_ns > x->now_ns)
        x->now_ns = time_ns;
    counter_add(&x->counters, x->n.packets, 1);
    counter_add(&x->counters, x->n.bytes, len);
    if (x->file)
        counter_add(&x->counters, x->n.write_errors, pcapout_add(x->file, x->now_ns, frame, len, wire_len));
    /* A frame that the capture cut can't be sent. */
    if (x->inject && (wire_len != len || !inject_send(x->inject, frame, len)))
        counter_add(&x->counters, x->n.inject_errors, 1);
}

void export_destroy(struct exporter **out)
{
    struct exporter *x = *out;
    if (!x)
        return;
    if (x->file)
        pcapout_close(&x->file);
    inject_close(&x->inject);
    forge_destroy(&x->forge);
    ports_destroy(&x->ports);
    for (size_t i = 0; i < x->heap_count; i++) {
        if (x->heap[i]->kind == EXPORT_OVER)
            export_session_free(x->heap[i]->session);
        free(x->heap[i]);
    }
    free(x->heap);
    free(x->inboxes);
    free(x);
    *out = NULL;
}
