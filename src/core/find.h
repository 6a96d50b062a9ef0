/* Bytes within bytes, of either case if asked. */
#ifndef BURROW_CORE_FIND_H
#define BURROW_CORE_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first place of what[0, len) in p[0, n), NULL if there is none; len is not 0. With nocase letters of ASCII are
 * equal in either case, on both sides. Takes time in proportion to n for usual bytes, to n * len at worst. */
const uint8_t *find_bytes(const uint8_t *p, size_t n, const uint8_t *what, size_t len, bool nocase);

#endif
