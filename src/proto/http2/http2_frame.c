/* The frame layer (RFC 9113 4, 6). A frame's head is always consumed, so that a gap inside its body can be measured.
 * DATA, and what is of no interest, is taken as it comes; other frames wait in the engine until they are whole. */
#include <stdlib.h>

#include "proto/http2/http2_state.h"

#define HEAD_LEN    9u
#define ID_MASK     0x7fffffffu
#define GOAWAY_HEAD 8u

static bool of_headers(uint8_t type)
{
    return type == HTTP2_HEADERS || type == HTTP2_PUSH_PROMISE || type == HTTP2_CONTINUATION;
}

static enum http2_result broken(struct http2_state *s, enum http2_event event)
{
    http2_raise(s, event);
    http2_streams_give_up(s, "bad frame");
    return HTTP2_BROKEN;
}

static enum http2_result read_preface(struct http2_state *s, struct http2_side *side, struct reader *in)
{
    size_t n = reader_left(in) < HTTP2_PREFACE_LEN ? reader_left(in) : HTTP2_PREFACE_LEN;
    if (memcmp(in->p, HTTP2_PREFACE, n) != 0)
        return broken(s, HTTP2_INVALID_CLIENT_MAGIC);
    if (n < HTTP2_PREFACE_LEN)
        return HTTP2_NEED_MORE;
    reader_skip(in, n);
    side->phase = HTTP2_AT_FRAME;
    return HTTP2_GO_ON;
}

/* Which streams a type may stand on (6.1 to 6.10). */
static bool stream_ok(const struct http2_side *side, enum flow_dir role)
{
    switch (side->type) {
    case HTTP2_PUSH_PROMISE:
        return side->stream != 0 && role == TO_CLIENT;
    case HTTP2_DATA:
    case HTTP2_HEADERS:
    case HTTP2_PRIORITY:
    case HTTP2_RST_STREAM:
    case HTTP2_CONTINUATION:
        return side->stream != 0;
    case HTTP2_SETTINGS:
    case HTTP2_PING:
    case HTTP2_GOAWAY:
        return side->stream == 0;
    default:
        return true;
    }
}

static bool length_ok(const struct http2_side *side)
{
    switch (side->type) {
    case HTTP2_DATA:
        return side->left != 0 || !(side->flags & HTTP2_FLAG_PADDED);
    case HTTP2_PRIORITY:
        return side->left == 5;
    case HTTP2_RST_STREAM:
    case HTTP2_WINDOW_UPDATE:
        return side->left == 4;
    case HTTP2_SETTINGS:
        return side->flags & HTTP2_FLAG_ACK ? side->left == 0 : side->left % 6 == 0;
    case HTTP2_PING:
        return side->left == 8;
    case HTTP2_GOAWAY:
        return side->left >= GOAWAY_HEAD;
    default:
        return true;
    }
}

/* The head is read: what is to be done with the body? */
static enum http2_result begin_body(struct http2_state *s, struct http2_side *side, enum flow_dir role)
{
    bool continues = side->type == HTTP2_CONTINUATION;
    bool headers = of_headers(side->type);
    /* A header block's frames follow each other, with nothing between (4.3): else HPACK is out of step. */
    if (side->in_block != continues || (side->in_block && side->stream != side->block_on))
        return broken(s, HTTP2_INVALID_FRAME_HEADER);
    if (side->left > side->max_frame)
        http2_raise(s, HTTP2_LONG_FRAME_DATA);
    side->skip =
        side->type > HTTP2_CONTINUATION || side->type == HTTP2_PING || (side->type == HTTP2_WINDOW_UPDATE && !s->rules);
    side->need = side->type == HTTP2_GOAWAY ? GOAWAY_HEAD : side->left;
    if (!stream_ok(side, role)) {
        http2_raise(s, HTTP2_INVALID_FRAME_HEADER);
        side->skip = !headers;
    } else if (!length_ok(side)) {
        http2_raise(s, HTTP2_INVALID_FRAME_LENGTH);
        side->skip = true;
    }
    if (side->type == HTTP2_DATA) {
        side->pad = 0;
        side->pad_wait = side->flags & HTTP2_FLAG_PADDED;
        side->end_due = side->flags & HTTP2_FLAG_END_STREAM;
    } else if (!side->skip && side->need > HTTP2_HELD_FRAME_MAX) {
        if (headers)
            return broken(s, HTTP2_REASSEMBLY_LIMIT_REACHED);
        http2_raise(s, HTTP2_REASSEMBLY_LIMIT_REACHED);
        side->skip = true;
    }
    side->phase = HTTP2_IN_FRAME;
    side->offered = 0;
    return HTTP2_GO_ON;
}

