#include "detect/ruleset.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/log.h"
#include "detect/load.h"
#include "detect/order.h"

/* Names of what is missing that one line tells. */
#define MISSING_TOLD 12

void load_warn(struct ruleset *set, const char *fmt, ...)
{
    struct ruleset_load *l = set->loading;
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (words_find(&l->said, text))
        return;
    const char *kept = arena_text(&set->shared, text, strlen(text));
    if (kept)
        words_add(&l->said, kept, 0);
    set->warnings++;
    if (!l->options->quiet)
        log_warning("%s", text);
}

static struct ruleset_load *load_create(struct ruleset *set, const struct ruleset_options *o)
{
    struct ruleset_load *l = calloc(1, sizeof *l);
    const struct keyword **list = keywords_collect(&set->shared);
    if (!l || !list) {
        free(l);
        return NULL;
    }
    l->set = set;
    l->options = o;
    l->sids_seed = hash_seed();
    build_init(&l->build, set);
    for (; *list; list++) {
        const struct keyword *k = *list;
        if (!words_find(&l->keywords, k->name))
            words_add(&l->keywords, k->name, (uint64_t)(uintptr_t)k);
        if (k->alias && !words_find(&l->keywords, k->alias))
            words_add(&l->keywords, k->alias, (uint64_t)(uintptr_t)k);
    }
    return l;
}

static void load_destroy(struct ruleset *set)
{
    struct ruleset_load *l = set->loading;
    struct words *tables[] = {&l->keywords, &l->headers,    &l->flows, &l->addrs,    &l->ports,
                              &l->classes,  &l->references, &l->pcres, &l->datasets, &l->said};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        words_fini(tables[i]);
    hashes_fini(&l->sids);
    numbers_fini(&l->sets);
    free((void *)(uintptr_t)l->set_list);
    checked_fini(&l->checked);
    for (size_t i = 0; i < NAME_KIND_COUNT; i++) {
        words_fini(&l->names[i]);
        set->names[i] = l->name_lists[i];
    }
    build_fini(&l->build);
    free(l);
    set->loading = NULL;
}

/* Rules that set a bit or a number go before those that ask for it; 4 to 1 as in Suricata's ordering. */
static unsigned state_rank(const struct rule *r, enum match_kind kind)
{
    bool reads = false, sets = false;
    for (uint32_t i = 0; i < r->packet.count; i++)
        reads = reads || r->packet.m[i].kind == kind;
    for (uint32_t i = 0; i < r->post.count; i++)
        sets = sets || r->post.m[i].kind == kind;
    return sets && !reads ? 0 : sets ? 1 : reads ? 2 : 3;
}

/* The place of an action in the configuration's order; what configures goes first. */
static unsigned action_rank(enum rule_action a, const enum settings_action order[SETTINGS_ACTIONS])
{
    static const enum settings_action of[] = {
        [RULE_PASS] = ORDER_PASS,         [RULE_DROP] = ORDER_DROP,          [RULE_REJECT_SRC] = ORDER_REJECT,
        [RULE_REJECT_DST] = ORDER_REJECT, [RULE_REJECT_BOTH] = ORDER_REJECT, [RULE_ALERT] = ORDER_ALERT};
    unsigned at = 0;
    while (a != RULE_CONFIG && at < SETTINGS_ACTIONS && order[at] != of[a])
        at++;
    return a == RULE_CONFIG ? 0 : at + 1;
}

/* A rule's place among all, as a number: from the highest bits down its action, what it does with state, its priority.
 * Of equal ones the order is that in which they were read. */
static uint64_t key_of(const struct rule *r, const enum settings_action order[SETTINGS_ACTIONS])
{
    static const enum match_kind kinds[] = {MATCH_FLOWBITS, MATCH_FLOWINT, MATCH_HOSTBITS, MATCH_XBITS};
    uint64_t key = action_rank(r->action, order);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        key = key << 2 | (r->packet.count || r->post.count ? state_rank(r, kinds[i]) : 3);
    return key << 8 | r->priority;
}

/* False: no memory. */
static bool put_in_order(struct ruleset *set, const enum settings_action order[SETTINGS_ACTIONS])
{
    uint32_t n = set->rule_count;
    struct ordered *o = malloc((n + 1) * 2 * sizeof *o);
    struct rule **rules = malloc((n + 1) * sizeof *rules), **old = set->rules;
    if (o && rules) {
        for (uint32_t i = 0; i < n; i++) {
            ruleset_soon(set, i);
            o[i] = (struct ordered){key_of(set->rules[i], order), i};
        }
        order_by_key(o, o + n, n);
        for (uint32_t i = 0; i < n; i++) {
            rules[i] = set->rules[o[i].at];
            rules[i]->index = i;
        }
        set->rules = rules;
    }
    bool ok = o && rules;
    free(o);
    free(ok ? old : rules);
    return ok;
}

