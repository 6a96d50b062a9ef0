/* Decoder events: what is wrong with a packet below its application, with Suricata's names. */
#ifndef BURROW_DECODE_EVENTS_H
#define BURROW_DECODE_EVENTS_H

/* X(identifier, "name"): the name is that of decode-event and of anomaly records. */
#define DECODE_EVENTS(X)                                                                                               \
    X(ETHERNET_PKT_TOO_SMALL, "decoder.ethernet.pkt_too_small")                                                        \
    X(ETHERNET_UNKNOWN_TYPE, "decoder.ethernet.unknown_ethertype")                                                     \
    X(VLAN_HEADER_TOO_SMALL, "decoder.vlan.header_too_small")                                                          \
    X(VLAN_UNKNOWN_TYPE, "decoder.vlan.unknown_type")                                                                  \
    X(VLAN_TOO_MANY_LAYERS, "decoder.vlan.too_many_layers")                                                            \
    X(SLL_PKT_TOO_SMALL, "decoder.sll.pkt_too_small")                                                                  \
    X(SLL2_PKT_TOO_SMALL, "decoder.sll2.pkt_too_small")                                                                \
    X(LTNULL_PKT_TOO_SMALL, "decoder.ltnull.pkt_too_small")                                                            \
    X(LTNULL_UNSUPPORTED_TYPE, "decoder.ltnull.unsupported_type")                                                      \
    X(RAW_INVALID_IP_VERSION, "decoder.ipraw.invalid_ip_version")                                                      \
    X(PPP_PKT_TOO_SMALL, "decoder.ppp.pkt_too_small")                                                                  \
    X(PPP_IP4_PKT_TOO_SMALL, "decoder.ppp.ip4_pkt_too_small")                                                          \
    X(PPP_IP6_PKT_TOO_SMALL, "decoder.ppp.ip6_pkt_too_small")                                                          \
    X(PPP_WRONG_TYPE, "decoder.ppp.wrong_type")                                                                        \
    X(PPP_UNSUP_PROTO, "decoder.ppp.unsup_proto")                                                                      \
    X(PPPOE_PKT_TOO_SMALL, "decoder.pppoe.pkt_too_small")                                                              \
    X(PPPOE_WRONG_CODE, "decoder.pppoe.wrong_code")                                                                    \
    X(CHDLC_PKT_TOO_SMALL, "decoder.chdlc.pkt_too_small")                                                              \
    X(MPLS_HEADER_TOO_SMALL, "decoder.mpls.header_too_small")                                                          \
    X(MPLS_PKT_TOO_SMALL, "decoder.mpls.pkt_too_small")                                                                \
    X(MPLS_BAD_LABEL_ROUTER_ALERT, "decoder.mpls.bad_label_router_alert")                                              \
    X(MPLS_BAD_LABEL_IMPLICIT_NULL, "decoder.mpls.bad_label_implicit_null")                                            \
    X(MPLS_BAD_LABEL_RESERVED, "decoder.mpls.bad_label_reserved")                                                      \
    X(MPLS_UNKNOWN_PAYLOAD_TYPE, "decoder.mpls.unknown_payload_type")                                                  \
    X(ARP_PKT_TOO_SMALL, "decoder.arp.pkt_too_small")                                                                  \
    X(IPV4_PKT_TOO_SMALL, "decoder.ipv4.pkt_too_small")                                                                \
    X(IPV4_HLEN_TOO_SMALL, "decoder.ipv4.hlen_too_small")                                                              \
    X(IPV4_IPLEN_SMALLER_THAN_HLEN, "decoder.ipv4.iplen_smaller_than_hlen")                                            \
    X(IPV4_TRUNC_PKT, "decoder.ipv4.trunc_pkt")                                                                        \
    X(IPV4_WRONG_IP_VERSION, "decoder.ipv4.wrong_ip_version")                                                          \
    X(IPV4_OPT_INVALID, "decoder.ipv4.opt_invalid")                                                                    \
    X(IPV4_OPT_INVALID_LEN, "decoder.ipv4.opt_invalid_len")                                                            \
    X(IPV4_OPT_MALFORMED, "decoder.ipv4.opt_malformed")                                                                \
    X(IPV4_OPT_PAD_REQUIRED, "decoder.ipv4.opt_pad_required")                                                          \
    X(IPV4_OPT_EOL_REQUIRED, "decoder.ipv4.opt_eol_required")                                                          \
    X(IPV4_OPT_DUPLICATE, "decoder.ipv4.opt_duplicate")                                                                \
    X(IPV4_ICMPV6, "decoder.ipv4.icmpv6")                                                                              \
    X(IPV6_PKT_TOO_SMALL, "decoder.ipv6.pkt_too_small")                                                                \
    X(IPV6_TRUNC_PKT, "decoder.ipv6.trunc_pkt")                                                                        \
    X(IPV6_WRONG_IP_VERSION, "decoder.ipv6.wrong_ip_version")                                                          \
    X(IPV6_TRUNC_EXTHDR, "decoder.ipv6.trunc_exthdr")                                                                  \
    X(IPV6_EXTHDR_DUPL_FH, "decoder.ipv6.exthdr_dupl_fh")                                                              \
    X(IPV6_EXTHDR_USELESS_FH, "decoder.ipv6.exthdr_useless_fh")                                                        \
    X(IPV6_EXTHDR_DUPL_RH, "decoder.ipv6.exthdr_dupl_rh")                                                              \
    X(IPV6_EXTHDR_DUPL_HH, "decoder.ipv6.exthdr_dupl_hh")                                                              \
    X(IPV6_EXTHDR_DUPL_DH, "decoder.ipv6.exthdr_dupl_dh")                                                              \
    X(IPV6_EXTHDR_DUPL_AH, "decoder.ipv6.exthdr_dupl_ah")                                                              \
    X(IPV6_EXTHDR_INVALID_OPTLEN, "decoder.ipv6.exthdr_invalid_optlen")                                                \
    X(IPV6_EXTHDR_AH_RES_NOT_NULL, "decoder.ipv6.exthdr_ah_res_not_null")                                              \
    X(IPV6_HOPOPTS_UNKNOWN_OPT, "decoder.ipv6.hopopts_unknown_opt")                                                    \
    X(IPV6_HOPOPTS_ONLY_PADDING, "decoder.ipv6.hopopts_only_padding")                                                  \
    X(IPV6_DSTOPTS_UNKNOWN_OPT, "decoder.ipv6.dstopts_unknown_opt")                                                    \
    X(IPV6_DSTOPTS_ONLY_PADDING, "decoder.ipv6.dstopts_only_padding")                                                  \
    X(IPV6_RH_TYPE_0, "decoder.ipv6.rh_type_0")                                                                        \
    X(IPV6_ZERO_LEN_PADN, "decoder.ipv6.zero_len_padn")                                                                \
    X(IPV6_FH_NON_ZERO_RESERVED_FIELD, "decoder.ipv6.fh_non_zero_reserved_field")                                      \
    X(IPV6_FRAG_INVALID_LENGTH, "decoder.ipv6.frag_invalid_length")                                                    \
    X(IPV6_DATA_AFTER_NONE_HEADER, "decoder.ipv6.data_after_none_header")                                              \
    X(IPV6_UNKNOWN_NEXT_HEADER, "decoder.ipv6.unknown_next_header")                                                    \
    X(IPV6_ICMPV4, "decoder.ipv6.icmpv4")                                                                              \
    X(TCP_PKT_TOO_SMALL, "decoder.tcp.pkt_too_small")                                                                  \
    X(TCP_HLEN_TOO_SMALL, "decoder.tcp.hlen_too_small")                                                                \
    X(TCP_OPT_INVALID_LEN, "decoder.tcp.opt_invalid_len")                                                              \
    X(TCP_OPT_DUPLICATE, "decoder.tcp.opt_duplicate")                                                                  \
    X(UDP_PKT_TOO_SMALL, "decoder.udp.pkt_too_small")                                                                  \
    X(UDP_LEN_INVALID, "decoder.udp.len_invalid")                                                                      \
    X(ICMPV4_PKT_TOO_SMALL, "decoder.icmpv4.pkt_too_small")                                                            \
    X(ICMPV4_UNKNOWN_TYPE, "decoder.icmpv4.unknown_type")                                                              \
    X(ICMPV4_UNKNOWN_CODE, "decoder.icmpv4.unknown_code")                                                              \
    X(ICMPV4_IPV4_TRUNC_PKT, "decoder.icmpv4.ipv4_trunc_pkt")                                                          \
    X(ICMPV4_IPV4_UNKNOWN_VER, "decoder.icmpv4.ipv4_unknown_ver")                                                      \
    X(ICMPV6_PKT_TOO_SMALL, "decoder.icmpv6.pkt_too_small")                                                            \
    X(ICMPV6_UNKNOWN_TYPE, "decoder.icmpv6.unknown_type")                                                              \
    X(ICMPV6_UNKNOWN_CODE, "decoder.icmpv6.unknown_code")                                                              \
    X(ICMPV6_UNASSIGNED_TYPE, "decoder.icmpv6.unassigned_type")                                                        \
    X(ICMPV6_EXPERIMENTATION_TYPE, "decoder.icmpv6.experimentation_type")                                              \
    X(ICMPV6_IPV6_TRUNC_PKT, "decoder.icmpv6.ipv6_trunc_pkt")                                                          \
    X(ICMPV6_IPV6_UNKNOWN_VER, "decoder.icmpv6.ipv6_unknown_version")                                                  \
    X(ICMPV6_MLD_INVALID_HL, "decoder.icmpv6.mld_message_with_invalid_hl")                                             \
    X(TOO_MANY_LAYERS, "decoder.too_many_layers")

#define DECODE_EVENT_ENUM(id, name) DECODE_##id,
enum decode_event { DECODE_EVENTS(DECODE_EVENT_ENUM) DECODE_EVENT_COUNT };
#undef DECODE_EVENT_ENUM

/* "decoder.ipv4.pkt_too_small" */
const char *decode_event_name(enum decode_event e);

#endif
