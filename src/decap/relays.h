/* SOCKS UDP relays that were announced on control connections (RFC 1928 section 7): who may use which, and since when.
 *
 * Every lane has all that any lane learned (decap/news.h), since a relay may have another address than the control
 * connection's server. Asking at number n means: the newest announcement with a lower number that had not ended by
 * then. Bounded: at RELAYS_MAX the oldest goes. Thread: the lane's decap thread. */
#ifndef BURROW_DECAP_RELAYS_H
#define BURROW_DECAP_RELAYS_H

#include "decap/news.h"
#include "item/note.h"

#define RELAYS_MAX     16384u
#define RELAY_BUCKETS  1024u
#define RELAY_USER_MAX 255u

/* One announcement. */
struct relay {
    struct relay *hash_next;
    struct relay *older; /* by when it was learned */
    struct relay *newer;
    uint64_t number;
    uint64_t until;        /* number of the packet that ended the control connection; UINT64_MAX: none did */
    uint64_t until_now_ns; /* its time */
    uint64_t control_flow_id;
    uint64_t realm; /* of the control connection (flow_realm) */
    struct addr client;
    struct addr server; /* of the control connection */
    struct addr relay;
    uint16_t port;
    bool carried; /* the control connection was itself in a tunnel */
    uint8_t user_len;
    char user[]; /* zero-terminated */
};

struct relays {
    struct lanes_shared *lanes;
    struct relay *buckets[RELAY_BUCKETS];
    struct relay *oldest;
    struct relay *newest;
    uint64_t count;
    uint64_t evicted;
};

void relays_init(struct relays *r, struct lanes_shared *lanes);
void relays_fini(struct relays *r);

/* Tell every lane of a relay that packet `number` announced on the control flow. */
void relays_learn(struct relays *r, const struct relay_offer *offer, const struct flow_ref *control, uint64_t number);

/* Tell every lane that the control flow ended with packet `number`. */
void relays_end(struct relays *r, const struct relay_offer *offer, const struct flow_ref *control, uint64_t number,
                uint64_t now_ns);

/* Take in a NEWS_RELAY; the caller frees it. */
void relays_take(struct relays *r, const struct news *news);

/* Are control connection and relay between the same two hosts, and the former on the wire? */
bool relay_same_pair(const struct relay *relay);

/* Of those announcements with relay_same_pair that a datagram in packet `number` may belong to: the one that ended
 * last; NULL: one has not ended yet, or there is none. */
const struct relay *relays_over(const struct relays *r, uint64_t realm, const struct addr *client,
                                const struct addr *relay, uint16_t port, uint64_t number);

/* What announced this relay to this client of the realm before packet `number`; NULL: nothing. Valid until the next
 * relays_take. */
const struct relay *relays_find(const struct relays *r, uint64_t realm, const struct addr *client,
                                const struct addr *relay, uint16_t port, uint64_t number);

#endif
