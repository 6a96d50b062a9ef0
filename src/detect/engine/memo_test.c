/* Tables of what is remembered: found by key, over after their time, full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "detect/engine/memo.h"

static void make_key(uint64_t key[MEMO_KEY], uint64_t n)
{
    memset(key, 0, MEMO_KEY * sizeof *key);
    key[0] = n;
    key[5] = ~n;
}

static uint32_t count_of(struct memo_table *t, uint64_t n)
{
    uint64_t key[MEMO_KEY];
    make_key(key, n);
    struct memo_look look = memo_get(t, key, false, 0);
    uint32_t count = look.entry ? look.entry->count : 0;
    memo_put(&look);
    return count;
}

/* True: another one had to go. */
static bool put(struct memo_table *t, uint64_t n, uint64_t now, uint64_t until)
{
    uint64_t key[MEMO_KEY];
    make_key(key, n);
    struct memo_look look = memo_get(t, key, true, now);
    look.entry->count++;
    look.entry->until_ns = until;
    bool evicted = look.evicted;
    memo_put(&look);
    return evicted;
}

static void test_find(void **state)
{
    (void)state;
    struct memo_table t;
    assert_int_equal(memo_init(&t, 1 << 20, 1), 0);
    for (uint64_t n = 0; n < 1000; n++)
        assert_false(put(&t, n, 1, 100));
    for (uint64_t n = 0; n < 1000; n += 2)
        assert_false(put(&t, n, 2, 100));
    for (uint64_t n = 0; n < 1000; n++)
        assert_int_equal(count_of(&t, n), n % 2 ? 1 : 2);
    assert_int_equal(count_of(&t, 1000), 0);
    memo_fini(&t);
}

/* The smallest table is one bucket. */
static void test_full(void **state)
{
    (void)state;
    struct memo_table t;
    assert_int_equal(memo_init(&t, 0, 1), 0);
    assert_int_equal(t.count, 1);
    for (uint64_t n = 0; n < MEMO_BUCKET; n++)
        assert_false(put(&t, n, 1, 100 + n));
    assert_true(put(&t, 50, 2, 500));
    assert_int_equal(count_of(&t, 0), 0); /* it would have ended first */
    assert_int_equal(count_of(&t, 1), 1);
    assert_int_equal(count_of(&t, 50), 1);
    memo_fini(&t);
}

static void test_expiry(void **state)
{
    (void)state;
    struct memo_table t;
    assert_int_equal(memo_init(&t, 0, 1), 0);
    for (uint64_t n = 0; n < MEMO_BUCKET; n++)
        assert_false(put(&t, n, 1, n == 7 ? 10 : 1000));
    assert_true(put(&t, 50, 10, 1000)); /* at its last moment it still counts */
    assert_int_equal(count_of(&t, 7), 0);
    memo_fini(&t);
    assert_int_equal(memo_init(&t, 0, 1), 0);
    for (uint64_t n = 0; n < MEMO_BUCKET; n++)
        assert_false(put(&t, n, 1, n == 7 ? 10 : 1000));
    assert_false(put(&t, 50, 11, 1000));
    assert_int_equal(count_of(&t, 7), 0);
    assert_int_equal(count_of(&t, 8), 1);
    memo_fini(&t);
}

#define TIMES 20000

static void *add_all(void *arg)
{
    for (unsigned i = 0; i < TIMES; i++)
        put(arg, i % 3, 1, 100);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct memo_table t;
    pthread_t threads[3];
    assert_int_equal(memo_init(&t, 1 << 16, 9), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_all, &t), 0);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(count_of(&t, 0) + count_of(&t, 1) + count_of(&t, 2), 3 * TIMES);
    memo_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_full),
                                       cmocka_unit_test(test_expiry), cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
