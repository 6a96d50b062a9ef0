/* What a person wants to know at the end of a run over a file: the closing summary, and the progress line on the way.
 *
 * Each thread that ends tunnels fills a summary of its own, a plain value; they are merged when the threads are done.
 * The busiest proxies and targets are counted in tables of bounded size (space-saving: Metwally and others, 2005):
 * exact up to SUMMARY_TOP_MAX different ones, close from there on and marked so. */
#ifndef BURROW_OUTPUT_SUMMARY_H
#define BURROW_OUTPUT_SUMMARY_H

#include <stdio.h>

#include "core/counters.h"
#include "item/note.h"

#define SUMMARY_KINDS_MAX 96  /* combinations of type, status and depth; further ones are counted together */
#define SUMMARY_TOP_MAX   256 /* proxies, and targets, that are told apart */
#define SUMMARY_TEXT_MAX  64  /* bytes of a proxy's or target's text, zero included; longer ones are cut */
#define SUMMARY_SHOWN     5   /* proxies, and targets, that are printed */

struct summary_kind {
    const char *type; /* a literal */
    enum tunnel_status status;
    uint32_t depth;
    uint64_t count;
};

struct summary_top_entry {
    uint64_t hash;
    uint64_t count;
    uint64_t excess; /* count may be too high by this */
    char text[SUMMARY_TEXT_MAX];
};

struct summary_top {
    uint32_t used;
    struct summary_top_entry entries[SUMMARY_TOP_MAX];
};

struct summary {
    uint32_t kind_count;
    uint64_t other_kinds;
    struct summary_kind kinds[SUMMARY_KINDS_MAX];
    struct summary_top proxies;
    struct summary_top targets;
};

/* What the run as a whole knows. Times in nanoseconds. */
struct summary_run {
    uint64_t packets;
    uint64_t bytes; /* on the wire */
    uint64_t wire_flows;
    uint64_t carried_flows;
    uint64_t alerts;
    uint64_t elapsed_ns; /* machine time */
    uint64_t first_ns;   /* of the capture's packets; 0: none */
    uint64_t last_ns;
    const struct counters *const *sets; /* n_sets of them: what was dropped or limited is looked for here */
    size_t n_sets;
    const char *source; /* file or folder */
    const char *note;   /* a line that should be read, such as that the file is cut off; NULL: none */
};

void summary_init(struct summary *s);

/* A tunnel has ended. type: a literal. target: as the client asked, host or address, with its port. */
void summary_tunnel(struct summary *s, const char *type, enum tunnel_status status, uint32_t depth,
                    const struct addr *proxy, uint16_t proxy_port, const char *target, size_t target_len);

void summary_merge(struct summary *into, const struct summary *from);

/* Tunnels of all kinds. */
uint64_t summary_tunnel_count(const struct summary *s);

/* Plain aligned text; headings are bold when `out` is a terminal. */
void summary_print(FILE *out, const struct summary *s, const struct summary_run *run);

/* The one line that is rewritten while a file is read. total_bytes 0: unknown, then without percentage and time left.
 * done: bytes of the file read so far. */
struct progress {
    uint64_t packets;
    uint64_t done;
    uint64_t total_bytes;
    uint64_t flows;
    uint64_t tunnels;
    uint64_t elapsed_ns;
};

void progress_line(FILE *out, const struct progress *p);

/* Wipe the line. */
void progress_clear(FILE *out);

#endif
