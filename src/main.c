/* The program's entry: arguments, configuration, run, stop. */
#include <ares.h>
#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <nettle/version.h>
#include <nghttp2/nghttp2.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcap/pcap.h>
#include <pcre2.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

#include <htp/htp_version.h>

#include "app/app.h"
#include "config.h"
#ifdef HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif
#ifdef HAVE_ISAL
#include <isa-l.h>
#endif
#include "config/config.h"
#include "core/log.h"
#include "detect/engine/generation.h"
#include "detect/engine/cache.h"
#include "detect/ruleset.h"
#include "export/export.h"
#include "options.h"
#include "proto/proto.h"
#include "run/run.h"

#ifndef BURROW_SYSCONFDIR
#define BURROW_SYSCONFDIR "/etc"
#endif

#define STRING(x)       #x
#define DOTTED(a, b, c) STRING(a) "." STRING(b) "." STRING(c)
#ifdef HAVE_ISAL
#define DECODER "ISA-L " DOTTED(ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION)
#else
#define DECODER "zlib"
#endif
#ifdef HAVE_JEMALLOC
#define ALLOCATOR "jemalloc " DOTTED(JEMALLOC_VERSION_MAJOR, JEMALLOC_VERSION_MINOR, JEMALLOC_VERSION_BUGFIX)
/* Read by jemalloc before main() runs: what was freed goes back to the system after a second, not after ten. */
const char *malloc_conf = "dirty_decay_ms:1000";
#else
#define ALLOCATOR "the C library's"
#endif

static void on_signal(int sig)
{
    if (sig == SIGHUP)
        run_reopen();
    else if (sig == SIGUSR2)
        run_reload();
    else
        run_stop();
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal};
    struct sigaction reopen = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGHUP, &reopen, NULL);
    sigaction(SIGUSR2, &reopen, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* What this build can do, for tests to ask. */
static const char features[] = "HAVE_JA3 HAVE_JA4 MAGIC EXPORT_PCAP PCAP_FILE PCAP_LIVE "
                               "NAMES_EGRESS "
                               "TUNNEL_SOCKS TUNNEL_SOCKS_UDP "
                               "TUNNEL_HTTP_CONNECT TUNNEL_HTTP_PROXY "
                               "TUNNEL_H2_CONNECT CONNECT_UDP "
                               "TUNNEL_PROXY_PROTOCOL TUNNEL_SSLPROXY TUNNEL_WEBSOCKET "
                               "TUNNEL_ICAP RULES";

static void print_build_info(void)
{
    printf("This is Burrow version %s\n", PACKAGE_VERSION);
    printf("Features: %s\n", features);
    printf("Sanitizers: %s\n", BURROW_SANITIZE);
    printf("Allocator: %s\n", ALLOCATOR);
    printf("DEFLATE: %s\n", DECODER);
    printf("Compiler: %s\n", __VERSION__);
    printf("Libraries: %s, nghttp2 %s, libyaml %s, %s, %s, jansson %s, nettle %d.%d, zlib %s, c-ares %s, PCRE2 %d.%d\n",
           HTP_VERSION_STRING_FULL, nghttp2_version(0)->version_str, yaml_get_version_string(), pcap_lib_version(),
           export_library(), jansson_version_str(), nettle_version_major(), nettle_version_minor(), zlibVersion(),
           ares_version(NULL), PCRE2_MAJOR, PCRE2_MINOR);
}

/* A protocol may have a table entry for each transport. */
static bool listed_before(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(proto_table[k]->name, proto_table[i]->name) == 0)
            return true;
    return false;
}

static void print_protos(void)
{
    printf("=========Supported App Layer Protocols=========\n");
    for (size_t i = 0; proto_table[i]; i++)
        if (!listed_before(i))
            printf("%s\n", proto_table[i]->name);
}

static void print_runmodes(void)
{
    printf("workers   one thread for each lane runs all of its stages\n"
           "pipeline  one thread for each stage of each lane, joined by rings\n"
           "auto      (default) workers\n");
}

/* The file that -c names, or the installed one if it is there; NULL: built-in defaults. */
static const char *config_file(const struct options *o)
{
    static const char installed[] = BURROW_SYSCONFDIR "/burrow/burrow.yaml";
    if (o->config)
        return o->config;
    return access(installed, R_OK) == 0 ? installed : NULL;
}

