/* The header of a rule: action, protocol, addresses, ports, direction. */
#include <ctype.h>
#include <string.h>

#include "detect/load.h"

struct proto_word {
    const char *word;
    uint8_t protos[3]; /* IP protocols; 0: no more */
    uint32_t flags;
};

enum { ICMP = 1, IGMP = 2, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132 };

static const struct proto_word proto_words[] = {{"tcp", {TCP}, 0},
                                                {"tcp-pkt", {TCP}, RULE_TCP_PACKET},
                                                {"tcp-stream", {TCP}, RULE_TCP_STREAM},
                                                {"udp", {UDP}, 0},
                                                {"icmp", {ICMP, ICMPV6}, 0},
                                                {"icmpv4", {ICMP}, RULE_IPV4},
                                                {"icmpv6", {ICMPV6}, RULE_IPV6},
                                                {"igmp", {IGMP}, 0},
                                                {"sctp", {SCTP}, 0},
                                                {"ip", {0}, 0},
                                                {"ipv4", {0}, RULE_IPV4},
                                                {"ip4", {0}, RULE_IPV4},
                                                {"ipv6", {0}, RULE_IPV6},
                                                {"ip6", {0}, RULE_IPV6},
                                                {"pkthdr", {0}, RULE_PKTHDR},
                                                {"arp", {0}, RULE_ARP},
                                                {"ether", {0}, RULE_ETHERNET}};

static void set_proto(struct rule *r, uint8_t proto)
{
    r->ip_protos[proto / 64] |= UINT64_C(1) << proto % 64;
}

/* States of transactions by name: those that all protocols have, and those of TLS. */
static const struct {
    const char *name;
    uint32_t dir;
    enum tx_progress progress;
} tx_hooks[] = {{"request_started", RULE_TO_SERVER, TX_STARTED},    {"request_line", RULE_TO_SERVER, TX_LINE},
                {"request_headers", RULE_TO_SERVER, TX_HEADERS},    {"request_body", RULE_TO_SERVER, TX_BODY},
                {"request_trailer", RULE_TO_SERVER, TX_DONE},       {"request_complete", RULE_TO_SERVER, TX_DONE},
                {"response_started", RULE_TO_CLIENT, TX_STARTED},   {"response_line", RULE_TO_CLIENT, TX_LINE},
                {"response_headers", RULE_TO_CLIENT, TX_HEADERS},   {"response_body", RULE_TO_CLIENT, TX_BODY},
                {"response_trailer", RULE_TO_CLIENT, TX_DONE},      {"response_complete", RULE_TO_CLIENT, TX_DONE},
                {"client_in_progress", RULE_TO_SERVER, TX_STARTED}, {"client_hello_done", RULE_TO_SERVER, TX_LINE},
                {"client_cert_done", RULE_TO_SERVER, TX_HEADERS},   {"client_handshake_done", RULE_TO_SERVER, TX_DONE},
                {"client_finished", RULE_TO_SERVER, TX_DONE},       {"server_in_progress", RULE_TO_CLIENT, TX_STARTED},
                {"server_hello", RULE_TO_CLIENT, TX_LINE},          {"server_cert_done", RULE_TO_CLIENT, TX_HEADERS},
                {"server_hello_done", RULE_TO_CLIENT, TX_HEADERS},  {"server_handshake_done", RULE_TO_CLIENT, TX_DONE},
                {"server_finished", RULE_TO_CLIENT, TX_DONE}};

static void set_tx_hook(struct rule_build *b, const char *hook)
{
    for (size_t i = 0; i < sizeof tx_hooks / sizeof tx_hooks[0]; i++) {
        if (strcmp(hook, tx_hooks[i].name) != 0)
            continue;
        b->rule->flags |= tx_hooks[i].dir;
        b->rule->hook_progress = (uint8_t)tx_hooks[i].progress;
        return;
    }
    if (!b->missing)
        b->missing = b->rule->hook;
}

/* "flow_start" of tcp:flow_start, "request_line" of http1:request_line. */
static bool set_hook(struct rule_build *b, const char *proto, const char *hook)
{
    static const char *const packet_hooks[] = {"all", "flow_start", "pre_flow", "pre_stream"};
    unsigned i;
    if (!*hook)
        return build_error(b, "protocol \"%s:\": no hook after the colon", proto);
    b->rule->hook = build_text(b, hook);
    if (!b->rule->hook)
        return false;
    if (b->rule->app) {
        set_tx_hook(b, hook);
        return true;
    }
    if (!text_word(hook, packet_hooks, sizeof packet_hooks / sizeof packet_hooks[0], &i))
        return build_error(b, "protocol \"%s:%s\": no such hook", proto, hook);
    if (i == 1)
        b->rule->flags |= RULE_FLOW_START;
    return true;
}

static bool set_app(struct rule_build *b, const char *word)
{
    struct rule *r = b->rule;
    r->app = detect_app_find(word, strlen(word));
    if (r->app == APP_ANY)
        return build_error(b, "protocol \"%s\": unknown", word);
    if (detect_app_tcp(r->app))
        set_proto(r, TCP);
    if (detect_app_udp(r->app))
        set_proto(r, UDP);
    b->apps = apps_expand(DETECT_APP_BIT(r->app));
    if (!detect_app_parser(r->app))
        b->missing = detect_app_name(r->app);
    return true;
}

