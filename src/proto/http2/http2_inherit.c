/* An upgrade from HTTP/1 (RFC 7540 3.2): its request is stream 1's, and its HTTP2-Settings the client's first. */
#include <strings.h>

#include "proto/http2/http2_state.h"

#define SETTINGS_BYTES (6u * HTTP2_SETTINGS_MAX)

/* 64: it is none. */
static uint32_t value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 0u;
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '-' || c == '+' ? 62u : c == '_' || c == '/' ? 63u : 64u;
}

/* RFC 4648 5, without padding. Returns the length, -1: malformed or too long. */
static int decode64url(const uint8_t *p, size_t n, uint8_t out[SETTINGS_BYTES])
{
    uint32_t bits = 0;
    unsigned have = 0;
    int len = 0;
    while (n && p[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = value_of(p[i]);
        if (v == 64)
            return -1;
        bits = bits << 6 | v;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (len == (int)SETTINGS_BYTES)
            return -1;
        out[len++] = (uint8_t)(bits >> have);
    }
    return len;
}

static void take_settings(struct http2_state *s, const struct http2_field *f)
{
    uint8_t bytes[SETTINGS_BYTES];
    int n = decode64url(f->value, f->value_len, bytes);
    if (n < 0 || n % 6 != 0) {
        http2_raise(s, HTTP2_INVALID_HTTP1_SETTINGS);
        return;
    }
    http2_settings(s, TO_SERVER, reader_of(bytes, (size_t)n));
}

static bool is(const struct http2_field *f, const char *name)
{
    return f->name_len == strlen(name) && strncasecmp(name, (const char *)f->name, f->name_len) == 0;
}

void http2_inherit(void *state, struct proto_io *io, const struct buf *fields)
{
    struct http2_state *s = state;
    struct http2_side *side = &s->side[TO_SERVER];
    struct reader in = reader_of(fields->data, fields->len);
    struct http2_field f;
    size_t used = 0;
    s->io = io;
    http2_block_begin(side, 1);
    side->in_block = false;
    side->block_end_stream = true;
    while (http2_fields_next(&in, &f) && used + f.name_len + f.value_len < HTTP2_LIST_MAX) {
        used += f.name_len + f.value_len;
        if (is(&f, "http2-settings"))
            take_settings(s, &f);
        else if (is(&f, "host"))
            http2_fields_add(&side->fields, ":authority", 10, f.value, f.value_len);
        else
            http2_fields_add(&side->fields, f.name, f.name_len, f.value, f.value_len);
    }
    http2_stream_headers(s, side, TO_SERVER);
    s->io = NULL;
}
