/* After a rule's options: what they mean together, what they need, what the engine evaluates. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "detect/load.h"

static const struct detect_buffer *buffer_of(const struct build_buffer *use)
{
    return detect_buffer(use->id);
}

/* A relative content with nothing before it counts from the begin: within is its depth, distance its offset. */
static void to_absolute(struct rule *r, struct match_content *c)
{
    r->flags |= c->has_within ? RULE_NOTE_WITHIN : RULE_NOTE_DISTANCE;
    if (c->has_distance && (c->distance.var >= 0 || c->distance.number > 0)) {
        c->has_offset = true;
        c->offset = c->distance;
    }
    if (c->has_within && c->within.var < 0 && (c->within.number > 0)) {
        c->has_depth = true;
        c->depth = c->within;
    }
    c->has_distance = c->has_within = false;
}

/* Positions that depend on the match before; depth counted from the begin. */
static void settle_positions(struct rule *r, struct build_list *list)
{
    bool moved = false; /* something before can have moved the position */
    for (uint32_t i = 0; i < list->count; i++) {
        struct match *m = &list->m[i];
        bool relative = match_is_relative(m);
        if (m->kind == MATCH_CONTENT) {
            struct match_content *c = m->content;
            if (!moved && relative) {
                to_absolute(r, c);
                relative = false;
            }
            if (c->has_depth && c->has_offset && c->depth.var < 0 && c->offset.var < 0)
                c->depth.number += c->offset.number;
        }
        if (relative && i > 0) {
            for (uint32_t k = i; k-- > 0;) {
                if (list->m[k].kind == MATCH_CONTENT)
                    list->m[k].content->relative_next = true;
                else if (list->m[k].kind == MATCH_PCRE)
                    list->m[k].pcre->relative_next = true;
                else
                    continue;
                break;
            }
        }
        moved = moved || m->kind == MATCH_CONTENT || m->kind == MATCH_PCRE || m->kind == MATCH_BYTE_JUMP ||
                m->kind == MATCH_BYTE_EXTRACT;
    }
}

/* ---- contents that a transform makes impossible ---- */

static bool has_class(const struct match_content *c, int (*is)(int))
{
    for (uint16_t i = 0; i < c->len; i++)
        if (is(c->bytes[i]))
            return true;
    return false;
}

static bool has_double_space(const struct match_content *c)
{
    for (uint16_t i = 1; i < c->len; i++)
        if (isspace(c->bytes[i]) && isspace(c->bytes[i - 1]))
            return true;
    return false;
}

static bool fits_transform(struct rule_build *b, const struct match_content *c, const struct transform *t)
{
    switch (t->kind) {
    case TRANSFORM_STRIP_WHITESPACE:
        return !has_class(c, isspace) ||
               build_error(b, "content: has white space, incompatible with strip_whitespace transform");
    case TRANSFORM_COMPRESS_WHITESPACE:
        return !has_double_space(c) ||
               build_error(b, "content: has consecutive white space, incompatible with compress_whitespace transform");
    case TRANSFORM_TO_LOWER:
        return c->nocase || !has_class(c, isupper) ||
               build_error(b, "content: has upper case, incompatible with to_lowercase transform");
    case TRANSFORM_TO_UPPER:
        return c->nocase || !has_class(c, islower) ||
               build_error(b, "content: has lower case, incompatible with to_uppercase transform");
    case TRANSFORM_MD5:
        return c->len <= 16 || build_error(b, "content: longer than the 16 bytes of an MD5");
    case TRANSFORM_SHA1:
        return c->len <= 20 || build_error(b, "content: longer than the 20 bytes of a SHA-1");
    case TRANSFORM_SHA256:
        return c->len <= 32 || build_error(b, "content: longer than the 32 bytes of a SHA-256");
    default:
        return true;
    }
}

/* ---- contents that a buffer makes impossible ---- */

