#include "decap/tunnel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define EGRESS_WINDOW (60 * NS_PER_S)

/* How long a TCP flow is not ended for being quiet, whatever its state. */
static uint64_t shortest_life(const struct settings *s)
{
    const struct settings_timeouts *t = &s->flow.timeouts[FLOW_CLASS_TCP];
    uint64_t least = EGRESS_WINDOW;
    const uint64_t all[] = {t->new_ * NS_PER_S, t->established * NS_PER_S, t->closed * NS_PER_S};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        least = all[i] < least ? all[i] : least;
    return least;
}

static int decap_init(struct stage *s)
{
    struct decap_stage *ds = calloc(1, sizeof *ds);
    if (!ds)
        return -ENOMEM;
    s->state = ds;
    const struct settings_decap *set = &s->settings->decap;
    unsigned lanes = s->lanes->count;
    ds->parked_max = set->memcap / lanes;
    ds->want_anomaly = s->sink->wanted(s->sink, "anomaly");
    ds->n.opened = counter_id("decap.tunnels_opened");
    ds->n.refused = counter_id("decap.tunnels_refused");
    ds->n.incomplete = counter_id("decap.tunnels_incomplete");
    ds->n.depth = counter_id("decap.max_depth_reached");
    ds->n.per_carrier = counter_id("decap.max_tunnels_reached");
    ds->n.parked = counter_id("decap.parked_tunnels");
    ds->n.parked_memcap = counter_id("decap.parked_memcap_drop");
    ds->n.pseudo = counter_id("decap.pseudo_packets");
    ds->n.names = counter_id("decap.names.learned");
    ds->n.evicted = counter_id("decap.names.evicted");
    ds->n.placeholder = counter_id("decap.names.placeholder");
    ds->n.passive = counter_id("decap.names.passive_dns");
    ds->n.hosts = counter_id("decap.names.hosts");
    ds->n.active = counter_id("decap.names.active");
    ds->n.lookups = counter_id("decap.names.active_queries");
    ds->n.lookup_timeout = counter_id("decap.names.active_timeout");
    ds->n.lookup_limit = counter_id("decap.names.active_limit");
    ds->n.not_relay = counter_id("decap.relays.disbelieved");
    ds->n.relays = counter_id("decap.relays.announced");
    ds->n.relays_evicted = counter_id("decap.relays.evicted");
    ds->n.egress_dropped = counter_id("decap.egress.dropped");
    ds->n.egress = counter_id("decap.names.egress");
    ds->n.joined = counter_id("decap.egress.joined");
    ds->n.ambiguous = counter_id("decap.egress.ambiguous");
    ds->n.contradicted = counter_id("decap.egress.contradicted");
    relays_init(&ds->relays, s->lanes);
    int e = egress_init(&ds->egress, s->lanes, s->lane, set->names.egress ? set->names.egress_memcap / lanes : 0,
                        shortest_life(s->settings));
    if (e != 0)
        return e;
    return names_init(&ds->names, s->lanes, s->lane, set->names.passive_dns_memcap / lanes, s->hash_seed);
}

static void decap_fini(struct stage *s)
{
    struct decap_stage *ds = s->state;
    if (!ds)
        return;
    while (ds->free) {
        struct packet *p = ds->free;
        ds->free = p->next_open;
        free(p);
    }
    for (unsigned i = 0; i < ORIGIN_BUCKETS; i++)
        while (ds->origins[i]) {
            struct origin *o = ds->origins[i];
            ds->origins[i] = o->next;
            free(o);
        }
    decap_receive(s);
    joins_fini(s);
    egress_fini(&ds->egress);
    names_fini(&ds->names);
    relays_fini(&ds->relays);
    free(ds);
    s->state = NULL;
}

struct packet *decap_take(struct decap_stage *ds)
{
    struct packet *p = ds->free;
    if (p)
        ds->free = p->next_open;
    else if (!(p = malloc(sizeof *p)))
        return NULL;
    memset(p, 0, offsetof(struct packet, d));
    p->own = NULL;
    p->frame = NULL;
    p->d.layers = 0;
    return p;
}

struct decap_flow *decap_flow_of(struct flow_ref *flow)
{
    struct decap_flow *df = flow->decap;
    if (df)
        return df;
    df = calloc(1, sizeof *df);
    if (!df)
        return NULL;
    df->flow = flow;
    flow->decap = df;
    return df;
}

