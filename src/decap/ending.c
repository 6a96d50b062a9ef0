/* Tunnels that are over but for one thing: whether the proxy's other leg is theirs. */
#include "decap/tunnel.h"

bool ending_ready(struct stage *s, struct tunnel *t, struct flow_end *end)
{
    struct decap_stage *ds = s->state;
    if (!t->join || join_conclude(s, t->join, t->as_of))
        return true;
    t->child_end = end;
    t->next_ending = NULL;
    if (ds->ending_last)
        ds->ending_last->next_ending = t;
    else
        ds->ending_first = t;
    ds->ending_last = t;
    return false;
}

static void finish(struct stage *s, struct tunnel *t)
{
    if (t->child_end) {
        decap_pass_end(s, t->child_end);
        return;
    }
    struct decap_flow *carrier = t->carrier;
    tunnel_ended(s, t, NULL);
    decap_settle(s, carrier);
}

void ending_turn(struct stage *s)
{
    struct decap_stage *ds = s->state;
    struct tunnel *t = ds->ending_first;
    ds->ending_first = ds->ending_last = NULL;
    while (t) {
        struct tunnel *next = t->next_ending;
        if (ending_ready(s, t, t->child_end))
            finish(s, t);
        t = next;
    }
}
