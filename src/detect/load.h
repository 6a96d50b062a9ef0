/* What a load needs until it is done: names seen, variables resolved, files read. Private to detect/. */
#ifndef BURROW_DETECT_LOAD_H
#define BURROW_DETECT_LOAD_H

#include "detect/build.h"

/* Zeroed memory of a table that will be used all over. As it is written to at once the system is asked once for each of
 * its pages; for calloc's, twice: to look at it, and to write to it. NULL: no memory. free() it. */
void *table_get(size_t count, size_t size);

/* A table from texts to pointers or numbers; keys are the arena's. */
struct words {
    struct words_entry {
        const char *key;
        uint64_t value;
        uint32_t hash;
        uint32_t len;
    } * entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
    uint64_t seed;
};

void words_fini(struct words *n);

/* The value's place of a key; NULL: it is not there. */
uint64_t *words_find(const struct words *n, const char *key);
uint64_t *words_find_part(const struct words *n, const char *key, size_t len);

/* Add a key that is not there. key must stay. False when memory is short. */
bool words_add(struct words *n, const char *key, uint64_t value);

/* A table from pairs of numbers to a number. */
struct numbers {
    struct numbers_entry {
        uint64_t a;
        uint64_t b;
        uint32_t value;
        bool used;
    } * entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
    uint64_t seed;
};

void numbers_fini(struct numbers *n);
uint32_t *numbers_find(const struct numbers *n, uint64_t a, uint64_t b); /* NULL: it is not there */
/* Its place, with value 0 if it was not there (*fresh). NULL: no memory. */
uint32_t *numbers_put(struct numbers *n, uint64_t a, uint64_t b, bool *fresh);

/* A table from hashes to numbers: which of those it is, where several have one hash, the caller can say. */
struct hashes {
    struct hashes_entry {
        uint32_t hash;
        uint32_t value; /* and 1; 0: free */
    } * entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
};

void hashes_fini(struct hashes *n);
/* The next value of that hash, from *at on, which begins as 0. False: there are no more. */
bool hashes_next(const struct hashes *n, uint32_t hash, size_t *at, uint32_t *value);
/* value is below UINT32_MAX. False: no memory. */
bool hashes_add(struct hashes *n, uint32_t hash, uint32_t value);

/* checked.c: patterns that PCRE2 takes, and how many groups they have. */
struct checked {
    struct numbers known;
    uint32_t added; /* that were not in the file */
};

/* What a folder's file has; what was added to it goes there. Neither can fail. */
void checked_read(struct checked *c, const char *folder);
void checked_write(const struct checked *c, const char *folder);
void checked_fini(struct checked *c);
bool checked_find(struct checked *c, const char *pattern, uint32_t options, unsigned *groups);
void checked_add(struct checked *c, const char *pattern, uint32_t options, unsigned groups);

struct ruleset_load {
    struct ruleset *set;
    const struct ruleset_options *options;
    struct rule_build build;
    struct words keywords; /* to struct keyword */
    struct words flows;    /* values of `flow` to what they ask for (flow.c) */
    struct words headers;  /* text to what it says (header.c) */
    struct words addrs;    /* text to struct rule_addrs, NULL: it was refused */
    struct words ports;
    struct numbers sets; /* of addresses, of ports: a hash to a number */
    const void **set_list;
    struct words classes;    /* index */
    bool classes_missed;     /* there are none, and a rule wanted one: that was said */
    struct words references; /* name to URL prefix */
    struct words names[NAME_KIND_COUNT];
    const char **name_lists[NAME_KIND_COUNT];
    struct words pcres;
    struct checked checked;
    struct words datasets;
    struct hashes sids; /* of gid and sid, to index */
    uint64_t sids_seed;

    struct words said; /* warnings that were given already */
    uint32_t rules_room;
    uint32_t pcres_room;
    uint32_t datasets_room;
    uint64_t hashsizes; /* of all sets together */
    uint32_t classes_room;
    uint64_t order; /* of rules as they are read */
};

/* A line for the operator, once for each text. */
void load_warn(struct ruleset *set, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* configs.c: classification.config, reference.config, threshold.config. */
void load_classes(struct ruleset *set, const char *file);
void load_references(struct ruleset *set, const char *file);
void load_thresholds(struct ruleset *set, const char *file);

/* sets.c: the sets that the configuration names. */
void load_datasets(struct ruleset *set);

/* Read a whole file, zero-terminated; NULL with one line in error. The caller frees. */
char *load_file(const char *path, size_t *len, char *error, size_t error_len);

/* rulefile.c: all files that a pattern names. */
void load_rules(struct ruleset *set, const char *pattern);

/* One rule's text, one line. True: loaded. */
bool load_rule(struct ruleset *set, char *text, const char *file, uint32_t line);

#endif
