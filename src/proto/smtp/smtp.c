#include "proto/smtp/smtp.h"

#include <stdlib.h>

#include "core/bytes.h"
#include "proto/smtp/smtp_log.h"
#include "proto/smtp/smtp_message.h"

const struct proto_event_desc smtp_events[SMTP_EVENT_COUNT] = {
    [SMTP_INVALID_REPLY] = {"INVALID_REPLY", "reply does not begin with a code"},
    [SMTP_UNABLE_TO_MATCH] = {"UNABLE_TO_MATCH_REPLY_WITH_REQUEST", "a reply that nobody asked for"},
    [SMTP_COMMAND_TOO_LONG] = {"MAX_COMMAND_LINE_LEN_EXCEEDED", "command line over the limit"},
    [SMTP_REPLY_TOO_LONG] = {"MAX_REPLY_LINE_LEN_EXCEEDED", "reply line over the limit"},
    [SMTP_DATA_REJECTED] = {"DATA_COMMAND_REJECTED", "the server refused DATA"},
    [SMTP_TLS_REJECTED] = {"TLS_REJECTED", "the server refused STARTTLS"},
    [SMTP_NO_WELCOME] = {"NO_SERVER_WELCOME_MESSAGE", "the server's first line is no greeting"},
    [SMTP_INVALID_BDAT] = {"INVALID_BDAT", "malformed BDAT command"},
    [SMTP_DUPLICATE_FIELDS] = {"DUPLICATE_FIELDS", "HELO or MAIL twice"},
    [SMTP_INVALID_PIPELINED] = {"INVALID_PIPELINED_SEQUENCE", "bytes behind a command that has to be the last"},
    [SMTP_TOO_MANY_RECIPIENTS] = {"TOO_MANY_RECIPIENTS", "more recipients than are kept"},
    [SMTP_TOO_MANY_PENDING] = {"TOO_MANY_PENDING_COMMANDS", "unanswered commands over the limit"},
    [SMTP_BDAT_CHUNK_LEN] = {"BDAT_CHUNK_LEN_EXCEEDED", "more bytes than the chunk has"},
    [SMTP_UNPARSABLE_CONTENT] = {"UNPARSABLE_CONTENT", "message can't be parsed"},
    [SMTP_FAILED_PROTOCOL_CHANGE] = {"FAILED_PROTOCOL_CHANGE", "the protocol did not change as announced"},
    [SMTP_TRUNCATED_LINE] = {"TRUNCATED_LINE", "line was cut"},
    [SMTP_MIME_PARSE_FAILED] = {"MIME_PARSE_FAILED", "message can't be parsed"},
    [SMTP_MIME_MALFORMED_MSG] = {"MIME_MALFORMED_MSG", "malformed message"},
    [SMTP_MIME_INVALID_BASE64] = {"MIME_INVALID_BASE64", "malformed base64"},
    [SMTP_MIME_INVALID_QP] = {"MIME_INVALID_QP", "malformed quoted-printable"},
    [SMTP_MIME_LONG_LINE] = {"MIME_LONG_LINE", "long line in a message"},
    [SMTP_MIME_LONG_ENC_LINE] = {"MIME_LONG_ENC_LINE", "long encoded line in a message"},
    [SMTP_MIME_LONG_HEADER_NAME] = {"MIME_LONG_HEADER_NAME", "long header name in a message"},
    [SMTP_MIME_LONG_HEADER_VALUE] = {"MIME_LONG_HEADER_VALUE", "long header value in a message"},
    [SMTP_MIME_LONG_BOUNDARY] = {"MIME_LONG_BOUNDARY", "long boundary in a message"},
    [SMTP_MIME_LONG_FILENAME] = {"MIME_LONG_FILENAME", "long file name in a message"},
};

/* Find the end of the line at p. Returns the bytes to consume, 0 when it is not whole; *line: its length without its
 * end. */
static size_t next_line(const uint8_t *p, size_t n, size_t *line)
{
    const uint8_t *nl = memchr(p, '\n', n);
    if (!nl)
        return 0;
    *line = (size_t)(nl - p);
    if (*line && p[*line - 1] == '\r')
        (*line)--;
    return (size_t)(nl - p) + 1;
}

/* Are these bytes, with no end of the line in them, more than a line's? A CR behind them may be part of the end. */
static bool is_cut(const uint8_t *p, size_t n)
{
    return n > SMTP_LINE_MAX + (size_t)(p[n - 1] == '\r');
}

