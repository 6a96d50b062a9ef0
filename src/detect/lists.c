/* Keywords that look things up in lists: dataset, datarep, iprep, geoip. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"
#include "detect/load.h"

#define COUNTRIES_MAX 256

static bool dataset_type(struct rule_build *b, struct ruleset_dataset *d, const char *value)
{
    static const char *const types[] = {"md5", "sha256", "string", "ipv4", "ipv6", "ip"};
    unsigned i;
    if (!text_word(value, types, 6, &i))
        return build_error(b, "type \"%.20s\": use string, md5, sha256, ipv4, ipv6 or ip", value);
    d->type = types[i];
    return true;
}

/* "save" and "state" write: the path must be relative, and the configuration allow it. */
static bool may_write(struct rule_build *b, const char *path)
{
    const struct conf_node *tree = b->set->loading->options->settings->tree;
    if (!conf_get_bool(tree, "datasets.rules.allow-write", true))
        return build_error(b, "\"%.60s\": datasets.rules.allow-write is off", path);
    bool up = strstr(path, "..") != NULL;
    if ((path[0] == '/' || up) && !conf_get_bool(tree, "datasets.rules.allow-absolute-filenames", false))
        return build_error(
            b, "\"%.60s\": an absolute path, or one that goes up; datasets.rules.allow-absolute-filenames is off",
            path);
    return true;
}

static bool dataset_word(struct rule_build *b, struct ruleset_dataset *d, char *word)
{
    static const char *const words[] = {"type",   "load",        "save",      "state",     "memcap",
                                        "format", "context_key", "value_key", "array_key", "hashsize"};
    static const char *const formats[] = {"csv", "json", "ndjson"};
    const char **texts[] = {NULL, &d->load,        &d->save,      &d->state,     NULL,
                            NULL, &d->context_key, &d->value_key, &d->array_key, NULL};
    char *value = word + strcspn(word, " \t");
    unsigned i, f;
    if (*value)
        *value++ = '\0';
    value = text_trim(value);
    if (strcmp(word, "remove_key") == 0) {
        d->remove_key = true;
        return true;
    }
    if (!text_word(word, words, 10, &i) || !*value)
        return build_error(b, "\"%.40s\": unknown word, or one without a value", word);
    if (i == 0)
        return dataset_type(b, d, value);
    if (i == 4)
        return conf_parse_size(value, &d->memcap) || build_error(b, "memcap \"%.20s\" is no size", value);
    if (i == 9)
        return text_u32(value, &d->hashsize) || build_error(b, "hashsize \"%.20s\" is no number", value);
    if (i == 5) {
        if (!text_word(value, formats, 3, &f))
            return build_error(b, "format \"%.20s\": use csv, json or ndjson", value);
        d->format = formats[f];
        return true;
    }
    if ((i == 2 || i == 3) && !may_write(b, value))
        return false;
    *texts[i] = arena_text(&b->set->shared, value, strlen(value));
    return *texts[i] || build_error(b, "out of memory");
}

/* Enter the set, or find it by its name; what both say must agree. */
static bool dataset_enter(struct rule_build *b, struct ruleset_dataset *d, uint32_t *out)
{
    struct ruleset *set = b->set;
    struct ruleset_load *l = set->loading;
    const uint64_t *known = words_find(&l->datasets, d->name);
    if (known) {
        struct ruleset_dataset *old = &set->datasets[*known];
        if (d->reputation != old->reputation)
            return build_error(b, "Cannot mix dataset and datarep values for set %s", d->name);
        if (d->type && old->type && strcmp(d->type, old->type) != 0)
            return build_error(b, "%s was of type %s before", d->name, old->type);
        if (!old->type)
            old->type = d->type;
        if (!old->load)
            old->load = d->load;
        if (!old->save)
            old->save = d->save;
        if (!old->state)
            old->state = d->state;
        *out = (uint32_t)*known;
        return true;
    }
    if (set->dataset_count == l->datasets_room) {
        uint32_t room = l->datasets_room ? l->datasets_room * 2 : 8;
        struct ruleset_dataset *more = realloc(set->datasets, room * sizeof *more);
        if (!more)
            return build_error(b, "out of memory");
        set->datasets = more;
        l->datasets_room = room;
    }
    d->name = arena_text(&set->shared, d->name, strlen(d->name));
    d->file = arena_text(&set->shared, b->file, strlen(b->file));
    if (!d->name || !d->file || !words_add(&l->datasets, d->name, set->dataset_count))
        return build_error(b, "out of memory");
    *out = set->dataset_count;
    set->datasets[set->dataset_count++] = *d;
    return true;
}

static bool dataset_rest(struct rule_build *b, struct ruleset_dataset *d, char *rest, struct match_dataset *m)
{
    if (!d->name || !*d->name || strlen(d->name) > 63 || strpbrk(d->name, " \t"))
        return build_error(b, "needs a name of at most 63 characters");
    for (char *word; (word = text_next(&rest, ','));)
        if (!dataset_word(b, d, word))
            return false;
    if (!b->current)
        return build_error(b, "needs a sticky buffer before it");
    if (d->format && strcmp(d->format, "csv") != 0 && (!d->value_key || !d->context_key))
        return build_error(b, "format %s needs value_key and context_key", d->format);
    if (d->state && (d->load || d->save))
        return build_error(b, "state does not go with load or save");
    return dataset_enter(b, d, &m->set);
}

