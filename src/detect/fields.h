/* Numbers of packets, flows and transactions that rules compare: ttl, dsize, dns.opcode, tunnel.depth. */
#ifndef BURROW_DETECT_FIELDS_H
#define BURROW_DETECT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

enum uint_op {
    UINT_EQUAL,
    UINT_NOT_EQUAL,
    UINT_LESS,
    UINT_LESS_EQUAL,
    UINT_GREATER,
    UINT_GREATER_EQUAL,
    UINT_RANGE,     /* a < v < b: both exclusive, as in Suricata */
    UINT_NOT_RANGE, /* not (a < v < b) */
    UINT_BITS,      /* (v & a) == b */
    UINT_NOT_BITS,  /* (v & a) != b */
};

struct uint_match {
    enum uint_op op;
    uint64_t a;
    uint64_t b;
};

bool uint_matches(const struct uint_match *m, uint64_t v);
/* No value above it matches. */
uint64_t uint_most(const struct uint_match *m);

/* X(identifier, "keyword") */
#define DETECT_FIELDS(X)                                                                                               \
    /* packets */                                                                                                      \
    X(TTL, "ttl")                                                                                                      \
    X(IP_ID, "id")                                                                                                     \
    X(IP_TOS, "tos")                                                                                                   \
    X(DSIZE, "dsize")                                                                                                  \
    X(TCP_SEQ, "tcp.seq")                                                                                              \
    X(TCP_ACK, "tcp.ack")                                                                                              \
    X(TCP_WINDOW, "tcp.window")                                                                                        \
    X(TCP_MSS, "tcp.mss")                                                                                              \
    X(TCP_WSCALE, "tcp.wscale")                                                                                        \
    X(ICMP_TYPE, "itype")                                                                                              \
    X(ICMP_CODE, "icode")                                                                                              \
    X(ICMP_ID, "icmp_id")                                                                                              \
    X(ICMP_SEQ, "icmp_seq")                                                                                            \
    X(ICMPV6_MTU, "icmpv6.mtu")                                                                                        \
    X(IGMP_TYPE, "igmp.type")                                                                                          \
    X(VLAN_ID, "vlan.id")         /* arg: the layer, -3 to 2, or FIELD_ANY, FIELD_ALL */                               \
    X(VLAN_LAYERS, "vlan.layers") /* number of tags */                                                                 \
    X(VXLAN_VNI, "vxlan_vni")                                                                                          \
    X(STREAM_SIZE, "stream_size") /* arg: enum stream_side */                                                          \
    /* flows */                                                                                                        \
    X(FLOW_AGE, "flow.age")   /* seconds */                                                                            \
    X(FLOW_PKTS, "flow.pkts") /* arg: DETECT_TO_SERVER, DETECT_TO_CLIENT, DETECT_BOTH (sum), 0 (either) */             \
    X(FLOW_BYTES, "flow.bytes")                                                                                        \
    X(TUNNEL_DEPTH, "tunnel.depth")                                                                                    \
    X(TUNNEL_ID, "tunnel.id")                                                                                          \
    /* transactions */                                                                                                 \
    X(FILESIZE, "filesize") /* arg: DETECT_*, 0: as the rule */                                                        \
    X(DNS_OPCODE, "dns.opcode")                                                                                        \
    X(DNS_RCODE, "dns.rcode")                                                                                          \
    X(DNS_RRTYPE, "dns.rrtype")                                                                                        \
    X(TLS_CHAIN_LEN, "tls.cert_chain_len")                                                                             \
    X(TLS_VERSION, "tls.version") /* as on the wire: 0x0303 */                                                         \
    X(SSL_VERSION, "ssl_version")                                                                                      \
    X(SSL_STATE, "ssl_state")               /* bits: client_hello, server_hello, client_keyx, server_keyx */           \
    X(TLS_NOT_BEFORE, "tls_cert_notbefore") /* seconds since 1970 */                                                   \
    X(TLS_NOT_AFTER, "tls_cert_notafter")                                                                              \
    X(HTTP2_ERRORCODE, "http2.errorcode")                                                                              \
    X(HTTP2_FRAMETYPE, "http2.frametype")                                                                              \
    X(HTTP2_PRIORITY, "http2.priority")                                                                                \
    X(HTTP2_WINDOW, "http2.window")                                                                                    \
    X(HTTP2_SIZE_UPDATE, "http2.size_update")                                                                          \
    X(HTTP2_SETTINGS, "http2.settings") /* the setting's number << 32 | its value */                                   \
    X(WEBSOCKET_OPCODE, "websocket.opcode")                                                                            \
    X(WEBSOCKET_MASK, "websocket.mask")                                                                                \
    X(WEBSOCKET_FLAGS, "websocket.flags")                                                                              \
    X(SOCKS_VERSION, "socks.version")                                                                                  \
    X(SOCKS_COMMAND, "socks.command")                                                                                  \
    X(SOCKS_ADDRESS_TYPE, "socks.address_type")                                                                        \
    X(SOCKS_REPLY, "socks.reply")                                                                                      \
    /* of a protocol without a parser: never matches */                                                                \
    X(NONE, "")

#define DETECT_FIELD_ENUM(id, name) FIELD_##id,
enum detect_field { DETECT_FIELDS(DETECT_FIELD_ENUM) DETECT_FIELD_COUNT };
#undef DETECT_FIELD_ENUM

/* vlan.id's arg: any layer, or all of them. */
enum { FIELD_ANY_LAYER = 100, FIELD_ALL_LAYERS = 101 };

/* stream_size's arg. */
enum stream_side { STREAM_SERVER, STREAM_CLIENT, STREAM_BOTH_SIDES, STREAM_EITHER_SIDE };

#endif
