/* The message (RFC 5321 3.3, RFC 3030): its bytes to the decoder, what that finds to files and events. */
#include "proto/smtp/smtp_message.h"

#include <stdlib.h>

#include "proto/file.h"

struct smtp_message {
    const struct smtp_config *config;
    struct smtp_tx *tx;
    struct proto_io *io;     /* of the call that runs */
    struct proto_file *file; /* the attachment that is read, or the message itself */
    uint32_t told;           /* bits of enum mime_event */
    struct mime mime;
};

/* ---- files ---- */

static void open_file(struct smtp_message *m, const uint8_t *name, size_t n)
{
    struct proto_file_begin b = {.role = TO_SERVER, .name = name, .name_len = n, .data_most = m->config->content_limit};
    m->file = proto_file_open(m->io, &m->tx->base, &b);
}

static void on_open(void *arg, const uint8_t *name, size_t n)
{
    open_file(arg, name, n);
}

static void on_data(void *arg, const uint8_t *p, size_t n)
{
    const struct smtp_message *m = arg;
    proto_file_data(m->io, m->file, p, n);
}

static void on_gap(void *arg, uint64_t n)
{
    const struct smtp_message *m = arg;
    proto_file_gap(m->io, m->file, n);
}

static void on_close(void *arg)
{
    struct smtp_message *m = arg;
    proto_file_close(m->io, m->file, PROTO_FILE_CLOSED);
    m->file = NULL;
}

static const struct mime_ops ops = {on_open, on_data, on_gap, on_close};

/* ---- the message ---- */

void smtp_message_begin(struct smtp_state *s, struct proto_io *io)
{
    const struct smtp_config *c = s->config;
    if (!s->tx || s->tx->message || !c || (!c->decode && !c->raw))
        return;
    struct smtp_message *m = malloc(sizeof *m);
    if (!m)
        return;
    m->config = c;
    m->tx = s->tx;
    m->io = io;
    m->file = NULL;
    m->told = 0;
    mime_init(&m->mime, &c->mime, &ops, m);
    s->tx->message = m;
    if (c->raw)
        open_file(m, (const uint8_t *)"rawmsg", 6);
}

/* What the decoder found odd: once for each message. */
static void tell(struct smtp_message *m)
{
    static const uint8_t events[MIME_EVENT_COUNT] = {
        SMTP_MIME_INVALID_BASE64, SMTP_MIME_INVALID_QP,       SMTP_MIME_LONG_LINE,
        SMTP_MIME_LONG_ENC_LINE,  SMTP_MIME_LONG_HEADER_NAME, SMTP_MIME_LONG_HEADER_VALUE,
        SMTP_MIME_LONG_BOUNDARY,  SMTP_MIME_LONG_FILENAME,    SMTP_MIME_MALFORMED_MSG,
    };
    uint32_t fresh = m->mime.events & ~m->told;
    m->told = m->mime.events;
    m->io->about = &m->tx->base;
    for (unsigned i = 0; i < MIME_EVENT_COUNT; i++)
        if (fresh >> i & 1)
            m->io->engine->event(m->io, events[i]);
    m->io->about = NULL;
    if (m->mime.main_done && m->tx->base.progress[TO_SERVER] < TX_BODY)
        m->tx->base.progress[TO_SERVER] = TX_BODY;
}

static struct smtp_message *message_of(const struct smtp_state *s, struct proto_io *io)
{
    struct smtp_message *m = s->tx ? s->tx->message : NULL;
    if (m)
        m->io = io;
    return m;
}

void smtp_message_bytes(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n)
{
    struct smtp_message *m = message_of(s, io);
    if (!m || n == 0)
        return;
    if (m->config->raw) {
        proto_file_data(io, m->file, p, n);
        return;
    }
    mime_bytes(&m->mime, p, n);
    tell(m);
}

void smtp_message_gap(struct smtp_state *s, struct proto_io *io, uint64_t n)
{
    struct smtp_message *m = message_of(s, io);
    if (!m)
        return;
    if (m->config->raw)
        proto_file_gap(io, m->file, n);
    else
        mime_gap(&m->mime, n);
}

void smtp_message_close(struct smtp_state *s, struct proto_io *io, bool whole)
{
    struct smtp_message *m = message_of(s, io);
    if (!m)
        return;
    if (m->config->raw || !whole) {
        proto_file_close(io, m->file, whole ? PROTO_FILE_CLOSED : PROTO_FILE_TRUNCATED);
        m->file = NULL;
    }
    if (whole)
        mime_end(&m->mime);
    else
        mime_stop(&m->mime);
    tell(m);
    m->io = NULL;
}

void smtp_message_destroy(struct smtp_message **m)
{
    if (!*m)
        return;
    mime_fini(&(*m)->mime);
    free(*m);
    *m = NULL;
}

const struct mime *smtp_message_mime(const struct smtp_tx *tx)
{
    return tx->message && tx->message->config->decode ? &tx->message->mime : NULL;
}
