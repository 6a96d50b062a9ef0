#include "config/settings_read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool no_memory(struct conf_notes *notes)
{
    return conf_notes_fail(notes, "out of memory");
}

/* An item of a list like outputs has one name. Two keys in it mean that its options stand beside it, not below. */
static void check_items(const struct conf_node *list, struct conf_notes *notes)
{
    char place[CONF_PATH_MAX];
    char path[CONF_PATH_MAX];
    for (const struct conf_node *item = list ? list->first : NULL; item; item = item->next) {
        if (item->kind != CONF_MAPPING || item->count < 2)
            continue;
        const struct conf_node *second = item->first->next;
        conf_notes_add(
            notes, LOG_LEVEL_WARNING, "%s: %s: '%s' stands beside '%s', not below it, ignored: indent it further",
            conf_place(second, place, sizeof place), conf_path(item, path, sizeof path), second->key, item->first->key);
    }
}

/* The options of the first item with this name; *there says if there is one. A second one is warned of. */
static const struct conf_node *find_item(const struct conf_node *list, const char *name, bool *there,
                                         struct conf_notes *notes)
{
    const struct conf_node *found = NULL;
    *there = false;
    for (const struct conf_node *item = list ? list->first : NULL; item; item = item->next) {
        const struct conf_node *options;
        const char *have = conf_item_name(item, &options);
        if (!have || strcmp(have, name) != 0)
            continue;
        if (*there) {
            char place[CONF_PATH_MAX];
            conf_notes_add(notes, LOG_LEVEL_WARNING, "%s: a second '%s', ignored: there can be one",
                           conf_place(item, place, sizeof place), name);
            continue;
        }
        *there = true;
        found = options;
    }
    return found;
}

static bool read_types(const struct conf_node *list, struct settings_eve *eve, struct conf_notes *notes)
{
    eve->types = calloc(list->count ? list->count : 1, sizeof *eve->types);
    if (!eve->types)
        return no_memory(notes);
    for (const struct conf_node *item = list->first; item; item = item->next) {
        const struct conf_node *options;
        const char *name = conf_item_name(item, &options);
        if (!name)
            continue;
        if (options && options->kind != CONF_MAPPING)
            options = NULL;
        if (strcmp(name, "stats") == 0)
            eve->no_zeros = !conf_get_bool(options, "null-values", true);
        eve->types[eve->type_count++] = (struct settings_eve_type){
            .name = name, .enabled = conf_get_bool(options, "enabled", true), .options = options};
    }
    return true;
}

static bool read_eve(const struct conf_node *node, bool there, const struct conf_node *defaults,
                     struct settings_eve *eve, struct conf_notes *notes)
{
    eve->enabled = there && conf_get_bool(node, "enabled", true);
    eve->filename = conf_get_text(node, "filename", conf_get_text(defaults, "filename", ""));
    eve->append = conf_get_bool(node, "append", true);
    eve->community_id = conf_get_bool(node, "community-id", false);
    eve->community_id_seed = (uint16_t)conf_get_uint(node, "community-id-seed", 0);
    eve->pcap_file = conf_get_bool(node, "pcap-file", false);
    eve->ethernet = conf_get_bool(node, "ethernet", false);
    eve->metadata = conf_get_bool(node, "metadata", true);
    eve->xff = conf_child(node, "xff");
    /* Suricata's own variable, which its test cases use. */
    const char *dns_version = getenv("SURICATA_EVE_DNS_VERSION");
    eve->dns_version = dns_version && !strcmp(dns_version, "2") ? 2 : 3;
    const struct conf_node *types = conf_child(node, "types");
    if (!types || types->kind != CONF_SEQUENCE)
        types = conf_child(defaults, "types");
    check_items(types, notes);
    return read_types(types, eve, notes);
}

/* Is there a further log that is on? */
static const struct conf_node *next_log(const struct conf_node *item, const struct conf_node **options)
{
    for (; item; item = item->next) {
        const char *name = conf_item_name(item, options);
        if (name && strcmp(name, "eve-log") == 0 && conf_get_bool(*options, "enabled", true))
            return item;
    }
    return NULL;
}

/* What any of them wants. */
static bool merge_types(struct settings_eve *all, const struct settings *s, struct conf_notes *notes)
{
    size_t room = 0;
    for (unsigned i = 0; i < s->eve_log_count; i++)
        room += s->eve_logs[i].type_count;
    all->types = calloc(room + 1, sizeof *all->types);
    all->type_count = 0;
    if (!all->types)
        return no_memory(notes);
    for (unsigned i = 0; i < s->eve_log_count; i++)
        for (size_t k = 0; k < s->eve_logs[i].type_count; k++) {
            const struct settings_eve_type *t = &s->eve_logs[i].types[k];
            struct settings_eve_type *have = (struct settings_eve_type *)settings_eve_type(all, t->name);
            if (!have)
                all->types[all->type_count++] = *t;
            else if (!have->enabled && t->enabled)
                *have = *t;
        }
    return true;
}

