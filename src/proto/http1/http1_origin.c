/* The origins that a proxy's client asks for: their table, their tunnels, and the requests as they see them. */
#include "proto/http1/http1_proxy.h"

#include <stdlib.h>
#include <strings.h>

#define TYPE "http-proxy" /* both the tunnel's type and its section under decap.payload */

static const struct {
    const char *name;
    uint16_t port;
} schemes[] = {{"http", 80}, {"https", 443}, {"ftp", 21}, {"ws", 80}, {"wss", 443}};

static uint16_t scheme_port(struct http1_span scheme)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (http1_span_is(scheme, schemes[i].name))
            return schemes[i].port;
    return 0;
}

/* RFC 3986 3.2: [userinfo "@"] host [":" port]. The user information is not looked at: it can be a password. */
static bool read_authority(const uint8_t *p, size_t n, struct http1_target *out)
{
    const uint8_t *at = n ? memrchr(p, '@', n) : NULL;
    if (at) {
        n -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    const uint8_t *colon = n ? memrchr(p, ':', n) : NULL;
    const uint8_t *bracket = n ? memrchr(p, ']', n) : NULL;
    if (colon && (!bracket || colon > bracket)) {
        size_t host = (size_t)(colon - p);
        if (n > host + 1) /* the port may be empty */
            out->port = http1_port(colon + 1, n - host - 1);
        n = host;
    }
    return out->port != 0 && http1_host_parse(p, n, out);
}

bool http1_absolute_form(struct http1_span target, struct http1_target *out, struct http1_span *path)
{
    const uint8_t *colon = target.n ? memchr(target.p, ':', target.n < 6 ? target.n : 6) : NULL;
    size_t scheme = colon ? (size_t)(colon - target.p) : 0;
    if (!colon || target.n < scheme + 4 || colon[1] != '/' || colon[2] != '/')
        return false;
    *out = (struct http1_target){.port = scheme_port((struct http1_span){target.p, scheme})};
    if (!out->port)
        return false;
    const uint8_t *p = colon + 3;
    size_t n = target.n - scheme - 3;
    size_t end = 0;
    while (end < n && p[end] != '/' && p[end] != '?' && p[end] != '#')
        end++;
    *path = (struct http1_span){p + end, n - end};
    return read_authority(p, end, out);
}

static bool same(const struct http1_origin *o, const struct http1_target *t)
{
    return o->target.port == t->port && o->target.host_len == t->host_len && addr_equal(&o->target.addr, &t->addr) &&
           strncasecmp(o->name ? o->name : "", t->host ? t->host : "", t->host_len) == 0;
}

/* A place for one more: a new one, or that of the origin which was idle longest. */
static struct http1_origin *make_room(struct http1_state *s, struct proto_io *io)
{
    struct http1_proxy *p = s->proxy;
    if (p->origin_count == HTTP1_ORIGINS_MAX) {
        struct http1_origin *idle = NULL;
        for (unsigned i = 0; i < p->origin_count; i++)
            if (!p->origins[i].asks && (!idle || p->origins[i].used < idle->used))
                idle = &p->origins[i];
        if (!idle)
            return NULL;
        if (idle->channel)
            io->engine->close(io, idle->channel);
        http1_origin_report(s, io, idle, "no answer");
        http1_origin_fini(idle);
        return idle;
    }
    if (p->origin_count == p->origin_room) {
        unsigned room = p->origin_room ? 2 * p->origin_room : 4;
        struct http1_origin *more = realloc(p->origins, room * sizeof *more);
        if (!more)
            return NULL;
        p->origins = more;
        p->origin_room = room;
    }
    return &p->origins[p->origin_count++];
}

/* The text is not terminated, so it is none for strndup. */
static char *copy_text(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy) {
        memcpy(copy, text, n);
        copy[n] = 0;
    }
    return copy;
}

int http1_origin_find(struct http1_state *s, struct proto_io *io, const struct http1_target *target)
{
    struct http1_proxy *p = s->proxy;
    for (unsigned i = 0; i < p->origin_count; i++)
        if (same(&p->origins[i], target))
            return (int)i;
    char *name = target->host ? copy_text(target->host, target->host_len) : NULL;
    if (target->host && !name)
        return -1;
    struct http1_origin *o = make_room(s, io);
    if (!o) {
        free(name);
        return -1;
    }
    *o = (struct http1_origin){.target = *target, .name = name};
    o->target.host = name;
    return (int)(o - p->origins);
}

