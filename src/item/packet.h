/* Packets and pseudo-packets.
 *
 * A pseudo-packet is metadata plus borrowed bytes: no header is forged. It borrows from the packet it was cut from,
 * which waits in decap until all borrowers are back; the count of borrowers is touched by decap alone. */
#ifndef BURROW_ITEM_PACKET_H
#define BURROW_ITEM_PACKET_H

#include "item/flow_ref.h"

enum packet_flags {
    PACKET_EOF = 1 << 0,    /* no more bytes will come in this direction (FIN or RST in order) */
    PACKET_MORE = 1 << 1,   /* another item with the same number follows at once */
    PACKET_BYPASS = 1 << 2, /* app: nothing more of this flow needs reassembly */
    PACKET_LATE = 1 << 3,   /* waited for a hole until its flow timed out: its number is no place in the capture */
    PACKET_GAP = 1 << 4,    /* app: bytes were missing before these, though no tunnel's: packet.gap is 0 */
    PACKET_KEPT = 1 << 6,  /* flow: its stream bytes are kept until they are acknowledged, and come then as a segment */
    PACKET_ACKED = 1 << 7, /* flow: such a segment; rules look at it with the next packet of its direction */
    PACKET_CARRIER = 1 << 5, /* capture: stands for a tunnel around another packet with its number; no payload */
    PACKET_PLAIN = 1 << 8,   /* flow: whole, of TCP and without events; its bytes, if it has any, are KEPT */
};

/* What a policy for limits, or for connections without their begin, says of a packet; by flow. */
enum packet_policy {
    POLICY_NONE,
    POLICY_PASS, /* is not looked at by rules */
    POLICY_DROP,
    POLICY_DROP_FLOW, /* this one and all that follow */
};

/* Why: in the order of flow's exceptions. REASON_FLOW: for what the flow met before. */
enum packet_reason {
    REASON_FLOW,
    REASON_FLOW_MEMCAP,
    REASON_SESSION_MEMCAP,
    REASON_REASSEMBLY_MEMCAP,
    REASON_MIDSTREAM,
    REASON_DEFRAG_MEMCAP,
    REASON_STREAM_ERROR, /* of this packet alone */
    PACKET_REASONS
};

/* How the flow stood when the packet passed the flow stage, which may be ahead of those that ask. */
#define PACKET_EVENTS_MAX 4

struct packet_seen {
    bool established;
    uint8_t event_count;
    uint8_t policy;                        /* enum packet_policy */
    uint8_t reason;                        /* enum packet_reason */
    uint64_t packets[2];                   /* of the flow, this one included, by enum flow_dir */
    uint64_t wire_bytes[2];                /* bytes of them */
    uint64_t bytes[2];                     /* payload, or stream bytes in order */
    const char *events[PACKET_EVENTS_MAX]; /* of its stream, as "stream.rst_invalid_ack"; of more the first */
};

struct packet {
    struct item item;
    uint64_t time_ns;      /* the capture's time stamp */
    struct flow_ref *flow; /* set by flow; NULL: no flow (not IP, broken, memcap) */
    enum flow_dir dir;
    uint16_t flags;         /* enum packet_flags */
    uint32_t gap;           /* stream bytes missing just before the payload */
    uint32_t kept_after;    /* with PACKET_KEPT: sequence number behind the bytes that went on */
    const uint8_t *payload; /* in-order stream bytes, or a datagram; what flow left of it */
    uint32_t payload_len;
    uint32_t wire_len;      /* bytes on the wire, link header included */
    const uint8_t *carried; /* set by app: the tunnel's bytes in payload, for decap */
    uint32_t carried_len;
    uint32_t borrowers;       /* decap: pseudo-packets that are out */
    bool teaches;             /* decap: bytes of it are with a child that may teach names at once */
    struct packet *lender;    /* decap: whose bytes these are, or who waits for this one; NULL: nobody */
    struct packet *prev_open; /* decap: those without a lender that are still out, by number */
    struct packet *next_open;
    /* Of wire packets in IP tunnels, set by capture. */
    uint64_t context;               /* of the flow's key; 0: in none */
    const struct tunnel_link *link; /* what the packet is inside of: capture's; NULL: nothing */
    uint64_t flow_id;               /* that its flow must have; 0: flow chooses */
    struct packet_seen seen;        /* set by flow */
    struct decoded d;               /* wire packets only */
    struct flow_key key;            /* pseudo-packets whose flow decap doesn't know yet (flow NULL): the child's */
    const uint8_t *frame;           /* wire packets only: the frame, borrowed from capture or in `own` */
    uint32_t frame_len;
    int16_t dlt;
    uint16_t lane;
    uint8_t *own; /* heap bytes that go with the packet; freed by whoever ends it */
    /* Of a segment. What has the bytes is flow's, and goes back there with the packet. App may go on reading them: it
     * keeps that and leaves what it had kept before. */
    void *piece;
    void *left;    /* app: likewise, besides it; NULL: nothing */
    uint8_t *head; /* from here to the payload is room for bytes before it, app's; NULL: it can't be kept */
};

/* Asks flow for a child flow. Goes decap -> flow -> app -> decap, so that each stage knows the child before its first
 * byte, and is freed there. */
struct child_open {
    struct item item;
    uint64_t time_ns;
    uint64_t id;
    struct flow_key key;
    struct tunnel_link *link; /* owned; the flow takes it */
    struct flow_ref *flow;    /* set by flow; NULL: refused by memcap */
    void *tunnel;             /* decap's own */
    struct packet *lender;    /* waits until this is back; NULL if none */
};

/* Ends a child. Decap knows the child since its child_open came back and sends nothing of it after this. */
struct child_close {
    struct item item;
    struct flow_ref *flow;
    enum flow_reason reason;
};

/* Nothing more of the flow needs reassembly. Decap -> flow, where it ends. */
struct flow_control {
    struct item item;
    struct flow_ref *flow;
};

#endif
