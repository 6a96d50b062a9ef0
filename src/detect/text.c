/* Reading of values: words, numbers, comparisons, bytes. */
#include <stdlib.h>
#include <string.h>

#include "detect/build.h"

char *text_trim(char *s)
{
    size_t n;
    while (text_is_space(*s))
        s++;
    n = strlen(s);
    while (n && text_is_space(s[n - 1]))
        n--;
    s[n] = '\0';
    return s;
}

char *text_unquote(char *s)
{
    size_t n = strlen(s);
    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

char *text_next(char **rest, char sep)
{
    char *at = *rest, *end;
    if (!at)
        return NULL;
    end = strchr(at, sep);
    if (end)
        *end++ = '\0';
    *rest = end;
    return text_trim(at);
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 16;
}

/* An unsigned number up to end; false if anything else is there. */
static bool read_number(const char *s, const char *end, uint64_t *out)
{
    int base = 10;
    uint64_t v = 0;
    if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    if (s == end)
        return false;
    for (const char *safe = s + 18; base == 10 && s < end && s < safe && *s >= '0' && *s <= '9'; s++)
        v = v * 10 + (uint64_t)(*s - '0');
    for (; s < end; s++) {
        int d = digit(*s);
        if (d >= base || __builtin_mul_overflow(v, (uint64_t)base, &v) || __builtin_add_overflow(v, (uint64_t)d, &v))
            return false;
    }
    *out = v;
    return true;
}

bool text_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
    bool minus = *s == '-';
    uint64_t v;
    if (*s == '-' || *s == '+')
        s++;
    if (!read_number(s, s + strlen(s), &v) || v > INT64_MAX)
        return false;
    *out = minus ? -(int64_t)v : (int64_t)v;
    return *out >= min && *out <= max;
}

bool text_u32(const char *s, uint32_t *out)
{
    uint64_t v;
    if (!read_number(s, s + strlen(s), &v) || v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

bool text_word(const char *s, const char *const *words, size_t count, unsigned *out)
{
    for (size_t i = 0; i < count; i++) {
        /* Either case of a letter has the same lower five bits. */
        if (((s[0] ^ words[i][0]) & 0x1f) == 0 && strcasecmp(s, words[i]) == 0) {
            *out = (unsigned)i;
            return true;
        }
    }
    return false;
}

/* A number with an optional unit, up to end: powers of 1024. */
static bool read_sized(const char *s, const char *end, uint64_t *out)
{
    static const struct {
        const char *unit;
        unsigned shift;
    } units[] = {{"kib", 10}, {"kb", 10}, {"mib", 20}, {"mb", 20}, {"gib", 30}, {"gb", 30}};
    unsigned shift = 0;
    while (s < end && *s == ' ')
        s++;
    while (end > s && end[-1] == ' ')
        end--;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = strlen(units[i].unit);
        if ((size_t)(end - s) > n && strncasecmp(end - n, units[i].unit, n) == 0 && !(s[0] == '0' && s[1] == 'x')) {
            shift = units[i].shift;
            end -= n;
            break;
        }
    }
    while (end > s && end[-1] == ' ')
        end--;
    if (!read_number(s, end, out) || *out > UINT64_MAX >> shift)
        return false;
    *out <<= shift;
    return true;
}

/* "a-b" or "a<>b". Returns 1 read, 0 is none, -1 wrong. */
static int read_range(const char *s, const char *end, uint64_t most, struct uint_match *out)
{
    const char *sep = strstr(s, "<>");
    size_t n = 2;
    if (!sep) {
        sep = strchr(s, '-');
        n = 1;
    }
    if (!sep)
        return 0;
    if (!read_sized(s, sep, &out->a) || !read_sized(sep + n, end, &out->b))
        return -1;
    return out->a < out->b && out->b - out->a > 1 && out->b <= most ? 1 : -1;
}

/* "&mask=value", "&mask!=value" */
/* "33<>34" */
static bool is_empty_range(const char *s)
{
    char *at, *end;
    unsigned long long a = strtoull(s, &at, 10),
                       b = at > s && strncmp(at, "<>", 2) == 0 ? strtoull(at + 2, &end, 10) : 0;
    return at > s && strncmp(at, "<>", 2) == 0 && end > at + 2 && b <= a + 1;
}

static bool read_bits(const char *s, const char *end, struct uint_match *out)
{
    const char *eq = strchr(s, '=');
    if (!eq || eq == s)
        return false;
    out->op = eq[-1] == '!' ? UINT_NOT_BITS : UINT_BITS;
    return read_sized(s, eq[-1] == '!' ? eq - 1 : eq, &out->a) && read_sized(eq + 1, end, &out->b);
}

static bool read_uint(const char *s, uint64_t most, struct uint_match *out)
{
    static const struct {
        const char *text;
        enum uint_op op;
    } ops[] = {{">=", UINT_GREATER_EQUAL}, {"<=", UINT_LESS_EQUAL}, {"!=", UINT_NOT_EQUAL}, {"!", UINT_NOT_EQUAL},
               {">", UINT_GREATER},        {"<", UINT_LESS},        {"=", UINT_EQUAL},      {"", UINT_EQUAL}};
    const char *end = s + strlen(s);
    bool negated = *s == '!' && s[1] != '=';
    const char *body = s + (negated ? 1 : 0);
    if (*s == '&')
        return read_bits(s + 1, end, out);
    int r = *body == '<' || *body == '>' || *body == '!' || *body == '=' ? 0 : read_range(body, end, most, out);
    if (r != 0) {
        out->op = negated ? UINT_NOT_RANGE : UINT_RANGE;
        return r > 0;
    }
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        size_t n = strlen(ops[i].text);
        if (strncmp(s, ops[i].text, n) != 0)
            continue;
        out->op = ops[i].op;
        return read_sized(s + n, end, &out->a) && out->a <= most;
    }
    return false;
}

