/* Addresses and ports of headers: lists, negation, variables.
 *
 * A list is what is listed less what is negated; with nothing but negations, all less those. A list or a variable
 * counts in the list around it as the set that it is; one of nothing but negations takes from that list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "detect/load.h"
#include "detect/spans.h"

/* Lists and variables inside one another. */
#define DEPTH_MAX 16

/* Characters of one item. */
#define ITEM_MAX 128

enum { V4, V6, FAMILIES }; /* ports are V4's */

struct level {
    const char *at; /* where to go on behind it */
    bool variable;  /* ends with its text, not with a bracket */
    bool negated;
    bool items;
    struct spans with[FAMILIES];
    struct spans less[FAMILIES];
};

struct sets {
    struct rule_build *build;
    bool ports;
    int depth;
    struct level levels[DEPTH_MAX];
};

static struct span whole(const struct sets *s, int family)
{
    struct span all = {0, 0};
    all.last = s->ports ? 65535 : family == V4 ? UINT32_MAX : ~all.first;
    return all;
}

static void level_fini(struct level *l)
{
    for (int f = 0; f < FAMILIES; f++) {
        spans_fini(&l->with[f]);
        spans_fini(&l->less[f]);
    }
}

static bool put(struct sets *s, int family, bool negated, struct span one)
{
    struct level *l = &s->levels[s->depth];
    l->items = true;
    return spans_add(negated ? &l->less[family] : &l->with[family], one) ||
           build_error(s->build, "more than %u ranges", SPANS_MAX);
}

static void to_span(const struct addr *a, const struct addr *b, struct span *out)
{
    size_t n = a->family == ADDR_V4 ? 4 : 16;
    *out = (struct span){0, 0};
    for (size_t i = 0; i < n; i++) {
        out->first = out->first << 8 | a->b[i];
        out->last = out->last << 8 | b->b[i];
    }
}

/* Bits of a netmask; -1: it is none. */
static int mask_bits(const struct addr *mask)
{
    uint32_t m = load_be32(mask->b), inverse = ~m;
    if (mask->family != ADDR_V4 || (inverse & (inverse + 1)) != 0)
        return -1;
    return __builtin_popcount(m);
}

static bool read_prefix(const char *item, struct addr *a, unsigned *bits)
{
    const char *slash = strchr(item, '/');
    struct addr mask;
    if (addr_parse_prefix(item, a, bits))
        return true;
    if (!slash || !addr_parse(item, (size_t)(slash - item), a) || !addr_parse(slash + 1, strlen(slash + 1), &mask))
        return false;
    int n = mask_bits(&mask);
    *bits = (unsigned)n;
    return n >= 0 && a->family == ADDR_V4;
}

static bool put_address(struct sets *s, char *item, bool negated)
{
    char *dash = strchr(item, '-');
    struct addr a, b;
    struct span one;
    unsigned bits;
    if (dash) {
        *dash = '\0';
        const char *first = text_trim(item), *last = text_trim(dash + 1);
        if (!addr_parse(first, strlen(first), &a) || !addr_parse(last, strlen(last), &b) || a.family != b.family ||
            addr_compare(&a, &b) > 0)
            return build_error(s->build, "\"%s-%s\" is no range of addresses", first, last);
        to_span(&a, &b, &one);
        return put(s, a.family == ADDR_V4 ? V4 : V6, negated, one);
    }
    if (!read_prefix(item, &a, &bits))
        return build_error(s->build, "\"%s\" is no address", item);
    to_span(&a, &a, &one);
    unsigned host = (a.family == ADDR_V4 ? 32 : 128) - bits;
    if (host) {
        struct span low = {0, 0};
        low.last = host == 128 ? ~low.first : ((low.first + 1) << host) - 1;
        one.first &= ~low.last;
        one.last |= low.last;
    }
    return put(s, a.family == ADDR_V4 ? V4 : V6, negated, one);
}

