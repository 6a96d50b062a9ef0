#include "detect/engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/engine/private.h"

struct detect_counters detect_n;

void detect_counters_init(void)
{
    detect_n.alerts = counter_id("detect.alert");
    detect_n.overflow = counter_id("detect.alert_queue_overflow");
    detect_n.suppressed = counter_id("detect.alerts_suppressed");
    detect_n.steps = counter_id("detect.steps_limit");
    detect_n.pcre = counter_id("detect.pcre_limit");
    detect_n.checked = counter_id("detect.rules_checked");
    detect_n.thresholds_full = counter_id("detect.thresholds_evicted");
    detect_n.bits_full = counter_id("detect.bits_evicted");
}

int detect_create(const struct ruleset *set, struct detect_memory *memory, const char *cache, struct detect **out,
                  char *error, size_t error_len)
{
    struct detect *d = calloc(1, sizeof *d);
    int r = d ? 0 : -ENOMEM;
    if (d) {
        d->set = set;
        d->memory = memory;
        r = memory_names(d);
        if (r == 0)
            r = detect_group_rules(d);
        if (r == 0)
            r = detect_compile(d, cache, error, error_len);
    }
    if (r == -ENOMEM)
        snprintf(error, error_len, "out of memory for %u rules", set->rule_count);
    if (r != 0)
        detect_destroy(&d);
    *out = d;
    return r;
}

void detect_destroy(struct detect **d)
{
    struct detect *x = *d;
    *d = NULL;
    if (!x)
        return;
    for (uint32_t i = 0; i < x->slot_count; i++) {
        free(x->slots[i].entries);
        free(x->slots[i].first);
        hs_free_database(x->slots[i].db);
    }
    free(x->slots);
    for (int dir = 0; dir < 2; dir++) {
        for (int g = 0; g < GROUP_COUNT; g++)
            free(x->packet[g][dir].rules);
        for (unsigned app = 0; app < DETECT_APP_COUNT; app++)
            free(x->tx[app][dir].rules);
        free(x->whole[dir].rules);
        free(x->whole_app[dir].rules);
    }
    free(x->events.rules);
    free(x->app_events.rules);
    free(x->uses);
    free(x->scopes);
    for (unsigned i = 0; i < NAME_KIND_COUNT; i++)
        free(x->names[i]);
    free(x);
}

const struct ruleset *detect_rules(const struct detect *d)
{
    return d->set;
}

bool detect_uses(const struct detect *d, unsigned buffer)
{
    return buffer < detect_buffer_count() && d->uses[buffer];
}

static bool lane_init(struct detect_lane *l)
{
    const struct detect *d = l->d;
    for (uint32_t i = 0; i < d->slot_count; i++)
        if (hs_alloc_scratch(d->slots[i].db, &l->scratch) != HS_SUCCESS)
            return false;
    l->places = calloc(RULE_MATCHES_MAX, sizeof *l->places);
    l->marks = calloc(d->set->rule_count + 1, sizeof *l->marks);
    l->candidates = calloc(d->set->rule_count + 1, sizeof *l->candidates);
    return l->places && l->marks && l->candidates && inspect_pcres_init(&l->pcres, d->set) == 0;
}

struct detect_lane *detect_lane_create(const struct detect *d, struct counters *counters)
{
    struct detect_lane *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->d = d;
    l->counters = counters;
    if (!lane_init(l))
        detect_lane_destroy(&l);
    return l;
}

void detect_lane_destroy(struct detect_lane **lane)
{
    struct detect_lane *l = *lane;
    *lane = NULL;
    if (!l)
        return;
    hs_free_scratch(l->scratch);
    if (l->pcres.set)
        inspect_pcres_fini(&l->pcres);
    free(l->places);
    free(l->marks);
    free(l->candidates);
    buf_fini(&l->base64);
    buf_fini(&l->work[0]);
    buf_fini(&l->work[1]);
    buf_fini(&l->made);
    free(l);
}

struct detect_flow *detect_flow_create(void)
{
    return calloc(1, sizeof(struct detect_flow));
}

void detect_flow_destroy(struct detect_flow **flow)
{
    struct detect_flow *f = *flow;
    *flow = NULL;
    if (!f)
        return;
    free(f->bits);
    free(f->ints);
    free(f->vars);
    buf_fini(&f->window[0]);
    buf_fini(&f->window[1]);
    free(f);
}

