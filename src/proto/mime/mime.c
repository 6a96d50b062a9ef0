#include <stdlib.h>
#include <strings.h>

#include "proto/mime/mime_private.h"

#define LINE_LONG 998u

void mime_init(struct mime *m, const struct mime_config *config, const struct mime_ops *ops, void *arg)
{
    *m = (struct mime){.config = config, .ops = ops, .arg = arg, .part = {.text = true}};
    buf_init(&m->line, MIME_LINE_MAX);
    buf_init(&m->name, MIME_LINE_MAX);
    buf_init(&m->value, config->value_max && config->value_max < MIME_VALUE_MAX ? config->value_max : MIME_VALUE_MAX);
    buf_init(&m->header, MIME_HEADER_MAX);
    buf_init(&m->text, MIME_TEXT_LINE_MAX);
    md5_init(&m->md5);
}

static void free_list(struct mime_list *l)
{
    for (struct mime_text *t = l->first, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    *l = (struct mime_list){NULL, NULL, 0};
}

void mime_fini(struct mime *m)
{
    buf_fini(&m->line);
    buf_fini(&m->name);
    buf_fini(&m->value);
    buf_fini(&m->header);
    buf_fini(&m->text);
    free(m->fields);
    m->fields = NULL;
    while (m->depth)
        free(m->boundaries[--m->depth]);
    free_list(&m->attachments);
    free_list(&m->urls);
}

struct mime_text *mime_text_of(const uint8_t *p, size_t n)
{
    struct mime_text *t = malloc(sizeof *t + n);
    if (!t)
        return NULL;
    t->next = NULL;
    t->len = n;
    if (n)
        memcpy(t->bytes, p, n);
    return t;
}

void mime_list_add(struct mime *m, struct mime_list *l, const uint8_t *p, size_t n)
{
    struct mime_text *t = l->count < MIME_LIST_MAX ? mime_text_of(p, n) : NULL;
    if (!t) {
        m->events |= MIME_MALFORMED;
        return;
    }
    if (l->last)
        l->last->next = t;
    else
        l->first = t;
    l->last = t;
    l->count++;
}

/* ---- parts ---- */

static void begin_header(struct mime *m, bool text)
{
    m->part = (struct mime_part){.text = text};
    m->state = MIME_HEADER;
    m->in_field = false;
}

static void close_part(struct mime *m)
{
    if (m->state == MIME_BODY)
        mime_content_end(m);
    if (m->file)
        m->ops->file_close(m->arg);
    m->file = false;
    m->eol_len = 0;
}

/* The empty line: what follows depends on what the header said. */
static void header_over(struct mime *m)
{
    mime_header_field(m);
    m->main_done = true;
    /* RFC 2046 5.2.1: no encoding is permitted here. A name goes on to a message that is one part without its own. */
    if (m->part.message) {
        m->part.message = false;
        m->part.inherited = true;
        m->part.encoding = MIME_PLAIN;
        m->part.text = true;
        return;
    }
    m->state = MIME_BODY;
    m->quantum_len = m->pad = m->qp = 0;
    m->eol_len = 0;
    if (m->part.name_len == 0 || m->part.multipart)
        return;
    m->file = true;
    m->ops->file_open(m->arg, m->part.name, m->part.name_len);
}

/* ---- boundaries ---- */

enum border { BORDER_NONE, BORDER_PART, BORDER_END };

/* RFC 2046 5.1.1: blanks may follow. Anything else may, too, says the same section, and some programs believe it: that
 * is tried when no boundary fits exactly, as one may begin with another. */
static enum border look_border(const struct mime_text *b, const uint8_t *p, size_t n, bool exact)
{
    if (n < b->len || memcmp(p, b->bytes, b->len) != 0)
        return BORDER_NONE;
    p += b->len;
    n -= b->len;
    if (n >= 2 && p[0] == '-' && p[1] == '-')
        return BORDER_END;
    for (size_t i = 0; exact && i < n; i++)
        if (!mime_blank(p[i]) && p[i] != '\r')
            return BORDER_NONE;
    return BORDER_PART;
}

static enum border find_border(const struct mime *m, const uint8_t *p, size_t n, unsigned *which)
{
    if (n < 2 || p[0] != '-' || p[1] != '-')
        return BORDER_NONE;
    for (int exact = 1; exact >= 0; exact--)
        for (unsigned i = m->depth; i-- > 0;) {
            enum border b = look_border(m->boundaries[i], p + 2, n - 2, exact);
            *which = i;
            if (b != BORDER_NONE)
                return b;
        }
    return BORDER_NONE;
}

/* Is this line, without its end, a boundary? Then the part before it is over. */
static bool take_border(struct mime *m, const uint8_t *p, size_t n)
{
    unsigned which = 0;
    /* The header before it may lack the empty line. */
    if (m->state == MIME_HEADER && n > 2 && p[0] == '-' && p[1] == '-')
        mime_header_field(m);
    enum border b = find_border(m, p, n, &which);
    if (b == BORDER_NONE)
        return false;
    close_part(m);
    unsigned keep = which + (b == BORDER_PART);
    while (m->depth > keep)
        free(m->boundaries[--m->depth]);
    m->main_done = true;
    begin_header(m, true);
    if (b == BORDER_END) {
        /* what follows is for nobody, up to an outer boundary */
        m->part = (struct mime_part){.multipart = true};
        m->state = MIME_BODY;
    }
    return true;
}

/* ---- lines ---- */

static void body_md5(struct mime *m, const uint8_t *p, size_t n)
{
    if (n && m->config->md5 && m->main_done)
        md5_update(&m->md5, n, p);
}

/* Content of a body. The end of a line is held back: a boundary may come, to which it belongs. */
static void take_content(struct mime *m, const uint8_t *p, size_t n, unsigned eol)
{
    if (m->eol_len && n + eol)
        mime_content(m, m->eol, m->eol_len);
    mime_content(m, p, n);
    if (n + eol == 0)
        return;
    m->eol_len = eol;
    if (eol)
        memcpy(m->eol, eol == 2 ? (const uint8_t *)"\r\n" : (const uint8_t *)"\n", eol);
}

/* A line, or with in_line the rest of one. eol: bytes of its end, 0: it goes on. */
static void take_line(struct mime *m, const uint8_t *p, size_t n, unsigned eol)
{
    bool begins = !m->in_line;
    m->line_at += n;
    if (m->line_at > LINE_LONG)
        m->events |= MIME_LONG_LINE;
    if (m->line_at > 76 && m->state == MIME_BODY && m->part.encoding != MIME_PLAIN)
        m->events |= MIME_LONG_ENC_LINE;
    m->in_line = eol == 0;
    if (eol)
        m->line_at = 0;
    body_md5(m, p, n);
    body_md5(m, (const uint8_t *)"\r\n" + (eol == 1), eol);
    if (begins && take_border(m, p, n))
        return;
    if (m->state == MIME_BODY) {
        take_content(m, p, n, eol);
        return;
    }
    if (!begins)
        return; /* a header's line over the limit */
    if (n)
        mime_header_line(m, p, n);
    else
        header_over(m);
}

/* Give what was gathered of a line on. A CR that may be of its end stays. */
static void take_gathered(struct mime *m, unsigned eol)
{
    size_t n = m->line.len;
    unsigned cr = n && m->line.data[n - 1] == '\r';
    take_line(m, m->line.data, n - cr, eol ? eol + cr : 0);
    buf_clear(&m->line);
    if (!eol && cr)
        buf_add_byte(&m->line, '\r');
}

/* n bytes without a line's end in them: gathered up to the limit, then given as pieces. */
static void gather(struct mime *m, const uint8_t *p, size_t n)
{
    while (n) {
        size_t room = MIME_LINE_MAX - m->line.len;
        size_t k = n < room ? n : room;
        if (!buf_add(&m->line, p, k)) {
            m->events |= MIME_MALFORMED;
            return;
        }
        p += k;
        n -= k;
        if (m->line.len == MIME_LINE_MAX)
            take_gathered(m, 0);
    }
}

void mime_bytes(struct mime *m, const uint8_t *p, size_t n)
{
    while (n && m->state != MIME_END) {
        const uint8_t *nl = memchr(p, '\n', n);
        size_t k = nl ? (size_t)(nl - p) : n;
        if (nl && m->line.len == 0 && k < MIME_LINE_MAX) {
            unsigned cr = k && p[k - 1] == '\r';
            take_line(m, p, k - cr, 1 + cr);
        } else {
            gather(m, p, k);
            if (nl)
                take_gathered(m, 1);
        }
        k += nl != NULL;
        p += k;
        n -= k;
    }
}

void mime_gap(struct mime *m, uint64_t n)
{
    if (m->state == MIME_END)
        return;
    if (m->line.len)
        take_gathered(m, 0);
    buf_clear(&m->line);
    if (m->state == MIME_HEADER)
        mime_header_field(m);
    if (m->file)
        m->ops->file_gap(m->arg, n);
    /* what comes is the middle of a line */
    m->in_line = true;
    m->line_at = 0;
    m->eol_len = 0;
    m->quantum_len = m->pad = m->qp = 0;
}

void mime_end(struct mime *m)
{
    if (m->state == MIME_END)
        return;
    if (m->line.len)
        take_gathered(m, 0);
    body_md5(m, m->line.data, m->line.len);
    if (m->line.len && m->state == MIME_BODY)
        take_content(m, m->line.data, m->line.len, 0);
    if (m->state == MIME_HEADER)
        mime_header_field(m);
    /* The end of the last line is the transport's (RFC 5321 4.1.1.4). */
    close_part(m);
    m->has_md5 = m->config->md5;
    if (m->has_md5)
        md5_digest(&m->md5, sizeof m->digest, m->digest);
    m->state = MIME_END;
}

void mime_stop(struct mime *m)
{
    if (m->state == MIME_HEADER)
        mime_header_field(m);
    if (m->state != MIME_END)
        close_part(m);
}

const char *mime_status(const struct mime *m)
{
    if (m->state == MIME_END)
        return "PARSE_DONE";
    return m->main_done ? "BODY_STARTED" : "HEADER_STARTED";
}
