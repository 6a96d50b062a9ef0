#include "app/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/fd.h"
#include "core/log.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640
/* Names in tmp that are tried: another may be left of a process with this number. */
#define NAME_TRIES 16

/* Folders of the store are never links. */
static int open_folder(int at, const char *name)
{
    if (mkdirat(at, name, FOLDER_MODE) != 0 && errno != EEXIST)
        return -1;
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Its own place may be one: that is the operator's. */
static int open_place(const char *path)
{
    if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int app_store_open(struct app_store *st, const struct settings *s, unsigned lane, unsigned lanes, struct counters *c)
{
    const struct settings_file_store *o = &s->file_store;
    *st = (struct app_store){.settings = o, .counters = c, .lane = lane, .dir = -1, .tmp = -1};
    st->open_max = o->max_open ? (o->max_open + lanes - 1) / lanes : 0;
    st->stored = counter_id("file_store.files");
    st->errors = counter_id("file_store.fs_errors");
    st->hits = counter_id("file_store.open_files_max_hit");
    st->opened = counter_id("file_store.open_files");
    char *path = NULL;
    if (asprintf(&path, "%s%s%s", o->dir[0] == '/' ? "" : s->log_dir, o->dir[0] == '/' ? "" : "/", o->dir) < 0)
        return -ENOMEM;
    st->dir = open_place(path);
    st->tmp = st->dir >= 0 ? open_folder(st->dir, "tmp") : -1;
    int e = st->tmp >= 0 ? 0 : -errno;
    if (e != 0)
        log_error("file-store: %s: %s", path, strerror(-e));
    free(path);
    return e;
}

void app_store_close(struct app_store *st)
{
    if (!st->settings)
        return;
    if (st->tmp >= 0)
        close(st->tmp);
    if (st->dir >= 0)
        close(st->dir);
    st->tmp = st->dir = -1;
}

/* Each error counts; the log has one a minute. */
static void failed(struct app_store *st, const char *what)
{
    int e = errno;
    struct timespec now;
    counter_add(st->counters, st->errors, 1);
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t s = (uint64_t)now.tv_sec + 1;
    if (st->told_s && s < st->told_s + APP_STORE_TELL_S)
        return;
    st->told_s = s;
    log_warning("file-store: %s: %s; files are not stored while that lasts", what, strerror(e));
}

struct app_store_file *app_store_begin(void)
{
    struct app_store_file *f = calloc(1, sizeof *f);
    if (f)
        f->fd = -1;
    return f;
}

static void leave_open(struct app_store *st, struct app_store_file *f, int fd)
{
    if (st->open < st->open_max) {
        f->fd = fd;
        st->open++;
        counter_add(st->counters, st->opened, 1);
        return;
    }
    if (st->open_max && !f->counted)
        counter_add(st->counters, st->hits, 1);
    f->counted = true;
    close(fd);
}

static void close_tmp(struct app_store *st, struct app_store_file *f)
{
    if (f->fd < 0)
        return;
    close(f->fd);
    f->fd = -1;
    st->open--;
    counter_sub(st->counters, st->opened, 1);
}

static int open_tmp(struct app_store *st, struct app_store_file *f)
{
    int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
    if (f->name[0])
        return openat(st->tmp, f->name, flags | O_APPEND);
    int fd = -1;
    for (int i = 0; i < NAME_TRIES && fd < 0; i++) {
        snprintf(f->name, sizeof f->name, "%ld.%u.%llu", (long)getpid(), st->lane, (unsigned long long)st->next++);
        fd = openat(st->tmp, f->name, flags | O_CREAT | O_EXCL, FILE_MODE);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        f->name[0] = 0;
    return fd;
}

/* What waits in memory, and p's bytes, to the file in tmp. */
static bool spill(struct app_store *st, struct app_store_file *f, const uint8_t *p, size_t n)
{
    bool kept = f->fd >= 0;
    int fd = kept ? f->fd : open_tmp(st, f);
    if (fd < 0 || !fd_write_all(fd, f->bytes.data, f->bytes.len) || !fd_write_all(fd, p, n)) {
        failed(st, "writing to tmp");
        if (fd >= 0 && !kept)
            close(fd);
        return false;
    }
    st->held -= f->bytes.len;
    buf_fini(&f->bytes);
    if (!kept)
        leave_open(st, f, fd);
    return true;
}

bool app_store_add(struct app_store *st, struct app_store_file **at, const uint8_t *p, size_t n)
{
    struct app_store_file *f = *at;
    bool room = n <= APP_STORE_HELD_MAX - f->bytes.len && st->held + n <= APP_STORE_LANE_HELD_MAX;
    if (room && buf_add(&f->bytes, p, n)) {
        st->held += n;
        return true;
    }
    if (spill(st, f, p, n))
        return true;
    app_store_drop(st, at);
    return false;
}

void app_store_drop(struct app_store *st, struct app_store_file **at)
{
    struct app_store_file *f = *at;
    *at = NULL;
    if (!f)
        return;
    close_tmp(st, f);
    if (f->name[0])
        unlinkat(st->tmp, f->name, 0);
    st->held -= f->bytes.len;
    buf_fini(&f->bytes);
    free(f);
}

static void hex_of(const uint8_t sha256[32], char out[65])
{
    for (unsigned i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", sha256[i]);
}

/* The folder of the digest's first two digits. */
static int folder_of(const struct app_store *st, const char *hex)
{
    const char name[] = {hex[0], hex[1], 0};
    return open_folder(st->dir, name);
}

/* From tmp to its name. The same bytes may be there: then they are as of now. */
static bool place(const struct app_store *st, const struct app_store_file *f, int folder, const char *hex)
{
    struct stat have, new;
    bool same = fstatat(folder, hex, &have, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(have.st_mode) &&
                fstatat(st->tmp, f->name, &new, AT_SYMLINK_NOFOLLOW) == 0 && have.st_size == new.st_size;
    if (!same)
        return renameat(st->tmp, f->name, folder, hex) == 0;
    unlinkat(st->tmp, f->name, 0);
    utimensat(folder, hex, NULL, AT_SYMLINK_NOFOLLOW);
    return true;
}

bool app_store_finish(struct app_store *st, struct app_store_file **at, const uint8_t sha256[32])
{
    struct app_store_file *f = *at;
    char hex[65];
    hex_of(sha256, hex);
    bool ok = spill(st, f, NULL, 0);
    if (ok) {
        int folder = folder_of(st, hex);
        ok = folder >= 0 && place(st, f, folder, hex);
        if (ok)
            f->name[0] = 0;
        else
            failed(st, "naming a file");
        if (folder >= 0)
            close(folder);
    }
    counter_add(st->counters, st->stored, ok);
    app_store_drop(st, at);
    return ok;
}

void app_store_record(struct app_store *st, const uint8_t sha256[32], uint64_t time_ns, uint32_t id,
                      const struct buf *text)
{
    char hex[65], name[128];
    hex_of(sha256, hex);
    int folder = folder_of(st, hex), fd = -1;
    for (uint32_t i = 0; folder >= 0 && i < APP_STORE_RECORDS_MAX && fd < 0; i++) {
        snprintf(name, sizeof name, "%s.%llu.%u.json", hex, (unsigned long long)(time_ns / 1000000000u), id + i);
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0 || !fd_write_all(fd, text->data, text->len))
        failed(st, "writing a record");
    if (fd >= 0)
        close(fd);
    if (folder >= 0)
        close(folder);
}
