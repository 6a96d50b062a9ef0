#include "detect/apps.h"

#include <string.h>

struct app {
    const char *name;
    const char *parser;
    uint8_t transports;
};

enum { T = 1, U = 2 };

#define APP_ROW(id, name, parser, transports) [APP_##id] = {name, parser, transports},
static const struct app apps[DETECT_APP_COUNT] = {[APP_ANY] = {"", NULL, T | U}, DETECT_APPS(APP_ROW)};
#undef APP_ROW

/* Names that came to mean the same. */
static const struct {
    const char *name;
    enum detect_app app;
} aliases[] = {{"ikev2", APP_IKE}, {"ssl", APP_TLS}, {"tls1", APP_TLS}};

static bool same(const char *a, const char *b, size_t len)
{
    return a[0] == b[0] && strlen(a) == len && memcmp(a, b, len) == 0;
}

enum detect_app detect_app_find(const char *name, size_t len)
{
    for (unsigned i = APP_ANY + 1; i < DETECT_APP_COUNT; i++)
        if (same(apps[i].name, name, len))
            return (enum detect_app)i;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (same(aliases[i].name, name, len))
            return aliases[i].app;
    return APP_ANY;
}

const char *detect_app_name(enum detect_app app)
{
    return apps[app].name;
}

const char *detect_app_parser(enum detect_app app)
{
    return apps[app].parser;
}

bool detect_app_tcp(enum detect_app app)
{
    return apps[app].transports & T;
}

bool detect_app_udp(enum detect_app app)
{
    return apps[app].transports & U;
}

uint64_t detect_app_flows(enum detect_app wanted)
{
    switch (wanted) {
    case APP_ANY:
        return UINT64_MAX;
    case APP_HTTP:
        return DETECT_APP_BIT(APP_HTTP) | DETECT_APP_BIT(APP_HTTP1) | DETECT_APP_BIT(APP_HTTP2) |
               DETECT_APP_BIT(APP_DOH2);
    case APP_DNS:
    case APP_HTTP2:
        return DETECT_APP_BIT(wanted) | DETECT_APP_BIT(APP_DOH2);
    default:
        return DETECT_APP_BIT(wanted);
    }
}

bool detect_app_is(enum detect_app flow, enum detect_app wanted)
{
    return detect_app_flows(wanted) & DETECT_APP_BIT(flow);
}
