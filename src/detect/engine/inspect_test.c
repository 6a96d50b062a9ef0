/* Positions of contents and the numbers read from buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "detect/engine/inspect.h"

struct bench {
    struct ruleset set;
    struct inspect_pcres pcres;
    struct inspect_place places[16];
    uint64_t vars[RULE_VARS_MAX];
    struct buf base64;
};

static struct match content(struct match_content *c, const char *text)
{
    c->bytes = (const uint8_t *)text;
    c->len = (uint16_t)strlen(text);
    c->offset.var = c->depth.var = c->distance.var = c->within.var = -1;
    return (struct match){.kind = MATCH_CONTENT, .content = c};
}

static bool run(struct bench *b, const char *text, struct match *m, uint32_t n)
{
    struct inspect in = {.p = (const uint8_t *)text,
                         .n = (uint32_t)strlen(text),
                         .vars = b->vars,
                         .pcres = &b->pcres,
                         .places = b->places,
                         .base64 = &b->base64};
    return inspect_list(&in, &(struct match_list){m, n});
}

static void positions(void **state)
{
    struct bench *b = *state;
    struct match_content c = {.has_offset = true, .has_depth = true};
    struct match m = content(&c, "GET");
    c.offset.number = 2;
    c.depth.number = 5;
    assert_true(run(b, "..GET", &m, 1));
    assert_false(run(b, ".GET.", &m, 1));
    assert_false(run(b, "...GET", &m, 1));
    c.negated = true;
    assert_true(run(b, "...GET", &m, 1));
    assert_false(run(b, "..GET", &m, 1));
}

static void ends(void **state)
{
    struct bench *b = *state;
    struct match_content c = {.endswith = true, .nocase = true};
    struct match m = content(&c, "Abc");
    assert_true(run(b, "abcaBC", &m, 1));
    assert_false(run(b, "abcabcd", &m, 1));
    assert_false(run(b, "bc", &m, 1));
    c = (struct match_content){.startswith = true};
    m = content(&c, "ab");
    assert_true(run(b, "abx", &m, 1));
    assert_false(run(b, "xab", &m, 1));
}

/* The first "a" is not followed by "b" closely enough, the second is. */
static void goes_back(void **state)
{
    struct bench *b = *state;
    struct match_content one = {.relative_next = true}, two = {.has_distance = true, .has_within = true};
    struct match m[2] = {content(&one, "a"), content(&two, "b")};
    two.within.number = 1;
    assert_true(run(b, "a.ab", m, 2));
    assert_false(run(b, "a.a.b", m, 2));
    two.distance.number = -1;
    two.within.number = 2;
    assert_true(run(b, "a.ab", m, 2));
}

static void many_ways_back(void **state)
{
    struct bench *b = *state;
    struct match_content c[4] = {{.relative_next = true}};
    struct match m[4] = {content(&c[0], "a")};
    char text[512];
    for (int i = 1; i < 4; i++) {
        c[i] = (struct match_content){.has_distance = true};
        m[i] = content(&c[i], i == 3 ? "b" : "a");
    }
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false(run(b, text, m, 4)); /* and it ends */
}

static void numbers(void **state)
{
    struct bench *b = *state;
    struct match_content c = {.relative_next = true};
    struct match_byte_jump j = {.from = {.nbytes = {1, -1}, .offset = {0, -1}, .base = BYTE_BASE_DEC, .relative = true},
                                .multiplier = 1,
                                .post_offset = {0, -1}};
    struct match_isdataat at = {.at = {2, -1}, .negated = true, .relative = true};
    struct match m[3] = {
        content(&c, "len="), {.kind = MATCH_BYTE_JUMP, .byte_jump = &j}, {.kind = MATCH_ISDATAAT, .isdataat = &at}};
    assert_true(run(b, "len=3abcd", m, 3));
    assert_false(run(b, "len=3abcde", m, 3));
    assert_false(run(b, "len=3abc", m, 3)); /* to the end: no jump */
    assert_false(run(b, "len=9abcd", m, 3));
    j.post_offset.number = -99; /* before the begin: to the begin */
    at.at.number = 5;
    assert_true(run(b, "len=3", m, 2));
    assert_false(run(b, "len=3", m, 3));
    struct match_byte_test t = {
        .from = {.nbytes = {2, -1}, .offset = {0, -1}}, .op = BYTE_EQUAL, .value = {0x4142, -1}};
    struct match one = {.kind = MATCH_BYTE_TEST, .byte_test = &t};
    assert_true(run(b, "AB", &one, 1));
    t.from.little = true;
    assert_false(run(b, "AB", &one, 1));
    assert_false(run(b, "A", &one, 1));
}

