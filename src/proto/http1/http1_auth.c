/* Who asks the proxy: the user's name out of Proxy-Authorization, and nothing else of it. */
#include "core/bytes.h"
#include "proto/http1/http1_state.h"

#include <strings.h>

/* Longest decoded credentials that are looked at; NTLM's third message is below 1 KB. */
#define TOKEN_MAX 2048

static int digit64(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode what is base64 at p (RFC 4648 4), up to room bytes. */
static size_t decode64(const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
    uint32_t acc = 0;
    unsigned bits = 0;
    size_t len = 0;
    for (size_t i = 0; i < n && len < room; i++) {
        int d = digit64(p[i]);
        if (d < 0)
            break;
        acc = acc << 6 | (uint32_t)d;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[len++] = (uint8_t)(acc >> bits);
        }
    }
    return len;
}

static size_t copy_user(char out[HTTP1_USER_MAX], const void *p, size_t n)
{
    size_t len = n < HTTP1_USER_MAX ? n : HTTP1_USER_MAX;
    memcpy(out, p, len);
    return len;
}

/* RFC 7617 2: user-id ":" password. */
static size_t basic_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX])
{
    uint8_t token[TOKEN_MAX];
    size_t len = decode64(p, n, token, sizeof token);
    const uint8_t *colon = len ? memchr(token, ':', len) : NULL;
    size_t user = colon ? copy_user(out, token, (size_t)(colon - token)) : 0;
    explicit_bzero(token, len);
    return user;
}

/* The value of a parameter that stands at p: a quoted string or a token (RFC 9110 5.6.6). */
static size_t param_value(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX])
{
    size_t len = 0;
    size_t i = 0;
    bool quoted = n && p[0] == '"';
    for (i = quoted; i < n && len < HTTP1_USER_MAX; i++) {
        if (quoted && p[i] == '\\' && i + 1 < n)
            i++;
        else if (quoted ? p[i] == '"' : p[i] == ',' || p[i] == ' ')
            break;
        out[len++] = (char)p[i];
    }
    return len;
}

/* RFC 7616 3.4: username="...". Quoted values of other parameters are stepped over. */
static size_t digest_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX])
{
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (quoted && p[i] == '\\')
            i++;
        else if (p[i] == '"')
            quoted = !quoted;
        else if (!quoted && n - i > 9 && strncasecmp((const char *)p + i, "username=", 9) == 0 &&
                 (i == 0 || p[i - 1] == ' ' || p[i - 1] == ','))
            return param_value(p + i + 9, n - i - 9, out);
    }
    return 0;
}

static uint16_t le16(struct reader *r)
{
    uint16_t lo = reader_u8(r);
    return (uint16_t)(lo | reader_u8(r) << 8);
}

static uint32_t le32(struct reader *r)
{
    uint32_t lo = le16(r);
    return lo | (uint32_t)le16(r) << 16;
}

/* UTF-16LE to UTF-8; a lone surrogate becomes U+FFFD. */
static size_t utf16_user(struct reader r, char out[HTTP1_USER_MAX])
{
    size_t len = 0;
    while (reader_left(&r) >= 2 && len + 4 <= HTTP1_USER_MAX) {
        uint32_t c = le16(&r);
        if (c >= 0xd800 && c < 0xdc00 && reader_left(&r) >= 2) {
            uint32_t low = le16(&r);
            c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        if (c < 0x80) {
            out[len++] = (char)c;
        } else if (c < 0x800) {
            out[len++] = (char)(0xc0 | c >> 6);
            out[len++] = (char)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            out[len++] = (char)(0xe0 | c >> 12);
            out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
            out[len++] = (char)(0x80 | (c & 0x3f));
        } else {
            out[len++] = (char)(0xf0 | c >> 18);
            out[len++] = (char)(0x80 | (c >> 12 & 0x3f));
            out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
            out[len++] = (char)(0x80 | (c & 0x3f));
        }
    }
    return len;
}

/* [MS-NLMP] 2.2.1.3, the AUTHENTICATE message: UserNameFields at 36, NegotiateFlags at 60. Negotiate may wrap it in
 * SPNEGO, so it is searched for. */
static size_t ntlm_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX])
{
    static const uint8_t mark[12] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0};
    uint8_t token[TOKEN_MAX];
    size_t len = decode64(p, n, token, sizeof token);
    const uint8_t *m = len ? memmem(token, len, mark, sizeof mark) : NULL;
    if (!m)
        return 0;
    len -= (size_t)(m - token);
    struct reader r = reader_of(m, len);
    reader_skip(&r, 36);
    uint16_t user_len = le16(&r);
    le16(&r); /* room */
    uint32_t at = le32(&r);
    reader_skip(&r, 60 - 44);
    bool unicode = le32(&r) & 1; /* NTLMSSP_NEGOTIATE_UNICODE */
    struct reader name = reader_of(m, len);
    if (r.bad || !reader_skip(&name, at))
        return 0;
    name = reader_sub(&name, user_len);
    if (name.bad)
        return 0;
    return unicode ? utf16_user(name, out) : copy_user(out, name.p, user_len);
}

size_t http1_auth_user(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX])
{
    static const struct {
        const char *name;
        size_t (*user)(const uint8_t *p, size_t n, char out[HTTP1_USER_MAX]);
    } schemes[] = {{"Basic", basic_user}, {"Digest", digest_user}, {"NTLM", ntlm_user}, {"Negotiate", ntlm_user}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t m = strlen(schemes[i].name);
        if (n <= m || p[m] != ' ' || strncasecmp((const char *)p, schemes[i].name, m) != 0)
            continue;
        while (m < n && p[m] == ' ')
            m++;
        return schemes[i].user(p + m, n - m, out);
    }
    return 0;
}