/* Hashes are written in lower case: so is what is looked for. */
static bool lower(struct rule_build *b, struct match_content *c)
{
    uint8_t *bytes = build_get(b, c->len);
    if (!bytes)
        return false;
    for (uint16_t i = 0; i < c->len; i++)
        bytes[i] = (uint8_t)tolower(c->bytes[i]);
    c->bytes = bytes;
    return true;
}

static bool fits_buffer(struct rule_build *b, struct match_content *c, const struct build_buffer *use)
{
    unsigned flags = buffer_of(use)->flags;
    if (!(flags & (BUFFER_HOST | BUFFER_METHOD | BUFFER_MD5 | BUFFER_FINGERPRINT)) || use->transform_count)
        return true;
    if (flags & BUFFER_HOST && has_class(c, isupper) && !c->nocase)
        return build_error(b, "content: the host name is in lower case, the content has upper case");
    if (flags & BUFFER_METHOD && c->len && (isspace(c->bytes[0]) || isspace(c->bytes[c->len - 1])))
        return build_error(b, "content: a method neither begins nor ends with a blank");
    if (flags & BUFFER_MD5)
        return (c->len <= 32 || build_error(b, "content: longer than the 32 digits of an MD5")) && lower(b, c);
    if (flags & BUFFER_FINGERPRINT)
        return (c->len <= 59 || build_error(b, "content: longer than the 59 characters of a fingerprint")) &&
               lower(b, c);
    return true;
}

static bool check_contents(struct rule_build *b, struct build_buffer *use)
{
    for (uint32_t i = 0; i < use->matches.count; i++) {
        struct match_content *c = use->matches.m[i].content;
        if (use->matches.m[i].kind != MATCH_CONTENT)
            continue;
        if (use->id != BUFFER_PAYLOAD && !fits_buffer(b, c, use))
            return false;
        if (use->transform_count && !fits_transform(b, c, &use->transforms[use->transform_count - 1]))
            return false;
    }
    return true;
}

/* ---- lengths: bsize and dsize ---- */

/* Bytes that must be there for all contents of a list to match. */
static int64_t bytes_needed(const struct build_list *list)
{
    int64_t end = 0, most = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct match_content *c = list->m[i].content;
        if (list->m[i].kind != MATCH_CONTENT) {
            end = 0;
            continue;
        }
        if (c->negated)
            continue;
        int64_t from = 0;
        if (c->has_distance || c->has_within)
            from = end + (c->has_distance && c->distance.var < 0 ? c->distance.number : 0);
        else if (c->has_offset && c->offset.var < 0)
            from = c->offset.number;
        if (from < 0)
            from = 0;
        end = from + c->len;
        if (end > most)
            most = end;
    }
    return most;
}

static bool check_lengths(struct rule_build *b)
{
    for (int i = 0; i < b->buffer_count && b->bsize; i++) {
        const struct build_list *list = &b->buffers[i].matches;
        int64_t needed = bytes_needed(list);
        for (uint32_t k = 0; k < list->count; k++)
            if (list->m[k].kind == MATCH_BSIZE && strcmp(list->m[k].keyword->name, "bsize") == 0 &&
                (uint64_t)needed > uint_most(list->m[k].field->any))
                return build_error(b, "bsize: the contents need %lld bytes, it can't match", (long long)needed);
    }
    for (uint32_t k = 0; k < b->packet.count && b->dsize; k++) {
        const struct match *m = &b->packet.m[k];
        int64_t needed = bytes_needed(&b->buffers[0].matches);
        if (m->kind == MATCH_FIELD && m->field->field == FIELD_DSIZE && (uint64_t)needed > uint_most(m->field->any))
            return build_error(b, "dsize: the contents need %lld bytes, it can't match", (long long)needed);
    }
    return true;
}

/* ---- packet, stream, transaction ---- */

