/* Which rules are looked at when. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

/* Different sets of server ports that classes are made of. */
#define ASKED_MAX 1024u

bool rule_list_add(struct rule_list *l, uint32_t rule)
{
    if (l->count == l->room) {
        uint32_t room = l->room ? l->room * 2 : 64;
        uint32_t *more = realloc(l->rules, room * sizeof *more);
        if (!more)
            return false;
        l->rules = more;
        l->room = room;
    }
    l->rules[l->count++] = rule;
    return true;
}

static bool packet_rule_add(struct packet_rules *l, const struct rule *r)
{
    if (l->count == l->room) {
        uint32_t room = l->room ? l->room * 2 : 8;
        struct packet_rule *more = realloc(l->at, room * sizeof *more);
        if (!more)
            return false;
        l->at = more;
        l->room = room;
    }
    struct packet_rule added = {.rule = r->index};
    for (uint32_t i = 0; i < r->packet.count && !added.flags; i++)
        added.flags = r->packet.m[i].kind == MATCH_TCP_FLAGS ? r->packet.m[i].flags : NULL;
    struct packet_rule *at = &l->at[l->count++];
    if (!added.flags) {
        *at = l->at[l->plain];
        at = &l->at[l->plain++];
    }
    *at = added;
    for (unsigned flags = 0; added.flags && flags < 256; flags++)
        if (look_flags_match(added.flags, (uint8_t)flags))
            l->flags[flags >> 6] |= UINT64_C(1) << (flags & 63);
    return true;
}

static bool of_tx(unsigned buffer)
{
    const struct detect_buffer *b = detect_buffer(buffer);
    return buffer >= BUFFER_FIRST && b && !(b->flags & (BUFFER_PACKET | BUFFER_FLOW));
}

static bool is_tx_field(enum detect_field f)
{
    return f >= FIELD_FILESIZE && f < FIELD_NONE;
}

static bool is_late(const struct match *m)
{
    return m->kind == MATCH_TLS_VERSION || m->kind == MATCH_SSL_STATE || m->kind == MATCH_TLS_EXPIRED ||
           m->kind == MATCH_DATE || m->kind == MATCH_FILEHASH ||
           (m->kind == MATCH_FIELD && is_tx_field(m->field->field));
}

static enum rule_scope scope_of(const struct rule *r)
{
    enum rule_scope scope = (r->hook && r->app) || files_stores(r) ? SCOPE_TX : SCOPE_PACKET;
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match *m = &r->packet.m[i];
        if (m->kind == MATCH_NEVER)
            return SCOPE_NEVER;
        if (m->kind == MATCH_APP_EVENT)
            scope = SCOPE_APP_EVENT;
        else if (m->kind == MATCH_DECODE_EVENT || m->kind == MATCH_STREAM_EVENT)
            scope = SCOPE_EVENT;
        else if (is_late(m))
            scope = SCOPE_TX;
    }
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (of_tx(r->buffers[i].buffer))
            scope = SCOPE_TX;
    return scope;
}

/* Can packets of this protocol match what the rule says of ip_proto? */
static bool asks_for(const struct rule *r, uint8_t ip_proto)
{
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match *m = &r->packet.m[i];
        if (m->kind == MATCH_IP_PROTO && !look_compare(m->ip_proto->op, ip_proto, m->ip_proto->proto))
            return false;
    }
    return true;
}

static bool of_group(const struct rule *r, enum detect_group g)
{
    bool tcp = r->any_ip_proto || (r->ip_protos[0] >> 6 & 1), udp = r->any_ip_proto || (r->ip_protos[0] >> 17 & 1);
    if (g == GROUP_TCP)
        return tcp && asks_for(r, 6);
    if (g == GROUP_UDP)
        return udp && asks_for(r, 17);
    return r->any_ip_proto || (r->ip_protos[0] & ~(1ull << 6 | 1ull << 17)) || r->ip_protos[1] || r->ip_protos[2] ||
           r->ip_protos[3];
}

