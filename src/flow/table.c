#include "flow/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"

#define BLOCK_FLOWS 64

/* Memory of BLOCK_FLOWS flows of one length. */
struct flow_block {
    struct flow_block *next;
    max_align_t flows[];
};

/* Bytes of a flow, with or without a TCP tracker. */
static size_t flow_size(bool tcp)
{
    return tcp ? sizeof(struct flow) : offsetof(struct flow, tcp);
}

static size_t flow_cost(const struct flow_table *t, bool tcp)
{
    return flow_size(tcp) + t->beside[tcp];
}

static void set_timeouts(struct flow_table *t, const struct settings *s)
{
    for (int c = 0; c < FLOW_CLASS_COUNT; c++) {
        const struct settings_timeouts *k = &s->flow.timeouts[c];
        t->timeout_ns[c][FLOW_NEW] = k->new_ * NS_PER_S;
        t->timeout_ns[c][FLOW_ESTABLISHED] = k->established * NS_PER_S;
        t->timeout_ns[c][FLOW_CLOSED] = k->closed * NS_PER_S;
        t->timeout_ns[c][FLOW_BYPASSED] = k->bypassed * NS_PER_S;
    }
}

int flow_table_init(struct flow_table *t, const struct settings *s, unsigned lanes, uint64_t seed)
{
    uint64_t size = 1024;
    while (size < s->flow.hash_size / lanes)
        size *= 2;
    *t = (struct flow_table){
        .mask = size - 1, .seed = seed, .memcap = s->flow.memcap / lanes, .any_vlan = s->flow.any_vlan};
    t->beside[0] = FLOW_BESIDE + (s->detection ? FLOW_BESIDE_RULES : 0);
    t->beside[1] = FLOW_BESIDE + (s->detection ? FLOW_BESIDE_RULES_TCP : 0);
    set_timeouts(t, s);
    t->buckets = calloc(size, sizeof *t->buckets);
    return t->buckets ? 0 : -ENOMEM;
}

void flow_table_fini(struct flow_table *t)
{
    while (t->blocks) {
        struct flow_block *b = t->blocks;
        t->blocks = b->next;
        free(b);
    }
    free(t->buckets);
    *t = (struct flow_table){.buckets = NULL};
}

static uint64_t hash_end(const struct addr *a, uint16_t port, uint64_t seed)
{
    return hash_mix(a->q[0] ^ seed ^ ((uint64_t)port << 48), a->q[1] ^ port);
}

uint64_t flow_table_hash(const struct flow_table *t, const struct flow_key *k)
{
    uint64_t ends = hash_end(&k->src, k->sport, t->seed) + hash_end(&k->dst, k->dport, t->seed);
    return hash_mix(ends ^ k->context, (uint64_t)k->proto << 16 | (k->vlan_count && !t->any_vlan ? k->vlan[0] : 0));
}

static bool same_path(const struct flow_table *t, const struct flow_key *a, const struct flow_key *b)
{
    if (a->proto != b->proto || a->context != b->context)
        return false;
    if (a->vlan_count != b->vlan_count || t->any_vlan)
        return t->any_vlan;
    for (unsigned i = 0; i < a->vlan_count; i++)
        if (a->vlan[i] != b->vlan[i])
            return false;
    return true;
}

struct flow *flow_table_find(const struct flow_table *t, const struct flow_key *key, uint64_t hash, enum flow_dir *dir)
{
    for (struct flow *f = t->buckets[hash & t->mask]; f; f = f->hash_next) {
        const struct flow_key *k = &f->ref.key;
        if (f->hash != hash || !same_path(t, k, key))
            continue;
        if (k->sport == key->sport && k->dport == key->dport && addr_equal(&k->src, &key->src) &&
            addr_equal(&k->dst, &key->dst)) {
            *dir = TO_SERVER;
            return f;
        }
        if (k->sport == key->dport && k->dport == key->sport && addr_equal(&k->src, &key->dst) &&
            addr_equal(&k->dst, &key->src)) {
            *dir = TO_CLIENT;
            return f;
        }
    }
    return NULL;
}

static struct flow *take(struct flow_table *t, bool tcp)
{
    size_t size = flow_size(tcp);
    if (!t->free[tcp]) {
        struct flow_block *b = malloc(sizeof *b + BLOCK_FLOWS * size);
        if (!b)
            return NULL;
        b->next = t->blocks;
        t->blocks = b;
        for (size_t i = 0; i < BLOCK_FLOWS; i++) {
            struct flow *f = (struct flow *)(void *)((char *)b->flows + i * size);
            f->hash_next = t->free[tcp];
            t->free[tcp] = f;
        }
    }
    struct flow *f = t->free[tcp];
    t->free[tcp] = f->hash_next;
    memset(f, 0, offsetof(struct flow, end)); /* that is filled when the flow ends */
    if (tcp)
        memset(&f->tcp, 0, sizeof f->tcp);
    return f;
}

