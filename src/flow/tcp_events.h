/* Stream events: what is odd about a TCP segment, with the names of Suricata's stream-event keyword. Each has a counter
 * of the same name in the stats records. */
#ifndef BURROW_FLOW_TCP_EVENTS_H
#define BURROW_FLOW_TCP_EVENTS_H

#include <stdbool.h>

/* X(identifier, "name", quiet): a quiet one happens in healthy traffic too; it is counted and not recorded. */
#define TCP_EVENTS(X)                                                                                                  \
    X(3WHS_ACK_IN_WRONG_DIR, "stream.3whs_ack_in_wrong_dir", false)                                                    \
    X(3WHS_ASYNC_WRONG_SEQ, "stream.3whs_async_wrong_seq", false)                                                      \
    X(3WHS_RIGHT_SEQ_WRONG_ACK_EVASION, "stream.3whs_right_seq_wrong_ack_evasion", false)                              \
    X(3WHS_SYNACK_IN_WRONG_DIRECTION, "stream.3whs_synack_in_wrong_direction", false)                                  \
    X(3WHS_SYNACK_RESEND_WITH_DIFFERENT_ACK, "stream.3whs_synack_resend_with_different_ack", false)                    \
    X(3WHS_SYNACK_RESEND_WITH_DIFF_SEQ, "stream.3whs_synack_resend_with_diff_seq", false)                              \
    X(3WHS_SYNACK_TOSERVER_ON_SYN_RECV, "stream.3whs_synack_toserver_on_syn_recv", false)                              \
    X(3WHS_SYNACK_WITH_WRONG_ACK, "stream.3whs_synack_with_wrong_ack", false)                                          \
    X(3WHS_SYNACK_FLOOD, "stream.3whs_synack_flood", false)                                                            \
    X(3WHS_SYNACK_TFO_DATA_IGNORED, "stream.3whs_synack_tfo_data_ignored", false)                                      \
    X(3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV, "stream.3whs_syn_resend_diff_seq_on_syn_recv", false)                      \
    X(3WHS_SYN_TOCLIENT_ON_SYN_RECV, "stream.3whs_syn_toclient_on_syn_recv", false)                                    \
    X(3WHS_SYN_FLOOD, "stream.3whs_syn_flood", false)                                                                  \
    X(3WHS_WRONG_SEQ_WRONG_ACK, "stream.3whs_wrong_seq_wrong_ack", false)                                              \
    X(3WHS_ACK_DATA_INJECT, "stream.3whs_ack_data_inject", false)                                                      \
    X(4WHS_SYNACK_WITH_WRONG_ACK, "stream.4whs_synack_with_wrong_ack", false)                                          \
    X(4WHS_SYNACK_WITH_WRONG_SYN, "stream.4whs_synack_with_wrong_syn", false)                                          \
    X(4WHS_WRONG_SEQ, "stream.4whs_wrong_seq", false)                                                                  \
    X(4WHS_INVALID_ACK, "stream.4whs_invalid_ack", false)                                                              \
    X(CLOSEWAIT_ACK_OUT_OF_WINDOW, "stream.closewait_ack_out_of_window", false)                                        \
    X(CLOSEWAIT_FIN_OUT_OF_WINDOW, "stream.closewait_fin_out_of_window", false)                                        \
    X(CLOSEWAIT_PKT_BEFORE_LAST_ACK, "stream.closewait_pkt_before_last_ack", true)                                     \
    X(CLOSEWAIT_INVALID_ACK, "stream.closewait_invalid_ack", false)                                                    \
    X(CLOSING_ACK_WRONG_SEQ, "stream.closing_ack_wrong_seq", false)                                                    \
    X(CLOSING_INVALID_ACK, "stream.closing_invalid_ack", false)                                                        \
    X(EST_PACKET_OUT_OF_WINDOW, "stream.est_packet_out_of_window", false)                                              \
    X(EST_PKT_BEFORE_LAST_ACK, "stream.est_pkt_before_last_ack", true)                                                 \
    X(EST_SYNACK_RESEND, "stream.est_synack_resend", true)                                                             \
    X(EST_SYNACK_RESEND_WITH_DIFFERENT_ACK, "stream.est_synack_resend_with_different_ack", false)                      \
    X(EST_SYNACK_RESEND_WITH_DIFF_SEQ, "stream.est_synack_resend_with_diff_seq", false)                                \
    X(EST_SYNACK_TOSERVER, "stream.est_synack_toserver", false)                                                        \
    X(EST_SYN_RESEND, "stream.est_syn_resend", true)                                                                   \
    X(EST_SYN_RESEND_DIFF_SEQ, "stream.est_syn_resend_diff_seq", false)                                                \
    X(EST_SYN_TOCLIENT, "stream.est_syn_toclient", false)                                                              \
    X(EST_INVALID_ACK, "stream.est_invalid_ack", false)                                                                \
    X(FIN_INVALID_ACK, "stream.fin_invalid_ack", false)                                                                \
    X(FIN1_ACK_WRONG_SEQ, "stream.fin1_ack_wrong_seq", false)                                                          \
    X(FIN1_FIN_WRONG_SEQ, "stream.fin1_fin_wrong_seq", false)                                                          \
    X(FIN1_INVALID_ACK, "stream.fin1_invalid_ack", false)                                                              \
    X(FIN2_ACK_WRONG_SEQ, "stream.fin2_ack_wrong_seq", false)                                                          \
    X(FIN2_FIN_WRONG_SEQ, "stream.fin2_fin_wrong_seq", false)                                                          \
    X(FIN2_INVALID_ACK, "stream.fin2_invalid_ack", false)                                                              \
    X(FIN_BUT_NO_SESSION, "stream.fin_but_no_session", false)                                                          \
    X(FIN_OUT_OF_WINDOW, "stream.fin_out_of_window", false)                                                            \
    X(FIN_SYN, "stream.fin_syn", false)                                                                                \
    X(LASTACK_ACK_WRONG_SEQ, "stream.lastack_ack_wrong_seq", false)                                                    \
    X(LASTACK_INVALID_ACK, "stream.lastack_invalid_ack", false)                                                        \
    X(RST_BUT_NO_SESSION, "stream.rst_but_no_session", false)                                                          \
    X(TIMEWAIT_ACK_WRONG_SEQ, "stream.timewait_ack_wrong_seq", false)                                                  \
    X(TIMEWAIT_INVALID_ACK, "stream.timewait_invalid_ack", false)                                                      \
    X(SHUTDOWN_SYN_RESEND, "stream.shutdown_syn_resend", false)                                                        \
    X(PKT_INVALID_TIMESTAMP, "stream.pkt_invalid_timestamp", false)                                                    \
    X(PKT_INVALID_ACK, "stream.pkt_invalid_ack", false)                                                                \
    X(PKT_BROKEN_ACK, "stream.pkt_broken_ack", false)                                                                  \
    X(PKT_BAD_WINDOW_UPDATE, "stream.pkt_bad_window_update", false)                                                    \
    X(PKT_SPURIOUS_RETRANSMISSION, "stream.pkt_spurious_retransmission", true)                                         \
    X(PKT_RETRANSMISSION, "stream.pkt_retransmission", true)                                                           \
    X(RST_INVALID_ACK, "stream.rst_invalid_ack", false)                                                                \
    X(SUSPECTED_RST_INJECT, "stream.suspected_rst_inject", false)                                                      \
    X(REASSEMBLY_SEGMENT_BEFORE_BASE_SEQ, "stream.reassembly_segment_before_base_seq", false)                          \
    X(REASSEMBLY_SEQ_GAP, "stream.reassembly_seq_gap", false)                                                          \
    X(REASSEMBLY_OVERLAP_DIFFERENT_DATA, "stream.reassembly_overlap_different_data", false)                            \
    X(REASSEMBLY_DEPTH_REACHED, "stream.reassembly_depth_reached", true)                                               \
    X(REASSEMBLY_INSERT_MEMCAP, "stream.reassembly_insert_memcap", true)                                               \
    X(REASSEMBLY_INSERT_LIMIT, "stream.reassembly_insert_limit", true)                                                 \
    X(REASSEMBLY_URGENT_OOB_LIMIT_REACHED, "stream.reassembly_urgent_oob_limit_reached", false)

#define TCP_EVENT_ID(id, name, quiet) TCP_EVENT_##id,
enum tcp_event { TCP_EVENTS(TCP_EVENT_ID) TCP_EVENT_COUNT };
#undef TCP_EVENT_ID

const char *tcp_event_name(enum tcp_event e);
bool tcp_event_is_quiet(enum tcp_event e);

#endif
