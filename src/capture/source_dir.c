/* A folder of captures, as one source. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "capture/capfile.h"
#include "capture/source_private.h"

struct dir_entry {
    char *path;
    uint64_t first_ns; /* time of its first packet; UINT64_MAX: it has none */
    uint64_t size;
    struct capture_input kept; /* its mapping, once it was read: frames are valid until the end */
};

struct dir_source {
    struct capture_source base;
    struct dir_entry *entries;
    size_t count;
    size_t room;
    size_t current; /* the entry being read */
    bool open;      /* file is open */
    struct capfile file;
    uint64_t finished_bytes; /* of the files before the current one */
    size_t unreadable;
    char first_error[CAPFILE_ERROR_MAX]; /* of the first that was unreadable */
    size_t tried;                        /* files that are captures or are named so */
};

static void note_unreadable(struct dir_source *d, const char *what)
{
    if (d->unreadable++ == 0)
        snprintf(d->first_error, sizeof d->first_error, "%s", what);
}

/* "x.pcap", "x.PCAPNG.gz", "x.cap3": named like a capture. */
static bool named_like_capture(const char *name)
{
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
        if (strncasecmp(dot, ".pcap", 5) == 0 || strncasecmp(dot, ".cap", 4) == 0)
            return true;
    return false;
}

/* The file's first packet, whether or not it passes the filter. False: leave the file out. */
static bool look_at(struct dir_source *d, struct dir_entry *e, const char *name)
{
    struct capture_frame frame;
    struct capfile *f = &d->file;
    int code = capfile_open(f, e->path, &d->base.stop);
    if (code != 0) {
        if (code == -EILSEQ && !named_like_capture(name))
            return false;
        d->tried++;
        note_unreadable(d, f->error);
        return false;
    }
    d->tried++;
    e->size = f->in.file_size;
    enum source_result r = capfile_next(f, &frame);
    e->first_ns = r == SOURCE_FRAME ? frame.time_ns : UINT64_MAX;
    if (r == SOURCE_BROKEN)
        note_unreadable(d, f->error);
    capfile_close(f);
    return r == SOURCE_FRAME;
}

static int add_entry(struct dir_source *d, const char *dir, const char *name)
{
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : 64;
        struct dir_entry *grown = realloc(d->entries, room * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        d->entries = grown;
        d->room = room;
    }
    struct dir_entry e = {.kept = {.fd = -1}};
    size_t size = strlen(dir) + strlen(name) + 2;
    e.path = malloc(size);
    if (!e.path)
        return -ENOMEM;
    bool slash = *dir && dir[strlen(dir) - 1] == '/';
    snprintf(e.path, size, "%s%s%s", dir, slash ? "" : "/", name);
    struct stat st;
    if (stat(e.path, &st) != 0 || !S_ISREG(st.st_mode) || !look_at(d, &e, name)) {
        free(e.path);
        return 0;
    }
    if (d->count == SOURCE_FILES_MAX) {
        free(e.path);
        return -E2BIG;
    }
    d->entries[d->count++] = e;
    d->base.bytes_total += e.size;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct dir_entry *x = a, *y = b;
    if (x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

static int read_names(struct dir_source *d, const char *dir, char *error, size_t n)
{
    DIR *stream = opendir(dir);
    if (!stream) {
        int code = -errno;
        snprintf(error, n, "%s: %s", dir, strerror(-code));
        return code;
    }
    int code = 0;
    for (struct dirent *e; code == 0 && (e = readdir(stream));)
        if (e->d_name[0] != '.')
            code = add_entry(d, dir, e->d_name);
    closedir(stream);
    if (code == -E2BIG)
        snprintf(error, n, "%s: more than %d captures", dir, SOURCE_FILES_MAX);
    else if (code != 0)
        snprintf(error, n, "%s: %s", dir, strerror(-code));
    return code;
}

/* Go on to the next file. False: there is none. */
static bool open_next(struct dir_source *d)
{
    while (d->current < d->count) {
        struct dir_entry *e = &d->entries[d->current];
        if (capfile_open(&d->file, e->path, &d->base.stop) == 0) {
            d->open = true;
            atomic_store(&d->base.file, e->path);
            return true;
        }
        note_unreadable(d, d->file.error);
        d->finished_bytes += e->size;
        d->current++;
    }
    return false;
}

static void finish_current(struct dir_source *d, enum source_result why)
{
    struct dir_entry *e = &d->entries[d->current++];
    if (why == SOURCE_BROKEN)
        note_unreadable(d, d->file.error);
    capfile_retire(&d->file);
    e->kept = d->file.in;
    d->open = false;
    d->finished_bytes += e->size;
}

static enum source_result all_read(struct dir_source *d)
{
    if (d->unreadable == 0)
        return SOURCE_END;
    snprintf(d->base.error, sizeof d->base.error, "of %zu files %zu could not be read to the end: %s%s", d->tried,
             d->unreadable, d->first_error, d->unreadable > 1 ? " (and others)" : "");
    return SOURCE_BROKEN;
}

static enum source_result dir_next(struct capture_source *s, struct capture_frame *out)
{
    struct dir_source *d = (struct dir_source *)s;
    for (;;) {
        if (atomic_load_explicit(&s->stop, memory_order_relaxed))
            return SOURCE_END;
        if (!d->open && !open_next(d))
            return all_read(d);
        enum source_result r = capfile_next(&d->file, out);
        if (r == SOURCE_FRAME && !capture_filter_pass(&s->filter, out))
            continue;
        atomic_store_explicit(&s->bytes_read, d->finished_bytes + capture_input_read(&d->file.in),
                              memory_order_relaxed);
        if (r == SOURCE_FRAME)
            return r;
        finish_current(d, r);
    }
}

static void dir_close(struct capture_source *s)
{
    struct dir_source *d = (struct dir_source *)s;
    if (d->open)
        capfile_close(&d->file);
    for (size_t i = 0; i < d->count; i++) {
        capture_input_close(&d->entries[i].kept);
        free(d->entries[i].path);
    }
    free(d->entries);
}

static const struct source_ops dir_ops = {.next = dir_next, .close = dir_close};

int source_open_dir(const char *dir, const char *bpf, struct capture_source **out, char *error, size_t n)
{
    *out = NULL;
    struct dir_source *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(error, n, "%s: out of memory", dir);
        return -ENOMEM;
    }
    struct capture_source *s = &d->base;
    int code = source_init(s, &dir_ops, bpf, error, n);
    if (code != 0) {
        free(d);
        return code;
    }
    code = read_names(d, dir, error, n);
    if (code == 0 && d->count == 0) {
        if (all_read(d) == SOURCE_BROKEN)
            snprintf(error, n, "%s", d->base.error);
        else
            snprintf(error, n, "%s: the folder holds no capture with packets", dir);
        code = -ENOENT;
    }
    if (code != 0) {
        source_close(&s);
        return code;
    }
    qsort(d->entries, d->count, sizeof *d->entries, by_time);
    atomic_store(&s->file, d->entries[0].path);
    *out = s;
    return 0;
}
