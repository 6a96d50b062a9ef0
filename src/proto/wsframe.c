#include "proto/wsframe.h"

#include <string.h>

#include "core/bytes.h"

/* Masked payload is given on in pieces of this size, bytes. */
#define UNMASK_PIECE 4096u

/* RFC 6455 section 5.5 */
#define CONTROL_MOST 125u

#define BIT_FIN      0x80u
#define BIT_RSV1     0x40u
#define BITS_RSV23   0x30u
#define BIT_MASK     0x80u
#define LENGTH_BE16  126u
#define LENGTH_BE64  127u
#define LENGTH_LIMIT (1ull << 63)

static void tell(const struct wsframe_user *user, void *ctx, enum wsframe_event event)
{
    if (user->event)
        user->event(ctx, event);
}

static bool is_control(uint8_t opcode)
{
    return opcode & 8;
}

/* How long the head is, as far as its first bytes say. */
static size_t head_size(const struct wsframe *w)
{
    if (w->head_len < 2)
        return 2;
    uint8_t len = w->head[1] & 0x7f;
    size_t mask = w->head[1] & BIT_MASK ? 4 : 0;
    return 2 + mask + (len == LENGTH_BE64 ? 8u : len == LENGTH_BE16 ? 2u : 0u);
}

static bool known_opcode(uint8_t opcode)
{
    return opcode <= WSFRAME_BINARY || (opcode >= WSFRAME_CLOSE && opcode <= WSFRAME_PONG);
}

/* Lengths of 126 and more stand in bytes of their own, the fewest that will do (section 5.2). */
static bool read_length(struct reader *r, uint8_t first, uint64_t *len)
{
    uint64_t least = 0;
    *len = first;
    if (first == LENGTH_BE16) {
        *len = reader_be16(r);
        least = LENGTH_BE16;
    } else if (first == LENGTH_BE64) {
        *len = reader_be64(r);
        least = 0x10000;
    }
    return *len >= least;
}

/* Frames of one message: data frame, continuations; control frames may come in between (section 5.4). */
static void follow_message(struct wsframe *w, struct wsframe_head *f, bool rsv1, const struct wsframe_user *user,
                           void *ctx)
{
    if (f->opcode == WSFRAME_CONTINUATION) {
        if (!w->message) {
            tell(user, ctx, WSFRAME_NO_MESSAGE);
            w->compressed = false;
        }
    } else {
        if (w->message)
            tell(user, ctx, WSFRAME_MESSAGE_UNFINISHED);
        w->compressed = rsv1; /* RFC 7692 section 6 */
    }
    w->message = !f->fin;
    f->compressed = w->compressed;
}

/* The head is whole. False: what follows can't be understood. */
static bool begin_frame(struct wsframe *w, const struct wsframe_user *user, void *ctx)
{
    struct reader r = reader_of(w->head, w->head_len);
    uint8_t bits = reader_u8(&r);
    uint8_t second = reader_u8(&r);
    struct wsframe_head f = {.opcode = bits & 0x0f, .fin = bits & BIT_FIN, .masked = second & BIT_MASK};
    bool rsv1 = bits & BIT_RSV1;
    bool minimal = read_length(&r, second & 0x7f, &f.len);
    const uint8_t *mask = f.masked ? reader_take(&r, 4) : NULL;
    memset(w->mask, 0, sizeof w->mask);
    if (mask)
        memcpy(w->mask, mask, sizeof w->mask);
    if (!known_opcode(f.opcode)) {
        tell(user, ctx, WSFRAME_UNKNOWN_OPCODE);
        return false;
    }
    bool begins = f.opcode == WSFRAME_TEXT || f.opcode == WSFRAME_BINARY;
    if ((bits & BITS_RSV23) || (rsv1 && !begins)) {
        tell(user, ctx, WSFRAME_RESERVED_BITS);
        return false;
    }
    if (f.len >= LENGTH_LIMIT) {
        tell(user, ctx, WSFRAME_INVALID_LENGTH);
        return false;
    }
    if (!minimal)
        tell(user, ctx, WSFRAME_LENGTH_NOT_MINIMAL);
    if (f.masked != w->client)
        tell(user, ctx, WSFRAME_WRONG_MASK);
    if (is_control(f.opcode)) {
        if (!f.fin)
            tell(user, ctx, WSFRAME_CONTROL_FRAGMENTED);
        if (f.len > CONTROL_MOST)
            tell(user, ctx, WSFRAME_CONTROL_TOO_LONG);
    } else {
        follow_message(w, &f, rsv1, user, ctx);
    }
    w->frame = f;
    w->left = f.len;
    w->phase = 0;
    if (user->frame)
        user->frame(ctx, &f);
    return true;
}

