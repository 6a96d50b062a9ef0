#include "output/record.h"

#include <netinet/in.h>

#include "core/clock.h"
#include "core/text.h"
#include "output/community_id.h"

/* What the common members take at most, names of types and protocols included. */
#define HEAD_ROOM   1024
#define NAME_MAX_IN 64 /* names longer than this are cut: they are literals of ours, and none is */
#define HOP_ROOM    320

#define PUT(p, literal) put_text(p, literal, sizeof(literal) - 1)

/* The two ends as the record tells them. */
struct ends {
    const struct addr *src;
    const struct addr *dst;
    uint16_t sport;
    uint16_t dport;
    uint8_t proto;
    bool has_icmp;
    uint8_t icmp_type;
    uint8_t icmp_code;
    const uint16_t *vlan;
    unsigned vlan_count;
};

/* The protocols that a network shows now and then, under the names that Suricata has for them. */
const char *record_proto_name(uint8_t proto)
{
    static const char *const names[256] = {
        [0] = "HOPOPT",   [1] = "ICMP",      [2] = "IGMP",         [4] = "IP-in-IP", [6] = "TCP",      [8] = "EGP",
        [9] = "IGP",      [17] = "UDP",      [33] = "DCCP",        [41] = "IPv6",    [46] = "RSVP",    [47] = "GRE",
        [50] = "ESP",     [51] = "AH",       [58] = "IPv6-ICMP",   [88] = "EIGRP",   [89] = "OSPFIGP", [94] = "IPIP",
        [97] = "ETHERIP", [103] = "PIM",     [108] = "IPComp",     [112] = "VRRP",   [115] = "L2TP",   [132] = "SCTP",
        [133] = "FC",     [136] = "UDPLite", [137] = "MPLS-in-IP",
    };
    return names[proto];
}

/* These run for every record. Lengths of literals are known where put_text is expanded, so that it becomes a few
 * stores; what is short and of unknown length is cheaper in a loop than in a call of memcpy. */
static inline __attribute__((always_inline)) char *put_text(char *p, const char *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}

static inline char *put_name(char *p, const char *s)
{
    for (size_t i = 0; s[i] && i < NAME_MAX_IN; i++)
        *p++ = s[i];
    return p;
}

static inline char *put_addr(char *p, const struct addr *a)
{
    return p + addr_print(a, true, p);
}

static char *put_proto(char *p, uint8_t proto)
{
    const char *name = record_proto_name(proto);
    p = PUT(p, ",\"proto\":\"");
    p = name ? put_name(p, name) : text_u64(p, proto);
    *p++ = '"';
    return p;
}

