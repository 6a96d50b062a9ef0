#include "config/conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool conf_parse_bool(const char *text, bool *out)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        {"yes", true}, {"true", true},   {"on", true},   {"1", true},
        {"no", false}, {"false", false}, {"off", false}, {"0", false},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i].word) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

/* Digits at the start of *text, which is moved behind them. */
static bool read_digits(const char **text, uint64_t *out)
{
    const char *p = *text;
    uint64_t v = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
            return false;
    }
    bool some = p != *text;
    *text = p;
    *out = v;
    return some;
}

bool conf_parse_uint(const char *text, uint64_t *out)
{
    uint64_t v;
    if (!read_digits(&text, &v) || *text)
        return false;
    *out = v;
    return true;
}

static bool read_unit(const char *text, uint64_t *unit)
{
    static const struct {
        const char *word;
        uint64_t bytes;
    } units[] = {
        {"", 1},         {"b", 1},         {"kb", 1 << 10}, {"kib", 1 << 10},
        {"mb", 1 << 20}, {"mib", 1 << 20}, {"gb", 1 << 30}, {"gib", 1 << 30},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcasecmp(text, units[i].word) == 0) {
            *unit = units[i].bytes;
            return true;
        }
    }
    return false;
}

bool conf_parse_size(const char *text, uint64_t *out)
{
    uint64_t whole;
    uint64_t unit;
    uint64_t scale = 1;
    uint64_t part = 0;
    if (!read_digits(&text, &whole))
        return false;
    if (*text == '.') {
        const char *start = ++text;
        /* Six digits are more than a gigabyte's fraction is worth. */
        if (!read_digits(&text, &part) || text - start > 6)
            return false;
        for (const char *p = start; p < text; p++)
            scale *= 10;
    }
    text += strspn(text, " ");
    if (!read_unit(text, &unit) || __builtin_mul_overflow(whole, unit, &whole))
        return false;
    return !__builtin_add_overflow(whole, part * unit / scale, out);
}

static const struct conf_node *scalar(const struct conf_node *node, const char *path)
{
    const struct conf_node *n = node ? conf_find(node, path) : NULL;
    return n && n->kind == CONF_SCALAR ? n : NULL;
}

bool conf_get_bool(const struct conf_node *node, const char *path, bool fallback)
{
    bool v;
    const struct conf_node *n = scalar(node, path);
    return n && conf_parse_bool(n->text, &v) ? v : fallback;
}

uint64_t conf_get_uint(const struct conf_node *node, const char *path, uint64_t fallback)
{
    uint64_t v;
    const struct conf_node *n = scalar(node, path);
    return n && conf_parse_uint(n->text, &v) ? v : fallback;
}

uint64_t conf_get_size(const struct conf_node *node, const char *path, uint64_t fallback)
{
    uint64_t v;
    const struct conf_node *n = scalar(node, path);
    return n && conf_parse_size(n->text, &v) ? v : fallback;
}

const char *conf_get_text(const struct conf_node *node, const char *path, const char *fallback)
{
    const struct conf_node *n = scalar(node, path);
    return n ? n->text : fallback;
}
