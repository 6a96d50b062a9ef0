/* Decoding: from the bytes of a frame to what the flow stage needs. Link, network and transport layers.
 *
 * Pure functions: no state, no allocation, any thread; what they find is written into a `struct decoded` that the
 * caller owns, and pointers in it borrow the frame's bytes. A broken packet is never an error of the program: decoding
 * stops at the layer that is broken, says which event (with Suricata's names) and keeps what was read until there. */
#ifndef BURROW_DECODE_DECODE_H
#define BURROW_DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "core/addr.h"
#include "decode/events.h"

#define DECODE_VLAN_MAX 3

/* Tunnels around one packet that are followed; more are an event. */
#define DECODE_TUNNELS_MAX 8

/* What was decoded, as bits of decoded.layers. */
enum decode_layer {
    LAYER_IP = 1 << 0,        /* src, dst, ip_* are set */
    LAYER_TRANSPORT = 1 << 1, /* TCP, UDP, ICMP: header was whole; payload is the transport's */
    LAYER_FRAGMENT = 1 << 2,  /* an IP fragment: payload is the fragment's data, no transport was read */
    LAYER_ARP = 1 << 3,
    LAYER_OTHER = 1 << 4, /* a whole frame of something that has no addresses of the network layer */
};

/* Headers that were seen anywhere in the frame, as bits of decoded.headers: what is counted. */
#define DECODE_HEADERS(X)                                                                                              \
    X(PPP, "ppp")                                                                                                      \
    X(PPPOE, "pppoe")                                                                                                  \
    X(MPLS, "mpls")                                                                                                    \
    X(CHDLC, "chdlc")                                                                                                  \
    X(NULL_, "null")                                                                                                   \
    X(RAW, "raw")                                                                                                      \
    X(SLL, "sll")                                                                                                      \
    X(SLL2, "sll2")                                                                                                    \
    X(WLAN, "ieee80211")                                                                                               \
    X(NSH, "nsh")                                                                                                      \
    X(VNTAG, "vntag")                                                                                                  \
    X(ETAG, "etag")                                                                                                    \
    X(IEEE8021AH, "ieee8021ah")                                                                                        \
    X(MACSEC, "macsec")                                                                                                \
    X(SCTP, "sctp")                                                                                                    \
    X(ESP, "esp")                                                                                                      \
    X(AH, "ah")                                                                                                        \
    X(IGMP, "igmp")                                                                                                    \
    X(UNKNOWN_ETHERTYPE, "unknown_ethertype")                                                                          \
    X(GRE, "gre")                                                                                                      \
    X(ERSPAN, "erspan")

#define DECODE_HEADER_ENUM(id, name) HEADER_##id,
enum decode_header { DECODE_HEADERS(DECODE_HEADER_ENUM) HEADER_COUNT };
#undef DECODE_HEADER_ENUM

/* X(identifier, "type in records", "decoder.counter", "pkt_src") */
#define DECODE_TUNNELS(X)                                                                                              \
    X(GRE, "gre", NULL, "gre tunnel")                                                                                  \
    X(PPTP, "gre", NULL, "gre tunnel")                                                                                 \
    X(GRE_UDP, "gre", NULL, "gre tunnel")                                                                              \
    X(ERSPAN, "erspan", NULL, "gre tunnel")                                                                            \
    X(ARUBA, "gre", NULL, "gre tunnel")                                                                                \
    X(IPIP, "ipip", "decoder.ipv4_in_ipv4", "ipv4 tunnel")                                                             \
    X(6IN4, "6in4", "decoder.ipv6_in_ipv4", "ipv4 tunnel")                                                             \
    X(6TO4, "6to4", "decoder.ipv6_in_ipv4", "ipv4 tunnel")                                                             \
    X(4IN6, "4in6", "decoder.ipv4_in_ipv6", "ipv6 tunnel")                                                             \
    X(IP6IP6, "ip6ip6", "decoder.ipv6_in_ipv6", "ipv6 tunnel")                                                         \
    X(TEREDO, "teredo", "decoder.teredo", "teredo tunnel")                                                             \
    X(AYIYA, "ayiya", "decoder.ayiya", "ayiya tunnel")                                                                 \
    X(VXLAN, "vxlan", "decoder.vxlan", "vxlan encapsulation")                                                          \
    X(VXLAN_GPE, "vxlan", "decoder.vxlan", "vxlan encapsulation")                                                      \
    X(GENEVE, "geneve", "decoder.geneve", "geneve encapsulation")                                                      \
    X(GTP, "gtp", "decoder.gtp", "gtp tunnel")                                                                         \
    X(L2TP, "l2tp", "decoder.l2tp", "l2tp tunnel")                                                                     \
    X(ETHERIP, "etherip", "decoder.etherip", "etherip tunnel")                                                         \
    X(MPLS_IP, "mpls", "decoder.mpls_in_ip", "mpls tunnel")                                                            \
    X(MPLS_UDP, "mpls", "decoder.mpls_in_udp", "mpls tunnel")

