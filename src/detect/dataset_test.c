/* Sets of values: what files may hold, what is found, memcap, what is written; reputation lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "detect/dataset.h"
#include "detect/reputation.h"

static char path[] = "/tmp/burrow-dataset-XXXXXX";

static void put_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

/* NULL: refused, and error says why. */
static struct dataset *load(struct dataset_options o, const char *text, char error[512])
{
    struct dataset *d = NULL;
    put_file(text);
    o.name = "s";
    o.load = path;
    error[0] = '\0';
    if (dataset_create(&o, &d, error, 512) != 0)
        assert_true(strncmp(error, path, strlen(path)) == 0);
    return d;
}

static bool has(struct dataset *d, const void *p, size_t n)
{
    return dataset_has(d, p, n, false, NULL, NULL);
}

static void test_strings(void **state)
{
    (void)state;
    char error[512];
    struct dataset *d =
        load((struct dataset_options){.type = DATASET_STRING}, "# a comment\nYWJj\r\n\nLmV2aWwuY29t\n", error);
    assert_non_null(d);
    assert_int_equal(dataset_count(d), 2);
    assert_true(has(d, "abc", 3));
    assert_false(has(d, "ab", 2));
    assert_true(dataset_has(d, (const uint8_t *)".a.evil.com", 11, true, NULL, NULL));
    assert_false(dataset_has(d, (const uint8_t *)".a.evil.com", 11, false, NULL, NULL));
    assert_false(dataset_has(d, (const uint8_t *)"notevil.com", 11, true, NULL, NULL));
    dataset_put(&d);
    assert_null(load((struct dataset_options){.type = DATASET_STRING}, "YWJj\nab!c\n", error));
    assert_non_null(strstr(error, ":2: bad base64"));
    assert_null(load((struct dataset_options){.type = DATASET_STRING}, "YWJj,5\n", error));
    assert_non_null(strstr(error, "mix"));
}

static void test_numbers(void **state)
{
    (void)state;
    char error[512];
    uint16_t rep = 0;
    struct dataset_options o = {.type = DATASET_IP, .reputation = true};
    struct dataset *d = load(o, "10.0.0.1,5\n::ffff:10.0.0.2,65535\n2001:db8::1,0\n", error);
    assert_non_null(d);
    const uint8_t one[4] = {10, 0, 0, 1}, two[16] = {[10] = 255, [11] = 255, 10, 0, 0, 2};
    assert_true(dataset_has(d, one, 4, false, &rep, NULL));
    assert_int_equal(rep, 5);
    assert_true(dataset_has(d, two, 16, false, &rep, NULL));
    assert_int_equal(rep, 65535);
    assert_true(dataset_has(d, two + 12, 4, false, &rep, NULL));
    dataset_put(&d);
    assert_null(load(o, "10.0.0.1,65536\n", error));
    assert_null(load(o, "10.0.0.1,1.0\n", error));
    assert_null(load(o, "10.0.0.1\n", error));
    assert_null(load(o, "10.0.0.256,1\n", error));
    o.type = DATASET_IPV4;
    assert_null(load(o, "2001:db8::1,1\n", error));
    assert_null(load((struct dataset_options){.type = DATASET_MD5}, "0123456789abcdef0123456789abcde\n", error));
    assert_null(load((struct dataset_options){.type = DATASET_MD5}, "0123456789abcdef0123456789abcdeg\n", error));
}

static void test_json(void **state)
{
    (void)state;
    char error[512];
    struct buf json = {0};
    struct dataset_options o = {
        .type = DATASET_STRING, .format = DATASET_JSON, .value_key = "a.b", .array_key = "x.y", .remove_key = true};
    struct dataset *d =
        load(o, "{\"x\": {\"y\": [{\"a\": {\"b\": \"v\"}, \"n\": 1}, {\"n\": 2}, {\"a\": {\"b\": \"v\"}}]}}", error);
    assert_non_null(d);
    assert_int_equal(dataset_count(d), 1);
    assert_true(dataset_has(d, (const uint8_t *)"v", 1, false, NULL, &json));
    assert_int_equal(json.len, strlen("{\"a\":{},\"n\":1}"));
    assert_memory_equal(json.data, "{\"a\":{},\"n\":1}", json.len);
    dataset_put(&d);
    buf_fini(&json);
    assert_null(load(o, "{\"x\": {\"y\": [{\"a\": {\"b\": 5}}]}}", error));
    assert_non_null(strstr(error, "not a string"));
    assert_null(load(o, "{\"x\": {\"y\": 1}}", error));
    assert_null(load(o, "{\"x\": [", error));
    o = (struct dataset_options){.type = DATASET_IPV4, .format = DATASET_NDJSON, .value_key = "ip"};
    assert_null(load(o, "{\"ip\": \"10.0.0.1\"}\n[1]\n", error));
    assert_non_null(strstr(error, ":2:"));
}

