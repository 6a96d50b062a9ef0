#include "proto/dns/test_messages.h"

/* www.example.com is an alias of edge.example.net with two addresses. */
static void response(struct bytes *m, unsigned id)
{
    m->len = 0;
    put_header(m, id, DNS_QR | DNS_RD | DNS_RA, 1, 3, 0, 1);
    put_question(m, "WWW.example.com", DNS_A);
    put_cname(m, "www.example.com", 300, "Edge.example.net");
    put_record(m, "edge.example.net", DNS_A, 60, "\x5d\xb8\xd8\x22", 4);
    put_record(m, "edge.example.net", DNS_A, 20, "\x5d\xb8\xd8\x23", 4);
    put_record(m, "", DNS_OPT, 0, "", 0);
}

#define RESPONSE_NAMES                                                                                                 \
    "name www.example.com 93.184.216.34 60\n"                                                                          \
    "name www.example.com 93.184.216.35 20\n"

static const char query_record[] =
    "{\"version\":3,\"type\":\"request\",\"tx_id\":0,\"id\":4660,\"flags\":\"100\",\"rd\":true,\"opcode\":0,"
    "\"rcode\":\"NOERROR\",\"queries\":[{\"rrname\":\"www.example.com\",\"rrtype\":\"A\"}]}\n";

static const char response_record[] =
    "{\"version\":3,\"type\":\"response\",\"tx_id\":1,\"id\":4660,\"flags\":\"8180\",\"qr\":true,\"rd\":true,"
    "\"ra\":true,\"opcode\":0,\"rcode\":\"NOERROR\",\"queries\":[{\"rrname\":\"WWW.example.com\",\"rrtype\":\"A\"}],"
    "\"answers\":[{\"rrname\":\"www.example.com\",\"rrtype\":\"CNAME\",\"ttl\":300,\"rdata\":\"Edge.example.net\"},"
    "{\"rrname\":\"edge.example.net\",\"rrtype\":\"A\",\"ttl\":60,\"rdata\":\"93.184.216.34\"},"
    "{\"rrname\":\"edge.example.net\",\"rrtype\":\"A\",\"ttl\":20,\"rdata\":\"93.184.216.35\"}],"
    "\"grouped\":{\"CNAME\":[\"Edge.example.net\"],\"A\":[\"93.184.216.34\",\"93.184.216.35\"]}}\n";

static void udp_pair(void **state)
{
    (void)state;
    struct session s;
    struct bytes m = {.len = 0};
    char both[2048];
    session_open(&s, 17, false);
    query(&m, 0x1234, "www.example.com", DNS_A);
    assert_int_equal(feed(&s, TO_SERVER, m.b, m.len), PROTO_OK);
    expect_told(&s, "");
    response(&m, 0x1234);
    assert_int_equal(feed(&s, TO_CLIENT, m.b, m.len), PROTO_OK);
    expect_told(&s, RESPONSE_NAMES);
    snprintf(both, sizeof both, "%s%s", query_record, response_record);
    expect_records(&s, both);
    /* The same answer once more has no query. */
    assert_int_equal(feed(&s, TO_CLIENT, m.b, m.len), PROTO_OK);
    expect_told(&s, "");
    session_close(&s);
}

static void add_framed(struct bytes *stream, const struct bytes *m)
{
    put16(stream, (unsigned)m->len);
    put(stream, m->b, m->len);
}

