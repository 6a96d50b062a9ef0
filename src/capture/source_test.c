#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "capture/source.h"
#include "capture/test_image.h"

static char folder[] = "/tmp/burrow-capture-XXXXXX";
static char path[256];
static char error[600];

static const char *store(const char *name, const void *p, size_t n)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
    return path;
}

static const char *store_gzip(const char *name, const void *p, size_t n)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    gzFile f = gzopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(gzwrite(f, p, (unsigned)n), n);
    gzclose(f);
    return path;
}

static struct capture_source *open_ok(const char *file, const char *bpf)
{
    struct capture_source *s;
    int code = source_open_file(file, bpf, &s, error, sizeof error);
    if (code != 0)
        print_error("%s\n", error);
    assert_int_equal(code, 0);
    return s;
}

static void expect(struct capture_source *s, uint64_t time_ns, uint8_t value, uint32_t n, int dlt)
{
    struct capture_frame f;
    assert_int_equal(source_next(s, &f), SOURCE_FRAME);
    assert_int_equal(f.time_ns, time_ns);
    assert_int_equal(f.caplen, n);
    assert_int_equal(f.dlt, dlt);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(f.data[i], value);
}

static void expect_end(struct capture_source *s, enum source_result how, const char *text)
{
    struct capture_frame f;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(source_next(s, &f), how);
        if (text && !strstr(source_error(s), text))
            fail_msg("\"%s\" is not in \"%s\"", text, source_error(s));
    }
    source_close(&s);
    assert_null(s);
}

static void pcap_in_both_orders_and_resolutions(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct image m = {.big = i & 1};
        bool ns = i & 2;
        pcap_head(&m, ns ? 0xa1b23c4d : 0xa1b2c3d4, 1);
        pcap_frame(&m, 100, 7, 0x11, 60);
        pcap_frame(&m, 101, 999, 0x22, 0);
        pcap_frame(&m, 102, 1, 0x33, 1500);
        struct capture_source *s = open_ok(store("a.pcap", m.b, m.len), "");
        assert_int_equal(source_bytes_total(s), m.len);
        uint64_t unit = ns ? 1 : 1000;
        expect(s, 100000000000 + 7 * unit, 0x11, 60, 1);
        expect(s, 101000000000 + 999 * unit, 0x22, 0, 1);
        expect(s, 102000000000 + unit, 0x33, 1500, 1);
        assert_int_equal(source_bytes_read(s), m.len);
        expect_end(s, SOURCE_END, NULL);
    }
}

static void pcap_with_longer_record_headers(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2cd34, 101);
    u32(&m, 5);
    u32(&m, 6);
    u32(&m, 20);
    u32(&m, 20);
    bytes(&m, 0xee, 8);
    bytes(&m, 0x45, 20);
    struct capture_source *s = open_ok(store("a.pcap", m.b, m.len), "");
    expect(s, 5000006000, 0x45, 20, 12); /* raw IP has another number in files */
    expect_end(s, SOURCE_END, NULL);
}

static void pcapng_sections_interfaces_and_clocks(void **state)
{
    (void)state;
    struct image m = {0};
    section(&m);
    interface(&m, 1, -1, 0);
    interface(&m, 101, 9, 0);
    interface(&m, 113, 0x80 | 20, 0); /* units of 2^-20 s */
    interface(&m, 1, 3, 1000);
    u32(&m, 0x0bad); /* a block that nobody knows */
    u32(&m, 16);
    u32(&m, 0x41414141);
    u32(&m, 16);
    enhanced(&m, 0, 1000001, 0x10, 61);
    enhanced(&m, 1, 1000000002, 0x11, 64);
    enhanced(&m, 2, 3u << 19, 0x12, 3);
    enhanced(&m, 3, 5, 0x13, 4);
    m.big = true;
    section(&m);
    interface(&m, 1, -1, 7);
    enhanced(&m, 0, 1u << 31, 0x20, 10);
    u32(&m, 3); /* simple packet: no time of its own */
    u32(&m, 24);
    u32(&m, 6);
    bytes(&m, 0x21, 6);
    bytes(&m, 0, 2);
    u32(&m, 24);
    u32(&m, 2); /* obsolete packet block */
    u32(&m, 36);
    u16(&m, 0);
    u16(&m, 0);
    u32(&m, 0);
    u32(&m, 4000000);
    u32(&m, 4);
    u32(&m, 4);
    bytes(&m, 0x22, 4);
    u32(&m, 36);
    struct capture_source *s = open_ok(store("a.pcapng", m.b, m.len), "");
    expect(s, 1000001000, 0x10, 61, 1);
    expect(s, 1000000002, 0x11, 64, 12);
    expect(s, 1500000000, 0x12, 3, 113);
    expect(s, 1000005000000, 0x13, 4, 1);
    expect(s, 7000000000 + (uint64_t)(1u << 31) * 1000, 0x20, 10, 1);
    expect(s, 7000000000 + (uint64_t)(1u << 31) * 1000, 0x21, 6, 1);
    expect(s, 11000000000, 0x22, 4, 1);
    expect_end(s, SOURCE_END, NULL);
}

