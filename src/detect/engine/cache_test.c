#include "detect/engine/cache.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/burrow-cache-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void path_of(char *out, const char *name)
{
    snprintf(out, 128, "%s/%s", folder, name);
}

#define NAME "0123456789abcdef0123456789abcdef.hs"

static void what_is_written_is_read(void **state)
{
    (void)state;
    hs_database_t *db = NULL, *again;
    hs_compile_error_t *error;
    char name[128];
    size_t size, size_again;
    assert_int_equal(hs_compile("needle", 0, HS_MODE_BLOCK, NULL, &db, &error), HS_SUCCESS);
    path_of(name, NAME);
    assert_null(detect_cache_read(name));
    detect_cache_write(name, db);
    again = detect_cache_read(name);
    assert_non_null(again);
    hs_database_size(db, &size);
    hs_database_size(again, &size_again);
    assert_int_equal(size, size_again);
    hs_free_database(again);
    /* Half of it is nothing. */
    assert_int_equal(truncate(name, 100), 0);
    assert_null(detect_cache_read(name));
    hs_free_database(db);
    unlink(name);
}

static void put(const char *name, long age_s)
{
    char path[128];
    path_of(path, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    struct timespec t[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
    assert_int_equal(futimens(fd, t), 0);
    close(fd);
}

static bool there(const char *name)
{
    char path[128];
    path_of(path, name);
    return unlink(path) == 0;
}

static void what_nobody_used_goes(void **state)
{
    (void)state;
    put(NAME, 8 * 24 * 3600);
    put("1" NAME, 8 * 24 * 3600);
    put("fedcba98765432100123456789abcdef.hs", 6 * 24 * 3600);
    put("fedcba98765432100123456789abcdef.hs.77", 8 * 24 * 3600);
    put("notes.hs", 8 * 24 * 3600);
    detect_cache_prune(folder);
    assert_false(there(NAME));
    assert_true(there("1" NAME));
    assert_true(there("fedcba98765432100123456789abcdef.hs"));
    assert_false(there("fedcba98765432100123456789abcdef.hs.77"));
    assert_true(there("notes.hs"));
}

static void only_a_folder_of_ones_own(void **state)
{
    (void)state;
    char why[128];
    assert_true(detect_cache_open(folder, why, sizeof why));
    assert_int_equal(chmod(folder, 0777), 0);
    assert_false(detect_cache_open(folder, why, sizeof why));
    assert_non_null(strstr(why, "others may write"));
    assert_int_equal(chmod(folder, 0700), 0);
    assert_false(detect_cache_open("/nowhere/at/all", why, sizeof why));
    assert_false(detect_cache_open("/dev/null", why, sizeof why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_nobody_used_goes),
        cmocka_unit_test(only_a_folder_of_ones_own),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
