/* What the eve-log's options say of alerts: outputs.*.eve-log.types.*.alert, as in Suricata. */
#include "app/alert.h"
#include "app/app.h"
#include "config/conf.h"

#define PAYLOAD_MOST 4096u

/* A switch's value, where the node is one. */
static bool on(const struct conf_node *node, bool fallback)
{
    bool v;
    return node && node->kind == CONF_SCALAR && conf_parse_bool(node->text, &v) ? v : fallback;
}

/* `metadata` is a switch, or says of each part whether it is wanted. */
static void read_metadata(struct app_alert_options *o, const struct conf_node *metadata)
{
    bool all = on(metadata, true);
    bool parts = metadata && metadata->kind == CONF_MAPPING;
    o->app_layer = all && (!parts || conf_get_bool(metadata, "app-layer", true));
    o->flow = all && (!parts || conf_get_bool(metadata, "flow", true));
    const struct conf_node *rule = parts ? conf_child(metadata, "rule") : NULL;
    bool rule_parts = rule && rule->kind == CONF_MAPPING;
    bool rules = all && on(rule, true);
    o->metadata = rules && (!rule_parts || conf_get_bool(rule, "metadata", true));
    o->references = rules && rule_parts && conf_get_bool(rule, "reference", false);
    o->raw = rules && rule_parts && conf_get_bool(rule, "raw", false);
}

/* Those of the type, or else of the whole log. */
static void read_xff(struct app_alert_options *o, const struct settings_eve *eve, const struct conf_node *type)
{
    const struct conf_node *xff = type ? conf_child(type, "xff") : NULL;
    if (!xff)
        xff = eve->xff;
    o->xff = xff && xff->kind == CONF_MAPPING && conf_get_bool(xff, "enabled", false);
    if (!o->xff)
        return;
    o->xff_header = conf_get_text(xff, "header", "X-Forwarded-For");
    o->xff_overwrite = strcasecmp(conf_get_text(xff, "mode", "extra-data"), "overwrite") == 0;
    o->xff_last = strcasecmp(conf_get_text(xff, "deployment", "reverse"), "reverse") == 0;
}

void app_alert_options_read(struct app_alert_options *o, const struct settings *s, const struct settings_eve *eve)
{
    const struct settings_eve_type *listed = settings_eve_type(eve, "alert");
    const struct conf_node *type = listed ? listed->options : NULL;
    bool map = type && type->kind == CONF_MAPPING;
    *o = (struct app_alert_options){.payload_most = PAYLOAD_MOST};
    read_metadata(o, map ? conf_child(type, "metadata") : NULL);
    read_xff(o, eve, map ? type : NULL);
    o->vars = eve->metadata;
    const struct settings_payload *socks = settings_payload(s, "socks");
    o->tagged = conf_get_bool(map ? type : NULL, "tagged-packets", true);
    o->show_socks = socks && socks->log_passwords;
    const struct conf_node *guess = s->tree ? conf_find(s->tree, "detect") : NULL;
    o->guess = conf_get_bool(guess, "guess-applayer-tx", false);
    if (!map)
        return;
    o->payload = conf_get_bool(type, "payload", false);
    o->printable = conf_get_bool(type, "payload-printable", false);
    o->length = conf_get_bool(type, "payload-length", false);
    o->packet = conf_get_bool(type, "packet", false);
    o->http_body = conf_get_bool(type, "http-body", false);
    o->http_body_printable = conf_get_bool(type, "http-body-printable", false);
    o->verdict = conf_get_bool(type, "verdict", false);
    o->payload_most = (uint32_t)conf_get_size(type, "payload-buffer-size", PAYLOAD_MOST);
}

unsigned app_rules_keep(const struct settings *s)
{
    unsigned keep = 0;
    for (unsigned i = 0; i < settings_eve_logs(s); i++) {
        struct app_alert_options o;
        app_alert_options_read(&o, s, settings_eve_log(s, i));
        keep |= (o.metadata ? RULESET_KEEP_METADATA : 0u) | (o.references ? RULESET_KEEP_REFERENCES : 0u) |
                (o.raw ? RULESET_KEEP_TEXT : 0u);
    }
    return keep;
}

/* Payload and packets are kept for whoever shows them. */
void app_alert_options_init(struct app_rules *r, const struct settings *s)
{
    struct app_alert_options *all = &r->options;
    app_alert_options_read(all, s, &s->eve);
    for (unsigned i = 0; i < settings_eve_logs(s); i++) {
        struct app_alert_options *o = &r->logs[i];
        app_alert_options_read(o, s, settings_eve_log(s, i));
        all->payload |= o->payload;
        all->printable |= o->printable;
        all->packet |= o->packet;
        all->tagged |= o->tagged;
        if (o->payload_most > all->payload_most)
            all->payload_most = o->payload_most;
    }
}
