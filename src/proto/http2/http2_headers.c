/* Header blocks: HPACK (RFC 7541) by libnghttp2, piece by piece, so that no block is ever collected. */
#include "proto/http2/http2_state.h"

/* What a field costs besides its bytes (RFC 9113 6.5.2). */
#define FIELD_COST 32u

void http2_block_begin(struct http2_side *side, uint32_t stream)
{
    side->in_block = true;
    side->block_started = false;
    side->block_promise = false;
    side->block_priority = false;
    side->block_end_stream = false;
    side->block_on = side->block_stream = stream;
    side->block_len = side->list_len = 0;
    side->table_size = -1;
    buf_clear(&side->fields);
}

/* A table size update stands at the block's beginning (RFC 7541 4.2, 6.3): the record tells of it, and libnghttp2
 * doesn't. */
static int64_t table_size_update(struct reader r)
{
    uint8_t first = reader_u8(&r);
    if ((first & 0xe0) != 0x20)
        return -1;
    int64_t v = first & 0x1f;
    if (v < 0x1f)
        return v;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
        uint8_t b = reader_u8(&r);
        v += (int64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            break;
    }
    return r.bad ? -1 : v;
}

static void keep(struct http2_state *s, struct http2_side *side, const nghttp2_nv *nv)
{
    size_t cost = nv->namelen + nv->valuelen + FIELD_COST;
    if (side->block_len > HTTP2_BLOCK_MAX) {
        http2_raise(s, HTTP2_REASSEMBLY_LIMIT_REACHED);
    } else if (cost > HTTP2_LIST_MAX - side->list_len) {
        side->list_len = HTTP2_LIST_MAX;
        http2_raise(s, HTTP2_TOO_MANY_HEADERS);
    } else {
        side->list_len += (uint32_t)cost;
        http2_fields_add(&side->fields, nv->name, nv->namelen, nv->value, nv->valuelen);
    }
}

bool http2_block_piece(struct http2_state *s, struct http2_side *side, struct reader piece, bool final)
{
    size_t left = reader_left(&piece);
    const uint8_t *p = piece.p;
    if (left && !side->block_started) {
        side->block_started = true;
        side->table_size = table_size_update(piece);
    }
    side->block_len = left > UINT32_MAX - side->block_len ? UINT32_MAX : side->block_len + (uint32_t)left;
    for (;;) {
        nghttp2_nv nv;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(side->inflater, &nv, &flags, p, left, final);
        if (used < 0)
            return false;
        p += used;
        left -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            keep(s, side, &nv);
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            return nghttp2_hd_inflate_end_headers(side->inflater) == 0;
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && left == 0)
            return !final;
    }
}
