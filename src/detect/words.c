#include "detect/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

#define LINE ((size_t)64) /* of the processor's cache, bytes */

void *table_get(size_t count, size_t size)
{
    size_t n = (count * size + LINE - 1) / LINE * LINE;
    void *p = count <= SIZE_MAX / 2 / size ? aligned_alloc(LINE, n) : NULL;
    return p ? memset(p, 0, n) : NULL;
}

void words_fini(struct words *n)
{
    free(n->entries);
    *n = (struct words){0};
}

/* As hash_bytes, but most words are short: these without a call to copy them. */
static uint32_t hash_of(const char *key, size_t len, uint64_t seed)
{
    uint64_t a = 0, b = 0;
    if (len > 16)
        return (uint32_t)hash_bytes(key, len, seed);
    if (len >= 8) {
        memcpy(&a, key, 8);
        memcpy(&b, key + len - 8, 8);
    } else if (len >= 4) {
        uint32_t low, high;
        memcpy(&low, key, 4);
        memcpy(&high, key + len - 4, 4);
        a = low;
        b = high;
    } else if (len) {
        a = (uint8_t)key[0] | (uint64_t)(uint8_t)key[len / 2] << 8 | (uint64_t)(uint8_t)key[len - 1] << 16;
    }
    return (uint32_t)hash_mix(a ^ seed, b ^ len);
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
    struct words_entry *e = slot(n, key, (uint32_t)len, hash_of(key, len, n->seed));
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
    more.entries = table_get(more.room, sizeof *more.entries);
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
    uint32_t hash = hash_of(key, len, n->seed);
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

uint32_t *numbers_find(const struct numbers *n, uint64_t a, uint64_t b)
{
    struct numbers_entry *e = n->room ? place(n, a, b) : NULL;
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
    more.entries = table_get(more.room, sizeof *more.entries);
    if (!more.entries)
        return false;
    for (size_t i = 0; i < n->room; i++)
        if (n->entries[i].used)
            *place(&more, n->entries[i].a, n->entries[i].b) = n->entries[i];
    free(n->entries);
    *n = more;
    return true;
}

uint32_t *numbers_put(struct numbers *n, uint64_t a, uint64_t b, bool *fresh)
{
    if (!make_room(n))
        return NULL;
    struct numbers_entry *e = place(n, a, b);
    *fresh = !e->used;
    if (*fresh) {
        *e = (struct numbers_entry){.a = a, .b = b, .used = true};
        n->count++;
    }
    return &e->value;
}

void hashes_fini(struct hashes *n)
{
    free(n->entries);
    *n = (struct hashes){0};
}

bool hashes_next(const struct hashes *n, uint32_t hash, size_t *at, uint32_t *value)
{
    for (size_t i = *at; i < n->room; i++) {
        const struct hashes_entry *e = &n->entries[(hash + i) & (n->room - 1)];
        if (!e->value)
            return false;
        if (e->hash == hash) {
            *at = i + 1;
            *value = e->value - 1;
            return true;
        }
    }
    return false;
}

static void put_hash(struct hashes *n, struct hashes_entry e)
{
    size_t i = e.hash & (n->room - 1);
    while (n->entries[i].value)
        i = (i + 1) & (n->room - 1);
    n->entries[i] = e;
}

bool hashes_add(struct hashes *n, uint32_t hash, uint32_t value)
{
    if (n->count >= n->room / 4 * 3) {
        struct hashes more = {.room = n->room ? n->room * 2 : 1024, .count = n->count};
        more.entries = table_get(more.room, sizeof *more.entries);
        if (!more.entries)
            return false;
        for (size_t i = 0; i < n->room; i++)
            if (n->entries[i].value)
                put_hash(&more, n->entries[i]);
        free(n->entries);
        *n = more;
    }
    put_hash(n, (struct hashes_entry){hash, value + 1});
    n->count++;
    return true;
}
