/* What is remembered: bits and numbers of flows, bits of hosts, thresholds. */
#include <stdlib.h>

#include "core/hash.h"
#include "detect/engine/private.h"

#define NS      1000000000ull
#define PROBES  8u /* places of a table where an entry may be */
#define FOREVER UINT64_MAX

bool memo_init(struct memo_table *t)
{
    t->size = DETECT_TABLE_SIZE;
    t->at = calloc(t->size, sizeof *t->at);
    return t->at != NULL;
}

/* The entry of a key; made, where there is none, in the place of the oldest in the way. */
static struct memo *memo_find(struct memo_table *t, const uint64_t key[5], bool make, uint64_t now)
{
    uint64_t h = hash_bytes(key, 5 * sizeof *key, 0x5bd1e995);
    struct memo *worst = NULL;
    for (unsigned i = 0; i < PROBES; i++) {
        struct memo *m = &t->at[(h + i) & (t->size - 1)];
        if (m->used && memcmp(m->key, key, sizeof m->key) == 0)
            return m;
        if (!worst || (worst->used && (!m->used || m->since_ns < worst->since_ns)))
            worst = m;
    }
    if (!make)
        return NULL;
    *worst = (struct memo){.used = true, .since_ns = now};
    memcpy(worst->key, key, sizeof worst->key);
    return worst;
}

static void put_addr(uint64_t *key, const struct addr *a)
{
    if (a) {
        key[0] = a->q[0];
        key[1] = a->q[1];
    }
}

/* Both addresses of a pair, whichever way round. */
static void put_pair(uint64_t *key, const struct look *k)
{
    bool turn = k->src && k->dst && addr_compare(k->src, k->dst) > 0;
    put_addr(key, turn ? k->dst : k->src);
    put_addr(key + 2, turn ? k->src : k->dst);
}

static bool host_bit(struct look *k, uint32_t name, const struct match_bits *m, enum match_kind kind,
                     enum bits_track of)
{
    uint64_t key[5] = {(uint64_t)name << 8 | (kind == MATCH_XBITS ? 1u : 2u)};
    struct memo_table *t = &k->l->bits;
    uint64_t now = k->in->time_ns;
    if (of == BITS_PAIR)
        put_pair(key + 1, k);
    else
        put_addr(key + 1, of == BITS_DST ? k->dst : k->src);
    struct memo *e = memo_find(t, key, false, now);
    bool is = e && now < e->until_ns;
    bool set = m->command == BITS_SET || (m->command == BITS_TOGGLE && !is);
    switch (m->command) {
    case BITS_IS_SET:
        return is;
    case BITS_IS_NOT_SET:
        return !is;
    default:
        if (set && (e || (e = memo_find(t, key, true, now)) != NULL)) {
            e->since_ns = now;
            e->until_ns = m->expire ? now + m->expire * NS : FOREVER;
        } else if (e) {
            e->used = false;
        }
        return true;
    }
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
    bool asks = m->command == BITS_IS_SET || m->command == BITS_IS_NOT_SET;
    bool is = false;
    for (uint16_t i = 0; i < m->count; i++) {
        if (kind != MATCH_FLOWBITS && m->track == BITS_EITHER && kind == MATCH_HOSTBITS)
            is = host_bit(k, m->names[i], m, kind, BITS_SRC) | host_bit(k, m->names[i], m, kind, BITS_DST);
        else if (kind != MATCH_FLOWBITS)
            is = host_bit(k, m->names[i], m, kind, m->track);
        else if (k->in->state)
            is = flow_bit(k->in->state, m->names[i], m->command);
        if (asks && is)
            return true;
    }
    return !asks;
}

