/* Fields of headers (RFC 5322 2.2). */
#include <stdlib.h>
#include <strings.h>

#include "proto/mime/mime_private.h"

#define FIELD_NAME_LONG 75u

static bool is_name(const uint8_t *p, size_t n, const char *word)
{
    return n == strlen(word) && strncasecmp((const char *)p, word, n) == 0;
}

/* Append to the value, up to its limit. */
static void add_value(struct mime *m, const uint8_t *p, size_t n)
{
    size_t room = m->value.cap - m->value.len;
    if (n > room) {
        m->events |= MIME_LONG_HEADER_VALUE;
        n = room;
    }
    if (!buf_add(&m->value, p, n))
        m->events |= MIME_MALFORMED;
}

static size_t blanks(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && mime_blank(p[i]))
        i++;
    return i;
}

/* A line with blanks first goes on with the field before it (RFC 5322 2.2.3). So does one without a colon, which some
 * programs write, and all read. The blanks are left out, as rules and records have it from Suricata. */
void mime_header_line(struct mime *m, const uint8_t *p, size_t n)
{
    const uint8_t *colon = mime_blank(p[0]) ? NULL : memchr(p, ':', n);
    if (!colon) {
        size_t k = blanks(p, n);
        if (m->in_field)
            add_value(m, p + k, n - k);
        return;
    }
    mime_header_field(m);
    size_t name = (size_t)(colon - p);
    while (name && mime_blank(p[name - 1]))
        name--;
    if (name > FIELD_NAME_LONG)
        m->events |= MIME_LONG_HEADER_NAME;
    buf_clear(&m->name);
    buf_clear(&m->value);
    m->in_field = buf_add(&m->name, p, name);
    const uint8_t *rest = colon + 1;
    size_t len = n - (size_t)(rest - p);
    size_t k = blanks(rest, len);
    add_value(m, rest + k, len - k);
}

/* ---- fields that say what a part is ---- */

/* The name of an attachment: the first that is found. */
static void take_name(struct mime *m, const char *param)
{
    struct buf v;
    if (m->part.name_len && !m->part.inherited)
        return;
    buf_init(&v, MIME_VALUE_MAX);
    if (mime_param(m->value.data, m->value.len, param, &v) && v.len) {
        if (v.len > MIME_NAME_MAX)
            m->events |= MIME_LONG_FILENAME;
        m->part.name_len = v.len < MIME_NAME_MAX ? v.len : MIME_NAME_MAX;
        m->part.inherited = false;
        memcpy(m->part.name, v.data, m->part.name_len);
        mime_list_add(m, &m->attachments, m->part.name, m->part.name_len);
    }
    buf_fini(&v);
}

static bool take_boundary(struct mime *m)
{
    struct buf v;
    bool taken = false;
    buf_init(&v, MIME_VALUE_MAX);
    if (mime_param(m->value.data, m->value.len, "boundary", &v) && v.len) {
        if (v.len > MIME_BOUNDARY_MAX)
            m->events |= MIME_LONG_BOUNDARY;
        struct mime_text *t = m->depth < MIME_DEPTH_MAX ? mime_text_of(v.data, v.len) : NULL;
        taken = t != NULL;
        if (taken)
            m->boundaries[m->depth++] = t;
        else
            m->events |= MIME_MALFORMED;
    }
    buf_fini(&v);
    return taken;
}

/* RFC 2045 5.1: type/subtype; what is no text, or a message, is looked at only if it has a name. */
static void take_type(struct mime *m, bool bounded)
{
    const uint8_t *p = m->value.data;
    const uint8_t *semi = m->value.len ? memchr(p, ';', m->value.len) : NULL;
    size_t n = semi ? (size_t)(semi - p) : m->value.len;
    while (n && mime_blank(p[n - 1]))
        n--;
    m->part.multipart = n > 10 && strncasecmp((const char *)p, "multipart/", 10) == 0 && bounded;
    m->part.text = n == 0 || (n >= 5 && strncasecmp((const char *)p, "text/", 5) == 0);
    m->part.message = n && (is_name(p, n, "message/rfc822") || is_name(p, n, "message/global"));
}

static void take_encoding(struct mime *m)
{
    const uint8_t *p = m->value.data;
    size_t n = m->value.len;
    while (n && (mime_blank(p[n - 1]) || p[n - 1] == ';'))
        n--;
    m->part.encoding = MIME_PLAIN;
    if (n && m->config->base64 && is_name(p, n, "base64"))
        m->part.encoding = MIME_BASE64;
    else if (n && m->config->quoted_printable && is_name(p, n, "quoted-printable"))
        m->part.encoding = MIME_QP;
}

/* Keep a field of the message's own header. */
static void keep(struct mime *m)
{
    if (m->field_count == m->field_room) {
        unsigned room = m->field_room ? m->field_room * 2 : 16;
        struct mime_field *f = room <= MIME_FIELDS_MAX ? realloc(m->fields, room * sizeof *f) : NULL;
        if (!f) {
            m->events |= MIME_MALFORMED;
            return;
        }
        m->fields = f;
        m->field_room = room;
    }
    struct mime_field f = {.name = (uint32_t)m->header.len,
                           .value = (uint32_t)(m->header.len + m->name.len),
                           .value_len = (uint32_t)m->value.len,
                           .name_len = (uint16_t)m->name.len};
    if (!buf_reserve(&m->header, m->name.len + m->value.len)) {
        m->events |= MIME_MALFORMED;
        return;
    }
    buf_add(&m->header, m->name.data, m->name.len);
    buf_add(&m->header, m->value.data, m->value.len);
    m->fields[m->field_count++] = f;
}

void mime_header_field(struct mime *m)
{
    if (!m->in_field)
        return;
    m->in_field = false;
    const uint8_t *name = m->name.data;
    size_t n = m->name.len;
    if (n == 0)
        return;
    if (!m->main_done)
        keep(m);
    if (is_name(name, n, "content-disposition")) {
        take_name(m, "filename");
    } else if (is_name(name, n, "content-type")) {
        take_name(m, "name");
        take_type(m, take_boundary(m));
    } else if (is_name(name, n, "content-transfer-encoding")) {
        take_encoding(m);
    }
}

bool mime_value(const struct mime *m, const char *name, unsigned index, const uint8_t **value, size_t *len)
{
    for (unsigned i = 0; i < m->field_count; i++) {
        const struct mime_field *f = &m->fields[i];
        if (!is_name(m->header.data + f->name, f->name_len, name) || index-- > 0)
            continue;
        *value = m->header.data + f->value;
        *len = f->value_len;
        return true;
    }
    return false;
}

bool mime_address(const uint8_t *value, size_t len, size_t *at, const uint8_t **address, size_t *address_len)
{
    while (*at < len) {
        size_t from = *at, i = from;
        for (bool quoted = false; i < len && (quoted || value[i] != ','); i++)
            quoted ^= value[i] == '"';
        *at = i + 1;
        from += blanks(value + from, i - from);
        while (i > from && mime_blank(value[i - 1]))
            i--;
        if (i == from)
            continue;
        *address = value + from;
        *address_len = i - from;
        return true;
    }
    return false;
}
