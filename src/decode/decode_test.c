#include "decode/test_frame.h"

static void ethernet_ipv4_tcp(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ethernet(&f, 0x0800);
    ipv4(&f, 6, 0x4000, 25);
    tcp(&f, TCP_PSH | TCP_ACK | TCP_CWR);
    PUT(&f, 0, 0, 0, 0, 0, 0); /* the link's padding */
    struct decoded d = decode(1, &f);
    expect_hello(&d, 6);
    assert_int_equal(d.event_count, 0);
    assert_false(d.bad_checksum);
    assert_int_equal(d.dport, 80);
    assert_int_equal(d.ttl, 64);
    assert_int_equal(d.tcp.seq, 0x01020304);
    assert_int_equal(d.tcp.ack, 0x05060708);
    assert_int_equal(d.tcp.window, 0x2000);
    assert_int_equal(d.tcp.flags, TCP_PSH | TCP_ACK | TCP_CWR);
    assert_int_equal(d.tcp.wscale, 255);
    assert_true(d.has_mac);
    assert_int_equal(d.src_mac[5], 1);
    assert_int_equal(d.dst_mac[5], 2);
    assert_int_equal(d.ip_len, 45);
    char text[ADDR_TEXT_MAX];
    addr_print(&d.src, false, text);
    assert_string_equal(text, "10.0.0.1");
}

static void wrong_checksums(void **state)
{
    (void)state;
    for (uint32_t at = 14; at < 14 + 45; at++) {
        struct frame f = {.len = 0};
        ethernet(&f, 0x0800);
        ipv4(&f, 6, 0, 25);
        tcp(&f, TCP_ACK);
        f.b[at] ^= 1;
        struct decoded d = decode(1, &f);
        /* Some bytes break more than a checksum. */
        if (d.layers & LAYER_TRANSPORT)
            assert_true(d.bad_checksum);
        if (decode_frame(1, f.b, f.len, f.len, false, NULL, &d))
            assert_false(d.bad_checksum);
    }
}

static void tcp_options(void **state)
{
    (void)state;
    static const uint8_t syn[] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7, 1, 3, 3, 20};
    struct frame f = {.len = 0};
    ipv4(&f, 6, 0, 20 + sizeof syn);
    tcp(&f, TCP_SYN);
    f.len -= 5;
    f.b[20 + 12] = (20 + sizeof syn) / 4 << 4;
    put(&f, syn, sizeof syn);
    struct decoded d = decode(101, &f);
    assert_int_equal(d.event_count, 0);
    assert_int_equal(d.tcp.mss, 1460);
    assert_int_equal(d.tcp.wscale, 14); /* 20 counts as 14 */
    assert_true(d.tcp.sack_permitted);
    assert_true(d.tcp.has_timestamps);
    assert_int_equal(d.tcp.ts_value, 9);
    assert_int_equal(d.tcp.ts_echo, 7);
    assert_int_equal(d.payload_len, 0);

    f.b[40] = 8; /* the first option now says that it is a time stamp, of four bytes */
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_TCP_OPT_INVALID_LEN));
    f.b[40] = 2;
    f.b[41] = 200;
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_TCP_OPT_INVALID_LEN));
    assert_true(d.layers & LAYER_TRANSPORT);
    f.b[41] = 4;
    f.b[56] = 2; /* a second segment size */
    f.b[57] = 4;
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_TCP_OPT_DUPLICATE));
    assert_int_equal(d.tcp.mss, 1460);
}

static void timestamps_alone(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv4(&f, 6, 0, 32);
    tcp(&f, TCP_ACK);
    f.len -= 5;
    f.b[32] = 8 << 4;
    PUT(&f, 1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7);
    struct decoded d = decode(228, &f);
    assert_true(d.tcp.has_timestamps);
    assert_int_equal(d.tcp.ts_value, 9);
    assert_int_equal(d.tcp.ts_echo, 7);
}

/* No length of any kind of frame reads past its end, and each says why it is short. */
static void cut_everywhere(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ethernet(&f, 0x8100);
    PUT(&f, 0, 5, 0x08, 0);
    ipv4(&f, 6, 0, 25);
    tcp(&f, TCP_ACK);
    for (uint32_t len = 0; len < f.len; len++) {
        struct decoded whole = decode_cut(1, &f, len, len);
        assert_int_equal(whole.event_count, 1);
        assert_int_equal(whole.layers, 0);
        struct decoded cut = decode_cut(1, &f, len, f.len);
        assert_true(cut.event_count > 0);
        if (len >= 18 + 20) {
            assert_true(cut.layers & LAYER_IP);
            assert_true(has_event(&cut, DECODE_IPV4_TRUNC_PKT));
            assert_int_equal(cut.payload_missing, f.len - len);
        }
        if (len >= 18 + 40) {
            assert_true(cut.layers & LAYER_TRANSPORT);
            assert_int_equal(cut.payload_len, len - 58);
            assert_false(cut.bad_checksum);
        }
    }
}

