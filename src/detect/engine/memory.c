/* What is remembered: what all lanes share, and bits and numbers of flows. */
#include "detect/engine/memory.h"

#include <errno.h>
#include <stdlib.h>

#include "config/conf.h"
#include "core/hash.h"
#include "detect/engine/private.h"

/* Entries of a table, if the configuration says nothing of it. */
#define THRESHOLDS_MEMCAP (16u << 20)
#define BITS_MEMCAP       (32u << 20)
#define TAGS_MEMCAP       (4u << 20)

/* Different names over all reloads; of more, rules are refused. */
#define NAMES_MAX (1u << 20)

struct detect_memory *detect_memory_create(const struct settings *s)
{
    struct detect_memory *m = calloc(1, sizeof *m);
    uint64_t seed = hash_seed();
    if (!m)
        return NULL;
    arena_init(&m->texts, 0);
    if (memo_init(&m->thresholds, conf_get_size(s->tree, "detect.thresholds.memcap", THRESHOLDS_MEMCAP), seed) != 0 ||
        memo_init(&m->bits, conf_get_size(s->tree, "host.memcap", BITS_MEMCAP), seed) != 0 ||
        memo_init(&m->tags, TAGS_MEMCAP, seed) != 0)
        detect_memory_destroy(&m);
    return m;
}

void detect_memory_destroy(struct detect_memory **memory)
{
    struct detect_memory *m = *memory;
    *memory = NULL;
    if (!m)
        return;
    memo_fini(&m->thresholds);
    memo_fini(&m->bits);
    memo_fini(&m->tags);
    for (unsigned i = 0; i < NAME_KIND_COUNT; i++)
        words_fini(&m->names[i]);
    numbers_fini(&m->rules);
    free(m->known);
    arena_fini(&m->texts);
    free(m);
}

static int name_of(struct detect_memory *m, enum name_kind kind, const char *text, uint32_t *out)
{
    const uint64_t *known = words_find(&m->names[kind], text);
    *out = known ? (uint32_t)*known : (uint32_t)m->names[kind].count;
    if (known)
        return 0;
    const char *copy = arena_text(&m->texts, text, strlen(text));
    return copy && *out < NAMES_MAX && words_add(&m->names[kind], copy, *out) ? 0 : -ENOMEM;
}

int memory_names(struct detect *d)
{
    for (unsigned kind = 0; kind < NAME_KIND_COUNT; kind++) {
        uint32_t count = d->set->name_count[kind];
        d->names[kind] = calloc(count + 1, sizeof **d->names);
        if (!d->names[kind])
            return -ENOMEM;
        for (uint32_t i = 0; i < count; i++) {
            int r = name_of(d->memory, (enum name_kind)kind, d->set->names[kind][i], &d->names[kind][i]);
            if (r != 0)
                return r;
        }
        d->name_room[kind] = (uint32_t)d->memory->names[kind].count;
    }
    return 0;
}

void memory_put_addr(uint64_t *key, unsigned at, const struct addr *a)
{
    if (!a)
        return;
    key[at] = a->q[0];
    key[at + 1] = a->q[1];
    key[1] |= a->family == ADDR_V6 ? 8 : 0;
}

void memory_put_pair(uint64_t *key, unsigned at, const struct look *k)
{
    bool turn = k->src && k->dst && addr_compare(k->src, k->dst) > 0;
    memory_put_addr(key, at, turn ? k->dst : k->src);
    memory_put_addr(key, at + 2, turn ? k->src : k->dst);
}

/* Bits and numbers of a flow, for the names that were known when it began or that came with a reload. */
static bool has_room(struct detect_flow *f, const struct detect *d)
{
    uint32_t bits = d->name_room[NAME_FLOWBIT] / 8 + 1, ints = d->name_room[NAME_FLOWINT] + 1;
    if (f->bits_room < bits) {
        uint8_t *more = realloc(f->bits, bits);
        if (!more)
            return false;
        memset(more + f->bits_room, 0, bits - f->bits_room);
        f->bits = more;
        f->bits_room = bits;
    }
    if (f->ints_room < ints) {
        struct flow_int *more = realloc(f->ints, ints * sizeof *more);
        if (!more)
            return false;
        memset(more + f->ints_room, 0, (ints - f->ints_room) * sizeof *more);
        f->ints = more;
        f->ints_room = ints;
    }
    return true;
}

