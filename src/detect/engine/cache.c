#include "detect/engine/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MOST ((off_t)1 << 30) /* bytes of one database */
#define KEEP_S    (7 * 24 * 3600)  /* as Suricata's detect.sgh-mpm-caching-max-age */
#define FOLDER    "/var/cache/burrow"
#define NAME_LEN  35 /* 32 digits and ".hs" */

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
    struct stat st;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        snprintf(why, n, "%s", strerror(errno));
        return false;
    }
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

hs_database_t *detect_cache_read(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    hs_database_t *db = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size < FILE_MOST) {
        size_t n = (size_t)st.st_size;
        char *bytes = malloc(n);
        if (bytes && read(fd, bytes, n) == (ssize_t)n && hs_deserialize_database(bytes, n, &db) != HS_SUCCESS)
            db = NULL;
        free(bytes);
        if (db)
            futimens(fd, NULL);
    }
    if (fd >= 0)
        close(fd);
    return db;
}

/* Written beside and renamed: whoever reads sees all of it or nothing. */
void detect_cache_write(const char *name, const hs_database_t *db)
{
    char *bytes = NULL;
    size_t n = 0;
    char temp[4200];
    if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS)
        return;
    snprintf(temp, sizeof temp, "%s.%d", name, (int)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write(fd, bytes, n) == (ssize_t)n;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (!ok || rename(temp, name) != 0))
        unlink(temp);
    free(bytes);
}

/* A database, or one that was never finished: "<32 digits>.hs", "<32 digits>.hs.<pid>". Nothing else is touched. */
static bool is_ours(const char *name)
{
    return strspn(name, "0123456789abcdef") == 32 && strncmp(name + 32, ".hs", 3) == 0 &&
           (name[NAME_LEN] == '\0' || name[NAME_LEN] == '.');
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
