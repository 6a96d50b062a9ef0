/* Files of rules: lines to rules, rules to the set. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "detect/load.h"

char *load_file(const char *path, size_t *len, char *error, size_t error_len)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
        snprintf(error, error_len, "%s: can't be read: %s", path, f ? "not a file" : strerror(errno));
        if (f)
            fclose(f);
        return NULL;
    }
    size_t room = 1u << 16, n = 0;
    char *text = malloc(room);
    while (text) {
        n += fread(text + n, 1, room - 1 - n, f);
        if (n < room - 1 || room >= RULESET_FILE_MAX)
            break;
        char *more = realloc(text, room *= 2);
        if (!more)
            free(text);
        text = more;
    }
    if (!text || n == room - 1) {
        snprintf(error, error_len, "%s: %s", path, text ? "larger than 512 MB" : "out of memory");
        free(text);
        text = NULL;
    } else {
        text[n] = '\0';
        *len = n;
    }
    fclose(f);
    return text;
}

static void report(struct ruleset *set, const char *file, uint32_t line)
{
    const struct ruleset_options *o = set->loading->options;
    const struct rule_build *b = &set->loading->build;
    char text[RULE_ERROR_MAX + 1024];
    if (b->has_sid && b->rule->gid != 1)
        snprintf(text, sizeof text, "%.800s:%u: sid %u:%u: %s", file, line, b->rule->gid, b->rule->sid, b->error);
    else if (b->has_sid)
        snprintf(text, sizeof text, "%.800s:%u: sid %u: %s", file, line, b->rule->sid, b->error);
    else
        snprintf(text, sizeof text, "%.800s:%u: no sid: %s", file, line, b->error);
    set->refused++;
    if (o->refused)
        o->refused(o->arg, text);
    if (!o->quiet)
        log_write(o->strict ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "%s", text);
}

/* Put the rule in its place: behind all, or where an older version of it is. */
static bool enter(struct ruleset *set, struct rule *r)
{
    struct ruleset_load *l = set->loading;
    struct rule_build *b = &l->build;
    char key[24];
    snprintf(key, sizeof key, "%u:%u", r->gid, r->sid);
    const uint64_t *known = words_find(&l->sids, key);
    if (known) {
        struct rule *old = set->rules[*known];
        if (old->rev >= r->rev)
            return build_error(b, "a rule of this sid with rev %u is there already: %s:%u", old->rev, old->file,
                               old->line);
        set->rules[*known] = r;
        set->replaced++;
        load_warn(set, "rev %u of sid %u, %s:%u, takes the place of rev %u, %s:%u", r->rev, r->sid, r->file, r->line,
                  old->rev, old->file, old->line);
        return true;
    }
    if (set->rule_count == RULESET_RULES_MAX)
        return build_error(b, "more than %u rules", RULESET_RULES_MAX);
    if (set->rule_count == l->rules_room) {
        uint32_t room = l->rules_room ? l->rules_room * 2 : 1024;
        struct rule **more = realloc(set->rules, room * sizeof *more);
        if (!more)
            return build_error(b, "out of memory");
        set->rules = more;
        l->rules_room = room;
    }
    const char *kept = arena_text(&set->arena, key, strlen(key));
    if (!kept || !words_add(&l->sids, kept, set->rule_count))
        return build_error(b, "out of memory");
    r->index = set->rule_count;
    set->rules[set->rule_count++] = r;
    return true;
}

/* Header and options; false: refused, or (build.skip) not for this version. */
static bool read_rule(struct rule_build *b, char *text)
{
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (!open || !close || close < open)
        return build_error(b, "this is no rule: it has no options in ( )");
    if (*text_trim(close + 1))
        return build_error(b, "something follows the closing bracket");
    b->rule->text = build_text(b, text);
    *open = *close = '\0';
    bool split = build_split(b, open + 1);
    char why[RULE_ERROR_MAX];
    memcpy(why, b->error, sizeof why);
    b->error[0] = '\0';
    if (!build_early(b) || b->skip)
        return false;
    if (!split)
        return build_error(b, "%s", why);
    return build_header(b, text) && build_options(b) && build_finish(b);
}

bool load_rule(struct ruleset *set, char *text, const char *file, uint32_t line)
{
    struct rule_build *b = &set->loading->build;
    struct arena_mark mark = arena_mark(&set->arena);
    b->file = file;
    b->line = line;
    b->has_sid = false;
    bool ok = build_begin(b);
    if (ok) {
        b->rule->file = file;
        b->rule->line = line;
        ok = read_rule(b, text) && enter(set, b->rule);
    }
    if (ok) {
        set->cannot += b->rule->missing != NULL;
        return true;
    }
    if (b->skip)
        set->skipped++;
    else
        report(set, file, line);
    arena_return(&set->arena, mark);
    return false;
}

/* A line that is no more than text; a zero byte is none. */
static bool refuse_line(struct ruleset *set, const char *file, uint32_t line, const char *why)
{
    struct rule_build *b = &set->loading->build;
    b->has_sid = false;
    b->error[0] = '\0';
    build_error(b, "%s", why);
    report(set, file, line);
    return false;
}

/* Join continued lines of [at, end) into rule; returns where the next one begins, and counts lines. */
static char *next_rule(char *at, char *end, char *rule, size_t *len, uint32_t *lines)
{
    bool more = true;
    *len = 0;
    while (more && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        size_t used = n && at[n - 1] == '\r' ? n - 1 : n;
        more = used && at[used - 1] == '\\' && stop;
        used -= more;
        if (*len + used < RULE_TEXT_MAX)
            memcpy(rule + *len, at, used);
        *len += used;
        (*lines)++;
        at += n + (stop != NULL);
        /* A comment's backslash continues nothing. */
        if (more && *len && (*rule == '#' || *rule == ';'))
            more = false;
    }
    return at;
}

static void load_text(struct ruleset *set, char *text, size_t len, const char *file)
{
    char *rule = malloc(RULE_TEXT_MAX), *end = text + len;
    uint32_t line = 0;
    for (char *at = text; rule && at < end;) {
        uint32_t first = line + 1;
        size_t n;
        at = next_rule(at, end, rule, &n, &line);
        if (n >= RULE_TEXT_MAX) {
            refuse_line(set, file, first, "longer than 65535 bytes");
            continue;
        }
        rule[n] = '\0';
        char *trimmed = rule + strspn(rule, " \t");
        if (memchr(rule, '\0', n))
            refuse_line(set, file, first, "a zero byte");
        else if (*trimmed && *trimmed != '#' && *trimmed != ';')
            load_rule(set, text_trim(trimmed), file, first);
    }
    if (!rule)
        load_warn(set, "%s: out of memory", file);
    free(rule);
}

/* One file. False: it can't be read. */
static bool load_one(struct ruleset *set, const char *path)
{
    char error[1024];
    size_t len = 0;
    if (set->file_count == RULESET_FILES_MAX) {
        load_warn(set, "%s: more than %u files of rules: not read", path, RULESET_FILES_MAX);
        return false;
    }
    char *text = load_file(path, &len, error, sizeof error);
    if (!text) {
        load_warn(set, "%s", error);
        set->unread++;
        return false;
    }
    const char *kept = arena_text(&set->shared, path, strlen(path));
    if (kept)
        load_text(set, text, len, kept);
    set->file_count++;
    free(text);
    return true;
}

void load_rules(struct ruleset *set, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        load_warn(set, "%s: no such file of rules", pattern);
        set->unread++;
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        load_one(set, found.gl_pathv[i]);
    globfree(&found);
}
