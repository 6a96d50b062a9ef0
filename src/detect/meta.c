/* What a rule says of itself. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "detect/load.h"

/* Characters of a class's name, and one. */
#define CLASS_MAX 128u

/* References of one rule. */
#define ENTRIES_MAX 512u

static bool sid(struct rule_build *b, char *arg)
{
    if (b->has_sid)
        return build_error(b, "given twice");
    if (!text_u32(arg, &b->rule->sid) || b->rule->sid == 0)
        return build_error(b, "\"%.40s\" is no number from 1 to 4294967295", arg);
    b->has_sid = true;
    return true;
}

static bool gid(struct rule_build *b, char *arg)
{
    return text_u32(arg, &b->rule->gid) || build_error(b, "\"%.40s\" is no number", arg);
}

static bool rev(struct rule_build *b, char *arg)
{
    return text_u32(arg, &b->rule->rev) || build_error(b, "\"%.40s\" is no number", arg);
}

/* Text with its escapes taken away. */
static bool msg(struct rule_build *b, char *arg)
{
    char *end = arg + b->len, *to = memchr(arg, '\\', b->len);
    if (b->rule->msg[0])
        return build_error(b, "given twice");
    for (const char *from = to; to && from < end; from++) {
        if (*from == '\\' && strchr(":;\\\"", from[1]) && from[1])
            from++;
        *to++ = *from;
    }
    b->rule->msg = build_text_of(b, arg, (size_t)((to ? to : end) - arg));
    return b->rule->msg != NULL;
}

static bool priority(struct rule_build *b, char *arg)
{
    int64_t v;
    if (!text_int(arg, 0, 255, &v))
        return build_error(b, "\"%.40s\" is no number from 0 to 255", arg);
    b->rule->priority = (uint32_t)v;
    return true;
}