/* Section 5.3: octet i of the payload with octet i mod 4 of the key, eight at a time. */
static void unmask(const struct wsframe *w, const uint8_t *p, size_t len, uint8_t *out)
{
    uint8_t key[8];
    for (unsigned i = 0; i < 8; i++)
        key[i] = w->mask[(w->phase + i) & 3];
    uint64_t wide;
    memcpy(&wide, key, 8);
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t v;
        memcpy(&v, p + i, 8);
        v ^= wide;
        memcpy(out + i, &v, 8);
    }
    for (; i < len; i++)
        out[i] = p[i] ^ key[i & 7];
}

static bool given_on(const struct wsframe *w)
{
    return !is_control(w->frame.opcode) && !w->frame.compressed;
}

static void give(struct wsframe *w, const uint8_t *p, size_t len, const struct wsframe_user *user, void *ctx)
{
    uint8_t plain[UNMASK_PIECE];
    if (load_be32(w->mask) == 0) {
        user->data(ctx, p, len);
        return;
    }
    while (len) {
        size_t n = len < UNMASK_PIECE ? len : UNMASK_PIECE;
        unmask(w, p, n, plain);
        w->phase = (uint8_t)((w->phase + n) & 3);
        user->data(ctx, plain, n);
        p += n;
        len -= n;
    }
}

static void end_frame(struct wsframe *w)
{
    w->payload = false;
    w->head_len = 0;
    if (w->frame.opcode == WSFRAME_CLOSE)
        w->result = WSFRAME_CLOSED;
}

/* Bytes for the head; returns how many it took. */
static size_t take_head(struct wsframe *w, const uint8_t *p, size_t len, const struct wsframe_user *user, void *ctx)
{
    size_t took = 0;
    while (took < len && w->head_len < head_size(w))
        w->head[w->head_len++] = p[took++];
    if (w->head_len < 2 || w->head_len < head_size(w))
        return took;
    if (!begin_frame(w, user, ctx)) {
        w->result = WSFRAME_BROKEN;
        return took;
    }
    w->payload = true;
    if (w->left == 0)
        end_frame(w);
    return took;
}

enum wsframe_result wsframe_feed(struct wsframe *w, const uint8_t *p, size_t len, const struct wsframe_user *user,
                                 void *ctx)
{
    while (len && w->result == WSFRAME_OK) {
        size_t took;
        if (w->payload) {
            took = w->left < len ? (size_t)w->left : len;
            w->left -= took;
            if (given_on(w))
                give(w, p, took, user, ctx);
            if (w->left == 0)
                end_frame(w);
        } else {
            took = take_head(w, p, len, user, ctx);
        }
        p += took;
        len -= took;
    }
    if (len && w->result == WSFRAME_CLOSED && !w->after_close) {
        w->after_close = true;
        tell(user, ctx, WSFRAME_AFTER_CLOSE);
    }
    return (enum wsframe_result)w->result;
}

bool wsframe_gap(struct wsframe *w, uint64_t n, uint64_t *lost)
{
    *lost = 0;
    if (w->result == WSFRAME_CLOSED)
        return true;
    if (w->result == WSFRAME_BROKEN || !w->payload || n > w->left) {
        w->result = WSFRAME_BROKEN;
        return false;
    }
    if (given_on(w))
        *lost = n;
    w->phase = (uint8_t)((w->phase + n) & 3);
    w->left -= n;
    if (w->left == 0)
        end_frame(w);
    return true;
}

bool wsframe_torn(const struct wsframe *w)
{
    return w->result == WSFRAME_OK && (w->payload || w->head_len);
}
