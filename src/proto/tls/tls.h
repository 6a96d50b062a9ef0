/* TLS: SSLv2 hellos, SSLv3, TLS 1.0 to 1.3 over TCP, as far as it is in the clear.
 *
 * Reads records and the handshake messages reassembled over them until all that a passive reader can know is known:
 * hellos, certificates up to TLS 1.2, and no further: then the parser says PROTO_DONE. One transaction for a session.
 * Fingerprints and texts are made when somebody asks for them, from the bytes that the transaction kept. Nothing is
 * decrypted. Called by the lane's app thread only; what a transaction holds is owned by it and never changes once it
 * is complete. */
#ifndef BURROW_PROTO_TLS_TLS_H
#define BURROW_PROTO_TLS_TLS_H

#include "core/bytes.h"
#include "proto/proto.h"

extern const struct app_proto proto_tls;

/* Longest handshake message that is read, bytes after its header. Longer ones are stepped over (event
 * handshake_invalid_length). Both directions together may so hold twice this, and only until the handshake is over. */
#define TLS_MESSAGE_MAX 65536

/* Cipher suites, extensions, groups and the like of one hello that fingerprints are made of. A hello with more has no
 * JA3, JA3S or JA4 (event hello_list_too_long). */
#define TLS_HELLO_ITEMS_MAX 512

/* DNS names of a certificate that are looked at (event certificate_too_many_names when there are more). */
#define TLS_NAMES_MAX 512

#define TLS_JA3_MAX       (TLS_HELLO_ITEMS_MAX * 6 + 32) /* longest JA3 text with its zero byte */
#define TLS_JA3_HASH_SIZE 33                             /* MD5 in hexadecimal with its zero byte */
#define TLS_JA4_SIZE      37                             /* "t13d1516h2_8daaf6152771_b186095e22b6" with its zero byte */
#define TLS_NAME_MAX      2048                           /* longest distinguished name as text; longer ones are cut */
#define TLS_TIME_SIZE     20                             /* "2016-03-22T17:47:38" with its zero byte */
#define TLS_VERSION_SIZE  20                             /* "TLS 1.3 draft-23-fb" with its zero byte */
#define TLS_SHA1_SIZE     20

/* Bytes inside something that is kept elsewhere; p is NULL when they weren't there. */
struct tls_span {
    const uint8_t *p;
    uint32_t len;
};

/* A ClientHello or ServerHello (RFC 8446 section 4.1). The spans lie in `bytes`. */
struct tls_hello {
    uint8_t *bytes; /* the message's body; NULL: none was seen */
    uint32_t len;
    uint16_t version;  /* legacy_version; 2 for an SSLv2 hello without a later version */
    uint16_t selected; /* ServerHello: supported_versions' choice, else 0 */
    uint16_t cipher;   /* ServerHello: the suite chosen */
    bool sslv2;        /* SSLv2 framing: ciphers are of three bytes, there are no extensions */
    bool malformed;    /* cut or contradictory: the spans hold what was read before */
    bool too_many;     /* more than TLS_HELLO_ITEMS_MAX items */
    bool has_sni;      /* the extension is there, whatever is in it */
    bool has_psk;      /* pre_shared_key: in a ServerHello, a session was resumed */
    struct tls_span random;
    struct tls_span session_id;
    struct tls_span ciphers;    /* ClientHello: list of 16-bit numbers */
    struct tls_span extensions; /* the whole block without its length */
    struct tls_span sni;        /* the first host name */
    struct tls_span alpn;       /* names, each after its 8-bit length */
    struct tls_span versions;   /* ClientHello: supported_versions, 16-bit numbers */
    struct tls_span groups;     /* 16-bit numbers */
    struct tls_span formats;    /* 8-bit numbers */
    struct tls_span sig_algs;   /* 16-bit numbers */
};

/* A certificate (RFC 5280 section 4.1). The spans lie in the DER that was parsed. */
struct tls_cert {
    struct tls_span der;     /* all of it */
    struct tls_span serial;  /* content of the INTEGER, sign byte included */
    struct tls_span issuer;  /* content of the Name: for tls_name_text */
    struct tls_span subject; /* as issuer */
    struct tls_span names;   /* content of the subjectAltName: for tls_cert_next_name */
    int64_t not_before;      /* seconds since 1970 UTC */
    int64_t not_after;
    bool has_times;              /* both were readable */
    uint8_t sha1[TLS_SHA1_SIZE]; /* of der */
};

