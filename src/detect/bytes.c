/* byte_test, byte_jump, byte_extract, byte_math, base64_decode. */
#include <stdio.h>
#include <string.h>

#include "detect/load.h"

#define OFFSET_MAX 65535

/* Bytes of a number: as they are, or as digits. */
#define RAW_MAX   8
#define DIGIT_MAX 23

/* Words that say how to read. 1 taken, 0 it is another word, -1 wrong. */
static int read_how(struct rule_build *b, struct byte_source *s, bool *string, const char *word)
{
    int64_t mask;
    if (strcmp(word, "relative") == 0)
        s->relative = true;
    else if (strcmp(word, "string") == 0)
        *string = true;
    else if (strcmp(word, "little") == 0 || strcmp(word, "endian little") == 0)
        s->little = true;
    else if (strcmp(word, "big") == 0 || strcmp(word, "endian big") == 0)
        s->little = false;
    else if (strcmp(word, "dce") == 0)
        s->dce = true;
    else if (strcmp(word, "hex") == 0 || strcmp(word, "string hex") == 0)
        s->base = BYTE_BASE_HEX;
    else if (strcmp(word, "dec") == 0 || strcmp(word, "string dec") == 0)
        s->base = BYTE_BASE_DEC;
    else if (strcmp(word, "oct") == 0 || strcmp(word, "string oct") == 0)
        s->base = BYTE_BASE_OCT;
    else if (strncmp(word, "bitmask ", 8) == 0) {
        if (!text_int(word + 8, 1, UINT32_MAX, &mask))
            return build_error(b, "\"%.40s\": the mask is no number up to 0xffffffff", word) - 1;
        s->bitmask = (uint64_t)mask;
    } else {
        return 0;
    }
    return 1;
}

/* What was read must fit together. usual: how text is read without a word about it. */
static bool source_fits(struct rule_build *b, struct byte_source *s, bool string, enum byte_base usual)
{
    bool digits = string || s->base != BYTE_BASE_RAW;
    int64_t most = digits ? DIGIT_MAX : RAW_MAX;
    if (digits && s->base == BYTE_BASE_RAW)
        s->base = usual;
    if (s->dce && (digits || s->little))
        return build_error(b, "dce does not go with string, hex, dec, oct, big, little");
    if (s->nbytes.var < 0 && (s->nbytes.number < 1 || s->nbytes.number > most))
        return build_error(b, "%lld bytes: from 1 to %lld can be read", (long long)s->nbytes.number, (long long)most);
    if (s->dce && !build_apps(b, DETECT_APP_BIT(APP_DCERPC) | DETECT_APP_BIT(APP_SMB)))
        return false;
    if (s->dce && !b->missing)
        b->missing = "dcerpc";
    return true;
}

static bool read_size(struct rule_build *b, struct byte_source *s, const char *nbytes, const char *offset)
{
    *s = (struct byte_source){.nbytes = {.var = -1}, .offset = {.var = -1}};
    return (nbytes && offset) ? build_value(b, nbytes, 0, DIGIT_MAX, &s->nbytes) &&
                                    build_value(b, offset, -OFFSET_MAX, OFFSET_MAX, &s->offset)
                              : build_error(b, "too few values");
}

/* "<", "!>=", "=", "&" ... */
static bool read_op(struct rule_build *b, struct match_byte_test *m, const char *word)
{
    static const char *const words[] = {"=", "<", ">", "<=", ">=", "&", "^"};
    static const enum byte_op ops[] = {BYTE_EQUAL,         BYTE_LESS, BYTE_GREATER, BYTE_LESS_EQUAL,
                                       BYTE_GREATER_EQUAL, BYTE_AND,  BYTE_OR};
    unsigned i;
    m->negated = *word == '!';
    word += m->negated;
    while (*word == ' ')
        word++;
    if (m->negated && !*word)
        word = "=";
    if (!text_word(word, words, sizeof words / sizeof words[0], &i))
        return build_error(b, "\"%.20s\": use <, >, =, <=, >=, & or ^", word);
    m->op = ops[i];
    return true;
}

