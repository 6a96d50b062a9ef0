#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/proxyproto/proxyproto.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_proxyproto, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

/* A client that sends `bytes` and then "x". */
static void expect_bytes(const void *bytes, size_t n, const char *text)
{
    const struct step s[] = {{TO_SERVER, bytes, n}, C("x")};
    expect(s, COUNT(s), text);
}

#define BYTES(b, text)  expect_bytes(b, sizeof(b) - 1, text)
#define CRC             "\x4d\x20\xd6\x09"
#define SIGNATURE       "\r\n\r\n\0\r\nQUIT\n"
#define INET            "\xc0\x00\x02\x01\xc6\x33\x64\x02\x9c\x40\x01\xbb"
#define ANY_TARGET      "tunnel proxy-protocol established "
#define REST            " code=-1 reply= reason=-\n"
#define CLIENT          "  client 192.0.2.1:40000\n"
#define TARGET          ANY_TARGET "198.51.100.2:443 user=" REST CLIENT
#define BY_CARRIER      ANY_TARGET ":0 user=" REST "  by carrier\n"
#define INCOMPLETE(why) "tunnel proxy-protocol incomplete :0 user= code=-1 reply= reason=" why "\n"
#define BAD(event)      INCOMPLETE("invalid header") "event " event "\n"

static void version1(void **state)
{
    (void)state;
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n", TARGET "inner0 x\n");
    BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
          ANY_TARGET "255.255.255.255:65535 user=" REST "  client 255.255.255.255:65535\ninner0 x\n");
    BYTES("PROXY TCP6 2001:db8::1 2001:db8::2 0 1\r\n",
          ANY_TARGET "2001:db8::2:1 user=" REST "  client 2001:db8::1:0\ninner0 x\n");
    BYTES("PROXY UNKNOWN\r\n", BY_CARRIER "inner0 x\n");
    BYTES("PROXY UNKNOWN ffff:f...f:ffff any thing\r\n", BY_CARRIER "inner0 x\n");
    const struct step s[] = {S("220 hello\r\n"), C("PROXY UNKNOWN\r\nEHLO x\r\n"), S("250 x\r\n")};
    expect(s, COUNT(s), BY_CARRIER "inner0 EHLO x\r\n\ninner1 220 hello\r\n250 x\r\n\n");
}

