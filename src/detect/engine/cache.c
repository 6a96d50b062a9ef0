#include "detect/engine/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/hash.h"

#define FILE_MOST   ((off_t)1 << 30) /* bytes of one database */
#define KEEP_S      (7 * 24 * 3600)  /* as Suricata's detect.sgh-mpm-caching-max-age */
#define FOLDER      "/var/cache/burrow"
#define NAME_DIGITS 32
#define TOUCH_S     (24 * 3600)       /* a file that is used is marked as such once in so many seconds */
#define ALIGNMENT   64                /* of databases, bytes */
#define SUMMED      4096              /* bytes that our own sum is of */
#define WINDOW      ((size_t)1 << 20) /* bytes of a file of several databases that are in memory to be checked */

bool detect_cache_default(char *out, size_t n)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int len;
    if (geteuid() == 0)
        len = snprintf(out, n, "%s", FOLDER);
    else if (xdg && xdg[0] == '/')
        len = snprintf(out, n, "%s/burrow", xdg);
    else if (home && home[0] == '/')
        len = snprintf(out, n, "%s/.cache/burrow", home);
    else
        return false;
    return len > 0 && (size_t)len < n;
}

bool detect_cache_open(const char *folder, char *why, size_t n)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        snprintf(why, n, "%s", strerror(errno));
        return false;
    }
    return detect_cache_usable(folder, why, n);
}

bool detect_cache_usable(const char *folder, char *why, size_t n)
{
    struct stat st;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        snprintf(why, n, "not a folder");
        return false;
    }
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & (S_IWGRP | S_IWOTH))) {
        snprintf(why, n, "others may write to it: chmod go-w and chown would do");
        return false;
    }
    if (access(folder, W_OK | X_OK) != 0) {
        snprintf(why, n, "%s", strerror(errno));
        return false;
    }
    return true;
}

/* What a file begins with; the database follows as it lies in memory, from a multiple of its alignment on. */
struct head {
    char magic[8];
    uint64_t size; /* of the database, bytes */
    uint64_t sum;  /* of its head, which says where and how long the rest is */
    uint8_t none[40];
};
_Static_assert(sizeof(struct head) == ALIGNMENT, "the database is aligned in the file");

static uint64_t sum_of(const uint8_t *db, size_t n)
{
    return hash_bytes(db, n < SUMMED ? n : SUMMED, n);
}

static struct head head_of(const uint8_t *db, size_t n)
{
    return (struct head){.magic = "burrowHS", .size = n, .sum = sum_of(db, n)};
}

/* Vectorscan itself compares the rest with its sum, and the machine with the one that it was made for. */
static bool is_database(const uint8_t *p, size_t n, hs_scratch_t **scratch)
{
    const hs_database_t *db = (const hs_database_t *)(const void *)p;
    size_t size = 0;
    return hs_database_size(db, &size) == HS_SUCCESS && size == n && hs_alloc_scratch(db, scratch) == HS_SUCCESS;
}

static bool is_good(const uint8_t *file, size_t n, hs_scratch_t **scratch)
{
    struct head h = head_of(file + sizeof h, n - sizeof h);
    return memcmp(file, &h, sizeof h) == 0 && is_database(file + sizeof h, n - sizeof h, scratch);
}

/* A mapping of the file; its pages are the system's, which can take them back and load them again. NULL: it can't be
 * read, or is too short or too long for one. */
static uint8_t *map_file(const char *name, size_t least, size_t *n, bool *marked)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    uint8_t *p = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)least && st.st_size < FILE_MOST) {
        *n = (size_t)st.st_size;
        p = mmap(NULL, *n, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0 && p != MAP_FAILED && st.st_mtime + TOUCH_S < time(NULL))
        *marked |= futimens(fd, NULL) == 0;
    if (fd >= 0)
        close(fd);
    return p == MAP_FAILED ? NULL : p;
}

