/* What moves between stages.
 *
 * A stage gets items and gives items; it never sees a ring or a thread. Every item has a number: that of the captured
 * packet that caused it, so that what crosses flows can be decided in the capture's order and not in the threads'. One
 * owner at a time: emitting an item gives it away. */
#ifndef BURROW_ITEM_ITEM_H
#define BURROW_ITEM_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ring.h"

enum item_kind {
    ITEM_PACKET,   /* struct packet: from the wire, owned by capture's pool */
    ITEM_SEGMENT,  /* struct packet: TCP bytes that had to wait; flow's, and goes back there */
    ITEM_STREAM,   /* struct packet: pseudo-packet of a tunnel's byte stream, bypasses TCP tracking */
    ITEM_DATAGRAM, /* struct packet: pseudo-packet of a tunnel's datagram */
    ITEM_OPEN,     /* struct child_open: decap asks flow for a child */
    ITEM_CLOSE,    /* struct child_close: decap tells flow that a child is over */
    ITEM_END,      /* struct flow_end: a flow is over; travels through every stage and back to flow */
    ITEM_CONTROL,  /* struct flow_control: what app learned and flow should know */
    ITEM_TICK,     /* struct tick: time and numbers go on */
};

struct item {
    struct inbox_node node; /* link of whatever list holds the item; first member */
    uint8_t kind;           /* enum item_kind */
    uint64_t number;        /* of the captured packet that caused it, from 1 */
    uint64_t now_ns;        /* latest packet time of the capture up to this number: never goes back */
    struct note *notes;     /* what app tells decap (item/note.h), oldest first; NULL: nothing */
    struct note *last_note; /* while there are notes */
};

/* Sent by capture to every lane now and then, and at the end. Broadcast: each lane gets its own. */
struct tick {
    struct item item; /* number: packets up to it were handed to their lanes */
    bool last;        /* nothing more will be captured: flows are to be ended */
};

#endif