#define DECODE_TUNNEL_ENUM(id, name, counter, src) TUNNEL_##id,
enum decode_tunnel_type { TUNNEL_NONE, DECODE_TUNNELS(DECODE_TUNNEL_ENUM) TUNNEL_TYPE_COUNT };
#undef DECODE_TUNNEL_ENUM

/* "vxlan", as records have it. */
const char *decode_tunnel_name(enum decode_tunnel_type t);

/* Where a packet in such a tunnel came from, as Suricata's pkt_src says: "vxlan encapsulation"; of IP in IP it is the
 * outer packet's version. */
const char *decode_tunnel_source(enum decode_tunnel_type t);

/* A layer around the packet that has addresses of its own. */
struct decode_tunnel {
    uint8_t type;  /* enum decode_tunnel_type */
    uint8_t proto; /* the outer packet's transport */
    bool has_id;
    bool doubtful; /* found by content alone */
    uint8_t vlan_count;
    uint16_t vlan[DECODE_VLAN_MAX];
    uint16_t sport; /* 0 where the transport has none */
    uint16_t dport;
    uint32_t id;  /* VNI, GRE key, ERSPAN session */
    uint32_t len; /* bytes of this layer's packet on the wire, from its link header on */
    struct addr src;
    struct addr dst;
};

/* What follows, where it can't be read by a call: see NOTES.md. */
enum decode_next_kind {
    NEXT_NONE,
    NEXT_ETHERNET,
    NEXT_ETHERTYPE,
    NEXT_IPV4,
    NEXT_IPV6,
    NEXT_IP, /* either, by its version */
    NEXT_PPP,
    NEXT_MPLS,
    NEXT_WLAN,
};

struct decode_next {
    uint8_t kind;   /* enum decode_next_kind */
    uint8_t tunnel; /* enum decode_tunnel_type; TUNNEL_NONE: the same packet goes on */
    bool has_id;
    bool doubtful;
    bool strict; /* its header was without doubt: any whole frame inside will do */
    uint16_t ethertype;
    uint32_t id;
    uint32_t len;
    const uint8_t *p;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32, TCP_ECE = 64, TCP_CWR = 128 };

struct decoded_tcp {
    uint32_t seq;
    uint32_t ack;
    uint16_t window;
    uint16_t urgent;
    uint8_t flags;  /* TCP_* */
    uint8_t wscale; /* window scale option, at most 14, 255: none (RFC 7323 2) */
    uint16_t mss;   /* 0: none */
    bool has_timestamps;
    bool sack_permitted;
    uint32_t ts_value; /* RFC 7323 3 */
    uint32_t ts_echo;
};

struct decoded_icmp {
    uint8_t type;
    uint8_t code;
    uint16_t id; /* of echo messages, host order; else 0 */
    uint16_t seq;
    bool is_error;     /* it quotes a packet (RFC 792, RFC 4443) */
    bool has_embedded; /* decoded.embedded is set */
};

/* The packet that an ICMP error speaks of. */
struct decoded_embedded {
    struct addr src;
    struct addr dst;
    uint16_t sport; /* ICMP: type */
    uint16_t dport; /* ICMP: 0 */
    uint16_t icmp_id;
    uint8_t proto;
};

/* RFC 826, for Ethernet and IPv4. */
struct decoded_arp {
    uint16_t opcode;
    uint8_t src_mac[6];
    uint8_t dst_mac[6];
    struct addr src;
    struct addr dst;
};

