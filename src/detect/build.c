#include "detect/build.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/load.h"

bool build_error(struct rule_build *b, const char *fmt, ...)
{
    va_list args;
    if (b->error[0])
        return false;
    va_start(args, fmt);
    vsnprintf(b->error, sizeof b->error, fmt, args);
    va_end(args);
    for (char *c = b->error; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = '?';
    return false;
}

void *build_get(struct rule_build *b, size_t size)
{
    void *p = arena_get(&b->set->arena, size);
    if (!p)
        build_error(b, "out of memory");
    return p;
}

const char *build_text_of(struct rule_build *b, const char *text, size_t n)
{
    char *p = arena_text(&b->set->arena, text, n);
    if (!p)
        build_error(b, "out of memory");
    return p;
}

const char *build_text(struct rule_build *b, const char *text)
{
    return build_text_of(b, text, strlen(text));
}

void build_init(struct rule_build *b, struct ruleset *set)
{
    b->set = set;
    b->buffers_used = 1;
    b->http_uri = detect_buffer_find("http_uri");
}

void build_fini(struct rule_build *b)
{
    free(b->packet.m);
    free(b->post.m);
    for (int i = 0; i < b->buffers_used; i++)
        free(b->buffers[i].matches.m);
}

bool build_begin(struct rule_build *b)
{
    b->error[0] = '\0';
    struct rule *r = b->rule = build_get(b, sizeof *b->rule);
    b->keyword = NULL;
    b->word = NULL;
    b->packet.count = b->post.count = 0;
    b->buffers[0].matches.count = 0;
    b->buffers[0].transform_count = 0;
    b->buffer_count = 1;
    b->current = 0;
    b->last_content.buffer = -1;
    b->last_pattern = 0;
    b->fast_asked = b->has_sid = b->has_flow_state = b->app_event = b->decode_event = false;
    b->bsize = b->dsize = b->skip = false;
    b->metadata_count = b->reference_count = 0;
    b->dirs = 0;
    b->apps = ~UINT64_C(0);
    b->missing = NULL;
    b->last_added = NULL;
    if (!r)
        return false;
    r->gid = 1;
    r->msg = r->metadata = r->text = "";
    return true;
}

struct build_list *build_current(struct rule_build *b)
{
    return &b->buffers[b->current].matches;
}

bool build_add(struct rule_build *b, struct build_list *list, enum match_kind kind, const void *data)
{
    if (list->count == RULE_MATCHES_MAX)
        return build_error(b, "more than %u conditions", RULE_MATCHES_MAX);
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 8;
        struct match *m = realloc(list->m, room * sizeof *m);
        if (!m)
            return build_error(b, "out of memory");
        list->m = m;
        list->room = room;
    }
    b->last_added = data;
    for (int i = 0; i < b->buffer_count && kind < MATCH_ISDATAAT; i++)
        if (list == &b->buffers[i].matches)
            b->last_pattern = i;
    list->m[list->count++] = (struct match){.kind = kind, .keyword = b->keyword, .data = data};
    return true;
}

bool build_add_buffer(struct rule_build *b, enum match_kind kind, const void *data)
{
    return build_add(b, build_current(b), kind, data);
}

bool build_add_after(struct rule_build *b, enum match_kind kind, const void *data, bool relative)
{
    int use = relative && !b->current ? b->last_pattern : b->current;
    return build_add(b, &b->buffers[use].matches, kind, data);
}

bool build_add_packet(struct rule_build *b, enum match_kind kind, const void *data)
{
    return build_add(b, &b->packet, kind, data);
}

bool build_add_post(struct rule_build *b, enum match_kind kind, const void *data)
{
    return build_add(b, &b->post, kind, data);
}

static int add_use(struct rule_build *b, unsigned buffer)
{
    if (b->buffer_count == RULE_BUFFERS_MAX) {
        build_error(b, "more than %u buffers", RULE_BUFFERS_MAX);
        return -1;
    }
    struct build_buffer *u = &b->buffers[b->buffer_count];
    if (b->buffer_count >= b->buffers_used)
        b->buffers_used = b->buffer_count + 1;
    u->id = buffer;
    u->word = b->word ? b->word : detect_buffer(buffer)->key;
    u->frame = NULL;
    u->dir = 0;
    u->by_modifier = false;
    u->transform_count = 0;
    u->matches.count = 0;
    return b->buffer_count++;
}

