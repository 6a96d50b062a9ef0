#include "proto/http2/http2.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/file.h"
#include "proto/http2/http2_state.h"

/* Before the other side says more (RFC 9113 6.5.2). */
#define MAX_FRAME_FIRST 16384u

static void fini(void *state)
{
    struct http2_state *s = state;
    while (s->first)
        http2_stream_drop(s, s->first);
    free(s->buckets);
    for (int i = 0; i < 2; i++) {
        buf_fini(&s->side[i].fields);
        if (s->side[i].inflater)
            nghttp2_hd_inflate_del(s->side[i].inflater);
    }
}

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct http2_state *s = state;
    s->follow_bodies = proto_files_wanted(settings);
    s->rules = settings->detection;
    s->reversed = reversed;
    for (int i = 0; i < 2; i++) {
        struct http2_side *side = &s->side[i];
        side->phase = i == TO_SERVER ? HTTP2_AT_PREFACE : HTTP2_AT_FRAME;
        side->max_frame = MAX_FRAME_FIRST;
        /* The table has the size that its user's updates say; how far they may go, the other side's SETTINGS said, or
         * will have said. A reader from outside allows them all, up to a bound of its own. */
        if (nghttp2_hd_inflate_new(&side->inflater) != 0 ||
            nghttp2_hd_inflate_change_table_size(side->inflater, HTTP2_TABLE_MAX) != 0) {
            fini(s);
            return -ENOMEM;
        }
    }
    return 0;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct http2_state *s = state;
    enum flow_dir role = http2_role(s, io->dir);
    enum http2_result r = HTTP2_GO_ON;
    s->io = io;
    while (r == HTTP2_GO_ON)
        r = http2_step(s, &s->side[role], role);
    s->io = NULL;
    return r == HTTP2_BROKEN ? PROTO_BROKEN : PROTO_OK;
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct http2_state *s = state;
    enum flow_dir role = http2_role(s, io->dir);
    s->io = io;
    bool good = http2_frame_gap(s, &s->side[role], role, n);
    if (!good) {
        http2_raise(s, HTTP2_HEADER_STATE_LOST);
        http2_streams_give_up(s, "gap");
    }
    s->io = NULL;
    return good ? PROTO_OK : PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    struct http2_state *s = state;
    s->io = io;
    for (struct http2_stream *st = s->first; st; st = st->next) {
        if (st->kind == HTTP2_ASKED)
            http2_connect_lost(s, st, TUNNEL_INCOMPLETE, "no answer");
        http2_tx_complete(s, st);
    }
    s->io = NULL;
}

const struct app_proto proto_http2 = {
    .name = "http2",
    .conf = "http2",
    .record = "http",
    .transports = PROTO_TCP,
    .sure = true,
    .state_size = sizeof(struct http2_state),
    .probe = http2_probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .fini = fini,
    .tx_fini = http2_tx_fini,
    .log = http2_log,
    .inherit = http2_inherit,
    .buffers = http2_buffers,
    .ready = http2_ready,
    .numbers = http2_numbers,
    .events = http2_events,
    .event_count = HTTP2_EVENT_COUNT,
};
