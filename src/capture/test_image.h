/* Captures for the tests of this room, built in memory block by block. */
#ifndef BURROW_CAPTURE_TEST_IMAGE_H
#define BURROW_CAPTURE_TEST_IMAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (64 * 1024)

/* A capture being built. */
struct image {
    bool big;
    size_t len;
    uint8_t b[ROOM];
};

static inline void add(struct image *m, const void *p, size_t n)
{
    assert_true(m->len + n <= ROOM);
    memcpy(m->b + m->len, p, n);
    m->len += n;
}

static inline void u16(struct image *m, unsigned v)
{
    uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    uint8_t r[2] = {b[1], b[0]};
    add(m, m->big ? r : b, 2);
}

static inline void u32(struct image *m, uint32_t v)
{
    uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    uint8_t r[4] = {b[3], b[2], b[1], b[0]};
    add(m, m->big ? r : b, 4);
}

static inline void bytes(struct image *m, uint8_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(m, &value, 1);
}

static inline void pcap_head(struct image *m, uint32_t magic, uint32_t linktype)
{
    u32(m, magic);
    u16(m, 2);
    u16(m, 4);
    u32(m, 0);
    u32(m, 0);
    u32(m, 65535);
    u32(m, linktype);
}

/* A frame of n bytes, each `value`. */
static inline void pcap_frame(struct image *m, uint32_t s, uint32_t part, uint8_t value, uint32_t n)
{
    u32(m, s);
    u32(m, part);
    u32(m, n);
    u32(m, n + 4);
    bytes(m, value, n);
}

static inline void section(struct image *m)
{
    u32(m, 0x0a0d0d0a);
    u32(m, 28);
    u32(m, 0x1a2b3c4d);
    u16(m, 1);
    u16(m, 0);
    u32(m, 0xffffffff);
    u32(m, 0xffffffff);
    u32(m, 28);
}

static inline void interface(struct image *m, unsigned linktype, int resolution, uint32_t offset_s)
{
    uint32_t len = 20 + (resolution >= 0 ? 8u : 0) + (offset_s ? 12u : 0);
    u32(m, 1);
    u32(m, len);
    u16(m, linktype);
    u16(m, 0);
    u32(m, 0);
    if (resolution >= 0) {
        u16(m, 9);
        u16(m, 1);
        bytes(m, (uint8_t)resolution, 1);
        bytes(m, 0, 3);
    }
    if (offset_s) {
        u16(m, 14);
        u16(m, 8);
        u32(m, m->big ? 0 : offset_s);
        u32(m, m->big ? offset_s : 0);
    }
    u32(m, len);
}

static inline void enhanced(struct image *m, uint32_t iface, uint64_t units, uint8_t value, uint32_t n)
{
    uint32_t padded = (n + 3) / 4 * 4;
    u32(m, 6);
    u32(m, 32 + padded);
    u32(m, iface);
    u32(m, (uint32_t)(units >> 32));
    u32(m, (uint32_t)units);
    u32(m, n);
    u32(m, n);
    bytes(m, value, n);
    bytes(m, 0, padded - n);
    u32(m, 32 + padded);
}

#endif
