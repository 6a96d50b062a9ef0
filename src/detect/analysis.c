/* --engine-analysis: rules.json, one object a line for each rule, as Suricata writes it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "detect/keyword.h"
#include "detect/ruleset.h"

#define LINE_MAX_BYTES ((size_t)16 << 20)

#define PCRE_CASELESS 0x8u /* PCRE2_CASELESS */

/* Bytes as rules write them: |0d 0a| for what is not plain. */
static void put_pattern(struct json *j, const uint8_t *p, size_t n)
{
    struct buf out;
    bool hex = false;
    buf_init(&out, 0);
    for (size_t i = 0; i < n; i++) {
        bool plain = isgraph(p[i]) && !strchr("|\";\\:", p[i]);
        if (plain == hex)
            buf_add_byte(&out, '|');
        if (plain)
            buf_add_byte(&out, p[i]);
        else
            buf_printf(&out, plain == hex || !hex ? "%02X" : " %02X", p[i]);
        hex = !plain;
    }
    if (hex)
        buf_add_byte(&out, '|');
    json_bytes(j, "pattern", out.data, out.len);
    buf_fini(&out);
}

static void put_value(struct json *j, const char *key, bool has, const struct rule_value *v)
{
    if (has && v->var < 0)
        json_i64(j, key, v->number);
    else if (has)
        json_str(j, key, "variable");
}

static void put_content(struct json *j, const struct match_content *c, bool fast)
{
    put_pattern(j, c->bytes, c->len);
    json_u64(j, "length", c->len);
    json_bool(j, "nocase", c->nocase);
    json_bool(j, "negated", c->negated);
    json_bool(j, "starts_with", c->startswith);
    json_bool(j, "ends_with", c->endswith);
    put_value(j, "offset", c->has_offset, &c->offset);
    put_value(j, "depth", c->has_depth, &c->depth);
    put_value(j, "distance", c->has_distance, &c->distance);
    put_value(j, "within", c->has_within, &c->within);
    json_bool(j, "is_mpm", fast);
    json_bool(j, "no_double_inspect", c->fast_done);
    json_bool(j, "fast_pattern", c->fast_pattern);
    json_bool(j, "relative_next", c->relative_next);
}

static void put_pcre(struct json *j, const struct match_pcre *m)
{
    json_bool(j, "relative", m->relative);
    json_bool(j, "relative_next", m->relative_next);
    json_bool(j, "nocase", m->options & PCRE_CASELESS);
    json_bool(j, "negated", m->negated);
}

static void put_range(struct json *j, const char *key, const char *first, uint64_t a, const char *second, uint64_t b)
{
    json_open_object(j, key);
    json_u64(j, first, a);
    json_u64(j, second, b);
    json_end_object(j);
}

static void put_uint(struct json *j, const struct uint_match *u)
{
    static const char *const keys[] = {"equal", "diff", "lt", "lte", "gt", "gte"};
    if (u->op <= UINT_GREATER_EQUAL)
        json_u64(j, keys[u->op], u->a);
    else if (u->op == UINT_RANGE || u->op == UINT_NOT_RANGE)
        put_range(j, u->op == UINT_RANGE ? "range" : "negated_range", "min", u->a, "max", u->b);
    else
        put_range(j, u->op == UINT_BITS ? "bitmask" : "negated_bitmask", "mask", u->a, "value", u->b);
}

/* "flow.age" has an object "flow_age"; three older ones write their number in other words. */
static void put_field(struct json *j, const struct match *m)
{
    const struct uint_match *u = m->field->any;
    char key[64];
    snprintf(key, sizeof key, "%s", m->keyword->name);
    for (char *c = key; *c; c++)
        if (*c == '.')
            *c = '_';
    bool plain = u->op == UINT_EQUAL || u->op == UINT_NOT_EQUAL;
    if (m->kind == MATCH_FIELD && m->field->field == FIELD_TCP_WINDOW && plain) {
        json_open_object(j, "window");
        json_u64(j, "size", u->a);
        json_bool(j, "negated", u->op == UINT_NOT_EQUAL);
    } else if (m->kind == MATCH_FIELD && (m->field->field == FIELD_TCP_SEQ || m->field->field == FIELD_TCP_ACK) &&
               plain) {
        json_open_object(j, m->field->field == FIELD_TCP_SEQ ? "seq" : "ack");
        json_u64(j, "number", u->a);
    } else {
        json_open_object(j, key);
        put_uint(j, u);
    }
    json_end_object(j);
}

