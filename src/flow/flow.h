/* The flow stage: who talks to whom.
 *
 * Owns the flow table of its lane, the TCP trackers, the fragments that wait. Takes packets from capture and, over the
 * re-entry edge, pseudo-packets and messages from decap; gives every packet on to app with its flow, its direction and
 * the stream bytes that are in order. Makes, finds and frees flows; nobody else does. Must never keep a packet: what
 * waits is copied. Thread: the lane's flow thread. */
#ifndef BURROW_FLOW_FLOW_H
#define BURROW_FLOW_FLOW_H

#include "item/stage.h"

extern const struct stage_ops flow_stage_ops;

#endif
