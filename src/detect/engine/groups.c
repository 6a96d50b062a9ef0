/* Which rules are looked at when. */
#include <errno.h>
#include <stdlib.h>

#include "detect/engine/private.h"

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
           m->kind == MATCH_DATE || (m->kind == MATCH_FIELD && is_tx_field(m->field->field));
}

static enum rule_scope scope_of(const struct rule *r)
{
    enum rule_scope scope = SCOPE_PACKET;
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

static bool of_group(const struct rule *r, enum detect_group g)
{
    if (r->any_ip_proto)
        return true;
    bool tcp = r->ip_protos[0] >> 6 & 1, udp = r->ip_protos[0] >> 17 & 1;
    if (g == GROUP_TCP)
        return tcp;
    if (g == GROUP_UDP)
        return udp;
    return (r->ip_protos[0] & ~(1ull << 6 | 1ull << 17)) || r->ip_protos[1] || r->ip_protos[2] || r->ip_protos[3];
}

static bool of_dir(const struct rule *r, int dir)
{
    uint32_t both = r->flags & (RULE_TO_SERVER | RULE_TO_CLIENT);
    if (!both || both == (RULE_TO_SERVER | RULE_TO_CLIENT))
        return true;
    return both == (dir == TO_SERVER ? RULE_TO_SERVER : RULE_TO_CLIENT);
}

static bool same_transforms(const struct slot *s, const struct rule_buffer *b)
{
    if (s->transform_count != b->transform_count)
        return false;
    for (unsigned i = 0; i < b->transform_count; i++) {
        const struct transform *x = &s->transforms[i], *y = &b->transforms[i];
        if (x->kind != y->kind || x->len != y->len || x->pcre_id != y->pcre_id || x->offset != y->offset ||
            x->most != y->most || x->has_most != y->has_most || x->truncate != y->truncate || x->mode != y->mode ||
            (x->len && memcmp(x->bytes, y->bytes, x->len) != 0))
            return false;
    }
    return true;
}

static struct slot *slot_for(struct detect *d, const struct rule_buffer *b, int dir, enum detect_group g)
{
    for (uint32_t i = 0; i < d->slot_count; i++) {
        struct slot *s = &d->slots[i];
        if (s->buffer == b->buffer && s->dir == dir && s->group == g && same_transforms(s, b))
            return s;
    }
    if (d->slot_count == d->slot_room) {
        uint32_t room = d->slot_room ? d->slot_room * 2 : 32;
        struct slot *more = realloc(d->slots, room * sizeof *more);
        if (!more)
            return NULL;
        d->slots = more;
        d->slot_room = room;
    }
    struct slot *s = &d->slots[d->slot_count++];
    *s = (struct slot){.buffer = b->buffer,
                       .dir = (uint8_t)dir,
                       .group = (uint8_t)g,
                       .transform_count = b->transform_count,
                       .transforms = b->transforms};
    return s;
}

/* The part of a content that is searched for. Vectorscan takes no literal that begins with a zero byte: they are left
 * out, and what follows them is searched for. */
static struct inspect_bytes searchable(const struct match_content *c)
{
    bool part = c->fast_len && c->fast_offset + c->fast_len <= c->len;
    struct inspect_bytes b = {c->bytes + (part ? c->fast_offset : 0), part ? c->fast_len : c->len};
    while (b.n && b.p[0] == 0) {
        b.p++;
        b.n--;
    }
    return b;
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
    if (c->negated || b->buffer == BUFFER_BASE64 || packet || !searchable(c).n)
        return NULL;
    for (uint32_t i = 0; i < b->matches.count; i++)
        if (b->matches.m[i].kind == MATCH_ABSENT)
            return NULL;
    *at = b;
    return c;
}

static bool add_pattern(struct detect *d, const struct rule *r, const struct match_content *c,
                        const struct rule_buffer *b, int dir, enum detect_group g)
{
    struct slot *s = slot_for(d, b, dir, g);
    if (!s)
        return false;
    if (s->count == s->room) {
        uint32_t room = s->room ? s->room * 2 : 64;
        struct slot_entry *more = realloc(s->entries, room * sizeof *more);
        if (!more)
            return false;
        s->entries = more;
        s->room = room;
    }
    struct inspect_bytes what = searchable(c);
    s->entries[s->count++] =
        (struct slot_entry){.p = what.p, .len = (uint16_t)what.n, .nocase = c->nocase, .rule = r->index};
    if (what.n > s->longest)
        s->longest = (uint32_t)what.n;
    s->apps = s->count > 1 && !s->apps ? 0 : r->app_set ? s->apps | r->app_set : 0;
    return true;
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

static bool add_packet_rule(struct detect *d, const struct rule *r)
{
    const struct rule_buffer *b = NULL;
    const struct match_content *c = fast_of(r, &b);
    bool ok = true;
    for (int dir = 0; ok && dir < 2; dir++) {
        if (!of_dir(r, dir))
            continue;
        if (is_constant(r)) {
            ok = rule_list_add(r->app_set ? &d->whole_app[dir] : &d->whole[dir], r->index);
            continue;
        }
        for (int g = 0; ok && g < GROUP_COUNT; g++) {
            if (!of_group(r, (enum detect_group)g))
                continue;
            ok = c ? add_pattern(d, r, c, b, dir, (enum detect_group)g) : rule_list_add(&d->packet[g][dir], r->index);
        }
    }
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (r->buffers[i].buffer == BUFFER_PAYLOAD)
            d->want_window = true;
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

static bool add_tx_rule(struct detect *d, const struct rule *r)
{
    const struct rule_buffer *b = NULL;
    const struct match_content *c = fast_of(r, &b);
    if (c && (b->buffer == BUFFER_PAYLOAD || b->buffer == BUFFER_BASE64))
        c = NULL;
    bool ok = true;
    for (int dir = 0; ok && dir < 2; dir++) {
        if (!of_dir(r, dir))
            continue;
        if (c) {
            ok = !use_in_dir(b, dir) || add_pattern(d, r, c, b, dir, GROUP_TCP);
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
    enum rule_scope scope = scope_of(r);
    d->scopes[r->index] = (uint8_t)scope;
    for (uint32_t i = 0; i < r->packet.count; i++)
        d->late[r->index] |= is_late(&r->packet.m[i]);
    for (uint32_t i = 0; i < r->buffer_count; i++)
        d->uses[r->buffers[i].buffer] = true;
    switch (scope) {
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
    if (!d->scopes || !d->uses || !d->late || !ask_ready(d, ready))
        return -ENOMEM;
    for (unsigned flow = 1; flow < DETECT_APP_COUNT; flow++)
        for (unsigned wanted = 1; wanted < DETECT_APP_COUNT; wanted++)
            if (detect_app_is((enum detect_app)flow, (enum detect_app)wanted))
                d->app_is[flow] |= DETECT_APP_BIT(wanted);
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        if (!add_rule(d, d->set->rules[i]))
            return -ENOMEM;
    for (int g = 0; g < GROUP_COUNT; g++)
        d->payload_slot[g][0] = d->payload_slot[g][1] = -1;
    for (uint32_t i = 0; i < d->slot_count; i++)
        if (d->slots[i].buffer == BUFFER_PAYLOAD)
            d->payload_slot[d->slots[i].group][d->slots[i].dir] = (int32_t)i;
    return list_slots(d) ? 0 : -ENOMEM;
}
