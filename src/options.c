#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum long_only {
    OPT_AF_PACKET = 256,
    OPT_PIDFILE,
    OPT_USER,
    OPT_GROUP,
    OPT_SET,
    OPT_NO_DETECTION,
    OPT_ERRORS_FATAL,
    OPT_SIMULATE_IPS,
    OPT_RUNMODE,
    OPT_DUMP_CONFIG,
    OPT_BUILD_INFO,
    OPT_LIST_KEYWORDS,
    OPT_LIST_PROTOS,
    OPT_LIST_RUNMODES,
    OPT_ENGINE_ANALYSIS,
    OPT_TOPOLOGY,
    OPT_LANES,
    OPT_EXPORT,
    OPT_PROGRESS,
    OPT_NO_PROGRESS,
    OPT_DATA_DIR,
    OPT_IGNORED,
};

static const struct option longs[] = {
    {"af-packet", optional_argument, NULL, OPT_AF_PACKET},
    {"pcap", required_argument, NULL, 'i'},
    {"pidfile", required_argument, NULL, OPT_PIDFILE},
    {"user", required_argument, NULL, OPT_USER},
    {"group", required_argument, NULL, OPT_GROUP},
    {"set", required_argument, NULL, OPT_SET},
    {"disable-detection", no_argument, NULL, OPT_NO_DETECTION},
    {"init-errors-fatal", no_argument, NULL, OPT_ERRORS_FATAL},
    {"simulate-ips", no_argument, NULL, OPT_SIMULATE_IPS},
    {"runmode", required_argument, NULL, OPT_RUNMODE},
    {"dump-config", no_argument, NULL, OPT_DUMP_CONFIG},
    {"build-info", no_argument, NULL, OPT_BUILD_INFO},
    {"list-keywords", optional_argument, NULL, OPT_LIST_KEYWORDS},
    {"list-app-layer-protos", no_argument, NULL, OPT_LIST_PROTOS},
    {"list-runmodes", no_argument, NULL, OPT_LIST_RUNMODES},
    {"engine-analysis", no_argument, NULL, OPT_ENGINE_ANALYSIS},
    {"topology", required_argument, NULL, OPT_TOPOLOGY},
    {"lanes", required_argument, NULL, OPT_LANES},
    {"export-pcap", required_argument, NULL, OPT_EXPORT},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"no-progress", no_argument, NULL, OPT_NO_PROGRESS},
    {"data-dir", required_argument, NULL, OPT_DATA_DIR},
    {"no-random", no_argument, NULL, OPT_IGNORED},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

void options_help(FILE *out)
{
    fputs("Burrow: a network sensor that shows the sessions inside proxies and tunnels.\n"
          "\n"
          "usage: burrow -r FILE|DIR -l DIR [options] ['BPF filter']\n"
          "       burrow -i IFACE -l DIR [options] ['BPF filter']\n"
          "\n"
          "What to read\n"
          "  -r FILE|DIR            a pcap or pcapng file (gzip too), a folder of them, - for stdin\n"
          "  -i, --pcap IFACE       an interface, by libpcap\n"
          "  --af-packet[=IFACE]    the same, by that name\n"
          "  -k all|none            check checksums or not (default: the configuration's, and that auto)\n"
          "\n"
          "What to do with it\n"
          "  -c FILE                configuration (default: the installed burrow.yaml, else built-in values)\n"
          "  --set KEY=VALUE        override one value of the configuration; may be repeated\n"
          "  -l DIR                 where records go; must exist\n"
          "  --export-pcap FILE     also write carried sessions there, as plain packets\n"
          "  -S FILE                rules of this file (or 'pattern') alone\n"
          "  -s FILE                rules of this file besides the configuration's\n"
          "  --data-dir DIR         where rules keep their datasets (default: the configuration's)\n"
          "  --init-errors-fatal    end when a rule is refused\n"
          "  --disable-detection    load no rules\n"
          "  --simulate-ips         records as of an inline sensor: what rules drop is dropped\n"
          "  --topology pipeline|workers, --lanes N\n"
          "                         threads: one for each stage, or one for each lane\n"
          "\n"
          "How to run\n"
          "  -T                     test configuration and rules, and exit\n"
          "  --engine-analysis      write what the rules are to rules.json in -l's folder, and exit\n"
          "  -D                     run as a daemon\n"
          "  --pidfile FILE         write the process id there\n"
          "  --user USER, --group GROUP\n"
          "                         drop privileges once the capture is open\n"
          "  -v                     say more; twice, more still\n"
          "  --progress, --no-progress\n"
          "                         the progress line (default: on a terminal)\n"
          "\n"
          "What it is\n"
          "  --dump-config          the effective configuration\n"
          "  --build-info           features and libraries\n"
          "  --list-app-layer-protos, --list-runmodes\n"
          "  --list-keywords[=csv|all|KEYWORD]\n"
          "                         keywords of rules; all: as Markdown\n"
          "  -V, --version          version\n"
          "  -h, --help             this\n"
          "\n"
          "Accepted for Suricata's command lines, without effect in this version: --runmode MODE, --no-random.\n",
          out);
}

