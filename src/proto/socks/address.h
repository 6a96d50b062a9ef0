/* Inside the SOCKS room: addresses as SOCKS5 writes them, in requests, replies and datagrams (RFC 1928 section 5). */
#ifndef BURROW_PROTO_SOCKS_ADDRESS_H
#define BURROW_PROTO_SOCKS_ADDRESS_H

#include "core/addr.h"
#include "core/bytes.h"

/* RFC 1928 section 5 */
enum socks_atyp { SOCKS_ATYP_IPV4 = 1, SOCKS_ATYP_DOMAIN = 3, SOCKS_ATYP_IPV6 = 4 };

/* ATYP, address, port, read where they stand: the name is borrowed from the bytes. */
struct socks_address {
    uint8_t atyp; /* enum socks_atyp */
    uint8_t host_len;
    uint16_t port;
    struct addr addr; /* ADDR_NONE if by name */
    const char *host; /* NULL unless by name */
};

enum socks_take { SOCKS_TAKE_WHOLE, SOCKS_TAKE_MORE, SOCKS_TAKE_INVALID };

/* Take one from r. INVALID: the type is unknown, and how long it is with it. */
enum socks_take socks_address_take(struct reader *r, struct socks_address *a);

/* Some write an address where a name belongs, IPv6 in brackets or not: is this name one? */
bool socks_literal(const char *host, size_t len, struct addr *out);

/* 0.0.0.0 and ::, and nothing: the address of whoever says it. */
bool socks_unspecified(const struct addr *a);

/* An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5.2) is that address. */
struct addr socks_unmapped(const struct addr *a);

#endif
