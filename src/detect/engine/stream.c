/* The stream's last bytes: each new byte is searched once, and rules that were found there but are not whole yet are
 * looked at again while what was found lies in the window. */
#include <stdlib.h>

#include "detect/engine/private.h"

/* What is too old goes, but nothing that was not looked at. Returns where in the window the new bytes begin. */
static uint32_t make_room(struct detect_flow *f, enum flow_dir dir, bool gap)
{
    struct buf *w = &f->window[dir];
    if (gap) {
        buf_clear(w);
        f->fresh[dir] = f->part[dir] = 0;
    }
    size_t old = w->len - f->fresh[dir];
    if (old > DETECT_WINDOW) {
        size_t drop = old - DETECT_WINDOW;
        buf_drop(w, drop);
        f->part[dir] -= f->part[dir] ? (uint32_t)drop : 0;
        old = DETECT_WINDOW;
    }
    return (uint32_t)old;
}

static bool add_bytes(struct detect_flow *f, const struct packet *p)
{
    if (!p->payload_len || f->stream[p->dir] >= DETECT_STREAM_DEPTH ||
        !buf_add(&f->window[p->dir], p->payload, p->payload_len))
        return false;
    f->stream[p->dir] += p->payload_len;
    return true;
}

void stream_add(struct look *k, const struct packet *p)
{
    struct detect_flow *f = k->in->state;
    struct buf *w = &f->window[k->dir];
    bool gap = !k->in->unseen_only && (p->gap || (p->flags & PACKET_GAP));
    uint32_t *part = &f->part[k->dir];
    if (*part && (!k->in->unseen_only || f->fresh[k->dir] <= w->len - *part)) { /* it was looked at */
        buf_drop(w, *part);
        *part = 0;
        f->fresh[k->dir] = (uint32_t)w->len;
    }
    uint32_t old = make_room(f, k->dir, gap);
    if (!k->in->unseen_only)
        add_bytes(f, p);
    size_t end = *part ? *part : w->len;
    if (end == old)
        return;
    f->fresh[k->dir] = (uint32_t)(w->len - end);
    if (f->stream[k->dir] >= DETECT_STREAM_DEPTH && !f->depth_told[k->dir]) {
        f->depth_told[k->dir] = true;
        counter_add(k->l->counters, detect_n.depth, 1);
    }
    k->stream = (struct inspect_bytes){w->data, end};
    k->stream_old = old;
    k->has_stream = true;
}

bool detect_unseen(const struct detect_flow *f, enum flow_dir dir)
{
    return f->fresh[dir] != 0;
}

bool detect_parted(const struct detect_flow *f, enum flow_dir dir)
{
    return f->part[dir] != 0;
}

bool detect_later(const struct detect *d, struct detect_flow *f, const struct packet *p)
{
    if (!d->want_window)
        return true;
    /* A gap parts what was not looked at from what comes; of two parts is kept track. */
    bool gap = (p->flags & PACKET_GAP) || p->gap;
    if ((gap && f->part[p->dir]) || f->fresh[p->dir] > DETECT_FRESH_MAX)
        return false;
    make_room(f, p->dir, gap && !f->fresh[p->dir]);
    if (gap && f->fresh[p->dir])
        f->part[p->dir] = (uint32_t)f->window[p->dir].len;
    if (add_bytes(f, p))
        f->fresh[p->dir] += p->payload_len;
    return true;
}

bool detect_wants_stream(const struct detect *d, const struct detect_flow *f)
{
    return d->want_window && !f->passed && (f->stream[0] < DETECT_STREAM_DEPTH || f->stream[1] < DETECT_STREAM_DEPTH);
}

static struct inspect_bytes head_of(const struct slot *s, struct inspect_bytes b)
{
    return (struct inspect_bytes){b.p, b.n < s->reach ? b.n : s->reach};
}

void payload_search(struct look *k, const struct slot *s)
{
    if (s->kind == SLOT_PLACED)
        placed_search(k->l, s, k->payload, 0);
    else if (s->kind != SLOT_SMALL || k->payload.n <= s->reach)
        lane_search(k->l, s, s->kind == SLOT_HEAD ? head_of(s, k->payload) : k->payload);
}

uint64_t stream_before(const struct look *k)
{
    uint64_t all = k->in->state ? k->in->state->stream[k->dir] : 0;
    return all > k->stream.n ? all - k->stream.n : 0;
}

/* Is there something new in its first bytes? */
static bool head_is_new(const struct look *k, const struct slot *s, bool whole)
{
    return stream_before(k) < s->reach && (whole || stream_before(k) + k->stream_old < s->reach);
}

/* Before the new bytes only so many as the longest pattern may need. */
void stream_search(struct look *k, const struct slot *s, bool whole)
{
    struct detect_flow *f = k->in->state;
    if (s->kind == SLOT_SMALL)
        return;
    if (s->kind == SLOT_HEAD || s->kind == SLOT_PLACED) {
        if (!head_is_new(k, s, whole))
            return;
        if (s->kind == SLOT_HEAD)
            lane_search(k->l, s, head_of(s, k->stream));
        else
            placed_search(k->l, s, k->stream, stream_before(k));
        return;
    }
    uint32_t from = k->stream_old > s->longest ? k->stream_old - s->longest : 0;
    if (whole || f->research[k->dir])
        from = 0;
    lane_search(k->l, s, (struct inspect_bytes){k->stream.p + from, k->stream.n - from});
}

/* What is out of the window stays until it was looked at for the last time: what comes of that look is no reason to
 * keep it. */
void stream_recent(struct look *k)
{
    struct detect_flow *f = k->in->state;
    struct recent *r = f->recent[k->dir];
    uint32_t fresh = (uint32_t)k->stream.n - k->stream_old;
    unsigned kept = 0;
    f->research[k->dir] -= f->research[k->dir] < fresh ? f->research[k->dir] : fresh;
    for (unsigned i = 0; i < f->recent_count[k->dir]; i++) {
        uint32_t rule = identity_find(k->l->d, r[i].id);
        if (rule == RULE_GONE || !r[i].left)
            continue;
        bool again = k->l->marks[rule] == k->l->epoch;
        lane_candidate(k->l, rule);
        r[kept++] = (struct recent){r[i].id, again ? DETECT_WINDOW : r[i].left > fresh ? r[i].left - fresh : 0};
    }
    f->recent_count[k->dir] = (uint8_t)kept;
}

/* Can more of it be in bytes that are still to come? */
static bool has_more(const struct rule *r)
{
    return r->buffer_count > 1 || (r->buffer_count == 1 && r->buffers[0].matches.count > 1);
}

void stream_remember(struct look *k)
{
    struct detect_flow *f = k->in->state;
    struct recent *r = f->recent[k->dir];
    uint32_t id = k->l->d->ids[k->rule->index];
    if (!has_more(k->rule) || k->rule->fast.buffer >= k->rule->buffer_count || !k->rule->fast.has)
        return;
    if (!r && !(r = f->recent[k->dir] = calloc(RECENT_MAX, sizeof *r)))
        return;
    for (unsigned i = 0; i < f->recent_count[k->dir]; i++)
        if (r[i].id == id)
            return;
    if (f->recent_count[k->dir] == RECENT_MAX)
        f->research[k->dir] = DETECT_WINDOW;
    else
        r[f->recent_count[k->dir]++] = (struct recent){id, DETECT_WINDOW};
}
