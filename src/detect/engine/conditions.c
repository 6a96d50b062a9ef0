/* The header of a rule, and what it asks of the packet, its flow and what is remembered. */
#include <stdlib.h>
#include <strings.h>

#include "detect/engine/private.h"

static bool one_way(const struct rule *r, const struct look *k, bool turned)
{
    const struct addr *src = turned ? k->dst : k->src, *dst = turned ? k->src : k->dst;
    uint16_t sport = turned ? k->dport : k->sport, dport = turned ? k->sport : k->dport;
    bool ports = k->ip_proto == 6 || k->ip_proto == 17 || k->ip_proto == 132;
    if (ports ? !rule_ports_match(r->dport, dport) || !rule_ports_match(r->sport, sport)
              : !r->sport->any || !r->dport->any)
        return false;
    return rule_addrs_match(r->dst, dst) && rule_addrs_match(r->src, src);
}

static bool dir_matches(const struct look *k)
{
    uint32_t want = k->rule->flags & (RULE_TO_SERVER | RULE_TO_CLIENT);
    if (!want || want == (RULE_TO_SERVER | RULE_TO_CLIENT))
        return true;
    return k->in->flow && want == (k->dir == TO_SERVER ? RULE_TO_SERVER : RULE_TO_CLIENT);
}

static bool flow_matches(const struct look *k)
{
    uint32_t want = k->rule->flow;
    const struct packet *p = k->in->packet;
    if (!want)
        return true;
    bool whole = p && p->item.kind == ITEM_PACKET && p->own;
    if ((want & RULE_FLOW_ONLY_FRAG) && !whole)
        return false;
    if ((want & RULE_FLOW_NO_FRAG) && whole)
        return false;
    if (!(want & (RULE_FLOW_ESTABLISHED | RULE_FLOW_NOT_ESTABLISHED)))
        return true;
    bool established = k->in->flow && (!p || k->in->flow->link || p->seen.established);
    return established == ((want & RULE_FLOW_ESTABLISHED) != 0);
}

/* An app-layer protocol in the header. */
static bool app_matches(const struct look *k)
{
    if (!k->rule->app_set)
        return true;
    return k->in->app != APP_ANY && (k->rule->app_set & k->l->d->app_is[k->in->app]);
}

/* The first packet of either direction. */
static bool starts_flow(const struct look *k)
{
    const struct packet *p = k->in->packet;
    return k->in->flow && p && p->seen.packets[p->dir] == 1;
}

bool look_header_packet(const struct look *k)
{
    return (!(k->rule->flags & RULE_FLOW_START) || starts_flow(k)) && flow_matches(k);
}

bool look_header_ends(const struct look *k)
{
    const struct rule *r = k->rule;
    if (!app_matches(k) || !dir_matches(k))
        return false;
    if (r->flags & RULE_PKTHDR)
        return true;
    if (!k->src || k->src->family == ADDR_NONE || (r->flags & (RULE_ARP | RULE_ETHERNET)))
        return false;
    if (!r->any_ip_proto && !(r->ip_protos[k->ip_proto >> 6] >> (k->ip_proto & 63) & 1))
        return false;
    if ((r->flags & RULE_IPV4) && !(r->flags & RULE_IPV6) && k->src->family != ADDR_V4)
        return false;
    if ((r->flags & RULE_IPV6) && !(r->flags & RULE_IPV4) && k->src->family != ADDR_V6)
        return false;
    return one_way(r, k, false) || ((r->flags & RULE_BIDIRECTIONAL) && one_way(r, k, true));
}

/* What a flow's protocol is called by the rule's mode. There is one for both directions here: only what the flow began
 * as may be another. */
static bool app_proto(const struct look *k, const struct match_app_proto *m)
{
    enum detect_app app = m->mode == APP_MODE_ORIGINAL && k->in->app_first ? k->in->app_first : k->in->app;
    bool is;
    if (m->app == APP_ANY)
        is = strcasecmp(m->name, "failed") == 0 ? k->in->app_failed : app == APP_ANY && !k->in->app_failed;
    else if (app == APP_ANY && !k->in->app_failed)
        return false;
    else
        is = app != APP_ANY && (m->mode == APP_MODE_EXACT ? app == m->app : detect_app_is(app, m->app));
    return is != m->negated;
}

