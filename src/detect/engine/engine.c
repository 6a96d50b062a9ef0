#include "detect/engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/engine/cache.h"
#include "detect/engine/private.h"

#define PROTO_GRE 47

struct detect_counters detect_n;

void detect_counters_init(void)
{
    detect_n.alerts = counter_id("detect.alert");
    detect_n.overflow = counter_id("detect.alert_queue_overflow");
    detect_n.suppressed = counter_id("detect.alerts_suppressed");
    detect_n.steps = counter_id("detect.steps_limit");
    detect_n.pcre = counter_id("detect.pcre_limit");
    detect_n.checked = counter_id("detect.rules_checked");
    detect_n.waiting = counter_id("detect.tx_waiting_limit");
    detect_n.depth = counter_id("detect.stream_depth_reached");
    detect_n.thresholds_full = counter_id("detect.thresholds_evicted");
    detect_n.dataset_full = counter_id("detect.dataset_memcap");
    detect_n.bits_full = counter_id("detect.bits_evicted");
}

int detect_create(const struct ruleset *set, struct detect_memory *memory, detect_ready_fn *ready, const char *cache,
                  struct detect **out, char *error, size_t error_len)
{
    struct detect *d = calloc(1, sizeof *d);
    int r = d ? 0 : -ENOMEM;
    if (d) {
        d->set = set;
        d->memory = memory;
        r = memory_names(d);
        if (r == 0)
            r = detect_group_rules(d, ready);
        if (r == 0)
            r = identity_assign(d);
        if (r == 0)
            r = detect_compile(d, cache, error, error_len);
        if (r == 0)
            identity_commit(d);
        d->crosses_flows = memory_crosses_flows(set);
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
        if (!x->slots[i].borrowed)
            detect_cache_free(x->slots[i].db, x->slots[i].mapped);
        placed_free(&x->slots[i]);
    }
    detect_cache_unmap(&x->cached);
    hs_free_scratch(x->scratch);
    free(x->slots);
    free(x->slot_table);
    for (int dir = 0; dir < 2; dir++) {
        for (int g = 0; g < GROUP_COUNT; g++) {
            for (unsigned c = 0; c < PORTS_CLASSES; c++) {
                free(x->classes[g][dir][c].packet.at);
                free(x->classes[g][dir][c].payload.rules);
            }
            free(x->port_class[g][dir]);
        }
        for (unsigned app = 0; app < DETECT_APP_COUNT; app++) {
            for (unsigned level = 0; level < TX_PROGRESS_COUNT; level++)
                free(x->tx[app][dir][level].rules);
            free(x->tx_slots[app][dir].rules);
        }
        free(x->whole[dir].rules);
        free(x->whole_app[dir].rules);
    }
    free(x->events.rules);
    free(x->app_events.rules);
    free(x->uses);
    free(x->scopes);
    free(x->ids);
    free(x->since);
    free(x->index_of);
    free(x->late);
    free(x->header_of);
    free(x->pairs);
    free(x->tx_sought);
    for (unsigned app = 0; app < DETECT_APP_COUNT; app++)
        free(x->ready[app]);
    for (unsigned i = 0; i < NAME_KIND_COUNT; i++)
        free(x->names[i]);
    free(x);
}

bool detect_crosses_flows(const struct detect *d)
{
    return d->crosses_flows;
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
    if (d->scratch && hs_clone_scratch(d->scratch, &l->scratch) != HS_SUCCESS)
        return false;
    l->places = calloc(2 * RULE_MATCHES_MAX, sizeof *l->places); /* the second half is base64_data's */
    l->contexts = calloc(DETECT_CONTEXTS_MAX, sizeof *l->contexts);
    l->headers = calloc(d->header_count + 1, sizeof *l->headers);
    for (int dir = 0; dir < 2; dir++)
        l->ends_in[dir].known = calloc(d->header_count + 1, sizeof *l->ends_in[dir].known);
    l->marks = calloc(d->set->rule_count + 1, sizeof *l->marks);
    l->seen = calloc(d->set->rule_count + 1, sizeof *l->seen);
    l->candidates = calloc(d->set->rule_count + 1, sizeof *l->candidates);
    return l->places && l->contexts && l->headers && l->ends_in[0].known && l->ends_in[1].known && l->marks &&
           l->seen && l->candidates && inspect_pcres_init(&l->pcres, d->set) == 0;
}

