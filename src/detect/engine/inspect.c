#include "detect/engine/inspect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/find.h"

/* Values of entropy that count as equal. */
#define ENTROPY_NEAR 1e-9

/* The span of the buffer that a content may lie in. */
static void content_span(const struct inspect *in, const struct match_content *c, uint32_t from, int64_t *begin,
                         int64_t *end)
{
    int64_t n = in->n;
    *begin = 0;
    *end = n;
    if (c->has_distance || c->has_within) {
        *begin = (int64_t)from + (c->has_distance ? inspect_value(in, &c->distance) : 0);
        if (c->has_within)
            *end = *begin + inspect_value(in, &c->within);
    } else {
        if (c->has_offset)
            *begin = inspect_value(in, &c->offset);
        if (c->has_depth)
            *end = inspect_value(in, &c->depth) +
                   (c->has_offset && (c->depth.var >= 0 || c->offset.var >= 0) ? *begin : 0);
        if (c->startswith)
            *end = *begin + c->len;
        if (c->has_offset || c->startswith)
            *begin -= in->before;
        if (c->has_depth || c->startswith)
            *end -= in->before;
    }
    if (c->endswith && n - c->len > *begin)
        *begin = n - c->len;
    if (*begin < 0 && c->startswith)
        *end = 0; /* the stream's beginning is behind us */
    if (*begin < 0)
        *begin = 0;
    if (*end > n)
        *end = n;
}

static bool try_content(struct inspect *in, const struct match_content *c, uint32_t from, bool again,
                        struct inspect_place *at)
{
    int64_t begin, end;
    content_span(in, c, from, &begin, &end);
    if (again && begin <= at->start)
        begin = (int64_t)at->start + 1;
    if (in->fresh == c && begin + c->len <= in->beyond)
        begin = (int64_t)in->beyond + 1 - c->len;
    const uint8_t *found = NULL;
    if (c->len && begin + c->len <= end) {
        const uint8_t *p = in->p + begin;
        size_t n = (size_t)(end - begin);
        found = find_bytes(p, n, c->bytes, c->len, c->nocase);
    }
    if (c->negated) {
        at->end = from;
        return !found;
    }
    if (!found)
        return false;
    at->start = (uint32_t)(found - in->p);
    at->end = at->start + c->len;
    if (at->end > in->far)
        in->far = at->end;
    return true;
}

int inspect_pcres_init(struct inspect_pcres *p, const struct ruleset *set)
{
    p->set = set;
    p->codes = calloc(set->pcre_count + 1, sizeof *p->codes);
    p->tried = calloc(set->pcre_count + 1, sizeof *p->tried);
    p->found = pcre2_match_data_create(32, NULL);
    p->limits = pcre2_match_context_create(NULL);
    if (!p->codes || !p->tried || !p->found || !p->limits)
        return -ENOMEM;
    pcre2_set_match_limit(p->limits, INSPECT_PCRE_LIMIT);
    pcre2_set_depth_limit(p->limits, INSPECT_PCRE_LIMIT);
    return 0;
}

void inspect_pcres_fini(struct inspect_pcres *p)
{
    for (uint32_t i = 0; p->codes && i < p->set->pcre_count; i++)
        pcre2_code_free(p->codes[i]);
    free(p->codes);
    free(p->tried);
    pcre2_match_data_free(p->found);
    pcre2_match_context_free(p->limits);
    *p = (struct inspect_pcres){0};
}

pcre2_code *inspect_pcre(struct inspect_pcres *p, uint32_t id)
{
    if (id >= p->set->pcre_count)
        return NULL;
    if (p->tried[id])
        return p->codes[id];
    p->tried[id] = true;
    int error;
    PCRE2_SIZE at;
    const struct ruleset_pcre *r = &p->set->pcres[id];
    p->codes[id] = pcre2_compile((PCRE2_SPTR)r->pattern, PCRE2_ZERO_TERMINATED, r->options, &error, &at, NULL);
    if (p->codes[id])
        pcre2_jit_compile(p->codes[id], PCRE2_JIT_COMPLETE);
    return p->codes[id];
}

static void give_captures(const struct inspect *in, const struct match_pcre *m, const uint8_t *p, int groups)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(in->pcres->found);
    for (int i = 0; in->captured && i < m->capture_count; i++) {
        int g = m->captures[i].group;
        if (g < groups && v[2 * g] != PCRE2_UNSET && v[2 * g + 1] >= v[2 * g])
            in->captured(in->arg, &m->captures[i], p + v[2 * g], v[2 * g + 1] - v[2 * g]);
    }
}

