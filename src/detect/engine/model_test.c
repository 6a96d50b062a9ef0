/* The search for a list of matches against a model of what it means: is there any way to place them all? The model
 * tries every place in turn; lists and payloads are random, but the same in each run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "detect/engine/inspect.h"

#define LISTS      400000
#define PAYLOADS   6
#define MATCHES    5
#define PAYLOAD    20
#define VARS       2
#define MODEL_LONG 200000 /* tries of the model, more than which a list is left out */

struct any {
    struct match_content content;
    struct match_isdataat at;
    struct match_byte_test test;
    struct match_byte_jump jump;
    struct match_byte_extract extract;
    uint8_t bytes[3];
};

struct model {
    const uint8_t *p;
    int n;
    const struct match *m;
    unsigned count;
    unsigned tries;
};

static uint64_t state = 0x9e3779b97f4a7c15;

static unsigned pick(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % below;
}

static struct rule_value number(int64_t v)
{
    return (struct rule_value){v, -1};
}

/* Mostly a number, sometimes what a byte_extract before it kept. */
static struct rule_value value(int low, int high, unsigned vars)
{
    if (vars && pick(4) == 0)
        return (struct rule_value){0, (int16_t)pick(vars)};
    return number(low + (int)pick((unsigned)(high - low + 1)));
}

static const uint8_t letters[] = {'a', 'a', 'b', 'A', 0, 1, 2, 3};

static struct match random_content(struct any *a, unsigned vars, bool relative)
{
    struct match_content *c = &a->content;
    *c = (struct match_content){.len = (uint16_t)(1 + pick(2)), .bytes = a->bytes};
    for (unsigned i = 0; i < 2; i++)
        a->bytes[i] = letters[pick(sizeof letters)];
    c->nocase = pick(3) == 0;
    c->negated = pick(5) == 0;
    c->endswith = pick(8) == 0;
    c->offset = c->depth = c->distance = c->within = number(0);
    if (relative && pick(3)) {
        c->has_distance = pick(2);
        c->has_within = !c->has_distance || pick(2);
        c->distance = c->has_distance ? value(-4, 5, vars) : number(0);
        c->within = value(c->len, 8, vars);
    } else if (pick(2)) {
        c->has_offset = pick(2);
        c->has_depth = pick(2);
        c->offset = c->has_offset ? value(0, 6, vars) : number(0);
        c->depth = value(c->len, 10, vars);
        if (c->depth.var < 0 && c->offset.var < 0)
            c->depth.number += c->offset.number; /* as the loader does */
    }
    return (struct match){.kind = MATCH_CONTENT, .content = c};
}

static struct byte_source random_source(unsigned vars, bool relative)
{
    return (struct byte_source){.nbytes = number(1 + pick(2)),
                                .offset = value(relative ? -3 : 0, 5, vars),
                                .relative = relative,
                                .little = pick(2)};
}

static struct match random_match(struct any *a, unsigned *vars, bool after)
{
    bool relative = after && pick(2);
    switch (pick(9)) {
    case 0:
        a->at = (struct match_isdataat){.at = value(0, 8, *vars), .negated = pick(2), .relative = relative};
        return (struct match){.kind = MATCH_ISDATAAT, .isdataat = &a->at};
    case 1:
        a->test = (struct match_byte_test){.from = random_source(*vars, relative),
                                           .op = (enum byte_op)pick(7),
                                           .negated = pick(3) == 0,
                                           .value = value(0, 3, *vars)};
        return (struct match){.kind = MATCH_BYTE_TEST, .byte_test = &a->test};
    case 2:
        a->jump = (struct match_byte_jump){.from = random_source(*vars, relative),
                                           .multiplier = 1 + pick(2),
                                           .post_offset = value(-4, 3, *vars),
                                           .align = pick(4) == 0,
                                           .from_beginning = pick(4) == 0};
        a->jump.from_end = !a->jump.from_beginning && pick(4) == 0;
        return (struct match){.kind = MATCH_BYTE_JUMP, .byte_jump = &a->jump};
    case 3:
        if (*vars < VARS) {
            a->extract = (struct match_byte_extract){
                .from = random_source(*vars, relative), .multiplier = 1, .var = (int16_t)*vars};
            a->extract.from.nbytes = number(1);
            ++*vars;
            return (struct match){.kind = MATCH_BYTE_EXTRACT, .byte_extract = &a->extract};
        }
        /* fallthrough */
    default:
        return random_content(a, *vars, after);
    }
}

static int64_t known(const struct rule_value *v, const uint64_t vars[VARS])
{
    return v->var < 0 ? v->number : (int64_t)vars[v->var];
}

static bool letter_is(uint8_t x, uint8_t y, bool nocase)
{
    return x == y || (nocase && (x | 0x20) == (y | 0x20) && (x | 0x20) >= 'a' && (x | 0x20) <= 'z');
}

/* May the content lie at this place? */
static bool fits(const struct model *o, const struct match_content *c, int64_t at, int64_t from, const uint64_t *vars)
{
    if (at < 0 || at + c->len > o->n)
        return false;
    for (int i = 0; i < c->len; i++)
        if (!letter_is(o->p[at + i], c->bytes[i], c->nocase))
            return false;
    if (c->has_distance || c->has_within) {
        int64_t begin = from + known(&c->distance, vars);
        if (at < begin || (c->has_within && at + c->len > begin + known(&c->within, vars)))
            return false;
    } else {
        int64_t begin = c->has_offset ? known(&c->offset, vars) : 0, depth = known(&c->depth, vars);
        if (c->has_offset && (c->offset.var >= 0 || c->depth.var >= 0))
            depth += begin;
        if (at < begin || (c->has_depth && at + c->len > depth))
            return false;
    }
    return !c->endswith || at + c->len == o->n;
}

