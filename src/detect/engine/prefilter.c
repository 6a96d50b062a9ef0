/* The pattern databases: Vectorscan finds which rules' fast patterns are in a buffer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/cache.h"
#include "detect/engine/private.h"

/* Another one when databases of the same patterns are compiled in another way. */
#define CACHE_FORMAT 4u
/* A file for one alone is read no faster than it is compiled; for a handful it is. */
#define CACHED_PATTERNS_MIN 2u
/* Of so many databases there is a file of all, too. */
#define SET_MIN 16u

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

static bool cache_name(struct content c, const char *folder, const char *end, char *out, size_t n)
{
    int len = snprintf(out, n, "%s/%016llx%016llx%s", folder, (unsigned long long)c.a, (unsigned long long)c.b, end);
    return len > 0 && (size_t)len < n;
}

/* The patterns as regular expressions, which unlike Vectorscan's literals may begin with a zero byte. */
struct patterns {
    const char **text;
    unsigned *flags;
    unsigned *ids;
    char *bytes;
    uint32_t count;
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

/* With so many patterns, none of which is short, Vectorscan (5.4) goes through a buffer in steps of four bytes, and
 * takes up to three times as long for it as in steps of two, as much that it stops at is nothing. One of three bytes
 * keeps it from that; these are in no text. What is found of it has a number behind those of the slot's. */
#define STEPS_PATTERNS_MIN 200u
#define STEPS_PATTERNS_MAX 800u
#define STEPS_SHORT        4u
static const struct slot_entry steps_keeper = {.p = (const uint8_t *)"\xf5\xc1\xfe", .len = 3};

static bool wants_keeper(const struct slot *s)
{
    bool is = s->patterns >= STEPS_PATTERNS_MIN && s->patterns < STEPS_PATTERNS_MAX;
    for (uint32_t i = 0; i < s->patterns && is; i++)
        is = s->entries[s->first[i]].len >= STEPS_SHORT;
    return is;
}

static bool write_patterns(const struct slot *s, struct patterns *p)
{
    p->count = s->patterns + wants_keeper(s);
    size_t n = steps_keeper.len * 4u + 1;
    for (uint32_t i = 0; i < s->patterns; i++)
        n += s->entries[s->first[i]].len * 4u + 1;
    p->text = malloc(p->count * sizeof *p->text);
    p->flags = malloc(p->count * sizeof *p->flags);
    p->ids = malloc(p->count * sizeof *p->ids);
    p->bytes = malloc(n);
    if (!p->text || !p->flags || !p->ids || !p->bytes)
        return false;
    char *to = p->bytes;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct slot_entry *e = i < s->patterns ? &s->entries[s->first[i]] : &steps_keeper;
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
    if (r == 0 && hs_compile_multi(p.text, p.flags, p.ids, p.count, HS_MODE_BLOCK, NULL, &s->db, &why) != HS_SUCCESS) {
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
    bool cached = cache && s->patterns >= CACHED_PATTERNS_MIN && cache_name(c, cache, ".hs", name, sizeof name);
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
    uint32_t *of;            /* of each slot: the one whose database it has, mostly itself */
    uint32_t *table;         /* slot and 1 */
    uint32_t size;
    struct detect_cache_db *dbs; /* all different ones */
    uint32_t *dbs_of;            /* of each of them, its slot */
    uint32_t count;
    bool used; /* files of the cache were written, or used for the first time of the day */
};

static bool known_init(struct known *k, uint32_t slots)
{
    k->size = 64;
    while (k->size < slots * 2)
        k->size *= 2;
    k->content = calloc(slots + 1, sizeof *k->content);
    k->of = calloc(slots + 1, sizeof *k->of);
    k->table = calloc(k->size, sizeof *k->table);
    k->dbs = calloc(slots + 1, sizeof *k->dbs);
    k->dbs_of = calloc(slots + 1, sizeof *k->dbs_of);
    return k->content && k->of && k->table && k->dbs && k->dbs_of;
}

static void known_fini(struct known *k)
{
    free(k->hashes);
    free(k->content);
    free(k->of);
    free(k->table);
    free(k->dbs);
    free(k->dbs_of);
}

/* Several classes of ports often have the same patterns: one database serves them all. */
static bool find_equal(const struct detect *d, uint32_t i, struct known *k)
{
    struct slot *s = &d->slots[i];
    if (!s->first && !number_patterns(s))
        return false;
    struct content c = k->content[i] = content_of(s, k->hashes);
    uint32_t at = (uint32_t)c.a & (k->size - 1);
    for (; k->table[at]; at = (at + 1) & (k->size - 1)) {
        k->of[i] = k->table[at] - 1;
        if (k->content[k->of[i]].a == c.a && k->content[k->of[i]].b == c.b)
            return true;
    }
    k->of[i] = i;
    k->table[at] = i + 1;
    k->dbs[k->count] = (struct detect_cache_db){.a = c.a, .b = c.b};
    k->dbs_of[k->count++] = i;
    return true;
}

static bool set_name(const struct known *k, const char *cache, char *out, size_t n)
{
    struct content c = {k->count, 3};
    for (uint32_t i = 0; i < k->count; i++) {
        c.a = hash_mix(c.a ^ k->dbs[i].a, k->dbs[i].b);
        c.b = hash_mix(c.b ^ k->dbs[i].b, k->dbs[i].a);
    }
    return k->count >= SET_MIN && cache_name(c, cache, ".set", out, n);
}

/* The databases of one file, which stand for one of a file each. */
static bool read_set(struct detect *d, struct known *k, const char *cache, const char *set)
{
    char name[4096];
    bool marked = false;
    if (!detect_cache_read_set(set, k->dbs, k->count, &d->scratch, &d->cached, &marked))
        return false;
    for (uint32_t i = 0; i < k->count; i++) {
        struct slot *s = &d->slots[k->dbs_of[i]];
        s->db = k->dbs[i].db;
        s->borrowed = true;
        if (marked && cache_name(k->content[k->dbs_of[i]], cache, ".hs", name, sizeof name))
            detect_cache_mark(name);
    }
    k->used = marked;
    return true;
}

static void write_set(struct detect *d, struct known *k, const char *set)
{
    for (uint32_t i = 0; i < k->count; i++)
        k->dbs[i].db = d->slots[k->dbs_of[i]].db;
    detect_cache_write_set(set, k->dbs, k->count);
    k->used = true;
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

static int fill_slots(struct detect *d, struct known *k, const char *cache, char *error, size_t error_len)
{
    char set[4096];
    for (uint32_t i = 0; i < d->slot_count; i++)
        if (d->slots[i].kind != SLOT_PLACED && !find_equal(d, i, k))
            return -ENOMEM;
    bool cached = cache && set_name(k, cache, set, sizeof set), from_set = cached && read_set(d, k, cache, set);
    int r = 0;
    for (uint32_t i = 0; i < d->slot_count && r == 0; i++) {
        struct slot *s = &d->slots[i];
        if (s->kind == SLOT_PLACED) {
            r = placed_make(s);
        } else if (k->of[i] != i) {
            s->db = d->slots[k->of[i]].db;
            s->borrowed = true;
        } else if (!s->db) {
            r = compile_slot(d, s, k->content[i], cache, &k->used, error, error_len);
        }
    }
    if (r == 0 && cached && !from_set)
        write_set(d, k, set);
    return r;
}

int detect_compile(struct detect *d, const char *cache, char *error, size_t error_len)
{
    struct known k = {0};
    bool ok = order_slots(d, &k.hashes) && known_init(&k, d->slot_count);
    int r = ok ? fill_slots(d, &k, cache, error, error_len) : -ENOMEM;
    known_fini(&k);
    if (k.used && r == 0)
        detect_cache_prune(cache);
    return r;
}
