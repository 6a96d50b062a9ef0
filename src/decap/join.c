#include "decap/join.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "decap/tunnel.h"

/* So many equal first bytes say something; fewer do if both sides end there. */
#define TELLING 16u
/* So many of them that are neither text nor zero are no chance: random bytes, as in a TLS hello. */
#define PROVING           12u
#define JOIN_WAIT_LIVE_NS NS_PER_S

enum likeness {
    UNLIKE,
    UNKNOWN,
    ALIKE, /* others may say the same */
    PROVEN,
};

static struct join **bucket_of(struct decap_stage *ds, uint64_t id)
{
    return &ds->joins[(id ^ id >> FLOW_ID_SUB_BITS) % JOIN_BUCKETS];
}

static struct join *find(struct decap_stage *ds, uint64_t id)
{
    struct join *j = *bucket_of(ds, id);
    while (j && j->id != id)
        j = j->hash_next;
    return j;
}

/* Could the proxy have made a connection of its own for this tunnel that the offer tells us how to find? */
static bool eligible(const struct stage *s, const struct tunnel_offer *o)
{
    bool tcp = o->proto == 0 || o->proto == 6;
    return s->settings->decap.names.egress && tcp && !o->by_carrier && o->relay == RELAY_NOT &&
           o->client.family == ADDR_NONE;
}

struct join *join_begin(struct stage *s, struct tunnel *t)
{
    struct decap_stage *ds = s->state;
    const struct tunnel_offer *o = &t->offer->tunnel;
    const struct flow_key *c = &t->carrier->flow->key;
    struct join *j = eligible(s, o) ? calloc(1, sizeof *j) : NULL;
    if (!j)
        return NULL;
    struct join **at = bucket_of(ds, t->id);
    j->id = t->id;
    j->tunnel = t;
    j->whose = (struct proxied_for){.flow_id = t->id, .src = t->key.src, .sport = t->key.sport};
    j->rewritten = o->rewritten;
    j->replies_due = s->lanes->count;
    j->hash_next = *at;
    *at = j;
    struct egress_news ask = {.news = {.number = t->number, .kind = NEWS_EGRESS_ASK},
                              .from = s->lane,
                              .join = t->id,
                              .realm = flow_realm(t->carrier->flow),
                              .proxy = o->swap ? c->src : c->dst,
                              .client = o->swap ? c->dst : c->src,
                              .target = o->addr,
                              .port = o->port,
                              .from_ns = o->start_ns,
                              .until_ns = t->open_ns};
    for (unsigned i = 0; i < s->lanes->count; i++)
        decap_send(s, i, &ask);
    return j;
}

void join_bytes(struct join *j, enum flow_dir dir, uint64_t number, const struct tunnel_bytes *b)
{
    struct egress_prefix *f = &j->own[dir];
    if (f->number || f->cut)
        return;
    uint32_t room = EGRESS_PREFIX - f->len;
    f->cut = b->gap;
    uint32_t n = f->cut ? 0 : b->len < room ? b->len : room;
    if (n)
        memcpy(f->bytes + f->len, b->bytes, n);
    f->len = (uint8_t)(f->len + n);
    f->last = n ? number : f->last;
    f->final = b->eof;
    if (!f->cut && (f->final || f->len == EGRESS_PREFIX))
        f->number = number;
}

/* The request line up to the protocol's version: a proxy changes that, and the headers. 0: not that far. */
static uint8_t request_length(const struct egress_prefix *f)
{
    const uint8_t *method = memchr(f->bytes, ' ', f->len);
    if (!method)
        return 0;
    size_t done = (size_t)(method + 1 - f->bytes);
    const uint8_t *target = memchr(method + 1, ' ', f->len - done);
    if (!target && f->len == EGRESS_PREFIX)
        return EGRESS_PREFIX;
    return target ? (uint8_t)(target - f->bytes) : 0;
}

static enum likeness compare_requests(const struct egress_prefix *own, const struct egress_prefix *theirs)
{
    uint8_t n = request_length(own);
    if (n == 0 || theirs->len < n)
        return UNKNOWN;
    if (n != request_length(theirs) || memcmp(own->bytes, theirs->bytes, n) != 0)
        return UNLIKE;
    return n >= TELLING ? ALIKE : UNKNOWN; /* "GET /" says little */
}

