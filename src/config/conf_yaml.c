#include "config/conf_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define ANCHORS_MAX 256

/* A file being read. */
struct source {
    yaml_parser_t parser;
    const char *name; /* in the tree */
    char *text;       /* owned; NULL: the caller's */
    unsigned bottom;  /* frames below this one are another file's */
    unsigned documents;
};

/* A container being filled. */
struct frame {
    struct conf_node *node;
    struct conf_node *value; /* in a mapping: the key's node, whose value comes next */
    const char *anchor;      /* NULL: none */
    bool include_next;       /* in a mapping: the key was `include` */
    bool includes;           /* a list of files to include; node is the mapping they go to */
};

struct anchor {
    const char *name;
    const struct conf_node *node;
    const struct source *source;
};

struct loader {
    struct conf_tree *tree;
    struct conf_notes *notes;
    const char *folder; /* with the slash; "" for the current one */
    struct source sources[CONF_NEST_MAX];
    unsigned source_count;
    unsigned files; /* opened so far */
    struct frame frames[CONF_DEPTH_MAX];
    unsigned frame_count;
    struct anchor anchors[ANCHORS_MAX];
    unsigned anchor_count;
};

static bool fail_at(struct loader *l, const yaml_mark_t *mark, const char *what)
{
    const struct source *s = &l->sources[l->source_count - 1];
    return conf_notes_fail(l->notes, "%s:%zu: %s", s->name, mark->line + 1, what);
}

static bool fail_memory(struct loader *l, const yaml_mark_t *mark)
{
    char what[64];
    if (!conf_full(l->tree))
        return fail_at(l, mark, "out of memory");
    snprintf(what, sizeof what, "more than %d keys and items", CONF_NODES_MAX);
    return fail_at(l, mark, what);
}

/* All of a stream into memory; NULL with errno set. */
static char *read_stream(FILE *f, size_t *len)
{
    size_t room = 65536;
    char *text = malloc(room);
    *len = 0;
    while (text) {
        *len += fread(text + *len, 1, room - *len, f);
        if (*len < room)
            break;
        room *= 2;
        char *more = *len <= CONF_FILE_MAX ? realloc(text, room) : NULL;
        if (!more) {
            free(text);
            errno = *len <= CONF_FILE_MAX ? ENOMEM : EFBIG;
        }
        text = more;
    }
    if (text && ferror(f)) {
        free(text);
        text = NULL;
    }
    return text;
}

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    char *text = read_stream(f, len);
    int saved = errno;
    fclose(f);
    errno = saved;
    return text;
}

/* Begin to read a text whose keys go to target. The text is owned from here on if it was read here. */
static bool push_source(struct loader *l, const char *name, char *owned, const char *text, size_t len,
                        struct conf_node *target)
{
    struct source *s = &l->sources[l->source_count];
    *s = (struct source){.name = name, .text = owned, .bottom = l->frame_count};
    if (!yaml_parser_initialize(&s->parser)) {
        free(owned);
        return conf_notes_fail(l->notes, "%s: out of memory", name);
    }
    l->source_count++;
    yaml_parser_set_input_string(&s->parser, (const unsigned char *)text, len);
    if (l->frame_count == CONF_DEPTH_MAX)
        return conf_notes_fail(l->notes, "%s: nested more than %d deep", name, CONF_DEPTH_MAX);
    l->frames[l->frame_count++] = (struct frame){.node = target};
    return true;
}

static void pop_source(struct loader *l)
{
    struct source *s = &l->sources[--l->source_count];
    yaml_parser_delete(&s->parser);
    free(s->text);
    while (l->anchor_count && l->anchors[l->anchor_count - 1].source == s)
        l->anchor_count--;
    l->frame_count = s->bottom;
}

