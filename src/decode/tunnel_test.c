/* Tunnels: each kind around one TCP packet, cut at every length, and what is none. */
#include "decode/test_frame.h"

static struct settings_decoder set = {.teredo_anywhere = true, .erspan = true, .erspan_1 = true, .max_layers = 16};

static int set_up(void **state)
{
    (void)state;
    static const uint16_t ports[UDP_TUNNEL_COUNT] = {4789, 4790, 6081, 3544, 5072, 2152, 1701, 4754, 6635};
    for (int t = 0; t < UDP_TUNNEL_COUNT; t++) {
        set.udp[t] = (struct settings_udp_ports){.ports = {ports[t]}, .count = 1};
        set.udp_known[ports[t] / 64] |= UINT64_C(1) << ports[t] % 64;
    }
    return 0;
}

/* Frames are built from the inside out. */
static void before(struct frame *f, const void *p, size_t n)
{
    memmove(f->b + n, f->b, f->len);
    memcpy(f->b, p, n);
    f->len += (uint32_t)n;
}

#define BEFORE(f, ...) before(f, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void in_ethernet(struct frame *f, uint16_t type)
{
    BEFORE(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(type >> 8), (uint8_t)type);
}

/* 192.0.2.1 to 192.0.2.2 */
static void in_ipv4(struct frame *f, uint8_t proto)
{
    uint32_t total = f->len + 20;
    BEFORE(f, 0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0, 1, 0, 0, 64, proto, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2);
    set_sum(f->b + 10, checksum_add(0, f->b, 20));
}

static void in_ipv6(struct frame *f, uint8_t next)
{
    struct frame h = {.len = 0};
    ipv6(&h, next, (uint16_t)f->len);
    before(f, h.b, h.len);
}

static void in_udp(struct frame *f, uint16_t sport, uint16_t dport)
{
    uint32_t total = f->len + 8;
    BEFORE(f, (uint8_t)(sport >> 8), (uint8_t)sport, (uint8_t)(dport >> 8), (uint8_t)dport, (uint8_t)(total >> 8),
           (uint8_t)total, 0, 0);
    in_ipv4(f, 17);
}

static void inner_tcp(struct frame *f)
{
    f->len = 0;
    ipv4(f, 6, 0, 25);
    tcp(f, TCP_ACK);
}

