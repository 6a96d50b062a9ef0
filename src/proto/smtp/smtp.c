#include "proto/smtp/smtp.h"

#include <stdlib.h>

#include "core/bytes.h"
#include "proto/smtp/smtp_state.h"

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

/* Step over the message: to the end of a line that is one dot (RFC 5321 4.1.1.4). Returns bytes used; mode changes at
 * the end. dot: 1 after CR of a line's end, 2 at a line's begin, 3 after its dot, 4 after the CR behind that. */
static size_t skip_message(struct smtp_state *s, const uint8_t *p, size_t n, bool *end)
{
    size_t i = 0;
    while (i < n) {
        if (s->dot == 0) {
            const uint8_t *nl = memchr(p + i, '\n', n - i);
            if (!nl)
                return n;
            i = (size_t)(nl - p) + 1;
            s->dot = 2;
            continue;
        }
        uint8_t c = p[i++];
        if ((s->dot == 3 || s->dot == 4) && c == '\n') {
            *end = true;
            return i;
        }
        if (s->dot == 2 && c == '.')
            s->dot = 3;
        else if (s->dot == 3 && c == '\r')
            s->dot = 4;
        else
            s->dot = c == '\n' ? 2 : 0;
    }
    return i;
}

static enum proto_status take_command(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    size_t line = 0;
    size_t used = next_line(p, n, &line);
    bool cut = used == 0 && n > SMTP_LINE_MAX;
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
            return PROTO_OTHER_SIDE;
        case SMTP_DATA:
            io->consumed += skip_message(s, p, n, &end);
            if (end && !smtp_message_end(s, io))
                st = PROTO_BROKEN;
            break;
        case SMTP_BDAT: {
            size_t k = s->chunk < n ? (size_t)s->chunk : n;
            io->consumed += k;
            s->chunk -= k;
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
    struct smtp_pending *owed = &s->pending[s->first];
    switch ((enum smtp_owed)owed->owed) {
    case OWED_DATA:
        if (s->mode != SMTP_WAIT)
            break;
        s->mode = code / 100 == 3 ? SMTP_DATA : SMTP_COMMANDS;
        if (code / 100 != 3)
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

static enum proto_status parse_server(struct smtp_state *s, struct proto_io *io)
{
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        size_t line = 0;
        size_t used = next_line(p, n, &line);
        if (used == 0 && n <= SMTP_LINE_MAX)
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
        enum proto_status st = take_reply(s, io, code);
        if (st != PROTO_OK)
            return st;
    }
    return PROTO_OK;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    return io->dir == TO_SERVER ? parse_client(state, io) : parse_server(state, io);
}

/* A gap in a message does no harm unless it swallowed its end, which a gap in a chunk of known length can't. */
static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct smtp_state *s = state;
    if (io->dir == TO_SERVER && s->mode == SMTP_BDAT && n < s->chunk) {
        s->chunk -= n;
        return PROTO_OK;
    }
    if (io->dir == TO_SERVER && s->mode == SMTP_DATA) {
        s->dot = 0;
        return PROTO_OK;
    }
    return PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    (void)io;
    struct smtp_state *s = state;
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
}

static void log_tx(const void *state, const struct proto_tx *base, struct json *j)
{
    const struct smtp_state *s = state;
    const struct smtp_tx *tx = (const struct smtp_tx *)base;
    if (s->helo)
        json_bytes(j, "helo", s->helo->bytes, s->helo->len);
    if (tx->from)
        json_bytes(j, "mail_from", tx->from->bytes, tx->from->len);
    if (!tx->rcpt)
        return;
    json_open_array(j, "rcpt_to");
    for (const struct smtp_text *t = tx->rcpt; t; t = t->next)
        json_bytes(j, NULL, t->bytes, t->len);
    json_end_array(j);
}

static bool give(const struct smtp_text *t, struct proto_bytes *out)
{
    *out = t ? (struct proto_bytes){t->bytes, t->len} : (struct proto_bytes){NULL, 0};
    return out->n > 0;
}

static bool get_helo(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && give(((const struct smtp_state *)a->state)->helo, out);
}

static bool get_from(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && give(((const struct smtp_tx *)a->tx)->from, out);
}

static bool get_rcpt(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct smtp_text *t = ((const struct smtp_tx *)a->tx)->rcpt;
    for (unsigned i = 0; t && i < a->index; i++)
        t = t->next;
    return a->dir == TO_SERVER && give(t, out);
}

static const struct proto_buffer buffers[] = {
    {"smtp.helo", get_helo}, {"smtp.mail_from", get_from}, {"smtp.rcpt_to", get_rcpt}, {NULL, NULL}};

static const struct proto_ready ready[] = {
    {"smtp.helo", TX_LINE}, {"smtp.mail_from", TX_LINE}, {"smtp.rcpt_to", TX_HEADERS}, {NULL, TX_STARTED}};

const struct app_proto proto_smtp = {
    .name = "smtp",
    .conf = "smtp",
    .record = "smtp",
    .transports = PROTO_TCP,
    .state_size = sizeof(struct smtp_state),
    .probe = smtp_probe,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .fini = fini,
    .tx_fini = tx_fini,
    .log = log_tx,
    .events = smtp_events,
    .buffers = buffers,
    .ready = ready,
    .event_count = SMTP_EVENT_COUNT,
};
