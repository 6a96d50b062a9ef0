/* The buffers of a rule: where each comes from, and whether all of them match. */
#include "core/bytes.h"
#include "detect/engine/private.h"

/* Instances of a buffer that are looked at in one transaction. */
#define INSTANCES_MAX 1024u
#define ETHER_HEADER  14u
#define ARP_LEN       28u

static bool bytes_of(const uint8_t *p, size_t n, struct inspect_bytes *out)
{
    *out = (struct inspect_bytes){p, n};
    return p != NULL;
}

static bool is_named(unsigned buffer, const char *key)
{
    return strcmp(detect_buffer(buffer)->key, key) == 0;
}

static bool addr_bytes(const struct addr *a, struct inspect_bytes *out)
{
    return a && a->family != ADDR_NONE && bytes_of(a->b, a->family == ADDR_V4 ? 4 : 16, out);
}

/* RFC 826 for Ethernet and IPv4: 28 bytes behind the EtherType and its tags. */
static bool arp_header(const struct packet *p, struct inspect_bytes *out)
{
    const struct decoded *d = &p->d;
    size_t at = ETHER_HEADER + 4u * d->vlan_count;
    if (!(d->layers & LAYER_ARP) || !d->has_mac || p->frame != d->frame || p->frame_len < at + ARP_LEN ||
        load_be16(p->frame + at - 2) != 0x0806)
        return false;
    return bytes_of(p->frame + at, ARP_LEN, out);
}

/* Headers of the packet as it was captured, and what is the flow's own. */
static bool packet_buffer(const struct look *k, unsigned buffer, struct inspect_bytes *out)
{
    const struct packet *p = k->in->packet;
    const struct tunnel_link *link = k->in->flow ? k->in->flow->link : NULL;
    if (is_named(buffer, "ip.src"))
        return addr_bytes(k->src, out);
    if (is_named(buffer, "ip.dst"))
        return addr_bytes(k->dst, out);
    if (is_named(buffer, "tunnel.host"))
        return link && link->host_len && bytes_of((const uint8_t *)link->host, link->host_len, out);
    if (is_named(buffer, "tunnel.user"))
        return link && link->user_len && bytes_of((const uint8_t *)link->user, link->user_len, out);
    if (!p || p->item.kind != ITEM_PACKET)
        return false;
    const struct decoded *d = &p->d;
    if (is_named(buffer, "ether.hdr"))
        return d->has_mac && d->frame_len >= ETHER_HEADER && bytes_of(d->frame, ETHER_HEADER, out);
    if (is_named(buffer, "arp.hdr"))
        return arp_header(p, out);
    if (!(d->layers & LAYER_IP) || !d->ip)
        return false;
    bool v4 = d->src.family == ADDR_V4;
    uint32_t head = v4 ? (uint32_t)(d->ip[0] & 15) * 4 : 40;
    if (head > d->ip_len)
        return false;
    if (is_named(buffer, "ipv4.hdr"))
        return v4 && bytes_of(d->ip, head, out);
    /* With its extension headers. */
    if (is_named(buffer, "ipv6.hdr") && d->transport > d->ip && d->transport <= d->ip + d->ip_len)
        head = (uint32_t)(d->transport - d->ip);
    if (is_named(buffer, "ipv6.hdr"))
        return !v4 && bytes_of(d->ip, head, out);
    if (is_named(buffer, "igmp.hdr"))
        return d->ip_proto == 2 && d->transport_len && bytes_of(d->transport, d->transport_len, out);
    if (!(d->layers & LAYER_TRANSPORT) || !d->transport || d->payload < d->transport)
        return false;
    size_t n = (size_t)(d->payload - d->transport);
    uint8_t proto = is_named(buffer, "tcp.hdr")      ? 6
                    : is_named(buffer, "udp.hdr")    ? 17
                    : is_named(buffer, "icmpv4.hdr") ? 1
                    : is_named(buffer, "icmpv6.hdr") ? 58
                    : is_named(buffer, "sctp.hdr")   ? 132
                                                     : 255;
    return proto == d->ip_proto && n <= d->transport_len && bytes_of(d->transport, n, out);
}

static void on_capture(void *arg, const struct pcre_capture *to, const uint8_t *p, size_t n)
{
    vars_capture(arg, to, p, n);
}

static bool on_other(void *arg, const struct match *m, const uint8_t *p, size_t n)
{
    if (m->kind == MATCH_DATASET)
        return memory_dataset(arg, m->dataset, p, n);
    /* Bytes are there. */
    return m->kind == MATCH_ABSENT && m->text && m->text->arg == 1;
}

static void count_limits(const struct detect_lane *l, const struct inspect *in)
{
    if (in->too_much)
        counter_add(l->counters, detect_n.steps, 1);
    if (in->pcre_limit)
        counter_add(l->counters, detect_n.pcre, 1);
}