static void put_bits(struct json *j, const struct ruleset *set, const struct match *m)
{
    static const char *const commands[] = {"set", "unset", "toggle", "isset", "isnotset"};
    static const enum name_kind kinds[] = {NAME_FLOWBIT, NAME_XBIT, NAME_HOSTBIT};
    unsigned which = m->kind == MATCH_FLOWBITS ? 0 : m->kind == MATCH_XBITS ? 1 : 2;
    static const char *const keys[] = {"flowbits", "xbits", "hostbits"};
    json_open_object(j, keys[which]);
    json_str(j, "cmd", commands[m->bits->command]);
    json_open_array(j, "names");
    for (uint16_t i = 0; i < m->bits->count; i++)
        json_str(j, NULL, set->names[kinds[which]][m->bits->names[i]]);
    json_end_array(j);
    if (m->bits->count > 1)
        json_str(j, "operator", "or");
    json_end_object(j);
}

static void put_match(struct json *j, const struct ruleset *set, const struct match *m, bool fast)
{
    json_open_object(j, NULL);
    json_str(j, "name", m->kind == MATCH_CONTENT ? "content" : m->keyword ? m->keyword->name : "");
    switch (m->kind) {
    case MATCH_CONTENT:
        json_open_object(j, "content");
        put_content(j, m->content, fast);
        json_end_object(j);
        break;
    case MATCH_PCRE:
        json_open_object(j, "pcre");
        put_pcre(j, m->pcre);
        json_end_object(j);
        break;
    case MATCH_FIELD:
    case MATCH_BSIZE:
        put_field(j, m);
        break;
    case MATCH_FLOWBITS:
    case MATCH_XBITS:
    case MATCH_HOSTBITS:
        put_bits(j, set, m);
        break;
    case MATCH_ABSENT:
        json_open_object(j, "absent");
        json_bool(j, "or_else", m->text->arg);
        json_end_object(j);
        break;
    default:
        break;
    }
    json_end_object(j);
}

static bool is_fast(const struct rule *r, uint32_t buffer, uint32_t match)
{
    return r->fast.has && r->fast.buffer == buffer && (match == UINT32_MAX || r->fast.match == match);
}

static const struct rule_buffer *payload_of(const struct rule *r, uint32_t *index)
{
    *index = 0;
    return r->buffer_count && r->buffers[0].buffer == BUFFER_PAYLOAD ? &r->buffers[0] : NULL;
}

static void put_list(struct json *j, const struct ruleset *set, const struct rule *r, const char *key,
                     const struct match_list *list, uint32_t buffer)
{
    json_open_object(j, key);
    json_open_array(j, "matches");
    if (strcmp(key, "packet") == 0 && r->flow) {
        json_open_object(j, NULL);
        json_str(j, "name", "flow");
        json_end_object(j);
    }
    for (uint32_t i = 0; i < list->count; i++)
        if (list->m[i].kind != MATCH_APP_EVENT)
            put_match(j, set, &list->m[i], is_fast(r, buffer, i));
    json_end_array(j);
    json_end_object(j);
}

static bool has_event(const struct rule *r)
{
    for (uint32_t i = 0; i < r->packet.count; i++)
        if (r->packet.m[i].kind == MATCH_APP_EVENT)
            return true;
    return false;
}

static uint32_t packet_conditions(const struct rule *r)
{
    uint32_t n = r->flow != 0;
    for (uint32_t i = 0; i < r->packet.count; i++)
        n += r->packet.m[i].kind != MATCH_APP_EVENT;
    return n;
}

static void put_lists(struct json *j, const struct ruleset *set, const struct rule *r)
{
    uint32_t index;
    const struct rule_buffer *payload = payload_of(r, &index);
    json_open_object(j, "lists");
    if (packet_conditions(r))
        put_list(j, set, r, "packet", &r->packet, UINT32_MAX);
    if (payload && r->type != RULE_TYPE_APP_TX)
        put_list(j, set, r, "payload", &payload->matches, index);
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (r->buffers[i].buffer == BUFFER_BASE64)
            put_list(j, set, r, "base64_data", &r->buffers[i].matches, i);
    if (r->post.count)
        put_list(j, set, r, "postmatch", &r->post, UINT32_MAX);
    json_end_object(j);
}

