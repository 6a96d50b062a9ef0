/* The keys that are known, with what they may hold, and the check of a tree against them.
 *
 * A wrong value is an error. A key that is unknown, or known from suricata.yaml and without effect here, is a warning:
 * one line for all such keys of one mapping. What was switched off needs no warning: it is off. */
#ifndef BURROW_CONFIG_SCHEMA_H
#define BURROW_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/conf.h"
#include "config/conf_notes.h"

enum schema_kind {
    SCHEMA_ANY,         /* whatever it is; what is below is somebody else's */
    SCHEMA_BOOL,        /* yes or no */
    SCHEMA_BOOL_OR_MAP, /* yes or no, or keys that have rows of their own, behind this one */
    SCHEMA_SWITCH,      /* yes, no or detection-only */
    SCHEMA_UINT,        /* least to most */
    SCHEMA_SIZE,        /* bytes, least to most */
    SCHEMA_TEXT,
    SCHEMA_WORD,  /* one of words, "a|b|c" */
    SCHEMA_LIST,  /* a sequence; its items have rows of their own */
    SCHEMA_TEXTS, /* a text or a sequence of texts */
    SCHEMA_NET4,  /* an IPv4 prefix */
    SCHEMA_NET6,
    SCHEMA_PORTS,   /* a list, or a text like one, of ports and ranges of them */
    SCHEMA_NETS,    /* likewise, of addresses and prefixes */
    SCHEMA_SERVERS, /* a list of addresses, a port behind them or not; at most as many as row.most says */
    SCHEMA_WORDS,   /* a list of words, each once */
};

enum schema_class {
    SCHEMA_USED,
    SCHEMA_QUIET,       /* no effect, and none that anybody could see in the records: told at level info */
    SCHEMA_UNSUPPORTED, /* Suricata has it, this program does not */
    SCHEMA_LATER,       /* ours, and without effect in this release */
    SCHEMA_UNKNOWN,     /* of no row */
};

/* path: keys joined by dots; `*` stands for any key, `#` for an item of a sequence. The first row that fits counts. */
struct schema_row {
    const char *path;
    enum schema_kind kind;
    enum schema_class use;
    uint64_t least;
    uint64_t most;     /* 0: no limit but the type's, UINT32_MAX for a number, UINT64_MAX for a size */
    const char *words; /* of a SCHEMA_WORD or SCHEMA_WORDS; else the values that need no warning, as they say what is
                          done anyhow */
};

extern const struct schema_row schema_rows[];
extern const size_t schema_row_count;

/* Check a tree. False: notes has the error; the other findings are in notes too. */
bool schema_check(const struct conf_tree *tree, struct conf_notes *notes);

#endif
