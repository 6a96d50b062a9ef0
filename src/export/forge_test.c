/* Forged packets, read back by the decoder, which checks their sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode/decode.h"
#include "export/forge.h"

#define MTU          1500u
#define FRAMES_MOST  64u
#define DLT_ETHERNET 1

struct seen {
    uint8_t *frame[FRAMES_MOST];
    uint32_t len[FRAMES_MOST];
    struct decoded d[FRAMES_MOST];
    unsigned count;
};

static void keep(void *arg, const uint8_t *frame, uint32_t len)
{
    struct seen *s = arg;
    assert_true(s->count < FRAMES_MOST);
    assert_true(len <= MTU + FORGE_ETHERNET);
    uint8_t *copy = malloc(len); /* of just its size, for the sanitizer */
    assert_non_null(copy);
    memcpy(copy, frame, len);
    assert_true(decode_frame(DLT_ETHERNET, copy, len, len, true, NULL, &s->d[s->count]));
    assert_false(s->d[s->count].bad_checksum);
    assert_int_equal(s->d[s->count].event_count, 0);
    s->frame[s->count] = copy;
    s->len[s->count++] = len;
}

static void drop(struct seen *s)
{
    for (unsigned i = 0; i < s->count; i++)
        free(s->frame[i]);
    s->count = 0;
}

static struct export_ends ends(bool v6, uint8_t proto)
{
    const char *src = v6 ? "2001:db8::1" : "10.0.0.5";
    const char *dst = v6 ? "2001:db8:ffff::2" : "93.184.216.34";
    struct export_ends e = {.sport = 40000, .dport = 443, .proto = proto};
    assert_true(addr_parse(src, strlen(src), &e.src) && addr_parse(dst, strlen(dst), &e.dst));
    return e;
}

static uint8_t bytes[70000];

static int set_up(void **state)
{
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    *state = forge_create(MTU);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct forge *f = *state;
    forge_destroy(&f);
    return 0;
}

static void test_handshake(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct export_ends e = ends(v6, 6);
        struct seen s = {.count = 0};
        struct forge_packet p = {.ends = &e, .seq = 0xfffffffe, .flags = FORGE_SYN};
        assert_true(forge_tcp(*state, &p, keep, &s));
        p = (struct forge_packet){
            .ends = &e, .to_client = true, .seq = 7, .ack = 9, .flags = FORGE_SYN | FORGE_ACK, .ip_id = 65535};
        assert_true(forge_tcp(*state, &p, keep, &s));
        const struct decoded *d = &s.d[0];
        assert_int_equal(d->layers, LAYER_IP | LAYER_TRANSPORT);
        assert_true(addr_equal(&d->src, &e.src) && addr_equal(&d->dst, &e.dst));
        assert_int_equal(d->sport, 40000);
        assert_int_equal(d->dport, 443);
        assert_int_equal(d->ttl, 64);
        assert_int_equal(d->tcp.seq, 0xfffffffe);
        assert_int_equal(d->tcp.flags, TCP_SYN);
        assert_int_equal(d->tcp.mss, v6 ? 1440 : 1460);
        assert_int_equal(d->tcp.wscale, FORGE_WSCALE);
        assert_int_equal(d->payload_len, 0);
        d = &s.d[1];
        assert_true(addr_equal(&d->src, &e.dst) && addr_equal(&d->dst, &e.src));
        assert_int_equal(d->sport, 443);
        assert_int_equal(d->tcp.ack, 9);
        assert_int_equal(d->tcp.flags, TCP_SYN | TCP_ACK);
        assert_memory_equal(s.d[0].src_mac, d->dst_mac, 6);
        assert_memory_equal(s.d[0].dst_mac, d->src_mac, 6);
        assert_int_equal(d->src_mac[0] & 3, 2); /* of one station, given locally */
        drop(&s);
    }
}

static void test_segments(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct export_ends e = ends(v6, 6);
        uint32_t mss = forge_mss(*state, &e);
        assert_int_equal(mss, v6 ? 1440 : 1460);
        for (uint32_t len = 0; len <= mss; len += len < 9 ? 1 : 97) {
            struct seen s = {.count = 0};
            struct forge_packet p = {.ends = &e, .seq = len, .flags = FORGE_ACK, .payload = bytes + len, .len = len};
            assert_true(forge_tcp(*state, &p, keep, &s));
            assert_int_equal(s.count, 1);
            assert_int_equal(s.d[0].payload_len, len);
            assert_memory_equal(s.d[0].payload, bytes + len, len);
            drop(&s);
        }
    }
}

/* A sum that comes out as zero is sent as 0xffff: one payload of two bytes does that. */
static void test_udp_sum(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct export_ends e = ends(v6, 17);
        unsigned all_ones = 0;
        for (uint32_t v = 0; v <= UINT16_MAX; v++) {
            const uint8_t payload[2] = {(uint8_t)(v >> 8), (uint8_t)v};
            struct seen s = {.count = 0};
            struct forge_packet p = {.ends = &e, .payload = payload, .len = 2};
            assert_true(forge_udp(*state, &p, keep, &s));
            const uint8_t *sum = s.d[0].payload - 2;
            assert_true(sum[0] || sum[1]);
            all_ones += sum[0] == 0xff && sum[1] == 0xff;
            drop(&s);
        }
        assert_in_range(all_ones, 1, 2);
    }
}

static void check_whole(const struct seen *s, uint32_t len)
{
    uint8_t *all = calloc(1, len + 8);
    uint32_t at = 0;
    assert_non_null(all);
    for (unsigned i = 0; i < s->count; i++) {
        const struct decoded *d = &s->d[i];
        assert_true(d->layers & LAYER_FRAGMENT);
        assert_int_equal(d->fragment_offset, at);
        assert_int_equal(d->fragment_id, 77);
        assert_int_equal(d->more_fragments, i + 1 < s->count);
        assert_int_equal(d->ip_proto, 17);
        assert_true(at + d->payload_len <= len + 8);
        memcpy(all + at, d->payload, d->payload_len);
        at += d->payload_len;
    }
    assert_int_equal(at, len + 8);
    struct decoded d = s->d[0];
    decode_transport(&d, all, at, true);
    assert_false(d.bad_checksum);
    assert_int_equal(d.payload_len, len);
    assert_memory_equal(d.payload, bytes, len);
    assert_int_equal(d.dport, 443);
    free(all);
}

static void test_fragments(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct export_ends e = ends(v6, 17);
        const uint32_t fits = MTU - (v6 ? 40 : 20) - 8;
        const uint32_t sizes[] = {0, 1, fits, fits + 1, 4000, 4001, FORGE_UDP_MOST};
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct seen s = {.count = 0};
            struct forge_packet p = {.ends = &e, .ip_id = 77, .payload = bytes, .len = sizes[i]};
            assert_true(forge_udp(*state, &p, keep, &s));
            if (sizes[i] <= fits) {
                assert_int_equal(s.count, 1);
                assert_int_equal(s.d[0].payload_len, sizes[i]);
            } else {
                check_whole(&s, sizes[i]);
            }
            drop(&s);
        }
        struct seen s = {.count = 0};
        struct forge_packet p = {.ends = &e, .payload = bytes, .len = FORGE_UDP_MOST + 1};
        assert_false(forge_udp(*state, &p, keep, &s));
        assert_int_equal(s.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_udp_sum),
        cmocka_unit_test(test_fragments),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
