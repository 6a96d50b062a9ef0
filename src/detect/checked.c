/* Patterns that PCRE2 is known to take: a file in the folder of pattern databases, so that a start need not compile
 * thousands of them only to see that they are right.
 *
 * They are known by a hash of text and options, and the file is named by PCRE2's version. A file that is damaged is as
 * good as none. Who could make two patterns with the same hash, or write to the folder, gains that a wrong pattern of
 * his own is not told of: it then never matches. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/hash.h"
#include "detect/load.h"

#define FORMAT      1u
#define FEW         64u         /* patterns for which no file is made */
#define MOST        65536u      /* patterns of one file */
#define TOUCH_S     (24 * 3600) /* a file that is used is marked as such once in so many seconds */
#define GROUPS_MASK 0xffffu     /* of the second hash: its place is the number of groups */
#define USED        (1u << 31)  /* of a pattern's value: these rules have it */

struct head {
    char magic[8];
    uint64_t count;
    uint64_t sum;
};

struct entry {
    uint64_t a;
    uint64_t b; /* with the groups in its last bits */
};

static bool file_name(const char *folder, char *out, size_t n)
{
    char version[64] = "";
    uint32_t link = 0, unicode = 0, nest = 0;
    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) > (int)sizeof version)
        return false;
    pcre2_config(PCRE2_CONFIG_VERSION, version);
    pcre2_config(PCRE2_CONFIG_LINKSIZE, &link);
    pcre2_config(PCRE2_CONFIG_UNICODE, &unicode);
    pcre2_config(PCRE2_CONFIG_PARENSLIMIT, &nest);
    uint64_t a = hash_bytes(version, strlen(version), FORMAT), b = hash_mix((uint64_t)link << 32 | unicode, nest);
    int len = snprintf(out, n, "%s/%016llx%016llx.pcre", folder, (unsigned long long)a, (unsigned long long)b);
    return len > 0 && (size_t)len < n;
}

static uint64_t sum_of(const struct entry *e, uint64_t count)
{
    return hash_bytes(e, count * sizeof *e, count);
}

static struct entry key_of(const char *pattern, uint32_t options)
{
    size_t n = strlen(pattern);
    return (struct entry){hash_bytes(pattern, n, hash_mix(options, 1)),
                          hash_bytes(pattern, n, hash_mix(options, 2)) & ~(uint64_t)GROUPS_MASK};
}

static void take(struct checked *c, const struct entry *e, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        bool fresh;
        uint32_t *value = numbers_put(&c->known, e[i].a, e[i].b & ~(uint64_t)GROUPS_MASK, &fresh);
        if (value && fresh)
            *value = (uint32_t)(e[i].b & GROUPS_MASK);
    }
}

void checked_read(struct checked *c, const char *folder)
{
    char name[4200];
    struct stat st;
    struct head head;
    int fd = file_name(folder, name, sizeof name) ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0)
        return;
    struct entry *e = malloc(MOST * sizeof *e);
    bool ok = e && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, &head, sizeof head) == (ssize_t)sizeof head &&
              memcmp(head.magic, "burrowPC", sizeof head.magic) == 0 && head.count <= MOST;
    ssize_t size = ok ? (ssize_t)(head.count * sizeof *e) : 0;
    if (ok && st.st_size == (off_t)sizeof head + size && read(fd, e, (size_t)size) == size &&
        sum_of(e, head.count) == head.sum) {
        take(c, e, head.count);
        if (st.st_mtime + TOUCH_S < time(NULL))
            futimens(fd, NULL);
    }
    free(e);
    close(fd);
}

void checked_fini(struct checked *c)
{
    numbers_fini(&c->known);
}

bool checked_find(struct checked *c, const char *pattern, uint32_t options, unsigned *groups)
{
    if (!c->known.count)
        return false;
    struct entry key = key_of(pattern, options);
    uint32_t *found = numbers_find(&c->known, key.a, key.b);
    if (!found)
        return false;
    *found |= USED;
    *groups = *found & GROUPS_MASK;
    return true;
}

void checked_add(struct checked *c, const char *pattern, uint32_t options, unsigned groups)
{
    struct entry key = key_of(pattern, options);
    bool fresh = false;
    uint32_t *value = groups <= GROUPS_MASK ? numbers_put(&c->known, key.a, key.b, &fresh) : NULL;
    if (value && fresh)
        *value = groups | USED;
    c->added += fresh;
}

/* Written beside and renamed: whoever reads sees all of it or nothing. */
static void write_file(const char *name, const struct entry *e, uint64_t count)
{
    struct head head = {.magic = "burrowPC", .count = count, .sum = sum_of(e, count)};
    char temp[4300];
    ssize_t size = (ssize_t)(count * sizeof *e);
    snprintf(temp, sizeof temp, "%s.%d", name, (int)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write(fd, &head, sizeof head) == (ssize_t)sizeof head && write(fd, e, (size_t)size) == size;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (!ok || rename(temp, name) != 0))
        unlink(temp);
}

/* What others' rules had stays as long as there is room. */
void checked_write(const struct checked *c, const char *folder)
{
    char name[4200];
    bool all = c->known.count <= MOST;
    struct entry *e = NULL;
    uint64_t count = 0;
    if (c->added < FEW || !file_name(folder, name, sizeof name) || !(e = malloc(MOST * sizeof *e)))
        return;
    for (size_t i = 0; i < c->known.room && count < MOST; i++) {
        const struct numbers_entry *k = &c->known.entries[i];
        if (k->used && (all || k->value & USED))
            e[count++] = (struct entry){k->a, k->b | (k->value & GROUPS_MASK)};
    }
    write_file(name, e, count);
    free(e);
}
