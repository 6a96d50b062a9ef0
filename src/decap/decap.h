/* The decap stage: from the payload of an established tunnel to a flow of its own.
 *
 * Opens a child flow for every tunnel that a parser reports as established, cuts the tunnel's bytes out of its
 * carrier's packets as pseudo-packets of that child, and hands them back to the flow stage over the re-entry edge. Owns
 * what opening needs (names, addresses), the tunnels, the pseudo-packets, and every packet that waits for borrowers. Is
 * the end of the loop: packets go back to capture from here, and here it is known how far the lane has come. Thread:
 * the lane's decap thread. */
#ifndef BURROW_DECAP_DECAP_H
#define BURROW_DECAP_DECAP_H

#include "item/stage.h"

extern const struct stage_ops decap_stage_ops;

#endif
