/* Events: what a stage has to say to the outside.
 *
 * A stage fills a `struct event` on its stack and gives it to its thread's sink, which formats it at once into the
 * thread's output buffer: nothing is kept, nothing is locked, and pointers need to live for the call only. Writing the
 * buffers out is another thread's work. */
#ifndef BURROW_ITEM_EVENT_H
#define BURROW_ITEM_EVENT_H

#include "core/json.h"
#include "item/note.h"
#include "item/packet.h"

/* What the closing summary wants to know of a tunnel record. */
struct event_tunnel {
    const char *type; /* a literal */
    enum tunnel_status status;
    uint32_t depth;
    const char *target; /* "name:port" or "address:port" */
};

/* What the line-based log says of an alert. */
struct event_alert {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t priority;
    const char *msg;
    const char *category; /* "" without one */
    const char *mark;     /* "[Drop] " and the like; "" without one */
};

struct event {
    const char *type;            /* event_type: "http" */
    uint64_t time_ns;            /* of the packet that led to it */
    uint64_t number;             /* pcap_cnt; 0: none is written */
    const struct flow_ref *flow; /* NULL: addresses come from the packet, or there are none */
    const struct packet *packet; /* NULL: none */
    const uint8_t (*macs)[6];    /* without a packet: the flow's source's and destination's; NULL: not written */
    bool follow_packet;          /* src and dest follow the packet's direction (alert, anomaly), else the flow's */
    enum flow_dir dir;           /* with follow_packet and a flow: the packet's direction */
    const char *app_proto;       /* NULL: not written */
    int64_t tx_id;               /* -1: not written */
    const char *key;             /* the object that `write` fills: "http"; NULL: write fills the record itself */
    void (*write)(const struct event *e, struct json *j); /* members of that object */
    const void *arg;                                      /* for write */
    const void *arg2;
    uint32_t not_in;                   /* bit for each EVE log that doesn't want this one, though it wants the type */
    const struct event_alert *alert;   /* an alert's: for the line-based log, whether the type is wanted or not */
    const struct event_tunnel *tunnel; /* a tunnel record's: given to the sink whether the type is wanted or not */
};

struct event_sink {
    bool (*wanted)(const struct event_sink *sink, const char *type); /* ask once, at set-up */
    void (*emit)(struct event_sink *sink, const struct event *e);
    /* The record that emit would write, to out's end. False: it can't be written. NULL: the sink doesn't format. */
    bool (*format)(struct event_sink *sink, const struct event *e, struct buf *out);
};

#endif
