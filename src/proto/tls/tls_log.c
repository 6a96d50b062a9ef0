/* The record's members, named and shaped as in Suricata 8. */
#include "proto/tls/tls_session.h"

/* RFC 5280 section 4.1.2.2: 20 bytes; what is longer is cut here. */
#define SERIAL_TEXT_MAX 256

const char *tls_version_text(uint16_t version, char out[TLS_VERSION_SIZE])
{
    const char *text = "UNDETERMINED";
    switch (version) {
    case TLS_SSLV2_VERSION:
        text = "SSLv2";
        break;
    case TLS_SSLV3_VERSION:
        text = "SSLv3";
        break;
    case 0x0301:
        text = "TLSv1";
        break;
    case 0x0302:
        text = "TLS 1.1";
        break;
    case TLS_12_VERSION:
        text = "TLS 1.2";
        break;
    case TLS_13_VERSION:
        text = "TLS 1.3";
        break;
    default:
        break;
    }
    memcpy(out, text, strlen(text) + 1);
    /* Drafts of TLS 1.3: 0x7f and the draft's number; 0xfb for the variants that Facebook's clients spoke. */
    unsigned draft = version & 0xff;
    bool facebook = version >> 8 == 0xfb;
    if ((version >> 8 == 0x7f || facebook) && draft < 100) {
        memcpy(out, "TLS 1.3 draft-<16", sizeof("TLS 1.3 draft-<16"));
        if (draft >= 16) {
            out[14] = (char)('0' + draft / 10);
            out[15] = (char)('0' + draft % 10);
            memcpy(out + 16, facebook ? "-fb" : "", facebook ? 4 : 1);
        }
    }
    return out;
}

bool tls_alpn_next(struct reader *at, struct tls_span *name)
{
    if (!reader_left(at))
        return false;
    size_t n = reader_u8(at);
    const uint8_t *p = reader_take(at, n);
    *name = (struct tls_span){p, p ? (uint32_t)n : 0};
    return p != NULL;
}

static void log_name(struct json *j, const char *key, const struct tls_span *name)
{
    char text[TLS_NAME_MAX];
    if (name->p)
        json_bytes(j, key, text, tls_name_text(name, text, sizeof(text)));
}

static void log_serial(struct json *j, const struct tls_cert *cert)
{
    char text[SERIAL_TEXT_MAX];
    if (cert->serial.p)
        json_bytes(j, "serial", text, tls_serial_text(&cert->serial, text, sizeof(text)));
}

static void log_fingerprint(struct json *j, const struct tls_cert *cert)
{
    char text[TLS_SHA1_SIZE * 3];
    tls_sha1_text(cert, text);
    json_bytes(j, "fingerprint", text, sizeof(text) - 1);
}

static void log_time(struct json *j, const char *key, const struct tls_cert *cert, int64_t time)
{
    char text[TLS_TIME_SIZE];
    if (!cert->has_times)
        return;
    tls_time_text(time, text);
    json_bytes(j, key, text, sizeof(text) - 1);
}

static void log_alt_names(struct json *j, const struct tls_cert *cert)
{
    struct reader at = reader_of(cert->names.p, cert->names.len);
    struct tls_span name;
    unsigned count = 0;
    while (count < TLS_NAMES_MAX && tls_cert_next_name(&at, &name)) {
        if (!count++)
            json_open_array(j, "subjectaltname");
        json_bytes(j, NULL, name.p, name.len);
    }
    if (count)
        json_end_array(j);
}

static void log_chain(struct json *j, const struct tls_chain *chain)
{
    struct reader at = reader_of(chain->bytes, chain->len);
    struct tls_span der;
    json_open_array(j, "chain");
    while (tls_chain_next(&at, &der))
        json_base64(j, NULL, der.p, der.len);
    json_end_array(j);
}

static void log_alpn(struct json *j, const char *key, const struct tls_hello *h)
{
    struct reader at = reader_of(h->alpn.p, h->alpn.len);
    struct tls_span name;
    if (!reader_left(&at))
        return;
    json_open_array(j, key);
    while (tls_alpn_next(&at, &name))
        json_bytes(j, NULL, name.p, name.len);
    json_end_array(j);
}

static void log_ja3(struct json *j, const char *key, const struct tls_print *p)
{
    if (!p->ja3_len)
        return;
    json_open_object(j, key);
    json_bytes(j, "hash", p->ja3_hash, sizeof(p->ja3_hash) - 1);
    json_bytes(j, "string", p->ja3, p->ja3_len);
    json_end_object(j);
}

static void log_prints(struct json *j, const struct tls_session *s, const struct tls_tx *t)
{
    struct tls_print client = {.ja3_len = 0}, server;
    char text[TLS_JA3_MAX];
    if (s->fields & (TLS_F_JA3 | TLS_F_JA4))
        tls_print_of(s->kept, &t->client_hello, true, text, &client);
    if (s->fields & TLS_F_JA3)
        log_ja3(j, "ja3", &client);
    if (s->fields & TLS_F_JA3S) {
        tls_print_of(s->kept, &t->server_hello, false, text, &server);
        log_ja3(j, "ja3s", &server);
    }
    if ((s->fields & TLS_F_JA4) && client.ja4[0])
        json_bytes(j, "ja4", client.ja4, sizeof(client.ja4) - 1);
}