static bool read_words(struct rule_build *b, struct byte_source *s, char *rest)
{
    bool string = false;
    for (char *word; (word = text_next(&rest, ','));) {
        int r = read_how(b, s, &string, word);
        if (r <= 0)
            return build_error(b, "\"%.40s\": unknown word", word);
    }
    return source_fits(b, s, string, BYTE_BASE_AUTO);
}

static bool byte_test(struct rule_build *b, char *arg)
{
    struct match_byte_test *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    char *rest = arg;
    const char *nbytes = text_next(&rest, ','), *op = text_next(&rest, ',');
    const char *value = text_next(&rest, ','), *offset = text_next(&rest, ',');
    if (!op || !value)
        return build_error(b, "use bytes, operator, value, offset, ...");
    if (!read_size(b, &m->from, nbytes, offset) || !read_op(b, m, op))
        return false;
    if (!build_value(b, value, 0, INT64_MAX, &m->value)) {
        b->error[0] = '\0';
        return build_error(b, "Unknown byte_extract var seen in byte_test - %.60s", value);
    }
    return read_words(b, &m->from, rest) && build_add_after(b, MATCH_BYTE_TEST, m, m->from.relative);
}

/* Words of byte_jump alone. */
static int read_jump(struct rule_build *b, struct match_byte_jump *m, char *word)
{
    int64_t v;
    if (strcmp(word, "align") == 0)
        m->align = true;
    else if (strcmp(word, "from_beginning") == 0)
        m->from_beginning = true;
    else if (strcmp(word, "from_end") == 0)
        m->from_end = true;
    else if (strncmp(word, "multiplier ", 11) == 0) {
        if (!text_int(text_trim(word + 11), 1, 65535, &v))
            return build_error(b, "multiplier is no number from 1 to 65535") - 1;
        m->multiplier = (uint32_t)v;
    } else if (strncmp(word, "post_offset ", 12) == 0) {
        if (!build_value(b, text_trim(word + 12), -OFFSET_MAX, OFFSET_MAX, &m->post_offset))
            return -1;
    } else {
        return 0;
    }
    return 1;
}

static bool byte_jump(struct rule_build *b, char *arg)
{
    struct match_byte_jump *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    char *rest = arg;
    const char *nbytes = text_next(&rest, ','), *offset = text_next(&rest, ',');
    bool string = false;
    if (!read_size(b, &m->from, nbytes, offset))
        return false;
    m->multiplier = 1;
    m->post_offset.var = -1;
    for (char *word; (word = text_next(&rest, ','));) {
        int r = read_jump(b, m, word);
        if (r == 0)
            r = read_how(b, &m->from, &string, word);
        if (r <= 0)
            return build_error(b, "\"%.40s\": unknown word", word);
    }
    if (m->from_end && m->from_beginning)
        return build_error(b, "from_end does not go with from_beginning");
    /* No bytes read: only post_offset jumps. */
    if (m->from.nbytes.var < 0 && m->from.nbytes.number == 0)
        return build_add_after(b, MATCH_BYTE_JUMP, m, m->from.relative);
    return source_fits(b, &m->from, string, BYTE_BASE_AUTO) && build_add_after(b, MATCH_BYTE_JUMP, m, m->from.relative);
}

static bool var_name(struct rule_build *b, const char *name, int16_t *out)
{
    if (!name || !*name || (*name >= '0' && *name <= '9'))
        return build_error(b, "it does not name its variable");
    int i = build_var(b, name);
    *out = (int16_t)i;
    return i >= 0;
}

