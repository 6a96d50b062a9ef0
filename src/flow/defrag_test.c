/* Fragments in every order, with overlaps, holes and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "flow/defrag.h"

#define DATAGRAM 480u

static uint8_t pattern[70000];

/* enum defrag_did of the last fragment. */
static unsigned last_did;

struct cut {
    uint32_t offset;
    uint32_t len;
    bool more;
};

static int fill_pattern(void **state)
{
    (void)state;
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof pattern; i++) {
        x = x * 1664525u + 1013904223u;
        pattern[i] = (uint8_t)(x >> 24);
    }
    return 0;
}

static const struct settings_defrag times = {.timeout = 60};
static struct settings_host_os hosts;

static void begin_with(struct defrag *d, uint64_t memcap, uint32_t max)
{
    assert_int_equal(defrag_init(d, &times, &hosts, memcap, max, 42), 0);
}

static void begin(struct defrag *d)
{
    begin_with(d, 1u << 20, 100);
}

static void finish(struct defrag *d)
{
    defrag_fini(d);
    assert_true(d->memory == 0);
    assert_int_equal(d->count, 0);
}

static struct packet packet_of(uint32_t id, const struct cut *piece, const uint8_t *from)
{
    struct packet p = {.item = {.now_ns = 1000 * NS_PER_S}};
    p.d.src = addr_v4((const uint8_t[4]){10, 0, 0, 1});
    p.d.dst = addr_v4((const uint8_t[4]){10, 0, 0, 2});
    p.d.ip_proto = 17;
    p.d.fragment_id = id;
    p.d.fragment_offset = piece->offset;
    p.d.more_fragments = piece->more;
    p.d.payload = from;
    p.d.payload_len = piece->len;
    return p;
}

/* Bytes of a block of just this length, so that reading behind it is seen. */
static enum defrag_outcome give(struct defrag *d, struct packet *p, uint8_t **bytes, uint32_t *len)
{
    uint8_t *copy = malloc(p->d.payload_len ? p->d.payload_len : 1);
    assert_non_null(copy);
    memcpy(copy, p->d.payload, p->d.payload_len);
    p->d.payload = copy;
    struct defrag_result r;
    defrag_packet(d, p, &r);
    free(copy);
    *bytes = r.bytes;
    *len = r.len;
    assert_true(d->memory <= d->memcap);
    assert_true(d->count <= d->max);
    last_did = r.did;
    return r.outcome;
}

static enum defrag_outcome feed(struct defrag *d, uint32_t id, uint32_t offset, uint32_t len, bool more)
{
    struct cut piece = {offset, len, more};
    struct packet p = packet_of(id, &piece, pattern + offset);
    uint8_t *bytes = NULL;
    uint32_t total = 0;
    enum defrag_outcome r = give(d, &p, &bytes, &total);
    if (r == DEFRAG_WHOLE)
        assert_memory_equal(bytes, pattern, total);
    free(bytes);
    return r;
}

/* Every order of five fragments. */
static void any_order(void **state)
{
    (void)state;
    static const struct cut all[] = {{0, 96, true}, {96, 8, true}, {104, 200, true}, {304, 96, true}, {400, 80, false}};
    for (unsigned code = 0; code < 120; code++) {
        struct defrag d;
        unsigned left = 5, rest = code;
        unsigned order[5] = {0, 1, 2, 3, 4};
        begin(&d);
        while (left) {
            unsigned pick = rest % left;
            rest /= left;
            const struct cut *k = &all[order[pick]];
            order[pick] = order[--left];
            assert_int_equal(feed(&d, 7, k->offset, k->len, k->more), left ? DEFRAG_KEPT : DEFRAG_WHOLE);
        }
        finish(&d);
    }
}

static void length_is_the_datagrams(void **state)
{
    (void)state;
    struct defrag d;
    begin(&d);
    struct cut last = {96, 13, false};
    struct packet p = packet_of(1, &last, pattern + 96);
    uint8_t *bytes = NULL;
    uint32_t len = 0;
    assert_int_equal(feed(&d, 1, 0, 96, true), DEFRAG_KEPT);
    assert_int_equal(give(&d, &p, &bytes, &len), DEFRAG_WHOLE);
    assert_int_equal(len, 109);
    assert_memory_equal(bytes, pattern, 109);
    free(bytes);
    finish(&d);
}

