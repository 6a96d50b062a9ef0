/* HTTP/2 in cleartext (RFC 9113): with prior knowledge, and after an HTTP/1.1 Upgrade (proto/http1 hands over).
 *
 * Frames are read here; header blocks by libnghttp2's HPACK decoder, every one and in order, since each direction's
 * table is of all of its streams. A stream is a transaction. The DATA of streams that are tunnels goes on as it comes:
 * CONNECT (8.5), CONNECT for UDP (RFC 9298), and WebSocket (RFC 8441) where its payload is a protocol that is
 * recognised. Other DATA is counted only. Run by the lane's app thread; what one connection may hold is bounded in
 * http2_state.h. */
#ifndef BURROW_PROTO_HTTP2_H
#define BURROW_PROTO_HTTP2_H

#include "proto/proto.h"

extern const struct app_proto proto_http2;

#endif
