/* Rules at work: packets and transactions are shown to the detection engine, and what matched is written. */
#include <errno.h>
#include <stdlib.h>

#include "app/alert.h"
#include "config/conf.h"

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

static void read_options(struct app_rules *r, const struct settings *s)
{
    r->options.metadata = true;
    r->options.payload_most = 4096;
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct settings_eve_type *t = &s->eve.types[i];
        if (strcmp(t->name, "alert") != 0 || !t->options)
            continue;
        r->options.payload = conf_get_bool(t->options, "payload", false);
        r->options.printable = conf_get_bool(t->options, "payload-printable", false);
        r->options.packet = conf_get_bool(t->options, "packet", false);
        r->options.payload_most = (uint32_t)conf_get_size(t->options, "payload-buffer-size", 4096);
        r->options.metadata = conf_get_bool(t->options, "metadata", true);
        r->options.references = conf_get_bool(t->options, "metadata.rule.reference", false);
        r->options.raw = conf_get_bool(t->options, "metadata.rule.raw", false);
    }
}

int app_rules_init(struct stage *s)
{
    struct app_stage *st = s->state;
    const struct detect *d = s->lanes->detect;
    if (!d)
        return 0;
    struct app_rules *r = st->rules = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    detect_counters_init();
    r->detect = d;
    r->lane = detect_lane_create(d, s->counters);
    read_options(r, s->settings);
    for (unsigned i = 0; i < st->proto_count; i++)
        if (!map_proto(r, st, i))
            return -ENOMEM;
    return r->lane ? 0 : -ENOMEM;
}

void app_rules_fini(struct app_stage *st)
{
    struct app_rules *r = st->rules;
    st->rules = NULL;
    if (!r)
        return;
    detect_lane_destroy(&r->lane);
    for (unsigned i = 0; i < APP_PROTO_MAX; i++)
        free(r->buffers[i]);
    free(r);
}

void app_rules_end(struct app_session *as)
{
    detect_flow_destroy(&as->detect);
}

static bool get_buffer(const struct detect_tx *tx, unsigned buffer, enum flow_dir dir, unsigned instance,
                       struct buf *work, struct inspect_bytes *out)
{
    const struct app_call *c = tx->arg[0];
    const struct app_session *as = c->session;
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct proto_buffer *b = r->buffers[as->proto_index][buffer];
    struct proto_ask ask = {.state = as->state, .tx = tx->arg[1], .dir = dir, .index = instance, .work = work};
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
    const struct app_rules *r = ((const struct app_stage *)c->stage->state)->rules;
    const struct proto_number *n = r->numbers[as->proto_index][field];
    struct proto_ask ask = {.state = as->state, .tx = tx->arg[1], .dir = dir, .index = instance};
    return n && n->get(&ask, out);
}

static void write_alerts(struct app_call *c, const struct detect_alerts *alerts, const struct detect_input *in,
                         const struct proto_tx *tx)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    for (unsigned i = 0; i < alerts->count; i++) {
        const struct rule *r = alerts->alert[i].rule;
        const struct event_alert line = {r->gid,      r->sid, r->rev,
                                         r->priority, r->msg, r->class_type ? r->class_type->text : ""};
        struct app_alert a = {
            .call = c, .rule = r, .tx = tx, .input = in, .rules = st->rules, .in_stream = alerts->alert[i].in_stream};
        struct event e = {.type = "alert",
                          .time_ns = c->time_ns,
                          .number = c->number,
                          .flow = c->flow,
                          .packet = c->packet,
                          .follow_packet = true,
                          .dir = in->dir,
                          .app_proto = as && as->proto                ? as->proto->name
                                       : as && as->mode == APP_FAILED ? "failed"
                                                                      : NULL,
                          .tx_id = tx ? (int64_t)tx->id : -1,
                          .write = app_alert_write,
                          .arg = &a,
                          .alert = &line};
        c->stage->sink->emit(c->stage->sink, &e);
        if (as)
            as->alerted = true;
    }
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
                                 .app_failed = as && as->mode == APP_FAILED && !as->proto,
                                 .reversed = as && as->reversed,
                                 .host_mismatch = as && as->host_mismatch};
}

static bool begin(struct app_call *c)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    struct app_session *as = c->session;
    if (as && !as->detect)
        as->detect = detect_flow_create(r->detect);
    return !as || as->detect;
}

void app_rules_packet(struct app_call *c)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    if (!begin(c))
        return;
    struct detect_input in = input_of(c, c->packet->dir);
    struct app_session *as = c->session;
    bool carried = carries(c->packet);
    if (as && carried)
        as->carries = true;
    /* What came out of order, or again, of a flow that carries others is most likely theirs: it was or will be matched
     * there. */
    bool again = as && as->carries && c->flow->key.proto == 6 && !c->packet->payload_len;
    in.hidden = carried || again || (as && as->mode == APP_TUNNEL);
    in.app_events = c->events;
    in.app_event_count = c->event_count;
    struct detect_alerts alerts = {.count = 0};
    detect_packet(r->lane, &in, &alerts);
    /* What an event is about is, most often, the transaction that was begun last. */
    const struct proto_txs *txs = c->event_count && c->session && c->session->proto ? c->session->state : NULL;
    write_alerts(c, &alerts, &in, txs ? txs->last : NULL);
    c->event_count = 0;
}

void app_rules_tx(struct app_call *c, struct proto_tx *tx)
{
    struct app_rules *r = ((struct app_stage *)c->stage->state)->rules;
    if (!r || !begin(c))
        return;
    struct detect_tx view = {.id = tx->id, .buffer = get_buffer, .number = get_number, .arg = {c, tx, NULL}};
    for (int dir = 0; dir < 2; dir++) {
        struct detect_input in = input_of(c, (enum flow_dir)dir);
        struct detect_alerts alerts = {.count = 0};
        detect_transaction(r->lane, &in, &view, &alerts);
        if (in.reversed)
            in.dir = flow_dir_other(in.dir);
        write_alerts(c, &alerts, &in, tx);
    }
}
