#include "detect/reputation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"
#include "core/hash.h"
#include "detect/load.h"

#define NONE 255

struct entry {
    struct addr addr; /* of a network: its first */
    uint8_t bits;
    bool used;
    uint8_t value[REPUTATION_CATEGORIES];
};

struct reputation {
    struct words categories;
    struct arena texts;
    struct entry *entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
    uint64_t seed;
    uint64_t lengths[2][3]; /* by family, IPv4 first: bit n is set when some entry has n bits */
};

static struct entry *slot(const struct reputation *r, const struct addr *a, uint8_t bits)
{
    size_t i = hash_bytes(a->b, 16, r->seed + bits + a->family) & (r->room - 1);
    while (r->entries[i].used && (r->entries[i].bits != bits || !addr_equal(&r->entries[i].addr, a)))
        i = (i + 1) & (r->room - 1);
    return &r->entries[i];
}

static bool grow(struct reputation *r)
{
    struct reputation more = *r;
    more.room = r->room ? r->room * 2 : 1024;
    more.entries = calloc(more.room, sizeof *more.entries);
    if (!more.entries)
        return false;
    for (size_t i = 0; i < r->room; i++)
        if (r->entries[i].used)
            *slot(&more, &r->entries[i].addr, r->entries[i].bits) = r->entries[i];
    free(r->entries);
    *r = more;
    return true;
}

/* The network that the first bits of an address are. */
static struct addr network(const struct addr *a, unsigned bits)
{
    struct addr n = *a;
    for (unsigned i = 0; i < 16; i++)
        n.b[i] = (uint8_t)(n.b[i] & (bits >= i * 8 + 8 ? 0xffu : bits <= i * 8 ? 0u : 0xff00u >> (bits - i * 8)));
    return n;
}

static bool add(struct reputation *r, const struct addr *a, unsigned bits, unsigned category, unsigned value)
{
    if (r->count >= REPUTATION_ENTRIES_MAX || (r->count * 2 >= r->room && !grow(r)))
        return false;
    struct addr n = network(a, bits);
    struct entry *e = slot(r, &n, (uint8_t)bits);
    if (!e->used) {
        *e = (struct entry){.addr = n, .bits = (uint8_t)bits, .used = true};
        memset(e->value, NONE, sizeof e->value);
        r->lengths[a->family == ADDR_V6][bits >> 6] |= 1ull << (bits & 63);
        r->count++;
    }
    e->value[category] = (uint8_t)value;
    return true;
}

/* "1,ShortName,What it is" */
static bool category_line(struct reputation *r, char *line)
{
    char *rest = line;
    const char *id = text_next(&rest, ','), *name = text_next(&rest, ',');
    int64_t n;
    if (!name || !*name || !text_int(id, 1, REPUTATION_CATEGORIES - 1, &n) || words_find(&r->categories, name))
        return false;
    const char *kept = arena_text(&r->texts, name, strlen(name));
    return kept && words_add(&r->categories, kept, (uint64_t)n);
}

/* "address[/bits],category,value" */
static bool value_line(struct reputation *r, char *line)
{
    char *rest = line;
    const char *where = text_next(&rest, ','), *category = text_next(&rest, ','), *value = text_next(&rest, ',');
    struct addr a;
    unsigned bits;
    int64_t c, v;
    return value && addr_parse_prefix(where, &a, &bits) && text_int(category, 1, REPUTATION_CATEGORIES - 1, &c) &&
           text_int(value, 0, REPUTATION_MOST, &v) && add(r, &a, bits, (unsigned)c, (unsigned)v);
}

static bool read_lines(struct reputation *r, const char *file, bool (*line)(struct reputation *r, char *text),
                       const char *form, char *error, size_t error_len)
{
    size_t len;
    unsigned number = 0;
    char *text = load_file(file, &len, error, error_len), *rest = text;
    if (!text)
        return false;
    bool ok = true;
    for (char *at; ok && (at = text_next(&rest, '\n'));) {
        number++;
        ok = !*at || *at == '#' || line(r, at);
    }
    if (!ok)
        snprintf(error, error_len, "%.800s:%u: use %s", file, number, form);
    free(text);
    return ok;
}

static bool read_all(struct reputation *r, const struct settings *s, char *error, size_t error_len)
{
    const char *categories = conf_get_text(s->tree, "reputation-categories-file", "");
    const char *folder = conf_get_text(s->tree, "default-reputation-path", "");
    const struct conf_node *files = conf_find(s->tree, "reputation-files");
    char path[4096];
    if (!*categories) {
        snprintf(error, error_len, "reputation-categories-file is not set");
        return false;
    }
    if (!read_lines(r, categories, category_line, "a number from 1 to 59, a name, a description", error, error_len))
        return false;
    const struct conf_node *one = files && files->kind == CONF_SEQUENCE ? files->first : files;
    for (; one; one = files == one ? NULL : one->next) {
        bool whole = one->text[0] == '/' || !*folder;
        snprintf(path, sizeof path, "%s%s%s", whole ? "" : folder, whole ? "" : "/", one->text);
        if (!read_lines(r, path, value_line, "an address, a category from 1 to 59, a value from 0 to 127", error,
                        error_len))
            return false;
    }
    return true;
}

struct reputation *reputation_create(const struct settings *s, char *error, size_t error_len)
{
    struct reputation *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(error, error_len, "out of memory");
        return NULL;
    }
    arena_init(&r->texts, 0);
    r->seed = hash_seed();
    if (!read_all(r, s, error, error_len))
        reputation_destroy(&r);
    return r;
}

void reputation_destroy(struct reputation **reputation)
{
    struct reputation *r = *reputation;
    *reputation = NULL;
    if (!r)
        return;
    words_fini(&r->categories);
    arena_fini(&r->texts);
    free(r->entries);
    free(r);
}

uint8_t reputation_category(const struct reputation *r, const char *name)
{
    const uint64_t *id = words_find(&r->categories, name);
    return id ? (uint8_t)*id : 0;
}

int reputation_find(const struct reputation *r, const struct addr *a, uint8_t category)
{
    const uint64_t *lengths = r->lengths[a->family == ADDR_V6];
    for (int word = 2; word >= 0; word--) {
        for (uint64_t left = lengths[word]; left;) {
            unsigned bit = 63u - (unsigned)__builtin_clzll(left), bits = (unsigned)word * 64 + bit;
            left &= ~(1ull << bit);
            struct addr n = network(a, bits);
            const struct entry *e = slot(r, &n, (uint8_t)bits);
            if (e->used && e->value[category] != NONE)
                return e->value[category];
        }
    }
    return -1;
}
