/* Tunnels that wait for their address, and the bytes that come meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "decap/tunnel.h"

/* By number, lowest first: the first one says how far the lane is done, and is the first that can go on. */
void tunnel_park(struct decap_stage *ds, struct tunnel *t)
{
    struct tunnel *at = ds->parked_last;
    while (at && at->number > t->number)
        at = at->prev_parked;
    t->prev_parked = at;
    t->next_parked = at ? at->next_parked : ds->parked_first;
    if (at)
        at->next_parked = t;
    else
        ds->parked_first = t;
    if (t->next_parked)
        t->next_parked->prev_parked = t;
    else
        ds->parked_last = t;
    ds->parked_teaching += tunnel_teaches(t);
}

void tunnel_unpark_one(struct decap_stage *ds, struct tunnel *t)
{
    ds->parked_teaching -= tunnel_teaches(t);
    if (t->prev_parked)
        t->prev_parked->next_parked = t->next_parked;
    else
        ds->parked_first = t->next_parked;
    if (t->next_parked)
        t->next_parked->prev_parked = t->prev_parked;
    else
        ds->parked_last = t->prev_parked;
}

uint64_t tunnel_parked_cost(uint32_t len)
{
    return len + sizeof(struct parked) + 32;
}

void tunnel_park_bytes(struct stage *s, struct tunnel *t, const struct parked *like, const uint8_t *bytes)
{
    struct decap_stage *ds = s->state;
    struct parked *k = malloc(sizeof *k);
    uint8_t *copy = malloc(like->len ? like->len : 1);
    if (!k || !copy || ds->parked_bytes + tunnel_parked_cost(like->len) > ds->parked_max) {
        free(k);
        free(copy);
        counter_add(s->counters, ds->n.parked_memcap, 1);
        decap_anomaly(s, t->carrier, DECAP_MEMCAP, like->number, like->time_ns);
        t->parked_lost[like->dir] += like->gap + like->len;
        return;
    }
    *k = *like;
    k->gap += t->parked_lost[like->dir];
    t->parked_lost[like->dir] = 0;
    k->next = NULL;
    k->bytes = copy;
    if (like->len)
        memcpy(copy, bytes, like->len);
    ds->parked_bytes += tunnel_parked_cost(like->len);
    if (t->last)
        t->last->next = k;
    else
        t->first = k;
    t->last = k;
}
