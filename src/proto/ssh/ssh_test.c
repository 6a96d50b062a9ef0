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
        cmocka_unit_test(both_banners), cmocka_unit_test(prelude), cmocka_unit_test(one_banner),
        cmocka_unit_test(malformed),    cmocka_unit_test(probing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
