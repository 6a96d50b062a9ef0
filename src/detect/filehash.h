/* filemd5, filesha1, filesha256: a list of digests. Private to detect/. */
#ifndef BURROW_DETECT_FILEHASH_H
#define BURROW_DETECT_FILEHASH_H

#include "detect/rule.h"

struct match_filehash {
    const uint8_t *digests; /* in order */
    uint32_t count;
    uint8_t len;  /* of each: 16, 20 or 32 bytes */
    uint8_t kind; /* 0 MD5, 1 SHA-1, 2 SHA-256 */
    bool negated;
};

#endif