static bool write_pid_file(const char *path, char *error, size_t n)
{
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%ld\n", (long)getpid()) < 0) {
        snprintf(error, n, "%s: can't write the pid file: %s", path, strerror(errno));
        if (f)
            fclose(f);
        return false;
    }
    fclose(f);
    return true;
}

/* Give up root, for good, once everything that needs it is open. */
static bool drop_privileges(const struct settings *s, char *error, size_t n)
{
    const struct passwd *user = s->run_as_user[0] ? getpwnam(s->run_as_user) : NULL;
    const struct group *group = s->run_as_group[0] ? getgrnam(s->run_as_group) : NULL;
    if ((s->run_as_user[0] && !user) || (s->run_as_group[0] && !group)) {
        snprintf(error, n, "run-as: there is no %s %s on this machine", user || !s->run_as_user[0] ? "group" : "user",
                 user || !s->run_as_user[0] ? s->run_as_group : s->run_as_user);
        return false;
    }
    if (!user && !group)
        return true;
    gid_t gid = group ? group->gr_gid : user->pw_gid;
    bool ok = setgroups(1, &gid) == 0 && setgid(gid) == 0 && (!user || setuid(user->pw_uid) == 0);
    if (ok && user && user->pw_uid != 0 && setuid(0) == 0)
        ok = false;
    if (!ok)
        snprintf(error, n, "run-as: can't become %s:%s: %s; start as root, or leave run-as out", s->run_as_user,
                 s->run_as_group, strerror(errno));
    return ok;
}

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool open_log(const struct settings *s, char *error, size_t n)
{
    char path[4096];
    if (s->logging.syslog)
        log_use_syslog(true);
    if (!s->logging.filename[0] || !is_directory(s->log_dir))
        return true;
    bool absolute = s->logging.filename[0] == '/';
    snprintf(path, sizeof path, "%s%s%s", absolute ? "" : s->log_dir, absolute ? "" : "/", s->logging.filename);
    FILE *f = fopen(path, "a");
    if (!f) {
        snprintf(error, n, "%.900s: can't write the log: %s", path, strerror(errno));
        return false;
    }
    log_set_file(f, s->logging.json);
    return true;
}

/* --af-packet without a name: the first interface that the configuration lists. */
static const char *interface_of(const struct options *o, const struct settings *s)
{
    if (!o->interface || o->interface[0])
        return o->interface;
    return conf_get_text(s->tree, "af-packet.0.interface", "");
}

/* What must be true before anything is opened. */
static bool check_request(const struct options *o, const struct settings *s, char *error, size_t n)
{
    if (!o->file && !o->interface) {
        snprintf(error, n, "nothing to read: give -r FILE, or -i INTERFACE; see burrow -h");
        return false;
    }
    if (o->file && o->interface) {
        snprintf(error, n, "command line: -r and -i don't go together");
        return false;
    }
    if (o->interface && !interface_of(o, s)[0]) {
        snprintf(error, n, "--af-packet without a name: the configuration names no af-packet interface; give one");
        return false;
    }
    if (!is_directory(s->log_dir)) {
        snprintf(error, n, "%s: the log directory is not there; make it, or give another with -l", s->log_dir);
        return false;
    }
    return true;
}

static int fail(const char *error)
{
    log_error("%s", error);
    return 1;
}

/* Fewer rules are compiled at once. */
#define CACHED_RULES_MIN 256u

/* What makes rules, at the start and when they are loaded anew. */
struct loader {
    const struct options *options;
    struct datasets *sets;
    struct detect_memory *memory;
    unsigned keep;                   /* RULESET_KEEP_* */
    struct detect_generation *rules; /* those of the run; NULL: none */
};

/* Were rules asked for? */
static bool has_rules(const struct options *o, const struct settings *s)
{
    return !o->no_detection && (o->rules || s->rules.file_count > 0);
}

/* The folder of what rules are compiled to, in name. False: none is wanted. */
static bool name_cache(const struct settings *s, char *name, size_t n)
{
    const char *text = conf_get_text(s->tree, "detect.sgh-mpm-caching-path", "");
    if (!conf_get_bool(s->tree, "detect.sgh-mpm-caching", true))
        return false;
    if (!text[0])
        return detect_cache_default(name, n);
    snprintf(name, n, "%s", text);
    return true;
}

