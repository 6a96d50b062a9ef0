/* IP defragmentation (RFC 791 3.2, RFC 8200 4.5): fragments are copied and wait until their datagram is whole.
 *
 * Where fragments overlap, the bytes that came first stay. Bounded by a memcap and a number of datagrams; time is the
 * capture's. Thread: the lane's flow thread. */
#ifndef BURROW_FLOW_DEFRAG_H
#define BURROW_FLOW_DEFRAG_H

#include "item/packet.h"

struct datagram;

struct defrag {
    struct datagram **buckets; /* DEFRAG_BUCKETS */
    struct datagram *oldest;
    struct datagram *newest;
    uint64_t seed;
    uint64_t memory;
    uint64_t memcap;
    uint64_t timeout_ns;
    uint32_t count;
    uint32_t max;
};

enum defrag_result { DEFRAG_KEPT, DEFRAG_WHOLE, DEFRAG_DROPPED };

int defrag_init(struct defrag *d, uint64_t memcap, uint32_t max, uint64_t timeout_ns, uint64_t seed);
void defrag_fini(struct defrag *d);

/* Take a fragment. DEFRAG_WHOLE: *bytes (heap, the caller's) is the datagram's payload of *len bytes. DEFRAG_DROPPED: a
 * limit was hit or the fragment makes no sense. */
enum defrag_result defrag_packet(struct defrag *d, const struct packet *p, uint8_t **bytes, uint32_t *len);

#endif
