/* The SSLproxy divert line: what SSLproxy puts before a connection that it hands, decrypted, to a program that listens.
 *
 * "SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:465,s,soner": where to send the connection back to,
 * the client, the destination, whether it was TLS (s) or plain (p), and the user if one is known. It is the first line
 * of the connection, or, in HTTP, the first header of the first request. Reports a tunnel from that client to that
 * destination, which has all bytes but the line. No records of its own. NOTES.md has the limits. */
#ifndef BURROW_PROTO_SSLPROXY_SSLPROXY_H
#define BURROW_PROTO_SSLPROXY_SSLPROXY_H

#include "proto/proto.h"

extern const struct app_proto proto_sslproxy;

#endif