static bool set_action(struct options *o, int c)
{
    switch (c) {
    case 'h':
        o->action = ACTION_HELP;
        return true;
    case 'V':
        o->action = ACTION_VERSION;
        return true;
    case 'T':
        o->action = ACTION_TEST;
        return true;
    case OPT_DUMP_CONFIG:
        o->action = ACTION_DUMP_CONFIG;
        return true;
    case OPT_BUILD_INFO:
        o->action = ACTION_BUILD_INFO;
        return true;
    case OPT_LIST_KEYWORDS:
        o->action = ACTION_LIST_KEYWORDS;
        o->keywords = optarg;
        return true;
    case OPT_LIST_PROTOS:
        o->action = ACTION_LIST_PROTOS;
        return true;
    case OPT_LIST_RUNMODES:
        o->action = ACTION_LIST_RUNMODES;
        return true;
    default:
        return false;
    }
}

static bool set_text(struct options *o, int c)
{
    const struct {
        int c;
        const char **to;
    } texts[] = {{'c', &o->config},
                 {'r', &o->file},
                 {'i', &o->interface},
                 {'l', &o->log_dir},
                 {'k', &o->checksums},
                 {OPT_PIDFILE, &o->pid_file},
                 {OPT_USER, &o->user},
                 {OPT_GROUP, &o->group},
                 {OPT_TOPOLOGY, &o->topology},
                 {OPT_LANES, &o->lanes},
                 {OPT_EXPORT, &o->export_pcap},
                 {OPT_DATA_DIR, &o->data_dir}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].c == c) {
            *texts[i].to = optarg;
            return true;
        }
    }
    return false;
}

static bool set_flag(struct options *o, int c)
{
    switch (c) {
    case 'v':
        o->verbose++;
        return true;
    case 'D':
        o->daemon = true;
        return true;
    case 's':
    case 'S':
        o->rules = optarg;
        o->rules_exclusive = c == 'S';
        return true;
    case OPT_AF_PACKET:
        o->interface = optarg ? optarg : "";
        return true;
    case OPT_SET:
        if (o->set_count == OPTIONS_SETS_MAX)
            return false;
        o->sets[o->set_count++] = optarg;
        return true;
    case OPT_NO_DETECTION:
        o->no_detection = true;
        return true;
    case OPT_ERRORS_FATAL:
        o->errors_fatal = true;
        return true;
    case OPT_ENGINE_ANALYSIS:
        o->engine_analysis = true;
        return true;
    case OPT_PROGRESS:
        o->progress = 1;
        return true;
    case OPT_NO_PROGRESS:
        o->progress = -1;
        return true;
    case OPT_SIMULATE_IPS:
        o->ips = true;
        return true;
    case OPT_RUNMODE:
    case OPT_IGNORED:
        return true;
    default:
        return false;
    }
}

static bool join_filter(struct options *o, int argc, char **argv, char *error, size_t n)
{
    size_t at = 0;
    for (int i = optind; i < argc; i++) {
        size_t len = strlen(argv[i]);
        if (o->rules && len > 6 && strcmp(argv[i] + len - 6, ".rules") == 0) {
            snprintf(error, n, "command line: %s is no BPF filter; put the pattern behind -%c in quotes", argv[i],
                     o->rules_exclusive ? 'S' : 's');
            return false;
        }
        int w = snprintf(o->filter + at, sizeof o->filter - at, "%s%s", at ? " " : "", argv[i]);
        if (w < 0 || (size_t)w >= sizeof o->filter - at) {
            snprintf(error, n, "command line: the BPF filter is longer than %zu bytes", sizeof o->filter);
            return false;
        }
        at += (size_t)w;
    }
    return true;
}

