#include "capture/carriers.h"

#include <stddef.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/hash.h"

#define BUCKETS   16384u
#define LOOK_MOST 2u /* sessions looked at for their time-out with each packet */

struct session {
    struct session *hash_next;
    struct session *older; /* by last packet */
    struct session *newer;
    struct carrier_inside *insides;
    uint64_t hash;
    struct flow_key key;
    uint64_t id;
    uint64_t last_now;
    uint64_t last_number; /* of its last packet */
    bool seen[2];         /* directions */
    bool told[2];         /* directions in which something that was found by content was seen */
};

struct carrier_inside {
    struct carrier_inside *hash_next;
    struct carrier_inside *next; /* of the session */
    struct session *session;     /* NULL: it is over, and this lives only while packets are out */
    uint64_t hash;
    uint64_t context;
    uint64_t held;
    uint8_t type;            /* enum decode_tunnel_type */
    struct tunnel_link link; /* last: its path follows */
};

struct carriers {
    struct session *sessions[BUCKETS];
    struct carrier_inside *insides[BUCKETS];
    struct session *oldest;
    struct session *newest;
    uint64_t seed;
    uint64_t timeout_ns[2][2]; /* class: UDP, others; state: one direction, both */
    uint64_t count;
    uint64_t inside_count;
    uint64_t forced;
    bool track;
    bool any_vlan; /* as in the flow table */
};

static void set_timeout(uint64_t out[2], const struct settings_timeouts *t)
{
    /* No session lives longer here than its flow does. */
    out[0] = (t->new_ < t->established ? t->new_ : t->established) * NS_PER_S;
    out[1] = t->established * NS_PER_S;
}

struct carriers *carriers_create(const struct settings *set)
{
    struct carriers *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->seed = hash_seed();
    c->track = set->decoder.track_tunnels;
    c->any_vlan = set->flow.any_vlan;
    set_timeout(c->timeout_ns[0], &set->flow.timeouts[FLOW_CLASS_UDP]);
    set_timeout(c->timeout_ns[1], &set->flow.timeouts[FLOW_CLASS_DEFAULT]);
    return c;
}

static void inside_free(struct carriers *c, struct carrier_inside *in)
{
    struct carrier_inside **at = &c->insides[in->hash % BUCKETS];
    while (*at != in)
        at = &(*at)->hash_next;
    *at = in->hash_next;
    c->inside_count--;
    in->session = NULL;
    if (in->held == 0)
        free(in);
}

static void forget_insides(struct carriers *c, struct session *s)
{
    while (s->insides) {
        struct carrier_inside *in = s->insides;
        s->insides = in->next;
        inside_free(c, in);
    }
}

static void age_remove(struct carriers *c, struct session *s)
{
    if (s->older)
        s->older->newer = s->newer;
    else
        c->oldest = s->newer;
    if (s->newer)
        s->newer->older = s->older;
    else
        c->newest = s->older;
}

static void age_append(struct carriers *c, struct session *s)
{
    s->older = c->newest;
    s->newer = NULL;
    if (c->newest)
        c->newest->newer = s;
    else
        c->oldest = s;
    c->newest = s;
}

static void session_end(struct carriers *c, struct session *s)
{
    struct session **at = &c->sessions[s->hash % BUCKETS];
    while (*at != s)
        at = &(*at)->hash_next;
    *at = s->hash_next;
    age_remove(c, s);
    forget_insides(c, s);
    c->count--;
    free(s);
}

void carriers_destroy(struct carriers **carriers)
{
    struct carriers *c = *carriers;
    *carriers = NULL;
    while (c && c->oldest)
        session_end(c, c->oldest);
    free(c);
}

static bool expired(const struct carriers *c, const struct session *s, uint64_t now_ns)
{
    return now_ns - s->last_now > c->timeout_ns[s->key.proto != 17][s->seen[0] && s->seen[1]];
}

static uint64_t hash_addr(const struct carriers *c, const struct addr *a, uint16_t port)
{
    return hash_mix(a->q[0] ^ c->seed ^ (uint64_t)port << 48, a->q[1] ^ port);
}

static uint64_t key_hash(const struct carriers *c, const struct flow_key *k)
{
    uint64_t ends = hash_addr(c, &k->src, k->sport) + hash_addr(c, &k->dst, k->dport);
    return hash_mix(ends ^ k->context, (uint64_t)k->proto << 16 | (k->vlan_count && !c->any_vlan ? k->vlan[0] : 0));
}