/* Two queries and two responses, split at every byte. */
static void tcp_splits(void **state)
{
    (void)state;
    struct bytes m = {.len = 0}, to_server = {.len = 0}, to_client = {.len = 0};
    query(&m, 0x1234, "www.example.com", DNS_A);
    add_framed(&to_server, &m);
    PUT(&to_server, 0, 0); /* an empty message is skipped */
    query(&m, 2, "www.example.com", DNS_A);
    add_framed(&to_server, &m);
    response(&m, 2);
    add_framed(&to_client, &m);
    response(&m, 0x1234);
    add_framed(&to_client, &m);
    char *whole = NULL;
    for (size_t at = 0; at <= to_client.len; at++) {
        struct session s;
        struct buf b;
        session_open(&s, 6, false);
        size_t cut = at < to_server.len ? at : to_server.len;
        assert_int_equal(feed(&s, TO_SERVER, to_server.b, cut), PROTO_OK);
        assert_int_equal(feed(&s, TO_SERVER, to_server.b + cut, to_server.len - cut), PROTO_OK);
        assert_int_equal(feed(&s, TO_CLIENT, to_client.b, at), PROTO_OK);
        assert_int_equal(feed(&s, TO_CLIENT, to_client.b + at, to_client.len - at), PROTO_OK);
        expect_told(&s, RESPONSE_NAMES RESPONSE_NAMES);
        records(&s, &b);
        if (whole == NULL)
            whole = strdup((const char *)b.data);
        assert_string_equal((const char *)b.data, whole);
        buf_fini(&b);
        session_close(&s);
    }
    assert_memory_equal(whole, query_record, strlen(query_record));
    free(whole);

    struct session s;
    session_open(&s, 6, false);
    for (size_t i = 0; i < to_client.len; i++)
        assert_int_equal(feed(&s, TO_CLIENT, to_client.b + i, 1), PROTO_OK);
    assert_int_equal(((struct proto_txs *)s.state)->count, 2);
    expect_told(&s, "");
    session_close(&s);
}

static unsigned count(struct session *s)
{
    return ((struct proto_txs *)s->state)->count;
}

/* A hole of any length at any place of the first of three messages: those behind it are found again. */
static void tcp_gaps(void **state)
{
    (void)state;
    struct bytes m = {.len = 0}, stream = {.len = 0};
    for (unsigned i = 0; i < 3; i++) {
        query(&m, i, "www.example.com", DNS_A);
        add_framed(&stream, &m);
    }
    size_t one = stream.len / 3;
    for (size_t from = 0; from < one; from++) {
        for (size_t to = from + 1; to <= stream.len; to++) {
            struct session s;
            session_open(&s, 6, false);
            feed(&s, TO_SERVER, stream.b, from);
            lose(&s, TO_SERVER, to - from);
            /* What follows arrives message by message, as it is sent. */
            for (size_t at = to; at < stream.len;) {
                size_t end = (at / one + 1) * one;
                assert_int_equal(feed(&s, TO_SERVER, stream.b + at, end - at), PROTO_OK);
                at = end;
            }
            size_t whole = 2 - (to > one ? (to - 1) / one : 0);
            assert_int_equal(count(&s), whole);
            expect_told(&s, "");
            session_close(&s);
        }
    }
}

static void broken_messages(void **state)
{
    (void)state;
    struct session s;
    struct bytes m = {.len = 0};
    session_open(&s, 17, false);
    query(&m, 1, "www.example.com", DNS_A);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(feed(&s, TO_SERVER, m.b, m.len - 1 - i), PROTO_OK);
    assert_int_equal(count(&s), 0);
    assert_int_equal(feed(&s, TO_SERVER, m.b, 5), PROTO_BROKEN);
    assert_non_null(strstr(s.told, "event malformed_data\n"));
    session_close(&s);
}

static void events(void **state)
{
    (void)state;
    struct session s;
    struct bytes m = {.len = 0};
    session_open(&s, 17, false);
    query(&m, 1, "a.b", DNS_A);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, "event not_response\n");
    m.b[2] = 0xc8; /* a response with opcode 9 */
    m.b[3] = 0x40;
    feed(&s, TO_SERVER, m.b, m.len);
    expect_told(&s, "event not_request\nevent z_flag_set\nevent invalid_opcode\n");
    m.len = 0;
    put_header(&m, 1, DNS_QR, 1, 0, 1, 1);
    put_question(&m, "a.b", DNS_A);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, "event invalid_authorities\n");
    put_record(&m, "b", DNS_NS, 1, "", 0);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, "event invalid_additionals\n");
    assert_int_equal(count(&s), 4);
    session_close(&s);

    session_open(&s, 17, true);
    query(&m, 1, "a.b", DNS_A);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, "");
    session_close(&s);

    session_open(&s, 17, false);
    for (unsigned i = 0; i < 513; i++)
        feed(&s, TO_SERVER, m.b, m.len);
    expect_told(&s, "event too_many_transactions\n");
    assert_int_equal(count(&s), 512);
    session_close(&s);
}

