/* Loading as a whole: defaults, files, --set, errors, warnings, settings, dump. */
#include "config/test_load.h"

/* text without the folder's name in front. */
static const char *local(const char *text)
{
    size_t n = strlen(folder) + 1;
    return text && strncmp(text, folder, n - 1) == 0 ? text + n : text;
}

static void assert_error(const char *yaml, const char *expected)
{
    struct config *c = load_sets(yaml, NULL, 0);
    assert_null(c);
    assert_string_equal(local(error), expected);
}

/* The only warning of a file, or "". */
static void assert_warning(const char *yaml, const char *expected)
{
    struct config *c = load(yaml);
    const char *text = local(config_warning(c, 0));
    assert_string_equal(text ? text : "", expected);
    assert_null(config_warning(c, text ? 1 : 0));
    config_destroy(&c);
    assert_null(c);
}

static void test_defaults(void **state)
{
    (void)state;
    struct config *c = load_defaults();
    const struct settings *s = config_settings(c);
    assert_null(config_warning(c, 0));
    assert_string_equal(s->config_file, "");
    assert_string_equal(s->log_dir, "/var/log/burrow");
    assert_int_equal(s->flow.memcap, 128 << 20);
    assert_int_equal(s->flow.hash_size, 65536);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].new_, 60);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].established, 600);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].closed, 60);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_UDP].new_, 30);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_ICMP].established, 300);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_DEFAULT].bypassed, 100);
    assert_int_equal(s->stream.reassembly_memcap, 256 << 20);
    assert_int_equal(s->stream.depth, 0);
    assert_false(s->stream.midstream);
    assert_int_equal(s->defrag.timeout, 60);
    assert_int_equal(s->defrag.max_frags, 65535);
    assert_true(s->decap.enabled);
    assert_int_equal(s->decap.max_depth, 4);
    assert_true(s->decap.names.passive_dns);
    assert_true(s->decap.names.egress);
    assert_int_equal(s->decap.names.passive_dns_memcap, 16 << 20);
    assert_int_equal(s->decap.names.placeholder_v4.b[0], 240);
    assert_int_equal(s->decap.names.placeholder_v4_bits, 4);
    assert_int_equal(s->decap.names.placeholder_v6.b[0], 1);
    assert_int_equal(s->decap.names.placeholder_v6_bits, 64);
    assert_true(s->stats.enabled);
    assert_int_equal(s->stats.interval, 8);
    assert_int_equal(s->checksums, CHECKSUMS_AUTO);
    assert_int_equal(s->topology, TOPOLOGY_AUTO);
    assert_int_equal(s->lanes, 0);
    assert_int_equal(s->max_pending_packets, 1024);
    assert_int_equal(s->app_memcap, 64 << 20);
    assert_int_equal(s->app_buffer, 128 << 10);
    assert_string_equal(s->capture_filter, "");
    assert_string_equal(s->pid_file, "");
    assert_string_equal(s->run_as_user, "");
    assert_string_equal(s->run_as_group, "");
    assert_int_equal(s->logging.level, LOG_LEVEL_NOTICE);
    assert_non_null(conf_find(s->tree, "vars.address-groups.HOME_NET"));
    config_destroy(&c);
}

