/* A place is looked at if its first and its last byte are right, for which a whole block of places is asked at once
 * (Mula, "SIMD-friendly algorithms for substring searching", 2018). */
#include "core/find.h"

#include <string.h>

#define BLOCK 16u
#define CASE  0x20u

typedef uint8_t block __attribute__((vector_size(BLOCK)));

static inline bool is_letter(uint8_t c)
{
    return (c | CASE) >= 'a' && (c | CASE) <= 'z';
}

static inline uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | CASE) : c;
}

static inline bool same(const uint8_t *a, const uint8_t *b, size_t n, bool nocase)
{
    if (!nocase)
        return memcmp(a, b, n) == 0;
    size_t i = 0;
    while (i < n && lower(a[i]) == lower(b[i]))
        i++;
    return i == n;
}

/* A byte that is looked for in every place of a block. */
struct wanted {
    block is;
    block fold; /* set in each before it is compared */
};

static inline struct wanted want(uint8_t c, bool nocase)
{
    const block none = {0};
    uint8_t fold = nocase && is_letter(c) ? CASE : 0;
    return (struct wanted){none + (uint8_t)(c | fold), none + fold};
}

static inline block have(const uint8_t *p, const struct wanted *w)
{
    block b;
    memcpy(&b, p, sizeof b);
    return (block)((b | w->fold) == w->is);
}

static inline bool any(block b)
{
    uint64_t half[2];
    memcpy(half, &b, sizeof half);
    return half[0] | half[1];
}

const uint8_t *find_bytes(const uint8_t *p, size_t n, const uint8_t *what, size_t len, bool nocase)
{
    const struct wanted first = want(what[0], nocase), last = want(what[len - 1], nocase);
    size_t i = 0;
    for (; i + len - 1 + BLOCK <= n; i += BLOCK) {
        block hit = have(p + i, &first) & have(p + i + len - 1, &last);
        for (unsigned k = 0; any(hit) && k < BLOCK; k++)
            if (hit[k] && same(p + i + k, what, len, nocase))
                return p + i + k;
    }
    for (; i + len <= n; i++)
        if (same(p + i, what, len, nocase))
            return p + i;
    return NULL;
}