static void key_of(const struct decode_tunnel *t, uint64_t context, struct flow_key *k)
{
    *k = (struct flow_key){.src = t->src, .dst = t->dst, .sport = t->sport, .dport = t->dport, .proto = t->proto};
    k->context = context;
    k->vlan_count = t->vlan_count < DECODE_VLAN_MAX ? t->vlan_count : DECODE_VLAN_MAX;
    for (unsigned i = 0; i < k->vlan_count; i++)
        k->vlan[i] = t->vlan[i];
}

static bool same_path(const struct carriers *c, const struct flow_key *a, const struct flow_key *b)
{
    if (a->proto != b->proto || a->context != b->context)
        return false;
    if (a->vlan_count != b->vlan_count || c->any_vlan)
        return c->any_vlan;
    return memcmp(a->vlan, b->vlan, a->vlan_count * sizeof a->vlan[0]) == 0;
}

static struct session *session_look(const struct carriers *c, const struct flow_key *k, uint64_t hash,
                                    enum flow_dir *dir)
{
    for (struct session *s = c->sessions[hash % BUCKETS]; s; s = s->hash_next) {
        if (s->hash != hash || !same_path(c, &s->key, k))
            continue;
        *dir = TO_SERVER;
        if (s->key.sport == k->sport && s->key.dport == k->dport && addr_equal(&s->key.src, &k->src) &&
            addr_equal(&s->key.dst, &k->dst))
            return s;
        *dir = TO_CLIENT;
        if (s->key.sport == k->dport && s->key.dport == k->sport && addr_equal(&s->key.src, &k->dst) &&
            addr_equal(&s->key.dst, &k->src))
            return s;
    }
    return NULL;
}

/* The session of a tunnel's outer packet, found or begun. layer: tunnels around it. */
static struct session *session_get(struct carriers *c, const struct flow_key *k, unsigned layer, uint64_t number,
                                   uint64_t now_ns, enum flow_dir *dir)
{
    uint64_t hash = key_hash(c, k);
    struct session *s = session_look(c, k, hash, dir);
    if (s && expired(c, s, now_ns)) {
        session_end(c, s);
        s = NULL;
    }
    if (!s) {
        if (c->count >= CARRIERS_MAX) {
            c->forced++;
            session_end(c, c->oldest);
        }
        s = calloc(1, sizeof *s);
        if (!s)
            return NULL;
        s->key = *k;
        s->hash = hash;
        s->id = flow_id_make(number, layer ? FLOW_ID_SUB_LAYERS + layer : 0);
        s->hash_next = c->sessions[hash % BUCKETS];
        c->sessions[hash % BUCKETS] = s;
        c->count++;
        *dir = TO_SERVER;
    } else {
        age_remove(c, s);
    }
    age_append(c, s);
    s->last_now = now_ns;
    s->last_number = number;
    s->seen[*dir] = true;
    return s;
}

/* What both directions of the tunnel have in common, with what is around it. */
static uint64_t context_of(const struct carriers *c, const struct decode_tunnel *t, uint64_t around)
{
    if (!c->track)
        return 0;
    uint64_t what = 0;
    switch (t->type) {
    case TUNNEL_VXLAN:
    case TUNNEL_VXLAN_GPE:
    case TUNNEL_GENEVE:
        what = t->id;
        break;
    case TUNNEL_6TO4:
    case TUNNEL_TEREDO: /* their inner addresses are the Internet's, and packets of a flow come through other relays */
        break;
    case TUNNEL_GRE:
    case TUNNEL_GRE_UDP:
        if (t->has_id) {
            what = hash_mix(c->seed, t->id);
            break;
        } /* fall through */
    default:
        what = hash_addr(c, &t->src, 0) + hash_addr(c, &t->dst, 0);
    }
    return hash_mix(around ^ c->seed, what ^ (uint64_t)t->type << 56) | FLOW_CONTEXT_IP;
}

static void fill_link(struct tunnel_link *l, const struct session *s, const struct decode_tunnel *t,
                      const struct tunnel_link *around)
{
    uint32_t depth = around ? around->depth : 0;
    l->depth = depth + 1;
    l->has_id = t->has_id;
    l->id = t->id;
    l->parent_flow_id = s->id;
    l->root_flow_id = around ? around->root_flow_id : s->id;
    l->address_source = ADDRESS_PACKET;
    l->host = l->user = "";
    if (depth)
        memcpy(l->path, around->path, depth * sizeof l->path[0]);
    l->path[depth] = (struct tunnel_hop){.type = decode_tunnel_name((enum decode_tunnel_type)t->type),
                                         .source = decode_tunnel_source((enum decode_tunnel_type)t->type),
                                         .flow_id = s->id,
                                         .src = s->key.src,
                                         .dst = s->key.dst,
                                         .sport = s->key.sport,
                                         .dport = s->key.dport,
                                         .proto = s->key.proto};
}

