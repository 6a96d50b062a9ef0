#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/smtp/smtp.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expect(const struct step *steps, size_t n, const char *text)
{
    struct buf out;
    duplex_all_ways(&proto_smtp, steps, n, &out);
    assert_string_equal((const char *)out.data, text);
    buf_fini(&out);
}

#define HELLO              S("220 mx ESMTP\r\n"), C("EHLO me.example\r\n"), S("250-mx\r\n250 PIPELINING\r\n")
#define MAIL(id, from, to) #id " {\"helo\":\"me.example\",\"mail_from\":\"<" from ">\",\"rcpt_to\":[\"<" to ">\"]}\n"

static void one_mail(void **state)
{
    (void)state;
    const struct step s[] = {HELLO,
                             C("MAIL FROM:<a@x> SIZE=10\r\n"),
                             S("250 ok\r\n"),
                             C("rcpt to: <b@y>\r\n"),
                             S("250 ok\r\n"),
                             C("DATA\r\n"),
                             S("354 go\r\n"),
                             C("Subject: x\r\n\r\n..\r\n.MAIL FROM:<no@no>\r\nMAIL FROM:<no@no>\r\n.\r\n"),
                             S("250 queued\r\n"),
                             C("QUIT\r\n"),
                             S("221 bye\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y"));
}

static void pipelined(void **state)
{
    (void)state;
    const struct step s[] = {
        HELLO, C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nSubject: early\r\n.\r\nRSET\r\nMAIL FROM:<c@x>\r\n"),
        S("250 ok\r\n250 ok\r\n354 go\r\n"), S("250 queued\r\n250 reset\r\n250 ok\r\n"), C("RCPT TO:<d@y>\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y") MAIL(1, "c@x", "d@y"));
}

static void data_refused(void **state)
{
    (void)state;
    const struct step s[] = {HELLO, C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"),
                             S("250 ok\r\n550 no\r\n554 no\r\n"), C("RCPT TO:<c@y>\r\n")};
    expect(s, COUNT(s),
           "0 {\"helo\":\"me.example\",\"mail_from\":\"<a@x>\",\"rcpt_to\":[\"<b@y>\",\"<c@y>\"]}\n"
           "event DATA_COMMAND_REJECTED\n");
}

static void chunks(void **state)
{
    (void)state;
    const struct step s[] = {
        HELLO,
        C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nBDAT 6\r\nRSET\r\nBDAT 7 LAST\r\nQUIT\r\n.MAIL FROM:<c@x>\r\n"
          "RCPT TO:<d@y>\r\nBDAT 5 X\r\n"),
        S("250 ok\r\n250 ok\r\n250 6\r\n250 done\r\n250 ok\r\n250 ok\r\n501 what\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y") MAIL(1, "c@x", "d@y") "event INVALID_BDAT\n");
}

static void greeting_again_resets(void **state)
{
    (void)state;
    const struct step s[] = {HELLO,
                             C("MAIL FROM:<a@x>\r\n"),
                             S("250 ok\r\n"),
                             C("HELO other\r\n"),
                             S("250 ok\r\n"),
                             C("MAIL FROM:<c@x>\r\nRCPT TO:<d@y>\r\n"),
                             S("250 ok\r\n250 ok\r\n")};
    expect(s, COUNT(s),
           "0 {\"helo\":\"me.example\",\"mail_from\":\"<a@x>\"}\n" MAIL(1, "c@x", "d@y") "event DUPLICATE_FIELDS\n");
}

