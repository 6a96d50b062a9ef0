#include "decap/egress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"

/* Watchers of one connection: tunnels that were being opened when it began. Those beyond are not told of it. Each
 * tunnel watches EGRESS_CANDIDATES of a lane at most, which bounds them all. */
#define WATCHERS_MAX   4096u
#define WATCHERS_FIRST 4u
/* Places of the ring looked at for one that nobody watches. */
#define EVICT_LOOK 16u
/* Connections to one port, older than the reply, that are looked at for one tunnel, newest first. */
#define ANSWER_LOOK 4096u
/* Packets of a capture may be so much out of their times' order. */
#define DISORDER_NS (NS_PER_S / 10)

/* flow_ref.decap_slot: the place in the ring, from 1, and whose first bytes are complete. */
#define SLOT_DONE(dir) (UINT32_C(1) << (30 + (dir)))
#define SLOT_INDEX(v)  ((v) & (SLOT_DONE(0) - 1))

struct watcher {
    uint64_t join;
    unsigned lane;
    bool judged;
    bool mine;
    enum egress_verdict verdict;
    struct proxied_for client;
};

struct egress_start {
    uint64_t flow_id; /* 0: the place is free */
    uint64_t number;
    uint64_t time_ns;
    uint64_t realm;
    struct addr src;
    struct addr dst;
    uint16_t sport;
    uint16_t dport;
    uint64_t end_number; /* of the flow's end; 0: it lives */
    uint32_t older;      /* of the same port: place, from 1 */
    uint32_t newer;
    uint32_t bucket;
    struct egress_prefix prefix[2];
    uint16_t watching;
    uint16_t room; /* for watchers */
    struct watcher *watchers;
};

struct egress_held {
    struct egress_held *next;
    struct flow_end *end;
    uint32_t slot;
    bool over_told;
};

int egress_init(struct egress_index *x, struct lanes_shared *lanes, unsigned lane, uint64_t memcap, uint64_t window_ns)
{
    *x = (struct egress_index){.lanes = lanes, .lane = lane, .window_ns = window_ns};
    uint64_t size = memcap / (sizeof(struct egress_start) + 2 * sizeof(uint32_t));
    if (size == 0)
        return 0;
    x->size = size > SLOT_DONE(0) / 2 ? SLOT_DONE(0) / 2 : (uint32_t)size;
    uint32_t buckets = 1;
    while (buckets < x->size / 2)
        buckets *= 2;
    x->mask = buckets - 1;
    /* From the system, untouched: what is never used never counts. */
    x->starts = calloc(x->size, sizeof *x->starts);
    x->buckets = calloc(buckets, sizeof *x->buckets);
    return x->starts && x->buckets ? 0 : -ENOMEM;
}

void egress_fini(struct egress_index *x)
{
    for (uint32_t i = 0; x->starts && i < x->size; i++)
        free(x->starts[i].watchers);
    while (x->asked_first) {
        struct egress_news *n = x->asked_first;
        x->asked_first = (struct egress_news *)n->news.node.next;
        free(n);
    }
    free(x->starts);
    free(x->buckets);
    x->starts = NULL;
    x->buckets = NULL;
}

static uint32_t bucket_of(const struct egress_index *x, uint16_t dport)
{
    return (uint32_t)hash_mix(dport, 0) & x->mask;
}

static struct egress_start *start_of(const struct egress_index *x, uint32_t slot, uint64_t flow_id)
{
    if (slot == 0 || slot > x->size || x->starts[slot - 1].flow_id != flow_id)
        return NULL;
    return &x->starts[slot - 1];
}

static void unlink_start(struct egress_index *x, uint32_t slot)
{
    struct egress_start *s = &x->starts[slot - 1];
    if (s->newer)
        x->starts[s->newer - 1].older = s->older;
    else
        x->buckets[s->bucket] = s->older;
    if (s->older)
        x->starts[s->older - 1].newer = s->newer;
    s->flow_id = 0;
}

