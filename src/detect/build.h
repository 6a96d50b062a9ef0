/* A rule while it is read: what keywords add to. Private to detect/.
 *
 * One struct for a whole load: its lists are used again for each rule and copied to the arena when the rule is whole.
 */
#ifndef BURROW_DETECT_BUILD_H
#define BURROW_DETECT_BUILD_H

#include "detect/keyword.h"
#include "detect/ruleset.h"

struct build_list {
    struct match *m;
    uint32_t count;
    uint32_t room;
};

struct build_buffer {
    unsigned id;
    const char *word; /* the keyword that named it, for what is told */
    const char *frame;
    uint8_t dir;      /* asked for: http.connection:to_client; 0 as the buffer's */
    bool by_modifier; /* made for content modifiers: others of the same buffer join it */
    struct transform transforms[RULE_TRANSFORMS_MAX];
    uint8_t transform_count;
    struct build_list matches;
};

/* An option as it was cut from the text. */
struct build_option {
    char *name;
    char *value;                   /* "" without one */
    uint32_t len;                  /* of the value */
    const struct keyword *keyword; /* NULL: there is none by that name */
    bool has_value;
};

/* A keyword that was looked up, by its name as two numbers (option.c). */
struct build_known {
    uint64_t first;
    uint64_t last;
    size_t len;
    const struct keyword *keyword;
};
#define BUILD_KNOWN 256u

/* Where a match stands: buffer by index. */
struct build_place {
    int buffer; /* -1: nowhere */
    uint32_t match;
};

struct rule_build {
    struct ruleset *set;
    struct rule *rule;
    const struct keyword *keyword; /* that is being read */
    const char *word;              /* its name as it is written in the rule */
    bool negated;                  /* `!` before its value */
    bool has_value;
    size_t len; /* of the value that it is given */
    struct build_list packet;
    struct build_list post;
    struct build_buffer buffers[RULE_BUFFERS_MAX]; /* [0] is BUFFER_PAYLOAD */
    int buffer_count;
    int buffers_used; /* most of them in any rule so far */
    int current;      /* the sticky buffer in force; 0: none */
    struct build_place last_content;
    int last_pattern;       /* buffer of the pattern added last */
    const void *last_added; /* data of the match added last */
    unsigned metadata_count;
    unsigned reference_count;
    bool fast_asked;
    bool has_sid;
    bool has_flow_state;
    uint8_t dirs;              /* asked for by flow: */
    uint64_t apps;             /* that are left */
    uint64_t asked, asked_all; /* those that a keyword asked for last, and what counts as one of them */
    bool app_event;
    bool decode_event;
    bool bsize; /* these keywords are there */
    bool dsize;
    unsigned http_uri; /* the buffer */
    const char *vars[RULE_VARS_MAX];
    struct build_option options[RULE_OPTIONS_MAX];
    unsigned option_count;
    uint16_t early[RULE_OPTIONS_MAX]; /* which of them come first */
    unsigned early_count;
    struct build_known known[BUILD_KNOWN];
    const char *missing;
    const char *file; /* that the rule is in */
    uint32_t line;
    bool skip; /* requires: not for this version; not a mistake */
    char error[RULE_ERROR_MAX];
    char key[RULE_TEXT_MAX + 8]; /* of a pattern */
};