static inline bool proto_has_ports(uint8_t proto)
{
    return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

static inline bool proto_is_icmp(uint8_t proto)
{
    return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/* Members of both ends; the first has its comma. */
static char *put_pair(char *p, const struct addr *src, const struct addr *dst, uint16_t sport, uint16_t dport,
                      bool ports)
{
    p = PUT(p, ",\"src_ip\":\"");
    p = put_addr(p, src);
    if (ports) {
        p = PUT(p, "\",\"src_port\":");
        p = text_u64(p, sport);
        p = PUT(p, ",\"dest_ip\":\"");
    } else {
        p = PUT(p, "\",\"dest_ip\":\"");
    }
    p = put_addr(p, dst);
    *p++ = '"';
    if (ports) {
        p = PUT(p, ",\"dest_port\":");
        p = text_u64(p, dport);
    }
    return p;
}

static const struct decoded *wire_packet(const struct event *e)
{
    const struct packet *k = e->packet;
    return k && k->item.kind == ITEM_PACKET && (k->d.layers & LAYER_IP) ? &k->d : NULL;
}

/* False: the event has no addresses. */
static bool find_ends(const struct event *e, struct ends *n)
{
    const struct decoded *d = wire_packet(e);
    if (e->flow) {
        const struct flow_key *k = &e->flow->key;
        bool back = e->follow_packet && e->dir == TO_CLIENT;
        *n = (struct ends){
            .src = back ? &k->dst : &k->src,
            .dst = back ? &k->src : &k->dst,
            .sport = back ? k->dport : k->sport,
            .dport = back ? k->sport : k->dport,
            .proto = k->proto,
            .has_icmp = proto_is_icmp(k->proto),
            .icmp_type = k->icmp_type,
            .icmp_code = k->icmp_code,
            .vlan = k->vlan,
            .vlan_count = k->vlan_count,
        };
    } else if (d) {
        *n = (struct ends){.src = &d->src, .dst = &d->dst, .sport = d->sport, .dport = d->dport, .proto = d->ip_proto};
        n->vlan = d->vlan;
        n->vlan_count = d->vlan_count;
    } else {
        return false;
    }
    if (d && (e->follow_packet || !e->flow) && (d->layers & LAYER_TRANSPORT) && proto_is_icmp(d->ip_proto)) {
        n->has_icmp = true;
        n->icmp_type = d->icmp.type;
        n->icmp_code = d->icmp.code;
    }
    if (n->vlan_count > DECODE_VLAN_MAX)
        n->vlan_count = DECODE_VLAN_MAX;
    return n->src->family != ADDR_NONE;
}

/* Others that follow a packet, as dns does, have their direction in their addresses only. */
static bool tells_direction(const struct event *e)
{
    return e->follow_packet && e->flow && (!strcmp(e->type, "alert") || !strcmp(e->type, "anomaly"));
}

static char *put_begin(char *p, const struct event *e)
{
    p = PUT(p, "{\"timestamp\":\"");
    p += clock_print(e->time_ns, p);
    *p++ = '"';
    if (e->flow) {
        p = PUT(p, ",\"flow_id\":");
        p = text_u64(p, e->flow->id);
    }
    if (e->number) {
        p = PUT(p, ",\"pcap_cnt\":");
        p = text_u64(p, e->number);
    }
    return p;
}

static char *put_vlan(char *p, const struct ends *n)
{
    p = PUT(p, ",\"vlan\":[");
    for (unsigned i = 0; i < n->vlan_count; i++) {
        if (i)
            *p++ = ',';
        p = text_u64(p, n->vlan[i]);
    }
    *p++ = ']';
    return p;
}

static char *put_mac(char *p, const uint8_t mac[6])
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 6; i++) {
        if (i)
            *p++ = ':';
        *p++ = digits[mac[i] >> 4];
        *p++ = digits[mac[i] & 15];
    }
    return p;
}

static char *put_macs(char *p, const uint8_t src[6], const uint8_t dst[6])
{
    p = PUT(p, "\"src_mac\":\"");
    p = put_mac(p, src);
    p = PUT(p, "\",\"dest_mac\":\"");
    p = put_mac(p, dst);
    *p++ = '"';
    return p;
}

/* The packet's MAC addresses, or without one the flow's, turned round where the record's addresses are; and an
 * EtherType that is not known. */
static char *put_ether(char *p, const struct event *e, bool macs)
{
    const struct packet *k = e->packet;
    enum flow_dir dir = e->follow_packet ? e->dir : TO_SERVER;
    if (!k && macs && e->macs) {
        p = PUT(p, ",\"ether\":{");
        p = put_macs(p, e->macs[dir == TO_CLIENT], e->macs[dir != TO_CLIENT]);
        *p++ = '}';
        return p;
    }
    /* Others carry nothing that was decoded. */
    if (!k || (k->item.kind != ITEM_PACKET && k->item.kind != ITEM_SEGMENT))
        return p;
    bool type = k->item.kind == ITEM_PACKET && !e->flow && k->d.ethertype;
    macs = macs && k->d.has_mac;
    if (!macs && !type)
        return p;
    p = PUT(p, ",\"ether\":{");
    if (macs) {
        bool back = e->flow && dir != k->dir;
        p = put_macs(p, back ? k->d.dst_mac : k->d.src_mac, back ? k->d.src_mac : k->d.dst_mac);
    }
    if (type) {
        if (macs)
            *p++ = ',';
        p = PUT(p, "\"ether_type\":");
        p = text_u64(p, k->d.ethertype);
    }
    *p++ = '}';
    return p;
}

