/* The settings of a run: typed values that every room reads and none writes.
 *
 * Made by config_create (config/config.h) from the built-in defaults, the YAML file and --set, in that order; owned by
 * main, immutable once threads run. Times are seconds, sizes bytes, unless the name says otherwise. Strings are owned
 * by the settings and never NULL unless said. */
#ifndef BURROW_CONFIG_SETTINGS_H
#define BURROW_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/log.h"

enum settings_switch { SWITCH_NO, SWITCH_YES, SWITCH_DETECTION_ONLY };

enum settings_topology { TOPOLOGY_AUTO, TOPOLOGY_WORKERS, TOPOLOGY_PIPELINE };

enum settings_checksums { CHECKSUMS_NONE, CHECKSUMS_ALL, CHECKSUMS_AUTO };

/* Items of a list: first to last, or addr/bits (of no family: any). Negated ones take out what others put in. */
struct settings_ports {
    uint16_t first;
    uint16_t last;
    bool negated;
};

struct settings_prefix {
    struct addr addr;
    unsigned bits;
    bool negated;
};

/* flow-timeouts: one line for each protocol class. */
struct settings_timeouts {
    uint32_t new_;
    uint32_t established;
    uint32_t closed;
    uint32_t bypassed;
};

/* What is done with a flow that a limit met. This program watches and blocks nothing: what drops is looked at as little
 * as what passes. */
enum settings_exception {
    EXCEPTION_IGNORE, /* and auto: nothing */
    EXCEPTION_DROP_FLOW,
    EXCEPTION_DROP_PACKET,
    EXCEPTION_REJECT,
    EXCEPTION_BYPASS,
    EXCEPTION_PASS_FLOW,
    EXCEPTION_PASS_PACKET,
    EXCEPTION_COUNT
};

enum settings_flow_class { FLOW_CLASS_DEFAULT, FLOW_CLASS_TCP, FLOW_CLASS_UDP, FLOW_CLASS_ICMP, FLOW_CLASS_COUNT };

struct settings_flow {
    uint64_t memcap;
    uint32_t hash_size;
    struct settings_timeouts timeouts[FLOW_CLASS_COUNT];
    enum settings_exception memcap_policy;
    bool memcap_auto;
    bool any_vlan; /* vlan.use-for-tracking: no: packets of other VLANs, or of none, are of the same flow */
};

/* stream.reassembly.urgent.policy, and what follows its limit. */
enum settings_urgent { URGENT_OOB, URGENT_INLINE, URGENT_DROP, URGENT_GAP };

/* stream.inline: bytes are looked at as they come, or when they were acknowledged. */
enum settings_inline { INLINE_AUTO, INLINE_YES, INLINE_NO };

struct settings_stream {
    uint64_t memcap;            /* of the TCP trackers */
    uint64_t reassembly_memcap; /* of the buffered out-of-order segments */
    uint64_t depth;             /* bytes of a direction that are reassembled; 0: no limit */
    bool midstream;
    bool async_oneside;
    bool drop_invalid;       /* as an inline sensor: what nobody would take of a connection */
    bool bypass;             /* a flow whose both directions reached the depth counts as bypassed */
    bool liberal_timestamps; /* a time stamp that went back is told and believed */
    bool overlap_check;      /* compare the bytes of overlaps */
    enum settings_inline inline_;
    uint32_t max_syn_queued;
    uint32_t max_synack_queued;
    enum settings_urgent urgent;
    enum settings_urgent urgent_limit; /* OOB, INLINE or DROP */
    enum settings_exception memcap_policy;
    enum settings_exception reassembly_policy;
    enum settings_exception midstream_policy;
    bool memcap_auto; /* none was chosen */
    bool reassembly_auto;
    bool midstream_auto;
    bool midstream_own; /* not that for all */
};

/* One of defrag.host-config: its own time-out for some destinations. */
struct settings_defrag_host {
    struct settings_prefix *addresses;
    size_t address_count;
    uint32_t timeout;
};

/* Tunnels that UDP's ports tell. */
enum settings_udp_tunnel {
    UDP_TUNNEL_VXLAN,
    UDP_TUNNEL_VXLAN_GPE,
    UDP_TUNNEL_GENEVE,
    UDP_TUNNEL_TEREDO,
    UDP_TUNNEL_AYIYA,
    UDP_TUNNEL_GTP,
    UDP_TUNNEL_L2TP,
    UDP_TUNNEL_GRE,
    UDP_TUNNEL_MPLS,
    UDP_TUNNEL_COUNT
};

#define SETTINGS_UDP_PORTS_MAX 16u
#define SETTINGS_LAYERS_MAX    16u

struct settings_udp_ports {
    uint16_t ports[SETTINGS_UDP_PORTS_MAX];
    unsigned count; /* 0: off */
};

