#include "detect/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

void words_fini(struct words *n)
{
    free(n->entries);
    *n = (struct words){0};
}

static struct words_entry *slot(const struct words *n, const char *key, uint32_t len, uint32_t hash)
{
    size_t i = hash & (n->room - 1);
    for (const struct words_entry *e = &n->entries[i]; e->key; e = &n->entries[i]) {
        if (e->hash == hash && e->len == len && memcmp(e->key, key, len) == 0)
            break;
        i = (i + 1) & (n->room - 1);
    }
    return &n->entries[i];
}

uint64_t *words_find_part(const struct words *n, const char *key, size_t len)
{
    if (!n->room || len > UINT32_MAX)
        return NULL;
    struct words_entry *e = slot(n, key, (uint32_t)len, (uint32_t)hash_bytes(key, len, n->seed));
    return e->key ? &e->value : NULL;
}

uint64_t *words_find(const struct words *n, const char *key)
{
    return words_find_part(n, key, strlen(key));
}

static bool grow(struct words *n)
{
    struct words more = {.room = n->room ? n->room * 2 : 64, .count = n->count, .seed = n->seed};
    if (!more.seed)
        more.seed = hash_seed();
    more.entries = calloc(more.room, sizeof *more.entries);
    if (!more.entries)
        return false;
    for (size_t i = 0; i < n->room; i++) {
        const struct words_entry *e = &n->entries[i];
        if (e->key)
            *slot(&more, e->key, e->len, e->hash) = *e;
    }
    free(n->entries);
    *n = more;
    return true;
}

bool words_add(struct words *n, const char *key, uint64_t value)
{
    size_t len = strlen(key);
    if (len > UINT32_MAX || (n->count * 2 >= n->room && !grow(n)))
        return false;
    uint32_t hash = (uint32_t)hash_bytes(key, len, n->seed);
    *slot(n, key, (uint32_t)len, hash) = (struct words_entry){key, value, hash, (uint32_t)len};
    n->count++;
    return true;
}

void numbers_fini(struct numbers *n)
{
    free(n->entries);
    *n = (struct numbers){0};
}

static struct numbers_entry *place(const struct numbers *n, uint64_t a, uint64_t b)
{
    size_t i = hash_mix(a ^ n->seed, b) & (n->room - 1);
    while (n->entries[i].used && (n->entries[i].a != a || n->entries[i].b != b))
        i = (i + 1) & (n->room - 1);
    return &n->entries[i];
}

const uint32_t *numbers_find(const struct numbers *n, uint64_t a, uint64_t b)
{
    const struct numbers_entry *e = n->room ? place(n, a, b) : NULL;
    return e && e->used ? &e->value : NULL;
}

/* Full to three quarters at most. */
static bool make_room(struct numbers *n)
{
    struct numbers more = {.room = n->room ? n->room * 2 : 1024, .count = n->count, .seed = n->seed};
    if (n->count < n->room / 4 * 3)
        return true;
    if (!more.seed)
        more.seed = hash_seed();
    more.entries = calloc(more.room, sizeof *more.entries);
    if (!more.entries)
        return false;
    for (size_t i = 0; i < n->room; i++)
        if (n->entries[i].used)
            *place(&more, n->entries[i].a, n->entries[i].b) = n->entries[i];
    free(n->entries);
    *n = more;
    return true;
}

bool numbers_add(struct numbers *n, uint64_t a, uint64_t b, uint32_t value)
{
    if (!make_room(n))
        return false;
    *place(n, a, b) = (struct numbers_entry){a, b, value, true};
    n->count++;
    return true;
}
