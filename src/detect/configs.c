/* classification.config, reference.config, threshold.config. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "detect/load.h"

/* Classes and references in their files. */
#define ENTRIES_MAX 4096u

/* Call `line` for each line that is neither empty nor a comment. */
static void each_line(struct ruleset *set, const char *file,
                      void (*line)(struct ruleset *set, char *text, const char *file, unsigned number))
{
    char error[1024];
    size_t len;
    char *text = load_file(file, &len, error, sizeof error), *rest = text;
    unsigned number = 0;
    if (!text) {
        load_warn(set, "%s", error);
        return;
    }
    for (char *at; (at = text_next(&rest, '\n'));) {
        number++;
        if (*at && *at != '#')
            line(set, at, file, number);
    }
    free(text);
}

static char *after(char *text, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(text, word, n) != 0)
        return NULL;
    text += n + strspn(text + n, " \t");
    return text;
}

/* "config classification: name,text,priority" */
static void class_line(struct ruleset *set, char *text, const char *file, unsigned number)
{
    struct ruleset_load *l = set->loading;
    char *at = after(text, "config"), *rest = at ? after(at, "classification:") : NULL;
    char *name = text_next(&rest, ','), *what = text_next(&rest, ','), *priority = text_next(&rest, ',');
    int64_t v;
    if (!priority || !*name || !text_int(priority, 1, 255, &v) || set->class_count == ENTRIES_MAX) {
        load_warn(set, "%s:%u: use config classification: name,description,priority", file, number);
        return;
    }
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (words_find(&l->classes, name))
        return;
    if (set->class_count == l->classes_room) {
        uint32_t room = l->classes_room ? l->classes_room * 2 : 64;
        struct class_type *more = realloc(set->classes, room * sizeof *more);
        if (!more)
            return;
        set->classes = more;
        l->classes_room = room;
    }
    struct class_type *c = &set->classes[set->class_count];
    c->name = arena_text(&set->shared, name, strlen(name));
    c->text = arena_text(&set->shared, what, strlen(what));
    c->id = set->class_count + 1;
    c->priority = (uint32_t)v;
    if (c->name && c->text && words_add(&l->classes, c->name, set->class_count))
        set->class_count++;
}

/* "config reference: cve http://..." */
static void reference_line(struct ruleset *set, char *text, const char *file, unsigned number)
{
    struct words *known = &set->loading->references;
    char *at = after(text, "config"), *name = at ? after(at, "reference:") : NULL;
    char *url = name ? name + strcspn(name, " \t") : NULL;
    if (!url || !*url || known->count == ENTRIES_MAX) {
        load_warn(set, "%s:%u: use config reference: system prefix", file, number);
        return;
    }
    *url++ = '\0';
    url = text_trim(url);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    const char *key = arena_text(&set->shared, name, strlen(name)), *value = arena_text(&set->shared, url, strlen(url));
    if (key && value && !words_find(known, key))
        words_add(known, key, (uint64_t)(uintptr_t)value);
}

void load_classes(struct ruleset *set, const char *file)
{
    each_line(set, file, class_line);
}

void load_references(struct ruleset *set, const char *file)
{
    each_line(set, file, reference_line);
}

/* One line of threshold.config. */
struct limit {
    enum { LIMIT_SUPPRESS, LIMIT_THRESHOLD, LIMIT_RATE } kind;
    int64_t gid;
    int64_t sid;
    bool has_track;
    struct threshold t;
    const struct rule_addrs *addrs;
};

