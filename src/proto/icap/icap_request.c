/* The ICAP client's side: what it shows of its users' requests and of their answers. */
#include "proto/icap/icap_state.h"

/* Of a step: more bytes are needed. */
#define WAIT PROTO_OTHER_SIDE

static struct reader rest(const struct proto_io *io)
{
    return reader_of(io->data + io->consumed, io->len - io->consumed);
}

static enum proto_status broken(struct icap_state *s, struct proto_io *io, enum icap_event event)
{
    icap_tell(io, event);
    icap_channel_close_all(s, io);
    return PROTO_BROKEN;
}

/* Note that the server owes an answer. */
static void await(struct icap_state *s, struct proto_io *io)
{
    if (s->requests - s->answers == ICAP_AWAITED_MAX) {
        if (s->server.step != ICAP_STEP_LOST)
            icap_tell(io, ICAP_TOO_MANY_REQUESTS);
        icap_response_lost(s, io);
        s->answers = s->requests;
    }
    if (s->requests == s->answers)
        s->continued = false;
    s->awaited[s->requests % ICAP_AWAITED_MAX] = (struct icap_awaited){.method = s->client.head.method};
    s->requests++;
    s->refused = false;
    s->respmod |= s->client.head.method == ICAP_RESPMOD;
}

/* A line end or two between messages does no harm. */
static void skip_lines(struct proto_io *io)
{
    while (io->consumed < io->len && (io->data[io->consumed] == '\r' || io->data[io->consumed] == '\n'))
        io->consumed++;
}

static enum proto_status read_head(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->client;
    if (side->scanned == 0)
        skip_lines(io);
    struct reader r = rest(io);
    size_t n = icap_head_end(r.p, reader_left(&r), &side->scanned);
    if (n > ICAP_HEAD_MAX || (n == 0 && reader_left(&r) > ICAP_HEAD_MAX))
        return broken(s, io, ICAP_HEADER_TOO_LONG);
    if (n == 0)
        return WAIT;
    bool bad_parts;
    side->scanned = 0;
    if (!icap_head_request(reader_sub(&r, n), &side->head, &bad_parts))
        return broken(s, io, ICAP_INVALID_REQUEST_LINE);
    if (bad_parts)
        return broken(s, io, ICAP_INVALID_ENCAPSULATED);
    io->consumed += n;
    await(s, io);
    side->step = ICAP_STEP_PARTS;
    return PROTO_OK;
}

/* Carry the request's head; its body goes on by side->writer. */
static struct icap_channel *carry_request(struct icap_state *s, struct proto_io *io, struct reader head)
{
    struct icap_side *side = &s->client;
    bool repeated = side->head.method == ICAP_RESPMOD;
    bool body = side->head.parts.body && !repeated;
    struct icap_request req;
    struct icap_length length;
    if (!icap_http_request(head, &req, &length)) {
        icap_tell(io, ICAP_INVALID_HTTP_HEAD);
        return NULL;
    }
    struct icap_channel *c = icap_channel_for(s, io, &side->head.id, &req, repeated);
    if (c->pending)
        return c;
    /* Transfer codings are hop by hop and may have been taken off; that of a body without a length is sure. */
    bool add_coding = body && length.framing == ICAP_CLOSE;
    if (length.framing == ICAP_CLOSE)
        length.framing = body ? ICAP_CHUNKED : ICAP_NO_BODY;
    icap_http_write_request(io, c->number, icap_dir(s, TO_SERVER), head, &req, add_coding);
    c->pending = true;
    icap_body_begin(&side->writer, c, TO_SERVER, &length);
    if (repeated) {
        /* The body was not shown: as far as its length is known it is missing. */
        c->spent |= length.framing == ICAP_CHUNKED || length.n > ICAP_GAP_MAX;
        if (length.framing == ICAP_LENGTH && length.n && length.n <= ICAP_GAP_MAX)
            io->engine->carry_gap(io, c->number, icap_dir(s, TO_SERVER), length.n);
        side->writer.channel = NULL;
    }
    return c;
}

