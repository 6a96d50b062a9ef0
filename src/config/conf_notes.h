/* What loading a configuration has to say: one error that ends it, and warnings that don't.
 *
 * Warnings are collected, so that a caller can show them once the log is set up. Used by the thread that loads, inside
 * this room only. */
#ifndef BURROW_CONFIG_CONF_NOTES_H
#define BURROW_CONFIG_CONF_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/log.h"

/* Warnings kept; of more, the last one says how many there were. */
#define CONF_NOTES_MAX 200

/* Longest line; a longer one is cut. */
#define CONF_NOTE_LEN_MAX 1024

struct conf_note {
    enum log_level level;
    char *text;
};

struct conf_notes {
    struct conf_note lines[CONF_NOTES_MAX];
    size_t count;
    size_t dropped;
    char *error; /* the caller's buffer, for one line */
    size_t error_len;
};

void conf_notes_init(struct conf_notes *n, char *error, size_t error_len);
void conf_notes_fini(struct conf_notes *n);

/* Keep a line. */
void conf_notes_add(struct conf_notes *n, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Set the error; the first one stays. Returns false, to be returned. */
bool conf_notes_fail(struct conf_notes *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