void decap_open_insert(struct decap_stage *ds, struct packet *p)
{
    struct packet *at = ds->open_last;
    while (at && at->item.number > p->item.number)
        at = at->prev_open;
    p->prev_open = at;
    p->next_open = at ? at->next_open : ds->open_first;
    if (at)
        at->next_open = p;
    else
        ds->open_first = p;
    if (p->next_open)
        p->next_open->prev_open = p;
    else
        ds->open_last = p;
}

static void open_remove(struct decap_stage *ds, struct packet *p)
{
    if (p->prev_open)
        p->prev_open->next_open = p->next_open;
    else
        ds->open_first = p->next_open;
    if (p->next_open)
        p->next_open->prev_open = p->prev_open;
    else
        ds->open_last = p->prev_open;
}

void decap_mark_teaching(struct decap_stage *ds, struct packet *p)
{
    while (p->lender)
        p = p->lender;
    ds->teaching += !p->teaches;
    p->teaches = true;
}

uint64_t decap_lowest_teaching(const struct decap_stage *ds)
{
    uint64_t low = UINT64_MAX;
    if (ds->teaching) {
        const struct packet *p = ds->open_first;
        while (!p->teaches)
            p = p->next_open;
        low = p->item.number;
    }
    if (ds->parked_teaching) {
        /* Others may wait for what comes later, and that for this. */
        const struct tunnel *t = ds->parked_first;
        while (!tunnel_teaches(t))
            t = t->next_parked;
        low = t->number < low ? t->number : low;
    }
    return low;
}

/* The packet's way ends here: back to where it came from. */
static void let_go(struct stage *s, struct packet *p)
{
    struct decap_stage *ds = s->state;
    ds->teaching -= p->teaches;
    p->teaches = false;
    free(p->own);
    p->own = NULL;
    switch ((enum item_kind)p->item.kind) {
    case ITEM_PACKET:
        s->emit(s, &p->item);
        break;
    case ITEM_SEGMENT:
        p->next_open = ds->segments;
        ds->segments = p;
        break;
    default:
        p->next_open = ds->free;
        ds->free = p;
    }
}

/* Segments are flow's: they go back there, all of a batch at once. */
static void give_segments_back(struct stage *s)
{
    struct decap_stage *ds = s->state;
    struct packet *p = ds->segments;
    ds->segments = NULL;
    if (p)
        s->reenter(s, &p->item);
}

void decap_return(struct stage *s, struct packet *p)
{
    struct decap_stage *ds = s->state;
    while (p && --p->borrowers == 0) {
        struct packet *lender = p->lender;
        if (!lender)
            open_remove(ds, p);
        let_go(s, p);
        p = lender;
    }
}

/* Bytes that a parser took out of a framing, or held while its tunnel was not open. Takes the note if it owns them. */
static void take_bytes(struct stage *s, struct decap_flow *df, struct packet *p, struct note **note)
{
    struct note *n = *note;
    struct tunnel *t = df && p ? tunnel_find(df, n->bytes.channel) : NULL;
    if (!t)
        return;
    bool borrowed = n->bytes.borrowed != NULL;
    struct tunnel_bytes b = {.dir = n->bytes.dir,
                             .gap = n->bytes.gap,
                             .len = n->bytes.len,
                             .bytes = borrowed ? n->bytes.borrowed : n->data,
                             .eof = n->bytes.eof,
                             .own = borrowed ? NULL : n};
    if (!borrowed)
        *note = NULL;
    tunnel_feed(s, t, p, &b);
}

/* One of several tunnels is over while its carrier goes on. */
static void close_channel(struct stage *s, struct decap_flow *df, uint32_t channel, const struct item *item)
{
    struct tunnel *t = df ? tunnel_find(df, channel) : NULL;
    if (t)
        tunnel_close(s, t, FLOW_TIMEOUT, item, item->number);
}

