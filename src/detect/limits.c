/* threshold, detection_filter, tag. */
#include <string.h>

#include "detect/load.h"

static const char *const tracks[] = {"by_src", "by_dst", "by_both", "by_rule", "by_flow"};

/* One "word value"; 1 taken, 0 wrong. seen gets a bit. */
static bool read_word(struct rule_build *b, struct threshold *t, char *word, unsigned *seen)
{
    static const char *const words[] = {"type", "track", "count", "seconds", "multiplier", "unique_on"};
    static const char *const types[] = {"limit", "threshold", "both", "backoff"};
    static const char *const ports[] = {"src_port", "dst_port"};
    char *value = word + strcspn(word, " \t");
    unsigned i, v;
    int64_t n;
    if (*value)
        *value++ = '\0';
    value = text_trim(value);
    if (!text_word(word, words, 6, &i))
        return build_error(b, "\"%.40s\": unknown word", word);
    if (*seen & 1u << i)
        return build_error(b, "%s is given twice", word);
    *seen |= 1u << i;
    if (i == 0) {
        if (!text_word(value, types, 4, &v))
            return build_error(b, "type \"%.20s\": use limit, threshold, both or backoff", value);
        t->type = (enum threshold_type)(THRESHOLD_LIMIT + v);
    } else if (i == 1) {
        if (!text_word(value, tracks, 5, &v))
            return build_error(b, "track \"%.20s\": use by_src, by_dst, by_both, by_rule or by_flow", value);
        t->track = (enum threshold_track)v;
    } else if (i == 5) {
        if (!text_word(value, ports, 2, &v))
            return build_error(b, "unique_on \"%.20s\": use src_port or dst_port", value);
        t->has_unique = true;
        t->unique_on = (uint8_t)v;
    } else {
        if (!text_int(value, 1, UINT32_MAX, &n))
            return build_error(b, "%s \"%.20s\": no number from 1", word, value);
        *(i == 2 ? &t->count : i == 3 ? &t->seconds : &t->multiplier) = (uint32_t)n;
    }
    return true;
}

static bool threshold(struct rule_build *b, char *arg)
{
    struct threshold t = {0};
    unsigned seen = 0;
    if (b->rule->threshold.type)
        return build_error(b, "multiple \"threshold\" options are not allowed in the same rule");
    if (b->rule->detection_filter.type)
        return build_error(b, "does not go with detection_filter");
    for (char *word; (word = text_next(&arg, ','));)
        if (!read_word(b, &t, word, &seen))
            return false;
    unsigned want = t.type == THRESHOLD_BACKOFF ? 1 | 2 | 4 | 16 : 1 | 2 | 4 | 8;
    if ((seen & ~32u) != want)
        return build_error(b, t.type == THRESHOLD_BACKOFF ? "backoff needs track, count and multiplier"
                                                          : "needs type, track, count and seconds");
    if (t.type == THRESHOLD_BACKOFF && t.track != TRACK_FLOW)
        return build_error(b, "backoff needs track by_flow");
    b->rule->threshold = t;
    return true;
}

static bool detection_filter(struct rule_build *b, char *arg)
{
    struct threshold t = {0};
    unsigned seen = 0;
    if (b->rule->detection_filter.type)
        return build_error(b, "given twice");
    if (b->rule->threshold.type)
        return build_error(b, "does not go with threshold");
    for (char *word; (word = text_next(&arg, ','));)
        if (!read_word(b, &t, word, &seen))
            return false;
    if ((seen & ~32u) != (2 | 4 | 8))
        return build_error(b, "needs track, count and seconds");
    t.type = THRESHOLD_DETECT;
    b->rule->detection_filter = t;
    return true;
}

/* "host,600,seconds,src", "session,10,packets", "session" */
static bool tag(struct rule_build *b, char *arg)
{
    static const char *const whats[] = {"session", "host"};
    static const char *const metrics[] = {"packets", "seconds", "bytes"};
    static const char *const sides[] = {"src", "dst"};
    struct match_tag *m = build_get(b, sizeof *m);
    char *rest = arg;
    const char *what = text_next(&rest, ',');
    unsigned i;
    if (!m)
        return false;
    m->count = 600;
    if (!text_word(what, whats, 2, &i))
        return build_error(b, "\"%.20s\": use session or host", what);
    m->host = i == 1;
    m->metric = 1;
    if (rest) {
        const char *count = text_next(&rest, ','), *metric = text_next(&rest, ',');
        if (!metric || !text_u32(count, &m->count) || !text_word(metric, metrics, 3, &i))
            return build_error(b, "use a number, then packets, seconds or bytes");
        m->metric = (uint8_t)i;
    }
    const char *side = text_next(&rest, ',');
    m->side = MATCH_GEO_SRC;
    if (side && (!m->host || !text_word(side, sides, 2, &i)))
        return build_error(b, "use src or dst, and only of a host");
    if (side)
        m->side = i ? MATCH_GEO_DST : MATCH_GEO_SRC;
    return build_add_post(b, MATCH_TAG, m);
}

const struct keyword keywords_limits[] = {
    {"threshold", NULL, threshold, 0, 0, 0, "how many alerts are given"},
    {"detection_filter", NULL, detection_filter, 0, 0, 0, "how often it must match before it alerts"},
    {"tag", NULL, tag, 0, 0, 0, "record what follows, too"},
    {0}};