static bool of_dir(const struct rule *r, int dir)
{
    uint32_t both = r->flags & (RULE_TO_SERVER | RULE_TO_CLIENT);
    if (!both || both == (RULE_TO_SERVER | RULE_TO_CLIENT))
        return true;
    return both == (dir == TO_SERVER ? RULE_TO_SERVER : RULE_TO_CLIENT);
}

/* Of contents that all must be there a long one is the better to be searched for. */
static const struct match_content *longer(const struct rule_buffer *b, const struct match_content *c)
{
    if (slot_searchable(c).n >= SLOT_SHORT_MAX)
        return c;
    for (uint32_t i = 0; i < b->matches.count; i++) {
        const struct match_content *x = b->matches.m[i].kind == MATCH_CONTENT ? b->matches.m[i].content : NULL;
        if (x && !x->negated && slot_searchable(x).n > slot_searchable(c).n)
            c = x;
    }
    return c;
}

static bool asks_absence(const struct rule_buffer *b)
{
    for (uint32_t i = 0; i < b->matches.count; i++)
        if (b->matches.m[i].kind == MATCH_ABSENT)
            return true;
    return false;
}

/* The content that must be there for the rule to match; NULL: there is none that can be searched for. */
static const struct match_content *fast_of(const struct rule *r, const struct rule_buffer **at)
{
    if (!r->fast.has || r->fast.buffer >= r->buffer_count)
        return NULL;
    const struct rule_buffer *b = &r->buffers[r->fast.buffer];
    if (r->fast.match >= b->matches.count || b->matches.m[r->fast.match].kind != MATCH_CONTENT)
        return NULL;
    const struct match_content *c = b->matches.m[r->fast.match].content;
    bool packet = b->buffer >= BUFFER_FIRST && !of_tx(b->buffer);
    if (c->negated || b->buffer == BUFFER_BASE64 || packet || !slot_searchable(c).n)
        return NULL;
    if (asks_absence(b))
        return NULL;
    *at = b;
    return longer(b, c);
}

/* A buffer's dirs say where it is looked at; a rule may want one of them only. */
static bool use_in_dir(const struct rule_buffer *b, int dir)
{
    return !b->dirs || (b->dirs & (dir == TO_SERVER ? DETECT_TO_SERVER : DETECT_TO_CLIENT));
}

/* Asks only what stays the same as long as the flow lives: looked at once for each direction. */
static bool is_constant(const struct rule *r)
{
    if ((r->flags & RULE_WHOLE_FLOW) && r->buffer_count == 0)
        return true;
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (!(detect_buffer(r->buffers[i].buffer)->flags & BUFFER_FLOW))
            return false;
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match *m = &r->packet.m[i];
        bool link =
            m->kind == MATCH_TUNNEL_TYPE || m->kind == MATCH_ADDRESS_SOURCE ||
            (m->kind == MATCH_FIELD && (m->field->field == FIELD_TUNNEL_DEPTH || m->field->field == FIELD_TUNNEL_ID));
        if (!link)
            return false;
    }
    return r->buffer_count + r->packet.count > 0;
}

/* The ports that decide the class: the server's. NULL: any. */
static const struct rule_ports *server_ports(const struct rule *r, int dir)
{
    const struct rule_ports *p = dir == TO_SERVER ? r->dport : r->sport;
    return (r->flags & RULE_BIDIRECTIONAL) || !p || !ports_narrow(p) ? NULL : p;
}

/* Is there a port of the class that the rule asks for? */
static bool of_class(const struct detect *d, const struct rule_ports *p, int g, int dir, unsigned klass)
{
    const uint8_t *class_of = d->port_class[g][dir];
    if (!p || !class_of)
        return true;
    for (uint32_t i = 0; i < p->count; i++)
        for (uint32_t port = p->ranges[i].first; port <= p->ranges[i].last; port++)
            if (class_of[port] == klass)
                return true;
    return false;
}

