/* Resets and ICMP errors for what rules reject, onto the interface that packets come from (libnet).
 *
 * Live and with Ethernet only: the answer goes back with the packet's own MAC addresses and VLAN tag, so that neither
 * an address nor a route of the sensor's is needed. TCP gets a reset, everything else "administratively prohibited".
 * For what a proxy carries its connection is answered, between client and proxy: the carried one has no packets of its
 * own. What is inside an IP tunnel is not answered. Opened while privileges are there; each lane has a context of its
 * own and sends at most REJECTS_PER_SECOND. */
#ifndef BURROW_RUN_REJECT_H
#define BURROW_RUN_REJECT_H

#include "item/stage.h"

#define REJECTS_PER_SECOND 200u

struct rejecter;

/* 0, or -errno with one line in error. */
int reject_create(const char *interface, unsigned lanes, struct rejecter **out, char *error, size_t n);
void reject_destroy(struct rejecter **r);

/* Answer a packet, to its source, its destination or both; by the lane's app thread. Counts what was sent and what was
 * not. */
void reject_packet(struct rejecter *r, const struct stage *s, const struct packet *p, bool to_src, bool to_dst);

#endif
