/* ICAP (RFC 3507): what a proxy shows to a scanner, as sessions between the proxy's clients and their origins. Used by
 * proto/table.c alone. See NOTES.md. */
#ifndef BURROW_PROTO_ICAP_H
#define BURROW_PROTO_ICAP_H

#include "proto/proto.h"

extern const struct app_proto proto_icap;

#endif