struct detect_lane *detect_lane_create(const struct detect *d)
{
    struct detect_lane *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->d = d;
    if (!lane_init(l))
        detect_lane_destroy(&l);
    return l;
}

const struct detect *detect_of(const struct detect_lane *l)
{
    return l->d;
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
    free(l->contexts);
    free(l->headers);
    free(l->ends_in[0].known);
    free(l->ends_in[1].known);
    free(l->marks);
    free(l->seen);
    free(l->candidates);
    buf_fini(&l->base64);
    buf_fini(&l->base64_work[0]);
    buf_fini(&l->base64_work[1]);
    buf_fini(&l->work[0]);
    buf_fini(&l->work[1]);
    buf_fini(&l->made);
    buf_fini(&l->json);
    buf_fini(&l->context_text);
    free(l);
}

struct detect_flow *detect_flow_create(struct detect_windows *windows)
{
    struct detect_flow *f = calloc(1, sizeof *f);
    if (f)
        f->windows = windows;
    return f;
}

void detect_flow_destroy(struct detect_flow **flow)
{
    struct detect_flow *f = *flow;
    *flow = NULL;
    if (!f)
        return;
    free(f->tags);
    free(f->bits);
    free(f->ints);
    free(f->vars);
    for (int d = 0; d < 2; d++) {
        free(f->window[d].own);
        free(f->window[d].lent);
    }
    free(f->recent[0]);
    free(f->recent[1]);
    free(f);
}

struct inspect_bytes detect_stream(const struct detect_flow *f, enum flow_dir dir)
{
    return (struct inspect_bytes){f->window[dir].data, f->window[dir].len};
}

const char *detect_context(const struct detect_lane *l, const struct detect_alert *a, unsigned i, const char **key,
                           size_t *len)
{
    const struct detect_context *c = &l->contexts[a->context_first + i];
    *key = c->key;
    *len = c->len;
    return (const char *)l->context_text.data + c->at;
}

static int by_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Mostly there are few. */
static void put_in_order(uint32_t *c, uint32_t n)
{
    if (n > 32) {
        qsort(c, n, sizeof *c, by_order);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        uint32_t v = c[i], k = i;
        for (; k > 0 && c[k - 1] > v; k--)
            c[k] = c[k - 1];
        c[k] = v;
    }
}

void look_ends(struct look *k)
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

/* What matches is reported when all of the packet was looked at. */
static void add_alert(struct look *k, struct detect_alerts *out)
{
    if (out->count == DETECT_QUEUE_MAX) {
        counter_add(k->l->counters, detect_n.overflow, 1);
        return;
    }
    bool turned = k->tx && k->in->reversed;
    struct detect_alert *a = &out->alert[out->count++];
    *a = (struct detect_alert){.rule = k->rule,
                               .dir = turned ? flow_dir_other(k->dir) : k->dir,
                               .in_stream = k->in_stream,
                               .tx = k->tx ? k->tx->arg[1] : k->event_tx,
                               .tx_id = k->tx ? k->tx->id : 0,
                               .context_first = k->l->contexts_kept,
                               .context_count = k->l->context_count - k->l->contexts_kept};
    k->l->contexts_kept = k->l->context_count;
    k->l->context_text_kept = k->l->context_text.len;
    vars_alert(k, a, out->count == 1);
}

/* Is what a rule for transactions must find in payload not there, and nothing else of it counts then? */
static bool look_is_lost(const struct look *k, uint32_t rule)
{
    return k->tx->progress[k->dir] == TX_DONE && k->l->d->tx_sought[rule] == SOUGHT_DECIDES && lane_lacks(k, rule);
}