static void test_default_outputs(void **state)
{
    (void)state;
    static const char *const on[] = {"alert", "anomaly", "http",  "dns",   "tls", "ssh",
                                     "smtp",  "tunnel",  "socks", "stats", "flow"};
    struct config *c = load_defaults();
    const struct settings *s = config_settings(c);
    assert_true(s->fast.enabled);
    assert_true(s->eve.enabled);
    assert_true(s->eve.append);
    assert_false(s->eve.community_id);
    assert_string_equal(s->eve.filename, "eve.json");
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
        assert_true(settings_eve_type_enabled(s, on[i]));
    assert_false(settings_eve_type_enabled(s, "frame"));
    assert_true(settings_eve_type_enabled(s, "files"));
    assert_false(settings_eve_type_enabled(s, "nonsense"));
    /* The order is part of the interface: --set goes by it. */
    static const char *const first[] = {"alert", "frame", "anomaly", "http", "dns", "tls", "files"};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        assert_string_equal(s->eve.types[i].name, first[i]);
    assert_string_equal(conf_find(s->tree, "outputs.0")->first->key, "fast");
    assert_string_equal(conf_find(s->tree, "outputs.1")->first->key, "eve-log");
    assert_int_equal(settings_proto_enabled(s, "http"), SWITCH_YES);
    assert_int_equal(settings_proto_enabled(s, "nonsense"), SWITCH_YES);
    const struct settings_payload *p = settings_payload(s, "socks");
    assert_int_equal(p->enabled, SWITCH_YES);
    assert_false(p->log_passwords);
    assert_true(p->reverse);
    assert_true(p->udp);
    assert_non_null(settings_payload(s, "http-connect"));
    assert_true(p->udp);
    static const char *const carriers[] = {"http-connect", "http-proxy",     "h2-connect", "connect-udp",
                                           "websocket",    "proxy-protocol", "sslproxy",   "icap"};
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++)
        assert_int_equal(settings_payload(s, carriers[i])->enabled, SWITCH_YES);
    assert_null(settings_payload(s, "nonsense"));
    config_destroy(&c);
}

static void test_file_overrides(void **state)
{
    (void)state;
    struct config *c = load("%YAML 1.1\n"
                            "---\n"
                            "default-log-dir: logs\n"
                            "flow: {memcap: 12 mb, hash-size: 1}\n"
                            "flow-timeouts:\n"
                            "  tcp: {new: 7, closed: 0}\n"
                            "stream:\n"
                            "  midstream: true\n"
                            "  reassembly: {depth: 1.5 mb}\n"
                            "defrag: {timeout: 30}\n"
                            "stats: {enabled: off, interval: 3600}\n"
                            "threading: {lanes: 3, topology: pipeline}\n"
                            "app-layer:\n"
                            "  buffer-size: 4kb\n"
                            "  protocols:\n"
                            "    tls: {enabled: no}\n"
                            "    dns:\n"
                            "      tcp: {enabled: no}\n"
                            "      udp: {enabled: no}\n"
                            "decap:\n"
                            "  max-depth: 2\n"
                            "  payload:\n"
                            "    socks: {log-passwords: yes}\n"
                            "    http-connect: {enabled: false}\n"
                            "  names:\n"
                            "    passive-dns: {enabled: no, memcap: 1mb}\n"
                            "    placeholder: {ipv4: 198.18.0.0/15, ipv6: '2001:db8::/32'}\n"
                            "logging: {default-log-level: debug}\n"
                            "pid-file: /run/x.pid\n"
                            "bpf-filter: tcp port 80\n");
    const struct settings *s = config_settings(c);
    assert_null(config_warning(c, 0));
    assert_string_equal(s->config_file, file);
    assert_string_equal(s->log_dir, "logs");
    assert_int_equal(s->flow.memcap, 12 << 20);
    assert_int_equal(s->flow.hash_size, 1);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].new_, 7);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].closed, 0);
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_TCP].established, 600);
    assert_true(s->stream.midstream);
    assert_int_equal(s->stream.depth, 3 << 19);
    assert_int_equal(s->stream.reassembly_memcap, 256 << 20);
    assert_int_equal(s->defrag.timeout, 30);
    assert_false(s->stats.enabled);
    assert_int_equal(s->stats.interval, 3600);
    assert_int_equal(s->lanes, 3);
    assert_int_equal(s->topology, TOPOLOGY_PIPELINE);
    assert_int_equal(s->app_buffer, 4096);
    assert_int_equal(settings_proto_enabled(s, "tls"), SWITCH_NO);
    assert_int_equal(settings_proto_enabled(s, "dns"), SWITCH_NO);
    assert_int_equal(settings_proto_enabled(s, "http"), SWITCH_YES);
    assert_int_equal(s->decap.max_depth, 2);
    assert_true(settings_payload(s, "socks")->log_passwords);
    assert_int_equal(settings_payload(s, "http-connect")->enabled, SWITCH_NO);
    assert_false(s->decap.names.passive_dns);
    assert_int_equal(s->decap.names.passive_dns_memcap, 1 << 20);
    assert_int_equal(s->decap.names.placeholder_v4.b[0], 198);
    assert_int_equal(s->decap.names.placeholder_v6_bits, 32);
    assert_int_equal(s->logging.level, LOG_LEVEL_DEBUG);
    assert_string_equal(s->pid_file, "/run/x.pid");
    assert_string_equal(s->capture_filter, "tcp port 80");
    config_destroy(&c);
}

