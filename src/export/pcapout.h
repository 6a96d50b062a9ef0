/* The capture file that is written: classic pcap, microseconds, Ethernet. What can't be written is cut off again, so
 * that the file stays a whole one, and is counted; the log says it once. Thread: the writer's; pcapout_reopen any. */
#ifndef BURROW_EXPORT_PCAPOUT_H
#define BURROW_EXPORT_PCAPOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapout;

/* Create the file, or begin it anew. 0, or -errno with one line in error. */
int pcapout_open(const char *path, struct pcapout **out, char *error, size_t n);

/* Append a packet. Returns how many packets could not be written: they are gone. */
uint32_t pcapout_add(struct pcapout *p, uint64_t time_ns, const uint8_t *frame, uint32_t len, uint32_t wire_len);

/* Write what is held back. Returns as pcapout_add. */
uint32_t pcapout_flush(struct pcapout *p);

/* Begin a new file if the old one was moved away. Async-signal-safe: done with the next flush. */
void pcapout_reopen(struct pcapout *p);

uint32_t pcapout_close(struct pcapout **p);

#endif
