/* SSH (RFC 4253): the two identification strings, and no more.
 *
 * Each side's line "SSH-protoversion-softwareversion comments" (4.2); a server may send other lines before it. The
 * record is written when both were seen, and the flow is done with: what follows is binary and soon encrypted. Run by
 * the lane's app thread; holds at most two lines. */
#ifndef BURROW_PROTO_SSH_H
#define BURROW_PROTO_SSH_H

#include "proto/proto.h"

extern const struct app_proto proto_ssh;

#endif
