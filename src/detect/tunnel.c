/* Our own keywords: tunnels, and SOCKS. */
#include <string.h>

#include "detect/load.h"

static const char *const types[] = {
    "socks4",    "socks4a",        "socks5",   "socks5-udp", "http-connect", "http-proxy", "h2-connect", "connect-udp",
    "websocket", "proxy-protocol", "sslproxy", "icap",       "gre",          "erspan",     "vxlan",      "geneve",
    "teredo",    "ayiya",          "ipip",     "6in4",       "4in6",         "ip6ip6",     "gtp"};

static const char *const sources[] = {"request", "passive-dns", "egress", "hosts", "dns", "placeholder", "carrier"};

/* "socks5,http-connect", "!http-proxy" */
static bool any_of(struct rule_build *b, char *arg)
{
    bool type = b->keyword->param == MATCH_TUNNEL_TYPE;
    const char *const *known = type ? types : sources;
    size_t known_count = type ? sizeof types / sizeof types[0] : sizeof sources / sizeof sources[0];
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, known_count * sizeof *list);
    if (!t || !list)
        return false;
    t->negated = b->negated;
    for (char *word; (word = text_next(&arg, ','));) {
        unsigned i;
        if (!text_word(word, known, known_count, &i))
            return build_error(b, "\"%.40s\": no such %s", word, type ? "tunnel" : "source of an address");
        if (t->count == known_count)
            return build_error(b, "a word is given twice");
        list[t->count++] = known[i];
    }
    t->words = list;
    return build_add_packet(b, (enum match_kind)b->keyword->param, t);
}

static bool number(struct rule_build *b, char *arg)
{
    enum detect_field f = (enum detect_field)b->keyword->param;
    return build_named_field(b, f, arg, f == FIELD_TUNNEL_ID ? UINT32_MAX : UINT8_MAX);
}

/* A word alone. */
static bool bare(struct rule_build *b, char *arg)
{
    (void)arg;
    return build_add_packet(b, (enum match_kind)b->keyword->param, NULL);
}

#define SOCKS DETECT_APP_BIT(APP_SOCKS)

const struct keyword keywords_tunnel[] = {
    {"tunnel.type", NULL, any_of, KEYWORD_NEGATION, MATCH_TUNNEL_TYPE, 0,
     "the innermost tunnel that carries the flow is one of these"},
    {"tunnel.depth", NULL, number, 0, FIELD_TUNNEL_DEPTH, 0, "tunnels around the flow; 0: none"},
    {"tunnel.id", NULL, number, 0, FIELD_TUNNEL_ID, 0, "VNI, GRE key or session of the innermost tunnel"},
    {"tunnel.address_source", NULL, any_of, KEYWORD_NEGATION, MATCH_ADDRESS_SOURCE, 0,
     "where the target's address is known from"},
    {"tunnel.host_mismatch", NULL, bare, KEYWORD_NO_VALUE, MATCH_HOST_MISMATCH, 0,
     "the host that the tunnel was asked for is not the one in the session's SNI or Host"},
    {"socks.version", NULL, number, 0, FIELD_SOCKS_VERSION, SOCKS, "4 or 5"},
    {"socks.command", NULL, number, 0, FIELD_SOCKS_COMMAND, SOCKS, "connect, bind, udp-associate, or a number"},
    {"socks.address_type", NULL, number, 0, FIELD_SOCKS_ADDRESS_TYPE, SOCKS, "ipv4, domain, ipv6, or a number"},
    {"socks.reverse", NULL, bare, KEYWORD_NO_VALUE, MATCH_SOCKS_REVERSE, SOCKS,
     "the connection's server is the SOCKS client"},
    {"socks.reply", NULL, number, 0, FIELD_SOCKS_REPLY, SOCKS, "the server's reply code"},
    {0}};
