/* Conditions on network and transport headers. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "detect/load.h"

/* What a field can hold, and how it is read: fields that are one comparison. */
static uint64_t most(enum detect_field f)
{
    switch (f) {
    case FIELD_TTL:
    case FIELD_IP_TOS:
    case FIELD_ICMP_TYPE:
    case FIELD_ICMP_CODE:
    case FIELD_IGMP_TYPE:
    case FIELD_TCP_WSCALE:
    case FIELD_VLAN_LAYERS:
        return UINT8_MAX;
    case FIELD_IP_ID:
    case FIELD_DSIZE:
    case FIELD_TCP_WINDOW:
    case FIELD_TCP_MSS:
    case FIELD_ICMP_ID:
    case FIELD_ICMP_SEQ:
    case FIELD_VLAN_ID:
        return UINT16_MAX;
    default:
        return UINT32_MAX;
    }
}

static bool number(struct rule_build *b, char *arg)
{
    enum detect_field f = (enum detect_field)b->keyword->param;
    struct uint_match u;
    return build_uint(b, text_unquote(arg), most(f), &u) && build_field(b, f, 0, &u, 1);
}

static bool dsize(struct rule_build *b, char *arg)
{
    if (b->dsize)
        return build_error(b, "given twice");
    b->dsize = true;
    return number(b, arg);
}

/* "123", "!123" and nothing else. */
static bool exact(struct rule_build *b, char *arg)
{
    enum detect_field f = (enum detect_field)b->keyword->param;
    struct uint_match u = {.op = UINT_EQUAL};
    char *s = text_unquote(arg);
    int64_t v;
    if (*s == '!') {
        u.op = UINT_NOT_EQUAL;
        s = text_trim(s + 1);
    }
    if (!text_int(s, 0, (int64_t)most(f), &v))
        return build_error(b, "\"%.40s\" is no number from 0 to %llu", s, (unsigned long long)most(f));
    u.a = (uint64_t)v;
    return build_field(b, f, 0, &u, 1);
}

/* fragbits: modifier, letters. */
static bool letters(struct rule_build *b, char *arg, const char *known, const uint8_t *bits, struct match_flags *m,
                    bool *modified)
{
    for (const char *c = arg; *c; c++) {
        const char *at = strchr(known, toupper((unsigned char)*c));
        if (isspace((unsigned char)*c))
            continue;
        if (*c == '+' || *c == '*' || *c == '!') {
            enum flags_mode mode = *c == '+' ? FLAGS_ALL_OF : *c == '*' ? FLAGS_ANY_OF : FLAGS_NONE_OF;
            if (*modified)
                return build_error(b, "two of +, *, !");
            m->mode = mode;
            *modified = true;
        } else if (at) {
            m->flags |= bits[at - known];
        } else {
            return build_error(b, "'%c': use letters of %s, with +, * or !", *c, known);
        }
    }
    return true;
}

static bool fragbits(struct rule_build *b, char *arg)
{
    static const uint8_t bits[] = {FRAGBIT_MORE, FRAGBIT_DONT, FRAGBIT_RESERVED};
    struct match_flags *m = build_get(b, sizeof *m);
    bool modified = false;
    return m && letters(b, arg, "MDR", bits, m, &modified) && (m->flags || build_error(b, "use letters of MDR")) &&
           build_add_packet(b, MATCH_FRAGBITS, m);
}

static bool flags(struct rule_build *b, char *arg)
{
    static const char known[] = "FSRPAUEC12";
    static const uint8_t bits[] = {1, 2, 4, 8, 16, 32, 64, 128, 128, 64};
    struct match_flags *m = build_get(b, sizeof *m), ignored = {0};
    char *rest = arg, *own = text_next(&rest, ',');
    bool modified = false, other = true;
    if (!m)
        return false;
    if (strcmp(own, "0") == 0)
        own = (char *)"";
    if (!letters(b, own, known, bits, m, &modified))
        return false;
    if (rest && !letters(b, text_trim(rest), known, bits, &ignored, &other))
        return false;
    m->ignored = ignored.flags;
    return build_add_packet(b, MATCH_TCP_FLAGS, m);
}

static bool fragoffset(struct rule_build *b, char *arg)
{
    struct match_fragoffset *m = build_get(b, sizeof *m);
    struct uint_match u;
    if (!m || !build_uint(b, arg, 65535, &u))
        return false;
    m->offset = (uint16_t)u.a;
    m->op = u.op;
    return build_add_packet(b, MATCH_FRAGOFFSET, m);
}

