/* Keywords that look things up in lists: dataset, datarep, iprep, geoip. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/load.h"

#define COUNTRIES_MAX 256

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

static bool find_category(struct rule_build *b, struct match_iprep *m)
{
    struct ruleset *set = b->set;
    char error[RULE_ERROR_MAX];
    if (!set->reputation &&
        !(set->reputation = reputation_create(set->loading->options->settings, error, sizeof error)))
        return build_error(b, "%s", error);
    m->number = reputation_category(set->reputation, m->category);
    return m->number || build_error(b, "\"%.40s\" is no category of reputation-categories-file", m->category);
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
    return m->category && find_category(b, m) && build_add_packet(b, MATCH_IPREP, m);
}

/* "dst,CN,RU", "!US" */
static bool geoip(struct rule_build *b, char *arg)
{
    struct match_geoip *m = build_get(b, sizeof *m);
    char(*list)[4] = build_get(b, COUNTRIES_MAX * sizeof *list);
    char *rest = arg, *word = NULL, error[RULE_ERROR_MAX];
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
    if (!b->set->geoip && !(b->set->geoip = geoip_create(b->set->loading->options->settings, error, sizeof error)))
        return build_error(b, "%s", error);
    return build_add_packet(b, MATCH_GEOIP, m);
}

const struct keyword keywords_lists[] = {{"iprep", NULL, iprep, 0, 0, 0, "the address's reputation"},
                                         {"geoip", NULL, geoip, 0, 0, 0, "the address's country"},
                                         {0}};