static bool include(struct loader *l, const yaml_event_t *e, struct conf_node *target)
{
    const struct source *s = &l->sources[l->source_count - 1];
    const char *file = (const char *)e->data.scalar.value;
    char path[4096];
    size_t line = e->start_mark.line + 1;
    int n = snprintf(path, sizeof path, "%s%s", file[0] == '/' ? "" : l->folder, file);
    if (n < 0 || (size_t)n >= sizeof path)
        return fail_at(l, &e->start_mark, "include: the file's name is too long");
    if (l->source_count == CONF_NEST_MAX || l->files == CONF_FILES_MAX)
        return fail_at(l, &e->start_mark, "include: too many files, or a file that includes itself");
    size_t len;
    char *text = read_file(path, &len);
    if (!text && errno == ENOENT) {
        conf_notes_add(l->notes, LOG_LEVEL_WARNING, "%s:%zu: include: there is no file '%s', going on without it",
                       s->name, line, path);
        return true;
    }
    if (!text)
        return conf_notes_fail(l->notes, "%s:%zu: include: can't read '%s': %s", s->name, line, path, strerror(errno));
    const char *name = conf_text(l->tree, path, (size_t)n);
    if (!name) {
        free(text);
        return fail_memory(l, &e->start_mark);
    }
    l->files++;
    if (target->kind != CONF_MAPPING)
        conf_clear(target);
    target->kind = CONF_MAPPING;
    return push_source(l, name, text, text, len, target);
}

static void set_place(const struct loader *l, struct conf_node *node, const yaml_mark_t *mark, bool key)
{
    node->file = l->sources[l->source_count - 1].name;
    node->line = (uint32_t)mark->line + 1;
    node->column = (uint32_t)mark->column + 1;
    if (key) {
        node->key_line = node->line;
        node->key_column = node->column;
    }
}

/* A scalar where a mapping wants a key. */
static bool take_key(struct loader *l, struct frame *f, const yaml_event_t *e)
{
    const char *key = (const char *)e->data.scalar.value;
    if (strlen(key) != e->data.scalar.length || e->data.scalar.length >= CONF_PATH_MAX)
        return fail_at(l, &e->start_mark, "a key that is too long or has a zero byte in it");
    if (strcmp(key, "include") == 0) {
        f->include_next = true;
        return true;
    }
    struct conf_node *node = conf_child(f->node, key);
    if (node && node->file == l->sources[l->source_count - 1].name)
        conf_notes_add(l->notes, LOG_LEVEL_WARNING, "%s:%zu: %s: set before in line %u, the later one counts",
                       node->file, e->start_mark.line + 1, key, node->key_line);
    if (node)
        conf_clear(node);
    else
        node = conf_add(l->tree, f->node, key);
    if (!node)
        return fail_memory(l, &e->start_mark);
    set_place(l, node, &e->start_mark, true);
    f->value = node;
    return true;
}

/* The node that the value of this event goes to; NULL with the error set. */
static struct conf_node *value_node(struct loader *l, const yaml_event_t *e)
{
    struct frame *f = &l->frames[l->frame_count - 1];
    struct conf_node *node = f->value;
    bool item = f->node->kind == CONF_SEQUENCE;
    if (item)
        node = conf_add(l->tree, f->node, NULL);
    else if (!node)
        fail_at(l, &e->start_mark, "a key has to be a word");
    f->value = NULL;
    if (!node) {
        if (item)
            fail_memory(l, &e->start_mark);
        return NULL;
    }
    set_place(l, node, &e->start_mark, item);
    return node;
}

static bool add_anchor(struct loader *l, const yaml_mark_t *mark, const char *name, const struct conf_node *node)
{
    if (l->anchor_count == ANCHORS_MAX)
        return fail_at(l, mark, "too many anchors");
    l->anchors[l->anchor_count++] =
        (struct anchor){.name = name, .node = node, .source = &l->sources[l->source_count - 1]};
    return true;
}

/* Is this plain scalar YAML's null? */
static bool is_null(const char *text)
{
    return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
           strcmp(text, "NULL") == 0;
}

