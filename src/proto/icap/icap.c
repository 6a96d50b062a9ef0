#include "proto/icap/icap.h"

#include "proto/icap/icap_state.h"

static const struct proto_event_desc events[] = {
    [ICAP_INVALID_REQUEST_LINE] = {"invalid_request_line", "ICAP request line can't be read"},
    [ICAP_INVALID_STATUS_LINE] = {"invalid_status_line", "ICAP status line can't be read"},
    [ICAP_INVALID_ENCAPSULATED] = {"invalid_encapsulated", "ICAP Encapsulated header missing, wrong or too long"},
    [ICAP_INVALID_HTTP_HEAD] = {"invalid_http_head", "what ICAP encapsulates is not HTTP"},
    [ICAP_INVALID_CHUNK] = {"invalid_chunk", "ICAP body is not chunked"},
    [ICAP_HEADER_TOO_LONG] = {"header_too_long", "ICAP head over the limit"},
    [ICAP_REQUEST_GAP] = {"request_gap",
                          "bytes of an ICAP request are missing; its connection is not followed further"},
    [ICAP_RESPONSE_GAP] = {"response_gap", "bytes of an ICAP response are missing; those after it are not followed"},
    [ICAP_LENGTH_MISMATCH] = {"length_mismatch", "encapsulated body has another length than its head says"},
    [ICAP_NO_ORIGIN] = {"no_origin", "encapsulated request names no origin"},
    [ICAP_RESPONSE_WITHOUT_REQUEST] = {"response_without_request", "ICAP response that answers no request"},
    [ICAP_TOO_MANY_REQUESTS] = {"too_many_requests", "ICAP requests without an answer over the limit"},
    [ICAP_TOO_MANY_SESSIONS] = {"too_many_sessions", "session given up in its course for newer ones"},
};

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct icap_state *s = state;
    (void)settings;
    s->reversed = reversed;
    return 0;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct icap_state *s = state;
    return icap_dir(s, io->dir) == TO_SERVER ? icap_request_parse(s, io) : icap_response_parse(s, io);
}

/* Only inside a chunk it is known what the missing bytes were. */
static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct icap_state *s = state;
    bool client = icap_dir(s, io->dir) == TO_SERVER;
    struct icap_side *side = client ? &s->client : &s->server;
    if (side->step == ICAP_STEP_LOST)
        return PROTO_OK;
    if (side->step == ICAP_STEP_BODY && chunked_gap(&side->chunked, n)) {
        icap_body_gap(s, io, side, n);
        return PROTO_OK;
    }
    icap_tell(io, client ? ICAP_REQUEST_GAP : ICAP_RESPONSE_GAP);
    if (!client) {
        icap_response_lost(s, io);
        return PROTO_OK;
    }
    icap_channel_close_all(s, io);
    return PROTO_BROKEN;
}

const struct app_proto proto_icap = {
    .name = "icap",
    .conf = "icap",
    .transports = PROTO_TCP,
    .sure = true,
    .state_size = sizeof(struct icap_state),
    .probe = icap_probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .events = events,
    .event_count = ICAP_EVENT_COUNT,
};
