#include "config/settings.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings_read.h"

enum settings_switch settings_proto_enabled(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->proto_count; i++)
        if (strcmp(s->protos[i].name, name) == 0)
            return s->protos[i].enabled;
    return SWITCH_YES;
}

const struct settings_payload *settings_payload(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->decap.payload_count; i++)
        if (strcmp(s->decap.payload[i].name, name) == 0)
            return &s->decap.payload[i];
    return NULL;
}

static bool has_port(const struct settings_payload *p, uint16_t port)
{
    bool wanted = false;
    bool only_negated = true;
    for (size_t i = 0; i < p->port_count; i++) {
        const struct settings_ports *r = &p->ports[i];
        bool in = port >= r->first && port <= r->last;
        if (in && r->negated)
            return false;
        wanted = wanted || in;
        only_negated = only_negated && r->negated;
    }
    return wanted || only_negated;
}

static bool has_address(const struct settings_payload *p, const struct addr *a)
{
    bool wanted = false;
    bool only_negated = true;
    for (size_t i = 0; i < p->address_count; i++) {
        const struct settings_prefix *r = &p->addresses[i];
        bool in = r->addr.family == ADDR_NONE || addr_in_prefix(a, &r->addr, r->bits);
        if (in && r->negated)
            return false;
        wanted = wanted || in;
        only_negated = only_negated && r->negated;
    }
    return wanted || only_negated;
}

bool settings_payload_allows(const struct settings_payload *p, const struct addr *server, uint16_t port)
{
    return !p || (p->enabled != SWITCH_NO && has_port(p, port) && has_address(p, server));
}

bool settings_names_has(const struct settings_names *n, enum settings_names_source source)
{
    for (unsigned i = 0; i < n->order_count; i++)
        if (n->order[i] == source)
            return true;
    return false;
}

/* As in Suricata, once kinds are named only applayer is on by itself. */
bool settings_anomaly_enabled(const struct settings *s, const char *kind)
{
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct settings_eve_type *t = &s->eve.types[i];
        const struct conf_node *kinds = strcmp(t->name, "anomaly") == 0 ? conf_child(t->options, "types") : NULL;
        if (kinds && kinds->kind == CONF_MAPPING)
            return conf_get_bool(kinds, kind, strcmp(kind, "applayer") == 0);
    }
    return true;
}

unsigned settings_eve_logs(const struct settings *s)
{
    return s->eve_log_count ? s->eve_log_count : s->eve.enabled;
}

const struct settings_eve *settings_eve_log(const struct settings *s, unsigned log)
{
    return s->eve_log_count ? &s->eve_logs[log] : &s->eve;
}

const struct settings_eve_type *settings_eve_type(const struct settings_eve *eve, const char *name)
{
    for (size_t i = 0; i < eve->type_count; i++)
        if (strcmp(eve->types[i].name, name) == 0)
            return &eve->types[i];
    return NULL;
}

bool settings_eve_type_enabled(const struct settings *s, const char *name)
{
    const struct settings_eve_type *t = settings_eve_type(&s->eve, name);
    return s->eve.enabled && t && t->enabled;
}

void settings_fini(struct settings *s)
{
    free(s->eve.types);
    for (unsigned i = 0; i < s->eve_log_count; i++)
        free(s->eve_logs[i].types);
    free(s->eve_logs);
    free(s->protos);
    for (size_t i = 0; i < s->decap.payload_count; i++) {
        free(s->decap.payload[i].ports);
        free(s->decap.payload[i].addresses);
    }
    free(s->decap.payload);
    settings_fini_flow(s);
    free(s->rules.files);
    *s = (struct settings){.config_file = ""};
}