/* A relative path that leads nowhere from here is looked for from the configuration's folder. */
static const char *from_config(const struct settings *s, const char *path, char *out, size_t len)
{
    const char *slash = strrchr(s->config_file, '/');
    if (!path[0] || path[0] == '/' || !s->config_file[0] || access(path, F_OK) == 0)
        return path;
    int folder = slash ? (int)(slash - s->config_file) + 1 : 0;
    int n = snprintf(out, len, "%.*s%s", folder, s->config_file, path);
    return n > 0 && (size_t)n < len && access(out, F_OK) == 0 ? out : path;
}

static void load_asked(struct ruleset *set, const char *pattern)
{
    uint32_t before = set->unread;
    load_rules(set, pattern);
    set->asked_unread = set->unread > before;
}

static void load_files(struct ruleset *set, const struct ruleset_options *o)
{
    const struct settings_rules *r = &o->settings->rules;
    char path[4096], beside[2048];
    if (r->classification_file[0])
        load_classes(set, from_config(o->settings, r->classification_file, beside, sizeof beside));
    if (r->reference_file[0])
        load_references(set, from_config(o->settings, r->reference_file, beside, sizeof beside));
    load_datasets(set);
    if (o->exclusive) {
        load_asked(set, o->exclusive);
        return;
    }
    const char *folder = from_config(o->settings, r->rule_path, beside, sizeof beside);
    for (size_t i = 0; i < r->file_count; i++) {
        bool absolute = r->files[i][0] == '/' || !folder[0];
        snprintf(path, sizeof path, "%s%s%s", absolute ? "" : folder, absolute ? "" : "/", r->files[i]);
        load_rules(set, path);
    }
    if (o->extra)
        load_asked(set, o->extra);
}

/* One line names what rules need that no parser provides. */
static void tell_missing(struct ruleset *set)
{
    struct words seen = {0};
    char text[512];
    size_t at = 0, more = 0;
    set->cannot = 0;
    for (uint32_t i = 0; i < set->rule_count; i++) {
        ruleset_soon(set, i);
        const char *m = set->rules[i]->missing;
        set->cannot += m != NULL;
        if (!m || words_find(&seen, m) || !words_add(&seen, m, 0))
            continue;
        if (seen.count > MISSING_TOLD || at + strlen(m) + 3 > sizeof text)
            more++;
        else
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? ", " : "", m);
    }
    words_fini(&seen);
    if (!set->cannot || set->loading->options->quiet)
        return;
    if (more)
        log_warning("%u rules can't match, as this version does not provide what they need: %s and %zu more",
                    set->cannot, text, more);
    else
        log_warning("%u rules can't match, as this version does not provide what they need: %s", set->cannot, text);
}

int ruleset_create(const struct ruleset_options *o, struct ruleset **out, char *error, size_t error_len)
{
    struct ruleset *set = calloc(1, sizeof *set);
    if (set) {
        arena_init(&set->arena, RULESET_MEMORY_MAX);
        arena_init(&set->shared, RULESET_MEMORY_MAX);
        set->loading = load_create(set, o);
    }
    if (set && !o->sets)
        set->own_sets = datasets_create();
    if (!set || !set->loading || (!o->sets && !set->own_sets)) {
        ruleset_destroy(&set);
        snprintf(error, error_len, "out of memory");
        return -ENOMEM;
    }
    if (o->cache)
        checked_read(&set->loading->checked, o->cache);
    load_files(set, o);
    if (o->cache)
        checked_write(&set->loading->checked, o->cache);
    bool short_of_memory = !put_in_order(set, o->settings->action_order);
    set->alerts_max = o->settings->packet_alert_max;
    char beside[2048];
    if (o->settings->rules.threshold_file[0])
        load_thresholds(set, from_config(o->settings, o->settings->rules.threshold_file, beside, sizeof beside));
    tell_missing(set);
    short_of_memory = short_of_memory || set->arena.failed || set->shared.failed;
    load_destroy(set);
    if (short_of_memory) {
        ruleset_destroy(&set);
        snprintf(error, error_len, "the rules need more memory than there is");
        return -ENOMEM;
    }
    arena_trim(&set->arena);
    arena_trim(&set->shared);
    *out = set;
    return 0;
}

void ruleset_destroy(struct ruleset **p)
{
    struct ruleset *set = *p;
    *p = NULL;
    if (!set)
        return;
    if (set->loading)
        load_destroy(set);
    for (size_t i = 0; i < NAME_KIND_COUNT; i++)
        free((void *)(uintptr_t)set->names[i]);
    free(set->rules);
    free(set->classes);
    free(set->pcres);
    for (uint32_t i = 0; i < set->dataset_count; i++)
        dataset_put(&set->datasets[i].set);
    free(set->datasets);
    datasets_destroy(&set->own_sets);
    reputation_destroy(&set->reputation);
    geoip_destroy(&set->geoip);
    arena_fini(&set->arena);
    arena_fini(&set->shared);
    free(set);
}

const struct rule *ruleset_find(const struct ruleset *set, uint32_t gid, uint32_t sid)
{
    for (uint32_t i = 0; i < set->rule_count; i++)
        if (set->rules[i]->gid == gid && set->rules[i]->sid == sid)
            return set->rules[i];
    return NULL;
}
