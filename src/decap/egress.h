/* The proxy's other leg: which connection did the proxy make for a tunnel?
 *
 * A proxy connects before it says yes. So connections to the asked port that began between request and reply are
 * candidates. If there is only one, from the proxy's address, the child opens with its address. A proxy with several
 * addresses may connect from another one than it listens on: then the same first payload bytes must show which
 * connection it is, and the child's opening waits for them a while. The bytes also confirm, or choose among several
 * later; what can't be told apart is said to be ambiguous. Random bytes that agree are proof. Text that agrees is not,
 * since many say the same: it counts where it passed the proxy in the right order, and every other candidate has
 * something else. So does the time alone, for the proxy's own connection: a proxy may use others besides.
 *
 * Two halves, since the legs are mostly in different lanes. The *index* has the TCP connections of its lane's wire,
 * newest last, with their first payload bytes. A *join* belongs to a tunnel: it asks every lane's index, and decides.
 * They talk by news (decap/news.h):
 *
 *     ask       join to index: who began connections to this port, since the request and before packet n?
 *     found     index to join: these. Each is watched for the join from then on
 *     bytes     index to join: the first payload bytes of one direction of a candidate
 *     over      index to join: the candidate's flow ends. Its end waits in decap for the verdict
 *     verdict   join to index: it is mine, or not
 *
 * What a decision at packet n takes into account has a lower number, and is complete: an index answers an ask when its
 * lane has seen all packets below; a join decides when all lanes have told what they saw; a flow's end waits until all
 * lanes' tunnels of lower numbers have asked. A connection's bytes are final by FIN or RST only, and it is a candidate
 * for no longer than a flow surely lives: when the flow stage lets a quiet flow go is a matter of timing. An index
 * never waits for a join before it answers, so nothing waits in a circle. Bounded: the index is a ring within the
 * memcap; the oldest connection that nobody watches goes. Thread: the lane's decap thread. */
#ifndef BURROW_DECAP_EGRESS_H
#define BURROW_DECAP_EGRESS_H

#include "decap/news.h"
#include "item/note.h"
#include "item/packet.h"

#define EGRESS_PREFIX     48u /* bytes kept of each direction: up to the end of a TLS ClientHello's random */
#define EGRESS_CANDIDATES 24u /* of one lane for one tunnel; more are ambiguous anyway */

/* The first payload bytes of one direction. */
struct egress_prefix {
    uint8_t len;
    bool final;      /* no more will come */
    bool cut;        /* some is missing: it can't be compared, and never gets a number */
    uint64_t number; /* of the packet that filled it or ended it; 0: neither yet */
    uint64_t last;   /* of the packet that brought the last of these bytes */
    uint8_t bytes[EGRESS_PREFIX];
};

/* A connection that may be a tunnel's. */
struct egress_candidate {
    uint64_t flow_id;
    uint64_t number;
    struct addr src;
    struct addr dst;
    uint16_t sport;
    uint16_t dport;
    unsigned lane;
    uint32_t slot; /* in its lane's index */
    bool own;      /* begun from the address that the proxy listens on */
    struct egress_prefix prefix[2];
};

enum egress_verdict { EGRESS_NOT_MINE, EGRESS_BY_TIME, EGRESS_BY_PAYLOAD };

/* One message of the table above; not all members are of all kinds. */
struct egress_news {
    struct news news; /* first; number: as of which packet */
    unsigned from;    /* lane */
    uint64_t join;    /* the tunnel's id */
    uint64_t realm;   /* of the tunnel's carrier (flow_realm) */
    struct addr proxy;
    struct addr client; /* its connections are no candidates */
    struct addr target; /* asked for by address, else ADDR_NONE */
    uint16_t port;
    uint64_t from_ns;
    uint64_t until_ns;
    uint64_t flow_id;
    uint32_t slot;
    enum flow_dir dir;
    struct egress_prefix prefix; /* bytes: of direction dir */
    enum egress_verdict verdict;
    struct proxied_for whose;
    unsigned count;  /* found: of candidates */
    unsigned listed; /* and of those that follow */
    struct egress_candidate found[];
};

struct egress_start;
struct egress_held;

struct egress_index {
    struct lanes_shared *lanes;
    unsigned lane;
    struct egress_start *starts; /* ring; NULL: nothing is indexed */
    uint32_t *buckets;
    uint32_t size;
    uint32_t mask;
    uint32_t next;
    struct egress_news *asked_first; /* asks that came too early */
    struct egress_news *asked_last;
    struct egress_held *held_first; /* flows whose end waits */
    struct egress_held *held_last;
    uint64_t window_ns; /* a connection is a candidate for that long */
    uint64_t dropped;   /* connections without a place in the ring */
};

/* memcap of this lane in bytes; 0: off. window_ns: how long a flow surely lives. 0 or -ENOMEM. */
int egress_init(struct egress_index *x, struct lanes_shared *lanes, unsigned lane, uint64_t memcap, uint64_t window_ns);
void egress_fini(struct egress_index *x);

/* A packet of a wire flow came by. True: somebody who watches is to be told (egress_tell). */
bool egress_see(struct egress_index *x, const struct packet *p);

/* Where messages to this lane's join go; given by decap. */
typedef void (*egress_send_fn)(void *ctx, unsigned lane, const struct egress_news *news);

/* Answer an ask; it must not be early. */
void egress_answer(struct egress_index *x, const struct egress_news *ask, egress_send_fn send, void *ctx);

/* Keep an ask until this lane has seen enough. Takes it. */
void egress_keep(struct egress_index *x, struct egress_news *ask);

/* Answer the asks whose time has come: this lane has seen every packet up to `seen`. */
void egress_turn(struct egress_index *x, uint64_t seen, egress_send_fn send, void *ctx);

/* Tell those who watch what came since, if anything. */
void egress_tell(struct egress_index *x, const struct packet *p, egress_send_fn send, void *ctx);

/* Must this flow's end wait? Then it is kept, and comes back from egress_release. */
bool egress_hold(struct egress_index *x, struct flow_end *end);

/* A verdict came. */
void egress_judged(struct egress_index *x, const struct egress_news *verdict);

/* The next flow end that need not wait any more, with what is known of it; NULL: none. low: every packet up to this is
 * done in every lane. */
struct flow_end *egress_release(struct egress_index *x, uint64_t low, egress_send_fn send, void *ctx);

/* Is a flow's end waiting here? */
bool egress_holds(const struct egress_index *x);

#endif