static bool classtype(struct rule_build *b, char *arg)
{
    struct ruleset_load *l = b->set->loading;
    if (b->len >= CLASS_MAX)
        return build_error(b, "longer than %u characters", CLASS_MAX - 1);
    const uint64_t *i = words_find_part(&l->classes, arg, b->len);
    if (!i && !l->classes_missed) {
        for (char *c = arg; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        i = words_find_part(&l->classes, arg, b->len);
    }
    if (i)
        b->rule->class_type = &b->set->classes[*i];
    else if (!b->set->class_count && !l->classes_missed)
        load_warn(b->set, "no classification-file: rules that name a classtype have priority 3");
    else if (b->set->class_count)
        load_warn(b->set, "classtype %s is not in the classification file: its rules have priority 3", arg);
    l->classes_missed = !b->set->class_count;
    return true;
}

static bool keep_reference(struct rule_build *b, const char *key, const char *id)
{
    struct rule *r = b->rule;
    const uint64_t *url = words_find(&b->set->loading->references, key);
    struct rule_reference *more = build_get(b, (r->reference_count + 1) * sizeof *more);
    if (!more)
        return false;
    if (r->reference_count)
        memcpy(more, r->references, r->reference_count * sizeof *more);
    more[r->reference_count].key = build_text(b, key);
    more[r->reference_count].url = url ? (const char *)(uintptr_t)*url : "";
    more[r->reference_count].id = build_text(b, id);
    r->references = more;
    r->reference_count++;
    return !b->error[0];
}

static bool reference(struct rule_build *b, char *arg)
{
    char *comma = memchr(arg, ',', b->len), *key = arg, *id = comma ? comma + 1 : arg + b->len;
    while (text_is_space(*id))
        id++;
    while (comma && comma > key && text_is_space(comma[-1]))
        comma--;
    if (!comma || comma == key || !*id)
        return build_error(b, "use system,identifier");
    if (b->reference_count++ == ENTRIES_MAX)
        return build_error(b, "more than %u", ENTRIES_MAX);
    if (!(b->set->loading->options->keep & RULESET_KEEP_REFERENCES))
        return true;
    *comma = '\0';
    for (char *c = key; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return keep_reference(b, key, id);
}

/* Entries are counted where they say something; commas, for what one option may have, all. */
static bool count_metadata(struct rule_build *b, const char *at, const char *end)
{
    unsigned commas = 0, entries = 0;
    for (const char *comma; at; at = comma ? comma + 1 : NULL) {
        while (text_is_space(*at))
            at++;
        comma = memchr(at, ',', (size_t)(end - at));
        commas += comma != NULL;
        entries += at != end && at != comma;
    }
    if (b->metadata_count + commas + 1 > RULE_METADATA_MAX)
        return build_error(b, "more than %u entries", RULE_METADATA_MAX);
    b->metadata_count += entries;
    return true;
}

static bool metadata(struct rule_build *b, char *arg)
{
    struct rule *r = b->rule;
    size_t before = strlen(r->metadata), n = b->len;
    if (!count_metadata(b, arg, arg + n))
        return false;
    if (!(b->set->loading->options->keep & RULESET_KEEP_METADATA) || !n)
        return true;
    if (!before)
        return (r->metadata = build_text_of(b, arg, n)) != NULL;
    char *both = build_get(b, before + n + 2);
    if (!both)
        return false;
    memcpy(both, r->metadata, before);
    both[before] = ',';
    memcpy(both + before + 1, arg, n);
    r->metadata = both;
    return true;
}

static bool target(struct rule_build *b, char *arg)
{
    static const char *const words[] = {"src_ip", "dest_ip"};
    unsigned i;
    if (b->rule->target)
        return build_error(b, "given twice");
    if (!text_word(arg, words, 2, &i))
        return build_error(b, "use src_ip or dest_ip");
    b->rule->target = i ? TARGET_DST : TARGET_SRC;
    return true;
}

static bool noalert(struct rule_build *b, char *arg)
{
    (void)arg;
    b->rule->flags |= RULE_NOALERT;
    return true;
}

static bool alert(struct rule_build *b, char *arg)
{
    (void)arg;
    b->rule->flags &= ~(uint32_t)RULE_NOALERT;
    b->rule->flags |= RULE_SAYS_ALERT;
    return true;
}

/* The version of the rule language that is spoken here. */
static const unsigned language[3] = {8, 0, 5};

static bool read_version(const char *s, unsigned out[3])
{
    for (int i = 0; i < 3; i++) {
        char *end;
        out[i] = (unsigned)strtoul(s, &end, 10);
        if (end == s)
            return false;
        s = end;
        if (*s == '.')
            s++;
        else if (*s == '\0' || *s == '-')
            return true;
        else
            return false;
    }
    return *s == '\0' || *s == '-';
}

static int compare_version(const unsigned want[3])
{
    for (int i = 0; i < 3; i++)
        if (language[i] != want[i])
            return language[i] < want[i] ? -1 : 1;
    return 0;
}

/* ">= 7.0.3 < 8": all of them. 1 yes, 0 no, -1 wrong. */
static int version_fits(char *text)
{
    bool fits = true, some = false;
    char *rest = text;
    while (*(rest = rest + strspn(rest, " \t"))) {
        size_t n = strspn(rest, "<>=");
        char op[3] = {0}, *word;
        unsigned want[3] = {0};
        if (n == 0 || n > 2)
            return -1;
        memcpy(op, rest, n);
        rest += n + strspn(rest + n, " \t");
        word = rest;
        rest += strcspn(rest, " \t");
        if (*rest)
            *rest++ = '\0';
        if (!read_version(word, want))
            return -1;
        int c = compare_version(want);
        if (strcmp(op, ">=") == 0)
            fits = fits && c >= 0;
        else if (strcmp(op, "<") == 0)
            fits = fits && c < 0;
        else if (strcmp(op, "<=") == 0)
            fits = fits && c <= 0;
        else if (strcmp(op, ">") == 0)
            fits = fits && c > 0;
        else
            return -1;
        some = true;
    }
    return some ? fits : -1;
}

/* Alternatives between '|'. */
static int versions_fit(char *text)
{
    int any = 0;
    for (char *one; (one = text_next(&text, '|'));) {
        int fits = version_fits(one);
        if (fits < 0)
            return -1;
        any |= fits;
    }
    return any;
}

static bool has_feature(const char *name)
{
    static const char *const features[] = {"ja3", "ja4", "true_rawbytes", "output::file-store"};
    unsigned i;
    return text_word(name, features, sizeof features / sizeof features[0], &i);
}

static bool requires(struct rule_build *b, char *arg)
{
    for (char *one; (one = text_next(&arg, ','));) {
        char *value = one + strcspn(one, " \t");
        int fits;
        if (*value)
            *value++ = '\0';
        value = text_trim(value);
        if (strcmp(one, "version") == 0)
            fits = versions_fit(value);
        else if (strcmp(one, "feature") == 0)
            fits = has_feature(value);
        else if (strcmp(one, "keyword") == 0)
            fits = words_find(&b->set->loading->keywords, value) != NULL;
        else
            fits = 0; /* what is not known is not had */
        if (fits < 0)
            return build_error(b, "\"%s\" is no requirement of a version", value);
        b->skip = b->skip || !fits;
    }
    return true;
}

const struct keyword keywords_meta[] = {
    {"sid", NULL, sid, KEYWORD_META | KEYWORD_EARLY, 0, 0, "number of the rule"},
    {"gid", NULL, gid, KEYWORD_META | KEYWORD_EARLY, 0, 0, "group of the rule's number"},
    {"rev", NULL, rev, KEYWORD_META | KEYWORD_EARLY, 0, 0, "version of the rule"},
    {"msg", NULL, msg, KEYWORD_META | KEYWORD_QUOTES, 0, 0, "what the alert says"},
    {"classtype", NULL, classtype, KEYWORD_META, 0, 0, "class, of the classification file"},
    {"priority", NULL, priority, KEYWORD_META, 0, 0, "priority, 1 is the most urgent; before the class's"},
    {"reference", NULL, reference, KEYWORD_META, 0, 0, "where more is written: system,identifier"},
    {"metadata", NULL, metadata, KEYWORD_META | KEYWORD_OPTIONAL_VALUE, 0, 0, "pairs of key and value"},
    {"target", NULL, target, KEYWORD_META, 0, 0, "which side is attacked: src_ip or dest_ip"},
    {"requires", NULL, requires, KEYWORD_META | KEYWORD_EARLY, 0, 0,
     "what a version must have to load the rule: version, feature, keyword"},
    {"noalert", NULL, noalert, KEYWORD_META | KEYWORD_NO_VALUE, 0, 0, "give no alert"},
    {"alert", NULL, alert, KEYWORD_META | KEYWORD_NO_VALUE, 0, 0, "give an alert, whatever the action"},
    {0}};
