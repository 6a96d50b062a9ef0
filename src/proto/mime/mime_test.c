#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/mime/mime.h"

static const char *const schemes[] = {"http://", "mailto:"};
static const struct mime_config config = {.base64 = true,
                                          .quoted_printable = true,
                                          .md5 = true,
                                          .urls = true,
                                          .url_scheme = true,
                                          .schemes = schemes,
                                          .scheme_count = 2,
                                          .value_max = 2000};

/* Files as text: "[name|content]", "~" for a gap. */
static void on_open(void *arg, const uint8_t *name, size_t n)
{
    buf_add_byte(arg, '[');
    buf_add(arg, name, n);
    buf_add_byte(arg, '|');
}

static void on_data(void *arg, const uint8_t *p, size_t n)
{
    assert_true(n > 0);
    buf_add(arg, p, n);
}

static void on_gap(void *arg, uint64_t n)
{
    buf_printf(arg, "~%u", (unsigned)n);
}

static void on_close(void *arg)
{
    buf_add_byte(arg, ']');
}

static const struct mime_ops ops = {on_open, on_data, on_gap, on_close};

static void list(struct buf *out, const char *what, const struct mime_list *l)
{
    for (const struct mime_text *t = l->first; t; t = t->next) {
        buf_printf(out, " %s=", what);
        buf_add(out, t->bytes, t->len);
    }
}

/* The message in pieces of that size; what came of it, as text. */
static void parse(const struct mime_config *c, const char *text, size_t n, size_t piece, struct buf *out)
{
    struct mime m;
    buf_init(out, 0);
    mime_init(&m, c, &ops, out);
    for (size_t i = 0; i < n; i += piece)
        mime_bytes(&m, (const uint8_t *)text + i, n - i < piece ? n - i : piece);
    mime_end(&m);
    list(out, "name", &m.attachments);
    list(out, "url", &m.urls);
    if (m.events)
        buf_printf(out, " events=%x", m.events);
    assert_string_equal(mime_status(&m), "PARSE_DONE");
    mime_fini(&m);
    buf_add_byte(out, 0);
}

static void expect_n(const struct mime_config *c, const char *text, size_t n, const char *want)
{
    const size_t pieces[] = {100000, 1, 2, 3, 7, 64};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf out;
        parse(c, text, n, pieces[i], &out);
        assert_string_equal((const char *)out.data, want);
        buf_fini(&out);
    }
}

static void expect(const char *text, const char *want)
{
    expect_n(&config, text, strlen(text), want);
}

#define ATTACHED(encoding)                                                                                             \
    "Content-Disposition: attachment; filename=f\r\nContent-Transfer-Encoding: " encoding "\r\n\r\n"
#define MULTI(b) "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n"

static void names(void **state)
{
    (void)state;
    expect("Content-Disposition: attachment; filename=\"a b.exe\"\r\n\r\nx", "[a b.exe|x] name=a b.exe");
    expect("Content-type: image/png; x=\"name=no; name=no\"; NAME = \"q\\\"q\" ; y\r\n\r\nx", "[q\"q|x] name=q\"q");
    expect("Content-Type: image/png; name=one\r\nContent-Disposition: x; filename=two\r\n\r\n", "[one|] name=one");
    expect("Content-Type: image/png;\r\n\tname=\r\n  folded.png\r\n\r\n", "[folded.png|] name=folded.png");
    expect("Content-Type: image/png;\r\nname=unfolded\r\n\r\n", "[unfolded|] name=unfolded");
    expect("Content-Type: image/png; name=\"open\r\n\r\n", "[open|] name=open");
    expect("Content-Type: image/png; name=\r\n\r\nx", "");
    expect("Content-Type: image/png; surname=x; namely=y\r\n\r\nx", "");
}