/* A content near the payload's beginning, which must be there, too: the longest. NULL: there is none that says much. */
static const struct match_content *near_content(const struct rule_buffer *b)
{
    const struct match_content *best = NULL;
    for (uint32_t i = 0; i < b->matches.count; i++) {
        const struct match_content *c = b->matches.m[i].kind == MATCH_CONTENT ? b->matches.m[i].content : NULL;
        struct pattern_place place = c && !c->negated ? place_of(b, c) : (struct pattern_place){0};
        bool tells = place.starts == 1 || (place.reach && c->len >= SLOT_SHORT_MAX);
        if (tells && (!best || slot_searchable(c).n > slot_searchable(best).n))
            best = c;
    }
    return best;
}

static bool is_everywhere(struct slot_where w)
{
    return w.group == GROUP_TCP && !w.place.reach && !w.most;
}

/* TCP: what is looked for in the stream is searched there; in each packet what is looked for beside it, if possible
 * only for what is near the beginning. */
static bool add_payload(struct detect *d, const struct rule *r, const struct match_content *c,
                        const struct rule_buffer *b, struct slot_where w)
{
    bool everywhere = is_everywhere(w);
    if (!everywhere || (look_in_stream(r) && !w.of_app)) {
        if (!slot_add(d, r, c, b, w))
            return false;
    }
    if (!everywhere || !look_beside_stream(r, b))
        return true;
    const struct match_content *near = near_content(b);
    w.place = near ? place_of(b, near) : w.place;
    w.packet = !near; /* what is near is searched in packets anyway */
    return slot_add(d, r, near ? near : c, b, w);
}

/* The class of rules for these protocols; -1: there are too many. */
static int app_class_for(struct detect *d, uint64_t apps)
{
    for (unsigned i = 0; i < APP_CLASSES; i++) {
        if (d->app_class[i] && d->app_class[i] != apps)
            continue;
        d->app_class[i] = apps;
        for (unsigned app = 1; app < DETECT_APP_COUNT; app++)
            if (d->app_is[app] & apps)
                d->classes_of[app] |= (uint8_t)(1u << i);
        return (int)i;
    }
    return -1;
}

static bool add_to_app(struct detect *d, const struct rule *r, const struct match_content *c,
                       const struct rule_buffer *b, struct slot_where *w)
{
    bool apart = r->app_set && !(r->app_set & detect_app_flows(APP_HTTP)) && is_everywhere(*w) && look_in_stream(r);
    int i = apart ? app_class_for(d, r->app_set) : -1;
    if (i < 0)
        return true;
    w->of_app = true;
    w->klass = (uint8_t)(PORTS_CLASSES + (unsigned)i);
    return slot_add(d, r, c, b, *w);
}

/* Does the rule look at segments only that are few, as their flags are not those of data? Then these are soon told from
 * the others. */
static bool asks_rare_flags(const struct rule *r, struct slot_where w)
{
    if (w.group != GROUP_TCP || look_in_stream(r))
        return false;
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match_flags *f = r->packet.m[i].kind == MATCH_TCP_FLAGS ? r->packet.m[i].flags : NULL;
        if (f && !look_flags_match(f, TCP_ACK) && !look_flags_match(f, TCP_ACK | TCP_PSH))
            return true;
    }
    return false;
}

