/* The lanes' side: what decap tells becomes items. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/private.h"

/* A lane over a file waits for the writer when too much waits to be written, but never for long: the writer itself
 * waits for the slowest lane, which may need what this one holds. */
#define NAP_NS    50000
#define NAPS_MOST 200

#define DLT_ETHERNET 1

static bool room_for(struct exporter *x, uint64_t cost)
{
    uint64_t before = atomic_fetch_add_explicit(&x->queued, cost, memory_order_relaxed);
    if (before + cost <= x->settings->memcap)
        return true;
    atomic_fetch_sub_explicit(&x->queued, cost, memory_order_relaxed);
    return false;
}

static bool admit(struct stage *s, uint64_t cost)
{
    struct exporter *x = s->lanes->exporter;
    bool wait = x->threaded && !x->lanes->live;
    for (unsigned i = 0; i < NAPS_MOST; i++) {
        if (room_for(x, cost))
            return true;
        if (!wait)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    }
    return false;
}

/* Room for `cost` was admitted. NULL: no memory, and it is given back. The bytes are the caller's to fill in. */
static struct export_item *make_item(struct exporter *x, enum export_kind kind, uint32_t len, uint64_t cost)
{
    struct export_item *item = malloc(sizeof *item + len);
    if (!item) {
        atomic_fetch_sub_explicit(&x->queued, cost, memory_order_relaxed);
        return NULL;
    }
    *item = (struct export_item){.kind = (uint8_t)kind, .len = len, .cost = cost};
    return item;
}

/* What must be told, room or not. */
static struct export_item *make_small_item(struct exporter *x, enum export_kind kind)
{
    atomic_fetch_add_explicit(&x->queued, export_cost(0), memory_order_relaxed);
    return make_item(x, kind, 0, export_cost(0));
}

static void push(struct stage *s, struct export_item *item, struct export_session *c, uint64_t number)
{
    item->session = c;
    if (c) {
        item->id = c->id;
        if (number > c->lane.last_number)
            c->lane.last_number = number;
    }
    item->number = c && c->lane.last ? EXPORT_LAST : number;
    inbox_push(&s->lanes->exporter->inboxes[s->lane], &item->node);
}

void export_child_opened(struct stage *s, const struct export_child *child, struct tunnel_link *link,
                         struct export_session **out)
{
    struct exporter *x = s->lanes->exporter;
    *out = NULL;
    if (!x) {
        free(link);
        return;
    }
    struct export_session *c = calloc(1, sizeof *c);
    struct export_item *item = NULL;
    if (c && admit(s, export_cost(0)))
        item = make_item(x, EXPORT_OPEN, 0, export_cost(0));
    if (!item) {
        free(c);
        free(link);
        counter_add(s->counters, x->n.sessions_dropped, 1);
        return;
    }
    c->id = child->id;
    c->number = child->number;
    c->open_ns = child->time_ns;
    c->key = *child->key;
    c->link = link;
    item->time_ns = child->time_ns;
    push(s, item, c, child->number);
    *out = c;
}

void export_child_bytes(struct stage *s, struct export_session *c, const struct packet *p)
{
    struct exporter *x = s->lanes->exporter;
    if (!c)
        return;
    bool eof = p->flags & PACKET_EOF;
    struct export_item *item = NULL;
    uint32_t *lost = &c->lane.lost[p->dir];
    *lost += p->gap;
    if (admit(s, export_cost(p->payload_len)))
        item = make_item(x, EXPORT_BYTES, p->payload_len, export_cost(p->payload_len));
    if (item) {
        if (item->len)
            memcpy(item->bytes, p->payload, item->len);
    } else {
        counter_add(s->counters, x->n.dropped, 1);
        *lost += p->payload_len;
        item = eof ? make_small_item(x, EXPORT_BYTES) : NULL;
        if (!item)
            return;
    }
    item->time_ns = p->time_ns;
    item->gap = *lost;
    item->dir = (uint8_t)p->dir;
    item->eof = eof;
    *lost = 0;
    if (eof)
        c->lane.eof[p->dir] = true;
    /* What a flow lets go at its time-out comes at no number of its own. */
    if ((p->flags & PACKET_LATE) && !x->lanes->live)
        c->lane.last = true;
    push(s, item, c, p->item.number);
}

