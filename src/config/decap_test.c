/* Section decap: payloads and the servers they are restricted to, sources of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

/* The file of the test that runs; its name is cut off the messages. */
static char folder[] = "/tmp/burrow-decap-XXXXXX";
static char file[64];
static char error[1024];

static struct config *load_sets(const char *yaml, const char *const *sets, size_t count)
{
    FILE *to = fopen(file, "w");
    assert_non_null(to);
    fputs(yaml, to);
    fclose(to);
    struct config *c;
    int r = config_create(file, sets, count, &c, error, sizeof error);
    assert_int_equal(r, c ? 0 : -22);
    return c;
}

static struct config *load(const char *yaml)
{
    struct config *c = load_sets(yaml, NULL, 0);
    if (!c)
        fail_msg("%s", error);
    return c;
}

static struct config *load_defaults(void)
{
    struct config *c;
    assert_int_equal(config_create(NULL, NULL, 0, &c, error, sizeof error), 0);
    return c;
}

static bool allows(const struct settings *s, const char *payload, const char *server, uint16_t port)
{
    struct addr a;
    assert_true(addr_parse(server, strlen(server), &a));
    return settings_payload_allows(settings_payload(s, payload), &a, port);
}

static void test_payload(void **state)
{
    (void)state;
    struct config *c = load("decap:\n"
                            "  payload:\n"
                            "    socks: {enabled: detection-only, ports: [1080, 1085-1089, '!1087']}\n"
                            "    http-connect: {addresses: [10.0.0.0/8, '!10.9.0.0/16', '2001:db8::/32']}\n"
                            "    http-proxy: {ports: '!80', addresses: 192.0.2.1}\n"
                            "    h2-connect: {ports: '[8000:8002, 9000]'}\n"
                            "    connect-udp: {ports: '![1,2]', addresses: '[any,!::1]'}\n"
                            "    icap: {enabled: no, ports: any}\n");
    const struct settings *s = config_settings(c);
    assert_null(config_warning(c, 0));
    assert_int_equal(settings_payload(s, "socks")->enabled, SWITCH_DETECTION_ONLY);
    static const struct {
        const char *payload;
        const char *server;
        uint16_t port;
        bool allowed;
    } cases[] = {
        {"socks", "192.0.2.1", 1080, true},
        {"socks", "2001:db8::1", 1085, true},
        {"socks", "192.0.2.1", 1089, true},
        {"socks", "192.0.2.1", 1087, false},
        {"socks", "192.0.2.1", 1090, false},
        {"http-connect", "10.1.2.3", 1, true},
        {"http-connect", "10.9.2.3", 1, false},
        {"http-connect", "11.0.0.1", 1, false},
        {"http-connect", "2001:db8:5::1", 1, true},
        {"http-proxy", "192.0.2.1", 80, false},
        {"http-proxy", "192.0.2.1", 8080, true},
        {"http-proxy", "192.0.2.2", 8080, false},
        {"h2-connect", "192.0.2.1", 8001, true},
        {"h2-connect", "192.0.2.1", 9000, true},
        {"h2-connect", "192.0.2.1", 8003, false},
        {"connect-udp", "192.0.2.1", 3, true},
        {"connect-udp", "192.0.2.1", 2, false},
        {"connect-udp", "::1", 3, false},
        {"websocket", "::1", 3, true},
        {"icap", "192.0.2.1", 1344, false},
        {"nonsense", "192.0.2.1", 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (allows(s, cases[i].payload, cases[i].server, cases[i].port) != cases[i].allowed)
            fail_msg("%s to %s port %u", cases[i].payload, cases[i].server, cases[i].port);
    config_destroy(&c);
}

static void test_names(void **state)
{
    (void)state;
    struct config *c = load_defaults();
    const struct settings_names *n = &config_settings(c)->decap.names;
    assert_int_equal(n->order_count, 2);
    assert_int_equal(n->order[0], NAMES_PASSIVE_DNS);
    assert_int_equal(n->order[1], NAMES_EGRESS);
    assert_false(settings_names_has(n, NAMES_ACTIVE));
    assert_string_equal(n->hosts_file, "");
    assert_int_equal(n->egress_memcap, 2 << 20);
    assert_int_equal(n->active.server_count, 0);
    assert_int_equal(n->active.timeout, 2);
    assert_int_equal(n->active.max_queries, 1000);
    config_destroy(&c);

    c = load("decap:\n"
             "  names:\n"
             "    order: [active, hosts, passive-dns, active]\n"
             "    passive-dns: {enabled: no}\n"
             "    hosts-file: /etc/hosts\n"
             "    active:\n"
             "      enabled: yes\n"
             "      servers: [192.0.2.1, '192.0.2.2:5353', '[2001:db8::1]:54', '2001:db8::2']\n"
             "      timeout: 5\n"
             "      max-queries: 7\n"
             "      memcap: 1mb\n");
    assert_null(config_warning(c, 0));
    n = &config_settings(c)->decap.names;
    assert_int_equal(n->order_count, 2);
    assert_int_equal(n->order[0], NAMES_ACTIVE);
    assert_int_equal(n->order[1], NAMES_HOSTS);
    assert_string_equal(n->hosts_file, "/etc/hosts");
    assert_int_equal(n->active.server_count, 4);
    static const uint16_t ports[] = {53, 5353, 54, 53};
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(n->active.servers[i].port, ports[i]);
    assert_int_equal(n->active.servers[2].addr.family, ADDR_V6);
    assert_int_equal(n->active.servers[3].addr.b[15], 2);
    assert_int_equal(n->active.timeout, 5);
    assert_int_equal(n->active.max_queries, 7);
    assert_int_equal(n->active.memcap, 1 << 20);
    config_destroy(&c);

    c = load("decap: {names: {order: []}}\n");
    assert_int_equal(config_settings(c)->decap.names.order_count, 0);
    config_destroy(&c);
}

static int set_up(void **state)
{
    (void)state;
    /* The warnings are looked at one by one; the log would only repeat them. */
    log_set_level(LOG_LEVEL_ERROR);
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/t.yaml", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
