/* What a rule becomes: contents, positions, buffers, the fast pattern, state, order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "detect/load_test.h"

static const struct match_content *content_of(const struct rule *r, unsigned buffer, unsigned match)
{
    assert_true(buffer < r->buffer_count && match < r->buffers[buffer].matches.count);
    assert_int_equal(r->buffers[buffer].matches.m[match].kind, MATCH_CONTENT);
    return r->buffers[buffer].matches.m[match].content;
}

static void test_contents(void **state)
{
    (void)state;
    struct ruleset *set = load_text_test("alert tcp any any -> any any (content:\"a|00 fF|\\;\"; offset:2; depth:9; "
                                         "content:!\"b\"; nocase; distance:1; within:4; sid:1;)",
                                         1, NULL);
    const struct match_content *a = content_of(set->rules[0], 0, 0), *b = content_of(set->rules[0], 0, 1);
    assert_int_equal(a->len, 4);
    assert_memory_equal(a->bytes, "a\0\xff;", 4);
    assert_int_equal(a->offset.number, 2);
    assert_int_equal(a->depth.number, 11);
    assert_true(a->relative_next && !a->nocase && !a->negated);
    assert_true(b->negated && b->nocase && b->has_distance && b->has_within);
    assert_int_equal(b->within.number, 4);
    ruleset_destroy(&set);
}

static void test_relative_to_nothing(void **state)
{
    (void)state;
    struct ruleset *set =
        load_text_test("alert tcp any any -> any any (content:\"ab\"; distance:3; within:5; sid:1;)", 1, NULL);
    const struct match_content *c = content_of(set->rules[0], 0, 0);
    assert_true(c->has_offset && c->has_depth && !c->has_distance && !c->has_within);
    assert_int_equal(c->offset.number, 3);
    assert_int_equal(c->depth.number, 8);
    ruleset_destroy(&set);
}

static void test_modifiers(void **state)
{
    (void)state;
    struct ruleset *set =
        load_text_test("alert tcp any any -> any any (content:\"raw\"; content:\"/a\"; http_uri; "
                       "content:\"b\"; distance:0; http_uri; isdataat:5,relative; pcre:\"/x/U\"; sid:1;)",
                       1, NULL);
    const struct rule *r = set->rules[0];
    assert_int_equal(r->buffer_count, 2);
    assert_int_equal(r->buffers[0].buffer, BUFFER_PAYLOAD);
    assert_string_equal(detect_buffer(r->buffers[1].buffer)->key, "http_uri");
    assert_int_equal(r->buffers[1].matches.count, 4);
    assert_int_equal(r->buffers[1].matches.m[2].kind, MATCH_ISDATAAT);
    assert_int_equal(r->buffers[1].matches.m[3].kind, MATCH_PCRE);
    assert_true(content_of(r, 1, 0)->relative_next);
    assert_int_equal(r->app_set, DETECT_APP_BIT(APP_HTTP1));
    assert_true(r->flags & RULE_TO_SERVER);
    ruleset_destroy(&set);
}

static void test_transforms(void **state)
{
    (void)state;
    struct ruleset *set =
        load_text_test("alert http any any -> any any (http.host; content:\"a\"; to_lowercase; to_sha1; "
                       "content:\"b\"; sid:1;)",
                       1, NULL);
    const struct rule *r = set->rules[0];
    assert_int_equal(r->buffer_count, 2);
    assert_int_equal(r->buffers[0].transform_count, 0);
    assert_int_equal(r->buffers[1].transform_count, 2);
    assert_int_equal(r->buffers[1].transforms[1].kind, TRANSFORM_SHA1);
    assert_int_equal(r->buffers[0].buffer, r->buffers[1].buffer);
    ruleset_destroy(&set);
}

static void test_variables(void **state)
{
    (void)state;
    struct ruleset *set =
        load_text_test("alert tcp any any -> any any (byte_extract:1,0,n; byte_math:bytes 1, offset 1, "
                       "oper *, rvalue n, result m; content:\"x\"; offset:n; depth:m; "
                       "byte_test:1,>,m,n; sid:1;)",
                       1, NULL);
    const struct rule *r = set->rules[0];
    assert_int_equal(r->var_count, 2);
    assert_int_equal(content_of(r, 0, 2)->offset.var, 0);
    assert_int_equal(content_of(r, 0, 2)->depth.var, 1);
    assert_int_equal(r->buffers[0].matches.m[3].byte_test->value.var, 1);
    assert_int_equal(r->buffers[0].matches.m[1].byte_math->rvalue.var, 0);
    ruleset_destroy(&set);
}

static void test_state(void **state)
{
    (void)state;
    struct ruleset *set = load_text_test("alert tcp any any -> any any (flowbits:isset,a|b; flowbits:set,c; sid:1;)\n"
                                         "alert tcp any any -> any any (flowbits:isnotset,c; flowint:n,>=,m; sid:2;)\n",
                                         2, NULL);
    const struct rule *one = ruleset_find(set, 1, 1), *two = ruleset_find(set, 1, 2);
    assert_int_equal(one->packet.m[0].bits->count, 2);
    assert_int_equal(one->post.m[0].bits->command, BITS_SET);
    assert_int_equal(one->post.m[0].bits->names[0], two->packet.m[0].bits->names[0]);
    assert_string_equal(set->names[NAME_FLOWBIT][one->post.m[0].bits->names[0]], "c");
    assert_true(two->packet.m[1].flowint->by_name);
    assert_int_equal(set->name_count[NAME_FLOWINT], 2);
    ruleset_destroy(&set);
}

static void test_order(void **state)
{
    (void)state;
    /* Setting comes before asking, and asking before what does neither. */
    static const uint32_t order[] = {4, 3, 6, 2, 1, 5};
    struct ruleset *set = load_text_test("alert tcp any any -> any any (sid:1; priority:2;)\n"
                                         "alert tcp any any -> any any (flowbits:isset,a; priority:1; sid:2;)\n"
                                         "drop tcp any any -> any any (sid:3;)\n"
                                         "pass tcp any any -> any any (sid:4;)\n"
                                         "alert tcp any any -> any any (sid:5; priority:3;)\n"
                                         "alert tcp any any -> any any (flowbits:set,a; sid:6;)\n",
                                         6, NULL);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(set->rules[i]->sid, order[i]);
        assert_int_equal(set->rules[i]->index, i);
    }
    ruleset_destroy(&set);
}

