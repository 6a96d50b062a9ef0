/* A rule set: all rules of a run, read from files, checked, and what they share.
 *
 * Loading: the main thread, before the run or, for a reload, beside it; it touches nothing of a run. Afterwards the
 * set is read only. A rule that can't be loaded is refused, with a line that says where, which and why; the others
 * load. Limits are constants below; what is beyond them is refused like any mistake. */
#ifndef BURROW_DETECT_RULESET_H
#define BURROW_DETECT_RULESET_H

#include <stdio.h>

#include "config/settings.h"
#include "detect/arena.h"
#include "detect/dataset.h"
#include "detect/reputation.h"
#include "detect/rule.h"

#define RULESET_RULES_MAX   1000000u
#define RULESET_FILES_MAX   4096u
#define RULESET_FILE_MAX    (512u << 20) /* bytes of one file */
#define RULESET_MEMORY_MAX  ((size_t)8 << 30)
#define RULE_TEXT_MAX       65536u /* bytes of one rule, continued lines joined */
#define RULE_OPTIONS_MAX    1024u
#define RULE_BUFFERS_MAX    256u
#define RULE_MATCHES_MAX    1024u
#define RULE_TRANSFORMS_MAX 16u
#define RULE_VARS_MAX       64u
#define RULE_ERROR_MAX      512u

/* A set of values that dataset and datarep look into. */
struct ruleset_dataset {
    struct dataset *set;     /* a reference */
    const char *context_key; /* of its JSON in alerts; NULL: none */
};

/* A pattern for PCRE2: compiled when first needed, checked at load. */
struct ruleset_pcre {
    const char *pattern;
    uint32_t options;
};

struct ruleset {
    struct arena arena;  /* of rules */
    struct arena shared; /* of what several rules use: addresses, names, patterns */
    struct rule **rules; /* in the order of evaluation: by action, then priority, then as read */
    uint32_t rule_count;
    uint32_t set_count; /* different sets of addresses, and of ports, in headers */
    uint32_t refused;   /* rules that were not loaded because of a mistake */
    uint32_t skipped;   /* not loaded because they say themselves that they need another version (requires) */
    uint32_t replaced;  /* by one of the same sid and a higher rev */
    uint32_t cannot;    /* loaded, but a parser they need is missing */
    uint32_t file_count;
    uint32_t limits;   /* lines of the threshold file that count */
    uint32_t unread;   /* files, or patterns, that could not be read or name none */
    bool asked_unread; /* among them what -s or -S named */
    uint32_t warnings; /* other than refused rules */

    uint32_t alerts_max; /* of one packet */
    struct class_type *classes;
    uint32_t class_count;
    struct ruleset_pcre *pcres;
    uint32_t pcre_count;
    struct ruleset_dataset *datasets;
    uint32_t dataset_count;
    struct reputation *reputation; /* NULL: no rule asks for it; likewise: */
    struct geoip *geoip;
    struct datasets *own_sets; /* NULL: they are the caller's */
    uint32_t name_count[NAME_KIND_COUNT];
    const char *const *names[NAME_KIND_COUNT];

    struct ruleset_load *loading; /* while it is read, NULL afterwards */
};

/* Rules are in memory where they were read, and evaluated in another order: who goes through all has those that come
 * soon brought near, as far as they are asked for then. */
static inline void ruleset_soon(const struct ruleset *set, uint32_t i)
{
    const uint32_t ahead = 8;
    if (set->rule_count - i <= ahead)
        return;
    const char *r = (const char *)set->rules[i + ahead];
    __builtin_prefetch(r);
    __builtin_prefetch(r + 64);
    __builtin_prefetch(r + 128);
}

/* What of rules is for records alone, and kept if they have it. */
enum {
    RULESET_KEEP_TEXT = 1 << 0,
    RULESET_KEEP_METADATA = 1 << 1,
    RULESET_KEEP_REFERENCES = 1 << 2,
};

/* What is loaded besides what the settings say. */
struct ruleset_options {
    const struct settings *settings;
    const char *extra;     /* -s: a file (or pattern) more; NULL: none */
    const char *exclusive; /* -S: this one alone; NULL: those of the settings, too */
    const char *data_dir;  /* --data-dir: where sets are kept; NULL: as the settings say */
    unsigned keep;         /* RULESET_KEEP_* */
    const char *cache;     /* a folder of ours, where patterns are noted that were right before; NULL: check all */
    struct datasets *sets; /* those that outlive rules; NULL: this rule set's alone */
    bool quiet;            /* don't log; for tests */
    bool strict;           /* a refused rule is an error, not a warning: what is logged */
    /* Told of each refused rule; may be NULL. */
    void (*refused)(void *arg, const char *line);
    void *arg;
};

/* Load. 0, or -errno with one line in error for what keeps the whole from being loaded (memory; no file of -S). */
int ruleset_create(const struct ruleset_options *o, struct ruleset **out, char *error, size_t error_len);

void ruleset_destroy(struct ruleset **set);

/* The rule of this gid and sid; NULL: there is none. */
const struct rule *ruleset_find(const struct ruleset *set, uint32_t gid, uint32_t sid);

struct rule_metadata {
    const char *key;
    const char *value;
};

/* Most pairs of one rule. */
#define RULE_METADATA_MAX 512u

/* A rule's metadata in pairs: list has room for RULE_METADATA_MAX of them, text, where they lie, for RULE_TEXT_MAX
 * bytes. Returns how many there are. */
uint32_t rule_metadata(const struct rule *r, char *text, struct rule_metadata *list);

/* Write rules.json of --engine-analysis into a folder. 0 or -errno, with one line in error. */
int ruleset_analyse(const struct ruleset *set, const char *folder, char *error, size_t error_len);

/* --list-keywords: how NULL prints names, "csv" a table, "all" everything as Markdown, else one keyword by name.
 * False: there is no such keyword. */
bool ruleset_list_keywords(const char *how, FILE *out);

#endif
