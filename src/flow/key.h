/* A wire packet's key in the flow table, and what it brings for the flow that it begins. Private to flow; pure
 * functions. */
#ifndef BURROW_FLOW_KEY_H
#define BURROW_FLOW_KEY_H

#include <string.h>

#include "item/packet.h"

/* What flow_key_of leaves to protocols that are not TCP or UDP. */
void flow_key_of_other(const struct packet *p, struct flow_key *k);

static inline void flow_key_of(const struct packet *p, struct flow_key *k)
{
    const struct decoded *d = &p->d;
    memset(k, 0, sizeof *k);
    k->src = d->src;
    k->dst = d->dst;
    k->proto = d->ip_proto;
    k->context = p->context;
    if (d->vlan_count) {
        k->vlan_count = d->vlan_count < DECODE_VLAN_MAX ? d->vlan_count : DECODE_VLAN_MAX;
        memcpy(k->vlan, d->vlan, k->vlan_count * sizeof k->vlan[0]);
    }
    if (d->ip_proto == 6 || d->ip_proto == 17) {
        k->sport = d->sport;
        k->dport = d->dport;
    } else {
        flow_key_of_other(p, k);
    }
}

static inline bool flow_is_icmp_error(const struct packet *p)
{
    return (p->d.ip_proto == 1 || p->d.ip_proto == 58) && (p->d.layers & LAYER_TRANSPORT) && p->d.icmp.is_error;
}

/* The key of the packet that an ICMP error quotes. False: it quotes none that has a flow. */
bool flow_key_quoted(const struct packet *p, struct flow_key *k);

/* A copy on the heap, for the flow to own; NULL for NULL, and when memory is short. */
struct tunnel_link *flow_link_copy(const struct tunnel_link *link);

#endif
