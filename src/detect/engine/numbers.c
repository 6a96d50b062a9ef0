/* Numbers and flags of packets, flows and transactions that rules ask for. */
#include "core/bytes.h"
#include "decode/checksum.h"
#include "detect/engine/private.h"

#define NS 1000000000u

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

/* Identifier (at 4) and sequence number (at 6) of the messages that have them: echo, timestamp, information and address
 * mask, and their answers (RFC 792, RFC 950, RFC 4443). */
static bool icmp_word(const struct decoded *d, unsigned at, uint64_t *v)
{
    uint8_t type = d->icmp.type;
    bool has = d->ip_proto == 58 ? type == 128 || type == 129 : type == 0 || type == 8 || (type >= 13 && type <= 18);
    if (!is_icmp(d) || !has || d->transport_len < at + 2)
        return false;
    *v = load_be16(d->transport + at);
    return true;
}

/* RFC 4443 3.2: packet too big. */
static bool icmp_mtu(const struct decoded *d, uint64_t *v)
{
    if (d->ip_proto != 58 || !is_icmp(d) || d->icmp.type != 2 || d->transport_len < 8)
        return false;
    *v = load_be32(d->transport + 4);
    return true;
}

static bool vxlan_vni(const struct decoded *d, uint64_t *v)
{
    for (unsigned i = d->tunnel_count; i-- > 0;)
        if ((d->tunnels[i].type == TUNNEL_VXLAN || d->tunnels[i].type == TUNNEL_VXLAN_GPE) && d->tunnels[i].has_id) {
            *v = d->tunnels[i].id;
            return true;
        }
    return false;
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
        return icmp_word(d, 4, v);
    case FIELD_ICMP_SEQ:
        return icmp_word(d, 6, v);
    case FIELD_ICMPV6_MTU:
        return icmp_mtu(d, v);
    case FIELD_IGMP_TYPE:
        *v = d->transport_len ? d->transport[0] : 0;
        return d->ip_proto == 2 && d->transport_len;
    case FIELD_VXLAN_VNI:
        return vxlan_vni(d, v);
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
    case FIELD_FLOW_AGE: /* whole seconds of both times, as Suricata counts */
        return any_of(f, k->in->time_ns > flow->start_ns ? k->in->time_ns / NS - flow->start_ns / NS : 0);
    case FIELD_FLOW_PKTS:
        return p && per_direction(f, p->seen.packets);
    case FIELD_FLOW_BYTES:
        return p && per_direction(f, p->seen.wire_bytes);
    case FIELD_STREAM_SIZE:
        return p && flow->key.proto == 6 && stream_size(f, p->seen.bytes);
    case FIELD_TUNNEL_DEPTH:
        return any_of(f, flow->link ? flow->link->depth : 0);
    case FIELD_TUNNEL_ID:
        return flow->link && flow->link->has_id && any_of(f, flow->link->id);
    default:
        return false;
    }
}

static bool number_matches(const struct look *k, const struct match_field *f, enum flow_dir dir, bool *any)
{
    uint64_t v;
    for (unsigned i = 0; k->tx->number(k->tx, f->field, dir, i, &v); i++) {
        *any = true;
        if (any_of(f, v))
            return true;
    }
    return false;
}

/* Request and reply of SOCKS are one transaction's facts: a rule may ask for both (finish.c: when). */
static bool tx_field(const struct look *k, const struct match_field *f)
{
    bool any = false;
    if (!k->tx || !k->tx->number)
        return false;
    if (number_matches(k, f, k->dir, &any))
        return true;
    bool socks = f->field >= FIELD_SOCKS_VERSION && f->field <= FIELD_SOCKS_REPLY;
    return socks && !any && number_matches(k, f, flow_dir_other(k->dir), &any);
}

bool look_field(struct look *k, const struct match_field *f)
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

bool look_flags_match(const struct match_flags *m, uint8_t all)
{
    uint8_t flags = all & (uint8_t)~m->ignored;
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

bool look_tcp_flags(const struct look *k, const struct match_flags *m)
{
    const struct packet *p = k->in->packet;
    return p && p->item.kind == ITEM_PACKET && p->d.ip_proto == 6 && (p->d.layers & LAYER_TRANSPORT) &&
           look_flags_match(m, p->d.tcp.flags);
}

bool look_fragbits(const struct look *k, const struct match_flags *m)
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

bool look_compare(enum uint_op op, uint64_t v, uint64_t w)
{
    struct uint_match m = {.op = op, .a = w};
    return uint_matches(&m, v);
}

bool look_fragoffset(const struct look *k, const struct match_fragoffset *m)
{
    const struct packet *p = k->in->packet;
    if (!p || p->item.kind != ITEM_PACKET || !(p->d.layers & LAYER_IP))
        return false;
    /* IPv6 has an offset in fragments alone. */
    return (p->d.src.family == ADDR_V4 || (p->d.layers & LAYER_FRAGMENT)) &&
           look_compare(m->op, p->d.fragment_offset / 8, m->offset);
}

/* The first IPv4 option of that number (RFC 791 3.1). */
bool look_ip_option(const struct decoded *d, uint8_t number)
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

/* The checksum that the keyword names: 1 right, 0 wrong, -1 there is none, or not all of the packet. */
static int checksum_state(const struct decoded *d, const char *what)
{
    static const struct {
        const char *name;
        uint8_t proto;
        uint8_t at; /* of the checksum in the header */
        uint8_t least;
        bool v6;
        bool pseudo;
        bool optional; /* zero: none (RFC 768) */
    } sums[] = {{"tcpv4", 6, 16, 20, false, true, false}, {"tcpv6", 6, 16, 20, true, true, false},
                {"udpv4", 17, 6, 8, false, true, true},   {"udpv6", 17, 6, 8, true, true, true},
                {"icmpv4", 1, 2, 4, false, false, false}, {"icmpv6", 58, 2, 4, true, true, false},
                {"igmp", 2, 2, 8, false, false, false}};
    bool v6 = d->src.family == ADDR_V6;
    if (!(d->layers & LAYER_IP) || !d->ip)
        return -1;
    if (strcmp(what, "ipv4") == 0) {
        uint32_t head = (d->ip[0] & 15u) * 4;
        return v6 || head < 20 || head > d->ip_len ? -1 : checksum_fold(checksum_add(0, d->ip, head)) == 0xffff;
    }
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        if (strcmp(what, sums[i].name) != 0)
            continue;
        if (d->ip_proto != sums[i].proto || v6 != sums[i].v6 || !d->transport || (d->layers & LAYER_FRAGMENT) ||
            d->payload_missing || d->transport_len < sums[i].least)
            return -1;
        uint32_t n = d->ip_proto == 17 ? load_be16(d->transport + 4) : d->transport_len;
        if (n < sums[i].least || n > d->transport_len || (sums[i].optional && !load_be16(d->transport + sums[i].at)))
            return -1;
        uint64_t sum = sums[i].pseudo ? checksum_pseudo(&d->src, &d->dst, d->ip_proto, n) : 0;
        return checksum_fold(checksum_add(sum, d->transport, n)) == 0xffff;
    }
    return -1;
}

bool look_checksum(const struct look *k, const struct match_text *m)
{
    const struct packet *p = k->in->packet;
    int state = p && p->item.kind == ITEM_PACKET ? checksum_state(&p->d, m->words[0]) : -1;
    return state == (m->arg == 0);
}
