/* The Domain Name System (RFC 1035), over UDP and TCP, on any port.
 *
 * Every message is a transaction of its own, complete at once and logged as Suricata's dns records of version 3, or
 * 2. A message is kept as it was on the wire and read again when it is logged. Addresses that a response gives for the
 * name that was asked go to the engine for the passive cache: only those of a response whose query was seen in the same
 * flow.
 *
 * Multicast DNS, LLMNR and NetBIOS names have the same format but are other protocols: told apart by their ports. */
#ifndef BURROW_PROTO_DNS_DNS_H
#define BURROW_PROTO_DNS_DNS_H

#include "proto/proto.h"

extern const struct app_proto proto_dns;

#endif
