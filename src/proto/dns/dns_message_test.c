#include "proto/dns/dns_text.h"
#include "proto/dns/test_messages.h"

/* The name at `at` of a message, from a block of just its size. */
static bool name_at(const struct bytes *m, size_t at, struct dns_name *n, unsigned *flaws, size_t *end)
{
    uint8_t *copy = malloc(m->len);
    assert_non_null(copy);
    memcpy(copy, m->b, m->len);
    struct dns_message msg;
    assert_true(dns_open(&msg, copy, m->len));
    struct dns_walk w = dns_begin(&msg);
    w.r.p = copy + at;
    bool good = dns_read_name(&w, &w.r, n);
    *flaws = w.flaws;
    *end = (size_t)(w.r.p - copy);
    struct dns_walk skip = dns_begin(&msg);
    skip.r.p = copy + at;
    if (good) {
        assert_true(dns_read_name(&skip, &skip.r, NULL));
        assert_ptr_equal(skip.r.p, w.r.p);
    }
    free(copy);
    return good;
}

static void expect_name(const struct bytes *m, size_t at, const char *text)
{
    struct dns_name n;
    unsigned flaws;
    size_t end;
    assert_true(name_at(m, at, &n, &flaws, &end));
    assert_int_equal(n.len, strlen(text));
    assert_memory_equal(n.text, text, n.len);
    assert_int_equal(flaws, 0);
}

static void names(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    put_header(&m, 1, 0, 0, 0, 0, 0);
    put_name(&m, "www.Example.com");     /* at 12 */
    PUT(&m, 3, 'f', 't', 'p', 0xc0, 16); /* at 29 */
    PUT(&m, 0xc0, 29);                   /* at 35 */
    PUT(&m, 0);                          /* at 37 */
    PUT(&m, 3, 'a', '.', 'b', 0);        /* at 38 */
    expect_name(&m, 12, "www.Example.com");
    expect_name(&m, 29, "ftp.Example.com");
    expect_name(&m, 35, "ftp.Example.com");
    expect_name(&m, 37, "");
    struct dns_name n;
    unsigned flaws;
    size_t end;
    assert_true(name_at(&m, 29, &n, &flaws, &end));
    assert_int_equal(end, 35);
    assert_true(n.plain);
    assert_true(name_at(&m, 38, &n, &flaws, &end));
    assert_int_equal(n.len, 3);
    assert_false(n.plain); /* "a.b" is one label */
    dns_name_lower(&n);
}

static void broken_names(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    struct dns_name n;
    unsigned flaws;
    size_t end;
    put_header(&m, 1, 0, 0, 0, 0, 0);
    PUT(&m, 3, 'a', 'b');
    assert_false(name_at(&m, 12, &n, &flaws, &end)); /* cut short */
    PUT(&m, 'c');
    assert_false(name_at(&m, 12, &n, &flaws, &end)); /* no end */
    m.len = 12;
    PUT(&m, 0x40, 0);
    assert_false(name_at(&m, 12, &n, &flaws, &end)); /* no such kind of label */
    m.len = 12;
    PUT(&m, 0xc0, 200);
    assert_false(name_at(&m, 12, &n, &flaws, &end)); /* points outside */
    m.len = 12;
    PUT(&m, 1, 'a', 0xc0, 12);
    assert_true(name_at(&m, 12, &n, &flaws, &end)); /* points to itself */
    assert_int_equal(flaws, DNS_FLAW_LOOP);
    assert_true(n.truncated);
    assert_int_equal(end, 16);
}

