#include "output/summary.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

#define TOP_SEED 0x62757272u /* tables must be the same in every run: no secret here */

void summary_init(struct summary *s)
{
    memset(s, 0, sizeof *s);
}

/* Least counted; of equals the first in order of text, so that the choice does not hang on the table's order. */
static struct summary_top_entry *least(struct summary_top *t)
{
    struct summary_top_entry *e = &t->entries[0];
    for (uint32_t i = 1; i < t->used; i++) {
        struct summary_top_entry *o = &t->entries[i];
        if (o->count < e->count || (o->count == e->count && strcmp(o->text, e->text) < 0))
            e = o;
    }
    return e;
}

static void top_add(struct summary_top *t, const char *text, uint64_t count, uint64_t excess)
{
    uint64_t hash = hash_bytes(text, strlen(text), TOP_SEED);
    for (uint32_t i = 0; i < t->used; i++) {
        struct summary_top_entry *e = &t->entries[i];
        if (e->hash == hash && strcmp(e->text, text) == 0) {
            e->count += count;
            e->excess += excess;
            return;
        }
    }
    struct summary_top_entry *e;
    if (t->used < SUMMARY_TOP_MAX) {
        e = &t->entries[t->used++];
        *e = (struct summary_top_entry){.count = count, .excess = excess};
    } else {
        e = least(t);
        e->excess = e->count + excess;
        e->count += count;
    }
    e->hash = hash;
    snprintf(e->text, sizeof e->text, "%s", text);
}

static void kind_add(struct summary *s, const char *type, enum tunnel_status status, uint32_t depth, uint64_t count)
{
    for (uint32_t i = 0; i < s->kind_count; i++) {
        struct summary_kind *k = &s->kinds[i];
        if (k->status == status && k->depth == depth && (k->type == type || strcmp(k->type, type) == 0)) {
            k->count += count;
            return;
        }
    }
    if (s->kind_count == SUMMARY_KINDS_MAX) {
        s->other_kinds += count;
        return;
    }
    s->kinds[s->kind_count++] = (struct summary_kind){.type = type, .status = status, .depth = depth, .count = count};
}

/* Text that came from the network goes to a terminal: only what is printable stays. */
static void top_add_bytes(struct summary_top *t, const char *p, size_t n)
{
    char text[SUMMARY_TEXT_MAX];
    size_t len = n < sizeof text - 1 ? n : sizeof text - 1;
    for (size_t i = 0; i < len; i++)
        text[i] = p[i] > 0x20 && p[i] < 0x7f ? p[i] : '.';
    text[len] = 0;
    if (len)
        top_add(t, text, 1, 0);
}

void summary_tunnel(struct summary *s, const char *type, enum tunnel_status status, uint32_t depth,
                    const struct addr *proxy, uint16_t proxy_port, const char *target, size_t target_len)
{
    char address[ADDR_TEXT_MAX];
    char text[ADDR_TEXT_MAX + 10];
    kind_add(s, type, status, depth, 1);
    if (proxy && addr_print(proxy, false, address)) {
        bool v6 = proxy->family == ADDR_V6;
        snprintf(text, sizeof text, "%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", proxy_port);
        top_add(&s->proxies, text, 1, 0);
    }
    if (target)
        top_add_bytes(&s->targets, target, target_len);
}

static void top_merge(struct summary_top *into, const struct summary_top *from)
{
    for (uint32_t i = 0; i < from->used; i++)
        top_add(into, from->entries[i].text, from->entries[i].count, from->entries[i].excess);
}

void summary_merge(struct summary *into, const struct summary *from)
{
    for (uint32_t i = 0; i < from->kind_count; i++) {
        const struct summary_kind *k = &from->kinds[i];
        kind_add(into, k->type, k->status, k->depth, k->count);
    }
    into->other_kinds += from->other_kinds;
    top_merge(&into->proxies, &from->proxies);
    top_merge(&into->targets, &from->targets);
}

uint64_t summary_tunnel_count(const struct summary *s)
{
    uint64_t n = s->other_kinds;
    for (uint32_t i = 0; i < s->kind_count; i++)
        n += s->kinds[i].count;
    return n;
}
