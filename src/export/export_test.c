/* The room as a whole: what lanes tell becomes packets in a file, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "export/export.h"

#define LANES        2u
#define PACKETS_MOST 4096u
#define FILE_MOST    (8u << 20)
#define SECOND       1000000000ull

struct test {
    struct event_sink sink; /* first */
    char folder[64];
    char path[96];
    struct settings settings;
    struct lanes_shared lanes;
    struct lane_progress progress[LANES];
    struct counters counters;
    struct stage stage[LANES];
    struct exporter *x;
    unsigned records;
    char record[256];
};

struct read_packet {
    uint64_t us;
    uint32_t len;
    struct decoded d;
};

static struct test t;
static uint8_t file[FILE_MOST];
static struct read_packet in[PACKETS_MOST];
static unsigned in_count;

static bool wanted(const struct event_sink *sink, const char *type)
{
    (void)sink;
    return strcmp(type, "export") == 0;
}

static void emit(struct event_sink *sink, const struct event *e)
{
    assert_ptr_equal(sink, &t.sink);
    struct buf text;
    buf_init(&text, 0);
    struct json j = json_of(&text);
    json_open_object(&j, NULL);
    e->write(e, &j);
    json_end_object(&j);
    assert_true(text.len < sizeof t.record);
    memcpy(t.record, text.data, text.len);
    t.record[text.len] = 0;
    buf_fini(&text);
    t.records++;
}