static bool read_bytes(const struct model *o, const struct byte_source *s, int64_t from, const uint64_t *vars,
                       uint64_t *out, int64_t *end)
{
    int64_t at = (s->relative ? from : 0) + known(&s->offset, vars), n = s->nbytes.number;
    if (at < 0 || at + n > o->n)
        return false;
    *out = 0;
    for (int64_t i = 0; i < n; i++)
        *out |= (uint64_t)o->p[at + i] << 8 * (s->little ? i : n - 1 - i);
    *end = at + n;
    return true;
}

static bool compares(const struct match_byte_test *t, uint64_t v, uint64_t w)
{
    const bool is[] = {[BYTE_EQUAL] = v == w,      [BYTE_LESS] = v<w, [BYTE_GREATER] = v> w,
                       [BYTE_LESS_EQUAL] = v <= w, [BYTE_GREATER_EQUAL] = v >= w,
                       [BYTE_AND] = (v & w) != 0,  [BYTE_OR] = (v ^ w) != 0};
    return is[t->op] != t->negated;
}

static bool jump_to(const struct model *o, const struct match_byte_jump *j, uint64_t v, int64_t after,
                    const uint64_t *vars, int64_t *to)
{
    int64_t by = (int64_t)(v * j->multiplier);
    while (j->align && by % 4)
        by++;
    *to = by + known(&j->post_offset, vars) + (j->from_end ? o->n : j->from_beginning ? 0 : after);
    if (*to < 0)
        *to = 0;
    return *to < o->n;
}

/* As far as the end itself where it is relative. */
static bool has_data(const struct model *o, const struct match_isdataat *m, int64_t from, const uint64_t *vars)
{
    int64_t at = known(&m->at, vars);
    return (m->relative ? from + at <= o->n : at < o->n) != m->negated;
}

/* Can the matches from i on be placed? Depth: MATCHES. */
static bool can(struct model *o, unsigned i, int64_t from, const uint64_t vars[VARS])
{
    uint64_t own[VARS] = {vars[0], vars[1]}, v = 0;
    int64_t end = from;
    if (i == o->count)
        return true;
    if (++o->tries > MODEL_LONG)
        return false;
    const struct match *m = &o->m[i];
    switch (m->kind) {
    case MATCH_ISDATAAT:
        return has_data(o, m->isdataat, from, vars) && can(o, i + 1, from, vars);
    case MATCH_BYTE_TEST:
        return read_bytes(o, &m->byte_test->from, from, vars, &v, &end) &&
               compares(m->byte_test, v, (uint64_t)known(&m->byte_test->value, vars)) && can(o, i + 1, from, vars);
    case MATCH_BYTE_JUMP:
        return read_bytes(o, &m->byte_jump->from, from, vars, &v, &end) &&
               jump_to(o, m->byte_jump, v, end, vars, &end) && can(o, i + 1, end, vars);
    case MATCH_BYTE_EXTRACT:
        if (!read_bytes(o, &m->byte_extract->from, from, vars, &v, &end))
            return false;
        own[m->byte_extract->var] = v;
        return can(o, i + 1, end, own);
    default:
        break;
    }
    for (int64_t at = 0; at < o->n; at++) {
        if (!fits(o, m->content, at, from, vars))
            continue;
        if (m->content->negated)
            return false;
        if (can(o, i + 1, at + m->content->len, vars))
            return true;
    }
    return m->content->negated && can(o, i + 1, from, vars);
}

static void as_the_model(void **test_state)
{
    (void)test_state;
    struct inspect_place places[MATCHES];
    struct any any[MATCHES];
    struct match m[MATCHES];
    unsigned matched = 0, compared = 0;
    for (unsigned round = 0; round < LISTS; round++) {
        unsigned count = 1 + pick(MATCHES), vars = 0;
        for (unsigned i = 0; i < count; i++)
            m[i] = random_match(&any[i], &vars, i > 0);
        for (unsigned k = 0; k < PAYLOADS; k++) {
            uint8_t payload[PAYLOAD];
            uint64_t kept[RULE_VARS_MAX] = {0}, none[VARS] = {0};
            unsigned n = 1 + pick(PAYLOAD);
            for (unsigned i = 0; i < n; i++)
                payload[i] = letters[pick(sizeof letters)];
            struct inspect in = {.p = payload, .n = n, .vars = kept, .places = places};
            struct model o = {.p = payload, .n = (int)n, .m = m, .count = count};
            bool is = inspect_list(&in, &(struct match_list){m, count}), should = can(&o, 0, 0, none);
            if (in.too_much || o.tries > MODEL_LONG)
                continue;
            if (is != should)
                fail_msg("list %u, payload %u: %s, the model says otherwise", round, k,
                         is ? "matches" : "does not match");
            compared++;
            matched += is;
        }
    }
    /* Neither all nor none: it was a test. */
    assert_true(matched > compared / 10 && matched < compared * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