/* decoder: what IP tunnels are looked into. */
struct settings_decoder {
    struct settings_udp_ports udp[UDP_TUNNEL_COUNT];
    uint64_t udp_known[65536 / 64]; /* bits: ports of any of them */
    bool teredo_anywhere;           /* by content on other ports, too */
    bool erspan;
    bool erspan_1;
    bool track_tunnels; /* recursion-level.use-for-tracking: the tunnel is part of a flow's key */
    uint32_t max_layers;
};

struct settings_defrag {
    uint64_t memcap;
    uint32_t max_frags;
    uint32_t timeout;
    enum settings_exception memcap_policy;
    bool memcap_auto;
    struct settings_defrag_host *hosts;
    size_t host_count;
};

/* host-os-policy: how a host's stack resolves overlapping segments and fragments. */
enum settings_os {
    OS_FIRST,
    OS_LAST,
    OS_BSD,
    OS_BSD_RIGHT,
    OS_LINUX,
    OS_OLD_LINUX,
    OS_WINDOWS,
    OS_WINDOWS2K3,
    OS_VISTA,
    OS_SOLARIS,
    OS_OLD_SOLARIS,
    OS_HPUX10,
    OS_HPUX11,
    OS_IRIX,
    OS_MACOS,
    OS_COUNT
};

struct settings_host_os {
    struct settings_prefix *addresses[OS_COUNT];
    size_t address_count[OS_COUNT];
    bool any; /* at least one address is named */
};

/* The policy of the longest prefix that holds the address; OS_BSD when none does. */
enum settings_os settings_os_of(const struct settings_host_os *h, const struct addr *a);

/* As the configuration names it: "old-linux". */
const char *settings_os_name(enum settings_os os);

/* Seconds that a datagram for this destination may take. */
uint32_t settings_defrag_timeout(const struct settings_defrag *d, const struct addr *dst);

/* One of app-layer.protocols.*: by name, so that a protocol brings no field of its own here. */
struct settings_proto {
    const char *name;
    enum settings_switch enabled;
};

/* Where the address of a target that was asked for by name may come from; a placeholder is what is left. */
enum settings_names_source { NAMES_PASSIVE_DNS, NAMES_EGRESS, NAMES_HOSTS, NAMES_ACTIVE, NAMES_SOURCE_COUNT };

struct settings_server {
    struct addr addr;
    uint16_t port;
};

#define SETTINGS_SERVERS_MAX 8u

/* decap.names.active: look-ups of the sensor's own. */
struct settings_active {
    bool enabled;
    struct settings_server servers[SETTINGS_SERVERS_MAX];
    unsigned server_count; /* 0: those of the system */
    uint32_t timeout;      /* for one name, all tries together */
    uint32_t max_queries;  /* names that are asked for at one time */
    uint64_t memcap;       /* of the answers that are kept */
};

struct settings_names {
    enum settings_names_source order[NAMES_SOURCE_COUNT]; /* those that are on, first one first */
    unsigned order_count;
    bool passive_dns; /* on, and in the order */
    uint64_t passive_dns_memcap;
    bool egress; /* likewise */
    uint64_t egress_memcap;
    const char *hosts_file; /* "" for none */
    struct settings_active active;
    struct addr placeholder_v4;
    unsigned placeholder_v4_bits;
    struct addr placeholder_v6;
    unsigned placeholder_v6_bits;
};

/* Is this source on, and in the order? */
bool settings_names_has(const struct settings_names *n, enum settings_names_source source);

/* One of decap.payload.*. */
struct settings_payload {
    const char *name; /* "socks", "http-connect" */
    enum settings_switch enabled;
    bool log_passwords;           /* socks */
    bool udp;                     /* socks: UDP ASSOCIATE */
    bool reverse;                 /* socks: SOCKS clients on the responder's side */
    struct settings_ports *ports; /* of the carrier's server; none: any */
    size_t port_count;
    struct settings_prefix *addresses; /* likewise */
    size_t address_count;
};

/* May a connection to this server carry this payload? p NULL: yes. A switch that is off says no. */
bool settings_payload_allows(const struct settings_payload *p, const struct addr *server, uint16_t port);

struct settings_decap {
    bool enabled;
    uint32_t max_depth;
    uint64_t memcap; /* bytes parked while a tunnel waits for its address */
    uint32_t max_tunnels_per_carrier;
    struct settings_payload *payload;
    size_t payload_count;
    struct settings_names names;
};

/* EVE logs of a configuration; of more the rest is left out, with a warning. */
#define SETTINGS_EVE_LOGS_MAX 8u

/* One type of the eve-log's `types` list. */
struct settings_eve_type {
    const char *name; /* "http" */
    bool enabled;
    const struct conf_node *options; /* the type's own mapping (config/conf.h), or NULL */
};

/* An EVE log. Of several, the one in `struct settings` says what any of them wants: its types are those that one has,
 * each with the options of the first that has it. */
