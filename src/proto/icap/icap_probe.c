#include "proto/icap/icap_state.h"

#include <strings.h>

enum found { FOUND_NONE, FOUND_MORE, FOUND_REQUEST, FOUND_RESPONSE };

/* Does p begin with text, or with as much of it as is there? */
static bool begins(const uint8_t *p, size_t n, const char *text, bool *whole)
{
    size_t len = strlen(text);
    *whole = n >= len;
    return strncasecmp((const char *)p, text, n < len ? n : len) == 0;
}

static enum found look(const uint8_t *p, size_t n)
{
    static const char *const requests[] = {
        "REQMOD icap://",  "RESPMOD icap://",  "OPTIONS icap://",
        "REQMOD icaps://", "RESPMOD icaps://", "OPTIONS icaps://",
    };
    bool whole;
    if (n == 0)
        return FOUND_MORE;
    if (!memchr("RrOoIi", p[0], 6)) /* as all of them begin: most flows are no ICAP */
        return FOUND_NONE;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        if (begins(p, n, requests[i], &whole))
            return whole ? FOUND_REQUEST : FOUND_MORE;
    if (!begins(p, n, "ICAP/1.0 ", &whole))
        return FOUND_NONE;
    if (n < 12)
        return FOUND_MORE;
    for (size_t i = 9; i < 12; i++)
        if (p[i] < '0' || p[i] > '9')
            return FOUND_NONE;
    return FOUND_RESPONSE;
}

enum proto_probe_result icap_probe(const struct proto_probe *p)
{
    enum found up = look(p->data[TO_SERVER], p->len[TO_SERVER]);
    enum found down = look(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    if (up == FOUND_REQUEST || down == FOUND_RESPONSE)
        return PROBE_YES;
    if (up == FOUND_RESPONSE || down == FOUND_REQUEST)
        return PROBE_YES_REVERSED;
    return up == FOUND_NONE || down == FOUND_NONE ? PROBE_NO : PROBE_MORE;
}
