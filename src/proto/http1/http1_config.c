#include "proto/http1/http1_config.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "config/conf.h"
#include "config/items.h"
#include "proto/file.h"
#include "proto/http1/http1_state.h"

/* As in Suricata's configuration. */
#define FIELD_SOFT_LIMIT 9000u
#define FIELD_HARD_LIMIT 18000u
#define BOMB_LIMIT       1048576u /* decompressed bytes, and 2048 times what came in */
#define ENCODING_LAYERS  2
#define LZMA_MEMORY      1048576u
#define HEADERS_MAX      1024u
static enum htp_server_personality_t personality(const char *name)
{
    static const struct {
        const char *name;
        enum htp_server_personality_t is;
    } known[] = {
        {"Minimal", HTP_SERVER_MINIMAL}, {"Generic", HTP_SERVER_GENERIC},     {"IDS", HTP_SERVER_IDS},
        {"IIS_4_0", HTP_SERVER_IIS_4_0}, {"IIS_5_0", HTP_SERVER_IIS_5_0},     {"IIS_5_1", HTP_SERVER_IIS_5_1},
        {"IIS_6_0", HTP_SERVER_IIS_6_0}, {"IIS_7_0", HTP_SERVER_IIS_7_0},     {"IIS_7_5", HTP_SERVER_IIS_7_5},
        {"Apache", HTP_SERVER_APACHE_2}, {"Apache_2_2", HTP_SERVER_APACHE_2}, {"Apache_2", HTP_SERVER_APACHE_2},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(known[i].name, name) == 0)
            return known[i].is;
    return HTP_SERVER_IDS;
}

static void set_switches(htp_cfg_t *c, const struct conf_node *n)
{
    static const struct {
        const char *key;
        void (*set)(htp_cfg_t *cfg, enum htp_decoder_ctx_t ctx, int on);
        enum htp_decoder_ctx_t ctx;
    } known[] = {
        {"path-convert-backslash-separators", htp_config_set_backslash_convert_slashes, HTP_DECODER_URL_PATH},
        {"path-convert-lowercase", htp_config_set_convert_lowercase, HTP_DECODER_URL_PATH},
        {"path-nul-encoded-terminates", htp_config_set_nul_encoded_terminates, HTP_DECODER_URL_PATH},
        {"path-nul-raw-terminates", htp_config_set_nul_raw_terminates, HTP_DECODER_URL_PATH},
        {"path-separators-compress", htp_config_set_path_separators_compress, HTP_DECODER_URL_PATH},
        {"path-separators-decode", htp_config_set_path_separators_decode, HTP_DECODER_URL_PATH},
        {"path-u-encoding-decode", htp_config_set_u_encoding_decode, HTP_DECODER_URL_PATH},
        {"path-utf8-convert-bestfit", htp_config_set_utf8_convert_bestfit, HTP_DECODER_URL_PATH},
        {"query-plusspace-decode", htp_config_set_plusspace_decode, HTP_DECODER_URLENCODED},
    };
    for (size_t i = 0; n && i < sizeof known / sizeof known[0]; i++)
        if (conf_child(n, known[i].key))
            known[i].set(c, known[i].ctx, conf_get_bool(n, known[i].key, false));
    /* path-url-encoding-invalid-handling */
    const char *how = n ? conf_get_text(n, "path-url-encoding-invalid-handling", NULL) : NULL;
    if (how)
        htp_config_set_url_encoding_invalid_handling(
            c, HTP_DECODER_URL_PATH,
            strcasecmp(how, "remove_percent") == 0   ? HTP_URL_DECODE_REMOVE_PERCENT
            : strcasecmp(how, "decode_invalid") == 0 ? HTP_URL_DECODE_PROCESS_INVALID
                                                     : HTP_URL_DECODE_PRESERVE_PERCENT);
}

static uint64_t size_of(const struct conf_node *n, const char *key, uint64_t fallback)
{
    return n ? conf_get_size(n, key, fallback) : fallback;
}

/* Codings are undone by ourselves (http1_coding.c), but for LZMA, for which libhtp is asked. */
static void set_decoding(htp_cfg_t *c, struct http1_profile *p, const struct conf_node *n)
{
    htp_config_set_response_decompression(c, 0);
    htp_config_set_request_decompression(c, 0);
    const char *lzma = n ? conf_get_text(n, "lzma-enabled", NULL) : NULL;
    p->lzma_most = lzma && conf_get_bool(n, "lzma-enabled", false) ? 1 : 0;
    htp_config_set_lzma_layers(c, (int)p->lzma_most);
    htp_config_set_lzma_memlimit(c, (size_t)size_of(n, "lzma-memlimit", LZMA_MEMORY));
    p->codings_most = (unsigned)size_of(n, "response-body-decompress-layer-limit", ENCODING_LAYERS) & INT32_MAX;
    p->bomb_limit = size_of(n, "compression-bomb-limit", BOMB_LIMIT);
}

