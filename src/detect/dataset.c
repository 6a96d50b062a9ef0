#include "detect/dataset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/log.h"
#include "detect/dataset_private.h"

bool dataset_type_find(const char *name, enum dataset_type *out)
{
    static const struct {
        const char *name;
        enum dataset_type type;
    } types[] = {{"string", DATASET_STRING}, {"md5", DATASET_MD5}, {"sha256", DATASET_SHA256},
                 {"ipv4", DATASET_IPV4},     {"ipv6", DATASET_IP}, {"ip", DATASET_IP}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

static void destroy(struct dataset *d)
{
    for (struct dataset_value *v = d->oldest, *next; v; v = next) {
        next = v->newer;
        free(v);
    }
    pthread_rwlock_destroy(&d->lock);
    free(d->table);
    free(d->name);
    free(d->save);
    free(d);
}

int dataset_create(const struct dataset_options *o, struct dataset **out, char *error, size_t error_len)
{
    struct dataset *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(error, error_len, "out of memory");
        return -ENOMEM;
    }
    pthread_rwlock_init(&d->lock, NULL);
    atomic_init(&d->references, 1);
    d->name = strdup(o->name);
    d->save = o->save ? strdup(o->save) : NULL;
    d->type = o->type;
    d->reputation = o->reputation;
    d->changes = o->changes;
    d->memcap = o->memcap ? o->memcap : DATASET_MEMCAP;
    d->seed = hash_seed();
    d->room = 64;
    d->table = calloc(d->room, sizeof *d->table);
    d->used = d->room * sizeof *d->table;
    int r = d->name && d->table && (d->save || !o->save) ? 0 : -ENOMEM;
    if (r != 0)
        snprintf(error, error_len, "out of memory");
    if (r == 0 && o->load)
        r = dataset_load(d, o, error, error_len);
    if (r != 0) {
        destroy(d);
        return r;
    }
    *out = d;
    return 0;
}

struct dataset *dataset_get(struct dataset *d)
{
    atomic_fetch_add_explicit(&d->references, 1, memory_order_relaxed);
    return d;
}

void dataset_put(struct dataset **set)
{
    struct dataset *d = *set;
    *set = NULL;
    if (d && atomic_fetch_sub_explicit(&d->references, 1, memory_order_acq_rel) == 1)
        destroy(d);
}

void dataset_will_change(struct dataset *d)
{
    d->changes = true;
}

bool dataset_has_numbers(const struct dataset *d)
{
    return d->reputation;
}

const char *dataset_name(const struct dataset *d)
{
    return d->name;
}

enum dataset_type dataset_type(const struct dataset *d)
{
    return d->type;
}

static void lock(struct dataset *d, bool write)
{
    if (d->changes && write)
        pthread_rwlock_wrlock(&d->lock);
    else if (d->changes)
        pthread_rwlock_rdlock(&d->lock);
}

static void unlock(struct dataset *d)
{
    if (d->changes)
        pthread_rwlock_unlock(&d->lock);
}

uint64_t dataset_count(struct dataset *d)
{
    lock(d, false);
    uint64_t n = d->count;
    unlock(d);
    return n;
}

/* Twice the places, if the memcap allows it; else it gets slower. */
static void grow(struct dataset *d)
{
    size_t room = d->room * 2;
    if (d->used + d->room * sizeof *d->table > d->memcap)
        return;
    struct dataset_value **table = calloc(room, sizeof *table);
    if (!table)
        return;
    for (struct dataset_value *v = d->oldest; v; v = v->newer) {
        v->next = table[v->hash & (room - 1)];
        table[v->hash & (room - 1)] = v;
    }
    d->used += d->room * sizeof *d->table;
    free(d->table);
    d->table = table;
    d->room = room;
}

static struct dataset_value **place(const struct dataset *d, const uint8_t *p, size_t n, uint64_t hash)
{
    struct dataset_value **at = &d->table[hash & (d->room - 1)];
    while (*at && ((*at)->hash != hash || (*at)->len != n || memcmp((*at)->bytes, p, n) != 0))
        at = &(*at)->next;
    return at;
}

bool dataset_insert(struct dataset *d, const uint8_t *p, size_t n, uint16_t rep, const char *json, size_t json_len)
{
    uint64_t hash = hash_bytes(p, n, d->seed);
    if (n > DATASET_VALUE_MAX)
        return false;
    if (*place(d, p, n, hash))
        return true;
    size_t size = sizeof(struct dataset_value) + n + json_len;
    if (d->used + size > d->memcap)
        return false;
    if (d->count >= d->room)
        grow(d);
    struct dataset_value *v = malloc(size);
    if (!v)
        return false;
    struct dataset_value **at = &d->table[hash & (d->room - 1)];
    *v = (struct dataset_value){
        .next = *at, .older = d->newest, .hash = hash, .len = (uint32_t)n, .json_len = (uint32_t)json_len, .rep = rep};
    memcpy(v->bytes, p, n);
    if (json_len)
        memcpy(v->bytes + n, json, json_len);
    *at = v;
    *(d->newest ? &d->newest->newer : &d->oldest) = v;
    d->newest = v;
    d->used += size;
    d->count++;
    return true;
}

/* Bytes of a buffer in the form in which values are stored: a set of hashes has only hashes, one of addresses only
 * addresses; IPv4 as such, however it is written (RFC 4291 2.5.5.2). */
static bool fits(const struct dataset *d, const uint8_t **p, size_t *n)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    switch (d->type) {
    case DATASET_MD5:
        return *n == 16;
    case DATASET_SHA256:
        return *n == 32;
    case DATASET_IPV4:
        return *n == 4;
    case DATASET_IP:
        if (*n == 16 && memcmp(*p, mapped, sizeof mapped) == 0) {
            *p += 12;
            *n = 4;
        }
        return *n == 4 || *n == 16;
    default:
        return *n > 0 && *n <= DATASET_VALUE_MAX;
    }
}

