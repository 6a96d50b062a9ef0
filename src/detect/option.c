/* The options of a rule: split at semicolons, given to their keywords. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "detect/load.h"

/* End a text where its last character that is no blank is; returns that end. */
static char *cut(const char *begin, char *end)
{
    while (end > begin && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return end;
}

/* Cut the next option off; false at the end, or with an error. Semicolons of values are written "\;". */
static bool next_option(struct rule_build *b, char **rest, struct build_option *out)
{
    char *s = *rest, *end;
    while (isspace((unsigned char)*s))
        s++;
    if (!*s)
        return false;
    end = s;
    while ((end = strchr(end, ';')) && end > s && end[-1] == '\\')
        end++;
    if (!end)
        return build_error(b, "\"%.60s\" does not end in a semicolon", text_trim(s));
    *rest = end + 1;
    char *colon = memchr(s, ':', (size_t)(end - s));
    out->has_value = colon != NULL;
    char *name_end = cut(s, colon ? colon : end);
    out->name = s;
    out->value = name_end; /* "", which may be written to */
    if (colon) {
        for (colon++; colon < end && isspace((unsigned char)*colon);)
            colon++;
        cut(colon, end);
        out->value = colon;
    }
    const uint64_t *k = words_find_part(&b->set->loading->keywords, s, (size_t)(name_end - s));
    out->keyword = k ? (const struct keyword *)(uintptr_t)*k : NULL;
    return *out->name || build_error(b, "an option without a name");
}

/* A value's quotes and negation, as its keyword wants them. NULL with an error. */
static char *clean_value(struct rule_build *b, const struct keyword *k, char *v)
{
    b->negated = false;
    if (k->flags & KEYWORD_NEGATION && *v == '!') {
        b->negated = true;
        v = text_trim(v + 1);
    }
    if (!(k->flags & (KEYWORD_QUOTES | KEYWORD_MAY_QUOTE)))
        return v;
    size_t n = strlen(v);
    if (*v == '"') {
        if (n < 2 || v[n - 1] != '"') {
            build_error(b, "its quotes are not closed: a semicolon inside is written \\;");
            return NULL;
        }
        v[n - 1] = '\0';
        return v + 1;
    }
    if (k->flags & KEYWORD_QUOTES) {
        build_error(b, "the value must be in double quotes");
        return NULL;
    }
    return v;
}

static bool give(struct rule_build *b, const struct keyword *k, struct build_option *o)
{
    bool empty = !o->has_value || !*o->value;
    b->has_value = !empty;
    if (k->flags & KEYWORD_REFUSED)
        return build_error(b, "%s", k->text);
    if (k->flags & KEYWORD_NO_VALUE && !empty)
        return build_error(b, "takes no value");
    if (!(k->flags & (KEYWORD_NO_VALUE | KEYWORD_OPTIONAL_VALUE)) && empty)
        return build_error(b, "needs a value");
    char *value = clean_value(b, k, o->value);
    if (!value || !build_apps(b, k->flags & KEYWORD_STICKY ? 0 : k->apps))
        return false;
    if (k->flags & KEYWORD_NEVER && !b->missing)
        b->missing = k->name;
    return k->parse(b, value);
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

bool build_split(struct rule_build *b, char *text)
{
    b->option_count = 0;
    while (b->option_count < RULE_OPTIONS_MAX && next_option(b, &text, &b->options[b->option_count]))
        b->option_count++;
    if (b->option_count == RULE_OPTIONS_MAX)
        return build_error(b, "more than %u options", RULE_OPTIONS_MAX - 1);
    return !b->error[0];
}

static bool is_early(const struct rule_build *b, unsigned i)
{
    const struct keyword *k = b->options[i].keyword;
    return k && k->flags & KEYWORD_EARLY;
}

bool build_early(struct rule_build *b)
{
    for (unsigned i = 0; i < b->option_count && !b->skip; i++)
        if (is_early(b, i) && !read_option(b, &b->options[i]))
            return false;
    return true;
}

bool build_options(struct rule_build *b)
{
    for (unsigned i = 0; i < b->option_count; i++)
        if (!is_early(b, i) && !read_option(b, &b->options[i]))
            return false;
    return true;
}
