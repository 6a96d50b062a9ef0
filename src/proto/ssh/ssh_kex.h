/* The first packet after the identification: SSH_MSG_KEXINIT (RFC 4253 6 and 7.1), which is not encrypted. */
#ifndef BURROW_PROTO_SSH_KEX_H
#define BURROW_PROTO_SSH_KEX_H

#include "core/buf.h"

/* RFC 4253 6.1: every implementation takes packets of up to 35000 bytes; longer ones are not read. */
#define SSH_PACKET_MAX 35000u

#define SSH_HASH_SIZE 33 /* an MD5 in hexadecimal, and its zero */

enum ssh_packet {
    SSH_PACKET_MORE,  /* it is not whole */
    SSH_PACKET_KEX,   /* a KEXINIT */
    SSH_PACKET_OTHER, /* one that may come before it */
    SSH_PACKET_LONG,
    SSH_PACKET_END, /* no KEXINIT can follow: another message, or none */
};

/* Look at the packet that begins here; *len is its length with its header. */
enum ssh_packet ssh_packet_next(const uint8_t *p, size_t n, size_t *len);

/* The hassh string of a whole KEXINIT packet: key exchange, encryption, MAC and compression of the direction, with
 * semicolons between. False: it can't be read, or memory is short. */
bool ssh_kex_string(const uint8_t *p, size_t n, bool server, struct buf *out);

/* MD5 of it. */
void ssh_kex_hash(const struct buf *string, char out[SSH_HASH_SIZE]);

#endif