/* Conditions on the packet that is there now: they don't go with what a transaction has. */
static bool needs_packet(const struct match *m)
{
    if (m->kind == MATCH_FIELD)
        return m->field->field <= FIELD_VXLAN_VNI;
    return m->kind == MATCH_TCP_FLAGS || m->kind == MATCH_FRAGBITS || m->kind == MATCH_FRAGOFFSET ||
           m->kind == MATCH_IPOPTS || m->kind == MATCH_SAMEIP || m->kind == MATCH_CHECKSUM ||
           m->kind == MATCH_DECODE_EVENT;
}

static const struct match *packet_match(const struct rule_build *b)
{
    for (uint32_t i = 0; i < b->packet.count; i++)
        if (needs_packet(&b->packet.m[i]))
            return &b->packet.m[i];
    return NULL;
}

static bool is_tx_buffer(const struct detect_buffer *d)
{
    return d->apps && !(d->flags & (BUFFER_PACKET | BUFFER_FLOW));
}

static const struct detect_buffer *tx_buffer(const struct rule_build *b)
{
    for (int i = 1; i < b->buffer_count; i++)
        if (is_tx_buffer(buffer_of(&b->buffers[i])))
            return buffer_of(&b->buffers[i]);
    return NULL;
}

static bool check_mix(struct rule_build *b)
{
    const struct match *packet = packet_match(b);
    const struct detect_buffer *tx = tx_buffer(b);
    uint32_t stream = b->rule->flow & RULE_FLOW_ONLY_STREAM;
    if (packet && tx)
        return build_error(b, "%s: is of a packet, %s of a transaction: they don't go together",
                           packet->keyword ? packet->keyword->name : "?", tx->key);
    if (packet && (stream || b->rule->flags & RULE_TCP_STREAM))
        return build_error(b, "%s: is of a packet, the rule asks for the stream alone",
                           packet->keyword ? packet->keyword->name : "?");
    return true;
}

/* Directions of the buffers, and of flow: they must leave one. */
static bool check_direction(struct rule_build *b)
{
    const char *server = NULL, *client = NULL;
    for (int i = 1; i < b->buffer_count; i++) {
        const struct detect_buffer *d = buffer_of(&b->buffers[i]);
        uint8_t dirs = b->buffers[i].dir ? b->buffers[i].dir : d->dirs;
        if (dirs == DETECT_TO_SERVER)
            server = b->buffers[i].word;
        else if (dirs == DETECT_TO_CLIENT)
            client = b->buffers[i].word;
    }
    if (b->rule->flags & RULE_TRANSACTIONAL) {
        if (b->dirs)
            return build_error(b, "flow: a direction does not go with =>");
        return b->rule->app || tx_buffer(b) || build_error(b, "=> needs an application protocol");
    }
    if (server && client)
        return build_error(b, "%s is of requests, %s of responses: use => for both", server, client);
    if ((server && b->dirs == DETECT_TO_CLIENT) || (client && b->dirs == DETECT_TO_SERVER))
        return build_error(b, "flow: the direction is not that of %s", server ? server : client);
    if (server)
        b->rule->flags |= RULE_TO_SERVER;
    if (client)
        b->rule->flags |= RULE_TO_CLIENT;
    return true;
}

/* What SOCKS' request and reply have is looked at together, when the reply is there if that is asked for. */
static void direct_socks(struct rule_build *b)
{
    bool any = false, reply = false;
    for (uint32_t i = 0; i < b->packet.count; i++) {
        const struct match *m = &b->packet.m[i];
        bool field = m->kind == MATCH_FIELD;
        any = any || (field && m->field->field >= FIELD_SOCKS_VERSION && m->field->field <= FIELD_SOCKS_REPLY);
        reply = reply || (field && m->field->field == FIELD_SOCKS_REPLY);
    }
    if (any && !(b->rule->flags & (RULE_TO_SERVER | RULE_TO_CLIENT | RULE_TRANSACTIONAL)))
        b->rule->flags |= reply ? RULE_TO_CLIENT : RULE_TO_SERVER;
}