/* Say why the rule is refused; false, so that a parser may return it. The first reason stays. */
bool build_error(struct rule_build *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed memory of the rule set's; NULL: the rule is refused for want of memory. */
void *build_get(struct rule_build *b, size_t size);
const char *build_text(struct rule_build *b, const char *text);
const char *build_text_of(struct rule_build *b, const char *text, size_t n);

/* The list that matches in buffers go to now. */
struct build_list *build_current(struct rule_build *b);

/* Add a match. False: too many, or no memory. */
bool build_add(struct rule_build *b, struct build_list *list, enum match_kind kind, const void *data);

/* To the buffer in force, to the packet's conditions, to what is done at last. */
bool build_add_buffer(struct rule_build *b, enum match_kind kind, const void *data);

/* The same for a match that may be relative: without a sticky buffer it follows the pattern before, wherever that is.
 */
bool build_add_after(struct rule_build *b, enum match_kind kind, const void *data, bool relative);
bool build_add_packet(struct rule_build *b, enum match_kind kind, const void *data);
bool build_add_post(struct rule_build *b, enum match_kind kind, const void *data);

/* Make a sticky buffer the one in force: a new use of it. */
bool build_sticky(struct rule_build *b, unsigned buffer, const char *frame);

/* Another use of the buffer in force, which takes its place; NULL: too many buffers. */
struct build_buffer *build_again(struct rule_build *b);

/* "to_server" or "to_client", of a rule with =>. */
bool build_direction(struct rule_build *b, const char *text, uint8_t *dir);

/* The use of a buffer that content modifiers share; NULL: too many buffers. */
struct build_buffer *build_modified(struct rule_build *b, unsigned buffer);

/* The rule is about these protocols. False: it can't be, with what it said before. */
bool build_apps(struct rule_build *b, uint64_t apps);

/* Expand a set of protocols by those that count as one of them. */
uint64_t apps_expand(uint64_t apps);

/* The content before, for a modifier; NULL, with an error, if there is none. */
struct match_content *build_last_content(struct rule_build *b);

/* Is there a match before, in the buffer in force, that a relative one can start from? */
bool build_relative(struct rule_build *b);

/* A variable of byte_extract or byte_math: its index, -1 if there is none. Make one (or find it): -1, with an error, at
 * the cap. */
int build_var_find(const struct rule_build *b, const char *name);
int build_var(struct rule_build *b, const char *name);

/* A number or a variable that was made before. */
bool build_value(struct rule_build *b, const char *text, int64_t min, int64_t max, struct rule_value *out);

/* Number of a name in the rule set; UINT32_MAX when memory is short. */
uint32_t build_name(struct rule_build *b, enum name_kind kind, const char *name);

/* Check a PCRE and enter it: its id, UINT32_MAX with an error. captures, if not NULL, gets the number of its groups. */
uint32_t build_pcre(struct rule_build *b, const char *pattern, uint32_t options, unsigned *captures);

/* As isspace in the C locale. */
static inline bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Texts. All work in place. */
char *text_trim(char *s);
char *text_unquote(char *s); /* of one pair of quotes, if both are there */
/* The next piece up to sep, trimmed; NULL: there is none. Empty pieces are given. */
char *text_next(char **rest, char sep);
bool text_int(const char *s, int64_t min, int64_t max, int64_t *out); /* decimal, or 0x hexadecimal; all of s */
bool text_u32(const char *s, uint32_t *out);
bool text_word(const char *s, const char *const *words, size_t count, unsigned *out);

/* Numbers that are compared: "5", ">5", "1<>9", "!3", "&0x40=0x40"; most: the largest that the field can have. */
bool build_uint(struct rule_build *b, const char *text, uint64_t most, struct uint_match *out);

/* Add a MATCH_FIELD to the packet's conditions. */
bool build_field(struct rule_build *b, enum detect_field field, int arg, const struct uint_match *any, uint16_t count);

/* app.c: the same, of a field whose values have names. */
bool build_named_field(struct rule_build *b, enum detect_field f, const char *text, uint64_t most);

/* Bytes of a content's text, with |hex| and escapes. NULL with an error. */
const uint8_t *build_bytes(struct rule_build *b, const char *text, size_t text_len, uint16_t *len);

/* header.c: "alert tcp $HOME_NET any -> any 80", n bytes; the text is changed. */
bool build_header(struct rule_build *b, char *text, size_t n);

/* address.c: addresses and ports of a header, variables resolved. NULL with an error. */
const struct rule_addrs *build_addrs(struct rule_build *b, const char *text);
const struct rule_ports *build_ports(struct rule_build *b, const char *text);

/* fast.c */
void fast_choose(struct rule *r);

/* finish.c: after all options: what they ask for together, the fast pattern, the lists copied. */
bool build_finish(struct rule_build *b);

/* build.c: begin a rule; its lists are empty. What build_init gets is zeroed: it is large, and most of it never used.
 */
bool build_begin(struct rule_build *b);
void build_init(struct rule_build *b, struct ruleset *set);
void build_fini(struct rule_build *b);

/* option.c: cut the text between the brackets into options; read those that come first wherever they stand (sid,
 * requires); read the others. */
bool build_split(struct rule_build *b, char *text, const char *end);
bool build_early(struct rule_build *b);
bool build_options(struct rule_build *b);

#endif
