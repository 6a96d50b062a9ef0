/* What the files of this room share. Private to the room. */
#ifndef BURROW_PROTO_SMTP_STATE_H
#define BURROW_PROTO_SMTP_STATE_H

#include "proto/proto.h"

#define SMTP_LINE_MAX    2048 /* bytes of a command or a reply line; RFC 5321 4.5.3.1 asks for 512 */
#define SMTP_VALUE_MAX   512  /* bytes kept of a name or address */
#define SMTP_RCPT_MAX    100  /* recipients kept of one mail (RFC 5321 4.5.3.1.8) */
#define SMTP_PENDING_MAX 256  /* commands without a reply; more end the parsing */

enum smtp_event {
    SMTP_INVALID_REPLY,
    SMTP_UNABLE_TO_MATCH,
    SMTP_COMMAND_TOO_LONG,
    SMTP_REPLY_TOO_LONG,
    SMTP_DATA_REJECTED,
    SMTP_TLS_REJECTED,
    SMTP_NO_WELCOME,
    SMTP_INVALID_BDAT,
    SMTP_DUPLICATE_FIELDS,
    SMTP_TOO_MANY_RECIPIENTS,
    SMTP_TOO_MANY_PENDING,
    SMTP_MIME_MALFORMED_MSG,
    SMTP_MIME_INVALID_BASE64,
    SMTP_MIME_INVALID_QP,
    SMTP_MIME_LONG_LINE,
    SMTP_MIME_LONG_ENC_LINE,
    SMTP_MIME_LONG_HEADER_NAME,
    SMTP_MIME_LONG_HEADER_VALUE,
    SMTP_MIME_LONG_BOUNDARY,
    SMTP_MIME_LONG_FILENAME,
    /* Raised by nobody here; rules that name them must load. */
    SMTP_BDAT_CHUNK_LEN,
    SMTP_INVALID_PIPELINED,
    SMTP_UNPARSABLE_CONTENT,
    SMTP_FAILED_PROTOCOL_CHANGE,
    SMTP_TRUNCATED_LINE,
    SMTP_MIME_PARSE_FAILED,
    SMTP_EVENT_COUNT
};

extern const struct proto_event_desc smtp_events[SMTP_EVENT_COUNT];

struct smtp_text {
    struct smtp_text *next;
    size_t len;
    uint8_t bytes[];
};

struct smtp_config;
struct smtp_message;

struct smtp_tx {
    struct proto_tx base;
    const struct smtp_text *helo; /* the session's, if it came before the mail was over */
    struct smtp_text *from;
    struct smtp_text *rcpt; /* in order */
    struct smtp_text *rcpt_last;
    unsigned rcpt_count;
    bool envelope;                /* MAIL or RCPT came */
    struct smtp_message *message; /* smtp_message.h; NULL: none came, or nobody wants it */
};

/* What the server owes a reply to. */
enum smtp_owed { OWED_OTHER, OWED_DATA, OWED_MESSAGE, OWED_STARTTLS };

struct smtp_pending {
    struct smtp_tx *tx; /* OWED_MESSAGE: the mail that the reply ends */
    uint8_t owed;       /* enum smtp_owed */
};

enum smtp_mode {
    SMTP_COMMANDS,
    SMTP_WAIT, /* for the reply to DATA or STARTTLS */
    SMTP_DATA, /* the message, to the line with one dot */
    SMTP_BDAT, /* a chunk of known length */
};

/* Where in a line of the message. */
enum smtp_dot {
    DOT_NONE, /* not where a dot means anything */
    DOT_LINE, /* at its begin */
    DOT_SEEN, /* behind its first dot */
    DOT_CR,   /* behind that and a CR */
};

struct smtp_state {
    struct proto_txs txs;
    const struct smtp_config *config; /* NULL: messages are not read */
    struct smtp_tx *tx;               /* the mail that commands belong to, NULL between two */
    struct smtp_text *helo;           /* the first */
    enum smtp_mode mode;
    enum smtp_dot dot;
    bool bdat_last;  /* this chunk ends the message */
    bool reply_seen; /* the server was heard */
    bool held;       /* behind a command whose reply decides what follows the client sent more */
    bool skip_line;  /* the rest of a command line that was too long */
    uint64_t chunk;  /* bytes left of the BDAT chunk */
    unsigned first;  /* ring of pending */
    unsigned count;
    struct smtp_pending pending[SMTP_PENDING_MAX];
};

/* smtp_probe.c */
enum proto_probe_result smtp_probe(const struct proto_probe *p);

/* smtp_command.c: one command line, without its end. */
enum proto_status smtp_command(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n);
/* Remember that a reply is owed. False at the cap. */
bool smtp_owe(struct smtp_state *s, struct proto_io *io, enum smtp_owed owed, struct smtp_tx *tx);
/* The message is over: its reply ends the mail. */
bool smtp_message_end(struct smtp_state *s, struct proto_io *io);

#endif
