#include "config/settings_read.h"

#include "config/items.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PACKET_ALERTS 15u /* as in Suricata */

enum store { STORE_BOOL, STORE_U32, STORE_U64, STORE_TEXT };

struct field {
    const char *path;
    enum store store;
    size_t offset;
};

#define FIELD(path, store, member)                                                                                     \
    {                                                                                                                  \
        path, STORE_##store, offsetof(struct settings, member)                                                         \
    }
#define TIMEOUTS(name, class)                                                                                          \
    FIELD("flow-timeouts." name ".new", U32, flow.timeouts[class].new_),                                               \
        FIELD("flow-timeouts." name ".established", U32, flow.timeouts[class].established),                            \
        FIELD("flow-timeouts." name ".closed", U32, flow.timeouts[class].closed),                                      \
        FIELD("flow-timeouts." name ".bypassed", U32, flow.timeouts[class].bypassed)

static const struct field fields[] = {
    FIELD("default-log-dir", TEXT, log_dir),
    FIELD("stats.enabled", BOOL, stats.enabled),
    FIELD("stats.interval", U32, stats.interval),
    FIELD("app-layer.memcap", U64, app_memcap),
    FIELD("app-layer.buffer-size", U32, app_buffer),
    FIELD("bpf-filter", TEXT, capture_filter),
    FIELD("max-pending-packets", U32, max_pending_packets),
    FIELD("decap.enabled", BOOL, decap.enabled),
    FIELD("decap.max-depth", U32, decap.max_depth),
    FIELD("decap.memcap", U64, decap.memcap),
    FIELD("decap.max-tunnels-per-carrier", U32, decap.max_tunnels_per_carrier),
    FIELD("decap.names.passive-dns.enabled", BOOL, decap.names.passive_dns),
    FIELD("decap.names.passive-dns.memcap", U64, decap.names.passive_dns_memcap),
    FIELD("decap.names.egress.enabled", BOOL, decap.names.egress),
    FIELD("decap.names.egress.memcap", U64, decap.names.egress_memcap),
    FIELD("decap.names.hosts-file", TEXT, decap.names.hosts_file),
    FIELD("decap.names.active.enabled", BOOL, decap.names.active.enabled),
    FIELD("decap.names.active.timeout", U32, decap.names.active.timeout),
    FIELD("decap.names.active.max-queries", U32, decap.names.active.max_queries),
    FIELD("decap.names.active.memcap", U64, decap.names.active.memcap),
    FIELD("flow.memcap", U64, flow.memcap),
    FIELD("flow.hash-size", U32, flow.hash_size),
    TIMEOUTS("default", FLOW_CLASS_DEFAULT),
    TIMEOUTS("tcp", FLOW_CLASS_TCP),
    TIMEOUTS("udp", FLOW_CLASS_UDP),
    TIMEOUTS("icmp", FLOW_CLASS_ICMP),
    FIELD("stream.memcap", U64, stream.memcap),
    FIELD("stream.midstream", BOOL, stream.midstream),
    FIELD("stream.async-oneside", BOOL, stream.async_oneside),
    FIELD("stream.bypass", BOOL, stream.bypass),
    FIELD("stream.drop-invalid", BOOL, stream.drop_invalid),
    FIELD("stream.liberal-timestamps", BOOL, stream.liberal_timestamps),
    FIELD("stream.max-syn-queued", U32, stream.max_syn_queued),
    FIELD("stream.max-synack-queued", U32, stream.max_synack_queued),
    FIELD("stream.reassembly.check-overlap-different-data", BOOL, stream.overlap_check),
    FIELD("stream.reassembly.memcap", U64, stream.reassembly_memcap),
    FIELD("stream.reassembly.depth", U64, stream.depth),
    FIELD("defrag.memcap", U64, defrag.memcap),
    FIELD("defrag.max-frags", U32, defrag.max_frags),
    FIELD("defrag.timeout", U32, defrag.timeout),
    FIELD("threading.lanes", U32, lanes),
    FIELD("run-as.user", TEXT, run_as_user),
    FIELD("run-as.group", TEXT, run_as_group),
    FIELD("pid-file", TEXT, pid_file),
    FIELD("default-rule-path", TEXT, rules.rule_path),
    FIELD("classification-file", TEXT, rules.classification_file),
    FIELD("reference-config-file", TEXT, rules.reference_file),
    FIELD("threshold-file", TEXT, rules.threshold_file),
    FIELD("magic-file", TEXT, magic_file),
};

const struct conf_node *settings_node(const struct conf_tree *tree, const struct conf_tree *defaults, const char *path)
{
    const struct conf_node *node = conf_find(tree->root, path);
    if (!node || node->kind == CONF_NULL)
        node = conf_find(defaults->root, path);
    return node && node->kind != CONF_NULL ? node : NULL;
}

