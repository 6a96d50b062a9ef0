#include "decode/test_frame.h"

static void ipv6_extensions(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv6(&f, 0, 8 + 8 + 12 + 16 + 13);
    PUT(&f, 43, 0, 5, 2, 0, 0, 1, 0);                         /* hop by hop: router alert */
    PUT(&f, 51, 0, 4, 0, 0, 0, 0, 0);                         /* routing, type 4 */
    PUT(&f, 60, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2);             /* AH */
    PUT(&f, 17, 1, 1, 4, 0, 0, 0, 0, 4, 1, 4, 1, 1, 0, 0, 0); /* destination options: padding, encapsulation limit */
    uint32_t at_udp = f.len;
    udp(&f, 13);
    struct decoded d = decode(229, &f);
    expect_hello(&d, 17);
    assert_int_equal(d.event_count, 1); /* the empty PadN */
    assert_true(has_event(&d, DECODE_IPV6_ZERO_LEN_PADN));
    for (uint32_t len = 40; len < f.len; len++) {
        d = decode_cut(229, &f, len, f.len);
        assert_true(d.layers & LAYER_IP);
        assert_true(has_event(&d, DECODE_IPV6_TRUNC_PKT));
        assert_int_equal((d.layers & LAYER_TRANSPORT) != 0, len >= at_udp + 8);
    }
}

static void ipv6_fragments(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv6(&f, 44, 8 + 13);
    PUT(&f, 17, 0, 0x00, 0x11, 1, 2, 3, 4);
    udp(&f, 13);
    struct decoded d = decode(229, &f);
    assert_int_equal(d.layers, LAYER_IP | LAYER_FRAGMENT);
    assert_int_equal(d.ip_proto, 17);
    assert_int_equal(d.fragment_offset, 16);
    assert_int_equal(d.fragment_id, 0x01020304);
    assert_true(d.more_fragments);
    assert_int_equal(d.payload_len, 13);
    assert_true(has_event(&d, DECODE_IPV6_FRAG_INVALID_LENGTH));
    f.b[42] = f.b[43] = 0; /* an atomic fragment is the whole */
    d = decode(229, &f);
    expect_hello(&d, 17);
    assert_true(has_event(&d, DECODE_IPV6_EXTHDR_USELESS_FH));

    /* What the fragments carried may begin with more extension headers. */
    const uint8_t whole[] = {17, 0, 1, 4, 0, 0, 0, 0, 0x03, 0xe8, 0, 53, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o'};
    memset(&d, 0, sizeof d);
    d.layers = LAYER_IP | LAYER_FRAGMENT;
    d.src.family = d.dst.family = ADDR_V6;
    d.ip_proto = 60;
    decode_transport(&d, whole, sizeof whole, true);
    expect_hello(&d, 17);
}

static void ipv6_faults(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv6(&f, 59, 1);
    PUT(&f, 0);
    struct decoded d = decode(229, &f);
    assert_true(has_event(&d, DECODE_IPV6_DATA_AFTER_NONE_HEADER));
    f.b[6] = 200;
    d = decode(229, &f);
    assert_true(has_event(&d, DECODE_IPV6_UNKNOWN_NEXT_HEADER));
    f.b[6] = 1;
    d = decode(229, &f);
    assert_true(has_event(&d, DECODE_IPV6_ICMPV4));
    f.b[0] = 0x40;
    d = decode(229, &f);
    assert_true(has_event(&d, DECODE_IPV6_WRONG_IP_VERSION));
    f.len = 0;
    ipv6(&f, 60, 8 * 40);
    for (unsigned i = 0; i < 40; i++)
        PUT(&f, 60, 0, 4, 4, 0, 0, 0, 0);
    d = decode(229, &f);
    assert_true(has_event(&d, DECODE_IPV6_EXTHDR_DUPL_DH));
    assert_true(has_event(&d, DECODE_TOO_MANY_LAYERS));
    assert_int_equal(d.layers, LAYER_IP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv6_extensions),
        cmocka_unit_test(ipv6_fragments),
        cmocka_unit_test(ipv6_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