static void vlan_tags(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ethernet(&f, 0x88a8);
    PUT(&f, 0x20, 7, 0x91, 0, 0x00, 8, 0x81, 0, 0xe1, 9, 0x08, 0);
    ipv4(&f, 17, 0, 13);
    udp(&f, 13);
    struct decoded d = decode(1, &f);
    expect_hello(&d, 17);
    assert_int_equal(d.vlan_count, 3);
    assert_int_equal(d.vlan[0], 7);
    assert_int_equal(d.vlan[1], 8);
    assert_int_equal(d.vlan[2], 0x109);
    f.b[24] = 0x81; /* a fourth tag */
    f.b[25] = 0x00;
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_VLAN_TOO_MANY_LAYERS));
    assert_int_equal(d.vlan_count, 3);
    f.b[24] = 0x12;
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_VLAN_UNKNOWN_TYPE));
}

struct link_case {
    int dlt;
    uint8_t head[24];
    uint32_t head_len;
};

static void link_types(void **state)
{
    (void)state;
    static const struct link_case cases[] = {
        {0, {2, 0, 0, 0}, 4},
        {0, {0, 0, 0, 2}, 4},
        {108, {0, 0, 0, 2}, 4},
        {12, {0}, 0},
        {14, {0}, 0},
        {101, {0}, 0},
        {228, {0}, 0},
        {113, {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0}, 16},
        {276, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}, 20},
        {9, {0xff, 3, 0, 0x21}, 4},
        {9, {0xff, 3, 0x21}, 3},
        {9, {0, 0x21}, 2},
        {9, {0x21}, 1},
        {50, {0xff, 3, 0, 0x21}, 4},
        {50, {0x0f, 0, 8, 0}, 4},
        {104, {0x0f, 0, 8, 0}, 4},
        {1, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 0x88, 0x47, 0, 2, 0, 0, 0, 3, 1, 0}, 22},
        {1, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 0x88, 0x64, 0x11, 0, 0, 1, 0, 35, 0, 0x21}, 22},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = {.len = 0};
        put(&f, cases[i].head, cases[i].head_len);
        ipv4(&f, 17, 0, 13);
        udp(&f, 13);
        assert_true(decode_supports(cases[i].dlt));
        struct decoded d = decode(cases[i].dlt, &f);
        expect_hello(&d, 17);
        assert_int_equal(d.event_count, 0);
        for (uint32_t len = 0; len < f.len; len++) {
            d = decode_cut(cases[i].dlt, &f, len, len);
            assert_int_equal(d.layers, 0);
            assert_int_equal(d.event_count, 1);
        }
    }
    struct decoded d;
    assert_false(decode_supports(147));
    assert_false(decode_frame(147, (const uint8_t *)"", 0, 0, true, NULL, &d));
}

