#include <stdlib.h>

#include "capture/source_private.h"

int source_init(struct capture_source *s, const struct source_ops *ops, const char *bpf, char *error, size_t n)
{
    s->ops = ops;
    atomic_init(&s->stop, false);
    atomic_init(&s->bytes_read, 0);
    atomic_init(&s->file, "");
    return capture_filter_init(&s->filter, bpf, error, n);
}

enum source_result source_next(struct capture_source *s, struct capture_frame *f)
{
    return s->ops->next(s, f);
}

const char *source_error(const struct capture_source *s)
{
    return s->error;
}

uint64_t source_bytes_total(const struct capture_source *s)
{
    return s->bytes_total;
}

uint64_t source_bytes_read(const struct capture_source *s)
{
    return atomic_load_explicit(&s->bytes_read, memory_order_relaxed);
}

const char *source_file(const struct capture_source *s)
{
    return atomic_load_explicit(&s->file, memory_order_relaxed);
}

void source_get_stats(struct capture_source *s, struct source_stats *out)
{
    *out = (struct source_stats){0};
    if (s->ops->stats)
        s->ops->stats(s, out);
}

void source_break(struct capture_source *s)
{
    atomic_store_explicit(&s->stop, true, memory_order_relaxed);
    if (s->ops->interrupt)
        s->ops->interrupt(s);
}

void source_close(struct capture_source **s)
{
    if (!*s)
        return;
    capture_filter_fini(&(*s)->filter);
    (*s)->ops->close(*s);
    free(*s);
    *s = NULL;
}
