/* Fuzzes mail sessions with their messages. The first octet's bits are options; then chunks: an octet (bit 7:
 * direction, bits 0-6: length; 0: the next octet says how many bytes are missing) and that many bytes. Each session is
 * parsed as it is, and byte by byte: records, events and files must be the same. As the app stage does it,
 * what is not consumed is offered again, waiting is obeyed, and complete transactions are freed at once. */
#include <stdint.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "proto/file.h"
#include "proto/smtp/smtp.h"
#include "proto/smtp/smtp_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    const struct smtp_config *config;
    void *state;
    struct buf held[2];
    bool waits[2];
    enum proto_status status;
    uint64_t events;
    struct buf out;   /* records */
    struct buf files; /* content, in order */
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void on_event(struct proto_io *io, unsigned event)
{
    struct run *r = io->engine_ctx;
    check(event < proto_smtp.event_count && proto_smtp.events[event].name != NULL);
    r->events |= UINT64_C(1) << event;
}

static struct proto_file *on_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct run *r = io->engine_ctx;
    struct proto_file *f = calloc(1, sizeof *f), **at = &tx->files;
    check(f != NULL && b->name_len > 0);
    buf_add(&r->files, b->name, b->name_len);
    while (*at)
        at = &(*at)->next;
    *at = f;
    return f;
}

static void on_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    struct run *r = io->engine_ctx;
    check(f->state == PROTO_FILE_OPEN && n > 0);
    buf_add(&r->files, p, n);
}

static void on_close(struct proto_io *io, struct proto_file *f, unsigned state)
{
    (void)io;
    check(f->state == PROTO_FILE_OPEN && state != PROTO_FILE_OPEN);
    f->state = (uint8_t)state;
}

static const struct proto_engine engine = {
    .event = on_event, .file_open = on_open, .file_data = on_data, .file_close = on_close};

static struct proto_io io_of(struct run *r, enum flow_dir dir)
{
    return (struct proto_io){.dir = dir, .config = r->config, .engine = &engine, .engine_ctx = r};
}

/* Every buffer that rules may ask for. */
static void ask_all(struct run *r, const struct proto_tx *tx)
{
    struct buf work;
    buf_init(&work, 0);
    for (const struct proto_buffer *b = proto_smtp.buffers; b->key; b++)
        for (unsigned i = 0; i < 300; i++) {
            struct proto_bytes bytes = {NULL, 0};
            struct proto_ask a = {.state = r->state, .tx = tx, .dir = TO_SERVER, .index = i, .work = &work};
            buf_clear(&work);
            if (!b->get(&a, &bytes))
                break;
            check(bytes.n == 0 || bytes.p != NULL);
        }
    buf_fini(&work);
}

static void take_txs(struct run *r, bool all)
{
    struct proto_txs *txs = r->state;
    struct proto_tx **at = &txs->first;
    txs->last = NULL;
    while (*at) {
        struct proto_tx *tx = *at;
        if (!tx->complete && !all) {
            txs->last = tx;
            at = &tx->next;
            continue;
        }
        *at = tx->next;
        txs->count--;
        ask_all(r, tx);
        struct json j = json_of(&r->out);
        json_open_object(&j, NULL);
        json_open_object(&j, "smtp");
        proto_smtp.log(r->state, tx, &j);
        json_end_object(&j);
        proto_smtp.log_beside(r->state, tx, true, &j);
        json_end_object(&j);
        proto_smtp.tx_fini(tx);
        for (struct proto_file *f = tx->files, *next; f; f = next) {
            next = f->next;
            buf_printf(&r->out, " %u", f->state);
            free(f);
        }
        free(tx);
    }
}

