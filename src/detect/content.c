/* content and what changes it. */
#include <string.h>

#include "detect/load.h"

/* As in Suricata. */
#define POSITION_MAX (1 << 20)

static bool add_content(struct rule_build *b, char *arg, bool uri)
{
    struct match_content *c = build_get(b, sizeof *c);
    if (!c || !(c->bytes = build_bytes(b, arg, b->len, &c->len)))
        return false;
    c->negated = b->negated;
    c->offset.var = c->depth.var = c->distance.var = c->within.var = -1;
    struct build_buffer *to = &b->buffers[b->current];
    if (uri) {
        if (b->current)
            return build_error(b, "stands after a sticky buffer: say pkt_data before it");
        to = build_modified(b, b->http_uri);
        if (!to || !build_apps(b, DETECT_APP_BIT(APP_HTTP1)))
            return false;
    }
    if (!build_add(b, &to->matches, MATCH_CONTENT, c))
        return false;
    b->last_content = (struct build_place){(int)(to - b->buffers), to->matches.count - 1};
    return true;
}

static bool content(struct rule_build *b, char *arg)
{
    return add_content(b, arg, false);
}

static bool uricontent(struct rule_build *b, char *arg)
{
    return add_content(b, arg, true);
}

static bool nocase(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    (void)arg;
    if (!c)
        return false;
    if (c->nocase)
        return build_error(b, "given twice for one content");
    c->nocase = true;
    return true;
}

/* Negated content may be the fast pattern only where its position does not matter. */
static bool position_fits(struct rule_build *b, const struct match_content *c)
{
    if (c->fast_only)
        return build_error(b, "does not go with fast_pattern:only");
    if (c->fast_pattern && c->negated)
        return build_error(b, "a negated content with a position can't have fast_pattern");
    return true;
}

static bool absolute_fits(struct rule_build *b, const struct match_content *c, bool again)
{
    if (again)
        return build_error(b, "given twice for one content");
    if (c->startswith)
        return build_error(b, "does not go with startswith");
    if (c->has_distance || c->has_within)
        return build_error(b, "offset and depth don't go with distance and within of the same content");
    return position_fits(b, c);
}

static bool depth(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    if (!c || !absolute_fits(b, c, c->has_depth) || !build_value(b, arg, 0, POSITION_MAX, &c->depth))
        return false;
    if (c->depth.var < 0 && c->depth.number < c->len)
        return build_error(b, "%s is less than the %u bytes of the content", arg, c->len);
    c->has_depth = true;
    return true;
}

static bool offset(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    if (!c || !absolute_fits(b, c, c->has_offset) || !build_value(b, arg, 0, POSITION_MAX, &c->offset))
        return false;
    c->has_offset = true;
    return true;
}

static bool relative_fits(struct rule_build *b, const struct match_content *c, bool again)
{
    if (again)
        return build_error(b, "given twice for one content");
    if (c->startswith)
        return build_error(b, "does not go with startswith");
    if (c->has_offset || c->has_depth)
        return build_error(b, "distance and within don't go with offset and depth of the same content");
    return position_fits(b, c);
}

static bool distance(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    if (!c || !relative_fits(b, c, c->has_distance) || !build_value(b, arg, -POSITION_MAX, POSITION_MAX, &c->distance))
        return false;
    c->has_distance = true;
    return true;
}

static bool within(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    if (!c || !relative_fits(b, c, c->has_within) || !build_value(b, arg, -POSITION_MAX, POSITION_MAX, &c->within))
        return false;
    if (c->within.var < 0 && c->within.number < c->len)
        return build_error(b, "%s is less than the %u bytes of the content", arg, c->len);
    c->has_within = true;
    return true;
}

static bool startswith(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    (void)arg;
    if (!c)
        return false;
    if (c->startswith)
        return build_error(b, "given twice for one content");
    if (c->has_distance || c->has_within || c->has_depth || c->has_offset)
        return build_error(b, "does not go with a position of the same content");
    c->startswith = true;
    c->has_depth = true;
    c->depth.number = c->len;
    return true;
}

static bool endswith(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    (void)arg;
    if (!c)
        return false;
    if (c->endswith)
        return build_error(b, "given twice for one content");
    c->endswith = true;
    return true;
}

static bool rawbytes(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    (void)arg;
    if (!c)
        return false;
    if (b->last_content.buffer != 0)
        return build_error(b, "only for payload, not for the content of a buffer");
    if (c->rawbytes)
        return build_error(b, "given twice for one content");
    c->rawbytes = true;
    return true;
}

static bool fast_part(struct rule_build *b, struct match_content *c, char *arg)
{
    char *rest = arg;
    const char *first = text_next(&rest, ',');
    int64_t at, len;
    if (!rest)
        return build_error(b, "use only, or offset,length");
    if (c->negated)
        return build_error(b, "a part of a negated content can't be the fast pattern");
    if (!text_int(first, 0, UINT16_MAX, &at) || !text_int(text_trim(rest), 1, UINT16_MAX, &len) || at + len > c->len)
        return build_error(b, "offset and length are not within the %u bytes of the content", c->len);
    c->fast_offset = (uint16_t)at;
    c->fast_len = (uint16_t)len;
    return true;
}

