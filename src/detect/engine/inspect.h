/* Matching of a rule's conditions on bytes: content, pcre, byte_test and the like, in one buffer. Private to detect/.
 *
 * Thread: the lane's app thread. Work is bounded: INSPECT_STEPS_MAX tries for one buffer of one rule, PCRE2's match
 * limit for each pattern. */
#ifndef BURROW_DETECT_ENGINE_INSPECT_H
#define BURROW_DETECT_ENGINE_INSPECT_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/buf.h"
#include "detect/ruleset.h"

/* Tries of matches, backtracking included; at it the rule does not match (counter detect.steps_limit). */
#define INSPECT_STEPS_MAX 3000u
/* Matches of a pattern that must end behind a place: of those that don't, so many are stepped over. */
#define INSPECT_STALE_MAX 64u
/* PCRE2's: at it the pattern does not match (counter detect.pcre_limit). */
#define INSPECT_PCRE_LIMIT 20000u
/* Bytes that base64_decode makes at most. */
#define INSPECT_BASE64_MAX 65536u

/* Compiled patterns of a lane: each when first needed. */
struct inspect_pcres {
    const struct ruleset *set;
    pcre2_code **codes;
    bool *tried;
    pcre2_match_data *found;
    pcre2_match_context *limits;
};

/* 0 or -ENOMEM; fini in any case. */
int inspect_pcres_init(struct inspect_pcres *p, const struct ruleset *set);
void inspect_pcres_fini(struct inspect_pcres *p);

/* The compiled pattern; NULL when it can't be. */
pcre2_code *inspect_pcre(struct inspect_pcres *p, uint32_t id);

/* Where a match was found. */
struct inspect_place {
    uint32_t start;
    uint32_t end;
};

struct inspect {
    const uint8_t *p;
    uint32_t n;
    int64_t before; /* bytes that offset and depth count as well: of a stream that came before p */
    uint64_t *vars; /* of byte_extract and byte_math: the rule's, over all its buffers */
    struct inspect_pcres *pcres;
    struct inspect_place *places; /* RULE_MATCHES_MAX of them */
    struct buf *base64;           /* what base64_decode makes; NULL: it can't */
    /* What a pcre captured; NULL: nobody wants it. */
    void (*captured)(void *arg, const struct pcre_capture *to, const uint8_t *p, size_t n);
    /* base64_decode made something: does what is asked of it match, too? NULL: it does. */
    bool (*decoded)(void *arg);
    /* Matches of other kinds on the whole buffer; NULL: they don't match. */
    bool (*other)(void *arg, const struct match *m, const uint8_t *p, size_t n);
    void *arg;
    const void *fresh; /* the content or pattern that must end behind `beyond`; NULL: none */
    uint32_t beyond;
    uint32_t far;    /* out: furthest end of what was found */
    bool too_much;   /* out: INSPECT_STEPS_MAX was reached */
    bool pcre_limit; /* out: PCRE2's limit was */
};

/* Do all matches of the list match, in order? */
bool inspect_list(struct inspect *in, const struct match_list *list);

/* bytes.c: one match each. from: where the one before ended. True: it matched, and *end is where it ended. */
bool inspect_byte_test(const struct inspect *in, const struct match_byte_test *m, uint32_t from);
bool inspect_byte_jump(const struct inspect *in, const struct match_byte_jump *m, uint32_t from, uint32_t *end);
bool inspect_byte_extract(const struct inspect *in, const struct match_byte_extract *m, uint32_t from, uint32_t *end);
bool inspect_byte_math(const struct inspect *in, const struct match_byte_math *m, uint32_t from, uint32_t *end);

static inline int64_t inspect_value(const struct inspect *in, const struct rule_value *v)
{
    return v->var >= 0 ? (int64_t)in->vars[v->var] : v->number;
}

/* transform.c: bytes changed as a rule's transforms ask. in and out may not be the same buffer; work is the other one.
 * Returns false, and no bytes, when one of them can't be done. */
struct inspect_bytes {
    const uint8_t *p;
    size_t n;
};
bool inspect_transform(struct inspect_pcres *pcres, const struct transform *t, unsigned count, struct buf work[2],
                       struct inspect_bytes *bytes);

/* Decode base64. What is none ends the text (RFC 4648), is left out (RFC 2045) or makes it fail (strict). */
bool inspect_base64(const uint8_t *p, size_t n, enum base64_mode mode, struct buf *out);

#endif
