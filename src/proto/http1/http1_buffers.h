/* What rules look at in an HTTP/1 transaction, and the bodies that are kept for it. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_BUFFERS_H
#define BURROW_PROTO_HTTP1_BUFFERS_H

#include "proto/http1/http1_state.h"

extern const struct proto_buffer http1_buffers[];
extern const struct proto_ready http1_ready[];

/* Called by libhtp with a piece of a body, decoded. */
int http1_keep_body(htp_tx_data_t *d, enum flow_dir role);

/* Free the bodies of a transaction; s NULL: its connection is gone. */
void http1_drop_bodies(struct http1_state *s, struct http1_tx *tx);

#endif
