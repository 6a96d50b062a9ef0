#include "config/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 65536

struct conf_chunk {
    struct conf_chunk *next;
    size_t used;
    size_t size;
    _Alignas(16) unsigned char data[];
};

static void *take(struct conf_tree *tree, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    struct conf_chunk *c = tree->chunks;
    if (!c || c->size - c->used < n) {
        size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
        c = malloc(sizeof *c + size);
        if (!c)
            return NULL;
        *c = (struct conf_chunk){.next = tree->chunks, .used = 0, .size = size};
        tree->chunks = c;
    }
    void *p = c->data + c->used;
    c->used += n;
    return p;
}

static struct conf_node *new_node(struct conf_tree *tree)
{
    struct conf_node *node = take(tree, sizeof *node);
    if (!node)
        return NULL;
    *node = (struct conf_node){.key = "", .text = "", .file = ""};
    tree->node_count++;
    return node;
}

struct conf_tree *conf_tree_create(void)
{
    struct conf_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return NULL;
    tree->root = new_node(tree);
    if (!tree->root) {
        free(tree);
        return NULL;
    }
    tree->root->kind = CONF_MAPPING;
    return tree;
}

void conf_tree_destroy(struct conf_tree **tree)
{
    if (!*tree)
        return;
    for (struct conf_chunk *c = (*tree)->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(*tree);
    *tree = NULL;
}

bool conf_full(const struct conf_tree *tree)
{
    return tree->node_count >= CONF_NODES_MAX;
}

struct conf_node *conf_add(struct conf_tree *tree, struct conf_node *parent, const char *key)
{
    if (conf_full(tree))
        return NULL;
    const char *own = key ? conf_text(tree, key, strlen(key)) : "";
    struct conf_node *node = own ? new_node(tree) : NULL;
    if (!node)
        return NULL;
    node->key = own;
    node->parent = parent;
    node->index = parent->count++;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return node;
}

const char *conf_text(struct conf_tree *tree, const char *text, size_t len)
{
    char *own = take(tree, len + 1);
    if (!own)
        return NULL;
    memcpy(own, text, len);
    own[len] = 0;
    return own;
}

void conf_clear(struct conf_node *node)
{
    node->kind = CONF_NULL;
    node->quoted = false;
    node->text = "";
    node->first = node->last = NULL;
    node->count = 0;
}

/* Everything but the children and the key. */
static void copy_value(struct conf_node *to, const struct conf_node *from)
{
    conf_clear(to);
    to->kind = from->kind;
    to->quoted = from->quoted;
    to->text = from->text;
    to->file = from->file;
    to->line = from->line;
    to->column = from->column;
    to->key_line = from->key_line;
    to->key_column = from->key_column;
}

bool conf_copy(struct conf_tree *tree, struct conf_node *to, const struct conf_node *from)
{
    const struct conf_node *source = from;
    struct conf_node *target = to;
    unsigned depth = conf_depth(to);
    copy_value(to, from);
    for (;;) {
        struct conf_node *parent;
        if (source->first) {
            source = source->first;
            parent = target;
            if (++depth > CONF_DEPTH_MAX)
                return false;
        } else {
            while (source != from && !source->next) {
                source = source->parent;
                target = target->parent;
                depth--;
            }
            if (source == from)
                return true;
            source = source->next;
            parent = target->parent;
        }
        target = conf_add(tree, parent, parent->kind == CONF_SEQUENCE ? NULL : source->key);
        if (!target)
            return false;
        copy_value(target, source);
    }
}

bool conf_overlay(struct conf_tree *tree, struct conf_node *base, const struct conf_node *over)
{
    struct conf_node *under = base;
    const struct conf_node *at = over->first;
    while (at) {
        struct conf_node *same = conf_child(under, at->key);
        if (same && same->kind == CONF_MAPPING && at->kind == CONF_MAPPING && at->first) {
            under = same;
            at = at->first;
            continue;
        }
        if (!same)
            same = conf_add(tree, under, at->key);
        bool keep = same && same->kind == CONF_MAPPING && (at->kind == CONF_NULL || at->kind == CONF_MAPPING);
        if (!same || (!keep && !conf_copy(tree, same, at)))
            return false;
        while (!at->next && at->parent != over) {
            at = at->parent;
            under = under->parent;
        }
        at = at->next;
    }
    return true;
}

struct conf_node *conf_child(const struct conf_node *node, const char *key)
{
    if (!node || node->kind != CONF_MAPPING)
        return NULL;
    for (struct conf_node *c = node->first; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

struct conf_node *conf_item(const struct conf_node *node, size_t index)
{
    if (!node || node->kind != CONF_SEQUENCE)
        return NULL;
    struct conf_node *c = node->first;
    while (c && index--)
        c = c->next;
    return c;
}

static struct conf_node *step(const struct conf_node *node, const char *segment)
{
    uint64_t index;
    if (node->kind == CONF_SEQUENCE)
        return conf_parse_uint(segment, &index) ? conf_item(node, index) : NULL;
    return conf_child(node, segment);
}

struct conf_node *conf_find(const struct conf_node *from, const char *path)
{
    const struct conf_node *node = from;
    char segment[CONF_PATH_MAX];
    while (node && *path) {
        size_t len = strcspn(path, ".");
        if (len >= sizeof segment)
            return NULL;
        memcpy(segment, path, len);
        segment[len] = 0;
        node = step(node, segment);
        path += len + (path[len] == '.');
    }
    return (struct conf_node *)(uintptr_t)node;
}

struct conf_node *conf_walk_over(const struct conf_node *top, const struct conf_node *at)
{
    while (at != top && !at->next)
        at = at->parent;
    return at == top ? NULL : at->next;
}

struct conf_node *conf_walk(const struct conf_node *top, const struct conf_node *at)
{
    return at->first ? at->first : conf_walk_over(top, at);
}

unsigned conf_depth(const struct conf_node *node)
{
    unsigned depth = 0;
    while ((node = node->parent))
        depth++;
    return depth;
}

const char *conf_path(const struct conf_node *node, char *out, size_t out_len)
{
    const struct conf_node *line[CONF_DEPTH_MAX + 1];
    unsigned n = 0;
    for (; node && node->parent && n <= CONF_DEPTH_MAX; node = node->parent)
        line[n++] = node;
    size_t used = 0;
    out[0] = 0;
    while (n--) {
        const char *dot = used ? "." : "";
        int wrote = line[n]->parent->kind == CONF_SEQUENCE
                        ? snprintf(out + used, out_len - used, "%s%u", dot, line[n]->index)
                        : snprintf(out + used, out_len - used, "%s%s", dot, line[n]->key);
        if (wrote < 0 || (size_t)wrote >= out_len - used)
            break;
        used += (size_t)wrote;
    }
    return out;
}

const char *conf_place(const struct conf_node *node, char *out, size_t out_len)
{
    unsigned line = node->key_line ? node->key_line : node->line;
    if (line)
        snprintf(out, out_len, "%s:%u", node->file, line);
    else
        snprintf(out, out_len, "%s", node->file);
    return out;
}

const char *conf_item_name(const struct conf_node *item, const struct conf_node **options)
{
    *options = NULL;
    if (item->kind == CONF_SCALAR)
        return item->text;
    if (item->kind != CONF_MAPPING || !item->first)
        return NULL;
    *options = item->first;
    return item->first->key;
}