void export_child_closed(struct stage *s, struct export_session *c, uint64_t number, uint64_t time_ns)
{
    if (!c || (c->lane.eof[TO_SERVER] && c->lane.eof[TO_CLIENT]))
        return;
    struct export_item *item = make_small_item(s->lanes->exporter, EXPORT_CLOSE);
    if (!item)
        return;
    item->time_ns = time_ns;
    c->lane.eof[TO_SERVER] = c->lane.eof[TO_CLIENT] = true;
    push(s, item, c, number);
}

void export_child_over(struct stage *s, struct export_session **session)
{
    struct exporter *x = s->lanes->exporter;
    struct export_session *c = *session;
    if (!c)
        return;
    *session = NULL;
    bool open = c->key.proto == 6 && !(c->lane.eof[TO_SERVER] && c->lane.eof[TO_CLIENT]);
    bool waits = open && !x->lanes->live; /* until the end of the file, which costs what a session does */
    uint64_t cost = export_cost(0) + sizeof *c;
    struct export_item *item = NULL;
    if (!waits || room_for(x, cost))
        item = waits ? make_item(x, EXPORT_OVER, 0, cost) : make_small_item(x, EXPORT_OVER);
    if (!item) {
        counter_add(s->counters, x->n.unclosed, 1);
        item = make_small_item(x, EXPORT_OVER);
        open = waits = false;
    }
    if (!item)
        return; /* without memory the session stays where it is */
    item->finish = open;
    c->lane.last |= waits;
    push(s, item, c, c->lane.last_number);
}

/* What of this packet is an Ethernet frame, or can be made into one: then with a header, else *head_len is 0. */
static const uint8_t *as_ethernet(const struct packet *p, uint8_t head[FORGE_ETHERNET], uint32_t *head_len,
                                  uint32_t *len)
{
    if (p->dlt == DLT_ETHERNET) {
        *head_len = 0;
        *len = p->frame_len;
        return p->frame;
    }
    if (!p->d.ip)
        return NULL;
    forge_ethernet(&p->d.src, &p->d.dst, head);
    *head_len = FORGE_ETHERNET;
    *len = p->d.ip_len;
    return p->d.ip;
}

void export_wire(struct stage *s, const struct packet *p)
{
    struct exporter *x = s->lanes->exporter;
    uint8_t head[FORGE_ETHERNET];
    uint32_t head_len, len;
    if (!x || !x->settings->wire || p->item.kind != ITEM_PACKET)
        return;
    const uint8_t *bytes = as_ethernet(p, head, &head_len, &len);
    if (!bytes) {
        counter_add(s->counters, x->n.unframed, 1);
        return;
    }
    uint32_t all = head_len + len;
    struct export_item *item = NULL;
    if (admit(s, export_cost(all)))
        item = make_item(x, EXPORT_FRAME, all, export_cost(all));
    if (!item) {
        counter_add(s->counters, x->n.dropped, 1);
        return;
    }
    memcpy(item->bytes, head, head_len);
    memcpy(item->bytes + head_len, bytes, len);
    item->time_ns = p->time_ns;
    item->wire_len = all + (p->wire_len > p->frame_len ? p->wire_len - p->frame_len : 0);
    if (p->flow && p->flow->id >> FLOW_ID_SUB_BITS == p->item.number) {
        const struct flow_key *k = &p->flow->key;
        item->begins = true;
        item->ends =
            (struct export_ends){.src = k->src, .dst = k->dst, .sport = k->sport, .dport = k->dport, .proto = k->proto};
    }
    push(s, item, NULL, p->item.number);
}
