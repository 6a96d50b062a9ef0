#include "decap/hosts.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/log.h"
#include "decap/names.h"

/* Bad lines that are warned of one by one. */
#define HOSTS_WARNINGS_MAX 10u

#define HOSTS_FIRST_SIZE 1024u

struct host {
    const char *name; /* folded, in the file's text */
    uint32_t next;    /* of its bucket: index + 1, 0 ends */
    uint8_t len;
    struct addr addr;
};

struct hosts {
    char *text;
    size_t text_len;
    struct host *list;
    uint32_t count;
    uint32_t size;     /* entries that list has room for: a power of two */
    uint32_t *buckets; /* size of them, index + 1 */
    uint64_t seed;
    size_t bad_lines;
};

static uint32_t *bucket_of(const struct hosts *h, const char *name, size_t len, enum addr_family family)
{
    return &h->buckets[hash_bytes(name, len, h->seed ^ family) & (h->size - 1)];
}

static const struct host *find(const struct hosts *h, const char *name, size_t len, enum addr_family family)
{
    for (uint32_t i = *bucket_of(h, name, len, family); i; i = h->list[i - 1].next) {
        const struct host *e = &h->list[i - 1];
        if (e->len == len && e->addr.family == family && memcmp(e->name, name, len) == 0)
            return e;
    }
    return NULL;
}

static void link_host(struct hosts *h, uint32_t index)
{
    struct host *e = &h->list[index];
    uint32_t *bucket = bucket_of(h, e->name, e->len, (enum addr_family)e->addr.family);
    e->next = *bucket;
    *bucket = index + 1;
}

/* Make room for twice as many. */
static bool grow(struct hosts *h)
{
    uint32_t size = h->size ? h->size * 2 : HOSTS_FIRST_SIZE;
    uint32_t *buckets = calloc(size, sizeof *buckets);
    struct host *list = realloc(h->list, size * sizeof *list);
    if (list)
        h->list = list;
    if (!list || !buckets) {
        free(buckets);
        return false;
    }
    free(h->buckets);
    h->buckets = buckets;
    h->size = size;
    for (uint32_t i = 0; i < h->count; i++)
        link_host(h, i);
    return true;
}

enum added { ADDED, ADDED_BAD, ADDED_FULL };

/* The name is folded where it lies. */
static enum added add(struct hosts *h, char *name, size_t len, const struct addr *addr)
{
    char folded[NAME_LEN_MAX];
    len = names_fold(name, len, folded);
    if (!len)
        return ADDED_BAD;
    if (h->size && find(h, folded, len, (enum addr_family)addr->family))
        return ADDED;
    if (h->count == HOSTS_NAMES_MAX || (h->count == h->size && !grow(h)))
        return ADDED_FULL;
    memcpy(name, folded, len);
    h->list[h->count] = (struct host){.name = name, .len = (uint8_t)len, .addr = *addr};
    link_host(h, h->count++);
    return ADDED;
}

/* The next word of a line, whose end stands in for a separator. NULL: there is none. */
static char *word(char **at, const char *end, size_t *len)
{
    char *p = *at;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    char *from = p;
    while (p < end && *p != ' ' && *p != '\t' && *p != '\r')
        p++;
    *at = p;
    *len = (size_t)(p - from);
    return *len ? from : NULL;
}

static void complain(struct hosts *h, const char *file, unsigned line, const char *what, const char *text, size_t len)
{
    if (h->bad_lines++ < HOSTS_WARNINGS_MAX)
        log_warning("%s:%u: '%.*s' %s", file, line, (int)(len < 80 ? len : 80), text, what);
}

/* One line, up to its end or its comment. False: no more names fit. */
static bool take_line(struct hosts *h, const char *file, unsigned line, char *from, char *end)
{
    size_t len;
    struct addr addr;
    char *text = word(&from, end, &len);
    if (!text)
        return true;
    if (!addr_parse(text, len, &addr)) {
        complain(h, file, line, "is not an address, line ignored", text, len);
        return true;
    }
    const char *name_text = NULL;
    bool bad = false;
    for (char *name; (name = word(&from, end, &len));) {
        name_text = name;
        enum added added = add(h, name, len, &addr);
        if (added == ADDED_FULL)
            return false;
        if (added == ADDED_BAD && !bad) {
            complain(h, file, line, "is no name", name, len);
            bad = true;
        }
    }
    if (!name_text)
        complain(h, file, line, "has no name behind it", text, len ? len : (size_t)(end - text));
    return true;
}

static void take_text(struct hosts *h, const char *file)
{
    unsigned line = 1;
    char *end = h->text + h->text_len;
    for (char *at = h->text; at < end; line++) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *line_end = newline ? newline : end;
        char *comment = memchr(at, '#', (size_t)(line_end - at));
        if (!take_line(h, file, line, at, comment ? comment : line_end)) {
            log_warning("%s:%u: more than %u names, or out of memory: the rest is ignored", file, line,
                        HOSTS_NAMES_MAX);
            break;
        }
        at = line_end + 1;
    }
    if (h->bad_lines > HOSTS_WARNINGS_MAX)
        log_warning("%s: %zu more lines that can't be used", file, h->bad_lines - HOSTS_WARNINGS_MAX);
}

/* The whole file. 0 or -errno. */
static int read_file(struct hosts *h, FILE *from)
{
    size_t room = 0;
    for (;;) {
        if (h->text_len == room) {
            room = room ? room * 2 : 65536;
            char *text = realloc(h->text, room);
            if (!text)
                return -ENOMEM;
            h->text = text;
        }
        size_t got = fread(h->text + h->text_len, 1, room - h->text_len, from);
        h->text_len += got;
        if (h->text_len > HOSTS_FILE_MAX)
            return -EFBIG;
        if (got == 0)
            return ferror(from) ? -EIO : 0;
    }
}

int hosts_load(const char *file, struct hosts **out, char *error, size_t error_len)
{
    *out = NULL;
    struct hosts *h = calloc(1, sizeof *h);
    FILE *from = h ? fopen(file, "re") : NULL;
    int e = from ? read_file(h, from) : h ? -errno : -ENOMEM;
    if (from)
        fclose(from);
    if (e == 0) {
        h->seed = hash_seed();
        take_text(h, file);
        *out = h;
        return 0;
    }
    snprintf(error, error_len, "decap.names.hosts-file: %s: can't be read: %s", file, strerror(-e));
    hosts_destroy(&h);
    return e;
}

void hosts_destroy(struct hosts **hosts)
{
    struct hosts *h = *hosts;
    *hosts = NULL;
    if (!h)
        return;
    free(h->text);
    free(h->list);
    free(h->buckets);
    free(h);
}

size_t hosts_count(const struct hosts *h)
{
    return h->count;
}

size_t hosts_bad_lines(const struct hosts *h)
{
    return h->bad_lines;
}

bool hosts_find(const struct hosts *h, const char *name, size_t len, enum addr_family family, struct addr *out)
{
    char folded[NAME_LEN_MAX];
    len = names_fold(name, len, folded);
    const struct host *e = len && h->size ? find(h, folded, len, family) : NULL;
    if (e)
        *out = e->addr;
    return e != NULL;
}