/* From start on; the place of b in the buffer is `begin`. */
static int match_pcre(const struct inspect *in, const struct match_pcre *m, const pcre2_code *code,
                      struct inspect_bytes b, PCRE2_SIZE start, uint32_t begin)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(in->pcres->found);
    for (unsigned i = 0;; i++) {
        int r = pcre2_match(code, b.p, b.n, start, 0, in->pcres->found, in->pcres->limits);
        if (in->fresh != m || r < 0 || begin + v[1] > in->beyond)
            return r;
        if (i == INSPECT_STALE_MAX || v[0] >= b.n)
            return PCRE2_ERROR_NOMATCH;
        start = v[0] + 1;
    }
}

/* A relative pattern begins anew where the match before ended: its ^ is there, as in Suricata. */
static bool try_pcre(struct inspect *in, const struct match_pcre *m, uint32_t from, bool again,
                     struct inspect_place *at)
{
    pcre2_code *code = inspect_pcre(in->pcres, m->id);
    uint32_t begin = m->relative ? from : 0;
    uint32_t start = again && at->start + 1 > begin ? at->start + 1 - begin : 0;
    if (!code || begin > in->n || start > in->n - begin)
        return m->negated && code;
    const uint8_t *p = in->p ? in->p + begin : (const uint8_t *)"";
    int r = match_pcre(in, m, code, (struct inspect_bytes){p, in->n - begin}, start, begin);
    if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_JIT_STACKLIMIT)
        in->pcre_limit = true;
    if (m->negated) {
        at->end = from;
        return r == PCRE2_ERROR_NOMATCH;
    }
    if (r < 0)
        return false;
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(in->pcres->found);
    at->start = begin + (uint32_t)v[0];
    at->end = begin + (uint32_t)v[1];
    if (at->end > in->far)
        in->far = at->end;
    give_captures(in, m, p, r);
    return true;
}

static bool try_isdataat(const struct inspect *in, const struct match_isdataat *m, uint32_t from)
{
    int64_t at = inspect_value(in, &m->at);
    bool is = m->relative ? from + at <= in->n : at < in->n;
    return is != m->negated;
}

static bool try_base64(struct inspect *in, const struct match_base64 *m, uint32_t from)
{
    int64_t begin = (m->relative ? from : 0) + inspect_value(in, &m->offset);
    if (begin < 0 || begin >= in->n || !in->base64)
        return false;
    buf_clear(in->base64);
    size_t n = in->n - (size_t)begin;
    if (m->bytes && m->bytes < n)
        n = m->bytes;
    return inspect_base64(in->p + begin, n, BASE64_RFC4648, in->base64) && in->base64->len &&
           (!in->decoded || in->decoded(in->arg));
}

/* Shannon's, bits for each byte. */
static double entropy_of(const uint8_t *p, size_t n)
{
    uint32_t seen[256] = {0};
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        seen[p[i]]++;
    for (unsigned c = 0; c < 256; c++)
        if (seen[c])
            sum -= (double)seen[c] / (double)n * log2((double)seen[c] / (double)n);
    return sum;
}

static bool try_entropy(const struct inspect *in, const struct match_entropy *m)
{
    if (m->offset < 0 || (uint32_t)m->offset >= in->n)
        return false;
    uint32_t n = in->n - (uint32_t)m->offset;
    if (m->bytes && m->bytes < n)
        n = m->bytes;
    double v = entropy_of(in->p + m->offset, n);
    bool equal = fabs(v - m->a) < ENTROPY_NEAR;
    switch (m->op) {
    case UINT_EQUAL:
        return equal;
    case UINT_NOT_EQUAL:
        return !equal;
    case UINT_LESS:
        return v < m->a;
    case UINT_LESS_EQUAL:
        return v <= m->a;
    case UINT_GREATER:
        return v > m->a;
    case UINT_GREATER_EQUAL:
        return v >= m->a;
    default:
        return v >= m->a && v <= m->b;
    }
}

static bool field_matches(const struct match_field *f, uint64_t v)
{
    for (uint16_t i = 0; i < f->count; i++)
        if (uint_matches(&f->any[i], v))
            return true;
    return false;
}

