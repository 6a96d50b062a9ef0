/* Names of DNS numbers, as records have them. */
#ifndef BURROW_PROTO_DNS_TEXT_H
#define BURROW_PROTO_DNS_TEXT_H

#include <stdint.h>

/* Room for any name and its zero. */
#define DNS_TEXT_MAX 16

/* "AAAA"; a type without a name is its number in decimal, written to out. */
const char *dns_type_text(uint16_t type, char out[DNS_TEXT_MAX]);

/* "NXDOMAIN"; likewise. */
const char *dns_rcode_text(unsigned rcode, char out[DNS_TEXT_MAX]);

#endif
