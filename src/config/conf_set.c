#include "config/conf_yaml.h"

#include <string.h>

static struct conf_node *add(struct conf_tree *tree, struct conf_node *parent, const char *key)
{
    struct conf_node *node = conf_add(tree, parent, key);
    if (node)
        node->file = "--set";
    return node;
}

/* The item of a sequence that a path's segment names; NULL with the error set. */
static struct conf_node *step_item(struct conf_tree *tree, struct conf_node *at, const char *segment, const char *whole,
                                   struct conf_notes *notes)
{
    char path[CONF_PATH_MAX];
    uint64_t index;
    conf_path(at, path, sizeof path);
    if (!conf_parse_uint(segment, &index)) {
        conf_notes_fail(notes, "--set %s: %s is a list, '%s' is not a number", whole, path, segment);
        return NULL;
    }
    if (index > at->count) {
        conf_notes_fail(notes, "--set %s: %s has %u items, counted from 0: there is no %s", whole, path, at->count,
                        segment);
        return NULL;
    }
    return index < at->count ? conf_item(at, index) : add(tree, at, NULL);
}

/* Make a node that is to have a child into a mapping or, when it is empty and the child a number 0, a sequence. */
static bool open_node(struct conf_tree *tree, struct conf_node *at, const char *segment, const char *whole,
                      struct conf_notes *notes)
{
    if (at->kind == CONF_NULL) {
        at->kind = strcmp(segment, "0") == 0 ? CONF_SEQUENCE : CONF_MAPPING;
        return true;
    }
    if (at->kind != CONF_SCALAR)
        return true;
    const char *name = at->text;
    bool item = at->parent && at->parent->kind == CONF_SEQUENCE;
    if (item && strcmp(name, segment) != 0) {
        char path[CONF_PATH_MAX];
        return conf_notes_fail(notes, "--set %s: %s is '%s', not '%s'", whole, conf_path(at, path, sizeof path), name,
                               segment);
    }
    /* An item `- dns` is the same as `- dns:` with nothing below. */
    conf_clear(at);
    at->kind = CONF_MAPPING;
    return !item || add(tree, at, name);
}

/* An item with one name, `- http: ...`, gets no second one: the number that was meant is another. */
static bool other_name(const struct conf_node *at, const char *segment, const char *whole, struct conf_notes *notes)
{
    char path[CONF_PATH_MAX];
    bool item = at->parent && at->parent->kind == CONF_SEQUENCE && at->count == 1;
    if (!item || at->first->kind == CONF_SCALAR || strcmp(at->first->key, segment) == 0)
        return false;
    conf_notes_fail(notes, "--set %s: %s is '%s', not '%s'", whole, conf_path(at, path, sizeof path), at->first->key,
                    segment);
    return true;
}

static struct conf_node *step(struct conf_tree *tree, struct conf_node *at, const char *segment, const char *whole,
                              struct conf_notes *notes)
{
    if (!open_node(tree, at, segment, whole, notes))
        return NULL;
    struct conf_node *next;
    if (at->kind == CONF_SEQUENCE) {
        next = step_item(tree, at, segment, whole, notes);
    } else if (other_name(at, segment, whole, notes)) {
        return NULL;
    } else {
        next = conf_child(at, segment);
        if (!next)
            next = add(tree, at, segment);
    }
    if (!next)
        conf_notes_fail(notes, "--set %s: more than %d keys and items, or out of memory", whole, CONF_NODES_MAX);
    return next;
}

bool conf_set(struct conf_tree *tree, const char *assignment, struct conf_notes *notes)
{
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return conf_notes_fail(notes, "--set %s: a value is missing: key=value", assignment);
    const char *path = assignment + strspn(assignment, " ");
    const char *value = equals + 1 + strspn(equals + 1, " ");
    size_t left = (size_t)(equals - path);
    if (path >= equals)
        return conf_notes_fail(notes, "--set %s: a key is missing: key=value", assignment);
    while (left && path[left - 1] == ' ')
        left--;
    struct conf_node *at = tree->root;
    unsigned depth = 0;
    for (;;) {
        char segment[CONF_PATH_MAX];
        const char *dot = memchr(path, '.', left);
        size_t len = dot ? (size_t)(dot - path) : left;
        if (!len || len >= sizeof segment || ++depth >= CONF_DEPTH_MAX)
            return conf_notes_fail(notes, "--set %s: not a key: names joined by single dots", assignment);
        memcpy(segment, path, len);
        segment[len] = 0;
        at = step(tree, at, segment, assignment, notes);
        if (!at)
            return false;
        if (!dot)
            break;
        left -= len + 1;
        path = dot + 1;
    }
    size_t len = strlen(value);
    conf_clear(at);
    at->kind = CONF_SCALAR;
    at->text = len <= CONF_SCALAR_MAX ? conf_text(tree, value, len) : NULL;
    at->file = "--set";
    at->line = at->key_line = 0;
    if (at->text)
        return true;
    at->text = "";
    return conf_notes_fail(notes, "--set: a value that is too long");
}