static void version1_malformed(void **state)
{
    (void)state;
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443 1\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443 \r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1  198.51.100.2 40000 443\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 040000 443\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 65536\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 4x3\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 2001:db8::1 198.51.100.2 40000 443\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP6 192.0.2.1 198.51.100.2 40000 443\r\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\n", BAD("invalid_header"));
    BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r \n", BAD("invalid_header"));
    BYTES("PROXY TCP4 \r\n", BAD("invalid_header"));
    char line[120];
    memset(line, 'a', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    expect_bytes(line, 105, INCOMPLETE("truncated header"));
    expect_bytes(line, 107, BAD("invalid_length"));
    memcpy(line + 105, "\r\n", 2);
    expect_bytes(line, 107, BY_CARRIER "inner0 x\n");
    const struct step torn[] = {C("PROXY TCP4 "), C_GAP(3), C("x")};
    const struct step ended[] = {C("PROXY TCP4 "), C_EOF};
    expect(torn, COUNT(torn), INCOMPLETE("gap") "event header_gap\n");
    expect(ended, COUNT(ended), INCOMPLETE("truncated header"));
}

static void version2(void **state)
{
    (void)state;
    BYTES(SIGNATURE "\x21\x11\x00\x0c" INET, TARGET "inner0 x\n");
    BYTES(SIGNATURE "\x21\x12\x00\x0c" INET, TARGET "inner0 x\n"); /* datagrams */
    BYTES(SIGNATURE "\x21\x21\x00\x24"
                    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"
                    "\x9c\x40\x01\xbb",
          ANY_TARGET "2001:db8::2:443 user=" REST "  client 2001:db8::1:40000\ninner0 x\n");
    BYTES(SIGNATURE "\x20\x00\x00\x00", BY_CARRIER "inner0 x\n");         /* LOCAL */
    BYTES(SIGNATURE "\x20\x11\x00\x0c" INET, BY_CARRIER "inner0 x\n");    /* LOCAL, with addresses all the same */
    BYTES(SIGNATURE "\x20\xff\x00\x02\x01\x01", BY_CARRIER "inner0 x\n"); /* LOCAL: what follows is not looked at */
    BYTES(SIGNATURE "\x21\x00\x00\x00", BY_CARRIER "inner0 x\n");         /* UNSPEC */
    uint8_t local[16 + 216] = SIGNATURE "\x21\x31\x00\xd8";
    expect_bytes(local, sizeof local, BY_CARRIER "inner0 x\n");
    const struct step s[] = {S("a"), {TO_SERVER, SIGNATURE "\x21\x11\x00\x0c" INET "bc", 30}, S("d"), C("e")};
    expect(s, COUNT(s), TARGET "inner0 bce\ninner1 ad\n");
}

static void version2_malformed(void **state)
{
    (void)state;
    BYTES(SIGNATURE "\x11\x11\x00\x0c" INET, BAD("invalid_version"));
    BYTES(SIGNATURE "\x22\x11\x00\x0c" INET, BAD("invalid_command"));
    BYTES(SIGNATURE "\x21\x41\x00\x0c" INET, BAD("invalid_family"));
    BYTES(SIGNATURE "\x21\x13\x00\x0c" INET, BAD("invalid_family"));
    BYTES(SIGNATURE "\x21\x11\x00\x0b" INET, BAD("invalid_length"));
    BYTES(SIGNATURE "\x21\x21\x00\x0c" INET, BAD("invalid_length"));
    BYTES(SIGNATURE "\x21\x31\x00\x0c" INET, BAD("invalid_length"));
    BYTES(SIGNATURE "\x21\x11\xff\xff" INET, INCOMPLETE("truncated header"));
    BYTES(SIGNATURE "\x21\x11\x00", INCOMPLETE("truncated header"));
}

#define NAMED  ANY_TARGET "198.51.100.2a.example:443 user="
#define BADTLV "event invalid_tlv\n"

static void fields(void **state)
{
    (void)state;
    /* authority, unique id, an unknown one, padding */
    BYTES(SIGNATURE "\x21\x11\x00\x22" INET "\x02\x00\x09"
                    "a.example"
                    "\x05\x00\x02\x01\x02"
                    "\xee\x00\x02xy",
          NAMED REST "  unique id 2\n" CLIENT "inner0 x\n");
    /* SSL: client flags, verify, version, common name */
    BYTES(SIGNATURE "\x21\x11\x00\x2d" INET "\x20\x00\x12\x07\0\0\0\0"
                    "\x21\x00\x03"
                    "1.3"
                    "\x22\x00\x04"
                    "anna"
                    "\x02\x00\x09"
                    "a.example",
          NAMED "anna" REST CLIENT "inner0 x\n");
    /* without an address it is still asked for by name */
    BYTES(SIGNATURE "\x21\x00\x00\x0c"
                    "\x02\x00\x09"
                    "a.example",
          ANY_TARGET "a.example:0 user=" REST "  by carrier\ninner0 x\n");
    /* odd fields: the header holds all the same */
    BYTES(SIGNATURE "\x21\x11\x00\x0f" INET "\x02\x00\x00", TARGET BADTLV "inner0 x\n");
    BYTES(SIGNATURE "\x21\x11\x00\x10" INET "\x02\x00\x02"
                    "a",
          TARGET BADTLV "inner0 x\n");
    BYTES(SIGNATURE "\x21\x11\x00\x0e" INET "\x04\x00", TARGET BADTLV "inner0 x\n");
    BYTES(SIGNATURE "\x21\x11\x00\x10" INET "\x20\x00\x01\x07", TARGET BADTLV "inner0 x\n");
    uint8_t text[28 + 3 + 300] = SIGNATURE "\x21\x11\x01\x3b" INET "\x02\x01\x2c";
    memset(text + 31, 'n', 300);
    char want[600];
    snprintf(want, sizeof want, "%s%.255s%s", ANY_TARGET "198.51.100.2", (const char *)text + 31,
             ":443 user=" REST CLIENT BADTLV "inner0 x\n");
    expect_bytes(text, sizeof text, want);
}

static void checksum(void **state)
{
    (void)state;
    BYTES(SIGNATURE "\x21\x11\x00\x13" INET "\x03\x00\x04" CRC, TARGET "inner0 x\n");
    BYTES(SIGNATURE "\x21\x11\x00\x13" INET "\x03\x00\x04"
                    "\0\0\0\0",
          TARGET "event invalid_checksum\ninner0 x\n");
    BYTES(SIGNATURE "\x21\x11\x00\x10" INET "\x03\x00\x01\0", TARGET BADTLV "inner0 x\n");
}

static enum proto_probe_result ask(const void *up, size_t n, bool final)
{
    struct proto_probe p = {.data = {up, NULL}, .len = {n, 0}, .final = final};
    return proto_proxyproto.probe(&p);
}

static void probing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } known[] = {
        {"PROXY TCP4 ", 11}, {"PROXY TCP6 ", 11}, {"PROXY UNKNOWN\r", 14}, {"PROXY UNKNOWN ", 14}, {SIGNATURE, 12}};
    for (size_t i = 0; i < COUNT(known); i++)
        for (size_t n = 0; n <= known[i].n; n++) {
            assert_int_equal(ask(known[i].text, n, false), n < known[i].n ? PROBE_MORE : PROBE_YES);
            assert_int_equal(ask(known[i].text, n, true), n < known[i].n ? PROBE_NO : PROBE_YES);
        }
    static const char *const others[] = {"PROXY TCP5 ", "PROXY TCP4\r",       "PROXY /", "POST ", "PROXX",
                                         "proxy TCP4 ", "\r\n\r\nGET / HTTP", "\r\n.",   "\n"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(ask(others[i], strlen(others[i]), false), PROBE_NO);
}

static void server_first(void **state)
{
    (void)state;
    uint8_t banner[257] = {0};
    struct proto_probe p = {.data = {NULL, banner}, .len = {0, 256}};
    assert_int_equal(proto_proxyproto.probe(&p), PROBE_MORE);
    p.len[TO_CLIENT] = 257;
    assert_int_equal(proto_proxyproto.probe(&p), PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version1), cmocka_unit_test(version1_malformed),
        cmocka_unit_test(version2), cmocka_unit_test(version2_malformed),
        cmocka_unit_test(fields),   cmocka_unit_test(checksum),
        cmocka_unit_test(probing),  cmocka_unit_test(server_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
