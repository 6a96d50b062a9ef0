/* Configuration: built-in defaults, under the YAML file, under --set; as typed settings and as a tree.
 *
 * The main thread makes it before any other thread runs and destroys it after they are gone; in between it is read
 * only. It owns all that the settings point to. Loading reads files and writes none. */
#ifndef BURROW_CONFIG_CONFIG_H
#define BURROW_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdio.h>

#include "config/conf.h"
#include "config/settings.h"

struct config;

/* Load. file NULL: the built-in defaults alone. sets: set_count texts "a.b.c=value", in the order given. Returns 0, or
 * -errno with one line in error that says where (file:line) and what: -EINVAL for what can't be accepted. What is
 * unknown or has no effect does not fail: it is logged as warnings, one line for each mapping that has such keys, and
 * kept for config_warning. */
int config_create(const char *file, const char *const *sets, size_t set_count, struct config **out, char *error,
                  size_t error_len);

const struct settings *config_settings(const struct config *c);

/* For what the command line overrides, before threads run. */
struct settings *config_settings_mutable(struct config *c);

/* Write the effective configuration, defaults included, as lines "a.b.c = value", as Suricata's --dump-config does:
 * "(null)" for what has no value of its own, and for an item of a list its name. */
void config_dump(const struct config *c, FILE *to);

/* The warnings of loading, in order; NULL past the last. */
const char *config_warning(const struct config *c, size_t index);

/* Takes the configuration and nulls the pointer; nothing that it gave out may be used any more. */
void config_destroy(struct config **c);

#endif
