/* The sessions of an ICAP connection: one for each client and origin, and one more while a request there waits. */
#include "proto/icap/icap_state.h"

#include <strings.h>

#include "core/hash.h"

static uint64_t hash_request(const struct icap_request *req)
{
    return hash_bytes(req->path, req->path_len, hash_bytes(req->method, req->method_len, req->root));
}

/* 0 is no user. */
static uint64_t hash_user(const struct icap_identity *id)
{
    return id->user_len ? hash_bytes(id->user, id->user_len, 1) | 1 : 0;
}

static bool matches(const struct icap_channel *c, const struct icap_identity *id, const struct icap_request *req)
{
    uint64_t user = hash_user(id);
    return c->number && c->port == req->port && c->client_port == id->client_port && c->host_len == req->host_len &&
           addr_equal(&c->client, &id->client) && (user == 0 || user == c->user) &&
           strncasecmp(c->host, req->host ? (const char *)req->host : "", req->host_len) == 0;
}

struct icap_channel *icap_channel_find(struct icap_state *s, uint32_t number)
{
    for (unsigned i = 0; number && i < ICAP_CHANNELS_MAX; i++)
        if (s->channels[i].number == number)
            return &s->channels[i];
    return NULL;
}

void icap_channel_close(struct icap_state *s, struct proto_io *io, struct icap_channel *c)
{
    io->engine->close(io, c->number);
    if (s->client.writer.channel == c)
        s->client.writer.channel = NULL;
    if (s->server.writer.channel == c)
        s->server.writer.channel = NULL;
    c->number = 0;
}

void icap_channel_close_all(struct icap_state *s, struct proto_io *io)
{
    for (unsigned i = 0; i < ICAP_CHANNELS_MAX; i++)
        if (s->channels[i].number)
            icap_channel_close(s, io, &s->channels[i]);
}

/* A place for a new session: a free one, or that of the one that was used longest ago. */
static struct icap_channel *make_room(struct icap_state *s, struct proto_io *io)
{
    struct icap_channel *oldest = &s->channels[0];
    for (unsigned i = 0; i < ICAP_CHANNELS_MAX; i++) {
        struct icap_channel *c = &s->channels[i];
        if (c->number == 0)
            return c;
        if (c->used < oldest->used)
            oldest = c;
    }
    if (s->server.writer.channel == oldest)
        icap_tell(io, ICAP_TOO_MANY_SESSIONS);
    icap_channel_close(s, io, oldest);
    return oldest;
}

static void offer(const struct icap_state *s, struct proto_io *io, const struct icap_channel *c,
                  const struct icap_identity *id, const struct icap_request *req)
{
    const struct flow_key *key = &io->flow->key;
    struct tunnel_offer o = {.type = "icap",
                             .payload = "icap",
                             .status = TUNNEL_ESTABLISHED,
                             .swap = s->reversed,
                             .by_carrier = req->host == NULL,
                             .rewritten = true,
                             .proto = 6,
                             .channel = c->number,
                             .addr = id->server,
                             .port = req->port,
                             .client = id->client,
                             .client_port = id->client_port,
                             .user = id->user_len ? id->user : NULL,
                             .user_len = id->user_len,
                             .reply_code = -1,
                             .start_ns = io->time_ns};
    struct addr literal;
    if (req->host && addr_parse((const char *)req->host, req->host_len, &literal)) {
        o.addr = literal;
    } else if (req->host) {
        o.host = (const char *)req->host;
        o.host_len = req->host_len;
    }
    if (o.client_port == 0)
        o.client_port = s->reversed ? key->dport : key->sport;
    if (!req->host)
        icap_tell(io, ICAP_NO_ORIGIN);
    io->engine->tunnel(io, &o);
}

static struct icap_channel *open_channel(struct icap_state *s, struct proto_io *io, const struct icap_identity *id,
                                         const struct icap_request *req)
{
    struct icap_channel *c = make_room(s, io);
    *c = (struct icap_channel){.number = ++s->channels_opened,
                               .client = id->client,
                               .client_port = id->client_port,
                               .port = req->port,
                               .spent = req->connect,
                               .user = hash_user(id),
                               .host_len = req->host_len};
    if (req->host)
        memcpy(c->host, req->host, req->host_len);
    offer(s, io, c, id, req);
    return c;
}

struct icap_channel *icap_channel_for(struct icap_state *s, struct proto_io *io, const struct icap_identity *id,
                                      const struct icap_request *req, bool repeated)
{
    uint64_t request = hash_request(req);
    struct icap_channel *found = NULL;
    for (unsigned i = 0; i < ICAP_CHANNELS_MAX && !(found && found->pending); i++) {
        struct icap_channel *c = &s->channels[i];
        if (!matches(c, id, req) || c == s->server.writer.channel)
            continue;
        if (c->pending ? repeated && c->request == request : !c->spent && !found && !req->connect)
            found = c;
    }
    if (!found)
        found = open_channel(s, io, id, req);
    found->used = s->requests;
    found->request = request;
    found->head = req->head;
    return found;
}
