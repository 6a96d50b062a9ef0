/* What the files of the decap stage share: tunnels and the packets that are out. Private to the room. */
#ifndef BURROW_DECAP_TUNNEL_H
#define BURROW_DECAP_TUNNEL_H

#include "decap/decap.h"
#include "decap/join.h"
#include "decap/lookup.h"
#include "decap/names.h"
#include "decap/relays.h"
#include "export/export.h"
#include "item/note.h"

enum tunnel_stage {
    TUNNEL_PARKED,  /* waits for its address: bytes are copied */
    TUNNEL_OPENING, /* the child was asked for */
    TUNNEL_OPEN,    /* the child is known */
    TUNNEL_CLOSING, /* the child's end was asked for */
    TUNNEL_DEAD,    /* no child could be had: bytes are counted, no more */
};

/* Bytes that came while a tunnel was parked, one chunk for each pseudo-packet they will be. */
struct parked {
    struct parked *next;
    uint64_t number;
    uint64_t now_ns;
    uint64_t time_ns;
    uint32_t gap;
    uint32_t len;
    enum flow_dir dir;
    uint16_t flags;
    uint8_t *bytes;
};

/* An established tunnel. */
struct tunnel {
    struct tunnel *next; /* of its carrier */
    struct tunnel *prev_parked;
    struct tunnel *next_parked;
    struct decap_flow *carrier;
    struct note *offer;     /* what was asked, owned */
    struct flow_ref *child; /* NULL until known */
    struct flow_key key;    /* the child's */
    uint64_t id;            /* the child's flow id */
    uint64_t number;        /* of the packet that opened it */
    uint64_t now_ns;
    uint64_t open_ns; /* time of that packet */
    uint64_t last_ns; /* of its last byte */
    uint64_t bytes[2];
    uint32_t parked_lost[2]; /* bytes let go while it was parked, told as a gap */
    uint64_t close_number;   /* of the item that ended it, once close_wanted */
    uint64_t close_now_ns;
    uint64_t as_of;             /* at its end, the proxy's other leg is judged by what came before this packet */
    struct join *join;          /* the search for that leg; NULL: none */
    struct tunnel *next_ending; /* in the list of those whose record waits for it */
    struct flow_end *child_end; /* meanwhile; NULL: there was no child */
    uint32_t channel;
    enum tunnel_stage stage;
    enum address_source source;
    enum flow_reason end_reason;
    const char *reason; /* why it became TUNNEL_DEAD */
    bool close_wanted;
    bool relay_known;                /* relays were looked at */
    bool disbelieved;                /* no relay after all: nothing is told of it */
    uint8_t asked;                   /* sources of addresses that don't know */
    uint64_t control_flow_id;        /* of the relay; 0: none was seen */
    uint64_t until;                  /* number of the packet that ended the association; 0: none yet */
    bool bounded;                    /* an association's end is seen in this lane, and ends it */
    struct lookup *lookup;           /* owned once it is back; NULL: none */
    char *relay_user;                /* whom the control connection named, owned; NULL: nobody */
    bool close_exact;                /* by a packet of its carrier, not by the carrier's end */
    struct export_session *exported; /* NULL: it is not */
    struct parked *first;
    struct parked *last;
};

/* What anomaly records of carriers tell, most of it limits that were met. */
enum decap_event {
    DECAP_MAX_DEPTH,            /* a tunnel deeper than decap.max-depth: not opened */
    DECAP_MAX_TUNNELS,          /* more tunnels of one carrier than may be: not opened */
    DECAP_MEMCAP,               /* bytes that waited for an address were let go, or there was no room for a child */
    DECAP_NAMES_MEMCAP,         /* a placeholder for a name that may have been known before the memcap was met */
    DECAP_EGRESS_CONTRADICTION, /* the proxy's own connection has other bytes than the tunnel */
    DECAP_MAX_QUERIES,          /* a name was not looked up, since too many are */
    DECAP_EVENT_COUNT
};