void http1_origin_user(struct http1_origin *o, const char *user, size_t n)
{
    char *copy = copy_text(user, n);
    if (!copy)
        return;
    free(o->user);
    o->user = copy;
    o->user_len = strlen(copy);
}

static struct tunnel_offer offer_of(const struct http1_state *s, const struct http1_origin *o)
{
    return (struct tunnel_offer){.type = TYPE,
                                 .payload = TYPE,
                                 .reverse = s->reversed,
                                 .swap = s->reversed,
                                 .rewritten = true,
                                 .addr = o->target.addr,
                                 .port = o->target.port,
                                 .host = o->name,
                                 .host_len = o->target.host_len,
                                 .user = o->user,
                                 .user_len = o->user_len,
                                 .reply_code = -1,
                                 .start_ns = o->time_ns};
}

void http1_origin_open(struct http1_state *s, struct proto_io *io, struct http1_origin *o, uint64_t time_ns,
                       const struct http1_status_line *line)
{
    struct tunnel_offer t = offer_of(s, o);
    t.status = TUNNEL_ESTABLISHED;
    t.channel = o->channel = ++s->channels;
    t.start_ns = time_ns;
    if (line) {
        t.reply_code = line->code;
        t.reply = line->reason.n ? (const char *)line->reason.p : NULL;
        t.reply_len = line->reason.n;
    }
    o->refused = 0;
    io->engine->tunnel(io, &t);
}

void http1_origin_refuse(struct http1_origin *o, const struct http1_status_line *line)
{
    o->refused = line->code;
    o->reason_len = line->reason.n < HTTP1_REASON_MAX ? line->reason.n : HTTP1_REASON_MAX;
    memcpy(o->reason, line->reason.p, o->reason_len);
}

void http1_origin_report(struct http1_state *s, struct proto_io *io, const struct http1_origin *o, const char *reason)
{
    struct tunnel_offer t = offer_of(s, o);
    if (o->channel)
        return;
    t.status = TUNNEL_INCOMPLETE;
    t.reason = reason;
    if (o->refused && !o->asks) {
        t.status = TUNNEL_REFUSED;
        t.reason = NULL;
        t.reply_code = o->refused;
        t.reply = o->reason_len ? o->reason : NULL;
        t.reply_len = o->reason_len;
    }
    io->engine->tunnel(io, &t);
}

void http1_origin_fini(struct http1_origin *o)
{
    free(o->name);
    free(o->user);
}

/* What a proxy takes for itself and does not pass on; the first of these can be a password. */
static bool for_proxy_alone(struct http1_span name)
{
    return http1_span_is(name, "proxy-authorization") || http1_span_is(name, "proxy-connection");
}

static bool add_span(struct buf *b, struct http1_span s)
{
    return buf_add(b, s.p, s.n);
}

/* RFC 9112 3.2.1: an absent path is "/", and "*" if the server itself is asked for its options (3.2.4). */
static bool add_path(struct buf *out, struct http1_span method, struct http1_span path)
{
    if (path.n && path.p[0] == '/')
        return add_span(out, path);
    bool star = path.n == 0 && method.n == 7 && memcmp(method.p, "OPTIONS", 7) == 0;
    return buf_add_byte(out, star ? '*' : '/') && add_span(out, path);
}

/* The port is left out where it is HTTP's own. */
static bool add_host(struct buf *out, const struct http1_target *t)
{
    char addr[ADDR_TEXT_MAX];
    addr_print(&t->addr, false, addr);
    bool good =
        buf_add(out, "Host: ", 6) && (t->host ? buf_add(out, t->host, t->host_len)
                                              : buf_printf(out, t->addr.family == ADDR_V6 ? "[%s]" : "%s", addr));
    return good && (t->port == 80 || buf_printf(out, ":%u", t->port)) && buf_add(out, "\r\n", 2);
}

bool http1_origin_head(struct buf *out, const struct http1_request_line *line, struct http1_span path,
                       struct reader fields, const struct http1_target *target)
{
    struct http1_field f;
    struct reader r = fields;
    bool host = false;
    while (http1_field_next(&r, &f))
        host = host || http1_span_is(f.name, "host");
    bool good = add_span(out, line->method) && buf_add_byte(out, ' ') && add_path(out, line->method, path) &&
                buf_add_byte(out, ' ') && add_span(out, line->version) && buf_add(out, "\r\n", 2);
    if (!host)
        good = good && add_host(out, target);
    for (r = fields; good && http1_field_next(&r, &f);)
        good = for_proxy_alone(f.name) || add_span(out, f.raw);
    return good && buf_add(out, "\r\n", 2);
}
