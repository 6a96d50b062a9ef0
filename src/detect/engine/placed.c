/* Patterns at one place of a payload: the first bytes there are looked up, the rest is compared. */
#include <errno.h>
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"
#include "detect/order.h"

/* Patterns whose first bytes, as many of them, stand at the same place. */
struct placed {
    uint16_t at;
    uint8_t width; /* 1, 2, 4 */
    bool nocase;
    uint32_t mask;
    uint32_t after;     /* of the first at its place: the first at the next */
    uint64_t all[4];    /* of the first at its place: a bit for each first byte that any there has */
    uint64_t begins[4]; /* the same of this alone */
    uint32_t *heads;    /* by hash: an entry of the slot and 1; the others of that hash are behind it */
};

static uint8_t fold(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static uint8_t unfold(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c & ~0x20) : c;
}

static uint8_t width_of(uint16_t len)
{
    return len >= 4 ? 4 : len >= 2 ? 2 : 1;
}

static uint32_t first_bytes(const uint8_t *p, uint8_t width, bool nocase)
{
    uint32_t key = 0;
    memcpy(&key, p, width);
    if (nocase) {
        uint8_t b[sizeof key];
        memcpy(b, &key, sizeof key);
        for (unsigned i = 0; i < sizeof b; i++)
            b[i] = fold(b[i]);
        memcpy(&key, b, sizeof key);
    }
    return key;
}

static uint32_t place_in(const struct placed *g, uint32_t key)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & g->mask;
}

static bool same_group(const struct placed *g, const struct slot_entry *e)
{
    return g->at == e->at && g->width == width_of(e->len) && g->nocase == e->nocase;
}

static struct placed group_of(const struct slot_entry *e)
{
    return (struct placed){.at = e->at, .width = width_of(e->len), .nocase = e->nocase};
}

/* By place, width and case; of equal ones the order is that of the rules. */
static bool sort_by_group(struct slot *s)
{
    struct ordered *order = malloc(s->count * 2 * sizeof *order);
    struct slot_entry *sorted = malloc(s->count * sizeof *sorted);
    bool ok = order && sorted;
    for (uint32_t i = 0; i < s->count && ok; i++) {
        const struct slot_entry *e = &s->entries[i];
        order[i] = (struct ordered){(uint64_t)e->at << 16 | (uint64_t)width_of(e->len) << 8 | e->nocase, i};
    }
    if (ok) {
        order_by_key(order, order + s->count, s->count);
        for (uint32_t i = 0; i < s->count; i++)
            sorted[i] = s->entries[order[i].at];
        free(s->entries);
        s->entries = sorted;
        s->room = s->count;
    } else {
        free(sorted);
    }
    free(order);
    return ok;
}

/* The entries are in order. */
static uint32_t count_groups(const struct slot *s)
{
    uint32_t n = 0;
    struct placed last = {0};
    for (uint32_t i = 0; i < s->count; i++) {
        n += !i || !same_group(&last, &s->entries[i]);
        last = group_of(&s->entries[i]);
    }
    return n;
}

static void begins_with(struct placed *g, uint8_t c)
{
    g->begins[c >> 6] |= UINT64_C(1) << (c & 63);
}

static bool fill(struct placed *g, struct slot_entry *entries, uint32_t first, uint32_t end)
{
    uint32_t size = 4;
    while (size < (end - first) * 2)
        size *= 2;
    g->mask = size - 1;
    g->heads = calloc(size, sizeof *g->heads);
    if (!g->heads)
        return false;
    for (uint32_t i = end; i-- > first;) {
        uint32_t *head = &g->heads[place_in(g, first_bytes(entries[i].p, g->width, g->nocase))];
        entries[i].next = *head;
        *head = i + 1;
    }
    for (uint32_t i = first; i < end; i++) {
        begins_with(g, entries[i].p[0]);
        if (g->nocase) {
            begins_with(g, fold(entries[i].p[0]));
            begins_with(g, unfold(entries[i].p[0]));
        }
    }
    return true;
}

/* Most payloads have at most places no byte that any pattern begins with there. */
static void join_places(struct slot *s)
{
    for (uint32_t first = 0, end; first < s->placed_count; first = end) {
        struct placed *g = &s->placed[first];
        for (end = first; end < s->placed_count && s->placed[end].at == g->at; end++)
            for (unsigned i = 0; i < 4; i++)
                g->all[i] |= s->placed[end].begins[i];
        g->after = end;
    }
}

int placed_make(struct slot *s)
{
    if (!sort_by_group(s))
        return -ENOMEM;
    s->placed = calloc(count_groups(s), sizeof *s->placed);
    if (!s->placed)
        return -ENOMEM;
    for (uint32_t first = 0, end; first < s->count; first = end) {
        const struct slot_entry *e = &s->entries[first];
        struct placed *g = &s->placed[s->placed_count++];
        *g = group_of(e);
        for (end = first; end < s->count && same_group(g, &s->entries[end]);)
            end++;
        if (!fill(g, s->entries, first, end))
            return -ENOMEM;
    }
    join_places(s);
    return 0;
}

void placed_free(struct slot *s)
{
    for (uint32_t i = 0; i < s->placed_count; i++)
        free(s->placed[i].heads);
    free(s->placed);
}

static bool is_at(const struct slot_entry *e, const uint8_t *p, size_t n)
{
    if (e->len > n)
        return false;
    if (!e->nocase)
        return memcmp(p, e->p, e->len) == 0;
    for (uint16_t i = 0; i < e->len; i++)
        if (fold(p[i]) != fold(e->p[i]))
            return false;
    return true;
}

static bool may_begin(const uint64_t begins[4], uint8_t first)
{
    return begins[first >> 6] >> (first & 63) & 1;
}

static void search_group(struct detect_lane *l, const struct slot *s, const struct placed *g, const uint8_t *p,
                         size_t n)
{
    if (!may_begin(g->begins, p[0]) || n < g->width)
        return;
    uint32_t next = g->heads[place_in(g, first_bytes(p, g->width, g->nocase))];
    for (; next; next = s->entries[next - 1].next)
        if (is_at(&s->entries[next - 1], p, n))
            lane_candidate(l, s->entries[next - 1].rule);
}

void placed_search(struct detect_lane *l, const struct slot *s, struct inspect_bytes b, uint64_t before)
{
    for (uint32_t first = 0; first < s->placed_count; first = s->placed[first].after) {
        const struct placed *at = &s->placed[first];
        if (at->at < before)
            continue;
        size_t begin = (size_t)(at->at - before);
        if (b.n <= begin)
            return; /* those that follow lie farther */
        if (!may_begin(at->all, b.p[begin]))
            continue;
        for (uint32_t i = first; i < at->after; i++)
            search_group(l, s, &s->placed[i], b.p + begin, b.n - begin);
    }
}