static bool try_match(struct inspect *in, const struct match *m, uint32_t from, bool again, struct inspect_place *at)
{
    at->end = m->kind == MATCH_CONTENT || m->kind == MATCH_PCRE ? at->end : from;
    switch (m->kind) {
    case MATCH_CONTENT:
        return try_content(in, m->content, from, again, at);
    case MATCH_PCRE:
        return try_pcre(in, m->pcre, from, again, at);
    case MATCH_BYTE_TEST:
        return inspect_byte_test(in, m->byte_test, from);
    case MATCH_BYTE_JUMP:
        return inspect_byte_jump(in, m->byte_jump, from, &at->end);
    case MATCH_BYTE_EXTRACT:
        return inspect_byte_extract(in, m->byte_extract, from, &at->end);
    case MATCH_BYTE_MATH:
        return inspect_byte_math(in, m->byte_math, from, &at->end);
    case MATCH_ISDATAAT:
        return try_isdataat(in, m->isdataat, from);
    case MATCH_BSIZE:
        return field_matches(m->field, in->n);
    case MATCH_BASE64_DECODE:
        return try_base64(in, m->base64, from);
    case MATCH_ENTROPY:
        return try_entropy(in, m->entropy);
    default:
        return in->other && in->other(in->arg, m, in->p, in->n);
    }
}

static bool source_varies(const struct byte_source *s)
{
    return s->nbytes.var >= 0 || s->offset.var >= 0;
}

/* Does it ask for a variable, which is another one when what was found before is another one? */
static bool has_variable(const struct match *m)
{
    const struct match_content *c = m->content;
    switch (m->kind) {
    case MATCH_CONTENT:
        return c->offset.var >= 0 || c->depth.var >= 0 || c->distance.var >= 0 || c->within.var >= 0;
    case MATCH_BYTE_TEST:
        return source_varies(&m->byte_test->from) || m->byte_test->value.var >= 0;
    case MATCH_BYTE_JUMP:
        return source_varies(&m->byte_jump->from) || m->byte_jump->post_offset.var >= 0;
    case MATCH_BYTE_EXTRACT:
        return source_varies(&m->byte_extract->from);
    case MATCH_BYTE_MATH:
        return source_varies(&m->byte_math->from) || m->byte_math->rvalue.var >= 0;
    case MATCH_ISDATAAT:
        return m->isdataat->at.var >= 0;
    case MATCH_BASE64_DECODE:
        return m->base64->offset.var >= 0;
    default:
        return false;
    }
}

/* Can it be found at another place, too? */
static bool can_retry(const struct match *m)
{
    return (m->kind == MATCH_CONTENT && !m->content->negated) || (m->kind == MATCH_PCRE && !m->pcre->negated);
}

static bool moves(const struct match *m)
{
    return can_retry(m) || m->kind == MATCH_BYTE_JUMP || m->kind == MATCH_BYTE_EXTRACT || m->kind == MATCH_BYTE_MATH;
}

static bool sets_variable(const struct match *m)
{
    return m->kind == MATCH_BYTE_EXTRACT || m->kind == MATCH_BYTE_MATH;
}

/* Does it, or what comes after it, depend on what was found before it: on the place, or by a variable? */
static bool depends(const struct match_list *list, uint32_t at)
{
    if (match_is_relative(&list->m[at]) || has_variable(&list->m[at]))
        return true;
    bool set = false, used = false;
    for (uint32_t i = 0; i < at && !set; i++)
        set = sets_variable(&list->m[i]);
    for (uint32_t i = at + 1; set && i < list->count && !used; i++)
        used = has_variable(&list->m[i]);
    return used;
}

/* A match failed: which of those before it is to be looked for further on? False: none, it would not help. */
static bool back(const struct match_list *list, uint32_t *i)
{
    if (!depends(list, *i))
        return false;
    while (*i > 0) {
        const struct match *m = &list->m[--*i];
        if (can_retry(m))
            return true;
        if (moves(m) && !depends(list, *i))
            return false;
    }
    return false;
}

bool inspect_list(struct inspect *in, const struct match_list *list)
{
    uint32_t i = 0;
    bool again = false;
    unsigned steps = 0;
    in->far = 0;
    while (i < list->count) {
        if (++steps > INSPECT_STEPS_MAX) {
            in->too_much = true;
            return false;
        }
        uint32_t from = i ? in->places[i - 1].end : 0;
        if (try_match(in, &list->m[i], from, again, &in->places[i])) {
            i++;
            again = false;
        } else if (back(list, &i)) {
            again = true;
        } else {
            return false;
        }
    }
    return true;
}
