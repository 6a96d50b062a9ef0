/* TCP tracking and reassembly of one connection.
 *
 * Bytes that are in order go on at once, straight from the packet; bytes that came too early are copied and wait for
 * the hole to fill. A hole that the receiver has acknowledged will not fill any more: it is told as a gap (the sensor
 * missed it, the receiver did not). Overlapping data: what was delivered or buffered first wins. States and names are
 * Suricata's. Called by the flow stage's thread; owns the buffered segments. */
#ifndef BURROW_FLOW_TCP_H
#define BURROW_FLOW_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "item/packet.h"

enum tcp_state {
    TCP_STATE_NONE,
    TCP_STATE_SYN_SENT,
    TCP_STATE_SYN_RECV,
    TCP_STATE_ESTABLISHED,
    TCP_STATE_FIN_WAIT1,
    TCP_STATE_FIN_WAIT2,
    TCP_STATE_TIME_WAIT,
    TCP_STATE_LAST_ACK,
    TCP_STATE_CLOSE_WAIT,
    TCP_STATE_CLOSING,
    TCP_STATE_CLOSED,
};

/* Bytes that came before their turn. */
struct tcp_segment {
    struct tcp_segment *next; /* by sequence number, no overlaps */
    uint32_t seq;
    uint32_t len;
    uint32_t gap; /* bytes missing before it, known when it is delivered */
    uint64_t time_ns;
    uint8_t *bytes; /* heap, goes with the item that delivers them */
};

/* One direction: what its sender sent. Sequence numbers are the wire's. */
struct tcp_half {
    uint32_t isn;
    uint32_t next;   /* next byte to deliver */
    uint32_t acked;  /* highest acknowledgement by the other side */
    uint32_t fin;    /* number of the FIN, with fin_seen */
    uint32_t window; /* last announced by this sender, scaled */
    uint8_t wscale;  /* 255: not offered */
    uint8_t flags;   /* every flag seen */
    bool synced;     /* next is known */
    bool acked_seen;
    bool fin_seen;
    bool eof_told;
    bool bypass;      /* nothing more is reassembled */
    uint32_t waiting; /* bytes in segments */
    uint32_t segments;
    uint64_t delivered; /* bytes delivered in order; gaps don't count */
    struct tcp_segment *first;
    struct tcp_segment *last;
};

struct tcp_track {
    struct tcp_half half[2]; /* by the direction of the sender's packets */
    uint8_t state;           /* enum tcp_state */
    bool midstream;
};

struct tcp_limits {
    uint64_t depth;  /* bytes of a direction; 0: no limit */
    bool midstream;  /* pick up connections whose start was not seen */
    uint64_t memcap; /* bytes of all buffered segments of this lane */
};

/* What a packet did, for counters and events. */
enum tcp_result_flags {
    TCP_DID_RETRANSMIT = 1 << 0, /* nothing new in it */
    TCP_DID_BUFFER = 1 << 1,     /* came early */
    TCP_DID_GAP = 1 << 2,        /* a hole was given up */
    TCP_DID_DROP = 1 << 3,       /* memcap: bytes were let go */
    TCP_DID_OUT_OF_WINDOW = 1 << 4,
    TCP_DID_OVERLAP_DIFFERS = 1 << 5,
    TCP_DID_BAD_RST = 1 << 6,
    TCP_DID_DEPTH = 1 << 7,
    TCP_DID_NOT_TRACKED = 1 << 8, /* no connection to it: midstream pick-up is off */
};

/* The segments to deliver before and after the packet itself, as lists owned by the caller from then on. */
struct tcp_result {
    unsigned flags;
    struct tcp_ready {
        struct tcp_segment *first; /* each to be delivered in order and freed */
        enum flow_dir dir;
        bool eof; /* after the last */
    } before, after;
};

/* Account a packet of direction p->dir. Sets p->payload, payload_len, gap and PACKET_EOF to what is to be delivered of
 * the packet itself. `held` counts the lane's buffered bytes. */
void tcp_packet(struct tcp_track *t, struct packet *p, const struct tcp_limits *limits, uint64_t *held,
                struct tcp_result *out);

/* Give up every hole of one direction: what still waits, to be delivered; used when the flow ends. */
void tcp_flush(struct tcp_track *t, enum flow_dir dir, uint64_t *held, struct tcp_ready *out);

/* Stop reassembling a direction; lets go what waits. */
void tcp_bypass(struct tcp_track *t, enum flow_dir dir, uint64_t *held);

/* Is this packet the first of a new connection on an old tuple? */
bool tcp_is_reuse(const struct tcp_track *t, const struct packet *p);

/* Let go everything. */
void tcp_fini(struct tcp_track *t, uint64_t *held);

/* "established", ... as Suricata's tcp.state. */
const char *tcp_state_name(enum tcp_state state);

#endif