/* A rule for transactions is looked at for what is final; the rest when that is. */
enum look_result look_rule(struct look *k)
{
    bool both = k->rule->flags & RULE_TRANSACTIONAL;
    k->in_stream = k->near = false;
    k->event_tx = NULL;
    if (!k->tx) {
        k->near = look_conditions(k) && look_files(k);
        return k->near ? look_buffers(k) : LOOK_NO;
    }
    if (k->tx->progress[k->dir] < k->rule->hook_progress)
        return LOOK_LATER;
    if (look_is_lost(k, k->rule->index))
        return LOOK_NO;
    bool done = k->tx->progress[k->dir] == TX_DONE && (!both || k->tx->progress[flow_dir_other(k->dir)] == TX_DONE);
    bool early = k->l->d->late[k->rule->index] && !done;
    enum look_result r = look_buffers(k);
    if (r != LOOK_YES || early)
        return r == LOOK_NO ? LOOK_NO : LOOK_LATER;
    if (k->rule->post.count && look_wants_file(k))
        return done ? LOOK_NO : LOOK_LATER;
    return look_conditions(k) && look_files(k) ? LOOK_YES : LOOK_NO;
}

void look_matched(struct look *k, struct detect_alerts *out)
{
    if (k->rule->action == RULE_CONFIG)
        return;
    look_post(k);
    vars_keep(k);
    if (!(k->rule->flags & RULE_NOALERT) || k->rule->action != RULE_ALERT)
        add_alert(k, out);
}

void look_all(struct look *k, struct detect_alerts *out)
{
    struct detect_lane *l = k->l;
    if (!out->count) {
        l->contexts_kept = 0;
        l->context_text_kept = 0;
    }
    put_in_order(l->candidates, l->candidate_count);
    counter_add(l->counters, detect_n.checked, l->candidate_count);
    /* Where no rule waits that would have to be forgotten, the rules themselves need not be fetched to say no. */
    bool fresh = k->tx && !detect_tx_waits(*k->tx->state);
    for (uint32_t i = 0; i < l->candidate_count; i++) {
        if (fresh && look_is_lost(k, l->candidates[i]))
            continue;
        k->rule = l->d->set->rules[l->candidates[i]];
        if (k->tx) {
            look_transaction(k, out);
            continue;
        }
        bool is = look_rule(k) == LOOK_YES;
        if (is)
            look_matched(k, out);
        /* Of another match a part may be there. */
        if (k->near && k->has_stream && (!is || k->in_stream))
            stream_remember(k);
    }
}

static int by_rule(const void *a, const void *b)
{
    const struct detect_alert *x = a, *y = b;
    if (x->rule->index != y->rule->index)
        return x->rule->index < y->rule->index ? -1 : 1;
    return x->tx_id < y->tx_id ? -1 : x->tx_id > y->tx_id;
}

uint8_t detect_flow_action(const struct detect_flow *f)
{
    return f ? f->action : 0;
}

/* Rules about a flow, or about what was in it, act on the flow; those about a packet on that. */
static bool acts_on_flow(const struct detect_alert *a)
{
    const struct rule *r = a->rule;
    switch (r->type) {
    case RULE_TYPE_PACKET: /* one that says nothing but who talks to whom is about the flow */
        return r->packet.count == 0 && r->buffer_count == 0 && !(r->flags & (RULE_PKTHDR | RULE_TCP_PACKET));
    case RULE_TYPE_EVENT_ONLY:
        return false;
    case RULE_TYPE_PACKET_STREAM:
    case RULE_TYPE_STREAM:
        return a->in_stream || a->tx;
    default:
        return true;
    }
}

