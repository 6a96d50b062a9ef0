#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/community_id.h"
#include "output/record.h"

#define TIME_NS 1468449727123456789ull /* 2016-07-13T22:42:07.123456 UTC */

static struct addr address(const char *text)
{
    struct addr a;
    assert_true(addr_parse(text, strlen(text), &a));
    return a;
}

static struct flow_ref flow_of(const char *src, uint16_t sport, const char *dst, uint16_t dport, uint8_t proto)
{
    return (struct flow_ref){
        .id = flow_id_make(7, 1),
        .key = {.src = address(src), .dst = address(dst), .sport = sport, .dport = dport, .proto = proto}};
}

/* The order of members is part of what is checked: text against text. */
static void check(const struct event *e, const struct record_options *options, const char *expected)
{
    static const struct record_options none;
    struct buf b;
    buf_init(&b, 0);
    assert_true(record_write(&b, options ? options : &none, e));
    assert_int_equal(b.data[b.len - 1], '\n');
    b.data[b.len - 1] = 0;
    assert_string_equal((char *)b.data, expected);
    buf_fini(&b);
}

static void write_two(const struct event *e, struct json *j)
{
    json_str(j, "name", e->arg);
    json_u64(j, "n", 3);
}

static void a_transaction_of_a_flow(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 40000, "93.184.216.34", 443, 6);
    struct packet k = {.item = {.kind = ITEM_PACKET}};
    struct event e = {.type = "tls",
                      .time_ns = TIME_NS,
                      .number = 12,
                      .flow = &f,
                      .packet = &k,
                      .dir = TO_CLIENT,
                      .tx_id = 0,
                      .key = "tls",
                      .write = write_two,
                      .arg = "a\"b"};
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,\"pcap_cnt\":12,"
          "\"event_type\":\"tls\",\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
          "\"dest_ip\":\"93.184.216.34\",\"dest_port\":443,\"proto\":\"TCP\",\"ip_v\":4,"
          "\"pkt_src\":\"wire/pcap\",\"tx_id\":0,\"tls\":{\"name\":\"a\\\"b\",\"n\":3}}");
}

static void members_stand_in_suricatas_order(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 1, "10.0.0.2", 2, 17);
    f.key.vlan_count = 2;
    f.key.vlan[0] = 5;
    f.key.vlan[1] = 600;
    struct event e = {
        .type = "flow", .time_ns = TIME_NS, .flow = &f, .tx_id = -1, .app_proto = "dns", .write = write_two, .arg = ""};
    struct record_options options = {.community_id = true, .capture_name = "a/b.pcap"};
    check(&e, &options,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,"
          "\"pcap_filename\":\"a/b.pcap\",\"event_type\":\"flow\",\"vlan\":[5,600],"
          "\"src_ip\":\"10.0.0.1\",\"src_port\":1,\"dest_ip\":\"10.0.0.2\",\"dest_port\":2,"
          "\"proto\":\"UDP\",\"ip_v\":4,\"community_id\":\"1:o5j/U8xvOu0rDmv4IorOGgQYgYk=\","
          "\"app_proto\":\"dns\",\"name\":\"\",\"n\":3}");
}

static void an_alert_follows_its_packet(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("2001:db8::1", 40000, "2001:db8::2", 80, 6);
    struct event e = {
        .type = "alert", .time_ns = TIME_NS, .flow = &f, .follow_packet = true, .dir = TO_CLIENT, .tx_id = -1};
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,"
          "\"event_type\":\"alert\",\"src_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0002\","
          "\"src_port\":80,\"dest_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0001\","
          "\"dest_port\":40000,\"proto\":\"TCP\",\"ip_v\":6,\"direction\":\"to_client\"}");
    e.dir = TO_SERVER;
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,"
          "\"event_type\":\"alert\",\"src_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0001\","
          "\"src_port\":40000,\"dest_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0002\","
          "\"dest_port\":80,\"proto\":\"TCP\",\"ip_v\":6,\"direction\":\"to_server\"}");
}

static void icmp_has_no_ports(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 0, "10.0.0.2", 0, 1);
    f.key.icmp_type = 8;
    struct packet k = {.item = {.kind = ITEM_PACKET}, .d = {.layers = LAYER_IP | LAYER_TRANSPORT, .ip_proto = 1}};
    k.d.icmp.type = 0;
    struct event e = {.type = "flow", .time_ns = TIME_NS, .flow = &f, .packet = &k, .tx_id = -1};
    const char *expected = "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,"
                           "\"event_type\":\"%s\",\"src_ip\":\"10.0.0.%d\",\"dest_ip\":\"10.0.0.%d\","
                           "\"proto\":\"ICMP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\",\"icmp_type\":%d,"
                           "\"icmp_code\":0%s}";
    char text[500];
    snprintf(text, sizeof text, expected, "flow", 1, 2, 8, "");
    check(&e, NULL, text);
    e.type = "alert";
    e.follow_packet = true;
    e.dir = TO_CLIENT;
    snprintf(text, sizeof text, expected, "alert", 2, 1, 0, ",\"direction\":\"to_client\"");
    check(&e, NULL, text);
}

