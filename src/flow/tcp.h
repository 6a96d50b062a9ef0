/* TCP tracking and reassembly of one connection.
 *
 * Bytes that are in order go on at once, straight from the packet, or, with tcp_limits.acked, when the receiver has
 * acknowledged them; bytes that came too early are copied and wait for the hole to fill. A hole that the receiver has
 * acknowledged will not fill any more: it is told as a gap (the sensor missed it, the receiver did not). Where waiting
 * bytes overlap, the receiver's operating system says which count (flow/overlap.h). What a receiver would not take
 * (time stamps that went back, numbers outside its window, acknowledgements of what was never sent) is told as an event
 * and left out. States and names are Suricata's; NOTES.md has them all. Called by the flow stage's thread; owns the
 * waiting segments. */
#ifndef BURROW_FLOW_TCP_H
#define BURROW_FLOW_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "flow/pieces.h"
#include "flow/tcp_events.h"
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

/* One direction: what its sender sent. Sequence numbers are the wire's. */
struct tcp_half {
    uint32_t isn;
    uint32_t next;      /* next byte to deliver */
    uint32_t top;       /* behind the last byte that was sent, FIN included, as far as seen and believed */
    uint32_t acked;     /* highest acknowledgement by the other side */
    uint32_t edge;      /* behind the last byte that the other side's window allowed, with acked_seen */
    uint32_t fin;       /* number of the FIN, with fin_seen */
    uint32_t window;    /* last announced by this sender, scaled */
    uint32_t ts_recent; /* RFC 7323 4.3: TS.Recent of the receiver; 0: none yet */
    uint32_t ts_clock;  /* and the time of its packet, in units of 2^30 ns */
    uint32_t urgent_at; /* number of an urgent byte that was not delivered yet, with urgent_set */
    uint32_t sample_at; /* the last segment delivered straight from its packet, with sample_len */
    uint32_t sample_len;
    uint64_t sample[2];   /* its first and last eight bytes */
    uint16_t urgent_told; /* urgent bytes that were left out */
    overlap_rule rule;    /* of the receiver */
    uint8_t wscale;       /* 255: not offered */
    uint8_t flags;        /* every flag seen */
    uint8_t doubted;      /* packets in a row that were not believed, nothing else between */
    bool synced;          /* next is known */
    bool acked_seen;
    bool fin_seen;
    bool rst_seen;
    bool eof_told;
    bool ts_seen;   /* it sends time stamps */
    bool tentative; /* what waits at `next` is not to be delivered before it is known that it was taken */
    bool urgent_set;
    bool urgent_gap;    /* it is told as missing */
    bool far_ahead;     /* bytes waited behind a hole of 256 KiB and more */
    bool gap_told;      /* something of it is missing */
    bool depth_told;    /* stream.reassembly.depth was reached */
    bool bypass;        /* nothing more is reassembled */
    uint64_t delivered; /* bytes delivered in order; gaps don't count */
    struct pieces waiting;
};

struct tcp_queue;

struct tcp_track {
    struct tcp_half half[2]; /* by the direction of the sender's packets */
    struct tcp_queue *syns;  /* other SYNs of this handshake, and SYN/ACKs; NULL: none */
    struct tcp_queue *synacks;
    uint32_t again_isn;   /* of a SYN in the established connection, with again */
    uint8_t state;        /* enum tcp_state */
    uint8_t before_reset; /* the state before the RST */
    uint8_t opener;       /* enum flow_dir of the first SYN */
    uint8_t answerer;     /* and of the SYN/ACK */
    bool again;
    bool midstream;
    bool async;     /* nothing is heard of one side */
    bool four_way;  /* both sides sent a SYN */
    bool untracked; /* not looked at */
    bool counted;   /* in tcp_memory.queues */
};

struct tcp_limits {
    uint64_t depth;        /* bytes of a direction; 0: no limit */
    uint64_t memcap;       /* bytes of all buffered segments of this lane */
    uint64_t queue_memcap; /* bytes of all trackers and queues of this lane */
    uint32_t max_syns;     /* queued of one handshake */
    uint32_t max_synacks;  /* likewise */
    enum settings_urgent urgent;
    enum settings_urgent urgent_limit;
    bool midstream; /* pick up connections whose start was not seen */
    bool async;     /* believe one side alone */
    bool liberal_timestamps;
    bool overlap_check;
    bool acked; /* bytes wait until they were acknowledged */
};

