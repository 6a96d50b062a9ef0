/* The file of patterns that were checked: what is written is read, what is damaged is nothing. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "detect/load.h"

#define PATTERNS 100u

static char folder[64];

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/burrow-checked-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* The one file in the folder; false: there is none. */
static bool find_file(char out[400])
{
    DIR *d = opendir(folder);
    unsigned files = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            snprintf(out, 400, "%s/%s", folder, e->d_name);
            files++;
        }
    closedir(d);
    assert_true(files <= 1);
    return files == 1;
}

/* Patterns whose options and groups are told by their number. */
static void add(struct checked *c, unsigned from, unsigned to)
{
    char pattern[16];
    for (unsigned i = from; i < to; i++) {
        snprintf(pattern, sizeof pattern, "p%u", i);
        checked_add(c, pattern, i % 3, i % 7);
    }
}

static unsigned count(struct checked *c, unsigned to)
{
    char pattern[16];
    unsigned n = 0, groups;
    for (unsigned i = 0; i < to; i++) {
        snprintf(pattern, sizeof pattern, "p%u", i);
        if (!checked_find(c, pattern, i % 3, &groups))
            continue;
        assert_int_equal(groups, i % 7);
        assert_false(checked_find(c, pattern, i % 3 + 1, &groups));
        n++;
    }
    return n;
}

static unsigned count_in_file(unsigned to)
{
    struct checked c = {0};
    checked_read(&c, folder);
    unsigned n = count(&c, to);
    checked_fini(&c);
    return n;
}

static void test_kept(void **state)
{
    (void)state;
    char name[400];
    struct checked c = {0};
    assert_int_equal(count_in_file(PATTERNS), 0);
    add(&c, 0, 10);
    checked_write(&c, folder);
    assert_false(find_file(name)); /* too few */
    add(&c, 0, PATTERNS);
    checked_write(&c, folder);
    checked_fini(&c);
    assert_true(find_file(name));
    assert_int_equal(count_in_file(2 * PATTERNS), PATTERNS);
    /* More are added to what is there. */
    checked_read(&c, folder);
    add(&c, PATTERNS, 2 * PATTERNS);
    checked_write(&c, folder);
    checked_fini(&c);
    assert_int_equal(count_in_file(2 * PATTERNS), 2 * PATTERNS);
    unlink(name);
}

static void test_damaged(void **state)
{
    (void)state;
    char name[400];
    struct checked c = {0};
    struct stat st;
    add(&c, 0, PATTERNS);
    checked_write(&c, folder);
    checked_fini(&c);
    assert_true(find_file(name));
    int fd = open(name, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        uint8_t was, is;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        is = was ^ 1u << at % 8;
        assert_int_equal(pwrite(fd, &is, 1, at), 1);
        assert_int_equal(count_in_file(PATTERNS), 0);
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    assert_int_equal(count_in_file(PATTERNS), PATTERNS);
    while (st.st_size > 0) {
        assert_int_equal(ftruncate(fd, --st.st_size), 0);
        assert_int_equal(count_in_file(PATTERNS), 0);
    }
    close(fd);
    unlink(name);
    /* Nowhere to write to is no error. */
    struct checked none = {0};
    add(&none, 0, PATTERNS);
    checked_write(&none, "/nowhere/at/all");
    checked_read(&none, "/nowhere/at/all");
    checked_fini(&none);
}

/* The cap: of more than fit those that were used stay. */
static void test_most(void **state)
{
    (void)state;
    char name[400];
    struct checked c = {0};
    add(&c, 0, 65500);
    checked_write(&c, folder);
    checked_fini(&c);
    checked_read(&c, folder);
    add(&c, 65500, 65700);
    assert_int_equal(count(&c, 50), 50);
    checked_write(&c, folder);
    checked_fini(&c);
    assert_int_equal(count_in_file(65700), 250);
    assert_true(find_file(name));
    unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_most),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