static bool put_ports(struct sets *s, char *item, bool negated)
{
    char *colon = strchr(item, ':');
    int64_t first = 0, last = 65535;
    bool ok;
    if (colon) {
        *colon++ = '\0';
        ok = (!*item || text_int(item, 0, 65535, &first)) && (!*colon || text_int(colon, 0, 65535, &last)) &&
             (*item || *colon);
    } else {
        ok = text_int(item, 0, 65535, &first);
        last = first;
    }
    if (!ok || first > last)
        return build_error(s->build, "\"%s%s%s\" is no port or range of ports", item, colon ? ":" : "",
                           colon ? colon : "");
    return put(s, V4, negated, (struct span){(unsigned)first, (unsigned)last});
}

static bool put_item(struct sets *s, char *item, bool negated)
{
    item = text_trim(item);
    if (strcasecmp(item, "any") == 0) {
        if (negated)
            return build_error(s->build, "\"!any\" leaves nothing");
        for (int f = 0; f < (s->ports ? 1 : FAMILIES); f++)
            if (!put(s, f, false, whole(s, f)))
                return false;
        return true;
    }
    return s->ports ? put_ports(s, item, negated) : put_address(s, item, negated);
}

static bool open_level(struct sets *s, const char *after, bool variable, bool negated)
{
    if (s->depth + 1 == DEPTH_MAX)
        return build_error(s->build, "lists or variables more than %d deep; a variable that names itself?", DEPTH_MAX);
    s->levels[++s->depth] = (struct level){.at = after, .variable = variable, .negated = negated};
    return true;
}

/* What a level stands for, in with. False: no memory. */
static bool settle(struct sets *s, struct level *l)
{
    bool pure = !l->with[V4].count && !l->with[V6].count;
    for (int f = 0; f < (s->ports ? 1 : FAMILIES); f++) {
        if (!l->with[f].count && (pure || l->less[f].count) && !spans_add(&l->with[f], whole(s, f)))
            return false;
        spans_normalise(&l->with[f]);
        spans_normalise(&l->less[f]);
        if (!spans_subtract(&l->with[f], &l->less[f]))
            return false;
    }
    return true;
}

/* The innermost level is over: give what it is to the one around it. */
static bool close_level(struct sets *s)
{
    struct level *l = &s->levels[s->depth], *up = &s->levels[s->depth - 1];
    bool pure = !l->with[V4].count && !l->with[V6].count;
    bool ok = l->items || build_error(s->build, "an empty list");
    if (ok && !(pure && !l->negated) && !settle(s, l))
        ok = build_error(s->build, "more than %u ranges", SPANS_MAX);
    if (ok && !pure && !l->with[V4].count && !l->with[V6].count)
        ok = build_error(s->build, "negation leaves nothing of a list");
    for (int f = 0; f < FAMILIES && ok; f++) {
        bool taken = pure && !l->negated;
        struct spans *to = l->negated || taken ? &up->less[f] : &up->with[f];
        ok = spans_join(to, taken ? &l->less[f] : &l->with[f]) ||
             build_error(s->build, "more than %u ranges", SPANS_MAX);
    }
    up->items = true;
    level_fini(l);
    s->depth--;
    return ok;
}

/* A variable's value as a text; a YAML list becomes one in brackets. NULL with an error. */
static const char *variable(struct sets *s, const char *name)
{
    const struct settings *set = s->build->set->loading->options->settings;
    const char *group = s->ports ? "vars.port-groups" : "vars.address-groups";
    const struct conf_node *node = conf_child(conf_find(set->tree, group), name);
    if (!node || node->kind == CONF_NULL || node->kind == CONF_MAPPING) {
        build_error(s->build, "$%s is not in %s", name, group);
        return NULL;
    }
    if (node->kind == CONF_SCALAR)
        return node->text;
    size_t n = 3;
    for (const struct conf_node *item = node->first; item; item = item->next)
        n += strlen(item->text) + 1;
    char *text = build_get(s->build, n), *at = text;
    if (!text)
        return NULL;
    *at++ = '[';
    for (const struct conf_node *item = node->first; item; item = item->next)
        at += snprintf(at, n - (size_t)(at - text), "%s%s", item == node->first ? "" : ",", item->text);
    *at = ']';
    return text;
}