struct decoded {
    uint8_t layers;                 /* bits of enum decode_layer */
    uint8_t ip_proto;               /* the transport's number (after IPv6 extension headers) */
    uint8_t ttl;                    /* or hop limit */
    uint8_t vlan_count;             /* tags seen (at most DECODE_VLAN_MAX are kept) */
    uint16_t vlan[DECODE_VLAN_MAX]; /* VLAN ids, outermost first */
    uint16_t sport;                 /* host order; ICMP: 0 */
    uint16_t dport;
    bool more_fragments;
    uint32_t fragment_id;
    uint32_t fragment_offset; /* bytes */
    uint16_t fragment_named; /* IPv6: where, from `ip` on, the header before says that a fragment header follows; 0: not
                                known */
    struct addr src;
    struct addr dst;
    union {
        struct decoded_tcp tcp;
        struct decoded_icmp icmp;
        uint32_t spi; /* ESP and AH */
    };
    const uint8_t *ip;        /* first byte of the network header that counted, NULL without one */
    uint32_t ip_len;          /* its total length as the header says, no more than captured */
    const uint8_t *payload;   /* the transport's payload, or a fragment's data */
    uint32_t payload_len;     /* no padding of the link layer */
    const uint8_t *transport; /* the transport's message, header and payload; NULL: a fragment, or none */
    uint32_t transport_len;
    uint32_t payload_missing; /* bytes of the payload that the wire had and the capture has not */
    uint8_t src_mac[6];
    uint8_t dst_mac[6];
    bool has_mac;
    bool bad_checksum; /* IP, TCP, UDP or ICMP checksum wrong; only when asked for */
    uint8_t event_count;
    uint8_t events[4]; /* enum decode_event; more than four: only the first four */
    uint8_t tunnel_count;
    uint8_t ethernet_count; /* Ethernet headers in the frame */
    uint16_t ethertype;     /* one that is not known here; 0: there was none */
    uint32_t headers;       /* bits 1 << enum decode_header */
    const uint8_t *frame;   /* where the innermost packet's link header, or the packet, begins */
    uint32_t frame_len;

    /* Not cleared for each packet: valid where the members above say so. */
    struct decode_next next; /* while decoding; its kind says */
    struct decoded_embedded embedded;
    struct decoded_arp arp;
    struct decode_tunnel tunnels[DECODE_TUNNELS_MAX]; /* outermost first */
};

/* Note an event; past the room in d->events it is dropped, as documented there. */
static inline void decode_event_add(struct decoded *d, enum decode_event e)
{
    if (d->event_count < sizeof d->events)
        d->events[d->event_count++] = (uint8_t)e;
}

/* Bytes of a struct decoded that are cleared for each packet. */
#define DECODED_CLEARED offsetof(struct decoded, next)

/* Decode one frame of link type dlt (a pcap LINKTYPE/DLT number). caplen bytes are there, wirelen were on the wire.
 * With check_sums the checksums of whole packets are verified. set NULL: no tunnel is looked into. False when the link
 * type is not supported. */
bool decode_frame(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, bool check_sums,
                  const struct settings_decoder *set, struct decoded *out);

/* The same, but tunnels that were found by content alone stay what they are: datagrams. */
bool decode_frame_sure(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, bool check_sums,
                       const struct settings_decoder *set, struct decoded *out);

/* Can this link type be decoded? */
bool decode_supports(int dlt);

/* "EN10MB", "RAW": the link type as libpcap names it; NULL where it can't be decoded. */
const char *decode_link_name(int dlt);

/* Its number in files (tcpdump.org's LINKTYPE registry). */
uint32_t decode_link_number(int dlt);

/* Decode the transport header of a reassembled datagram: d has the network layer's fields set; data is the whole
 * transport message. Clears LAYER_FRAGMENT, sets the rest as decode_frame would. Tunnels are not looked into. */
void decode_transport(struct decoded *d, const uint8_t *data, uint32_t len, bool check_sums);

/* After decode_transport: go on into the tunnels that the reassembled datagram carries. */
void decode_tunnels(struct decoded *d, bool check_sums, const struct settings_decoder *set);

#endif