static bool flow_bit(struct detect_flow *f, uint32_t name, enum bits_command command)
{
    uint8_t *byte = &f->bits[name / 8];
    uint8_t bit = (uint8_t)(1u << (name & 7));
    switch (command) {
    case BITS_SET:
        *byte |= bit;
        return true;
    case BITS_UNSET:
        *byte &= (uint8_t)~bit;
        return true;
    case BITS_TOGGLE:
        *byte ^= bit;
        return true;
    case BITS_IS_SET:
        return *byte & bit;
    default:
        return !(*byte & bit);
    }
}

bool memory_bits(struct look *k, const struct match_bits *m, enum match_kind kind)
{
    struct detect_flow *f = k->in->state;
    const uint32_t *names = k->l->d->names[NAME_FLOWBIT];
    bool asks = m->command == BITS_IS_SET || m->command == BITS_IS_NOT_SET;
    if (kind != MATCH_FLOWBITS)
        return memory_host_bits(k, m, kind);
    if (!f || !has_room(f, k->l->d))
        return !asks;
    for (uint16_t i = 0; i < m->count; i++)
        if (flow_bit(f, names[m->names[i]], m->command) && asks)
            return true;
    return !asks;
}

bool memory_flowint(struct look *k, const struct match_flowint *m)
{
    struct detect_flow *f = k->in->state;
    const uint32_t *names = k->l->d->names[NAME_FLOWINT];
    if (!f || !has_room(f, k->l->d))
        return false;
    struct flow_int *at = &f->ints[names[m->name]], *other = m->by_name ? &f->ints[names[m->other]] : NULL;
    bool is_set = at->set;
    uint32_t v = at->value;
    if (other && !other->set)
        return false;
    uint32_t w = other ? other->value : m->value;
    switch (m->command) {
    case FLOWINT_IS_SET:
        return is_set;
    case FLOWINT_IS_NOT_SET:
        return !is_set;
    case FLOWINT_SET:
    case FLOWINT_ADD:
    case FLOWINT_SUB:
        at->value = m->command == FLOWINT_SET ? w : m->command == FLOWINT_ADD ? v + w : v - w;
        at->set = true;
        return true;
    case FLOWINT_LESS:
        return is_set && v < w;
    case FLOWINT_LESS_EQUAL:
        return is_set && v <= w;
    case FLOWINT_EQUAL:
        return is_set && v == w;
    case FLOWINT_NOT_EQUAL:
        return is_set && v != w;
    case FLOWINT_GREATER_EQUAL:
        return is_set && v >= w;
    default:
        return is_set && v > w;
    }
}

void look_post(struct look *k)
{
    const struct match_list *post = &k->rule->post;
    for (uint32_t i = 0; i < post->count; i++) {
        const struct match *m = &post->m[i];
        if (m->kind == MATCH_FLOWBITS || m->kind == MATCH_XBITS || m->kind == MATCH_HOSTBITS)
            memory_bits(k, m->bits, m->kind);
        else if (m->kind == MATCH_FLOWINT)
            memory_flowint(k, m->flowint);
        else if (m->kind == MATCH_FILESTORE)
            look_store(k);
    }
}

static bool crosses(const struct match *m)
{
    switch (m->kind) {
    case MATCH_XBITS:
    case MATCH_HOSTBITS:
        return m->bits->track != BITS_TX;
    case MATCH_TAG:
        return m->tag->host;
    case MATCH_DATASET:
        return m->dataset->command == DATASET_SET || m->dataset->command == DATASET_UNSET;
    default:
        return false;
    }
}

static bool list_crosses(const struct match_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (crosses(&list->m[i]))
            return true;
    return false;
}

static bool limit_crosses(const struct threshold *t)
{
    return t->type != THRESHOLD_NONE && t->track != TRACK_FLOW;
}

bool memory_crosses_flows(const struct ruleset *set)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        const struct rule *r = set->rules[i];
        bool is = limit_crosses(&r->threshold) || limit_crosses(&r->detection_filter) || list_crosses(&r->packet) ||
                  list_crosses(&r->post);
        for (uint32_t k = 0; k < r->rate_count && !is; k++)
            is = limit_crosses(&r->rates[k]);
        for (uint32_t k = 0; k < r->buffer_count && !is; k++)
            is = list_crosses(&r->buffers[k].matches);
        if (is)
            return true;
    }
    return false;
}