struct settings_eve {
    bool enabled;
    const char *filename; /* "eve.json", relative to the log directory */
    bool append;
    bool community_id;
    uint16_t community_id_seed;
    bool pcap_file;              /* add pcap_filename */
    bool ethernet;               /* add the MAC addresses */
    bool metadata;               /* add flowbits, flowints and variables of rules */
    const struct conf_node *xff; /* the mapping, or NULL */
    uint8_t dns_version;         /* of dns records, where the type's options say none: from the environment, else 3 */
    bool no_zeros;               /* counters that are 0 are left out of stats records */
    struct settings_eve_type *types;
    size_t type_count;
};

/* The line-based log of alerts. */
struct settings_fast {
    bool enabled;
    const char *filename; /* relative to the log directory */
    bool append;
};

/* Carried sessions as packets of their own. */
struct settings_tunnel_pcap {
    bool enabled;
    const char *filename;   /* relative to the log directory; "" for none */
    bool from_command_line; /* then relative to the current folder */
    const char *interface;  /* that packets are sent to; "" for none */
    bool wire;              /* captured packets too */
    uint32_t mtu;           /* bytes of an IP packet */
    uint64_t memcap;        /* packets that wait to be written */
};

/* Files that are kept on disk. */
struct settings_file_store {
    bool enabled;
    const char *dir; /* relative to the log directory */
    bool force;      /* all files, not only those that rules want */
    bool force_magic;
    bool write_fileinfo;
    bool has_depth;
    uint64_t depth;                  /* stream-depth: bytes of a direction; 0: no limit */
    uint32_t max_open;               /* files that are kept open */
    const struct conf_node *options; /* the mapping, or NULL */
};

/* What the program says about itself; not what it finds in traffic. */
struct settings_logging {
    enum log_level level; /* logging.default-log-level */
    bool console;
    const char *filename; /* "" for none; relative to the log directory */
    bool json;            /* what goes to that file */
    bool syslog;
};

/* Files that detection reads; "" for none. Names of rules are relative to rule_path. */
struct settings_rules {
    const char *rule_path;
    const char **files;
    size_t file_count;
    const char *classification_file;
    const char *reference_file;
    const char *threshold_file;
};

/* In the order in which rules of these actions are looked at. */
enum settings_action { ORDER_PASS, ORDER_DROP, ORDER_REJECT, ORDER_ALERT, SETTINGS_ACTIONS };

struct settings_stats {
    bool enabled;
    uint32_t interval;
};

struct settings {
    const char *config_file; /* "" when built-in defaults were used */
    const char *log_dir;
    struct settings_flow flow;
    struct settings_stream stream;
    struct settings_defrag defrag;
    struct settings_host_os host_os;
    struct settings_decoder decoder;
    struct settings_decap decap;
    struct settings_eve eve;
    struct settings_eve *eve_logs; /* if there are several: each by itself */
    unsigned eve_log_count;        /* 0: `eve` is the only one */
    struct settings_stats stats;
    struct settings_proto *protos;
    size_t proto_count;
    enum settings_checksums checksums; /* pcap-file.checksum-checks, or -k */
    enum settings_topology topology;
    uint32_t lanes; /* 0: chosen from the number of processors */
    uint32_t max_pending_packets;
    uint64_t app_memcap;        /* bytes that parsers of all flows may hold back unparsed; lanes share it */
    uint32_t app_buffer;        /* bytes that one direction of a flow may hold back unparsed */
    const char *capture_filter; /* BPF, "" for none */
    const char *pid_file;       /* "" for none */
    const char *run_as_user;    /* "" for none */
    const char *run_as_group;   /* "" for none */
    struct settings_fast fast;
    struct settings_tunnel_pcap tunnel_pcap;
    struct settings_file_store file_store;
    struct settings_logging logging;
    struct settings_rules rules;
    enum settings_action action_order[SETTINGS_ACTIONS];
    uint32_t packet_alert_max;    /* alerts of one packet */
    const char *magic_file;       /* libmagic's database; "": the system's */
    bool rejects;                 /* a rule does: set by main */
    bool ips;                     /* --simulate-ips: records say what an inline sensor would have done */
    bool detection;               /* rules are loaded: set by main */
    const struct conf_node *tree; /* everything that was read, for rooms with options of their own */
};

/* Records are to be those of an inline sensor: sets `ips`, and the policies that nothing was said of. */
void settings_inline(struct settings *s);

/* A protocol's switch: SWITCH_YES when the configuration does not name it. */
enum settings_switch settings_proto_enabled(const struct settings *s, const char *name);

/* A payload tunnel's settings by name; NULL when there is no such payload. */
const struct settings_payload *settings_payload(const struct settings *s, const char *name);

/* Is this kind of anomaly written: "decode", "stream", "applayer"? */
bool settings_anomaly_enabled(const struct settings *s, const char *kind);

/* The EVE logs: how many, and each by its number. */
unsigned settings_eve_logs(const struct settings *s);
const struct settings_eve *settings_eve_log(const struct settings *s, unsigned log);
/* The type in that log; NULL: it isn't listed. */
const struct settings_eve_type *settings_eve_type(const struct settings_eve *eve, const char *name);

/* Is this EVE type written, by any log? */
bool settings_eve_type_enabled(const struct settings *s, const char *name);

#endif