/* What the rule does besides its alert. */
static void act(const struct detect_input *in, const struct detect_alert *a, enum rule_action what,
                struct detect_alerts *out)
{
    static const uint8_t bits[] = {[RULE_PASS] = DETECT_PASS,
                                   [RULE_DROP] = DETECT_DROP,
                                   [RULE_REJECT_SRC] = DETECT_DROP | DETECT_REJECT_SRC,
                                   [RULE_REJECT_DST] = DETECT_DROP | DETECT_REJECT_DST,
                                   [RULE_REJECT_BOTH] = DETECT_DROP | DETECT_REJECT_SRC | DETECT_REJECT_DST,
                                   [RULE_CONFIG] = 0};
    uint8_t action = bits[what];
    bool drops = action & DETECT_DROP;
    if (drops && !out->drop) {
        out->drop = a->rule;
        out->by_rate = what != a->rule->action;
    }
    out->action |= drops && !in->ips ? action & (uint8_t)~DETECT_DROP : action;
    bool flow = in->state && acts_on_flow(a) && (action & DETECT_PASS || (drops && in->ips));
    out->flow |= flow;
    if (flow && !in->state->action)
        in->state->action = action & DETECT_PASS ? DETECT_PASS : DETECT_DROP;
    if (flow && in->state->action == DETECT_PASS)
        in->state->passed = true;
}

void detect_finish(struct detect_lane *l, const struct detect_input *in, struct detect_alerts *out)
{
    struct look k = {.l = l, .in = in};
    unsigned kept = 0;
    out->action = 0;
    out->drop = NULL;
    out->by_rate = false;
    out->flow = false;
    if (out->count > 1)
        qsort(out->alert, out->count, sizeof out->alert[0], by_rule);
    for (unsigned i = 0; i < out->count; i++) {
        struct detect_alert a = out->alert[i];
        k.rule = a.rule;
        k.dir = a.dir;
        look_ends(&k);
        enum rule_action action = a.rule->action;
        enum memory_verdict verdict = memory_allows(&k, &action);
        if (verdict != MEMORY_ALERT)
            counter_add(l->counters, detect_n.suppressed, 1);
        if (verdict == MEMORY_NOTHING)
            continue;
        a.action = action;
        act(in, &a, action, out);
        tags_set(&k);
        bool last = action == RULE_PASS;
        bool silent =
            verdict != MEMORY_ALERT || a.rule->flags & RULE_NOALERT || (last && !(a.rule->flags & RULE_SAYS_ALERT));
        if (silent && last)
            break;
        if (silent)
            continue;
        if (kept == l->d->set->alerts_max) {
            counter_add(l->counters, detect_n.overflow, 1);
        } else {
            counter_add(l->counters, detect_n.alerts, 1);
            out->alert[kept++] = a;
        }
        if (last)
            break;
    }
    out->count = kept;
}

void look_payload(struct look *k)
{
    const struct packet *p = k->in->packet;
    if (!p || k->in->hidden || p->dir != k->dir)
        return;
    if (k->in->unseen_only) {
        stream_add(k, p);
        return;
    }
    if (p->item.kind == ITEM_PACKET) {
        if (p->d.payload_len && (p->d.layers & LAYER_IP) && !(p->d.layers & LAYER_FRAGMENT))
            k->payload = (struct inspect_bytes){p->d.payload, p->d.payload_len};
    } else if (p->item.kind != ITEM_SEGMENT && p->payload_len) {
        k->payload = (struct inspect_bytes){p->payload, p->payload_len};
    }
    if (!k->l->d->want_window || k->ip_proto != 6 || !k->in->state)
        return;
    if (!k->tx) {
        stream_add(k, p);
        return;
    }
    k->stream = detect_stream(k->in->state, k->dir);
    k->has_stream = k->stream.n > 0;
}

/* Once for a flow; after a reload only rules that were not there before. */
static void once(struct detect_lane *l, const struct rule_list *list, uint32_t *done)
{
    if (*done >= l->d->generation)
        return;
    for (uint32_t i = 0; i < list->count; i++)
        if (!*done || l->d->since[list->rules[i]] > *done)
            lane_candidate(l, list->rules[i]);
    *done = l->d->generation;
}

static void flow_candidates(struct detect_lane *l, const struct detect_input *in)
{
    struct detect_flow *f = in->state;
    uint32_t never = 0;
    /* GRE has no end and, in Suricata, no flow: each packet of it is the first. */
    bool first = !f || in->flow->key.proto == PROTO_GRE;
    once(l, &l->d->whole[in->dir], first ? &never : &f->whole_done[in->dir]);
    uint8_t app = (uint8_t)(in->app != APP_ANY ? in->app : in->app_failed ? DETECT_APP_COUNT : APP_ANY);
    if (!f || app == APP_ANY)
        return;
    if (app != f->whole_app[in->dir])
        f->whole_app_done[in->dir] = 0;
    f->whole_app[in->dir] = app;
    once(l, &l->d->whole_app[in->dir], &f->whole_app_done[in->dir]);
}