static bool fast_pattern(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    bool positioned = c && (c->has_distance || c->has_within || c->has_offset || c->has_depth);
    if (!c)
        return false;
    const struct detect_buffer *d = detect_buffer(b->buffers[b->last_content.buffer].id);
    if (d->flags & BUFFER_NO_FAST)
        return build_error(b, "fast_pattern cannot be used with %s", d->key);
    if (b->fast_asked)
        return build_error(b, "only one content of a rule can be the fast pattern");
    if (c->negated && positioned)
        return build_error(b, "a negated content with a position can't be the fast pattern");
    b->fast_asked = c->fast_pattern = true;
    if (!b->has_value)
        return true;
    if (strcmp(arg, "only") != 0)
        return fast_part(b, c, arg);
    if (c->negated || positioned)
        return build_error(b, "only: the content must have neither negation nor position");
    c->fast_only = true;
    return true;
}

static bool replace(struct rule_build *b, char *arg)
{
    struct match_content *c = build_last_content(b);
    uint16_t n = 0;
    if (!c)
        return false;
    if (b->last_content.buffer != 0 || c->negated)
        return build_error(b, "only for payload that must be there");
    const uint8_t *bytes = build_bytes(b, arg, b->len, &n);
    if (!bytes)
        return false;
    if (n != c->len)
        return build_error(b, "has %u bytes, the content %u", n, c->len);
    c->replace = bytes;
    return true;
}

/* "!1,relative" right after a content: it is the end. */
static bool ends_before(struct rule_build *b, const struct match_isdataat *m)
{
    const struct build_place at = b->last_content;
    if (!m->negated || !m->relative || m->at.var >= 0 || m->at.number != 1 || at.buffer < 0 ||
        b->last_pattern != at.buffer)
        return false;
    struct match_content *c = build_last_content(b);
    if (b->last_added != c || c->negated)
        return false;
    c->endswith = true;
    return true;
}

static bool isdataat(struct rule_build *b, char *arg)
{
    struct match_isdataat *m = build_get(b, sizeof *m);
    char *rest = arg, *word;
    if (!m)
        return false;
    if (*arg == '!') {
        m->negated = true;
        rest = text_trim(arg + 1);
    }
    word = text_next(&rest, ',');
    if (!build_value(b, word, 0, UINT16_MAX, &m->at))
        return false;
    while ((word = text_next(&rest, ','))) {
        if (strcmp(word, "relative") == 0)
            m->relative = true;
        else if (strcmp(word, "rawbytes") == 0)
            m->rawbytes = true;
        else
            return build_error(b, "\"%.40s\": use relative, rawbytes", word);
    }
    if (m->rawbytes && b->current)
        return build_error(b, "rawbytes only for payload");
    return ends_before(b, m) || build_add_after(b, MATCH_ISDATAAT, m, m->relative);
}

static bool bsize(struct rule_build *b, char *arg)
{
    struct match_field *f = build_get(b, sizeof *f);
    struct uint_match *u = build_get(b, sizeof *u);
    if (!f || !u)
        return false;
    if (!b->current)
        return build_error(b, "needs a sticky buffer before it");
    if (!build_uint(b, arg, UINT64_MAX, u))
        return false;
    *f = (struct match_field){.field = FIELD_NONE, .any = u, .count = 1};
    b->bsize = true;
    return build_add_buffer(b, MATCH_BSIZE, f);
}

static bool absent(struct rule_build *b, char *arg)
{
    struct match_text *t = build_get(b, sizeof *t);
    if (!t)
        return false;
    if (!b->current)
        return build_error(b, "needs a sticky buffer before it");
    if (b->buffers[b->current].matches.count)
        return build_error(b, "must come right after its buffer");
    if (b->has_value && strcmp(arg, "or_else") != 0)
        return build_error(b, "use absent, or absent:or_else");
    t->arg = b->has_value;
    return build_add_buffer(b, MATCH_ABSENT, t);
}

const struct keyword keywords_content[] = {
    {"content", NULL, content, KEYWORD_QUOTES | KEYWORD_NEGATION | KEYWORD_PREFILTER, 0, 0, "bytes that must be there"},
    {"uricontent", NULL, uricontent, KEYWORD_QUOTES | KEYWORD_NEGATION, 0, DETECT_APP_BIT(APP_HTTP),
     "bytes of the URI: content with http_uri"},
    {"nocase", NULL, nocase, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, 0, 0, "either case"},
    {"depth", NULL, depth, KEYWORD_MODIFIER, 0, 0, "within so many bytes from the begin, or offset"},
    {"offset", NULL, offset, KEYWORD_MODIFIER, 0, 0, "not before this byte"},
    {"distance", NULL, distance, KEYWORD_MODIFIER, 0, 0, "so many bytes behind the match before"},
    {"within", NULL, within, KEYWORD_MODIFIER, 0, 0, "within so many bytes behind the match before"},
    {"startswith", NULL, startswith, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, 0, 0, "at the begin"},
    {"endswith", NULL, endswith, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, 0, 0, "at the end"},
    {"rawbytes", NULL, rawbytes, KEYWORD_NO_VALUE | KEYWORD_MODIFIER, 0, 0, "in the packet as it was sent"},
    {"fast_pattern", NULL, fast_pattern, KEYWORD_OPTIONAL_VALUE | KEYWORD_MODIFIER, 0, 0,
     "the content to look for first: alone, only, or offset,length"},
    {"replace", NULL, replace, KEYWORD_QUOTES | KEYWORD_MODIFIER, 0, 0, "bytes to put in place, in an IPS"},
    {"isdataat", NULL, isdataat, 0, 0, 0, "there are bytes up to here"},
    {"bsize", NULL, bsize, 0, 0, 0, "length of the buffer"},
    {"absent", NULL, absent, KEYWORD_OPTIONAL_VALUE, 0, 0, "the buffer is not there"},
    {0}};
