/* What the files of this folder share: the state of a session and the steps of its parsing.
 *
 *   tls_record.c     bytes to records             tls_cert.c   certificates
 *   tls_handshake.c  records to messages          tls_der.c    DER, one element at a time
 *   tls_hello.c      the two hellos               tls_name.c   names, serials and times as text
 *   tls_sslv2.c      SSLv2's hellos               tls_print.c  JA3, JA3S, JA4
 *   tls_probe.c      is it TLS?                   tls_time.c   dates
 *   tls_fields.c     what a record has            tls_log.c    the record
 *
 * Every byte offered is consumed at once: the header of a record and the part of a message that is there are kept here,
 * so that nothing waits in the engine's buffer. */
#ifndef BURROW_PROTO_TLS_TLS_SESSION_H
#define BURROW_PROTO_TLS_TLS_SESSION_H

#include "core/buf.h"
#include "proto/tls/tls.h"

/* RFC 8446 section 5.1; heartbeat: RFC 6520. */
enum tls_content {
    TLS_SSLV2 = 2, /* ours: a record of SSLv2 */
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23,
    TLS_HEARTBEAT = 24,
};

/* RFC 8446 section 4, and the messages of earlier versions and drafts. */
enum tls_message {
    TLS_CLIENT_HELLO = 1,
    TLS_SERVER_HELLO = 2,
    TLS_HELLO_RETRY_REQUEST = 6, /* drafts of TLS 1.3 up to 21 */
    TLS_CERTIFICATE = 11,
    TLS_SERVER_KEY_EXCHANGE = 12,
    TLS_SERVER_HELLO_DONE = 14,
    TLS_CLIENT_KEY_EXCHANGE = 16,
};

#define TLS_RECORD_HEADER 5
/* Longest record body: RFC 5246 section 6.2.3 allows 2^14 + 2048. */
#define TLS_RECORD_MAX (16384 + 2048)
/* Records before the handshake is over; more raise too_many_records_in_packet, once. */
#define TLS_RECORDS_MANY 1024

#define TLS_SSLV2_VERSION 0x0002
#define TLS_SSLV3_VERSION 0x0300
#define TLS_12_VERSION    0x0303
#define TLS_13_VERSION    0x0304

enum tls_event {
    TLS_EV_INVALID_SSLV2_HEADER,
    TLS_EV_INVALID_TLS_HEADER,
    TLS_EV_INVALID_RECORD_VERSION,
    TLS_EV_INVALID_RECORD_TYPE,
    TLS_EV_INVALID_HANDSHAKE_MESSAGE,
    TLS_EV_HANDSHAKE_INVALID_LENGTH,
    TLS_EV_INVALID_SSL_RECORD,
    TLS_EV_INVALID_ALERT_MESSAGE,
    TLS_EV_ERROR_MESSAGE_ENCOUNTERED,
    TLS_EV_TOO_MANY_RECORDS,
    TLS_EV_MULTIPLE_SNI_EXTENSIONS,
    TLS_EV_INVALID_SNI_TYPE,
    TLS_EV_INVALID_SNI_LENGTH,
    TLS_EV_HELLO_LIST_TOO_LONG,
    TLS_EV_INVALID_CERTIFICATE,
    TLS_EV_CERT_MISSING_ELEMENT,
    TLS_EV_CERT_UNKNOWN_ELEMENT,
    TLS_EV_CERT_INVALID_LENGTH,
    TLS_EV_CERT_INVALID_VERSION,
    TLS_EV_CERT_INVALID_SERIAL,
    TLS_EV_CERT_INVALID_ALGORITHM,
    TLS_EV_CERT_INVALID_NAME,
    TLS_EV_CERT_INVALID_ISSUER,
    TLS_EV_CERT_INVALID_SUBJECT,
    TLS_EV_CERT_INVALID_STRING,
    TLS_EV_CERT_INVALID_VALIDITY,
    TLS_EV_CERT_INVALID_DATE,
    TLS_EV_CERT_INVALID_EXTENSIONS,
    TLS_EV_CERT_INVALID_DER,
    TLS_EV_CERT_TOO_MANY_NAMES,
    TLS_EV_HEARTBEAT_MESSAGE,
    TLS_EV_INVALID_HEARTBEAT_MESSAGE,
    TLS_EV_OVERFLOW_HEARTBEAT_MESSAGE,
    TLS_EV_DATALEAK_HEARTBEAT_MISMATCH,
    TLS_EV_COUNT
};

/* Members of the record, by the names that `custom` gives them. */
enum tls_field {
    TLS_F_SUBJECT = 1 << 0,
    TLS_F_ISSUER = 1 << 1,
    TLS_F_RESUMED = 1 << 2,
    TLS_F_SERIAL = 1 << 3,
    TLS_F_FINGERPRINT = 1 << 4,
    TLS_F_SNI = 1 << 5,
    TLS_F_VERSION = 1 << 6,
    TLS_F_NOT_BEFORE = 1 << 7,
    TLS_F_NOT_AFTER = 1 << 8,
    TLS_F_CERTIFICATE = 1 << 9,
    TLS_F_CHAIN = 1 << 10,
    TLS_F_JA3 = 1 << 11,
    TLS_F_JA3S = 1 << 12,
    TLS_F_JA4 = 1 << 13,
    TLS_F_CLIENT = 1 << 14,
    TLS_F_CLIENT_CERTIFICATE = 1 << 15,
    TLS_F_CLIENT_CHAIN = 1 << 16,
    TLS_F_ALT_NAMES = 1 << 17,
    TLS_F_CLIENT_ALPNS = 1 << 18,
    TLS_F_SERVER_ALPNS = 1 << 19,
    TLS_F_CLIENT_HANDSHAKE = 1 << 20,
    TLS_F_SERVER_HANDSHAKE = 1 << 21,
};

