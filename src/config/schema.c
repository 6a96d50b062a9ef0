#include "config/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/defaults.h"
#include "config/items.h"
#include "core/addr.h"
#include "core/buf.h"

/* Mappings that may have keys to warn of; more of them share the last line. */
#define GROUPS_MAX 128

/* Names of keys in one warning; a list of more ends in "...". */
#define GROUP_NAMES_MAX 600

/* The keys of one mapping, or the names in one list, that are warned of together. */
struct group {
    const struct conf_node *parent;
    const struct conf_node *first;
    enum schema_class use;
    unsigned count;
    bool cut; /* names holds not all of them */
    struct buf names;
};

struct check {
    struct conf_notes *notes;
    struct group groups[GROUPS_MAX];
    unsigned group_count;
};

/* A path as the rows spell it. */
struct spelled {
    const char *segments[CONF_DEPTH_MAX + 2];
    unsigned count;
};

static void spell(const struct conf_node *node, struct spelled *out)
{
    unsigned depth = conf_depth(node);
    out->count = 0;
    if (depth > CONF_DEPTH_MAX)
        return;
    out->count = depth;
    for (; node->parent; node = node->parent)
        out->segments[--depth] = node->parent->kind == CONF_SEQUENCE ? "#" : node->key;
}

enum fit { FIT_NONE, FIT_ABOVE, FIT_EXACT };

/* What follows in a row's path behind this segment; NULL: it begins with another one. */
static const char *behind(const char *path, const char *segment)
{
    bool any = path[0] == '*' && (path[1] == '.' || !path[1]) && strcmp(segment, "#") != 0;
    size_t n = any;
    while (!any && segment[n] && segment[n] != '.' && path[n] == segment[n])
        n++;
    if (!n || (!any && segment[n]) || (path[n] && path[n] != '.'))
        return NULL;
    return path + n + (path[n] == '.');
}

/* Does a row's path name this node, or something below it? */
static enum fit fit(const char *path, const struct spelled *s)
{
    for (unsigned i = 0; i < s->count && path; i++)
        path = behind(path, s->segments[i]);
    return !path ? FIT_NONE : *path ? FIT_ABOVE : FIT_EXACT;
}

/* The row that is about this very node, or NULL; *above: rows are about what is below it. A row that comes after those
 * is a wildcard for what they don't name, so it isn't about their section. */
static const struct schema_row *find_row(const struct spelled *s, bool *above)
{
    *above = false;
    for (size_t i = 0; i < schema_row_count; i++) {
        const struct schema_row *row = &schema_rows[i];
        enum fit f = fit(row->path, s);
        if (f == FIT_ABOVE) {
            *above = true;
        } else if (f == FIT_EXACT) {
            if (*above)
                return NULL;
            *above = row->kind == SCHEMA_LIST || row->kind == SCHEMA_BOOL_OR_MAP;
            return row;
        }
    }
    return NULL;
}

/* Was it switched off, or left to the program? */
static bool is_off(const struct conf_node *node)
{
    const struct conf_node *enabled = conf_child(node, "enabled");
    bool on;
    if (enabled)
        node = enabled;
    if (node->kind == CONF_NULL)
        return true;
    if (node->kind == CONF_SCALAR)
        return strcasecmp(node->text, "auto") == 0 || (conf_parse_bool(node->text, &on) && !on);
    for (const struct conf_node *at = conf_walk(node, node); at; at = conf_walk(node, at))
        if (at->kind == CONF_SCALAR)
            return false;
    return true;
}

