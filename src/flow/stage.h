/* What the files of the flow stage share. Private to the room. */
#ifndef BURROW_FLOW_STAGE_H
#define BURROW_FLOW_STAGE_H

#include "flow/defrag.h"
#include "flow/flow.h"
#include "flow/macs.h"
#include "flow/table.h"

/* Events of fragments, for each version of IP. */
enum frag_event { FRAG_TOO_LARGE, FRAG_OVERLAP, FRAG_IGNORED, FRAG_EVENT_COUNT };

struct flow_counters {
    unsigned total, tcp, udp, icmp4, icmp6, other, children, active, memcap, forced;
    unsigned tcp_sessions, tcp_syn, tcp_synack, tcp_rst, tcp_urg, tcp_midstream, tcp_gap, tcp_early, tcp_retransmit,
        tcp_memcap, tcp_not_waited, tcp_out_of_window, tcp_overlap, tcp_overlap_differs, tcp_bad_rst, tcp_depth,
        tcp_untracked, tcp_held, tcp_memuse, tcp_session_memcap, tcp_keep_alive, tcp_zero_window, tcp_unseen_ack,
        tcp_urgent, tcp_reuse, tcp_untold;
    unsigned policy[ON_COUNT]; /* where the policy is none to ignore */
    unsigned pressure, pressure_max;
    unsigned bypassed_packets, bypassed_bytes;
    unsigned stream[TCP_EVENT_COUNT];
    unsigned frag_seen[2], frag_whole[2], frag_dropped, frag_memcap, frag_evicted, frag_expired, frag_overlap,
        frag_differs, frag_memuse;
    unsigned frag_event[2][FRAG_EVENT_COUNT];
    unsigned checksum, no_flow, no_child;
};

struct flow_stage {
    struct flow_table table;
    struct defrag defrag;
    struct tcp_limits limits;
    struct flow_counters n;
    const struct settings_host_os *hosts;
    struct tcp_memory memory;
    struct piece_pool pieces;
    struct packet *segments; /* to be used again, by next_open: SEGMENTS_KEPT at most */
    uint32_t segment_count;
    enum settings_exception policy[ON_COUNT];
    unsigned lanes;
    uint64_t pressure_max; /* percent of the memcap that is fullest */
    uint64_t now_ns;
    uint64_t number;
    bool last; /* the last tick was seen: everything ends */
    bool bypass_at_depth;
    bool drop_refused; /* what nobody would take of a connection is dropped, as an inline sensor does */
    bool want_flow;
    bool want_netflow;
    bool want_anomaly;
    bool want_decode; /* kinds of anomalies */
    bool want_stream;
    bool want_head; /* anomalies with the packet's first bytes */
    bool want_arp;
    bool want_macs;
    bool want_seen; /* packets are told how their flow stands */
    struct event_sink *sink;
};

void flow_counters_init(struct flow_stage *fs);

/* Its parts. */
void flow_policy_counters(struct flow_stage *fs);
void flow_stream_counters(struct flow_counters *n);
void flow_fragment_counters(struct flow_counters *n);

/* fragments.c: fragments wait; the one that completes its datagram goes on as the whole. False: nothing more to do with
 * p. */
bool flow_defragment(struct stage *s, struct packet *p);

/* streams.c: TCP between the flow table and the tracker. A wire flow was made; a packet of it came, and is emitted with
 * what it sets free; it ends, `more` telling that an item of the cause's number follows; nothing more of it is looked
 * at. */
void flow_stream_begin(struct stage *s, struct flow *f);
void flow_stream_packet(struct stage *s, struct flow *f, struct packet *p);
void flow_stream_flush(struct stage *s, struct flow *f, const struct packet *cause, bool more);
void flow_stream_bypass(struct stage *s, struct flow *f);

/* Segments (a list by next_open) that every stage is done with; at the end of all, what is kept for more of them. */
void flow_segments_back(struct flow_stage *fs, struct packet *first);
void flow_segments_fini(struct flow_stage *fs);

/* Something happened that the configuration has a policy for. p is the packet it happened to; NULL: none. */
void flow_apply_policy(struct stage *s, struct flow *f, struct packet *p, enum flow_exception why);

/* How full memory is, for the stats records. */
void flow_note_pressure(struct stage *s);

/* Tell the packet how its flow stands. */
void flow_set_seen(const struct flow_stage *fs, struct packet *p, const struct flow *f);

/* Names in records. */
const char *flow_exception_name(enum flow_exception why);
const char *flow_policy_name(enum settings_exception policy);

/* Bring the counters that show memory in use up to date. */
void flow_stream_gauges(struct stage *s);

/* Write the flow record of a flow that is over. */
void flow_log_end(struct flow_stage *fs, const struct flow *f);

/* Write an anomaly record for a decoder or stream event of this packet. */
void flow_log_anomaly(struct flow_stage *fs, const struct packet *p, const char *type, const char *name);

/* Write the record of an ARP packet. */
void flow_log_arp(struct flow_stage *fs, const struct packet *p);

#endif
