/* dataset, datarep, and the sets that the configuration names. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/conf.h"
#include "core/log.h"
#include "detect/load.h"

/* Where sets are kept, if neither configuration nor command line say it. */
#define DATA_DIR "/var/lib/burrow/data"

/* datasets.limits: as in Suricata. */
#define HASHSIZE_MOST  262144u
#define HASHSIZES_MOST 67108864u

/* What a rule, or the configuration, says of a set. */
struct set_words {
    const char *name;
    const char *type;
    const char *load;
    const char *save;
    const char *state;
    const char *context_key;
    const char *value_key;
    const char *array_key;
    const char *match;
    enum dataset_format format;
    uint64_t memcap;
    uint32_t hashsize;
    bool remove_key;
    bool subdomain;
    bool reputation;
    bool changes;
    bool trusted; /* of the configuration */
};

static const struct conf_node *tree_of(const struct rule_build *b)
{
    return b->set->loading->options->settings->tree;
}

/* "save" and "state" write: the path must be relative, and the configuration allow it. */
static bool may_write(struct rule_build *b, const char *path)
{
    struct ruleset *set = b->set;
    bool up = strstr(path, "..") != NULL, absolute = path[0] == '/';
    if (!conf_get_bool(tree_of(b), "datasets.rules.allow-write", true)) {
        load_warn(set, "Rules containing save/state datasets have been disabled");
        return build_error(b, "\"%.60s\": datasets.rules.allow-write is off", path);
    }
    if (!absolute && !up)
        return true;
    if (absolute && conf_get_bool(tree_of(b), "datasets.rules.allow-absolute-filenames", false)) {
        if (!set->loading->options->quiet)
            log_notice("Allowing absolute filename for dataset rule: %s", path);
        return true;
    }
    load_warn(set, "%s not allowed: %s", absolute ? "Absolute paths" : "Directory traversals", path);
    return build_error(b,
                       absolute ? "\"%.60s\": an absolute path; datasets.rules.allow-absolute-filenames is off"
                                : "\"%.60s\": a path that goes up",
                       path);
}

static bool set_word(struct rule_build *b, struct set_words *w, char *word)
{
    static const char *const words[] = {"type",      "load",      "save",   "state",  "match",   "context_key",
                                        "value_key", "array_key", "format", "memcap", "hashsize"};
    const char **texts[] = {&w->type,  &w->load,        &w->save,      &w->state,
                            &w->match, &w->context_key, &w->value_key, &w->array_key};
    static const char *const formats[] = {"csv", "json", "ndjson"};
    char *value = word + strcspn(word, " \t");
    unsigned i, f;
    if (*value)
        *value++ = '\0';
    value = text_trim(value);
    if (strcmp(word, "remove_key") == 0) {
        w->remove_key = true;
        return true;
    }
    if (!text_word(word, words, sizeof words / sizeof words[0], &i) || !*value)
        return build_error(b, "\"%.40s\": unknown word, or one without a value", word);
    if (i < sizeof texts / sizeof texts[0]) {
        *texts[i] = value;
        return true;
    }
    if (i == 9)
        return conf_parse_size(value, &w->memcap) || build_error(b, "memcap \"%.20s\" is no size", value);
    if (i == 10)
        return text_u32(value, &w->hashsize) || build_error(b, "hashsize \"%.20s\" is no number", value);
    if (!text_word(value, formats, 3, &f))
        return build_error(b, "format \"%.20s\": use csv, json or ndjson", value);
    w->format = (enum dataset_format)f;
    return true;
}

static bool set_words(struct rule_build *b, struct set_words *w, char *rest)
{
    for (char *word; (word = text_next(&rest, ','));)
        if (!set_word(b, w, word))
            return false;
    w->subdomain = w->match && strcmp(w->match, "subdomain") == 0;
    if (w->match && !w->subdomain && strcmp(w->match, "exact") != 0)
        return build_error(b, "match \"%.20s\": use subdomain or exact", w->match);
    if (w->format != DATASET_CSV && (!w->value_key || !w->context_key || w->reputation))
        return build_error(b, "JSON needs value_key and context_key, and is no datarep's");
    if (w->format == DATASET_CSV && (w->value_key || w->context_key || w->array_key || w->remove_key))
        return build_error(b, "value_key, context_key, array_key and remove_key need format json or ndjson");
    if (w->format != DATASET_CSV && (w->save || w->state))
        return build_error(b, "a set with JSON is only loaded, not kept");
    if (w->state && (w->load || w->save))
        return build_error(b, "state does not go with load or save");
    return true;
}

/* Where a file is that is written: in the folder for data. */
static void data_path(const struct rule_build *b, const char *name, char *out, size_t n)
{
    const char *dir = b->set->loading->options->data_dir;
    if (!dir)
        dir = conf_get_text(tree_of(b), "default-data-dir", DATA_DIR);
    snprintf(out, n, "%s%s%s", name[0] == '/' ? "" : dir, name[0] == '/' ? "" : "/", name);
}