static void parse(struct run *r, enum flow_dir dir)
{
    struct buf *held = &r->held[dir];
    struct proto_io io = io_of(r, dir);
    uint8_t *copy = malloc(held->len + 1);
    check(copy != NULL);
    if (held->len)
        memcpy(copy, held->data, held->len);
    io.data = copy;
    io.len = held->len;
    r->status = proto_smtp.parse(r->state, &io);
    free(copy);
    check(io.consumed <= io.len);
    buf_drop(held, io.consumed);
    r->waits[dir] = r->status == PROTO_OTHER_SIDE;
    if (r->waits[dir])
        r->status = PROTO_OK;
    else
        check(r->status != PROTO_OK || held->len <= 4096);
    take_txs(r, false);
}

static void feed(struct run *r, enum flow_dir dir, const uint8_t *p, size_t n)
{
    enum flow_dir other = flow_dir_other(dir);
    if (r->status != PROTO_OK)
        return;
    buf_add(&r->held[dir], p, n);
    if (r->waits[dir])
        return;
    parse(r, dir);
    /* A side that waits goes on when the other was parsed, as long as that takes anything. */
    for (unsigned idle = 0; r->status == PROTO_OK && idle < 2; other = flow_dir_other(other)) {
        size_t held = r->held[other].len;
        if (r->waits[other] && held)
            parse(r, other);
        idle = r->held[other].len < held ? 0 : idle + 1;
    }
}

static void gap(struct run *r, enum flow_dir dir, uint64_t n)
{
    if (r->status != PROTO_OK)
        return;
    struct proto_io io = io_of(r, dir);
    buf_clear(&r->held[dir]);
    r->waits[dir] = false;
    r->status = proto_smtp.gap(r->state, &io, n);
    take_txs(r, false);
}

static void run(const uint8_t *data, size_t size, const struct smtp_config *config, bool bytewise, struct run *r)
{
    struct reader in = reader_of(data, size);
    *r = (struct run){.config = config, .state = calloc(1, proto_smtp.state_size), .status = PROTO_OK};
    check(r->state != NULL);
    while (reader_left(&in) > 1) {
        uint8_t head = reader_u8(&in);
        enum flow_dir dir = head & 0x80 ? TO_CLIENT : TO_SERVER;
        size_t n = head & 0x7f;
        if (n == 0) {
            gap(r, dir, 1u + reader_u8(&in));
            continue;
        }
        n = n < reader_left(&in) ? n : reader_left(&in);
        const uint8_t *p = reader_take(&in, n);
        for (size_t i = 0; i < n; i += bytewise ? 1 : n)
            feed(r, dir, p + i, bytewise ? 1 : n);
    }
    struct proto_io end = io_of(r, TO_SERVER);
    proto_smtp.finish(r->state, &end);
    take_txs(r, true);
    proto_smtp.fini(r->state);
    free(r->state);
    buf_fini(&r->held[0]);
    buf_fini(&r->held[1]);
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemes[] = {"http://"};
    uint8_t options = size ? data[0] : 0;
    const struct smtp_config config = {.decode = !(options & 1),
                                       .raw = options & 1,
                                       .content_limit = 1000,
                                       .fields = 0xffff,
                                       .body_md5 = true,
                                       .subject_md5 = true,
                                       .mime = {.base64 = !(options & 2),
                                                .quoted_printable = !(options & 4),
                                                .md5 = true,
                                                .urls = !(options & 8),
                                                .schemes = schemes,
                                                .scheme_count = 1}};
    struct proto_probe p = {.data = {data, data + size / 2}, .len = {size / 2, size - size / 2}, .final = options & 16};
    struct run a, b;
    check(!(options & 16) || proto_smtp.probe(&p) != PROBE_MORE);
    run(data + (size > 0), size - (size > 0), &config, false, &a);
    run(data + (size > 0), size - (size > 0), &config, true, &b);
    /* Where one direction breaks the session, how much of the other was read by then depends on the pieces. */
    if (a.status == PROTO_OK && b.status == PROTO_OK)
        check(a.events == b.events && same(&a.out, &b.out) && same(&a.files, &b.files));
    buf_fini(&a.out);
    buf_fini(&a.files);
    buf_fini(&b.out);
    buf_fini(&b.files);
    return 0;
}