/* flowbits that can't be, or are of no use, in one rule. */
static bool check_flowbits(struct rule_build *b)
{
    for (uint32_t i = 0; i < b->packet.count; i++) {
        const struct match *m = &b->packet.m[i];
        if (m->kind != MATCH_FLOWBITS || m->bits->count > 1)
            continue;
        for (uint32_t k = i + 1; k < b->packet.count; k++) {
            const struct match *n = &b->packet.m[k];
            if (n->kind == MATCH_FLOWBITS && n->bits->count == 1 && n->bits->names[0] == m->bits->names[0] &&
                n->bits->command != m->bits->command)
                return build_error(b, "flowbits: invalid flowbit command combination in the same signature: %s and %s",
                                   m->bits->command == BITS_IS_SET ? "isset" : "isnotset",
                                   n->bits->command == BITS_IS_SET ? "isset" : "isnotset");
        }
    }
    return true;
}

static void note_missing(struct rule_build *b)
{
    for (int i = 1; i < b->buffer_count && !b->missing; i++)
        if (!(buffer_of(&b->buffers[i])->flags & BUFFER_PROVIDED))
            b->missing = b->buffers[i].frame ? "frame" : buffer_of(&b->buffers[i])->key;
    if (b->rule->app && b->rule->app != APP_HTTP && !b->missing && !detect_app_parser(b->rule->app))
        b->missing = detect_app_name(b->rule->app);
    b->rule->missing = b->missing;
}

/* ---- lists to the arena ---- */

static bool copy_list(struct rule_build *b, const struct build_list *from, struct match_list *to)
{
    *to = (struct match_list){.count = from->count};
    if (!from->count)
        return true;
    to->m = arena_copy(&b->set->arena, from->m, from->count * sizeof *from->m);
    return to->m || build_error(b, "out of memory");
}

static uint8_t use_dirs(const struct rule *r, const struct detect_buffer *d)
{
    uint8_t asked =
        (r->flags & RULE_TO_SERVER ? DETECT_TO_SERVER : 0) | (r->flags & RULE_TO_CLIENT ? DETECT_TO_CLIENT : 0);
    uint8_t both = asked && !(r->flags & RULE_TRANSACTIONAL) ? asked & d->dirs : d->dirs;
    return both ? both : d->dirs;
}

static bool copy_buffers(struct rule_build *b)
{
    struct rule *r = b->rule;
    r->buffers = build_get(b, (size_t)b->buffer_count * sizeof *r->buffers);
    if (!r->buffers)
        return false;
    for (int i = 0; i < b->buffer_count; i++) {
        struct build_buffer *use = &b->buffers[i];
        struct rule_buffer *to = &r->buffers[r->buffer_count];
        if (!use->matches.count)
            continue;
        *to = (struct rule_buffer){
            .buffer = (uint16_t)use->id, .transform_count = use->transform_count, .frame = use->frame};
        to->dirs = use->dir ? use->dir : use_dirs(r, buffer_of(use));
        to->stream_only = use->id == BUFFER_PAYLOAD && (r->flags & RULE_TCP_STREAM || r->flow & RULE_FLOW_ONLY_STREAM);
        if (use->transform_count)
            to->transforms =
                arena_copy(&b->set->arena, use->transforms, use->transform_count * sizeof *use->transforms);
        if ((use->transform_count && !to->transforms) || !copy_list(b, &use->matches, &to->matches))
            return build_error(b, "out of memory");
        r->buffer_count++;
    }
    return copy_list(b, &b->packet, &r->packet) && copy_list(b, &b->post, &r->post);
}

static bool is_anchored(const struct build_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->m[i].kind == MATCH_CONTENT && (list->m[i].content->has_depth || list->m[i].content->has_offset))
            return true;
    return false;
}

