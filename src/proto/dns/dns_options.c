/* Which records there are and what they have: outputs.#.eve-log.types.#.dns, with Suricata's keys.
 *
 *   version: 2|3             the form
 *   requests, responses      yes or no
 *   types: [a, mx]           only messages with a question of these types
 *   formats: [detailed]      of the answers, `answers` (detailed) and `grouped` */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "config/conf.h"
#include "proto/dns/dns_private.h"
#include "proto/dns/dns_text.h"

/* The first text of a text or a list of texts. */
static const struct conf_node *first_of(const struct conf_node *texts)
{
    return texts->kind == CONF_SEQUENCE ? texts->first : texts;
}

static const struct conf_node *next_of(const struct conf_node *texts, const struct conf_node *n)
{
    return texts->kind == CONF_SEQUENCE ? n->next : NULL;
}

static bool has_text(const struct conf_node *texts, const char *text)
{
    for (const struct conf_node *n = first_of(texts); n; n = next_of(texts, n))
        if (!strcasecmp(n->text, text))
            return true;
    return false;
}

/* NULL: not given, or given without a value. */
static const struct conf_node *texts_of(const struct conf_node *options, const char *key)
{
    const struct conf_node *n = conf_child(options, key);
    return n && (n->kind == CONF_SEQUENCE || n->kind == CONF_SCALAR) ? n : NULL;
}

struct dns_options dns_options(const struct settings *settings, unsigned log)
{
    const struct settings_eve *eve = settings_eve_log(settings, log);
    struct dns_options o = {.version = eve->dns_version == 2 ? 2 : 3,
                            .requests = true,
                            .responses = true,
                            .detailed = true,
                            .grouped = true};
    const struct settings_eve_type *type = settings_eve_type(eve, "dns");
    const struct conf_node *options = type ? type->options : NULL;
    if (!options)
        return o;
    o.version = conf_get_uint(options, "version", o.version) == 2 ? 2 : 3;
    o.requests = conf_get_bool(options, "requests", true);
    o.responses = conf_get_bool(options, "responses", true);
    o.types = texts_of(options, "types");
    const struct conf_node *formats = texts_of(options, "formats");
    if (formats) {
        o.detailed = has_text(formats, "detailed");
        o.grouped = has_text(formats, "grouped");
    }
    return o;
}

int dns_configure(const struct settings *settings, void **out)
{
    unsigned logs = settings_eve_logs(settings) ? settings_eve_logs(settings) : 1;
    struct dns_options *o = calloc(logs, sizeof *o);
    *out = o;
    if (!o)
        return -ENOMEM;
    for (unsigned i = 0; i < logs; i++) {
        o[i] = dns_options(settings, i);
        o[i].logs = (uint8_t)logs;
    }
    return 0;
}

bool dns_type_wanted(const struct dns_options *o, uint16_t type)
{
    char text[DNS_TEXT_MAX];
    return !o->types || has_text(o->types, dns_type_text(type, text));
}

bool dns_record_wanted(const struct dns_options *o, const struct dns_message *m)
{
    if (m->flags & DNS_QR ? !o->responses : !o->requests)
        return false;
    if (!o->types)
        return true;
    struct dns_walk w = dns_begin(m);
    struct dns_query q;
    for (unsigned i = 0; i < m->count[DNS_QUERIES] && dns_read_query(&w, &q); i++)
        if (dns_type_wanted(o, q.type))
            return true;
    return false;
}
