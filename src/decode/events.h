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
    X(ERSPAN_HEADER_TOO_SMALL, "decoder.erspan.header_too_small")                                                      \
    X(ERSPAN_UNSUPPORTED_VERSION, "decoder.erspan.unsupported_version")                                                \
    X(ERSPAN_TOO_MANY_VLAN_LAYERS, "decoder.erspan.too_many_vlan_layers")                                              \
    X(GRE_PKT_TOO_SMALL, "decoder.gre.pkt_too_small")                                                                  \
    X(GRE_WRONG_VERSION, "decoder.gre.wrong_version")                                                                  \
    X(GRE_VERSION0_RECUR, "decoder.gre.version0_recur")                                                                \
    X(GRE_VERSION0_FLAGS, "decoder.gre.version0_flags")                                                                \
    X(GRE_VERSION0_HDR_TOO_BIG, "decoder.gre.version0_hdr_too_big")                                                    \
    X(GRE_VERSION0_MALFORMED_SRE_HDR, "decoder.gre.version0_malformed_sre_hdr")                                        \
    X(GRE_VERSION1_CHKSUM, "decoder.gre.version1_chksum")                                                              \
    X(GRE_VERSION1_ROUTE, "decoder.gre.version1_route")                                                                \
    X(GRE_VERSION1_SSR, "decoder.gre.version1_ssr")                                                                    \
    X(GRE_VERSION1_RECUR, "decoder.gre.version1_recur")                                                                \
    X(GRE_VERSION1_FLAGS, "decoder.gre.version1_flags")                                                                \
    X(GRE_VERSION1_NO_KEY, "decoder.gre.version1_no_key")                                                              \
    X(GRE_VERSION1_WRONG_PROTOCOL, "decoder.gre.version1_wrong_protocol")                                              \
    X(GRE_VERSION1_MALFORMED_SRE_HDR, "decoder.gre.version1_malformed_sre_hdr")                                        \
    X(GRE_VERSION1_HDR_TOO_BIG, "decoder.gre.version1_hdr_too_big")                                                    \
    X(VXLAN_UNKNOWN_PAYLOAD_TYPE, "decoder.vxlan.unknown_payload_type")                                                \
    X(GENEVE_UNKNOWN_PAYLOAD_TYPE, "decoder.geneve.unknown_payload_type")                                              \
    X(NSH_HEADER_TOO_SMALL, "decoder.nsh.header_too_small")                                                            \
    X(NSH_UNSUPPORTED_VERSION, "decoder.nsh.unsupported_version")                                                      \
    X(NSH_BAD_HEADER_LENGTH, "decoder.nsh.bad_header_length")                                                          \
    X(NSH_RESERVED_TYPE, "decoder.nsh.reserved_type")                                                                  \
    X(NSH_UNSUPPORTED_TYPE, "decoder.nsh.unsupported_type")                                                            \
    X(NSH_UNKNOWN_PAYLOAD, "decoder.nsh.unknown_payload")                                                              \
    X(VNTAG_HEADER_TOO_SMALL, "decoder.vntag.header_too_small")                                                        \
    X(VNTAG_UNKNOWN_TYPE, "decoder.vntag.unknown_type")                                                                \
    X(ETAG_HEADER_TOO_SMALL, "decoder.etag.header_too_small")                                                          \
    X(ETAG_UNKNOWN_TYPE, "decoder.etag.unknown_type")                                                                  \
    X(IEEE8021AH_HEADER_TOO_SMALL, "decoder.ieee8021ah.header_too_small")                                              \
    X(DCE_PKT_TOO_SMALL, "decoder.dce.pkt_too_small")                                                                  \
    X(IEEE80211_PKT_TOO_SMALL, "decoder.ieee80211.pkt_too_small")                                                      \
    X(MACSEC_PKT_TOO_SMALL, "decoder.macsec.pkt_too_small")                                                            \
    X(ESP_PKT_TOO_SMALL, "decoder.esp.pkt_too_small")                                                                  \
    X(SCTP_PKT_TOO_SMALL, "decoder.sctp.pkt_too_small")                                                                \
    X(IGMP_PKT_TOO_SMALL, "decoder.igmp.pkt_too_small")                                                                \
    X(ARP_UNSUPPORTED_HARDWARE, "decoder.arp.unsupported_hardware")                                                    \
    X(ARP_UNSUPPORTED_PROTOCOL, "decoder.arp.unsupported_protocol")                                                    \
    X(ARP_UNSUPPORTED_PKT, "decoder.arp.unsupported_pkt")                                                              \
    X(ARP_INVALID_HARDWARE_SIZE, "decoder.arp.invalid_hardware_size")                                                  \
    X(ARP_INVALID_PROTOCOL_SIZE, "decoder.arp.invalid_protocol_size")                                                  \
    X(ARP_UNSUPPORTED_OPCODE, "decoder.arp.unsupported_opcode")                                                        \
    X(IPV4_AH_TRUNC, "decoder.ipv4.ah_trunc")                                                                          \
    X(IPV6_IPV4_IN_IPV6_TOO_SMALL, "decoder.ipv6.ipv4_in_ipv6_too_small")                                              \
    X(IPV6_IPV4_IN_IPV6_WRONG_VERSION, "decoder.ipv6.ipv4_in_ipv6_wrong_version")                                      \
    X(IPV6_IPV6_IN_IPV6_TOO_SMALL, "decoder.ipv6.ipv6_in_ipv6_too_small")                                              \
    X(IPV6_IPV6_IN_IPV6_WRONG_VERSION, "decoder.ipv6.ipv6_in_ipv6_wrong_version")                                      \
    X(IPV6_EXTHDR_DUPL_EH, "decoder.ipv6.exthdr_dupl_eh")                                                              \
    X(PPPOE_MALFORMED_TAGS, "decoder.pppoe.malformed_tags")                                                            \
    X(PPP_VJU_PKT_TOO_SMALL, "decoder.ppp.vju_pkt_too_small")                                                          \
    X(TOO_MANY_LAYERS, "decoder.too_many_layers")

#define DECODE_EVENT_ENUM(id, name) DECODE_##id,
enum decode_event { DECODE_EVENTS(DECODE_EVENT_ENUM) DECODE_EVENT_COUNT };
#undef DECODE_EVENT_ENUM

/* "decoder.ipv4.pkt_too_small" */
const char *decode_event_name(enum decode_event e);

#endif
