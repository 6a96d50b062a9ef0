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

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    (void)id;
    (void)from;
    (void)flags;
    *(unsigned long long *)arg = to;
    return 0;
}

/* Where the needle ends; 0: it is not found. */
static unsigned long long end_of_needle(const hs_database_t *db, hs_scratch_t *scratch)
{
    static const char text[] = "hay, a needle, hay";
    unsigned long long end = 0;
    assert_int_equal(hs_scan(db, text, sizeof text - 1, 0, scratch, on_match, &end), HS_SUCCESS);
    return end;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    hs_database_t *db = NULL, *again;
    hs_compile_error_t *error;
    char name[128];
    size_t mapped;
    bool marked = false;
    hs_scratch_t *scratch = NULL;
    assert_int_equal(hs_compile("needle", 0, HS_MODE_BLOCK, NULL, &db, &error), HS_SUCCESS);
    path_of(name, NAME);
    assert_null(detect_cache_read(name, &scratch, &mapped, &marked));
    detect_cache_write(name, db);
    again = detect_cache_read(name, &scratch, &mapped, &marked);
    assert_non_null(again);
    assert_true(mapped > 0);
    assert_int_equal(end_of_needle(again, scratch), 13);
    /* What was removed is still there for who has it. */
    assert_int_equal(unlink(name), 0);
    assert_int_equal(end_of_needle(again, scratch), 13);
    detect_cache_free(again, mapped);
    detect_cache_free(db, 0);
    detect_cache_free(NULL, 0);
    hs_free_scratch(scratch);
}

/* Any one byte that is another one, or missing, makes it nothing. */
static void what_is_damaged_is_not_read(void **state)
{
    (void)state;
    hs_database_t *db = NULL;
    hs_compile_error_t *error;
    char name[128];
    size_t mapped;
    bool marked = false;
    hs_scratch_t *scratch = NULL;
    struct stat st;
    assert_int_equal(hs_compile("needle", 0, HS_MODE_BLOCK, NULL, &db, &error), HS_SUCCESS);
    path_of(name, NAME);
    detect_cache_write(name, db);
    hs_free_database(db);
    int fd = open(name, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        uint8_t was, is;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        is = was ^ 1u << at % 8;
        assert_int_equal(pwrite(fd, &is, 1, at), 1);
        assert_null(detect_cache_read(name, &scratch, &mapped, &marked));
        assert_int_equal(mapped, 0);
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    db = detect_cache_read(name, &scratch, &mapped, &marked);
    assert_non_null(db);
    detect_cache_free(db, mapped);
    while (st.st_size > 0) {
        st.st_size -= st.st_size > 200 ? 100 : 1;
        assert_int_equal(ftruncate(fd, st.st_size), 0);
        assert_null(detect_cache_read(name, &scratch, &mapped, &marked));
    }
    hs_free_scratch(scratch);
    close(fd);
    unlink(name);
}

#define SET "0123456789abcdef0123456789abcdef.set"

static void compile(const char *text, hs_database_t **db)
{
    hs_compile_error_t *error;
    assert_int_equal(hs_compile(text, 0, HS_MODE_BLOCK, NULL, db, &error), HS_SUCCESS);
}

/* Two databases in one file, whose name goes to out. */
static void write_two(char *out)
{
    struct detect_cache_db dbs[2] = {{.a = 1, .b = 2}, {.a = 3, .b = 4}};
    compile("needle", &dbs[0].db);
    compile("hay", &dbs[1].db);
    path_of(out, SET);
    detect_cache_write_set(out, dbs, 2);
    hs_free_database(dbs[0].db);
    hs_free_database(dbs[1].db);
}

static bool read_two(const char *name, uint64_t last)
{
    struct detect_cache_db dbs[2] = {{.a = 1, .b = 2}, {.a = 3, .b = last}};
    struct detect_cache_map map = {0};
    hs_scratch_t *scratch = NULL;
    bool marked = false, read = detect_cache_read_set(name, dbs, 2, &scratch, &map, &marked);
    if (read) {
        assert_int_equal(end_of_needle(dbs[0].db, scratch), 13);
        assert_int_equal(end_of_needle(dbs[1].db, scratch), 18);
    }
    assert_int_equal(map.n != 0, read);
    detect_cache_unmap(&map);
    hs_free_scratch(scratch);
    return read;
}

static void a_set_is_read_whole_or_not(void **state)
{
    (void)state;
    char name[128];
    struct stat st;
    struct detect_cache_db one = {.a = 1, .b = 2};
    struct detect_cache_map map = {0};
    hs_scratch_t *scratch = NULL;
    bool marked = false;
    path_of(name, SET);
    assert_false(read_two(name, 4));
    write_two(name);
    assert_true(read_two(name, 4));
    assert_false(read_two(name, 5));
    assert_false(detect_cache_read_set(name, &one, 1, &scratch, &map, &marked));
    int fd = open(name, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        uint8_t was, is;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        is = was ^ 1u << at % 8;
        assert_int_equal(pwrite(fd, &is, 1, at), 1);
        assert_false(read_two(name, 4));
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    assert_true(read_two(name, 4));
    assert_int_equal(pwrite(fd, "", 1, st.st_size), 1);
    assert_false(read_two(name, 4));
    while (st.st_size > 0) {
        st.st_size -= st.st_size > 500 ? 100 : 1;
        assert_int_equal(ftruncate(fd, st.st_size), 0);
        assert_false(read_two(name, 4));
    }
    close(fd);
    unlink(name);
}

/* What is in use stays, though another file stands for it. */
static void a_mark_keeps_it(void **state)
{
    (void)state;
    char name[128];
    path_of(name, NAME);
    detect_cache_mark(name);
    assert_int_not_equal(access(name, F_OK), 0);
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    struct timespec t[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(futimens(fd, t), 0);
    close(fd);
    detect_cache_mark(name);
    detect_cache_prune(folder);
    assert_int_equal(unlink(name), 0);
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
    put(SET, 8 * 24 * 3600);
    put("notes.hs", 8 * 24 * 3600);
    put("0123456789abcdef0123456789abcdef.pcre", 8 * 24 * 3600);
    put("0123456789abcdef0123456789abcdef.pcr", 8 * 24 * 3600);
    detect_cache_prune(folder);
    assert_false(there(NAME));
    assert_true(there("1" NAME));
    assert_true(there("fedcba98765432100123456789abcdef.hs"));
    assert_false(there("fedcba98765432100123456789abcdef.hs.77"));
    assert_false(there(SET));
    assert_true(there("notes.hs"));
    assert_false(there("0123456789abcdef0123456789abcdef.pcre"));
    assert_true(there("0123456789abcdef0123456789abcdef.pcr"));
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
        cmocka_unit_test(what_is_written_is_read),    cmocka_unit_test(what_is_damaged_is_not_read),
        cmocka_unit_test(a_set_is_read_whole_or_not), cmocka_unit_test(a_mark_keeps_it),
        cmocka_unit_test(what_nobody_used_goes),      cmocka_unit_test(only_a_folder_of_ones_own),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