/* Whole packets of the first n bytes of a capture whose packets end at ends[]. */
static size_t whole(const size_t *ends, size_t count, size_t n)
{
    size_t k = 0;
    while (k < count && ends[k] <= n)
        k++;
    return k;
}

static void cut_everywhere(const struct image *m, const size_t *ends, size_t count, bool gzip)
{
    for (size_t n = 0; n < m->len; n++) {
        struct capture_source *s;
        struct capture_frame f;
        const char *file = gzip ? store_gzip("cut", m->b, n) : store("cut", m->b, n);
        int code = source_open_file(file, "", &s, error, sizeof error);
        if (code != 0) {
            assert_true(n < 24);
            assert_non_null(strstr(error, file));
            continue;
        }
        size_t got = 0;
        enum source_result r;
        while ((r = source_next(s, &f)) == SOURCE_FRAME)
            got++;
        assert_int_equal(got, whole(ends, count, n));
        bool boundary = r == SOURCE_END;
        assert_true(boundary || strlen(source_error(s)) > 0);
        source_close(&s);
    }
}

static void truncated_at_every_byte(void **state)
{
    (void)state;
    struct image m = {0};
    size_t ends[8];
    pcap_head(&m, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < 4; i++) {
        pcap_frame(&m, 100 + i, 0, (uint8_t)i, 14 + i * 9);
        ends[i] = m.len;
    }
    cut_everywhere(&m, ends, 4, false);
    cut_everywhere(&m, ends, 4, true);
    struct image g = {.big = true};
    section(&g);
    interface(&g, 1, 9, 0);
    for (unsigned i = 0; i < 4; i++) {
        enhanced(&g, 0, 100 + i, (uint8_t)i, 14 + i * 9);
        ends[i] = g.len;
    }
    cut_everywhere(&g, ends, 4, false);
    cut_everywhere(&g, ends, 4, true);
}

static void truncation_says_where(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    pcap_frame(&m, 100, 0, 1, 60);
    size_t at = m.len;
    pcap_frame(&m, 101, 0, 1, 60);
    struct capture_source *s = open_ok(store("a.pcap", m.b, m.len - 1), "");
    expect(s, 100000000000, 1, 60, 1);
    char where[40];
    snprintf(where, sizeof where, "a.pcap: byte %zu: the file ends", at);
    expect_end(s, SOURCE_BROKEN, where);
}

static void absurd_lengths_are_damage(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    pcap_frame(&m, 100, 0, 1, 60);
    u32(&m, 101);
    u32(&m, 0);
    u32(&m, SOURCE_FRAME_MAX + 1);
    u32(&m, SOURCE_FRAME_MAX + 1);
    bytes(&m, 0, 200);
    struct capture_source *s = open_ok(store("a.pcap", m.b, m.len), "");
    expect(s, 100000000000, 1, 60, 1);
    expect_end(s, SOURCE_BROKEN, "byte 100: a record claims 262145 bytes");

    static const uint32_t lengths[] = {0, 11, 13, 0xfffffff0, 28};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct image g = {0};
        section(&g);
        interface(&g, 1, -1, 0);
        u32(&g, 6);
        u32(&g, lengths[i]);
        bytes(&g, 0, 40);
        s = open_ok(store("a.pcapng", g.b, g.len), "");
        expect_end(s, SOURCE_BROKEN, "byte 48: ");
    }
}

static void no_capture_is_a_clear_error(void **state)
{
    (void)state;
    struct capture_source *s;
    assert_int_not_equal(source_open_file(store("empty", "", 0), "", &s, error, sizeof error), 0);
    assert_non_null(strstr(error, "the file is empty"));
    assert_int_not_equal(source_open_file(store("text", "hello, world, this is text", 26), "", &s, error, 600), 0);
    assert_non_null(strstr(error, "not a pcap or pcapng file"));
    assert_int_equal(source_open_file("/nonexistent/x.pcap", "", &s, error, sizeof error), -ENOENT);
    assert_non_null(strstr(error, "No such file"));
    assert_int_equal(source_open_file("/tmp", "", &s, error, sizeof error), -EISDIR);
    assert_null(s);
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    expect_end(open_ok(store("none.pcap", m.b, m.len), ""), SOURCE_BROKEN, "holds no packets");
}

