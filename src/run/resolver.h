/* The resolver: one thread that asks DNS servers for the names that lanes have lookups of (decap/lookup.h).
 *
 * It owns the c-ares channel, its sockets, and a cache of answers. Lanes never wait for it: they give lookups over an
 * inbox and get them back as news. A name that several tunnels want is asked for once. Whatever the servers do, every
 * lookup is answered within the configured time. Off unless decap.names.active is enabled. */
#ifndef BURROW_RUN_RESOLVER_H
#define BURROW_RUN_RESOLVER_H

#include "decap/lookup.h"

struct resolver;

/* Set up a channel; sets lanes->lookups. 0, or -errno with one line in error. */
int resolver_create(const struct settings_active *set, struct lanes_shared *lanes, struct resolver **out, char *error,
                    size_t error_len);

/* Start its thread. 0 or -errno. */
int resolver_start(struct resolver *r);

/* Stop the thread, if it runs, once no lane asks any more, and free everything. */
void resolver_destroy(struct resolver **r);

#endif
