/* No two exported sessions with the same two ends: which were used, and a free source port where one must change.
 *
 * Asked in the capture's order, the answers are the same in every run. Ends are the same in either direction, as
 * readers of a capture take them. Bounded: at the bound the oldest are forgotten, and counted. Thread: the writer's. */
#ifndef BURROW_EXPORT_PORTS_H
#define BURROW_EXPORT_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "export/ends.h"

#define PORTS_MOST  (1u << 20) /* sessions that are remembered, 44 bytes each */
#define PORTS_TRIES 1024u      /* ports that are looked at for one session */

enum ports_result {
    PORTS_KEPT,    /* the ends were free as they are */
    PORTS_CHANGED, /* ends->sport is another one now */
    PORTS_NONE,    /* no free port was found */
};

struct ports;

/* NULL: no memory. */
struct ports *ports_create(uint32_t most);
void ports_destroy(struct ports **p);

/* Take the ends for a new session. */
enum ports_result ports_take(struct ports *p, struct export_ends *ends);

/* Ends that can't be changed are in use. False: they were already. */
bool ports_note(struct ports *p, const struct export_ends *ends);

/* How many were forgotten. */
uint64_t ports_forgotten(const struct ports *p);

#endif
