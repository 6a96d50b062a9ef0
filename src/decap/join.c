#include "decap/join.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "decap/tunnel.h"

/* So many equal first bytes are no chance; fewer are none if both sides end there. */
#define TELLING           16u
#define JOIN_WAIT_LIVE_NS NS_PER_S

enum likeness { UNLIKE, UNKNOWN, ALIKE };

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
    j->rewritten = o->rewritten;
    j->replies_due = s->lanes->count;
    j->hash_next = *at;
    *at = j;
    struct egress_news ask = {.news = {.number = t->number, .kind = NEWS_EGRESS_ASK},
                              .from = s->lane,
                              .join = t->id,
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

void join_bytes(struct join *j, enum flow_dir dir, uint64_t number, uint32_t gap, const uint8_t *p, uint32_t len)
{
    struct egress_prefix *f = &j->own[dir];
    if (f->number)
        return;
    uint32_t room = EGRESS_PREFIX - f->len;
    uint32_t n = gap ? 0 : len < room ? len : room;
    if (n)
        memcpy(f->bytes + f->len, p, n);
    f->len = (uint8_t)(f->len + n);
    if (gap || f->len == EGRESS_PREFIX)
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

/* Compare one direction, of what both sides had before packet `number`. over: the tunnel's bytes are all there. */
static enum likeness compare(const struct egress_prefix *own, const struct egress_prefix *theirs, uint64_t number,
                             bool over, bool rewritten)
{
    bool own_ready = over || (own->number && own->number < number);
    if (!own_ready || !theirs->number || theirs->number >= number)
        return UNKNOWN;
    if (rewritten)
        return compare_requests(own, theirs);
    uint8_t n = own->len < theirs->len ? own->len : theirs->len;
    if (memcmp(own->bytes, theirs->bytes, n) != 0)
        return UNLIKE;
    return n >= TELLING || (n && own->len == theirs->len) ? ALIKE : UNKNOWN;
}

static enum likeness likeness(const struct join *j, const struct join_candidate *k, uint64_t number, bool over)
{
    enum likeness l[2] = {UNKNOWN, UNKNOWN};
    for (int d = 0; d < 2; d++)
        if (d == TO_SERVER || !j->rewritten)
            l[d] = compare(&j->own[d], &k->c.prefix[d], number, over, j->rewritten);
    if (l[0] == UNLIKE || l[1] == UNLIKE)
        return UNLIKE;
    return l[0] == ALIKE || l[1] == ALIKE ? ALIKE : UNKNOWN;
}

/* The first packet after which the candidate's payload is known to agree; UINT64_MAX: it never is. */
static uint64_t alike_since(const struct join *j, const struct join_candidate *k)
{
    uint64_t since = UINT64_MAX;
    for (int d = 0; d < 2; d++) {
        uint64_t a = j->own[d].number, b = k->c.prefix[d].number;
        uint64_t n = (a > b ? a : b) + 1;
        if (a && b && n < since && likeness(j, k, n, false) == ALIKE)
            since = n;
    }
    return since;
}

/* Every lane has told all up to this packet. */
static uint64_t told_by_all(const struct stage *s)
{
    const struct decap_stage *ds = s->state;
    uint64_t low = s->lanes->live ? UINT64_MAX : ds->seen;
    for (unsigned i = 0; i < s->lanes->count && !s->lanes->live; i++) {
        uint64_t t = atomic_load_explicit(&s->lanes->progress[i].told, memory_order_acquire);
        if (i != s->lane && t < low)
            low = t;
    }
    return low;
}

/* The packet at which waiting for the payload ends. */
static uint64_t patience(const struct stage *s, const struct join *j)
{
    const struct tunnel *t = j->tunnel;
    const struct decap_stage *ds = s->state;
    uint64_t until = t->number + JOIN_WAIT_ALL;
    for (int d = 0; d < 2; d++)
        if (j->own[d].number && j->own[d].number + JOIN_WAIT < until)
            until = j->own[d].number + JOIN_WAIT;
    if (t->close_wanted && t->as_of < until)
        until = t->as_of;
    if (s->lanes->live && ds->now_ns > t->open_ns + JOIN_WAIT_LIVE_NS)
        until = 0;
    return until;
}

/* The candidate whose payload was the first to agree, alone. */
static bool first_alike(struct stage *s, const struct join *j, struct addr *out)
{
    uint64_t told = told_by_all(s);
    uint64_t until = patience(s, j);
    decap_receive(s);
    const struct join_candidate *best = NULL;
    uint64_t since = UINT64_MAX;
    for (unsigned i = 0; i < j->count; i++) {
        uint64_t n = alike_since(j, &j->candidates[i]);
        if (n > told + 1 || n > until || n > since)
            continue;
        best = n == since ? NULL : &j->candidates[i];
        since = n;
    }
    if (best)
        *out = best->c.dst;
    return since != UINT64_MAX || told >= until;
}

bool join_address(struct stage *s, const struct join *j, struct addr *out)
{
    *out = (struct addr){.family = ADDR_NONE};
    if (j->replies_due)
        return false;
    const struct join_candidate *only = NULL;
    bool same = true;
    for (unsigned i = 0; i < j->count; i++) {
        const struct join_candidate *k = &j->candidates[i];
        if (!k->c.own)
            continue;
        same = same && (!only || addr_equal(&k->c.dst, &only->c.dst));
        only = k;
    }
    if (only && same) {
        *out = only->c.dst;
        return true;
    }
    /* Names must not wait for what comes later. */
    if (j->count == 0 || tunnel_teaches(j->tunnel))
        return true;
    return first_alike(s, j, out);
}

/* Whose payload agrees, if one's alone does; else the proxy's only one if nothing speaks against it. */
static struct join_candidate *choose(struct join *j, uint64_t number, bool over, enum egress_verdict *how)
{
    struct join_candidate *alike = NULL, *open = NULL;
    unsigned alikes = 0, opens = 0;
    for (unsigned i = 0; i < j->count; i++) {
        struct join_candidate *k = &j->candidates[i];
        if (k->given && k->verdict != EGRESS_NOT_MINE) {
            *how = k->verdict;
            return k;
        }
        enum likeness l = k->given ? UNLIKE : likeness(j, k, number, over);
        if (l == ALIKE) {
            alike = k;
            alikes++;
        } else if (l == UNKNOWN && k->c.own) {
            open = k;
            opens++;
        }
    }
    j->contradicted = j->owns && alikes + opens == 0;
    j->doubtful = alikes > 1 ? alikes : alikes == 0 && opens > 1 ? opens : 0;
    *how = alikes ? EGRESS_BY_PAYLOAD : EGRESS_BY_TIME;
    if (alikes)
        return alikes == 1 ? alike : NULL;
    return opens == 1 ? open : NULL;
}

static void give_verdict(struct stage *s, struct join *j, struct join_candidate *k, bool mine, enum egress_verdict how)
{
    if (k->given)
        return;
    k->given = true;
    k->verdict = mine ? how : EGRESS_NOT_MINE;
    struct egress_news n = {.news = {.kind = NEWS_EGRESS_VERDICT},
                            .from = s->lane,
                            .join = j->id,
                            .flow_id = k->c.flow_id,
                            .slot = k->c.slot,
                            .verdict = k->verdict,
                            .whose = {.flow_id = j->id, .src = j->tunnel->key.src, .sport = j->tunnel->key.sport}};
    decap_send(s, k->c.lane, &n);
}

/* Lanes whose candidate is over want to know now. */
static void answer_over(struct stage *s, struct join *j)
{
    if (j->replies_due)
        return;
    for (unsigned i = 0; i < j->count; i++) {
        struct join_candidate *k = &j->candidates[i];
        if (!k->over || k->given)
            continue;
        enum egress_verdict how;
        const struct join_candidate *best = choose(j, k->over, false, &how);
        give_verdict(s, j, k, best == k, how);
    }
}

bool join_conclude(struct stage *s, struct join *j, uint64_t number)
{
    if (j->decided)
        return true;
    if (j->replies_due || (j->count && !news_ready(s->lanes, s->lane, number, UINT64_MAX)))
        return false;
    decap_receive(s);
    j->chosen = choose(j, number, true, &j->how);
    j->decided = true;
    return true;
}

void join_end(struct stage *s, struct join **join)
{
    struct join *j = *join;
    *join = NULL;
    struct join **at = bucket_of(s->state, j->id);
    while (*at != j)
        at = &(*at)->hash_next;
    *at = j->hash_next;
    for (unsigned i = 0; i < j->count; i++)
        give_verdict(s, j, &j->candidates[i], j->chosen == &j->candidates[i], j->how);
    free(j->candidates);
    free(j);
}

/* An index told of candidates that no join has room for: nobody claims them. */
static void disclaim(struct stage *s, const struct egress_news *found)
{
    for (unsigned i = 0; i < found->listed; i++) {
        struct egress_news n = {.news = {.kind = NEWS_EGRESS_VERDICT},
                                .from = s->lane,
                                .join = found->join,
                                .flow_id = found->found[i].flow_id,
                                .slot = found->found[i].slot,
                                .verdict = EGRESS_NOT_MINE};
        decap_send(s, found->from, &n);
    }
}

static void take_found(struct stage *s, struct join *j, const struct egress_news *news)
{
    j->replies_due--;
    j->total += news->count;
    if (news->listed == 0)
        return;
    unsigned all = j->count + news->listed;
    struct join_candidate *more = all <= JOIN_CANDIDATES ? realloc(j->candidates, all * sizeof *more) : NULL;
    if (!more) {
        disclaim(s, news);
        return;
    }
    j->candidates = more;
    for (unsigned i = 0; i < news->listed; i++) {
        /* By number, so that the lanes' order doesn't show. */
        unsigned at = j->count++;
        for (; at > 0 && more[at - 1].c.number > news->found[i].number; at--)
            more[at] = more[at - 1];
        more[at] = (struct join_candidate){.c = news->found[i]};
        j->owns += news->found[i].own;
    }
}

void join_take(struct stage *s, const struct egress_news *news)
{
    struct join *j = find(s->state, news->join);
    if (news->news.kind == NEWS_EGRESS_FOUND) {
        if (j) {
            take_found(s, j, news);
            answer_over(s, j);
        }
        return;
    }
    for (unsigned i = 0; j && i < j->count; i++) {
        struct join_candidate *k = &j->candidates[i];
        if (k->c.flow_id != news->flow_id)
            continue;
        if (news->news.kind == NEWS_EGRESS_BYTES)
            k->c.prefix[news->dir] = news->prefix;
        else
            k->over = news->news.number;
    }
    if (j && news->news.kind == NEWS_EGRESS_OVER)
        answer_over(s, j);
}