static bool app_event(struct look *k, const struct match_event *m)
{
    if (m->app != APP_ANY && (k->in->app == APP_ANY || !detect_app_is(k->in->app, m->app)))
        return false;
    for (unsigned i = 0; i < k->in->app_event_count; i++)
        if (strcasecmp(k->in->app_events[i].name, m->name) == 0) {
            k->event_tx = k->in->app_events[i].tx;
            return true;
        }
    return false;
}

static bool decode_event(const struct look *k, const struct match_event *m)
{
    const struct packet *p = k->in->packet;
    for (unsigned i = 0; p && p->item.kind == ITEM_PACKET && i < p->d.event_count; i++)
        if (strcmp(decode_event_name(p->d.events[i]), m->name) == 0)
            return true;
    return false;
}

static bool stream_event(const struct look *k, const struct match_event *m)
{
    const struct packet *p = k->in->packet;
    for (unsigned i = 0; p && i < p->seen.event_count; i++)
        if (strcmp(p->seen.events[i], m->name) == 0)
            return true;
    return false;
}

static bool has_word(const struct match_text *m, const char *word)
{
    bool is = false;
    for (uint16_t i = 0; word && i < m->count && !is; i++)
        is = strcasecmp(m->words[i], word) == 0;
    return is != m->negated;
}

static bool tunnel_word(const struct look *k, const struct match *m)
{
    const struct tunnel_link *link = k->in->flow ? k->in->flow->link : NULL;
    if (!link || !link->depth)
        return false;
    return has_word(m->text, m->kind == MATCH_TUNNEL_TYPE ? link->path[link->depth - 1].type
                                                          : address_source_name(link->address_source));
}

static bool tx_number(const struct look *k, enum detect_field f, uint64_t *v)
{
    return k->tx && k->tx->number && k->tx->number(k->tx, f, k->dir, 0, v);
}

/* The version as the words have it: "1.2", "tls1.2", "0x0303"; drafts of TLS 1.3 are 0x7fNN. */
static bool is_version(const char *word, uint64_t v)
{
    static const struct {
        const char *name;
        uint16_t version;
    } known[] = {{"ssl2", 0x0002}, {"sslv2", 0x0002},  {"ssl3", 0x0300}, {"sslv3", 0x0300},
                 {"1.0", 0x0301},  {"tls1.0", 0x0301}, {"1.1", 0x0302},  {"tls1.1", 0x0302},
                 {"1.2", 0x0303},  {"tls1.2", 0x0303}, {"1.3", 0x0304},  {"tls1.3", 0x0304}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(known[i].name, word) == 0)
            return v == known[i].version || (known[i].version == 0x0304 && v >> 8 == 0x7f);
    return v == strtoul(word, NULL, 16);
}

static bool tls_version(const struct look *k, const struct match_text *m)
{
    uint64_t v;
    bool is = false;
    if (!tx_number(k, m->arg ? FIELD_SSL_VERSION : FIELD_TLS_VERSION, &v) || v == 0)
        return false;
    for (uint16_t i = 0; i < m->count && !is; i++)
        is = is_version(m->words[i], v);
    return is != m->negated;
}

static bool tls_expired(const struct look *k, bool valid)
{
    uint64_t begin, end, now = k->in->time_ns / MEMORY_NS;
    if (!tx_number(k, FIELD_TLS_NOT_BEFORE, &begin) || !tx_number(k, FIELD_TLS_NOT_AFTER, &end))
        return false;
    return valid ? now >= begin && now <= end : now > end;
}

static bool tls_date(const struct look *k, const struct match_field *f)
{
    uint64_t v;
    return tx_number(k, f->arg ? FIELD_TLS_NOT_AFTER : FIELD_TLS_NOT_BEFORE, &v) && uint_matches(&f->any[0], v);
}

