/* Hashing of short keys for tables inside one process. Seeded per process so that no sender can choose collisions;
 * nothing that is written out depends on a hash. */
#ifndef BURROW_CORE_HASH_H
#define BURROW_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t m = (__uint128_t)(a ^ 0x9e3779b97f4a7c15ull) * (b ^ 0xe7037ed1a0b428dbull);
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Hash of len bytes. */
static inline uint64_t hash_bytes(const void *key, size_t len, uint64_t seed)
{
    const uint8_t *p = key;
    uint64_t h = seed ^ (uint64_t)len;
    while (len >= 16) {
        uint64_t a, b;
        memcpy(&a, p, 8);
        memcpy(&b, p + 8, 8);
        h = hash_mix(h ^ a, b);
        p += 16;
        len -= 16;
    }
    uint64_t a = 0, b = 0;
    memcpy(&a, p, len < 8 ? len : 8);
    if (len > 8)
        memcpy(&b, p + 8, len - 8);
    return hash_mix(h ^ a, b ^ 0x589965cc75374cc3ull);
}

/* A seed from the kernel's random source: asked for once, by who sets a run up. */
uint64_t hash_seed(void);

#endif