static void log_numbers(struct json *j, const char *key, const struct tls_span *list)
{
    struct reader r = reader_of(list->p, list->len);
    json_open_array(j, key);
    for (unsigned n = 0; reader_left(&r) >= 2 && n < TLS_HELLO_ITEMS_MAX; n++) {
        uint16_t v = reader_be16(&r);
        if (!tls_is_grease(v))
            json_u64(j, NULL, v);
    }
    json_end_array(j);
}

static void log_extensions(struct json *j, const struct tls_hello *h)
{
    uint16_t types[TLS_HELLO_ITEMS_MAX];
    unsigned n = tls_extension_types(h, types);
    json_open_array(j, "exts");
    for (unsigned i = 0; i < n; i++)
        json_u64(j, NULL, types[i]);
    json_end_array(j);
}

static void log_client_handshake(struct json *j, const struct tls_hello *h)
{
    char version[TLS_VERSION_SIZE];
    if (!h->bytes || h->sslv2)
        return;
    json_open_object(j, "client_handshake");
    json_str(j, "version", tls_version_text(tls_hello_version(h), version));
    log_numbers(j, "ciphers", &h->ciphers);
    log_extensions(j, h);
    log_numbers(j, "sig_algs", &h->sig_algs);
    json_end_object(j);
}

static void log_server_handshake(struct json *j, const struct tls_hello *h)
{
    char version[TLS_VERSION_SIZE];
    if (!h->bytes)
        return;
    json_open_object(j, "server_handshake");
    json_str(j, "version", tls_version_text(tls_hello_version(h), version));
    json_u64(j, "cipher", h->cipher);
    log_extensions(j, h);
    json_end_object(j);
}

static void log_server_names(struct json *j, const struct tls_chain *chain, uint32_t fields)
{
    const struct tls_cert *cert = &chain->leaf;
    if (fields & TLS_F_SUBJECT)
        log_name(j, "subject", &cert->subject);
    if (fields & TLS_F_ISSUER)
        log_name(j, "issuerdn", &cert->issuer);
    if (fields & TLS_F_ALT_NAMES)
        log_alt_names(j, cert);
    if (fields & TLS_F_SERIAL)
        log_serial(j, cert);
    if (fields & TLS_F_FINGERPRINT)
        log_fingerprint(j, cert);
    if (fields & TLS_F_NOT_BEFORE)
        log_time(j, "notbefore", cert, cert->not_before);
    if (fields & TLS_F_NOT_AFTER)
        log_time(j, "notafter", cert, cert->not_after);
    if (fields & TLS_F_CERTIFICATE)
        json_base64(j, "certificate", cert->der.p, cert->der.len);
    if (fields & TLS_F_CHAIN)
        log_chain(j, chain);
}

/* The certificate by which the client showed who it is. */
static void log_client(struct json *j, const struct tls_chain *chain, uint32_t fields)
{
    const struct tls_cert *cert = &chain->leaf;
    if (!(fields & (TLS_F_CLIENT | TLS_F_CLIENT_CERTIFICATE | TLS_F_CLIENT_CHAIN)))
        return;
    json_open_object(j, "client");
    if (fields & TLS_F_CLIENT) {
        log_name(j, "subject", &cert->subject);
        log_name(j, "issuerdn", &cert->issuer);
        log_fingerprint(j, cert);
        log_serial(j, cert);
        log_time(j, "notbefore", cert, cert->not_before);
        log_time(j, "notafter", cert, cert->not_after);
    }
    if (fields & TLS_F_CLIENT_CERTIFICATE)
        json_base64(j, "certificate", cert->der.p, cert->der.len);
    if (fields & TLS_F_CLIENT_CHAIN)
        log_chain(j, chain);
    json_end_object(j);
}

void tls_log(const void *state, const struct proto_tx *tx, struct json *j)
{
    const struct tls_session *s = state;
    const struct tls_tx *t = (const struct tls_tx *)tx;
    char version[TLS_VERSION_SIZE];
    if (t->server_chain.leaf.der.p)
        log_server_names(j, &t->server_chain, s->fields);
    if (t->resumed && (s->fields & TLS_F_RESUMED))
        json_bool(j, "session_resumed", true);
    if (t->client_hello.sni.p && (s->fields & TLS_F_SNI))
        json_bytes(j, "sni", t->client_hello.sni.p, t->client_hello.sni.len);
    if (s->fields & TLS_F_VERSION)
        json_str(j, "version", tls_version_text(t->version, version));
    log_prints(j, s, t);
    if (s->fields & TLS_F_CLIENT_ALPNS)
        log_alpn(j, "client_alpns", &t->client_hello);
    if (s->fields & TLS_F_SERVER_ALPNS)
        log_alpn(j, "server_alpns", &t->server_hello);
    if (t->client_chain.leaf.der.p)
        log_client(j, &t->client_chain, s->fields);
    if (s->fields & TLS_F_CLIENT_HANDSHAKE)
        log_client_handshake(j, &t->client_hello);
    if (s->fields & TLS_F_SERVER_HANDSHAKE)
        log_server_handshake(j, &t->server_hello);
}
