/* Where HTTP/1 messages begin and end (RFC 9112 2 to 7), for connections that libhtp can't frame: of a proxy. Knows
 * nothing of flows, transactions or libhtp. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_FRAME_H
#define BURROW_PROTO_HTTP1_FRAME_H

#include "core/bytes.h"
#include "proto/chunked.h"

/* How far a head was looked at that came in pieces: offsets into it. */
struct http1_scan {
    size_t line; /* where the line begins that is being read */
    size_t at;
};

/* The length of the head that begins at p, its empty line included; 0: more is needed. A line ends at LF, with or
 * without CR (RFC 9112 2.2). Set the scan to 0 for a new head. */
size_t http1_head_length(struct http1_scan *scan, const uint8_t *p, size_t n);

struct http1_span {
    const uint8_t *p;
    size_t n;
};

bool http1_span_is(struct http1_span s, const char *text); /* whatever the case */

/* Take a line without its end. */
struct http1_span http1_line(struct reader *r);

/* RFC 9112 3: method, target, version. */
struct http1_request_line {
    struct http1_span method;
    struct http1_span target;
    struct http1_span version;
};

/* Several blanks between the parts pass. False: it is none, or has no version. */
bool http1_request_line(struct http1_span line, struct http1_request_line *out);

struct http1_status_line {
    int code; /* 100 to 999 */
    struct http1_span reason;
};

/* RFC 9112 4. Several blanks and a missing reason pass. */
bool http1_status_line(struct http1_span line, struct http1_status_line *out);

/* A field of a head (RFC 9112 5), with the lines that continue it (5.2). */
struct http1_field {
    struct http1_span name;  /* without the blanks before the colon */
    struct http1_span value; /* without the blanks around it */
    struct http1_span raw;   /* all of its lines, with their ends */
};

/* The next field; r stands behind the first line. False at the empty line or the end. */
bool http1_field_next(struct reader *r, struct http1_field *out);

/* Is this one of the comma-separated words of a value? */
bool http1_value_has(struct http1_span value, const char *word);

enum http1_body_state {
    HTTP1_BODY_DONE,    /* the message is over */
    HTTP1_BODY_BAD,     /* can't be framed */
    HTTP1_BODY_LENGTH,  /* `left` bytes */
    HTTP1_BODY_CHUNKED, /* `chunked` knows */
    HTTP1_BODY_CLOSE,   /* until the connection ends */
};

/* What is still to come of a message. */
struct http1_body {
    enum http1_body_state state;
    uint64_t left;
    struct chunked chunked;
};

/* What the fields of a head say of its body (RFC 9112 6). */
struct http1_framing {
    uint64_t length;
    bool sized;
    bool coded;   /* Transfer-Encoding is there */
    bool chunked; /* and chunked is its last word */
    bool bad;
};

void http1_framing_add(struct http1_framing *f, const struct http1_field *field);

/* RFC 9112 6.3 */
struct http1_body http1_body_of_request(const struct http1_framing *f);
struct http1_body http1_body_of_reply(const struct http1_framing *f, int code, bool to_head);

/* How many of n bytes are the message's; its state goes on. */
size_t http1_body_take(struct http1_body *b, const uint8_t *p, size_t n);

/* n bytes are missing here. False: they may reach beyond what is known to be body. */
bool http1_body_gap(struct http1_body *b, uint64_t n);

#endif
