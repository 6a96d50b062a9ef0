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
#define TOUCH_S     (24 * 3600) /* a file that is used is marked as such once in so many seconds */
#define ALIGNMENT   64          /* of databases, bytes */
#define SUMMED      4096        /* bytes that our own sum is of */

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

static struct head head_of(const uint8_t *db, size_t n)
{
    struct head h = {.magic = "burrowHS", .size = n};
    h.sum = hash_bytes(db, n < SUMMED ? n : SUMMED, n);
    return h;
}

/* Vectorscan itself compares the rest with its sum, and the machine with the one that it was made for. */
static bool is_good(const uint8_t *file, size_t n, hs_scratch_t **scratch)
{
    struct head h = head_of(file + sizeof h, n - sizeof h);
    const hs_database_t *db = (const hs_database_t *)(const void *)(file + sizeof h);
    size_t size = 0;
    return memcmp(file, &h, sizeof h) == 0 && hs_database_size(db, &size) == HS_SUCCESS && size == h.size &&
           hs_alloc_scratch(db, scratch) == HS_SUCCESS;
}

/* A mapping of the file; its pages are the system's, which can take them back and load them again. Those that were only
 * checked are given back at once. */
hs_database_t *detect_cache_read(const char *name, hs_scratch_t **scratch, size_t *mapped, bool *marked)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    uint8_t *p = MAP_FAILED;
    size_t n = 0;
    *mapped = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)sizeof(struct head) &&
        st.st_size < FILE_MOST) {
        n = (size_t)st.st_size;
        p = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    }
    if (fd >= 0 && p != MAP_FAILED && st.st_mtime + TOUCH_S < time(NULL))
        *marked |= futimens(fd, NULL) == 0;
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED)
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
static void write_image(const char *name, const uint8_t *db, size_t n)
{
    struct head h = head_of(db, n);
    char temp[4200];
    snprintf(temp, sizeof temp, "%s.%d", name, (int)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write(fd, &h, sizeof h) == (ssize_t)sizeof h && write(fd, db, n) == (ssize_t)n;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (!ok || rename(temp, name) != 0))
        unlink(temp);
}

/* Made at two addresses and equal: so no address is in it, and it is good wherever it is mapped. */
void detect_cache_write(const char *name, const hs_database_t *db)
{
    char *bytes = NULL;
    uint8_t *one = NULL, *other = NULL;
    size_t n = 0, size = 0;
    if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS)
        return;
    if (hs_serialized_database_size(bytes, n, &size) == HS_SUCCESS && (one = image(bytes, n, size)) &&
        (other = image(bytes, n, size)) && memcmp(one, other, size) == 0)
        write_image(name, one, size);
    free(one);
    free(other);
    free(bytes);
}

/* A database, patterns that were checked (detect/checked.c), or one that was never finished: "<32 digits>.hs",
 * "<32 digits>.hs.<pid>". Nothing else is touched. */
static bool is_ours(const char *name)
{
    static const char *const ends[] = {".hs", ".pcre"};
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