static htp_cfg_t *make_cfg(struct http1_profile *p, const struct conf_node *n)
{
    htp_cfg_t *c = htp_config_create();
    if (!c)
        return NULL;
    htp_config_set_server_personality(c, personality(n ? conf_get_text(n, "personality", "IDS") : "IDS"));
    /* Rules and file names have the path as it was sent, which IDS would make lower case. */
    htp_config_set_convert_lowercase(c, HTP_DECODER_URL_PATH, 0);
    htp_config_set_log_level(c, HTP_LOG_WARNING); /* only what becomes an event: ordinary traffic causes none */
    uint64_t field = size_of(n, "meta-field-limit", FIELD_HARD_LIMIT);
    htp_config_set_field_limits(c, FIELD_SOFT_LIMIT, (size_t)field);
    htp_config_set_number_headers_limit(c, (uint32_t)size_of(n, "headers-limit", HEADERS_MAX));
    htp_config_set_tx_auto_destroy(c, 0);
    htp_config_set_parse_request_cookies(c, 0);
    htp_config_set_parse_request_auth(c, 1);
    htp_config_set_plusspace_decode(c, HTP_DECODER_URLENCODED, 0);
    set_decoding(c, p, n);
    set_switches(c, n);
    http1_register_hooks(c);
    return c;
}

static bool make_profile(struct http1_profile *p, const struct conf_node *n, bool inflate)
{
    p->cfg = make_cfg(p, n);
    p->inflate = inflate;
    p->body_limit[TO_SERVER] = size_of(n, "request-body-limit", HTTP1_BODY_MAX);
    p->body_limit[TO_CLIENT] = size_of(n, "response-body-limit", HTTP1_BODY_MAX);
    p->max_tx = size_of(n, "max-tx", HTTP1_LIVE_MAX);
    if (p->max_tx > HTTP1_LIVE_MAX || p->max_tx == 0)
        p->max_tx = HTTP1_LIVE_MAX;
    p->whole_uri = n && conf_get_bool(n, "uri-include-all", false);
    p->double_path = n && conf_get_bool(n, "double-decode-path", false);
    p->double_query = n && conf_get_bool(n, "double-decode-query", false);
    return p->cfg != NULL;
}

/* A server's section: its name, then its options; the addresses are one text or a list. */
static bool add_server(struct http1_config *c, const struct conf_node *item, bool inflate)
{
    const struct conf_node *n = item->kind == CONF_MAPPING && item->first ? item->first : NULL;
    const struct conf_node *list = n ? conf_child(n, "address") : NULL;
    if (!list)
        return true;
    struct http1_profile *p = &c->profiles[c->count++];
    p->addresses = calloc(HTTP1_ADDRESSES_MAX, sizeof *p->addresses);
    if (!p->addresses || !make_profile(p, n, inflate))
        return false;
    struct items it;
    items_begin(&it, list);
    while (p->address_count < HTTP1_ADDRESSES_MAX && items_next(&it))
        p->address_count += items_prefix(it.text, &p->addresses[p->address_count]);
    return true;
}

void http1_unconfigure(void *config)
{
    struct http1_config *c = config;
    for (unsigned i = 0; c && i < c->count; i++) {
        if (c->profiles[i].cfg)
            htp_config_destroy(c->profiles[i].cfg);
        free(c->profiles[i].addresses);
    }
    if (c)
        free(c->profiles);
    free(c);
}

int http1_configure(const struct settings *settings, void **out)
{
    const struct conf_node *section =
        settings->tree ? conf_find(settings->tree, "app-layer.protocols.http.libhtp") : NULL;
    const struct conf_node *servers = section ? conf_child(section, "server-config") : NULL;
    bool inflate = proto_files_wanted(settings);
    struct http1_config *c = calloc(1, sizeof *c);
    if (c)
        c->profiles = calloc(HTTP1_PROFILES_MAX, sizeof *c->profiles);
    bool ok = c && c->profiles;
    if (ok) {
        c->count = 1;
        ok = make_profile(&c->profiles[0], section ? conf_child(section, "default-config") : NULL, inflate);
    }
    for (const struct conf_node *n = servers ? servers->first : NULL; n && ok && c->count < HTTP1_PROFILES_MAX;
         n = n->next)
        ok = add_server(c, n, inflate);
    if (!ok) {
        http1_unconfigure(c);
        return -ENOMEM;
    }
    *out = c;
    return 0;
}

const struct http1_profile *http1_profile(const struct http1_config *c, const struct addr *server)
{
    const struct http1_profile *best = &c->profiles[0];
    unsigned bits = 0;
    for (unsigned i = 1; i < c->count; i++)
        for (size_t k = 0; k < c->profiles[i].address_count; k++) {
            const struct settings_prefix *x = &c->profiles[i].addresses[k];
            if (addr_in_prefix(server, &x->addr, x->bits) && (best == &c->profiles[0] || x->bits > bits)) {
                best = &c->profiles[i];
                bits = x->bits;
            }
        }
    return best;
}
