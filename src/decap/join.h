/* A tunnel's search for the proxy's other leg: the half of decap/egress.h that asks and decides. */
#ifndef BURROW_DECAP_JOIN_H
#define BURROW_DECAP_JOIN_H

#include "decap/egress.h"

struct tunnel;

#define JOIN_BUCKETS    1024u
#define JOIN_CANDIDATES 32u /* of all lanes; more are counted only */

struct join_candidate {
    struct egress_candidate c;
    bool given; /* its lane has the verdict */
    enum egress_verdict verdict;
    uint64_t over; /* its lane asked for the verdict as of this packet; 0: not */
};

struct join {
    struct join *hash_next;
    uint64_t id; /* the tunnel's */
    struct tunnel *tunnel;
    bool rewritten; /* the two legs have different bytes */
    bool decided;
    unsigned replies_due; /* lanes that have not answered */
    unsigned total;       /* candidates that they told of */
    unsigned count;       /* and of those here */
    struct join_candidate *candidates;
    struct egress_prefix own[2];         /* the child's first bytes */
    const struct join_candidate *chosen; /* once decided; NULL: none */
    enum egress_verdict how;
    bool contradicted; /* every candidate's bytes are others */
};

/* Ask all lanes. NULL: the tunnel has no other leg to look for, or memory is short. */
struct join *join_begin(struct stage *s, struct tunnel *t);

/* Bytes of the child's direction dir came with packet `number`. */
void join_bytes(struct join *j, enum flow_dir dir, uint64_t number, uint32_t gap, const uint8_t *p, uint32_t len);

/* Have all lanes answered? Then the address that all candidates have in common; ADDR_NONE: there is none. */
bool join_address(const struct join *j, struct addr *out);

/* Decide as of packet `number`, the tunnel's end. False: not everything is known yet. */
bool join_conclude(struct stage *s, struct join *j, uint64_t number);

/* Tell the lanes of the candidates, and free. All lanes must have answered: what they watch waits for a verdict. */
void join_end(struct stage *s, struct join **j);

/* Messages of egress.h to a join of this lane. */
void join_take(struct stage *s, const struct egress_news *news);

#endif