bool build_uint(struct rule_build *b, const char *text, uint64_t most, struct uint_match *out)
{
    *out = (struct uint_match){0};
    bool ok = *text && read_uint(text, most, out);
    if (ok && ((out->op == UINT_LESS && out->a == 0) || (out->op == UINT_GREATER && out->a == most)))
        return build_error(b, "\"%s\" can never be true", text);
    if (!ok && is_empty_range(text))
        return build_error(b, "nothing is between the two numbers of \"%s\"", text);
    return ok || build_error(b, "\"%s\" is no number or comparison from 0 to %llu", text, (unsigned long long)most);
}

/* One escaped character. */
static bool escaped(char c)
{
    return c == ':' || c == ';' || c == '\\' || c == '"' || c == '|';
}

/* Bytes between two '|': at goes behind the second one. */
static bool read_hex(struct rule_build *b, const char **at, uint8_t *out, size_t *n)
{
    int high = -1;
    const char *s;
    for (s = *at; *s && *s != '|'; s++) {
        int d = digit(*s);
        if (*s == ' ' || *s == '\t')
            continue;
        if (d == 16)
            return build_error(b, "invalid hex code '%c' in |...|", *s);
        if (high < 0) {
            high = d;
            continue;
        }
        out[(*n)++] = (uint8_t)(high << 4 | d);
        high = -1;
    }
    if (high >= 0)
        return build_error(b, "incomplete hex code in |...|");
    if (*s != '|')
        return build_error(b, "a | without its second one");
    *at = s + 1;
    return true;
}

const uint8_t *build_bytes(struct rule_build *b, const char *text, size_t text_len, uint16_t *len)
{
    static const bool special[256] = {['\0'] = true, ['|'] = true, ['"'] = true, ['\\'] = true};
    uint8_t *out = (uint8_t *)arena_text(&b->set->arena, text, text_len);
    size_t n = 0;
    if (!out) {
        build_error(b, "out of memory");
        return NULL;
    }
    while (!special[(uint8_t)text[n]]) /* these are there already */
        n++;
    text += n;
    for (;;) {
        while (!special[(uint8_t)*text])
            out[n++] = (uint8_t)*text++;
        if (!*text)
            break;
        if (*text == '|') {
            text++;
            if (!read_hex(b, &text, out, &n))
                return NULL;
            continue;
        }
        if (*text == '"') {
            build_error(b, "a quote inside must be written \\\"");
            return NULL;
        }
        if (!escaped(*++text)) {
            build_error(b, "'%c' can't be escaped by a backslash", *text ? *text : ' ');
            return NULL;
        }
        out[n++] = (uint8_t)*text++;
    }
    if (n == 0 || n > UINT16_MAX) {
        build_error(b, n ? "longer than 65535 bytes" : "empty pattern");
        return NULL;
    }
    *len = (uint16_t)n;
    return out;
}
