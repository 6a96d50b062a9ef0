#include "proto/capsule.h"

#define TYPE_DATAGRAM 0u /* RFC 9297 3.5 */
#define CONTEXT_UDP   0u /* RFC 9298 4 */

void capsule_init(struct capsule_reader *c)
{
    *c = (struct capsule_reader){.left = 0};
    buf_init(&c->part, CAPSULE_VALUE_MAX);
}

void capsule_fini(struct capsule_reader *c)
{
    buf_fini(&c->part);
}

/* RFC 9000 16: the first two bits say how long the integer is. */
static uint64_t varint(struct reader *r)
{
    uint64_t v = reader_u8(r);
    unsigned more = (1u << (v >> 6)) - 1;
    v &= 0x3f;
    while (more--)
        v = v << 8 | reader_u8(r);
    return v;
}

/* Collect type and length. False: more is needed. */
static bool read_head(struct capsule_reader *c, struct reader *in)
{
    for (;;) {
        struct reader r = reader_of(c->head, c->head_len);
        uint64_t type = varint(&r);
        uint64_t len = varint(&r);
        if (!r.bad) {
            bool datagram = type == TYPE_DATAGRAM;
            c->wanted = datagram && len <= CAPSULE_VALUE_MAX;
            c->other += !datagram;
            c->bad += datagram && !c->wanted;
            c->left = len;
            c->head_len = 0;
            c->in_value = true;
            return true;
        }
        if (reader_left(in) == 0)
            return false;
        c->head[c->head_len++] = reader_u8(in); /* two integers of eight bytes at most */
    }
}

/* A datagram's value is whole. */
static bool unwrap(struct capsule_reader *c, struct reader value, struct reader *udp)
{
    uint64_t context = varint(&value);
    if (value.bad || reader_left(&value) > CAPSULE_UDP_MAX) {
        c->bad++;
        return false;
    }
    if (context != CONTEXT_UDP) {
        c->other++;
        return false;
    }
    *udp = value;
    return true;
}

bool capsule_next(struct capsule_reader *c, struct reader *in, struct reader *udp)
{
    if (c->given)
        buf_clear(&c->part);
    c->given = false;
    for (;;) {
        if (!c->in_value && !read_head(c, in))
            return false;
        size_t have = reader_left(in);
        size_t n = c->left < have ? (size_t)c->left : have;
        bool whole = n == c->left;
        struct reader piece = reader_sub(in, n);
        c->left -= n;
        if (c->wanted && (!whole || c->part.len) && !buf_add(&c->part, piece.p, n)) {
            c->wanted = false; /* memory is short */
            c->bad++;
            buf_clear(&c->part);
        }
        if (!whole)
            return false;
        c->in_value = false;
        if (!c->wanted)
            continue;
        bool held = c->part.len > 0;
        if (unwrap(c, held ? reader_of(c->part.data, c->part.len) : piece, udp)) {
            c->given = held;
            return true;
        }
        buf_clear(&c->part);
    }
}

bool capsule_gap(struct capsule_reader *c, uint64_t n)
{
    if (!c->in_value || n > c->left)
        return false;
    if (c->wanted) {
        c->wanted = false;
        c->bad++;
        buf_clear(&c->part);
    }
    c->left -= n;
    return true;
}