static bool byte_extract(struct rule_build *b, char *arg)
{
    struct match_byte_extract *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    char *rest = arg;
    const char *nbytes = text_next(&rest, ','), *offset = text_next(&rest, ','), *name = text_next(&rest, ',');
    bool string = false;
    m->multiplier = 1;
    if (!read_size(b, &m->from, nbytes, offset))
        return false;
    for (char *word; (word = text_next(&rest, ','));) {
        int64_t v;
        int r = read_how(b, &m->from, &string, word);
        if (r == 0 && strncmp(word, "multiplier ", 11) == 0) {
            r = text_int(text_trim(word + 11), 1, 65535, &v) ? 1 : -1;
            m->multiplier = (uint32_t)v;
        } else if (r == 0 && strncmp(word, "align ", 6) == 0) {
            r = text_int(text_trim(word + 6), 2, 4, &v) && v != 3 ? 1 : -1;
            m->align = (uint8_t)v;
        }
        if (r <= 0)
            return build_error(b, "\"%.40s\": unknown word or value", word);
    }
    return source_fits(b, &m->from, string, BYTE_BASE_DEC) && var_name(b, name, &m->var) &&
           build_add_after(b, MATCH_BYTE_EXTRACT, m, m->from.relative);
}

/* One "word value" of byte_math. 1 taken, 0 another word, -1 wrong; seen gets a bit for each. */
static int read_math(struct rule_build *b, struct match_byte_math *m, char *word, const char **result, unsigned *seen)
{
    static const char *const words[] = {"bytes", "offset", "oper", "rvalue", "result"};
    static const char *const ops[] = {"+", "-", "*", "/", "<<", ">>"};
    char *blank = word + strcspn(word, " \t");
    unsigned i, op;
    if (!*blank)
        return 0;
    char keep = *blank;
    *blank = '\0';
    if (!text_word(word, words, 5, &i)) {
        *blank = keep;
        return 0;
    }
    const char *value = text_trim(blank + 1);
    bool ok = !(*seen & 1u << i);
    *seen |= 1u << i;
    if (i == 0)
        ok = ok && build_value(b, value, 1, 10, &m->from.nbytes);
    else if (i == 1)
        ok = ok && build_value(b, value, -OFFSET_MAX, OFFSET_MAX, &m->from.offset);
    else if (i == 2) {
        ok = ok && text_word(value, ops, 6, &op);
        m->op = ok ? (enum math_op)op : MATH_ADD;
    } else if (i == 3)
        ok = ok && build_value(b, value, 1, UINT32_MAX, &m->rvalue);
    else
        *result = value;
    return ok ? 1 : -1;
}

static bool byte_math(struct rule_build *b, char *arg)
{
    struct match_byte_math *m = build_get(b, sizeof *m);
    const char *result = NULL;
    unsigned seen = 0;
    bool string = false;
    if (!m)
        return false;
    m->from = (struct byte_source){.nbytes = {.var = -1}, .offset = {.var = -1}};
    m->rvalue.var = -1;
    for (char *word; (word = text_next(&arg, ','));) {
        int r = read_math(b, m, word, &result, &seen);
        if (r == 0)
            r = read_how(b, &m->from, &string, word);
        if (r <= 0)
            return build_error(b, "\"%.40s\": unknown word or value", word);
    }
    if (seen != 31)
        return build_error(b, "needs bytes, offset, oper, rvalue and result");
    if ((m->op == MATH_LEFT || m->op == MATH_RIGHT) && m->from.nbytes.number > 4)
        return build_error(b, "shifts take at most 4 bytes");
    if (m->from.relative && !build_relative(b))
        return false;
    return source_fits(b, &m->from, string, BYTE_BASE_DEC) && var_name(b, result, &m->var) &&
           build_add_after(b, MATCH_BYTE_MATH, m, m->from.relative);
}