static struct flow_list *list_of(struct flow_table *t, const struct flow *f)
{
    return f->child ? &t->children : &t->lists[f->class_][f->state];
}

static void list_append(struct flow_list *l, struct flow *f)
{
    f->list_prev = l->last;
    f->list_next = NULL;
    if (l->last)
        l->last->list_next = f;
    else
        l->first = f;
    l->last = f;
    f->listed = true;
    f->listed_now = f->last_now;
}

static void list_remove(struct flow_list *l, struct flow *f)
{
    if (f->list_prev)
        f->list_prev->list_next = f->list_next;
    else
        l->first = f->list_next;
    if (f->list_next)
        f->list_next->list_prev = f->list_prev;
    else
        l->last = f->list_prev;
    f->listed = false;
}

static enum settings_flow_class class_of(uint8_t proto)
{
    switch (proto) {
    case 6:
        return FLOW_CLASS_TCP;
    case 17:
        return FLOW_CLASS_UDP;
    case 1:
    case 58:
        return FLOW_CLASS_ICMP;
    default:
        return FLOW_CLASS_DEFAULT;
    }
}

struct flow *flow_table_make(struct flow_table *t, const struct flow_key *key, uint64_t hash, uint64_t now_ns,
                             bool child)
{
    bool tcp = key->proto == 6 && !child;
    if (t->memory + flow_cost(t, tcp) > t->memcap)
        return NULL;
    struct flow *f = take(t, tcp);
    if (!f)
        return NULL;
    f->ref.key = *key;
    f->hash = hash;
    f->last_now = now_ns;
    f->class_ = (uint8_t)class_of(key->proto);
    f->child = child;
    f->hash_next = t->buckets[hash & t->mask];
    t->buckets[hash & t->mask] = f;
    f->hashed = true;
    t->memory += flow_cost(t, tcp);
    t->count++;
    list_append(list_of(t, f), f);
    return f;
}

void flow_table_set_state(struct flow_table *t, struct flow *f, enum flow_state state)
{
    if (f->state == state)
        return;
    bool move = f->listed && !f->child;
    if (move)
        list_remove(list_of(t, f), f);
    f->state = (uint8_t)state;
    if (move)
        list_append(list_of(t, f), f);
}

bool flow_table_expired(const struct flow_table *t, const struct flow *f, uint64_t now_ns)
{
    return !f->child && now_ns - f->last_now > t->timeout_ns[f->class_][f->state];
}

struct flow *flow_table_next_expired(struct flow_table *t, uint64_t now_ns, unsigned *look)
{
    for (int c = 0; c < FLOW_CLASS_COUNT; c++) {
        for (int s = 0; s < FLOW_STATE_COUNT; s++) {
            struct flow_list *l = &t->lists[c][s];
            for (struct flow *f = l->first; f && *look; f = l->first) {
                (*look)--;
                if (flow_table_expired(t, f, now_ns))
                    return f;
                /* Lists are put in order lazily: a flow that had packets since goes to the end, and one that had none
                 * since it was put there is the oldest, so nothing behind it is over. */
                if (f->last_now == f->listed_now)
                    break;
                list_remove(l, f);
                list_append(l, f);
            }
        }
    }
    return NULL;
}

struct flow *flow_table_oldest(struct flow_table *t)
{
    static const enum flow_state order[] = {FLOW_CLOSED, FLOW_NEW, FLOW_BYPASSED, FLOW_ESTABLISHED};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        for (int c = 0; c < FLOW_CLASS_COUNT; c++)
            if (t->lists[c][order[i]].first)
                return t->lists[c][order[i]].first;
    return NULL;
}

void flow_table_unhash(struct flow_table *t, struct flow *f)
{
    if (f->hashed) {
        struct flow **at = &t->buckets[f->hash & t->mask];
        while (*at != f)
            at = &(*at)->hash_next;
        *at = f->hash_next;
        f->hashed = false;
    }
    if (f->listed)
        list_remove(list_of(t, f), f);
}

void flow_table_free(struct flow_table *t, struct flow **flow)
{
    struct flow *f = *flow;
    *flow = NULL;
    flow_table_unhash(t, f);
    free((void *)(uintptr_t)f->ref.link);
    free(f->macs);
    bool tcp = flow_has_tcp(f);
    t->memory -= flow_cost(t, tcp);
    t->count--;
    f->hash_next = t->free[tcp];
    t->free[tcp] = f;
}