static void test_outputs(void **state)
{
    (void)state;
    struct config *c = load("outputs:\n"
                            "  - eve-log:\n"
                            "      enabled: yes\n"
                            "      filename: x.json\n"
                            "      append: no\n"
                            "      community-id: true\n"
                            "      community-id-seed: 65535\n"
                            "      pcap-file: yes\n"
                            "      ethernet: yes\n"
                            "      types:\n"
                            "        - flow\n"
                            "        - http: {enabled: no}\n"
                            "        - tls:\n");
    const struct settings *s = config_settings(c);
    assert_false(s->fast.enabled);
    assert_true(s->eve.enabled);
    assert_false(s->eve.append);
    assert_true(s->eve.community_id);
    assert_int_equal(s->eve.community_id_seed, 65535);
    assert_true(s->eve.pcap_file);
    assert_true(s->eve.ethernet);
    assert_string_equal(s->eve.filename, "x.json");
    assert_int_equal(s->eve.type_count, 3);
    assert_true(settings_eve_type_enabled(s, "flow"));
    assert_true(settings_eve_type_enabled(s, "tls"));
    assert_false(settings_eve_type_enabled(s, "http"));
    assert_false(settings_eve_type_enabled(s, "dns"));
    assert_non_null(s->eve.types[1].options);
    assert_null(s->eve.types[0].options);
    config_destroy(&c);

    c = load("outputs:\n  - eve-log:\n      filename:\n");
    assert_string_equal(config_settings(c)->eve.filename, "eve.json");
    assert_true(settings_eve_type_enabled(config_settings(c), "tunnel"));
    config_destroy(&c);

    c = load("outputs: []\n");
    assert_false(config_settings(c)->eve.enabled);
    assert_false(settings_eve_type_enabled(config_settings(c), "flow"));
    config_destroy(&c);

    c = load("outputs:\nflow:\nthreading: {lanes: }\n");
    assert_true(config_settings(c)->eve.enabled);
    assert_int_equal(config_settings(c)->flow.memcap, 128 << 20);
    config_destroy(&c);
}

static void test_sets(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "flow.memcap=1gb",
        "flow.memcap=2mb",
        "outputs.1.eve-log.filename=other.json",
        "outputs.1.eve-log.types.4.dns.enabled=no",
        "outputs.1.eve-log.types.16.frame.enabled=no",
        "outputs.2.tunnel-pcap.enabled=yes",
        "outputs.2.tunnel-pcap.mtu=9000",
        "stream.midstream=true",
        "rule-files.0=a.rules",
        "rule-files.1=b.rules",
        "threshold-file=",
    };
    struct config *c;
    assert_int_equal(config_create(NULL, sets, sizeof sets / sizeof sets[0], &c, error, sizeof error), 0);
    const struct settings *s = config_settings(c);
    assert_int_equal(s->flow.memcap, 2 << 20);
    assert_string_equal(s->eve.filename, "other.json");
    assert_true(s->tunnel_pcap.enabled);
    assert_int_equal(s->tunnel_pcap.mtu, 9000);
    assert_int_equal(s->tunnel_pcap.memcap, 128 << 20);
    assert_string_equal(s->tunnel_pcap.filename, "tunnels.pcap");
    assert_false(settings_eve_type_enabled(s, "dns"));
    assert_true(settings_eve_type_enabled(s, "http"));
    assert_int_equal(s->eve.type_count, 17);
    assert_true(s->stream.midstream);
    assert_int_equal(s->rules.file_count, 2);
    assert_string_equal(s->rules.files[1], "b.rules");
    assert_string_equal(s->rules.threshold_file, "");
    config_destroy(&c);

    static const char *const bare[] = {"outputs.0.eve-log.types.1.dns.enabled=no", "flow.memcap=3mb"};
    c = load_sets("flow: {memcap: 9mb}\noutputs:\n- eve-log:\n    types:\n    - alert\n    - dns\n", bare, 2);
    assert_non_null(c);
    assert_int_equal(config_settings(c)->flow.memcap, 3 << 20);
    assert_false(settings_eve_type_enabled(config_settings(c), "dns"));
    assert_true(settings_eve_type_enabled(config_settings(c), "alert"));
    config_destroy(&c);
}

