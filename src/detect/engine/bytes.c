/* byte_test, byte_jump, byte_extract, byte_math: numbers read from a buffer. */
#include "core/bytes.h"
#include "detect/engine/inspect.h"

#define TEXT_DIGITS_MAX 23

static unsigned digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 99;
}

/* A number in text, as strtoull reads it: blanks and a sign before it, what is no digit ends it. *used: bytes of it up
 * to there. False: there is none, or it is too large. */
static bool read_text(const uint8_t *p, size_t n, enum byte_base base, uint64_t *out, uint32_t *used)
{
    unsigned radix = base == BYTE_BASE_HEX ? 16 : base == BYTE_BASE_OCT ? 8 : 10;
    size_t i = 0;
    uint64_t v = 0;
    while (i < n && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r')))
        i++;
    bool minus = i < n && p[i] == '-';
    if (i < n && (p[i] == '-' || p[i] == '+'))
        i++;
    bool hex = i + 2 < n && p[i] == '0' && (p[i + 1] | 0x20) == 'x' && digit_of(p[i + 2]) < 16;
    if (base == BYTE_BASE_AUTO && i < n && p[i] == '0')
        radix = hex ? 16 : 8;
    if (radix == 16 && hex)
        i += 2;
    size_t first = i;
    for (; i < n && digit_of(p[i]) < radix; i++)
        if (__builtin_mul_overflow(v, radix, &v) || __builtin_add_overflow(v, digit_of(p[i]), &v))
            return false;
    *out = minus ? 0 - v : v;
    *used = (uint32_t)i;
    return i > first;
}

/* Read the number; *at is where it begins, *len how many bytes it has (as text: to its last digit). */
static bool read_number(const struct inspect *in, const struct byte_source *s, uint32_t from, uint64_t *out,
                        uint32_t *at, uint32_t *len)
{
    int64_t begin = (s->relative ? from : 0) + inspect_value(in, &s->offset);
    int64_t n = inspect_value(in, &s->nbytes);
    if (begin < 0 || n < 0 || n > TEXT_DIGITS_MAX || begin + n > in->n)
        return false;
    *at = (uint32_t)begin;
    *len = (uint32_t)n;
    struct reader r = reader_of(in->p, in->n);
    reader_skip(&r, (size_t)begin);
    const uint8_t *p = reader_take(&r, (size_t)n);
    if (!p)
        return false;
    uint64_t v = 0;
    if (s->base != BYTE_BASE_RAW) {
        if (!read_text(p, (size_t)n, s->base, &v, len))
            return false;
    } else {
        if (n > 8)
            return false;
        for (int64_t i = 0; i < n; i++)
            v = v << 8 | (s->little ? p[n - 1 - i] : p[i]);
    }
    if (s->bitmask)
        v = (v & s->bitmask) >> __builtin_ctzll(s->bitmask);
    *out = v;
    return true;
}

bool inspect_byte_test(const struct inspect *in, const struct match_byte_test *m, uint32_t from)
{
    uint64_t v;
    uint32_t at, len;
    if (!read_number(in, &m->from, from, &v, &at, &len))
        return false;
    uint64_t w = (uint64_t)inspect_value(in, &m->value);
    bool is = false;
    switch (m->op) {
    case BYTE_EQUAL:
        is = v == w;
        break;
    case BYTE_LESS:
        is = v < w;
        break;
    case BYTE_GREATER:
        is = v > w;
        break;
    case BYTE_LESS_EQUAL:
        is = v <= w;
        break;
    case BYTE_GREATER_EQUAL:
        is = v >= w;
        break;
    case BYTE_AND:
        is = (v & w) != 0;
        break;
    case BYTE_OR:
        is = (v ^ w) != 0;
        break;
    }
    return is != m->negated;
}

bool inspect_byte_jump(const struct inspect *in, const struct match_byte_jump *m, uint32_t from, uint32_t *end)
{
    uint64_t v;
    uint32_t at, len;
    if (!read_number(in, &m->from, from, &v, &at, &len))
        return false;
    v *= m->multiplier ? m->multiplier : 1;
    if (m->align)
        v = (v + 3) & ~(uint64_t)3;
    v += (uint64_t)inspect_value(in, &m->post_offset);
    /* Numbers are taken as signed: a jump may go back. What lies before the begin is the begin; to the end, or past
     * it, there is no jump, as in Suricata. */
    int64_t to = (int64_t)v, base = m->from_end ? in->n : m->from_beginning ? 0 : (int64_t)at + len;
    if (__builtin_add_overflow(to, base, &to) || to >= in->n)
        return false;
    *end = to < 0 ? 0 : (uint32_t)to;
    return true;
}

bool inspect_byte_extract(const struct inspect *in, const struct match_byte_extract *m, uint32_t from, uint32_t *end)
{
    uint64_t v;
    uint32_t at, len;
    if (!read_number(in, &m->from, from, &v, &at, &len) || m->var < 0)
        return false;
    v *= m->multiplier ? m->multiplier : 1;
    if (m->align)
        v = (v + m->align - 1) & ~(uint64_t)(m->align - 1);
    in->vars[m->var] = v;
    *end = at + len;
    return true;
}

bool inspect_byte_math(const struct inspect *in, const struct match_byte_math *m, uint32_t from, uint32_t *end)
{
    uint64_t v;
    uint32_t at, len;
    if (!read_number(in, &m->from, from, &v, &at, &len) || m->var < 0)
        return false;
    uint64_t w = (uint64_t)inspect_value(in, &m->rvalue);
    switch (m->op) {
    case MATH_ADD:
        v += w;
        break;
    case MATH_SUB:
        v -= w;
        break;
    case MATH_MUL:
        v *= w;
        break;
    case MATH_DIV:
        if (w == 0)
            return false;
        v /= w;
        break;
    case MATH_LEFT:
        v = w < 64 ? v << w : 0;
        break;
    case MATH_RIGHT:
        v = w < 64 ? v >> w : 0;
        break;
    }
    in->vars[m->var] = v;
    *end = at + len;
    return true;
}