static void transforms(void **state)
{
    struct bench *b = *state;
    struct buf work[2];
    buf_init(&work[0], 0);
    buf_init(&work[1], 0);
    struct transform t[2] = {{.kind = TRANSFORM_STRIP_WHITESPACE}, {.kind = TRANSFORM_DOTPREFIX}};
    struct inspect_bytes bytes = {(const uint8_t *)" a b\t", 5};
    assert_true(inspect_transform(&b->pcres, t, 2, work, &bytes));
    assert_int_equal(bytes.n, 3);
    assert_memory_equal(bytes.p, ".ab", 3);
    t[0] = (struct transform){.kind = TRANSFORM_FROM_BASE64, .mode = BASE64_RFC4648};
    bytes = (struct inspect_bytes){(const uint8_t *)"aGVsbG8=", 8};
    assert_true(inspect_transform(&b->pcres, t, 1, work, &bytes));
    assert_memory_equal(bytes.p, "hello", 5);
    t[0] = (struct transform){.kind = TRANSFORM_DOMAIN};
    bytes = (struct inspect_bytes){(const uint8_t *)"www.Example.co.uk", 17};
    assert_true(inspect_transform(&b->pcres, t, 1, work, &bytes));
    assert_int_equal(bytes.n, 13);
    assert_memory_equal(bytes.p, "Example.co.uk", 13);
    t[0].kind = TRANSFORM_TLD;
    bytes = (struct inspect_bytes){(const uint8_t *)"www.example.co.uk", 17};
    assert_true(inspect_transform(&b->pcres, t, 1, work, &bytes));
    assert_int_equal(bytes.n, 5);
    assert_memory_equal(bytes.p, "co.uk", 5);
    /* "hello hello hello" with zlib's header, and with gzip's; at most 5 bytes of it. */
    static const uint8_t zlib[] = {0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57,
                                   0xc8, 0x40, 0x90, 0x00, 0x3a, 0x2e, 0x06, 0x7d};
    t[0] = (struct transform){.kind = TRANSFORM_ZLIB_DEFLATE, .most = 5};
    bytes = (struct inspect_bytes){zlib, sizeof zlib};
    assert_true(inspect_transform(&b->pcres, t, 1, work, &bytes));
    assert_int_equal(bytes.n, 5);
    assert_memory_equal(bytes.p, "hello", 5);
    t[0].kind = TRANSFORM_GUNZIP;
    bytes = (struct inspect_bytes){zlib, sizeof zlib};
    assert_false(inspect_transform(&b->pcres, t, 1, work, &bytes));
    t[0] = (struct transform){.kind = TRANSFORM_XOR, .offset = 2, .key_at = 0, .most = 2, .has_most = true};
    bytes = (struct inspect_bytes){(const uint8_t *)"\x01\x02`dbf", 6};
    assert_true(inspect_transform(&b->pcres, t, 1, work, &bytes));
    assert_memory_equal(bytes.p,
                        "\x01\x02"
                        "afcd",
                        6);
    t[0] = (struct transform){.kind = TRANSFORM_FROM_BASE64, .mode = BASE64_STRICT};
    bytes = (struct inspect_bytes){(const uint8_t *)"aGVsbG8", 7};
    assert_false(inspect_transform(&b->pcres, t, 1, work, &bytes));
    buf_fini(&work[0]);
    buf_fini(&work[1]);
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    *state = b;
    buf_init(&b->base64, 0);
    return inspect_pcres_init(&b->pcres, &b->set);
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    inspect_pcres_fini(&b->pcres);
    buf_fini(&b->base64);
    free(b);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions),      cmocka_unit_test(ends),    cmocka_unit_test(goes_back),
        cmocka_unit_test(many_ways_back), cmocka_unit_test(numbers), cmocka_unit_test(transforms),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