static bool add_to_classes(struct detect *d, const struct rule *r, const struct match_content *c,
                           const struct rule_buffer *b, struct slot_where w)
{
    unsigned classes = d->port_class[w.group][w.dir] ? PORTS_CLASSES : 1;
    const struct rule_ports *p = server_ports(r, w.dir);
    bool ok = true, bytes = false;
    for (uint32_t i = 0; i < r->buffer_count; i++)
        bytes |= r->buffers[i].buffer == BUFFER_PAYLOAD && r->buffers[i].matches.count > 0;
    if (c && asks_rare_flags(r, w)) {
        c = NULL;
        bytes = false;
    }
    if (c) {
        w.place = place_of(b, c);
        w.most = place_payload_most(r);
        ok = add_to_app(d, r, c, b, &w);
    }
    for (w.klass = 0; ok && w.klass < classes; w.klass++) {
        if (!of_class(d, p, w.group, w.dir, w.klass))
            continue;
        struct port_class *class = &d->classes[w.group][w.dir][w.klass];
        ok = c       ? add_payload(d, r, c, b, w)
             : bytes ? rule_list_add(&class->payload, r->index)
                     : packet_rule_add(&class->packet, r);
    }
    return ok;
}

static bool add_packet_rule(struct detect *d, const struct rule *r)
{
    const struct rule_buffer *b = NULL;
    const struct match_content *c = fast_of(r, &b);
    bool ok = true;
    for (int dir = 0; ok && dir < 2; dir++) {
        if (!of_dir(r, dir))
            continue;
        if (is_constant(r)) {
            ok = rule_list_add(r->app_set || r->type == RULE_TYPE_PROTO_ONLY ? &d->whole_app[dir] : &d->whole[dir],
                               r->index);
            continue;
        }
        for (int g = 0; ok && g < GROUP_COUNT; g++)
            if (of_group(r, (enum detect_group)g))
                ok = add_to_classes(d, r, c, b, (struct slot_where){.dir = (uint8_t)dir, .group = (uint8_t)g});
    }
    return ok;
}

/* When a rule without a fast pattern is looked at first: when one more of its buffers would be final it waits. */
static unsigned level_of(const struct detect *d, const struct rule *r, unsigned app, int dir)
{
    unsigned level = d->late[r->index] ? TX_DONE : TX_LINE;
    for (uint32_t i = 0; i < r->buffer_count; i++) {
        const struct rule_buffer *b = &r->buffers[i];
        if (!of_tx(b->buffer) || !use_in_dir(b, dir))
            continue;
        unsigned ready = d->ready[app][b->buffer];
        if (ready > level || !ready)
            level = ready ? ready : TX_DONE;
    }
    return level;
}

/* It counts though the rest of the rule does not match. */
static bool has_dataset(const struct rule_buffer *b)
{
    for (uint32_t i = 0; i < b->matches.count; i++)
        if (b->matches.m[i].kind == MATCH_DATASET)
            return true;
    return false;
}

static bool only_matches(const struct rule_buffer *b)
{
    return !has_dataset(b) && b->transform_count == 0;
}

/* Does a part of the rule count though the rest of it does not match? */
static bool counts_alone(const struct rule *r)
{
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (has_dataset(&r->buffers[i]))
            return true;
    return false;
}

/* The longest content of the rule that must be in a buffer of the transaction; NULL: there is none, or the rule is to
 * be looked at without it, too. One with => looks at payload of both directions. */
static const struct match_content *tx_content(const struct rule *r, const struct rule_buffer **at)
{
    const struct match_content *best = NULL;
    bool elsewhere = (r->flags & RULE_TRANSACTIONAL) || counts_alone(r);
    for (uint32_t i = 0; i < r->buffer_count && !elsewhere; i++) {
        const struct rule_buffer *b = &r->buffers[i];
        if (!of_tx(b->buffer) || asks_absence(b))
            continue;
        for (uint32_t k = 0; k < b->matches.count; k++) {
            const struct match_content *c = b->matches.m[k].kind == MATCH_CONTENT ? b->matches.m[k].content : NULL;
            if (!c || c->negated || !c->len || (best && c->len <= best->len))
                continue;
            best = c;
            *at = b;
        }
    }
    return best;
}

