#include "core/hash.h"

#include <sys/random.h>

uint64_t hash_seed(void)
{
    uint64_t seed = 0;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* the convention of fuzzers: an input does the same each time */
    return seed;
#endif
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = 0x2545f4914f6cdd1dull ^ (uint64_t)(uintptr_t)&seed;
    return seed;
}
