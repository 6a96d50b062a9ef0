#include "config/schema.h"
#include "config/settings.h"

/* Short forms for this table only. SAME and FIXED: the values in words are what is done anyhow, others have no effect.
 */
#define USED(path, kind)                                                                                               \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_USED, 0, 0, NULL                                                                   \
    }
#define RANGE(path, kind, least, most)                                                                                 \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_USED, least, most, NULL                                                            \
    }
#define WORD(path, words)                                                                                              \
    {                                                                                                                  \
        path, SCHEMA_WORD, SCHEMA_USED, 0, 0, words                                                                    \
    }
#define QUIET(path, kind)                                                                                              \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_QUIET, 0, 0, NULL                                                                  \
    }
#define NONE(path)                                                                                                     \
    {                                                                                                                  \
        path, SCHEMA_ANY, SCHEMA_UNSUPPORTED, 0, 0, NULL                                                               \
    }
#define SAME(path, kind, words)                                                                                        \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_UNSUPPORTED, 0, 0, words                                                           \
    }
#define LATER(path, kind)                                                                                              \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_LATER, 0, 0, NULL                                                                  \
    }
#define FIXED(path, kind, words)                                                                                       \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_LATER, 0, 0, words                                                                 \
    }

#define LIST_OF(path, kind, most, words)                                                                               \
    {                                                                                                                  \
        path, SCHEMA_##kind, SCHEMA_USED, 0, most, words                                                               \
    }
#define PAYLOAD(name)                                                                                                  \
    USED("decap.payload." name ".enabled", SWITCH), USED("decap.payload." name ".ports", PORTS),                       \
        USED("decap.payload." name ".addresses", NETS)

#define UDP_TUNNEL(name) USED("decoder." name ".enabled", BOOL), USED("decoder." name ".ports", ANY)

/* detection-only is read and stays without effect. */
#define SWITCH(path) FIXED(path, SWITCH, "yes|no")

#define TIMEOUTS(section)                                                                                              \
    USED(section "new", UINT), USED(section "established", UINT), USED(section "closed", UINT),                        \
        USED(section "bypassed", UINT), QUIET(section "emergency-new", UINT),                                          \
        QUIET(section "emergency-established", UINT), QUIET(section "emergency-closed", UINT),                         \
        QUIET(section "emergency-bypassed", UINT)

#define EXCEPTIONS "auto|ignore|bypass|pass-flow|pass-packet|drop-flow|drop-packet|reject"

#define XFF(path)                                                                                                      \
    USED(path ".enabled", BOOL), WORD(path ".mode", "extra-data|overwrite"),                                           \
        WORD(path ".deployment", "reverse|forward"), USED(path ".header", TEXT)
#define HOST_OS(name) USED("host-os-policy." name, NETS)

#define LEVELS "error|warning|notice|info|perf|config|debug"

/* A table smaller than this would not hold one object. */
#define MEMCAP_LEAST 65536

