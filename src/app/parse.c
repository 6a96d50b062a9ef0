/* Driving a parser: bytes in, status out, and what a tunnel's opening means for the bytes that waited. */
#include "app/session.h"

#include <stdlib.h>

/* A flow changes its protocol this often at most. */
#define CHANGES_MAX 4u

void app_release(struct app_stage *as, struct app_side *side)
{
    as->held -= side->held.len;
    buf_fini(&side->held);
}

bool app_hold(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len)
{
    struct app_stage *st = c->stage->state;
    struct app_side *side = &c->session->side[dir];
    if (side->held.len + len > st->side_max || st->held + len > st->held_max || !buf_add(&side->held, data, len)) {
        counter_add(c->stage->counters, st->n.held_limit, 1);
        c->session->mode = APP_FAILED;
        app_release(st, &c->session->side[TO_SERVER]);
        app_release(st, &c->session->side[TO_CLIENT]);
        return false;
    }
    st->held += len;
    return true;
}

static struct proto_io io_of(struct app_call *c, enum flow_dir dir)
{
    const struct app_stage *st = c->stage->state;
    return (struct proto_io){.dir = dir,
                             .bodies = st->files.bodies,
                             .time_ns = c->time_ns,
                             .flow = c->flow,
                             .settings = c->stage->settings,
                             .config = st->configs[c->session->proto_index],
                             .engine = &app_engine,
                             .engine_ctx = c};
}

/* The bytes a side still holds become the tunnel's. */
static void hand_over(struct app_call *c, enum flow_dir dir)
{
    struct app_stage *st = c->stage->state;
    struct app_side *side = &c->session->side[dir];
    if (side->held.len) {
        struct note *n = note_bytes(0, dir, side->held.data, (uint32_t)side->held.len);
        if (n)
            note_append(c->item, n);
    }
    app_release(st, side);
}

static void leave(struct app_call *c, enum app_mode mode)
{
    struct app_stage *st = c->stage->state;
    c->session->mode = mode;
    app_release(st, &c->session->side[TO_SERVER]);
    app_release(st, &c->session->side[TO_CLIENT]);
}

/* The flow goes on as the protocol that its parser named. What both sides hold is parsed by the caller's caller: the
 * session says so. */
static void change(struct app_call *c)
{
    struct app_session *as = c->session;
    bool more = c->next && as->mode == APP_PARSING && as->changes < CHANGES_MAX;
    unsigned next = c->next;
    c->next = 0;
    if (!more) {
        leave(c, APP_FAILED);
        return;
    }
    const char *was = as->proto->name;
    app_leave_proto(c);
    as->changes++;
    as->events_told = 0;
    for (int d = 0; d < 2; d++) {
        as->side[d].waiting = false;
        as->side[d].eof_told = false;
    }
    if (!as->first_proto)
        as->first_proto = was;
    as->changed = app_begin(c, next - 1);
    if (!as->changed)
        leave(c, APP_FAILED);
    struct proto_io io = as->changed ? io_of(c, TO_SERVER) : (struct proto_io){.len = 0};
    if (as->changed && as->proto->inherit && c->inherited.len)
        as->proto->inherit(as->state, &io, &c->inherited);
    buf_fini(&c->inherited);
}

/* One call of the parser with what the side holds and, behind it, new bytes. Returns how many bytes it took. */
static size_t call_parser(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len)
{
    static const uint8_t nothing;
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    struct app_side *side = &as->side[dir];
    bool direct = side->held.len == 0;
    if (!direct && len) {
        if (!app_hold(c, dir, data, len))
            return 0;
        len = 0;
    }
    struct proto_io io = io_of(c, dir);
    io.data = !direct ? side->held.data : data ? data : &nothing;
    io.len = direct ? len : side->held.len;
    io.eof = side->eof;
    if (side->eof)
        side->eof_told = true;
    enum proto_status status = as->proto->parse(as->state, &io);
    app_flush_carried(c);
    size_t took = io.consumed < io.len ? io.consumed : io.len;
    if (!direct) {
        st->held -= took;
        buf_drop(&side->held, took);
    }
    side->waiting = status == PROTO_OTHER_SIDE;
    switch (status) {
    case PROTO_OK:
    case PROTO_OTHER_SIDE:
        if (direct && took < len)
            app_hold(c, dir, data + took, len - took);
        break;
    case PROTO_TUNNEL:
        as->mode = APP_TUNNEL;
        hand_over(c, flow_dir_other(dir));
        hand_over(c, dir);
        if (direct && took < len && c->packet) {
            c->packet->carried = data + took;
            c->packet->carried_len = (uint32_t)(len - took);
        }
        break;
    case PROTO_DONE:
        leave(c, APP_DONE);
        break;
    case PROTO_BROKEN:
        counter_add(c->stage->counters, st->n.broken, 1);
        leave(c, APP_FAILED);
        break;
    case PROTO_CHANGE:
        if (direct && took < len)
            app_hold(c, dir, data + took, len - took);
        change(c);
        break;
    }
    return took;
}

