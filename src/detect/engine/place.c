/* Where in a payload a pattern must lie, as far as its rule says so: what need not be searched for everywhere isn't. */
#include "detect/engine/private.h"

/* Ends of the match before, in bytes from the payload's beginning. */
struct span {
    int64_t first;
    int64_t last; /* -1: anywhere */
};

static bool is_number(const struct rule_value *v)
{
    return v->var < 0;
}

/* Where a content that stands by itself may end. */
static struct span alone(const struct match_content *c)
{
    int64_t offset = c->has_offset ? c->offset.number : 0;
    if (c->has_offset && !is_number(&c->offset))
        return (struct span){0, -1};
    if (c->startswith)
        return (struct span){offset + c->len, offset + c->len};
    if (c->has_depth && is_number(&c->depth))
        return (struct span){offset + c->len, c->depth.number};
    return (struct span){0, -1};
}

/* And one that is relative to the match before. */
static struct span behind(const struct match_content *c, struct span before)
{
    int64_t distance = c->has_distance ? c->distance.number : 0;
    bool known = before.last >= 0 && c->has_within && is_number(&c->within) &&
                 (!c->has_distance || is_number(&c->distance)) && before.first + distance >= 0;
    if (!known)
        return (struct span){0, -1};
    return (struct span){before.first + distance + c->len, before.last + distance + c->within.number};
}

static bool stays(enum match_kind kind)
{
    return kind == MATCH_ISDATAAT || kind == MATCH_BYTE_TEST;
}

struct pattern_place place_of(const struct rule_buffer *b, const struct match_content *wanted)
{
    struct span end = {0, -1};
    for (uint32_t i = 0; i < b->matches.count; i++) {
        const struct match *m = &b->matches.m[i];
        if (m->kind != MATCH_CONTENT) {
            if (!stays(m->kind))
                end = (struct span){0, -1};
            continue;
        }
        const struct match_content *c = m->content;
        if (c->negated)
            continue;
        end = c->has_distance || c->has_within ? behind(c, end) : alone(c);
        if (c == wanted)
            break;
    }
    if (end.last < (int64_t)wanted->len || end.last > PLACE_MAX)
        return (struct pattern_place){0};
    int64_t at = end.first - wanted->len, starts = end.last - end.first + 1;
    if (starts < 1 || starts > PLACE_STARTS_MAX || at + starts > PLACE_LAST + 1)
        return (struct pattern_place){.reach = (uint16_t)end.last};
    return (struct pattern_place){.reach = (uint16_t)end.last, .at = (uint16_t)at, .starts = (uint8_t)starts};
}

uint16_t place_payload_most(const struct rule *r)
{
    uint64_t most = UINT64_MAX;
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match *m = &r->packet.m[i];
        if (m->kind != MATCH_FIELD || m->field->field != FIELD_DSIZE)
            continue;
        uint64_t longest_any = 0;
        for (unsigned k = 0; k < m->field->count; k++)
            if (uint_most(&m->field->any[k]) > longest_any)
                longest_any = uint_most(&m->field->any[k]);
        if (longest_any < most)
            most = longest_any;
    }
    return most <= PLACE_SMALL ? (uint16_t)most : 0;
}
