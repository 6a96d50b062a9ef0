#include "detect/order.h"

#include <string.h>

#define VALUES 256u
#define FEW    24u

static void order_few(struct ordered *o, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct ordered one = o[i];
        uint32_t k = i;
        for (; k && o[k - 1].key > one.key; k--)
            o[k] = o[k - 1];
        o[k] = one;
    }
}

/* Put them from one place to the other by one byte of the key; equal ones stay as they were. */
static void order_by_byte(const struct ordered *from, struct ordered *to, uint32_t n, unsigned shift)
{
    uint32_t count[VALUES] = {0}, at = 0;
    for (uint32_t i = 0; i < n; i++)
        count[from[i].key >> shift & 0xff]++;
    for (unsigned v = 0; v < VALUES; v++) {
        uint32_t here = count[v];
        count[v] = at;
        at += here;
    }
    for (uint32_t i = 0; i < n; i++)
        to[count[from[i].key >> shift & 0xff]++] = from[i];
}

/* From the last byte of the key to its first; what is the same in all keys need not be looked at. */
void order_by_key(struct ordered *o, struct ordered *spare, uint32_t n)
{
    struct ordered *from = o, *to = spare;
    uint64_t differs = 0;
    if (n <= FEW) {
        order_few(o, n);
        return;
    }
    for (uint32_t i = 1; i < n; i++)
        differs |= o[i].key ^ o[0].key;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differs >> shift & 0xff))
            continue;
        order_by_byte(from, to, n, shift);
        struct ordered *swap = from;
        from = to;
        to = swap;
    }
    if (from != o)
        memcpy(o, from, n * sizeof *o);
}
