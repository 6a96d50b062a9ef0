/* Between the files of this room: one function for each layer, each called by the one below it.
 *
 * A layer is given its bytes and how to treat them, writes what it finds to the decoded packet and calls the next
 * layer, or leaves it in d->next where it could come round again. The depth of calls is bounded: link, network,
 * transport. */
#ifndef BURROW_DECODE_LAYERS_H
#define BURROW_DECODE_LAYERS_H

#include "core/bytes.h"
#include "decode/decode.h"

/* How a frame is decoded: bits of `how`. */
enum {
    DECODE_SUMS = 1, /* verify checksums */
    DECODE_CUT = 2,  /* the capture has less than the wire had: lengths beyond the end are no lies */
    DECODE_SURE = 4, /* no tunnels by content alone */
};

/* Numbers of IANA's protocol registry that are told apart here. */
enum {
    IP_PROTO_HOPOPTS = 0,
    IP_PROTO_ICMP = 1,
    IP_PROTO_IGMP = 2,
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
    IP_PROTO_ETHERIP = 97,
    IP_PROTO_L2TP = 115,
    IP_PROTO_SCTP = 132,
    IP_PROTO_MOBILITY = 135,
    IP_PROTO_MPLS = 137,
    IP_PROTO_HIP = 139,
    IP_PROTO_SHIM6 = 140,
};

static inline void decode_header_seen(struct decoded *d, enum decode_header h)
{
    d->headers |= UINT32_C(1) << h;
}

/* The rest of the reader is this: to be read by the loop in tunnel.c, as the same packet. */
static inline void decode_go_on(struct decoded *d, enum decode_next_kind kind, const struct reader *r)
{
    d->next = (struct decode_next){.kind = (uint8_t)kind, .p = r->p, .len = (uint32_t)reader_left(r)};
}

static inline void decode_go_on_as(struct decoded *d, uint16_t ethertype, const struct reader *r)
{
    decode_go_on(d, NEXT_ETHERTYPE, r);
    d->next.ethertype = ethertype;
}

/* Link layers (link.c, mpls.c, ppp.c, tags.c, wlan.c). */
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

/* Tags between Ethernet and the network layer (tags.c). */
void decode_nsh(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_vntag(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_etag(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_8021ah(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_macsec(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_dce(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_arp(struct decoded *d, const uint8_t *p, uint32_t len);

/* IEEE 802.11, alone and behind a radiotap header (wlan.c). */
void decode_wlan(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);
void decode_radiotap(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* IEEE 802.2 with SNAP: an EtherType behind it. False: other traffic. */
bool decode_snap(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how);

/* Is this the head of an Ethernet frame with an IP packet in it, as far as that can be told? */
bool decode_looks_ethernet(const uint8_t *p, uint32_t len);

/* Is this an IPv4 or IPv6 header whose length is not more than what is there (whole: is exactly that)? */
bool decode_looks_ip(const uint8_t *p, uint32_t len, bool whole);

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

void decode_sctp(struct decoded *d, const uint8_t *p, uint32_t len);
void decode_esp(struct decoded *d, const uint8_t *p, uint32_t len);

/* The loop over what is inside (tunnel.c). */
void decode_inside(struct decoded *d, unsigned how, const struct settings_decoder *set);

/* Tunnels' headers: each leaves in *n what follows; false where there is no packet inside (gre.c, encap.c). */
bool decode_gre(struct decoded *d, const uint8_t *p, uint32_t len, const struct settings_decoder *set,
                struct decode_next *n);
bool decode_encap_udp(struct decoded *d, unsigned how, const struct settings_decoder *set, struct decode_next *n);
bool decode_l2tpv3(const uint8_t *p, uint32_t len, struct decode_next *n);

#endif
