#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/find.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* The same, place by place. */
static const uint8_t *find_slowly(const uint8_t *p, size_t n, const uint8_t *what, size_t len, bool nocase)
{
    for (size_t i = 0; i + len <= n; i++) {
        size_t k = 0;
        while (k < len && (nocase ? lower(p[i + k]) == lower(what[k]) : p[i + k] == what[k]))
            k++;
        if (k == len)
            return p + i;
    }
    return NULL;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* Few different bytes, so that much is nearly right; among them those that differ from letters in the case's bit
 * only. Each buffer is as long as what it holds, for the sanitizers to watch. */
static void is_as_place_by_place(void **state)
{
    static const uint8_t some[] = {'a', 'A', 'z', 'Z', '@', '`', '[', '{', 0x00, 0x20, 0xff, 0xdf};
    uint32_t seed = 1, found = 0;
    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        size_t n = next(&seed) % 80, len = 1 + next(&seed) % (next(&seed) % 4 ? 3 : 40);
        unsigned kinds = 1 + next(&seed) % sizeof some;
        bool nocase = next(&seed) & 1;
        uint8_t *p = malloc(n + !n), what[40];
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            p[i] = some[next(&seed) % kinds];
        for (size_t i = 0; i < len; i++)
            what[i] = some[next(&seed) % kinds];
        const uint8_t *at = find_slowly(p, n, what, len, nocase);
        assert_ptr_equal(find_bytes(p, n, what, len, nocase), at);
        found += at != NULL;
        free(p);
    }
    assert_in_range(found, 20000, 180000);
}

static void knows_cases_of_letters_only(void **state)
{
    (void)state;
    const uint8_t *text = (const uint8_t *)"GET /@Index.HTML HTTP/1.1";
    assert_ptr_equal(find_bytes(text, 25, (const uint8_t *)"index.html", 10, true), text + 6);
    assert_null(find_bytes(text, 25, (const uint8_t *)"index.html", 10, false));
    assert_null(find_bytes(text, 25, (const uint8_t *)"`index", 6, true));
    assert_ptr_equal(find_bytes(text, 25, (const uint8_t *)"1", 1, true), text + 22);
    assert_null(find_bytes(text, 5, (const uint8_t *)"GET /@", 6, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_as_place_by_place),
        cmocka_unit_test(knows_cases_of_letters_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
