/* Community ID flow hashing, version 1 (github.com/corelight/community-id-spec). Private to output. */
#ifndef BURROW_OUTPUT_COMMUNITY_ID_H
#define BURROW_OUTPUT_COMMUNITY_ID_H

#include "core/addr.h"

#define COMMUNITY_ID_LEN 30 /* "1:" and 28 characters; no terminating zero */

/* The same for both directions. ICMP: sport is the type, dport the code. */
void community_id(uint16_t seed, const struct addr *src, const struct addr *dst, uint8_t proto, uint16_t sport,
                  uint16_t dport, char out[COMMUNITY_ID_LEN]);

#endif
