/* Rules at work: packets and transactions are shown to the detection engine, and what matched is written. */
#include <errno.h>
#include <stdlib.h>

#include "app/alert.h"
#include "core/log.h"

/* Find the protocol as rules name it. */
static enum detect_app app_of(const struct app_proto *p)
{
    for (unsigned app = 1; app < DETECT_APP_COUNT; app++) {
        const char *name = detect_app_parser((enum detect_app)app);
        /* "http" is any version; a flow's is one. */
        if (name && strcmp(name, p->name) == 0 && app != APP_HTTP)
            return (enum detect_app)app;
    }
    return APP_ANY;
}

static bool map_proto(struct app_rules *r, const struct app_stage *st, unsigned i)
{
    const struct app_proto *p = st->protos[i];
    r->apps[i] = app_of(p);
    r->buffers[i] = calloc(detect_buffer_count(), sizeof *r->buffers[i]);
    if (!r->buffers[i])
        return false;
    for (const struct proto_buffer *b = p->buffers; b && b->key; b++)
        r->buffers[i][detect_buffer_find(b->key)] = b;
    for (const struct proto_number *n = p->numbers; n && n->key; n++)
        for (unsigned f = 0; f < DETECT_FIELD_COUNT; f++)
            if (strcmp(app_field_names[f], n->key) == 0)
                r->numbers[i][f] = n;
    return true;
}

#define FIELD_NAME(id, name) name,
const char *const app_field_names[DETECT_FIELD_COUNT] = {DETECT_FIELDS(FIELD_NAME)};
#undef FIELD_NAME

/* Likewise while other rules came, or are to be left. */
static void choose_among(struct stage *s, uint64_t number)
{
    struct app_stage *st = s->state;
    struct app_rules *r = st->rules;
    uint64_t completed = atomic_load_explicit(&s->lanes->progress[s->lane].completed, memory_order_acquire);
    r->lane = detect_follow_lane(&r->follow, s->lane, number, completed, s->counters);
    const struct detect_generation *newest = r->follow.after ? r->follow.after : r->follow.now;
    if (newest == r->newest)
        return;
    r->newest = newest;
    app_files_rules(st, newest->detect);
}

/* The rules that count for a packet's number. */
static inline void choose(struct stage *s, uint64_t number)
{
    struct app_rules *r = ((struct app_stage *)s->state)->rules;
    if (r->newest == r->follow.now && detect_follow_settled(&r->follow))
        r->lane = r->follow.lane;
    else
        choose_among(s, number);
}

int app_rules_init(struct stage *s)
{
    struct app_stage *st = s->state;
    if (!s->lanes->rules)
        return 0;
    struct app_rules *r = st->rules = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    detect_counters_init();
    detect_follow_begin(&r->follow, s->lanes->rules, s->lane, s->counters);
    app_alert_options_init(r, s->settings);
    app_view_init(&r->view);
    app_verdict_init(&r->verdict, s);
    r->asked_all = r->verdict.ips || app_shown_wanted(&r->options);
    for (unsigned i = 0; i < st->proto_count; i++)
        if (!map_proto(r, st, i))
            return -ENOMEM;
    choose(s, 0);
    if (s->lane == 0 && !st->files.store && detect_stores_files(r->newest->detect))
        log_warning("rules say filestore, but the output file-store is off: no file is stored");
    return 0;
}

void app_rules_fini(struct app_stage *st)
{
    struct app_rules *r = st->rules;
    st->rules = NULL;
    if (!r)
        return;
    detect_follow_end(&r->follow);
    app_view_fini(&r->view);
    for (unsigned i = 0; i < APP_PROTO_MAX; i++)
        free(r->buffers[i]);
    free(r);
}

void app_rules_end(struct app_stage *st, struct app_session *as)
{
    if (st->rules)
        app_shown_destroy(&st->rules->view, &as->shown);
    detect_flow_destroy(&as->detect);
}

static bool get_buffer(const struct detect_tx *tx, unsigned buffer, enum flow_dir dir, unsigned instance,
                       struct buf *work, struct inspect_bytes *out)
{
    const struct app_call *c = tx->arg[0];
    const struct app_session *as = c->session;
    struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct proto_buffer *b = r->buffers[as->proto_index][buffer];
    struct proto_ask ask = {
        .state = as->state, .tx = tx->arg[1], .dir = dir, .index = instance, .work = work, .cursor = r->cursor};
    if (!instance)
        memset(r->cursor, 0, sizeof r->cursor);
    struct proto_bytes bytes = {NULL, 0};
    buf_clear(work);
    if (!b || !b->get(&ask, &bytes))
        return false;
    *out = (struct inspect_bytes){bytes.p, bytes.n};
    return true;
}