/* Is there enough in these bytes that nobody else would say the same? */
static bool proving(const uint8_t *p, uint8_t n)
{
    unsigned odd = 0;
    for (unsigned i = 0; i < n; i++)
        odd += p[i] >= 0x7f || (p[i] != 0 && p[i] < ' ' && p[i] != '\r' && p[i] != '\n' && p[i] != '\t');
    return odd >= PROVING;
}

/* Compare one direction, of what both sides had before packet `number`. over: the tunnel's bytes are all there. */
static enum likeness compare(const struct join *j, const struct join_candidate *k, enum flow_dir dir, uint64_t number,
                             bool over)
{
    const struct egress_prefix *own = &j->own[dir], *theirs = &k->c.prefix[dir];
    bool own_ready = !own->cut && (over || (own->number && own->number < number));
    if (!own_ready || !theirs->number || theirs->number >= number)
        return UNKNOWN;
    /* The proxy sends on what it got: not before. */
    const struct egress_prefix *sooner = dir == TO_SERVER ? own : theirs, *later = dir == TO_SERVER ? theirs : own;
    bool order = sooner->last <= later->last;
    if (j->rewritten)
        return order ? compare_requests(own, theirs) : UNLIKE;
    uint8_t n = own->len < theirs->len ? own->len : theirs->len;
    if (memcmp(own->bytes, theirs->bytes, n) != 0)
        return UNLIKE;
    if (proving(own->bytes, n))
        return PROVEN;
    if (n < TELLING && (n == 0 || own->len != theirs->len))
        return UNKNOWN;
    return order ? ALIKE : UNLIKE;
}

static enum likeness likeness(const struct join *j, const struct join_candidate *k, uint64_t number, bool over)
{
    enum likeness up = compare(j, k, TO_SERVER, number, over);
    enum likeness down = j->rewritten ? UNKNOWN : compare(j, k, TO_CLIENT, number, over);
    if (up == UNLIKE || down == UNLIKE)
        return UNLIKE;
    return up > down ? up : down;
}

/* Which candidate it is by all that was seen before packet `number`, and by nothing else. NULL: none, or in doubt.
 * Proof needs no more; text that agrees must be the only one that can; and so must the proxy's own connection, if there
 * is nothing to compare. */
static const struct join_candidate *choose(const struct join *j, uint64_t number, bool over, struct join_choice *out)
{
    const struct join_candidate *of[PROVEN + 1] = {NULL}, *own = NULL;
    unsigned n[PROVEN + 1] = {0}, owns = 0;
    for (unsigned i = 0; i < j->count; i++) {
        const struct join_candidate *k = &j->candidates[i];
        enum likeness l = likeness(j, k, number, over);
        of[l] = k;
        n[l]++;
        if (l == UNKNOWN && k->c.own) {
            own = k;
            owns++;
        }
    }
    unsigned hidden = j->total - j->count;
    *out = (struct join_choice){.how = EGRESS_BY_PAYLOAD};
    if (n[PROVEN]) {
        out->doubtful = n[PROVEN] > 1 ? n[PROVEN] : 0;
        return n[PROVEN] == 1 ? of[PROVEN] : NULL;
    }
    if (n[ALIKE]) {
        unsigned others = n[ALIKE] - 1 + n[UNKNOWN] + hidden;
        out->doubtful = others ? others + 1 : 0;
        return others ? NULL : of[ALIKE];
    }
    out->how = EGRESS_BY_TIME;
    out->contradicted = j->owns && !owns && !hidden;
    unsigned all = n[UNKNOWN] + hidden;
    out->doubtful = owns && all > 1 ? all : 0;
    return owns && all == 1 ? own : NULL;
}

/* Every lane has told all up to this packet, and the tunnel's own bytes are here. */
static uint64_t told_by_all(const struct stage *s, const struct join *j)
{
    const struct decap_stage *ds = s->state;
    uint64_t low = decap_seen(ds);
    if (s->lanes->live)
        return UINT64_MAX - 1;
    /* Those of a tunnel in a tunnel come once their packet went round: which never waits for what is parked. */
    if (j->tunnel->carrier->flow->link && ds->open_first && ds->open_first->item.number <= low)
        low = ds->open_first->item.number - 1;
    for (unsigned i = 0; i < s->lanes->count; i++) {
        uint64_t t = atomic_load_explicit(&s->lanes->progress[i].told, memory_order_acquire);
        if (i != s->lane && t < low)
            low = t;
    }
    return low;
}