static void put_packet_engines(struct json *j, const struct rule *r)
{
    uint32_t index;
    bool payload = payload_of(r, &index) && r->type != RULE_TYPE_APP_TX;
    if (!payload && !packet_conditions(r))
        return;
    json_open_array(j, "pkt_engines");
    if (payload) {
        json_open_object(j, NULL);
        json_str(j, "name", "payload");
        json_bool(j, "is_mpm", is_fast(r, index, UINT32_MAX));
        json_end_object(j);
    }
    if (packet_conditions(r)) {
        json_open_object(j, NULL);
        json_str(j, "name", "packet");
        json_bool(j, "is_mpm", false);
        json_end_object(j);
    }
    json_end_array(j);
}

/* Suricata's names: "http" is HTTP/1, "http_any" either version. */
static const char *app_name(enum detect_app app)
{
    return app == APP_HTTP ? "http_any" : app == APP_HTTP1 ? "http" : app ? detect_app_name(app) : "unknown";
}

/* All protocols left, in one word. */
static const char *rule_app(const struct rule *r)
{
    uint64_t http = DETECT_APP_BIT(APP_HTTP1), http2 = DETECT_APP_BIT(APP_HTTP2);
    if (r->app_set == http)
        return "http";
    if (!r->app && r->app_set & http && r->app_set & http2 &&
        !(r->app_set & ~(http | http2 | DETECT_APP_BIT(APP_DOH2))))
        return "http_any";
    return app_name(r->app);
}

static void put_engine(struct json *j, const struct ruleset *set, const struct rule *r, uint32_t i, enum detect_app app,
                       const char *direction)
{
    const struct rule_buffer *use = &r->buffers[i];
    bool stream = use->buffer == BUFFER_PAYLOAD;
    json_open_object(j, NULL);
    json_str(j, "name", stream ? "stream" : detect_buffer(use->buffer)->key);
    json_str(j, "direction", direction);
    json_bool(j, "is_mpm", is_fast(r, i, UINT32_MAX));
    if (app)
        json_str(j, "app_proto", app_name(app));
    json_u64(j, "progress", stream ? 0 : 1);
    json_open_array(j, "matches");
    for (uint32_t k = 0; k < use->matches.count; k++)
        put_match(j, set, &use->matches.m[k], is_fast(r, i, k));
    json_end_array(j);
    json_end_object(j);
}

/* One engine for each protocol: that of the fast pattern newest protocol first, as they are found there. */
static void put_engines_of(struct json *j, const struct ruleset *set, const struct rule *r, uint32_t i, uint8_t dir)
{
    const struct detect_buffer *d = detect_buffer(r->buffers[i].buffer);
    static const enum detect_app order[2][2] = {{APP_HTTP1, APP_HTTP2}, {APP_HTTP2, APP_HTTP1}};
    const char *direction = dir == DETECT_TO_SERVER ? "toserver" : "toclient";
    bool fast = is_fast(r, i, UINT32_MAX);
    uint64_t http = DETECT_APP_BIT(APP_HTTP), either = DETECT_APP_BIT(APP_HTTP1) | DETECT_APP_BIT(APP_HTTP2);
    if (!(r->buffers[i].dirs & dir))
        return;
    if (!d->apps) {
        put_engine(j, set, r, i, APP_ANY, direction);
        return;
    }
    for (unsigned k = 0; k < 2 && d->apps & http; k++)
        if (!r->app_set || r->app_set & DETECT_APP_BIT(order[fast][k]))
            put_engine(j, set, r, i, order[fast][k], direction);
    for (unsigned app = APP_ANY + 1; app < DETECT_APP_COUNT; app++)
        if (d->apps & ~(d->apps & http ? http | either : 0) & DETECT_APP_BIT(app) &&
            (!r->app_set || r->app_set & DETECT_APP_BIT(app)))
            put_engine(j, set, r, i, (enum detect_app)app, direction);
}