/* Pages that were only checked are given back at once. */
hs_database_t *detect_cache_read(const char *name, hs_scratch_t **scratch, size_t *mapped, bool *marked)
{
    size_t n;
    uint8_t *p = map_file(name, sizeof(struct head), &n, marked);
    *mapped = 0;
    if (!p)
        return NULL;
    if (!is_good(p, n, scratch)) {
        munmap(p, n);
        return NULL;
    }
    madvise(p, n, MADV_DONTNEED);
    *mapped = n;
    return (hs_database_t *)(void *)(p + sizeof(struct head));
}

void detect_cache_free(hs_database_t *db, size_t mapped)
{
    if (mapped)
        munmap((char *)db - sizeof(struct head), mapped);
    else
        hs_free_database(db);
}

/* The database as it lies in memory at a multiple of its alignment; the caller frees. NULL: no memory. */
static uint8_t *image(const char *bytes, size_t n, size_t size)
{
    uint8_t *p = aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (!p)
        return NULL;
    memset(p, 0, size);
    if (hs_deserialize_database_at(bytes, n, (hs_database_t *)(void *)p) != HS_SUCCESS) {
        free(p);
        return NULL;
    }
    return p;
}

/* Written beside and renamed: whoever reads sees all of it or nothing. */
static int begin_file(const char *name, char *temp, size_t n)
{
    snprintf(temp, n, "%s.%d", name, (int)getpid());
    return open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void end_file(int fd, bool ok, const char *temp, const char *name)
{
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (!ok || rename(temp, name) != 0))
        unlink(temp);
}

/* Made at two addresses and equal: so no address is in it, and it is good wherever it is mapped. NULL: it isn't, or
 * there is no memory. */
static uint8_t *image_of(const hs_database_t *db, size_t *size)
{
    char *bytes = NULL;
    uint8_t *one = NULL, *other = NULL;
    size_t n = 0;
    if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS)
        return NULL;
    bool good = hs_serialized_database_size(bytes, n, size) == HS_SUCCESS && (one = image(bytes, n, *size)) &&
                (other = image(bytes, n, *size)) && memcmp(one, other, *size) == 0;
    free(other);
    free(bytes);
    if (good)
        return one;
    free(one);
    return NULL;
}

void detect_cache_write(const char *name, const hs_database_t *db)
{
    size_t n = 0;
    uint8_t *p = image_of(db, &n);
    char temp[4200];
    if (!p)
        return;
    struct head h = head_of(p, n);
    int fd = begin_file(name, temp, sizeof temp);
    bool ok = fd >= 0 && write(fd, &h, sizeof h) == (ssize_t)sizeof h && write(fd, p, n) == (ssize_t)n;
    end_file(fd, ok, temp, name);
    free(p);
}

/* What a file of several begins with; an entry for each of them follows, then they. */
struct set_head {
    char magic[8];
    uint64_t count;
    uint64_t size; /* of the file */
    uint64_t sum;  /* of the entries */
};

struct set_entry {
    uint64_t a; /* as in detect_cache_db */
    uint64_t b;
    uint64_t at; /* in the file: where the one before it ends, up to its alignment */
    uint64_t size;
    uint64_t sum;
};

