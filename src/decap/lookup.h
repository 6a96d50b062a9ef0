/* Active look-ups: what a lane and the run's resolver thread say to each other.
 *
 * A lane that needs an address makes a lookup, pushes it to the resolver's inbox and parks the tunnel; the resolver
 * fills in what it found, or that it found nothing, and pushes it back as news (decap/news.h). It always answers,
 * within the configured time. Nothing here waits. At most max_queries lookups are out, of all lanes: more are not
 * asked. The lane owns a lookup but for the time between the two pushes. */
#ifndef BURROW_DECAP_LOOKUP_H
#define BURROW_DECAP_LOOKUP_H

#include "decap/names.h"

enum lookup_result {
    LOOKUP_FOUND,
    LOOKUP_NONE,    /* there is no such name, or it has no address of this family */
    LOOKUP_TIMEOUT, /* no server answered in time, or none could be asked */
    LOOKUP_LIMIT,   /* not asked: too many are */
};

struct lookup {
    struct news news; /* first: a NEWS_LOOKUP on its way back */
    unsigned lane;
    bool back; /* of the lane: it is the lane's again */
    enum lookup_result result;
    struct addr addr;
    uint8_t family; /* enum addr_family */
    uint8_t len;
    char name[NAME_LEN_MAX + 1]; /* folded, zero-terminated */
};

/* Shared by the lanes and the resolver. */
struct lookups {
    struct inbox questions; /* struct lookup */
    _Atomic uint32_t out;
    uint32_t most;
    struct lanes_shared *lanes;
    void (*wake)(struct lookups *l); /* tell the resolver that there are questions: any thread, doesn't wait */
};

void lookups_init(struct lookups *l, struct lanes_shared *lanes, uint32_t most, void (*wake)(struct lookups *l));

/* Is this the name of a host, of letters, digits, hyphens, underscores and dots (RFC 1123 section 2.1)? Others are not
 * asked for: what a client sent a proxy may be anything. */
bool lookup_name_ok(const char *name, size_t len);

/* Lane: ask. NULL: it is no name of a host, too many are out (*result is LOOKUP_LIMIT), or memory is short. */
struct lookup *lookup_ask(struct lookups *l, unsigned lane, const char *name, size_t len, enum addr_family family,
                          enum lookup_result *result);

/* Lane: it came back in the news. */
void lookup_take(struct lookups *l, struct news *news);

/* Resolver: give it back to its lane. */
void lookup_answer(struct lookups *l, struct lookup *k);

#endif
