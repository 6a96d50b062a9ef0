/* The built-in configuration: what holds without a file, and for every key that a file leaves out. The shipped
 * etc/burrow.yaml says the same with comments; a test compares them. */
#ifndef BURROW_CONFIG_DEFAULTS_H
#define BURROW_CONFIG_DEFAULTS_H

/* What the places of its nodes are called. */
#define DEFAULTS_NAME "built-in defaults"

/* YAML, zero-terminated. */
extern const char defaults_yaml[];

#endif