struct inspect_bytes detect_stream(const struct detect_flow *f, enum flow_dir dir)
{
    return (struct inspect_bytes){f->window[dir].data, f->window[dir].len};
}

static void candidate(struct detect_lane *l, uint32_t rule)
{
    if (l->marks[rule] == l->epoch)
        return;
    l->marks[rule] = l->epoch;
    l->candidates[l->candidate_count++] = rule;
}

static void candidates_of(struct detect_lane *l, const struct rule_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        candidate(l, list->rules[i]);
}

struct found {
    struct detect_lane *l;
    const struct slot *s;
};

static int on_found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    struct found *f = arg;
    (void)from;
    (void)to;
    (void)flags;
    for (uint32_t i = f->s->first[id]; i < f->s->first[id + 1]; i++)
        candidate(f->l, f->s->entries[i].rule);
    return 0;
}

static void search(struct detect_lane *l, const struct slot *s, struct inspect_bytes b)
{
    struct found f = {l, s};
    if (b.n && b.n <= UINT32_MAX)
        hs_scan(s->db, (const char *)b.p, (unsigned)b.n, 0, l->scratch, on_found, &f);
}

static void begin(struct detect_lane *l)
{
    l->candidate_count = 0;
    if (++l->epoch == 0) {
        memset(l->marks, 0, l->d->set->rule_count * sizeof *l->marks);
        l->epoch = 1;
    }
}

static int by_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The addresses as the packet, or what stands for it, has them. */
static void set_ends(struct look *k)
{
    const struct flow_ref *flow = k->in->flow;
    const struct packet *p = k->in->packet;
    if (flow) {
        bool back = (k->dir == TO_CLIENT) != (k->tx && k->in->reversed);
        k->src = back ? &flow->key.dst : &flow->key.src;
        k->dst = back ? &flow->key.src : &flow->key.dst;
        k->sport = back ? flow->key.dport : flow->key.sport;
        k->dport = back ? flow->key.sport : flow->key.dport;
        k->ip_proto = flow->key.proto;
    } else if (p && p->item.kind == ITEM_PACKET && (p->d.layers & LAYER_IP)) {
        k->src = &p->d.src;
        k->dst = &p->d.dst;
        k->sport = p->d.sport;
        k->dport = p->d.dport;
        k->ip_proto = p->d.ip_proto;
    }
}

static void add_alert(struct look *k, struct detect_alerts *out)
{
    struct detect_lane *l = k->l;
    if (k->rule->flags & RULE_NOALERT)
        return;
    if (out->count == DETECT_ALERTS_MAX) {
        counter_add(l->counters, detect_n.overflow, 1);
        return;
    }
    counter_add(l->counters, detect_n.alerts, 1);
    out->alert[out->count++] = (struct detect_alert){k->rule, k->dir, k->in_stream};
}

/* Look at all candidates, in the rules' order. A rule that passes ends it. */
static void look_all(struct look *k, struct detect_alerts *out)
{
    struct detect_lane *l = k->l;
    struct detect_flow *f = k->in->state;
    if (l->candidate_count > 1)
        qsort(l->candidates, l->candidate_count, sizeof *l->candidates, by_order);
    counter_add(l->counters, detect_n.checked, l->candidate_count);
    for (uint32_t i = 0; i < l->candidate_count; i++) {
        k->rule = l->d->set->rules[l->candidates[i]];
        k->in_stream = false;
        if (!look_header(k) || !look_conditions(k) || !look_buffers(k))
            continue;
        if (k->rule->action == RULE_CONFIG)
            continue;
        look_post(k);
        enum rule_action action = k->rule->action;
        enum memory_verdict verdict = memory_allows(k, &action);
        if (verdict != MEMORY_ALERT)
            counter_add(l->counters, detect_n.suppressed, 1);
        if (verdict == MEMORY_NOTHING)
            continue;
        if (action == RULE_PASS) {
            if (f && k->rule->type != RULE_TYPE_PACKET)
                f->passed = true;
            return;
        }
        if (verdict == MEMORY_ALERT)
            add_alert(k, out);
    }
}

/* The window and the new bytes behind it; what is too old goes. */
static void add_to_window(struct look *k, const struct packet *p)
{
    struct detect_flow *f = k->in->state;
    struct buf *w = &f->window[k->dir];
    if (p->gap)
        buf_clear(w);
    if (w->len > DETECT_WINDOW)
        buf_drop(w, w->len - DETECT_WINDOW);
    uint32_t old = (uint32_t)w->len;
    if (!p->payload_len || !buf_add(w, p->payload, p->payload_len))
        return;
    k->stream = (struct inspect_bytes){w->data, w->len};
    k->stream_old = old;
    k->has_stream = true;
}

