/* Bits of hosts and of pairs of hosts: xbits, hostbits. */
#include "detect/engine/private.h"

static bool host_bit(struct look *k, uint32_t name, const struct match_bits *m, enum match_kind kind,
                     enum bits_track of)
{
    uint64_t key[MEMO_KEY] = {(uint64_t)name << 8 | (kind == MATCH_XBITS ? 1u : 2u), of == BITS_PAIR};
    uint64_t now = k->in->time_ns;
    bool asks = m->command == BITS_IS_SET || m->command == BITS_IS_NOT_SET;
    bool make = m->command == BITS_SET || m->command == BITS_TOGGLE;
    if (of == BITS_PAIR)
        memory_put_pair(key, 2, k);
    else
        memory_put_addr(key, 2, of == BITS_DST ? k->dst : k->src);
    struct memo_look look = memo_get(&k->l->d->memory->bits, key, make, now);
    struct memo *e = look.entry;
    bool is = e && !look.fresh && now < e->until_ns;
    if (make && (m->command == BITS_SET || !is)) {
        e->since_ns = now;
        e->until_ns = m->expire ? now + m->expire * MEMORY_NS : MEMO_FOREVER;
    } else if (e && !asks) {
        e->used = false;
    }
    if (look.evicted)
        counter_add(k->l->counters, detect_n.bits_full, 1);
    memo_put(&look);
    return asks && is == (m->command == BITS_IS_SET);
}

bool memory_host_bits(struct look *k, const struct match_bits *m, enum match_kind kind)
{
    const uint32_t *names = k->l->d->names[kind == MATCH_XBITS ? NAME_XBIT : NAME_HOSTBIT];
    bool asks = m->command == BITS_IS_SET || m->command == BITS_IS_NOT_SET;
    for (uint16_t i = 0; i < m->count; i++) {
        uint32_t name = names[m->names[i]];
        bool is = host_bit(k, name, m, kind, m->track == BITS_EITHER ? BITS_SRC : m->track);
        if (m->track == BITS_EITHER && host_bit(k, name, m, kind, BITS_DST))
            is = true;
        if (asks && is)
            return true;
    }
    return !asks;
}
