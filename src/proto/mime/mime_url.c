/* Addresses of pages in texts: from a scheme that is looked for to what can't be part of one. */
#include <strings.h>

#include "proto/mime/mime_private.h"

static size_t url_len(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] > ' ' && p[i] != 0x7f && !strchr("\"'<>]", p[i]))
        i++;
    return i;
}

static void look(struct mime *m, const uint8_t *p, size_t n, const char *scheme)
{
    size_t k = strlen(scheme);
    size_t i = 0;
    while (i + k < n) {
        const uint8_t *colon = memchr(p + i, ':', n - i);
        size_t head = strcspn(scheme, ":");
        if (!colon)
            return;
        size_t at = (size_t)(colon - p);
        if (at < i + head || n - (at - head) <= k || strncasecmp((const char *)colon - head, scheme, k) != 0) {
            i = at + 1;
            continue;
        }
        size_t from = at - head, len = url_len(p + from, n - from);
        i = from + len;
        if (i <= at)
            i = at + 1;
        if (len > MIME_URL_MAX)
            len = MIME_URL_MAX;
        if (len > k)
            mime_list_add(m, &m->urls, m->config->url_scheme ? p + from : p + from + k,
                          m->config->url_scheme ? len : len - k);
    }
}

void mime_url_end(struct mime *m)
{
    for (unsigned s = 0; s < m->config->scheme_count && m->text.len; s++)
        look(m, m->text.data, m->text.len, m->config->schemes[s]);
    buf_clear(&m->text);
}

/* Texts are searched line by line; a line over the limit in pieces. */
void mime_url_bytes(struct mime *m, const uint8_t *p, size_t n)
{
    while (n) {
        const uint8_t *nl = memchr(p, '\n', n);
        size_t k = nl ? (size_t)(nl - p) + 1 : n;
        size_t room = MIME_TEXT_LINE_MAX - m->text.len;
        size_t take = k < room ? k : room;
        if (!buf_add(&m->text, p, take))
            return;
        if ((nl && take == k) || m->text.len == MIME_TEXT_LINE_MAX)
            mime_url_end(m);
        p += take;
        n -= take;
    }
}
