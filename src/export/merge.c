/* The writer's side: the items of all lanes, in the order of the capture. */
#include <stdlib.h>

#include "export/private.h"

static bool ends_session(const struct export_item *item)
{
    return item->kind == EXPORT_CLOSE || item->kind == EXPORT_OVER;
}

/* A tunnel that was parked may be closed before its bytes are sent: what ends a session goes last at its number. */
static bool before(const struct export_item *a, const struct export_item *b)
{
    if (a->number != b->number)
        return a->number < b->number;
    if (a->id != b->id)
        return a->id < b->id;
    if (ends_session(a) != ends_session(b))
        return ends_session(b);
    return a->arrival < b->arrival;
}

static bool heap_add(struct exporter *x, struct export_item *item)
{
    if (x->heap_count == x->heap_room) {
        size_t room = x->heap_room ? x->heap_room * 2 : 1024;
        struct export_item **heap = realloc(x->heap, room * sizeof(struct export_item *));
        if (!heap)
            return false;
        x->heap = heap;
        x->heap_room = room;
    }
    size_t at = x->heap_count++;
    while (at && before(item, x->heap[(at - 1) / 2])) {
        x->heap[at] = x->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    x->heap[at] = item;
    return true;
}

static struct export_item *heap_take(struct exporter *x)
{
    struct export_item *first = x->heap[0];
    struct export_item *last = x->heap[--x->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= x->heap_count)
            break;
        if (child + 1 < x->heap_count && before(x->heap[child + 1], x->heap[child]))
            child++;
        if (!before(x->heap[child], last))
            break;
        x->heap[at] = x->heap[child];
        at = child;
    }
    x->heap[at] = last;
    return first;
}

static void write_and_free(struct exporter *x, struct export_item *item)
{
    export_write_item(x, item);
    atomic_fetch_sub_explicit(&x->queued, item->cost, memory_order_relaxed);
    free(item);
}

/* Without memory for the order an item goes at once. */
static void receive(struct exporter *x)
{
    for (unsigned i = 0; i < x->lanes->count; i++) {
        struct inbox_node *next;
        for (struct inbox_node *node = inbox_take(&x->inboxes[i]); node; node = next) {
            struct export_item *item = (struct export_item *)node;
            next = node->next;
            item->arrival = x->arrivals++;
            if (!heap_add(x, item))
                write_and_free(x, item);
        }
    }
}

/* Every lane is done with the packets up to this. */
static uint64_t done_by_all(const struct exporter *x)
{
    uint64_t low = UINT64_MAX;
    for (unsigned i = 0; i < x->lanes->count; i++) {
        uint64_t done = atomic_load_explicit(&x->lanes->progress[i].completed, memory_order_acquire);
        low = done < low ? done : low;
    }
    return low;
}

/* Write up to EXPORT_TURN items of packets up to `most`. */
static bool write_due(struct exporter *x, uint64_t most)
{
    receive(x);
    x->turn_records = 0;
    for (unsigned n = 0; x->heap_count && x->heap[0]->number <= most; n++) {
        if (n == EXPORT_TURN || x->turn_records == EXPORT_TURN_RECORDS)
            return true;
        write_and_free(x, heap_take(x));
    }
    uint64_t forgotten = ports_forgotten(x->ports);
    counter_add(&x->counters, x->n.forgotten, forgotten - x->forgotten);
    x->forgotten = forgotten;
    return false;
}

static void flush(struct exporter *x)
{
    if (x->file)
        counter_add(&x->counters, x->n.write_errors, pcapout_flush(x->file));
}

bool export_turn(struct exporter *x)
{
    bool more = write_due(x, done_by_all(x));
    /* Who looks at the file of a live run wants to see what there is. */
    if (!more && x->lanes->live)
        flush(x);
    return more;
}

bool export_finish(struct exporter *x)
{
    bool more = write_due(x, UINT64_MAX);
    if (!more)
        flush(x);
    return more;
}