/* One item, list or variable, with its signs before it; *at goes behind it, or into it. */
static bool read_one(struct sets *s, const char **at)
{
    bool negated = false;
    char item[ITEM_MAX];
    size_t n;
    for (; **at == '!' || **at == ' '; (*at)++)
        negated ^= **at == '!';
    if (**at == '[') {
        (*at)++;
        return open_level(s, NULL, false, negated);
    }
    n = strcspn(*at, ",]");
    if (n == 0 || n >= sizeof item || memchr(*at, '[', n))
        return build_error(s->build, n ? "\"%.40s\" is no item of a list" : "an empty item of a list", *at);
    memcpy(item, *at, n);
    item[n] = '\0';
    *at += n;
    if (item[0] != '$')
        return put_item(s, item, negated);
    const char *value = variable(s, text_trim(item + 1));
    if (!value || !open_level(s, *at, true, negated))
        return false;
    *at = value;
    return true;
}

static bool read_all(struct sets *s, const char *at)
{
    bool want = true; /* an item must follow */
    for (;;) {
        while (*at == ' ' || *at == '\t')
            at++;
        if (want) {
            int depth = s->depth;
            if (!read_one(s, &at))
                return false;
            want = s->depth > depth;
            continue;
        }
        const struct level *l = &s->levels[s->depth];
        if (*at == ',' && (s->depth > 0)) {
            at++;
            want = true;
        } else if (*at == ']' && s->depth && !l->variable) {
            at++;
            if (!close_level(s))
                return false;
        } else if (!*at && s->depth && l->variable) {
            at = l->at;
            if (!close_level(s))
                return false;
        } else if (!*at && !s->depth) {
            return true;
        } else {
            return build_error(s->build, *at ? "\"%.40s\" does not belong there" : "a [ without its ]", at);
        }
    }
}

static bool read_set(struct sets *s, const char *text)
{
    struct level *top = &s->levels[0];
    if (!read_all(s, text))
        return false;
    if (!settle(s, top))
        return build_error(s->build, "more than %u ranges", SPANS_MAX);
    if (!top->with[V4].count && !top->with[V6].count)
        return build_error(s->build, "negation leaves nothing of %s", text);
    return true;
}

static void sets_fini(struct sets *s)
{
    for (; s->depth >= 0; s->depth--)
        level_fini(&s->levels[s->depth]);
}

static bool is_whole(const struct sets *s, int family)
{
    const struct spans *set = &s->levels[0].with[family];
    struct span all = whole(s, family);
    return set->count == 1 && set->s[0].first == all.first && set->s[0].last == all.last;
}

static struct addr to_addr6(const struct span *one, bool last)
{
    uint8_t b[16];
    for (unsigned i = 0; i < 16; i++)
        b[i] = (uint8_t)((last ? one->last : one->first) >> (8 * (15 - i)));
    return addr_v6(b);
}

static bool fill_addrs(struct sets *s, struct rule_addrs *out)
{
    const struct spans *v4 = &s->levels[0].with[V4], *v6 = &s->levels[0].with[V6];
    struct arena *arena = &s->build->set->shared;
    out->any = is_whole(s, V4) && is_whole(s, V6);
    if (out->any)
        return true;
    struct rule_range4 *a = arena_get(arena, v4->count * sizeof *a);
    struct rule_range6 *b = arena_get(arena, v6->count * sizeof *b);
    if (!a || !b)
        return build_error(s->build, "out of memory");
    for (size_t i = 0; i < v4->count; i++)
        a[i] = (struct rule_range4){(uint32_t)v4->s[i].first, (uint32_t)v4->s[i].last};
    for (size_t i = 0; i < v6->count; i++)
        b[i] = (struct rule_range6){to_addr6(&v6->s[i], false), to_addr6(&v6->s[i], true)};
    out->v4 = a;
    out->v6 = b;
    out->v4_count = (uint32_t)v4->count;
    out->v6_count = (uint32_t)v6->count;
    return true;
}