static bool dataset(struct rule_build *b, char *arg)
{
    static const char *const commands[] = {"isset", "isnotset", "set", "unset"};
    struct match_dataset *m = build_get(b, sizeof *m);
    struct ruleset_dataset d = {0};
    char *rest = arg;
    unsigned i;
    if (!m)
        return false;
    const char *word = text_next(&rest, ',');
    if (!text_word(word, commands, 4, &i))
        return build_error(b, "\"%.20s\": use isset, isnotset, set or unset", word);
    m->command = (enum dataset_command)i;
    d.name = text_next(&rest, ',');
    return dataset_rest(b, &d, rest, m) && build_add_buffer(b, MATCH_DATASET, m);
}

/* "name, >, 200, load file, type md5" */
static bool datarep(struct rule_build *b, char *arg)
{
    struct match_dataset *m = build_get(b, sizeof *m);
    struct ruleset_dataset d = {0};
    char *rest = arg;
    int64_t v;
    if (!m)
        return false;
    m->command = DATASET_REP;
    d.reputation = true;
    d.name = text_next(&rest, ',');
    const char *op = text_next(&rest, ','), *value = text_next(&rest, ',');
    if (!value || strlen(op) != 1 || !strchr("<>=", *op))
        return build_error(b, "use name, <, > or =, a number, ...");
    m->rep.op = *op == '<' ? UINT_LESS : *op == '>' ? UINT_GREATER : UINT_EQUAL;
    if (!text_int(value, 0, UINT16_MAX, &v))
        return build_error(b, "invalid datarep value \"%.20s\": from 0 to 65535", value);
    m->rep.a = (uint64_t)v;
    return dataset_rest(b, &d, rest, m) && build_add_buffer(b, MATCH_DATASET, m);
}

static bool read_side(const char *word, uint8_t *out)
{
    static const char *const words[] = {"src", "dst", "any", "both"};
    static const uint8_t sides[] = {MATCH_GEO_SRC, MATCH_GEO_DST, MATCH_GEO_ANY, MATCH_GEO_BOTH};
    unsigned i;
    if (!text_word(word, words, 4, &i))
        return false;
    *out = sides[i];
    return true;
}

/* "any,BadHosts,>,10", "src,Cat,isset" */
static bool iprep(struct rule_build *b, char *arg)
{
    struct match_iprep *m = build_get(b, sizeof *m);
    char *rest = arg, text[32];
    if (!m)
        return false;
    const char *side = text_next(&rest, ','), *category = text_next(&rest, ',');
    const char *op = text_next(&rest, ','), *value = text_next(&rest, ',');
    if (!op || rest || !*category || !read_side(side, &m->side))
        return build_error(b, "use src, dst, any or both, a category, an operator, a number");
    m->category = build_text(b, category);
    m->isset = strcmp(op, "isset") == 0;
    m->isnotset = strcmp(op, "isnotset") == 0;
    if ((m->isset || m->isnotset) != (value == NULL))
        return build_error(b, "an operator and a number, or isset, or isnotset");
    if (value) {
        snprintf(text, sizeof text, "%s%.20s", strcmp(op, "=") == 0 ? "" : op, value);
        if (strspn(op, "<>=!") != strlen(op) || strlen(op) > 2 || !build_uint(b, text, 127, &m->value))
            return build_error(b, "\"%s %s\" is no comparison with a number from 0 to 127", op, value);
    }
    return m->category && build_add_packet(b, MATCH_IPREP, m);
}

/* "dst,CN,RU", "!US" */
static bool geoip(struct rule_build *b, char *arg)
{
    struct match_geoip *m = build_get(b, sizeof *m);
    char(*list)[4] = build_get(b, COUNTRIES_MAX * sizeof *list);
    char *rest = arg, *word = NULL;
    if (!m || !list)
        return false;
    m->side = MATCH_GEO_ANY;
    for (bool first = true; (word = text_next(&rest, ',')); first = false) {
        if (first && read_side(word, &m->side))
            continue;
        if (*word == '!') {
            m->negated = true;
            word++;
        }
        if (strlen(word) != 2 || !isalpha((unsigned char)word[0]) || !isalpha((unsigned char)word[1]) ||
            m->count == COUNTRIES_MAX)
            return build_error(b, "\"%.20s\" is no country of two letters", word);
        list[m->count][0] = (char)toupper((unsigned char)word[0]);
        list[m->count++][1] = (char)toupper((unsigned char)word[1]);
    }
    if (!m->count)
        return build_error(b, "names no country");
    m->countries = (const char(*)[4])list;
    return build_add_packet(b, MATCH_GEOIP, m);
}

const struct keyword keywords_lists[] = {{"dataset", NULL, dataset, 0, 0, 0, "is the buffer in a set; put it there"},
                                         {"datarep", NULL, datarep, 0, 0, 0, "the buffer's reputation, of a set"},
                                         {"iprep", NULL, iprep, 0, 0, 0, "the address's reputation"},
                                         {"geoip", NULL, geoip, 0, 0, 0, "the address's country"},
                                         {0}};