static bool fail(struct check *c, const struct conf_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct check *c, const struct conf_node *node, const char *fmt, ...)
{
    char place[CONF_PATH_MAX];
    char path[CONF_PATH_MAX];
    char what[CONF_PATH_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return conf_notes_fail(c->notes, "%s: %s: %s", conf_place(node, place, sizeof place),
                           conf_path(node, path, sizeof path), what);
}

static bool is_one_of(const char *text, const char *words)
{
    for (const char *w = words; *w;) {
        size_t len = strcspn(w, "|");
        if (strlen(text) == len && strncasecmp(text, w, len) == 0)
            return true;
        w += len + (w[len] == '|');
    }
    return false;
}

/* Is text one of "a|b|c"? Where yes or no is, their other spellings are too. */
static bool is_word(const char *text, const char *words)
{
    bool on;
    return is_one_of(text, words) || (conf_parse_bool(text, &on) && is_one_of(on ? "yes" : "no", words));
}

static bool check_number(struct check *c, const struct conf_node *node, const struct schema_row *row)
{
    uint64_t v;
    bool size = row->kind == SCHEMA_SIZE;
    uint64_t most = row->most ? row->most : size ? UINT64_MAX : UINT32_MAX;
    if (size && !conf_parse_size(node->text, &v))
        return fail(c, node, "'%.80s' is not a size (use a number with kb, mb or gb)", node->text);
    if (!size && !conf_parse_uint(node->text, &v))
        return fail(c, node, "'%.80s' is not a number (%ju to %ju)", node->text, (uintmax_t)row->least,
                    (uintmax_t)most);
    if (v >= row->least && v <= most)
        return true;
    return fail(c, node, "%.80s is out of range (%ju to %ju%s)", node->text, (uintmax_t)row->least, (uintmax_t)most,
                size ? " bytes" : "");
}

static bool check_net(struct check *c, const struct conf_node *node, enum addr_family family)
{
    struct addr a;
    unsigned bits;
    if (addr_parse_prefix(node->text, &a, &bits) && a.family == family)
        return true;
    return fail(c, node, "'%.80s' is not an IPv%d network (address/bits)", node->text, (int)family);
}

/* A value that is a list of items: each of them, by its own node. */
static bool check_items(struct check *c, const struct conf_node *node, const struct schema_row *row)
{
    struct items it;
    struct settings_ports ports;
    struct settings_prefix prefix;
    struct settings_server server;
    uint64_t most = row->most ? row->most : ITEMS_MAX;
    uint64_t count = 0;
    for (items_begin(&it, node); items_next(&it); count++) {
        if (count == most)
            return fail(c, node, "has more than %ju items", (uintmax_t)most);
        if (row->kind == SCHEMA_PORTS && !items_port(it.text, &ports))
            return fail(c, it.node, "'%.80s' is not a port (0 to 65535) or a range of ports (1080-1090)", it.text);
        if (row->kind == SCHEMA_NETS && !items_prefix(it.text, &prefix))
            return fail(c, it.node, "'%.80s' is not an address or a network (address/bits)", it.text);
        if (row->kind == SCHEMA_SERVERS && (it.negated || !items_server(it.text, &server)))
            return fail(c, it.node, "'%.80s' is not a server (address, or address:port)", it.text);
        if (row->kind == SCHEMA_WORDS && (it.negated || !is_one_of(it.text, row->words)))
            return fail(c, it.node, "can't be '%.80s', only %s", it.text, row->words);
    }
    return true;
}

static bool check_scalar(struct check *c, const struct conf_node *node, const struct schema_row *row)
{
    bool on;
    switch (row->kind) {
    case SCHEMA_BOOL:
    case SCHEMA_BOOL_OR_MAP:
        return conf_parse_bool(node->text, &on) || fail(c, node, "'%.80s' is not yes or no", node->text);
    case SCHEMA_SWITCH:
        return is_word(node->text, "yes|no|detection-only") ||
               fail(c, node, "'%.80s' is not yes, no or detection-only", node->text);
    case SCHEMA_UINT:
    case SCHEMA_SIZE:
        return check_number(c, node, row);
    case SCHEMA_WORD:
        return is_word(node->text, row->words) || fail(c, node, "can't be '%.80s', only %s", node->text, row->words);
    case SCHEMA_NET4:
        return check_net(c, node, ADDR_V4);
    case SCHEMA_NET6:
        return check_net(c, node, ADDR_V6);
    case SCHEMA_LIST:
        return fail(c, node, "wants a list of items (\"- ...\"), not a single value");
    case SCHEMA_PORTS:
    case SCHEMA_NETS:
    case SCHEMA_SERVERS:
    case SCHEMA_WORDS:
        return check_items(c, node, row);
    case SCHEMA_ANY:
    case SCHEMA_TEXT:
    case SCHEMA_TEXTS:
        break;
    }
    return true;
}

static bool takes_list(enum schema_kind kind)
{
    return kind == SCHEMA_LIST || kind == SCHEMA_TEXTS || kind >= SCHEMA_PORTS;
}

/* Check a node's value against its row; what is below it, too, where the row speaks for that. */
static bool check_value(struct check *c, const struct conf_node *node, const struct schema_row *row)
{
    if (node->kind == CONF_NULL || row->kind == SCHEMA_ANY)
        return true;
    if (node->kind == CONF_SCALAR)
        return check_scalar(c, node, row);
    bool lists = takes_list(row->kind);
    if (node->kind == CONF_MAPPING && row->kind == SCHEMA_BOOL_OR_MAP)
        return true;
    if (node->kind == CONF_MAPPING)
        return fail(c, node, lists ? "wants a list of items (\"- ...\"), not keys" : "wants a value, not keys");
    if (!lists)
        return fail(c, node, "wants a single value, not a list");
    if (row->kind == SCHEMA_LIST)
        return true;
    for (const struct conf_node *item = node->first; item; item = item->next)
        if (item->kind != CONF_SCALAR)
            return fail(c, item, "wants a text");
    return row->kind == SCHEMA_TEXTS || check_items(c, node, row);
}

/* What it is about a node that the user wrote: the node, or if that is built in, the first below it that isn't; NULL if
 * all of it is built in. */
static const struct conf_node *cause(const struct conf_node *node)
{
    for (const struct conf_node *at = node; at; at = conf_walk(node, at))
        if (strcmp(at->file, DEFAULTS_NAME) != 0)
            return at;
    return NULL;
}

/* Remember a key, or a name in a list, to warn of. */
static void remember(struct check *c, const struct conf_node *parent, const struct conf_node *node, const char *name,
                     enum schema_class use)
{
    struct group *g = NULL;
    if (!cause(node))
        return;
    for (unsigned i = 0; i < c->group_count && !g; i++)
        if (c->groups[i].parent == parent && c->groups[i].use == use && c->groups[i].first->file == node->file)
            g = &c->groups[i];
    if (!g && c->group_count == GROUPS_MAX)
        return;
    if (!g) {
        g = &c->groups[c->group_count++];
        *g = (struct group){.parent = parent, .first = node, .use = use};
        buf_init(&g->names, GROUP_NAMES_MAX);
    }
    bool kept;
    if (!g->count++)
        kept = buf_printf(&g->names, "%.210s", name);
    else if (node->key_line && node->key_line != g->first->key_line)
        kept = buf_printf(&g->names, ", %.210s (line %u)", name, node->key_line);
    else
        kept = buf_printf(&g->names, ", %.210s", name);
    g->cut = g->cut || !kept;
}

static void tell(struct check *c, struct group *g)
{
    static const char *const texts[] = {
        [SCHEMA_QUIET] = "accepted, has no effect",
        [SCHEMA_UNSUPPORTED] = "not supported, ignored",
        [SCHEMA_LATER] = "has no effect in this release",
        [SCHEMA_UNKNOWN] = "unknown key, ignored",
    };
    char place[CONF_PATH_MAX];
    char path[CONF_PATH_MAX];
    conf_place(cause(g->first), place, sizeof place);
    conf_path(g->parent, path, sizeof path);
    enum log_level level = g->use == SCHEMA_QUIET ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
    int len = (int)g->names.len;
    const char *names = g->names.data ? (const char *)g->names.data : "";
    const char *more = g->cut ? ", ..." : "";
    if (g->count == 1)
        conf_notes_add(c->notes, level, "%s: %s%s%.*s: %s", place, path, *path ? "." : "", len, names, texts[g->use]);
    else
        conf_notes_add(c->notes, level, "%s: %s%s%s: %.*s%s", place, path, *path ? ": " : "", texts[g->use], len, names,
                       more);
    buf_fini(&g->names);
}

/* An item that is a bare name, `- dns`: it stands for a mapping with that key. */
static void check_name(struct check *c, const struct conf_node *item, struct spelled *s)
{
    bool above;
    s->segments[s->count++] = item->text;
    const struct schema_row *row = find_row(s, &above);
    if (row && row->use != SCHEMA_USED)
        remember(c, item->parent, item, item->text, row->use);
    else if (!row && !above)
        remember(c, item->parent, item, item->text, SCHEMA_UNKNOWN);
}

/* Does this node ask for something that needs a warning? named: it is the name of a list's item, `- dns:`. */
static bool asks(const struct conf_node *node, const struct schema_row *row, bool named)
{
    if (!row)
        return true;
    if (row->words && node->kind == CONF_SCALAR)
        return !is_word(node->text, row->words);
    return (named && node->kind == CONF_NULL) || !is_off(node);
}

/* Check one node; *deeper: look at what is below, too. */
static bool check_node(struct check *c, const struct conf_node *node, bool *deeper)
{
    struct spelled s;
    spell(node, &s);
    const struct schema_row *row = find_row(&s, deeper);
    bool item = node->parent->kind == CONF_SEQUENCE;
    bool named = !item && node->parent->parent && node->parent->parent->kind == CONF_SEQUENCE;
    enum schema_class use = row ? row->use : *deeper ? SCHEMA_USED : SCHEMA_UNKNOWN;
    if (named && node != node->parent->first) {
        /* An option that stands beside the name it belongs to: settings_read has a warning for it. */
        *deeper = false;
        return true;
    }
    if (use != SCHEMA_USED && asks(node, row, named)) {
        char name[CONF_PATH_MAX];
        bool value = row && row->words && node->kind == CONF_SCALAR;
        snprintf(name, sizeof name, value ? "%.100s: %.100s" : "%.100s", node->key, node->text);
        remember(c, named ? node->parent->parent : node->parent, node, name, use);
    }
    if (row)
        return check_value(c, node, row);
    if (!*deeper || node->kind == CONF_NULL || node->kind == CONF_MAPPING)
        return true;
    if (item && node->kind == CONF_SCALAR) {
        check_name(c, node, &s);
        return true;
    }
    return fail(c, node, "wants keys below it, not a %s", node->kind == CONF_SCALAR ? "value" : "list");
}

static int by_place(const void *a, const void *b)
{
    const struct conf_node *x = cause(((const struct group *)a)->first);
    const struct conf_node *y = cause(((const struct group *)b)->first);
    int files = strcmp(x->file, y->file);
    return files ? files : (x->key_line > y->key_line) - (x->key_line < y->key_line);
}

bool schema_check(const struct conf_tree *tree, struct conf_notes *notes)
{
    struct check *c = calloc(1, sizeof *c);
    if (!c)
        return conf_notes_fail(notes, "out of memory");
    c->notes = notes;
    bool good = true;
    const struct conf_node *at = tree->root->first;
    while (good && at) {
        bool deeper;
        good = check_node(c, at, &deeper);
        at = deeper ? conf_walk(tree->root, at) : conf_walk_over(tree->root, at);
    }
    qsort(c->groups, c->group_count, sizeof c->groups[0], by_place);
    for (unsigned i = 0; i < c->group_count; i++)
        tell(c, &c->groups[i]);
    free(c);
    return good;
}