/* Memory in use by a lane: bytes that wait, and queues of handshakes with the trackers' own size. */
struct tcp_memory {
    uint64_t held;
    uint64_t queues;
    struct piece_pool *pool; /* blocks for bytes that wait; NULL: each is the heap's */
};

/* What a packet did, for counters and events. */
enum tcp_result_flags {
    TCP_DID_RETRANSMIT = 1 << 0, /* nothing new in it */
    TCP_DID_BUFFER = 1 << 1,     /* came early */
    TCP_DID_GAP = 1 << 2,        /* a hole was given up */
    TCP_DID_DROP = 1 << 3,       /* a limit: bytes were let go */
    TCP_DID_OUT_OF_WINDOW = 1 << 4,
    TCP_DID_OVERLAP_DIFFERS = 1 << 5,
    TCP_DID_BAD_RST = 1 << 6,
    TCP_DID_DEPTH = 1 << 7,
    TCP_DID_NOT_TRACKED = 1 << 8, /* no connection to it: midstream pick-up is off */
    TCP_DID_OVERLAP = 1 << 9,
    TCP_DID_KEEP_ALIVE = 1 << 10,
    TCP_DID_ZERO_WINDOW = 1 << 11, /* a probe of a window of nothing */
    TCP_DID_UNSEEN_ACK = 1 << 12,  /* acknowledges what was not seen */
    TCP_DID_URGENT = 1 << 13,      /* an urgent byte was left out */
    TCP_DID_MEMCAP = 1 << 14,      /* with DROP: it was the memcap */
    TCP_DID_REFUSE = 1 << 15,      /* nobody would take it: it is no part of the connection */
    TCP_DID_NOT_WAIT = 1 << 16,    /* the memcap: bytes in order went on without their acknowledgement */
};

#define TCP_RESULT_EVENTS 6

/* The segments to deliver before and after the packet itself, as lists owned by the caller from then on. */
struct tcp_result {
    unsigned flags;
    uint8_t event_count;
    uint8_t events[TCP_RESULT_EVENTS]; /* enum tcp_event; no more than that are kept */
    struct tcp_ready {
        struct piece *first; /* each to be delivered in order and freed */
        struct piece *last;  /* with first */
        enum flow_dir dir;
        bool eof;  /* after the last */
        bool lost; /* of tcp_flush: bytes that the other side had are missing */
    } before, after;
};

/* Before the first packet: the receivers' rules, by which overlaps are settled. False: the trackers' memcap is reached,
 * and the connection is not tracked. */
bool tcp_begin(struct tcp_track *t, const struct settings_host_os *hosts, const struct flow_key *key,
               const struct tcp_limits *limits, struct tcp_memory *memory);

/* Look at nothing more of the connection. */
void tcp_forget(struct tcp_track *t, struct tcp_memory *memory);

/* Account a packet of direction p->dir. Sets p->payload, payload_len, gap and PACKET_EOF to what is to be delivered of
 * the packet itself. */
void tcp_packet(struct tcp_track *t, struct packet *p, const struct tcp_limits *limits, struct tcp_memory *memory,
                struct tcp_result *out);

/* Give up every hole of one direction: what still waits, to be delivered; used when the flow ends. */
void tcp_flush(struct tcp_track *t, enum flow_dir dir, struct tcp_memory *memory, struct tcp_ready *out);

/* Stop reassembling a direction; lets go what waits. */
void tcp_bypass(struct tcp_track *t, enum flow_dir dir, struct tcp_memory *memory);

/* Of a connection's first packet that was seen: does it come from the server? */
bool tcp_is_from_server(const struct packet *p);

/* Is this packet the first of a new connection on an old tuple? */
bool tcp_is_reuse(const struct tcp_track *t, const struct packet *p);

/* Let go everything. */
void tcp_fini(struct tcp_track *t, struct tcp_memory *memory);

/* "established", ... as Suricata's tcp.state. */
const char *tcp_state_name(enum tcp_state state);

#endif