/* The message, to the end of a line that is one dot (RFC 5321 4.1.1.4); the first dot of other lines is none of it
 * (4.5.2). Returns bytes used; *end: it is over. */
static size_t take_message(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n, bool *end)
{
    size_t i = 0, from = 0; /* bytes from `from` on are to be given */
    while (i < n) {
        if (s->dot == DOT_NONE) {
            const uint8_t *nl = memchr(p + i, '\n', n - i);
            i = nl ? (size_t)(nl - p) + 1 : n;
            s->dot = nl ? DOT_LINE : DOT_NONE;
            continue;
        }
        uint8_t c = p[i];
        if (s->dot == DOT_LINE && c == '.') {
            smtp_message_bytes(s, io, p + from, i - from);
            from = ++i;
            s->dot = DOT_SEEN;
        } else if (s->dot == DOT_SEEN && c == '\r') {
            from = ++i;
            s->dot = DOT_CR;
        } else if (s->dot != DOT_LINE && c == '\n') {
            *end = true;
            return i + 1;
        } else {
            if (s->dot == DOT_CR)
                smtp_message_bytes(s, io, (const uint8_t *)"\r", 1);
            s->dot = DOT_NONE;
        }
    }
    smtp_message_bytes(s, io, p + from, n - from);
    return n;
}

static enum proto_status take_command(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    size_t line = 0;
    size_t used = next_line(p, n, &line);
    bool cut = used == 0 && is_cut(p, n);
    if (used == 0 && !cut)
        return PROTO_OK;
    io->consumed += cut ? n : used;
    bool rest = s->skip_line;
    s->skip_line = cut;
    if (rest)
        return PROTO_OK;
    if (!cut && line <= SMTP_LINE_MAX)
        return smtp_command(s, io, p, line);
    io->engine->event(io, SMTP_COMMAND_TOO_LONG);
    return smtp_owe(s, io, OWED_OTHER, NULL) ? PROTO_OK : PROTO_BROKEN;
}

static enum proto_status parse_client(struct smtp_state *s, struct proto_io *io)
{
    s->held = false;
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        size_t before = io->consumed;
        enum proto_status st = PROTO_OK;
        bool end = false;
        switch (s->mode) {
        case SMTP_COMMANDS:
            st = take_command(s, io, p, n);
            break;
        case SMTP_WAIT:
            s->held = true;
            return PROTO_OTHER_SIDE;
        case SMTP_DATA:
            io->consumed += take_message(s, io, p, n, &end);
            if (end && !smtp_message_end(s, io))
                st = PROTO_BROKEN;
            break;
        case SMTP_BDAT: {
            size_t k = s->chunk < n ? (size_t)s->chunk : n;
            io->consumed += k;
            s->chunk -= k;
            smtp_message_bytes(s, io, p, k);
            if (s->chunk)
                break;
            s->mode = SMTP_COMMANDS;
            if (!(s->bdat_last ? smtp_message_end(s, io) : smtp_owe(s, io, OWED_OTHER, NULL)))
                st = PROTO_BROKEN;
            break;
        }
        }
        if (st != PROTO_OK || io->consumed == before)
            return st;
    }
    return PROTO_OK;
}

/* 354 answers DATA and nothing else (RFC 5321 4.3.2): replies that should have come before it won't. */
static void find_data(struct smtp_state *s)
{
    unsigned skip = 0;
    while (skip < s->count && s->pending[(s->first + skip) % SMTP_PENDING_MAX].owed != OWED_DATA)
        skip++;
    if (skip == s->count)
        return;
    for (; skip; skip--) {
        struct smtp_tx *tx = s->pending[s->first].tx;
        if (tx)
            tx->base.complete = true;
        s->first = (s->first + 1) % SMTP_PENDING_MAX;
        s->count--;
    }
}

