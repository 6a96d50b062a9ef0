/* Sets of whole numbers as spans: for addresses and ports. Private to detect/. */
#ifndef BURROW_DETECT_SPANS_H
#define BURROW_DETECT_SPANS_H

#include <stdbool.h>
#include <stddef.h>

/* Most spans of one set. */
#define SPANS_MAX 65536u

struct span {
    __extension__ unsigned __int128 first;
    __extension__ unsigned __int128 last;
};

struct spans {
    struct span *s;
    size_t count;
    size_t room;
};

void spans_fini(struct spans *set);

/* Add one. False: too many, or no memory. */
bool spans_add(struct spans *set, struct span one);

/* Add all of another set. */
bool spans_join(struct spans *set, const struct spans *other);

/* Sort; spans that touch become one. */
void spans_normalise(struct spans *set);

/* Take out of a normalised set another normalised one. */
bool spans_subtract(struct spans *set, const struct spans *less);

#endif
