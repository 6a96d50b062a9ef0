/* Which members a record has: outputs.#.eve-log.types.#.tls, with Suricata's keys.
 *
 *   - tls                         the certificate's names only, and no record of a resumed session
 *   - tls: {extended: yes}        all but those that only `custom` asks for; so too when nothing is said of it
 *   - tls: {custom: [sni, ja4]}   these and no other
 *   ja4: yes|no, session-resumption: yes|no   on top of these */
#include "config/conf.h"
#include "proto/tls/tls_session.h"

#define BASIC (TLS_F_SUBJECT | TLS_F_ISSUER)
#define EXTENDED                                                                                                       \
    (BASIC | TLS_F_RESUMED | TLS_F_SERIAL | TLS_F_FINGERPRINT | TLS_F_SNI | TLS_F_VERSION | TLS_F_NOT_BEFORE |         \
     TLS_F_NOT_AFTER | TLS_F_JA3 | TLS_F_JA3S | TLS_F_JA4 | TLS_F_ALT_NAMES | TLS_F_CLIENT_ALPNS |                     \
     TLS_F_SERVER_ALPNS | TLS_F_CLIENT)

static const struct {
    const char *name;
    uint32_t field;
} names[] = {
    {"subject", TLS_F_SUBJECT},
    {"issuer", TLS_F_ISSUER},
    {"session_resumed", TLS_F_RESUMED},
    {"serial", TLS_F_SERIAL},
    {"fingerprint", TLS_F_FINGERPRINT},
    {"sni", TLS_F_SNI},
    {"version", TLS_F_VERSION},
    {"not_before", TLS_F_NOT_BEFORE},
    {"not_after", TLS_F_NOT_AFTER},
    {"certificate", TLS_F_CERTIFICATE},
    {"chain", TLS_F_CHAIN},
    {"ja3", TLS_F_JA3},
    {"ja3s", TLS_F_JA3S},
    {"ja4", TLS_F_JA4},
    {"client", TLS_F_CLIENT},
    {"client_certificate", TLS_F_CLIENT_CERTIFICATE},
    {"client_chain", TLS_F_CLIENT_CHAIN},
    {"subjectaltname", TLS_F_ALT_NAMES},
    {"client_alpns", TLS_F_CLIENT_ALPNS},
    {"server_alpns", TLS_F_SERVER_ALPNS},
    {"client_handshake", TLS_F_CLIENT_HANDSHAKE},
    {"server_handshake", TLS_F_SERVER_HANDSHAKE},
};

static uint32_t custom_fields(const struct conf_node *list)
{
    uint32_t fields = 0;
    for (const struct conf_node *n = list->first; n; n = n->next)
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
            if (!strcmp(n->text, names[i].name))
                fields |= names[i].field;
    return fields;
}

static uint32_t set(uint32_t fields, uint32_t field, bool on)
{
    return on ? fields | field : fields & ~field;
}

static uint32_t fields_of(const struct conf_node *options)
{
    const struct conf_node *custom = conf_child(options, "custom");
    uint32_t fields = conf_get_bool(options, "extended", true) ? EXTENDED : BASIC;
    if (custom && custom->kind == CONF_SEQUENCE)
        fields = custom_fields(custom);
    fields = set(fields, TLS_F_RESUMED, conf_get_bool(options, "session-resumption", true));
    if (conf_child(options, "ja4"))
        fields = set(fields, TLS_F_JA4, conf_get_bool(options, "ja4", true));
    return fields;
}

uint32_t tls_fields(const struct settings *settings)
{
    if (!settings)
        return EXTENDED;
    for (size_t i = 0; i < settings->eve.type_count; i++) {
        const struct settings_eve_type *t = &settings->eve.types[i];
        if (!strcmp(t->name, "tls"))
            return t->options ? fields_of(t->options) : BASIC;
    }
    return EXTENDED;
}
