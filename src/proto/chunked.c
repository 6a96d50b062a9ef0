#include "proto/chunked.h"

enum state {
    SIZE_FIRST, /* a chunk's line, before its first digit */
    SIZE,
    SIZE_SPACE, /* blanks behind the digits (bad whitespace, RFC 9112 section 7.1.1) */
    EXT_NAME,   /* behind ';' */
    EXT_SKIP,   /* the rest of an extension */
    EXT_QUOTED, /* in a quoted value, where ';' is a character like others */
    EXT_ESCAPE, /* behind '\' there */
    SIZE_CR,
    DATA,
    DATA_END, /* the line end behind a chunk's data */
    DATA_CR,
    TRAILER_FIRST, /* at the beginning of a trailer's line */
    TRAILER,
    TRAILER_CR, /* a CR at the beginning of a line */
    END,
    BAD,
    TOO_LONG,
};

#define MISMATCH 0xffu

static const char ieof[] = "ieof";

static int hex_value(uint8_t b)
{
    if (b >= '0' && b <= '9')
        return b - '0';
    b |= 0x20;
    return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static enum chunked_result fail(struct chunked *c, enum state state)
{
    c->state = (uint8_t)state;
    return state == BAD ? CHUNKED_BAD : CHUNKED_TOO_LONG;
}

static enum chunked_result line_ended(struct chunked *c)
{
    c->line = 0;
    if (c->size == 0) {
        c->state = TRAILER_FIRST;
        return CHUNKED_LAST;
    }
    c->left = c->size;
    c->total += c->size;
    c->state = DATA;
    return CHUNKED_CHUNK;
}

static enum chunked_result size_digit(struct chunked *c, int value)
{
    if (c->size || value)
        c->digits++;
    if (c->digits > CHUNKED_DIGITS_MAX)
        return fail(c, BAD);
    c->size = c->size << 4 | (unsigned)value;
    c->state = SIZE;
    return CHUNKED_MORE;
}

static void ext_name(struct chunked *c, uint8_t b)
{
    if ((b == ' ' || b == '\t') && c->matched == 0)
        return;
    if (c->matched < sizeof ieof - 1 && (b | 0x20) == ieof[c->matched])
        c->matched++;
    else
        c->matched = MISMATCH;
}

/* What ends an extension's name: is it "ieof"? */
static void ext_named(struct chunked *c)
{
    if (c->matched == sizeof ieof - 1)
        c->ieof = true;
    c->matched = 0;
}

/* A byte behind the digits of a chunk's line; not in a quoted value, not behind a CR. */
static enum chunked_result ext_byte(struct chunked *c, uint8_t b)
{
    bool name = c->state == EXT_NAME;
    bool blank = b == ' ' || b == '\t';
    if (b == '\r' || b == '\n') {
        if (name)
            ext_named(c);
        c->bare_lf |= b == '\n';
        c->state = SIZE_CR;
        return b == '\n' ? line_ended(c) : CHUNKED_MORE;
    }
    if (b == ';') {
        if (name)
            ext_named(c);
        c->matched = 0;
        c->state = EXT_NAME;
    } else if (name && (b == '=' || (blank && c->matched))) {
        ext_named(c);
        c->state = EXT_SKIP;
    } else if (name) {
        ext_name(c, b);
    } else if (c->state == EXT_SKIP) {
        if (b == '"')
            c->state = EXT_QUOTED;
    } else if (blank) {
        c->state = SIZE_SPACE;
    } else {
        return fail(c, BAD);
    }
    return CHUNKED_MORE;
}

/* A byte of a chunk's line. */
static enum chunked_result size_byte(struct chunked *c, uint8_t b)
{
    if (++c->line > CHUNKED_LINE_MAX)
        return fail(c, TOO_LONG);
    int value = c->state <= SIZE ? hex_value(b) : -1;
    if (value >= 0)
        return size_digit(c, value);
    switch (c->state) {
    case SIZE_FIRST:
        return fail(c, BAD);
    case EXT_QUOTED:
        if (b == '\n')
            return fail(c, BAD);
        if (b == '\\')
            c->state = EXT_ESCAPE;
        else if (b == '"')
            c->state = EXT_SKIP;
        return CHUNKED_MORE;
    case EXT_ESCAPE:
        c->state = EXT_QUOTED;
        return b == '\n' ? fail(c, BAD) : CHUNKED_MORE;
    case SIZE_CR:
        return b == '\n' ? line_ended(c) : fail(c, BAD);
    default:
        return ext_byte(c, b);
    }
}

/* The line end behind a chunk's data. */
static enum chunked_result data_end_byte(struct chunked *c, uint8_t b)
{
    if (b == '\r' && c->state == DATA_END) {
        c->state = DATA_CR;
        return CHUNKED_MORE;
    }
    if (b != '\n')
        return fail(c, BAD);
    c->bare_lf |= c->state == DATA_END;
    c->state = SIZE_FIRST;
    c->size = 0;
    c->digits = 0;
    return CHUNKED_MORE;
}

static enum chunked_result trailer_byte(struct chunked *c, uint8_t b)
{
    if (++c->trailer > CHUNKED_TRAILERS_MAX)
        return fail(c, TOO_LONG);
    if (c->state == TRAILER) {
        if (b == '\n')
            c->state = TRAILER_FIRST;
        return CHUNKED_MORE;
    }
    if (b == '\n') {
        c->bare_lf |= c->state == TRAILER_FIRST;
        c->state = END;
        return CHUNKED_END;
    }
    if (c->state == TRAILER_CR)
        return fail(c, BAD);
    c->trailers |= b != '\r';
    c->state = b == '\r' ? TRAILER_CR : TRAILER;
    return CHUNKED_MORE;
}

static enum chunked_result give_data(struct chunked *c, struct reader *r)
{
    size_t n = reader_left(r) < c->left ? reader_left(r) : (size_t)c->left;
    c->data = reader_take(r, n);
    c->len = n;
    c->left -= n;
    if (c->left == 0)
        c->state = DATA_END;
    return CHUNKED_DATA;
}

enum chunked_result chunked_next(struct chunked *c, struct reader *r)
{
    while (reader_left(r)) {
        enum chunked_result result;
        switch (c->state) {
        case END:
            return CHUNKED_END;
        case BAD:
            return CHUNKED_BAD;
        case TOO_LONG:
            return CHUNKED_TOO_LONG;
        case DATA:
            return give_data(c, r);
        case DATA_END:
        case DATA_CR:
            result = data_end_byte(c, reader_u8(r));
            break;
        case TRAILER_FIRST:
        case TRAILER:
        case TRAILER_CR:
            result = trailer_byte(c, reader_u8(r));
            break;
        default:
            result = size_byte(c, reader_u8(r));
            break;
        }
        if (result != CHUNKED_MORE)
            return result;
    }
    return CHUNKED_MORE;
}

bool chunked_gap(struct chunked *c, uint64_t n)
{
    if (c->state != DATA || n > c->left)
        return false;
    c->left -= n;
    if (c->left == 0)
        c->state = DATA_END;
    return true;
}
