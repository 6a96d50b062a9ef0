#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf_yaml.h"
#include "config/defaults.h"
#include "config/schema.h"
#include "config/settings_read.h"

struct config {
    struct settings settings;
    struct conf_tree *defaults; /* as built in */
    struct conf_tree *file;     /* as read; its texts are in the tree below */
    struct conf_tree *tree;     /* what holds */
    struct conf_notes notes;
};

static bool load_defaults(struct conf_tree **tree, struct conf_notes *notes)
{
    *tree = conf_tree_create();
    return *tree ? conf_yaml_text(*tree, DEFAULTS_NAME, defaults_yaml, strlen(defaults_yaml), notes)
                 : conf_notes_fail(notes, "out of memory");
}

/* The user's file over what is built in. */
static bool load_file(struct config *c, const char *file)
{
    c->file = conf_tree_create();
    if (!c->file)
        return conf_notes_fail(&c->notes, "out of memory");
    if (!conf_yaml_file(c->file, file, &c->notes))
        return false;
    if (!c->file->root->first)
        conf_notes_add(&c->notes, LOG_LEVEL_WARNING, "%s: no key in it, the built-in defaults hold", file);
    if (!conf_overlay(c->tree, c->tree->root, c->file->root))
        return conf_notes_fail(&c->notes, "%s: more than %d keys and items, or out of memory", file, CONF_NODES_MAX);
    return true;
}

static bool load(struct config *c, const char *file, const char *const *sets, size_t set_count)
{
    if (!load_defaults(&c->defaults, &c->notes) || !load_defaults(&c->tree, &c->notes))
        return false;
    if (file && !load_file(c, file))
        return false;
    for (size_t i = 0; i < set_count; i++)
        if (!conf_set(c->tree, sets[i], &c->notes))
            return false;
    if (!schema_check(c->tree, &c->notes) || !settings_read(c->tree, c->defaults, &c->settings, &c->notes))
        return false;
    if (file) {
        c->settings.config_file = conf_text(c->tree, file, strlen(file));
        if (!c->settings.config_file)
            return conf_notes_fail(&c->notes, "out of memory");
    }
    return true;
}

int config_create(const char *file, const char *const *sets, size_t set_count, struct config **out, char *error,
                  size_t error_len)
{
    *out = NULL;
    struct config *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    conf_notes_init(&c->notes, error, error_len);
    if (!load(c, file, sets, set_count)) {
        config_destroy(&c);
        return -EINVAL;
    }
    for (size_t i = 0; i < c->notes.count; i++)
        log_write(c->notes.lines[i].level, "%s", c->notes.lines[i].text);
    if (c->notes.dropped)
        log_warning("configuration: %zu more warnings", c->notes.dropped);
    c->notes.error = NULL;
    c->notes.error_len = 0;
    *out = c;
    return 0;
}

const struct settings *config_settings(const struct config *c)
{
    return &c->settings;
}

struct settings *config_settings_mutable(struct config *c)
{
    return &c->settings;
}

const char *config_warning(const struct config *c, size_t index)
{
    for (size_t i = 0; i < c->notes.count; i++)
        if (c->notes.lines[i].level <= LOG_LEVEL_WARNING && index-- == 0)
            return c->notes.lines[i].text;
    return NULL;
}

void config_dump(const struct config *c, FILE *to)
{
    char path[CONF_PATH_MAX];
    const struct conf_node *top = c->tree->root;
    for (const struct conf_node *at = conf_walk(top, top); at; at = conf_walk(top, at)) {
        const struct conf_node *options;
        const char *value = NULL;
        if (at->kind == CONF_SCALAR)
            value = at->text;
        else if (at->parent->kind == CONF_SEQUENCE)
            value = conf_item_name(at, &options);
        fprintf(to, "%s = %s\n", conf_path(at, path, sizeof path), value ? value : "(null)");
    }
}

void config_destroy(struct config **c)
{
    if (!*c)
        return;
    settings_fini(&(*c)->settings);
    conf_notes_fini(&(*c)->notes);
    conf_tree_destroy(&(*c)->tree);
    conf_tree_destroy(&(*c)->file);
    conf_tree_destroy(&(*c)->defaults);
    free(*c);
    *c = NULL;
}
