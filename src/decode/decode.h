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

#include "core/addr.h"
#include "decode/events.h"

#define DECODE_VLAN_MAX 3

/* What was decoded, as bits of decoded.layers. */
enum decode_layer {
    LAYER_IP = 1 << 0,        /* src, dst, ip_* are set */
    LAYER_TRANSPORT = 1 << 1, /* TCP, UDP, ICMP: header was whole; payload is the transport's */
    LAYER_FRAGMENT = 1 << 2,  /* an IP fragment: payload is the fragment's data, no transport was read */
    LAYER_ARP = 1 << 3,
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
    struct addr src;
    struct addr dst;
    union {
        struct decoded_tcp tcp;
        struct decoded_icmp icmp;
    };
    const uint8_t *ip;        /* first byte of the network header that counted, NULL without one */
    uint32_t ip_len;          /* its total length as the header says, no more than captured */
    const uint8_t *payload;   /* the transport's payload, or a fragment's data */
    uint32_t payload_len;     /* no padding of the link layer */
    uint32_t payload_missing; /* bytes of the payload that the wire had and the capture has not */
    uint8_t src_mac[6];
    uint8_t dst_mac[6];
    bool has_mac;
    bool bad_checksum; /* IP, TCP, UDP or ICMP checksum wrong; only when asked for */
    uint8_t event_count;
    uint8_t events[4]; /* enum decode_event; more than four: only the first four */
};

/* Decode one frame of link type dlt (a pcap LINKTYPE/DLT number). caplen bytes are there, wirelen were on the wire.
 * With check_sums the checksums of whole packets are verified. False when the link type is not supported. */
bool decode_frame(int dlt, const uint8_t *frame, uint32_t caplen, uint32_t wirelen, bool check_sums,
                  struct decoded *out);

/* Can this link type be decoded? */
bool decode_supports(int dlt);

/* Decode the transport header of a reassembled datagram: d has the network layer's fields set; data is the whole
 * transport message. Clears LAYER_FRAGMENT, sets the rest as decode_frame would. */
void decode_transport(struct decoded *d, const uint8_t *data, uint32_t len, bool check_sums);

#endif
