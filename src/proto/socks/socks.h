/* SOCKS 4, 4a and 5: the negotiation that opens a tunnel (SOCKS4 and SOCKS4a memos, RFC 1928, 1929, 1961), and the UDP
 * relay that one can open.
 *
 * One negotiation per connection. It is followed in both directions, message by message, whatever the segments: a
 * client may send everything at once, a server may bundle its answers with the tunnel's first bytes. When the proxy has
 * said yes to CONNECT, or to BIND and that somebody came, the tunnel is offered to the engine and nothing more of the
 * connection is this protocol's. For UDP ASSOCIATE the relay is announced; its flow is parsed by the second protocol
 * here, which offers a tunnel for each target. Passwords are kept only if the payload's log-passwords says so. Called
 * by the lane's app thread only; owns its transaction until that is complete.
 */
#ifndef BURROW_PROTO_SOCKS_SOCKS_H
#define BURROW_PROTO_SOCKS_SOCKS_H

#include "proto/proto.h"

extern const struct app_proto proto_socks;
extern const struct app_proto proto_socks_udp; /* to be asked last: its headers are no proof */

#endif