/* A flow's id is that of its first packet, whatever the packet at hand. */
static char *put_community_id(char *p, const struct record_options *options, const struct event *e,
                              const struct ends *n)
{
    uint16_t sport = n->sport, dport = n->dport;
    const struct addr *src = n->src, *dst = n->dst;
    if (proto_is_icmp(n->proto)) {
        if (!n->has_icmp)
            return p;
        sport = e->flow ? e->flow->key.icmp_type : n->icmp_type;
        dport = e->flow ? e->flow->key.icmp_code : n->icmp_code;
        src = e->flow ? &e->flow->key.src : src;
        dst = e->flow ? &e->flow->key.dst : dst;
    }
    p = PUT(p, ",\"community_id\":\"");
    community_id(options->community_id_seed, src, dst, n->proto, sport, dport, p);
    p += COMMUNITY_ID_LEN;
    *p++ = '"';
    return p;
}

/* What the event's flow, or its packet, was carried in; NULL: nothing. */
static const struct tunnel_link *link_of(const struct event *e)
{
    if (e->flow)
        return e->flow->link;
    return e->packet && e->packet->item.kind == ITEM_PACKET ? e->packet->link : NULL;
}

/* As Suricata names where a packet came from. */
static char *put_pkt_src(char *p, const struct packet *packet, const struct tunnel_link *link)
{
    p = PUT(p, ",\"pkt_src\":\"");
    if (packet->item.kind == ITEM_SEGMENT && (packet->flags & PACKET_LATE))
        return PUT(p, "stream (flow timeout)\"");
    if (!link)
        return PUT(p, "wire/pcap\"");
    const struct tunnel_hop *hop = link->depth ? &link->path[link->depth - 1] : NULL;
    if (hop && hop->source) {
        p = put_name(p, hop->source);
        *p++ = '"';
        return p;
    }
    p = put_name(p, hop ? hop->type : "payload");
    return PUT(p, " tunnel\"");
}

static char *put_ends(char *p, const struct record_options *options, const struct event *e, const struct ends *n)
{
    p = put_pair(p, n->src, n->dst, n->sport, n->dport, proto_has_ports(n->proto));
    p = put_proto(p, n->proto);
    p = n->src->family == ADDR_V6 ? PUT(p, ",\"ip_v\":6") : PUT(p, ",\"ip_v\":4");
    if (e->packet)
        p = put_pkt_src(p, e->packet, link_of(e));
    if (options->community_id)
        p = put_community_id(p, options, e, n);
    return p;
}

static char *put_rest(char *p, const struct event *e, const struct ends *n)
{
    if (e->app_proto) {
        p = PUT(p, ",\"app_proto\":\"");
        p = put_name(p, e->app_proto);
        *p++ = '"';
    }
    if (e->tx_id >= 0) {
        p = PUT(p, ",\"tx_id\":");
        p = text_u64(p, (uint64_t)e->tx_id);
    }
    if (n && n->proto == IPPROTO_ESP && e->flow) {
        p = PUT(p, ",\"spi\":");
        p = text_u64(p, (uint64_t)e->flow->key.sport << 16 | e->flow->key.dport);
    }
    if (n && n->has_icmp) {
        p = PUT(p, ",\"icmp_type\":");
        p = text_u64(p, n->icmp_type);
        p = PUT(p, ",\"icmp_code\":");
        p = text_u64(p, n->icmp_code);
    }
    if (tells_direction(e))
        p = e->dir == TO_CLIENT ? PUT(p, ",\"direction\":\"to_client\"") : PUT(p, ",\"direction\":\"to_server\"");
    return p;
}