static void test_lines(void **state)
{
    char why[1024];
    (void)state;
    struct ruleset *set = load_text_test("# a comment \\\n"
                                         "\n"
                                         "alert tcp any any -> any any (\\\r\n"
                                         "  msg:\"x\"; sid:1;)\r\n"
                                         "  alert tcp any any -> any any (sid:2;)\n"
                                         "alert tcp any any -> any any (nosuch; sid:3;)",
                                         2, why);
    assert_int_equal(ruleset_find(set, 1, 1)->line, 3);
    assert_string_equal(ruleset_find(set, 1, 1)->msg, "x");
    assert_non_null(strstr(why, ":6: sid 3: nosuch: unknown keyword"));
    ruleset_destroy(&set);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t yes;
        uint64_t no;
    } rows[] = {{"5", 5, 6},         {"=5", 5, 4},
                {"!5", 4, 5},        {"!=5", 6, 5},
                {">5", 6, 5},        {">=5", 5, 4},
                {"<5", 4, 5},        {"<=5", 5, 6},
                {"5<>9", 6, 9},      {"5-9", 8, 5},
                {"!5-9", 5, 7},      {"0x10", 16, 10},
                {"1kb", 1024, 1000}, {"&0xf0=0x40", 0x4f, 0x5f},
                {"&1!=1", 2, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "alert tcp any any -> any any (flow.age:%s; sid:1;)", rows[i].text);
        struct ruleset *set = load_text_test(text, 1, NULL);
        const struct uint_match *u = set->rules[0]->packet.m[0].field->any;
        if (!uint_matches(u, rows[i].yes) || uint_matches(u, rows[i].no))
            fail_msg("%s", rows[i].text);
        ruleset_destroy(&set);
    }
}

static void test_metadata(void **state)
{
    (void)state;
    char text[RULE_TEXT_MAX], many[4096];
    struct rule_metadata list[RULE_METADATA_MAX];
    struct ruleset *set =
        load_text_test("alert tcp any any -> any any (sid:1; metadata: key the value ,, alone, key two;metadata:, "
                       "more  last ; reference:CVE,1999-1; reference:x, y z;)",
                       1, NULL);
    const struct rule *r = set->rules[0];
    assert_int_equal(rule_metadata(r, text, list), 4);
    assert_string_equal(list[0].key, "key");
    assert_string_equal(list[0].value, "the value");
    assert_string_equal(list[1].key, "alone");
    assert_string_equal(list[1].value, "");
    assert_string_equal(list[2].key, "key");
    assert_string_equal(list[2].value, "two");
    assert_string_equal(list[3].key, "more");
    assert_string_equal(list[3].value, "last");
    assert_int_equal(r->reference_count, 2);
    assert_string_equal(r->references[0].key, "cve");
    assert_string_equal(r->references[1].id, "y z");
    assert_string_equal(r->text + strlen(r->text) - 6, " y z;)");
    ruleset_destroy(&set);
    /* The first option has 500 entries; the second may have 12. */
    size_t n = (size_t)snprintf(many, sizeof many, "alert tcp any any -> any any (sid:1; metadata:a");
    for (unsigned i = 1; i < 500; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, ",b");
    snprintf(many + n, sizeof many - n, ";metadata:c,c,c,c,c,c,c,c,c,c,c,c;)");
    set = load_text_test(many, 1, NULL);
    assert_int_equal(rule_metadata(set->rules[0], text, list), RULE_METADATA_MAX);
    ruleset_destroy(&set);
    snprintf(many + n, sizeof many - n, ";metadata:c,c,c,c,c,c,c,c,c,c,c,c,;)");
    set = load_text_test(many, 0, text);
    assert_non_null(strstr(text, "metadata: more than 512 entries"));
    ruleset_destroy(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents),  cmocka_unit_test(test_relative_to_nothing),
        cmocka_unit_test(test_modifiers), cmocka_unit_test(test_transforms),
        cmocka_unit_test(test_variables), cmocka_unit_test(test_state),
        cmocka_unit_test(test_order),     cmocka_unit_test(test_lines),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_metadata),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
