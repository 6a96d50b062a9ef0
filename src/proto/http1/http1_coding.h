/* Content codings of bodies, undone as Suricata's HTTP parser does, oddities included: deflate may be bare or in zlib's
 * wrapping, gzip may be deflate; what is not what its head says is given on as it came. Private to the room.
 *
 * libhtp undoes none itself but LZMA, which it brings along. */
#ifndef BURROW_PROTO_HTTP1_CODING_H
#define BURROW_PROTO_HTTP1_CODING_H

#include "proto/http1/http1_state.h"

/* Of one message, whatever the configuration allows; more are TOO_MANY_ENCODING_LAYERS. */
#define HTTP1_CODINGS_MAX 4u

/* The head of that role is whole. Nothing is allocated for a message that is not coded. */
void http1_coding_begin(struct http1_state *s, struct http1_tx *tx, enum flow_dir role);

/* Bytes of the coded body; http1_body_decoded gets what they are. */
void http1_coding_data(struct http1_coding *c, const uint8_t *p, size_t n);
/* The body is over, or what comes next is missing: what waits is given on. */
void http1_coding_end(struct http1_coding *c);
void http1_coding_destroy(struct http1_coding **c);

/* http1_body.c. False: nobody wants more of this body. */
bool http1_body_decoded(struct http1_state *s, struct http1_tx *tx, enum flow_dir role, const uint8_t *p, size_t n);

#endif
