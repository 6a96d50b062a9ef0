/* The ICAP server's side: where its answers end, and the responses that it gives in the origin's place. */
#include "proto/icap/icap_state.h"

void icap_response_lost(struct icap_state *s, struct proto_io *io)
{
    s->server.step = ICAP_STEP_LOST;
    icap_body_end(s, io, &s->server.writer, false);
}

static enum proto_status lost(struct icap_state *s, struct proto_io *io, enum icap_event event)
{
    icap_tell(io, event);
    icap_response_lost(s, io);
    return PROTO_OK;
}

/* The oldest request has its final answer. */
static void answered(struct icap_state *s, struct proto_io *io, bool with_response)
{
    struct icap_side *client = &s->client;
    const struct icap_awaited *a = &s->awaited[s->answers % ICAP_AWAITED_MAX];
    bool current = s->answers + 1 == s->requests;
    bool continued = s->continued;
    s->answers++;
    s->continued = false;
    if (current && client->head.preview && !continued) {
        if (client->step == ICAP_STEP_PREVIEWED)
            icap_request_cut(s, io);
        else
            s->refused = true;
    }
    struct icap_channel *c = with_response ? NULL : icap_channel_find(s, a->channel);
    if (!c || !c->pending || c == client->writer.channel)
        return;
    /* The answer to a CONNECT is not the origin's, and where there is REQMOD alone none will be shown. */
    if (c->spent || (!s->respmod && s->requests > ICAP_REQMOD_ALONE))
        icap_channel_close(s, io, c);
}

/* A request's first lines can be in packets behind those of its answer. */
static enum proto_status unasked(struct icap_state *s, struct proto_io *io)
{
    if (s->client_eof || io->len - io->consumed > ICAP_EARLY_MAX)
        return lost(s, io, ICAP_RESPONSE_WITHOUT_REQUEST);
    return PROTO_OTHER_SIDE;
}

static enum proto_status read_head(struct icap_state *s, struct proto_io *io, bool *more)
{
    struct icap_side *side = &s->server;
    bool bad_parts;
    while (side->scanned == 0 && io->consumed < io->len &&
           (io->data[io->consumed] == '\r' || io->data[io->consumed] == '\n'))
        io->consumed++;
    struct reader r = reader_of(io->data + io->consumed, io->len - io->consumed);
    if (reader_left(&r) == 0)
        return PROTO_OK;
    if (s->requests == s->answers)
        return unasked(s, io);
    size_t n = icap_head_end(r.p, reader_left(&r), &side->scanned);
    if (n > ICAP_HEAD_MAX || (n == 0 && reader_left(&r) > ICAP_HEAD_MAX))
        return lost(s, io, ICAP_HEADER_TOO_LONG);
    *more = n == 0;
    if (n == 0)
        return PROTO_OK;
    side->scanned = 0;
    io->consumed += n;
    if (!icap_head_response(reader_sub(&r, n), &side->head, &bad_parts))
        return lost(s, io, ICAP_INVALID_STATUS_LINE);
    if (side->head.status == 100) {
        s->continued = true;
        return PROTO_OK;
    }
    if (bad_parts)
        return lost(s, io, ICAP_INVALID_ENCAPSULATED);
    if (side->head.parts.request + side->head.parts.response > ICAP_PARTS_MAX)
        return lost(s, io, ICAP_HEADER_TOO_LONG);
    side->step = ICAP_STEP_PARTS;
    return PROTO_OK;
}

/* A request that is answered with a response gets that one, RFC 3507 4.8.2. A changed request, or a response that was
 * changed, is not what client and origin said: only its end matters. */
static enum proto_status read_parts(struct icap_state *s, struct proto_io *io, bool *more)
{
    struct icap_side *side = &s->server;
    const struct icap_parts *parts = &side->head.parts;
    const struct icap_awaited *a = &s->awaited[s->answers % ICAP_AWAITED_MAX];
    struct reader r = reader_of(io->data + io->consumed, io->len - io->consumed);
    *more = reader_left(&r) < parts->request + parts->response;
    if (*more)
        return PROTO_OK;
    reader_skip(&r, parts->request);
    bool response = a->method == ICAP_REQMOD && parts->response;
    struct icap_channel *c = response ? icap_channel_find(s, a->channel) : NULL;
    if (c && c->pending)
        icap_carry_response(s, io, side, c, reader_sub(&r, parts->response));
    answered(s, io, response);
    io->consumed += parts->request + parts->response;
    side->chunked = (struct chunked){.size = 0};
    side->step = parts->body ? ICAP_STEP_BODY : ICAP_STEP_HEAD;
    if (!parts->body)
        icap_body_end(s, io, &side->writer, true);
    return PROTO_OK;
}

static enum proto_status read_body(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->server;
    enum chunked_result result = icap_body_read(s, io, side);
    if (result == CHUNKED_MORE)
        return PROTO_OK;
    if (result != CHUNKED_END)
        return lost(s, io, ICAP_INVALID_CHUNK);
    icap_body_end(s, io, &side->writer, true);
    side->step = ICAP_STEP_HEAD;
    return PROTO_OK;
}

enum proto_status icap_response_parse(struct icap_state *s, struct proto_io *io)
{
    enum proto_status st = PROTO_OK;
    bool more = false;
    while (st == PROTO_OK && !more) {
        /* An answer without encapsulated heads is over when its own head is. */
        if (io->consumed == io->len && s->server.step != ICAP_STEP_PARTS)
            break;
        switch (s->server.step) {
        case ICAP_STEP_LOST:
            io->consumed = io->len;
            break;
        case ICAP_STEP_PARTS:
            st = read_parts(s, io, &more);
            break;
        case ICAP_STEP_BODY:
            st = read_body(s, io);
            break;
        default:
            st = read_head(s, io, &more);
            break;
        }
    }
    return st;
}
