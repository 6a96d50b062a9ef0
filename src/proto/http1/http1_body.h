/* Bodies, decoded: what is kept of them for rules, and the files in them. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_BODY_H
#define BURROW_PROTO_HTTP1_BODY_H

#include "proto/http1/http1_state.h"

/* Raw header fields of one head that are kept, bytes. */
#define HTTP1_RAW_MAX 65536u
/* Of a part's header in a form, bytes; with more the form is not read on. */
#define HTTP1_PART_HEAD_MAX 8192u
/* RFC 2046 5.1.1: a boundary, bytes. */
#define HTTP1_BOUNDARY_MAX 200u

void http1_register_body_hooks(htp_cfg_t *cfg);

/* The message of that role is whole. tx may be NULL. */
void http1_body_end(struct http1_state *s, struct http1_tx *tx, enum flow_dir role);
/* Let go of what is kept. s may be NULL: the connection is gone. */
void http1_body_drop(struct http1_state *s, struct http1_tx *tx);

/* The bytes from..to of `size` (0: not said) that a Content-Range tells (RFC 9110 14.4). False: it tells none. */
struct http1_range {
    uint64_t from;
    uint64_t to;
    uint64_t size;
};
bool http1_range_read(const uint8_t *p, size_t n, struct http1_range *out);

/* The value of a parameter as in `form-data; name="x"; filename=y`; without its quotes. False: it isn't there. */
bool http1_parameter(struct http1_span value, const char *name, struct http1_span *out);

/* http1_multipart.c: forms (RFC 7578). NULL: there is no boundary, or no memory. */
struct http1_multipart *http1_multipart_create(struct http1_span content_type);
void http1_multipart_destroy(struct http1_multipart *m);
void http1_multipart_data(struct http1_state *s, struct http1_tx *tx, const uint8_t *p, size_t n);
void http1_multipart_gap(struct http1_state *s, struct http1_tx *tx, uint64_t n);
void http1_multipart_end(struct http1_state *s, struct http1_tx *tx);

#endif
