/* A hosts file (hosts(5)): names and their addresses, as the operator wrote them down.
 *
 * Read once, before any thread runs, and only looked up in from then on, by all lanes. A line is an address and the
 * names that have it; `#` begins a comment. As resolvers do, the first line that has a name in the client's family
 * counts. What can't be used is warned of with its line, and the rest holds. */
#ifndef BURROW_DECAP_HOSTS_H
#define BURROW_DECAP_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/addr.h"

/* A file of more bytes is an error; names after these many are left out, with a warning. */
#define HOSTS_FILE_MAX  (64u << 20)
#define HOSTS_NAMES_MAX 1000000u

struct hosts;

/* Read a file. 0, or -errno with one line in error. */
int hosts_load(const char *file, struct hosts **out, char *error, size_t error_len);
void hosts_destroy(struct hosts **hosts);

/* Names that it has, one for each family. */
size_t hosts_count(const struct hosts *hosts);

/* Lines that could not be used, or not wholly. */
size_t hosts_bad_lines(const struct hosts *hosts);

/* The address of a name (any case, with a final dot or without) in a family. False: the file has none. */
bool hosts_find(const struct hosts *hosts, const char *name, size_t len, enum addr_family family, struct addr *out);

#endif
