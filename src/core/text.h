/* Short texts into memory that has room for them: what records are made of.
 *
 * Inlined, without calls: most pieces are a few bytes long. Each returns where the text ends; nothing is terminated. */
#ifndef BURROW_CORE_TEXT_H
#define BURROW_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Digits of the longest number. */
#define TEXT_U64_MAX 20

/* Two digits of 0 to 99. */
static inline char *text_two(char *p, unsigned v)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    memcpy(p, pairs + 2 * v, 2);
    return p + 2;
}

static inline char *text_copy(char *p, const void *v, size_t n)
{
    const char *s = v;
    if (n > 16) {
        memcpy(p, s, n);
    } else if (n >= 8) { /* two that overlap */
        memcpy(p, s, 8);
        memcpy(p + n - 8, s + n - 8, 8);
    } else if (n >= 4) {
        memcpy(p, s, 4);
        memcpy(p + n - 4, s + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            p[i] = s[i];
    }
    return p + n;
}

/* How many digits. 1233 / 4096 is just above log10(2). */
static inline unsigned text_u64_len(uint64_t v)
{
    static const uint64_t powers[TEXT_U64_MAX] = {0,
                                                  10,
                                                  100,
                                                  1000,
                                                  10000,
                                                  100000,
                                                  1000000,
                                                  10000000,
                                                  100000000,
                                                  1000000000,
                                                  10000000000,
                                                  100000000000,
                                                  1000000000000,
                                                  10000000000000,
                                                  100000000000000,
                                                  1000000000000000,
                                                  10000000000000000,
                                                  100000000000000000,
                                                  1000000000000000000,
                                                  UINT64_C(10000000000000000000)};
    unsigned least = (unsigned)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;
    return least + (v >= powers[least]);
}

/* In decimal, at most TEXT_U64_MAX bytes. */
static inline char *text_u64(char *p, uint64_t v)
{
    char *end = p + text_u64_len(v);
    char *q = end;
    for (; v >= 100; v /= 100)
        text_two(q -= 2, (unsigned)(v % 100));
    if (v >= 10)
        text_two(p, (unsigned)v);
    else
        *p = (char)('0' + v);
    return end;
}

#endif