/* The packet at which waiting for the payload ends. That the tunnel is over doesn't end it: when that is known is a
 * matter of timing. */
static uint64_t patience(const struct stage *s, const struct join *j)
{
    const struct tunnel *t = j->tunnel;
    const struct decap_stage *ds = s->state;
    uint64_t until = t->number + JOIN_WAIT_ALL;
    for (int d = 0; d < 2; d++)
        if (j->own[d].number && j->own[d].number + JOIN_WAIT < until)
            until = j->own[d].number + JOIN_WAIT;
    if (s->lanes->live && ds->now_ns > t->open_ns + JOIN_WAIT_LIVE_NS)
        until = 0;
    return until;
}

/* The next moment, as a number to decide at, at which there is more to compare; UINT64_MAX: none. */
static uint64_t next_moment(const struct join *j)
{
    uint64_t next = UINT64_MAX;
    for (int d = 0; d < 2; d++) {
        if (j->own[d].number >= j->looked && j->own[d].number < next)
            next = j->own[d].number;
        for (unsigned i = 0; i < j->count; i++) {
            uint64_t n = j->candidates[i].c.prefix[d].number;
            if (n >= j->looked && n < next)
                next = n;
        }
    }
    return next == UINT64_MAX ? next : next + 1;
}

/* The first moment at which the payload tells; if none does, what is left at the last. False: wait. */
static bool by_payload(struct stage *s, struct join *j, struct addr *out)
{
    uint64_t told = told_by_all(s, j);
    decap_receive(s);
    uint64_t until = patience(s, j);
    struct join_choice c;
    for (uint64_t at = next_moment(j); at <= told + 1 && at <= until; at = next_moment(j)) {
        const struct join_candidate *k = choose(j, at, false, &c);
        j->looked = at;
        if (k && c.how == EGRESS_BY_PAYLOAD) {
            *out = k->c.dst;
            return true;
        }
    }
    if (told < until)
        return false;
    const struct join_candidate *left = choose(j, until > j->looked ? until : j->looked, false, &c);
    if (left)
        *out = left->c.dst;
    return true;
}

bool join_address(struct stage *s, struct join *j, struct addr *out)
{
    *out = (struct addr){.family = ADDR_NONE};
    if (j->replies_due)
        return false;
    const struct join_candidate *k = j->candidates;
    bool same = j->owns == j->total;
    for (unsigned i = 1; i < j->count; i++)
        same = same && addr_equal(&k[i].c.dst, &k->c.dst);
    if (j->count && same)
        *out = k->c.dst;
    /* Names must not wait for what comes later. */
    if (j->count == 0 || same || tunnel_teaches(j->tunnel))
        return true;
    return by_payload(s, j, out);
}

static void give_verdict(struct stage *s, struct join *j, struct join_candidate *k, enum egress_verdict verdict)
{
    if (k->given)
        return;
    k->given = true;
    struct egress_news n = {.news = {.kind = NEWS_EGRESS_VERDICT},
                            .from = s->lane,
                            .join = j->id,
                            .flow_id = k->c.flow_id,
                            .slot = k->c.slot,
                            .verdict = verdict,
                            .whose = j->whose};
    decap_send(s, k->c.lane, &n);
}

/* Lanes whose candidate is over want to know now. What is said of one doesn't count for another: in which order they
 * are asked about is a matter of timing. */
static void answer_over(struct stage *s, struct join *j)
{
    if (j->replies_due)
        return;
    for (unsigned i = 0; i < j->count; i++) {
        struct join_candidate *k = &j->candidates[i];
        if (!k->over || k->given)
            continue;
        struct join_choice c;
        const struct join_candidate *best = choose(j, k->over, false, &c);
        give_verdict(s, j, k, best == k ? c.how : EGRESS_NOT_MINE);
    }
}

bool join_conclude(struct stage *s, struct join *j, uint64_t number)
{
    if (j->decided)
        return true;
    if (j->replies_due || (j->count && !news_ready(s->lanes, s->lane, number, UINT64_MAX)))
        return false;
    decap_receive(s);
    j->chosen = choose(j, number, true, &j->choice);
    j->decided = true;
    return true;
}

