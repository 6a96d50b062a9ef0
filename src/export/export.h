/* Exported packets: carried sessions as packets of their own, for programs that know nothing of tunnels.
 *
 * Every child session becomes plain Ethernet, IP and TCP or UDP, as if its client had talked to its server without
 * anything in between: into a pcap file, onto an interface, or both. Decap says what happens to a child (opened, bytes,
 * closed, over); that is copied into items and pushed to the exporter without a lock, on the lane's decap thread. One
 * thread, the run's writer (or the only one there is), takes the items of all lanes in the order of the capture, forges
 * the packets (libnet) and writes them: the file is the same whatever the topology and the number of lanes.
 *
 * An item waits until every lane is done with the packets up to its number. What waits is bounded by `memcap`: at it a
 * lane over a file waits a moment for the writer; what still finds no room is dropped, counted, and a gap in its
 * session. What has no place of its own in the capture's order, the end of a session that was never closed, comes at
 * the end of a file. */
#ifndef BURROW_EXPORT_EXPORT_H
#define BURROW_EXPORT_EXPORT_H

#include "item/stage.h"

struct exporter;
struct export_session;

struct export_setup {
    const struct settings *settings;
    const struct lanes_shared *lanes; /* count and live are set, progress will be once lanes run */
    const char *log_dir;
    const char *capture_file;      /* a file or folder, which must not be written to; NULL: live */
    const char *capture_interface; /* must not be sent to; NULL: a file */
    bool threaded;                 /* another thread than the lanes' writes */
};

/* Open what packets go to. *out stays NULL if nothing is to be exported. 0, or -errno with one line in error. */
int export_create(const struct export_setup *set, struct exporter **out, char *error, size_t n);

/* Where records of changed sessions go: a sink of the writing thread. Before lanes run. */
void export_set_sink(struct exporter *x, struct event_sink *sink);

/* What the writing thread counts, packets and errors: one more set. */
struct counters *export_counters(struct exporter *x);

/* Ask for a new file after the old one was moved away. Async-signal-safe. */
void export_reopen(struct exporter *x);

/* The writing thread: write what is due, up to a bound. True if there is more. */
bool export_turn(struct exporter *x);

/* The same once no lane runs any more, until it returns false: everything is written. */
bool export_finish(struct exporter *x);

/* Closes the file. */
void export_destroy(struct exporter **x);

/* "libnet version 1.1.6". */
const char *export_library(void);

/* The lanes' side, for decap: all do nothing in a run that exports nothing.
 *
 * A child session begins, with packet `number`: *out is its handle, NULL if there was no room. Takes the link, which
 * may be NULL: without one no record can tell of the session. */
struct export_child {
    uint64_t id;
    uint64_t number;
    uint64_t time_ns;
    const struct flow_key *key;
};
void export_child_opened(struct stage *s, const struct export_child *child, struct tunnel_link *link,
                         struct export_session **out);

/* Is it worth making a link? */
static inline bool export_wanted(const struct stage *s)
{
    return s->lanes->exporter != NULL;
}

/* Bytes of the child, or the end of a direction, as its pseudo-packet has them. */
void export_child_bytes(struct stage *s, struct export_session *c, const struct packet *p);

/* Packet `number` closed it in both directions. */
void export_child_closed(struct stage *s, struct export_session *c, uint64_t number, uint64_t time_ns);

/* Nothing more will be said of it. */
void export_child_over(struct stage *s, struct export_session **c);

/* A captured packet on its way back to capture. */
void export_wire(struct stage *s, const struct packet *p);

#endif