/* Bit 4: none of the messages was seen. */
static bool ssl_state(const struct look *k, const struct match_flags *m)
{
    uint64_t seen;
    if (!tx_number(k, FIELD_SSL_STATE, &seen))
        return false;
    if (!seen)
        seen = 1 << 4;
    return (m->mode == FLAGS_NONE_OF) != ((seen & m->flags) != 0);
}

static bool one(struct look *k, const struct match *m)
{
    const struct packet *p = k->in->packet;
    switch (m->kind) {
    case MATCH_FIELD:
        return look_field(k, m->field);
    case MATCH_TCP_FLAGS:
        return look_tcp_flags(k, m->flags);
    case MATCH_FRAGBITS:
        return look_fragbits(k, m->flags);
    case MATCH_FRAGOFFSET:
        return look_fragoffset(k, m->fragoffset);
    case MATCH_IP_PROTO:
        return look_compare(m->ip_proto->op, k->ip_proto, m->ip_proto->proto);
    case MATCH_IPOPTS:
        return p && p->item.kind == ITEM_PACKET && look_ip_option(&p->d, m->ipopts->number);
    case MATCH_CHECKSUM:
        return look_checksum(k, m->text);
    case MATCH_SAMEIP:
        return k->src && k->dst && addr_equal(k->src, k->dst);
    case MATCH_APP_PROTO:
        return app_proto(k, m->app_proto);
    case MATCH_APP_EVENT:
        return app_event(k, m->event);
    case MATCH_DECODE_EVENT:
        return decode_event(k, m->event);
    case MATCH_STREAM_EVENT:
        return stream_event(k, m->event);
    case MATCH_FLOWBITS:
        return memory_bits(k, m->bits, m->kind);
    case MATCH_XBITS:
    case MATCH_HOSTBITS:
        return memory_bits(k, m->bits, m->kind);
    case MATCH_IPREP:
        return known_iprep(k, m->iprep);
    case MATCH_GEOIP:
        return known_geoip(k, m->geoip);
    case MATCH_FLOWINT:
        return memory_flowint(k, m->flowint);
    case MATCH_FILEHASH:
        return true; /* files.c */
    case MATCH_FLOWVAR:
    case MATCH_PKTVAR:
        return vars_match(k, m->var, m->kind == MATCH_PKTVAR);
    case MATCH_TLS_VERSION:
        return tls_version(k, m->text);
    case MATCH_TLS_EXPIRED:
        return tls_expired(k, m->text->arg);
    case MATCH_DATE:
        return tls_date(k, m->field);
    case MATCH_SSL_STATE:
        return ssl_state(k, m->flags);
    case MATCH_TUNNEL_TYPE:
    case MATCH_ADDRESS_SOURCE:
        return tunnel_word(k, m);
    case MATCH_HOST_MISMATCH:
        return k->in->host_mismatch;
    case MATCH_SOCKS_REVERSE:
        return k->in->reversed && k->in->app == APP_SOCKS;
    case MATCH_CONTENT: /* in buffers */
    case MATCH_PCRE:
    case MATCH_BYTE_TEST:
    case MATCH_BYTE_JUMP:
    case MATCH_BYTE_EXTRACT:
    case MATCH_BYTE_MATH:
    case MATCH_ISDATAAT:
    case MATCH_BSIZE:
    case MATCH_BASE64_DECODE:
    case MATCH_ENTROPY:
    case MATCH_DATASET:
    case MATCH_ABSENT:
    case MATCH_TAG: /* done after all matched */
    case MATCH_FILESTORE:
    case MATCH_CONFIG:
    case MATCH_ELEPHANT: /* flows' rates are not known */
    case MATCH_NEVER:
        break;
    }
    return false;
}

bool look_conditions(struct look *k)
{
    for (uint32_t i = 0; i < k->rule->packet.count; i++)
        if (!one(k, &k->rule->packet.m[i]))
            return false;
    return true;
}