static void take_notes(struct stage *s, struct item *item, struct flow_ref *flow, struct packet *p, uint64_t time_ns)
{
    struct decap_stage *ds = s->state;
    struct note *next;
    for (struct note *n = item->notes; n; n = next) {
        next = n->next;
        struct decap_flow *df;
        bool at_once;
        switch (n->kind) {
        case NOTE_TUNNEL:
            df = decap_flow_of(flow);
            if (df)
                tunnel_report(s, df, &n, item, p, time_ns);
            break;
        case NOTE_BYTES:
            take_bytes(s, flow->decap, p, &n);
            break;
        case NOTE_CLOSE:
            close_channel(s, flow->decap, n->channel, item);
            break;
        case NOTE_RELAY:
            relayed_announce(s, flow, &n, item);
            break;
        case NOTE_NAME:
            at_once = names_at_once(&flow->key, flow->link ? flow->link->depth : 0);
            names_learn(&ds->names, &n->name, &flow->key.src, flow_realm(flow),
                        item->number + (at_once ? 0 : NEWS_DELAY), time_ns);
            counter_add(s->counters, ds->n.names, 1);
            break;
        }
        free(n);
    }
    item->notes = NULL;
}

static void send_control(struct stage *s, struct packet *p)
{
    struct flow_control *c = calloc(1, sizeof *c);
    if (!c)
        return; /* only an optimisation is lost */
    c->item = (struct item){.kind = ITEM_CONTROL, .number = p->item.number, .now_ns = p->item.now_ns};
    c->flow = p->flow;
    s->reenter(s, &c->item);
}

static void take_packet(struct stage *s, struct packet *p)
{
    struct decap_stage *ds = s->state;
    struct flow_ref *flow = p->flow;
    p->borrowers = 1; /* ourselves */
    /* A pseudo-packet without a lender was parked, and is in the list since then. */
    if (!p->lender && p->item.kind != ITEM_STREAM && p->item.kind != ITEM_DATAGRAM) {
        p->teaches = false;
        decap_open_insert(ds, p);
    }
    if (p->item.notes)
        take_notes(s, &p->item, flow, p, p->time_ns);
    if (s->lanes->exporter)
        export_wire(s, p);
    if (flow && flow->decap) {
        struct decap_flow *df = flow->decap;
        struct tunnel *t = df->active;
        bool eof = p->flags & PACKET_EOF;
        if (eof && df->relay)
            relayed_end(s, df, &p->item);
        if (t && (p->carried_len || eof || p->gap))
            tunnel_feed(s, t, p,
                        &(struct tunnel_bytes){
                            .dir = p->dir, .gap = p->gap, .len = p->carried_len, .bytes = p->carried, .eof = eof});
    }
    if (flow && (!flow->link || !flow->link->payload_depth) && flow->key.proto == 6 &&
        s->settings->decap.names.egress) {
        if (egress_see(&ds->egress, p))
            egress_tell(&ds->egress, p, decap_send_egress, s);
    }
    if ((p->flags & PACKET_BYPASS) && !flow->link)
        send_control(s, p);
    if (p->item.kind == ITEM_PACKET || p->item.kind == ITEM_SEGMENT) {
        /* More items with this number may be on their way. */
        uint64_t done = p->flags & PACKET_MORE ? p->item.number - 1 : p->item.number;
        ds->seen = done > ds->seen ? done : ds->seen;
    }
    decap_return(s, p);
}

/* Pass the flow's end on to flow, which frees it. */
static void pass_end(struct stage *s, struct flow_end *end)
{
    struct decap_stage *ds = s->state;
    struct decap_flow *df = end->flow->decap;
    end->flow->decap = NULL;
    struct tunnel *was = df ? df->as_child : NULL;
    if (was)
        tunnel_ended(s, was, end);
    /* Ours to change: the link is from here, and nobody else reads it any more. */
    if (end->more && end->more->true_dst.family != ADDR_NONE)
        ((struct tunnel_link *)(uintptr_t)end->flow->link)->address_source = ADDRESS_EGRESS;
    if (df && df->claimed && !df->believed)
        end->app_proto = "failed";
    if (df) {
        relayed_remove(ds, df);
        free(df->relay);
    }
    free(df);
    s->reenter(s, &end->item);
}

void decap_pass_end(struct stage *s, struct flow_end *end)
{
    struct decap_stage *ds = s->state;
    /* A child's end may be the last thing that its carrier's end waited for; and that carrier a child itself. */
    while (end) {
        struct decap_flow *df = end->flow->decap;
        if (df && df->as_child && !ending_ready(s, df->as_child, end))
            return;
        struct decap_flow *carrier = df && df->as_child ? df->as_child->carrier : NULL;
        pass_end(s, end);
        end = carrier && carrier->end && !carrier->tunnels ? carrier->end : NULL;
        if (end && egress_hold(&ds->egress, end))
            return;
    }
}

