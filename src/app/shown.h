/* What alerts show of payload: the stream's last bytes and the packet at hand, with passwords masked (secrets.h).
 *
 * Every byte of a stream in order passes here, once, when records of alerts show payload at all; and every packet,
 * which may be ahead of that: its bytes are scanned behind those of the packet before it. Where a packet is out of
 * order (sent again, or too early) it can't be known whether it begins inside a secret: of text, all up to the next
 * line is masked then. Private to the app stage. */
#ifndef BURROW_APP_SHOWN_H
#define BURROW_APP_SHOWN_H

#include "app/secrets.h"
#include "core/buf.h"
#include "detect/engine/inspect.h"

/* Bytes of streams that all flows of a lane keep for records; beyond it packets' payload is shown. */
#define APP_SHOWN_MEMORY (64u << 20)

#define APP_SHOWN_PLACES 4

struct app_call;
struct app_alert_options;
struct packet;

/* Of one flow. */
struct app_shown {
    struct secrets scan[2];    /* of the stream, by enum flow_dir */
    struct secrets packets[2]; /* of the packets, as they come */
    uint32_t next[2];          /* sequence number that the next packet has, if none is missing */
    bool began[2];             /* `next` is known */
    struct app_shown_place {
        uint32_t seq;
        bool set;
        struct secrets before;
    } places[2][APP_SHOWN_PLACES]; /* where the last packets began, for those that come again */
    uint8_t place[2];
    bool tunnel[2];     /* the tunnel's content has begun in the stream */
    struct buf tail[2]; /* the stream's last bytes, masked */
};

/* Of a lane: what was masked of the packet at hand. */
struct app_view {
    struct buf masked;  /* its stream's bytes in order */
    struct buf payload; /* its transport's payload */
    struct buf frame;
    const struct packet *of; /* whose `payload` is; NULL: nobody's yet */
    uint64_t memory;
    unsigned limit; /* counter */
};

/* Do alerts show payload or packets? */
bool app_shown_wanted(const struct app_alert_options *o);

void app_view_init(struct app_view *v);
void app_view_fini(struct app_view *v);

/* A packet of the call's flow came: note what is in order. */
void app_shown_packet(struct app_call *c);
void app_shown_destroy(struct app_view *v, struct app_shown **shown);

/* The stream's last bytes in the direction; empty: there are none. */
struct inspect_bytes app_shown_stream(const struct app_call *c, int dir);

/* The packet's payload. */
struct inspect_bytes app_shown_payload(const struct app_call *c);

/* The packet as captured, or where it was inside another from its IP header on; *linktype says which. Empty: there is
 * none. */
struct inspect_bytes app_shown_frame(const struct app_call *c, int *linktype);

#endif
