/* Certificates (RFC 5280 section 4.1) as TLS up to 1.2 sends them (RFC 5246 section 7.4.2). */
#include <stdlib.h>

#include <nettle/sha1.h>

#include "proto/tls/tls_der.h"
#include "proto/tls/tls_session.h"

/* Extensions of one certificate that are looked at; real ones have about ten. More: certificate_invalid_extensions. */
#define EXTENSIONS_MAX 64

/* 2.5.29.17, subjectAltName (RFC 5280 section 4.2.1.6). */
static const uint8_t oid_alt_name[] = {0x55, 0x1d, 0x11};

/* An element with this tag, or the event that says best why not; `wrong` when something else stands there. */
static bool want(struct reader *r, uint8_t tag, struct der *out, enum tls_event wrong, enum tls_event *why)
{
    struct reader at = *r;
    switch (tls_der_next(&at, out)) {
    case DER_OK:
        if (out->tag == tag) {
            *r = at;
            return true;
        }
        *why = wrong;
        break;
    case DER_END:
        *why = TLS_EV_CERT_MISSING_ELEMENT;
        break;
    case DER_CUT:
        *why = TLS_EV_CERT_INVALID_LENGTH;
        break;
    case DER_OVERRUN:
        *why = TLS_EV_INVALID_CERTIFICATE;
        break;
    case DER_BAD:
        *why = TLS_EV_CERT_INVALID_DER;
        break;
    }
    return false;
}

static struct tls_span span_of(const struct der *e)
{
    return (struct tls_span){e->p, (uint32_t)e->len};
}

/* Version ::= [0] EXPLICIT INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1 */
static bool read_version(struct reader *tbs, enum tls_event *why)
{
    struct der outer;
    struct der number;
    if (!tls_der_take(tbs, DER_CONTEXT_0, &outer))
        return true;
    struct reader r = reader_of(outer.p, outer.len);
    *why = TLS_EV_CERT_INVALID_VERSION;
    return tls_der_take(&r, DER_INTEGER, &number) && number.len == 1 && number.p[0] <= 2;
}

static bool read_validity(struct tls_cert *cert, struct reader *tbs, enum tls_event *why)
{
    struct der both;
    struct der from;
    struct der to;
    if (!want(tbs, DER_SEQUENCE, &both, TLS_EV_CERT_INVALID_VALIDITY, why))
        return false;
    struct reader r = reader_of(both.p, both.len);
    if (tls_der_next(&r, &from) != DER_OK || tls_der_next(&r, &to) != DER_OK) {
        *why = TLS_EV_CERT_INVALID_VALIDITY;
        return false;
    }
    cert->has_times = tls_time_read(from.tag, from.p, from.len, &cert->not_before) &&
                      tls_time_read(to.tag, to.p, to.len, &cert->not_after);
    *why = TLS_EV_CERT_INVALID_DATE;
    return cert->has_times;
}

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING } */
static bool read_extension(struct tls_cert *cert, const struct der *ext)
{
    struct reader r = reader_of(ext->p, ext->len);
    struct der oid;
    struct der critical;
    struct der value;
    if (!tls_der_take(&r, DER_OID, &oid))
        return false;
    tls_der_take(&r, DER_BOOLEAN, &critical);
    if (!tls_der_take(&r, DER_OCTET_STRING, &value))
        return false;
    if (cert->names.p || oid.len != sizeof(oid_alt_name) || memcmp(oid.p, oid_alt_name, oid.len) != 0)
        return true;
    struct der names;
    r = reader_of(value.p, value.len);
    if (!tls_der_take(&r, DER_SEQUENCE, &names))
        return false;
    cert->names = span_of(&names);
    return true;
}

/* What follows the subject: the key, two identifiers that nobody uses, and [3] extensions. */
static bool read_extensions(struct tls_cert *cert, struct reader *tbs, enum tls_event *why)
{
    struct der e;
    if (!want(tbs, DER_SEQUENCE, &e, TLS_EV_CERT_UNKNOWN_ELEMENT, why))
        return false;
    do {
        if (!reader_left(tbs))
            return true;
        if (!want(tbs, tbs->p[0], &e, TLS_EV_CERT_UNKNOWN_ELEMENT, why))
            return false;
    } while (e.tag != DER_CONTEXT_3);
    struct reader r = reader_of(e.p, e.len);
    *why = TLS_EV_CERT_INVALID_EXTENSIONS;
    if (!tls_der_take(&r, DER_SEQUENCE, &e))
        return false;
    r = reader_of(e.p, e.len);
    for (unsigned i = 0; i < EXTENSIONS_MAX; i++) {
        if (!reader_left(&r))
            return true;
        if (!tls_der_take(&r, DER_SEQUENCE, &e) || !read_extension(cert, &e))
            return false;
    }
    return false;
}