/* One response to a query for www.example.com. */
static void ask_and_answer(struct session *s, const struct bytes *answer)
{
    struct bytes m = {.len = 0};
    query(&m, 7, "www.example.com", DNS_A);
    feed(s, TO_SERVER, m.b, m.len);
    feed(s, TO_CLIENT, answer->b, answer->len);
}

static void learned_names(void **state)
{
    (void)state;
    struct session s;
    struct bytes m = {.len = 0};
    session_open(&s, 17, false);
    response(&m, 8); /* another id */
    ask_and_answer(&s, &m);
    expect_told(&s, "");

    /* The records in an order that has to be gone over twice, and one of another name. */
    m.len = 0;
    put_header(&m, 7, DNS_QR, 1, 5, 0, 0);
    put_question(&m, "www.example.com", DNS_A);
    put_record(&m, "c.example", DNS_AAAA, 0x80000000, "abcdefghijklmnop", 16);
    put_record(&m, "other.example", DNS_A, 9, "abcd", 4);
    put_cname(&m, "b.example", 5, "c.example");
    put_cname(&m, "www.example.com", 50, "b.example");
    put_record(&m, "c.example", DNS_A, 9, "abc", 3);
    ask_and_answer(&s, &m);
    expect_told(&s, "name www.example.com 6162:6364:6566:6768:696a:6b6c:6d6e:6f70 0\n");

    m.b[3] = 3; /* NXDOMAIN */
    ask_and_answer(&s, &m);
    expect_told(&s, "");

    /* A chain in a circle. */
    m.len = 0;
    put_header(&m, 7, DNS_QR, 1, 3, 0, 0);
    put_question(&m, "www.example.com", DNS_A);
    put_cname(&m, "www.example.com", 50, "b.example");
    put_cname(&m, "b.example", 50, "www.example.com");
    put_record(&m, "c.example", DNS_A, 9, "abcd", 4);
    ask_and_answer(&s, &m);
    expect_told(&s, "");

    /* Only the newest of too many queries are remembered. */
    for (unsigned i = 0; i < 65; i++) {
        query(&m, 100 + i, "www.example.com", DNS_A);
        feed(&s, TO_SERVER, m.b, m.len);
    }
    response(&m, 100);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, "");
    response(&m, 101);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_told(&s, RESPONSE_NAMES);

    s.settings.decap.names.passive_dns = false;
    response(&m, 7);
    ask_and_answer(&s, &m);
    expect_told(&s, "");
    session_close(&s);
}

