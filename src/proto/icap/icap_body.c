/* Bodies: out of ICAP's chunks, into the framing that the HTTP head announced. */
#include "proto/icap/icap_state.h"

#include <stdio.h>

static void carry(struct icap_state *s, struct proto_io *io, const struct icap_writer *w, const void *p, size_t n)
{
    io->engine->carry(io, w->channel->number, icap_dir(s, w->dir), p, n, false);
}

/* n bytes that are a part of the body will not come. */
static void missing(struct icap_state *s, struct proto_io *io, struct icap_writer *w, uint64_t n)
{
    if (n > ICAP_GAP_MAX)
        icap_channel_close(s, io, w->channel);
    else if (n)
        io->engine->carry_gap(io, w->channel->number, icap_dir(s, w->dir), n);
}

void icap_body_begin(struct icap_writer *w, struct icap_channel *c, enum flow_dir dir, const struct icap_length *length)
{
    *w = (struct icap_writer){.channel = c, .dir = dir, .framing = length->framing, .left = length->n};
}

static void begin_chunk(struct icap_state *s, struct proto_io *io, const struct icap_writer *w, uint64_t size)
{
    char line[24];
    if (w->channel && w->framing == ICAP_CHUNKED)
        carry(s, io, w, line, (size_t)snprintf(line, sizeof line, "%llx\r\n", (unsigned long long)size));
}

static void data(struct icap_state *s, struct proto_io *io, struct icap_writer *w, const struct chunked *chunk)
{
    size_t n = chunk->len;
    if (!w->channel)
        return;
    if (w->framing == ICAP_NO_BODY || w->framing == ICAP_LENGTH) {
        if (n > w->left) {
            icap_tell(io, ICAP_LENGTH_MISMATCH);
            n = (size_t)w->left;
        }
        w->left -= n;
    }
    if (n)
        carry(s, io, w, chunk->data, n);
    if (w->framing == ICAP_CHUNKED && chunk->left == 0)
        carry(s, io, w, "\r\n", 2);
}

void icap_body_gap(struct icap_state *s, struct proto_io *io, struct icap_side *side, uint64_t n)
{
    struct icap_writer *w = &side->writer;
    if (!w->channel)
        return;
    if (w->framing == ICAP_NO_BODY || w->framing == ICAP_LENGTH) {
        n = n < w->left ? n : w->left;
        w->left -= n;
    }
    missing(s, io, w, n);
    if (w->channel && w->framing == ICAP_CHUNKED && side->chunked.left == 0)
        carry(s, io, w, "\r\n", 2);
}

void icap_body_end(struct icap_state *s, struct proto_io *io, struct icap_writer *w, bool whole)
{
    struct icap_channel *c = w->channel;
    if (!c)
        return;
    if (w->framing == ICAP_LENGTH && w->left && whole)
        icap_tell(io, ICAP_LENGTH_MISMATCH);
    if (w->framing == ICAP_LENGTH)
        missing(s, io, w, w->left);
    else if (w->framing == ICAP_CHUNKED && whole)
        carry(s, io, w, "0\r\n\r\n", 5);
    else if (w->framing == ICAP_CHUNKED || w->framing == ICAP_CLOSE)
        icap_channel_close(s, io, c);
    if (w->dir == TO_CLIENT && c->number) {
        c->pending = false;
        if (c->spent)
            icap_channel_close(s, io, c);
    }
    w->channel = NULL;
}

enum chunked_result icap_body_read(struct icap_state *s, struct proto_io *io, struct icap_side *side)
{
    struct reader r = reader_of(io->data + io->consumed, io->len - io->consumed);
    enum chunked_result result;
    do {
        result = chunked_next(&side->chunked, &r);
        if (result == CHUNKED_CHUNK)
            begin_chunk(s, io, &side->writer, side->chunked.size);
        else if (result == CHUNKED_DATA)
            data(s, io, &side->writer, &side->chunked);
    } while (result == CHUNKED_CHUNK || result == CHUNKED_DATA || result == CHUNKED_LAST);
    io->consumed = io->len - reader_left(&r);
    return result;
}