static void test_set_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"flow.memcap=12xb", "--set: flow.memcap: '12xb' is not a size (use a number with kb, mb or gb)"},
        {"flow=1", "--set: flow: wants keys below it, not a value"},
        {"outputs=1", "--set: outputs: wants a list of items (\"- ...\"), not a single value"},
        {"outputs.1.eve-log.types.3.dns.enabled=no",
         "--set outputs.1.eve-log.types.3.dns.enabled=no: outputs.1.eve-log.types.3 is 'http', not 'dns'"},
        {"outputs.7.fast.enabled=no",
         "--set outputs.7.fast.enabled=no: outputs has 4 items, counted from 0: there is no 7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config *c;
        assert_int_equal(config_create(NULL, &cases[i][0], 1, &c, error, sizeof error), -22);
        assert_null(c);
        assert_string_equal(error, cases[i][1]);
    }
}

static void test_value_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"# one\nflow:\n  memcap: 12xb\n",
         "t.yaml:3: flow.memcap: '12xb' is not a size (use a number with kb, mb or gb)"},
        {"flow:\n  memcap: 1kb\n", "t.yaml:2: flow.memcap: 1kb is out of range (65536 to 18446744073709551615 bytes)"},
        {"flow: {hash-size: -1}\n", "t.yaml:1: flow.hash-size: '-1' is not a number (1 to 268435456)"},
        {"flow: {hash-size: 0}\n", "t.yaml:1: flow.hash-size: 0 is out of range (1 to 268435456)"},
        {"\nflow-timeouts: {tcp: {new: 4294967296}}\n",
         "t.yaml:2: flow-timeouts.tcp.new: 4294967296 is out of range (0 to 4294967295)"},
        {"stream:\n  midstream: maybe\n", "t.yaml:2: stream.midstream: 'maybe' is not yes or no"},
        {"stream:\n  midstream: [yes]\n", "t.yaml:2: stream.midstream: wants a single value, not a list"},
        {"stream:\n  midstream: {a: b}\n", "t.yaml:2: stream.midstream: wants a value, not keys"},
        {"stream: yes\n", "t.yaml:1: stream: wants keys below it, not a value"},
        {"stream: [a]\n", "t.yaml:1: stream: wants keys below it, not a list"},
        {"outputs: {eve-log: {enabled: yes}}\n", "t.yaml:1: outputs: wants a list of items (\"- ...\"), not keys"},
        {"app-layer: {protocols: {tls: {enabled: perhaps}}}\n",
         "t.yaml:1: app-layer.protocols.tls.enabled: 'perhaps' is not yes, no or detection-only"},
        {"pcap-file:\n  checksum-checks: some\n",
         "t.yaml:2: pcap-file.checksum-checks: can't be 'some', only auto|yes|no"},
        {"outputs:\n- eve-log:\n    filetype: syslog\n",
         "t.yaml:3: outputs.0.eve-log.filetype: can't be 'syslog', only regular"},
        {"outputs:\n- eve-log:\n    community-id-seed: 65536\n",
         "t.yaml:3: outputs.0.eve-log.community-id-seed: 65536 is out of range (0 to 65535)"},
        {"outputs:\n- eve-log:\n    types:\n    - http: {enabled: x}\n",
         "t.yaml:4: outputs.0.eve-log.types.0.http.enabled: 'x' is not yes or no"},
        {"decap:\n  max-depth: 0\n", "t.yaml:2: decap.max-depth: 0 is out of range (1 to 16)"},
        {"decap: {names: {placeholder: {ipv4: '::/1'}}}\n",
         "t.yaml:1: decap.names.placeholder.ipv4: '::/1' is not an IPv4 network (address/bits)"},
        {"decap: {names: {placeholder: {ipv6: 100::/129}}}\n",
         "t.yaml:1: decap.names.placeholder.ipv6: '100::/129' is not an IPv6 network (address/bits)"},
        {"decap:\n  payload:\n    socks:\n      enabled: perhaps\n",
         "t.yaml:4: decap.payload.socks.enabled: 'perhaps' is not yes, no or detection-only"},
        {"decap:\n  payload:\n    icap:\n      ports: [1344,\n              70000]\n",
         "t.yaml:5: decap.payload.icap.ports.1: '70000' is not a port (0 to 65535) or a range of ports (1080-1090)"},
        {"decap: {payload: {icap: {ports: 20-10}}}\n",
         "t.yaml:1: decap.payload.icap.ports: '20-10' is not a port (0 to 65535) or a range of ports (1080-1090)"},
        {"decap: {payload: {icap: {ports: {a: b}}}}\n",
         "t.yaml:1: decap.payload.icap.ports: wants a list of items (\"- ...\"), not keys"},
        {"decap: {payload: {socks: {addresses: ['10.0.0.0/8', 'proxy']}}}\n",
         "t.yaml:1: decap.payload.socks.addresses.1: 'proxy' is not an address or a network (address/bits)"},
        {"decap: {payload: {socks: {addresses: 10.0.0.0/33}}}\n",
         "t.yaml:1: decap.payload.socks.addresses: '10.0.0.0/33' is not an address or a network (address/bits)"},
        {"decap: {names: {order: [hosts, dns]}}\n",
         "t.yaml:1: decap.names.order.1: can't be 'dns', only passive-dns|egress|hosts|active"},
        {"decap: {names: {active: {servers: ['ns.example']}}}\n",
         "t.yaml:1: decap.names.active.servers.0: 'ns.example' is not a server (address, or address:port)"},
        {"decap: {names: {active: {servers: "
         "[1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1]}}}\n",
         "t.yaml:1: decap.names.active.servers: has more than 8 items"},
        {"decap: {names: {active: {timeout: 0}}}\n",
         "t.yaml:1: decap.names.active.timeout: 0 is out of range (1 to 60)"},
        {"threading: {topology: ring}\n", "t.yaml:1: threading.topology: can't be 'ring', only auto|pipeline|workers"},
        {"threading: {lanes: 65}\n", "t.yaml:1: threading.lanes: 65 is out of range (0 to 64)"},
        {"app-layer: {buffer-size: 5gb}\n",
         "t.yaml:1: app-layer.buffer-size: 5gb is out of range (1024 to 1073741824 bytes)"},
        {"rule-files:\n  - a\n  - {b: c}\n", "t.yaml:3: rule-files.1: wants a text"},
        {"flow:\n  prealloc: lots\n", "t.yaml:2: flow.prealloc: 'lots' is not a number (0 to 4294967295)"},
        {"a: [\n", "t.yaml:2: not valid YAML: did not find expected node content (while parsing a flow node that began "
                   "in line 2)"},
        {"words\n", "t.yaml:1: not a configuration: `key: value` lines are expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_error(cases[i][0], cases[i][1]);
    struct config *c;
    assert_int_equal(config_create("/nonexistent/burrow.yaml", NULL, 0, &c, error, sizeof error), -22);
    assert_string_equal(error, "/nonexistent/burrow.yaml: can't be read: No such file or directory");
}

