#include "proto/http2/test_frames.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/http2/http2.h"

void talk_init(struct talk *t)
{
    memset(t, 0, sizeof *t);
}

static void end_step(struct talk *t)
{
    if (t->said.len) {
        assert_true(t->count < TALK_STEPS);
        t->steps[t->count++] = (struct step){t->dir, (const char *)t->said.data, t->said.len};
    }
    buf_init(&t->said, 0);
}

void talk_fini(struct talk *t)
{
    end_step(t);
    for (size_t i = 0; i < t->count; i++)
        free((void *)(uintptr_t)t->steps[i].text);
}

void talk_by(struct talk *t, enum flow_dir dir)
{
    end_step(t);
    t->dir = dir;
}

void talk_raw(struct talk *t, const void *p, size_t n)
{
    assert_true(buf_add(&t->said, p, n));
}

void talk_frame(struct talk *t, uint8_t type, uint8_t flags, uint32_t stream, const void *body, size_t n)
{
    const uint8_t head[9] = {
        (uint8_t)(n >> 16),      (uint8_t)(n >> 8),      (uint8_t)n,     type, flags, (uint8_t)(stream >> 24),
        (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    talk_raw(t, head, sizeof head);
    talk_raw(t, body, n);
}

void talk_data(struct talk *t, uint32_t stream, uint8_t flags, const char *text)
{
    talk_frame(t, HTTP2_DATA, flags, stream, text, strlen(text));
}

/* RFC 7541 5.1 with a prefix of seven bits, and the octets. */
static void put_string(struct buf *out, const char *p, size_t n)
{
    size_t v = n;
    if (n < 127) {
        buf_add_byte(out, (uint8_t)n);
    } else {
        buf_add_byte(out, 127);
        for (v -= 127; v >= 128; v >>= 7)
            buf_add_byte(out, (uint8_t)(v | 0x80));
        buf_add_byte(out, (uint8_t)v);
    }
    buf_add(out, p, n);
}

void talk_block(struct buf *out, const char *fields)
{
    while (*fields) {
        const char *nl = strchr(fields, '\n');
        const char *colon = strstr(fields + 1, ": ");
        assert_true(nl && colon && colon < nl);
        buf_add_byte(out, 0);
        put_string(out, fields, (size_t)(colon - fields));
        put_string(out, colon + 2, (size_t)(nl - colon - 2));
        fields = nl + 1;
    }
}

void talk_headers(struct talk *t, uint32_t stream, uint8_t flags, const char *fields)
{
    struct buf block;
    buf_init(&block, 0);
    talk_block(&block, fields);
    talk_frame(t, HTTP2_HEADERS, flags | HTTP2_FLAG_END_HEADERS, stream, block.data, block.len);
    buf_fini(&block);
}

void talk_gap(struct talk *t, enum flow_dir dir, size_t n)
{
    end_step(t);
    t->steps[t->count++] = (struct step){dir, NULL, n};
}

void talk_begin(struct talk *t)
{
    talk_by(t, TO_SERVER);
    talk_raw(t, HTTP2_PREFACE, HTTP2_PREFACE_LEN);
    talk_frame(t, HTTP2_SETTINGS, 0, 0, NULL, 0);
    talk_by(t, TO_CLIENT);
    talk_frame(t, HTTP2_SETTINGS, 0, 0, NULL, 0);
}

void talk_expect(struct talk *t, bool records, const char *text)
{
    struct buf out, cut;
    end_step(t);
    duplex_all_ways(&proto_http2, t->steps, t->count, &out);
    buf_init(&cut, 0);
    for (const char *p = (const char *)out.data; *p;) {
        const char *nl = strchr(p, '\n');
        size_t n = nl ? (size_t)(nl + 1 - p) : strlen(p);
        if (records || !isdigit((unsigned char)*p))
            buf_add(&cut, p, n);
        p += n;
    }
    buf_add_byte(&cut, 0);
    assert_string_equal((const char *)cut.data, text);
    buf_fini(&out);
    buf_fini(&cut);
}