/* Read and check the rules. False: that ends the program, with its line given. *out stays NULL without rules. */
static bool load_rules(const struct loader *l, const struct settings *s, struct ruleset **out)
{
    const struct options *o = l->options;
    char error[1024];
    bool strict = o->errors_fatal || o->engine_analysis || o->action == ACTION_TEST;
    struct ruleset_options r = {
        .settings = s, .strict = strict, .data_dir = o->data_dir, .keep = l->keep, .sets = l->sets};
    char folder[4096], why[256];
    bool check_all = o->engine_analysis || o->action == ACTION_TEST;
    if (!check_all && name_cache(s, folder, sizeof folder) && detect_cache_usable(folder, why, sizeof why))
        r.cache = folder;
    *(o->rules_exclusive ? &r.exclusive : &r.extra) = o->rules;
    if (!has_rules(o, s))
        return true;
    if (ruleset_create(&r, out, error, sizeof error) != 0) {
        log_error("%s", error);
        return false;
    }
    const struct ruleset *set = *out;
    log_notice("%u rules loaded, %u refused%s", set->rule_count, set->refused,
               set->skipped ? ", others are not for this version" : "");
    if (set->asked_unread)
        log_error("%s: there are no rules that could be read", o->rules);
    else if (strict && set->unread)
        log_error("%u file%s of rules could not be read: see above", set->unread, set->unread > 1 ? "s" : "");
    else if (strict && set->refused)
        log_error("%u rule%s refused: see above, correct what is wrong or leave it out", set->refused,
                  set->refused > 1 ? "s" : "");
    return !set->asked_unread && !(strict && (set->refused || set->unread));
}

/* The folder of compiled databases in name, or NULL: none is wanted, or that it can't be was told. */
static const char *cache_folder(const struct settings *s, const struct ruleset *rules, char *name, size_t n)
{
    char why[256];
    if (rules->rule_count < CACHED_RULES_MIN || !name_cache(s, name, n))
        return NULL;
    if (detect_cache_open(name, why, sizeof why))
        return name;
    log_warning("detect.sgh-mpm-caching-path: %s: %s; all patterns are compiled anew", name, why);
    return NULL;
}

/* Takes the rules. NULL: that was told. */
static struct detect_generation *make_engine(const struct loader *l, const struct settings *s, struct ruleset **rules)
{
    char error[1024];
    struct detect *d = NULL;
    char folder[4096];
    const char *cache = cache_folder(s, *rules, folder, sizeof folder);
    if (detect_create(*rules, l->memory, app_rules_ready, cache, &d, error, sizeof error) != 0) {
        log_error("%s", error);
        return NULL;
    }
    struct detect_generation *g = detect_generation_create(rules, &d);
    if (!g)
        log_error("out of memory for the rules");
    detect_destroy(&d);
    return g;
}

/* The configuration is read anew for its variables and files of rules; all else stays as it was. */
static struct detect_generation *reload_rules(void *arg)
{
    const struct loader *l = arg;
    const struct options *o = l->options;
    char error[1024];
    struct config *config = NULL;
    struct ruleset *rules = NULL;
    struct detect_generation *g = NULL;
    datasets_save(l->sets);
    int e = config_create(config_file(o), o->sets, o->set_count, &config, error, sizeof error);
    struct settings *s = e == 0 ? config_settings_mutable(config) : NULL;
    if (s && options_apply(o, s, error, sizeof error)) {
        bool whole = load_rules(l, s, &rules) && rules && rules->unread == 0;
        if (whole)
            g = make_engine(l, s, &rules);
        snprintf(error, sizeof error, whole ? "see above" : "not all files can be read, see above");
    }
    if (!g)
        log_error("rules not reloaded, those before stay: %s", error);
    ruleset_destroy(&rules);
    config_destroy(&config);
    return g;
}

static int run(const struct options *o, const struct settings *s, struct loader *l)
{
    char error[1024];
    if (!check_request(o, s, error, sizeof error))
        return fail(error);
    if (o->daemon && daemon(1, 0) != 0)
        return fail("can't become a daemon");
    if (o->daemon)
        log_use_syslog(true);
    if (s->pid_file[0] && !write_pid_file(s->pid_file, error, sizeof error))
        return fail(error);
    catch_signals();
    struct run_options ro = {.settings = s,
                             .file = o->file,
                             .interface = interface_of(o, s),
                             .filter = s->capture_filter,
                             .log_dir = s->log_dir,
                             .rules = &l->rules,
                             .reload = reload_rules,
                             .reload_arg = l,
                             .opened = drop_privileges,
                             .summary = o->file && !o->daemon};
    ro.progress = o->progress > 0 || (o->progress == 0 && o->file && isatty(STDERR_FILENO));
    int r = run_capture(&ro, error, sizeof error);
    if (s->pid_file[0])
        unlink(s->pid_file);
    return r == 0 ? 0 : fail(error);
}