static void test_warnings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"flow:\n  memcpa: 1mb\n", "t.yaml:2: flow.memcpa: unknown key, ignored"},
        {"nonsense:\n  deep: {er: [1, 2]}\n", "t.yaml:1: nonsense: unknown key, ignored"},
        {"\nlua:\n  a: {type: md5}\n", "t.yaml:2: lua: not supported, ignored"},
        {"lua:\n  defaults:\n  limits:\n", ""},
        {"app-layer:\n  protocols:\n    smb: {enabled: yes}\n",
         "t.yaml:3: app-layer.protocols.smb: not supported, ignored"},
        {"app-layer:\n  protocols:\n    smb: {enabled: yes}\n    tls: {enabled: yes}\n    ftp: {enabled: yes}\n",
         "t.yaml:3: app-layer.protocols: not supported, ignored: smb, ftp (line 5)"},
        {"app-layer:\n  protocols:\n    smb: {enabled: no}\n    mqtt:\n", ""},
        {"outputs:\n- http-log: {enabled: no}\n- eve-log: {enabled: yes}\n", ""},
        {"outputs:\n- http-log: {enabled: yes}\n", "t.yaml:2: outputs.http-log: not supported, ignored"},
        {"outputs:\n- eve-log:\n    types:\n    - flow\n    - ftp\n    - smb:\n    - rdp: {enabled: no}\n",
         "t.yaml:5: outputs.0.eve-log.types: not supported, ignored: ftp, smb (line 6)"},
        {"outputs:\n- eve-log:\n    types:\n    - stats:\n      totals: yes\n",
         "t.yaml:5: outputs.0.eve-log.types.0: 'totals' stands beside 'stats', not below it, ignored: indent it "
         "further"},
        {"outputs:\n- eve-log: {enabled: yes}\n- eve-log: {enabled: yes}\n",
         "t.yaml:3: a second eve-log with the file eve.json, ignored"},
        {"outputs:\n- eve-log: {enabled: yes}\n- eve-log: {filename: b.json}\n", ""},
        {"outputs:\n- eve-log: {types: [{smtp: {extended: no}}]}\n"
         "- eve-log:\n    filename: b.json\n    types: [{smtp: {extended: yes}}]\n",
         "t.yaml:5: options of smtp are those of the first eve-log that has it; others are ignored"},
        {"flow: {prealloc: 10000}\nmpm-algo: hs\nflow-timeouts: {tcp: {emergency-new: 5}}\n", ""},
        {"vlan: {use-for-tracking: true}\n", ""},
        {"vlan:\n  use-for-tracking: false\n", ""},
        {"decap: {names: {egress: {enabled: no}, hosts-file: null, active: {enabled: no, servers: []}}}\n", ""},
        {"decap: {payload: {http-connect: {log-passwords: yes}}}\n",
         "t.yaml:1: decap.payload.http-connect.log-passwords: has no effect in this release"},
        {"flow: {memcap: 1mb}\nflow: {memcap: 2mb}\n", "t.yaml:2: flow: set before in line 1, the later one counts"},
        {"app-layer: {protocols: {dns: {tcp: {enabled: no}}}}\n",
         "t.yaml:1: app-layer.protocols.dns: can't be switched for tcp and udp each, is on"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_warning(cases[i][0], cases[i][1]);
    struct config *c = load("# nothing\n");
    assert_string_equal(local(config_warning(c, 0)), "t.yaml: no key in it, the built-in defaults hold");
    config_destroy(&c);
}

