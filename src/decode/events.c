#include "decode/events.h"

#define DECODE_EVENT_NAME(id, name) name,
static const char *const names[DECODE_EVENT_COUNT] = {DECODE_EVENTS(DECODE_EVENT_NAME)};
#undef DECODE_EVENT_NAME

const char *decode_event_name(enum decode_event e)
{
    return (unsigned)e < DECODE_EVENT_COUNT ? names[e] : "";
}