/* What base64_decode made, as the rule's uses of base64_data ask. */
static bool on_decoded(void *arg)
{
    struct look *k = arg;
    struct detect_lane *l = k->l;
    for (uint32_t i = 0; i < k->rule->buffer_count; i++) {
        const struct rule_buffer *b = &k->rule->buffers[i];
        struct inspect_bytes bytes = {l->base64.data, l->base64.len};
        if (b->buffer != BUFFER_BASE64)
            continue;
        if (b->transform_count &&
            !inspect_transform(&l->pcres, b->transforms, b->transform_count, l->base64_work, &bytes))
            return false;
        struct inspect in = {.p = bytes.p ? bytes.p : (const uint8_t *)"",
                             .n = (uint32_t)bytes.n,
                             .vars = l->vars,
                             .pcres = &l->pcres,
                             .places = l->places + RULE_MATCHES_MAX,
                             .captured = on_capture,
                             .other = on_other,
                             .arg = k};
        bool is = inspect_list(&in, &b->matches);
        count_limits(l, &in);
        if (!is)
            return false;
    }
    return k->base64_matched = true;
}

/* The bytes of a stream that come before these, and what is to be found behind a place. */
struct where {
    uint64_t before;
    const void *fresh; /* inspect.fresh */
    uint32_t beyond;
};

static bool inspect_from(struct look *k, const struct rule_buffer *b, struct inspect_bytes bytes, struct where w,
                         uint32_t *far)
{
    struct detect_lane *l = k->l;
    if (b->transform_count && !inspect_transform(&l->pcres, b->transforms, b->transform_count, l->work, &bytes))
        return false;
    if (bytes.n > UINT32_MAX)
        return false;
    struct inspect in = {.p = bytes.p ? bytes.p : (const uint8_t *)"",
                         .n = (uint32_t)bytes.n,
                         .before = (int64_t)w.before,
                         .fresh = w.fresh,
                         .beyond = w.beyond,
                         .vars = l->vars,
                         .pcres = &l->pcres,
                         .places = l->places,
                         .base64 = &l->base64,
                         .captured = on_capture,
                         .decoded = on_decoded,
                         .other = on_other,
                         .arg = k};
    bool is = inspect_list(&in, &b->matches);
    count_limits(l, &in);
    if (far)
        *far = in.far;
    return is;
}

static bool inspect_bytes(struct look *k, const struct rule_buffer *b, struct inspect_bytes bytes)
{
    return inspect_from(k, b, bytes, (struct where){0}, NULL);
}

static bool looks_at_stream_only(const struct rule *r, const struct rule_buffer *b)
{
    return b->stream_only || (r->flags & RULE_TCP_STREAM) || (r->flow & RULE_FLOW_ONLY_STREAM);
}

/* As in Suricata: bytes of a tracked connection are matched in its stream, and in the packet besides by rules that give
 * positions, which in the stream count from its beginning. */
bool look_beside_stream(const struct rule *r, const struct rule_buffer *b)
{
    if (looks_at_stream_only(r, b))
        return false;
    if ((r->flags & RULE_TCP_PACKET) || (r->flow & RULE_FLOW_NO_STREAM) || r->type == RULE_TYPE_PACKET)
        return true;
    /* Positions that the loader made of a distance were none. */
    for (uint32_t i = 0; i < b->matches.count && !(r->flags & (RULE_NOTE_WITHIN | RULE_NOTE_DISTANCE)); i++) {
        const struct match_content *c = b->matches.m[i].kind == MATCH_CONTENT ? b->matches.m[i].content : NULL;
        if (c && (c->has_offset || c->has_depth || c->startswith))
            return true;
    }
    return false;
}

bool look_has_stream(const struct look *k)
{
    const struct packet *p = k->in->packet;
    return k->ip_proto == 6 && k->in->flow && (p->seen.established || (p->flags & PACKET_KEPT));
}

static bool looks_at_packet(const struct look *k, const struct rule_buffer *b)
{
    if (k->ip_proto != 6)
        return true;
    return look_has_stream(k) ? look_beside_stream(k->rule, b) : !looks_at_stream_only(k->rule, b);
}

bool look_in_stream(const struct rule *r)
{
    return !(r->flags & RULE_TCP_PACKET) && !(r->flow & RULE_FLOW_NO_STREAM) && r->type != RULE_TYPE_PACKET;
}

/* What has a place of its own in a list; NULL: it hasn't. */
static const void *placed(const struct match *m)
{
    bool is = (m->kind == MATCH_CONTENT && !m->content->negated) || (m->kind == MATCH_PCRE && !m->pcre->negated);
    return is ? m->data : NULL;
}

/* In what lay there before, a match is no new one. Then there may be another, of which one part at least ends in what
 * came: each is asked in turn. */
static bool stream_matches(struct look *k, const struct rule_buffer *b)
{
    uint32_t far = 0, old = k->stream_old;
    struct where w = {.before = stream_before(k), .beyond = old};
    if (!inspect_from(k, b, k->stream, w, &far))
        return false;
    if (far > old || !old)
        return true;
    for (uint32_t i = 0; i < b->matches.count; i++) {
        w.fresh = placed(&b->matches.m[i]);
        if (w.fresh && inspect_from(k, b, k->stream, w, NULL))
            return true;
    }
    return false;
}