bool options_parse(int argc, char **argv, struct options *out, char *error, size_t error_len)
{
    int c;
    *out = (struct options){.action = ACTION_RUN};
    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":c:r:i:l:k:s:S:TvDVh", longs, NULL)) != -1) {
        if (c == ':') {
            snprintf(error, error_len, "command line: %s needs a value; see burrow -h", argv[optind - 1]);
            return false;
        }
        if ((c == 's' || c == 'S') && out->rules) {
            snprintf(error, error_len,
                     "command line: -%c: there is a -%c already; a pattern in quotes names several files", c,
                     out->rules_exclusive ? 'S' : 's');
            return false;
        }
        if (c == '?' || !(set_action(out, c) || set_text(out, c) || set_flag(out, c))) {
            snprintf(error, error_len, "command line: %s is not an option; see burrow -h", argv[optind - 1]);
            return false;
        }
    }
    return join_filter(out, argc, argv, error, error_len);
}

/* A policy for connections without their begin must make sense: it is about flows, and only an inline sensor drops. */
static bool midstream_policy(const struct settings *s, char *error, size_t n)
{
    enum settings_exception p = s->stream.midstream_policy;
    bool drops = p == EXCEPTION_DROP_FLOW || p == EXCEPTION_REJECT;
    if (!s->stream.midstream_own)
        return true;
    const char *why = p == EXCEPTION_DROP_PACKET || p == EXCEPTION_PASS_PACKET
                          ? "it is about whole flows: use drop-flow, pass-flow, bypass, reject or ignore"
                      : drops && !s->ips ? "nothing can be dropped, but with --simulate-ips"
                      : s->stream.midstream && (drops || p == EXCEPTION_BYPASS)
                          ? "this does not go together with stream.midstream: yes"
                          : NULL;
    if (why)
        snprintf(error, n, "stream.midstream-policy: %s", why);
    return !why;
}

bool options_apply(const struct options *o, struct settings *s, char *error, size_t n)
{
    if (o->log_dir)
        s->log_dir = o->log_dir;
    if (o->checksums) {
        if (strcmp(o->checksums, "all") != 0 && strcmp(o->checksums, "none") != 0) {
            snprintf(error, n, "command line: -k %s: use all or none", o->checksums);
            return false;
        }
        s->checksums = strcmp(o->checksums, "all") == 0 ? CHECKSUMS_ALL : CHECKSUMS_NONE;
    }
    if (o->topology) {
        bool pipeline = strcmp(o->topology, "pipeline") == 0;
        if (!pipeline && strcmp(o->topology, "workers") != 0) {
            snprintf(error, n, "command line: --topology %s: use pipeline or workers", o->topology);
            return false;
        }
        s->topology = pipeline ? TOPOLOGY_PIPELINE : TOPOLOGY_WORKERS;
    }
    if (o->lanes) {
        char *end;
        unsigned long v = strtoul(o->lanes, &end, 10);
        if (*end || v < 1 || v > 64) {
            snprintf(error, n, "command line: --lanes %s: use a number from 1 to 64", o->lanes);
            return false;
        }
        s->lanes = (uint32_t)v;
    }
    if (o->ips)
        settings_inline(s);
    if (!midstream_policy(s, error, n))
        return false;
    if (o->pid_file)
        s->pid_file = o->pid_file;
    if (o->user)
        s->run_as_user = o->user;
    if (o->group)
        s->run_as_group = o->group;
    if (o->filter[0])
        s->capture_filter = o->filter;
    if (o->export_pcap) {
        if (!o->export_pcap[0] || strcmp(o->export_pcap, "-") == 0) {
            snprintf(error, n, "command line: --export-pcap needs the name of a file");
            return false;
        }
        s->tunnel_pcap.enabled = true;
        s->tunnel_pcap.filename = o->export_pcap;
        s->tunnel_pcap.from_command_line = true;
    }
    return true;
}
