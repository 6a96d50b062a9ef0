/* The client's commands (RFC 5321 4.1). */
#include <stdlib.h>
#include <strings.h>

#include "proto/smtp/smtp_message.h"

bool smtp_owe(struct smtp_state *s, struct proto_io *io, enum smtp_owed owed, struct smtp_tx *tx)
{
    if (s->count == SMTP_PENDING_MAX) {
        /* A server that was never heard (one direction of the capture is missing) owes nothing. */
        if (s->reply_seen) {
            io->engine->event(io, SMTP_TOO_MANY_PENDING);
            return false;
        }
        s->first = s->count = 0;
    }
    s->pending[(s->first + s->count++) % SMTP_PENDING_MAX] = (struct smtp_pending){.tx = tx, .owed = (uint8_t)owed};
    return true;
}

/* The mail that commands belong to, begun when there is none. */
static struct smtp_tx *current(struct smtp_state *s, struct proto_io *io)
{
    if (s->tx)
        return s->tx;
    s->tx = proto_tx_add(&s->txs, sizeof *s->tx, io->time_ns);
    if (s->tx)
        s->tx->helo = s->helo;
    return s->tx;
}

static void progress(struct smtp_state *s, enum tx_progress p)
{
    if (s->tx && s->tx->base.progress[TO_SERVER] < p)
        s->tx->base.progress[TO_SERVER] = (uint8_t)p;
}

/* The mail is given up, or replaced by a new one. */
static void abandon(struct smtp_state *s, struct proto_io *io)
{
    if (!s->tx)
        return;
    smtp_message_close(s, io, false);
    s->tx->base.complete = true;
    s->tx = NULL;
}

bool smtp_message_end(struct smtp_state *s, struct proto_io *io)
{
    struct smtp_tx *tx = s->tx;
    smtp_message_close(s, io, true);
    progress(s, TX_DONE);
    s->tx = NULL;
    s->mode = SMTP_COMMANDS;
    if (tx && !s->reply_seen)
        tx->base.complete = true;
    return smtp_owe(s, io, OWED_MESSAGE, tx && !tx->base.complete ? tx : NULL);
}

/* Does the line begin with the word, and then end or go on with a blank or a colon? */
static bool is_verb(const uint8_t *p, size_t n, const char *word)
{
    size_t m = strlen(word);
    return n >= m && strncasecmp((const char *)p, word, m) == 0 &&
           (n == m || p[m] == ' ' || p[m] == ':' || p[m] == '\t');
}

static struct smtp_text *text_of(const uint8_t *p, size_t n)
{
    if (n > SMTP_VALUE_MAX)
        n = SMTP_VALUE_MAX;
    struct smtp_text *t = malloc(sizeof *t + n);
    if (!t)
        return NULL;
    t->next = NULL;
    t->len = n;
    memcpy(t->bytes, p, n);
    return t;
}

/* What stands after the first `skip` bytes, to the next blank: parameters follow it (RFC 5321 4.1.2). */
static struct smtp_text *argument(const uint8_t *p, size_t n, size_t skip)
{
    size_t from = skip < n ? skip : n;
    while (from < n && (p[from] == ' ' || p[from] == '\t' || p[from] == ':'))
        from++;
    const uint8_t *blank = from < n ? memchr(p + from, ' ', n - from) : NULL;
    return text_of(p + from, blank ? (size_t)(blank - p) - from : n - from);
}

static void take_helo(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    if (s->helo)
        io->engine->event(io, SMTP_DUPLICATE_FIELDS);
    else
        s->helo = argument(p, n, 4);
    if (s->tx)
        s->tx->helo = s->helo;
    /* RFC 5321 4.1.4: a new greeting is a reset. */
    if (s->tx && s->tx->envelope)
        abandon(s, io);
}

static void take_mail(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct smtp_tx *tx = current(s, io);
    if (!tx)
        return;
    tx->envelope = true;
    if (tx->from)
        io->engine->event(io, SMTP_DUPLICATE_FIELDS);
    else
        tx->from = argument(p, n, 9);
    progress(s, TX_LINE);
}

static void take_rcpt(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct smtp_tx *tx = current(s, io);
    if (!tx)
        return;
    tx->envelope = true;
    if (tx->rcpt_count == SMTP_RCPT_MAX) {
        io->engine->event(io, SMTP_TOO_MANY_RECIPIENTS);
        return;
    }
    struct smtp_text *t = argument(p, n, 7);
    if (!t)
        return;
    if (tx->rcpt_last)
        tx->rcpt_last->next = t;
    else
        tx->rcpt = t;
    tx->rcpt_last = t;
    tx->rcpt_count++;
}

/* RFC 3030 2: BDAT chunk-size [LAST]. The chunk follows at once, whatever the server will say. */
static bool take_bdat(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    uint64_t size = 0;
    size_t i = 4;
    while (i < n && p[i] == ' ')
        i++;
    size_t digits = i;
    while (i < n && p[i] >= '0' && p[i] <= '9' && i - digits < 18)
        size = size * 10 + (uint64_t)(p[i++] - '0');
    bool good = i > digits;
    while (i < n && p[i] == ' ')
        i++;
    bool last = n - i == 4 && strncasecmp((const char *)p + i, "LAST", 4) == 0;
    if (!good || (i < n && !last)) {
        io->engine->event(io, SMTP_INVALID_BDAT);
        return smtp_owe(s, io, OWED_OTHER, NULL);
    }
    if (!current(s, io))
        return false;
    progress(s, TX_HEADERS);
    smtp_message_begin(s, io);
    s->mode = SMTP_BDAT;
    s->chunk = size;
    s->bdat_last = last;
    if (size)
        return true;
    if (last)
        return smtp_message_end(s, io);
    s->mode = SMTP_COMMANDS;
    return smtp_owe(s, io, OWED_OTHER, NULL);
}

enum proto_status smtp_command(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    enum smtp_owed owed = OWED_OTHER;
    /* The first command of a session begins a transaction, later ones only if they are a mail's. */
    if (s->txs.next_id == 0 && !current(s, io))
        return PROTO_BROKEN;
    if (is_verb(p, n, "HELO") || is_verb(p, n, "EHLO") || is_verb(p, n, "LHLO")) {
        take_helo(s, io, p, n);
    } else if (is_verb(p, n, "MAIL FROM")) {
        take_mail(s, io, p, n);
    } else if (is_verb(p, n, "RCPT TO")) {
        take_rcpt(s, io, p, n);
    } else if (is_verb(p, n, "RSET")) {
        abandon(s, io);
    } else if (is_verb(p, n, "BDAT")) {
        return take_bdat(s, io, p, n) ? PROTO_OK : PROTO_BROKEN;
    } else if (is_verb(p, n, "DATA")) {
        owed = OWED_DATA;
        if (!current(s, io))
            return PROTO_BROKEN;
        progress(s, TX_HEADERS);
        s->mode = s->reply_seen ? SMTP_WAIT : SMTP_DATA;
        s->dot = DOT_LINE;
        if (s->mode == SMTP_DATA)
            smtp_message_begin(s, io);
    } else if (is_verb(p, n, "STARTTLS")) {
        owed = OWED_STARTTLS;
        s->mode = SMTP_WAIT;
    }
    return smtp_owe(s, io, owed, NULL) ? PROTO_OK : PROTO_BROKEN;
}
