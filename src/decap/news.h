/* What lanes tell each other, and how a lane knows that it has heard all it needs.
 *
 * A flow belongs to one lane, but a name, a relay or a proxy's other leg can matter to a tunnel of any lane. Whoever
 * learns something sends it to every lane's inbox with the number of the packet that brought it; whoever asks at number
 * n takes only what has a lower number. Lanes publish how far they have told theirs (struct lane_progress), so that a
 * question can wait until all that it may hear has been said, and the answer is the same whatever the lanes' speed.
 * Waiting is always for lower numbers: it can't go in a circle. Live, nobody waits. Thread: the lane's decap thread;
 * the inboxes are shared. */
#ifndef BURROW_DECAP_NEWS_H
#define BURROW_DECAP_NEWS_H

#include "item/flow_ref.h"
#include "item/stage.h"

/* What is learned inside tunnels counts this many packets later, but for names_at_once: a question would otherwise have
 * to wait until everything that is in the loop has gone round. */
#define NEWS_DELAY 4096u

enum news_kind {
    NEWS_NAME,
    NEWS_RELAY,
    NEWS_EGRESS_ASK, /* decap/egress.h */
    NEWS_EGRESS_FOUND,
    NEWS_EGRESS_BYTES,
    NEWS_EGRESS_OVER,
    NEWS_EGRESS_VERDICT,
    NEWS_LOOKUP, /* from the run's resolver: of no packet */
};

struct news {
    struct inbox_node node; /* first */
    uint64_t number;
    uint8_t kind; /* enum news_kind */
};

/* Every packet below this is done in every lane. */
uint64_t news_low_water(const struct lanes_shared *lanes);

/* Have all lanes told what a question at `number` may hear? For the asking lane itself: `own` is the lowest packet of
 * its own that may still teach at once. */
bool news_ready(const struct lanes_shared *lanes, unsigned lane, uint64_t number, uint64_t own);

/* Give a lane heap-allocated news, which become its own. */
void news_send(struct lanes_shared *lanes, unsigned to, struct news *news);

#endif