/* Random overlapping pieces: the byte that came first stays, whatever follows. */
static void first_bytes_stay(void **state)
{
    (void)state;
    struct settings_prefix any = {.addr = {.family = ADDR_NONE}};
    hosts = (struct settings_host_os){.any = true, .address_count[OS_FIRST] = 1, .addresses[OS_FIRST] = &any};
    uint32_t x = 99;
    for (unsigned run = 0; run < 2000; run++) {
        struct defrag d;
        uint8_t expected[DATAGRAM];
        bool known[DATAGRAM] = {false};
        begin(&d);
        for (unsigned n = 0;; n++) {
            x = x * 1664525u + 1013904223u;
            uint32_t offset = (x >> 10) % (DATAGRAM / 8) * 8;
            uint32_t len = 1 + (x >> 20) % (DATAGRAM - offset);
            bool more = offset + len < DATAGRAM;
            struct cut piece = {offset, len, more};
            struct packet p = packet_of(1, &piece, pattern + n * 131 % 50000);
            bool whole = true;
            for (uint32_t i = 0; i < len; i++) {
                if (!known[offset + i])
                    expected[offset + i] = p.d.payload[i];
                known[offset + i] = true;
            }
            for (uint32_t i = 0; i < DATAGRAM; i++)
                whole = whole && known[i];
            uint8_t *bytes = NULL;
            uint32_t total = 0;
            enum defrag_outcome r = give(&d, &p, &bytes, &total);
            /* The end must have been seen, or the length is not known: with all bytes known it was. */
            assert_int_equal(r, whole ? DEFRAG_WHOLE : DEFRAG_KEPT);
            if (whole) {
                assert_int_equal(total, DATAGRAM);
                assert_memory_equal(bytes, expected, DATAGRAM);
                free(bytes);
                break;
            }
        }
        finish(&d);
    }
    hosts = (struct settings_host_os){.any = false};
}

static void duplicates_add_nothing(void **state)
{
    (void)state;
    struct defrag d;
    begin(&d);
    assert_int_equal(feed(&d, 1, 0, 80, true), DEFRAG_KEPT);
    uint64_t memory = d.memory;
    for (int i = 0; i < 10; i++)
        assert_int_equal(feed(&d, 1, 0, 80, true), DEFRAG_KEPT);
    assert_true(d.memory == memory);
    assert_int_equal(feed(&d, 1, 80, 8, false), DEFRAG_WHOLE);
    finish(&d);
}

static void senseless_fragments(void **state)
{
    (void)state;
    struct defrag d;
    begin(&d);
    assert_int_equal(feed(&d, 1, 0, 0, true), DEFRAG_DROPPED);
    assert_int_equal(feed(&d, 1, 65528, 8, false), DEFRAG_DROPPED); /* 65536 bytes: RFC 791 has 16 bits of length */
    assert_int_equal(feed(&d, 1, 65528, 7, false), DEFRAG_KEPT);
    /* Behind the known end. */
    assert_int_equal(feed(&d, 2, 80, 8, false), DEFRAG_KEPT);
    assert_int_equal(feed(&d, 2, 88, 8, true), DEFRAG_DROPPED);
    assert_int_equal(last_did, DEFRAG_IGNORED);
    assert_int_equal(d.count, 2); /* the datagram may still become whole without it */
    /* One byte at a time is fine while there are few. */
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(feed(&d, 3, i, 1, i < 19), i < 19 ? DEFRAG_KEPT : DEFRAG_WHOLE);
    finish(&d);
}

/* The longest there can be. */
static void longest_datagram(void **state)
{
    (void)state;
    struct defrag d;
    begin(&d);
    uint32_t at = 0;
    for (; at + 1480 < 65535; at += 1480)
        assert_int_equal(feed(&d, 1, at, 1480, true), DEFRAG_KEPT);
    assert_int_equal(feed(&d, 1, at, 65535 - at, false), DEFRAG_WHOLE);
    finish(&d);
}

static void too_many_pieces(void **state)
{
    (void)state;
    struct defrag d;
    begin_with(&d, 100000, 100);
    enum defrag_outcome r = DEFRAG_KEPT;
    uint32_t n = 0;
    for (; r == DEFRAG_KEPT && n < 8000; n++)
        r = feed(&d, 1, n * 8, 8, true);
    assert_int_equal(r, DEFRAG_DROPPED);
    assert_true(last_did & DEFRAG_MEMCAP);
    assert_true(n < 1200);
    assert_int_equal(d.count, 0);
    finish(&d);
}