/* The next place that nobody watches, freed; 0: none near. */
static uint32_t take_slot(struct egress_index *x)
{
    for (unsigned i = 0; i < EVICT_LOOK; i++) {
        uint32_t slot = x->next + 1;
        x->next = slot % x->size;
        struct egress_start *s = &x->starts[slot - 1];
        if (s->watching)
            continue;
        if (s->flow_id)
            unlink_start(x, slot);
        return slot;
    }
    return 0;
}

static void begin(struct egress_index *x, const struct packet *p)
{
    struct flow_ref *flow = p->flow;
    uint32_t slot = take_slot(x);
    if (slot == 0) {
        x->dropped++;
        return;
    }
    struct egress_start *s = &x->starts[slot - 1];
    free(s->watchers);
    *s = (struct egress_start){.flow_id = 0};
    s->flow_id = flow->id;
    s->number = p->item.number;
    s->time_ns = p->time_ns;
    s->realm = flow_realm(flow);
    s->src = flow->key.src;
    s->dst = flow->key.dst;
    s->sport = flow->key.sport;
    s->dport = flow->key.dport;
    s->bucket = bucket_of(x, s->dport);
    s->older = x->buckets[s->bucket];
    s->newer = 0;
    if (s->older)
        x->starts[s->older - 1].newer = slot;
    x->buckets[s->bucket] = slot;
    flow->decap_slot = slot;
}

/* More of a direction's first bytes. A gap before them ends what can be compared. */
static void add_bytes(struct egress_prefix *f, const struct packet *p)
{
    uint32_t room = EGRESS_PREFIX - f->len;
    f->cut = p->gap || (p->flags & PACKET_GAP);
    uint32_t n = f->cut ? 0 : p->payload_len < room ? p->payload_len : room;
    if (n)
        memcpy(f->bytes + f->len, p->payload, n);
    f->len = (uint8_t)(f->len + n);
    f->last = n ? p->item.number : f->last;
    f->final = p->flags & PACKET_EOF;
    if (!f->cut && (f->len == EGRESS_PREFIX || f->final))
        f->number = p->item.number;
}

/* Does it say more of its direction's bytes? */
static bool told_more(const struct packet *p)
{
    return p->payload_len || p->gap || (p->flags & (PACKET_EOF | PACKET_GAP));
}