/* Only these tell each log what it asked for. */
static void warn_of_options(const struct settings_eve *eve, const struct settings *s, struct conf_notes *notes)
{
    static const char *const own[] = {"alert", "dns"};
    char place[CONF_PATH_MAX];
    for (size_t i = 0; i < eve->type_count; i++) {
        const struct settings_eve_type *t = &eve->types[i];
        const struct conf_node *options = t->options ? t->options->first : NULL;
        while (options && strcmp(options->key, "enabled") == 0)
            options = options->next;
        bool free = strcmp(t->name, own[0]) == 0 || strcmp(t->name, own[1]) == 0;
        const struct settings_eve_type *first = settings_eve_type(&s->eve_logs[0], t->name);
        for (unsigned k = 1; !first && &s->eve_logs[k] != eve; k++)
            first = settings_eve_type(&s->eve_logs[k], t->name);
        if (options && t->enabled && !free && first && first->enabled && first->options != t->options)
            conf_notes_add(notes, LOG_LEVEL_WARNING,
                           "%s: options of %s are those of the first eve-log that has it; others are ignored",
                           conf_place(options, place, sizeof place), t->name);
    }
}

/* Does an earlier log write this file? */
static bool taken(const struct settings *s, const struct settings_eve *eve, const struct conf_node *item,
                  struct conf_notes *notes)
{
    char place[CONF_PATH_MAX];
    for (unsigned i = 0; i < s->eve_log_count; i++)
        if (strcmp(s->eve_logs[i].filename, eve->filename) == 0) {
            conf_notes_add(notes, LOG_LEVEL_WARNING, "%s: a second eve-log with the file %s, ignored",
                           conf_place(item, place, sizeof place), eve->filename);
            return true;
        }
    return false;
}

/* More than one log that is on. */
static bool read_logs(const struct conf_node *list, const struct conf_node *defaults, struct settings *s,
                      struct conf_notes *notes)
{
    char place[CONF_PATH_MAX];
    const struct conf_node *options;
    const struct conf_node *item = next_log(list ? list->first : NULL, &options);
    s->eve_logs = calloc(SETTINGS_EVE_LOGS_MAX, sizeof *s->eve_logs);
    if (!s->eve_logs)
        return no_memory(notes);
    for (; item && s->eve_log_count < SETTINGS_EVE_LOGS_MAX; item = next_log(item->next, &options)) {
        struct settings_eve *eve = &s->eve_logs[s->eve_log_count];
        if (!read_eve(options, true, defaults, eve, notes))
            return false;
        if (taken(s, eve, item, notes)) {
            free(eve->types);
            continue;
        }
        s->eve_log_count++;
        warn_of_options(eve, s, notes);
    }
    if (item)
        conf_notes_add(notes, LOG_LEVEL_WARNING, "%s: more than %u eve-logs, the rest is ignored",
                       conf_place(item, place, sizeof place), SETTINGS_EVE_LOGS_MAX);
    s->eve = s->eve_logs[0];
    for (unsigned i = 1; i < s->eve_log_count; i++) {
        s->eve.ethernet |= s->eve_logs[i].ethernet;
        s->eve.metadata |= s->eve_logs[i].metadata;
    }
    return merge_types(&s->eve, s, notes);
}

static bool read_eves(const struct conf_node *list, const struct conf_node *defaults, struct settings *s,
                      struct conf_notes *notes)
{
    const struct conf_node *options;
    const struct conf_node *on = next_log(list ? list->first : NULL, &options);
    if (on && next_log(on->next, &options))
        return read_logs(list, defaults, s, notes);
    bool there;
    const struct conf_node *node = NULL;
    if (on) {
        conf_item_name(on, &node);
        return read_eve(node, true, defaults, &s->eve, notes);
    }
    node = find_item(list, "eve-log", &there, notes);
    return read_eve(node, there, defaults, &s->eve, notes);
}

static void read_logging(const struct conf_node *list, struct settings_logging *logging, struct conf_notes *notes)
{
    bool there;
    check_items(list, notes);
    const struct conf_node *node = find_item(list, "console", &there, notes);
    logging->console = there && conf_get_bool(node, "enabled", true);
    node = find_item(list, "file", &there, notes);
    logging->filename =
        there && conf_get_bool(node, "enabled", true) ? conf_get_text(node, "filename", "burrow.log") : "";
    logging->json = strcmp(conf_get_text(node, "type", "regular"), "json") == 0;
    node = find_item(list, "syslog", &there, notes);
    logging->syslog = there && conf_get_bool(node, "enabled", true);
}

static void read_tunnel_pcap(const struct conf_node *node, bool there, const struct conf_node *defaults,
                             struct settings_tunnel_pcap *out)
{
    out->enabled = there && conf_get_bool(node, "enabled", true);
    out->filename = conf_get_text(node, "filename", conf_get_text(defaults, "filename", ""));
    out->interface = conf_get_text(node, "interface", "");
    out->wire = conf_get_bool(node, "wire", false);
    out->mtu = (uint32_t)conf_get_uint(node, "mtu", conf_get_uint(defaults, "mtu", 0));
    out->memcap = conf_get_size(node, "memcap", conf_get_size(defaults, "memcap", 0));
}