static void test_changes(void **state)
{
    (void)state;
    char error[512], text[64];
    struct dataset_options o = {.name = "s", .type = DATASET_STRING, .memcap = 2000, .save = path, .changes = true};
    struct dataset *d = NULL;
    assert_int_equal(dataset_create(&o, &d, error, sizeof error), 0);
    assert_int_equal(dataset_add(d, (const uint8_t *)"one", 3), DATASET_YES);
    assert_int_equal(dataset_add(d, (const uint8_t *)"one", 3), DATASET_NO);
    assert_int_equal(dataset_add(d, (const uint8_t *)"two", 3), DATASET_YES);
    assert_int_equal(dataset_add(d, (const uint8_t *)"", 0), DATASET_NO);
    assert_int_equal(dataset_remove(d, (const uint8_t *)"one", 3), DATASET_YES);
    assert_int_equal(dataset_remove(d, (const uint8_t *)"one", 3), DATASET_NO);
    assert_int_equal(dataset_save(d, error, sizeof error), 0);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_string_equal(fgets(text, sizeof text, f), "dHdv\n");
    assert_null(fgets(text, sizeof text, f));
    fclose(f);
    int n = 0;
    enum dataset_result r = DATASET_YES;
    while (r == DATASET_YES && n++ < 1000) {
        int len = snprintf(text, sizeof text, "value %d", n);
        r = dataset_add(d, (const uint8_t *)text, (size_t)len);
    }
    assert_int_equal(r, DATASET_FULL);
    uint64_t count = dataset_count(d);
    assert_int_equal(count, n);
    assert_int_equal(dataset_remove(d, (const uint8_t *)"two", 3), DATASET_YES);
    assert_int_equal(dataset_add(d, (const uint8_t *)"2", 1), DATASET_YES);
    dataset_put(&d);
}

static void test_reputation(void **state)
{
    (void)state;
    char error[512], categories[64], files[96];
    static const char text[] = "1,Bad,what\n10.1.0.0/16,1,20\n10.1.2.0/24,1,70\n10.1.2.3,1,5\n2001:db8::/32,1,9\n";
    const char *list = strchr(text, '\n') + 1;
    char other[] = "/tmp/burrow-dataset-XXXXXX";
    int fd = mkstemp(other);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, (size_t)(list - text)), list - text);
    close(fd);
    put_file(list);
    snprintf(categories, sizeof categories, "reputation-categories-file=%s", other);
    snprintf(files, sizeof files, "reputation-files=%s", path);
    const char *const sets[] = {categories, files};
    struct config *config = NULL;
    assert_int_equal(config_create(NULL, sets, 2, &config, error, sizeof error), 0);
    error[0] = '\0';
    struct reputation *r = reputation_create(config_settings(config), error, sizeof error);
    assert_string_equal(error, "");
    assert_non_null(r);
    assert_int_equal(reputation_category(r, "Bad"), 1);
    assert_int_equal(reputation_category(r, "Good"), 0);
    static const struct {
        const char *addr;
        int value;
    } expected[] = {{"10.1.2.3", 5},  {"10.1.2.4", 70},     {"10.1.3.1", 20},
                    {"10.2.0.0", -1}, {"2001:db8:1::1", 9}, {"2001:db9::1", -1}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct addr a;
        assert_true(addr_parse(expected[i].addr, strlen(expected[i].addr), &a));
        assert_int_equal(reputation_find(r, &a, 1), expected[i].value);
        assert_int_equal(reputation_find(r, &a, 2), -1);
    }
    reputation_destroy(&r);
    put_file("10.0.0.1,1,128\n");
    assert_null(reputation_create(config_settings(config), error, sizeof error));
    assert_non_null(strstr(error, ":1: use"));
    config_destroy(&config);
    unlink(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_strings), cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_json), cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_reputation)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
