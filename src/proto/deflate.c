#include "proto/deflate.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "proto/deflate_private.h"

struct deflate *deflate_create(enum deflate_wrap wrap)
{
    struct deflate *d = malloc(sizeof *d); /* not cleared: what is read of it was written before */
    if (d)
        deflate_begin(d, wrap);
    return d;
}

void deflate_destroy(struct deflate **d)
{
    free(*d);
    *d = NULL;
}

void deflate_begin(struct deflate *d, enum deflate_wrap wrap)
{
    memset(d, 0, offsetof(struct deflate, lens));
    d->wrap = wrap;
    d->state = STATE_HEAD;
}

size_t deflate_waiting(const struct deflate *d, const uint8_t **p)
{
    *p = d->window + d->given;
    return d->pos - d->given;
}

void deflate_taken(struct deflate *d, size_t n)
{
    d->given += (uint32_t)n;
}

/* Room for a piece behind what waits: the last 32 KB, which what comes may refer to, move to the front. */
static void make_room(struct deflate *d)
{
    if (d->given + DEFLATE_PIECE <= WINDOW || d->pos <= HISTORY)
        return;
    uint32_t by = d->pos - HISTORY;
    memmove(d->window, d->window + by, HISTORY);
    d->pos -= by;
    d->given -= by;
    d->checked -= by;
}

static bool bad(struct deflate *d)
{
    d->state = STATE_BAD;
    return false;
}

static void end_block(struct deflate *d)
{
    d->state = d->last ? STATE_TRAILER : STATE_BLOCK;
}

/* RFC 1951 3.2.6 */
static bool fixed_codes(struct deflate *d)
{
    memset(d->lens, 8, 144);
    memset(d->lens + 144, 9, 112);
    memset(d->lens + 256, 7, 24);
    memset(d->lens + 280, 8, 8);
    memset(d->lens + LIT_SYMBOLS, 5, DIST_SYMBOLS);
    d->state = STATE_SYMBOLS;
    return deflate_table_make(CODE_LIT, d->lens, LIT_SYMBOLS, d->lit) &&
           deflate_table_make(CODE_DIST, d->lens + LIT_SYMBOLS, DIST_SYMBOLS, d->dist);
}

/* RFC 1951 3.2.3 */
static bool block(struct deflate *d)
{
    if (!deflate_need(d, 3))
        return false;
    d->last = deflate_take(d, 1) != 0;
    switch (deflate_take(d, 2)) {
    case 0:
        deflate_take(d, d->nbits % 8);
        d->state = STATE_STORED;
        return true;
    case 1:
        return fixed_codes(d) || bad(d);
    case 2:
        d->state = STATE_COUNTS;
        return true;
    default:
        return bad(d);
    }
}

/* RFC 1951 3.2.4 */
static bool stored(struct deflate *d)
{
    if (!deflate_need(d, 32))
        return false;
    uint32_t len = deflate_take(d, 16), inverted = deflate_take(d, 16);
    if ((len ^ 0xffff) != inverted)
        return bad(d);
    d->left = len;
    d->state = STATE_COPY;
    return true;
}

static bool copy(struct deflate *d)
{
    uint32_t room = d->given + DEFLATE_PIECE + 1 - d->pos;
    for (; d->nbits && d->left && room; d->left--, room--)
        d->window[d->pos++] = (uint8_t)deflate_take(d, 8);
    uint32_t n = d->left < room ? d->left : room;
    if (n > (size_t)(d->end - d->p))
        n = (uint32_t)(d->end - d->p);
    if (d->nbits == 0 && n) {
        memcpy(d->window + d->pos, d->p, n);
        d->p += n;
        d->pos += n;
        d->left -= n;
    }
    if (d->left)
        return false;
    end_block(d);
    return true;
}

/* RFC 1951 3.2.7 */
static bool counts(struct deflate *d)
{
    if (!deflate_need(d, 14))
        return false;
    d->nlit = deflate_take(d, 5) + 257;
    d->ndist = deflate_take(d, 5) + 1;
    d->npre = deflate_take(d, 4) + 4;
    if (d->nlit > 286 || d->ndist > 30)
        return bad(d);
    memset(d->lens, 0, PRE_SYMBOLS);
    d->have = 0;
    d->state = STATE_PRE;
    return true;
}