void decap_leave(struct stage *s, struct flow_end *end)
{
    struct decap_stage *ds = s->state;
    if (!egress_hold(&ds->egress, end))
        decap_pass_end(s, end);
}

void decap_settle(struct stage *s, struct decap_flow *carrier)
{
    if (carrier->end && !carrier->tunnels)
        decap_leave(s, carrier->end);
}

static void take_end(struct stage *s, struct flow_end *end)
{
    if (end->item.notes)
        take_notes(s, &end->item, end->flow, NULL, end->last_ns);
    struct decap_flow *df = end->flow->decap;
    if (df && df->tunnels) {
        df->end = end;
        struct tunnel *next;
        for (struct tunnel *t = df->tunnels; t; t = next) {
            next = t->next;
            tunnel_close(s, t, end->reason, &end->item, end->last_number + 1);
        }
        if (df->tunnels)
            return;
    }
    decap_leave(s, end);
}

/* Tunnels that ended without a child leave their carrier's end to be passed on. */
static void take_opened(struct stage *s, struct child_open *o)
{
    struct decap_flow *carrier = ((struct tunnel *)o->tunnel)->carrier;
    tunnel_opened(s, o);
    decap_settle(s, carrier);
}

/* Say how far the lane has come. */
static void publish(struct stage *s)
{
    struct decap_stage *ds = s->state;
    uint64_t done = ds->seen;
    if (ds->open_first && ds->open_first->item.number <= done)
        done = ds->open_first->item.number - 1;
    if (ds->parked_first && ds->parked_first->number <= done)
        done = ds->parked_first->number - 1;
    if (done != ds->completed)
        atomic_store_explicit(&s->lanes->progress[s->lane].completed, done, memory_order_release);
    ds->completed = done;
    uint64_t teaching = decap_lowest_teaching(ds);
    uint64_t all = decap_seen(ds);
    uint64_t told = teaching <= all ? teaching - 1 : all;
    if (told != ds->names_told)
        atomic_store_explicit(&s->lanes->progress[s->lane].told, told, memory_order_release);
    ds->names_told = told;
}

static bool go_on(struct stage *s)
{
    struct decap_stage *ds = s->state;
    decap_receive(s);
    egress_turn(&ds->egress, ds->seen, decap_send_egress, s);
    publish(s);
    bool did = false;
    while (ds->parked_first && tunnel_unpark(s)) {
        did = true;
        publish(s);
    }
    if (ds->ending_first)
        ending_turn(s);
    decap_release_ends(s);
    give_segments_back(s);
    atomic_store_explicit(&s->counters->value[ds->n.evicted], ds->names.evicted, memory_order_relaxed);
    atomic_store_explicit(&s->counters->value[ds->n.relays_evicted], ds->relays.evicted, memory_order_relaxed);
    atomic_store_explicit(&s->counters->value[ds->n.egress_dropped], ds->egress.dropped, memory_order_relaxed);
    return did;
}

static void decap_process(struct stage *s, struct item **batch, unsigned n)
{
    struct decap_stage *ds = s->state;
    for (unsigned i = 0; i < n; i++) {
        struct item *item = batch[i];
        if (item->now_ns > ds->now_ns)
            ds->now_ns = item->now_ns;
        switch ((enum item_kind)item->kind) {
        case ITEM_PACKET:
        case ITEM_SEGMENT:
        case ITEM_STREAM:
        case ITEM_DATAGRAM:
            take_packet(s, (struct packet *)item);
            break;
        case ITEM_OPEN:
            take_opened(s, (struct child_open *)item);
            break;
        case ITEM_END:
            take_end(s, (struct flow_end *)item);
            break;
        case ITEM_TICK:
            if (item->number > ds->seen)
                ds->seen = item->number;
            ds->last = ds->last || ((struct tick *)item)->last;
            s->emit(s, item);
            break;
        case ITEM_CLOSE:
        case ITEM_CONTROL:
            break; /* for flow alone */
        }
    }
    go_on(s);
}

static bool decap_tick(struct stage *s)
{
    return go_on(s);
}

static bool decap_drained(const struct stage *s)
{
    const struct decap_stage *ds = s->state;
    return !ds->open_first && !ds->parked_first && !ds->ending_first && !egress_holds(&ds->egress);
}

const struct stage_ops decap_stage_ops = {
    .name = "decap",
    .thread_init = decap_init,
    .process = decap_process,
    .tick = decap_tick,
    .drained = decap_drained,
    .thread_fini = decap_fini,
};
