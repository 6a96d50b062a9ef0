/* One file, or standard input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capfile.h"
#include "capture/source_private.h"

struct file_source {
    struct capture_source base;
    struct capfile file;
    char *path;
};

static enum source_result file_next(struct capture_source *s, struct capture_frame *out)
{
    struct file_source *fs = (struct file_source *)s;
    enum source_result r;
    do {
        if (atomic_load_explicit(&s->stop, memory_order_relaxed))
            return SOURCE_END;
        r = capfile_next(&fs->file, out);
    } while (r == SOURCE_FRAME && !capture_filter_pass(&s->filter, out));
    atomic_store_explicit(&s->bytes_read, capture_input_read(&fs->file.in), memory_order_relaxed);
    if (__builtin_expect(r == SOURCE_FRAME, 1))
        return r;
    if (atomic_load_explicit(&s->stop, memory_order_relaxed))
        return SOURCE_END;
    if (r == SOURCE_END && fs->file.frames == 0)
        r = capfile_fail(&fs->file, capture_input_offset(&fs->file.in), "the capture holds no packets");
    if (r == SOURCE_BROKEN)
        snprintf(s->error, sizeof s->error, "%s", fs->file.error);
    return r;
}

static void file_close(struct capture_source *s)
{
    struct file_source *fs = (struct file_source *)s;
    capfile_close(&fs->file);
    free(fs->path);
}

static const struct source_ops file_ops = {.next = file_next, .close = file_close};

int source_open_file(const char *path, const char *bpf, struct capture_source **out, char *error, size_t n)
{
    *out = NULL;
    struct file_source *fs = calloc(1, sizeof *fs);
    char *copy = strdup(path);
    if (!fs || !copy) {
        free(fs);
        free(copy);
        snprintf(error, n, "%s: out of memory", path);
        return -ENOMEM;
    }
    fs->path = copy;
    int code = source_init(&fs->base, &file_ops, bpf, error, n);
    if (code == 0) {
        code = capfile_open(&fs->file, copy, &fs->base.stop);
        if (code != 0)
            snprintf(error, n, "%s", fs->file.error);
    }
    if (code != 0) {
        capture_filter_fini(&fs->base.filter);
        free(copy);
        free(fs);
        return code;
    }
    fs->base.bytes_total = fs->file.in.file_size;
    atomic_store(&fs->base.file, fs->path);
    *out = &fs->base;
    return 0;
}