/* A flow's decap slot. */
struct decap_flow {
    struct flow_ref *flow;
    struct tunnel *tunnels;          /* of which this flow is the carrier, those that were used last first */
    struct tunnel *active;           /* the one that all its bytes belong to now */
    struct tunnel *as_child;         /* the one that made this flow */
    struct flow_end *end;            /* the carrier's end, held until its children are gone */
    struct note *relay;              /* of a control connection: the relay it announced, owned */
    struct decap_flow *next_relayed; /* relays' flows, by client and relay */
    bool relayed;                    /* it is among these */
    uint32_t count;
    uint8_t told;  /* bits of enum decap_event */
    bool believed; /* a relay's flow: it is one */
    bool claimed;  /* a relay's flow, if it is one */
};

/* How many children a packet number opened so far: their ids are told apart by it. Kept while the packet may open more.
 */
#define ORIGIN_BUCKETS 1024u
struct origin {
    struct origin *next;
    uint64_t number;
    uint32_t used;
};

#define RELAYED_BUCKETS 256u

struct decap_counters {
    unsigned opened, refused, incomplete, depth, per_carrier, parked_memcap, pseudo, parked, names, evicted,
        placeholder, passive, hosts, active, lookups, lookup_timeout, lookup_limit, not_relay, relays, egress, joined,
        ambiguous, contradicted, relays_evicted, egress_dropped;
};

struct decap_stage {
    struct names names;
    struct relays relays;
    struct decap_flow *relayed[RELAYED_BUCKETS]; /* relays' flows, by client and relay */
    struct packet *open_first;                   /* packets without a lender that are still out, by number */
    struct packet *open_last;
    struct tunnel *parked_first; /* tunnels that wait for their address, by number */
    struct tunnel *parked_last;
    bool untold; /* a tunnel waits for what other lanes have to tell */
    uint64_t now_ns;
    struct origin *origins[ORIGIN_BUCKETS]; /* by number */
    struct egress_index egress;
    struct join *joins[JOIN_BUCKETS]; /* by tunnel id */
    struct join *left_first;          /* whose tunnel is over, oldest first */
    struct join *left_last;
    uint32_t left;
    struct tunnel *ending_first; /* over, but for the proxy's other leg */
    struct tunnel *ending_last;
    uint32_t teaching;        /* packets that are out and teach */
    uint32_t parked_teaching; /* parked tunnels whose child would teach */
    uint64_t names_told;      /* as published */
    bool last;                /* no more packets will come */
    struct packet *free;      /* pool of pseudo-packets, linked by next_open */
    struct packet *segments;  /* flow's, done with in this batch, linked by next_open */
    uint64_t seen;            /* every packet up to this number came by */
    uint64_t completed;       /* as published */
    uint64_t parked_bytes;
    uint64_t parked_max;
    bool want_anomaly;
    struct decap_counters n;
};

/* The flow's slot, made when it is not there yet; NULL: no memory. */
struct decap_flow *decap_flow_of(struct flow_ref *flow);

/* A parser's report. `p` is the packet that brought it, NULL at the flow's end. Takes the note. */
void tunnel_report(struct stage *s, struct decap_flow *df, struct note **note, const struct item *item,
                   struct packet *p, uint64_t time_ns);

/* A tunnel's bytes, of its carrier's direction dir. */
struct tunnel_bytes {
    enum flow_dir dir;
    uint32_t gap; /* bytes missing before these */
    uint32_t len;
    const uint8_t *bytes;
    bool eof;         /* no more will come in this direction */
    struct note *own; /* holds the bytes and is freed with them; NULL: they are borrowed from the packet */
};

/* Give a tunnel bytes that packet p brought. */
void tunnel_feed(struct stage *s, struct tunnel *t, struct packet *p, const struct tunnel_bytes *b);

/* The child was made, or refused (o->flow NULL). */
void tunnel_opened(struct stage *s, struct child_open *o);

/* The tunnel is over, by what `item` says: ask for the child's end. as_of: tunnel.as_of. */
void tunnel_close(struct stage *s, struct tunnel *t, enum flow_reason reason, const struct item *item, uint64_t as_of);

/* One of a carrier's tunnels that is not closed; NULL: there is none of that number. */
struct tunnel *tunnel_find(struct decap_flow *df, uint32_t channel);

