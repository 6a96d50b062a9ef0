/* IP defragmentation (RFC 791 3.2, RFC 8200 4.5): fragments are copied and wait until their datagram is whole.
 *
 * Where fragments overlap, the destination's operating system says which bytes count (flow/overlap.h). Bounded by a
 * memcap, a number of datagrams and of fragments of one; time is the capture's. Thread: the lane's flow thread. */
#ifndef BURROW_FLOW_DEFRAG_H
#define BURROW_FLOW_DEFRAG_H

#include "config/settings.h"
#include "item/packet.h"

struct datagram;

struct defrag {
    struct datagram **buckets; /* DEFRAG_BUCKETS */
    struct datagram *oldest;
    struct datagram *newest;
    uint64_t seed;
    uint64_t memory;
    uint64_t memcap;
    uint32_t count;
    uint32_t max;
    bool any_vlan; /* fragments of other VLANs are of the same datagram */
    const struct settings_defrag *times;
    const struct settings_host_os *hosts;
};

enum defrag_outcome { DEFRAG_KEPT, DEFRAG_WHOLE, DEFRAG_DROPPED };

/* What else there is to tell, for events and counters. */
enum defrag_did {
    DEFRAG_OVERLAP = 1 << 0,    /* with other fragments of its datagram */
    DEFRAG_DIFFERS = 1 << 1,    /* and not with the same bytes */
    DEFRAG_TOO_LARGE = 1 << 2,  /* the datagram would be longer than can be */
    DEFRAG_BAD_LENGTH = 1 << 3, /* not the last one, and no multiple of eight bytes (RFC 8200 4.5) */
    DEFRAG_IGNORED = 1 << 4,    /* it makes no sense: no bytes, behind the end, another end */
    DEFRAG_MEMCAP = 1 << 5,     /* memory, or too many fragments of one datagram */
    DEFRAG_EVICTED = 1 << 6,    /* the oldest datagram went for it */
    DEFRAG_EXPIRED = 1 << 7,    /* of an older datagram with its id there was only a part */
};

struct defrag_result {
    enum defrag_outcome outcome;
    unsigned did;
    uint8_t *bytes; /* DEFRAG_WHOLE: headers as if it had come whole, then its payload; heap, the caller's */
    uint32_t head; /* bytes of headers, from the link's on or, in a tunnel, from the network's; 0: they are not known */
    uint32_t ip_at; /* where among them the network header begins */
    uint32_t len;   /* of the payload */
};

/* The settings are borrowed; memcap and max are this lane's. 0 or -ENOMEM. */
int defrag_init(struct defrag *d, const struct settings_defrag *s, const struct settings_host_os *hosts,
                uint64_t memcap, uint32_t max, uint64_t seed);
void defrag_fini(struct defrag *d);

/* Take a fragment. */
void defrag_packet(struct defrag *d, const struct packet *p, struct defrag_result *out);

#endif