/* A rule that must find something in payload, too, is looked at in many transactions; but that is searched for it. */
static bool add_sought(struct detect *d, const struct rule *r, const struct match_content *c,
                       const struct rule_buffer *b)
{
    bool ok = true;
    if (!only_matches(b))
        return true;
    d->tx_sought[r->index] = counts_alone(r) ? SOUGHT : SOUGHT_DECIDES;
    for (int dir = 0; ok && dir < 2; dir++)
        ok = slot_add(d, r, c, b, (struct slot_where){.dir = (uint8_t)dir, .of_tx = true});
    return ok;
}

/* What is searched for decides in which transactions the rule is looked at: in payload it can't, as that is not the
 * transaction's alone. */
static bool add_tx_rule(struct detect *d, const struct rule *r)
{
    const struct rule_buffer *b = NULL;
    const struct match_content *c = fast_of(r, &b);
    bool ok = true;
    if (c && (b->buffer == BUFFER_PAYLOAD || b->buffer == BUFFER_BASE64)) {
        ok = b->buffer != BUFFER_PAYLOAD || add_sought(d, r, c, b);
        c = tx_content(r, &b);
    }
    for (int dir = 0; ok && dir < 2; dir++) {
        if (!of_dir(r, dir))
            continue;
        if (c) {
            ok = !use_in_dir(b, dir) || slot_add(d, r, c, b, (struct slot_where){.dir = (uint8_t)dir});
            continue;
        }
        for (unsigned app = 1; ok && app < DETECT_APP_COUNT; app++)
            if (!r->app_set || (r->app_set & d->app_is[app]))
                ok = rule_list_add(&d->tx[app][dir][level_of(d, r, app, dir)], r->index);
    }
    return ok;
}

static bool add_rule(struct detect *d, const struct rule *r)
{
    for (uint32_t i = 0; i < r->packet.count; i++)
        d->late[r->index] |= is_late(&r->packet.m[i]);
    bool in_bytes = d->scopes[r->index] == SCOPE_PACKET || d->scopes[r->index] == SCOPE_TX;
    for (uint32_t i = 0; i < r->buffer_count; i++) {
        d->uses[r->buffers[i].buffer] = true;
        d->want_window |= in_bytes && r->buffers[i].buffer == BUFFER_PAYLOAD;
    }
    switch (d->scopes[r->index]) {
    case SCOPE_PACKET:
        return add_packet_rule(d, r);
    case SCOPE_TX:
        return add_tx_rule(d, r);
    case SCOPE_EVENT:
        return rule_list_add(&d->events, r->index);
    case SCOPE_APP_EVENT:
        return rule_list_add(&d->app_events, r->index);
    default:
        return true;
    }
}

static bool ask_ready(struct detect *d, detect_ready_fn *ready)
{
    for (unsigned app = 0; app < DETECT_APP_COUNT; app++) {
        d->ready[app] = calloc(detect_buffer_count(), 1);
        if (!d->ready[app])
            return false;
        for (unsigned b = BUFFER_FIRST; b < detect_buffer_count(); b++)
            d->ready[app][b] = ready((enum detect_app)app, b);
    }
    return true;
}

/* The sets of server ports that packet rules of a group and direction ask for. */
struct asked {
    struct ports_asked *sets; /* ASKED_MAX */
    uint32_t *place;          /* of each set of the rules' headers: in sets, and 1 */
    uint32_t count;
};

static void ask(struct asked *a, const struct rule_ports *p)
{
    uint32_t *at = &a->place[p->number];
    if (!*at && a->count < ASKED_MAX) {
        a->sets[a->count++].ports = p;
        *at = a->count;
    }
    /* A rule whose ports have no place here is in the classes that its ports happen to be of. */
    if (*at)
        a->sets[*at - 1].rules++;
}

static void ask_all(const struct detect *d, struct asked asked[GROUP_UDP + 1][2])
{
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        ruleset_soon(d->set, i);
        const struct rule *r = d->set->rules[i];
        for (int dir = 0; dir < 2 && d->scopes[i] == SCOPE_PACKET; dir++) {
            const struct rule_ports *p = server_ports(r, dir);
            for (int g = 0; g <= GROUP_UDP && p && of_dir(r, dir); g++)
                if (of_group(r, (enum detect_group)g))
                    ask(&asked[g][dir], p);
        }
    }
}