static void sections(void **state)
{
    (void)state;
    expect("Content-Disposition: x; filename*1=\"b.\"; filename*2=c; filename*0=a\r\n\r\n", "[ab.c|] name=ab.c");
    expect("Content-Disposition: x; filename*=utf-8'en'a%20%zz%4\r\n\r\n", "[a %zz%4|] name=a %zz%4");
    expect("Content-Disposition: x; filename*0*=utf-8''%41; filename*1=%42; filename*2*=%43\r\n\r\n",
           "[A%42C|] name=A%42C");
    expect("Content-Disposition: x; filename*1=b\r\n\r\n", "");
}

static void base64(void **state)
{
    (void)state;
    expect(ATTACHED("base64") "QUJDRA==\r\n", "[f|ABCD] name=f");
    expect(ATTACHED("BASE64") "QU\r\n  JD\r\nR\r\n", "[f|ABC] name=f");
    expect(ATTACHED("base64") "NA=\r\n=Mg\r\n==\r\n", "[f|42] name=f");
    expect(ATTACHED("base64") "QQ=QQ==\r\nQUI", "[f|AAAB] name=f");
    expect(ATTACHED("base64") "Q*U-JD\r\n", "[f|ABC] name=f events=1");
    expect(ATTACHED("base64") "=Q==QUJD", "[f|ABC] name=f");
    struct mime_config off = config;
    off.base64 = false;
    const char *text = ATTACHED("base64") "QUJD";
    expect_n(&off, text, strlen(text), "[f|QUJD] name=f");
}

static void quoted_printable(void **state)
{
    (void)state;
    expect(ATTACHED("quoted-printable") "a=3Db=\r\nc=  \r\nd\r\ne=c3=A4\r\n", "[f|a=bcd\r\ne\xc3\xa4] name=f");
    expect(ATTACHED("Quoted-Printable") "a=b =G =4G ==41=\n=", "[f|a=b =G =4G =A] name=f events=2");
}

static void parts(void **state)
{
    (void)state;
    expect(MULTI("b") "preamble http://no\r\n--b\r\n\r\nhttp://yes\r\n--b \r\n" ATTACHED(
               "7bit") "line\r\n\r\n--b--\r\n"
                       "epilogue http://no\r\n--b\r\n" ATTACHED("7bit") "late",
           "[f|line\r\n] name=f url=http://yes");
    expect(MULTI("o") "--o\r\n" MULTI("oi") "--oi\r\n" ATTACHED("7bit") "1\r\n--oi--\r\n--o\r\n" ATTACHED(
               "7bit") "2\r\n"
                       "--o--\r\n",
           "[f|1][f|2] name=f name=f");
    /* An outer boundary ends what is in it. */
    expect(MULTI("o") "--o\r\n" MULTI("i") "--i\r\n" ATTACHED("7bit") "1\r\n--o\r\n" ATTACHED("7bit") "2\n--i\n--oo--",
           "[f|1][f|2\n--i] name=f name=f");
    expect("Content-Type: text/plain; boundary=b\n\nhttp://a\n", " url=http://a");
    expect("Content-Type: multipart/mixed; boundary=\"b\"\r\n--b\r\n" ATTACHED("7bit") "x", "[f|x] name=f");
    expect(ATTACHED("7bit") "--x\r\n--\r\n", "[f|--x\r\n--] name=f");
}

static void messages(void **state)
{
    (void)state;
    expect(
        MULTI("b") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n" ATTACHED("base64") "QQ==\r\n--b--\r\n",
        "[f|A] name=f");
    expect("Content-Type: message/rfc822; name=m.eml\r\n\r\nSubject: in\r\n\r\ntext\r\n", "[m.eml|text] name=m.eml");
    expect("Content-Type: message/rfc822; name=m.eml\r\n\r\n" ATTACHED("7bit") "x", "[f|x] name=m.eml name=f");
    expect("Content-Type: message/rfc822; name=m.eml\r\n\r\n" MULTI("b") "--b\r\n" ATTACHED("7bit") "x\r\n--b--",
           "[f|x] name=m.eml name=f");
}