static void record_types(void **state)
{
    (void)state;
    struct session s;
    struct bytes m = {.len = 0};
    session_open(&s, 17, false);
    put_header(&m, 1, DNS_QR | 3, 1, 8, 1, 1);
    put_question(&m, "x", 65280);
    put_record(&m, "x", DNS_MX, 1, "\0\5\4mail", 8);
    put_record(&m, "x", DNS_TXT, 1, "\2ab\0", 4);
    put_record(&m, "x", DNS_SRV, 1, "\0\1\0\2\0\3\1t", 9);
    put_record(&m, "x", DNS_SSHFP, 1, "\1\2\x19\x8c", 4);
    put_record(&m, "x", DNS_NULL, 1, "V\xc3\xa9", 3);
    put_record(&m, "x", DNS_AAAA, 1, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    put_record(&m, "x", 257, 1, "\0\5issue", 7);
    put_record(&m, "x", DNS_A, 1, "\1\2\3", 3);
    put_record(&m, "", DNS_SOA, 1, "\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 26);
    put_record(&m, "", DNS_OPT, 0x8000, "\0\xa\0\2\xab\xcd", 6);
    feed(&s, TO_CLIENT, m.b, m.len);
    expect_records(
        &s, "{\"version\":3,\"type\":\"response\",\"tx_id\":0,\"id\":1,\"flags\":\"8003\",\"qr\":true,\"opcode\":0,"
            "\"rcode\":\"NXDOMAIN\",\"queries\":[{\"rrname\":\"x\",\"rrtype\":\"65280\"}],\"answers\":["
            "{\"rrname\":\"x\",\"rrtype\":\"MX\",\"ttl\":1,\"rdata\":\"mail\"},"
            "{\"rrname\":\"x\",\"rrtype\":\"TXT\",\"ttl\":1,\"rdata\":\"ab\"},"
            "{\"rrname\":\"x\",\"rrtype\":\"TXT\",\"ttl\":1,\"rdata\":\"\"},"
            "{\"rrname\":\"x\",\"rrtype\":\"SRV\",\"ttl\":1,\"srv\":{\"priority\":1,\"weight\":2,\"port\":3,"
            "\"name\":\"t\"}},"
            "{\"rrname\":\"x\",\"rrtype\":\"SSHFP\",\"ttl\":1,\"sshfp\":{\"fingerprint\":\"19:8c\",\"algo\":1,"
            "\"type\":2}},"
            "{\"rrname\":\"x\",\"rrtype\":\"NULL\",\"ttl\":1,\"rdata\":\"V\xc3\xa9\"},"
            "{\"rrname\":\"x\",\"rrtype\":\"AAAA\",\"ttl\":1,\"rdata\":\"2001:0db8:0000:0000:0000:0000:0000:0001\"},"
            "{\"rrname\":\"x\",\"rrtype\":\"CAA\",\"ttl\":1},"
            "{\"rrname\":\"x\",\"rrtype\":\"A\",\"ttl\":1,\"rdata\":\"\"}],"
            "\"grouped\":{\"MX\":[\"mail\"],\"TXT\":[\"ab\",\"\"],\"SRV\":[{\"priority\":1,\"weight\":2,\"port\":3,"
            "\"name\":\"t\"}],\"SSHFP\":[{\"fingerprint\":\"19:8c\",\"algo\":1,\"type\":2}],\"NULL\":[\"V\xc3\xa9\"],"
            "\"AAAA\":[\"2001:0db8:0000:0000:0000:0000:0000:0001\"],\"A\":[\"\"]},"
            "\"authorities\":[{\"rrname\":\"\",\"rrtype\":\"SOA\",\"ttl\":1,\"soa\":{\"mname\":\"m\",\"rname\":\"r\","
            "\"serial\":1,\"refresh\":2,\"retry\":3,\"expire\":4,\"minimum\":5}}],"
            "\"additionals\":[{\"rrname\":\"\",\"rrtype\":\"OPT\",\"ttl\":32768,\"opt\":[{\"code\":10,"
            "\"data\":\"abcd\"}]}]}\n");
    session_close(&s);
}

static enum proto_probe_result probe(uint8_t transport, uint16_t sport, uint16_t dport, enum flow_dir d,
                                     const struct bytes *m, size_t len)
{
    struct proto_probe p = {.transport = transport, .sport = sport, .dport = dport};
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, m->b, len);
    p.data[d] = copy;
    p.len[d] = len;
    enum proto_probe_result r = proto_dns.probe(&p);
    free(copy);
    return r;
}

static void probes_datagrams(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    query(&m, 1, "www.example.com", DNS_A);
    assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_SERVER, &m, m.len), PROBE_YES);
    assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_CLIENT, &m, m.len), PROBE_YES_REVERSED);
    for (size_t len = 1; len < m.len; len++)
        assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_SERVER, &m, len), PROBE_NO);
    /* Cut short on its own port it is a broken message; the others' ports are not this protocol's. */
    assert_int_equal(probe(PROTO_UDP, 4000, 53, TO_SERVER, &m, m.len - 1), PROBE_YES);
    assert_int_equal(probe(PROTO_UDP, 4000, 5353, TO_SERVER, &m, m.len), PROBE_NO);
    assert_int_equal(probe(PROTO_UDP, 4000, 5355, TO_SERVER, &m, m.len), PROBE_NO);
    assert_int_equal(probe(PROTO_UDP, 137, 137, TO_SERVER, &m, m.len), PROBE_NO);
    assert_int_equal(probe(PROTO_UDP, 5353, 53, TO_SERVER, &m, m.len), PROBE_YES);
    response(&m, 1);
    assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_CLIENT, &m, m.len), PROBE_YES);
    assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_SERVER, &m, m.len), PROBE_YES_REVERSED);

    /* One bit of each that no ordinary query has. */
    static const struct {
        size_t at;
        uint8_t value;
    } odd[] = {{2, 0x18}, {2, 0x38}, {2, 0x04}, {3, 0x80}, {3, 3}, {4, 1}, {5, 2}, {5, 0}, {7, 1}, {9, 2}, {11, 9}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        query(&m, 1, "www.example.com", DNS_A);
        m.b[odd[i].at] = odd[i].value;
        assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_SERVER, &m, m.len), PROBE_NO);
    }
    query(&m, 1, "www.example.com", DNS_NB);
    assert_int_equal(probe(PROTO_UDP, 4000, 5000, TO_SERVER, &m, m.len), PROBE_NO);
}

