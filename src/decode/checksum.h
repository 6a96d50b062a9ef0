/* The Internet checksum (RFC 1071), for verifying: sums in the machine's byte order, which the final test does not
 * mind.
 *
 * A sum that covers a right checksum folds to 0xffff. Pure functions, any thread. */
#ifndef BURROW_DECODE_CHECKSUM_H
#define BURROW_DECODE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"

/* Add len bytes to a running sum (0 to begin). An odd length is padded with a zero byte, so only the last part of a
 * message may have one. */
uint64_t checksum_add(uint64_t sum, const uint8_t *p, size_t len);

/* The pseudo-header of TCP, UDP and ICMPv6 (RFC 9293 3.1, RFC 8200 8.1): a sum to begin with. */
uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst, uint8_t proto, uint32_t len);

/* Fold to 16 bits: 0xffff when the bytes that were summed include their right checksum. */
uint16_t checksum_fold(uint64_t sum);

#endif
