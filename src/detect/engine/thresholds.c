/* How many alerts a rule gives: suppress, threshold, detection_filter, rate_filter, as Suricata counts. */
#include "detect/engine/private.h"

/* A flow's entry is kept this long after it last counted. */
#define FLOW_KEPT_NS (3600 * MEMORY_NS)

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

static void make_key(const struct look *k, const struct threshold *t, uint64_t key[MEMO_KEY])
{
    const struct rule *r = k->rule;
    memset(key, 0, MEMO_KEY * sizeof *key);
    key[0] = (uint64_t)r->gid << 32 | r->sid;
    key[1] = (uint64_t)r->rev << 32 | (uint64_t)t->type << 8 | (uint64_t)t->track << 4;
    switch (t->track) {
    case TRACK_SRC:
        memory_put_addr(key, 2, k->src);
        break;
    case TRACK_DST:
        memory_put_addr(key, 2, k->dst);
        break;
    case TRACK_BOTH:
    case TRACK_EITHER:
        memory_put_pair(key, 2, k);
        break;
    case TRACK_FLOW:
        key[2] = k->in->flow ? k->in->flow->id : 0;
        break;
    default:
        break;
    }
}

/* In its window it counts, after it a new one begins. True: it does count in the old one. */
static bool count_in_window(const struct threshold *t, struct memo *e, bool fresh, uint64_t now)
{
    if (!fresh && now <= e->since_ns + t->seconds * MEMORY_NS) {
        e->count++;
        return true;
    }
    e->since_ns = now;
    e->count = 1;
    return false;
}

static enum memory_verdict backoff(const struct threshold *t, struct memo *e, bool fresh)
{
    if (fresh)
        e->value = t->count;
    if (e->count == UINT32_MAX || ++e->count != e->value)
        return MEMORY_QUIET;
    uint64_t next = (uint64_t)e->value * t->multiplier;
    e->value = next > UINT32_MAX ? UINT32_MAX : (uint32_t)next;
    return MEMORY_ALERT;
}

/* Over its rate a rule has another action, for as long as the time-out says. value: since when, in seconds. */
static void rate(const struct threshold *t, struct memo *e, bool fresh, uint64_t now, enum rule_action *action)
{
    uint64_t seconds = now / MEMORY_NS;
    if (e->value) {
        if (seconds > (uint64_t)e->value + t->timeout)
            e->value = 0;
        else
            *action = t->new_action;
        return;
    }
    if (count_in_window(t, e, fresh, now) && e->count > t->count) {
        e->value = (uint32_t)seconds;
        *action = t->new_action;
    }
}

static enum memory_verdict judge(const struct threshold *t, struct memo *e, bool fresh, uint64_t now,
                                 enum rule_action *action)
{
    switch (t->type) {
    case THRESHOLD_BACKOFF:
        return backoff(t, e, fresh);
    case THRESHOLD_RATE:
        rate(t, e, fresh, now, action);
        return MEMORY_ALERT;
    case THRESHOLD_LIMIT:
        count_in_window(t, e, fresh, now);
        return e->count <= t->count ? MEMORY_ALERT : MEMORY_QUIET;
    case THRESHOLD_THRESHOLD:
        count_in_window(t, e, fresh, now);
        if (e->count < t->count)
            return MEMORY_NOTHING;
        e->count = 0;
        return MEMORY_ALERT;
    case THRESHOLD_BOTH:
        count_in_window(t, e, fresh, now);
        return e->count == t->count ? MEMORY_ALERT : e->count > t->count ? MEMORY_QUIET : MEMORY_NOTHING;
    default:
        return count_in_window(t, e, fresh, now) && e->count > t->count ? MEMORY_ALERT : MEMORY_NOTHING;
    }
}

static uint64_t until(const struct threshold *t, const struct memo *e, uint64_t now)
{
    uint64_t end = e->since_ns + t->seconds * MEMORY_NS;
    if (t->type == THRESHOLD_RATE && e->value)
        end += t->timeout * MEMORY_NS;
    if (t->track == TRACK_FLOW && end < now + FLOW_KEPT_NS)
        end = now + FLOW_KEPT_NS;
    return end;
}

static enum memory_verdict look_up(struct look *k, const struct threshold *t, enum rule_action *action)
{
    uint64_t key[MEMO_KEY], now = k->in->time_ns;
    if (t->type == THRESHOLD_NONE || !k->src || (t->track == TRACK_FLOW && !k->in->flow))
        return MEMORY_ALERT;
    make_key(k, t, key);
    struct memo_look look = memo_get(&k->l->d->memory->thresholds, key, true, now);
    struct memo *e = look.entry;
    /* Lanes are not at the same packet in a live run: time never goes back for an entry. */
    enum memory_verdict v = judge(t, e, look.fresh, now > e->since_ns ? now : e->since_ns, action);
    e->until_ns = until(t, e, now);
    if (look.evicted)
        counter_add(k->l->counters, detect_n.thresholds_full, 1);
    memo_put(&look);
    return v;
}

enum memory_verdict memory_allows(struct look *k, enum rule_action *action)
{
    const struct rule *r = k->rule;
    if (suppressed(k))
        return MEMORY_QUIET;
    enum memory_verdict v = look_up(k, &r->detection_filter, action);
    if (v == MEMORY_ALERT)
        v = look_up(k, &r->threshold, action);
    for (uint32_t i = 0; i < r->rate_count && v == MEMORY_ALERT; i++)
        v = look_up(k, &r->rates[i], action);
    return v;
}