static const struct dataset_value *find(const struct dataset *d, const uint8_t *p, size_t n)
{
    return fits(d, &p, &n) ? *place(d, p, n, hash_bytes(p, n, d->seed)) : NULL;
}

bool dataset_has(struct dataset *d, const uint8_t *p, size_t n, bool subdomain, uint16_t *rep, struct buf *json)
{
    if (json)
        buf_clear(json);
    lock(d, false);
    const struct dataset_value *v = find(d, p, n);
    for (size_t i = 1; subdomain && !v && i < n; i++)
        if (p[i] == '.')
            v = find(d, p + i, n - i);
    if (v && rep)
        *rep = v->rep;
    if (v && json)
        buf_add(json, v->bytes + v->len, v->json_len);
    unlock(d);
    return v != NULL;
}

enum dataset_result dataset_add(struct dataset *d, const uint8_t *p, size_t n)
{
    if (!fits(d, &p, &n))
        return DATASET_NO;
    lock(d, true);
    enum dataset_result r = DATASET_NO;
    if (!*place(d, p, n, hash_bytes(p, n, d->seed)))
        r = dataset_insert(d, p, n, 0, NULL, 0) ? DATASET_YES : DATASET_FULL;
    unlock(d);
    return r;
}

enum dataset_result dataset_remove(struct dataset *d, const uint8_t *p, size_t n)
{
    if (!fits(d, &p, &n))
        return DATASET_NO;
    lock(d, true);
    struct dataset_value **at = place(d, p, n, hash_bytes(p, n, d->seed)), *v = *at;
    if (v) {
        *at = v->next;
        *(v->older ? &v->older->newer : &d->oldest) = v->newer;
        *(v->newer ? &v->newer->older : &d->newest) = v->older;
        d->used -= sizeof *v + v->len + v->json_len;
        d->count--;
        free(v);
    }
    unlock(d);
    return v ? DATASET_YES : DATASET_NO;
}

struct datasets {
    struct dataset **list;
    size_t count;
};

struct datasets *datasets_create(void)
{
    return calloc(1, sizeof(struct datasets));
}

void datasets_destroy(struct datasets **sets)
{
    struct datasets *s = *sets;
    *sets = NULL;
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        dataset_put(&s->list[i]);
    free(s->list);
    free(s);
}

struct dataset *datasets_find(struct datasets *sets, const char *name)
{
    for (size_t i = 0; i < sets->count; i++)
        if (strcmp(sets->list[i]->name, name) == 0)
            return dataset_get(sets->list[i]);
    return NULL;
}

bool datasets_add(struct datasets *sets, struct dataset *d)
{
    if (sets->count == DATASETS_MAX)
        return false;
    struct dataset **more = realloc(sets->list, (sets->count + 1) * sizeof(struct dataset *));
    if (!more)
        return false;
    sets->list = more;
    sets->list[sets->count++] = dataset_get(d);
    return true;
}

void datasets_save(struct datasets *sets)
{
    char error[1024];
    for (size_t i = 0; i < sets->count; i++)
        if (dataset_save(sets->list[i], error, sizeof error) != 0)
            log_warning("%s", error);
}
