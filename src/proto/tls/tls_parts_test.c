/* The parts: fingerprints against published values, the probe, certificates that are broken, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/tls/tls_kit.h"

#define EV(name) (UINT64_C(1) << (name))

/* Reads a ClientHello that lies in message (with its header). The caller frees h->bytes. */
static void ignore_event(struct proto_io *io, unsigned event)
{
    (void)io;
    (void)event;
}

static void read_hello(struct tls_hello *h, const struct buf *message)
{
    static const struct proto_engine engine = {.event = ignore_event};
    struct tls_session s = {0};
    struct proto_io io = {.engine = &engine};
    *h = (struct tls_hello){0};
    assert_true(tls_hello_read_client(h, message->data + 4, message->len - 4, &s, &io));
}

/* The example in JA3's own description (Salesforce, 2017). */
static void test_ja3_example(void **state)
{
    (void)state;
    static const uint16_t ciphers[] = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
    static const uint16_t groups[] = {23, 24, 25};
    struct buf ext = {0}, message = {0};
    struct tls_hello h;
    char text[TLS_JA3_MAX];
    char hash[TLS_JA3_HASH_SIZE];
    kit_ext_sni(&ext, "example.com");
    kit_ext_numbers(&ext, 10, 2, groups, 3);
    kit_ext(&ext, 11, "\x01\x00", 2);
    kit_client_hello(&message, 0x0301, ciphers, 12, &ext);
    read_hello(&h, &message);
    size_t n = tls_ja3_text(&h, text);
    assert_string_equal(text, "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
    assert_int_equal(n, strlen(text));
    tls_ja3_hash(text, n, hash);
    assert_string_equal(hash, "ada70206e40642a3e4461f35503241d5");
    free(h.bytes);
    buf_clear(&message);
    kit_client_hello(&message, 0x0301, ciphers, 6, NULL); /* and the one without extensions */
    read_hello(&h, &message);
    tls_ja3_text(&h, text);
    assert_string_equal(text, "769,47-53-5-10-49161-49162,,,");
    free(h.bytes);
    buf_fini(&ext);
    buf_fini(&message);
}

static const uint16_t ja4_ciphers[] = {0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                       0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t ja4_sigs[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
static const uint16_t ja4_versions[] = {0x3a3a, 0x0304, 0x0303};
static const uint16_t ja4_groups[] = {29, 23, 24};

static void ja4_extensions(struct buf *ext, const char *const *alpn)
{
    static const uint16_t plain[] = {0x001b, 0x0033, 0x4469, 0x0017, 0x002d, 0x0012, 0x0023, 0xff01, 0x0015};
    kit_ext(ext, 0x5a5a, "", 0);
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        kit_ext(ext, plain[i], "", 0);
    kit_ext_sni(ext, "example.com");
    kit_ext(ext, 0x0005, "\x01\x00\x00\x00\x00", 5);
    kit_ext_numbers(ext, 13, 2, ja4_sigs, 8);
    if (alpn)
        kit_ext_alpn(ext, alpn);
    kit_ext(ext, 11, "\x01\x00", 2);
    kit_ext_numbers(ext, 43, 1, ja4_versions, 3);
    kit_ext_numbers(ext, 10, 2, ja4_groups, 3);
}

static void expect_ja4(const struct buf *ext, uint16_t version, const uint16_t *ciphers, size_t n, const char *want)
{
    struct buf message = {0};
    struct tls_hello h;
    char ja4[TLS_JA4_SIZE];
    kit_client_hello(&message, version, ciphers, n, ext);
    read_hello(&h, &message);
    assert_true(tls_ja4(&h, ja4));
    assert_string_equal(ja4, want);
    free(h.bytes);
    buf_fini(&message);
}

/* The example in JA4's technical details (FoxIO, 2023), and the corners of its first part. */
static void test_ja4_example(void **state)
{
    (void)state;
    static const char *const h2[] = {"h2", "http/1.1", NULL};
    static const char *const odd[] = {"\xab-x\xcd", NULL};
    static const char *const one[] = {"q", NULL};
    struct buf ext = {0};
    ja4_extensions(&ext, h2);
    expect_ja4(&ext, 0x0303, ja4_ciphers, 16, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    buf_clear(&ext);
    ja4_extensions(&ext, odd);
    expect_ja4(&ext, 0x0303, ja4_ciphers, 16, "t13d1516ad_8daaf6152771_e5627efa2ab1");
    buf_clear(&ext);
    ja4_extensions(&ext, one);
    expect_ja4(&ext, 0x0303, ja4_ciphers, 16, "t13d1516qq_8daaf6152771_e5627efa2ab1");
    buf_clear(&ext);
    ja4_extensions(&ext, NULL);
    expect_ja4(&ext, 0x0303, ja4_ciphers, 16, "t13d151500_8daaf6152771_e5627efa2ab1");
    expect_ja4(NULL, 0x0303, ja4_ciphers, 0, "t12i000000_000000000000_000000000000");
    expect_ja4(NULL, 0x0300, ja4_ciphers + 14, 1, "ts3i010000_ba72b8082249_000000000000");
    uint16_t many[150];
    for (uint16_t i = 0; i < 150; i++)
        many[i] = (uint16_t)(0x1000 + i);
    buf_clear(&ext);
    kit_ext(&ext, 5, "\x01", 1);
    kit_ext(&ext, 10, "\x00\x02\x00\x1d", 4);
    /* As Suricata: the underscore stands there without signature algorithms. */
    expect_ja4(&ext, 0x0302, many, 150, "t11i990200_7dbec13513fc_b26d521c724a");
    buf_fini(&ext);
}

static void expect_same(struct tls_kept *kept, const struct tls_hello *h, bool client)
{
    char text[2][TLS_JA3_MAX];
    struct tls_print fresh, print;
    tls_print_of(NULL, h, client, text[0], &fresh);
    for (unsigned again = 0; again < 2; again++) { /* the second time it is kept */
        tls_print_of(kept, h, client, text[1], &print);
        assert_int_equal(print.ja3_len, fresh.ja3_len);
        assert_memory_equal(print.ja3, fresh.ja3, fresh.ja3_len);
        assert_string_equal(print.ja3_hash, fresh.ja3_hash);
        assert_string_equal(print.ja4, fresh.ja4);
    }
    assert_true(!fresh.ja3_len || print.ja3 != text[1]);
}

/* Whatever a fingerprint is made of is part of what it is found by: hellos that differ in one byte. */
static void test_kept_prints(void **state)
{
    (void)state;
    static const char *const h2[] = {"h2", "http/1.1", NULL};
    struct buf ext = {0}, message = {0};
    struct tls_kept *kept = tls_kept_create();
    assert_non_null(kept);
    ja4_extensions(&ext, h2);
    kit_client_hello(&message, 0x0303, ja4_ciphers, 16, &ext);
    for (size_t i = 4; i < message.len; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            struct tls_hello h;
            message.data[i] ^= (uint8_t)(1u << bit);
            read_hello(&h, &message);
            expect_same(kept, &h, true);
            expect_same(kept, &h, false); /* the same bytes as a server's are another fingerprint */
            free(h.bytes);
            message.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    tls_kept_destroy(&kept);
    assert_null(kept);
    buf_fini(&ext);
    buf_fini(&message);
}

static enum proto_probe_result probe(const void *up, size_t up_len, const void *down, size_t down_len)
{
    struct proto_probe p = {.data = {up, down}, .len = {up_len, down_len}};
    return tls_probe(&p);
}

static void test_probe(void **state)
{
    (void)state;
    static const uint8_t hello[] = "\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03";
    static const uint8_t answer[] = "\x16\x03\x03\x00\x40\x02\x00\x00\x3c\x03\x03";
    static const uint8_t v2[] = "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10";
    for (size_t n = 0; n < 11; n++) {
        assert_int_equal(probe(hello, n, NULL, 0), PROBE_MORE);
        assert_int_equal(probe(NULL, 0, answer, n), PROBE_MORE);
        assert_int_equal(probe(v2, n, NULL, 0), PROBE_MORE);
    }
    assert_int_equal(probe(hello, 11, NULL, 0), PROBE_YES);
    assert_int_equal(probe(NULL, 0, answer, 11), PROBE_YES);
    assert_int_equal(probe(answer, 11, NULL, 0), PROBE_YES_REVERSED);
    assert_int_equal(probe(NULL, 0, hello, 11), PROBE_YES_REVERSED);
    assert_int_equal(probe(hello, 11, "HTTP/1.1", 8), PROBE_YES);
    assert_int_equal(probe("GET / HT", 8, answer, 11), PROBE_NO);
    assert_int_equal(probe("\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10", 11, NULL, 0), PROBE_YES);
    assert_int_equal(probe("\x80\x2f\x01\x03\x01\x00\x15\x00\x00\x00\x10", 11, NULL, 0), PROBE_NO);
    assert_int_equal(probe("\x16\x03\x01\x00\x01\x01\x16", 7, NULL, 0), PROBE_YES); /* cut into records of one byte */
    assert_int_equal(probe("\x15\x03\x01\x00\x02\x02\x28", 7, NULL, 0), PROBE_YES);
    assert_int_equal(probe("\x15\x03\x01\x00\x02\x05\x28", 7, NULL, 0), PROBE_NO);
    assert_int_equal(probe("\x15\x03\x01\x00\x03", 5, NULL, 0), PROBE_NO);
    struct proto_probe last = {.data = {hello, NULL}, .len = {7, 0}, .final = true};
    assert_int_equal(tls_probe(&last), PROBE_NO);
}

/* Others that begin like TLS in a byte or three. */
static void test_probe_others(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *p;
        size_t n;
    } others[] = {
        {"SOCKS5", "\x05\x01\x00", 3},
        {"SOCKS4", "\x04\x01\x00\x50\x01\x02\x03\x04", 8},
        {"DCE/RPC", "\x05\x00\x0b\x03\x10\x00\x00\x00", 8},
        {"TPKT", "\x03\x00\x00\x13\x0e\xe0\x00\x00", 8},
        {"0x16 and text", "\x16hello there", 12},
        {"length of nothing", "\x16\x03\x01\x00\x00", 5},
        {"length too long", "\x16\x03\x01\x60\x00\x01", 6},
        {"version 5", "\x16\x03\x05\x00\x40\x01", 6},
        {"message type", "\x16\x03\x01\x00\x40\x0b", 6},
        {"message too short", "\x16\x03\x01\x00\x40\x01\x00\x00\x10\x03\x03", 11},
        {"message too long", "\x16\x03\x01\x00\x40\x01\x7f\x00\x10\x03\x03", 11},
        {"hello's version", "\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x09\x09", 11},
        {"top bit", "\x80\x00\x00\x28\xff\x53\x4d\x42", 8},
        {"application data", "\x17\x03\x03\x00\x40xxxxx", 10},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (probe(others[i].p, others[i].n, NULL, 0) != PROBE_NO)
            fail_msg("%s is taken for TLS", others[i].what);
}

/* Events and record of a session whose server shows these certificate bytes. */
static void show(const struct buf *cert, struct kit_result *r)
{
    struct buf message = {0}, out = {0};
    kit_server_hello(&message, 0x0303, 0xc02b, false, NULL);
    kit_certificate(&message, cert);
    kit_records(&out, TLS_HANDSHAKE, 0x0303, &message, 16384);
    const struct kit_step s[] = {{TO_CLIENT, out.data, out.len}};
    kit_replay(s, 1, out.len, r);
    buf_fini(&message);
    buf_fini(&out);
}

/* Every byte of a certificate wrong in three ways, and every prefix: events at most, never a crash; and what the
 * certificate's hash says is always there. */
static void test_broken_certificates(void **state)
{
    (void)state;
    struct buf cert = {0};
    struct kit_result r;
    kit_cert(&cert, "www.example.com", "a.example,b.example");
    show(&cert, &r);
    assert_int_equal(r.events, 0);
    for (size_t i = 0; i < cert.len; i++) {
        uint8_t right = cert.data[i];
        static const uint8_t wrong[] = {0x01, 0x80, 0xff};
        for (unsigned k = 0; k < 3; k++) {
            cert.data[i] = right ^ wrong[k];
            show(&cert, &r);
            assert_non_null(strstr(r.record, "\"fingerprint\""));
        }
        cert.data[i] = right;
    }
    size_t whole = cert.len;
    for (cert.len = 0; cert.len < whole; cert.len++) {
        show(&cert, &r);
        assert_true(r.events & EV(TLS_EV_INVALID_HANDSHAKE_MESSAGE));
    }
    buf_fini(&cert);
}

static void show_bytes(const void *p, size_t n, struct kit_result *r)
{
    struct buf cert = {0};
    buf_add(&cert, p, n);
    show(&cert, r);
    buf_fini(&cert);
}

static void test_certificate_events(void **state)
{
    (void)state;
    struct kit_result r;
    const uint64_t message = EV(TLS_EV_INVALID_HANDSHAKE_MESSAGE);
    show_bytes("\x30\x05\x30\x84\xff\xff\xff", 7, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_INVALID_LENGTH));
    show_bytes("\x30\x06\x30\x84\xff\xff\xff\xfa", 8, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_INVALID_CERTIFICATE));
    show_bytes("\x30\x04\x30\x80\x00\x00", 6, &r); /* indefinite */
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_INVALID_DER));
    show_bytes("\x30\x02\x30\x00", 4, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_MISSING_ELEMENT));
    show_bytes("\x30\x09\x30\x07\xa0\x03\x02\x01\x07\x02\x00", 11, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_INVALID_VERSION));
    show_bytes("\x30\x04\x30\x02\x04\x00", 6, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_INVALID_SERIAL));

    struct buf cert = {0};
    kit_cert(&cert, "www.example.com", "a.example,b.example");
    uint8_t *zero = memmem(cert.data, cert.len, "a.example", 9);
    zero[1] = 0;
    show(&cert, &r);
    assert_int_equal(r.events, EV(TLS_EV_CERT_INVALID_STRING));
    assert_non_null(strstr(r.record, "\"a\\u0000example\",\"b.example\""));
    zero[1] = '.';
    uint8_t *date = memmem(cert.data, cert.len, "160322174738Z", 13);
    date[2] = '1';
    date[3] = '3';
    show(&cert, &r);
    assert_int_equal(r.events, message | EV(TLS_EV_CERT_INVALID_DATE));
    assert_null(strstr(r.record, "notbefore"));
    buf_fini(&cert);
}