static bool pre_lengths(struct deflate *d)
{
    static const uint8_t order[PRE_SYMBOLS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    for (; d->have < d->npre; d->have++) {
        if (!deflate_need(d, 3))
            return false;
        d->lens[order[d->have]] = (uint8_t)deflate_take(d, 3);
    }
    if (!deflate_table_make(CODE_PRE, d->lens, PRE_SYMBOLS, d->pre))
        return bad(d);
    d->have = 0;
    d->state = STATE_LENGTHS;
    return true;
}

/* One length, or some that are equal. */
static bool next_lengths(struct deflate *d)
{
    static const struct {
        uint8_t bits, base;
    } repeat[] = {{2, 3}, {3, 3}, {7, 11}};
    uint32_t e;
    while (e = d->pre[d->bits & (PRE_ROOM - 1)], (e & 0xff) > d->nbits)
        if (!deflate_need(d, d->nbits + 1))
            return false;
    unsigned symbol = e >> 16, len = e & 0xff;
    if (symbol < 16) {
        deflate_take(d, len);
        d->lens[d->have++] = (uint8_t)symbol;
        return true;
    }
    if (!deflate_need(d, len + repeat[symbol - 16].bits))
        return false;
    deflate_take(d, len);
    unsigned n = repeat[symbol - 16].base + deflate_take(d, repeat[symbol - 16].bits);
    if ((symbol == 16 && d->have == 0) || n > d->nlit + d->ndist - d->have)
        return bad(d);
    memset(d->lens + d->have, symbol == 16 ? d->lens[d->have - 1] : 0, n);
    d->have += n;
    return true;
}

static bool lengths(struct deflate *d)
{
    while (d->have < d->nlit + d->ndist)
        if (!next_lengths(d))
            return false;
    d->state = STATE_SYMBOLS;
    if (d->lens[256] == 0 || !deflate_table_make(CODE_LIT, d->lens, d->nlit, d->lit) ||
        !deflate_table_make(CODE_DIST, d->lens + d->nlit, d->ndist, d->dist))
        return bad(d);
    return true;
}

static inline uint64_t low(uint64_t bits, unsigned n)
{
    return bits & (((uint64_t)1 << n) - 1);
}

/* A length or distance: its base and the extra bits behind the code. */
static inline uint32_t value_of(uint32_t e, uint64_t bits)
{
    return (e >> 16) + (uint32_t)(low(bits, e & 0xff) >> (e >> 8 & 0xf));
}

/* What was made `dist` bytes ago once more; they may overlap. Up to 7 bytes behind it are written, too. */
static inline uint8_t *match(uint8_t *to, uint32_t dist, uint32_t len)
{
    const uint8_t *from = to - dist;
    uint8_t *end = to + len;
    if (dist >= 8) {
        do {
            memcpy(to, from, 8);
            to += 8;
            from += 8;
        } while (to < end);
        return end;
    }
    if (dist == 1) {
        memset(to, *from, len);
        return end;
    }
    while (to < end)
        *to++ = *from++;
    return end;
}

/* The entry of the code that is next, and how many bits it takes before those that the entry tells. */
static inline uint32_t look(const uint32_t *table, unsigned root, uint64_t bits, unsigned *before)
{
    uint32_t e = table[low(bits, root)];
    *before = 0;
    if ((e & ENTRY_SPECIAL) && (e & ENTRY_SECOND)) {
        *before = root;
        e = table[(e >> 16) + low(bits >> root, e >> 8 & 0xf)];
    }
    return e;
}

/* One symbol near the input's end. False: it isn't all there, or is none; it isn't used then. */
static bool symbol(struct deflate *d)
{
    deflate_need(d, 48); /* as many as there are; more are never used */
    unsigned before, used;
    uint32_t e = look(d->lit, LIT_ROOT, d->bits, &before);
    used = before + (e & 0xff);
    if (used > d->nbits)
        return false;
    if (e & ENTRY_LITERAL) {
        d->bits >>= used;
        d->nbits -= used;
        d->window[d->pos++] = (uint8_t)(e >> 16);
        return true;
    }
    if (e & ENTRY_SPECIAL) {
        if (!(e & ENTRY_END))
            return bad(d);
        deflate_take(d, used);
        end_block(d);
        return true;
    }
    uint32_t len = value_of(e, d->bits >> before);
    uint64_t bits = d->bits >> used;
    e = look(d->dist, DIST_ROOT, bits, &before);
    if (used + before + (e & 0xff) > d->nbits)
        return false;
    uint32_t dist = value_of(e, bits >> before);
    if ((e & ENTRY_SPECIAL) || dist > d->pos)
        return bad(d);
    used += before + (e & 0xff);
    d->bits >>= used;
    d->nbits -= used;
    d->pos = (uint32_t)(match(d->window + d->pos, dist, len) - d->window);
    return true;
}

/* Input of the fast loop, kept in registers. */
struct input {
    const uint8_t *p;
    uint64_t bits;
    unsigned nbits;
};

/* At least 56 bits are there then; 8 bytes at p can be read, up to 7 are used. */
static inline void refill(struct input *in)
{
    uint64_t word;
    memcpy(&word, in->p, sizeof word);
    in->bits |= le64toh(word) << in->nbits;
    in->p += (63 - in->nbits) >> 3;
    in->nbits |= 56;
}

static inline void use(struct input *in, unsigned n)
{
    in->bits >>= n;
    in->nbits -= n;
}

/* The entry of what is next, with at least 56 bits there. */
static inline uint32_t ahead(const struct deflate *d, struct input *in)
{
    refill(in);
    return d->lit[low(in->bits, LIT_ROOT)];
}

/* Whole bytes that this call took go back to it. */
static void keep_bits(struct deflate *d, const struct input *in)
{
    size_t whole = in->nbits / 8;
    if (whole > (size_t)(in->p - d->p))
        whole = (size_t)(in->p - d->p);
    d->p = in->p - whole;
    d->nbits = in->nbits - 8 * (unsigned)whole;
    d->bits = low(in->bits, d->nbits);
}

/* Symbols while there is input for more than one: a turn uses at most 16 bytes of it. Ends before a symbol that is not
 * ordinary, which symbol() judges. */
static void symbols(struct deflate *d)
{
    const uint8_t *safe = d->end - 16, *full = d->window + d->given + DEFLATE_PIECE + 1;
    struct input in = {d->p, d->bits, d->nbits};
    uint8_t *to = d->window + d->pos;
    uint32_t e = 0;
    if (in.p <= safe)
        e = ahead(d, &in);
    while (in.p <= safe && to < full) {
        /* Two, of LIT_ROOT bits at most, leave enough for the look ahead. */
        if (e & ENTRY_LITERAL) {
            *to++ = (uint8_t)(e >> 16);
            use(&in, e & 0xff);
            e = d->lit[low(in.bits, LIT_ROOT)];
            if (e & ENTRY_LITERAL) {
                *to++ = (uint8_t)(e >> 16);
                use(&in, e & 0xff);
                e = ahead(d, &in);
                continue;
            }
            refill(&in);
        }
        unsigned before = 0;
        if (e & ENTRY_SPECIAL) {
            e = look(d->lit, LIT_ROOT, in.bits, &before);
            if (e & ENTRY_SPECIAL)
                break;
        }
        unsigned used = before + (e & 0xff);
        if (e & ENTRY_LITERAL) {
            *to++ = (uint8_t)(e >> 16);
            use(&in, used);
            e = ahead(d, &in);
            continue;
        }
        uint32_t len = value_of(e, in.bits >> before);
        uint64_t bits = in.bits >> used;
        e = look(d->dist, DIST_ROOT, bits, &before);
        uint32_t dist = value_of(e, bits >> before);
        if ((e & ENTRY_SPECIAL) || dist > (size_t)(to - d->window))
            break;
        use(&in, used + before + (e & 0xff));
        e = ahead(d, &in);
        to = match(to, dist, len);
    }
    keep_bits(d, &in);
    d->pos = (uint32_t)(to - d->window);
}

static bool coded(struct deflate *d)
{
    if (d->end - d->p >= 32)
        symbols(d);
    while (d->state == STATE_SYMBOLS && d->pos - d->given <= DEFLATE_PIECE)
        if (!symbol(d))
            return false;
    return d->state != STATE_SYMBOLS;
}

/* On to the next state. False: it waits, for input or for room, or is the last. */
static bool step(struct deflate *d)
{
    switch (d->state) {
    case STATE_HEAD:
        return deflate_head(d);
    case STATE_BLOCK:
        return block(d);
    case STATE_STORED:
        return stored(d);
    case STATE_COPY:
        return copy(d);
    case STATE_COUNTS:
        return counts(d);
    case STATE_PRE:
        return pre_lengths(d);
    case STATE_LENGTHS:
        return lengths(d);
    case STATE_SYMBOLS:
        return coded(d);
    case STATE_TRAILER:
        return deflate_trailer(d);
    case STATE_END:
    case STATE_BAD:
        break;
    }
    return false;
}

enum deflate_result deflate_data(struct deflate *d, const uint8_t **p, size_t *n)
{
    d->p = *p;
    d->end = *p + *n;
    make_room(d);
    while (d->pos - d->given <= DEFLATE_PIECE && step(d))
        ;
    deflate_check(d);
    *p = d->p;
    *n = (size_t)(d->end - d->p);
    if (d->state == STATE_END)
        return DEFLATE_END;
    if (d->state == STATE_BAD)
        return DEFLATE_BAD;
    return d->pos - d->given > DEFLATE_PIECE ? DEFLATE_FULL : DEFLATE_MORE;
}
