#include "proto/socks/address.h"

enum socks_take socks_address_take(struct reader *r, struct socks_address *a)
{
    const uint8_t *p = NULL;
    *a = (struct socks_address){.atyp = reader_u8(r)};
    if (r->bad)
        return SOCKS_TAKE_MORE;
    switch (a->atyp) {
    case SOCKS_ATYP_IPV4:
        p = reader_take(r, 4);
        break;
    case SOCKS_ATYP_IPV6:
        p = reader_take(r, 16);
        break;
    case SOCKS_ATYP_DOMAIN:
        a->host_len = reader_u8(r);
        p = reader_take(r, a->host_len);
        break;
    default:
        return SOCKS_TAKE_INVALID;
    }
    a->port = reader_be16(r);
    if (r->bad)
        return SOCKS_TAKE_MORE;
    if (a->atyp == SOCKS_ATYP_DOMAIN)
        a->host = (const char *)p;
    else
        a->addr = a->atyp == SOCKS_ATYP_IPV4 ? addr_v4(p) : addr_v6(p);
    return SOCKS_TAKE_WHOLE;
}

bool socks_literal(const char *host, size_t len, struct addr *out)
{
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    return addr_parse(host, len, out);
}

bool socks_unspecified(const struct addr *a)
{
    return a->q[0] == 0 && a->q[1] == 0;
}

struct addr socks_unmapped(const struct addr *a)
{
    static const uint8_t head[12] = {[10] = 0xff, [11] = 0xff};
    if (a->family == ADDR_V6 && memcmp(a->b, head, sizeof head) == 0)
        return addr_v4(a->b + 12);
    return *a;
}