static bool limit_word(struct rule_build *b, struct limit *m, char *word, char *value)
{
    static const char *const words[] = {"gen_id",  "sig_id",     "type",    "track", "count",
                                        "seconds", "new_action", "timeout", "ip",    "multiplier"};
    static const char *const types[] = {"limit", "threshold", "both", "backoff"};
    static const char *const tracks[] = {"by_src", "by_dst", "by_both", "by_rule", "by_flow", "by_either"};
    static const enum threshold_track track[] = {TRACK_SRC,  TRACK_DST,  TRACK_BOTH,
                                                 TRACK_RULE, TRACK_FLOW, TRACK_EITHER};
    static const char *const actions[] = {"alert", "pass", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth"};
    static const enum rule_action action[] = {RULE_ALERT,      RULE_PASS,       RULE_DROP,       RULE_REJECT_SRC,
                                              RULE_REJECT_SRC, RULE_REJECT_DST, RULE_REJECT_BOTH};
    unsigned i, v;
    if (!text_word(word, words, sizeof words / sizeof words[0], &i))
        return false;
    switch (i) {
    case 0:
        return text_int(value, 0, UINT32_MAX, &m->gid);
    case 1:
        return text_int(value, 0, UINT32_MAX, &m->sid);
    case 2:
        m->t.type = text_word(value, types, 4, &v) ? (enum threshold_type)(THRESHOLD_LIMIT + v) : THRESHOLD_NONE;
        return m->t.type != THRESHOLD_NONE;
    case 3:
        m->has_track = text_word(value, tracks, 6, &v);
        m->t.track = m->has_track ? track[v] : TRACK_SRC;
        return m->has_track;
    case 6:
        if (!text_word(value, actions, 7, &v))
            return false;
        m->t.new_action = action[v];
        return true;
    case 8:
        m->addrs = build_addrs(b, value);
        return m->addrs != NULL;
    default:
        return text_u32(value, i == 4   ? &m->t.count
                               : i == 5 ? &m->t.seconds
                               : i == 7 ? &m->t.timeout
                                        : &m->t.multiplier);
    }
}

/* "ip [a, b]" has commas of its own. */
static char *limit_next(char **rest)
{
    char *s = *rest;
    int depth = 0;
    if (!s)
        return NULL;
    for (char *c = s;; c++) {
        depth += *c == '[' ? 1 : *c == ']' ? -1 : 0;
        if (*c && (*c != ',' || depth > 0))
            continue;
        *rest = *c ? c + 1 : NULL;
        *c = '\0';
        return text_trim(s);
    }
}

static bool limit_read(struct rule_build *b, struct limit *m, char *text)
{
    static const char *const kinds[] = {"suppress", "threshold", "event_filter", "rate_filter"};
    char *rest = text + strcspn(text, " \t");
    unsigned i;
    *m = (struct limit){.gid = -1, .sid = -1};
    if (!*rest)
        return false;
    *rest++ = '\0';
    if (!text_word(text, kinds, 4, &i))
        return false;
    m->kind = i == 0 ? LIMIT_SUPPRESS : i == 3 ? LIMIT_RATE : LIMIT_THRESHOLD;
    for (char *word; (word = limit_next(&rest));) {
        char *value = word + strcspn(word, " \t");
        if (*value)
            *value++ = '\0';
        if (!limit_word(b, m, word, text_trim(value)))
            return false;
    }
    if (m->gid < 0 || m->sid < 0)
        return false;
    if (m->kind == LIMIT_SUPPRESS)
        return m->has_track == (m->addrs != NULL);
    if (m->kind == LIMIT_RATE)
        m->t.type = THRESHOLD_RATE;
    return m->has_track && m->t.count && m->t.type;
}

static void limit_apply(struct ruleset *set, struct rule *r, const struct limit *m)
{
    if (m->kind == LIMIT_SUPPRESS) {
        struct suppress *more = arena_get(&set->arena, (r->suppress_count + 1) * sizeof *more);
        if (!more)
            return;
        if (r->suppress_count)
            memcpy(more, r->suppress, r->suppress_count * sizeof *more);
        more[r->suppress_count++] = (struct suppress){m->t.track, m->addrs};
        r->suppress = more;
    } else if (m->kind == LIMIT_RATE) {
        struct threshold *more = arena_get(&set->arena, (r->rate_count + 1) * sizeof *more);
        if (!more)
            return;
        if (r->rate_count)
            memcpy(more, r->rates, r->rate_count * sizeof *more);
        more[r->rate_count++] = m->t;
        r->rates = more;
    } else if (!r->threshold.type && !r->detection_filter.type) {
        r->threshold = m->t;
    } else if (m->sid) {
        load_warn(set, "sid %u: its own threshold stays, that of the threshold file does not count", r->sid);
    }
}

static void limit_line(struct ruleset *set, char *text, const char *file, unsigned number)
{
    struct rule_build *b = &set->loading->build;
    struct limit m;
    b->error[0] = '\0';
    if (!limit_read(b, &m, text)) {
        load_warn(set, "%s:%u: no suppress, threshold or rate_filter%s%s", file, number, b->error[0] ? ": " : "",
                  b->error);
        return;
    }
    bool found = false;
    for (uint32_t i = 0; i < set->rule_count; i++) {
        struct rule *r = set->rules[i];
        if ((m.gid && r->gid != m.gid) || (m.sid && r->sid != m.sid))
            continue;
        limit_apply(set, r, &m);
        found = true;
    }
    set->limits += found;
}

void load_thresholds(struct ruleset *set, const char *file)
{
    each_line(set, file, limit_line);
}
