#include "detect/spans.h"

#include <stdlib.h>

void spans_fini(struct spans *set)
{
    free(set->s);
    *set = (struct spans){0};
}

bool spans_add(struct spans *set, struct span one)
{
    if (set->count == SPANS_MAX)
        return false;
    if (set->count == set->room) {
        size_t room = set->room ? set->room * 2 : 16;
        struct span *more = realloc(set->s, room * sizeof *more);
        if (!more)
            return false;
        set->s = more;
        set->room = room;
    }
    set->s[set->count++] = one;
    return true;
}

bool spans_join(struct spans *set, const struct spans *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (!spans_add(set, other->s[i]))
            return false;
    return true;
}

static int by_first(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

void spans_normalise(struct spans *set)
{
    size_t n = 0;
    if (set->count == 0)
        return;
    qsort(set->s, set->count, sizeof *set->s, by_first);
    for (size_t i = 1; i < set->count; i++) {
        struct span *last = &set->s[n];
        if (set->s[i].first <= last->last || set->s[i].first - 1 == last->last) {
            if (set->s[i].last > last->last)
                last->last = set->s[i].last;
        } else {
            set->s[++n] = set->s[i];
        }
    }
    set->count = n + 1;
}

bool spans_subtract(struct spans *set, const struct spans *less)
{
    struct spans out = {0};
    size_t k = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct span left = set->s[i];
        bool gone = false;
        while (k < less->count && less->s[k].last < left.first)
            k++;
        for (size_t j = k; j < less->count && less->s[j].first <= left.last && !gone; j++) {
            if (less->s[j].first > left.first && !spans_add(&out, (struct span){left.first, less->s[j].first - 1})) {
                spans_fini(&out);
                return false;
            }
            gone = less->s[j].last >= left.last;
            if (!gone)
                left.first = less->s[j].last + 1;
        }
        if (!gone && !spans_add(&out, left)) {
            spans_fini(&out);
            return false;
        }
    }
    free(set->s);
    *set = out;
    return true;
}