static void test_runmode_and_checksums(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum settings_topology topology;
        uint32_t lanes;
        enum settings_checksums checksums;
    } cases[] = {
        {"runmode: workers\npcap-file: {checksum-checks: yes}\n", TOPOLOGY_WORKERS, 0, CHECKSUMS_ALL},
        {"runmode: autofp\npcap-file: {checksum-checks: off}\n", TOPOLOGY_PIPELINE, 0, CHECKSUMS_NONE},
        {"runmode: single\nstream: {checksum-validation: no}\n", TOPOLOGY_WORKERS, 1, CHECKSUMS_NONE},
        {"runmode: single\nthreading: {topology: pipeline, lanes: 2}\n", TOPOLOGY_PIPELINE, 2, CHECKSUMS_AUTO},
        {"runmode: auto\nstream: {checksum-validation: yes}\n", TOPOLOGY_AUTO, 0, CHECKSUMS_AUTO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config *c = load(cases[i].yaml);
        const struct settings *s = config_settings(c);
        assert_int_equal(s->topology, cases[i].topology);
        assert_int_equal(s->lanes, cases[i].lanes);
        assert_int_equal(s->checksums, cases[i].checksums);
        config_destroy(&c);
    }
}

static char *dump(const struct config *c)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    config_dump(c, to);
    fclose(to);
    return text;
}

