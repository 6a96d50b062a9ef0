/* Times: nanoseconds since 1970 UTC in 64 bits (until 2554). The sensor's clock is the packets' clock; the machine's
 * own is read only for live capture and the summary. */
#ifndef BURROW_CORE_CLOCK_H
#define BURROW_CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_S  1000000000ull
#define NS_PER_US 1000ull

/* Room for "2016-07-13T22:42:07.123456+0000" and a zero. */
#define CLOCK_TEXT_MAX 40

/* Suricata's form of a timestamp, UTC. Returns its length. Keeps the last second's text per thread. */
size_t clock_print(uint64_t time_ns, char out[CLOCK_TEXT_MAX]);

/* Monotonic machine time, for rates and waits. */
uint64_t clock_monotonic_ns(void);

/* Wall clock. */
uint64_t clock_wall_ns(void);

#endif