void icap_carry_response(struct icap_state *s, struct proto_io *io, struct icap_side *side, struct icap_channel *c,
                         struct reader head)
{
    struct icap_length length;
    if (!icap_http_response(head, &length)) {
        icap_tell(io, ICAP_INVALID_HTTP_HEAD);
        icap_channel_close(s, io, c);
        return;
    }
    c->spent |= length.last;
    if (c->head)
        length.framing = ICAP_NO_BODY;
    if (length.framing == ICAP_NO_BODY)
        length.n = 0;
    io->engine->carry(io, c->number, icap_dir(s, TO_CLIENT), head.p, reader_left(&head), false);
    icap_body_begin(&side->writer, c, TO_CLIENT, &length);
}

/* The encapsulated heads are whole. */
static void take_parts(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->client;
    const struct icap_parts *parts = &side->head.parts;
    bool respmod = side->head.method == ICAP_RESPMOD;
    struct reader r = rest(io);
    struct reader request = reader_sub(&r, parts->request);
    struct reader response = reader_sub(&r, parts->response);
    side->writer.channel = NULL;
    if (!respmod && side->head.method != ICAP_REQMOD)
        return;
    if (parts->request == 0 || (respmod && parts->response == 0)) {
        icap_tell(io, ICAP_INVALID_ENCAPSULATED);
        return;
    }
    struct icap_channel *c = carry_request(s, io, request);
    if (c && respmod)
        icap_carry_response(s, io, side, c, response);
    else if (c)
        s->awaited[(s->requests - 1) % ICAP_AWAITED_MAX].channel = c->number;
}

static enum proto_status read_parts(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->client;
    size_t n = side->head.parts.request + side->head.parts.response;
    if (n > ICAP_PARTS_MAX)
        return broken(s, io, ICAP_HEADER_TOO_LONG);
    if (io->len - io->consumed < n)
        return WAIT;
    take_parts(s, io);
    io->consumed += n;
    side->step = side->head.parts.body ? ICAP_STEP_BODY : ICAP_STEP_HEAD;
    side->chunked = (struct chunked){.size = 0};
    if (!side->head.parts.body)
        icap_body_end(s, io, &side->writer, true);
    return PROTO_OK;
}

void icap_request_cut(struct icap_state *s, struct proto_io *io)
{
    icap_body_end(s, io, &s->client.writer, false);
    s->client.step = ICAP_STEP_HEAD;
}

static enum proto_status read_body(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->client;
    enum chunked_result result = icap_body_read(s, io, side);
    if (result == CHUNKED_MORE)
        return WAIT;
    if (result != CHUNKED_END)
        return broken(s, io, ICAP_INVALID_CHUNK);
    side->step = ICAP_STEP_HEAD;
    if (!side->head.preview || side->chunked.ieof)
        icap_body_end(s, io, &side->writer, true);
    else if (s->refused)
        icap_request_cut(s, io);
    else
        side->step = ICAP_STEP_PREVIEWED;
    return PROTO_OK;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* RFC 3507 4.5: after "100 Continue" the rest of the body, after any other answer the next request. No method of the
 * RFC begins with a hexadecimal digit, so that the answer isn't needed. */
static enum proto_status after_preview(struct icap_state *s, struct proto_io *io)
{
    struct icap_side *side = &s->client;
    skip_lines(io);
    if (io->consumed == io->len)
        return WAIT;
    if (is_hex(io->data[io->consumed])) {
        side->head.preview = false;
        side->chunked = (struct chunked){.size = 0};
        side->step = ICAP_STEP_BODY;
    } else {
        icap_request_cut(s, io);
    }
    return PROTO_OK;
}

enum proto_status icap_request_parse(struct icap_state *s, struct proto_io *io)
{
    enum proto_status st = PROTO_OK;
    /* A message without encapsulated heads is over when its own head is. */
    while (st == PROTO_OK && (io->consumed < io->len || s->client.step == ICAP_STEP_PARTS)) {
        switch (s->client.step) {
        case ICAP_STEP_PARTS:
            st = read_parts(s, io);
            break;
        case ICAP_STEP_BODY:
            st = read_body(s, io);
            break;
        case ICAP_STEP_PREVIEWED:
            st = after_preview(s, io);
            break;
        default:
            st = read_head(s, io);
            break;
        }
    }
    s->client_eof |= io->eof;
    if (io->eof && s->client.step == ICAP_STEP_PREVIEWED)
        icap_request_cut(s, io);
    return st == PROTO_BROKEN ? st : PROTO_OK;
}
