/* The records of the app stage: transactions and application anomalies. */
#include "app/session.h"

#include <stdlib.h>

static void write_event(const struct event *e, struct json *j)
{
    const struct app_session *as = e->arg;
    if (as->proto)
        json_str(j, "app_proto", as->proto->name);
    json_str(j, "type", "applayer");
    json_str(j, "event", e->arg2);
    json_str(j, "layer", "proto_parser");
}

void app_event(struct app_call *c, const char *name, unsigned bit, struct proto_tx *tx)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    uint64_t mask = 1ull << (bit & 63);
    if (!tx && as->state)
        tx = ((struct proto_txs *)as->state)->last;
    uint64_t *told = tx ? &tx->events : &as->events_told;
    bool again = (*told & mask) != 0;
    *told |= mask;
    if (c->event_count < APP_EVENTS_MAX)
        c->events[c->event_count++] = (struct detect_app_event){name, tx};
    if (!st->want_anomaly || again)
        return;
    struct event e = {.type = "anomaly",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .macs = app_macs(c),
                      .follow_packet = c->packet != NULL,
                      .dir = c->packet ? c->packet->dir : TO_SERVER,
                      .tx_id = tx ? (int64_t)tx->id : -1,
                      .key = "anomaly",
                      .write = write_event,
                      .arg = as,
                      .arg2 = name};
    c->stage->sink->emit(c->stage->sink, &e);
}

static void write_mismatch(const struct event *e, struct json *j)
{
    const struct app_session *as = e->arg;
    json_str(j, "app_proto", as->proto->name);
    json_str(j, "type", "applayer");
    json_str(j, "event", "tunnel.host_mismatch");
    json_str(j, "layer", "tunnel");
}

void app_mismatch(struct app_call *c)
{
    struct app_stage *st = c->stage->state;
    counter_add(c->stage->counters, st->n.mismatch, 1);
    if (!st->want_anomaly)
        return;
    struct event e = {.type = "anomaly",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .macs = app_macs(c),
                      .follow_packet = c->packet != NULL,
                      .dir = c->packet ? c->packet->dir : TO_SERVER,
                      .tx_id = -1,
                      .key = "anomaly",
                      .write = write_mismatch,
                      .arg = c->session};
    c->stage->sink->emit(c->stage->sink, &e);
}

void app_put_tx(const struct app_session *as, const struct proto_tx *tx, bool own, struct json *j)
{
    const struct app_proto *p = as->proto;
    if (!p->record)
        return;
    json_open_object(j, p->record);
    p->log(as->state, tx, j);
    json_end_object(j);
    if (p->log_beside)
        p->log_beside(as->state, tx, own, j);
}

static void write_tx(const struct event *e, struct json *j)
{
    app_put_tx(e->arg, e->arg2, true, j);
}

static void log_tx(struct app_call *c, struct proto_tx *tx)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    tx->logged = true;
    app_files_log(c, tx, true);
    counter_add(c->stage->counters, st->n.txs[as->proto_index], 1);
    if (tx->unlogged || !as->proto->record || !st->want[as->proto_index])
        return;
    struct event e = {.type = as->proto->record,
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .macs = app_macs(c),
                      .follow_packet = tx->from_server,
                      .dir = tx->from_server ? TO_CLIENT : TO_SERVER,
                      .tx_id = (int64_t)tx->id,
                      .not_in = tx->not_in,
                      .write = write_tx,
                      .arg = as,
                      .arg2 = tx};
    c->stage->sink->emit(c->stage->sink, &e);
}

void app_tx_free(const struct app_proto *proto, struct proto_tx *tx)
{
    if (proto->tx_fini)
        proto->tx_fini(tx);
    detect_tx_state_destroy(&tx->waiting);
    free(tx);
}

void app_log_txs(struct app_call *c)
{
    struct app_session *as = c->session;
    struct proto_txs *txs = as->state;
    struct proto_tx **at = &txs->first;
    txs->last = NULL;
    while (*at) {
        struct proto_tx *tx = *at;
        if (tx->complete && !tx->logged)
            log_tx(c, tx);
        if (!tx->complete || app_rules_hold_tx(c, tx)) {
            if (!tx->complete && !as->proto->files_last)
                app_files_log(c, tx, false);
            txs->last = tx;
            at = &tx->next;
            continue;
        }
        *at = tx->next;
        txs->count--;
        app_files_free(c->stage->state, tx);
        app_tx_free(as->proto, tx);
    }
}
