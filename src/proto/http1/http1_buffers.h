/* What rules look at in an HTTP/1 transaction. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_BUFFERS_H
#define BURROW_PROTO_HTTP1_BUFFERS_H

#include "proto/http1/http1_state.h"

extern const struct proto_buffer http1_buffers[];
extern const struct proto_ready http1_ready[];

/* http1_uri.c */
bool http1_uri(const struct proto_ask *a, struct proto_bytes *out);

#endif
