#include "proto/ssh/ssh_kex.h"

#include <nettle/md5.h>
#include <stdio.h>

#include "core/bytes.h"

/* RFC 4250 4.1.2 */
enum { MSG_IGNORE = 2, MSG_UNIMPLEMENTED = 3, MSG_DEBUG = 4, MSG_KEXINIT = 20 };

#define LENGTH_SIZE 4u
#define COOKIE_SIZE 16u

/* Name lists of KEXINIT, in their order. */
enum {
    LIST_KEX,
    LIST_HOST_KEY,
    LIST_CIPHER_UP,
    LIST_CIPHER_DOWN,
    LIST_MAC_UP,
    LIST_MAC_DOWN,
    LIST_COMPRESSION_UP,
    LIST_COMPRESSION_DOWN,
    LIST_COUNT
};

enum ssh_packet ssh_packet_next(const uint8_t *p, size_t n, size_t *len)
{
    struct reader r = reader_of(p, n);
    uint32_t length = reader_be32(&r);
    uint8_t padding = reader_u8(&r), type = reader_u8(&r);
    if (n >= LENGTH_SIZE && length > SSH_PACKET_MAX)
        return SSH_PACKET_LONG;
    if (n >= LENGTH_SIZE && length < 2)
        return SSH_PACKET_END;
    if (r.bad)
        return SSH_PACKET_MORE;
    if (padding + 2u > length)
        return SSH_PACKET_END;
    if (type != MSG_KEXINIT && type != MSG_IGNORE && type != MSG_UNIMPLEMENTED && type != MSG_DEBUG)
        return SSH_PACKET_END;
    *len = LENGTH_SIZE + (size_t)length;
    if (n < *len)
        return SSH_PACKET_MORE;
    return type == MSG_KEXINIT ? SSH_PACKET_KEX : SSH_PACKET_OTHER;
}

bool ssh_kex_string(const uint8_t *p, size_t n, bool server, struct buf *out)
{
    struct reader r = reader_of(p, n), list[LIST_COUNT];
    reader_skip(&r, LENGTH_SIZE);
    uint8_t padding = reader_u8(&r);
    r = reader_sub(&r, reader_left(&r) > padding ? reader_left(&r) - padding : 0);
    reader_skip(&r, 1 + COOKIE_SIZE);
    for (unsigned i = 0; i < LIST_COUNT; i++)
        list[i] = reader_sub(&r, reader_be32(&r));
    if (r.bad)
        return false;
    const unsigned parts[] = {LIST_KEX, server ? LIST_CIPHER_DOWN : LIST_CIPHER_UP,
                              server ? LIST_MAC_DOWN : LIST_MAC_UP,
                              server ? LIST_COMPRESSION_DOWN : LIST_COMPRESSION_UP};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct reader *l = &list[parts[i]];
        if ((i && !buf_add_byte(out, ';')) || !buf_add(out, l->p, reader_left(l)))
            return false;
    }
    return true;
}

void ssh_kex_hash(const struct buf *string, char out[SSH_HASH_SIZE])
{
    uint8_t d[MD5_DIGEST_SIZE];
    struct md5_ctx c;
    md5_init(&c);
    md5_update(&c, string->len, string->data);
    md5_digest(&c, sizeof d, d);
    for (unsigned i = 0; i < sizeof d; i++)
        snprintf(out + 2 * i, 3, "%02x", d[i]);
}
