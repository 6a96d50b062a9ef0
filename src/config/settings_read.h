/* From the checked tree to the typed settings. Inside this room only. */
#ifndef BURROW_CONFIG_SETTINGS_READ_H
#define BURROW_CONFIG_SETTINGS_READ_H

#include "config/conf.h"
#include "config/conf_notes.h"
#include "config/settings.h"

/* tree was checked (schema_check); what it leaves empty is taken from defaults. out's lists are allocated, its texts
 * belong to the trees. False: notes has the error. */
bool settings_read(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                   struct conf_notes *notes);

/* Frees the lists. */
void settings_fini(struct settings *s);

/* The node at path below tree, or where that is missing or empty, below defaults; NULL: a value that is empty. */
const struct conf_node *settings_node(const struct conf_tree *tree, const struct conf_tree *defaults, const char *path);

/* yes, no or detection-only at path below node. */
enum settings_switch settings_switch_of(const struct conf_node *node, const char *path, enum settings_switch fallback);

/* Addresses of a list that the schema found good. *out is allocated unless the list is empty. False: no memory. */
bool settings_read_prefixes(const struct conf_node *value, struct settings_prefix **out, size_t *count);

/* Frees what settings_read_flow made. */
void settings_fini_flow(struct settings *s);

/* Parts of settings_read: what is a list. */
bool settings_read_outputs(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                           struct conf_notes *notes);
bool settings_read_protos(const struct conf_tree *tree, struct settings *out, struct conf_notes *notes);
bool settings_read_decap(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                         struct conf_notes *notes);
bool settings_read_flow(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                        struct conf_notes *notes);
bool settings_read_rule_files(const struct conf_tree *tree, struct settings *out, struct conf_notes *notes);

#endif
