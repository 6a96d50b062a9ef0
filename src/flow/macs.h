/* The MAC addresses that a flow's packets had, for its record. Private to flow. */
#ifndef BURROW_FLOW_MACS_H
#define BURROW_FLOW_MACS_H

#include "core/json.h"
#include "item/packet.h"

/* Addresses of each side that are kept; more are left out, as in Suricata. */
#define FLOW_MACS_MAX 10u

struct flow_macs {
    uint8_t count[2];
    uint8_t mac[2][FLOW_MACS_MAX][6]; /* of the flow's source, of its destination */
    uint8_t ends[2][6];               /* the first of each */
};

/* Note those of a packet; *macs is made when it is NULL (heap, the flow's). */
void flow_macs_note(struct flow_macs **macs, const struct packet *p);

/* The flow's source's and destination's, the first that were noted; NULL: one is missing. */
const uint8_t (*flow_macs_ends(const struct flow_macs *macs))[6];

/* Give them to a packet from the source; nothing where one is missing. */
void flow_macs_copy(const struct flow_macs *macs, struct packet *p);

/* Write the object `ether`; nothing for NULL. */
void flow_macs_write(const struct flow_macs *macs, struct json *j);

#endif