/* The common members. False: no room. */
static bool head(struct json *j, const struct record_options *options, const struct event *e)
{
    if (!buf_reserve(j->out, HEAD_ROOM))
        return false;
    struct ends n;
    bool have_ends = find_ends(e, &n);
    char *p = put_begin((char *)j->out->data + j->out->len, e);
    if (options->capture_name && (e->packet || e->flow)) {
        /* Rare, and of any length: through the writer. */
        j->out->len = (size_t)((uint8_t *)p - j->out->data);
        j->comma = true;
        json_str(j, "pcap_filename", options->capture_name);
        if (!buf_reserve(j->out, HEAD_ROOM))
            return false;
        p = (char *)j->out->data + j->out->len;
    }
    p = PUT(p, ",\"event_type\":\"");
    p = put_name(p, e->type);
    *p++ = '"';
    if (have_ends && n.vlan_count)
        p = put_vlan(p, &n);
    p = put_ether(p, e, options->ethernet);
    if (have_ends)
        p = put_ends(p, options, e, &n);
    p = put_rest(p, e, have_ends ? &n : NULL);
    j->out->len = (size_t)((uint8_t *)p - j->out->data);
    j->comma = true;
    return true;
}

static char *put_hop(char *p, const struct tunnel_hop *h)
{
    p = PUT(p, "{\"type\":\"");
    p = put_name(p, h->type);
    p = PUT(p, "\",\"flow_id\":");
    p = text_u64(p, h->flow_id);
    p = put_pair(p, &h->src, &h->dst, h->sport, h->dport, proto_has_ports(h->proto));
    *p++ = '}';
    return p;
}

static bool path(struct json *j, const struct tunnel_link *link)
{
    json_open_array(j, "path");
    for (uint32_t i = 0; i < link->depth; i++) {
        if (!buf_reserve(j->out, HOP_ROOM))
            return false;
        char *p = (char *)j->out->data + j->out->len;
        if (i)
            *p++ = ',';
        p = put_hop(p, &link->path[i]);
        j->out->len = (size_t)((uint8_t *)p - j->out->data);
    }
    json_end_array(j);
    return true;
}

/* The `tunnel` member of a carried flow's records: the innermost layer's type, the outermost carrier's addresses. */
static bool tunnel(struct json *j, const struct tunnel_link *link)
{
    if (link->depth == 0)
        return true;
    const struct tunnel_hop *outer = &link->path[0];
    if (!buf_reserve(j->out, HEAD_ROOM))
        return false;
    char *p = (char *)j->out->data + j->out->len;
    p = PUT(p, ",\"tunnel\":{\"type\":\"");
    p = put_name(p, link->path[link->depth - 1].type);
    p = PUT(p, "\",\"depth\":");
    p = text_u64(p, link->depth);
    p = put_pair(p, &outer->src, &outer->dst, outer->sport, outer->dport, proto_has_ports(outer->proto));
    p = put_proto(p, outer->proto);
    p = PUT(p, ",\"pkt_src\":\"wire/pcap\",\"parent_flow_id\":");
    p = text_u64(p, link->parent_flow_id);
    p = PUT(p, ",\"root_flow_id\":");
    p = text_u64(p, link->root_flow_id);
    j->out->len = (size_t)((uint8_t *)p - j->out->data);
    if (link->control_flow_id)
        json_u64(j, "control_flow_id", link->control_flow_id);
    if (link->host_len)
        json_bytes(j, "host", link->host, link->host_len);
    if (link->has_id)
        json_u64(j, "id", link->id);
    if (link->address_source != ADDRESS_PACKET)
        json_str(j, "address_source", address_source_name(link->address_source));
    if (link->user_len)
        json_bytes(j, "user", link->user, link->user_len);
    if (!path(j, link))
        return false;
    json_end_object(j);
    return true;
}

bool record_write(struct buf *out, const struct record_options *options, const struct event *e)
{
    size_t start = out->len;
    struct json j = json_of(out);
    j.log = options->log;
    bool ok = head(&j, options, e);
    /* A tunnel record has a `tunnel` object of its own. */
    if (ok && link_of(e) && !e->tunnel)
        ok = tunnel(&j, link_of(e));
    if (ok && e->write) {
        if (e->key)
            json_open_object(&j, e->key);
        e->write(e, &j);
        if (e->key)
            json_end_object(&j);
    }
    if (ok && !j.failed && buf_add(out, "}\n", 2))
        return true;
    out->len = start;
    return false;
}