static void inner_ipv6(struct frame *f)
{
    f->len = 0;
    PUT(f, 0x03, 0xe8, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, TCP_ACK, 0x20, 0, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o');
    in_ipv6(f, 6);
}

/* Decode a raw IP packet from a block of just its size. */
static struct decoded decode_raw_cut(const struct frame *f, uint32_t len)
{
    struct decoded d;
    uint8_t *p = malloc(len ? len : 1);
    assert_non_null(p);
    memcpy(p, f->b, len);
    assert_true(decode_frame(101, p, len, len, true, &set, &d));
    assert_in_range(d.tunnel_count, 0, DECODE_TUNNELS_MAX);
    free(p);
    d.payload = d.ip = NULL;
    return d;
}

/* One tunnel of this type with the TCP packet in it; cut anywhere, nothing is read past the end. */
static struct decoded expect_tunnel(const struct frame *f, enum decode_tunnel_type type, unsigned depth)
{
    for (uint32_t n = 0; n < f->len; n++)
        decode_raw_cut(f, n);
    struct decoded d = decode_raw_cut(f, f->len);
    assert_int_equal(d.event_count, 0);
    assert_int_equal(d.tunnel_count, depth);
    assert_int_equal(d.tunnels[depth - 1].type, type);
    assert_int_equal(d.ip_proto, 6);
    assert_int_equal(d.sport, 1000);
    assert_int_equal(d.dport, 80);
    assert_int_equal(d.payload_len, 5);
    if (depth == 1 && d.tunnels[0].src.family == ADDR_V4)
        assert_int_equal(d.tunnels[0].src.b[0], 192);
    return d;
}

static void by_number(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    in_ipv4(&f, 4);
    expect_tunnel(&f, TUNNEL_IPIP, 1);
    inner_tcp(&f);
    in_ipv6(&f, 4);
    expect_tunnel(&f, TUNNEL_4IN6, 1);
    inner_ipv6(&f);
    in_ipv4(&f, 41);
    expect_tunnel(&f, TUNNEL_6IN4, 1);
    memcpy(f.b + 28, (const uint8_t[]){0x20, 0x02, 192, 0, 2, 1}, 6);
    assert_int_equal(decode_raw_cut(&f, f.len).tunnels[0].type, TUNNEL_6TO4);
    inner_ipv6(&f);
    in_ipv6(&f, 41);
    expect_tunnel(&f, TUNNEL_IP6IP6, 1);
    inner_tcp(&f);
    in_ethernet(&f, 0x0800);
    BEFORE(&f, 0x30, 0);
    in_ipv4(&f, 97);
    expect_tunnel(&f, TUNNEL_ETHERIP, 1);
    inner_tcp(&f);
    BEFORE(&f, 0, 0x10, 1, 64);
    in_ipv4(&f, 137);
    expect_tunnel(&f, TUNNEL_MPLS_IP, 1);
    for (unsigned cookie = 0; cookie <= 8; cookie += 4) {
        inner_tcp(&f);
        in_ethernet(&f, 0x0800);
        before(&f, "cookies!", cookie);
        BEFORE(&f, 0, 0, 0, 9);
        in_ipv4(&f, 115);
        expect_tunnel(&f, TUNNEL_L2TP, 1);
    }
}

static void gre(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    BEFORE(&f, 0, 0, 8, 0);
    in_ipv4(&f, 47);
    assert_false(expect_tunnel(&f, TUNNEL_GRE, 1).tunnels[0].has_id);
    inner_tcp(&f); /* checksum, routing, key, sequence */
    BEFORE(&f, 0xf0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 8, 0, 0, 4, 10, 0, 0, 9, 0, 0, 0, 0);
    in_ipv4(&f, 47);
    assert_int_equal(expect_tunnel(&f, TUNNEL_GRE, 1).tunnels[0].id, 7);
    inner_tcp(&f);
    in_ethernet(&f, 0x0800);
    BEFORE(&f, 0, 0, 0x65, 0x58);
    in_udp(&f, 1234, 4754);
    expect_tunnel(&f, TUNNEL_GRE_UDP, 1);
    inner_tcp(&f); /* PPTP: payload length, call, sequence, acknowledgement */
    BEFORE(&f, 0xff, 3, 0, 0x21);
    BEFORE(&f, 0x30, 0x81, 0x88, 0x0b, 0, 49, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
    in_ipv4(&f, 47);
    expect_tunnel(&f, TUNNEL_PPTP, 1);
    inner_tcp(&f); /* ERSPAN I, II, III with a subheader */
    in_ethernet(&f, 0x0800);
    struct frame g = f;
    BEFORE(&g, 0, 0, 0x88, 0xbe);
    in_ipv4(&g, 47);
    expect_tunnel(&g, TUNNEL_ERSPAN, 1);
    g = f;
    BEFORE(&g, 0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x05, 0, 100, 0, 0, 0, 0);
    in_ipv4(&g, 47);
    assert_int_equal(expect_tunnel(&g, TUNNEL_ERSPAN, 1).tunnels[0].id, 100);
    g = f;
    BEFORE(&g, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x05, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    in_ipv4(&g, 47);
    assert_int_equal(expect_tunnel(&g, TUNNEL_ERSPAN, 1).tunnels[0].id, 9);
    inner_tcp(&f); /* an access point's 802.11 */
    BEFORE(&f, 0x88, 1, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0,
           8, 0);
    BEFORE(&f, 0, 0, 0x82, 0);
    in_ipv4(&f, 47);
    expect_tunnel(&f, TUNNEL_ARUBA, 1);
}

static void gre_events(void **state)
{
    (void)state;
    static const struct {
        uint8_t head[8];
        enum decode_event event;
    } rows[] = {
        {{0x01, 0, 8, 0}, DECODE_GRE_VERSION0_RECUR},
        {{0, 0x08, 8, 0}, DECODE_GRE_VERSION0_FLAGS},
        {{0, 2, 8, 0}, DECODE_GRE_WRONG_VERSION},
        {{0xb0, 1, 0x88, 0x0b}, DECODE_GRE_VERSION1_CHKSUM},
        {{0x70, 1, 0x88, 0x0b}, DECODE_GRE_VERSION1_ROUTE},
        {{0x38, 1, 0x88, 0x0b}, DECODE_GRE_VERSION1_SSR},
        {{0x31, 1, 0x88, 0x0b}, DECODE_GRE_VERSION1_RECUR},
        {{0x30, 0x09, 0x88, 0x0b}, DECODE_GRE_VERSION1_FLAGS},
        {{0x30, 1, 8, 0}, DECODE_GRE_VERSION1_WRONG_PROTOCOL},
        {{0x10, 1, 0x88, 0x0b}, DECODE_GRE_VERSION1_NO_KEY},
        {{0xf0, 0, 8, 0}, DECODE_GRE_VERSION0_HDR_TOO_BIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct frame f = {.len = 0};
        before(&f, rows[i].head, sizeof rows[i].head);
        in_ipv4(&f, 47);
        struct decoded d = decode_raw_cut(&f, f.len);
        assert_true(has_event(&d, rows[i].event));
        assert_int_equal(d.tunnel_count, 0);
        assert_int_equal(d.ip_proto, 47);
    }
}

static void in_udp_ports(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    in_ethernet(&f, 0x0800);
    BEFORE(&f, 8, 0, 0, 0, 0, 0x12, 0x34, 0);
    in_udp(&f, 50000, 4789);
    struct decoded d = expect_tunnel(&f, TUNNEL_VXLAN, 1);
    assert_int_equal(d.tunnels[0].id, 0x1234);
    assert_int_equal(d.tunnels[0].sport, 50000);
    assert_true(d.has_mac);
    inner_tcp(&f);
    BEFORE(&f, 0x0c, 0, 0, 1, 0, 0, 5, 0);
    in_udp(&f, 50000, 4790);
    expect_tunnel(&f, TUNNEL_VXLAN_GPE, 1);
    inner_tcp(&f); /* options, NSH */
    BEFORE(&f, 0, 0x42, 2, 1, 0, 0, 1, 0xff);
    BEFORE(&f, 1, 0, 0x89, 0x4f, 0, 0, 9, 0, 1, 2, 3, 0);
    in_udp(&f, 1, 6081);
    assert_int_equal(expect_tunnel(&f, TUNNEL_GENEVE, 1).tunnels[0].id, 9);
    inner_tcp(&f); /* a sequence number, an extension header */
    BEFORE(&f, 0x36, 255, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0x85, 1, 0, 0, 0);
    in_udp(&f, 2152, 2152);
    expect_tunnel(&f, TUNNEL_GTP, 1);
    f.b[29] = 1; /* an echo request */
    assert_int_equal(decode_raw_cut(&f, f.len).tunnel_count, 0);
    inner_tcp(&f); /* version 0 */
    BEFORE(&f, 0x1e, 255, 0, 45, 0, 1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0x21, 0x43, 0x65, 7, 0, 0, 0, 0x10);
    in_udp(&f, 50000, 2152);
    expect_tunnel(&f, TUNNEL_GTP, 1);
    f.b[29] = 16; /* a PDP context is asked for */
    assert_int_equal(decode_raw_cut(&f, f.len).tunnel_count, 0);
    inner_tcp(&f);
    BEFORE(&f, 0xff, 3, 0, 0x21);
    BEFORE(&f, 0x4a, 2, 0, 63, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0);
    in_udp(&f, 1701, 1701);
    expect_tunnel(&f, TUNNEL_L2TP, 1);
    inner_ipv6(&f);
    struct frame g = f;
    BEFORE(&g, 0x40, 0x50, 1, 41, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
           2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    in_udp(&g, 5000, 5072);
    expect_tunnel(&g, TUNNEL_AYIYA, 1);
    inner_tcp(&g);
    BEFORE(&g, 0, 0x10, 1, 64);
    in_udp(&g, 5000, 6635);
    expect_tunnel(&g, TUNNEL_MPLS_UDP, 1);
}

static void teredo(void **state)
{
    (void)state;
    struct frame f;
    inner_ipv6(&f);
    struct frame g = f;
    BEFORE(&g, 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6);
    in_udp(&g, 40000, 3544);
    assert_false(expect_tunnel(&g, TUNNEL_TEREDO, 1).tunnels[0].doubtful);
    /* On another port only with an address of its own, and not for sure. */
    g = f;
    in_udp(&g, 40000, 40001);
    assert_int_equal(decode_raw_cut(&g, g.len).tunnel_count, 0);
    g = f;
    memcpy(g.b + 8, (const uint8_t[]){0x20, 1, 0, 0}, 4);
    in_udp(&g, 40000, 40001);
    assert_true(expect_tunnel(&g, TUNNEL_TEREDO, 1).tunnels[0].doubtful);
    struct decoded d;
    assert_true(decode_frame_sure(101, g.b, g.len, g.len, true, &set, &d));
    assert_int_equal(d.tunnel_count, 0);
    assert_int_equal(d.dport, 40001);
}

/* What was taken for a tunnel is the outer packet again, with the event. */
static void outer_again(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    f.b[3]++; /* longer than what is there */
    in_ethernet(&f, 0x0800);
    BEFORE(&f, 8, 0, 0, 0, 0, 0, 7, 0);
    in_udp(&f, 50000, 4789);
    struct decoded d = decode_raw_cut(&f, f.len);
    assert_int_equal(d.tunnel_count, 0);
    assert_true(has_event(&d, DECODE_IPV4_TRUNC_PKT));
    assert_int_equal(d.dport, 4789);
    assert_int_equal(d.payload_len, 8 + 14 + 45);
    /* A frame of nothing known counts with clean reserved bits only. */
    inner_tcp(&f);
    in_ethernet(&f, 0x88cc);
    BEFORE(&f, 8, 0, 0, 0, 0, 0, 7, 0);
    in_udp(&f, 50000, 4789);
    assert_int_equal(decode_raw_cut(&f, f.len).tunnel_count, 1);
    f.b[28] |= 1;
    d = decode_raw_cut(&f, f.len);
    assert_int_equal(d.tunnel_count, 0);
    assert_int_equal(d.dport, 4789);
}

static void too_deep(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    for (unsigned i = 0; i < DECODE_TUNNELS_MAX; i++)
        in_ipv4(&f, 4);
    expect_tunnel(&f, TUNNEL_IPIP, DECODE_TUNNELS_MAX);
    in_ipv4(&f, 4);
    struct decoded d = decode_raw_cut(&f, f.len);
    assert_true(has_event(&d, DECODE_TOO_MANY_LAYERS));
    assert_int_equal(d.ip_proto, 4);
}

/* Headers between Ethernet and IP. */
static void tags(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        uint8_t len;
        uint8_t bytes[18];
        enum decode_header header;
    } rows[] = {
        {0x8926, 6, {0, 0, 0, 0, 8, 0}, HEADER_VNTAG},
        {0x893f, 8, {0, 0, 0, 0, 0, 0, 8, 0}, HEADER_ETAG},
        {0x88e7, 18, {0, 0, 0, 5, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0}, HEADER_IEEE8021AH},
        {0x894f, 8, {0, 0x42, 2, 1, 0, 0, 1, 0xff}, HEADER_NSH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct frame f;
        inner_tcp(&f);
        before(&f, rows[i].bytes, rows[i].len);
        in_ethernet(&f, rows[i].type);
        struct decoded d = decode(1, &f);
        assert_int_equal(d.dport, 80);
        assert_true(d.headers & 1u << rows[i].header);
        for (uint32_t n = 0; n < f.len; n++)
            decode_cut(1, &f, n, n);
    }
}

/* 802.11 from the air, and Ethernet in labels without a control word. */
static void other_links(void **state)
{
    (void)state;
    struct frame f;
    inner_tcp(&f);
    BEFORE(&f, 0, 0, 8, 0, 0, 0, 0, 0, 0x08, 3, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 0, 0, 4, 4,
           4, 4, 4, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
    PUT(&f, 1, 2, 3, 4); /* a check sequence */
    struct decoded d = decode(127, &f);
    assert_int_equal(d.dport, 80);
    assert_int_equal(d.payload_len, 5);
    for (uint32_t n = 0; n < f.len; n++)
        decode_cut(127, &f, n, n);
    f.b[9] |= 0x40; /* encrypted */
    assert_int_equal(decode(127, &f).layers, LAYER_OTHER);
    assert_int_equal(decode(127, &f).event_count, 0);
    inner_tcp(&f);
    in_ethernet(&f, 0x0800);
    BEFORE(&f, 0, 0x10, 1, 64);
    in_ethernet(&f, 0x8847);
    d = decode(1, &f);
    assert_int_equal(d.dport, 80);
    assert_int_equal(d.ethernet_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_number),    cmocka_unit_test(gre),    cmocka_unit_test(gre_events),
        cmocka_unit_test(in_udp_ports), cmocka_unit_test(teredo), cmocka_unit_test(outer_again),
        cmocka_unit_test(too_deep),     cmocka_unit_test(tags),   cmocka_unit_test(other_links),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