static bool fill_ports(struct sets *s, struct rule_ports *out)
{
    const struct spans *set = &s->levels[0].with[V4];
    out->any = is_whole(s, V4);
    if (out->any)
        return true;
    struct rule_port_range *r = arena_get(&s->build->set->shared, set->count * sizeof *r);
    if (!r)
        return build_error(s->build, "out of memory");
    for (size_t i = 0; i < set->count; i++)
        r[i] = (struct rule_port_range){(uint16_t)set->s[i].first, (uint16_t)set->s[i].last};
    out->ranges = r;
    out->count = (uint32_t)set->count;
    return true;
}

static bool same(const void *a, const void *b, bool ports)
{
    return ports ? rule_ports_same(a, b) : rule_addrs_same(a, b);
}

static uint64_t hash_set(const void *set, bool ports)
{
    const struct rule_ports *p = set;
    const struct rule_addrs *a = set;
    if (ports)
        return p->count ? hash_bytes(p->ranges, p->count * sizeof *p->ranges, 1) : 1;
    uint64_t h = a->v4_count ? hash_bytes(a->v4, a->v4_count * sizeof *a->v4, 2) : 2;
    return a->v6_count ? hash_bytes(a->v6, a->v6_count * sizeof *a->v6, h) : h;
}

/* A number for a set: its place in the list. False: no memory. */
static bool list_set(struct ruleset_load *l, const void *set, uint32_t *number)
{
    uint32_t n = l->set->set_count;
    if ((n & (n - 1)) == 0) {
        const void **more = realloc(l->set_list, (n ? n * 2 : 1) * sizeof *more);
        if (!more)
            return false;
        l->set_list = more;
    }
    l->set_list[n] = set;
    *number = l->set->set_count++;
    return true;
}

/* Equal sets are one: this, or one that was there before. NULL: no memory. */
static const void *first_of_equals(struct ruleset_load *l, void *set, bool ports)
{
    bool fresh;
    uint32_t *at = numbers_put(&l->sets, hash_set(set, ports), ports, &fresh), number;
    if (at && !fresh && same(l->set_list[*at], set, ports))
        return l->set_list[*at];
    if (!at || !list_set(l, set, &number))
        return NULL;
    *at = number;
    if (ports)
        ((struct rule_ports *)set)->number = number;
    else
        ((struct rule_addrs *)set)->number = number;
    return set;
}

/* Rules write the same few addresses again and again: each text is read once. */
static const void *cached(struct rule_build *b, const char *text, bool ports)
{
    struct ruleset_load *l = b->set->loading;
    struct words *known = ports ? &l->ports : &l->addrs;
    size_t n = strlen(text);
    const uint64_t *found = words_find_part(known, text, n);
    if (found)
        return (const void *)(uintptr_t)*found;
    struct sets s = {.build = b, .ports = ports};
    void *read = arena_get(&b->set->shared, ports ? sizeof(struct rule_ports) : sizeof(struct rule_addrs));
    bool ok = read && read_set(&s, text) && (ports ? fill_ports(&s, read) : fill_addrs(&s, read));
    sets_fini(&s);
    const void *out = ok ? first_of_equals(l, read, ports) : NULL;
    if (!out) {
        build_error(b, "out of memory");
        return NULL;
    }
    const char *key = arena_text(&b->set->shared, text, n);
    if (key)
        words_add(known, key, (uint64_t)(uintptr_t)out);
    return out;
}

const struct rule_addrs *build_addrs(struct rule_build *b, const char *text)
{
    return cached(b, text, false);
}

const struct rule_ports *build_ports(struct rule_build *b, const char *text)
{
    return cached(b, text, true);
}