static void probes_streams(void **state)
{
    (void)state;
    struct bytes m = {.len = 0}, s = {.len = 0};
    query(&m, 1, "www.example.com", DNS_A);
    add_framed(&s, &m);
    for (size_t len = 0; len <= s.len; len++)
        assert_int_equal(probe(PROTO_TCP, 4000, 5000, TO_SERVER, &s, len), len < s.len ? PROBE_MORE : PROBE_YES);
    assert_int_equal(probe(PROTO_TCP, 4000, 5000, TO_CLIENT, &s, s.len), PROBE_YES_REVERSED);
    s.b[1]++; /* a query has nothing behind its question */
    assert_int_equal(probe(PROTO_TCP, 4000, 5000, TO_SERVER, &s, s.len), PROBE_NO);
    response(&m, 1);
    s.len = 0;
    add_framed(&s, &m);
    assert_int_equal(probe(PROTO_TCP, 4000, 5000, TO_CLIENT, &s, 60), PROBE_YES);
#define OTHER(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof text - 1                                                                                          \
    }
    static const struct {
        const char *p;
        size_t len;
    } others[] = {
        OTHER("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), OTHER("SSH-2.0-OpenSSH_9.2p1\r\n"),
        OTHER("\5\1\0\5\1\0\1\1\2\3\4\0\x50"),      OTHER("\x16\3\1\2\0\1\0\1\xfc\3\3\1\2\3\4\5"),
        OTHER("220 mail.example.com ESMTP\r\n"),
    };
#undef OTHER
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        s.len = 0;
        put(&s, others[i].p, others[i].len);
        assert_int_equal(probe(PROTO_TCP, 4000, 5000, TO_SERVER, &s, s.len), PROBE_NO);
        assert_int_equal(probe(PROTO_TCP, 4000, 53, TO_SERVER, &s, s.len), PROBE_NO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_pair),        cmocka_unit_test(tcp_splits),       cmocka_unit_test(tcp_gaps),
        cmocka_unit_test(broken_messages), cmocka_unit_test(events),           cmocka_unit_test(learned_names),
        cmocka_unit_test(record_types),    cmocka_unit_test(probes_datagrams), cmocka_unit_test(probes_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
