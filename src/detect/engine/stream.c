/* The stream's last bytes: each new byte is searched once, and rules that were found there but are not whole yet are
 * looked at again while what was found lies in the window. */
#include <stdlib.h>

#include "detect/engine/private.h"

/* Bytes of memory that a window keeps while it has only what is old. */
#define OWN_ROOM_MOST 16384u

/* What is kept of a segment. */
struct lent {
    struct lent *older, *newer;
    struct window *window;
    void *piece; /* packet.piece */
    bool used;   /* the window lies there, and this is on the lane's list */
};

static bool in_place(const struct window *w)
{
    return w->lent && w->lent->used;
}

static void drop(struct window *w, uint32_t n)
{
    w->len -= n;
    if (in_place(w))
        w->data += n;
    else if (n && w->len)
        memmove(w->own, w->own + n, w->len);
}

static void list_remove(struct detect_windows *l, struct lent *k)
{
    *(k->older ? &k->older->newer : &l->oldest) = k->newer;
    *(k->newer ? &k->newer->older : &l->newest) = k->older;
    k->older = k->newer = NULL;
    k->used = false;
    l->count--;
}

static void list_add(struct detect_windows *l, struct lent *k)
{
    k->older = l->newest;
    *(l->newest ? &l->newest->newer : &l->oldest) = k;
    l->newest = k;
    k->used = true;
    l->count++;
}

/* Memory of our own for so many bytes. */
static bool reserve(struct window *w, size_t n)
{
    size_t room = w->room ? w->room : 256;
    if (n <= w->room)
        return true;
    while (room < n)
        room *= 2;
    uint8_t *own = room <= UINT32_MAX ? realloc(w->own, room) : NULL;
    if (!own)
        return false;
    w->own = own;
    w->room = (uint32_t)room;
    return true;
}

/* Have them there, with room behind them. */
static bool own(struct detect_windows *l, struct window *w, uint32_t more)
{
    if (!reserve(w, (size_t)w->len + more))
        return false;
    if (in_place(w)) {
        if (w->len)
            memcpy(w->own, w->data, w->len);
        list_remove(l, w->lent);
    }
    w->data = w->own;
    return true;
}

/* What is kept and needed no more goes with a packet. */
static void leave(struct window *w, struct packet *p)
{
    if (!w->lent || w->lent->used || p->left)
        return;
    p->left = w->lent->piece;
    free(w->lent);
    w->lent = NULL;
}

/* The window goes on in the segment's memory: what it has is copied before the segment's bytes, which is no more than
 * would be copied elsewhere. Of more flows than a few it does not: memory that was used just now is faster. False:
 * there is no room. */
static bool lend(struct detect_windows *l, struct window *w, struct packet *p)
{
    if (!p->head || !l || w->len > (size_t)(p->payload - p->head))
        return false;
    struct lent *k = w->lent;
    if (!k && !(k = w->lent = calloc(1, sizeof *k)))
        return false;
    uint8_t *begin = p->head + (p->payload - p->head) - w->len;
    if (w->len)
        memcpy(begin, w->data, w->len);
    void *was = k->piece;
    k->window = w;
    k->piece = p->piece;
    p->piece = was;
    p->head = NULL;
    w->data = begin;
    if (k->used)
        list_remove(l, k);
    list_add(l, k);
    if (l->count > DETECT_LENT_MOST) {
        struct window *oldest = l->oldest->window;
        if (own(l, oldest, 0))
            leave(oldest, p);
    }
    return true;
}

/* Much came at once: room for that is not kept for the next time. */
static void trim(struct window *w)
{
    if (w->room <= OWN_ROOM_MOST)
        return;
    if (in_place(w)) {
        free(w->own);
        w->own = NULL;
        w->room = 0;
        return;
    }
    uint8_t *own = realloc(w->own, OWN_ROOM_MOST);
    if (!own)
        return;
    w->data = w->own = own;
    w->room = OWN_ROOM_MOST;
}

/* What is too old goes, but nothing that was not looked at. Returns where in the window the new bytes begin. */
static uint32_t make_room(struct detect_flow *f, enum flow_dir dir, bool gap)
{
    struct window *w = &f->window[dir];
    if (gap) {
        drop(w, w->len);
        f->fresh[dir] = f->part[dir] = 0;
    }
    uint32_t old = w->len - f->fresh[dir];
    if (old > DETECT_WINDOW) {
        uint32_t n = old - DETECT_WINDOW;
        drop(w, n);
        f->part[dir] -= f->part[dir] ? n : 0;
        old = DETECT_WINDOW;
        if (!f->fresh[dir])
            trim(w);
    }
    return old;
}

/* segment: the packet, if it may be kept; NULL: it may not. */
static bool add_bytes(struct detect_flow *f, const struct packet *p, struct packet *segment)
{
    struct window *w = &f->window[p->dir];
    if (!p->payload_len || f->stream[p->dir] >= DETECT_STREAM_DEPTH)
        return false;
    bool follows = in_place(w) && p->payload == w->data + w->len;
    if (!follows && !(segment && lend(f->windows, w, segment))) {
        if (!own(f->windows, w, p->payload_len))
            return false;
        memcpy(w->own + w->len, p->payload, p->payload_len);
    }
    w->len += p->payload_len;
    f->stream[p->dir] += p->payload_len;
    return true;
}

void stream_add(struct look *k, const struct packet *p)
{
    struct detect_flow *f = k->in->state;
    struct window *w = &f->window[k->dir];
    bool gap = !k->in->unseen_only && (p->gap || (p->flags & PACKET_GAP));
    uint32_t *part = &f->part[k->dir];
    if (*part && (!k->in->unseen_only || f->fresh[k->dir] <= w->len - *part)) { /* it was looked at */
        drop(w, *part);
        *part = 0;
        f->fresh[k->dir] = w->len;
    }
    uint32_t old = make_room(f, k->dir, gap);
    if (!k->in->unseen_only)
        add_bytes(f, p, NULL);
    uint32_t end = *part ? *part : w->len;
    if (end == old)
        return;
    f->fresh[k->dir] = w->len - end;
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

bool detect_later(const struct detect *d, struct detect_flow *f, struct packet *p)
{
    if (!d->want_window)
        return true;
    /* A gap parts what was not looked at from what comes; of two parts is kept track. */
    bool gap = (p->flags & PACKET_GAP) || p->gap;
    if ((gap && f->part[p->dir]) || f->fresh[p->dir] > DETECT_FRESH_MAX)
        return false;
    struct window *w = &f->window[p->dir];
    make_room(f, p->dir, gap && !f->fresh[p->dir]);
    if (gap && f->fresh[p->dir])
        f->part[p->dir] = w->len;
    if (add_bytes(f, p, p))
        f->fresh[p->dir] += p->payload_len;
    else
        detect_leave(f, p);
    leave(w, p);
    return true;
}

void detect_leave(struct detect_flow *f, struct packet *p)
{
    struct window *w = &f->window[p->dir];
    if (w->lent && own(f->windows, w, 0))
        leave(w, p);
}

void *detect_take_kept(struct detect_flow *f, enum flow_dir dir)
{
    struct window *w = &f->window[dir];
    void *kept = w->lent ? w->lent->piece : NULL;
    if (in_place(w)) {
        list_remove(f->windows, w->lent);
        w->len = f->fresh[dir] = f->part[dir] = 0;
        w->data = w->own;
    }
    free(w->lent);
    w->lent = NULL;
    return kept;
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
