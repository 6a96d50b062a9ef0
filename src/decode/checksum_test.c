#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decode/checksum.h"

/* RFC 1071, word for word. */
static uint16_t plain_sum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += (i & 1) ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static uint16_t to_network(uint16_t v)
{
    const uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    uint16_t n;
    memcpy(&n, b, 2);
    return n;
}

static void every_length_and_alignment(void **state)
{
    (void)state;
    uint8_t data[400];
    uint32_t x = 12345;
    for (size_t i = 0; i < sizeof data; i++) {
        x = x * 1103515245 + 12345;
        data[i] = i % 7 == 0 ? 0xff : (uint8_t)(x >> 16);
    }
    for (size_t at = 0; at < 9; at++)
        for (size_t len = 0; len + at <= sizeof data; len++)
            assert_int_equal(checksum_fold(checksum_add(0, data + at, len)), to_network(plain_sum(data + at, len)));
}

static void carries_are_not_lost(void **state)
{
    (void)state;
    uint8_t ones[65536];
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(checksum_fold(checksum_add(0, ones, sizeof ones)), 0xffff);
    assert_int_equal(checksum_fold(checksum_add(UINT64_MAX, ones, 8)), 0xffff);
    ones[1] = 0xfe;
    assert_int_equal(checksum_fold(checksum_add(0, ones, sizeof ones)), to_network(0xfffe));
}

static void a_header_from_the_wire(void **state)
{
    (void)state;
    uint8_t h[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                     0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    assert_int_equal(checksum_fold(checksum_add(0, h, sizeof h)), 0xffff);
    h[19] ^= 1;
    assert_int_not_equal(checksum_fold(checksum_add(0, h, sizeof h)), 0xffff);
}

static void pseudo_headers(void **state)
{
    (void)state;
    struct addr a = addr_v4((const uint8_t[]){10, 0, 0, 1}), b = addr_v4((const uint8_t[]){10, 0, 0, 2});
    const uint8_t v4[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 6, 0x12, 0x34};
    assert_int_equal(checksum_fold(checksum_pseudo(&a, &b, 6, 0x1234)), to_network(plain_sum(v4, sizeof v4)));
    uint8_t v6[40] = {0};
    for (unsigned i = 0; i < 32; i++)
        v6[i] = (uint8_t)(200 + i);
    v6[33] = 1;
    v6[35] = 9;
    v6[39] = 17;
    struct addr c = addr_v6(v6), d = addr_v6(v6 + 16);
    assert_int_equal(checksum_fold(checksum_pseudo(&c, &d, 17, 0x10009)), to_network(plain_sum(v6, sizeof v6)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_alignment),
        cmocka_unit_test(carries_are_not_lost),
        cmocka_unit_test(a_header_from_the_wire),
        cmocka_unit_test(pseudo_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