static void test_dump(void **state)
{
    (void)state;
    struct config *c = load("outputs:\n- eve-log:\n    types: [flow, {http: {enabled: no}}]\nrule-files: [a]\n");
    char *text = dump(c);
    static const char *const lines[] = {
        "outputs = (null)\noutputs.0 = eve-log\noutputs.0.eve-log = (null)\noutputs.0.eve-log.types = (null)\n"
        "outputs.0.eve-log.types.0 = flow\noutputs.0.eve-log.types.1 = http\n"
        "outputs.0.eve-log.types.1.http = (null)\noutputs.0.eve-log.types.1.http.enabled = no\n",
        "\nflow.memcap = 128mb\n",
        "\nrule-files = (null)\nrule-files.0 = a\n",
        "\npid-file = (null)\n",
        "\ndecap.names.placeholder.ipv6 = 100::/64\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_non_null(strstr(text, lines[i]));
    free(text);
    config_destroy(&c);
}

/* The shipped file says what is built in, all of it, and nothing else. */
static void test_shipped_file(void **state)
{
    (void)state;
    struct config *built_in, *shipped;
    /* But for where the files are that are installed with it. */
    static const char *const sets[] = {"default-rule-path=rules", "classification-file=classes",
                                       "reference-config-file=references"};
    assert_int_equal(config_create(NULL, sets, 3, &built_in, error, sizeof error), 0);
    assert_int_equal(config_create(SOURCE_DIR "/etc/burrow.yaml", sets, 3, &shipped, error, sizeof error), 0);
    assert_null(config_warning(shipped, 0));
    char *a = dump(built_in);
    char *b = dump(shipped);
    assert_string_equal(a, b);
    free(a);
    free(b);
    config_destroy(&shipped);
    assert_int_equal(config_create(SOURCE_DIR "/etc/burrow.yaml", NULL, 0, &shipped, error, sizeof error), 0);
    /* Each key must be in the file itself: the overlay would hide one that is missing. */
    const struct conf_node *top = config_settings(shipped)->tree;
    for (const struct conf_node *at = conf_walk(top, top); at; at = conf_walk(top, at))
        if (at->kind == CONF_SCALAR)
            assert_string_equal(at->file, SOURCE_DIR "/etc/burrow.yaml");
    config_destroy(&built_in);
    config_destroy(&shipped);
}

static void test_stock_suricata(void **state)
{
    (void)state;
    struct config *c;
    assert_int_equal(config_create(SOURCE_DIR "/src/config/testdata/suricata.yaml", NULL, 0, &c, error, sizeof error),
                     0);
    const struct settings *s = config_settings(c);
    assert_string_equal(s->log_dir, "/var/log/suricata/");
    assert_true(settings_eve_type_enabled(s, "tls"));
    assert_true(settings_eve_type_enabled(s, "flow"));
    assert_false(settings_eve_type_enabled(s, "tunnel"));
    assert_int_equal(s->flow.timeouts[FLOW_CLASS_UDP].established, 300);
    assert_string_equal(s->rules.files[0], "suricata.rules");
    size_t count = 0;
    for (const char *w; (w = config_warning(c, count)); count++) {
        assert_null(strstr(w, "unknown"));
        assert_non_null(strstr(w, "/suricata.yaml:"));
    }
    assert_in_range(count, 1, 12);
    config_destroy(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_default_outputs),
        cmocka_unit_test(test_file_overrides),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_set_errors),
        cmocka_unit_test(test_value_errors),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_runmode_and_checksums),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_shipped_file),
        cmocka_unit_test(test_stock_suricata),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