static void put_events(struct json *j, const struct ruleset *set, const struct rule *r, const char *direction)
{
    json_open_object(j, NULL);
    json_str(j, "name", "app-layer-events");
    json_str(j, "direction", direction);
    json_bool(j, "is_mpm", false);
    json_u64(j, "progress", 0);
    json_open_array(j, "matches");
    for (uint32_t i = 0; i < r->packet.count; i++)
        if (r->packet.m[i].kind == MATCH_APP_EVENT)
            put_match(j, set, &r->packet.m[i], false);
    json_end_array(j);
    json_end_object(j);
}

/* Is this use a transaction's? The payload is of a rule that looks at transactions. */
static bool is_engine(const struct rule *r, uint32_t i)
{
    unsigned id = r->buffers[i].buffer;
    return id == BUFFER_PAYLOAD ? r->type == RULE_TYPE_APP_TX : id != BUFFER_BASE64;
}

static void put_engines(struct json *j, const struct ruleset *set, const struct rule *r)
{
    static const char *const words[] = {"toserver", "toclient"};
    uint8_t asked = (r->flags & RULE_TO_SERVER ? 1 : 0) | (r->flags & RULE_TO_CLIENT ? 2 : 0);
    bool both = r->flags & RULE_TRANSACTIONAL || !asked;
    json_open_array(j, "engines");
    for (unsigned k = 0; k < 2 && has_event(r); k++)
        if (both || asked & 1u << k)
            put_events(j, set, r, words[k]);
    /* The fast pattern's come first. */
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < r->buffer_count; i++)
            for (unsigned k = 0; k < 2; k++)
                if ((both || asked & 1u << k) && is_fast(r, i, UINT32_MAX) == (pass == 0) && is_engine(r, i))
                    put_engines_of(j, set, r, i, (uint8_t)(1u << k));
    json_end_array(j);
}

static bool any_match(const struct match_list *list, enum match_kind first, enum match_kind last)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->m[i].kind >= first && list->m[i].kind <= last)
            return true;
    return false;
}

static const struct match *find_match(const struct rule *r, enum match_kind kind, enum detect_field field)
{
    for (uint32_t i = 0; i < r->packet.count; i++)
        if (r->packet.m[i].kind == kind && (kind != MATCH_FIELD || r->packet.m[i].field->field == field))
            return &r->packet.m[i];
    return NULL;
}

/* What dsize says of the payload: 1 there is some, 0 none, -1 neither. */
static int dsize_says(const struct uint_match *u)
{
    switch (u->op) {
    case UINT_EQUAL:
        return u->a != 0;
    case UINT_GREATER:
    case UINT_RANGE:
        return 1;
    case UINT_GREATER_EQUAL:
        return u->a ? 1 : -1;
    case UINT_NOT_EQUAL:
        return u->a ? -1 : 1;
    default:
        return -1;
    }
}

static void put_requirements(struct json *j, const struct rule *r)
{
    uint32_t index;
    const struct match *dsize = find_match(r, MATCH_FIELD, FIELD_DSIZE),
                       *flags = find_match(r, MATCH_TCP_FLAGS, FIELD_NONE);
    int says = dsize ? dsize_says(dsize->field->any) : -1;
    json_open_array(j, "requirements");
    if (payload_of(r, &index) || says == 1)
        json_str(j, NULL, "payload");
    if (says == 0)
        json_str(j, NULL, "no_payload");
    if (r->app || r->app_set || r->flow & (RULE_FLOW_ESTABLISHED | RULE_FLOW_NOT_ESTABLISHED) ||
        any_match(&r->packet, MATCH_FLOWBITS, MATCH_FLOWINT))
        json_str(j, NULL, "flow");
    if (flags && flags->flags->flags & 7)
        json_str(j, NULL, "tcp_flags_init_deinit");
    if (flags && flags->flags->flags & 0xe0)
        json_str(j, NULL, "tcp_flags_unusual");
    if (find_match(r, MATCH_DECODE_EVENT, FIELD_NONE))
        json_str(j, NULL, "engine_event");
    if (flags || (dsize && (says < 0 || dsize->field->any->op == UINT_NOT_EQUAL)))
        json_str(j, NULL, "real_pkt");
    json_end_array(j);
}