/* A buffer of which there is one is used once, whatever the number of times that it is named. */
static int join_use(struct rule_build *b, unsigned buffer)
{
    for (int i = 1; i < b->buffer_count && !(detect_buffer(buffer)->flags & BUFFER_MULTI); i++)
        if (b->buffers[i].id == buffer && !b->buffers[i].transform_count && !b->buffers[i].dir)
            return i;
    return add_use(b, buffer);
}

bool build_sticky(struct rule_build *b, unsigned buffer, const char *frame)
{
    const struct build_buffer *before = &b->buffers[b->current];
    if (b->current && before->matches.count == 0)
        return build_error(b, "the buffer before (%s) has no condition", before->word);
    int use = join_use(b, buffer);
    if (use < 0)
        return false;
    if (frame)
        b->buffers[use].frame = frame;
    b->current = use;
    return build_apps(b, detect_buffer(buffer)->apps);
}

struct build_buffer *build_again(struct rule_build *b)
{
    const struct build_buffer *before = &b->buffers[b->current];
    int use = add_use(b, before->id);
    if (use < 0)
        return NULL;
    b->buffers[use].word = before->word;
    b->buffers[use].frame = before->frame;
    b->buffers[use].dir = before->dir;
    b->current = use;
    return &b->buffers[use];
}

struct build_buffer *build_modified(struct rule_build *b, unsigned buffer)
{
    for (int i = 1; i < b->buffer_count; i++)
        if (b->buffers[i].by_modifier && b->buffers[i].id == buffer && !b->buffers[i].transform_count)
            return &b->buffers[i];
    int use = join_use(b, buffer);
    if (use < 0)
        return NULL;
    b->buffers[use].by_modifier = true;
    return &b->buffers[use];
}

uint64_t apps_expand(uint64_t apps)
{
    uint64_t out = apps;
    for (uint64_t left = apps & ~DETECT_APP_BIT(APP_ANY); left; left &= left - 1)
        out |= detect_app_flows((enum detect_app)__builtin_ctzll(left));
    return out & ~DETECT_APP_BIT(APP_HTTP);
}

bool build_apps(struct rule_build *b, uint64_t apps)
{
    if (!apps)
        return true;
    if (b->asked != apps) {
        b->asked = apps;
        b->asked_all = apps_expand(apps);
    }
    uint64_t left = b->apps & b->asked_all;
    /* DNS over HTTP/2 is both, but not what is meant by either. */
    if (!left || (left == DETECT_APP_BIT(APP_DOH2) && b->rule->app != APP_DOH2))
        return build_error(b, "does not go with the rule's protocol%s%s", b->rule->app ? " " : "",
                           detect_app_name(b->rule->app));
    b->apps = left;
    return true;
}

struct match_content *build_last_content(struct rule_build *b)
{
    if (b->last_content.buffer < 0) {
        build_error(b, "needs a content before it");
        return NULL;
    }
    return b->buffers[b->last_content.buffer].matches.m[b->last_content.match].content;
}

bool build_relative(struct rule_build *b)
{
    const struct build_list *list = b->current ? build_current(b) : &b->buffers[b->last_pattern].matches;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->m[i].kind <= MATCH_BASE64_DECODE && list->m[i].kind != MATCH_BSIZE)
            return true;
    return build_error(b, "relative specified without previous pattern match");
}

int build_var_find(const struct rule_build *b, const char *name)
{
    for (int i = 0; i < b->rule->var_count; i++)
        if (strcmp(b->vars[i], name) == 0)
            return i;
    return -1;
}

int build_var(struct rule_build *b, const char *name)
{
    int i = build_var_find(b, name);
    if (i >= 0)
        return i;
    if (b->rule->var_count == RULE_VARS_MAX) {
        build_error(b, "more than %u variables", RULE_VARS_MAX);
        return -1;
    }
    const char *kept = build_text(b, name);
    if (!kept)
        return -1;
    b->vars[b->rule->var_count] = kept;
    return b->rule->var_count++;
}

bool build_value(struct rule_build *b, const char *text, int64_t min, int64_t max, struct rule_value *out)
{
    *out = (struct rule_value){.var = -1};
    if (text_int(text, INT64_MIN, INT64_MAX, &out->number)) {
        if (out->number < min || out->number > max)
            return build_error(b, "%s is not from %lld to %lld", text, (long long)min, (long long)max);
        return true;
    }
    out->var = (int16_t)build_var_find(b, text);
    return out->var >= 0 || build_error(b, "\"%s\" is no number, and no byte_extract or byte_math before set it", text);
}

