/* The header of a rule, and what it asks of the packet, its flow and what is remembered. */
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

bool look_header(const struct look *k)
{
    const struct rule *r = k->rule;
    if (!app_matches(k) || !dir_matches(k) || !flow_matches(k))
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

static bool any_of(const struct match_field *f, uint64_t v)
{
    for (uint16_t i = 0; i < f->count; i++)
        if (uint_matches(&f->any[i], v))
            return true;
    return false;
}

static bool ip_byte(const struct decoded *d, unsigned at, unsigned n, uint64_t *v)
{
    if (!d->ip || d->ip_len < at + n)
        return false;
    *v = n == 1 ? d->ip[at] : (uint64_t)d->ip[at] << 8 | d->ip[at + 1];
    return true;
}

static bool is_icmp(const struct decoded *d)
{
    return (d->ip_proto == 1 || d->ip_proto == 58) && (d->layers & LAYER_TRANSPORT);
}

/* Fields of a packet as it was captured. */
static bool packet_field(const struct decoded *d, enum detect_field f, uint64_t *v)
{
    bool tcp = d->ip_proto == 6 && (d->layers & LAYER_TRANSPORT), v4 = d->src.family == ADDR_V4;
    switch (f) {
    case FIELD_TTL:
        *v = d->ttl;
        return d->layers & LAYER_IP;
    case FIELD_IP_ID:
        return v4 && ip_byte(d, 4, 2, v);
    case FIELD_IP_TOS:
        return v4 && ip_byte(d, 1, 1, v);
    case FIELD_TCP_SEQ:
        *v = d->tcp.seq;
        return tcp;
    case FIELD_TCP_ACK:
        *v = d->tcp.ack;
        return tcp;
    case FIELD_TCP_WINDOW:
        *v = d->tcp.window;
        return tcp;
    case FIELD_TCP_MSS:
        *v = d->tcp.mss;
        return tcp && d->tcp.mss;
    case FIELD_TCP_WSCALE:
        *v = d->tcp.wscale;
        return tcp && d->tcp.wscale != 255;
    case FIELD_ICMP_TYPE:
        *v = d->icmp.type;
        return is_icmp(d);
    case FIELD_ICMP_CODE:
        *v = d->icmp.code;
        return is_icmp(d);
    case FIELD_ICMP_ID:
        *v = d->icmp.id;
        return is_icmp(d);
    case FIELD_ICMP_SEQ:
        *v = d->icmp.seq;
        return is_icmp(d);
    case FIELD_IGMP_TYPE:
        *v = d->payload_len ? d->payload[0] : 0;
        return d->ip_proto == 2 && d->payload_len;
    case FIELD_VLAN_LAYERS:
        *v = d->vlan_count;
        return true;
    default:
        return false;
    }
}

static bool vlan_matches(const struct decoded *d, const struct match_field *f)
{
    unsigned n = d->vlan_count < DECODE_VLAN_MAX ? d->vlan_count : DECODE_VLAN_MAX;
    bool all = f->arg == FIELD_ALL_LAYERS, any = f->arg == FIELD_ANY_LAYER;
    if (!all && !any) {
        int at = f->arg < 0 ? (int)n + f->arg : f->arg;
        return at >= 0 && at < (int)n && any_of(f, d->vlan[at]);
    }
    unsigned hits = 0;
    for (unsigned i = 0; i < n; i++)
        hits += any_of(f, d->vlan[i]);
    return all ? n && hits == n : hits;
}

/* A number for each direction: of one, of both together, of either. */
static bool per_direction(const struct match_field *f, const uint64_t v[2])
{
    if (f->arg == DETECT_BOTH)
        return any_of(f, v[0] + v[1]);
    if (f->arg == 0)
        return any_of(f, v[0]) || any_of(f, v[1]);
    return any_of(f, v[f->arg == DETECT_TO_CLIENT]);
}

/* Bytes that the server, or the client, sent. */
static bool stream_size(const struct match_field *f, const uint64_t v[2])
{
    switch (f->arg) {
    case STREAM_SERVER:
        return any_of(f, v[TO_CLIENT]);
    case STREAM_CLIENT:
        return any_of(f, v[TO_SERVER]);
    case STREAM_BOTH_SIDES:
        return any_of(f, v[0]) && any_of(f, v[1]);
    default:
        return any_of(f, v[0]) || any_of(f, v[1]);
    }
}

static bool flow_field(const struct look *k, const struct match_field *f)
{
    const struct flow_ref *flow = k->in->flow;
    const struct packet *p = k->in->packet;
    if (!flow)
        return false;
    switch (f->field) {
    case FIELD_FLOW_AGE:
        return any_of(f, k->in->time_ns > flow->start_ns ? (k->in->time_ns - flow->start_ns) / 1000000000u : 0);
    case FIELD_FLOW_PKTS:
        return p && per_direction(f, p->seen.packets);
    case FIELD_FLOW_BYTES:
        return p && per_direction(f, p->seen.wire_bytes);
    case FIELD_STREAM_SIZE:
        return p && flow->key.proto == 6 && stream_size(f, p->seen.bytes);
    case FIELD_TUNNEL_DEPTH:
        return any_of(f, flow->link ? flow->link->depth : 0);
    default:
        return false;
    }
}

static bool tx_field(struct look *k, const struct match_field *f)
{
    uint64_t v;
    enum flow_dir dir = k->dir;
    if (!k->tx)
        return false;
    if (f->field == FIELD_FILESIZE && f->arg && f->arg != DETECT_BOTH)
        dir = f->arg == DETECT_TO_CLIENT ? TO_CLIENT : TO_SERVER;
    for (unsigned i = 0; k->tx->number && k->tx->number(k->tx, f->field, dir, i, &v); i++)
        if (any_of(f, v))
            return true;
    return false;
}

static bool field_matches(struct look *k, const struct match_field *f)
{
    const struct packet *p = k->in->packet;
    const struct decoded *d = p && p->item.kind == ITEM_PACKET ? &p->d : NULL;
    uint64_t v;
    if (f->field == FIELD_DSIZE)
        return p && any_of(f, d ? d->payload_len : p->payload_len);
    if (f->field == FIELD_VLAN_ID)
        return d && vlan_matches(d, f);
    if (f->field == FIELD_FILESIZE)
        return true; /* files.c */
    if (f->field > FIELD_FILESIZE)
        return tx_field(k, f);
    if (f->field >= FIELD_STREAM_SIZE)
        return flow_field(k, f);
    return d && packet_field(d, f->field, &v) && any_of(f, v);
}

static bool tcp_flags(const struct look *k, const struct match_flags *m)
{
    const struct packet *p = k->in->packet;
    if (!p || p->item.kind != ITEM_PACKET || p->d.ip_proto != 6 || !(p->d.layers & LAYER_TRANSPORT))
        return false;
    uint8_t flags = p->d.tcp.flags & (uint8_t)~m->ignored;
    switch (m->mode) {
    case FLAGS_EXACT:
        return flags == m->flags;
    case FLAGS_ALL_OF:
        return (flags & m->flags) == m->flags;
    case FLAGS_ANY_OF:
        return flags & m->flags;
    default:
        return !(flags & m->flags);
    }
}

static bool fragbits(const struct look *k, const struct match_flags *m)
{
    const struct packet *p = k->in->packet;
    if (!p || p->item.kind != ITEM_PACKET || p->d.src.family != ADDR_V4 || !p->d.ip || p->d.ip_len < 8)
        return false;
    uint8_t top = p->d.ip[6];
    uint8_t is = (uint8_t)((top & 0x20 ? FRAGBIT_MORE : 0) | (top & 0x40 ? FRAGBIT_DONT : 0) |
                           (top & 0x80 ? FRAGBIT_RESERVED : 0));
    switch (m->mode) {
    case FLAGS_EXACT:
        return is == m->flags;
    case FLAGS_ALL_OF:
        return (is & m->flags) == m->flags;
    case FLAGS_ANY_OF:
        return is & m->flags;
    default:
        return !(is & m->flags);
    }
}

static bool compare(enum uint_op op, uint64_t v, uint64_t w)
{
    struct uint_match m = {.op = op, .a = w};
    return uint_matches(&m, v);
}

static bool fragoffset(const struct look *k, const struct match_fragoffset *m)
{
    const struct packet *p = k->in->packet;
    return p && p->item.kind == ITEM_PACKET && (p->d.layers & LAYER_IP) &&
           compare(m->op, p->d.fragment_offset / 8, m->offset);
}

/* The first IPv4 option of that number (RFC 791 3.1). */
static bool has_option(const struct decoded *d, uint8_t number)
{
    if (d->src.family != ADDR_V4 || !d->ip || d->ip_len < 20)
        return false;
    uint32_t end = (uint32_t)(d->ip[0] & 15) * 4;
    if (end > d->ip_len)
        end = d->ip_len;
    if (number == 255)
        return end > 20;
    for (uint32_t i = 20; i < end;) {
        uint8_t type = d->ip[i];
        if (type == number)
            return true;
        if (type == 0)
            return false;
        if (type == 1) {
            i++;
            continue;
        }
        if (i + 1 >= end || d->ip[i + 1] < 2)
            return false;
        i += d->ip[i + 1];
    }
    return false;
}

static bool app_proto(const struct look *k, const struct match_app_proto *m)
{
    bool is;
    if (m->app == APP_ANY)
        is = m->name && strcasecmp(m->name, "failed") == 0 ? k->in->app_failed
                                                           : k->in->app == APP_ANY && !k->in->app_failed;
    else if (k->in->app == APP_ANY && !k->in->app_failed)
        return false;
    else
        is = k->in->app != APP_ANY && detect_app_is(k->in->app, m->app);
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

static bool one(struct look *k, const struct match *m)
{
    const struct packet *p = k->in->packet;
    switch (m->kind) {
    case MATCH_FIELD:
        return field_matches(k, m->field);
    case MATCH_TCP_FLAGS:
        return tcp_flags(k, m->flags);
    case MATCH_FRAGBITS:
        return fragbits(k, m->flags);
    case MATCH_FRAGOFFSET:
        return fragoffset(k, m->fragoffset);
    case MATCH_IP_PROTO:
        return compare(m->ip_proto->op, k->ip_proto, m->ip_proto->proto);
    case MATCH_IPOPTS:
        return p && p->item.kind == ITEM_PACKET && has_option(&p->d, m->ipopts->number);
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
        return memory_var(k, m->var);
    case MATCH_TUNNEL_TYPE:
    case MATCH_ADDRESS_SOURCE:
        return tunnel_word(k, m);
    case MATCH_HOST_MISMATCH:
        return k->in->host_mismatch;
    case MATCH_SOCKS_REVERSE:
        return k->in->reversed && k->in->app == APP_SOCKS;
    default:
        return false;
    }
}

bool look_conditions(struct look *k)
{
    for (uint32_t i = 0; i < k->rule->packet.count; i++)
        if (!one(k, &k->rule->packet.m[i]))
            return false;
    return true;
}
