/* Hosts files: what is found, what counts first, and what is warned of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/log.h"
#include "decap/hosts.h"

static char file[] = "/tmp/burrow-hosts-XXXXXX";

static struct hosts *load_bytes(const char *text, size_t len)
{
    char error[256] = "";
    struct hosts *h;
    FILE *to = fopen(file, "w");
    assert_non_null(to);
    assert_int_equal(fwrite(text, 1, len, to), len);
    fclose(to);
    if (hosts_load(file, &h, error, sizeof error) != 0)
        fail_msg("%s", error);
    return h;
}

static struct hosts *load(const char *text)
{
    return load_bytes(text, strlen(text));
}

/* The address as text, "" for none. */
static const char *ask(const struct hosts *h, const char *name, enum addr_family family)
{
    static char out[ADDR_TEXT_MAX];
    struct addr a;
    if (!hosts_find(h, name, strlen(name), family, &a))
        return "";
    addr_print(&a, false, out);
    return out;
}

static void names_of_a_line(void **state)
{
    (void)state;
    struct hosts *h = load("# a comment\n"
                           "\n"
                           "192.0.2.1 www.example.com www # alias.example.com\n"
                           "\t 2001:db8::1\twww.example.com.   V6.Example.com\r\n"
                           "192.0.2.2\tother.example.com");
    assert_string_equal(ask(h, "www.example.com", ADDR_V4), "192.0.2.1");
    assert_string_equal(ask(h, "WWW.example.com.", ADDR_V4), "192.0.2.1");
    assert_string_equal(ask(h, "www", ADDR_V4), "192.0.2.1");
    assert_string_equal(ask(h, "www.example.com", ADDR_V6), "2001:db8::1");
    assert_string_equal(ask(h, "v6.example.com", ADDR_V6), "2001:db8::1");
    assert_string_equal(ask(h, "v6.example.com", ADDR_V4), "");
    assert_string_equal(ask(h, "other.example.com", ADDR_V4), "192.0.2.2");
    assert_string_equal(ask(h, "alias.example.com", ADDR_V4), "");
    assert_string_equal(ask(h, "", ADDR_V4), "");
    assert_int_equal(hosts_count(h), 5);
    assert_int_equal(hosts_bad_lines(h), 0);
    hosts_destroy(&h);
    assert_null(h);
}

static void the_first_line_counts(void **state)
{
    (void)state;
    struct hosts *h = load("192.0.2.1 a\n192.0.2.2 A b\n");
    assert_string_equal(ask(h, "a", ADDR_V4), "192.0.2.1");
    assert_string_equal(ask(h, "b", ADDR_V4), "192.0.2.2");
    hosts_destroy(&h);
}

static void bad_lines_do_no_harm(void **state)
{
    (void)state;
    char text[1024];
    char longest[300];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    snprintf(text, sizeof text,
             "localhost 127.0.0.1\n192.0.2.300 a\nfe80::1%%lo0 b\n192.0.2.1\n192.0.2.2 %s c\n192.0.2.3 d", longest);
    struct hosts *h = load(text);
    assert_int_equal(hosts_bad_lines(h), 5);
    assert_string_equal(ask(h, "a", ADDR_V4), "");
    assert_string_equal(ask(h, "b", ADDR_V6), "");
    assert_string_equal(ask(h, "c", ADDR_V4), "192.0.2.2");
    assert_string_equal(ask(h, "d", ADDR_V4), "192.0.2.3");
    assert_string_equal(ask(h, longest, ADDR_V4), "");
    hosts_destroy(&h);

    static const char binary[] = "\0\0\n192.0.2.1 a\0b\n\xff\xfe 1\n#";
    h = load_bytes(binary, sizeof binary - 1);
    assert_int_equal(hosts_bad_lines(h), 2);
    assert_int_equal(hosts_count(h), 1);
    hosts_destroy(&h);
    h = load("");
    assert_int_equal(hosts_count(h), 0);
    assert_string_equal(ask(h, "a", ADDR_V4), "");
    hosts_destroy(&h);
}

static void many_names(void **state)
{
    (void)state;
    char *text;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    for (unsigned i = 0; i < 20000; i++)
        fprintf(to, "10.0.%u.%u host%u.example\n", i / 250, i % 250 + 1, i);
    fclose(to);
    struct hosts *h = load_bytes(text, len);
    free(text);
    assert_int_equal(hosts_count(h), 20000);
    assert_string_equal(ask(h, "host0.example", ADDR_V4), "10.0.0.1");
    assert_string_equal(ask(h, "host19999.example", ADDR_V4), "10.0.79.250");
    assert_string_equal(ask(h, "host20000.example", ADDR_V4), "");
    hosts_destroy(&h);
}

static void limits(void **state)
{
    (void)state;
    char *text;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    for (unsigned i = 0; i < HOSTS_NAMES_MAX + 10; i++)
        fprintf(to, "10.0.0.1 h%u\n", i);
    fclose(to);
    struct hosts *h = load_bytes(text, len);
    free(text);
    assert_int_equal(hosts_count(h), HOSTS_NAMES_MAX);
    assert_string_equal(ask(h, "h999999", ADDR_V4), "10.0.0.1");
    assert_string_equal(ask(h, "h1000000", ADDR_V4), "");
    hosts_destroy(&h);

    char error[256];
    assert_int_equal(truncate(file, (off_t)HOSTS_FILE_MAX + 1), 0);
    assert_true(hosts_load(file, &h, error, sizeof error) < 0);
    assert_non_null(strstr(error, "File too large"));
    assert_null(h);
}

static void no_file(void **state)
{
    (void)state;
    char error[256];
    struct hosts *h;
    assert_true(hosts_load("/nonexistent/hosts", &h, error, sizeof error) < 0);
    assert_string_equal(error, "decap.names.hosts-file: /nonexistent/hosts: can't be read: No such file or directory");
    assert_true(hosts_load("/", &h, error, sizeof error) < 0);
    assert_null(h);
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    int fd = mkstemp(file);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_line),
        cmocka_unit_test(the_first_line_counts),
        cmocka_unit_test(bad_lines_do_no_harm),
        cmocka_unit_test(many_names),
        cmocka_unit_test(limits),
        cmocka_unit_test(no_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