static uint64_t aligned(uint64_t at)
{
    return (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct set_head set_head_of(const struct set_entry *e, uint64_t count)
{
    uint64_t end = count ? e[count - 1].at + e[count - 1].size : 0;
    return (struct set_head){
        .magic = "burrowHA", .count = count, .size = end, .sum = hash_bytes(e, count * sizeof *e, end)};
}

/* Are the entries these databases, one behind the other up to the file's end? */
static bool is_set(const uint8_t *p, size_t n, const struct detect_cache_db *dbs, uint32_t count)
{
    const struct set_entry *e = (const struct set_entry *)(const void *)(p + sizeof(struct set_head));
    uint64_t end = sizeof(struct set_head) + count * sizeof *e;
    if (n <= end)
        return false;
    struct set_head h = set_head_of(e, count);
    if (memcmp(p, &h, sizeof h) != 0 || h.size != n)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (e[i].a != dbs[i].a || e[i].b != dbs[i].b || e[i].at != aligned(end) || e[i].at > n ||
            e[i].size > n - e[i].at)
            return false;
        end = e[i].at + e[i].size;
    }
    return true;
}

/* Nothing is between the ones and the others. */
static bool is_zero(const uint8_t *p, const uint8_t *end)
{
    while (p < end && !*p)
        p++;
    return p == end;
}

/* Give pages that were checked back. */
static void give_back(uint8_t *p, size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    madvise(p, n / page * page, MADV_DONTNEED);
}

bool detect_cache_read_set(const char *name, struct detect_cache_db *dbs, uint32_t count, hs_scratch_t **scratch,
                           struct detect_cache_map *map, bool *marked)
{
    size_t n, end = sizeof(struct set_head) + count * sizeof(struct set_entry), checked = 0;
    uint8_t *p = map_file(name, sizeof(struct set_head), &n, marked);
    if (!p)
        return false;
    const struct set_entry *e = (const struct set_entry *)(const void *)(p + sizeof(struct set_head));
    bool ok = is_set(p, n, dbs, count);
    for (uint32_t i = 0; i < count && ok; i++) {
        uint8_t *db = p + e[i].at;
        ok = is_zero(p + end, db) && sum_of(db, e[i].size) == e[i].sum && is_database(db, e[i].size, scratch);
        dbs[i].db = (hs_database_t *)(void *)db;
        end = e[i].at + e[i].size;
        if (end - checked > WINDOW) {
            give_back(p, end);
            checked = end;
        }
    }
    if (!ok) {
        munmap(p, n);
        return false;
    }
    madvise(p, n, MADV_DONTNEED);
    *map = (struct detect_cache_map){p, n};
    return true;
}

static bool write_one(int fd, const struct detect_cache_db *db, struct set_entry *e, uint64_t at)
{
    size_t n = 0;
    uint8_t *p = image_of(db->db, &n);
    bool ok = p && pwrite(fd, p, n, (off_t)at) == (ssize_t)n;
    if (ok)
        *e = (struct set_entry){db->a, db->b, at, n, sum_of(p, n)};
    free(p);
    return ok;
}

void detect_cache_write_set(const char *name, const struct detect_cache_db *dbs, uint32_t count)
{
    struct set_entry *e = malloc((count + 1) * sizeof *e);
    char temp[4200];
    int fd = e ? begin_file(name, temp, sizeof temp) : -1;
    uint64_t end = sizeof(struct set_head) + count * sizeof *e;
    bool ok = fd >= 0;
    for (uint32_t i = 0; i < count && ok; i++) {
        ok = write_one(fd, &dbs[i], &e[i], aligned(end));
        end = ok ? e[i].at + e[i].size : 0;
    }
    if (ok) {
        struct set_head h = set_head_of(e, count);
        ok = pwrite(fd, &h, sizeof h, 0) == (ssize_t)sizeof h &&
             pwrite(fd, e, count * sizeof *e, sizeof h) == (ssize_t)(count * sizeof *e);
    }
    end_file(fd, ok, temp, name);
    free(e);
}

void detect_cache_unmap(const struct detect_cache_map *map)
{
    if (map->n)
        munmap(map->p, map->n);
}

void detect_cache_mark(const char *name)
{
    utimensat(AT_FDCWD, name, NULL, AT_SYMLINK_NOFOLLOW);
}

/* A database, several, patterns that were checked (detect/checked.c), or what was never finished: "<32 digits>.hs",
 * "<32 digits>.hs.<pid>". Nothing else is touched. */
static bool is_ours(const char *name)
{
    static const char *const ends[] = {".hs", ".set", ".pcre"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t n = strlen(ends[i]);
        if (strspn(name, "0123456789abcdef") == NAME_DIGITS && strncmp(name + NAME_DIGITS, ends[i], n) == 0 &&
            (name[NAME_DIGITS + n] == '\0' || name[NAME_DIGITS + n] == '.'))
            return true;
    }
    return false;
}

void detect_cache_prune(const char *folder)
{
    DIR *d = opendir(folder);
    time_t now = time(NULL);
    struct dirent *e;
    struct stat st;
    while (d && (e = readdir(d)) != NULL)
        if (is_ours(e->d_name) && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            st.st_mtime + KEEP_S < now)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}
