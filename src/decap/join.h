/* A tunnel's search for the proxy's other leg: the half of decap/egress.h that asks and decides. */
#ifndef BURROW_DECAP_JOIN_H
#define BURROW_DECAP_JOIN_H

#include "decap/egress.h"

struct tunnel;
struct tunnel_bytes;

#define JOIN_BUCKETS 8192u

/* Joins that stay after their tunnel's end, since a candidate's flow still goes on: its end will ask for the verdict as
 * of then. Of one lane; beyond that the oldest goes, and nobody claims what it watched. */
#define JOINS_LEFT_MAX 4096u

/* A child's opening waits for the payload to tell which connection is the proxy's: so many packets after the child's
 * first bytes, and so many in all. Less than NEWS_DELAY: what others wait for is not held up. */
#define JOIN_WAIT     1024u
#define JOIN_WAIT_ALL 2048u

struct join_candidate {
    struct egress_candidate c;
    bool given;    /* its lane has the verdict */
    uint64_t over; /* its lane asked for the verdict as of this packet; 0: not */
};

/* What was found out about the candidates. */
struct join_choice {
    enum egress_verdict how; /* the one that was chosen agrees */
    bool contradicted;       /* the proxy's connections have other bytes */
    unsigned doubtful;       /* so many can't be told apart */
};

struct join {
    struct join *hash_next;
    uint64_t id;           /* the tunnel's */
    struct tunnel *tunnel; /* NULL: it is over */
    struct join *older;    /* then: of those that stay */
    struct join *newer;
    struct proxied_for whose;
    bool rewritten; /* the two legs have different bytes */
    bool decided;
    unsigned replies_due; /* lanes that have not answered */
    unsigned total;       /* candidates that they told of */
    unsigned owns;        /* and of those, from the proxy's own address */
    unsigned count;       /* of total, those that are here */
    struct join_candidate *candidates;
    struct egress_prefix own[2];         /* the child's first bytes */
    const struct join_candidate *chosen; /* once decided; NULL: none */
    struct join_choice choice;           /* then */
    uint64_t looked;                     /* what came before this packet was looked at for the child's address */
};

/* Ask all lanes. NULL: the tunnel has no other leg to look for, or memory is short. */
struct join *join_begin(struct stage *s, struct tunnel *t);

/* Bytes of the child's direction dir came with packet `number`. */
void join_bytes(struct join *j, enum flow_dir dir, uint64_t number, const struct tunnel_bytes *b);

/* The address to open the child with: that of the proxy's connection, if it is the only one or the first bytes of the
 * payload tell which it is; ADDR_NONE: they don't. False: that is not known yet. */
bool join_address(struct stage *s, struct join *j, struct addr *out);

/* Decide as of packet `number`, the tunnel's end. False: not everything is known yet. */
bool join_conclude(struct stage *s, struct join *j, uint64_t number);

/* The tunnel is over and concluded: the join stays for as long as lanes may ask for a verdict. */
void join_end(struct stage *s, struct join **j);

/* Free what stayed. */
void joins_fini(struct stage *s);

/* Messages of egress.h to a join of this lane. */
void join_take(struct stage *s, const struct egress_news *news);

#endif