static bool read_proto(struct rule_build *b, char *word)
{
    char *hook = strchr(word, ':');
    bool known = false;
    if (hook)
        *hook++ = '\0';
    for (char *c = word; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < sizeof proto_words / sizeof proto_words[0] && !known; i++) {
        const struct proto_word *p = &proto_words[i];
        known = word[0] == p->word[0] && strcmp(word, p->word) == 0;
        if (!known)
            continue;
        b->rule->flags |= p->flags;
        b->rule->any_ip_proto = p->protos[0] == 0;
        for (size_t k = 0; k < sizeof p->protos && p->protos[k]; k++)
            set_proto(b->rule, p->protos[k]);
    }
    return (known || set_app(b, word)) && (!hook || set_hook(b, word, hook));
}

static bool read_action(struct rule_build *b, const char *word)
{
    static const char *const words[] = {"alert",     "pass",      "drop",       "reject",
                                        "rejectsrc", "rejectdst", "rejectboth", "config"};
    static const enum rule_action actions[] = {RULE_ALERT,      RULE_PASS,       RULE_DROP,        RULE_REJECT_SRC,
                                               RULE_REJECT_SRC, RULE_REJECT_DST, RULE_REJECT_BOTH, RULE_CONFIG};
    unsigned i;
    if (strcmp(word, "accept") == 0)
        return build_error(b, "action \"accept\": only a firewall has it");
    if (!text_word(word, words, sizeof words / sizeof words[0], &i))
        return build_error(b, "action \"%.40s\": unknown", word);
    b->rule->action = actions[i];
    return true;
}

/* The next word; blanks inside brackets don't end it. NULL at the end. */
static char *next_word(char **at)
{
    char *s = *at, *begin;
    int depth = 0;
    while (*s == ' ' || *s == '\t')
        s++;
    if (!*s)
        return NULL;
    begin = s;
    for (; *s && (depth > 0 || (*s != ' ' && *s != '\t')); s++)
        if (*s == '[' || *s == ']')
            depth += *s == '[' ? 1 : -1;
    if (*s)
        *s++ = '\0';
    *at = s;
    return begin;
}

static bool read_direction(struct rule_build *b, const char *word)
{
    if (strcmp(word, "->") == 0)
        return true;
    if (strcmp(word, "<>") == 0)
        b->rule->flags |= RULE_BIDIRECTIONAL;
    else if (strcmp(word, "=>") == 0)
        b->rule->flags |= RULE_TRANSACTIONAL;
    else
        return build_error(b, "direction \"%.20s\": use ->, => or <>", word);
    return true;
}

/* Put the name of what was read before the reason. */
static bool named(struct rule_build *b, const char *what)
{
    char why[RULE_ERROR_MAX];
    memcpy(why, b->error, sizeof why);
    b->error[0] = '\0';
    return build_error(b, "%s: %s", what, why);
}

static bool read_header(struct rule_build *b, char *text)
{
    struct rule *r = b->rule;
    char *words[7];
    for (size_t i = 0; i < 7; i++)
        if (!(words[i] = next_word(&text)))
            return build_error(b,
                               "header: it has %zu of 7 parts: action, protocol, source, port, direction, "
                               "destination, port",
                               i);
    if (next_word(&text))
        return build_error(b, "header: more than 7 parts");
    if (!read_action(b, words[0]) || !read_proto(b, words[1]) || !read_direction(b, words[4]))
        return false;
    if (!(r->src = build_addrs(b, words[2])))
        return named(b, "source address");
    if (!(r->sport = build_ports(b, words[3])))
        return named(b, "source port");
    if (!(r->dst = build_addrs(b, words[5])))
        return named(b, "destination address");
    if (!(r->dport = build_ports(b, words[6])))
        return named(b, "destination port");
    return true;
}

/* What a header says, to be said again: thousands of rules have the same few hundred. */
struct header {
    enum rule_action action;
    enum detect_app app;
    uint32_t flags;
    bool any_ip_proto;
    uint64_t ip_protos[4];
    const struct rule_addrs *src, *dst;
    const struct rule_ports *sport, *dport;
    uint64_t apps;
    const char *missing;
};

/* Longer ones, lists of addresses, are hardly written twice. */
#define REMEMBERED_MAX 256u

static void remember(struct rule_build *b, const char *text, size_t n)
{
    const struct rule *r = b->rule;
    struct arena *shared = &b->set->shared;
    struct header *h = arena_get(shared, sizeof *h);
    const char *key = arena_text(shared, text, n);
    if (!h || !key)
        return;
    *h = (struct header){r->action, r->app,   r->flags, r->any_ip_proto, {0},       r->src,
                         r->dst,    r->sport, r->dport, b->apps,         b->missing};
    memcpy(h->ip_protos, r->ip_protos, sizeof h->ip_protos);
    words_add(&b->set->loading->headers, key, (uint64_t)(uintptr_t)h);
}

static void repeat(struct rule_build *b, const struct header *h)
{
    struct rule *r = b->rule;
    r->action = h->action;
    r->app = h->app;
    r->flags |= h->flags;
    r->any_ip_proto = h->any_ip_proto;
    memcpy(r->ip_protos, h->ip_protos, sizeof r->ip_protos);
    r->src = h->src;
    r->dst = h->dst;
    r->sport = h->sport;
    r->dport = h->dport;
    b->apps = h->apps;
    b->missing = h->missing;
}

bool build_header(struct rule_build *b, char *text, size_t n)
{
    char first[REMEMBERED_MAX];
    if (n > REMEMBERED_MAX)
        return read_header(b, text);
    const uint64_t *known = words_find_part(&b->set->loading->headers, text, n);
    if (known) {
        repeat(b, (const struct header *)(uintptr_t)*known);
        return true;
    }
    memcpy(first, text, n);
    if (!read_header(b, text))
        return false;
    if (!b->rule->hook) /* its name is the rule's */
        remember(b, first, n);
    return true;
}
