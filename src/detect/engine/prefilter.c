/* The pattern databases: Vectorscan finds which rules' fast patterns are in a buffer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/cache.h"
#include "detect/engine/private.h"

/* Another one when databases of the same patterns are compiled in another way. */
#define CACHE_FORMAT 3u
/* One alone is compiled as fast as it is read; a handful is not. */
#define CACHED_PATTERNS_MIN 2u

/* The entries are in order. */
static bool number_patterns(struct slot *s)
{
    s->first = malloc((s->count + 1) * sizeof *s->first);
    if (!s->first)
        return false;
    s->patterns = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (i == 0 || s->entries[i - 1].pattern != s->entries[i].pattern)
            s->first[s->patterns++] = i;
    s->first[s->patterns] = s->count;
    return true;
}

/* What is in a slot's database: it is the name of its file, which is so never stale. */
struct content {
    uint64_t a;
    uint64_t b;
};

static struct content content_of(const struct slot *s, const struct pattern_hash *hashes)
{
    struct content c = {hash_bytes(hs_version(), strlen(hs_version()), CACHE_FORMAT), 2};
    for (uint32_t i = 0; i < s->patterns; i++) {
        const struct pattern_hash *h = &hashes[s->entries[s->first[i]].pattern];
        c.a = hash_mix(c.a ^ h->a, h->b);
        c.b = hash_mix(c.b ^ h->b, h->a);
    }
    return c;
}

static bool cache_name(struct content c, const char *folder, char *out, size_t n)
{
    int len = snprintf(out, n, "%s/%016llx%016llx.hs", folder, (unsigned long long)c.a, (unsigned long long)c.b);
    return len > 0 && (size_t)len < n;
}

/* The patterns as regular expressions, which unlike Vectorscan's literals may begin with a zero byte. */
struct patterns {
    const char **text;
    unsigned *flags;
    unsigned *ids;
    char *bytes;
};

static void escape(char *to, const struct slot_entry *e)
{
    static const char digits[] = "0123456789abcdef";
    for (uint16_t i = 0; i < e->len; i++) {
        *to++ = '\\';
        *to++ = 'x';
        *to++ = digits[e->p[i] >> 4];
        *to++ = digits[e->p[i] & 15];
    }
    *to = '\0';
}

static bool write_patterns(const struct slot *s, struct patterns *p)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->patterns; i++)
        n += s->entries[s->first[i]].len * 4u + 1;
    p->text = malloc(s->patterns * sizeof *p->text);
    p->flags = malloc(s->patterns * sizeof *p->flags);
    p->ids = malloc(s->patterns * sizeof *p->ids);
    p->bytes = malloc(n);
    if (!p->text || !p->flags || !p->ids || !p->bytes)
        return false;
    char *to = p->bytes;
    for (uint32_t i = 0; i < s->patterns; i++) {
        const struct slot_entry *e = &s->entries[s->first[i]];
        escape(to, e);
        p->text[i] = to;
        p->flags[i] = HS_FLAG_SINGLEMATCH | (e->nocase ? HS_FLAG_CASELESS : 0);
        p->ids[i] = i;
        to += e->len * 4u + 1;
    }
    return true;
}

static int make_database(struct slot *s, char *error, size_t error_len)
{
    struct patterns p = {0};
    hs_compile_error_t *why = NULL;
    int r = write_patterns(s, &p) ? 0 : -ENOMEM;
    if (r == 0 &&
        hs_compile_multi(p.text, p.flags, p.ids, s->patterns, HS_MODE_BLOCK, NULL, &s->db, &why) != HS_SUCCESS) {
        snprintf(error, error_len, "rules: can't make the pattern database of %s: %s", detect_buffer(s->buffer)->key,
                 why ? why->message : "unknown");
        r = -EINVAL;
    }
    if (why)
        hs_free_compile_error(why);
    free(p.text);
    free(p.flags);
    free(p.ids);
    free(p.bytes);
    return r;
}

static int compile_slot(struct detect *d, struct slot *s, struct content c, const char *cache, bool *used, char *error,
                        size_t error_len)
{
    char name[4096];
    bool cached = cache && s->patterns >= CACHED_PATTERNS_MIN && cache_name(c, cache, name, sizeof name);
    if (cached && (s->db = detect_cache_read(name, &d->scratch, &s->mapped, used)) != NULL)
        return 0;
    int r = make_database(s, error, error_len);
    if (r == 0 && hs_alloc_scratch(s->db, &d->scratch) != HS_SUCCESS)
        r = -ENOMEM;
    if (r == 0 && cached) {
        detect_cache_write(name, s->db);
        *used = true;
    }
    return r;
}

/* Slots by what is in their databases. */
struct known {
    struct pattern_hash *hashes;
    struct content *content; /* of each slot */
    uint32_t *table;         /* slot and 1 */
    uint32_t size;
    bool used; /* files of the cache were written, or used for the first time of the day */
};

/* Several classes of ports often have the same patterns: one database serves them all. */
static int fill_slot(struct detect *d, uint32_t i, struct known *k, const char *cache, char *error, size_t error_len)
{
    struct slot *s = &d->slots[i];
    if (s->kind == SLOT_PLACED)
        return placed_make(s);
    if (!s->first && !number_patterns(s))
        return -ENOMEM;
    struct content c = k->content[i] = content_of(s, k->hashes);
    uint32_t at = (uint32_t)c.a & (k->size - 1);
    for (; k->table[at]; at = (at + 1) & (k->size - 1)) {
        uint32_t other = k->table[at] - 1;
        if (k->content[other].a != c.a || k->content[other].b != c.b)
            continue;
        s->db = d->slots[other].db;
        s->borrowed = true;
        return 0;
    }
    k->table[at] = i + 1;
    return compile_slot(d, s, c, cache, &k->used, error, error_len);
}

/* Slots with their patterns numbered, and parts of them. */
static bool order_slots(struct detect *d, struct pattern_hash **hashes)
{
    if (!patterns_order(d, hashes))
        return false;
    for (uint32_t i = 0; i < d->slot_count; i++)
        if (d->slots[i].kind != SLOT_PLACED && !number_patterns(&d->slots[i]))
            return false;
    return parts_make(d);
}

int detect_compile(struct detect *d, const char *cache, char *error, size_t error_len)
{
    struct known k = {.size = 64};
    int r = order_slots(d, &k.hashes) ? 0 : -ENOMEM;
    while (k.size < d->slot_count * 2)
        k.size *= 2;
    k.content = calloc(d->slot_count + 1, sizeof *k.content);
    k.table = calloc(k.size, sizeof *k.table);
    if (!k.content || !k.table)
        r = -ENOMEM;
    for (uint32_t i = 0; i < d->slot_count && r == 0; i++)
        r = fill_slot(d, i, &k, cache, error, error_len);
    free(k.hashes);
    free(k.content);
    free(k.table);
    if (k.used && r == 0)
        detect_cache_prune(cache);
    return r;
}
