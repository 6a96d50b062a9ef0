/* Reading YAML into a tree, and the tree's --set.
 *
 * YAML 1.1 as libyaml reads it: one document, plain keys, anchors and aliases (copied where they are used, so that the
 * caps hold), and Suricata's `include`: a key `include` with a file or a list of files reads their keys into the
 * mapping it stands in, `key: !include file` into that key. Relative names start at the folder of the first file. Of
 * two equal keys the later one counts. */
#ifndef BURROW_CONFIG_CONF_YAML_H
#define BURROW_CONFIG_CONF_YAML_H

#include "config/conf.h"
#include "config/conf_notes.h"

/* Read a file into an empty tree. False: notes has the error. */
bool conf_yaml_file(struct conf_tree *tree, const char *file, struct conf_notes *notes);

/* The same from memory; name is what places are called. */
bool conf_yaml_text(struct conf_tree *tree, const char *name, const char *text, size_t len, struct conf_notes *notes);

/* Set one value: "a.b.c=value". What is missing on the way is made; a sequence can grow by one item at its end. */
bool conf_set(struct conf_tree *tree, const char *assignment, struct conf_notes *notes);

#endif
