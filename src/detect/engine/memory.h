/* What rules remember beyond one flow: thresholds, bits of hosts and pairs, and the names of bits and numbers.
 *
 * One for a run, made before its first rule set and kept over reloads: entries are found by gid, sid and rev, and by
 * name, never by a rule's place in its set. All lanes share it; each table has locks of its own, held for a look. In
 * live runs what lanes do in the same moment counts in the order in which it comes. */
#ifndef BURROW_DETECT_ENGINE_MEMORY_H
#define BURROW_DETECT_ENGINE_MEMORY_H

#include "detect/ruleset.h"

struct detect_memory;

/* Sizes are those of detect.thresholds.memcap and host.memcap. NULL: no memory. */
struct detect_memory *detect_memory_create(const struct settings *s);

/* After the last engine that used it. */
void detect_memory_destroy(struct detect_memory **m);

#endif
