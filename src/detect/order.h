/* Thousands of things put in the order of a number. Private to detect/. */
#ifndef BURROW_DETECT_ORDER_H
#define BURROW_DETECT_ORDER_H

#include <stdint.h>

struct ordered {
    uint64_t key;
    uint32_t at; /* which one it is, for the caller */
};

/* Sort n of them; what has the same key stays as it was. spare has room for as many. */
void order_by_key(struct ordered *o, struct ordered *spare, uint32_t n);

#endif
