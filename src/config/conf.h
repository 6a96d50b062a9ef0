/* A configuration as a tree: mappings, sequences and scalars, each with the file, line and column it came from.
 *
 * The tree owns all of its nodes and texts (one arena, freed at once); pointers into it live as long as the tree. It is
 * built by one thread before any other is started and only read from then on. Sizes are capped (CONF_*_MAX), so that
 * neither a broken file nor one made to do harm can take the memory or the stack; nothing here recurses.
 *
 * Paths are Suricata's: keys joined by dots, items of a sequence by their number, "outputs.1.eve-log.types.0.alert". */
#ifndef BURROW_CONFIG_CONF_H
#define BURROW_CONFIG_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a tree may hold at most; more is an error that names the line. */
#define CONF_DEPTH_MAX  32
#define CONF_NODES_MAX  16384
#define CONF_SCALAR_MAX (1u << 20) /* bytes of one text */
#define CONF_FILE_MAX   (16u << 20)
#define CONF_FILES_MAX  64 /* a file and all that it includes */
#define CONF_NEST_MAX   8  /* files that include one another */

/* Longest path or place that is written out; a longer one is cut. */
#define CONF_PATH_MAX 512

enum conf_kind { CONF_NULL, CONF_SCALAR, CONF_MAPPING, CONF_SEQUENCE };

struct conf_node {
    enum conf_kind kind;
    bool quoted;      /* a scalar in quotes */
    const char *key;  /* "" for the root and for items of a sequence */
    const char *text; /* a scalar's text; "" for the other kinds */
    struct conf_node *parent;
    struct conf_node *next; /* sibling */
    struct conf_node *first;
    struct conf_node *last;
    uint32_t count;    /* children */
    uint32_t index;    /* position among its siblings */
    const char *file;  /* as it was named, or "--set", or "built-in defaults" */
    uint32_t line;     /* of the value, from 1; 0: not from a file */
    uint32_t column;   /* from 1 */
    uint32_t key_line; /* of the key; in a sequence as the value's */
    uint32_t key_column;
};

struct conf_tree {
    struct conf_node *root; /* a mapping */
    size_t node_count;
    struct conf_chunk *chunks;
};

/* NULL: out of memory. */
struct conf_tree *conf_tree_create(void);
void conf_tree_destroy(struct conf_tree **tree);

/* Add a null node at the end of parent. key is copied; NULL for an item of a sequence. NULL when a cap is passed (see
 * conf_full) or memory is short. */
struct conf_node *conf_add(struct conf_tree *tree, struct conf_node *parent, const char *key);

/* Has the tree as many nodes as it may have? */
bool conf_full(const struct conf_tree *tree);

/* Copy a text into the tree; NULL when memory is short. */
const char *conf_text(struct conf_tree *tree, const char *text, size_t len);

/* Make the node a null again; what was below it is forgotten. Key and place stay. */
void conf_clear(struct conf_node *node);

/* Take over kind, value, children and place of another node, which may be in another tree that lives as long. The key
 * stays. False when a cap is passed or memory is short. */
bool conf_copy(struct conf_tree *tree, struct conf_node *to, const struct conf_node *from);

/* Lay one tree's mapping over another's: mappings are merged by key, everything else is replaced. An empty value leaves
 * a mapping as it is. */
bool conf_overlay(struct conf_tree *tree, struct conf_node *base, const struct conf_node *over);

/* A mapping's child by key, a sequence's by number; NULL if there is none, or node is NULL or of another kind. */
struct conf_node *conf_child(const struct conf_node *node, const char *key);
struct conf_node *conf_item(const struct conf_node *node, size_t index);

/* A node by its path from `from`; NULL if there is none. */
struct conf_node *conf_find(const struct conf_node *from, const char *path);

/* The next node in document order below top, after at (start with at = top); NULL at the end. The second one passes
 * over what is below at. */
struct conf_node *conf_walk(const struct conf_node *top, const struct conf_node *at);
struct conf_node *conf_walk_over(const struct conf_node *top, const struct conf_node *at);

/* Nodes above this one. */
unsigned conf_depth(const struct conf_node *node);

/* Write the path of a node into out; returns out. */
const char *conf_path(const struct conf_node *node, char *out, size_t out_len);

/* Write where a node is, as "burrow.yaml:12" or "--set"; the key's line, which is where a reader looks. Returns out. */
const char *conf_place(const struct conf_node *node, char *out, size_t out_len);

/* Name of an item of a list like outputs, in which each item is a name or a mapping of one name to its options:
 * "dns" for both `- dns` and `- dns: {...}`. *options is that mapping's value or NULL. NULL: an item of another kind.
 */
const char *conf_item_name(const struct conf_node *item, const struct conf_node **options);

/* Texts to values; false if the text is none. Sizes are bytes: a number, or one with kb, mb, gb (or kib, mib, gib), all
 * powers of 1024. */
bool conf_parse_bool(const char *text, bool *out);
bool conf_parse_uint(const char *text, uint64_t *out);
bool conf_parse_size(const char *text, uint64_t *out);

/* The value below node by path; the fallback when there is none, or none that fits (what is in a loaded configuration
 * was checked). node may be NULL. */
bool conf_get_bool(const struct conf_node *node, const char *path, bool fallback);
uint64_t conf_get_uint(const struct conf_node *node, const char *path, uint64_t fallback);
uint64_t conf_get_size(const struct conf_node *node, const char *path, uint64_t fallback);
const char *conf_get_text(const struct conf_node *node, const char *path, const char *fallback);

#endif