bool memory_flowint(struct look *k, const struct match_flowint *m)
{
    struct detect_flow *f = k->in->state;
    if (!f)
        return false;
    bool is_set = f->int_set[m->name];
    uint32_t v = f->ints[m->name];
    if (m->by_name && !f->int_set[m->other])
        return false;
    uint32_t w = m->by_name ? f->ints[m->other] : m->value;
    switch (m->command) {
    case FLOWINT_IS_SET:
        return is_set;
    case FLOWINT_IS_NOT_SET:
        return !is_set;
    case FLOWINT_SET:
    case FLOWINT_ADD:
    case FLOWINT_SUB:
        f->ints[m->name] = m->command == FLOWINT_SET ? w : m->command == FLOWINT_ADD ? v + w : v - w;
        f->int_set[m->name] = 1;
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

void memory_capture(struct look *k, const struct pcre_capture *to, const uint8_t *p, size_t n)
{
    struct detect_flow *f = k->in->state;
    if (!f || to->kind != CAPTURE_FLOW)
        return;
    uint32_t i = 0;
    while (i < f->var_count && f->vars[i].name != to->name)
        i++;
    if (i == DETECT_VARS_MAX)
        return;
    if (!f->vars && !(f->vars = calloc(DETECT_VARS_MAX, sizeof *f->vars)))
        return;
    if (i == f->var_count)
        f->var_count++;
    f->vars[i].name = to->name;
    f->vars[i].len = (uint16_t)(n < DETECT_VAR_LEN ? n : DETECT_VAR_LEN);
    memcpy(f->vars[i].bytes, p, f->vars[i].len);
}

bool memory_var(const struct look *k, const struct match_var *m)
{
    const struct detect_flow *f = k->in->state;
    for (uint32_t i = 0; f && i < f->var_count; i++)
        if (f->vars[i].name == m->name) {
            bool in = m->len && memmem(f->vars[i].bytes, f->vars[i].len, m->bytes, m->len);
            return in != m->negated;
        }
    return false;
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
    }
}

static struct memo *threshold_entry(struct look *k, const struct threshold *t, unsigned kind)
{
    uint64_t key[5] = {(uint64_t)k->rule->index << 8 | kind << 4 | t->track};
    switch (t->track) {
    case TRACK_SRC:
        put_addr(key + 1, k->src);
        break;
    case TRACK_DST:
        put_addr(key + 1, k->dst);
        break;
    case TRACK_BOTH:
    case TRACK_EITHER:
        put_pair(key + 1, k);
        break;
    case TRACK_FLOW:
        key[1] = k->in->flow ? k->in->flow->id : 0;
        break;
    default:
        break;
    }
    struct memo *e = memo_find(&k->l->thresholds, key, true, k->in->time_ns);
    return e;
}

/* threshold: and detection_filter:, as Suricata counts. */
static bool threshold_allows(struct look *k, const struct threshold *t, unsigned kind)
{
    if (t->type == THRESHOLD_NONE || t->type == THRESHOLD_RATE)
        return true;
    struct memo *e = threshold_entry(k, t, kind);
    uint64_t now = k->in->time_ns;
    bool over = e->count == 0 || now > e->since_ns + t->seconds * NS;
    if (t->type == THRESHOLD_BACKOFF) {
        if (e->count++ == 0)
            e->value = t->count;
        if (e->count < e->value)
            return false;
        uint64_t next = (uint64_t)e->value * t->multiplier;
        e->value = next > UINT32_MAX ? UINT32_MAX : (uint32_t)next;
        return true;
    }
    if (over) {
        e->since_ns = now;
        e->count = 0;
    }
    e->count++;
    switch (t->type) {
    case THRESHOLD_LIMIT:
        return e->count <= t->count;
    case THRESHOLD_THRESHOLD:
        if (e->count < t->count)
            return false;
        e->count = 0;
        return true;
    case THRESHOLD_BOTH:
        return e->count == t->count;
    default:
        return e->count > t->count;
    }
}

static bool suppressed(const struct look *k)
{
    for (uint32_t i = 0; i < k->rule->suppress_count; i++) {
        const struct suppress *s = &k->rule->suppress[i];
        bool src = k->src && (!s->addrs || rule_addrs_match(s->addrs, k->src));
        bool dst = k->dst && (!s->addrs || rule_addrs_match(s->addrs, k->dst));
        if (!s->addrs || (s->track == TRACK_SRC && src) || (s->track == TRACK_DST && dst) ||
            (s->track != TRACK_SRC && s->track != TRACK_DST && (src || dst)))
            return true;
    }
    return false;
}

bool memory_allows(struct look *k)
{
    const struct rule *r = k->rule;
    return !suppressed(k) && threshold_allows(k, &r->detection_filter, 1) && threshold_allows(k, &r->threshold, 2);
}
