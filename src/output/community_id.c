#include "output/community_id.h"

#include <netinet/in.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>

/* Message types that answer each other: the pair plays the ports. */
struct pair {
    uint8_t type;
    uint8_t answer;
};

static const struct pair icmp4_pairs[] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
static const struct pair icmp6_pairs[] = {{128, 129}, {133, 134}, {135, 136}, {130, 131}, {139, 140}, {144, 145}};

/* Ports of an ICMP message. False: it has no answer; type and code stand as they are, and the direction counts. */
static bool icmp_ports(const struct pair *pairs, size_t n, uint16_t *sport, uint16_t *dport)
{
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].type == *sport || pairs[i].answer == *sport) {
            *dport = pairs[i].type == *sport ? pairs[i].answer : pairs[i].type;
            return true;
        }
    }
    return false;
}

static void add_u16(struct sha1_ctx *h, uint16_t v)
{
    uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    sha1_update(h, 2, b);
}

static bool has_ports(uint8_t proto)
{
    return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP || proto == IPPROTO_ICMP ||
           proto == IPPROTO_ICMPV6;
}

void community_id(uint16_t seed, const struct addr *src, const struct addr *dst, uint8_t proto, uint16_t sport,
                  uint16_t dport, char out[COMMUNITY_ID_LEN])
{
    bool two_way = true;
    if (proto == IPPROTO_ICMP)
        two_way = icmp_ports(icmp4_pairs, sizeof icmp4_pairs / sizeof *icmp4_pairs, &sport, &dport);
    else if (proto == IPPROTO_ICMPV6)
        two_way = icmp_ports(icmp6_pairs, sizeof icmp6_pairs / sizeof *icmp6_pairs, &sport, &dport);
    int order = addr_compare(src, dst);
    if (two_way && (order > 0 || (order == 0 && sport > dport))) {
        const struct addr *a = src;
        src = dst;
        dst = a;
        uint16_t port = sport;
        sport = dport;
        dport = port;
    }
    size_t len = src->family == ADDR_V6 ? 16 : 4;
    uint8_t fixed[2] = {proto, 0};
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct sha1_ctx h;
    sha1_init(&h);
    add_u16(&h, seed);
    sha1_update(&h, len, src->b);
    sha1_update(&h, len, dst->b);
    sha1_update(&h, sizeof fixed, fixed);
    if (has_ports(proto)) {
        add_u16(&h, sport);
        add_u16(&h, dport);
    }
    sha1_digest(&h, sizeof digest, digest);
    out[0] = '1';
    out[1] = ':';
    base64_encode_raw(out + 2, sizeof digest, digest);
}
