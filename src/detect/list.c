/* --list-keywords. */
#include <stdio.h>
#include <string.h>

#include "detect/arena.h"
#include "detect/buffers.h"
#include "detect/keyword.h"
#include "detect/ruleset.h"

static const struct {
    uint32_t flag;
    const char *text;
} features[] = {{KEYWORD_STICKY, "sticky buffer"},
                {KEYWORD_MODIFIER, "content modifier"},
                {KEYWORD_TRANSFORM, "transform"},
                {KEYWORD_META, "about the rule"},
                {KEYWORD_NO_VALUE, "no value"},
                {KEYWORD_PREFILTER, "prefilter"},
                {KEYWORD_NEVER, "checked, never matches: no parser provides it"},
                {KEYWORD_REFUSED, "refused"}};

static void print_features(const struct keyword *k, FILE *out, const char *none)
{
    bool some = false;
    uint32_t flags = k->flags;
    if (flags & KEYWORD_STICKY && !(detect_buffer((unsigned)k->param)->flags & BUFFER_PROVIDED))
        flags |= KEYWORD_NEVER;
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (flags & features[i].flag) {
            fprintf(out, "%s%s", some ? ", " : "", features[i].text);
            some = true;
        }
    }
    if (!some)
        fputs(none, out);
}

static void print_apps(const struct keyword *k, FILE *out, const char *none)
{
    bool some = false;
    for (unsigned a = APP_ANY + 1; a < DETECT_APP_COUNT; a++) {
        if (k->apps & DETECT_APP_BIT(a)) {
            fprintf(out, "%s%s", some ? ", " : "", detect_app_name((enum detect_app)a));
            some = true;
        }
    }
    if (!some)
        fputs(none, out);
}

static void print_names(const struct keyword *const *list, FILE *out)
{
    fputs("=====Supported keywords=====\n", out);
    for (; *list; list++) {
        fprintf(out, "- %s\n", (*list)->name);
        if ((*list)->alias)
            fprintf(out, "- %s\n", (*list)->alias);
    }
}

static void print_csv(const struct keyword *const *list, FILE *out)
{
    fputs("name;description;app layer;features;documentation\n", out);
    for (; *list; list++) {
        const struct keyword *k = *list;
        fprintf(out, "%s;%s;", k->name, k->text);
        print_apps(k, out, "Unset");
        fputc(';', out);
        print_features(k, out, "none");
        fputs(";keywords.md;\n", out);
    }
}

static void print_markdown(const struct keyword *const *list, FILE *out)
{
    fputs("# Keywords of rules\n\n"
          "Written by `burrow --list-keywords=all`.\n\n"
          "| keyword | also | what | protocols | |\n"
          "| --- | --- | --- | --- | --- |\n",
          out);
    for (; *list; list++) {
        const struct keyword *k = *list;
        fprintf(out, "| `%s` | ", k->name);
        if (k->alias)
            fprintf(out, "`%s` ", k->alias);
        fprintf(out, "| %s | ", k->text);
        print_apps(k, out, "");
        fputs(" | ", out);
        print_features(k, out, "");
        fputs(" |\n", out);
    }
}

static bool print_one(const struct keyword *const *list, const char *name, FILE *out)
{
    for (; *list; list++) {
        const struct keyword *k = *list;
        if (strcmp(k->name, name) != 0 && (!k->alias || strcmp(k->alias, name) != 0))
            continue;
        fprintf(out, "= %s =\n", k->name);
        if (k->alias)
            fprintf(out, "Also: %s\n", k->alias);
        fprintf(out, "Description: %s\nProtocol: ", k->text);
        print_apps(k, out, "any");
        fputs("\nFeatures: ", out);
        print_features(k, out, "none");
        fputc('\n', out);
        return true;
    }
    return false;
}

bool ruleset_list_keywords(const char *how, FILE *out)
{
    struct arena arena;
    bool found = true;
    arena_init(&arena, 0);
    const struct keyword **list = keywords_collect(&arena);
    if (!list)
        found = false;
    else if (!how)
        print_names(list, out);
    else if (strcmp(how, "csv") == 0)
        print_csv(list, out);
    else if (strcmp(how, "all") == 0)
        print_markdown(list, out);
    else
        found = print_one(list, how, out);
    arena_fini(&arena);
    return found;
}
