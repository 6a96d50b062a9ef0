/* File descriptors. */
#ifndef BURROW_CORE_FD_H
#define BURROW_CORE_FD_H

#include <stdbool.h>
#include <stddef.h>

/* Write all n bytes, going on after signals and partial writes. False: an error, in errno; some may be written. */
bool fd_write_all(int fd, const void *bytes, size_t n);

#endif
