/* The PROXY protocol, versions 1 and 2 (haproxy, doc/proxy-protocol.txt): a header before everything else on a TCP
 * connection that says whom the sender speaks for.
 *
 * Finds the header, checks it and reports a tunnel from the client to the destination that it names; all other bytes,
 * of both directions, are the tunnel's. No records of its own. NOTES.md has the limits. */
#ifndef BURROW_PROTO_PROXYPROTO_PROXYPROTO_H
#define BURROW_PROTO_PROXYPROTO_PROXYPROTO_H

#include "proto/proto.h"

extern const struct app_proto proto_proxyproto;

#endif
