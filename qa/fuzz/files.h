/* Files of transactions, and what rules ask of them, for targets of parsers that have both. */
#ifndef BURROW_QA_FUZZ_FILES_H
#define BURROW_QA_FUZZ_FILES_H

#include <stdlib.h>

#include "proto/file.h"

static struct proto_file *files_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct proto_file **at = &tx->files;
    unsigned n = 0;
    (void)io;
    for (; *at; at = &(*at)->next)
        n++;
    if (n == 8)
        return NULL;
    struct proto_file *f = calloc(1, sizeof *f + b->name_len);
    if (!f)
        abort();
    f->role = (uint8_t)b->role;
    f->name_len = b->name_len;
    if (b->name_len)
        memcpy(f->name, b->name, b->name_len);
    return *at = f;
}

static void files_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    (void)io;
    if (f->state != PROTO_FILE_OPEN || !buf_add(&f->data, p, n))
        abort();
    f->size += n;
}

static void files_close(struct proto_io *io, struct proto_file *f, unsigned state)
{
    (void)io;
    if (f->state != PROTO_FILE_OPEN)
        abort();
    f->state = (uint8_t)state;
}

/* Ask for all that rules can ask for; then let go of the files, which must say what is missing of them. */
static void files_end(const struct app_proto *p, const void *state, struct proto_tx *tx)
{
    static volatile uint8_t seen;
    struct buf work;
    buf_init(&work, 0);
    for (const struct proto_buffer *b = p->buffers; b->key; b++)
        for (unsigned i = 0; i < 8; i++) {
            struct proto_ask ask = {state, tx, i & 1 ? TO_CLIENT : TO_SERVER, i / 2, &work};
            struct proto_bytes out = {NULL, 0};
            buf_clear(&work);
            if (b->get(&ask, &out) && out.n)
                seen = (uint8_t)(seen + out.p[0] + out.p[out.n - 1]);
        }
    for (const struct proto_number *n = p->numbers; n && n->key; n++)
        for (unsigned i = 0; i < 8; i++) {
            struct proto_ask ask = {state, tx, i & 1 ? TO_CLIENT : TO_SERVER, i / 2, &work};
            uint64_t v = 0;
            if (n->get(&ask, &v))
                seen = (uint8_t)(seen + v);
        }
    buf_fini(&work);
    for (struct proto_file *f = tx->files, *next; f; f = next) {
        next = f->next;
        bool adds_up = f->gaps ? f->size > f->data.len && f->state != PROTO_FILE_CLOSED : f->size == f->data.len;
        if (!adds_up)
            abort();
        buf_fini(&f->data);
        free(f);
    }
    tx->files = NULL;
}

#endif
