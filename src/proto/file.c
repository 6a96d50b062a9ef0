#include "proto/file.h"

struct proto_file *proto_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    return io->engine->file_open ? io->engine->file_open(io, tx, b) : NULL;
}

void proto_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    if (f && f->state == PROTO_FILE_OPEN && n)
        io->engine->file_data(io, f, p, n);
}

void proto_file_gap(struct proto_io *io, struct proto_file *f, uint64_t n)
{
    (void)io;
    if (!f || f->state != PROTO_FILE_OPEN || !n)
        return;
    f->gaps = true;
    f->size += n;
}

void proto_file_close(struct proto_io *io, struct proto_file *f, enum proto_file_state state)
{
    if (f && f->state == PROTO_FILE_OPEN)
        io->engine->file_close(io, f, f->gaps && state == PROTO_FILE_CLOSED ? PROTO_FILE_TRUNCATED : state);
}

const struct proto_file *proto_file_nth(const struct proto_tx *tx, enum flow_dir role, unsigned index)
{
    const struct proto_file *f = tx->files;
    while (f && (f->role != role || index)) {
        index -= f->role == role;
        f = f->next;
    }
    return f;
}

bool proto_file_ask_data(const struct proto_ask *ask, struct proto_bytes *out)
{
    const struct proto_file *f = proto_file_nth(ask->tx, ask->dir, ask->index);
    *out = f ? (struct proto_bytes){f->data.data, f->data.len} : (struct proto_bytes){NULL, 0};
    return f != NULL;
}

bool proto_file_ask_magic(const struct proto_ask *ask, struct proto_bytes *out)
{
    const struct proto_file *f = proto_file_nth(ask->tx, ask->dir, ask->index);
    *out = f && f->magic ? (struct proto_bytes){(const uint8_t *)f->magic, strlen(f->magic)}
                         : (struct proto_bytes){NULL, 0};
    return f != NULL;
}

bool proto_file_ask_name(const struct proto_ask *ask, struct proto_bytes *out)
{
    const struct proto_file *f = proto_file_nth(ask->tx, ask->dir, ask->index);
    *out = f ? (struct proto_bytes){f->name, f->name_len} : (struct proto_bytes){NULL, 0};
    return f != NULL;
}

bool proto_files_wanted(const struct settings *settings)
{
    return settings->detection || settings->rules.file_count > 0 || settings->file_store.enabled ||
           settings_eve_type_enabled(settings, "files");
}
