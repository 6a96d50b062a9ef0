#include "flow/tcp_events.h"

#define TCP_EVENT_ROW(id, name, quiet) {name, quiet},
static const struct {
    const char *name;
    bool quiet;
} rows[TCP_EVENT_COUNT] = {TCP_EVENTS(TCP_EVENT_ROW)};
#undef TCP_EVENT_ROW

const char *tcp_event_name(enum tcp_event e)
{
    return rows[e].name;
}

bool tcp_event_is_quiet(enum tcp_event e)
{
    return rows[e].quiet;
}
