/* Which protocol is it? Every enabled parser is asked with the first bytes of both directions until one says yes. */
#include "app/session.h"

#include <stdlib.h>

/* Bytes of one direction after which a protocol that is still undecided is no more waited for. */
#define PROBE_MOST 4096u

static void fill_side(struct proto_probe *probe, const struct app_session *as, enum flow_dir d)
{
    const struct app_side *side = &as->side[d];
    probe->data[d] = side->held.data;
    probe->len[d] = side->lost ? 0 : side->held.len;
    probe->eof[d] = side->eof;
}

/* Ask each candidate. Returns the index of the one that says yes, or -1. */
static int ask(struct app_call *c, const struct proto_probe *probe, bool *reversed)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    for (unsigned i = 0; i < st->proto_count; i++) {
        if (!(as->candidates & 1u << i))
            continue;
        enum proto_probe_result r = st->protos[i]->probe(probe);
        if (r == PROBE_YES || r == PROBE_YES_REVERSED) {
            *reversed = r == PROBE_YES_REVERSED;
            return (int)i;
        }
        if (r == PROBE_NO || probe->final)
            as->candidates &= ~(1u << i);
        else if (st->protos[i]->first && probe->len[TO_SERVER])
            break;
    }
    return -1;
}

bool app_begin(struct app_call *c, unsigned index)
{
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    const struct app_proto *proto = st->protos[index];
    void *state = calloc(1, proto->state_size);
    if (!state)
        return false;
    if (proto->init && proto->init(state, c->stage->settings, as->reversed) != 0) {
        free(state);
        return false;
    }
    as->proto = proto;
    as->proto_index = (uint8_t)index;
    as->state = state;
    as->mode = APP_PARSING;
    counter_add(c->stage->counters, st->n.flows[index], 1);
    return true;
}

static void fail(struct app_call *c)
{
    struct app_stage *st = c->stage->state;
    c->session->mode = APP_FAILED;
    app_release(st, &c->session->side[TO_SERVER]);
    app_release(st, &c->session->side[TO_CLIENT]);
    bool last = c->flow->key.proto == 6 || c->session->probed + 1u >= DATAGRAM_PROBES;
    if (c->session->seen_payload && last)
        counter_add(c->stage->counters, st->n.failed, 1);
}

bool app_detect(struct app_call *c, enum flow_dir dir, const uint8_t *data, size_t len, bool final)
{
    struct app_session *as = c->session;
    struct app_side *side = &as->side[dir];
    if (len && side->held.len && !side->lost) {
        if (!app_hold(c, dir, data, len))
            return false;
        data = NULL;
        len = 0;
    }
    struct proto_probe probe = {.final = final, .sport = c->flow->key.sport, .dport = c->flow->key.dport};
    probe.transport = c->flow->key.proto == 6 ? PROTO_TCP : PROTO_UDP;
    fill_side(&probe, as, TO_SERVER);
    fill_side(&probe, as, TO_CLIENT);
    if (len && !side->lost) {
        probe.data[dir] = data;
        probe.len[dir] = len;
    }
    bool stuck =
        (probe.len[0] >= PROBE_MOST && probe.len[1] >= PROBE_MOST) || probe.len[0] + probe.len[1] >= 4 * PROBE_MOST;
    bool over = as->side[0].eof && as->side[1].eof;
    if (stuck || over)
        probe.final = true;
    int yes = ask(c, &probe, &as->reversed);
    if (yes >= 0 && app_begin(c, (unsigned)yes))
        return true;
    if (yes >= 0 || as->candidates == 0) {
        fail(c);
        return false;
    }
    if (len && !side->lost && probe.transport == PROTO_TCP)
        app_hold(c, dir, data, len);
    return false;
}
