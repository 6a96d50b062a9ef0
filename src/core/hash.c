#include "core/hash.h"

#include <sys/random.h>

uint64_t hash_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = 0x2545f4914f6cdd1dull ^ (uint64_t)(uintptr_t)&seed;
    return seed;
}
