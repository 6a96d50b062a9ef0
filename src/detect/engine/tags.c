/* Packets that follow an alert and are to be recorded, too (tag): of its flow, or of a host. As in Suricata the packet
 * that alerts is not one of them, and a rule that matches again begins its count again, TAG_MATCHES_MAX times. */
#include <stdlib.h>

#include "detect/engine/private.h"

enum { TAG_PACKETS, TAG_SECONDS, TAG_BYTES }; /* match_tag.metric */

/* True: the packet is still one of them. */
static bool goes_on(const struct flow_tag *t, uint64_t now)
{
    switch (t->metric) {
    case TAG_PACKETS:
        return t->packets <= t->count;
    case TAG_BYTES:
        return t->bytes <= t->count;
    default:
        return now <= t->since_ns + t->count * MEMORY_NS;
    }
}

static bool flow_tagged(struct detect_flow *f, uint32_t bytes, uint64_t now)
{
    bool any = false;
    for (unsigned i = 0; i < f->tag_count;) {
        struct flow_tag *t = &f->tags[i];
        t->packets++;
        t->bytes += bytes;
        if (goes_on(t, now)) {
            any = true;
            i++;
        } else {
            *t = f->tags[--f->tag_count];
        }
    }
    return any;
}

/* A host has one tag, the last one: since_ns, count (what is left), value (the metric). */
static bool host_tagged(struct detect_lane *l, const struct addr *a, uint32_t bytes, uint64_t now)
{
    uint64_t key[MEMO_KEY] = {3};
    memory_put_addr(key, 2, a);
    struct memo_look look = memo_get(&l->d->memory->tags, key, false, now);
    struct memo *e = look.entry;
    bool is = e && now <= e->until_ns;
    if (is && e->value != TAG_SECONDS) {
        uint32_t n = e->value == TAG_BYTES ? bytes : 1;
        is = e->count >= n;
        e->count -= is ? n : 0;
    }
    if (e && !is)
        e->used = false;
    memo_put(&look);
    return is;
}

bool detect_tagged(struct detect_lane *l, const struct detect_input *in)
{
    const struct packet *p = in->packet;
    uint32_t bytes = p->wire_len;
    bool is = in->state && in->state->tag_count && flow_tagged(in->state, bytes, in->time_ns);
    if (!in->flow || !atomic_load_explicit(&l->d->memory->hosts_tagged, memory_order_relaxed))
        return is;
    is = host_tagged(l, &in->flow->key.src, bytes, in->time_ns) || is;
    return host_tagged(l, &in->flow->key.dst, bytes, in->time_ns) || is;
}

static void tag_host(struct look *k, const struct match_tag *m)
{
    uint64_t key[MEMO_KEY] = {3}, now = k->in->time_ns;
    memory_put_addr(key, 2, m->side == MATCH_GEO_DST ? k->dst : k->src);
    struct memo_look look = memo_get(&k->l->d->memory->tags, key, true, now);
    struct memo *e = look.entry;
    e->since_ns = now;
    e->count = m->count;
    e->value = m->metric;
    e->until_ns = now + (m->metric == TAG_SECONDS ? m->count : TAG_HOST_SECONDS) * MEMORY_NS;
    memo_put(&look);
    atomic_store_explicit(&k->l->d->memory->hosts_tagged, true, memory_order_relaxed);
}

static void tag_flow(struct look *k, const struct match_tag *m)
{
    struct detect_flow *f = k->in->state;
    uint32_t id = k->l->d->ids[k->rule->index];
    unsigned i = 0;
    while (i < f->tag_count && f->tags[i].id != id)
        i++;
    if (i == TAGS_MAX || (i < f->tag_count && f->tags[i].matches == TAG_MATCHES_MAX))
        return;
    if (!f->tags && !(f->tags = calloc(TAGS_MAX, sizeof *f->tags)))
        return;
    uint8_t matches = i < f->tag_count ? f->tags[i].matches : 0;
    if (i == f->tag_count)
        f->tag_count++;
    f->tags[i] = (struct flow_tag){.since_ns = k->in->time_ns,
                                   .id = id,
                                   .count = m->count,
                                   .metric = m->metric,
                                   .matches = (uint8_t)(matches + 1)};
}

void tags_set(struct look *k)
{
    for (uint32_t i = 0; i < k->rule->post.count; i++) {
        const struct match *m = &k->rule->post.m[i];
        if (m->kind == MATCH_TAG && m->tag->host && k->src)
            tag_host(k, m->tag);
        else if (m->kind == MATCH_TAG && !m->tag->host && k->in->state)
            tag_flow(k, m->tag);
    }
}
