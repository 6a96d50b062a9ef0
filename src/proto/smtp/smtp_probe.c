#include <strings.h>

#include "proto/smtp/smtp_state.h"

enum found { FOUND_NO, FOUND_MORE, FOUND_MAYBE, FOUND_YES };

static bool is_word(const uint8_t *p, size_t n, const char *word)
{
    size_t m = strlen(word);
    return n > m && strncasecmp((const char *)p, word, m) == 0 && (p[m] == ' ' || p[m] == '\r' || p[m] == '\n');
}

/* The client's first command. FOUND_MAYBE: SMTP has it, and FTP too. */
static enum found look_client(const uint8_t *p, size_t n)
{
    static const char *const own[] = {"HELO", "EHLO", "LHLO", "MAIL", "STARTTLS"};
    static const char *const shared[] = {"QUIT", "RSET", "NOOP", "HELP", "VRFY", "EXPN", "AUTH", "XCLIENT", "BDAT"};
    if (n == 0)
        return FOUND_MORE;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (is_word(p, n, own[i]))
            return FOUND_YES;
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (is_word(p, n, shared[i]))
            return FOUND_MAYBE;
    for (size_t i = 0; i < n; i++)
        if (i >= 8 || (p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'z')
            return FOUND_NO;
    return FOUND_MORE;
}

/* The server's greeting: 220 or 554 (RFC 5321 3.1), which FTP has as well. */
static enum found look_server(const uint8_t *p, size_t n)
{
    if (n == 0)
        return FOUND_MORE;
    size_t m = n < 3 ? n : 3;
    if (memcmp(p, "220", m) != 0 && memcmp(p, "554", m) != 0)
        return FOUND_NO;
    if (n < 4)
        return FOUND_MORE;
    if (p[3] != ' ' && p[3] != '-')
        return FOUND_NO;
    if (n > SMTP_LINE_MAX)
        n = SMTP_LINE_MAX;
    for (size_t i = 4; i + 4 <= n; i++)
        if (strncasecmp((const char *)p + i, "SMTP", 4) == 0 || strncasecmp((const char *)p + i, "LMTP", 4) == 0)
            return FOUND_YES;
    return FOUND_MAYBE;
}

static bool smtp_port(uint16_t port)
{
    return port == 25 || port == 587 || port == 2525;
}

/* Neither side may contradict. What FTP could be as well is decided by the port. */
enum proto_probe_result smtp_probe(const struct proto_probe *p)
{
    enum found client = look_client(p->data[TO_SERVER], p->len[TO_SERVER]);
    enum found server = look_server(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    if (client == FOUND_NO || server == FOUND_NO)
        return PROBE_NO;
    if (client == FOUND_YES || server == FOUND_YES)
        return PROBE_YES;
    if ((client == FOUND_MAYBE || server == FOUND_MAYBE) && smtp_port(p->dport))
        return PROBE_YES;
    return p->final ? PROBE_NO : PROBE_MORE;
}
