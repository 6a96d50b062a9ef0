#include "proto/smtp/smtp_config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "config/conf.h"

#define PREFIX "app-layer.protocols.smtp."

const struct smtp_field smtp_fields[SMTP_FIELD_COUNT] = {
    {"reply_to", "reply-to", false, SMTP_FIELD_TEXT},
    {"bcc", "bcc", true, SMTP_FIELD_ADDRESSES},
    {"message_id", "message-id", true, SMTP_FIELD_TEXT},
    {"subject", "subject", true, SMTP_FIELD_TEXT},
    {"x_mailer", "x-mailer", true, SMTP_FIELD_TEXT},
    {"user_agent", "user-agent", true, SMTP_FIELD_TEXT},
    {"received", "received", false, SMTP_FIELD_ALL},
    {"x_originating_ip", "x-originating-ip", false, SMTP_FIELD_TEXT},
    {"in_reply_to", "in-reply-to", false, SMTP_FIELD_TEXT},
    {"references", "references", false, SMTP_FIELD_TEXT},
    {"importance", "importance", false, SMTP_FIELD_TEXT},
    {"priority", "priority", false, SMTP_FIELD_TEXT},
    {"sensitivity", "sensitivity", false, SMTP_FIELD_TEXT},
    {"organization", "organization", false, SMTP_FIELD_TEXT},
    {"content_md5", "content-md5", false, SMTP_FIELD_TEXT},
    {"date", "date", false, SMTP_FIELD_TEXT},
};

static void add_scheme(struct smtp_config *c, const char *name)
{
    size_t n = strlen(name);
    if (c->mime.scheme_count == SMTP_SCHEMES_MAX || n == 0 || n + 4 > SMTP_SCHEME_LEN)
        return;
    char *to = c->scheme_texts[c->mime.scheme_count];
    for (size_t i = 0; i < n; i++)
        to[i] = (char)tolower((unsigned char)name[i]);
    memcpy(to + n, strcasecmp(name, "mailto") == 0 ? ":" : "://", strcasecmp(name, "mailto") == 0 ? 2 : 4);
    c->schemes[c->mime.scheme_count++] = to;
}

static void read_schemes(struct smtp_config *c, const struct conf_node *root)
{
    const struct conf_node *list = conf_find(root, PREFIX "mime.extract-urls-schemes");
    for (const struct conf_node *n = list ? list->first : NULL; n; n = n->next)
        add_scheme(c, n->text);
    if (list && list->kind == CONF_SCALAR)
        add_scheme(c, list->text);
    if (c->mime.scheme_count == 0)
        add_scheme(c, "http");
    c->mime.schemes = c->schemes;
}

/* A list, or one word alone. */
static bool has_word(const struct conf_node *list, const char *word)
{
    if (list && list->kind == CONF_SCALAR)
        return strcasecmp(list->text, word) == 0;
    for (const struct conf_node *n = list ? list->first : NULL; n; n = n->next)
        if (strcasecmp(n->text, word) == 0)
            return true;
    return false;
}

static void read_record(struct smtp_config *c, const struct settings *s)
{
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct conf_node *o = s->eve.types[i].options;
        if (strcmp(s->eve.types[i].name, "smtp") != 0 || !o)
            continue;
        bool extended = conf_get_bool(o, "extended", false);
        const struct conf_node *custom = conf_find(o, "custom");
        for (unsigned f = 0; f < SMTP_FIELD_COUNT; f++)
            if ((extended && smtp_fields[f].extended) || has_word(custom, smtp_fields[f].key) ||
                has_word(custom, smtp_fields[f].name))
                c->fields |= 1u << f;
        c->body_md5 = has_word(conf_find(o, "md5"), "body");
        c->subject_md5 = has_word(conf_find(o, "md5"), "subject");
    }
}

int smtp_configure(const struct settings *s, void **out)
{
    const struct conf_node *root = s->tree;
    struct smtp_config *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    *out = c;
    read_record(c, s);
    read_schemes(c, root);
    bool files = settings_eve_type_enabled(s, "files");
    bool wanted = s->detection || files || settings_eve_type_enabled(s, "smtp");
    c->decode = wanted && conf_get_bool(root, PREFIX "mime.decode-mime", true);
    /* A file is one or the other. */
    c->raw = wanted && !c->decode && conf_get_bool(root, PREFIX "raw-extraction", false);
    c->content_limit = (size_t)conf_get_size(root, PREFIX "inspected-tracker.content-limit", 100000);
    c->mime.base64 = conf_get_bool(root, PREFIX "mime.decode-base64", true);
    c->mime.quoted_printable = conf_get_bool(root, PREFIX "mime.decode-quoted-printable", true);
    c->mime.urls = conf_get_bool(root, PREFIX "mime.extract-urls", true);
    c->mime.url_scheme = conf_get_bool(root, PREFIX "mime.log-url-scheme", false);
    /* For a rule it is made unless that was ruled out. */
    c->mime.md5 = c->body_md5 || conf_get_bool(root, PREFIX "mime.body-md5", s->detection);
    c->mime.value_max = (uint32_t)conf_get_uint(root, PREFIX "mime.header-value-depth", 2000);
    return 0;
}

void smtp_unconfigure(void *config)
{
    free(config);
}