static void begin(bool live)
{
    char error[256] = "";
    memset(&t, 0, sizeof t);
    snprintf(t.folder, sizeof t.folder, "/tmp/export_test.XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    snprintf(t.path, sizeof t.path, "%s/out.pcap", t.folder);
    t.settings.tunnel_pcap = (struct settings_tunnel_pcap){
        .enabled = true, .filename = "out.pcap", .interface = "", .mtu = 1500, .memcap = 1 << 20};
    t.lanes = (struct lanes_shared){.count = LANES, .live = live, .progress = t.progress};
    const struct export_setup set = {.settings = &t.settings, .lanes = &t.lanes, .log_dir = t.folder};
    assert_int_equal(export_create(&set, &t.x, error, sizeof error), 0);
    t.sink = (struct event_sink){.wanted = wanted, .emit = emit};
    export_set_sink(t.x, &t.sink);
    t.lanes.exporter = t.x;
    for (unsigned i = 0; i < LANES; i++)
        t.stage[i] = (struct stage){
            .settings = &t.settings, .counters = &t.counters, .lanes = &t.lanes, .lane = i, .sink = &t.sink};
}

static void read_file(void)
{
    FILE *f = fopen(t.path, "rb");
    assert_non_null(f);
    size_t n = fread(file, 1, sizeof file, f), at = 24;
    fclose(f);
    assert_true(n >= 24 && n < sizeof file);
    in_count = 0;
    while (at < n) {
        uint32_t h[4];
        assert_true(n - at >= sizeof h && in_count < PACKETS_MOST);
        memcpy(h, file + at, sizeof h);
        at += sizeof h;
        assert_true(n - at >= h[2]);
        struct read_packet *p = &in[in_count++];
        p->us = h[0] * 1000000ull + h[1];
        p->len = h[3];
        assert_true(decode_frame(1, file + at, h[2], h[3], true, NULL, &p->d));
        assert_false(p->d.bad_checksum);
        at += h[2];
        assert_true(in_count == 1 || p->us >= in[in_count - 2].us);
    }
}

static void finish(void)
{
    while (export_finish(t.x))
        ;
}

static uint64_t count_of(const char *name)
{
    unsigned id = counter_id(name);
    return counter_get(&t.counters, id) + counter_get(export_counters(t.x), id);
}

static void end(void)
{
    export_destroy(&t.x);
    assert_int_equal(unlink(t.path), 0);
    assert_int_equal(rmdir(t.folder), 0);
}

static struct flow_key key_of(uint16_t sport, uint8_t proto)
{
    return (struct flow_key){.src = addr_v4((const uint8_t[]){10, 0, 0, 5}),
                             .dst = addr_v4((const uint8_t[]){192, 0, 2, 1}),
                             .sport = sport,
                             .dport = 443,
                             .proto = proto};
}

static struct export_session *open_key(unsigned lane, uint64_t number, const struct flow_key *k)
{
    struct export_session *c;
    struct tunnel_link *link = calloc(1, sizeof *link);
    const struct export_child child = {.id = number << 16 | 1, .number = number, .time_ns = number * SECOND, .key = k};
    export_child_opened(&t.stage[lane], &child, link, &c);
    return c;
}

static struct export_session *open_child(unsigned lane, uint64_t number, uint16_t sport, uint8_t proto)
{
    struct flow_key k = key_of(sport, proto);
    return open_key(lane, number, &k);
}

static void give(unsigned lane, struct export_session *c, uint64_t number, enum flow_dir dir, uint32_t gap,
                 uint32_t len, uint16_t flags)
{
    static uint8_t bytes[100000];
    memset(bytes, (int)number, sizeof bytes);
    struct packet p = {.item.number = number,
                       .time_ns = number * SECOND,
                       .dir = dir,
                       .flags = flags,
                       .gap = gap,
                       .payload = bytes,
                       .payload_len = len};
    export_child_bytes(&t.stage[lane], c, &p);
}

static void done(unsigned lane, uint64_t number)
{
    atomic_store(&t.progress[lane].completed, number);
}

/* Sequence and acknowledgement numbers of one TCP session fit, from its SYN on. Returns how many bytes it carries. */
static uint32_t check_tcp(uint16_t sport, bool closed, uint32_t gaps)
{
    uint32_t next[2] = {0, 0}, bytes = 0, jumped = 0;
    bool syn[2] = {false, false}, fin[2] = {false, false};
    for (unsigned i = 0; i < in_count; i++) {
        const struct decoded *d = &in[i].d;
        bool back = d->dport == sport;
        if (d->sport != sport && !back)
            continue;
        if (d->tcp.flags & TCP_SYN) {
            assert_false(syn[back]);
            syn[back] = true;
            next[back] = d->tcp.seq;
        }
        jumped += d->tcp.seq - next[back];
        if (d->tcp.flags & TCP_ACK)
            assert_int_equal(d->tcp.ack, next[!back]);
        assert_false(fin[back] && d->payload_len);
        bytes += d->payload_len;
        next[back] = d->tcp.seq + d->payload_len + ((d->tcp.flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
        fin[back] |= (d->tcp.flags & TCP_FIN) != 0;
    }
    assert_true(syn[0] && syn[1]);
    assert_true(fin[0] == closed && fin[1] == closed);
    assert_int_equal(jumped, gaps);
    return bytes;
}

static void test_order(void **state)
{
    (void)state;
    begin(false);
    /* Lane 1 is ahead; a deeper session of lane 0 comes late. */
    struct export_session *b = open_child(1, 5, 2000, 6);
    give(1, b, 6, TO_SERVER, 0, 10, 0);
    done(1, 6);
    assert_false(export_turn(t.x));
    assert_int_equal(count_of("output.export.packets"), 0);
    struct export_session *a = open_child(0, 3, 1000, 6);
    give(0, a, 7, TO_SERVER, 0, 3000, 0);
    struct export_session *c = open_child(0, 4, 3000, 17);
    give(0, c, 6, TO_CLIENT, 0, 4000, 0);
    done(0, 6);
    assert_false(export_turn(t.x));
    assert_int_equal(count_of("output.export.packets"), 3 + 3 + 2 + 3);
    give(1, b, 9, TO_CLIENT, 0, 20, PACKET_EOF);
    give(1, b, 10, TO_SERVER, 0, 0, PACKET_EOF);
    export_child_over(&t.stage[1], &b);
    assert_null(b);
    done(0, 10);
    done(1, 10);
    assert_false(export_turn(t.x));
    export_child_over(&t.stage[0], &a);
    export_child_over(&t.stage[0], &c);
    finish();
    read_file();
    static const uint16_t order[] = {1000, 1000, 1000, 2000, 2000, 2000, 3000, 3000, 3000, 2000, 2000};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (!(in[i].d.layers & LAYER_FRAGMENT))
            assert_true(in[i].d.sport == order[i] || in[i].d.dport == order[i]);
    assert_true(in[6].d.layers & LAYER_FRAGMENT);
    assert_int_equal(in[0].us, 3000000);
    assert_int_equal(check_tcp(2000, true, 0), 30);
    assert_int_equal(check_tcp(1000, true, 0), 3000); /* closed at the end, as nothing else did */
    assert_int_equal(in[in_count - 1].us, 10000000);
    assert_int_equal(count_of("output.export.sessions"), 3);
    assert_int_equal(t.records, 0);
    end();
}

static void test_gaps_and_half_close(void **state)
{
    (void)state;
    begin(false);
    struct export_session *a = open_child(0, 1, 1000, 6);
    give(0, a, 2, TO_SERVER, 0, 100, 0);
    give(0, a, 3, TO_SERVER, 5000, 100, 0);
    give(0, a, 4, TO_CLIENT, 0, 7, PACKET_EOF);
    give(0, a, 5, TO_SERVER, 70, 0, PACKET_EOF);
    give(0, a, 6, TO_SERVER, 0, 9, 0); /* no more was to come */
    export_child_over(&t.stage[0], &a);
    finish();
    read_file();
    assert_int_equal(check_tcp(1000, true, 5070), 207);
    assert_int_equal(count_of("output.export.bytes_after_close"), 1);
    assert_int_equal(count_of("output.export.gaps"), 2);
    end();
}

/* A tunnel that was parked is told closed before its bytes are; the bytes of its carrier's time-out come last. */
static void test_closed_first_and_late(void **state)
{
    (void)state;
    begin(false);
    struct export_session *a = open_child(0, 1, 1000, 6);
    export_child_closed(&t.stage[0], a, 4, 4 * SECOND);
    give(0, a, 3, TO_SERVER, 0, 30, 0);
    give(0, a, 4, TO_CLIENT, 0, 40, 0);
    export_child_over(&t.stage[0], &a);
    struct export_session *b = open_child(1, 2, 2000, 6);
    give(1, b, 3, TO_SERVER, 100, 30, PACKET_LATE);
    export_child_over(&t.stage[1], &b);
    b = open_child(1, 9, 3000, 6);
    export_child_over(&t.stage[1], &b);
    finish();
    read_file();
    assert_int_equal(check_tcp(1000, true, 0), 70);
    assert_int_equal(check_tcp(2000, true, 100), 30);
    assert_int_equal(check_tcp(3000, true, 0), 0);
    unsigned last = 0;
    while (in[last].d.sport != 3000)
        last++;
    for (unsigned i = 0; i < in_count; i++)
        if (in[i].d.sport == 2000 && in[i].d.payload_len)
            assert_true(i > last);
    end();
}

static void test_same_ends(void **state)
{
    (void)state;
    begin(false);
    for (unsigned i = 0; i < 2; i++) {
        struct export_session *a = open_child(i, 1 + i, 1000, 6);
        give(i, a, 3 + i, TO_SERVER, 0, 10 + i, 0);
        export_child_over(&t.stage[i], &a);
    }
    struct flow_key k = key_of(1000, 6);
    assert_true(addr_parse("2001:db8::1", 11, &k.dst));
    struct export_session *c = open_key(0, 7, &k);
    assert_int_equal(t.records, 0);
    export_child_over(&t.stage[0], &c);
    finish();
    read_file();
    assert_int_equal(check_tcp(65535, true, 0), 11);
    assert_int_equal(t.records, 2);
    assert_string_equal(t.record, "{\"src_ip\":\"0000:0000:0000:0000:0000:ffff:0a00:0005\"}");
    assert_int_equal(count_of("output.export.ports_changed"), 1);
    end();
}

static void test_memcap(void **state)
{
    (void)state;
    begin(true);
    struct export_session *a = open_child(0, 1, 1000, 6);
    for (unsigned i = 0; i < 30; i++)
        give(0, a, 2 + i, TO_SERVER, 0, 50000, i == 29 ? PACKET_EOF : 0);
    uint64_t dropped = count_of("output.export.memcap_drop");
    assert_in_range(dropped, 9, 12);
    done(0, 100);
    done(1, 100);
    while (export_turn(t.x))
        ;
    give(0, a, 101, TO_CLIENT, 0, 5, 0);
    export_child_over(&t.stage[0], &a);
    done(0, 101);
    done(1, 101);
    while (export_turn(t.x)) /* live, an end is written when it comes */
        ;
    read_file();
    assert_int_equal(check_tcp(1000, true, (uint32_t)dropped * 50000), (30 - dropped) * 50000 + 5);
    end();
}

static void test_wire(void **state)
{
    (void)state;
    begin(false);
    t.settings.tunnel_pcap.wire = true;
    static const uint8_t raw[] = {0x45, 0, 0,  28, 0, 1, 0, 0, 64, 17, 0x66, 0xce, 10, 0,
                                  0,    1, 10, 0,  0, 2, 0, 1, 0,  2,  0,    8,    0,  0};
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = 2},
                       .time_ns = 2 * SECOND,
                       .frame = raw,
                       .frame_len = sizeof raw,
                       .wire_len = sizeof raw,
                       .dlt = 12};
    assert_true(decode_frame(12, raw, sizeof raw, sizeof raw, false, NULL, &p.d));
    struct flow_ref flow = {.id = 2 << 16, .key = key_of(1000, 6)};
    p.flow = &flow;
    struct export_session *a = open_child(0, 2, 1000, 6);
    export_wire(&t.stage[0], &p);
    p.d.ip = NULL;
    export_wire(&t.stage[0], &p);
    export_child_over(&t.stage[0], &a);
    finish();
    read_file();
    assert_int_equal(in[0].len, sizeof raw + 14); /* the wire first, at each number */
    assert_int_equal(in[0].d.ip_proto, 17);
    assert_int_equal(in[0].d.dport, 2);
    assert_int_equal(in[1].d.sport, 65535);
    assert_int_equal(count_of("output.export.wire_not_framed"), 1);
    end();
}

static void test_not_to_the_capture(void **state)
{
    (void)state;
    begin(false);
    char error[256] = "";
    struct exporter *x = NULL;
    struct export_setup set = {.settings = &t.settings, .lanes = &t.lanes, .log_dir = t.folder};
    set.capture_file = t.path;
    assert_int_not_equal(export_create(&set, &x, error, sizeof error), 0);
    set.capture_file = t.folder;
    assert_int_not_equal(export_create(&set, &x, error, sizeof error), 0);
    set.capture_file = NULL;
    t.settings.tunnel_pcap.filename = "no/such/folder";
    assert_int_not_equal(export_create(&set, &x, error, sizeof error), 0);
    assert_non_null(strstr(error, "no/such/folder"));
    t.settings.tunnel_pcap.filename = "";
    t.settings.tunnel_pcap.interface = "lo";
    set.capture_interface = "lo";
    assert_int_not_equal(export_create(&set, &x, error, sizeof error), 0);
    assert_non_null(strstr(error, "captured"));
    set.capture_interface = NULL;
    t.settings.tunnel_pcap.interface = "no-such-one";
    assert_int_not_equal(export_create(&set, &x, error, sizeof error), 0);
    assert_null(x);
    end();
}

static void test_moved_and_full(void **state)
{
    (void)state;
    begin(true);
    char moved[128];
    snprintf(moved, sizeof moved, "%s/moved", t.folder);
    export_reopen(t.x);
    done(0, 1);
    done(1, 1);
    assert_false(export_turn(t.x)); /* it was not moved: nothing is lost */
    struct export_session *a = open_child(0, 1, 1000, 6);
    assert_false(export_turn(t.x));
    assert_int_equal(rename(t.path, moved), 0);
    export_reopen(t.x);
    assert_false(export_turn(t.x));
    export_child_over(&t.stage[0], &a);
    assert_false(export_turn(t.x));
    read_file();
    assert_int_equal(in_count, 4);
    struct stat st;
    assert_int_equal(stat(moved, &st), 0);
    assert_int_equal(st.st_size, 24 + 3 * 16 + 62 + 62 + 54);
    assert_int_equal(unlink(moved), 0);
    end();

    /* A full disk. */
    begin(true);
    export_destroy(&t.x);
    t.settings.tunnel_pcap.filename = "/dev/full";
    char error[256];
    const struct export_setup set = {.settings = &t.settings, .lanes = &t.lanes, .log_dir = t.folder};
    assert_int_not_equal(export_create(&set, &t.x, error, sizeof error), 0);
    assert_int_equal(unlink(t.path), 0);
    assert_int_equal(rmdir(t.folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_gaps_and_half_close),
        cmocka_unit_test(test_closed_first_and_late),
        cmocka_unit_test(test_same_ends),
        cmocka_unit_test(test_memcap),
        cmocka_unit_test(test_wire),
        cmocka_unit_test(test_not_to_the_capture),
        cmocka_unit_test(test_moved_and_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