/* The quietest sessions go; one of this very packet's only loses what was in it. */
static void make_room(struct carriers *c, uint64_t number)
{
    c->forced++;
    while (c->inside_count >= CARRIERS_INSIDE_MAX && c->oldest->last_number != number)
        session_end(c, c->oldest);
    if (c->inside_count >= CARRIERS_INSIDE_MAX)
        forget_insides(c, c->oldest);
}

static struct carrier_inside *inside_make(struct carriers *c, struct session *s, const struct decode_tunnel *t,
                                          const struct carrier_inside *around, uint64_t hash)
{
    if (c->inside_count >= CARRIERS_INSIDE_MAX)
        make_room(c, s->last_number);
    uint32_t depth = around ? around->link.depth + 1 : 1;
    struct carrier_inside *in = calloc(1, sizeof *in + depth * sizeof in->link.path[0]);
    if (!in)
        return NULL;
    in->session = s;
    in->hash = hash;
    in->type = t->type;
    in->context = context_of(c, t, around ? around->context : 0);
    fill_link(&in->link, s, t, around ? &around->link : NULL);
    in->next = s->insides;
    s->insides = in;
    in->hash_next = c->insides[hash % BUCKETS];
    c->insides[hash % BUCKETS] = in;
    c->inside_count++;
    return in;
}

static struct carrier_inside *inside_get(struct carriers *c, struct session *s, const struct decode_tunnel *t,
                                         const struct carrier_inside *around)
{
    uint64_t hash = hash_mix(s->id ^ c->seed, (uint64_t)t->type << 33 | (uint64_t)t->has_id << 32 | t->id);
    for (struct carrier_inside *in = c->insides[hash % BUCKETS]; in; in = in->hash_next)
        if (in->session == s && in->type == t->type && in->link.id == t->id && in->link.has_id == t->has_id)
            return in;
    return inside_make(c, s, t, around, hash);
}

static void sweep(struct carriers *c, uint64_t now_ns)
{
    for (unsigned i = 0; i < LOOK_MOST && c->oldest && expired(c, c->oldest, now_ns); i++)
        session_end(c, c->oldest);
}

enum carriers_result carriers_find(struct carriers *c, const struct decoded *d, uint64_t number, uint64_t now_ns,
                                   struct carriers_found *found)
{
    enum carriers_result r = CARRIERS_KNOWN;
    found->count = 0;
    sweep(c, now_ns);
    struct carrier_inside *around = NULL;
    for (unsigned k = 0; k < d->tunnel_count && r == CARRIERS_KNOWN; k++) {
        const struct decode_tunnel *t = &d->tunnels[k];
        struct flow_key key;
        enum flow_dir dir;
        key_of(t, around ? around->context : 0, &key);
        struct session *s = session_get(c, &key, k, number, now_ns, &dir);
        if (s && t->doubtful)
            s->told[dir] = true;
        if (s && t->doubtful && !s->told[flow_dir_other(dir)]) {
            found->doubtful_id = s->id;
            r = CARRIERS_DOUBT;
            break;
        }
        around = s ? inside_get(c, s, t, around) : NULL;
        if (!around) {
            r = CARRIERS_FULL;
            break;
        }
        around->held++;
        found->id[k] = s->id;
        found->inside[k] = around;
        found->count++;
    }
    if (r != CARRIERS_KNOWN)
        carriers_let_go(found);
    return r;
}

static void inside_put(struct carrier_inside *in)
{
    if (--in->held == 0 && !in->session)
        free(in);
}

void carriers_let_go(struct carriers_found *found)
{
    for (unsigned k = 0; k < found->count; k++)
        inside_put(found->inside[k]);
    found->count = 0;
}

uint64_t carriers_context(const struct carrier_inside *in)
{
    return in->context;
}

const struct tunnel_link *carriers_link(struct carrier_inside *in)
{
    if (!in)
        return NULL;
    in->held++;
    return &in->link;
}

void carriers_put(const struct tunnel_link *link)
{
    if (link)
        inside_put((struct carrier_inside *)((uintptr_t)link - offsetof(struct carrier_inside, link)));
}

uint64_t carriers_count(const struct carriers *c)
{
    return c->count;
}

uint64_t carriers_forced(const struct carriers *c)
{
    return c->forced;
}