static bool get_number(const struct detect_tx *tx, enum detect_field field, enum flow_dir dir, unsigned instance,
                       uint64_t *out)
{
    const struct app_call *c = tx->arg[0];
    const struct app_session *as = c->session;
    struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct proto_number *n = r->numbers[as->proto_index][field];
    struct proto_ask ask = {.state = as->state, .tx = tx->arg[1], .dir = dir, .index = instance, .cursor = r->cursor};
    if (!instance)
        memset(r->cursor, 0, sizeof r->cursor);
    return n && n->get(&ask, out);
}

static bool get_file(const struct detect_tx *tx, enum flow_dir dir, unsigned instance, struct detect_file *out)
{
    return app_files_ask(tx->arg[1], dir, instance, out);
}

/* As in Suricata, an alert on a stream, or of a rule for the datagram's protocol, is taken to be about the direction's
 * transaction if there is only one. */
static const struct proto_tx *guess_tx(const struct app_call *c, const struct detect_alert *alert)
{
    const struct app_session *as = c->session;
    bool datagram = c->flow && c->flow->key.proto == 17 && alert->rule->app_set;
    if (!as || !as->proto || !(alert->in_stream || datagram))
        return NULL;
    const struct proto_tx *only = NULL;
    for (const struct proto_tx *tx = ((const struct proto_txs *)as->state)->first; tx; tx = tx->next) {
        if (as->proto->messages && tx->came != (uint8_t)alert->dir)
            continue;
        if (only)
            return NULL;
        only = tx;
    }
    return only;
}

bool app_rules_hold_tx(const struct app_call *c, const struct proto_tx *tx)
{
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct app_session *as = c->session;
    return r && r->options.guess && as->proto->messages && as->detect && c->packet &&
           detect_unseen(as->detect, (enum flow_dir)tx->came);
}

static void store_files(const struct detect_tx *tx, unsigned dirs, bool flow, int file)
{
    app_files_store((struct app_call *)(uintptr_t)tx->arg[0], (struct proto_tx *)(uintptr_t)tx->arg[1], dirs, flow,
                    file);
}

static void write_alert(struct app_call *c, const struct detect_alert *alert, struct detect_input *in)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    const struct rule *r = alert->rule;
    const struct proto_tx *tx = alert->tx || !st->rules->options.guess ? alert->tx : guess_tx(c, alert);
    const struct event_alert line = {
        r->gid, r->sid, r->rev, r->priority, r->msg, r->class_type ? r->class_type->text : "", app_alert_mark(c, r)};
    struct app_alert a = {
        .call = c, .rule = r, .alert = alert, .tx = tx, .input = in, .rules = st->rules, .in_stream = alert->in_stream};
    const char *proto = as && as->proto ? as->proto->name : as && as->mode == APP_FAILED ? "failed" : NULL;
    in->dir = alert->dir;
    struct event e = {.type = "alert",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .follow_packet = true,
                      .dir = in->dir,
                      .app_proto = proto,
                      .tx_id = tx ? (int64_t)tx->id : -1,
                      .write = app_alert_write,
                      .arg = &a,
                      .alert = &line};
    struct flow_ref behind_proxy;
    if (st->rules->options.xff_overwrite && c->flow) {
        behind_proxy = *c->flow;
        if (app_alert_xff(&a, &behind_proxy.key.src))
            e.flow = &behind_proxy;
    }
    c->stage->sink->emit(c->stage->sink, &e);
    if (as)
        as->alerted = true;
}

/* Is the packet's payload in a framing whose content goes on to children? Then it is matched there. */
static bool carries(const struct packet *p)
{
    if (p->carried_len)
        return true;
    for (const struct note *n = p->item.notes; n; n = n->next)
        if (n->kind == NOTE_BYTES)
            return true;
    return false;
}

/* What the flow was before its protocol changed. */
static enum detect_app first_app(const struct app_call *c)
{
    const struct app_session *as = c->session;
    const struct app_stage *st = c->stage->state;
    for (unsigned i = 0; as && as->first_proto && i < st->proto_count; i++)
        if (strcmp(st->protos[i]->name, as->first_proto) == 0)
            return st->rules->apps[i];
    return APP_ANY;
}

