/* Fragments of outer packets: put together here only to see whether a tunnel is in them.
 *
 * Fragments go on to the flow stage as they are, which has its own reassembly with the hosts' policies. But an inner
 * packet's lane must be known before; so UDP's and the tunnels' fragments are copied here, too. Where fragments
 * overlap, which no tunnel's end sends, the datagram is left to flow. Bounded in number, memory and time; past a bound
 * the oldest goes. Thread: the capture thread alone. */
#ifndef BURROW_CAPTURE_FRAGMENTS_H
#define BURROW_CAPTURE_FRAGMENTS_H

#include "item/packet.h"

/* Datagrams at one time: 64 KB each at most. */
#define FRAGMENTS_DATAGRAMS_MAX 256u

struct fragments;

/* NULL: no memory. */
struct fragments *fragments_create(uint64_t timeout_ns);
void fragments_destroy(struct fragments **f);

/* May a fragment like this be part of a tunnel's packet? */
bool fragments_wanted(const struct decoded *d);

/* Take a fragment. True: its datagram is whole, *bytes (heap, the caller's) is its payload of *len bytes. */
bool fragments_take(struct fragments *f, const struct packet *p, uint8_t **bytes, uint32_t *len);

#endif
