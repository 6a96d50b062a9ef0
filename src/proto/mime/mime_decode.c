/* Content of parts: base64 (RFC 2045 6.8) and quoted-printable (RFC 2045 6.7), across pieces. */
#include "proto/mime/mime_private.h"

#define OUT_MAX 512u

/* Decoded bytes on their way. */
struct out {
    struct mime *m;
    unsigned n;
    uint8_t bytes[OUT_MAX];
};

static void deliver(struct mime *m, const uint8_t *p, size_t n)
{
    if (n == 0)
        return;
    if (m->file)
        m->ops->file_data(m->arg, p, n);
    else if (m->part.text && m->config->urls)
        mime_url_bytes(m, p, n);
}

static void flush(struct out *o)
{
    deliver(o->m, o->bytes, o->n);
    o->n = 0;
}

static void put(struct out *o, uint8_t c)
{
    if (o->n == OUT_MAX)
        flush(o);
    o->bytes[o->n++] = c;
}

/* By character; -1: none of base64's (RFC 2045 table 1). */
/* clang-format off */
static const int8_t base64_values[256] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
/* clang-format on */

/* A group ends before its four characters: what it has is given. */
static void base64_short(struct mime *m, struct out *o)
{
    if (m->quantum_len >= 2)
        put(o, (uint8_t)(m->quantum >> (m->quantum_len == 2 ? 4 : 10)));
    if (m->quantum_len == 3)
        put(o, (uint8_t)(m->quantum >> 2));
    m->quantum = 0;
    m->quantum_len = m->pad = 0;
}

/* What is no character of base64 is passed over; behind padding a new group may begin, as many programs have it. */
static void base64_byte(struct mime *m, struct out *o, uint8_t c)
{
    int v = base64_values[c];
    if (v >= 0) {
        if (m->pad)
            base64_short(m, o);
        m->quantum = m->quantum << 6 | (uint32_t)v;
        if (++m->quantum_len < 4)
            return;
        put(o, (uint8_t)(m->quantum >> 16));
        put(o, (uint8_t)(m->quantum >> 8));
        put(o, (uint8_t)m->quantum);
        m->quantum = 0;
        m->quantum_len = 0;
    } else if (c == '=') {
        m->pad++;
        if (m->quantum_len + m->pad >= 4 || m->quantum_len < 2)
            base64_short(m, o);
    } else if (c != '\r' && c != '\n' && !mime_blank(c)) {
        m->events |= MIME_INVALID_BASE64;
    }
}

/* Whole groups, as far as there are any. Returns bytes used. */
static size_t base64_groups(struct mime *m, struct out *o, const uint8_t *p, size_t n)
{
    size_t i = 0;
    for (; !m->quantum_len && !m->pad && n - i >= 4; i += 4) {
        int v0 = base64_values[p[i]], v1 = base64_values[p[i + 1]];
        int v2 = base64_values[p[i + 2]], v3 = base64_values[p[i + 3]];
        if ((v0 | v1 | v2 | v3) < 0)
            break;
        if (OUT_MAX - o->n < 3)
            flush(o);
        o->bytes[o->n++] = (uint8_t)(v0 << 2 | v1 >> 4);
        o->bytes[o->n++] = (uint8_t)(v1 << 4 | v2 >> 2);
        o->bytes[o->n++] = (uint8_t)(v2 << 6 | v3);
    }
    return i;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum qp_state { QP_TEXT, QP_EQUALS, QP_HEX, QP_SOFT };

/* qp: an enum qp_state. QP_SOFT: an end of line that is none is being read. */
static void qp_byte(struct mime *m, struct out *o, uint8_t c)
{
    switch ((enum qp_state)m->qp) {
    case QP_EQUALS:
        if (c == '\r' || mime_blank(c)) {
            m->qp = QP_SOFT;
            return;
        }
        m->qp = c == '\n' ? QP_TEXT : QP_HEX;
        m->qp_first = c;
        if (c == '\n' || hex(c) >= 0)
            return;
        m->events |= MIME_INVALID_QP;
        m->qp = QP_TEXT;
        put(o, '=');
        break;
    case QP_HEX:
        m->qp = QP_TEXT;
        if (hex(c) >= 0) {
            put(o, (uint8_t)(hex(m->qp_first) << 4 | hex(c)));
            return;
        }
        m->events |= MIME_INVALID_QP;
        put(o, '=');
        put(o, m->qp_first);
        break;
    case QP_SOFT:
        if (c == '\r' || mime_blank(c))
            return;
        m->qp = QP_TEXT;
        if (c == '\n')
            return;
        break;
    case QP_TEXT:
        break;
    }
    if (c == '=')
        m->qp = QP_EQUALS;
    else
        put(o, c);
}

void mime_content(struct mime *m, const uint8_t *p, size_t n)
{
    if (m->part.multipart || (!m->file && (!m->part.text || !m->config->urls)))
        return;
    if (m->part.encoding == MIME_PLAIN) {
        deliver(m, p, n);
        return;
    }
    struct out o;
    o.m = m;
    o.n = 0;
    for (size_t i = 0; i < n; i++) {
        if (m->part.encoding == MIME_QP) {
            qp_byte(m, &o, p[i]);
            continue;
        }
        i += base64_groups(m, &o, p + i, n - i);
        if (i < n)
            base64_byte(m, &o, p[i]);
    }
    flush(&o);
}

void mime_content_end(struct mime *m)
{
    struct out o;
    o.m = m;
    o.n = 0;
    if (m->part.encoding == MIME_BASE64)
        base64_short(m, &o);
    flush(&o);
    if (!m->file)
        mime_url_end(m);
}
