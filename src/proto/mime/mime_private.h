/* Between the files of the room. */
#ifndef BURROW_PROTO_MIME_PRIVATE_H
#define BURROW_PROTO_MIME_PRIVATE_H

#include "proto/mime/mime.h"

/* Append a text; at the list's limit it is left out, with MIME_MALFORMED. */
void mime_list_add(struct mime *m, struct mime_list *l, const uint8_t *p, size_t n);
struct mime_text *mime_text_of(const uint8_t *p, size_t n);

static inline bool mime_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* mime_header.c: a line of a header, without its end. */
void mime_header_line(struct mime *m, const uint8_t *p, size_t n);
/* The field that was read is whole. */
void mime_header_field(struct mime *m);

/* mime_param.c: the value of a parameter ("name") in a field's value, put together from its sections and decoded
 * (RFC 2231). False: there is none. The bytes are out's. */
bool mime_param(const uint8_t *value, size_t len, const char *name, struct buf *out);

/* mime_decode.c: content of a part, ends of lines included. */
void mime_content(struct mime *m, const uint8_t *p, size_t n);
/* The part is over. */
void mime_content_end(struct mime *m);

/* mime_url.c: content of a text, decoded. */
void mime_url_bytes(struct mime *m, const uint8_t *p, size_t n);
void mime_url_end(struct mime *m);

#endif
