/* What a PROXY header says. Private to the room. */
#ifndef BURROW_PROTO_PROXYPROTO_HEADER_H
#define BURROW_PROTO_PROXYPROTO_HEADER_H

#include "core/bytes.h"
#include "proto/proto.h"

/* Section 2.1: a version 1 line with its CRLF is no longer than that. */
#define PROXY_V1_MOST 107u
/* Section 2.2: signature, version and command, family and transport, length of the rest. */
#define PROXY_V2_HEAD 16u

enum proxyproto_event {
    PROXY_INVALID_HEADER,
    PROXY_INVALID_LENGTH,
    PROXY_INVALID_VERSION,
    PROXY_INVALID_COMMAND,
    PROXY_INVALID_FAMILY,
    PROXY_INVALID_TLV,
    PROXY_INVALID_CHECKSUM,
    PROXY_HEADER_GAP,
    PROXY_EVENT_COUNT,
};

/* Bits of proxy_header.odd: by enum proxyproto_event. */
#define PROXY_ODD(event) (1u << (event))

struct proxy_header {
    size_t len;         /* of the whole header, bytes */
    unsigned odd;       /* events to tell */
    bool named;         /* it names both ends */
    struct addr client; /* if named */
    struct addr server;
    uint16_t client_port;
    uint16_t server_port;
    const uint8_t *authority; /* the host that the client asked for; NULL: not given. Borrowed */
    size_t authority_len;
    const uint8_t *unique_id; /* the sender's name of the connection; NULL: not given. Borrowed */
    size_t unique_id_len;
    const uint8_t *user; /* the common name of the client's certificate; NULL: none. Borrowed */
    size_t user_len;
};

enum proxy_found {
    PROXY_MORE,
    PROXY_WHOLE,
    PROXY_BAD, /* odd says why; nobody can be expected to understand it */
};

/* Does a header begin at p? PROBE_MORE while it can be one. */
enum proto_probe_result proxy_begins(const uint8_t *p, size_t n);

/* Read the header at p, which begins as one. */
enum proxy_found proxy_read(const uint8_t *p, size_t n, struct proxy_header *out);

/* header_v2.c, for the above. */
enum proxy_found proxy_read_v2(const uint8_t *p, size_t n, struct proxy_header *out);

#endif
