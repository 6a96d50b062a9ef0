/* The options of a rule: split at semicolons, given to their keywords. */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "detect/load.h"

/* A byte in each of the bytes of a number. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* A name as two numbers, which overlap: together with its length they tell all names of so many bytes apart. */
#define NAME_SHORT 16u

static void numbers_of(const char *name, size_t n, uint64_t *first, uint64_t *last)
{
    uint32_t a = 0, z = 0;
    if (n >= 8) {
        memcpy(first, name, 8);
        memcpy(last, name + n - 8, 8);
        return;
    }
    if (n >= 4) {
        memcpy(&a, name, 4);
        memcpy(&z, name + n - 4, 4);
    } else if (n) {
        a = (uint8_t)name[0] | (uint32_t)(uint8_t)name[n / 2] << 8;
        z = (uint8_t)name[n - 1];
    }
    *first = a;
    *last = z;
}

/* NULL: there is none. */
static const struct keyword *find_keyword(struct rule_build *b, const char *name, size_t n)
{
    const struct words *all = &b->set->loading->keywords;
    struct build_known *known = NULL;
    uint64_t first = 0, last = 0;
    if (n <= NAME_SHORT) {
        numbers_of(name, n, &first, &last);
        known = &b->known[hash_mix(first, last + n) % BUILD_KNOWN];
        if (known->first == first && known->last == last && known->len == n)
            return known->keyword;
    }
    const uint64_t *k = words_find_part(all, name, n);
    const struct keyword *found = k ? (const struct keyword *)(uintptr_t)*k : NULL;
    if (known && found)
        *known = (struct build_known){first, last, n, found};
    return found;
}

/* Where a text ends whose last character is no blank. */
static char *end_of(const char *begin, char *end)
{
    while (end > begin && text_is_space(end[-1]))
        end--;
    return end;
}

/* Go on by eight characters while neither ':' nor ';', which differ in their last bit, is among them, and there are as
 * many before the limit; the end is there or behind. */
static char *name_end_near(char *s, const char *limit)
{
    for (; limit - s >= 8; s += 8) {
        uint64_t v;
        memcpy(&v, s, sizeof v);
        v = (le64toh(v) | EACH(1)) ^ EACH(';');
        v = (v - EACH(1)) & ~v & EACH(0x80);
        if (v)
            return s + __builtin_ctzll(v) / 8;
    }
    return s;
}

/* Cut the next option off; false at the end, or with an error. Semicolons of values are written "\;". */
static bool next_option(struct rule_build *b, char **rest, const char *limit, struct build_option *out)
{
    static const bool ends_name[256] = {['\0'] = true, [':'] = true, [';'] = true};
    char *s = *rest, *at, *end;
    while (text_is_space(*s))
        s++;
    if (!*s)
        return false;
    for (at = name_end_near(s, limit); !ends_name[(uint8_t)*at] || (*at == ';' && at > s && at[-1] == '\\');)
        at++;
    end = at;
    while (end && (end == at ? *at == ':' : end[-1] == '\\'))
        end = strchr(end + 1, ';');
    if (!end || !*end)
        return build_error(b, "\"%.60s\" does not end in a semicolon", text_trim(s));
    *rest = end + 1;
    out->has_value = *at == ':';
    char *name_end = end_of(s, at), *value = name_end;
    out->len = 0;
    if (out->has_value) {
        for (value = at + 1; value < end && text_is_space(*value);)
            value++;
        char *value_end = end_of(value, end);
        *value_end = '\0';
        out->len = (uint32_t)(value_end - value);
    }
    *name_end = '\0';
    out->name = s;
    out->value = value; /* without one "", which may be written to */
    out->keyword = find_keyword(b, s, (size_t)(name_end - s));
    return name_end > s || build_error(b, "an option without a name");
}

/* Take a value's quotes and negation away, as its keyword wants it. False with an error. */
static bool clean_value(struct rule_build *b, const struct keyword *k, struct build_option *o)
{
    if (k->flags & KEYWORD_NEGATION && *o->value == '!') {
        b->negated = true;
        for (o->value++, o->len--; text_is_space(*o->value); o->len--)
            o->value++;
    }
    if (!(k->flags & (KEYWORD_QUOTES | KEYWORD_MAY_QUOTE)))
        return true;
    if (*o->value == '"') {
        if (o->len < 2 || o->value[o->len - 1] != '"')
            return build_error(b, "its quotes are not closed: a semicolon inside is written \\;");
        o->len -= 2;
        o->value++;
        o->value[o->len] = '\0';
        return true;
    }
    return !(k->flags & KEYWORD_QUOTES) || build_error(b, "the value must be in double quotes");
}

static bool give(struct rule_build *b, const struct keyword *k, struct build_option *o)
{
    b->has_value = o->len > 0;
    b->negated = false;
    if (k->flags & KEYWORD_REFUSED)
        return build_error(b, "%s", k->text);
    if (k->flags & KEYWORD_NO_VALUE && b->has_value)
        return build_error(b, "takes no value");
    if (!(k->flags & (KEYWORD_NO_VALUE | KEYWORD_OPTIONAL_VALUE)) && !b->has_value)
        return build_error(b, "needs a value");
    if (!clean_value(b, k, o) || !build_apps(b, k->flags & KEYWORD_STICKY ? 0 : k->apps))
        return false;
    if (k->flags & KEYWORD_NEVER && !b->missing)
        b->missing = k->name;
    b->len = o->len;
    return k->parse(b, o->value);
}

/* Put the option's name before the reason. */
static bool named(struct rule_build *b, const char *option)
{
    char why[RULE_ERROR_MAX];
    memcpy(why, b->error, sizeof why);
    b->error[0] = '\0';
    return build_error(b, "%.60s: %s", option, why);
}

static bool read_option(struct rule_build *b, struct build_option *o)
{
    const struct keyword *k = o->keyword;
    if (!k)
        return build_error(b, "%.60s: unknown keyword", o->name);
    b->keyword = k;
    b->word = o->name;
    return give(b, k, o) || named(b, o->name);
}

bool build_split(struct rule_build *b, char *text, const char *end)
{
    b->option_count = b->early_count = 0;
    while (b->option_count < RULE_OPTIONS_MAX && next_option(b, &text, end, &b->options[b->option_count])) {
        const struct keyword *k = b->options[b->option_count].keyword;
        if (k && k->flags & KEYWORD_EARLY)
            b->early[b->early_count++] = (uint16_t)b->option_count;
        b->option_count++;
    }
    if (b->option_count == RULE_OPTIONS_MAX)
        return build_error(b, "more than %u options", RULE_OPTIONS_MAX - 1);
    return !b->error[0];
}

bool build_early(struct rule_build *b)
{
    for (unsigned i = 0; i < b->early_count && !b->skip; i++)
        if (!read_option(b, &b->options[b->early[i]]))
            return false;
    return true;
}

bool build_options(struct rule_build *b)
{
    for (unsigned i = 0; i < b->option_count; i++) {
        struct build_option *o = &b->options[i];
        if (!(o->keyword && o->keyword->flags & KEYWORD_EARLY) && !read_option(b, o))
            return false;
    }
    return true;
}