/* The event's value was read into node: let its anchor, if it has one, name it. */
static bool take_anchor(struct loader *l, const yaml_mark_t *mark, const yaml_char_t *name,
                        const struct conf_node *node)
{
    if (!name)
        return true;
    const char *own = conf_text(l->tree, (const char *)name, strlen((const char *)name));
    return own ? add_anchor(l, mark, own, node) : fail_memory(l, mark);
}

static bool take_scalar(struct loader *l, const yaml_event_t *e)
{
    struct frame *f = &l->frames[l->frame_count - 1];
    const char *text = (const char *)e->data.scalar.value;
    const char *tag = (const char *)e->data.scalar.tag;
    size_t len = e->data.scalar.length;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (len > CONF_SCALAR_MAX || strlen(text) != len)
        return fail_at(l, &e->start_mark, "a value that is too long or has a zero byte in it");
    if (f->includes || f->include_next) {
        f->include_next = false;
        return include(l, e, f->node);
    }
    if (f->node->kind == CONF_MAPPING && !f->value)
        return take_key(l, f, e);
    struct conf_node *node = value_node(l, e);
    if (!node)
        return false;
    if (tag && strcmp(tag, "!include") == 0)
        return include(l, e, node);
    if (!plain || !is_null(text)) {
        node->kind = CONF_SCALAR;
        node->quoted = !plain;
        node->text = conf_text(l->tree, text, len);
        if (!node->text)
            return fail_memory(l, &e->start_mark);
    }
    return take_anchor(l, &e->start_mark, e->data.scalar.anchor, node);
}

static bool take_alias(struct loader *l, const yaml_event_t *e)
{
    const char *name = (const char *)e->data.alias.anchor;
    const struct source *s = &l->sources[l->source_count - 1];
    const struct frame *f = &l->frames[l->frame_count - 1];
    if (f->includes || f->include_next)
        return fail_at(l, &e->start_mark, "include: wants the name of a file, or a list of names");
    struct conf_node *node = value_node(l, e);
    if (!node)
        return false;
    for (unsigned i = l->anchor_count; i--;) {
        const struct anchor *a = &l->anchors[i];
        if (a->source != s || strcmp(a->name, name) != 0)
            continue;
        if (conf_copy(l->tree, node, a->node))
            return true;
        return conf_full(l->tree) ? fail_memory(l, &e->start_mark)
                                  : fail_at(l, &e->start_mark, "an alias that nests too deep");
    }
    return conf_notes_fail(l->notes, "%s:%zu: '*%s' stands for nothing that is complete by then", s->name,
                           e->start_mark.line + 1, name);
}

static bool take_start(struct loader *l, const yaml_event_t *e, enum conf_kind kind, const yaml_char_t *anchor)
{
    struct frame *f = &l->frames[l->frame_count - 1];
    struct frame inner = {.node = f->node};
    if (l->frame_count == CONF_DEPTH_MAX)
        return fail_at(l, &e->start_mark, "nested too deep");
    if (f->includes || (f->include_next && kind != CONF_SEQUENCE))
        return fail_at(l, &e->start_mark, "include: wants the name of a file, or a list of names");
    if (f->include_next) {
        f->include_next = false;
        inner.includes = true;
    } else {
        inner.node = value_node(l, e);
        if (!inner.node)
            return false;
        inner.node->kind = kind;
    }
    if (anchor && !(inner.anchor = conf_text(l->tree, (const char *)anchor, strlen((const char *)anchor))))
        return fail_memory(l, &e->start_mark);
    l->frames[l->frame_count++] = inner;
    return true;
}

static bool take_end(struct loader *l, const yaml_event_t *e)
{
    struct frame done = l->frames[--l->frame_count];
    return !done.anchor || done.includes || add_anchor(l, &e->end_mark, done.anchor, done.node);
}