const struct schema_row schema_rows[] = {
    QUIET("suricata-version", ANY),
    USED("vars.address-groups.*", TEXTS),
    USED("vars.port-groups.*", TEXTS),
    USED("default-log-dir", TEXT),
    USED("stats.enabled", BOOL),
    RANGE("stats.interval", UINT, 1, 86400 * 365),
    NONE("stats.decoder-events"),
    NONE("stats.decoder-events-prefix"),
    NONE("stats.stream-events"),
    NONE("stats.exception-policy"),

    /* outputs */
    USED("outputs", LIST),
    QUIET("outputs.#.fast.enabled", BOOL),
    QUIET("outputs.#.fast.filename", TEXT),
    QUIET("outputs.#.fast.append", BOOL),
    WORD("outputs.#.fast.filetype", "regular"),
    USED("outputs.#.eve-log.enabled", BOOL),
    WORD("outputs.#.eve-log.filetype", "regular"),
    USED("outputs.#.eve-log.filename", TEXT),
    USED("outputs.#.eve-log.append", BOOL),
    USED("outputs.#.eve-log.community-id", BOOL),
    RANGE("outputs.#.eve-log.community-id-seed", UINT, 0, 65535),
    USED("outputs.#.eve-log.pcap-file", BOOL),
    USED("outputs.#.eve-log.ethernet", BOOL),
    USED("outputs.#.eve-log.types", LIST),
    USED("outputs.#.eve-log.types.#.alert.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.alert.payload", BOOL),
    USED("outputs.#.eve-log.types.#.alert.payload-printable", BOOL),
    USED("outputs.#.eve-log.types.#.alert.payload-length", BOOL),
    RANGE("outputs.#.eve-log.types.#.alert.payload-buffer-size", SIZE, 1, 65536),
    USED("outputs.#.eve-log.types.#.alert.packet", BOOL),
    USED("outputs.#.eve-log.types.#.alert.http-body", BOOL),
    USED("outputs.#.eve-log.types.#.alert.http-body-printable", BOOL),
    QUIET("outputs.#.eve-log.types.#.alert.tagged-packets", BOOL),
    USED("outputs.#.eve-log.types.#.alert.verdict", BOOL),
    USED("outputs.#.eve-log.types.#.alert.metadata", BOOL_OR_MAP),
    USED("outputs.#.eve-log.types.#.alert.metadata.app-layer", BOOL),
    USED("outputs.#.eve-log.types.#.alert.metadata.flow", BOOL),
    USED("outputs.#.eve-log.types.#.alert.metadata.rule", BOOL_OR_MAP),
    USED("outputs.#.eve-log.types.#.alert.metadata.rule.metadata", BOOL),
    USED("outputs.#.eve-log.types.#.alert.metadata.rule.reference", BOOL),
    USED("outputs.#.eve-log.types.#.alert.metadata.rule.raw", BOOL),
    NONE("outputs.#.eve-log.types.#.alert.metadata.*"),
    XFF("outputs.#.eve-log.types.#.alert.xff"),
    NONE("outputs.#.eve-log.types.#.alert.*"),
    USED("outputs.#.eve-log.types.#.anomaly.enabled", BOOL),
    SAME("outputs.#.eve-log.types.#.anomaly.types.*", BOOL, "yes"),
    USED("outputs.#.eve-log.types.#.http.enabled", BOOL),
    SAME("outputs.#.eve-log.types.#.http.extended", BOOL, "yes"),
    USED("outputs.#.eve-log.types.#.dns.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.dns.requests", BOOL),
    USED("outputs.#.eve-log.types.#.dns.responses", BOOL),
    WORD("outputs.#.eve-log.types.#.dns.version", "2|3"),
    USED("outputs.#.eve-log.types.#.dns.types", TEXTS),
    USED("outputs.#.eve-log.types.#.dns.formats", TEXTS),
    USED("outputs.#.eve-log.types.#.tls.enabled", BOOL),
    SAME("outputs.#.eve-log.types.#.tls.extended", BOOL, "yes"),
    USED("outputs.#.eve-log.types.#.ssh.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.smtp.enabled", BOOL),
    SAME("outputs.#.eve-log.types.#.smtp.extended", BOOL, "yes"),
    USED("outputs.#.eve-log.types.#.flow.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.tunnel.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.socks.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.stats.enabled", BOOL),
    USED("outputs.#.eve-log.types.#.export.enabled", BOOL),
    SAME("outputs.#.eve-log.types.#.stats.totals", BOOL, "yes"),
    NONE("outputs.#.eve-log.types.#.anomaly.*"),
    NONE("outputs.#.eve-log.types.#.http.*"),
    NONE("outputs.#.eve-log.types.#.dns.*"),
    NONE("outputs.#.eve-log.types.#.tls.*"),
    NONE("outputs.#.eve-log.types.#.ssh.*"),
    NONE("outputs.#.eve-log.types.#.smtp.*"),
    NONE("outputs.#.eve-log.types.#.flow.*"),
    NONE("outputs.#.eve-log.types.#.tunnel.*"),
    NONE("outputs.#.eve-log.types.#.socks.*"),
    NONE("outputs.#.eve-log.types.#.stats.*"),
    NONE("outputs.#.eve-log.types.#.export.*"),
    NONE("outputs.#.eve-log.types.#.*"),
    XFF("outputs.#.eve-log.xff"),
    USED("outputs.#.eve-log.metadata", BOOL),
    NONE("outputs.#.eve-log.prefix"),
    NONE("outputs.#.eve-log.identity"),
    NONE("outputs.#.eve-log.facility"),
    NONE("outputs.#.eve-log.level"),
    NONE("outputs.#.eve-log.redis"),
    NONE("outputs.#.eve-log.threaded"),
    NONE("outputs.#.eve-log.suricata-version"),
    NONE("outputs.#.eve-log.ipv6-compress"),
    NONE("outputs.#.eve-log.buffer-size"),
    NONE("outputs.#.eve-log.rotate-interval"),
    NONE("outputs.#.eve-log.filemode"),
    USED("outputs.#.tunnel-pcap.enabled", BOOL),
    USED("outputs.#.tunnel-pcap.filename", TEXT),
    USED("outputs.#.tunnel-pcap.interface", TEXT),
    USED("outputs.#.tunnel-pcap.wire", BOOL),
    RANGE("outputs.#.tunnel-pcap.mtu", UINT, 576, 9216),
    RANGE("outputs.#.tunnel-pcap.memcap", SIZE, MEMCAP_LEAST, 0),
    NONE("outputs.#.*"),

    /* logging */
    WORD("logging.default-log-level", LEVELS),
    USED("logging.outputs", LIST),
    FIXED("logging.outputs.#.console.enabled", BOOL, "yes"),
    LATER("logging.outputs.#.file.enabled", BOOL),
    QUIET("logging.outputs.#.file.filename", TEXT),
    LATER("logging.outputs.#.syslog.enabled", BOOL),
    QUIET("logging.outputs.#.console.level", TEXT),
    QUIET("logging.outputs.#.console.format", TEXT),
    NONE("logging.outputs.#.console.type"),
    QUIET("logging.outputs.#.file.level", TEXT),
    QUIET("logging.outputs.#.file.format", TEXT),
    WORD("logging.outputs.#.file.type", "regular|json"),
    NONE("logging.outputs.#.file.append"),
    QUIET("logging.outputs.#.syslog.facility", TEXT),
    QUIET("logging.outputs.#.syslog.level", TEXT),
    QUIET("logging.outputs.#.syslog.format", TEXT),
    NONE("logging.outputs.#.syslog.type"),
    NONE("logging.outputs.#.*"),
    NONE("logging.default-output-filter"),
    QUIET("logging.default-log-format", TEXT),
    NONE("logging.stacktrace-on-signal"),

    /* capture: the interface is named on the command line */
    QUIET("af-packet", ANY),
    QUIET("pcap", ANY),
    WORD("pcap-file.checksum-checks", "auto|yes|no"),
    NONE("pcap-file.delete-when-done"),
    NONE("pcap-file.tenant-id"),
    NONE("pcap-file.continuous"),
    NONE("pcap-file.delay"),
    NONE("pcap-file.poll-interval"),
    NONE("pcap-file.recursive"),
    QUIET("pcap-file.buffer-size", SIZE),
    USED("bpf-filter", TEXT),
    RANGE("max-pending-packets", UINT, 1, 65534),

    /* application layer */
    RANGE("app-layer.memcap", SIZE, MEMCAP_LEAST, 0),
    RANGE("app-layer.buffer-size", SIZE, 1024, 1u << 30),
    SWITCH("app-layer.protocols.http.enabled"),
    SWITCH("app-layer.protocols.http2.enabled"),
    SWITCH("app-layer.protocols.dns.enabled"),
    SWITCH("app-layer.protocols.dns.tcp.enabled"),
    SWITCH("app-layer.protocols.dns.udp.enabled"),
    SWITCH("app-layer.protocols.tls.enabled"),
    SWITCH("app-layer.protocols.ssh.enabled"),
    SWITCH("app-layer.protocols.smtp.enabled"),
    SWITCH("app-layer.protocols.socks.enabled"),
    /* Protocols are found by their bytes, whatever the port. */
    QUIET("app-layer.protocols.http.detection-ports", ANY),
    QUIET("app-layer.protocols.http2.detection-ports", ANY),
    QUIET("app-layer.protocols.dns.detection-ports", ANY),
    QUIET("app-layer.protocols.dns.tcp.detection-ports", ANY),
    QUIET("app-layer.protocols.dns.udp.detection-ports", ANY),
    QUIET("app-layer.protocols.tls.detection-ports", ANY),
    QUIET("app-layer.protocols.ssh.detection-ports", ANY),
    QUIET("app-layer.protocols.smtp.detection-ports", ANY),
    QUIET("app-layer.protocols.socks.detection-ports", ANY),
    NONE("app-layer.protocols.http.*"),
    NONE("app-layer.protocols.http2.*"),
    NONE("app-layer.protocols.dns.*"),
    NONE("app-layer.protocols.tls.*"),
    NONE("app-layer.protocols.ssh.*"),
    NONE("app-layer.protocols.smtp.*"),
    NONE("app-layer.protocols.socks.*"),
    NONE("app-layer.protocols.*"),
    NONE("app-layer.error-policy"),

    /* decapsulation */
    USED("decap.enabled", BOOL),
    RANGE("decap.max-depth", UINT, 1, 16),
    RANGE("decap.memcap", SIZE, MEMCAP_LEAST, 0),
    RANGE("decap.max-tunnels-per-carrier", UINT, 1, 0),
    PAYLOAD("socks"),
    USED("decap.payload.socks.udp", BOOL),
    USED("decap.payload.socks.reverse", BOOL),
    USED("decap.payload.socks.log-passwords", BOOL),
    PAYLOAD("http-connect"),
    LATER("decap.payload.http-connect.log-passwords", BOOL),
    PAYLOAD("http-proxy"),
    PAYLOAD("h2-connect"),
    PAYLOAD("connect-udp"),
    PAYLOAD("websocket"),
    PAYLOAD("proxy-protocol"),
    PAYLOAD("sslproxy"),
    PAYLOAD("icap"),
    LIST_OF("decap.names.order", WORDS, 4, "passive-dns|egress|hosts|active"),
    USED("decap.names.passive-dns.enabled", BOOL),
    RANGE("decap.names.passive-dns.memcap", SIZE, MEMCAP_LEAST, 0),
    USED("decap.names.egress.enabled", BOOL),
    RANGE("decap.names.egress.memcap", SIZE, MEMCAP_LEAST, 0),
    USED("decap.names.hosts-file", TEXT),
    USED("decap.names.active.enabled", BOOL),
    LIST_OF("decap.names.active.servers", SERVERS, SETTINGS_SERVERS_MAX, NULL),
    RANGE("decap.names.active.timeout", UINT, 1, 60),
    RANGE("decap.names.active.max-queries", UINT, 1, 65536),
    RANGE("decap.names.active.memcap", SIZE, MEMCAP_LEAST, 0),
    USED("decap.names.placeholder.ipv4", NET4),
    USED("decap.names.placeholder.ipv6", NET6),
    UDP_TUNNEL("teredo"),
    UDP_TUNNEL("vxlan"),
    UDP_TUNNEL("vxlan-gpe"),
    UDP_TUNNEL("geneve"),
    UDP_TUNNEL("ayiya"),
    UDP_TUNNEL("gtp"),
    UDP_TUNNEL("l2tp"),
    UDP_TUNNEL("gre-udp"),
    UDP_TUNNEL("mpls-udp"),
    USED("decoder.erspan.enabled", BOOL),
    USED("decoder.erspan.typeI.enabled", BOOL),
    USED("decoder.recursion-level.use-for-tracking", BOOL),
    RANGE("decoder.max-layers", UINT, 1, 65535),
    QUIET("decoder.vxlan.reserved-bits-check", ANY),
    NONE("decoder.ipv4"),
    NONE("decoder.ipv6"),
    NONE("decoder.vntag"),
    NONE("decoder.udp"),

    /* flows, streams, fragments */
    RANGE("flow.memcap", SIZE, MEMCAP_LEAST, 0),
    RANGE("flow.hash-size", UINT, 1, 1u << 28),
    QUIET("flow.prealloc", UINT),
    QUIET("flow.emergency-recovery", UINT),
    QUIET("flow.managers", UINT),
    QUIET("flow.recyclers", UINT),
    WORD("flow.memcap-policy", EXCEPTIONS),
    NONE("flow.rate-tracking"),
    TIMEOUTS("flow-timeouts.default."),
    TIMEOUTS("flow-timeouts.tcp."),
    TIMEOUTS("flow-timeouts.udp."),
    TIMEOUTS("flow-timeouts.icmp."),
    RANGE("stream.memcap", SIZE, MEMCAP_LEAST, 0),
    USED("stream.checksum-validation", BOOL),
    USED("stream.midstream", BOOL),
    USED("stream.async-oneside", BOOL),
    RANGE("stream.reassembly.memcap", SIZE, MEMCAP_LEAST, 0),
    USED("stream.reassembly.depth", SIZE),
    QUIET("stream.prealloc-sessions", UINT),
    QUIET("stream.max-sessions", UINT),
    QUIET("stream.reassembly.toserver-chunk-size", SIZE),
    QUIET("stream.reassembly.toclient-chunk-size", SIZE),
    QUIET("stream.reassembly.randomize-chunk-size", BOOL),
    QUIET("stream.reassembly.randomize-chunk-range", UINT),
    QUIET("stream.reassembly.segment-prealloc", UINT),
    WORD("stream.reassembly.urgent.policy", "oob|inline|drop|gap"),
    WORD("stream.reassembly.urgent.oob-limit-policy", "oob|inline|drop"),
    SAME("stream.reassembly.raw", BOOL, "yes"),
    NONE("stream.reassembly.max-regions"),
    WORD("stream.reassembly.memcap-policy", EXCEPTIONS),
    USED("stream.reassembly.check-overlap-different-data", BOOL),
    QUIET("stream.reassembly.chunk-prealloc", ANY),
    QUIET("stream.reassembly.segments", ANY),
    QUIET("stream.reassembly.zero-copy-size", ANY),
    NONE("stream.inline"),
    NONE("stream.drop-invalid"),
    USED("stream.bypass", BOOL),
    WORD("stream.midstream-policy", EXCEPTIONS),
    WORD("stream.memcap-policy", EXCEPTIONS),
    RANGE("stream.max-syn-queued", UINT, 0, 64),
    RANGE("stream.max-synack-queued", UINT, 0, 64),
    NONE("stream.max-synack"),
    USED("stream.liberal-timestamps", BOOL),
    NONE("stream.tcp-timestamps"),
    NONE("stream.experimental"),
    RANGE("defrag.memcap", SIZE, MEMCAP_LEAST, 0),
    RANGE("defrag.max-frags", UINT, 1, 0),
    RANGE("defrag.timeout", UINT, 1, 3600),
    QUIET("defrag.hash-size", UINT),
    QUIET("defrag.trackers", UINT),
    QUIET("defrag.prealloc", ANY),
    WORD("defrag.memcap-policy", EXCEPTIONS),
    USED("defrag.host-config", LIST),
    RANGE("defrag.host-config.#.*.timeout", UINT, 1, 3600),
    USED("defrag.host-config.#.*.address", NETS),
    USED("host.memcap", SIZE),
    QUIET("host.hash-size", UINT),
    QUIET("host.prealloc", UINT),
    QUIET("ippair.memcap", SIZE),
    QUIET("ippair.hash-size", UINT),
    QUIET("ippair.prealloc", UINT),
    HOST_OS("first"),
    HOST_OS("last"),
    HOST_OS("bsd"),
    HOST_OS("bsd-right"),
    HOST_OS("linux"),
    HOST_OS("old-linux"),
    HOST_OS("windows"),
    HOST_OS("windows2k3"),
    HOST_OS("vista"),
    HOST_OS("solaris"),
    HOST_OS("old-solaris"),
    HOST_OS("hpux10"),
    HOST_OS("hpux11"),
    HOST_OS("irix"),
    HOST_OS("macos"),
    SAME("vlan.use-for-tracking", BOOL, "yes"),
    QUIET("livedev", ANY),

    /* threads and process */
    WORD("threading.topology", "auto|pipeline|workers"),
    RANGE("threading.lanes", UINT, 0, 64),
    QUIET("threading.cpu-affinity", ANY),
    QUIET("threading.detect-thread-ratio", ANY),
    QUIET("threading.stack-size", SIZE),
    NONE("threading.set-cpu-affinity"),
    NONE("threading.autopin"),
    WORD("runmode", "auto|autofp|workers|single"),
    LATER("run-as.user", TEXT),
    LATER("run-as.group", TEXT),
    USED("pid-file", TEXT),
    NONE("unix-command"),
    QUIET("daemon-directory", TEXT),
    QUIET("default-packet-size", SIZE),
    NONE("umask"),
    NONE("sensor-name"),
    NONE("host-mode"),

    /* rules */
    USED("default-rule-path", TEXT),
    USED("rule-files", TEXTS),
    USED("classification-file", TEXT),
    USED("reference-config-file", TEXT),
    USED("threshold-file", TEXT),
    USED("detect.thresholds.memcap", SIZE),
    QUIET("detect", ANY),
    QUIET("detect-engine", ANY),
    QUIET("mpm-algo", TEXT),
    QUIET("spm-algo", TEXT),
    QUIET("pcre", ANY),
    QUIET("asn1-max-frames", ANY),
    QUIET("engine-analysis", ANY),
    QUIET("legacy", ANY),
    QUIET("profiling", ANY),
    QUIET("luajit", ANY),
    NONE("action-order"),
    NONE("packet-alert-max"),
    WORD("exception-policy", EXCEPTIONS),
    USED("datasets", ANY),
    USED("default-data-dir", TEXT),
    USED("reputation-categories-file", TEXT),
    USED("default-reputation-path", TEXT),
    USED("reputation-files", TEXTS),
    NONE("multi-detect"),
    NONE("firewall"),
    NONE("lua"),
    NONE("magic-file"),
    USED("geoip-database", TEXT),

    /* Ways of capture that were not asked for by being there. */
    QUIET("capture", ANY),
    QUIET("af-xdp", ANY),
    QUIET("dpdk", ANY),
    QUIET("pfring", ANY),
    QUIET("netmap", ANY),
    QUIET("napatech", ANY),
    QUIET("nfq", ANY),
    QUIET("nflog", ANY),
    QUIET("ipfw", ANY),
    QUIET("windivert", ANY),
    QUIET("mpipe", ANY),
    QUIET("erf-dag", ANY),
    QUIET("coredump", ANY),
    QUIET("heartbeat", ANY),
    NONE("plugins"),
    NONE("security"),
};

const size_t schema_row_count = sizeof schema_rows / sizeof schema_rows[0];
