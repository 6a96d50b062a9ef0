/* Network addresses: IPv4 and IPv6 in one value, compared, hashed and printed. No allocation, any thread. */
#ifndef BURROW_CORE_ADDR_H
#define BURROW_CORE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

/* Network byte order. An IPv4 address uses the first four bytes, the others are zero, so that memcmp compares. */
struct addr {
    union {
        uint8_t b[16];
        uint32_t w[4];
        uint64_t q[2];
    };
    uint8_t family; /* enum addr_family */
};

/* Longest text with its terminating zero: "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255". */
#define ADDR_TEXT_MAX 46

static inline struct addr addr_v4(const uint8_t b[4])
{
    struct addr a = {.q = {0, 0}, .family = ADDR_V4};
    memcpy(a.b, b, 4);
    return a;
}

static inline struct addr addr_v6(const uint8_t b[16])
{
    struct addr a = {.family = ADDR_V6};
    memcpy(a.b, b, 16);
    return a;
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->q[0] == b->q[0] && a->q[1] == b->q[1] && a->family == b->family;
}

/* Order of the bytes, family first: <0, 0, >0. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Write the text form (RFC 5952's for IPv6, in full form without "::" if `full`, as Suricata writes addresses).
 * Returns the length; out has at least ADDR_TEXT_MAX bytes and is zero-terminated. ADDR_NONE gives "". */
size_t addr_print(const struct addr *a, bool full, char out[ADDR_TEXT_MAX]);

/* Parse a text form (no port, no brackets, no zone). False if it is not an address. text needs no terminator. */
bool addr_parse(const char *text, size_t len, struct addr *out);

/* Parse "address/bits"; without "/bits" the whole address. */
bool addr_parse_prefix(const char *text, struct addr *out, unsigned *bits);

bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned bits);

#endif
