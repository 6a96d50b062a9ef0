/* The chunked coding (RFC 9112 section 7.1), read as it comes.
 *
 * A reader of the framing alone: it keeps a few numbers, never bytes. The caller gives what it has, in pieces of any
 * size, and is told of one thing a call: a chunk's beginning, a piece of its data (borrowed from the caller's bytes),
 * the last chunk, the end behind the trailers. ICAP bodies are in this coding, too, with the extension "ieof" of the
 * last chunk (RFC 3507 section 4.5). Used by any protocol; no allocation, no shared state. */
#ifndef BURROW_PROTO_CHUNKED_H
#define BURROW_PROTO_CHUNKED_H

#include "core/bytes.h"

/* A line with a chunk's size and extensions, bytes; a longer one is CHUNKED_TOO_LONG. */
#define CHUNKED_LINE_MAX 4096u
/* All trailers of a body, bytes; more is CHUNKED_TOO_LONG. */
#define CHUNKED_TRAILERS_MAX 65536u
/* Bytes of a chunk, hexadecimal digits that count: 2^60 - 1 at most. */
#define CHUNKED_DIGITS_MAX 15u

enum chunked_result {
    CHUNKED_MORE,     /* all bytes were taken */
    CHUNKED_CHUNK,    /* a chunk of `size` bytes begins */
    CHUNKED_DATA,     /* `data`, `len` of its bytes; `left` more of it follow */
    CHUNKED_LAST,     /* the line of the last chunk ended: `ieof` is known; trailers follow */
    CHUNKED_END,      /* the body is over; bytes that follow are not its */
    CHUNKED_BAD,      /* not this coding. Answered again from here on */
    CHUNKED_TOO_LONG, /* a line or the trailers pass their limit. Answered again from here on */
};

/* Begins zeroed. */
struct chunked {
    uint64_t size;  /* of the chunk that was begun last */
    uint64_t left;  /* bytes of it that were not given yet */
    uint64_t total; /* data bytes of the chunks begun so far */
    const uint8_t *data;
    size_t len;
    uint32_t line;    /* bytes of the line that is being read */
    uint32_t trailer; /* bytes of trailers */
    uint8_t state;
    uint8_t digits;  /* that count: without leading zeros */
    uint8_t matched; /* characters of "ieof" that the extension's name has so far; MISMATCH */
    bool ieof;       /* a chunk's line had the extension */
    bool trailers;   /* there were some; they are skipped */
    bool bare_lf;    /* a line ended with LF alone */
};

/* Take bytes of r up to the next thing there is to tell. */
enum chunked_result chunked_next(struct chunked *c, struct reader *r);

/* n bytes are missing here. True if all are data of the chunk that is being read, which then goes on behind them. */
bool chunked_gap(struct chunked *c, uint64_t n);

#endif