/* The last line of a reply: what was owed is paid. */
static enum proto_status take_reply(struct smtp_state *s, struct proto_io *io, unsigned code)
{
    bool first = !s->reply_seen;
    s->reply_seen = true;
    if (first && s->count == 0) {
        if (code != 220 && code != 554)
            io->engine->event(io, SMTP_NO_WELCOME);
        return PROTO_OK;
    }
    /* A greeting that comes after the client's first command answers none. */
    if (first && code == 220)
        return PROTO_OK;
    if (s->count == 0) {
        if (code != 421) /* the server may say goodbye at any time (RFC 5321 3.8) */
            io->engine->event(io, SMTP_UNABLE_TO_MATCH);
        return PROTO_OK;
    }
    if (code == 354)
        find_data(s);
    struct smtp_pending *owed = &s->pending[s->first];
    switch ((enum smtp_owed)owed->owed) {
    case OWED_DATA:
        if (s->mode != SMTP_WAIT)
            break;
        s->mode = code / 100 == 3 ? SMTP_DATA : SMTP_COMMANDS;
        if (code / 100 == 3)
            smtp_message_begin(s, io);
        else
            io->engine->event(io, SMTP_DATA_REJECTED);
        break;
    case OWED_STARTTLS:
        s->mode = SMTP_COMMANDS;
        if (code / 100 == 2)
            return PROTO_DONE;
        io->engine->event(io, SMTP_TLS_REJECTED);
        break;
    case OWED_MESSAGE:
        if (owed->tx)
            owed->tx->base.complete = true;
        break;
    case OWED_OTHER:
        break;
    }
    s->first = (s->first + 1) % SMTP_PENDING_MAX;
    s->count--;
    return PROTO_OK;
}

/* Once a reply lets the client go on, what it sent meanwhile is read before the replies that follow. */
static enum proto_status parse_server(struct smtp_state *s, struct proto_io *io)
{
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        size_t line = 0;
        size_t used = next_line(p, n, &line);
        if (used == 0 && !is_cut(p, n))
            return PROTO_OK;
        if (used == 0 || line > SMTP_LINE_MAX) {
            io->engine->event(io, SMTP_REPLY_TOO_LONG);
            return PROTO_BROKEN;
        }
        io->consumed += used;
        struct reader r = reader_of(p, line);
        unsigned code = 0;
        for (int i = 0; i < 3; i++) {
            uint8_t c = reader_u8(&r);
            if (r.bad || c < '0' || c > '9') {
                io->engine->event(io, SMTP_INVALID_REPLY);
                return PROTO_BROKEN;
            }
            code = code * 10 + (unsigned)(c - '0');
        }
        if (reader_left(&r) && reader_u8(&r) == '-')
            continue; /* RFC 5321 4.2.1: more lines of the same reply */
        bool waited = s->mode == SMTP_WAIT;
        enum proto_status st = take_reply(s, io, code);
        if (st != PROTO_OK)
            return st;
        if (waited && s->mode != SMTP_WAIT && s->held && io->consumed < io->len)
            return PROTO_OTHER_SIDE;
    }
    return PROTO_OK;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    ((struct smtp_state *)state)->config = io->config;
    return io->dir == TO_SERVER ? parse_client(state, io) : parse_server(state, io);
}

/* A gap in a message does no harm unless it swallowed its end, which a gap in a chunk of known length can't. */
static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct smtp_state *s = state;
    if (io->dir == TO_SERVER && s->mode == SMTP_BDAT && n < s->chunk) {
        s->chunk -= n;
        smtp_message_gap(s, io, n);
        return PROTO_OK;
    }
    if (io->dir == TO_SERVER && s->mode == SMTP_DATA) {
        s->dot = DOT_NONE;
        smtp_message_gap(s, io, n);
        return PROTO_OK;
    }
    return PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    struct smtp_state *s = state;
    smtp_message_close(s, io, false);
    for (struct proto_tx *tx = s->txs.first; tx; tx = tx->next)
        tx->complete = true;
}

static void free_texts(struct smtp_text *t)
{
    while (t) {
        struct smtp_text *next = t->next;
        free(t);
        t = next;
    }
}

static void fini(void *state)
{
    free_texts(((struct smtp_state *)state)->helo);
}

static void tx_fini(struct proto_tx *base)
{
    struct smtp_tx *tx = (struct smtp_tx *)base;
    free_texts(tx->from);
    free_texts(tx->rcpt);
    smtp_message_destroy(&tx->message);
}

const struct app_proto proto_smtp = {
    .name = "smtp",
    .conf = "smtp",
    .record = "smtp",
    .transports = PROTO_TCP,
    .files_last = true,
    .state_size = sizeof(struct smtp_state),
    .probe = smtp_probe,
    .configure = smtp_configure,
    .unconfigure = smtp_unconfigure,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .fini = fini,
    .tx_fini = tx_fini,
    .log = smtp_log,
    .log_beside = smtp_log_beside,
    .events = smtp_events,
    .buffers = smtp_buffers,
    .ready = smtp_ready,
    .event_count = SMTP_EVENT_COUNT,
};
