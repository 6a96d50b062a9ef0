#include "detect/keyword.h"

#include <string.h>

#include "detect/build.h"

static const struct keyword *const tables[] = {keywords_meta,    keywords_header, keywords_flow,   keywords_state,
                                               keywords_content, keywords_pcre,   keywords_bytes,  keywords_transform,
                                               keywords_lists,   keywords_sets,   keywords_limits, keywords_files,
                                               keywords_tunnel,  keywords_app,    keywords_other};

#define TABLES (sizeof tables / sizeof tables[0])

bool build_direction(struct rule_build *b, const char *text, uint8_t *dir)
{
    static const char *const words[] = {"to_server", "to_client"};
    unsigned i;
    if (!(b->rule->flags & RULE_TRANSACTIONAL))
        return build_error(b, "takes a value only in rules with =>");
    if (!text_word(text, words, 2, &i))
        return build_error(b, "\"%.40s\": use to_server or to_client", text);
    *dir = i ? DETECT_TO_CLIENT : DETECT_TO_SERVER;
    return true;
}

static bool sticky(struct rule_build *b, char *arg)
{
    unsigned id = (unsigned)b->keyword->param;
    uint8_t dir = 0;
    if (b->has_value && !build_direction(b, arg, &dir))
        return false;
    if (dir && !(detect_buffer(id)->dirs & dir))
        return build_error(b, "the buffer has no such direction");
    if (id == BUFFER_PAYLOAD) {
        b->current = 0;
        return true;
    }
    if (!build_sticky(b, id, NULL) || !build_apps(b, b->keyword->apps))
        return false;
    if (strcmp(b->keyword->name, "http.response_body") == 0)
        dir = DETECT_TO_CLIENT;
    b->buffers[b->current].dir = dir;
    return true;
}

/* The content before goes over to the buffer. As in Suricata, these older keywords are about HTTP/1 alone. */
static bool modifier(struct rule_build *b, char *arg)
{
    (void)arg;
    struct build_place at = b->last_content;
    unsigned id = (unsigned)b->keyword->param;
    if (b->current)
        return build_error(b, "stands after a sticky buffer: say pkt_data before its content");
    if (at.buffer != 0)
        return build_error(b, "needs a content before it");
    struct build_list *from = &b->buffers[0].matches;
    struct match m = from->m[at.match];
    if (m.content->rawbytes)
        return build_error(b, "does not go with rawbytes");
    if (m.content->replace)
        return build_error(b, "does not go with replace");
    struct build_buffer *to = build_modified(b, id);
    if (!to || !build_apps(b, DETECT_APP_BIT(APP_HTTP1)) || !build_add(b, &to->matches, MATCH_CONTENT, m.content))
        return false;
    to->matches.m[to->matches.count - 1].keyword = m.keyword;
    memmove(&from->m[at.match], &from->m[at.match + 1], (from->count - at.match - 1) * sizeof m);
    from->count--;
    b->last_content = (struct build_place){(int)(to - b->buffers), to->matches.count - 1};
    return true;
}

/* Older names and second ones, by the key of their buffer. */
static const struct {
    const char *name;
    const char *key;
    uint32_t flags;
} more_names[] = {{"pkt_data", "payload", KEYWORD_STICKY},
                  {"http.response_body", "file_data", KEYWORD_STICKY},
                  {"http_server_body", "file_data", KEYWORD_MODIFIER},
                  {"base64_data", "base64_data", KEYWORD_STICKY}};

static struct keyword *make(struct arena *arena, const char *name, unsigned id, uint32_t flag)
{
    const struct detect_buffer *d = detect_buffer(id);
    struct keyword *k = arena_get(arena, sizeof *k);
    if (!k)
        return NULL;
    k->name = name;
    k->parse = flag == KEYWORD_STICKY ? sticky : modifier;
    k->flags = flag | (flag == KEYWORD_STICKY ? KEYWORD_OPTIONAL_VALUE : KEYWORD_NO_VALUE);
    k->param = (int)id;
    k->apps = strcmp(name, "http.response_body") == 0 ? DETECT_APP_BIT(APP_HTTP) : d->apps;
    k->text = d->text;
    return k;
}

const struct keyword **keywords_collect(struct arena *arena)
{
    size_t count = 0, names = sizeof more_names / sizeof more_names[0], buffers = detect_buffer_count();
    for (size_t t = 0; t < TABLES; t++)
        for (const struct keyword *k = tables[t]; k->name; k++)
            count++;
    const struct keyword **list = arena_get(arena, (count + names + 3 * buffers + 1) * sizeof *list);
    if (!list)
        return NULL;
    count = 0;
    for (size_t t = 0; t < TABLES; t++)
        for (const struct keyword *k = tables[t]; k->name; k++)
            list[count++] = k;
    bool ok = true;
    for (unsigned id = BUFFER_FIRST; id < buffers; id++) {
        const struct detect_buffer *d = detect_buffer(id);
        struct keyword *k = d->name ? make(arena, d->name, id, KEYWORD_STICKY) : NULL;
        struct keyword *m = d->modifier ? make(arena, d->modifier, id, KEYWORD_MODIFIER) : NULL;
        ok = ok && (k || !d->name) && (m || !d->modifier);
        if (k) {
            k->alias = d->old;
            list[count++] = k;
        }
        if (m)
            list[count++] = m;
    }
    for (size_t i = 0; i < names; i++) {
        struct keyword *k = make(arena, more_names[i].name, detect_buffer_find(more_names[i].key), more_names[i].flags);
        ok = ok && k;
        if (k)
            list[count++] = k;
    }
    return ok ? list : NULL;
}
