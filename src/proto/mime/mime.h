/* Messages (RFC 5322) with MIME parts (RFC 2045 to 2049), read piece by piece as they come.
 *
 * Bytes of a message go in as they are on the wire but for the transport's framing; out come the fields of its header,
 * the addresses of pages that its texts name, the names of its attachments, and their decoded content, told to
 * `struct mime_ops` as it arrives. A part is an attachment when it has a name. Broken messages are read as far as they
 * can be, since mail programs do so, too: what is odd is a bit in `events`. Nothing here knows SMTP, flows or rules.
 *
 * Owns all it keeps, each list and text up to a limit below; never keeps content. One owner, one thread at a time. */
#ifndef BURROW_PROTO_MIME_H
#define BURROW_PROTO_MIME_H

#include <nettle/md5.h>

#include "core/buf.h"

#define MIME_LINE_MAX      4096u  /* bytes of a line of a header; of longer ones the beginning */
#define MIME_FIELDS_MAX    512u   /* fields kept of the message's header */
#define MIME_HEADER_MAX    65536u /* bytes of their names and values together */
#define MIME_VALUE_MAX     16384u /* bytes of one value, whatever the configuration says */
#define MIME_NAME_MAX      255u   /* bytes of an attachment's name */
#define MIME_BOUNDARY_MAX  254u   /* bytes of a boundary that are nothing odd; RFC 2046 5.1.1 allows 70 */
#define MIME_DEPTH_MAX     16u    /* multiparts in one another; deeper ones are not taken apart */
#define MIME_LIST_MAX      256u   /* attachments, and addresses of pages; of more the first */
#define MIME_TEXT_LINE_MAX 4096u  /* bytes of a text's line that are searched for addresses at a time */
#define MIME_URL_MAX       2048u  /* bytes of such an address */

/* Bits of `events`. */
enum mime_event {
    MIME_INVALID_BASE64 = 1 << 0,
    MIME_INVALID_QP = 1 << 1,
    MIME_LONG_LINE = 1 << 2,     /* over 998 bytes (RFC 5322 2.1.1) */
    MIME_LONG_ENC_LINE = 1 << 3, /* encoded, and over 76 bytes (RFC 2045 6.7, 6.8) */
    MIME_LONG_HEADER_NAME = 1 << 4,
    MIME_LONG_HEADER_VALUE = 1 << 5,
    MIME_LONG_BOUNDARY = 1 << 6,
    MIME_LONG_FILENAME = 1 << 7,
    MIME_MALFORMED = 1 << 8, /* a limit on depth or number was passed */
};
#define MIME_EVENT_COUNT 9

struct mime_config {
    bool base64; /* decode it */
    bool quoted_printable;
    bool md5; /* of the body */
    bool urls;
    bool url_scheme;            /* addresses are kept with their scheme */
    const char *const *schemes; /* "http://", "mailto:"; in lower case */
    unsigned scheme_count;
    uint32_t value_max; /* bytes of a field's value; of longer ones the beginning. 0: MIME_VALUE_MAX */
};

struct mime_ops {
    void (*file_open)(void *arg, const uint8_t *name, size_t name_len);
    void (*file_data)(void *arg, const uint8_t *p, size_t n);
    void (*file_gap)(void *arg, uint64_t n);
    void (*file_close)(void *arg);
};

/* A text of a list, in order. */
struct mime_text {
    struct mime_text *next;
    size_t len;
    uint8_t bytes[];
};

struct mime_list {
    struct mime_text *first;
    struct mime_text *last;
    unsigned count;
};

struct mime_field {
    uint32_t name; /* offsets into `header` */
    uint32_t value;
    uint32_t value_len;
    uint16_t name_len;
};

enum mime_state { MIME_HEADER, MIME_BODY, MIME_END };
enum mime_encoding { MIME_PLAIN, MIME_BASE64, MIME_QP };

struct mime_part {
    enum mime_encoding encoding;
    bool text;      /* addresses of pages are looked for */
    bool multipart; /* with a boundary: its content is parts and what nobody reads */
    bool message;   /* message/rfc822: a header follows */
    bool inherited; /* the name is that of the message which this one is */
    size_t name_len;
    uint8_t name[MIME_NAME_MAX]; /* of the attachment */
};

struct mime {
    const struct mime_config *config;
    const struct mime_ops *ops;
    void *arg;
    enum mime_state state;
    bool main_done; /* the message's own header is over */
    bool file;      /* one is open */
    bool has_md5;   /* with MIME_END */
    uint32_t events;
    /* lines */
    struct buf line;
    bool in_line;     /* the beginning of this line was given on already */
    uint64_t line_at; /* bytes of it so far */
    uint8_t eol[2];   /* end of the last line of a body: the next boundary's (RFC 2046 5.1.1), or content */
    unsigned eol_len;
    /* the field that is read, and those of the message */
    struct buf name;
    struct buf value;
    bool in_field;
    struct buf header;
    struct mime_field *fields;
    unsigned field_count;
    unsigned field_room;
    struct mime_part part;
    struct mime_text *boundaries[MIME_DEPTH_MAX]; /* outermost first */
    unsigned depth;
    /* decoders */
    uint32_t quantum; /* base64: bits so far */
    unsigned quantum_len;
    unsigned pad;
    unsigned qp; /* quoted-printable: how much of an escape was read */
    uint8_t qp_first;
    struct buf text; /* the line of a text that is put together */
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];
    struct mime_list attachments;
    struct mime_list urls;
};

/* config and ops must outlive it. fini in any case; it closes no file. */
void mime_init(struct mime *m, const struct mime_config *config, const struct mime_ops *ops, void *arg);
void mime_fini(struct mime *m);

void mime_bytes(struct mime *m, const uint8_t *p, size_t n);
/* n bytes are missing here. */
void mime_gap(struct mime *m, uint64_t n);
/* The message is over: all of it was given. */
void mime_end(struct mime *m);
/* The message breaks off: an open file is over, what else is known stays. */
void mime_stop(struct mime *m);

/* The index-th field of that name in the message's own header; case does not matter. False: there is none. */
bool mime_value(const struct mime *m, const char *name, unsigned index, const uint8_t **value, size_t *len);

/* "PARSE_DONE", "BODY_STARTED" or "HEADER_STARTED", as in records. */
const char *mime_status(const struct mime *m);

/* The next address of a list ("a@x, \"b, c\" <b@x>"), from *at on; without blanks around it. False: no more. */
bool mime_address(const uint8_t *value, size_t len, size_t *at, const uint8_t **address, size_t *address_len);

#endif
