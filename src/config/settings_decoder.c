/* Section decoder: which IP tunnels are looked into. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/items.h"
#include "config/settings_read.h"

/* As IANA has them. */
static const struct {
    const char *name;
    uint16_t port;
    uint16_t also; /* 0: none */
} udp_tunnels[UDP_TUNNEL_COUNT] = {
    [UDP_TUNNEL_VXLAN] = {"vxlan", 4789},   [UDP_TUNNEL_VXLAN_GPE] = {"vxlan-gpe", 4790},
    [UDP_TUNNEL_GENEVE] = {"geneve", 6081}, [UDP_TUNNEL_TEREDO] = {"teredo", 3544},
    [UDP_TUNNEL_AYIYA] = {"ayiya", 5072},   [UDP_TUNNEL_GTP] = {"gtp", 2152, 3386},
    [UDP_TUNNEL_L2TP] = {"l2tp", 1701},     [UDP_TUNNEL_GRE] = {"gre-udp", 4754},
    [UDP_TUNNEL_MPLS] = {"mpls-udp", 6635},
};

/* A list of ports, or the name of one of vars.port-groups. */
static const struct conf_node *port_list(const struct conf_tree *tree, const struct conf_tree *defaults,
                                         const struct conf_node *value)
{
    if (!value || value->text[0] != '$')
        return value;
    char path[CONF_PATH_MAX];
    snprintf(path, sizeof path, "vars.port-groups.%s", value->text + 1);
    return settings_node(tree, defaults, path);
}

static void add_port(struct settings_decoder *d, struct settings_udp_ports *u, uint16_t port)
{
    if (u->count == SETTINGS_UDP_PORTS_MAX)
        return;
    u->ports[u->count++] = port;
    d->udp_known[port / 64] |= UINT64_C(1) << port % 64;
}

/* A range counts with its first port and those behind it, as far as there is room. "any" leaves what is usual: a
 * tunnel is not searched for on every port. */
static void add_list(struct settings_decoder *d, struct settings_udp_ports *u, const struct conf_node *value)
{
    struct items it;
    struct settings_ports p;
    for (items_begin(&it, value); items_next(&it);) {
        if (it.negated || strcasecmp(it.text, "any") == 0 || !items_port(it.text, &p))
            continue;
        for (uint32_t port = p.first; port <= p.last && u->count < SETTINGS_UDP_PORTS_MAX; port++)
            add_port(d, u, (uint16_t)port);
    }
}

void settings_read_decoder(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings_decoder *d)
{
    const struct conf_node *section = conf_find(tree->root, "decoder");
    d->max_layers = SETTINGS_LAYERS_MAX;
    uint64_t layers = conf_get_uint(section, "max-layers", SETTINGS_LAYERS_MAX);
    if (layers < SETTINGS_LAYERS_MAX)
        d->max_layers = (uint32_t)layers;
    d->track_tunnels = conf_get_bool(section, "recursion-level.use-for-tracking", true);
    d->erspan = conf_get_bool(section, "erspan.enabled", true);
    d->erspan_1 = conf_get_bool(section, "erspan.typeI.enabled", true);
    for (int t = 0; t < UDP_TUNNEL_COUNT; t++) {
        const struct conf_node *node = conf_child(section, udp_tunnels[t].name);
        const struct conf_node *ports = port_list(tree, defaults, conf_child(node, "ports"));
        bool on = conf_get_bool(node, "enabled", true);
        d->teredo_anywhere |= on && t == UDP_TUNNEL_TEREDO;
        if (!on)
            continue;
        struct settings_udp_ports *u = &d->udp[t];
        if (ports && ports->kind != CONF_NULL)
            add_list(d, u, ports);
        if (u->count)
            continue;
        add_port(d, u, udp_tunnels[t].port);
        if (udp_tunnels[t].also)
            add_port(d, u, udp_tunnels[t].also);
    }
}
