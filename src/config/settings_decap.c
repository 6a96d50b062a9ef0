/* Section decap: its lists. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/items.h"
#include "config/settings_read.h"

static bool no_memory(struct conf_notes *notes)
{
    return conf_notes_fail(notes, "out of memory");
}

enum settings_switch settings_switch_of(const struct conf_node *node, const char *path, enum settings_switch fallback)
{
    const char *text = conf_get_text(node, path, "");
    bool on;
    if (strcasecmp(text, "detection-only") == 0)
        return SWITCH_DETECTION_ONLY;
    if (!conf_parse_bool(text, &on))
        return fallback;
    return on ? SWITCH_YES : SWITCH_NO;
}

/* A list that the schema found good. *out is allocated unless the list is empty. */
static bool read_ports(const struct conf_node *value, struct settings_ports **out, size_t *count)
{
    struct items it;
    size_t n = 0;
    for (items_begin(&it, value); items_next(&it);)
        n++;
    if (n && !(*out = calloc(n, sizeof **out)))
        return false;
    for (items_begin(&it, value); items_next(&it);) {
        struct settings_ports *p = &(*out)[(*count)++];
        items_port(it.text, p);
        p->negated = it.negated;
    }
    return true;
}

bool settings_read_prefixes(const struct conf_node *value, struct settings_prefix **out, size_t *count)
{
    struct items it;
    size_t n = 0;
    for (items_begin(&it, value); items_next(&it);)
        n++;
    if (n && !(*out = calloc(n, sizeof **out)))
        return false;
    for (items_begin(&it, value); items_next(&it);) {
        struct settings_prefix *p = &(*out)[(*count)++];
        items_prefix(it.text, p);
        p->negated = it.negated;
    }
    return true;
}

static bool read_payload(const struct conf_tree *tree, struct settings_decap *decap, struct conf_notes *notes)
{
    static const char *const names[] = {"socks",     "http-connect",   "http-proxy", "h2-connect", "connect-udp",
                                        "websocket", "proxy-protocol", "sslproxy",   "icap"};
    const size_t count = sizeof names / sizeof names[0];
    decap->payload = calloc(count, sizeof *decap->payload);
    if (!decap->payload)
        return no_memory(notes);
    const struct conf_node *payload = conf_find(tree->root, "decap.payload");
    for (size_t i = 0; i < count; i++) {
        const struct conf_node *node = conf_child(payload, names[i]);
        struct settings_payload *p = &decap->payload[decap->payload_count++];
        *p = (struct settings_payload){
            .name = names[i],
            .enabled = settings_switch_of(node, "enabled", SWITCH_YES),
            .log_passwords = conf_get_bool(node, "log-passwords", false),
            .udp = conf_get_bool(node, "udp", true),
            .reverse = conf_get_bool(node, "reverse", true),
        };
        if (!read_ports(conf_child(node, "ports"), &p->ports, &p->port_count) ||
            !settings_read_prefixes(conf_child(node, "addresses"), &p->addresses, &p->address_count))
            return no_memory(notes);
    }
    return true;
}

static bool source_is_on(const struct settings_names *n, enum settings_names_source source)
{
    switch (source) {
    case NAMES_PASSIVE_DNS:
        return n->passive_dns;
    case NAMES_EGRESS:
        return n->egress;
    case NAMES_HOSTS:
        return *n->hosts_file;
    case NAMES_ACTIVE:
        return n->active.enabled;
    case NAMES_SOURCE_COUNT:
        break;
    }
    return false;
}

static void read_names(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings_names *n)
{
    static const char *const words[NAMES_SOURCE_COUNT] = {"passive-dns", "egress", "hosts", "active"};
    struct items it;
    for (items_begin(&it, settings_node(tree, defaults, "decap.names.order")); items_next(&it);)
        for (unsigned k = 0; k < NAMES_SOURCE_COUNT; k++) {
            enum settings_names_source source = (enum settings_names_source)k;
            if (strcasecmp(it.text, words[k]) == 0 && source_is_on(n, source) && !settings_names_has(n, source))
                n->order[n->order_count++] = source;
        }
    n->passive_dns = settings_names_has(n, NAMES_PASSIVE_DNS);
    n->egress = settings_names_has(n, NAMES_EGRESS);
    struct settings_active *a = &n->active;
    items_begin(&it, settings_node(tree, defaults, "decap.names.active.servers"));
    while (a->server_count < SETTINGS_SERVERS_MAX && items_next(&it))
        items_server(it.text, &a->servers[a->server_count++]);
    const struct conf_node *net = settings_node(tree, defaults, "decap.names.placeholder.ipv4");
    addr_parse_prefix(net->text, &n->placeholder_v4, &n->placeholder_v4_bits);
    net = settings_node(tree, defaults, "decap.names.placeholder.ipv6");
    addr_parse_prefix(net->text, &n->placeholder_v6, &n->placeholder_v6_bits);
}

bool settings_read_decap(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                         struct conf_notes *notes)
{
    read_names(tree, defaults, &out->decap.names);
    return read_payload(tree, &out->decap, notes);
}
