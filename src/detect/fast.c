/* Which content is the fast pattern: the one a rule is looked for by, before anything else of it is evaluated.
 *
 * As Suricata chooses: the one that is asked for, else of those that must be there (negated ones only where there is no
 * other, and no position counts) one of the best buffers, the longest, of these the one with the rarest bytes. */
#include <ctype.h>
#include <string.h>

#include "detect/load.h"

/* Buffers that are short or always alike come last. */
static int buffer_rank(unsigned id)
{
    unsigned flags = detect_buffer(id)->flags;
    if (flags & (BUFFER_METHOD | BUFFER_STATUS))
        return 4;
    return id == BUFFER_PAYLOAD || flags & BUFFER_STATUS_TEXT ? 3 : 2;
}

/* A byte counts once in full: letters least, then what is common in protocols, then the rest. */
static unsigned strength(const struct match_content *c)
{
    bool seen[256] = {false};
    unsigned sum = 0;
    uint16_t from = c->fast_len ? c->fast_offset : 0, n = c->fast_len ? c->fast_len : c->len;
    for (uint16_t i = from; i < from + n; i++) {
        uint8_t a = c->bytes[i];
        bool common = isprint(a) || a == 0 || a == 1 || a == 0xff;
        sum += seen[a] ? 1 : isalpha(a) ? 3 : common ? 4 : 6;
        seen[a] = true;
    }
    return sum;
}

static bool may_be(const struct match *m, unsigned buffer, bool negated)
{
    const struct match_content *c = m->content;
    if (m->kind != MATCH_CONTENT || c->negated != negated || detect_buffer(buffer)->flags & BUFFER_NO_FAST)
        return false;
    return !negated ||
           !(c->has_distance || c->has_within || c->has_offset || c->has_depth || c->startswith || c->endswith);
}

struct best {
    int rank;
    const struct match_content *content; /* NULL: of a rank below all */
};

static bool better(const struct best *a, const struct best *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->content->len != b->content->len)
        return a->content->len > b->content->len;
    return strength(a->content) > strength(b->content);
}

static bool choose(struct rule *r, bool negated)
{
    struct best top = {.rank = 100};
    for (uint32_t i = 0; i < r->buffer_count; i++) {
        const struct rule_buffer *use = &r->buffers[i];
        for (uint32_t k = 0; k < use->matches.count; k++) {
            const struct match_content *c = use->matches.m[k].content;
            if (!may_be(&use->matches.m[k], use->buffer, negated))
                continue;
            /* A transaction is found by its request. */
            if (r->flags & RULE_TRANSACTIONAL && !(use->dirs & DETECT_TO_SERVER))
                continue;
            struct best one = {buffer_rank(use->buffer), c};
            if (!better(&one, &top))
                continue;
            top = one;
            r->fast = (struct rule_fast){true, i, k};
        }
    }
    return r->fast.has;
}

static bool asked(struct rule *r)
{
    for (uint32_t i = 0; i < r->buffer_count; i++)
        for (uint32_t k = 0; k < r->buffers[i].matches.count; k++)
            if (r->buffers[i].matches.m[k].kind == MATCH_CONTENT && r->buffers[i].matches.m[k].content->fast_pattern) {
                r->fast = (struct rule_fast){true, i, k};
                return true;
            }
    return false;
}

void fast_choose(struct rule *r)
{
    if (!asked(r) && !choose(r, false) && !choose(r, true))
        return;
    struct match_content *c = r->buffers[r->fast.buffer].matches.m[r->fast.match].content;
    bool positioned = c->has_distance || c->has_within || c->has_offset || c->has_depth || c->endswith;
    c->fast_done = c->fast_only || (!positioned && !c->relative_next && !c->fast_len && !c->negated && !c->replace);
}