/* IP protocols by name, those of /etc/protocols that rules use. */
static const struct {
    const char *name;
    uint8_t number;
} ip_protos[] = {{"ip", 0},         {"icmp", 1},     {"igmp", 2},        {"ggp", 3},        {"ipencap", 4},
                 {"tcp", 6},        {"egp", 8},      {"igp", 9},         {"pup", 12},       {"udp", 17},
                 {"hmp", 20},       {"rdp", 27},     {"dccp", 33},       {"ipv6", 41},      {"ipv6-route", 43},
                 {"ipv6-frag", 44}, {"rsvp", 46},    {"gre", 47},        {"esp", 50},       {"ah", 51},
                 {"ipv6-icmp", 58}, {"icmpv6", 58},  {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"eigrp", 88},
                 {"ospf", 89},      {"ipip", 94},    {"pim", 103},       {"vrrp", 112},     {"l2tp", 115},
                 {"sctp", 132},     {"udplite", 136}};

static bool ip_proto(struct rule_build *b, char *arg)
{
    struct match_ip_proto *m = build_get(b, sizeof *m);
    char *s = text_unquote(arg);
    int64_t v;
    if (!m)
        return false;
    m->op = *s == '!' ? UINT_NOT_EQUAL : *s == '<' ? UINT_LESS : *s == '>' ? UINT_GREATER : UINT_EQUAL;
    if (m->op != UINT_EQUAL)
        s = text_trim(s + 1);
    bool ok = text_int(s, 0, 255, &v);
    for (size_t i = 0; i < sizeof ip_protos / sizeof ip_protos[0] && !ok; i++) {
        ok = strcasecmp(s, ip_protos[i].name) == 0;
        v = ip_protos[i].number;
    }
    if (!ok)
        return build_error(b, "\"%.40s\" is no IP protocol", s);
    m->proto = (uint8_t)v;
    return build_add_packet(b, MATCH_IP_PROTO, m);
}

static bool ipopts(struct rule_build *b, char *arg)
{
    /* RFC 791 3.1 and the registry of IP option numbers. */
    static const struct {
        const char *name;
        uint8_t number;
    } options[] = {{"rr", 7},     {"lsrr", 131},  {"eol", 0},   {"nop", 1},    {"ts", 68},     {"sec", 130},
                   {"ssrr", 137}, {"satid", 136}, {"any", 255}, {"esec", 133}, {"cipso", 134}, {"rtralt", 148}};
    struct match_ipopts *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcasecmp(arg, options[i].name) == 0) {
            *m = (struct match_ipopts){options[i].name, options[i].number};
            return build_add_packet(b, MATCH_IPOPTS, m);
        }
    }
    return build_error(b, "\"%.40s\" is no IP option", arg);
}

static bool sameip(struct rule_build *b, char *arg)
{
    (void)arg;
    return build_add_packet(b, MATCH_SAMEIP, NULL);
}

static bool checksum(struct rule_build *b, char *arg)
{
    static const char *const words[] = {"valid", "invalid"};
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, sizeof *list);
    char what[16];
    unsigned i;
    if (!t || !list)
        return false;
    if (!text_word(text_unquote(arg), words, 2, &i))
        return build_error(b, "\"%.20s\": use valid or invalid", arg);
    snprintf(what, sizeof what, "%.*s", (int)strcspn(b->keyword->name, "-"), b->keyword->name);
    list[0] = build_text(b, what);
    *t = (struct match_text){.words = list, .count = 1, .arg = (int)i};
    return list[0] && build_add_packet(b, MATCH_CHECKSUM, t);
}

/* "any,>5", "0,10", "all,..", or just a number */
static bool vlan_id(struct rule_build *b, char *arg)
{
    char *rest = arg;
    char *value = text_next(&rest, ',');
    struct uint_match u;
    int layer = FIELD_ANY_LAYER;
    int64_t v;
    if (rest) {
        rest = text_trim(rest);
        if (strcmp(rest, "all") == 0)
            layer = FIELD_ALL_LAYERS;
        else if (text_int(rest, -3, 2, &v))
            layer = (int)v;
        else if (strcmp(rest, "any") != 0)
            return build_error(b, "\"%.20s\" is no layer: use -3 to 2, any or all", rest);
    }
    if (!build_uint(b, value, 4095, &u))
        return false;
    return build_field(b, FIELD_VLAN_ID, layer, &u, 1);
}