uint32_t build_name(struct rule_build *b, enum name_kind kind, const char *name)
{
    struct ruleset_load *l = b->set->loading;
    uint32_t *count = &b->set->name_count[kind];
    const uint64_t *known = words_find(&l->names[kind], name);
    if (known)
        return (uint32_t)*known;
    if ((*count & (*count - 1)) == 0) {
        const char **list = realloc(l->name_lists[kind], (*count ? *count * 2 : 1) * sizeof *list);
        if (!list) {
            build_error(b, "out of memory");
            return UINT32_MAX;
        }
        l->name_lists[kind] = list;
    }
    char *kept = arena_text(&b->set->shared, name, strlen(name));
    if (!kept || !words_add(&l->names[kind], kept, *count)) {
        build_error(b, "out of memory");
        return UINT32_MAX;
    }
    l->name_lists[kind][*count] = kept;
    return (*count)++;
}

/* Compile and throw away: what is wrong is known at load, what is right takes no memory until it is needed. */
static bool check_pcre(struct rule_build *b, const char *pattern, uint32_t options, unsigned *groups)
{
    struct checked *checked = &b->set->loading->checked;
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR why[160];
    if (checked_find(checked, pattern, options, groups))
        return true;
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options | PCRE2_NO_START_OPTIMIZE, &code, &at, NULL);
    if (!re) {
        pcre2_get_error_message(code, why, sizeof why);
        return build_error(b, "the pattern is wrong at %zu: %s", (size_t)at, (const char *)why);
    }
    uint32_t count = 0;
    pcre2_pattern_info(re, PCRE2_INFO_CAPTURECOUNT, &count);
    pcre2_code_free(re);
    *groups = count;
    if (b->set->loading->options->cache)
        checked_add(checked, pattern, options, count);
    return true;
}

/* Options in 8 digits, and the pattern: what makes it another one. */
static const char *pcre_key(struct rule_build *b, const char *pattern, uint32_t options)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 8; i++)
        b->key[i] = digits[options >> (28 - 4 * i) & 15];
    memcpy(b->key + 8, pattern, strlen(pattern) + 1);
    return b->key;
}

uint32_t build_pcre(struct rule_build *b, const char *pattern, uint32_t options, unsigned *captures)
{
    struct ruleset *set = b->set;
    struct ruleset_load *l = set->loading;
    unsigned groups = 0;
    if (strlen(pattern) >= RULE_TEXT_MAX)
        return build_error(b, "longer than a rule") ? 0 : UINT32_MAX;
    const char *key = pcre_key(b, pattern, options);
    const uint64_t *known = words_find(&l->pcres, key);
    if (known) {
        if (captures)
            *captures = (unsigned)(*known >> 32);
        return (uint32_t)*known;
    }
    if (!check_pcre(b, pattern, options, &groups))
        return UINT32_MAX;
    if (set->pcre_count == l->pcres_room) {
        uint32_t room = l->pcres_room ? l->pcres_room * 2 : 64;
        struct ruleset_pcre *more = realloc(set->pcres, room * sizeof *more);
        if (!more)
            return build_error(b, "out of memory") ? 0 : UINT32_MAX;
        set->pcres = more;
        l->pcres_room = room;
    }
    char *kept = arena_text(&set->shared, key, strlen(key));
    if (!kept || !words_add(&l->pcres, kept, (uint64_t)groups << 32 | set->pcre_count)) {
        return build_error(b, "out of memory") ? 0 : UINT32_MAX;
    }
    set->pcres[set->pcre_count] = (struct ruleset_pcre){kept + 8, options};
    if (captures)
        *captures = groups;
    return set->pcre_count++;
}

bool build_field(struct rule_build *b, enum detect_field field, int arg, const struct uint_match *any, uint16_t count)
{
    struct match_field *f = build_get(b, sizeof *f);
    if (!f)
        return false;
    f->field = field;
    f->arg = arg;
    f->count = count;
    f->any = arena_copy(&b->set->arena, any, count * sizeof *any);
    return f->any ? build_add_packet(b, MATCH_FIELD, f) : build_error(b, "out of memory");
}
