/* What the kinds of sources share. Private to capture. */
#ifndef BURROW_CAPTURE_SOURCE_PRIVATE_H
#define BURROW_CAPTURE_SOURCE_PRIVATE_H

#include <stdatomic.h>

#include "capture/filter.h"
#include "capture/source.h"

#define SOURCE_ERROR_MAX 768

struct source_ops {
    enum source_result (*next)(struct capture_source *s, struct capture_frame *f);
    void (*stats)(struct capture_source *s, struct source_stats *out); /* NULL: none */
    void (*interrupt)(struct capture_source *s);                       /* async-signal-safe; NULL: the flag is enough */
    void (*close)(struct capture_source *s);                           /* frees what the kind holds, but not s */
};

/* First member of every kind. */
struct capture_source {
    const struct source_ops *ops;
    struct capture_filter filter;
    atomic_bool stop;
    uint64_t bytes_total;
    _Atomic uint64_t bytes_read;
    const char *_Atomic file;
    char error[SOURCE_ERROR_MAX];
};

/* Set up the common part, the filter included. 0 or -errno. */
int source_init(struct capture_source *s, const struct source_ops *ops, const char *bpf, char *error, size_t n);

#endif