/* What stands at the top of a file: a mapping, or nothing at all. */
static bool take_top(struct loader *l, const yaml_event_t *e)
{
    struct frame *f = &l->frames[l->frame_count - 1];
    if (e->type == YAML_SCALAR_EVENT && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !e->data.scalar.length)
        return true;
    if (e->type != YAML_MAPPING_START_EVENT)
        return fail_at(l, &e->start_mark, "not a configuration: `key: value` lines are expected");
    if (l->frame_count == CONF_DEPTH_MAX)
        return fail_at(l, &e->start_mark, "nested too deep");
    l->frames[l->frame_count] = (struct frame){.node = f->node};
    l->frame_count++;
    return true;
}

static bool take_event(struct loader *l, const yaml_event_t *e)
{
    struct source *s = &l->sources[l->source_count - 1];
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return s->documents++ == 0 || fail_at(l, &e->start_mark, "a second document: only one `---` is allowed");
    case YAML_STREAM_END_EVENT:
        pop_source(l);
        return true;
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (l->frame_count == s->bottom + 1)
            return take_top(l, e);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return take_end(l, e);
    default:
        return true;
    }
    if (e->type == YAML_SCALAR_EVENT)
        return take_scalar(l, e);
    if (e->type == YAML_ALIAS_EVENT)
        return take_alias(l, e);
    if (e->type == YAML_MAPPING_START_EVENT)
        return take_start(l, e, CONF_MAPPING, e->data.mapping_start.anchor);
    return take_start(l, e, CONF_SEQUENCE, e->data.sequence_start.anchor);
}

static bool fail_syntax(struct loader *l)
{
    const struct source *s = &l->sources[l->source_count - 1];
    const yaml_parser_t *p = &s->parser;
    const char *problem = p->problem ? p->problem : "can't be read";
    if (p->error == YAML_MEMORY_ERROR)
        return conf_notes_fail(l->notes, "%s: out of memory", s->name);
    if (p->context)
        return conf_notes_fail(l->notes, "%s:%zu: not valid YAML: %s (%s that began in line %zu)", s->name,
                               p->problem_mark.line + 1, problem, p->context, p->context_mark.line + 1);
    return conf_notes_fail(l->notes, "%s:%zu: not valid YAML: %s", s->name, p->problem_mark.line + 1, problem);
}

static bool load(struct loader *l)
{
    bool good = true;
    while (good && l->source_count) {
        yaml_event_t event;
        if (!yaml_parser_parse(&l->sources[l->source_count - 1].parser, &event)) {
            good = fail_syntax(l);
            break;
        }
        good = take_event(l, &event);
        yaml_event_delete(&event);
    }
    while (l->source_count)
        pop_source(l);
    return good;
}

static bool load_top(struct conf_tree *tree, const char *name, char *owned, const char *text, size_t len,
                     struct conf_notes *notes)
{
    struct loader *l = calloc(1, sizeof *l);
    const char *own_name = conf_text(tree, name, strlen(name));
    const char *slash = strrchr(name, '/');
    const char *folder = slash ? conf_text(tree, name, (size_t)(slash - name) + 1) : "";
    if (!l || !own_name || !folder) {
        free(owned);
        free(l);
        return conf_notes_fail(notes, "%s: out of memory", name);
    }
    l->tree = tree;
    l->notes = notes;
    l->folder = folder;
    l->files = 1;
    tree->root->file = own_name;
    bool good = push_source(l, own_name, owned, text, len, tree->root);
    good = load(l) && good;
    free(l);
    return good;
}

bool conf_yaml_file(struct conf_tree *tree, const char *file, struct conf_notes *notes)
{
    size_t len;
    char *text = read_file(file, &len);
    if (!text)
        return conf_notes_fail(notes, "%s: can't be read: %s", file, strerror(errno));
    return load_top(tree, file, text, text, len, notes);
}

bool conf_yaml_text(struct conf_tree *tree, const char *name, const char *text, size_t len, struct conf_notes *notes)
{
    return load_top(tree, name, NULL, text, len, notes);
}