static void join_free(struct stage *s, struct join *j)
{
    struct decap_stage *ds = s->state;
    struct join **at = bucket_of(ds, j->id);
    while (*at != j)
        at = &(*at)->hash_next;
    *at = j->hash_next;
    free(j->candidates);
    free(j);
}

/* One that stayed is not needed any more. */
static void leave(struct stage *s, struct join *j)
{
    struct decap_stage *ds = s->state;
    if (j->older)
        j->older->newer = j->newer;
    else
        ds->left_first = j->newer;
    if (j->newer)
        j->newer->older = j->older;
    else
        ds->left_last = j->older;
    ds->left--;
    join_free(s, j);
}

static bool all_given(const struct join *j)
{
    unsigned i = 0;
    while (i < j->count && j->candidates[i].given)
        i++;
    return i == j->count;
}

void join_end(struct stage *s, struct join **join)
{
    struct decap_stage *ds = s->state;
    struct join *j = *join;
    *join = NULL;
    j->tunnel = NULL;
    if (all_given(j)) {
        join_free(s, j);
        return;
    }
    j->older = ds->left_last;
    if (ds->left_last)
        ds->left_last->newer = j;
    else
        ds->left_first = j;
    ds->left_last = j;
    if (++ds->left <= JOINS_LEFT_MAX)
        return;
    j = ds->left_first;
    for (unsigned i = 0; i < j->count; i++)
        give_verdict(s, j, &j->candidates[i], EGRESS_NOT_MINE);
    leave(s, j);
}

void joins_fini(struct stage *s)
{
    struct decap_stage *ds = s->state;
    while (ds->left_first)
        leave(s, ds->left_first);
}

/* Nobody of ours claims a candidate that there is no room for. */
static void disclaim(struct stage *s, uint64_t join, const struct egress_candidate *c)
{
    struct egress_news n = {.news = {.kind = NEWS_EGRESS_VERDICT},
                            .from = s->lane,
                            .join = join,
                            .flow_id = c->flow_id,
                            .slot = c->slot,
                            .verdict = EGRESS_NOT_MINE};
    decap_send(s, c->lane, &n);
}

/* The proxy's own first, then the latest: as an index lists them. */
static bool before(const struct egress_candidate *a, const struct egress_candidate *b)
{
    return a->own != b->own ? a->own : a->number > b->number;
}

/* All have answered. So many are kept as one lane alone would have told of, so that the lanes don't show. */
static void trim(struct stage *s, struct join *j)
{
    while (j->count > EGRESS_CANDIDATES) {
        const struct egress_candidate *c = &j->candidates[--j->count].c;
        j->owns -= c->own;
        disclaim(s, j->id, c);
    }
}

static void take_found(struct stage *s, struct join *j, const struct egress_news *news)
{
    unsigned all = j->count + news->listed;
    struct join_candidate *more = news->listed ? realloc(j->candidates, all * sizeof *more) : NULL;
    j->total += news->count;
    j->candidates = more ? more : j->candidates;
    for (unsigned i = 0; i < news->listed; i++) {
        const struct egress_candidate *c = &news->found[i];
        if (!more) {
            disclaim(s, j->id, c);
            continue;
        }
        unsigned at = j->count++;
        for (; at > 0 && before(c, &more[at - 1].c); at--)
            more[at] = more[at - 1];
        more[at] = (struct join_candidate){.c = *c};
        j->owns += c->own;
    }
    if (--j->replies_due == 0)
        trim(s, j);
}

void join_take(struct stage *s, const struct egress_news *news)
{
    struct join *j = find(s->state, news->join);
    if (!j)
        return;
    if (news->news.kind == NEWS_EGRESS_FOUND)
        take_found(s, j, news);
    for (unsigned i = 0; i < j->count; i++) {
        struct join_candidate *k = &j->candidates[i];
        if (k->c.flow_id != news->flow_id)
            continue;
        if (news->news.kind == NEWS_EGRESS_BYTES)
            k->c.prefix[news->dir] = news->prefix;
        else if (news->news.kind == NEWS_EGRESS_OVER)
            k->over = news->news.number;
    }
    if (news->news.kind == NEWS_EGRESS_BYTES)
        return;
    answer_over(s, j);
    if (!j->tunnel && all_given(j))
        leave(s, j);
}