static enum http2_result read_data(struct http2_state *s, struct http2_side *side, enum flow_dir role,
                                   struct reader *in)
{
    if (side->pad_wait) {
        if (reader_left(in) == 0)
            return HTTP2_NEED_MORE;
        side->pad = reader_u8(in);
        side->left--;
        side->pad_wait = false;
        if (side->pad > side->left) {
            http2_raise(s, HTTP2_INVALID_FRAME_DATA);
            side->pad = (uint8_t)side->left;
        }
    }
    uint32_t payload = side->left - side->pad;
    uint32_t n = reader_left(in) < payload ? (uint32_t)reader_left(in) : payload;
    bool end = side->end_due && n == payload;
    if (n || end) {
        http2_stream_data(s, role, side->stream, reader_take(in, n), n, end);
        side->left -= n;
    }
    if (n < payload)
        return HTTP2_NEED_MORE;
    side->skip = true; /* the padding */
    return HTTP2_GO_ON;
}

/* Take padding off (6.1). False: there is more of it than of the frame. */
static bool unpad(const struct http2_side *side, struct reader *body)
{
    if (!(side->flags & HTTP2_FLAG_PADDED))
        return true;
    size_t pad = reader_u8(body);
    if (body->bad || pad > reader_left(body))
        return false;
    body->end -= pad;
    return true;
}

/* 6.2, 6.6, 6.10 */
static enum http2_result take_headers(struct http2_state *s, struct http2_side *side, enum flow_dir role,
                                      struct reader body)
{
    bool good = true;
    if (side->type != HTTP2_CONTINUATION) {
        good = unpad(side, &body);
        http2_block_begin(side, side->stream);
    }
    if (side->type == HTTP2_PUSH_PROMISE) {
        side->block_promise = true;
        side->block_stream = reader_be32(&body) & ID_MASK;
    } else if (side->type == HTTP2_HEADERS) {
        side->block_end_stream = side->flags & HTTP2_FLAG_END_STREAM;
        side->block_priority = side->flags & HTTP2_FLAG_PRIORITY;
        if (side->block_priority) {
            reader_be32(&body);
            side->block_weight = reader_u8(&body);
        }
    }
    if (!good || body.bad)
        return broken(s, HTTP2_INVALID_FRAME_DATA);
    bool final = side->flags & HTTP2_FLAG_END_HEADERS;
    if (!http2_block_piece(s, side, body, final))
        return broken(s, HTTP2_INVALID_HEADER);
    if (final) {
        side->in_block = false;
        http2_stream_headers(s, side, role);
    }
    return HTTP2_GO_ON;
}

/* 6.5 */
void http2_settings(struct http2_state *s, enum flow_dir role, struct reader body)
{
    struct http2_side *other = &s->side[flow_dir_other(role)];
    size_t count = reader_left(&body) / 6;
    struct http2_tx *tx = http2_tx_global(s);
    struct http2_half *h = tx ? &tx->half[role] : NULL;
    if (h) {
        http2_half_saw(h, HTTP2_SETTINGS);
        h->has_settings = true;
        h->settings = calloc(HTTP2_SETTINGS_MAX, sizeof *h->settings);
    }
    for (size_t i = 0; i < count; i++) {
        struct http2_setting set = {.id = reader_be16(&body)};
        set.value = reader_be32(&body);
        if (set.id == NGHTTP2_SETTINGS_MAX_FRAME_SIZE)
            other->max_frame = set.value;
        if (h && h->settings && i < HTTP2_SETTINGS_MAX)
            h->settings[h->setting_count++] = set;
    }
    if (count > HTTP2_SETTINGS_MAX)
        http2_raise(s, HTTP2_INVALID_FRAME_DATA);
}

/* 6.9; of interest to rules alone. */
static void take_window(struct http2_state *s, const struct http2_side *side, enum flow_dir role, uint32_t increment)
{
    struct http2_stream *st = side->stream ? http2_stream_find(s, side->stream) : NULL;
    struct http2_tx *tx = st ? st->tx : NULL;
    if (side->stream == 0 && (tx = http2_tx_global(s)))
        tx->base.unlogged = true;
    if (!tx)
        return;
    struct http2_half *h = &tx->half[role];
    http2_half_saw(h, HTTP2_WINDOW_UPDATE);
    if (h->window_count < HTTP2_WINDOWS_MAX)
        h->windows[h->window_count++] = increment;
}

