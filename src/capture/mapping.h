/* Guarded mappings: private to capture.
 *
 * Reading a mapped file past an end that somebody moved raises SIGBUS. A ring of capture files that a recorder
 * overwrites makes that an everyday event, so it must not end the sensor: a handler puts a page of zeros where the
 * fault was and marks the mapping as cut; the reader then stops there and says so. Faults outside of guarded mappings
 * get what they would have got without us.
 *
 * The list is the process's, because signal dispositions are. Added to and removed from by the capture thread; read by
 * the handler on any thread. */
#ifndef BURROW_CAPTURE_MAPPING_H
#define BURROW_CAPTURE_MAPPING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
    _Atomic(uint8_t *) start; /* NULL: not in use */
    size_t len;
    atomic_bool cut; /* a page behind the file's end was touched */
    struct mapping *_Atomic next;
};

/* Guard a mapping. NULL when memory is short. */
struct mapping *mapping_guard(uint8_t *start, size_t len);

/* No longer guard it. To be called before it is unmapped. */
void mapping_release(struct mapping *m);

#endif
