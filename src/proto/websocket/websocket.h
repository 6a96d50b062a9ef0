/* WebSocket (RFC 6455) as a carrier, from behind the 101 that opened it: http1 names this protocol to the engine.
 *
 * Takes the frames apart, and reports a tunnel if their payload is a protocol that is recognised (proto/wschannel.h).
 * Nothing is recorded of WebSockets that carry none. NOTES.md has the limits. */
#ifndef BURROW_PROTO_WEBSOCKET_WEBSOCKET_H
#define BURROW_PROTO_WEBSOCKET_WEBSOCKET_H

#include "proto/proto.h"

extern const struct app_proto proto_websocket;

#endif