/* The Certificate message of one side, TLS 1.2 and before. */
struct tls_chain {
    const uint8_t *bytes; /* the certificate_list: certificates, each after its 24-bit length; NULL: none was seen */
    uint32_t len;
    uint32_t count;       /* certificates in the list */
    uint8_t *memory;      /* the allocation that they lie in */
    struct tls_cert leaf; /* the first; its der.p is NULL when the list is empty */
};

/* Messages that were seen, as ssl_state asks for them. */
enum tls_seen {
    TLS_SEEN_CLIENT_HELLO = 1,
    TLS_SEEN_SERVER_HELLO = 2,
    TLS_SEEN_CLIENT_KEYX = 4,
    TLS_SEEN_SERVER_KEYX = 8
};

struct tls_tx {
    struct proto_tx tx;
    uint8_t messages; /* bits of enum tls_seen */
    uint16_t version; /* as negotiated or, without a ServerHello, as the records or the client had it; 0: unknown */
    bool resumed;     /* an earlier session goes on: the server sent no certificate */
    struct tls_hello client_hello; /* the first, when HelloRetryRequest made the client send two */
    struct tls_hello server_hello; /* never a HelloRetryRequest */
    struct tls_chain server_chain;
    struct tls_chain client_chain;
};

/* RFC 8701: values that clients send to keep servers tolerant; no fingerprint counts them. */
static inline bool tls_is_grease(uint16_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* "TLS 1.2", "TLSv1", "TLS 1.3 draft-23", "UNDETERMINED": as Suricata names versions. Returns out. */
const char *tls_version_text(uint16_t version, char out[TLS_VERSION_SIZE]);

/* The JA3 text of the ClientHello (JA3S: of the ServerHello), zero-terminated. Returns its length; 0 when there is
 * none: no such hello, malformed, SSLv2 or too many items. */
size_t tls_ja3_text(const struct tls_hello *client, char out[TLS_JA3_MAX]);
size_t tls_ja3s_text(const struct tls_hello *server, char out[TLS_JA3_MAX]);

/* MD5 of a JA3 text in hexadecimal. */
void tls_ja3_hash(const char *text, size_t len, char out[TLS_JA3_HASH_SIZE]);

/* The JA4 fingerprint of a ClientHello over TCP (FoxIO's technical details of JA4). False when there is none: as JA3.
 */
bool tls_ja4(const struct tls_hello *client, char out[TLS_JA4_SIZE]);

/* A distinguished name as text, in the certificate's order: "C=US, O=Example, CN=a + Email=b". Bytes that are not ASCII
 * are as in the certificate, except that BMPString becomes UTF-8. Not zero-terminated; returns its length. */
size_t tls_name_text(const struct tls_span *name, char *out, size_t room);

/* "0A:1B:2C" of a serial number; returns its length, without the zero byte that it ends with. Cut when room is short.
 */
size_t tls_serial_text(const struct tls_span *serial, char *out, size_t room);

/* "4a:a3:66" of a certificate's SHA-1, zero-terminated. */
void tls_sha1_text(const struct tls_cert *cert, char out[TLS_SHA1_SIZE * 3]);

/* "2016-03-22T17:47:38", UTC. */
void tls_time_text(int64_t seconds, char out[TLS_TIME_SIZE]);

/* The next DNS name of a subjectAltName. Start with at = reader_of(cert->names.p, cert->names.len). False: no more. */
bool tls_cert_next_name(struct reader *at, struct tls_span *name);

/* The next certificate of a chain. Start with at = reader_of(chain->bytes, chain->len). False: no more. */
bool tls_chain_next(struct reader *at, struct tls_span *der);

/* The next name of an ALPN list. Start with at = reader_of(hello->alpn.p, hello->alpn.len). False: no more. */
bool tls_alpn_next(struct reader *at, struct tls_span *name);

#endif