static struct detect_input input_of(const struct app_call *c, enum flow_dir dir)
{
    const struct app_session *as = c->session;
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    return (struct detect_input){.packet = c->packet,
                                 .flow = c->flow,
                                 .state = as ? as->detect : NULL,
                                 .dir = dir,
                                 .time_ns = c->time_ns,
                                 .app = as && as->proto ? r->apps[as->proto_index] : APP_ANY,
                                 .app_first = first_app(c),
                                 .app_failed = as && as->mode == APP_FAILED && !as->proto,
                                 .ips = r->verdict.ips,
                                 .reversed = as && as->reversed,
                                 .host_mismatch = as && as->host_mismatch};
}

void app_rules_tick(struct stage *s)
{
    if (((struct app_stage *)s->state)->rules)
        choose(s, UINT64_MAX);
}

static bool begin(struct app_call *c)
{
    struct app_session *as = c->session;
    choose(c->stage, c->item->number);
    if (as && !as->detect)
        as->detect = detect_flow_create(&((struct app_stage *)c->stage->state)->rules->windows);
    return !as || as->detect;
}

/* What matched, in order and without what is kept back. Transactions it is about are still there. */
static void flush(struct app_call *c, struct detect_input *in)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    if (!r->alerts.count && !r->verdict.ips)
        return;
    detect_finish(r->lane, in, &r->alerts);
    app_verdict_after(c, &r->alerts);
    for (unsigned i = 0; i < r->alerts.count; i++)
        write_alert(c, &r->alerts.alert[i], in);
    r->alerts.count = 0;
}

/* The events of a transaction, by name. */
static unsigned events_of(const struct app_proto *p, const struct proto_tx *tx,
                          struct detect_app_event out[APP_EVENTS_MAX])
{
    unsigned n = 0;
    for (uint64_t left = tx->events; left && n < APP_EVENTS_MAX; left &= left - 1) {
        unsigned event = (unsigned)__builtin_ctzll(left);
        if (event < p->event_count)
            out[n++] = (struct detect_app_event){p->events[event].name, tx};
    }
    return n;
}

/* One direction of a transaction, if it came further. */
static void show(struct app_call *c, struct proto_tx *tx, enum flow_dir dir, bool over)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    uint8_t now = over ? TX_DONE : tx->progress[dir], before = tx->shown[dir];
    uint8_t other = over ? TX_DONE : tx->progress[flow_dir_other(dir)];
    bool grew = now < TX_BODY && tx->looks[dir] != tx->looked[dir];
    bool wanted =
        tx->waiting && before < TX_DONE && c->packet && c->packet->payload_len && detect_tx_wants(tx->waiting, dir);
    if (now <= before && !grew && !wanted)
        return;
    struct detect_app_event events[APP_EVENTS_MAX];
    struct detect_input in = input_of(c, dir);
    in.app_events = events;
    in.app_event_count = tx->events ? events_of(c->session->proto, tx, events) : 0;
    struct detect_tx view = {.id = tx->id,
                             .shown = {tx->shown[0], tx->shown[1]},
                             .grew = grew,
                             .state = &tx->waiting,
                             .buffer = get_buffer,
                             .number = get_number,
                             .file = get_file,
                             .store = store_files,
                             .arg = {c, tx, NULL}};
    view.progress[dir] = now;
    view.progress[flow_dir_other(dir)] = other;
    detect_transaction(r->lane, &in, &view, &r->alerts);
    tx->shown[dir] = now;
    tx->looked[dir] = tx->looks[dir];
}

/* As in Suricata, a direction is looked at with packets of its own, but for what is over. */
static bool shows_with(const struct app_call *c, enum flow_dir dir)
{
    return !c->packet || (c->session->reversed ? flow_dir_other(dir) : dir) == c->packet->dir;
}

static void show_all(struct app_call *c, bool last)
{
    struct app_session *as = c->session;
    struct proto_txs *txs = as && as->proto ? as->state : NULL;
    if (as && c->packet)
        as->unshown &= (uint8_t) ~(1u << c->packet->dir);
    for (struct proto_tx *tx = txs ? txs->first : NULL; tx; tx = tx->next) {
        bool over = last || tx->complete;
        if (over || shows_with(c, TO_SERVER))
            show(c, tx, TO_SERVER, over);
        if (over || shows_with(c, TO_CLIENT))
            show(c, tx, TO_CLIENT, over);
    }
}