static void ether_goes_with_the_records_addresses(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 40000, "10.0.0.53", 53, 17);
    struct packet k = {.item = {.kind = ITEM_PACKET}, .dir = TO_CLIENT};
    k.d = (struct decoded){.has_mac = true, .src_mac = {0, 1, 0xab, 3, 4, 5}, .dst_mac = {6, 7, 8, 9, 10, 0xff}};
    struct event e = {.type = "http", .time_ns = TIME_NS, .flow = &f, .packet = &k, .tx_id = -1};
    struct record_options options = {.ethernet = true};
    /* The flow's direction, against the packet's. */
    check(&e, &options,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,\"event_type\":\"http\","
          "\"ether\":{\"src_mac\":\"06:07:08:09:0a:ff\",\"dest_mac\":\"00:01:ab:03:04:05\"},"
          "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,\"dest_ip\":\"10.0.0.53\",\"dest_port\":53,"
          "\"proto\":\"UDP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\"}");
    /* The packet's own; a dns record has no member for it. */
    const char *followed = "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,"
                           "\"event_type\":\"dns\",%s\"src_ip\":\"10.0.0.53\",\"src_port\":53,"
                           "\"dest_ip\":\"10.0.0.1\",\"dest_port\":40000,\"proto\":\"UDP\",\"ip_v\":4,"
                           "\"pkt_src\":\"wire/pcap\"}";
    char text[500];
    e.type = "dns";
    e.follow_packet = true;
    e.dir = TO_CLIENT;
    snprintf(text, sizeof text, followed,
             "\"ether\":{\"src_mac\":\"00:01:ab:03:04:05\",\"dest_mac\":\"06:07:08:09:0a:ff\"},");
    check(&e, &options, text);
    snprintf(text, sizeof text, followed, "");
    check(&e, NULL, text);
    k.d.has_mac = false;
    check(&e, &options, text);
}

static void a_packet_without_a_flow(void **state)
{
    (void)state;
    struct packet k = {.item = {.kind = ITEM_PACKET}, .d = {.layers = LAYER_IP, .ip_proto = 200, .vlan_count = 1}};
    k.d.src = address("10.0.0.1");
    k.d.dst = address("10.0.0.2");
    k.d.vlan[0] = 9;
    struct event e = {
        .type = "anomaly", .time_ns = TIME_NS, .number = 1, .packet = &k, .follow_packet = true, .tx_id = -1};
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"pcap_cnt\":1,"
          "\"event_type\":\"anomaly\",\"vlan\":[9],\"src_ip\":\"10.0.0.1\","
          "\"dest_ip\":\"10.0.0.2\",\"proto\":\"200\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\"}");
    k.d.layers = 0;
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"pcap_cnt\":1,"
          "\"event_type\":\"anomaly\"}");
}

static struct tunnel_link *link_of(uint32_t depth, const char *host, const char *user)
{
    struct tunnel_link *l = calloc(1, sizeof *l + depth * sizeof l->path[0]);
    assert_non_null(l);
    l->depth = depth;
    l->parent_flow_id = 100;
    l->root_flow_id = 99;
    l->address_source = ADDRESS_PASSIVE_DNS;
    l->host = host;
    l->host_len = (uint16_t)strlen(host);
    l->user = user;
    l->user_len = (uint16_t)strlen(user);
    for (uint32_t i = 0; i < depth; i++)
        l->path[i] = (struct tunnel_hop){.type = i % 2 ? "http-connect" : "socks5",
                                         .flow_id = 99 + i,
                                         .src = address("10.0.0.1"),
                                         .dst = address("10.9.0.1"),
                                         .sport = (uint16_t)(5000 + i),
                                         .dport = 1080,
                                         .proto = 6};
    return l;
}

static void a_carried_flow_says_what_carried_it(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 5000, "93.184.216.34", 443, 6);
    struct tunnel_link *l = link_of(2, "example.com", "al\"ice");
    f.link = l;
    struct event e = {.type = "flow", .time_ns = TIME_NS, .flow = &f, .tx_id = -1};
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,\"event_type\":\"flow\","
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5000,\"dest_ip\":\"93.184.216.34\",\"dest_port\":443,"
          "\"proto\":\"TCP\",\"ip_v\":4,\"tunnel\":{\"type\":\"http-connect\",\"depth\":2,\"src_ip\":\"10.0.0.1\","
          "\"src_port\":5000,\"dest_ip\":\"10.9.0.1\",\"dest_port\":1080,\"proto\":\"TCP\",\"pkt_src\":\"wire/pcap\","
          "\"parent_flow_id\":100,\"root_flow_id\":99,\"host\":\"example.com\",\"address_source\":\"passive-dns\","
          "\"user\":\"al\\\"ice\",\"path\":[{\"type\":\"socks5\",\"flow_id\":99,\"src_ip\":\"10.0.0.1\","
          "\"src_port\":5000,\"dest_ip\":\"10.9.0.1\",\"dest_port\":1080},{\"type\":\"http-connect\",\"flow_id\":100,"
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5001,\"dest_ip\":\"10.9.0.1\",\"dest_port\":1080}]}}");
    l->host_len = l->user_len = 0;
    struct packet k = {.item = {.kind = ITEM_STREAM}};
    e.packet = &k;
    l->depth = 1;
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,\"event_type\":\"flow\","
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5000,\"dest_ip\":\"93.184.216.34\",\"dest_port\":443,"
          "\"proto\":\"TCP\",\"ip_v\":4,\"pkt_src\":\"socks5 tunnel\",\"tunnel\":{\"type\":\"socks5\",\"depth\":1,"
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5000,\"dest_ip\":\"10.9.0.1\",\"dest_port\":1080,\"proto\":\"TCP\","
          "\"pkt_src\":\"wire/pcap\",\"parent_flow_id\":100,\"root_flow_id\":99,"
          "\"address_source\":\"passive-dns\",\"path\":[{\"type\":\"socks5\",\"flow_id\":99,"
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5000,\"dest_ip\":\"10.9.0.1\",\"dest_port\":1080}]}}");
    free(l);
}