static void long_names(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    struct dns_name n;
    unsigned flaws;
    size_t end;
    put_header(&m, 1, 0, 0, 0, 0, 0);
    for (unsigned i = 0; i < 100; i++)
        PUT(&m, 15, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a');
    PUT(&m, 0);
    assert_true(name_at(&m, 12, &n, &flaws, &end));
    assert_int_equal(n.len, DNS_NAME_MAX);
    assert_true(n.truncated);
    assert_int_equal(flaws, DNS_FLAW_NAME_TOO_LONG);
    assert_int_equal(end, m.len);
    m.len = 12;
    for (unsigned i = 0; i < 300; i++)
        PUT(&m, 1, 'a');
    PUT(&m, 0);
    assert_true(name_at(&m, 12, &n, &flaws, &end));
    assert_int_equal(flaws, DNS_FLAW_LABELS);
    assert_int_equal(n.len, 2 * DNS_NAME_LABELS_MAX - 1);
    assert_int_equal(end, m.len);
}

static void sections(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    struct dns_message msg;
    put_header(&m, 1, DNS_QR, 1, 1, 1, 2);
    put_question(&m, "a.b", DNS_A);
    put_record(&m, "a.b", DNS_A, 1, "abcd", 4);
    size_t authority = m.len;
    put_record(&m, "b", DNS_NS, 1, "\1x", 3);
    put_record(&m, "", DNS_OPT, 0, "", 0);
    size_t additional = m.len;
    put_record(&m, "c", DNS_TXT, 0, "\3abc", 4);
    for (size_t len = DNS_HEADER_LEN; len <= m.len; len++) {
        uint8_t *copy = malloc(len);
        assert_non_null(copy);
        memcpy(copy, m.b, len);
        assert_true(dns_open(&msg, copy, len));
        unsigned want = len < authority ? DNS_FLAW_MALFORMED : len == m.len ? 0 : DNS_FLAW_ADDITIONALS;
        if (len >= authority && len < authority + 16)
            want = DNS_FLAW_AUTHORITIES;
        assert_int_equal(dns_check(&msg), want);
        assert_int_equal(msg.count[DNS_ADDITIONALS], len == m.len ? 2 : len >= additional ? 1 : 0);
        free(copy);
    }
    m.b[m.len - 4] = 9; /* the text is longer than its record */
    assert_true(dns_open(&msg, m.b, m.len));
    assert_int_equal(dns_check(&msg), DNS_FLAW_ADDITIONALS);
    assert_false(dns_open(&msg, m.b, DNS_HEADER_LEN - 1));
}

static void caps(void **state)
{
    (void)state;
    struct bytes *m = calloc(1, sizeof *m);
    assert_non_null(m);
    struct dns_message msg;
    put_header(m, 1, 0, DNS_RECORDS_MAX + 1, 0, 0, 1);
    for (unsigned i = 0; i < DNS_RECORDS_MAX + 1; i++)
        PUT(m, 1, 'a', 0, 0, 1, 0, 1);
    put_record(m, "", DNS_OPT, 0, "", 0);
    assert_true(dns_open(&msg, m->b, m->len));
    assert_int_equal(dns_check(&msg), DNS_FLAW_RECORDS);
    assert_int_equal(msg.count[DNS_QUERIES], DNS_RECORDS_MAX);
    assert_int_equal(msg.count[DNS_ADDITIONALS], 0);

    /* A name of many labels that every record points to. */
    m->len = 0;
    put_header(m, 1, 0, 1, 1000, 0, 0);
    for (unsigned i = 0; i < 120; i++)
        PUT(m, 1, 'a');
    PUT(m, 0, 0, 1, 0, 1);
    for (unsigned i = 0; i < 1000; i++)
        PUT(m, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0);
    assert_true(dns_open(&msg, m->b, m->len));
    assert_int_equal(dns_check(&msg), DNS_FLAW_LABELS | DNS_FLAW_MALFORMED);
    free(m);
}

static void texts(void **state)
{
    (void)state;
    char out[DNS_TEXT_MAX];
    assert_string_equal(dns_type_text(1, out), "A");
    assert_string_equal(dns_type_text(65, out), "HTTPS");
    assert_string_equal(dns_type_text(255, out), "ANY");
    assert_string_equal(dns_type_text(257, out), "CAA");
    assert_string_equal(dns_type_text(0, out), "0");
    assert_string_equal(dns_type_text(100, out), "100");
    assert_string_equal(dns_type_text(258, out), "258");
    assert_string_equal(dns_type_text(65280, out), "65280");
    assert_string_equal(dns_rcode_text(3, out), "NXDOMAIN");
    assert_string_equal(dns_rcode_text(11, out), "11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),    cmocka_unit_test(broken_names), cmocka_unit_test(long_names),
        cmocka_unit_test(sections), cmocka_unit_test(caps),         cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
