/* SSH (RFC 4253): the two identification strings and the first packets, and no more.
 *
 * Each side's line "SSH-protoversion-softwareversion comments" (4.2), before which a server may send other lines; then
 * its KEXINIT, for the hassh fingerprints. The record is written when both sides said these, and the flow is done with:
 * what follows is soon encrypted. Run by the lane's app thread; holds a line or a packet of each side, and one string
 * of names. */
#ifndef BURROW_PROTO_SSH_H
#define BURROW_PROTO_SSH_H

#include "proto/proto.h"

extern const struct app_proto proto_ssh;

#endif