/* Payload of the packet, or stream. */
static bool payload_matches(struct look *k, const struct rule_buffer *b)
{
    if (k->payload.p && looks_at_packet(k, b) && inspect_bytes(k, b, k->payload))
        return true;
    if (!k->has_stream || !look_in_stream(k->rule))
        return false;
    k->in_stream = stream_matches(k, b);
    return k->in_stream;
}

static bool absent_matches(const struct rule_buffer *b)
{
    for (uint32_t i = 0; i < b->matches.count; i++)
        if (b->matches.m[i].kind == MATCH_ABSENT)
            return true;
    return false;
}

/* Does it say of the whole buffer what can't be known of its beginning? */
static bool asks_end(const struct rule_buffer *b)
{
    for (uint32_t i = 0; i < b->matches.count; i++) {
        const struct match *m = &b->matches.m[i];
        if (m->kind == MATCH_BSIZE || m->kind == MATCH_ABSENT || (m->kind == MATCH_ISDATAAT && m->isdataat->negated) ||
            (m->kind == MATCH_CONTENT && (m->content->negated || m->content->endswith)) ||
            (m->kind == MATCH_PCRE && m->pcre->negated))
            return true;
    }
    return b->transform_count > 0;
}

/* A rule with => is about requests and responses at once, each in buffers of its own. */
static enum flow_dir dir_of(const struct look *k, const struct rule_buffer *b)
{
    if (!(k->rule->flags & RULE_TRANSACTIONAL))
        return k->dir;
    return b->dirs == DETECT_TO_CLIENT ? TO_CLIENT : TO_SERVER;
}

static bool tx_bytes_match(struct look *k, const struct rule_buffer *b, enum flow_dir dir)
{
    const struct detect_buffer *desc = detect_buffer(b->buffer);
    bool multi = desc->flags & BUFFER_MULTI;
    struct inspect_bytes bytes;
    bool any = false;
    for (unsigned i = 0; i < (multi ? INSTANCES_MAX : 1u); i++) {
        if (!k->tx->buffer(k->tx, b->buffer, dir, i, &k->l->made, &bytes))
            break;
        any = true;
        if (inspect_bytes(k, b, bytes))
            return true;
    }
    return !any && absent_matches(b);
}

static enum look_result result(bool is)
{
    return is ? LOOK_YES : LOOK_NO;
}

static enum look_result tx_matches(struct look *k, const struct rule_buffer *b)
{
    if (!k->tx)
        return LOOK_NO;
    enum flow_dir dir = dir_of(k, b);
    if (b->dirs && !(b->dirs & (dir == TO_SERVER ? DETECT_TO_SERVER : DETECT_TO_CLIENT)))
        return LOOK_NO;
    uint8_t level = k->l->d->ready[k->in->app][b->buffer];
    bool final = k->tx->progress[dir] >= (level ? level : TX_DONE);
    if (!final && (level != TX_BODY || asks_end(b)))
        return LOOK_LATER;
    if (tx_bytes_match(k, b, dir))
        return LOOK_YES;
    return final ? LOOK_NO : LOOK_LATER;
}

static enum look_result payload_use(struct look *k, const struct rule_buffer *b)
{
    bool lacks = k->tx && b == &k->rule->buffers[k->rule->fast.buffer] && lane_lacks(k, k->rule->index);
    if (!lacks && payload_matches(k, b))
        return LOOK_YES;
    if (!k->tx || k->tx->progress[k->dir] == TX_DONE)
        return LOOK_NO;
    k->wants_payload = true;
    return LOOK_LATER;
}

static enum look_result use_matches(struct look *k, const struct rule_buffer *b)
{
    const struct detect_buffer *desc = detect_buffer(b->buffer);
    struct inspect_bytes bytes;
    if (b->frame)
        return LOOK_NO;
    if (b->buffer == BUFFER_PAYLOAD)
        return payload_use(k, b);
    if (b->buffer == BUFFER_BASE64)
        return result(k->base64_matched);
    if (!(desc->flags & (BUFFER_PACKET | BUFFER_FLOW)))
        return tx_matches(k, b);
    return result(packet_buffer(k, b->buffer, &bytes) && inspect_bytes(k, b, bytes));
}

/* What is not final yet is stepped over: what is there must match already. */
enum look_result look_buffers(struct look *k)
{
    bool later = false;
    k->l->context_count = k->l->contexts_kept;
    k->l->context_text.len = k->l->context_text_kept;
    k->base64_matched = false;
    vars_begin(k);
    if (k->rule->var_count)
        memset(k->l->vars, 0, sizeof k->l->vars);
    for (uint32_t i = 0; i < k->rule->buffer_count; i++) {
        const struct rule_buffer *b = &k->rule->buffers[i];
        if (later && b->buffer == BUFFER_BASE64)
            continue;
        enum look_result r = use_matches(k, b);
        if (r == LOOK_NO)
            return LOOK_NO;
        later |= r == LOOK_LATER;
    }
    return later ? LOOK_LATER : LOOK_YES;
}
