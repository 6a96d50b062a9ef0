/* Records of mails, and what rules look at. */
#include "proto/smtp/smtp_log.h"

#include <nettle/md5.h>

#include "proto/file.h"
#include "proto/smtp/smtp_message.h"

void smtp_log(const void *state, const struct proto_tx *base, struct json *j)
{
    (void)state;
    const struct smtp_tx *tx = (const struct smtp_tx *)base;
    if (tx->helo)
        json_bytes(j, "helo", tx->helo->bytes, tx->helo->len);
    if (tx->from)
        json_bytes(j, "mail_from", tx->from->bytes, tx->from->len);
    if (!tx->rcpt)
        return;
    json_open_array(j, "rcpt_to");
    for (const struct smtp_text *t = tx->rcpt; t; t = t->next)
        json_bytes(j, NULL, t->bytes, t->len);
    json_end_array(j);
}

/* ---- the object `email` ---- */

static void put_text(const struct mime *m, const char *key, const char *name, struct json *j)
{
    const uint8_t *v;
    size_t n;
    if (mime_value(m, name, 0, &v, &n) && n)
        json_bytes(j, key, v, n);
}

static void put_addresses(const struct mime *m, const char *key, const char *name, struct json *j)
{
    const uint8_t *v, *a;
    size_t n, len, at = 0;
    if (!mime_value(m, name, 0, &v, &n) || !mime_address(v, n, &at, &a, &len))
        return;
    json_open_array(j, key);
    do
        json_bytes(j, NULL, a, len);
    while (mime_address(v, n, &at, &a, &len));
    json_end_array(j);
}

static void put_all(const struct mime *m, const char *key, const char *name, struct json *j)
{
    const uint8_t *v;
    size_t n;
    if (!mime_value(m, name, 0, &v, &n))
        return;
    json_open_array(j, key);
    for (unsigned i = 0; mime_value(m, name, i, &v, &n); i++)
        json_bytes(j, NULL, v, n);
    json_end_array(j);
}

static void put_field(const struct mime *m, const struct smtp_field *f, struct json *j)
{
    if (f->form == SMTP_FIELD_ALL)
        put_all(m, f->key, f->name, j);
    else if (f->form == SMTP_FIELD_ADDRESSES)
        put_addresses(m, f->key, f->name, j);
    else
        put_text(m, f->key, f->name, j);
}

static void put_list(const struct mime_list *l, const char *key, struct json *j)
{
    if (!l->first)
        return;
    json_open_array(j, key);
    for (const struct mime_text *t = l->first; t; t = t->next)
        json_bytes(j, NULL, t->bytes, t->len);
    json_end_array(j);
}

/* The last one first, as in Suricata. */
static void put_urls(const struct mime_list *l, struct json *j)
{
    const struct mime_text *at[MIME_LIST_MAX];
    unsigned n = 0;
    for (const struct mime_text *t = l->first; t && n < MIME_LIST_MAX; t = t->next)
        at[n++] = t;
    if (n == 0)
        return;
    json_open_array(j, "url");
    while (n-- > 0)
        json_bytes(j, NULL, at[n]->bytes, at[n]->len);
    json_end_array(j);
}

static void put_digests(const struct smtp_config *c, const struct mime *m, struct json *j)
{
    const uint8_t *v;
    size_t n;
    if (c->body_md5 && m->has_md5)
        json_hex(j, "body_md5", m->digest, sizeof m->digest, 0);
    if (!c->subject_md5 || !mime_value(m, "subject", 0, &v, &n))
        return;
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&md5);
    md5_update(&md5, n, v);
    md5_digest(&md5, sizeof digest, digest);
    json_hex(j, "subject_md5", digest, sizeof digest, 0);
}

