#include "proto/tls/tls_der.h"

/* X.690 section 8.1.3: up to this many bytes of length. Nothing that fits a handshake message needs more. */
#define LENGTH_BYTES_MAX 4

/* A tag of one byte and a length of one byte, all there: most elements by far. */
static inline bool short_form(struct reader *r, struct der *out)
{
    size_t left = reader_left(r);
    if (left < 2 || (r->p[0] & 0x1f) == 0x1f || r->p[1] > left - 2 || r->p[1] >= 0x80)
        return false;
    *out = (struct der){r->p[0], r->p + 2, r->p[1]};
    r->p += 2 + (size_t)r->p[1];
    return true;
}

enum der_status tls_der_next(struct reader *r, struct der *out)
{
    if (short_form(r, out))
        return DER_OK;
    struct reader at = *r;
    if (!reader_left(&at))
        return DER_END;
    uint8_t tag = reader_u8(&at);
    if ((tag & 0x1f) == 0x1f) /* tags of more than one byte: X.509 has none */
        return DER_BAD;
    size_t len = reader_u8(&at);
    if (len == 0x80) /* the indefinite form is BER's */
        return DER_BAD;
    if (len & 0x80) {
        unsigned bytes = (unsigned)len & 0x7f;
        if (bytes > LENGTH_BYTES_MAX)
            return DER_BAD;
        len = 0;
        for (unsigned i = 0; i < bytes; i++)
            len = len << 8 | reader_u8(&at);
    }
    if (at.bad)
        return DER_CUT;
    const uint8_t *p = reader_take(&at, len);
    if (!p)
        return DER_OVERRUN;
    *out = (struct der){tag, p, len};
    *r = at;
    return DER_OK;
}

bool tls_der_take(struct reader *r, uint8_t tag, struct der *out)
{
    struct reader at = *r;
    if (!reader_left(r) || r->p[0] != tag || tls_der_next(&at, out) != DER_OK)
        return false;
    *r = at;
    return true;
}
