/* Packets onto an interface: libnet's link layer, opened once, while privileges are there. Thread: the writer's. */
#ifndef BURROW_EXPORT_INJECT_H
#define BURROW_EXPORT_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inject;

/* An Ethernet interface that is up and takes IP packets of `mtu` bytes. 0, or -errno with one line in error. */
int inject_open(const char *interface, uint32_t mtu, struct inject **out, char *error, size_t n);

/* False: the interface did not take it. The log says so once. */
bool inject_send(struct inject *i, const uint8_t *frame, uint32_t len);

void inject_close(struct inject **i);

#endif
