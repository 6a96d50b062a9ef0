/* Fuzzes messages: read whole, and in pieces of the size that the first octet says, they must come to the same. The
 * second octet's bits are options; a length below is where a gap is told in a third, free run. */
#include <stdint.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "proto/mime/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct buf files;
    bool open;
    uint64_t data; /* bytes of files */
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void on_open(void *arg, const uint8_t *name, size_t n)
{
    struct run *r = arg;
    check(!r->open && n > 0 && n <= MIME_NAME_MAX);
    r->open = true;
    buf_add_byte(&r->files, '[');
    buf_add(&r->files, name, n);
    buf_add_byte(&r->files, '|');
}

static void on_data(void *arg, const uint8_t *p, size_t n)
{
    struct run *r = arg;
    check(r->open && n > 0);
    r->data += n;
    buf_add(&r->files, p, n);
}

static void on_gap(void *arg, uint64_t n)
{
    struct run *r = arg;
    check(r->open && n > 0);
}

static void on_close(void *arg)
{
    struct run *r = arg;
    check(r->open);
    r->open = false;
    buf_add_byte(&r->files, ']');
}

static const struct mime_ops ops = {on_open, on_data, on_gap, on_close};

static bool same(const struct mime_list *a, const struct mime_list *b)
{
    const struct mime_text *x = a->first, *y = b->first;
    while (x && y && x->len == y->len && memcmp(x->bytes, y->bytes, x->len) == 0) {
        x = x->next;
        y = y->next;
    }
    return !x && !y && a->count == b->count;
}

/* All that was read is asked for, so that it is touched. */
static void ask(const struct mime *m)
{
    const uint8_t *v, *a;
    size_t n, len, at = 0;
    unsigned i = 0;
    while (mime_value(m, "to", i, &v, &n))
        i++;
    while (i && mime_address(v, n, &at, &a, &len))
        check(a >= v && a + len <= v + n && len > 0);
    check(mime_status(m) != NULL && m->header.len <= MIME_HEADER_MAX && m->depth <= MIME_DEPTH_MAX);
    check(m->attachments.count <= MIME_LIST_MAX && m->urls.count <= MIME_LIST_MAX);
}

static void read_message(struct mime *m, const struct mime_config *c, struct run *r, const uint8_t *p, size_t n,
                         size_t piece)
{
    buf_init(&r->files, 0);
    r->open = false;
    r->data = 0;
    mime_init(m, c, &ops, r);
    for (size_t i = 0; i < n; i += piece) {
        size_t k = n - i < piece ? n - i : piece;
        uint8_t *copy = malloc(k);
        check(copy != NULL);
        memcpy(copy, p + i, k);
        mime_bytes(m, copy, k);
        free(copy);
    }
}

static void finish(struct mime *m, struct run *r)
{
    mime_end(m);
    check(!r->open && m->state == MIME_END);
    ask(m);
}

/* With gaps, and broken off. */
static void read_holes(const struct mime_config *c, const uint8_t *p, size_t n, size_t piece, bool end)
{
    struct mime m;
    struct run r;
    read_message(&m, c, &r, p, n / 2, piece);
    for (size_t i = n / 2; i < n; i += piece) {
        mime_gap(&m, 1 + i);
        mime_bytes(&m, p + i, n - i < piece ? n - i : piece);
    }
    end ? mime_end(&m) : mime_stop(&m);
    check(!r.open);
    ask(&m);
    mime_fini(&m);
    buf_fini(&r.files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemes[] = {"http://", "mailto:"};
    struct reader in = reader_of(data, size);
    size_t piece = (size_t)reader_u8(&in) + 1;
    uint8_t options = reader_u8(&in);
    const struct mime_config config = {.base64 = !(options & 1),
                                       .quoted_printable = !(options & 2),
                                       .urls = !(options & 4),
                                       .md5 = !(options & 8),
                                       .url_scheme = options & 16,
                                       .schemes = schemes,
                                       .scheme_count = 2,
                                       .value_max = options & 32 ? 100 : 0};
    if (in.bad)
        return 0;
    size_t n = reader_left(&in);
    const uint8_t *p = reader_take(&in, n);
    struct mime whole, parts;
    struct run a, b;
    read_message(&whole, &config, &a, p, n, n + 1);
    read_message(&parts, &config, &b, p, n, piece);
    check(strcmp(mime_status(&whole), mime_status(&parts)) == 0);
    finish(&whole, &a);
    finish(&parts, &b);
    /* One escape of quoted-printable may stand for none of what it held back: at most a few bytes more than came. */
    check(a.data <= n + 2 && whole.events == parts.events && whole.field_count == parts.field_count);
    check(a.files.len == b.files.len && (!a.files.len || memcmp(a.files.data, b.files.data, a.files.len) == 0));
    check(same(&whole.attachments, &parts.attachments) && same(&whole.urls, &parts.urls));
    check(memcmp(whole.digest, parts.digest, sizeof whole.digest) == 0 || !config.md5);
    mime_fini(&whole);
    mime_fini(&parts);
    buf_fini(&a.files);
    buf_fini(&b.files);
    read_holes(&config, p, n, piece, options & 64);
    return 0;
}