static bool base64_decode(struct rule_build *b, char *arg)
{
    struct match_base64 *m = build_get(b, sizeof *m);
    char *rest = b->has_value ? arg : NULL;
    if (!m)
        return false;
    m->offset.var = -1;
    if (b->current && b->buffers[b->current].id == BUFFER_BASE64)
        return build_error(b, "does not go with base64_data");
    for (char *word; (word = text_next(&rest, ','));) {
        int64_t v;
        if (strcmp(word, "relative") == 0) {
            m->relative = true;
        } else if (strncmp(word, "bytes ", 6) == 0 && text_int(text_trim(word + 6), 1, UINT32_MAX, &v)) {
            m->bytes = (uint32_t)v;
        } else if (strncmp(word, "offset ", 7) == 0) {
            if (!build_value(b, text_trim(word + 7), 0, OFFSET_MAX, &m->offset))
                return false;
        } else {
            return build_error(b, "\"%.40s\": use bytes N, offset N, relative", word);
        }
    }
    return build_add_after(b, MATCH_BASE64_DECODE, m, true);
}

static bool entropy_value(struct rule_build *b, struct match_entropy *m, const char *s)
{
    static const struct {
        const char *text;
        enum uint_op op;
    } ops[] = {{">=", UINT_GREATER_EQUAL}, {"<=", UINT_LESS_EQUAL}, {"!=", UINT_NOT_EQUAL}, {"!", UINT_NOT_EQUAL},
               {">", UINT_GREATER},        {"<", UINT_LESS},        {"=", UINT_EQUAL},      {"", UINT_EQUAL}};
    size_t i = 0;
    int used = 0;
    while (strncmp(s, ops[i].text, strlen(ops[i].text)) != 0)
        i++;
    s += strlen(ops[i].text);
    m->op = (uint8_t)ops[i].op;
    if (sscanf(s, " %lf - %lf%n", &m->a, &m->b, &used) == 2 && !s[used])
        m->op = UINT_RANGE;
    else if (sscanf(s, " %lf%n", &m->a, &used) != 1 || s[used])
        return build_error(b, "\"%.20s\" is no number from 0 to 8", s);
    return (m->a >= 0 && m->a <= 8 && m->b >= 0 && m->b <= 8) || build_error(b, "entropy is from 0 to 8");
}

static bool entropy(struct rule_build *b, char *arg)
{
    struct match_entropy *m = build_get(b, sizeof *m);
    bool has = false;
    if (!m)
        return false;
    for (char *word; (word = text_next(&arg, ','));) {
        int64_t v;
        if (strncmp(word, "bytes ", 6) == 0 && text_int(text_trim(word + 6), 0, OFFSET_MAX, &v))
            m->bytes = (uint32_t)v;
        else if (strncmp(word, "offset ", 7) == 0 && text_int(text_trim(word + 7), 0, OFFSET_MAX, &v))
            m->offset = (int32_t)v;
        else if (strncmp(word, "value ", 6) == 0)
            has = entropy_value(b, m, text_trim(word + 6));
        else
            return build_error(b, "\"%.40s\": use bytes N, offset N, value N", word);
    }
    return (has || build_error(b, "needs a value")) && build_add_buffer(b, MATCH_ENTROPY, m);
}

const struct keyword keywords_bytes[] = {
    {"byte_test", NULL, byte_test, 0, 0, 0, "compare a number: bytes, operator, value, offset, ..."},
    {"byte_jump", NULL, byte_jump, 0, 0, 0, "go on so many bytes further: bytes, offset, ..."},
    {"byte_extract", NULL, byte_extract, 0, 0, 0, "keep a number: bytes, offset, name, ..."},
    {"byte_math", NULL, byte_math, 0, 0, 0, "keep the result of: bytes, offset, oper, rvalue, result, ..."},
    {"base64_decode", NULL, base64_decode, KEYWORD_OPTIONAL_VALUE, 0, 0, "decode, for base64_data"},
    {"entropy", NULL, entropy, 0, 0, 0, "entropy of the bytes, bits for each"},
    {0}};