static bool has_reject(const struct ruleset *set)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        enum rule_action a = set->rules[i]->action;
        if (a == RULE_REJECT_SRC || a == RULE_REJECT_DST || a == RULE_REJECT_BOTH)
            return true;
    }
    return false;
}

/* What to do once the rules are there. */
static int with_rules(struct loader *l, struct settings *s, struct ruleset **rules)
{
    const struct options *o = l->options;
    char error[1024];
    if (o->action == ACTION_TEST) {
        log_notice("configuration is fine: %s", s->config_file[0] ? s->config_file : "built-in defaults");
        return 0;
    }
    if (o->engine_analysis) {
        if (*rules && ruleset_analyse(*rules, s->log_dir, error, sizeof error) != 0)
            return fail(error);
        return 0;
    }
    s->rejects = *rules && has_reject(*rules);
    if (*rules && !(l->rules = make_engine(l, s, rules)))
        return 1;
    s->detection = l->rules != NULL;
    /* A reset must be there before the answer, which may come with the acknowledgement. */
    if (o->interface && s->stream.inline_ == INLINE_AUTO && l->rules && app_rules_reject(l->rules->detect))
        s->stream.inline_ = INLINE_YES;
    return run(o, s, l);
}

static int load_and_go(const struct options *o, struct settings *s)
{
    struct loader l = {.options = o,
                       .sets = datasets_create(),
                       .memory = detect_memory_create(s),
                       .keep = o->engine_analysis ? RULESET_KEEP_TEXT : app_rules_keep(s)};
    struct ruleset *rules = NULL;
    int status = 1;
    if (!l.sets || !l.memory)
        fail("out of memory for what rules remember: lower detect.thresholds.memcap, host.memcap");
    else if (load_rules(&l, s, &rules))
        status = with_rules(&l, s, &rules);
    if (l.rules)
        datasets_save(l.sets);
    ruleset_destroy(&rules);
    detect_generation_destroy(&l.rules);
    detect_memory_destroy(&l.memory);
    datasets_destroy(&l.sets);
    return status;
}

static void set_log_level(enum log_level base, int verbose)
{
    int level = (int)base + verbose;
    log_set_level(level > LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : (enum log_level)level);
}

static int with_config(const struct options *o)
{
    char error[1024];
    struct config *config = NULL;
    set_log_level(LOG_LEVEL_NOTICE, o->verbose);
    if (config_create(config_file(o), o->sets, o->set_count, &config, error, sizeof error) != 0)
        return fail(error);
    struct settings *s = config_settings_mutable(config);
    int status = 0;
    set_log_level(s->logging.level, o->verbose);
    if (!options_apply(o, s, error, sizeof error)) {
        status = fail(error);
    } else if (o->action == ACTION_DUMP_CONFIG) {
        config_dump(config, stdout);
    } else if (!open_log(s, error, sizeof error)) {
        status = fail(error);
    } else {
        status = load_and_go(o, s);
    }
    config_destroy(&config);
    log_set_file(NULL, false);
    return status;
}

int main(int argc, char **argv)
{
    static struct options o;
    char error[512];
    if (!options_parse(argc, argv, &o, error, sizeof error))
        return fail(error);
    switch (o.action) {
    case ACTION_HELP:
        options_help(stdout);
        return 0;
    case ACTION_VERSION:
        printf("This is Burrow version %s\n", PACKAGE_VERSION);
        return 0;
    case ACTION_BUILD_INFO:
        print_build_info();
        return 0;
    case ACTION_LIST_PROTOS:
        print_protos();
        return 0;
    case ACTION_LIST_RUNMODES:
        print_runmodes();
        return 0;
    case ACTION_LIST_KEYWORDS:
        if (ruleset_list_keywords(o.keywords, stdout))
            return 0;
        snprintf(error, sizeof error, "%s: no such keyword; see burrow --list-keywords", o.keywords ? o.keywords : "");
        return fail(error);
    default:
        return with_config(&o);
    }
}