static void late_fragments_begin_anew(void **state)
{
    (void)state;
    struct defrag d;
    struct cut piece = {96, 8, false};
    struct packet p = packet_of(1, &piece, pattern + 96);
    uint8_t *bytes = NULL;
    uint32_t len = 0;
    begin(&d);
    assert_int_equal(feed(&d, 1, 0, 96, true), DEFRAG_KEPT);
    p.item.now_ns += 60 * NS_PER_S + 1;
    assert_int_equal(give(&d, &p, &bytes, &len), DEFRAG_KEPT);
    assert_int_equal(d.count, 1);
    finish(&d);
    /* Just in time. */
    begin(&d);
    assert_int_equal(feed(&d, 1, 0, 96, true), DEFRAG_KEPT);
    p = packet_of(1, &piece, pattern + 96);
    p.item.now_ns += 60 * NS_PER_S;
    assert_int_equal(give(&d, &p, &bytes, &len), DEFRAG_WHOLE);
    free(bytes);
    finish(&d);
}

/* The same id, and something else differs. */
static void others_do_not_mix(void **state)
{
    (void)state;
    struct defrag d;
    struct cut first = {0, 96, true};
    struct cut last = {96, 8, false};
    uint8_t *bytes = NULL;
    uint32_t len = 0;
    begin(&d);
    struct packet base = packet_of(1, &first, pattern);
    base.d.vlan_count = 1;
    base.d.vlan[0] = 5;
    assert_int_equal(give(&d, &base, &bytes, &len), DEFRAG_KEPT);
    for (int what = 0; what < 7; what++) {
        struct packet p = packet_of(1, &last, pattern + 96);
        p.d.vlan_count = 1;
        p.d.vlan[0] = 5;
        struct addr swap = p.d.src;
        switch (what) {
        case 0:
            p.d.fragment_id = 2;
            break;
        case 1:
            p.d.ip_proto = 6;
            break;
        case 2:
            p.d.vlan[0] = 6;
            break;
        case 3:
            p.d.vlan_count = 0;
            break;
        case 4:
            p.d.src.b[3] = 9;
            break;
        case 5:
            p.d.src = p.d.dst;
            p.d.dst = swap;
            break;
        default:
            break;
        }
        assert_int_equal(give(&d, &p, &bytes, &len), what == 6 ? DEFRAG_WHOLE : DEFRAG_KEPT);
    }
    free(bytes);
    assert_int_equal(d.count, 6);
    finish(&d);
}

static void oldest_goes_at_the_limit(void **state)
{
    (void)state;
    struct defrag d;
    begin_with(&d, 1u << 20, 3);
    for (uint32_t id = 1; id <= 4; id++)
        assert_int_equal(feed(&d, id, 0, 96, true), DEFRAG_KEPT);
    assert_int_equal(d.count, 3);
    assert_int_equal(feed(&d, 2, 96, 8, false), DEFRAG_WHOLE);
    assert_int_equal(feed(&d, 4, 96, 8, false), DEFRAG_WHOLE);
    assert_int_equal(feed(&d, 1, 96, 8, false), DEFRAG_KEPT); /* its first part is gone */
    finish(&d);
}

static void memcap_is_kept(void **state)
{
    (void)state;
    struct defrag d;
    begin_with(&d, 5000, 1000);
    unsigned dropped = 0;
    for (uint32_t id = 1; id <= 100; id++)
        dropped += feed(&d, id, 0, 960, true) == DEFRAG_DROPPED; /* give() looks at the memory */
    assert_true(dropped < 100);
    assert_true(d.count > 0);
    finish(&d);
    begin_with(&d, 10, 1000);
    assert_int_equal(feed(&d, 1, 0, 96, true), DEFRAG_DROPPED);
    finish(&d);
}

/* A last fragment in the middle of what is there already, with a hole before it: the count of bytes would do, but they
 * are not the datagram's. */
static void hole_is_not_filled_by_bytes_behind_the_end(void **state)
{
    (void)state;
    struct defrag d;
    begin(&d);
    assert_int_equal(feed(&d, 1, 64, 64, true), DEFRAG_KEPT);
    assert_int_not_equal(feed(&d, 1, 56, 8, false), DEFRAG_WHOLE); /* bytes 0..55 never came */
    finish(&d);
}

