/* Frames for the tests of this room: built piece by piece, decoded from a block of just their size. */
#ifndef BURROW_DECODE_TEST_FRAME_H
#define BURROW_DECODE_TEST_FRAME_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode/checksum.h"
#include "decode/decode.h"

/* A frame that is put together piece by piece. */
struct frame {
    uint8_t b[2048];
    uint32_t len;
};

static inline void put(struct frame *f, const void *p, size_t n)
{
    memcpy(f->b + f->len, p, n);
    f->len += (uint32_t)n;
}

#define PUT(f, ...) put(f, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static inline void ethernet(struct frame *f, uint16_t type)
{
    PUT(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(type >> 8), (uint8_t)type);
}

static inline void set_sum(uint8_t *at, uint64_t sum)
{
    uint16_t v = (uint16_t)~checksum_fold(sum);
    memcpy(at, &v, 2);
}

/* 10.0.0.1 to 10.0.0.2, a right header checksum. */
static inline void ipv4(struct frame *f, uint8_t proto, uint16_t fragment, uint16_t payload)
{
    uint8_t *h = f->b + f->len;
    uint16_t total = (uint16_t)(payload + 20);
    PUT(f, 0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0x12, 0x34, (uint8_t)(fragment >> 8), (uint8_t)fragment, 64,
        proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
    set_sum(h + 10, checksum_add(0, h, 20));
}

static const uint8_t v6_src[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
static const uint8_t v6_dst[16] = {0x20, 1, 0xd, 0xb8, [15] = 2};

static inline void ipv6(struct frame *f, uint8_t next, uint16_t payload)
{
    PUT(f, 0x60, 0, 0, 0, (uint8_t)(payload >> 8), (uint8_t)payload, next, 61);
    put(f, v6_src, 16);
    put(f, v6_dst, 16);
}

/* 1000 to 80, sequence 0x01020304, acknowledgement 0x05060708, then "hello". */
static inline void tcp(struct frame *f, uint8_t flags)
{
    uint8_t *h = f->b + f->len;
    PUT(f, 0x03, 0xe8, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, flags, 0x20, 0, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o');
    struct addr a = addr_v4((const uint8_t[]){10, 0, 0, 1}), b = addr_v4((const uint8_t[]){10, 0, 0, 2});
    set_sum(h + 16, checksum_add(checksum_pseudo(&a, &b, 6, 25), h, 25));
}

static inline void udp(struct frame *f, uint16_t len)
{
    PUT(f, 0x03, 0xe8, 0, 53, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 'h', 'e', 'l', 'l', 'o');
}

/* Decode from a heap block of the right size, so that a sanitizer sees any read past the end. */
static inline struct decoded decode_cut(int dlt, const struct frame *f, uint32_t len, uint32_t wirelen)
{
    struct decoded d;
    uint8_t *p = malloc(len ? len : 1);
    assert_non_null(p);
    memcpy(p, f->b, len);
    assert_true(decode_frame(dlt, p, len, wirelen, true, NULL, &d));
    if (d.payload_len > 0) {
        assert_true(d.payload >= p && d.payload + d.payload_len <= p + len);
        d.payload = f->b + (d.payload - p);
    }
    free(p);
    return d;
}

static inline struct decoded decode(int dlt, const struct frame *f)
{
    return decode_cut(dlt, f, f->len, f->len);
}

static inline bool has_event(const struct decoded *d, enum decode_event e)
{
    for (unsigned i = 0; i < d->event_count; i++)
        if (d->events[i] == e)
            return true;
    return false;
}

static inline void expect_hello(const struct decoded *d, uint8_t proto)
{
    assert_int_equal(d->layers, LAYER_IP | LAYER_TRANSPORT);
    assert_int_equal(d->ip_proto, proto);
    assert_int_equal(d->sport, 1000);
    assert_int_equal(d->payload_len, 5);
    assert_memory_equal(d->payload, "hello", 5);
    assert_int_equal(d->payload_missing, 0);
}

#endif
