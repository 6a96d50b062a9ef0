/* Header fields as they are kept: for each, the two lengths (four bytes each), the name, the value. */
#include <strings.h>

#include "proto/http2/http2_state.h"

static void put_be32(uint8_t *p, size_t v)
{
    for (int i = 3; i >= 0; i--) {
        p[i] = (uint8_t)v;
        v >>= 8;
    }
}

bool http2_fields_add(struct buf *b, const void *name, size_t name_len, const void *value, size_t value_len)
{
    uint8_t head[8];
    put_be32(head, name_len);
    put_be32(head + 4, value_len);
    return buf_reserve(b, sizeof head + name_len + value_len) && buf_add(b, head, sizeof head) &&
           buf_add(b, name, name_len) && buf_add(b, value, value_len);
}

bool http2_fields_next(struct reader *in, struct http2_field *out)
{
    if (reader_left(in) == 0)
        return false;
    out->name_len = reader_be32(in);
    out->value_len = reader_be32(in);
    out->name = reader_take(in, out->name_len);
    out->value = reader_take(in, out->value_len);
    return !in->bad;
}

bool http2_fields_find(const struct buf *b, const char *name, struct http2_field *out)
{
    struct reader in = reader_of(b->data, b->len);
    size_t len = strlen(name);
    while (http2_fields_next(&in, out))
        if (out->name_len == len && strncasecmp(name, (const char *)out->name, len) == 0)
            return true;
    return false;
}

bool http2_field_is(const struct http2_field *f, const char *value)
{
    return f->value_len == strlen(value) && strncasecmp(value, (const char *)f->value, f->value_len) == 0;
}
