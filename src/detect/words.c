#include "detect/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

void words_fini(struct words *n)
{
    free(n->entries);
    *n = (struct words){0};
}

static struct words_entry *slot(const struct words *n, const char *key)
{
    size_t i = hash_bytes(key, strlen(key), n->seed) & (n->room - 1);
    while (n->entries[i].key && strcmp(n->entries[i].key, key) != 0)
        i = (i + 1) & (n->room - 1);
    return &n->entries[i];
}

uint64_t *words_find(const struct words *n, const char *key)
{
    if (!n->room)
        return NULL;
    struct words_entry *e = slot(n, key);
    return e->key ? &e->value : NULL;
}

static bool grow(struct words *n)
{
    struct words more = {.room = n->room ? n->room * 2 : 64, .count = n->count, .seed = n->seed};
    if (!more.seed)
        more.seed = hash_seed();
    more.entries = calloc(more.room, sizeof *more.entries);
    if (!more.entries)
        return false;
    for (size_t i = 0; i < n->room; i++)
        if (n->entries[i].key)
            *slot(&more, n->entries[i].key) = n->entries[i];
    free(n->entries);
    *n = more;
    return true;
}

bool words_add(struct words *n, const char *key, uint64_t value)
{
    if (n->count * 2 >= n->room && !grow(n))
        return false;
    *slot(n, key) = (struct words_entry){key, value};
    n->count++;
    return true;
}
