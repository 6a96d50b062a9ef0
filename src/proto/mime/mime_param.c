/* Parameters of fields: `; name="value"` (RFC 2045 5.1), in sections and with other characters (RFC 2231). */
#include <strings.h>

#include "proto/mime/mime_private.h"

/* Sections of one value; of more the first. */
#define SECTIONS_MAX 64u

struct param {
    const uint8_t *name;
    size_t name_len;
    const uint8_t *value; /* in quotes: as written, with its backslashes */
    size_t value_len;
    bool quoted;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value at *at: in quotes, or up to the next semicolon. */
static void take_value(const uint8_t *p, size_t n, size_t *at, struct param *out)
{
    size_t i = *at;
    while (i < n && is_space(p[i]))
        i++;
    out->quoted = i < n && p[i] == '"';
    size_t from = i + out->quoted;
    i = from;
    if (out->quoted) {
        while (i < n && p[i] != '"')
            i += p[i] == '\\' && i + 1 < n ? 2 : 1;
        out->value = p + from;
        out->value_len = i - from;
    }
    while (i < n && p[i] != ';')
        i++;
    *at = i;
    if (out->quoted)
        return;
    out->value = p + from;
    out->value_len = i - from;
    while (out->value_len && is_space(out->value[out->value_len - 1]))
        out->value_len--;
}

/* The next parameter from *at on, which is behind a semicolon or at the value's beginning. */
static bool next_param(const uint8_t *p, size_t n, size_t *at, struct param *out)
{
    while (*at < n) {
        size_t i = *at;
        while (i < n && (is_space(p[i]) || p[i] == ';'))
            i++;
        size_t from = i;
        while (i < n && p[i] != ';' && p[i] != '=')
            i++;
        *at = i;
        if (i == n || p[i] == ';')
            continue; /* the type itself, or a word alone */
        size_t end = i;
        while (end > from && is_space(p[end - 1]))
            end--;
        out->name = p + from;
        out->name_len = end - from;
        *at = i + 1;
        take_value(p, n, at, out);
        return true;
    }
    return false;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 2231 4: charset'language'bytes, escaped with percent signs. Which characters they are stays open. */
static void add_extended(const struct param *v, bool first, struct buf *out)
{
    const uint8_t *p = v->value;
    size_t n = v->value_len, i = 0;
    for (unsigned quotes = 0; first && i < n; i++)
        if (p[i] == '\'' && ++quotes == 2)
            break;
    i = first && i < n ? i + 1 : 0;
    for (; i < n; i++) {
        int high = p[i] == '%' && i + 2 < n ? hex(p[i + 1]) : -1;
        int low = high >= 0 ? hex(p[i + 2]) : -1;
        buf_add_byte(out, (uint8_t)(low >= 0 ? high << 4 | low : p[i]));
        i += low >= 0 ? 2 : 0;
    }
}

static void add_value(const struct param *v, struct buf *out)
{
    for (size_t i = 0; i < v->value_len; i++) {
        if (v->quoted && v->value[i] == '\\' && i + 1 < v->value_len)
            i++;
        buf_add_byte(out, v->value[i]);
    }
}

/* What stands behind the wanted name: "", "*", "*0", "*0*". False: another name. section: -1 without one. */
static bool name_fits(const struct param *v, const char *name, int *section, bool *extended)
{
    size_t n = strlen(name);
    if (v->name_len < n || strncasecmp((const char *)v->name, name, n) != 0)
        return false;
    const uint8_t *p = v->name + n, *end = v->name + v->name_len;
    *section = -1;
    *extended = false;
    if (p == end)
        return true;
    if (*p++ != '*')
        return false;
    unsigned number = 0;
    const uint8_t *digits = p;
    while (p < end && *p >= '0' && *p <= '9' && p - digits < 3)
        number = number * 10 + (unsigned)(*p++ - '0');
    if (p > digits)
        *section = (int)number;
    *extended = p == digits || (p < end && *p == '*');
    return p == end || (*p == '*' && p + 1 == end);
}

/* A value that is whole in one parameter. */
static bool find_whole(const uint8_t *value, size_t len, const char *name, struct buf *out)
{
    struct param v;
    size_t at = 0;
    int section;
    bool extended;
    while (next_param(value, len, &at, &v))
        if (name_fits(&v, name, &section, &extended) && section < 0) {
            extended ? add_extended(&v, true, out) : add_value(&v, out);
            return true;
        }
    return false;
}

bool mime_param(const uint8_t *value, size_t len, const char *name, struct buf *out)
{
    buf_clear(out);
    if (!value)
        return false;
    if (find_whole(value, len, name, out))
        return true;
    /* RFC 2231 3: sections are numbered, and may come in any order. */
    for (int want = 0; want < (int)SECTIONS_MAX; want++) {
        struct param v;
        size_t at = 0;
        int section = -1;
        bool extended = false, found = false;
        while (!found && next_param(value, len, &at, &v))
            found = name_fits(&v, name, &section, &extended) && section == want;
        if (!found)
            return want > 0;
        extended ? add_extended(&v, want == 0, out) : add_value(&v, out);
    }
    return true;
}
