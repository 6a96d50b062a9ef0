/* The divert line, and where it stands. Private to the room. */
#ifndef BURROW_PROTO_SSLPROXY_LINE_H
#define BURROW_PROTO_SSLPROXY_LINE_H

#include "core/bytes.h"
#include "proto/proto.h"

/* Bytes of a line with its CRLF: three addresses of 53, a user of 255. */
#define SSLPROXY_LINE_MOST 512u
/* Bytes of a request line before it, its CRLF included. */
#define SSLPROXY_REQUEST_MOST 2048u

struct sslproxy_line {
    struct addr client;
    struct addr server;
    uint16_t client_port;
    uint16_t server_port;
    bool tls;         /* the connection was TLS when it came to SSLproxy */
    const char *user; /* NULL: none. Borrowed */
    size_t user_len;
};

struct sslproxy_place {
    size_t at;  /* bytes before the line: 0, or those of a request line */
    size_t len; /* of the line, CRLF included */
};

/* Where in a connection's first bytes is the line? PROBE_YES once it is sure that one begins; place->len is 0 until its
 * end is there. */
enum proto_probe_result sslproxy_find(const uint8_t *p, size_t n, struct sslproxy_place *place);

/* Read a line without its CRLF. */
bool sslproxy_read(const uint8_t *p, size_t n, struct sslproxy_line *out);

#endif
