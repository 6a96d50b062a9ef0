/* For the tests of this folder: messages built from parts, and a replay that treats the parser as the engine does. */
#ifndef BURROW_PROTO_TLS_TLS_KIT_H
#define BURROW_PROTO_TLS_TLS_KIT_H

#include "core/buf.h"
#include "proto/tls/tls_session.h"

/* Big-endian numbers and blocks with a length of `width` bytes before them. */
void kit_number(struct buf *b, unsigned width, uint32_t v);
size_t kit_open(struct buf *b, unsigned width);
void kit_close(struct buf *b, unsigned width, size_t at);

/* A DER element. Content that was written from `at` on gets its header. */
void kit_der(struct buf *b, uint8_t tag, size_t at);

/* Extensions. */
void kit_ext(struct buf *b, uint16_t type, const void *p, size_t n);
void kit_ext_sni(struct buf *b, const char *name);
void kit_ext_alpn(struct buf *b, const char *const *names);
void kit_ext_numbers(struct buf *b, uint16_t type, unsigned width, const uint16_t *v, size_t n);

/* Messages with their headers. ext may be NULL: no extension block. */
void kit_client_hello(struct buf *b, uint16_t version, const uint16_t *ciphers, size_t n, const struct buf *ext);
void kit_server_hello(struct buf *b, uint16_t version, uint16_t cipher, bool retry, const struct buf *ext);
void kit_message(struct buf *b, uint8_t type, const void *p, size_t n);

/* A certificate; alt is a comma-separated list of DNS names, NULL for no extension. */
void kit_cert(struct buf *b, const char *common_name, const char *alt);
void kit_certificate(struct buf *b, const struct buf *cert);

/* Records of at most `most` bytes of body. */
void kit_records(struct buf *b, uint8_t type, uint16_t version, const struct buf *body, size_t most);

/* A step of a session: bytes of one direction, or a gap (data NULL) of len bytes. */
struct kit_step {
    enum flow_dir dir;
    const void *data;
    size_t len;
};

struct kit_result {
    char record[8192]; /* the record's object; "" when the transaction isn't complete */
    uint64_t events;   /* bits: enum tls_event */
    enum proto_status status;
    size_t done_after; /* steps parsed when the parser said DONE; 0: never */
};

/* Give every step in pieces of at most `piece` bytes, then the end. */
void kit_replay(const struct kit_step *steps, size_t n, size_t piece, struct kit_result *r);

/* The same for settings of the caller's. */
void kit_replay_with(const struct kit_step *steps, size_t n, size_t piece, const struct settings *settings,
                     struct kit_result *r);

#endif
