/* The stream's last bytes: each new byte is searched once, and rules that were found there but are not whole yet are
 * looked at again while what was found lies in the window. */
#include <stdlib.h>

#include "detect/engine/private.h"

void stream_add(struct look *k, const struct packet *p)
{
    struct detect_flow *f = k->in->state;
    struct buf *w = &f->window[k->dir];
    if (p->gap)
        buf_clear(w);
    if (w->len > DETECT_WINDOW)
        buf_drop(w, w->len - DETECT_WINDOW);
    uint32_t old = (uint32_t)w->len;
    if (!p->payload_len || f->stream[k->dir] >= DETECT_STREAM_DEPTH || !buf_add(w, p->payload, p->payload_len))
        return;
    f->stream[k->dir] += p->payload_len;
    k->stream = (struct inspect_bytes){w->data, w->len};
    k->stream_old = old;
    k->has_stream = true;
}

/* Before the new bytes only so many as the longest pattern may need. */
void stream_search(struct look *k, const struct slot *s, bool whole)
{
    struct detect_flow *f = k->in->state;
    uint32_t from = k->stream_old > s->longest ? k->stream_old - s->longest : 0;
    if (whole || f->research[k->dir])
        from = 0;
    lane_search(k->l, s, (struct inspect_bytes){k->stream.p + from, k->stream.n - from});
}

void stream_recent(struct look *k)
{
    struct detect_flow *f = k->in->state;
    struct recent *r = f->recent[k->dir];
    uint32_t fresh = (uint32_t)k->stream.n - k->stream_old;
    unsigned kept = 0;
    f->research[k->dir] -= f->research[k->dir] < fresh ? f->research[k->dir] : fresh;
    for (unsigned i = 0; i < f->recent_count[k->dir]; i++) {
        lane_candidate(k->l, r[i].rule);
        if (r[i].left > fresh)
            r[kept++] = (struct recent){r[i].rule, r[i].left - fresh};
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
    if (!has_more(k->rule) || k->rule->fast.buffer >= k->rule->buffer_count || !k->rule->fast.has)
        return;
    if (!r && !(r = f->recent[k->dir] = calloc(RECENT_MAX, sizeof *r)))
        return;
    for (unsigned i = 0; i < f->recent_count[k->dir]; i++)
        if (r[i].rule == k->rule->index)
            return;
    if (f->recent_count[k->dir] == RECENT_MAX)
        f->research[k->dir] = DETECT_WINDOW;
    else
        r[f->recent_count[k->dir]++] = (struct recent){k->rule->index, DETECT_WINDOW};
}
