/* The sessions of a relay's flow: what was asked, and whose answers these are.
 *
 * Names are compared without case (RFC 4343). Chains are as long as SOCKS_TARGETS_MAX at worst, whatever the targets.
 */
#include "proto/socks/udp.h"

#include <stdlib.h>
#include <strings.h>

#include "core/hash.h"

static struct socks_target **bound_bucket(struct socks_targets *t, const struct addr *addr, uint16_t port)
{
    uint64_t h = hash_mix(addr->q[0] ^ port, addr->q[1] ^ addr->family);
    return &t->bound[h % SOCKS_TARGET_BUCKETS];
}

static struct socks_target **named_bucket(struct socks_targets *t, const struct socks_address *a)
{
    uint64_t h = a->port;
    for (unsigned i = 0; i < a->host_len; i++)
        h = h * 31 + (uint8_t)(a->host[i] | 0x20);
    return &t->named[hash_mix(h, 0) % SOCKS_TARGET_BUCKETS];
}

static struct socks_target *find_named(struct socks_targets *t, const struct socks_address *a)
{
    struct socks_target *e = *named_bucket(t, a);
    while (e && (e->port != a->port || e->host_len != a->host_len || strncasecmp(e->host, a->host, a->host_len) != 0))
        e = e->next_named;
    return e;
}

static bool is_bound_to(const struct socks_target *e, const struct socks_address *a)
{
    return e->port == a->port && addr_equal(&e->addr, &a->addr);
}

struct socks_target *socks_targets_asked(struct socks_targets *t, const struct socks_address *a)
{
    if (a->host_len > 0)
        return find_named(t, a);
    struct socks_target *e = *bound_bucket(t, &a->addr, a->port);
    while (e && (e->host_len > 0 || !is_bound_to(e, a)))
        e = e->next_bound;
    return e;
}

static void bind_to(struct socks_targets *t, struct socks_target *e, const struct addr *addr)
{
    struct socks_target **at;
    if (e->addr.family != ADDR_NONE) {
        at = bound_bucket(t, &e->addr, e->port);
        while (*at != e)
            at = &(*at)->next_bound;
        *at = e->next_bound;
    }
    e->addr = *addr;
    at = bound_bucket(t, addr, e->port);
    e->next_bound = *at;
    *at = e;
}

/* Of the names with that port that were asked and not answered since: the one asked last. One that never had an answer
 * comes first; another's host may have more addresses than one. */
static struct socks_target *find_waiting(const struct socks_targets *t, uint16_t port)
{
    struct socks_target *best = NULL;
    for (struct socks_target *e = t->all; e; e = e->next) {
        if (e->host_len == 0 || e->port != port || e->asked <= e->answered)
            continue;
        bool fresh = e->addr.family == ADDR_NONE;
        bool best_fresh = best && best->addr.family == ADDR_NONE;
        if (!best || (fresh && !best_fresh) || (fresh == best_fresh && e->asked > best->asked))
            best = e;
    }
    return best;
}

struct socks_target *socks_targets_answering(struct socks_targets *t, const struct socks_address *a)
{
    if (a->host_len > 0)
        return find_named(t, a);
    struct socks_target *best = NULL;
    for (struct socks_target *e = *bound_bucket(t, &a->addr, a->port); e; e = e->next_bound)
        if (is_bound_to(e, a) && (!best || e->asked > best->asked))
            best = e;
    if (best)
        return best;
    best = find_waiting(t, a->port);
    if (best)
        bind_to(t, best, &a->addr);
    return best;
}

struct socks_target *socks_targets_add(struct socks_targets *t, const struct socks_address *a)
{
    struct socks_target *e = calloc(1, sizeof *e + a->host_len);
    if (!e)
        return NULL;
    e->channel = ++t->count;
    e->port = a->port;
    e->next = t->all;
    t->all = e;
    if (a->host_len == 0) {
        bind_to(t, e, &a->addr);
        return e;
    }
    struct socks_target **at = named_bucket(t, a);
    e->host_len = a->host_len;
    memcpy(e->host, a->host, a->host_len);
    e->next_named = *at;
    *at = e;
    return e;
}

void socks_targets_fini(struct socks_targets *t)
{
    while (t->all) {
        struct socks_target *e = t->all;
        t->all = e->next;
        free(e);
    }
    *t = (struct socks_targets){.all = NULL};
}
