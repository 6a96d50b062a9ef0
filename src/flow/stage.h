/* What the files of the flow stage share. Private to the room. */
#ifndef BURROW_FLOW_STAGE_H
#define BURROW_FLOW_STAGE_H

#include "flow/defrag.h"
#include "flow/flow.h"
#include "flow/macs.h"
#include "flow/table.h"

struct flow_counters {
    unsigned total, tcp, udp, icmp4, icmp6, other, children, active, memcap, forced;
    unsigned tcp_sessions, tcp_syn, tcp_synack, tcp_rst, tcp_midstream, tcp_gap, tcp_early, tcp_retransmit, tcp_memcap,
        tcp_out_of_window, tcp_overlap_differs, tcp_bad_rst, tcp_depth, tcp_untracked, tcp_held;
    unsigned frag_seen, frag_whole, frag_dropped;
    unsigned checksum, no_flow, no_child;
};

struct flow_stage {
    struct flow_table table;
    struct defrag defrag;
    struct tcp_limits limits;
    struct flow_counters n;
    uint64_t held; /* bytes of early TCP segments */
    uint64_t now_ns;
    uint64_t number;
    bool last; /* the last tick was seen: everything ends */
    bool want_flow;
    bool want_anomaly;
    bool want_arp;
    bool want_macs;
    struct event_sink *sink;
};

void flow_counters_init(struct flow_counters *n);

/* Write the flow record of a flow that is over. */
void flow_log_end(struct flow_stage *fs, const struct flow *f);

/* Write an anomaly record for a decoder or stream event of this packet. */
void flow_log_anomaly(struct flow_stage *fs, const struct packet *p, const char *type, const char *name);

/* Write the record of an ARP packet. */
void flow_log_arp(struct flow_stage *fs, const struct packet *p);

#endif