static void test_too_many_names(void **state)
{
    (void)state;
    char alt[2 * (TLS_NAMES_MAX + 2)];
    struct kit_result r;
    for (unsigned n = TLS_NAMES_MAX; n <= TLS_NAMES_MAX + 1; n++) {
        struct buf cert = {0};
        for (unsigned i = 0; i < n; i++)
            memcpy(alt + 2 * i, "a,", 2);
        alt[2 * n - 1] = 0;
        kit_cert(&cert, "x", alt);
        show(&cert, &r);
        assert_int_equal(r.events, n > TLS_NAMES_MAX ? EV(TLS_EV_CERT_TOO_MANY_NAMES) : 0);
        buf_fini(&cert);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        uint8_t tag;
        const char *der;
        const char *text; /* NULL: refused */
    } times[] = {
        {0x17, "700101000000Z", "1970-01-01T00:00:00"},
        {0x17, "160322174738Z", "2016-03-22T17:47:38"},
        {0x17, "500101000000Z", "1950-01-01T00:00:00"},
        {0x17, "491231235959Z", "2049-12-31T23:59:59"},
        {0x17, "0002291200Z", "2000-02-29T12:00:00"},
        {0x18, "20000229000000Z", "2000-02-29T00:00:00"},
        {0x18, "00010101000000Z", "0001-01-01T00:00:00"},
        {0x18, "99991231235959Z", "9999-12-31T23:59:59"},
        {0x18, "21000228235959Z", "2100-02-28T23:59:59"},
        {0x18, "21000229000000Z", NULL},
        {0x17, "010229000000Z", NULL},
        {0x17, "161322174738Z", NULL},
        {0x17, "160022174738Z", NULL},
        {0x17, "160322240000Z", NULL},
        {0x17, "160322174738", NULL},
        {0x17, "160322174738+0100", NULL},
        {0x17, "16032217473xZ", NULL},
        {0x17, "", NULL},
        {0x18, "160322174738Z", NULL},
        {0x04, "160322174738Z", NULL},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        int64_t seconds = 0;
        char text[TLS_TIME_SIZE];
        bool good = tls_time_read(times[i].tag, (const uint8_t *)times[i].der, strlen(times[i].der), &seconds);
        if (good != (times[i].text != NULL))
            fail_msg("%s: %s", times[i].der, good ? "taken" : "refused");
        if (good) {
            tls_time_text(seconds, text);
            assert_string_equal(text, times[i].text);
        }
    }
}

