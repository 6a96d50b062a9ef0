/* What the files of the export room share. Private to the room. */
#ifndef BURROW_EXPORT_PRIVATE_H
#define BURROW_EXPORT_PRIVATE_H

#include "export/ends.h"
#include "export/export.h"
#include "export/forge.h"
#include "export/inject.h"
#include "export/pcapout.h"
#include "export/ports.h"

#define EXPORT_TURN 1024u /* items written before the writer looks at its other work */

/* Records made before it does: each may fill a chunk of the sink, which has more chunks and waits for the writer when
 * it has no more, that is for itself. */
#define EXPORT_TURN_RECORDS 8u

/* Numbers of items that have no place in the capture's order: after all others, at the end of a file. */
#define EXPORT_LAST UINT64_MAX

enum export_kind {
    EXPORT_FRAME, /* a captured frame, or what of it is an Ethernet frame */
    EXPORT_OPEN,
    EXPORT_BYTES,
    EXPORT_CLOSE, /* in both directions */
    EXPORT_OVER,  /* and freed */
};

/* What happened to a session, on its way to the writer. The writer frees it. */
struct export_item {
    struct inbox_node node; /* first member */
    uint64_t number;        /* order: number, id, kinds from CLOSE on last, arrival */
    uint64_t id;            /* the child's flow id, 0: the wire */
    uint64_t arrival;       /* counted by the writer */
    uint64_t time_ns;
    uint64_t cost;                  /* in `queued` */
    struct export_session *session; /* NULL: the wire */
    uint32_t gap;                   /* bytes missing before these */
    uint32_t len;
    uint32_t wire_len; /* EXPORT_FRAME: the frame's own length */
    uint8_t kind;      /* enum export_kind */
    uint8_t dir;       /* enum flow_dir, the child's */
    bool eof;          /* no more in this direction */
    bool finish;       /* EXPORT_OVER: close what is not closed yet */
    bool begins;       /* EXPORT_FRAME: first of a wire flow, whose ends these are */
    struct export_ends ends;
    uint8_t bytes[];
};

/* A child session. Made by its lane, freed by the writer; each touches its own part. */
struct export_session {
    uint64_t id;
    uint64_t number; /* of the packet that opened it */
    uint64_t open_ns;
    struct flow_key key;
    struct tunnel_link *link; /* owned, until the opening was written */
    struct {
        uint64_t last_number;
        uint32_t lost[2]; /* bytes that found no room, told as a gap */
        bool eof[2];
        bool last; /* it has come to what has no place in the capture's order */
    } lane;
    struct {
        struct export_ends ends; /* as exported */
        uint32_t next[2];        /* sequence number of the next byte of each direction */
        uint16_t ip_id[2];
        bool fin[2];
        bool mute; /* nothing is written of it */
    } out;
};

struct export_counters {
    unsigned sessions, packets, bytes, changed, no_port, forgotten, wire_shared, unforged, after_close, gaps;
    unsigned dropped, sessions_dropped, unclosed, unframed; /* the lanes' */
    unsigned write_errors, inject_errors;
};

struct exporter {
    const struct settings_tunnel_pcap *settings;
    const struct lanes_shared *lanes;
    bool threaded;
    struct inbox *inboxes;   /* one for each lane */
    _Atomic uint64_t queued; /* bytes that wait */
    struct export_item **heap;
    size_t heap_count;
    size_t heap_room;
    uint64_t arrivals;
    struct forge *forge;
    struct ports *ports;
    struct pcapout *file;  /* NULL: none */
    struct inject *inject; /* NULL: none */
    struct event_sink *sink;
    uint32_t turn_records; /* made in this turn */
    bool records;          /* port changes are to be recorded */
    uint64_t now_ns;       /* of the last packet written: time doesn't go back */
    uint64_t forgotten;
    struct export_counters n;
    struct counters counters;
};

/* The cost of an item in `queued`. */
static inline uint64_t export_cost(uint32_t len)
{
    return len + sizeof(struct export_item) + 32;
}

/* One item's packets (session.c). The item stays the caller's; with EXPORT_OVER its session is freed. */
void export_write_item(struct exporter *x, const struct export_item *item);

/* One frame to all outputs; wire_len is what it had on the wire (export.c). */
void export_write_frame(struct exporter *x, uint64_t time_ns, const uint8_t *frame, uint32_t len, uint32_t wire_len);

/* Frees a session with what it owns. */
void export_session_free(struct export_session *c);

#endif
