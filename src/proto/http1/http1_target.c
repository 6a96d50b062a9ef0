#include "proto/http1/http1_state.h"

uint16_t http1_port(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    if (n == 0 || n > 5)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return 0;
        v = v * 10 + (uint32_t)(p[i] - '0');
    }
    return v <= 65535 ? (uint16_t)v : 0;
}

/* What can't be part of a name: blanks, controls, and what delimits a URI (RFC 3986 3.2.2). */
static bool name_ok(const uint8_t *p, size_t n)
{
    if (n == 0 || n > HTTP1_HOST_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] == 0x7f || strchr("/?#@[]:\\\"<>", p[i]) != NULL)
            return false;
    return true;
}

bool http1_host_parse(const uint8_t *p, size_t n, struct http1_target *out)
{
    if (n >= 2 && p[0] == '[' && p[n - 1] == ']')
        return addr_parse((const char *)p + 1, n - 2, &out->addr) && out->addr.family == ADDR_V6;
    if (addr_parse((const char *)p, n, &out->addr))
        return out->addr.family == ADDR_V4; /* IPv6 without brackets is ambiguous */
    out->addr = (struct addr){.family = ADDR_NONE};
    if (!name_ok(p, n))
        return false;
    out->host = (const char *)p;
    out->host_len = n;
    return true;
}

const bstr *http1_hostname(const htp_tx_t *tx)
{
    bool path = tx->request_method_number == HTP_M_CONNECT && tx->request_uri && bstr_len(tx->request_uri) &&
                bstr_ptr(tx->request_uri)[0] == '/';
    return path ? NULL : tx->request_hostname;
}

bool http1_target_parse(const uint8_t *p, size_t n, struct http1_target *out)
{
    *out = (struct http1_target){.port = 0};
    const uint8_t *colon = n ? memrchr(p, ':', n) : NULL;
    if (!colon)
        return false;
    size_t host = (size_t)(colon - p);
    out->port = http1_port(colon + 1, n - host - 1);
    return out->port != 0 && http1_host_parse(p, host, out);
}
