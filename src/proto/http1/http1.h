/* HTTP/1.x and 0.9 (RFC 9112) on libhtp, the CONNECT tunnel (RFC 9110 9.3.6), forward proxying (RFC 9112 3.2.2) and
 * Upgrade (RFC 9110 7.8).
 *
 * A transaction is a request and its reply; it is logged when the reply is whole. What libhtp read of it stays with the
 * transaction until it was logged, bodies are counted and not kept.
 *
 * libhtp frames ordinary connections. It would take an interim 103 for the answer to a CONNECT and go on parsing HTTP
 * inside the tunnel, and it knows one server to a connection. So from the first CONNECT, request in absolute-form for
 * another host, or Upgrade on, messages are framed here (http1_frame.c, http1_proxy.c, http1_reply.c): what is for the
 * proxy itself is given to libhtp, what is for an origin is carried in a channel of the origin's, whose child flow then
 * has the transactions. A 101 ends HTTP: the flow goes on as WebSocket or HTTP/2, or its capsules are datagrams. The
 * 1xx heads before other answers, of which libhtp knows one, are skipped.
 *
 * Run by the lane's app thread. Owns libhtp's connection parser; the libhtp configuration is one for the process, made
 * once and read only from then on. Never keeps a password: of Proxy-Authorization the user alone is read. */
#ifndef BURROW_PROTO_HTTP1_H
#define BURROW_PROTO_HTTP1_H

#include "proto/proto.h"

extern const struct app_proto proto_http1;

#endif