static const char *text_of(const struct conf_tree *tree, const struct conf_tree *defaults, const char *path)
{
    const struct conf_node *node = settings_node(tree, defaults, path);
    return node ? node->text : "";
}

static void store_field(const struct field *f, const char *text, struct settings *out)
{
    void *to = (char *)out + f->offset;
    uint64_t v = 0;
    switch (f->store) {
    case STORE_BOOL:
        conf_parse_bool(text, to);
        break;
    case STORE_U32:
        /* The check kept it below 2^32. */
        if (conf_parse_size(text, &v))
            *(uint32_t *)to = (uint32_t)v;
        break;
    case STORE_U64:
        if (conf_parse_size(text, &v))
            *(uint64_t *)to = v;
        break;
    case STORE_TEXT:
        *(const char **)to = text;
        break;
    }
}

/* runmode is Suricata's word for what threading.topology says; the latter counts when it was set. */
static void read_topology(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out)
{
    const char *topology = text_of(tree, defaults, "threading.topology");
    const char *runmode = text_of(tree, defaults, "runmode");
    out->topology = TOPOLOGY_AUTO;
    if (strcasecmp(topology, "auto") != 0) {
        out->topology = strcasecmp(topology, "pipeline") == 0 ? TOPOLOGY_PIPELINE : TOPOLOGY_WORKERS;
        return;
    }
    if (strcasecmp(runmode, "workers") == 0 || strcasecmp(runmode, "single") == 0)
        out->topology = TOPOLOGY_WORKERS;
    else if (strcasecmp(runmode, "autofp") == 0)
        out->topology = TOPOLOGY_PIPELINE;
    if (strcasecmp(runmode, "single") == 0)
        out->lanes = 1;
}

static void read_checksums(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out)
{
    const char *file = text_of(tree, defaults, "pcap-file.checksum-checks");
    bool stream = true;
    bool all;
    conf_parse_bool(text_of(tree, defaults, "stream.checksum-validation"), &stream);
    if (!stream)
        out->checksums = CHECKSUMS_NONE;
    else if (conf_parse_bool(file, &all))
        out->checksums = all ? CHECKSUMS_ALL : CHECKSUMS_NONE;
    else
        out->checksums = CHECKSUMS_AUTO;
}

/* Actions that are not named come behind those that are, in the usual order. */
static void read_actions(const struct conf_tree *tree, struct settings *out)
{
    static const char *const words[SETTINGS_ACTIONS] = {"pass", "drop", "reject", "alert"};
    struct items it;
    unsigned count = 0, named = 0;
    for (items_begin(&it, conf_find(tree->root, "action-order")); items_next(&it);)
        for (unsigned i = 0; i < SETTINGS_ACTIONS; i++)
            if (strcasecmp(it.text, words[i]) == 0 && !(named & 1u << i) && count < SETTINGS_ACTIONS) {
                out->action_order[count++] = (enum settings_action)i;
                named |= 1u << i;
            }
    for (unsigned i = 0; i < SETTINGS_ACTIONS; i++)
        if (!(named & 1u << i))
            out->action_order[count++] = (enum settings_action)i;
}

static void read_log_level(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out)
{
    static const struct {
        const char *word;
        enum log_level level;
    } levels[] = {
        {"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING}, {"info", LOG_LEVEL_INFO},
        {"perf", LOG_LEVEL_INFO},   {"config", LOG_LEVEL_INFO},     {"debug", LOG_LEVEL_DEBUG},
    };
    const char *text = text_of(tree, defaults, "logging.default-log-level");
    out->logging.level = LOG_LEVEL_NOTICE;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcasecmp(text, levels[i].word) == 0)
            out->logging.level = levels[i].level;
}

bool settings_read(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                   struct conf_notes *notes)
{
    *out = (struct settings){.tree = tree->root, .config_file = ""};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        store_field(&fields[i], text_of(tree, defaults, fields[i].path), out);
    read_topology(tree, defaults, out);
    read_checksums(tree, defaults, out);
    read_log_level(tree, defaults, out);
    read_actions(tree, out);
    out->packet_alert_max = (uint32_t)conf_get_uint(tree->root, "packet-alert-max", PACKET_ALERTS);
    out->flow.any_vlan = !conf_get_bool(tree->root, "vlan.use-for-tracking", true);
    settings_read_decoder(tree, defaults, &out->decoder);
    return settings_read_outputs(tree, defaults, out, notes) && settings_read_protos(tree, out, notes) &&
           settings_read_decap(tree, defaults, out, notes) && settings_read_flow(tree, defaults, out, notes) &&
           settings_read_rule_files(tree, out, notes);
}