/* ip.src and ip.dst are buffers of bytes; these compare addresses. */
const struct keyword keywords_header[] = {
    {"ttl", NULL, number, KEYWORD_PREFILTER, FIELD_TTL, 0, "time to live, or hop limit"},
    {"id", NULL, exact, KEYWORD_PREFILTER, FIELD_IP_ID, 0, "identification of the IPv4 header"},
    {"tos", NULL, exact, 0, FIELD_IP_TOS, 0, "type of service of the IPv4 header"},
    {"ipopts", NULL, ipopts, 0, 0, 0, "an option of the IPv4 header"},
    {"ip_proto", NULL, ip_proto, 0, 0, 0, "IP protocol, by number or name"},
    {"ipv4-csum", NULL, checksum, 0, 0, 0, "checksum of the IPv4 header: valid or invalid"},
    {"tcpv4-csum", NULL, checksum, 0, 0, 0, "checksum of TCP over IPv4"},
    {"tcpv6-csum", NULL, checksum, 0, 0, 0, "checksum of TCP over IPv6"},
    {"udpv4-csum", NULL, checksum, 0, 0, 0, "checksum of UDP over IPv4"},
    {"udpv6-csum", NULL, checksum, 0, 0, 0, "checksum of UDP over IPv6"},
    {"icmpv4-csum", NULL, checksum, 0, 0, 0, "checksum of ICMP"},
    {"icmpv6-csum", NULL, checksum, 0, 0, 0, "checksum of ICMPv6"},
    {"igmp-csum", NULL, checksum, 0, 0, 0, "checksum of IGMP"},
    {"sameip", NULL, sameip, KEYWORD_NO_VALUE, 0, 0, "source and destination are the same address"},
    {"fragbits", NULL, fragbits, KEYWORD_PREFILTER, 0, 0, "flags of fragmentation: M, D, R"},
    {"fragoffset", NULL, fragoffset, KEYWORD_PREFILTER, 0, 0, "offset of a fragment, in units of 8 bytes"},
    {"dsize", NULL, dsize, KEYWORD_PREFILTER, FIELD_DSIZE, 0, "bytes of the packet's payload"},
    {"tcp.flags", "flags", flags, KEYWORD_PREFILTER, 0, 0, "flags of the TCP header: F S R P A U E C"},
    {"tcp.seq", "seq", number, KEYWORD_PREFILTER, FIELD_TCP_SEQ, 0, "sequence number"},
    {"tcp.ack", "ack", number, KEYWORD_PREFILTER, FIELD_TCP_ACK, 0, "acknowledgement number"},
    {"tcp.window", "window", number, 0, FIELD_TCP_WINDOW, 0, "window of the TCP header"},
    {"tcp.wscale", NULL, number, 0, FIELD_TCP_WSCALE, 0, "window scale option"},
    {"tcp.mss", NULL, number, KEYWORD_PREFILTER, FIELD_TCP_MSS, 0, "maximum segment size option"},
    {"itype", NULL, number, KEYWORD_PREFILTER, FIELD_ICMP_TYPE, 0, "type of the ICMP message"},
    {"icode", NULL, number, KEYWORD_PREFILTER, FIELD_ICMP_CODE, 0, "code of the ICMP message"},
    {"icmp_id", NULL, exact, KEYWORD_PREFILTER, FIELD_ICMP_ID, 0, "identifier of an ICMP echo"},
    {"icmp_seq", NULL, exact, KEYWORD_PREFILTER, FIELD_ICMP_SEQ, 0, "sequence number of an ICMP echo"},
    {"icmpv6.mtu", NULL, number, KEYWORD_PREFILTER, FIELD_ICMPV6_MTU, 0, "MTU of ICMPv6 packet too big"},
    {"igmp.type", NULL, number, KEYWORD_PREFILTER, FIELD_IGMP_TYPE, 0, "type of the IGMP message"},
    {"vlan.id", NULL, vlan_id, KEYWORD_PREFILTER, 0, 0, "VLAN id, of any, all or one layer"},
    {"vlan.layers", NULL, number, KEYWORD_PREFILTER, FIELD_VLAN_LAYERS, 0, "number of VLAN tags"},
    {"vxlan_vni", NULL, number, 0, FIELD_VXLAN_VNI, 0, "network identifier of VXLAN"},
    {0}};