static enum http2_result take_frame(struct http2_state *s, struct http2_side *side, enum flow_dir role,
                                    struct reader body)
{
    struct http2_tx *tx;
    switch (side->type) {
    case HTTP2_HEADERS:
    case HTTP2_PUSH_PROMISE:
    case HTTP2_CONTINUATION:
        return take_headers(s, side, role, body);
    case HTTP2_PRIORITY:
        reader_be32(&body);
        http2_stream_priority(s, role, side->stream, reader_u8(&body));
        break;
    case HTTP2_RST_STREAM:
        http2_stream_reset(s, role, side->stream, reader_be32(&body));
        break;
    case HTTP2_SETTINGS:
        if (!(side->flags & HTTP2_FLAG_ACK))
            http2_settings(s, role, body);
        break;
    case HTTP2_WINDOW_UPDATE:
        take_window(s, side, role, reader_be32(&body) & ID_MASK);
        break;
    case HTTP2_GOAWAY:
        reader_be32(&body);
        tx = http2_tx_global(s);
        if (tx)
            http2_half_saw(&tx->half[role], HTTP2_GOAWAY);
        if (tx)
            http2_half_error(&tx->half[role], reader_be32(&body));
        break;
    default:
        break;
    }
    return HTTP2_GO_ON;
}

static enum http2_result read_body(struct http2_state *s, struct http2_side *side, enum flow_dir role,
                                   struct reader *in)
{
    uint32_t have = reader_left(in) < side->left ? (uint32_t)reader_left(in) : side->left;
    if (side->skip) {
        reader_skip(in, have);
        side->left -= have;
        if (side->left)
            return HTTP2_NEED_MORE;
        side->phase = HTTP2_AT_FRAME;
        return HTTP2_GO_ON;
    }
    if (side->type == HTTP2_DATA)
        return read_data(s, side, role, in);
    if (have < side->need) {
        side->offered = have;
        return HTTP2_NEED_MORE;
    }
    struct reader body = reader_sub(in, side->need);
    side->left -= side->need;
    side->offered = 0;
    side->skip = side->left != 0;
    if (!side->skip)
        side->phase = HTTP2_AT_FRAME;
    return take_frame(s, side, role, body);
}

static enum http2_result read_head(struct http2_state *s, struct http2_side *side, enum flow_dir role,
                                   struct reader *in)
{
    if (reader_left(in) < HEAD_LEN)
        return HTTP2_NEED_MORE;
    side->left = reader_be24(in);
    side->type = reader_u8(in);
    side->flags = reader_u8(in);
    side->stream = reader_be32(in) & ID_MASK;
    enum http2_result r = begin_body(s, side, role);
    return r == HTTP2_GO_ON ? read_body(s, side, role, in) : r;
}

enum http2_result http2_step(struct http2_state *s, struct http2_side *side, enum flow_dir role)
{
    struct proto_io *io = s->io;
    if (io->consumed == io->len)
        return HTTP2_NEED_MORE;
    struct reader in = reader_of(io->data + io->consumed, io->len - io->consumed);
    enum http2_result r;
    if (side->phase == HTTP2_AT_PREFACE)
        r = read_preface(s, side, &in);
    else if (side->phase == HTTP2_AT_FRAME)
        r = read_head(s, side, role, &in);
    else
        r = read_body(s, side, role, &in);
    io->consumed = (size_t)(in.p - io->data);
    return r;
}

bool http2_frame_gap(struct http2_state *s, struct http2_side *side, enum flow_dir role, uint64_t n)
{
    if (side->phase != HTTP2_IN_FRAME)
        return false;
    side->left -= side->offered;
    side->offered = 0;
    if (n > side->left || (!side->skip && of_headers(side->type)))
        return false;
    if (side->type == HTTP2_DATA && !side->skip) {
        if (side->pad_wait)
            return false;
        uint32_t payload = side->left - side->pad;
        uint32_t lost = n < payload ? (uint32_t)n : payload;
        http2_stream_data_gap(s, role, side->stream, lost, side->end_due && lost == payload);
        side->left -= lost;
        n -= lost;
        side->skip = lost == payload;
    } else {
        side->skip = true;
    }
    side->left -= (uint32_t)n;
    if (side->left == 0)
        side->phase = HTTP2_AT_FRAME;
    return true;
}