/* A side that waited may go on once the other was parsed. Ends because every turn but the last consumes bytes. */
static void settle(struct app_call *c, enum flow_dir dir)
{
    struct app_session *as = c->session;
    enum flow_dir d = flow_dir_other(dir);
    unsigned idle = 0;
    while (as->mode == APP_PARSING && idle < 2) {
        struct app_side *side = &as->side[d];
        bool due = side->waiting && (side->held.len || (side->eof && !side->eof_told));
        side->waiting = false;
        size_t took = due ? call_parser(c, d, NULL, 0) : 0;
        idle = took ? 0 : idle + 1;
        d = flow_dir_other(d);
    }
}

void app_parse(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len)
{
    struct app_session *as = c->session;
    struct app_side *side = &as->side[dir];
    if (side->waiting) {
        if (len)
            app_hold(c, dir, data, len);
        return;
    }
    size_t took = call_parser(c, dir, data, len);
    bool moved = took || !side->waiting;
    if (moved && as->side[flow_dir_other(dir)].waiting)
        settle(c, dir);
}

void app_gap(struct app_call *c, enum flow_dir dir, uint64_t n)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    counter_add(c->stage->counters, st->n.gaps, 1);
    app_release(st, &as->side[dir]);
    as->side[dir].waiting = false;
    struct proto_io io = io_of(c, dir);
    enum proto_status status = as->proto->gap ? as->proto->gap(as->state, &io, n) : PROTO_BROKEN;
    app_flush_carried(c);
    if (status == PROTO_BROKEN)
        leave(c, APP_FAILED);
    else if (status == PROTO_DONE)
        leave(c, APP_DONE);
    else if (status == PROTO_OTHER_SIDE)
        as->side[dir].waiting = true;
}

/* The transactions are gone. */
static void free_state(struct app_session *as)
{
    if (as->proto->fini)
        as->proto->fini(as->state);
    free(as->state);
    as->state = NULL;
}

void app_retire(struct app_call *c)
{
    struct app_session *as = c->session;
    const struct proto_txs *txs = as->state;
    bool over = as->mode != APP_PARSING || (as->side[0].eof_told && as->side[1].eof_told);
    if (!over || txs->first || as->changed || !as->proto->idle || !as->proto->idle(as->state))
        return;
    as->tx_count = txs->next_id;
    app_release(c->stage->state, &as->side[TO_SERVER]);
    app_release(c->stage->state, &as->side[TO_CLIENT]);
    free_state(as);
}

void app_leave_proto(struct app_call *c)
{
    struct app_session *as = c->session;
    struct proto_txs *txs = as->state;
    app_rules_last(c);
    if (txs) {
        app_log_txs(c);
        for (struct proto_tx *tx = txs->first, *next; tx; tx = next) {
            next = tx->next;
            app_files_log(c, tx, true);
            app_files_free(c->stage->state, tx);
            app_tx_free(as->proto, tx);
        }
        free_state(as);
    }
    as->proto = NULL;
}

void app_finish(struct app_call *c)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    if (as->proto) {
        struct proto_io io = io_of(c, TO_SERVER);
        if (as->state && as->proto->finish)
            as->proto->finish(as->state, &io);
        app_leave_proto(c);
    }
    app_release(st, &as->side[TO_SERVER]);
    app_release(st, &as->side[TO_CLIENT]);
}