static void put_flags(struct json *j, const struct rule *r)
{
    uint32_t index;
    bool payload = payload_of(r, &index), asked = r->flags & (RULE_TO_SERVER | RULE_TO_CLIENT);
    bool packet = find_match(r, MATCH_TCP_FLAGS, FIELD_NONE) || find_match(r, MATCH_FIELD, FIELD_DSIZE);
    const struct {
        bool set;
        const char *name;
    } flags[] = {
        {r->src->any, "src_any"},
        {r->dst->any, "dst_any"},
        {r->sport->any, "sp_any"},
        {r->dport->any, "dp_any"},
        {r->flags & RULE_NOALERT, "noalert"},
        {find_match(r, MATCH_FIELD, FIELD_DSIZE), "dsize"},
        {r->app || r->app_set, "applayer"},
        {packet || (payload && (r->type == RULE_TYPE_PACKET || r->type == RULE_TYPE_PACKET_STREAM)), "need_packet"},
        {payload && r->type != RULE_TYPE_PACKET, "need_stream"},
        {any_match(&r->packet, MATCH_FLOWBITS, MATCH_PKTVAR), "need_flowvar"},
        {!asked || r->flags & RULE_TO_SERVER, "toserver"},
        {!asked || r->flags & RULE_TO_CLIENT, "toclient"},
        {r->fast.has, "prefilter"}};
    json_open_array(j, "flags");
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].set)
            json_str(j, NULL, flags[i].name);
    json_end_array(j);
}

static void put_notes(struct json *j, const struct rule *r)
{
    json_open_array(j, "notes");
    if (r->flags & RULE_NOTE_WITHIN)
        json_str(j, NULL, "'within' option for pattern w/o previous content was converted to 'depth'");
    if (r->flags & RULE_NOTE_DISTANCE)
        json_str(j, NULL, "'distance' option for pattern w/o previous content was converted to 'offset'");
    if (r->missing) {
        char text[256];
        snprintf(text, sizeof text, "can't match: this version does not provide %.160s", r->missing);
        json_str(j, NULL, text);
    }
    json_end_array(j);
}

static void put_fast(struct json *j, const struct rule *r)
{
    if (r->flags & RULE_PREFILTER) {
        json_open_object(j, "prefilter");
        json_str(j, "buffer", "packet");
        json_str(j, "name", r->packet.m[r->prefilter].keyword->name);
        json_end_object(j);
    } else if (r->fast.has) {
        const struct rule_buffer *use = &r->buffers[r->fast.buffer];
        json_open_object(j, "mpm");
        json_str(j, "buffer", detect_buffer(use->buffer)->key);
        put_content(j, use->matches.m[r->fast.match].content, true);
        json_end_object(j);
    }
}

static void put_rule(struct json *j, const struct ruleset *set, const struct rule *r)
{
    json_open_object(j, NULL);
    json_str(j, "raw", r->text);
    json_u64(j, "id", r->sid);
    json_u64(j, "gid", r->gid);
    json_u64(j, "rev", r->rev);
    json_str(j, "msg", r->msg);
    json_str(j, "app_proto", rule_app(r));
    put_requirements(j, r);
    json_str(j, "type", rule_type_name(r->type));
    put_flags(j, r);
    put_packet_engines(j, r);
    put_engines(j, set, r);
    put_lists(j, set, r);
    put_fast(j, r);
    put_notes(j, r);
    json_end_object(j);
}

int ruleset_analyse(const struct ruleset *set, const char *folder, char *error, size_t error_len)
{
    char path[4096];
    struct buf line;
    snprintf(path, sizeof path, "%.4000s/rules.json", folder);
    FILE *f = fopen(path, "w");
    bool ok = f != NULL;
    buf_init(&line, LINE_MAX_BYTES);
    for (uint32_t i = 0; i < set->rule_count && ok; i++) {
        struct json j = json_of(&line);
        buf_clear(&line);
        put_rule(&j, set, set->rules[i]);
        ok = j.failed || (buf_add_byte(&line, '\n') && fwrite(line.data, 1, line.len, f) == line.len);
    }
    buf_fini(&line);
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        snprintf(error, error_len, "%.900s: can't be written: %s", path, strerror(errno));
    return ok ? 0 : -EIO;
}