/* One direction. */
struct tls_half {
    uint8_t header[TLS_RECORD_HEADER]; /* of the next record, as far as it came */
    uint8_t header_len;
    uint8_t head[3]; /* first bytes of the body of an alert, heartbeat or ChangeCipherSpec */
    uint8_t head_len;
    bool head_lost;        /* of these, the next is missing: no more are taken */
    uint8_t type;          /* of the record we are in: enum tls_content */
    uint16_t version;      /* of the last record */
    uint32_t record_len;   /* of the record we are in, body */
    uint32_t record_left;  /* bytes of it still to come */
    uint32_t records;      /* begun so far */
    uint32_t message_skip; /* bytes of a message nobody needs, still to come */
    struct buf message;    /* a handshake message that isn't whole yet, header included */
    bool in_record;
    bool ciphered; /* ChangeCipherSpec was seen: handshake records are encrypted now */
    bool lost;     /* bytes of a message are missing: where the next begins is not known */
    bool blind;    /* record boundaries are lost: nothing more is read */
};

struct tls_session {
    struct proto_txs txs; /* first: the engine's */
    struct tls_tx *tx;    /* the one transaction, until it is complete */
    struct tls_half half[2];
    enum flow_dir client; /* who plays the client */
    bool client_known;    /* a hello said so */
    bool retry;           /* a HelloRetryRequest waits for the second ClientHello and the ServerHello */
    bool hello_done;      /* the server has said all it says in the clear: a full handshake of TLS 1.2 or before */
    bool over;            /* nothing more is of interest */
    bool broken;
    bool configured;       /* fields and kept are known */
    uint32_t fields;       /* of the record: enum tls_field */
    struct tls_kept *kept; /* the lane's; NULL: there are none */
    uint64_t raised;       /* events told already, a bit each: one session tells each once */
};

/* Tell the engine of an event, once for a session. */
void tls_raise(struct tls_session *s, struct proto_io *io, enum tls_event ev);

/* Mark the transaction complete and let go of everything else. */
void tls_complete(struct tls_session *s);

/* Free the bytes kept by either direction. */
void tls_release(struct tls_session *s);

/* Did any hello come? */
bool tls_has_hello(const struct tls_tx *tx);

/* Parse all of io's bytes. */
void tls_records(struct tls_session *s, struct proto_io *io);

/* n bytes are missing in the direction of io. */
void tls_records_gap(struct tls_session *s, struct proto_io *io, uint64_t n);

/* Plain bytes of the handshake protocol, in order. */
void tls_handshake(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n);

/* Whole messages, without their header. */
void tls_client_hello(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n);
void tls_server_hello(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n);

/* The body of a Certificate message. When it lies in a buffer of ours, the chain takes that over (owner, which is then
 * empty) instead of copying; owner may be NULL. */
void tls_certificates(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n, struct buf *owner);

/* Read a ClientHello's body into h, which keeps a copy. False when memory is short. */
bool tls_hello_read_client(struct tls_hello *h, const uint8_t *p, size_t n, struct tls_session *s, struct proto_io *io);

/* A whole SSLv2 record, without its header. */
void tls_sslv2_message(struct tls_session *s, struct proto_io *io, const uint8_t *p, size_t n);

/* Read one certificate; p must live as long as cert. Raises events for what is wrong. */
void tls_cert_read(struct tls_cert *cert, const uint8_t *p, size_t n, struct tls_session *s, struct proto_io *io);

/* Check a Name's structure: events for what is wrong with it. */
bool tls_name_check(const struct tls_span *name, struct tls_session *s, struct proto_io *io);

/* Seconds since 1970 from the content of a UTCTime (tag 0x17) or GeneralizedTime (0x18). */
bool tls_time_read(uint8_t tag, const uint8_t *p, size_t n, int64_t *seconds);

/* Fingerprints of a hello. */
struct tls_print {
    const char *ja3; /* JA3's text, JA3S's of a server; not zero-terminated */
    size_t ja3_len;  /* 0: there is none */
    char ja3_hash[TLS_JA3_HASH_SIZE];
    char ja4[TLS_JA4_SIZE]; /* "": there is none */
};

/* Those made lately, of a lane. NULL: no memory. */
struct tls_kept;
struct tls_kept *tls_kept_create(void);
void tls_kept_destroy(struct tls_kept **kept);

/* A hello's, kept or made anew; kept NULL: always that. What out->ja3 points to lives until the next call, as text
 * does. */
void tls_print_of(struct tls_kept *kept, const struct tls_hello *h, bool client, char text[TLS_JA3_MAX],
                  struct tls_print *out);

/* What a lane's sessions share. */
struct tls_config {
    uint32_t fields; /* enum tls_field */
    struct tls_kept *kept;
};

/* What the settings want in a record; settings may be NULL: the usual members. */
uint32_t tls_fields(const struct settings *settings);

/* The highest version that a client offers; the one that a server chose. */
uint16_t tls_hello_version(const struct tls_hello *h);

/* The types of the extensions in their order, without GREASE. Returns how many; at most TLS_HELLO_ITEMS_MAX. */
unsigned tls_extension_types(const struct tls_hello *h, uint16_t out[TLS_HELLO_ITEMS_MAX]);

enum proto_probe_result tls_probe(const struct proto_probe *p);
void tls_log(const void *state, const struct proto_tx *tx, struct json *j);

extern const struct proto_buffer tls_buffers[];
extern const struct proto_ready tls_ready[];
extern const struct proto_number tls_numbers[];

#endif