static void gzip_of_several_members(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < 40; i++)
        pcap_frame(&m, 100 + i, 0, (uint8_t)i, 1000);
    store_gzip("one.gz", m.b, 10000);
    gzFile f = gzopen(path, "ab");
    assert_int_equal(gzwrite(f, m.b + 10000, (unsigned)(m.len - 10000)), m.len - 10000);
    gzclose(f);
    struct capture_source *s = open_ok(path, "");
    for (unsigned i = 0; i < 40; i++)
        expect(s, (100 + i) * 1000000000ull, (uint8_t)i, 1000, 1);
    assert_int_equal(source_bytes_read(s), source_bytes_total(s));
    expect_end(s, SOURCE_END, NULL);

    store_gzip("two.gz", m.b, m.len);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 12), 0);
    s = open_ok(path, "");
    struct capture_frame frame;
    unsigned n = 0;
    while (source_next(s, &frame) == SOURCE_FRAME)
        n++;
    assert_in_range(n, 1, 40);
    expect_end(s, SOURCE_BROKEN, "compressed data is damaged or cut off");
}

/* A highly compressible stream: one input byte stands for many output bytes that must not be lost at the end. */
static void gzip_with_more_output_than_room(void **state)
{
    (void)state;
    size_t n = 3u * 1024 * 1024;
    uint8_t *big = calloc(1, n + 8);
    assert_non_null(big);
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    memcpy(big, m.b, m.len);
    store_gzip("zeros.gz", big, n - n % 16 + 8); /* zeroed records of no bytes */
    free(big);
    struct capture_source *s = open_ok(path, "");
    struct capture_frame f;
    size_t frames = 0;
    while (source_next(s, &f) == SOURCE_FRAME)
        frames++;
    assert_int_equal(frames, (n - n % 16 + 8 - 24) / 16);
    expect_end(s, SOURCE_END, NULL);
}

static void standard_input_as_a_pipe(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    pcap_frame(&m, 1, 0, 5, 600);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    assert_int_equal(write(ends[1], m.b, m.len), m.len);
    close(ends[1]);
    struct capture_source *s = open_ok("-", "");
    assert_string_equal(source_file(s), "-");
    struct capture_frame f;
    assert_int_equal(source_next(s, &f), SOURCE_FRAME);
    assert_false(f.stable);
    assert_int_equal(f.caplen, 600);
    expect_end(s, SOURCE_END, NULL);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
}

/* An Ethernet frame with UDP to the port, and the same as raw IP. */
static void udp_frame(struct image *m, unsigned port, bool raw, uint32_t s)
{
    uint8_t b[60] = {[12] = 8, [14] = 0x45, [17] = 46, [22] = 64, [23] = 17, [26] = 10, [30] = 10};
    b[36] = (uint8_t)(port >> 8);
    b[37] = (uint8_t)port;
    u32(m, 6);
    u32(m, 32 + (raw ? 48 : 60));
    u32(m, raw);
    u32(m, 0);
    u32(m, s);
    u32(m, raw ? 46 : 60);
    u32(m, raw ? 46 : 60);
    add(m, raw ? b + 14 : b, raw ? 46 : 60);
    if (raw)
        bytes(m, 0, 2);
    u32(m, 32 + (raw ? 48 : 60));
}

static void filters_by_link_type(void **state)
{
    (void)state;
    struct image m = {0};
    section(&m);
    interface(&m, 1, -1, 0);
    interface(&m, 101, -1, 0);
    for (unsigned i = 0; i < 8; i++)
        udp_frame(&m, i & 1 ? 53 : 80, i & 2, i);
    struct capture_source *s = open_ok(store("f.pcapng", m.b, m.len), "udp port 53");
    struct capture_frame f;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(source_next(s, &f), SOURCE_FRAME);
        assert_int_equal(f.time_ns, (2 * i + 1) * 1000);
        assert_true(f.stable);
    }
    expect_end(s, SOURCE_END, NULL);
    assert_int_equal(source_open_file(path, "udp prot 53", &s, error, sizeof error), -EINVAL);
    assert_non_null(strstr(error, "filter \"udp prot 53\""));
}

