/* Keywords: the options of rules. A table over several files by theme, and one function that reads each. Private to
 * detect/, but for the names. */
#ifndef BURROW_DETECT_KEYWORD_H
#define BURROW_DETECT_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rule_build;

/* Properties of keywords, as bits. */
enum {
    KEYWORD_NO_VALUE = 1 << 0,       /* takes none */
    KEYWORD_OPTIONAL_VALUE = 1 << 1, /* may have one */
    KEYWORD_QUOTES = 1 << 2,         /* the value must be in quotes */
    KEYWORD_MAY_QUOTE = 1 << 3,      /* it may be; they are not part of it */
    KEYWORD_NEGATION = 1 << 4,       /* a `!` before the value negates */
    KEYWORD_STICKY = 1 << 5,         /* selects a buffer for what follows */
    KEYWORD_MODIFIER = 1 << 6,       /* changes the content before it */
    KEYWORD_TRANSFORM = 1 << 7,      /* changes what the buffer before it gives */
    KEYWORD_META = 1 << 8,           /* says something of the rule, asks nothing of traffic */
    KEYWORD_PREFILTER = 1 << 9,      /* may be what `prefilter` selects */
    KEYWORD_NEVER = 1 << 10,         /* of a protocol without a parser: checked, never true */
    KEYWORD_EARLY = 1 << 11,         /* read before all others */
    KEYWORD_REFUSED = 1 << 12,       /* known, and refused with a reason */
};

struct keyword {
    const char *name;
    const char *alias; /* NULL: none */
    /* Read the value; arg "" when there is none; it may be changed in place. False: build_error said why. */
    bool (*parse)(struct rule_build *b, char *arg);
    uint32_t flags;
    int param;        /* for parse: a buffer, a field, a kind */
    uint64_t apps;    /* DETECT_APP_BITs it is about; 0: any */
    const char *text; /* one line for people */
};

struct arena;

/* All keywords: those of the tables below, and one for each name of a buffer, made in the arena. A NULL-terminated list
 * in the order of the tables; NULL: no memory. */
const struct keyword **keywords_collect(struct arena *arena);

extern const struct keyword keywords_meta[];
extern const struct keyword keywords_content[];
extern const struct keyword keywords_pcre[];
extern const struct keyword keywords_bytes[];
extern const struct keyword keywords_transform[];
extern const struct keyword keywords_flow[];
extern const struct keyword keywords_header[];
extern const struct keyword keywords_state[];
extern const struct keyword keywords_limits[];
extern const struct keyword keywords_files[];
extern const struct keyword keywords_lists[];
extern const struct keyword keywords_sets[];
extern const struct keyword keywords_app[];
extern const struct keyword keywords_tunnel[];
extern const struct keyword keywords_other[];

#endif
