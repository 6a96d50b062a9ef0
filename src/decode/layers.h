/* Between the files of this room: one function for each layer, each called by the one below it.
 *
 * A layer is given its bytes and how to treat them, writes what it finds to the decoded packet and calls the next
 * layer. The depth of calls is bounded: link, network, transport. */
#ifndef BURROW_DECODE_LAYERS_H
#define BURROW_DECODE_LAYERS_H

#include "core/bytes.h"
#include "decode/decode.h"

/* How a frame is decoded: bits of `how`. */
enum {
    DECODE_SUMS = 1,  /* verify checksums */
    DECODE_CUT = 2,   /* the capture has less than the wire had: lengths beyond the end are no lies */
    DECODE_INNER = 4, /* an Ethernet frame inside another: there is no third */
};

/* Numbers of IANA's protocol registry that are told apart here. */
enum {
    IP_PROTO_HOPOPTS = 0,
    IP_PROTO_ICMP = 1,
    IP_PROTO_IPIP = 4,
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,
    IP_PROTO_IPV6 = 41,
    IP_PROTO_ROUTING = 43,
    IP_PROTO_FRAGMENT = 44,
    IP_PROTO_GRE = 47,
    IP_PROTO_ESP = 50,
    IP_PROTO_AH = 51,
    IP_PROTO_ICMPV6 = 58,
    IP_PROTO_NONE = 59,
    IP_PROTO_DSTOPTS = 60,
    IP_PROTO_SCTP = 132,
    IP_PROTO_MOBILITY = 135,
    IP_PROTO_HIP = 139,
    IP_PROTO_SHIM6 = 140,
};

/* Note an event; past the room in d->events it is dropped, as documented there. */
static inline void decode_event_add(struct decoded *d, enum decode_event e)
{
    if (d->event_count < sizeof d->events)
        d->events[d->event_count++] = (uint8_t)e;
}

/* Link layers (link.c, mpls.c, ppp.c). */
void decode_ethernet(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_sll(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_sll2(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_null(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_raw(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_ppp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_ppp_serial(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_chdlc(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_pppoe(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_mpls(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* What follows an EtherType, VLAN tags included. False: not a type that is known here. */
bool decode_ethertype(struct decoded *d, uint16_t type, const uint8_t *p, uint32_t len, unsigned how);

/* Network layers (ipv4.c, ipv6.c). */
void decode_ipv4(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_ipv6(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* The transport, by d->ip_proto. */
void decode_ipv4_upper(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* The chain of extension headers from d->ip_proto on, then the transport (ipv6ext.c). */
void decode_ipv6_upper(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* Transport layers (tcp.c, udp.c, icmp.c): p, len are the IP payload, already in d->payload. */
void decode_tcp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_udp(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_icmpv4(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_icmpv6(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

#endif