static bool read_tbs(struct tls_cert *cert, struct reader *tbs, struct tls_session *s, struct proto_io *io,
                     enum tls_event *why)
{
    struct der e;
    if (!read_version(tbs, why) || !want(tbs, DER_INTEGER, &e, TLS_EV_CERT_INVALID_SERIAL, why))
        return false;
    cert->serial = span_of(&e);
    if (!want(tbs, DER_SEQUENCE, &e, TLS_EV_CERT_INVALID_ALGORITHM, why) ||
        !want(tbs, DER_SEQUENCE, &e, TLS_EV_CERT_INVALID_ISSUER, why))
        return false;
    cert->issuer = span_of(&e);
    bool names_good = tls_name_check(&cert->issuer, s, io);
    if (!read_validity(cert, tbs, why) || !want(tbs, DER_SEQUENCE, &e, TLS_EV_CERT_INVALID_SUBJECT, why))
        return false;
    cert->subject = span_of(&e);
    names_good = tls_name_check(&cert->subject, s, io) && names_good;
    *why = TLS_EV_CERT_INVALID_NAME;
    return names_good && read_extensions(cert, tbs, why);
}

bool tls_cert_next_name(struct reader *at, struct tls_span *name)
{
    struct der e;
    while (tls_der_next(at, &e) == DER_OK)
        if (e.tag == DER_DNS_NAME) {
            *name = span_of(&e);
            return true;
        }
    return false;
}

/* The names are read again by who wants them; here it's only seen what is wrong with them. */
static void check_names(const struct tls_cert *cert, struct tls_session *s, struct proto_io *io)
{
    struct reader at = reader_of(cert->names.p, cert->names.len);
    struct tls_span name;
    unsigned count = 0;
    while (count <= TLS_NAMES_MAX && tls_cert_next_name(&at, &name)) {
        count++;
        if (name.len && memchr(name.p, 0, name.len))
            tls_raise(s, io, TLS_EV_CERT_INVALID_STRING);
    }
    if (count > TLS_NAMES_MAX)
        tls_raise(s, io, TLS_EV_CERT_TOO_MANY_NAMES);
    else if (reader_left(&at))
        tls_raise(s, io, TLS_EV_CERT_INVALID_EXTENSIONS);
}

void tls_cert_read(struct tls_cert *cert, const uint8_t *p, size_t n, struct tls_session *s, struct proto_io *io)
{
    *cert = (struct tls_cert){.der = {p, (uint32_t)n}};
    struct sha1_ctx sha;
    sha1_init(&sha);
    sha1_update(&sha, n, p);
    sha1_digest(&sha, TLS_SHA1_SIZE, cert->sha1);

    enum tls_event why = TLS_EV_INVALID_CERTIFICATE;
    struct reader r = reader_of(p, n);
    struct der whole;
    struct der tbs;
    bool good = want(&r, DER_SEQUENCE, &whole, TLS_EV_INVALID_CERTIFICATE, &why);
    if (good) {
        r = reader_of(whole.p, whole.len);
        good = want(&r, DER_SEQUENCE, &tbs, TLS_EV_INVALID_CERTIFICATE, &why);
    }
    if (good) {
        r = reader_of(tbs.p, tbs.len);
        good = read_tbs(cert, &r, s, io, &why);
    }
    if (good) {
        check_names(cert, s, io);
        return;
    }
    tls_raise(s, io, why);
    tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
}

bool tls_chain_next(struct reader *at, struct tls_span *der)
{
    if (!reader_left(at))
        return false;
    size_t n = reader_be24(at);
    const uint8_t *p = reader_take(at, n);
    *der = (struct tls_span){p, p ? (uint32_t)n : 0};
    return p != NULL;
}

/* Make the list the chain's own. False when memory is short. */
static bool keep_list(struct tls_chain *chain, const struct reader *list, struct buf *owner)
{
    size_t n = reader_left(list);
    chain->len = (uint32_t)n;
    if (owner) {
        chain->memory = owner->data;
        chain->bytes = list->p;
        *owner = (struct buf){.cap = owner->cap};
        return true;
    }
    chain->memory = malloc(n ? n : 1);
    chain->bytes = chain->memory;
    if (chain->memory && n)
        memcpy(chain->memory, list->p, n);
    return chain->memory != NULL;
}

/* RFC 5246 section 7.4.2: a 24-bit length, then certificates, each after a 24-bit length of its own. */
void tls_certificates(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n, struct buf *owner)
{
    struct tls_chain *chain = io->dir == s->client ? &s->tx->client_chain : &s->tx->server_chain;
    if (chain->bytes) { /* one side sends one */
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
        return;
    }
    struct reader r = reader_of(p, n);
    struct reader list = reader_sub(&r, reader_be24(&r));
    if (r.bad || reader_left(&r)) {
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
        if (r.bad)
            return;
    }
    if (!keep_list(chain, &list, owner)) {
        s->broken = true;
        return;
    }
    s->tx->tx.progress[io->dir == s->client ? TO_SERVER : TO_CLIENT] = TX_HEADERS;
    struct reader at = reader_of(chain->bytes, chain->len);
    struct tls_span der;
    for (; tls_chain_next(&at, &der); chain->count++)
        if (!chain->count)
            tls_cert_read(&chain->leaf, der.p, der.len, s, io);
    if (at.bad)
        tls_raise(s, io, TLS_EV_INVALID_HANDSHAKE_MESSAGE);
}
