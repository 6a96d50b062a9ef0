/* Sections flow, stream, defrag and host-os-policy. */
#include "config/test_load.h"

static enum settings_os os_of(const struct config *c, const char *address)
{
    struct addr a;
    assert_true(addr_parse(address, strlen(address), &a));
    return settings_os_of(&config_settings(c)->host_os, &a);
}

static void hosts_by_longest_prefix(void **state)
{
    (void)state;
    struct config *c = load("host-os-policy:\n"
                            "  windows: [0.0.0.0/0]\n"
                            "  bsd: []\n"
                            "  old-linux: [10.0.0.0/8, \"2001:db8::/32\"]\n"
                            "  linux: 10.1.0.0/16\n"
                            "  hpux11: [10.1.2.3]\n");
    assert_non_null(c);
    assert_int_equal(os_of(c, "192.0.2.1"), OS_WINDOWS);
    assert_int_equal(os_of(c, "10.9.9.9"), OS_OLD_LINUX);
    assert_int_equal(os_of(c, "10.1.9.9"), OS_LINUX);
    assert_int_equal(os_of(c, "10.1.2.3"), OS_HPUX11);
    assert_int_equal(os_of(c, "2001:db8::1"), OS_OLD_LINUX);
    assert_int_equal(os_of(c, "2001:db9::1"), OS_BSD);
    config_destroy(&c);

    c = load("host-os-policy: {solaris: [any], windows: [198.51.100.0/24, \"!198.51.100.7\"]}\n");
    assert_int_equal(os_of(c, "192.0.2.1"), OS_SOLARIS);
    assert_int_equal(os_of(c, "198.51.100.6"), OS_WINDOWS);
    assert_int_equal(os_of(c, "198.51.100.7"), OS_SOLARIS);
    config_destroy(&c);
    assert_null(load_sets("host-os-policy: {windows: [somewhere]}\n", NULL, 0));
}

static void policies(void **state)
{
    (void)state;
    struct config *c =
        load("exception-policy: bypass\n"
             "flow: {memcap-policy: ignore}\n"
             "stream:\n"
             "  midstream-policy: pass-flow\n"
             "  reassembly: {memcap-policy: drop-packet, urgent: {policy: gap, oob-limit-policy: inline}}\n");
    assert_non_null(c);
    const struct settings *s = config_settings(c);
    assert_int_equal(s->flow.memcap_policy, EXCEPTION_IGNORE);
    assert_int_equal(s->defrag.memcap_policy, EXCEPTION_BYPASS);
    assert_int_equal(s->stream.memcap_policy, EXCEPTION_BYPASS);
    assert_int_equal(s->stream.midstream_policy, EXCEPTION_PASS_FLOW);
    assert_int_equal(s->stream.reassembly_policy, EXCEPTION_DROP_PACKET);
    assert_int_equal(s->stream.urgent, URGENT_GAP);
    assert_int_equal(s->stream.urgent_limit, URGENT_INLINE);
    config_destroy(&c);

    c = load("flow: {hash-size: 1000}\n");
    s = config_settings(c);
    assert_int_equal(s->stream.midstream_policy, EXCEPTION_IGNORE);
    assert_int_equal(s->stream.urgent, URGENT_OOB);
    assert_int_equal(s->stream.urgent_limit, URGENT_DROP);
    assert_int_equal(s->stream.max_syn_queued, 10);
    assert_int_equal(s->stream.max_synack_queued, 5);
    assert_true(s->stream.overlap_check);
    config_destroy(&c);
    assert_null(load_sets("stream: {memcap-policy: sometimes}\n", NULL, 0));
    assert_null(load_sets("stream: {reassembly: {urgent: {policy: late}}}\n", NULL, 0));
}

static void timeouts_of_fragments(void **state)
{
    (void)state;
    struct config *c = load("defrag:\n"
                            "  timeout: 20\n"
                            "  host-config:\n"
                            "    - dmz: {timeout: 30, address: [192.0.2.0/24, \"::1\"]}\n"
                            "    - lan: {timeout: 45, address: [192.0.2.128/25]}\n");
    assert_non_null(c);
    const struct settings_defrag *d = &config_settings(c)->defrag;
    struct addr a = addr_v4((const uint8_t[4]){192, 0, 2, 1});
    assert_int_equal(settings_defrag_timeout(d, &a), 30);
    a = addr_v4((const uint8_t[4]){192, 0, 2, 200});
    assert_int_equal(settings_defrag_timeout(d, &a), 45);
    a = addr_v4((const uint8_t[4]){10, 0, 2, 200});
    assert_int_equal(settings_defrag_timeout(d, &a), 20);
    config_destroy(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_by_longest_prefix),
        cmocka_unit_test(policies),
        cmocka_unit_test(timeouts_of_fragments),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
