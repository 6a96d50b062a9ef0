#include "app/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "app/session.h"

struct part {
    struct part *next;
    uint64_t from;
    struct buf bytes;
};

/* Stays until the connection's end: parts point to it. */
struct app_range {
    struct app_range *next;
    uint64_t total;
    struct proto_file *whole; /* as far as it is there without a hole; NULL: complete, or given up */
    struct part *parts;       /* that wait, in no order */
    unsigned part_count;
};

static struct app_call *call_of(struct proto_io *io)
{
    return io->engine_ctx;
}

static void free_part(struct app_stage *st, struct app_session *as, struct app_range *r, struct part **at)
{
    struct part *p = *at;
    *at = p->next;
    r->part_count--;
    st->files.kept -= p->bytes.len;
    as->ranges_held -= (uint32_t)p->bytes.len;
    buf_fini(&p->bytes);
    free(p);
}

static void let_go(struct app_stage *st, struct app_session *as, struct app_range *r)
{
    while (r->parts)
        free_part(st, as, r, &r->parts);
    app_file_free(st, r->whole);
    r->whole = NULL;
}

static bool same(const struct app_range *r, const struct proto_file *f, uint64_t total)
{
    return r->whole && r->total == total && r->whole->role == f->role && r->whole->name_len == f->name_len &&
           memcmp(r->whole->name, f->name, f->name_len) == 0;
}

struct app_range *app_range_of(struct proto_io *io, struct proto_tx *tx, const struct proto_file *f, uint64_t total)
{
    struct app_call *c = call_of(io);
    struct app_stage *st = c->stage->state;
    struct app_session *as = c->session;
    if (!total || f->end >= total)
        return NULL;
    unsigned n = 0;
    for (struct app_range *r = as->ranges; r; r = r->next, n++)
        if (same(r, f, total))
            return r;
    struct app_range *r = n < APP_RANGES_MAX ? calloc(1, sizeof *r) : NULL;
    if (!r) {
        counter_add(c->stage->counters, st->files.ranges_limit, 1);
        return NULL;
    }
    struct proto_file_begin b = {
        .role = (enum flow_dir)f->role, .name = f->name, .name_len = f->name_len, .data_most = APP_RANGE_DATA_MAX};
    r->total = total;
    r->whole = app_file_make(io, tx, &b);
    r->next = as->ranges;
    as->ranges = r;
    return r;
}

/* Bytes that come too early. False: too many wait. */
static bool hold(struct app_stage *st, struct app_session *as, struct app_range *r, uint64_t at, const uint8_t *p,
                 size_t n)
{
    if (n > APP_RANGE_HELD_MAX - as->ranges_held || n > APP_FILES_KEPT_MAX - st->files.kept)
        return false;
    struct part *to = r->parts;
    while (to && to->from + to->bytes.len != at)
        to = to->next;
    if (!to) {
        to = r->part_count < APP_RANGE_PARTS_MAX ? calloc(1, sizeof *to) : NULL;
        if (!to)
            return false;
        to->from = at;
        to->next = r->parts;
        r->parts = to;
        r->part_count++;
    }
    if (!buf_add(&to->bytes, p, n))
        return false;
    st->files.kept += n;
    as->ranges_held += (uint32_t)n;
    return true;
}

/* What overlaps the end counts from there on: the first bytes that came for a place stay. */
static void extend(struct proto_io *io, struct app_range *r, uint64_t at, const uint8_t *p, size_t n)
{
    uint64_t known = r->whole->size - at;
    if (known < n)
        app_file_data(io, r->whole, p + known, n - (size_t)known);
}

static void take_parts(struct proto_io *io, struct app_range *r)
{
    struct app_call *c = call_of(io);
    for (struct part **at = &r->parts; *at;) {
        struct part *p = *at;
        if (p->from > r->whole->size) {
            at = &p->next;
            continue;
        }
        extend(io, r, p->from, p->bytes.data, p->bytes.len);
        free_part(c->stage->state, c->session, r, at);
        at = &r->parts; /* another may follow now */
    }
}

void app_range_data(struct proto_io *io, struct app_range *r, uint64_t at, const uint8_t *p, size_t n)
{
    struct app_call *c = call_of(io);
    struct app_stage *st = c->stage->state;
    if (!r->whole || at >= r->total)
        return;
    if (n > r->total - at)
        n = (size_t)(r->total - at);
    if (at <= r->whole->size) {
        extend(io, r, at, p, n);
        take_parts(io, r);
    } else if (!hold(st, c->session, r, at, p, n)) {
        counter_add(c->stage->counters, st->files.ranges_limit, 1);
        let_go(st, c->session, r);
    }
}

void app_range_end(struct proto_io *io, struct app_range *r, struct proto_tx *tx)
{
    struct app_call *c = call_of(io);
    struct app_stage *st = c->stage->state;
    struct proto_file *f = r->whole;
    if (!f || f->size != r->total)
        return;
    r->whole = NULL;
    let_go(st, c->session, r);
    if (!app_file_link(io, tx, f)) {
        app_file_free(st, f);
        return;
    }
    counter_add(c->stage->counters, st->files.ranges, 1);
    app_file_close(io, f, PROTO_FILE_CLOSED);
}

void app_ranges_free(struct app_stage *st, struct app_session *as)
{
    for (struct app_range *r = as->ranges, *next; r; r = next) {
        next = r->next;
        let_go(st, as, r);
        free(r);
    }
    as->ranges = NULL;
}