static void starttls(void **state)
{
    (void)state;
    const struct step yes[] = {HELLO, C("STARTTLS\r\n\x16\x03\x01"), S("220 go\r\n"), C("\x16\x03\x01\n")};
    const struct step no[] = {HELLO, C("STARTTLS\r\n"), S("454 no\r\n"), C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n")};
    expect(yes, COUNT(yes), "0 {\"helo\":\"me.example\"}\n");
    expect(no, COUNT(no), MAIL(0, "a@x", "b@y") "event TLS_REJECTED\n");
}

static void auth_is_not_kept(void **state)
{
    (void)state;
    const struct step s[] = {HELLO,
                             C("AUTH LOGIN\r\n"),
                             S("334 VXNlcg==\r\n"),
                             C("c2VjcmV0\r\n"),
                             S("334 UGFz\r\n"),
                             C("c2VjcmV0\r\n"),
                             S("235 ok\r\n"),
                             C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"),
                             S("250 ok\r\n250 ok\r\n354 go\r\n"),
                             C("x\r\n.\r\n"),
                             S("250 ok\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y"));
}

static void one_side_only(void **state)
{
    (void)state;
    const struct step s[] = {C("EHLO me.example\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nMAIL FROM:<no>\r\n.\r\n"
                               "MAIL FROM:<c@x>\r\nRCPT TO:<d@y>\r\nQUIT\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y") MAIL(1, "c@x", "d@y"));
}

static void gap_in_a_message(void **state)
{
    (void)state;
    const struct step s[] = {HELLO,
                             C("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"),
                             S("250 ok\r\n250 ok\r\n354 go\r\n"),
                             C("text\r\n"),
                             C_GAP(1000),
                             C(".\r\nmore\r\n.\r\n"),
                             S("250 ok\r\n"),
                             C("MAIL FROM:<c@x>\r\nRCPT TO:<d@y>\r\n")};
    expect(s, COUNT(s), MAIL(0, "a@x", "b@y") MAIL(1, "c@x", "d@y"));
}

static void limits(void **state)
{
    (void)state;
    struct duplex d;
    char line[5000];
    memset(line, 'a', sizeof line);
    memcpy(line, "MAIL FROM:<", 11);
    memcpy(line + sizeof line - 3, ">\r\n", 3);
    duplex_init(&d, &proto_smtp, false);
    duplex_bytes(&d, TO_CLIENT, "220 x\r\n", 7);
    duplex_bytes(&d, TO_SERVER, line, sizeof line);
    for (size_t i = 0; i < sizeof line; i++)
        duplex_bytes(&d, TO_SERVER, line + i, 1);
    for (int i = 0; i < 150; i++)
        duplex_bytes(&d, TO_SERVER, "RCPT TO:<x>\r\n", 13);
    assert_false(d.over);
    for (int i = 0; i < 150; i++)
        duplex_bytes(&d, TO_SERVER, "NOOP\r\n", 6);
    assert_int_equal(d.status, PROTO_BROKEN);
    duplex_end(&d);
    assert_int_equal(d.logged, 1);
    buf_add_byte(&d.events, 0);
    assert_memory_equal(d.events.data, "event MAX_COMMAND_LINE_LEN_EXCEEDED\nevent MAX_COMMAND_LINE_LEN_EXCEEDED\n",
                        72);
    assert_non_null(strstr((const char *)d.events.data, "event TOO_MANY_RECIPIENTS\n"));
    assert_non_null(strstr((const char *)d.events.data, "event TOO_MANY_PENDING_COMMANDS\n"));
    duplex_fini(&d);
}

static enum proto_probe_result ask(const char *up, const char *down, uint16_t port)
{
    struct proto_probe p = {
        .data = {(const uint8_t *)up, (const uint8_t *)down}, .len = {strlen(up), strlen(down)}, .dport = port};
    return proto_smtp.probe(&p);
}

static void probing(void **state)
{
    (void)state;
    assert_int_equal(ask("", "220 mx ESMTP x\r\n", 999), PROBE_YES);
    assert_int_equal(ask("", "220 mx ready\r\n", 21), PROBE_MORE);
    assert_int_equal(ask("", "220 mx ready\r\n", 25), PROBE_YES);
    assert_int_equal(ask("EHLO x\r\n", "220 mx ready\r\n", 999), PROBE_YES);
    assert_int_equal(ask("USER x\r\n", "220 ready\r\n", 25), PROBE_NO);
    assert_int_equal(ask("helo x", "", 999), PROBE_YES);
    assert_int_equal(ask("EHL", "", 999), PROBE_MORE);
    assert_int_equal(ask("QUIT\r\n", "", 25), PROBE_YES);
    assert_int_equal(ask("QUIT\r\n", "", 21), PROBE_MORE);
    assert_int_equal(ask("", "SSH-2.0", 25), PROBE_NO);
    assert_int_equal(ask("GET / HTTP/1.1", "", 25), PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_mail),
        cmocka_unit_test(pipelined),
        cmocka_unit_test(data_refused),
        cmocka_unit_test(chunks),
        cmocka_unit_test(greeting_again_resets),
        cmocka_unit_test(starttls),
        cmocka_unit_test(auth_is_not_kept),
        cmocka_unit_test(one_side_only),
        cmocka_unit_test(gap_in_a_message),
        cmocka_unit_test(limits),
        cmocka_unit_test(probing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
