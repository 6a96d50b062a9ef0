#include "core/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *names[COUNTERS_MAX];
static unsigned used;

unsigned counter_id(const char *name)
{
    for (unsigned i = 0; i < used; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (used == COUNTERS_MAX) {
        fprintf(stderr, "burrow: counter table full at %s\n", name);
        abort();
    }
    names[used] = name;
    return used++;
}

unsigned counter_count(void)
{
    return used;
}

const char *counter_name(unsigned id)
{
    return id < used ? names[id] : "";
}
