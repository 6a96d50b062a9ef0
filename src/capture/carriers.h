/* The sessions of IP tunnels: which flow an outer packet belongs to, known before a lane is picked.
 *
 * A table from the outer packet's key to the flow's id, and of what is inside each session: the context of the inner
 * flows' keys and the link that their records show. See decode/NOTES.md. Thread: the capture thread alone; links that
 * packets carry are read by other threads, never changed, and freed only when the last such packet is back. */
#ifndef BURROW_CAPTURE_CARRIERS_H
#define BURROW_CAPTURE_CARRIERS_H

#include "config/settings.h"
#include "item/packet.h"

/* Sessions at one time; past that the one that was quiet longest is over. */
#define CARRIERS_MAX 65536u

/* Tunnels that differ by type or id, over all sessions; past that those of the quietest session are forgotten. */
#define CARRIERS_INSIDE_MAX 131072u

struct carriers;
struct carrier_inside;

enum carriers_result {
    CARRIERS_KNOWN,
    CARRIERS_DOUBT, /* a tunnel found by content alone, and the other side hasn't answered with one */
    CARRIERS_FULL,  /* no memory */
};

/* What is around one packet. */
struct carriers_found {
    unsigned count;
    uint64_t id[DECODE_TUNNELS_MAX];                   /* of the carriers' flows, outermost first */
    struct carrier_inside *inside[DECODE_TUNNELS_MAX]; /* what each of them has inside; held until carriers_let_go */
    uint64_t doubtful_id;                              /* CARRIERS_DOUBT: the flow's id */
};

/* NULL: no memory. */
struct carriers *carriers_create(const struct settings *set);
void carriers_destroy(struct carriers **c);

/* Look up, or begin, the sessions around a packet with tunnels. With CARRIERS_KNOWN `found` is to be let go. */
enum carriers_result carriers_find(struct carriers *c, const struct decoded *d, uint64_t number, uint64_t now_ns,
                                   struct carriers_found *found);
void carriers_let_go(struct carriers_found *found);

uint64_t carriers_context(const struct carrier_inside *in);

/* A link for a packet, counted until carriers_put; NULL gives NULL. */
const struct tunnel_link *carriers_link(struct carrier_inside *in);
void carriers_put(const struct tunnel_link *link);

/* Sessions now, and how many were ended for want of room. */
uint64_t carriers_count(const struct carriers *c);
uint64_t carriers_forced(const struct carriers *c);

#endif
