/* The loop over what is inside: NOTES.md. */
#include "decode/layers.h"

#define L2TP_SESSION_LEN 4
#define ETHERIP_LEN      2

#define DECODE_TUNNEL_NAME(id, name, counter, src) [TUNNEL_##id] = name,
static const char *const names[TUNNEL_TYPE_COUNT] = {[TUNNEL_NONE] = "", DECODE_TUNNELS(DECODE_TUNNEL_NAME)};
#undef DECODE_TUNNEL_NAME

const char *decode_tunnel_name(enum decode_tunnel_type t)
{
    return (unsigned)t < TUNNEL_TYPE_COUNT ? names[t] : "";
}

#define DECODE_TUNNEL_SOURCE(id, name, counter, src) [TUNNEL_##id] = src,
static const char *const sources[TUNNEL_TYPE_COUNT] = {DECODE_TUNNELS(DECODE_TUNNEL_SOURCE)};
#undef DECODE_TUNNEL_SOURCE

const char *decode_tunnel_source(enum decode_tunnel_type t)
{
    return (unsigned)t < TUNNEL_TYPE_COUNT ? sources[t] : NULL;
}

/* RFC 3056 2: an inner address of 2002::/16 names the outer one. */
static bool is_6to4(const struct decoded *d)
{
    const uint8_t *p = d->payload;
    if (d->payload_len < 40)
        return false;
    bool from = load_be16(p + 8) == 0x2002 && memcmp(p + 10, d->src.b, 4) == 0;
    bool to = load_be16(p + 24) == 0x2002 && memcmp(p + 26, d->dst.b, 4) == 0;
    return from || to;
}

static bool is_ip_too_small(struct decoded *d, uint32_t least, uint8_t version, enum decode_event small,
                            enum decode_event wrong)
{
    if (d->src.family != ADDR_V6)
        return false;
    if (d->payload_len < least)
        decode_event_add(d, small);
    else if (d->payload[0] >> 4 != version)
        decode_event_add(d, wrong);
    else
        return false;
    return true;
}

/* A tunnel that the IP header names by its protocol's number. */
static bool find_by_number(struct decoded *d, const struct settings_decoder *set, struct decode_next *n)
{
    bool v6 = d->src.family == ADDR_V6;
    n->p = d->payload;
    n->len = d->payload_len;
    switch (d->ip_proto) {
    case IP_PROTO_IPIP: /* RFC 2003, RFC 2473 */
        if (is_ip_too_small(d, 20, 4, DECODE_IPV6_IPV4_IN_IPV6_TOO_SMALL, DECODE_IPV6_IPV4_IN_IPV6_WRONG_VERSION))
            return false;
        n->kind = NEXT_IPV4;
        n->tunnel = v6 ? TUNNEL_4IN6 : TUNNEL_IPIP;
        return true;
    case IP_PROTO_IPV6: /* RFC 4213 */
        if (is_ip_too_small(d, 40, 6, DECODE_IPV6_IPV6_IN_IPV6_TOO_SMALL, DECODE_IPV6_IPV6_IN_IPV6_WRONG_VERSION))
            return false;
        n->kind = NEXT_IPV6;
        n->tunnel = v6 ? TUNNEL_IP6IP6 : is_6to4(d) ? TUNNEL_6TO4 : TUNNEL_6IN4;
        return true;
    case IP_PROTO_GRE:
        return decode_gre(d, d->payload, d->payload_len, set, n);
    case IP_PROTO_L2TP:
        return decode_l2tpv3(d->payload, d->payload_len, n);
    case IP_PROTO_ETHERIP: /* RFC 3378 2: version 3 */
        if (d->payload_len <= ETHERIP_LEN || d->payload[0] >> 4 != 3)
            return false;
        n->kind = NEXT_ETHERNET;
        n->tunnel = TUNNEL_ETHERIP;
        n->p += ETHERIP_LEN;
        n->len -= ETHERIP_LEN;
        return true;
    case IP_PROTO_MPLS: /* RFC 4023 */
        n->kind = NEXT_MPLS;
        n->tunnel = TUNNEL_MPLS_IP;
        return true;
    default:
        return false;
    }
}

/* What is inside the packet that d is now. */
static bool find(struct decoded *d, unsigned how, const struct settings_decoder *set, struct decode_next *n)
{
    if (d->next.kind != NEXT_NONE) {
        *n = d->next;
        d->next.kind = NEXT_NONE;
        return true;
    }
    if (set == NULL || !(d->layers & LAYER_IP) || (d->layers & LAYER_FRAGMENT) || d->ip_proto == IP_PROTO_TCP)
        return false;
    *n = (struct decode_next){.kind = NEXT_NONE};
    if (d->ip_proto == IP_PROTO_UDP)
        return (d->layers & LAYER_TRANSPORT) && decode_encap_udp(d, how, set, n);
    return find_by_number(d, set, n);
}

