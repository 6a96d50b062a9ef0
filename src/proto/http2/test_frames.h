/* For tests: HTTP/2 frames put together, and conversations of them. Header fields are HPACK literals without indexing
 * (RFC 7541 6.2.2), so that blocks can be read. */
#ifndef BURROW_PROTO_HTTP2_TEST_FRAMES_H
#define BURROW_PROTO_HTTP2_TEST_FRAMES_H

#include "proto/duplex_test.h"
#include "proto/http2/http2_state.h"

#define TALK_STEPS 256u

struct talk {
    struct step steps[TALK_STEPS];
    size_t count;
    struct buf said; /* the step that is being put together */
    enum flow_dir dir;
};

void talk_init(struct talk *t);
void talk_fini(struct talk *t);
/* What follows is said by this side; a new segment. */
void talk_by(struct talk *t, enum flow_dir dir);
void talk_raw(struct talk *t, const void *p, size_t n);
void talk_frame(struct talk *t, uint8_t type, uint8_t flags, uint32_t stream, const void *body, size_t n);
void talk_data(struct talk *t, uint32_t stream, uint8_t flags, const char *text);
/* fields: "name: value" lines, each ended by \n. */
void talk_headers(struct talk *t, uint32_t stream, uint8_t flags, const char *fields);
void talk_block(struct buf *out, const char *fields);
/* n bytes of this side are missing. */
void talk_gap(struct talk *t, enum flow_dir dir, size_t n);
/* Preface and empty SETTINGS of both sides. */
void talk_begin(struct talk *t);
/* Play it every way; what came is compared with text, from which lines that begin with a digit (the records) may be
 * left out by records false. */
void talk_expect(struct talk *t, bool records, const char *text);

#endif
