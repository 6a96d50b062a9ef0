#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/store.h"
#include "core/log.h"

struct place {
    char dir[64];
    struct settings settings;
    struct counters counters;
    struct app_store store;
};

static const uint8_t digest[32] = {0xab, 0xcd, [31] = 1};
static const char name[] = "abcd000000000000000000000000000000000000000000000000000000000001";

static struct place *begin(uint32_t max_open)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->dir, sizeof p->dir, "/tmp/store_test.XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->settings.log_dir = p->dir;
    p->settings.file_store = (struct settings_file_store){.enabled = true, .dir = "kept", .max_open = max_open};
    log_set_level(LOG_LEVEL_ERROR);
    return p;
}

static void end(struct place *p)
{
    char command[128];
    app_store_close(&p->store);
    snprintf(command, sizeof command, "rm -rf %s", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
}

static int open_it(struct place *p)
{
    return app_store_open(&p->store, &p->settings, 0, 1, &p->counters);
}

static const char *path(const struct place *p, const char *below)
{
    static char text[256];
    snprintf(text, sizeof text, "%s/kept%s", p->dir, below);
    return text;
}

static unsigned entries(const struct place *p, const char *below)
{
    unsigned n = 0;
    DIR *d = opendir(path(p, below));
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static struct app_store_file *some(struct place *p, size_t n)
{
    struct app_store_file *f = app_store_begin();
    uint8_t *bytes = calloc(1, n + 1);
    assert_non_null(f);
    assert_non_null(bytes);
    assert_true(app_store_add(&p->store, &f, bytes, n));
    free(bytes);
    return f;
}

static off_t size_of_stored(const struct place *p)
{
    char below[80];
    struct stat st;
    snprintf(below, sizeof below, "/ab/%s", name);
    return lstat(path(p, below), &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : -1;
}

static void stored_and_forgotten(void **state)
{
    (void)state;
    struct place *p = begin(0);
    assert_int_equal(open_it(p), 0);
    struct app_store_file *f = some(p, 10);
    assert_int_equal(entries(p, "/tmp"), 0); /* still in memory */
    assert_int_equal(p->store.held, 10);
    assert_true(app_store_finish(&p->store, &f, digest));
    assert_null(f);
    assert_int_equal(size_of_stored(p), 10);
    f = some(p, APP_STORE_HELD_MAX + 1);
    assert_int_equal(entries(p, "/tmp"), 1);
    app_store_drop(&p->store, &f);
    assert_int_equal(entries(p, "/tmp"), 0);
    assert_int_equal(p->store.held, 0);
    f = some(p, 10); /* again */
    assert_true(app_store_finish(&p->store, &f, digest));
    assert_int_equal(entries(p, "/ab"), 1);
    end(p);
}

static void pieces_with_few_open(void **state)
{
    (void)state;
    struct place *p = begin(1);
    assert_int_equal(open_it(p), 0);
    struct app_store_file *a = some(p, APP_STORE_HELD_MAX + 1), *b = some(p, APP_STORE_HELD_MAX + 1);
    assert_true(a->fd >= 0);
    assert_int_equal(b->fd, -1);
    assert_int_equal(counter_get(&p->counters, p->store.hits), 1);
    assert_true(app_store_add(&p->store, &b, (const uint8_t *)"xyz", 3));
    assert_true(app_store_finish(&p->store, &b, digest));
    assert_int_equal(size_of_stored(p), APP_STORE_HELD_MAX + 4);
    app_store_drop(&p->store, &a);
    assert_int_equal(counter_get(&p->counters, p->store.opened), 0);
    end(p);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    struct place *p = begin(0);
    assert_int_equal(open_it(p), 0);
    assert_int_equal(symlink("/tmp", path(p, "/ab")), 0);
    struct app_store_file *f = some(p, 10);
    assert_false(app_store_finish(&p->store, &f, digest));
    assert_null(f);
    assert_int_equal(counter_get(&p->counters, p->store.errors), 1);
    assert_int_equal(entries(p, "/tmp"), 0);
    app_store_close(&p->store);
    assert_int_equal(rmdir(path(p, "/tmp")), 0);
    assert_int_equal(symlink("/tmp", path(p, "/tmp")), 0);
    assert_true(open_it(p) < 0);
    end(p);
}

static void a_failing_disk_costs_the_file(void **state)
{
    (void)state;
    struct place *p = begin(0);
    assert_int_equal(open_it(p), 0);
    struct app_store_file *small = some(p, 10), *f = some(p, APP_STORE_HELD_MAX);
    assert_int_equal(rmdir(path(p, "/tmp")), 0);
    assert_false(app_store_add(&p->store, &f, digest, 1));
    assert_null(f);
    assert_false(app_store_finish(&p->store, &small, digest));
    assert_int_equal(counter_get(&p->counters, p->store.errors), 2);
    assert_int_equal(p->store.held, 0);
    end(p);
}

static void records_beside(void **state)
{
    (void)state;
    struct place *p = begin(0);
    assert_int_equal(open_it(p), 0);
    struct buf text;
    buf_init(&text, 0);
    buf_add(&text, "{}\n", 3);
    for (unsigned i = 0; i < 3; i++)
        app_store_record(&p->store, digest, 5000000000u, 1, &text);
    assert_int_equal(entries(p, "/ab"), 3);
    char below[96];
    snprintf(below, sizeof below, "/ab/%s.5.3.json", name);
    assert_int_equal(access(path(p, below), R_OK), 0);
    buf_fini(&text);
    end(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_and_forgotten),   cmocka_unit_test(pieces_with_few_open),
        cmocka_unit_test(links_are_not_followed), cmocka_unit_test(a_failing_disk_costs_the_file),
        cmocka_unit_test(records_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