static void decode_next_layer(struct decoded *d, const struct decode_next *n, unsigned how)
{
    switch ((enum decode_next_kind)n->kind) {
    case NEXT_ETHERNET:
        decode_ethernet(d, n->p, n->len, how);
        break;
    case NEXT_ETHERTYPE:
        if (!decode_ethertype(d, n->ethertype, n->p, n->len, how))
            decode_event_add(d, DECODE_ETHERNET_UNKNOWN_TYPE);
        break;
    case NEXT_IPV4:
        decode_ipv4(d, n->p, n->len, how);
        break;
    case NEXT_IPV6:
        decode_ipv6(d, n->p, n->len, how);
        break;
    case NEXT_IP:
        if (n->len > 0 && n->p[0] >> 4 == 6)
            decode_ipv6(d, n->p, n->len, how);
        else
            decode_ipv4(d, n->p, n->len, how);
        break;
    case NEXT_PPP:
        decode_ppp(d, n->p, n->len, how);
        break;
    case NEXT_MPLS:
        decode_mpls(d, n->p, n->len, how);
        break;
    case NEXT_WLAN:
        decode_wlan(d, n->p, n->len, how);
        break;
    case NEXT_NONE:
        break;
    }
}

static void push(struct decoded *d, const struct decoded *outer, const struct decode_next *n)
{
    struct decode_tunnel *t = &d->tunnels[d->tunnel_count++];
    t->type = n->tunnel;
    t->proto = outer->ip_proto;
    t->has_id = n->has_id;
    t->doubtful = n->doubtful;
    t->id = n->has_id ? n->id : 0;
    t->vlan_count = outer->vlan_count;
    memcpy(t->vlan, outer->vlan, sizeof t->vlan);
    t->sport = outer->sport;
    t->dport = outer->dport;
    t->len = outer->frame_len;
    t->src = outer->src;
    t->dst = outer->dst;
}

/* What of a packet stays when an inner one takes its place. */
static void begin_inner(struct decoded *d, const struct decoded *outer, const struct decode_next *n)
{
    memset(d, 0, DECODED_CLEARED);
    d->next.kind = NEXT_NONE;
    d->bad_checksum = outer->bad_checksum;
    d->event_count = outer->event_count;
    memcpy(d->events, outer->events, sizeof d->events);
    d->tunnel_count = outer->tunnel_count;
    d->ethernet_count = outer->ethernet_count;
    d->headers = outer->headers;
    d->frame = n->p;
    d->frame_len = n->len;
    d->has_mac = outer->has_mac;
    memcpy(d->src_mac, outer->src_mac, sizeof d->src_mac);
    memcpy(d->dst_mac, outer->dst_mac, sizeof d->dst_mac);
}

/* Is there something inside that is worth being a packet? A tunnel may be all that is left to find out. */
static bool is_packet(const struct decoded *d, const struct decode_next *n)
{
    if (d->layers & (LAYER_IP | LAYER_ARP))
        return true;
    return d->next.kind != NEXT_NONE || (n->strict && (d->layers & LAYER_OTHER));
}

/* One turn. False: there is nothing inside after all, and d is what it was. `outer` is the packet around it, while its
 * tunnel is not yet sure (tags between the tunnel and its packet). */
static bool go_inside(struct decoded *d, const struct decode_next *n, struct decoded *outer, unsigned how)
{
    memcpy(outer, d, DECODED_CLEARED);
    begin_inner(d, outer, n);
    decode_next_layer(d, n, how);
    return is_packet(d, n);
}

/* Put the outer packet back; what was seen stays seen. */
static void go_back(struct decoded *d, const struct decoded *outer)
{
    uint32_t headers = d->headers;
    uint8_t events[sizeof d->events];
    uint8_t count = d->event_count;
    memcpy(events, d->events, sizeof events);
    memcpy(d, outer, DECODED_CLEARED);
    d->next.kind = NEXT_NONE;
    d->headers = headers;
    d->event_count = count;
    memcpy(d->events, events, sizeof events);
}

void decode_inside(struct decoded *d, unsigned how, const struct settings_decoder *set)
{
    struct decode_next n;
    unsigned most = set ? set->max_layers : SETTINGS_LAYERS_MAX;
    for (unsigned turns = 0; find(d, how, set, &n); turns++) {
        if (turns == most || d->tunnel_count == DECODE_TUNNELS_MAX) {
            decode_event_add(d, DECODE_TOO_MANY_LAYERS);
            return;
        }
        struct decoded outer;
        if (n.tunnel == TUNNEL_NONE) {
            /* The same packet goes on behind a tag. */
            decode_next_layer(d, &n, how);
        } else if (go_inside(d, &n, &outer, how)) {
            push(d, &outer, &n);
        } else {
            go_back(d, &outer);
            return;
        }
    }
}

void decode_tunnels(struct decoded *d, bool check_sums, const struct settings_decoder *set)
{
    decode_inside(d, (check_sums ? DECODE_SUMS : 0u) | DECODE_SURE, set);
}
