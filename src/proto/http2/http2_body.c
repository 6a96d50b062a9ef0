/* Bodies: decoded as content-encoding says, and followed as files. */
#include <stdlib.h>
#include <strings.h>

#include "proto/file.h"
#include "proto/http2/http2_state.h"
#include "proto/inflate.h"

static const struct buf *fields_of(const struct http2_tx *tx, enum flow_dir role)
{
    return &tx->half[role].fields;
}

/* filename=NAME or filename="NAME" of a content-disposition (RFC 6266 4.1). */
static bool disposition_name(const struct http2_field *f, struct http2_field *out)
{
    static const char key[] = "filename=";
    size_t len = sizeof key - 1;
    for (size_t i = 0; i + len < f->value_len; i++) {
        if (strncasecmp((const char *)f->value + i, key, len) != 0)
            continue;
        const uint8_t *p = f->value + i + len, *end = f->value + f->value_len, *stop;
        bool quoted = *p == '"';
        p += quoted;
        for (stop = p; stop < end && *stop != (quoted ? '"' : ';'); stop++)
            ;
        *out = (struct http2_field){.value = p, .value_len = (size_t)(stop - p)};
        return stop > p;
    }
    return false;
}

static void begin(struct http2_state *s, struct http2_tx *tx, enum flow_dir role)
{
    struct http2_half *h = &tx->half[role];
    struct http2_field f, name;
    h->body_begun = true;
    if (http2_fields_find(fields_of(tx, role), "content-encoding", &f)) {
        enum inflate_coding coding = inflate_coding_of(f.value, f.value_len);
        if (coding != INFLATE_NONE)
            h->inflater = inflater_create(coding);
    }
    if (!http2_fields_find(fields_of(tx, role), "content-disposition", &f) || !disposition_name(&f, &name))
        if (!http2_fields_find(fields_of(tx, TO_SERVER), ":path", &name))
            return;
    struct proto_file_begin b = {
        .role = role, .name = name.value, .name_len = name.value_len, .data_most = HTTP2_BODY_MAX};
    h->file = proto_file_open(s->io, &tx->base, &b);
}

struct unpacking {
    struct http2_state *s;
    struct proto_file *file;
};

static void unpacked(void *arg, const uint8_t *p, size_t n)
{
    struct unpacking *u = arg;
    proto_file_data(u->s->io, u->file, p, n);
}

void http2_body_data(struct http2_state *s, struct http2_tx *tx, enum flow_dir role, const uint8_t *p, size_t n,
                     bool end)
{
    struct http2_half *h = &tx->half[role];
    if (!s->follow_bodies)
        return;
    if (!h->body_begun && n)
        begin(s, tx, role);
    struct unpacking u = {s, h->file};
    if (h->inflater && inflater_data(h->inflater, p, n, unpacked, &u) != INFLATE_OK)
        http2_raise_in(s, &tx->base, HTTP2_FAILED_DECOMPRESSION);
    else if (!h->inflater)
        proto_file_data(s->io, h->file, p, n);
    if (end && h->inflater)
        inflater_end(h->inflater, unpacked, &u);
    if (end)
        proto_file_close(s->io, h->file, PROTO_FILE_CLOSED);
}

/* What is coded can't be read on: its file ends, and what follows is nobody's error. */
void http2_body_gap(struct http2_state *s, struct http2_tx *tx, enum flow_dir role, uint64_t n, bool end)
{
    struct http2_half *h = &tx->half[role];
    if (!s->follow_bodies)
        return;
    if (!h->body_begun)
        begin(s, tx, role);
    struct unpacking u = {s, h->file};
    if (h->inflater)
        inflater_end(h->inflater, unpacked, &u);
    proto_file_gap(s->io, h->file, n);
    if (h->inflater || end)
        proto_file_close(s->io, h->file, PROTO_FILE_TRUNCATED);
    inflater_destroy(&h->inflater);
}