/* One that is loaded: beside the file of rules, in the folder for data, or as it is. */
static void load_path(const struct rule_build *b, const char *name, char *out, size_t n)
{
    const char *slash = b->file ? strrchr(b->file, '/') : NULL;
    if (name[0] != '/' && slash) {
        snprintf(out, n, "%.*s/%s", (int)(slash - b->file), b->file, name);
        if (access(out, F_OK) == 0)
            return;
    }
    data_path(b, name, out, n);
    if (name[0] != '/' && access(out, F_OK) != 0)
        snprintf(out, n, "%s", name);
}

static bool check_hashsize(struct rule_build *b, const struct set_words *w)
{
    struct ruleset_load *l = b->set->loading;
    uint64_t one = conf_get_uint(tree_of(b), "datasets.limits.single-hashsize", HASHSIZE_MOST);
    uint64_t all = conf_get_uint(tree_of(b), "datasets.limits.total-hashsizes", HASHSIZES_MOST);
    uint64_t size = w->hashsize ? w->hashsize : conf_get_uint(tree_of(b), "datasets.defaults.hashsize", 2048);
    if (size > one || l->hashsizes + size > all)
        return build_error(b, "hashsize %llu of %s is more than datasets.limits allow", (unsigned long long)size,
                           w->name);
    l->hashsizes += size;
    return true;
}

static struct datasets *kept_sets(const struct rule_build *b)
{
    return b->set->own_sets ? b->set->own_sets : b->set->loading->options->sets;
}

/* Make the set, or take the one that was kept over a reload. */
static struct dataset *set_make(struct rule_build *b, const struct set_words *w)
{
    char load[4096], save[4096], error[RULE_ERROR_MAX];
    bool kept = w->save || w->state || !w->load;
    struct dataset_options o = {
        .name = w->name,
        .memcap = w->memcap ? w->memcap : conf_get_size(tree_of(b), "datasets.defaults.memcap", DATASET_MEMCAP),
        .reputation = w->reputation,
        .changes = kept || w->changes,
        .format = w->format,
        .value_key = w->value_key,
        .array_key = w->array_key,
        .remove_key = w->remove_key,
        .may_lack = w->state != NULL};
    struct dataset *d = kept ? datasets_find(kept_sets(b), w->name) : NULL;
    if (!w->type && !d) {
        build_error(b, "dataset %s needs a type", w->name);
        return NULL;
    }
    if (w->type && !dataset_type_find(w->type, &o.type)) {
        build_error(b, "type \"%.20s\": use string, md5, sha256, ipv4, ipv6 or ip", w->type);
        return NULL;
    }
    if (d && dataset_has_numbers(d) == w->reputation && (!w->type || dataset_type(d) == o.type))
        return d;
    if (d) {
        build_error(b, "dataset %s was of another kind before; it changes only with a restart", w->name);
        dataset_put(&d);
        return NULL;
    }
    if (w->load)
        load_path(b, w->load, load, sizeof load);
    if (w->save || w->state)
        data_path(b, w->save ? w->save : w->state, save, sizeof save);
    o.load = w->load ? load : w->state ? save : NULL;
    o.save = w->save || w->state ? save : NULL;
    if (!check_hashsize(b, w))
        return NULL;
    if (dataset_create(&o, &d, error, sizeof error) != 0) {
        build_error(b, "%s", error);
        return NULL;
    }
    if (kept && !datasets_add(kept_sets(b), d)) {
        build_error(b, "more than %u datasets", DATASETS_MAX);
        dataset_put(&d);
    }
    return d;
}

static bool set_add(struct rule_build *b, const struct set_words *w, struct dataset *d)
{
    struct ruleset *set = b->set;
    struct ruleset_load *l = set->loading;
    if (set->dataset_count == l->datasets_room) {
        uint32_t room = l->datasets_room ? l->datasets_room * 2 : 8;
        struct ruleset_dataset *more = realloc(set->datasets, room * sizeof *more);
        if (!more)
            return false;
        set->datasets = more;
        l->datasets_room = room;
    }
    const char *name = arena_text(&set->shared, w->name, strlen(w->name));
    const char *key = w->context_key ? arena_text(&set->shared, w->context_key, strlen(w->context_key)) : NULL;
    if (!name || (w->context_key && !key) || !words_add(&l->datasets, name, set->dataset_count))
        return false;
    set->datasets[set->dataset_count++] = (struct ruleset_dataset){d, key};
    return true;
}