static void a_nested_tunnels_record_has_one_tunnel(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 5000, "93.184.216.34", 443, 6);
    struct tunnel_link *l = link_of(1, "example.com", "");
    struct event_tunnel t = {.type = "socks5", .target = "x:1"};
    f.link = l;
    struct event e = {.type = "tunnel",
                      .time_ns = TIME_NS,
                      .flow = &f,
                      .tx_id = -1,
                      .key = "tunnel",
                      .write = write_two,
                      .arg = "x",
                      .tunnel = &t};
    check(&e, NULL,
          "{\"timestamp\":\"2016-07-13T22:42:07.123456+0000\",\"flow_id\":458753,\"event_type\":\"tunnel\","
          "\"src_ip\":\"10.0.0.1\",\"src_port\":5000,\"dest_ip\":\"93.184.216.34\",\"dest_port\":443,"
          "\"proto\":\"TCP\",\"ip_v\":4,\"tunnel\":{\"name\":\"x\",\"n\":3}}");
    free(l);
}

/* With any cap the record is there whole or not at all. */
static void no_room_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    struct flow_ref f = flow_of("10.0.0.1", 5000, "93.184.216.34", 443, 6);
    char host[300];
    memset(host, 'h', sizeof host - 1);
    host[sizeof host - 1] = 0;
    struct tunnel_link *l = link_of(9, host, "u");
    f.link = l;
    struct record_options options = {.community_id = true, .capture_name = "x.pcap"};
    struct event e = {.type = "flow", .time_ns = TIME_NS, .flow = &f, .tx_id = -1, .write = write_two, .arg = "x"};
    bool fitted = false;
    for (size_t cap = 4; cap < 8000; cap += 7) {
        struct buf b;
        buf_init(&b, cap);
        assert_true(buf_add(&b, "abc", 3));
        bool ok = record_write(&b, &options, &e);
        assert_true(ok || !fitted);
        fitted = ok;
        assert_memory_equal(b.data, "abc", 3);
        assert_true(ok ? b.data[b.len - 1] == '\n' : b.len == 3);
        buf_fini(&b);
    }
    assert_true(fitted);
    free(l);
}

static void check_community_id(const char *src, uint16_t sport, const char *dst, uint16_t dport, uint8_t proto,
                               uint16_t seed, const char *expected)
{
    char id[COMMUNITY_ID_LEN + 2] = {0};
    struct addr a = address(src), b = address(dst);
    community_id(seed, &a, &b, proto, sport, dport, id);
    assert_string_equal(id, expected);
    if (proto != 1 && proto != 58) {
        community_id(seed, &b, &a, proto, dport, sport, id);
        assert_string_equal(id, expected);
    }
}

/* From the specification's own baseline, and its reference implementation. */
static void community_ids_of_the_specification(void **state)
{
    (void)state;
    const char *tcp = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
    check_community_id("128.232.110.120", 34855, "66.35.250.204", 80, 6, 0, tcp);
    check_community_id("128.232.110.120", 34855, "66.35.250.204", 80, 6, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
    check_community_id("192.168.1.52", 54585, "8.8.8.8", 53, 17, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
    check_community_id("192.168.170.8", 7, "192.168.170.56", 80, 132, 0, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=");
    check_community_id("192.168.0.89", 8, "192.168.0.1", 0, 1, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
    check_community_id("192.168.0.1", 0, "192.168.0.89", 0, 1, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
    check_community_id("fe80::200:86ff:fe05:80da", 135, "fe80::260:97ff:fe07:69ea", 0, 58, 0,
                       "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_of_a_flow),
        cmocka_unit_test(members_stand_in_suricatas_order),
        cmocka_unit_test(an_alert_follows_its_packet),
        cmocka_unit_test(icmp_has_no_ports),
        cmocka_unit_test(ether_goes_with_the_records_addresses),
        cmocka_unit_test(a_packet_without_a_flow),
        cmocka_unit_test(a_carried_flow_says_what_carried_it),
        cmocka_unit_test(a_nested_tunnels_record_has_one_tunnel),
        cmocka_unit_test(no_room_leaves_the_buffer_as_it_was),
        cmocka_unit_test(community_ids_of_the_specification),
    };
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
