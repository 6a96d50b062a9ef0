/* The capture stage: frames in, packets out.
 *
 * Reads a source, decodes each frame, gives it its number and its lane, and admits it by credit: there are only
 * max-pending-packets packets, and without a free one nothing is read (offline) or frames wait in the kernel, which
 * drops and counts (live). Owns the packets; they come back through capture_put. Thread: the capture thread alone. */
#ifndef BURROW_CAPTURE_CAPTURE_H
#define BURROW_CAPTURE_CAPTURE_H

#include "capture/source.h"
#include "item/stage.h"

struct capture;

enum capture_result {
    CAPTURE_PACKET,
    CAPTURE_IDLE,      /* live: nothing came */
    CAPTURE_NO_CREDIT, /* every packet is out */
    CAPTURE_END,
    CAPTURE_BROKEN, /* as CAPTURE_END, but source_error says what is wrong */
};

struct capture_settings {
    unsigned lanes;
    uint32_t packets; /* credit */
    bool live;
    enum settings_checksums checksums;
    /* CHECKSUMS_AUTO: what a look at the capture's first packets found, 0 if there was none. */
    uint64_t sampled;
    uint64_t sampled_bad;
    const struct settings *settings; /* decoder, time-outs */
};

/* 0 or -ENOMEM. The source stays the caller's. */
int capture_create(struct capture_source *source, const struct capture_settings *set, struct counters *counters,
                   struct capture **out);
void capture_destroy(struct capture **c);

/* The next packet, decoded, with number, times and lane. Packets in IP tunnels come with one for each tunnel around
 * them first, all with one number (decode/NOTES.md). */
enum capture_result capture_next(struct capture *c, struct packet **out);

/* A packet is back. */
void capture_put(struct capture *c, struct packet *p);

/* Packets that are out now. */
uint32_t capture_out(const struct capture *c);

/* Number of the last frame of which every packet was given; time of the first packet, and the latest so far. */
uint64_t capture_number(const struct capture *c);
uint64_t capture_first(const struct capture *c);
uint64_t capture_now(const struct capture *c);

/* Look at the first packets of a file: how many TCP, UDP or ICMP packets have checksums, and how many of them wrong. */
void capture_sample(struct capture_source *source, uint64_t *sampled, uint64_t *bad);

#endif