/* A frame of this type with a fragment header in it, decoded; what is behind the headers are bytes of the pattern. */
static struct packet fragment_of(uint8_t *frame, const uint8_t *head, uint32_t head_len, uint32_t len, int dlt)
{
    struct packet p = {.item = {.now_ns = 1000 * NS_PER_S}, .frame = frame, .frame_len = head_len + len};
    memcpy(frame, head, head_len);
    memcpy(frame + head_len, pattern, len);
    assert_true(decode_frame(dlt, frame, p.frame_len, p.frame_len, false, NULL, &p.d));
    assert_true(p.d.layers & LAYER_FRAGMENT);
    assert_int_equal(p.d.payload_len, len);
    return p;
}

/* The last of two fragments comes first: the headers are those of the first, with lengths and sums of the whole. */
static void headers_are_the_wholes(void **state)
{
    (void)state;
    static const uint8_t v4[] = {0x45, 0, 0, 36, 0, 7, 0x20, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    static const uint8_t v6[] = {0x57, 0x60, 0, 0,  0, 0, 32,   60, 64,  0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0,
                                 0,    0,    0, 0,  0, 1, 0x20, 1,  0xd, 0xb8, 0, 0,   0,    0, 0, 0, 0, 0, 0,
                                 0,    0,    2, 44, 0, 1, 4,    0,  0,   0,    0, 17,  0,    0, 1, 0, 0, 0, 9};
    const struct {
        const uint8_t *head;
        uint32_t len;
        int dlt;
        uint32_t moved; /* where the fragment's offset is */
    } all[] = {{v4, sizeof v4, 228, 6}, {v6, sizeof v6, 9, sizeof v6 - 6}};
    for (unsigned i = 0; i < 2; i++) {
        struct defrag d;
        struct defrag_result r;
        uint8_t frame[128], later[128], head[64];
        begin(&d);
        memcpy(head, all[i].head, all[i].len);
        head[all[i].moved] = 0;
        head[all[i].moved + 1] = i ? 16 : 2;
        struct packet last = fragment_of(later, head, all[i].len, 16, all[i].dlt);
        defrag_packet(&d, &last, &r);
        assert_int_equal(r.outcome, DEFRAG_KEPT);
        struct packet first = fragment_of(frame, all[i].head, all[i].len, 16, all[i].dlt);
        defrag_packet(&d, &first, &r);
        assert_int_equal(r.outcome, DEFRAG_WHOLE);
        assert_int_equal(r.len, 32);
        assert_int_equal(r.head, i ? all[i].len - 8 : all[i].len);
        assert_memory_equal(r.bytes + r.head, pattern, 16);
        assert_memory_equal(r.bytes + r.head + 16, pattern, 16);
        struct decoded whole;
        assert_true(decode_frame(all[i].dlt, r.bytes, r.head + r.len, r.head + r.len, true, NULL, &whole));
        assert_false(whole.layers & LAYER_FRAGMENT);
        assert_ptr_equal(whole.ip, r.bytes + r.ip_at);
        assert_int_equal(whole.ip_len, r.head + r.len - r.ip_at);
        assert_int_equal(whole.ip_proto, 17);
        if (i == 0) /* the header's sum is right: sums of the made-up payload are none that would count */
            assert_int_equal(r.bytes[2] << 8 | r.bytes[3], 52);
        assert_int_equal(d.memory, 0);
        free(r.bytes);
        finish(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order),
        cmocka_unit_test(length_is_the_datagrams),
        cmocka_unit_test(first_bytes_stay),
        cmocka_unit_test(duplicates_add_nothing),
        cmocka_unit_test(senseless_fragments),
        cmocka_unit_test(longest_datagram),
        cmocka_unit_test(too_many_pieces),
        cmocka_unit_test(late_fragments_begin_anew),
        cmocka_unit_test(others_do_not_mix),
        cmocka_unit_test(oldest_goes_at_the_limit),
        cmocka_unit_test(memcap_is_kept),
        cmocka_unit_test(hole_is_not_filled_by_bytes_behind_the_end),
        cmocka_unit_test(headers_are_the_wholes),
    };
    return cmocka_run_group_tests(tests, fill_pattern, NULL);
}
