/* http.uri: a request's target as rules see it. */
#include "proto/http1/http1_buffers.h"
#include "proto/http1/http1_config.h"

static bool add(struct buf *b, const bstr *s)
{
    return !s || buf_add(b, bstr_ptr(s), bstr_len(s));
}

/* A copy, percent-decoded so often. */
static bool add_decoded(struct buf *b, const htp_tx_t *tx, enum htp_decoder_ctx_t ctx, const bstr *s, unsigned times)
{
    bstr *copy = bstr_dup(s);
    uint64_t flags = 0;
    if (!copy)
        return false;
    for (unsigned i = 0; i < times; i++)
        htp_urldecode_inplace(tx->cfg, ctx, copy, &flags);
    bool ok = add(b, copy);
    bstr_free(copy);
    return ok;
}

/* scheme://user:password@host:port */
static bool add_authority(struct buf *b, const htp_uri_t *u)
{
    bool ok = !u->scheme || (add(b, u->scheme) && buf_add(b, "://", 3));
    if (ok && (u->username || u->password))
        ok = add(b, u->username) && buf_add_byte(b, ':') && add(b, u->password) && buf_add_byte(b, '@');
    ok = ok && add(b, u->hostname);
    return ok && (!u->port || (buf_add_byte(b, ':') && add(b, u->port)));
}

bool http1_uri(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct http1_profile *p = ((const struct http1_state *)a->state)->profile;
    const htp_tx_t *tx = ((const struct http1_tx *)a->tx)->htp;
    const htp_uri_t *u = tx->parsed_uri;
    if (a->dir != TO_SERVER)
        return false;
    if (!u || !u->path) { /* CONNECT */
        const bstr *raw = tx->request_uri;
        *out = raw ? (struct proto_bytes){bstr_ptr(raw), bstr_len(raw)} : (struct proto_bytes){NULL, 0};
        return out->n > 0;
    }
    bool ok = !p->whole_uri || add_authority(a->work, u);
    /* libhtp has decoded the path once, the query not at all */
    ok = ok && add_decoded(a->work, tx, HTP_DECODER_URL_PATH, u->path, p->double_path);
    if (u->query)
        ok = ok && buf_add_byte(a->work, '?') &&
             add_decoded(a->work, tx, HTP_DECODER_URLENCODED, u->query, p->double_query ? 2 : 1);
    if (u->fragment)
        ok = ok && buf_add_byte(a->work, '#') && add(a->work, u->fragment);
    *out = (struct proto_bytes){a->work->data, a->work->len};
    return ok && out->n > 0;
}