/* Is all known that the tunnel's record tells? Else it is kept, with its child's end, and comes back by ending_turn. */
bool ending_ready(struct stage *s, struct tunnel *t, struct flow_end *end);

/* Finish the tunnels whose record waited, as far as that is possible now. */
void ending_turn(struct stage *s);

/* The child is over: write the tunnel's record and free it. */
void tunnel_ended(struct stage *s, struct tunnel *t, struct flow_end *end);

/* The tunnel's address, from what knows it. False: that is not known yet, ask again. The tunnel can be dead after. */
bool tunnel_resolve(struct stage *s, struct tunnel *t);

/* May what this tunnel carries teach names at once? */
bool tunnel_teaches(const struct tunnel *t);

/* Put into the list of those that wait, take out of it. */
void tunnel_park(struct decap_stage *ds, struct tunnel *t);
void tunnel_unpark_one(struct decap_stage *ds, struct tunnel *t);

/* Copy bytes that came meanwhile; at the memcap they become a gap. */
void tunnel_park_bytes(struct stage *s, struct tunnel *t, const struct parked *like, const uint8_t *bytes);

/* A relay's flow belongs to an announcement: does its end end the children? */
bool relayed_add(struct decap_stage *ds, struct decap_flow *df, const struct relay *relay);

/* A tunnel was parked while its association ended: it ends with it. */
void relayed_catch_up(struct decap_stage *ds, struct tunnel *t);
void relayed_remove(struct decap_stage *ds, struct decap_flow *df);

/* A control connection announced a relay. Takes the note. */
void relayed_announce(struct stage *s, struct flow_ref *flow, struct note **note, const struct item *item);

/* A control connection is over, and with it the association (RFC 1928 section 7): its children end. */
void relayed_end(struct stage *s, struct decap_flow *control, const struct item *item);

/* What a parked chunk of len bytes costs, the allocator's share included. */
uint64_t tunnel_parked_cost(uint32_t len);

/* Take in what lanes told. */
void decap_receive(struct stage *s);

/* Every packet up to this came by. After the last, none is missing that anybody could wait for. */
static inline uint64_t decap_seen(const struct decap_stage *ds)
{
    return ds->last ? UINT64_MAX - 1 : ds->seen;
}

/* The lowest packet of this lane, on its way or parked, that may still teach a name at once; UINT64_MAX: none. */
uint64_t decap_lowest_teaching(const struct decap_stage *ds);

/* Look whether tunnels that wait can go on. True if one did. */
bool tunnel_unpark(struct stage *s);

/* A flow's end goes on to flow, and so may those of its carriers that waited for it. */
void decap_pass_end(struct stage *s, struct flow_end *end);

/* Give a message to a lane's index or join. */
void decap_send(struct stage *s, unsigned lane, const struct egress_news *news);

/* The same, as egress.h wants it. */
void decap_send_egress(void *stage, unsigned lane, const struct egress_news *news);

/* A flow's end whose tunnels are gone goes on, unless it has to wait to hear whose connection it was. */
void decap_leave(struct stage *s, struct flow_end *end);

/* Flow ends that waited to hear whose the connection was go on. */
void decap_release_ends(struct stage *s);

/* A carrier whose end was held goes on to flow once its last child is gone. */
void decap_settle(struct stage *s, struct decap_flow *carrier);

/* A pseudo-packet from the pool, zeroed but for its bytes. */
struct packet *decap_take(struct decap_stage *ds);

/* p has one borrower less. */
void decap_return(struct stage *s, struct packet *p);

/* p, without a lender, is out: it has borrowers. */
void decap_open_insert(struct decap_stage *ds, struct packet *p);

/* Bytes of p went to a child that may teach names. */
void decap_mark_teaching(struct decap_stage *ds, struct packet *p);

/* Write an anomaly record of a carrier, each event once a flow. */
void decap_anomaly(struct stage *s, struct decap_flow *df, enum decap_event event, uint64_t number, uint64_t time_ns);

/* Write the tunnel record. */
void tunnel_log(struct stage *s, const struct flow_ref *carrier, const struct tunnel_offer *offer,
                const struct tunnel *t, const struct flow_end *end, uint64_t time_ns, const char *reason);

#endif
