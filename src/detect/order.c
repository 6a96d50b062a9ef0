#include "detect/order.h"

#include <string.h>

#define DIGITS (sizeof(uint64_t)) /* bytes */
#define VALUES 256u

/* From the last byte of the key to its first, each pass a stable one; bytes that are the same in all keys need none. */
void order_by_key(struct ordered *o, struct ordered *spare, size_t n)
{
    size_t count[DIGITS][VALUES] = {{0}};
    struct ordered *from = o, *to = spare;
    for (size_t i = 0; i < n; i++)
        for (unsigned d = 0; d < DIGITS; d++)
            count[d][o[i].key >> 8 * d & 0xff]++;
    for (unsigned d = 0; d < DIGITS && n; d++) {
        size_t *c = count[d], at = 0;
        if (c[o[0].key >> 8 * d & 0xff] == n)
            continue;
        for (unsigned v = 0; v < VALUES; v++) {
            size_t here = c[v];
            c[v] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++)
            to[c[from[i].key >> 8 * d & 0xff]++] = from[i];
        struct ordered *swap = from;
        from = to;
        to = swap;
    }
    if (from != o)
        memcpy(o, from, n * sizeof *o);
}