static void find_payload(struct look *k)
{
    const struct packet *p = k->in->packet;
    if (!p || k->in->hidden || p->dir != k->dir)
        return;
    if (p->item.kind == ITEM_PACKET) {
        if (p->d.payload_len && (p->d.layers & LAYER_IP) && !(p->d.layers & LAYER_FRAGMENT))
            k->payload = (struct inspect_bytes){p->d.payload, p->d.payload_len};
    } else if (p->item.kind != ITEM_SEGMENT && p->payload_len) {
        k->payload = (struct inspect_bytes){p->payload, p->payload_len};
    }
    if (!k->l->d->want_window || k->ip_proto != 6 || !k->in->state)
        return;
    if (!k->tx)
        add_to_window(k, p);
}

static void flow_candidates(struct detect_lane *l, const struct detect_input *in)
{
    struct detect_flow *f = in->state;
    if (!f || !f->whole_done[in->dir])
        candidates_of(l, &l->d->whole[in->dir]);
    if (f)
        f->whole_done[in->dir] = true;
    if (f && in->app != APP_ANY && !f->whole_app_done[in->dir]) {
        f->whole_app_done[in->dir] = true;
        candidates_of(l, &l->d->whole_app[in->dir]);
    }
}

void detect_packet(struct detect_lane *l, const struct detect_input *in, struct detect_alerts *out)
{
    const struct detect *d = l->d;
    const struct packet *p = in->packet;
    struct look k = {.l = l, .in = in, .dir = in->dir};
    set_ends(&k);
    find_payload(&k);
    if (in->state && in->state->passed)
        return;
    begin(l);
    enum detect_group g = k.ip_proto == 6 ? GROUP_TCP : k.ip_proto == 17 ? GROUP_UDP : GROUP_OTHER;
    if (p && (p->item.kind != ITEM_SEGMENT)) {
        candidates_of(l, &d->packet[g][in->dir]);
        flow_candidates(l, in);
    }
    if (p && ((p->item.kind == ITEM_PACKET && p->d.event_count) || p->seen.event_count))
        candidates_of(l, &d->events);
    if (in->app_event_count)
        candidates_of(l, &d->app_events);
    int32_t slot = d->payload_slot[g][in->dir];
    if (slot >= 0) {
        bool same = k.has_stream && k.payload.n == k.stream.n - k.stream_old;
        if (k.payload.p && !same)
            search(l, &d->slots[slot], k.payload);
        if (k.has_stream)
            search(l, &d->slots[slot], k.stream);
    }
    if (l->candidate_count)
        look_all(&k, out);
}

static void search_tx(struct look *k, const struct slot *s)
{
    struct detect_lane *l = k->l;
    bool multi = detect_buffer(s->buffer)->flags & BUFFER_MULTI;
    struct inspect_bytes b;
    for (unsigned i = 0; i < (multi ? 1024u : 1u) && k->tx->buffer(k->tx, s->buffer, k->dir, i, &l->made, &b); i++)
        if (!s->transform_count || inspect_transform(&l->pcres, s->transforms, s->transform_count, l->work, &b))
            search(l, s, b);
}

void detect_transaction(struct detect_lane *l, const struct detect_input *in, const struct detect_tx *tx,
                        struct detect_alerts *out)
{
    const struct detect *d = l->d;
    if (in->app == APP_ANY || (in->state && in->state->passed))
        return;
    struct look k = {.l = l, .in = in, .tx = tx, .dir = in->dir};
    set_ends(&k);
    find_payload(&k);
    if (in->state && !in->hidden && k.ip_proto == 6) {
        k.stream = detect_stream(in->state, k.dir);
        k.has_stream = k.stream.n > 0;
    }
    begin(l);
    for (uint32_t i = 0; i < d->slot_count; i++) {
        const struct slot *s = &d->slots[i];
        bool of_app = !s->apps || (s->apps & d->app_is[in->app]);
        if (s->buffer != BUFFER_PAYLOAD && s->dir == in->dir && of_app)
            search_tx(&k, s);
    }
    candidates_of(l, &d->tx[in->app][in->dir]);
    if (l->candidate_count)
        look_all(&k, out);
}
