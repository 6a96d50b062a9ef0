#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/ssh/ssh.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_ssh, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define RECORD                                                                                                         \
    "0 {\"client\":{\"proto_version\":\"2.0\",\"software_version\":\"OpenSSH_9.2p1\"},"                                \
    "\"server\":{\"proto_version\":\"1.99\",\"software_version\":\"Cisco-1.25\"}}\n"

static void both_banners(void **state)
{
    (void)state;
    const struct step s[] = {C("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\0\1"), S("SSH-1.99-Cisco-1.25\n"), S("x")};
    expect(s, COUNT(s), RECORD);
}

static void prelude(void **state)
{
    (void)state;
    const struct step s[] = {S("Welcome\r\n\r\nto SSH-2.0\r\n"), C("SSH-2.0-OpenSSH_9.2p1\r\n"), C("\1\2"),
                             S("SSH-1.99-Cisco-1.25\r\n")};
    expect(s, COUNT(s), RECORD);
}

static void one_banner(void **state)
{
    (void)state;
    const struct step s[] = {C("SSH-2.0-x\r\n")};
    const struct step torn[] = {C("SSH-2.0-x\r\n"), S("SSH-2."), S_GAP(5), S("y\r\n")};
    const struct step none[] = {S("Welcome\r\n")};
#define CLIENT "0 {\"client\":{\"proto_version\":\"2.0\",\"software_version\":\"x\"}}\n"
    expect(s, COUNT(s), CLIENT);
    expect(torn, COUNT(torn), CLIENT);
    expect(none, COUNT(none), "");
}

static void malformed(void **state)
{
    (void)state;
    const struct step no_software[] = {C("SSH-2.0\r\n")};
    const struct step empty[] = {C("SSH--x\r\n")};
    const struct step other[] = {C("HELLO\r\n")};
    char line[400];
    memset(line, 'a', sizeof line);
    memcpy(line, "SSH-2.0-", 8);
    line[sizeof line - 1] = 0;
    const struct step longer[] = {C(line)};
    expect(no_software, 1, "event invalid_banner\n");
    expect(empty, 1, "event invalid_banner\n");
    expect(other, 1, "event invalid_record\n");
    expect(longer, 1, "event long_banner\n");
    line[sizeof line - 2] = '\n';
    expect(longer, 1, "event long_banner\n");
}

/* A KEXINIT whose lists are "k1,k2", "h", "cu", "cd", "mu", "md", "zu", "zd", "", "". */
static const char kexinit[] = "\0\0\0\x55\4\x14"
                              "0123456789abcdef"
                              "\0\0\0\5k1,k2\0\0\0\1h\0\0\0\2cu\0\0\0\2cd\0\0\0\2mu\0\0\0\2md\0\0\0\2zu"
                              "\0\0\0\2zd\0\0\0\0\0\0\0\0\0\0\0\0\0pppp";

static void key_exchange(void **state)
{
    (void)state;
    const struct step s[] = {C("SSH-2.0-x\r\n"),
                             S("SSH-2.0-y\r\n"),
                             {TO_SERVER, "\0\0\0\4\1\2xx", 8},
                             {TO_SERVER, kexinit, sizeof kexinit - 1},
                             {TO_CLIENT, kexinit, sizeof kexinit - 1},
                             S("more")};
    expect(s, COUNT(s),
           "0 {\"client\":{\"proto_version\":\"2.0\",\"software_version\":\"x\",\"hassh\":{\"hash\":"
           "\"773b5557e95bad4f1a0386d3a8f3e943\",\"string\":\"k1,k2;cu;mu;zu\"}},"
           "\"server\":{\"proto_version\":\"2.0\",\"software_version\":\"y\",\"hassh\":{\"hash\":"
           "\"baa9aabeab70fd4ebaa9cf1e3ec5ce0f\",\"string\":\"k1,k2;cd;md;zd\"}}}\n");
}

static void broken_key_exchange(void **state)
{
    (void)state;
#define SIDES                                                                                                          \
    "0 {\"client\":{\"proto_version\":\"2.0\",\"software_version\":\"x\"},"                                            \
    "\"server\":{\"proto_version\":\"1.5\",\"software_version\":\"y\"}}\n"
    const struct step longer[] = {C("SSH-2.0-x\r\n"), {TO_SERVER, "\0\1\0\0\4\x14", 6}, S("SSH-1.5-y\r\n")};
    const struct step lists[] = {
        C("SSH-2.0-x\r\n"), {TO_SERVER, "\0\0\0\x14\1\x14zzzzzzzzzzzzzzzzpp", 24}, S("SSH-1.5-y\r\n")};
    const struct step other[] = {C("SSH-2.0-x\r\n"), {TO_SERVER, "\0\0\0\x14\1\x15", 6}, S("SSH-1.5-y\r\n")};
    expect(longer, COUNT(longer), SIDES "event long_kex_record\n");
    expect(lists, COUNT(lists), SIDES "event invalid_record\n");
    expect(other, COUNT(other), SIDES);
}

static enum proto_probe_result ask(const char *up, const char *down)
{
    struct proto_probe p = {.data = {(const uint8_t *)up, (const uint8_t *)down}, .len = {strlen(up), strlen(down)}};
    return proto_ssh.probe(&p);
}

static void probing(void **state)
{
    (void)state;
    assert_int_equal(ask("SSH-", ""), PROBE_YES);
    assert_int_equal(ask("", "SSH-2"), PROBE_YES);
    assert_int_equal(ask("SS", ""), PROBE_MORE);
    assert_int_equal(ask("", "Welcome\n"), PROBE_MORE);
    assert_int_equal(ask("SSH-2", "Welcome\n"), PROBE_YES);
    assert_int_equal(ask("GET ", ""), PROBE_NO);
    assert_int_equal(ask("S.", ""), PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_banners), cmocka_unit_test(prelude),      cmocka_unit_test(one_banner),
        cmocka_unit_test(malformed),    cmocka_unit_test(key_exchange), cmocka_unit_test(broken_key_exchange),
        cmocka_unit_test(probing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
