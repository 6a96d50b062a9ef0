#include "flow/key.h"

#include <stdlib.h>

static uint8_t icmp_counterpart(uint8_t proto, uint8_t type)
{
    static const uint8_t v4[][2] = {{0, 8}, {13, 14}, {15, 16}, {17, 18}, {9, 10}};
    static const uint8_t v6[][2] = {{128, 129}, {133, 134}, {135, 136}, {144, 145}, {146, 147}, {130, 131}};
    const uint8_t(*pairs)[2] = proto == 1 ? v4 : v6;
    size_t n = proto == 1 ? sizeof v4 / sizeof v4[0] : sizeof v6 / sizeof v6[0];
    for (size_t i = 0; i < n; i++) {
        if (pairs[i][0] == type)
            return pairs[i][1];
        if (pairs[i][1] == type)
            return pairs[i][0];
    }
    return type;
}

void flow_key_of_other(const struct packet *p, struct flow_key *k)
{
    const struct decoded *d = &p->d;
    switch (d->ip_proto) {
    case 1:
    case 58:
        k->icmp_type = d->icmp.type;
        k->icmp_code = d->icmp.code;
        k->icmp_id = d->icmp.id;
        k->sport = d->icmp.type;
        k->dport = icmp_counterpart(d->ip_proto, d->icmp.type);
        break;
    case 50: /* a security association has one direction, and an index instead of ports */
        k->sport = (uint16_t)(d->spi >> 16);
        k->dport = (uint16_t)d->spi;
        break;
    default: /* SCTP's ports */
        k->sport = d->sport;
        k->dport = d->dport;
    }
}

bool flow_key_quoted(const struct packet *p, struct flow_key *k)
{
    const struct decoded_embedded *e = &p->d.embedded;
    if (!p->d.icmp.has_embedded)
        return false;
    flow_key_of(p, k);
    k->icmp_type = k->icmp_code = 0;
    k->icmp_id = 0;
    k->src = e->src;
    k->dst = e->dst;
    k->proto = e->proto;
    k->sport = e->sport;
    k->dport = e->proto == 1 || e->proto == 58 ? icmp_counterpart(e->proto, (uint8_t)e->sport) : e->dport;
    return true;
}

struct tunnel_link *flow_link_copy(const struct tunnel_link *link)
{
    if (!link)
        return NULL;
    size_t size = sizeof *link + link->depth * sizeof link->path[0];
    struct tunnel_link *copy = malloc(size);
    if (copy)
        memcpy(copy, link, size); /* its texts are empty literals */
    return copy;
}