/* What is searched in the packet's payload, or in the stream. */
static void search_payload(struct look *k, const struct slot *s, bool whole)
{
    bool near = s->kind >= SLOT_HEAD;
    if (k->payload.p && (near || !look_has_stream(k)))
        payload_search(k, s);
    if (k->has_stream)
        stream_search(k, s, whole);
}

static void search_payloads(struct look *k, const struct port_class *classes, const struct port_class *c)
{
    if (!k->payload.p && !k->has_stream)
        return;
    /* Rules of a protocol count from when it is known: all that the window has. */
    struct detect_flow *f = k->in->state;
    bool first = f && k->in->app != APP_ANY && !f->app_searched[k->dir];
    unsigned pair = k->l->ends->pair, of_app = k->ip_proto == 6 ? k->l->d->classes_of[k->in->app] : 0;
    for (unsigned kind = 0; kind < SLOT_KINDS; kind++)
        if (c->at[pair][kind])
            search_payload(k, c->at[pair][kind], first);
    for (unsigned i = 0; of_app >> i; i++)
        for (unsigned kind = SLOT_LONG; kind <= SLOT_SHORT && (of_app >> i & 1); kind++)
            if (classes[PORTS_CLASSES + i].at[pair][kind])
                search_payload(k, classes[PORTS_CLASSES + i].at[pair][kind], first);
    if (k->payload.p && c->at[pair][SLOT_KINDS])
        payload_search(k, c->at[pair][SLOT_KINDS]);
    if (first && k->has_stream)
        f->app_searched[k->dir] = true;
    if (k->has_stream)
        stream_recent(k);
}

/* Rules that ask for flags of TCP come after the others. */
static void packet_candidates(struct detect_lane *l, const struct packet *p, const struct packet_rules *rules)
{
    for (uint32_t i = 0; i < rules->plain; i++)
        lane_candidate(l, rules->at[i].rule);
    if (p->item.kind != ITEM_PACKET || p->d.ip_proto != 6)
        return;
    uint8_t flags = p->d.tcp.flags;
    if (!(rules->flags[flags >> 6] >> (flags & 63) & 1))
        return;
    for (uint32_t i = rules->plain; i < rules->count; i++)
        if (look_flags_match(rules->at[i].flags, flags))
            lane_candidate(l, rules->at[i].rule);
}

void detect_packet(struct detect_lane *l, const struct detect_input *in, struct detect_alerts *out)
{
    const struct detect *d = l->d;
    const struct packet *p = in->packet;
    struct look k = {.l = l, .in = in, .dir = in->dir};
    look_ends(&k);
    look_payload(&k);
    if (in->state && in->state->passed)
        return;
    lane_begin(l, &k);
    enum detect_group g = k.ip_proto == 6 ? GROUP_TCP : k.ip_proto == 17 ? GROUP_UDP : GROUP_OTHER;
    const uint8_t *class_of = d->port_class[g][in->dir];
    const struct port_class *classes = d->classes[g][in->dir];
    const struct port_class *c = &classes[class_of ? class_of[in->dir == TO_SERVER ? k.dport : k.sport] : 0];
    /* The packet itself is looked at once, with its own bytes. */
    bool itself = p && !in->unseen_only;
    if (itself && (p->item.kind != ITEM_SEGMENT)) {
        packet_candidates(l, p, &c->packet);
        if (k.payload.p || k.has_stream)
            lane_candidates(l, &c->payload);
        flow_candidates(l, in);
    }
    if (itself && ((p->item.kind == ITEM_PACKET && p->d.event_count) || p->seen.event_count))
        lane_candidates(l, &d->events);
    if (in->app_event_count && !in->unseen_only)
        lane_candidates(l, &d->app_events);
    search_payloads(&k, classes, c);
    if (l->candidate_count)
        look_all(&k, out);
}