static void link_types_ipv6(void **state)
{
    (void)state;
    static const struct link_case cases[] = {
        {0, {24, 0, 0, 0}, 4}, {0, {0, 0, 0, 28}, 4}, {0, {30, 0, 0, 0}, 4},      {0, {10, 0, 0, 0}, 4},
        {101, {0}, 0},         {229, {0}, 0},         {9, {0xff, 3, 0, 0x57}, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = {.len = 0};
        put(&f, cases[i].head, cases[i].head_len);
        ipv6(&f, 17, 13);
        udp(&f, 13);
        struct decoded d = decode(cases[i].dlt, &f);
        expect_hello(&d, 17);
        assert_int_equal(d.src.family, ADDR_V6);
        assert_memory_equal(d.dst.b, v6_dst, 16);
        assert_int_equal(d.ttl, 61);
    }
}

static void ipv4_faults(void **state)
{
    (void)state;
    static const struct {
        uint8_t at, value;
        enum decode_event event;
    } cases[] = {
        {0, 0x65, DECODE_IPV4_WRONG_IP_VERSION},
        {0, 0x44, DECODE_IPV4_HLEN_TOO_SMALL},
        {0, 0x4f, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN},
        {3, 19, DECODE_IPV4_IPLEN_SMALLER_THAN_HLEN},
        {3, 200, DECODE_IPV4_TRUNC_PKT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = {.len = 0};
        ipv4(&f, 17, 0, 13);
        udp(&f, 13);
        f.b[cases[i].at] = cases[i].value;
        struct decoded d = decode(228, &f);
        assert_int_equal(d.event_count, 1);
        assert_int_equal(d.events[0], cases[i].event);
        assert_int_equal(d.layers, 0);
    }
}

static struct decoded with_ipv4_options(const uint8_t options[8])
{
    struct frame f = {.len = 0};
    ipv4(&f, 17, 0, 21);
    f.b[0] = 0x47;
    put(&f, options, 8);
    udp(&f, 13);
    return decode(228, &f);
}

static void ipv4_options(void **state)
{
    (void)state;
    struct decoded d = with_ipv4_options((const uint8_t[]){0x94, 4, 0, 0, 1, 1, 1, 0});
    expect_hello(&d, 17);
    assert_int_equal(d.event_count, 0);
    d = with_ipv4_options((const uint8_t[]){0x94, 4, 0, 0, 0x94, 4, 0, 0});
    assert_true(has_event(&d, DECODE_IPV4_OPT_DUPLICATE));
    d = with_ipv4_options((const uint8_t[]){0x94, 9, 0, 0, 0, 0, 0, 0});
    assert_true(has_event(&d, DECODE_IPV4_OPT_INVALID_LEN));
    d = with_ipv4_options((const uint8_t[]){7, 7, 3, 0, 0, 0, 0, 0});
    assert_true(has_event(&d, DECODE_IPV4_OPT_MALFORMED));
    d = with_ipv4_options((const uint8_t[]){0x55, 4, 3, 0, 0, 0, 0, 0});
    assert_true(has_event(&d, DECODE_IPV4_OPT_INVALID));
    d = with_ipv4_options((const uint8_t[]){1, 1, 1, 1, 1, 1, 1, 7});
    assert_true(has_event(&d, DECODE_IPV4_OPT_EOL_REQUIRED));
    expect_hello(&d, 17);
}

static void ipv4_fragments(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv4(&f, 6, 0x2000, 25);
    tcp(&f, TCP_ACK);
    struct decoded d = decode(101, &f);
    assert_int_equal(d.layers, LAYER_IP | LAYER_FRAGMENT);
    assert_true(d.more_fragments);
    assert_int_equal(d.fragment_offset, 0);
    assert_int_equal(d.fragment_id, 0x1234);
    assert_int_equal(d.ip_proto, 6);
    assert_int_equal(d.payload_len, 25);
    assert_int_equal(d.sport, 0);
    assert_false(d.bad_checksum);

    f.len = 0;
    ipv4(&f, 6, 0x0003, 25);
    tcp(&f, TCP_ACK);
    d = decode(101, &f);
    assert_false(d.more_fragments);
    assert_int_equal(d.fragment_offset, 24);

    /* The whole, as if put together from fragments. */
    decode_transport(&d, f.b + 20, 25, true);
    expect_hello(&d, 6);
    assert_false(d.bad_checksum);
    assert_int_equal(d.tcp.seq, 0x01020304);
    assert_int_equal(d.fragment_offset, 0);
    f.b[22] ^= 1;
    d.layers = LAYER_IP | LAYER_FRAGMENT;
    decode_transport(&d, f.b + 20, 25, true);
    assert_true(d.bad_checksum);
}

static void other_protocols(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv4(&f, 47, 0, 4);
    PUT(&f, 0, 0, 8, 0);
    struct decoded d = decode(101, &f);
    assert_int_equal(d.layers, LAYER_IP);
    assert_int_equal(d.ip_proto, 47);
    assert_int_equal(d.payload_len, 4);
    assert_int_equal(d.event_count, 0);
    f.len = 0;
    ethernet(&f, 0x0806);
    PUT(&f, 0, 1, 8, 0, 6, 4, 0, 1);
    f.len += 20;
    d = decode(1, &f);
    assert_int_equal(d.layers, LAYER_ARP);
    f.len -= 1;
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_ARP_PKT_TOO_SMALL));
    f.len = 0;
    ethernet(&f, 0xfbb7);
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_ETHERNET_UNKNOWN_TYPE));
    f.len = 0;
    ethernet(&f, 38); /* a length: LLC */
    d = decode(1, &f);
    assert_int_equal(d.event_count, 0);
}

static void udp_lengths(void **state)
{
    (void)state;
    static const struct {
        uint16_t len;
        int event; /* -1: none */
        uint32_t payload;
    } cases[] = {{13, -1, 5},
                 {10, -1, 2},
                 {8, -1, 0},
                 {7, DECODE_UDP_LEN_INVALID, 13},
                 {0, DECODE_UDP_LEN_INVALID, 13},
                 {14, DECODE_UDP_PKT_TOO_SMALL, 13}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = {.len = 0};
        ipv4(&f, 17, 0, 13);
        udp(&f, cases[i].len);
        struct decoded d = decode(101, &f);
        assert_int_equal(d.payload_len, cases[i].payload);
        assert_int_equal((d.layers & LAYER_TRANSPORT) != 0, cases[i].event < 0);
        assert_int_equal(d.event_count > 0 ? d.events[0] : -1, cases[i].event);
        assert_false(d.bad_checksum); /* zero: none was computed */
        f.b[26] = 1;
        d = decode(101, &f);
        assert_int_equal(d.bad_checksum, cases[i].event < 0);
    }
}

