/* What parsers tell: events, tunnels and what they carry, names. All but events becomes notes for decap. */
#include "app/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A piece of a channel's payload from this size on is lent as it lies in the packet; smaller ones are gathered. */
#define CARRY_LEND 512u
/* What is gathered goes on at this size at the latest. */
#define CARRY_GATHER    16384u
#define SERVER_NAME_MAX 255u

static void append(struct app_call *c, struct note *n)
{
    if (n)
        note_append(c->item, n);
}

void app_flush_carried(struct app_call *c)
{
    if (c->small.len) {
        append(c, note_bytes(c->small_channel, c->small_dir, c->small.data, (uint32_t)c->small.len));
        buf_clear(&c->small);
    }
}

static void engine_event(struct proto_io *io, unsigned event)
{
    struct app_call *c = io->engine_ctx;
    const struct app_proto *proto = c->session->proto;
    if (event < proto->event_count)
        app_event(c, proto->events[event].name, event, (struct proto_tx *)io->about);
}

static void engine_tunnel(struct proto_io *io, const struct tunnel_offer *offer)
{
    struct app_call *c = io->engine_ctx;
    app_flush_carried(c);
    if (offer->proto == 17)
        c->session->datagrams = true;
    append(c, note_tunnel(offer));
}

/* Do these bytes lie in the packet that the call is for? */
static bool in_packet(const struct app_call *c, const uint8_t *p, size_t len)
{
    const struct packet *k = c->packet;
    return k && k->payload && p >= k->payload && p < k->payload + k->payload_len && len <= (size_t)(k->payload + k->payload_len - p);
}

/* The note is returned, for more to be said in it; NULL: memory is short. */
static struct note *carry_whole(struct app_call *c, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len)
{
    struct note *n = in_packet(c, p, len) ? note_borrowed(channel, dir, p, (uint32_t)len)
                                          : note_bytes(channel, dir, p, (uint32_t)len);
    append(c, n);
    return n;
}

static void engine_carry(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len,
                         bool eof)
{
    struct app_call *c = io->engine_ctx;
    if (!c->packet || len > UINT32_MAX)
        return;
    if (c->flow->key.proto != 6) {
        carry_whole(c, channel, dir, p, len);
        return;
    }
    if (c->small.len && (c->small_channel != channel || c->small_dir != dir || c->small.len >= CARRY_GATHER))
        app_flush_carried(c);
    if (len >= CARRY_LEND || eof || c->session->datagrams) {
        app_flush_carried(c);
        struct note *n = carry_whole(c, channel, dir, p, len);
        if (n)
            n->bytes.eof = eof;
        return;
    }
    c->small_channel = channel;
    c->small_dir = dir;
    if (len)
        buf_add(&c->small, p, len);
}

static void engine_carry_gap(struct proto_io *io, uint32_t channel, enum flow_dir dir, uint64_t n)
{
    struct app_call *c = io->engine_ctx;
    if (!c->packet)
        return;
    app_flush_carried(c);
    struct note *note = note_bytes(channel, dir, NULL, 0);
    if (note)
        note->bytes.gap = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    append(c, note);
}

static void engine_close(struct proto_io *io, uint32_t channel)
{
    struct app_call *c = io->engine_ctx;
    app_flush_carried(c);
    append(c, note_close(channel));
}

static void engine_name(struct proto_io *io, const struct name_answer *answer)
{
    struct app_call *c = io->engine_ctx;
    if (c->stage->settings->decap.names.passive_dns)
        append(c, note_name(answer));
}

static void engine_relay(struct proto_io *io, const struct relay_offer *offer)
{
    append(io->engine_ctx, note_relay(offer));
}

/* Host headers may have a port, names a final dot. */
static size_t name_length(const char *name, size_t len)
{
    const char *colon = memchr(name, ':', len);
    if (colon && name[0] != '[')
        len = (size_t)(colon - name);
    return len && name[len - 1] == '.' ? len - 1 : len;
}

static void engine_server_name(struct proto_io *io, const char *name, size_t len)
{
    struct app_call *c = io->engine_ctx;
    struct app_session *as = c->session;
    const struct tunnel_link *link = c->flow->link;
    if (!link || as->host_mismatch)
        return;
    len = name_length(name, len);
    if (len == 0 || len > SERVER_NAME_MAX)
        return;
    size_t host_len = link->host_len && link->host[link->host_len - 1] == '.' ? link->host_len - 1u : link->host_len;
    bool differs = host_len && (host_len != len || strncasecmp(link->host, name, len) != 0);
    if (as->server_name && !differs)
        return;
    char *copy = malloc(len + 1);
    if (!copy)
        return;
    memcpy(copy, name, len);
    copy[len] = 0;
    free(as->server_name);
    as->server_name = copy;
    as->host_mismatch = differs;
    if (differs)
        app_mismatch(c);
}

static bool engine_change(struct proto_io *io, const char *name, const struct buf *fields)
{
    struct app_call *c = io->engine_ctx;
    const struct app_stage *st = c->stage->state;
    for (unsigned i = 0; i < st->proto_count; i++)
        if (strcmp(st->protos[i]->name, name) == 0 && (st->enabled[c->flow->key.proto == 17] & 1u << i)) {
            c->next = i + 1;
            buf_clear(&c->inherited);
            if (fields)
                buf_add(&c->inherited, fields->data, fields->len);
            return true;
        }
    return false;
}

static enum proto_probe_result engine_recognise(struct proto_io *io, const struct proto_probe *probe)
{
    struct app_call *c = io->engine_ctx;
    const struct app_stage *st = c->stage->state;
    uint32_t enabled = st->enabled[probe->transport == PROTO_UDP];
    enum proto_probe_result best = PROBE_NO;
    for (unsigned i = 0; i < st->proto_count; i++) {
        if (!(enabled & 1u << i) || !st->protos[i]->sure)
            continue;
        enum proto_probe_result r = st->protos[i]->probe(probe);
        if (r == PROBE_YES || r == PROBE_YES_REVERSED)
            return PROBE_YES;
        if (r == PROBE_MORE && !probe->final)
            best = PROBE_MORE;
    }
    return best;
}

const struct proto_engine app_engine = {
    .event = engine_event,
    .tunnel = engine_tunnel,
    .carry = engine_carry,
    .carry_gap = engine_carry_gap,
    .close = engine_close,
    .name = engine_name,
    .relay = engine_relay,
    .server_name = engine_server_name,
    .change = engine_change,
    .recognise = engine_recognise,
    .file_open = app_file_open,
    .file_data = app_file_data,
    .file_close = app_file_close,
};
