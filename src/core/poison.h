/* Memory that is kept for later and nobody's until then: AddressSanitizer is told, and finds who still uses it. Nothing
 * in other builds. */
#ifndef BURROW_CORE_POISON_H
#define BURROW_CORE_POISON_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BURROW_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define BURROW_POISON 1
#endif

#ifdef BURROW_POISON
#include <sanitizer/asan_interface.h>
#endif

static inline void poison_put(const void *p, size_t n)
{
#ifdef BURROW_POISON
    __asm__("" : "+r"(p)); /* or gcc takes it for a read of what isn't set yet */
    __asan_poison_memory_region(p, n);
#else
    (void)p;
    (void)n;
#endif
}

static inline void poison_lift(const void *p, size_t n)
{
#ifdef BURROW_POISON
    __asan_unpoison_memory_region(p, n);
#else
    (void)p;
    (void)n;
#endif
}

#endif