/* Version 1 named files by numbers; it is no more. */
static bool check_version(const struct conf_node *item, const struct conf_node *node, struct conf_notes *notes)
{
    char place[CONF_PATH_MAX];
    if (!conf_get_bool(node, "enabled", true) || conf_get_uint(node, "version", 1) == 2)
        return true;
    return conf_notes_fail(notes, "%s: file-store: only version 2 is supported: say `version: 2`",
                           conf_place(item, place, sizeof place));
}

static bool read_file_store(const struct conf_node *list, struct settings *s, struct conf_notes *notes)
{
    struct settings_file_store *out = &s->file_store;
    for (const struct conf_node *item = list ? list->first : NULL; item; item = item->next) {
        const struct conf_node *options;
        const char *name = conf_item_name(item, &options);
        if (name && strcmp(name, "file-store") == 0 && !check_version(item, options, notes))
            return false;
    }
    bool there;
    const struct conf_node *node = find_item(list, "file-store", &there, notes);
    out->enabled = there && conf_get_bool(node, "enabled", true);
    out->options = node && node->kind == CONF_MAPPING ? node : NULL;
    out->dir = conf_get_text(node, "dir", "filestore");
    out->force = conf_get_bool(node, "force-filestore", false);
    out->force_magic = conf_get_bool(node, "force-magic", false);
    out->write_fileinfo = conf_get_bool(node, "write-fileinfo", false);
    out->max_open = (uint32_t)conf_get_uint(node, "max-open-files", 0);
    const struct conf_node *depth = conf_child(node, "stream-depth");
    out->has_depth = depth != NULL;
    out->depth = conf_get_size(node, "stream-depth", 0);
    if (out->enabled && out->has_depth && (out->depth == 0 || (s->stream.depth && out->depth > s->stream.depth)))
        s->stream.depth = out->depth;
    return true;
}

bool settings_read_outputs(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                           struct conf_notes *notes)
{
    const struct conf_node *list = settings_node(tree, defaults, "outputs");
    const struct conf_node *eve = conf_find(defaults->root, "outputs.1.eve-log");
    bool there;
    check_items(list, notes);
    read_logging(settings_node(tree, defaults, "logging.outputs"), &out->logging, notes);
    const struct conf_node *node = find_item(list, "fast", &there, notes);
    out->fast.enabled = there && conf_get_bool(node, "enabled", true);
    out->fast.filename = conf_get_text(node, "filename", "fast.log");
    out->fast.append = conf_get_bool(node, "append", true);
    node = find_item(list, "tunnel-pcap", &there, notes);
    read_tunnel_pcap(node, there, conf_find(defaults->root, "outputs.2.tunnel-pcap"), &out->tunnel_pcap);
    if (!read_file_store(list, out, notes))
        return false;
    return read_eves(list, eve, out, notes);
}

/* Suricata switches dns for each transport; here it is one: off when both are. */
static enum settings_switch proto_switch(const struct conf_node *proto, struct conf_notes *notes)
{
    enum settings_switch all = settings_switch_of(proto, "enabled", SWITCH_YES);
    enum settings_switch tcp = settings_switch_of(proto, "tcp.enabled", all);
    enum settings_switch udp = settings_switch_of(proto, "udp.enabled", all);
    if (all == SWITCH_NO || tcp == udp)
        return all == SWITCH_NO ? all : tcp;
    char place[CONF_PATH_MAX];
    const struct conf_node *one = conf_child(proto, tcp == all ? "udp" : "tcp");
    conf_notes_add(notes, LOG_LEVEL_WARNING,
                   "%s: app-layer.protocols.%s: can't be switched for tcp and udp each, is on",
                   conf_place(one, place, sizeof place), proto->key);
    return all;
}

bool settings_read_protos(const struct conf_tree *tree, struct settings *out, struct conf_notes *notes)
{
    const struct conf_node *protos = conf_find(tree->root, "app-layer.protocols");
    out->protos = calloc(protos && protos->count ? protos->count : 1, sizeof *out->protos);
    if (!out->protos)
        return no_memory(notes);
    for (const struct conf_node *p = protos ? protos->first : NULL; p; p = p->next)
        out->protos[out->proto_count++] = (struct settings_proto){.name = p->key, .enabled = proto_switch(p, notes)};
    return true;
}

bool settings_read_rule_files(const struct conf_tree *tree, struct settings *out, struct conf_notes *notes)
{
    const struct conf_node *list = conf_find(tree->root, "rule-files");
    struct settings_rules *rules = &out->rules;
    rules->files = calloc(list && list->count ? list->count : 1, sizeof *rules->files);
    if (!rules->files)
        return no_memory(notes);
    if (list && list->kind == CONF_SCALAR)
        rules->files[rules->file_count++] = list->text;
    for (const struct conf_node *item = list ? list->first : NULL; item; item = item->next)
        rules->files[rules->file_count++] = item->text;
    return true;
}