bool app_rules_later(struct app_call *c)
{
    struct packet *p = c->packet;
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    if (c->event_count || !begin(c) || !c->session)
        return false;
    c->session->carries |= carries(p);
    if (c->encrypted || c->session->carries || c->session->mode == APP_TUNNEL) {
        detect_leave(c->session->detect, p);
        return true;
    }
    return detect_later(detect_of(r->lane), c->session->detect, p);
}

static void look_unseen(struct app_rules *r, struct detect_input in)
{
    in.unseen_only = true;
    in.hidden = false;
    detect_packet(r->lane, &in, &r->alerts);
}

static bool is_quiet(const struct app_rules *r, const struct app_session *as, const struct packet *p)
{
    return detect_quiet(r->lane, as->detect, p, as->proto ? r->apps[as->proto_index] : APP_ANY,
                        as->mode == APP_FAILED && !as->proto);
}

/* Most packets of a bulk transfer, where rules are few. What of transactions is due was looked at with an earlier
 * packet of the direction. */
bool app_rules_pass_over(struct stage *s, struct app_session *as, const struct packet *p)
{
    const struct app_rules *r = ((struct app_stage *)s->state)->rules;
    if (!(p->flags & PACKET_PLAIN) || as->unshown >> p->dir & 1 || !as->detect || r->asked_all)
        return false;
    choose(s, p->item.number);
    return is_quiet(r, as, p);
}

void app_rules_packet(struct app_call *c)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    bool passed = c->packet->seen.policy == POLICY_PASS;
    if (passed || !begin(c))
        return;
    struct app_session *as = c->session;
    bool alone = as && !c->event_count && !r->verdict.ips && !c->packet->item.notes && !c->packet->carried_len;
    if (alone && is_quiet(r, as, c->packet)) {
        show_all(c, false);
        if (r->alerts.count) {
            struct detect_input in = input_of(c, c->packet->dir);
            flush(c, &in);
        }
        return;
    }
    struct detect_input in = input_of(c, c->packet->dir);
    bool carried = carries(c->packet);
    if (as && carried)
        as->carries = true;
    /* What came out of order, or again, of a flow that carries others is most likely theirs: it was or will be matched
     * there. */
    bool again = as && as->carries && c->flow->key.proto == 6 && !c->packet->payload_len;
    in.hidden = c->encrypted || carried || again || (as && as->mode == APP_TUNNEL);
    in.app_events = c->events;
    in.app_event_count = c->event_count;
    /* Bytes before a gap, or before what is hidden, are looked at by themselves. */
    bool apart = in.hidden || (c->packet->flags & PACKET_GAP) || (in.state && detect_parted(in.state, in.dir));
    for (unsigned parts = 0; parts < 2 && apart && in.state && detect_unseen(in.state, in.dir); parts++)
        look_unseen(r, in);
    if (detect_tagged(r->lane, &in) && r->options.tagged)
        app_write_tagged(c);
    detect_packet(r->lane, &in, &r->alerts);
    c->event_count = 0;
    show_all(c, false);
    flush(c, &in);
}

void app_rules_last(struct app_call *c)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    if (!r || !begin(c))
        return;
    struct detect_input in = input_of(c, c->packet ? c->packet->dir : TO_SERVER);
    if (c->event_count) { /* raised in this very call: of the protocol that is left */
        in.packet = NULL;
        in.app_events = c->events;
        in.app_event_count = c->event_count;
        detect_packet(r->lane, &in, &r->alerts);
        c->event_count = 0;
    }
    show_all(c, true);
    flush(c, &in);
}

bool app_rules_want_stream(const struct app_call *c)
{
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct app_session *as = c->session;
    bool encrypted = as->mode == APP_DONE && as->proto && as->proto->ciphers;
    return r && !encrypted && (!as->detect || detect_wants_stream(detect_of(r->lane), as->detect));
}

static const struct app_proto *parser_of(enum detect_app app)
{
    const char *name = detect_app_parser(app);
    for (unsigned i = 0; name && proto_table[i]; i++)
        if (strcmp(proto_table[i]->name, name) == 0)
            return proto_table[i];
    return NULL;
}

uint8_t app_rules_ready(enum detect_app app, unsigned buffer)
{
    const struct app_proto *p = app ? parser_of(app) : NULL;
    const char *key = detect_buffer(buffer)->key;
    for (const struct proto_ready *r = p ? p->ready : NULL; r && r->key; r++)
        if (strcmp(r->key, key) == 0)
            return (uint8_t)r->progress;
    for (const struct proto_buffer *b = p ? p->buffers : NULL; b && b->key; b++)
        if (strcmp(b->key, key) == 0)
            return TX_DONE;
    return TX_STARTED;
}