/* Enter the set, or find it by its name; what both say must agree. */
static bool set_enter(struct rule_build *b, struct set_words *w, uint32_t *out)
{
    struct ruleset *set = b->set;
    enum dataset_type type;
    const uint64_t *known = words_find(&set->loading->datasets, w->name);
    const char *written = w->save ? w->save : w->state;
    if (written && !w->trusted && !may_write(b, written))
        return false;
    if (!known) {
        struct dataset *d = set_make(b, w);
        *out = set->dataset_count;
        if (!d || set_add(b, w, d))
            return d != NULL;
        dataset_put(&d);
        return build_error(b, "out of memory");
    }
    struct dataset *d = set->datasets[*known].set;
    if (dataset_has_numbers(d) != w->reputation)
        return build_error(b, "Cannot mix dataset and datarep values for set %s", w->name);
    if (w->type && (!dataset_type_find(w->type, &type) || type != dataset_type(d)))
        return build_error(b, "dataset %s has another type elsewhere", w->name);
    if (w->changes)
        dataset_will_change(d);
    *out = (uint32_t)*known;
    return true;
}

static bool dataset_rest(struct rule_build *b, struct set_words *w, char *rest, struct match_dataset *m)
{
    if (!w->name || !*w->name || strlen(w->name) > 63 || strpbrk(w->name, " \t"))
        return build_error(b, "needs a name of at most 63 characters");
    if (!set_words(b, w, rest))
        return false;
    if (!b->current)
        return build_error(b, "needs a sticky buffer before it");
    m->subdomain = w->subdomain;
    return set_enter(b, w, &m->set);
}

static bool dataset(struct rule_build *b, char *arg)
{
    static const char *const commands[] = {"isset", "isnotset", "set", "unset"};
    struct match_dataset *m = build_get(b, sizeof *m);
    struct set_words w = {0};
    char *rest = arg;
    unsigned i;
    if (!m)
        return false;
    const char *word = text_next(&rest, ',');
    if (!text_word(word, commands, 4, &i))
        return build_error(b, "\"%.20s\": use isset, isnotset, set or unset", word);
    m->command = (enum dataset_command)i;
    w.changes = m->command == DATASET_SET || m->command == DATASET_UNSET;
    w.name = text_next(&rest, ',');
    return dataset_rest(b, &w, rest, m) && build_add_buffer(b, MATCH_DATASET, m);
}

/* "name, >, 200, load file, type md5" */
static bool datarep(struct rule_build *b, char *arg)
{
    struct match_dataset *m = build_get(b, sizeof *m);
    struct set_words w = {.reputation = true};
    char *rest = arg;
    int64_t v;
    if (!m)
        return false;
    m->command = DATASET_REP;
    w.name = text_next(&rest, ',');
    const char *op = text_next(&rest, ','), *value = text_next(&rest, ',');
    if (!value || strlen(op) != 1 || !strchr("<>=", *op))
        return build_error(b, "use name, <, > or =, a number, ...");
    m->rep.op = *op == '<' ? UINT_LESS : *op == '>' ? UINT_GREATER : UINT_EQUAL;
    if (!text_int(value, 0, UINT16_MAX, &v))
        return build_error(b, "invalid datarep value \"%.20s\": from 0 to 65535", value);
    m->rep.a = (uint64_t)v;
    return dataset_rest(b, &w, rest, m) && build_add_buffer(b, MATCH_DATASET, m);
}

/* One of the configuration's "datasets": what is no option of all is a set. */
static bool set_of_node(struct rule_build *b, const struct conf_node *n)
{
    char text[2048];
    size_t at = 0;
    struct set_words w = {.name = n->key, .trusted = true};
    uint32_t index;
    for (const struct conf_node *c = n->first; c && at < sizeof text; c = c->next)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s", at ? "," : "", c->key, c->text);
    if (at >= sizeof text || strlen(w.name) > 63)
        return build_error(b, "too long");
    return set_words(b, &w, at ? text : NULL) && set_enter(b, &w, &index);
}

void load_datasets(struct ruleset *set)
{
    static const char *const others[] = {"defaults", "limits", "rules", "enabled"};
    struct rule_build *b = &set->loading->build;
    const struct conf_node *all = conf_find(set->loading->options->settings->tree, "datasets");
    char place[CONF_PATH_MAX];
    unsigned i;
    for (const struct conf_node *n = all ? all->first : NULL; n; n = n->next) {
        const struct conf_node *one = n->kind == CONF_MAPPING && !*n->key ? n->first : n;
        if (!one || one->kind != CONF_MAPPING || text_word(one->key, others, 4, &i))
            continue;
        b->error[0] = '\0';
        b->file = NULL;
        if (set_of_node(b, one))
            continue;
        load_warn(set, "%s: datasets: %s: %s", conf_place(one, place, sizeof place), one->key, b->error);
        set->unread++;
    }
}

const struct keyword keywords_sets[] = {{"dataset", NULL, dataset, 0, 0, 0, "is the buffer in a set; put it there"},
                                        {"datarep", NULL, datarep, 0, 0, 0, "the buffer's reputation, of a set"},
                                        {0}};