void smtp_log_beside(const void *state, const struct proto_tx *base, bool own, struct json *j)
{
    const struct smtp_state *s = state;
    const struct mime *m = smtp_message_mime((const struct smtp_tx *)base);
    if (!m)
        return;
    json_open_object(j, "email");
    json_str(j, "status", mime_status(m));
    put_text(m, "from", "from", j);
    put_addresses(m, "to", "to", j);
    put_addresses(m, "cc", "cc", j);
    for (unsigned i = 0; own && i < SMTP_FIELD_COUNT; i++)
        if (s->config->fields >> i & 1)
            put_field(m, &smtp_fields[i], j);
    if (own)
        put_digests(s->config, m, j);
    put_list(&m->attachments, "attachment", j);
    put_urls(&m->urls, j);
    json_end_object(j);
}

/* ---- buffers ---- */

static bool give(const struct smtp_text *t, struct proto_bytes *out)
{
    *out = t ? (struct proto_bytes){t->bytes, t->len} : (struct proto_bytes){NULL, 0};
    return out->n > 0;
}

static bool get_helo(const struct proto_ask *a, struct proto_bytes *out)
{
    return a->dir == TO_SERVER && give(((const struct smtp_tx *)a->tx)->helo, out);
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

static const struct mime *mime_of(const struct proto_ask *a)
{
    return a->dir == TO_SERVER ? smtp_message_mime((const struct smtp_tx *)a->tx) : NULL;
}

static bool field(const struct proto_ask *a, const char *name, unsigned index, struct proto_bytes *out)
{
    const struct mime *m = mime_of(a);
    return m && mime_value(m, name, index, &out->p, &out->n);
}

#define FIELD(function, name)                                                                                          \
    static bool function(const struct proto_ask *a, struct proto_bytes *out)                                           \
    {                                                                                                                  \
        return a->index == 0 && field(a, name, 0, out);                                                                \
    }

FIELD(email_from, "from")
FIELD(email_subject, "subject")
FIELD(email_to, "to")
FIELD(email_cc, "cc")
FIELD(email_date, "date")
FIELD(email_message_id, "message-id")
FIELD(email_x_mailer, "x-mailer")

static bool email_received(const struct proto_ask *a, struct proto_bytes *out)
{
    return field(a, "received", a->index, out);
}

static bool email_url(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct mime *m = mime_of(a);
    const struct mime_text *t = m ? m->urls.first : NULL;
    for (unsigned i = 0; t && i < a->index; i++)
        t = t->next;
    if (t)
        *out = (struct proto_bytes){t->bytes, t->len};
    return t != NULL;
}

static bool email_body_md5(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct mime *m = mime_of(a);
    if (!m || !m->has_md5 || a->index)
        return false;
    for (size_t i = 0; i < sizeof m->digest; i++)
        buf_printf(a->work, "%02x", m->digest[i]);
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return out->n == 2 * sizeof m->digest;
}

const struct proto_buffer smtp_buffers[] = {
    {"smtp.helo", get_helo},
    {"smtp.mail_from", get_from},
    {"smtp.rcpt_to", get_rcpt},
    {"email.from", email_from},
    {"email.subject", email_subject},
    {"email.to", email_to},
    {"email.cc", email_cc},
    {"email.date", email_date},
    {"email.message_id", email_message_id},
    {"email.x_mailer", email_x_mailer},
    {"email.received", email_received},
    {"email.url", email_url},
    {"email.body_md5", email_body_md5},
    {"file_data", proto_file_ask_data},
    {"file_name", proto_file_ask_name},
    {"file_magic", proto_file_ask_magic},
    {NULL, NULL},
};

/* TX_LINE: MAIL came; TX_HEADERS: the recipients did; TX_BODY: the message's header is over. */
const struct proto_ready smtp_ready[] = {
    {"smtp.helo", TX_LINE},        {"smtp.mail_from", TX_LINE}, {"smtp.rcpt_to", TX_HEADERS}, {"email.from", TX_BODY},
    {"email.subject", TX_BODY},    {"email.to", TX_BODY},       {"email.cc", TX_BODY},        {"email.date", TX_BODY},
    {"email.message_id", TX_BODY}, {"email.x_mailer", TX_BODY}, {"email.received", TX_BODY},  {NULL, TX_STARTED},
};
