/* DER, one element at a time (ITU-T X.690). No recursion, no allocation: an element borrows its bytes. */
#ifndef BURROW_PROTO_TLS_TLS_DER_H
#define BURROW_PROTO_TLS_TLS_DER_H

#include "core/bytes.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_BMP_STRING = 0x1e,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_GENERAL_STRING = 0x1b,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xa0, /* [0], constructed */
    DER_CONTEXT_3 = 0xa3,
    DER_DNS_NAME = 0x82, /* GeneralName's [2], primitive */
};

enum der_status {
    DER_OK,
    DER_END,     /* nothing is left */
    DER_CUT,     /* the header is cut */
    DER_OVERRUN, /* the length goes past the end */
    DER_BAD,     /* a tag or length that DER doesn't have */
};

struct der {
    uint8_t tag;
    const uint8_t *p; /* content */
    size_t len;
};

/* Take the next element. r stays where it was unless DER_OK. */
enum der_status tls_der_next(struct reader *r, struct der *out);

/* Take the next element if it has this tag. False (r where it was) if it hasn't, or there is none. */
bool tls_der_take(struct reader *r, uint8_t tag, struct der *out);

#endif