/* Classes of the server ports. */
static int classify(struct detect *d)
{
    struct asked asked[GROUP_UDP + 1][2] = {{{0}}};
    int r = 0;
    for (int i = 0; i < (GROUP_UDP + 1) * 2; i++) {
        struct asked *a = &asked[i / 2][i % 2];
        a->sets = calloc(ASKED_MAX, sizeof *a->sets);
        a->place = calloc(d->set->set_count + 1, sizeof *a->place);
        if (!a->sets || !a->place)
            r = -ENOMEM;
    }
    if (r == 0)
        ask_all(d, asked);
    for (int i = 0; i < (GROUP_UDP + 1) * 2; i++) {
        struct asked *a = &asked[i / 2][i % 2];
        if (r == 0 && a->count)
            r = ports_classify(a->sets, a->count, &d->port_class[i / 2][i % 2]);
        free(a->sets);
        free(a->place);
    }
    return r;
}

static void list_payloads(struct detect *d)
{
    d->tx_payload[0] = d->tx_payload[1] = -1;
    for (int g = 0; g < GROUP_COUNT; g++)
        for (int dir = 0; dir < 2; dir++)
            for (unsigned i = 0; i < PORTS_CLASSES + APP_CLASSES; i++) {
                struct port_class *c = &d->classes[g][dir][i];
                for (unsigned kind = 0; kind < SLOT_KINDS; kind++)
                    c->slot[kind] = -1;
                c->beside = -1;
            }
    for (uint32_t i = 0; i < d->slot_count; i++) {
        const struct slot *s = &d->slots[i];
        if (s->kind == SLOT_OF_TX)
            d->tx_payload[s->dir] = (int32_t)i;
        if (s->buffer != BUFFER_PAYLOAD || s->kind == SLOT_OF_TX)
            continue;
        struct port_class *c = &d->classes[s->group][s->dir][s->klass];
        *(s->packet ? &c->beside : &c->slot[s->kind]) = (int32_t)i;
    }
}

/* What is searched in transactions of each protocol. */
static bool list_slots(struct detect *d)
{
    for (unsigned app = 1; app < DETECT_APP_COUNT; app++)
        for (uint32_t i = 0; i < d->slot_count; i++) {
            const struct slot *s = &d->slots[i];
            bool has = d->ready[app][s->buffer] && (!s->apps || (s->apps & d->app_is[app]));
            if (has && !rule_list_add(&d->tx_slots[app][s->dir], i))
                return false;
        }
    return true;
}

int detect_group_rules(struct detect *d, detect_ready_fn *ready)
{
    d->scopes = calloc(d->set->rule_count + 1, 1);
    d->late = calloc(d->set->rule_count + 1, 1);
    d->uses = calloc(detect_buffer_count(), 1);
    d->tx_sought = calloc(d->set->rule_count + 1, 1);
    if (!d->scopes || !d->tx_sought || !d->uses || !d->late || !ask_ready(d, ready))
        return -ENOMEM;
    for (unsigned flow = 1; flow < DETECT_APP_COUNT; flow++)
        for (unsigned wanted = 1; wanted < DETECT_APP_COUNT; wanted++)
            if (detect_app_is((enum detect_app)flow, (enum detect_app)wanted))
                d->app_is[flow] |= DETECT_APP_BIT(wanted);
    if (headers_number(d) != 0 || ends_divide(d) != 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        ruleset_soon(d->set, i);
        d->scopes[i] = (uint8_t)scope_of(d->set->rules[i]);
    }
    if (classify(d) != 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->set->rule_count; i++) {
        ruleset_soon(d->set, i);
        if (!add_rule(d, d->set->rules[i]))
            return -ENOMEM;
    }
    list_payloads(d);
    return list_slots(d) ? 0 : -ENOMEM;
}