static void urls(void **state)
{
    (void)state;
    expect("\n(HTTP://a.b/c?d) <http://e>\"http://f\" http:// xhttp://g http:/h mailto:i@j\tk",
           " url=HTTP://a.b/c?d) url=http://e url=http://f url=http://g url=mailto:i@j");
    expect("Content-Transfer-Encoding: quoted-printable\n\nhttp://lo=\nng.example/=3Dx\n",
           " url=http://long.example/=x");
    expect("Content-Type: TEXT/html ; charset=x\n\n<a href='http://a'>", " url=http://a");
    expect("Content-Type: image/png\n\nhttp://a", "");
    struct mime_config c = config;
    c.url_scheme = false;
    const char *text = "\nhttp://a http://b";
    expect_n(&c, text, strlen(text), " url=a url=b");
    c.urls = false;
    expect_n(&c, text, strlen(text), "");
}

static void assert_value(const struct mime *m, const char *name, unsigned index, const char *want)
{
    const uint8_t *v;
    size_t n;
    if (!want) {
        assert_false(mime_value(m, name, index, &v, &n));
        return;
    }
    assert_true(mime_value(m, name, index, &v, &n));
    assert_int_equal(n, strlen(want));
    assert_memory_equal(v, want, n);
}

static void fields(void **state)
{
    (void)state;
    struct mime m;
    struct buf out;
    const char *text = " lost\r\nlost\r\nSubject: =?utf-8?q?raw?=\r\n and\r\n\tmore\r\nReceived : 1\r\nreceived:2\r\n"
                       "X:\r\n: none\r\n\r\nDate: no\r\n";
    buf_init(&out, 0);
    mime_init(&m, &config, &ops, &out);
    mime_bytes(&m, (const uint8_t *)text, 20);
    assert_string_equal(mime_status(&m), "HEADER_STARTED");
    mime_bytes(&m, (const uint8_t *)text + 20, strlen(text) - 20);
    assert_string_equal(mime_status(&m), "BODY_STARTED");
    assert_value(&m, "subject", 0, "=?utf-8?q?raw?=andmore");
    assert_value(&m, "RECEIVED", 0, "1");
    assert_value(&m, "Received", 1, "2");
    assert_value(&m, "received", 2, NULL);
    assert_value(&m, "x", 0, "");
    assert_value(&m, "Date", 0, NULL);
    mime_stop(&m);
    mime_fini(&m);
    buf_fini(&out);
}

static void addresses(void **state)
{
    (void)state;
    const char *v = " a@x ,\"b, c\" <b@x>,, \t,\"open, d";
    const char *want[] = {"a@x", "\"b, c\" <b@x>", "\"open, d"};
    const uint8_t *p;
    size_t at = 0, n;
    for (unsigned i = 0; i < 3; i++) {
        assert_true(mime_address((const uint8_t *)v, strlen(v), &at, &p, &n));
        assert_int_equal(n, strlen(want[i]));
        assert_memory_equal(p, want[i], n);
    }
    assert_false(mime_address((const uint8_t *)v, strlen(v), &at, &p, &n));
}

static void digest(void **state)
{
    (void)state;
    /* MD5 of "abc\r\n" and of nothing */
    static const uint8_t abc[] = {0xc1, 0x3b, 0x6a, 0xfe, 0xcf, 0x97, 0xea, 0x6b,
                                  0x38, 0xd2, 0x1a, 0x8f, 0x51, 0x67, 0xfa, 0x1e};
    static const uint8_t none[] = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04,
                                   0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e};
    struct mime m;
    for (size_t piece = 1; piece < 16; piece += 3) {
        const char *text = "A: b\r\n\r\nabc\r\n";
        mime_init(&m, &config, &ops, NULL);
        for (size_t i = 0; i < 13; i += piece)
            mime_bytes(&m, (const uint8_t *)text + i, 13 - i < piece ? 13 - i : piece);
        assert_false(m.has_md5);
        mime_end(&m);
        assert_true(m.has_md5);
        assert_memory_equal(m.digest, abc, sizeof abc);
        mime_fini(&m);
    }
    mime_init(&m, &config, &ops, NULL);
    mime_end(&m);
    assert_memory_equal(m.digest, none, sizeof none);
    mime_fini(&m);
}

