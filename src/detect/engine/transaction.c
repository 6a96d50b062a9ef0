/* Transactions: each buffer is searched when it is final, and a rule is looked at when all that it asks for is there.
 *
 * A rule that was found early waits with the transaction. It fires once in each direction. */
#include <stdlib.h>

#include "detect/engine/private.h"

/* Instances of a buffer that are searched in one transaction. */
#define INSTANCES_MAX 1024u
/* Rules that wait in one transaction; of more the rest is not looked at (counter detect.tx_waiting_limit). */
#define WAITING_MAX 512u
/* A rule with => waits for both directions. */
#define EITHER 2u

struct waiting {
    uint32_t id; /* of the rule, in the run's memory */
    uint8_t dir;
    bool fired;   /* is kept so that it does not again */
    bool payload; /* looks at the stream, too: each packet may bring it */
};

struct detect_tx_state {
    uint32_t searched[2]; /* bytes of the body that were */
    bool payload[2];      /* rules wait for payload of this direction */
    uint16_t count;
    uint16_t room;
    struct waiting *at;
};

void detect_tx_state_destroy(struct detect_tx_state **state)
{
    struct detect_tx_state *s = *state;
    *state = NULL;
    if (s)
        free(s->at);
    free(s);
}

bool detect_tx_wants(const struct detect_tx_state *s, enum flow_dir dir)
{
    return s && s->payload[dir];
}

bool detect_tx_waits(const struct detect_tx_state *s)
{
    return s && s->count;
}

static struct detect_tx_state *state_of(struct look *k)
{
    struct detect_tx_state **at = k->tx->state;
    if (!*at)
        *at = calloc(1, sizeof **at);
    return *at;
}

static bool is_both(const struct rule *r)
{
    return r->flags & RULE_TRANSACTIONAL;
}

static struct waiting *find(struct look *k)
{
    uint32_t id = k->l->d->ids[k->rule->index];
    struct detect_tx_state *s = *k->tx->state;
    for (unsigned i = 0; s && i < s->count; i++)
        if (s->at[i].id == id && (s->at[i].dir == k->dir || s->at[i].dir == EITHER))
            return &s->at[i];
    return NULL;
}

static void wait_on(struct look *k, bool fired)
{
    struct detect_tx_state *s = state_of(k);
    struct waiting *w = s ? find(k) : NULL;
    if (!s)
        return;
    if (!w && s->count == s->room) {
        unsigned room = s->room ? s->room * 2u : 8;
        struct waiting *more = room <= WAITING_MAX ? realloc(s->at, room * sizeof *more) : NULL;
        if (!more) {
            counter_add(k->l->counters, detect_n.waiting, 1);
            return;
        }
        s->at = more;
        s->room = (uint16_t)room;
    }
    if (!w)
        w = &s->at[s->count++];
    *w = (struct waiting){k->l->d->ids[k->rule->index], is_both(k->rule) ? EITHER : (uint8_t)k->dir, fired,
                          k->wants_payload && !fired};
    if (w->payload)
        s->payload[k->dir] = true;
}

static void forget(struct look *k)
{
    struct detect_tx_state *s = *k->tx->state;
    struct waiting *w = find(k);
    if (w)
        *w = s->at[--s->count];
}

/* May the rule be found again in this direction? */
static bool comes_again(const struct look *k)
{
    return k->tx->progress[k->dir] < TX_DONE || (is_both(k->rule) && k->tx->progress[flow_dir_other(k->dir)] < TX_DONE);
}

void look_transaction(struct look *k, struct detect_alerts *out)
{
    const struct waiting *w = find(k);
    if (w && w->fired)
        return;
    k->wants_payload = false;
    switch (look_rule(k)) {
    case LOOK_NO:
        forget(k);
        return;
    case LOOK_LATER:
        wait_on(k, false);
        return;
    case LOOK_YES:
        if (comes_again(k))
            wait_on(k, true);
        else
            forget(k);
        look_matched(k, out);
        return;
    }
}

/* Only what came since the last time is searched, and so much before it that no pattern is cut. */
static struct inspect_bytes rest_of(const struct look *k, const struct slot *s, struct inspect_bytes b)
{
    const struct detect_tx_state *state = *k->tx->state;
    uint32_t searched = state ? state->searched[k->dir] : 0;
    uint32_t from = searched > s->longest ? searched - s->longest : 0;
    return from < b.n ? (struct inspect_bytes){b.p + from, b.n - from} : (struct inspect_bytes){NULL, 0};
}

static void search_slot(struct look *k, const struct slot *s, bool body)
{
    struct detect_lane *l = k->l;
    bool multi = detect_buffer(s->buffer)->flags & BUFFER_MULTI;
    struct inspect_bytes b;
    for (unsigned i = 0; i < (multi ? INSTANCES_MAX : 1u); i++) {
        if (!k->tx->buffer(k->tx, s->buffer, k->dir, i, &l->made, &b))
            return;
        if (b.n > k->body && body && i == 0)
            k->body = (uint32_t)b.n;
        if (body && i == 0 && !s->transform_count)
            b = rest_of(k, s, b);
        if (!s->transform_count || inspect_transform(&l->pcres, s->transforms, s->transform_count, l->work, &b))
            lane_search(l, s, b);
    }
}

static void search(struct look *k)
{
    const struct detect *d = k->l->d;
    enum detect_app app = k->in->app;
    const struct rule_list *slots = &d->tx_slots[app][k->dir];
    uint8_t now = k->tx->progress[k->dir], before = k->tx->shown[k->dir];
    k->body = 0;
    for (uint32_t i = 0; i < slots->count; i++) {
        const struct slot *s = lane_slot(k->l, slots->rules[i]);
        if (!s)
            continue;
        uint8_t level = d->ready[app][s->buffer];
        bool body = level == TX_BODY;
        if ((level > before && level <= now) || (body && k->tx->grew && before < TX_BODY))
            search_slot(k, s, body);
    }
    if (k->body && now < TX_BODY) {
        struct detect_tx_state *s = state_of(k);
        if (s)
            s->searched[k->dir] = k->body;
    }
}

static void add_waiting(struct look *k)
{
    const struct detect_tx_state *s = *k->tx->state;
    for (unsigned i = 0; s && i < s->count; i++) {
        uint32_t rule = s->at[i].fired ? RULE_GONE : identity_find(k->l->d, s->at[i].id);
        if (rule != RULE_GONE && (s->at[i].dir == k->dir || s->at[i].dir == EITHER))
            lane_candidate(k->l, rule);
    }
}

void detect_transaction(struct detect_lane *l, const struct detect_input *in, const struct detect_tx *tx,
                        struct detect_alerts *out)
{
    const struct detect *d = l->d;
    if (in->app == APP_ANY || (in->state && in->state->passed))
        return;
    struct look k = {.l = l, .in = in, .tx = tx, .dir = in->dir};
    look_ends(&k);
    look_payload(&k);
    lane_begin(l, &k);
    search(&k);
    for (unsigned level = tx->shown[k.dir] + 1u; level <= tx->progress[k.dir]; level++)
        lane_candidates(l, &d->tx[in->app][k.dir][level]);
    add_waiting(&k);
    if (l->candidate_count)
        look_all(&k, out);
    if (*tx->state && tx->progress[k.dir] == TX_DONE)
        (*tx->state)->payload[k.dir] = false;
}
