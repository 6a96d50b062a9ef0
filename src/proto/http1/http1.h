/* HTTP/1.x and 0.9 (RFC 9112) on libhtp, and the CONNECT tunnel (RFC 9110 9.3.6).
 *
 * A transaction is a request and its reply; it is logged when the reply is whole. What libhtp read of it stays with the
 * transaction until it was logged, bodies are counted and not kept.
 *
 * libhtp frames everything but one thing: the reply to a CONNECT. It would take an interim 103 for the answer and go on
 * parsing HTTP inside the tunnel. So from the end of a CONNECT's head nothing of the client is given to libhtp, and the
 * reply's head is read here (http1_connect.c): 1xx heads are skipped, a refusal is handed to libhtp whole, a 2xx opens
 * the tunnel and nothing more is given to libhtp. The 1xx heads before other answers are skipped likewise.
 *
 * Run by the lane's app thread. Owns libhtp's connection parser; the libhtp configuration is one for the process, made
 * once and read only from then on. Never keeps a password: of Proxy-Authorization the user alone is read. */
#ifndef BURROW_PROTO_HTTP1_H
#define BURROW_PROTO_HTTP1_H

#include "proto/proto.h"

extern const struct app_proto proto_http1;

#endif
