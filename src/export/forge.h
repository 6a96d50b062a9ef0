/* Forging: Ethernet, IP and TCP or UDP headers around bytes, built with libnet in its mode that only builds, which
 * needs no privileges. Lengths and checksums are right in every packet. Thread: one at a time for each forge. */
#ifndef BURROW_EXPORT_FORGE_H
#define BURROW_EXPORT_FORGE_H

#include <stdbool.h>
#include <stdint.h>

#include "export/ends.h"

/* The most that one datagram carries over IPv4 (RFC 791 3.1, RFC 768). IPv6 has room for twenty bytes more, but
 * libnet's sum of such a datagram is wrong. */
#define FORGE_UDP_MOST (65535u - 20 - 8)

#define FORGE_WSCALE 14u /* RFC 7323 2.3: the most; gaps of nearly a gigabyte are within the window */

enum { FORGE_FIN = 1, FORGE_SYN = 2, FORGE_PSH = 8, FORGE_ACK = 16 };

struct forge;

/* Name and version of the library. */
const char *forge_library(void);

/* A packet is finished: the bytes are lent for the call. */
typedef void (*forge_fn)(void *arg, const uint8_t *frame, uint32_t len);

struct forge_packet {
    const struct export_ends *ends;
    bool to_client; /* else to the server */
    uint16_t ip_id; /* IPv4's; with IPv6 of a datagram's fragments */
    uint32_t seq;   /* TCP only */
    uint32_t ack;
    uint8_t flags; /* FORGE_*; with SYN come MSS and window scale */
    const uint8_t *payload;
    uint32_t len;
};

/* mtu: bytes of an IP packet. NULL: no memory, or no libnet. */
struct forge *forge_create(uint32_t mtu);
void forge_destroy(struct forge **f);

/* The most bytes that a TCP segment between these ends may have. */
uint32_t forge_mss(const struct forge *f, const struct export_ends *ends);

/* One segment; len <= forge_mss(). False: it could not be built. */
bool forge_tcp(struct forge *f, const struct forge_packet *p, forge_fn out, void *arg);

/* One datagram, in fragments where it is longer than the MTU allows. False: it is longer than a datagram can be, or
 * could not be built. */
bool forge_udp(struct forge *f, const struct forge_packet *p, forge_fn out, void *arg);

#define FORGE_ETHERNET 14u

/* An Ethernet header for a packet of these addresses: locally administered MACs, the same for an address. */
void forge_ethernet(const struct addr *src, const struct addr *dst, uint8_t out[FORGE_ETHERNET]);

#endif