static void remove_all(const char *dir)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void folder_in_order_of_time(void **state)
{
    (void)state;
    remove_all(folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    struct capture_source *s;
    assert_int_not_equal(source_open_dir(folder, "", &s, error, sizeof error), 0);
    static const struct {
        const char *name;
        uint32_t s;
        uint8_t value;
    } files[] = {{"b.pcap", 30, 3}, {"z.pcap", 10, 1}, {"c.pcap", 20, 2}, {"d.pcap", 30, 4}};
    for (size_t i = 0; i < 4; i++) {
        struct image m = {.big = i & 1};
        pcap_head(&m, 0xa1b2c3d4, 1);
        pcap_frame(&m, files[i].s, 0, files[i].value, 100);
        if (i == 2)
            store_gzip("c.pcap.gz", m.b, m.len);
        else
            store(files[i].name, m.b, m.len);
    }
    store("notes.txt", "not a capture at all", 20);
    assert_int_equal(source_open_dir(folder, "", &s, error, sizeof error), 0);
    expect(s, 10000000000, 1, 100, 1);
    assert_non_null(strstr(source_file(s), "z.pcap"));
    expect(s, 20000000000, 2, 100, 1);
    struct capture_frame kept;
    assert_int_equal(source_next(s, &kept), SOURCE_FRAME);
    expect(s, 30000000000, 4, 100, 1);
    assert_true(kept.stable); /* of a file that is over */
    assert_int_equal(kept.data[99], 3);
    assert_int_equal(source_bytes_read(s), source_bytes_total(s));
    expect_end(s, SOURCE_END, NULL);

    store("broken.pcap", "not a capture at all", 20);
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    pcap_frame(&m, 40, 0, 9, 50);
    pcap_frame(&m, 40, 0, 9, 50);
    store("late.pcap", m.b, m.len - 5);
    assert_int_equal(source_open_dir(folder, "", &s, error, sizeof error), 0);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(source_next(s, &kept), SOURCE_FRAME);
    assert_int_equal(kept.data[0], 9);
    expect_end(s, SOURCE_BROKEN, "of 6 files 2 could not be read");
}

/* Somebody shortens the file while it is read: no crash, and the reason is said. */
static void file_shortened_while_read(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < 40; i++)
        pcap_frame(&m, 100 + i, 0, 7, 1400);
    struct capture_source *s = open_ok(store("shrinks.pcap", m.b, m.len), "");
    struct capture_frame f;
    assert_int_equal(source_next(s, &f), SOURCE_FRAME);
    assert_int_equal(truncate(path, 4096), 0);
    unsigned n = 0;
    enum source_result r;
    while ((r = source_next(s, &f)) == SOURCE_FRAME) {
        volatile uint8_t last = f.data[f.caplen - 1]; /* as those who borrow the frame do */
        (void)last;
        n++;
    }
    assert_int_equal(r, SOURCE_BROKEN);
    assert_in_range(n, 0, 5);
    expect_end(s, SOURCE_BROKEN, "made shorter while it was read");
}

static void broken_off_by_a_signal(void **state)
{
    (void)state;
    struct image m = {0};
    pcap_head(&m, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < 4; i++)
        pcap_frame(&m, 100 + i, 0, 7, 60);
    struct capture_source *s = open_ok(store("a.pcap", m.b, m.len), "");
    expect(s, 100000000000, 7, 60, 1);
    source_break(s);
    expect_end(s, SOURCE_END, NULL);
}

static void no_such_interface(void **state)
{
    (void)state;
    struct capture_source *s;
    assert_int_not_equal(source_open_live("no-such-interface0", 0, "", &s, error, sizeof error), 0);
    assert_null(s);
    assert_non_null(strstr(error, "no-such-interface0"));
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    remove_all(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_in_both_orders_and_resolutions),
        cmocka_unit_test(pcap_with_longer_record_headers),
        cmocka_unit_test(pcapng_sections_interfaces_and_clocks),
        cmocka_unit_test(truncated_at_every_byte),
        cmocka_unit_test(truncation_says_where),
        cmocka_unit_test(absurd_lengths_are_damage),
        cmocka_unit_test(no_capture_is_a_clear_error),
        cmocka_unit_test(gzip_of_several_members),
        cmocka_unit_test(gzip_with_more_output_than_room),
        cmocka_unit_test(standard_input_as_a_pipe),
        cmocka_unit_test(filters_by_link_type),
        cmocka_unit_test(folder_in_order_of_time),
        cmocka_unit_test(file_shortened_while_read),
        cmocka_unit_test(broken_off_by_a_signal),
        cmocka_unit_test(no_such_interface),
    };
    return cmocka_run_group_tests_name("capture sources", tests, set_up, tear_down);
}
