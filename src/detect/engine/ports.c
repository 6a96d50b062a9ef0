/* Server ports in classes: rules that ask for few ports are searched for only in flows to these.
 *
 * The ports for which most rules ask, together, make the classes; all other ports that any rule names are one more, and
 * those that none does are class 0. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Who asks for more ports than this is searched for everywhere. */
#define WIDE 2048u

struct edge {
    uint32_t first;
    uint64_t key; /* of the sets that have this port and those up to the next edge */
    uint32_t rules;
    uint8_t klass;
};

bool ports_narrow(const struct rule_ports *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->count; i++)
        n += p->ranges[i].last - p->ranges[i].first + 1u;
    return !p->any && n <= WIDE;
}

static int by_first(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_key(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int by_rules(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->rules != y->rules)
        return x->rules > y->rules ? -1 : 1;
    return by_first(a, b);
}

/* Where sets begin and end, each once. */
static uint32_t edges_of(const struct ports_asked *asked, uint32_t count, struct edge *e)
{
    uint32_t n = 0, kept = 1;
    e[n++] = (struct edge){0};
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < asked[i].ports->count; k++) {
            e[n++] = (struct edge){.first = asked[i].ports->ranges[k].first};
            e[n++] = (struct edge){.first = asked[i].ports->ranges[k].last + 1u};
        }
    qsort(e, n, sizeof *e, by_first);
    for (uint32_t i = 1; i < n; i++)
        if (e[i].first != e[kept - 1].first && e[i].first <= UINT16_MAX)
            e[kept++] = e[i];
    return kept;
}

static void weigh(const struct ports_asked *asked, uint32_t count, struct edge *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < count; k++)
            if (rule_ports_match(asked[k].ports, (uint16_t)e[i].first)) {
                e[i].key = (e[i].key ^ (k + 1)) * UINT64_C(0x9e3779b97f4a7c15);
                e[i].rules += asked[k].rules;
            }
}

/* Equal keys are one class; the heaviest get a number of their own. */
static void choose(struct edge *e, uint32_t n)
{
    qsort(e, n, sizeof *e, by_key);
    for (uint32_t i = 0; i < n; i++)
        e[i].klass = i && e[i].key == e[i - 1].key ? PORTS_CLASSES : 0;
    /* The first of each key goes before the others. */
    uint32_t heads = 0;
    for (uint32_t i = 0; i < n; i++)
        if (e[i].klass == 0) {
            struct edge t = e[heads];
            e[heads++] = e[i];
            e[i] = t;
        }
    qsort(e, heads, sizeof *e, by_rules);
    for (uint32_t i = 0; i < heads; i++)
        e[i].klass = (uint8_t)(!e[i].rules ? 0 : i + 1 < PORTS_OTHER ? i + 1 : PORTS_OTHER);
    for (uint32_t i = heads; i < n; i++)
        for (uint32_t k = 0; k < heads; k++)
            if (e[k].key == e[i].key)
                e[i].klass = e[k].klass;
    qsort(e, n, sizeof *e, by_first);
}

int ports_classify(const struct ports_asked *asked, uint32_t count, uint8_t **class_of)
{
    size_t most = 1;
    for (uint32_t i = 0; i < count; i++)
        most += (size_t)asked[i].ports->count * 2;
    struct edge *e = malloc(most * sizeof *e);
    uint8_t *out = *class_of = table_get(UINT16_MAX + 1u, 1);
    if (!e || !out) {
        free(e);
        return -ENOMEM;
    }
    uint32_t n = edges_of(asked, count, e);
    weigh(asked, count, e, n);
    choose(e, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = i + 1 < n ? e[i + 1].first : UINT16_MAX + 1u;
        memset(out + e[i].first, e[i].klass, end - e[i].first);
    }
    free(e);
    return 0;
}