/* TCP's payload is looked into as a stream; where a position counts, the packet's own payload, too. */
static enum rule_type payload_type(const struct rule_build *b, bool packet)
{
    const struct rule *r = b->rule;
    if (r->flags & RULE_TCP_STREAM || r->flow & RULE_FLOW_ONLY_STREAM)
        return RULE_TYPE_STREAM;
    if (packet || r->flags & RULE_TCP_PACKET || r->flow & RULE_FLOW_NO_STREAM ||
        !(r->any_ip_proto || r->ip_protos[0] & 1u << 6))
        return RULE_TYPE_PACKET;
    return is_anchored(&b->buffers[0].matches) ? RULE_TYPE_PACKET_STREAM : RULE_TYPE_STREAM;
}

/* Asks of the addresses what stays the same as long as the flow lives. */
static bool only_reputation(const struct build_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->m[i].kind != MATCH_IPREP)
            return false;
    return list->count > 0;
}

/* Does it ask for the recognised protocol alone? Before one is recognised it is looked at for every packet. */
static bool only_app_proto(const struct rule_build *b)
{
    for (uint32_t i = 0; i < b->packet.count; i++) {
        const struct match *m = &b->packet.m[i];
        if (m->kind != MATCH_APP_PROTO || strcasecmp(m->app_proto->name, "unknown") == 0)
            return false;
    }
    return b->packet.count > 0;
}

/* filestore is about files, and those are transactions'. */
static bool stores_files(const struct rule_build *b)
{
    for (uint32_t i = 0; i < b->post.count; i++)
        if (b->post.m[i].kind == MATCH_FILESTORE)
            return true;
    return false;
}

static void choose_type(struct rule_build *b)
{
    struct rule *r = b->rule;
    bool payload = b->buffers[0].matches.count > 0, tx = tx_buffer(b) != NULL;
    bool packet = packet_match(b) != NULL;
    bool reputation = only_reputation(&b->packet), conditions = b->packet.count > 0 && !reputation;
    if (tx || b->app_event || stores_files(b) || (r->hook && r->app))
        r->type = RULE_TYPE_APP_TX;
    else if (b->decode_event && b->packet.count == 1 && !payload && r->flags & RULE_PKTHDR)
        r->type = RULE_TYPE_EVENT_ONLY;
    else if (payload)
        r->type = payload_type(b, packet);
    else if (!r->app && !r->flow && b->buffer_count == 1 && only_app_proto(b))
        r->type = RULE_TYPE_PROTO_ONLY;
    else if (r->app && !packet)
        r->type = RULE_TYPE_APP;
    else if (!conditions && b->buffer_count == 1 && !r->flow && !b->dirs && r->sport->any && r->dport->any &&
             !(r->flags & (RULE_PKTHDR | RULE_ARP | RULE_ETHERNET)))
        r->type = RULE_TYPE_IP_ONLY;
    else
        r->type = RULE_TYPE_PACKET;
    if (r->type == RULE_TYPE_IP_ONLY || r->type == RULE_TYPE_PROTO_ONLY)
        r->flags |= RULE_WHOLE_FLOW;
}

bool build_finish(struct rule_build *b)
{
    struct rule *r = b->rule;
    if (!b->has_sid)
        return build_error(b, "sid: missing; every rule needs one");
    if (b->current && b->buffers[b->current].matches.count == 0)
        return build_error(b, "%s: the buffer has no condition", b->buffers[b->current].word);
    for (int i = 0; i < b->buffer_count; i++) {
        settle_positions(r, &b->buffers[i].matches);
        if (!check_contents(b, &b->buffers[i]))
            return false;
    }
    if (!check_lengths(b) || !check_mix(b) || !check_direction(b) || !check_flowbits(b))
        return false;
    direct_socks(b);
    if (!r->priority)
        r->priority = r->class_type ? r->class_type->priority : 3;
    r->app_set = b->apps == ~UINT64_C(0) ? 0 : b->apps;
    note_missing(b);
    choose_type(b);
    if (!copy_buffers(b))
        return false;
    fast_choose(r);
    return true;
}
