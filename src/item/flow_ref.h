/* The part of a flow that stages after flow may read, and the link of a child to what carried it.
 *
 * Made by the flow stage (the link: by decap), immutable from then on except for the slots: each belongs to one stage
 * alone. Valid until the flow's end message (struct flow_end) has passed the stage. */
#ifndef BURROW_ITEM_FLOW_REF_H
#define BURROW_ITEM_FLOW_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "decode/decode.h"
#include "item/item.h"

enum flow_dir { TO_SERVER = 0, TO_CLIENT = 1 };

static inline enum flow_dir flow_dir_other(enum flow_dir d)
{
    return d == TO_SERVER ? TO_CLIENT : TO_SERVER;
}

/* Context 0 is the wire. A payload tunnel's context is its child's flow id, so that children never collide; an IP
 * tunnel's has FLOW_CONTEXT_IP set and is what both of its directions have in common (decode/NOTES.md). */
struct flow_key {
    struct addr src; /* client */
    struct addr dst; /* server */
    uint16_t sport;
    uint16_t dport;
    uint8_t proto;
    uint8_t vlan_count;
    uint16_t vlan[DECODE_VLAN_MAX];
    uint8_t icmp_type; /* of the first packet */
    uint8_t icmp_code;
    uint16_t icmp_id;
    uint64_t context;
};

enum address_source {
    ADDRESS_REQUEST,
    ADDRESS_PASSIVE_DNS,
    ADDRESS_EGRESS,
    ADDRESS_HOSTS,
    ADDRESS_DNS,
    ADDRESS_PLACEHOLDER,
    ADDRESS_CARRIER,
    ADDRESS_PACKET, /* an IP tunnel's inner packets have addresses: nothing to say */
    ADDRESS_SOURCE_COUNT
};

/* As records name it: "passive-dns". */
const char *address_source_name(enum address_source s);

struct tunnel_hop {
    const char *type;   /* "socks5": a literal of the decapsulator's */
    const char *source; /* an IP tunnel's pkt_src: a literal; NULL: a payload tunnel */
    uint64_t flow_id;   /* the carrier's */
    struct addr src;
    struct addr dst;
    uint16_t sport;
    uint16_t dport;
    uint8_t proto;
};

/* How a child flow was carried. One allocation, made by decap (for an IP tunnel: by flow), owned by the child. */
struct tunnel_link {
    uint32_t depth;         /* hops in path */
    uint32_t payload_depth; /* those of them that are payload tunnels */
    bool has_id;            /* of the innermost hop: VNI, GRE key, ERSPAN session */
    uint32_t id;
    uint64_t realm; /* of a payload tunnel's child: its carrier's flow_realm */
    uint64_t parent_flow_id;
    uint64_t root_flow_id;
    enum address_source address_source;
    const char *host; /* as the client asked, "" if by address; zero-terminated, borrowed from this allocation */
    uint16_t host_len;
    const char *user; /* "" if none was given */
    uint16_t user_len;
    uint64_t control_flow_id; /* a SOCKS UDP relay's: the TCP connection that asked for it; 0: not seen, or none */
    struct tunnel_hop path[]; /* outermost first */
};

struct flow_ref {
    uint64_t id;       /* packet number << 16 | sub-index: below 2^53, stable from run to run */
    uint64_t start_ns; /* time of the packet that began it */
    struct flow_key key;
    const struct tunnel_link *link; /* NULL: a wire flow */
    void *app;                      /* the app stage's slot */
    void *decap;                    /* the decap stage's slot */
    uint32_t decap_slot;            /* another of decap's: a wire flow's place in the index of proxies' other legs */
};

#define FLOW_CONTEXT_IP (UINT64_C(1) << 63)

/* Which network the flow's addresses are of: the context of the innermost IP tunnel around it, however many payload
 * tunnels are inside that; 0: the wire. Equal addresses of two realms are two hosts. */
static inline uint64_t flow_realm(const struct flow_ref *f)
{
    if (f->key.context & FLOW_CONTEXT_IP)
        return f->key.context;
    return f->link ? f->link->realm : 0;
}

/* Sub-indices: 0 for what is outermost, then a packet's payload tunnels' children, then what is inside n IP tunnels. */
#define FLOW_ID_SUB_BITS   16
#define FLOW_ID_SUB_LAYERS 0xff00u

static inline uint64_t flow_id_make(uint64_t number, uint32_t sub)
{
    return number << FLOW_ID_SUB_BITS | (sub & 0xffff);
}

/* Why a flow is over, as Suricata's flow.reason has it. */
enum flow_reason { FLOW_TIMEOUT, FLOW_FORCED, FLOW_SHUTDOWN, FLOW_TCP_REUSE, FLOW_OPEN /* it is not */ };

/* A proxy's own connection: whose it is. */
struct proxied_for {
    uint64_t flow_id; /* the child's */
    struct addr src;
    uint16_t sport;
};

/* What the end of few flows has to tell. */
struct flow_more {
    char *inner_host;                /* by app, of a child: the inner SNI or Host; NULL: none */
    bool host_mismatch;              /* by app: the tunnel was asked for another host */
    struct addr true_dst;            /* by decap, of a child that was opened before this was known; else ADDR_NONE */
    struct proxied_for *proxied_for; /* by decap, of a proxy's other leg; NULL: none */
    char *metadata;                  /* by app: JSON of what rules noted; heap, NULL: nothing */
    char *traffic;                   /* likewise */
    const char *app_proto_orig;      /* by app: before the protocol changed, else NULL */
};

/* The end message. It is embedded in the flow: sent once, comes back to the flow stage, which then frees the flow. App
 * fills what the flow record says of the application. */
struct flow_end {
    struct item item;
    struct flow_ref *flow;
    enum flow_reason reason;
    const char *app_proto;    /* set by app: a literal; NULL while unknown */
    const char *app_proto_ts; /* set when the directions differ, else NULL */
    const char *app_proto_tc;
    uint64_t tx_count;
    bool alerted;
    const char *action;       /* by app: what rules did to the flow, "pass" or "drop"; NULL: nothing */
    struct flow_more *more;   /* what few flows have; heap, freed with the flow; NULL: none of it */
    void *kept[2];            /* by app: what it kept of segments (packet.piece); NULL: nothing */
    uint64_t bytes[2];        /* payload bytes of each direction, set by flow */
    uint64_t last_ns;         /* time of the last packet, set by flow */
    uint64_t last_number;     /* and its number */
    const uint8_t (*macs)[6]; /* a MAC address of its source, one of its destination; NULL: not wanted, or not known */
};

/* The end's `more`, made when it is not there yet; NULL: no memory. */
struct flow_more *flow_end_more(struct flow_end *end);
void flow_end_free_more(struct flow_end *end);

#endif