static void test_names(void **state)
{
    (void)state;
    static const uint8_t name[] =
        "\x31\x12\x30\x07\x06\x03\x55\x04\x03\x13\x00\x30\x07\x06\x03\x55\x04\x0b\x0c\x00" /* CN= + OU= */
        "\x31\x0d\x30\x0b\x06\x03\x55\x04\x0a\x1e\x04\x00\x41\x20\xac"                     /* BMPString */
        "\x31\x0b\x30\x09\x06\x03\x55\x04\x05\x02\x02\x0a\xff"                             /* no string: hexadecimal */
        "\x31\x0c\x30\x0a\x06\x04\x88\x37\x81\x01\x0c\x02yy";                              /* 2.999.129 */
    struct tls_span span = {name, sizeof(name) - 1};
    char text[TLS_NAME_MAX];
    size_t n = tls_name_text(&span, text, sizeof(text) - 1);
    text[n] = 0;
    assert_string_equal(text, "CN= + OU=, O=A\xe2\x82\xac, serialNumber=0AFF, OID(2.999.129)=yy");
    assert_int_equal(tls_name_text(&span, text, 5), 5); /* cut */
    assert_memory_equal(text, "CN= +", 5);
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        const char *text;
    } versions[] = {
        {0x0002, "SSLv2"},
        {0x0300, "SSLv3"},
        {0x0301, "TLSv1"},
        {0x0302, "TLS 1.1"},
        {0x0303, "TLS 1.2"},
        {0x0304, "TLS 1.3"},
        {0, "UNDETERMINED"},
        {0x0305, "UNDETERMINED"},
        {0x7f17, "TLS 1.3 draft-23"},
        {0x7f01, "TLS 1.3 draft-<16"},
        {0xfb17, "TLS 1.3 draft-23-fb"},
        {0x7fff, "UNDETERMINED"},
    };
    char text[TLS_VERSION_SIZE];
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
        assert_string_equal(tls_version_text(versions[i].version, text), versions[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ja3_example),
        cmocka_unit_test(test_ja4_example),
        cmocka_unit_test(test_kept_prints),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_probe_others),
        cmocka_unit_test(test_broken_certificates),
        cmocka_unit_test(test_certificate_events),
        cmocka_unit_test(test_too_many_names),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
