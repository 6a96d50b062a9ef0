#include "decode/checksum.h"

#include <string.h>

/* Two 64-bit lanes, as the compiler has them for every machine. A struct, as only function types get a typedef. */
struct lanes {
    uint64_t v __attribute__((vector_size(16)));
};

static inline uint64_t load_native(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static inline uint64_t add_carry(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* The last 0 to 7 bytes, followed by zeroes. */
static inline uint64_t load_tail(const uint8_t *p, size_t len)
{
    uint8_t t[8] = {0};
    if (len & 4)
        memcpy(t, p, 4);
    if (len & 2)
        memcpy(t + (len & 4), p + (len & 4), 2);
    if (len & 1)
        t[len - 1] = p[len - 1];
    return load_native(t);
}

/* Sums of the words of one lane: modulo 2^64, and the exact one of their upper halves. From both follows the exact sum
 * of the lower halves. That takes four operations for 16 bytes and needs no carry. */
struct sums {
    struct lanes all;
    struct lanes upper;
};

static inline void add_lanes(struct sums *s, const uint8_t *p)
{
    struct lanes w;
    memcpy(&w, p, sizeof w);
    s->all.v += w.v;
    s->upper.v += w.v >> 32;
}

/* Packets of a file or ring lie one behind the other: so far ahead the next one's bytes are asked for, which are in no
 * cache yet. Beyond the mapping that has no effect. */
#define AHEAD 1024

/* n blocks of 64 bytes. */
static uint64_t add_blocks(uint64_t sum, const uint8_t *p, size_t n)
{
    struct sums a = {{{0, 0}}, {{0, 0}}}, b = a;
    for (; n > 0; n--, p += 64) {
        __builtin_prefetch(p + AHEAD);
        add_lanes(&a, p);
        add_lanes(&b, p + 16);
        add_lanes(&a, p + 32);
        add_lanes(&b, p + 48);
    }
    a.all.v += b.all.v;
    a.upper.v += b.upper.v;
    for (unsigned k = 0; k < 2; k++)
        sum = add_carry(sum, a.upper.v[k] + (a.all.v[k] - (a.upper.v[k] << 32)));
    return sum;
}

uint64_t checksum_add(uint64_t sum, const uint8_t *p, size_t len)
{
    if (len >= 64) {
        sum = add_blocks(sum, p, len / 64);
        p += len & ~(size_t)63;
        len &= 63;
    }
    for (; len >= 8; p += 8, len -= 8)
        sum = add_carry(sum, load_native(p));
    return add_carry(sum, load_tail(p, len));
}

uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst, uint8_t proto, uint32_t len)
{
    /* An IPv4 address has zeroes after its four bytes, so both families add the same way. */
    uint64_t sum = add_carry(add_carry(src->q[0], src->q[1]), add_carry(dst->q[0], dst->q[1]));
    const uint8_t tail[8] = {
        (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, proto};
    return add_carry(sum, load_native(tail));
}

uint16_t checksum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}