static void gaps(void **state)
{
    (void)state;
    struct mime m;
    struct buf out;
    const char *head = MULTI("b") "--b\r\n" ATTACHED("base64") "QUJDQ";
    const char *rest = "JD\r\nQUJD\r\n--b\r\nSubject: x\r\nContent-Disp";
    const char *last = ": x\r\nContent-Type: image/png; name=g\r\n\r\ng\r\n--b--\r\n";
    buf_init(&out, 0);
    mime_init(&m, &config, &ops, &out);
    mime_bytes(&m, (const uint8_t *)head, strlen(head));
    mime_gap(&m, 100);
    mime_bytes(&m, (const uint8_t *)rest, strlen(rest));
    mime_gap(&m, 5);
    mime_bytes(&m, (const uint8_t *)last, strlen(last));
    mime_end(&m);
    buf_add_byte(&out, 0);
    assert_non_null(strstr((const char *)out.data, "[f|ABC"));
    assert_non_null(strstr((const char *)out.data, "~100"));
    assert_non_null(strstr((const char *)out.data, "][g|g]"));
    mime_fini(&m);
    buf_fini(&out);
}

/* n times c. */
static void fill(struct buf *b, char c, size_t n)
{
    while (n--)
        buf_add_byte(b, (uint8_t)c);
}

static void long_things(void **state)
{
    (void)state;
    struct buf b, out;
    buf_init(&b, 0);
    fill(&b, 'n', 80);
    buf_printf(&b, ": v\r\nSubject: ");
    fill(&b, 's', 6000);
    buf_printf(&b, "\r\nContent-Type: multipart/x; boundary=");
    fill(&b, 'b', 300);
    buf_printf(&b, "\r\n\r\n--");
    fill(&b, 'b', 300);
    buf_printf(&b, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: x; filename=");
    fill(&b, 'f', 300);
    buf_printf(&b, "\r\n\r\n");
    fill(&b, 'Q', 9000);
    buf_printf(&b, "\r\n");
    parse(&config, (const char *)b.data, b.len, 100000, &out);
    const char *events = strstr((const char *)out.data, " events=");
    assert_string_equal(events, " events=fc");
    assert_int_equal(events - (const char *)out.data, 1 + 255 + 1 + 6750 + 1 + 6 + 255);
    buf_fini(&out);
    for (size_t piece = 1; piece < 5000; piece += 1234) {
        struct buf again;
        parse(&config, (const char *)b.data, b.len, piece, &again);
        assert_string_equal(strstr((const char *)again.data, " events="), " events=fc");
        buf_fini(&again);
    }
    buf_fini(&b);
}

static void limits(void **state)
{
    (void)state;
    struct buf b, out;
    buf_init(&b, 0);
    for (int i = 0; i < 40; i++)
        buf_printf(&b, "Content-Type: multipart/x; boundary=b%d.\r\n\r\n--b%d.\r\n", i, i);
    parse(&config, (const char *)b.data, b.len, 100, &out);
    assert_string_equal((const char *)out.data, " events=100");
    buf_fini(&out);
    buf_clear(&b);
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "F%d: v\r\n", i);
    buf_printf(&b, "\r\n");
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "http://a ");
    parse(&config, (const char *)b.data, b.len, 100, &out);
    assert_int_equal(out.len, 256 * strlen(" url=http://a") + strlen(" events=104") + 1);
    buf_fini(&out);
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),     cmocka_unit_test(sections),
        cmocka_unit_test(base64),    cmocka_unit_test(quoted_printable),
        cmocka_unit_test(parts),     cmocka_unit_test(messages),
        cmocka_unit_test(urls),      cmocka_unit_test(fields),
        cmocka_unit_test(addresses), cmocka_unit_test(digest),
        cmocka_unit_test(gaps),      cmocka_unit_test(long_things),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