static void icmp(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ipv4(&f, 1, 0, 12);
    PUT(&f, 8, 0, 0, 0, 0x12, 0x34, 0, 7, 1, 2, 3, 4);
    set_sum(f.b + 22, checksum_add(0, f.b + 20, 12));
    struct decoded d = decode(101, &f);
    assert_int_equal(d.layers, LAYER_IP | LAYER_TRANSPORT);
    assert_int_equal(d.icmp.type, 8);
    assert_int_equal(d.icmp.id, 0x1234);
    assert_int_equal(d.icmp.seq, 7);
    assert_int_equal(d.payload_len, 4);
    assert_false(d.bad_checksum);
    assert_int_equal(d.event_count, 0);
    f.b[20] = 100;
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_ICMPV4_UNKNOWN_TYPE));
    assert_true(d.bad_checksum);
    f.b[20] = 3;
    f.b[21] = 16;
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_ICMPV4_UNKNOWN_CODE));
    assert_int_equal(d.event_count, 1);
    f.b[21] = 1;
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_ICMPV4_IPV4_TRUNC_PKT));
    f.len = 0;
    ipv6(&f, 58, 8);
    PUT(&f, 128, 0, 0, 0, 0, 9, 0, 1);
    d = decode(101, &f);
    assert_int_equal(d.icmp.type, 128);
    assert_int_equal(d.icmp.id, 9);
    assert_true(d.bad_checksum);
    f.len = 0;
    ipv4(&f, 58, 0, 8);
    PUT(&f, 128, 0, 0, 0, 0, 9, 0, 1);
    d = decode(101, &f);
    assert_true(has_event(&d, DECODE_IPV4_ICMPV6));
    assert_int_equal(d.layers, LAYER_IP);
}

static void mpls_stacks(void **state)
{
    (void)state;
    struct frame f = {.len = 0};
    ethernet(&f, 0x8847);
    PUT(&f, 0, 2, 1, 0, 0, 0, 0, 0); /* one label, a control word, an Ethernet frame */
    ethernet(&f, 0x0800);
    ipv4(&f, 17, 0, 13);
    udp(&f, 13);
    struct decoded d = decode(1, &f);
    expect_hello(&d, 17);
    f.b[15] = 0;
    f.b[16] = 0x11; /* label 1 at the bottom */
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_MPLS_BAD_LABEL_ROUTER_ALERT));

    /* Ethernet in MPLS without end */
    f.len = 0;
    ethernet(&f, 0x8847);
    for (unsigned i = 0; i < 20; i++) {
        PUT(&f, 0, 2, 1, 0, 0, 0, 0, 0);
        ethernet(&f, 0x8847);
    }
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_TOO_MANY_LAYERS));

    /* labels without end */
    f.len = 0;
    ethernet(&f, 0x8847);
    for (unsigned i = 0; i < 20; i++)
        PUT(&f, 0, 2, 0, 0);
    d = decode(1, &f);
    assert_true(has_event(&d, DECODE_TOO_MANY_LAYERS));
}

static void event_names(void **state)
{
    (void)state;
    assert_string_equal(decode_event_name(DECODE_IPV4_PKT_TOO_SMALL), "decoder.ipv4.pkt_too_small");
    assert_string_equal(decode_event_name(DECODE_TOO_MANY_LAYERS), "decoder.too_many_layers");
    assert_string_equal(decode_event_name(DECODE_EVENT_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ethernet_ipv4_tcp), cmocka_unit_test(wrong_checksums),
        cmocka_unit_test(tcp_options),       cmocka_unit_test(timestamps_alone),
        cmocka_unit_test(cut_everywhere),    cmocka_unit_test(vlan_tags),
        cmocka_unit_test(link_types),        cmocka_unit_test(link_types_ipv6),
        cmocka_unit_test(ipv4_faults),       cmocka_unit_test(ipv4_options),
        cmocka_unit_test(ipv4_fragments),    cmocka_unit_test(other_protocols),
        cmocka_unit_test(udp_lengths),       cmocka_unit_test(icmp),
        cmocka_unit_test(mpls_stacks),       cmocka_unit_test(event_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