bool egress_see(struct egress_index *x, const struct packet *p)
{
    struct flow_ref *flow = p->flow;
    if (!x->starts)
        return false;
    if (flow->decap_slot == 0) {
        bool first =
            p->item.kind == ITEM_PACKET && flow->id == (p->flow_id ? p->flow_id : flow_id_make(p->item.number, 0));
        if (first && (p->d.tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
            begin(x, p);
        return false;
    }
    if ((flow->decap_slot & SLOT_DONE(p->dir)) || !told_more(p))
        return false;
    struct egress_start *s = start_of(x, SLOT_INDEX(flow->decap_slot), flow->id);
    if (s)
        add_bytes(&s->prefix[p->dir], p);
    if (!s || s->prefix[p->dir].number || s->prefix[p->dir].cut)
        flow->decap_slot |= SLOT_DONE(p->dir);
    return s && s->watching;
}

static struct egress_news news_of(const struct egress_index *x, const struct egress_start *s, enum news_kind kind,
                                  uint64_t number, uint64_t join)
{
    return (struct egress_news){.news = {.number = number, .kind = (uint8_t)kind},
                                .from = x->lane,
                                .join = join,
                                .flow_id = s->flow_id,
                                .slot = (uint32_t)(s - x->starts) + 1};
}

void egress_tell(struct egress_index *x, const struct packet *p, egress_send_fn send, void *ctx)
{
    struct egress_start *s = x->starts ? start_of(x, SLOT_INDEX(p->flow->decap_slot), p->flow->id) : NULL;
    if (!s || !s->watching)
        return;
    for (int d = 0; d < 2; d++) {
        if (s->prefix[d].number != p->item.number)
            continue;
        for (unsigned i = 0; i < s->watching; i++) {
            struct egress_news n = news_of(x, s, NEWS_EGRESS_BYTES, p->item.number, s->watchers[i].join);
            n.dir = (enum flow_dir)d;
            n.prefix = s->prefix[d];
            send(ctx, s->watchers[i].lane, &n);
        }
    }
}

/* From now on the join is told of this connection. */
static bool watch(struct egress_start *s, const struct egress_news *ask)
{
    if (s->watching == s->room) {
        unsigned room = s->room ? 2u * s->room : WATCHERS_FIRST;
        struct watcher *more = room <= WATCHERS_MAX ? realloc(s->watchers, room * sizeof *more) : NULL;
        if (!more)
            return false;
        s->watchers = more;
        s->room = (uint16_t)room;
    }
    s->watchers[s->watching++] = (struct watcher){.join = ask->join, .lane = ask->from};
    return true;
}

/* The server ended it without a byte before the proxy said yes: it was refused. */
static bool refused(const struct egress_start *s, const struct egress_news *ask)
{
    const struct egress_prefix *f = &s->prefix[TO_CLIENT];
    return f->number && f->number < ask->news.number && f->len == 0;
}

static bool fits(const struct egress_index *x, const struct egress_start *s, const struct egress_news *ask)
{
    if (s->dport != ask->port || s->realm != ask->realm || s->number >= ask->news.number || s->time_ns < ask->from_ns)
        return false;
    if (ask->until_ns > s->time_ns + x->window_ns || (s->end_number && s->end_number < ask->news.number))
        return false;
    if (ask->target.family != ADDR_NONE && !addr_equal(&s->dst, &ask->target))
        return false;
    if (refused(s, ask))
        return false;
    return !addr_equal(&s->src, &ask->client) && !addr_equal(&s->dst, &ask->proxy);
}

static void list(struct egress_news *out, const struct egress_index *x, struct egress_start *s,
                 const struct egress_news *ask, bool own)
{
    out->count++;
    if (out->listed == EGRESS_CANDIDATES || !watch(s, ask))
        return;
    struct egress_candidate *c = &out->found[out->listed++];
    *c = (struct egress_candidate){.flow_id = s->flow_id,
                                   .number = s->number,
                                   .src = s->src,
                                   .dst = s->dst,
                                   .sport = s->sport,
                                   .dport = s->dport,
                                   .lane = x->lane,
                                   .slot = (uint32_t)(s - x->starts) + 1,
                                   .own = own};
    for (int d = 0; d < 2; d++)
        if (s->prefix[d].number)
            c->prefix[d] = s->prefix[d];
}

void egress_answer(struct egress_index *x, const struct egress_news *ask, egress_send_fn send, void *ctx)
{
    _Alignas(struct egress_news)
        uint8_t space[sizeof(struct egress_news) + EGRESS_CANDIDATES * sizeof(struct egress_candidate)];
    struct egress_news *out = (struct egress_news *)space;
    memset(out, 0, sizeof *out);
    out->news = (struct news){.number = ask->news.number, .kind = NEWS_EGRESS_FOUND};
    out->from = x->lane;
    out->join = ask->join;
    /* The proxy's own first, so that others never take their places. */
    for (int own = 1; own >= 0; own--) {
        uint32_t slot = x->starts ? x->buckets[bucket_of(x, ask->port)] : 0;
        unsigned look = 0;
        while (slot) {
            struct egress_start *s = &x->starts[slot - 1];
            slot = s->older;
            if (s->time_ns + DISORDER_NS < ask->from_ns)
                break;
            /* How many came since is a matter of timing. */
            if (s->number >= ask->news.number)
                continue;
            if (++look > ANSWER_LOOK) {
                out->count++; /* there may be others */
                break;
            }
            if (addr_equal(&s->src, &ask->proxy) == (own == 1) && fits(x, s, ask))
                list(out, x, s, ask, own == 1);
        }
    }
    send(ctx, ask->from, out);
}

void egress_keep(struct egress_index *x, struct egress_news *ask)
{
    ask->news.node.next = NULL;
    if (x->asked_last)
        x->asked_last->news.node.next = &ask->news.node;
    else
        x->asked_first = ask;
    x->asked_last = ask;
}

void egress_turn(struct egress_index *x, uint64_t seen, egress_send_fn send, void *ctx)
{
    struct egress_news *n = x->asked_first;
    x->asked_first = x->asked_last = NULL;
    while (n) {
        struct egress_news *next = (struct egress_news *)n->news.node.next;
        if (x->lanes->live || seen + 1 >= n->news.number) {
            egress_answer(x, n, send, ctx);
            free(n);
        } else {
            egress_keep(x, n);
        }
        n = next;
    }
}

bool egress_hold(struct egress_index *x, struct flow_end *end)
{
    uint32_t slot = SLOT_INDEX(end->flow->decap_slot);
    struct egress_start *s = x->starts ? start_of(x, slot, end->flow->id) : NULL;
    struct egress_held *h = s ? malloc(sizeof *h) : NULL;
    if (!h)
        return false;
    s->end_number = end->item.number;
    *h = (struct egress_held){.end = end, .slot = slot};
    if (x->held_last)
        x->held_last->next = h;
    else
        x->held_first = h;
    x->held_last = h;
    return true;
}

bool egress_holds(const struct egress_index *x)
{
    return x->held_first != NULL;
}

void egress_judged(struct egress_index *x, const struct egress_news *verdict)
{
    struct egress_start *s = x->starts ? start_of(x, verdict->slot, verdict->flow_id) : NULL;
    for (unsigned i = 0; s && i < s->watching; i++) {
        struct watcher *w = &s->watchers[i];
        if (w->join != verdict->join)
            continue;
        w->judged = true;
        w->verdict = verdict->verdict;
        w->client = verdict->whose;
    }
}

/* All who watch have judged; they are asked once. */
static bool all_judged(struct egress_index *x, struct egress_held *h, egress_send_fn send, void *ctx)
{
    struct egress_start *s = start_of(x, h->slot, h->end->flow->id);
    bool all = true;
    for (unsigned i = 0; s && i < s->watching; i++) {
        struct watcher *w = &s->watchers[i];
        if (!w->judged && !h->over_told) {
            /* The last packet's number, not the end's: when a quiet flow ends is a matter of timing. */
            struct egress_news n = news_of(x, s, NEWS_EGRESS_OVER, h->end->last_number + 1, w->join);
            send(ctx, w->lane, &n);
        }
        all &= w->judged;
    }
    h->over_told = true;
    return all;
}

/* Whose is it? A payload that agrees counts more than the time; two of the same kind are nobody's. */
static void conclude(struct egress_index *x, struct egress_held *h)
{
    struct egress_start *s = start_of(x, h->slot, h->end->flow->id);
    const struct watcher *mine = NULL;
    bool doubt = false;
    for (unsigned i = 0; s && i < s->watching; i++) {
        const struct watcher *w = &s->watchers[i];
        if (w->verdict == EGRESS_NOT_MINE || (mine && w->verdict < mine->verdict))
            continue;
        doubt = mine && w->verdict == mine->verdict;
        mine = w;
    }
    struct flow_more *more = mine && !doubt ? flow_end_more(h->end) : NULL;
    if (more && (more->proxied_for = malloc(sizeof *more->proxied_for)))
        *more->proxied_for = mine->client;
    if (s) {
        free(s->watchers);
        s->watchers = NULL;
        s->watching = s->room = 0;
        unlink_start(x, h->slot);
    }
}

struct flow_end *egress_release(struct egress_index *x, uint64_t low, egress_send_fn send, void *ctx)
{
    struct egress_held *before = NULL;
    for (struct egress_held *h = x->held_first; h; before = h, h = h->next) {
        /* Ends come in order of their numbers. */
        if (!x->lanes->live && low < h->end->item.number)
            return NULL;
        if (!all_judged(x, h, send, ctx))
            continue;
        conclude(x, h);
        if (before)
            before->next = h->next;
        else
            x->held_first = h->next;
        if (x->held_last == h)
            x->held_last = before;
        struct flow_end *end = h->end;
        free(h);
        return end;
    }
    return NULL;
}
